"""What a text says of its reader, held against live evidence: numbers, dates, names, events and praise.

A text is cut into sentences and these into clauses (`clauses`). What a clause asks, offers, supposes or says
of its writer needs no evidence; what it states in particular of its reader, or of the customer that a proof
names, does. Its figures (`quantities`) and words of time (`times`) are intervals, and stand when a figure or
a day of the evidence lies in them. What does not stand is reported with its sentence and the reason, so that
a person can mend it, find a source, or vouch for it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache

from panout.outreach.rules import quantities, times
from panout.outreach.rules.abroad import unsupported_abroad
from panout.outreach.rules.clauses import DISCLAIMED, Clause, Mood, clauses
from panout.outreach.rules.english import alike, brands, is_english, kin, root
from panout.outreach.rules.english import plain_words as _plain_words
from panout.outreach.rules.happenings import HAPPENINGS, PRAISE, Happening
from panout.outreach.rules.quantities import Measure, Quantity
from panout.outreach.rules.statements import Backing, Claim, ClaimKind
from panout.outreach.rules.tongues import tongue_of
from panout.outreach.rules.world import family_of, reversed_words

__all__ = ["Backing", "Claim", "ClaimKind", "unsupported"]


def unsupported(
    text: str, backings: Sequence[Backing], known: Iterable[str], today: date
) -> tuple[Claim, ...]:
    """Every claim in `text` that nothing live supports, in reading order.

    `known` are texts that are true of the people involved: names, the company's own record, the sender.
    """
    known = tuple(known)
    own = _QUOTED.sub("", text)
    tongue = tongue_of(own)
    if tongue is not None:
        return unsupported_abroad(_sentences(own), backings, known, tongue, today)
    ground = _Ground(backings, known, today, replies=bool(_REPLY.search(text)))
    found: list[Claim] = []
    peers = False
    for sentence in _sentences(own):
        named = bool(ground.proof_names & _folded(sentence))
        peers = named or (peers and bool(_GOES_ON.match(sentence)))
        found += _judged(sentence, ground, peers=peers)
    return tuple(dict.fromkeys(found))


# What an answer quotes of its reader's mail the reader wrote; and an answer may say what was asked.
_QUOTED = re.compile(r"^>.*$", re.MULTILINE)
_REPLY = re.compile(
    r"^>|\bthank(?:s| you)(?: \w+){0,2} for (?:your|the) (?:\w+ )?(?:repl(?:y|ies)|answers?|questions?"
    r"|message|note|e-?mail|mail"
    r"|response|feedback|letter)\b|\b(?:to answer|in answer to|in reply to"
    r"|as to) your (?:\w+ )?(?:question|mail|letter|note)",
    re.IGNORECASE | re.MULTILINE,
)

# A sentence that goes on about whom the last one named.
_GOES_ON = re.compile(r"(?:it|they|that|there|their|its|this)\b(?!(?:'|\u2019)s why)", re.IGNORECASE)


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


_SMALL = frozenset(
    """
    a an and are as at for from has have in is it its my new of on our that the this to was were
    with you your
    """.split()  # noqa: SIM905 - a list of words is read as words
)
_TELLING = 4  # letters; shorter words tell events apart by chance
# Words of business that stand in half of all evidence, and tie a sentence to none.
_EVERYWHERE = frozenset(
    root(word)
    for word in """
    business companies company customer customers first group growth market month months new news next people
    process product products project quarter second service services site sites software start started system
    systems team teams time today week work year years take takes make makes get gets set
    """.split()  # noqa: SIM905 - a list of words is read as words
)


@lru_cache(maxsize=1 << 12)
def _roots(text: str) -> frozenset[str]:
    """Roots of the telling words of a text."""
    parts = (part for word in _WORD.findall(text) for part in _fold(word).split("-"))
    return frozenset(
        root(part) for part in parts
        if part and part not in _SMALL and part not in _plain_words() and not part.isdigit()
    ) - _EVERYWHERE  # fmt: skip


@lru_cache(maxsize=1 << 12)
def _initials(text: str) -> frozenset[str]:
    """What a text may be shortened to: account executives AE, a chief revenue officer CRO."""
    words = [word for word in re.findall(r"[^\W\d_]+", text.casefold()) if word not in _SMALL]
    return frozenset(
        "".join(word[0] for word in words[place : place + size])
        for size in (2, 3, 4)
        for place in range(len(words) - size + 1)
    )


@lru_cache(maxsize=1 << 12)
def _short(text: str) -> frozenset[str]:
    """Words of capitals alone, a plural's ending off."""
    return frozenset(word.casefold() for word in re.findall(r"\b([A-Z]{2,4})s?\b", text))


@lru_cache(maxsize=1 << 12)
def _wide(text: str) -> frozenset[str]:
    """Roots of a text, and of other words for what it tells of."""
    roots = {root(_fold(word)) for word in _WORD.findall(text)}
    return _roots(text) | frozenset().union(*(kin(one) for one in roots))


def _all_roots(text: str) -> frozenset[str]:
    return frozenset(root(_fold(word)) for word in _WORD.findall(text)) - _VAGUE


def _shared(ones: Iterable[str], others: frozenset[str]) -> frozenset[str]:
    """Which of some roots have a form among others."""
    return frozenset(one for one in ones if one in others or any(alike(one, other) for other in others))


@lru_cache(maxsize=1 << 10)
def _names_of(text: str) -> frozenset[str]:
    names = {_fold(word) for word in _WORD.findall(text) if word[:1].isupper()}
    return frozenset(names) - _plain_words()


def _near_names(backings: Sequence[Backing]) -> frozenset[str]:
    """Names in what we know of the reader: a clause with one of them speaks of the reader."""
    found = set()
    for one in backings:
        for place, word in enumerate(_WORD.findall(one.text)):
            plain = _fold(word)
            if word[:1].isupper() and plain not in _plain_words() and not (place == 0 and is_english(plain)):
                found.add(plain)
    return frozenset(found)


class _Ground:
    """All that may be said, in the forms that sentences are compared with."""

    def __init__(
        self, backings: Sequence[Backing], known: tuple[str, ...], today: date, *, replies: bool = False
    ) -> None:
        self.today = today
        self.replies = replies
        self.live = tuple(one for one in backings if one.live and not one.proof)
        self.stale = tuple(one for one in backings if not one.live and not one.proof)
        self.proofs = tuple(one for one in backings if one.proof)
        live = tuple(one.text for one in self.live)
        proven = tuple(one.text for one in self.proofs)
        told = (*known, *live, *proven)
        self.told = quantities.told_by(told)
        self.of_reader = quantities.told_by((*known, *live))
        self.proven = quantities.told_by(proven)
        self.words = frozenset[str]().union(*(_folded(text) for text in told))
        self.known = frozenset[str]().union(*(_folded(text) for text in known))
        self.letters = " ".join(told).casefold()
        # The reader's and the company's names are in every second sentence, and prove nothing.
        self.names = frozenset(
            _fold(word) for text in known for word in _WORD.findall(text) if word[:1].isupper()
        )
        self.person = _folded(known[0]) if known else frozenset()
        own = frozenset(root(name) for name in self.names)
        self.proof_names = frozenset[str]().union(*(_names_of(text) for text in proven)) - self.names
        self.near = (_near_names(self.live + self.stale) | (self.names - _plain_words())) - self.proof_names
        self.roots = frozenset[str]().union(*(_roots(text) for text in told))
        self.live_roots = frozenset[str]().union(*(_roots(text) for text in live)) - own
        self.runs = frozenset[str]().union(*(_runs(text) for text in told))
        self.live_runs = frozenset[str]().union(*(_runs(text) for text in live))
        self.old = quantities.told_by(tuple(one.text for one in self.stale))
        self.alive = frozenset[str]().union(*(_wide(f"{one.text} {one.type}") for one in self.live)) - own
        self.pieces = tuple((one, _roots(one.text) - own) for one in self.live)
        self.wide = (
            frozenset[str]()
            .union(*(_roots(text) for text in (*known, *live)))
            .union(*(_wide(f"{one.text} {one.type}") for one in self.live))
        )
        self.cold = tuple((one, _roots(one.text) - self.roots) for one in self.stale)

    def aligned(self, text: str) -> tuple[Backing, ...]:
        """The live evidence that a text speaks of: it shares a telling word with it."""
        words = _roots(text)
        short = _short(text)
        return tuple(
            one for one, telling in self.pieces if _shared(telling, words) or short & _initials(one.text)
        )

    def met(self, text: str, *, bare: bool = False) -> float:
        """Which share of the telling words of a text stands in what we know, be it in other words."""
        short = _short(text)
        telling = [
            one for word in _WORD.findall(text)
            if _fold(word) not in self.names and not (bare and word[:1].isupper() and _fold(word) in self.near)
            for one in _roots(word)
            if len(one) > 2
            and not (_short(word) & short and any(_short(word) & _initials(piece.text) for piece in self.live))
        ]  # fmt: skip
        if not telling:
            return 1.0  # nothing but names that we know
        return len([one for one in telling if _shared((one,), self.wide)]) / len(telling)


# -- sentences

_SENTENCE_ENDS = re.compile(r"(?<=[.!?])[\"\u201d)]?\s+|\n+")
_ABBREVIATED = re.compile(
    r"\b(?:e\.g|i\.e|Inc|Ltd|Co|Corp|Dr|Mr|Mrs|Ms|St|No|vs|approx|Jan|Feb|Mar|Apr|Aug|Sept?|Oct|Nov|Dec"
    r"|z\.B|bzw|ca|Nr|Hr|Fr|Mme|Sra?|Sig|dhr|mevr|P\.S|(?<!Series )(?<!Plan )[A-Z])\.$"
)
_ADDRESS = re.compile(r"https?://\S+|www\.\S+|[^\s@]{1,64}@[^\s@]{1,190}\.\w{1,30}|\+\d[\d ()./-]{6,}")
_LONGEST = 1200  # letters; what is longer is no sentence of anybody's
# "am 2. November": a day of the month ends no sentence.
_DAY_OF = re.compile(r"(?<!\d)\d{1,2}\.$")
_MONTH_NEXT = re.compile(
    r"(?:jan|feb|m\u00e4r|apr|mai|jun|jul|aug|sep|okt|nov|dez|ene|mar|mag|giu|lug|set|ott|dic|mei|maart)",
    re.IGNORECASE,
)
_LISTED = re.compile(r"^\(?\d{1,2}[.)]$")


def _sentences(text: str) -> list[str]:
    parts: list[str] = []
    for part in _SENTENCE_ENDS.split(_ADDRESS.sub(" ", text)):
        piece = " ".join(part.split())
        goes_on = parts and (
            _ABBREVIATED.search(parts[-1][-12:])
            or (_DAY_OF.search(parts[-1][-4:]) and _MONTH_NEXT.match(piece))
        )
        if goes_on and len(parts[-1]) < _LONGEST:
            parts[-1] = f"{parts[-1]} {piece}"
        elif piece and not _LISTED.match(piece):
            parts += [piece[start : start + _LONGEST] for start in range(0, len(piece), _LONGEST)]
    return parts


_NEWS = re.compile(
    r"\b(?:saw|seen|see|noticed|read|heard|hear|spotted|caught|congrat\w*|news|learned|gather"
    r"|understand)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class _Part:
    """A clause with its place in the matter: whom it speaks of, and whether it is stated or taken for granted."""

    clause: Clause
    reader: bool  # it speaks of the reader
    peers: bool  # it speaks of a customer that a proof names
    states: bool
    offers: bool

    @property
    def text(self) -> str:
        return self.clause.text


_ADDRESSED = re.compile(
    r"^(?:(?:[Hh]i|[Hh]ello|[Dd]ear|[Hh]ey|[Hh]iya|[Mm]orning|[Gg]ood \w+|[Hh]ola"
    r"|[^\W\d_]{2,12}) )?(?P<names>[A-Z][\w'\u2019-]+(?: [A-Z][\w'\u2019-]+){0,2})(?:,|!"
    r"| [-\u2013\u2014])\s+"
)


def _unaddressed(sentence: str, ground: _Ground) -> str:
    """A sentence without the name of whom it is addressed to: "Hi Ann, you ..." says nothing of Ann."""
    match = _ADDRESSED.match(sentence)
    if match and _folded(match["names"]) <= ground.person:
        return sentence[match.end() :]
    return sentence


def _parts(sentence: str, ground: _Ground, *, peers: bool) -> list[_Part]:
    found = []
    for clause in clauses(_unaddressed(sentence, ground)):
        folded = _folded(clause.text)
        named = bool(ground.proof_names & folded)
        near = bool(ground.near & _names_of(clause.text))
        says = bool(_TAKES_FOR_GRANTED.search(clause.text))
        reader = (
            clause.reader
            or near
            or says
            or (
                clause.mood is Mood.STATES
                and not named
                and not clause.ours
                and bool(ground.aligned(clause.text))
            )
        )
        states = (
            says
            or bool(_GIVEN.match(clause.text) and _told_in(clause.text))
            or (clause.mood is Mood.STATES and (not clause.ours))
        )
        offers = clause.mood in {Mood.OFFERS, Mood.ASKS} or (clause.ours and not says)
        found.append(
            _Part(
                clause,
                reader,
                named or (peers and not clause.reader and not near),
                states,
                offers and not says,
            )
        )
    return found


def _judged(sentence: str, ground: _Ground, *, peers: bool) -> list[Claim]:
    """All that is wrong with one sentence. A proof, or evidence in its own words, stands as it is."""
    bare = sentence.casefold().rstrip(" .!?")
    if any(one.text and bare == one.text.casefold().rstrip(" .!?") for one in (*ground.proofs, *ground.live)):
        return []
    sentence, whole = _SPEECH.sub(_silent, sentence), sentence
    if whole != sentence:
        return [replace(claim, sentence=whole) for claim in _judged(sentence, ground, peers=peers)]
    parts = _parts(sentence, ground, peers=peers)
    cold = _gone_cold(sentence, ground)
    found = cold or [claim for part in parts for claim in _events(part, sentence, ground)]
    if not found:
        found = _untold(sentence, parts, ground)
    if not found:
        found = [claim for part in parts for claim in _inside(part, sentence, ground)]
    if not found:
        found = [claim for part in parts for claim in _of_others(part, sentence, ground)]
    found += _praise(sentence, parts, ground)
    for part in parts:
        found += _dates(part, sentence, ground)
        found += _numbers(part, sentence, ground)
    found += [claim for claim in _names(sentence, ground) if _told_of_somebody(claim.words, parts)]
    return found


# What is quoted as somebody's possible words is not said: "this is no 'I was so impressed' mail".
_SPEECH = re.compile(
    r"[\"\u201c](?=[^\"\u201d]*\b(?:I|we|you|our|my|us)\b)[^\"\u201c\u201d]{4,200}[\"\u201d]"
    r"|(?<= is )[\"\u201c][^\"\u201c\u201d]{4,200}[\"\u201d]"
    r"|(?<= answers )[\"\u201c][^\"\u201c\u201d]{4,200}[\"\u201d]",
    re.IGNORECASE,
)


def _silent(_quoted: re.Match[str]) -> str:
    return "so"


# "We helped Acme", "Acme uses us" tell of a customer, whoever is the subject.
_OF_CUSTOMERS = re.compile(
    r"\b(?:helped|worked with|work with|working with|saved|did (?:this|it|that|the same) (?:for|with|at)"
    r"|brought|took|cut|for|at|like|suggested|recommended|told|mentioned|introduced|talk(?:ed|ing)? (?:to"
    r"|with)|sp(?:eak|eaking|oke) (?:to|with)|met|customers?|clients?)\b",
    re.IGNORECASE,
)


# Where the writer will be, and with whom he works, is his own affair.
_OWN_AFFAIR = re.compile(
    r"\b(?:I|we)(?:'ll| will| shall|'m|\u2019m|\u2019ll| am| are| may| can| could) (?:\w+ ){0,2}?(?:be|in"
    r"|at|pass|come|travel|visit)\b"
    r"|\b(?:my|our) (?:colleague|partner|manager|assistant|co-founder|boss|technician|engineer"
    r"|team-?mate)s? [A-Z]"
    r"|^(?:best|kind|warm|many) (?:wishes|regards|greetings)\b",
    re.IGNORECASE,
)
_SERVES = re.compile(
    r"\b(?:help\w*|work(?:ed|ing)? with|saved|did|customers?|clients?|suppl\w+)\b", re.IGNORECASE
)


def _told_of_somebody(name: str, parts: list[_Part]) -> bool:
    """Whether a name stands where something is stated: what the writer asks, offers or uses is his own affair."""
    for part in parts:
        if name.split()[0] in part.text:
            if _OWN_AFFAIR.search(part.text) and not _SERVES.search(part.text):
                return False
            return not part.clause.ours or part.states or bool(_OF_CUSTOMERS.search(part.text))
    return True


# -- events

_GIVEN = re.compile(
    r"^(?:after|since|following|with|despite|given|in light of|because of|thanks to)"
    r" (?:the|your|all the|last|this|that)\b",
    re.IGNORECASE,
)
# Signals of these types tell of anything at all: they prove only what they have a word of.
_ANYTHING = frozenset({"news", "note", "other", ""})
_OURS = re.compile(r"\b(?:i|we)(?:'ve|\u2019ve| have)?\s+(?:\w+ly )?$", re.IGNORECASE)
# "The best launch is", "before launching", "a plan to hire": no word of these tells that it happened.
_SUPPOSED = re.compile(
    r"\b(?:if|whether|unless|in case|would|might|could|may|should|can|will|often|usually|typically|tend to"
    r"|to|before|without|instead of|after(?= \w+ing)|while|(?<!heard )(?<!read )(?<!news )(?<!know )about"
    r"|help(?:s|ed)? \w+|never|not|no|every|each|any|most \w+|many \w+|teams|companies"
    r"|people)\s+(?:\w+\s+){0,2}$",
    re.IGNORECASE,
)


def _events(part: _Part, sentence: str, ground: _Ground) -> list[Claim]:
    """What a clause tells as having happened to its reader, and nothing live tells of."""
    if not part.states or (part.peers and not part.clause.reader):
        return []
    aligned = ground.aligned(part.text)
    if not (part.reader or aligned or _GIVEN.search(part.text)):
        return []
    words = _folded(part.text)
    found = []
    for kind, said in _told_in(part.text):
        if ground.replies and kind.name == "meeting":
            continue
        backing = [one for one in ground.live if _proves(kind, one)]
        fitting = [
            one
            for one in backing
            if _agrees(kind, words, one, ground) and (kind.said.search(one.text) or one.type not in _ANYTHING)
        ]
        if fitting or (_in_words(said, aligned) and ground.met(part.text) >= _HARDLY):
            continue
        if (aligned and _loose(kind)) or (_DOCUMENT.search(said) and _cited(sentence, ground)):
            continue
        found.append(_no_event(kind, sentence, said, backing, ground))
    return found


# Where something was read is no news of its own, when what was read there is known.
_DOCUMENT = re.compile(
    r"\b(?:reports?|newsletter|press release|website|brochure|accounts|announcement|interview|press"
    r"|papers?|news)\b",
    re.IGNORECASE,
)
_SOURCE = re.compile(
    r"\b(?:(?:in|on|from|by|to|according to|as per|if I read) )?(?:the|your|its|a|an|last (?:week"
    r"|month)'s) (?:[\w-]+ ){0,2}"
    r"(?:press release|release|reports?|newsletter|website|web site|brochure|accounts|announcement"
    r"|interview|press|papers?"
    r"|news|register|gazette|bulletin|magazine|journal|careers page|job ad|filing|statement)\b(?: that)?",
    re.IGNORECASE,
)


def _cited(sentence: str, ground: _Ground) -> bool:
    return bool(ground.aligned(sentence)) and ground.met(_SOURCE.sub(" ", sentence)) >= _MET


def _in_words(said: str, aligned: Sequence[Backing]) -> bool:
    roots = {root(_fold(word)) for word in _WORD.findall(said)} - _VAGUE
    return any(_shared(roots, _wide(f"{one.text} {one.type}")) for one in aligned) if roots else bool(aligned)


_EMPTY = "new your you the a an on for at to of in and our it its was were has have had this that"
_VAGUE = frozenset(root(word) for word in _EMPTY.split())
_LOOSE = frozenset(
    {
        "tools",
        "growth",
        "announcement",
        "hiring",
        "expansion",
        "launch",
        "visit",
        "meeting",
        "loss",
        "deals",
        "speaking",
    }
)


def _loose(kind: Happening) -> bool:
    """Kinds whose words serve for much else: beside words of live evidence they say nothing new."""
    return kind.name in _LOOSE


@lru_cache(maxsize=1 << 12)
def _told_in(text: str) -> tuple[tuple[Happening, str], ...]:
    """The kinds of event that a clause tells of, each with its words."""
    found = ((kind, _asserted(kind, text)) for kind in HAPPENINGS)
    return tuple((kind, said) for kind, said in found if said is not None)


def _asserted(kind: Happening, text: str) -> str | None:
    for match in kind.said.finditer(text):
        before = text[: match.start()]
        if not _OURS.search(before) and not _SUPPOSED.search(before):
            return match.group()
    return None


def _proves(kind: Happening, one: Backing) -> bool:
    return one.type in kind.types or bool(kind.said.search(one.text))


_OFFICER = re.compile(r"\bchief (\w)\w* officer\b", re.IGNORECASE)
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
        return Claim(sentence, said, ClaimKind.STALE, _old_news(old, ground))
    return Claim(sentence, said, ClaimKind.EVENT, f"No live fact or signal tells of it ({kind.name}).")


def _old_news(one: Backing, ground: _Ground) -> str:
    age = f", {(ground.today - one.as_of).days} days ago" if one.as_of else ""
    return f"That is no news any more: \u201c{one.text}\u201d{age}."


# "I saw that ...", "congratulations on ...", "now that you ...": what follows is taken for granted.
_TAKES_FOR_GRANTED = re.compile(
    r"\b(?:(?:I|we)(?:'ve|\u2019ve| have)?(?: also| just| recently| keep| kept)? |^(?:and |so |just "
    r"|also |\w+, )?)"
    r"(?:saw|seen|noticed|notice|spotted|heard|hear|hearing|learned|learnt|gather|understand|came across"
    r"|read (?:that|about|of|with))\b"
    r"|\b(?:I|we)(?:'m|\u2019m|'ve been|\u2019ve been|'re|\u2019re| am| are| was| were) told\b"
    r"|\b(?:word is|rumou?r has it|people say|they say|word on the street|a little bird)\b"
    r"|\bI(?:'ve|\u2019ve| have)?(?: also| just| recently| keep| kept| can)? (?:see\b|read\b|know (?:that"
    r"|you|your)\b)|^(?:just |also |\w+, )?(?:see|read|know) (?:that|about|you)\b"
    r"|\bcongrat(?:s|ulations)\b|\bwell done\b|\bkudos\b|\bhats off\b|\bsorry to (?:hear|read)\b"
    r"|\bthanks? (?:you )?(?:again )?for\b"
    r"|\b(?:now that|ever since|seeing that|fresh off|on the back of|news that|news of|news about)\b"
    r"|^(?:and |so |but )?(?:after|following|since|given|despite|with|between|plus|on top of) (?:the|your"
    r"|you|all the|last|this)\b(?! (?:permission|leave|consent|agreement|approval|help|kind|reply|answer)\b)",
    re.IGNORECASE,
)
# What a writer asks for is not taken for granted: "with your permission".
_NO_FAVOUR = r"(?!(?:permission|leave|consent|agreement|approval|help|kind|reply|answer)\b)"
_UNTIL = r"(?:[^,.;:?!]|[,.](?=\d))*"
_GRANTED = re.compile(
    rf"(?:\bI(?:'ve|\u2019ve| have|'m|\u2019m)?(?: also| just| recently| keep| can| was| am)? |\bwe(?:'re"
    rf"|\u2019re|'ve been|\u2019ve been) (?=told)|^(?:and |so |just |also |[A-Z]\w+, )?)(?:saw|see|seen"
    rf"|noticed|spotted|heard|hear|hearing|learned|learnt|gather|understand|read|told|know(?= (?:that|you"
    rf"|your)))\b"
    rf"(?! (?:if|whether|how to|from experience|what|who|which|any)\b)(?: (?:that|about|of|how"
    rf"|on \w+ that|in \w+ that))?(?P<said> {_UNTIL})"
    rf"|\bwe (?:saw|noticed|spotted|heard|hear|learned|gather|understand|read)(?: also| just)? (?:that"
    rf"|about|of)(?P<we> {_UNTIL})"
    rf"|\bcongrat(?:s|ulations)(?: to \w+(?: \w+)?)? (?:on|for) (?P<feat>{_UNTIL})"
    rf"|\b(?:now that|ever since|seeing that) (?P<state>(?:you|your|the)\b{_UNTIL})"
    rf"|\bsorry (?:to (?:hear|read|learn|see) )?(?:about|that|of)(?P<sad> {_UNTIL})"
    rf"|\bwith (?P<trend>\w+(?: \w+)? (?:down|up|falling|rising|shrinking|soaring|climbing) {_UNTIL})"
    rf"|^(?:after|following|since|fresh off|given|despite) (?P<past>(?:your|the|you) {_NO_FAVOUR}{_UNTIL})"
    rf"|^(?:with|between|plus|on top of) (?P<course>(?:your {_NO_FAVOUR}|the new|the recent|all the) {_UNTIL})"
    rf"|\b(?:fresh off|on the back of|sorry (?:to hear|to read) (?:about|that)|thanks (?:again )?for|plus"
    rf"|and) (?P<back>(?:the new|the recent|the latest|your new|your recent) {_UNTIL})",
    re.IGNORECASE,
)
_SAYS_SO = re.compile(
    r"\b(?:saw|noticed|spotted|heard|hear|learned|gather|understand|read|know|told)\b",
    re.IGNORECASE,
)
_SORRY = re.compile(r"\bsorry\b", re.IGNORECASE)
_HEAD = re.compile(r" (?:at|in|of|on|for|with|by|which|that|to)\b")
_HARDLY = 0.34  # share of telling words that we know, under which what is taken for granted is news to us
# What the kinds of happening look after, or what tells nothing by itself.
_BARE = frozenset(
    """
    announcement appointment article call chat conversation event meeting message move note piece post
    project role talk update
    """.split()  # noqa: SIM905 - a list of words is read as words
)


def _untold(sentence: str, parts: list[_Part], ground: _Ground) -> list[Claim]:
    """What a sentence takes for granted of its reader, when hardly a word of it stands in what we know."""
    found = []
    for place, part in enumerate(parts):
        if (
            not part.states
            or part.peers
            or (ground.replies and _REPLY.search(sentence))
            or (place and _GIVEN.match(part.text))
        ):
            continue
        text = part.text
        for moment in times.read(text, ground.today):
            text = text.replace(moment.said, " " * len(moment.said))
        if ground.aligned(sentence):
            text = _SOURCE.sub(" that", text)
        for match in _GRANTED.finditer(text):
            said = next(one for one in match.groups() if one is not None)
            if _SORRY.search(match.group()):
                said = _HEAD.split(said, maxsplit=1)[0]
            content = {
                one for word in _WORD.findall(said) for one in _roots(word)
                if len(word) >= _TELLING and _fold(word) not in _BARE | ground.names
            }  # fmt: skip
            met = ground.met(said, bare=" that " in match.group())
            if content and (met == 0.0 or (met < _HARDLY and _SAYS_SO.search(match.group()))):
                found.append(
                    Claim(sentence, said.strip(), ClaimKind.EVENT, "Nothing that we know tells of this.")
                )
    return found


_RUN = 3  # words in a row


def _gone_cold(sentence: str, ground: _Ground) -> list[Claim]:
    """A sentence that tells old news: by a name that only it has, by two of its words, or word for word in part."""
    words = _roots(sentence)
    names = _names_of(sentence)
    for one, telling in ground.cold:
        shared = _shared(telling, words)
        named = shared & {root(name) for name in _names_of(one.text) if name in names}
        row = {
            run
            for run in _runs(sentence) & _runs(one.text) - ground.runs
            if set(run.split()) - ground.words - _plain_words()
        }
        title = next(
            (one for one in _titles(one.text) if one in sentence and one.casefold() not in ground.letters), ""
        )
        if named or len(shared) > 1 or row or title:
            said = title or max(row, key=len) if row or title else _said(sentence, shared)
            return [Claim(sentence, said, ClaimKind.STALE, _old_news(one, ground))]
    return []


_TITLE = re.compile(r"(?<!\w)[A-Z][\w'\u2019]+(?:(?: of| the| for| and| in)* [A-Z][\w'\u2019]+)+")


@lru_cache(maxsize=1 << 10)
def _titles(text: str) -> tuple[str, ...]:
    """Names of several words: Mutual of the Year."""
    return tuple(_TITLE.findall(text))


def _said(sentence: str, roots: frozenset[str]) -> str:
    """The words of a sentence that some roots stand in."""
    return (
        ", ".join(dict.fromkeys(word for word in _WORD.findall(sentence) if _shared(_roots(word), roots)))
        or sentence
    )


@lru_cache(maxsize=1 << 12)
def _runs(text: str) -> frozenset[str]:
    """Three words in a row, one of which at least tells something."""
    words = [_fold(word) for word in _WORD.findall(text)]
    return frozenset(
        " ".join(words[place : place + _RUN])
        for place in range(len(words) - _RUN + 1)
        if any(word not in _SMALL and len(word) >= _TELLING for word in words[place : place + _RUN])
    )


# -- how things are with the reader

_GOES = re.compile(
    r"\b(?:(?:has|have|had)(?: \w+ly| already| just| also| never| not| all| been)* (?:\w{2,}(?:ed|en|ing"
    r"|wn|ght|ne|de|nt|lt)|run|cut|put|set|come|become|had|been|lost|left|made)\b"
    r"|(?:'ve|\u2019ve)(?: \w+ly| already| just| also| never| not| been)* \w+"
    r"|(?:is|are|was|were|'re|\u2019re)(?: \w+ly| still| already| also| now| all| never"
    r"| not)* \w{2,}ing\b)",
    re.IGNORECASE,
)
_HABIT = re.compile(
    r"\b(?:still|already|every (?:day|week|month|morning|evening|night|quarter|time|friday|monday|year"
    r"|shift|weekend)|each (?:day|week|month|morning|night|quarter|time|year|shift|weekend)"
    r"|by hand|manually|on paper|in (?:a )?spreadsheets?|in excel|on (?:a )?whiteboards?|always"
    r"|constantly|(?:keeps?|kept) \w+ing|no longer|ever since|most of|half of|the majority)\b",
    re.IGNORECASE,
)
_TROUBLE = re.compile(
    r"\b(?:backlogs?|turnover|attrition|behind schedule|overtime|late|delays?|delayed|complain\w*"
    r"|struggl\w+|suffer\w*|los(?:es?|ing|t)|wast(?:es?|ing|ed)|spends?|spent|miss(?:es|ed|ing)?|fail(?:s"
    r"|ed|ing)?"
    r"|errors?|mistakes?|rework|overworked|burnt? ?out|quit(?:s|ting)?|leaving|left|stuck|slow\w*"
    r"|drown\w*|swamped|stretched|short of|short-staffed|understaffed|shelved|frustrat\w+|unhappy|tired"
    r"|distrust|don(?:'|\u2019)t trust"
    r"|doubled|tripled|rose|risen|climb\w+|crept|slipp\w+|fall\w*|fell|dropp\w+|outgrown|outdated"
    r"|creak\w+|patchwork|firefight\w*|bottleneck|pain|headache|rely|relies|retyp\w+|rekey\w*|re-key\w*"
    r"|chas(?:e|es|ing)|argu\w+|fight\w*|runs? out|break\w*|broke)\b",
    re.IGNORECASE,
)
_OF_READER = re.compile(
    r"^(?:(?:and|but|so|because|since|as|that|though|although|while|which|where|now|today|right now"
    r"|currently|at the moment|meanwhile|still|I know|I hear|I understand|we hear|I gather|I see|word is"
    r"|\w+),? (?:that )?){0,3}"
    r"(?:(?:many|most|some|half|all|both|each|one|two|three|several) of (?:your|the)\b|your\b|you(?:'ve"
    r"|\u2019ve|'re|\u2019re)?\b|the \w+|[A-Z]\w+)",
)
_MET, _MET_MARKED = 0.4, 0.6  # share of telling words that must be known
_SO = re.compile(r"so\b", re.IGNORECASE)


def _inside(part: _Part, sentence: str, ground: _Ground) -> list[Claim]:
    """What a clause states of its reader's affairs, when hardly a word of it stands in what we know."""
    if not (part.states and part.reader) or part.peers or not _OF_READER.match(part.text):
        return []
    text = part.text
    goes, habit, trouble = _GOES.search(text), _HABIT.search(text), _TROUBLE.search(text)
    if (
        not (goes and (habit or trouble))
        and not (habit and trouble)
        and not (goes and _YOURS.search(text))
        and not (habit and _YOURS.search(text))
        and not (_YOURS_DO.match(text) and not _SERVED.search(text))
        and not _YOU_DO.match(text)
    ):
        return []
    if not (goes or habit or trouble) and ground.met(text) >= _HARDLY:
        return []
    marks = (
        bool(goes)
        + len(_HABIT.findall(text))
        + len(_TROUBLE.findall(text))
        + (1 if _SAYS_SO.search(text) else 0)
    )
    if ground.met(text) >= (_MET if marks < 2 else _MET_MARKED):
        return []
    if _SO.match(text) and marks < 2:
        return []
    return [
        Claim(
            sentence,
            text.strip(" .!,"),
            ClaimKind.INSIDE,
            "Nothing that we know says how this is at the reader's.",
        )
    ]


_YOURS_DO = re.compile(
    r"(?:(?:but|since|as|meanwhile|today|right now|currently|at the moment|sadly|\w+ of),? )*your"
    r" (?!name|inbox|calendar|own\b|data|time|reply|answer|choice)(?:[\w-]+ ){1,4}?"
    r"(?:(?:is|are|was|were|has|have|had|gets?|moves?|runs?|[a-z]{3,}ed)\b|(?<=s )(?!for|in|at|of|and|or"
    r"|to|with|on|from|by|who"
    r"|that|as|about|into|is|are|near|than|if|when|may|can|will|could|would|should|might)[a-z]{3,}\b)",
    re.IGNORECASE,
)
# What an offer does for its reader: "your drivers see their route".
_SERVED = re.compile(
    r"\b(?:can|sees?|gets?|receives?|stays?|remains?|keeps?|finds?|belongs?|needs?|hears?|learns?"
    r"|decides?|matters?|deserves?"
    r"|comes? back|goes? back|signs?|opens?|works? with|reads?|knows?|pays? (?:only|nothing)|would|will"
    r"|is (?:welcome|safe|free|yours))\b",
    re.IGNORECASE,
)
_YOU_DO = re.compile(
    r"(?:(?:and|but|so|since|as|today|currently),? )*you (?:already |still |also |currently |now "
    r"|really )?(?:are about to|pay|lose"
    r"|waste|spend|miss|deliver|send|employ|serve|own|rent|import|export|sell|produce|operate|rely"
    r"|struggle|turn away|ship|were|have (?:no|too|an? (?:\w+ )?(?:reputation|problem|backlog|gap"
    r"|shortage)))\b",
    re.IGNORECASE,
)
_YOURS = re.compile(r"\byour (?!name|inbox|calendar|own\b)\w+", re.IGNORECASE)


# -- what is told of others, and against what we know

_PRONOUN = re.compile(
    r"^(?:(?:and|but|so|then) )?(?:he|she)(?:'s|\u2019s| has| had| was| is)?(?: also| just"
    r"| already)? (?:\w{3,}ed|brought|told"
    r"|used|left|took|made|got|gave|said|knew|put|chose|ran|met|went|been|won|saw|kept|found)\b"
    r"|^(?:(?:and|but|so) )?they (?:\w{3,}ed|brought|told|left|took|made|got|gave|said|put|chose|ran|went"
    r"|kept|sold)\b"
    r"(?=.*\b(?:your|you|us|our)\b)"
    r"|\byours (?:is|are|was|were|do|does|did|has|have|had|went|rose|fell|grew)\b(?! (?:to|free|for|if"
    r"|sincerely|truly)\b)",
    re.IGNORECASE,
)
_REPORTED = re.compile(
    r"\b(?:tells?|told|assures?|assured|reports?) (?:us|me)\b|\b(?:I|we)(?:'ve|\u2019ve| have)? (?:speak"
    r"|spoke|spoken|talk"
    r"|talked|work|deal|worked) (?:to|with)\b",
    re.IGNORECASE,
)
_CONDITIONAL = re.compile(r"(?:and |but |or )?(?:if|should|unless|whether|when)\b", re.IGNORECASE)
_NTH = re.compile(
    r"\b(?:every|each) (?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\b"
    r"|\b(?:an?|one|two|three|half an?) (?:full |whole )?(?:hour|day|minute|week|night)s? (?:a|an|per"
    r"|every|each)"
    r" (?:day|week|month|year|person|order|case)\b",
    re.IGNORECASE,
)
_HALF_KNOWN = 0.5  # share of telling words, over which evidence or a proof is what a clause retells


def _of_others(part: _Part, sentence: str, ground: _Ground) -> list[Claim]:
    """What is told of the law, the market, third parties or ourselves, or against the evidence that it speaks of."""
    mood = part.clause.mood
    if mood is Mood.ASKS:
        return _presumed(part.text, sentence, ground)
    if mood is Mood.OFFERS or (part.peers and not part.reader):
        return []
    return _reversed(part, sentence, ground) or _of_world(part, sentence, ground)


def _reversed(part: _Part, sentence: str, ground: _Ground) -> list[Claim]:
    for one in ground.aligned(part.text) if part.states else ():
        said = reversed_words(part.text, one.text)
        if said and not any(said.casefold() in other.text.casefold() for other in ground.live):
            why = f"What we know is the reverse: \u201c{one.text}\u201d."
            return [Claim(sentence, said, ClaimKind.EVENT, why)]
    return []


def _of_world(part: _Part, sentence: str, ground: _Ground) -> list[Claim]:
    text, states = part.text, part.clause.mood is Mood.STATES
    told = states or (part.clause.general and not _NOBODY.match(text))
    family, words = family_of(text) or (None, "")
    if (
        family
        and (told or (family.name == "law" and not _CONDITIONAL.match(text)))
        and not _retold(text, ground)
    ):
        return [Claim(sentence, words, ClaimKind.WORLD, family.why)]
    match = _PRONOUN.search(text) if told and not _retold(text, ground) else None
    if match or (states and _finished(part, ground)):
        match = match or _PAST.search(text)
        said = match.group().strip() if match else ""
        return [Claim(sentence, said, ClaimKind.EVENT, "Nothing that we know tells of this.")]
    said = _reckoned(text, ground, least=1.0) if states and _SAVES.search(text) else ""
    if not said and told and _REPORTED.search(sentence):
        said = _reckoned(text, ground)
    return [Claim(sentence, said, ClaimKind.NUMBER, _NO_SOURCE.format(said))] if said else []


_NOBODY = re.compile(r"(?:nobody|no one|nothing|whoever)\b", re.IGNORECASE)
_LEAD = re.compile(r"(?:(?:and|but|so|yet|since|as|though|although|then|last \w+|in \w+),? )*", re.IGNORECASE)
# What a question takes for granted: "why did you drop ...?", "how did the move go?".
_PRESUMED = re.compile(
    r"^(?:(?:and|so|but|\w+), )?(?:(?:why|how come) (?:did|have|has|are|is|was|were) (?:you|your|the"
    r"|[A-Z]\w+)\b(?! (?:not|the right))"
    r"|why (?:do|does) (?:you|your \w+) still\b|what (?:made|led|drove|prompted) (?:you|your)\b"
    r"|how (?:did|is|are|was) (?:the|your) (?:[\w-]+ ){1,4}(?:go|going|turn out|coming along|settling in"
    r"|doing)\b"
    r"|who (?:replaced|took over|has taken over|has replaced)\b|when did (?:you|your \w+) (?:stop|start"
    r"|decide|drop|lose|leave)\b)",
    re.IGNORECASE,
)
_SAVES = re.compile(
    r"\b(?:saves?|saved|cuts?|reduces?|lowers?|shortens?|pays? for itself|pays? (?:itself )?back|payback"
    r"|recovers?|frees"
    r"|boosts?|raises?|lifts?|increases?)\b",
    re.IGNORECASE,
)


def _presumed(text: str, sentence: str, ground: _Ground) -> list[Claim]:
    match = _PRESUMED.search(text)
    if match is None or ground.met(text) >= _MET:
        return []
    return [Claim(sentence, match.group().strip(), ClaimKind.EVENT, "The question takes it for granted.")]


_WRITER = re.compile(r"\b(?:I|me|my|mine|we|us|our|ours)\b", re.IGNORECASE)
_IRREGULAR = (
    r"became|began|bought|brought|built|came|chose|cut|did|fell|found|gave|got|grew|held|hit|kept|knew"
    r"|laid|led|left|let"
    r"|lost|made|met|paid|ran|rose|said|sank|saw|sent|set|shrank|shut|sold|spent|spoke|stood|struck|took"
    r"|told|went|won"
)
_PAST = re.compile(
    r"\b(?:has|have|had|'ve|\u2019ve)(?: (?:not|never|just|already|recently|since|now|all|also|finally"
    r"|long|been|\w+ly))*"
    r" (?:\w{3,}ed|begun|become|bought|brought|built|come|cut|done|fallen|found|given|gone|got"
    r"|grown|had|held|kept"
    r"|led|left|lost|made|moved|paid|risen|run|seen|sent|set|shut|sold|spent|taken|told|won)\b"
    rf"|^(?:(?i:the|your|their|its|his|her)|(?!What|Which|Who|It|Two|Three|With|That|And|No"
    rf"|Not)[A-Z][\w-]+) (?:[\w'\u2019-]+ ){{0,4}}?(?!(?:enclosed|attached|proposed|required|needed"
    rf"|so-called)\b)(?:\w{{3,}}ed|{_IRREGULAR})\b(?! (?:by|at the end|over)\b)"
    rf"|^[Yy]ou (?:\w+ly |just |also )?(?!asked|wrote|said|mentioned|sounded|replied|requested|agreed"
    rf"|promised)(?:\w{{3,}}ed|{_IRREGULAR})\b"
    r"|\b(?:was|were) (?:\w+ )?\w{3,}ed\b",
)
_PRESENT = re.compile(
    r"^the (?:enclosed|attached)\b|\b(?:is|are|am|'s|gets?|needed|new (?:job|role)|which|what|that|who"
    r"|nothing|nobody|does|do|can|will|has to|have to|needs?|takes?|costs?|makes?|means?)\b",
    re.IGNORECASE,
)


def _finished(part: _Part, ground: _Ground) -> bool:
    """Whether a clause tells, as done, something of others than the writer that nothing we know tells of."""
    text = part.text
    if part.clause.ours or _WRITER.search(text) or _PRESENT.search(text) or len(text.split()) < _TELLING:
        return False
    lead = _LEAD.match(text)
    told = text[lead.end() :] if lead else text
    return bool(_PAST.search(told)) and ground.met(text) < _MET and not _retold(text, ground)


def _reckoned(text: str, ground: _Ground, least: float = 4.0) -> str:
    """A figure that somebody is said to have given: every fifth crate, a day a week, forty hours."""
    match = _NTH.search(text)
    if match:
        return match.group()
    return next(
        (
            one.said for one in quantities.read(text)
            if (one.measure is Measure.RATIO or one.raw >= least) and not ground.told.entails(one)
        ), "",
    )  # fmt: skip


def _retold(text: str, ground: _Ground) -> bool:
    telling = _roots(text) - frozenset(root(name) for name in ground.names)
    return bool(telling) and len(_shared(telling, ground.roots)) >= _HALF_KNOWN * len(telling)


# -- praise

_EARNED = re.compile(
    r"\b(?:congrat(?:s|ulations)|kudos|well done|hats off|caught my (?:eye|attention)|stood out)\b",
    re.IGNORECASE,
)
_FINE = re.compile(
    r"\byour (?:\w+ ){0,4}(?:is|are|was|were|looks?|feels?|reads?|sounds?|tastes?) (?:\w+ )?(?:a "
    r"|an )?(?:beautiful\w*|lovely"
    r"|delightful|charming|delicious|elegant|immaculate|spotless|exemplary|impeccable|thoughtful"
    r"|excellent|superb|terrific"
    r"|splendid|great|wonderful|clever|smart|sharp|refreshing|legendary|first-rate|joy|delight|pleasure"
    r"|treat|dream|gem)\b"
    r"|\b(?:hard|tough|impossible) to (?:beat|match|fault|improve on)\b|\bdeserves? (?:every|all the"
    r"|a medal|more praise)\b"
    r"|\bbetter than (?:anyone|anybody|any other|most|everyone|everybody|all)\b|\bmakes? it look easy\b"
    r"|\bsets? (?:you|it|them) apart\b"
    r"|\b(?:care|thought|attention|craft) (?:that )?(?:you|your \w+) (?:put|puts|take|takes|pay|pays|give"
    r"|gives)\b"
    r"|\b(?:\w+est|most \w+|best-\w+)\b.{0,40}\b(?:I|we)(?:'ve|\u2019ve| have)? (?:ever )?(?:seen|read"
    r"|come across|met|had|visited|used"
    r"|heard|know|tasted|worked with)\b|\b(?:bravo|chapeau|hat tip|my hat)\b|\bno wonder (?:you|your"
    r"|people|everyone)\b",
    re.IGNORECASE,
)
_GUSH = re.compile(
    r"\b(?:big fan|huge fan|blown away|admire|inspir\w+|incredible|amazing|stellar|your (?:journey"
    r"|passion|vision|leadership|culture|insights?)|resonated|envy of|gold standard|second to none"
    r"|(?:pure|stroke of|a|your) genius"
    r"|hands down|phenomenal|extraordinary|legendary|nobody \w+ like|look(?:ed)? up to|visionary"
    r"|an inspiration|divine|unparalleled|masterpiece|flawless|gorgeous|stunning)\b",
    re.IGNORECASE,
)
_BEST = re.compile(
    r"\b(?:(?:the|some of the|one of the|among the|your) (?:\w+est|most \w+|best|fewest"
    r"|rarest)\b.{0,60}\b(?:in|of|I(?:'ve|\u2019ve)?|we(?:'ve|\u2019ve)?|around|anywhere|ever"
    r"|on the market|out there)\b"
    r"|\b(?:benchmark|yardstick|role model|model|example|reference|lesson|masterclass"
    r"|textbook example) (?:for|to|in|of) (?:every|all|any|the|others|everyone|how|the rest|anybody"
    r"|half)\b"
    r"|(?:rave|raves|raving|gush\w*|swear by|talks? about how|speaks? highly|can(?:'"
    r"|\u2019)t stop talking)\b"
    r"|is rare in|are rare in|is unusual in|puts? (?:most|everyone|everybody|the rest|others|all"
    r"|many) \w+ to shame|puts? \w+ to shame|ahead of (?:the|its) (?:curve|time|field|pack|competition)"
    r"|a cut above|a (?:joy|pleasure|delight) to (?!learn|hear|meet|write|make|offer|show|welcome|receive"
    r"|invite|speak|talk|see you|know that)|few (?:\w+ ){1,4}(?:as|so|with such|like) "
    r"|head and shoulders|no one does|nobody does|never seen (?!your|you|it|them)|rarely seen|seldom seen"
    r"|talk of the|love of"
    r"|most sensible|highly regarded|gave me (?:goosebumps|chills|the shivers|hope|joy)|(?:made"
    r"|makes) (?:me|us|my \w+|everyone) (?:\w+ )?(?:smile|laugh|cry|hungry|jealous|proud|grin|weep)"
    r"|the only one I|my (?:kids|wife|husband|family|team|colleagues|mother|dad|mum) (?:still|all|can't"
    r"|love|loves|swear)|thought of little else|the \w+est (?:thing|one|piece|work|place|team|idea)"
    r"|(?:well |widely )?known (?:for|across|throughout|around|far and wide|in the)|famous for"
    r"|reputation for)",
    re.IGNORECASE,
)


# What the writer has seen, tasted or felt of the reader's nobody can check, and it flatters.
_LIVED = re.compile(
    r"\bI(?:'ve|\u2019ve| have)?(?: \w+ly| just| finally| always| never| once| still)? (?:had|tried|ate"
    r"|drank|visited|walked|watched|played|listened|stayed|bought|ordered|attended|sat|cried|laughed"
    r"|spent|lost|finished|binged?|tasted|wore|drove|rode|got a|got one|grew up|forwarded|framed|slept"
    r"|danced|swam|stood|queued|went to|took my|showed my|told my|use|used|own|keep|love|loved|adore"
    r"|enjoyed|enjoy|admire|admired)\b"
    r"|^(?:\w+, )*(?:walking|sitting|standing|eating|drinking|watching|playing|reading|driving"
    r"|staying) (?:\w+ )?(?:through|in|at|past|by|on|around|to)? ?your\b",
    re.IGNORECASE,
)


def _praise(sentence: str, parts: list[_Part], ground: _Ground) -> list[Claim]:
    """Praise must have a live reason in its own sentence; admiration without one is invented."""
    why = "Praise that nothing we know of supports."
    found = ((part, _praising(part)) for part in parts if not part.peers)
    return [
        Claim(sentence, said, ClaimKind.PRAISE, why)
        for part, said in found
        if said and not _deserved(said, part, sentence, ground)
    ][:1]


def _praising(part: _Part) -> str:
    """The words with which a clause admires its reader, or nothing."""
    said = (
        PRAISE.search(part.text)
        or (_LIVED.search(part.text) if part.reader and part.clause.mood is Mood.STATES else None)
        or (
            (_BEST.search(part.text) or _FINE.search(part.text))
            if part.clause.mood is not Mood.ASKS
            else None
        )
    )
    if (
        said is None
        or DISCLAIMED.search(part.text[: said.start()])
        or _WOULD_LOVE.search(part.text[: said.end() + 12])
    ):
        return ""
    if part.clause.mood in {Mood.ASKS, Mood.OFFERS} and not _GUSH.search(said.group()):
        return ""
    return said.group() if part.reader or _EARNED.search(said.group()) else ""


def _deserved(said: str, part: _Part, sentence: str, ground: _Ground) -> bool:
    if ground.live_runs & _runs(part.text) and not _GUSH.search(said):
        return True
    earned = bool(_EARNED.search(said))
    if earned and len(_WORD.findall(sentence)) < _TELLING:
        return True  # "Congratulations." before or after its reason
    if _GUSH.search(part.text) or not (earned or (not _BEST.search(part.text) and _told_in(part.text))):
        return False
    return bool(_shared(_all_roots(sentence), ground.alive)) or _knows_name(sentence, ground)


_WOULD_LOVE = re.compile(
    r"\b(?:would|'d|\u2019d|will|'ll) (?:really )?(?:love|enjoy|like)\b|\blove to\b|\bthanks?\b",
    re.IGNORECASE,
)


def _knows_name(sentence: str, ground: _Ground) -> bool:
    names = _names_of(sentence) - ground.names
    return any(names & _names_of(one.text) for one in ground.live)


# -- dates

_SOON = re.compile(
    r"\b(?:due to|set to|about to|going to|scheduled (?:to|for)|slated (?:to|for)|will (?:soon )?(?:open"
    r"|launch|start|go live|join|arrive|begin|close|move)|upcoming|soon to (?:be|open|launch)"
    r"|yet to (?:open|launch|start|close)|not yet (?:open|live))\b",
    re.IGNORECASE,
)
_DONE = re.compile(
    r"\b(?:opened|(?:now|already|finally) (?:open|live|running|in place)|has opened|have opened"
    r"|just opened|up and running|finished|completed|went live|(?:is|are) (?:open|live|running|complete"
    r"|finished)|behind you|has (?:started|begun|closed|launched|joined|moved)|have (?:started|begun"
    r"|closed|launched|joined|moved)|took over|in service)\b",
    re.IGNORECASE,
)
_PLANNED = re.compile(
    r"\b(?:to (?:open|launch|start|close|move|begin|join|add|build)|will|plans?|planned|planning"
    r"|opening|due|(?:from|by|in|until) (?=\d|the|early|late|mid|next|jan|feb|mar|apr|may|jun|jul|aug|sep"
    r"|oct|nov|dec|spring|summer"
    r"|autumn|winter)|applies|closes|starts|takes effect)\b",
    re.IGNORECASE,
)
_PLANS = re.compile(
    r"\b(?:(?:plans?|planning|planned) (?:to|an?|for|the)|has plans|intends?|considers?|considering"
    r"|aims? to|hopes? to|wants? to|prepar(?:es|ing)|is preparing"
    r"|proposes?|to (?:open|move|launch|build|close|hire|start) \w+|will)\b",
    re.IGNORECASE,
)
_FINISHED = re.compile(
    r"\b(?:has|have|'ve|\u2019ve)(?: now| already| just| recently| finally)? (?:opened|moved|launched"
    r"|built|closed|hired"
    r"|started|completed|finished|introduced|replaced|acquired|bought|switched|migrated|begun)\b|\b(?:you"
    r"|your \w+|[A-Z]\w+)"
    r" (?:opened|moved|launched|built|closed|started|completed)\b",
)
_HAPPENS = re.compile(
    r"\b(?:runs?|lasts?|ends?|until|open\w*|start\w*|launch\w*|live|running|finish\w*|complet\w*|clos\w+"
    r"|mov(?:e|es|ed|ing)|go(?:es|ing)?|went|due|set to|join\w*|arriv\w*|deliver\w*|begin\w*|began"
    r"|applies|apply|takes? effect|comes?|came|in force|"
    r"announc\w*|sign\w*|rais\w+|hir\w+|since|happened|took|bought|acquir\w*|appoint\w*|became|won"
    r"|released?|ship\w*|out|posted|advertis\w*|talk|speak\w*|visit\w*|look\w*|download\w*|asked|filled"
    r"|met|deadline|cleared|approved|been|got|landed|brought|introduced|unveil\w*|rolled|expan\w+"
    r"|switch\w*|migrat\w*|moved|wrote|published|shared|news|read|saw|ordered|\w{3,}ed)\b",
    re.IGNORECASE,
)
_TOLD_OF = re.compile(
    r"\b(?:announc\w*|saw|read|heard|news|notic\w+|sign\w*|plan\w*|posted|publish\w*|said|told|hear"
    r"|learn\w*|advert\w*|agreed|decided|order\w*|wrote|shared|won|got|received|raised|secured|landed)\b",
    re.IGNORECASE,
)


@lru_cache(maxsize=1 << 11)
def _days_of(one: Backing, today: date) -> tuple[tuple[date, date], ...]:
    """The days that a piece of evidence names in its own words."""
    at = one.as_of or today
    return tuple((moment.first, moment.last) for moment in times.read(one.text, at) if moment.precise)


_WANTED = re.compile(
    r"\b(?:needs?|wants?|wanted|preferably|due)\b", re.IGNORECASE
)  # "they need it yesterday"


def _dates(part: _Part, sentence: str, ground: _Ground) -> list[Claim]:
    """Days that do not fit the evidence that a clause speaks of, or that no evidence has at all."""
    aligned = ground.aligned(part.text)
    if (
        part.offers
        or part.clause.mood is Mood.ASKS
        or (part.peers and not part.clause.reader and not aligned)
    ):
        return []
    granted = (
        part.states and part.reader and bool(_told_in(part.text) or _TAKES_FOR_GRANTED.search(part.text))
    )
    moments = times.read(part.text, ground.today)
    if part.states:
        moments = (*moments, *times.lasting(part.text, ground.today))
    if not (aligned or granted):
        moments = ()
    witnesses = aligned or _proving(part.text, ground) or ground.live
    dated = next((one for one in aligned if one.as_of), None)
    why = f"The evidence is of {dated.as_of:%-d %B %Y}." if dated and dated.as_of else _NO_DAY
    found = [
        Claim(sentence, moment.said, ClaimKind.DATE, why)
        for moment in moments
        if _needs_witness(moment, part, ground)
        and not any(_fits(moment, one, part.text, ground) for one in witnesses)
    ]
    return found or _tense(part, sentence, aligned, ground)


_NO_DAY = "No live fact or signal has this date."


def _needs_witness(moment: times.Moment, part: _Part, ground: _Ground) -> bool:
    """Whether words of time say when something of the reader's was or will be, in so many words."""
    said = moment.said.casefold()
    if not moment.precise or said in ground.letters:
        return False
    if said.startswith("yesterday") and _WANTED.search(part.text):
        return False
    ahead = moment.last > ground.today + timedelta(days=3)
    return not ahead or bool((part.states or _SOON.search(part.text)) and _HAPPENS.search(part.text))


def _proving(text: str, ground: _Ground) -> tuple[Backing, ...]:
    """The live evidence of what a text tells as having happened, if in other words."""
    kinds = [kind for kind, _ in _told_in(text)]
    return tuple(
        one for one in ground.live
        if any(kind.said.search(one.text) or (_proves(kind, one) and one.type not in _ANYTHING) for kind in kinds)
    )  # fmt: skip


def _fits(moment: times.Moment, one: Backing, text: str, ground: _Ground) -> bool:
    own = _days_of(one, ground.today)
    if any(moment.holds(first, last) for first, last in own):
        return True
    if one.as_of is None:
        return not own
    if own and _SOON.search(text):
        return False
    if (
        own
        and any(first > one.as_of for first, _ in own)
        and _DONE.search(text)
        and not _TOLD_OF.search(text)
    ):
        return False
    return moment.holds(one.as_of, one.as_of)


def _tense(part: _Part, sentence: str, aligned: tuple[Backing, ...], ground: _Ground) -> list[Claim]:
    """Something told as to come that has happened, or as done that is to come."""
    if not part.states or not aligned:
        return []
    soon, done = _SOON.search(part.text), _DONE.search(part.text)
    if soon and all(
        one.as_of
        and one.as_of <= ground.today
        and not _days_of(one, ground.today)
        and not _PLANNED.search(one.text)
        and one.type not in {"hiring", "event"}
        for one in aligned
    ):
        return [
            Claim(sentence, soon.group(), ClaimKind.DATE, f"It has happened: \u201c{aligned[0].text}\u201d.")
        ]
    plans = [one for one in aligned if _PLANS.search(one.text)]
    if plans and len(plans) == len(aligned) and not _PLANS.search(part.text) and _FINISHED.search(part.text):
        said = _FINISHED.search(part.text)
        return [
            Claim(
                sentence,
                said.group() if said else "",
                ClaimKind.DATE,
                f"It is planned: \u201c{plans[0].text}\u201d.",
            )
        ]
    if done and all(
        any(first > ground.today + timedelta(days=3) for first, _ in _days_of(one, ground.today))
        for one in aligned
    ):
        return [
            Claim(
                sentence, done.group(), ClaimKind.DATE, f"It is still to come: \u201c{aligned[0].text}\u201d."
            )
        ]
    return []


# -- numbers

_DEFINITE = re.compile(r"\b(?:the|your|all|those|these|both|its)(?: \w+)? $", re.IGNORECASE)
_OF_YOURS = re.compile(r"^ (?:more )?(?:\w+ )?of (?:your|the|them|these|those|its|our)\b", re.IGNORECASE)
_EVERY = re.compile(r"\b(?:every|for each|each|per|in) $", re.IGNORECASE)
_RATE_BEFORE = re.compile(r"(?:[^\W\d_]s|\d|month|hour|once|twice|much|more|less|fewer|time|[a-z]) $")
_TAKES = re.compile(
    r"\b(?:in|within|takes?|took|needs?|needed|after|spends?|spent|saves?|saved|under|only|just"
    r"|back) (?:just |only |about |around |under |less than )?$",
    re.IGNORECASE,
)
_ANY_NOUN = (
    "new people more open person time day extra full other good big small part best way thing first last next"
)
_COMMON = frozenset(root(word) for word in _ANY_NOUN.split())
_LEAST = 4  # smaller counts in words are the writer's own: "two lists", "three tools"


def _numbers(part: _Part, sentence: str, ground: _Ground) -> list[Claim]:
    """Figures that no evidence has, and that do not follow from it."""
    text = part.text
    for moment in (*times.read(text, ground.today), *times.lasting(text, ground.today)):
        text = text[: moment.start] + " " * len(moment.said) + text[moment.start + len(moment.said) :]
    found = []
    for one in quantities.read(text):
        why = _against(one, text, part, ground)
        if why:
            found.append(Claim(sentence, one.said, ClaimKind.NUMBER, why))
    return found


def _against(one: Quantity, text: str, part: _Part, ground: _Ground) -> str:
    """Why a figure cannot stand, or nothing."""
    told = ground.told
    if part.peers and ground.proofs and not (part.reader and ground.aligned(text)):
        told = ground.proven
    elif part.states and part.clause.reader and one.measure is Measure.RATIO:
        told = ground.of_reader
    single = one.measure is Measure.COUNT and one.value < _PLURAL
    if single or told.entails(one) or _follows(one, text, ground):
        return ""
    if one.measure is Measure.RATIO:
        return _NO_SOURCE.format(one.said) if _share_needs_source(one, part) else ""
    if one.raw >= _LEAST and not part.offers and ground.old.entails(one):
        return f"No live evidence has the figure {one.said}; it is of old news."
    other = told.counts(one)
    if other and one.measure is Measure.COUNT and not (set(one.nouns) & set(other.nouns)) - _COMMON:
        other = None
    needs = {
        Measure.MONEY: _sum_needs_source,
        Measure.DURATION: _time_needs_source,
        Measure.COUNT: _count_needs_source,
    }[one.measure]
    if not needs(one, text, part, other, ground):
        return ""
    if other:
        return f"No live evidence has the figure {one.said}; it says {other.said}."
    return _NO_SOURCE.format(one.said)


# What our own product costs is ours to say.
_PRICE = re.compile(r"\b(?:costs?|priced at|per (?:\w+ ){0,2}(?:month|year|seat|user|week))\b", re.IGNORECASE)
_PLURAL = 1.5  # "roughly one" is one
_NO_SOURCE = "No live evidence or proof has the figure {}."


def _share_needs_source(one: Quantity, part: _Part) -> bool:
    if part.clause.mood is Mood.ASKS or (part.offers and not one.exact):
        return False
    if re.search(r"\d", one.said) or one.said.endswith("cent"):
        return part.clause.mood is not Mood.SUPPOSES or part.reader or part.peers
    return part.states and (part.peers or part.reader)


def _sum_needs_source(
    one: Quantity, text: str, part: _Part, other: Quantity | None, _ground: _Ground
) -> bool:
    if part.offers and not _DEFINITE.search(text[: one.start]):
        return False
    if not (other or part.clause.reader or part.peers) and _PRICE.search(text):
        return False
    return bool(other) or part.peers or part.reader


def _time_needs_source(
    one: Quantity, text: str, part: _Part, other: Quantity | None, _ground: _Ground
) -> bool:
    if not part.states:
        return False
    if not one.raw:  # "a month", "an hour"
        return part.peers and bool(other) and bool(_TAKES.search(text[: one.start]))
    if part.peers and not part.clause.reader:
        return True
    return part.reader and (bool(other) or part.clause.reader) and one.raw > 1


def _count_needs_source(
    one: Quantity, text: str, part: _Part, other: Quantity | None, ground: _Ground
) -> bool:
    if part.offers or part.clause.mood is Mood.ASKS:
        return bool(other) and bool(_DEFINITE.search(text[: one.start]) or _same_matter(other, text, ground))
    if _OF_YOURS.match(text[one.end :]) and not part.states:
        return False
    if other:
        return True
    return part.states and (part.reader or part.peers) and (one.digits or one.exact or one.raw >= _LEAST)


def _same_matter(other: Quantity | None, text: str, ground: _Ground) -> bool:
    """Whether a text has two telling words of the evidence that a figure stands in."""
    return other is not None and any(
        len(_shared(telling, _roots(text))) > 1
        for piece, telling in ground.pieces
        if other.said in piece.text
    )


def _follows(one: Quantity, text: str, ground: _Ground) -> bool:
    """Whether a figure is a ratio of two others, or a time that has passed between two days we know."""
    if one.measure is Measure.DURATION:
        days = [backing.as_of for backing in ground.live if backing.as_of]
        days += [day for backing in ground.live for span in _days_of(backing, ground.today) for day in span]
        days.append(ground.today)
        gaps = [abs((later - earlier).days) * 1440 for later in days for earlier in days]
        return any(one.low * 0.75 <= gap <= one.high * 1.3 for gap in gaps if gap)
    if one.measure in {Measure.COUNT, Measure.RATIO}:
        counts = [
            told.value
            for told in ground.of_reader.quantities
            if told.measure is Measure.COUNT and told.value > 1
        ]
        if one.measure is Measure.RATIO:
            return " in " in one.said and any(
                abs(a / b - one.value) <= 0.1 * one.value for a in counts for b in counts
            )
        if any(abs(a + b - one.value) < 0.01 for place, a in enumerate(counts) for b in counts[place + 1 :]):
            return True
        if _EVERY.search(text[: one.start]):
            return any(abs(a / b - one.value) <= 0.1 * one.value for a in counts for b in counts)
    return False


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
    if len(tokens) <= _GREETING and stripped.endswith((",", "!")) and _folded(stripped) & ground.person:
        return []
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


_GREETING = 4  # words


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
    if (
        not place
        and not _AFTER_NAME.match(text[token.end() :])
        and not (len(tokens) > 1 and tokens[1].group()[:1].isupper())
    ):
        return True  # a greeting, or a word of another language
    return is_english(plain) or ("-" in plain and all(is_english(part) for part in plain.split("-")))


def _is_known(word: str, ground: _Ground) -> bool:
    plain = _fold(word)
    if plain in ground.words or plain in _plain_words() or plain in ground.known:
        return True
    if re.fullmatch(r"[A-Z]{2}s?", word) or (
        _short(word) and any(_short(word) & _initials(one.text) for one in (*ground.live, *ground.proofs))
    ):
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
