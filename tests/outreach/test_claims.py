"""Sentences that say more than we know are found; honest ones are left alone."""

from __future__ import annotations

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from panout.outreach.rules.claims import Backing, Claim, unsupported

TODAY = date(2026, 11, 20)
CORPUS = Path(__file__).parent / "drafts.jsonl"
SENDER = ("Jo Field", "Claimgate")


def day(text: str | None) -> date | None:
    return date.fromisoformat(text) if text else None


def found_in(row: dict) -> tuple[Claim, ...]:
    backings = [
        Backing(one["text"], one["type"], day(one["as_of"]), one["live"], one["type"] == "proof")
        for one in row["evidence"]
    ]
    known = (row["person"], row["title"], row["company"], row["record"], *SENDER)
    return unsupported(row["text"], backings, known, date.fromisoformat(row["today"]))


def rows(half: str) -> list[dict]:
    every = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    return [row for row in every if row["half"] == half]


def measured(half: str) -> tuple[float, float, list[str]]:
    """Share of planted claims caught in their own sentence, of clean drafts flagged, and what went wrong."""
    caught = planted = flagged = clean = 0
    wrong = []
    for row in rows(half):
        found = found_in(row)
        if row["planted"]:
            planted += 1
            hit = any(
                claim.sentence.rstrip(".!?")[-20:] in row["sentence"] or claim.words in row["sentence"]
                for claim in found
            )
            caught += hit
            if not hit:
                wrong.append(f"missed {row['planted']}: {row['sentence']}")
        else:
            clean += 1
            flagged += bool(found)
            wrong += [
                f"flagged: {row['sentence']} -> {claim.kind} {claim.words!r} in {claim.sentence!r}"
                for claim in found
            ]
    return caught / planted, flagged / clean, wrong


@pytest.mark.parametrize("half", ["develop", "heldout"])
def test_planted_claims_are_caught_and_clean_drafts_are_left_alone(half: str) -> None:
    caught, flagged, wrong = measured(half)
    assert caught >= 0.95, wrong
    assert flagged < 0.03, wrong


def test_the_corpus_is_large_and_has_every_kind() -> None:
    every = rows("develop") + rows("heldout")
    kinds = Counter(row["planted"] for row in every)
    assert len(every) >= 300
    assert all(kinds[kind] >= 20 for kind in ("number", "stale", "event", "praise", "date", "name"))
    assert len({row["sentence"] for row in every}) > 300
