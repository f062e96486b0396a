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
from panout.consent.queries import GroundLine, SuppressionLine
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
from panout.consent.rules.suppression import Kind, Reason, kind_of
from panout.flow import erasing, jobs
from panout.flow.clock import now, today
from panout.flow.erasing import Held
from panout.kernel.channels import Channel
from panout.kernel.errors import BadInput
from panout.kernel.paging import Slice
from panout.outreach import queries as letters
from panout.resolve.queries import ContactCard, account_card, contact_card
from panout.team.rules import Verb, may
from panout.web import undo
from panout.web.http import asker_who_may
from panout.web.privacy import ERASED
from panout.web.reading import one_of, text
from panout.web.saved import Saved, saved

CHANNELS = (Channel.EMAIL, Channel.PHONE, Channel.SOCIAL, Channel.POST)
_BIGGEST = 5_000_000  # bytes of a list


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
class LawPage:
    laws: tuple[Law, ...]
    calling: tuple[Calling, ...]
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
def law(request: HttpRequest) -> HttpResponse:
    asker_who_may(request, Verb.READ_BOOK)
    laws = sorted(law_table().values(), key=lambda one: (one.country == "*", one.country, one.channel))
    page = LawPage(tuple(laws), calling_table(), last_read(), is_old(today()))
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
        card, country, tuple(verdicts), queries.grounds_of(who), erasing.held(person, contact_id, now()), BASES,
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
