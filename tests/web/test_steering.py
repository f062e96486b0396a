"""Those who steer: profiles with counts, pairs, segments, hand-out, people, the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from html import escape, unescape

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoDbBlocker

from panout.flow import clock
from panout.icp import actions as icp
from panout.icp.queries import shipped_text
from panout.qualify.foresight import separation
from panout.resolve import actions as resolve
from panout.resolve import queries as ask
from panout.resolve.models import Match
from panout.segments import actions as segments
from panout.segments.queries import member_ids, static_count
from panout.team import actions as team
from panout.team import queries as people
from panout.team.rules import Person
from tests.cast import NOON, PASSWORD, signed_in
from tests.web.seen import text_of
from tests.web.world import populate

MOST_QUERIES = 12
Market = tuple[Person, dict[str, int]]
pytestmark = pytest.mark.xdist_group("steering")


@pytest.fixture(scope="module")
def market(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Market]:
    """One market for the whole module: every test's own transaction is rolled back inside of this one."""
    with django_db_blocker.unblock(), transaction.atomic():
        made = team.create_owner("Olga Owner", "olga@panout.test", PASSWORD, "Europe/Berlin", NOON)
        olga = people.member(made).person
        yield olga, populate(olga, clock.now())
        transaction.set_rollback(True)


@pytest.fixture
def owner(market: Market, db: None) -> Person:
    return market[0]


@pytest.fixture
def book(market: Market, db: None) -> dict[str, int]:
    return market[1]


def test_a_profile_shows_what_each_rule_admits_alone(owner_client: Client, book: dict[str, int]) -> None:
    address = re.search(r'href="(/profiles/\d+)"', owner_client.get("/profiles").content.decode())
    assert address is not None
    page = text_of(owner_client.get(address.group(1)))
    for words in ("8 of 12 accounts", "67 % match", "warehouse in use", "must prove its data", "83 %",
                  "Northwind Ledger", "Copper & Pine", "Sells hours"):  # fmt: skip
        assert words in page.replace("&amp;", "&"), words


def test_the_count_moves_as_the_words_change(owner_client: Client, book: dict[str, int]) -> None:
    words = shipped_text("b2b-software")
    part = owner_client.post("/profiles/check", {"text": words}, headers={"HX-Request": "true"})
    assert "8 " in text_of(part)
    narrower = words.replace("employees between 50 and 1000", "employees between 400 and 1000")
    assert "4 " in text_of(owner_client.post("/profiles/check", {"text": narrower}))
    broken = text_of(
        owner_client.post("/profiles/check", {"text": words.replace("between 50 and", "betwen 50")})
    )
    assert "Line 15 cannot read" in broken


def test_two_who_edit_one_draft_do_not_overwrite_each_other(
    owner: Person, owner_client: Client, teammate: Person, book: dict[str, int]
) -> None:
    draft = icp.create_icp(owner, "Another", shipped_text("yc"), "test", NOON)
    form = {"edits": 1, "text": shipped_text("yc") + "\n# mine\n", "reason": "mine"}
    assert owner_client.post(f"/profiles/versions/{draft}/save", form).status_code == 303
    late = signed_in(teammate).post(f"/profiles/versions/{draft}/save", form | {"text": "# theirs"})
    assert late.status_code == 409
    assert "Somebody else saved this draft" in late.content.decode()
    assert "# mine" in text_of(owner_client.get(f"/profiles/versions/{draft}/edit"))


def test_before_a_version_goes_live_it_says_who_would_change(
    owner: Person, owner_client: Client, book: dict[str, int]
) -> None:
    address = re.search(r'href="/profiles/(\d+)"', owner_client.get("/profiles").content.decode())
    assert address is not None
    draft = icp.start_draft(owner, int(address.group(1)), "test", NOON)
    words = shipped_text("b2b-software").replace(
        "employees between 50 and 1000", "employees between 500 and 1000"
    )
    icp.save_draft(owner, draft, 1, words, "Bigger only.", "test", NOON)
    page = text_of(owner_client.get(f"/profiles/versions/{draft}/foresee"))
    assert "Ada Sommer" in page
    assert "prospect" in page
    assert "disqualified" in page
    assert "Nobody in the book has a known end yet" in page
    changed = text_of(owner_client.get(f"/profiles/versions/{draft}/difference"))
    assert "employees between 500 and 1000" in changed
    done = owner_client.post(f"/profiles/versions/{draft}/activate", {"reason": "Bigger only."}, follow=True)
    assert "It is in force" in done.content.decode()
    exported = owner_client.get(f"/profiles/versions/{draft}.yaml")
    assert exported.content.decode() == words


def test_looking_back_compares_the_orders_and_warns_of_few(
    owner: Person, owner_client: Client, book: dict[str, int]
) -> None:
    for name, kind in (("Ada", "reply"), ("Imke", "meeting"), ("Sanne", "email_sent"), ("Erik", "call")):
        found = ask.search(owner, name).contacts[0].id
        resolve.note_activity(kind=kind, text=kind, now=NOON, contact_id=found)
    address = re.search(r'href="/profiles/(\d+)"', owner_client.get("/profiles").content.decode())
    assert address is not None
    draft = icp.start_draft(owner, int(address.group(1)), "test", NOON)
    page = text_of(owner_client.get(f"/profiles/versions/{draft}/foresee"))
    assert "Ended well 2 Did not 2" in page
    assert "100 of 100 pairs" in page
    assert "chance alone" in page


@given(st.lists(st.floats(0, 100), max_size=30), st.lists(st.floats(0, 100), max_size=30))
def test_separation_is_the_share_of_pairs(well: list[float], not_well: list[float]) -> None:
    pairs = [(one > other) + (one == other) / 2 for one in well for other in not_well]
    told = separation(well, not_well)
    assert told is None if not pairs else told == pytest.approx(100 * sum(pairs) / len(pairs))


def _pair(owner: Person, book: dict[str, int]) -> tuple[int, int]:
    other = resolve.add_account(
        owner, {"company_name": "Halcyon Health Inc", "domain": "halcyon-health.example"}, "test", NOON
    )
    resolve.write_note(owner, "A note on the other one.", account_id=other, origin="test", now=NOON)
    match = Match.objects.create(
        left_account_id=book["Halcyon Health"], right_account_id=other, probability=0.94, found_at=NOON,
        reasons=[{"text": "The names differ only by their legal form."}],
    )  # fmt: skip
    return match.pk, other


def test_a_pair_is_looked_at_merged_and_parted_again(
    owner: Person, owner_client: Client, book: dict[str, int]
) -> None:
    match, other = _pair(owner, book)
    page = text_of(owner_client.get("/review"))
    for words in ("Halcyon Health Inc", "94 % likely the same", "legal form", "halcyon-health.example"):
        assert words in page, words
    merged = owner_client.post(f"/review/{match}", {"decision": "same"}, follow=True).content.decode()
    assert "They are one now" in merged
    assert owner_client.get(f"/accounts/{other}")["Location"] == f"/accounts/{book['Halcyon Health']}"
    keeper = owner_client.get(f"/accounts/{book['Halcyon Health']}")
    assert "A note on the other one." in text_of(keeper)
    names = text_of(owner_client.get(f"/accounts/{book['Halcyon Health']}/names"))
    assert "halcyon-health.example" in names
    token = re.search(r'name="token" value="([^"]+)"', merged)
    assert token is not None
    owner_client.post("/undo", {"token": token.group(1), "next": "/accounts"})
    assert "A note on the other one." in text_of(owner_client.get(f"/accounts/{other}"))


def test_a_pair_found_different_does_not_come_back(
    owner: Person, owner_client: Client, book: dict[str, int]
) -> None:
    match, _ = _pair(owner, book)
    owner_client.post(f"/review/{match}", {"decision": "different"})
    assert "Nothing to settle" in text_of(owner_client.get("/review"))
    assert owner_client.post(f"/review/{match}", {"decision": "same"}).status_code == 409


def test_a_merge_by_hand_finds_the_other_one(
    owner: Person, owner_client: Client, book: dict[str, int]
) -> None:
    _, other = _pair(owner, book)
    page = text_of(owner_client.get(f"/accounts/{book['Halcyon Health']}/merge"))
    assert "Halcyon Health Inc" in page
    form = {"other": other, "reason": "Same people."}
    owner_client.post(f"/accounts/{book['Halcyon Health']}/merge/with", form)
    assert owner_client.get(f"/accounts/{other}").status_code == 302


def test_the_gate_tells_what_is_missing_and_an_exception_needs_a_reason(
    owner: Person, owner_client: Client, book: dict[str, int]
) -> None:
    page = text_of(owner_client.get("/gate"))
    assert "Freja Holm" in page
    assert "a fresh signal" in page
    lead = ask.search(owner, "freja").contacts[0].id
    form = {"contact": [lead], "do": "promote", "reason": "", "next": "/gate"}
    assert owner_client.post("/bulk", form).status_code == 400
    done = owner_client.post("/bulk", form | {"reason": "Met at the fair, asked for a call."}, follow=True)
    assert "1 record promoted." in done.content.decode()
    assert "past the gate" in text_of(owner_client.get(f"/contacts/{lead}"))
    assert "Met at the fair" in text_of(owner_client.get("/ledger"))
    token = re.search(r'name="token" value="([^"]+)"', done.content.decode())
    assert token is not None
    owner_client.post("/undo", {"token": token.group(1), "next": "/gate"})
    assert ask.stages_of(owner, [lead])[lead] == "lead"


def test_many_are_parked_and_suppressed_at_once(
    owner: Person, owner_client: Client, book: dict[str, int]
) -> None:
    lead = ask.search(owner, "freja").contacts[0].id
    until = (clock.now() + timedelta(days=90)).date().isoformat()
    form = {
        "contact": [lead],
        "do": "park",
        "reason": "Not before spring.",
        "until": until,
        "next": "/contacts",
    }
    owner_client.post("/bulk", form)
    assert ask.contact_card(owner, lead).parked_until is not None
    done = owner_client.post("/bulk", form | {"do": "suppress"}, follow=True).content.decode()
    assert "will not be contacted" in done


def test_a_segment_counts_explains_itself_and_is_frozen(
    owner: Person, owner_client: Client, book: dict[str, int]
) -> None:
    criteria = 'industry has word "fintech" and employees between 200 and 600'
    part = text_of(owner_client.post("/segments/count", {"criteria": criteria, "about": "accounts"}))
    for words in (
        "2",
        "accounts",
        "Northwind Ledger",
        "Quarry Payments",
        "employees are between 200 and 600",
    ):
        assert words in part, words
    assert "line 1, column" in text_of(owner_client.post("/segments/count", {"criteria": "employees >"}))
    form = {"name": "Fintechs", "about": "accounts", "criteria": criteria}
    made = owner_client.post("/segments/create", form)["Location"]
    assert "Fintechs" in text_of(owner_client.get("/segments"))
    frozen = owner_client.post(f"{made}/freeze", {"name": "Fintechs then"})["Location"]
    resolve.change_account(owner, book["Quarry Payments"], 1, {"employees": 900}, "test", NOON)
    today = clock.now().date()
    assert member_ids(int(made.rsplit("/", 1)[1]), today) == (book["Northwind Ledger"],)
    assert static_count(int(frozen.rsplit("/", 1)[1])) == 2
    stale = owner_client.post(f"{made}/save", form | {"version": 7})
    assert stale.status_code == 409
    put_away = owner_client.post(f"{made}/retire", follow=True).content.decode()
    assert "The segment is put away." in put_away


def test_a_segment_of_companies_does_not_speak_of_persons(owner: Person, book: dict[str, int]) -> None:
    with pytest.raises(Exception, match="speaks of a person"):
        segments.create(owner, "CTOs", "accounts", 'title = "CTO"', "", "test", NOON)


def test_every_kind_of_value_is_shown_on_a_person(
    owner: Person, owner_client: Client, book: dict[str, int]
) -> None:
    values = {
        "full_name": "Every Kind", "birth_date": date(1980, 5, 6), "household_income": 85000.0, "home_owner": True,
        "household_size": 4, "last_contacted": date(2026, 10, 1), "linkedin": "https://linkedin.com/in/every-kind",
    }  # fmt: skip
    made = resolve.add_contact(owner, None, values, "test", NOON)
    page = text_of(owner_client.get(f"/contacts/{made}"))
    for words in ("85,000", "yes", "linkedin.com", "1980"):
        assert words in page, words
    assert owner_client.get(f"/contacts/{made}/edit").status_code == 200


def test_a_view_is_kept_above_its_list(owner_client: Client, teammate: Person, book: dict[str, int]) -> None:
    form = {"what": "accounts", "name": "British", "query": "country=GB", "next": "/accounts"}
    owner_client.post("/views/keep", form)
    page = owner_client.get("/accounts").content.decode()
    assert 'href="/accounts?country=GB">British' in page
    assert "British" not in signed_in(teammate).get("/accounts").content.decode()
    drop = re.search(r'action="(/views/\d+/drop)"', page)
    assert drop is not None
    owner_client.post(drop.group(1))
    assert "British" not in text_of(owner_client.get("/accounts"))


@pytest.mark.parametrize(
    ("what", "query"),
    [
        ("prospects", "country=GB"), ("accounts", "country=GB"), ("contacts", "tag=fair"), ("signals", "type=funding"),
        ("gate", "q=ada"), ("today", "kind=call"), ("inbox", "state=all"), ("outbox", "shelf=sent"),
        ("suppressions", "words=example&lifted=yes"), ("ledger", "verb=import"),
    ],
)  # fmt: skip
def test_every_list_that_can_be_filtered_keeps_views(
    owner_client: Client, book: dict[str, int], what: str, query: str
) -> None:
    """As a browser would: what is asked is offered for keeping, without the names that ask nothing."""
    assert "/views/keep" not in owner_client.get(f"/{what}").content.decode()
    page = owner_client.get(f"/{what}?{query}&owner=&after=").content.decode()
    keeping = page.partition('action="/views/keep"')[2].partition("</form>")[0]
    form = {name: unescape(value) for name, value in re.findall(r'name="(\w+)" value="([^"]*)"', keeping)}
    assert form["query"] == query
    shown = owner_client.post("/views/keep", form | {"name": "Mine"}, follow=True)
    assert shown.request["PATH_INFO"] == f"/{what}"
    address = f'href="/{what}?{escape(query)}">Mine</a>'
    assert f'aria-current="true" {address}' in shown.content.decode()
    elsewhere = owner_client.get(f"/{what}").content.decode()
    assert address in elsewhere
    assert f'aria-current="true" {address}' not in elsewhere


def test_prospects_are_handed_out_and_the_manager_sees_the_load(
    owner: Person, owner_client: Client, teammate: Person, book: dict[str, int]
) -> None:
    everybody = [line.id for line in ask.people_of(owner, book["Northwind Ledger"]).lines]
    resolve.assign(owner, None, contact_ids=everybody, origin="test", now=NOON)
    page = text_of(owner_client.get("/team"))
    assert "prospects short" in page
    done = owner_client.post("/team/hand-out", {"limit": 10}, follow=True).content.decode()
    assert "3 prospects were handed out." in done
    assert "3 of 100" in text_of(owner_client.get("/team"))


def test_a_newcomer_comes_in_by_a_link_that_works_once(owner_client: Client, book: dict[str, int]) -> None:
    made = owner_client.post("/team/invite", {"email": "nora@panout.test", "role": "ae"}).content.decode()
    link = re.search(r'value="http://[^/]+(/join/[^"]+)"', made)
    assert link is not None
    newcomer = Client()
    assert "invites you as ae" in text_of(newcomer.get(link.group(1)))
    form = {"name": "Nora", "password": "short", "zone": "UTC"}
    assert newcomer.post(f"{link.group(1)}/accept", form).status_code == 400
    joined = newcomer.post(f"{link.group(1)}/accept", form | {"password": PASSWORD})
    assert joined.status_code == 303
    assert newcomer.get("/me").status_code == 200
    assert Client().get(link.group(1)).status_code == 404


def test_roles_teams_and_closing_are_set_on_one_page(
    owner_client: Client, teammate: Person, book: dict[str, int]
) -> None:
    owner_client.post("/team/teams", {"name": "North"})
    north = people.teams()[0].id
    form = {"role": "manager", "sees": "all", "team": north, "capacity": 40}
    owner_client.post(f"/team/people/{teammate.id}/change", form)
    member = people.member(teammate.id or 0)
    assert (member.role, member.sees, member.team, member.capacity) == ("manager", "all", "North", 40)
    client = signed_in(teammate)
    owner_client.post(f"/team/people/{teammate.id}/close")
    assert client.get("/me").status_code == 302


def test_the_ledger_tells_filters_exports_and_proves_itself(
    owner: Person, owner_client: Client, book: dict[str, int]
) -> None:
    resolve.change_account(owner, book["Tidal Freight"], 1, {"city": "=HYPERLINK(1)"}, "test", clock.now())
    page = text_of(owner_client.get("/ledger?verb=change+account"))
    assert "Tidal Freight" in page
    assert "=HYPERLINK(1)" in page
    assert "add contact Ada" not in page
    exported = b"".join(owner_client.get("/ledger/export.csv?verb=change+account").streaming_content).decode()
    assert "Tidal Freight" in exported
    assert not any(cell.startswith("=") for line in exported.splitlines() for cell in line.split(","))
    team.seal_ledger(clock.now())
    assert "seals hold" in text_of(owner_client.get("/ledger?verify=1"))


@pytest.mark.parametrize(
    "address",
    [
        "/gate",
        "/review",
        "/profiles",
        "/segments",
        "/segments/new",
        "/team",
        "/team/rules",
        "/team/people",
        "/ledger",
    ],
)
def test_no_page_asks_more_than_its_share(owner_client: Client, book: dict[str, int], address: str) -> None:
    owner_client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert owner_client.get(address).status_code == 200
    told = "\n".join(query["sql"][:120] for query in asked)
    assert len(asked) <= MOST_QUERIES, told


def test_a_rep_reads_profiles_and_may_not_activate(
    teammate: Person, owner: Person, book: dict[str, int]
) -> None:
    draft = icp.create_icp(owner, "Third", shipped_text("yc"), "test", NOON)
    client = signed_in(teammate)
    assert "Your role may not activate" in text_of(client.get(f"/profiles/versions/{draft}/foresee"))
    assert client.post(f"/profiles/versions/{draft}/activate").status_code == 403
