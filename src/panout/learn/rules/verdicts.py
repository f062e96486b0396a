"""Keep, kill or iterate: what a campaign's evidence allows to say, and what it does not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from panout.learn.rules.evidence import log_e_above, log_e_below, smallest_visible
from panout.learn.rules.rates import Count, Prior, Rate, chance_above, rate


class Call(StrEnum):
    """What the board proposes; a person decides."""

    KEEP = "keep"
    KILL = "kill"
    ITERATE = "iterate"
    RUNNING = "running"


@dataclass(frozen=True, slots=True)
class Bar:
    """What is promised: at most `alpha` of campaigns no better than the baseline are ever called keep."""

    alpha: float = 0.05
    kill_alpha: float = 0.05
    power: float = 0.8
    level: float = 0.9


@dataclass(frozen=True, slots=True)
class Finding:
    """The evidence of one campaign at one moment, frozen as it is decided on."""

    call: Call
    why: str
    count: Count
    baseline: float
    rate: Rate
    chance_better: float
    evidence_above: float  # times likelier than "no better than the baseline"
    evidence_below: float
    smallest_visible: float | None


def judge(
    count: Count, planned: int, baseline: float, prior: Prior, review_on: date, today: date, bar: Bar
) -> Finding:
    """What may be said of a campaign now. `baseline` is the team's rate, `planned` the contacts it will have.

    Looking every day is allowed: keep and kill rest on evidence that holds at any look. At the review date,
    without enough evidence either way, the honest word is iterate.
    """
    above = log_e_above(count, baseline)
    below = log_e_below(count, baseline)
    seen = smallest_visible(max(planned, count.tried, 1), baseline, bar.alpha, bar.power)
    call, why = _call(above, below, bar, review_on <= today, seen, baseline)
    return Finding(
        call,
        why,
        count,
        baseline,
        rate(count, prior, bar.level),
        chance_above(count, baseline, prior),
        _times(above),
        _times(below),
        seen,
    )


def _call(
    above: float,
    below: float,
    bar: Bar,
    is_due: bool,
    seen: float | None,
    baseline: float,
) -> tuple[Call, str]:
    if above >= math.log(1 / bar.alpha):
        return (
            Call.KEEP,
            f"better than the baseline of {100 * baseline:.1f} %: evidence {_times(above):,.0f} to 1",
        )
    if below >= math.log(1 / bar.kill_alpha):
        return (
            Call.KILL,
            f"worse than the baseline of {100 * baseline:.1f} %: evidence {_times(below):,.0f} to 1",
        )
    limit = (
        f"only a rate of {100 * seen:.0f} % or more would have shown"
        if seen is not None
        else "too few contacts"
    )
    if is_due:
        return Call.ITERATE, f"no clear difference from {100 * baseline:.1f} %; {limit}"
    return Call.RUNNING, f"nothing can be said yet; {limit} by the review"


def _times(log_e: float) -> float:
    return math.exp(min(log_e, 300.0))
