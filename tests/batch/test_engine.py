"""Engines keep named relations, stream them in order, and show the SQL that failed."""

from __future__ import annotations

import datetime as dt
import hashlib
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from panout.batch.engine import DuckDBEngine, Engine, open_engine
from panout.batch.parquet import write_parquet
from panout.batch.steps import Step, StepFailed
from panout.kernel.errors import BadInput, Unavailable


@pytest.fixture(params=["duckdb", pytest.param("spark", marks=pytest.mark.xdist_group("spark"))])
def engine(request, tmp_path):
    if request.param == "spark":
        pytest.importorskip("pyspark", reason="pyspark is not installed")
    engine = open_engine(request.param, tmp_path / "work")
    yield engine
    engine.close()


SCHEMA = pa.schema(
    [("id", pa.int64()), ("name", pa.string()), ("day", pa.date32()), ("tags", pa.list_(pa.string()))]
)


def people() -> pa.RecordBatch:
    return pa.record_batch(
        [
            pa.array([2, 1, 3]),
            pa.array(["b", "a", None]),
            pa.array([dt.date(2026, 1, 2), None, dt.date(2026, 1, 1)]),
            pa.array([["x", "y"], None, []]),
        ],
        schema=SCHEMA,
    )


def test_an_engine_does_everything_a_line_asks_of_it(engine: Engine, tmp_path: Path):
    assert engine.load("people", SCHEMA, [people(), people()]) == 6
    engine.run(Step("named", "SELECT DISTINCT id, name, day, tags FROM people WHERE name IS NOT NULL"))
    engine.view(Step("young", "SELECT * FROM named WHERE day IS NULL"))
    assert (engine.rows("named"), engine.rows("young")) == (2, 1)
    assert engine.columns("named") == ("id", "name", "day", "tags")
    assert engine.write_parquet("named", tmp_path / "named.parquet", order_by="id") == 2
    written = pq.read_table(tmp_path / "named.parquet")
    assert written.column("name").to_pylist() == ["a", "b"]
    assert written.column("tags").to_pylist() == [None, ["x", "y"]]
    assert written.schema.field("day").type == pa.date32()
    streamed = [
        number
        for batch in engine.batches("SELECT id FROM people ORDER BY id")
        for number in batch.column(0).to_pylist()
    ]
    assert streamed == [1, 1, 2, 2, 3, 3]
    # A relation may be made from itself, and a name may be used again.
    engine.run(Step("named", "SELECT * FROM named WHERE id = 1"))
    assert engine.arrow("named").column("id").to_pylist() == [1]
    engine.read_parquet("again", [tmp_path / "named.parquet"])
    assert engine.rows("again") == 2
    # An empty relation keeps its columns.
    engine.run(Step("nobody", "SELECT * FROM named WHERE id = 9"))
    assert engine.write_parquet("nobody", tmp_path / "nobody.parquet") == 0
    assert pq.read_table(tmp_path / "nobody.parquet").column_names == ["id", "name", "day", "tags"]
    with pytest.raises(StepFailed, match="SELECT missing FROM named") as failure:
        engine.run(Step("broken", "SELECT missing FROM named"))
    assert "step 'broken'" in str(failure.value)


def test_the_same_rows_leave_the_same_bytes(tmp_path: Path):
    marks = set()
    for attempt in range(2):
        engine = DuckDBEngine(tmp_path / str(attempt))
        engine.run(
            Step("many", "SELECT range AS id, 'n' || (range * 7919) % 1000 AS name FROM range(200000)")
        )
        engine.write_parquet("many", tmp_path / "many.parquet", order_by="name, id")
        engine.close()
        marks.add(hashlib.sha256((tmp_path / "many.parquet").read_bytes()).hexdigest())
    assert len(marks) == 1


def test_bytes_depend_on_the_rows_and_not_on_how_they_came(tmp_path: Path):
    table = pa.table({"id": pa.array(range(150_000))})
    for size, name in ((1_000, "small"), (70_000, "big")):
        write_parquet(tmp_path / name, table.schema, table.to_batches(max_chunksize=size))
    assert (tmp_path / "small").read_bytes() == (tmp_path / "big").read_bytes()
    assert pq.read_table(tmp_path / "small") == table


def test_rows_that_a_step_put_in_order_are_written_and_streamed_in_it(engine: Engine, tmp_path: Path):
    numbers = pa.table({"rank": pa.array([(n * 7919) % 200_000 + 1 for n in range(200_000)], pa.int64())})
    engine.load("numbers", numbers.schema, numbers.to_batches())
    engine.run(
        Step(
            "placed", "SELECT rank, concat('r', CAST(rank AS VARCHAR(9))) AS text FROM numbers ORDER BY rank"
        )
    )
    engine.view(Step("ranked", "SELECT rank, concat(text, '!') AS text FROM placed"))
    with engine.side_by_side():
        assert engine.write_ranked("ranked", tmp_path / "ranked.parquet", rank="rank") == 200_000
    written = pq.read_table(tmp_path / "ranked.parquet")
    assert written["rank"].to_pylist() == list(range(1, 200_001))
    assert written["text"][12_345].as_py() == "r12346!"
    streamed = [
        text for batch in engine.ranked("ranked", ["text"], rank="rank") for text in batch["text"].to_pylist()
    ]
    assert streamed == written["text"].to_pylist()


def test_the_bytes_do_not_depend_on_how_many_threads_there_are(tmp_path: Path):
    marks = set()
    for threads in (1, 4):
        engine = DuckDBEngine(tmp_path / str(threads), threads=threads)
        engine.run(Step("many", "SELECT range AS rank, 'n' || range % 977 AS name FROM range(300000)"))
        engine.write_ranked("many", tmp_path / "many.parquet", rank="rank")
        engine.close()
        marks.add(hashlib.sha256((tmp_path / "many.parquet").read_bytes()).hexdigest())
    assert len(marks) == 1


def test_a_files_schema_does_not_depend_on_its_rows(tmp_path: Path):
    engine = DuckDBEngine(tmp_path)
    for rows in (
        "SELECT 1 AS id, ['x'] AS tags",
        "SELECT CAST(NULL AS INTEGER) AS id, NULL::VARCHAR[] AS tags",
    ):
        engine.run(Step("some", rows))
        engine.write_parquet("some", tmp_path / "some.parquet", order_by="id")
        assert all(field.nullable for field in pq.read_schema(tmp_path / "some.parquet"))
    engine.close()


def test_what_is_not_kept_is_forgotten(tmp_path: Path):
    engine = DuckDBEngine(tmp_path)
    for name in ("needed", "spent"):
        engine.run(Step(name, "SELECT 1 AS one"))
    engine.view(Step("seen", "SELECT * FROM spent"))
    engine.lend("lent", pa.table({"one": [1]}))
    engine.keep({"needed"})
    assert engine.rows("needed") == 1
    for name in ("spent", "seen", "lent"):
        with pytest.raises(StepFailed):
            engine.rows(name)
    engine.close()


def test_a_lent_table_is_seen_until_it_is_dropped_or_replaced(engine: Engine):
    table = pa.Table.from_batches([people()])
    engine.lend("people", table)
    assert (engine.rows("people"), engine.columns("people")) == (3, tuple(SCHEMA.names))
    engine.run(Step("twice", "SELECT a.id FROM people AS a JOIN people AS b ON b.id = a.id"))
    engine.lend("people", table.slice(1))
    assert (engine.rows("people"), engine.rows("twice")) == (2, 3)
    engine.run(Step("people", "SELECT id FROM people WHERE id > 1"))
    assert engine.columns("people") == ("id",)


def test_a_spooled_stream_is_read_like_a_loaded_one(engine: Engine):
    table = pa.table({"id": pa.array(range(5_000)), "name": pa.array([f"n{n % 7}" for n in range(5_000)])})
    assert engine.spool("many", table.schema, iter(table.to_batches(max_chunksize=700))) == 5_000
    assert engine.rows("many") == 5_000
    assert engine.ask("SELECT sum(id) AS total FROM many WHERE name = 'n3'")["total"][0].as_py() == sum(
        range(3, 5_000, 7)
    )
    engine.run(Step("many", "SELECT id FROM many WHERE id < 3"))
    assert engine.arrow("many").column("id").to_pylist() == [0, 1, 2]
    assert engine.spool("none", table.schema, iter([])) == 0
    assert engine.columns("none") == ("id", "name")


def test_what_is_too_long_to_lie_in_a_file_is_taken_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    table = pa.table({"id": pa.array(range(5_000))})
    for most, kind in ((10, "BASE TABLE"), (10**9, "VIEW")):
        monkeypatch.setattr("panout.batch.engine.MOST_MAPPED", most)
        with closing(DuckDBEngine(tmp_path / str(most))) as engine:
            engine.spool("many", table.schema, iter(table.to_batches()))
            assert engine.ask("SELECT sum(id) AS total FROM many")["total"][0].as_py() == sum(range(5_000))
            engine.run(
                Step(
                    "kinds",
                    "SELECT table_name, table_type FROM information_schema.tables WHERE table_name = 'many'",
                )
            )
            assert engine.arrow("kinds").to_pylist() == [{"table_name": "many", "table_type": kind}]
            assert not list(tmp_path.glob("*/many.arrow"))


def test_an_unknown_engine_is_named_with_the_mend(tmp_path: Path):
    with pytest.raises(BadInput, match="Use duckdb or spark"):
        open_engine("oracle", tmp_path)


def test_without_java_spark_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.delenv("JAVA_HOME", raising=False)
    with pytest.raises(Unavailable, match="Install it"):
        open_engine("spark", tmp_path)


def test_without_pyspark_the_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    def missing(_name: str) -> None:
        raise ModuleNotFoundError("No module named 'pyspark'", name="pyspark")

    monkeypatch.setattr("panout.batch.engine.import_module", missing)
    with pytest.raises(Unavailable, match=r"pip install 'panout\[spark\]'"):
        open_engine("spark", tmp_path)


def test_too_little_memory_is_said_plainly(tmp_path: Path):
    engine = DuckDBEngine(None, memory_limit=20_000_000)
    with pytest.raises(Unavailable, match="not enough memory"):
        engine.run(Step("big", "SELECT list(range) AS everything FROM range(50000000)"))
    engine.close()
