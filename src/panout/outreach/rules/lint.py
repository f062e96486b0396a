"""Copy lint: what would make a busy reader, or a spam filter, put the message away. Advice, with reasons."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from importlib import resources

from pyphen import Pyphen

_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_SENTENCE = re.compile(r"[^.!?\n]+[.!?]*")
_LINK = re.compile(r"https?://\S+|\bwww\.\S+", re.IGNORECASE)
_SHOUT = re.compile(r"\b[A-Z]{2,}(?:\s+[A-Z]{2,}){2,}\b|\b[A-Z]{4,}\s+[A-Z]{4,}\b|!{2,}|\?{2,}")
_EMOJI = re.compile(r"[\U0001F300-\U0001FAFF\u2600-\u27BF]")
_FAKE_THREAD = re.compile(r"^\s*(re|fwd?|aw|wg)\s*:", re.IGNORECASE)
_HYPHENS = Pyphen(lang="en_US")


def _phrases_of(name: str) -> tuple[str, ...]:
    text = resources.files("panout.outreach.rules").joinpath("phrases", f"{name}.txt").read_text("utf-8")
    return tuple(text.splitlines())


# Words that filters and readers hold against a first mail; each is fine in a real conversation.
SPAM = _phrases_of("spam")
# The marks of text that nobody wrote for anybody.
CLICHES = _phrases_of("cliches")

# A question is an ask; so are these, which do without the mark.
_IMPERATIVE = re.compile(
    r"\bbook (?:a|some) (?:time|slot|call|meeting)\b|\blet me know (?:if|when|what)\b"
    r"|\breply (?:with|to)\b|\bpick a (?:time|slot)\b|\bsign up\b",
    re.IGNORECASE,
)


class Level(StrEnum):
    """How much it matters."""

    NOTE = "note"
    WARN = "warn"


@dataclass(frozen=True, slots=True)
class Remark:
    """One piece of advice: a stable `code`, how much it matters, and the reason in words."""

    code: str
    level: Level
    text: str


@dataclass(frozen=True, slots=True)
class Copy:
    """A message to look at. `first` is a first touch; `spoken` is read aloud (voicemail, call)."""

    subject: str
    body: str
    first: bool = True
    spoken: bool = False


SPOKEN_WORDS_PER_SECOND = 2.5  # 150 words a minute, an unhurried telephone voice


def read_seconds(text: str) -> float:
    """How long the text takes to say, in seconds."""
    return len(_WORD.findall(text)) / SPOKEN_WORDS_PER_SECOND


def reading_ease(text: str) -> float:
    """Flesch reading ease (Flesch 1948): 60 and more is plain English, below 40 is hard going."""
    words = _WORD.findall(text)
    sentences = [part for part in _SENTENCE.findall(text) if _WORD.search(part)]
    if not words or not sentences:
        return 100.0
    syllables = sum(len(_HYPHENS.positions(word)) + 1 for word in words)
    return 206.835 - 1.015 * len(words) / len(sentences) - 84.6 * syllables / len(words)


def asks(text: str) -> int:
    """How many things the message asks for."""
    sentences = {part.strip().lower() for part in _SENTENCE.findall(text)}
    return sum(part.endswith("?") or bool(_IMPERATIVE.search(part)) for part in sentences)


def lint(copy: Copy) -> tuple[Remark, ...]:
    """All remarks on a message, the weightier first."""
    found = [*_length(copy), *_subject(copy), *_manner(copy), *_phrases(copy)]
    return tuple(sorted(found, key=lambda remark: (remark.level is not Level.WARN, remark.code)))


def _length(copy: Copy) -> Iterable[Remark]:
    words = len(_WORD.findall(copy.body))
    if copy.spoken:
        seconds = read_seconds(copy.body)
        if seconds > 40:
            yield Remark(
                "long_spoken", Level.WARN, f"{seconds:.0f} seconds to say; people hear out 30 to 40."
            )
        return
    if words > 200:
        yield Remark("long", Level.WARN, f"{words} words; past 200 few read on, 50 to 125 is usual.")
    elif words > 125:
        yield Remark("longish", Level.NOTE, f"{words} words; 50 to 125 is usual.")
    elif copy.first and words < 25:
        yield Remark("short", Level.NOTE, f"{words} words; hardly room for a reason and an ask.")
    if words >= 40 and reading_ease(copy.body) < 40:
        yield Remark("hard", Level.NOTE, "Hard going: shorter words and sentences help.")


def _subject(copy: Copy) -> Iterable[Remark]:
    if copy.spoken:
        return
    if not copy.subject.strip() and copy.first:
        yield Remark("no_subject", Level.WARN, "No subject.")
    if len(copy.subject) > 60:
        yield Remark(
            "long_subject", Level.NOTE, f"A subject of {len(copy.subject)} characters; phones show 60."
        )
    if copy.first and _FAKE_THREAD.match(copy.subject):
        text = "A first mail that pretends to be an answer is deceptive, and in places unlawful."
        yield Remark("fake_thread", Level.WARN, text)


def _manner(copy: Copy) -> Iterable[Remark]:
    whole = f"{copy.subject}\n{copy.body}"
    links = len(_LINK.findall(copy.body))
    if links > 2:
        yield Remark("links", Level.WARN, f"{links} links; more than two make filters look twice.")
    shout = _SHOUT.search(whole)
    if shout:
        yield Remark("shouting", Level.WARN, f"'{shout.group()[:30]}' shouts.")
    if len(_EMOJI.findall(whole)) > 1:
        yield Remark("emoji", Level.NOTE, "More than one emoji.")
    count = asks(copy.body)
    if count > 1:
        yield Remark("asks", Level.WARN, f"{count} asks; one is easier to answer.")
    if count == 0 and copy.first and not copy.spoken:
        yield Remark("no_ask", Level.NOTE, "Nothing is asked, so there is nothing to answer.")


def _phrases(copy: Copy) -> Iterable[Remark]:
    text = f"{copy.subject}\n{copy.body}".lower()
    for phrase in SPAM:
        if phrase in text:
            yield Remark("spam", Level.WARN, f"'{phrase}' is on every filter's list.")
    for phrase in CLICHES:
        if phrase in text:
            yield Remark("cliche", Level.NOTE, f"'{phrase}' reads as machine-made.")
