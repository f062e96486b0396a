"""The claims check for texts in other languages than English, by families of what may be told.

The families stand in phrases/tongues.toml. A clause that asks, guesses, offers or supposes tells nothing, save
for what a question takes for granted. What is told stands when enough of its telling words, its figures and
its months stand in live evidence; stems are compared, so that an inflected word is the same word.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from panout.outreach.rules.statements import Backing, Claim, ClaimKind
from panout.outreach.rules.tongues import Tongue, in_english

_WORD = re.compile(r"[^\W_][\w\u2019'-]*")
_CLAUSES = re.compile(r"[,;:] | [-\u2013\u2014] |(?<=[?!]) ")
_FEW = 4  # words, under which a clause tells nothing by itself
_STEM = 5  # letters that two forms of a word share
_ENOUGH = 0.34  # share of telling words that evidence must have
_HARDLY = 0.15  # the same where a figure of the evidence stands beside them
_NOTHING = "Nothing that we know tells of this."
_WORLDLY = "It speaks of others, the law, the market or our own success, and no evidence or proof says so."
_FIGURE = re.compile(
    r"(?<![\w.,:/-])(?:[$\u20ac\u00a3] ?)?(?P<figure>\d[\d.\u00a0\u202f ]*\d|\d)(?:,\d+)?"
    r"(?P<after>[ \u00a0\u202f]?%|[ \u00a0](?:prozent|procent|pour cent|por ciento|per cento)\b)?",
    re.IGNORECASE,
)
# Hours, days, lengths of calls, pages and standards: the writer's own affair, or no count at all.
_CLOCK = re.compile(
    r"\b\d{1,2}[:.h]\d{2}\b(?: ?uhr| ?h| ?uur)?|\b\d{1,2} ?(?:h|uhr|uur|heures?)\b(?! (?:par|pro|per))"
    r"|\b\d{1,3}(?:[ -](?:bis|\u00e0|a|tot|o|oder|ou|of|e|und)[ -]\d{1,3})?[ \u00a0-]?(?:min\b\.?"
    r"|minut\w*|sekund\w*"
    r"|second\w*|seiten?\b|pages?\b|p\u00e1ginas?|pagine|pagina.?s?)"
    r"|\b\d{1,2}\. (?:[A-Z]|jan|feb|m\u00e4r|apr|mai|jun|jul|aug|sep|okt|nov|dez)\w*|\biso ?[\d:-]+"
    r"|\b(?:19|20)\d\d\b"
    r"|\b100 ?%|\b24/7|\b\d{1,2}[./]\d{1,2}\.?(?:\d{2,4})?|\b(?:art|\u00a7|nr|n\u00b0|no)\w*\.? ?\d+",
    re.IGNORECASE,
)


@lru_cache(maxsize=1 << 12)
def _stems(text: str) -> frozenset[str]:
    return frozenset(
        part[:_STEM]
        for word in _WORD.findall(text.casefold())
        for part in re.split(r"['\u2019-]", word)
        if len(part) >= _STEM and not part[0].isdigit()
    )


@lru_cache(maxsize=1 << 12)
def _figures(text: str) -> frozenset[str]:
    return frozenset(re.sub(r"\D", "", figure) for figure in re.findall(r"\d[\d.,\u00a0\u202f]*", text))


class _Grounds:
    """What may be said, in the forms that clauses are compared with."""

    def __init__(
        self, backings: Sequence[Backing], known: Sequence[str], tongue: Tongue, today: date
    ) -> None:
        self.tongue = tongue
        self.today = today
        self.live = tuple(one for one in backings if one.live)
        self.stale = tuple(one for one in backings if not one.live)
        self.own = frozenset[str]().union(*(_stems(text) for text in known))
        self.told = frozenset[str]().union(*(_stems(one.text) for one in self.live)) - self.own
        self.figures = (
            frozenset[str]()
            .union(*(_figures(text) for text in known))
            .union(*(_figures(one.text) for one in self.live))
        )
        self.names = frozenset(
            word.casefold()
            for text in (*known, *(one.text for one in backings))
            for word in _WORD.findall(text)
        )
        self.english = frozenset(
            word.casefold()
            for one in self.live if in_english(one.text, tongue)
            for word in _WORD.findall(one.text) if word[:1].isupper() and not _stems(word) & self.own
        )  # fmt: skip
        self.quiet = frozenset(word[:_STEM] for word in tongue.common)

    def telling(self, text: str) -> frozenset[str]:
        """Stems that tell something: no everyday words, none of the cue itself, no names that we know."""
        return _stems(text) - self.own - self.quiet

    def met(self, text: str) -> float:
        telling = self.telling(text)
        if not telling:
            return 0.0
        return len([one for one in telling if self._stands(one)]) / len(telling)

    def _stands(self, stem: str) -> bool:
        return any(stem in other or other in stem for other in self.told)

    def _shares(self, text: str) -> bool:
        """Whether a text has a figure of the evidence, or a name that English evidence has."""
        names = {word.casefold() for word in _WORD.findall(text) if word[:1].isupper()}
        return bool(_figures(text) & self.figures or names & self.english)

    def stands(self, text: str) -> bool:
        """Whether enough of a text is known, and nothing told as done is only planned."""
        if self.met(text) < (_HARDLY if self._shares(text) else _ENOUGH):
            return False
        aligned = [one for one in self.live if _stems(one.text) & self.telling(text)]
        return not (
            aligned
            and self.tongue.done.search(text)
            and all(self.tongue.planned.search(one.text) for one in aligned)
        )


def unsupported_abroad(
    sentences: Sequence[str], backings: Sequence[Backing], known: Sequence[str], tongue: Tongue, today: date
) -> tuple[Claim, ...]:
    """Every claim of a text in another language that nothing live supports, in reading order."""
    grounds = _Grounds(backings, known, tongue, today)
    found: list[Claim] = []
    stood = False
    for sentence in sentences:
        claims = _judged(sentence, grounds, after_proven=stood)
        stood = not claims and grounds.met(sentence) >= _ENOUGH
        found += claims
    return tuple(dict.fromkeys(found))


def _judged(sentence: str, grounds: _Grounds, *, after_proven: bool) -> list[Claim]:
    tongue = grounds.tongue
    bare = sentence.casefold().rstrip(" .!?")
    if any(bare == one.text.casefold().rstrip(" .!?") for one in grounds.live):
        return []
    asking = sentence.rstrip(' \u201d\u00bb")').endswith("?")
    if asking:
        match = tongue.presumes.search(sentence)
        told = match or _given(sentence, tongue)
        return [] if told is None or grounds.stands(sentence) else [_claim(sentence, told, ClaimKind.EVENT)]
    opened = tongue.open.search(sentence)
    # A guess or a condition colours what follows it, not what stands before it.
    stated = (
        sentence[: opened.start()] if opened and tongue.told.search(sentence[: opened.start()]) else sentence
    )
    stated = stated if stated is not sentence or opened is None else _before(sentence, opened.start())
    found = _told(stated, sentence, grounds, after_proven=after_proven)
    return found or _figures_of(stated, sentence, grounds) or _days(stated, sentence, grounds)


def _before(sentence: str, place: int) -> str:
    """The clauses of a sentence that end before a place in it."""
    ends = [match.start() for match in _CLAUSES.finditer(sentence) if match.end() <= place]
    return sentence[: ends[-1]] if ends else ""


def _given(sentence: str, tongue: Tongue) -> re.Match[str] | None:
    return next((match for part in _CLAUSES.split(sentence) if (match := tongue.given.search(part))), None)


def _told(text: str, sentence: str, grounds: _Grounds, *, after_proven: bool) -> list[Claim]:
    """What a sentence tells of its reader, of third parties, or of ourselves, and no evidence does."""
    if not text.strip() or grounds.stands(text):
        return []
    tongue = grounds.tongue
    parts = _CLAUSES.split(text)
    praised = tongue.praise.search(text)
    if praised and not after_proven:
        return [_claim(sentence, praised, ClaimKind.PRAISE)]
    told = tongue.told.search(text) or _given(text, tongue) or tongue.did.search(text)
    if told and len(grounds.telling(text)) > 1:
        return [_claim(sentence, told, ClaimKind.EVENT)]
    for part in parts:
        people = tongue.people.search(part)
        trouble = tongue.trouble.search(part)
        if people and trouble:
            return [_claim(sentence, trouble, ClaimKind.INSIDE)]
        reader = tongue.reader.search(part)
        if reader and len(grounds.telling(part)) > 1 and not grounds.stands(part):
            return [_claim(sentence, reader, ClaimKind.INSIDE)]
        past = _finished(part, grounds)
        if past:
            return [_claim(sentence, past, ClaimKind.EVENT)]
    others = tongue.others.search(text) or tongue.record.search(text) or tongue.law.search(text)
    return [_claim(sentence, others, ClaimKind.WORLD, _WORLDLY)] if others else []


def _finished(part: str, grounds: _Grounds) -> re.Match[str] | None:
    """What a clause tells, as done, of others than the writer."""
    past = grounds.tongue.past.search(part)
    if past is None or len(part.split()) < _FEW or grounds.tongue.self.search(part[: past.start()]):
        return None
    return None if grounds.stands(part) or not grounds.telling(part) else past


def _figures_of(text: str, sentence: str, grounds: _Grounds) -> list[Claim]:
    """Figures of what is told that stand in no evidence; what the writer offers is his own to count."""
    found = []
    for part in _CLAUSES.split(text):
        tongue = grounds.tongue
        ours = tongue.ours.search(part) or (tongue.self.search(part) and not tongue.record.search(part))
        near = tongue.reader.search(part) or tongue.people.search(part) or _told_of(part, tongue)
        left = _CLOCK.sub(lambda match: " " * len(match.group()), part)
        for match in _FIGURE.finditer(left):
            figure = re.sub(r"\D", "", match["figure"])
            if (
                figure in grounds.figures
                or (ours and not match["after"])
                or _dated(left, match, grounds.tongue)
            ):
                continue
            found.append(match)
        counted = None if ours or found or not near else tongue.counted.search(left)
        share = None if ours or found else tongue.share.search(left)
        if counted and not grounds.stands(part) and not counted["figure"][0].isdigit():
            found.append(counted)
        if share and not grounds.stands(part):
            found.append(share)
    return [
        _claim(sentence, one, ClaimKind.NUMBER, "No live evidence or proof has this figure.")
        for one in found[:1]
    ]


def _told_of(part: str, tongue: Tongue) -> bool:
    """Whether a clause has a word for its reader, or tells of customers and others in the trade."""
    return bool(
        _ADDRESSED[tongue.name].search(part) or tongue.record.search(part) or tongue.others.search(part)
    )


_ADDRESSED = {
    "de": re.compile(r"\b(?:Sie|Ihnen|Ihr|Ihre[mnrs]?|euch|eu(?:er|re)\w*|dein\w*)\b"),
    "fr": re.compile(r"\b(?:vous|votre|vos|ton|ta|tes)\b", re.IGNORECASE),
    "es": re.compile(r"\b(?:usted\w*|su|sus|vuestr\w+|vosotros|os|tu|tus)\b", re.IGNORECASE),
    "it": re.compile(r"\b(?:voi|vostr\w|lei|su[oae]|suoi|tu[oaei]+)\b", re.IGNORECASE),
    "nl": re.compile(r"\b(?:u|uw|jullie|jouw)\b", re.IGNORECASE),
}


def _dated(text: str, match: re.Match[str], tongue: Tongue) -> bool:
    """Whether a figure is the day of a month."""
    after = re.match(r"\.?(?: de)? (?P<word>[^\W\d_]+)", text[match.end() :])
    return bool(after) and after["word"].casefold() in tongue.months  # type: ignore[index]


def _days(text: str, sentence: str, grounds: _Grounds) -> list[Claim]:
    """Months and weeks of what is told of the reader that no evidence is of."""
    tongue = grounds.tongue
    aligned = [one for one in grounds.live if _stems(one.text) & grounds.telling(text)]
    if not aligned or (tongue.self.search(text) and not tongue.told.search(text)):
        return []
    words = [word.casefold() for word in _WORD.findall(text)]
    for place, month in enumerate(tongue.months, 1):
        if month in words and not any(_of_month(one, place, month) for one in aligned):
            return [Claim(sentence, month, ClaimKind.DATE, "No live fact or signal has this date.")]
    for pattern, days in ((tongue.last_week, 16), (tongue.last_month, 66)):
        said = pattern.search(text)
        dated = [one.as_of for one in aligned if one.as_of]
        if said and dated and all(one < grounds.today - timedelta(days=days) for one in dated):
            return [_claim(sentence, said, ClaimKind.DATE, "No live fact or signal has this date.")]
    return []


def _of_month(one: Backing, place: int, month: str) -> bool:
    return month in one.text.casefold() or bool(one.as_of and one.as_of.month == place)


def _claim(sentence: str, match: re.Match[str], kind: ClaimKind, why: str = _NOTHING) -> Claim:
    return Claim(sentence, match.group().strip(" ,"), kind, why)
