"""A campaign on real rows: its people, its arms, its hold-out, its decision."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from panout.cadence import actions as cadence
from panout.cadence.models import Enrolment
from panout.cadence.rules.moves import StopReason
from panout.cadence.rules.plan import Step
from panout.campaigns import actions, queries
from panout.campaigns.models import CampaignState, Member
from panout.consent.actions import suppress
from panout.consent.rules.suppression import Kind, Reason
from panout.icp.models import Icp, IcpVersion
from panout.kernel.channels import TouchKind
from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.outreach.models import Touch
from panout.qualify.models import Verdict
from panout.resolve.models import Account, Contact
from panout.signals.models import Signal
from panout.team.rules import SYSTEM, Role

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
REVIEW = (NOW + timedelta(days=10)).date()


@pytest.fixture
def market(owner):
    """Forty prospects, every second one at a company that hires."""
    icp = Icp.objects.create(name="Test", created_at=NOW)
    version = IcpVersion.objects.create(icp=icp, number=1, text="x", created_at=NOW)
    for number in range(40):
        company = Account.objects.create(
            company_name=f"C{number}", domain=f"c{number}.example", country="FR", industry="Software",
            employees=number * 10, key=f"c{number}", created_at=NOW, changed_at=NOW,
        )  # fmt: skip
        person = Contact.objects.create(
            full_name=f"P{number}", email=f"p{number}@c{number}.example", account=company, key=f"p{number}",
            buying_role="champion", created_at=NOW, changed_at=NOW,
        )  # fmt: skip
        Verdict.objects.create(
            contact=person, account=company, icp_version=version, verdict="prospect", priority=number,
            known=1, scored_at=NOW,
        )  # fmt: skip
        if number % 2:
            Signal.objects.create(
                key=str(number), type="hiring", level="company", account=company, date=NOW.date(),
                strength=1, source="https://jobs.example", evidence="hires", seen_at=NOW,
            )  # fmt: skip
    steps = (Step("call", TouchKind.CALL),)
    return [cadence.create(owner, name, steps, NOW) for name in ("One", "Two")]


def sketch(market, **change):
    given = {
        "name": "Hiring teams",
        "hypothesis": "Teams that hire lack lineage",
        "audience": "employees >= 100",
        "signals": ("hiring",),
        "value_proposition": "lineage in a week",
        "arms": (actions.ArmSketch("One", market[0]), actions.ArmSketch("Two", market[1])),
        "review_on": REVIEW,
    }
    return actions.Sketch(**{**given, **change})


def test_the_audience_is_the_slice_with_the_signal_best_first(market):
    found = queries.audience_of("employees >= 100", ["hiring"], NOW, 100)
    assert [one.priority for one in found] == [float(n) for n in range(39, 10, -2)]
    assert {one.signal for one in found} == {"hiring"}


def test_a_launch_enrols_each_person_in_one_arm_and_leaves_the_hold_out_alone(owner, market):
    number = actions.draft(owner, sketch(market, hold_out=0.3), NOW)
    done = actions.launch(owner, number, NOW, random.Random(1))
    members = Member.objects.filter(campaign=number)
    held = members.filter(held_out=True)
    assert done.enrolled + done.held_out == members.count()
    assert 0 < held.count() < members.count()
    assert Enrolment.objects.count() == done.enrolled
    assert not Enrolment.objects.filter(contact__in=held.values("contact")).exists()
    assert {row.arm.key for row in members.filter(held_out=False)} == {"a", "b"}


def test_a_second_launch_changes_nothing(owner, market):
    number = actions.draft(owner, sketch(market), NOW)
    actions.launch(owner, number, NOW, random.Random(1))
    with pytest.raises(Conflict, match="running already"):
        actions.launch(owner, number, NOW, random.Random(1))


def test_somebody_in_another_cadence_is_named_and_not_counted(owner, market):
    best = Contact.objects.get(key="p39")
    cadence.enrol(owner, [best.pk], market[0], None, NOW)
    number = actions.draft(owner, sketch(market), NOW)
    assert actions.launch(owner, number, NOW, random.Random(1)).refused == 1
    assert Member.objects.get(campaign=number, contact=best).refused == "in a cadence already"


def test_the_tally_counts_the_touched_and_their_registered_outcome(owner, market):
    number = actions.draft(owner, sketch(market), NOW)
    actions.launch(owner, number, NOW, random.Random(1))
    people = list(Member.objects.filter(campaign=number).values_list("contact", flat=True))
    for person in people[:6]:
        Touch.objects.create(contact_id=person, kind="call", channel="phone", at=NOW)
    cadence.stop_person(people[0], StopReason.MEETING, NOW)
    cadence.stop_person(people[1], StopReason.INTERESTED, NOW)
    cadence.stop_person(people[2], StopReason.REPLIED, NOW)
    card = queries.campaign(number)
    assert (card.tally.hits, card.tally.tried) == (2, 6)
    assert sum(arm.tally.tried for arm in card.arms) == 6


def test_a_decision_freezes_its_evidence_and_going_against_it_needs_a_reason(owner, market):
    number = actions.draft(owner, sketch(market), NOW)
    actions.launch(owner, number, NOW, random.Random(1))
    with pytest.raises(BadInput, match="Say why"):
        actions.decide(owner, number, "keep", "kill", "", {"hits": 0}, NOW)
    actions.decide(owner, number, "kill", "kill", "", {"hits": 0}, NOW)
    card = queries.campaign(number)
    assert card.state == CampaignState.DECIDED
    assert card.decision.evidence == {"hits": 0}
    with pytest.raises(Conflict):
        actions.decide(owner, number, "keep", "keep", "", {}, NOW)


@pytest.mark.parametrize(
    "change",
    [{"name": " "}, {"arms": ()}, {"hold_out": 0.7}, {"review_on": NOW.date()}, {"audience": "employes > 3"}],
)
def test_what_is_wrong_with_a_draft_is_said_before_anything_is_written(owner, market, change):
    with pytest.raises(BadInput):
        actions.draft(owner, sketch(market, **change), NOW)
    assert not queries.campaigns()


def _newly_hiring(number):
    person = Contact.objects.get(key=f"p{number}")
    Signal.objects.create(
        key=f"new{number}", type="hiring", level="company", account=person.account, date=NOW.date(),
        strength=1, source="https://jobs.example", evidence="hires", seen_at=NOW,
    )  # fmt: skip
    return person


def test_an_open_campaign_takes_in_who_newly_belongs_until_its_day_is_over(owner, market):
    open_until = (NOW + timedelta(days=5)).date()
    number = actions.draft(owner, sketch(market, open_until=open_until), NOW)
    begun = actions.launch(owner, number, NOW, random.Random(1)).enrolled
    person = _newly_hiring(38)
    assert queries.open_campaigns(NOW.date()) == (number,)
    assert actions.take_in(number, NOW, random.Random(1)).enrolled == 1
    assert actions.take_in(number, NOW, random.Random(1)).enrolled == 0  # safe to repeat
    assert Enrolment.objects.get(contact=person).owner_id == owner.id
    assert Member.objects.filter(campaign=number).count() == begun + 1
    _newly_hiring(36)
    late = NOW + timedelta(days=6)
    assert queries.open_campaigns(late.date()) == ()
    assert actions.take_in(number, late, random.Random(1)).enrolled == 0


def test_one_of_an_account_goes_first_and_a_colleague_follows_when_they_were_glad(owner, market):
    first = Contact.objects.get(key="p39")
    second = Contact.objects.create(
        full_name="Second", email="second@c39.example", account=first.account, key="second",
        buying_role="champion", created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    Verdict.objects.create(
        contact=second, account=first.account, icp_version=IcpVersion.objects.get(), verdict="prospect",
        priority=1, known=1, scored_at=NOW,
    )  # fmt: skip
    open_until = (NOW + timedelta(days=9)).date()
    number = actions.draft(owner, sketch(market, open_until=open_until, per_account=1), NOW)
    actions.launch(owner, number, NOW, random.Random(1))
    assert actions.take_in(number, NOW, random.Random(1)).enrolled == 0
    cadence.stop_person(first.pk, StopReason.INTERESTED, NOW)
    assert actions.take_in(number, NOW, random.Random(1)).enrolled == 1
    assert Enrolment.objects.filter(contact=second).exists()


def test_thompson_sampling_goes_by_the_outcomes_so_far(owner, market):
    open_until = (NOW + timedelta(days=9)).date()
    wish = sketch(market, open_until=open_until, thompson=True, audience="employees >= 0")
    number = actions.draft(owner, wish, NOW)
    actions.launch(owner, number, NOW, random.Random(1))
    for member in Member.objects.filter(campaign=number).select_related("arm"):
        Touch.objects.create(contact_id=member.contact_id, kind="call", channel="phone", at=NOW)
        won = member.arm.key == "b"
        cadence.stop_person(member.contact_id, StopReason.MEETING if won else StopReason.FINISHED, NOW)
    fresh = {_newly_hiring(at).pk for at in range(0, 40, 2)}
    actions.take_in(number, NOW, random.Random(2))
    arms = list(Member.objects.filter(contact__in=fresh).values_list("arm__key", flat=True))
    assert len(arms) == 20
    assert arms.count("b") >= 18


def test_who_is_held_out_of_a_running_campaign_is_left_alone_by_the_others(owner, market):
    first = actions.draft(owner, sketch(market, hold_out=0.5), NOW)
    actions.launch(owner, first, NOW, random.Random(1))
    open_until = (NOW + timedelta(days=9)).date()
    second = actions.draft(owner, sketch(market, name="Another", open_until=open_until), NOW)
    assert Member.objects.filter(campaign=first, held_out=True).exists()
    assert not Member.objects.filter(campaign=second).exists()


def test_who_has_left_takes_no_place_and_a_colleague_is_met_instead(owner, market):
    first = Contact.objects.get(key="p39")
    second = Contact.objects.create(
        full_name="Second", email="second@c39.example", account=first.account, key="second",
        buying_role="champion", created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    Verdict.objects.create(
        contact=second, account=first.account, icp_version=IcpVersion.objects.get(), verdict="prospect",
        priority=1, known=1, scored_at=NOW,
    )  # fmt: skip
    open_until = (NOW + timedelta(days=9)).date()
    number = actions.draft(owner, sketch(market, open_until=open_until, per_account=1), NOW)
    actions.launch(owner, number, NOW, random.Random(1))
    cadence.stop_person(first.pk, StopReason.BOUNCED, NOW)
    assert actions.take_in(number, NOW, random.Random(1)).enrolled == 0  # no list says so yet
    suppress(SYSTEM, Kind.EMAIL, first.email, Reason.BOUNCED, "a bounce", NOW)
    assert actions.take_in(number, NOW, random.Random(1)).enrolled == 1
    assert Enrolment.objects.filter(contact=second).exists()


def test_who_may_run_campaigns_may_launch_one_without_the_right_to_enrol(owner, market):
    marketing = replace(owner, role=Role.MARKETING)
    number = actions.draft(marketing, sketch(market), NOW)
    assert actions.launch(marketing, number, NOW, random.Random(1)).enrolled > 0
    assert set(Enrolment.objects.values_list("enrolled_by", flat=True)) == {owner.id}


@pytest.mark.parametrize(
    "wrong",
    [
        {"most": -1},
        {"most": 10**9},
        {"arms": (actions.ArmSketch("A", 1, 0.0),)},
        {"arms": (actions.ArmSketch("A", 1, float("nan")),)},
        {"sender_id": 987654},
    ],
)
def test_a_campaign_that_could_not_be_carried_out_is_not_drafted(owner, market, wrong):
    with pytest.raises((BadInput, NotFound)):
        actions.draft(owner, sketch(market, **wrong), NOW)


@pytest.mark.parametrize("stage", ["customer", "opportunity", "parked", "disqualified"])
def test_nobody_who_is_no_prospect_any_more_is_in_an_audience(market, stage):
    before = {one.contact_id for one in queries.audience_of("", [], NOW, 100)}
    bought = Contact.objects.order_by("id")[0]
    Contact.objects.filter(id=bought.pk).update(lifecycle=stage)
    assert before - {one.contact_id for one in queries.audience_of("", [], NOW, 100)} == {bought.pk}


def test_killing_a_campaign_can_stop_who_is_under_way_in_it_and_nobody_else(owner, market):
    number = actions.draft(owner, sketch(market), NOW)
    actions.launch(owner, number, NOW, random.Random(1))
    mine = Enrolment.objects.running().filter(
        id__in=Member.objects.filter(campaign=number).values("enrolment")
    )
    other = mine.order_by("id")[0]
    Member.objects.filter(enrolment=other).update(enrolment=None)  # enrolled by hand, as it were
    under_way = mine.count()
    assert (
        actions.decide(owner, number, "kill", "kill", "", {"hits": 0}, NOW, stops_runs=True) == under_way > 0
    )
    assert mine.count() == 0
    assert Enrolment.objects.running().filter(id=other.pk).exists()
