"""A new version of a running cadence: who goes where, and what changes for each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from panout.cadence.rules.calendar import Place, Window
from panout.cadence.rules.moves import Do, Holds, Progress, Wait, next_move
from panout.cadence.rules.plan import Plan, Step


class Choice(StrEnum):
    """What happens to the people who are under way."""

    PIN = "pin"  # they finish the version they began
    MOVE_NOW = "move_now"  # the new version counts at once; a task that it dropped is closed
    MOVE_AT_NEXT = "move_at_next"  # a task that lies with somebody is finished first


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two versions, in the order of the new one."""

    kind: str  # added | removed | moved | changed
    key: str
    text: str


def differences(old: Plan, new: Plan) -> tuple[Change, ...]:
    """What an edit changes, step by step."""
    before = {step.key: (place, step) for place, step in enumerate(old.steps)}
    kept = [step.key for step in new.steps if step.key in before]
    in_old_order = sorted(kept, key=lambda key: before[key][0])
    found = []
    for place, step in enumerate(new.steps):
        if step.key not in before:
            found.append(Change("added", step.key, f"step {place + 1}: {_words(step)}"))
            continue
        was_place, was = before[step.key]
        if kept.index(step.key) != in_old_order.index(step.key):
            found.append(Change("moved", step.key, f"from step {was_place + 1} to step {place + 1}"))
        if was != step:
            found.append(Change("changed", step.key, "; ".join(_altered(was, step))))
    gone = [key for key in before if key not in {step.key for step in new.steps}]
    return (*found, *(Change("removed", key, _words(before[key][1])) for key in gone))


def _words(step: Step) -> str:
    return f"{step.kind.replace('_', ' ')} after {step.wait} working day{'' if step.wait == 1 else 's'}"


def _altered(was: Step, now: Step) -> Iterable[str]:
    for name in Step.__dataclass_fields__:
        before, after = getattr(was, name), getattr(now, name)
        if before != after:
            if name == "branches":
                yield f"branches: {len(before)} before, {len(after)} now"
            else:
                yield f"{name.replace('_', ' ')}: {before or 'none'} before, {after or 'none'} now"


def moves_now(choice: Choice, progress: Progress) -> bool:
    """Whether this person goes over to the new version at this moment."""
    match choice:
        case Choice.PIN:
            return False
        case Choice.MOVE_NOW:
            return True
        case Choice.MOVE_AT_NEXT:
            return progress.open_task is None


def drops_task(progress: Progress, new: Plan) -> bool:
    """Whether the task that lies with somebody is no longer part of the cadence."""
    return progress.open_task is not None and new.index(progress.open_task) is None


@dataclass(frozen=True, slots=True)
class Next:
    """A person's next touch: `step_key` None when the run would end; `at` None when it waits for an event."""

    step_key: str | None
    at: datetime | None


def next_touch(
    progress: Progress, plan: Plan, place: Place, window: Window, now: datetime, holds: Holds, spread: float
) -> Next:
    """The next touch of one person under one version, seen from now."""
    match next_move(progress, plan, place, window, now, holds, spread):
        case Do(step):
            return Next(step.key, now)
        case Wait(until, _, step):
            return Next(step.key if step else None, until)
        case _:
            return Next(None, None)


@dataclass(frozen=True, slots=True)
class Group:
    """People who stand at the same place and whose next touch changes in the same way."""

    at_step: str | None
    before: str | None
    after: str | None
    people: int
    earliest_before: datetime | None
    earliest_after: datetime | None


def grouped(pairs: Iterable[tuple[str | None, Next, Next]]) -> tuple[Group, ...]:
    """Fold (last step done, next before, next after) per person into groups, largest first."""
    members: dict[tuple[str | None, str | None, str | None], list[tuple[Next, Next]]] = defaultdict(list)
    for last, before, after in pairs:
        members[last, before.step_key, after.step_key].append((before, after))
    groups = [
        Group(
            last,
            before,
            after,
            len(people),
            min((old.at for old, _ in people if old.at), default=None),
            min((new.at for _, new in people if new.at), default=None),
        )
        for (last, before, after), people in members.items()
    ]
    return tuple(sorted(groups, key=lambda group: (-group.people, str(group.at_step), str(group.after))))
