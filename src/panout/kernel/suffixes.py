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

import idna


def suffix_length(labels: Sequence[str]) -> int:
    """How many labels at the end of a host name (lower case, in ASCII) are its public suffix; 0 when no rule has any.

    The algorithm is that of publicsuffix.org: the longest rule wins, and an exception wins over all.
    """
    rules = _rules()
    names = [_as_listed(label) for label in labels]
    for first in range(len(names)):
        name = ".".join(names[first:])
        if f"!{name}" in rules:
            return len(names) - first - 1
        if name in rules or f"*.{'.'.join(names[first + 1 :])}" in rules:
            return len(names) - first
    return 0


def _as_listed(label: str) -> str:
    """The list spells other scripts out."""
    if not label.startswith("xn--"):
        return label
    try:
        return idna.decode(label)
    except UnicodeError:
        return label


@cache
def _rules() -> frozenset[str]:
    package = find_spec("tldextract")
    if package is None or package.origin is None:
        raise ModuleNotFoundError("tldextract, whose list of public suffixes we read, is not installed")
    listed = Path(package.origin).with_name(".tld_set_snapshot").read_text(encoding="utf-8")
    return frozenset(line for line in listed.splitlines() if line and not line.startswith("//"))
