"""What is told of the market, the law, third parties and ourselves, which needs a source too."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Family:
    """A family of what is told: `said` finds it in a clause, `why` says what is wrong where nothing supports it."""

    name: str
    said: re.Pattern[str]
    why: str


def _read() -> tuple[Family, ...]:
    text = resources.files("panout.outreach.rules").joinpath("phrases", "world.toml").read_text("utf-8")
    return tuple(
        Family(name, re.compile("|".join(entry["said"]), re.IGNORECASE), entry["why"])
        for name, entry in tomllib.loads(text).items()
    )


FAMILIES = _read()
# Words with their opposite: a sentence with the one is not proved by evidence of the other.
_OPPOSITES = (
    (r"open(?:ed|s|ing)?", r"clos(?:es|ed|ing(?! (?:costs?|remarks?|date))|ure)|shut(?:s|ting)?"),
    (r"pass(?:ed|es)?", r"fail(?:ed|s|ure)?"),
    (r"won|wins?|winning", r"lost|loses?|losing"),
    (
        r"rose|risen|rises?|grew|grown|grows?|increas\w+|climbed|gained",
        r"fell|fallen|falls?|shrank|shrunk|dropped|decreas\w+|declin\w+",
    ),
    (r"bought|buys?|acquir\w+", r"sold|sells?|selling|divest\w+"),
    (r"hir(?:ed|ing|es)|recruit\w*", r"laid off|layoffs?|redundanc\w+|job cuts"),
    (r"join(?:ed|s|ing)?|appointed|appoints", r"left|leaves|resigned|stepped down|departed"),
    (r"launch(?:ed|es|ing)?|started|introduced", r"stopped|discontinued|withdr[ae]wn?|dropped|scrapped|cancelled"),
    (r"extend(?:ed|s)?|renew(?:ed|s)?", r"end(?:ed|s)|terminat\w+|cancelled"),
    (r"profits?", r"loss(?:es)?"),
    (r"expand(?:ed|s|ing)?", r"downsiz\w+|shrank|reduced"),
)  # fmt: skip
OPPOSITES = tuple(
    (re.compile(rf"\b(?:{one})\b", re.IGNORECASE), re.compile(rf"\b(?:{other})\b", re.IGNORECASE))
    for one, other in _OPPOSITES
)


@lru_cache(maxsize=1 << 11)
def _against(evidence: str) -> tuple[re.Pattern[str], ...]:
    """What would say the opposite of some evidence, as pairs of what does and of what agrees with it."""
    return tuple(
        pattern
        for one, other in OPPOSITES
        for said, against in ((one, other), (other, one))
        if against.search(evidence) and not said.search(evidence)
        for pattern in (said, against)
    )


def reversed_words(text: str, evidence: str) -> str:
    """The word with which a text says the opposite of some evidence, or nothing."""
    patterns = _against(evidence)
    for said, agrees in zip(patterns[::2], patterns[1::2], strict=True):
        match = said.search(text)
        if match and not agrees.search(text):
            return match.group()
    return ""


@lru_cache(maxsize=1 << 13)
def family_of(text: str) -> tuple[Family, str] | None:
    """The family of what a clause tells of others than its reader, and the words that tell it."""
    for one in FAMILIES:
        match = one.said.search(text)
        if match:
            return one, match.group().strip()
    return None
