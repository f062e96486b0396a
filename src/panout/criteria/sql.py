"""A tree as a three-valued SQL expression, and the sums over signals that it refers to."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from panout.criteria.dialects import Dialect
from panout.criteria.schema import Side
from panout.criteria.text import fold, words
from panout.criteria.tree import (
    And,
    AsOf,
    Between,
    Compare,
    Custom,
    FieldOf,
    Holds,
    How,
    IsKnown,
    Matches,
    Measure,
    Near,
    Not,
    Older,
    OneOf,
    Operand,
    Or,
    Quantity,
    Seen,
    Signals,
    SignalUse,
    Tree,
    Truth,
    Value,
    signal_uses,
)
from panout.kernel.fields import Kind

__all__ = ["Columns", "SignalTable", "column_of", "condition", "signal_sums", "signal_uses"]


@dataclass(frozen=True, slots=True)
class SignalTable:
    """Signals looked up row by row, by a correlated subquery: for PostgreSQL with an index on the key.

    `where` is SQL of our own that ties `alias` to the row in question: "s.account_id = a.id".
    """

    table: str
    where: str
    alias: str = "s"


@dataclass(frozen=True, slots=True)
class Columns:
    """Where the columns stand: an alias per side ("" for bare names).

    `custom`: the JSON columns, the first that has the key wins ("c.custom", "a.custom"; SQL of our own).
    `signals`: aliases of left-joined `signal_sums` relations, whose figures are put together, or a
    SignalTable, or None where signals are not at hand: then all about signals is unknown.
    """

    account: str = ""
    contact: str = ""
    other: str = ""
    custom: tuple[str, ...] = ("custom",)
    signals: tuple[str, ...] | SignalTable | None = ("signal_sums",)

    def of(self, field: FieldOf, dialect: Dialect) -> str:
        alias = {Side.ACCOUNT: self.account, Side.CONTACT: self.contact, Side.OTHER: self.other}[field.side]
        column = dialect.quoted(field.name)
        return f"{dialect.quoted(alias)}.{column}" if alias else column


def condition(tree: Tree, dialect: Dialect, as_of: date, columns: Columns | None = None) -> str:
    """A Boolean expression (TRUE, FALSE or NULL), in parentheses where it needs them."""
    return _Writer(dialect, as_of, columns or Columns()).condition(tree)


def column_of(use: SignalUse) -> str:
    """The column of `signal_sums` that holds a use."""
    types = re.sub(r"[^a-z0-9]+", "_", "_".join(use.signals.types))[:30] or "any"
    mark = hashlib.sha256(str(use).encode()).hexdigest()[:8]
    return f"{use.measure}_{types}_{mark}"


def signal_sums(
    uses: Iterable[SignalUse], dialect: Dialect, as_of: date, *, key: str, table: str = "signals"
) -> str:
    """A SELECT with one row per `key` and one column per use: one pass over the signals, whatever is asked.

    Left join it to the accounts or contacts; a missing row means that there are no such signals.
    """
    quoted = dialect.quoted(key)
    figures = [
        f"{_figure(use, dialect, as_of, '')} AS {dialect.quoted(column_of(use))}"
        for use in dict.fromkeys(uses)
    ]
    return (
        f"SELECT {', '.join([quoted, *figures])} FROM {dialect.quoted(table)} "
        f"WHERE {quoted} IS NOT NULL GROUP BY {quoted}"
    )


def _counts(signals: Signals, dialect: Dialect, as_of: date, prefix: str) -> str:
    """Whether one signal counts; NULL (no date) counts as no."""
    day, kind = f"{prefix}{dialect.quoted('date')}", f"{prefix}{dialect.quoted('type')}"
    tests = [f"{day} <= {dialect.literal(as_of)}"]
    if signals.within:
        tests.append(f"{day} >= {dialect.literal(signals.within.before(as_of))}")
    if signals.types:
        tests.append(f"{kind} IN ({', '.join(dialect.literal(one) for one in signals.types)})")
    return " AND ".join(tests)


def _figure(use: SignalUse, dialect: Dialect, as_of: date, prefix: str) -> str:
    """The aggregate that a use is. No term is ever NULL inside a maximum of strengths."""
    counts = _counts(use.signals, dialect, as_of, prefix)
    match use.measure:
        case Measure.COUNT:
            return f"count(CASE WHEN {counts} THEN 1 END)"
        case Measure.STRONGEST:
            strength = f"{prefix}{dialect.quoted('strength')}"
            return f"coalesce(max(CASE WHEN {counts} THEN {strength} END), 0)"
        case Measure.LATEST:
            return f"max(CASE WHEN {counts} THEN {prefix}{dialect.quoted('date')} END)"


@dataclass(frozen=True, slots=True)
class _Writer:
    dialect: Dialect
    as_of: date
    columns: Columns

    def condition(self, tree: Tree) -> str:  # noqa: C901 one case a kind of node
        match tree:
            case And(parts):
                return "(" + " AND ".join(self.condition(part) for part in parts) + ")"
            case Or(parts):
                return "(" + " OR ".join(self.condition(part) for part in parts) + ")"
            case Not(IsKnown(operand)):
                return f"({self.operand(operand)} IS NULL)"
            case Not(part):
                return f"(NOT {self.condition(part)})"
            case IsKnown(operand):
                return f"({self.operand(operand)} IS NOT NULL)"
            case Truth(field):
                return self.operand(field)
            case Seen(signals):
                return self.seen(signals)
            case Holds(field, quantity, values):
                return self.holds(field, quantity, values)
            case Matches(operand, how, values):
                return self.matches(operand, how, values)
            case Compare(operand, op, value):
                return f"({self.compared(operand)} {'<>' if op == '!=' else op} {self.value(operand, value)})"
            case Between(operand, low, high):
                ends = f"{self.value(operand, low)} AND {self.value(operand, high)}"
                return f"({self.compared(operand)} BETWEEN {ends})"
            case OneOf(operand, values):
                listed = ", ".join(dict.fromkeys(self.value(operand, value) for value in values))
                return f"({self.compared(operand)} IN ({listed}))"
            case Near(operand, span, ahead):
                far = span.after(self.as_of) if ahead else span.before(self.as_of)
                ends = " AND ".join(self.day(operand, day) for day in sorted((far, self.as_of)))
                return f"({self.compared(operand)} BETWEEN {ends})"
            case Older(operand, span):
                return f"({self.compared(operand)} < {self.day(operand, span.before(self.as_of))})"

    def operand(self, operand: Operand) -> str:
        match operand:
            case FieldOf():
                return self.columns.of(operand, self.dialect)
            case Custom(key, kind):
                found = [self.dialect.custom(json, key) for json in self.columns.custom]
                text = found[0] if len(found) == 1 else f"coalesce({', '.join(found)})"
                return self.dialect.number(text) if kind is Kind.NUMBER else text
            case SignalUse():
                return self.signal_figure(operand)

    def compared(self, operand: Operand) -> str:
        expression = self.operand(operand)
        return self.dialect.folded(expression) if operand.kind is Kind.TEXT else expression

    def value(self, operand: Operand, value: Value) -> str:
        if isinstance(value, AsOf):
            return self.dialect.literal(value.on(self.as_of))
        if isinstance(value, str):
            return self.dialect.literal(fold(value))
        if isinstance(value, int) and operand.kind is Kind.NUMBER:
            return self.dialect.literal(float(value))
        return self.dialect.literal(value)

    def day(self, operand: Operand, day: date) -> str:
        return self.dialect.literal(day if operand.kind is Kind.DATE else day.year)

    def holds(self, field: FieldOf, quantity: Quantity, values: tuple[str, ...]) -> str:
        texts = self.operand(field)
        folded = tuple(dict.fromkeys(fold(value) for value in values))
        match quantity:
            case Quantity.ANY:
                return f"({self.dialect.holds_any(texts, folded)})"
            case Quantity.NONE:
                return f"(NOT ({self.dialect.holds_any(texts, folded)}))"
            case Quantity.ALL:
                return (
                    "(" + " AND ".join(f"({self.dialect.holds_any(texts, (one,))})" for one in folded) + ")"
                )

    def matches(self, operand: FieldOf | Custom, how: How, values: tuple[str, ...]) -> str:
        expression = self.operand(operand)
        if how is How.WORD:
            return "(" + " OR ".join(self.has_word(expression, value) for value in values) + ")"
        ask = {How.STARTS: self.dialect.starts, How.ENDS: self.dialect.ends}.get(how, self.dialect.contains)
        text, parts = self.dialect.folded(expression), dict.fromkeys(fold(value) for value in values)
        return "(" + " OR ".join(ask(text, part) for part in parts) + ")"

    def has_word(self, expression: str, value: str) -> str:
        # Cutting words needs a regular expression: only texts that hold the longest word at all are cut.
        # Three times faster where few do, and no slower where all do.
        wanted = words(value)
        longest = max(wanted.split(" "), key=len)
        near = self.dialect.contains(self.dialect.folded(expression), longest)
        return f"({near} AND {self.dialect.contains(self.dialect.words(expression), wanted)})"

    def seen(self, signals: Signals) -> str:
        place = self.columns.signals
        if isinstance(place, SignalTable):
            counts = _counts(signals, self.dialect, self.as_of, f"{self.dialect.quoted(place.alias)}.")
            return f"EXISTS (SELECT 1 FROM {self.looked_up(place)} AND {counts})"
        count = self.signal_figure(SignalUse(Measure.COUNT, signals))
        return f"({count} > 0)"

    def looked_up(self, place: SignalTable) -> str:
        return f"{self.dialect.quoted(place.table)} AS {self.dialect.quoted(place.alias)} WHERE {place.where}"

    def signal_figure(self, use: SignalUse) -> str:
        place = self.columns.signals
        if place is None:
            return self.dialect.cast("NULL", use.kind)
        if isinstance(place, SignalTable):
            figure = _figure(use, self.dialect, self.as_of, f"{self.dialect.quoted(place.alias)}.")
            return f"(SELECT {figure} FROM {self.looked_up(place)})"
        column = self.dialect.quoted(column_of(use))
        figures = [f"{self.dialect.quoted(alias)}.{column}" for alias in place]
        match use.measure:
            case Measure.COUNT:
                return "(" + " + ".join(f"coalesce({figure}, 0)" for figure in figures) + ")"
            case Measure.STRONGEST:
                known = [f"coalesce({figure}, 0)" for figure in figures]
                return known[0] if len(known) == 1 else f"greatest({', '.join(known)})"
            case Measure.LATEST:
                # Of two dates the one that is known is the latest: greatest skips NULL on all three engines.
                return figures[0] if len(figures) == 1 else f"greatest({', '.join(figures)})"
