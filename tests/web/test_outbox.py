"""The outbox, one message, and what receivers report: what people see, and who may take a message back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from panout.clients.smtp import FakeSmtp, Said
from panout.flow import clock
from panout.kernel.stages import Stage
from panout.mailbox.actions.upkeep import follow_domains, read_dmarc
from panout.mailbox.models import Click, MailAccount
from panout.outreach.models import Message
from panout.team.rules import Person
from tests.mailbox.test_dmarc_reports import PLAIN
from tests.mailbox.test_dmarc_reports import mail as report_mail
from tests.mailbox.test_sending import carry
from tests.mailbox.world import make_account, make_messages
from tests.web.seen import text_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(owner: Person) -> MailAccount:
    return make_account(owner, clock.now())


def test_each_shelf_shows_its_messages_with_their_reasons(account: MailAccount, owner_client: Client) -> None:
    now = clock.now()
    make_messages(account, now, ["ben@acme.test"], subject="It left")
    make_messages(account, now, ["eve@gone.test"], subject="Nobody there")
    gone = Said(Stage.RECIPIENT, 550, "5.1.1 no such user")
    carry(account, now, FakeSmtp({"eve@gone.test": [gone]}))
    make_messages(account, now, ["ann@acme.test"], subject="It waits", not_before=now + timedelta(days=1))
    waiting = text_of(owner_client.get("/outbox"))
    assert "It waits" in waiting and "It left" not in waiting  # noqa: PT018
    assert "It left" in text_of(owner_client.get("/outbox?shelf=sent"))
    refused = text_of(owner_client.get("/outbox?shelf=not%20sent"))
    assert "Nobody there" in refused and "There is no such mailbox" in refused  # noqa: PT018
    assert "No line broke" in text_of(owner_client.get("/outbox?shelf=in%20doubt"))
    assert owner_client.get("/outbox?shelf=attic").status_code == 400


def test_a_long_outbox_is_read_on(account: MailAccount, owner_client: Client) -> None:
    make_messages(account, clock.now(), [f"p{n}@acme.test" for n in range(60)])
    first = owner_client.get("/outbox")
    assert "p59@acme.test" in text_of(first)
    assert "p5@acme.test" not in text_of(first)
    before = Message.objects.order_by("-id")[49].pk
    assert f"before={before}" in first.content.decode()
    assert "p5@acme.test" in text_of(owner_client.get(f"/outbox?before={before}"))


def test_one_message_says_what_befell_it(account: MailAccount, owner_client: Client) -> None:
    now = clock.now()
    (number,) = make_messages(account, now, ["ben@acme.test"], body="See https://acme.test/a\n")
    carry(account, now)
    Click.objects.create(message_id=number, place=0, at=now, machine=True, why="it asked with HEAD")
    Click.objects.create(message_id=number, place=0, at=now, machine=False)
    page = text_of(owner_client.get(f"/messages/{number}"))
    for words in ("The server took it", "2.0.0 taken", "1 by people", "1 by machines", "it asked with HEAD"):
        assert words in page
    assert owner_client.get("/messages/987654").status_code == 404


def test_what_waits_can_be_taken_back_by_those_who_approve(
    account: MailAccount, owner_client: Client
) -> None:
    (number,) = make_messages(account, clock.now(), ["ben@acme.test"])
    assert "Take it back" in text_of(owner_client.get(f"/messages/{number}"))
    answer = owner_client.post(f"/messages/{number}/cancel", {"reason": "changed my mind"}, follow=True)
    assert "It will not leave." in text_of(answer)
    assert "changed my mind" in text_of(owner_client.get(f"/messages/{number}"))
    assert Message.objects.get(id=number).status == "cancelled"
    assert owner_client.post(f"/messages/{number}/cancel").status_code == 409
    assert Client().post(f"/messages/{number}/cancel").status_code in (302, 403)


def test_what_receivers_report_stands_with_the_domain(account: MailAccount, owner_client: Client) -> None:
    follow_domains()
    assert "No DMARC reports yet" in text_of(owner_client.get("/domains"))
    fresh = PLAIN.replace(b"1795391999", str(int(clock.now().timestamp())).encode())
    read_dmarc(report_mail(fresh, "report.xml"))
    page = text_of(owner_client.get("/domains"))
    assert "40 mails passed, 3 failed" in page
    assert "203.0.113.9" in page
    assert "192.0.2.25" not in page


def test_an_account_says_how_its_answers_are_found(account: MailAccount, owner_client: Client) -> None:
    place = f"/mailboxes/{account.pk}"
    assert "answers to this account are not found" in text_of(owner_client.get(place))
    now = clock.now()
    MailAccount.objects.update(imap_host="imap.panout.test")
    assert "looked for every minute" in text_of(owner_client.get(place))
    MailAccount.objects.update(listener="w", listens_until=now + timedelta(hours=1))
    assert "found as they come" in text_of(owner_client.get(place))


def test_counting_and_answer_addresses_are_asked_for_in_the_form(
    account: MailAccount, owner_client: Client
) -> None:
    given = {
        "smtp_host": "127.0.0.1", "smtp_port": "1", "smtp_security": "none", "imap_security": "tls",
        "count_clicks": "yes", "plus_address": "yes",
    }  # fmt: skip
    owner_client.post(f"/mailboxes/{account.pk}/change", given)
    account.refresh_from_db()
    assert (account.count_clicks, account.plus_address) == (True, True)
    owner_client.post(f"/mailboxes/{account.pk}/change", {**given, "count_clicks": "", "plus_address": ""})
    account.refresh_from_db()
    assert (account.count_clicks, account.plus_address) == (False, False)
