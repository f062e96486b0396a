"""Answers to doubtful pairs move the odds of the next ones, and are told in words."""

from __future__ import annotations

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from panout.resolve import actions as resolve
from panout.resolve import queries
from panout.resolve.models import Match
from panout.resolve.rules.answers import MOST_BITS, Answered, corrected, correction, thresholds
from panout.resolve.rules.model import Thresholds
from panout.resolve.rules.pairs import Answer
from panout.team.rules import Person
from tests.cast import NOON
from tests.web.seen import text_of

ODDS = st.floats(0.5, 0.999)


def test_without_answers_nothing_moves() -> None:
    assert correction([]) == 0
    assert thresholds(Thresholds(), 0.0) == Thresholds(pytest.approx(0.99), pytest.approx(0.90))


@given(st.lists(ODDS, min_size=1, max_size=30))
def test_all_the_same_makes_bolder_and_all_different_more_careful(odds: list[float]) -> None:
    same = correction([Answered(one, True) for one in odds])
    different = correction([Answered(one, False) for one in odds])
    assert 0 < same <= MOST_BITS
    assert -MOST_BITS <= different < 0
    assert thresholds(Thresholds(), same).review < 0.90 < thresholds(Thresholds(), different).review


@given(ODDS, st.floats(-3, 3))
def test_correcting_and_back_is_the_same(odds: float, bits: float) -> None:
    assert corrected(corrected(odds, bits), -bits) == pytest.approx(odds, abs=1e-6)


def test_many_answers_bring_the_odds_to_what_was_seen() -> None:
    seen = [Answered(0.85, number % 2 == 0) for number in range(1000)]
    assert corrected(0.85, correction(seen)) == pytest.approx(0.5, abs=0.01)
    few = [Answered(0.95, False)]
    assert 0.85 < corrected(0.95, correction(few)) < 0.95


def test_the_page_says_what_the_answers_taught_and_a_pair_is_not_asked_about_again(
    owner: Person, owner_client: Client
) -> None:
    for number in range(8):
        names = ({"company_name": f"Acme {number}"}, {"company_name": f"Acme {number} Holding"})
        left, right = (resolve.add_account(owner, one, "test", NOON) for one in names)
        pair = Match.objects.create(
            left_account_id=left, right_account_id=right, probability=0.95, found_at=NOON
        )
        answer = Answer.SAME if number == 0 else Answer.DIFFERENT
        resolve.settle_pair(owner, pair.pk, answer, "test", NOON)
    told = queries.taught("account")
    assert (told.answers, told.same, told.different) == (8, 1, 7)
    assert told.bits < -1
    assert queries.taught("contact").answers == 0
    page = text_of(owner_client.get("/review"))
    assert "8 answers about companies: 1 the same, 7 different; 7.6 were reckoned to be the same." in page
    assert "more careful" in page
    left, right = (
        resolve.add_account(owner, {"company_name": n}, "test", NOON) for n in ("Bolt", "Bolt Inc")
    )
    Match.objects.create(left_account_id=left, right_account_id=right, probability=0.95, found_at=NOON)
    assert queries.open_pairs(owner).rows[0].probability < 0.90
