"""What each condition means, on records whose answer a reader can check by eye."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from panout.criteria.parse import parse
from panout.criteria.predicate import Record, missing, predicate
from panout.criteria.schema import CATALOGUE, Known, Side
from panout.criteria.tree import Span, Unit, fields, signal_uses
from panout.kernel.fields import Kind
from tests.criteria.worlds import Seen1

AS_OF = date(2026, 3, 31)


def answer(text, facts=None, signals=(), custom=None):
    return predicate(parse(text), AS_OF)(Record(facts or {}, signals, custom or {}))


@pytest.mark.parametrize(
    ("text", "facts", "told"),
    [
        ("employees >= 50", {"employees": 50}, True),
        ("employees >= 50", {"employees": 49}, False),
        ("employees >= 50", {}, None),
        ("employees >= 50", {"employees": None}, None),
        ("employees between 50 and 500", {"employees": 500}, True),
        ("employees in 50..500", {"employees": 501}, False),
        ("revenue >= 1.5m", {"revenue": 1_500_000.0}, True),
        ("revenue >= 1.5m", {"revenue": float("nan")}, None),
        ('industry = "software"', {"industry": "SOFTWARE"}, True),
        ('industry != "software"', {"industry": "Steel"}, True),
        ('industry != "software"', {}, None),
        ('country not in ("DE", "AT")', {"country": "CH"}, True),
        ('country not in ("DE", "AT")', {}, None),
        ('title has word "cto"', {"title": "Director of Sales"}, False),
        ('title contains "cto"', {"title": "Director of Sales"}, True),
        ('title has word "cto"', {"title": "Founder/CTO"}, True),
        ('title has word "vp sales"', {"title": "VP, Sales"}, True),
        ('title starts with any of ("vp", "head")', {"title": "Head of IT"}, True),
        ('technologies any of ("dbt")', {"technologies": ["DBT"]}, True),
        ('technologies any of ("dbt")', {"technologies": []}, False),
        ('technologies any of ("dbt")', {"technologies": None}, None),
        ('technologies any of ("dbt")', {"technologies": [None]}, False),
        ('technologies all of ("dbt", "spark")', {"technologies": ["dbt", "spark", "x"]}, True),
        ('technologies none of ("dbt")', {"technologies": ["spark"]}, True),
        ('technologies none of ("dbt")', {}, None),
        ("hiring", {"hiring": True}, True),
        ("not hiring", {"hiring": False}, True),
        ("not hiring", {}, None),
        ("employees is unknown", {}, True),
        ("employees is known", {}, False),
        ("last_contacted within 30 days", {"last_contacted": date(2026, 3, 1)}, True),
        ("last_contacted within 30 days", {"last_contacted": date(2026, 2, 28)}, False),
        ("last_contacted within 30 days", {"last_contacted": date(2026, 4, 1)}, False),
        ("last_contacted within next 30 days", {"last_contacted": date(2026, 4, 30)}, True),
        ("last_contacted older than 90 days", {"last_contacted": date(2025, 12, 31)}, False),
        ("last_contacted older than 90 days", {"last_contacted": date(2025, 12, 30)}, True),
        ("last_contacted within 1 month", {"last_contacted": date(2026, 2, 28)}, True),
        ("last_contacted = as of", {"last_contacted": datetime(2026, 3, 31, 12)}, True),
        ("birth_date older than 18 years", {"birth_date": date(2008, 3, 31)}, False),
        ("founded within 5 years", {"founded": 2021}, True),
        ("founded older than 5 years", {"founded": 2020}, True),
        # a value of another kind is no knowledge
        ("employees >= 50", {"employees": "many"}, None),
        ("employees >= 1", {"employees": True}, None),
        ('industry = "5"', {"industry": 5}, None),
    ],
)
def test_one_condition(text, facts, told):
    assert answer(text, facts) is told


@pytest.mark.parametrize(
    ("hiring", "out", "both", "either"),
    [
        (True, True, True, True),
        (True, False, False, True),
        (True, None, None, True),
        (False, False, False, False),
        (False, None, False, None),
        (None, None, None, None),
    ],
)
def test_unknown_is_not_false(hiring, out, both, either):
    facts = {"hiring": hiring, "opted_out": out}
    for order in ("hiring {} opted_out", "opted_out {} hiring"):
        assert answer(order.format("and"), facts) is both
        assert answer(order.format("or"), facts) is either


def test_not_binds_tightest_then_and_then_or():
    facts = {"hiring": False, "opted_out": True, "employees": 1}
    assert answer("not hiring or opted_out and employees > 5", facts) is True
    assert answer("(not hiring or opted_out) and employees > 5", facts) is False
    assert answer("not (hiring or opted_out)", facts) is False


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('signal("hiring")', True),
        ('signal("HIRING") within 30 days', True),
        ('signal("funding") within 30 days', False),
        ('signal("funding")', True),
        ('signal("tomorrow")', False),
        ('signal("undated")', False),
        ('count(signal("hiring") within 30 days) >= 2', True),
        ('count(signal("hiring")) = 3', True),
        ("count(signal()) = 4", True),
        ('strongest(signal("hiring") within 30 days) = 0.5', True),
        ('signal("hiring").strength = 1', True),
        ('signal("nothing").strength = 0', True),
        ('latest(signal("funding")) older than 1 year', True),
        ('latest(signal("nothing")) older than 1 year', None),
    ],
)
def test_signals(text, told):
    seen = (
        Seen1("hiring", date(2026, 3, 1), 0.5),
        Seen1("hiring", date(2026, 3, 31), None),
        Seen1("hiring", date(2026, 1, 1), 1.0),
        Seen1("funding", date(2025, 3, 30), 0.9),
        Seen1("tomorrow", date(2026, 4, 1), 1.0),
        Seen1("undated", None, 1.0),
    )
    assert answer(text, signals=seen) is told
    assert answer(text, signals=None) is None


@pytest.mark.parametrize(
    ("text", "custom", "told"),
    [
        ('custom.plan = "PRO"', {"plan": "pro"}, True),
        ('custom.plan = "pro"', {"Plan": "pro"}, None),
        ("custom.seats >= 10", {"seats": "12"}, True),
        ("custom.seats >= 10", {"seats": "a dozen"}, None),
        ("custom.seats is known", {"seats": "a dozen"}, True),
        ('custom."Deal size" = 10.5', {"Deal size": "+010.50"}, True),
        ("custom.seats = 1000", {"seats": "1,000"}, None),
        ('custom.seats = "12"', {"seats": "12"}, True),
    ],
)
def test_custom_fields(text, custom, told):
    assert answer(text, custom=custom) is told


def test_a_tree_tells_what_it_rests_on_and_what_is_missing():
    tree = parse(
        'employees > 5 and (signal("x") or custom.plan = "pro") and not employees > 90 and tags is known'
    )
    assert fields(tree) == ("employees", "signals", "custom.plan", "tags")
    assert missing(tree, Record({"employees": 9}, None)) == ("signals", "custom.plan", "tags")
    assert missing(tree, Record({"employees": 9, "tags": []}, (), {"plan": "x"})) == ()


def test_equal_figures_over_signals_are_needed_once():
    tree = parse(
        'signal("a") within 9 days and count(signal("a") within 9 days) < 5 and latest(signal("a")) < as of'
    )
    assert [str(use) for use in signal_uses(tree)] == [
        'count(signal("a") within 9 days)',
        'latest(signal("a"))',
    ]


def test_a_room_adds_fields_of_its_own():
    schema = CATALOGUE.plus([Known("reply", Kind.TEXT, Side.OTHER, "reply")], signals=["hiring"])
    tree = parse('reply = "positive" and signal("hiring")', schema)
    assert predicate(tree, AS_OF)(Record({"reply": "Positive"}, [Seen1("hiring", AS_OF, None)])) is True


@pytest.mark.parametrize(
    ("count", "unit", "start", "earlier", "later"),
    [
        (1, Unit.DAY, date(2026, 3, 1), date(2026, 2, 28), date(2026, 3, 2)),
        (2, Unit.WEEK, date(2026, 3, 31), date(2026, 3, 17), date(2026, 4, 14)),
        (1, Unit.MONTH, date(2026, 3, 31), date(2026, 2, 28), date(2026, 4, 30)),
        (1, Unit.MONTH, date(2026, 3, 15), date(2026, 2, 15), date(2026, 4, 15)),
        (1, Unit.MONTH, date(2026, 12, 1), date(2026, 11, 1), date(2027, 1, 1)),
        (13, Unit.MONTH, date(2026, 1, 31), date(2024, 12, 31), date(2027, 2, 28)),
        (1, Unit.YEAR, date(2024, 2, 29), date(2023, 2, 28), date(2025, 2, 28)),
        (4, Unit.YEAR, date(2024, 2, 29), date(2020, 2, 29), date(2028, 2, 29)),
        (0, Unit.MONTH, date(2026, 3, 31), date(2026, 3, 31), date(2026, 3, 31)),
        (10_000, Unit.YEAR, date(2026, 3, 31), date.min, date.max),
        (10_000, Unit.MONTH, date(9000, 3, 31), date(8166, 11, 30), date(9833, 7, 31)),
        (10_000, Unit.WEEK, date(2, 1, 1), date.min, date(193, 8, 27)),
    ],
)
def test_spans_are_calendar_time(count, unit, start, earlier, later):
    assert (Span(count, unit).before(start), Span(count, unit).after(start)) == (earlier, later)
