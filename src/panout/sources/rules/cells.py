"""Cells on their way out: what a spreadsheet would take for a formula is made plain text."""

from __future__ import annotations

import re

_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# A signed number or a phone number in E.164: a spreadsheet reads these as numbers, so they can run nothing.
_HARMLESS = re.compile(r"[+-]?(?:\d{1,3}(?:,\d{3})+|\d+)(?:[.,]\d+)?(?:[eE][+-]?\d{1,3})?%?\Z")


def guard_formula(cell: str) -> str:
    """Put an apostrophe in front of a cell that a spreadsheet would run (= + - @, tab, line break at the
    start).

    Plain signed numbers and E.164 phone numbers are left as they are: they cannot call anything, and a guard
    would spoil them for the next program. Leading spaces do not hide a formula.
    """
    bare = cell.lstrip(" \u00a0")
    if not bare.startswith(_STARTS) or _HARMLESS.match(bare):
        return cell
    return f"'{cell}"
