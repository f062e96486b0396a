"""Counted links: how they are written, and whether it was a person who followed one.

Most visits to links in cold mail are made by scanners, so a visit is a person's only when nothing says
otherwise. Even then it starts nothing: it is shown, and that is all.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from panout.mailbox.rules.sealed import opened, sealed
from panout.mailbox.rules.tables import machine_agents

_LINK = re.compile(r"https?://[^\s<>\"'\x00-\x1f]+", re.IGNORECASE)
_AFTER = ".,;:!?*_"
_PAIRS = {")": "(", "]": "[", "}": "{"}
_CLICK = b"click"
# A person has to get the mail, open it and read it first; scanners look while it is being delivered.
SOONEST = timedelta(seconds=20)
# A scanner opens all links of a mail at once.
TOGETHER = timedelta(seconds=3)
# Whoever holds a link may ask for it for ever; beyond this nothing is learnt from counting.
MOST_OF_A_MAIL = 100


@dataclass(frozen=True, slots=True)
class Visit:
    """What can be seen of somebody who follows a link. Header names in lower case."""

    method: str
    agent: str
    headers: frozenset[tuple[str, str]] = frozenset()


def links_in(body: str) -> tuple[str, ...]:
    """The web addresses in a text, in order, without the sentence's own signs behind them."""
    return tuple(_trimmed(found[0]) for found in _LINK.finditer(body))


def _trimmed(link: str) -> str:
    while link:
        last = link[-1]
        if last in _AFTER or (last in _PAIRS and link.count(last) > link.count(_PAIRS[last])):
            link = link[:-1]
        else:
            break
    return link


def counted(body: str, message_id: int, base_url: str, key: bytes) -> str:
    """The text with its links led past our counter. Links to our own pages stay as they are."""
    own = base_url.rstrip("/")
    place = -1

    def lead(found: re.Match[str]) -> str:
        nonlocal place
        place += 1
        link = _trimmed(found[0])
        if link == own or link.startswith(f"{own}/"):
            return found[0]
        return f"{own}/c/{click_token(message_id, place, key)}{found[0][len(link) :]}"

    return _LINK.sub(lead, body)


def click_token(message_id: int, place: int, key: bytes) -> str:
    """32 letters and digits that name one link of one mail; no sign that a mail program would cut off.

    They hold no address: where the link leads is read from the mail itself, so nobody can make one that
    leads anywhere else.
    """
    raw = sealed((message_id << 8 | place & 0xFF).to_bytes(8, "big"), _CLICK, key)
    return base64.b32encode(raw).decode("ascii").lower()


def clicked(token: str, key: bytes) -> tuple[int, int] | None:
    """(message, place) of a token; None when we did not make it."""
    try:
        raw = base64.b32decode(token.upper().encode("ascii"))
    except (binascii.Error, UnicodeEncodeError, ValueError):
        return None
    plain = opened(raw, _CLICK, key)
    if plain is None or len(plain) != 8:
        return None
    return int.from_bytes(plain[:7], "big"), plain[7]


def machine_sign(visit: Visit, sent_at: datetime | None, now: datetime) -> str:
    """Why a visit is a machine's; "" when nothing says so."""
    if visit.method != "GET":
        return f"it asked with {visit.method[:10]}"
    said = dict(visit.headers)
    if "prefetch" in (said.get("sec-purpose", "") + said.get("purpose", "") + said.get("x-moz", "")).lower():
        return "a program fetched it ahead of anybody"
    agent = visit.agent.lower()
    if not agent.strip():
        return "it did not say what it is"
    known = next((what for words, what in machine_agents() if words in agent), None)
    if known:
        return known
    if not agent.startswith("mozilla/"):
        return "it is no browser"
    if sent_at is not None and now - sent_at < SOONEST:
        return f"{max(0, int((now - sent_at).total_seconds()))} s after the mail had left"
    return ""


def opened_together(place: int, others: Iterable[tuple[int, datetime]], now: datetime) -> bool:
    """Whether another link of the same mail was followed in the same moment."""
    return any(other != place and abs(now - at) <= TOGETHER for other, at in others)
