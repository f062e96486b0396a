"""Verbs about campaigns.

draft(asker, sketch, now) -> int
launch(asker, campaign_id, now) -> Launched         enrols its people, arm by arm, the hold-out left alone
take_in(campaign_id, now, rng) -> Launched          who newly belongs to a campaign that is still open
decide(asker, campaign_id, call, proposed, why, evidence, now)
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction

from panout.cadence.actions import enrol_on, stop_people
from panout.cadence.models import CadenceVersion, Enrolment
from panout.cadence.rules.moves import StopReason
from panout.campaigns.models import Arm, Campaign, CampaignState, Decision, Member, Metric
from panout.campaigns.queries import Candidate, audience_of, newcomers, tallies
from panout.campaigns.rules import allotment
from panout.criteria.parse import parse
from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.outreach.models import Sender
from panout.qualify.models import Verdict
from panout.segments.actions import release
from panout.team.actions import record
from panout.team.rules import SYSTEM, Person, Role, Verb, demand


@dataclass(frozen=True, slots=True)
class ArmSketch:
    """One arm to be: its name, the cadence whose newest version it uses, its share."""

    name: str
    cadence_id: int
    weight: float = 1.0


@dataclass(frozen=True, slots=True)
class Sketch:
    """A campaign to be. `audience` is criteria text; `most` caps the people taken, the best ranked first."""

    name: str
    hypothesis: str
    audience: str
    signals: tuple[str, ...]
    value_proposition: str
    arms: tuple[ArmSketch, ...]
    review_on: date
    metric: Metric = Metric.POSITIVE
    hold_out: float = 0.0
    thompson: bool = False
    sender_id: int | None = None
    most: int = 150
    open_until: date | None = None
    per_account: int | None = None


@transaction.atomic
def draft(asker: Person, sketch: Sketch, now: datetime) -> int:
    """A campaign on paper, with the people it would reach. Raises BadInput with what is missing."""
    demand(asker, Verb.RUN_CAMPAIGNS)
    _check(sketch, now)
    if Campaign.objects.filter(name__iexact=sketch.name.strip()).exists():
        raise Conflict(f"There is a campaign '{sketch.name.strip()}' already.", mend="Choose another name.")
    row = Campaign.objects.create(
        name=sketch.name.strip(),
        hypothesis=sketch.hypothesis.strip(),
        audience=sketch.audience,
        signals=list(sketch.signals),
        value_proposition=sketch.value_proposition,
        metric=sketch.metric,
        hold_out=sketch.hold_out,
        thompson=sketch.thompson,
        sender_id=sketch.sender_id,
        owner_id=asker.id,
        created_at=now,
        review_on=sketch.review_on,
        icp_version_id=_icp_in_use(),
        most=sketch.most,
        open_until=sketch.open_until,
        per_account=sketch.per_account,
    )
    for number, arm in enumerate(sketch.arms):
        version = CadenceVersion.objects.filter(cadence=arm.cadence_id).order_by("-number").first()
        if version is None:
            raise NotFound("There is no such cadence.", where=f"arm '{arm.name}'")
        Arm.objects.create(
            campaign=row, key=chr(ord("a") + number), name=arm.name, version=version, weight=arm.weight
        )
    people = (
        newcomers(row, now)
        if sketch.open_until or sketch.per_account
        else audience_of(sketch.audience, sketch.signals, now, sketch.most)
    )
    _joined(row, people, now)
    record(asker, "draft campaign", "campaign", row.pk, row.name, now=now, after={"people": len(people)})
    return row.pk


def _joined(row: Campaign, people: Iterable[Candidate], now: datetime) -> list[Member]:
    return Member.objects.bulk_create(
        Member(
            campaign=row,
            contact_id=one.contact_id,
            joined_at=now,
            persona=one.persona,
            industry=one.industry,
            signal=one.signal,
        )
        for one in people
    )


def _check(sketch: Sketch, now: datetime) -> None:
    if not sketch.name.strip() or not sketch.hypothesis.strip():
        raise BadInput("A campaign needs a name and a hypothesis.")
    if not sketch.arms:
        raise BadInput("A campaign needs at least one arm.", mend="Choose a cadence.")
    if not all(0 < arm.weight < math.inf for arm in sketch.arms):
        raise BadInput("The share of an arm is more than nothing.")
    if not 1 <= sketch.most <= 1000:
        raise BadInput("A campaign takes 1 to 1,000 people.", mend="50 to 150 are enough to see something.")
    if sketch.sender_id is not None and not Sender.objects.filter(id=sketch.sender_id).exists():
        raise NotFound("There is no such sender.")
    if not 0 <= sketch.hold_out <= 0.5:
        raise BadInput("A hold-out is a share from 0 to one half.")
    if sketch.review_on <= now.date():
        raise BadInput("The review date is not to come.", mend="Choose one 7 to 10 working days ahead.")
    if sketch.audience.strip():
        parse(sketch.audience)


def _icp_in_use() -> int | None:
    return Verdict.objects.values_list("icp_version", flat=True).first()


@dataclass(frozen=True, slots=True)
class Launched:
    """What became of the people."""

    enrolled: int
    held_out: int
    refused: int


@transaction.atomic
def launch(asker: Person, campaign_id: int, now: datetime, rng: random.Random) -> Launched:
    """Enrol the people of a draft. Who is held out and who gets which arm is steady for a person.

    `rng` is for Thompson sampling only. What was said before the launch (metric, review date) stays said.
    """
    demand(asker, Verb.RUN_CAMPAIGNS)
    row = Campaign.objects.select_for_update().filter(id=campaign_id).first()
    if row is None:
        raise NotFound("There is no such campaign.")
    if row.state != CampaignState.DRAFT:
        raise Conflict(f"This campaign is {row.state} already.", mend="Nothing was changed.")
    members = list(row.members.select_related("contact").order_by("id"))
    if not members and row.open_until is None:
        raise BadInput("Nobody is in this campaign's audience.", mend="Widen the audience, or import a list.")
    row.state, row.launched_at = CampaignState.RUNNING, now
    row.save(update_fields=["state", "launched_at"])
    # Whoever may run campaigns may start the people of one, also without the right to start anybody they like.
    made = _begun(replace(asker, role=Role.FOUNDER), row, members, now, rng)
    after = {"enrolled": made.enrolled, "held_out": made.held_out, "refused": made.refused}
    record(asker, "launch campaign", "campaign", row.pk, row.name, now=now, after=after)
    return made


@transaction.atomic
def take_in(campaign_id: int, now: datetime, rng: random.Random) -> Launched:
    """Start those who newly belong to a running campaign that is open. Thompson sampling goes by what came so far.

    Safe to repeat: whoever is in, or was in any cadence, is left as they are.
    """
    row = Campaign.objects.select_for_update().filter(id=campaign_id, state=CampaignState.RUNNING).first()
    if row is None or row.open_until is None or row.open_until < now.date():
        return Launched(0, 0, 0)
    fresh = [one.pk for one in _joined(row, newcomers(row, now), now)]
    if not fresh:
        return Launched(0, 0, 0)
    members = list(Member.objects.filter(id__in=fresh).select_related("contact").order_by("id"))
    made = _begun(_on_behalf(row), row, members, now, rng)
    after = {"enrolled": made.enrolled, "held_out": made.held_out, "refused": made.refused}
    record(SYSTEM, "take people into campaign", "campaign", row.pk, row.name, now=now, after=after)
    return made


def _on_behalf(row: Campaign) -> Person:
    """Whoever launched it said who belongs to it; those who come later are started in their name."""
    return replace(SYSTEM, id=row.owner_id, role=Role.FOUNDER)


def _begun(
    asker: Person, row: Campaign, members: list[Member], now: datetime, rng: random.Random
) -> Launched:
    arms = {arm.key: arm for arm in row.arms.order_by("key")}
    chosen = _arms(row, members, arms, rng)
    for member, key in zip(members, chosen, strict=True):
        member.held_out, member.arm = key is None, arms[key] if key else None
    Member.objects.bulk_update(members, ["held_out", "arm"])
    refused = 0
    for arm in arms.values():
        mine = [member for member in members if member.arm == arm]
        if not mine:
            continue
        people = [member.contact_id for member in mine]
        done = enrol_on(asker, people, arm.version_id, row.sender_id, now, origin=f"campaign {row.name}")
        why = dict(done.refused)
        runs = dict(
            Enrolment.objects.running()
            .filter(contact__in=done.enrolled, version=arm.version_id)
            .values_list("contact", "id")
        )
        for member in mine:
            member.enrolment_id = runs.get(member.contact_id)
            member.refused = why.get(member.contact_id, "")[:200]
        Member.objects.bulk_update(mine, ["enrolment", "refused"])
        refused += len(why)
    held = sum(member.held_out for member in members)
    return Launched(len(members) - held - refused, held, refused)


def _arms(row: Campaign, members: list[Member], arms: dict[str, Arm], rng: random.Random) -> list[str | None]:
    """An arm's key for each; None for the held-out."""
    salt = f"campaign:{row.pk}"
    told = tallies(row.pk) if row.thompson else {}
    known = [
        allotment.Arm(key, arm.weight, told[key].hits, told[key].tried)
        if row.thompson
        else allotment.Arm(key, arm.weight)
        for key, arm in arms.items()
    ]
    return [
        None
        if allotment.is_held_out(salt, member.contact.key, row.hold_out)
        else (
            allotment.thompson_arm(known, rng)
            if row.thompson
            else allotment.fixed_arm(salt, member.contact.key, known)
        ).key
        for member in members
    ]


@transaction.atomic
def decide(
    asker: Person,
    campaign_id: int,
    call: str,
    proposed: str,
    why: str,
    evidence: dict[str, object],
    now: datetime,
    stops_runs: bool = False,
) -> int:
    """Keep, kill or iterate, with the evidence as it stands. Against the proposal it needs a reason.

    With `stops_runs`, whoever is under way in it is written to no more; returns how many those were.
    """
    demand(asker, Verb.RUN_CAMPAIGNS)
    if call not in {"keep", "kill", "iterate"}:
        raise BadInput(f"'{call}' is no decision.", mend="Keep, kill or iterate.")
    if call != proposed and not why.strip():
        raise BadInput(f"The evidence says {proposed}.", mend="Say why you decide otherwise.")
    row = Campaign.objects.select_for_update().filter(id=campaign_id).first()
    if row is None:
        raise NotFound("There is no such campaign.")
    if row.state != CampaignState.RUNNING:
        raise Conflict(f"This campaign is {row.state}.", mend="Only a running one is decided.")
    Decision.objects.create(
        campaign=row, call=call, proposed=proposed, why=why, evidence=evidence, at=now, by_id=asker.id
    )
    row.state = CampaignState.DECIDED
    row.save(update_fields=["state"])
    release("campaign", row.pk, now)
    stopped = _stopped(row, now) if stops_runs else 0
    after = {**evidence, "runs_stopped": stopped} if stops_runs else evidence
    record(asker, f"{call} campaign", "campaign", row.pk, row.name, now=now, reason=why, after=after)
    return stopped


def _stopped(row: Campaign, now: datetime) -> int:
    under_way = Enrolment.objects.running().filter(id__in=row.members.values("enrolment"))
    return len(
        stop_people(dict.fromkeys(under_way.values_list("contact", flat=True), StopReason.BY_HAND), now)
    )
