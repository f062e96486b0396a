"""Rehearsal: a drafted campaign against a virtual clock and a synthetic inbox, in a transaction taken back."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F

from panout.cadence import actions as cadence
from panout.cadence.models import Enrolment, Judgement
from panout.cadence.rules.dispositions import Disposition
from panout.cadence.rules.moves import StopReason
from panout.campaigns import actions as campaigns
from panout.campaigns.models import Member
from panout.kernel.chance import place_of
from panout.kernel.channels import TouchKind
from panout.outreach import actions as outreach
from panout.outreach.models import Message, MessageStatus, Sender, Task, TaskStatus
from panout.outreach.outbox import Outcome, begin, claim, finish
from panout.resolve.queries import stages_of
from panout.team.rules import SYSTEM, Person

_WORKER = "rehearsal"
# Whoever is not the asker's to see counts, without a name.
_COLLEAGUES = "a colleague's contact"
_EVERY = timedelta(hours=1)
# A run that stays due at one moment must not hold the page for ever.
_ROUNDS = 20
DAYS = 28  # a net-new cadence is three weeks long; holds and holidays take the fourth
# A fresh mailbox is asked for no more than a warmed one may send (the ramp's ceiling).
_CAP = 50

# What a synthetic inbox does with a mail, per mail: shares of a plain B2B list (assumed, on the low side).
_INBOX = (
    (0.02, StopReason.BOUNCED),
    (0.05, StopReason.REPLIED),
    (0.07, StopReason.INTERESTED),
    (0.08, StopReason.OPTED_OUT),
)
_AWAY, _AWAY_DAYS = 0.12, 5
_CALLS = ((0.80, Disposition.NO_ANSWER), (0.94, Disposition.GATEKEEPER), (0.97, Disposition.INTERESTED))


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that would happen, at its moment (UTC)."""

    at: datetime
    what: str  # mail, call, a social kind, or what somebody did: bounced, opted_out, away ...
    contact_id: int
    contact: str
    account: str
    owner_id: int | None
    sender_id: int | None


@dataclass(frozen=True, slots=True)
class Skipped:
    """Somebody who would not be touched as planned, and which rule or check says so."""

    contact_id: int
    contact: str
    why: str
    times: int


@dataclass(frozen=True, slots=True)
class DayLoad:
    """One day of the calendar."""

    day: date
    mails: int
    tasks: int
    tasks_by_rep: tuple[tuple[int, int], ...]  # (user, tasks)
    mails_by_sender: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class Collision:
    """More than one person of an account touched on one day."""

    day: date
    account: str
    people: int


@dataclass(frozen=True, slots=True)
class Rehearsal:
    """What a launch today would look like; nothing of it has happened."""

    enrolled: int
    held_out: int
    refused: int
    events: tuple[Event, ...]
    days: tuple[DayLoad, ...]
    collisions: tuple[Collision, ...]
    skipped: tuple[Skipped, ...]


@dataclass(slots=True)
class _Play:
    asker: Person
    seed: int
    events: list[Event] = field(default_factory=list)
    left: Counter[int] = field(default_factory=Counter)


class _TakenBack(Exception):
    """Carries the rehearsal out of the transaction that it undoes."""

    def __init__(self, told: Rehearsal) -> None:
        self.told = told


def rehearse(asker: Person, campaign_id: int, begins: datetime, seed: int, days: int = DAYS) -> Rehearsal:
    """Play a draft from `begins`; nothing is left behind. The same seed gives the same events.

    Other campaigns' runs move on in it too, because they load the same mailboxes and the same people.
    """
    try:
        with transaction.atomic():
            raise _TakenBack(play(asker, campaign_id, begins, seed, days))
    except _TakenBack as curtain:
        return curtain.told


def play(asker: Person, campaign_id: int, begins: datetime, seed: int, days: int = DAYS) -> Rehearsal:
    """The same for keeps: launch, and let the synthetic inbox answer. A sandbox of one's own; tests use it."""
    launched = campaigns.launch(asker, campaign_id, begins, random.Random(seed))  # noqa: S311  a draw
    played = _Play(asker, seed)
    for hour in range(days * 24):
        now = begins + hour * _EVERY
        if now.hour == begins.hour:
            played.left = Counter()
            Sender.objects.filter(retired_at=None).update(left_today=_CAP, left_on=now.date(), opens_at=None)
        if Enrolment.objects.running().due(now).exists():
            for _ in range(_ROUNDS):
                if not cadence.advance_due(now):
                    break
        _mail(played, now)
        _work(played, now)
    mine = set(Member.objects.filter(campaign=campaign_id).values_list("contact", flat=True))
    seen = stages_of(asker, list(mine)).keys()
    told = [
        one if one.contact_id in seen else replace(one, contact=_COLLEAGUES)
        for one in played.events
        if one.contact_id in mine
    ]
    return Rehearsal(
        launched.enrolled,
        launched.held_out,
        launched.refused,
        tuple(told),
        tuple(_calendar(played.events)),
        tuple(_collisions(played.events)),
        tuple(_skipped(campaign_id, seen)),
    )


def _mail(played: _Play, now: datetime) -> None:
    waiting = list(Message.objects.filter(status=MessageStatus.REVIEW).order_by("id"))
    good = [row.pk for row in waiting if not row.problems]
    if good:
        outreach.approve_many(played.asker, good, now)
    rows = list(
        Message.objects.filter(status=MessageStatus.QUEUED, not_before__lte=now, cold=True)
        .select_related("contact", "account")
        .order_by("id")
    )
    rows = [row for row in rows if played.left[row.sender_id or 0] < _CAP]
    if not rows:
        return
    for row in rows:
        played.left[row.sender_id or 0] += 1
        Sender.objects.filter(id=row.sender_id or 0, left_today__gt=0).update(left_today=F("left_today") - 1)
    numbers = [row.pk for row in rows]
    claim({number: f"rehearsal-{number}@panout.invalid" for number in numbers}, _WORKER, now)
    begin(numbers, _WORKER, now)
    finish(_WORKER, [Outcome(number, MessageStatus.SENT, at=now) for number in numbers])
    cadence.messages_settled(numbers, now)
    for row in rows:
        played.events.append(_event(row, "mail", now, None, row.sender_id))
        _answer(played, row, now)


def _answer(played: _Play, row: Message, now: datetime) -> None:
    """What the person does depends on who they are, the seed and which mail it is: not on the order."""
    sent = Message.objects.filter(contact=row.contact, sent_at__isnull=False).count()
    place = place_of(f"rehearsal:{played.seed}:{sent}", row.contact.key)
    for bound, reason in _INBOX:
        if place < bound:
            cadence.stop_person(row.contact_id, reason, now)
            played.events.append(_event(row, reason.value, now, None, row.sender_id))
            return
    run = Enrolment.objects.running().filter(contact=row.contact).first()
    if place < _AWAY and run is not None:
        cadence.pause(SYSTEM, run.pk, now + timedelta(days=_AWAY_DAYS), "away", now)
        played.events.append(_event(row, "away", now, None, row.sender_id))


def _work(played: _Play, now: datetime) -> None:
    """The reps do what is due in their day, at once."""
    if not 8 <= now.hour < 18:
        return
    rows = Task.objects.waiting(now).filter(origin="cadence").select_related("contact", "account")
    for row in rows.order_by("due_at", "id"):
        if row.contact is None or Task.objects.filter(id=row.pk, status=TaskStatus.OPEN).first() is None:
            continue
        outcome = Disposition.DONE
        if row.kind == TouchKind.CALL:
            place = place_of(f"rehearsal:{played.seed}:call:{row.origin_key}", row.contact.key)
            outcome = next((said for bound, said in _CALLS if place < bound), Disposition.NOT_INTERESTED)
        cadence.complete_task(played.asker, row.pk, outcome, "", now)
        played.events.append(_event(row, row.kind, now, row.owner_id, None))


def _event(row: Message | Task, what: str, now: datetime, owner: int | None, sender: int | None) -> Event:
    account = row.account.company_name if row.account else ""
    label = row.contact.label if row.contact else ""
    return Event(now, what, row.contact_id or 0, label, account or "", owner, sender)


def _calendar(events: list[Event]) -> Iterator[DayLoad]:
    for day in sorted({one.at.date() for one in events}):
        mine = [one for one in events if one.at.date() == day]
        by_rep = Counter(one.owner_id for one in mine if one.owner_id)
        by_sender = Counter(one.sender_id for one in mine if one.sender_id and one.what == "mail")
        yield DayLoad(
            day,
            sum(by_sender.values()),
            sum(by_rep.values()),
            tuple(sorted(by_rep.items())),
            tuple(sorted(by_sender.items())),
        )


def _collisions(events: list[Event]) -> Iterator[Collision]:
    people: dict[tuple[date, str], set[int]] = {}
    for one in events:
        if one.account and (one.owner_id or one.what == "mail"):
            people.setdefault((one.at.date(), one.account), set()).add(one.contact_id)
    for (day, account), touched in sorted(people.items()):
        if len(touched) > 1:
            yield Collision(day, account, len(touched))


def _skipped(campaign_id: int, seen: Collection[int]) -> Iterator[Skipped]:
    members = Member.objects.filter(campaign=campaign_id).select_related("contact").order_by("id")
    runs = {row.enrolment_id: row for row in members if row.enrolment_id}
    for row in members:
        if row.refused:
            yield Skipped(row.contact_id, _name(row, seen), row.refused, 1)
    said = Counter(
        Judgement.objects.filter(enrolment__in=runs, verdict__in=["deny", "hold"]).values_list(
            "enrolment", "rule"
        )
    )
    for (run, rule), times in sorted(said.items()):
        yield Skipped(runs[run].contact_id, _name(runs[run], seen), rule, times)


def _name(row: Member, seen: Collection[int]) -> str:
    return row.contact.label if row.contact_id in seen else _COLLEAGUES
