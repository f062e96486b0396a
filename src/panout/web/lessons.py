"""Reasons to disqualify: marked on a note or a call, gathered on the profile's page, taken into its draft."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.flow.clock import now
from panout.kernel.errors import PanoutError
from panout.qualify import strikes as act
from panout.qualify.strikes import Mark, Told
from panout.team.rules import Person, Verb
from panout.web import undo
from panout.web.http import asker_who_may, origin
from panout.web.reading import numbers, text


@dataclass(frozen=True, slots=True)
class MarkPage:
    """A note or a call, and how a profile would say what it taught."""

    told: Told
    suggestions: tuple[str, ...]
    reason: str
    criteria: str
    back: str
    error: PanoutError | None


@require_safe
def mark(request: HttpRequest, activity_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_RECORDS)
    told = act.subject_of(person, activity_id)
    reason = " ".join(told.text.split())[:80]
    return _mark(request, person, activity_id, reason, "", None)


@require_POST
def keep_mark(request: HttpRequest, activity_id: int) -> HttpResponse:
    person, given = asker_who_may(request, Verb.EDIT_RECORDS), request.POST
    reason = text(given, "reason")
    criteria = text(given, "criteria", 4000) or text(given, "suggested", 4000)
    told = act.subject_of(person, activity_id)
    try:
        made = act.strike(person, Mark(reason, criteria, activity_id), origin(request), now())
    except PanoutError as error:
        return _mark(request, person, activity_id, reason, criteria, error)
    undo.say(request, "It waits on the profile's page, with those alike.", way="strike", id=made)
    return HttpResponseRedirect(_back(told), status=303)


@require_POST
def take(request: HttpRequest, icp_id: int) -> HttpResponse:
    """One click when it has criteria: the rule stands in the draft."""
    person, given = asker_who_may(request, Verb.EDIT_ICP), request.POST
    draft = act.take(
        person, icp_id, numbers(given, "strike"), text(given, "reason"), text(given, "criteria", 4000),
        origin(request), now(),
    )  # fmt: skip
    undo.say(
        request, "It stands in the draft's disqualifiers. Look at the counts, then see what would change."
    )
    return HttpResponseRedirect(f"/profiles/versions/{draft}/edit", status=303)


@require_POST
def dismiss(request: HttpRequest, icp_id: int) -> HttpResponse:
    person, ids = asker_who_may(request, Verb.EDIT_ICP), numbers(request.POST, "strike")
    act.dismiss(person, ids, origin(request), now())
    undo.say(request, "No rule comes of it.", way="strikes back", ids=ids)
    return HttpResponseRedirect(f"/profiles/{icp_id}", status=303)


def _mark(
    request: HttpRequest,
    person: Person,
    activity_id: int,
    reason: str,
    criteria: str,
    error: PanoutError | None,
) -> HttpResponse:
    told = act.subject_of(person, activity_id)
    page = MarkPage(told, act.suggestions(told.text, told.known), reason, criteria, _back(told), error)
    return render(request, "profiles/mark.html", {"page": page}, status=400 if error else 200)


def _back(told: Told) -> str:
    return f"/contacts/{told.contact_id}" if told.contact_id else f"/accounts/{told.account_id}"
