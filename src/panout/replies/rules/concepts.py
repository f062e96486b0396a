"""The ideas a text speaks of, by the words of ten languages in `tables/concepts.txt`.

Words differ between languages and people; "anwalt" and "lawyer" are one idea. Ideas and pairs of them carry what
was learnt from one sentence over to sentences in words never met.
"""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache
from importlib.resources import files
from itertools import pairwise

from panout.replies.rules.phrases import plain

_WORDS = re.compile(r"[^\W_]+(?:['-][^\W_]+)*")
_ELIDED = re.compile(r"^(?:[cdjlmnst]|qu|dell|nell|all|un|quell)'")
_SHORTEST, _LONGEST = 2, 24


def _table() -> tuple[dict[str, tuple[str, ...]], dict[str, tuple[str, ...]]]:
    """Ideas of whole words, and of how words begin."""
    whole: defaultdict[str, list[str]] = defaultdict(list)
    begun: defaultdict[str, list[str]] = defaultdict(list)
    text = files("panout.replies").joinpath("tables/concepts.txt").read_text(encoding="utf-8")
    for line in text.splitlines():
        name, colon, words = line.partition(": ")
        if not colon or line.startswith("#"):
            continue
        for word in dict.fromkeys(plain(words).split()):
            table, key = (begun, word[:-1]) if word.endswith("*") else (whole, word)
            table[key].append(name)
    return {k: tuple(v) for k, v in whole.items()}, {k: tuple(v) for k, v in begun.items()}


_WHOLE, _BEGUN = _table()


@lru_cache(maxsize=20_000)
def ideas_of(word: str) -> tuple[str, ...]:
    """`word` in lower case without accents. The longest beginning that the table knows decides."""
    if word in _WHOLE:
        return _WHOLE[word]
    bare = _ELIDED.sub("", word)
    if bare != word:
        return ideas_of(bare)
    for size in range(min(len(word), _LONGEST), _SHORTEST, -1):
        if word[:size] in _BEGUN:
            return _BEGUN[word[:size]]
    return ()


def ideas_in(text: str) -> frozenset[str]:
    """Ideas; pairs of ideas that follow one another, or with one other between them; the first and the last."""
    words = _WORDS.findall(plain(text.lower().replace("’", "'")))
    spoken = [ideas for ideas in (ideas_of(word) for word in words) if ideas]
    if not spoken:
        return frozenset()
    found = {f"of:{idea}" for ideas in spoken for idea in ideas}
    found |= {f"of:{one} {two}" for before, after in pairwise(spoken) for one in before for two in after}
    found |= {
        f"of:{one}+{two}"
        for before, after in zip(spoken, spoken[2:], strict=False)
        for one in before
        for two in after
    }
    found |= {f"of:first {idea}" for idea in spoken[0]}
    return frozenset(found | {f"of:last {idea}" for idea in spoken[-1]})
