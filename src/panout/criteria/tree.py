"""The tree of a criterion: frozen nodes, the canonical text of each, and what a tree rests on."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from enum import StrEnum

from panout.criteria.schema import Side
from panout.kernel.fields import Kind


class Unit(StrEnum):
    """A measure of calendar time."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


@dataclass(frozen=True, slots=True)
class Span:
    """So many days, weeks, months or years."""

    count: int
    unit: Unit

    def __str__(self) -> str:
        return f"{self.count} {self.unit}{'' if self.count == 1 else 's'}"

    def after(self, start: date) -> date:
        """`start` moved by the span; the 31st becomes the last day of a shorter month.

        A move beyond the calendar stops at its edge (year 1 or 9999).
        """
        return _moved(start, self.count, self.unit)

    def before(self, start: date) -> date:
        """`start` moved back by the span, by the same rules."""
        return _moved(start, -self.count, self.unit)


def _moved(start: date, count: int, unit: Unit) -> date:
    edge = date.max if count > 0 else date.min
    if unit in (Unit.DAY, Unit.WEEK):
        days = count * (7 if unit is Unit.WEEK else 1)
        return start + timedelta(days=days) if abs(days) <= abs((edge - start).days) else edge
    months = start.year * 12 + start.month - 1 + count * (12 if unit is Unit.YEAR else 1)
    year, month = divmod(months, 12)
    if not date.min.year <= year <= date.max.year:
        return edge
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


@dataclass(frozen=True, slots=True)
class AsOf:
    """The day of the question, moved by a span; `ahead` says which way."""

    span: Span | None = None
    ahead: bool = False

    def __str__(self) -> str:
        return "as of" if self.span is None else f"as of {'+' if self.ahead else '-'} {self.span}"

    def on(self, as_of: date) -> date:
        """The date that is meant, asked on `as_of`."""
        if self.span is None:
            return as_of
        return self.span.after(as_of) if self.ahead else self.span.before(as_of)


Value = str | int | float | date | AsOf
"""A literal. Booleans are no values here: `hiring = false` is the tree Not(Truth(hiring))."""


class Op(StrEnum):
    """A comparison."""

    EQ = "="
    NE = "!="
    LT = "<"
    LE = "<="
    GT = ">"
    GE = ">="


class How(StrEnum):
    """A match of text with text."""

    CONTAINS = "contains"
    STARTS = "starts with"
    ENDS = "ends with"
    WORD = "has word"


class Quantity(StrEnum):
    """How many of the texts a list must hold."""

    ANY = "any of"
    ALL = "all of"
    NONE = "none of"


class Measure(StrEnum):
    """A figure drawn from the signals of one record."""

    COUNT = "count"
    STRONGEST = "strongest"
    LATEST = "latest"


@dataclass(frozen=True, slots=True)
class FieldOf:
    """A field of the schema."""

    name: str
    kind: Kind
    side: Side
    label: str

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, slots=True)
class Custom:
    """A field that only this list has: text, read as a number where it is compared with one."""

    key: str
    kind: Kind = Kind.TEXT

    def __str__(self) -> str:
        return f"custom.{self.key}" if re.fullmatch(_NAME, self.key) else f"custom.{_quoted(self.key)}"


@dataclass(frozen=True, slots=True)
class Signals:
    """The signals of some types (none named: of any), dated in the span up to the day of the question."""

    types: tuple[str, ...]
    within: Span | None = None

    def __str__(self) -> str:
        names = ", ".join(_quoted(name) for name in self.types)
        return f"signal({names})" + (f" within {self.within}" if self.within else "")


@dataclass(frozen=True, slots=True)
class SignalUse:
    """One figure over some signals: how many, the strength of the strongest (0: none), the latest date."""

    measure: Measure
    signals: Signals

    @property
    def kind(self) -> Kind:
        match self.measure:
            case Measure.COUNT:
                return Kind.INTEGER
            case Measure.STRONGEST:
                return Kind.NUMBER
            case Measure.LATEST:
                return Kind.DATE

    def __str__(self) -> str:
        return f"{self.measure}({self.signals})"


Operand = FieldOf | Custom | SignalUse


@dataclass(frozen=True, slots=True)
class Compare:
    """operand op value"""

    operand: Operand
    op: Op
    value: Value

    def __str__(self) -> str:
        return f"{self.operand} {self.op} {_shown(self.value)}"


@dataclass(frozen=True, slots=True)
class Between:
    """low <= operand <= high, both ends included"""

    operand: Operand
    low: Value
    high: Value

    def __str__(self) -> str:
        return f"{self.operand} between {_shown(self.low)} and {_shown(self.high)}"


@dataclass(frozen=True, slots=True)
class OneOf:
    """operand in (values)"""

    operand: Operand
    values: tuple[Value, ...]

    def __str__(self) -> str:
        return f"{self.operand} in {_listed(self.values)}"


@dataclass(frozen=True, slots=True)
class Holds:
    """A list field holds any, all or none of the texts."""

    field: FieldOf
    quantity: Quantity
    values: tuple[str, ...]

    def __str__(self) -> str:
        return f"{self.field} {self.quantity} {_listed(self.values)}"


@dataclass(frozen=True, slots=True)
class Matches:
    """A text contains, starts with, ends with, or has as a whole word, one of the values."""

    operand: FieldOf | Custom
    how: How
    values: tuple[str, ...]

    def __str__(self) -> str:
        one = _quoted(self.values[0]) if len(self.values) == 1 else f"any of {_listed(self.values)}"
        return f"{self.operand} {self.how} {one}"


@dataclass(frozen=True, slots=True)
class Near:
    """A date (or a year) lies in the span before the day of the question; `ahead`: in the span after it."""

    operand: Operand
    span: Span
    ahead: bool = False

    def __str__(self) -> str:
        return f"{self.operand} within {'next ' if self.ahead else ''}{self.span}"


@dataclass(frozen=True, slots=True)
class Older:
    """A date (or a year) lies further back than the span."""

    operand: Operand
    span: Span

    def __str__(self) -> str:
        return f"{self.operand} older than {self.span}"


@dataclass(frozen=True, slots=True)
class IsKnown:
    """The operand has a value at all; never unknown itself."""

    operand: FieldOf | Custom

    def __str__(self) -> str:
        return f"{self.operand} is known"


@dataclass(frozen=True, slots=True)
class Truth:
    """A yes-or-no field says yes."""

    field: FieldOf

    def __str__(self) -> str:
        return str(self.field)


@dataclass(frozen=True, slots=True)
class Seen:
    """There is at least one such signal."""

    signals: Signals

    def __str__(self) -> str:
        return str(self.signals)


@dataclass(frozen=True, slots=True)
class Not:
    """The contrary; unknown stays unknown."""

    part: Tree

    def __str__(self) -> str:
        if isinstance(self.part, IsKnown):
            return f"{self.part.operand} is unknown"
        return f"not {_within(self.part, And, Or)}"


@dataclass(frozen=True, slots=True)
class And:
    """All of them."""

    parts: tuple[Tree, ...]

    def __str__(self) -> str:
        return " and ".join(_within(part, And, Or) for part in self.parts)


@dataclass(frozen=True, slots=True)
class Or:
    """At least one of them."""

    parts: tuple[Tree, ...]

    def __str__(self) -> str:
        return " or ".join(_within(part, Or) for part in self.parts)


Atom = Compare | Between | OneOf | Holds | Matches | Near | Older | IsKnown | Truth | Seen
Tree = Atom | Not | And | Or


def atoms(tree: Tree) -> Iterator[Atom]:
    """The single conditions, from left to right."""
    match tree:
        case And(parts) | Or(parts):
            for part in parts:
                yield from atoms(part)
        case Not(part):
            yield from atoms(part)
        case _:
            yield tree


def operand_of(atom: Atom) -> Operand | Signals:
    """What a single condition looks at."""
    match atom:
        case Holds(field) | Truth(field):
            return field
        case Seen(signals):
            return signals
        case _:
            return atom.operand


def fields(tree: Tree) -> tuple[str, ...]:
    """What the tree rests on, each once, in the order of the text.

    A field by its name, a custom field as `custom.key`, anything about signals as `signals`.
    """
    found: dict[str, None] = {}
    for atom in atoms(tree):
        match operand_of(atom):
            case FieldOf(name):
                found[name] = None
            case Custom(key):
                found[f"custom.{key}"] = None
            case _:
                found["signals"] = None
    return tuple(found)


def signal_uses(tree: Tree) -> tuple[SignalUse, ...]:
    """The figures over signals that the tree needs, each once; presence is a count above zero."""
    found: dict[SignalUse, None] = {}
    for atom in atoms(tree):
        match operand_of(atom):
            case SignalUse() as use:
                found[use] = None
            case Signals() as signals:
                found[SignalUse(Measure.COUNT, signals)] = None
            case _:
                pass
    return tuple(found)


_NAME = r"[A-Za-z_][A-Za-z0-9_]*"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _shown(value: Value) -> str:
    if isinstance(value, str):
        return _quoted(value)
    if isinstance(value, float):
        return format(Decimal(repr(value)), "f")  # never an exponent: the language has none
    return str(value)


def _listed(values: tuple[Value, ...] | tuple[str, ...]) -> str:
    return f"({', '.join(_shown(value) for value in values)})"


def _within(part: Tree, *kinds: type[And | Or]) -> str:
    return f"({part})" if isinstance(part, kinds) else str(part)
