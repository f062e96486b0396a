"""Evidence that may be looked at any day: test martingales (e-processes), not p-values.

A p-value looked at daily calls winners that are not there. An e-process may be watched, stopped and
restarted at will: when nothing is there, the chance that it EVER passes 1/alpha is at most alpha
(Ville's inequality). Methods: mixture likelihood ratio for one rate (Robbins 1970); safe test for two
proportions in blocks of one and one (Turner, Ly, Gruenwald, "Generic E-variables for exact sequential
k-sample tests", 2024), with plug-in alternatives learnt from the blocks before.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from scipy import special, stats

from panout.learn.rules.rates import Count


def log_e_above(count: Count, baseline: float, prior_weight: float = 20.0) -> float:
    """Log of the evidence that a rate is above `baseline` (0 to 1, exclusive).

    The alternative mixes rates above the baseline by a beta prior cut off there, centred at twice it.
    """
    return _log_mixture(count.hits, count.tried, baseline, min(0.9, 2 * baseline), prior_weight, upper=True)


def log_e_below(count: Count, baseline: float, prior_weight: float = 20.0) -> float:
    """Log of the evidence that a rate is below `baseline`; the alternative is centred at a third of it."""
    return _log_mixture(count.hits, count.tried, baseline, baseline / 3, prior_weight, upper=False)


@lru_cache(maxsize=65536)
def _log_mixture(
    hits: int, tried: int, baseline: float, centre: float, weight: float, *, upper: bool
) -> float:
    if not 0 < baseline < 1:
        raise ValueError(f"a baseline lies between 0 and 1, not at {baseline}")
    a, b = centre * weight, (1 - centre) * weight
    tail = stats.beta.logsf if upper else stats.beta.logcdf
    likelihood = special.betaln(a + hits, b + tried - hits) - special.betaln(a, b)
    cut = tail(baseline, a + hits, b + tried - hits) - tail(baseline, a, b)
    null = hits * math.log(baseline) + (tried - hits) * math.log1p(-baseline)
    return float(likelihood + cut - null)


def log_e_apart(left: Sequence[bool], right: Sequence[bool]) -> float:
    """Log of the evidence that two arms differ, from their outcomes in order of enrolment.

    Arms are compared block by block, one of each; the longer arm's surplus waits for partners.
    """
    total, hits = 0.0, [0, 0]
    for tried, (one, other) in enumerate(zip(left, right, strict=False)):
        # What the blocks before say, steadied by a quarter of a contact at five per cent each way.
        guess = [(arm + 0.18) / (tried + 1.0 + 0.18) for arm in hits]
        mean = sum(guess) / 2
        total += _log_chance(one, guess[0]) + _log_chance(other, guess[1])
        total -= _log_chance(one, mean) + _log_chance(other, mean)
        hits[0] += one
        hits[1] += other
    return total


def _log_chance(hit: bool, chance: float) -> float:
    return math.log(chance) if hit else math.log1p(-chance)


def smallest_visible(tried: int, baseline: float, alpha: float = 0.05, power: float = 0.8) -> float | None:
    """The smallest true rate above `baseline` that `tried` contacts would show with this power.

    Found from the least number of hits that passes the threshold at the end; looking earlier can only add
    to the power. None when even a rate of 0.99 would not be seen.
    """
    needed = hits_to_keep(tried, baseline, alpha)
    if needed is None:
        return None
    low, high = baseline, 0.99
    if stats.binom.sf(needed - 1, tried, high) < power:
        return None
    while high - low > 1e-4:
        middle = (low + high) / 2
        if stats.binom.sf(needed - 1, tried, middle) >= power:
            high = middle
        else:
            low = middle
    return high


def hits_to_keep(tried: int, baseline: float, alpha: float = 0.05) -> int | None:
    """The least number of hits among `tried` whose evidence passes 1/alpha; None when none does."""
    bar = math.log(1 / alpha)
    return next((hits for hits in range(tried + 1) if log_e_above(Count(hits, tried), baseline) >= bar), None)
