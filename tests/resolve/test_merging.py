"""Two records made one: everything that was said, done and planned about either goes along, and comes back."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.apps import apps

from panout.cadence import actions as cadence
from panout.cadence.models import Enrolment
from panout.campaigns.models import Campaign, Member
from panout.consent.actions import suppress
from panout.consent.queries import standings
from panout.consent.rules.suppression import Kind as Suppressed
from panout.consent.rules.suppression import Reason
from panout.flow import clock
from panout.outreach.queries import addressee
from panout.research.actions import note_fact
from panout.resolve import actions
from panout.resolve.models import Account, Contact
from panout.segments import actions as segments
from panout.team.rules import Person
from tests.web import work
from tests.web.world import populate

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("sight")]
# What a merge itself is told by: it names both sides for good.
_OF_THE_MERGE = {"resolve.Merge", "resolve.Match"}

Children = dict[tuple[str, str], frozenset[int]]


def children(kind: str, number: int) -> Children:
    """Every row of every table that points at a record: (table, column) -> ids."""
    target = Account if kind == "account" else Contact
    found = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.related_model is target and model._meta.label not in _OF_THE_MERGE:
                rows = model._default_manager.filter(**{field.attname: number})
                ids = frozenset(rows.values_list("pk", flat=True))
                if ids and field.name != "merged_into":
                    found[model._meta.label, field.attname] = ids
    return found


@pytest.fixture
def busy(owner: Person) -> Contact:
    """Somebody with a past: notes, facts, signals, tasks, mails, an answer, a segment, a campaign."""
    moment = clock.now()
    populate(owner, moment)
    begun = work.begin(owner, moment)
    work.answered(owner, begun, "Yes, let us talk on Tuesday.", moment)
    who = Contact.objects.get(full_name="Priya Shah")
    assert who.account_id is not None
    for place in ({"account_id": who.account_id}, {"contact_id": who.pk}):
        actions.write_note(owner, "Asked for a call.", origin="test", now=moment, **place)
        note_fact(owner, name="crm", value="HubSpot", source="https://example.com", now=moment, **place)
    live = segments.create(
        owner, "Everybody here", "contacts", "full_name = 'Priya Shah'", "", "test", moment
    )
    segments.freeze(owner, live, "Everybody then", moment.date(), "test", moment)
    firms = segments.create(owner, "Every firm", "accounts", "domain is known", "", "test", moment)
    segments.freeze(owner, firms, "Every firm then", moment.date(), "test", moment)
    campaign = Campaign.objects.create(
        name="Autumn", hypothesis="It helps.", owner_id=owner.id, created_at=moment, review_on=moment.date()
    )
    Member.objects.create(campaign=campaign, contact=who, joined_at=moment)
    return who


@pytest.mark.parametrize("kind", ["account", "contact"])
def test_a_merge_takes_along_what_every_room_knows_and_parting_gives_it_back(
    owner: Person, busy: Contact, kind: str
) -> None:
    moment = clock.now()
    if kind == "account":
        gone = busy.account_id or 0
        kept = actions.add_account(owner, {"company_name": "Twin", "domain": "twin.example"}, "test", moment)
        wanted = {
            "Activity",
            "Contact",
            "Enrolment",
            "Fact",
            "Message",
            "Note",
            "Reading",
            "SegmentMember",
            "Signal",
        }
    else:
        gone = busy.pk
        kept = actions.add_contact(
            owner, None, {"full_name": "P. Shah", "email": "ps@twin.example"}, "test", moment
        )
        wanted = {
            "Activity",
            "Enrolment",
            "Fact",
            "Member",
            "Message",
            "Note",
            "Reading",
            "SegmentMember",
            "Task",
            "Touch",
        }
    before, of_kept = children(kind, gone), children(kind, kept)
    assert {table.split(".")[1] for table, _ in before} >= wanted

    merge = actions.merge(owner, kind, kept, gone, "The same.", "test", moment)
    assert children(kind, gone) == {}
    after = children(kind, kept)
    assert {place: ids for place, ids in before.items() if not ids <= after[place]} == {}

    actions.unmerge(owner, merge, "test", moment + timedelta(days=3))
    assert children(kind, gone) == before
    told = ("resolve.Activity", f"{kind}_id")  # parting and merging are told on the time line
    assert children(kind, kept).keys() - of_kept.keys() <= {told}


def test_a_wish_of_either_record_is_a_wish_of_the_person(owner: Person, noon: datetime) -> None:
    one = {"full_name": "Ada Sommer", "email": "ada@one.example", "do_not_call": False}
    two = {"full_name": "A. Sommer", "email": "ada@two.example", "do_not_call": True}
    kept, gone = (actions.add_contact(owner, None, values, "test", noon) for values in (one, two))
    suppress(
        owner, Suppressed.EMAIL, "ada@two.example", Reason.UNSUBSCRIBED, "way out", noon, channel="email"
    )
    suppress(owner, Suppressed.PERSON, str(gone), Reason.CONTACT_REFUSED, "said so", noon, channel="post")
    merge = actions.merge(owner, "contact", kept, gone, "The same.", "test", noon)
    ada = Contact.objects.get(id=kept)
    assert (ada.email, ada.do_not_call) == ("ada@one.example", True)

    def closed() -> list[str]:
        who = addressee(Contact.objects.get(id=kept), None)
        stands = standings([who], noon)[who.contact_id]
        return [channel for channel in ("email", "phone", "post") if stands.against(channel, noon)]

    assert closed() == ["email", "post"]
    actions.unmerge(owner, merge, "test", noon)
    assert closed() == []


def test_a_bounce_stays_with_the_address_that_bounced(owner: Person, noon: datetime) -> None:
    kept = actions.add_contact(owner, None, {"full_name": "Ada", "email": "ada@one.example"}, "test", noon)
    gone = actions.add_contact(owner, None, {"full_name": "Ada", "email": "ada@old.example"}, "test", noon)
    suppress(owner, Suppressed.EMAIL, "ada@old.example", Reason.BOUNCED, "550", noon)
    actions.merge(owner, "contact", kept, gone, "The same.", "test", noon)
    who = addressee(Contact.objects.get(id=kept), None)
    assert standings([who], noon)[who.contact_id].against("email", noon) is None


def test_two_records_of_one_person_under_way_leave_one_run(owner: Person, busy: Contact) -> None:
    moment = clock.now()
    begun = Enrolment.objects.select_related("version").first()
    assert begun is not None
    twin = actions.add_contact(
        owner, None, {"full_name": "P. Shah", "email": "ps@twin.example"}, "test", moment
    )
    both = cadence.enrol_on(owner, [busy.pk, twin], begun.version_id, begun.sender_id, moment).enrolled
    assert set(both) == {busy.pk, twin}
    run = Enrolment.objects.running().get(contact=busy.pk)
    actions.merge(owner, "contact", twin, busy.pk, "The same.", "test", moment)
    cadence.advance(run.pk, moment)
    run.refresh_from_db()
    assert (run.state, run.stop_reason) == ("finished", "merged")
    assert Enrolment.objects.running().filter(contact__in=[twin, busy.pk]).count() == 1
