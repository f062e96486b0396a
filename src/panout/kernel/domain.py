"""A web domain: the part of a host name that somebody registered (acme.co.uk of www.acme.co.uk)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import idna

from panout.kernel.suffixes import suffix_length

_HOST = re.compile(
    r"^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$"
)
# RFC 2606: nobody can own them; documentation and examples may use them.
_FOR_EXAMPLES = frozenset({"test", "example"})


@dataclass(frozen=True, slots=True)
class Domain:
    """`name` is lower case, in ASCII (punycode for other scripts), without www. `public` says that its
    suffix is on the public suffix list (or reserved for examples), so that it can be reached from outside."""

    name: str
    public: bool

    def __str__(self) -> str:
        return self.name


def parse_domain(host: str) -> Domain | None:
    """The registered domain of a host name. None for an IP address, a single label, or what no host is
    called."""
    name = host.strip().lower().rstrip(".")
    return _domain_of(name[4:] if name.startswith("www.") and name.count(".") > 1 else name)


@lru_cache(maxsize=131072)
def _domain_of(host: str) -> Domain | None:
    name = ascii_host(host)
    if name is None:
        return None
    labels = name.split(".")
    if labels[-1].isdecimal():
        return None
    suffix = suffix_length(labels)
    if suffix == len(labels):
        # The host is itself a suffix (github.io, co.uk): nobody's domain in particular.
        return None
    if suffix:
        return Domain(".".join(labels[-suffix - 1 :]), public=True)
    return Domain(".".join(labels[-2:]), public=labels[-1] in _FOR_EXAMPLES)


def ascii_host(host: str) -> str | None:
    """The host in ASCII when it is a well-formed name of at least two labels, else None."""
    if not host.isascii():
        try:
            host = idna.encode(host, uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    return host if _HOST.match(host) else None
