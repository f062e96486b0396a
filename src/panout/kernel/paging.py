"""Keyset paging: a slice of rows, and the mark after which the next slice begins."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Generic, TypeVar

from panout.kernel.errors import BadInput

T = TypeVar("T")
Mark = str | int | float | None


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """Some rows in order. `after`: hand it back for the rows that follow; empty at the end.

    `count`: how many there are in all, where it was asked.
    """

    rows: tuple[T, ...]
    after: str = ""
    count: Count | None = None


@dataclass(frozen=True, slots=True)
class Count:
    """How many there are, counted no further than a bound: "10,000+" costs little, the exact number much."""

    number: int
    capped: bool

    def __str__(self) -> str:
        return f"{self.number:,}+" if self.capped else f"{self.number:,}"


COUNT_NO_FURTHER_THAN = 10_001


def counted(found: int) -> Count:
    """The count to show when `found` rows came back from a search that stops at 10,001."""
    if found >= COUNT_NO_FURTHER_THAN:
        return Count(COUNT_NO_FURTHER_THAN - 1, capped=True)
    return Count(found, capped=False)


def mark_of(*keys: Mark) -> str:
    """The sort keys of the last row shown, as text that fits an address."""
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode().rstrip("=")


def keys_of(mark: str, kinds: tuple[type, ...]) -> tuple[Mark, ...]:
    """The keys back from a mark. Raises BadInput for anything that `mark_of` did not make."""
    try:
        keys = json.loads(base64.urlsafe_b64decode(mark + "=" * (-len(mark) % 4)))
        good = isinstance(keys, list) and len(keys) == len(kinds)
        if good and all(isinstance(key, kind) for key, kind in zip(keys, kinds, strict=True)):
            return tuple(keys)
    except (ValueError, binascii.Error, RecursionError):
        pass
    raise BadInput("This page mark is broken.", where="after", mend="Start from the first page.")
