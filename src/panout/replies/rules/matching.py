"""Whose answer is this? By the graph of Message-IDs, then by plus-address, then by writer and recent mail."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import getaddresses
from enum import StrEnum

from panout.replies.rules.mime import Mail

_ID = re.compile(r"<([^<>\s]{3,500})>")
_PLUS = re.compile(r"\+([A-Za-z0-9_-]{10,60})@")
# A thread longer than this is read from its newest end.
_MOST_IDS = 60


class Way(StrEnum):
    """How a message was matched, the surest first."""

    REFERENCE = "reference"
    PLUS_ADDRESS = "plus_address"
    SENDER = "sender"


@dataclass(frozen=True, slots=True)
class Envelope:
    """What the headers say of a message's place in the world. Addresses lower case, ids without brackets."""

    message_id: str
    writer: str
    writer_name: str
    subject: str
    answers: tuple[str, ...]
    tokens: tuple[str, ...]
    to: frozenset[str]


@dataclass(frozen=True, slots=True)
class Match:
    """The mail of ours that this answers, and how we know."""

    message: int
    way: Way


def envelope_of(mail: Mail, original_id: str = "") -> Envelope:
    """Read the headers. `original_id` is what a bounce says it returns."""
    named = [
        *reversed(_ID.findall(mail.first("in-reply-to"))),
        *reversed(_ID.findall(mail.first("references"))),
        *([original_id.strip("<> ")] if original_id else []),
    ]
    own = _ID.search(mail.first("message-id"))
    people = getaddresses([mail.first("from")])
    name, writer = people[0] if people else ("", "")
    receivers = [mail.first(header) for header in ("to", "cc", "delivered-to", "x-original-to")]
    to = frozenset(address.lower() for _, address in getaddresses(receivers) if address)
    return Envelope(
        own[1] if own else "",
        writer.lower()[:320],
        " ".join(name.split())[:200],
        " ".join(mail.first("subject").split())[:998],
        tuple(dict.fromkeys(named))[:_MOST_IDS],
        tuple(token for address in sorted(to) for token in _PLUS.findall(address)),
        to,
    )


def match(
    envelope: Envelope,
    by_id: Mapping[str, int],
    by_token: Mapping[str, int],
    by_writer: Mapping[str, int],
) -> Match | None:
    """The surest match. `by_writer` maps an address to the latest mail that was sent to it lately."""
    for known in envelope.answers:
        if known in by_id:
            return Match(by_id[known], Way.REFERENCE)
    for token in envelope.tokens:
        if token in by_token:
            return Match(by_token[token], Way.PLUS_ADDRESS)
    if envelope.writer in by_writer:
        return Match(by_writer[envelope.writer], Way.SENDER)
    return None


def is_ours(envelope: Envelope, ours: frozenset[str]) -> bool:
    """Whether we wrote it ourselves: our own copies are never answers."""
    return without_plus(envelope.writer) in ours


def without_plus(address: str) -> str:
    """name+anything@domain is name@domain's own (RFC 5233)."""
    local, _, domain = address.rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
