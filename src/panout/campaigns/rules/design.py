"""Whether a campaign is a micro-campaign: warnings, never walls."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Habits:
    """The presets of the house: 50-150 contacts, one or two signals, 2-4 in parallel, 7-10 working days."""

    least_contacts: int = 50
    most_contacts: int = 150
    most_signals: int = 2
    most_parallel: int = 4
    least_days: int = 7
    most_days: int = 10


@dataclass(frozen=True, slots=True)
class Draft:
    """A campaign as it stands before launch."""

    hypothesis: str
    contacts: int
    signals: tuple[str, ...]
    arms: int
    starts_on: date
    review_on: date
    parallel: int


def working_days_between(start: date, end: date) -> int:
    """Weekdays after `start` up to and including `end`; holidays are not known here."""
    days = range(1, (end - start).days + 1)
    return sum((start + timedelta(days=day)).weekday() < 5 for day in days)


def warnings(draft: Draft, habits: Habits) -> Iterable[str]:
    """What is unusual about this campaign, and what it costs."""
    if not draft.hypothesis.strip():
        yield "No hypothesis: write down whom it is for, why now, and what they gain."
    if draft.contacts < habits.least_contacts:
        yield f"{draft.contacts} contacts teach little; {habits.least_contacts} or more show an effect."
    if draft.contacts > habits.most_contacts:
        yield f"{draft.contacts} contacts are more than a hypothesis needs; split at {habits.most_contacts}."
    if len(draft.signals) > habits.most_signals:
        yield f"{len(draft.signals)} signals: beyond {habits.most_signals} nobody knows which worked."
    if not draft.signals:
        yield "No signal: nothing says why now."
    if draft.parallel + 1 > habits.most_parallel:
        yield f"{draft.parallel} campaigns already run; more than {habits.most_parallel} blur each other."
    days = working_days_between(draft.starts_on, draft.review_on)
    if not habits.least_days <= days <= habits.most_days:
        yield f"The review is {days} working days away; {habits.least_days} to {habits.most_days} are usual."
    if draft.arms > 1 and draft.contacts // draft.arms < habits.least_contacts:
        each = draft.contacts // draft.arms
        yield f"{draft.arms} arms leave {each} contacts each; only large effects will show."
