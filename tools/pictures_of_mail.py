"""Mailboxes, an outbox and a sending domain as a week of work leaves them, for the guide's pictures."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from panout.clients.dns import FakeDns
from panout.clients.imap import FakeImap
from panout.clients.smtp import FakeSmtp, LineLost, Said
from panout.flow.sending import carry_account
from panout.kernel.stages import Stage
from panout.mailbox import queries
from panout.mailbox.actions import accounts, receiving, upkeep
from panout.mailbox.actions.accounts import Wish
from panout.mailbox.actions.clicks import record_click
from panout.mailbox.models import DmarcReport, MailAccount, SendingDomain
from panout.mailbox.rules.clicks import Visit, click_token
from panout.mailbox.rules.failures import classify
from panout.outreach import actions as outreach
from panout.outreach.models import Message, MessageStatus
from panout.resolve.models import Contact
from panout.team.rules import Person

_DNS = {
    ("panout.example", "MX"): ["10 mx.panout.example"],
    ("mx.panout.example", "A"): ["192.0.2.25"],
    ("25.2.0.192.in-addr.arpa", "PTR"): ["mx.panout.example"],
    ("panout.example", "TXT"): ["v=spf1 ip4:192.0.2.25 ~all"],
}
_BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
_BODY = (
    "Hello {name},\n\nthree roles in your data team went up this month. Teams that grow like that often find\n"
    "out from their users which table broke. We show it before they do:\n\nhttps://panout.example/tour\n\n"
    "Would 15 minutes next week help?\n\nOlga\n"
)


def furnish_mail(olga: Person, now: datetime) -> dict[str, str]:
    """Returns the addresses to picture, by name."""
    works = _account(
        olga,
        "Olga Brandt",
        "olga.brandt@panout.example",
        now - timedelta(days=9),
        imap_host="imap.panout.example",
        count_clicks=True,
    )
    broken = _account(olga, "Theo Marsh", "theo.marsh@panout.example", now - timedelta(days=1))
    MailAccount.objects.filter(id=works).update(
        gap_least=0, gap_most=0, per_hour=100, ramp_days=4, used_on=(now - timedelta(days=1)).date()
    )
    people = list(Contact.objects.exclude(email=None).order_by("id")[:30])
    sent = [
        _message(works, one, now - timedelta(days=1, minutes=place)) for place, one in enumerate(people[:24])
    ]
    grey = Said(Stage.RECIPIENT, 450, "4.2.0 <someone>: Recipient address rejected: Greylisted")
    gone = Said(Stage.RECIPIENT, 550, "5.1.1 <someone>: Recipient address rejected: User unknown")
    lost = LineLost(Stage.AFTER, "No answer within 60 seconds")
    script = {people[3].email or "": [gone], people[7].email or "": [grey], people[11].email or "": [lost]}
    carry_account(
        works,
        lambda: now - timedelta(hours=4),
        random.Random(1),  # noqa: S311 - the jitter between mails is no secret
        connect=lambda _server: FakeSmtp(script),
    )
    MailAccount.objects.filter(id=works).update(
        gap_least=90, gap_most=420, per_hour=9, next_at=now + timedelta(minutes=4)
    )
    for one in people[24:]:
        _message(works, one, now)
    done = Message.objects.filter(id__in=sent, status="sent").order_by("id")
    for place, message in enumerate(done[:5]):
        _follow(message.pk, Visit("HEAD", _BROWSER), now - timedelta(hours=3))
        if place % 2 == 0:
            _follow(message.pk, Visit("GET", _BROWSER), now - timedelta(hours=2))
    receiving.fetch_new(works, FakeImap(), now)
    receiving.begin_listening(works, "pictures", now + timedelta(days=1))
    accounts.note_well(works, now)
    accounts.note_trouble(
        broken, classify(535, "5.7.8 Error: authentication failed: (reason unavailable)", Stage.AUTH), now
    )
    upkeep.check_domains(now, FakeDns(_DNS))
    DmarcReport.objects.create(
        domain=SendingDomain.objects.get(name="panout.example"), reporter="google.com", report_id="r1",
        begins_at=now - timedelta(days=2), ends_at=now - timedelta(days=1), passed=212, failed=9,
        sources=[
            {"address": "192.0.2.25", "count": 212, "spf": True, "dkim": False, "disposition": "none"},
            {"address": "203.0.113.9", "count": 9, "spf": False, "dkim": False, "disposition": "none"},
        ],
    )  # fmt: skip
    upkeep.publish_room(now)
    first = done.first()
    return {
        "mailboxes": "/mailboxes",
        "connect": "/mailboxes/new?preset=google",
        "mailbox": f"/mailboxes/{works}",
        "mailbox-trouble": f"/mailboxes/{broken}",
        "domains": "/domains",
        "outbox": "/outbox?shelf=sent",
        "message": f"/messages/{first.pk}" if first else "/outbox",
    }


def _account(
    olga: Person, name: str, email: str, since: datetime, *, imap_host: str = "", count_clicks: bool = False
) -> int:
    sender = outreach.save_sender(
        olga, name=name, email=email, company="Panout", postal_address="1 Pan Street, Leeds", now=since
    )
    wish = Wish(
        smtp_host="smtp.panout.example", imap_host=imap_host, username=email, password="not a real one",  # noqa: S106
        count_clicks=count_clicks,
    )  # fmt: skip
    made = accounts.connect_account(olga, sender, wish, since)
    upkeep.follow_domains()
    return made


def _message(account_id: int, contact: Contact, at: datetime) -> int:
    made = Message.objects.create(
        contact=contact, account=contact.account, sender_id=MailAccount.objects.get(id=account_id).sender_id,
        to_email=contact.email or "", subject="Three new roles in your data team",
        body=_BODY.format(name=contact.first_name or "there"), origin="cadence", status=MessageStatus.QUEUED,
        not_before=at, created_at=at - timedelta(minutes=5),
    )  # fmt: skip
    return made.pk


def _follow(message_id: int, visit: Visit, at: datetime) -> None:
    record_click(click_token(message_id, 0, queries.click_key()), visit, at)
