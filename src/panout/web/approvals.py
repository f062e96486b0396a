"""The approval queue: look-alikes together, edited one by one, approved in bulk, claims held back."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.flow.clock import now
from panout.kernel.errors import BadInput, Conflict
from panout.outreach import actions, queries, reviewing
from panout.outreach.queries import Letter
from panout.outreach.reviewing import Group
from panout.team.rules import Verb, may
from panout.web import undo
from panout.web.http import asker_who_may
from panout.web.reading import numbers, text


@dataclass(frozen=True, slots=True)
class QueuePage:
    groups: tuple[Group, ...]
    waiting: int
    may_approve: bool


@dataclass(frozen=True, slots=True)
class LetterPage:
    letter: Letter
    subject: str
    body: str
    refusal: str
    may_approve: bool


@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    groups = reviewing.approval_groups(person)
    waiting = sum(len(group.letters) for group in groups)
    page = QueuePage(groups, waiting, may(person, Verb.APPROVE_MESSAGES))
    return render(request, "outreach/approvals.html", {"page": page})


@require_safe
def one(request: HttpRequest, message_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    letter = queries.message(message_id)
    page = LetterPage(letter, letter.subject, letter.body, "", may(person, Verb.APPROVE_MESSAGES))
    return render(request, "outreach/approval.html", {"page": page})


@require_POST
def approve(request: HttpRequest, message_id: int) -> HttpResponse:
    """A claim without evidence brings the form back, with the reason and the box to vouch."""
    person = asker_who_may(request, Verb.APPROVE_MESSAGES)
    letter = queries.message(message_id)
    subject = text(request.POST, "subject", 500)
    body = request.POST.get("body", "").replace("\x00", "").replace("\r\n", "\n")[:40_000]
    vouch = request.POST.get("vouch") == "yes"
    try:
        actions.approve(person, message_id, subject, body, now(), vouch=vouch)
    except Conflict as error:
        if error.where != "evidence":
            raise
        page = LetterPage(letter, subject, body, f"{error.what} {error.mend}", may_approve=True)
        return render(request, "outreach/approval.html", {"page": page}, status=409)
    undo.say(request, f"Approved: the mail to {letter.contact} leaves with the next sending.")
    return HttpResponseRedirect("/approvals", status=303)


@require_POST
def reject(request: HttpRequest, message_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.APPROVE_MESSAGES)
    actions.reject(person, message_id, text(request.POST, "reason"), now())
    undo.say(request, "It will not leave.")
    return HttpResponseRedirect("/approvals", status=303)


@require_POST
def bulk(request: HttpRequest) -> HttpResponse:
    """Approve the ticked as they are; what has a problem stays."""
    person = asker_who_may(request, Verb.APPROVE_MESSAGES)
    chosen = numbers(request.POST, "message")
    if not chosen:
        raise BadInput("Nothing was selected.", mend="Tick some messages first.")
    approved = actions.approve_many(person, chosen, now())
    left = len(chosen) - approved
    rest = f" {left} stay: somebody must look at them." if left else ""
    undo.say(request, f"{approved} approved.{rest}", "warn" if left else "good")
    return HttpResponseRedirect("/approvals", status=303)
