"""Questions about mail on its way: the outbox as its page shows it, and one message with all that befell it.

outbox(asker, shelf, before, limit) -> (lines, where the next page begins)
counts(asker) -> {shelf: how many}, each counted as far as MOST_COUNTED
passage(message_id, now) -> Passage                raises NotFound
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Count, QuerySet

from panout.kernel.errors import NotFound
from panout.mailbox.models import Attempt, Click, MailAccount
from panout.mailbox.rules.clicks import links_in
from panout.mailbox.rules.limits import PRESET
from panout.outreach.models import Message, MessageStatus
from panout.resolve.queries import in_sight
from panout.team.rules import Person

MOST_COUNTED = 10_001


class Shelf(StrEnum):
    """Where in the outbox a message lies."""

    WAITING = "waiting"
    DOUBTFUL = "in doubt"
    SENT = "sent"
    STAYED = "not sent"


_STATUSES = {
    Shelf.WAITING: (MessageStatus.QUEUED, MessageStatus.CLAIMED, MessageStatus.SENDING),
    Shelf.DOUBTFUL: (MessageStatus.UNSURE,),
    Shelf.SENT: (MessageStatus.SENT,),
    Shelf.STAYED: (MessageStatus.REFUSED, MessageStatus.CANCELLED),
}


@dataclass(frozen=True, slots=True)
class Line:
    """One message of the outbox. `at`: when it left, or may leave."""

    id: int
    contact: str
    account: str
    to_email: str
    subject: str
    sender: str
    status: MessageStatus
    reason: str
    at: datetime
    tries: int
    people: int
    machines: int


def _on(asker: Person, shelf: Shelf) -> QuerySet[Message]:
    return Message.objects.filter(in_sight(asker), status__in=_STATUSES[shelf])


def outbox(
    asker: Person, shelf: Shelf, before: int | None = None, limit: int = 50
) -> tuple[tuple[Line, ...], int | None]:
    """The newest first."""
    rows = _on(asker, shelf).select_related("contact", "account", "sender").order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows[: limit + 1])
    shown = found[:limit]
    seen = _clicks([row.pk for row in shown])
    lines = tuple(
        Line(
            row.pk, row.contact.label, row.account.label if row.account else "", row.to_email, row.subject,
            row.sender.email if row.sender else "", MessageStatus(row.status), row.reason,
            row.sent_at or row.not_before, row.tries, seen[row.pk, False], seen[row.pk, True],
        )
        for row in shown
    )  # fmt: skip
    return lines, shown[-1].pk if len(found) > limit else None


def _clicks(numbers: list[int]) -> Counter[tuple[int, bool]]:
    rows = Click.objects.filter(message__in=numbers).values_list("message_id", "machine")
    return Counter({(number, machine): many for number, machine, many in rows.annotate(many=Count("id"))})


def counts(asker: Person) -> dict[Shelf, int]:
    """A number for each shelf; MOST_COUNTED means that many or more."""
    return {shelf: _on(asker, shelf).order_by()[:MOST_COUNTED].count() for shelf in Shelf}


@dataclass(frozen=True, slots=True)
class Try:
    """One conversation with the mail server about a message."""

    at: datetime
    result: str
    stage: str
    said: str
    what: str


@dataclass(frozen=True, slots=True)
class Followed:
    """One link of a mail, and who followed it. `whys` are the signs by which machines were known."""

    link: str
    people: int
    machines: int
    last_at: datetime | None
    whys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Passage:
    """One message with all that befell it. `links` is empty where clicks are not counted."""

    id: int
    contact_id: int
    contact: str
    account_id: int | None
    account: str
    sender: str
    to_email: str
    subject: str
    body: str
    status: MessageStatus
    reason: str
    message_id: str
    created_at: datetime
    not_before: datetime
    sent_at: datetime | None
    undo_until: datetime | None
    tries: tuple[Try, ...]
    links: tuple[Followed, ...]
    counted: bool

    @property
    def may_cancel(self) -> bool:
        return self.status in (MessageStatus.REVIEW, MessageStatus.QUEUED, MessageStatus.CLAIMED)


def passage(message_id: int, now: datetime) -> Passage:
    row = Message.objects.select_related("contact", "account", "sender").filter(id=message_id).first()
    if row is None:
        raise NotFound("There is no such message.", where=f"message {message_id}")
    attempts = Attempt.objects.filter(message=row.pk).order_by("-at", "-id")[:50]
    clicks = list(Click.objects.filter(message=row.pk).order_by("-at"))
    counts_them = MailAccount.objects.filter(sender=row.sender_id, count_clicks=True).exists()
    free_at = max(row.created_at, row.approved_at or row.created_at) + PRESET.undo
    waits = row.status == MessageStatus.QUEUED and free_at > now
    return Passage(
        row.pk, row.contact_id, row.contact.label, row.account_id, row.account.label if row.account else "",
        f"{row.sender.name} <{row.sender.email}>" if row.sender else "", row.to_email, row.subject, row.body,
        MessageStatus(row.status), row.reason, row.message_id or "", row.created_at, row.not_before,
        row.sent_at, free_at if waits else None,
        tuple(Try(one.at, one.result, one.stage, one.said, one.what) for one in attempts),
        _followed(row.body, clicks) if clicks or counts_them else (),
        bool(clicks) or counts_them,
    )  # fmt: skip


def _followed(body: str, clicks: list[Click]) -> tuple[Followed, ...]:
    found = []
    for place, link in enumerate(links_in(body)):
        here = [click for click in clicks if click.place == place]
        found.append(
            Followed(
                link,
                sum(not click.machine for click in here),
                sum(click.machine for click in here),
                here[0].at if here else None,
                tuple(dict.fromkeys(click.why for click in here if click.machine)),
            )
        )
    return tuple(found)
