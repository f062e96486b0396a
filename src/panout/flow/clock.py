"""The one place where the time is read; everything below it takes `now` as an argument."""

from __future__ import annotations

from datetime import UTC, date, datetime


def now() -> datetime:
    """The present moment, in UTC."""
    return datetime.now(UTC)  # noqa: TID251


def today() -> date:
    """Today's date where this machine stands, which is what somebody at its keyboard means by 'today'."""
    return datetime.now().astimezone().date()  # noqa: TID251
