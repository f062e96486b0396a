"""Before a profile goes live: who would change verdict, and how it would have ranked known outcomes.

foresee(engine, draft, today, tick) -> Foresight   judges the whole book by the draft; writes nothing
separation(ended, stayed) -> float | None          how often who ended well stood above who did not
is_small() -> bool                                 judged while somebody waits; else a worker does it:
ask_preview, claim_preview, say_progress, keep_preview, forget_preview
seen_by(asker, told) -> Foresight                  without the names that the asker may not see
"""

from __future__ import annotations

import bisect
import heapq
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime, timedelta

import pyarrow as pa
from django.db import connection
from django.db.models import Q

from panout.batch.engine import Engine
from panout.batch.steps import Step
from panout.icp.queries import VersionCard, active
from panout.qualify.actions import bring, judge, whole_book
from panout.qualify.models import Preview
from panout.resolve.loading import load_query
from panout.resolve.models import Account, Contact
from panout.resolve.queries import owners_seen
from panout.team.rules import Person, Verb, demand

SMALL = 5_000  # accounts, and contacts
MOST_KEPT = 300  # of those who change, of whom a reader sees MOST_SHOWN
CLAIM = timedelta(minutes=5)
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
    moves: tuple[Move, ...]
    changed: tuple[Changed, ...]
    back_test: BackTest


@dataclass(frozen=True, slots=True)
class PreviewCard:
    """How far a worker is with it; `told` once it is done."""

    done: int
    total: int
    failed: str
    asked_at: datetime
    told: Foresight | None

    @property
    def working(self) -> bool:
        return self.told is None and not self.failed

    @property
    def percent(self) -> float:
        return 100.0 * self.done / self.total if self.total else 0.0


def is_small() -> bool:
    """Whether the book can be judged while somebody waits."""
    return all(
        len(rows.values_list("id")[: SMALL + 1]) <= SMALL
        for rows in (Account.objects.living(), Contact.objects.living())
    )


def foresee(
    engine: Engine,
    draft: VersionCard,
    today: date,
    tick: Callable[[int, int], None] = lambda _done, _total: None,
) -> Foresight:
    """Judge by the draft together with the other active profiles, as activation would. Raises IcpError.

    Stretch by stretch, so that memory is bounded; `tick` is told how many stretches are done, of how many.
    """
    others = tuple(one for one in active() if one.icp_id != draft.icp_id)
    parts = whole_book()
    load_query(engine, "ended", _ENDS, _ENDED)
    moves: Counter[tuple[str, str]] = Counter()
    changed: list[_Change] = []
    judged, ends = 0, _Ends()
    for number, where in enumerate(parts):
        tick(number, len(parts))
        bring(engine, where)
        if not engine.rows("contacts") and not engine.rows("accounts"):
            continue
        judge(engine, (*others, draft), today)
        judged += engine.rows("judged_best")
        load_query(
            engine, "standing", _STANDING.format(accounts=where.accounts, contacts=where.contacts), _STOOD
        )
        engine.run(_compared)
        for row in engine.ask(
            "SELECT was, verdict, count(*) AS many FROM compared WHERE was <> verdict GROUP BY was, verdict"
        ).to_pylist():
            moves[row["was"], row["verdict"]] += row["many"]
        changed += [_change(row) for row in engine.ask(_CHANGED).to_pylist()]
        changed = heapq.nlargest(MOST_KEPT, changed, key=lambda one: max(one[4], one[5]))
        for row in engine.ask(_ENDED_HERE).to_pylist():
            ends.add(well=row["well"], before=row["before"], after=row["priority"])
    tick(len(parts), len(parts))
    return Foresight(
        judged,
        tuple(Move(was, new, count) for (was, new), count in moves.most_common()),
        _named(changed),
        ends.test,
    )


# A large book is judged by a worker


def ask_preview(asker: Person, draft: VersionCard, today: date, now: datetime) -> PreviewCard:
    """What is known of this draft, as it was saved, on this day; a worker is asked where nothing is."""
    demand(asker, Verb.EDIT_ICP)
    row, _ = Preview.objects.get_or_create(
        icp_version_id=draft.id, edits=draft.edits, day=today,
        defaults={"asked_by_id": asker.id, "asked_at": now},
    )  # fmt: skip
    return _card(row)


def forget_preview(asker: Person, draft: VersionCard, today: date) -> None:
    """So that it is judged again: the book may have changed since."""
    demand(asker, Verb.EDIT_ICP)
    Preview.objects.filter(icp_version=draft.id, edits=draft.edits, day=today).delete()


@dataclass(frozen=True, slots=True)
class Asked:
    """A preview that a worker has taken up."""

    id: int
    version_id: int
    edits: int
    day: date


def claim_preview(now: datetime) -> Asked | None:
    """The one that waits longest, or whose worker has said nothing for CLAIM."""
    free = Q(claimed_at=None) | Q(claimed_at__lt=now - CLAIM)
    for found in Preview.objects.filter(free, finished_at=None).order_by("asked_at")[:20]:
        if Preview.objects.filter(free, id=found.pk, finished_at=None).update(claimed_at=now) == 1:
            return Asked(found.pk, found.icp_version_id, found.edits, found.day)
    return None


def say_progress(preview_id: int, done: int, total: int, now: datetime) -> None:
    Preview.objects.filter(id=preview_id).update(done=done, total=total, claimed_at=now)


def keep_preview(preview_id: int, told: Foresight | None, failed: str, now: datetime) -> None:
    """The end of it, one way or the other."""
    kept = asdict(told) if told is not None else None
    Preview.objects.filter(id=preview_id).update(told=kept, failed=failed[:1000], finished_at=now)


def seen_by(asker: Person, told: Foresight) -> Foresight:
    """With only those named whom the asker sees; the figures are of all."""
    seen = owners_seen(asker)
    if seen is None:
        return replace(told, changed=told.changed[:MOST_SHOWN])
    mine = Q(owner=None) | Q(owner__in=seen)
    tables = {"contact": Contact.objects.filter(mine), "account": Account.objects.filter(mine)}
    ids = {
        kind: set(
            rows.filter(id__in=[one.id for one in told.changed if one.kind == kind]).values_list(
                "id", flat=True
            )
        )
        for kind, rows in tables.items()
    }
    visible = tuple(one for one in told.changed if one.id in ids[one.kind])
    return replace(told, changed=visible[:MOST_SHOWN])


def _card(row: Preview) -> PreviewCard:
    told = None
    if row.told is not None:
        kept = row.told
        told = Foresight(
            kept["judged"],
            tuple(Move(**one) for one in kept["moves"]),
            tuple(Changed(**one) for one in kept["changed"]),
            BackTest(**kept["back_test"]),
        )
    return PreviewCard(row.done, row.total, row.failed, row.asked_at, told)


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


_STANDING = """
SELECT v.account_id, v.contact_id, v.verdict, v.priority FROM qualify_verdict v
WHERE v.account_id IN (SELECT a.id FROM resolve_account a WHERE {accounts})
   OR v.contact_id IN (SELECT c.id FROM resolve_contact c WHERE {contacts})"""
_STOOD = pa.schema(
    [
        ("account_id", pa.string()),
        ("contact_id", pa.string()),
        ("verdict", pa.string()),
        ("priority", pa.float64()),
    ]
)
_ENDED = pa.schema([("contact_id", pa.string()), ("well", pa.bool_())])

_compared = Step(
    "compared",
    """
SELECT j.account_id, j.contact_id, coalesce(s.verdict, 'not scored') AS was, coalesce(s.priority, 0.0) AS before,
       s.verdict IS NOT NULL AS stood, j.verdict, j.priority
FROM judged_best j
LEFT JOIN standing s
  ON coalesce('c' || j.contact_id, 'a' || j.account_id) = coalesce('c' || s.contact_id, 'a' || s.account_id)""",
)
_CHANGED = f"""
SELECT account_id, contact_id, was, verdict, before, priority FROM compared WHERE was <> verdict
ORDER BY greatest(before, priority) DESC, contact_id, account_id LIMIT {MOST_KEPT}"""  # noqa: S608
_ENDED_HERE = """
SELECT e.well, c.before, c.priority FROM compared c JOIN ended e ON e.contact_id = c.contact_id WHERE c.stood"""


@dataclass(slots=True)
class _Ends:
    """Priorities of those whose end is known, by how it ended."""

    before: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})
    after: dict[bool, list[float]] = field(default_factory=lambda: {True: [], False: []})

    def add(self, *, well: bool, before: float, after: float) -> None:
        self.before[well].append(before)
        self.after[well].append(after)

    @property
    def test(self) -> BackTest:
        return BackTest(
            len(self.after[True]),
            len(self.after[False]),
            separation(self.before[True], self.before[False]),
            separation(self.after[True], self.after[False]),
        )


def _change(row: Mapping[str, object]) -> _Change:
    contact, account = row["contact_id"], row["account_id"]
    return (
        int(str(contact)) if contact else None, int(str(account)) if account else None, str(row["was"]),
        str(row["verdict"]), float(str(row["before"])), float(str(row["priority"])),
    )  # fmt: skip


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
