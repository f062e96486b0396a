"""The peers, each as its own documentation shows it. Run in .venv-bench; knows nothing of Panout.

    python resolution_peers.py PEER LIST.csv TRUTH OUT.csv COLUMN...

LIST.csv has a column `id` (0, 1, 2 ...), a column TRUTH (given to dedupe alone, which learns from labelled
pairs)
and the columns to compare. OUT.csv gets `id,cluster`.
"""

from __future__ import annotations

import csv
import random
import resource
import sys
from collections import defaultdict
from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import pandas as pd

MEMORY = 6 * 2**30


def groups(ids: Iterable[int], links: Iterable[tuple[int, int]]) -> dict[int, int]:
    parent = {one: one for one in ids}

    def find(one: int) -> int:
        while parent[one] != one:
            parent[one] = parent[parent[one]]
            one = parent[one]
        return one

    for left, right in links:
        parent[find(left)] = find(right)
    return {one: find(one) for one in parent}


def exact(frame: pd.DataFrame, columns: list[str]) -> dict[int, int]:
    """Exact keys: the same email, number or page; else the same whole name with the same other values."""
    sure = [c for c in columns if c in {"email", "phone", "linkedin", "soc_sec_id", "domain", "website"}]
    links: list[tuple[int, int]] = []
    for keys in [[c] for c in sure] or [columns]:
        known = frame.dropna(subset=keys)
        for _, part in known.groupby(keys):
            ids = part["id"].tolist()
            links += [(ids[0], other) for other in ids[1:]]
    return groups(frame["id"].tolist(), links)


def splink(frame: pd.DataFrame, columns: list[str], threshold: float = 0.95) -> dict[int, int]:
    """Splink with a plain model of its library's comparisons, trained as in its quick start."""
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    made = []
    for column in columns:
        if column in {"dob", "date_of_birth"}:
            made.append(cl.JaroWinklerAtThresholds(column, [0.9, 0.8]))
        elif column == "email":
            made.append(cl.EmailComparison(column))
        elif column in {"phone", "linkedin", "soc_sec_id", "website", "domain"}:
            made.append(cl.LevenshteinAtThresholds(column, [1, 2]))
        elif column in {"city", "suburb", "postcode", "state", "country", "street_number"}:
            made.append(cl.ExactMatch(column).configure(term_frequency_adjustments=True))
        elif column in {"first_name", "given_name", "surname", "last_name"}:
            made.append(cl.NameComparison(column))
        else:
            made.append(cl.JaroWinklerAtThresholds(column, [0.9, 0.7]))
    first = next(c for c in columns if c in {"first_name", "given_name", "name", "company"})
    last = next((c for c in columns if c in {"surname", "last_name"}), None)
    others = [
        c
        for c in columns
        if c in {"email", "dob", "date_of_birth", "postcode", "soc_sec_id", "phone", "website"}
    ]
    rules = [block_on(first, last)] if last else [block_on(first)]
    rules += [block_on(c) for c in others]
    if last:
        rules += [block_on(last, c) for c in columns if c in {"city", "suburb"}]
    settings = SettingsCreator(
        link_type="dedupe_only", unique_id_column_name="id", comparisons=made,
        blocking_rules_to_generate_predictions=rules,
    )  # fmt: skip
    api = DuckDBAPI()
    linker = Linker(api.register(frame[["id", *columns]]), settings)
    linker.training.estimate_probability_two_random_records_match(rules[:2], recall=0.7)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for rule in rules[:2] + rules[-1:]:
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(rule)
        except Exception as error:  # noqa: BLE001 - a rule without pairs is no reason to give a peer up
            print("splink:", type(error).__name__, file=sys.stderr)
    pairs = linker.inference.predict(threshold_match_probability=0.5)
    found = linker.clustering.cluster_pairwise_predictions_at_threshold(
        pairs, threshold_match_probability=threshold
    )
    return {row["id"]: row["cluster_id"] for row in found.as_record_list()}


def recordlinkage_(frame: pd.DataFrame, columns: list[str]) -> dict[int, int]:
    """recordlinkage: blocks, Jaro-Winkler, and its unsupervised ECM classifier."""
    import recordlinkage

    indexed = frame.set_index("id")
    indexer = recordlinkage.Index()
    blocked = [c for c in columns if c not in {"state", "country", "city"}][:6]
    for column in blocked:
        indexer.block(column)
    candidates = indexer.index(indexed)
    compare = recordlinkage.Compare(n_jobs=1)
    for column in columns:
        if column in {"dob", "date_of_birth", "postcode", "soc_sec_id", "phone", "email", "linkedin"}:
            compare.exact(column, column, label=column)
        else:
            compare.string(column, column, method="jarowinkler", threshold=0.85, label=column)
    features = compare.compute(candidates, indexed)
    matches = recordlinkage.ECMClassifier(binarize=0.5).fit_predict(features)
    return groups(frame["id"].tolist(), list(matches))


def dedupe_(frame: pd.DataFrame, columns: list[str], truth: str) -> dict[int, int]:
    """dedupe, trained on 60 true and 120 false pairs drawn from the truth (it cannot do without labels)."""
    import dedupe
    from dedupe import variables

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    data = {
        int(row["id"]): {c: (str(row[c]) if pd.notna(row[c]) and str(row[c]) else None) for c in columns}
        for _, row in frame.iterrows()
    }
    deduper = dedupe.Dedupe([variables.String(c, has_missing=True) for c in columns], num_cores=1)
    deduper.prepare_training(data, sample_size=5000)
    rng = random.Random(1)
    by: dict[str, list[int]] = defaultdict(list)
    for one, who in zip(frame["id"], frame[truth], strict=True):
        by[who].append(int(one))
    true = [pair for members in by.values() for pair in combinations(members, 2)]
    rng.shuffle(true)
    ids = list(data)
    owner = {int(one): who for one, who in zip(frame["id"], frame[truth], strict=True)}
    false = [
        pair for pair in (tuple(rng.sample(ids, 2)) for _ in range(400)) if owner[pair[0]] != owner[pair[1]]
    ]
    deduper.mark_pairs(
        {
            "match": [(data[a], data[b]) for a, b in true[:60]],
            "distinct": [(data[a], data[b]) for a, b in false[:120]],
        }
    )
    deduper.train(recall=0.95)
    found = deduper.partition(data, 0.5)
    return {one: number for number, (members, _) in enumerate(found) for one in members}


def main() -> None:
    peer, path, truth, out, *columns = sys.argv[1:]
    frame = pd.read_csv(path, dtype=dict.fromkeys([*columns, truth], str)).astype({"id": int})
    frame = frame.where(frame.notna(), None)
    match peer:
        case "exact":
            found = exact(frame, columns)
        case "splink":
            found = splink(frame, columns)
        case "splink50":
            found = splink(frame, columns, 0.5)
        case "recordlinkage":
            found = recordlinkage_(frame, columns)
        case "dedupe":
            found = dedupe_(frame, columns, truth)
        case _:
            raise SystemExit(f"no peer is called {peer}")
    with Path(out).open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("id", "cluster"))
        writer.writerows((one, found.get(one, f"alone-{one}")) for one in frame["id"].tolist())


if __name__ == "__main__":
    main()
