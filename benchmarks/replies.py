"""How well and how fast mail is understood, beside the libraries that do parts of it: `python -m benchmarks.replies`.

Bounces and replies need `../shared/data`; without it those parts are skipped, with a line that says so.
"""

from __future__ import annotations

import email
import json
import logging
import re
import time
from datetime import UTC, datetime
from pathlib import Path

from flufl.bounce import all_failures
from mailparser_reply import EmailReplyParser

from panout.replies.corpus.evaluate import Evaluation, by_fold, leave_one_out
from panout.replies.corpus.train import shipped
from panout.replies.desk import classified
from panout.replies.rules.mime import read_mail
from panout.replies.rules.quoting import reply_in

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


if __name__ == "__main__":
    logging.disable(logging.CRITICAL)
    bounces()
    replies()
    speed()
    intents()
