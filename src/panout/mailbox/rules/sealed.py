"""Numbers that leave the house: only our key can make them or read them, and neighbours share nothing."""

from __future__ import annotations

import hashlib
import hmac

_TAG = 12


def sealed(plain: bytes, purpose: bytes, key: bytes) -> bytes:
    """`plain` (at most 32 bytes) hidden under a pad that depends on its own seal; 12 bytes longer."""
    tag = hmac.digest(key, purpose + plain, hashlib.sha256)[:_TAG]
    return tag + _padded(plain, tag, key)


def opened(raw: bytes, purpose: bytes, key: bytes) -> bytes | None:
    """What was sealed for this purpose; None when we did not seal it."""
    tag, hidden = raw[:_TAG], raw[_TAG:]
    plain = _padded(hidden, tag, key)
    expected = hmac.digest(key, purpose + plain, hashlib.sha256)[:_TAG]
    return plain if hmac.compare_digest(tag, expected) else None


def _padded(text: bytes, tag: bytes, key: bytes) -> bytes:
    pad = hmac.digest(key, b"pad" + tag, hashlib.sha256)[: len(text)]
    return bytes(a ^ b for a, b in zip(text, pad, strict=True))
