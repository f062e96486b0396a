"""Keeping and forgetting: who is due, how long we keep, who outside must hear of an erasure."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.consent import actions, queries
from panout.consent.queries import ErasureLine, Notice, ProcessorLine, Retention
from panout.flow import erasing, jobs, retaining
from panout.flow.clock import now
from panout.flow.retaining import CaseLine
from panout.team.rules import Verb, may
from panout.web import undo
from panout.web.http import asker_who_may
from panout.web.reading import needed, text

ERASED = (
    "Erased. What others wrote is looked through for their name; a list that brings them again is told no."
)


@dataclass(frozen=True, slots=True)
class Outside:
    """A processor; `key` checks our signature and is shown to who may change settings."""

    line: ProcessorLine
    key: str


@dataclass(frozen=True, slots=True)
class Untold:
    """A notice that waits; `named` says of whom, to who may erase."""

    notice: Notice
    named: str


@dataclass(frozen=True, slots=True)
class PrivacyPage:
    at_work: tuple[ErasureLine, ...]
    cases: tuple[CaseLine, ...]
    rule: Retention
    processors: tuple[Outside, ...]
    notices: tuple[Untold, ...]
    may_keep: bool
    may_erase: bool
    may_set: bool


@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    erases, sets = may(person, Verb.ERASE), may(person, Verb.CHANGE_SETTINGS)
    page = PrivacyPage(
        queries.erasures_at_work(),
        retaining.due_cases(person), queries.retention_rule(),
        tuple(Outside(one, erasing.signing_key(one.id) if sets else "") for one in queries.processors()),
        tuple(Untold(one, erasing.named_in(one) if erases else "") for one in queries.untold_notices()),
        may(person, Verb.EDIT_RECORDS), erases, sets,
    )  # fmt: skip
    return render(request, "consent/privacy.html", {"page": page})


@require_POST
def set_rule(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.CHANGE_SETTINGS)
    rule = Retention(
        needed(request.POST, "months"),
        needed(request.POST, "notice_days"),
        request.POST.get("erases") == "yes",
    )
    actions.set_retention(person, rule, now())
    undo.say(request, "The rule counts from the next look, tonight.")
    return HttpResponseRedirect("/privacy", status=303)


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """The nightly look, now."""
    asker_who_may(request, Verb.ERASE)
    found = retaining.look(now())
    undo.say(request, f"{found.listed} newly listed, {found.alive} alive again, {found.erased} erased.")
    return HttpResponseRedirect("/privacy", status=303)


@require_POST
def keep(request: HttpRequest, case_id: int) -> HttpResponse:
    """Keep one whose time is over, for a reason."""
    person = asker_who_may(request, Verb.EDIT_RECORDS)
    retaining.keep(person, case_id, text(request.POST, "reason", 300), now())
    undo.say(request, "Kept. You will be asked again in a year.")
    return HttpResponseRedirect("/privacy", status=303)


@require_POST
def let_go(request: HttpRequest, case_id: int) -> HttpResponse:
    """Erase one before their day."""
    retaining.let_go(asker_who_may(request, Verb.ERASE), case_id, now())
    jobs.wake_erasures()
    undo.say(request, ERASED)
    return HttpResponseRedirect("/privacy", status=303)


@require_POST
def save_processor(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.CHANGE_SETTINGS)
    given = request.POST
    actions.save_processor(
        person, text(given, "name", 120), text(given, "holds", 300), text(given, "url", 500), now()
    )
    undo.say(request, "They hear of every erasure from now on.")
    return HttpResponseRedirect("/privacy#processors", status=303)


@require_POST
def retire_processor(request: HttpRequest, processor_id: int) -> HttpResponse:
    actions.retire_processor(asker_who_may(request, Verb.CHANGE_SETTINGS), processor_id, now())
    undo.say(request, "They are told no more.")
    return HttpResponseRedirect("/privacy#processors", status=303)


@require_POST
def told(request: HttpRequest, notice_id: int) -> HttpResponse:
    actions.settle_notice(notice_id, now(), asker_who_may(request, Verb.ERASE))
    undo.say(request, "Noted. Whom it named is forgotten here too.")
    return HttpResponseRedirect("/privacy#processors", status=303)
