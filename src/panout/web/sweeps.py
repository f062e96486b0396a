"""One verb over a selection, ticked or all that a list's filter finds; its progress; and the way back, days later."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.flow import jobs
from panout.flow.clock import now
from panout.kernel.errors import BadInput
from panout.qualify.queries import Matching, matching
from panout.segments import sweeping as act
from panout.segments.sweeping import Do, Picked, SweepCard, Words
from panout.team.rules import Person, Verb
from panout.web import undo
from panout.web.http import asker_who_may, origin
from panout.web.lists import asked_of
from panout.web.reading import day, numbers, one_of, text, whole

LISTS = ("prospects", "accounts", "contacts")


@dataclass(frozen=True, slots=True)
class SweepPage:
    card: SweepCard


@dataclass(frozen=True, slots=True)
class SweepsPage:
    cards: tuple[SweepCard, ...]


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """What is small is done at once and undone from the toast; what is large shows how far it is."""
    person, given = asker_who_may(request, Verb.READ_BOOK), request.POST
    verb = one_of(given, "do", Do, Do.TAG)
    words = Words(
        whole(given, "owner_id"), text(given, "tag_name", 60), text(given, "reason", 500), day(given, "until")
    )
    made = act.ask(person, verb, words, _picked(person, given), origin(request), now())
    card = act.sweep(person, made)
    if card.working:
        jobs.wake_sweeps()
        return HttpResponseRedirect(f"/sweeps/{made}", status=303)
    undo.say(request, card.said, way="sweep", id=made)
    return undo.back(request)


@require_safe
def sweep(request: HttpRequest, sweep_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    part = "#progress" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"sweeps/one.html{part}", {"page": SweepPage(act.sweep(person, sweep_id))})


@require_safe
def sweeps(request: HttpRequest) -> HttpResponse:
    """One's own bulk changes, the newest first."""
    person = asker_who_may(request, Verb.READ_BOOK)
    return render(request, "sweeps/list.html", {"page": SweepsPage(act.sweeps(person))})


@require_POST
def take_back(request: HttpRequest, sweep_id: int) -> HttpResponse:
    """Stops it where it is, and undoes what was done."""
    person = asker_who_may(request, Verb.READ_BOOK)
    act.take_back(person, sweep_id, now())
    if act.sweep(person, sweep_id).working:
        jobs.wake_sweeps()
    return HttpResponseRedirect(f"/sweeps/{sweep_id}", status=303)


def _picked(person: Person, given: QueryDict) -> Picked:
    """The ticked rows, or, where the reader says so, everybody whom the list's filter finds."""
    what = text(given, "what", 12)
    if not text(given, "all"):
        ticked = Matching(tuple(numbers(given, "account")), tuple(numbers(given, "contact")))
        return Picked(ticked, what or "records")
    if what not in LISTS:
        raise BadInput(f"There is no list '{what}'.", where="what")
    query = text(given, "query", 8000).lstrip("?")
    asked = asked_of(QueryDict(query))
    today = now().astimezone(person.tz).date()
    return Picked(matching(person, what, asked, today, act.MOST + 1), what, query or f"all {what}")
