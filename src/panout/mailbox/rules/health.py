"""What a domain's DNS says about its mail, judged: each finding with what to put into DNS. Pure."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from panout.kernel.domain import parse_domain
from panout.mailbox.rules.tables import Host, requirements


class Standing(StrEnum):
    PASS = "pass"  # noqa: S105  a verdict, not a password
    WARN = "warn"
    FAIL = "fail"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Put:
    """A record to put into DNS, as a registrar's form asks for it."""

    name: str
    type: str
    value: str


@dataclass(frozen=True)
class Finding:
    """One check's outcome: `what` was seen, and the `mend` when there is something to mend."""

    check: str
    status: Standing
    what: str
    mend: str = ""
    put: Put | None = None


# -- what was seen: filled in by `mailbox.inspection`, from DNS alone ---------------------------------


@dataclass(frozen=True)
class Exchanger:
    preference: int
    host: str
    addresses: tuple[str, ...] = ()
    alias: bool = False


@dataclass(frozen=True)
class MxSeen:
    exchangers: tuple[Exchanger, ...] = ()
    own_addresses: tuple[str, ...] = ()  # A and AAAA of the domain itself: where mail goes without MX
    null: bool = False  # RFC 7505: "this domain takes no mail"
    trouble: str = ""


@dataclass(frozen=True)
class Allowed:
    """What SPF says of one address that mail leaves from."""

    address: str
    result: str


@dataclass(frozen=True)
class SpfSeen:
    """`stranger` is the verdict on a machine that nobody named (an address from the documentation range)."""

    records: tuple[str, ...] = ()
    stranger: str = ""
    explanation: str = ""
    lookups: int = 0
    voids: int = 0
    senders: tuple[Allowed, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class DkimKey:
    """One selector's record as published. `bits` is 0 when the key cannot be read."""

    selector: str
    record: str
    kind: str = ""
    bits: int = 0
    revoked: bool = False
    testing: bool = False
    fault: str = ""

    @property
    def usable(self) -> bool:
        return not self.revoked and not self.fault


@dataclass(frozen=True)
class DkimSeen:
    """`named`: the selectors were given, not guessed. `empty`: nothing at all exists below _domainkey."""

    keys: tuple[DkimKey, ...] = ()
    asked: tuple[str, ...] = ()
    named: bool = False
    empty: bool = False
    trouble: str = ""


@dataclass(frozen=True)
class DmarcSeen:
    """`at` is the domain whose record counts: the domain itself, or the organisation above it."""

    at: str = ""
    records: tuple[str, ...] = ()
    unapproved: tuple[str, ...] = ()  # report addresses elsewhere that did not agree to take reports
    trouble: str = ""


@dataclass(frozen=True)
class Reverse:
    """FCrDNS: an address, the names it claims, and those of them that lead back to it."""

    address: str
    names: tuple[str, ...] = ()
    confirmed: tuple[str, ...] = ()
    trouble: str = ""


@dataclass(frozen=True)
class TlsSeen:
    mta_sts: tuple[str, ...] = ()
    tls_rpt: tuple[str, ...] = ()
    probed: tuple[tuple[str, str], ...] = ()  # (host, "" or what went wrong with STARTTLS)
    trouble: str = ""


@dataclass(frozen=True)
class Listing:
    zone: str
    name: str
    subject: str
    delist: str
    listed: bool | None  # None: the list would not say
    answer: str = ""


@dataclass(frozen=True)
class Seen:
    domain: str
    exists: bool
    mx: MxSeen
    spf: SpfSeen
    dkim: DkimSeen
    dmarc: DmarcSeen
    reverse: tuple[Reverse, ...]
    tls: TlsSeen
    listings: tuple[Listing, ...]
    host: Host | None = None
    envelope: str = ""  # the domain of the envelope sender, when it is not the domain itself
    signer: str = ""  # the d= of the signature, when it is not the domain itself


# -- records, parsed ----------------------------------------------------------------------------------


def tags(record: str) -> dict[str, str]:
    """`k=v; k=v` as DKIM, DMARC, MTA-STS and TLSRPT write it; the first of a repeated tag counts."""
    found: dict[str, str] = {}
    for part in record.split(";"):
        name, equals, value = part.partition("=")
        if equals:
            found.setdefault(name.strip().lower(), value.strip())
    return found


def dkim_key(selector: str, record: str) -> DkimKey:
    """Read a key record (RFC 6376 3.6.1, RFC 8463)."""
    said = tags(record)
    testing = "y" in said.get("t", "").split(":")
    kind = said.get("k", "rsa").lower()
    if said.get("v", "DKIM1") != "DKIM1":
        return DkimKey(selector, record, kind, testing=testing, fault="its version is not DKIM1")
    if "p" not in said:
        return DkimKey(selector, record, kind, testing=testing, fault="it has no key (p=)")
    if "email" not in (uses := said.get("s", "email").replace("*", "email").split(":")):
        return DkimKey(
            selector, record, kind, testing=testing, fault=f"it is not for mail (s={':'.join(uses)})"
        )
    packed = re.sub(r"\s+", "", said["p"])
    if not packed:
        return DkimKey(selector, record, kind, revoked=True, testing=testing)
    try:
        raw = base64.b64decode(packed, validate=True)
        bits, fault = _measure(kind, raw)
    except (binascii.Error, ValueError, UnsupportedAlgorithm):
        bits, fault = 0, "its key cannot be read; it is often cut short when pasted into a DNS form"
    return DkimKey(selector, record, kind, bits, testing=testing, fault=fault)


def _measure(kind: str, raw: bytes) -> tuple[int, str]:
    if kind == "ed25519":
        return (256, "") if len(raw) == 32 else (0, "an Ed25519 key has 32 bytes")
    if kind != "rsa":
        return 0, f"nobody knows keys of kind {kind!r}"
    key = load_der_public_key(raw)
    return (key.key_size, "") if isinstance(key, RSAPublicKey) else (0, "the key is not RSA")


@dataclass(frozen=True)
class Dmarc:
    policy: str = ""
    subdomain_policy: str = ""
    spf_mode: str = "r"
    dkim_mode: str = "r"
    percent: int = 100
    reports: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()


_POLICIES = ("none", "quarantine", "reject")


def dmarc_policy(record: str) -> Dmarc:
    """Read a DMARC record (RFC 7489 6.3 and its successor: tags that they drop or add are passed over)."""
    said = tags(record)
    faults = []
    if not re.match(r"v\s*=\s*DMARC1\s*(;|$)", record):
        faults.append("it must start with v=DMARC1, in capitals")
    policy = said.get("p", "").lower()
    if not policy:
        faults.append("it has no policy (p=)")
    elif policy not in _POLICIES:
        faults.append(f"p={said['p']} is no policy; none, quarantine and reject are")
    below = said.get("sp", policy).lower()
    if "sp" in said and below not in _POLICIES:
        faults.append(f"sp={said['sp']} is no policy")
    modes = {}
    for tag in ("aspf", "adkim"):
        modes[tag] = said.get(tag, "r").lower()
        if modes[tag] not in ("r", "s"):
            faults.append(f"{tag}={said[tag]} is neither r nor s")
            modes[tag] = "r"
    percent = said.get("pct", "100")
    if not percent.isdecimal() or int(percent) > 100:
        faults.append(f"pct={percent} is not a share of 100")
        percent = "100"
    reports = []
    for uri in filter(None, (part.strip() for part in said.get("rua", "").split(","))):
        address = uri.split("!")[0]
        if not re.fullmatch(r"(?i)mailto:[^@\s]+@[^@\s]+", address):
            faults.append(f"rua={uri} is not a mailto: address")
        else:
            reports.append(address[len("mailto:") :])
    return Dmarc(policy, below, modes["aspf"], modes["adkim"], int(percent), tuple(reports), tuple(faults))


def organisation(domain: str) -> str:
    """The domain that somebody registered: `mail.example.co.uk` belongs to `example.co.uk`."""
    found = parse_domain(domain)
    return found.name if found else domain


def aligned(from_domain: str, authenticated: str, mode: str) -> bool:
    """DMARC's question: does what was authenticated vouch for what the reader sees? (RFC 7489 3.1)"""
    if mode == "s":
        return from_domain.lower() == authenticated.lower()
    return organisation(from_domain.lower()) == organisation(authenticated.lower())


# -- judgements ---------------------------------------------------------------------------------------


def _found(check: str, status: Standing, what: str, mend: str = "", put: Put | None = None) -> Finding:
    return Finding(check, status, what, mend, put)


def judge_mx(domain: str, seen: MxSeen) -> Finding:
    if seen.trouble:
        return _found("mx", Standing.UNKNOWN, seen.trouble, "Ask again, or ask another resolver.")
    if seen.null:
        return _found(
            "mx",
            Standing.FAIL,
            f"{domain} says that it takes no mail (a null MX), so replies and bounces are lost",
            "Replace the record `0 .` with your mail host's MX.",
        )
    if not seen.exchangers:
        put = Put(domain, "MX", f"10 mail.{domain}.")
        if seen.own_addresses:
            what = f"{domain} has no MX record; mail falls back to the address of its web site"
            return _found("mx", Standing.WARN, what, "Publish the MX of your mail host.", put)
        what = f"{domain} has no MX record and no address: it cannot receive replies"
        return _found("mx", Standing.FAIL, what, "Publish the MX of your mail host.", put)
    lost = [one.host for one in seen.exchangers if not one.addresses]
    if len(lost) == len(seen.exchangers):
        what = f"No mail exchanger has an address: {', '.join(lost)}"
        return _found("mx", Standing.FAIL, what, "Publish an A record for it, or correct the MX.")
    if lost:
        what = f"{', '.join(lost)} has no address"
        return _found("mx", Standing.WARN, what, "Publish an A record for it, or take the MX away.")
    if named := [one.host for one in seen.exchangers if one.alias]:
        what = f"{', '.join(named)} is an alias (CNAME), which RFC 2181 10.3 forbids for an MX"
        return _found("mx", Standing.WARN, what, "Point the MX at the name that the alias stands for.")
    hosts = ", ".join(one.host for one in sorted(seen.exchangers, key=lambda one: one.preference))
    return _found("mx", Standing.PASS, f"Mail for {domain} goes to {hosts}")


def judge_spf(domain: str, seen: SpfSeen, host: Host | None) -> Finding:
    include = f"include:{host.spf_include} " if host else "a mx "
    put = Put(domain, "TXT", f"v=spf1 {include}~all")
    if seen.trouble:
        return _found("spf", Standing.UNKNOWN, seen.trouble, "Ask again, or ask another resolver.")
    if not seen.records:
        what = f"{domain} has no SPF record: nobody can tell which servers may send for it"
        return _found("spf", Standing.FAIL, what, "Publish one TXT record at the domain.", put)
    if len(seen.records) > 1:
        what = f"{domain} has {len(seen.records)} SPF records; receivers then treat SPF as broken"
        return _found("spf", Standing.FAIL, what, "Merge them into one record.")
    return _spf_broken(seen, put) or _spf_leaves_out(seen, host) or _spf_advice(seen)


def _spf_broken(seen: SpfSeen, put: Put) -> Finding | None:
    """Faults for which receivers throw the record away, or it protects nobody."""
    if seen.lookups > 10:
        what = f"SPF needs more than the ten DNS lookups that receivers allow ({seen.explanation})"
        mend = "Take out includes that are no longer used, or name addresses (ip4:) instead of names."
        return _found("spf", Standing.FAIL, what, mend)
    if seen.stranger == "permerror":
        what = f"SPF is broken: {seen.explanation}"
        return _found("spf", Standing.FAIL, what, "Correct the record; receivers ignore it as it is.", put)
    if seen.stranger == "temperror":
        what = f"SPF could not be followed to its end: {seen.explanation}"
        return _found("spf", Standing.UNKNOWN, what, "Ask again; if it stays, an included zone is broken.")
    if seen.stranger == "pass":
        what = "SPF lets any machine in the world send for this domain (+all)"
        return _found("spf", Standing.FAIL, what, "End the record with ~all or -all.")
    return None


def _spf_leaves_out(seen: SpfSeen, host: Host | None) -> Finding | None:
    """Machines that send for the domain and are not in the record."""
    if wrong := [one for one in seen.senders if one.result != "pass"]:
        named = ", ".join(f"{one.address} ({one.result})" for one in wrong)
        family = "ip6" if ":" in wrong[0].address else "ip4"
        mend = f"Add {family}:{wrong[0].address} to the record, before the `all` at its end."
        return _found("spf", Standing.FAIL, f"SPF does not allow mail from {named}", mend)
    if host and not seen.senders and not _names(seen.records[0], host):
        what = f"Mail is kept at {host.name}, but the record does not name it ({host.spf_include})"
        return _found(
            "spf", Standing.WARN, what, f"If mail leaves through it, add include:{host.spf_include}."
        )
    return None


def _spf_advice(seen: SpfSeen) -> Finding:
    if seen.stranger in ("neutral", "none"):
        what = "SPF takes no stand on other servers (it ends in ?all, or without `all`)"
        return _found("spf", Standing.WARN, what, "End the record with ~all or -all.")
    if seen.lookups >= 9:
        what = f"SPF uses {seen.lookups} of the ten DNS lookups allowed"
        return _found("spf", Standing.WARN, what, "Take out includes that are no longer used.")
    if re.search(r"(?i)(^|\s)[+?~-]?ptr(\s|:|$)", seen.records[0]):
        what = "SPF uses the mechanism `ptr`, which RFC 7208 5.5 asks not to use"
        return _found("spf", Standing.WARN, what, "Name addresses or includes instead.")
    what = f"One SPF record, {seen.lookups} of ten lookups, other servers {seen.stranger}"
    return _found("spf", Standing.PASS, what)


def _names(record: str, host: Host) -> bool:
    wanted = organisation(host.spf_include)
    return any(
        organisation(term.split(":", 1)[-1].split("=", 1)[-1]) == wanted
        for term in record.lower().split()
        if "include:" in term or "redirect=" in term
    )


def judge_dkim(domain: str, seen: DkimSeen, host: Host | None) -> Finding:
    selector = next(iter(host.selectors if host else ()), "panout")
    put = Put(f"{selector}._domainkey.{domain}", "TXT", "v=DKIM1; k=rsa; p=<the public key>")
    help_ = (
        f"Turn DKIM on: {host.dkim_help}." if host and host.dkim_help else "Turn DKIM on at your mail host"
    )
    help_ = help_.rstrip(".") + ", then publish the record that it shows."
    if seen.trouble and not seen.keys:
        return _found("dkim", Standing.UNKNOWN, seen.trouble, "Ask again, or ask another resolver.")
    if seen.named and not seen.keys:
        what = f"No DKIM key under {', '.join(f'{name}._domainkey.{domain}' for name in seen.asked)}"
        return _found("dkim", Standing.FAIL, what, help_, put)
    if seen.empty:
        what = f"{domain} publishes no DKIM key at all (nothing exists below _domainkey.{domain})"
        return _found("dkim", Standing.FAIL, what, help_, put)
    if not seen.keys:
        what = (
            f"None of {len(seen.asked)} usual selectors has a key; keys cannot be listed, so others may exist"
        )
        mend = "Look up s= in the DKIM-Signature of a mail you sent, and name it: --selector NAME."
        return _found("dkim", Standing.UNKNOWN, what, mend)
    usable = [key for key in seen.keys if key.usable]
    if not usable:
        faults = "; ".join(
            f"{key.selector} is revoked (empty p=)" if key.revoked else f"{key.selector}: {key.fault}"
            for key in seen.keys
        )
        return _found("dkim", Standing.FAIL, f"No usable DKIM key: {faults}", help_, put)
    return _judge_keys(seen.keys, usable, put)


def _judge_keys(keys: Sequence[DkimKey], usable: Sequence[DkimKey], put: Put) -> Finding:
    rsa = [key for key in usable if key.kind == "rsa"]
    if rsa and max(key.bits for key in rsa) < 1024:
        what = f"The DKIM key {rsa[0].selector} has {rsa[0].bits} bits; receivers ignore keys under 1024"
        return _found("dkim", Standing.FAIL, what, "Make a new key of 2048 bits.", put)
    broken = [key for key in keys if key.fault]
    if broken:
        what = f"The DKIM record {broken[0].selector} cannot be used: {broken[0].fault}"
        return _found("dkim", Standing.WARN, what, "Publish it again, or take it away.")
    if not rsa:
        what = "Only Ed25519 keys are published; Google, Microsoft and Yahoo verify RSA only"
        return _found("dkim", Standing.WARN, what, "Sign with RSA (2048 bits) as well.", put)
    short = [key for key in rsa if key.bits < 2048]
    if short:
        what = f"The DKIM key {short[0].selector} has {short[0].bits} bits"
        return _found("dkim", Standing.WARN, what, "Make a new key of 2048 bits.")
    if testing := [key for key in usable if key.testing]:
        what = f"The DKIM key {testing[0].selector} says it is a test (t=y); some receivers then ignore it"
        return _found("dkim", Standing.WARN, what, "Take t=y out of the record.")
    named = ", ".join(f"{key.selector} ({key.kind} {key.bits})" for key in usable)
    return _found("dkim", Standing.PASS, f"DKIM keys published: {named}")


def judge_dmarc(domain: str, seen: DmarcSeen) -> Finding:
    put = Put(f"_dmarc.{domain}", "TXT", f"v=DMARC1; p=none; rua=mailto:dmarc@{domain}")
    if seen.trouble:
        return _found("dmarc", Standing.UNKNOWN, seen.trouble, "Ask again, or ask another resolver.")
    if not seen.records:
        what = f"{domain} has no DMARC record; Google, Yahoo and Microsoft require one of bulk senders"
        return _found("dmarc", Standing.FAIL, what, f"Publish a TXT record at _dmarc.{domain}.", put)
    if len(seen.records) > 1:
        what = f"_dmarc.{seen.at} has {len(seen.records)} DMARC records; receivers then ignore them all"
        return _found("dmarc", Standing.FAIL, what, "Keep one.")
    policy = dmarc_policy(seen.records[0])
    if policy.faults:
        what = f"The DMARC record at _dmarc.{seen.at} is faulty: {'; '.join(policy.faults)}"
        return _found("dmarc", Standing.FAIL, what, "Correct it.", put)
    in_force = policy.policy if seen.at == domain else policy.subdomain_policy
    where = "" if seen.at == domain else f" (from {seen.at})"
    if not policy.reports:
        what = f"DMARC says {in_force}{where}, but asks nobody for reports, so you cannot see who fails it"
        return _found("dmarc", Standing.WARN, what, f"Add rua=mailto:dmarc@{domain}.")
    if seen.unapproved:
        there = seen.unapproved[0].rpartition("@")[2]
        what = f"Reports to {', '.join(seen.unapproved)} will not come: {there} has not agreed to take them"
        agree = Put(f"{domain}._report._dmarc.{there}", "TXT", "v=DMARC1")
        return _found("dmarc", Standing.WARN, what, f"Publish this at {there}.", agree)
    if in_force == "none":
        what = (
            f"DMARC watches only (p=none){where}: enough for the providers, but anybody can still forge you"
        )
        return _found("dmarc", Standing.WARN, what, "After two quiet weeks of reports: p=quarantine.")
    if policy.percent < 100:
        what = f"DMARC says {in_force}{where} for {policy.percent} % of mail"
        return _found("dmarc", Standing.WARN, what, "Take pct= out once the reports are clean.")
    return _found("dmarc", Standing.PASS, f"DMARC says {in_force}{where}; reports go to {policy.reports[0]}")


def judge_alignment(seen: Seen) -> Finding:
    """At least one of SPF and DKIM must vouch for the very domain that the reader sees."""
    said = dmarc_policy(seen.dmarc.records[0]) if len(seen.dmarc.records) == 1 else Dmarc()
    envelope, signer = seen.envelope or seen.domain, seen.signer or seen.domain
    by_spf = judge_spf(seen.domain, seen.spf, seen.host).status
    by_dkim = judge_dkim(seen.domain, seen.dkim, seen.host).status
    spf_fits = aligned(seen.domain, envelope, said.spf_mode)
    dkim_fits = aligned(seen.domain, signer, said.dkim_mode)
    held = [
        name
        for name, status, fits in (("SPF", by_spf, spf_fits), ("DKIM", by_dkim, dkim_fits))
        if fits and status in (Standing.PASS, Standing.WARN)
    ]
    if held:
        what = f"{' and '.join(held)} vouch{'' if len(held) > 1 else 'es'} for From: …@{seen.domain}"
        return _found("alignment", Standing.PASS, what)
    if Standing.UNKNOWN in (by_spf if spf_fits else "", by_dkim if dkim_fits else ""):
        return _found("alignment", Standing.UNKNOWN, "It cannot be told until SPF and DKIM are known")
    if not spf_fits and not dkim_fits:
        what = f"Mail from {seen.domain} is vouched for by {envelope} and {signer}, which readers do not see"
        mend = f"Sign with d={seen.domain}, or use an envelope sender under {organisation(seen.domain)}."
        return _found("alignment", Standing.FAIL, what, mend)
    what = f"Neither SPF nor DKIM vouches for From: …@{seen.domain}, so DMARC fails"
    return _found("alignment", Standing.FAIL, what, "Mend SPF or DKIM, better both.")


_GENERIC = re.compile(r"(\d{1,3}[.-]){3}\d{1,3}|(?i:dynamic|dhcp|dial|pool|dsl|cable)")


def judge_reverse(seen: Sequence[Reverse], host: Host | None) -> Finding:
    if not seen:
        if host:
            what = f"Mail leaves through {host.name}, which answers for the reverse DNS of its own servers"
            return _found("reverse_dns", Standing.PASS, what)
        what = "No sending address is known"
        return _found(
            "reverse_dns", Standing.UNKNOWN, what, "Name the address mail leaves from: --ip ADDRESS."
        )
    if missing := [one for one in seen if not one.names and not one.trouble]:
        what = f"{missing[0].address} has no reverse DNS; Google refuses such senders (5.7.25)"
        put = Put(missing[0].address, "PTR", "<the server's own name>")
        return _found("reverse_dns", Standing.FAIL, what, "Ask whoever gave you the address to set it.", put)
    if unsure := [one for one in seen if one.trouble]:
        return _found("reverse_dns", Standing.UNKNOWN, unsure[0].trouble, "Ask again.")
    if loose := [one for one in seen if not one.confirmed]:
        one = loose[0]
        what = f"{one.address} is called {one.names[0]}, but that name does not lead back to it"
        put = Put(one.names[0], "AAAA" if ":" in one.address else "A", one.address)
        return _found("reverse_dns", Standing.FAIL, what, "Publish the address under that name.", put)
    if generic := [one for one in seen if all(_GENERIC.search(name) for name in one.confirmed)]:
        what = f"{generic[0].address} has a provider's stock name, {generic[0].confirmed[0]}"
        return _found("reverse_dns", Standing.WARN, what, "Set reverse DNS to your server's own name.")
    named = ", ".join(f"{one.address} is {one.confirmed[0]}" for one in seen)
    return _found("reverse_dns", Standing.PASS, f"{named}, and back")


def judge_tls(domain: str, seen: TlsSeen) -> tuple[Finding, ...]:
    if seen.trouble:
        return (_found("tls", Standing.UNKNOWN, seen.trouble, "Ask again, or ask another resolver."),)
    findings = []
    if failed := [(host, fault) for host, fault in seen.probed if fault]:
        what = f"{failed[0][0]}: {failed[0][1]}"
        findings.append(_found("tls", Standing.FAIL, what, "Give the mail server a valid certificate."))
    elif seen.probed:
        named = ", ".join(host for host, _ in seen.probed)
        findings.append(_found("tls", Standing.PASS, f"{named} speaks TLS with a valid certificate"))
    policies = [record for record in seen.mta_sts if tags(record).get("v") == "STSv1"]
    put = Put(f"_mta-sts.{domain}", "TXT", "v=STSv1; id=20260101000000")
    if len(policies) == 1 and re.fullmatch(r"[A-Za-z0-9]{1,32}", tags(policies[0]).get("id", "")):
        findings.append(_found("mta_sts", Standing.PASS, "MTA-STS is published"))
    elif seen.mta_sts:
        mend = "Publish exactly one, with v=STSv1 and an id of letters and digits."
        findings.append(_found("mta_sts", Standing.WARN, "The MTA-STS record is faulty", mend, put))
    else:
        what = "No MTA-STS: servers that write to you may be talked into plain text"
        findings.append(
            _found("mta_sts", Standing.WARN, what, "Optional: publish a policy and this record.", put)
        )
    reports = [record for record in seen.tls_rpt if tags(record).get("v") == "TLSRPTv1"]
    if len(reports) == 1 and tags(reports[0]).get("rua", "").startswith(("mailto:", "https:")):
        findings.append(_found("tls_rpt", Standing.PASS, "TLS reports are asked for"))
    else:
        put = Put(f"_smtp._tls.{domain}", "TXT", f"v=TLSRPTv1; rua=mailto:tls@{domain}")
        what = "The TLS report record is faulty" if seen.tls_rpt else "No TLS reports are asked for"
        findings.append(_found("tls_rpt", Standing.WARN, what, "Optional: publish this record.", put))
    return tuple(findings)


def judge_listings(seen: Sequence[Listing]) -> Finding:
    if listed := [one for one in seen if one.listed]:
        named = ", ".join(f"{one.subject} on {one.name}" for one in listed)
        mend = f"Stop sending, find the cause, then ask to be taken off: {listed[0].delist}"
        return _found("blocklists", Standing.FAIL, f"Listed: {named}", mend)
    silent = sorted({one.name for one in seen if one.listed is None})
    asked = {one.name for one in seen}
    if not seen:
        return _found("blocklists", Standing.UNKNOWN, "No blocklist was asked")
    if len(silent) == len(asked):
        what = f"No blocklist would answer this resolver ({', '.join(silent)})"
        return _found(
            "blocklists", Standing.UNKNOWN, what, "Use a resolver of your own; they refuse public ones."
        )
    aside = f"; {', '.join(silent)} would not answer" if silent else ""
    return _found("blocklists", Standing.PASS, f"On none of {len(asked) - len(silent)} blocklists{aside}")


# -- the whole ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Readiness:
    """One requirement of one provider. `held` is None for what DNS cannot tell."""

    provider: str
    wants: str
    held: bool | None
    who: str
    as_of: str
    source: str


@dataclass(frozen=True)
class Health:
    """`ok`: no check failed. `grade`: A (all well) to F (nobody can tell your mail from a forger's)."""

    domain: str
    checked_at: datetime
    ok: bool
    grade: str
    findings: tuple[Finding, ...]
    providers: tuple[Readiness, ...]
    seen: Seen = field(repr=False)

    def status(self, check: str) -> Standing:
        """The worst standing among the findings of one check."""
        order = (Standing.FAIL, Standing.UNKNOWN, Standing.WARN, Standing.PASS)
        found = {finding.status for finding in self.findings if finding.check == check}
        return next((status for status in order if status in found), Standing.UNKNOWN)


def judge(seen: Seen, now: datetime) -> Health:
    if not seen.exists:
        what = f"The domain {seen.domain} does not exist"
        gone = _found("domain", Standing.FAIL, what, "Look at the spelling, or register it.")
        return Health(seen.domain, now, False, "F", (gone,), (), seen)
    findings = (
        judge_mx(seen.domain, seen.mx),
        judge_spf(seen.domain, seen.spf, seen.host),
        judge_dkim(seen.domain, seen.dkim, seen.host),
        judge_dmarc(seen.domain, seen.dmarc),
        judge_alignment(seen),
        judge_reverse(seen.reverse, seen.host),
        *judge_tls(seen.domain, seen.tls),
        judge_listings(seen.listings),
    )
    ok = not any(finding.status is Standing.FAIL for finding in findings)
    return Health(seen.domain, now, ok, grade(findings), findings, _readiness(findings), seen)


# How much a failed check costs. Authentication is what providers refuse for; the TLS records are courtesy.
_COST = {"spf": 30, "dkim": 30, "dmarc": 30, "alignment": 30, "mx": 20, "reverse_dns": 20, "blocklists": 40}


def grade(findings: Sequence[Finding]) -> str:
    """A 90 and more of 100, B 75, C 60, D 40; a warning or an unknown costs a sixth of a failure."""
    points = 100.0
    for finding in findings:
        cost = _COST.get(finding.check, 5)
        match finding.status:
            case Standing.FAIL:
                points -= cost
            case Standing.WARN | Standing.UNKNOWN:
                points -= cost / 6
            case Standing.PASS:
                pass
    return next(
        (letter for letter, least in (("A", 90), ("B", 75), ("C", 60), ("D", 40)) if points >= least), "F"
    )


def _readiness(findings: Sequence[Finding]) -> tuple[Readiness, ...]:
    status = {finding.check: finding.status for finding in findings}

    def holds(check: str) -> bool | None:
        standing = status.get(check, Standing.UNKNOWN)
        return None if standing is Standing.UNKNOWN else standing is not Standing.FAIL

    spf, dkim = holds("spf"), holds("dkim")
    told: dict[str, bool | None] = {
        "authentication": True if spf or dkim else None if None in (spf, dkim) else False,
        "both": False if False in (spf, dkim) else None if None in (spf, dkim) else True,
        "dmarc": holds("dmarc"),
        "alignment": holds("alignment"),
        "reverse_dns": holds("reverse_dns"),
        "mx": holds("mx"),
    }
    return tuple(
        Readiness(one.provider, one.wants, told.get(one.check), one.who, one.as_of, one.source)
        for one in requirements()
    )


GRACE = timedelta(hours=72)


@dataclass(frozen=True)
class ColdMail:
    """May cold mail leave from this domain? Answers to people always may."""

    allowed: bool
    reason: str
    until: datetime | None = None


def cold_mail(failing_since: datetime | None, now: datetime, grace: timedelta = GRACE) -> ColdMail:
    """Authentication that keeps failing stops cold mail after the grace; a slip of an hour does not."""
    if failing_since is None:
        return ColdMail(True, "Authentication holds")
    hours, most = int((now - failing_since) / timedelta(hours=1)), int(grace / timedelta(hours=1))
    if now - failing_since >= grace:
        return ColdMail(False, f"Authentication has failed for {hours} hours; cold mail stopped after {most}")
    left = max(1, most - hours)
    told = (
        "fails" if hours < 1 else "has failed for an hour" if hours == 1 else f"has failed for {hours} hours"
    )
    return ColdMail(
        True,
        f"Authentication {told}; mend it, or cold mail stops in {left} hours",
        until=failing_since + grace,
    )


AUTHENTICATION = ("spf", "dkim", "dmarc", "alignment")


def authentication_fails(findings: Sequence[Finding]) -> bool:
    """Unknown is not failing: a resolver's bad day must not stop a team's work."""
    return any(one.check in AUTHENTICATION and one.status is Standing.FAIL for one in findings)
