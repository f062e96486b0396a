"""What happens next to one enrolment: do a step, wait, or stop."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from panout.cadence.rules.calendar import Place, Window, due_at, next_open
from panout.cadence.rules.dispositions import MEANING, Disposition, Effect
from panout.cadence.rules.plan import Branch, Plan, Step
from panout.kernel.channels import TouchKind

# Criteria text in, three-valued answer out; the caller binds it to the person's record and signals.
Holds = Callable[[str], bool | None]


class StopReason(StrEnum):
    """Why a run ended; the words of the run states that users of sequencers know."""

    OPTED_OUT = "opted_out"
    SUPPRESSED = "suppressed"
    BOUNCED = "bounced"
    MEETING = "finished_meeting"
    INTERESTED = "finished_interested"
    REPLIED = "finished_replied"
    NO_PRIORITY = "no_priority"
    DISQUALIFIED = "disqualified"
    BRANCHED = "branched_out"
    FINISHED = "finished_no_reply"
    BY_HAND = "stopped_by_hand"
    MERGED = "merged"  # another record of the same person is under way


class WaitReason(StrEnum):
    """What the run is waiting for."""

    STEP = "step_not_due"
    TASK = "task_open"
    PAUSED = "paused"


@dataclass(frozen=True, slots=True)
class Done:
    """A step that is behind this person: touched, passed over, or let go after its patience ran out."""

    key: str
    at: datetime
    disposition: Disposition | None = None
    touched: bool = True


@dataclass(frozen=True, slots=True)
class Progress:
    """How far one person has come. Times are aware and in UTC.

    `open_task` is the key of the step that lies with a person, `task_since` since when;
    `callback_at` an agreed time; `paused` without `paused_until` lasts until somebody resumes it.
    """

    started_at: datetime
    done: tuple[Done, ...] = ()
    open_task: str | None = None
    task_since: datetime | None = None
    callback_at: datetime | None = None
    paused: bool = False
    paused_until: datetime | None = None
    opted_out: bool = False
    suppressed: bool = False
    bounced: bool = False
    meeting: bool = False
    replied: bool = False
    no_priority: bool = False

    @property
    def last_touch_at(self) -> datetime:
        """When the person last heard from us in this run; its start when never."""
        return next((step.at for step in reversed(self.done) if step.touched), self.started_at)


@dataclass(frozen=True, slots=True)
class Do:
    """Take this step now; `passed_over` are the steps before it that did not apply."""

    step: Step
    passed_over: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing to do before `until`; None means until something happens to the enrolment."""

    until: datetime | None
    why: WaitReason
    step: Step | None = None


@dataclass(frozen=True, slots=True)
class LetGo:
    """An open task outlived its patience: close it undone and look again."""

    step_key: str


@dataclass(frozen=True, slots=True)
class Stop:
    """The run is over; `park_until` is when to look at the person again, None for at a future signal."""

    reason: StopReason
    park_until: datetime | None = None


Decision = Do | Wait | LetGo | Stop


def next_move(
    progress: Progress,
    plan: Plan,
    place: Place,
    window: Window,
    now: datetime,
    holds: Holds,
    spread: float = 0.0,
) -> Decision:
    """What happens next to one enrolment. Ask again after each change and at the time it names.

    Terminates: every Do and LetGo puts a step behind the person, and branches go forward only.
    """
    stop = _stopped(progress, now)
    if stop is not None:
        return stop
    if progress.paused and (progress.paused_until is None or now < progress.paused_until):
        return Wait(progress.paused_until, WaitReason.PAUSED)
    if progress.open_task is not None:
        return _task_move(progress, plan, place, window, now)
    return _step_move(progress, plan, place, window, now, holds, spread)


def _stopped(progress: Progress, now: datetime) -> Stop | None:
    """The gravest reason wins: a wish not to be written to outranks a meeting."""
    ends = (
        (progress.opted_out, StopReason.OPTED_OUT),
        (progress.suppressed, StopReason.SUPPRESSED),
        (progress.bounced, StopReason.BOUNCED),
        (progress.meeting, StopReason.MEETING),
        (progress.no_priority, StopReason.NO_PRIORITY),
        (progress.replied, StopReason.REPLIED),
    )
    for holds, reason in ends:
        if holds:
            return Stop(reason)
    last = progress.done[-1].disposition if progress.done else None
    match MEANING[last].effect if last else None:
        case Effect.STOP_MEETING:
            return Stop(StopReason.MEETING)
        case Effect.STOP_INTERESTED:
            return Stop(StopReason.INTERESTED)
        case Effect.STOP_REPLIED:
            return Stop(StopReason.REPLIED)
        case Effect.STOP_DISQUALIFIED:
            return Stop(StopReason.DISQUALIFIED)
        case Effect.STOP_AND_PARK:
            return Stop(StopReason.NO_PRIORITY, now + timedelta(days=90))
        case _:
            return None


def _task_move(progress: Progress, plan: Plan, place: Place, window: Window, now: datetime) -> Decision:
    """A task lies with a person: wait for them, but not for ever."""
    key = progress.open_task or ""
    number = plan.index(key)
    patience = plan.steps[number].patience if number is not None else 1
    since = max(filter(None, (progress.task_since, progress.callback_at, progress.started_at)))
    expires = due_at(since, patience, place, window)
    if now >= expires:
        return LetGo(key)
    return Wait(expires, WaitReason.TASK, plan.steps[number] if number is not None else None)


def _step_move(
    progress: Progress, plan: Plan, place: Place, window: Window, now: datetime, holds: Holds, spread: float
) -> Decision:
    behind = {step.key for step in progress.done}
    number = _resume_at(progress, plan)
    if progress.done and number > 0:
        branch = _taken(plan.steps[number - 1].branches, holds)
        if branch is not None and plan.steps[number - 1].key == progress.done[-1].key:
            if branch.go_to is None:
                rest = timedelta(days=branch.park_days) if branch.park_days is not None else None
                return Stop(StopReason.BRANCHED, now + rest if rest is not None else None)
            number = max(number, plan.index(branch.go_to) or 0)
    waited, passed_over = 0, []
    for step in plan.steps[number:]:
        if step.key in behind:
            continue
        # The waits of steps that are passed over still count: the others keep their day in the plan.
        waited += step.wait
        if step.only_if and holds(step.only_if) is not True:
            passed_over.append(step.key)
            continue
        due = next_open(due_at(progress.last_touch_at, waited, place, window, spread), place, window)
        if now < due:
            return Wait(due, WaitReason.STEP, step)
        open_at = next_open(now, place, window)
        if now < open_at:
            return Wait(open_at, WaitReason.STEP, step)
        return Do(step, tuple(passed_over))
    return Stop(StopReason.FINISHED)


def goes_on_without_mail(progress: Progress, plan: Plan) -> bool:
    """Whether a run has anything to it beside mail: a step of another kind to come, or one that was taken.

    The second keeps a run that ends after its calls from counting as one that never reached anybody.
    """
    coming = plan.steps[_resume_at(progress, plan) :]
    taken = {step.key for step in progress.done if step.touched}
    taken_steps = (step for step in plan.steps if step.key in taken)
    return any(step.kind is not TouchKind.EMAIL for step in (*coming, *taken_steps))


def _resume_at(progress: Progress, plan: Plan) -> int:
    """The first step after the furthest one behind this person, in today's version of the plan."""
    places = [place for step in progress.done if (place := plan.index(step.key)) is not None]
    return max(places, default=-1) + 1


def _taken(branches: tuple[Branch, ...], holds: Holds) -> Branch | None:
    """The first branch whose condition is known to hold; unknown takes no branch."""
    return next((branch for branch in branches if holds(branch.when) is True), None)
