"""Meetings, the public booking page, and opportunities by stage."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, time
from decimal import Decimal, InvalidOperation
from itertools import groupby
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import dateformat
from django.utils.crypto import salted_hmac
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from panout.flow.clock import now
from panout.kernel.errors import BadInput, PanoutError
from panout.pipeline import actions as act
from panout.pipeline import queries as ask
from panout.pipeline.queries import AskedFor, Deal, Link, Met, Offered
from panout.pipeline.rules import BookingLimits, MeetingState, Stage
from panout.resolve import queries as resolve
from panout.team.rules import Verb, may
from panout.web import undo
from panout.web.http import asker_who_may, network_address
from panout.web.reading import moment, needed, one_of, text, whole


@dataclass(frozen=True, slots=True)
class MeetingsPage:
    coming: tuple[Met, ...]
    waiting: tuple[Met, ...]  # over, and nobody has said how they went
    past: tuple[Met, ...]
    links: tuple[Link, ...]
    asked: tuple[AskedFor, ...]  # times kept for people who are not in the book
    may_edit: bool


@dataclass(frozen=True, slots=True)
class Column:
    stage: Stage
    deals: tuple[Deal, ...]


@dataclass(frozen=True, slots=True)
class BoardPage:
    columns: tuple[Column, ...]
    forecast: tuple[tuple[str, Decimal], ...]
    may_edit: bool
    stages: tuple[Stage, ...] = tuple(Stage)


@dataclass(frozen=True, slots=True)
class Start:
    """A free start: the moment, and the host's clock in words."""

    value: str
    clock: str


@dataclass(frozen=True, slots=True)
class Day:
    on: date
    starts: tuple[Start, ...]


@dataclass(frozen=True, slots=True)
class BookingPage:
    offered: Offered
    days: tuple[Day, ...]
    booked: str  # the time that is kept, by the host's clock
    error: PanoutError | None
    email: str


@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    at, all_of_them = now(), ask.meetings(person)
    booked = [one for one in all_of_them if one.state is MeetingState.BOOKED]
    page = MeetingsPage(
        tuple(sorted((one for one in booked if one.ends_at > at), key=lambda one: one.starts_at)),
        tuple(one for one in booked if one.ends_at <= at),
        tuple(one for one in all_of_them if one.state is not MeetingState.BOOKED),
        ask.links(person.id) if person.id else (), ask.askings(person.id, at) if person.id else (),
        may(person, Verb.EDIT_PIPELINE),
    )  # fmt: skip
    return render(request, "pipeline/meetings.html", {"page": page})


@require_POST
def make_link(request: HttpRequest) -> HttpResponse:
    """A booking page of one's own."""
    person = asker_who_may(request, Verb.EDIT_PIPELINE)
    given = request.POST
    act.make_link(
        person, text(given, "title"), whole(given, "minutes") or 30, _clock(text(given, "opens") or "09:00"),
        _clock(text(given, "closes") or "17:00"), text(given, "place"), now(),
    )  # fmt: skip
    undo.say(request, "The booking page is open.")
    return HttpResponseRedirect("/meetings", status=303)


@require_POST
def book(request: HttpRequest) -> HttpResponse:
    """Book somebody by hand, from their page."""
    person = asker_who_may(request, Verb.EDIT_PIPELINE)
    contact = resolve.contact_card(person, needed(request.POST, "contact"))
    starts = moment(request.POST, "starts_at", person.tz)
    if starts is None:
        raise BadInput("A meeting needs its time.", where="starts_at")
    act.book(
        contact.id, starts, whole(request.POST, "minutes") or 30, "by hand", person.id, now(), asker=person
    )
    undo.say(request, f"Booked with {contact.label}.")
    return HttpResponseRedirect("/meetings", status=303)


@require_POST
def attend(request: HttpRequest, meeting_id: int) -> HttpResponse:
    """Say how a meeting went, move it, or call it off."""
    person = asker_who_may(request, Verb.EDIT_PIPELINE)
    given, at = request.POST, now()
    match text(given, "do", 20):
        case "held":
            act.close_meeting(person, meeting_id, MeetingState.HELD, text(given, "note", 4000), at)
            undo.say(request, "Held. An opportunity is open.")
            return HttpResponseRedirect("/opportunities", status=303)
        case "missed":
            act.close_meeting(person, meeting_id, MeetingState.MISSED, text(given, "note", 4000), at)
            undo.say(request, "They did not come.")
        case "cancel":
            act.cancel(person, meeting_id, text(given, "note", 500), at)
            undo.say(request, "Called off.")
        case "move":
            starts = moment(given, "starts_at", person.tz)
            if starts is None:
                raise BadInput("To which time?", where="starts_at")
            act.reschedule(person, meeting_id, starts, at)
            undo.say(request, "Moved.")
        case other:
            raise BadInput(f"There is no verb '{other[:20]}' here.")
    return HttpResponseRedirect("/meetings", status=303)


@require_POST
def answer_asking(request: HttpRequest, asking_id: int) -> HttpResponse:
    """Meet somebody who is not in the book and chose a time, or let the time go."""
    person = asker_who_may(request, Verb.EDIT_PIPELINE)
    match text(request.POST, "do", 20):
        case "book":
            act.accept_asking(person, asking_id, now())
            undo.say(request, "Booked. They are in the book now; write to them that you come.")
        case "decline":
            act.decline_asking(person, asking_id, now())
            undo.say(request, "The time is free again. Nobody was told.")
        case other:
            raise BadInput(f"There is no verb '{other[:20]}' here.")
    return HttpResponseRedirect("/meetings", status=303)


@csrf_exempt
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def meet(request: HttpRequest, slug: str) -> HttpResponse:
    """What a stranger sees: free times by the host's clock. Nothing here rests on a session or a cookie.

    The answer is the same whether they are in the book or not.
    """
    offered, booked, error = ask.slots(slug, now()), None, None
    email = text(request.POST, "email", 320)
    if request.method == "POST":
        try:
            starts = moment(request.POST, "starts_at", ZoneInfo("UTC"))
            if starts is None:
                raise BadInput("No time was chosen.", mend="Choose one below.")
            act.book_by_link(slug, email, starts, _source(request), _limits(), now())
            booked = starts
        except PanoutError as wrong:
            error = wrong
            offered = ask.slots(slug, now())
    zone = ZoneInfo(offered.host_zone)
    local = [start.astimezone(zone) for start in offered.starts]
    days = tuple(
        Day(on, tuple(Start(f"{one.astimezone(UTC):%Y-%m-%dT%H:%M}", f"{one:%H:%M}") for one in few))
        for on, few in groupby(local, key=lambda one: one.date())
    )
    kept = dateformat.format(booked.astimezone(zone), "l j F, H:i") if booked else ""
    page = BookingPage(offered, days, kept, error, email)
    return render(request, "pipeline/meet.html", {"page": page}, status=400 if error else 200)


@require_safe
def opportunities(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    deals = ask.opportunities(person)
    columns = tuple(Column(stage, tuple(one for one in deals if one.stage is stage)) for stage in Stage)
    page = BoardPage(columns, tuple(ask.forecast_now(person).items()), may(person, Verb.EDIT_PIPELINE))
    return render(request, "pipeline/opportunities.html", {"page": page})


@require_POST
def open_opportunity(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_PIPELINE)
    given = request.POST
    contact = resolve.contact_card(person, needed(given, "contact"))
    act.open_opportunity(
        person, contact.id, text(given, "name") or contact.label, _amount(text(given, "amount", 20)),
        text(given, "currency", 3) or "EUR", now(),
    )  # fmt: skip
    undo.say(request, "The opportunity is open.")
    return HttpResponseRedirect("/opportunities", status=303)


@require_POST
def move(request: HttpRequest, opportunity_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_PIPELINE)
    stage = one_of(request.POST, "stage", Stage, Stage.MEETING)
    act.move(person, opportunity_id, stage, text(request.POST, "reason", 500), now())
    undo.say(request, f"Now at {stage.value}.")
    return HttpResponseRedirect("/opportunities", status=303)


def _source(request: HttpRequest) -> str:
    """A digest of where a request came from: enough to count by, and nothing to read."""
    return salted_hmac("panout.booking", network_address(request), algorithm="sha256").hexdigest()


def _limits() -> BookingLimits:
    return BookingLimits(
        settings.BOOKINGS_PER_ADDRESS, settings.BOOKINGS_PER_SOURCE, settings.BOOKINGS_WAITING
    )


def _clock(typed: str) -> time:
    try:
        return time.fromisoformat(typed)
    except ValueError as error:
        raise BadInput(f"'{typed[:20]}' is no time of day.", mend="Write it as 09:00.") from error


def _amount(typed: str) -> Decimal:
    try:
        found = Decimal(typed.replace(",", "") or "0")
    except InvalidOperation as error:
        raise BadInput(f"'{typed}' is no amount.", where="amount") from error
    if not found.is_finite() or found >= Decimal(10) ** 11:
        raise BadInput(f"'{typed}' is no amount.", where="amount")
    return found
