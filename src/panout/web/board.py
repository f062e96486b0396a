"""The board: every campaign under the word that the evidence allows, and a person's decision on it."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.campaigns import actions as act
from panout.campaigns.queries import Card
from panout.flow.clock import now
from panout.learn import queries as ask
from panout.team.rules import Verb, may
from panout.web import undo
from panout.web.http import asker_who_may
from panout.web.reading import text


@dataclass(frozen=True, slots=True)
class Column:
    """What was decided in one way."""

    call: str
    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class BoardPage:
    """The columns."""

    board: ask.Board
    may_decide: bool
    decided: tuple[Column, ...]
    calls: tuple[str, ...] = ("keep", "iterate", "kill")


@require_safe
def board(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    told = ask.board(now())
    decided = (Column("keep", told.keep), Column("iterate", told.iterate), Column("kill", told.kill))
    page = BoardPage(told, may(person, Verb.RUN_CAMPAIGNS), decided)
    return render(request, "board/board.html", {"page": page})


@require_POST
def decide(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Freeze the evidence as it stands with the decision."""
    person, moment = asker_who_may(request, Verb.RUN_CAMPAIGNS), now()
    told = ask.finding_of(campaign_id, moment)
    call = text(request.POST, "call")
    proposed = told.finding.call.value
    # Who follows the evidence need not say why: the evidence does.
    why = text(request.POST, "why", 2000) or (told.finding.why if call == proposed else "")
    stops = call == "kill" and "stops" in request.POST
    stopped = act.decide(person, campaign_id, call, proposed, why, told.evidence(), moment, stops_runs=stops)
    ended = f" {stopped} people who were under way get no further touch." if stopped else ""
    undo.say(request, f"Decided: {call}. The evidence is kept as it stood.{ended}")
    return HttpResponseRedirect("/board", status=303)
