"""Phone numbers to E.164, by the country of the row."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

import phonenumbers
from phonenumbers import NumberParseException, PhoneMetadata, PhoneNumberFormat, ValidationResult

# One clean national or international number and nothing else; only this goes the short way.
MARKS = " \u00a0\u202f().-/'`\t"
LENGTHS = range(7, 16)
NORTH_AMERICA = ("US", "CA")
_MARKS = str.maketrans("", "", MARKS)
_DIGITS = re.compile(rf"^\+?[0-9]{{{LENGTHS[0]},{LENGTHS[-1]}}}$")
_SEVERAL = re.compile(r"\s*(?:;|\||,|\bor\b|\boder\b|\bou\b|\s/\s|\n)\s*")
_NORTH_AMERICAN = re.compile(r"^(?:\+?1)?([2-9][0-9]{9})$")
_FLOAT = re.compile(r"^\+?[0-9]{7,15}\.0$")
_SCIENTIFIC = re.compile(r"^[0-9](?:[.,][0-9]+)?e\+?[0-9]{1,2}$", re.IGNORECASE)


def phone(cell: str, country: str | None = None) -> str | None:
    """The first number in the cell as +<digits>, or None.

    Numbers without a country code are read as numbers of `country` (ISO alpha-2). A number counts when its
    length is possible in its country: the tables of assigned ranges lag behind, and calling is the better
    test. Not counted are numbers of one repeated digit, and what a spreadsheet made of a number (4.9E+11).
    Extensions are dropped from the number (they stay in the raw rows).
    """
    bare = cell.translate(_MARKS)
    if _DIGITS.match(bare) and "(0)" not in cell:
        if (country in NORTH_AMERICA and bare[0] != "+") or bare[:2] == "+1":
            plain = _NORTH_AMERICAN.match(bare)
            if plain is not None and len(set(plain[1])) > 1:
                return f"+1{plain[1]}"
        elif bare[0] == "+":
            short = _international(bare)
            if short is not None:
                return short
        elif country is not None:
            short = _national(bare, country)
            if short is not None:
                return short
    return _by_library(cell, country)


def _by_library(cell: str, country: str | None) -> str | None:
    text = cell.strip().removeprefix("'")
    if _SCIENTIFIC.match(text):
        return None
    if _FLOAT.match(text):
        text = text[:-2]
    for part in _SEVERAL.split(text):
        found = _parsed(part, country)
        if found is not None:
            return found
    return None


def _parsed(text: str, country: str | None) -> str | None:
    if text.startswith("00"):
        text = f"+{text[2:]}"
    number = _understood(text, country)
    if number is None and country is None and not text.startswith("+"):
        digits = text.translate(_MARKS)
        # Eleven digits with a leading 1, or a country code whose plus a spreadsheet ate.
        number = _understood(f"+{digits}", None) if digits.isdecimal() and len(digits) >= 11 else None
        if number is not None and not phonenumbers.is_valid_number(number):
            return None
    if number is None or len(set(str(number.national_number))) == 1:
        return None
    return phonenumbers.format_number(number, PhoneNumberFormat.E164)


def _understood(text: str, country: str | None) -> phonenumbers.PhoneNumber | None:
    try:
        number = phonenumbers.parse(text, country)
    except NumberParseException:
        return None
    possible = phonenumbers.is_possible_number_with_reason(number) == ValidationResult.IS_POSSIBLE
    return number if possible else None


def _international(bare: str) -> str | None:
    """The short way for +<country code><national number> in its only form; None sends it to the library."""
    for width in (2, 3, 1):
        rule = plan_of(bare[1 : 1 + width])
        if rule is not None:
            lengths, prefix = rule
            national = bare[1 + width :]
            if (
                len(national) in lengths
                and not (prefix and prefix.match(national))
                and len(set(national)) > 1
            ):
                return bare
            return None
    return None


def _national(bare: str, country: str) -> str | None:
    """The short way for a number as written at home: with its leading 0 (Germany, France, Britain and many
    more), or as it is where nothing ever stands in front (Spain, Norway and others)."""
    home = home_of(country)
    # What is dialled before a number abroad may begin like a number at home (013 in Israel).
    if home is None or (home.dialled_abroad and home.dialled_abroad.match(bare)):
        return None
    national = bare
    if home.leading_zero:
        if bare[0] != "0" or bare[1] == "0":
            return None
        national = bare[1:]
    elif bare.startswith(("0", home.code)):
        return None
    if len(national) not in home.lengths or len(set(national)) == 1:
        return None
    return f"+{home.code}{national}"


class Home(NamedTuple):
    """How numbers are written in one land."""

    code: str
    leading_zero: bool
    lengths: frozenset[int]
    dialled_abroad: re.Pattern[str] | None


@cache
def home_of(country: str) -> Home | None:
    """None where it is not as simple as a plain 0 in front, or nothing."""
    metadata = PhoneMetadata.metadata_for_region(country)
    if metadata is None or metadata.country_code is None:
        return None
    front = metadata.national_prefix_for_parsing
    # Other branches ("0|180020" in Britain) do not begin with 0, so they cannot match what does.
    first, *others = front.split("|") if front else ("",)
    if first not in ("", "0") or not all(other.isdecimal() and other[0] != "0" for other in others):
        return None
    code = str(metadata.country_code)
    shared = phonenumbers.region_codes_for_country_code(metadata.country_code)
    rule = plan_of(code)
    if rule is None or not shared or shared[0] != country:
        return None
    abroad = metadata.international_prefix
    return Home(code, first == "0", rule[0], re.compile(abroad) if abroad else None)


@cache
def plan_of(code: str) -> tuple[frozenset[int], re.Pattern[str] | None] | None:
    """Possible lengths of national numbers under a country code, and what stands in front of them at home.

    Lands that share a code share the plan of its first, as the library has it. None where zeros may lead.
    """
    regions = (
        phonenumbers.region_codes_for_country_code(int(code)) if code.isdecimal() and code[0] != "0" else ()
    )
    if not regions or not regions[0].isalpha():
        return None
    metadata = PhoneMetadata.metadata_for_region(regions[0])
    if metadata is None or metadata.general_desc is None or metadata.leading_zero_possible:
        return None
    prefix = metadata.national_prefix_for_parsing
    lengths = frozenset(n for n in metadata.general_desc.possible_length if n >= 6)
    return lengths, re.compile(prefix) if prefix else None
