"""A tree as a question to one record: True, False, or None for unknown."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Protocol, TypeVar

from panout.criteria.text import fold, number, words
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
    Op,
    Operand,
    Or,
    Quantity,
    Seen,
    Signals,
    SignalUse,
    Tree,
    Truth,
    Value,
    atoms,
    fields,
)
from panout.kernel.fields import Kind

Fact = str | int | float | bool | date | Sequence[str | None] | None
"""What a record may know of a field; None is unknown. So is a value of another kind than the field's."""


class Signal(Protocol):
    """What the language looks at in a signal; the signals room's own record fits."""

    @property
    def type(self) -> str: ...
    @property
    def date(self) -> date | None: ...
    @property
    def strength(self) -> float | None: ...


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of one account or contact.

    `signals`: those of the account and of the contact together; None when nobody looked for any.
    """

    fields: Mapping[str, Fact]
    signals: Sequence[Signal] | None = ()
    custom: Mapping[str, str | None] = field(default_factory=dict)


Answer = bool | None
Predicate = Callable[[Record], Answer]


def predicate(tree: Tree, as_of: date) -> Predicate:  # noqa: C901 one case a kind of node
    """The question, compiled once: ask it of as many records as you like."""
    match tree:
        case And(parts):
            return _all([predicate(part, as_of) for part in parts])
        case Or(parts):
            return _any([predicate(part, as_of) for part in parts])
        case Not(part):
            return _negation(predicate(part, as_of))
        case Seen(signals):
            return _asked(_signals(SignalUse(Measure.COUNT, signals), as_of), lambda count: count > 0)
        case IsKnown(operand):
            return _known(operand)
        case Truth(of):
            return _truth(of.name)
        case Holds(of, quantity, values):
            return _holds(of.name, quantity, values)
        case Matches(operand, how, values):
            return _asked(_text(operand), _match(how, values))
        case Compare(operand, op, value):
            return _compare(operand, op, value, as_of)
        case Between(operand, low, high):
            return _between(operand, low, high, as_of)
        case OneOf(operand, values):
            return _one_of(operand, values, as_of)
        case Near(operand, span, ahead):
            start, end = (as_of, span.after(as_of)) if ahead else (span.before(as_of), as_of)
            return _in_dates(operand, start, end, as_of)
        case Older(operand, span):
            return _older(operand, span.before(as_of), as_of)


def missing(tree: Tree, record: Record) -> tuple[str, ...]:
    """What the tree rests on and the record does not know; names as `tree.fields` gives them."""
    unknown: dict[str, None] = {}
    for atom in atoms(tree):
        match atom:
            case Seen():
                known = record.signals is not None
            case Holds(of) | Truth(of):
                known = _known(of)(record)
            case _:
                operand = atom.operand
                if isinstance(operand, SignalUse):  # noqa: SIM108  the checker follows this form only
                    known = record.signals is not None
                else:
                    known = _known(operand)(record)
        if not known:
            unknown |= dict.fromkeys(fields(atom))
    return tuple(unknown)


# Kleene's three values


def _all(parts: list[Predicate]) -> Predicate:
    def conjunction(record: Record) -> Answer:
        answer: Answer = True
        for part in parts:
            held = part(record)
            if held is False:
                return False
            if held is None:
                answer = None
        return answer

    return conjunction


def _any(parts: list[Predicate]) -> Predicate:
    def disjunction(record: Record) -> Answer:
        answer: Answer = False
        for part in parts:
            held = part(record)
            if held is True:
                return True
            if held is None:
                answer = None
        return answer

    return disjunction


def _negation(part: Predicate) -> Predicate:
    def contrary(record: Record) -> Answer:
        held = part(record)
        return None if held is None else not held

    return contrary


_T = TypeVar("_T")
_Get = Callable[[Record], _T | None]


def _asked(get: _Get[_T], ask: Callable[[_T], bool]) -> Predicate:
    def asked(record: Record) -> Answer:
        value = get(record)
        return None if value is None else ask(value)

    return asked


# What a record says of an operand


def _text(operand: Operand) -> _Get[str]:
    """The folded text."""
    if isinstance(operand, Custom):
        key = operand.key

        def custom(record: Record) -> str | None:
            value = record.custom.get(key)
            return fold(value) if isinstance(value, str) else None

        return custom
    name = str(operand)

    def text(record: Record) -> str | None:
        value = record.fields.get(name)
        return fold(value) if isinstance(value, str) else None

    return text


def _number(operand: Operand, as_of: date) -> _Get[float]:
    if isinstance(operand, SignalUse):
        return _signals(operand, as_of)
    if isinstance(operand, Custom):
        key = operand.key

        def custom(record: Record) -> float | None:
            value = record.custom.get(key)
            return number(value) if isinstance(value, str) else None

        return custom
    name = operand.name

    def plain(record: Record) -> float | None:
        value = record.fields.get(name)
        if not isinstance(value, int | float) or isinstance(value, bool) or math.isnan(value):
            return None
        return value

    return plain


def _date(operand: Operand, as_of: date) -> _Get[date]:
    if isinstance(operand, SignalUse):
        return _latest(operand.signals, as_of)
    name = str(operand)

    def day(record: Record) -> date | None:
        value = record.fields.get(name)
        if isinstance(value, datetime):
            return value.date()
        return value if isinstance(value, date) else None

    return day


def _truth(name: str) -> Predicate:
    def truth(record: Record) -> Answer:
        value = record.fields.get(name)
        return value if isinstance(value, bool) else None

    return truth


def _list(name: str) -> _Get[frozenset[str]]:
    """The folded texts of a list, without its empty places."""

    def texts(record: Record) -> frozenset[str] | None:
        value = record.fields.get(name)
        if not isinstance(value, Sequence) or isinstance(value, str):
            return None
        return frozenset(fold(text) for text in value if text is not None)

    return texts


def _known(operand: FieldOf | Custom) -> Callable[[Record], bool]:
    if isinstance(operand, Custom):
        return lambda record: isinstance(record.custom.get(operand.key), str)
    name, kind = operand.name, operand.kind
    match kind:
        case Kind.TEXT:
            return lambda record: isinstance(record.fields.get(name), str)
        case Kind.NUMBER | Kind.INTEGER:
            get_number = _number(operand, date.min)
            return lambda record: get_number(record) is not None
        case Kind.DATE:
            return lambda record: isinstance(record.fields.get(name), date)
        case Kind.BOOLEAN:
            return lambda record: isinstance(record.fields.get(name), bool)
        case Kind.TEXTS:
            get_list = _list(name)
            return lambda record: get_list(record) is not None


# Signals


def _counted(signals: Signals, as_of: date) -> Callable[[Sequence[Signal]], list[Signal]]:
    types = frozenset(signals.types)
    first = signals.within.before(as_of) if signals.within else date.min

    def counted(seen: Sequence[Signal]) -> list[Signal]:
        return [
            signal
            for signal in seen
            if signal.date is not None
            and first <= signal.date <= as_of
            and (not types or signal.type in types)
        ]

    return counted


def _signals(use: SignalUse, as_of: date) -> _Get[float]:
    counted = _counted(use.signals, as_of)

    def count(record: Record) -> float | None:
        return None if record.signals is None else len(counted(record.signals))

    def strongest(record: Record) -> float | None:
        if record.signals is None:
            return None
        return max((signal.strength or 0.0 for signal in counted(record.signals)), default=0.0)

    return count if use.measure is Measure.COUNT else strongest


def _latest(signals: Signals, as_of: date) -> _Get[date]:
    counted = _counted(signals, as_of)

    def latest(record: Record) -> date | None:
        if record.signals is None:
            return None
        return max(
            (signal.date for signal in counted(record.signals) if signal.date is not None), default=None
        )

    return latest


# Conditions

_ORDER: dict[Op, Callable[[float, float], bool]] = {
    Op.EQ: operator.eq,
    Op.NE: operator.ne,
    Op.LT: operator.lt,
    Op.LE: operator.le,
    Op.GT: operator.gt,
    Op.GE: operator.ge,
}


def ordinal(value: Value, as_of: date) -> float:
    """A number as it is, a date as its day: what can be ordered, in one measure."""
    match value:
        case AsOf():
            return value.on(as_of).toordinal()
        case date():
            return value.toordinal()
        case str():
            raise TypeError(f"text has no order: {value}")
        case _:
            return value


def _measured(operand: Operand, as_of: date) -> _Get[float]:
    """The operand in the measure of `ordinal`."""
    if operand.kind is not Kind.DATE:
        return _number(operand, as_of)
    get = _date(operand, as_of)

    def day(record: Record) -> float | None:
        value = get(record)
        return None if value is None else value.toordinal()

    return day


def _compare(operand: Operand, op: Op, value: Value, as_of: date) -> Predicate:
    if isinstance(value, str):
        wanted = fold(value)
        same = op is Op.EQ
        return _asked(_text(operand), lambda text: (text == wanted) is same)
    order, bound = _ORDER[op], ordinal(value, as_of)
    return _asked(_measured(operand, as_of), lambda measured: order(measured, bound))


def _between(operand: Operand, low: Value, high: Value, as_of: date) -> Predicate:
    least, most = ordinal(low, as_of), ordinal(high, as_of)
    return _asked(_measured(operand, as_of), lambda measured: least <= measured <= most)


def _one_of(operand: Operand, values: tuple[Value, ...], as_of: date) -> Predicate:
    if operand.kind is Kind.TEXT:
        texts = frozenset(fold(value) for value in values if isinstance(value, str))
        return _asked(_text(operand), lambda text: text in texts)
    wanted = frozenset(ordinal(value, as_of) for value in values)
    return _asked(_measured(operand, as_of), lambda measured: measured in wanted)


def _in_dates(operand: Operand, start: date, end: date, as_of: date) -> Predicate:
    if operand.kind is Kind.DATE:
        return _asked(_date(operand, as_of), lambda day: start <= day <= end)
    return _asked(_number(operand, as_of), lambda year: start.year <= year <= end.year)


def _older(operand: Operand, limit: date, as_of: date) -> Predicate:
    if operand.kind is Kind.DATE:
        return _asked(_date(operand, as_of), lambda day: day < limit)
    return _asked(_number(operand, as_of), lambda year: year < limit.year)


def _holds(name: str, quantity: Quantity, values: tuple[str, ...]) -> Predicate:
    wanted = frozenset(fold(value) for value in values)
    match quantity:
        case Quantity.ANY:
            return _asked(_list(name), lambda texts: not wanted.isdisjoint(texts))
        case Quantity.ALL:
            return _asked(_list(name), wanted.issubset)
        case Quantity.NONE:
            return _asked(_list(name), wanted.isdisjoint)


def _match(how: How, values: tuple[str, ...]) -> Callable[[str], bool]:
    folded = tuple(words(value) if how is How.WORD else fold(value) for value in values)
    match how:
        case How.CONTAINS:
            return lambda text: any(value in text for value in folded)
        case How.STARTS:
            return lambda text: text.startswith(folded)
        case How.ENDS:
            return lambda text: text.endswith(folded)
        case How.WORD:
            return lambda text: _has_word(words(text), folded)


def _has_word(text: str, folded: Iterable[str]) -> bool:
    return any(value in text for value in folded)
