"""Signals that a file states, tied to the accounts and contacts they are about."""

from __future__ import annotations

from collections.abc import Collection

from panout.batch.dialects import dialect_of
from panout.batch.steps import Step
from panout.criteria.dialects import Dialect
from panout.kernel.fields import Kind
from panout.kernel.signals import SIGNAL_TYPES, Level

# Columns that the file and the lists share. The surest first: where a signal has several keys, the first that
# somebody answers to decides.
CONTACT_KEYS = ("contact_id", "email", "linkedin", "contact_record_id")
ACCOUNT_KEYS = ("account_id", "domain", "company_linkedin", "company_record_id", "name_key")

_OF_MEMBERS = frozenset({"contact_id", "account_id"})


def stated_steps(dialect: Dialect, present: Collection[str], *, people: bool) -> list[Step]:
    """From `stated` (a signals file), `rows` and `members` to `tied` and `stated_signals`.

    Keys are looked up among all rows, not among the records made of them: a signal about an address that lost
    to a better one still finds its person. A key that leads to two is no key. `present` names the columns of
    the file that hold anything; `people` says whether there are any contacts. A line that stands twice counts
    once. `tied` keeps every line, with both ids null where nobody answers; by `mark`, a hash, lines are alike.
    """
    contacts = [key for key in CONTACT_KEYS if key in present] if people else []
    accounts = [key for key in ACCOUNT_KEYS if key in present]
    return [
        *(_owners(dialect, key, "contact_id") for key in contacts),
        *(_owners(dialect, key, "account_id") for key in accounts),
        _tied(dialect, contacts, accounts),
        _twice(),
        _signals(dialect),
    ]


def _owners(dialect: Dialect, key: str, whose: str) -> Step:
    """Who answers to each key: nobody, where two do."""
    mark = f"m.{key}" if key in _OF_MEMBERS else f"lower(r.{key})"
    also = ", min(m.account_id) AS account_id" if whose == "contact_id" else ""
    only = f"min(m.{whose}) = max(m.{whose})"
    return Step(
        f"owners_by_{key}",
        f"SELECT {mark} AS mark, min(m.{whose}) AS {whose}{also}\n"
        f"FROM {dialect.quoted('rows')} AS r JOIN members AS m ON m.row_id = r.row_id\n"
        f"WHERE {mark} IS NOT NULL AND m.{whose} IS NOT NULL\nGROUP BY {mark} HAVING {only}",
    )


def _tied(dialect: Dialect, contacts: Collection[str], accounts: Collection[str]) -> Step:
    text = dialect.types[Kind.TEXT]
    nobody = f"CAST(NULL AS {text})"
    persons = [f"by_{key}.contact_id" for key in contacts]
    employers = [f"by_{key}.account_id" for key in (*contacts, *accounts)]
    joins = "\n".join(
        f"LEFT JOIN owners_by_{key} AS by_{key} ON by_{key}.mark = "
        + (f"s.{key}" if key in _OF_MEMBERS else f"lower(s.{key})")
        for key in (*contacts, *accounts)
    )
    return Step(
        "tied",
        f"SELECT *, {dialect_of(dialect.name).hashed(_same(dialect))} AS mark FROM (\n"
        f"SELECT s.{dialect.quoted('row')}, s.type, s.level, s.{dialect.quoted('date')}, s.strength,\n"
        f"  s.source, s.evidence, {_first(persons) or nobody} AS contact_id,\n"
        f"  {_first(employers) or nobody} AS account_id\n"
        f"FROM stated AS s\n{joins}) AS told",
    )


def _first(columns: list[str]) -> str:
    if len(columns) < 2:
        return "".join(columns)
    return f"coalesce({', '.join(columns)})"


def _same(dialect: Dialect) -> str:
    """What two lines share when they state one signal."""
    return f"type, level, account_id, contact_id, {dialect.quoted('date')}, source, evidence"


def _twice() -> Step:
    """Hashes of lines that stand twice, or seem to: there are few, and nobody else need be grouped by long texts."""
    return Step("stated_twice", f"SELECT mark FROM tied WHERE {_OWNED} GROUP BY mark HAVING count(*) > 1")


_OWNED = "(account_id IS NOT NULL OR contact_id IS NOT NULL)"


def _signals(dialect: Dialect) -> Step:
    row, day = dialect.quoted("row"), dialect.quoted("date")
    text = dialect.types[Kind.TEXT]
    levels, strengths = (
        " ".join(f"WHEN {dialect.literal(name)} THEN {dialect.literal(value)}" for name, value in values)
        for values in (
            [(name, kind.level.value) for name, kind in SIGNAL_TYPES.items()],
            [(name, kind.strength) for name, kind in SIGNAL_TYPES.items()],
        )
    )

    def lines(row: str, strength: str, among: str) -> str:
        return (
            f"SELECT concat('f', CAST({row} AS {text})) AS signal_id, type,\n"
            f"  coalesce(level, CASE type {levels} END, {dialect.literal(Level.COMPANY.value)}) AS level,\n"
            f"  account_id, contact_id, {day},\n"
            f"  coalesce({strength}, CASE type {strengths} ELSE 0.5 END) AS strength, source, evidence\n"
            f"FROM tied WHERE {_OWNED} AND mark {among} (SELECT mark FROM stated_twice)"
        )

    return Step(
        "stated_signals",
        f"{lines(row, 'strength', 'NOT IN')}\nUNION ALL\n"
        f"{lines(f'min({row})', 'max(strength)', 'IN')}\nGROUP BY {_same(dialect)}",
    )
