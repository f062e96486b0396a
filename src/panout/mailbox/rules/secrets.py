"""Secrets at rest: one encrypted value per account, opened only to sign in or to sign."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken

from panout.kernel.errors import BadInput


def key_from(secret: str, purpose: str) -> bytes:
    """A key for one purpose from the installation's secret, so that no two uses share one."""
    return hashlib.sha256(f"panout {purpose}\0{secret}".encode()).digest()


def lock(values: Mapping[str, str], key: bytes) -> bytes:
    """Encrypt and authenticate (Fernet)."""
    return Fernet(base64.urlsafe_b64encode(key)).encrypt(json.dumps(dict(values)).encode())


def unlock(sealed: bytes, key: bytes) -> dict[str, str]:
    """Raises BadInput when the key is not the one that locked it."""
    try:
        held: dict[str, str] = json.loads(Fernet(base64.urlsafe_b64encode(key)).decrypt(sealed))
    except InvalidToken as wrong:
        raise BadInput(
            "The account's secrets cannot be opened: PANOUT_SECRET_KEY is not the one that locked them.",
            where="mail account",
            mend="Put the old key back, or enter the account's password again.",
        ) from wrong
    return held
