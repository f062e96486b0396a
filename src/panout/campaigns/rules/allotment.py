"""Which arm a person gets, and who is held out."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from panout.kernel.chance import place_of


@dataclass(frozen=True, slots=True)
class Arm:
    """One variant. `weight` is its share under fixed allotment; hits and tried feed Thompson sampling."""

    key: str
    weight: float = 1.0
    hits: int = 0
    tried: int = 0


def is_held_out(campaign: str, person: str, share: float) -> bool:
    """Whether this person is left alone on purpose, to measure what would have happened anyway."""
    return place_of(f"{campaign}/holdout", person) < share


def fixed_arm(campaign: str, person: str, arms: Sequence[Arm]) -> Arm:
    """The arm by weight; deterministic, so that a repeated question gets the same answer."""
    if not arms or sum(arm.weight for arm in arms) <= 0:
        raise ValueError("a campaign needs at least one arm with a weight above 0")
    point = place_of(f"{campaign}/arm", person) * sum(arm.weight for arm in arms)
    for arm in arms:
        point -= arm.weight
        if point < 0:
            return arm
    return next(arm for arm in reversed(arms) if arm.weight > 0)


def thompson_arm(arms: Sequence[Arm], rng: random.Random) -> Arm:
    """The arm whose rate, drawn from its beta posterior (Jeffreys' prior), is highest (Thompson 1933)."""
    if not arms:
        raise ValueError("a campaign needs at least one arm")
    return max(arms, key=lambda arm: rng.betavariate(arm.hits + 0.5, arm.tried - arm.hits + 0.5))
