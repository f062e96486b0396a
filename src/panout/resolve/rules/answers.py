"""What the answers to doubtful pairs teach: how much likelier, or less likely, pairs are one than was reckoned."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from panout.resolve.rules.model import Thresholds, bits_of, probability

# How far the odds are believed to be off before anybody has answered: a standard deviation of half a nat (0.7 bits).
# A handful of answers then moves little, and fifty that all say the same move much.
_BELIEF = 0.5
# Further than this no number of answers goes: the pairs asked about are those at the edge, not all pairs.
MOST_BITS = 3.0
_STILL = 1e-9


@dataclass(frozen=True, slots=True)
class Answered:
    """A pair that a person has judged: how likely it was reckoned to be one, and what they said."""

    probability: float
    same: bool


def correction(answers: Sequence[Answered]) -> float:
    """Bits to be added to every pair's odds: logistic regression with an intercept alone, held near nought by belief.

    Newton's method; the penalised likelihood has one summit.
    """
    odds = [bits_of(min(max(one.probability, 0.001), 0.999)) * math.log(2) for one in answers]
    moved = 0.0
    for _ in range(50):
        likely = [1 / (1 + math.exp(-(given + moved))) for given in odds]
        slope = sum(one.same - held for one, held in zip(answers, likely, strict=True)) - moved / _BELIEF**2
        curve = sum(held * (1 - held) for held in likely) + 1 / _BELIEF**2
        moved += max(-1.0, min(1.0, slope / curve))
        if abs(slope / curve) < _STILL:
            break
    return max(-MOST_BITS, min(MOST_BITS, moved / math.log(2)))


def corrected(reckoned: float, bits: float) -> float:
    """A probability as the answers so far see it."""
    return probability(bits_of(min(max(reckoned, 1e-9), 1 - 1e-9)) + bits)


def thresholds(usual: Thresholds, bits: float) -> Thresholds:
    """From which reckoned probability a machine joins and a person is asked, once answers have moved the odds."""
    return Thresholds(corrected(usual.merge, -bits), corrected(usual.review, -bits))
