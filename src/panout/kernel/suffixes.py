"""Public suffixes (com, co.uk, github.io): the names under which people register names of their own.

The list is the snapshot that ships with tldextract, read without that library: it brings an HTTP client along, which
takes longer to load than a short list takes to sift. Private suffixes count, so that two companies on one hosting
domain (a.github.io, b.github.io) stay two.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

import idna


def suffix_length(labels: Sequence[str]) -> int:
    """How many labels at the end of a host name (lower case, in ASCII) are its public suffix; 0 when no rule has any.

    The algorithm is that of publicsuffix.org: the longest rule wins, and an exception wins over all.
    """
    rules = _rules()
    length, name = 0, ""
    for count, label in enumerate(reversed(labels), start=1):
        under, name = name, f"{_as_listed(label)}.{name}" if name else _as_listed(label)
        if name in rules.exceptions:
            return count - 1
        if name in rules.names or under in rules.wild:
            length = count
        if name not in rules.inner:
            break
    return length


def one_label_suffixes() -> frozenset[str]:
    """Suffixes of one label (com, de) under which a name of two labels is somebody's, unless it is listed itself.

    In ASCII only: names in other scripts are spelt in two ways.
    """
    rules = _rules()
    return frozenset(name for name in rules.names if "." not in name and name.isascii()) - rules.wild


def two_label_suffixes() -> frozenset[str]:
    """Suffixes of two labels (co.uk, github.io): nobody's domain in particular."""
    return frozenset(name for name in _rules().names if name.count(".") == 1)


def _as_listed(label: str) -> str:
    """The list spells other scripts out."""
    if not label.startswith("xn--"):
        return label
    try:
        return idna.decode(label)
    except UnicodeError:
        return label


class _Rules(NamedTuple):
    """`names` as listed; those under whose `wild` names every name is one, but for the `exceptions`; and the names
    that others end with (`inner`): below any other name there is nothing to look for."""

    names: frozenset[str]
    wild: frozenset[str]
    exceptions: frozenset[str]
    inner: frozenset[str]


@cache
def _rules() -> _Rules:
    package = find_spec("tldextract")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("tldextract, whose list of public suffixes we read, is not installed")
    text = Path(package.origin).with_name(".tld_set_snapshot").read_text(encoding="utf-8")
    listed = [line for line in text.splitlines() if line and not line.startswith("//")]
    inner = set()
    for line in listed:
        name = line.removeprefix("!")
        while "." in name:
            name = name.partition(".")[2]
            inner.add(name)
    return _Rules(
        frozenset(line for line in listed if line[0] not in "!*"),
        frozenset(line.removeprefix("*.") for line in listed if line.startswith("*.")),
        frozenset(line[1:] for line in listed if line.startswith("!")),
        frozenset(inner),
    )
