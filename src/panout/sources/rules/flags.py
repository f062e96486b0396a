"""Yes and no, and several values in one cell."""

from __future__ import annotations

import json
import re

from panout.sources.rules.text import NOTHING, fold, tidy

_YES = frozenset(
    [
        "1",
        "1.0",
        "y",
        "yes",
        "true",
        "t",
        "on",
        "x",
        "ja",
        "j",
        "wahr",
        "oui",
        "o",
        "vrai",
        "si",
        "sí",
        "s",
        "sim",
        "verdadero",
        "tak",
        "✓",
        "✔",
        "☑",
        "checked",
        "do",
        "not",
        "call",
        "dnc",
        "opted",
        "out",
        "opted-out",
        "unsubscribed",
        "subscribed",
        "active",
        "hiring",
        "do not call",
        "opted out",
        "✅",
        "we're hiring",
        "we are hiring",
    ]
)
_NO = frozenset(
    [
        "0",
        "0.0",
        "n",
        "no",
        "false",
        "f",
        "off",
        "nein",
        "falsch",
        "non",
        "faux",
        "nao",
        "não",
        "falso",
        "nie",
        "✗",
        "✘",
        "☐",
        "unchecked",
        "not hiring",
        "ok to call",
        "❌",
    ]
)
_BETWEEN = re.compile(r"\s*[;|\n\r]+\s*")
_COMMA = re.compile(r"\s*,\s*(?![^()]*\))")


def boolean(cell: str) -> bool | None:
    """True, False, or None when the cell is neither (in nine languages, with the usual ticks)."""
    text = fold(tidy(cell))
    if text in _YES:
        return True
    return False if text in _NO else None


def texts(cell: str) -> tuple[str, ...] | None:
    """Several values in one cell: a JSON list, or parted by ; | or a line break, else by commas outside
    brackets.

    Each once (case aside), in the order given; None when there is none.
    """
    parts = _json_list(cell)
    if parts is None:
        parts = _BETWEEN.split(cell) if _BETWEEN.search(cell.strip()) else _COMMA.split(cell)
    kept: dict[str, str] = {}
    for part in parts:
        text = tidy(part)
        if text.lower() not in NOTHING:
            kept.setdefault(text.casefold(), text)
    return tuple(kept.values()) or None


def _json_list(cell: str) -> list[str] | None:
    if not cell.lstrip().startswith("["):
        return None
    try:
        found = json.loads(cell)
    except (ValueError, RecursionError):
        return None
    return [str(item) for item in found if isinstance(item, str | int | float)]
