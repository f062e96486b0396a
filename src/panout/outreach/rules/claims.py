"""What a text says of its reader, held against live evidence: numbers, dates, names, events and praise.

A text is read sentence by sentence. Nothing is understood in depth; each thing that a stranger could only
know from a source (a figure, a day, a name, that something happened) must stand in a live fact or signal,
in the reader's own record, or in an approved proof of the library. What does not is reported with its
sentence and the reason, so that a person can mend it, find a source, or vouch for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from importlib import resources

from panout.outreach.rules.happenings import HAPPENINGS, PRAISE, Happening


class ClaimKind(StrEnum):
    """What sort of statement lacks its evidence."""

    NUMBER = "number"
    DATE = "date"
    NAME = "name"
    EVENT = "event"
    STALE = "stale"
    PRAISE = "praise"


@dataclass(frozen=True, slots=True)
class Backing:
    """Something that may be cited: `live` unless it has gone cold; a `proof` is said of others."""

    text: str
    type: str = ""
    as_of: date | None = None
    live: bool = True
    proof: bool = False


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that says more than we know: the `words` in it, and `why` they stand out."""

    sentence: str
    words: str
    kind: ClaimKind
    why: str


@lru_cache(maxsize=1)
def _plain_words() -> frozenset[str]:
    """Words that open sentences, or are capitalised by habit, and name nobody."""
    text = resources.files("panout.outreach.rules").joinpath("phrases", "plain.txt").read_text("utf-8")
    return frozenset(line for line in text.split() if line)


def unsupported(
    text: str, backings: Sequence[Backing], known: Iterable[str], today: date
) -> tuple[Claim, ...]:
    """Every claim in `text` that nothing live supports, in reading order.

    `known` are texts that are true of the people involved: names, the company's own record, the sender.
    """
    ground = _Ground(backings, tuple(known), today)
    found: list[Claim] = []
    for sentence in _sentences(text):
        found += _judged(sentence, ground)
    return tuple(dict.fromkeys(found))


# -- reading the ground

_WORD = re.compile(r"[^\W_][\w&'\u2019+\-]*", re.UNICODE)
_APOSTROPHE = re.compile(r"(?:'|\u2019)s?$")


def _fold(word: str) -> str:
    return _APOSTROPHE.sub("", word.casefold()).replace("\u2019", "'").strip("-&+'")


def _folded(text: str) -> frozenset[str]:
    whole = {_fold(word) for word in _WORD.findall(text)}
    return frozenset(whole | {part for word in whole if "-" in word for part in word.split("-")})


class _Ground:
    """All that may be said, in the forms that sentences are compared with."""

    def __init__(self, backings: Sequence[Backing], known: tuple[str, ...], today: date) -> None:
        self.today = today
        self.live = tuple(one for one in backings if one.live and not one.proof)
        self.stale = tuple(one for one in backings if not one.live and not one.proof)
        self.proofs = tuple(one for one in backings if one.proof)
        told = (*known, *(one.text for one in (*self.live, *self.proofs)))
        self.words = frozenset().union(*(_folded(text) for text in told))
        self.known = frozenset().union(*(_folded(text) for text in known))
        self.numbers = frozenset(number for text in told for number in _numbers_in(text))
        self.proven = frozenset(number for one in self.proofs for number in _numbers_in(one.text))
        self.proof_names = (
            frozenset(
                _fold(word) for one in self.proofs for word in _WORD.findall(one.text) if word[:1].isupper()
            )
            - _plain_words()
        )
        self.letters = " ".join(told).casefold()


# -- sentences

_CUT = re.compile(r"(?<=[.!?])[\"\u201d)]?\s+|\n+")
_ABBREVIATED = re.compile(
    r"\b(?:e\.g|i\.e|Inc|Ltd|Co|Corp|Dr|Mr|Mrs|Ms|St|No|vs|approx|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec"
    r"|P\.S|[A-Z])\.$"
)
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|\S+@\S+\.\w+|\+\d[\d ()./-]{6,}")


def _sentences(text: str) -> list[str]:
    parts: list[str] = []
    for part in _CUT.split(_ADDRESS.sub(" ", text)):
        piece = " ".join(part.split())
        if parts and _ABBREVIATED.search(parts[-1]):
            parts[-1] = f"{parts[-1]} {piece}"
        elif piece:
            parts.append(piece)
    return parts


_READER = re.compile(r"\b(?:you|your|yours|you(?:'|\u2019)(?:re|ve|d|ll)|yourself)\b", re.IGNORECASE)
_NEWS = re.compile(
    r"\b(?:saw|seen|see|noticed|read|heard|hear|spotted|caught|congrat\w*|news|learned)\b", re.IGNORECASE
)
_ASK = re.compile(
    r"\?\s*$|\b(?:could|can|would|shall|may) (?:you|we|i)\b|\b(?:worth|open to|happy to|free|spare"
    r"|let me know|reply|book|i(?:'|\u2019)ll call|will call|i can|speak soon|talk)\b",
    re.IGNORECASE,
)
_RESULT = re.compile(
    r"\b(?:cut|cuts|reduc\w+|sav(?:ed|es|ing)|dropp?(?:ed|s)?|fell|from|faster|fewer|went|brought"
    r"|shav\w+|trim\w+|halv\w+|rose|lift(?:ed|s)?|increas\w+|grew|within|sooner|earlier|instead|under)\b",
    re.IGNORECASE,
)
_OPEN_QUESTION = re.compile(
    r"^(?:and |so |but )?(?:are|is|do|does|would|could|can|should|will|has|have|who|what|which|where) .*\?$",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"\b(?:if|whether|unless|in case|would|might|could|may|should|can|when(?:ever)? (?:you|a|teams"
    r"|companies|people)|often|usually|typically|tend to"
    r"|to|before|without|instead of|after(?= \w+ing)|while|about|for|help(?:s|ed)? \w+|never|not"
    r"|most \w+|many \w+|teams|companies|people)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)


def _judged(sentence: str, ground: _Ground) -> list[Claim]:
    """All that is wrong with one sentence. A proof, or evidence in its own words, stands as it is."""
    bare = sentence.casefold().rstrip(" .!?")
    if any(one.text and bare == one.text.casefold().rstrip(" .!?") for one in (*ground.proofs, *ground.live)):
        return []
    about = _about_reader(sentence, ground)
    events, cited, happened = _events(sentence, ground, about=about)
    found = events
    found += _praise(sentence, ground, cited=cited, happened=happened, about=about)
    dates, rest = _dates(sentence, ground, cited, about=about, happened=happened)
    found += dates
    found += _numbers(rest, sentence, ground, cited, about=about)
    found += _names(sentence, ground)
    return found


def _about_reader(sentence: str, ground: _Ground) -> bool:
    if _READER.search(sentence) or _NEWS.search(sentence):
        return True
    peers = ground.proof_names
    return any(
        word[:1].isupper()
        and _fold(word) in ground.known
        and _fold(word) not in peers
        and _fold(word) not in _plain_words()
        for word in _WORD.findall(sentence)
    )


# -- events


def _events(sentence: str, ground: _Ground, *, about: bool) -> tuple[list[Claim], tuple[Backing, ...], bool]:
    """Claims, the evidence that the sentence's events rest on, and whether it tells of an event at all."""
    found: list[Claim] = []
    cited: list[Backing] = []
    happened = False
    words = _folded(sentence)
    peers = [one for one in ground.proofs if _names_of(one) & words]
    if not about or _OPEN_QUESTION.match(sentence):
        return found, (), happened
    for kind in HAPPENINGS:
        said = _asserted(kind, sentence)
        if said is None:
            continue
        happened = True
        backing = [one for one in ground.live if _proves(kind, one)]
        backing += [one for one in peers if kind.said.search(one.text)]
        fitting = [one for one in backing if _agrees(kind, words, one, ground)]
        if fitting:
            cited += fitting
        else:
            found.append(_no_event(kind, sentence, said, backing, ground))
    if cited:
        # "You announced the new plant": one live signal answers for all the words that tell of it.
        told = _folded(" ".join(one.text for one in cited))
        found = [claim for claim in found if not _same_event(claim, told)]
    return found, tuple(cited), happened


_VAGUE = frozenset(
    {
        "announced",
        "announcement",
        "news",
        "press",
        "growth",
        "grew",
        "grown",
        "scaling",
        "scaled",
        "joined",
        "joining",
        "joins",
        "headlines",
    }
)


def _same_event(claim: Claim, told: frozenset[str]) -> bool:
    """Whether another kind's evidence covers these words: they stand in it, or only frame it."""
    words = [_fold(word) for word in _WORD.findall(claim.words)]
    return all(word in told or word in _VAGUE or word in _SMALL for word in words)


_SMALL = frozenset(
    """
    a an and are as at for from has have in is it its my new of on our that the this to was were
    with you your
    """.split()  # noqa: SIM905 - a list of words is read as words
)


# "I wrote", "we launched" tells of the writer.
_OURS = re.compile(r"\b(?:i|we)(?:'ve|\u2019ve| have)?\s+$", re.IGNORECASE)


def _asserted(kind: Happening, sentence: str) -> str | None:
    """The words that tell of it as having happened; what is only supposed does not count."""
    for match in kind.said.finditer(sentence):
        if _OURS.search(sentence[: match.start()]):
            continue
        if not _SUPPOSED.search(sentence[: match.start()]):
            return match.group()
    return None


def _proves(kind: Happening, one: Backing) -> bool:
    return one.type in kind.types or bool(kind.said.search(one.text))


def _names_of(one: Backing) -> frozenset[str]:
    names = {_fold(word) for word in _WORD.findall(one.text) if word[:1].isupper()}
    return frozenset(names) - _plain_words()


_OFFICER = re.compile(r"\bchief (\w)\w* officer\b", re.IGNORECASE)
_TOPIC = re.compile(r"\b(?:about|on|around|regarding) (?P<topic>[^.,;!?]+)", re.IGNORECASE)
_STEM = 5


def _spelt(text: str) -> frozenset[str]:
    """Words of a text, a chief data officer also as CDO."""
    initials = {f"c{letter.lower()}o" for letter in _OFFICER.findall(text)}
    return _folded(text) | initials


def _agrees(kind: Happening, words: frozenset[str], one: Backing, ground: _Ground) -> bool:
    told = _spelt(one.text)
    for detail in words & kind.details:
        if not any(detail[:_STEM] == other[:_STEM] for other in told) and detail not in ground.known:
            return False
    if kind.name == "content" and told & {"wrote", "post", "article", "podcast", "about", "on", "interview"}:
        topic = words - _plain_words() - ground.known - _MEDIA
        return not topic or any(word[:_STEM] == other[:_STEM] for word in topic for other in told)
    return True


_MEDIA = frozenset(
    """
    article blog book comment episode essay interview line linkedin newsletter noticed paper piece
    podcast point post posted published read report saw shared thread video wrote
    """.split()  # noqa: SIM905 - a list of words is read as words
)


def _no_event(kind: Happening, sentence: str, said: str, backing: list[Backing], ground: _Ground) -> Claim:
    if backing:
        why = f"What we know is different: \u201c{backing[0].text}\u201d."
        return Claim(sentence, said, ClaimKind.EVENT, why)
    old = next((one for one in ground.stale if _proves(kind, one)), None)
    if old is not None:
        age = f", {(ground.today - old.as_of).days} days ago" if old.as_of else ""
        return Claim(
            sentence, said, ClaimKind.STALE, f"That is no news any more: \u201c{old.text}\u201d{age}."
        )
    return Claim(sentence, said, ClaimKind.EVENT, f"No live fact or signal tells of it ({kind.name}).")


# -- praise

_EARNED = re.compile(
    r"\b(?:congrat(?:s|ulations)|kudos|well done|caught my (?:eye|attention)|stood out)\b", re.IGNORECASE
)


def _praise(
    sentence: str, ground: _Ground, *, cited: tuple[Backing, ...], happened: bool, about: bool
) -> list[Claim]:
    """Praise must have a live reason in its own sentence; admiration without one is invented."""
    said = PRAISE.search(sentence)
    if said is None or not about or (cited and happened and not _gushes(sentence)):
        return []
    if _EARNED.search(said.group()) and len(_folded(sentence) & _words_of(ground.live)) >= 2:
        return []
    if sentence.endswith("?") and not cited and _folded(said.group()) & {"impressive", "love"}:
        return []
    return [Claim(sentence, said.group(), ClaimKind.PRAISE, "Praise that nothing we know of supports.")]


_GUSH = re.compile(
    r"\b(?:big fan|huge fan|blown away|admire|inspir\w+|incredible|amazing|stellar|your (?:journey"
    r"|passion|vision|leadership|culture|insights?)|resonated)\b",
    re.IGNORECASE,
)


def _gushes(sentence: str) -> bool:
    return bool(_GUSH.search(sentence))


def _words_of(backings: Sequence[Backing]) -> frozenset[str]:
    return frozenset().union(*(_folded(one.text) for one in backings)) - _plain_words() - _SMALL


# -- dates

_MONTHS = (
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
)
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_DAY_MONTH = re.compile(
    rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})\b\.?(?:,? (?P<year>\d{{4}}))?",
    re.IGNORECASE,
)
_MONTH_DAY = re.compile(
    rf"\b(?P<month>{_MONTH})\.? (?P<day>\d{{1,2}})(?:st|nd|rd|th)?\b(?:,? (?P<year>\d{{4}}))?", re.IGNORECASE
)
_MONTH_ONLY = re.compile(
    rf"\b(?:in|since|of|from|last|this|by|early|late|mid|your"
    rf"|the) (?P<month>{_MONTH})\b\.?(?: (?P<year>\d{{4}}))?",
    re.IGNORECASE,
)
_ISO = re.compile(r"\b(?P<year>\d{4})-(?P<month>\d{2})-(?P<day>\d{2})\b")
_YEAR = re.compile(r"\b(?P<year>(?:19|20)\d\d)\b(?!\s*(?:people|employees|customers|staff|companies))")
_QUARTER = re.compile(r"\bQ(?P<quarter>[1-4])\b(?: (?P<year>\d{4}))?")
_AGO = re.compile(
    r"\b(?P<count>\d+|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|few"
    r"|couple of) (?P<unit>day|week|month|year)s? ago\b",
    re.IGNORECASE,
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = re.compile(rf"\b(?:last|on|this past) (?P<weekday>{'|'.join(_WEEKDAYS)})\b", re.IGNORECASE)
# How many days back each of these may lie.
_SPANS: tuple[tuple[re.Pattern[str], int, int], ...] = tuple(
    (re.compile(rf"\b{words}\b", re.IGNORECASE), least, most)
    for words, least, most in (
        ("(?:today|this morning|this afternoon)", 0, 1), ("yesterday", 1, 2),
        ("(?:earlier )?this week", 0, 7),
        ("last week", 2, 14), ("(?:earlier )?this month", 0, 31), ("last month", 14, 62),
        ("(?:earlier )?this quarter", 0, 92), ("last quarter", 30, 184), ("last year", 180, 730),
        ("last (?:summer|spring|autumn|fall|winter)", 60, 400), ("over the weekend", 1, 8),
    )
)  # fmt: skip
_UNIT = {"day": 1, "week": 7, "month": 30, "year": 365}
_FORWARD = re.compile(
    r"\b(?:next|tomorrow|by|until|before|upcoming|ahead|plan\w*|budget|ready|will|going to|due)\b",
    re.IGNORECASE,
)


def _dates(
    sentence: str, ground: _Ground, cited: tuple[Backing, ...], *, about: bool, happened: bool
) -> tuple[list[Claim], str]:
    """Claims on dates, and the sentence without them, so that a day is not read as a figure again."""
    found: list[Claim] = []
    rest = sentence
    asking = bool(_ASK.search(sentence)) and not happened
    witnesses = cited or ground.live
    for said, holds in _dates_in(sentence, ground.today):
        rest = rest.replace(said, " ", 1)
        if asking or not about:
            continue
        if any(holds(one.as_of) for one in witnesses if one.as_of) or said.casefold() in ground.letters:
            continue
        if _in_words(said, witnesses, ground):
            continue
        if _YEAR.fullmatch(said) and (int(said) >= ground.today.year and _FORWARD.search(sentence)):
            continue
        if not happened and not re.search(r"\d|" + "|".join(_MONTHS), said, re.IGNORECASE):
            continue  # "this week" without an event says nothing of the reader
        dated = next((one for one in cited if one.as_of), None)
        why = (
            f"The evidence is of {dated.as_of:%-d %B %Y}."
            if dated and dated.as_of
            else "No live fact or signal has this date."
        )
        found.append(Claim(sentence, said, ClaimKind.DATE, why))
    return found, rest


def _in_words(said: str, witnesses: Sequence[Backing], ground: _Ground) -> bool:
    """Whether the evidence itself names this month, or the record this year."""
    names = {word[:3] for word in _folded(said) if word in _MONTHS or word[:3] in {m[:3] for m in _MONTHS}}
    if names and not re.search(r"\d", said):
        return any(word[:3] in names for one in witnesses for word in _folded(one.text) if word in _MONTHS)
    return bool(_YEAR.fullmatch(said)) and said in ground.words


def _dates_in(sentence: str, today: date) -> Iterable[tuple[str, _Holds]]:
    taken = sentence
    for pattern in (_ISO, _DAY_MONTH, _MONTH_DAY, _MONTH_ONLY, _QUARTER):
        for match in pattern.finditer(taken):
            if match.groupdict().get("month") not in {"may", "march", "mar"}:  # verbs, when small
                yield match.group(), _Holds(match.groupdict(), today)
        taken = pattern.sub(lambda match: "#" * len(match.group()), taken)
    for match in _AGO.finditer(taken):
        span = (
            _COUNTS.get(match["count"].lower(), 0) or int(match["count"])
            if match["count"].isdigit()
            else _COUNTS.get(match["count"].lower(), 3)
        )
        days = span * _UNIT[match["unit"].lower()]
        yield match.group(), _Holds({"least": str(int(days * 0.6)), "most": str(int(days * 1.5) + 1)}, today)
    taken = _AGO.sub("#", taken)
    for match in _WEEKDAY.finditer(taken):
        yield match.group(), _Holds({"weekday": match["weekday"].lower()}, today)
    for pattern, least, most in _SPANS:
        for match in pattern.finditer(taken):
            yield match.group(), _Holds({"least": str(least), "most": str(most)}, today)
    for match in _YEAR.finditer(taken):
        yield match.group(), _Holds({"year": match["year"]}, today)


class _Holds:
    """Whether a day fits what a text says of it."""

    def __init__(self, said: dict[str, str | None], today: date) -> None:
        self._said, self._today = said, today

    def __call__(self, day: date) -> bool:
        said = self._said
        if said.get("year") and day.year != int(said["year"] or 0):
            return False
        if month := said.get("month"):
            number = (
                int(month)
                if month.isdigit()
                else 1
                + next(place for place, name in enumerate(_MONTHS) if name.startswith(month.lower()[:3]))
            )
            if day.month != number:
                return False
        if said.get("day") and day.day != int(said["day"] or 0):
            return False
        if said.get("quarter") and (day.month - 1) // 3 + 1 != int(said["quarter"] or 0):
            return False
        if said.get("weekday") and (
            day.weekday() != _WEEKDAYS.index(str(said["weekday"])) or self._today - day > timedelta(days=14)
        ):
            return False
        if "least" in said:
            age = (self._today - day).days
            return int(said["least"] or 0) <= age <= int(said["most"] or 0)
        return True


# -- numbers

_COUNTS = {
    "a": 1, "an": 1, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14,
    "fifteen": 15, "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20,
    "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90,
    "hundred": 100, "dozen": 12, "couple of": 2, "few": 3,
}  # fmt: skip
_MAGNITUDES = {
    "k": 1e3,
    "thousand": 1e3,
    "m": 1e6,
    "mn": 1e6,
    "mm": 1e6,
    "mio": 1e6,
    "million": 1e6,
    "b": 1e9,
    "bn": 1e9,
    "billion": 1e9,
}
_WRITTEN = "|".join(word for word in _COUNTS if len(word) > 2 and word not in {"couple of", "few", "one"})
_NUMBER = re.compile(
    r"(?<![\w.\-])(?P<sign>[$\u20ac\u00a3]|(?:USD|EUR|GBP|SEK|CHF) )?"
    r"(?:(?P<digits>\d{1,3}(?:[, \u2009]\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?)|(?P<word>"
    + _WRITTEN
    + r")\b(?!-(?:to|off)))"
    r"(?:(?P<gap>[\s-]?)(?P<magnitude>k|thousand|mn|mm|mio|million|m|bn|billion|b)\b)?"
    r"(?P<percent>\s?(?:%|percent\b|per cent\b|percentage points\b))?(?P<times>x\b)?(?P<plus>\+)?",
    re.IGNORECASE,
)
# Names of standards, releases and habits that carry a figure and claim nothing.
_FIXED = re.compile(
    r"\b(?:SOC ?[123]|ISO ?\d+|PCI ?DSS ?\d?|HTTP/?\d|OAuth ?2|IPv[46]|24/7|9 ?-?to ?-?5|1:1|one-to-one"
    r"|B2B|B2C|Web ?3|Article \d+|Art\. \d+|101|360)\b"
    r"|\b\d{1,2}(?::\d{2}\s?(?:[ap]\.?m\.?)?|\s?[ap]\.?m\b\.?)",
    re.IGNORECASE,
)
_UNITS = re.compile(
    r"^[\s-]*(?:(?:more|quick|short|simple|small|other|specific|further|or|to|-|\u2013|good|different"
    r"|extra)\s*|\d+\s*)*"
    r"(?:min(?:ute)?s?|sec(?:ond)?s?|hours?|days?|weeks?|months?|lines?|questions?|ideas?|slides?"
    r"|pages?|things?|ways?|reasons?|steps?|options?|times?|sentences?"
    r"|words?|thoughts?|points?|examples?|numbers?|dates?|slots?|paragraphs?|bullets?|screenshots?"
    r"|calls?|messages?|notes?|parts?|places?)\b",
    re.IGNORECASE,
)


_HUNDREDS = re.compile(
    rf"\b(?:(?P<times>a|{_WRITTEN}|one)\s)?(?P<scale>hundred)(?:\s(?:and\s)?(?P<rest>(?:{_WRITTEN}"
    rf"|one)(?:-\w+)?))?\b"
    rf"|\b(?P<tens>twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)-(?P<ones>one|{_WRITTEN})\b",
    re.IGNORECASE,
)


def _spelt_out(text: str) -> str:
    """A hundred and eighty as 180, twenty-five as 25."""
    return _HUNDREDS.sub(_as_digits, text)


def _as_digits(match: re.Match[str]) -> str:
    if match["tens"]:
        return str(_COUNTS[match["tens"].lower()] + _COUNTS[match["ones"].lower()])
    rest = sum(_COUNTS.get(part, 0) for part in (match["rest"] or "").lower().split("-"))
    return str(_COUNTS[(match["times"] or "one").lower()] * 100 + rest)


def _numbers_in(text: str) -> Iterable[tuple[float, bool]]:
    for match in _NUMBER.finditer(_FIXED.sub(" ", _spelt_out(text))):
        yield _value(match)
    for match in re.finditer(r"(?<!\w)(?P<year>\d+)(?!\w)", text):
        yield float(match["year"]), False


def _value(match: re.Match[str]) -> tuple[float, bool]:
    """The figure, and whether it is a share: 12M, 12 million and $12,000,000 are the same."""
    if match["word"]:
        value = float(_COUNTS[match["word"].lower()])
    else:
        digits = match["digits"].replace("\u2009", "").replace(" ", "")
        grouped = re.fullmatch(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?", digits)
        value = float(digits.replace(",", "") if grouped else digits.replace(",", "."))
    if match["magnitude"]:
        value *= _MAGNITUDES[match["magnitude"].lower()]
    return round(value, 4), bool(match["percent"])


def _numbers(
    rest: str, sentence: str, ground: _Ground, cited: tuple[Backing, ...], *, about: bool
) -> list[Claim]:
    plain = _FIXED.sub(" ", _spelt_out(rest))
    peers = bool(ground.proof_names & _folded(sentence))
    results = (bool(_RESULT.search(sentence)) or peers) and not sentence.endswith("?")
    told = ground.proven if peers and not about else ground.numbers
    counted = any(True for one in cited for _ in _numbers_in(one.text))
    found = []
    for match in _NUMBER.finditer(plain):
        strong = bool(match["sign"] or match["percent"] or match["magnitude"] or match["times"])
        harmless = bool(_UNITS.match(plain[match.end() :])) and (not results or bool(_ASK.search(sentence)))
        if not strong and (harmless or (match["word"] and not (about or results))):
            continue
        value, share = _value(match)
        if any(abs(value - other) < 1e-6 * max(1.0, value) and share == was for other, was in told):
            continue
        if not strong and (value <= 1 or (match["word"] and value <= 3 and not (counted or results))):
            continue  # "two lists", "three tools": counted by the writer, not read anywhere
        said = match.group().strip()
        found.append(
            Claim(sentence, said, ClaimKind.NUMBER, f"No live evidence or proof has the figure {said}.")
        )
    found += [
        Claim(sentence, said, ClaimKind.NUMBER, f"No live evidence or proof says \u201c{said}\u201d.")
        for said in _TIMES.findall(rest)
        if (about or results) and said.casefold()[:4] not in ground.letters
    ]
    return found


_TIMES = re.compile(
    r"\b(?:doubled|tripled|trebled|quadrupled|halved|tenfold|twofold|threefold)\b", re.IGNORECASE
)

# -- names

_OPENING = re.compile(r"^(?:[\"\u201c(>*\u2022\-\u2013]+\s*)")
_AFTER_NAME = re.compile(
    r"^(?:'s|\u2019s)|^,? (?:has|have|is|was|just|recently|raised|hired|launched|acquired|opened"
    r"|announced|moved|bought|told|said|suggested|mentioned|recommended|joined|uses|cut|saved|went|runs"
    r"|reduced|did|saw|got)\b"
)


def _names(sentence: str, ground: _Ground) -> list[Claim]:
    """Capitalised words that neither the record nor the evidence knows, neighbours taken together."""
    stripped = _OPENING.sub("", sentence)
    tokens = list(_WORD.finditer(stripped))
    if len(tokens) > 2 and not any(
        token.group()[:1].islower() and len(token.group()) > 3 for token in tokens
    ):
        return _headline(stripped, tokens, ground)
    unknown = [
        (place, token)
        for place, token in enumerate(tokens)
        if token.group()[:1].isupper()
        and not _is_known(token.group(), ground)
        and not _opens(place, tokens, stripped)
    ]
    return _joined(unknown, sentence)


def _headline(text: str, tokens: list[re.Match[str]], ground: _Ground) -> list[Claim]:
    """A line in Title Case, or a greeting: any word may be capital, so only odd ones count."""
    unknown = [
        (place, token) for place, token in enumerate(tokens)
        if token.group()[:1].isupper() and not _is_known(token.group(), ground)
    ]  # fmt: skip
    greeting = re.match(
        r"(?:hi|hello|dear|hey|good (?:morning|afternoon)|morning|thanks|best|regards|cheers)\b",
        text,
        re.IGNORECASE,
    )
    return _joined(unknown, text) if greeting or len(tokens) <= 3 else []


def _opens(place: int, tokens: list[re.Match[str]], text: str) -> bool:
    """Whether a word is capital only because a sentence, a quotation or a part begins with it."""
    token = tokens[place]
    before = text[: token.start()].rstrip()
    if (
        place
        and before[-1:] not in {":", "\u201c", '"', "(", ">", "\u2013", "-", "/"}
        and before[-3:] != "..."
    ):
        return False
    if (
        place + 1 < len(tokens)
        and tokens[place + 1].group()[:1].isupper()
        and tokens[place + 1].start() == token.end() + 1
    ):
        return tokens[place + 1].group() in {
            "I",
            "I'm",
            "I\u2019m",
            "I'd",
            "I've",
            "I'll",
        } or token.group().endswith("ing")
    return not _AFTER_NAME.match(text[token.end() :]) or token.group().endswith("s")


def _is_known(word: str, ground: _Ground) -> bool:
    plain = _fold(word)
    if plain in ground.words or plain in _plain_words() or plain in ground.known:
        return True
    if plain.rstrip("s") in ground.words or plain.rstrip("s") in _plain_words():
        return True
    if "-" in plain:
        return all(part in ground.words or part in _plain_words() or not word_part[:1].isupper()
                   for part, word_part in zip(plain.split("-"), word.split("-"), strict=False))  # fmt: skip
    return bool(re.fullmatch(r"[A-Z]\d{1,3}|[A-Z]|\d.*", word))


def _joined(unknown: list[tuple[int, re.Match[str]]], sentence: str) -> list[Claim]:
    found: list[tuple[int, str]] = []
    for place, token in unknown:
        name = _APOSTROPHE.sub("", token.group())
        if found and found[-1][0] == place - 1:
            found[-1] = (place, f"{found[-1][1]} {name}")
        else:
            found.append((place, name))
    return [
        Claim(
            sentence, name, ClaimKind.NAME, f"\u201c{name}\u201d stands in no live evidence, record or proof."
        )
        for _, name in found
    ]
