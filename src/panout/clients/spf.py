"""Who may send for a domain: pyspf's reading of RFC 7208, asked through a resolver of ours."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from enum import StrEnum

import spf

from panout.clients.dns import Dns, Outcome
from panout.kernel.errors import Unavailable


class SpfResult(StrEnum):
    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105  the word of the standard, not a password
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


@dataclass(frozen=True)
class SpfAnswer:
    """`lookups` are those that count towards the ten, `voids` those that found nothing (two are allowed)."""

    result: SpfResult
    explanation: str
    lookups: int
    voids: int


class _Query(spf.query):  # type: ignore[misc]  # pyspf ships no types
    """pyspf with its one global door replaced: it would ask the system's resolver."""

    door: Dns

    def dns(  # name and signature are pyspf's; our door follows aliases, so `cnames` stays unused
        self,
        name: str,
        qtype: str,
        cnames: dict[str, str] | None = None,  # noqa: ARG002
        ignore_void: bool = False,
    ) -> list[object]:
        name = str(name).removesuffix(".").lower()
        if not all(0 < len(label.encode()) < 64 for label in name.split(".")):
            return []
        if (name, qtype) in self.cache:
            found: list[object] = self.cache[name, qtype]
        else:
            found = self._ask(name, qtype)
            self.cache[name, qtype] = found
        if not found and not ignore_void:
            self.void_lookups += 1
            if self.void_lookups > spf.MAX_VOID_LOOKUPS:
                raise spf.PermError(f"Void lookup limit of {spf.MAX_VOID_LOOKUPS} exceeded")
        return found

    def _ask(self, name: str, qtype: str) -> list[object]:
        try:
            answer = self.door.ask(name, qtype)
        except Unavailable as silent:
            raise spf.TempError(f"DNS {silent.what}") from silent
        if answer.outcome is Outcome.BROKEN:
            raise spf.TempError(f"DNS {answer.note}")
        return [_as_pyspf(value, qtype) for value in answer.values]


def _as_pyspf(value: str, qtype: str) -> object:
    if qtype == "TXT":
        return (value.encode("utf-8"),)
    if qtype == "MX":
        preference, _, host = value.partition(" ")
        return int(preference), host
    if qtype == "AAAA":
        return ipaddress.ip_address(value).packed
    return value


def evaluate(
    door: Dns, address: str, sender: str, helo: str, *, receiver: str = "unknown", default: str = ""
) -> SpfAnswer:
    """May the machine at `address` send as `sender`? `default` explains a failure that names no reason."""
    query = _Query(i=address, s=sender, h=helo, receiver=receiver, strict=True)
    query.door = door
    if default:
        query.set_default_explanation(default)
    result, _, explanation = query.check()
    return SpfAnswer(SpfResult(result), str(explanation), int(query.lookups), int(query.void_lookups))
