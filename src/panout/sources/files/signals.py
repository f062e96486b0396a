"""A signals file: who did what when, as somebody's list states it. Whose signals they are is settled later."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pyarrow as pa

from panout.kernel.errors import BadInput
from panout.sources.files.lists import open_list
from panout.sources.files.raw import RawBatch, Reject, shown
from panout.sources.files.relations import REJECTS_SCHEMA, SIGNALS_SCHEMA
from panout.sources.rules.dates import date_order
from panout.sources.rules.headers import header_words
from panout.sources.rules.signals import LEVELS, RawSignal, SignalFault, read_signal
from panout.sources.rules.tables import word_lists

_FILE = "signals.toml"


@dataclass(frozen=True, slots=True)
class RawSignals:
    """A signals file read. `rows` = `signals` + rejected lines, always."""

    file: str
    rows: int
    signals: pa.Table  # SIGNALS_SCHEMA
    rejects: pa.Table  # REJECTS_SCHEMA

    @property
    def rejected(self) -> int:
        return int(self.rejects.num_rows)


def read_signals(path: Path, *, default_country: str | None = None) -> RawSignals:
    """Read a signals file of any list format (CSV, XLSX, JSON lines, Parquet).

    Columns by name or alias (`signals.toml`): type and date are needed, and a key unless the level is ecosystem;
    level follows from the key where it is not stated. Lines that lack them are rejected with the reason. Raises
    BadInput for a file that is no list or has no column for the type or the date.
    """
    _, raw = open_list(path)
    columns = _columns(raw.headers)
    for needed in ("type", "date"):
        if needed not in columns:
            raise BadInput(
                f"There is no column for the signal's {needed}.",
                where=str(path),
                mend=f"Call it one of: {', '.join(_names()[needed][:4])}.",
            )
    batches = list(raw.batches())
    dated = [
        column for header in columns["date"] for column in (batch.cells.column(header) for batch in batches)
    ]
    order = date_order((cell for column in dated for cell in column.to_pylist() if cell), default_country)
    signals: list[tuple[int, RawSignal]] = []
    rejects: list[Reject] = []
    for batch in batches:
        rejects += batch.rejects
        for number, cells in _rows(batch, columns):
            found = read_signal(cells, order)
            if isinstance(found, SignalFault):
                rejects.append(
                    Reject(number, _header(columns, found.field), shown(found.value), found.reason)
                )
            else:
                signals.append((number, found))
    rejects.sort(key=lambda reject: -1 if reject.row is None else reject.row)
    return RawSignals(
        str(path), len(signals) + len(rejects), _table(str(path), signals), _rejects_table(str(path), rejects)
    )


def _columns(headers: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Which headers stand for which part of a signal, the preferred one first."""
    plain = {header: header_words(header) for header in headers}
    found: dict[str, tuple[str, ...]] = {}
    for part, names in _names().items():
        matching = [header for header in headers if plain[header] in names]
        if matching:
            found[part] = tuple(sorted(matching, key=lambda header: names.index(plain[header])))
    return found


def _rows(batch: RawBatch, columns: dict[str, tuple[str, ...]]) -> Iterator[tuple[int, dict[str, str]]]:
    lists = {
        header: batch.cells.column(header).to_pylist() for headers in columns.values() for header in headers
    }
    for place, number in enumerate(batch.numbers.to_pylist()):
        cells: dict[str, str] = {}
        for part, headers in columns.items():
            value = next(
                (cell for header in headers if (cell := lists[header][place]) and cell.strip()), None
            )
            if value is not None:
                cells[part] = value
        yield number, cells


def _header(columns: dict[str, tuple[str, ...]], part: str) -> str | None:
    return columns[part][0] if part in columns else None


def _table(file: str, signals: Sequence[tuple[int, RawSignal]]) -> pa.Table:
    names = [field.name for field in SIGNALS_SCHEMA if field.name not in ("file", "row")]
    columns = [[getattr(signal, name) for _, signal in signals] for name in names]
    arrays = [
        pa.array([file] * len(signals), pa.string()),
        pa.array([number for number, _ in signals], pa.int64()),
    ]
    arrays += [
        pa.array(column, SIGNALS_SCHEMA.field(name).type) for name, column in zip(names, columns, strict=True)
    ]
    return pa.Table.from_arrays(arrays, schema=SIGNALS_SCHEMA)


def _rejects_table(file: str, rejects: Sequence[Reject]) -> pa.Table:
    lines = [
        {"file": file, "row": r.row, "column": r.column, "value": r.value, "reason": r.reason}
        for r in rejects
    ]
    return pa.Table.from_pylist(lines, REJECTS_SCHEMA)


@cache
def _names() -> dict[str, tuple[str, ...]]:
    return {part: (part.replace("_", " "), *names) for part, names in word_lists(_FILE, "columns").items()}


__all__ = ["LEVELS", "RawSignals", "read_signals"]
