"""How much a text says: figures, words, fractions and factors as intervals, so that rounding is no lie."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from panout.outreach.rules.english import root


class Measure(StrEnum):
    """What a figure counts. Shares and factors are plain ratios: 31 %, a third, 2.4 times, halved."""

    COUNT = "count"
    MONEY = "money"
    RATIO = "ratio"
    DURATION = "duration"  # in minutes


@dataclass(frozen=True, slots=True)
class Quantity:
    """A figure as `said` at `start`: the truth lies between `low` and `high`; `nouns` are what it counts.

    `exact` figures are written with digits, a sign or a unit that nobody uses loosely; "a month" and
    "a few" are not. `raw` is the figure without its unit.
    """

    said: str
    start: int
    end: int
    low: float
    high: float
    measure: Measure
    nouns: tuple[str, ...]
    exact: bool
    digits: bool
    raw: float = 0.0

    @property
    def value(self) -> float:
        return (self.low + self.high) / 2


_ONES = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16,
    "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
}  # fmt: skip
_ORDINALS = {
    "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    "eleventh": 11, "twelfth": 12, "fifteenth": 15, "twentieth": 20, "thirtieth": 30, "fortieth": 40,
    "fiftieth": 50, "hundredth": 100, "second": 2,
}  # fmt: skip
_PARTS = {
    "half": 1 / 2, "halves": 1 / 2, "third": 1 / 3, "thirds": 1 / 3, "quarter": 1 / 4, "quarters": 1 / 4,
    "fifth": 1 / 5, "fifths": 1 / 5, "sixth": 1 / 6, "eighth": 1 / 8, "tenth": 1 / 10, "tenths": 1 / 10,
}  # fmt: skip
_SCALES = {
    "k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "mm": 1e6, "mio": 1e6, "mil": 1e6, "million": 1e6, "b": 1e9,
    "bn": 1e9, "billion": 1e9, "hundred": 100, "dozen": 12,
}  # fmt: skip
_UNITS = {
    "second": 1 / 60, "sec": 1 / 60, "minute": 1, "min": 1, "hour": 60, "hr": 60, "day": 1440, "working day": 1440,
    "night": 1440, "week": 10080, "fortnight": 20160, "month": 43800, "quarter": 131400, "year": 525600,
}  # fmt: skip
_SMALL = rf"(?:{'|'.join((*_TENS, *_ONES))})"
_FIGURE = re.compile(
    r"(?<![\w.\-/#])"
    r"(?P<sign>[$\u20ac\u00a3]\s?|(?:US\$|USD|EUR|GBP|SEK|CHF|NOK|DKK)\s)?"
    r"(?:(?P<digits>\d{1,3}(?:[, \u2009]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?)"
    rf"|(?P<words>(?:{_SMALL}|(?:a |an )?(?:hundred|dozen|thousand|million)|half a"
    rf"|couple of)(?:[- ](?:and )?(?:{_SMALL}|hundred|thousand)\b)*)\b)"
    r"(?P<part> and a half\b)?(?P<odd>(?<=[a-z\d])-(?:odd|some|ish|plus)\b)?"
    r"(?:[ \u00a0-]?(?P<scale>k|thousand|mn|mm|mio|mil|million|m|bn|billion|b|dozen|hundred)\b)?"
    r"(?P<percent>[ -]?(?:%|percent\b|per cent\b|percentage points?\b|pct\b))?(?P<plus>\+)?"
    r"(?P<times>(?:x\b| times (?:as|more|the|faster|less|fewer|higher)\b)|-?fold\b)?"
    r"(?P<money> (?:dollars|euros?|pounds|kronor|francs)\b)?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    rf"\b(?P<noun>[a-z]{{3,}}) (?:number|no\.|nr\.?) (?P<count>\d{{1,4}}|{_SMALL})\b",
    re.IGNORECASE,
)
_RANK = re.compile(
    rf"(?<![\w.\-/])(?:(?P<digits>\d{{1,4}})(?:st|nd|rd|th)|(?P<word>{'|'.join(_ORDINALS)}))(?=[ -][a-z])",
    re.IGNORECASE,
)
_FRACTION = re.compile(
    rf"\b(?:(?P<of>\d+|{_SMALL})(?: [a-z]+)? (?:in|out of)(?: every)? (?P<all>\d+|{_SMALL})\b(?! (?:days?"
    rf"|weeks?|months?|minutes?|hours?))"
    r"|(?:(?P<many>one|two|three|four|nine|a)[- ])(?P<part>half|thirds?|quarters?|fifths?|tenths?|sixth"
    r"|eighth)\b"
    r"(?=(?:[.,;:!?)\u2014]|$| (?:of|to|off|by|as|fewer|less|more|faster|out|over|lower|higher|smaller"
    r"|shorter|from|in|with|when|while|and|or|than|after|within|at|on|the|its|their|your|empty|full)\b))"
    r"(?! of (?:january|february|march|april|may|june|july|august|september|october|november|december)"
    r"|[- ](?:party|parties|time|hour|day|year|week|of an hour|an hour|century|site|shift|plant)\b"
    r"| of an hour\b)"
    r"|(?P<half>(?<=by )half|in half(?! an?\b)|half (?:of )?(?:its|their|your|the)\b))",
    re.IGNORECASE,
)
_CHANGES = {
    "doubl": 2.0, "twice": 2.0, "tripl": 3.0, "trebl": 3.0, "thrice": 3.0, "quadrupl": 4.0, "halv": 0.5,
}  # fmt: skip
_CHANGE = re.compile(
    r"\b(?P<root>doubl|tripl|trebl|quadrupl|halv)(?:e|ed|es|ing)\b"
    rf"|\b(?P<fold>{_SMALL}|hundred|\d+)[- ]?fold\b"
    r"|\b(?P<word>twice|thrice) (?:as|the|its|what)\b",
    re.IGNORECASE,
)
_ONE_UNIT = re.compile(
    r"\b(?:a|an|one)(?: (?:full|whole|single|working))? (?P<unit>minute|hour|day|night|week|fortnight"
    r"|month|year)"
    r"(?P<more> and a half)?\b(?!-)",
    re.IGNORECASE,
)
# Standards, releases, habits and times of day carry a figure and count nothing.
_FIXED = re.compile(
    r"\b\d{2}/\d{2}\b|\bhalf the (?:battle|time|work|job|story|fun)\b|\b(?:nine|ten) times out of ten\b"
    r"|\b100 ?%|\b24 hours a day\b|\b(?:seven|7) days a week\b|"
    r"\b(?:SOC ?[123]|ISO ?[\d:-]+|PCI ?DSS ?\d?|HTTP/?\d|OAuth ?2|IPv[46]|24/7|9 ?-?to ?-?5|one-to-one"
    r"|one-on-one"
    r"|B2B|B2C|Web ?3|Microsoft 365|Office 365|[A-Z]/\d[A-Z]+|(?:Article|Art\.|Title|Type|Tier|Plant|Part"
    r"|Phase"
    r"|Level|Terminal|Gate|Line|Unit|Building|Annex|Day|day|Class|Stage|Version|Chapter|Regulation"
    r"|Directive|Rule"
    r"|Form|Section|NIS|Windows|Basel|Scope|Schedule) ?\d+(?:\.\d+)*|101|360|1:1)\b"
    r"|\b(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb"
    r"|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.? \d{1,2}\b"
    r"|\b\d{1,2}(?:st|nd|rd|th)?(?: of)? (?:January|February|March|April|May|June|July|August|September"
    r"|October|November|December)\b"
    r"|\b[A-Z]+[a-z]*-\d+\b|\b\d{4}-\d{2}-\d{2}\b"
    r"|\b(?:half past|quarter (?:past|to)|(?:five|ten|twenty) (?:past|to)) \w+"
    r"|\b\d{1,2}[:.]\d{2}(?:\s?[ap]\.?m\b\.?)?|\b\d{1,2}\s?[ap]\.?m\b\.?"
    rf"|\b(?:at|by|before|after|until|around|from) (?:\d{{1,2}}|{_SMALL})(?= (?:in the|o'clock|Central"
    rf"|Eastern"
    r"|Pacific|Mountain|GMT|UTC|CET|ET|PT|CT|BST|your time|my time|on|sharp|tomorrow|today|or)\b)"
    rf"|\b(?:at|day (?:at|by)) (?:\d{{1,2}}|{_SMALL})(?=[,.?!;]|$)"
    rf"|\b(?:one|two|three|four|five|six) or (?:two|three|four|five|six|seven)\b"
    r"|\bone (?:of|or|another|day|thing|more thing|by one|line|question|number)\b|\b(?:the|this|that"
    r"|which|no|each|every|any|first|last|old|new|second|other) one\b"
    r"|\bone(?=[,.?!;]|$)|\bzero\b"
    r"|\b(?:day|square|step|plan) one\b|\b(?:the )?(?:two|both) of (?:you|us|them)\b",
    re.IGNORECASE,
)
_HEDGES: tuple[tuple[re.Pattern[str], float, float], ...] = tuple(
    (re.compile(rf"\b(?:{words})(?: (?:a|an|the|some|its|of))?\s*$", re.IGNORECASE), low, high)
    for words, low, high in (
        (
            "just over|slightly more than|slightly over|a little over|a shade over|a touch over|a bit over",
            1.0, 1.15),
        ("just under|nearly|almost|close to|not quite|approaching|shy of|just short of|nigh on", 0.85, 1.0),
        ("well over|way over|far more than", 1.0, 2.0),
        ("over|more than|upwards of|north of|at least|exceeding|above", 1.0, 1.3),
        ("under|less than|fewer than|below|at most|up to|within|inside", 0.7, 1.0),
        (
            "about|around|roughly|approximately|approx|some|circa|something like|in the region of|maybe|say|call it",
            0.87,
            1.15,
        ),
    )
)  # fmt: skip
_HEDGE_AFTER = re.compile(r"^(?:-odd\b| or so\b|-ish\b|,? give or take\b|,? more or less\b)", re.IGNORECASE)
_NOUN = re.compile(r"[^\W\d_][\w'\u2019-]*")
_STOPS = frozenset(
    """
    of in on at for to from with by a an the and or but as than that which who is are was were be been has have
    had will would could can may might more fewer less other than per each every instead down up when where after
    before until into onto over under between since so if because your our its their his her my it they you we i
    this these
    those went goes go is's out off through across during while about not now then both all also
    """.split()  # noqa: SIM905 - a list of words is read as words
)


def read(text: str) -> tuple[Quantity, ...]:
    """Every quantity of a text, in reading order; names and times of day are passed over."""
    return _read(text)


@lru_cache(maxsize=1 << 13)
def _read(text: str) -> tuple[Quantity, ...]:
    left = _FIXED.sub(_blank, text)
    found: list[Quantity] = []
    for reader in (_one_units, _fractions, _changes, _numbered, _figures, _ranks):
        for one in reader(left):
            found.append(one)
            left = left[: one.start] + " " * (one.end - one.start) + left[one.end :]
    return tuple(sorted(found, key=lambda one: one.start))


def _blank(match: re.Match[str]) -> str:
    return " " * len(match.group())


def _hedged(value: float, text: str, start: int, end: int, *, loose: float = 0.0) -> tuple[float, float]:
    for hedge, low, high in _HEDGES:
        if hedge.search(text[max(0, start - 30) : start]):
            return value * low * 0.995, value * high * 1.005
    if _HEDGE_AFTER.match(text[end:]):
        return value * 0.87, value * 1.15
    return value * (1 - loose) - 1e-9, value * (1 + loose) + 1e-9


def _fractions(text: str) -> Iterator[Quantity]:
    for match in _FRACTION.finditer(text):
        if match["half"]:
            value = 0.5
        elif match["all"]:
            whole = _number(match["all"])
            if not whole:
                continue
            value = _number(match["of"]) / whole
        else:
            value = _number(match["many"].replace("a", "one") if match["many"] in "aA" else match["many"])
            value *= _PARTS[match["part"].lower()]
        low, high = _hedged(value, text, match.start(), match.end(), loose=0.05)
        yield Quantity(
            match.group(), match.start(), match.end(), low, high, Measure.RATIO, (), exact=True, digits=False
        )


def _changes(text: str) -> Iterator[Quantity]:
    for match in _CHANGE.finditer(text):
        value = (
            _number(match["fold"]) if match["fold"] else _CHANGES[(match["root"] or match["word"]).lower()]
        )
        low, high = _hedged(value, text, match.start(), match.end(), loose=0.08)
        yield Quantity(
            match.group(), match.start(), match.end(), low, high, Measure.RATIO, (), exact=True, digits=False
        )


def _figures(text: str) -> Iterator[Quantity]:
    for match in _FIGURE.finditer(text):
        said = match.group().strip()
        words = match["words"]
        value = _number(words) if words else _digits(match["digits"])
        if match["part"]:
            value += 0.5
        if match["scale"]:
            value *= _SCALES[match["scale"].lower()]
        end = match.end()
        after = text[end : end + 60]
        measure, factor = Measure.COUNT, 1.0
        nouns: tuple[str, ...] = ()
        if match["percent"]:
            measure, factor = Measure.RATIO, 0.01
        elif match["times"]:
            measure = Measure.RATIO
        elif match["sign"] or match["money"]:
            measure = Measure.MONEY
        else:
            nouns = _nouns(after) + _nouns_before(text[: match.start()])
            unit = _unit_of(after)
            if unit:
                measure, factor, nouns = Measure.DURATION, unit, ()
        raw, value = value, value * factor
        low, high = _hedged(value, text, match.start(), end)
        if match["plus"] or match["odd"]:
            high = value * 1.3
        if words and words.lower().startswith(("couple", "half a", "a couple")) and not match["scale"]:
            continue
        exact = bool(match["digits"] or match["sign"] or match["percent"] or match["times"] or match["scale"])
        yield Quantity(said, match.start(), end, low, high, measure, nouns, exact, bool(match["digits"]), raw)


def _numbered(text: str) -> Iterator[Quantity]:
    for match in _NUMBERED.finditer(text):
        value = _number(match["count"])
        yield Quantity(
            match.group(), match.start(), match.end(), value, value, Measure.COUNT, _nouns(match["noun"]),
            exact=True, digits=True, raw=value,
        )  # fmt: skip


def _ranks(text: str) -> Iterator[Quantity]:
    for match in _RANK.finditer(text):
        value = float(match["digits"] or _ORDINALS[match["word"].lower()])
        nouns = _nouns(text[match.end() : match.end() + 40])
        yield Quantity(
            match.group(), match.start(), match.end(), value, value, Measure.COUNT, nouns,
            exact=False,
            digits=False,
        )  # fmt: skip


def _one_units(text: str) -> Iterator[Quantity]:
    for match in _ONE_UNIT.finditer(text):
        value = _UNITS[match["unit"].lower()] * (1.5 if match["more"] else 1)
        low, high = _hedged(value, text, match.start(), match.end())
        yield Quantity(
            match.group(), match.start(), match.end(), low, high, Measure.DURATION, (),
            exact=bool(match["more"]), digits=False,
        )  # fmt: skip


def _digits(said: str) -> float:
    plain = said.replace("\u2009", "").replace(" ", "")
    grouped = re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", plain)
    return float(plain.replace(",", "") if grouped else plain.replace(",", "."))


def _number(words: str) -> float:
    """Forty-two, a hundred and eighty, half a (million), 12."""
    if words.isdigit():
        return float(words)
    total = 0.0
    for word in re.split(r"[\s-]+", words.lower()):
        if word in _ONES:
            total += _ONES[word]
        elif word in _TENS:
            total += _TENS[word]
        elif word == "half":
            total += 0.5
        elif word in {"hundred", "dozen"}:
            total = total - total % 100 + (total % 100 or 1) * _SCALES[word]
        elif word in {"thousand", "million"}:
            total = (total or 1) * _SCALES[word]
        elif word == "couple":
            total = 2
    return total


def _nouns(after: str) -> tuple[str, ...]:
    """Roots of the words that follow a figure, up to where its noun phrase ends."""
    found: list[str] = []
    clipped = re.split(r"[.,;:?!()\u2014\u2013\"\u201c]", after, maxsplit=1)[0]
    for match in _NOUN.finditer(clipped):
        word = match.group().lower()
        if word in _STOPS and found:
            break
        if word not in _STOPS:
            found += [root(part) for part in word.split("-") if len(part) > 2]
        if len(found) >= 5:
            break
    return tuple(found)


_TEAM_OF = re.compile(
    r"(?<![\w-])(?P<nouns>(?:[\w-]{1,30} ){0,2}[\w-]{1,30}) of (?:about |around |some |over |nearly "
    r"|almost )?$"
)


def _nouns_before(before: str) -> tuple[str, ...]:
    """A team of 25 counts what a team of 15 does."""
    match = _TEAM_OF.search(before[-60:])
    return _nouns(match["nouns"]) if match else ()


_UNIT = re.compile(
    r"^(?P<gap>[\s-]?)(?:(?:more|full|whole|working|straight|long|short|unplanned|extra|lost|solid"
    r"|calendar|business) )?"
    r"(?P<unit>sec(?:ond)?|min(?:ute)?|hour|hr|day|night|week|fortnight|month|quarter"
    r"|year)(?P<many>s?)\b(?!-old)",
    re.IGNORECASE,
)


def _unit_of(after: str) -> float | None:
    match = _UNIT.match(after)
    if match is None or not (
        match["many"] or match["gap"] == "-" or match["unit"].lower() in {"sec", "min", "hr"}
    ):
        return None  # forty night nurses
    return _UNITS[match["unit"].lower()]


# -- what follows from evidence

_YEARLY = {"day": 365.0, "week": 52.0, "month": 12.0, "quarter": 4.0}
_RATE = re.compile(
    r"\b(?:a|per|each|every) (?P<unit>day|week|month|quarter)\b|/(?P<short>day|week|month)\b",
    re.IGNORECASE,
)
_NEAR = 0.006


@dataclass(frozen=True, slots=True)
class Told:
    """What evidence says in figures, and what follows from it by plain arithmetic."""

    quantities: tuple[Quantity, ...]
    derived: tuple[tuple[Measure, float], ...]

    def entails(self, said: Quantity) -> bool:
        """Whether a figure of the evidence, or one that follows from it, lies where the text puts it."""
        if said.measure is Measure.COUNT and not said.nouns and said.raw:
            return any(
                said.low <= one.raw * 1.000001 and one.raw <= said.high * 1.000001 for one in self.quantities
            ) or any(said.low <= value <= said.high for _, value in self.derived)
        slack = _NEAR if said.measure is Measure.RATIO else 1e-6
        low, high = said.low * (1 - slack), said.high * (1 + slack)
        return any(
            _comparable(one.measure, said.measure) and one.low <= high and one.high >= low
            for one in self.quantities
        ) or any(
            measure is said.measure and low * 0.985 <= value <= high * 1.015
            for measure, value in self.derived
        )

    def counts(self, said: Quantity) -> Quantity | None:
        """A figure of the evidence that counts the same thing: money against money, drivers against drivers."""
        for one in self.quantities:
            if one.measure is not said.measure or one.measure is Measure.RATIO:
                continue
            if one.measure is Measure.COUNT and not set(one.nouns) & set(said.nouns):
                continue
            return one
        return None


def _comparable(told: Measure, said: Measure) -> bool:
    return told is said or {told, said} == {Measure.COUNT, Measure.MONEY}


@lru_cache(maxsize=1 << 11)
def told_by(texts: tuple[str, ...]) -> Told:
    """The figures of some pieces of evidence; arithmetic stays within one piece, sums within one noun."""
    every: list[Quantity] = []
    derived: list[tuple[Measure, float]] = []
    for text in texts:
        here = read(text)
        every += here
        derived += _arithmetic(text, here)
        for year in re.finditer(r"(?<!\w)\d+(?!\w)", text):
            value = float(year.group())
            derived.append((Measure.COUNT, value))
    return Told(tuple(every), tuple(derived))


def _arithmetic(text: str, here: tuple[Quantity, ...]) -> Iterable[tuple[Measure, float]]:
    for one in here:
        if one.measure is Measure.RATIO:
            yield Measure.RATIO, one.value
            if one.value < 1:
                yield Measure.RATIO, 1 - one.value
            else:
                yield Measure.RATIO, 1 / one.value
                yield Measure.RATIO, one.value - 1
        elif rate := _RATE.search(text[one.end :]):
            yield one.measure, one.value * _YEARLY[(rate["unit"] or rate["short"]).lower()]
    for place, one in enumerate(here):
        for other in here[place + 1 :]:
            if one.measure is not other.measure or not one.value or not other.value:
                continue
            if one.measure in {Measure.COUNT, Measure.RATIO} or one.measure is other.measure:
                yield Measure.RATIO, one.value / other.value
                yield Measure.RATIO, other.value / one.value
                low, high = sorted((one.value, other.value))
                yield Measure.RATIO, 1 - low / high
                yield Measure.RATIO, high / low - 1
                yield one.measure, high - low
            if one.measure is Measure.COUNT and one.nouns and other.nouns and min(one.value, other.value) > 1:
                yield Measure.COUNT, one.value + other.value
