"""What pairs that people have judged teach: by how much each answer of a model should be worth more or less."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from panout.resolve.rules.model import MILLI

# How far the shares are believed to be off before anybody has judged a pair: a standard deviation of 1.4 bits (one
# nat). A few labels then move little, and hundreds move what they speak of.
_BELIEF = 1.0
# One pair is never worth more than this, however wrong the model is about it: some labels are slips.
_MOST_STEPS = 50
_STILL = 1e-6


@dataclass(frozen=True, slots=True)
class Judged:
    """A judged pair: the number of the level that held in each comparison (-1: nothing to compare), the odds in
    thousandths of a bit that the model gives, and what the person said."""

    levels: Sequence[int]
    bits: int
    same: bool


def taught(pairs: Sequence[Judged], sizes: Sequence[int]) -> list[list[int]]:
    """Thousandths of a bit to be added to each level of each comparison (`sizes`: how many levels each has).

    The most likely weights given the answers, by logistic regression around the weights there are: matches and
    differences both count, and pairs picked because they looked doubtful do no harm, for a choice by what is seen of
    a pair leaves the odds given what is seen as they are.
    """
    starts = np.concatenate([[0], np.cumsum(sizes)])
    if not pairs:
        return [[0] * size for size in sizes]
    rows = np.zeros((len(pairs), int(starts[-1])))
    for number, pair in enumerate(pairs):
        for question, level in enumerate(pair.levels):
            if level >= 0:
                rows[number, int(starts[question]) + level] = 1.0
    given = np.array([pair.bits for pair in pairs]) / MILLI * math.log(2)
    said = np.array([1.0 if pair.same else 0.0 for pair in pairs])
    moved = _fitted(rows, given, said)
    bits = np.rint(moved / math.log(2) * MILLI).astype(int).tolist()
    return [bits[int(start) : int(start) + size] for start, size in zip(starts, sizes, strict=False)]


def _fitted(
    rows: NDArray[np.float64], given: NDArray[np.float64], said: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Newton's method on the penalised log-likelihood; convex, so that it ends where it must."""
    moved = np.zeros(rows.shape[1])
    penalty = np.eye(rows.shape[1]) / _BELIEF**2
    for _ in range(_MOST_STEPS):
        odds = np.clip(given + rows @ moved, -60.0, 60.0)
        likely = 1.0 / (1.0 + np.exp(-odds))
        slope = rows.T @ (said - likely) - penalty @ moved
        curve = rows.T @ (rows * (likely * (1.0 - likely))[:, None]) + penalty
        step = np.linalg.solve(curve, slope)
        # Steps of more than two nats leave the region where the curve tells the truth.
        moved += step * min(1.0, 2.0 / max(float(np.abs(step).max()), 1e-12))
        if float(np.abs(step).max()) < _STILL:
            break
    return moved
