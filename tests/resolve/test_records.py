"""Records by hand: added, changed, merged and parted again, with nothing lost."""

from datetime import date

import pytest

from panout.kernel.errors import BadInput, Conflict, NotAllowed, NotFound
from panout.kernel.fields import ACCOUNT_FIELDS, CONTACT_FIELDS
from panout.qualify import queries as lists
from panout.qualify.queries import ListFilter, Order
from panout.resolve import actions, queries
from panout.resolve.models import Account, Contact, Match, MatchState
from panout.signals.actions import note_signal
from panout.signals.queries import signals_of
from panout.team.queries import LedgerFilter, ledger
from panout.team.rules import Person, Role, Sees

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)


def account(owner, noon, **values):
    return actions.add_account(owner, values, "test", noon)


def contact(owner, noon, account_id=None, **values):
    return actions.add_contact(owner, account_id, values, "test", noon)


def test_the_tables_have_the_catalogues_columns():
    assert {f.name for f in ACCOUNT_FIELDS} <= {f.name for f in Account._meta.concrete_fields}
    assert {f.name for f in CONTACT_FIELDS} <= {f.name for f in Contact._meta.concrete_fields}


def test_a_card_shows_what_was_typed_and_says_so(owner, noon):
    made = account(owner, noon, company_name="Acme", domain="ACME.test", employees=70, tags=("warm",))
    card = queries.account_card(owner, made)
    told = {field.name: field for field in card.fields}
    assert (card.label, card.domain, told["employees"].value, told["employees"].typed) == (
        "Acme",
        "acme.test",
        70,
        True,
    )
    assert told["industry"].value is None


def test_whoever_saves_over_a_newer_version_is_told(owner, noon):
    made = account(owner, noon, company_name="Acme")
    assert actions.change_account(owner, made, 1, {"industry": "Mining"}, "test", noon) == 2
    with pytest.raises(Conflict, match="somebody else"):
        actions.change_account(owner, made, 1, {"industry": "Banking"}, "test", noon)
    line = ledger(LedgerFilter(kind="account", subject_id=made)).lines[0]
    assert (line.before, line.after) == ({"industry": None}, {"industry": "Mining"})


@pytest.mark.parametrize(
    "values",
    [{"employees": "many"}, {"founded": True}, {"no_such": 1}, {"company_name": "x" * 5000}, {"domain": 5}],
)
def test_a_value_of_the_wrong_kind_is_refused_by_name(owner, noon, values):
    made = account(owner, noon, company_name="Acme")
    with pytest.raises(BadInput):
        actions.change_account(owner, made, 1, values, "test", noon)


def test_a_record_of_somebody_else_cannot_be_seen_or_changed_by_who_sees_only_their_own(
    owner, teammate, noon
):
    made = account(owner, noon, company_name="Acme")
    narrow = Person(teammate.id, teammate.name, Role.SDR, Sees.OWN)
    with pytest.raises(NotFound):
        queries.account_card(narrow, made)
    with pytest.raises(NotFound):
        actions.change_account(narrow, made, 1, {"industry": "x"}, "test", noon)
    assert lists.accounts(narrow, ListFilter(), TODAY).rows == ()
    assert queries.search(narrow, "acme").accounts == ()
    assert actions.assign(narrow, narrow.id, account_ids=[made], origin="test", now=noon).accounts == {}


def test_a_rep_does_not_hand_out_work_to_others(owner, teammate, noon):
    made = account(owner, noon, company_name="Acme")
    with pytest.raises(NotAllowed):
        actions.assign(teammate, owner.id, account_ids=[made], origin="test", now=noon)


def test_a_merge_keeps_every_child_and_can_be_parted_days_later(owner, noon):
    kept = account(owner, noon, company_name="Acme", domain="acme.test", tags=("a",))
    gone = account(owner, noon, company_name="ACME Inc", domain="acme.example", employees=12, tags=("b",))
    person = contact(owner, noon, gone, full_name="Ann Lee", email="ann@acme.example")
    note = actions.write_note(owner, "Asked for a call.", account_id=gone, origin="test", now=noon)
    signal = note_signal(
        owner, account_id=gone, contact_id=None, kind="hiring", level="company", on=TODAY, strength=0.5,
        source="https://acme.example/jobs", evidence="12 jobs", origin="test", now=noon,
    )  # fmt: skip
    merge = actions.merge(owner, "account", kept, gone, "Same firm.", "test", noon)

    card = queries.account_card(owner, gone)
    told = {field.name: field.value for field in card.fields}
    assert (card.id, told["employees"], told["tags"]) == (kept, 12, ("a", "b"))
    assert [p.id for p in queries.people_of(owner, kept).lines] == [person]
    assert [n.id for n in queries.notes(account_id=kept)] == [note]
    assert [s.id for s in signals_of(account_id=kept)] == [signal]
    assert {"acme.example", "ACME Inc"} == {a.value for a in queries.aliases(account_id=kept)}

    actions.unmerge(owner, merge, "test", noon)
    parted, again = queries.account_card(owner, kept), queries.account_card(owner, gone)
    assert (parted.id, again.id) == (kept, gone)
    assert {f.name: f.value for f in parted.fields}["employees"] is None
    assert [p.id for p in queries.people_of(owner, gone).lines] == [person]
    assert [s.id for s in signals_of(account_id=gone)] == [signal]
    assert queries.aliases(account_id=kept) == ()
    with pytest.raises(Conflict):
        actions.unmerge(owner, merge, "test", noon)


def test_a_pair_is_settled_once(owner, noon):
    left, right = (
        account(owner, noon, company_name="Acme"),
        account(owner, noon, company_name="Acme Ltd", employees=3),
    )
    match = Match.objects.create(
        left_account_id=left, right_account_id=right, probability=0.93, found_at=noon
    )
    assert queries.open_pairs(owner).rows[0].probability == 0.93
    assert {f.name: f.agrees for f in queries.pair(owner, match.pk).fields} == {
        "company_name": False,
        "employees": None,
    }
    assert actions.settle_pair(owner, match.pk, MatchState.SAME, "test", noon)
    assert queries.open_pairs(owner).rows == ()
    with pytest.raises(Conflict):
        actions.settle_pair(owner, match.pk, MatchState.DIFFERENT, "test", noon)


def test_search_finds_words_in_any_order_accents_folded_and_forgives_a_typo(owner, noon):
    firm = account(owner, noon, company_name="Müller Maschinenbau", domain="mueller-maschinen.test")
    person = contact(owner, noon, firm, full_name="Zoë Ångström", email="zoe@mueller-maschinen.test")
    assert queries.search(owner, "maschinenbau muller").accounts[0].id == firm
    assert queries.search(owner, "ANGSTROM").contacts[0].id == person
    near = queries.search(owner, "maschinenbua")
    assert near.forgiving
    assert near.accounts[0].id == firm
    assert queries.search(owner, "Mü").accounts[0].id == firm
    assert queries.search(owner, "  ").accounts == ()
    assert queries.search(owner, "100%_\\").accounts == ()


def test_lists_page_by_key_without_a_gap_or_a_repeat(owner, noon):
    names = [f"Firm {n:02}" for n in range(25)]
    for name in reversed(names):
        account(owner, noon, company_name=name)
    for order in Order:
        seen, after = [], ""
        while True:
            page = lists.accounts(owner, ListFilter(order=order), TODAY, after, 10)
            seen += [row.name for row in page.rows]
            after = page.after
            if not after:
                break
        assert seen == names
    assert str(lists.count_accounts(owner, ListFilter(), TODAY)) == "25"
    with pytest.raises(BadInput, match="page mark"):
        lists.accounts(owner, ListFilter(), TODAY, "rubbish!")


def test_a_list_takes_the_language_for_who(owner, noon):
    small = account(owner, noon, company_name="Small 100%", employees=5, country="DE")
    large = account(owner, noon, company_name="Large", employees=500, country="FR")
    one = contact(owner, noon, small, full_name="Ann", title="CTO")
    contact(owner, noon, large, full_name="Bob", title="CFO")
    found = lists.accounts(owner, ListFilter(criteria='employees < 10 or company_name contains "%"'), TODAY)
    assert [row.id for row in found.rows] == [small]
    people = lists.contacts(owner, ListFilter(criteria='country = "DE" and title = "cto"'), TODAY)
    assert [row.id for row in people.rows] == [one]
    with pytest.raises(BadInput, match="person"):
        lists.accounts(owner, ListFilter(criteria='title = "CTO"'), TODAY)
    with pytest.raises(BadInput):
        lists.accounts(owner, ListFilter(criteria="employees <<"), TODAY)


def test_a_timeline_tells_account_and_person_in_one(owner, noon):
    firm = account(owner, noon, company_name="Acme")
    person = contact(owner, noon, firm, full_name="Ann Lee")
    for n in range(5):
        actions.note_activity(kind="call", text=f"Call {n}", now=noon, contact_id=person, key=f"call-{n}")
    actions.note_activity(kind="call", text="again", now=noon, contact_id=person, key="call-4")
    first = queries.timeline(owner, account_id=firm, limit=4)
    rest = queries.timeline(owner, account_id=firm, after=first.after, limit=50)
    texts = [line.text for line in (*first.rows, *rest.rows)]
    assert texts[:5] == ["Call 4", "Call 3", "Call 2", "Call 1", "Call 0"]
    assert len(texts) == len(set(texts)) + 1  # both records were added by hand
