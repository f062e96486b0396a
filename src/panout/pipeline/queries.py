"""Questions about meetings and opportunities.

meetings(state, limit) -> tuple[Met, ...]          by time
meeting(meeting_id) -> Met                         raises NotFound
slots(slug, now) -> Offered                        what a booking page offers; raises NotFound
links(user_id) -> tuple[Link, ...]
askings(user_id, now) -> tuple[AskedFor, ...]      times kept for people who are not in the book
opportunities(asker) -> tuple[Deal, ...]           open ones and those closed lately, by stage
forecast_now(asker) -> {currency: amount}
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import QuerySet

from panout.kernel.errors import NotFound
from panout.pipeline.models import Asking, BookingLink, Meeting, Opportunity
from panout.pipeline.rules import OPEN_STAGES, Hours, MeetingState, Stage, Worth, forecast, free_slots
from panout.resolve.queries import in_sight
from panout.team.rules import Person


@dataclass(frozen=True, slots=True)
class Met:
    """A meeting, as pages show it. Times in UTC."""

    id: int
    contact_id: int
    contact: str
    account_id: int | None
    account: str
    host: str
    title: str
    starts_at: datetime
    ends_at: datetime
    state: MeetingState
    source: str
    note: str
    uid: str
    sequence: int


@dataclass(frozen=True, slots=True)
class Link:
    """A booking link."""

    id: int
    slug: str
    title: str
    minutes: int
    place: str


@dataclass(frozen=True, slots=True)
class Offered:
    """What a booking page offers a stranger: whom they meet, how long, and the free starts (UTC)."""

    slug: str
    title: str
    host: str
    host_zone: str
    minutes: int
    place: str
    starts: tuple[datetime, ...]


@dataclass(frozen=True, slots=True)
class AskedFor:
    """A time that is kept for somebody who is not in the book. Times in UTC."""

    id: int
    email: str
    page: str
    starts_at: datetime
    ends_at: datetime
    asked_at: datetime


@dataclass(frozen=True, slots=True)
class Deal:
    """An opportunity, as pages show it."""

    id: int
    name: str
    account_id: int | None
    account: str
    contact_id: int | None
    contact: str
    owner: str
    stage: Stage
    amount: Decimal
    currency: str
    close_on: date | None
    source: str
    reason: str
    opened_at: datetime


def _rows() -> QuerySet[Meeting]:
    return Meeting.objects.select_related("contact", "account", "host")


def _met(row: Meeting) -> Met:
    return Met(
        row.pk,
        row.contact_id,
        row.contact.label,
        row.account_id,
        row.account.label if row.account else "",
        row.host.name if row.host else "",
        row.title,
        row.starts_at,
        row.ends_at,
        MeetingState(row.state),
        row.source,
        row.note,
        row.uid,
        row.sequence,
    )


def meetings(asker: Person, state: MeetingState | None = None, limit: int = 200) -> tuple[Met, ...]:
    """Meetings, the latest first."""
    rows = _rows().filter(in_sight(asker, owner="host")).order_by("-starts_at", "-id")
    return tuple(_met(row) for row in (rows.filter(state=state) if state else rows)[:limit])


def meeting(meeting_id: int) -> Met:
    """One meeting. Raises NotFound."""
    row = _rows().filter(id=meeting_id).first()
    if row is None:
        raise NotFound("There is no such meeting.")
    return _met(row)


def links(user_id: int) -> tuple[Link, ...]:
    """Somebody's open booking links."""
    rows = BookingLink.objects.filter(host=user_id, closed_at=None).order_by("id")
    return tuple(Link(row.pk, row.slug, row.title, row.minutes, row.place) for row in rows)


def waiting_askings(user_id: int | None, now: datetime) -> QuerySet[Asking]:
    """Times kept on somebody's pages, in no order: for who counts them with what else waits."""
    return Asking.objects.waiting(now).filter(link__host=user_id)


def askings(user_id: int, now: datetime) -> tuple[AskedFor, ...]:
    """What waits for somebody's answer, the nearest time first."""
    rows = waiting_askings(user_id, now).select_related("link")
    return tuple(
        AskedFor(row.pk, row.email, row.link.title, row.starts_at, row.ends_at, row.asked_at)
        for row in rows.order_by("starts_at", "id")[:200]
    )


def slots(slug: str, now: datetime) -> Offered:
    """What a booking page offers. Raises NotFound for a link that is closed or never was."""
    row = BookingLink.objects.select_related("host").filter(slug=slug, closed_at=None).first()
    if row is None or not row.host.is_active:
        raise NotFound("There is no such booking page.")
    hours = Hours(row.host.zone, row.opens, row.closes, row.minutes)
    busy = Meeting.objects.filter(
        host=row.host, state=MeetingState.BOOKED, ends_at__gt=now, starts_at__lt=now + timedelta(days=30)
    ).values_list("starts_at", "ends_at")
    kept = Asking.objects.waiting(now).filter(link__host=row.host).values_list("starts_at", "ends_at")
    starts = free_slots(hours, [*busy, *kept], now)
    return Offered(row.slug, row.title, row.host.name, row.host.zone, row.minutes, row.place, starts)


def opportunities(asker: Person, limit: int = 300) -> tuple[Deal, ...]:
    """Open opportunities and the latest closed ones, by stage and then the newest first."""
    rows = _deals(asker).select_related("account", "contact", "owner").order_by("-opened_at", "-id")[:limit]
    order = list(Stage)
    deals = [
        Deal(
            row.pk,
            row.name,
            row.account_id,
            row.account.label if row.account else "",
            row.contact_id,
            row.contact.label if row.contact else "",
            row.owner.name if row.owner else "",
            Stage(row.stage),
            row.amount,
            row.currency,
            row.close_on,
            row.source,
            row.reason,
            row.opened_at,
        )
        for row in rows
    ]
    return tuple(sorted(deals, key=lambda deal: order.index(deal.stage)))


def _deals(asker: Person) -> QuerySet[Opportunity]:
    return Opportunity.objects.filter(in_sight(asker, owner="owner"))


def forecast_now(asker: Person) -> dict[str, Decimal]:
    """Open amounts weighted by stage, per currency."""
    rows = _deals(asker).filter(stage__in=OPEN_STAGES).values_list("stage", "amount", "currency")
    return forecast(Worth(Stage(stage), amount, currency) for stage, amount, currency in rows)
