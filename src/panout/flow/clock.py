"""The one place where the time is read; everything below it takes `now` as an argument.

A sandbox runs Panout in fast time: it names a file in PANOUT_CLOCK and writes the moment into it (ISO 8601).
"""

from __future__ import annotations

import os
from datetime import UTC, date, datetime
from pathlib import Path


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
