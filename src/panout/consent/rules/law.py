"""The law table as dated data: country, channel and kind of recipient in; a ruling with its source out.

The tables beside this file say when each line was read and whether its source confirmed it. Nothing in
them is legal advice; an organisation may overrule any line with its own.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, time, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib import resources

# Where no line of the country's own says otherwise, the Union's line counts.
EUROPEAN_UNION = frozenset(
    {"AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GR", "HR", "HU"}
    | {"IE", "IT", "LT", "LU", "LV", "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK"}
)


class Ruling(StrEnum):
    """What the law asks before a touch."""

    ALLOWED = "allowed"
    NOTICE = "notice"  # with the sender, the source and a way out in the message
    CONSENT = "consent"  # only with consent on file
    BLOCKED = "blocked"


class Recipient(StrEnum):
    """In what capacity somebody is written to; sole traders count as persons where the law says so."""

    COMPANY = "company"
    PERSON = "person"


@dataclass(frozen=True, slots=True)
class Law:
    """One line of the table. `confirmed` is whether the source itself was read."""

    country: str
    channel: str
    recipient: Recipient
    ruling: Ruling
    rule: str
    source: str
    as_of: date
    confirmed: bool


@dataclass(frozen=True, slots=True)
class Calling:
    """When and how often a number may be rung, by wall clock at the callee's place."""

    country: str
    region: str
    opens: time
    closes: time
    max_per_day: int | None
    source: str
    as_of: date
    confirmed: bool


def _lines(name: str) -> list[dict[str, str]]:
    text = resources.files("panout.consent.rules").joinpath(name).read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@lru_cache(maxsize=1)
def law_table() -> dict[tuple[str, str, Recipient], Law]:
    """Every line by country (or `EU`, or `*`), channel and recipient."""
    table = {}
    for line in _lines("law.csv"):
        law = Law(
            line["country"],
            line["channel"],
            Recipient(line["recipient"]),
            Ruling(line["ruling"]),
            line["rule"],
            line["source"],
            date.fromisoformat(line["as_of"]),
            line["confirmed"] == "yes",
        )
        table[law.country, law.channel, law.recipient] = law
    return table


def law_for(country: str | None, channel: str, recipient: Recipient) -> Law:
    """The line that counts: the country's, else the Union's, else the house default.

    A person whose country is unknown gets the strictest line any country has for that channel: not knowing
    where somebody lives is no permission to write to them.
    """
    table = law_table()
    if not country:
        strictness = list(Ruling)
        candidates = [law for law in table.values() if law.channel == channel and law.recipient is recipient]
        return max(candidates, key=lambda law: (strictness.index(law.ruling), law.country == "*"))
    tries = (country.upper(), "EU" if country.upper() in EUROPEAN_UNION else "*", "*")
    return next(table[key, channel, recipient] for key in tries if (key, channel, recipient) in table)


# Laws move; a table nobody has looked at for a year is a rumour.
OLD_AFTER = timedelta(days=365)


def last_read() -> date:
    """The day on which the oldest line of the law table was last held against its source."""
    return min(law.as_of for law in law_table().values())


def is_old(today: date) -> bool:
    """Whether the table wants to be read again before somebody relies on it."""
    return today - last_read() > OLD_AFTER


def calling_table() -> tuple[Calling, ...]:
    """Hours of every place that has its own, the house's default last."""
    return tuple(
        sorted(_calling_table().values(), key=lambda one: (one.country == "*", one.country, one.region))
    )


@lru_cache(maxsize=1)
def _calling_table() -> dict[tuple[str, str], Calling]:
    table = {}
    for line in _lines("calling.csv"):
        row = Calling(
            line["country"],
            line["region"],
            time.fromisoformat(line["opens"]),
            time.fromisoformat(line["closes"]),
            int(line["max_per_day"]) if line["max_per_day"] else None,
            line["source"],
            date.fromisoformat(line["as_of"]),
            line["confirmed"] == "yes",
        )
        table[row.country, row.region.lower()] = row
    return table


def calling_for(country: str | None, region: str | None = None) -> Calling:
    """Hours for a number in this place: the region's, else the country's, else the house's."""
    table = _calling_table()
    land = (country or "*").upper()
    tries = ((land, (region or "").lower()), (land, ""), ("*", ""))
    return next(table[key] for key in tries if key in table)
