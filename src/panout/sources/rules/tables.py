"""Reads the word tables that lie beside the rules; their shape is checked here, once."""

from __future__ import annotations

import tomllib
from functools import cache
from importlib.resources import files


@cache
def word_lists(name: str, section: str) -> dict[str, tuple[str, ...]]:
    """One section of a table: key -> its words, in the order of the file."""
    found = _document(name)[section]
    if not isinstance(found, dict):
        raise TypeError(f"{name}: [{section}] is not a table of word lists")
    return {str(key): tuple(str(word) for word in listed) for key, listed in found.items()}


@cache
def records(name: str, section: str) -> tuple[dict[str, object], ...]:
    """One array of tables, in the order of the file."""
    found = _document(name)[section]
    if not isinstance(found, list):
        raise TypeError(f"{name}: [[{section}]] is not an array of tables")
    return tuple(found)


@cache
def _document(name: str) -> dict[str, object]:
    return tomllib.loads(files("panout.sources.rules").joinpath(name).read_text("utf-8"))
