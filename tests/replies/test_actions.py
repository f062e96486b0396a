"""An answer is found, understood, acted on once, explained, and can be taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage

import pytest

from panout.cadence import actions as cadence
from panout.cadence.models import Enrolment, Park, State
from panout.cadence.queries import newest_version
from panout.cadence.rules.moves import StopReason
from panout.cadence.rules.plan import Step
from panout.clients.imap import FakeImap
from panout.consent.models import Suppression
from panout.kernel.channels import TouchKind
from panout.kernel.errors import Conflict
from panout.mailbox.actions import receiving
from panout.mailbox.models import Inbound
from panout.outreach import actions as outreach
from panout.outreach.models import Message, MessageStatus, Sender, Task
from panout.replies import actions, queries
from panout.replies.models import Deed, Proposed, Reading
from panout.replies.rules.intents import Intent
from panout.replies.rules.understanding import Kind
from panout.resolve.models import Account, Activity, Contact
from panout.team.rules import SYSTEM

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 11, 24, 10, tzinfo=UTC)


@pytest.fixture
def written_to(owner):
    """Ada, in a cadence, with one mail sent to her."""
    number = outreach.save_sender(
        owner, name="Olga", email="olga@panout.test", company="Panout", postal_address="1 Pan St", now=NOW
    )
    Sender.objects.filter(id=number).update(left_today=9)
    company = Account.objects.create(
        company_name="Gearworks",
        domain="gearworks.example",
        country="FR",
        key="g",
        created_at=NOW,
        changed_at=NOW,
    )
    ada = Contact.objects.create(
        full_name="Ada Test", first_name="Ada", email="ada@gearworks.example", account=company, key="a",
        created_at=NOW, changed_at=NOW,
    )  # fmt: skip
    outreach.save_template(owner, "hello", "hello", TouchKind.EMAIL, "Lineage", "Hi {{ first_name }}", NOW)
    steps = (Step("one", TouchKind.EMAIL, 0, "hello"), Step("two", TouchKind.EMAIL, 3, "hello"))
    cadence.enrol(owner, [ada.pk], cadence.create(owner, "C", steps, NOW), number, NOW)
    cadence.advance_due(NOW)
    Message.objects.update(
        status=MessageStatus.SENT, sent_at=NOW, message_id="first@panout.test", claimed_by="w", claimed_at=NOW
    )
    return ada


def mail(
    text,
    sender="Ada Test <ada@gearworks.example>",
    reply_to="<first@panout.test>",
    subject="Re: Lineage",
    **more,
):
    made = EmailMessage()
    made["From"], made["To"], made["Subject"] = sender, "olga@panout.test", subject
    made["Message-ID"] = more.pop("message_id", "<answer@gearworks.example>")
    made["Date"] = "Tue, 24 Nov 2026 11:00:00 +0000"
    if reply_to:
        made["In-Reply-To"] = reply_to
    for name, value in more.items():
        made[name.replace("_", "-")] = value
    made.set_content(text)
    return made.as_bytes()


def come_in(*mails):
    for one in mails:
        receiving.take_in(one, NOW)
    return actions.read_new(NOW)


def test_an_interested_answer_ends_the_run_and_starts_the_clock(written_to):
    come_in(mail("Yes, this is interesting. Can you tell me more about pricing and send over some times?"))
    reading = Reading.objects.get()
    assert reading.contact == written_to
    assert reading.matched_by == "reference"
    assert reading.meant in {Intent.INTERESTED, Intent.MEETING_REQUEST, Intent.QUESTION}
    assert Enrolment.objects.get().state == State.FINISHED
    assert reading.answer_by is not None
    assert Task.objects.get(origin="reply").deadline == reading.answer_by
    assert Activity.objects.filter(contact=written_to, kind="reply").exists()
    assert [line.id for line in queries.on_the_clock(SYSTEM)] == [reading.pk]


def test_each_message_is_read_once_wherever_and_however_often_it_turns_up(written_to):
    one = mail("Please take me off your list.")
    assert come_in(one) == 1
    assert come_in(one) == 0
    box = FakeImap()
    assert Reading.objects.count() == 1
    assert box.numbers_after("INBOX", 0).uids == ()


def test_a_wish_to_be_left_alone_suppresses_and_stops(written_to):
    come_in(mail("Please unsubscribe me and remove me from your list."))
    assert Suppression.objects.get().value == "ada@gearworks.example"
    assert Enrolment.objects.get().stop_reason == StopReason.OPTED_OUT


def test_several_answers_of_one_person_in_one_look_end_one_run_once(owner, written_to):
    come_in(
        mail("Not now, please ask again next quarter.", message_id="<1@gearworks.example>"),
        mail("Really, not before next year. Try me in January.", message_id="<2@gearworks.example>"),
        mail("Please take me off your list.", message_id="<3@gearworks.example>"),
    )
    run, park = Enrolment.objects.get(), Park.objects.get(woken_at=None)
    assert run.state == State.FINISHED
    assert "next year" in park.why
    deeds = list(Deed.objects.order_by("id").values_list("act", "undo"))
    assert deeds[:3] == [
        ("stop", {"enrolment": run.pk}),
        ("park", {"park": park.pk}),
        ("park", {"park": park.pk}),
    ]
    assert [act for act, _ in deeds[3:]] == ["suppress"]
    assert Message.objects.get(message_id="first@panout.test").pk == Reading.objects.first().ours_id
    assert Activity.objects.filter(contact=written_to, kind="reply").count() == 3


def test_a_forged_answer_from_a_stranger_stops_nobody(written_to):
    come_in(
        mail("Unsubscribe ada@gearworks.example now!", "Eve <eve@evil.example>", reply_to="", subject="stop"),
        mail(
            "Unsubscribe me",
            "Eve <eve@evil.example>",
            reply_to="<guess@panout.test>",
            message_id="<2@evil.example>",
        ),
    )
    assert not Suppression.objects.exists()
    assert Enrolment.objects.get().state == State.ACTIVE
    assert not Deed.objects.exists()


def test_an_answer_without_a_thread_is_known_by_its_writer(written_to):
    come_in(mail("Not interested, thanks.", reply_to="", subject="lineage"))
    assert Reading.objects.get().matched_by == "sender"
    assert Enrolment.objects.get().state == State.FINISHED


def test_a_forward_from_another_address_is_known_by_its_references(written_to):
    come_in(mail("Bob asked me to answer: not interested.", "Bob <bob@home.example>"))
    assert Reading.objects.get().contact == written_to


def test_away_means_later_not_over(written_to):
    come_in(
        mail(
            "I am out of the office until 4 December 2026 and will answer when I am back.",
            Auto_Submitted="auto-replied",
            subject="Automatic reply: Lineage",
        )
    )
    run = Enrolment.objects.get()
    assert run.state == State.PAUSED
    assert run.paused_until.date() >= datetime(2026, 12, 4).date()
    assert Reading.objects.get().kind == Kind.AUTO_REPLY


def test_own_copies_are_never_answers(written_to):
    come_in(mail("Hi Ada", "Olga <olga@panout.test>"))
    assert not Reading.objects.exists()
    assert Inbound.objects.get().read_at == NOW


def test_a_correction_takes_back_what_no_longer_follows(owner, written_to):
    come_in(mail("Please unsubscribe me and remove me from your list."))
    reading = Reading.objects.get()
    actions.correct(owner, reading.pk, Intent.QUESTION, NOW)
    assert Suppression.objects.get().lifted_at is not None
    assert queries.thread(reading.pk).line.intent is Intent.QUESTION
    assert queries.corrections(SYSTEM)[0].was is Intent.UNSUBSCRIBE


def test_an_automatic_end_can_be_taken_back_and_the_run_goes_on(owner, written_to):
    come_in(mail("Not interested, thanks."))
    deed = Deed.objects.get(act="stop")
    actions.undo(owner, deed.pk, NOW)
    assert Enrolment.objects.get().state == State.ACTIVE
    assert not Park.objects.filter(woken_at=None).exists()
    with pytest.raises(Conflict, match="already"):
        actions.undo(owner, deed.pk, NOW)


def test_somebody_named_becomes_a_contact_only_when_a_person_says_so(owner, written_to):
    come_in(
        mail("I am not the right person for this. Please contact Bob Miller, bob.miller@gearworks.example.")
    )
    proposed = Proposed.objects.get()
    assert proposed.email == "bob.miller@gearworks.example"
    assert Contact.objects.count() == 1
    number = actions.accept(owner, proposed.pk, NOW)
    assert Contact.objects.get(id=number).account == written_to.account
    with pytest.raises(Conflict):
        actions.accept(owner, proposed.pk, NOW)


def test_an_answer_from_the_page_lies_under_their_mail(owner, written_to):
    come_in(mail("What does it cost?"))
    number = actions.answer(owner, Reading.objects.get().pk, "Ten a month.", NOW)
    message = Message.objects.get(id=number)
    assert message.in_reply_to == "answer@gearworks.example"
    assert "first@panout.test" in message.references
    assert not message.cold
    assert Reading.objects.get().answered_at == NOW


def test_the_desk_reads_again_without_changing_anything(owner, written_to):
    come_in(mail("Please unsubscribe me."))
    actions.correct(owner, Reading.objects.get().pk, Intent.INTERESTED, NOW)
    before = list(Deed.objects.values())
    [changed] = actions.replay()
    assert (changed.was, changed.now, changed.corrected) == (Intent.INTERESTED, Intent.UNSUBSCRIBE, True)
    assert list(Deed.objects.values()) == before


BOUNCE = b"""From: MAILER-DAEMON@mx.example
To: olga@panout.test
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce@mx.example>
Date: Tue, 24 Nov 2026 11:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

<ada@gearworks.example>: 550 5.1.1 User unknown

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example

Final-Recipient: rfc822; ada@gearworks.example
Action: failed
Status: STATUS
Diagnostic-Code: smtp; CODE

--b
Content-Type: text/rfc822-headers

Message-ID: <ORIGINAL>
To: ada@gearworks.example
Subject: Lineage

--b--
"""


def bounce(status, code, original="first@panout.test"):
    made = BOUNCE.replace(b"STATUS", status).replace(b"CODE", code)
    return made.replace(b"ORIGINAL", original.encode())


def test_a_hard_bounce_suppresses_and_a_soft_one_or_a_policy_refusal_does_not(written_to):
    come_in(
        bounce(b"4.2.2", b"452 4.2.2 Mailbox full").replace(b"550 5.1.1 User unknown", b"452 mailbox full")
    )
    assert not Suppression.objects.exists()
    assert Enrolment.objects.get().state == State.ACTIVE
    hard = bounce(b"5.1.1", b"550 5.1.1 User unknown").replace(b"<bounce@", b"<bounce2@")
    come_in(hard)
    assert Suppression.objects.get().reason == "bounced"
    assert Suppression.objects.get().channel == "email"
    assert Enrolment.objects.get().stop_reason == StopReason.BOUNCED


def test_after_a_hard_bounce_the_cadence_goes_on_by_telephone_and_the_inbox_says_so(owner, written_to):
    steps = (Step("one", TouchKind.EMAIL, 0, "hello"), Step("call", TouchKind.CALL, 3))
    number = cadence.create(owner, "With a call", steps, NOW)
    run = Enrolment.objects.get()
    Enrolment.objects.filter(id=run.pk).update(version=newest_version(number))
    come_in(bounce(b"5.1.1", b"550 5.1.1 User unknown"))
    assert Enrolment.objects.get().state == State.ACTIVE
    assert [one.act for one in Deed.objects.order_by("id")] == ["go_on", "suppress"]
    assert "goes on without mail" in Deed.objects.order_by("id")[0].text


def test_a_forged_bounce_of_a_mail_we_never_sent_changes_nothing(written_to):
    come_in(bounce(b"5.1.1", b"550 5.1.1 User unknown", original="other@elsewhere.example"))
    assert not Suppression.objects.exists()
    assert Enrolment.objects.get().state == State.ACTIVE


def test_soft_bounces_count_as_hard_only_after_several(written_to):
    for number in range(actions.SOFT_LIMIT):
        assert not Suppression.objects.exists()
        one = bounce(b"4.2.2", b"452 4.2.2 Mailbox full").replace(
            b"550 5.1.1 User unknown", b"452 mailbox full"
        )
        come_in(one.replace(b"<bounce@", f"<bounce{number}@".encode()))
    # Without an account behind the sender there is nobody to count for; see tests/live for the whole road.
    assert Enrolment.objects.get().state in {State.ACTIVE, State.FINISHED}


def test_the_inbox_pages_by_key_and_narrows(owner, written_to):
    for number in range(5):
        come_in(mail("Not interested.", message_id=f"<{number}@gearworks.example>"))
    first, then = queries.inbox(SYSTEM, queries.Asked(), limit=3)
    rest, end = queries.inbox(SYSTEM, queries.Asked(), before=then, limit=3)
    assert (len(first), len(rest), end) == (3, 2, None)
    assert queries.tally(SYSTEM)[Intent.NOT_INTERESTED] == 5
    actions.close(owner, first[0].id, NOW)
    assert len(queries.inbox(SYSTEM, queries.Asked())[0]) == 4
    assert timedelta(0) <= NOW - first[0].received_at


# -- fetching


def held(box, *mails):
    for number, one in enumerate(mails):
        box.held["INBOX"].append((str(number), one))


@pytest.fixture
def account(owner, written_to):
    from panout.mailbox.models import MailAccount

    return MailAccount.objects.create(
        sender=Sender.objects.get(), smtp_host="localhost", smtp_port=25, smtp_security="none",
        imap_host="localhost", secrets=b"x", created_at=NOW,
    )  # fmt: skip


def test_a_mailbox_is_read_on_from_where_it_was(account):
    box = FakeImap()
    held(box, mail("One", message_id="<1@x.example>"), mail("Two", message_id="<2@x.example>"))
    assert receiving.fetch_new(account.pk, box, NOW).new == 2
    held(box, mail("Three", message_id="<3@x.example>"))
    assert receiving.fetch_new(account.pk, box, NOW).new == 1
    assert receiving.fetch_new(account.pk, box, NOW).new == 0


def test_a_renumbered_folder_is_read_over_and_nothing_is_acted_on_twice(account):
    box = FakeImap()
    held(box, mail("Not interested."))
    receiving.fetch_new(account.pk, box, NOW)
    actions.read_new(NOW)
    deeds = Deed.objects.count()
    box.uidvalidity = 7
    found = receiving.fetch_new(account.pk, box, NOW)
    actions.read_new(NOW)
    assert (found.new, found.seen_before, found.gaps) == (0, 1, ("INBOX",))
    assert Deed.objects.count() == deeds


def test_a_mailbox_that_is_not_looked_at_is_named(account):
    assert queries.mailboxes(NOW)[0].silent
    receiving.fetch_new(account.pk, FakeImap(), NOW)
    assert not queries.mailboxes(NOW)[0].silent
    assert receiving.silent_accounts(NOW + timedelta(hours=1)) == (account.pk,)
