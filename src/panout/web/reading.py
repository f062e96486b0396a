"""Forms and addresses, read once at the edge: typed values come out, or BadInput."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from django.http import QueryDict

from panout.kernel.errors import BadInput

E = TypeVar("E", bound=StrEnum)
MOST_IDS = 200
_LARGEST = 2**63 - 1
_YEARS = (1900, 2199)
_DIGITS = len(str(_LARGEST))  # Python refuses to read a number of some thousand digits


def text(given: QueryDict, name: str, most: int = 200) -> str:
    """Trimmed; a NUL has no place in any text of ours."""
    return given.get(name, "").replace("\x00", "").strip()[:most]


def whole(given: QueryDict, name: str) -> int | None:
    value = text(given, name)
    if not value:
        return None
    if not (value.isascii() and value.isdigit()) or int(value) > _LARGEST:
        raise BadInput(f"'{value[:30]}' is not a whole number.", where=name)
    return int(value)


def needed(given: QueryDict, name: str) -> int:
    value = whole(given, name)
    if value is None:
        raise BadInput("Nothing was chosen.", where=name)
    return value


def every_number(given: QueryDict, name: str) -> list[int]:
    """All ids given under a name, in order; what is none, or greater than any, is left out."""
    found = (value for value in given.getlist(name) if value.isascii() and value.isdigit())
    return [int(value) for value in found if len(value) <= _DIGITS and int(value) <= _LARGEST]


def numbers(given: QueryDict, name: str) -> list[int]:
    """The ticked boxes of a page."""
    return every_number(given, name)[:MOST_IDS]


def one_of(given: QueryDict, name: str, choices: Callable[[str], E], otherwise: E) -> E:
    value = text(given, name)
    if not value:
        return otherwise
    try:
        return choices(value)
    except ValueError as error:
        raise BadInput(f"'{value[:30]}' is not one of the choices.", where=name) from error


def day(given: QueryDict, name: str) -> date | None:
    value = text(given, name)
    try:
        return _near(date.fromisoformat(value)) if value else None
    except ValueError as error:
        raise BadInput(
            f"'{value[:30]}' is not a date.", where=name, mend="Write it as 2026-11-20."
        ) from error


def _near(on: date) -> date:
    """A day of our time. Raises ValueError: beyond it clocks and calendars cannot be reckoned with."""
    if not _YEARS[0] <= on.year <= _YEARS[1]:
        raise ValueError(on)
    return on


def moment(given: QueryDict, name: str, zone: ZoneInfo) -> datetime | None:
    """A date and a time by the reader's own clock."""
    value = text(given, name)
    try:
        if not value:
            return None
        when = datetime.fromisoformat(value)
        _near(when.date())
        return when.replace(tzinfo=zone).astimezone(UTC)
    except ValueError as error:
        raise BadInput(
            f"'{value[:30]}' is not a time.", where=name, mend="Write it as 2026-11-20T14:30."
        ) from error
