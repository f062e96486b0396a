"""One verb over many records, ticked or all that a filter finds: part by part, each in a transaction, and undone so.

ask(asker, verb, words, picked, origin, now) -> int          the first parts are done at once, so that a fault shows
work_on_one(now) -> bool                                     a worker's turn: one part of the sweep that waits longest
take_back(asker, sweep_id, now)                              stops it, and undoes what was done; large ones by a worker
sweep(asker, sweep_id) -> SweepCard, sweeps(asker) -> tuple[SweepCard, ...]     one's own

A killed worker leaves its part undone, and the next one does it. Nothing else needs to be remembered.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db import transaction
from django.db.models import Count as Number
from django.db.models import Q, QuerySet, Sum

from panout.consent import actions as consent
from panout.kernel.errors import BadInput, Conflict, NotAllowed, NotFound, PanoutError
from panout.kernel.lifecycle import Lifecycle
from panout.qualify import actions as qualify
from panout.qualify.queries import Matching
from panout.resolve import actions as resolve
from panout.resolve import queries as records
from panout.resolve.actions import Assigned
from panout.segments.models import Sweep, SweepPart
from panout.team.actions import record
from panout.team.queries import member
from panout.team.rules import Person, Verb, demand

PART = 500
AT_ONCE = 1000  # records that a page may wait for
MOST = 250_000


class Do(StrEnum):
    """What may be done with a selection."""

    ASSIGN = "assign"
    TAG = "tag"
    PARK = "park"
    PROMOTE = "promote"
    DISQUALIFY = "disqualify"
    SUPPRESS = "suppress"


_OF_PEOPLE = {Do.PARK, Do.PROMOTE, Do.DISQUALIFY, Do.SUPPRESS}
_NEEDS = {
    Do.ASSIGN: Verb.EDIT_RECORDS,
    Do.TAG: Verb.EDIT_RECORDS,
    Do.PARK: Verb.EDIT_RECORDS,
    Do.PROMOTE: Verb.PROMOTE,
    Do.DISQUALIFY: Verb.EDIT_RECORDS,
    Do.SUPPRESS: Verb.SUPPRESS,
}
_DONE = {
    Do.TAG: "tagged",
    Do.PARK: "parked",
    Do.PROMOTE: "promoted",
    Do.DISQUALIFY: "disqualified",
    Do.SUPPRESS: "suppressed",
}


_STAGES = {
    Do.PARK: Lifecycle.PARKED,
    Do.PROMOTE: Lifecycle.PROSPECT,
    Do.DISQUALIFY: Lifecycle.DISQUALIFIED,
}


@dataclass(frozen=True, slots=True)
class Words:
    """What a verb needs to know besides whom."""

    owner: int | None = None
    name: str = ""
    reason: str = ""
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Picked:
    """Whom: the records, and where they were picked; `query` is the filter when all that match were meant."""

    matching: Matching
    what: str
    query: str = ""


@dataclass(frozen=True, slots=True)
class SweepCard:
    """How far a sweep has come. `count` is how many records it has changed."""

    id: int
    verb: Do
    said: str
    what: str
    query: str
    asked_at: datetime
    total: int
    looked_at: int
    count: int
    undone: int
    undoing: bool
    stopped: str
    finished: bool
    taken_back: bool

    @property
    def working(self) -> bool:
        return not self.stopped and not (self.taken_back if self.undoing else self.finished)

    @property
    def percent(self) -> float:
        if self.undoing:
            return 100.0 * self.undone / self.looked_at if self.looked_at else 100.0
        return 100.0 * self.looked_at / self.total if self.total else 100.0


@dataclass(frozen=True, slots=True)
class _Done:
    count: int
    before: dict[str, object]


@transaction.atomic
def ask(asker: Person, verb: Do, words: Words, picked: Picked, origin: str, now: datetime) -> int:
    """Raises whatever the verb raises for these words; then nothing has changed."""
    accounts = () if verb in _OF_PEOPLE else picked.matching.accounts
    contacts = picked.matching.contacts
    total = len(accounts) + len(contacts)
    if not total:
        what = "Nobody was selected." if picked.matching.accounts else "Nothing was selected."
        mend = "This is done with people; tick some." if picked.matching.accounts else ""
        raise BadInput(what, mend=mend or "Tick some rows first; x ticks the current one.")
    if total > MOST:
        raise BadInput(f"{total:,} records at once.", mend=f"Narrow the filter to {MOST:,} at most.")
    demand(asker, _NEEDS[verb])
    made = Sweep.objects.create(
        verb=verb.value,
        words={
            "owner": words.owner, "name": words.name, "reason": words.reason, "origin": origin,
            "until": words.until.isoformat() if words.until else None,
        },
        what=picked.what,
        query=picked.query[:8000],
        asked_by_id=asker.id or 0,
        asked_at=now,
        total=total,
    )  # fmt: skip
    SweepPart.objects.bulk_create(
        SweepPart(sweep=made, kind=kind, ids=list(ids[at : at + PART]))
        for kind, ids in (("accounts", accounts), ("contacts", contacts))
        for at in range(0, len(ids), PART)
    )
    if picked.query or total > PART:
        record(
            asker, f"{verb.value} all that match", "sweep", made.pk, f"{total} {picked.what}", now=now, origin=origin,
            reason=words.reason, after={"filter": picked.query, "records": total},
        )  # fmt: skip
    for part in made.parts.select_for_update().order_by("id")[: AT_ONCE // PART]:
        _do(made, part, asker, now)
    _finish(made, now)
    return made.pk


def work_on_one(now: datetime) -> bool:
    """One part of one sweep, done or undone; False when none waits."""
    waiting = Q(undoing=False, finished_at=None) | Q(undoing=True, undone_at=None)
    for sweep_id in (
        Sweep.objects.filter(waiting, stopped="").order_by("asked_at").values_list("id", flat=True)[:20]
    ):
        if _work(sweep_id, now):
            return True
    return False


def _work(sweep_id: int, now: datetime) -> bool:
    """False when another worker has it."""
    try:
        with transaction.atomic():
            held = Sweep.objects.select_for_update(skip_locked=True).filter(id=sweep_id).first()
            if held is None:
                return False
            asker = _still(held)
            part = _next(held)
            if part is not None:
                (_undo if held.undoing else _do)(held, part, asker, now)
            _finish(held, now)
    except PanoutError as error:
        Sweep.objects.filter(id=sweep_id).update(stopped=str(error)[:500])
    return True


@transaction.atomic
def take_back(asker: Person, sweep_id: int, now: datetime) -> None:
    """What is small is undone at once; of what is large the rest by a worker. Values changed since stay."""
    held = Sweep.objects.select_for_update().filter(id=sweep_id, asked_by=asker.id).first()
    if held is None:
        raise NotFound("There is no such change of yours.")
    if held.undone_at is not None:
        raise Conflict("This was taken back already.")
    held.undoing, held.stopped = True, ""
    held.save(update_fields=["undoing", "stopped"])
    for _ in range(AT_ONCE // PART):
        part = _next(held)
        if part is None:
            break
        _undo(held, part, asker, now)
    _finish(held, now)


def sweep(asker: Person, sweep_id: int) -> SweepCard:
    found = _cards(Sweep.objects.filter(id=sweep_id, asked_by=asker.id or 0))
    if not found:
        raise NotFound("There is no such change of yours.")
    return found[0]


def sweeps(asker: Person) -> tuple[SweepCard, ...]:
    """One's own, the newest first: what can still be taken back."""
    return _cards(Sweep.objects.filter(asked_by=asker.id or 0).order_by("-id")[:50])


def _cards(rows: QuerySet[Sweep]) -> tuple[SweepCard, ...]:
    found = list(rows)
    done = Q(done_at__isnull=False)
    undone = Q(undone_at__isnull=False)
    sums: dict[int, Mapping[str, int | None]] = {
        row["sweep"]: {"changed": row["changed"], "parts": row["parts"], "undone": row["undone"]}
        for row in SweepPart.objects.filter(sweep__in=found)
        .values("sweep")
        .annotate(
            changed=Sum("count", filter=done),
            parts=Number("id", filter=done),
            undone=Number("id", filter=undone),
        )
    }
    return tuple(_card(row, sums.get(row.pk, {})) for row in found)


def _card(row: Sweep, sums: Mapping[str, int | None]) -> SweepCard:
    verb = Do(row.verb)
    looked_at = min(row.total, PART * (sums.get("parts") or 0))
    return SweepCard(
        row.pk, verb, said(verb, row.words, sums.get("changed") or 0), row.what, row.query, row.asked_at, row.total,
        row.total if row.finished_at else looked_at, sums.get("changed") or 0,
        min(looked_at, PART * (sums.get("undone") or 0)), row.undoing, row.stopped,
        row.finished_at is not None, row.undone_at is not None,
    )  # fmt: skip


def said(verb: Do, words: Mapping[str, object], count: int) -> str:
    """What was done, as a toast says it."""
    what = f"{count:,} record{'' if count == 1 else 's'}"
    match verb:
        case Do.ASSIGN:
            owner = words.get("owner")
            name = member(owner).name if isinstance(owner, int) else "nobody"
            return f"{what} now {'belongs' if count == 1 else 'belong'} to {name}."
        case Do.TAG:
            return f"{what} tagged {words.get('name')}."
        case Do.SUPPRESS:
            return f"{what} will not be contacted."
        case _:
            return f"{what} {_DONE[verb]}."


# One part


def _next(held: Sweep) -> SweepPart | None:
    parts = held.parts.select_for_update()
    if held.undoing:
        return parts.filter(done_at__isnull=False, undone_at=None).order_by("-id").first()
    return parts.filter(done_at=None).order_by("id").first()


def _still(held: Sweep) -> Person:
    """Who asked, as they are now: a role may have changed since."""
    found = member(held.asked_by_id)
    if not found.active:
        raise NotAllowed(f"{found.name} can no longer sign in.")
    return found.person


def _do(held: Sweep, part: SweepPart, asker: Person, now: datetime) -> None:
    done = _did(Do(held.verb), held.words, part.kind, part.ids, asker, now)
    part.count, part.before, part.done_at = done.count, done.before, now
    part.save(update_fields=["count", "before", "done_at"])


def _did(
    verb: Do, words: Mapping[str, object], kind: str, ids: Sequence[int], asker: Person, now: datetime
) -> _Done:
    accounts, contacts = (ids, ()) if kind == "accounts" else ((), ids)
    origin, reason = str(words["origin"]), str(words["reason"])
    match verb:
        case Do.ASSIGN:
            owner = words["owner"]
            was = resolve.assign(
                asker, owner if isinstance(owner, int) else None, account_ids=accounts, contact_ids=contacts,
                origin=origin, now=now, reason=reason,
            )  # fmt: skip
            owners = {**was.accounts, **was.contacts}
            return _Done(len(owners), {str(one): owner for one, owner in owners.items()})
        case Do.TAG:
            tagged = resolve.tag(
                asker, str(words["name"]), account_ids=accounts, contact_ids=contacts, origin=origin, now=now
            )
            mine = [*tagged.accounts, *tagged.contacts]
            return _Done(len(mine), {"ids": mine})
        case Do.SUPPRESS:
            seen = list(records.stages_of(asker, ids))
            made = consent.suppress_people(asker, seen, "a page", now, reason)
            return _Done(len(made), {"ids": list(made)})
        case Do.PARK | Do.PROMOTE | Do.DISQUALIFY:
            stages = records.stages_of(asker, ids)
            count = _moved(verb, words, list(stages), asker, now)
            return _Done(count, {str(one): stage.value for one, stage in stages.items()})


def _moved(verb: Do, words: Mapping[str, object], ids: list[int], asker: Person, now: datetime) -> int:
    origin, reason = str(words["origin"]), str(words["reason"])
    match verb:
        case Do.PARK:
            until = words["until"]
            day = date.fromisoformat(until) if isinstance(until, str) else None
            return qualify.park(asker, ids, day, reason or "Parked.", origin, now)
        case Do.PROMOTE:
            return qualify.promote(asker, ids, reason, origin, now)
        case _:
            return qualify.disqualify(asker, ids, reason, origin, now)


def _undo(held: Sweep, part: SweepPart, asker: Person, now: datetime) -> None:
    before, origin = part.before or {}, str(held.words["origin"])
    match Do(held.verb):
        case Do.ASSIGN:
            owned = {int(one): owner if isinstance(owner, int) else None for one, owner in before.items()}
            was = Assigned(owned, {}) if part.kind == "accounts" else Assigned({}, owned)
            given = held.words["owner"]
            resolve.give_back(
                asker, given if isinstance(given, int) else None, was, origin, now, "Taken back."
            )
        case Do.TAG:
            sides = {"account_ids" if part.kind == "accounts" else "contact_ids": before["ids"]}
            resolve.untag(asker, str(held.words["name"]), origin=origin, now=now, **sides)
        case Do.SUPPRESS:
            consent.take_back(asker, before["ids"], now)
        case Do.PARK | Do.PROMOTE | Do.DISQUALIFY:
            there = records.stages_of(asker, part.ids)
            for stage, ids in _groups(before).items():
                still = [one for one in ids if there.get(one) == _STAGES[Do(held.verb)]]
                qualify.put_back(asker, still, Lifecycle(stage), origin, now)
    part.undone_at = now
    part.save(update_fields=["undone_at"])


def _groups(before: Mapping[str, object]) -> dict[str, list[int]]:
    groups: dict[str, list[int]] = {}
    for one, was in before.items():
        groups.setdefault(str(was), []).append(int(one))
    return groups


def _finish(held: Sweep, now: datetime) -> None:
    if _next(held) is not None:
        return
    if held.undoing:
        held.undone_at = now
        asker = member(held.asked_by_id).person
        record(
            asker, f"take back {held.verb}", "sweep", held.pk, f"{held.total} {held.what}", now=now,
            origin=str(held.words["origin"]),
        )  # fmt: skip
    held.finished_at = held.finished_at or now
    held.save(update_fields=["finished_at", "undone_at"])
