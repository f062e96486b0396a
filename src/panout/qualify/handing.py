"""Who works on whom: loads of the reps, and prospects handed out in turn, nobody beyond capacity.

loads() -> tuple[Load, ...]                            prospects of each rep against their capacity
pipeline() -> Pipeline                                 prospects now against what the team can work
shares(loads, count) -> {user: how many}               pure: the least loaded first, in turn
hand_out(asker, limit, origin, now) -> Assigned        nobody's prospects, best first, to those with room
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Count as Number
from django.db.models import F

from panout.kernel.errors import Conflict
from panout.kernel.lifecycle import Lifecycle
from panout.qualify.models import Verdict
from panout.resolve.actions import Assigned, assign
from panout.resolve.models import Contact
from panout.team.queries import reps
from panout.team.rules import Person, Role, Verb, demand

SHORT_BELOW = 0.8  # of what the team can work: below it the page warns
AT_ONCE = 200
_WORKS = {Role.SDR, Role.BDR, Role.AE, Role.FOUNDER}


@dataclass(frozen=True, slots=True)
class Load:
    """How full a rep's hands are."""

    user_id: int
    name: str
    role: Role
    prospects: int
    capacity: int

    @property
    def room(self) -> int:
        return max(0, self.capacity - self.prospects)

    @property
    def percent(self) -> float:
        return 100.0 * self.prospects / self.capacity if self.capacity else 100.0


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Prospects in the pipeline now, against what the team can work."""

    prospects: int
    unowned: int
    target: int
    opportunities: int
    loads: tuple[Load, ...]

    @property
    def short_by(self) -> int:
        """How many prospects are missing before the team runs dry; 0: enough."""
        return max(0, self.target - self.prospects) if self.prospects < SHORT_BELOW * self.target else 0


def loads() -> tuple[Load, ...]:
    held = Contact.objects.living().filter(lifecycle=Lifecycle.PROSPECT, owner__isnull=False)
    counts = dict(held.values_list("owner").annotate(number=Number("id")))
    return tuple(
        Load(one.id, one.name, one.role, counts.get(one.id, 0), one.capacity)
        for one in reps()
        if one.role in _WORKS
    )


def pipeline() -> Pipeline:
    now = Contact.objects.living().filter(lifecycle=Lifecycle.PROSPECT)
    held = loads()
    return Pipeline(
        now.count(),
        now.filter(owner=None).count(),
        sum(one.capacity for one in held),
        Contact.objects.living().filter(lifecycle=Lifecycle.OPPORTUNITY).count(),
        held,
    )


def shares(held: Sequence[Load], count: int) -> dict[int, int]:
    """How many of `count` each gets: always whoever is least full next; nobody beyond their capacity."""
    turn = [(one.percent, one.user_id, one.prospects, one.capacity) for one in held if one.room]
    heapq.heapify(turn)
    given: dict[int, int] = {}
    for _ in range(count):
        if not turn:
            break
        _, user, has, most = heapq.heappop(turn)
        given[user] = given.get(user, 0) + 1
        if has + 1 < most:
            heapq.heappush(turn, (100.0 * (has + 1) / most, user, has + 1, most))
    return given


@transaction.atomic
def hand_out(asker: Person, limit: int, origin: str, now: datetime) -> Assigned:
    """Give nobody's prospects, best first, to whoever has room. Raises Conflict when nobody has."""
    demand(asker, Verb.ASSIGN)
    free = Verdict.objects.filter(
        contact__owner=None, contact__lifecycle=Lifecycle.PROSPECT, contact__merged_into=None
    )
    best_first = free.order_by(F("priority").desc(), "id").values_list("contact_id", flat=True)
    ids = [one for one in best_first[: min(limit, AT_ONCE)] if one is not None]
    given = shares(loads(), len(ids))
    if not given:
        raise Conflict(
            "There is nobody with room, or no prospect without an owner.",
            mend="Raise somebody's capacity, or bring in a list.",
        )
    before: dict[int, int | None] = {}
    for user, mine in dealt(ids, given).items():
        before |= assign(asker, user, contact_ids=mine, origin=origin, now=now).contacts
    return Assigned({}, before)


def dealt(ids: Sequence[int], given: Mapping[int, int]) -> dict[int, list[int]]:
    """Deal the ids round like cards, so that nobody gets only the end of the list."""
    hands: dict[int, list[int]] = {user: [] for user in given}
    waiting = list(ids[: sum(given.values())])
    while waiting:
        for user, number in given.items():
            if waiting and len(hands[user]) < number:
                hands[user].append(waiting.pop(0))
    return hands
