"""Segments: audiences in the language for who, with their counts; and saved views of the lists."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.criteria.errors import CriteriaError
from panout.flow.clock import now
from panout.kernel.errors import BadInput, PanoutError
from panout.kernel.fields import ACCOUNT_FIELDS, CONTACT_FIELDS, Field
from panout.qualify.counting import CriteriaCount, criteria_count
from panout.segments import actions as act
from panout.segments import queries as ask
from panout.segments.queries import MemberLine, SegmentLine, UseLine
from panout.signals.queries import types
from panout.sources.queries import own_columns
from panout.team.rules import Person, Verb, may
from panout.web import undo
from panout.web.http import asker_who_may, origin
from panout.web.reading import needed, text

LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class SegmentsPage:
    lines: tuple[tuple[SegmentLine, int], ...]  # with how many rest on it now
    may_edit: bool


@dataclass(frozen=True, slots=True)
class Found:
    """What criteria find as typed so far; `error` where they cannot be read."""

    criteria: str
    about: str
    count: CriteriaCount | None
    error: PanoutError | None


@dataclass(frozen=True, slots=True)
class SegmentPage:
    line: SegmentLine | None
    found: Found
    members: int
    shown: tuple[MemberLine, ...]
    uses: tuple[UseLine, ...]
    account_fields: tuple[Field, ...]
    contact_fields: tuple[Field, ...]
    own_columns: tuple[str, ...]  # what people believe and prefer, as their lists told it
    deeds: tuple[str, ...]  # types of signals that occur: what they did
    may_edit: bool


@require_safe
def segments(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    counts = ask.use_counts()
    lines = tuple((line, counts.get(line.id, 0)) for line in ask.segments())
    page = SegmentsPage(lines, may(person, Verb.EDIT_SEGMENTS))
    return render(request, "segments/list.html", {"page": page})


@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """The builder, beginning with the criteria of a list when it is opened from there."""
    person = asker_who_may(request, Verb.EDIT_SEGMENTS)
    about = "contacts" if text(request.GET, "about") == "contacts" else "accounts"
    found = _found(person, text(request.GET, "criteria", LONGEST), about)
    return render(request, "segments/one.html", {"page": _page(person, None, found)})


@require_safe
def segment(request: HttpRequest, segment_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    line = ask.segment(segment_id)
    page = _page(person, line, _found(person, line.criteria, line.about))
    return render(request, "segments/one.html", {"page": page})


@require_POST
def count(request: HttpRequest) -> HttpResponse:
    """The live panel: how many, who, and the criteria as a sentence."""
    person = asker_who_may(request, Verb.READ_BOOK)
    about = "contacts" if text(request.POST, "about") == "contacts" else "accounts"
    found = _found(person, text(request.POST, "criteria", LONGEST), about)
    return render(request, "segments/one.html#found", {"found": found})


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    person, given = asker_who_may(request, Verb.EDIT_SEGMENTS), request.POST
    made = act.create(
        person, text(given, "name", 120), text(given, "about"), text(given, "criteria", LONGEST),
        text(given, "note", 500), origin(request), now(),
    )  # fmt: skip
    undo.say(request, "The segment is kept.", way="segment", id=made)
    return HttpResponseRedirect(f"/segments/{made}", status=303)


@require_POST
def save(request: HttpRequest, segment_id: int) -> HttpResponse:
    person, given = asker_who_may(request, Verb.EDIT_SEGMENTS), request.POST
    act.change(
        person, segment_id, needed(given, "version"), text(given, "name", 120),
        text(given, "criteria", LONGEST), text(given, "note", 500), origin(request), now(),
    )  # fmt: skip
    undo.say(request, "Saved.")
    return HttpResponseRedirect(f"/segments/{segment_id}", status=303)


@require_POST
def freeze(request: HttpRequest, segment_id: int) -> HttpResponse:
    person, moment = asker_who_may(request, Verb.EDIT_SEGMENTS), now()
    today = moment.astimezone(person.tz).date()
    name = text(request.POST, "name", 120) or f"{ask.segment(segment_id).name}, {today:%-d %b %Y}"
    made = act.freeze(person, segment_id, name, today, origin(request), moment)
    undo.say(request, f"Whoever was in it is kept as {name}.", way="segment", id=made)
    return HttpResponseRedirect(f"/segments/{made}", status=303)


@require_POST
def retire(request: HttpRequest, segment_id: int) -> HttpResponse:
    act.retire(asker_who_may(request, Verb.EDIT_SEGMENTS), segment_id, origin(request), now())
    undo.say(request, "The segment is put away.", way="segment back", id=segment_id)
    return HttpResponseRedirect("/segments", status=303)


@require_POST
def keep_view(request: HttpRequest) -> HttpResponse:
    person, given = asker_who_may(request, Verb.READ_BOOK), request.POST
    query = text(given, "query", 8000).lstrip("?")
    act.keep_view(person, text(given, "what"), text(given, "name", 60), query, now())
    undo.say(request, "The view is kept; it stands above the list.")
    return undo.back(request)


@require_POST
def drop_view(request: HttpRequest, view_id: int) -> HttpResponse:
    act.drop_view(asker_who_may(request, Verb.READ_BOOK), view_id)
    undo.say(request, "The view is gone.")
    return undo.back(request)


def _page(person: Person, line: SegmentLine | None, found: Found) -> SegmentPage:
    members = ask.static_count(line.id) if line is not None and line.static else 0
    shown = ask.members(person, line.id) if line is not None and line.static else ()
    uses = ask.uses(line.id) if line is not None else ()
    return SegmentPage(
        line, found, members, shown, uses, ACCOUNT_FIELDS, CONTACT_FIELDS, own_columns(), types(),
        may(person, Verb.EDIT_SEGMENTS),
    )  # fmt: skip


def _found(person: Person, criteria: str, about: str) -> Found:
    if not criteria:
        return Found(criteria, about, None, None)
    today = now().astimezone(person.tz).date()
    try:
        return Found(criteria, about, criteria_count(person, criteria, today, about), None)
    except (CriteriaError, BadInput) as error:
        return Found(criteria, about, None, error)
