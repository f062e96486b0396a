"""A signals file: who did what when, as somebody's list states it. Whose they are is settled later."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from panout.kernel.errors import BadInput
from panout.sources.files.lists import open_list
from panout.sources.files.normal import Remembered, blank, domains, mapped, profiles, tidied
from panout.sources.files.raw import RawBatch, Reject, shown
from panout.sources.files.relations import REJECTS_SCHEMA, SIGNALS_SCHEMA
from panout.sources.rules.companies import company_name, name_key
from panout.sources.rules.dates import DateOrder, date_order, parse_date
from panout.sources.rules.emails import find_email
from panout.sources.rules.headers import header_words
from panout.sources.rules.people import person_name
from panout.sources.rules.signals import (
    LEVELS,
    OF_COMPANY,
    OF_PERSON,
    RawSignal,
    SignalFault,
    level_of,
    read_signal,
    strength_of,
)
from panout.sources.rules.tables import word_lists
from panout.sources.rules.text import words
from panout.sources.rules.webs import linkedin_company

_FILE = "signals.toml"
# Batches looked at before the first is handed on, to decide the order of day and month.
_DATES_FROM_BATCHES = 2


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
    """A whole signals file in memory; see `SignalReader`."""
    reader = SignalReader(path, default_country=default_country)
    signals = pa.Table.from_batches(reader, SIGNALS_SCHEMA)
    return RawSignals(reader.file, reader.rows, signals, reader.rejects())


class SignalReader:
    """A signals file being read. Iterate once for `SIGNALS_SCHEMA` batches; then ask for the rejects.

    Any list format will do (CSV, XLSX, JSON lines, Parquet). Columns by name or alias (`signals.toml`): type
    and date are needed, and a key unless the level is ecosystem; level follows from the key where it is not
    stated. Lines that lack them are rejected with the reason. Raises BadInput for a file that is no list or
    has no column for the type or the date.
    """

    def __init__(self, path: Path, *, default_country: str | None = None) -> None:
        _, self._raw = open_list(path)
        self.file = str(path)
        self.rows = 0
        self.present: set[str] = set()
        """The columns of the schema that hold anything, as far as has been read."""
        self._default_country = default_country
        self._columns = _columns(self._raw.headers)
        self._rejects: list[Reject] = []
        for needed in ("type", "date"):
            if needed not in self._columns:
                raise BadInput(
                    f"There is no column for the signal's {needed}.",
                    where=str(path),
                    mend=f"Call it one of: {', '.join(_names()[needed][:4])}.",
                )

    @property
    def rejected(self) -> int:
        return len(self._rejects)

    def rejects(self) -> pa.Table:
        """Lines that are no signals, in the order of the file, as `REJECTS_SCHEMA`."""
        self._rejects.sort(key=lambda reject: -1 if reject.row is None else reject.row)
        return _rejects_table(self.file, self._rejects)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        batches = self._raw.batches()
        first = list(islice(batches, _DATES_FROM_BATCHES))
        order = date_order(_date_cells(first, self._columns["date"]), self._default_country)
        rules = _Rules(order)
        for batch in chain(first, batches):
            self._rejects += batch.rejects
            self.rows += batch.cells.num_rows + len(batch.rejects)
            for signals in self._one_batch(batch, rules):
                absent = [name for name in signals.schema.names if name not in self.present]
                self.present.update(
                    name for name in absent if signals.column(name).null_count < signals.num_rows
                )
                yield signals

    def _one_batch(self, batch: RawBatch, rules: _Rules) -> Iterator[pa.RecordBatch]:
        """Whole columns where each part of a line can be read; the other lines one by one, for their
        reasons."""
        ready, clear = _by_columns(batch, self._columns, rules)
        yield ready
        if ready.num_rows == batch.cells.num_rows:
            return
        odd = pc.invert(clear)
        doubtful = RawBatch(batch.numbers.filter(odd), batch.cells.filter(odd), ())
        signals: list[tuple[int, RawSignal]] = []
        for number, cells in _rows(doubtful, self._columns):
            found = read_signal(cells, rules.order)
            if isinstance(found, SignalFault):
                header = _header(self._columns, found.field)
                self._rejects.append(Reject(number, header, shown(found.value), found.reason))
            else:
                signals.append((number, found))
        if signals:
            yield _batch(signals)


def parts_of(headers: Sequence[str]) -> dict[str, str]:
    """Which part of a signal each header is taken for; headers that say nothing of one are left out."""
    return {header: part for part, named in _columns(headers).items() for header in named}


# A list with one of these columns is of people and companies, whatever its "type" and "created at" say.
_OF_RECORDS = frozenset(
    {
        "first_name",
        "last_name",
        "title",
        "seniority",
        "phone",
        "mobile",
        "employees",
        "revenue",
        "industry",
        "founded",
    }
)


def states_signals(fields: Mapping[str, str | None]) -> bool:
    """Whether a file with these headers is one of signals; `fields` is what each would be among records."""
    parts = parts_of(list(fields))
    keyed = {*OF_PERSON, *OF_COMPANY, "key"} & set(parts.values())
    of_records = {field for header, field in fields.items() if header not in parts} & _OF_RECORDS
    return {"type", "date"} <= set(parts.values()) and bool(keyed) and not of_records


class _Rules:
    """The rules of one line, each for a column at a time."""

    def __init__(self, order: DateOrder) -> None:
        self.order = order
        self._rules = {
            "type": Remembered(lambda text: "_".join(words(text)) or None),
            "date": Remembered(lambda text: parse_date(text, order)),
            "strength": Remembered(strength_of),
            "level": Remembered(level_of),
            "company_name": Remembered(company_name),
            "name_key": Remembered(name_key),
            "company_linkedin": Remembered(linkedin_company),
            "email": Remembered(_email),
            "full_name": Remembered(_full_name),
        }

    def column(self, part: str, cells: pa.Array) -> pa.Array:
        """What a part of the line says, NULL where nothing or nothing readable stands."""
        kind = SIGNALS_SCHEMA.field(part).type
        if cells.null_count == len(cells):
            return pa.nulls(len(cells), kind)
        if part == "linkedin":
            return profiles(cells)
        if part == "domain":
            return domains(cells)
        if part not in self._rules:
            return tidied(cells)
        return mapped(cells, self._rules[part].read, kind)


def _by_columns(
    batch: RawBatch, columns: dict[str, tuple[str, ...]], rules: _Rules
) -> tuple[pa.RecordBatch, pa.Array]:
    """The lines that can be read as they stand, and which these are."""
    cells = {part: _filled(batch, columns.get(part, ())) for part in _names()}
    found = {part: rules.column(part, cells[part]) for part in cells if part != "key"}
    found["name_key"] = rules.column("name_key", found["company_name"])
    found["strength"] = pc.if_else(pc.is_null(cells["strength"]), 1.0, found["strength"])
    of_person, of_company = (_any_of(found, keys) for keys in (OF_PERSON, OF_COMPANY))
    inferred = pc.if_else(of_person, "buyer", pc.if_else(of_company, "company", "ecosystem"))
    level = pc.if_else(pc.is_null(tidied(cells["level"])), inferred, found["level"])
    owned = pc.or_(
        of_person, pc.if_else(pc.equal(level, "company"), of_company, pc.equal(level, "ecosystem"))
    )
    clear = pc.fill_null(owned, False)
    for needed in (found["type"], found["date"], found["strength"], level):
        clear = pc.and_(clear, pc.is_valid(needed))
    # A key that does not say of what kind it is must be looked at.
    clear = pc.and_(clear, pc.is_null(cells["key"]))
    found |= {"level": level, "row": batch.numbers}
    ready = pa.record_batch(
        [found[field.name].cast(field.type) for field in SIGNALS_SCHEMA], schema=SIGNALS_SCHEMA
    )
    return (ready if pc.all(clear).as_py() else ready.filter(clear)), clear


def _filled(batch: RawBatch, headers: Sequence[str]) -> pa.Array:
    """The first header's cell that is not blank."""
    kept = None
    for header in headers:
        column = batch.cells.column(header)
        cells = pc.if_else(blank(column), pa.scalar(None, pa.string()), column)
        kept = cells if kept is None else pc.coalesce(kept, cells)
    return kept if kept is not None else pa.nulls(batch.cells.num_rows, pa.string())


def _any_of(found: Mapping[str, pa.Array], names: Sequence[str]) -> pa.Array:
    first, *others = (pc.is_valid(found[name]) for name in names)
    for other in others:
        first = pc.or_(first, other)
    return first


def _email(text: str) -> str | None:
    found = find_email(text)
    return str(found) if found else None


def _full_name(text: str) -> str | None:
    found = person_name(text)
    return found.full if found else None


def _date_cells(batches: Sequence[RawBatch], headers: Sequence[str]) -> Iterator[str]:
    for header in headers:
        for batch in batches:
            yield from (cell for cell in pc.unique(batch.cells.column(header)).to_pylist() if cell)


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


def _batch(signals: Sequence[tuple[int, RawSignal]]) -> pa.RecordBatch:
    number, *fields = SIGNALS_SCHEMA
    arrays = [pa.array([row for row, _ in signals], number.type)]
    arrays += [pa.array([getattr(signal, one.name) for _, signal in signals], one.type) for one in fields]
    return pa.record_batch(arrays, schema=SIGNALS_SCHEMA)


def _rejects_table(file: str, rejects: Sequence[Reject]) -> pa.Table:
    lines = [
        {"file": file, "row": r.row, "column": r.column, "value": r.value, "reason": r.reason}
        for r in rejects
    ]
    return pa.Table.from_pylist(lines, REJECTS_SCHEMA)


@cache
def _names() -> dict[str, tuple[str, ...]]:
    return {part: (part.replace("_", " "), *names) for part, names in word_lists(_FILE, "columns").items()}


__all__ = ["LEVELS", "RawSignals", "SignalReader", "read_signals"]
