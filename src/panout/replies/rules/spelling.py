"""Slips of the finger put right, towards words that people use in replies (`tables/words.txt`).

One letter swapped, dropped, doubled or struck beside its neighbour, in a longer word that nobody uses as it stands,
where one word alone comes near. Another reading of a text, to be asked where the text as written says nothing.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Mapping
from functools import cache
from importlib.resources import files

from rapidfuzz import process
from rapidfuzz.distance import OSA

from panout.replies.rules.phrases import plain

WORD = re.compile(r"(?<![\w@.-])[^\W\d_]{4,}(?![\w@]|[.-]\w)")
LONGEST_TEXT = 300
_SHORTEST_KNOWN = 5


def respelt(text: str) -> str:
    """The text with its slips put right; a long one as it stands, as it says what it means more than once."""
    if len(text) > LONGEST_TEXT:
        return text
    return WORD.sub(lambda match: _right(match[0]), text)


def _right(word: str) -> str:
    low = plain(word.lower())
    known, by_letter = _words()
    if low in known:
        return word
    near = [one for one in by_letter.get(low[0], ()) if abs(len(one) - len(low)) <= 1]
    found = process.extract(low, near, scorer=OSA.distance, score_cutoff=1, limit=2)
    if len(found) != 1:
        return word
    meant: str = found[0][0]
    # An ending of its own ("contacted", "removed") is no slip.
    return word if low.startswith(meant) or meant.startswith(low) else meant


@cache
def _words() -> tuple[Collection[str], Mapping[str, tuple[str, ...]]]:
    listed = files("panout.replies").joinpath("tables/words.txt").read_text(encoding="utf-8").split()
    by_letter = defaultdict(list)
    for word in listed:
        if len(word) >= _SHORTEST_KNOWN:
            by_letter[word[0]].append(word)
    return frozenset(listed), {letter: tuple(words) for letter, words in by_letter.items()}
