"""Somebody is on file as erased once they are, and not before."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from panout.consent import actions as consent
from panout.consent.models import RetentionCase
from panout.flow import retaining
from panout.kernel.errors import Unavailable
from panout.resolve import actions as resolve
from panout.team.rules import Person


@pytest.mark.django_db
def test_an_erasure_that_fails_leaves_its_case_open(
    owner: Person, noon: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = resolve.add_contact(owner, None, {"full_name": "Ada Quinn"}, "test", noon)
    consent.list_for_erasure({ada: noon.date()}, noon.date() + timedelta(days=30), noon)
    case = RetentionCase.objects.get()

    def stuck(*_: object) -> None:
        raise Unavailable("The disk is full.")

    monkeypatch.setattr(retaining, "erase", stuck)
    with pytest.raises(Unavailable):
        retaining.let_go(owner, case.pk, noon)
    case.refresh_from_db()
    assert case.outcome == ""
