"""Small counts as rates: beta-binomial with partial pooling across campaigns."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import optimize, special, stats

# A prior worth this many contacts at most: pooling may steady a small campaign, never drown a large one.
_MOST_WEIGHT = 200.0
_LEAST_WEIGHT = 2.0


@dataclass(frozen=True, slots=True)
class Count:
    """`hits` of `tried`; a hit is the campaign's registered outcome (positive reply or meeting)."""

    hits: int
    tried: int

    def __post_init__(self) -> None:
        if not 0 <= self.hits <= self.tried:
            raise ValueError(f"{self.hits} hits of {self.tried} tried")


@dataclass(frozen=True, slots=True)
class Prior:
    """Beta(a, b): what other campaigns of the team lead us to expect before this one speaks."""

    a: float
    b: float

    @property
    def mean(self) -> float:
        """The expected rate, 0 to 1."""
        return self.a / (self.a + self.b)


@dataclass(frozen=True, slots=True)
class Rate:
    """A rate with its credible interval, each 0 to 1; `observed` is None when nothing was tried."""

    observed: float | None
    expected: float
    low: float
    high: float
    level: float


JEFFREYS = Prior(0.5, 0.5)


def pooled_prior(counts: Sequence[Count]) -> Prior:
    """The beta prior that makes the counts of all campaigns most likely (marginal beta-binomial likelihood).

    With fewer than three campaigns, or no hit at all, there is nothing to pool and Jeffreys' prior is used.
    Its weight is held between 2 and 200 contacts, and below a third of those it was learnt from: three young
    campaigns that happen to agree do not make each other certain. Method: Gelman et al., Bayesian Data
    Analysis, 3rd ed., section 5.3, the mode under their hyperprior (a + b) ** -5/2.
    """
    told = [count for count in counts if count.tried]
    hits, tried = sum(count.hits for count in told), sum(count.tried for count in told)
    if len(told) < 3 or hits == 0 or hits == tried:
        return JEFFREYS
    s = np.array([count.hits for count in told], dtype=float)
    n = np.array([count.tried for count in told], dtype=float)

    def unlikelihood(point: np.ndarray) -> float:
        mean, weight = special.expit(point[0]), math.exp(point[1])
        a, b = mean * weight, (1 - mean) * weight
        # The hyperprior with the Jacobian of (logit mean, log weight).
        hyper = math.log(a) + math.log(b) - 2.5 * math.log(weight)
        return -float(np.sum(special.betaln(s + a, n - s + b) - special.betaln(a, b))) - hyper

    overall = hits / tried
    bounds = [
        (special.logit(overall) - 3, special.logit(overall) + 3),
        (math.log(_LEAST_WEIGHT), math.log(max(_LEAST_WEIGHT + 1, min(_MOST_WEIGHT, tried / 3)))),
    ]
    best = optimize.minimize(
        unlikelihood, x0=[special.logit(overall), math.log(3.0)], bounds=bounds, method="L-BFGS-B"
    )
    mean, weight = float(special.expit(best.x[0])), math.exp(float(best.x[1]))
    return Prior(mean * weight, (1 - mean) * weight)


def rate(count: Count, prior: Prior = JEFFREYS, level: float = 0.9) -> Rate:
    """The rate behind a count under a prior, with its equal-tailed credible interval."""
    posterior = stats.beta(count.hits + prior.a, count.tried - count.hits + prior.b)
    low, high = posterior.interval(level)
    observed = count.hits / count.tried if count.tried else None
    return Rate(observed, float(posterior.mean()), float(low), float(high), level)


def chance_above(count: Count, threshold: float, prior: Prior = JEFFREYS) -> float:
    """The probability, 0 to 1, that the true rate is above `threshold`."""
    return float(stats.beta.sf(threshold, count.hits + prior.a, count.tried - count.hits + prior.b))


def chance_better(left: Count, right: Count, prior: Prior = JEFFREYS) -> float:
    """The probability, 0 to 1, that `left`'s true rate is above `right`'s.

    Integrates over `left`'s quantiles (Gauss-Legendre), where beta densities without bound do no harm.
    """
    points, weights = np.polynomial.legendre.leggauss(400)
    quantiles = stats.beta.ppf(0.5 * (points + 1), left.hits + prior.a, left.tried - left.hits + prior.b)
    below = stats.beta.cdf(quantiles, right.hits + prior.a, right.tried - right.hits + prior.b)
    return float(np.sum(weights * below) / 2)
