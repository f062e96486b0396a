"""Which language a text is in, and how that language asks, guesses, offers and tells."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources


@dataclass(frozen=True, slots=True)
class Tongue:
    """A language other than English; see phrases/tongues.toml for what each pattern finds."""

    name: str
    common: frozenset[str]
    open: re.Pattern[str]
    ours: re.Pattern[str]
    told: re.Pattern[str]
    given: re.Pattern[str]
    did: re.Pattern[str]
    presumes: re.Pattern[str]
    people: re.Pattern[str]
    trouble: re.Pattern[str]
    others: re.Pattern[str]
    record: re.Pattern[str]
    law: re.Pattern[str]
    praise: re.Pattern[str]
    counted: re.Pattern[str]
    planned: re.Pattern[str]
    done: re.Pattern[str]
    reader: re.Pattern[str]
    past: re.Pattern[str]
    share: re.Pattern[str]
    self: re.Pattern[str]
    last_week: re.Pattern[str]
    last_month: re.Pattern[str]
    months: tuple[str, ...]

    @property
    def capitals_name(self) -> bool:
        """Whether a capital within a sentence is a name's; German writes every noun so."""
        return self.name != "de"


_ENGLISH = frozenset(
    """
    the you your yours is are was and to of we our in for i i'm i'd it that this with have has would
    can could not on at be as my if do what how about they their will there so just hi dear me by from
    """.split()  # noqa: SIM905 - a list of words is read as words
)
_PATTERNS = (
    "open", "ours", "told", "given", "did", "presumes", "people", "trouble", "others", "record", "law", "praise",
    "reader", "past", "share", "self", "planned", "done", "last_week", "last_month",
)  # fmt: skip
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_ENOUGH = 3  # words of a language, under which a text is read as English


@lru_cache(maxsize=1)
def tongues() -> tuple[Tongue, ...]:
    """Every language that can be read beside English."""
    text = resources.files("panout.outreach.rules").joinpath("phrases", "tongues.toml").read_text("utf-8")
    return tuple(_tongue(name, entry, entry) for name, entry in tomllib.loads(text).items())


def _tongue(name: str, words: dict[str, str], said: dict[str, list[str]]) -> Tongue:
    one_of = "|".join([*words["numbers"].split(), r"\d[\d.,\u00a0]*"])
    counted = rf"\b(?P<figure>{one_of})\b(?: (?!\d)[\w-]+)??[ \u00a0]?(?P<noun>{'|'.join(words['counted'].split())})\w*"
    return Tongue(
        name=name,
        common=frozenset(words["common"].split()),
        counted=re.compile(counted, re.IGNORECASE),
        months=tuple(words["months"].split()),
        **{key: re.compile("|".join(said[key]), re.IGNORECASE) for key in _PATTERNS},
    )


@lru_cache(maxsize=1)
def _speakers() -> dict[str, tuple[str, ...]]:
    """Which languages a common word is of."""
    spoken = [("en", _ENGLISH), *((one.name, one.common) for one in tongues())]
    every = frozenset[str]().union(*(words for _, words in spoken))
    return {word: tuple(name for name, words in spoken if word in words) for word in every}


def tongue_of(text: str) -> Tongue | None:
    """The language of a text by its commonest words; nothing for English, and where it cannot be told."""
    speakers = _speakers()
    votes = Counter(name for word in _WORD.findall(text.casefold()) for name in speakers.get(word, ()))
    best = max(tongues(), key=lambda one: votes[one.name])
    return best if votes[best.name] >= max(_ENOUGH, votes["en"] + 1) else None


def in_english(text: str, tongue: Tongue) -> bool:
    """Whether evidence is in English where the text that cites it is in another tongue."""
    words = frozenset(_WORD.findall(text.casefold()))
    return not words & tongue.common and bool(words & _ENGLISH or words & _SIGNALS)


_SIGNALS = frozenset(
    "opened opens hired hires hiring raised launched moved acquired appointed joined plans".split()  # noqa: SIM905
)
