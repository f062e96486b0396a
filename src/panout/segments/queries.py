"""Questions about saved audiences.

segments() -> tuple[SegmentLine, ...]                    in use, by name
segment(segment_id) -> SegmentLine                       raises NotFound
member_ids(segment_id, today, after, limit) -> ids       in order; live ones are asked anew
static_count(segment_id) -> int
views(asker, what) -> tuple[ViewLine, ...]               one's own saved views of a list
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from panout.kernel.errors import NotFound
from panout.qualify.counting import criteria_ids
from panout.segments.models import SavedView, Segment, SegmentMember
from panout.team.rules import Person

MOST_AT_ONCE = 10_000


@dataclass(frozen=True, slots=True)
class SegmentLine:
    """A saved audience. `about` is accounts or contacts."""

    id: int
    name: str
    about: str
    criteria: str
    static: bool
    note: str
    version: int
    made_by: str
    changed_at: datetime
    retired: bool


@dataclass(frozen=True, slots=True)
class ViewLine:
    id: int
    name: str
    query: str


def segments() -> tuple[SegmentLine, ...]:
    rows = Segment.objects.in_use().select_related("made_by").order_by("name")
    return tuple(_line(row) for row in rows[:500])


def segment(segment_id: int) -> SegmentLine:
    row = Segment.objects.select_related("made_by").filter(id=segment_id).first()
    if row is None:
        raise NotFound("There is no such segment.")
    return _line(row)


def member_ids(segment_id: int, today: date, after: int = 0, limit: int = 1000) -> tuple[int, ...]:
    """Ids in order, those above `after`. A live segment is asked of the book as it is now."""
    found = segment(segment_id)
    most = min(limit, MOST_AT_ONCE)
    if not found.static:
        return criteria_ids(found.criteria, today, found.about, after, most)
    column = "account_id" if found.about == "accounts" else "contact_id"
    rows = SegmentMember.objects.filter(segment_id=segment_id, **{f"{column}__gt": after}).order_by(column)
    return tuple(rows.values_list(column, flat=True)[:most])


def static_count(segment_id: int) -> int:
    return SegmentMember.objects.filter(segment_id=segment_id).count()


def views(asker: Person, what: str) -> tuple[ViewLine, ...]:
    rows = SavedView.objects.filter(user_id=asker.id or 0, what=what).order_by("name")[:50]
    return tuple(ViewLine(row.pk, row.name, row.query) for row in rows)


def _line(row: Segment) -> SegmentLine:
    return SegmentLine(
        row.pk,
        row.name,
        row.about,
        row.criteria,
        row.static,
        row.note,
        row.version,
        row.made_by.name if row.made_by else "Panout",
        row.changed_at,
        row.retired_at is not None,
    )
