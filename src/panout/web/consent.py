"""Wishes and grounds: the suppression list, the law table, why we may write, what we hold, and erasure."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.consent import actions, queries
from panout.consent.actions import BASES
from panout.consent.queries import GroundLine, ScreeningLine, SuppressionLine
from panout.consent.rules.law import (
    Calling,
    Law,
    Recipient,
    calling_table,
    is_old,
    last_read,
    law_for,
    law_table,
)
from panout.consent.rules.registers import Answer, Consulted, Register, answer_in, by_key, taken_together
from panout.consent.rules.registers import registers as register_table
from panout.consent.rules.suppression import Kind, Reason, kind_of
from panout.flow import erasing, jobs
from panout.flow.clock import now, today
from panout.flow.erasing import Held
from panout.flow.screening import screen
from panout.kernel.channels import Channel
from panout.kernel.errors import BadInput
from panout.kernel.paging import Slice
from panout.outreach import queries as letters
from panout.outreach import screening
from panout.resolve.queries import ContactCard, account_card, contact_card
from panout.team.rules import Verb, may
from panout.web import undo
from panout.web.http import asker_who_may
from panout.web.privacy import ERASED
from panout.web.reading import day, one_of, text, whole
from panout.web.saved import Saved, saved

CHANNELS = (Channel.EMAIL, Channel.PHONE, Channel.SOCIAL, Channel.POST)
_BIGGEST = 5_000_000  # bytes of a list
_COUNTED = 1_000  # numbers to screen, at which a page says "or more"
_AHEAD = 3  # days: who is asked about today need not be asked about again tomorrow


@dataclass(frozen=True, slots=True)
class WishesPage:
    rows: Slice[SuppressionLine]
    asked: str
    lifted: bool
    reasons: tuple[str, ...]
    may_add: bool
    may_lift: bool
    saved: Saved


@dataclass(frozen=True, slots=True)
class Asked:
    """A register, and how many numbers it must be asked about now."""

    register: Register
    waiting: int


@dataclass(frozen=True, slots=True)
class ScreeningsPage:
    rows: Slice[ScreeningLine]
    registers: tuple[Asked, ...]
    waiting: int
    more: bool  # there are more than were counted
    today: date
    as_of: date
    may_add: bool
    may_withdraw: bool
    may_export: bool


@dataclass(frozen=True, slots=True)
class LawPage:
    laws: tuple[Law, ...]
    calling: tuple[Calling, ...]
    registers: tuple[Register, ...]
    last_read: date
    is_old: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether one channel is open to one person now, and what says so."""

    channel: str
    open: bool
    why: str
    law: Law


@dataclass(frozen=True, slots=True)
class WhyPage:
    card: ContactCard
    country: str
    verdicts: tuple[Verdict, ...]
    grounds: tuple[GroundLine, ...]
    registers: tuple[Consulted, ...]
    held: Held
    bases: tuple[str, ...]
    may_edit: bool
    may_erase: bool


@require_safe
def wishes(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    asked, lifted = text(request.GET, "words"), request.GET.get("lifted") == "yes"
    rows = queries.suppressions(asked, lifted=lifted, after=text(request.GET, "after"))
    reasons = tuple(reason.value for reason in Reason if reason is not Reason.ERASED)
    page = WishesPage(
        rows,
        asked,
        lifted,
        reasons,
        may(person, Verb.SUPPRESS),
        may(person, Verb.LIFT_SUPPRESSION),
        saved(request, person),
    )
    return render(request, "consent/suppressions.html", {"page": page})


@require_POST
def add(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.SUPPRESS)
    found = kind_of(text(request.POST, "value", 320))
    if found is None:
        raise BadInput(
            "That is no address, number or domain.",
            where="value",
            mend="Write numbers with their + and country.",
        )
    reason = one_of(request.POST, "reason", Reason, Reason.OTHER)
    channel = one_of(request.POST, "channel", Channel, Channel.OTHER)
    made = actions.suppress(
        person, *found, reason, "typed on the page", now(), note=text(request.POST, "note", 500),
        channel="" if channel is Channel.OTHER else channel.value,
    )  # fmt: skip
    undo.say(request, "From now on nobody contacts them." if made else "That was on the list already.")
    return HttpResponseRedirect("/suppressions", status=303)


@require_POST
def add_list(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.SUPPRESS)
    given = request.POST.get("list", "")
    upload = request.FILES.get("file")
    if upload is not None:
        if (upload.size or 0) > _BIGGEST:
            raise BadInput("The file is larger than 5 MB.", where="file")
        given += "\n" + upload.read().decode("utf-8-sig", "replace")
    reason = one_of(request.POST, "reason", Reason, Reason.OTHER)
    source = text(request.POST, "source", 120) or (upload.name or "" if upload else "pasted on the page")
    found = actions.suppress_list(person, given.replace("\x00", ""), reason, source, now())
    rest = f" Not understood: {', '.join(found.unusable[:3])}." if found.unusable else ""
    told = f"{found.added} added, {found.known} known already.{rest}"
    undo.say(request, told, "warn" if found.unusable else "good")
    return HttpResponseRedirect("/suppressions", status=303)


@require_POST
def lift(request: HttpRequest, suppression_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.LIFT_SUPPRESSION)
    actions.lift(person, suppression_id, text(request.POST, "reason"), now())
    undo.say(request, "Lifted. The entry stays on file, with your reason.")
    return HttpResponseRedirect("/suppressions", status=303)


@require_safe
def screenings(request: HttpRequest) -> HttpResponse:
    """Which register was asked when, and how many numbers wait to be screened."""
    person = asker_who_may(request, Verb.READ_BOOK)
    at, known = now(), tuple(by_key().values())
    waiting = screening.numbers_to_screen(person, [one.key for one in known], at, limit=_COUNTED)
    page = ScreeningsPage(
        queries.screenings(text(request.GET, "after")),
        tuple(
            Asked(one, sum(one.key in number.registers for number in waiting)) for one in known
        ),
        len(waiting), len(waiting) >= _COUNTED, today(), at.date(),
        may(person, Verb.SUPPRESS), may(person, Verb.LIFT_SUPPRESSION), may(person, Verb.EXPORT),
    )  # fmt: skip
    return render(request, "consent/screenings.html", {"page": page})


@require_safe
def numbers_to_screen(request: HttpRequest) -> HttpResponse:
    """The numbers to hand to a register, one a line."""
    person = asker_who_may(request, Verb.EXPORT)
    keys = request.GET.getlist("register") or list(by_key())
    found = screening.numbers_to_screen(person, keys, now(), ahead=_AHEAD)
    lines = "".join(f"{one.number}\r\n" for one in found)
    answer = HttpResponse(f"number\r\n{lines}", content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="numbers-to-screen.csv"'
    return answer


@require_POST
def record_screening(request: HttpRequest) -> HttpResponse:
    """Take a register's answer: one list that says yes or no, or the numbers asked about and those listed."""
    person = asker_who_may(request, Verb.SUPPRESS)
    keys = request.POST.getlist("register")
    country = keys[0].partition(" ")[0] if keys else ""
    asked, listed = _answer(request, "screened", country), _answer(request, "listed", country)
    on = day(request.POST, "on")
    if on is None:
        raise BadInput("On which day did the register answer?", where="on")
    if asked is None and listed is None:
        raise BadInput("There is no list.", where="screened", mend="Bring the numbers that you asked about.")
    numbers = taken_together(
        asked or Answer({}, (), told=False), listed, none_listed=request.POST.get("none_listed") == "yes"
    )
    source = text(request.POST, "source", 120) or "brought on the page"
    screen(person, keys, on, numbers, source, now(), days=whole(request.POST, "days"))
    unusable = [line for one in (asked, listed) if one is not None for line in one.unusable]
    rest = ""
    if unusable:
        rest = f" Lines not understood, and not counted: {len(unusable)} ({', '.join(unusable[:3])})."
    told = f"{len(numbers):,} numbers screened, {sum(numbers.values()):,} of them listed.{rest}"
    undo.say(request, told, "warn" if unusable else "good")
    return HttpResponseRedirect("/screenings", status=303)


def _answer(request: HttpRequest, name: str, country: str) -> Answer | None:
    """A list as pasted, as a file, or both; None where neither was given."""
    given = request.POST.get(name, "")
    upload = request.FILES.get(f"{name}_file")
    if upload is not None:
        if (upload.size or 0) > _BIGGEST:
            raise BadInput("The file is larger than 5 MB.", where=name)
        given += "\n" + upload.read().decode("utf-8-sig", "replace")
    clean = given.replace("\x00", "")
    return answer_in(clean, country) if clean.strip() else None


@require_POST
def withdraw_screening(request: HttpRequest, screening_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.LIFT_SUPPRESSION)
    actions.withdraw_screening(person, screening_id, text(request.POST, "reason"), now())
    undo.say(request, "Withdrawn: nobody is called on the strength of it any more.")
    return HttpResponseRedirect("/screenings", status=303)


@require_safe
def law(request: HttpRequest) -> HttpResponse:
    asker_who_may(request, Verb.READ_BOOK)
    laws = sorted(law_table().values(), key=lambda one: (one.country == "*", one.country, one.channel))
    page = LawPage(tuple(laws), calling_table(), register_table(), last_read(), is_old(today()))
    return render(request, "consent/law.html", {"page": page})


@require_safe
def why(request: HttpRequest, contact_id: int) -> HttpResponse:
    """Why we may write to this person, or may not: the page for whoever asks."""
    person = asker_who_may(request, Verb.READ_BOOK)
    card = contact_card(person, contact_id)
    told = {field.name: field.value for field in card.fields}
    country = str(told.get("person_country") or "")
    if not country and card.account_id:
        company = {field.name: field.value for field in account_card(person, card.account_id).fields}
        country = str(company.get("country") or "")
    who, noted = letters.who(card.id)
    standing = queries.standings([who], now())[who.contact_id]
    recipient = Recipient.COMPANY if card.account_id else Recipient.PERSON
    verdicts = []
    for channel in CHANNELS:
        rule = law_for(country or None, channel.value, recipient)
        against = standing.against(channel.value, now()) or noted[channel]
        consented = standing.consented(channel.value)
        closed = against or (
            f"needs consent: {rule.rule}" if rule.ruling == "consent" and not consented else ""
        )
        closed = closed or (rule.rule if rule.ruling == "blocked" else "")
        verdicts.append(Verdict(channel.value, not closed, closed or rule.rule, rule))
    page = WhyPage(
        card, country, tuple(verdicts), queries.grounds_of(who), screening.consulted_of(card.id),
        erasing.held(person, contact_id, now()), BASES,
        may(person, Verb.EDIT_RECORDS), may(person, Verb.ERASE),
    )  # fmt: skip
    return render(request, "consent/why.html", {"page": page})


@require_POST
def note_ground(request: HttpRequest, contact_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_RECORDS)
    card = contact_card(person, contact_id)
    channel = one_of(request.POST, "channel", Channel, Channel.OTHER)
    actions.note_ground(
        person, Kind.PERSON, str(card.id), text(request.POST, "basis"), text(request.POST, "source", 300), now(),
        channel="" if channel is Channel.OTHER else channel.value,
    )  # fmt: skip
    undo.say(request, "The ground is on file.")
    return HttpResponseRedirect(f"/contacts/{contact_id}/why-write", status=303)


@require_safe
def held(request: HttpRequest, contact_id: int) -> HttpResponse:
    """What we hold of a person, to read."""
    person = asker_who_may(request, Verb.EXPORT)
    return render(request, "consent/held.html", {"held": erasing.held(person, contact_id, now())})


@require_safe
def held_json(request: HttpRequest, contact_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.EXPORT)
    told = json.dumps(
        erasing.held(person, contact_id, now()).as_json(), ensure_ascii=False, indent=2, default=str
    )
    answer = HttpResponse(told, content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="person-{contact_id}.json"'
    return answer


@require_POST
def erase(request: HttpRequest, contact_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.ERASE)
    if text(request.POST, "sure") != "erase":
        raise BadInput("Nothing was erased.", mend="Type the word erase to say that you mean it.")
    erasing.erase(person, contact_id, now())
    jobs.wake_erasures()
    undo.say(request, ERASED)
    return HttpResponseRedirect("/privacy", status=303)
