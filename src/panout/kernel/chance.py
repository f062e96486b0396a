"""Steady chance: a place in [0, 1) that is the same for the same names on every machine and every day."""

from __future__ import annotations

import hashlib


def place_of(salt: str, name: str) -> float:
    """Where `name` falls in [0, 1) under `salt`; evenly spread, and independent between salts (SHA-256)."""
    digest = hashlib.sha256(f"{salt}\x1f{name}".encode()).digest()
    return int.from_bytes(digest[:8], "big") / 2**64
