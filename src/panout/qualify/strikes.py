"""Reasons to disqualify, collected from notes and calls, until somebody makes a rule of them or says that it is none.

strike(asker, mark, origin, now) -> int                       "somebody like this should have been ruled out"
forget(asker, strike_id, origin, now)                         undo of that
take(asker, icp_id, strike_ids, reason, criteria, origin, now) -> int    into the draft; the version's id
dismiss(asker, strike_ids, origin, now), reopen(asker, strike_ids, origin, now)
from_call(asker, key, note, now), not_from_call(key)          the outcome of a task says so
forget_person(contact_id)                                     for erasure
lessons(asker, icp_id) -> tuple[Lesson, ...]                  alike ones together, the most frequent first
suggestions(words, fields) -> tuple[str, ...]                 pure: how a profile may say it, the likeliest first
subject_of(asker, activity_id) -> Told                        the note or call that a mark would rest on
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from panout.criteria.parse import parse
from panout.icp import actions as icp
from panout.icp.queries import version
from panout.icp.rules.editing import with_disqualifier
from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.qualify.models import Strike, Verdict
from panout.resolve.models import Activity
from panout.resolve.queries import Value, account_card, contact_card, sees
from panout.sources.rules.text import fold
from panout.team.actions import record
from panout.team.rules import Person, Verb, demand

MOST = 2000
MOST_SHOWN = 6  # of the notes behind one lesson


@dataclass(frozen=True, slots=True)
class Told:
    """A note or a call, and what is known of whom it is about."""

    activity_id: int
    account_id: int | None
    contact_id: int | None
    about: str
    text: str
    known: Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Mark:
    """What somebody says of a note, a call, or (without `activity_id`) of a record."""

    reason: str
    criteria: str = ""
    activity_id: int | None = None
    account_id: int | None = None
    contact_id: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where a lesson comes from: whom, and in which words."""

    label: str
    link: str
    words: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Lesson:
    """Alike reasons together. `hidden` of them are about records that the reader does not see."""

    ids: tuple[int, ...]
    reason: str
    criteria: str
    count: int
    sources: tuple[Source, ...]
    hidden: int


def subject_of(asker: Person, activity_id: int) -> Told:
    """Raises NotFound, also for what the asker does not see."""
    row = Activity.objects.filter(id=activity_id).first()
    if row is None:
        raise NotFound("There is no such line.")
    return _told(asker, row)


@transaction.atomic
def strike(asker: Person, mark: Mark, origin: str, now: datetime) -> int:
    """Mark it once; marking the same note again puts it into other words."""
    demand(asker, Verb.EDIT_RECORDS)
    reason = " ".join(mark.reason.split())[:200]
    if not reason:
        raise BadInput("Say why, in a few words.", where="reason", mend='Such as: "no data team".')
    criteria = mark.criteria.strip()
    if criteria:
        parse(criteria)
    account_id, contact_id = mark.account_id, mark.contact_id
    if mark.activity_id is not None:
        told = subject_of(asker, mark.activity_id)
        account_id, contact_id = told.account_id, told.contact_id
    elif contact_id is not None:
        account_id = contact_card(asker, contact_id).account_id
    elif account_id is not None:
        account_card(asker, account_id)
    known = {
        "reason": reason, "criteria": criteria, "account_id": account_id, "contact_id": contact_id,
        "icp_id": _profile_of(account_id, contact_id), "made_by_id": asker.id, "made_at": now,
        "settled_at": None, "settled_by": None, "taken_into": None,
    }  # fmt: skip
    if mark.activity_id is not None:
        row, _ = Strike.objects.update_or_create(activity_id=mark.activity_id, defaults=known)
    else:
        row = Strike.objects.create(**known)
    record(
        asker, "note reason to disqualify", "strike", row.pk, reason, now=now, origin=origin,
        after={"criteria": criteria, "account": account_id, "contact": contact_id},
    )  # fmt: skip
    return row.pk


@transaction.atomic
def forget(asker: Person, strike_id: int, origin: str, now: datetime) -> None:
    """Whoever marked it may take it back, and who edits profiles may."""
    row = Strike.objects.select_for_update().filter(id=strike_id, settled_at=None).first()
    if row is None:
        raise NotFound("There is no such mark, or it was settled.")
    demand(asker, Verb.EDIT_RECORDS if row.made_by_id == asker.id else Verb.EDIT_ICP)
    record(asker, "forget reason to disqualify", "strike", row.pk, row.reason, now=now, origin=origin)
    row.delete()


@transaction.atomic
def take(
    asker: Person,
    icp_id: int,
    strike_ids: Collection[int],
    reason: str,
    criteria: str,
    origin: str,
    now: datetime,
) -> int:
    """One more disqualifier in the profile's draft. Raises CriteriaError for words that cannot be read."""
    demand(asker, Verb.EDIT_ICP)
    rows = _open(strike_ids)
    clean = " ".join(reason.split())[:200] or rows[0].reason
    if not criteria.strip():
        raise BadInput("A rule needs criteria.", where="criteria", mend="Such as: employees < 50")
    parse(criteria)
    draft = icp.start_draft(asker, icp_id, origin, now)
    card = version(draft)
    text = with_disqualifier(card.text, clean[:60], criteria.strip(), clean)
    why = f"{len(rows)} notes: {clean}" if len(rows) > 1 else f"A note: {clean}"
    icp.save_draft(asker, draft, card.edits, text, card.reason or why, origin, now)
    Strike.objects.filter(id__in=[row.pk for row in rows]).update(
        taken_into=draft, settled_at=now, settled_by=asker.id, criteria=criteria.strip()
    )
    record(
        asker, "take reason into profile", "icp", icp_id, clean, now=now, origin=origin,
        after={"criteria": criteria.strip(), "notes": len(rows)},
    )  # fmt: skip
    return draft


@transaction.atomic
def dismiss(asker: Person, strike_ids: Collection[int], origin: str, now: datetime) -> None:
    """Looked at: no rule comes of it."""
    demand(asker, Verb.EDIT_ICP)
    rows = _open(strike_ids)
    Strike.objects.filter(id__in=[row.pk for row in rows]).update(settled_at=now, settled_by=asker.id)
    record(
        asker, "dismiss reason to disqualify", "strike", rows[0].pk, rows[0].reason, now=now, origin=origin
    )


@transaction.atomic
def reopen(asker: Person, strike_ids: Collection[int], origin: str, now: datetime) -> None:
    """Undo of `dismiss`."""
    demand(asker, Verb.EDIT_ICP)
    rows = Strike.objects.filter(id__in=list(strike_ids), settled_at__isnull=False, taken_into=None)
    for row in rows.order_by("id"):
        record(asker, "reopen reason to disqualify", "strike", row.pk, row.reason, now=now, origin=origin)
    rows.update(settled_at=None, settled_by=None)


def from_call(asker: Person, key: str, note: str, now: datetime) -> None:
    """A call that ended in "disqualified": its note is the reason. Without a note there is nothing to learn."""
    row = Activity.objects.filter(key=key).first()
    if row is None or not note.strip() or not (row.account_id or row.contact_id):
        return
    known = {
        "reason": " ".join(note.split())[:200], "account_id": row.account_id, "contact_id": row.contact_id,
        "icp_id": _profile_of(row.account_id, row.contact_id), "made_by_id": asker.id, "made_at": now,
    }  # fmt: skip
    Strike.objects.update_or_create(activity=row, defaults=known)


def not_from_call(key: str) -> None:
    """The call's outcome was taken back."""
    Strike.objects.filter(activity__key=key, settled_at=None).delete()


def forget_person(contact_id: int) -> None:
    """For erasure: what was said of a person goes with them."""
    Strike.objects.filter(contact=contact_id).delete()


def lessons(asker: Person, icp_id: int) -> tuple[Lesson, ...]:
    """What waits for this profile: alike by their criteria, else by their words."""
    rows = (
        Strike.objects.filter(Q(icp=icp_id) | Q(icp=None), settled_at=None)
        .select_related("account__owner", "contact__owner", "activity", "made_by")
        .order_by("-made_at", "-id")[:MOST]
    )
    groups: dict[str, list[Strike]] = {}
    for row in rows:
        groups.setdefault(row.criteria or fold(row.reason), []).append(row)
    found = [_lesson(asker, alike) for alike in groups.values()]
    return tuple(sorted(found, key=lambda one: -one.count))


_HINTS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("employees", ("small", "big", "large", "size", "people", "headcount", "employees", "team")),
    ("industry", ("industry", "sector", "trade", "business", "agency", "consult", "sell")),
    ("country", ("country", "region", "abroad", "ship", "local", "language")),
    ("technologies", ("tool", "stack", "uses", "software", "warehouse", "cloud", "platform")),
    ("stage", ("stage", "series", "funding", "seed", "early", "money", "budget")),
    ("status", ("status", "closed", "acquired", "bought", "gone")),
    ("title", ("title", "role", "job", "intern", "assistant", "student")),
)


def suggestions(words: str, fields: Mapping[str, Value]) -> tuple[str, ...]:
    """How a profile would say it of a record with these facts; what the words speak of comes first."""
    told = fold(words)
    order = sorted(_HINTS, key=lambda hint: not any(word in told for word in hint[1]))
    return tuple(said for name, _ in order if (said := _said(name, fields.get(name), told)))


def _said(name: str, value: Value, told: str) -> str:
    if value in (None, "", ()):
        return ""
    match name, value:
        case "employees", int():
            return (
                f"employees >= {value}"
                if any(word in told for word in ("big", "large"))
                else f"employees <= {value}"
            )
        case "technologies", tuple():
            return (
                f"technologies any of ({', '.join(json.dumps(one, ensure_ascii=False) for one in value[:5])})"
            )
        case "title", str():
            return f"title has word {json.dumps(value.split()[-1].lower(), ensure_ascii=False)}"
        case _, str():
            return f"{name} = {json.dumps(value, ensure_ascii=False)}"
        case _:
            return ""


def _lesson(asker: Person, alike: list[Strike]) -> Lesson:
    first = alike[0]
    seen = [row for row in alike if _visible(asker, row)]
    return Lesson(
        tuple(row.pk for row in alike),
        first.reason,
        first.criteria,
        len({(row.account_id, row.contact_id if row.account_id is None else None) for row in alike}),
        tuple(map(_source, seen[:MOST_SHOWN])),
        len(alike) - len(seen),
    )


def _source(row: Strike) -> Source:
    whom = row.contact or row.account
    link = f"/contacts/{row.contact_id}" if row.contact_id else f"/accounts/{row.account_id}"
    company = f", {row.account.label}" if row.contact and row.account else ""
    return Source(
        f"{whom.label}{company}" if whom else "", link, row.activity.text if row.activity else "",
        row.made_by.name if row.made_by else "", row.made_at,
    )  # fmt: skip


def _visible(asker: Person, row: Strike) -> bool:
    whom = row.contact or row.account
    return whom is not None and sees(asker, whom.owner)


def _told(asker: Person, row: Activity) -> Told:
    known: dict[str, Value] = {}
    about = ""
    try:
        company = account_card(asker, row.account_id) if row.account_id is not None else None
    except NotFound:
        if row.contact_id is None:
            raise
        company = None  # somebody may see a person and not the company's own facts
    if company is not None:
        about = company.label
        known |= {field.name: field.value for field in company.fields}
    if row.contact_id is not None:
        somebody = contact_card(asker, row.contact_id)
        about = f"{somebody.label}, {about}" if about else somebody.label
        known |= {field.name: field.value for field in somebody.fields if field.value is not None}
    return Told(row.pk, row.account_id, row.contact_id, about, row.text, known)


def _profile_of(account_id: int | None, contact_id: int | None) -> int | None:
    """The profile that judged them: the lesson is for that one first."""
    rows = (
        Verdict.objects.filter(contact=contact_id)
        if contact_id
        else Verdict.objects.filter(account=account_id)
    )
    return rows.order_by("-priority").values_list("icp_version__icp", flat=True).first()


def _open(strike_ids: Collection[int]) -> list[Strike]:
    rows = list(
        Strike.objects.select_for_update().filter(id__in=list(strike_ids), settled_at=None).order_by("id")
    )
    if not rows:
        raise Conflict("Somebody has settled these meanwhile.", mend="Look at the page again.")
    return rows
