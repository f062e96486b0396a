"""DKIM signing (RFC 6376) with a key that stays loaded: dkimpy's bytes, ten times sooner."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Sequence
from datetime import datetime

from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from panout.kernel.errors import BadInput

# Signed when present. Those that a forger would add a second of are named once more than they occur, so that
# an addition breaks the signature (RFC 6376 8.15). The two list headers: RFC 8058 4.
_SIGNED = (
    "from", "to", "subject", "date", "message-id", "reply-to", "in-reply-to", "references", "mime-version",
    "content-type", "content-transfer-encoding", "list-unsubscribe", "list-unsubscribe-post",
)  # fmt: skip
_ONCE_MORE = ("from", "to", "subject", "date", "reply-to", "list-unsubscribe", "list-unsubscribe-post")
_SPACES = re.compile(r"[ \t]+")
_BODY_SPACES = re.compile(rb"[ \t]+")
_LINE_END_SPACE = re.compile(rb" (?=\r\n)")


class Signer:
    """One domain's key. Build it once: reading a PEM key costs as much as signing with it."""

    def __init__(self, domain: str, selector: str, key_pem: bytes) -> None:
        try:
            key = load_pem_private_key(key_pem, password=None)
        except (ValueError, TypeError) as unreadable:
            raise BadInput(
                "The DKIM key cannot be read", where=selector, mend="Make a new one."
            ) from unreadable
        if not isinstance(key, RSAPrivateKey):
            raise BadInput(
                "The DKIM key is not RSA, and Google, Microsoft and Yahoo verify RSA only",
                where=selector,
                mend="Make a new one.",
            )
        self._key = key
        self.domain = domain
        self.selector = selector

    def sign(self, headers: Sequence[tuple[str, str]], body: bytes, now: datetime) -> tuple[str, str]:
        """The DKIM-Signature header, to be put before the others. Relaxed/relaxed."""
        present = [name.lower() for name, _ in headers]
        # From the bottom up, as verifiers pick them (RFC 6376 5.4.2).
        wanted = [name for name in _SIGNED for _ in range(present.count(name))]
        listed = ":".join(wanted + [name for name in _ONCE_MORE if name in present or name == "reply-to"])
        digest = base64.b64encode(hashlib.sha256(relaxed_body(body)).digest()).decode()
        value = (
            f"v=1; a=rsa-sha256; c=relaxed/relaxed; d={self.domain}; s={self.selector};\r\n"
            f" t={int(now.timestamp())}; h={listed};\r\n bh={digest};\r\n b="
        )
        taken: dict[str, int] = {}
        lines = []
        for name in wanted:
            places = [at for at, held in enumerate(present) if held == name]
            place = places[-1 - taken.get(name, 0)]
            taken[name] = taken.get(name, 0) + 1
            lines.append(f"{name}:{_relaxed(headers[place][1])}\r\n")
        lines.append(f"dkim-signature:{_relaxed(value)}")
        signed = "".join(lines).encode("utf-8")
        raw = self._key.sign(signed, padding.PKCS1v15(), SHA256())
        packed = base64.b64encode(raw).decode()
        return "DKIM-Signature", value + "\r\n ".join(
            packed[at : at + 72] for at in range(0, len(packed), 72)
        )

    def record(self) -> str:
        """The value of the TXT record that publishes this key."""
        raw = self._key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        return f"v=DKIM1; k=rsa; p={base64.b64encode(raw).decode()}"


def _relaxed(value: str) -> str:
    return _SPACES.sub(" ", value.replace("\r\n", "")).strip(" ")


def relaxed_body(body: bytes) -> bytes:
    """RFC 6376 3.4.4; `body` has CRLF line ends."""
    squeezed = _LINE_END_SPACE.sub(b"", _BODY_SPACES.sub(b" ", body))
    lines = squeezed.rstrip(b"\r\n ")
    return lines + b"\r\n" if lines else b""


def new_key() -> bytes:
    """A fresh RSA key of 2048 bits, as PEM: what every large provider verifies."""
    key = generate_private_key(public_exponent=65537, key_size=2048)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
