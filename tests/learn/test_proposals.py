"""Proposals: slices of equal people stay quiet, slices that are apart are proposed, the words fit the profile."""

from __future__ import annotations

import random

import pytest

from panout.icp.queries import shipped_text
from panout.icp.rules.reading import read_icp
from panout.kernel.errors import BadInput
from panout.learn.rules.proposals import Axis, Kind, Part, changed, proposals
from panout.learn.rules.rates import Count

TEXT = shipped_text("b2b-software")


def test_an_a_a_split_of_equal_people_stays_quiet():
    rng, loud = random.Random(11), 0
    for _ in range(200):
        slices = [[rng.random() < 0.1 for _ in range(120)] for _ in range(8)]
        everybody = sum(map(sum, slices))
        parts = [
            Part(Axis.INDUSTRY, str(n), Count(sum(one), 120), Count(everybody - sum(one), 840))
            for n, one in enumerate(slices)
        ]
        loud += bool(list(proposals(parts)))
    assert loud <= 10  # the promise is one look in twenty


def test_a_slice_apart_from_all_others_is_proposed():
    parts = (
        Part(Axis.INDUSTRY, "Retail", Count(1, 160), Count(70, 300)),
        Part(Axis.PERSONA, "champion", Count(60, 120), Count(20, 300)),
        Part(Axis.SIGNAL, "funding", Count(55, 120), Count(20, 300)),
    )
    found = {(one.kind, one.value): one for one in proposals(parts)}
    assert set(found) == {
        (Kind.RETIRE, "Retail"), (Kind.DOUBLE_DOWN, "champion"), (Kind.WEIGH_SIGNAL, "funding"),
    }  # fmt: skip
    assert all(one.evidence > 100 for one in found.values())


@pytest.mark.parametrize(
    ("kind", "axis", "value", "words"),
    [
        (Kind.RETIRE, Axis.INDUSTRY, "Retail", 'industry = "Retail"'),
        (Kind.DOUBLE_DOWN, Axis.PERSONA, "champion", 'buying_role = "champion"'),
        (Kind.WEIGH_SIGNAL, Axis.SIGNAL, "funding", "weight: 45"),
    ],
)
def test_the_changed_profile_reads_and_keeps_its_comments(kind, axis, value, words):
    text = changed(TEXT, kind, axis, value, better=True, why="because")
    assert words in text
    assert "# Who fits." in text
    read_icp(text, "x")


def test_a_signal_that_the_profile_does_not_name_cannot_be_weighed():
    with pytest.raises(BadInput):
        changed(TEXT, Kind.WEIGH_SIGNAL, Axis.SIGNAL, "eclipse", better=True, why="because")
