"""Splink: teaches a model of sameness from unlabelled (or labelled) data. Loaded by `linkage` when asked for."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import suppress

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker
from splink.internals.exceptions import EMTrainingException, SplinkException

from panout.batch.linkage import ComparisonSpec, Shares, settings

# It warns of every level that a list happens not to show; those keep the shares that ship.
logging.getLogger("splink").setLevel(logging.CRITICAL)

# Random pairs looked at for the shares among strangers; they show anything commoner than 1 in 10,000.
_STRANGERS = 200_000
# Blocked pairs looked at in each round of expectation maximisation.
_BLOCKED = 100_000
_SEED = 20_240_229


def learn(
    evidence: pa.Table, comparisons: Sequence[ComparisonSpec], rules: Sequence[str], chance: float
) -> Shares:
    """What Splink learns of m and u from the rows themselves: u from random pairs, m by expectation
    maximisation
    over the pairs that each of `rules` makes (SQL on l and r). Comparisons without any pair are not in the
    answer.

    Runs in a DuckDB of its own, on whatever sample it is handed, so that the model does not depend on the
    engine.
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


def learn_from_labels(
    evidence: pa.Table, comparisons: Sequence[ComparisonSpec], labels: pa.Table, chance: float
) -> Shares:
    """The same from pairs that people have judged; `labels` has id_l, id_r of pairs that are one."""
    linker = _linker(evidence, comparisons, chance)
    linker.training.estimate_u_using_random_sampling(max_pairs=_STRANGERS, seed=_SEED, num_chunks=1)
    table = pa.table(
        {
            "source_dataset_l": pa.array(["evidence"] * labels.num_rows),
            "id_l": labels.column("id_l"),
            "source_dataset_r": pa.array(["evidence"] * labels.num_rows),
            "id_r": labels.column("id_r"),
            "clerical_match_score": pa.array([1.0] * labels.num_rows),
        }
    )
    linker.training.estimate_m_from_pairwise_labels(linker._db_api.register(table))  # type: ignore[no-untyped-call]  # noqa: SLF001
    return _shares(linker)


def _linker(evidence: pa.Table, comparisons: Sequence[ComparisonSpec], chance: float) -> Linker:
    connection = duckdb.connect(
        config={"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    )
    return Linker(DuckDBAPI(connection).register(evidence), settings(comparisons, chance), log_level=None)


def _shares(linker: Linker) -> Shares:
    learned: Shares = {}
    for comparison in linker.misc.save_model_to_json()["comparisons"]:
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        learned[comparison["output_column_name"]] = {
            level["label_for_charts"]: (level["m_probability"], level["u_probability"]) for level in levels
        }
    return learned
