"""Delimited text: CSV, TSV, semicolons. Clean stretches go through Arrow's reader, odd ones row by row.

The stream is cut into stretches of whole records. Where every quote stands where quotes belong, a stretch is
parsed at once; a stretch with a stray quote, or with damaged bytes, is read record by record, so that one
bad row costs one row. Rows are numbered from 0 over the records after the header; empty lines are no rows; a
line that cannot be read is a row, and is rejected.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv as arrow_csv

from panout.kernel.errors import BadInput
from panout.sources.files.opening import Utf8, opened
from panout.sources.files.raw import LONGEST_CELL, RawBatch, Reject, shown, unique_headers
from panout.sources.rules.headers import header_words

_BLOCK = 4 * 1024 * 1024
# An open quote that finds no end within this many bytes has none.
_LONGEST_RECORD = 32 * 1024 * 1024
_SAMPLE_RECORDS = 100
_PREAMBLE = 25  # lines of notes that may stand above the header
_MOST_COLUMNS = 20_000
_SLOW_RECORDS = 500
_DELIMITERS = (",", ";", "\t", "|")
_QUOTE, _NEWLINE, _RETURN = 0x22, 0x0A, 0x0D
_MEND = "Save the list again as CSV with one header line."


@dataclass(frozen=True, slots=True)
class _Record:
    """One record read by hand. `fault` says why it is no good."""

    cells: list[str]
    text: str
    end: int
    fault: str | None = None


class DelimitedList:
    """An opened CSV. The header is read on construction; raises BadInput when there is none."""

    def __init__(self, path: Path, *, gzipped: bool) -> None:
        self._path, self._gzipped, self._where = path, gzipped, str(path)
        self._size = max(1, path.stat().st_size)
        self._read = 0
        with opened(path, gzipped=gzipped) as stream:
            head = stream.read(_BLOCK)
        text = Utf8(head[:65_536]).feed(head, final=len(head) < _BLOCK).decode("utf-8", "replace")
        text = _plain_newlines(text).removeprefix("\ufeff")
        self._delimiter, self._skipped = _layout(text, self._where)
        self._grammar = _grammar(self._delimiter)
        header, end, notes = self._header(text)
        self._data_from = len(text[:end].encode("utf-8"))
        self.headers, repeated = unique_headers(header)
        self.notes = (*notes, *repeated)
        self._number = 0

    @property
    def progress(self) -> float:
        return min(1.0, self._read / self._size)

    @property
    def delimiter(self) -> str:
        """What stands between two cells."""
        return self._delimiter

    def batches(self) -> Iterator[RawBatch]:
        self._number = 0
        pending = b""
        skip = self._data_from
        slow_for = _SLOW_RECORDS
        for block, is_last, damaged in self._utf8_blocks():
            if skip:
                dropped = block[:skip]
                skip -= len(dropped)
                block = block[len(dropped) :]
            pending += block
            while pending:
                whole, odd = _whole_records(pending, self._delimiter, is_last=is_last)
                if damaged and whole:
                    odd, whole = True, 0
                if whole:
                    yield from self._fast(pending[:whole])
                    pending = pending[whole:]
                    slow_for = _SLOW_RECORDS if not odd else slow_for
                    continue
                if not odd and not is_last and len(pending) <= _LONGEST_RECORD:
                    break
                batch, used = self._slow(pending, slow_for, is_last=is_last)
                slow_for = min(slow_for * 2, 50_000)
                if batch is not None:
                    yield batch
                if not used:
                    break
                pending = pending[used:]

    def _utf8_blocks(self) -> Iterator[tuple[bytes, bool, bool]]:
        """The text in UTF-8 without its mark and with plain line ends, with whether it is the last block."""
        with opened(self._path, gzipped=self._gzipped) as stream:
            utf8: Utf8 | None = None
            block = stream.read(_BLOCK)
            held = b""
            first = True
            while True:
                following = stream.read(_BLOCK)
                utf8 = utf8 or Utf8(block[:65_536])
                is_last = not following
                text = held + utf8.feed(block, final=is_last)
                held = b""
                if first:
                    text, first = text.removeprefix(b"\xef\xbb\xbf"), False
                if not is_last and text.endswith(b"\r"):
                    text, held = text[:-1], b"\r"
                self._read += len(block) if not self._gzipped else 0
                yield _plain_newline_bytes(text), is_last, utf8.damaged
                if is_last:
                    return
                block = following

    def _header(self, text: str) -> tuple[list[str], int, tuple[Reject, ...]]:
        record = next(_records(text, self._skipped, self._grammar, is_last=True), None)
        if record is None or not any(cell.strip() for cell in record.cells):
            raise BadInput("There is no header line.", where=self._where, mend=_MEND)
        if record.fault:
            raise BadInput(f"The header line cannot be read: {record.fault}", where=self._where, mend=_MEND)
        cells = record.cells
        while len(cells) > 1 and not cells[-1].strip() and not text[record.end :].strip():
            cells = cells[:-1]
        if len(cells) > _MOST_COLUMNS:
            raise BadInput(
                f"The header has {len(cells):,} columns.",
                where=self._where,
                mend=f"At most {_MOST_COLUMNS:,} can be read.",
            )
        if max(len(cell) for cell in cells) > 10_000:
            raise BadInput(
                "The header line is no header line (a cell of it is longer than a page).",
                where=self._where,
                mend=_MEND,
            )
        notes: tuple[Reject, ...] = ()
        if self._skipped and text[: self._skipped].strip():
            notes = (
                Reject(
                    None, None, shown(text[: self._skipped].strip()), "Lines above the header were skipped."
                ),
            )
        return cells, record.end, notes

    def _fast(self, block: bytes) -> Iterator[RawBatch]:
        """Parse a stretch of whole records at once; Arrow sorts out the records of another width."""
        misfits: list[tuple[int, str]] = []

        def keep_aside(row: object) -> str:
            misfits.append((int(row.number) - 1, str(row.text)))  # type: ignore[attr-defined]  # pyarrow has no types
            return "skip"

        names = [str(i) for i in range(len(self.headers))]
        table = arrow_csv.read_csv(
            pa.BufferReader(block),
            read_options=arrow_csv.ReadOptions(
                use_threads=False, column_names=names, block_size=len(block) + 1
            ),
            parse_options=arrow_csv.ParseOptions(
                delimiter=self._delimiter, newlines_in_values=True, invalid_row_handler=keep_aside
            ),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
            ),
        )
        total = table.num_rows + len(misfits)
        numbers = np.arange(self._number, self._number + total, dtype=np.int64)
        rejects: list[Reject] = []
        kept: list[tuple[int, list[str]]] = []
        if misfits:
            numbers = np.delete(numbers, [place for place, _ in misfits])
            for place, text in misfits:
                record = next(_records(text, 0, self._grammar, is_last=True), None)
                cells = record.cells if record else [""]
                judged = self._judged(cells, record.fault if record else None)
                if isinstance(judged, str):
                    rejects.append(Reject(self._number + place, None, shown(text), judged))
                else:
                    kept.append((self._number + place, judged))
        self._number += total
        for batch in table.combine_chunks().to_batches():
            yield from self._within_limits(numbers, batch, rejects)
        if kept or (rejects and not table.num_rows):
            yield self._batch(kept, rejects if not table.num_rows else [])

    def _within_limits(
        self, numbers: npt.NDArray[np.int64], batch: pa.RecordBatch, rejects: list[Reject]
    ) -> Iterator[RawBatch]:
        """Drop rows with a cell beyond all measure; cheap, because only a long column is looked at."""
        columns = list(batch.columns)
        if any(column.nbytes > LONGEST_CELL for column in columns):
            long = np.zeros(batch.num_rows, dtype=bool)
            for place, column in enumerate(columns):
                offsets = np.frombuffer(column.buffers()[1], dtype=np.int32)[
                    column.offset : column.offset + len(column) + 1
                ]
                over = np.diff(offsets) > LONGEST_CELL
                for row in np.flatnonzero(over & ~long):
                    reason = _too_long(int(offsets[row + 1] - offsets[row]))
                    rejects.append(
                        Reject(
                            int(numbers[row]), self.headers[place], shown(column[int(row)].as_py()), reason
                        )
                    )
                long |= over
            if long.any():
                batch, numbers = batch.filter(pa.array(~long)), numbers[~long]
        yield RawBatch(pa.array(numbers), batch.rename_columns(list(self.headers)), tuple(rejects))

    def _slow(self, pending: bytes, count: int, *, is_last: bool) -> tuple[RawBatch | None, int]:
        """Read some records by hand. Returns what they gave and how many bytes they took."""
        text = pending.decode("utf-8", "replace")
        kept: list[tuple[int, list[str]]] = []
        rejects: list[Reject] = []
        end = 0
        for done, record in enumerate(
            _records(text, 0, self._grammar, is_last=is_last, width=len(self.headers))
        ):
            end = record.end
            if record.text:
                judged = self._judged(record.cells, record.fault)
                if isinstance(judged, str):
                    rejects.append(Reject(self._number, None, shown(record.text), judged))
                elif (
                    long := next((i for i, cell in enumerate(judged) if len(cell) > LONGEST_CELL), None)
                ) is not None:
                    reason = _too_long(len(judged[long]))
                    rejects.append(Reject(self._number, self.headers[long], shown(judged[long]), reason))
                else:
                    kept.append((self._number, judged))
                self._number += 1
            if done + 1 >= count:
                break
        used = len(text[:end].encode("utf-8"))
        return (self._batch(kept, rejects) if kept or rejects else None), used

    def _judged(self, cells: list[str], fault: str | None) -> list[str] | str:
        """The cells of a record, or why it cannot be used. Surplus cells that are empty do no harm."""
        width = len(self.headers)
        if fault:
            return fault
        if any("\ufffd" in cell for cell in cells):
            return "Bytes that are no text in this file's encoding."
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            return cells[:width]
        if len(cells) != width:
            return f"The row has {len(cells)} cells, the header has {width}."
        return cells

    def _batch(self, kept: list[tuple[int, list[str]]], rejects: list[Reject]) -> RawBatch:
        columns = [[cells[i] for _, cells in kept] for i in range(len(self.headers))]
        cells = pa.record_batch(
            [pa.array(column, pa.string()) for column in columns], names=list(self.headers)
        )
        return RawBatch(pa.array([number for number, _ in kept], pa.int64()), cells, tuple(rejects))


def _too_long(length: int) -> str:
    return f"The cell is {length:,} long; more than {LONGEST_CELL:,} is no cell."


def _plain_newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text


def _plain_newline_bytes(block: bytes) -> bytes:
    return block.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in block else block


def _whole_records(block: bytes, delimiter: str, *, is_last: bool) -> tuple[int, bool]:
    """How many bytes from the start are whole, regular records; and whether something irregular comes next.

    A quote is regular when it opens right after a delimiter or line end, and closes right before one; two in
    a row inside are a quote in the text. As long as that holds, the quotes before a line end being even
    means that the line end is outside quotes.
    """
    if _QUOTE not in block:
        end = len(block) if is_last else block.rfind(b"\n") + 1
        return end, False
    raw = np.frombuffer(block, dtype=np.uint8)
    quotes = np.flatnonzero(raw == _QUOTE)
    edge = np.zeros(256, dtype=bool)
    edge[[_NEWLINE, ord(delimiter), _QUOTE]] = True
    before = np.where(quotes > 0, raw[quotes - 1], _NEWLINE)
    after = np.where(quotes < len(raw) - 1, raw[np.minimum(quotes + 1, len(raw) - 1)], _NEWLINE)
    opens = np.arange(len(quotes)) % 2 == 0
    doubled = np.zeros(len(quotes), dtype=bool)
    doubled[1:] = np.diff(quotes) == 1
    followed = np.zeros(len(quotes), dtype=bool)
    followed[:-1] = doubled[1:]
    # An opening quote after a quote must be the second of a doubled pair; a closing one likewise the first.
    good_open = edge[before] & ((before != _QUOTE) | doubled)
    good_close = edge[after] & ((after != _QUOTE) | followed)
    wrong = np.flatnonzero(np.where(opens, ~good_open, ~good_close))
    limit = int(quotes[wrong[0]]) if len(wrong) else len(block)
    if not len(wrong) and is_last and len(quotes) % 2 == 0:
        return len(block), False
    end = block.rfind(b"\n", 0, limit)
    while end >= 0 and (before_it := int(np.searchsorted(quotes, end))) % 2:
        # Inside quotes: on with what comes before they open.
        end = block.rfind(b"\n", 0, int(quotes[before_it - 1]))
    return end + 1, bool(len(wrong))


def _grammar(delimiter: str) -> re.Pattern[str]:
    """One cell and what ends it: (quoted text, what follows the quote) or (plain text), then delimiter or
    line end."""
    mark = re.escape(delimiter)
    return re.compile(rf'(?:"((?:[^"]|"")*+)"([^{mark}\n]*)|([^{mark}\n]*))({mark}|\n|\Z)')


def _records(
    text: str, start: int, grammar: re.Pattern[str], *, is_last: bool, width: int | None = None
) -> Iterator[_Record]:
    """Read records by hand. One whose quote finds no proper end is rejected with its first line only, and
    reading goes on at the next; likewise one that spans lines and comes out at the wrong width."""
    place = start
    while place < len(text):
        cells: list[str] = []
        at = place
        torn = False
        while True:
            found = grammar.match(text, at)
            assert found is not None  # noqa: S101  # the last alternative matches anything
            quoted, after, plain, closer = found.groups()
            if quoted is not None:
                torn = torn or ("\n" in quoted and bool(after.strip()))
                cells.append(
                    quoted.replace('""', '"') + after if after.strip() else quoted.replace('""', '"')
                )
            else:
                torn = torn or plain.startswith('"')
                cells.append(plain)
            at = found.end()
            if closer == "\n" or closer == "":
                break
        if closer == "" and not is_last:
            return  # the rest of this record is yet to come
        lines = text.count("\n", place, at - 1)
        line_end = text.find("\n", place)
        first_end = len(text) if line_end < 0 else line_end + 1
        if torn and (lines or text.startswith('"', place) or '"' in text[place:first_end]):
            yield _Record(
                cells, text[place:first_end].rstrip("\n"), first_end, "A quote is opened and never closed."
            )
            place = first_end
        elif lines and width is not None and len(cells) != width:
            cells_and_lines = f"{len(cells)} cells over {lines + 1} lines"
            fault = f"The row has {cells_and_lines}, the header has {width}: a quote is missing."
            yield _Record(cells, text[place:first_end].rstrip("\n"), first_end, fault)
            place = first_end
        else:
            yield _Record(cells, text[place:at].rstrip("\n"), at)
            place = at


def _layout(text: str, where: str) -> tuple[str, int]:
    """The delimiter, and how many characters of notes stand above the header line."""
    if not text.strip():
        raise BadInput("The file is empty.", where=where, mend="Export the list again.")
    first_line = text.partition("\n")[0]
    stated = re.match(r"^\s*sep=(.)\s*$", first_line, re.IGNORECASE)
    if stated and stated[1] in _DELIMITERS:
        return stated[1], len(first_line) + 1
    delimiter = max(_DELIMITERS, key=lambda mark: _fitness(text, mark))
    return delimiter, _preamble(text, delimiter)


def _fitness(text: str, delimiter: str) -> tuple[float, int, int]:
    """How well a delimiter explains the first records: how many agree in width, how wide, and comma before
    others."""
    widths = [len(record.cells) for record in _sampled(text, delimiter) if record.text]
    if not widths:
        return 0.0, 0, 0
    common, times = Counter(widths).most_common(1)[0]
    if common == 1:
        wider = [width for width in widths if width > 1]
        return (len(wider) / len(widths) / 4 if len(wider) >= 1 and widths[0] > 1 else 0.0), max(widths), 0
    header_share = 1.0 if common in widths[:1] else 0.9
    return times / len(widths) * header_share, min(common, 2), common


def _sampled(text: str, delimiter: str) -> list[_Record]:
    records: list[_Record] = []
    for record in _records(text[:1_000_000], 0, _grammar(delimiter), is_last=True):
        records.append(record)
        if len(records) >= _SAMPLE_RECORDS:
            break
    return records


def _preamble(text: str, delimiter: str) -> int:
    """LinkedIn and others put notes above the header: lines of one cell (or a title) over a table of
    several."""
    start = 0
    records = _sampled(text, delimiter)
    filled = [record for record in records if record.text]
    if not filled:
        return 0
    common = Counter(len(record.cells) for record in filled).most_common(1)[0][0]
    first = filled[0]
    stated = [cell for cell in first.cells if cell.strip()]
    looks_noted = header_words(first.cells[0]) in {"notes", "note", "report", "export"} or len(filled) > 2
    if (common < 2 and not looks_noted) or len(stated) > 1 or common == 1:
        widest = max(len(record.cells) for record in filled)
        if not (len(stated) == 1 and widest > 1 and header_words(first.cells[0]) == "notes"):
            return _leading_blank(records)
        common = widest
    for record in records[:_PREAMBLE]:
        if len(record.cells) == common and sum(1 for cell in record.cells if cell.strip()) > 1:
            return start
        start = record.end
    return _leading_blank(records)


def _leading_blank(records: list[_Record]) -> int:
    start = 0
    for record in records:
        if record.text.strip():
            return start
        start = record.end
    return start
