"""Between Arrow and PostgreSQL, whole columns at a time: CSV over COPY, no Python object a row.

A NULL is an empty cell and an empty text a quoted one. Lists cross as PostgreSQL array literals.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

import pyarrow as pa
import pyarrow.csv as pc
from psycopg import errors, sql

BLOCK_BYTES = 1 << 22
Taken = errors.UniqueViolation  # raised by a COPY of a row whose key somebody has
_OUT = pc.WriteOptions(include_header=False, quoting_style="all_valid")


class Copying(Protocol):
    """psycopg's running COPY, as far as it is used here."""

    def write(self, buffer: bytes) -> None:
        """Hand over some bytes."""

    def __iter__(self) -> Iterator[bytes | memoryview]:
        """The bytes that come."""


def copy_in(table: str, columns: Sequence[str]) -> sql.Composed:
    """The COPY statement that takes what `csv_blocks` makes."""
    names = sql.SQL(", ").join(sql.Identifier(column) for column in columns)
    return sql.SQL("COPY {} ({}) FROM STDIN (FORMAT csv)").format(sql.Identifier(table), names)


def copy_out(select: str) -> sql.Composed:
    """The COPY statement that makes what `read_batches` takes. `select` is text of ours."""
    return sql.SQL("COPY ({}) TO STDOUT (FORMAT csv)").format(sql.SQL(select))


def csv_blocks(batches: Iterable[pa.RecordBatch]) -> Iterator[bytes]:
    """Arrow batches as CSV."""
    for batch in batches:
        sink = pa.BufferOutputStream()
        pc.write_csv(batch, sink, _OUT)
        yield sink.getvalue().to_pybytes()


def read_batches(copy: Copying, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    """CSV that comes over a COPY as Arrow batches, never more than some megabytes at a time."""
    source = _Chunks(iter(copy))
    first = source.peek()
    if not first:
        return
    reader = pc.open_csv(
        pa.PythonFile(source, mode="r"),
        read_options=pc.ReadOptions(column_names=schema.names, block_size=BLOCK_BYTES),
        parse_options=pc.ParseOptions(newlines_in_values=True),
        convert_options=pc.ConvertOptions(
            column_types=schema,
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
            null_values=[""],
            true_values=["t"],
            false_values=["f"],
        ),
    )
    yield from reader


class _Chunks(io.RawIOBase):
    """A stream over chunks as they come."""

    def __init__(self, chunks: Iterator[bytes | memoryview]) -> None:
        self._chunks = chunks
        self._left = b""

    def peek(self) -> bytes:
        """The first bytes, without taking them; none when there are none."""
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return b""
            self._left = bytes(chunk)
        return self._left

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        parts, wanted = [], size if size >= 0 else BLOCK_BYTES
        while wanted > 0 and self.peek():
            part, self._left = self._left[:wanted], self._left[wanted:]
            parts.append(part)
            wanted -= len(part)
        return b"".join(parts)
