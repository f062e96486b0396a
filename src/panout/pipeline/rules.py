"""Decisions of the pipeline: stages and what they are worth, how a meeting may go on, when a slot is free."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from zoneinfo import ZoneInfo

from panout.kernel.errors import BadInput, Unavailable


class Stage(StrEnum):
    """Where an opportunity stands."""

    MEETING = "meeting"
    QUALIFIED = "qualified"
    PROPOSAL = "proposal"
    NEGOTIATION = "negotiation"
    WON = "won"
    LOST = "lost"


# The share of opportunities at a stage that are won in the end; a preset to be replaced by one's own history.
LIKELIHOOD: dict[Stage, Decimal] = {
    Stage.MEETING: Decimal("0.10"),
    Stage.QUALIFIED: Decimal("0.25"),
    Stage.PROPOSAL: Decimal("0.50"),
    Stage.NEGOTIATION: Decimal("0.75"),
    Stage.WON: Decimal(1),
    Stage.LOST: Decimal(0),
}

OPEN_STAGES = (Stage.MEETING, Stage.QUALIFIED, Stage.PROPOSAL, Stage.NEGOTIATION)


class MeetingState(StrEnum):
    """What became of a meeting."""

    BOOKED = "booked"
    HELD = "held"
    MISSED = "missed"  # no-show
    CANCELLED = "cancelled"


def check_move(was: Stage, to: Stage, reason: str) -> None:
    """Raise BadInput unless an opportunity may go this way: the end needs its reason, and stays the end."""
    if was in {Stage.WON, Stage.LOST} and to is not was:
        raise BadInput(f"This opportunity is {was}.", mend="Open a new one; lost ones can be recycled.")
    if to in {Stage.WON, Stage.LOST} and not reason.strip():
        raise BadInput(f"A {to} opportunity needs its reason.", mend="Write why, in a few words.")


@dataclass(frozen=True, slots=True)
class Worth:
    """An opportunity as the forecast sees it."""

    stage: Stage
    amount: Decimal
    currency: str


def forecast(opportunities: Iterable[Worth]) -> dict[str, Decimal]:
    """Open amounts weighted by their stage, per currency: currencies are never added up."""
    total: dict[str, Decimal] = {}
    for one in opportunities:
        if one.stage in OPEN_STAGES:
            total[one.currency] = total.get(one.currency, Decimal(0)) + one.amount * LIKELIHOOD[one.stage]
    return {currency: amount.quantize(Decimal("0.01")) for currency, amount in sorted(total.items())}


@dataclass(frozen=True, slots=True)
class Hours:
    """When somebody can be met, by their own wall clock; `notice` is how long ahead a slot must lie."""

    zone: str
    opens: time = time(9)
    closes: time = time(17)
    minutes: int = 30
    notice: timedelta = timedelta(hours=4)
    days_ahead: int = 14


def free_slots(
    hours: Hours, busy: Sequence[tuple[datetime, datetime]], now: datetime, most: int = 60
) -> tuple[datetime, ...]:
    """Starts (UTC) of bookable meetings on weekdays in the host's hours that overlap nothing busy."""
    zone, length = ZoneInfo(hours.zone), timedelta(minutes=hours.minutes)
    earliest = now + hours.notice
    found: list[datetime] = []
    first = now.astimezone(zone).date()
    for day in (first + timedelta(days=ahead) for ahead in range(hours.days_ahead + 1)):
        if day.weekday() >= 5:
            continue
        start = _at(day, hours.opens, zone)
        end = _at(day, hours.closes, zone)
        while start + length <= end and len(found) < most:
            if start >= earliest and not any(a < start + length and start < b for a, b in busy):
                found.append(start)
            start += length
    return tuple(found)


@dataclass(frozen=True, slots=True)
class BookingLimits:
    """What a booking page takes from outside before somebody of ours has to look."""

    per_address: int = 2  # times to come that one address may have
    per_source: int = 6  # a day, from one network address: an office has one for all
    waiting: int = 10  # times kept for people who are not in the book, until the host answers


@dataclass(frozen=True, slots=True)
class Taken:
    """How much of these limits is used up."""

    by_address: int
    from_source: int
    waiting: int


def check_booking(taken: Taken, limits: BookingLimits) -> None:
    """Raise Unavailable when a page takes no more. Alike for whoever asks: whether they are known is not asked."""
    if taken.from_source >= limits.per_source:
        raise Unavailable(
            "Many times were chosen from where you are within a day.", mend="Please answer our mail instead."
        )
    if taken.by_address >= limits.per_address:
        raise Unavailable(
            f"{taken.by_address} times to come were chosen with this address already.",
            mend="To change one of them, please answer our mail.",
        )
    if taken.waiting >= limits.waiting:
        raise Unavailable("This page takes no more bookings for now.", mend="Please answer our mail instead.")


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)
