"""Questions about facts.

facts_of(account_id=|contact_id=, now) -> tuple[FactLine, ...]     live ones first, latest first
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from panout.research.models import Fact


@dataclass(frozen=True, slots=True)
class FactLine:
    """A statement, where it was read, when it was true, and whether a message may still cite it."""

    id: int
    name: str
    value: str
    source: str
    quote: str
    as_of: date | None
    seen_at: datetime
    expires_at: datetime | None
    confidence: float
    live: bool


def facts_of(
    now: datetime, *, account_id: int | None = None, contact_id: int | None = None, limit: int = 100
) -> tuple[FactLine, ...]:
    rows = Fact.objects.order_by("withdrawn_at", "-seen_at", "-id")
    rows = rows.filter(account=account_id) if account_id is not None else rows.filter(contact=contact_id)
    return tuple(
        FactLine(
            row.pk,
            row.name,
            row.value,
            row.source,
            row.quote,
            row.as_of,
            row.seen_at,
            row.expires_at,
            row.confidence,
            row.withdrawn_at is None and (row.expires_at is None or row.expires_at > now),
        )
        for row in rows[:limit]
    )
