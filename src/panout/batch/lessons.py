"""Splink: teaches a model of sameness from unlabelled data. Loaded by `linkage` when asked for."""

from __future__ import annotations

import logging
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker
from splink.internals.exceptions import EMTrainingException, SplinkException

from panout.batch.linkage import ComparisonSpec, Shares, settings

# It warns of every level that a list happens not to show; those keep the shares that ship.
logging.getLogger("splink").setLevel(logging.CRITICAL)

# Random pairs looked at for the shares among strangers; they show anything commoner than 1 in 5,000.
_STRANGERS = 100_000
# Blocked pairs looked at in each round of expectation maximisation. Twice as many of both moved no F1 by more than
# 0.0006 and took half a second more.
_BLOCKED = 50_000
_SEED = 20_240_229


def learn(
    evidence: pa.Table, comparisons: Sequence[ComparisonSpec], rules: Sequence[str], chance: float
) -> Shares:
    """What Splink learns of m and u from the rows themselves: u from random pairs, m by expectation
    maximisation over the pairs that each of `rules` makes (SQL on l and r). Comparisons without any pair are not in
    the answer.

    Runs in a DuckDB of its own, on whatever sample it is handed, so that the model does not depend
    on the engine.
    """
    linker = _linker(evidence, comparisons, chance)
    linker.training.estimate_u_using_random_sampling(max_pairs=_STRANGERS, seed=_SEED, num_chunks=1)
    for rule in rules:
        # A rule that finds no pair in this list teaches nothing; the others may.
        # A round that runs away (every pair a copy, or none) ends in a ValueError of Splink's own checks.
        with suppress(EMTrainingException, SplinkException, ValueError):
            linker.training.estimate_parameters_using_expectation_maximisation(
                rule, estimate_without_term_frequencies=True, max_pairs=_BLOCKED, record_sample_proportion=1.0
            )
    return _shares(linker)


def _linker(evidence: pa.Table, comparisons: Sequence[ComparisonSpec], chance: float) -> Linker:
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    )
    named = [_named(connection, comparison) for comparison in comparisons]
    return Linker(DuckDBAPI(connection).register(evidence), settings(named, chance), log_level=None)


# What Splink must read to know which columns a level says to be equal.
_EQUAL = re.compile(r"(\w+)_l = \1_r")
_COLUMN = re.compile(r"\b\w+_[lr]\b")


def _named(connection: duckdb.DuckDBPyConnection, comparison: ComparisonSpec) -> ComparisonSpec:
    """The same comparison with its longer conditions behind names. Splink has every condition brought into a normal
    form, several times over, which takes longer than all the counting; a call is in it already."""

    def behind(name: str, sql: str) -> str:
        if not sql or _EQUAL.fullmatch(sql):
            return sql
        columns = ", ".join(sorted(set(_COLUMN.findall(sql))))
        connection.execute(f"CREATE OR REPLACE MACRO {name}({columns}) AS ({sql})").fetchall()
        return f"{name}({columns})"

    return replace(
        comparison,
        unknown=behind(f"unknown_{comparison.name}", comparison.unknown),
        levels=tuple(
            replace(level, sql=behind(f"level_{comparison.name}_{level.name}", level.sql))
            for level in comparison.levels
        ),
    )


def _shares(linker: Linker) -> Shares:
    learned: Shares = {}
    for comparison in linker.misc.save_model_to_json()["comparisons"]:
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        learned[comparison["output_column_name"]] = {
            level["label_for_charts"]: (level["m_probability"], level["u_probability"]) for level in levels
        }
    return learned
