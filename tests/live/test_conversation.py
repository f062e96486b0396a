"""A whole conversation over Postfix and Dovecot: each message is read once and acted on once."""

import re
import smtplib
import ssl
import threading
import time
from collections import Counter
from datetime import timedelta
from email.message import EmailMessage
from email.utils import format_datetime, make_msgid
from urllib.parse import unquote
from urllib.request import Request, urlopen

import pytest
from django.db import connections

from panout.cadence import actions as cadence
from panout.cadence.models import Enrolment
from panout.cadence.rules.plan import Step
from panout.clients.imap import Mailbox
from panout.clients.smtp import Security, Server
from panout.consent.models import Suppression
from panout.flow import clock
from panout.flow.answers import look_for_answers
from panout.flow.listening import Listeners
from panout.kernel.channels import TouchKind
from panout.mailbox.models import Bounce, Cursor, DmarcReport, Inbound, MailAccount, SendingDomain
from panout.mailbox.rules.ways_out import answer_address
from panout.outreach import actions as outreach
from panout.outreach.models import Message
from panout.replies.models import Deed, Reading
from tests.live.cutting import wire
from tests.live.servers import mail_server, until
from tests.live.test_real_servers import carry, delivered, wish
from tests.mailbox.test_dmarc_reports import PLAIN
from tests.mailbox.test_dmarc_reports import mail as report_mail
from tests.mailbox.world import make_account, make_messages

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("mail-servers")]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with mail_server(tmp_path_factory.mktemp("talk")) as running:
        yield running


@pytest.fixture
def account(owner, server):
    made = make_account(owner, clock.now(), wish=wish(server))
    empty(server)
    return made


def mailbox(server, user="olga@panout.test", word="gold1849"):
    return Mailbox(Server("127.0.0.1", server.imap, Security.TLS, user, word, authority=str(server.cert)))


def empty(server):
    box = mailbox(server)
    for folder in ("INBOX", "Junk"):
        box.raw.select(folder)
        box.raw.uid("STORE", "1:*", "+FLAGS", "\\Deleted")
        box.raw.expunge()
    box.close()


def write(
    server, text, *, sender="ben@buyers.test", to="olga@panout.test", as_whom="ben@buyers.test", **headers
):
    """Somebody writes to us through the real servers, signed in as themselves."""
    made = EmailMessage()
    made["From"], made["To"] = sender, to
    made["Message-ID"], made["Date"] = make_msgid(domain="buyers.test"), format_datetime(clock.now())
    for name, value in {"subject": "Re: Three new roles in Leeds", **headers}.items():
        made[name.replace("_", "-").title()] = value
    made.set_content(text)
    hand_in(server, made, to, as_whom)
    return made["Message-ID"]


def hand_in(server, made, to, as_whom="ben@buyers.test"):
    trusted = ssl.create_default_context(cafile=str(server.cert))
    with smtplib.SMTP("127.0.0.1", server.smtp) as line:
        line.starttls(context=trusted)
        line.login(as_whom, server.users[as_whom])
        line.send_message(made, as_whom, [to])


def come_in(server, many):
    """Wait until so many lie in the inbox."""

    def there():
        box = mailbox(server)
        try:
            return len(box.numbers_after("INBOX", 0).uids) >= many
        finally:
            box.close()

    until(there)


def written_to(owner, account, *addresses, **columns):
    """A cold mail to each, sent for real, from a running cadence; the messages by address."""
    now = clock.now()
    outreach.save_template(owner, "hello", "hello", TouchKind.EMAIL, "Hi", "Hi {{ first_name }}", now)
    steps = (Step("one", TouchKind.EMAIL, 0, "hello"), Step("two", TouchKind.EMAIL, 3, "hello"))
    numbers = make_messages(account, now, addresses, **columns)
    made = cadence.create(owner, f"C{numbers[0]}", steps, now)
    people = list(Message.objects.filter(id__in=numbers).values_list("contact_id", flat=True))
    cadence.enrol(owner, people, made, account.sender_id, now)
    carry(account)
    return {row.to_email: row for row in Message.objects.filter(id__in=numbers)}


def state(message):
    return Enrolment.objects.get(contact=message.contact_id)


def look():
    return look_for_answers(clock.now())


def test_each_message_of_a_whole_conversation_is_read_once_and_acted_on_once(owner, account, server):
    MailAccount.objects.update(plus_address=True)
    sent = written_to(
        owner, account, "ben@buyers.test", "away@buyers.test", "gone@buyers.test", subject="The whole talk"
    )
    ben, away, gone = (sent[f"{who}@buyers.test"] for who in ("ben", "away", "gone"))
    assert {row.status for row in sent.values()} == {"sent"}
    # Postfix took all three; the third it could not deliver, and its own bounce is on its way.
    (mail,) = delivered(server, "The whole talk")
    answer_to = re.search(rb"^Reply-To: <?(olga\+[a-z2-7]+@panout\.test)>?\r?$", mail, re.MULTILINE)[
        1
    ].decode()
    root = f"<{ben.message_id}>"
    write(
        server,
        "Thanks for writing. What does it cost for a team of forty?",
        in_reply_to=root,
        references=root,
    )
    write(
        server, "I am out of the office until 2 December 2099.", sender="away@buyers.test",
        as_whom="away@buyers.test", in_reply_to=f"<{away.message_id}>", auto_submitted="auto-replied",
        subject="Automatic reply: The whole talk",
    )  # fmt: skip
    # Forwarded to a colleague, who answers from an address that we have never seen, without any thread.
    write(server, "Ben passed this on to me. Please call me next week.", sender="carol@elsewhere.test",
          to=answer_to, subject="Your mail to Ben")  # fmt: skip
    write(server, "Buy our lists! Unsubscribe ben@buyers.test!", sender="eve@evil.test", subject="Offer")
    come_in(server, 5)
    new, understood = look()
    assert (new, understood) == (5, 5)
    assert look() == (0, 0)

    by_writer = {row.from_email: row for row in Reading.objects.all()}
    assert (by_writer["ben@buyers.test"].matched_by, by_writer["ben@buyers.test"].kind) == (
        "reference",
        "human",
    )
    assert by_writer["away@buyers.test"].intent == "out_of_office"
    carol = by_writer["carol@elsewhere.test"]
    assert (carol.matched_by, carol.contact_id) == ("plus_address", ben.contact_id)
    assert by_writer["eve@evil.test"].matched_by == ""
    bounce = Reading.objects.get(kind="bounce")
    assert (bounce.ours_id, Bounce.objects.get().hardness) == (gone.pk, "hard")
    assert Bounce.objects.get().status.startswith("5.1.1")
    assert set(Suppression.objects.values_list("value", flat=True)) == {"gone@buyers.test"}
    assert state(ben).stopped_at is not None
    assert state(gone).stop_reason == "bounced"
    assert state(away).stopped_at is None
    assert state(away).next_look_at > clock.now() + timedelta(days=365)
    deeds = Counter(Deed.objects.values_list("reading__from_email", "act"))
    assert deeds["ben@buyers.test", "stop"] == deeds["ben@buyers.test", "alert"] == 1
    assert set(deeds.values()) == {1}

    # The same mail in another folder, and under new numbers: nothing is read again.
    box = mailbox(server)
    box.raw.select("INBOX")
    box.raw.copy("1:2", "Junk")
    box.close()
    renumber(server)
    assert look()[0] == 0
    assert Cursor.objects.get(folder="INBOX").uidvalidity == 4242
    assert Reading.objects.count() == 5
    assert Counter(Deed.objects.values_list("reading__from_email", "act")) == deeds


def renumber(server):
    """A new UIDVALIDITY, as after a mailbox was moved or mended."""
    home = server.folder / "dovecot/mail/olga@panout.test/Maildir"
    box = mailbox(server)
    box.raw.logout()
    numbers = home / "dovecot-uidlist"
    numbers.write_text(re.sub(r"V\d+", "V4242", numbers.read_text(), count=1))
    for index in home.glob("dovecot.index*"):
        index.unlink()


def test_a_line_that_breaks_while_fetching_loses_nothing_and_doubles_nothing(owner, account, server):
    message = written_to(owner, account, "ben@buyers.test")["ben@buyers.test"]
    filler = "A longer talk about many things.\n" * 400
    for part in range(6):
        write(server, f"Part {part}. {filler}", in_reply_to=f"<{message.message_id}>")
    come_in(server, 6)
    with wire(server.imap) as line:
        MailAccount.objects.update(imap_port=line.port)
        for after in (12_000, 30_000, 45_000):
            line.after = after
            look()
        assert line.cuts == 3
        assert Inbound.objects.count() < 6
        assert Cursor.objects.get(folder="INBOX").trouble
        line.after = None
        look()
    assert Inbound.objects.count() == Reading.objects.count() == 6
    assert Deed.objects.filter(act="stop").count() == 1
    assert Cursor.objects.get(folder="INBOX").trouble == ""


def test_the_way_out_by_a_mail_of_the_readers_own_program(owner, account, server):
    message = written_to(owner, account, "ben@buyers.test", subject="Out by mail")["ben@buyers.test"]
    (mail,) = delivered(server, "Out by mail")
    link = re.search(rb"<mailto:([^?>]+)\?subject=([^>]+)>", re.sub(rb"\r\n ", b"", mail))
    write(server, "", to=link[1].decode(), subject=unquote(link[2].decode()))
    come_in(server, 1)
    look()
    assert [(one.kind, one.value) for one in Suppression.objects.all()] == [("email", "ben@buyers.test")]
    assert [deed.act for deed in Deed.objects.all()].count("suppress") == 1
    make_messages(account, clock.now(), ["ben@buyers.test"])
    assert carry(account).sent == 0
    assert message.to_email == "ben@buyers.test"


def test_the_way_out_by_one_click_as_mail_providers_press_it(owner, account, server, live_server, settings):
    settings.URL = live_server.url
    written_to(owner, account, "ben@buyers.test", subject="Out by one click")
    (mail,) = delivered(server, "Out by one click")
    unfolded = re.sub(rb"\r\n ", b"", mail)
    address = re.search(rb"List-Unsubscribe: <(http[^>]+)>", unfolded)[1].decode()
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in unfolded
    # A scanner looks at the link, and nothing happens.
    with urlopen(address) as page:  # noqa: S310  our own server
        assert b"Take me off the list" in page.read()
    assert not Suppression.objects.exists()
    # RFC 8058 3.1: a POST of exactly this, with no cookie and no page seen before; and again, by a retry.
    for _ in range(2):
        press = Request(address, b"List-Unsubscribe=One-Click", method="POST")  # noqa: S310
        press.add_header("Content-Type", "application/x-www-form-urlencoded")
        with urlopen(press) as answer:  # noqa: S310
            assert (answer.status, answer.url) == (200, address)
            assert "Set-Cookie" not in answer.headers
    assert Suppression.objects.get().value == "ben@buyers.test"


def test_a_report_of_a_receiver_is_filed_and_is_nobodys_answer(account, server):
    SendingDomain.objects.create(name="panout.test")
    report = report_mail(PLAIN, "google.com!panout.test!1795305600!1795391999.xml", "xml")
    report = re.sub(rb"(?m)^To:.*$", b"To: olga@panout.test", report)
    trusted = ssl.create_default_context(cafile=str(server.cert))
    with smtplib.SMTP("127.0.0.1", server.smtp) as line:
        line.starttls(context=trusted)
        line.login("ben@buyers.test", "x")
        line.sendmail("ben@buyers.test", ["olga@panout.test"], report)
    come_in(server, 1)
    assert look() == (1, 1)
    assert (DmarcReport.objects.get().passed, Reading.objects.count()) == (40, 0)


@pytest.fixture
def listeners():
    made = Listeners("test", clock.now)
    yield made
    made.stop()
    connections.close_all()


def test_an_answer_is_acted_on_within_seconds_because_the_server_tells(owner, account, server, listeners):
    message = written_to(owner, account, "ben@buyers.test")["ben@buyers.test"]
    listeners.start()
    until(lambda: Cursor.objects.filter(folder="INBOX", synced_at__isnull=False).exists())
    assert MailAccount.objects.get().listener == "test"
    time.sleep(0.5)  # it waits now
    write(server, "Please take me off your list.", in_reply_to=f"<{message.message_id}>")
    # Nothing here asks every minute: only the server's word can bring it.
    until(lambda: Suppression.objects.filter(value="ben@buyers.test").exists())
    assert Reading.objects.count() == 1


def test_a_listener_whose_line_breaks_comes_back_and_somebody_asks_meanwhile(
    owner, account, server, listeners
):
    message = written_to(owner, account, "ben@buyers.test")["ben@buyers.test"]
    with wire(server.imap) as line:
        MailAccount.objects.update(imap_port=line.port)
        listeners.start()
        until(lambda: Cursor.objects.filter(folder="INBOX", synced_at__isnull=False).exists())
        time.sleep(0.5)
        line.cut()
        until(lambda: MailAccount.objects.get().listener == "")
        assert Cursor.objects.get(folder="INBOX").folder == "INBOX"
        write(server, "Please take me off your list.", in_reply_to=f"<{message.message_id}>")
        until(lambda: Suppression.objects.exists(), 20)
        until(lambda: MailAccount.objects.get().listener == "test")
    assert Reading.objects.count() == 1


def test_one_listener_for_each_mailbox_and_no_more_than_allowed(account, server):
    few = Listeners("few", clock.now, most=0)
    few.start()
    other = Listeners("other", clock.now)
    other.start()
    try:
        until(lambda: MailAccount.objects.get().listener == "other")
        assert threading.active_count() < 20
    finally:
        few.stop()
        other.stop()
        connections.close_all()
    assert MailAccount.objects.get().listener == ""


def test_an_answer_address_is_a_working_address(owner, account, server):
    address = answer_address("olga@panout.test", 7, b"k")
    write(server, "to the long address", to=address)
    come_in(server, 1)
