"""Dates in the shapes that lists have them. 03/04/2022 is decided once per column, from all cells seen of
it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from panout.sources.rules.text import fold, tidy


class DateOrder(StrEnum):
    """Which of two small numbers is the day."""

    DAY_FIRST = "day first"
    MONTH_FIRST = "month first"


_ISO = re.compile(r"^(\d{4})-(\d{2})-(\d{2})(?:$|[T ])")
_THREE = re.compile(r"^(\d{1,4})\s?([./-])\s?(\d{1,2})\s?[./-]\s?(\d{1,4})\.?(?:$|[T ,])")
_COMPACT = re.compile(r"^(19|20)(\d\d)(0[1-9]|1[0-2])([0-2]\d|3[01])$")
_YEAR_MONTH = re.compile(r"^(?:(\d{4})[-/.](\d{1,2})|(\d{1,2})[-/.](\d{4}))$")
_WORDS = re.compile(r"\d+|[^\W\d_]+")
_SERIAL = re.compile(r"^\d{5}(?:\.\d+)?$")
_EPOCH = re.compile(r"^\d{10}(?:\d{3})?$")
_EXCEL_ZERO = date(1899, 12, 30)
_UNIX_ZERO = date(1970, 1, 1)
# Excel's whole numbers for 1954 to 2064; anything else of five digits is a postal code or a count.
_SERIALS = range(20_000, 60_001)
_MONTH_FIRST_LANDS = frozenset({"US", "PH", "PR", "GU", "FM", "MH", "PW"})
_LANGUAGES = ("en", "de", "fr", "es", "it", "nl", "pt", "pl", "sv", "da")
_DATE_COLUMN_SAMPLE = 5


def date_order(cells: Iterable[str], default_country: str | None = None) -> DateOrder:
    """Decide for a whole column. Cells that can be read one way only vote; the majority wins.

    With no such cell: dots mean day first (no land writes 04.03.2022 month first); otherwise the default
    country's custom; otherwise month first, as the exports of Apollo, HubSpot and Salesforce write it.
    """
    day_votes = month_votes = dots = 0
    for cell in cells:
        found = _THREE.match(cell.strip())
        if found is None or len(found[1]) > 2:
            continue
        first, second = int(found[1]), int(found[3])
        day_votes += first > 12 >= second
        month_votes += second > 12 >= first
        dots += found[2] == "."
    if day_votes != month_votes:
        return DateOrder.DAY_FIRST if day_votes > month_votes else DateOrder.MONTH_FIRST
    if dots or (default_country is not None and default_country not in _MONTH_FIRST_LANDS):
        return DateOrder.DAY_FIRST
    return DateOrder.MONTH_FIRST


def parse_date(cell: str, order: DateOrder) -> date | None:
    """One date, or None. A cell that is impossible in the column's order is read in the other one.

    Also read: month names in ten languages, 20220402, a month without day (its first), Excel's day numbers,
    and seconds or milliseconds since 1970 (HubSpot). Two-digit years: 00-68 are 2000s, as POSIX has it.
    """
    if found := _ISO.match(cell):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    text = tidy(cell)
    if found := _ISO.match(text):
        return _date(int(found[1]), int(found[2]), int(found[3]))
    if found := _THREE.match(text):
        return _from_three(found[1], found[3], found[4], order)
    if found := _COMPACT.match(text):
        return _date(int(found[1] + found[2]), int(found[3]), int(found[4]))
    if found := _YEAR_MONTH.match(text):
        return _date(int(found[1] or found[4]), int(found[2] or found[3]), 1)
    if _SERIAL.match(text):
        days = int(float(text))
        return _EXCEL_ZERO + timedelta(days=days) if days in _SERIALS else None
    if _EPOCH.match(text):
        seconds = int(text) // (1000 if len(text) == 13 else 1)
        return _UNIX_ZERO + timedelta(seconds=seconds)
    return _from_words(text)


def looks_like_dates(cells: list[str]) -> bool:
    """Do most of these cells hold a date in full?"""
    dated = sum(1 for cell in cells if parse_date(cell, DateOrder.DAY_FIRST) and not cell.strip().isdecimal())
    return len(cells) >= _DATE_COLUMN_SAMPLE and dated * 10 >= len(cells) * 9


def _from_three(first: str, second: str, third: str, order: DateOrder) -> date | None:
    if len(first) == 4:
        return _date(int(first), int(second), int(third))
    if len(first) > 2 or len(third) not in (2, 4):
        return None
    year = int(third) if len(third) == 4 else _full_year(int(third))
    one, two = int(first), int(second)
    day_first, month_first = (year, two, one), (year, one, two)
    likely, other = (day_first, month_first) if order is DateOrder.DAY_FIRST else (month_first, day_first)
    return _date(*likely) or _date(*other)


def _from_words(text: str) -> date | None:
    """ "12 Oct 2022", "Oct 12, 2022", "12. Oktober 2022", "le 3 mars 2022", "March 2021", "Tue, 3 Mar
    2022"."""
    if len(text) > 40:
        return None
    month = day = year = None
    for word in _WORDS.findall(text):
        if word.isdecimal():
            if len(word) == 4 and year is None:
                year = int(word)
            elif len(word) <= 2 and day is None:
                day = int(word)
            elif len(word) == 2 and year is None:
                year = _full_year(int(word))
        elif month is None:
            month = _months().get(fold(word))
    return None if month is None or year is None else _date(year, month, day or 1)


@cache
def _months() -> dict[str, int]:
    # Imported here: only dates in words need it, and each command would wait for it.
    from babel.dates import get_month_names

    names: dict[str, int] = {}
    for language in _LANGUAGES:
        for width in ("abbreviated", "wide"):
            for context in ("format", "stand-alone"):
                for number, name in get_month_names(width, context, locale=language).items():
                    names.setdefault(fold(name).strip(". "), number)
    return names | {"sept": 9, "mrz": 3, "jaenner": 1, "janner": 1, "dez": 12, "okt": 10, "mai": 5}


def _full_year(two_digits: int) -> int:
    return two_digits + (2000 if two_digits < 69 else 1900)


def _date(year: int, month: int, day: int) -> date | None:
    if not 1900 <= year <= 2100:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None
