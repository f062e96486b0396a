"""Western or Central European: which of two code pages a text in Latin letters was saved in.

Windows-1252 and Windows-1250 give letters to the same bytes (E8 is è or č, F8 ø or ř, F1 ñ or ń), so that a detector
that looks at bytes and frequent letters cannot tell them apart in lists of names. Its place in the word can:
è and ø stand between consonants, č and ř beside vowels; ñ before a vowel, ń before a consonant or at the end.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

WESTERN, CENTRAL = "cp1252", "cp1250"

# Letters that both pages have at the same place, as neighbours.
_VOWELS = frozenset("aeiouyAEIOUYáâäéëíîóôöúüýÁÂÄÉËÍÎÓÔÖÚÜÝ")
_CONSONANTS = frozenset("bcdfghjklmnpqrstvwxzBCDFGHJKLMNPQRSTVWXZçÇß\x8a\x8e\x9a\x9e")
_PLACE = re.compile("(?s)(?=(^|.)([\x80-\xff])(.|$))")


def latin_page(text: bytes) -> str:
    """The page whose letters stand where such letters stand; Windows-1252 where nothing speaks for the other."""
    # Positive: Central European; negative: Western.
    said = 0.0
    for before, letter, after in _PLACE.findall(text.decode("latin-1")):
        judge = _JUDGES.get(letter)
        if judge is not None:
            said += judge(_kind(before), _kind(after), after)
    return CENTRAL if said >= 1 else WESTERN


def _kind(letter: str) -> str:
    """v, c, l (a letter of which the pages disagree), or nothing."""
    if letter in _VOWELS:
        return "v"
    if letter in _CONSONANTS:
        return "c"
    return "l" if letter in _JUDGES or letter in _DISPUTED else ""


# Asked with the kinds of the letters before and after, and with the letter that follows.
Judge = Callable[[str, str, str], float]


def _vowel_in_the_west(before: str, after: str, _: str) -> float:
    """è or č, ø or ř, ò or ň, æ or ć: a vowel keeps company with consonants, and the other way round."""
    company = {"c": -1.0, "v": 1.0}
    if before and after:
        return (company.get(before, 0.0) + company.get(after, 0.0)) / 2
    return company.get(before or after, 0.0)


def _western(before: str, after: str, _: str) -> float:
    """à or ŕ, å or ĺ: the second is rare."""
    return -1.0 if before or after else 0.0


def _diaeresis(before: str, after: str, _: str) -> float:
    """ï or ď: the first follows a vowel and goes before a consonant."""
    if before == "v" and after == "c":
        return -1.0
    return 1.0 if after == "v" or (before == "v" and not after) else 0.0


def _tilde(before: str, after: str, _: str) -> float:
    """ñ or ń: the first goes before a vowel."""
    if after == "v":
        return -1.0
    return 1.0 if before and after != "l" else 0.0


def _before_e(before: str, _: str, following: str) -> float:
    """õ or ő: in Portuguese before an e."""
    if following in ("e", "E"):
        return -1.0
    return 1.0 if before else 0.0


def _nasal(_: str, after: str, following: str) -> float:
    """ã or ă: the first before o and e."""
    if following in ("o", "e", "O", "E"):
        return -1.0
    return 1.0 if after == "c" else 0.0


def _last_in_the_west(before: str, after: str, _: str) -> float:
    """ì or ě, ù or ů: the first ends words."""
    if after:
        return 1.0 if before else 0.0
    return -1.0 if before else 0.0


def _first_in_the_west(before: str, after: str, _: str) -> float:
    """þ or ţ, ¿ or ż: the first begins words."""
    if before:
        return 1.0
    return -1.0 if after else 0.0


def _ligature(before: str, after: str, following: str) -> float:
    """œ or ś: the first goes before a u."""
    if following in ("u", "U"):
        return -1.0
    return 1.0 if after or before else 0.0


def _no_letter_in_the_west(_: str, after: str, __: str) -> float:
    """³ or ł, ¹ or ą, £ or Ł, º or ş: no letter follows a mark."""
    return 1.0 if after else 0.0


def _central(before: str, after: str, _: str) -> float:
    """Places that Windows-1252 leaves empty, or nearly."""
    return 2.0 if before or after else 0.0


def _caron(_: str, __: str, ___: str) -> float:
    """š and ž are in both, and rare in the West."""
    return 0.25


_JUDGES: Mapping[str, Judge] = {
    letter: judge
    for letters, judge in (
        ("\xe8\xc8\xf8\xd8\xf2\xd2\xe6\xc6", _vowel_in_the_west),
        ("\xe0\xc0\xe5\xc5", _western),
        ("\xef\xcf", _diaeresis),
        ("\xf1\xd1", _tilde),
        ("\xf5\xd5", _before_e),
        ("\xe3\xc3", _nasal),
        ("\xec\xf9", _last_in_the_west),
        ("\xfe\xbf", _first_in_the_west),
        ("\x9c\x8c", _ligature),
        ("\xb3\xb9\xa3\xba\xaa\xaf\xa5\xbc\xbe", _no_letter_in_the_west),
        ("\x8d\x8f\x9d\x9f", _central),
        ("\x8a\x8e\x9a\x9e", _caron),
    )
    for letter in letters
}
# Letters on both pages, about which nothing is said by their place.
_DISPUTED = frozenset("\xca\xcc\xd0\xd9\xdb\xde\xea\xf0\xfb")
