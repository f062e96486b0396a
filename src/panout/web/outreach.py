"""Templates and their editor, with a live preview on real prospects; the footprint meter."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.campaigns.footprint import CampaignFootprint, campaign_footprint
from panout.flow.clock import now
from panout.flow.drafting import has_model, suggestion
from panout.kernel.channels import TouchKind
from panout.kernel.errors import BadInput, PanoutError
from panout.outreach import actions, library, queries, reviewing
from panout.outreach.drafting import Suggestion
from panout.outreach.queries import Listed
from panout.outreach.reviewing import Preview
from panout.outreach.rules.footprint import Footprint
from panout.resolve.queries import ContactCard, contact_card
from panout.team.rules import Verb, may
from panout.web import undo
from panout.web.http import asker_who_may
from panout.web.reading import one_of, text, whole

LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class ListPage:
    templates: tuple[Listed, ...]
    shipped: int  # playbooks that are not in the book yet
    may_write: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A template as it stands in the editor."""

    slug: str
    name: str
    kind: str
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class EditorPage:
    form: Form
    version: int
    kinds: tuple[str, ...]
    previews: tuple[Preview, ...]
    error: PanoutError | None
    may_write: bool


@dataclass(frozen=True, slots=True)
class MeterPage:
    found: Footprint
    origin: str
    campaign: CampaignFootprint | None = None


@dataclass(frozen=True, slots=True)
class SuggestionPage:
    card: ContactCard
    suggestion: Suggestion | None
    has_model: bool


@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    listed = queries.templates()
    known = {one.slug for one in listed}
    missing = sum(1 for one in library.playbooks() if one.slug not in known)
    page = ListPage(listed, missing, may(person, Verb.WRITE_TEMPLATES))
    return render(request, "outreach/templates.html", {"page": page})


@require_POST
def load(request: HttpRequest) -> HttpResponse:
    added = library.load_playbooks(asker_who_may(request, Verb.WRITE_TEMPLATES), now())
    undo.say(request, f"{added} playbooks and library entries are new here.")
    return HttpResponseRedirect("/templates", status=303)


@require_safe
def new(request: HttpRequest) -> HttpResponse:
    asker_who_may(request, Verb.WRITE_TEMPLATES)
    body = "Hi {{ first_name | default: 'there' }},\n\n{{ problem }} {{ value }}\n\n{{ sender.first_name }}"
    return _editor(request, Form("", "", TouchKind.EMAIL, "", body), 0)


@require_safe
def edit(request: HttpRequest, slug: str) -> HttpResponse:
    asker_who_may(request, Verb.READ_BOOK)
    kept = queries.template(slug)
    return _editor(request, Form(kept.slug, kept.name, kept.kind, kept.subject, kept.body), kept.number)


@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """The fragment while typing; the whole page for a reader without scripts."""
    asker_who_may(request, Verb.READ_BOOK)
    return _editor(request, _form(request.POST), whole(request.POST, "version") or 0)


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.WRITE_TEMPLATES)
    form = _form(request.POST)
    slug = form.slug or re.sub(r"[^a-z0-9]+", "-", form.name.lower()).strip("-")[:60]
    try:
        number = actions.save_template(
            person, slug, form.name, TouchKind(form.kind), form.subject, form.body, now()
        )
    except BadInput as error:
        return _editor(request, form, whole(request.POST, "version") or 0, error)
    undo.say(request, f"Kept as version {number}. Messages written before keep their words.")
    return HttpResponseRedirect(f"/templates/{slug}", status=303)


@require_safe
def meter(request: HttpRequest) -> HttpResponse:
    asker_who_may(request, Verb.READ_BOOK)
    origin = text(request.GET, "origin", 20)
    page = MeterPage(reviewing.meter(origin, now()), origin)
    return render(request, "outreach/footprint.html", {"page": page})


@require_safe
def campaign_meter(request: HttpRequest, campaign_id: int) -> HttpResponse:
    asker_who_may(request, Verb.READ_BOOK)
    found = campaign_footprint(campaign_id, now())
    return render(request, "outreach/footprint.html", {"page": MeterPage(found.whole, "cadence", found)})


@require_safe
def suggest_page(request: HttpRequest, contact_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.WRITE_TEMPLATES)
    page = SuggestionPage(contact_card(person, contact_id), None, has_model())
    return render(request, "outreach/suggestion.html", {"page": page})


@require_POST
def suggest(request: HttpRequest, contact_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.WRITE_TEMPLATES)
    card = contact_card(person, contact_id)
    page = SuggestionPage(card, suggestion(person, card.id, now()), has_model())
    return render(request, "outreach/suggestion.html", {"page": page})


def _form(given: QueryDict) -> Form:
    return Form(
        text(given, "slug", 60),
        text(given, "name", 120),
        one_of(given, "kind", TouchKind, TouchKind.EMAIL),
        text(given, "subject", 500),
        given.get("body", "").replace("\x00", "").replace("\r\n", "\n")[: LONGEST + 1],
    )


def _editor(request: HttpRequest, form: Form, version: int, error: PanoutError | None = None) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    shown: tuple[Preview, ...] = ()
    if error is None:
        try:
            kind = TouchKind(form.kind)
            chosen = whole(request.POST, "contact")
            shown = reviewing.previews(person, form.name, kind, form.subject, form.body, chosen, now())
        except BadInput as trouble:
            error = trouble
    kinds = tuple(kind.value for kind in TouchKind)
    page = EditorPage(form, version, kinds, shown, error, may(person, Verb.WRITE_TEMPLATES))
    fragment = "#preview" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"outreach/template.html{fragment}", {"page": page})
