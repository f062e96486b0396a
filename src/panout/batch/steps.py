"""A step of set-at-a-time work: one named SQL statement that leaves one relation behind."""

from __future__ import annotations

from dataclasses import dataclass

from panout.kernel.errors import PanoutError


@dataclass(frozen=True, slots=True)
class Step:
    """`sql` is a SELECT (no trailing semicolon); its result is kept under `name`."""

    name: str
    sql: str


class StepFailed(PanoutError):
    """A step could not be carried out. `where` names the step and shows its SQL."""

    def __init__(self, step: Step, reason: str) -> None:
        super().__init__(reason, where=f"step '{step.name}'")
        self.step = step

    def __str__(self) -> str:
        return f"{super().__str__()}\n\n{self.step.sql}"
