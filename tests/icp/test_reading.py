"""An ICP file is a profile, or a list of places to mend."""

from __future__ import annotations

import json
import re
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from panout.icp.rules.profile import Audience, Scope
from panout.icp.rules.reading import IcpError, read_icp
from panout.icp.rules.shape import schema_text
from panout.icp.rules.source import LARGEST_FILE
from panout.qualify.rules import Judge, Known

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples/icp").glob("*.yaml"))
HEAD = """\
name: N
version: 1
owners: {ae: A, sdr: B}
review: 2026-12-01
"""
FIT = """\
fit:
  - {rule: employees >= 50, weight: 10}
"""
ROLES = (
    HEAD
    + FIT
    + """\
roles:
  - {name: head of data, role: champion, titles: [head of data], seniority: [manager], department: [data]}
  - {name: chief, role: decision_maker}
"""
)


def faults(text: str) -> list[str]:
    with pytest.raises(IcpError) as caught:
        read_icp(text, "icp.yaml")
    return str(caught.value).split("\n")


def warnings(text: str) -> list[str]:
    return [str(warning) for warning in read_icp(text).warnings]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_the_worked_examples_are_profiles_without_a_warning(path):
    assert read_icp(path.read_text(), path.name).warnings == ()


def test_there_are_three_worked_examples():
    assert [path.stem for path in EXAMPLES] == ["b2b-software", "b2c-insurance", "yc"]


def test_the_published_schema_is_the_codes():
    assert (ROOT / "docs/schema/icp.schema.json").read_text() == schema_text()


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_editors_accept_the_worked_examples_and_see_a_wrong_key(path):
    validator = Draft202012Validator(json.loads(schema_text()))
    values = json.loads(json.dumps(YAML(typ="safe").load(path), default=str))
    assert list(validator.iter_errors(values)) == []
    assert list(validator.iter_errors(values | {"weigths": 1}))


def test_a_profile_of_people_needs_no_company():
    icp = read_icp((ROOT / "examples/icp/b2c-insurance.yaml").read_text()).icp
    assert icp.audience is Audience.PEOPLE
    assert icp.roles == ()
    assert {rule.scope for rule in icp.fit} == {Scope.PERSON}


def test_a_rule_is_asked_of_the_person_where_it_speaks_of_one():
    rules = "  - {rule: title is known, weight: 1}\n  - {rule: hiring, weight: 1, about: person}\n"
    icp = read_icp(HEAD + FIT + rules).icp
    assert [rule.scope for rule in icp.fit] == [Scope.COMPANY, Scope.PERSON, Scope.PERSON]


def test_what_a_signal_does_not_say_comes_from_its_type_and_from_the_gate():
    icp = read_icp(HEAD + FIT + "signals: [{type: site_visit, weight: 30}]\ngate: {fresh_days: 9}\n").icp
    (kind,) = icp.signals
    assert (kind.level, kind.half_life, kind.cap, kind.fresh) == ("buyer", 7.0, 60.0, 9)


def test_signals_of_our_own_invention_can_be_listed_and_then_asked_for():
    rule = "  - {rule: signal('conveyor_belt_broke') within 9 days, weight: 1}\n"
    assert "unknown signal type 'conveyor_belt_broke'" in faults(HEAD + FIT + rule)[0]
    read_icp(HEAD + FIT + rule + "signals: [{type: conveyor_belt_broke, weight: 30}]\n")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", "icp.yaml:1:1 the file is empty."),
        ("- a\n- b\n", "icp.yaml:1:1 an ICP file is a list of keys and values."),
        (HEAD, "icp.yaml:1:1 the key 'fit' is missing."),
        (HEAD + "fit: []\n", "icp.yaml:5:6 'fit'"),
        (HEAD.replace("N", "[N", 1) + FIT, "icp.yaml:2:8 this is not YAML"),
        (HEAD + FIT + "name: again\n", "icp.yaml:7:1 the key 'name' is here twice."),
        (HEAD + FIT + "dsqualifiers: []\n", "icp.yaml:7:1 unknown key 'dsqualifiers'. Did you mean 'disqualifiers'?"),
        (HEAD + "fit:\n  - rule: hiring\n    wieght: 3\n", "icp.yaml:7:5 unknown key 'wieght'. Did you mean 'weight'?"),
        (HEAD + "fit:\n  - rule: hiring\n    weight: high\n", "icp.yaml:7:13 'weight' must be a number, not 'high'."),
        (HEAD + "fit:\n  - rule: hiring\n    weight: 1e300\n", "icp.yaml:7:13 'weight' must be less than"),
        (HEAD + "fit:\n  - rule: hiring\n    weight: .nan\n", "icp.yaml:7:13 'weight' must be a finite number"),
        (HEAD + f"fit:\n  - rule: hiring\n    weight: {'9' * 5000}\n", "icp.yaml:7:13"),
        (HEAD + "fit:\n  - {rule: hiring, weight: -3}\n", "icp.yaml:5:1 no fit rule has a weight above zero."),
        (HEAD + FIT + "roles: [{role: champon}]\n", "icp.yaml:7:16 'role' cannot be 'champon'. Did you mean 'champion'?"),
        (HEAD.replace("1", "0", 1) + FIT, "icp.yaml:2:10 'version' must be greater than or equal to 1"),
        (HEAD.replace("2026-12-01", "2026-13-01") + FIT, "icp.yaml:4:9 'review' must be a date"),
        (HEAD.replace(", sdr: B", "") + FIT, "icp.yaml:3:9 the key 'sdr' is missing."),
        (HEAD + "fit:\n  - {rule: employes > 5, weight: 1}\n", "icp.yaml:6:12 unknown field 'employes'. Did you mean"),
        (HEAD + "fit:\n  - rule: >-\n      hiring\n      and employes > 5\n    weight: 1\n", "icp.yaml:8:11 unknown"),
        (HEAD + "fit:\n  - rule: |\n      hiring\n      and employes > 5\n    weight: 1\n", "icp.yaml:8:11 unknown"),
        (HEAD + "fit:\n  - {rule: 'employes > 5', weight: 1}\n", "icp.yaml:6:13 unknown field 'employes'."),
        (HEAD + 'fit:\n  - {rule: "industry = \\"x\\" or employes > 5", weight: 1}\n', "icp.yaml:6:33 unknown field"),
        (HEAD + "fit:\n  - {rule: email is known, weight: 1, about: company}\n", "'email' is a fact about a person."),
        (HEAD + FIT + "signals: [{type: hiring, weight: 9, cap: 9}]\n", "icp.yaml:7:42 the cap 9 is not above"),
        (HEAD + FIT + "signals: [{type: news, weight: 9}, {type: news, weight: 8}]\n", "'news' is here twice."),
        (HEAD + FIT + "channels: [{first: email, roles: [boss]}]\n", "icp.yaml:7:35 there is no role 'boss'."),
    ],
)  # fmt: skip
def test_a_fault_is_named_with_its_place_and_its_mend(text, fault):
    assert any(fault in line for line in faults(text)), faults(text)


def test_every_fault_is_told_at_once_in_the_order_of_the_file():
    told = faults(HEAD.replace("version: 1", "version: x") + "fit: [{rule: 7}]\ncolour: red\n")
    assert [re.match(r"icp.yaml:(\d+)", line)[1] for line in told] == ["2", "5", "5", "6"]


@pytest.mark.parametrize(
    "text",
    [
        "a: &x [lol, lol]\nb: *x\n",
        "a: !!python/object/apply:os.system [true]\n",
        "a: 1\n---\nb: 2\n",
        "[" * 10_000 + "]" * 10_000,
        "- " * 10_000 + "x",
        "a: 1\n" * LARGEST_FILE,
        "a: \x00\n",
        "a: [" + "1, " * 30_000 + "1]",
        "? [a, b]\n: c\n",
    ],
    ids=["alias", "tag", "documents", "deep", "deep blocks", "large", "nul", "many", "key"],
)
def test_bombs_are_refused_before_they_go_off(text):
    assert len(faults(text)) == 1


def test_a_criterion_ten_thousand_levels_deep_is_refused():
    rule = "(" * 10_000 + "hiring" + ")" * 10_000
    assert "icp.yaml:6:" in faults(HEAD + f"fit:\n  - rule: '{rule}'\n    weight: 1\n")[0]
    assert len(faults(HEAD + f"fit:\n  - rule: '{rule[1000:-1000]}'\n    weight: 1\n")) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("employees < 50", "employees > 500"),
        ("employees between 1 and 9", "employees = 10"),
        ("employees < 50", "employees >= 50"),
        ('country = "US"', 'country in ("DE", "FR")'),
        ("hiring", "not hiring"),
        ('country = "US" and employees > 5', "employees <= 5"),
    ],
)
def test_required_rules_that_cannot_both_hold_are_refused(one, other):
    rules = f"fit:\n  - {{rule: '{one}', weight: 1, required: true}}\n  - {{rule: '{other}', weight: 1, required: true}}\n"
    assert faults(HEAD + rules)[0].startswith("icp.yaml:7:12 required rules contradict each other")
    assert read_icp(HEAD + rules.replace("weight: 1, required: true}\n  -", "weight: 1}\n  -")).icp


def test_a_disqualifier_may_not_be_what_is_required():
    rules = "fit: [{rule: hiring, weight: 1, required: true}]\ndisqualifiers: [{rule: hiring, reason: R}]\n"
    assert "disqualifies just those" in faults(HEAD + rules)[0]


def test_what_has_no_effect_is_warned_of():
    assert "no signals are listed" in warnings(HEAD + FIT)[0]
    twice = HEAD + FIT + "  - {rule: employees >= 50, weight: 4}\nsignals: [{type: news, weight: 3}]\n"
    assert warnings(twice) == ["7:12 this rule is here twice. Add its weights up."]


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=200) | st.sampled_from(EXAMPLES).flatmap(
    lambda path: st.tuples(st.integers(0, 5000), st.integers(0, 60), st.text(max_size=6)).map(
        lambda cut: path.read_text()[: cut[0]] + cut[2] + path.read_text()[cut[0] + cut[1] :]
    )
))  # fmt: skip
def test_any_text_is_a_profile_or_gives_places(text):
    try:
        read_icp(text)
    except IcpError as error:
        faults = error.faults
    else:
        return
    lines = text.count("\n") + 2
    assert faults
    assert all(1 <= fault.line <= lines and fault.column >= 1 for fault in faults)


def test_the_reading_is_what_the_file_says():
    icp = read_icp((ROOT / "examples/icp/b2b-software.yaml").read_text()).icp
    assert (icp.name, icp.version, icp.ae, icp.sdr) == (
        "Data observability for software companies", 3, "Nadia Okafor", "Jonas Weber",
    )  # fmt: skip
    assert icp.review == date(2026, 12, 15)
    assert [role.name for role in icp.cover] == ["head of data", "technical decision"]
    assert icp.changes[-1].by == "Nadia Okafor"
    assert icp.channels[0].first == "phone"


def test_a_role_guessed_from_a_title_does_not_stand_against_the_profiles_own_words():
    judge = Judge(read_icp(ROLES, "roles").icp, date(2026, 11, 23))

    def role(**fields):
        return judge.role_of(Known("c1", {"seniority": "manager", "department": "hr", **fields}))

    assert role(title="Head of Data", buying_role="influencer") == "head of data"
    assert role(title="HR Manager", buying_role="champion") == ""
    assert (
        role(buying_role="champion") == "head of data"
    )  # no title to ask: what the list says is all there is
    assert role(title="Porter", buying_role="decision_maker") == "chief"  # a role without words of its own
