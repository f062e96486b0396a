"""Spark as an engine: on this machine (local[2]) or on a cluster. Imported only when somebody asks for it."""

from __future__ import annotations

import logging
import os
import shutil
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, SparkSession
from splink.backends.spark import similarity_jar_location

from panout.batch.parquet import BATCH_ROWS, write_parquet
from panout.batch.steps import Step, StepFailed
from panout.kernel.errors import Unavailable

# Lists of a few million rows are small to Spark; with its preset of 200 partitions it would spend its time
# on starting tasks. A cluster's own configuration is respected: this is set for local masters only.
_LOCAL_PARTITIONS = 2

# Says "closing down" at info whenever a test's streams are already closed.
logging.getLogger("py4j").setLevel(logging.WARNING)

_LOGGING = """\
rootLogger.level = error
rootLogger.appenderRef.stderr.ref = stderr
appender.stderr.type = Console
appender.stderr.name = stderr
appender.stderr.target = SYSTEM_ERR
appender.stderr.layout.type = PatternLayout
appender.stderr.layout.pattern = %p %c{1}: %m%n
"""


class SparkEngine:
    """Spark, with every kept relation written to Parquet in `folder` (a cluster must be able to reach it).

    Keeping by Parquet rather than by cache cuts the lineage: plans stay small however long the line is.
    """

    kind = "spark"

    def __init__(self, folder: Path, *, master: str = "local[2]", memory: str = "2g") -> None:
        local = master.startswith("local")
        if local and shutil.which("java") is None and "JAVA_HOME" not in os.environ:
            raise Unavailable(
                "Spark needs Java 17 or later, and there is no `java` on this machine",
                where="--engine spark",
                mend="Install it (Debian: apt install openjdk-17-jre-headless) or set JAVA_HOME.",
            )
        self._folder = folder / "spark"
        self._folder.mkdir(parents=True, exist_ok=True)
        quiet = self._folder / "log4j2.properties"
        quiet.write_text(_LOGGING)
        builder = SparkSession.builder.master(master).appName("panout")
        settings = {
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.ansi.enabled": "true",
            "spark.jars": similarity_jar_location(),
            "spark.driver.extraJavaOptions": f"-Dlog4j2.configurationFile={quiet.resolve().as_uri()}",
            "spark.sql.warehouse.dir": str(self._folder / "warehouse"),
            "spark.sql.execution.arrow.maxRecordsPerBatch": str(BATCH_ROWS),
        }
        if local:
            settings |= {
                "spark.driver.memory": memory,
                "spark.driver.host": "127.0.0.1",
                "spark.driver.bindAddress": "127.0.0.1",
                "spark.local.dir": str(self._folder / "local"),
                "spark.sql.shuffle.partitions": str(_LOCAL_PARTITIONS),
                "spark.default.parallelism": str(_LOCAL_PARTITIONS),
            }
        for key, value in settings.items():
            builder = builder.config(key, value)
        try:
            self.session = builder.getOrCreate()
        except (PySparkException, RuntimeError, OSError) as error:
            raise Unavailable(
                f"Spark did not start at {master}: {_first_line(error)}",
                where="--engine spark",
                mend="See that `java -version` says 17 or later and that the master can be reached.",
            ) from error
        self.session.sparkContext.setLogLevel("ERROR")
        self.session.sparkContext.setCheckpointDir(str(self._folder / "checkpoints"))
        self._kept: dict[str, Path] = {}
        self._serial = 0

    def run(self, step: Step) -> None:
        path = self._place(step.name)
        try:
            frame = self.session.sql(step.sql)
            frame.write.mode("overwrite").parquet(str(path))
            # The schema is handed back as it was: Parquet would make every column nullable, and an empty
            # relation would lose its own.
            kept = self.session.read.schema(frame.schema).parquet(str(path))
        except PySparkException as error:
            raise StepFailed(step, _first_line(error)) from error
        self._keep(step.name, kept, path)

    def view(self, step: Step) -> None:
        try:
            frame = self.session.sql(step.sql)
        except PySparkException as error:
            raise StepFailed(step, _first_line(error)) from error
        frame.createOrReplaceTempView(step.name)

    def rows(self, name: str) -> int:
        return self.session.table(name).count()

    def read_parquet(self, name: str, paths: Sequence[Path]) -> None:
        self.session.read.parquet(*(str(path) for path in paths)).createOrReplaceTempView(name)

    def load(self, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
        path = self._place(name)
        path.mkdir(parents=True)
        rows = write_parquet(path / "part-0.parquet", schema, batches)
        self._keep(name, self.session.read.parquet(str(path)), path)
        return rows

    def spool(self, name: str, schema: pa.Schema, batches: Iterable[pa.RecordBatch]) -> int:
        return self.load(name, schema, batches)

    def lend(self, name: str, table: pa.Table) -> None:
        self.load(name, table.schema, table.to_batches())

    def batches(self, sql: str) -> Iterator[pa.RecordBatch]:
        path = self._place("reading")
        step = Step("reading", sql)
        try:
            self.session.sql(sql).write.parquet(str(path))
        except PySparkException as error:
            raise StepFailed(step, _first_line(error)) from error
        try:
            # Part files are numbered in the order of the partitions, and a sort leaves partitions in order.
            for part in sorted(path.glob("part-*.parquet")):
                yield from pq.ParquetFile(part).iter_batches(BATCH_ROWS)
        finally:
            shutil.rmtree(path, ignore_errors=True)

    def ask(self, sql: str) -> pa.Table:
        try:
            return self.session.sql(sql).toArrow()
        except PySparkException as error:
            raise StepFailed(Step("asking", sql), _first_line(error)) from error

    def arrow(self, name: str) -> pa.Table:
        return self.session.table(name).toArrow()

    def write_parquet(self, name: str, path: Path, *, order_by: str = "") -> int:
        ordered = f" ORDER BY {order_by}" if order_by else ""
        schema = _plain(self.session.table(name).limit(0).toArrow().schema)
        selected = f"SELECT * FROM `{name}`{ordered}"
        return write_parquet(path, schema, (batch.cast(schema) for batch in self.batches(selected)))

    def write_ranked(self, name: str, path: Path, *, rank: str) -> int:
        return self.write_parquet(name, path, order_by=rank)

    def ranked(self, name: str, columns: Sequence[str], *, rank: str) -> Iterator[pa.RecordBatch]:
        listed = ", ".join(f"`{column}`" for column in columns)
        return self.batches(f"SELECT {listed} FROM `{name}` ORDER BY `{rank}`")

    def side_by_side(self) -> AbstractContextManager[None]:
        return nullcontext()

    def columns(self, name: str) -> tuple[str, ...]:
        return tuple(self.session.table(name).columns)

    def drop(self, name: str) -> None:
        self.session.catalog.dropTempView(name)
        if path := self._kept.pop(name, None):
            shutil.rmtree(path, ignore_errors=True)

    def keep(self, names: Collection[str]) -> None:
        for table in self.session.catalog.listTables():
            if table.name not in names:
                self.drop(table.name)

    def close(self) -> None:
        with suppress(PySparkException, OSError):
            self.session.stop()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _place(self, name: str) -> Path:
        # A new place every time: a step may read the relation that it replaces.
        self._serial += 1
        return self._folder / f"{self._serial:04d}-{name}"

    def _keep(self, name: str, frame: DataFrame, path: Path) -> None:
        frame.createOrReplaceTempView(name)
        if earlier := self._kept.pop(name, None):
            shutil.rmtree(earlier, ignore_errors=True)
        self._kept[name] = path


def _plain(schema: pa.Schema) -> pa.Schema:
    """Without Spark's knowledge of what can be null: files are the same whichever engine made them."""
    return pa.schema(
        [
            (field.name, pa.list_(field.type.value_type) if pa.types.is_list(field.type) else field.type)
            for field in schema
        ]
    )


def _first_line(error: Exception) -> str:
    return str(error).strip().partition("\n\nJVM stacktrace")[0][:2000]
