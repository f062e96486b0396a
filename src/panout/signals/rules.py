"""How signals grow old, and how many of them make one answer to "why now?". Days are calendar days.

The formulas and their reasons are told in docs/guide/scoring.md; `signals.steps` says the same in SQL.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from panout.icp.rules.profile import Icp, SignalKind
from panout.icp.rules.reading import OTHER
from panout.kernel.signals import Level


@dataclass(frozen=True, slots=True)
class Signal:
    """A dated, sourced fact that says why now.

    It counts for the contact where there is one, else for the account and everybody in it.
    `strength` is 0..1.
    """

    signal_id: str
    type: str
    level: Level
    account_id: str | None
    contact_id: str | None
    date: date | None
    strength: float | None
    source: str = ""
    evidence: str = ""


@dataclass(frozen=True, slots=True)
class Sums:
    """What is kept of many signals: one decayed sum for each of the profile's kinds, as of one day.

    `fresh_until`: the last day on which the gate still finds one of them fresh; None: none was credible.
    """

    totals: tuple[float, ...]
    fresh_until: date | None


def rate(kind: SignalKind) -> float:
    """What a day does to the logarithm of a signal's strength."""
    return -math.log(2) / kind.half_life


def decayed(strength: float, age: int, kind: SignalKind) -> float:
    """What is left of a signal's strength after `age` days."""
    return strength * math.exp(age * rate(kind))


def kind_of(kinds: Sequence[SignalKind], name: str) -> int | None:
    """The place among the profile's kinds at which a signal of this type counts."""
    for place, kind in enumerate(kinds):
        if name == kind.type or kind.type == OTHER:
            return place
    return None


def counts(signal: Signal, as_of: date) -> bool:
    """Whether it has happened, as far as `as_of` can know; what lies ahead counts when its day has come."""
    return signal.date is not None and signal.date <= as_of and signal.strength is not None


def sums(icp: Icp, signals: Iterable[Signal], as_of: date) -> Sums:
    """The decayed sum of each kind, and how long the freshest credible signal opens the gate."""
    return _added(icp, Sums((0.0,) * len(icp.kinds), None), signals, as_of)


def carried(icp: Icp, kept: Sums, since: date, new: Iterable[Signal], as_of: date) -> Sums:
    """Sums kept as of `since` brought to `as_of`, with the signals that they do not hold yet.

    `new` are those that arrived later, and those that were dated after `since`. Equal to the sums of all
    signals, because decay by half-lives does not mind in how many steps it happens.
    """
    days = (as_of - since).days
    totals = tuple(decayed(total, days, kind) for total, kind in zip(kept.totals, icp.kinds, strict=True))
    return _added(icp, Sums(totals, kept.fresh_until), new, as_of)


def _added(icp: Icp, start: Sums, signals: Iterable[Signal], as_of: date) -> Sums:
    kinds, totals, fresh_until = icp.kinds, list(start.totals), start.fresh_until
    for signal in signals:
        place = kind_of(kinds, signal.type)
        if place is None or not counts(signal, as_of) or signal.date is None or signal.strength is None:
            continue
        totals[place] += decayed(signal.strength, (as_of - signal.date).days, kinds[place])
        if signal.strength >= icp.gate.credible:
            until = signal.date + timedelta(days=kinds[place].fresh)
            fresh_until = until if fresh_until is None else max(fresh_until, until)
    return Sums(tuple(totals), fresh_until)


def together(*parts: Sums) -> Sums:
    """The sums of an account and of a person in it, as one."""
    untils = [part.fresh_until for part in parts if part.fresh_until is not None]
    return Sums(
        tuple(map(sum, zip(*(part.totals for part in parts), strict=True))), max(untils, default=None)
    )


def points(kind: SignalKind, total: float) -> float:
    """What a decayed sum is worth.

    One signal is worth `weight`; each further one closes the same share of the way that is left to `cap`.
    """
    return kind.cap * (1.0 - math.exp(total * share_left(kind)))


def share_left(kind: SignalKind) -> float:
    """The logarithm of the share of the cap that one signal of full strength leaves open."""
    return math.log(1.0 - kind.weight / kind.cap)


def timing(icp: Icp, totals: Sequence[float]) -> float:
    """0..100: each kind closes its share of what is still open; no number of signals reaches 100."""
    left = 1.0
    for kind, total in zip(icp.kinds, totals, strict=True):
        left *= 1.0 - points(kind, total) / 100.0
    return 100.0 * (1.0 - left)


def best(icp: Icp, signals: Iterable[Signal], as_of: date) -> tuple[float, str] | None:
    """The fresh and credible signal that weighs most today, as (points, words); None where there is none."""
    found: list[tuple[float, int, str, str]] = []
    for signal in signals:
        place = kind_of(icp.kinds, signal.type)
        if place is None or not counts(signal, as_of) or signal.date is None or signal.strength is None:
            continue
        kind, age = icp.kinds[place], (as_of - signal.date).days
        if signal.strength >= icp.gate.credible and age <= kind.fresh:
            worth = tidy(kind.weight * decayed(signal.strength, age, kind))
            found.append((-worth, age, signal.signal_id, _said(kind, signal)))
    if not found:
        return None
    worth, _, _, words = min(found)
    return -worth, words


def _said(kind: SignalKind, signal: Signal) -> str:
    """For people: what happened, when, and how we know."""
    what = signal.type.replace("_", " ") if kind.type == OTHER else kind.text
    return f"{what} ({signal.date})" + (f": {signal.evidence}" if signal.evidence else "")


def tidy(value: float) -> float:
    """Rounded to four places, half up: engines add in different orders, and scores must not tell."""
    return math.floor(value * 1e4 + 0.5) / 1e4
