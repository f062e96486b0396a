"""Phone numbers of a whole column: plain digits are judged by columns, as `rules.phones` judges them one by one.

Numbers hardly repeat, so reading each distinct one once saves nothing; most are digits and marks in one of few forms.
Whatever is written otherwise goes to the very function that reads a single cell, and a property test holds both equal.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from panout.batch.letters import Letters, Mask, letters
from panout.sources.rules.phones import LENGTHS, MARKS, NORTH_AMERICA, home_of, phone, plan_of

Places = npt.NDArray[np.int64]

_TEXT = pa.string()
_MARKS = np.isin(np.arange(256), [ord(mark) for mark in MARKS if mark.isascii()])
_PLUS, _ZERO, _ONE, _TWO, _NINE, _OPEN, _CLOSE = b"+0129()"


def phones_of(cells: pa.Array, lands: pa.Array) -> pa.Array:
    """`phone` of each cell and the country beside it."""
    column = _Column(cells)
    codes: list[str] = []
    coded = lands.dictionary_encode()
    land_of = coded.indices.fill_null(-1).to_numpy()
    for number, land in enumerate(coded.dictionary.to_pylist()):
        codes.append(column.at_home(np.flatnonzero(column.national & (land_of == number)), land, len(codes)))
    for start, cells_of_it in column.by_first_digits():
        codes.append(column.abroad(cells_of_it, start, len(codes)))
    known = column.written(codes)
    odd = pc.and_(pc.is_valid(cells), pc.is_null(known))
    if not pc.any(odd, min_count=0).as_py():
        return known
    asked = zip(cells.filter(odd).to_pylist(), lands.filter(odd).to_pylist(), strict=True)
    return pc.replace_with_mask(known, odd, pa.array([phone(cell, land) for cell, land in asked], _TEXT))


class _Column:
    """The digits of each cell; for those understood, which code they stand under and where the national part begins."""

    def __init__(self, cells: pa.Array) -> None:
        text = letters(cells)
        dropped = _MARKS[text.bytes_]
        edges = np.concatenate([[0], np.cumsum(~dropped)])
        digits = text.bytes_[~dropped]
        self._digits = digits
        starts, self._ends = edges[text.starts], edges[text.ends]
        bare = Letters(digits, starts, self._ends)
        plus = np.zeros(len(starts), dtype=bool)
        filled = self._ends > starts
        plus[filled] = digits[starts[filled]] == _PLUS
        self._begin = starts + plus
        self._count = self._ends - self._begin
        odd = (digits < _ZERO) | (digits > _NINE)
        odd[starts[plus]] = False
        fit = np.isin(self._count, LENGTHS) & ~bare.holding(odd) & ~_zero_in_brackets(text)
        fit &= cells.is_valid().to_numpy(zero_copy_only=False)
        self.national: Mask = fit & ~plus
        self.international: Mask = fit & plus
        # How often a digit differs from the one before, up to each place.
        changes = np.zeros(len(digits), dtype=np.int64)
        changes[1:] = np.cumsum(digits[1:] != digits[:-1])
        self._changes = changes
        self._code = np.full(len(starts), -1)
        self._from = self._begin.copy()

    def at_home(self, cells: Places, land: str, code: int) -> str:
        """Numbers as they are written in their own country. Returns its code."""
        if land in NORTH_AMERICA:
            self._north_american(cells, code)
            return "+1"
        home = home_of(land)
        # What is dialled before a number abroad must not look like a number at home.
        if home is None or (home.dialled_abroad is not None and home.dialled_abroad.pattern != "00"):
            return ""
        first = self._digit(cells, 0)
        if home.leading_zero:
            self._keep(cells[(first == _ZERO) & (self._digit(cells, 1) != _ZERO)], home.lengths, 1, code)
        else:
            self._keep(cells[(first != _ZERO) & ~self._begins(cells, home.code)], home.lengths, 0, code)
        return f"+{home.code}"

    def by_first_digits(self) -> Iterator[tuple[str, Places]]:
        """International numbers, by the three digits in which every country code ends at the latest."""
        cells = np.flatnonzero(self.international)
        starts = sum(
            (self._digit(cells, place).astype(np.int64) - _ZERO) * 10 ** (2 - place) for place in range(3)
        )
        for start in np.unique(starts).tolist():
            yield f"{start:03}", cells[starts == start]

    def abroad(self, cells: Places, start: str, code: int) -> str:
        """International numbers that begin with these three digits. Returns their country code."""
        if start[0] == "1":
            self._north_american(cells, code)
            return "+1"
        for width in (2, 3, 1):
            plan = plan_of(start[:width])
            if plan is None:
                continue
            lengths, prefix = plan
            fronts = prefix.pattern.split("|") if prefix is not None else []
            if all(front.isdecimal() for front in fronts):
                for front in fronts:
                    cells = cells[~self._begins(cells, front, width)]
                self._keep(cells, lengths, width, code)
            return f"+{start[:width]}"
        return ""

    def written(self, codes: list[str]) -> pa.Array:
        """The numbers that were understood; NULL for the others."""
        known = self._code >= 0
        lengths = np.where(known, self._ends - self._from, 0)
        edges = np.concatenate([[0], np.cumsum(lengths)])
        places = np.arange(edges[-1]) - np.repeat(edges[:-1] - self._from, lengths)
        buffers = [None, pa.py_buffer(edges.astype(np.int32)), pa.py_buffer(self._digits[places])]
        nationals = pa.Array.from_buffers(_TEXT, len(known), buffers)
        code = pa.array(codes, _TEXT).take(pa.array(self._code, mask=~known))
        return pc.binary_join_element_wise(code, nationals, "")

    def _north_american(self, cells: Places, code: int) -> None:
        count, first = self._count[cells], self._digit(cells, 0)
        ten = frozenset({10})
        self._keep(cells[(count == 10) & (first >= _TWO)], ten, 0, code)
        self._keep(cells[(count == 11) & (first == _ONE) & (self._digit(cells, 1) >= _TWO)], ten, 1, code)

    def _keep(self, cells: Places, lengths: frozenset[int], skipped: int, code: int) -> None:
        """Those with as many digits behind the first as some number has, and not the same one all along."""
        cells = cells[np.isin(self._count[cells] - skipped, list(lengths))]
        begin = self._begin[cells] + skipped
        differ = self._changes[self._ends[cells] - 1] > self._changes[begin]
        self._code[cells[differ]] = code
        self._from[cells[differ]] = begin[differ]

    def _digit(self, cells: Places, place: int) -> npt.NDArray[np.uint8]:
        # Whoever asks has seven digits at least.
        found: npt.NDArray[np.uint8] = self._digits[self._begin[cells] + place]
        return found

    def _begins(self, cells: Places, front: str, place: int = 0) -> Mask:
        same = np.ones(len(cells), dtype=bool)
        for offset, digit in enumerate(front.encode(), start=place):
            at = np.minimum(self._begin[cells] + offset, self._ends[cells] - 1)
            same &= (self._digits[at] == digit) & (self._count[cells] > offset)
        return same


def _zero_in_brackets(text: Letters) -> Mask:
    marked = np.zeros(len(text.bytes_), dtype=bool)
    open_, zero, close = text.bytes_[:-2], text.bytes_[1:-1], text.bytes_[2:]
    marked[1:-1] = (open_ == _OPEN) & (zero == _ZERO) & (close == _CLOSE)
    return text.holding(marked)
