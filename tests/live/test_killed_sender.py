"""Senders are killed with SIGKILL at random moments; the mail server restarts and misbehaves."""

import pytest

from panout.clients.imap import FakeImap
from panout.flow import clock
from panout.mailbox.actions import sending
from panout.mailbox.models import MailAccount
from panout.outreach.models import Message
from tests.live.killing import rampage


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(200)
def test_each_recipient_gets_the_mail_once_or_the_message_is_in_doubt(owner):
    after = rampage(owner, 400, seed=7, pause=(0.7, 2.5), pace=0.03, killing=14, limit=120)
    assert after.doubles == []
    assert after.lost() == []
    assert after.kills >= 2
    doubtful = [who for who, status in after.statuses.items() if status == "unsure"]
    assert set(after.statuses.values()) <= {"sent", "unsure"}
    # Only what was leaving at that very moment may be in doubt: never a whole batch.
    assert len(doubtful) < 120

    # The provider's Sent folder knows; what it does not know stays in doubt, for a person.
    account = MailAccount.objects.get()
    imap = FakeImap({"Sent": [(message_id, b"") for message_id in after.ids]})
    settled, left = sending.settle_from_sent(account.pk, imap, clock.now())
    assert settled == sum(who in after.counts for who in doubtful)
    assert left == Message.objects.filter(status="unsure").count() == len(doubtful) - settled
