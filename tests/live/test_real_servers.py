"""Sending through Postfix into Dovecot, over STARTTLS with a sign-in, as an account really does."""

import contextlib
import json
import random
import re
from datetime import timedelta

import dkim
import pytest
from typer.testing import CliRunner

from panout.cli.main import app
from panout.clients.imap import Mailbox
from panout.clients.smtp import Connection, Security, Server
from panout.flow import clock, database
from panout.flow.sending import carry_account, file_copies, report_on, settle_doubts, try_stored_account
from panout.kernel.errors import NotFound
from panout.kernel.stages import Stage
from panout.mailbox import queries
from panout.mailbox.actions import upkeep
from panout.mailbox.actions.accounts import Wish, change_account
from panout.mailbox.models import Attempt, MailAccount
from panout.mailbox.rules.dkim import Signer, new_key
from panout.mailbox.rules.failures import Kind
from panout.mailbox.rules.ways_out import token_in_subject
from panout.outreach.models import Message
from tests.live.servers import certificate, mail_server, until
from tests.mailbox.world import make_account, make_messages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("mail-servers")]
KEY = new_key()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with mail_server(tmp_path_factory.mktemp("mail")) as running:
        yield running


def wish(server, **changed):
    said = {
        "smtp_host": "127.0.0.1",
        "smtp_port": server.smtp,
        "smtp_security": "starttls",
        "imap_host": "127.0.0.1",
        "imap_port": server.imap,
        "imap_security": "tls",
        "username": "olga@panout.test",
        "password": "gold1849",
        "authority": str(server.cert),
        "dkim_selector": "s1",
        "dkim_key": KEY.decode(),
    }
    return Wish(**{**said, **changed})


@pytest.fixture
def account(owner, server):
    return make_account(owner, clock.now(), wish=wish(server))


def carry(account, later=timedelta(0)):
    return carry_account(account.pk, lambda: clock.now() + later, random.Random(1), width=3)


def inbox(server, user, word, folder="INBOX"):
    box = Mailbox(Server("127.0.0.1", server.imap, Security.TLS, user, word, authority=str(server.cert)))
    try:
        box.raw.select(f'"{folder}"', readonly=True)
        _ok, found = box.raw.search(None, "ALL")
        return [box.raw.fetch(number, "(RFC822)")[1][0][1] for number in found[0].split()]
    finally:
        box.close()


def delivered(server, subject):
    found = []

    def there():
        found[:] = [mail for mail in inbox(server, "ben@buyers.test", "x") if subject.encode() in mail]
        return bool(found)

    until(there)
    return found


def test_a_mail_arrives_once_signed_with_a_way_out_and_its_copy_is_filed(account, server):
    (number,) = make_messages(account, clock.now(), ["ben@buyers.test"], subject="First of all")
    assert carry(account).sent == 1
    (mail,) = delivered(server, "First of all")
    kept = Message.objects.get(id=number)
    assert f"Message-ID: <{kept.message_id}>".encode() in mail
    record = Signer("panout.test", "s1", KEY).record().encode()
    own = mail[mail.index(b"DKIM-Signature:") :]
    assert dkim.verify(own, dnsfunc=lambda *_asked, **_with: record)
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in mail

    assert file_copies(clock.now()) == 1
    assert file_copies(clock.now()) == 0
    copies = [
        copy for copy in inbox(server, "olga@panout.test", "gold1849", "Sent") if b"First of all" in copy
    ]
    assert len(copies) == 1


def test_a_follow_up_hangs_under_the_first_mail(account, server):
    (first,) = make_messages(account, clock.now(), ["ben@buyers.test"], subject="Thread begins")
    carry(account)
    root = Message.objects.get(id=first).message_id
    make_messages(
        account,
        clock.now(),
        ["ben@buyers.test"],
        subject="Re: Thread begins",
        in_reply_to=root,
        references=[root],
    )
    carry(account)
    (mail,) = delivered(server, "Re: Thread begins")
    assert f"In-Reply-To: <{root}>".encode() in mail
    assert f"References: <{root}>".encode() in mail


REFUSALS = [
    ("nobody@buyers.test", "refused", Kind.RECIPIENT, False),
    ("grey@buyers.test", "queued", Kind.GREYLISTING, False),
    ("full@buyers.test", "queued", Kind.MAILBOX_FULL, False),
    ("limit@buyers.test", "queued", Kind.QUOTA, True),
    ("policy@buyers.test", "queued", Kind.POLICY, True),
]


@pytest.mark.parametrize(
    ("address", "ends", "kind", "stands_still"), REFUSALS, ids=[row[0] for row in REFUSALS]
)
def test_each_no_of_a_real_server_is_understood(account, address, ends, kind, stands_still):
    (number,) = make_messages(account, clock.now(), [address])
    carry(account)
    assert (Message.objects.get(id=number).status, Attempt.objects.get().kind) == (ends, kind)
    assert (MailAccount.objects.get().trouble_until is not None) == stands_still


def test_after_a_no_the_same_connection_sends_the_next(account, server):
    make_messages(
        account,
        clock.now(),
        ["nobody@buyers.test", "grey@buyers.test", "ben@buyers.test"],
        subject="Among refusals",
    )
    tally = carry(account)
    assert (tally.sent, tally.refused, tally.later) == (1, 1, 1)
    assert len(delivered(server, "Among refusals")) == 1


def test_an_international_mail_arrives(account, server):
    make_messages(
        account, clock.now(), ["ben@buyers.test"], subject="Grüße aus Köln", body="Schöne Grüße 🙂\n" * 40
    )
    assert carry(account).sent == 1
    until(lambda: any(b"=?utf-8?b?" in mail for mail in inbox(server, "ben@buyers.test", "x")))


def test_a_doubt_is_settled_by_the_copy_in_the_sent_folder(account, server):
    numbers = make_messages(account, clock.now(), ["ben@buyers.test", "ben@buyers.test"], subject="In doubt")
    Message.objects.filter(id__in=numbers).update(
        status="unsure", claimed_by="dead", begun_at=clock.now(), message_id=None
    )
    for number in numbers:
        Message.objects.filter(id=number).update(message_id=f"doubt{number}@panout.test")
    box = Mailbox(queries.servers(account.pk).imap)
    box.append("Sent", f"Message-ID: <doubt{numbers[0]}@panout.test>\r\n\r\nx\r\n".encode(), clock.now())
    box.close()
    assert settle_doubts(clock.now()) == (1, 1)
    assert [Message.objects.get(id=number).status for number in numbers] == ["sent", "unsure"]


def test_the_way_out_works_by_post_and_by_mail(account, server):
    make_messages(account, clock.now(), ["ben@buyers.test"], subject="Way out by post")
    carry(account)
    (mail,) = delivered(server, "Way out by post")
    unfolded = re.sub(rb"\r\n ", b"", mail)
    token = re.search(rb"<http[^>]*/u/([\w-]+)>", unfolded)[1].decode()
    subject = (
        re.search(rb"<mailto:olga@panout\.test\?subject=([^>]+)>", unfolded)[1].decode().replace("%20", " ")
    )
    assert token_in_subject(subject) == token
    assert upkeep.record_unsubscribe(token, "mail", clock.now()) == "ben@buyers.test"
    make_messages(account, clock.now(), ["ben@buyers.test"], subject="Never written")
    assert carry(account).sent == 0
    with pytest.raises(NotFound):
        upkeep.record_unsubscribe(token[:-2] + "AA", "post", clock.now())


def test_a_working_account_says_so_with_its_folder(account):
    report = try_stored_account(account.pk, clock.now())
    assert report.ok
    assert "sent mail is in Sent" in report.incoming.note


WRONG = [
    ({"password": "wrong"}, Stage.AUTH, "refuses the sign-in"),
    ({"smtp_host": "nowhere.invalid", "imap_host": ""}, Stage.RESOLVE, "cannot be found"),
    ({"smtp_port": 9, "imap_host": ""}, Stage.CONNECT, "cannot be reached"),
    ({"authority": ""}, Stage.TLS, "certificate is not valid"),
    ({"smtp_security": "tls", "imap_host": ""}, Stage.TLS, "cannot be secured"),
]


@pytest.mark.parametrize(("changed", "stage", "words"), WRONG, ids=[str(row[1]) for row in WRONG])
def test_what_is_wrong_is_told_with_its_stage_and_cause(account, owner, server, changed, stage, words):
    change_account(owner, account.pk, wish(server, **changed), clock.now())
    report = try_stored_account(account.pk, clock.now())
    assert not report.ok
    assert report.outgoing.failure.stage is stage
    assert words in report.outgoing.failure.what
    card = queries.account(account.pk, clock.now())
    assert card.trouble_stage == stage
    assert card.trouble_mend
    # Mended, it works at once, and forgets its trouble.
    change_account(owner, account.pk, wish(server), clock.now())
    assert try_stored_account(account.pk, clock.now()).ok
    assert queries.account(account.pk, clock.now()).trouble == ""


def test_the_command_says_what_works_and_at_which_stage_it_stops(account, owner, server, monkeypatch):
    monkeypatch.setattr(database, "up", contextlib.nullcontext)  # the tests have theirs up already

    def asked(*words):
        done = CliRunner().invoke(app, ["mail", "test", *words])
        return done.exit_code, done.stdout

    code, said = asked(account.sender.email)
    assert code == 0
    assert said.count("works") == 2
    assert "sent mail is in Sent" in " ".join(said.split())
    change_account(owner, account.pk, wish(server, password="wrong"), clock.now())
    code, said = asked(str(account.pk), "--json")
    told = json.loads(said)
    assert (code, told["ok"], told["outgoing"]["stage"]) == (1, False, Stage.AUTH.value)
    assert "refuses the sign-in" in told["outgoing"]["what"]
    assert told["outgoing"]["mend"]
    assert "wrong" not in said
    code, said = asked(str(account.pk))
    assert code == 1
    assert "stops" in said
    assert "mend" in said


def test_a_certificate_that_changed_stops_the_mail_before_the_password_is_said(
    account, owner, server, tmp_path
):
    other, _key = certificate(tmp_path)
    change_account(owner, account.pk, wish(server, authority=str(other)), clock.now())
    (number,) = make_messages(account, clock.now(), ["ben@buyers.test"])
    tally = carry(account)
    assert tally.stopped_by.stage is Stage.TLS
    assert Message.objects.get(id=number).status == "queued"


def test_servers_can_be_tried_before_they_are_stored(server):
    typed = Server(
        "127.0.0.1", server.smtp, Security.STARTTLS, "olga@panout.test", "no", authority=str(server.cert)
    )
    report = report_on(typed, None)
    assert (report.ok, report.outgoing.failure.kind) == (False, Kind.AUTHENTICATION)
    assert isinstance(Connection(typed), Connection)
