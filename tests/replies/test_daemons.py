"""Daemons of many makes: each report is found, its addresses are read, and soft is not called hard."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from panout.replies.desk import classified
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


@pytest.mark.parametrize("sign", ["=", "-", "* ", "x ", "<a@b.c> ", "user (", "recipient ", "&gt; ", "\t\n"])
def test_long_runs_of_one_sign_are_read_in_a_moment(sign: str) -> None:
    """A pattern that tries every way to cut a ruled line would not come back from this."""
    assert refusal(f"recipient: user {sign * 4000} mailbox").hardness is Hardness.SOFT
