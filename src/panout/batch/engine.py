"""Where named SQL steps run: DuckDB on this machine, or Spark here or on a cluster. Same verbs for both."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from importlib import import_module
from pathlib import Path
from threading import Lock
from typing import Protocol

import duckdb
import pyarrow as pa

from panout.batch.parquet import BATCH_ROWS, MOST_MAPPED
from panout.batch.steps import Step, StepFailed
from panout.kernel.errors import BadInput, PanoutError, Unavailable

# How Parquet is written. Half a batch of prospects, with all that was tried on each, is 60 MB of text. Columns of
# more different words than that are not worth a dictionary, and looking for one costs a tenth of the time.
_PARQUET = (
    f"FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE {BATCH_ROWS // 2}, "
    "DICTIONARY_SIZE_LIMIT 2000, WRITE_BLOOM_FILTER false"
)

# Never more than this by default, however large the machine: the rest of the process (readers, writers,
# normalisers) needs memory beside the engine, and the promise is a million people in under 4 GiB in all.
_MOST_MEMORY = 5 * 1024**3 // 2
_LEAST_MEMORY = 512 * 1024**2


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

    def spool(self, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
        """The same for a long stream: where the engine can, it reads the rows from a file where they lie."""

    def lend(self, name: str, table: pa.Table) -> None:
        """Let an Arrow table be seen as a relation where it lies, if the engine can; it is let go with the relation."""

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        """The rows of a SELECT, streamed in its order."""

    def ask(self, sql: str) -> pa.Table:
        """The answer of a SELECT, in memory: for questions whose answer is small."""

    def arrow(self, name: str) -> pa.Table:
        """A whole relation in memory."""

    def write_parquet(self, name: str, path: Path, *, order_by: str = "") -> int:
        """One Parquet file of a relation, same bytes for same rows when `order_by` is total; returns rows."""

    def write_ranked(self, name: str, path: Path, *, rank: str) -> int:
        """The same for a relation that rests on one step's rows, put in order of `rank` by the step: they are not
        sorted again where the engine keeps rows as they were put."""

    def ranked(self, name: str, columns: Sequence[str], *, rank: str) -> Iterator[pa.RecordBatch]:
        """Columns of such a relation, streamed in order of `rank`."""

    def side_by_side(self) -> AbstractContextManager[None]:
        """Inside, several threads may each ask or write at the same time; no answer has more than one of them."""

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
    """A quarter of what there is, between half a GiB and two and a half."""
    return max(_LEAST_MEMORY, min(_MOST_MEMORY, machine_memory() // 4))


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
        self._exporting, self._exports = Lock(), 0
        self._folder = folder
        self._lent: dict[str, pa.Table] = {}
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

    def spool(self, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
        if self._folder is None:
            return self.load(name, schema, batches)
        path, rows = self._folder / f"{name}.arrow", 0
        with pa.OSFile(str(path), "wb") as file, pa.ipc.new_stream(file, schema) as written:
            for batch in batches:
                written.write_batch(batch)
                rows += batch.num_rows
        if path.stat().st_size > MOST_MAPPED:
            with pa.OSFile(str(path)) as file, pa.ipc.open_stream(file) as read:
                self.load(name, schema, read)
        else:
            self.lend(name, pa.ipc.open_stream(pa.memory_map(str(path))).read_all())
        # What is mapped stays until it is let go.
        path.unlink()
        return rows

    def lend(self, name: str, table: pa.Table) -> None:
        self.drop(name)
        self._connection.register(name, table)
        self._lent[name] = table

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        # A cursor of its own: a reader half read would block the connection for everybody else.
        cursor = self._cursor()
        try:
            yield from cursor.sql(sql).to_arrow_reader(BATCH_ROWS)
        except duckdb.Error as error:
            raise _failed(Step("reading", sql), error) from error
        finally:
            cursor.close()

    def ask(self, sql: str) -> pa.Table:
        cursor = self._cursor()
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

    def write_ranked(self, name: str, path: Path, *, rank: str) -> int:  # noqa: ARG002 -- they lie in its order
        return self._export(f"SELECT * FROM {_quoted(name)}", path)

    def ranked(self, name: str, columns: Sequence[str], *, rank: str) -> Iterator[pa.RecordBatch]:  # noqa: ARG002
        return self.batches(f"SELECT {', '.join(map(_quoted, columns))} FROM {_quoted(name)}")

    @contextmanager
    def side_by_side(self) -> Iterator[None]:
        # Two threads on two files cost a third less than both on one, which get into each other's way over memory.
        before = self._threads()
        self._connection.execute("SET threads = 1").fetchall()
        try:
            yield
        finally:
            self._connection.execute(f"SET threads = {before}").fetchall()

    def _threads(self) -> int:
        ((threads,),) = self._connection.execute("SELECT current_setting('threads')").fetchall()
        return int(threads)

    def _export(self, sql: str, path: Path) -> int:
        # Row groups have a fixed size, so that the bytes depend on the rows alone.
        cursor = self._cursor()
        try:
            with self._every_column_nullable():
                found = cursor.execute(f"COPY ({sql}) TO {_literal(str(path))} ({_PARQUET})").fetchall()
        except duckdb.Error as error:
            raise _failed(Step(f"writing {path.name}", sql), error) from error
        finally:
            cursor.close()
        return int(found[0][0])

    @contextmanager
    def _every_column_nullable(self) -> Iterator[None]:
        # The Parquet writer hears from this optimizer which columns happen to hold no NULL, and a file's schema would
        # depend on its rows. For good it cannot go: joins of texts take half as long with it.
        with self._exporting:
            self._exports += 1
            self._connection.execute("SET disabled_optimizers = 'statistics_propagation'").fetchall()
        try:
            yield
        finally:
            with self._exporting:
                self._exports -= 1
                if not self._exports:
                    self._connection.execute("RESET disabled_optimizers").fetchall()

    def columns(self, name: str) -> tuple[str, ...]:
        return tuple(str(row[0]) for row in self._do(Step(name, f"DESCRIBE {_quoted(name)}")))

    def drop(self, name: str) -> None:
        if name in self._lent:
            del self._lent[name]
            self._connection.unregister(name)
            return
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

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        cursor = self._connection.cursor()
        # What is lent is known to one connection.
        for name, table in self._lent.items():
            cursor.register(name, table)
        return cursor

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
