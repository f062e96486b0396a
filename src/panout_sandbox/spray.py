"""The honest baseline: the same list in its given order, one template, a fixed cadence, no signals.

It has the same mailboxes and the same hours of telephoning as the other policy, honours every wish and every
bounce, and stops at an answer; what it lacks is knowing whom, when and why.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from panout_sandbox.buyers import Does, on_call, on_mail
from panout_sandbox.tally import Tally
from panout_sandbox.world import Buyer, World

# Touches by kind and working days since the one before: six over a bit more than two weeks, as presets go.
CADENCE = (("mail", 0), ("mail", 3), ("call", 1), ("mail", 3), ("call", 2), ("mail", 4))
TEXT = "Hello, we help companies get more from their data. Would a short call next week be of use?"


@dataclass(slots=True)
class _Run:
    buyer: Buyer
    step: int = 0
    due: int = 0  # working day
    over: bool = False
    talk_on: datetime | None = None


@dataclass(slots=True)
class Capacity:
    """What a team can do in a day; the same for every policy."""

    mails: int = 90
    calls: int = 60


def run(world: World, seed: int, order: Sequence[Buyer], days: int, capacity: Capacity) -> Tally:
    """Work a list from its top for so many days."""
    tally = Tally(world)
    waiting, runs = list(order), list[_Run]()
    begins_until = intake(days)
    day = datetime.combine(world.market.starts, time(9), tzinfo=UTC)
    for working in _working_days(day, days):
        number = working[0]
        mails, calls = capacity.mails, capacity.calls
        for one in runs:
            if one.over or one.due > number:
                continue
            kind = CADENCE[one.step][0]
            if (mails if kind == "mail" else calls) <= 0:
                continue
            mails, calls = mails - (kind == "mail"), calls - (kind == "call")
            _touch(world, seed, one, kind, working[1], number, tally)
        while waiting and mails > 0 and (working[1] - day).days <= begins_until:
            one = _Run(waiting.pop(0), due=number)
            runs.append(one)
            mails -= 1
            _touch(world, seed, one, "mail", working[1], number, tally)
    tally.close(days)
    return tally


def intake(days: int) -> int:
    """How many days people are started; the rest is for bringing to an end what was begun.

    The same for every policy: who is started on the last day would count as a target, and never get a call.
    """
    return days // 2


def _working_days(first: datetime, days: int) -> list[tuple[int, datetime]]:
    all_days = [first + timedelta(days=ahead) for ahead in range(days)]
    return list(enumerate(day for day in all_days if day.weekday() < 5))


def _touch(world: World, seed: int, one: _Run, kind: str, now: datetime, day: int, tally: Tally) -> None:
    tally.touch(one.buyer, kind, now)
    reaction = (
        on_mail(world, seed, one.buyer, TEXT, now)
        if kind == "mail"
        else on_call(world, seed, one.buyer, TEXT, now)
    )
    tally.react(seed, one.buyer, reaction, now)
    one.over = reaction.does in {Does.BOUNCE, Does.COMPLAINT, Does.ANSWER, Does.TALK}
    one.step += 1
    if one.step == len(CADENCE):
        one.over = True
    else:
        one.due = day + CADENCE[one.step][1]
