"""What a cadence is: ordered steps over days and channels, checked when written."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise

from panout.kernel.channels import TouchKind
from panout.kernel.errors import BadInput

MAX_STEPS = 30
MAX_WAIT = 120  # working days; beyond that a person is parked, not waited for


@dataclass(frozen=True, slots=True)
class Branch:
    """After its step: when the criteria text `when` holds, jump to `go_to`, or stop where `go_to` is None.

    Jumps go forward only, so that every run ends. `park_days` (calendar days) is how long a stop rests.
    """

    when: str
    go_to: str | None = None
    park_days: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One planned action.

    `key` stays with the step through every version, so that nobody gets it twice.
    `wait` is in working days of the person's country, counted from the touch before.
    `patience` is how many working days a task may lie undone before the run goes on without it.
    `only_if` is criteria text; where it does not hold, or is unknown, the step is passed over.
    """

    key: str
    kind: TouchKind
    wait: int = 0
    template: str = ""
    reviewed: bool = False
    thread: bool = True
    only_if: str = ""
    patience: int = 5
    branches: tuple[Branch, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """One version of a cadence."""

    name: str
    steps: tuple[Step, ...]

    def __post_init__(self) -> None:
        problems = list(faults(self.steps))
        if problems:
            raise BadInput("; ".join(problems), where=f"cadence '{self.name}'", mend="Mend the steps named.")

    def index(self, key: str) -> int | None:
        """Where a step stands, from 0; None when this version has no such step."""
        return next((place for place, step in enumerate(self.steps) if step.key == key), None)


def faults(steps: tuple[Step, ...]) -> Iterable[str]:
    """What is wrong with these steps, in words; nothing when they make a cadence."""
    if not steps:
        yield "a cadence needs at least one step"
    if len(steps) > MAX_STEPS:
        yield f"{len(steps)} steps are more than the {MAX_STEPS} a cadence may have"
    place = {step.key: number for number, step in reversed(list(enumerate(steps)))}
    for number, step in enumerate(steps):
        name = f"step {number + 1} ({step.key or 'no key'})"
        if not step.key:
            yield f"{name} has no key"
        elif place[step.key] != number:
            yield f"{name} repeats the key of step {place[step.key] + 1}"
        yield from (f"{name} {fault}" for fault in (*_number_faults(step), *_branch_faults(step, place)))


def _number_faults(step: Step) -> Iterable[str]:
    if not 0 <= step.wait <= MAX_WAIT:
        yield f"waits {step.wait} working days; 0 to {MAX_WAIT} are possible"
    if not 1 <= step.patience <= MAX_WAIT:
        yield f"has a patience of {step.patience} working days; 1 to {MAX_WAIT} are possible"
    if step.reviewed and step.kind.by_hand:
        yield "is done by hand, so it cannot also be reviewed before sending"


def _branch_faults(step: Step, place: dict[str, int]) -> Iterable[str]:
    for goal in (branch.go_to for branch in step.branches if branch.go_to is not None):
        if goal not in place:
            yield f"branches to '{goal}', which is no step here"
        elif place[goal] <= place[step.key]:
            yield f"branches back to '{goal}'; branches go forward, so that every run ends"


def length(plan: Plan) -> int:
    """Working days from the first touch to the last, when nothing branches."""
    return sum(step.wait for _, step in pairwise(plan.steps))
