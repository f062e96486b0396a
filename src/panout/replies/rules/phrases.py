"""The words of mail servers, read from `tables/phrases.txt`: one table, each phrase on a line of its own.

A phrase is its own name, so that one can be left out: that is how `python -m benchmarks.replies --families`
finds what only one make of daemon keeps alive.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from importlib.resources import files

# Letter for letter, so that a place in the plain text is the same place in the text.
_ACCENTS = {
    code: next(c for c in unicodedata.normalize("NFKD", chr(code)) if not unicodedata.combining(c))
    for code in range(0xC0, 0x250)
} | {ord(sign): letter for sign, letter in zip("łŁøØđĐıßæÆœŒ", "lLoOdDisaAoO", strict=True)}


def plain(text: str) -> str:
    """Latin letters without their accents, one for one. Other scripts stay, where a mark may be half a letter."""
    return text if text.isascii() else text.translate(_ACCENTS)


# Some words of the same sentence.
_GAP = r"\w{0,4}\W{1,4}(?:\S{0,79}[^\s.:;!?] ){0,6}?"
_MAY = (
    r"(?:is |was |are |were |has been |have been |does |do |could |can |did |currently |temporar\w+ |been |has |too |"
    r"ist |wurde |hat |sein |est |a ete |esta |e' |e |foi |ha |jest |zostal\w? |is |ar |er |har )*"
)

_NEVER = re.compile(r"(?!)")
_LIST = re.compile(r"\{([a-z_]+)\}")
_SECTION = re.compile(
    r"^\[(list|reason|sign) (\w+)\]\n(.*?)(?=^\[(?:list|reason|sign) |\Z)", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Phrasebook:
    """The table, compiled. A name is `reason: phrase`, `sign: phrase` or `list=word`."""

    lists: Mapping[str, tuple[str, ...]]
    reasons: tuple[tuple[str, tuple[str, ...]], ...]
    signs: Mapping[str, tuple[str, ...]]
    by_reason: tuple[tuple[str, re.Pattern[str]], ...] = field(init=False, repr=False)
    by_sign: Mapping[str, re.Pattern[str]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        held = tuple((reason, self.pattern(lines)) for reason, lines in self.reasons)
        object.__setattr__(self, "by_reason", held)
        signs = {name: self.pattern(lines, name) for name, lines in self.signs.items()}
        object.__setattr__(self, "by_sign", signs)

    def pattern(self, lines: Iterable[str], sign: str = "", *, only: str = "") -> re.Pattern[str]:
        """Any of these phrases; `only` one word of a list may stand for that list."""
        spelt = [self._spelt(line, only) for line in lines]
        whole = "|".join(line for line in spelt if line)
        if sign == "returned":
            whole = f"^(?:{whole}).{{0,200}}$" if whole else ""
        return re.compile(whole, re.IGNORECASE | re.MULTILINE) if whole else _NEVER

    def says(self, sign: str, text: str) -> bool:
        """`text` without accents."""
        return self.by_sign[sign].search(text) is not None

    def names(self) -> tuple[str, ...]:
        phrases = [f"{reason}: {line}" for reason, lines in self.reasons for line in lines]
        signs = [f"{sign}: {line}" for sign, lines in self.signs.items() for line in lines]
        return (*phrases, *signs, *(f"{name}={word}" for name, words in self.lists.items() for word in words))

    def without(self, names: frozenset[str]) -> Phrasebook:
        """The table as it would be had nobody written these."""
        return Phrasebook(
            {
                name: tuple(word for word in words if f"{name}={word}" not in names)
                for name, words in self.lists.items()
            },
            tuple(
                (reason, tuple(line for line in lines if f"{reason}: {line}" not in names))
                for reason, lines in self.reasons
            ),
            {
                sign: tuple(line for line in lines if f"{sign}: {line}" not in names)
                for sign, lines in self.signs.items()
            },
        )

    def words_of(self, line: str) -> tuple[str, ...]:
        """Names of the words that a phrase may be made of."""
        return tuple(
            f"{name}={word}"
            for name in dict.fromkeys(_LIST.findall(line))
            for word in self.lists.get(name, ())
        )

    def _spelt(self, line: str, only: str) -> str:
        """The line with its lists written out; one that is empty makes it match nothing."""
        spelt = line.replace("{gap}", _GAP).replace("{may}", _MAY)
        chosen, _, word = only.partition("=")
        for name in dict.fromkeys(_LIST.findall(spelt)):
            held = (word,) if name == chosen else self.lists[name]
            spelt = spelt.replace(f"{{{name}}}", f"(?:{'|'.join(held)})" if held else "(?!)")
        return spelt


def phrasebook(path: str) -> Phrasebook:
    """The table in a file of this room."""
    lists: dict[str, tuple[str, ...]] = {}
    reasons: list[tuple[str, tuple[str, ...]]] = []
    signs: dict[str, tuple[str, ...]] = {}
    table = files("panout.replies").joinpath(path).read_text(encoding="utf-8")
    for kind, name, block in _SECTION.findall(plain(table)):
        lines = tuple(dict.fromkeys(line for line in block.splitlines() if line and line[0] != "#"))
        if kind == "list":
            lists[name] = tuple(dict.fromkeys(word.strip() for line in lines for word in line.split(" / ")))
        elif kind == "reason":
            reasons.append((name, lines))
        else:
            signs[name] = lines
    return Phrasebook(lists, tuple(reasons), signs)


PHRASES = phrasebook("tables/phrases.txt")
