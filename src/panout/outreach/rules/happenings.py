"""What can have happened at a reader's company: the kinds of event, how texts say them, what proves them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from importlib import resources


@dataclass(frozen=True, slots=True)
class Happening:
    """A kind of event. `said` finds it in a sentence; `types` are the signals that prove it by their type.

    `details` are words that must agree with the evidence when a sentence carries one: a warehouse is no
    office, a new CFO no new CTO.
    """

    name: str
    said: re.Pattern[str]
    types: frozenset[str]
    details: frozenset[str] = frozenset()


def _read() -> tuple[tuple[Happening, ...], re.Pattern[str]]:
    text = resources.files("panout.outreach.rules").joinpath("phrases", "happenings.toml").read_text("utf-8")
    table = tomllib.loads(text)
    words = {name: frozenset(listed.split()) for name, listed in table.pop("words").items()}
    praise = _any_of(table.pop("praise")["said"])
    kinds = tuple(
        Happening(
            name,
            _any_of(kind["said"]),
            frozenset(kind["types"].split()),
            words.get(kind.get("details", ""), frozenset()),
        )
        for name, kind in table.items()
    )
    return kinds, praise


def _any_of(alternatives: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE)


HAPPENINGS, PRAISE = _read()
