"""What may be cited, and what is said without it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class ClaimKind(StrEnum):
    """What sort of statement lacks its evidence."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    EVENT = "event"
    STALE = "stale"
    PRAISE = "praise"
    INSIDE = "inside"  # how things are with the reader, as only insiders know
    WORLD = "world"  # of the law, the market, third parties, or our own success


@dataclass(frozen=True, slots=True)
class Backing:
    """Something that may be cited: `live` unless it has gone cold; a `proof` is said of others."""

    text: str
    type: str = ""
    as_of: date | None = None
    live: bool = True
    proof: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that says more than we know: the `words` in it, and `why` they stand out."""

    sentence: str
    words: str
    kind: ClaimKind
    why: str
