"""Panout on the stage: the same seed twice is the same history, and nobody is written to after a wish."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from panout_sandbox import rep, spray
from panout_sandbox.market import load
from panout_sandbox.world import make

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
pytestmark = pytest.mark.xdist_group("sandbox")


DAYS = 8


def _played(seed: int):
    told = load(EXAMPLES / "markets" / "data-tools.yaml")
    # A touchy market: nobody is won, and who answers mostly asks to be left alone.
    market = replace(
        told, companies=200, read=0.9, answer=0.95, welcome_base=-12.0, stale=0.3,
        classes={"unsubscribe": 0.5, "do_not_contact": 0.3, "not_interested": 0.2},
    )  # fmt: skip
    world = make(market, seed, DAYS)
    icp = EXAMPLES / "icp" / "b2b-software.yaml"
    return rep.play(world, seed, DAYS, spray.Capacity(), icp).outcomes()


def test_the_same_seed_twice_is_the_same_history_and_wishes_hold():
    first = _played(3)
    assert first["contacts"] > 0
    # There were wishes and bounces, and nobody who made one got another mail.
    assert first["opt_outs_per_100"] > 0
    assert first["bounces_per_100"] > 0
    assert first["mails_after_wish"] == 0
    assert _played(3) == first
