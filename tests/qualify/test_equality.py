"""One verdict, two ways to it: the rules a row at a time and the steps all at once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from panout.batch.engine import DuckDBEngine, Engine, open_engine
from panout.criteria.dialects import DIALECTS
from panout.icp.rules.profile import Icp
from panout.icp.rules.reading import read_icp
from panout.kernel.signals import Level
from panout.qualify.rules import Judge, Known, Verdict, reasons_json
from panout.qualify.steps import VIEWS, verdict_steps
from panout.signals.rules import Signal
from tests.qualify.table import fill, judged

AS_OF = date(2026, 11, 1)
EXAMPLES = Path(__file__).parents[2] / "examples/icp"
BARE = """
name: As little as there can be
version: 1
owners: {ae: A, sdr: B}
review: 2026-12-01
fit:
  - {rule: employees >= 10, weight: 1.1}
  - {rule: custom.tier = "a" or custom.tier = "b", weight: -3.7}
"""
# Unusual on purpose: more answers than one whole number holds, roles nobody must cover, signals of any type,
# quotes and accents that have to survive the way into SQL and JSON.
WIDE = (
    """
name: Wide
version: 1
owners: {ae: A, sdr: B}
review: 2026-12-01
fit:
  - {rule: employees between 10 and 500, weight: 30, required: true}
  - {rule: title has word "cfo" or country = "DE", weight: 12.5, required: true}
  - {name: 'it''s "quoted" \\\\ $x é', rule: 'domain contains "it''s"', weight: 3}
  - {rule: count(signal("hiring") within 60 days) >= 2, weight: 4.25}
  - {rule: 'strongest(signal("funding", "hiring")) >= 0.5 and email is known', weight: -8}
"""
    + "".join(f"  - {{rule: employees > {number}, weight: 0.{number + 1}}}\n" for number in range(70))
    + """
disqualifiers:
  - {rule: 'industry = "Gambling"', reason: 'We don''t "do" that'}
  - {rule: opted_out, reason: Opted out}
problems:
  - name: p
    pain: p
    outcome: o
    evidence:
      - {rule: hiring, weight: 60}
      - {rule: 'seniority = "c_level"', weight: 70}
      - {rule: founded < 2000, weight: -25}
roles:
  - {role: economic_buyer, titles: [cfo]}
  - {role: champion, seniority: [manager]}
  - {role: gatekeeper}
signals:
  - {type: hiring, weight: 20, half_life: 45}
  - {type: funding, weight: 30, cap: 31, half_life: 90, fresh: 5}
other_signals: {weight: 99, cap: 100, half_life: 3}
gate: {fit: 40, fresh_days: 30, credible: 0.4}
emphasis: {fit: 0, intensity: 1, timing: 1, team: 3}
"""
)
ICPS = {path.stem: read_icp(path.read_text(), path.name).icp for path in sorted(EXAMPLES.glob("*.yaml"))}
ICPS |= {"bare": read_icp(BARE).icp, "wide": read_icp(WIDE).icp}

_words = st.sampled_from(
    ["US", "DE", "Series A", "Active", "Gambling", "B2B Software", "saas", "CFO", "VP Data, EMEA", "c_level", "manager",
     "data", "champion", "NJ", "it's", "Head of Data", "staffing", "é\"\\"]
)  # fmt: skip
_numbers = st.sampled_from([0, 1, 3, 9, 10, 49, 50, 51, 500, 1000, 2023, 2024, 60000])
_lists = st.lists(st.sampled_from(["dbt", "Snowflake", "API", "SaaS", "GDPR", "Fivetran"]), max_size=3)
_days = st.integers(-40, 400).map(lambda age: AS_OF - timedelta(days=age))


def _some(**fields: st.SearchStrategy[object]) -> st.SearchStrategy[dict[str, object]]:
    return st.fixed_dictionaries({}, optional={name: st.none() | value for name, value in fields.items()})


_account = _some(
    employees=_numbers, founded=_numbers, industry=_words, country=_words, status=_words, stage=_words, domain=_words,
    one_liner=_words, technologies=_lists, tags=_lists, compliance=_lists, hiring=st.booleans(),
)  # fmt: skip
_contact = _some(
    title=_words, seniority=_words, department=_words, buying_role=_words, email=_words, email_grade=_words,
    person_country=_words, person_region=_words, household_size=_numbers, household_income=_numbers,
    home_owner=st.booleans(), opted_out=st.booleans(), do_not_call=st.booleans(),
    birth_date=st.sampled_from([date(1960, 1, 1), date(1985, 6, 1), date(2010, 1, 1)]),
)  # fmt: skip
_custom = st.dictionaries(
    st.sampled_from(["tier", "top_company", "nonprofit"]),
    st.none() | st.sampled_from(["a", "true", "c"]),
    max_size=2,
)
_signals = st.lists(
    st.tuples(
        st.sampled_from(
            ["hiring", "hiring_started", "funding", "team_grew", "form", "moved", "odd_one", "compliance"]
        ),
        st.none() | _days,
        st.none() | st.sampled_from([0.0, 0.25, 0.4, 0.5, 0.77, 1.0]),
        st.sampled_from(["", "board says so", 'it\'s "new"']),
    ),
    max_size=4,
)


@st.composite
def lists(draw: st.DrawFn) -> tuple[list[Known], list[tuple[Known, str | None]]]:
    """A few accounts, people in them, and people without."""
    number = iter(range(1000))

    def known(mark: str, at: int, fields: dict[str, object], *, contact: bool) -> Known:
        one = f"{mark}{at:03d}"
        told = [
            Signal(f"s{next(number):04d}", type_, Level.COMPANY, None if contact else one, one if contact else None,
                   day, strength, "list.csv", evidence)
            for type_, day, strength, evidence in draw(_signals)
        ]  # fmt: skip
        return Known(one, fields, draw(_custom), told)

    accounts = [known("a", at, draw(_account), contact=False) for at in range(draw(st.integers(0, 4)))]
    homes = st.none() | st.sampled_from([account.id for account in accounts]) if accounts else st.none()
    contacts = [
        (known("c", at, draw(_contact), contact=True), draw(homes)) for at in range(draw(st.integers(0, 5)))
    ]
    return accounts, contacts


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = DuckDBEngine(threads=1)
    yield engine
    engine.close()


def by_steps(engine: Engine, icp: Icp, *, contacts: str | None = "contacts") -> list[Verdict]:
    for step in verdict_steps(icp, AS_OF, DIALECTS[engine.kind], contacts=contacts):
        (engine.view if step.name in VIEWS else engine.run)(step)
    rows = sorted(engine.arrow("verdicts").to_pylist(), key=lambda row: row["rank"])
    return [Verdict(**{**row, "missing": tuple(row["missing"])}) for row in rows]


def assert_same(rules: list[Verdict], steps: list[Verdict]) -> None:
    assert [one.rank for one in steps] == list(range(1, len(rules) + 1))
    for right, left in zip(rules, steps, strict=True):
        assert json.loads(left.reasons) == json.loads(reasons_json(right.reasons))
        scores = ("fit", "intensity", "timing", "team", "priority", "known")
        for score in scores:
            assert getattr(left, score) == pytest.approx(getattr(right, score), abs=1e-9), score
        same = dict.fromkeys(scores) | {"reasons": ()}
        assert replace(left, **same) == replace(right, **same)


@pytest.mark.parametrize("name", ICPS)
@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(lists())
@example(([], []))
def test_rules_and_steps_give_the_same_verdicts_scores_and_reasons(engine, name, drawn):
    accounts, contacts = drawn
    fill(engine, accounts, contacts)
    assert_same(judged(Judge(ICPS[name], AS_OF), accounts, contacts), by_steps(engine, ICPS[name]))


@pytest.mark.parametrize("name", ICPS)
@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(lists())
def test_a_list_of_companies_needs_no_contacts(engine, name, drawn):
    accounts, _ = drawn
    fill(engine, accounts, [])
    engine.drop("contacts")
    assert_same(judged(Judge(ICPS[name], AS_OF), accounts, []), by_steps(engine, ICPS[name], contacts=None))


@pytest.mark.xdist_group("spark")
def test_a_cluster_comes_to_the_same_verdicts(spark):
    accounts = [
        Known("a001", {"employees": 120, "industry": "B2B Software", "country": "US", "hiring": True, "status": "Active"},
              {"top_company": "true"}, [Signal("s1", "hiring_started", Level.COMPANY, "a001", None, AS_OF, 0.9, "l", 'it\'s "new"')]),
        Known("a002", {"employees": 20, "stage": "Series A", "technologies": ["dbt"], "founded": 2025}),
        Known("a003", {}, {"tier": "a"}, [Signal("s2", "odd_one", Level.COMPANY, "a003", None, date(2026, 10, 9), 0.5)]),
    ]  # fmt: skip
    contacts = [
        (Known("c001", {"title": "Head of Data", "email": "x@y.example", "email_grade": "ok", "seniority": "head"}), "a001"),
        (Known("c002", {"title": "CFO", "opted_out": True}), "a001"),
        (Known("c003", {"person_country": "US", "person_region": "NJ", "birth_date": date(1985, 6, 1)}, {},
               [Signal("s3", "moved", Level.BUYER, None, "c003", date(2026, 10, 20), 0.8, "", "deed")]), None),
    ]  # fmt: skip
    fill(spark, accounts, contacts)
    for icp in ICPS.values():
        assert_same(judged(Judge(icp, AS_OF), accounts, contacts), by_steps(spark, icp))


@pytest.fixture
def spark(tmp_path) -> Iterator[Engine]:
    engine = open_engine("spark", tmp_path)
    yield engine
    engine.close()
