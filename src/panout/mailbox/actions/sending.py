"""Verbs that move mail.

assign_senders(now) -> int                                  who writes, where nobody was named
claim_due(account_id, worker, most, now, rng) -> claimed    what may leave now, by every limit
AccountStore                                                commits marks and outcomes for the carrier
look_after(now)                                             dead claims queued again, lost sends unsure
settle_from_sent(account_id, imap, now)                     unsure ones found in the Sent folder were sent
file_sent(account_id, imap, now)                            our copies, where the provider keeps none
"""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.db.models import Count, F, Q

from panout.cadence.actions import messages_settled
from panout.clients.imap import Imap
from panout.consent.actions import suppress
from panout.consent.queries import standings
from panout.consent.rules.suppression import Addressee, Kind, Reason
from panout.kernel.channels import Channel
from panout.mailbox.actions.accounts import note_trouble
from panout.mailbox.carrier import Fact, Failed, Sent, Unfit, Untouched, write_out
from panout.mailbox.models import Attempt, Bounce, MailAccount, Result
from panout.mailbox.queries import pace_of, stationery, zone_of
from panout.mailbox.rules.compose import new_message_id
from panout.mailbox.rules.failures import Fate, next_wait
from panout.mailbox.rules.limits import (
    Candidate,
    Hold,
    Waiting,
    choose,
    choose_sender,
    gap,
    ramp_days,
    room_now,
)
from panout.outreach.actions import tell_sent
from panout.outreach.models import Message, MessageStatus
from panout.outreach.outbox import (
    Claimed,
    Finished,
    Outcome,
    begin,
    claim,
    deny,
    doubt,
    finish,
    give_back,
    settle,
)
from panout.outreach.queries import addressee, noted
from panout.team.rules import SYSTEM

# Longer than any server may take to answer the final dot (RFC 5321 4.5.3.2.6 allows ten minutes).
_LEASE = timedelta(minutes=15)


# -- claiming -----------------------------------------------------------------------------------------


@transaction.atomic
def assign_senders(now: datetime, most: int = 500) -> int:
    """Name a writer where none is: whoever wrote to this person before, else who has most room."""
    rows = list(
        Message.objects.due(now)
        .filter(sender=None)
        .select_for_update(skip_locked=True, of=("self",))
        .order_by("not_before", "id")
        .values_list("id", "contact_id")[:most]
    )
    if not rows:
        return 0
    waiting: Counter[int] = Counter()
    able = list(MailAccount.objects.able(now).filter(paused_reason="").select_related("sender__user"))
    paces = {account.sender_id: pace_of(account, now) for account in able}
    before = Message.objects.filter(contact_id__in={contact for _, contact in rows}, sender__isnull=False)
    sticky = dict(before.order_by("contact_id", "id").values_list("contact_id", "sender_id"))
    for number, contact in rows:
        free = [
            Candidate(sender_id, pace.cap - pace.used_today, waiting[sender_id])
            for sender_id, pace in paces.items()
        ]
        chosen = choose_sender(sticky.get(contact), free)
        if chosen is None:
            continue
        waiting[chosen] += 1
        sticky[contact] = chosen
        Message.objects.filter(id=number).update(sender_id=chosen)
    return sum(waiting.values())


@transaction.atomic
def claim_due(
    account_id: int, worker: str, most: int, now: datetime, rng: random.Random
) -> tuple[Claimed, ...]:
    """What this account may send now, at most `most`. Answers go first and obey no cap.

    The account's row is locked, so that two workers count together; limits are counted when claimed.
    """
    account = (
        MailAccount.objects.able(now)
        .select_for_update(of=("self",))
        .select_related("sender__user")
        .filter(id=account_id)
        .first()
    )
    if account is None:
        return ()
    # Whoever queued or approved it may still think better of it; `outbox.cancel` is the way back.
    final = now - account.limits.undo
    meant = Q(approved_at=None) | Q(approved_at__lte=final)
    due = Message.objects.due(now).filter(meant, sender_id=account.sender_id, created_at__lte=final)
    due = due.order_by("not_before", "id")
    wanted = [_waiting(row) for row in due.filter(cold=False).values_list(*_WAITING)[:most]]
    chosen = [one.id for one in wanted]
    limits = account.limits
    pace = pace_of(account, now)
    room = room_now(pace, limits, now)
    cold: tuple[int, ...] = ()
    if not isinstance(room, Hold) and len(chosen) < most:
        # More are looked at than may leave, so that one throttled domain does not block the rest.
        rows = [_waiting(row) for row in due.filter(cold=True).values_list(*_WAITING)[: most * 2 + 20]]
        recent = _recent_domains({one.to_domain for one in rows}, now)
        cold, _later = choose(rows, min(room.mails, most - len(chosen)), recent, limits)
        chosen += cold
    if not chosen:
        return ()
    forbidden = _forbidden(chosen, now)
    deny(forbidden)
    cold_left = [number for number in cold if number not in forbidden]
    if cold_left:
        _count(account, len(cold_left), now, rng)
    domain = account.sender.email.rpartition("@")[2]
    allowed = [number for number in chosen if number not in forbidden]
    ids = {number: new_message_id(f"{number:x}.{secrets.token_hex(8)}", domain) for number in allowed}
    return claim(ids, worker, now)


_WAITING = ("id", "to_email")


def _waiting(row: tuple[int, str]) -> Waiting:
    return Waiting(row[0], row[1].rpartition("@")[2].lower())


def _recent_domains(domains: set[str], now: datetime) -> Mapping[str, int]:
    hour = Attempt.objects.filter(at__gt=now - timedelta(hours=1), cold=True, result=Result.SENT)
    counted = Counter(
        dict(hour.filter(to_domain__in=domains).values_list("to_domain").annotate(mails=Count("id")))
    )
    # Those on their way count too, else a quick worker would claim again before the first are recorded.
    for address in Message.objects.in_hand().filter(cold=True).values_list("to_email", flat=True):
        counted[address.rpartition("@")[2].lower()] += 1
    return counted


def _forbidden(ids: Sequence[int], now: datetime) -> dict[int, str]:
    """The gate at the very last moment: a wish that came after the message was queued still counts."""
    rows = list(Message.objects.filter(id__in=ids).select_related("contact__account"))
    people: dict[int, Addressee] = {}
    for row in rows:
        # Also the mail's own address: the record may have a newer one by now.
        who = people.get(row.contact_id) or addressee(row.contact, row.contact.account)
        people[row.contact_id] = replace(who, emails=who.emails | {row.to_email.lower()})
    standing = standings(people.values(), now)
    told = {row.pk: standing[str(row.contact_id)].against(Channel.EMAIL, now) for row in rows}
    for row in rows:
        if row.cold:
            told[row.pk] = told[row.pk] or noted(row.contact, Channel.EMAIL)
    return {number: f"Suppressed: {why}" for number, why in told.items() if why}


def _count(account: MailAccount, mails: int, now: datetime, rng: random.Random) -> None:
    today = now.astimezone(zone_of(account)).date()
    if account.used_on != today:
        account.ramp_days = ramp_days(account.ramp_days, account.used_on, today) + (
            account.used_on is not None
        )
        account.used_on, account.used_today = today, 0
    account.used_today += mails
    account.next_at = now + gap(account.limits, rng)
    account.save(update_fields=["ramp_days", "used_on", "used_today", "next_at"])


# -- outcomes -----------------------------------------------------------------------------------------


class AccountStore:
    """Commits the carrier's marks and outcomes for one account. One per worker thread."""

    def __init__(self, account_id: int, worker: str, clock: Callable[[], datetime]) -> None:
        self._account_id = account_id
        self._worker = worker
        self._clock = clock

    def begin(self, marks: Sequence[int]) -> frozenset[int]:
        return begin(marks, self._worker, self._clock())

    @transaction.atomic
    def record(self, facts: Sequence[Fact]) -> None:
        if all(isinstance(fact, Sent) for fact in facts):
            # Need not wait for the disk: should the database's machine die before it is there, these are
            # marked and unrecorded, which is a doubt, and the Sent folder settles doubts. Their marks waited.
            with connection.cursor() as cursor:
                cursor.execute("SET LOCAL synchronous_commit TO off")
        done = finish(self._worker, [outcome_of(fact) for fact in facts])
        tried = {fact.id: fact for fact in facts if fact.id in done and not isinstance(fact, Untouched)}
        _note_attempts(self._account_id, tried.values(), done)
        unspent = sum(
            1
            for fact in facts
            if isinstance(fact, Untouched)
            or (isinstance(fact, Failed) and fact.failure.fate is Fate.UNAVAILABLE)
        )
        if unspent:
            # What did not leave does not count against the day.
            MailAccount.objects.filter(id=self._account_id, used_today__gte=unspent).update(
                used_today=F("used_today") - unspent
            )
        for fact in tried.values():
            if isinstance(fact, Failed):
                self._consequences(fact, done[fact.id].to_email)
        tell_sent([fact.id for fact in tried.values() if isinstance(fact, Sent)])
        messages_settled(tried, self._clock())

    def _consequences(self, fact: Failed, address: str) -> None:
        if fact.failure.pauses_mailbox:
            note_trouble(self._account_id, fact.failure, fact.at)
        if fact.failure.suppresses_recipient:
            said = f"refused at sending: {fact.failure.said}"
            closed = Channel.EMAIL.value
            suppress(SYSTEM, Kind.EMAIL, address, Reason.BOUNCED, said[:120], fact.at, channel=closed)
            Bounce.objects.create(
                account_id=self._account_id,
                message_id=fact.id,
                address=address,
                hardness="hard",
                diagnostic=fact.failure.said,
                at=fact.at,
            )


def outcome_of(fact: Fact) -> Outcome:
    """What the outbox should say."""
    match fact:
        case Sent():
            return Outcome(fact.id, MessageStatus.SENT, "", fact.at)
        case Unfit():
            return Outcome(fact.id, MessageStatus.REFUSED, fact.why, fact.at)
        case Untouched():
            return Outcome(fact.id, MessageStatus.QUEUED, "The server was not available")
        case Failed(failure=failure):
            told = f"{failure.what}. {failure.said}".strip()
            if failure.fate is Fate.UNSURE:
                return Outcome(fact.id, MessageStatus.UNSURE, told, fact.at)
            wait = next_wait(failure, fact.tries)
            if wait is None:
                gave_up = "" if failure.fate is Fate.REFUSED else f" Given up after {fact.tries} tries."
                return Outcome(fact.id, MessageStatus.REFUSED, told + gave_up, fact.at)
            return Outcome(fact.id, MessageStatus.QUEUED, told, fact.at, fact.at + wait)


_ATTEMPTS = """
INSERT INTO mailbox_attempt (account_id, message_id, at, cold, to_domain, result, kind, stage, said, what)
SELECT %s, * FROM unnest(%s::bigint[], %s::timestamptz[], %s::boolean[], %s::text[], %s::text[], %s::text[],
                         %s::text[], %s::text[], %s::text[])
"""


def _note_attempts(
    account_id: int, facts: Iterable[Sent | Failed | Unfit], done: Mapping[int, Finished]
) -> None:
    rows = [
        (
            fact.id,
            fact.at,
            done[fact.id].cold,
            done[fact.id].to_email.rpartition("@")[2].lower(),
            *_ended(fact),
        )
        for fact in facts
    ]
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_ATTEMPTS, [account_id, *(list(column) for column in zip(*rows, strict=True))])


def _ended(fact: Sent | Failed | Unfit) -> tuple[str, str, str, str, str]:
    """(result, kind, stage, said, what)"""
    match fact:
        case Sent():
            return Result.SENT.value, "", "", fact.said, ""
        case Unfit():
            return Result.REFUSED.value, "content", "", "", fact.why
        case Failed(failure=failure):
            result = Result(failure.fate.value).value
            return result, failure.kind.value, failure.stage.value, failure.said, failure.what


# -- afterwards ---------------------------------------------------------------------------------------


def look_after(now: datetime, lease: timedelta = _LEASE) -> tuple[int, int]:
    """(given back to the queue, marked unsure). What a worker that died left behind."""
    back = give_back(now - lease)
    lost = doubt(
        now - lease, "The sender stopped while this mail was leaving: it may have been taken, or may not."
    )
    return back, len(lost)


def settle_from_sent(account_id: int, imap: Imap, now: datetime) -> tuple[int, int]:
    """(settled as sent, still in doubt). Only finding it proves anything: a copy may be late or not kept."""
    account = MailAccount.objects.select_related("sender").get(id=account_id)
    waiting = Message.objects.unsure().filter(sender_id=account.sender_id).values_list("id", "message_id")
    folder = imap.sent_folder(account.sent_folder) if waiting else None
    settled = 0
    for number, message_id in waiting:
        if folder is not None and message_id and imap.find(folder, message_id):
            settle(number, was_sent=True, how=f"Found in the folder {folder}.", now=now)
            settled += 1
    return settled, len(waiting) - settled


def file_sent(account_id: int, imap: Imap, now: datetime, most: int = 200) -> int:
    """Put our copies into the Sent folder, each once; what is there already is not put again."""
    account = MailAccount.objects.select_related("sender__user").get(id=account_id)
    if account.keeps_sent:
        return 0
    folder = imap.sent_folder(account.sent_folder) or account.sent_folder or "Sent"
    own = stationery(account)
    rows = (
        Attempt.objects.filter(account_id=account_id, result=Result.SENT, filed_at=None)
        .select_related("message__contact")
        .order_by("id")[:most]
    )
    filed = 0
    for attempt in rows:
        message = attempt.message
        if not imap.find(folder, message.message_id or ""):
            _envelope, mail = write_out(_as_claimed(message), own, attempt.at)
            imap.append(folder, mail, attempt.at)
            filed += 1
        Attempt.objects.filter(id=attempt.pk).update(filed_at=now)
    return filed


def _as_claimed(message: Message) -> Claimed:
    return Claimed(
        message.pk,
        message.message_id or "",
        message.to_email,
        (message.contact.full_name or "") if message.contact is not None else "",
        message.subject,
        message.body,
        message.in_reply_to,
        tuple(message.references),
        message.cold,
        message.tries,
    )
