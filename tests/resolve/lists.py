"""Small lists for the tests of this room, in the form that `sources` hands over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from panout.kernel.fields import FIELDS, Kind

ARROW = {
    Kind.TEXT: pa.string(),
    Kind.NUMBER: pa.float64(),
    Kind.INTEGER: pa.int64(),
    Kind.DATE: pa.date32(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.TEXTS: pa.list_(pa.string()),
}
SCHEMA = pa.schema(
    [
        ("row_id", pa.int64()),
        ("file", pa.string()),
        ("row", pa.int64()),
        ("kind", pa.string()),
        *((name, ARROW[field.kind]) for name, field in FIELDS.items()),
        ("name_key", pa.string()),
        ("email_domain", pa.string()),
        ("email_free", pa.bool_()),
        ("custom", pa.string()),
    ]
)
FREE = {"gmail.com", "yahoo.com", "gmx.de"}


def rows_of(records: Sequence[Mapping[str, object]], file: str = "list.csv") -> pa.Table:
    """A `rows` relation of these records; what a record does not say is null."""
    return pa.Table.from_pylist([_row(number, record, file) for number, record in enumerate(records)], SCHEMA)


def _row(number: int, record: Mapping[str, object], file: str) -> dict[str, object]:
    person = any(record.get(name) for name in ("full_name", "first_name", "last_name", "email", "linkedin"))
    row: dict[str, object] = {
        "row_id": number,
        "file": file,
        "row": number,
        "kind": "person" if person else "company",
        **record,
    }
    email = record.get("email")
    if isinstance(email, str) and "@" in email:
        row.setdefault("email_domain", email.split("@")[1])
        row.setdefault("email_free", email.split("@")[1] in FREE)
    if isinstance(company := record.get("company_name"), str):
        row.setdefault("name_key", company.lower().removesuffix(" inc").removesuffix(" gmbh").strip())
    if record.get("first_name") and record.get("last_name"):
        row.setdefault("full_name", f"{record['first_name']} {record['last_name']}")
    return row
