"""Claim, mark, hand over, record: on real PostgreSQL, with a fake mail server."""

import asyncio
import random
import threading
from collections import Counter
from datetime import timedelta
from email import message_from_bytes
from email.policy import default

import pytest
from django.db import connection, connections, transaction
from tests.mailbox.world import make_account, make_messages

from panout.clients.imap import FakeImap
from panout.clients.smtp import FakeSmtp, LineLost, Said
from panout.consent.actions import suppress
from panout.consent.models import Suppression
from panout.consent.rules.suppression import Kind, Reason
from panout.flow.sending import carry_account
from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.kernel.stages import Stage
from panout.mailbox import queries
from panout.mailbox.actions import accounts, sending, upkeep
from panout.mailbox.actions.accounts import Wish
from panout.mailbox.models import Attempt, Bounce, MailAccount, SendingDomain
from panout.mailbox.rules.ways_out import token_for
from panout.outreach import outbox
from panout.outreach.models import Message, MessageStatus, Sender, Touch
from panout.resolve.models import Account, Contact
from panout.team.rules import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def account(owner, noon):
    return make_account(owner, noon)


def carry(account, noon, door=None, **how):
    door = door or FakeSmtp()
    tally = carry_account(account.pk, lambda: noon, random.Random(1), connect=lambda _server: door, **how)
    return door, tally


def status(number):
    return Message.objects.get(id=number).status


def elsewhere(number):
    """The status as another connection sees it: committed or not at all."""
    try:
        return status(number)
    finally:
        connections.close_all()


def test_each_due_message_leaves_once_and_is_recorded(account, noon):
    numbers = make_messages(account, noon, [f"p{n}@acme{n}.test" for n in range(25)])
    door, tally = carry(account, noon, width=4, batch=10)
    assert tally.sent == 25
    assert Counter(envelope.recipient for envelope, _ in door.taken).most_common(1)[0][1] == 1
    assert set(Message.objects.filter(id__in=numbers).values_list("status", flat=True)) == {"sent"}
    assert Attempt.objects.filter(result="sent").count() == 25
    assert Touch.objects.filter(channel="email").count() == 25
    assert carry(account, noon)[1].sent == 0


def test_the_message_id_on_record_is_the_one_that_left(account, noon):
    (number,) = make_messages(account, noon, ["ben@acme.test"])
    door, _ = carry(account, noon)
    kept = Message.objects.get(id=number).message_id
    assert f"Message-ID: <{kept}>".encode() in door.taken[0][1]
    assert kept.endswith("@panout.test")


def test_a_message_is_marked_before_a_byte_leaves(account, noon):
    (number,) = make_messages(account, noon, ["ben@acme.test"])
    seen = []

    class Looking(FakeSmtp):
        async def send(self, envelope, mail, before):
            seen.append(await asyncio.to_thread(elsewhere, number))
            assert await before()
            seen.append(await asyncio.to_thread(elsewhere, number))
            return await super().send(envelope, mail, lambda: asyncio.sleep(0, True))

    carry(account, noon, Looking())
    assert seen == ["claimed", "sending"]


def test_a_cold_mail_carries_its_way_out_and_an_answer_does_not(account, noon):
    make_messages(account, noon, ["ben@acme.test"])
    make_messages(account, noon, ["eve@acme.test"], cold=False)
    door, _ = carry(account, noon)
    mails = {envelope.recipient: mail for envelope, mail in door.taken}
    assert b"List-Unsubscribe-Post: List-Unsubscribe=One-Click" in mails["ben@acme.test"]
    assert b"List-Unsubscribe" not in mails["eve@acme.test"]


def test_a_cold_mail_says_in_its_text_who_writes_from_where_and_how_to_hear_no_more(account, noon, settings):
    settings.URL = "https://panout.test"
    (number,) = make_messages(account, noon, ["ben@acme.test"])
    make_messages(account, noon, ["eve@acme.test"], cold=False)
    door, _ = carry(account, noon)
    read = {envelope.recipient: message_from_bytes(mail, policy=default) for envelope, mail in door.taken}
    text = read["ben@acme.test"].get_content().replace("\r\n", "\n")
    way = f"https://panout.test/u/{token_for(number, queries.way_key())}"
    assert text == (
        "Hello,\n\nshort and to the point.\n\n-- \nPanout, 1 Gold Street, Leeds\n"
        f"No more mail from us: {way}\nAsk, and we say where we have your address from.\n"
    )
    assert way in read["ben@acme.test"]["List-Unsubscribe"]
    assert "Gold Street" not in read["eve@acme.test"].get_content()


FATES = [
    (Said(Stage.RECIPIENT, 550, "5.1.1 no such user"), "refused", "recipient", True, False),
    (Said(Stage.RECIPIENT, 450, "4.2.0 greylisted, try again"), "queued", "greylisting", False, False),
    (Said(Stage.RECIPIENT, 452, "4.2.2 mailbox full"), "queued", "mailbox_full", False, False),
    (Said(Stage.AFTER, 550, "5.7.26 unauthenticated"), "queued", "authentication", False, True),
    (Said(Stage.SENDER, 550, "5.4.5 Daily user sending limit exceeded"), "queued", "quota", False, True),
    (Said(Stage.AUTH, 535, "5.7.8 bad password"), "queued", "authentication", False, True),
    (LineLost(Stage.CONTENT, "reset"), "queued", "line", False, True),
    (LineLost(Stage.AFTER, "timed out"), "unsure", "line", False, False),
]


@pytest.mark.parametrize(
    ("trouble", "ends", "kind", "suppressed", "paused"), FATES, ids=[str(f[0]) for f in FATES]
)
def test_each_failure_ends_where_it_should(account, noon, trouble, ends, kind, suppressed, paused):
    (number,) = make_messages(account, noon, ["ben@acme.test"])
    carry(account, noon, FakeSmtp({"ben@acme.test": [trouble]}))
    message = Message.objects.get(id=number)
    assert message.status == ends
    assert message.reason
    assert Attempt.objects.get().kind == kind
    assert Suppression.objects.filter(value="ben@acme.test").exists() == suppressed
    account.refresh_from_db()
    assert bool(account.trouble_until) == paused
    if ends == "queued":
        assert message.not_before > noon


def test_a_server_that_stops_keeps_the_rest_for_later(account, noon):
    numbers = make_messages(account, noon, [f"p{n}@acme.test" for n in range(30)])
    quota = Said(Stage.SENDER, 550, "5.4.5 Daily user sending limit exceeded")
    door, tally = carry(account, noon, FakeSmtp({"p5@acme.test": [quota]}))
    assert tally.stopped_by is not None
    assert len(door.taken) < 30
    left = Message.objects.filter(id__in=numbers).exclude(status="sent")
    assert set(left.values_list("status", flat=True)) == {"queued"}
    assert len(door.taken) + left.count() == 30
    assert queries.due_accounts(noon) == ()
    assert queries.due_accounts(noon + timedelta(days=2)) == (account.pk,)


def test_what_keeps_failing_is_given_up_with_its_reason(account, noon):
    (number,) = make_messages(account, noon, ["ben@acme.test"])
    grey = [Said(Stage.RECIPIENT, 450, "4.2.0 greylisted") for _ in range(20)]
    door = FakeSmtp({"ben@acme.test": grey})
    for day in range(12):
        carry(account, noon + timedelta(days=day), door)
    message = Message.objects.get(id=number)
    assert (message.status, message.tries) == ("refused", 8)
    assert "Given up after 8 tries" in message.reason


def test_a_wish_that_came_after_queueing_still_counts(account, noon):
    first, _other = make_messages(account, noon, ["ben@acme.test", "eve@other.test"])
    upkeep.record_unsubscribe(token_for(first, queries.way_key()), "one-click", noon)
    make_messages(account, noon, ["Ben@acme.test"])
    door, _ = carry(account, noon)
    assert [envelope.recipient for envelope, _ in door.taken] == ["eve@other.test"]
    assert status(first) == "cancelled"
    assert Message.objects.latest("id").reason.startswith("Suppressed:")


def test_the_last_look_knows_the_reader_by_every_name_and_what_their_record_says(account, noon):
    make_messages(account, noon, ["ada@group.test", "ben@other.test", "eve@third.test"])
    ada, ben, _eve = Contact.objects.order_by("id")
    acme = Account.objects.create(
        company_name="Acme", domain="acme.test", key="acme", created_at=noon, changed_at=noon
    )
    Contact.objects.filter(id=ada.pk).update(account=acme)
    Contact.objects.filter(id=ben.pk).update(opted_out=True)
    suppress(SYSTEM, Kind.DOMAIN, "acme.test", Reason.COMPETITOR, "a list", noon)
    door, _ = carry(account, noon)
    assert [envelope.recipient for envelope, _ in door.taken] == ["eve@third.test"]


def test_a_message_that_cannot_be_a_mail_is_refused_with_its_reason(account, noon):
    (number,) = make_messages(account, noon, ["not-an-address"])
    door, _ = carry(account, noon)
    assert door.taken == []
    assert "is not an address" in Message.objects.get(id=number).reason


def test_the_cap_and_the_ramp_hold_over_days(owner, noon):
    account = make_account(owner, noon, ramp_start=10, ramp_step=5, ceiling=22)
    make_messages(account, noon, [f"p{n}@acme{n}.test" for n in range(100)])
    sent = [carry(account, noon + timedelta(days=day))[1].sent for day in range(5)]
    assert sent == [10, 15, 20, 22, 22]
    (hold,) = queries.account(account.pk, noon + timedelta(days=4)).holds
    assert hold == "22 of 22 cold mails sent today"


def test_an_answer_leaves_even_when_the_day_is_used_up_or_paused(owner, noon):
    account = make_account(owner, noon, ramp_start=0, ceiling=0)
    accounts.pause(owner, account.pk, "looking into bounces", noon)
    make_messages(account, noon, ["ben@acme.test"])
    make_messages(account, noon, ["eve@acme.test"], cold=False)
    door, _ = carry(account, noon)
    assert [envelope.recipient for envelope, _ in door.taken] == ["eve@acme.test"]


def test_the_gap_lets_one_leave_at_a_time(owner, noon):
    account = make_account(owner, noon, gap_least=90, gap_most=420)
    make_messages(account, noon, [f"p{n}@acme{n}.test" for n in range(10)])
    assert carry(account, noon)[1].sent == 1
    assert carry(account, noon + timedelta(seconds=60))[1].sent == 0
    assert carry(account, noon + timedelta(seconds=421))[1].sent == 1


def test_one_domain_is_not_flooded_and_does_not_block_others(owner, noon):
    account = make_account(owner, noon, per_domain=3)
    make_messages(account, noon, [f"p{n}@big.test" for n in range(10)] + ["x@small.test"])
    door, _ = carry(account, noon)
    assert Counter(e.recipient.rpartition("@")[2] for e, _ in door.taken) == {"big.test": 3, "small.test": 1}


def test_a_message_can_be_undone_until_it_is_begun(account, noon, owner):
    (number,) = make_messages(account, noon, ["ben@acme.test"], created_at=noon)
    assert carry(account, noon + timedelta(seconds=29))[1].sent == 0
    outbox.cancel(owner, number, "changed my mind", noon)
    assert carry(account, noon + timedelta(minutes=1))[1].sent == 0
    (other,) = make_messages(account, noon, ["eve@acme.test"])
    carry(account, noon)
    with pytest.raises(Conflict):
        outbox.cancel(owner, other, "too late", noon)


def test_a_claim_whose_worker_died_is_given_back_and_the_late_worker_finds_it_gone(account, noon):
    (number,) = make_messages(account, noon, ["ben@acme.test"])
    (claimed,) = sending.claim_due(account.pk, "dead", 10, noon, random.Random(1))
    later = noon + timedelta(minutes=16)
    assert sending.look_after(later) == (1, 0)
    door, _ = carry(account, later)
    assert len(door.taken) == 1
    assert outbox.begin([number], "dead", later) == frozenset()
    assert outbox.finish("dead", [sending.outcome_of(sending.Untouched(number))]) == {}
    assert f"<{claimed.message_id}>".encode() in door.taken[0][1]


def test_looking_for_dead_claims_waits_for_nobody_who_is_writing(account, noon):
    # Waiting for rows in an order of its own, it and a sender that commits would lock each other out.
    held, free = make_messages(account, noon, ["ben@acme.test", "eve@other.test"])
    sending.claim_due(account.pk, "slow", 10, noon, random.Random(1))
    writing, may_end = threading.Event(), threading.Event()

    def write():
        try:
            with transaction.atomic():
                Message.objects.filter(id=held).update(tries=2)
                writing.set()
                may_end.wait(20)
        finally:
            connections.close_all()

    other = threading.Thread(target=write)
    other.start()
    try:
        assert writing.wait(10)
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = '3s'")
        assert sending.look_after(noon + timedelta(minutes=16)) == (1, 0)
    finally:
        may_end.set()
        other.join(10)
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")
    assert (status(held), status(free)) == ("claimed", "queued")


def test_what_was_begun_and_never_finished_is_unsure_and_stays_so(account, noon):
    (number,) = make_messages(account, noon, ["ben@acme.test"])
    sending.claim_due(account.pk, "dead", 10, noon, random.Random(1))
    outbox.begin([number], "dead", noon)
    later = noon + timedelta(minutes=16)
    assert sending.look_after(later) == (0, 1)
    assert carry(account, later)[0].taken == []
    assert status(number) == "unsure"


@pytest.mark.parametrize("kept", [True, False])
def test_the_sent_folder_settles_a_doubt_only_by_having_the_mail(account, noon, kept):
    (number,) = make_messages(account, noon, ["ben@acme.test"])
    carry(account, noon, FakeSmtp({"ben@acme.test": [LineLost(Stage.AFTER, "silence")]}))
    imap = FakeImap()
    if kept:
        imap.held["Sent"].append((Message.objects.get(id=number).message_id, b""))
    assert sending.settle_from_sent(account.pk, imap, noon) == ((1, 0) if kept else (0, 1))
    assert status(number) == ("sent" if kept else "unsure")
    assert Touch.objects.count() == (1 if kept else 0)


def test_a_person_settles_a_doubt_and_the_mail_goes_again_with_its_own_id(account, noon, owner):
    (number,) = make_messages(account, noon, ["ben@acme.test"])
    carry(account, noon, FakeSmtp({"ben@acme.test": [LineLost(Stage.AFTER, "silence")]}))
    before = Message.objects.get(id=number).message_id
    outbox.settle(number, was_sent=False, by=owner, how="Ben says nothing came", now=noon)
    door, _ = carry(account, noon + timedelta(minutes=1))
    assert f"<{before}>".encode() in door.taken[0][1]
    with pytest.raises(Conflict):
        outbox.settle(number, was_sent=True, by=owner, how="again", now=noon)


def test_our_copy_is_filed_once(account, noon):
    make_messages(account, noon, ["ben@acme.test", "eve@acme.test"])
    door, _ = carry(account, noon)
    imap = FakeImap()
    assert sending.file_sent(account.pk, imap, noon) == 2
    assert sending.file_sent(account.pk, imap, noon) == 0
    assert {mail for _, mail in imap.held["Sent"]} == {mail for _, mail in door.taken}


def test_bounces_over_the_floor_pause_the_account_and_it_says_why(account, noon, owner):
    make_messages(account, noon, [f"p{n}@a{n}.test" for n in range(60)])
    carry(account, noon)
    for n in range(3):
        upkeep.record_bounce(account.pk, f"p{n}@a{n}.test", "hard", noon + timedelta(hours=1), status="5.1.1")
    later = noon + timedelta(hours=2)
    assert upkeep.apply_pause_rules(later) == (account.pk,)
    (hold,) = queries.account(account.pk, later).holds
    assert hold == "3 of 60 mails bounced in 7 days (5.0%); the limit is 5%"
    accounts.resume(owner, account.pk, later)
    assert upkeep.apply_pause_rules(later) == ()


def test_a_policy_bounce_never_suppresses_the_person(account, noon):
    upkeep.record_bounce(account.pk, "ben@acme.test", "policy", noon)
    upkeep.record_bounce(account.pk, "eve@acme.test", "hard", noon)
    upkeep.record_bounce(account.pk, "ann@acme.test", "complaint", noon)
    assert set(Suppression.objects.values_list("value", flat=True)) == {"eve@acme.test", "ann@acme.test"}
    assert Bounce.objects.count() == 3


def test_failing_authentication_stops_cold_mail_after_three_days_and_not_answers(account, noon):
    SendingDomain.objects.create(name="panout.test", failing_since=noon - timedelta(hours=73))
    make_messages(account, noon, ["ben@acme.test"])
    make_messages(account, noon, ["eve@acme.test"], cold=False)
    door, _ = carry(account, noon)
    assert [envelope.recipient for envelope, _ in door.taken] == ["eve@acme.test"]
    upkeep.publish_room(noon)
    assert Sender.objects.get().domain_trouble.startswith("Authentication has failed for 73 hours")


def test_senders_know_what_their_mailbox_has_left(owner, noon):
    account = make_account(owner, noon, ramp_start=10, ceiling=10)
    make_messages(account, noon, [f"p{n}@a{n}.test" for n in range(4)])
    carry(account, noon)
    upkeep.publish_room(noon)
    assert Sender.objects.get().left_today == 6
    accounts.disconnect_account(owner, account.pk, noon)
    upkeep.publish_room(noon)
    assert Sender.objects.get().left_today is None


def test_unsubscribing_is_idempotent_and_an_invented_link_is_not_ours(account, noon):
    (number,) = make_messages(account, noon, ["ben@acme.test"])
    token = token_for(number, queries.way_key())
    assert queries.unsubscribe_card(token) == "b••@acme.test"
    assert upkeep.record_unsubscribe(token, "one-click", noon) == "ben@acme.test"
    assert upkeep.record_unsubscribe(token, "page", noon) == "ben@acme.test"
    assert Suppression.objects.count() == 1
    with pytest.raises(NotFound):
        upkeep.record_unsubscribe("A" * 27, "one-click", noon)


def test_secrets_are_not_in_the_database_in_clear(account):
    raw = bytes(MailAccount.objects.get(id=account.pk).secrets)
    assert b"secret" not in raw
    assert queries.servers(account.pk).smtp.secret == "secret"
    assert "secret'" not in repr(queries.servers(account.pk))


@pytest.mark.parametrize("door", [{"smtp_host": "smtp.evil.test"}, {"imap_host": "imap.evil.test"}])
def test_a_stored_password_is_said_to_no_other_server(account, noon, owner, door):
    same = {"smtp_host": "127.0.0.1", "smtp_port": 2525, "smtp_security": "none"}
    accounts.change_account(owner, account.pk, Wish(**same), noon)
    with pytest.raises(BadInput, match="not those"):
        accounts.change_account(owner, account.pk, Wish(**same | door), noon)
    accounts.change_account(owner, account.pk, Wish(**same | door, password="new"), noon)


def test_a_password_given_anew_mends_an_account_whose_key_is_lost(account, noon, owner, settings):
    settings.SECRET_KEY = "another " * 8
    wish = {"smtp_host": "127.0.0.1", "smtp_port": 2525, "smtp_security": "none"}
    with pytest.raises(BadInput, match="cannot be opened"):
        accounts.change_account(owner, account.pk, Wish(**wish), noon)
    accounts.change_account(owner, account.pk, Wish(**wish, password="new"), noon)
    assert queries.servers(account.pk).smtp.secret == "new"


def test_an_account_whose_secrets_cannot_be_opened_says_so_and_holds_up_nobody(account, noon):
    make_messages(account, noon, ["ben@acme.test"])
    MailAccount.objects.filter(id=account.pk).update(secrets=b"locked by another key")
    _door, tally = carry(account, noon)
    assert tally.sent == 0
    account.refresh_from_db()
    assert "cannot be opened" in account.trouble
    assert "enter the account's password again" in account.trouble_mend


def test_two_workers_never_take_the_same_message(account, noon):
    make_messages(account, noon, [f"p{n}@a.test" for n in range(20)])
    one = sending.claim_due(account.pk, "one", 12, noon, random.Random(1))
    two = sending.claim_due(account.pk, "two", 12, noon, random.Random(1))
    assert len(one) + len(two) == 20
    assert not {m.id for m in one} & {m.id for m in two}


def test_who_wrote_before_writes_again_and_others_share_by_room(owner, noon):
    one = make_account(owner, noon, email="olga@panout.test", ramp_start=10, ceiling=10)
    two = make_account(owner, noon, email="otto@panout.test", ramp_start=20, ceiling=20)
    (first,) = make_messages(one, noon, ["known@acme.test"], status="sent", sent_at=noon, message_id="a@b")
    known = Message.objects.get(id=first).contact_id
    numbers = make_messages(one, noon, [f"new{n}@acme.test" for n in range(12)], sender_id=None)
    (again,) = make_messages(one, noon, ["known@acme.test"], sender_id=None, contact_id=known)
    assert sending.assign_senders(noon) == 13
    assert Message.objects.get(id=again).sender_id == one.sender_id
    shares = Counter(Message.objects.filter(id__in=numbers).values_list("sender_id", flat=True))
    assert shares[two.sender_id] == 11
    assert shares[one.sender_id] == 1


def test_a_doubt_is_told_to_people(account, noon):
    make_messages(account, noon, ["ben@acme.test"])
    carry(account, noon, FakeSmtp({"ben@acme.test": [LineLost(Stage.AFTER, "silence")]}))
    (card,) = queries.doubtful()
    assert "may have been taken" in card.reason
    assert queries.account(account.pk, noon).unsure == 1
    assert status(card.id) == MessageStatus.UNSURE
    assert SYSTEM.id is None
