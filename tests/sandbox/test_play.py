"""Panout on the stage: the same seed twice is the same history, and every channel is truly worked."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from panout_sandbox import rep, spray
from panout_sandbox.market import load
from panout_sandbox.world import make

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
pytestmark = pytest.mark.xdist_group("sandbox")


def _played(seed: int, days: int = 4):
    market = replace(load(EXAMPLES / "markets" / "data-tools.yaml"), companies=60)
    world = make(market, seed, days)
    icp = EXAMPLES / "icp" / "b2b-software.yaml"
    return rep.play(world, seed, days, spray.Capacity(), icp).outcomes()


def test_the_same_seed_twice_is_the_same_history():
    first = _played(3)
    assert first["contacts"] > 0
    assert {"mail", "social"} <= set(first["touches_by_kind"])
    assert _played(3) == first
