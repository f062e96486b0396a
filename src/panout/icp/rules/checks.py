"""What each rule allows alone and all of them together forbid: contradictions, and words without effect."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from panout.criteria.text import fold
from panout.criteria.tree import And, Between, Compare, FieldOf, Not, OneOf, Op, Tree, Truth
from panout.icp.rules.profile import Icp

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Quarrel:
    """Two parts of a profile that cannot both be meant. `grave`: nobody could ever pass."""

    path: Path
    what: str
    mend: str
    grave: bool


@dataclass(frozen=True, slots=True)
class _Range:
    low: float = -math.inf
    high: float = math.inf
    low_open: bool = False
    high_open: bool = False

    def meet(self, other: _Range) -> _Range:
        low, low_open = max((self.low, self.low_open), (other.low, other.low_open))
        high, high_shut = min((self.high, not self.high_open), (other.high, not other.high_open))
        return _Range(low, high, low_open, not high_shut)

    @property
    def empty(self) -> bool:
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))


def quarrels(icp: Icp) -> Iterator[Quarrel]:
    """Everything in a profile that contradicts itself or cannot have an effect."""
    yield from _required_together(icp)
    yield from _required_and_disqualified(icp)
    yield from _twice(icp)
    if icp.roles and not icp.cover and icp.audience == "companies":
        yield Quarrel(
            ("roles", 0),
            "no role has `cover: true`.",
            "An account then counts as covered by anybody.",
            grave=False,
        )
    if not icp.kinds:
        yield Quarrel(
            (),
            "no signals are listed: nobody will pass the gate.",
            "List the types that say why now.",
            grave=False,
        )
    if icp.problems and not icp.evidence:
        yield Quarrel(
            ("problems", 0),
            "no problem has evidence: intensity stays unknown.",
            "Add `evidence:`.",
            grave=False,
        )


def _required_together(icp: Icp) -> Iterator[Quarrel]:
    """Required rules that cannot all hold."""
    ranges: dict[str, tuple[_Range, str]] = {}
    texts: dict[str, tuple[frozenset[str], str]] = {}
    truths: dict[str, tuple[bool, str]] = {}
    for at, rule in enumerate(icp.fit):
        if not rule.required:
            continue
        for part in _sure(rule.tree):
            name, path = _name(part), ("fit", at, "rule")
            if (new := _range(part)) is not None:
                old, before = ranges.get(name, (_Range(), rule.name))
                if old.meet(new).empty:
                    yield _contradiction(path, name, rule.name, before)
                ranges[name] = (old.meet(new), rule.name)
            elif (words := _words(part)) is not None:
                had, before = texts.get(name, (words, rule.name))
                if not had & words:
                    yield _contradiction(path, name, rule.name, before)
                texts[name] = (had & words or words, rule.name)
            elif (truth := _truth(part)) is not None:
                was, before = truths.get(name, (truth, rule.name))
                if was is not truth:
                    yield _contradiction(path, name, rule.name, before)
                truths[name] = (truth, rule.name)


def _contradiction(path: Path, name: str, this: str, that: str) -> Quarrel:
    other = f"and '{that}' " if that != this else ""
    return Quarrel(
        path,
        f"required rules contradict each other: no '{name}' satisfies '{this}' {other}at once.",
        "Take `required` from one of them, or join the ranges.",
        grave=True,
    )


def _required_and_disqualified(icp: Icp) -> Iterator[Quarrel]:
    for at, disqualifier in enumerate(icp.disqualifiers):
        for rule in icp.fit:
            if disqualifier.tree == rule.tree and rule.required:
                yield Quarrel(
                    ("disqualifiers", at, "rule"),
                    f"this disqualifies just those whom the required rule '{rule.name}' asks for.",
                    "Remove one of the two.",
                    grave=True,
                )
            elif disqualifier.tree == rule.tree and rule.weight > 0:
                yield Quarrel(
                    ("disqualifiers", at, "rule"),
                    f"this disqualifies just those whom the rule '{rule.name}' gives points.",
                    "Remove one of the two.",
                    grave=False,
                )


def _twice(icp: Icp) -> Iterator[Quarrel]:
    for at, rule in enumerate(icp.fit):
        if any(rule.tree == earlier.tree for earlier in icp.fit[:at]):
            yield Quarrel(("fit", at, "rule"), "this rule is here twice.", "Add its weights up.", grave=False)


def _sure(tree: Tree) -> Iterator[Tree]:
    """The conditions that must hold where the tree holds."""
    if isinstance(tree, And):
        for part in tree.parts:
            yield from _sure(part)
    else:
        yield tree


def _name(tree: Tree) -> str:
    match tree:
        case Compare(operand) | Between(operand) | OneOf(operand):
            return str(operand)
        case Truth(field) | Not(Truth(field)):
            return str(field)
        case _:
            return ""


def _number(value: object) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None


def _range(tree: Tree) -> _Range | None:
    match tree:
        case Between(FieldOf(), low, high):
            least, most = _number(low), _number(high)
            return None if least is None or most is None else _Range(least, most)
        case Compare(FieldOf(), op, value) if (bound := _number(value)) is not None:
            return {
                Op.EQ: _Range(bound, bound),
                Op.LT: _Range(high=bound, high_open=True),
                Op.LE: _Range(high=bound),
                Op.GT: _Range(low=bound, low_open=True),
                Op.GE: _Range(low=bound),
            }.get(op)
        case _:
            return None


def _words(tree: Tree) -> frozenset[str] | None:
    match tree:
        case Compare(FieldOf(), Op.EQ, str() as value):
            return _folded([value])
        case OneOf(FieldOf(), values) if all(isinstance(value, str) for value in values):
            return _folded(values)
        case _:
            return None


def _folded(values: Iterable[object]) -> frozenset[str]:
    return frozenset(fold(value) for value in values if isinstance(value, str))


def _truth(tree: Tree) -> bool | None:
    match tree:
        case Truth():
            return True
        case Not(Truth()):
            return False
        case _:
            return None
