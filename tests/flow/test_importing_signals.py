"""A file of signals goes into the book as a list does: looked at first, kept once, taken back whole."""

from __future__ import annotations

from datetime import date

import pytest

from panout.flow import importing
from panout.icp import actions as profiles
from panout.icp.queries import shipped_text
from panout.qualify.models import Verdict
from panout.resolve.models import Account, Activity, Contact
from panout.signals.actions import note_signal
from panout.signals.models import Signal
from panout.sources import actions, queries
from panout.sources.rules.imports import Content, ImportState
from tests.cast import NOON, signed_in
from tests.flow.test_importing import committed, uploaded
from tests.web.seen import text_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("book")]

TOLD = """Signal type,Company domain,Person email,Date,Strength,Source URL,Text,Desk
funding,acme.test,,2026-11-10,high,https://news.test/1,Raised 30 million,blue
funding,acme.test,,2026-11-10,high,https://news.test/1,Raised 30 million,blue
job_changed,,ann.lee@acme.test,2026-11-12,0.9,https://news.test/2,Ann came from Initech,red
hiring,globex.test,,2026-11-01,,https://news.test/3,Seven engineers wanted,
hiring,nobody.test,,2026-11-01,,https://news.test/4,Nobody knows them,
hiring,globex.test,,one of these days,,https://news.test/5,No date,
"""


def told(asker, text=TOLD):
    made = uploaded(asker, text, "told.csv")
    actions.commit(asker, made, "test", NOON)
    assert importing.work_on_one("worker-1") == made
    card = queries.import_card(made)
    assert card.state == ImportState.DONE, card.failure
    return made


def test_a_look_says_whom_the_signals_are_about_and_changes_nothing(owner):
    committed(owner)
    made = uploaded(owner, TOLD, "told.csv")
    assert queries.preview(made).content == Content.SIGNALS
    actions.check(owner, made, "test", NOON)
    importing.work_on_one("worker-1")
    card = queries.import_card(made)
    assert card.state == ImportState.CHECKED, card.failure
    assert {name: card.plan[name] for name in ("rows", "signals", "heard", "companies", "people", "nobodys")} == {
        "rows": 6, "signals": 3, "heard": 0, "companies": 2, "people": 1, "nobodys": 1,
    }  # fmt: skip
    assert card.rejected_rows == 2
    reasons = {line.row: line.reason for line in queries.rejects(made).rows}
    assert "Nobody in the book" in reasons[5]
    assert "date" in reasons[6].lower()
    assert {one.label for one in queries.samples(made)} == {"Acme GmbH", "Ann Lee", "Globex"}
    assert not Signal.objects.exists()


def test_signals_stand_with_whom_they_are_about_once_and_move_their_verdicts(owner):
    version = profiles.create_icp(owner, "Any", shipped_text("b2b-software"), "test", NOON)
    profiles.activate(owner, version, "first", "test", NOON)
    committed(owner)
    before = Verdict.objects.get(contact__full_name="Bob Ray")
    told(owner)
    acme, ann = Account.objects.get(domain="acme.test"), Contact.objects.get(full_name="Ann Lee")
    assert sorted(Signal.objects.values_list("type", "account", "contact")) == sorted(
        [
            ("funding", acme.pk, None),
            ("hiring", Account.objects.get(domain="globex.test").pk, None),
            ("job_changed", acme.pk, ann.pk),
        ]
    )
    funding = Signal.objects.get(type="funding")
    assert (funding.date, funding.source, funding.evidence) == (
        date(2026, 11, 10), "https://news.test/1", "Raised 30 million",
    )  # fmt: skip
    assert Activity.objects.filter(key=f"signal-{funding.pk}", account=acme).exists()
    after = Verdict.objects.get(contact__full_name="Bob Ray")
    assert (after.timing or 0) > (before.timing or 0)
    again = told(owner)
    assert Signal.objects.count() == 3
    assert queries.import_card(again).plan["heard"] == 3


def test_what_somebody_typed_and_what_a_file_says_are_one_signal(owner):
    committed(owner)
    acme = Account.objects.get(domain="acme.test")
    note_signal(
        owner, account_id=acme.pk, contact_id=None, kind="funding", level="company", on=date(2026, 11, 10),
        strength=0.9, source="https://news.test/1", evidence="Raised 30 million", origin="test", now=NOON,
    )  # fmt: skip
    told(owner)
    assert Signal.objects.filter(type="funding").count() == 1


def test_undo_forgets_the_signals_and_what_they_did_to_verdicts(owner):
    version = profiles.create_icp(owner, "Any", shipped_text("b2b-software"), "test", NOON)
    profiles.activate(owner, version, "first", "test", NOON)
    committed(owner)
    before = Verdict.objects.get(contact__full_name="Bob Ray")
    made = told(owner)
    actions.undo(owner, made, "test", NOON)
    importing.work_on_one("worker-1")
    card = queries.import_card(made)
    assert card.state == ImportState.UNDONE, card.failure
    assert card.plan["forgotten"] == 3
    assert not Signal.objects.exists()
    assert not Activity.objects.filter(kind="signal").exists()
    assert Verdict.objects.get(contact__full_name="Bob Ray").timing == before.timing
    assert Account.objects.count() == 2


def test_a_list_of_people_with_types_and_dates_is_no_file_of_signals(owner):
    rows = "Type,Created At,Email,First Name,Last Name,Phone\nLead,2026-01-02,ann@acme.test,Ann,Lee,+4930123456\n"
    assert queries.preview(uploaded(owner, rows)).content == Content.RECORDS


def test_the_sample_of_signals_is_known_for_what_it_is(owner):
    path = queries.shipped_list("signals.csv")
    made = actions.upload(owner, path.name, [path.read_bytes()], 1 << 20, "test", NOON)
    assert queries.preview(made).content == Content.SIGNALS
    for name in ("people.csv", "companies.csv", "attendees.jsonl"):
        path = queries.shipped_list(name)
        made = actions.upload(owner, path.name, [path.read_bytes()], 1 << 20, "test", NOON)
        assert queries.preview(made).content == Content.RECORDS


def test_the_page_takes_the_guess_or_another_word_for_it(owner):
    committed(owner)
    client = signed_in(owner)
    address = f"/imports/{uploaded(owner, TOLD, 'told.csv')}"
    seen = text_of(client.get(address))
    assert "What the columns say of a signal" in seen
    assert "not used" in seen  # the desk
    assert "What the columns are" in text_of(client.get(f"{address}?as=records"))
    client.post(f"{address}/plan", {"content": "signals", "go": "check"})
    importing.work_on_one("worker-1")
    seen = text_of(client.get(address))
    assert "3 new signals" in seen
    assert "Nobody in the book answers to this key" in seen
    client.post(f"{address}/commit")
    importing.work_on_one("worker-1")
    assert "whom they are about is scored anew" in text_of(client.get(address))
    assert "Raised 30 million" in text_of(client.get(f"/signals?import={address.rsplit('/', 1)[1]}"))
