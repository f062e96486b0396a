"""What a list teaches about itself, without labels: Splink learns, what ships keeps it from running away."""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from panout.batch.dialects import dialect_of
from panout.batch.engine import Engine
from panout.batch.linkage import ComparisonSpec, LevelSpec, learn
from panout.batch.steps import Step
from panout.resolve.rules.model import Model
from panout.resolve.subjects import Subject

# Lines that a model is learned from. More change the shares in the third digit and cost seconds.
_LESSON_ROWS = 8_000
# What the shipped shares count for against what is seen, in pairs.
_TRUST_SHIPPED = 50
_TRUST_STRANGERS = 1_000


def learned(subject: Subject, model: Model, lesson: pa.Table, lines: int) -> Model:
    """The model with shares learned from the lesson, which was taken of so many lines; the same on every engine, for it
    is learned on one."""
    # DuckDB's dialect whatever the engine: the lesson is given there.
    local = subject.model(dialect_of("duckdb"))
    used = _with_values(lesson, local)
    comparisons = [spec for spec in splink_comparisons(local) if spec.name in used]
    seen = learn(lesson, comparisons, subject.lessons, 3 / lesson.num_rows)
    return _blended(model, seen, lesson.num_rows, 3 / lines)


def splink_comparisons(model: Model) -> list[ComparisonSpec]:
    """The part of the model that Splink can be shown: comparisons of columns, without names compared in Python."""
    return [
        ComparisonSpec(
            comparison.name,
            comparison.unknown,
            tuple(
                LevelSpec(level.name, level.sql, level.m, level.u, level.fixed) for level in comparison.levels
            ),
        )
        for comparison in model.comparisons
        if not any("how = " in level.sql or "alike >= " in level.sql for level in comparison.levels)
    ]


def lesson_of(engine: Engine, subject: Subject, lines: int) -> pa.Table:
    """Lines of `evidence` to learn from: all, or those of whole blocks of candidates. A sample of single rows would
    lose the pairs."""
    columns = ", ".join(f"e.{column}" for column in subject.columns)
    if lines <= _LESSON_ROWS:
        sql = f"SELECT e.id, {columns} FROM evidence e ORDER BY e.id"
    else:
        every = max(1, lines // (_LESSON_ROWS // 2))
        engine.run(
            Step(
                "lesson_ids",
                f"""
SELECT id FROM (
  SELECT id_l AS id FROM candidates WHERE id_l % {every} = 0
  UNION SELECT id_r AS id FROM candidates WHERE id_l % {every} = 0
) t ORDER BY id LIMIT {3 * _LESSON_ROWS}""",
            )
        )
        sql = f"SELECT e.id, {columns} FROM evidence e JOIN lesson_ids t ON t.id = e.id ORDER BY e.id"
    return engine.ask(sql)


def _with_values(lesson: pa.Table, model: Model) -> frozenset[str]:
    """Comparisons whose columns hold anything at all; the others would only slow the lesson down."""
    filled = {name for name in lesson.column_names if lesson.column(name).null_count < lesson.num_rows}
    return frozenset(
        comparison.name
        for comparison in model.comparisons
        if any(f"{name}_l" in level.sql for name in filled for level in comparison.levels)
    )


def _blended(
    model: Model,
    seen: Mapping[str, Mapping[str, tuple[float | None, float | None]]],
    lines: int,
    chance: float,
) -> Model:
    """Shares seen, weighed against those shipped. A share among strangers is freed of the copies that random
    pairs hold as well, and that of a value which should point at one person stays as shipped: chance does not
    make two people give one address."""
    copies = max(1.0, chance * lines * lines / 2)
    strangers = min(100_000.0, lines * lines / 2)
    shares: dict[str, dict[str, tuple[float, float]]] = {}
    for comparison in model.comparisons:
        for level in comparison.levels:
            m, u = seen.get(comparison.name, {}).get(level.name, (None, None))
            new_m = (
                level.m if m is None else (m * copies + level.m * _TRUST_SHIPPED) / (copies + _TRUST_SHIPPED)
            )
            new_u = level.u
            if u is not None and not level.crowd:
                new_u = (max(0.0, u - chance * new_m) * strangers + level.u * _TRUST_STRANGERS) / (
                    strangers + _TRUST_STRANGERS
                )
            shares.setdefault(comparison.name, {})[level.name] = (max(new_m, 1e-4), max(new_u, 1e-12))
    return model.learned(shares)
