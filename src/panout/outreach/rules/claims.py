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

from panout.outreach.rules.english import brands, is_english
from panout.outreach.rules.english import plain_words as _plain_words
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


# Thousands of drafts share the template's words and the library's proofs: each is taken apart once.
@lru_cache(maxsize=1 << 15)
def _fold(word: str) -> str:
    return _APOSTROPHE.sub("", word.casefold()).replace("\u2019", "'").strip("-&+'")


@lru_cache(maxsize=1 << 12)
def _folded(text: str) -> frozenset[str]:
    whole = {_fold(word) for word in _WORD.findall(text)}
    return frozenset(whole | {part for word in whole if "-" in word for part in word.split("-")})


_FRACTIONS = frozenset({"half", "third", "quarter", "fifth", "tenth"})


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
        self.proven_words = frozenset().union(*(_folded(one.text) for one in self.proofs)) & _FRACTIONS
        self.proof_names = frozenset[str]().union(*(_names_of(one) for one in self.proofs))
        self.letters = " ".join(told).casefold()
        self.near = _near_names(self.live + self.stale) - self.proof_names
        self.stems = frozenset().union(*(_stems(text) for text in told))
        self.live_runs = frozenset().union(*(_runs(one.text) for one in self.live))
        self.runs = frozenset().union(*(_runs(text) for text in told))
        # The reader's and the company's names are in every second sentence, and prove nothing.
        self.names = frozenset(
            _fold(word) for text in known for word in _WORD.findall(text) if word[:1].isupper()
        )


def _near_names(backings: Sequence[Backing]) -> frozenset[str]:
    """Names in what we know of the reader: a sentence with one of them speaks of the reader."""
    found = set()
    for one in backings:
        for place, word in enumerate(_WORD.findall(one.text)):
            plain = _fold(word)
            if word[:1].isupper() and plain not in _plain_words() and not (place == 0 and is_english(plain)):
                found.add(plain)
    return frozenset(found)


# -- sentences

_CUT = re.compile(r"(?<=[.!?])[\"\u201d)]?\s+|\n+")
_ABBREVIATED = re.compile(
    r"\b(?:e\.g|i\.e|Inc|Ltd|Co|Corp|Dr|Mr|Mrs|Ms|St|No|vs|approx|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec"
    r"|P\.S|[A-Z])\.$"
)
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|[^\s@]{1,64}@[^\s@]{1,190}\.\w{1,30}|\+\d[\d ()./-]{6,}")


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
    r"|to|before|without|instead of|after(?= \w+ing)|while|(?<!heard )(?<!read )(?<!news )(?<!know )about"
    r"|(?<!thanks )(?<!thank you )(?<!congratulations )for|help(?:s|ed)? \w+|never|not"
    r"|most \w+|many \w+|teams|companies|people)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)


def _judged(sentence: str, ground: _Ground) -> list[Claim]:
    """All that is wrong with one sentence. A proof, or evidence in its own words, stands as it is."""
    if _needs_no_source(sentence):
        return _gone_cold(sentence, ground)
    bare = sentence.casefold().rstrip(" .!?")
    if any(one.text and bare == one.text.casefold().rstrip(" .!?") for one in (*ground.proofs, *ground.live)):
        return []
    about = _about_reader(sentence, ground)
    events, cited, happened = _events(sentence, ground, about=about)
    found = events or ([] if cited else _untold(sentence, ground))
    found += _gone_cold(sentence, ground) if not found else []
    found += _praise(sentence, ground, cited=cited, happened=happened, about=about)
    dates, rest = _dates(sentence, ground, cited, about=about, happened=happened)
    found += dates
    found += _numbers(rest, sentence, ground, cited, about=about)
    found += _names(sentence, ground)
    return found


@lru_cache(maxsize=1 << 12)
def _needs_no_source(sentence: str) -> bool:
    """Whether nothing in a sentence could be doubted, whoever reads it: so it is with most that a template says."""
    return not (
        _told_in(sentence)
        or _TAKEN_FOR_GRANTED.search(sentence)
        or PRAISE.search(sentence)
        or _dates_in(sentence, date.max)
        or any(figures.search(sentence) for figures in (_ORDINAL, _ONE, _TIMES))
        or _NUMBER.search(_FIXED.sub(" ", _spelt_out(sentence)))
        or _names(sentence, _Ground((), (), date.max))
    )


def _about_reader(sentence: str, ground: _Ground) -> bool:
    if _READER.search(sentence) or _NEWS.search(sentence):
        return True
    peers = ground.proof_names
    return any(
        word[:1].isupper()
        and (_fold(word) in ground.known or _fold(word) in ground.near)
        and _fold(word) not in peers
        and _fold(word) not in _plain_words()
        for word in _WORD.findall(sentence)
    )


# -- events


def _events(sentence: str, ground: _Ground, *, about: bool) -> tuple[list[Claim], tuple[Backing, ...], bool]:
    """Claims, the evidence that the sentence's events rest on, and whether it tells of an event at all."""
    found: list[Claim] = []
    cited: list[Backing] = []
    shown: list[str] = []
    happened = False
    words = _folded(sentence)
    peers = [one for one in ground.proofs if _names_of(one) & words]
    if not (about or _GIVEN.search(sentence)) or _OPEN_QUESTION.match(sentence):
        return found, (), happened
    for kind, said in _told_in(sentence):
        happened = True
        backing = [
            one for one in ground.live
            if _in_its_words(said, one)
            or (_proves(kind, one) and (one.type not in _ANYTHING or _touches(sentence, one)))
        ]  # fmt: skip
        backing += [one for one in peers if kind.said.search(one.text)]
        fitting = [one for one in backing if _agrees(kind, words, one, ground)]
        if fitting:
            cited += fitting
            shown.append(said.casefold())
        else:
            found.append(_no_event(kind, sentence, said, backing, ground))
    found = [claim for claim in found if claim.words.casefold() not in shown]
    if found and ground.live_runs & _runs(sentence):
        # The sentence has a live piece of evidence in its own words: "moving to Head of Risk" changes no tool.
        found = [claim for claim in found if claim.kind is not ClaimKind.EVENT or not _loose(claim)]
    if cited:
        # "You announced the new plant": one live signal answers for all the words that tell of it.
        told = _folded(" ".join(one.text for one in cited))
        found = [claim for claim in found if not _same_event(claim, told)]
    return found, tuple(cited), happened


# "After the layoffs" takes for granted that they were the reader's.
_GIVEN = re.compile(
    r"^(?:after|since|following|with|despite|given|in light of|because of|thanks to)"
    r" (?:the|your|all the|last|this|that)\b",
    re.IGNORECASE,
)
_INFLECTED = re.compile(r"(?:ings?|ies|ied|ed|es|s|e|y)$")


@lru_cache(maxsize=1 << 12)
def _stems(text: str) -> frozenset[str]:
    words = (part for word in _WORD.findall(text) for part in _fold(word).split("-"))
    return frozenset(_INFLECTED.sub("", word) for word in words if word and word not in _SMALL | _VAGUE)


# Signals of these types tell of anything at all: they prove only what they have a word of.
_ANYTHING = frozenset({"news", "note", "other"})


def _touches(sentence: str, one: Backing) -> bool:
    told = _stems(one.text) - _plain_stems()
    return bool(told & _stems(sentence))


def _in_its_words(said: str, one: Backing) -> bool:
    """Whether a piece of evidence has these very words, inflected as may be."""
    stems = _stems(said)
    return bool(stems) and stems <= _stems(one.text)


_LOOSE = tuple(kind for kind in HAPPENINGS if kind.name in {"tools", "growth", "announcement"})


def _loose(claim: Claim) -> bool:
    """Whether only kinds whose words serve for much else have found it."""
    return any(kind.said.fullmatch(claim.words) for kind in _LOOSE)


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


_DEFINITE = re.compile(r"(?:the|your|last|recent|this)\b", re.IGNORECASE)
# "I wrote", "we launched" tells of the writer.
_OURS = re.compile(r"\b(?:i|we)(?:'ve|\u2019ve| have)?\s+$", re.IGNORECASE)


@lru_cache(maxsize=1 << 12)
def _told_in(sentence: str) -> tuple[tuple[Happening, str], ...]:
    """The kinds of event that a sentence tells of, each with its words."""
    found = ((kind, _asserted(kind, sentence)) for kind in HAPPENINGS)
    return tuple((kind, said) for kind, said in found if said is not None)


def _asserted(kind: Happening, sentence: str) -> str | None:
    """The words that tell of it as having happened; what is only supposed does not count."""
    for match in kind.said.finditer(sentence):
        if _OURS.search(sentence[: match.start()]):
            continue
        definite = _DEFINITE.match(match.group()) and _NEWS.search(sentence[: match.start()])
        if definite or not _SUPPOSED.search(sentence[: match.start()]):
            return match.group()
    return None


def _proves(kind: Happening, one: Backing) -> bool:
    return one.type in kind.types or bool(kind.said.search(one.text))


@lru_cache(maxsize=1 << 10)
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


# "I saw that ...", "congratulations on ...", "now that you ...": what follows is taken for granted.
_TAKEN_FOR_GRANTED = re.compile(
    r"(?<!\bwe )(?<!\bteams )\b(?:saw|noticed|spotted|heard|hear|learned|gather|understand|read)"
    r"(?: (?:that|about|of|how|on \w+ that|in \w+ that))? (?P<said>(?:you|your|the|all)\b[^,.;:?!]*)"
    r"|\bcongrat(?:s|ulations)(?: to \w+(?: \w+)?)? (?:on|for) (?P<feat>[^,.;:?!]*)"
    r"|\b(?:now that|ever since|seeing that) (?P<state>(?:you|your|the)\b[^,.;:?!]*)"
    r"|^(?:after|following|since|fresh off|given|despite|with) (?P<past>(?:your|the|you) [^,.;:?!]*)"
    r"|\b(?:fresh off|on the back of) (?P<back>(?:your|the) [^,.;:?!]*)"
    r"|\bwith (?P<course>\w+(?: \w+)? (?:down|up|falling|rising|shrinking) [^,.;:?!]*)",
    re.IGNORECASE,
)
# What the kinds of happening look after, or what tells nothing by itself.
_BARE = frozenset(
    """
    announcement appointment article call chat conversation event meeting message move note piece post
    project role talk update
    """.split()  # noqa: SIM905 - a list of words is read as words
)
_TELLING = 4  # letters; shorter words tell events apart by chance


def _untold(sentence: str, ground: _Ground) -> list[Claim]:
    """What a sentence takes for granted of its reader, when no word of it stands in what we know."""
    if _OPEN_QUESTION.match(sentence):
        return []
    found = []
    for match in _TAKEN_FOR_GRANTED.finditer(sentence):
        said = next(part for part in match.groups() if part is not None)
        content = {
            stem for word in _WORD.findall(said) for stem in _stems(word)
            if len(word) >= _TELLING and _fold(word) not in _plain_words() | _BARE | ground.names
        }  # fmt: skip
        if content and not content & ground.stems:
            why = "Nothing that we know tells of this."
            found.append(Claim(sentence, said.strip(), ClaimKind.EVENT, why))
    return found


_RUN = 3  # words in a row


def _gone_cold(sentence: str, ground: _Ground) -> list[Claim]:
    """A sentence that repeats old news, word for word in part, and none that is live."""
    for one in ground.stale:
        shared = _runs(sentence) & _runs(one.text) - ground.runs
        if shared:
            age = f", {(ground.today - one.as_of).days} days ago" if one.as_of else ""
            why = f"That is no news any more: \u201c{one.text}\u201d{age}."
            return [Claim(sentence, max(shared, key=len), ClaimKind.STALE, why)]
    return []


@lru_cache(maxsize=1 << 12)
def _runs(text: str) -> frozenset[str]:
    """Three words in a row, one of which at least tells something."""
    words = [_fold(word) for word in _WORD.findall(text)]
    return frozenset(
        " ".join(words[place : place + _RUN])
        for place in range(len(words) - _RUN + 1)
        if any(word not in _SMALL and len(word) >= _TELLING for word in words[place : place + _RUN])
    )


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
    r"|passion|vision|leadership|culture|insights?)|resonated|envy of|gold standard|second to none|genius"
    r"|hands down|phenomenal|extraordinary|legendary|nobody \w+ like|look(?:ed)? up to|visionary"
    r"|an inspiration|divine|unparalleled)\b",
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
    rf"\b(?:in|since|of|from|last|this|next|coming|by|early|late|mid|your"
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
_LASTING = re.compile(
    r"\b(?:has|have|had|'s|'ve)\b.{0,40}?\bfor (?:the (?:past|last) )?(?P<count>\d+|an?|two|three|four|five|six|eight"
    r"|nine|ten|twelve|few) (?P<unit>day|week|month|year)s?\b",
    re.IGNORECASE,
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_WEEKDAY = re.compile(
    rf"\b(?:last|on|this past|since|back on) (?P<weekday>{'|'.join(_WEEKDAYS)})\b", re.IGNORECASE
)
# How many days back each of these may lie.
_SPANS: tuple[tuple[re.Pattern[str], int, int], ...] = tuple(
    (re.compile(rf"\b{words}\b", re.IGNORECASE), least, most)
    for words, least, most in (
        ("(?:today|this morning|this afternoon)", 0, 1), ("yesterday", 1, 2),
        ("(?:earlier )?this week", 0, 7),
        ("last week", 2, 14), ("(?:earlier )?this month", 0, 31), ("last month", 14, 62),
        ("(?:earlier )?this quarter", 0, 92), ("last quarter", 30, 184), ("last year", 180, 730),
        ("last (?:summer|spring|autumn|fall|winter)", 60, 400), ("(?:over|at|last|this past) (?:the )?weekend", 1, 8),
        ("the other (?:day|week)", 0, 21), ("last night", 1, 2), ("a fortnight ago", 10, 20),
        ("(?:in|over) the (?:last|past) (?:few|couple of) days", 0, 9),
        ("(?:in|over) the (?:last|past) (?:few|couple of) weeks", 0, 45),
        ("(?:in|over) the (?:last|past) (?:few|couple of) months", 0, 200),
        ("earlier this year", 20, 365), ("a (?:little|bit) (?:over|more than) a year ago", 365, 600),
        ("the week before last", 7, 21), ("the day before yesterday", 2, 4),
    )
)  # fmt: skip
_SEASONS = {
    "spring": (3, 5), "summer": (6, 8), "autumn": (9, 11), "fall": (9, 11), "winter": (12, 2),
}  # fmt: skip
_SEASON = re.compile(
    r"\b(?:in|over|during|since|this|back in|back over)(?: the)? (?P<season>spring|summer|autumn|fall|winter)\b",
    re.IGNORECASE,
)
_HALF = re.compile(r"\bH(?P<half>[12])\b(?: (?P<year>\d{4}))?")
# "before Q4 closes", "in time for January" look ahead and tell of nothing that has happened.
_AHEAD = re.compile(
    r"\b(?:by|before|until|for|ahead of|next|into|through|of|your) (?:the )?(?:end of |start of |first )?$",
    re.IGNORECASE,
)
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
    granted = happened or bool(_TAKEN_FOR_GRANTED.search(sentence))
    witnesses = cited or ground.live
    for said, holds in _dates_in(sentence, ground.today):
        rest = rest.replace(said, " ", 1)
        if asking or not about:
            continue
        if any(holds(one.as_of) for one in witnesses if one.as_of) or said.casefold() in ground.letters:
            continue
        if _in_words(said, witnesses, ground):
            continue
        if not happened and _AHEAD.search(sentence.partition(said)[0]):
            continue
        if _YEAR.fullmatch(said) and (int(said) >= ground.today.year and _FORWARD.search(sentence)):
            continue
        part = next((one for one in _PARTS.split(sentence) if said in one), sentence)
        if not (granted or _connected(part, ground) or re.search(r"\b\d{1,2}(?:\b|\D)", said)):
            continue  # "this week", "in August" without an event says nothing of the reader
        dated = next((one for one in cited if one.as_of), None)
        why = (
            f"The evidence is of {dated.as_of:%-d %B %Y}."
            if dated and dated.as_of
            else "No live fact or signal has this date."
        )
        found.append(Claim(sentence, said, ClaimKind.DATE, why))
    return found, rest


_PARTS = re.compile(r"[:;]\s| [-\u2013\u2014] ")


def _connected(sentence: str, ground: _Ground) -> bool:
    """Whether a sentence speaks of something we have evidence of: a name of it, or two of its words."""
    words = _stems(sentence)
    for one in (*ground.live, *ground.stale):
        shared = words & _stems(one.text) - _stems(" ".join(ground.names))
        if any(len(stem) >= _TELLING and stem not in _plain_stems() for stem in shared):
            return True
    return False


@lru_cache(maxsize=1)
def _plain_stems() -> frozenset[str]:
    return _stems(" ".join(_plain_words()))


def _in_words(said: str, witnesses: Sequence[Backing], ground: _Ground) -> bool:
    """Whether the evidence itself names this month, or the record this year."""
    if _folded(said) & set(_SEASONS):
        return bool(_folded(said) & set(_SEASONS) & _folded(" ".join(one.text for one in witnesses)))
    names = {word[:3] for word in _folded(said) if word in _MONTHS or word[:3] in {m[:3] for m in _MONTHS}}
    if names and not re.search(r"\d", said):
        return any(word[:3] in names for one in witnesses for word in _folded(one.text) if word in _MONTHS)
    return bool(_YEAR.fullmatch(said)) and said in ground.words


@lru_cache(maxsize=1 << 12)
def _dates_in(sentence: str, today: date) -> tuple[tuple[str, _Holds], ...]:
    """Every day or span that a sentence names, each once: what one form has read, the next does not see."""
    return tuple(_dates_read(sentence, today))


def _dates_read(sentence: str, today: date) -> Iterable[tuple[str, _Holds]]:
    taken = sentence
    for pattern in (_ISO, _DAY_MONTH, _MONTH_DAY, _MONTH_ONLY, _QUARTER):
        for match in pattern.finditer(taken):
            if match.groupdict().get("month") not in {"may", "march", "mar"}:  # verbs, when small
                yield match.group(), _Holds(match.groupdict(), today)
        taken = pattern.sub(lambda match: "#" * len(match.group()), taken)
    yield from ((match.group(), _Holds(_span(match), today)) for match in _AGO.finditer(taken))
    taken = _AGO.sub("#", taken)
    yield from ((_since(match), _Holds(_span(match), today)) for match in _LASTING.finditer(taken))
    for pattern in (_SEASON, _HALF, _WEEKDAY):
        yield from ((match.group(), _Holds(match.groupdict(), today)) for match in pattern.finditer(taken))
    for pattern, least, most in _SPANS:
        for match in pattern.finditer(taken):
            yield match.group(), _Holds({"least": str(least), "most": str(most)}, today)
    yield from ((match.group(), _Holds({"year": match["year"]}, today)) for match in _YEAR.finditer(taken))


def _span(match: re.Match[str]) -> dict[str, str | None]:
    """Between how many days "three weeks ago" may lie: people round."""
    said = match["count"].lower()
    days = (int(said) if said.isdigit() else _COUNTS.get(said, 3)) * _UNIT[match["unit"].lower()]
    return {"least": str(int(days * 0.6)), "most": str(int(days * 1.5) + 1)}


def _since(match: re.Match[str]) -> str:
    """The words of time alone, out of "has been out for six months"."""
    return match.group()[match.group().lower().rindex("for ") :]


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
        if season := said.get("season"):
            begin, end = _SEASONS[season.lower()]
            inside = begin <= day.month <= end if begin < end else day.month >= begin or day.month <= end
            return inside and self._today - day < timedelta(days=365)
        if said.get("half") and (day.month - 1) // 6 + 1 != int(said["half"] or 0):
            return False
        if said.get("weekday") and (
            day.weekday() != _WEEKDAYS.index(str(said["weekday"]).lower())
            or self._today - day > timedelta(days=14)
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
    r"|B2B|B2C|Web ?3|[A-Z]/\d[A-Z]+|Article \d+|Art\. \d+|101|360)\b"
    r"|\b\d{1,2}(?::\d{2}\s?(?:[ap]\.?m\.?)?|\s?[ap]\.?m\b\.?)",
    re.IGNORECASE,
)
_UNITS = re.compile(
    r"^[\s-]*(?:(?:more|quick|short|simple|small|text|other|specific|further|or|to|-|\u2013|good|different"
    r"|extra)\s*|\d++\s*)*"
    r"(?:min(?:ute)?s?|sec(?:ond)?s?|hours?|days?|weeks?|months?|lines?|questions?|ideas?|slides?"
    r"|pages?|things?|ways?|reasons?|steps?|options?|times?|sentences?"
    r"|words?|thoughts?|points?|examples?|numbers?|dates?|slots?|paragraphs?|bullets?|screenshots?"
    r"|calls?|messages?|notes?|parts|places?)\b",
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


_ORDINALS = {
    "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8, "ninth": 9, "tenth": 10,
    "eleventh": 11, "twelfth": 12, "fifteenth": 15, "twentieth": 20, "fiftieth": 50, "hundredth": 100,
}  # fmt: skip
# "A third of", "third party", "for the tenth time" count nothing of the reader's.
_ORDINAL = re.compile(
    rf"(?<!\ba )(?<!\bone )(?<!two[ -])(?<!\bby the )(?<!\bon the )\b"
    rf"(?P<word>{'|'.join(_ORDINALS)}|(?P<digits>\d{{1,3}})(?:st|nd|rd|th))\b"
    r"(?!(?: of\b|[- ]part(?:y|ies)\b| (?:time|day|week|month|quarter|year|hour|minute|call|mail|email|line"
    r"|century|thing|reason|step|option|try)s?\b))"
    r"(?=[ -][a-z])",
    re.IGNORECASE,
)


def _ordinal(match: re.Match[str]) -> float:
    return float(match["digits"] or _ORDINALS[match["word"].lower()])


@lru_cache(maxsize=1 << 12)
def _numbers_in(text: str) -> tuple[tuple[float, bool], ...]:
    ranks = ((_ordinal(match), False) for match in _ORDINAL.finditer(text))
    figures = (_value(match) for match in _NUMBER.finditer(_FIXED.sub(" ", _spelt_out(text))))
    bare = re.finditer(r"(?<!\w)(?P<year>\d+)(?!\w)", text)
    return (*ranks, *figures, *((float(match["year"]), False) for match in bare))


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
    told = ground.proven if peers and not (about and _connected(sentence, ground)) else ground.numbers
    counted = any(1 < number <= _MANY for one in cited for number, _ in _numbers_in(one.text))
    found = []
    for match in _NUMBER.finditer(plain):
        strong = bool(match["sign"] or match["percent"] or match["magnitude"] or match["times"])
        strong = strong or (about and bool(_EVERY.search(plain[: match.start()])))
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
    for match in _ORDINAL.finditer(rest) if about else ():
        if (_ordinal(match), False) not in told and match.group().casefold() not in ground.letters:
            said = match.group()
            found.append(
                Claim(sentence, said, ClaimKind.NUMBER, f"No live evidence or proof speaks of a {said}.")
            )
    retold = [
        one.group() for one in _ONE.finditer(rest)
        if peers and not sentence.endswith("?")
        and (one.group().split()[-1].lower() not in _UNIT or not _RATE.search(rest[: one.start()]))
    ]  # fmt: skip
    found += [
        Claim(sentence, said, ClaimKind.NUMBER, f"The proof does not say \u201c{said}\u201d.")
        for said in retold
        if said.casefold() not in ground.letters and said.split()[-1].casefold() not in ground.proven_words
    ]
    found += [
        Claim(sentence, said, ClaimKind.NUMBER, f"No live evidence or proof says \u201c{said}\u201d.")
        for said in _TIMES.findall(rest)
        if (about or results) and said.casefold()[:4] not in ground.letters
    ]
    return found


# "A week instead of 41 days", "a tenth of": figures without a digit, where a proof is retold.
_ONE = re.compile(
    r"\b(?:a|an|one) (?:minute|hour|day|week|month|year|half|third|quarter|fifth|tenth)(?: and a half)?\b",
    re.IGNORECASE,
)
_RATE = re.compile(r"[^\W\d_]s $")  # "two messages a week"
_EVERY = re.compile(r"\b(?:all|your|other|another) $", re.IGNORECASE)  # "all four plants"
_MANY = 100  # above, evidence tells of sums and years, and says nothing against "two" of something else
_TIMES = re.compile(
    r"\b(?:doubled|doubling|tripled|tripling|trebled|quadrupled|halved|\w{3,}fold"
    r"|(?:two|three)[- ](?:thirds|quarters|fifths)|in half(?! an? ))\b",
    re.IGNORECASE,
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
        and not (place == 0 and is_english(_fold(token.group())))
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
    plain = _fold(token.group())
    if plain in brands():
        return not _AFTER_NAME.match(text[token.end() :])
    return is_english(plain) or ("-" in plain and all(is_english(part) for part in plain.split("-")))


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
