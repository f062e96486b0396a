"""What notes and calls taught: collected, gathered on the profile's page, taken into its draft with one click."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from panout.cadence import actions as cadence
from panout.cadence.rules.dispositions import Disposition
from panout.criteria.errors import CriteriaError
from panout.flow import clock
from panout.icp.queries import profiles, shipped, shipped_text, version
from panout.icp.rules.editing import with_disqualifier
from panout.icp.rules.reading import read_icp
from panout.kernel.channels import TouchKind
from panout.kernel.errors import NotAllowed, NotFound
from panout.outreach import actions as outreach
from panout.outreach.actions import Wish
from panout.qualify import actions as qualify
from panout.qualify import strikes
from panout.qualify.strikes import Mark
from panout.resolve import actions as resolve
from panout.resolve.models import Activity, Contact
from panout.team.rules import Person, Role, Sees
from tests.cast import NOON, signed_in
from tests.web.seen import text_of
from tests.web.world import populate


@pytest.mark.parametrize("name", shipped())
@given(reason=st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=60))
def test_one_more_disqualifier_changes_nothing_else(name: str, reason: str) -> None:
    text = shipped_text(name)
    more = with_disqualifier(text, "from calls", 'employees < 5 and industry = "a: b # c"', f"x {reason}")
    before, after = read_icp(text, name).icp, read_icp(more, name).icp
    assert after.disqualifiers[:-1] == before.disqualifiers
    assert after.disqualifiers[-1].reason == " ".join(f"x {reason}".split())
    assert (after.fit, after.roles, after.kinds, after.problems) == (
        before.fit, before.roles, before.kinds, before.problems,
    )  # fmt: skip
    old = [line for line in text.splitlines() if line.strip()]
    assert [line for line in more.splitlines() if line in set(old)][: len(old)] == old


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("name: A\nfit: []\n", 1),
        ("name: A\ndisqualifiers: []\nfit: []\n", 1),
        ("name: A\ndisqualifiers:\n- name: b\n  rule: hiring\n  reason: c\n\n# about fit\nfit: []\n", 2),
    ],
)
def test_it_finds_its_place_in_any_layout(text: str, place: int) -> None:
    from ruamel.yaml import YAML

    made = YAML(typ="safe").load(with_disqualifier(text, "n", "employees < 5", "r"))
    assert len(made["disqualifiers"]) == place
    assert made["disqualifiers"][-1]["rule"] == "employees < 5"
    assert next(iter(made)) == "name"


def test_what_the_words_speak_of_is_suggested_first() -> None:
    known = {
        "employees": 12,
        "country": "FR",
        "industry": "Internet",
        "title": "Office Assistant",
        "stage": None,
    }
    assert strikes.suggestions("They are far too small for us", known)[0] == "employees <= 12"
    assert strikes.suggestions("We do not ship to that country", known)[0] == 'country = "FR"'
    assert 'title has word "assistant"' in strikes.suggestions("hm", known)
    assert not any("stage" in one for one in strikes.suggestions("hm", known))


@pytest.fixture
def book(owner: Person) -> dict[str, int]:
    return populate(owner, clock.now())


def _note(owner: Person, account: int, words: str) -> int:
    resolve.write_note(owner, words, account_id=account, origin="test", now=NOON)
    return (
        Activity.objects.filter(account=account, kind="note").order_by("-id").values_list("id", flat=True)[0]
    )


def test_alike_reasons_gather_and_become_a_rule_of_the_draft(
    owner: Person, owner_client: Client, book: dict[str, int]
) -> None:
    one = _note(owner, book["Juniper Studio"], "Too small, no data team.")
    page = text_of(owner_client.get(f"/accounts/{book['Juniper Studio']}"))
    assert "a reason to disqualify" in page
    form = owner_client.get(f"/activity/{one}/disqualifier").content.decode()
    assert "employees &lt;= 12" in form
    wrong = owner_client.post(
        f"/activity/{one}/disqualifier/keep", {"reason": "small", "criteria": "employees <"}
    )
    assert wrong.status_code == 400
    words = {"reason": "no data team", "suggested": "employees <= 12"}
    kept = owner_client.post(f"/activity/{one}/disqualifier/keep", words, follow=True)
    assert "It waits on the profile" in kept.content.decode()
    two = _note(owner, book["Copper & Pine"], "Nobody there works with data.")
    strikes.strike(owner, Mark("No data people", "employees <= 12", two), "test", NOON)
    profile = profiles()[0].id
    shown = text_of(owner_client.get(f"/profiles/{profile}"))
    for words_seen in ("2 accounts", "Juniper Studio", "Copper", "Nobody there works with data."):
        assert words_seen in shown, words_seen
    lesson = strikes.lessons(owner, profile)[0]
    form_of = {"strike": list(lesson.ids), "reason": lesson.reason, "criteria": lesson.criteria}
    taken = owner_client.post(f"/profiles/{profile}/lessons/take", form_of)
    assert taken.status_code == 303
    draft = int(re.search(r"versions/(\d+)/edit", taken["Location"]).group(1))  # type: ignore[union-attr]
    assert version(draft).profile.disqualifiers[-1].reason == lesson.reason
    assert strikes.lessons(owner, profile) == ()
    assert "take reason into profile" in text_of(owner_client.get("/ledger"))
    assert owner_client.post(f"/profiles/{profile}/lessons/take", form_of).status_code == 409


def test_whom_somebody_rules_out_is_collected_and_taken_back_is_not(
    owner: Person, owner_client: Client, book: dict[str, int]
) -> None:
    lead = Contact.objects.get(full_name="Freja Holm").pk
    profile = profiles()[0].id
    qualify.disqualify(owner, [lead], "Bought from a rival until 2029.", "test", NOON)
    found = strikes.lessons(owner, profile)
    assert [one.reason for one in found] == ["Bought from a rival until 2029."]
    form = {"strike": list(found[0].ids)}
    gone = owner_client.post(f"/profiles/{profile}/lessons/dismiss", form, follow=True).content.decode()
    assert strikes.lessons(owner, profile) == ()
    token = re.search(r'name="token" value="([^"]+)"', gone)
    assert token is not None
    owner_client.post("/undo", {"token": token.group(1)})
    assert len(strikes.lessons(owner, profile)) == 1
    from panout.kernel.lifecycle import Lifecycle

    qualify.put_back(owner, [lead], Lifecycle.LEAD, "test", NOON)
    assert strikes.lessons(owner, profile) == ()


def test_who_does_not_see_a_record_counts_it_and_reads_nothing_of_it(
    owner: Person, teammate: Person, book: dict[str, int]
) -> None:
    one = _note(owner, book["Juniper Studio"], "A secret of Juniper.")
    strikes.strike(owner, Mark("too small", "", one), "test", NOON)
    seer = Person(teammate.id, teammate.name, Role.SDR, Sees.OWN)
    lesson = strikes.lessons(seer, profiles()[0].id)[0]
    assert (lesson.count, lesson.sources, lesson.hidden) == (1, (), 1)
    with pytest.raises(NotFound):
        strikes.strike(seer, Mark("mine", "", one), "test", NOON)
    assert signed_in(teammate).get(f"/activity/{one}/disqualifier").status_code == 404
    assert "A secret of Juniper" not in text_of(signed_in(teammate).get(f"/profiles/{profiles()[0].id}"))


def test_a_reason_is_said_and_rules_are_for_who_edits_profiles(owner: Person, book: dict[str, int]) -> None:
    one = _note(owner, book["Juniper Studio"], "Too small.")
    made = strikes.strike(owner, Mark("too small", "", one), "test", NOON)
    admin = Person(owner.id, owner.name, Role.ADMIN, Sees.ALL)
    profile = profiles()[0].id
    with pytest.raises(NotAllowed):
        strikes.take(admin, profile, [made], "too small", "employees < 50", "test", NOON)
    with pytest.raises(CriteriaError):
        strikes.take(owner, profile, [made], "too small", "employees <", "test", NOON)
    strikes.forget(owner, made, "test", NOON)
    assert strikes.lessons(owner, profile) == ()


def test_a_call_that_ends_in_disqualified_is_collected_with_its_note(
    owner: Person, book: dict[str, int]
) -> None:
    lead = Contact.objects.get(full_name="Freja Holm").pk
    wish = Wish(
        TouchKind.CALL, "Call: Freja Holm", "hand", "", NOON, lead, None, owner.id, "", "", None, 50.0, None
    )
    task = outreach.open_task(owner, wish, NOON)
    cadence.complete_task(owner, task, Disposition.DISQUALIFIED, "They closed the data team.", NOON)
    profile = profiles()[0].id
    found = strikes.lessons(owner, profile)
    assert [one.reason for one in found] == ["They closed the data team."]
    assert "Freja Holm" in found[0].sources[0].label
    cadence.reopen_task(owner, task, NOON)
    assert strikes.lessons(owner, profile) == ()
