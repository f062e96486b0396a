"""The demonstration workspace is full of people who exist nowhere, judged and explained."""

import pytest

from panout.flow.workspace import load_demonstration
from panout.kernel.errors import Conflict
from panout.qualify.models import Verdict
from panout.resolve.models import Account, Contact
from panout.signals.models import Signal


@pytest.mark.django_db(transaction=True)
@pytest.mark.xdist_group("book")
def test_a_demonstration_fills_an_empty_workspace_once():
    load_demonstration()
    assert Contact.objects.count() > 50
    assert Signal.objects.exists()
    assert Verdict.objects.filter(contact__isnull=False).count() == Contact.objects.count()
    reserved = (".example", ".test", ".invalid")
    domains = Account.objects.exclude(domain=None).values_list("domain", flat=True)
    assert all(
        name.endswith(reserved) or name in {"example.com", "example.org", "example.net"} for name in domains
    )
    with pytest.raises(Conflict):
        load_demonstration()
