"""Who gets whom: ordered rules, capacity, a fallback, by hand and by themselves; and a look at it beforehand."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from panout.criteria.errors import CriteriaError
from panout.flow import clock
from panout.kernel.errors import BadInput, Conflict, NotAllowed
from panout.qualify import handing
from panout.qualify.handing import Wish
from panout.qualify.models import AssignmentPlan
from panout.qualify.turns import FULL, NO_RULE, Rep, Target, Turn, Waiting, deal
from panout.resolve import actions as resolve
from panout.resolve.models import Contact
from panout.team import actions as team
from panout.team import queries as people
from panout.team.models import LedgerEntry
from panout.team.rules import Person
from tests.cast import NOON, signed_in
from tests.web.seen import text_of
from tests.web.world import populate

REPS = st.lists(
    st.tuples(st.sampled_from([1, 2, None]), st.integers(0, 12), st.integers(0, 12)), min_size=1, max_size=6
)
RULES = st.lists(
    st.tuples(st.sampled_from(list(Target)), st.integers(0, 5), st.sampled_from([1, 2])), max_size=5
)
PEOPLE = st.lists(st.tuples(st.integers(1, 6), st.frozensets(st.integers(0, 4))), max_size=40)


@given(REPS, RULES, PEOPLE)
def test_nobody_gets_more_than_they_can_work_and_the_first_rule_with_room_gives(
    team_of: list[tuple[int | None, int, int]],
    asked: list[tuple[Target, int, int]],
    people: list[tuple[int, frozenset[int]]],
) -> None:
    reps = [Rep(place, "", group, held, most) for place, (group, held, most) in enumerate(team_of)]
    rules = [
        Turn(place, f"r{place}", target, user, group) for place, (target, user, group) in enumerate(asked)
    ]
    waiting = [Waiting(place, company, held) for place, (company, held) in enumerate(people)]
    given_out = deal(waiting, rules, reps, {})
    assert [one.contact_id for one in given_out] == [one.contact_id for one in waiting]
    held = {rep.user_id: rep.held for rep in reps}
    for one, asking in zip(given_out, waiting, strict=True):
        hold = [rule for rule in rules if rule.id in asking.rules]
        able = [
            [rep for rep in reps if rule.names(rep) and held[rep.user_id] < rep.capacity] for rule in hold
        ]
        first = next((place for place, room in enumerate(able) if room), None)
        if first is None:
            assert one.user_id is None
            assert one.why == (FULL if hold else NO_RULE)
            continue
        assert one.rule == hold[first].name
        assert one.user_id in {rep.user_id for rep in able[first]}
        held[one.user_id] += 1
    assert all(held[rep.user_id] <= max(rep.capacity, rep.held) for rep in reps)


def test_one_company_meets_one_of_us_where_the_rule_leaves_the_choice() -> None:
    reps = [Rep(1, "A", None, 5, 10), Rep(2, "B", None, 0, 10)]
    everybody = Turn(0, "all", Target.EVERYBODY)
    given_out = deal([Waiting(n, 7, frozenset({0})) for n in range(3)], [everybody], reps, {7: 1})
    assert [one.user_id for one in given_out] == [1, 1, 1]
    assert {one.why for one in given_out} == {"works on the company"}


@pytest.fixture
def book(owner: Person) -> dict[str, int]:
    """The small market, in which nobody owns anybody."""
    made = populate(owner, clock.now())
    Contact.objects.update(owner=None)
    return made


def _owner_of(name: str) -> str:
    row = Contact.objects.select_related("owner").get(full_name=name)
    return row.owner.name if row.owner else ""


def test_rules_are_asked_in_their_order_and_the_full_are_passed_over(
    owner: Person, teammate: Person, book: dict[str, int]
) -> None:
    theo = teammate.id or 0
    team.set_capacity(owner, theo, 1, "test", NOON)
    german = Wish("Germans", 'country = "DE"', Target.REP, theo)
    handing.save_rule(owner, None, 0, german, "test", NOON)
    handing.save_rule(owner, None, 0, Wish("The rest", "", Target.REP, owner.id), "test", NOON)
    seen = handing.dealing(owner, handing.desk(), clock.now().date())
    assert dict(seen.by_rep)["Theo Teammate"] == 1
    assert all(one.to for one in seen.given)
    assert _owner_of("Ada Sommer") == ""  # a look changes nothing
    was = handing.hand_out(owner, 200, "test", clock.now())
    assert len(was.contacts) == len(seen.given)
    assert sorted(map(_owner_of, ("Ada Sommer", "Peter Lang", "Imke Voss"))) == [
        "Olga Owner", "Olga Owner", "Theo Teammate",
    ]  # fmt: skip
    told = LedgerEntry.objects.filter(verb="assign").select_related("detail")
    assert {one.detail.reason for one in told} >= {"rule: Germans", "rule: The rest"}


def test_whom_no_rule_names_waits(owner: Person, teammate: Person, book: dict[str, int]) -> None:
    wish = Wish("Danes", 'country = "DK"', Target.REP, teammate.id)
    handing.save_rule(owner, None, 0, wish, "test", NOON)
    seen = handing.dealing(owner, handing.desk(), clock.now().date())
    assert {one.why for one in seen.left} == {NO_RULE}
    with pytest.raises(Conflict, match="no rule that fits"):
        handing.hand_out(owner, 200, "test", clock.now())


def test_by_itself_only_whoever_became_a_prospect_since_is_handed_out(
    owner: Person, teammate: Person, book: dict[str, int]
) -> None:
    moment = clock.now() + timedelta(minutes=1)
    assert handing.look(moment) == 0  # it is off
    handing.set_automatic(owner, "on", "test", moment)
    assert handing.look(moment) == 0  # who was one before waits for a hand
    lead = Contact.objects.get(full_name="Freja Holm")
    from panout.qualify import actions as qualify

    qualify.promote(owner, [lead.pk], "Met at the fair.", "test", moment + timedelta(minutes=1))
    assert handing.look(moment + timedelta(minutes=2)) == 1
    assert _owner_of("Freja Holm") != ""
    resolve.assign(owner, None, contact_ids=[lead.pk], origin="test", now=moment)
    AssignmentPlan.objects.update(looked_at=moment)  # as where others still wait since then
    assert handing.look(moment + timedelta(minutes=3)) == 0  # set to nobody by hand: it stays so


def test_rules_are_changed_by_who_may_and_nobody_overwrites_another(
    owner: Person, teammate: Person, book: dict[str, int]
) -> None:
    wish = Wish("Danes", 'country = "DK"', Target.EVERYBODY)
    with pytest.raises(NotAllowed):
        handing.save_rule(teammate, None, 0, wish, "test", NOON)
    with pytest.raises(CriteriaError):
        handing.save_rule(owner, None, 0, Wish("Wrong", "country =", Target.EVERYBODY), "test", NOON)
    with pytest.raises(BadInput):
        handing.save_rule(owner, None, 0, Wish("Whom?", 'country = "DK"', Target.REP, 99999), "test", NOON)
    first = handing.save_rule(owner, None, 0, wish, "test", NOON)
    second = handing.save_rule(
        owner, None, 0, Wish("Swedes", 'country = "SE"', Target.EVERYBODY), "test", NOON
    )
    handing.move_rule(owner, second, -1, "test", NOON)
    assert [one.name for one in handing.desk().rules] == ["Swedes", "Danes"]
    handing.save_rule(owner, first, 1, Wish("Danes all", 'country = "DK"', Target.EVERYBODY), "test", NOON)
    with pytest.raises(Conflict, match="somebody else"):
        handing.save_rule(owner, first, 1, wish, "test", NOON)
    handing.save_rule(owner, None, 0, Wish("Rest", "", Target.EVERYBODY), "test", NOON)
    with pytest.raises(Conflict, match="fallback already"):
        handing.save_rule(owner, None, 0, Wish("Rest too", "", Target.EVERYBODY), "test", NOON)


def test_the_page_makes_orders_previews_and_applies_rules(
    owner: Person, owner_client: Client, teammate: Person, book: dict[str, int]
) -> None:
    form = {"name": "Germans", "criteria": 'country = "DE"', "to": f"rep:{teammate.id}"}
    assert "Theo Teammate" in text_of(owner_client.get("/team/rules"))
    wrong = owner_client.post("/team/rules/save", form | {"criteria": "country ="})
    assert wrong.status_code == 400
    assert "country =" in wrong.content.decode()
    made = owner_client.post("/team/rules/save", form, follow=True)
    page = text_of(made)
    for words in (
        "The rule is kept",
        "country is “DE”",
        "Theo Teammate",
        "Ada Sommer",
        "no rule is about them",
    ):
        assert words in page, words
    rule = handing.desk().rules[0].id
    assert "Change a rule" in text_of(owner_client.get(f"/team/rules?edit={rule}"))
    done = owner_client.post(
        "/team/hand-out", {"limit": 50, "next": "/team/rules"}, follow=True
    ).content.decode()
    assert "3 prospects were handed out." in done
    token = re.search(r'name="token" value="([^"]+)"', done)
    assert token is not None
    owner_client.post("/undo", {"token": token.group(1)})
    assert _owner_of("Ada Sommer") == ""
    owner_client.post("/team/rules/automatic", {"automatic": "on"})
    assert "by itself" in text_of(owner_client.get("/team"))
    gone = owner_client.post(f"/team/rules/{rule}/remove", follow=True).content.decode()
    assert handing.desk().rules == ()
    token = re.search(r'name="token" value="([^"]+)"', gone)
    assert token is not None
    owner_client.post("/undo", {"token": token.group(1)})
    assert [one.name for one in handing.desk().rules] == ["Germans"]
    client = signed_in(teammate)
    assert client.get("/team/rules").status_code == 403
    assert client.post("/team/rules/save", form).status_code == 403
    assert people.member(teammate.id or 0).capacity == 100
