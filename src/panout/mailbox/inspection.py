"""Ask DNS what a domain says about its mail. The asking is here; the judging is in `rules.health`."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from dataclasses import dataclass

from panout.clients.dns import Answer, Dns, Outcome, reverse_name
from panout.clients.spf import SpfResult, evaluate
from panout.kernel.errors import BadInput, Unavailable
from panout.mailbox.rules.health import (
    Allowed,
    DkimSeen,
    DmarcSeen,
    Exchanger,
    Listing,
    MxSeen,
    Reverse,
    Seen,
    SpfSeen,
    TlsSeen,
    dkim_key,
    dmarc_policy,
    organisation,
    tags,
)
from panout.mailbox.rules.tables import Blocklist, blocklists, host_of, usual_selectors

# RFC 5737: documentation addresses, so no record in the world names this machine on purpose.
_STRANGER = "203.0.113.254"
# More sending addresses than this are a provider's; it answers for them.
_MOST_SENDERS = 8


@dataclass(frozen=True)
class Ask:
    """What to ask of one domain. Empty `selectors`: guess the usual ones. Empty `addresses`: read SPF's."""

    domain: str
    selectors: tuple[str, ...] = ()
    addresses: tuple[str, ...] = ()
    envelope: str = ""
    signer: str = ""
    lists: tuple[Blocklist, ...] | None = None


def clean_domain(text: str) -> str:
    """A domain as DNS writes it: lower case, international names in their ASCII form, no final dot."""
    name = text.strip().rstrip(".").lower()
    try:
        packed = name if name.isascii() else name.encode("idna").decode("ascii")
    except UnicodeError:
        packed = ""
    if not re.fullmatch(r"(?=.{1,253}$)([a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9])?\.)+[a-z0-9-]{2,63}", packed):
        raise BadInput(f"{text!r} is not a domain", where="domain", mend="Give it as in example.com.")
    return packed


def inspect(ask: Ask, door: Dns) -> Seen:
    """Everything DNS says. Raises `Unavailable` when the resolver does not answer the first question."""
    domain = ask.domain
    # Not caught: if the very first question gets no answer there is nothing to report on.
    exists = door.ask(domain, "SOA").outcome is not Outcome.NO_NAME
    if not exists:
        return Seen(domain, False, MxSeen(), SpfSeen(), DkimSeen(), DmarcSeen(), (), TlsSeen(), ())
    mx = _mx(domain, door)
    host = host_of(tuple(one.host for one in mx.exchangers))
    spf = _spf(domain, ask, mx, door)
    senders = ask.addresses or _senders(domain, spf, mx, door)
    wanted = blocklists() if ask.lists is None else ask.lists
    return Seen(
        domain,
        True,
        mx,
        spf,
        _dkim(domain, ask.selectors, host.selectors if host else (), door),
        _dmarc(domain, door),
        tuple(_reverse(address, door) for address in senders),
        _tls(domain, door),
        tuple(_listing(one, subject, door) for one in wanted for subject in _subjects(one, domain, senders)),
        host,
        ask.envelope,
        ask.signer,
    )


def _try(door: Dns, name: str, kind: str) -> Answer:
    """One of many questions: silence is an answer like any other, to be reported beside the rest."""
    try:
        return door.ask(name, kind)
    except Unavailable as silent:
        return Answer(Outcome.BROKEN, note=silent.what)


def _trouble(answer: Answer, name: str, kind: str) -> str:
    if answer.outcome is not Outcome.BROKEN:
        return ""
    return f"{kind} of {name} could not be read: {answer.note}"


def _addresses(name: str, door: Dns) -> tuple[str, ...]:
    return _try(door, name, "A").values + _try(door, name, "AAAA").values


def _mx(domain: str, door: Dns) -> MxSeen:
    answer = _try(door, domain, "MX")
    if not answer:
        return MxSeen(own_addresses=_addresses(domain, door), trouble=_trouble(answer, domain, "MX"))
    pairs = [(int(value.split()[0]), value.split()[-1].lower().rstrip(".")) for value in answer.values]
    if [host for _, host in pairs] == [""]:
        return MxSeen(null=True)
    return MxSeen(
        tuple(
            Exchanger(preference, host, _addresses(host, door), bool(_try(door, host, "CNAME")))
            for preference, host in sorted(pairs)
            if host
        )
    )


def _spf(domain: str, ask: Ask, mx: MxSeen, door: Dns) -> SpfSeen:
    answer = _try(door, domain, "TXT")
    if trouble := _trouble(answer, domain, "TXT"):
        return SpfSeen(trouble=trouble)
    records = tuple(text for text in answer.values if re.match(r"(?i)v=spf1($| )", text))
    if len(records) != 1:
        return SpfSeen(records)
    helo = mx.exchangers[0].host if mx.exchangers else domain
    stranger = evaluate(door, _STRANGER, f"postmaster@{domain}", helo)
    allowed = tuple(
        Allowed(address, evaluate(door, address, f"postmaster@{domain}", helo).result)
        for address in ask.addresses
    )
    explained = "" if stranger.result in (SpfResult.FAIL, SpfResult.SOFTFAIL) else stranger.explanation
    return SpfSeen(records, stranger.result, explained, stranger.lookups, stranger.voids, allowed)


def _senders(domain: str, spf: SpfSeen, mx: MxSeen, door: Dns) -> tuple[str, ...]:
    """The addresses that the record names one by one: those are the owner's own servers."""
    found: list[str] = []
    for term in spf.records[0].split()[1:] if len(spf.records) == 1 else []:
        name, _, value = term.lstrip("+").partition(":")
        match name.lower():
            case "ip4" | "ip6" if "/" not in value or value.endswith(("/32", "/128")):
                found.append(value.split("/")[0])
            case "a":
                found += _addresses(value or domain, door)
            case "mx" if not value:
                found += [address for one in mx.exchangers for address in one.addresses]
            case _:
                pass
    real = [address for address in dict.fromkeys(found) if is_address(address)]
    return tuple(real[:_MOST_SENDERS])


def is_address(text: str) -> bool:
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def _dkim(domain: str, named: Sequence[str], likely: Sequence[str], door: Dns) -> DkimSeen:
    base = f"_domainkey.{domain}"
    if not named:
        below = _try(door, base, "TXT")
        # RFC 8020: if this name does not exist, no name below it does, and guessing is needless.
        if below.outcome is Outcome.NO_NAME:
            return DkimSeen(asked=(), empty=True)
    asked = tuple(dict.fromkeys(named or (*likely, *usual_selectors())))
    keys, trouble = [], ""
    for selector in asked:
        answer = _try(door, f"{selector}.{base}", "TXT")
        trouble = trouble or _trouble(answer, f"{selector}.{base}", "TXT")
        # A wildcard in the zone answers for any name, with a text that is no key.
        keys += [dkim_key(selector, text) for text in answer.values if "p" in tags(text) or "DKIM1" in text]
    return DkimSeen(tuple(keys), asked, bool(named), trouble=trouble)


def _dmarc(domain: str, door: Dns) -> DmarcSeen:
    for at in dict.fromkeys((domain, organisation(domain))):
        answer = _try(door, f"_dmarc.{at}", "TXT")
        if trouble := _trouble(answer, f"_dmarc.{at}", "TXT"):
            return DmarcSeen(at, trouble=trouble)
        records = tuple(text for text in answer.values if re.match(r"(?i)v\s*=\s*DMARC1", text))
        if records:
            return DmarcSeen(at, records, _unapproved(at, records, door))
    return DmarcSeen(domain)


def _unapproved(domain: str, records: tuple[str, ...], door: Dns) -> tuple[str, ...]:
    """Report addresses in another organisation must be agreed to there (RFC 7489 7.1)."""
    lost = []
    for address in dmarc_policy(records[0]).reports if len(records) == 1 else ():
        there = address.rpartition("@")[2].lower()
        if organisation(there) == organisation(domain):
            continue
        answer = _try(door, f"{domain}._report._dmarc.{there}", "TXT")
        if answer.outcome is not Outcome.BROKEN and not any("DMARC1" in text for text in answer.values):
            lost.append(address)
    return tuple(lost)


def _reverse(address: str, door: Dns) -> Reverse:
    name = reverse_name(address)
    answer = _try(door, name, "PTR")
    if trouble := _trouble(answer, name, "PTR"):
        return Reverse(address, trouble=trouble)
    wanted = ipaddress.ip_address(address)
    names = tuple(value.rstrip(".") for value in answer.values)
    confirmed = tuple(
        name for name in names if wanted in {ipaddress.ip_address(one) for one in _addresses(name, door)}
    )
    return Reverse(address, names, confirmed)


def _tls(domain: str, door: Dns) -> TlsSeen:
    sts = _try(door, f"_mta-sts.{domain}", "TXT")
    rpt = _try(door, f"_smtp._tls.{domain}", "TXT")
    trouble = _trouble(sts, f"_mta-sts.{domain}", "TXT") or _trouble(rpt, f"_smtp._tls.{domain}", "TXT")
    return TlsSeen(
        tuple(text for text in sts.values if "STSv1" in text),
        tuple(text for text in rpt.values if "TLSRPT" in text),
        trouble=trouble,
    )


def _subjects(one: Blocklist, domain: str, senders: Sequence[str]) -> tuple[str, ...]:
    if one.lists == "domain":
        return (organisation(domain),)
    return tuple(address for address in senders if ":" not in address)


def _listing(one: Blocklist, subject: str, door: Dns) -> Listing:
    if one.lists == "domain":
        name = f"{subject}.{one.zone}"
    else:
        name = f"{reverse_name(subject).removesuffix('.in-addr.arpa')}.{one.zone}"
    answer = _try(door, name, "A")
    listed: bool | None = answer.outcome is Outcome.FOUND
    said = " ".join(answer.values)
    # 127.255.255.x and 127.0.0.1: the list refuses to answer this resolver (Spamhaus, URIBL); anything
    # outside 127.0.0.0/8 is a resolver that invents answers for names that do not exist.
    refuses = any(
        v.startswith("127.255.255.") or v == "127.0.0.1" or not v.startswith("127.") for v in answer.values
    )
    if answer.outcome is Outcome.BROKEN or refuses:
        listed = None
    return Listing(one.zone, one.name, subject, one.delist, listed, said)
