"""Wishes to be left alone, heard by the grammar in `tables/leave_alone.txt`."""

from __future__ import annotations

from panout.replies.rules.phrases import phrasebook, plain

WISHES = phrasebook("tables/leave_alone.txt")
_BY_REASON = dict(WISHES.by_reason)


def wish_in(text: str) -> str:
    """The words that ask to hear no more, or nothing."""
    found = _BY_REASON["stop"].search(plain(text))
    return text[found.start() : found.end()].strip() if found else ""


def anger_in(text: str) -> str:
    """The words of anger, threat or contempt, or nothing."""
    flat = plain(text)
    found = _BY_REASON["anger"].search(flat)
    return text[found.start() : found.end()].strip() if found and not WISHES.says("about_else", flat) else ""
