"""Members that certain keys left apart: folded alike in whatever order the rows come."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import pytest

from panout.batch.dialects import dialect_of
from panout.batch.engine import DuckDBEngine
from panout.resolve.alike import fold_alike
from panout.resolve.steps.exact import member_steps
from panout.resolve.subjects import Extras, Kind
from tests.resolve.lists import SCHEMA, rows_of

Record = Mapping[str, object]

COMPANIES: list[Record] = [
    {"company_name": "Quillfeather Labs", "city": "Bonn", "company_phone": "+49228123456", "founded": 2011},
    {
        "company_name": "Quillfeather Labs",
        "domain": "quillfeather.com",
        "city": "Bonn",
        "company_phone": "+49228123456",
    },
    {
        "company_name": "Quilfeather Labs",
        "domain": "quillfeather.de",
        "city": "Bonn",
        "company_phone": "+49228123456",
    },
    {"company_name": "Bratwurst", "domain": "bratwurst.com", "city": "Ulm"},
]
PEOPLE: list[Record] = [
    {"first_name": "Ann", "last_name": "Quillfeather", "phone": "+49228987654", "domain": "acme.com"},
    {"first_name": "Anne", "last_name": "Quillfeather", "email": "ann@acme.com", "phone": "+49228987654"},
    {"first_name": "Ann", "last_name": "Quilfeather", "email": "ann.q@acme.com", "phone": "+49228987654"},
    {"first_name": "Otto", "last_name": "Bratwurst", "email": "otto@acme.com"},
]


def ids(records: Sequence[Record], kind: Kind) -> list[str]:
    """The id of each record's account or contact."""
    member = "account_id" if kind is Kind.COMPANIES else "contact_id"
    engine = DuckDBEngine()
    engine.load("rows", SCHEMA, rows_of(records).to_batches())
    for step in member_steps(dialect_of("duckdb")):
        engine.run(step)
    fold_alike(engine, kind, Extras())
    table = engine.ask(f"SELECT {member} AS id FROM members ORDER BY row_id")
    engine.close()
    return [str(one) for one in table.column("id").to_pylist()]


@pytest.mark.parametrize(("kind", "records"), [(Kind.COMPANIES, COMPANIES), (Kind.PEOPLE, PEOPLE)])
def test_ids_depend_on_what_rows_say_and_not_on_their_order(kind: Kind, records: list[Record]) -> None:
    there = ids(records, kind)
    assert len(set(there)) < len(records)
    for seed in range(6):
        order = list(range(len(records)))
        random.Random(seed).shuffle(order)
        found = dict(zip(order, ids([records[at] for at in order], kind), strict=True))
        assert [found[at] for at in range(len(records))] == there


def test_a_company_without_a_domain_does_not_glue_two_that_have_their_own() -> None:
    found = ids(COMPANIES, Kind.COMPANIES)
    assert found[1] != found[2]
    assert found[0] in (found[1], found[2])
