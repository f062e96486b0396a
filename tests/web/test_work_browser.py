"""A real browser works the day: a block by keyboard, a trace, a live edit, the inbox, a mailbox that will not."""
# ruff: noqa: F811  the walks share the fixtures of another module

from __future__ import annotations

from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from panout.cadence.models import Enrolment
from panout.outreach.models import Message, Task, TaskStatus
from panout.replies.models import Reading
from panout.segments import actions as segments
from panout.team.rules import Person
from tests.cast import NOON, signed_in
from tests.web import work
from tests.web.test_browser import browser, complaints, olga, page  # noqa: F401 - fixtures of the walks
from tests.web.world import populate

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def played(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is Friday noon, in office hours."""
    (tmp_path / "clock").write_text(NOON.isoformat())
    monkeypatch.setenv("PANOUT_CLOCK", str(tmp_path / "clock"))


def enter(page: Page, live_server: LiveServer, person: Person) -> None:
    cookie = signed_in(person).cookies["sessionid"].value
    page.context.add_cookies([{"name": "sessionid", "value": cookie, "url": live_server.url}])


def nothing_serious(page: Page) -> None:
    found = [
        one for one in Axe().run(page).response["violations"] if one["impact"] in {"serious", "critical"}
    ]
    assert found == [], page.url


def test_a_day_is_worked_from_the_keyboard(
    browser: Browser, page: Page, live_server: LiveServer, olga: Person
) -> None:
    populate(olga, NOON)
    made = work.begin(olga, NOON)
    work.answered(olga, made, "Sounds good, could we talk on Thursday at 3?", NOON)
    enter(page, live_server, olga)

    page.goto("/today?kind=call")  # a block by keyboard
    page.keyboard.press("b")
    expect(page.get_by_text("End the block")).to_be_visible()
    page.goto("/today?kind=call")
    nothing_serious(page)
    page.keyboard.press("n")
    page.keyboard.type("Rang twice.")
    page.keyboard.press("Escape")
    page.keyboard.press("1")
    expect(page.get_by_text("No answer.")).to_be_visible()
    done = Task.objects.get(status=TaskStatus.DONE)
    assert (done.disposition, done.note) == ("no_answer", "Rang twice.")
    page.keyboard.press("z")
    expect(page.get_by_text("It waits again")).to_be_visible()

    page.goto(f"/contacts/{done.contact_id}/why")  # a trace
    expect(
        page.get_by_text("Nothing speaks against email now").or_(page.get_by_text("Waits"))
    ).to_be_visible()
    nothing_serious(page)

    page.goto(f"/cadences/{made.calls}/edit")  # a live edit with preview
    page.get_by_role("button", name="Add a step").click()
    expect(page.get_by_text("Step 4")).to_be_visible()
    page.get_by_role("button", name="Preview").click()
    expect(page.get_by_text("What would change")).to_be_visible()
    nothing_serious(page)
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Version 2 is in force.")).to_be_visible()

    page.goto("/inbox")  # the inbox by keyboard
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_text("What followed")).to_be_visible()
    nothing_serious(page)
    page.keyboard.press("3")
    expect(page.get_by_text("A person said it means")).to_be_visible()
    assert Reading.objects.get().corrected_to == "question"
    page.keyboard.press("r")
    page.keyboard.type("Thursday at 3 it is.")
    page.get_by_role("button", name="Answer, then the next").click()
    expect(page.get_by_text("The answer is in the outbox")).to_be_visible()
    assert Message.objects.filter(origin="reply").count() == 1
    page.goto("/inbox/desk")
    page.get_by_role("button", name="Replay my last 500").click()
    expect(page.get_by_text("your word")).to_be_visible()
    nothing_serious(page)

    page.goto("/mailboxes/new")  # a mailbox that will not
    page.get_by_label("Email address").fill("second@panout.test")
    page.get_by_label("Company").fill("Panout")
    page.get_by_label("Postal address").fill("1 Pan Street")
    page.get_by_label("Outgoing server").fill("127.0.0.1")
    page.locator("#smtp_port").fill("1")
    page.locator("#smtp_security").select_option("none")
    page.get_by_role("button", name="Connect and try").click()
    expect(page.get_by_text("It stopped while connecting.")).to_be_visible()
    nothing_serious(page)


def test_a_cadence_is_built_and_a_segment_is_enrolled(
    browser: Browser, page: Page, live_server: LiveServer, olga: Person
) -> None:
    populate(olga, NOON)
    work.begin(olga, NOON, called=0, mailed=0)
    segments.create(olga, "Big ones", "contacts", "employees > 100", "", "test", NOON)
    enter(page, live_server, olga)

    page.goto("/cadences/new")  # build it
    page.get_by_label("Name").fill("Mine")
    page.get_by_label("Words").fill("hello-mail")
    page.get_by_text("look at it before it leaves").click()
    page.get_by_role("button", name="Add a step").click()
    expect(page.get_by_text("Step 2")).to_be_visible()
    page.locator("#s1-only").fill("phone is known")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("The cadence is ready.")).to_be_visible()
    expect(page.get_by_text("leaves by itself")).to_be_visible()

    page.get_by_role("link", name="Enrol people").click()  # enrol a segment, looked at first
    page.get_by_label("Those of a segment").select_option(label="Big ones")
    page.get_by_role("button", name="Take them").click()
    expect(page.get_by_text("begin now")).to_be_visible()
    expect(page.get_by_text("nothing speaks against it").first).to_be_visible()
    nothing_serious(page)
    page.get_by_role("button", name="Start the cadence").click()
    expect(page.get_by_text("started.")).to_be_visible()
    expect(page.get_by_text("from segment Big ones").first).to_be_visible()
    assert Enrolment.objects.running().filter(origin="segment Big ones").count() > 1
