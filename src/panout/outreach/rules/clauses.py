"""What a part of a sentence does: states, supposes, asks or offers; and of whom it speaks.

Only what states something in particular needs evidence. A question, an offer, a guess or a general truth
does not, save for what it takes for granted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache


class Mood(StrEnum):
    """How a clause means what it says."""

    STATES = "states"
    SUPPOSES = "supposes"  # guesses, conditions, what might, usually or will be
    ASKS = "asks"
    OFFERS = "offers"


@dataclass(frozen=True, slots=True)
class Clause:
    """A part of a sentence. `ours`: its subject is the writer; `reader`: it has "you" or "your".

    `general`: it supposes nothing in so many words, but speaks of "most", "a", "every" of something.
    """

    text: str
    mood: Mood
    ours: bool
    reader: bool
    general: bool = False


_SUBJECT = (
    r"(?:I|we|you|your|it|they|he|she|there|this|that|these|those|who|what|how|nobody|everyone|everybody"
    r"|most|some"
    r"|our|my|anyone|ours|one|people|would|could|might|may|can|is|are|do|does|did|has|have|shall|should"
    r"|will|in my|let|tell"
    r"|I'm|I'd|I'll|I've|we'd|we're|we've|we'll|you're|you've|it's|that's|there's|what's"
    r"|the|a|an|each|every|no|and|but|so|or|because|since|although|though|which|while|where|whether|until"
    r"|if|when|as"
    r"|with|after|before|given|plus|despite|once|now|whoever|whatever)"
)
_CUT = re.compile(
    r"[;:] | [-\u2013\u2014]{1,3} |\u2014|\.\.\.\s?"
    rf"|,\s(?=(?i:{_SUBJECT})\b)"
    r"|\s(?=(?i:and|but|so|because|although|though|while|until|unless|if|whether|when|whenever|before"
    r"|since|as) (?i:I|we|you|your|it|they|he|she|there|this|that|nobody|the|our|my)\b)"
    r"|(?<!\blook)(?<!\blooks)(?<!looking)\s(?=(?i:after|following|despite|given) (?:the|your)\b)"
    r"|\s(?=(?:when|because|while|once|now that) [A-Z][a-z])|\s(?=\()|(?<=\))\s"
)
_OURS = re.compile(
    r"^(?:(?:and|but|so|because|since|as|which is why|that's why|that is why|which is where|then|also"
    r"|although|while|though|or|that|where|here|usually|typically|today|instead|meanwhile|until|before"
    r"|after|by the way|honestly|ps|p\.s\.?),? )*"
    r"(?:I|we|our|ours|us|my|me|let me|let us|let's|happy to|glad to|claimgate)(?:'\w+|\u2019\w+)?\b",
    re.IGNORECASE,
)
_OFFER = re.compile(
    r"\b(?:I|we)(?:'d| would|'ll| will| can| could| may| might|\u2019d|\u2019ll|'m happy|\u2019m happy"
    r"| am happy)\b"
    r"|\b(?:happy|glad|delighted) to\b|\b(?:could|can|may|might|shall|should|would|will) (?:I|we)\b"
    r"|\blet me\b"
    r"|^(?:(?:so|and|or|but|please|just|then|if \w+),? )*(?:reply|tell|say|send|let|give|try|ignore|drop"
    r"|pick|name|ask|bring|call|ring|see|take|imagine|picture|think|suppose|consider|forward|point|book"
    r"|grab|note|feel)\b",
    re.IGNORECASE,
)
# "You get the list on Monday": how what we offer works.
_USES = re.compile(
    r"^(?:(?:and|so|then|or|but) )?you (?:just |only |simply )?(?:get|see|send|pay|choose|pick|keep|need"
    r"|upload|connect"
    r"|click|receive|decide|change|type|paste|tell|say|approve|sign|start|stop|plug|drop|set|press|open)\b",
    re.IGNORECASE,
)
_GUESS = re.compile(
    r"\b(?:I(?:'d|\u2019d| would| can| could|'ll|\u2019ll|'m|\u2019m| am)?(?: only| just| rather| really"
    r"| have to| half| also)? ?(?:guess(?:ing)?|bet|imagin\w+|assum\w+|suspect|expect|suppose|presume"
    r"|wonder\w*|reckon|wager|hope|doubt|fear|think|believe|sure|certain|picture|venture|would say|say)"
    r"|my (?:guess|hunch|bet|suspicion|money|assumption|experience|sense|hypothesis)|we (?:guess|assume"
    r"|imagine|suspect|expect|think|believe)"
    r"|presumably|probably|perhaps|maybe|possibly|likely|might|(?-i:may)(?! 20| \d)|could|would|should|must"
    r"|ought to|need not|needn't|chances are|no doubt|surely|seems?|apparently|in theory"
    r"|usually|typically|often|tends?|generally|in general|sometimes|as a rule|rarely|seldom|normally"
    r"|in most|for most|in many|in my experience|for many|as a rule of thumb|sooner or later|at some point"
    r"|can(?:not|'t|\u2019t)? be|(?:i|we) don(?:'|\u2019)t know|no idea|wondering|curious|can (?:get"
    r"|become|feel|turn|mean|make|take|cost|eat|hurt|slip|go|fall|come|grow)|will (?:be|have|need|want"
    r"|ask|get|come|make|mean|take|bring|put|start|soon|only|also|probably|likely|not|still|go|grow|feel"
    r"|see|find|add)|won(?:'|\u2019)t|'ll|\u2019ll)\b",
    re.IGNORECASE,
)
_IF = re.compile(
    r"^(?:(?:and|but|so|or|even|only|especially|particularly|that|because|except|just|usually),? )*(?:if"
    r"|whether|so that|unless|when|whenever|until|till|before|once|in case|suppose|provided|as soon as"
    r"|as long as|should|whoever|whatever|wherever|however|where|by the time|every time|each time"
    r"|the moment|the day)\b",
    re.IGNORECASE,
)
# "Were your costs to rise", "had you asked": conditions without an if.
_INVERTED = re.compile(
    r"^(?:and |but )?(?:were|had|should) (?:you|your|it|they|there|the|this)\b", re.IGNORECASE
)
# What follows from a condition is no more told than the condition.
_CONDITION = re.compile(
    r"^(?:(?:and|but|or|even|only|so),? )*(?:if|unless|should|were|had|in case|in the event|suppose"
    r"|provided)\b",
    re.IGNORECASE,
)
# "If I am not mistaken" is no condition of what it stands beside.
_HEDGE = re.compile(
    r"\b(?:right|correct\w*|mistaken|wrong|understand|understood|remember|true)\b", re.IGNORECASE
)
# What somebody says that he does not say, know or promise.
DISCLAIMED = re.compile(
    r"\b(?:I|we)(?: do| will| shall| can| could| would| am| are|'m|\u2019m)?(?: ?n[o'\u2019]t|'t|\u2019t|not)"
    r"(?: \w+ly)?(?: going to)? (?:know|claim\w*|pretend\w*|say\w*|promis\w+|suggest\w*|tell|assert|swear"
    r"|judge)\b"
    r"|\b(?:make|makes|making) no (?:claim|promise|secret)|\b(?:not|never) (?:hear|read) (?:from"
    r"|it from) (?:me|us)"
    r"|\b(?:isn(?:'|\u2019)t|is not|not) (?:one of those|another of those|a case of)\b",
    re.IGNORECASE,
)
_GENERAL = re.compile(
    r"^(?:(?:and|but|so|because|since|as|that|in my experience|which means|meaning|where|while|often"
    r"|usually),? )*(?:most|many|some|few|nobody|no one|everyone|everybody|anybody|anyone|people|teams"
    r"|companies|one|somebody|someone|plenty of|nothing|everything|any|every|each|a|an|another|whoever)\b",
    re.IGNORECASE,
)
_ASKED = re.compile(
    r"^(?:(?:and|so|but|or|then|now|also|hi|hello|\w+),? )?(?:would|could|might|may|can|is|are|am|do|does"
    r"|did|has|have|shall|should|will|was|were|who|whose|whom|what|which|where|how|why|any|worth|want"
    r"|fancy|interested|curious|open|mind|ok|okay|free|care|up for|ready|too|when|need|sound|too early"
    r"|could you|isn't|aren't|don't|doesn't|haven't|hasn't|won't|wouldn't|couldn't|shouldn't)\b",
    re.IGNORECASE,
)
_PRESUMES = re.compile(
    r"^(?:(?:and|so|but|also|or|especially|particularly|even),? )*(?:with|after|since|now|given|following"
    r"|between|as|because|despite|plus|on top of|having|thanks to|seeing|considering|in light of|ahead of"
    r"|fresh|besides|while|although|though|"
    r"(?:I|we)(?:'ve|\u2019ve| have)? (?:saw|see|seen|notice\w*|read|heard|hear|gather|understand|know"
    r"|spotted|learn\w+)|following|congrat\w*)\b",
    re.IGNORECASE,
)
_READER = re.compile(
    r"\b(?:you|your|yours|yourself|yourselves)\b|\byou(?:'|\u2019)(?:re|ve|d|ll)\b",
    re.IGNORECASE,
)
_WHEN_IT_DID = re.compile(
    r"^(?:(?:[Hh]i|[Hh]ello|[Dd]ear|[Hh]ey|[Aa]nd|[Bb]ut|[Ss]o) )?(?:\w+(?: \w+)?, )?(?:[Ww]hen|[Oo]nce"
    r"|[Bb]efore|[Uu]ntil) (?:you|your \w+(?: \w+)?|[A-Z][\w'\u2019]*(?: [A-Z][\w'\u2019]*)*)"
    r" (?:first |last |just )?(?:\w{2,}ed|went|took|bought|won|had|were|was|got|began|became|cut|put|made"
    r"|spoke|met|sold|left|lost|came|gave|wrote)\b"
)
_SAYS_SO = re.compile(
    r"\b(?:I|we)(?:'ve|\u2019ve| have)?(?: also| just| recently)? (?:know|understand|gather|hear|heard"
    r"|saw|see|seen|read|noticed|notice|spotted|learned|learnt|found out|came across)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=1 << 13)
def clauses(sentence: str) -> tuple[Clause, ...]:
    """The parts of a sentence, each with what it does; a guess colours what follows it."""
    parts = [part for part in (piece.strip() for piece in _CUT.split(sentence)) if part]
    asking = sentence.rstrip().endswith("?")
    found: list[Clause] = []
    far = _SoFar()
    for place, part in enumerate(parts):
        ours = bool(_OURS.match(part))
        reader = bool(_READER.search(part))
        asks = (
            asking
            and not _WHEN_IT_DID.match(part)
            and (
                far.asked
                or bool(_ASKED.match(part))
                or (place == len(parts) - 1 and not _PRESUMES.match(part))
            )
        )
        if asks:
            mood, far.asked = Mood.ASKS, True
        else:
            mood = _mood(part, far, ours=ours, reader=reader, asking=asking)
        general = mood is Mood.SUPPOSES and bool(_GENERAL.match(part)) and not _GUESS.search(part)
        found.append(Clause(part, mood, ours, reader, general and not far.guessed))
    return tuple(found)


@dataclass(slots=True)
class _SoFar:
    """What the clauses before have set the tone for."""

    asked: bool = False
    guessed: bool = False
    offered: bool = False
    supposed: bool = False


def _mood(part: str, far: _SoFar, *, ours: bool, reader: bool, asking: bool) -> Mood:
    guess = _GUESS.search(part)
    if _OFFER.search(part) and not (guess and guess.group().lower().startswith(("i", "we")) and not ours):
        mood = Mood.SUPPOSES if guess and _GUESS_OF_I.match(guess.group()) else Mood.OFFERS
        far.offered, far.guessed = mood is Mood.OFFERS, mood is Mood.SUPPOSES
        return mood
    if _USES.match(part) and not asking:
        far.offered = True
        return Mood.OFFERS
    if _WHEN_IT_DID.match(part):
        return Mood.STATES
    if DISCLAIMED.search(part):
        far.guessed = True
        return Mood.SUPPOSES
    if _IF.match(part) or _INVERTED.match(part):
        far.supposed = far.supposed or bool(_CONDITION.match(part) and not _HEDGE.search(part))
        return Mood.SUPPOSES
    if guess or _GENERAL.match(part):
        far.guessed = far.guessed or bool(guess and _GUESS_OF_I.match(guess.group()))
        return Mood.SUPPOSES
    if _SAYS_SO.search(part):
        return Mood.STATES
    if far.guessed or (far.supposed and not ours):
        return Mood.SUPPOSES
    return Mood.OFFERS if far.offered and not reader else Mood.STATES


_GUESS_OF_I = re.compile(r"I\b|my\b|we\b|presum|prob|perhaps|maybe|chances|no doubt|surely", re.IGNORECASE)
