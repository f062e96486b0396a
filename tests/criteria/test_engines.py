"""Golden: every construct, on DuckDB, PostgreSQL and Spark, answers as the predicate does."""

from __future__ import annotations

import shutil
import sys
import unicodedata
from collections.abc import Sequence

import duckdb
import pytest
import sqlglot
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from panout.batch.engine import open_engine
from panout.criteria.dialects import DIALECTS, DUCKDB, POSTGRESQL, SPARK
from panout.criteria.parse import parse
from panout.criteria.predicate import Record
from panout.criteria.sql import Columns, SignalTable
from panout.criteria.text import fold
from panout.criteria.tree import Tree, atoms
from tests.criteria import worlds
from tests.criteria.constructs import HOSTILE, RECORDS, TEXTS

TREES = [parse(text) for text in TEXTS]
JOINED = worlds.COLUMNS
LOOKED_UP = Columns(
    account="r",
    contact="r",
    custom=("r.custom",),
    signals=SignalTable("signals", "(s.account_id = r.id OR s.contact_id = r.id)"),
)
LETTERS = [
    chr(point)
    for point in range(1, sys.maxunicode + 1)
    if unicodedata.category(chr(point)) not in {"Cn", "Cs", "Co"}
]

Answers = list[tuple[bool | None, ...]]


def drawn() -> tuple[list[Tree], list[Record]]:
    """Trees and records that Hypothesis draws: a slow engine is asked about all of them in one question."""
    trees, records = [], []

    @settings(max_examples=60, database=None, derandomize=True, phases=[Phase.generate], deadline=None)
    @given(st.lists(worlds.trees, max_size=3), st.lists(worlds.records(), max_size=2))
    def draw(some_trees, some_records):
        trees.extend(some_trees)
        records.extend(some_records)

    draw()
    return trees, records


def differences(
    answers: Answers, trees: Sequence[Tree] = TREES, records: Sequence[Record] = RECORDS
) -> list[str]:
    """Which tree on which record is answered otherwise than the predicate does."""
    wanted = worlds.expected(trees, records)
    assert len(answers) == len(wanted)
    return [
        f"{trees[column]} on {record.fields} {record.custom} {record.signals}: {told} instead of {right}"
        for record, row, right_row in zip(records, answers, wanted, strict=True)
        for column, (told, right) in enumerate(zip(row, right_row, strict=True))
        if told is not right
    ]


@pytest.fixture(scope="module")
def duck() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    for table in worlds.tables(DUCKDB):
        connection.execute(table)
    rows = worlds.record_rows(RECORDS)
    connection.executemany(f"INSERT INTO records VALUES ({', '.join('?' * len(rows[0]))})", rows)
    connection.executemany("INSERT INTO signals VALUES (?, ?, ?, ?, ?)", worlds.signal_rows(RECORDS))
    return connection


@pytest.fixture(scope="module")
def spark(tmp_path_factory):
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    if shutil.which("java") is None:
        pytest.skip("Spark needs Java, and there is none on the path")
    engine = open_engine("spark", tmp_path_factory.mktemp("spark"))
    yield engine.session
    engine.close()


@pytest.fixture
def filled(postgres):
    fill_postgres(postgres, RECORDS)
    return postgres


def test_the_texts_show_every_construct():
    # A new node or word of the language must come into the golden tests: each is a type or member of tree.py.
    shown = {type(node).__name__ for tree in TREES for node in (tree, *atoms(tree))}
    assert shown == {
        *("And", "Or", "Not", "Compare", "Between", "OneOf", "Holds", "Matches"),
        *("Near", "Older", "IsKnown", "Truth", "Seen"),
    }


def test_every_text_holds_for_some_record_and_not_for_another():
    columns = zip(*worlds.expected(TREES, RECORDS), strict=True)
    one_sided = [text for text, told in zip(TEXTS, columns, strict=True) if not {True, False} <= set(told)]
    assert [text for text in one_sided if "nothing_of_the_kind" not in text] == []


def test_duckdb(duck):
    assert differences(duck.execute(worlds.question(TREES, DUCKDB)).fetchall()) == []


def test_duckdb_looking_signals_up(duck):
    assert differences(duck.execute(worlds.question(TREES, DUCKDB, LOOKED_UP)).fetchall()) == []


def test_postgresql(filled):
    for columns in (JOINED, LOOKED_UP):
        assert differences(filled.execute(worlds.question(TREES, POSTGRESQL, columns)).fetchall()) == []


def test_postgresql_on_whatever_is_drawn(postgres):
    trees, records = drawn()
    fill_postgres(postgres, records)
    answers = postgres.execute(worlds.question(trees, POSTGRESQL)).fetchall()
    assert differences(answers, trees, records) == []


def test_postgresql_with_a_driver_that_looks_for_placeholders(filled):
    question = worlds.question(TREES, POSTGRESQL).replace("ORDER BY", "WHERE %s ORDER BY")
    assert differences(filled.execute(question, [True]).fetchall()) == []


def test_postgresql_of_the_old_school_reads_backslashes_otherwise(filled):
    filled.execute("SET LOCAL standard_conforming_strings = off")
    assert differences(filled.execute(worlds.question(TREES, POSTGRESQL)).fetchall()) == []


def test_postgresql_has_the_same_lower_case(postgres):
    told = postgres.execute(f"SELECT {POSTGRESQL.folded('one')} FROM unnest(%s::text[]) one", [LETTERS])
    assert other_case([row[0] for row in told]) == []


@pytest.mark.xdist_group("spark")
def test_spark(spark):
    fill_spark(spark, RECORDS)
    assert differences([tuple(row) for row in spark.sql(worlds.question(TREES, SPARK)).collect()]) == []


@pytest.mark.xdist_group("spark")
def test_spark_on_whatever_is_drawn(spark):
    trees, records = drawn()
    fill_spark(spark, records)
    answers = [tuple(row) for row in spark.sql(worlds.question(trees, SPARK)).collect()]
    assert differences(answers, trees, records) == []


@pytest.mark.xdist_group("spark")
def test_spark_has_the_same_lower_case(spark):
    spark.createDataFrame(list(enumerate(LETTERS)), "at INT, one STRING").createOrReplaceTempView("letters")
    told = spark.sql(f"SELECT {SPARK.folded('one')} FROM letters ORDER BY at").collect()
    assert other_case([row[0] for row in told]) == []


@pytest.mark.xdist_group("spark")
def test_spark_reads_a_text_one_way_under_every_setting(spark):
    names = ("spark.sql.parser.escapedStringLiterals", "spark.sql.legacy.consecutiveStringLiterals.enabled")
    columns = ", ".join(SPARK.literal(text) for text in HOSTILE)
    for name in names:
        spark.conf.set(name, "true")
        assert tuple(spark.sql(f"SELECT {columns}").collect()[0]) == HOSTILE
        spark.conf.unset(name)


def test_duckdb_has_the_same_lower_case(duck):
    told = duck.execute(f"SELECT {DUCKDB.folded('one')} FROM unnest(?::VARCHAR[]) t(one)", [LETTERS])
    assert other_case([row[0] for row in told.fetchall()]) == []


@pytest.mark.parametrize("name", DIALECTS)
def test_the_sql_is_one_statement_to_an_outsider(name):
    for tree in TREES:
        parsed = sqlglot.parse(worlds.question([tree], DIALECTS[name]), dialect=_SQLGLOT[name])
        assert len(parsed) == 1


_SQLGLOT = {"duckdb": "duckdb", "spark": "spark", "postgresql": "postgres"}


def fill_postgres(connection, records: Sequence[Record]) -> None:
    for table in worlds.tables(POSTGRESQL):
        connection.execute(table)
    rows = worlds.record_rows(records)
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO records VALUES ({', '.join(['%s'] * len(rows[0]))})", rows)
        cursor.executemany("INSERT INTO signals VALUES (%s, %s, %s, %s, %s)", worlds.signal_rows(records))


def fill_spark(session, known: Sequence[Record]) -> None:
    kinds = ", ".join(f"`{name}` {SPARK.types[worlds.field(name).kind]}" for name in worlds.USED)
    records = session.createDataFrame(worlds.record_rows(known), f"id STRING, {kinds}, custom STRING")
    records.createOrReplaceTempView("records")
    signals = session.createDataFrame(
        worlds.signal_rows(known),
        "account_id STRING, contact_id STRING, `type` STRING, `date` DATE, strength DOUBLE",
    )
    signals.createOrReplaceTempView("signals")


def other_case(told: Sequence[str]) -> list[tuple[str, str]]:
    return [(letter, low) for letter, low in zip(LETTERS, told, strict=True) if low != fold(letter)]
