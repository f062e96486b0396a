"""What people see on the pages of the book, and what they may do there."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import DjangoDbBlocker

from panout.flow import clock
from panout.qualify.queries import ListFilter, accounts
from panout.resolve import actions as resolve
from panout.resolve import queries as ask
from panout.team import actions as team
from panout.team import queries as people
from panout.team.rules import Person, Role, Sees
from panout.web.frame import MENU
from tests.cast import NOON, PASSWORD, signed_in
from tests.web.seen import text_of
from tests.web.world import HOSTILE, populate

MOST_QUERIES = 12
Market = tuple[Person, dict[str, int]]
pytestmark = pytest.mark.xdist_group("reading")


@pytest.fixture(scope="module")
def market(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker
) -> Iterator[tuple[Person, dict[str, int]]]:
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
    """Account ids by name."""
    return market[1]


@pytest.mark.parametrize(
    ("address", "seen"),
    [
        ("/prospects", ["Ada Sommer", "Northwind Ledger", "raised money", "Raised 30 million", "champion"]),
        ("/prospects?verdict=lead", ["Missing:", "Freja Holm"]),
        ("/prospects?verdict=disqualified", ["Dana Wills", "Sells hours"]),
        ("/prospects?country=DE", ["Peter Lang", "3 match"]),
        ("/prospects?criteria=employees+>+600", ["Ciara Walsh", "match"]),
        ("/prospects?criteria=employes+>+5", ["employees"]),
        ("/prospects?q=nobody+like+this", ["Nothing matches"]),
        ("/accounts", ["Brightwater Robotics", "SE", "180", "12 accounts"]),
        ("/accounts?order=name", ["Sable Insurance"]),
        ("/contacts", ["Imke Voss", "CFO", "15 contacts"]),
        ("/contacts?q=priya", ["Priya Shah", "Quarry Payments"]),
        ("/signals", ["raised money", "news.example", "Two visits to the pricing page"]),
        ("/signals?type=leadership", ["A new chief data officer begins"]),
        ("/search?q=halcyon", ["Halcyon Health", "Maya Ortiz"]),
        ("/search?q=northwnd", ["Northwind Ledger", "come nearest"]),
        ("/search", ["Find anybody"]),
        ("/imports", ["No list yet"]),
        ("/imports/new", ["Choose a list", "people.csv"]),
        ("/me", ["Olga Owner", "Time zone", "Read the book"]),
    ],
)
def test_the_owner_reads(owner_client: Client, book: dict[str, int], address: str, seen: list[str]) -> None:
    page = text_of(owner_client.get(address))
    for words in seen:
        assert words in page


def test_an_account_tells_its_verdict_people_signals_and_sources(
    owner_client: Client, book: dict[str, int]
) -> None:
    page = text_of(owner_client.get(f"/accounts/{book['Northwind Ledger']}"))
    for words in (
        "northwind-ledger.example", "prospect", "Fit", "Intensity", "Timing", "Team",  # the FITT card
        "employees are between 50 and 1,000", "raised money", "Three data engineers wanted",
        "Economic buyer Imke Voss", "Influencer missing", "Ada Sommer",
        "Ledgers for banks", "We close the books in a day", "northwind-ledger.example",
        "Their data team grew from 3 to 9", "No open task",
    ):  # fmt: skip
        assert words in page, words


def test_a_person_tells_who_they_are_and_why_now(
    owner: Person, owner_client: Client, book: dict[str, int]
) -> None:
    found = ask.search(owner, "ada sommer").contacts[0]
    page = text_of(owner_client.get(f"/contacts/{found.id}"))
    for words in ("Ada Sommer", "Head of Data Platform", "Northwind Ledger", "raised money", "ada.sommer@"):
        assert words in page, words


@pytest.mark.parametrize(
    "address",
    ["/", "/prospects", "/accounts", "/contacts", "/signals", "/search?q=ada", "/imports", "/imports/new",
     "/me", "/accounts/1", "/contacts/1", "/accounts/1/edit", "/imports/1", "/imports/1/errors.csv"],
)  # fmt: skip
def test_a_stranger_is_asked_to_sign_in(stranger: Client, owner: Person, address: str) -> None:
    answer = stranger.get(address)
    assert answer.status_code == 302
    assert answer["Location"].startswith("/account/login/")


def test_a_teammate_does_not_see_what_others_own(
    teammate: Person, owner: Person, book: dict[str, int]
) -> None:
    client = signed_in(teammate)
    assert "Ada Sommer" not in text_of(client.get("/prospects"))
    assert client.get(f"/accounts/{book['Northwind Ledger']}").status_code == 404
    resolve.assign(owner, teammate.id, account_ids=[book["Northwind Ledger"]], origin="test", now=NOON)
    assert "Northwind Ledger" in text_of(client.get(f"/accounts/{book['Northwind Ledger']}"))


def test_marketing_reads_and_is_offered_no_edit(owner: Person, book: dict[str, int]) -> None:
    secret = team.invite(owner, "mia@panout.test", Role.MARKETING, None, "test", NOON)
    mia = people.member(team.accept_invitation(secret, "Mia Market", PASSWORD, "UTC", NOON)).person
    client = signed_in(mia)
    page = text_of(client.get(f"/accounts/{book['Northwind Ledger']}"))
    assert "Northwind Ledger" in page
    assert "What did you learn?" not in page
    assert client.get(f"/accounts/{book['Northwind Ledger']}/edit").status_code == 403
    assert client.post("/notes", {"account": book["Northwind Ledger"], "text": "x"}).status_code == 403


def test_hostile_names_are_words_and_nothing_more(owner: Person, book: dict[str, int]) -> None:
    made = resolve.add_account(
        owner, {"company_name": HOSTILE, "domain": "evil.example"}, origin="test", now=NOON
    )
    resolve.add_contact(owner, made, {"full_name": HOSTILE, "title": '"><img src=x>'}, "test", NOON)
    resolve.write_note(owner, HOSTILE, account_id=made, origin="test", now=NOON)
    resolve.tag(owner, HOSTILE, account_ids=[made], origin="test", now=NOON)
    client = signed_in(owner)
    for address in (
        "/accounts",
        "/contacts",
        f"/accounts/{made}",
        f"/accounts/{made}/edit",
        "/search?q=evil",
    ):
        page = client.get(address).content.decode()
        assert "<script>alert" not in page, address
        assert "<img src=x>" not in page, address
        assert "&lt;script&gt;alert" in page, address
    searched = client.get("/search", {"q": HOSTILE}).content.decode()
    assert "<script>alert" not in searched


@pytest.mark.parametrize(
    "address",
    ["/prospects", "/prospects?country=DE&q=ada", "/accounts", "/contacts", "/signals", "/search?q=ada",
     "/imports", "/me", "/accounts/{account}", "/contacts/{contact}"],
)  # fmt: skip
def test_no_page_asks_the_database_more_than_its_share(
    owner: Person, owner_client: Client, book: dict[str, int], address: str
) -> None:
    found = ask.search(owner, "ada sommer").contacts[0]
    place = address.format(account=book["Northwind Ledger"], contact=found.id)
    owner_client.get(place)
    with CaptureQueriesContext(connection) as asked:
        assert owner_client.get(place).status_code == 200
    told = "\n".join(query["sql"][:120] for query in asked)
    assert len(asked) <= MOST_QUERIES, told


@pytest.mark.parametrize("address", [place.url for _, places in MENU for place in places])
def test_no_page_of_the_menu_asks_more_than_its_share(
    owner_client: Client, book: dict[str, int], address: str
) -> None:
    owner_client.get(address)
    with CaptureQueriesContext(connection) as asked:
        assert owner_client.get(address).status_code == 200
    told = "\n".join(query["sql"][:120] for query in asked)
    assert len(asked) <= MOST_QUERIES, told


def test_assigning_many_is_undone_from_the_toast(
    owner: Person, owner_client: Client, teammate: Person, book: dict[str, int]
) -> None:
    chosen = [book["Northwind Ledger"], book["Halcyon Health"]]
    ticked = {"account": chosen, "owner_id": teammate.id, "do": "assign", "next": "/accounts"}
    page = owner_client.post("/bulk", ticked, follow=True)
    assert "2 records now belong to Theo Teammate." in page.content.decode()
    assert _owners(owner, "Northwind", "Halcyon") == {"Theo Teammate"}
    token = re.search(r'name="token" value="([^"]+)"', page.content.decode())
    assert token is not None
    undone = owner_client.post("/undo", {"token": token.group(1), "next": "/accounts"}, follow=True)
    assert "Everything is as it was." in undone.content.decode()
    assert _owners(owner, "Northwind", "Halcyon") == {"Olga Owner"}


def _owners(asker: Person, *names: str) -> set[str]:
    found = [accounts(asker, ListFilter(text=name), clock.now().date()).rows for name in names]
    return {line.owner for lines in found for line in lines}


def test_somebody_elses_undo_is_refused(owner_client: Client, teammate: Person, book: dict[str, int]) -> None:
    ticked = {"account": [book["Tidal Freight"]], "tag_name": "vip", "do": "tag", "next": "/accounts"}
    page = owner_client.post("/bulk", ticked, follow=True).content.decode()
    assert "1 record tagged vip." in page
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    assert signed_in(teammate).post("/undo", {"token": token.group(1)}).status_code == 400


def test_a_note_is_written_and_taken_back(owner_client: Client, book: dict[str, int]) -> None:
    address = f"/accounts/{book['Halcyon Health']}"
    form = {"account": book["Halcyon Health"], "text": "They audit in March.", "next": address}
    page = owner_client.post("/notes", form, follow=True).content.decode()
    assert "They audit in March." in page
    token = re.search(r'name="token" value="([^"]+)"', page)
    assert token is not None
    owner_client.post("/undo", {"token": token.group(1), "next": address})
    assert "They audit in March." not in text_of(owner_client.get(address))


def test_an_edit_over_a_newer_version_is_told(owner_client: Client, book: dict[str, int]) -> None:
    address = f"/accounts/{book['Tidal Freight']}/save"
    form = {"version": 1, "company_name": "Tidal Freight", "employees": "700", "hiring": "yes"}
    assert owner_client.post(address, form).status_code == 303
    again = owner_client.post(address, {**form, "employees": "800"})
    assert again.status_code == 409
    assert "changed by somebody else" in again.content.decode()
    assert "700" in text_of(owner_client.get(f"/accounts/{book['Tidal Freight']}"))


def test_a_word_where_a_number_belongs_is_said(owner_client: Client, book: dict[str, int]) -> None:
    form = {"version": 1, "employees": "many"}
    answer = owner_client.post(f"/accounts/{book['Tidal Freight']}/save", form)
    assert answer.status_code == 400
    assert "many" in answer.content.decode()


@pytest.mark.parametrize("mark", ["x", "WyJhIl0", "%FF", "W10"])
def test_a_broken_page_mark_is_no_crash(owner_client: Client, book: dict[str, int], mark: str) -> None:
    for what in ("prospects", "accounts", "contacts", "signals", "imports"):
        assert owner_client.get(f"/{what}?after={mark}").status_code == 400


def test_more_of_a_list_follows_the_mark(owner: Person, book: dict[str, int]) -> None:
    for number in range(60):
        values = {"full_name": f"Person {number:02}", "email": f"p{number}@many.example"}
        resolve.add_contact(owner, None, values, "test", NOON)
    client = signed_in(owner)
    first = client.get("/contacts").content.decode()
    mark = re.search(r'href="(\?after=[^"]+)"', first)
    assert mark is not None
    assert "Person 59" in first
    second = client.get("/contacts" + mark.group(1).replace("&amp;", "&"))
    assert "Person 05" in text_of(second)
    assert "Person 59" not in text_of(second)
    part = client.get("/contacts" + mark.group(1), headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "Person 05" in part


def test_only_own_records_are_seen_by_who_sees_own(owner: Person, book: dict[str, int]) -> None:
    secret = team.invite(owner, "own@panout.test", Role.AE, None, "test", NOON)
    made = team.accept_invitation(secret, "Otto Own", PASSWORD, "UTC", NOON)
    team.set_role(owner, made, Role.AE, Sees.OWN, "test", NOON)
    client = signed_in(people.member(made).person)
    assert "No accounts yet" in text_of(client.get("/accounts"))
