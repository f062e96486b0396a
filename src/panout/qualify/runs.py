"""How far the scoring of the whole book is, and what the last one changed.

latest() -> Run | None
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from panout.qualify.models import ScoringRun


@dataclass(frozen=True, slots=True)
class Moved:
    """So many went from one verdict to another."""

    was: str
    now: str
    count: int


@dataclass(frozen=True, slots=True)
class Run:
    """One scoring of everybody; `why` names what made it necessary."""

    why: str
    started_at: datetime
    done: int
    total: int
    moves: tuple[Moved, ...]
    finished_at: datetime | None

    @property
    def percent(self) -> float:
        return min(100.0, 100.0 * self.done / self.total) if self.total else 0.0


def latest() -> Run | None:
    row = ScoringRun.objects.order_by("-started_at", "-id").first()
    if row is None:
        return None
    moves = tuple(Moved(one["was"], one["now"], one["count"]) for one in row.moves)
    return Run(row.why, row.started_at, row.done, row.total, moves, row.finished_at)
