"""What a run says about itself: every count, and what each stage cost. Written as summary.json."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

# Found in a summary.json, this says that the folder around it is ours to replace.
MADE_BY = "panout pan"


@dataclass(frozen=True, slots=True)
class IcpUsed:
    """Which profile decided."""

    name: str
    version: int


@dataclass(frozen=True, slots=True)
class Column:
    """How one header was understood; `field` is empty for a custom column."""

    header: str
    field: str
    confidence: float
    how: str


@dataclass(frozen=True, slots=True)
class ListUsed:
    """One input list: `rows` is always `used` plus `rejected`."""

    file: str
    rows: int
    used: int
    rejected: int
    mapping: tuple[Column, ...] = ()

    @property
    def columns(self) -> int:
        return len(self.mapping)

    @property
    def columns_understood(self) -> int:
        return sum(1 for column in self.mapping if column.field)


@dataclass(frozen=True, slots=True)
class SignalsUsed:
    """The file of signals: `rejected` lines could not be read, `unmatched` are about nobody on the lists."""

    file: str
    rows: int
    rejected: int
    unmatched: int


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows over all lists (the previous ones not counted): read = used + rejected."""

    read: int
    used: int
    rejected: int
    warnings: int


@dataclass(frozen=True, slots=True)
class Alike:
    """What certain keys left apart and likeness joined; `review` counts the doubtful pairs in review.csv."""

    exact: bool = False
    companies_merged: int = 0
    people_merged: int = 0
    review: int = 0


@dataclass(frozen=True, slots=True)
class Verdicts:
    """Candidates by verdict. A candidate is a person, or a company without a person."""

    prospect: int
    lead: int
    disqualified: int

    @property
    def total(self) -> int:
        return self.prospect + self.lead + self.disqualified


@dataclass(frozen=True, slots=True)
class Left:
    """One step of the funnel: so many are left."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class StageCost:
    """What a stage left, and what it cost. `peak_mib` counts this process and its children."""

    stage: str
    rows: int
    seconds: float
    peak_mib: float


@dataclass(frozen=True, slots=True)
class Timings:
    """The only part of a summary that differs between two runs on the same input."""

    seconds: float
    peak_mib: float
    stages: tuple[StageCost, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """One run of the line over files."""

    made_by: str
    version: str
    versions: dict[str, str]
    engine: str
    icp: IcpUsed
    as_of: str
    lists: tuple[ListUsed, ...]
    previous: tuple[ListUsed, ...]
    rows: Rows
    duplicates: int
    alike: Alike
    accounts: int
    contacts: int
    signals: int
    signals_by_type: dict[str, int]
    signals_by_level: dict[str, int]
    stated: SignalsUsed | None
    verdicts: Verdicts
    missing: dict[str, int]
    disqualified_by: dict[str, int]
    funnel: tuple[Left, ...]
    files: dict[str, int]
    timings: Timings

    def as_json(self) -> str:
        """Indented JSON, ending with a line feed; timings stand last."""
        return json.dumps(asdict(self), indent=2, ensure_ascii=False) + "\n"


def is_ours(folder: Path) -> bool:
    """Whether a folder was left by an earlier run, and so may be replaced."""
    try:
        found = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(found, dict) and found.get("made_by") == MADE_BY
