# ruff: noqa: F811 - the fixtures of the walks are imported, and named again by the test
"""A real browser connects a mailbox at real servers: a wrong password, its cause, the mend, pace, DNS."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.db import connections
from playwright.sync_api import Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from panout.flow import clock
from panout.mailbox.carrier import Tally
from panout.mailbox.models import MailAccount
from panout.team.rules import Person
from tests.live.servers import MailServer, mail_server
from tests.live.test_real_servers import carry
from tests.live.test_unbound import resolver  # noqa: F401 - the fixture
from tests.mailbox.world import make_messages
from tests.web.test_browser import browser, complaints, olga, page  # noqa: F401 - fixtures of the walks
from tests.web.test_work_browser import enter

pytestmark = [pytest.mark.xdist_group("browser"), pytest.mark.django_db(transaction=True)]

_SERVERS = 60_000  # milliseconds: the page waits for two servers to be signed in to, or for DNS


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MailServer]:
    with mail_server(tmp_path_factory.mktemp("walk")) as running:
        yield running


def aside(work: Callable[[MailAccount], Tally], account: MailAccount) -> Tally:
    """On a thread of its own, as in the worker: Playwright keeps an event loop in this one."""

    def and_leave() -> Tally:
        try:
            return work(account)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(and_leave).result()


def nothing_serious(page: Page) -> None:
    found = [
        one for one in Axe().run(page).response["violations"] if one["impact"] in {"serious", "critical"}
    ]
    assert found == [], page.url


def test_an_account_is_connected_mended_watched_and_its_domain_read(
    page: Page,
    live_server: LiveServer,
    olga: Person,
    server: MailServer,
    resolver: str,
    settings: Settings,
) -> None:
    settings.RESOLVER = resolver
    enter(page, live_server, olga)
    page.goto("/mailboxes")
    page.get_by_role("link", name="Connect an account").first.click()
    page.get_by_label("Email address").fill("olga@panout.test")
    page.get_by_label("Company").fill("Panout")
    page.get_by_label("Postal address").fill("1 Pan Street")
    page.get_by_label("Outgoing server").fill("127.0.0.1")
    page.locator("#smtp_port").fill(str(server.smtp))
    page.get_by_label("Incoming server").fill("127.0.0.1")
    page.locator("#imap_port").fill(str(server.imap))
    page.get_by_label("User name").fill("olga@panout.test")
    page.get_by_label("Password", exact=True).fill("silver1849")
    page.get_by_text("More", exact=True).click()
    page.get_by_label("Own certificate authority").fill(str(Path(server.cert)))
    nothing_serious(page)
    page.get_by_role("button", name="Connect and try").click()

    # The stage, the cause in the server's own words, and what to do.
    trouble = page.get_by_role("alert")
    expect(trouble).to_contain_text("It stopped while signing in.", timeout=_SERVERS)
    expect(trouble).to_contain_text("The server refuses the sign-in (535 5.7.8")
    expect(trouble).to_contain_text("Enter the password again")
    expect(page.get_by_text("does not work", exact=True)).to_be_visible()
    nothing_serious(page)

    # Mended in the form below; everything but the password is still there.
    page.get_by_label("Password", exact=True).fill("gold1849")
    page.get_by_role("button", name="Save and try").click()
    expect(page.get_by_text("works", exact=True)).to_be_visible(timeout=_SERVERS)
    expect(page.get_by_role("alert")).to_have_count(0)

    # The ramp and what holds it.
    account = MailAccount.objects.get()
    make_messages(account, clock.now(), ["ben@buyers.test"] * 3, subject="Seen from the page")
    assert aside(carry, account).sent == 1
    page.reload()
    expect(page.get_by_text("of 10")).to_be_visible()
    expect(page.get_by_text("the gap between two mails has")).to_be_visible()
    page.goto("/outbox?shelf=sent")
    page.get_by_role("link", name="Buyer 0").click()
    expect(page.get_by_text("250 2.0.0 Ok: queued").or_(page.get_by_text("2.0.0 Ok: queued"))).to_be_visible()
    nothing_serious(page)

    # What DNS lacks, as a registrar's form asks for it.
    page.goto("/domains")
    expect(page.get_by_text("not asked yet").first).to_be_visible()
    page.get_by_role("button", name="Ask DNS now").click()
    expect(page.get_by_text("_dmarc.panout.test", exact=True)).to_be_visible(timeout=_SERVERS)
    expect(page.get_by_text("v=DMARC1", exact=False).first).to_be_visible()
    nothing_serious(page)
