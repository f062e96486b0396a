"""A list goes into the book once, whatever happens on the way, and comes out again."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from panout.consent.actions import suppress
from panout.consent.queries import salt
from panout.consent.rules.suppression import Kind, Reason, fingerprint
from panout.flow import importing
from panout.kernel.errors import BadInput, Conflict, NotAllowed
from panout.qualify import queries as lists
from panout.qualify.queries import ListFilter
from panout.resolve import actions as resolve
from panout.resolve import queries as records
from panout.resolve.models import Account, Activity, Contact, Match, Sighting
from panout.signals.queries import signals_of
from panout.sources import actions, queries
from panout.sources.rules.imports import ImportState, Policy
from panout.team.rules import Person, Role, Sees

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("book")]
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
LIMIT = 10 * 1024 * 1024

LIST = """Company,Website,Industry,Employees,Country,First Name,Last Name,Title,Email,Shoe size
Acme GmbH,acme.test,Mining,120,Germany,Ann,Lee,CTO,ann.lee@acme.test,38
Acme GmbH,acme.test,Mining,120,Germany,Bob,Ray,CFO,bob.ray@acme.test,44
Globex,globex.test,Energy,900,France,Zoë,Ängström,VP Sales,zoe@globex.test,
Globex,globex.test,Energy,900,France,Zoë,Ängström,VP Sales,ZOE@globex.test,
,,,,,,,,,
"""


def uploaded(asker, text=LIST, name="list.csv"):
    data = text.encode()
    return actions.upload(asker, name, [data[:100], data[100:]], LIMIT, "test", NOW)


def checked(asker, text=LIST):
    made = uploaded(asker, text)
    actions.check(asker, made, "test", NOW)
    assert importing.work_on_one("worker-1") == made
    return made


def committed(asker, text=LIST, **how):
    made = uploaded(asker, text)
    if how:
        columns = {c.header: c.field for c in queries.preview(made).columns}
        actions.map_columns(asker, made, columns, now=NOW, **how)
    actions.commit(asker, made, "test", NOW)
    assert importing.work_on_one("worker-1") == made
    card = queries.import_card(made)
    assert card.state == ImportState.DONE, card.failure
    return made


def test_a_dry_run_says_what_would_happen_and_changes_nothing(owner):
    made = checked(owner)
    card = queries.import_card(made)
    assert card.state == ImportState.CHECKED, card.failure
    assert (card.plan["new_accounts"], card.plan["new_contacts"], card.plan["joined_rows"]) == (2, 3, 1)
    assert {s.label for s in queries.samples(made)} >= {"Ann Lee", "Bob Ray"}
    assert not Account.objects.exists()
    assert not Contact.objects.exists()


def test_an_import_makes_each_company_and_person_once_with_every_value(owner):
    made = committed(owner)
    acme = Account.objects.get(domain="acme.test")
    assert (acme.company_name, acme.industry, acme.employees, acme.country) == (
        "Acme GmbH",
        "Mining",
        120,
        "DE",
    )
    assert sorted(Contact.objects.filter(account=acme).values_list("full_name", flat=True)) == [
        "Ann Lee",
        "Bob Ray",
    ]
    ann = Contact.objects.get(full_name="Ann Lee")
    assert ann.custom == {"Shoe size": "38"}
    assert ann.made_by_id == made
    assert Contact.objects.count() == 3
    assert Sighting.objects.filter(batch_id=made).count() == 4
    assert records.search(owner, "angstrom").contacts[0].label == "Zoë Ängström"
    where = records.provenance(contact_id=ann.pk)
    assert dict(queries.original_row(made, where[0].row))["Email"] == "ann.lee@acme.test"


def test_the_same_list_again_changes_nothing(owner):
    committed(owner)
    again = committed(owner)
    plan = queries.import_card(again).plan
    assert (plan["new_accounts"], plan["new_contacts"]) == (0, 0)
    assert (plan["changed_accounts"], plan["changed_contacts"]) == (0, 0)
    assert (Account.objects.count(), Contact.objects.count()) == (2, 3)


SECOND = """Company,Website,Industry,Employees,Company City,Full name,Title,Email
ACME,https://www.acme.test/about,Steel,150,Bonn,Ann Lee,Chief Technology Officer,ann.lee@acme.test
"""


def test_a_list_fills_what_is_unknown_and_leaves_what_is_known(owner):
    committed(owner)
    made = checked(owner, SECOND)
    changes = {d.field: (d.before, d.after) for s in queries.samples(made) for d in s.differences}
    assert changes["city"] == (None, "Bonn")
    assert "industry" not in changes
    actions.commit(owner, made, "test", NOW)
    importing.work_on_one("worker-1")
    acme = Account.objects.get(domain="acme.test")
    assert (acme.industry, acme.employees, acme.city, acme.version) == ("Mining", 120, "Bonn", 2)


def test_a_list_may_replace_but_not_what_a_person_typed(owner):
    committed(owner)
    acme = Account.objects.get(domain="acme.test")
    resolve.change_account(owner, acme.pk, acme.version, {"industry": "Quarrying"}, "test", NOW)
    committed(owner, SECOND, policy=Policy.REPLACE)
    acme.refresh_from_db()
    assert (acme.industry, acme.employees, acme.city) == ("Quarrying", 150, "Bonn")
    assert Contact.objects.get(email="ann.lee@acme.test").title == "Chief Technology Officer"


def test_undo_removes_what_was_made_restores_what_was_changed_and_keeps_what_was_worked_on(owner):
    committed(owner)
    before = {a.domain: (a.industry, a.employees, a.city) for a in Account.objects.all()}
    extra = "Initech,initech.test,Software,40,Rome,Ida Ito,CEO,ida@initech.test\n"
    extra += "Umbra,umbra.test,Food,9,Oslo,Una Ek,CEO,una@umbra.test\n"
    made = committed(owner, SECOND + extra, policy=Policy.REPLACE)
    una = Contact.objects.get(email="una@umbra.test")
    resolve.write_note(owner, "Met her in Oslo.", contact_id=una.pk, origin="test", now=NOW)
    actions.undo(owner, made, "test", NOW)
    importing.work_on_one("worker-1")
    card = queries.import_card(made)
    assert card.state == ImportState.UNDONE
    assert any("Una Ek" in name for name in card.plan["kept"])
    after = {
        a.domain: (a.industry, a.employees, a.city) for a in Account.objects.exclude(domain="umbra.test")
    }
    assert after == before
    assert not Contact.objects.filter(email="ida@initech.test").exists()
    assert Contact.objects.filter(pk=una.pk).exists()
    with pytest.raises(Conflict):
        actions.undo(owner, made, "test", NOW)


def test_a_row_that_joins_two_records_of_the_book_is_a_question_not_a_merge(owner):
    one = resolve.add_account(owner, {"company_name": "Acme", "domain": "acme.test"}, "test", NOW)
    two = resolve.add_account(
        owner,
        {"company_name": "Acme Steel", "company_linkedin": "https://linkedin.com/company/acme"},
        "test",
        NOW,
    )
    committed(owner, "Company,Website,Company LinkedIn\nAcme,acme.test,https://linkedin.com/company/acme\n")
    assert Account.objects.count() == 2
    pair = Match.objects.get()
    assert {pair.left_account_id, pair.right_account_id} == {one, two}


HOLDING = """Company,Website,First Name,Last Name,Title,Email
Acme Holding,acme-holding.test,Bob,Ray,CFO,bray@acme-holding.test
"""


def test_who_may_be_somebody_the_book_has_is_asked_about_with_reasons_in_words(owner):
    committed(owner)
    look = queries.import_card(checked(owner, HOLDING))
    assert (look.plan["doubtful_pairs"], look.plan["new_contacts"]) == (1, 1)
    made = committed(owner, HOLDING)
    pair = Match.objects.get()
    assert pair.found_by_id == made
    assert pair.probability >= 0.9
    assert pair.right_contact.email == "bray@acme-holding.test"
    told = {reason["text"]: reason["weight"] for reason in pair.reasons}
    assert told["same last name"] > 0 > told["another email"]
    again = committed(owner, HOLDING)
    assert Match.objects.count() == 1
    assert queries.import_card(again).plan["new_contacts"] == 0
    actions.undo(owner, made, "test", NOW)
    importing.work_on_one("worker-1")
    assert not Match.objects.exists()


def test_who_is_surely_somebody_the_book_has_is_that_person_and_the_timeline_says_why(owner):
    columns = "First Name,Last Name,Birth date,Home city,Home postal code,Email\n"
    committed(owner, columns + "Robert,Ångström,1961-04-03,Kiel,24103,bob@angstrom.test\n")
    made = committed(owner, columns + "Robert,Angstrom,1961-04-03,Kiel,24103,\n")
    bob = Contact.objects.get()
    assert queries.import_card(made).plan["new_contacts"] == 0
    assert Sighting.objects.get(batch_id=made).contact_id == bob.pk
    told = Activity.objects.get(key__startswith=f"joined-{made}-")
    assert told.contact_id == bob.pk
    assert "birth" in told.text


def test_who_was_erased_does_not_come_back_with_the_next_list(owner):
    suppress(owner, Kind.HASH, fingerprint("bob.ray@acme.test", salt()), Reason.ERASED, "a letter", NOW)
    made = committed(owner)
    assert sorted(Contact.objects.values_list("full_name", flat=True)) == ["Ann Lee", "Zoë Ängström"]
    assert Sighting.objects.filter(batch_id=made).count() == 3
    told = "".join(queries.error_file(made))
    assert "erased" in told
    assert "bob" not in told.lower()


def test_a_column_can_be_left_out(owner):
    made = uploaded(owner)
    columns = {c.header: c.field for c in queries.preview(made).columns} | {"Shoe size": queries.LEFT_OUT}
    actions.map_columns(owner, made, columns, now=NOW)
    actions.commit(owner, made, "test", NOW)
    importing.work_on_one("worker-1")
    assert set(map(str, Contact.objects.values_list("custom", flat=True))) == {"{}"}


def test_rejected_rows_make_an_error_file_that_is_safe_to_open(owner):
    made = committed(owner, 'Company,Website,Email\nAcme,acme.test,"=cmd()@x"\n,,\n')
    text = "".join(queries.error_file(made))
    assert text.startswith("row,column,value,reason")
    assert "\n=" not in text
    assert ",=" not in text


def test_a_cancelled_import_stops_keeps_what_is_in_and_can_be_taken_up_again(owner, monkeypatch):
    made = uploaded(owner)
    actions.commit(owner, made, "test", NOW)
    actions.cancel(owner, made, "test", NOW)
    importing.work_on_one("worker-1")
    assert queries.import_card(made).state == ImportState.CANCELLED
    actions.commit(owner, made, "test", NOW)
    importing.work_on_one("worker-1")
    assert queries.import_card(made).state == ImportState.DONE
    assert Contact.objects.count() == 3


class Killed(BaseException):
    """As if the machine were gone: nothing of ours catches it."""


@pytest.mark.parametrize("at", range(1, 9))
def test_a_worker_killed_at_any_chunk_leaves_an_import_that_the_next_one_finishes(owner, monkeypatch, at):
    monkeypatch.setattr("panout.resolve.loading.CHUNK", 1)
    calls = []
    honest = importing._Watch.tick

    def dying(watch, more):
        calls.append(more)
        if watch.stage == "writing to the book" and len(calls) > at:
            raise Killed
        honest(watch, more)

    made = uploaded(owner)
    actions.commit(owner, made, "test", NOW)
    with monkeypatch.context() as patched:
        patched.setattr(importing._Watch, "tick", dying)
        try:
            importing.work_on_one("worker-1")
        except Killed:
            later = importing.clock.now() + timedelta(hours=1)
            assert importing.work_on_one("worker-2") is None  # the claim still stands
            monkeypatch.setattr("panout.flow.clock.now", lambda: later)
            patched.setattr(importing._Watch, "tick", honest)
            assert importing.work_on_one("worker-2") == made
    assert queries.import_card(made).state == ImportState.DONE
    assert (Account.objects.count(), Contact.objects.count()) == (2, 3)
    assert Sighting.objects.filter(batch_id=made).count() == 4
    assert Contact.objects.filter(made_by_id=made).count() == 3


def test_who_may_not_import_cannot_and_a_colleague_cannot_undo(owner, teammate):
    made = committed(owner)
    with pytest.raises(NotAllowed):
        actions.undo(teammate, made, "test", NOW)
    nobody = Person(teammate.id, "x", Role.SDR, Sees.ALL)
    assert actions.upload(nobody, "x.csv", [b"a\n1\n"], LIMIT, "test", NOW)


@pytest.mark.parametrize(
    ("chunks", "limit", "why"), [([b""], 100, "empty"), ([b"x" * 60, b"x" * 60], 100, "larger")]
)
def test_an_upload_has_a_size(owner, chunks, limit, why):
    with pytest.raises(BadInput, match=why):
        actions.upload(owner, "../../etc/passwd", chunks, limit, "test", NOW)


def test_a_file_that_is_no_list_fails_with_its_reason(owner):
    made = actions.upload(owner, "x.csv", [b"\x89PNG\r\n\x1a\n" + b"\0" * 400], LIMIT, "test", NOW)
    actions.commit(owner, made, "test", NOW)
    importing.work_on_one("worker-1")
    card = queries.import_card(made)
    assert card.state == ImportState.FAILED
    assert "picture" in card.failure


def test_a_mapping_is_remembered_for_the_same_headers(owner):
    first = uploaded(owner)
    columns = {c.header: c.field for c in queries.preview(first).columns} | {"Shoe size": "seniority"}
    actions.map_columns(owner, first, columns, now=NOW)
    second = queries.preview(uploaded(owner))
    assert second.remembered
    assert {c.header: c.field for c in second.columns}["Shoe size"] == "seniority"


def test_hostile_names_go_in_and_come_out_as_they_are(owner):
    names = ["<script>alert(1)</script>", "Robert'); DROP TABLE x;--", 'a "b" \\ {c}, d', "=1+1", "\u202etxt"]
    rows = "".join('"{}",n{}.test\n'.format(name.replace('"', '""'), i) for i, name in enumerate(names))
    committed(owner, "Company,Website\n" + rows)
    kept = set(Account.objects.values_list("company_name", flat=True))
    assert kept >= {names[0], names[1], names[3]}
    assert lists.accounts(owner, ListFilter(text="script"), NOW.date()).rows[0].name == names[0]


def test_a_change_that_a_list_shows_is_a_signal_until_the_import_is_undone(owner):
    committed(owner)
    grown = committed(owner, "Company,Website,Employees\nAcme GmbH,acme.test,300\n", policy=Policy.REPLACE)
    acme = Account.objects.get(domain="acme.test")
    found = signals_of(account_id=acme.pk)
    assert [(s.type, s.level) for s in found] == [("team_grew", "company")]
    assert "120" in found[0].evidence
    assert "300" in found[0].evidence
    actions.undo(owner, grown, "test", NOW)
    importing.work_on_one("worker-1")
    assert signals_of(account_id=acme.pk) == ()


def test_two_imports_of_the_same_list_at_once_make_everybody_once(owner):
    both = [uploaded(owner), uploaded(owner)]
    for one in both:
        actions.commit(owner, one, "test", NOW)

    def work(name):
        try:
            return importing.work_on_one(name)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as workers:
        done = list(workers.map(work, ["worker-1", "worker-2"]))
    assert sorted(done) == both
    assert {queries.import_card(one).state for one in both} == {ImportState.DONE}
    assert (Account.objects.count(), Contact.objects.count()) == (2, 3)
    assert Sighting.objects.count() == 8
