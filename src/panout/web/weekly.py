"""The weekly review: the funnel cut seven ways beside the field's figures, and what it proposes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.flow.clock import now
from panout.learn import actions as act
from panout.learn import queries as ask
from panout.team.rules import Verb, may
from panout.web import undo
from panout.web.http import asker_who_may, origin
from panout.web.reading import day, one_of, text

DAYS = 28


@dataclass(frozen=True, slots=True)
class WeeklyPage:
    """The review, and its chart as ECharts takes it."""

    review: ask.Review
    chart: dict[str, object]
    open_proposals: int


@dataclass(frozen=True, slots=True)
class RowsPage:
    """The people behind one figure."""

    review_since: str
    review_until: str
    axis: str
    value: str
    rows: tuple[ask.Touched, ...]
    came: ask.Came | None = None


@dataclass(frozen=True, slots=True)
class ProposalsPage:
    """What the outcomes speak for."""

    lines: tuple[ask.Line, ...]
    may_accept: bool
    may_decline: bool


@require_safe
def weekly(request: HttpRequest) -> HttpResponse:
    asker_who_may(request, Verb.SEE_TEAM)
    until = day(request.GET, "until") or now().date()
    since = day(request.GET, "since") or until - timedelta(days=DAYS)
    told = ask.review(since, until)
    page = WeeklyPage(told, _chart(told), ask.open_proposals())
    return render(request, "weekly/review.html", {"page": page})


def _chart(told: ask.Review) -> dict[str, object]:
    """Meetings per 100: own with its 90 % interval, typical, best."""
    own = told.effort.meetings_per_100
    bars = [
        ("the best", told.effort.best_per_100),
        ("typical teams", told.effort.typical_per_100),
        ("this team", round(100 * (own.observed or 0), 1)),
    ]
    known = own.observed is not None
    names = [f"{name}  {value:g}" if known or place < 2 else name for place, (name, value) in enumerate(bars)]
    spans = [
        [{"xAxis": round(100 * own.low, 1), "yAxis": 2}, {"xAxis": round(100 * own.high, 1), "yAxis": 2}]
    ]
    return {
        "grid": {"left": 130, "right": 30, "top": 10, "bottom": 30},
        "xAxis": {"type": "value", "name": "", "min": 0},
        "yAxis": {"type": "category", "data": names},
        "series": [
            {
                "type": "bar",
                "barWidth": 22,
                "data": [value for _, value in bars],
                "markLine": {
                    "silent": True,
                    "symbol": ["none", "none"],
                    "lineStyle": {"type": "solid", "width": 4, "color": "#e0a72e"},
                    "label": {"show": False},
                    "data": spans if known else [],
                },
            }
        ],
    }


@require_safe
def rows(request: HttpRequest) -> HttpResponse:
    """The rows behind a figure."""
    person = asker_who_may(request, Verb.SEE_TEAM)
    until = day(request.GET, "until") or now().date()
    since = day(request.GET, "since") or until - timedelta(days=DAYS)
    axis, value = text(request.GET, "axis", 20), text(request.GET, "value")
    came = one_of(request.GET, "came", ask.Came, ask.Came.MET) if text(request.GET, "came", 10) else None
    found = ask.people_of(person, since, until, axis, value, came)
    page = RowsPage(since.isoformat(), until.isoformat(), ask.LABELS.get(axis, ""), value, found, came)
    return render(request, "weekly/rows.html", {"page": page})


@require_safe
def proposals(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    page = ProposalsPage(ask.proposals(), may(person, Verb.ACTIVATE_ICP), may(person, Verb.EDIT_ICP))
    return render(request, "weekly/proposals.html", {"page": page})


@require_POST
def look(request: HttpRequest) -> HttpResponse:
    """Look at the last three months now, instead of waiting for the weekly look."""
    asker_who_may(request, Verb.SEE_TEAM)
    moment = now()
    made = act.propose(moment.date() - timedelta(days=90), moment.date(), moment)
    undo.say(request, f"{made} new proposals." if made else "Nothing stands out beyond chance.")
    return HttpResponseRedirect("/proposals", status=303)


@require_POST
def accept(request: HttpRequest, proposal_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.ACTIVATE_ICP)
    version = act.accept(person, proposal_id, origin(request), now())
    undo.say(request, "Accepted: a new version of the profile is in force.")
    return HttpResponseRedirect(f"/profiles/versions/{version}/difference", status=303)


@require_POST
def decline(request: HttpRequest, proposal_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_ICP)
    act.decline(person, proposal_id, text(request.POST, "note", 1000), now())
    undo.say(request, "Declined, with your reason.")
    return HttpResponseRedirect("/proposals", status=303)
