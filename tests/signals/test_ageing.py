"""Signals grow old and stack, the same in one go and day by day, in rules and in SQL."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panout.batch.engine import DuckDBEngine, Engine
from panout.batch.steps import Step
from panout.criteria.dialects import DUCKDB
from panout.icp.rules.reading import read_icp
from panout.kernel.signals import Level
from panout.qualify.rules import Judge, Known, Subject
from panout.qualify.steps import VIEWS, account_tests, answers_age, carried_tests, verdict_steps
from panout.signals.rules import Signal, best, carried, points, sums, tidy, timing
from panout.signals.steps import carried_sums, decayed_sums
from tests.qualify.table import ACCOUNTS, SIGNALS, load

DAY = date(2026, 11, 1)
ICP = read_icp(
    """
name: N
version: 1
owners: {ae: A, sdr: B}
review: 2026-12-01
fit: [{rule: employees >= 50, weight: 10}]
signals:
  - {type: hiring, weight: 20, half_life: 30}
  - {type: funding, weight: 30, cap: 40, half_life: 90, fresh: 90}
other_signals: {weight: 5, half_life: 10}
gate: {fresh_days: 30, credible: 0.5}
"""
).icp
HIRING, FUNDING, OTHER = ICP.kinds


def signal(
    type_: str = "hiring", age: int = 0, strength: float = 1.0, mark: str = "s1", of: str = "a1"
) -> Signal:
    return Signal(mark, type_, Level.COMPANY, of, None, DAY - timedelta(days=age), strength, "list.csv", "")


def test_one_strong_signal_of_today_is_worth_its_weight():
    assert points(HIRING, sums(ICP, [signal()], DAY).totals[0]) == pytest.approx(20)
    assert timing(ICP, sums(ICP, [signal()], DAY).totals) == pytest.approx(20)


def test_after_a_half_life_half_is_left():
    assert sums(ICP, [signal(age=30)], DAY).totals[0] == pytest.approx(0.5)
    assert sums(ICP, [signal("funding", age=180)], DAY).totals[1] == pytest.approx(0.25)


def test_each_further_signal_of_a_type_adds_less_and_all_of_them_stay_below_the_cap():
    worth = [points(FUNDING, total) for total in range(1, 9)]
    steps = [later - earlier for earlier, later in pairwise(worth)]
    assert worth[0] == pytest.approx(30)
    assert steps == sorted(steps, reverse=True)
    assert worth[-1] < 40


def test_kinds_combine_to_less_than_their_sum_and_never_reach_a_hundred():
    both = timing(ICP, [1.0, 1.0, 0.0])
    assert both == pytest.approx(100 * (1 - 0.8 * 0.7))
    assert timing(ICP, [40.0, 40.0, 40.0]) < 100


def test_what_lies_ahead_has_no_date_or_no_strength_does_not_count_yet():
    ahead = [signal(age=-1), Signal("s", "hiring", Level.COMPANY, "a1", None, None, 1.0)]
    nothing = [*ahead, Signal("s", "hiring", Level.COMPANY, "a1", None, DAY, None)]
    assert sums(ICP, nothing, DAY) == sums(ICP, [], DAY)
    assert best(ICP, nothing, DAY) is None


def test_a_type_that_is_not_listed_counts_with_the_others():
    assert sums(ICP, [signal("never_heard_of")], DAY).totals == (0, 0, 1)
    found = best(ICP, [signal("never_heard_of")], DAY)
    assert found == (5.0, "never heard of (2026-11-01)")


def test_the_gate_is_open_as_long_as_the_freshest_credible_signal_says():
    assert sums(ICP, [signal(age=30), signal(strength=0.4)], DAY).fresh_until == DAY
    assert sums(ICP, [signal("funding", age=80)], DAY).fresh_until == DAY + timedelta(days=10)
    judge = Judge(ICP, DAY)
    for age, verdict in ((30, "prospect"), (31, "lead")):
        account = Known("a1", {"employees": 70}, signals=[signal(age=age)])
        assert judge.verdict(Subject(account, None)).verdict == verdict


_signals = st.lists(
    st.builds(
        signal,
        st.sampled_from(["hiring", "funding", "odd"]),
        st.integers(-30, 400),
        st.floats(0, 1),
        of=st.sampled_from(["a1", "a2"]),
    ),
    max_size=8,
)


@given(_signals, _signals, st.integers(0, 60))
def test_sums_carried_on_equal_sums_made_anew(known, arrived, days):
    since = DAY - timedelta(days=days)
    # What was ahead on the day of keeping, and has come since, is new as well.
    ahead = [one for one in known if one.date > since]
    kept = sums(ICP, known, since)
    again, anew = carried(ICP, kept, since, [*ahead, *arrived], DAY), sums(ICP, [*known, *arrived], DAY)
    assert again.totals == pytest.approx(anew.totals, rel=1e-9)
    assert again.fresh_until == anew.fresh_until


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = DuckDBEngine(threads=1)
    yield engine
    engine.close()


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(_signals, _signals, st.integers(0, 60))
def test_the_steps_refresh_to_what_the_rules_find_and_to_the_same_scores(engine, known, arrived, days):
    since = DAY - timedelta(days=days)
    companies = [{"account_id": "a1", "employees": 70}, {"account_id": "a2"}]
    load(engine, "accounts", ACCOUNTS, companies)

    def told(name: str, signals: list[Signal]) -> None:
        rows = [{column: getattr(one, column) for column in SIGNALS.names} for one in signals]
        load(engine, name, SIGNALS, rows)

    def decayed(on: date, table: str, name: str) -> None:
        engine.run(decayed_sums(ICP, on, DUCKDB, key="account_id", table=table, name=name))

    def scores(given: tuple[str, ...] = ()) -> list[dict[str, object]]:
        for step in verdict_steps(ICP, DAY, DUCKDB, contacts=None, given=given):
            (engine.view if step.name in VIEWS else engine.run)(step)
        return sorted(engine.arrow("scores").to_pylist(), key=lambda row: row["account_id"])

    told("signals", [*known, *arrived])
    anew = scores()

    told("signals", known)
    decayed(since, "signals", "account_sums")
    engine.run(Step("kept_sums", "SELECT * FROM account_sums"))
    engine.run(account_tests(ICP, since, DUCKDB))
    engine.run(Step("kept_tests", "SELECT * FROM account_tests"))
    told("signals", [*(one for one in known if one.date > since), *arrived])
    decayed(DAY, "signals", "new_sums")
    carried_on = carried_sums(
        ICP, since, DAY, DUCKDB, key="account_id", kept="kept_sums", new="new_sums", name="account_sums"
    )
    engine.run(carried_on)
    for row in engine.arrow("account_sums").to_pylist():
        ours = sums(ICP, [one for one in [*known, *arrived] if one.account_id == row["account_id"]], DAY)
        found = [row["sum_hiring"], row["sum_funding"], row["sum_of_others"]]
        assert found == pytest.approx(ours.totals, rel=1e-9, abs=1e-12)
        assert row["fresh_until"] == ours.fresh_until
    for given_, steps in (
        (("account_sums",), []),
        (
            ("account_tests",),
            [carried_tests(ICP, since, DAY, DUCKDB, kept="kept_tests", new_sums="new_sums")],
        ),
    ):
        for step in steps:
            engine.run(step)
        for refreshed, full in zip(scores(given_), anew, strict=True):
            assert refreshed == {
                name: pytest.approx(value, abs=2e-4) if isinstance(value, float) else value
                for name, value in full.items()
            }
        engine.drop("account_sums")


def test_answers_that_rest_on_the_day_or_on_signals_may_not_be_kept():
    def icp(rule: str, about: str = ""):
        head = "name: N\nversion: 1\nowners: {ae: A, sdr: B}\nreview: 2026-12-01\n"
        return read_icp(f"{head}fit:\n  - {{rule: '{rule}', weight: 1{about}}}\n").icp

    assert not answers_age(icp('employees > 5 and industry has word "x" and not hiring'))
    for rule in ("founded older than 3 years", 'signal("hiring") within 9 days', 'count(signal("news")) > 2'):
        assert answers_age(icp(rule)), rule
    assert not answers_age(icp("last_contacted older than 3 months"))


def test_scores_are_rounded_half_up_to_four_places():
    assert [tidy(value) for value in (0.00005, 1 / 3, 66.66666, -0.00005)] == [0.0001, 0.3333, 66.6667, 0.0]
