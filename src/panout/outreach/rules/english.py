"""Which words are plain English, so that a capital at the head of a sentence need not be a name."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources

# Endings, and what to put in their place to come to a word's root.
_ENDINGS = (
    ("ies", ("y",)), ("ied", ("y",)), ("ings", ("", "e")), ("ing", ("", "e")), ("ments", ("", "e")),
    ("ment", ("", "e")), ("ness", ("",)), ("ers", ("", "e")), ("er", ("", "e")), ("ed", ("", "e")),
    ("est", ("", "e")), ("ly", ("", "le")), ("es", ("", "e")), ("s", ("",)),
)  # fmt: skip
_BRITISH = (
    ("isation", "ization"), ("ise", "ize"), ("ising", "izing"), ("yse", "yze"), ("our", "or"),
    ("tre", "ter"), ("gramme", "gram"), ("elling", "eling"), ("elled", "eled"),
)  # fmt: skip
_PREFIXES = ("re", "un", "non", "over", "under", "pre", "mis", "dis", "in")


def _list(name: str) -> frozenset[str]:
    text = resources.files("panout.outreach.rules").joinpath("phrases", f"{name}.txt").read_text("utf-8")
    return frozenset(text.split())


@lru_cache(maxsize=1)
def plain_words() -> frozenset[str]:
    """Words that open sentences, or are capitalised by habit, and name nobody."""
    return _list("plain")


@lru_cache(maxsize=1)
def _roots() -> frozenset[str]:
    """Roots of English words that are written small (from the SCOWL lists, see docs/decisions/licences.md)."""
    return _list("english")


@lru_cache(maxsize=1)
def brands() -> frozenset[str]:
    """English words that are better known in offices as the name of a company or a product."""
    return _list("brands")


@lru_cache(maxsize=4096)
def is_english(word: str) -> bool:
    """Whether a folded word stands in a dictionary of words that are not names, inflected or not."""
    roots = _roots()
    return any(form in roots for form in _forms(word)) or any(
        word.startswith(prefix) and any(form in roots for form in _forms(word.removeprefix(prefix)))
        for prefix in _PREFIXES
    )


def _forms(word: str) -> Iterable[str]:
    yield word
    for british, american in _BRITISH:
        if british in word:
            yield from stripped(word.replace(british, american))
    yield from stripped(word)


def stripped(word: str) -> Iterable[str]:
    """A word, and what is left of it without its ending: candidates for its root."""
    yield word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 2:
            bare = word.removesuffix(ending)
            yield from (bare + one for one in instead)
            if bare[-1] == bare[-2]:
                yield bare[:-1]


_INFLECTED = re.compile(r"(?:ings?|ations?|itions?|ments?|ies|ied|ers?|ed|es|s|e|y)$")
_POSSESSIVE = re.compile(r"(?:'|\u2019)s?$")


@lru_cache(maxsize=1 << 15)
def root(word: str) -> str:
    """A word without case, possessive and ending, so that "opens" and "opening" are one."""
    plain = _POSSESSIVE.sub("", word.casefold())
    bare = _INFLECTED.sub("", plain)
    if len(bare) > 3 and bare[-1] == bare[-2] and bare[-1] not in "sl":
        bare = bare[:-1]
    return bare if len(bare) >= 3 else plain


def alike(one: str, other: str) -> bool:
    """Whether two roots are forms of one word: clear and clearanc, but not contract and control."""
    if one == other:
        return True
    shorter, longer = sorted((one, other), key=len)
    if len(shorter) < _TELLING:
        return False
    shared = next((place for place, letter in enumerate(shorter) if letter != longer[place]), len(shorter))
    return shared >= max(_TELLING, len(shorter) - 1) and len(longer) - len(shorter) <= _LONGEST_ENDING


_TELLING = 4  # letters; shorter roots are alike by chance
_LONGEST_ENDING = 5


@lru_cache(maxsize=1)
def _kin() -> dict[str, frozenset[str]]:
    found: dict[str, frozenset[str]] = {}
    text = resources.files("panout.outreach.rules").joinpath("phrases", "kin.txt").read_text("utf-8")
    for line in text.splitlines():
        group = frozenset(root(word) for word in line.split())
        for one in group:
            found[one] = found.get(one, frozenset()) | group
    return found


def kin(one: str) -> frozenset[str]:
    """Roots that tell of the same sort of event: who recruits has openings."""
    return _kin().get(one, frozenset())
