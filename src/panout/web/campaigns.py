"""Campaigns: a hypothesis on paper, what is unusual about it, its rehearsal, and its launch."""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from datetime import date, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.cadence import queries as cadences
from panout.campaigns import actions as act
from panout.campaigns import queries as ask
from panout.campaigns.queries import Candidate, Card, Metric
from panout.campaigns.rules import design
from panout.criteria.errors import CriteriaError
from panout.flow.clock import now
from panout.flow.rehearsal import Rehearsal, rehearse
from panout.kernel.errors import PanoutError
from panout.learn import queries as learn
from panout.learn.rules.evidence import smallest_visible
from panout.mailbox import queries as mail
from panout.segments.actions import note_use
from panout.segments.queries import SegmentLine, segment, segments
from panout.signals import queries as signals
from panout.team.rules import Verb, may
from panout.web import undo
from panout.web.http import asker_who_may
from panout.web.reading import day, every_number, one_of, text, whole

REVIEW_DAYS = 14  # ten working days
MOST_ARMS = 8  # among 150 people nothing could be told of more


@dataclass(frozen=True, slots=True)
class ListPage:
    """All campaigns, running ones first."""

    cards: tuple[Card, ...]
    may_run: bool


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a draft can hope to show, said before anybody is written to."""

    people: int
    sample: tuple[Candidate, ...]
    warnings: tuple[str, ...]
    baseline: float
    own_baseline: bool
    smallest: float | None


@dataclass(frozen=True, slots=True)
class DraftPage:
    """The form, and what would come of it as it stands."""

    sketch: act.Sketch
    cadences: tuple[cadences.Shelf, ...]
    senders: tuple[mail.AccountCard, ...]
    signals: tuple[str, ...]
    outlook: Outlook | None
    error: PanoutError | None
    segments: tuple[SegmentLine, ...]
    segment_id: int | None

    @property
    def held_out(self) -> int:
        """The hold-out in per cent."""
        return round(100 * self.sketch.hold_out)


@dataclass(frozen=True, slots=True)
class CampaignPage:
    """One campaign; a draft with its outlook, a launched one with its figures."""

    card: Card
    judged: learn.Judged | None
    outlook: Outlook | None
    may_run: bool


@dataclass(frozen=True, slots=True)
class RehearsalPage:
    """A draft played against the virtual clock."""

    card: Card
    told: Rehearsal
    seed: int


@require_safe
def campaigns(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    return render(
        request,
        "campaigns/list.html",
        {"page": ListPage(ask.campaigns(), may(person, Verb.RUN_CAMPAIGNS))},
    )


@require_safe
def new(request: HttpRequest) -> HttpResponse:
    """The form; with words in it, what would come of them."""
    asker_who_may(request, Verb.RUN_CAMPAIGNS)
    sketch = _sketch(request)
    chosen = whole(request.GET, "segment")
    if chosen is not None and not sketch.audience:
        sketch = replace(sketch, audience=segment(chosen).criteria)
    return _form(request, sketch)


def _form(request: HttpRequest, sketch: act.Sketch, error: PanoutError | None = None) -> HttpResponse:
    outlook = None
    try:
        outlook = _outlook_of(sketch)
    except CriteriaError as wrong:
        error = error or wrong
    given = request.POST if request.method == "POST" else request.GET
    page = DraftPage(
        sketch, cadences.cadences(), mail.accounts(now()), signals.types(), outlook, error,
        segments(), whole(given, "segment"),
    )  # fmt: skip
    return render(request, "campaigns/new.html", {"page": page}, status=400 if error else 200)


def _sketch(request: HttpRequest) -> act.Sketch:
    given = request.POST if request.method == "POST" else request.GET
    arms = tuple(
        act.ArmSketch(f"Arm {chr(ord('A') + place)}", cadence_id)
        for place, cadence_id in enumerate(every_number(given, "cadence")[:MOST_ARMS])
    )
    return act.Sketch(
        text(given, "name", 120),
        text(given, "hypothesis", 2000),
        text(given, "audience", 20_000),
        tuple(one.replace("\x00", "")[:40] for one in given.getlist("signal") if one)[:5],
        text(given, "value_proposition", 2000),
        arms,
        day(given, "review_on") or now().date() + timedelta(days=REVIEW_DAYS),
        metric=one_of(given, "metric", Metric, Metric.POSITIVE),
        hold_out=min(50, whole(given, "hold_out") or 0) / 100,
        thompson=bool(text(given, "thompson")),
        sender_id=whole(given, "sender"),
        most=min(1000, whole(given, "most") or 150),
        open_until=day(given, "open_until"),
        per_account=min(20, whole(given, "per_account") or 0) or None,
    )


def _outlook_of(sketch: act.Sketch) -> Outlook:
    people = ask.audience_of(sketch.audience, sketch.signals, now(), sketch.most)
    return _outlook(
        sketch.hypothesis, people, sketch.signals, max(1, len(sketch.arms)), sketch.review_on,
        sketch.metric, sketch.hold_out,
    )  # fmt: skip


def _outlook(
    hypothesis: str,
    people: tuple[Candidate, ...],
    kinds: tuple[str, ...],
    arms: int,
    review_on: date,
    metric: Metric,
    hold_out: float,
) -> Outlook:
    running = sum(card.state == ask.CampaignState.RUNNING for card in ask.campaigns())
    paper = design.Draft(hypothesis, len(people), kinds, arms, now().date(), review_on, running)
    baseline, own = learn.baseline_of(metric)
    tried = round(len(people) * (1 - hold_out))
    seen = smallest_visible(tried, baseline) if tried else None
    warned = tuple(design.warnings(paper, design.Habits()))
    return Outlook(len(people), people[:8], warned, baseline, own, seen)


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.RUN_CAMPAIGNS)
    sketch = _sketch(request)
    try:
        chosen = whole(request.POST, "segment")
        source = segment(chosen) if chosen is not None else None
        number = act.draft(person, sketch, now())
        if source is not None:
            note_use(source.id, "campaign", number, sketch.name, f"/campaigns/{number}", now())
    except PanoutError as error:
        return _form(request, sketch, error)
    return HttpResponseRedirect(f"/campaigns/{number}", status=303)


@require_safe
def campaign(request: HttpRequest, campaign_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    card = ask.campaign(campaign_id)
    judged = learn.finding_of(campaign_id, now()) if card.launched_at else None
    outlook = None
    if judged is None:
        told = ask.outcomes(campaign_id)
        people = tuple(
            Candidate(one.contact_id, "", 0.0, one.persona, one.industry, one.signal) for one in told
        )
        outlook = _outlook(
            card.hypothesis,
            people,
            card.signals,
            len(card.arms),
            card.review_on,
            card.metric,
            card.held_share,
        )
    page = CampaignPage(card, judged, outlook, may(person, Verb.RUN_CAMPAIGNS))
    return render(request, "campaigns/one.html", {"page": page})


@require_POST
def launch(request: HttpRequest, campaign_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.RUN_CAMPAIGNS)
    done = act.launch(person, campaign_id, now(), random.Random(campaign_id))  # noqa: S311  a draw, not a secret
    undo.say(request, f"{done.enrolled} people started, {done.held_out} held out, {done.refused} not taken.")
    return HttpResponseRedirect(f"/campaigns/{campaign_id}", status=303)


@require_safe
def rehearsal(request: HttpRequest, campaign_id: int) -> HttpResponse:
    """Plays the draft in a transaction that is taken back: nothing is left behind."""
    person = asker_who_may(request, Verb.RUN_CAMPAIGNS)
    seed = whole(request.GET, "seed") or 1
    told = rehearse(person, campaign_id, now(), seed)
    return render(
        request, "campaigns/rehearsal.html", {"page": RehearsalPage(ask.campaign(campaign_id), told, seed)}
    )
