"""Spreadsheets (XLSX, and XLS or ODS by the same library): the first sheet, its cells as the text one reads
in them."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path
from zipfile import BadZipFile

import pyarrow as pa
import python_calamine

from panout.kernel.errors import BadInput
from panout.sources.files.raw import LONGEST_CELL, RawBatch, Reject, shown, unique_headers

# A sheet ends at 1,048,576 rows by its format, so holding its cells at once has a bound; the rows are handed
# on in batches like those of any other list.
_BATCH = 16_384
_HEADER_WITHIN = 25
Cell = int | float | str | bool | time | date | datetime | timedelta


class SheetList:
    """An opened spreadsheet. Empty rows are no rows; the header is the first row with most of its columns
    filled."""

    def __init__(self, path: Path, *, gzipped: bool) -> None:
        where = str(path)
        try:
            book = python_calamine.CalamineWorkbook.from_filelike(
                io.BytesIO(gzip.decompress(path.read_bytes()) if gzipped else path.read_bytes())
            )
            if not book.sheet_names:
                raise BadInput("The spreadsheet has no sheet.", where=where)
            rows: Iterator[list[Cell]] = iter(book.get_sheet_by_index(0).iter_rows())
        except (python_calamine.CalamineError, BadZipFile, EOFError, zlib.error, ValueError, OSError):
            raise BadInput(
                "The spreadsheet cannot be read.", where=where, mend="Save it again as XLSX."
            ) from None
        first: list[list[str]] = []
        for cells in rows:
            texts = [as_text(cell) for cell in cells]
            if any(texts):
                first.append(texts)
            if len(first) >= _HEADER_WITHIN:
                break
        if not first:
            raise BadInput("The first sheet is empty.", where=where, mend="Put the list on the first sheet.")
        widest = max(sum(1 for text in texts if text) for texts in first)
        top = next((i for i, texts in enumerate(first) if sum(1 for t in texts if t) * 2 > widest), 0)
        header = first[top]
        while (
            header
            and not header[-1]
            and not any(texts[len(header) - 1 :] != [""] for texts in first[top + 1 :])
        ):
            header = header[:-1]
        self.headers, repeated = unique_headers(header)
        above = "; ".join(text for texts in first[:top] for text in texts if text)
        skipped = (Reject(None, None, shown(above), "Lines above the header were skipped."),) if top else ()
        self.notes = (*skipped, *repeated)
        self._first, self._rows = first[top + 1 :], rows
        self._done = 0.0

    @property
    def progress(self) -> float:
        return self._done

    def batches(self) -> Iterator[RawBatch]:
        width = len(self.headers)
        kept: list[list[str]] = []
        numbers: list[int] = []
        rejects: list[Reject] = []
        for number, texts in enumerate(self._texts()):
            if any(texts[width:]):
                rejects.append(
                    Reject(
                        number,
                        None,
                        shown(" | ".join(texts)),
                        f"The row has {len(texts)} cells, the header has {width}.",
                    )
                )
            elif any(len(text) > LONGEST_CELL for text in texts):
                rejects.append(
                    Reject(
                        number, None, shown(max(texts, key=len)), f"A cell is longer than {LONGEST_CELL:,}."
                    )
                )
            else:
                kept.append((texts + [""] * width)[:width])
                numbers.append(number)
            if len(kept) + len(rejects) >= _BATCH:
                yield self._batch(numbers, kept, rejects)
                kept, numbers, rejects = [], [], []
        if kept or rejects:
            yield self._batch(numbers, kept, rejects)
        self._done = 1.0

    def _texts(self) -> Iterator[list[str]]:
        yield from self._first
        for cells in self._rows:
            texts = [as_text(cell) for cell in cells]
            if any(texts):
                yield texts

    def _batch(self, numbers: list[int], kept: list[list[str]], rejects: list[Reject]) -> RawBatch:
        columns = list(zip(*kept, strict=True)) if kept else [()] * len(self.headers)
        arrays = [pa.array(column, pa.string()) for column in columns]
        return RawBatch(
            pa.array(numbers, pa.int64()), pa.record_batch(arrays, names=list(self.headers)), tuple(rejects)
        )


def as_text(cell: Cell) -> str:
    """A typed cell as text: 45.0 is "45", a day without a time is "2022-04-02", true is "true"."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 2**53 else repr(cell)
    if isinstance(cell, datetime):
        whole_day = (cell.hour, cell.minute, cell.second) == (0, 0, 0)
        return cell.date().isoformat() if whole_day else cell.isoformat(sep=" ", timespec="seconds")
    if isinstance(cell, date | time):
        return cell.isoformat()
    return str(cell)
