"""Static files by their content: an address changes when its file does, so that a browser may keep it for a year."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import StaticFilesStorage


class ByContent(StaticFilesStorage):
    """Files stay where they are, under their names; there is no collecting step to forget."""

    def url(self, name: str | None) -> str:
        digest = _digest(name or "")
        return f"{super().url(name)}?v={digest}" if digest else super().url(name)


@cache
def _digest(name: str) -> str:
    found = finders.find(name)
    return digest_of(Path(found)) if isinstance(found, str) else ""


def digest_of(path: Path) -> str:
    """Ten letters of the SHA-256 of the content."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:10]
