"""Mail is brought in once: in batches, over new numbering, cut lines, and one message that the server keeps."""

from datetime import timedelta
from email.message import EmailMessage

import pytest
from tests.mailbox.world import make_account

from panout.clients.imap import FakeImap
from panout.clients.smtp import LineLost, Said, Trouble
from panout.kernel.stages import Stage
from panout.mailbox.actions import receiving
from panout.mailbox.models import Cursor, Inbound, MailAccount

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(owner, noon):
    made = make_account(owner, noon)
    MailAccount.objects.filter(id=made.pk).update(imap_host="imap.panout.test")
    return made


def mail(number):
    made = EmailMessage()
    made["From"], made["Subject"] = "ben@acme.test", f"mail {number}"
    made["Message-ID"], made["Date"] = f"<m{number}@acme.test>", "Mon, 23 Nov 2026 09:00:00 +0000"
    made.set_content("Hello")
    return made.as_bytes()


def box(*numbers):
    return FakeImap({"INBOX": [(f"m{number}@acme.test", mail(number)) for number in numbers], "Sent": []})


class Cutting(FakeImap):
    """The line breaks at the n-th batch."""

    def __init__(self, held, good):
        super().__init__(held)
        self.good = good

    def fetch(self, uids, most):
        self.good -= 1
        if self.good < 0:
            raise LineLost(Stage.FOLDER, "reset")
        return super().fetch(uids, most)


class Keeping(FakeImap):
    """The server will not hand out one message, nor any batch that names it."""

    def fetch(self, uids, most):
        if 3 in uids:
            raise Said(Stage.FOLDER, 550, "internal error")
        return super().fetch(uids, most)


def test_what_is_there_comes_in_once(account, noon):
    held = box(*range(60))
    assert receiving.fetch_new(account.pk, held, noon).new == 60
    assert receiving.fetch_new(account.pk, held, noon).new == 0
    held.held["INBOX"].append(("m61@acme.test", mail(61)))
    assert receiving.fetch_new(account.pk, held, noon).new == 1
    assert Inbound.objects.count() == 61


def test_a_line_cut_in_the_middle_loses_nothing_and_doubles_nothing(account, noon):
    held = box(*range(60)).held
    with pytest.raises(Trouble):
        receiving.fetch_new(account.pk, Cutting(held, 1), noon)
    assert Inbound.objects.count() == receiving.BATCH
    assert receiving.fetch_new(account.pk, FakeImap(held), noon).new == 60 - receiving.BATCH
    assert Inbound.objects.count() == 60


def test_one_message_that_the_server_keeps_does_not_hold_up_the_rest(account, noon):
    assert receiving.fetch_new(account.pk, Keeping(box(*range(6)).held), noon).new == 5


def test_new_numbers_for_the_same_folder_are_noticed_and_doubles_are_known(account, noon):
    held = box(1, 2, 3)
    receiving.fetch_new(account.pk, held, noon)
    held.uidvalidity = 2
    held.held["INBOX"] = [("m4@acme.test", mail(4)), *held.held["INBOX"]]
    fetched = receiving.fetch_new(account.pk, held, noon + timedelta(minutes=1))
    assert (fetched.new, fetched.seen_before, fetched.gaps) == (1, 3, ("INBOX",))
    assert Inbound.objects.count() == 4


def test_after_new_numbering_old_mail_is_not_dug_up(account, noon):
    held = box(1)
    receiving.fetch_new(account.pk, held, noon)
    asked = []

    class Dating(FakeImap):
        def numbers_after(self, folder, uid, since=None):
            asked.append(since)
            return super().numbers_after(folder, uid, since)

    receiving.fetch_new(account.pk, Dating(held.held, uidvalidity=2), noon)
    assert asked[1] == (noon - receiving.OVERLAP).date()


def test_a_message_that_moves_is_the_same_message(account, noon):
    held = FakeImap({"INBOX": [("m1@acme.test", mail(1))], "Junk": []})
    receiving.fetch_new(account.pk, held, noon)
    held.held["Junk"] = held.held["INBOX"]
    held.folders = lambda: (*FakeImap.folders(held)[:1], type(FakeImap.folders(held)[0])("Junk", "junk"))
    assert receiving.fetch_new(account.pk, held, noon).new == 0
    assert Inbound.objects.count() == 1


def test_one_worker_waits_at_a_mailbox_and_the_others_ask(account, noon):
    assert receiving.reading_accounts(noon) == (account.pk,)
    assert receiving.unheard_accounts(noon, 5) == (account.pk,)
    assert receiving.begin_listening(account.pk, "one", noon)
    assert not receiving.begin_listening(account.pk, "two", noon)
    assert receiving.begin_listening(account.pk, "one", noon + timedelta(minutes=1))
    # Nobody has read it yet, so its listener's word is not trusted.
    assert receiving.reading_accounts(noon) == (account.pk,)
    Cursor.objects.create(account=account, folder="INBOX", synced_at=noon)
    assert receiving.reading_accounts(noon + timedelta(minutes=2)) == ()
    assert receiving.unheard_accounts(noon + timedelta(minutes=2), 5) == ()
    # A listener that died is replaced when its word lapses.
    late = noon + timedelta(minutes=1) + receiving.LEASE
    assert receiving.reading_accounts(late) == (account.pk,)
    assert receiving.begin_listening(account.pk, "two", late)
    receiving.end_listening(account.pk, "one")
    assert not receiving.begin_listening(account.pk, "one", late)
    receiving.end_listening(account.pk, "two")
    assert receiving.begin_listening(account.pk, "one", late)


def test_a_mailbox_silent_for_ten_minutes_is_read_though_somebody_listens(account, noon):
    Cursor.objects.create(account=account, folder="INBOX", synced_at=noon - timedelta(minutes=11))
    receiving.begin_listening(account.pk, "one", noon)
    assert receiving.reading_accounts(noon) == (account.pk,)
