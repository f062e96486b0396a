"""A real browser drafts a campaign, rehearses and launches it, judges it, reads the review, accepts a proposal."""
# ruff: noqa: F811  the walks share the fixtures of another module

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from panout.cadence.actions import load_presets
from panout.flow import clock
from panout.icp.queries import active
from panout.outreach import actions, library
from panout.outreach.models import Sender, Touch
from panout.pipeline.models import Meeting
from panout.resolve.models import Contact
from panout.team.rules import SYSTEM, Person
from tests.web.test_browser import browser, complaints, olga, page  # noqa: F401 - fixtures of the walks
from tests.web.test_work_browser import enter, nothing_serious
from tests.web.world import populate

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def market(olga: Person) -> None:
    """A scored book with cadences, texts and a sender."""
    now = clock.now()
    populate(olga, now)
    load_presets(SYSTEM, now)
    library.load_playbooks(olga, now)
    actions.save_sender(
        olga, name="Olga Owner", email="olga@panout.test", company="Panout", now=now,
        postal_address="1 Pan Street\n12345 Testville\nDE",
    )  # fmt: skip
    Sender.objects.update(left_today=50)


def _months_of_work() -> None:
    """A hundred and twenty people were touched: champions met us, influencers did not."""
    now = clock.now()
    for number in range(120):
        person = Contact.objects.create(
            full_name=f"Q{number}", email=f"q{number}@later.example", key=f"q{number}", created_at=now,
            buying_role="champion" if number < 60 else "influencer", changed_at=now,
        )  # fmt: skip
        Touch.objects.create(contact=person, kind="email", channel="email", at=now)
        if number < 30:
            Meeting.objects.create(
                contact=person, title="Met", starts_at=now, ends_at=now + timedelta(minutes=30),
                source="reply", uid=f"u{number}", booked_at=now,
            )  # fmt: skip


def test_a_campaign_is_drafted_rehearsed_launched_and_judged_and_a_proposal_becomes_a_version(
    page: Page, browser: Browser, live_server: LiveServer, olga: Person, market: None
) -> None:
    enter(page, live_server, olga)

    # On paper: what it could show is said before anybody is written to.
    page.goto("/campaigns/new")
    page.fill("#name", "Fresh money")
    page.fill("#hypothesis", "Who was funded must show figures that hold")
    page.fill("#per_account", "1")
    page.get_by_role("button", name="Look", exact=True).click()
    expect(page.get_by_text(re.compile("contacts teach little|No prospect|Nobody")).first).to_be_visible()
    page.get_by_role("button", name="Keep as a draft").click()
    expect(page.get_by_role("heading", name="Fresh money")).to_be_visible()

    # Rehearsed against the virtual clock, then launched.
    campaign = page.url
    page.goto(f"{campaign}/rehearsal", timeout=180_000)  # four weeks are played, turn by turn
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    page.goto(campaign)
    page.get_by_role("button", name="Launch").click()
    expect(page.get_by_text("running").first).to_be_visible()

    # The board says what may be said, and draws it.
    page.goto("/board")
    expect(page.get_by_role("link", name="Fresh money")).to_be_visible()
    expect(page.locator("svg.interval").first).to_be_visible()
    nothing_serious(page)

    # The review opens its rows; what is apart beyond chance becomes a proposal, and a version.
    _months_of_work()
    page.goto("/weekly")
    page.get_by_role("row", name=re.compile("champion")).get_by_role("link").last.click()
    expect(page.get_by_role("heading", name="30 people")).to_be_visible()
    before = active()[0].id
    page.goto("/proposals")
    page.get_by_role("button", name="Look now").click()
    card = page.locator("section", has_text="Double down on persona champion")
    card.get_by_role("button", name="Accept").click()
    expect(page.get_by_text("a new version of the profile is in force")).to_be_visible()
    assert active()[0].id != before

    # All of it fits a phone.
    page.set_viewport_size({"width": 390, "height": 844})
    for place in ("/campaigns", "/campaigns/new", campaign, "/board", "/weekly", "/proposals"):
        page.goto(place)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390, place
        nothing_serious(page)
