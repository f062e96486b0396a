"""Why (not) this person: every rule's word on every planned touch, and what they would say at this moment."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from panout.cadence import queries as ask
from panout.cadence.queries import DoneByHand, Parked, Run
from panout.cadence.rules.gate import Trace
from panout.flow.clock import now
from panout.kernel.channels import TouchKind
from panout.resolve import queries as resolve
from panout.resolve.queries import ContactCard
from panout.team.rules import Verb, may
from panout.web.http import asker_who_may
from panout.web.reading import one_of

# One kind of touch for each road; the others of the same road are ruled alike.
KINDS = (
    TouchKind.EMAIL, TouchKind.CALL, TouchKind.LINKEDIN_MESSAGE, TouchKind.EVENT_MEETING,
    TouchKind.DIRECT_MAIL, TouchKind.REFERRAL_ASK,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Track:
    """One kind of touch and whether it could happen now."""

    kind: TouchKind
    trace: Trace
    here: bool


@dataclass(frozen=True, slots=True)
class WhyPage:
    card: ContactCard
    tracks: tuple[Track, ...]
    runs: tuple[Run, ...]
    by_hand: tuple[DoneByHand, ...]
    parked: Parked | None
    may_park: bool
    may_enrol: bool

    @property
    def shown(self) -> Track:
        return next((track for track in self.tracks if track.here), self.tracks[0])


@require_safe
def why(request: HttpRequest, contact_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    card = resolve.contact_card(person, contact_id)
    kind, at = one_of(request.GET, "kind", TouchKind, TouchKind.EMAIL), now()
    kinds = KINDS if kind in KINDS else (*KINDS, kind)
    tracks = tuple(Track(one, ask.judge_now(card.id, one, at), one is kind) for one in kinds)
    page = WhyPage(
        card, tracks, ask.runs_of(card.id), ask.done_by_hand(card.id), ask.parked_of(card.id),
        may(person, Verb.EDIT_RECORDS), may(person, Verb.ENROL),
    )  # fmt: skip
    return render(request, "why/page.html", {"page": page})
