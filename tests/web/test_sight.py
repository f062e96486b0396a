"""Whose records are hidden from somebody are hidden at every address: by id they are not there, read or written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from html import unescape

import pytest
from django.db import transaction
from django.test import Client
from pytest_django import DjangoDbBlocker

from panout.cadence.models import Enrolment
from panout.flow import clock
from panout.kernel.errors import NotFound
from panout.outreach.models import Message, Task
from panout.pipeline import actions as pipeline
from panout.replies.models import Deed
from panout.resolve import actions as resolve
from panout.resolve.models import Account, Activity, Contact, Match
from panout.resolve.sight import demand_sight, leads_to_records
from panout.signals.models import Signal
from panout.team import actions as team
from panout.team import queries as people
from panout.team.models import LedgerEntry
from panout.team.rules import Person, Role, Sees
from panout.team.tokens import token_for
from tests.cast import NOON, PASSWORD, signed_in
from tests.web import work
from tests.web.test_rights import ALL, Address
from tests.web.world import populate

pytestmark = pytest.mark.xdist_group("sight")

# Whose ids are of things that everybody shares, or that are one's own and asked for as such (tested where they live).
SHARED = {
    "import_id", "number", "segment_id", "icp_id", "version_id", "user_id", "invitation_id", "campaign_id",
    "cadence_id", "rule_id", "event_id", "partner_id", "entry_id", "batch_id", "suppression_id", "screening_id", "proposal_id",
    "view_id", "sweep_id", "case_id", "notice_id", "processor_id",
    "asking_id",  # of nobody in the book; only its host may answer
}  # fmt: skip
FORM = {
    "decision": "same", "do": "stop", "reason": "Because.", "text": "Words.", "other": "1", "version": "1",
    "disposition": "done", "for": "hour", "until": "2099-01-01", "criteria": "employees < 5", "note": "Words.",
    "state": "held", "stage": "open", "intent": "interested", "body": "Hello.", "subject": "Hello",
}  # fmt: skip


# Lists that show more when they are asked, and the lists of the API.
QUERIES = (
    ("outbox", "shelf=sent"), ("inbox", "kind=all&state=all"), ("search", "q=northwind"), ("search", "q=ada"),
    ("prospects", "verdict=lead"), ("meetings", "state=booked"),
)  # fmt: skip
API_LISTS = (
    "/api/prospects", "/api/tasks", "/api/messages/review", "/api/answers", "/api/campaigns", "/api/proposals",
    "/api/cadences",
)  # fmt: skip


@dataclass(frozen=True)
class Hidden:
    """Ids of what belongs to Olga, by the name that addresses give them."""

    ids: dict[str, int]
    seer: Person


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Hidden]:
    with django_db_blocker.unblock(), transaction.atomic():
        made = team.create_owner("Olga Owner", "olga@panout.test", PASSWORD, "Europe/Berlin", NOON)
        olga = people.member(made).person
        yield _hide(olga)
        transaction.set_rollback(True)


def _hide(olga: Person) -> Hidden:
    moment = clock.now()
    book = populate(olga, moment)
    begun = work.begin(olga, moment)
    reading = work.answered(olga, begun, "Yes, let us talk on Tuesday.", moment)
    contact = Contact.objects.filter(account=book["Northwind Ledger"]).order_by("id")[0]
    twin = resolve.add_account(olga, {"company_name": "Twin", "domain": "twin.example"}, "test", moment)
    gone = resolve.add_account(olga, {"company_name": "Gone", "domain": "gone.example"}, "test", moment)
    pair = Match.objects.create(
        left_account_id=book["Halcyon Health"], right_account_id=twin, probability=0.9, found_at=moment
    )
    merge = resolve.merge(olga, "account", book["Orchard Analytics"], gone, "same", "test", moment)
    secret = team.invite(olga, "sam@panout.test", Role.SDR, None, "test", NOON)
    sam = team.accept_invitation(secret, "Sam Seer", PASSWORD, "UTC", NOON)
    team.set_role(olga, sam, Role.SDR, Sees.OWN, "test", NOON)
    Contact.objects.update(owner=olga.id)
    Account.objects.update(owner=olga.id)
    ids = {
        "contact_id": contact.pk, "account_id": book["Northwind Ledger"], "record_id": contact.pk,
        "signal_id": Signal.objects.order_by("id")[0].pk, "match_id": pair.pk, "merge_id": merge,
        "reading_id": reading, "activity_id": Activity.objects.filter(contact=contact).order_by("id")[0].pk,
        **_of_the_day(olga, contact),
    }  # fmt: skip
    return Hidden(ids, people.member(sam).person)


def _of_the_day(olga: Person, contact: Contact) -> dict[str, int]:
    moment = clock.now()
    meeting = pipeline.book(contact.pk, moment + timedelta(days=2), 20, "hand", None, moment, asker=olga)
    opportunity = pipeline.open_opportunity(olga, contact.pk, "A deal", Decimal(100), "EUR", moment)
    deed = Deed.objects.filter(reading__contact__isnull=False).order_by("id").first()
    return {
        "task_id": Task.objects.filter(contact__isnull=False).order_by("id")[0].pk,
        "message_id": Message.objects.order_by("id")[0].pk,
        "enrolment_id": Enrolment.objects.order_by("id")[0].pk,
        "meeting_id": meeting,
        "opportunity_id": opportunity,
        **({"deed_id": deed.pk} if deed else {}),
    }


def _spelt(address: Address, hidden: Hidden) -> str:
    """The address with the hidden ids in it; "" where it has one of a kind that the world above has none of."""
    names = re.findall(r"<int:(\w+)>", address.route)
    if any(name not in hidden.ids for name in names):
        return ""
    ids = dict(hidden.ids)
    if address.route.startswith("accounts/"):
        ids["record_id"] = ids["account_id"]
    return "/" + re.sub(r"<int:(\w+)>", lambda found: str(ids[found.group(1)]), address.route)


def _leads_to_a_record(address: Address) -> bool:
    names = re.findall(r"<int:(\w+)>", address.route)
    return any(map(leads_to_records, names)) and not address.route.startswith("mailboxes")


def test_every_id_in_an_address_is_of_a_record_or_known_to_be_shared() -> None:
    found = {name for one in ALL for name in re.findall(r"<int:(\w+)>", one.route)}
    assert {name for name in found if not leads_to_records(name)} <= SHARED


@pytest.mark.django_db
def test_what_somebody_may_not_see_is_at_no_address(world: Hidden) -> None:
    client = signed_in(world.seer)
    client.raise_request_exception = False
    told, tried = [], set()
    written = LedgerEntry.objects.order_by("-id").values_list("id", flat=True)[0]
    for one in ALL:
        place = _spelt(one, world) if _leads_to_a_record(one) else ""
        if not place or one.public:
            continue
        tried |= set(re.findall(r"<int:(\w+)>", one.route))
        for method in one.methods:
            answer = client.post(place, FORM) if method == "POST" else client.get(place)
            if answer.status_code not in {403, 404}:
                told.append(f"{method} {one.route}: {answer.status_code}")
    assert told == []
    assert {"contact_id", "account_id", "signal_id", "merge_id", "match_id", "task_id", "reading_id"} <= tried
    later = LedgerEntry.objects.filter(id__gt=written).values_list("verb", flat=True)
    assert list(later) == []  # nothing was done


@pytest.mark.django_db
def test_hidden_people_in_a_form_are_not_there_either(world: Hidden) -> None:
    client = signed_in(world.seer)
    hidden = {"contact": str(world.ids["contact_id"]), "account": str(world.ids["account_id"])}
    for place in ("/notes", "/cadences/start", "/meetings/book", "/opportunities/open", "/letters/write"):
        assert client.post(place, FORM | hidden | {"cadence": "1"}).status_code == 404, place
    tagged = client.post("/bulk", hidden | {"do": "tag", "tag_name": "mine"}, follow=True)
    assert "0 records tagged mine." in tagged.content.decode()


@pytest.mark.django_db
def test_the_same_addresses_are_there_for_whom_they_belong_to(world: Hidden) -> None:
    olga = people.member(Account.objects.get(id=world.ids["account_id"]).owner_id or 0).person
    client = signed_in(olga)
    pages = [_spelt(one, world) for one in ALL if one.methods == ("GET",) and _leads_to_a_record(one)]
    assert len([place for place in pages if place]) > 10
    gone = [place for place in pages if place and client.get(place).status_code not in {200, 302}]
    assert gone == []


@pytest.mark.django_db
def test_a_task_in_hand_shows_whom_it_is_about(world: Hidden) -> None:
    Task.objects.filter(id=world.ids["task_id"]).update(owner=world.seer.id)
    demand_sight(world.seer, "task_id", world.ids["task_id"])
    with pytest.raises(NotFound):
        demand_sight(world.seer, "contact_id", world.ids["contact_id"])


@pytest.mark.django_db
def test_the_api_hides_the_same(world: Hidden) -> None:
    token = token_for(world.seer.id or 0)
    client = Client(headers={"Authorization": f"Bearer {token}"})
    ids = world.ids
    asked = [
        (f"/api/tasks/{ids['task_id']}/complete", {"disposition": "done"}),
        (f"/api/messages/{ids['message_id']}/reject", {"reason": "no"}),
        (f"/api/answers/{ids['reading_id']}/close", {}),
        (f"/api/opportunities/{ids['opportunity_id']}/move", {"stage": "lost", "reason": "no"}),
        (f"/api/meetings/{ids['meeting_id']}/close", {"state": "held"}),
        ("/api/enrolments", {"cadence_id": 1, "contact_ids": [ids["contact_id"]]}),
    ]
    for place, body in asked:
        answer = client.post(place, body, content_type="application/json")
        assert answer.status_code in {403, 404}, (place, answer.status_code, answer.content[:200])


@pytest.mark.django_db
def test_a_company_that_one_sees_does_not_give_away_the_people_whom_one_does_not(world: Hidden) -> None:
    company, person = (
        Account.objects.get(id=world.ids["account_id"]),
        Contact.objects.get(id=world.ids["contact_id"]),
    )
    Account.objects.filter(id=company.pk).update(owner=world.seer.id)
    resolve.note_activity(
        kind="call", text=f"Spoke with {person.label}", now=clock.now(), contact_id=person.pk
    )
    page = unescape(signed_in(world.seer).get(f"/accounts/{company.pk}").content.decode())
    assert company.label in page
    assert [name for name in (person.label, person.email or person.label) if name in page] == []
    Contact.objects.filter(id=person.pk).update(owner=world.seer.id)
    assert person.label in signed_in(world.seer).get(f"/accounts/{company.pk}").content.decode()


@pytest.mark.django_db
def test_what_somebody_may_not_see_stands_in_no_list(world: Hidden) -> None:
    hidden = set(Contact.objects.values_list("full_name", flat=True))
    hidden |= set(Account.objects.exclude(company_name=None).values_list("company_name", flat=True))
    hidden |= set(Contact.objects.exclude(email=None).values_list("email", flat=True))
    shared = [one for one in ALL if "GET" in one.methods and "<" not in one.route and not one.public]
    shared += [
        one
        for one in ALL
        if one.methods == ("GET",) and re.search(r"<int:(cadence|segment|campaign)_id>", one.route)
    ]
    api = Client(headers={"Authorization": f"Bearer {token_for(world.seer.id or 0)}"})
    client = signed_in(world.seer)
    client.raise_request_exception = api.raise_request_exception = False
    asked = [(client, "/" + re.sub(r"<int:\w+>", "1", one.route)) for one in shared]
    asked += [(client, f"/{place}?{words}") for place, words in QUERIES]
    asked += [(api, place) for place in API_LISTS]
    told = []
    for browser, place in asked:
        answer = browser.get(place)
        if answer.status_code != 200:
            continue
        words = b"".join(answer.streaming_content) if answer.streaming else answer.content
        body = unescape(words.decode(errors="replace"))
        told += [f"{place}: {name}" for name in sorted(filter(None, hidden)) if name in body]
    assert told == [], "\n".join(told)
