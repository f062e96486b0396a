"""Conditions that can never hold together, found where that is cheap and certain."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from itertools import combinations

from panout.criteria.predicate import ordinal
from panout.criteria.text import fold
from panout.criteria.tree import (
    And,
    Between,
    Compare,
    IsKnown,
    Near,
    Not,
    Older,
    OneOf,
    Op,
    Or,
    Tree,
    operand_of,
)
from panout.kernel.fields import Kind

_MOST = 40
"""Conditions on one field that are compared pair by pair."""

_Ends = tuple[float, float]


def contradictions(tree: Tree, as_of: date) -> tuple[str, ...]:
    """A sentence for each two conditions, joined by `and`, that no record can satisfy on that day."""
    return tuple(dict.fromkeys(_found(tree, as_of)))


def _found(tree: Tree, as_of: date) -> Iterator[str]:
    match tree:
        case Or(parts):
            for part in parts:
                yield from _found(part, as_of)
        case Not(part):
            yield from _found(part, as_of)
        case And(parts):
            for group in _groups(parts).values():
                for one, other in combinations(group[:_MOST], 2):
                    if _exclude(one, other, as_of):
                        yield f"`{one}` and `{other}` can never both hold."
            for part in parts:
                yield from _found(part, as_of)
        case _:
            return


def _groups(parts: tuple[Tree, ...]) -> dict[str, list[Tree]]:
    """The single conditions (and their contraries) by what they look at."""
    groups: dict[str, list[Tree]] = defaultdict(list)
    for part in parts:
        bare = part.part if isinstance(part, Not) else part
        if not isinstance(bare, And | Or | Not):
            groups[str(operand_of(bare))].append(part)
    return groups


def _exclude(one: Tree, other: Tree, as_of: date) -> bool:
    if _says_unknown(one) != _says_unknown(other):
        # A condition on an unknown value is unknown: it does not hold.
        return True
    if one == Not(other) or other == Not(one):
        return True
    texts, more = _texts(one), _texts(other)
    if texts is not None and more is not None:
        return texts.isdisjoint(more)
    if _denies(one, texts=more) or _denies(other, texts=texts):
        return True
    ends, others = _ends(one, as_of), _ends(other, as_of)
    if ends is None or others is None:
        return False
    return max(ends[0], others[0]) > min(ends[1], others[1])


def _says_unknown(part: Tree) -> bool:
    return isinstance(part, Not) and isinstance(part.part, IsKnown)


def _texts(part: Tree) -> frozenset[str] | None:
    """The only texts that satisfy it, folded."""
    match part:
        case Compare(_, Op.EQ, str() as value):
            return frozenset({fold(value)})
        case OneOf(operand, values) if operand.kind is Kind.TEXT:
            return frozenset(fold(value) for value in values if isinstance(value, str))
        case _:
            return None


def _denies(part: Tree, *, texts: frozenset[str] | None) -> bool:
    """Whether it rules out the one text that the other condition asks for."""
    match part:
        case Compare(_, Op.NE, str() as value):
            return texts == frozenset({fold(value)})
        case Not(OneOf() as listed):
            denied = _texts(listed)
            return texts is not None and denied is not None and texts <= denied
        case _:
            return False


def _ends(part: Tree, as_of: date) -> _Ends | None:
    """The lowest and highest value that can satisfy it, in the measure of `ordinal`; both included."""
    match part:
        case Compare(operand, op, value) if not isinstance(value, str):
            return _reach(op, ordinal(value, as_of), whole=operand.kind is not Kind.NUMBER)
        case Between(_, low, high):
            return ordinal(low, as_of), ordinal(high, as_of)
        case OneOf(operand, values) if operand.kind is not Kind.TEXT:
            wanted = [ordinal(value, as_of) for value in values]
            return min(wanted), max(wanted)
        case Near(operand, span, ahead):
            far = span.after(as_of) if ahead else span.before(as_of)
            low_day, high_day = sorted((far, as_of))
            if operand.kind is Kind.DATE:
                return low_day.toordinal(), high_day.toordinal()
            return low_day.year, high_day.year
        case Older(operand, span):
            limit = span.before(as_of)
            return -math.inf, (limit.toordinal() if operand.kind is Kind.DATE else limit.year) - 1
        case _:
            return None


def _reach(op: Op, bound: float, *, whole: bool) -> _Ends | None:
    """For whole numbers and days the next one; for others the next number that a float can tell apart."""
    below = bound - 1 if whole else math.nextafter(bound, -math.inf)
    above = bound + 1 if whole else math.nextafter(bound, math.inf)
    match op:
        case Op.EQ:
            return bound, bound
        case Op.LT:
            return -math.inf, below
        case Op.LE:
            return -math.inf, bound
        case Op.GT:
            return above, math.inf
        case Op.GE:
            return bound, math.inf
        case Op.NE:
            return None
