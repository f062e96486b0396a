"""A step of set-at-a-time work: one named SQL statement that leaves one relation behind."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Step:
    """`sql` is a SELECT (no trailing semicolon); its result is kept under `name`."""

    name: str
    sql: str
