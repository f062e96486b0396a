"""Working days and contact windows where the person lives; safe across daylight-saving changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

# A year holds at most so many days off in a row anywhere; a search beyond it means a broken window.
_SEARCH_DAYS = 60


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person is: IANA zone, ISO 3166 country, its subdivision; without a country no holidays."""

    zone: str
    country: str = ""
    subdivision: str = ""

    @property
    def tz(self) -> ZoneInfo:
        """The zone's rules; raises ZoneInfoNotFoundError for a name that is no IANA zone."""
        return ZoneInfo(self.zone)


@dataclass(frozen=True, slots=True)
class Window:
    """Wall-clock hours in which a touch may happen; `weekdays` counts Monday as 0."""

    opens: time = time(9)
    closes: time = time(18)
    weekdays: frozenset[int] = frozenset(range(5))

    def __post_init__(self) -> None:
        if not self.opens < self.closes:
            raise ValueError("a window opens before it closes")
        if not self.weekdays <= set(range(7)) or not self.weekdays:
            raise ValueError("a window has weekdays from 0 (Monday) to 6")


@lru_cache(maxsize=4096)
def _holidays(country: str, subdivision: str, year: int) -> frozenset[date]:
    try:
        days = holidays.country_holidays(country, subdiv=subdivision or None, years=year)
    except NotImplementedError:
        # An unknown subdivision still has its country's holidays; an unknown country has none.
        return _holidays(country, "", year) if subdivision else frozenset()
    return frozenset(days)


def is_working_day(day: date, place: Place, weekdays: frozenset[int] = Window().weekdays) -> bool:
    """A weekday of the window that is no public holiday in the person's country."""
    if day.weekday() not in weekdays:
        return False
    return not place.country or day not in _holidays(place.country, place.subdivision, day.year)


def add_working_days(
    day: date, count: int, place: Place, weekdays: frozenset[int] = Window().weekdays
) -> date:
    """The `count`-th working day after `day`; for 0 the day itself, or the next working day."""
    passed, left, looked = day, count, 0
    while left > 0 or not is_working_day(passed, place, weekdays):
        passed += timedelta(days=1)
        looked += 1
        if looked > _SEARCH_DAYS * (count + 1):
            raise ValueError("no working day in reach")
        if left > 0 and is_working_day(passed, place, weekdays):
            left -= 1
    return passed


def _at(day: date, clock: time, zone: ZoneInfo) -> datetime:
    """That wall-clock time in UTC; a time that a spring change skips moves past the gap."""
    return datetime.combine(day, clock, tzinfo=zone).astimezone(UTC)


def day_begins(day: date, zone: str) -> datetime:
    """The first instant of a day by a zone's clock, in UTC."""
    return _at(day, time(0), ZoneInfo(zone))


def next_open(moment: datetime, place: Place, window: Window) -> datetime:
    """The first instant at or after `moment` inside the window, in UTC."""
    zone = place.tz
    day = moment.astimezone(zone).date()
    for _ in range(_SEARCH_DAYS):
        day = add_working_days(day, 0, place, window.weekdays)
        opens, closes = _at(day, window.opens, zone), _at(day, window.closes, zone)
        if moment < closes:
            return max(moment.astimezone(UTC), opens)
        day += timedelta(days=1)
    raise ValueError("no open window in reach")


def is_open(moment: datetime, place: Place, window: Window) -> bool:
    """Whether a touch may happen at this instant."""
    return next_open(moment, place, window) == moment.astimezone(UTC)


def due_at(after: datetime, wait: int, place: Place, window: Window, spread: float = 0.0) -> datetime:
    """When a step that waits `wait` working days after `after` may happen, in UTC.

    A wait of 0 means the next open instant. Otherwise the instant is `spread` (0 to below 1, steady for
    a person and step) of the way through that day's window, so that mail does not leave in one burst at nine.
    """
    if wait == 0:
        return next_open(after, place, window)
    zone = place.tz
    day = add_working_days(after.astimezone(zone).date(), wait, place, window.weekdays)
    opens, closes = _at(day, window.opens, zone), _at(day, window.closes, zone)
    return opens + (closes - opens) * min(max(spread, 0.0), 0.95)
