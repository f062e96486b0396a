"""Where named SQL steps run: DuckDB on this machine, or Spark here or on a cluster. Same verbs for both."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from panout.batch.ahead import ahead
from panout.batch.steps import Step
from panout.kernel.errors import BadInput, PanoutError, Unavailable

# Rows handed over at a time. Big enough that the hand-over costs nothing, small enough that a batch of wide
# rows stays within some tens of megabytes.
BATCH_ROWS = 65_536

# Ranks that are sorted and written at a time, where they must be sorted.
_STRETCH = 2 * BATCH_ROWS
# Where they come in runs: so many runs in one batch at most, and so many rows that wait for their turn.
_MOST_RUNS = 32
_MOST_WAITING = 4 * BATCH_ROWS

# Never more than this by default, however large the machine: the rest of the process (readers, writers,
# normalisers) needs memory beside the engine, and the promise is a million people in under 4 GiB in all.
_MOST_MEMORY = 2 * 1024**3
_LEAST_MEMORY = 512 * 1024**2


class StepFailed(PanoutError):
    """A step could not be carried out. `where` names the step and shows its SQL."""

    def __init__(self, step: Step, reason: str) -> None:
        super().__init__(reason, where=f"step '{step.name}'")
        self.step = step

    def __str__(self) -> str:
        return f"{super().__str__()}\n\n{self.step.sql}"


class Engine(Protocol):
    """What a pipeline asks of the machinery under it. Relations are named; a name is replaced when reused."""

    @property
    def kind(self) -> str:
        """The engine's name, as `criteria.dialects` and the command line know it: duckdb or spark."""

    def run(self, step: Step) -> None:
        """Compute the step now and keep its rows under its name."""

    def view(self, step: Step) -> None:
        """Give the step's SELECT a name without computing it."""

    def rows(self, name: str) -> int:
        """How many rows a relation has."""

    def read_parquet(self, name: str, paths: Sequence[Path]) -> None:
        """Let Parquet files (all of one schema) be seen as a relation; they stay where they are."""

    def load(self, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
        """Keep a stream of Arrow batches as a relation; returns the number of rows."""

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        """The rows of a SELECT, streamed in its order."""

    def ask(self, sql: str) -> pa.Table:
        """The answer of a SELECT, in memory: for questions whose answer is small."""

    def arrow(self, name: str) -> pa.Table:
        """A whole relation in memory."""

    def write_parquet(self, name: str, path: Path, *, order_by: str = "") -> int:
        """One Parquet file of a relation, same bytes for same rows when `order_by` is total; returns rows."""

    def write_ranked(self, name: str, path: Path, *, rank: str) -> int:
        """The same, in the order of a column that counts 1, 2, 3... without a gap."""

    def columns(self, name: str) -> tuple[str, ...]:
        """The names of a relation's columns, in order."""

    def drop(self, name: str) -> None:
        """Forget a relation, if there is one of that name."""

    def keep(self, names: Collection[str]) -> None:
        """Forget every relation but these: what nobody needs any more is memory that the next step lacks."""

    def close(self) -> None:
        """Let go of everything. Safe to repeat."""


def machine_memory() -> int:
    """Bytes of memory this process may hope for: the machine's, or its container's if that is less."""
    amounts = [os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")] if hasattr(os, "sysconf") else []
    with suppress(OSError, ValueError):
        amounts.append(int(Path("/sys/fs/cgroup/memory.max").read_text()))
    return min(amounts, default=4 * 1024**3)


def default_memory_limit() -> int:
    """A quarter of what there is, between half a GiB and two."""
    return max(_LEAST_MEMORY, min(_MOST_MEMORY, machine_memory() // 4))


def write_parquet(path: Path, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
    """Stream batches to one Parquet file. Row groups have a fixed size: bytes depend on rows alone."""
    rows = 0
    waiting: list[pa.RecordBatch] = []
    with pq.ParquetWriter(path, schema, compression="zstd", compression_level=1) as writer:
        for batch in batches:
            waiting.append(batch)
            rows += batch.num_rows
            if sum(part.num_rows for part in waiting) >= BATCH_ROWS:
                # In one piece: where pages of a column begin would else depend on how the rows came.
                table = pa.Table.from_batches(waiting, schema).combine_chunks()
                whole = table.num_rows - table.num_rows % BATCH_ROWS
                writer.write_table(table.slice(0, whole), row_group_size=BATCH_ROWS)
                waiting = table.slice(whole).to_batches()
        writer.write_table(pa.Table.from_batches(waiting, schema).combine_chunks(), row_group_size=BATCH_ROWS)
    return rows


class DuckDBEngine:
    """DuckDB in this process. Tables live in memory; what does not fit spills into the folder, if any.

    A database file would compress every intermediate table on its way to the disk and take twice the time; a
    run has nothing to keep there.
    """

    kind = "duckdb"

    def __init__(
        self, folder: Path | None = None, *, memory_limit: int | None = None, threads: int | None = None
    ) -> None:
        """`memory_limit` in bytes. Without a folder nothing spills: for small work and tests."""
        config: dict[str, str | bool | int | float | list[str]] = {
            "memory_limit": f"{memory_limit or default_memory_limit()}B",
            "preserve_insertion_order": True,
            # Everything we need is in the wheel; looking for more would open a connection.
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
        }
        if threads is not None:
            config["threads"] = threads
        if folder is not None:
            folder.mkdir(parents=True, exist_ok=True)
            config["temp_directory"] = str(folder / "spill")
        self._connection = duckdb.connect(":memory:", config=config)
        self._connection.execute("SET TimeZone = 'UTC'").fetchall()
        self._connection.execute("SET enable_progress_bar = false").fetchall()

    def run(self, step: Step) -> None:
        # Under another name first: a step may read the relation that it replaces.
        fresh = _quoted(f"{step.name} (new)")
        self._do(Step(step.name, f"CREATE TABLE {fresh} AS\n{step.sql}"))
        self.drop(step.name)
        self._do(Step(step.name, f"ALTER TABLE {fresh} RENAME TO {_quoted(step.name)}"))

    def view(self, step: Step) -> None:
        self.drop(step.name)
        self._do(Step(step.name, f"CREATE VIEW {_quoted(step.name)} AS\n{step.sql}"))

    def rows(self, name: str) -> int:
        (count,) = self._do(Step(name, f"SELECT count(*) FROM {_quoted(name)}"))[0]
        return int(str(count))

    def read_parquet(self, name: str, paths: Sequence[Path]) -> None:
        files = ", ".join(_literal(str(path)) for path in paths)
        self.view(Step(name, f"SELECT * FROM read_parquet([{files}])"))

    def load(self, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
        self.drop(name)
        source = _Remembering(batches)
        self._connection.register("incoming", pa.RecordBatchReader.from_batches(schema, source))
        try:
            self._do(Step(name, f"CREATE TABLE {_quoted(name)} AS SELECT * FROM incoming"))
        except PanoutError:
            # What went wrong in the source is the news; DuckDB only tells that the stream stopped.
            if source.error is not None:
                raise source.error from None
            raise
        finally:
            self._connection.unregister("incoming")
        return self.rows(name)

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        # A cursor of its own: a reader half read would block the connection for everybody else.
        cursor = self._connection.cursor()
        try:
            yield from cursor.sql(sql).to_arrow_reader(BATCH_ROWS)
        except duckdb.Error as error:
            raise _failed(Step("reading", sql), error) from error
        finally:
            cursor.close()

    def ask(self, sql: str) -> pa.Table:
        cursor = self._connection.cursor()
        try:
            return cursor.sql(sql).to_arrow_table()
        except duckdb.Error as error:
            raise _failed(Step("asking", sql), error) from error
        finally:
            cursor.close()

    def arrow(self, name: str) -> pa.Table:
        return self.ask(f"SELECT * FROM {_quoted(name)}")

    def write_parquet(self, name: str, path: Path, *, order_by: str = "") -> int:
        ordered = f" ORDER BY {order_by}" if order_by else ""
        return self._export(f"SELECT * FROM {_quoted(name)}{ordered}", path)

    def write_ranked(self, name: str, path: Path, *, rank: str) -> int:
        # DuckDB hands on rows in long runs of the order in which they lie, as long as the side of a join that
        # is looked through leads. Putting the runs in order spares sorting long rows; it is not promised.
        cursor = self._connection.cursor()
        try:
            runs = cursor.sql(f"SELECT * FROM {_quoted(name)}").to_arrow_reader(BATCH_ROWS)
            try:
                return write_parquet(path, runs.schema, ahead(_in_order(runs, rank)))
            except _OutOfOrder:
                return write_parquet(path, runs.schema, ahead(self._stretches(name, rank)))
        except duckdb.Error as error:
            raise _failed(Step(f"writing {path.name}", name), error) from error
        finally:
            cursor.close()

    def _stretches(self, name: str, rank: str) -> Iterator[pa.RecordBatch]:
        # Sorting a million long rows at once takes gigabytes, and four times as long where they are lacking.
        key, after, rows = _quoted(rank), 0, _STRETCH
        cursor = self._connection.cursor()
        try:
            while rows == _STRETCH:
                until = after + _STRETCH
                found = cursor.sql(
                    f"SELECT * FROM {_quoted(name)} WHERE {key} > {after} AND {key} <= {until} ORDER BY {key}"
                ).to_arrow_table()
                after, rows = until, found.num_rows
                yield from found.to_batches()
        finally:
            cursor.close()

    def _export(self, sql: str, path: Path) -> int:
        cursor = self._connection.cursor()
        try:
            reader = cursor.sql(sql).to_arrow_reader(BATCH_ROWS)
            return write_parquet(path, reader.schema, ahead(reader))
        except duckdb.Error as error:
            raise _failed(Step(f"writing {path.name}", sql), error) from error
        finally:
            cursor.close()

    def columns(self, name: str) -> tuple[str, ...]:
        return tuple(str(row[0]) for row in self._do(Step(name, f"DESCRIBE {_quoted(name)}")))

    def drop(self, name: str) -> None:
        for (kind,) in self._connection.execute(
            "SELECT table_type FROM information_schema.tables WHERE table_name = ?", [name]
        ).fetchall():
            self._connection.execute(
                f"DROP {'VIEW' if kind == 'VIEW' else 'TABLE'} {_quoted(name)}"
            ).fetchall()

    def keep(self, names: Collection[str]) -> None:
        found = self._connection.execute("SELECT table_name FROM information_schema.tables").fetchall()
        for (name,) in found:
            if name not in names:
                self.drop(name)

    def close(self) -> None:
        self._connection.close()

    def _do(self, step: Step) -> list[tuple[object, ...]]:
        try:
            return self._connection.execute(step.sql).fetchall()
        except duckdb.Error as error:
            raise _failed(step, error) from error


def open_engine(kind: str, folder: Path, *, master: str = "") -> Engine:
    """The engine of that name, working in `folder`. Raises Unavailable with the mend when it cannot start."""
    match kind:
        case "duckdb":
            return DuckDBEngine(folder)
        case "spark":
            # By name and only now: pyspark is an extra, and costs time that nobody else should pay.
            try:
                module = import_module("panout.batch.spark")
            except ModuleNotFoundError as error:
                raise Unavailable(
                    f"the Spark engine needs the package {error.name}, which is not installed",
                    where="--engine spark",
                    mend="Install it with: pip install 'panout[spark]'",
                ) from error
            engine: Engine = module.SparkEngine(folder, master=master or "local[2]")
            return engine
        case _:
            raise BadInput(f"no engine is called '{kind}'", where="--engine", mend="Use duckdb or spark.")


class _OutOfOrder(Exception):
    """Rows come in no order of their ranks to speak of."""


def _in_order(batches: Iterable[pa.RecordBatch], rank: str) -> Iterator[pa.RecordBatch]:
    """Rows that come in long runs of ranks, in the order of all. Raises _OutOfOrder when they do not."""
    expected, held = 1, 0
    waiting: dict[int, pa.RecordBatch] = {}
    for batch in batches:
        ranks = batch.column(rank).to_numpy()
        cuts = [0, *(np.flatnonzero(np.diff(ranks) != 1) + 1).tolist(), len(ranks)]
        if len(cuts) > _MOST_RUNS or held > _MOST_WAITING:
            raise _OutOfOrder
        for start, end in pairwise(cuts):
            waiting[int(ranks[start])] = batch.slice(start, end - start)
        held += len(ranks)
        while (run := waiting.pop(expected, None)) is not None:
            yield run
            expected += run.num_rows
            held -= run.num_rows
    if waiting:
        raise _OutOfOrder


class _Remembering:
    """Batches, and the error that ended them early: on its way through DuckDB it would lose its kind."""

    def __init__(self, batches: Iterable[pa.RecordBatch]) -> None:
        self._batches = batches
        self.error: BaseException | None = None

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        try:
            yield from self._batches
        except BaseException as error:
            self.error = error
            raise


def _failed(step: Step, error: duckdb.Error) -> PanoutError:
    message = str(error).strip()
    if isinstance(error, duckdb.OutOfMemoryException):
        return Unavailable(
            f"there is not enough memory for it ({message.splitlines()[0]})",
            where=f"step '{step.name}'",
            mend="Free some memory, or give a smaller list.",
        )
    if isinstance(error, duckdb.IOException) and ("No space left" in message or "File too large" in message):
        return disk_full(f"step '{step.name}'")
    return StepFailed(step, message)


def disk_full(where: str) -> Unavailable:
    """What to say when there is no room to write, whoever found out."""
    return Unavailable(
        "there is no space left to write to",
        where=where,
        mend="Free some disk space, or point --out (and TMPDIR) at a larger disk.",
    )


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _literal(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
