"""The main face: lists that are files in, `rows` as Arrow batches out, with counts that add up."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from panout.batch.ahead import ahead
from panout.kernel.errors import BadInput
from panout.kernel.fields import FIELDS, Kind
from panout.sources.files.delimited import DelimitedList
from panout.sources.files.jsons import JsonList
from panout.sources.files.normal import Plan, normal_rows, plan_of
from panout.sources.files.opening import Format, look
from panout.sources.files.parquets import ParquetList
from panout.sources.files.raw import RawBatch, RawList, Reject
from panout.sources.files.relations import COLUMNS_SCHEMA, REJECTS_SCHEMA, WARNINGS_SCHEMA
from panout.sources.files.sheets import SheetList
from panout.sources.rules.dates import DateOrder, date_order
from panout.sources.rules.headers import ColumnGuess, guess_columns, read_mapping
from panout.sources.rules.places import country_code

# Cells of a column that its meaning is guessed from.
_GUESSED_FROM = 200
# Rows looked at before the first is handed on, to decide the order of day and month.
_DATES_FROM = 20_000
_BATCH_ROWS = 65_536
_DATES = frozenset(field.name for field in FIELDS.values() if field.kind is Kind.DATE)
_MAPPING_MEND = 'Write header: field lines, for example "Firm: company_name".'

Progress = Callable[[str, float, int], None]
"""Called now and then with the file, the share of it that is read (0 to 1) and the rows read of it so far."""


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one list. `rows` = `used` + `rejected`, always."""

    file: str
    format: str
    rows: int
    used: int
    rejected: int
    warnings: int
    people: int
    companies: int
    columns: tuple[ColumnGuess, ...]
    seconds: float
    raw: Path


@dataclass(frozen=True, slots=True)
class ListReport:
    """What became of all lists of a run."""

    files: tuple[FileReport, ...]

    @property
    def rows(self) -> int:
        return sum(file.rows for file in self.files)

    @property
    def used(self) -> int:
        return sum(file.used for file in self.files)

    @property
    def rejected(self) -> int:
        return sum(file.rejected for file in self.files)

    @property
    def warnings(self) -> int:
        return sum(file.warnings for file in self.files)

    @property
    def seconds(self) -> float:
        return sum(file.seconds for file in self.files)


@dataclass(frozen=True, slots=True)
class HeaderGuess:
    """What a list would be taken for."""

    file: str
    format: str
    columns: tuple[ColumnGuess, ...]
    examples: tuple[str, ...]  # one value of each column
    notes: tuple[Reject, ...]


def open_list(path: Path) -> tuple[Format, RawList]:
    """Open a file of any known format. Raises BadInput for what is no list."""
    found = look(path)
    match found.format:
        case Format.DELIMITED:
            return found.format, DelimitedList(path, gzipped=found.gzipped)
        case Format.SHEET:
            return found.format, SheetList(path, gzipped=found.gzipped)
        case Format.JSON:
            return found.format, JsonList(path, gzipped=found.gzipped)
        case Format.PARQUET:
            return found.format, ParquetList(path, gzipped=found.gzipped)


def guess_headers(path: Path, mapping: Mapping[str, str | None] | None = None) -> HeaderGuess:
    """What `read_lists` would take each column of the file for."""
    format_, raw = open_list(path)
    first = list(islice(raw.batches(), 1))
    sample = _sample(raw.headers, first)
    guesses = guess_columns(raw.headers, sample, mapping)
    return HeaderGuess(str(path), format_.value, guesses, tuple(next(iter(s), "") for s in sample), raw.notes)


def load_mapping(path: Path) -> dict[str, str | None]:
    """Read a mapping file: YAML or JSON, header -> field name, or null to keep the column as a custom
    field."""
    # Imported here: nearly nobody hands a mapping in, and each command would wait for it.
    from ruamel.yaml import YAML
    from ruamel.yaml.error import YAMLError

    try:
        text = path.read_text("utf-8-sig")
        document = (
            json.loads(text) if path.suffix.lower() == ".json" else YAML(typ="safe", pure=True).load(text)
        )
    except OSError as fault:
        raise BadInput(f"The mapping cannot be read ({fault.strerror}).", where=str(path)) from None
    except (UnicodeDecodeError, ValueError, YAMLError, RecursionError):
        raise BadInput("The mapping is no YAML or JSON.", where=str(path), mend=_MAPPING_MEND) from None
    return read_mapping(document, str(path))


class ListReader:
    """Lists being read. Iterate once for the `rows` batches; then ask for the report and the relations
    beside it.

    `work_dir` gets `raw/*.parquet` (every original cell: `row_number` and one text column per header),
    `rejects.parquet` and `warnings.parquet`, all written as the reading goes.
    """

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        work_dir: Path,
        mapping: Mapping[str, str | None] | None,
        default_country: str | None,
        progress: Progress | None,
    ) -> None:
        self._paths, self._work_dir, self._mapping = tuple(paths), work_dir, mapping
        self._default_country = _known_country(default_country)
        self._progress = progress or (lambda _file, _share, _rows: None)
        self._files: list[FileReport] = []
        self._finished = False

    @property
    def report(self) -> ListReport:
        """The counts; complete when the iteration has ended."""
        return ListReport(tuple(self._files))

    def rejects(self) -> pa.Table:
        """Rows that could not be used, as `REJECTS_SCHEMA`."""
        return self._table("rejects.parquet")

    def warnings(self) -> pa.Table:
        """Cells of used rows that could not be read and became NULL, as `WARNINGS_SCHEMA`."""
        return self._table("warnings.parquet")

    def columns(self) -> pa.Table:
        """What every column was taken for, as `COLUMNS_SCHEMA`."""
        lines = [
            {
                "file": file.file,
                "header": c.header,
                "field": c.field,
                "confidence": c.confidence,
                "how": c.how,
            }
            for file in self._files
            for c in file.columns
        ]
        return pa.Table.from_pylist(lines, COLUMNS_SCHEMA)

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        raw_dir = self._work_dir / "raw"
        raw_dir.mkdir(parents=True, exist_ok=True)
        # All files are opened before the first row is handed on: a run with a bad file does nothing.
        for path in self._paths:
            open_list(path)
        next_id = 0
        with (
            pq.ParquetWriter(self._work_dir / "rejects.parquet", REJECTS_SCHEMA) as rejects,
            pq.ParquetWriter(self._work_dir / "warnings.parquet", WARNINGS_SCHEMA) as warnings,
        ):
            for place, path in enumerate(self._paths):
                raw_path = raw_dir / f"{place:03}-{re.sub(r'[^A-Za-z0-9._-]+', '_', path.name)[:80]}.parquet"
                for batch in self._one_file(path, raw_path, next_id, rejects, warnings):
                    next_id += batch.num_rows
                    yield batch
        self._finished = True

    def _table(self, name: str) -> pa.Table:
        if not self._finished:
            raise RuntimeError("The lists have not been read to their end.")
        return pq.read_table(self._work_dir / name)

    def _one_file(
        self, path: Path, raw_path: Path, next_id: int, rejects: pq.ParquetWriter, warnings: pq.ParquetWriter
    ) -> Iterator[pa.RecordBatch]:
        started = time.perf_counter()
        format_, raw = open_list(path)
        batches = raw.batches()
        first = _first_batches(batches)
        guesses = guess_columns(raw.headers, _sample(raw.headers, first), self._mapping)
        plan = plan_of(
            str(path), guesses, _date_orders(guesses, first, self._default_country), self._default_country
        )
        rows = used = rejected = warned = people = 0
        notes = [*raw.notes]
        raw_schema = pa.schema(
            [("row_number", pa.int64()), *((header, pa.string()) for header in _raw_names(raw.headers))]
        )
        # Cells are read and kept by threads of their own, which leave Python's lock to those that understand them.
        with (
            pq.ParquetWriter(raw_path, raw_schema, compression="lz4") as kept,
            ThreadPoolExecutor(1, "keeping") as keeper,
        ):
            keeping: Future[None] | None = None
            for batch in ahead(_chained(first, batches)):
                if keeping is not None:
                    keeping.result()
                cells = pa.record_batch([batch.numbers, *batch.cells.columns], schema=raw_schema)
                keeping = keeper.submit(kept.write_batch, cells)
                ready, bad, doubtful = normal_rows(batch, plan, next_id + used)
                _write(rejects, plan, bad)
                _write(warnings, plan, [*notes, *doubtful])
                rows += batch.cells.num_rows + len(batch.rejects)
                used += ready.num_rows
                rejected += len(bad)
                warned += len(notes) + len(doubtful)
                notes = []
                people += int(pc.sum(pc.equal(ready.column("kind"), "person")).as_py() or 0)
                self._progress(plan.file, raw.progress, rows)
                if ready.num_rows:
                    yield ready
            if keeping is not None:
                keeping.result()
            _write(warnings, plan, notes)
        self._progress(plan.file, 1.0, rows)
        seconds = time.perf_counter() - started
        self._files.append(
            FileReport(
                plan.file,
                format_.value,
                rows,
                used,
                rejected,
                warned + len(notes),
                people,
                used - people,
                guesses,
                seconds,
                raw_path,
            )
        )


def read_lists(
    paths: Sequence[Path],
    *,
    work_dir: Path,
    mapping: Mapping[str, str | None] | None = None,
    default_country: str | None = None,
    progress: Progress | None = None,
) -> ListReader:
    """Read lists in the order given. `default_country` (any spelling) is whose phone numbers and dates are
    meant where a row does not say; `mapping` (see `load_mapping`) overrides the guessed columns.

    Raises BadInput, while being iterated, for a file that is no list; nothing is handed on before all files
    open.
    """
    if not paths:
        raise BadInput("There is no list to read.", mend="Name at least one file.")
    return ListReader(
        paths, work_dir=work_dir, mapping=mapping, default_country=default_country, progress=progress
    )


def _known_country(text: str | None) -> str | None:
    if text is None:
        return None
    code = country_code(text)
    if code is None:
        raise BadInput(f"There is no country {text!r}.", mend="Give a name or an ISO code, for example DE.")
    return code


def _first_batches(batches: Iterator[RawBatch]) -> list[RawBatch]:
    first: list[RawBatch] = []
    rows = 0
    for batch in batches:
        first.append(batch)
        rows += batch.cells.num_rows
        if rows >= _DATES_FROM:
            break
    return first


def _chained(first: list[RawBatch], rest: Iterator[RawBatch]) -> Iterator[RawBatch]:
    while first:
        yield from _cut(first.pop(0))
    for batch in rest:
        yield from _cut(batch)


def _cut(batch: RawBatch) -> Iterator[RawBatch]:
    """No more rows at once than the memory of a stage is reckoned for."""
    if batch.cells.num_rows <= _BATCH_ROWS:
        yield batch
        return
    for start in range(0, batch.cells.num_rows, _BATCH_ROWS):
        rejects = batch.rejects if start == 0 else ()
        yield RawBatch(
            batch.numbers.slice(start, _BATCH_ROWS), batch.cells.slice(start, _BATCH_ROWS), rejects
        )


def _sample(headers: Sequence[str], batches: Sequence[RawBatch]) -> list[list[str]]:
    """Some non-empty values of each column, from the first rows."""
    found: list[list[str]] = []
    for place in range(len(headers)):
        values: list[str] = []
        for batch in batches:
            column = batch.cells.column(place).slice(0, _GUESSED_FROM * 5)
            values += [value for value in column.to_pylist() if value and value.strip()]
            if len(values) >= _GUESSED_FROM:
                break
        found.append(values[:_GUESSED_FROM])
    return found


def _date_orders(
    guesses: Sequence[ColumnGuess], batches: Sequence[RawBatch], default_country: str | None
) -> dict[str, DateOrder]:
    """For each date column, which of day and month stands first, by all of its cells among the first rows."""
    orders: dict[str, DateOrder] = {}
    for place, guess in enumerate(guesses):
        if guess.field in _DATES:
            cells = (cell for batch in batches for cell in batch.cells.column(place).to_pylist() if cell)
            orders[guess.header] = date_order(cells, default_country)
    return orders


def _raw_names(headers: Sequence[str]) -> list[str]:
    return [header if header != "row_number" else "row_number (as in the list)" for header in headers]


def _write(writer: pq.ParquetWriter, plan: Plan, lines: Sequence[Reject]) -> None:
    if not lines:
        return
    columns = (
        [plan.file] * len(lines),
        [line.row for line in lines],
        [line.column for line in lines],
        [line.value for line in lines],
        [line.reason for line in lines],
    )
    arrays = [pa.array(column, field.type) for column, field in zip(columns, REJECTS_SCHEMA, strict=True)]
    writer.write_batch(pa.record_batch(arrays, schema=REJECTS_SCHEMA))
