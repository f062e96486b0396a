"""The whole line on Spark leaves what it leaves on DuckDB."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from benchmarks.pan_market import AS_OF, make

from panout.flow.pan import pan

ROOT = Path(__file__).parents[2]
FILES = ("prospects", "accounts", "contacts", "signals", "provenance")


@pytest.mark.xdist_group("spark")
@pytest.mark.filterwarnings("ignore:PySpark does not yet fully support pandas:FutureWarning")
def test_the_same_verdicts_from_ten_thousand_rows_on_both_engines(tmp_path: Path):
    pytest.importorskip("pyspark", reason="pyspark is not installed")
    market = make(tmp_path / "market", 10_000)
    earlier = tmp_path / "earlier.csv"
    lines = market.people.read_text(encoding="utf-8").splitlines(keepends=True)
    earlier.write_text("".join(lines[:3000]).replace(",Head of Data,", ",Data Analyst,"), encoding="utf-8")
    runs = {
        engine: pan(
            [market.people],
            ROOT / "benchmarks" / "pan_icp.yaml",
            as_of=AS_OF,
            signals=market.signals,
            previous=[earlier],
            engine=engine,
            out=tmp_path / engine,
        )
        for engine in ("duckdb", "spark")
    }
    one, other = runs["duckdb"].summary, runs["spark"].summary
    assert one.rows.used >= 10_000
    assert one.verdicts == other.verdicts
    assert one.verdicts.prospect > 100
    assert one.signals_by_type == other.signals_by_type
    assert one.signals_by_type["title_changed"] > 0
    for name in FILES:
        here, there = (pq.read_table(tmp_path / engine / f"{name}.parquet") for engine in runs)
        assert here.schema == there.schema
        for column in here.column_names:
            assert here[column].equals(there[column]), (name, column)
    pages = [(tmp_path / engine / "report.html").read_bytes() for engine in runs]
    assert pages[0] == pages[1]
    assert (tmp_path / "duckdb/prospects.csv").read_bytes() == (tmp_path / "spark/prospects.csv").read_bytes()
