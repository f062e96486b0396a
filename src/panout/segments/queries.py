"""Questions about saved audiences.

segments() -> tuple[SegmentLine, ...]                    in use, by name
segment(segment_id) -> SegmentLine                       raises NotFound
member_ids(segment_id, today, after, limit) -> ids       in order; live ones are asked anew
static_count(segment_id) -> int
members(asker, segment_id, limit) -> tuple[MemberLine, ...]   of a static segment, those that the asker sees
uses(segment_id) -> tuple[UseLine, ...]                  who rests on it, or did; views of lists among them
use_counts() -> {segment_id: how many rest on it now}
views(asker, what) -> tuple[ViewLine, ...]               one's own saved views of a list
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import parse_qs

from panout.kernel.errors import NotFound
from panout.qualify.counting import criteria_ids
from panout.resolve.queries import sees
from panout.segments.models import SavedView, Segment, SegmentMember, SegmentUse
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


@dataclass(frozen=True, slots=True)
class MemberLine:
    id: int
    label: str
    detail: str


@dataclass(frozen=True, slots=True)
class UseLine:
    """Something that rests on a segment; one that is not `live` took its people once, or has ended."""

    kind: str
    label: str
    link: str
    began_at: datetime
    live: bool


def members(asker: Person, segment_id: int, limit: int = 200) -> tuple[MemberLine, ...]:
    found = segment(segment_id)
    rows = SegmentMember.objects.filter(segment_id=segment_id).order_by("id")
    lines: list[MemberLine] = []
    for row in rows.select_related("account__owner", "contact__owner", "contact__account")[
        :MOST_AT_ONCE
    ].iterator():
        whom = row.account or row.contact
        if whom is None or not sees(asker, whom.owner):
            continue
        company = row.contact.account if row.contact else None
        words = (
            (row.account.industry, row.account.country)
            if row.account
            else (row.contact.title if row.contact else None, company.label if company else None)
        )
        lines.append(MemberLine(whom.pk, whom.label, " · ".join(word for word in words if word)))
        if len(lines) >= limit:
            break
    return tuple(lines) if found.static else ()


def uses(segment_id: int) -> tuple[UseLine, ...]:
    """Those that rest on it now first, the newest first among them."""
    rows = SegmentUse.objects.filter(segment=segment_id).order_by("-began_at")[:200]
    noted = [UseLine(row.kind, row.label, row.link, row.began_at, row.ended_at is None) for row in rows]
    kept = [
        UseLine(
            "view", f"{row.name}, a view of {row.user.name}", f"/{row.what}?{row.query}", row.created_at, True
        )
        for row in SavedView.objects.filter(query__contains="segment=").select_related("user")[:5000]
        if _names(row.query, segment_id)
    ]
    return tuple(sorted([*noted, *kept], key=lambda one: not one.live))


def use_counts() -> dict[int, int]:
    counts = Counter(SegmentUse.objects.filter(ended_at=None).values_list("segment", flat=True))
    for query in SavedView.objects.filter(query__contains="segment=").values_list("query", flat=True)[:5000]:
        counts.update(
            int(one) for one in parse_qs(query).get("segment", ()) if one.isdecimal() and len(one) < 20
        )
    return dict(counts)


def _names(query: str, segment_id: int) -> bool:
    return str(segment_id) in parse_qs(query).get("segment", ())


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
