"""What the board may say, and how often it may be wrong."""

from __future__ import annotations

import math
import random
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panout.learn.rules.evidence import hits_to_keep, log_e_above, log_e_apart, log_e_below, smallest_visible
from panout.learn.rules.rates import JEFFREYS, Count, Prior, chance_above, chance_better, pooled_prior, rate
from panout.learn.rules.verdicts import Bar, Call, judge

REVIEW, BEFORE = date(2026, 12, 7), date(2026, 11, 30)


def call(hits, tried, today=REVIEW, baseline=0.05):
    return judge(Count(hits, tried), 100, baseline, JEFFREYS, REVIEW, today, Bar()).call


@pytest.mark.parametrize(
    ("hits", "tried", "today", "expected"),
    [
        (4, 30, BEFORE, Call.RUNNING),  # the "winner at thirty" that other tools crown
        (18, 100, REVIEW, Call.KEEP),
        (18, 100, BEFORE, Call.KEEP),
        (6, 100, REVIEW, Call.ITERATE),
        (0, 30, REVIEW, Call.ITERATE),
        (0, 0, REVIEW, Call.ITERATE),
        (0, 150, REVIEW, Call.KILL),
    ],
)
def test_a_campaign_is_called_only_when_its_evidence_is_enough(hits, tried, today, expected):
    assert call(hits, tried, today) is expected


def test_every_finding_says_what_could_not_have_been_seen():
    finding = judge(Count(6, 100), 100, 0.05, JEFFREYS, REVIEW, REVIEW, Bar())
    assert finding.smallest_visible is not None
    assert 0.1 < finding.smallest_visible < 0.25
    assert f"{100 * finding.smallest_visible:.0f} %" in finding.why


def ever(process):
    return any(value >= math.log(20) for value in process)


def test_looking_after_every_contact_calls_few_false_winners():
    rng, false = random.Random(7), 0
    for _ in range(600):
        hits = 0
        looks = []
        for tried in range(1, 151):
            hits += rng.random() < 0.05
            looks.append(log_e_above(Count(hits, tried), 0.05))
        false += ever(looks)
    assert false / 600 <= 0.05


def test_an_a_a_split_stays_quiet_and_a_real_difference_is_found():
    rng = random.Random(11)

    def share(left, right):
        found = 0
        for _ in range(200):
            one = [rng.random() < left for _ in range(150)]
            two = [rng.random() < right for _ in range(150)]
            found += ever(log_e_apart(one[:size], two[:size]) for size in range(10, 151, 10))
        return found / 200

    assert share(0.08, 0.08) <= 0.05
    assert share(0.05, 0.30) >= 0.8


def test_pooling_pulls_a_small_campaign_to_the_team_and_leaves_a_large_one_alone():
    team = [Count(5, 100), Count(6, 110), Count(4, 90), Count(5, 120), Count(7, 130)]
    prior = pooled_prior(team)
    assert 0.03 < prior.mean < 0.08
    lucky, proven = rate(Count(3, 10), prior), rate(Count(300, 1000), prior)
    assert lucky.expected < 0.2
    assert proven.expected == pytest.approx(0.3, abs=0.05)


@given(st.integers(0, 200), st.integers(0, 200))
def test_rates_and_chances_stay_in_their_bounds(hits, misses):
    found = rate(Count(hits, hits + misses))
    assert 0 <= found.low <= found.expected <= found.high <= 1
    assert 0 <= chance_above(Count(hits, hits + misses), 0.1) <= 1


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 60), st.integers(0, 60))
def test_the_chance_to_be_better_is_fair_between_the_two(a, b, c, d):
    left, right = Count(a, a + b), Count(c, c + d)
    assert chance_better(left, right) + chance_better(right, left) == pytest.approx(1, abs=1e-3)


@given(st.integers(1, 200), st.floats(0.01, 0.5))
def test_more_hits_are_never_less_evidence_for_better(tried, baseline):
    above = [log_e_above(Count(hits, tried), baseline) for hits in range(tried + 1)]
    below = [log_e_below(Count(hits, tried), baseline) for hits in range(tried + 1)]
    assert above == sorted(above)
    assert below == sorted(below, reverse=True)


def test_more_contacts_show_smaller_effects():
    seen = [smallest_visible(size, 0.05) for size in (50, 100, 150, 400)]
    assert seen == sorted(seen, reverse=True)
    assert hits_to_keep(100, 0.05) is not None
    assert Prior(2, 38).mean == 0.05
