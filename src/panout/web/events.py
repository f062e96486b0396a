"""Events with a page for the phone at the stand, referral asks, and partners."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.flow.clock import now
from panout.kernel.errors import BadInput
from panout.outreach import warm
from panout.outreach.warm import AskLine, GatheringCard, GatheringLine, Newcomer, PartnerLine, Shared
from panout.resolve import queries as resolve
from panout.sources.queries import ImportLine, imports
from panout.sources.rules.imports import ImportState
from panout.team.rules import Person, Verb
from panout.web import undo
from panout.web.http import asker_who_may
from panout.web.reading import day, needed, numbers, text

PARTS = ("attendee", "speaker", "booth")


@dataclass(frozen=True, slots=True)
class EventsPage:
    events: tuple[GatheringLine, ...]


@dataclass(frozen=True, slots=True)
class EventPage:
    event: GatheringCard
    parts: tuple[str, ...]
    lists: tuple[ImportLine, ...] = ()


@dataclass(frozen=True, slots=True)
class ReferralsPage:
    asks: tuple[AskLine, ...]
    quarter: str


@dataclass(frozen=True, slots=True)
class PartnersPage:
    partners: tuple[PartnerLine, ...]
    chosen: PartnerLine | None
    shared: tuple[Shared, ...]
    lists: tuple[ImportLine, ...] = ()


def _lists() -> tuple[ImportLine, ...]:
    """Imports that are in the book, the latest first."""
    return tuple(one for one in imports(limit=100).rows if one.state is ImportState.DONE)


@require_safe
def events(request: HttpRequest) -> HttpResponse:
    asker_who_may(request, Verb.READ_BOOK)
    return render(request, "outreach/events.html", {"page": EventsPage(warm.gatherings())})


@require_POST
def plan(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_RECORDS)
    starts = day(request.POST, "starts_on")
    if starts is None:
        raise BadInput("When does it start?", where="starts_on")
    made = warm.plan_gathering(
        person, text(request.POST, "name"), text(request.POST, "place"), starts,
        day(request.POST, "ends_on") or starts, now(),
    )  # fmt: skip
    return HttpResponseRedirect(f"/events/{made}", status=303)


@require_safe
def event(request: HttpRequest, event_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    return render(
        request, "outreach/event.html", {"page": EventPage(warm.gathering(person, event_id), PARTS, _lists())}
    )


@require_safe
def stand(request: HttpRequest, event_id: int) -> HttpResponse:
    """The page for a phone, at the stand."""
    person = asker_who_may(request, Verb.EDIT_RECORDS)
    return render(
        request, "outreach/stand.html", {"page": EventPage(warm.gathering(person, event_id), PARTS)}
    )


@require_POST
def meet(request: HttpRequest, event_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_RECORDS)
    given = request.POST
    who = Newcomer(
        text(given, "full_name"), text(given, "company"), text(given, "title"), text(given, "email"),
        text(given, "phone", 40), text(given, "note", 1000),
    )  # fmt: skip
    warm.add_person(person, event_id, who, now())
    undo.say(request, f"{who.full_name or who.email} is noted. The follow-up is due within 24 hours.")
    return HttpResponseRedirect(f"/events/{event_id}/stand", status=303)


@require_POST
def add_list(request: HttpRequest, event_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.IMPORT_LISTS)
    part = text(request.POST, "part", 20)
    pasted = request.POST.get("people", "").replace("\x00", "")
    found = warm.add_list(person, event_id, pasted, part, now())
    rest = f" Not used: {'; '.join(found.unusable[:3])}." if found.unusable else ""
    told = f"{found.added} on the list, {found.known} of them known before.{rest}"
    undo.say(request, told, "warn" if found.unusable else "good")
    return HttpResponseRedirect(f"/events/{event_id}", status=303)


@require_POST
def add_import(request: HttpRequest, event_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.IMPORT_LISTS)
    added = warm.add_import(
        person, event_id, needed(request.POST, "import"), text(request.POST, "part", 20), now()
    )
    undo.say(
        request, f"{added} people of that list are on the event's. A mail may name the event as its reason."
    )
    return HttpResponseRedirect(f"/events/{event_id}", status=303)


@require_POST
def add_partner_import(request: HttpRequest, partner_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_RECORDS)
    known = warm.add_partner_import(person, partner_id, needed(request.POST, "import"), now())
    undo.say(request, f"{known} companies are on the partner's list.")
    return HttpResponseRedirect(f"/partners/{partner_id}", status=303)


@require_POST
def ask(request: HttpRequest, event_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.WORK_TASKS)
    asked = warm.ask_to_meet(person, event_id, numbers(request.POST, "contact"), now())
    undo.say(request, f"{asked} asks are on your list for today.")
    return HttpResponseRedirect(f"/events/{event_id}", status=303)


@require_safe
def referrals(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    page = ReferralsPage(warm.referral_asks(person), warm.quarter_of(now().date()))
    return render(request, "outreach/referrals.html", {"page": page})


@require_POST
def ask_referral(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.WORK_TASKS)
    warm.ask_referral(person, _meant(person, request), text(request.POST, "wanted", 500), now())
    undo.say(request, "The ask is on your list for today, with its words.")
    return HttpResponseRedirect("/referrals", status=303)


def _meant(person: Person, request: HttpRequest) -> int:
    """Whom the form means: by number, by the address of their page, by email, or by a name that is the only one."""
    words = text(request.POST, "contact", 300)
    last = words.rstrip("/").rpartition("/")[2]
    if not words or last.isdigit():
        return needed(QueryDict.fromkeys(["contact"], last), "contact")
    hits = resolve.search(person, words)
    if hits.forgiving or len(hits.contacts) != 1:
        found = f"{hits.contact_count} people" if hits.contacts and not hits.forgiving else "Nobody"
        raise BadInput(
            f"{found} found by '{words[:60]}'.", where="contact", mend="Give the whole email address."
        )
    return hits.contacts[0].id


@require_POST
def close_referral(request: HttpRequest, ask_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.WORK_TASKS)
    warm.close_referral(person, ask_id, text(request.POST, "outcome"), now())
    undo.say(request, "Noted.")
    return HttpResponseRedirect("/referrals", status=303)


@require_safe
def partners(request: HttpRequest, partner_id: int | None = None) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    every = warm.partners()
    chosen = next((one for one in every if one.id == partner_id), None)
    page = PartnersPage(
        every, chosen, warm.overlap(person, partner_id) if partner_id is not None else (), _lists()
    )  # fmt: skip
    return render(request, "outreach/partners.html", {"page": page})


@require_POST
def add_partner(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_RECORDS)
    given = request.POST
    made = warm.save_partner(
        person, text(given, "name"), text(given, "contact_name"), text(given, "email"), now()
    )
    return HttpResponseRedirect(f"/partners/{made}", status=303)


@require_POST
def add_customers(request: HttpRequest, partner_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_RECORDS)
    kept = warm.add_partner_customers(
        person, partner_id, request.POST.get("companies", "").replace("\x00", ""), now()
    )
    undo.say(request, f"{kept} companies are on their list.")
    return HttpResponseRedirect(f"/partners/{partner_id}", status=303)


@require_POST
def ask_partner(request: HttpRequest, partner_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.WORK_TASKS)
    warm.ask_partner(person, needed(request.POST, "customer"), needed(request.POST, "account"), now())
    undo.say(request, "The ask is on your list for today.")
    return HttpResponseRedirect(f"/partners/{partner_id}", status=303)
