"""How well and how fast mail is understood, beside the libraries that do parts of it.

    python -m benchmarks.replies               everything
    python -m benchmarks.replies --families    bounces of each make, by the phrases that other makes bear out
    python -m benchmarks.replies --without     the same, with the phrases that were left out for each make

Bounces and replies need `../shared/data`; without it those parts are skipped, with a line that says so.
"""

from __future__ import annotations

import argparse
import email
import json
import logging
import re
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from flufl.bounce import all_failures
from mailparser_reply import EmailReplyParser

from panout.replies.corpus.evaluate import Evaluation, by_fold, leave_one_out
from panout.replies.corpus.train import shipped
from panout.replies.desk import classified
from panout.replies.rules.bounces import report_in
from panout.replies.rules.mime import Mail, read_mail
from panout.replies.rules.phrases import PHRASES
from panout.replies.rules.quoting import reply_in
from panout.replies.rules.statuses import hardness_of

DATA = Path(__file__).resolve().parents[2] / "shared" / "data"
EXPECTED = Path(__file__).resolve().parents[1] / "tests" / "replies" / "expected_replies.json"
NOW = datetime(2026, 5, 1, tzinfo=UTC)
LANGUAGES = ["en", "de", "cs", "da", "es", "fr", "it", "ja", "ko", "nl", "pl", "sv", "zh", "david"]


def bounces() -> None:
    folder = DATA / "bounces"
    if not folder.exists():
        print("bounces: skipped, no data")
        return
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    variants = {
        "as they are": lambda raw: raw,
        "CRLF": lambda raw: raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"),
        "CR only": lambda raw: raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r"),
        "cut at 80 %": lambda raw: raw[: len(raw) * 8 // 10],
    }
    for variant, change in variants.items():
        found = total = right = soft = wronged = theirs = theirs_soft_hard = kept = 0
        for name, rows in labels.items():
            if rows[0]["reason"] in ("vacation", "delivered"):
                continue
            kept += 1
            raw = change((folder / "eml" / f"{name}.eml").read_bytes())
            meaning = classified(name, raw, NOW).meaning
            found += meaning.kind.value in ("bounce", "complaint")
            temporary, permanent = _their_failures(raw)
            theirs += bool(temporary or permanent)
            for row, given in zip(rows, meaning.recipients, strict=False):
                total += 1
                hard = given.hardness.value == "hard"
                right += hard == row["hardbounce"]
                soft += not row["hardbounce"]
                wronged += hard and not row["hardbounce"]
                theirs_soft_hard += bool(permanent) and not row["hardbounce"]
        print(
            f"bounces, {variant}: detected {found / kept:.1%} (flufl.bounce {theirs / kept:.1%}); "
            f"hard or not {right / total:.1%}; soft called hard {wronged / soft:.1%} "
            f"(flufl.bounce {theirs_soft_hard / soft:.1%})"
        )


@dataclass(frozen=True)
class Letter:
    """A report, the make of the daemon that wrote it, and per recipient whether it is hard."""

    name: str
    make: str
    mail: Mail
    hard: tuple[bool, ...]


def letters() -> list[Letter]:
    folder = DATA / "bounces"
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    return [
        Letter(
            name,
            name.rpartition("-")[0],
            read_mail((folder / "eml" / f"{name}.eml").read_bytes()),
            tuple(row["hardbounce"] for row in rows),
        )
        for name, rows in labels.items()
        if rows[0]["reason"] not in ("vacation", "delivered")
    ]


class Listening:
    """A phrasebook's pattern that remembers what it was asked about."""

    def __init__(self, pattern: re.Pattern[str]) -> None:
        self.pattern, self.heard = pattern, set[str]()

    def search(self, text: str, *place: int) -> re.Match[str] | None:
        self.heard.add(text)
        return self.pattern.search(text, *place)


def families(*, show: bool) -> None:
    """Each make of daemon, read with the phrases alone that are borne out by a letter of another make.

    Borne out: the phrase is found in what the letter was asked about, and the hardness of its reason is the
    true one. Codes and field names of RFC 3463, 3464, 3834 and 5965 are standards and stay.
    """
    if not (DATA / "bounces").exists():
        print("bounces by make: skipped, no data")
        return
    known = letters()
    makes = _borne_out(known)
    makes_there = sorted({letter.make for letter in known})
    found = right = total = soft = wronged = 0
    for make in makes_there:
        alone = frozenset(name for name in PHRASES.names() if not makes.get(name, set()) - {make})
        book = PHRASES.without(alone)
        missed: list[str] = []
        for letter in (one for one in known if one.make == make):
            report = report_in(letter.mail, book)
            found += report is not None
            if report is None:
                missed.append(f"{letter.name} not found")
            for hard, given in zip(letter.hard, report.recipients if report else (), strict=False):
                said = given.hardness.value == "hard"
                total, right = total + 1, right + (said == hard)
                soft, wronged = soft + (not hard), wronged + (said and not hard)
                if said != hard:
                    missed.append(f"{letter.name} {given.reason} {given.hardness.value}: {given.words[:100]}")
        if show and missed:
            lost = sorted(name for name in alone if makes.get(name))
            print(f"  {make}", *missed, sep="\n    ")
            print("    without", *lost, sep="\n      ")
    print(
        f"bounces, each make by phrases borne out by others ({len(makes_there)} makes): detected "
        f"{found / len(known):.1%}; hard or not {right / total:.1%}; soft called hard {wronged / soft:.1%}"
    )


def _borne_out(known: Iterable[Letter]) -> dict[str, set[str]]:
    """For each phrase and word the makes with a letter in which it tells the truth."""
    makes: dict[str, set[str]] = {}
    only = {
        (reason, line, word): PHRASES.pattern((line,), only=word)
        for reason, lines in PHRASES.reasons
        for line in lines
        for word in PHRASES.words_of(line)
    }
    alone = {(reason, line): PHRASES.pattern((line,)) for reason, lines in PHRASES.reasons for line in lines}
    for letter in known:
        ears = tuple((reason, Listening(pattern)) for reason, pattern in PHRASES.by_reason)
        signs = {sign: Listening(pattern) for sign, pattern in PHRASES.by_sign.items()}
        book = replace(PHRASES)
        object.__setattr__(book, "by_reason", ears)
        object.__setattr__(book, "by_sign", signs)
        report_in(letter.mail, book)
        for sign, lines in PHRASES.signs.items():
            for line in lines:
                pattern = PHRASES.pattern((line,), sign)
                if any(pattern.search(text) for text in signs[sign].heard):
                    makes.setdefault(f"{sign}: {line}", set()).add(letter.make)
        heard = set[str]().union(*(ear.heard for _, ear in ears))
        for (reason, line), pattern in alone.items():
            true = (hardness_of(reason, temporary=False).value == "hard") in letter.hard
            if not true or not any(pattern.search(text) for text in heard):
                continue
            makes.setdefault(f"{reason}: {line}", set()).add(letter.make)
            for word in PHRASES.words_of(line):
                if any(only[reason, line, word].search(text) for text in heard):
                    makes.setdefault(word, set()).add(letter.make)
    return makes


def _their_failures(raw: bytes) -> tuple[object, object]:
    """flufl.bounce raises on some damaged reports; such a report counts as not found."""
    try:
        return all_failures(email.message_from_bytes(raw))
    except (IndexError, ValueError, LookupError, TypeError, AttributeError):
        return (), ()


def replies() -> None:
    folder = DATA / "replies"
    if not folder.exists():
        print("replies: skipped, no data")
        return
    clients = sorted((folder / "clients").glob("*.eml"))
    texts = {path.stem: read_mail(path.read_bytes()).text for path in clients}
    ours = sum(reply_in(text).text == "Hello" for text in texts.values())
    theirs = sum(_their_reply(text) == "Hello" for text in texts.values())
    print(f"mail clients: exact {ours} of {len(texts)} (mail-parser-reply {theirs})")
    expected = json.loads(EXPECTED.read_text(encoding="utf-8"))
    bodies = {name: (folder / "languages" / name).read_text(encoding="utf-8") for name in expected}
    ours = sum(_flat(reply_in(bodies[name]).text) == want for name, want in expected.items())
    theirs = sum(_flat(_their_reply(bodies[name])) == want for name, want in expected.items())
    print(f"languages: exact {ours} of {len(expected)} (mail-parser-reply {theirs})")


def _their_reply(text: str) -> str:
    found = EmailReplyParser(languages=LANGUAGES).read(text).replies
    return (found[0].body or "").strip() if found else ""


def _flat(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def intents() -> None:
    corpus = shipped()
    for name, result in (
        ("unseen sentences, 3 folds", by_fold(corpus, 3)),
        ("leave one style out", leave_one_out(corpus, lambda example: example.style)),
        ("leave one language out", leave_one_out(corpus, lambda example: example.language)),
    ):
        _print(name, result)


def _print(name: str, result: Evaluation) -> None:
    print(
        f"intents, {name}: right {result.accuracy:.1%}, wish to be left alone found {result.left_alone:.1%}"
    )
    for score in result.scores:
        print(
            f"  {score.label:16} n {score.support:4}  precision {score.precision:.3f}  recall {score.recall:.3f}"
        )


def speed() -> None:
    folder = DATA / "bounces" / "eml"
    raws = [path.read_bytes() for path in sorted(folder.glob("*.eml"))] if folder.exists() else []
    raws += [f"Subject: Re: x\nIn-Reply-To: <1>\n\n{example.text}".encode() for example in shipped()[::3]]
    classified("warm", raws[0], NOW)
    started = time.process_time()
    for raw in raws:
        classified("x", raw, NOW)
    spent = time.process_time() - started
    print(f"speed: {len(raws)} messages, {len(raws) / spent:.0f} a second of one core")


def main(argv: Sequence[str] | None = None) -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--families", action="store_true")
    words.add_argument("--without", action="store_true")
    asked = words.parse_args(argv)
    logging.disable(logging.CRITICAL)
    if not (asked.families or asked.without):
        bounces()
        replies()
        speed()
        intents()
    families(show=asked.without)


if __name__ == "__main__":
    main()
