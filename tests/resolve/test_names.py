"""Names of companies and people: when two are one."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panout.resolve.rules.names import (
    How,
    company_likeness,
    person_likeness,
    same_company_name,
    same_person_name,
)

PAIRS = Path(__file__).parents[3] / "shared/data/er/name_pairs.csv"


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Siemens AG", "SIEMENS Aktiengesellschaft"),
        ("The Acme Company, Inc.", "Acme"),
        ("Müller & Söhne GmbH & Co. KG", "Mueller und Sohne"),
        ("ООО Ромашка", "Romashka LLC"),
        ("Intl. Widget Mfg", "International Widget Manufacturing"),
        ("Power Point Systems", "PowerPoint Systems"),
        ("IBM", "International Business Machines"),
        ("Gogle", "Google"),
    ],
)
def test_companies_of_one_name(left: str, right: str) -> None:
    assert same_company_name(left, right)


@pytest.mark.parametrize(
    ("left", "right", "how"),
    [
        ("Acme Ltd", "Acme Germany GmbH", How.BRANCH),
        ("Acme AG", "Acme GmbH", How.FORM),
        ("Acme Systems", "Acme Industries", How.DIFFERENT),
        ("Growth Fund 2", "Growth Fund 3", How.DIFFERENT),
        ("Volkswagen AG", "Siemens AG", How.DIFFERENT),
    ],
)
def test_companies_of_two_names(left: str, right: str, how: How) -> None:
    assert company_likeness(left, right).how is how
    assert not same_company_name(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("Merkel, Angela", "Angela Merkel"),
        ("Bob Smith", "Robert Smith"),
        ("J. Smith", "John Smith"),
        ("JC Juncker", "Jean-Claude Juncker"),
        ("Сергей Лавров", "Sergey Lavrov"),
        ("Dr. Anna Maria Huber", "Anna Huber"),
    ],
)
def test_people_of_one_name(left: str, right: str) -> None:
    assert same_person_name(left, right)


@pytest.mark.parametrize(
    ("left", "right"),
    [("Anna Huber", "Peter Huber"), ("J. S.", "John Smith"), ("Pedro Sancho", "Pedro Gomez")],
)
def test_people_of_two_names(left: str, right: str) -> None:
    assert not same_person_name(left, right)


@given(st.text(max_size=40), st.text(max_size=40))
def test_likeness_is_the_same_both_ways_round_and_between_0_and_1(left: str, right: str) -> None:
    there, back = company_likeness(left, right), company_likeness(right, left)
    assert there.how is back.how
    assert there.score == pytest.approx(back.score)
    assert 0 <= there.score <= 1
    assert 0 <= person_likeness(left, right) <= 1
    assert person_likeness(left, right) == pytest.approx(person_likeness(right, left))


@pytest.mark.skipif(not PAIRS.exists(), reason="the public name pairs are not here")
def test_public_pairs_of_company_names_are_told_apart() -> None:
    with PAIRS.open(encoding="utf-8") as handle:
        pairs = [row for row in csv.DictReader(handle) if row["schema"] == "Company"]
    said = [same_company_name(row["name1"], row["name2"]) for row in pairs]
    true = [row["is_match"] == "true" for row in pairs]
    right = sum(a and b for a, b in zip(said, true, strict=True))
    assert 2 * right / (sum(said) + sum(true)) >= 0.87
