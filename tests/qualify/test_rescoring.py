"""Verdicts in the book: given by the active profile, moved by the gate, overruled with a reason."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from panout.flow import scoring
from panout.icp import actions as profiles
from panout.kernel.errors import BadInput
from panout.kernel.lifecycle import Lifecycle
from panout.qualify import actions, queries
from panout.qualify.models import Verdict
from panout.qualify.queries import ListFilter
from panout.resolve import actions as records
from panout.resolve.models import Contact
from panout.signals.actions import note_signal
from panout.team.queries import LedgerFilter, ledger

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("book")]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ICP = Path("examples/icp/b2b-software.yaml")


@pytest.fixture
def profile(owner, monkeypatch):
    monkeypatch.setattr("panout.flow.clock.now", lambda: NOW)
    version = profiles.create_icp(owner, "Software", ICP.read_text(), "test", NOW)
    profiles.activate(owner, version, "first", "test", NOW)
    return version


def firm(owner, name="Acme", **more):
    values = {"company_name": name, "domain": f"{name.lower()}.test", "industry": "Software",
              "employees": 200, "country": "DE", "technologies": ("Snowflake", "dbt")} | more  # fmt: skip
    account = records.add_account(owner, values, "test", NOW)
    person = records.add_contact(
        owner,
        account,
        {"full_name": f"Ann {name}", "title": "VP Data", "email": f"ann@{name.lower()}.test"},
        "test",
        NOW,
    )
    return account, person


def test_everybody_gets_one_verdict_with_reasons_by_the_active_version(owner, profile):
    _, person = firm(owner)
    alone = records.add_account(owner, {"company_name": "Lonely", "domain": "lonely.test"}, "test", NOW)
    assert queries.verdicts_are_stale(NOW.date())
    assert scoring.catch_up() == 2
    card = queries.verdict_of(contact_id=person)
    assert card.icp_version == 1
    assert card.reasons
    assert queries.verdict_of(account_id=alone).contact_id is None
    assert not queries.verdicts_are_stale(NOW.date())
    assert scoring.catch_up() == 0
    assert Verdict.objects.count() == 2
    listed = queries.prospects(owner, ListFilter(verdict=card.verdict), NOW.date())
    assert person in {line.contact_id for line in listed.rows}


def test_a_new_version_makes_verdicts_stale_and_scoring_twice_changes_nothing(owner, profile):
    firm(owner)
    scoring.catch_up()
    draft = profiles.start_draft(owner, queries.active()[0].icp_id, "test", NOW)
    profiles.activate(owner, draft, "again", "test", NOW + timedelta(minutes=1))
    assert queries.verdicts_are_stale(NOW.date())
    scoring.score_everybody()
    scoring.score_everybody()
    assert {v.icp_version_id for v in Verdict.objects.all()} == {draft}


def test_a_signal_can_make_a_prospect_and_the_gate_tells_why(owner, profile):
    account, person = firm(owner)
    kinds = queries.active()[0].profile.signals
    note_signal(
        owner, account_id=account, contact_id=None, kind=kinds[0].type, level="company", on=NOW.date(),
        strength=1.0,
        source="https://acme.test/news", evidence="It happened.", origin="test", now=NOW,
    )  # fmt: skip
    scoring.score_everybody()
    card = queries.verdict_of(contact_id=person)
    assert card.timing > 0
    stage = Contact.objects.get(id=person).lifecycle
    expected = {
        "prospect": Lifecycle.PROSPECT,
        "lead": Lifecycle.LEAD,
        "disqualified": Lifecycle.DISQUALIFIED,
    }
    assert stage == expected[card.verdict]
    if stage != Lifecycle.LEAD:
        assert queries.lifecycle_history(contact_id=person)[0].reason


def test_an_exception_needs_a_reason_shows_in_the_ledger_and_outlives_the_next_scoring(owner, profile):
    _, person = firm(owner, "Tiny", employees=2, industry="Farming")
    with pytest.raises(BadInput):
        actions.promote(owner, [person], " ", "test", NOW)
    actions.promote(owner, [person], "Met at the fair, has budget.", "test", NOW)
    scoring.score_everybody()
    assert Contact.objects.get(id=person).lifecycle == Lifecycle.PROSPECT
    assert queries.lifecycle_history(contact_id=person)[0].exception
    assert (
        ledger(LedgerFilter(kind="contact", subject_id=person)).lines[0].reason
        == "Met at the fair, has budget."
    )


def test_a_parked_person_has_a_day_to_come_back(owner, profile):
    _, person = firm(owner)
    with pytest.raises(BadInput):
        actions.park(owner, [person], NOW.date(), "x", "test", NOW)
    assert (
        actions.park(owner, [person], NOW.date() + timedelta(days=30), "Budget in January", "test", NOW) == 1
    )
    scoring.score_everybody()
    assert Contact.objects.get(id=person).lifecycle == Lifecycle.PARKED
    assert actions.wake(owner, [person], "New year", "test", NOW) == 1
