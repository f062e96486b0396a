"""People and companies that certain keys left apart and that are one all the same: found, and folded together.

Resolving a long list from scratch is the work of minutes; this looks only where something hints at a copy. A
member (an account or a contact by its certain keys) is looked at when it shares a loose key with another one,
or when there are so few of them that all pairs can be compared. Its rows are taken together as one.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import pyarrow as pa

from panout.batch.dialects import BatchDialect, dialect_of
from panout.batch.engine import Engine
from panout.batch.steps import Step
from panout.kernel.fields import FIELDS
from panout.resolve.matching import Settings, resolve
from panout.resolve.redirects import fold_redirected
from panout.resolve.rules.model import Thresholds
from panout.resolve.steps import golden
from panout.resolve.steps.people import Extras
from panout.resolve.subjects import Kind
from panout.sources.files.relations import ROWS_SCHEMA

# Up to so many members all are looked at: half a second, and nothing can be missed.
_FEW_MEMBERS = 1_500
# A loose key that more rows have says nothing: a switchboard, a common name at a large company.
_MOST_ROWS = 20
# Nor does the name of a company that so many bear: that two of them employ an Anna Berg is no wonder.
_MOST_NAMESAKES = 8

# Nobody looks at these merges before they change a verdict, so they must be surer than elsewhere: two companies
# of one name in one town reach 0.99. What is less sure goes to review.
_SURE = Thresholds(merge=0.999, review=0.90)

_MEMBER = {Kind.PEOPLE: "contact_id", Kind.COMPANIES: "account_id"}
# What a person who reviews wants to see of both sides, where the lists have it.
SHOWN = ("full_name", "title", "company_name", "email", "phone", "linkedin", "domain", "city", "country")
REVIEW_SCHEMA = pa.schema(
    [
        ("kind", pa.string()),
        ("file_l", pa.string()),
        ("row_l", pa.int64()),
        ("file_r", pa.string()),
        ("row_r", pa.int64()),
        ("probability", pa.float64()),
        ("match", pa.string()),
        ("reasons", pa.string()),
        *((f"{name}_{side}", pa.string()) for name in SHOWN for side in "lr"),
    ]
)


@dataclass(frozen=True, slots=True)
class Folded:
    """`looked_at` members were compared, `merged` of them went into another; `review` are doubtful pairs."""

    looked_at: int
    merged: int
    review: pa.Table


def fold_alike(engine: Engine, kind: Kind, extras: Extras, present: Collection[str] | None = None) -> Folded:
    """Merge members of `members` that are one, under the name of the one with the strongest key, the least of
    those; the order of lists and rows has no say in it.

    `present` names the fields that the lists have at all; the others are not looked at. None: all.

    Companies are first joined by the domains that lists say lead to one another.
    Only pairs that are certain enough are merged; doubtful ones are handed back for a person. Companies that
    have each their own domain stay apart.
    """
    dialect = dialect_of(engine.kind)
    member = _MEMBER[kind]
    led = fold_redirected(engine, extras.domains) if kind is Kind.COMPANIES else 0
    (counted,) = engine.ask(
        f"SELECT count(DISTINCT {member}) AS many FROM members WHERE {member} IS NOT NULL"
    ).to_pylist()
    many = int(counted["many"])
    if many < 2:
        return _nothing(0, led)
    for step in suspects(dialect, kind, present, every=many <= _FEW_MEMBERS):
        engine.run(step)
    looked_at = engine.rows("picked")
    if looked_at < 2:
        return _nothing(looked_at, led)
    resolve(engine, Settings(kind=kind, thresholds=_SURE, extras=extras, source="picked", among=many))
    engine.run(_folded(kind))
    merged = engine.rows("folded")
    if merged:
        kept = "account_id" if kind is Kind.PEOPLE else "contact_id"
        engine.run(
            Step(
                "members",
                f"""
SELECT m.row_id, coalesce(f.whole, m.{member}) AS {member}, m.{kept}
FROM members m LEFT JOIN folded f ON f.member = m.{member}""",
            )
        )
    return Folded(looked_at, led + merged, _for_review(engine, kind))


def _folded(kind: Kind) -> Step:
    """`folded` (member, whole): who goes into whom."""
    strong = "domain" if kind is Kind.COMPANIES else "email"
    # Each stands at a domain of its own: a move or two strangers, which a person may decide.
    apart = " AND coalesce(p.domain = k.domain, TRUE)" if kind is Kind.COMPANIES else ""
    return Step(
        "folded",
        f"""
SELECT p.member, k.member AS whole
FROM (SELECT c.cluster, min(concat(CASE WHEN p.{strong} IS NULL THEN '1' ELSE '0' END, p.member)) AS kept
      FROM clusters c JOIN picked p ON p.row_id = c.row_id GROUP BY c.cluster HAVING count(*) > 1) w
JOIN clusters c ON c.cluster = w.cluster
JOIN picked p ON p.row_id = c.row_id
JOIN picked k ON k.member = substr(w.kept, 2)
WHERE p.member <> k.member{apart}""",
    )


def _nothing(looked_at: int, merged: int) -> Folded:
    return Folded(looked_at, merged, REVIEW_SCHEMA.empty_table())


def suspects(
    dialect: BatchDialect, kind: Kind, present: Collection[str] | None = None, *, every: bool
) -> list[Step]:
    """`picked`: one line, shaped like `rows`, for each member that may be another one as well. It stands under
    its first row and takes each field from the first row that has it."""
    member = _MEMBER[kind]
    if every:
        chosen = Step(
            "suspects", f"SELECT DISTINCT {member} AS member FROM members WHERE {member} IS NOT NULL"
        )
        return [chosen, *_picked(dialect, member, present)]
    keys = _loose_people() if kind is Kind.PEOPLE else _loose_companies()
    placed = [f"'{place}|' || {key}" for place, key in enumerate(keys)]
    hashed = [f"CASE WHEN {key} IS NULL THEN NULL ELSE {dialect.hashed(key)} END" for key in placed]
    folded = ", ".join(
        f"{dialect.words(dialect.fold('r.' + name))} AS {name}0"
        for name in ("first_name", "last_name", "name_key")
    )
    return [
        Step(
            "common_names",
            f"""
SELECT r.name_key AS common FROM rows r JOIN members m ON m.row_id = r.row_id
WHERE r.name_key IS NOT NULL GROUP BY r.name_key
HAVING count(DISTINCT m.account_id) > {_MOST_NAMESAKES}""",
        ),
        Step(
            "loose_keys",
            f"""
SELECT member, key FROM (
  SELECT member, {dialect.exploded(dialect.array(hashed))} AS key
  FROM (SELECT m.{member} AS member, m.account_id, r.*, n.common, {folded}
        FROM rows r JOIN members m ON m.row_id = r.row_id
        LEFT JOIN common_names n ON n.common = r.name_key WHERE m.{member} IS NOT NULL) r
) k WHERE key IS NOT NULL""",
        ),
        Step(
            "suspects",
            f"""
SELECT DISTINCT k.member FROM loose_keys k JOIN (
  SELECT key FROM loose_keys GROUP BY key HAVING min(member) <> max(member) AND count(*) <= {_MOST_ROWS}
) s ON s.key = k.key""",
        ),
        *_picked(dialect, member, present),
    ]


def _loose_people() -> list[str]:
    """Beginnings of names at a company, a name in one's own town or at a company's name, a number, an
    address under another domain."""
    first, last = "nullif(first_name0, '')", "nullif(last_name0, '')"
    town = "coalesce(person_city, CASE WHEN company_name IS NULL AND domain IS NULL THEN city END)"
    local = "split_part(lower(email), '@', 1)"
    return [
        f"substr({first}, 1, 1) || substr({last}, 1, 3) || account_id",
        f"substr({first}, 1, 3) || substr({last}, 1, 1) || account_id",
        f"{first} || '|' || {last} || '|' || lower({town})",
        f"CASE WHEN common IS NULL THEN {first} || '|' || {last} || '|' || replace(name_key0, ' ', '') END",
        f"substr({last}, 1, 2) || coalesce(mobile, phone)",
        f"CASE WHEN length({local}) >= 8 THEN {local} || '|' || substr(email_domain, 1, 3) END",
    ]


def _loose_companies() -> list[str]:
    """A name wherever it stands, its words in another form, a domain under another ending, a number."""
    name = "nullif(name_key0, '')"
    site = "lower(coalesce(domain, CASE WHEN email_free THEN NULL ELSE email_domain END))"
    core = f"split_part({site}, '.', 1)"
    return [
        f"replace({name}, ' ', '')",
        f"substr(replace({name}, ' ', ''), 1, 6) || '|' || lower(city)",
        f"CASE WHEN length({core}) >= 4 THEN {core} END",
        "company_phone",
    ]


def _picked(dialect: BatchDialect, member: str, present: Collection[str] | None) -> list[Step]:
    """Most members have one row and are copied; only for the others is every field looked for."""
    known = [name for name in ROWS_SCHEMA.names if name != "row_id" and _is_present(name, present)]
    absent = [FIELDS[name] for name in ROWS_SCHEMA.names if name in FIELDS and name not in known]
    nothing = "".join(f", {golden.absent(dialect, field)}" for field in absent)
    copied = ", ".join(f"r.{name}" for name in known)
    sought = ",\n       ".join(f"{dialect.best('r.' + name, '-r.row_id')} AS {name}" for name in known)
    return [
        Step(
            "suspect_rows",
            f"""
SELECT m.{member} AS member, min(m.row_id) AS row_id, count(*) AS size
FROM members m JOIN suspects s ON s.member = m.{member} GROUP BY m.{member}""",
        ),
        Step(
            "picked",
            f"""
SELECT s.member, s.row_id, {copied}{nothing}
FROM rows r JOIN suspect_rows s ON s.row_id = r.row_id WHERE s.size = 1
UNION ALL
SELECT s.member, min(r.row_id) AS row_id,
       {sought}{nothing}
FROM rows r JOIN members m ON m.row_id = r.row_id JOIN suspect_rows s ON s.member = m.{member}
WHERE s.size > 1 GROUP BY s.member""",
        ),
    ]


def _is_present(name: str, present: Collection[str] | None) -> bool:
    return present is None or name in present or name not in FIELDS


def _for_review(engine: Engine, kind: Kind) -> pa.Table:
    shown = "".join(f", {side}.{name} AS {name}_{side}" for name in SHOWN for side in "lr")
    found = engine.ask(
        f"""
SELECT '{kind}' AS kind, l.file AS file_l, l.row AS row_l, r.file AS file_r, r.row AS row_r,
       j.probability, '' AS match, j.reasons{shown}
FROM judged j JOIN picked l ON l.row_id = j.id_l JOIN picked r ON r.row_id = j.id_r
LEFT JOIN folded f ON f.member = l.member LEFT JOIN folded g ON g.member = r.member
WHERE coalesce(f.whole, l.member) <> coalesce(g.whole, r.member) ORDER BY j.bits DESC, j.id_l, j.id_r"""
    )
    return found.cast(REVIEW_SCHEMA)
