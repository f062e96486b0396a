"""Lines of a signals file become signals: one for each thing said, however often a line stands there."""

from __future__ import annotations

from datetime import date

import pyarrow as pa
import pytest

from panout.batch.engine import DuckDBEngine
from panout.batch.steps import Step
from panout.criteria.dialects import DUCKDB
from panout.signals.detectors.stated import stated_steps
from panout.sources.files.relations import SIGNALS_SCHEMA

DAY = date(2026, 11, 1)


@pytest.fixture
def engine():
    engine = DuckDBEngine()
    engine.run(Step("rows", "SELECT 1 AS row_id, 'acme.com' AS domain"))
    engine.run(Step("members", "SELECT 1 AS row_id, 'a1' AS account_id, CAST(NULL AS VARCHAR) AS contact_id"))
    yield engine
    engine.close()


def signals(engine: DuckDBEngine, *lines: dict[str, object]) -> list[tuple[object, ...]]:
    filled = [{"domain": "acme.com", "type": "hiring", "date": DAY, **line} for line in lines]
    numbered = [{"row": row, **line} for row, line in enumerate(filled)]
    engine.load("stated", SIGNALS_SCHEMA, pa.Table.from_pylist(numbered, SIGNALS_SCHEMA).to_batches())
    for step in stated_steps(DUCKDB, {"domain"}, people=False):
        engine.run(step)
    found = engine.ask("SELECT signal_id, type, strength, source FROM stated_signals ORDER BY signal_id")
    return [tuple(line.values()) for line in found.to_pylist()]


def test_a_line_that_stands_twice_counts_once_with_its_greater_strength(engine: DuckDBEngine):
    found = signals(
        engine,
        {"strength": 0.4, "source": "s"},
        {"strength": 1.0},
        {"strength": 0.9, "source": "s"},
        {"strength": 0.2},
        {"strength": 0.3, "source": "s", "evidence": "another"},
        {"strength": 0.3, "source": "s", "type": "funding"},
    )
    assert found == [
        ("f0", "hiring", 0.9, "s"),
        ("f1", "hiring", 1.0, None),
        ("f4", "hiring", 0.3, "s"),
        ("f5", "funding", 0.3, "s"),
    ]


def test_a_line_about_nobody_on_the_lists_is_no_signal(engine: DuckDBEngine):
    assert signals(engine, {"domain": "other.com", "strength": 1.0}) == []
    assert signals(engine, {"domain": "other.com", "strength": 1.0}, {"strength": 1.0}) == [
        ("f1", "hiring", 1.0, None)
    ]
