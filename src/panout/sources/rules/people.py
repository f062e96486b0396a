"""Names of people: "Last, First", titles in front, degrees behind, shouting, an address where a name should
be."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from panout.sources.rules.text import NOTHING_IN_NAMES, tidy

_PLAIN_PART = re.compile(r"^[A-Z][a-z]+(?:['-][A-Z]?[a-z]+)*\Z")
_TWO_PARTS = re.compile(r"^([A-Z][a-z]+(?:['-][A-Z]?[a-z]+)*) ([A-Z][a-z]+(?:['-][A-Z]?[a-z]+)*)\Z")
_IN_FRONT = re.compile(
    r"^(?:(?:mr|mrs|ms|miss|mx|dr|prof|professor|sir|dame|rev|hon|herr|frau|hr|fr|m|mme|mlle|monsieur|madame|sig|"
    r"signor|signora|sr|sra|srta|don|dona|dhr|mevr|drs|ir|ing|dipl|mag)\b\.?(?:[- ]*(?:ing|med|jur|kfm|inf|"
    r"phil|rer|nat|pol|h\.?\s?c)\b\.?)*\s*)+(?=\S)",
    re.IGNORECASE,
)
_HONORIFIC_WORDS = frozenset(["m", "fr", "sr", "don", "hon", "ir", "ing", "mag", "dipl"])
_BEHIND = re.compile(
    r"(?:,?\s+|,\s*)\(?(?:ph\.?\s?d\.?|mba|m\.?b\.?a\.?|m\.?d\.?|cpa|cfa|pmp|esq\.?|cissp|ccie|cism|msc|m\.sc\.?|bsc|b\.sc\.?|ma|m\.a\.|ba|"
    r"b\.a\.|llm|ll\.m\.?|jd|j\.d\.|rn|pe|p\.e\.|shrm-?s?cp|sphr|phr|csm|acca|fca|aca|ceng|mrics|dds|cfp®?|cpc|pmp®)\)?\.?"
    r"(?=$|[\s,])",
    re.IGNORECASE,
)
_GENERATION = re.compile(r"(?:,\s*|\s+)(jr\.?|sr\.?|junior|senior|ii|iii|iv)\Z", re.IGNORECASE)
_BRACKETS = re.compile(r"\s*(?:\([^)]*\)|\[[^\]]*\]|\"[^\"]*\"|“[^”]*”)\s*")
_LETTERS = re.compile(r"[^\W\d_]")
_SMALL = frozenset(
    [
        "van",
        "von",
        "der",
        "den",
        "de",
        "del",
        "della",
        "di",
        "da",
        "dos",
        "das",
        "du",
        "la",
        "le",
        "el",
        "al",
        "bin",
        "ibn",
        "ten",
        "ter",
        "zu",
        "zur",
        "y",
        "e",
        "of",
        "the",
        "und",
    ]
)
_MC = re.compile(r"\b(Mc|O')([a-z])")
_AFTER_MARK = re.compile(r"(?:^|(?<=[\s'’.-]))[^\W\d_]")


@dataclass(frozen=True, slots=True)
class PersonName:
    """A name in parts. `full` is always there; either part may be missing."""

    full: str
    first: str | None
    last: str | None


@lru_cache(maxsize=65536)
def name_part(cell: str) -> str | None:
    """A first or last name alone, tidy: no titles, degrees, emoji; case mended only where it is all one
    case."""
    if _PLAIN_PART.match(cell):
        return cell
    text = _bare(cell)
    return None if text is None else _cased(text)


@lru_cache(maxsize=65536)
def person_name(cell: str) -> PersonName | None:
    """Split a full name; None when it is empty, an email address, or holds no letter."""
    plain = _TWO_PARTS.match(cell)
    if plain is not None and plain[1].lower() not in _TITLES:
        return PersonName(cell, plain[1], plain[2])
    text = _bare(cell)
    if text is None:
        return None
    last, comma, first = text.partition(",")
    if comma and first.strip() and not _GENERATION.match(f", {first.strip()}"):
        first, last = _cased(first.strip(" ,")), _cased(last.strip())
        return PersonName(f"{first} {last}", first, last)
    text = _cased(text)
    generation = _GENERATION.search(text)
    core = text[: generation.start()] if generation and " " in text[: generation.start()].strip() else text
    parts = core.split()
    if len(parts) == 1:
        return PersonName(text, parts[0], None)
    if len(parts) == 2:
        return PersonName(text, parts[0], parts[1])
    # Imported here, for it takes longer to load than to read a list of plain names, which never need it.
    from nameparser import HumanName

    found = HumanName(core)
    first = " ".join(part for part in (found.first, found.middle) if part)
    return PersonName(text, first or parts[0], found.last or parts[-1])


def joined_name(first: str | None, last: str | None) -> str | None:
    """The full name of two parts, of one, or of none."""
    return " ".join(part for part in (first, last) if part) or None


_TITLES = frozenset(
    [
        "mr",
        "mrs",
        "ms",
        "miss",
        "mx",
        "dr",
        "prof",
        "professor",
        "sir",
        "dame",
        "rev",
        "herr",
        "frau",
        "mme",
        "mlle",
        "monsieur",
        "madame",
    ]
)


def _bare(cell: str) -> str | None:
    text = tidy(cell)
    if text.lower() in NOTHING_IN_NAMES or "@" in text or "://" in text:
        return None
    if not text.isascii():
        text = "".join(c for c in text if unicodedata.category(c) not in {"So", "Sk", "Cs", "Co", "Mn", "Me"})
    text = _BRACKETS.sub(" ", text)
    text = _BEHIND.sub("", text)
    front = _IN_FRONT.match(text)
    if front is not None and text[front.end() :].strip() and _is_title(front[0]):
        text = text[front.end() :]
    text = (
        " ".join(text.split()).strip(" ,;:|-–—*·.\"'")
        if text[-1:] != "."
        else " ".join(text.split()).strip(" ,;:|-–—*·\"'")
    )
    return text if _LETTERS.search(text) else None


def _is_title(front: str) -> bool:
    """ "Don Smith" and "M Night" are names, "Don." and "M." are titles."""
    word = front.strip().lower()
    return "." in word or " " in word or word not in _HONORIFIC_WORDS


def _cased(text: str) -> str:
    """Give a name that is all capitals or all small its usual case; leave every other name alone."""
    if (
        len(text) < 2
        or not (text.isupper() or text.islower())
        or (len(text) <= 3 and text.isupper() and "." in text)
    ):
        return text
    if text.isupper() and len(text) == 2 and " " not in text and not any(c in "AEIOUY" for c in text):
        return text  # initials: "JT"
    lowered = _AFTER_MARK.sub(lambda letter: letter[0].upper(), text.lower())
    lowered = _MC.sub(lambda found: found[1] + found[2].upper(), lowered)
    first, *rest = lowered.split(" ")
    return " ".join([first, *(word.lower() if word.lower() in _SMALL else word for word in rest)])
