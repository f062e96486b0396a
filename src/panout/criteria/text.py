"""How texts are compared: the same folding of case and cutting of words as the SQL of every engine."""

from __future__ import annotations

import re

CAPITALS = "\u0130\u03a3"  # I with a dot, and capital sigma
SMALL = "i\u03c3"
"""The two letters whose full lower case depends on the library or on the place in the word. Everywhere we
take their simple lower case, as DuckDB and PostgreSQL (pg_c_utf8) do."""

GAPS = "[\\t\\n\\r !-/:-@\\[-`{-~\u00a0\u00ab\u00b7\u00bb\u2010-\u2027\u2030-\u205e]+"
"""What parts words: blanks, ASCII punctuation, and what printers put in its place (dashes, quotes, the ellipsis).
Written out, so that all engines' expressions agree."""

NUMBER = "[+-]?[0-9]{1,15}([.][0-9]{1,15})?"
"""A custom text that counts as a number."""

_SIMPLE = str.maketrans(CAPITALS, SMALL)
_GAPS = re.compile(GAPS)
_NUMBER = re.compile(NUMBER)


def fold(text: str) -> str:
    """Lower case, one letter for one letter."""
    return text.translate(_SIMPLE).lower()


def words(text: str) -> str:
    """The folded words with one blank before, between and after: " vp of sales "."""
    return f" {_GAPS.sub(' ', fold(text)).strip(' ')} "


def number(text: str) -> float | None:
    """The number that a custom text is, or None."""
    return float(text) if _NUMBER.fullmatch(text) else None
