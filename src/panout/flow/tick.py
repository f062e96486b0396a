"""One turn of the whole line at one moment: what the minute's jobs do, in order, in this process.

A sandbox that plays the time calls this instead of waiting for minutes to pass.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, datetime

from panout.cadence.actions import advance_due, wake_due
from panout.flow import clock, importing, learning, scoring, sending
from panout.pipeline.actions import remind_of_unmet
from panout.qualify import handing
from panout.replies.actions import read_new
from panout.team.actions import seal_ledger


@dataclass(frozen=True, slots=True)
class Turn:
    """What one turn did."""

    answers: int
    advanced: int
    woken: int
    sent: int


def turn(now: datetime, rng: random.Random) -> Turn:
    """Answers first, so that nobody who has answered is touched again; then touches, then the outbox."""
    while importing.work_on_one("tick") is not None:
        pass
    scoring.catch_up()
    handing.look(now)
    answers = _all(read_new, now)
    is_new_day = _is_new_day(now)
    if is_new_day:
        learning.fill_campaigns(now, rng)
        if learning.is_review_day(now.date()):
            learning.weekly_look(now)
    advanced = _all(advance_due, now)
    woken = wake_due(now) + remind_of_unmet(now)
    if advanced or answers or is_new_day:
        sending.minutely(now)  # what it looks after only changes when something moved, or the day did
    sent = sum(tally.sent for tally in sending.carry_due(clock.now, rng).values())
    advanced += _all(advance_due, now)
    seal_ledger(now)
    return Turn(answers, advanced, woken, sent)


_days: set[date] = set()


def _is_new_day(now: datetime) -> bool:
    if now.date() in _days:
        return False
    _days.clear()
    _days.add(now.date())
    return True


def _all(look, now: datetime) -> int:  # type: ignore[no-untyped-def]
    total = 0
    while done := look(now):
        total += done
    return total
