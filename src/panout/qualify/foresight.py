"""Before a profile goes live: who would change verdict, and how it would have ranked known outcomes.

foresee(engine, draft, today) -> Foresight       scores a stretch of the book by the draft; writes nothing
separation(ended, stayed) -> float | None        how often who ended well stood above who did not
"""

from __future__ import annotations

import bisect
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from panout.batch.engine import Engine
from panout.icp.queries import VersionCard, active
from panout.qualify.actions import Scope, bring, judge, stretches
from panout.qualify.models import Verdict

MOST_SHOWN = 30
_Change = tuple[int | None, int | None, str, str, float, float]
# Below this many on either side chance alone moves the figure by ten points and more.
ENOUGH = 30


@dataclass(frozen=True, slots=True)
class Move:
    """From one verdict to another, and how many would go that way."""

    was: str
    now: str
    count: int


@dataclass(frozen=True, slots=True)
class Changed:
    """Somebody who would change verdict."""

    kind: str
    id: int
    label: str
    was: str
    now: str
    priority_was: float
    priority_now: float


@dataclass(frozen=True, slots=True)
class BackTest:
    """The old order against the new one, over people with a known outcome.

    `well` had a reply, a meeting or a sale; `not_well` were touched and had none. The two figures are the
    share of pairs in which the one who ended well stood above the other: 50 is chance, 100 is perfect.
    """

    well: int
    not_well: int
    before: float | None
    after: float | None

    @property
    def enough(self) -> bool:
        return self.well >= ENOUGH and self.not_well >= ENOUGH


@dataclass(frozen=True, slots=True)
class Foresight:
    judged: int
    whole: bool  # False: only the first stretch of a large book was judged
    moves: tuple[Move, ...]
    changed: tuple[Changed, ...]
    back_test: BackTest


def foresee(engine: Engine, draft: VersionCard, today: date) -> Foresight:
    """Judge by the draft together with the other active profiles, as activation would. Raises IcpError."""
    others = tuple(one for one in active() if one.icp_id != draft.icp_id)
    parts = stretches(Scope())
    judged = 0
    moves: dict[tuple[str, str], int] = {}
    changed: list[_Change] = []
    priorities: dict[int, float] = {}
    standing: dict[tuple[int | None, int | None], tuple[str, float]] = {}
    if parts:
        where = parts[0]
        bring(engine, where)
        judge(engine, (*others, draft), today)
        judged = engine.rows("judged_best")
        standing = _standing()
        for batch in engine.batches("SELECT account_id, contact_id, verdict, priority FROM judged_best"):
            for row in batch.to_pylist():
                contact = int(row["contact_id"]) if row["contact_id"] else None
                account = int(row["account_id"]) if row["account_id"] else None
                if contact is not None:
                    priorities[contact] = row["priority"]
                was, before = standing.get((None if contact else account, contact), ("not scored", 0.0))
                if was != row["verdict"]:
                    key = (was, row["verdict"])
                    moves[key] = moves.get(key, 0) + 1
                    changed.append((contact, account, was, row["verdict"], before, row["priority"]))
    changed.sort(key=lambda one: -max(one[4], one[5]))
    return Foresight(
        judged,
        len(parts) <= 1,
        tuple(Move(was, new, count) for (was, new), count in sorted(moves.items(), key=lambda one: -one[1])),
        _named(changed[:MOST_SHOWN]),
        _back_test(standing, priorities),
    )


def separation(ended: Sequence[float], stayed: Sequence[float]) -> float | None:
    """The share of pairs, of a hundred, in which the first stands above the second; ties count half.

    This is the area under the ROC curve. None when a side is empty.
    """
    if not ended or not stayed:
        return None
    ordered = sorted(stayed)
    above = sum(
        bisect.bisect_left(ordered, one) + bisect.bisect_right(ordered, one) for one in ended
    )  # below, twice; ties, once
    return 100.0 * above / (2 * len(ended) * len(stayed))


def _standing() -> dict[tuple[int | None, int | None], tuple[str, float]]:
    rows = Verdict.objects.values_list("account_id", "contact_id", "verdict", "priority")
    return {
        (None if contact else account, contact): (verdict, priority)
        for account, contact, verdict, priority in rows.iterator(chunk_size=10_000)
    }


_ENDS = """
SELECT c.id,
       c.lifecycle IN ('opportunity', 'customer')
       OR EXISTS (SELECT FROM resolve_activity r
                  WHERE r.contact_id = c.id AND r.kind IN ('reply', 'meeting')) AS well
FROM resolve_contact c
WHERE c.merged_into_id IS NULL AND (
  c.lifecycle IN ('opportunity', 'customer')
  OR EXISTS (SELECT FROM resolve_activity t WHERE t.contact_id = c.id
             AND t.kind IN ('email_sent', 'call', 'reply', 'meeting')))
LIMIT 50000"""


def _back_test(
    standing: dict[tuple[int | None, int | None], tuple[str, float]], priorities: dict[int, float]
) -> BackTest:
    with connection.cursor() as cursor:
        cursor.execute(_ENDS)
        ends = [(contact, well) for contact, well in cursor.fetchall() if contact in priorities]
    old: dict[bool, list[float]] = {True: [], False: []}
    new: dict[bool, list[float]] = {True: [], False: []}
    for contact, well in ends:
        if (None, contact) in standing:
            old[well].append(standing[(None, contact)][1])
            new[well].append(priorities[contact])
    return BackTest(
        len(new[True]), len(new[False]), separation(old[True], old[False]), separation(new[True], new[False])
    )


def _named(
    changed: Sequence[_Change],
) -> tuple[Changed, ...]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'contact', id, coalesce(full_name, email, '') FROM resolve_contact WHERE id = ANY(%s)"
            " UNION ALL SELECT 'account', id, coalesce(company_name, domain, '')"
            " FROM resolve_account WHERE id = ANY(%s)",
            [[one[0] for one in changed if one[0]], [one[1] for one in changed if not one[0]]],
        )
        names = {(kind, found): label for kind, found, label in cursor.fetchall()}
    told = []
    for contact, account, was, new, before, after in changed:
        kind, found = ("contact", contact) if contact else ("account", account or 0)
        told.append(Changed(kind, found or 0, names.get((kind, found or 0), ""), was, new, before, after))
    return tuple(told)
