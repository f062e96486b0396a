"""Questions about answers.

inbox(asker, asked, before, limit) -> (lines, next)   over all mailboxes, newest first, keyset by id
thread(reading_id) -> Thread                          raises NotFound
tally(asker) -> {intent: open answers}
on_the_clock(asker) -> tuple[Line, ...]               welcome answers that nobody has answered
proposals(asker) -> tuple[Named, ...]
corrections(asker) -> tuple[Corrected, ...]           what people corrected, for the reply desk
mailboxes(now) -> tuple[Looked, ...]                  when each mailbox was last read
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from panout.kernel.errors import NotFound
from panout.mailbox.actions.receiving import SILENT_AFTER
from panout.mailbox.models import Cursor, MailAccount
from panout.outreach.models import Message, MessageStatus
from panout.replies.models import Deed, Proposed, Reading
from panout.replies.rules.intents import Intent
from panout.replies.rules.understanding import Kind
from panout.resolve.queries import in_sight
from panout.team.rules import Person


@dataclass(frozen=True, slots=True)
class Asked:
    """What the inbox is narrowed to. `state`: open, closed or all."""

    state: str = "open"
    intent: Intent | None = None
    kind: Kind | None = Kind.HUMAN
    owner_id: int | None = None
    words: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """One answer in the list."""

    id: int
    contact_id: int | None
    contact: str
    account_id: int | None
    account: str
    from_email: str
    subject: str
    text: str
    kind: Kind
    intent: Intent
    confidence: float
    corrected: bool
    received_at: datetime
    answer_by: datetime | None
    answered_at: datetime | None
    closed: bool


@dataclass(frozen=True, slots=True)
class Act:
    """Something done because of an answer."""

    id: int
    act: str
    text: str
    at: datetime
    can_undo: bool
    undone: bool


@dataclass(frozen=True, slots=True)
class Named:
    """Somebody named in an answer."""

    id: int
    reading_id: int
    name: str
    email: str
    by: str
    account: str
    contact_id: int | None
    settled: bool


@dataclass(frozen=True, slots=True)
class Said:
    """One message of a thread, ours or theirs."""

    ours: bool
    who: str
    at: datetime
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Thread:
    """One answer with all around it: the talk so far, why it was read so, what was done."""

    line: Line
    reasons: tuple[str, ...]
    objections: tuple[str, ...]
    matched_by: str
    signature: str
    talk: tuple[Said, ...]
    acts: tuple[Act, ...]
    named: tuple[Named, ...]
    can_answer: bool


def _seen(asker: Person) -> QuerySet[Reading]:
    return Reading.objects.filter(in_sight(asker, owner="owner")).select_related("contact", "account")


def _line(row: Reading) -> Line:
    return Line(
        row.pk,
        row.contact_id,
        row.contact.label if row.contact else (row.from_name or row.from_email),
        row.account_id,
        row.account.label if row.account else "",
        row.from_email,
        row.subject,
        row.reply_text,
        Kind(row.kind),
        row.meant,
        row.confidence,
        bool(row.corrected_to),
        row.received_at,
        row.answer_by,
        row.answered_at,
        row.closed_at is not None,
    )


def inbox(
    asker: Person, asked: Asked, before: int | None = None, limit: int = 50
) -> tuple[tuple[Line, ...], int | None]:
    """Answers over all mailboxes, newest first, and where the next page begins (None: no more)."""
    rows = _seen(asker).order_by("-id")
    if asked.state != "all":
        rows = rows.filter(closed_at__isnull=asked.state == "open")
    if asked.kind is not None:
        rows = rows.filter(kind=asked.kind.value)
    if asked.intent is not None:
        rows = rows.filter(Q(corrected_to=asked.intent.value) | Q(corrected_to="", intent=asked.intent.value))
    if asked.owner_id is not None:
        rows = rows.filter(owner=asked.owner_id)
    if asked.words:
        rows = rows.filter(Q(reply_text__icontains=asked.words) | Q(from_email__icontains=asked.words))
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows[: limit + 1])
    return tuple(_line(row) for row in found[:limit]), (found[limit - 1].pk if len(found) > limit else None)


def tally(asker: Person) -> Mapping[Intent, int]:
    """Open human answers by what they mean."""
    rows = (
        _seen(asker)
        .filter(closed_at=None, kind=Kind.HUMAN.value)
        .values_list("corrected_to", "intent")
        .annotate(n=Count("id"))
    )
    found: dict[Intent, int] = {}
    for corrected, intent, count in rows:
        meant = Intent(corrected or intent)
        found[meant] = found.get(meant, 0) + count
    return found


def on_the_clock(asker: Person, limit: int = 50) -> tuple[Line, ...]:
    """Answers with a clock that nobody has answered, the most pressing first."""
    rows = (
        _seen(asker).filter(answer_by__isnull=False, answered_at=None, closed_at=None).order_by("answer_by")
    )
    return tuple(_line(row) for row in rows[:limit])


def thread(reading_id: int) -> Thread:
    """One answer with all around it. Raises NotFound."""
    row = Reading.objects.select_related("contact", "account").filter(id=reading_id).first()
    if row is None:
        raise NotFound("There is no such answer.")
    acts = tuple(
        Act(
            deed.pk,
            deed.act,
            deed.text,
            deed.at,
            bool(deed.undo) and deed.undone_at is None,
            deed.undone_at is not None,
        )
        for deed in Deed.objects.filter(reading=row).order_by("at", "id")
    )
    return Thread(
        _line(row),
        tuple(row.reasons),
        tuple(row.objections),
        row.matched_by,
        row.signature,
        _talk(row),
        acts,
        _named(Proposed.objects.filter(reading=row)),
        row.ours_id is not None and row.contact_id is not None,
    )


def _talk(row: Reading) -> tuple[Said, ...]:
    if row.contact_id is None:
        return (Said(False, row.from_email, row.received_at, row.subject, row.reply_text),)
    ours = (
        Message.objects.filter(contact=row.contact_id, status=MessageStatus.SENT)
        .select_related("sender")
        .order_by("-sent_at")[:30]
    )
    theirs = Reading.objects.filter(contact=row.contact_id).order_by("-received_at")[:30]
    said = [
        *(
            Said(
                True,
                one.sender.name if one.sender else "",
                one.sent_at or one.created_at,
                one.subject,
                one.body,
            )
            for one in ours
        ),
        *(Said(False, one.from_email, one.received_at, one.subject, one.reply_text) for one in theirs),
    ]
    return tuple(sorted(said, key=lambda one: one.at))


def proposals(asker: Person) -> tuple[Named, ...]:
    """People named in answers who wait for a word."""
    about = in_sight(asker, contact="reading__contact", account="reading__account", owner="reading__owner")
    return _named(Proposed.objects.filter(about, settled_at=None))


def _named(rows: QuerySet[Proposed]) -> tuple[Named, ...]:
    return tuple(
        Named(
            row.pk,
            row.reading_id,
            row.name,
            row.email,
            row.reading.from_name or row.reading.from_email,
            row.reading.account.label if row.reading.account else "",
            row.contact_id,
            row.settled_at is not None,
        )
        for row in rows.select_related("reading__account").order_by("-id")[:100]
    )


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a person said against the machine: kept for learning."""

    reading_id: int
    text: str
    was: Intent
    now: Intent


def corrections(asker: Person, limit: int = 500) -> tuple[Corrected, ...]:
    """The latest corrections."""
    rows = _seen(asker).exclude(corrected_to="").order_by("-corrected_at")[:limit]
    return tuple(Corrected(row.pk, row.reply_text, Intent(row.intent), row.meant) for row in rows)


@dataclass(frozen=True, slots=True)
class Looked:
    """When a mailbox was last read."""

    account_id: int
    email: str
    folder: str
    synced_at: datetime | None
    trouble: str
    silent: bool


def mailboxes(now: datetime) -> tuple[Looked, ...]:
    """Every mailbox that can be read, and each of its folders."""
    rows = MailAccount.objects.connected().exclude(imap_host="").select_related("sender").order_by("id")
    cursors: dict[int, list[Cursor]] = {}
    for one in Cursor.objects.filter(account__in=rows).order_by("folder"):
        cursors.setdefault(one.account_id, []).append(one)
    found = []
    for row in rows:
        for one in cursors.get(row.pk, [Cursor(account=row, folder="INBOX")]):
            silent = one.synced_at is None or one.synced_at < now - SILENT_AFTER
            trouble = one.trouble or row.trouble
            found.append(Looked(row.pk, row.sender.email, one.folder, one.synced_at, trouble, silent))
    return tuple(found)
