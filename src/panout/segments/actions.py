"""Verbs about saved audiences.

create(asker, name, about, criteria, note, origin, now) -> int           raises CriteriaError
change(asker, segment_id, version, name, criteria, note, origin, now)    raises Conflict when it moved on
freeze(asker, segment_id, name, today, origin, now) -> int               a static copy; its id
retire(asker, segment_id, origin, now), restore(asker, segment_id, origin, now)
note_use(segment_id, kind, subject_id, label, link, now, ended=)          rooms downstream say that they rest on it
release(kind, subject_id, now)                                            and that they do no more
keep_view(asker, what, name, query, now) -> int, drop_view(asker, view_id)
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from panout.criteria.parse import parse
from panout.criteria.tree import fields
from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.kernel.fields import CONTACT_FIELDS
from panout.segments.models import LISTS, SavedView, Segment, SegmentMember, SegmentUse
from panout.segments.queries import MOST_AT_ONCE, member_ids, uses
from panout.team.actions import record
from panout.team.rules import Person, Verb, demand

MOST_VIEWS = 50
_PERSONAL = frozenset(field.name for field in CONTACT_FIELDS)


@transaction.atomic
def create(asker: Person, name: str, about: str, criteria: str, note: str, origin: str, now: datetime) -> int:
    demand(asker, Verb.EDIT_SEGMENTS)
    clean = _free_name(name, None)
    made = Segment.objects.create(
        name=clean,
        about=about,
        criteria=_readable(criteria, about),
        note=note.strip(),
        made_by_id=asker.id,
        created_at=now,
        changed_at=now,
    )
    after = {"criteria": made.criteria}
    record(asker, "make segment", "segment", made.pk, clean, now=now, origin=origin, after=after)
    return made.pk


@transaction.atomic
def change(
    asker: Person,
    segment_id: int,
    version: int,
    name: str,
    criteria: str,
    note: str,
    origin: str,
    now: datetime,
) -> None:
    demand(asker, Verb.EDIT_SEGMENTS)
    row = _locked(segment_id)
    if row.version != version:
        raise Conflict(
            f"{row.name} was changed by somebody else meanwhile.",
            mend="Look at theirs, then put your change on top.",
        )
    if row.static and criteria.strip() != row.criteria:
        raise Conflict("A static segment keeps its members; its criteria only tell where they came from.")
    before: dict[str, object] = {"name": row.name, "criteria": row.criteria}
    row.name, row.criteria, row.note = _free_name(name, row.pk), _readable(criteria, row.about), note.strip()
    row.version += 1
    row.changed_at = now
    row.save(update_fields=["name", "criteria", "note", "version", "changed_at"])
    after = {"name": row.name, "criteria": row.criteria}
    record(
        asker,
        "change segment",
        "segment",
        row.pk,
        row.name,
        now=now,
        origin=origin,
        before=before,
        after=after,
    )  # fmt: skip


@transaction.atomic
def freeze(asker: Person, segment_id: int, name: str, today: date, origin: str, now: datetime) -> int:
    """Whoever is in it now, kept under a new name whatever changes later."""
    demand(asker, Verb.EDIT_SEGMENTS)
    row = _locked(segment_id)
    kept = Segment.objects.create(
        name=_free_name(name, None),
        about=row.about,
        criteria=row.criteria,
        static=True,
        note=f"{row.name} as of {today}",
        made_by_id=asker.id,
        created_at=now,
        changed_at=now,
    )
    column, last, count = ("account_id" if row.about == "accounts" else "contact_id"), 0, 0
    while ids := member_ids(row.pk, today, last, MOST_AT_ONCE):
        SegmentMember.objects.bulk_create(
            SegmentMember(segment=kept, added_at=now, **{column: one}) for one in ids
        )
        last, count = ids[-1], count + len(ids)
    record(
        asker,
        "freeze segment",
        "segment",
        kept.pk,
        kept.name,
        now=now,
        origin=origin,
        after={"members": count},
    )
    return kept.pk


@transaction.atomic
def retire(asker: Person, segment_id: int, origin: str, now: datetime) -> None:
    """Raises Conflict, with their names, while something rests on it."""
    demand(asker, Verb.EDIT_SEGMENTS)
    row = _locked(segment_id)
    held_by = [use.label for use in uses(row.pk) if use.live]
    if held_by:
        raise Conflict(
            f"{row.name} is in use: {', '.join(held_by[:5])}{' and others' if len(held_by) > 5 else ''}.",
            mend="End or change those first; then it can be put away.",
        )
    row.retired_at = now
    row.save(update_fields=["retired_at"])
    record(asker, "retire segment", "segment", row.pk, row.name, now=now, origin=origin)


@transaction.atomic
def restore(asker: Person, segment_id: int, origin: str, now: datetime) -> None:
    demand(asker, Verb.EDIT_SEGMENTS)
    row = _locked(segment_id)
    _free_name(row.name, row.pk)
    row.retired_at = None
    row.save(update_fields=["retired_at"])
    record(asker, "restore segment", "segment", row.pk, row.name, now=now, origin=origin)


def note_use(
    segment_id: int, kind: str, subject_id: int, label: str, link: str, now: datetime, *, ended: bool = False
) -> None:
    """Call it in the transaction of what begins. `ended`: it took its people once and rests on nothing."""
    SegmentUse.objects.update_or_create(
        segment_id=segment_id,
        kind=kind,
        subject_id=subject_id,
        defaults={"label": label[:200], "link": link, "began_at": now, "ended_at": now if ended else None},
    )


def release(kind: str, subject_id: int, now: datetime) -> None:
    SegmentUse.objects.filter(kind=kind, subject_id=subject_id, ended_at=None).update(ended_at=now)


@transaction.atomic
def keep_view(asker: Person, what: str, name: str, query: str, now: datetime) -> int:
    """One's own; the same name again replaces the filters. No line in the ledger: it is nobody else's."""
    demand(asker, Verb.READ_BOOK)
    clean = " ".join(name.split())[:60]
    if not clean or what not in LISTS:
        raise BadInput("A view needs a name, and a list.", where="name")
    mine = SavedView.objects.filter(user_id=asker.id or 0, what=what)
    found = mine.filter(name__iexact=clean).first()
    if found is not None:
        found.query = query[:8000]
        found.save(update_fields=["query"])
        return found.pk
    if mine.count() >= MOST_VIEWS:
        raise BadInput(f"You have {MOST_VIEWS} views of this list already.", mend="Drop one first.")
    return SavedView.objects.create(
        user_id=asker.id or 0, what=what, name=clean, query=query[:8000], created_at=now
    ).pk


def drop_view(asker: Person, view_id: int) -> None:
    SavedView.objects.filter(id=view_id, user_id=asker.id or 0).delete()


def _locked(segment_id: int) -> Segment:
    row = Segment.objects.select_for_update().filter(id=segment_id).first()
    if row is None:
        raise NotFound("There is no such segment.")
    return row


def _free_name(name: str, own: int | None) -> str:
    clean = " ".join(name.split())[:120]
    if not clean:
        raise BadInput("A segment needs a name.", where="name")
    if Segment.objects.in_use().filter(name__iexact=clean).exclude(id=own or 0).exists():
        raise Conflict(f"There is a segment called {clean} already.")
    return clean


def _readable(criteria: str, about: str) -> str:
    clean = criteria.strip()
    if about not in {"accounts", "contacts"}:
        raise BadInput("A segment is of accounts or of contacts.", where="about")
    if not clean:
        raise BadInput("A segment needs criteria.", where="criteria", mend="Begin with: country is known")
    tree = parse(clean)
    if about == "accounts" and any(name in _PERSONAL for name in fields(tree)):
        raise BadInput(
            "This speaks of a person, and the segment is of accounts.",
            where="criteria",
            mend="Make it a segment of contacts.",
        )
    return clean
