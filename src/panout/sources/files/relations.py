"""The Arrow schemas a list is turned into: rows, rejects, warnings, the map of columns, raw signals."""

from __future__ import annotations

import pyarrow as pa

from panout.kernel.fields import FIELDS, Kind

ARROW_KINDS = {
    Kind.TEXT: pa.string(),
    Kind.NUMBER: pa.float64(),
    Kind.INTEGER: pa.int64(),
    Kind.DATE: pa.date32(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.TEXTS: pa.list_(pa.string()),
}

# One row per used input row. `row` counts data rows of its file from 0; blank lines and header lines are no
# rows.
ROWS_SCHEMA = pa.schema(
    [
        ("row_id", pa.int64()),
        ("file", pa.string()),
        ("row", pa.int64()),
        ("kind", pa.string()),
        *((field.name, ARROW_KINDS[field.kind]) for field in FIELDS.values()),
        ("name_key", pa.string()),
        ("email_domain", pa.string()),
        ("email_free", pa.bool_()),
        ("custom", pa.string()),
    ]
)

# `row` is NULL when the complaint is about the whole file or one of its columns.
REJECTS_SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("row", pa.int64()),
        ("column", pa.string()),
        ("value", pa.string()),
        ("reason", pa.string()),
    ]
)

# The row was used; this cell of it was not understood and became NULL. Same shape as rejects.
WARNINGS_SCHEMA = REJECTS_SCHEMA

COLUMNS_SCHEMA = pa.schema(
    [
        ("file", pa.string()),
        ("header", pa.string()),
        ("field", pa.string()),
        ("confidence", pa.float64()),
        ("how", pa.string()),
    ]
)

# Signals as a file states them: the keys are normalised, but nobody has looked yet whose they are.
SIGNALS_SCHEMA = pa.schema(
    [
        ("row", pa.int64()),
        ("type", pa.string()),
        ("level", pa.string()),  # company | buyer | ecosystem
        ("domain", pa.string()),
        ("company_name", pa.string()),
        ("name_key", pa.string()),
        ("company_linkedin", pa.string()),
        ("company_record_id", pa.string()),
        ("email", pa.string()),
        ("linkedin", pa.string()),
        ("full_name", pa.string()),
        ("contact_record_id", pa.string()),
        ("account_id", pa.string()),
        ("contact_id", pa.string()),
        ("date", pa.date32()),
        ("strength", pa.float64()),  # 0..1; 1 when the file does not say
        ("source", pa.string()),
        ("evidence", pa.string()),
    ]
)
