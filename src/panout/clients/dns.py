"""Ask the domain name system, through one resolver that can be named; beside it, the fake for tests."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

import dns.exception
import dns.name
import dns.resolver
import dns.reversename

from panout.kernel.errors import BadInput, Unavailable


class Outcome(StrEnum):
    FOUND = "found"
    NO_RECORD = "no_record"  # the name exists, this kind of record does not
    NO_NAME = "no_name"  # NXDOMAIN: nothing at or below this name (RFC 8020)
    BROKEN = "broken"  # SERVFAIL and its like: the zone cannot be asked


@dataclass(frozen=True)
class Answer:
    """What the resolver said. TXT strings are joined (RFC 7208 3.3); MX values read `10 host.example`."""

    outcome: Outcome
    values: tuple[str, ...] = ()
    note: str = ""

    def __bool__(self) -> bool:
        return self.outcome is Outcome.FOUND


class Dns(Protocol):
    """The door. Raises `Unavailable` when the resolver itself does not answer."""

    def ask(self, name: str, kind: str) -> Answer: ...


def reverse_name(address: str) -> str:
    """`192.0.2.1` as `1.2.0.192.in-addr.arpa`."""
    return dns.reversename.from_address(address).to_text(omit_final_dot=True)


def parse_resolver(text: str) -> tuple[str, int]:
    """`127.0.0.1`, `127.0.0.1:5353`, `[::1]:5353`; an address: a name would need a resolver."""
    host, port = text.strip(), "53"
    if host.startswith("["):
        host, _, rest = host[1:].partition("]")
        port = rest[1:] if rest.startswith(":") else rest or "53"
    elif host.count(":") == 1:
        host, _, port = host.partition(":")
    if host == "localhost":
        host = "127.0.0.1"
    try:
        address = str(ipaddress.ip_address(host))
        number = int(port)
    except ValueError:
        number, address = 0, host
    if not 0 < number < 65536:
        raise BadInput(
            f"{text!r} is not a resolver",
            where="resolver",
            mend="Give an address and, when it is not 53, a port: 127.0.0.1:5353 or [::1]:5353.",
        )
    return address, number


class Resolver:
    """The real door. With `server` given the system's resolvers are never read nor asked.

    `patience` is seconds for one question over all tries. Answers are kept for their time to live.
    """

    def __init__(self, server: str | None = None, *, patience: float = 4.0) -> None:
        try:
            self._resolver = dns.resolver.Resolver(configure=server is None)
        except dns.resolver.NoResolverConfiguration as no_resolver:
            raise Unavailable(
                "This machine names no DNS resolver",
                where="resolver",
                mend="Name one: --resolver HOST:PORT or PANOUT_RESOLVER.",
            ) from no_resolver
        self.name = "the system's resolver"
        if server is not None:
            host, port = parse_resolver(server)
            self._resolver.nameservers = [host]
            self._resolver.port = port
            self.name = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._resolver.timeout = min(2.0, patience)
        self._resolver.lifetime = patience
        self._resolver.cache = dns.resolver.LRUCache(10_000)
        self._resolver.use_edns(0, 0, 1232)

    def ask(self, name: str, kind: str) -> Answer:
        try:
            question = dns.name.from_text(name, idna_codec=dns.name.IDNA_2008_Practical)
            found = self._resolver.resolve(question, kind, search=False)
        except (dns.name.LabelTooLong, dns.name.NameTooLong, dns.name.EmptyLabel, dns.name.BadEscape):
            return Answer(Outcome.NO_NAME, note="not a possible name")
        except dns.name.IDNAException:
            return Answer(Outcome.NO_NAME, note="not a possible international name")
        except dns.resolver.NXDOMAIN:
            return Answer(Outcome.NO_NAME)
        except (dns.resolver.NoAnswer, dns.resolver.YXDOMAIN):
            return Answer(Outcome.NO_RECORD)
        except dns.resolver.NoNameservers as broken:
            if all(error[-1] is None for error in broken.kwargs.get("errors", ())):
                raise self._silent() from broken
            return Answer(Outcome.BROKEN, note=_first_complaint(broken))
        except dns.exception.Timeout as slow:
            raise self._silent() from slow
        except (OSError, dns.exception.DNSException) as trouble:
            return Answer(Outcome.BROKEN, note=str(trouble))
        return Answer(Outcome.FOUND, tuple(_as_text(record, kind) for record in found))

    def _silent(self) -> Unavailable:
        return Unavailable(
            f"The resolver {self.name} does not answer",
            where="resolver",
            mend="Look whether it runs and is not behind a firewall, or name another: --resolver HOST:PORT.",
        )


def _first_complaint(broken: dns.resolver.NoNameservers) -> str:
    errors = broken.kwargs.get("errors", ())
    return str(errors[0][3]) if errors else "no server could answer"


def _as_text(record: object, kind: str) -> str:
    strings = getattr(record, "strings", None)
    if kind == "TXT" and strings is not None:
        return b"".join(strings).decode("utf-8", "replace")
    text: str = record.to_text()  # type: ignore[attr-defined]  # dnspython types the record as its base
    if kind in ("PTR", "CNAME", "NS", "MX") and text != "." and not text.endswith(" ."):
        return text.removesuffix(".")
    return text


class FakeDns:
    """Zones from a mapping of (name, kind) to values; the kind TIMEOUT or BROKEN makes a name fail."""

    def __init__(self, zones: Mapping[tuple[str, str], Iterable[str]] | None = None) -> None:
        self.zones = {(name.lower(), kind): tuple(values) for (name, kind), values in (zones or {}).items()}
        self.asked: list[tuple[str, str]] = []

    def ask(self, name: str, kind: str) -> Answer:
        wanted = name.lower().rstrip(".")
        self.asked.append((wanted, kind))
        if (wanted, "TIMEOUT") in self.zones:
            raise Unavailable("The resolver does not answer", where="resolver")
        if (wanted, "BROKEN") in self.zones:
            return Answer(Outcome.BROKEN, note="SERVFAIL")
        for _ in range(10):
            if values := self.zones.get((wanted, kind)):
                return Answer(Outcome.FOUND, values)
            if not (alias := self.zones.get((wanted, "CNAME"))) or kind == "CNAME":
                break
            wanted = alias[0]
        below = any(known == wanted or known.endswith(f".{wanted}") for known, _ in self.zones)
        return Answer(Outcome.NO_RECORD if below else Outcome.NO_NAME)
