"""The recipient's way out: an address that names one message to us and nothing to anybody else."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from urllib.parse import quote

from panout.mailbox.rules.compose import WayOut

_TAG = 12


def token_for(message_id: int, key: bytes) -> str:
    """Opaque, and the same each time: 27 letters that only `key` can make or read.

    The number is hidden under a pad that depends on its own seal, so tokens of neighbours share nothing.
    """
    plain = message_id.to_bytes(8, "big")
    tag = _seal(plain, key)
    hidden = bytes(a ^ b for a, b in zip(plain, _pad(tag, key), strict=True))
    return base64.urlsafe_b64encode(tag + hidden).rstrip(b"=").decode("ascii")


def message_of(token: str, key: bytes) -> int | None:
    """The message that a token names; None when we did not make it."""
    try:
        raw = base64.urlsafe_b64decode(token.encode("ascii") + b"=" * (-len(token) % 4))
    except (binascii.Error, UnicodeEncodeError, ValueError):
        return None
    if len(raw) != _TAG + 8:
        return None
    tag, hidden = raw[:_TAG], raw[_TAG:]
    plain = bytes(a ^ b for a, b in zip(hidden, _pad(tag, key), strict=True))
    return int.from_bytes(plain, "big") if hmac.compare_digest(tag, _seal(plain, key)) else None


def _seal(plain: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"way out" + plain, hashlib.sha256)[:_TAG]


def _pad(tag: bytes, key: bytes) -> bytes:
    return hmac.digest(key, b"pad" + tag, hashlib.sha256)[:8]


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
