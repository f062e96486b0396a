"""Whose turn it is: who gets whom by ordered rules, nobody beyond what they can work. Plain values in and out.

deal(waiting, rules, reps, keepers) -> tuple[Given, ...]     in the order of `waiting`, best first
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

FULL = "everybody whom a rule names is full"
NO_RULE = "no rule is about them"


class Target(StrEnum):
    """Whom a rule gives to."""

    REP = "rep"
    TEAM = "team"
    EVERYBODY = "everybody"


@dataclass(frozen=True, slots=True)
class Rep:
    """Somebody who works prospects: how many they hold, and how many they can."""

    user_id: int
    name: str
    team_id: int | None
    held: int
    capacity: int


@dataclass(frozen=True, slots=True)
class Turn:
    """A rule as its target has it."""

    id: int
    name: str
    target: Target
    user_id: int | None = None
    team_id: int | None = None

    def names(self, rep: Rep) -> bool:
        match self.target:
            case Target.REP:
                return rep.user_id == self.user_id
            case Target.TEAM:
                return rep.team_id == self.team_id
            case Target.EVERYBODY:
                return True


@dataclass(frozen=True, slots=True)
class Waiting:
    """A prospect whom nobody owns; `rules` are the ids of the rules that hold for them."""

    contact_id: int
    account_id: int | None
    rules: frozenset[int]


@dataclass(frozen=True, slots=True)
class Given:
    """Who gets somebody, and why. Without `user_id` they go on waiting."""

    contact_id: int
    user_id: int | None
    rule: str
    why: str


def deal(
    waiting: Sequence[Waiting], rules: Sequence[Turn], reps: Sequence[Rep], keepers: Mapping[int, int]
) -> tuple[Given, ...]:
    """The first rule that holds and has somebody with room gives; within it, whoever is least full.

    `keepers` is who works on a company already: they go first within a rule, so that one company meets one of us.
    """
    return tuple(_given(waiting, rules, reps, dict(keepers)))


def _given(
    waiting: Sequence[Waiting], rules: Sequence[Turn], reps: Sequence[Rep], keepers: dict[int, int]
) -> Iterator[Given]:
    held = {rep.user_id: rep.held for rep in reps}
    named = {rule.id: [rep for rep in reps if rule.names(rep)] for rule in rules}
    for one in waiting:
        asked = [rule for rule in rules if rule.id in one.rules]
        for rule in asked:
            room = [rep for rep in named[rule.id] if held[rep.user_id] < rep.capacity]
            if not room:
                continue
            keeper = keepers.get(one.account_id or 0)
            mine = next((rep for rep in room if rep.user_id == keeper), None)
            rep = mine or min(room, key=lambda rep: (held[rep.user_id] / rep.capacity, rep.user_id))
            held[rep.user_id] += 1
            if one.account_id is not None:
                keepers.setdefault(one.account_id, rep.user_id)
            why = "works on the company" if mine else "least full" if len(named[rule.id]) > 1 else "named"
            yield Given(one.contact_id, rep.user_id, rule.name, why)
            break
        else:
            yield Given(one.contact_id, None, asked[0].name if asked else "", FULL if asked else NO_RULE)
