"""A show: the played clock in the header with its pace, a way in without typing, and the tour of five stops."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.flow import clock
from panout.flow.clock import Pace
from panout.kernel.errors import NotFound
from panout.learn.queries import Progress, progress
from panout.team.queries import people
from panout.web import undo
from panout.web.http import asker, user_of
from panout.web.reading import one_of, text

TOUR_COOKIE = "panout_tour"
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_A_DAY = 60 * 60 * 24
# Pages that look fresh by themselves while the time is played. Pages with long forms are left alone.
LIVE = (
    "/today", "/inbox", "/prospects", "/outbox", "/meetings", "/opportunities", "/campaigns", "/board",
    "/weekly", "/proposals", "/signals", "/team",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of the tour."""

    url: str
    title: str
    says: str


TOUR = (
    Stop(
        "/prospects",
        "A messy list became a ranked queue",
        "The list came with doubles and wrong titles. Each line says why this person, and why now.",
    ),
    Stop(
        "/outbox",
        "Mails leave by themselves, within every limit",
        "Each names what happened at that company; a wish to be left alone holds everywhere.",
    ),
    Stop(
        "/inbox?state=all",
        "Answers sort themselves",
        "Interested, not now, wrong person, away, in three languages: what each means, and what was done.",
    ),
    Stop(
        "/meetings",
        "Meetings come of it",
        "Booked, held or missed; one that was held becomes an opportunity.",
    ),
    Stop(
        "/board",
        "The board judges",
        "Each campaign is a hypothesis. You may look every day: the evidence only calls a winner when it is one.",
    ),
)


@dataclass(frozen=True, slots=True)
class Shown:
    """What stands in the header of every page of a show, and above the page while the tour lasts."""

    now: datetime
    day: int
    pace: Pace
    figures: Progress
    live: bool
    place: int  # of the tour, from 1; 0: it is over
    stop: Stop | None
    here: bool  # whether the reader is at that stop
    stops: int = len(TOUR)


def shown(request: HttpRequest) -> Shown | None:
    """None where nothing is shown."""
    pace = clock.pace()
    if pace is None:
        return None
    now = clock.now()
    first = clock.began() or now.date()
    place = _place(request)
    stop = TOUR[place - 1] if place else None
    return Shown(
        now, (now.date() - first).days + 1, pace, progress(), request.path in LIVE, place, stop,
        stop is not None and request.path == stop.url.partition("?")[0],
    )  # fmt: skip


def _place(request: HttpRequest) -> int:
    kept = request.COOKIES.get(TOUR_COOKIE, "1")
    return int(kept) if kept.isdecimal() and int(kept) <= len(TOUR) else 0


def _only_in_a_show() -> None:
    if clock.pace() is None:
        raise NotFound("There is no such page.")


@require_safe
def header(request: HttpRequest) -> HttpResponse:
    """The clock alone, as it is asked for every two seconds."""
    asker(request)
    _only_in_a_show()
    return render(request, "parts/show.html", {"show": shown(request)})


@require_POST
def pace(request: HttpRequest) -> HttpResponse:
    """Pause, go on, go faster, or begin anew."""
    asker(request)
    _only_in_a_show()
    if clock.pace() is not Pace.OVER or one_of(request.POST, "pace", Pace, Pace.STEADY) is Pace.RESET:
        clock.set_pace(one_of(request.POST, "pace", Pace, Pace.STEADY))
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "parts/show.html", {"show": shown(request)})
    return undo.back(request)


@require_POST
def tour(request: HttpRequest) -> HttpResponse:
    """To a stop of the tour, or out of it."""
    asker(request)
    _only_in_a_show()
    wanted = text(request.POST, "stop", 2)
    if wanted.isdecimal() and 1 <= int(wanted) <= len(TOUR):
        answer: HttpResponse = HttpResponseRedirect(TOUR[int(wanted) - 1].url, status=303)
    else:
        wanted, answer = "0", undo.back(request)
    answer.set_cookie(TOUR_COOKIE, wanted, max_age=_A_DAY, httponly=True, samesite="Lax")
    return answer


@login_not_required
@require_POST
def enter(request: HttpRequest) -> HttpResponse:
    """Whoever stands at this machine looks around as the owner of the show."""
    _only_in_a_show()
    login(request, user_of(people()[0].id), backend=BACKEND)
    return HttpResponseRedirect(TOUR[0].url, status=303)
