"""Parquet lists: every column as text, lists and structures as JSON."""

from __future__ import annotations

import gzip
import io
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from panout.kernel.errors import BadInput
from panout.sources.files.jsons import as_cell
from panout.sources.files.raw import LONGEST_CELL, RawBatch, Reject, shown, unique_headers

_BATCH = 65_536


class ParquetList:
    """An opened Parquet file; only its footer is read until its batches are asked for."""

    def __init__(self, path: Path, *, gzipped: bool) -> None:
        try:
            source = io.BytesIO(gzip.decompress(path.read_bytes())) if gzipped else path
            self._file = pq.ParquetFile(source)
            names = [str(name) for name in self._file.schema_arrow.names]
        except (pa.ArrowException, OSError, EOFError, ValueError):
            raise BadInput("The Parquet file is damaged.", where=str(path), mend="Write it again.") from None
        if not names:
            raise BadInput("The Parquet file has no column.", where=str(path))
        self._where = str(path)
        self.headers, self.notes = unique_headers(names)
        self._number, self._total = 0, max(1, self._file.metadata.num_rows)

    @property
    def progress(self) -> float:
        return float(min(1.0, self._number / self._total))

    def batches(self) -> Iterator[RawBatch]:
        self._number = 0
        try:
            for batch in self._file.iter_batches(batch_size=_BATCH):
                yield self._raw(batch)
        except (pa.ArrowException, OSError) as fault:
            raise BadInput(
                "The Parquet file is damaged.", where=self._where, mend="Write it again."
            ) from fault

    def _raw(self, batch: pa.RecordBatch) -> RawBatch:
        numbers = pa.array(range(self._number, self._number + batch.num_rows), pa.int64())
        self._number += batch.num_rows
        cells = pa.record_batch([text_column(column) for column in batch.columns], names=list(self.headers))
        rejects: list[Reject] = []
        for place, column in enumerate(cells.columns):
            if column.nbytes > LONGEST_CELL:
                long = pc.fill_null(pc.greater(pc.binary_length(column), LONGEST_CELL), False)
                if pc.any(long).as_py():
                    rejects += [
                        Reject(
                            number.as_py(),
                            self.headers[place],
                            shown(value.as_py()),
                            f"The cell is longer than {LONGEST_CELL:,}.",
                        )
                        for number, value in zip(numbers.filter(long), column.filter(long), strict=True)
                    ]
                    keep = pc.invert(long)
                    return RawBatch(numbers.filter(keep), cells.filter(keep), tuple(rejects))
        return RawBatch(numbers, cells, ())


def text_column(column: pa.Array) -> pa.Array:
    """Any Arrow column as text."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        return text_column(column.dictionary_decode())
    if pa.types.is_string(kind):
        return column
    if (
        pa.types.is_large_string(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_boolean(kind)
        or pa.types.is_date32(kind)
    ):
        return column.cast(pa.string())
    if pa.types.is_binary(kind) or pa.types.is_large_binary(kind):
        return pa.array(
            [None if v is None else v.decode("utf-8", "replace") for v in column.to_pylist()], pa.string()
        )
    return pa.array([_cell(value) for value in column.to_pylist()], pa.string())


def _cell(value: object) -> str | None:
    if isinstance(value, datetime):
        return value.isoformat(sep=" ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | dict | str | bool | int | float) or value is None:
        try:
            return as_cell(value)
        except TypeError:
            return str(value)
    return str(value)
