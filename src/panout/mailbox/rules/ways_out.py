"""Addresses that name one message to us and nothing to anybody else: the way out, and where to answer."""

from __future__ import annotations

import base64
import binascii
from urllib.parse import quote

from panout.mailbox.rules.compose import WayOut
from panout.mailbox.rules.sealed import opened, sealed

_WAY_OUT, _ANSWER = b"way out", b"answer"
_LONGEST_LOCAL = 64  # RFC 5321 4.5.3.1.1


def token_for(message_id: int, key: bytes) -> str:
    """Opaque, and the same each time: 27 letters that only `key` can make or read."""
    raw = sealed(message_id.to_bytes(8, "big"), _WAY_OUT, key)
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode("ascii")


def message_of(token: str, key: bytes) -> int | None:
    """The message that a token names; None when we did not make it."""
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (binascii.Error, UnicodeEncodeError, ValueError):
        return None
    return _number(raw, _WAY_OUT, key)


def answer_address(address: str, message_id: int, key: bytes) -> str:
    """name+token@domain, so that an answer names its message whoever writes it and whatever was cut off.

    In lower case only: mail programs change the case of addresses. The address itself when a token would
    make it longer than an address may be.
    """
    local, _, domain = address.rpartition("@")
    token = base64.b32encode(sealed(message_id.to_bytes(8, "big"), _ANSWER, key)).decode("ascii").lower()
    longer = f"{local}+{token}"
    return f"{longer}@{domain}" if len(longer) <= _LONGEST_LOCAL else address


def answered_message(token: str, key: bytes) -> int | None:
    """The message that the part after the plus names; None when we did not make it."""
    try:
        raw = base64.b32decode(token.upper().encode("ascii"))
    except (binascii.Error, UnicodeEncodeError, ValueError):
        return None
    return _number(raw, _ANSWER, key)


def _number(raw: bytes, purpose: bytes, key: bytes) -> int | None:
    plain = opened(raw, purpose, key)
    return int.from_bytes(plain, "big") if plain is not None and len(plain) == 8 else None


def way_out(token: str, base_url: str, mailbox: str = "") -> WayOut:
    """The addresses for one mail. `mailbox` takes the mail of readers whose program prefers that.

    One-click needs https (RFC 8058 3.1); with a plain http base, as on a laptop, providers show no button.
    """
    mail = f"mailto:{quote(mailbox, safe='@+.-_')}?subject=unsubscribe%20{token}" if mailbox else ""
    return WayOut(f"{base_url.rstrip('/')}/u/{token}", mail)


def token_in_subject(subject: str) -> str | None:
    """The token of a mail sent to the way out's mail address."""
    words = subject.split()
    if len(words) >= 2 and words[-2].lower().endswith("unsubscribe"):
        return words[-1]
    return None
