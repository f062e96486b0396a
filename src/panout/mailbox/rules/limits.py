"""How much may leave, from where and when: caps, ramp, gaps, throttles, pauses. Every no has its reason."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from panout.mailbox.rules.health import ColdMail


@dataclass(frozen=True)
class Limits:
    """The presets (several products' docs, 2026-09): 10 a day, 5 more each day, 50 at most.

    `per_domain` mails an hour go to one recipient domain; `gap` is the least and most seconds between two
    cold mails of one mailbox. A machine room of one's own may set `gap` to (0, 0).
    """

    start: int = 10
    step: int = 5
    ceiling: int = 50
    per_hour: int = 9
    per_domain: int = 4
    gap: tuple[float, float] = (90.0, 420.0)
    undo: timedelta = timedelta(seconds=30)


PRESET = Limits()
# A mailbox that rested is not the mailbox that was warmed: after a week each idle day takes a step back.
_RESTED = timedelta(days=7)


def ramp_days(days_used: int, last_used: date | None, today: date) -> int:
    """How many days of the ramp a mailbox has climbed, less what it lost by resting."""
    if last_used is None:
        return 0
    idle = (today - last_used) - _RESTED
    return max(0, days_used - max(0, idle.days))


def cap_on(days: int, limits: Limits, provider_limit: int | None = None) -> int:
    """Cold mails allowed on a day, `days` days into the ramp."""
    cap = min(limits.ceiling, limits.start + limits.step * days)
    return cap if provider_limit is None else min(cap, provider_limit)


@dataclass(frozen=True)
class Pace:
    """Where one mailbox stands at this moment."""

    cap: int
    used_today: int
    last_hour: int
    next_at: datetime | None
    day: date
    day_ends: datetime
    paused: str = ""
    paused_until: datetime | None = None
    domain: ColdMail = field(default_factory=lambda: ColdMail(True, ""))
    hour_frees_at: datetime | None = None


@dataclass(frozen=True)
class Room:
    """So many cold mails may leave now."""

    mails: int


@dataclass(frozen=True)
class Hold:
    """None may leave; `until` is when to look again, None: when somebody mends it."""

    reason: str
    until: datetime | None


def room_now(pace: Pace, limits: Limits, now: datetime) -> Room | Hold:
    """How many cold mails one mailbox may send at this instant."""
    if pace.paused and (pace.paused_until is None or now < pace.paused_until):
        return Hold(pace.paused, pace.paused_until)
    if not pace.domain.allowed:
        return Hold(pace.domain.reason, None)
    if pace.used_today >= pace.cap:
        return Hold(f"{pace.used_today} of {pace.cap} cold mails sent today", pace.day_ends)
    if pace.last_hour >= limits.per_hour:
        return Hold(
            f"{pace.last_hour} cold mails in the last hour, {limits.per_hour} are the most",
            pace.hour_frees_at or now + timedelta(minutes=10),
        )
    if pace.next_at is not None and now < pace.next_at:
        seconds = int((pace.next_at - now).total_seconds())
        return Hold(f"the gap between two mails has {seconds} s to go", pace.next_at)
    left = min(pace.cap - pace.used_today, limits.per_hour - pace.last_hour)
    return Room(left if limits.gap[1] <= 0 else 1)


def gap(limits: Limits, rng: random.Random) -> timedelta:
    """The pause before the next mail of the same mailbox; uneven, as a person's would be."""
    return timedelta(seconds=rng.uniform(*limits.gap))


@dataclass(frozen=True)
class Waiting:
    """A queued message as far as pacing cares. `sender_id` None: any sender of the pool may carry it."""

    id: int
    to_domain: str


def choose(
    waiting: Sequence[Waiting], room: int, recent: Mapping[str, int], limits: Limits
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """(ids to send now, ids that wait for their domain's throttle), oldest first.

    `recent` counts mails of the last hour by recipient domain, over all our mailboxes.
    """
    counts = dict(recent)
    chosen: list[int] = []
    throttled: list[int] = []
    for message in waiting:
        if len(chosen) == room:
            break
        if counts.get(message.to_domain, 0) >= limits.per_domain:
            throttled.append(message.id)
            continue
        counts[message.to_domain] = counts.get(message.to_domain, 0) + 1
        chosen.append(message.id)
    return tuple(chosen), tuple(throttled)


@dataclass(frozen=True)
class Candidate:
    """A sender who could write: `left` is how many cold mails they may still send today."""

    sender_id: int
    left: int
    waiting: int = 0


def choose_sender(sticky: int | None, candidates: Sequence[Candidate]) -> int | None:
    """Who writes. One person hears from one sender: `sticky` wins even with no room left today.

    Else the one with the most room after what already waits; ties by id, so that the choice is repeatable.
    None: nobody can.
    """
    if sticky is not None:
        return sticky if any(one.sender_id == sticky for one in candidates) else None
    if not candidates:
        return None
    return max(candidates, key=lambda one: (one.left - one.waiting, -one.sender_id)).sender_id


@dataclass(frozen=True)
class Record:
    """What became of a mailbox's cold mail: 7 days for bounces and complaints, 200 mails for replies."""

    sent: int
    bounced: int
    complained: int
    sent_for_replies: int = 0
    replied: int = 0


@dataclass(frozen=True)
class PauseRules:
    """Below a floor a rate says nothing: one bounce in three mails is not 33 %."""

    bounce: float = 0.05
    bounce_warn: float = 0.02
    bounce_floor: int = 50
    complaint: float = 0.0010
    complaint_warn: float = 0.0003
    complaint_floor: int = 200
    complaints_at_once: int = 2
    reply: float = 0.01
    reply_floor: int = 200


@dataclass(frozen=True)
class Judgement:
    """`pause`: cold mail stops until a person looks; otherwise the reason is a warning."""

    pause: bool
    rule: str
    reason: str


def pauses(record: Record, rules: PauseRules = PauseRules()) -> tuple[Judgement, ...]:
    """Everything that speaks against going on, worst first."""
    found: list[Judgement] = []
    if record.complained and record.sent:
        rate = record.complained / record.sent
        text = f"{record.complained} complaints on {record.sent} mails in 7 days ({rate:.2%})"
        # With less than the floor even one complaint passes the rate, so it takes a second.
        enough = record.sent >= rules.complaint_floor or record.complained >= rules.complaints_at_once
        if enough and rate >= rules.complaint:
            found.append(Judgement(True, "complaints", f"{text}; the limit is {rules.complaint:.2%}"))
        elif rate >= rules.complaint_warn:
            found.append(Judgement(False, "complaints", f"{text}; {rules.complaint_warn:.2%} is the warning"))
    if record.sent >= rules.bounce_floor:
        rate = record.bounced / record.sent
        text = f"{record.bounced} of {record.sent} mails bounced in 7 days ({rate:.1%})"
        if rate >= rules.bounce:
            found.append(Judgement(True, "bounces", f"{text}; the limit is {rules.bounce:.0%}"))
        elif rate >= rules.bounce_warn:
            found.append(Judgement(False, "bounces", f"{text}; aim below {rules.bounce_warn:.0%}"))
    if record.sent_for_replies >= rules.reply_floor:
        rate = record.replied / record.sent_for_replies
        if rate < rules.reply:
            text = f"{record.replied} replies to {record.sent_for_replies} mails ({rate:.1%})"
            found.append(
                Judgement(True, "replies", f"{text}; under {rules.reply:.0%} the text needs a review")
            )
    return tuple(sorted(found, key=lambda one: not one.pause))
