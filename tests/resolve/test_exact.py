"""Certain keys: what glues, what must not, and who wins a field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from panout.batch.dialects import dialect_of
from panout.batch.engine import DuckDBEngine
from panout.resolve.steps import exact_steps
from tests.resolve.lists import SCHEMA, rows_of

Record = Mapping[str, object]


def resolved(records: Sequence[Record]) -> DuckDBEngine:
    engine = DuckDBEngine()
    engine.load("rows", SCHEMA, rows_of(records).to_batches())
    for step in exact_steps(dialect_of("duckdb")):
        engine.run(step)
    return engine


def groups(records: Sequence[Record], key: str) -> list[list[int]]:
    engine = resolved(records)
    found: dict[str, list[int]] = {}
    for member in engine.arrow("members").sort_by("row_id").to_pylist():
        if member[key] is not None:
            found.setdefault(member[key], []).append(member["row_id"])
    engine.close()
    return sorted(found.values())


def one(engine: DuckDBEngine, name: str) -> dict[str, object]:
    (row,) = engine.arrow(name).to_pylist()
    engine.close()
    return row


@pytest.mark.parametrize(
    ("why", "records", "expected"),
    [
        ("an address in another case", [{"email": "A@acme.com"}, {"email": "a@acme.com"}], [[0, 1]]),
        (
            "two addresses, one profile",
            [
                {"email": "ann@acme.com", "linkedin": "linkedin.com/in/ann"},
                {"email": "ann@gmail.com", "linkedin": "linkedin.com/in/ann"},
                {"linkedin": "linkedin.com/in/ann", "full_name": "Ann Lee"},
            ],
            [[0, 1, 2]],
        ),
        (
            "a name at a company that has one address",
            [
                {"email": "ann@acme.com", "first_name": "Ann", "last_name": "Lee", "domain": "acme.com"},
                {"first_name": "ann", "last_name": "LEE", "domain": "acme.com"},
            ],
            [[0, 1]],
        ),
        (
            "a name at a company that has two addresses",
            [
                {"email": "ann@acme.com", "first_name": "Ann", "last_name": "Lee", "domain": "acme.com"},
                {"email": "ann2@acme.com", "first_name": "Ann", "last_name": "Lee", "domain": "acme.com"},
                {"first_name": "Ann", "last_name": "Lee", "domain": "acme.com"},
            ],
            [[0], [1], [2]],
        ),
        (
            "a role mailbox",
            [
                {"email": "info@acme.com", "first_name": "Ann", "last_name": "Lee"},
                {"email": "info@acme.com", "first_name": "Bob", "last_name": "Ray"},
            ],
            [[0], [1]],
        ),
        (
            "a family's address",
            [
                {"email": "lees@gmail.com", "first_name": "Ann", "last_name": "Lee"},
                {"email": "lees@gmail.com", "first_name": "Bob", "last_name": "Lee"},
            ],
            [[0], [1]],
        ),
        (
            "first and last name the other way round",
            [
                {"email": "isla@acme.com", "first_name": "Isla", "last_name": "Hall"},
                {"email": "isla@acme.com", "first_name": "Hall", "last_name": "Isla"},
            ],
            [[0, 1]],
        ),
        ("a name and nothing else", [{"full_name": "Wei Wang"}, {"full_name": "Wei Wang"}], [[0], [1]]),
        (
            "counters as record ids",
            [
                {"full_name": "Ann Lee", "contact_record_id": "1"},
                {"full_name": "Bob", "contact_record_id": "1"},
            ],
            [[0], [1]],
        ),
    ],
)
def test_people_are_one_by(why: str, records: list[Record], expected: list[list[int]]) -> None:
    assert groups(records, "contact_id") == expected, why


@pytest.mark.parametrize(
    ("why", "records", "expected"),
    [
        ("a domain", [{"domain": "acme.com", "company_name": "Acme"}, {"domain": "acme.com"}], [[0, 1]]),
        (
            "a free-mail domain",
            [{"email": "a@gmail.com", "email_domain": "gmail.com"}, {"email": "b@gmail.com"}],
            [],
        ),
        (
            "a page on a host of pages",
            [
                {"domain": "facebook.com", "company_name": "Acme"},
                {"domain": "facebook.com", "company_name": "Umbrella"},
            ],
            [[0], [1]],
        ),
        (
            "a group's domain",
            [{"domain": "group.com", "company_name": f"Maker {n}"} for n in range(6)],
            [[0], [1], [2], [3], [4], [5]],
        ),
        (
            "a name that stands beside one domain",
            [{"domain": "acme.com", "company_name": "Acme Inc"}, {"company_name": "ACME"}],
            [[0, 1]],
        ),
        (
            "a name that stands beside two domains",
            [
                {"domain": "acme.com", "company_name": "Acme"},
                {"domain": "acme.io", "company_name": "Acme"},
                {"company_name": "Acme"},
            ],
            [[0], [1], [2]],
        ),
    ],
)
def test_companies_are_one_by(why: str, records: list[Record], expected: list[list[int]]) -> None:
    assert groups(records, "account_id") == expected, why


def test_a_shouted_name_loses_and_the_fuller_row_wins_the_rest() -> None:
    engine = resolved(
        [
            {
                "email": "ann@acme.com",
                "first_name": "ANNABEL",
                "last_name": "Lee",
                "title": "CTO",
                "person_city": "Bonn",
            },
            {
                "email": "ann@acme.com",
                "first_name": "Annabel",
                "last_name": "Lee",
                "person_city": "Ulm",
                "opted_out": True,
            },
        ]
    )
    contact = one(engine, "contacts")
    assert (contact["first_name"], contact["title"], contact["person_city"]) == ("Annabel", "CTO", "Bonn")
    assert contact["opted_out"] is True
    assert contact["row_ids"] == [0, 1]


def test_ids_are_the_strongest_key_and_do_not_depend_on_the_order_of_rows() -> None:
    records: list[Record] = [
        {"email": "ann@acme.com", "linkedin": "linkedin.com/in/ann", "domain": "acme.com"},
        {"linkedin": "linkedin.com/in/ann", "company_name": "Acme"},
    ]
    there = resolved(records).arrow("contacts").column("contact_id").to_pylist()
    back = resolved(records[::-1]).arrow("contacts").column("contact_id").to_pylist()
    assert there == back
    assert len(there) == 1


def test_lists_of_texts_are_united() -> None:
    engine = resolved(
        [
            {"domain": "acme.com", "technologies": ["Python", "Go"]},
            {"domain": "acme.com", "technologies": ["Go", "Rust"]},
            {"domain": "acme.com"},
        ]
    )
    account = one(engine, "accounts")
    assert account["technologies"] == ["Go", "Python", "Rust"]
    assert account["tags"] is None
