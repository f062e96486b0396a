"""Sentences that say more than we know are found; honest ones are left alone."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from panout.outreach.rules.claims import Backing, Claim, unsupported

TODAY = date(2026, 11, 20)
CORPUS = Path(__file__).parent / "drafts.jsonl"
WHOLE = Path(__file__).parent / "corpus"
# Whole mails in the order they were written; the last four by writers who knew nothing of the rules.
WHOLE_MAILS = ("field", "fresh", "last", "blind-1", "blind-2", "blind-3", "blind-4")
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
    if half in WHOLE_MAILS:
        return whole_mails((WHOLE / f"{half}.txt").read_text("utf-8"))
    every = [json.loads(line) for line in CORPUS.read_text("utf-8").splitlines()]
    return [row for row in every if row["half"] == half]


def whole_mails(text: str) -> list[dict]:
    """Drafts of a file of scenarios: the person, what we know, and mails as "* clean" or "* KIND"."""
    found = []
    for scenario in text.split("\n= ")[1:]:
        head, *mails = scenario.split("\n* ")
        who, *told = head.strip().splitlines()
        person, title, company, record = (part.strip() for part in who.split("|"))
        known = {"person": person, "title": title, "company": company, "record": record}
        evidence = [_piece(*(part.strip() for part in line.split("|", 1))) for line in told]
        for mail in mails:
            kind, _, body = mail.partition("\n")
            planted = "" if kind.strip() == "clean" else kind.strip()
            words = " ".join(re.findall(r"\{(.+?)\}", body))
            sentence = next((line for line in body.splitlines() if "{" in line), "").strip("{}")
            found.append(
                {
                    **known, "evidence": evidence, "planted": planted, "words": words, "today": "2026-11-20",
                    "text": re.sub(r"[{}]", "", body).strip(), "sentence": re.sub(r"[{}]", "", sentence),
                }
            )  # fmt: skip
    return found


def _piece(head: str, text: str) -> dict:
    """live KIND DAY | text, stale KIND DAY | text, proof | text"""
    state, kind, on = ([*head.split(), "proof", ""] if head == "proof" else head.split())[:3]
    return {"type": kind, "as_of": on or None, "live": state != "stale", "text": text}


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


# Floors lie a little under what is reached: what is still wrong in them stays so, rather than be fitted.
@pytest.mark.parametrize(
    ("half", "least", "most"),
    [
        ("develop", 0.93, 0.03),
        ("heldout", 0.95, 0.03),
        ("field", 0.93, 0.06),
        ("fresh", 0.93, 0.06),
        ("last", 0.85, 0.15),
        ("blind-1", 0.95, 0.05),
        ("blind-2", 0.85, 0.1),
        ("blind-3", 0.95, 0.05),
        ("blind-4", 0.85, 0.2),
    ],
)
def test_planted_claims_are_caught_and_clean_drafts_are_left_alone(
    half: str, least: float, most: float
) -> None:
    caught, flagged, wrong = measured(half)
    assert caught >= least, wrong
    assert flagged < most, wrong


def test_the_corpus_is_large_and_has_every_kind() -> None:
    every = rows("develop") + rows("heldout")
    kinds = Counter(row["planted"] for row in every)
    assert len(every) >= 300
    assert all(kinds[kind] >= 20 for kind in ("number", "stale", "event", "praise", "date", "name"))
    assert len({row["sentence"] for row in every}) > 300


@pytest.mark.parametrize(
    "run", ["1" * 40, "a@" * 3000, "1 " * 3000, "more " * 2000, "Aa " * 2000, "- " * 3000]
)
def test_no_text_keeps_the_check_busy(run: str) -> None:
    """Signals quote the web, so their words are anybody's; a pattern that tries every cut would not end."""
    assert isinstance(unsupported(f"We saved 9 {run}", (), ("Ann Lee",), TODAY), tuple)
