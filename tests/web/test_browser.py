"""A real browser walks the users' paths: by mouse, by keyboard alone, without scripts, with axe."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright
from pytest_django.live_server_helper import LiveServer

from panout.flow import clock, importing, scoring
from panout.icp.queries import profiles
from panout.resolve import actions as resolve
from panout.resolve import queries as ask
from panout.resolve.models import Contact, Match
from panout.team import actions as team
from panout.team import queries as people
from panout.team.rules import Person
from panout.web.frame import MENU
from tests.cast import NOON, PASSWORD, signed_in
from tests.web.world import populate

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.django_db(transaction=True)]
_ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-dev-shm-usage"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread, which Django would take for an asynchronous caller.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as tool:
        yield tool.chromium.launch(executable_path="/usr/bin/chromium", args=_ARGUMENTS)
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def complaints() -> list[str]:
    """What the browser complained of: blocked by the content policy, errors in scripts, missing files."""
    return []


@pytest.fixture
def page(browser: Browser, live_server: LiveServer, complaints: list[str]) -> Iterator[Page]:
    context = browser.new_context(base_url=live_server.url, viewport={"width": 1280, "height": 860})
    yield _listening(context, complaints)
    context.close()
    assert complaints == []


@pytest.fixture
def olga(transactional_db: None) -> Person:
    made = team.create_owner("Olga Owner", "olga@panout.test", PASSWORD, "Europe/Berlin", NOON)
    return people.member(made).person


def _listening(context: BrowserContext, complaints: list[str]) -> Page:
    page = context.new_page()
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    return page


def _enter(page: Page, live_server: LiveServer, person: Person) -> None:
    """Sign in by the cookie: the form has a walk of its own."""
    cookie = signed_in(person).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])


def _work(page: Page) -> None:
    """What the worker does between two looks at the page."""
    page.wait_for_load_state()
    assert importing.work_on_one("browser") is not None


def test_a_newcomer_begins_imports_a_sample_and_takes_it_back(page: Page, transactional_db: None) -> None:
    page.goto("/")
    expect(page.get_by_role("heading", name="Pan your market")).to_be_visible()
    page.get_by_label("Your name").fill("Olga Owner")
    page.get_by_label("Email to sign in with").fill("olga@panout.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_text("Data observability for software companies").click()
    page.get_by_role("button", name="Begin").click()
    page.get_by_role("button", name="people.csv").click()
    expect(page.get_by_role("combobox", name="Work Direct Phone is")).to_have_value("phone")
    page.get_by_role("button", name="Look first").click()
    expect(page.get_by_text("Looking, nothing changes")).to_be_visible()
    _work(page)
    expect(page.get_by_text("The book has not changed")).to_be_visible()
    expect(page.get_by_text("58 companies, 188 people")).to_be_visible()
    page.get_by_role("button", name="Import it").click()
    _work(page)
    expect(page.get_by_text("The list is in the book")).to_be_visible()
    page.get_by_role("link", name="Its people").click()
    expect(page.get_by_text("188 contacts")).to_be_visible()
    page.go_back()
    page.get_by_role("button", name="Undo this import").click()
    _work(page)
    expect(page.get_by_text("was taken back")).to_be_visible()
    page.get_by_role("link", name="Contacts").click()
    expect(page.get_by_text("No contacts yet")).to_be_visible()


def test_a_rep_finds_a_prospect_by_keyboard_alone_and_reads_why(
    page: Page, live_server: LiveServer, olga: Person
) -> None:
    populate(olga, clock.now())
    page.goto("/account/login/")
    page.keyboard.type("olga@panout.test")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Prospects")).to_be_visible()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(page.locator("tr.here")).to_have_count(1)
    page.keyboard.press("x")
    expect(page.get_by_role("button", name="Assign")).to_be_visible()
    page.keyboard.press("x")
    page.keyboard.press("Enter")
    expect(page.get_by_text("raised money").first).to_be_visible()
    expect(page.get_by_text("employees are between 50 and 1,000")).to_be_visible()
    page.keyboard.press("u")
    expect(page.get_by_role("heading", name="Northwind Ledger")).to_be_visible()
    expect(page.get_by_text("Influencer")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.type("priya shha")
    page.keyboard.press("Enter")
    expect(page.get_by_text("These come nearest")).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Priya Shah")).to_be_visible()
    page.keyboard.press("g")
    page.keyboard.press("a")
    expect(page.get_by_role("heading", name="Accounts")).to_be_visible()


def test_a_filter_narrows_the_list_without_a_reload(
    page: Page, live_server: LiveServer, olga: Person
) -> None:
    populate(olga, clock.now())
    _enter(page, live_server, olga)
    page.goto("/prospects")
    page.get_by_label("Words in prospects").fill("walsh")
    expect(page.get_by_text("Ada Sommer")).to_have_count(0)
    expect(page.get_by_text("Ciara Walsh").first).to_be_visible()
    assert "q=walsh" in page.url
    page.get_by_role("link", name="Leads").click()
    expect(page.get_by_text("Nothing matches")).to_be_visible()


def test_axe_finds_nothing_serious_and_the_policy_blocks_nothing(
    page: Page, browser: Browser, live_server: LiveServer, olga: Person, complaints: list[str]
) -> None:
    book = populate(olga, clock.now())
    someone = ask.search(olga, "ada sommer").contacts[0].id
    profile = profiles()[0].id
    client = signed_in(olga)
    listed = client.post("/imports/sample", {"name": "people.csv"})["Location"]
    found: list[str] = []
    page.goto("/account/login/")
    found += _axe(page)
    _enter(page, live_server, olga)
    places = [
        *(place.url for _, group in MENU for place in group), "/prospects?verdict=lead", "/imports/new", listed,
        f"/accounts/{book['Northwind Ledger']}", f"/accounts/{book['Northwind Ledger']}/edit",
        f"/contacts/{someone}", "/search?q=ada", "/me", "/account/two-step/", "/account/password/change/",
        f"/profiles/{profile}", "/segments/new", "/cadences/new", "/campaigns/new", "/mailboxes/new", "/team/rules",
        "/sweeps",
    ]  # fmt: skip
    for scheme in ("light", "dark"):
        page.context.add_cookies([{"name": "panout_theme", "value": scheme, "url": live_server.url}])
        for place in places:
            page.goto(place)
            found += [f"{scheme} {told}" for told in _axe(page)]
    assert found == []


def test_those_who_steer_see_counts_move_merge_a_pair_and_read_the_ledger(
    page: Page, live_server: LiveServer, olga: Person
) -> None:
    book = populate(olga, clock.now())
    twin = resolve.add_account(
        olga, {"company_name": "Halcyon Health Inc", "domain": "hh.example"}, "test", NOON
    )
    Match.objects.create(
        left_account_id=book["Halcyon Health"], right_account_id=twin, probability=0.94, found_at=NOON
    )
    _enter(page, live_server, olga)
    page.goto("/profiles")
    page.get_by_role("link", name="Data observability").click()
    page.get_by_role("button", name="Change it").click()
    expect(page.get_by_text("of 13 accounts")).to_be_visible()
    words = page.get_by_label("The profile in words")
    words.fill(words.input_value().replace("employees between 50 and 1000", "employees between 400 and 1000"))
    expect(page.locator(".live-count .value")).to_contain_text("4 of 13")
    page.get_by_label("Why this change?").fill("Small ones have no data team.")
    page.get_by_role("button", name="Save and see what would change").click()
    expect(page.get_by_role("link", name="Priya Shah")).to_be_visible()
    page.get_by_role("button", name="Activate version 2").click()
    expect(page.get_by_text("version 2 in force", exact=True)).to_be_visible()
    scoring.catch_up()
    page.goto("/prospects?verdict=disqualified")
    expect(page.get_by_role("link", name="Priya Shah")).to_be_visible()

    page.keyboard.press("g")
    page.keyboard.press("r")
    expect(page.get_by_text("94 % likely the same")).to_be_visible()
    page.keyboard.press("s")
    expect(page.get_by_text("They are one now")).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_text("They are two again")).to_be_visible()

    page.goto("/segments/new")
    page.get_by_label("Name", exact=True).fill("Fintechs")
    page.get_by_label("Field").select_option("industry")
    page.get_by_label("Comparison").select_option("word")
    page.get_by_label("Value").fill("fintech")
    page.get_by_role("button", name="Add").click()
    expect(page.locator("#found").get_by_text("Northwind Ledger")).to_be_visible()
    page.get_by_label("Field").select_option("pricing_visit")
    page.get_by_label("Comparison").select_option("within")
    page.get_by_label("Value").fill("30")
    page.get_by_role("button", name="Add").click()
    expect(page.get_by_label("Criteria")).to_have_value(
        'industry has word "fintech"\nand signal("pricing_visit") within 30 days'
    )
    expect(page.locator("#found").get_by_text("Quarry Payments")).to_be_visible()
    expect(page.locator("#found").get_by_text("Northwind Ledger")).not_to_be_visible()
    page.get_by_role("button", name="Keep this segment").click()
    expect(page.get_by_role("heading", name="Fintechs")).to_be_visible()

    page.goto("/accounts?q=orchard")
    page.get_by_label("Select Orchard Analytics").check()
    page.get_by_label("Give to").select_option("")
    page.get_by_role("button", name="Assign").click()
    expect(page.get_by_text("1 record now belongs to nobody.")).to_be_visible()
    page.goto("/ledger")
    for told in ("activate profile", "merge accounts", "part accounts", "make segment", "assign"):
        expect(page.locator("main tbody").get_by_text(told, exact=True).first).to_be_visible()
    page.get_by_role("link", name="Check the chain").click()
    expect(page.get_by_text("seals hold")).to_be_visible()


def test_work_is_handed_out_calls_teach_the_profile_and_all_that_match_are_changed_at_once(
    page: Page, live_server: LiveServer, olga: Person
) -> None:
    book = populate(olga, clock.now())
    Contact.objects.update(owner=None)
    _enter(page, live_server, olga)
    page.goto("/team")
    page.get_by_role("link", name="Rules, and what they would do now").click()
    page.get_by_label("Name", exact=True).fill("Germans")
    page.get_by_label("For whom, in the language for who").fill('country = "DE"')
    page.get_by_label("To", exact=True).select_option("rep:" + str(olga.id))
    page.get_by_role("button", name="Keep this rule").click()
    expect(page.get_by_text("Companies where country is “DE”.")).to_be_visible()
    expect(page.get_by_role("row", name="Ada Sommer").get_by_text("Olga Owner")).to_be_visible()
    expect(page.get_by_role("row", name="Ciara Walsh").get_by_text("no rule is about them")).to_be_visible()
    page.get_by_role("button", name="Hand out now").click()
    expect(page.get_by_text("3 prospects were handed out.")).to_be_visible()

    page.goto(f"/accounts/{book['Juniper Studio']}")
    page.get_by_label("Note").fill("Twelve people, far too small for a data team.")
    page.get_by_role("button", name="Note", exact=True).click()
    page.get_by_role("link", name="a reason to disqualify").first.click()
    page.get_by_label("Why, in a few words").fill("no data team")
    page.get_by_label("employees <= 12").check()
    page.get_by_role("button", name="Collect it").click()
    expect(page.get_by_text("It waits on the profile's page")).to_be_visible()
    page.goto("/profiles")
    page.get_by_role("link", name="Data observability").click()
    lessons = page.locator("#lessons")
    expect(lessons.get_by_text("Twelve people, far too small")).to_be_visible()
    lessons.get_by_role("button", name="Into the draft").click()
    expect(page.get_by_label("The profile in words")).to_have_value(re.compile("no data team"))
    expect(page.locator("#judged").get_by_text("no data team").first).to_be_visible()

    page.goto("/accounts?country=GB")
    page.get_by_label("Select Quarry Payments").check()
    page.get_by_label("all 3 that match").check()
    page.get_by_label("Tag them").fill("british")
    page.get_by_role("button", name="Tag", exact=True).click()
    expect(page.get_by_text("3 records tagged british.")).to_be_visible()
    page.keyboard.press("z")
    expect(page.get_by_text("Everything is as it was.")).to_be_visible()
    page.goto("/ledger")
    for told in (
        "make assignment rule",
        "note reason to disqualify",
        "take reason into profile",
        "tag all that match",
    ):
        expect(page.locator("main tbody").get_by_text(told, exact=True).first).to_be_visible()


def test_everything_works_with_scripts_blocked(
    browser: Browser, live_server: LiveServer, olga: Person
) -> None:
    book = populate(olga, clock.now())
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    page.goto("/account/login/")
    page.get_by_label("Email").fill("olga@panout.test")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_label("Words in prospects").fill("walsh")
    page.get_by_role("button", name="Show").click()
    page.get_by_role("link", name="Ciara Walsh").click()
    expect(page.get_by_text("changed jobs").first).to_be_visible()
    page.get_by_label("Note").fill("Calls back on Monday.")
    page.get_by_role("button", name="Note").click()
    expect(page.get_by_text("Calls back on Monday.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The note is gone.")).to_be_visible()
    page.goto("/accounts")
    page.get_by_label("Select Tidal Freight").check()
    page.get_by_label("Tag them").fill("vip")
    page.get_by_role("button", name="Tag").click()
    expect(page.get_by_text("1 record tagged vip.")).to_be_visible()
    page.goto(f"/accounts/{book['Tidal Freight']}")
    page.get_by_role("link", name="Other names and merges").click()
    expect(page.get_by_text("No other name.")).to_be_visible()
    context.close()


def test_every_page_of_the_menu_can_be_read_with_scripts_blocked(
    browser: Browser, live_server: LiveServer, olga: Person
) -> None:
    populate(olga, clock.now())
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    page = context.new_page()
    _enter(page, live_server, olga)
    mute = []
    for _, group in MENU:
        for place in group:
            page.goto(place.url)
            words = page.locator("main").inner_text()
            if page.locator("main h1").count() != 1 or len(words) < 20:
                mute.append(place.url)
    context.close()
    assert mute == []


def test_no_page_is_wider_than_a_phone(page: Page, live_server: LiveServer, olga: Person) -> None:
    book = populate(olga, clock.now())
    _enter(page, live_server, olga)
    page.set_viewport_size({"width": 390, "height": 844})
    account = f"/accounts/{book['Northwind Ledger']}"
    menu = [place.url for _, group in MENU for place in group]
    profile = f"/profiles/{profiles()[0].id}"
    places = (
        *menu,
        "/imports/new",
        "/me",
        "/search?q=ada",
        account,
        profile,
        "/segments/new",
        "/team/rules",
        "/sweeps",
    )
    wide = {}
    for place in places:
        page.goto(place)
        wide[place] = page.evaluate("document.documentElement.scrollWidth")
    assert {place: width for place, width in wide.items() if width > 390} == {}


def _axe(page: Page) -> list[str]:
    told = Axe().run(page).response["violations"]
    grave = [one for one in told if one["impact"] in {"serious", "critical"}]
    return [f"{page.url}: {one['id']} {[node['target'] for node in one['nodes']][:3]}" for one in grave]
