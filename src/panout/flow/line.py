"""The whole line on one screen: each room's stage, the rows it looks for, what it leaves, and what wakes it.

Rows are the truth and jobs are alarm clocks. `wakes` names the job of `flow.jobs` that looks for the rows
every minute; whoever leaves such rows may ring it at once, and nothing is lost when nobody does.
"""

from __future__ import annotations

from typing import NamedTuple


class Stage(NamedTuple):
    """One stage of the line in the running system."""

    room: str
    looks_for: str
    leaves: str
    wakes: str  # the job in `flow.jobs`, or "a person" on a page


LINE: tuple[Stage, ...] = (
    Stage("team", "ledger entries without a seal", "links of the hash chain", "seal_the_ledger"),
    Stage("icp", "a draft that somebody activates", "the active version", "a person"),
    Stage(
        "sources",
        "imports checking, loading or undoing, unclaimed",
        "rows kept as they came",
        "look_for_imports",
    ),
    Stage("resolve", "rows of an import at work", "accounts, contacts, doubtful pairs", "look_for_imports"),
    Stage("research", "facts that somebody notes", "facts with source and date", "a person"),
    Stage("signals", "lists that state or show a change", "dated signals", "look_for_imports"),
    Stage("qualify", "verdicts of another version or day", "verdicts, prospects", "look_for_stale_verdicts"),
)
