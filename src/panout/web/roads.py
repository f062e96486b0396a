"""How to approach somebody: the plan of roads, a person's own word on it, and the house's settings."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.flow.clock import now
from panout.outreach import roads
from panout.outreach.roads import Plan
from panout.outreach.rules.channels import House, Road
from panout.resolve.queries import ContactCard, contact_card
from panout.team.rules import Verb, may
from panout.web import undo
from panout.web.http import asker_who_may
from panout.web.library import ROLES
from panout.web.reading import needed, text


@dataclass(frozen=True, slots=True)
class RoadsPage:
    card: ContactCard
    plan: Plan
    roads: tuple[str, ...]  # that are not closed
    may_choose: bool
    may_write: bool
    may_enrol: bool


@dataclass(frozen=True, slots=True)
class HousePage:
    house: House
    roles: tuple[tuple[str, str], ...]  # a buying role and its road, or ""
    roads: tuple[str, ...]
    may_set: bool


@require_safe
def of_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    """A fragment for the person's page; a whole page for a reader without scripts."""
    person = asker_who_may(request, Verb.READ_BOOK)
    card = contact_card(person, contact_id)
    plan = roads.plan_of(card.id, now())
    shut = {road for road, _ in plan.closed}
    page = RoadsPage(
        card, plan, tuple(road.value for road in Road if road not in shut), may(person, Verb.WORK_TASKS),
        may(person, Verb.WRITE_TEMPLATES), may(person, Verb.ENROL),
    )  # fmt: skip
    part = "#roads" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"outreach/roads.html{part}", {"page": page})


@require_POST
def choose(request: HttpRequest, contact_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.WORK_TASKS)
    card = contact_card(person, contact_id)
    if text(request.POST, "do", 10) == "drop":
        roads.drop_choice(person, card.id, now())
        undo.say(request, "The signals decide again.")
    else:
        roads.choose_road(
            person, card.id, text(request.POST, "road", 20), text(request.POST, "reason", 500), now()
        )
        undo.say(request, "Noted, with your reason.")
    return undo.back(request, f"/contacts/{card.id}")


@require_safe
def settings(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    house = roads.house()
    page = HousePage(
        house, tuple((role, house.first_by_role[role].value if role in house.first_by_role else "") for role in ROLES),
        tuple(Road), may(person, Verb.EDIT_CADENCES),
    )  # fmt: skip
    return render(request, "outreach/channels.html", {"page": page})


@require_POST
def set_settings(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_CADENCES)
    chosen = {role: text(request.POST, role, 20) for role in ROLES}
    first = {role: Road(road) for role, road in chosen.items() if road in set(Road)}
    roads.set_house(person, House(needed(request.POST, "strong"), needed(request.POST, "some"), first), now())
    undo.say(request, "Every plan follows it from now on, but for those with a word of their own.")
    return HttpResponseRedirect("/channels", status=303)
