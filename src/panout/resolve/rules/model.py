"""What a model of sameness is: comparisons, their levels, the weight of each in bits, and the thresholds.

Fellegi and Sunter (1969): a level is worth log2(m / u) bits, m its share among true pairs and u among
strangers.
Weights are whole thousandths of a bit, so that sums are equal on every engine and in every order.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

MILLI = 1000
# No single answer is worth more or less than this, however little or much the data show of it.
_MOST_BITS = 40.0


class Decision(StrEnum):
    """What is to happen to a pair."""

    MERGE = "merge"
    REVIEW = "review"
    DIFFERENT = "different"


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Probabilities. At or above `merge` a machine joins; at or above `review` a person is asked."""

    merge: float = 0.99
    review: float = 0.90

    def decide(self, probability: float) -> Decision:
        if probability >= self.merge:
            return Decision.MERGE
        return Decision.REVIEW if probability >= self.review else Decision.DIFFERENT


@dataclass(frozen=True, slots=True)
class Level:
    """One answer to a comparison. `sql` speaks of `<column>_l` and `<column>_r`; empty in the last level.

    `rarity` names a column of the evidence, in thousandths of a bit, that says how rare the shared value
    is; it
    then stands in place of u. `crowd` names one that is taken off, for a value that several people give.
    `fixed`: the data cannot teach it (it would need truth), so training leaves it alone. `taught`: thousandths of a
    bit that pairs judged by people add to what the shares say.
    """

    name: str
    sql: str
    words: str
    m: float
    u: float
    rarity: str = ""
    crowd: str = ""
    fixed: bool = False
    taught: int = 0

    @property
    def weight(self) -> int:
        """Thousandths of a bit, without rarity and crowd."""
        bits = math.log2(self.m) if self.rarity else math.log2(self.m / self.u)
        return round(MILLI * max(-_MOST_BITS, min(_MOST_BITS, bits))) + self.taught


@dataclass(frozen=True, slots=True)
class Comparison:
    """One question about two rows. `unknown` is SQL that holds when there is nothing to compare."""

    name: str
    unknown: str
    levels: tuple[Level, ...]

    def learned(self, shares: Mapping[str, tuple[float, float]]) -> Comparison:
        """With other (m, u) by level name; levels that are fixed or not named stay as they are."""
        return replace(
            self,
            levels=tuple(
                replace(level, m=shares[level.name][0], u=shares[level.name][1])
                if level.name in shares and not level.fixed
                else level
                for level in self.levels
            ),
        )


@dataclass(frozen=True, slots=True)
class Guard:
    """Pairs that look alike because they share what strangers share. `sql` may speak of columns and of
    `g_<name>`
    (the number of the level that held, the first is 0, unknown is -1). Weights above `most_bits` become
    that."""

    name: str
    sql: str
    words: str
    most_bits: float


@dataclass(frozen=True, slots=True)
class Model:
    """Everything that a score needs but the rows. `columns` are the columns of the evidence that it speaks
    of."""

    kind: str
    columns: tuple[str, ...]
    comparisons: tuple[Comparison, ...]
    guards: tuple[Guard, ...] = ()

    def learned(self, shares: Mapping[str, Mapping[str, tuple[float, float]]]) -> Model:
        return replace(
            self,
            comparisons=tuple(
                comparison.learned(shares.get(comparison.name, {})) for comparison in self.comparisons
            ),
        )

    def taught(self, bits: Mapping[str, Mapping[str, int]]) -> Model:
        """With thousandths of a bit added, by comparison and level."""
        return replace(
            self,
            comparisons=tuple(
                replace(
                    comparison,
                    levels=tuple(
                        replace(level, taught=level.taught + bits.get(comparison.name, {}).get(level.name, 0))
                        for level in comparison.levels
                    ),
                )
                for comparison in self.comparisons
            ),
        )


def prior_bits(chance: float) -> float:
    """The odds, in bits, of two rows being one before anything is compared."""
    return math.log2(chance / (1 - chance))


def probability(bits: float) -> float:
    """Of odds in bits."""
    return 1 / (1 + 2 ** -max(-200.0, min(200.0, bits)))


def bits_of(wanted: float) -> float:
    """The odds in bits of a probability; the inverse of `probability`."""
    return math.log2(wanted / (1 - wanted))
