"""The outbox: what waits, what left, what did not and why; and one message with all that befell it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.flow.clock import now
from panout.mailbox import leaving as ask
from panout.mailbox.leaving import MOST_COUNTED, Line, Passage, Shelf
from panout.outreach import outbox as act
from panout.team.rules import Verb, may
from panout.web import undo
from panout.web.http import asker_who_may
from panout.web.reading import one_of, text, whole
from panout.web.saved import Saved, saved


@dataclass(frozen=True, slots=True)
class Tab:
    shelf: Shelf
    count: str
    here: bool


@dataclass(frozen=True, slots=True)
class OutboxPage:
    tabs: tuple[Tab, ...]
    shelf: Shelf
    lines: tuple[Line, ...]
    before: int | None
    saved: Saved


@dataclass(frozen=True, slots=True)
class MessagePage:
    one: Passage
    may_cancel: bool
    may_settle: bool


@require_safe
def outbox(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    shelf = one_of(request.GET, "shelf", Shelf, Shelf.WAITING)
    lines, before = ask.outbox(person, shelf, whole(request.GET, "before"))
    tabs = tuple(
        Tab(one, f"{MOST_COUNTED - 1:,}+" if many >= MOST_COUNTED else f"{many:,}", one is shelf)
        for one, many in ask.counts(person).items()
    )
    return render(
        request, "outbox/list.html", {"page": OutboxPage(tabs, shelf, lines, before, saved(request, person))}
    )


@require_safe
def message(request: HttpRequest, message_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    page = MessagePage(
        ask.passage(message_id, now()), may(person, Verb.APPROVE_MESSAGES), may(person, Verb.CONNECT_MAIL)
    )
    return render(request, "outbox/one.html", {"page": page})


@require_POST
def cancel(request: HttpRequest, message_id: int) -> HttpResponse:
    """Until the first byte leaves it can be taken back; Conflict after that."""
    person = asker_who_may(request, Verb.APPROVE_MESSAGES)
    act.cancel(person, message_id, text(request.POST, "reason", 200) or "Taken back by hand", now())
    undo.say(request, "It will not leave.")
    return undo.back(request, f"/messages/{message_id}")
