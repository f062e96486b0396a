"""Pairs that people have judged: they stand as said, and teach the model what they show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from panout.batch.engine import Engine
from panout.batch.steps import Step
from panout.resolve.rules.labels import Judged, taught
from panout.resolve.rules.model import Model

_SCHEMA = pa.schema([("id_l", pa.int64()), ("id_r", pa.int64()), ("same", pa.bool_())])


@dataclass(frozen=True, slots=True)
class Label:
    """What a person said of two rows, by their row ids."""

    left: int
    right: int
    same: bool


def hold(engine: Engine, labels: Iterable[Label]) -> None:
    """Leave `said` (id_l, id_r, same): what was said, of lines of evidence; the last answer of a pair stands.

    Rows that say word for word the same are one line; there is nothing by which to tell them apart.
    """
    answers = list(labels)
    rows = pa.table({"row_id": sorted({row for label in answers for row in (label.left, label.right)})})
    engine.load("said_rows", rows.schema, rows.to_batches())
    lines = {
        row["row_id"]: row["id"]
        for row in engine.ask(
            "SELECT t.row_id, t.id FROM twins t JOIN said_rows s ON s.row_id = t.row_id"
        ).to_pylist()
    }
    ends = {
        tuple(sorted((lines.get(label.left, label.left), lines.get(label.right, label.right)))): label.same
        for label in answers
    }
    told = [(*pair, same) for pair, same in sorted(ends.items()) if pair[0] != pair[1]]
    columns = list(zip(*told, strict=True)) or [(), (), ()]
    table = pa.table(dict(zip(_SCHEMA.names, columns, strict=True)), schema=_SCHEMA)
    engine.load("said", _SCHEMA, table.to_batches())


def with_said_pairs() -> Step:
    """Candidates, and whatever people were asked about."""
    return Step("candidates", "SELECT id_l, id_r FROM candidates UNION SELECT id_l, id_r FROM said")


def teach(engine: Engine, model: Model, odds: int) -> Model:
    """The model as `said` teaches it; `scored` holds the said pairs, `odds` are those before any comparison, in
    thousandths of a bit. Pairs that a guard decides teach nothing: their weights do not matter."""
    names = [comparison.name for comparison in model.comparisons]
    levels = ", ".join(f"c.g_{name}" for name in names)
    pairs = engine.ask(
        f"SELECT {levels}, c.weight + {odds} AS bits, s.same FROM scored c "
        "JOIN said s ON s.id_l = c.id_l AND s.id_r = c.id_r WHERE c.guard < 0 ORDER BY s.id_l, s.id_r"
    ).to_pylist()
    judged = [Judged([pair[f"g_{name}"] for name in names], pair["bits"], pair["same"]) for pair in pairs]
    moved = taught(judged, [len(comparison.levels) for comparison in model.comparisons])
    return model.taught(_named(model, moved))


def _named(model: Model, moved: Sequence[Sequence[int]]) -> dict[str, dict[str, int]]:
    return {
        comparison.name: {level.name: bits for level, bits in zip(comparison.levels, steps, strict=True)}
        for comparison, steps in zip(model.comparisons, moved, strict=True)
    }
