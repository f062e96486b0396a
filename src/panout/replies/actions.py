"""Verbs about answers.

read_new(now, limit) -> int                                  understand what has come in and act on it
correct(asker, reading_id, intent, now)                      a person's word; acts follow it
undo(asker, deed_id, now)                                    take one automatic act back
close(asker, reading_id, now), reopen(asker, reading_id, now)
answer(asker, reading_id, body, now) -> int                  a reply from the page, under the thread
accept(asker, proposed_id, now) -> int, dismiss(asker, proposed_id, now)
replay(limit) -> tuple[Changed, ...]                    read again with today's rules; changes nothing
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.db import transaction

from panout.cadence.actions import address_died, pause, resume, stop_people
from panout.cadence.models import Enrolment
from panout.cadence.models import Park as Parked
from panout.cadence.rules.calendar import day_begins
from panout.cadence.rules.moves import StopReason
from panout.consent.actions import lift, suppress
from panout.consent.models import Suppression
from panout.consent.rules.suppression import Kind as Named
from panout.consent.rules.suppression import Reason
from panout.kernel.channels import Channel, TouchKind
from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.kernel.zones import zone_of
from panout.mailbox.actions.accounts import pause as rest_mailbox
from panout.mailbox.actions.upkeep import read_dmarc, record_answers, record_bounce, record_unsubscribe
from panout.mailbox.models import Bounce, Inbound, MailAccount
from panout.mailbox.queries import answer_key
from panout.mailbox.rules.dmarc import is_aggregate_report
from panout.mailbox.rules.ways_out import answered_message, token_in_subject
from panout.outreach import actions as outreach
from panout.outreach.models import Message, Sender
from panout.replies.models import Alert, Deed, Proposed, Reading
from panout.replies.rules.bounces import report_in
from panout.replies.rules.intents import Intent
from panout.replies.rules.matching import Envelope, Match, envelope_of, is_ours, match, without_plus
from panout.replies.rules.mime import Mail, read_mail
from panout.replies.rules.understanding import (
    Act,
    AlertOwner,
    Kind,
    Known,
    Park,
    PauseSender,
    ProposeContact,
    Reschedule,
    SoftBounce,
    Stop,
    Suppress,
    Understanding,
    acts_for,
    understand_mail,
)
from panout.replies.trained import trained
from panout.resolve.actions import ActivityLine, add_contact, note_activities, note_activity
from panout.resolve.models import Contact
from panout.team.actions import record
from panout.team.rules import SYSTEM, Person, Verb, demand

CHUNK = 200
# An answer without any thread is taken for one to our latest mail to its writer, this long after it.
SENDER_MEMORY = timedelta(days=60)
WELCOME_WITHIN = timedelta(hours=1)
OTHERS_WITHIN = timedelta(hours=8)
# A full mailbox is patient, but not for ever: so many soft bounces in thirty days count as a hard one.
SOFT_LIMIT = 5

_WELCOME = {Intent.INTERESTED, Intent.MEETING_REQUEST}


@transaction.atomic
def read_new(now: datetime, limit: int = CHUNK) -> int:
    """Understand messages that nobody has taken up, and act on each; returns how many. Safe any time.

    Reading, acts and the mark that it was taken up are one transaction: each message is acted on once.
    """
    rows = list(
        Inbound.objects.filter(read_at=None)
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("id")[:limit]
    )
    if not rows:
        return 0
    ours = _ours()
    mails = [read_mail(bytes(row.raw)) for row in rows]
    envelopes = [envelope_of(mail, _returned_id(mail)) for mail in mails]
    tables = _tables(envelopes, now)
    found = [_found(envelope, row.received_at, tables) for row, envelope in zip(rows, envelopes, strict=True)]
    sent = _sent({one.message for one in found if one is not None})
    taken = [
        (envelope, *_understood(row, mail, envelope, match, sent, ours, now))
        for row, mail, envelope, match in zip(rows, mails, envelopes, found, strict=True)
        if not is_ours(envelope, ours) and not _is_dmarc_report(row, mail)
    ]
    Reading.objects.bulk_create([reading for _, reading, _ in taken])
    tray = _Tray()
    for envelope, reading, meaning in taken:
        _take_up(reading, envelope, meaning, tray, now)
    _settle(tray, now)
    Inbound.objects.filter(id__in=[row.pk for row in rows]).update(read_at=now)
    return len(rows)


def _ours() -> frozenset[str]:
    rows = Sender.objects.values_list("email", "reply_to")
    return frozenset(address.lower() for pair in rows for address in pair if address)


def _returned_id(mail: Mail) -> str:
    """The Message-ID of the mail that a bounce or complaint brings back, or ""."""
    report = report_in(mail)
    return report.original_id if report is not None else ""


def _is_dmarc_report(row: Inbound, mail: Mail) -> bool:
    """An aggregate report goes to its domain's page and is nobody's answer, readable or not."""
    kinds, names = [part.kind for part in mail.parts], [part.name for part in mail.parts]
    if not is_aggregate_report(mail.first("subject"), kinds, names):
        return False
    with contextlib.suppress(BadInput):
        read_dmarc(bytes(row.raw))
    return True


@dataclass(frozen=True, slots=True)
class _Tables:
    """Mails of ours by id, by the token in their answer address, and by whom they went to and when."""

    by_id: dict[str, int]
    by_token: dict[str, int]
    by_writer: dict[str, list[tuple[datetime, int]]]


def _found(envelope: Envelope, received_at: datetime, tables: _Tables) -> Match | None:
    """What this answers. A mail that came before ours had left is no answer to it."""
    earlier = [number for at, number in tables.by_writer.get(envelope.writer, ()) if at <= received_at]
    by_writer = {envelope.writer: earlier[-1]} if earlier else {}
    return match(envelope, tables.by_id, tables.by_token, by_writer)


def _tables(envelopes: Iterable[Envelope], now: datetime) -> _Tables:
    """Three queries for a chunk."""
    several = list(envelopes)
    ids = {known for envelope in several for known in envelope.answers}
    by_id = {
        name: number
        for name, number in Message.objects.filter(message_id__in=ids).values_list("message_id", "id")
        if name
    }
    writers = {envelope.writer for envelope in several if envelope.writer}
    recent = (
        Message.objects.filter(to_email__in=writers, status="sent", sent_at__gt=now - SENDER_MEMORY)
        .order_by("sent_at", "id")
        .values_list("to_email", "sent_at", "id")
    )
    by_writer: dict[str, list[tuple[datetime, int]]] = {}
    for address, at, number in recent:
        if at is not None:
            by_writer.setdefault(address.lower(), []).append((at, number))
    named = {token: answered_message(token, answer_key()) for one in several for token in one.tokens}
    there = set(Message.objects.filter(id__in=[n for n in named.values() if n]).values_list("id", flat=True))
    by_token = {token: number for token, number in named.items() if number is not None and number in there}
    return _Tables(by_id, by_token, by_writer)


@dataclass(frozen=True, slots=True)
class _Sent:
    """Mails of ours that were answered, and whose the person is."""

    messages: Mapping[int, Message]
    owners: Mapping[int, int | None]


def _sent(numbers: set[int]) -> _Sent:
    messages = Message.objects.select_related("contact", "account").in_bulk(numbers)
    people = {message.contact_id for message in messages.values()}
    runs = Enrolment.objects.filter(contact__in=people).order_by("contact", "-started_at").distinct("contact")
    return _Sent(messages, dict(runs.values_list("contact_id", "owner_id")))


def _understood(
    row: Inbound,
    mail: Mail,
    envelope: Envelope,
    found: Match | None,
    sent: _Sent,
    ours: frozenset[str],
    now: datetime,
) -> tuple[Reading, Understanding]:
    """What a message means, not yet written down."""
    message = sent.messages.get(found.message) if found else None
    known = Known(
        matched=message is not None,
        ours=ours | {address for address in envelope.to if without_plus(address) in ours},
        written_to=frozenset({message.to_email.lower()} if message else ()),
    )
    meaning = understand_mail(mail, row.received_at, model=trained(), known=known)
    owner = None
    if message is not None:
        owner = sent.owners.get(message.contact_id) or message.contact.owner_id or message.created_by_id
    reading = Reading(
        inbound=row,
        ours=message,
        contact=message.contact if message else None,
        account=message.account if message else None,
        owner_id=owner,
        matched_by=found.way if found and message else "",
        message_id=envelope.message_id,
        from_email=envelope.writer,
        from_name=envelope.writer_name,
        subject=envelope.subject,
        received_at=row.received_at,
        understood_at=now,
        answer_by=_answer_by(meaning.acts, row.received_at) if message else None,
        **_words(meaning),
    )
    return reading, meaning


def _answer_by(acts: Iterable[Act], received_at: datetime) -> datetime | None:
    """When somebody should have answered, where somebody is told at all."""
    urgent = [act.urgent for act in acts if isinstance(act, AlertOwner)]
    return received_at + (WELCOME_WITHIN if any(urgent) else OTHERS_WITHIN) if urgent else None


@dataclass(slots=True)
class _Tray:
    """What answers ask for, gathered so that a chunk of them is done with few statements."""

    ends: dict[int, tuple[StopReason, Deed]] = field(default_factory=dict)
    """By person: why the run ends, and the line that tells of it if there was one."""
    dead: list[tuple[int, str, Deed]] = field(default_factory=list)
    """People whose address bounced for good, the address, and the line that tells of it."""
    deeds: list[Deed] = field(default_factory=list)
    wishes: dict[int, outreach.Wish] = field(default_factory=dict)
    """By reading: the task for its owner."""
    parks: list[tuple[Parked, Deed]] = field(default_factory=list)
    lines: list[ActivityLine] = field(default_factory=list)
    answered: dict[int, datetime] = field(default_factory=dict)

    def told(self, reading: Reading, act: str, text: str, undo: dict[str, object], now: datetime) -> Deed:
        """A line of what was done."""
        deed = Deed(reading=reading, act=act, text=text, undo=undo, at=now)
        self.deeds.append(deed)
        return deed


def _settle(tray: _Tray, now: datetime) -> None:
    """Do what was gathered. Runs end first, since an end may set a person aside on terms of its own."""
    ended = stop_people({person: reason for person, (reason, _) in tray.ends.items()}, now)
    for person, (_, deed) in tray.ends.items():
        deed.undo = {"enrolment": ended.get(person)}
    idle = [deed for person, (_, deed) in tray.ends.items() if person not in ended]
    for person, address, deed in tray.dead:
        run = None if person in tray.ends else address_died(person, address, now)
        if run is None:
            idle.append(deed)
            continue
        deed.act = "stop" if run.ended else "go_on"
        deed.undo = {"enrolment": run.enrolment_id} if run.ended else {}
        deed.text = f"{_WENT[run.ended]}: a hard bounce."
    aside = _parked({park.contact_id: park for park, _ in tray.parks}) if tray.parks else {}
    for park, deed in tray.parks:
        deed.undo = {"park": aside[park.contact_id]}
    tasks = outreach.open_tasks(tray.wishes.values(), now)
    Alert.objects.bulk_create(
        [Alert(reading_id=pk, task_id=tasks[f"reading:{pk}"]) for pk in tray.wishes], ignore_conflicts=True
    )
    Deed.objects.bulk_create([deed for deed in tray.deeds if not any(deed is one for one in idle)])
    note_activities(tray.lines)
    record_answers(tray.answered)


def _parked(wanted: Mapping[int, Parked]) -> dict[int, int]:
    """Set people aside; who is aside already stays so on the new terms. The park of each."""
    aside = Parked.objects.filter(contact__in=list(wanted), woken_at=None)
    held = list(aside.select_for_update().order_by("id"))
    for one in held:
        park = wanted[one.contact_id]
        one.until, one.wakes_at, one.on_signal = park.until, park.wakes_at, True
        one.why, one.parked_at = park.why, park.parked_at
    Parked.objects.bulk_update(held, ["until", "wakes_at", "on_signal", "why", "parked_at"])
    known = {one.contact_id for one in held}
    # Somebody may set the same person aside at this very moment: then theirs stands.
    Parked.objects.bulk_create(
        [park for person, park in wanted.items() if person not in known], ignore_conflicts=True
    )
    return dict(aside.values_list("contact_id", "id"))


def _take_up(
    reading: Reading, envelope: Envelope, meaning: Understanding, tray: _Tray, now: datetime
) -> None:
    """What follows from a message."""
    acts = meaning.acts
    if _by_way_out(envelope, now):
        tray.told(reading, "suppress", "Took the way out by mail.", {}, now)
        if not reading.reply_text.strip():
            # A mail program wrote it: the token is the whole wish, and it is kept already.
            acts = tuple(act for act in acts if not isinstance(act, Suppress))
    message = reading.ours
    if message is not None:
        _consider(reading, message, acts, tray, now)
        if meaning.kind is Kind.HUMAN:
            tray.answered.setdefault(message.pk, reading.received_at)
            tray.lines.append(_line(reading, message, now))
        if meaning.kind in {Kind.BOUNCE, Kind.COMPLAINT}:
            _note_bounces(reading.inbound, message, meaning, now)


def _words(meaning: Understanding) -> dict[str, object]:
    return {
        "kind": meaning.kind.value,
        "intent": meaning.intent.value,
        "confidence": meaning.confidence,
        "reasons": list(meaning.reasons),
        "reply_text": meaning.reply_text.replace("\x00", ""),
        "signature": meaning.signature.replace("\x00", ""),
        "objections": [one.value for one in meaning.objections],
        "return_date": meaning.return_date,
        "park_until": meaning.park_until,
    }


def _by_way_out(envelope: Envelope, now: datetime) -> bool:
    """A mail to the List-Unsubscribe address: its subject carries the token."""
    token = token_in_subject(envelope.subject)
    if token is None:
        return False
    try:
        record_unsubscribe(token, "mail", now)
    except NotFound:
        return False
    return True


# -- acts


def _consider(reading: Reading, message: Message, acts: Iterable[Act], tray: _Tray, now: datetime) -> None:
    for act in acts:
        _do(reading, message, act, tray, now)


def _do(reading: Reading, message: Message, act: Act, tray: _Tray, now: datetime) -> None:
    match act:
        case Stop(why):
            _stop(reading, message, why, tray, now)
        case Suppress(address, why):
            _suppress(reading, message, address, why, tray, now)
        case SoftBounce(address, why):
            tray.told(reading, "soft_bounce", f"Counted a soft bounce of {address}: {why}.", {}, now)
        case PauseSender(why):
            _rest(reading, message, why, tray, now)
        case Park(until, why):
            _park(reading, message, until, why, tray, now)
        case Reschedule(on):
            _reschedule(reading, message, on, tray, now)
        case ProposeContact(name, email):
            Proposed.objects.get_or_create(reading=reading, name=name[:200], email=email[:320])
            tray.told(reading, "propose", f"Proposed {name or email} as a new contact.", {}, now)
        case AlertOwner(urgent, why):
            _alert(reading, message, why, tray, now, urgent=urgent)


_BOUNCED = "a hard bounce"
_WENT = {True: "Ended the cadence", False: "The cadence goes on without mail"}


def _end_of(reading: Reading, why: str) -> StopReason:
    if why == "opted out" or why == "a complaint":
        return StopReason.OPTED_OUT
    if reading.meant in _WELCOME:
        return StopReason.INTERESTED
    if reading.meant is Intent.NO_PRIORITY:
        return StopReason.NO_PRIORITY
    return StopReason.REPLIED


def _stop(reading: Reading, message: Message, why: str, tray: _Tray, now: datetime) -> None:
    if why == _BOUNCED:
        tray.dead.append((message.contact_id, message.to_email, tray.told(reading, "stop", "", {}, now)))
        return
    if message.contact_id not in tray.ends:
        deed = tray.told(reading, "stop", f"Ended the cadence: {why}.", {}, now)
        tray.ends[message.contact_id] = (_end_of(reading, why), deed)


def _suppress(reading: Reading, message: Message, address: str, why: str, tray: _Tray, now: datetime) -> None:
    reason = Reason.UNSUBSCRIBED
    if "bounced" in why:
        reason = Reason.BOUNCED
    elif "complained" in why:
        reason = Reason.COMPLAINED
    elif "does not want" in why:
        reason = Reason.CONTACT_REFUSED
    # A dead address closes itself; what somebody says closes every road.
    channel = Channel.EMAIL.value if reason is Reason.BOUNCED else ""
    for one in {address.lower() or message.to_email.lower(), *({reading.from_email} if not address else ())}:
        by = f"answer {reading.pk}"
        if one and suppress(SYSTEM, Named.EMAIL, one, reason, by, now, channel=channel, note=why):
            row = Suppression.objects.filter(
                kind=Named.EMAIL, value=one, channel=channel, lifted_at=None
            ).first()
            undo: dict[str, object] = {"suppression": row.pk} if row else {}
            tray.told(reading, "suppress", f"Nobody writes to {one} any more: {why}.", undo, now)


def _rest(reading: Reading, message: Message, why: str, tray: _Tray, now: datetime) -> None:
    account = MailAccount.objects.connected().filter(sender=message.sender_id).first()
    if account is not None:
        rest_mailbox(SYSTEM, account.pk, f"refused for policy: {why}", now, rule="policy")
        tray.told(reading, "rest", f"The mailbox rests: {why}. The recipient is not to blame.", {}, now)


def _park(
    reading: Reading, message: Message, until: date | None, why: str, tray: _Tray, now: datetime
) -> None:
    later = until if until is not None and until > now.date() else None
    when = f"until {later}" if later else "until a new signal"
    deed = tray.told(reading, "park", f"Set aside {when}: {why}.", {}, now)
    wakes = day_begins(later, _zone(message)) if later else None
    park = Parked(contact_id=message.contact_id, until=later, wakes_at=wakes, on_signal=True, parked_at=now)
    park.why = f"{why}: “{_short(reading.reply_text)}”"
    tray.parks.append((park, deed))


def _zone(message: Message) -> str:
    """By whose clock a day begins that somebody has named: their own, as far as it is known."""
    contact, account = message.contact, message.contact.account
    country = contact.person_country or (account.country if account else None)
    return zone_of(country, contact.person_region or (account.region if account else None)) or "UTC"


def _reschedule(reading: Reading, message: Message, on: date, tray: _Tray, now: datetime) -> None:
    if message.contact_id in tray.ends:
        return
    run = Enrolment.objects.running().filter(contact=message.contact_id).first()
    if run is None or on <= now.date():
        return
    until = datetime.combine(on, time(6), tzinfo=now.tzinfo)
    pause(SYSTEM, run.pk, until, f"away until {on}", now)
    tray.told(reading, "pause", f"The cadence goes on from {on}: they are away.", {"enrolment": run.pk}, now)


def _alert(reading: Reading, message: Message, why: str, tray: _Tray, now: datetime, *, urgent: bool) -> None:
    by = reading.received_at + (WELCOME_WITHIN if urgent else OTHERS_WITHIN)
    tray.wishes[reading.pk] = outreach.Wish(
        TouchKind.TASK,
        f"Answer {message.contact.label}: {why.replace('_', ' ')}",
        "reply",
        f"reading:{reading.pk}",
        now,
        message.contact_id,
        message.account_id,
        reading.owner_id,
        f"“{_short(reading.reply_text)}”",
        value=100.0 if urgent else 80.0,
        deadline=by,
    )
    if reading.answer_by != by:
        reading.answer_by = by
        reading.save(update_fields=["answer_by"])
    tray.told(reading, "alert", f"Told the owner: {why.replace('_', ' ')}.", {}, now)


def _note_bounces(row: Inbound, message: Message, meaning: Understanding, now: datetime) -> None:
    account = row.account_id or (
        MailAccount.objects.filter(sender=message.sender_id).values_list("id", flat=True).first()
    )
    if account is None:
        return
    for one in meaning.recipients:
        address = one.address or message.to_email
        if address.lower() != message.to_email.lower() or one.reason == "delivered":
            continue
        hardness = "complaint" if meaning.kind is Kind.COMPLAINT else one.hardness.value
        record_bounce(
            account, address, hardness, now, message_id=message.pk, status=one.status, diagnostic=one.words
        )
    soft = Bounce.objects.filter(
        address__iexact=message.to_email, hardness="soft", at__gt=now - timedelta(days=30)
    )
    if soft.count() >= SOFT_LIMIT and suppress(
        SYSTEM, Named.EMAIL, message.to_email, Reason.BOUNCED, f"{SOFT_LIMIT} soft bounces in 30 days", now,
        channel=Channel.EMAIL.value,
    ):  # fmt: skip
        address_died(message.contact_id, message.to_email, now)


def _line(reading: Reading, message: Message, now: datetime) -> ActivityLine:
    return ActivityLine(
        "reply",
        f"{reading.meant.value.replace('_', ' ').capitalize()}: “{_short(reading.reply_text)}”",
        now,
        message.account_id or message.contact.account_id,
        message.contact_id,
        "email",
        f"/inbox/{reading.pk}",
        f"reading-{reading.pk}",
    )


def _short(text: str, most: int = 200) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= most else flat[: most - 1].rstrip() + "…"


# -- what a person says


@transaction.atomic
def correct(asker: Person, reading_id: int, intent: Intent, now: datetime) -> None:
    """A person's word on what an answer means. What no longer follows is taken back, the rest done."""
    demand(asker, Verb.ANSWER_REPLIES)
    reading = _locked(reading_id)
    was = reading.meant
    if was is intent:
        return
    reading.corrected_to, reading.corrected_by_id, reading.corrected_at = intent.value, asker.id, now
    reading.save(update_fields=["corrected_to", "corrected_by", "corrected_at"])
    if reading.ours is not None:
        for deed in reading.deeds.filter(undone_at=None, act__in=["suppress", "park", "pause"]):
            _take_back(deed, asker, now)
        tray = _Tray()
        acts = acts_for(intent, reading.return_date, reading.park_until, None)
        _consider(reading, reading.ours, acts, tray, now)
        _settle(tray, now)
    record(
        asker,
        "correct answer",
        "reading",
        reading.pk,
        reading.from_email,
        now=now,
        before={"intent": was.value},
        after={"intent": intent.value},
    )


@transaction.atomic
def undo(asker: Person, deed_id: int, now: datetime) -> None:
    """Take one automatic act back. Raises Conflict for what cannot be, or was already."""
    demand(asker, Verb.ANSWER_REPLIES)
    deed = Deed.objects.select_for_update(of=("self",)).select_related("reading").filter(id=deed_id).first()
    if deed is None:
        raise NotFound("There is no such act.")
    if deed.undone_at is not None:
        raise Conflict("Somebody has taken this back already.", mend="Nothing was changed.")
    if not deed.undo:
        raise Conflict("This cannot be taken back.", mend="See the person's page for what to do instead.")
    _take_back(deed, asker, now)
    record(asker, "undo act", "reading", deed.reading_id, deed.text, now=now)


def _take_back(deed: Deed, asker: Person, now: datetime) -> None:
    match deed.act:
        case "suppress" if "suppression" in deed.undo:
            lift(SYSTEM, int(deed.undo["suppression"]), "the answer was misread", now)
        case "park" if "park" in deed.undo:
            Parked.objects.filter(id=deed.undo["park"], woken_at=None).update(
                woken_at=now, woken_by="the answer was misread"
            )
        case "pause" if "enrolment" in deed.undo:
            if Enrolment.objects.running().filter(id=deed.undo["enrolment"]).exists():
                resume(SYSTEM, int(deed.undo["enrolment"]), now)
        case "stop" if "enrolment" in deed.undo:
            _restart(int(deed.undo["enrolment"]), now)
    deed.undone_at, deed.undone_by_id = now, asker.id
    deed.save(update_fields=["undone_at", "undone_by"])


def _restart(enrolment_id: int, now: datetime) -> None:
    """Let a run that was ended by mistake go on where it was; what is behind the person stays behind them."""
    run = Enrolment.objects.select_for_update().filter(id=enrolment_id).first()
    if run is None or Enrolment.objects.running().filter(contact=run.contact_id).exists():
        raise Conflict("The person is in a cadence again.", mend="Nothing was changed.")
    Parked.objects.filter(contact=run.contact_id, woken_at=None).update(woken_at=now, woken_by="run resumed")
    Enrolment.objects.filter(id=enrolment_id).update(
        state="active", stop_reason="", stopped_at=None, next_look_at=now
    )


@transaction.atomic
def close(asker: Person, reading_id: int, now: datetime) -> None:
    """Nothing more is to be done about this answer."""
    demand(asker, Verb.ANSWER_REPLIES)
    reading = _locked(reading_id)
    reading.closed_at = now
    reading.save(update_fields=["closed_at"])


@transaction.atomic
def reopen(asker: Person, reading_id: int) -> None:
    """Undo a close."""
    demand(asker, Verb.ANSWER_REPLIES)
    reading = _locked(reading_id)
    reading.closed_at = None
    reading.save(update_fields=["closed_at"])


@transaction.atomic
def answer(asker: Person, reading_id: int, body: str, now: datetime) -> int:
    """Answer from the page, under their mail; returns the message's id. It leaves by the usual outbox."""
    demand(asker, Verb.ANSWER_REPLIES)
    reading = _locked(reading_id)
    ours = reading.ours
    if ours is None or reading.contact is None:
        raise Conflict("We do not know whom this is from.", mend="Answer it in your mail program.")
    if not body.strip():
        raise BadInput("The answer is empty.")
    subject = reading.subject if reading.subject.lower().startswith("re:") else f"Re: {reading.subject}"
    number = outreach.queue(
        asker,
        outreach.Order(
            outreach.Draft(
                reading.contact.pk,
                reading.account_id,
                reading.from_email or ours.to_email,
                ours.sender_id,
                None,
                subject[:900],
                body,
                in_reply_to=reading.message_id,
                references=tuple(
                    dict.fromkeys((*ours.references, ours.message_id or "", reading.message_id))
                ),
            ),
            "reply",
            None,
            now,
            reviewed=False,
            cold=False,
        ),
        now,
    )
    reading.answered_at, reading.closed_at = now, now
    reading.save(update_fields=["answered_at", "closed_at"])
    record(asker, "answer", "reading", reading.pk, reading.from_email, now=now)
    return number


def _locked(reading_id: int) -> Reading:
    rows = Reading.objects.select_for_update(of=("self",)).select_related("ours__contact", "contact")
    reading = rows.filter(id=reading_id).first()
    if reading is None:
        raise NotFound("There is no such answer.")
    return reading


@transaction.atomic
def accept(asker: Person, proposed_id: int, now: datetime) -> int:
    """Make somebody named in an answer a contact at the same account, linked to where they come from."""
    demand(asker, Verb.ANSWER_REPLIES)
    row = _open_proposal(proposed_id)
    known = Contact.objects.living().filter(email__iexact=row.email).first() if row.email else None
    if known is None:
        values = {name: value for name, value in (("full_name", row.name), ("email", row.email)) if value}
        origin = f"named by {row.reading.from_email}"
        known = Contact.objects.get(id=add_contact(asker, row.reading.account_id, values, origin, now))
    row.contact, row.settled_at, row.settled_by_id = known, now, asker.id
    row.save(update_fields=["contact", "settled_at", "settled_by"])
    note_activity(
        kind="referral",
        text=f"Named by {row.reading.from_name or row.reading.from_email}",
        now=now,
        contact_id=known.pk,
        account_id=known.account_id,
        link=f"/inbox/{row.reading_id}",
    )
    return known.pk


@transaction.atomic
def dismiss(asker: Person, proposed_id: int, now: datetime) -> None:
    """Not a contact for us."""
    demand(asker, Verb.ANSWER_REPLIES)
    row = _open_proposal(proposed_id)
    row.settled_at, row.settled_by_id = now, asker.id
    row.save(update_fields=["settled_at", "settled_by"])


def _open_proposal(proposed_id: int) -> Proposed:
    row = (
        Proposed.objects.select_for_update(of=("self",))
        .select_related("reading")
        .filter(id=proposed_id)
        .first()
    )
    if row is None:
        raise NotFound("There is no such proposal.")
    if row.settled_at is not None:
        raise Conflict("This has been settled already.", mend="Nothing was changed.")
    return row


@dataclass(frozen=True, slots=True)
class Changed:
    """A message that today's rules read in another way."""

    reading_id: int
    subject: str
    text: str
    was: Intent
    now: Intent
    corrected: bool


def replay(limit: int = 500) -> tuple[Changed, ...]:
    """Read the latest answers again with the rules and model of today. Changes nothing."""
    found = []
    rows = Reading.objects.select_related("inbound").order_by("-received_at", "-id")[:limit]
    for row in rows:
        meaning = understand_mail(read_mail(bytes(row.inbound.raw)), row.received_at, model=trained())
        if meaning.intent is not row.meant:
            found.append(
                Changed(
                    row.pk,
                    row.subject,
                    _short(row.reply_text),
                    row.meant,
                    meaning.intent,
                    bool(row.corrected_to),
                )
            )
    return tuple(found)
