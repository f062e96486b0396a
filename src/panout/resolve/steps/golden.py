"""Golden records: each field of an account or a contact from the row that wins it (`rules.golden`)."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from panout.batch.dialects import BatchDialect
from panout.batch.steps import Step
from panout.kernel.fields import ACCOUNT_FIELDS, CONTACT_FIELDS, Field, Kind
from panout.resolve.rules.golden import EMAIL_GRADES, WISHES, WRITTEN_NAMES, email_worth

SQL_TYPES = {
    Kind.TEXT: "VARCHAR",
    Kind.NUMBER: "DOUBLE",
    Kind.INTEGER: "BIGINT",
    Kind.DATE: "DATE",
    Kind.BOOLEAN: "BOOLEAN",
    Kind.TEXTS: "VARCHAR[]",
}

# A rank is one BIGINT: quality, then the row's own standing, then the order of reading, each in its own bits.
_ORDER_BITS = 2**36
_STANDING_BITS = 2**58


def golden_steps(dialect: BatchDialect, present: Collection[str] | None = None) -> list[Step]:
    """From `rows` and `members` to `accounts` and `contacts`.

    `present` names the fields that the lists have at all; the others are not looked at. None: all.
    """
    accounts = [field for field in ACCOUNT_FIELDS if present is None or field.name in present]
    contacts = [field for field in CONTACT_FIELDS if present is None or field.name in present]
    return [
        _account_rows(dialect, accounts),
        _accounts(dialect, accounts),
        _contact_sizes(),
        _contacts(dialect, contacts),
    ]


def absent(dialect: BatchDialect, field: Field) -> str:
    """A column that no list has, so that `accounts` and `contacts` always have every field."""
    kind = SQL_TYPES[field.kind]
    if dialect.name == "spark":
        kind = {"VARCHAR": "STRING", "VARCHAR[]": "ARRAY<STRING>"}.get(kind, kind)
    return f"CAST(NULL AS {kind}) AS {field.name}"


def _filled(fields: Sequence[Field], prefix: str = "") -> str:
    if not fields:
        return "0"
    return " + ".join(f"CASE WHEN {prefix}{field.name} IS NULL THEN 0 ELSE 1 END" for field in fields)


def quality(field: str) -> str:
    """SQL for how well a value is made, 0 to 15; higher wins before anything else is asked."""
    if field in WRITTEN_NAMES:
        return (
            f"CASE WHEN {field} = upper({field}) AND {field} <> lower({field}) AND length({field}) > 4 THEN 0 "
            f"WHEN {field} = lower({field}) AND {field} <> upper({field}) THEN 1 ELSE 2 END"
        )
    if field in {"email", "email_grade"}:
        cases = " ".join(f"WHEN '{grade}' THEN {email_worth(grade)}" for grade in EMAIL_GRADES)
        return f"CASE lower(email_grade) {cases} ELSE {email_worth(None)} END"
    return ""


def winner(dialect: BatchDialect, field: Field, rank: str) -> str:
    """The aggregate that picks one value of a field among the rows of one account or contact."""
    name = field.name
    if field.kind is Kind.TEXTS:
        return f"{dialect.united(name)} AS {name}"
    if name in WISHES:
        return f"bool_or({name}) AS {name}"
    if name == "last_contacted":
        return f"max({name}) AS {name}"
    made = quality(name)
    if name == "email_grade":
        # The grade belongs to the address: it comes from the row whose address won.
        return f"{dialect.best(name, f'CASE WHEN email IS NULL THEN NULL ELSE {_with(made, rank)} END')} AS {name}"
    return f"{dialect.best(name, _with(made, rank))} AS {name}"


def _with(made: str, rank: str) -> str:
    return f"({made}) * CAST({_STANDING_BITS} AS BIGINT) + {rank}" if made else rank


def _account_rows(dialect: BatchDialect, fields: Sequence[Field]) -> Step:
    """Rows that say the same of a company, once, with how often they were said."""
    names = "".join(f", r.{field.name}" for field in fields)
    return Step(
        "account_rows",
        f"""
SELECT account_id{names}, r.custom_company AS custom, count(*) AS seen, min(r.row_id) AS first_row,
       {dialect.collected("r.row_id")} AS row_ids
FROM (SELECT *, CASE WHEN kind = 'company' THEN custom END AS custom_company FROM rows) r
JOIN members m ON m.row_id = r.row_id
WHERE m.account_id IS NOT NULL
GROUP BY account_id{names}, r.custom_company""",
    )


def _accounts(dialect: BatchDialect, fields: Sequence[Field]) -> Step:
    rank = "rank"
    kept = {field.name for field in fields}
    chosen = [
        winner(dialect, field, rank) if field.name in kept else absent(dialect, field)
        for field in ACCOUNT_FIELDS
    ]
    columns = ",\n       ".join(chosen)
    row_ids = (
        "array_sort(flatten(collect_list(row_ids)))"
        if dialect.name == "spark"
        else "list_sort(flatten(list(row_ids)))"
    )
    return Step(
        "accounts",
        f"""
SELECT account_id,
       {columns},
       {row_ids} AS row_ids,
       {dialect.best("custom", rank)} AS custom
FROM (
  SELECT *, (CAST({_filled(fields)} AS BIGINT) * 65536 + least(seen, 65535)) * {_ORDER_BITS}
            + ({_ORDER_BITS - 1} - first_row) AS rank
  FROM account_rows
)
GROUP BY account_id""",
    )


def _contact_sizes() -> Step:
    return Step(
        "contact_sizes",
        "SELECT contact_id, count(*) AS size FROM members WHERE contact_id IS NOT NULL GROUP BY contact_id",
    )


def _contacts(dialect: BatchDialect, fields: Sequence[Field]) -> Step:
    """Most people have one row and are copied; only the others are asked who wins."""
    kept = {field.name for field in fields}
    rank = "rank"
    merged = ",\n       ".join(
        winner(dialect, field, rank) if field.name in kept else absent(dialect, field)
        for field in CONTACT_FIELDS
    )
    single = ", ".join(
        f"r.{field.name}" if field.name in kept else absent(dialect, field) for field in CONTACT_FIELDS
    )
    contacted = f"coalesce({dialect.days('r.last_contacted')}, 0)" if "last_contacted" in kept else "0"
    return Step(
        "contacts",
        f"""
SELECT contact_id, {dialect.best("account_id", rank)} AS account_id,
       {merged},
       {dialect.collected("row_id")} AS row_ids,
       {dialect.best("custom", rank)} AS custom
FROM (
  SELECT m.contact_id, m.account_id, r.*,
         (CAST(greatest(0, least({contacted}, 65535)) AS BIGINT) * 64 + {_filled(fields, "r.")}) * {_ORDER_BITS}
         + ({_ORDER_BITS - 1} - r.row_id) AS rank
  FROM rows r JOIN members m ON m.row_id = r.row_id JOIN contact_sizes s ON s.contact_id = m.contact_id
  WHERE s.size > 1
)
GROUP BY contact_id
UNION ALL
SELECT m.contact_id, m.account_id, {single}, {dialect.array(["r.row_id"])} AS row_ids, r.custom
FROM rows r JOIN members m ON m.row_id = r.row_id JOIN contact_sizes s ON s.contact_id = m.contact_id
WHERE s.size = 1""",
    )
