"""What waits for a person's word: doubtful pairs, leads before the gate, and merges by hand."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.flow.clock import now
from panout.kernel.paging import Count, Slice
from panout.qualify import queries as qualify
from panout.qualify.queries import ListFilter, ProspectLine
from panout.resolve import actions as act
from panout.resolve import queries as ask
from panout.resolve.queries import Hits, Pair, PairLine, Taught
from panout.resolve.rules.pairs import Answer
from panout.team.rules import Verb, may
from panout.web import undo
from panout.web.http import asker_who_may, origin
from panout.web.reading import needed, one_of, text, whole
from panout.web.saved import Saved, saved


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """The pair at hand, and those that wait behind it."""

    pair: Pair | None
    waiting: Slice[PairLine]
    count: Count
    taught: tuple[Taught, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """Something that leads lack, and how many of those shown lack it."""

    what: str
    count: int


@dataclass(frozen=True, slots=True)
class GatePage:
    rows: Slice[ProspectLine]
    count: Count
    missing: tuple[Missing, ...]
    asked: str
    may_promote: bool
    saved: Saved


@dataclass(frozen=True, slots=True)
class MergePage:
    kind: str
    id: int
    label: str
    text: str
    hits: Hits | None

    @property
    def others(self) -> tuple[ask.Hit, ...]:
        if self.hits is None:
            return ()
        found = self.hits.accounts if self.kind == "account" else self.hits.contacts
        return tuple(hit for hit in found if hit.id != self.id)


@require_safe
def review(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.SETTLE_PAIRS)
    waiting = ask.open_pairs(person, limit=20)
    chosen = whole(request.GET, "pair") or (waiting.rows[0].id if waiting.rows else None)
    taught = tuple(one for kind in ("account", "contact") if (one := ask.taught(kind)).answers)
    page = ReviewPage(ask.pair(person, chosen) if chosen else None, waiting, ask.open_pairs_count(), taught)
    return render(request, "review/pairs.html", {"page": page})


@require_POST
def settle(request: HttpRequest, match_id: int) -> HttpResponse:
    """Same (the newer goes into the older), different, or later."""
    person = asker_who_may(request, Verb.SETTLE_PAIRS)
    chosen = one_of(request.POST, "decision", Answer, Answer.LATER)
    merged = act.settle_pair(person, match_id, chosen, origin(request), now())
    if merged is not None:
        undo.say(request, "They are one now. Everything of both is kept.", way="merge", id=merged)
    else:
        undo.say(request, "Kept apart." if chosen == Answer.DIFFERENT else "It will come back.")
    return HttpResponseRedirect("/review", status=303)


@require_safe
def gate(request: HttpRequest) -> HttpResponse:
    """The gate: what each lead lacks to become a prospect, nearest first."""
    person = asker_who_may(request, Verb.READ_BOOK)
    asked = ListFilter(verdict="lead", text=text(request.GET, "q"))
    today = now().astimezone(person.tz).date()
    rows = qualify.prospects(person, asked, today, text(request.GET, "after", 400))
    tally: dict[str, int] = {}
    for line in rows.rows:
        for what in line.missing:
            tally[what] = tally.get(what, 0) + 1
    missing = tuple(Missing(what, count) for what, count in sorted(tally.items(), key=lambda one: -one[1]))
    count = qualify.count_prospects(person, asked, today)
    page = GatePage(rows, count, missing, asked.text, may(person, Verb.PROMOTE), saved(request, person))
    return render(request, "review/gate.html", {"page": page})


@require_safe
def merge_by_hand(request: HttpRequest, kind: str, record_id: int) -> HttpResponse:
    """Find the other one of two that are the same."""
    person = asker_who_may(request, Verb.SETTLE_PAIRS)
    card = ask.account_card(person, record_id) if kind == "account" else ask.contact_card(person, record_id)
    words = text(request.GET, "q") or card.label
    page = MergePage(kind, card.id, card.label, words, ask.search(person, words))
    return render(request, "review/merge.html", {"page": page})


@require_POST
def merge(request: HttpRequest, kind: str, record_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.SETTLE_PAIRS)
    gone = needed(request.POST, "other")
    for one in (record_id, gone):
        _ = ask.account_card(person, one) if kind == "account" else ask.contact_card(person, one)
    reason = text(request.POST, "reason", 500)
    made = act.merge(person, kind, record_id, gone, reason, origin(request), now())
    undo.say(request, "They are one now. Everything of both is kept.", way="merge", id=made)
    return HttpResponseRedirect(f"/{kind}s/{record_id}", status=303)
