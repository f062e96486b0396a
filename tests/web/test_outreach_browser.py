"""A real browser writes a template, meets a blocked claim, approves a batch, prints letters, and overrules a plan."""
# ruff: noqa: F811  the walks share the fixtures of another module

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from panout.flow import clock
from panout.outreach import actions, library, post, queries
from panout.outreach.models import LetterBatch, Message, MessageStatus, Sender
from panout.resolve.models import Account, Contact
from panout.team.rules import Person
from tests.web.test_browser import browser, complaints, olga, page  # noqa: F401 - fixtures of the walks
from tests.web.test_work_browser import enter, nothing_serious
from tests.web.world import populate

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.django_db(transaction=True)]


@pytest.fixture
def reach(olga: Person, monkeypatch: pytest.MonkeyPatch) -> Contact:
    """A book with playbooks and a sender; returns whom the walk is about."""
    monkeypatch.setattr("tests.web.world.score", lambda _: None)
    populate(olga, clock.now())
    library.load_playbooks(olga, clock.now())
    actions.save_sender(
        olga, name="Olga Owner", email="olga@panout.test", company="Panout", now=clock.now(),
        postal_address="1 Pan Street\n12345 Testville\nDE",
    )  # fmt: skip
    Account.objects.all().update(address="Ledgerstrasse 5", postal_code="10115", city="Berlin", country="DE")
    Contact.objects.all().update(person_country="GB", phone="+442079460000")
    return Contact.objects.get(full_name="Ada Sommer")


def waiting(owner: Person, slug: str, people: list[Contact]) -> list[int]:
    sender = Sender.objects.get()
    stuff = queries.materials([one.pk for one in people], clock.now())
    made = [actions.draft(stuff[one.pk], queries.template(slug), sender) for one in people]
    orders = [actions.Order(one, "manual", None, clock.now(), reviewed=True, cold=True) for one in made]
    return [actions.queue(owner, order, clock.now()) for order in orders]


def test_a_template_is_written_a_claim_blocked_a_batch_approved_and_letters_printed(
    browser: Browser,
    page: Page,
    live_server: LiveServer,
    olga: Person,
    reach: Contact,
    complaints: list[str],
) -> None:
    enter(page, live_server, olga)

    page.goto("/templates/new")  # a template, with a preview on real people while typing
    page.get_by_label("Name").fill("Short hello")
    page.get_by_label("Subject").fill("For {{ first_name }}")
    text = page.locator("textarea[name=body]")
    text.fill("Hi {{ first_name }}, congratulations on buying a bank for 90 million. Shall we talk?")
    expect(page.get_by_text("No live fact or signal").first).to_be_visible()
    nothing_serious(page)
    text.fill("Hi {{ first_name }}, {{ nickname }}")
    expect(page.get_by_text("nickname has no value").first).to_be_visible()
    text.fill("Hi {{ first_name }}, would 15 minutes on Thursday help?")
    expect(page.get_by_text("Hi Ada, would 15 minutes on Thursday help?")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Kept as version 1.")).to_be_visible()

    everybody = list(
        Contact.objects.exclude(email=None).order_by("id")
    )  # a claim without evidence is blocked
    (number,) = waiting(olga, "short-hello", [reach])
    page.goto(f"/approvals/{number}")
    page.get_by_label("Text").fill("Hi Ada, you doubled revenue to 90 million last year. Shall we talk?")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Nothing we know supports this").first).to_be_visible()
    nothing_serious(page)
    assert Message.objects.get(id=number).status == MessageStatus.REVIEW
    assert [one for one in complaints if "409 (Conflict)" not in one] == []
    complaints.clear()  # the browser notes the refusal, which is what we came for

    waiting(olga, "short-hello", everybody[1:6])  # look-alikes are approved together
    page.goto("/approvals")
    nothing_serious(page)
    page.get_by_role("button", name="Approve the ticked").first.click()
    expect(page.get_by_text("approved.").first).to_be_visible()
    assert Message.objects.filter(status=MessageStatus.QUEUED).count() >= 5

    page.goto(f"/contacts/{reach.pk}")  # from the person's page: another road first, then a letter
    page.get_by_text("Another road first").click()
    page.get_by_label("Road").select_option("phone")
    page.get_by_label("Why", exact=True).fill("She never reads mail.")
    page.get_by_role("button", name="Let it go first").click()
    expect(page.get_by_text("Olga Owner says so: She never reads mail.")).to_be_visible()
    nothing_serious(page)
    page.get_by_role("button", name="Letter").click()
    expect(page.get_by_role("heading", name="Print together")).to_be_visible()
    post.write_letter(olga, everybody[3].pk, clock.now())
    page.goto("/letters")
    nothing_serious(page)
    page.get_by_role("button", name="Make the batch").click()
    expect(page.get_by_text("The batch is ready to print.")).to_be_visible()
    batch = LetterBatch.objects.get()
    assert batch.letters.count() == 2
    answer = page.request.get(f"/letters/batches/{batch.pk}.pdf")
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF")


@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_of_reach_fit_the_screen_and_read_aloud(
    browser: Browser, page: Page, live_server: LiveServer, olga: Person, reach: Contact, width: int
) -> None:
    enter(page, live_server, olga)
    page.set_viewport_size({"width": width, "height": 844})
    for place in (
        "/templates", "/templates/first-touch-email", "/library", "/events", "/partners", "/referrals", "/letters",
        "/suppressions", "/screenings", "/privacy", "/law", "/channels", "/footprint", f"/contacts/{reach.pk}/card",
        f"/contacts/{reach.pk}/why-write", f"/contacts/{reach.pk}/roads", f"/contacts/{reach.pk}/suggest",
    ):  # fmt: skip
        page.goto(place)
        if width < 1000:
            nothing_serious(page)
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= width, f"{place} is {wide} wide on {width}"
