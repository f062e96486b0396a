"""What every reader hands on: batches of untouched cells, numbered, with the rows that could not be read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Protocol

import pyarrow as pa

# A cell longer than this is a document that lost its way; its row is rejected.
LONGEST_CELL = 1_000_000
# Rejected values are shown, not archived.
SHOWN = 200


@dataclass(frozen=True, slots=True)
class Reject:
    """A row (or, among warnings, a cell) that could not be used, and why. `row` None: the whole file or
    column."""

    row: int | None
    column: str | None
    value: str
    reason: str


@dataclass(frozen=True, slots=True)
class RawBatch:
    """Some rows as they came. `numbers` (int64) are 0-based data rows; every column of `cells` is text, NULL
    where the source had nothing at all. `rejects` are rows of the same stretch that are in neither."""

    numbers: pa.Array
    cells: pa.RecordBatch
    rejects: tuple[Reject, ...]


class RawList(Protocol):
    """An opened list: its header line is read, its rows are not."""

    @property
    def headers(self) -> tuple[str, ...]:
        """The columns, made unique: a second "Email" is "Email (2)"."""

    @property
    def notes(self) -> tuple[Reject, ...]:
        """What was odd about the file as a whole."""

    @property
    def progress(self) -> float:
        """How much of the file is read, 0 to 1."""

    def batches(self) -> Iterator[RawBatch]:
        """The rows, once, in order."""


def unique_headers(names: list[str]) -> tuple[tuple[str, ...], tuple[Reject, ...]]:
    """Give every column a name of its own; empty ones are called by their place. With a warning for each
    repeat."""
    taken: set[str] = set()
    kept: list[str] = []
    notes: list[Reject] = []
    wanted = [" ".join(name.replace("\0", "").replace("\ufeff", "").split()) for name in names]
    reserved = set(wanted)
    for place, name in enumerate(wanted, start=1):
        header = name or f"column {place}"
        number = 2
        while header in taken or (header != name and header in reserved):
            header = f"{name or 'column'} ({number if name else place})"
            number += 1
            if not name:
                header = f"column {place} ({number})"
        if name and header != name:
            notes.append(
                Reject(None, header, name, f"This header occurs more than once; this one is called {header}.")
            )
        taken.add(header)
        kept.append(header)
    return tuple(kept), tuple(notes)


def shown(value: str) -> str:
    """The beginning of a value, for a person to recognise it by."""
    return value if len(value) <= SHOWN else f"{value[:SHOWN]}…"
