"""Questions of those who write and approve: the queue in groups, a preview by the real renderer, the meter."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from panout.kernel.channels import TouchKind
from panout.kernel.errors import BadInput
from panout.outreach.actions import Draft, draft
from panout.outreach.models import Message, MessageStatus, Sender
from panout.outreach.queries import Letter, Wording, in_review, materials
from panout.outreach.rules.footprint import Footprint, footprint, look_alikes
from panout.outreach.rules.lint import read_seconds
from panout.resolve.models import Contact
from panout.resolve.queries import of_own
from panout.team.rules import Person

_SAMPLES = 3


@dataclass(frozen=True, slots=True)
class Group:
    """Messages that look alike: read one, and you have read them all."""

    letters: tuple[Letter, ...]
    clean: int  # without a problem: these can be approved together


@dataclass(frozen=True, slots=True)
class Preview:
    """A text as one real person would get it."""

    contact_id: int
    name: str
    draft: Draft
    seconds: float


def approval_groups(asker: Person, limit: int = 200) -> tuple[Group, ...]:
    """The approval queue, look-alikes together, the oldest first."""
    letters = in_review(asker, limit)
    groups: dict[int, list[Letter]] = {}
    for letter, group in zip(
        letters, look_alikes([one.body for one in letters], [_names(one) for one in letters]), strict=True
    ):
        groups.setdefault(group, []).append(letter)
    return tuple(
        Group(tuple(found), sum(1 for one in found if not one.problems)) for found in groups.values()
    )


def _names(letter: Letter) -> frozenset[str]:
    return frozenset(f"{letter.contact} {letter.account}".split())


def previews(
    asker: Person,
    name: str,
    kind: TouchKind,
    subject: str,
    body: str,
    contact_id: int | None,
    now: datetime,
) -> tuple[Preview, ...]:
    """How a text would read for real prospects, or for one of them. Raises BadInput with line and column."""
    people = Contact.objects.living().filter(of_own(asker)).exclude(email=None).order_by("-owner", "id")
    chosen = people.filter(id=contact_id) if contact_id else people[:_SAMPLES]
    sender = Sender.objects.filter(retired_at=None).order_by("id").first()
    stuff = materials([one.pk for one in chosen], now)
    wording = Wording(0, "", name or "this text", kind, 0, subject, body)
    if not body.strip():
        raise BadInput("The text is empty.", where="text")
    made = []
    for one in chosen:
        written = draft(stuff[one.pk], wording, sender)
        made.append(Preview(one.pk, one.label, written, read_seconds(written.body)))
    return tuple(made)


def meter(
    origin: str, now: datetime, contact_ids: Collection[int] | None = None, since: datetime | None = None
) -> Footprint:
    """How alike the mails of the last 30 days (or since a moment) are, with what waits.

    `origin` narrows to one room's, `contact_ids` to those of some people.
    """
    rows = Message.objects.select_related("contact", "account").exclude(status=MessageStatus.CANCELLED)
    rows = rows.filter(created_at__gt=since or now - timedelta(days=30)).order_by("-id")
    if contact_ids is not None:
        rows = rows.filter(contact__in=contact_ids)
    if origin:
        rows = rows.filter(origin=origin)
    found = list(rows[:500])
    names = [
        frozenset(f"{row.contact.label} {row.account.label if row.account else ''}".split()) for row in found
    ]
    return footprint([row.body for row in found], names)
