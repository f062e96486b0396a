"""One definition, two engines: the same clusters, pairs and reasons on DuckDB and on Spark; and Splink
agrees."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from benchmarks.resolution_people import write
from splink import DuckDBAPI, Linker

from panout.batch.dialects import dialect_of
from panout.batch.engine import DuckDBEngine, Engine, open_engine
from panout.batch.linkage import settings as splink_settings
from panout.resolve.learning import splink_comparisons
from panout.resolve.matching import Settings, resolve
from panout.resolve.rules.model import MILLI
from panout.resolve.steps.exact import member_steps
from panout.resolve.subjects import SUBJECTS, Kind
from panout.sources.files.lists import read_lists
from panout.sources.files.relations import ROWS_SCHEMA
from tests.resolve.lists import SCHEMA, rows_of

SPARK_ROWS = 10_000


def loaded(engine: Engine, path: Path, work: Path) -> None:
    engine.load("rows", ROWS_SCHEMA, read_lists([path], work_dir=work))


def judged(engine: Engine) -> tuple[list[dict[str, object]], list[dict[str, object]]]:
    clusters = engine.ask("SELECT row_id, cluster FROM clusters ORDER BY row_id").to_pylist()
    pairs = engine.ask(
        "SELECT id_l, id_r, bits, decision, reasons FROM judged ORDER BY id_l, id_r"
    ).to_pylist()
    return clusters, pairs


@pytest.mark.xdist_group("spark")
@pytest.mark.skipif(shutil.which("java") is None, reason="there is no Java here")
def test_spark_finds_the_same_people_as_duckdb(tmp_path: Path) -> None:
    pytest.importorskip("pyspark")
    path = write(tmp_path / "people.csv", SPARK_ROWS)
    found = []
    for kind in ("duckdb", "spark"):
        engine = open_engine(kind, tmp_path / kind)
        loaded(engine, path, tmp_path / f"lists-{kind}")
        resolve(engine, Settings(Kind.PEOPLE, learn=False))
        clusters, pairs = judged(engine)
        for step in member_steps(dialect_of(kind)):
            if step.name in {"row_companies", "person_keys", "members"}:
                engine.run(step)
            else:
                engine.view(step)
        members = engine.ask("SELECT row_id, account_id, contact_id FROM members ORDER BY row_id").to_pylist()
        found.append((clusters, pairs, members))
        engine.close()
    assert found[0][0] == found[1][0]
    assert found[0][1] == found[1][1]
    assert found[0][2] == found[1][2]
    assert len({row["cluster"] for row in found[0][0]}) < 0.9 * SPARK_ROWS


@pytest.mark.parametrize("kind", list(Kind))
def test_our_weights_are_those_that_splink_gives(kind: Kind) -> None:
    """Our step and Splink's own prediction, from one model, on every pair of a list: the same sum of bits."""
    records = (
        [
            {"first_name": first, "last_name": last, "email": f"{first}@x{n % 3}.com", "person_city": "Bonn"}
            for n, (first, last) in enumerate(
                [("ann", "lee"), ("anne", "lee"), ("bob", "ray"), ("robert", "rey")] * 2
            )
        ]
        if kind is Kind.PEOPLE
        else [
            {"company_name": name, "domain": f"{name}.com", "city": "Bonn", "founded": 2000 + n % 2}
            for n, name in enumerate(["acme", "acmee", "umbrella"] * 2)
        ]
    )
    engine = DuckDBEngine()
    engine.load(
        "rows",
        SCHEMA,
        rows_of([{**record, "tags": [str(n)]} for n, record in enumerate(records)]).to_batches(),
    )
    resolve(engine, Settings(kind))
    model = SUBJECTS[kind].model(dialect_of("duckdb"))
    shown = splink_comparisons(model)
    evidence = engine.arrow("evidence")
    scored = {(row["id_l"], row["id_r"]): row for row in engine.arrow("scored").to_pylist()}
    engine.close()
    connection = duckdb.connect()
    linker = Linker(
        DuckDBAPI(connection).register(evidence),
        {**splink_settings(shown, 0.01), "blocking_rules_to_generate_predictions": ["1=1"],
         "retain_intermediate_calculation_columns": True},
        log_level=None,
    )  # fmt: skip
    predicted = pa.table(linker.inference.predict().as_pyarrow_table()).to_pylist()
    assert predicted
    for row in predicted:
        ours = scored[min(row["id_l"], row["id_r"]), max(row["id_l"], row["id_r"])]
        for comparison in shown:
            levels = next(c for c in model.comparisons if c.name == comparison.name).levels
            level = ours[f"g_{comparison.name}"]
            # Rarity stands in place of u in our step; without it the two must say the same.
            said = 0.0 if level == -1 else math.log2(levels[level].m / levels[level].u)
            assert row[f"mw_{comparison.name}"] == pytest.approx(said, abs=1e-6), comparison.name
            if level >= 0 and not levels[level].rarity:
                assert levels[level].weight == round(said * MILLI)
    connection.close()
