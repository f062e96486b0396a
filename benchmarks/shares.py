"""Shares for people, counted on generated people of whom it is known who is who.

    python -m benchmarks.shares [--rows 30000] [--seed 71] [--out src/panout/resolve/shares.json]

What is written there ships in place of the shares in the code. It is not done: with the counted shares, FEBRL 1 without
numbers and birth dates fell from F1 0.999 to 0.992 (others stayed), so those in the code ship until a generator does no
harm anywhere.

m is counted on all pairs of rows that are one, u on random pairs of strangers; both are weighed against the shares
written in the code, which stand for what the generator does not make (personal numbers, regions, second address
lines). Companies keep the shares written in the code: no generator of companies has earned trust yet.
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from tempfile import TemporaryDirectory

import pyarrow as pa

from benchmarks.resolution_people import HEADER, people
from panout.batch.dialects import dialect_of
from panout.batch.engine import DuckDBEngine, Engine
from panout.resolve.matching import gather
from panout.resolve.rules.model import Model
from panout.resolve.steps import pairs as pair_steps
from panout.resolve.subjects import SUBJECTS, Extras, Kind
from panout.sources.files.lists import read_lists
from panout.sources.files.relations import ROWS_SCHEMA

STRANGERS = 300_000
# What the code's shares count for, in pairs that held the level: the rarer a level, the longer they are believed. Much
# for m, for the generator's errors are a guess at those of real lists; little for u, which names of people decide.
TRUST_TRUE = 100
TRUST_STRANGERS = 2

Counts = Mapping[str, Mapping[int, int]]


def counted(engine: Engine, model: Model, pairs: Sequence[tuple[int, int]]) -> Counts:
    """How often each level held, by comparison."""
    table = pa.table(
        {"id_l": [min(pair) for pair in pairs], "id_r": [max(pair) for pair in pairs]},
        schema=pa.schema([("id_l", pa.int64()), ("id_r", pa.int64())]),
    )
    engine.load("asked", table.schema, table.to_batches())
    engine.run(pair_steps.scores(model, pairs="asked", named=False, name="counted"))
    return {
        comparison.name: {
            row["level"]: row["n"]
            for row in engine.ask(
                f"SELECT g_{comparison.name} AS level, count(*) AS n FROM counted GROUP BY 1"
            ).to_pylist()
            if row["level"] >= 0
        }
        for comparison in model.comparisons
    }


def shares(model: Model, true: Counts, strangers: Counts) -> dict[str, dict[str, list[float]]]:
    found: dict[str, dict[str, list[float]]] = {}
    for comparison in model.comparisons:
        ones, others = true[comparison.name], strangers[comparison.name]
        if not ones:
            continue
        found[comparison.name] = {
            level.name: [
                _weighed(ones, place, level.m, TRUST_TRUE),
                # Chance does not make two people give one address: what points at one person stays as written.
                level.u if level.crowd else _weighed(others, place, level.u, TRUST_STRANGERS),
            ]
            for place, level in enumerate(comparison.levels)
            if not level.fixed
        }
    return found


def _weighed(counts: Mapping[int, int], place: int, written: float, trust: int) -> float:
    return float(f"{(counts.get(place, 0) + trust) / (sum(counts.values()) + trust / written):.4g}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--rows", type=int, default=30_000)
    asked.add_argument("--seed", type=int, default=71)
    asked.add_argument("--out", type=Path, default=Path("shares.json"))
    given = asked.parse_args()
    made = list(people(given.rows, seed=given.seed))
    subject, dialect = SUBJECTS[Kind.PEOPLE], dialect_of("duckdb")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "people.csv"
        # Quoted throughout; what the list's reader does with it is part of what a row's evidence is.
        path.write_text(
            "\n".join(
                ",".join(f'"{cell}"' for cell in cells)
                for cells in (HEADER[:-1], *(p.cells()[:-1] for p in made))
            )
        )
        engine = DuckDBEngine(Path(folder) / "engine")
        engine.load("rows", ROWS_SCHEMA, read_lists([path], work_dir=Path(folder) / "lists"))
        gather(engine, subject, dialect, Extras())
        lines = {
            row["id"]: row["row"]
            for row in engine.ask(
                "SELECT e.id, r.row FROM evidence e JOIN rows r ON r.row_id = e.id"
            ).to_pylist()
        }
        who = {line: made[row].truth for line, row in lines.items()}
        model = subject.model(dialect)
        by: dict[int, list[int]] = defaultdict(list)
        for line, one in who.items():
            by[one].append(line)
        true = [pair for together in by.values() for pair in combinations(sorted(together), 2)]
        rng, ids = random.Random(given.seed), sorted(who)
        drawn = ((rng.choice(ids), rng.choice(ids)) for _ in range(STRANGERS))
        strangers = [pair for pair in drawn if who[pair[0]] != who[pair[1]]]
        told = {"people": shares(model, counted(engine, model, true), counted(engine, model, strangers))}
        engine.close()
    given.out.write_text(json.dumps(told, indent=1) + "\n", encoding="utf-8")
    print(
        f"{Counter(map(len, by.values())).most_common(3)}: {len(true):,} true pairs, {len(strangers):,} of strangers"
    )


if __name__ == "__main__":
    main()
