"""Questions about signals.

signals(SignalFilter, after, limit) -> Slice[SignalLine]     latest first, over the whole book
signals_of(account_id=|contact_id=, limit) -> tuple[SignalLine, ...]
types() -> tuple[str, ...]                                   the types that occur
weekly(today, weeks) -> tuple[WeekLine, ...]                 how many a week, for the chart
accounts_by_domain(domains) -> {domain: account id}
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection
from django.db.models import Q

from panout.kernel.paging import Slice, keys_of, mark_of
from panout.resolve.models import Account
from panout.resolve.queries import in_sight
from panout.signals.models import Signal
from panout.team.rules import Person

TYPES_THAT_OCCUR = """
    WITH RECURSIVE walk AS (
      (SELECT type FROM signals_signal WHERE dismissed_at IS NULL ORDER BY type LIMIT 1)
      UNION ALL
      SELECT (SELECT s.type FROM signals_signal s WHERE s.type > w.type AND s.dismissed_at IS NULL
              ORDER BY s.type LIMIT 1)
      FROM walk w WHERE w.type IS NOT NULL)
    SELECT type FROM walk WHERE type IS NOT NULL LIMIT 200"""


@dataclass(frozen=True, slots=True)
class SignalFilter:
    """Empty shows all."""

    type: str = ""
    level: str = ""
    since: date | None = None
    import_id: int | None = None


@dataclass(frozen=True, slots=True)
class SignalLine:
    id: int
    type: str
    level: str
    account_id: int | None
    account: str
    contact_id: int | None
    contact: str
    date: date
    strength: float
    source: str
    evidence: str
    dismissed: bool


@dataclass(frozen=True, slots=True)
class WeekLine:
    week: date  # its Monday
    count: int


def signals(asker: Person, asked: SignalFilter, after: str = "", limit: int = 50) -> Slice[SignalLine]:
    rows = Signal.objects.filter(dismissed_at=None).order_by("-date", "-id")
    rows = rows.filter(in_sight(asker))
    if asked.type:
        rows = rows.filter(type=asked.type)
    if asked.level:
        rows = rows.filter(level=asked.level)
    if asked.since is not None:
        rows = rows.filter(date__gte=asked.since)
    if asked.import_id is not None:
        rows = rows.filter(found_by_id=asked.import_id)
    if after:
        day, last = keys_of(after, (str, int))
        rows = rows.filter(Q(date__lt=str(day)) | Q(date=str(day), id__lt=last))
    found = list(rows.select_related("account", "contact")[: limit + 1])
    lines = tuple(_line(row) for row in found[:limit])
    return Slice(lines, mark_of(lines[-1].date.isoformat(), lines[-1].id) if len(found) > limit else "")


def signals_of(
    *, account_id: int | None = None, contact_id: int | None = None, limit: int = 50
) -> tuple[SignalLine, ...]:
    """Latest first, dismissed ones included."""
    rows = Signal.objects.select_related("account", "contact").order_by("-date", "-id")
    rows = rows.filter(account=account_id) if account_id is not None else rows.filter(contact=contact_id)
    return tuple(_line(row) for row in rows[:limit])


def types() -> tuple[str, ...]:
    """By a walk along the index from type to type: one step a type, however many signals there are."""
    with connection.cursor() as cursor:
        cursor.execute(TYPES_THAT_OCCUR)
        return tuple(row[0] for row in cursor.fetchall())


def weekly(today: date, weeks: int = 12) -> tuple[WeekLine, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            # By day first: the index holds the days, so no signal is read.
            "SELECT date_trunc('week', date)::date, sum(many)::bigint FROM (SELECT date, count(*) AS many"
            " FROM signals_signal WHERE date > %s AND date <= %s AND dismissed_at IS NULL GROUP BY date) days"
            " GROUP BY 1 ORDER BY 1",
            [today - timedelta(weeks=weeks), today],
        )
        return tuple(WeekLine(*row) for row in cursor.fetchall())


def _line(row: Signal) -> SignalLine:
    return SignalLine(
        row.pk,
        row.type,
        row.level,
        row.account_id,
        row.account.label if row.account else "",
        row.contact_id,
        row.contact.label if row.contact else "",
        row.date,
        row.strength,
        row.source,
        row.evidence,
        row.dismissed_at is not None,
    )


def accounts_by_domain(domains: Collection[str]) -> dict[str, int]:
    """Living accounts by their web domain; of several with one domain, the oldest."""
    rows = Account.objects.living().filter(domain__in=domains).order_by("-id").values_list("domain", "id")
    return {domain: number for domain, number in rows if domain}
