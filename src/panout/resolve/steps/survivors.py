"""Which row each field of a merged record was taken from, and by which rule (`rules.golden`)."""

from __future__ import annotations

from collections.abc import Sequence

from panout.batch.dialects import BatchDialect
from panout.batch.steps import Step
from panout.kernel.fields import ACCOUNT_FIELDS, CONTACT_FIELDS, FIELDS, Field, Kind
from panout.resolve.rules.golden import WISHES
from panout.resolve.steps.golden import quality
from panout.resolve.subjects import Kind as Subject

# Fields of a person's company that belong to the person's row as well.
_EMPLOYER = ("company_name", "domain")
_ORDER_BITS = 2**36
_STANDING_BITS = 2**58


def fields_of(kind: Subject) -> list[Field]:
    """What a surviving record of a person or a company has."""
    if kind is Subject.PEOPLE:
        return [*CONTACT_FIELDS, *(FIELDS[name] for name in _EMPLOYER)]
    return list(ACCOUNT_FIELDS)


def merged_rows(kind: Subject) -> Step:
    """`merged`: the rows of all clusters of more than one row, with their fields; all that undoing needs."""
    names = "".join(f", r.{field.name}" for field in fields_of(kind))
    return Step(
        "merged",
        f"""
SELECT c.cluster, r.row_id, r.file, r.row{names}
FROM rows r JOIN clusters c ON c.row_id = r.row_id
JOIN (SELECT cluster FROM clusters GROUP BY cluster HAVING count(*) > 1) m ON m.cluster = c.cluster""",
    )


def survivors(dialect: BatchDialect, fields: Sequence[Field]) -> list[Step]:
    """From `merged` to `survivors` (cluster, field, value, file, row, rule). `fields`: those that hold anything."""
    filled = " + ".join(f"CASE WHEN {field.name} IS NULL THEN 0 ELSE 1 END" for field in fields) or "0"
    names = {field.name for field in fields}
    contacted = (
        f"greatest(0, least(coalesce({dialect.days('last_contacted')}, 0), 65535))"
        if "last_contacted" in names
        else "0"
    )
    ranked = Step(
        "merged_ranked",
        f"SELECT *, CAST({contacted} AS BIGINT) AS contacted, CAST({filled} AS BIGINT) AS filled FROM merged",
    )
    parts = [_won(dialect, field) for field in fields]
    empty = (
        f"SELECT cluster, CAST(NULL AS {dialect.text}) AS field, CAST(NULL AS {dialect.text}) AS value, "
        f"CAST(NULL AS BIGINT) AS row_id, CAST(NULL AS {dialect.text}) AS rule FROM merged WHERE FALSE"
    )
    return [
        ranked,
        Step("survivor_rows", "\nUNION ALL ".join([*parts, empty])),
        Step(
            "survivors",
            """
SELECT s.cluster, s.field, s.value, m.file, m.row, s.rule
FROM survivor_rows s LEFT JOIN merged m ON m.row_id = s.row_id WHERE s.value IS NOT NULL""",
        ),
    ]


def _won(dialect: BatchDialect, field: Field) -> str:
    name = field.name
    nobody = "CAST(NULL AS BIGINT) AS row_id"
    if field.kind is Kind.TEXTS:
        value = f"{dialect.listed(dialect.united(name))} AS value, {nobody}, 'united' AS rule"
    elif name in WISHES:
        value = f"CASE WHEN bool_or({name}) THEN 'true' END AS value, {nobody}, 'one row says so' AS rule"
    else:
        made = quality(name) if name not in {"email", "email_grade"} else quality("email")
        rank = (
            f"({made or '0'}) * CAST({_STANDING_BITS} AS BIGINT) + (contacted * 64 + filled) * {_ORDER_BITS} "
            f"+ ({_ORDER_BITS - 1} - row_id)"
        )
        known = f"CASE WHEN {name} IS NULL THEN NULL ELSE "
        differ = [
            f"WHEN max({known}{value} END) > min({known}{value} END) THEN '{rule}'"
            for value, rule in (
                (made, "better made"), ("contacted", "contacted last"), ("filled", "from the row that knows most"),
            )
            if value
        ]  # fmt: skip
        text = f"CAST({name} AS {dialect.text})"
        value = (
            f"{dialect.best(text, rank)} AS value, {dialect.best('row_id', f'{known}{rank} END')} AS row_id, "
            f"CASE WHEN count({name}) = 1 THEN 'the only one known' WHEN min({name}) = max({name}) THEN 'all say the same' "
            f"{' '.join(differ)} ELSE 'read first' END AS rule"
        )
    return f"SELECT cluster, '{name}' AS field, {value} FROM merged_ranked GROUP BY cluster"
