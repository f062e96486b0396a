"""Daemons of many makes: each report is found, its addresses are read, and soft is not called hard."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from panout.replies.desk import classified
from panout.replies.rules.phrases import PHRASES
from panout.replies.rules.statuses import Hardness, refusal

NOW = datetime(2026, 5, 1, tzinfo=UTC)
TEXT = Path(__file__).with_name("daemons.txt").read_text(encoding="utf-8")
REPORTS = re.findall(r"^=== (.+?) \| (.+?)\n(.*?)(?=^=== |\Z)", TEXT, re.MULTILINE | re.DOTALL)


def test_the_file_was_read_whole() -> None:
    assert len(REPORTS) == TEXT.count("\n=== ") > 100


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize(
    ("expected", "report"), [row[1:] for row in REPORTS], ids=[row[0] for row in REPORTS]
)
def test_a_report_of_any_make_is_understood(expected: str, report: str, ending: str) -> None:
    meaning = classified("report", report.replace("\n", ending).encode(), NOW).meaning
    assert meaning.kind.value == "bounce"
    found = [
        f"{row.address} {'hard' if row.hardness is Hardness.HARD else 'soft'}" for row in meaning.recipients
    ]
    assert ", ".join(found) == expected


REFUSALS = [
    tuple(column.strip() for column in line.split("|", 2))
    for line in Path(__file__).with_name("refusals.txt").read_text(encoding="utf-8").splitlines()
    if line.count("|") >= 2 and not line.startswith("#")
]
COMMANDS = {"rcpt": "RCPT TO", "data": "end of DATA", "mail": "MAIL FROM"}


def by_postfix(stage: str, words: str) -> str:
    """The words in a machine's report, as Postfix writes one."""
    code = re.search(r"\b[45]\.\d+\.\d+\b", words)
    status = code.group(0) if code else "4.0.0" if stage == "conn" or words.startswith("4") else "5.0.0"
    told = f"<a@example.org>: host mx.example.org[192.0.2.1] said: {words}"
    told += f" (in reply to {COMMANDS[stage]} command)" if stage in COMMANDS else ""
    return (
        "Return-Path: <>\nFrom: MAILER-DAEMON@mx.example.net (Mail Delivery System)\nTo: me@ours.example\n"
        "Subject: Undelivered Mail Returned to Sender\nMIME-Version: 1.0\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="B"\n\n'
        f"--B\nContent-Type: text/plain; charset=utf-8\n\nThis is the mail system.\n\n{told}\n\n"
        "--B\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx.example.net\n\n"
        f"Final-Recipient: rfc822; a@example.org\nAction: failed\nStatus: {status}\n"
        f"Diagnostic-Code: smtp; {words}\n\n--B--\n"
    )


def by_exim(stage: str, words: str) -> str:
    """The words in prose alone, as Exim writes it."""
    at = f"SMTP error from remote mail server after {COMMANDS[stage]}:\n    " if stage in COMMANDS else ""
    return (
        "Return-Path: <>\nX-Failed-Recipients: a@example.org\nTo: me@ours.example\n"
        "From: Mail Delivery System <Mailer-Daemon@mx.example.net>\n"
        "Subject: Mail delivery failed: returning message to sender\nContent-Type: text/plain; charset=utf-8\n\n"
        "A message that you sent could not be delivered to one or more of its\nrecipients. This is a permanent "
        f"error. The following address(es) failed:\n\n  a@example.org\n    {at}{words}\n\n"
        "------ This is a copy of the message, including all the headers. ------\n\nReceived: from x\n"
    )


@pytest.mark.parametrize("daemon", [by_postfix, by_exim])
@pytest.mark.parametrize(("hardness", "stage", "words"), REFUSALS, ids=[row[2][:50] for row in REFUSALS])
def test_a_refusal_in_any_words_and_language_is_understood(
    daemon: Callable[[str, str], str], hardness: str, stage: str, words: str
) -> None:
    meaning = classified("report", daemon(stage, words).encode(), NOW).meaning
    (row,) = meaning.recipients
    assert row.address == "a@example.org"
    assert (row.hardness is Hardness.HARD) == (hardness == "hard"), row


def test_a_phrase_can_be_left_out_by_its_name() -> None:
    without = PHRASES.without(frozenset({"unknown=unknown", "userunknown: user[_ ]?unknown"}))
    assert refusal("User a is unknown here").hardness is Hardness.HARD
    assert refusal("User a is unknown here", book=without).hardness is Hardness.SOFT
    assert len(without.names()) == len(PHRASES.names()) - 2


def test_every_phrase_can_be_found_by_its_name() -> None:
    """A list that no phrase names, or a phrase that names a list that is not there, is a slip of the pen."""
    lines = [line for _, lines in PHRASES.reasons for line in lines]
    named = {name for line in lines for name in re.findall(r"\{([a-z_]+)\}", line)} - {"gap", "may"}
    assert named == set(PHRASES.lists)
    assert len(set(PHRASES.names())) == len(PHRASES.names())


@pytest.mark.parametrize("sign", ["=", "-", "* ", "x ", "<a@b.c> ", "user (", "recipient ", "&gt; ", "\t\n"])
def test_long_runs_of_one_sign_are_read_in_a_moment(sign: str) -> None:
    """A pattern that tries every way to cut a ruled line would not come back from this."""
    assert refusal(f"recipient: user {sign * 4000} mailbox").hardness is Hardness.SOFT
