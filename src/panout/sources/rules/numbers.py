"""Counts, ranges and sums of money as lists write them: "11-50", "1,000+", "10k", "€5 Mio", "1.2bn"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from math import isfinite

from panout.kernel.money import Money
from panout.sources.rules.text import fold, tidy

_BIGGEST_COUNT = 2**53  # beyond it a count is a phone number or an id
_THOUSAND, _MILLION, _BILLION = 1e3, 1e6, 1e9
_SCALES = {
    **dict.fromkeys(("k", "thousand", "tsd", "tausend", "mille", "thd"), _THOUSAND),
    **dict.fromkeys(
        ("m", "mm", "mn", "mio", "mill", "mil", "mln", "million", "millions", "millionen", "millones"),
        _MILLION,
    ),
    **dict.fromkeys(("b", "bn", "bln", "billion", "billions", "mrd", "md", "mds", "mia"), _BILLION),
    **dict.fromkeys(("milliarde", "milliarden", "milliard", "milliards", "miliardi"), _BILLION),
    **dict.fromkeys(("t", "tn", "trn", "trillion"), 1e12),
    **dict.fromkeys(("lakh", "lakhs", "lac"), 1e5),
    **dict.fromkeys(("crore", "crores", "cr"), 1e7),
}
_SYMBOLS = {
    "us$": "USD",
    "a$": "AUD",
    "c$": "CAD",
    "ca$": "CAD",
    "au$": "AUD",
    "nz$": "NZD",
    "hk$": "HKD",
    "s$": "SGD",
    "r$": "BRL",
    "$": "USD",
    "€": "EUR",
    "£": "GBP",
    "¥": "JPY",
    "₹": "INR",
    "rs": "INR",
    "rs.": "INR",
    "chf": "CHF",
    "fr.": "CHF",
    "zł": "PLN",
    "zl": "PLN",
    "₽": "RUB",
    "₩": "KRW",
    "₪": "ILS",
    "₺": "TRY",
    "₦": "NGN",
    "kr": "SEK",
    "euro": "EUR",
    "euros": "EUR",
    "eur": "EUR",
    "usd": "USD",
    "gbp": "GBP",
    "dollars": "USD",
    "jpy": "JPY",
    "inr": "INR",
    "sek": "SEK",
    "nok": "NOK",
    "dkk": "DKK",
    "pln": "PLN",
    "cad": "CAD",
    "aud": "AUD",
    "cny": "CNY",
    "rmb": "CNY",
    "brl": "BRL",
    "mxn": "MXN",
    "sgd": "SGD",
    "hkd": "HKD",
    "nzd": "NZD",
    "zar": "ZAR",
    "czk": "CZK",
}
_CURRENCY = re.compile(
    "|".join(
        rf"(?<![a-z]){re.escape(s)}(?![a-z])" if s[-1].isalpha() else re.escape(s)
        for s in sorted(_SYMBOLS, key=len, reverse=True)
    )
)
_CODE_AND_SCALE = re.compile(r"(?<=\d)\s*(k|m|mn|bn)(eur|usd|gbp|chf)\b")
_SEPARATORS = r"[.,'’ \u00a0\u202f]"
_NUMBER = re.compile(rf"(-?)(\d+(?:{_SEPARATORS}\d+)*)(?:e([+-]?\d{{1,2}}))?\s*([a-z]+)?")
_RANGE_WORDS = re.compile(r"\s*(?:-|–|—|‐|‑|~|\bto\b|\bbis\b|\ba\b|\bà\b|\bund\b|\band\b|\.\.+)\s*")
_OPEN_WORDS = re.compile(
    r"^(?:>=?|<=?|≥|≤|~|≈|ca\.?|circa|about|approx\.?|around|over|more than|up to|under|less than|"
    r"fewer than|uber|mehr als|unter|bis zu|plus de|moins de|environ|min\.?|max\.?)\s*"
)
_NOISE = re.compile(
    r"\b(?:employees?|people|persons?|staff|fte|mitarbeiter(?:innen|in)?|mitarbeitende|beschaftigte|personnes?|"
    r"salaries?|empleados|dipendenti|medewerkers|members?|per year|p\.?\s?a\.?|annual(?:ly)?|revenue|arr|"
    r"pro jahr|"
    r"headcount|total)\b"
)
# Excel reads "1-10" as a day and "11-50" as a month of 1950; this is what it writes back.
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_EXCEL_DAY = re.compile(rf"^(\d{{1,2}})-({'|'.join(_MONTHS)})$")
_EXCEL_MONTH = re.compile(rf"^({'|'.join(_MONTHS)})-(\d{{2}})$")
_ABBREVIATED = re.compile(r"(?<=[a-z])\.")  # "Mio.", "Mrd."
_YEAR = re.compile(r"(?<!\d)(1[0-9]\d\d|20\d\d)(?!\d)")
_PLAIN = re.compile(r"^\d{1,9}$")


@dataclass(frozen=True, slots=True)
class CountRange:
    """A head count as stated: "11-50" is 11 to 50, "1,000+" is 1000 and up (`high` None), "42" is 42 to
    42."""

    low: int
    high: int | None

    @property
    def typical(self) -> int:
        """The one number kept: the middle of a closed range, rounded down; the bound of an open one.

        The middle, because rules compare with thresholds that sit on the usual bounds (50, 200, 500): either
        end would put every company of a band on the same side of its own bound.
        """
        return self.low if self.high is None else (self.low + self.high) // 2


def count_range(cell: str) -> CountRange | None:
    """Understand a head count, or None. Accepts words around it, open ends, thousands marks, k and Excel's
    dates."""
    if _PLAIN.match(cell):
        return CountRange(int(cell), int(cell))
    text = fold(tidy(cell))
    if excel := _EXCEL_DAY.match(text):
        return _ordered(_MONTHS.index(excel[2]) + 1, int(excel[1]))
    if excel := _EXCEL_MONTH.match(text):
        return _ordered(_MONTHS.index(excel[1]) + 1, int(excel[2]))
    if text in {"self-employed", "self employed", "myself only", "just me", "solo", "freelancer"}:
        return CountRange(1, 1)
    text = _NOISE.sub(" ", text).strip(" ()[].,:;")
    bare = _OPEN_WORDS.sub("", text)
    is_open = bare != text or bare.endswith("+")
    ends = _ends(bare.rstrip("+ "))
    if ends is None:
        return None
    low, high = ends
    if low < 0 or high > _BIGGEST_COUNT:
        return None
    return CountRange(int(low), None) if is_open and low == high else _ordered(int(low), int(high))


def head_count(cell: str) -> int | None:
    """The one number that stands for a head count or a range of it (see `CountRange.typical`)."""
    found = count_range(cell)
    return found.typical if found else None


def money(cell: str) -> Money | None:
    """An amount with the currency that stands beside it (None when it does not say); a range gives its
    middle.

    Nothing is converted: two lists in two currencies stay in their own.
    """
    text = _CODE_AND_SCALE.sub(r"\1 \2", fold(tidy(cell)))
    negative = text.startswith("(") and text.endswith(")")
    mark = _CURRENCY.search(text)
    text = _CURRENCY.sub(" ", text)
    text = _ABBREVIATED.sub("", _NOISE.sub(" ", text)).strip(" ()[]:;,")
    text = _OPEN_WORDS.sub("", text).rstrip("+ ")
    ends = _ends(text)
    if ends is None:
        return None
    amount = (ends[0] + ends[1]) / 2
    return Money(-amount if negative else amount, _SYMBOLS[mark[0]] if mark else None)


def amount(cell: str) -> float | None:
    """The amount alone, in whatever currency the cell is in."""
    found = money(cell)
    return found.amount if found else None


def year(cell: str) -> int | None:
    """The first year named: "2013 (1888)" is 2013. Years run from 1000 to 2099."""
    found = _YEAR.search(cell)
    return int(found[1]) if found else None


def _ordered(one: int, other: int) -> CountRange:
    return CountRange(min(one, other), max(one, other))


def _ends(text: str) -> tuple[float, float] | None:
    """Both ends of a range (equal for one number). "1-10M" scales both; so does "$1 - 5 million"."""
    text = text.strip()
    whole = _one(text)
    if whole is not None:
        return whole[0] * whole[1], whole[0] * whole[1]
    parts = [part for part in _RANGE_WORDS.split(text) if part]
    if len(parts) != 2:
        return None
    first, second = _one(_OPEN_WORDS.sub("", parts[0])), _one(parts[1])
    if first is None or second is None:
        return None
    low, high = first[0] * first[1], second[0] * second[1]
    if first[1] == 1 and second[1] > 1 and first[0] <= second[0]:
        low = first[0] * second[1]
    return (low, high) if low <= high else (high, low)


def _one(text: str) -> tuple[float, float] | None:
    """One number and its scale: ("1.5", 1e6) for "1.5 million". None when anything else is in the text."""
    found = _NUMBER.fullmatch(text.strip())
    if found is None:
        return None
    sign, digits, exponent, word = found.groups()
    scale = 1.0 if word is None else _SCALES.get(word)
    if scale is None:
        return None
    value = _value(digits, scaled=word is not None or exponent is not None)
    if exponent is not None:
        value *= 10.0 ** int(exponent)
    if not isfinite(value * scale):
        return None
    return (-value if sign else value), scale


def _value(digits: str, *, scaled: bool) -> float:
    """Digits with marks in them. The last mark is the decimal one if it is alone of its kind and not
    followed by exactly three digits; "1.234" and "1,234" are therefore 1234, but "1.234 million" and "0.125"
    are decimals."""
    marks = [c for c in digits if not c.isdecimal()]
    if not marks:
        return float(digits)
    last = marks[-1]
    head, tail = digits.rsplit(last, 1)
    decimal = last in ".," and marks.count(last) == 1
    if decimal and len(set(marks)) == 1:
        groups_of_three = len(tail) == 3 and 1 <= len(head) <= 3 and head.lstrip("0") != ""
        decimal = scaled or not groups_of_three
    whole = re.sub(_SEPARATORS, "", head)
    return float(f"{whole}.{tail}") if decimal else float(whole + tail)
