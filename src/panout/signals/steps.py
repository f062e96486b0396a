"""The same ageing and stacking as `signals.rules`, for millions of signals: SQL for DuckDB and Spark.

Relations: `signals` as the line has it. `company_signals` and `person_signals` are its two halves: a signal
with a contact counts for this contact, one without counts for its account and everybody in it.
"""

from __future__ import annotations

from datetime import date

from panout.batch.steps import Step
from panout.criteria.dialects import Dialect
from panout.icp.rules.profile import Icp, SignalKind
from panout.icp.rules.reading import OTHER
from panout.kernel.fields import Kind
from panout.signals.rules import rate, share_left

ACCOUNT, CONTACT = "account_id", "contact_id"


def company_signals(dialect: Dialect, table: str = "signals") -> Step:
    """The signals that count for an account. Cheap: best kept as a view."""
    where = f"{ACCOUNT} IS NOT NULL AND {CONTACT} IS NULL"
    return Step("company_signals", f"SELECT * FROM {dialect.quoted(table)} WHERE {where}")


def person_signals(dialect: Dialect, table: str = "signals") -> Step:
    """The signals that count for one contact. Cheap: best kept as a view."""
    return Step("person_signals", f"SELECT * FROM {dialect.quoted(table)} WHERE {CONTACT} IS NOT NULL")


def sum_column(kind: SignalKind) -> str:
    """The column of a kind's decayed sum. Named by type, so that kept sums survive a new order."""
    return "sum_of_others" if kind.type == OTHER else f"sum_{kind.type}"


def decayed_sums(icp: Icp, as_of: date, dialect: Dialect, *, key: str, table: str, name: str) -> Step:
    """One row per `key`: a decayed sum for each of the profile's kinds, and `fresh_until`.

    One pass; one conditional sum a kind is what engines do fastest. Signals after `as_of` do not count yet.
    """
    day, strength = dialect.quoted("date"), dialect.quoted("strength")
    age = dialect.days_between(dialect.literal(as_of), day)
    columns = [
        f"sum(CASE WHEN {_is(icp, kind, dialect)} "
        f"THEN {strength} * exp({age} * {dialect.literal(rate(kind))}) ELSE 0.0 END) "
        f"AS {dialect.quoted(sum_column(kind))}"
        for kind in icp.kinds
    ]
    columns.append(f"max({_fresh_until(icp, dialect)}) AS fresh_until")
    return Step(
        name,
        f"SELECT {dialect.quoted(key)},\n  " + ",\n  ".join(columns) + f"\nFROM {dialect.quoted(table)}\n"
        f"WHERE {dialect.quoted(key)} IS NOT NULL AND {day} <= {dialect.literal(as_of)} "
        f"AND {strength} IS NOT NULL\nGROUP BY {dialect.quoted(key)}",
    )


def carried_sums(
    icp: Icp, since: date, as_of: date, dialect: Dialect, *, key: str, kept: str, new: str, name: str
) -> Step:
    """Sums kept as of `since` and the sums of new signals (both as `decayed_sums` leaves them) as of `as_of`.

    `new` must hold, as of `as_of`, every signal that `kept` does not: those that arrived since, and those
    that were dated after `since`.
    """
    days = (as_of - since).days
    one = dialect.quoted(key)
    columns = [f"coalesce(old.{one}, new.{one}) AS {one}"]
    for kind in icp.kinds:
        column = dialect.quoted(sum_column(kind))
        columns.append(
            f"coalesce(old.{column} * exp({days} * {dialect.literal(rate(kind))}), 0.0) "
            f"+ coalesce(new.{column}, 0.0) AS {column}"
        )
    columns.append("greatest(old.fresh_until, new.fresh_until) AS fresh_until")
    return Step(
        name,
        "SELECT " + ",\n  ".join(columns) + f"\nFROM {dialect.quoted(kept)} AS old\n"
        f"FULL OUTER JOIN {dialect.quoted(new)} AS new ON old.{one} = new.{one}",
    )


def best_signal(icp: Icp, as_of: date, dialect: Dialect, *, key: str, table: str, name: str) -> Step:
    """One row per `key`: the fresh and credible signal that weighs most today: `worth` and `words`."""
    if not icp.kinds:
        nothing = dialect.cast("NULL", Kind.TEXT)
        worth = dialect.cast("NULL", Kind.NUMBER)
        return Step(
            name,
            f"SELECT {dialect.quoted(key)}, {worth} AS worth, {nothing} AS words "
            f"FROM {dialect.quoted(table)} WHERE FALSE",
        )
    day, strength, type_ = dialect.quoted("date"), dialect.quoted("strength"), dialect.quoted("type")
    one = dialect.quoted(key)
    age = dialect.days_between(dialect.literal(as_of), day)
    worths, texts = [], []
    for kind in icp.kinds:
        weighed = (
            f"{dialect.literal(kind.weight)} * ({strength} * exp({age} * {dialect.literal(rate(kind))}))"
        )
        worths.append(f"WHEN {_is(icp, kind, dialect)} THEN {weighed}")
        said = f"replace({type_}, '_', ' ')" if kind.type == OTHER else dialect.literal(kind.text)
        texts.append(f"WHEN {_is(icp, kind, dialect)} THEN {said}")
    worth = tidy(f"CASE {' '.join(worths)} END")
    proof = "CASE WHEN evidence <> '' THEN concat(': ', evidence) ELSE '' END"
    words = (
        f"concat(CASE {' '.join(texts)} END, ' (', CAST({day} AS {dialect.types[Kind.TEXT]}), ')', {proof})"
    )
    return Step(
        name,
        f"SELECT {one}, worth, words FROM (\n"
        f"  SELECT *, row_number() OVER (\n"
        f"    PARTITION BY {one} ORDER BY worth DESC, {day} DESC, signal_id) AS place\n"
        f"  FROM (\n    SELECT {one}, {day}, signal_id, {worth} AS worth, "
        f"{words} AS words\n"
        f"    FROM {dialect.quoted(table)}\n"
        f"    WHERE {one} IS NOT NULL AND {day} <= {dialect.literal(as_of)} "
        f"AND {_fresh_until(icp, dialect)} >= {dialect.literal(as_of)}\n  ) AS weighed\n) AS placed "
        "WHERE place = 1",
    )


def points(kind: SignalKind, total: str, dialect: Dialect) -> str:
    """`signals.rules.points` of a decayed sum (SQL, not NULL)."""
    cap, left = dialect.literal(kind.cap), dialect.literal(share_left(kind))
    return f"({cap} * (1.0 - exp({total} * {left})))"


def timing(icp: Icp, totals: list[str], dialect: Dialect) -> str:
    """`signals.rules.timing` of the decayed sums (SQL, none of them NULL)."""
    left = " * ".join(
        f"(1.0 - {points(kind, total, dialect)} / 100.0)"
        for kind, total in zip(icp.kinds, totals, strict=True)
    )
    return f"(100.0 * (1.0 - {left}))"


def tidy(value: str) -> str:
    """`signals.rules.tidy`."""
    # 1e4 is a DOUBLE to every engine; 10000.0 would be a decimal, and Spark's floor is a whole number.
    return f"(floor({value} * 1e4 + 0.5) / 1e4)"


def _is(icp: Icp, kind: SignalKind, dialect: Dialect) -> str:
    """Whether a signal counts under a kind."""
    type_ = dialect.quoted("type")
    if kind.type != OTHER:
        return f"{type_} = {dialect.literal(kind.type)}"
    listed = ", ".join(dialect.literal(one.type) for one in icp.signals)
    return f"{type_} NOT IN ({listed})" if listed else f"{type_} IS NOT NULL"


def _fresh_until(icp: Icp, dialect: Dialect) -> str:
    """The last day on which one signal opens the gate, NULL where it is not credible or of no listed kind."""
    day, strength = dialect.quoted("date"), dialect.quoted("strength")
    credible = f"{strength} >= {dialect.literal(icp.gate.credible)}"
    if not icp.kinds:
        return dialect.cast("NULL", Kind.DATE)
    whens = " ".join(
        f"WHEN {_is(icp, kind, dialect)} THEN {dialect.plus_days(day, kind.fresh)}" for kind in icp.kinds
    )
    return f"CASE WHEN {credible} THEN CASE {whens} END END"
