"""Verbs about meetings and opportunities.

make_link(asker, title, minutes, opens, closes, place, now) -> str      the slug
book(contact_id, starts_at, minutes, source, host_id, now) -> int       ends the person's cadence
book_by_link(slug, email, starts_at, source, limits, now)               what a stranger does on the page
accept_asking(asker, asking_id, now) -> int                             the meeting with whoever was not in the book
decline_asking(asker, asking_id, now), forget_askings(now) -> int
reschedule(asker, meeting_id, starts_at, now), cancel(asker, meeting_id, reason, now)
close_meeting(asker, meeting_id, state, note, now)                      held, or missed
open_opportunity(asker, contact_id, name, amount, currency, now) -> int
move(asker, opportunity_id, stage, reason, now)
remind_of_unmet(now, limit) -> int                                      who was interested, and has no meeting
"""

from __future__ import annotations

import secrets
from datetime import datetime, time, timedelta
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef

from panout.cadence.actions import stop_person
from panout.cadence.models import Enrolment, Park
from panout.cadence.rules.moves import StopReason
from panout.kernel.channels import TouchKind
from panout.kernel.email import parse_email
from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.kernel.lifecycle import Lifecycle
from panout.outreach import actions as outreach
from panout.pipeline.models import Asking, BookingLink, Meeting, Opportunity, StageChange
from panout.pipeline.queries import slots
from panout.pipeline.rules import BookingLimits, MeetingState, Stage, Taken, check_booking, check_move
from panout.qualify import actions as qualify
from panout.resolve.actions import add_contact, note_activity
from panout.resolve.models import Contact
from panout.team.actions import record
from panout.team.rules import SYSTEM, Person, Verb, demand

LONGEST = 240  # minutes of a meeting
MOST_MONEY = 10**12
# How long a time may take to be found before somebody is reminded; what is a month old is no longer warm.
_TO_FIND_A_TIME = timedelta(days=2)
_WARM_FOR = timedelta(days=30)
_A_DAY = timedelta(days=1)
# What was asked for on a booking page says whom we may have met; a month after, the meeting itself says enough.
_ASKINGS_KEPT = timedelta(days=30)
_WARM = 95.0  # of 100: behind an answer that waits, before everything cold


@transaction.atomic
def make_link(
    asker: Person, title: str, minutes: int, opens: time, closes: time, place: str, now: datetime
) -> str:
    """A booking page of one's own; returns its slug."""
    demand(asker, Verb.EDIT_PIPELINE)
    if asker.id is None:
        raise BadInput("A booking page belongs to a person.")
    if not opens < closes:
        raise BadInput("The day ends before it begins.", mend="Choose a later end.")
    if not 5 <= minutes <= LONGEST:
        raise BadInput(f"{minutes} minutes is no length for a meeting.", mend=f"Choose 5 to {LONGEST}.")
    row = BookingLink.objects.create(
        host_id=asker.id,
        slug=secrets.token_urlsafe(9),
        title=title or f"Meet {asker.name}",
        minutes=minutes,
        opens=opens,
        closes=closes,
        place=place,
        created_at=now,
    )
    record(asker, "make booking link", "booking_link", row.pk, row.title, now=now)
    return row.slug


@transaction.atomic
def book(
    contact_id: int,
    starts_at: datetime,
    minutes: int,
    source: str,
    host_id: int | None,
    now: datetime,
    *,
    asker: Person = SYSTEM,
    link_id: int | None = None,
    note: str = "",
) -> int:
    """Book a meeting; the person's cadence ends with it. Raises Conflict when the host is taken."""
    contact = Contact.objects.select_related("account").filter(id=contact_id).first()
    if contact is None:
        raise NotFound("There is no such person.")
    if starts_at <= now:
        raise BadInput("That time is over.", mend="Choose a later one.")
    if not 5 <= minutes <= LONGEST:
        raise BadInput(f"{minutes} minutes is no length for a meeting.", mend=f"Choose 5 to {LONGEST}.")
    try:
        with transaction.atomic():
            row = Meeting.objects.create(
                contact=contact,
                account=contact.account,
                host_id=host_id,
                link_id=link_id,
                title=f"Meeting with {contact.label}",
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=minutes),
                source=source,
                note=note,
                uid=f"{secrets.token_hex(12)}@panout",
                booked_at=now,
            )
    except IntegrityError as error:
        raise Conflict("That time has just been taken.", mend="Choose another.") from error
    stop_person(contact_id, StopReason.MEETING, now)
    note_activity(
        kind="meeting",
        text=f"Meeting booked for {starts_at:%Y-%m-%d %H:%M} UTC",
        now=now,
        contact_id=contact_id,
        account_id=contact.account_id,
        key=f"meeting-{row.pk}",
    )
    record(
        asker, "book meeting", "meeting", row.pk, contact.label, now=now, after={"at": starts_at.isoformat()}
    )
    return row.pk


@transaction.atomic
def book_by_link(
    slug: str, email: str, starts_at: datetime, source: str, limits: BookingLimits, now: datetime
) -> None:
    """Choose what a booking page offers; Conflict for a time that is gone, Unavailable beyond the limits.

    Whoever is in the book has their meeting; for anybody else the time is kept until the host answers. What comes
    back, and what the page offers afterwards, is the same: a booking page tells nobody who is in the book.
    `source` stands for the network address it came from.
    """
    parsed = parse_email(email.strip())
    if parsed is None:
        raise BadInput("This is not an email address.", where="email")
    address = str(parsed)
    host = BookingLink.objects.filter(slug=slug).values("host")
    # One after another for all pages of a host: what is counted and what is free stays so until the end.
    links = list(BookingLink.objects.select_for_update(no_key=True).filter(host__in=host).order_by("id"))
    offered = slots(slug, now)
    check_booking(_taken(address, source, [one.pk for one in links], now), limits)
    if starts_at not in offered.starts:
        raise Conflict("That time is not free any more.", mend="Choose another.")
    link = next(one for one in links if one.slug == slug)
    contact = _by_address(address)
    meeting = (
        book(contact.pk, starts_at, offered.minutes, "link", link.host_id, now, link_id=link.pk)
        if contact
        else None
    )
    Asking.objects.create(
        link=link,
        email=address,
        source=source,
        starts_at=starts_at,
        ends_at=starts_at + timedelta(minutes=offered.minutes),
        asked_at=now,
        answered_at=now if meeting else None,
        meeting_id=meeting,
    )


def _taken(address: str, source: str, links: list[int], now: datetime) -> Taken:
    return Taken(
        Asking.objects.standing(now).filter(email=address).count(),
        Asking.objects.filter(source=source, asked_at__gt=now - _A_DAY).count(),
        Asking.objects.waiting(now).filter(link__in=links).count(),
    )


def _by_address(address: str) -> Contact | None:
    return Contact.objects.living().filter(email__iexact=address).order_by("id").first()


@transaction.atomic
def accept_asking(asker: Person, asking_id: int, now: datetime) -> int:
    """Meet whoever asked for a time: they come into the book, unless they have since, and the meeting is booked."""
    demand(asker, Verb.EDIT_PIPELINE)
    row = _waiting(asker, asking_id, now)
    contact = _by_address(row.email)
    person = contact.pk if contact else add_contact(asker, None, {"email": row.email}, "booking page", now)
    minutes = int((row.ends_at - row.starts_at).total_seconds() // 60)
    row.meeting_id = book(
        person, row.starts_at, minutes, "link", row.link.host_id, now, asker=asker, link_id=row.link_id
    )
    row.answered_at = now
    row.save(update_fields=["meeting", "answered_at"])
    return row.meeting_id


@transaction.atomic
def decline_asking(asker: Person, asking_id: int, now: datetime) -> None:
    """Let a kept time go. Nobody is told: who asked hears it from a person, or not at all."""
    demand(asker, Verb.EDIT_PIPELINE)
    row = _waiting(asker, asking_id, now)
    row.answered_at = now
    row.save(update_fields=["answered_at"])
    record(asker, "decline booking", "booking_link", row.link_id, row.email, now=now)


def forget_askings(now: datetime) -> int:
    """Drop what was asked for whose time is long over; how many."""
    return Asking.objects.filter(starts_at__lt=now - _ASKINGS_KEPT).delete()[0]


def _waiting(asker: Person, asking_id: int, now: datetime) -> Asking:
    rows = Asking.objects.waiting(now).select_for_update(of=("self",)).select_related("link")
    row = rows.filter(id=asking_id, link__host=asker.id).first()
    if row is None:
        raise NotFound("Nobody waits for this answer.", mend="It was answered, or its time is over.")
    return row


@transaction.atomic
def reschedule(asker: Person, meeting_id: int, starts_at: datetime, now: datetime) -> None:
    """Move a booked meeting; its calendar entry keeps its name and counts its sequence up (RFC 5546)."""
    demand(asker, Verb.EDIT_PIPELINE)
    row = _booked(meeting_id)
    if starts_at <= now:
        raise BadInput("That time is over.", mend="Choose a later one.")
    before, length = row.starts_at, row.ends_at - row.starts_at
    row.starts_at, row.ends_at, row.sequence = starts_at, starts_at + length, row.sequence + 1
    try:
        with transaction.atomic():
            row.save(update_fields=["starts_at", "ends_at", "sequence"])
    except IntegrityError as error:
        raise Conflict("The host has another meeting then.", mend="Choose another time.") from error
    record(
        asker,
        "reschedule meeting",
        "meeting",
        row.pk,
        row.title,
        now=now,
        before={"at": before.isoformat()},
        after={"at": starts_at.isoformat()},
    )


@transaction.atomic
def cancel(asker: Person, meeting_id: int, reason: str, now: datetime) -> None:
    """Call a meeting off."""
    demand(asker, Verb.EDIT_PIPELINE)
    row = _booked(meeting_id)
    row.state, row.closed_at, row.sequence = MeetingState.CANCELLED, now, row.sequence + 1
    row.save(update_fields=["state", "closed_at", "sequence"])
    record(asker, "cancel meeting", "meeting", row.pk, row.title, now=now, reason=reason)


@transaction.atomic
def close_meeting(
    asker: Person, meeting_id: int, state: MeetingState, note: str, now: datetime
) -> int | None:
    """Say how a meeting went. One that was held opens an opportunity, whose id is returned."""
    demand(asker, Verb.EDIT_PIPELINE)
    if state not in {MeetingState.HELD, MeetingState.MISSED}:
        raise BadInput("A meeting is closed as held or as missed.")
    row = _booked(meeting_id)
    row.state, row.closed_at, row.note = state, now, note
    row.save(update_fields=["state", "closed_at", "note"])
    note_activity(
        kind="meeting", text=f"Meeting {state}", now=now, contact_id=row.contact_id, account_id=row.account_id
    )
    record(asker, "close meeting", "meeting", row.pk, row.title, now=now, after={"state": state.value})
    if state is MeetingState.MISSED:
        _offer_another_time(row, now)
        return None
    return open_opportunity(
        asker,
        row.contact_id,
        f"{row.contact.label}: first meeting",
        Decimal(0),
        "EUR",
        now,
        meeting_id=row.pk,
    )


def _offer_another_time(row: Meeting, now: datetime) -> None:
    """Whoever missed a meeting wanted one: most can be had again, if somebody asks while it is fresh."""
    outreach.open_task(
        SYSTEM,
        outreach.Wish(
            _by_phone_if_known(row.contact),
            f"Missed us: {row.contact.label}",
            "missed",
            f"missed:{row.pk}",
            now,
            row.contact_id,
            row.account_id,
            row.host_id or row.contact.owner_id,
            f"Did not come on {row.starts_at:%Y-%m-%d}. Offer another time.",
            value=_WARM,
        ),
        now,
    )


def _by_phone_if_known(contact: Contact) -> TouchKind:
    return TouchKind.CALL if contact.phone or contact.mobile else TouchKind.TASK


@transaction.atomic
def remind_of_unmet(now: datetime, limit: int = 500) -> int:
    """A task for each who was interested some days ago and has no meeting; how many. Once for each such end.

    An answer ends the cadence, so that from there on nothing but somebody's memory would bring a talk about.
    """
    later = Enrolment.objects.filter(contact=OuterRef("contact"), started_at__gte=OuterRef("stopped_at"))
    met = Meeting.objects.filter(contact=OuterRef("contact"), ends_at__gte=OuterRef("started_at"))
    asleep = Park.objects.filter(contact=OuterRef("contact"), woken_at=None)
    ended = (
        Enrolment.objects.filter(
            stop_reason=StopReason.INTERESTED,
            stopped_at__lte=now - _TO_FIND_A_TIME,
            stopped_at__gt=now - _WARM_FOR,
        )
        .filter(~Exists(later), ~Exists(met), ~Exists(asleep), contact__merged_into=None)
        .select_related("contact")
        .order_by("stopped_at", "id")
    )
    keys = {f"unmet:{run.pk}": run for run in ended[:limit]}
    known = outreach.known_keys(keys)
    wishes = [
        outreach.Wish(
            _by_phone_if_known(run.contact),
            f"No meeting yet: {run.contact.label}",
            "unmet",
            key,
            now,
            run.contact_id,
            run.account_id,
            run.owner_id or run.contact.owner_id,
            f"Was interested on {run.stopped_at:%Y-%m-%d}, and no meeting came of it. Offer times, or enrol them"
            " until we meet.",
            value=_WARM,
        )
        for key, run in keys.items()
        if key not in known
    ]
    outreach.open_tasks(wishes, now)
    return len(wishes)


@transaction.atomic
def open_opportunity(
    asker: Person,
    contact_id: int,
    name: str,
    amount: Decimal,
    currency: str,
    now: datetime,
    *,
    meeting_id: int | None = None,
    source: str = "",
) -> int:
    """Make an engaged prospect an opportunity: one person for life, moved on and never copied."""
    demand(asker, Verb.EDIT_PIPELINE)
    if not (amount.is_finite() and 0 <= amount < MOST_MONEY):
        raise BadInput("An amount is a number, and not negative.")
    if len(currency) != 3 or not currency.isalpha():
        raise BadInput(f"'{currency}' is no currency.", mend="Use three letters, such as EUR.")
    contact = Contact.objects.filter(id=contact_id).first()
    if contact is None:
        raise NotFound("There is no such person.")
    row = Opportunity.objects.create(
        contact=contact,
        account_id=contact.account_id,
        owner_id=asker.id or contact.owner_id,
        meeting_id=meeting_id,
        name=name[:200],
        amount=amount,
        currency=currency.upper(),
        source=source,
        opened_at=now,
    )
    StageChange.objects.create(opportunity=row, now=Stage.MEETING, at=now, by_id=asker.id)
    if (
        contact.lifecycle != Lifecycle.CUSTOMER
    ):  # who has bought stays a customer, whatever else we may sell them
        qualify.move(asker, [contact_id], Lifecycle.OPPORTUNITY, f"Opportunity: {row.name}", "pipeline", now)
    record(asker, "open opportunity", "opportunity", row.pk, row.name, now=now)
    return row.pk


@transaction.atomic
def move(asker: Person, opportunity_id: int, stage: Stage, reason: str, now: datetime) -> None:
    """Take an opportunity to another stage; won and lost need their reason."""
    demand(asker, Verb.EDIT_PIPELINE)
    row = Opportunity.objects.select_for_update().filter(id=opportunity_id).first()
    if row is None:
        raise NotFound("There is no such opportunity.")
    was = Stage(row.stage)
    check_move(was, stage, reason)
    if was is stage:
        return
    row.stage = stage
    if stage in {Stage.WON, Stage.LOST}:
        row.reason, row.closed_at = reason, now
    row.save(update_fields=["stage", "reason", "closed_at"])
    StageChange.objects.create(opportunity=row, was=was, now=stage, at=now, by_id=asker.id, reason=reason)
    if stage is Stage.WON and row.contact_id:
        qualify.move(asker, [row.contact_id], Lifecycle.CUSTOMER, reason, "pipeline", now)
    record(
        asker,
        "move opportunity",
        "opportunity",
        row.pk,
        row.name,
        now=now,
        reason=reason,
        before={"stage": was.value},
        after={"stage": stage.value},
    )


def _booked(meeting_id: int) -> Meeting:
    row = (
        Meeting.objects.select_for_update(of=("self",))
        .select_related("contact")
        .filter(id=meeting_id)
        .first()
    )
    if row is None:
        raise NotFound("There is no such meeting.")
    if row.state != MeetingState.BOOKED:
        raise Conflict(f"This meeting is {row.state} already.", mend="Nothing was changed.")
    return row
