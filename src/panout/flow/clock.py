"""The one place where the time is read; everything below it takes `now` as an argument.

A sandbox runs Panout in fast time: it names a file in PANOUT_CLOCK and writes the moment into it (ISO 8601).
Where a show is played for somebody who watches, a file `pace` lies beside it: the pages write into it how the
time should go, the sandbox obeys.
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from enum import StrEnum
from pathlib import Path


class Pace(StrEnum):
    """How the played time goes. `over`: the show is at its end."""

    PAUSED = "paused"
    STEADY = "steady"
    FAST = "fast"
    RESET = "reset"
    OVER = "over"


def now() -> datetime:
    """The present moment, in UTC."""
    kept = os.environ.get("PANOUT_CLOCK")
    if kept:
        return datetime.fromisoformat(Path(kept).read_text("ascii").strip()).astimezone(UTC)
    return datetime.now(UTC)  # noqa: TID251


def today() -> date:
    """Today's date where this machine stands, which is what somebody at its keyboard means by 'today'."""
    if os.environ.get("PANOUT_CLOCK"):
        return now().date()
    return datetime.now().astimezone().date()  # noqa: TID251


def is_played() -> bool:
    """Whether a sandbox plays the time."""
    return bool(os.environ.get("PANOUT_CLOCK"))


def pace() -> Pace | None:
    """How the time goes in a show; None where nobody shows anything."""
    kept = _pace_file()
    if kept is None or not kept.exists():
        return None
    word = kept.read_text("ascii").strip()
    return Pace(word) if word in set(Pace) else Pace.STEADY


def set_pace(wanted: Pace) -> None:
    """Ask the sandbox to play at another pace. Written whole or not at all."""
    kept = _pace_file()
    if kept is not None and kept.exists():
        fresh = kept.with_suffix(".new")
        fresh.write_text(wanted.value, "ascii")
        fresh.replace(kept)


def began() -> date | None:
    """The first day of a show."""
    kept = _pace_file()
    first = kept.with_name("began") if kept else None
    return date.fromisoformat(first.read_text("ascii").strip()) if first and first.exists() else None


def _pace_file() -> Path | None:
    kept = os.environ.get("PANOUT_CLOCK")
    return Path(kept).with_name("pace") if kept else None
