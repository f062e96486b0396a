"""The sentence says what the tree means; what cannot be is pointed out."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from panout.criteria.contradiction import contradictions
from panout.criteria.explain import sentence
from panout.criteria.parse import parse
from panout.criteria.predicate import predicate
from panout.criteria.tree import And
from tests.criteria import worlds
from tests.criteria.constructs import TEXTS

AS_OF = date(2026, 3, 31)


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("employees between 50 and 500", "Companies where employees are between 50 and 500."),
        ("revenue >= 1.5m", "Companies where annual revenue is at least 1,500,000."),
        ("founded >= 2015", "Companies where year founded is at least 2015."),
        ('country in ("DE", "AT", "CH")', 'Companies where country is "DE", "AT", or "CH".'),
        (
            'title has word "cto" and hiring',
            'People where job title has the word "cto" and "hiring now" is yes.',
        ),
        ('technologies none of ("dbt")', 'Companies where technologies used do not include "dbt".'),
        (
            'technologies all of ("dbt", "x")',
            'Companies where technologies used include all of "dbt" and "x".',
        ),
        ('signal("hiring") within 30 days', "Those with a hiring signal within the last 30 days."),
        ('not signal("exec_change")', "Those with no exec change signal."),
        ('count(signal("news")) >= 2', "Those where the number of news signals is at least 2."),
        ("employees is unknown", "Companies where employees are unknown."),
        ("last_contacted older than 90 days", "People where last contacted is more than 90 days ago."),
        (
            "last_contacted >= as of - 1 day",
            "People where last contacted is on or after 1 day before the day asked.",
        ),
        (
            "hiring and (employees > 5 or tags is unknown)",
            'Companies where "hiring now" is yes and (employees are more than 5 or tags are unknown).',
        ),
        (
            "not (hiring and employees > 5)",
            'Companies where it is not so that ("hiring now" is yes and employees are more than 5).',
        ),
    ],
)
def test_a_tree_in_plain_english(text, meaning):
    assert sentence(parse(text)).replace("“", '"').replace("”", '"') == meaning


@pytest.mark.parametrize("text", TEXTS)
def test_every_construct_can_be_said(text):
    said = sentence(parse(text))
    assert said.endswith(".")
    assert "  " not in said.replace(text, "") or "\n" in text or '" "' in text


@pytest.mark.parametrize(
    "text",
    [
        "employees > 100 and employees < 50",
        "employees > 5 and employees < 6",
        "employees >= 5 and hiring and employees in (1, 2)",
        "employees between 1 and 5 and employees between 6 and 9",
        "revenue > 5 and revenue <= 5",
        'country = "DE" and country = "AT"',
        'country = "DE" and country in ("AT", "CH")',
        'country = "DE" and country != "de"',
        'country in ("DE") and country not in ("de", "at")',
        "hiring and not hiring",
        "employees is unknown and employees > 5",
        "employees is known and employees is unknown",
        "last_contacted within 30 days and last_contacted older than 90 days",
        "last_contacted > 2024-05-01 and last_contacted < 2024-05-02",
        "founded within 2 years and founded older than 9 years",
        'signal("x") and not signal("x")',
        'count(signal("x")) > 2 and count(signal("x")) = 0',
        "opted_out or (employees > 100 and employees < 50)",
    ],
)
def test_what_can_never_hold_is_pointed_out(text):
    assert len(contradictions(parse(text), AS_OF)) == 1


@pytest.mark.parametrize(
    "text",
    [
        "employees > 100 or employees < 50",
        "employees > 5 and employees < 7",
        "revenue > 5 and revenue < 6",
        "employees >= 5 and employees <= 5",
        'country = "DE" and country = "de"',
        'country != "DE" and country != "AT"',
        "employees is known and employees > 5",
        "last_contacted > 2024-05-01 and last_contacted < 2024-05-03",
        'technologies any of ("a") and technologies none of ("b")',
        'signal("x") and not signal("x") within 5 days',
        "hiring and not opted_out",
    ],
)
def test_what_can_hold_is_left_alone(text):
    assert contradictions(parse(text), AS_OF) == ()


@settings(max_examples=200, deadline=None)
@given(st.lists(worlds.ordered(), min_size=2, max_size=4), st.lists(worlds.records(), max_size=10))
def test_nobody_satisfies_what_is_called_a_contradiction(parts, records):
    tree = And(tuple(parts))
    if contradictions(tree, worlds.AS_OF):
        holds = predicate(tree, worlds.AS_OF)
        assert not any(holds(record) for record in records)
