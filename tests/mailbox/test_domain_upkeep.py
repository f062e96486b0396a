"""The daily look at a domain, and what it does to cold mail."""

from datetime import timedelta

import pytest
from tests.mailbox.world import make_account

from panout.clients.dns import FakeDns
from panout.mailbox import queries
from panout.mailbox.actions import upkeep
from panout.mailbox.models import DomainCheck, SendingDomain
from panout.mailbox.rules.dkim import Signer, new_key

pytestmark = pytest.mark.django_db

WELL = {
    ("panout.test", "SOA"): ["x"],
    ("panout.test", "MX"): ["10 mx.panout.test"],
    ("mx.panout.test", "A"): ["192.0.2.25"],
    ("panout.test", "TXT"): ["v=spf1 ip4:192.0.2.25 -all"],
    ("_dmarc.panout.test", "TXT"): ["v=DMARC1; p=none; rua=mailto:d@panout.test"],
}


def test_failing_authentication_is_dated_from_its_first_day_and_forgiven_when_mended(owner, noon):
    make_account(owner, noon)
    broken = FakeDns({**WELL, ("_dmarc.panout.test", "TXT"): []})
    upkeep.check_domains(noon, broken)
    upkeep.check_domains(noon + timedelta(days=1), broken)
    assert SendingDomain.objects.get().failing_since == noon
    (card,) = queries.domains(noon + timedelta(days=4))
    assert (card.cold_allowed, card.name) == (False, "panout.test")
    assert (
        next(one for one in card.findings if one["check"] == "dmarc")["put"]["name"] == "_dmarc.panout.test"
    )

    record = Signer("panout.test", "s1", new_key()).record()
    well = FakeDns({**WELL, ("s1._domainkey.panout.test", "TXT"): [record]})
    upkeep.check_domains(noon + timedelta(days=4), well)
    assert SendingDomain.objects.get().failing_since is None
    assert DomainCheck.objects.count() == 3
    assert queries.domains(noon + timedelta(days=4))[0].cold_allowed


def test_a_silent_resolver_changes_nothing_but_a_note(owner, noon):
    make_account(owner, noon)
    upkeep.check_domains(noon, FakeDns({("panout.test", "TIMEOUT"): ["x"]}))
    row = SendingDomain.objects.get()
    assert (row.checked_at, row.failing_since) == (None, None)
    assert "does not answer" in row.check_trouble
