"""What Splink is told, and asked, when a model of sameness is to be learned; Splink itself waits until then.

Scoring is done by our own steps, so most runs never need it: it brings pandas and sqlglot along, which together
take longer to load than a short list takes to sift.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module

import pyarrow as pa

Shares = dict[str, dict[str, tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class LevelSpec:
    """One level in Splink's terms; `fixed` keeps its shares as given."""

    name: str
    sql: str
    m: float
    u: float
    fixed: bool


@dataclass(frozen=True, slots=True)
class ComparisonSpec:
    """One comparison in Splink's terms: a null level, then the levels, the last without SQL."""

    name: str
    unknown: str
    levels: tuple[LevelSpec, ...]


def settings(comparisons: Sequence[ComparisonSpec], chance: float) -> dict[str, object]:
    """The model as Splink writes it down; anybody can load it there."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "id",
        "probability_two_random_records_match": chance,
        "retain_matching_columns": False,
        "retain_intermediate_calculation_columns": False,
        "blocking_rules_to_generate_predictions": [],
        "comparisons": [
            {
                "output_column_name": comparison.name,
                "comparison_levels": [
                    {
                        "sql_condition": comparison.unknown,
                        "label_for_charts": "unknown",
                        "is_null_level": True,
                    },
                    *(
                        {
                            "sql_condition": level.sql or "ELSE",
                            "label_for_charts": level.name,
                            "m_probability": level.m,
                            "u_probability": level.u,
                            "fix_m_probability": level.fixed,
                            "fix_u_probability": level.fixed,
                        }
                        for level in comparison.levels
                    ),
                ],
            }
            for comparison in comparisons
        ],
    }


def learn(
    evidence: pa.Table, comparisons: Sequence[ComparisonSpec], rules: Sequence[str], chance: float
) -> Shares:
    """`lessons.learn`."""
    learned: Shares = import_module("panout.batch.lessons").learn(evidence, comparisons, rules, chance)
    return learned
