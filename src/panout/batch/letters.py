"""The bytes of a column of texts, for questions that one look at a byte answers.

Arrow's kernels go through a cell as text; whether any byte of a column is odd is found many times faster, and few
cells are left for the kernels and for Python.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Letters:
    """`bytes_` in UTF-8; cell `i` is `bytes_[starts[i]:ends[i]]`. Where the column has NULL, anything may stand."""

    bytes_: npt.NDArray[np.uint8]
    starts: npt.NDArray[np.int32]
    ends: npt.NDArray[np.int32]

    @property
    def lengths(self) -> npt.NDArray[np.int32]:
        """Bytes of each cell."""
        return self.ends - self.starts

    def first(self) -> npt.NDArray[np.uint8]:
        """The first byte of each cell; of an empty one, any."""
        return self._at(np.minimum(self.starts, self.bytes_.size - 1))

    def last(self) -> npt.NDArray[np.uint8]:
        """The last byte of each cell; of an empty one, any."""
        return self._at(np.maximum(self.ends - 1, 0))

    def holding(self, marked: Mask) -> Mask:
        """Which cells hold at least one of the bytes that are marked."""
        places = np.flatnonzero(marked)
        found = np.zeros(len(self.starts), dtype=bool)
        if places.size:
            # The last cell that begins at or before the place; cells lie one behind the other, empty ones between.
            cells = np.searchsorted(self.starts, places, side="right") - 1
            found[cells[self.ends[cells] > places]] = True
        return found

    def _at(self, places: npt.NDArray[np.int32]) -> npt.NDArray[np.uint8]:
        return self.bytes_[places] if self.bytes_.size else np.zeros(len(places), dtype=np.uint8)


def letters(column: pa.Array) -> Letters:
    """The bytes of a column of type string, not copied."""
    _, edges, texts = column.buffers()
    if edges is None or not len(column):
        nothing = np.zeros(0, dtype=np.int32)
        return Letters(np.zeros(0, dtype=np.uint8), nothing, nothing)
    places = np.frombuffer(edges, np.int32)[column.offset : column.offset + len(column) + 1]
    whole = np.frombuffer(texts, np.uint8) if texts is not None else np.zeros(0, dtype=np.uint8)
    begin = int(places[0])
    return Letters(whole[begin : int(places[-1])], places[:-1] - begin, places[1:] - begin)
