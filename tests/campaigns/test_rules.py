"""Who gets which arm, and whether a campaign is one hypothesis."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date

import pytest

from panout.campaigns.rules.allotment import Arm, fixed_arm, is_held_out, thompson_arm
from panout.campaigns.rules.design import Draft, Habits, warnings, working_days_between

GOOD = Draft(
    "Data teams that hire lack lineage", 100, ("hiring",), 2, date(2026, 11, 23), date(2026, 12, 3), 2
)


def test_a_person_keeps_their_arm_and_the_weights_hold_over_many():
    arms = [Arm("a", 3), Arm("b", 1)]
    got = Counter(fixed_arm("c1", str(person), arms).key for person in range(4000))
    assert 0.72 < got["a"] / 4000 < 0.78
    assert fixed_arm("c1", "7", arms) == fixed_arm("c1", "7", arms)


def test_arms_of_two_campaigns_are_not_the_same_split():
    arms = [Arm("a"), Arm("b")]
    same = sum(fixed_arm("c1", str(n), arms) == fixed_arm("c2", str(n), arms) for n in range(2000))
    assert 900 < same < 1100


def test_the_hold_out_is_its_share_and_independent_of_the_arm():
    held = [str(n) for n in range(4000) if is_held_out("c1", str(n), 0.1)]
    assert 340 < len(held) < 460
    in_a = sum(fixed_arm("c1", person, [Arm("a"), Arm("b")]).key == "a" for person in held)
    assert 0.4 < in_a / len(held) < 0.6


def test_an_arm_without_weight_gets_nobody_and_no_arm_is_an_error():
    assert {fixed_arm("c", str(n), [Arm("a", 0), Arm("b", 1)]).key for n in range(50)} == {"b"}
    with pytest.raises(ValueError, match="at least one arm"):
        fixed_arm("c", "1", [])


def test_thompson_sampling_leans_to_the_better_arm_and_is_repeatable():
    arms = [Arm("weak", hits=2, tried=60), Arm("strong", hits=15, tried=60)]
    picks = Counter(thompson_arm(arms, random.Random(seed)).key for seed in range(300))
    assert picks["strong"] > 270
    assert thompson_arm(arms, random.Random(1)) == thompson_arm(arms, random.Random(1))


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"contacts": 20}, "teach little"),
        ({"contacts": 400}, "more than a hypothesis needs"),
        ({"signals": ("a", "b", "c")}, "nobody knows which"),
        ({"signals": ()}, "why now"),
        ({"parallel": 4}, "blur each other"),
        ({"review_on": date(2026, 11, 25)}, "working days away"),
        ({"arms": 4}, "only large effects"),
        ({"hypothesis": " "}, "No hypothesis"),
    ],
)
def test_what_is_unusual_is_said(change, word):
    fields = {name: getattr(GOOD, name) for name in Draft.__dataclass_fields__}
    assert any(word in warning for warning in warnings(Draft(**{**fields, **change}), Habits()))


def test_a_usual_campaign_has_nothing_to_be_warned_of():
    assert not list(warnings(GOOD, Habits()))
    assert working_days_between(date(2026, 11, 20), date(2026, 11, 23)) == 1
