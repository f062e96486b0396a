"""Verbs on the outbox, for the room that carries it: claim, begin, finish, give back, doubt, settle, cancel.

claim(ids, worker, ids_for, now) -> claimed          each row to one worker; its Message-ID is on record
begin(ids, worker, now) -> ids still ours             committed before a byte leaves; the fence
finish(worker, outcomes) -> {id: whom it went to}     what became of it
give_back(before, now) -> int                         claims whose worker died; nothing had left
doubt(before, now) -> ids                             begun and never finished: unsure
settle(message_id, was_sent, by, now)                 an unsure one, by the Sent folder or a person
cancel(asker, message_id, now)                        until it is begun
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction
from django.db.models import F

from panout.kernel.channels import Channel, TouchKind
from panout.kernel.errors import Conflict, NotFound
from panout.outreach.models import Message, MessageStatus
from panout.team.actions import record
from panout.team.rules import SYSTEM, Person


@dataclass(frozen=True, slots=True)
class Claimed:
    """A message in a worker's hands, with all that it takes to write it out."""

    id: int
    message_id: str
    to_email: str
    to_name: str
    subject: str
    body: str
    in_reply_to: str
    references: tuple[str, ...]
    cold: bool
    tries: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message. `not_before` is when to try again, for those that go back to the queue."""

    id: int
    status: MessageStatus
    reason: str = ""
    at: datetime | None = None
    not_before: datetime | None = None


_CLAIM = """
UPDATE outreach_message AS m
   SET status = 'claimed', claimed_by = %s, claimed_at = %s, tries = m.tries + 1, reason = '',
       message_id = COALESCE(m.message_id, wanted.message_id)
  FROM unnest(%s::bigint[], %s::text[]) AS wanted (id, message_id)
 WHERE m.id = ANY(%s) AND m.id = wanted.id AND m.status = 'queued'
RETURNING m.id, m.message_id, m.to_email,
          COALESCE((SELECT c.full_name FROM resolve_contact AS c WHERE c.id = m.contact_id), ''),
          m.subject, m.body, m.in_reply_to, m."references", m.cold, m.tries
"""


def claim(message_ids: Mapping[int, str], worker: str, now: datetime) -> tuple[Claimed, ...]:
    """Take queued messages; `message_ids` offers each a Message-ID, which a second try does not need."""
    with connection.cursor() as cursor:
        ids = list(message_ids)
        cursor.execute(_CLAIM, [worker, now, ids, list(message_ids.values()), ids])
        rows = cursor.fetchall()
    # As asked for, which is oldest first; UPDATE returns rows as it meets them.
    order = {number: place for place, number in enumerate(message_ids)}
    found = [
        Claimed(row[0], row[1], row[2], row[3], row[4], row[5], row[6], tuple(row[7]), row[8], row[9])
        for row in rows
    ]
    return tuple(sorted(found, key=lambda one: order[one.id]))


_BEGIN = """
UPDATE outreach_message SET status = 'sending', begun_at = %s
 WHERE id = ANY(%s) AND status = 'claimed' AND claimed_by = %s
RETURNING id
"""


def begin(ids: Sequence[int], worker: str, now: datetime) -> frozenset[int]:
    """Commit that these are about to leave; those not returned are no longer this worker's to send."""
    with connection.cursor() as cursor:
        cursor.execute(_BEGIN, [now, list(ids), worker])
        return frozenset(number for (number,) in cursor.fetchall())


# An unsure message may still be finished by the worker that held it all along: it alone knows.
_FINISH = """
WITH done AS (
    UPDATE outreach_message AS m
       SET status = told.status, reason = told.reason,
           sent_at = CASE WHEN told.status = 'sent' THEN told.at ELSE m.sent_at END,
           not_before = COALESCE(told.not_before, m.not_before),
           claimed_by = CASE WHEN told.status = 'queued' THEN '' ELSE m.claimed_by END
      FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::timestamptz[], %s::timestamptz[])
           AS told (id, status, reason, at, not_before)
     -- Named twice, so that the rows are found by their key however large the planner takes the list to be.
     WHERE m.id = ANY(%s) AND m.id = told.id
       AND m.claimed_by = %s AND m.status IN ('claimed', 'sending', 'unsure')
    RETURNING m.id, m.status, m.contact_id, m.account_id, m.sent_at, m.created_by_id, m.to_email, m.cold
), touched AS (
    INSERT INTO outreach_touch (contact_id, account_id, kind, channel, at, by_id, message_id, disposition)
    SELECT contact_id, account_id, %s, %s, sent_at, created_by_id, id, '' FROM done WHERE status = 'sent'
    ON CONFLICT (message_id) DO NOTHING
)
SELECT id, to_email, cold FROM done
"""


@dataclass(frozen=True, slots=True)
class Finished:
    """A message whose outcome is on record."""

    to_email: str
    cold: bool


def finish(worker: str, outcomes: Sequence[Outcome]) -> dict[int, Finished]:
    """Record what became of messages, and a touch for each that was sent. Safe to repeat.

    Returns those that were this worker's, by id.
    """
    if not outcomes:
        return {}
    columns = zip(
        *((one.id, one.status.value, one.reason, one.at, one.not_before) for one in outcomes), strict=True
    )
    ids = [one.id for one in outcomes]
    with connection.cursor() as cursor:
        cursor.execute(
            _FINISH,
            [*(list(column) for column in columns), ids, worker, TouchKind.EMAIL.value, Channel.EMAIL.value],
        )
        return {number: Finished(address, cold) for number, address, cold in cursor.fetchall()}


def give_back(before: datetime) -> int:
    """Queue again what was claimed before this and never begun: its worker died, or is very late.

    Safe even if it only is late: `begin` is fenced by the claim, and finds that it has lost it. Rows that
    somebody is writing to are left for the next look: to wait for them, in an order of our own, is how
    two workers lock each other out.
    """
    with transaction.atomic():
        lost = Message.objects.filter(status=MessageStatus.CLAIMED, claimed_at__lt=before)
        ids = list(lost.select_for_update(skip_locked=True).values_list("id", flat=True))
        return Message.objects.filter(id__in=ids).update(
            status=MessageStatus.QUEUED, claimed_by="", claimed_at=None
        )


def doubt(before: datetime, reason: str) -> tuple[int, ...]:
    """Mark what was begun before this and never finished as unsure; ids."""
    with transaction.atomic():
        begun = Message.objects.filter(status=MessageStatus.SENDING, begun_at__lt=before)
        ids = tuple(begun.select_for_update(skip_locked=True).values_list("id", flat=True))
        Message.objects.filter(id__in=ids).update(status=MessageStatus.UNSURE, reason=reason)
    return ids


@transaction.atomic
def settle(number: int, *, was_sent: bool, by: Person = SYSTEM, how: str, now: datetime) -> None:
    """End the doubt about one message. Not sent: it is queued again, with the Message-ID that it had."""
    message = Message.objects.select_for_update().filter(id=number).first()
    if message is None:
        raise NotFound("There is no such message.", where=f"message {number}")
    if message.status != MessageStatus.UNSURE:
        raise Conflict(
            "This message is not in doubt.", where=f"message {number}", mend="Load the page again."
        )
    if was_sent:
        message.status, message.sent_at = MessageStatus.SENT, message.begun_at or now
    else:
        message.status, message.claimed_by, message.not_before = MessageStatus.QUEUED, "", now
    message.reason, message.settled_at = how, now
    message.save(update_fields=["status", "sent_at", "claimed_by", "not_before", "reason", "settled_at"])
    if was_sent:
        _touch([message])
    verdict = "was sent" if was_sent else "was not sent"
    record(by, f"settle message: {verdict}", "message", number, message.subject, reason=how, now=now)


def _touch(messages: Iterable[Message]) -> None:
    from_messages = [message.pk for message in messages]
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO outreach_touch "
            "(contact_id, account_id, kind, channel, at, by_id, message_id, disposition) "
            "SELECT contact_id, account_id, %s, %s, sent_at, created_by_id, id, '' FROM outreach_message "
            "WHERE id = ANY(%s) ON CONFLICT (message_id) DO NOTHING",
            [TouchKind.EMAIL.value, Channel.EMAIL.value, from_messages],
        )


@transaction.atomic
def cancel(by: Person, number: int, reason: str, now: datetime) -> None:
    """Take a message back. Works through the undo window and until it is begun; Conflict after that."""
    open_ = [MessageStatus.REVIEW, MessageStatus.QUEUED, MessageStatus.CLAIMED]
    taken = Message.objects.filter(id=number, status__in=open_)
    if taken.update(status=MessageStatus.CANCELLED, reason=reason, claimed_by=F("claimed_by")) != 1:
        if not Message.objects.filter(id=number).exists():
            raise NotFound("There is no such message.", where=f"message {number}")
        raise Conflict("It is too late: the message is leaving or has left.", where=f"message {number}")
    record(by, "cancel message", "message", number, "", reason=reason, now=now)


def deny(numbers: Mapping[int, str]) -> None:
    """Cancel queued messages that a rule forbids at the last moment, each with its reason."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE outreach_message AS m SET status = 'cancelled', reason = told.reason "
            "FROM unnest(%s::bigint[], %s::text[]) AS told (id, reason) "
            "WHERE m.id = told.id AND m.status = 'queued'",
            [list(numbers), list(numbers.values())],
        )
