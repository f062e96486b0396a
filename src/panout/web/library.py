"""The library of problems, outcomes, proofs, questions and objections; answers; and the research card."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.flow.clock import now
from panout.outreach import library as shelf
from panout.outreach.card import Card, research_card
from panout.outreach.library import Entry, EntryWords
from panout.team.rules import Verb, may
from panout.web import undo
from panout.web.http import asker_who_may
from panout.web.reading import needed, text

KINDS = (
    ("problem", "Problems", "What hurts, in their words."),
    ("outcome", "Outcomes", "What is better afterwards."),
    ("value", "Value propositions", "What we do about it, in one sentence."),
    ("proof", "Proofs", "Who else, by how much. Each with its source: a mail may cite it."),
    ("question", "Qualification questions", "What to ask before you offer anything."),
    ("objection", "Objections", "What they will say, and an honest answer."),
)
ROLES = ("economic_buyer", "decision_maker", "champion", "influencer", "gatekeeper")


@dataclass(frozen=True, slots=True)
class Part:
    kind: str
    title: str
    lead: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class LibraryPage:
    parts: tuple[Part, ...]
    roles: tuple[str, ...]
    may_write: bool


@dataclass(frozen=True, slots=True)
class CardPage:
    card: Card
    may_answer: bool


@require_safe
def entries(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    every = shelf.entries()
    parts = tuple(
        Part(kind, title, lead, tuple(one for one in every if one.kind == kind))
        for kind, title, lead in KINDS
    )
    page = LibraryPage(parts, ROLES, may(person, Verb.WRITE_TEMPLATES))
    return render(request, "outreach/library.html", {"page": page})


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.WRITE_TEMPLATES)
    given = request.POST
    kind = text(given, "kind", 20)
    words = EntryWords(
        kind, text(given, "text", 700), text(given, "answer", 1000), text(given, "persona", 40),
        text(given, "industry", 120), text(given, "source", 2000),
        text(given, "field", 60), tuple(one.strip() for one in text(given, "options", 400).split(",") if one.strip()),
    )  # fmt: skip
    shelf.add_entry(person, words, now())
    undo.say(request, "Kept. Templates use it from the next draft on.")
    return HttpResponseRedirect(f"/library#{kind}", status=303)


@require_POST
def retire(request: HttpRequest, entry_id: int) -> HttpResponse:
    shelf.retire_entry(asker_who_may(request, Verb.WRITE_TEMPLATES), entry_id, now())
    undo.say(request, "No template uses it any more.")
    return HttpResponseRedirect("/library", status=303)


@require_safe
def card(request: HttpRequest, contact_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    page = CardPage(research_card(person, contact_id, now()), may(person, Verb.WORK_TASKS))
    return render(request, "outreach/card.html", {"page": page})


@require_POST
def answer(request: HttpRequest, contact_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.WORK_TASKS)
    research_card(person, contact_id, now())  # raises NotFound for whom the asker may not see
    shelf.log_answer(
        person, contact_id, needed(request.POST, "entry"), text(request.POST, "text", 2000), now()
    )
    undo.say(request, "Noted, as a fact about them.")
    return undo.back(request, f"/contacts/{contact_id}/card")
