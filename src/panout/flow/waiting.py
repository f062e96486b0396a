"""What waits for somebody's answer, for the menu that stands on every page: asked in one question."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.db.models import CharField, Value

from panout.kernel.paging import COUNT_NO_FURTHER_THAN, Count, counted
from panout.pipeline.queries import waiting_askings
from panout.resolve.queries import waiting_pairs
from panout.team.rules import Person, Verb, may


@dataclass(frozen=True, slots=True)
class Waiting:
    """`pairs` that may be one (none for whoever does not settle them); `askings`: times kept on one's booking pages."""

    pairs: Count
    askings: Count


def waiting(person: Person, now: datetime) -> Waiting:
    """Counted no further than is worth showing."""
    rows = waiting_askings(person.id, now).values_list(_named("askings"))[:COUNT_NO_FURTHER_THAN]
    if may(person, Verb.SETTLE_PAIRS):
        pairs = waiting_pairs().values_list(_named("pairs"))[:COUNT_NO_FURTHER_THAN]
        rows = rows.union(pairs, all=True)
    found = Counter(name for (name,) in rows)
    return Waiting(counted(found["pairs"]), counted(found["askings"]))


def _named(name: str) -> Value:
    return Value(name, output_field=CharField())
