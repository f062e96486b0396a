"""The predicate and DuckDB's SQL give one answer for every tree and every record."""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panout.criteria.dialects import DUCKDB
from panout.criteria.parse import parse
from panout.criteria.predicate import Record
from panout.criteria.sql import Columns, SignalTable
from panout.criteria.tree import Tree
from tests.criteria import worlds

LOOKED_UP = Columns(
    account="r",
    contact="r",
    custom=("r.custom",),
    signals=SignalTable("signals", "(s.account_id = r.id OR s.contact_id = r.id)"),
)


@pytest.fixture(scope="module")
def duck() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(config={"threads": 1})
    for table in worlds.tables(DUCKDB):
        connection.execute(table)
    return connection


def ask(
    duck: duckdb.DuckDBPyConnection, trees: Sequence[Tree], records: Sequence[Record], columns: Columns
) -> list[tuple[bool | None, ...]]:
    duck.execute("DELETE FROM records")
    duck.execute("DELETE FROM signals")
    rows, signals = worlds.record_rows(records), worlds.signal_rows(records)
    duck.executemany(f"INSERT INTO records VALUES ({', '.join('?' * len(rows[0]))})", rows)
    if signals:
        duck.executemany("INSERT INTO signals VALUES (?, ?, ?, ?, ?)", signals)
    return duck.execute(worlds.question(trees, DUCKDB, columns)).fetchall()


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(worlds.trees, min_size=1, max_size=6), st.lists(worlds.records(), min_size=1, max_size=6))
def test_duckdb_answers_as_the_predicate(duck, trees, records):
    assert ask(duck, trees, records, worlds.COLUMNS) == worlds.expected(trees, records)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(worlds.trees, min_size=1, max_size=4), st.lists(worlds.records(), min_size=1, max_size=4))
def test_signals_looked_up_one_by_one_give_the_same(duck, trees, records):
    assert ask(duck, trees, records, LOOKED_UP) == worlds.expected(trees, records)


@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(worlds.trees, min_size=1, max_size=4), st.lists(worlds.records(), min_size=1, max_size=4))
def test_where_nobody_looked_for_signals_they_are_unknown(duck, trees, records):
    nothing = Columns(account="r", contact="r", custom=("r.custom",), signals=None)
    unlooked = [Record(record.fields, None, record.custom) for record in records]
    assert ask(duck, trees, records, nothing) == worlds.expected(trees, unlooked)


@settings(max_examples=300, deadline=None)
@given(worlds.trees)
def test_what_is_printed_reads_as_the_same_tree(tree):
    assert parse(str(tree)) == tree
