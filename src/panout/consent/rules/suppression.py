"""Whether a suppression entry forbids a touch, and how an erased person is still recognised."""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import phonenumbers


class Kind(StrEnum):
    """What an entry names."""

    PERSON = "person"  # a contact's id
    EMAIL = "email"
    PHONE = "phone"
    DOMAIN = "domain"
    HASH = "hash"  # of an erased person's email or phone: see `fingerprint`


class Reason(StrEnum):
    """Why somebody is suppressed; the codes that users of other tools bring along."""

    UNSUBSCRIBED = "unsubscribed"
    CONTACT_REFUSED = "contact_refused"
    COMPLAINED = "complained"
    BOUNCED = "bounced"
    WRONG_PERSON = "wrong_person"
    LEFT_COMPANY = "left_company"
    BAD_TIMING = "bad_timing"
    COMPETITOR = "competitor"
    CUSTOMER = "customer"
    ERASED = "erased"
    DO_NOT_CALL = "do_not_call"
    OTHER = "other"


# What somebody asked for themselves; the others are our own care.
WISHES = frozenset({Reason.UNSUBSCRIBED, Reason.CONTACT_REFUSED, Reason.COMPLAINED, Reason.DO_NOT_CALL})


@dataclass(frozen=True, slots=True)
class Entry:
    """One suppression. `channels` empty means all; `expires_at` (UTC) None means for good."""

    kind: Kind
    value: str
    reason: Reason
    channels: frozenset[str] = frozenset()
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Addressee:
    """Whom a touch would reach, by all the names they go by. Emails lower-case, phones E.164."""

    contact_id: str
    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    domains: frozenset[str] = frozenset()


def fingerprint(value: str, salt: bytes) -> str:
    """A keyed hash that recognises an erased address without keeping it (HMAC-SHA-256, hex)."""
    return hmac.new(salt, value.strip().lower().encode(), hashlib.sha256).hexdigest()


_MAILBOX = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[a-z0-9-]{2,}")
_DOMAIN = re.compile(r"@?(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]+")
_NUMBER = re.compile(r"(?:\+|00)[\d ()./-]{6,20}")


def normal(kind: Kind, value: str) -> str:
    """What an entry names, in the one form in which it is kept and looked for."""
    bare = value.strip()
    match kind:
        case Kind.EMAIL | Kind.DOMAIN:
            return bare.lower()
        case Kind.PHONE:
            return _e164(bare)
        case Kind.PERSON | Kind.HASH:
            return bare


def _e164(text: str) -> str:
    """A number with its country, without the zero that is only dialled at home: +49 (0)30 is +4930.

    Left as it is where no country is told: whoever noted it so is still found by it.
    """
    international = f"+{text[2:]}" if text.startswith("00") else text
    try:
        number = phonenumbers.parse(international, None)
    except phonenumbers.NumberParseException:
        return text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def kind_of(text: str) -> tuple[Kind, str] | None:
    """What a line of a list of wishes names, and its normal form; None when it names nothing we know."""
    bare = text.strip().lower()
    if _MAILBOX.fullmatch(bare):
        return Kind.EMAIL, bare
    if _NUMBER.fullmatch(bare):
        return Kind.PHONE, normal(Kind.PHONE, bare)
    if _DOMAIN.fullmatch(bare):
        return Kind.DOMAIN, bare.lstrip("@")
    return None


def forbids(entry: Entry, who: Addressee, channel: str, now: datetime, salt: bytes) -> bool:
    """Whether this entry stands against a touch by this channel at this instant."""
    if entry.expires_at is not None and entry.expires_at <= now:
        return False
    if entry.channels and channel not in entry.channels:
        return False
    if _is_dead_address(entry) and channel != _MAIL:
        return False
    match entry.kind:
        case Kind.PERSON:
            return entry.value == who.contact_id
        case Kind.EMAIL:
            return entry.value.lower() in who.emails
        case Kind.PHONE:
            return entry.value in who.phones or entry.value in {normal(Kind.PHONE, one) for one in who.phones}
        case Kind.DOMAIN:
            return any(_within(domain, entry.value.lower()) for domain in _domains(who))
        case Kind.HASH:
            return entry.value in {fingerprint(name, salt) for name in (*who.emails, *who.phones)}


_MAIL = "email"


def _is_dead_address(entry: Entry) -> bool:
    """An address that bounced says nothing of the person: it closes itself, and no other road."""
    return entry.kind is Kind.EMAIL and entry.reason is Reason.BOUNCED


def only_bounced(entries: Iterable[Entry], who: Addressee, now: datetime, salt: bytes) -> bool:
    """Whether mail is closed by nothing but an address that bounced."""
    found = [entry for entry in entries if forbids(entry, who, _MAIL, now, salt)]
    return bool(found) and all(map(_is_dead_address, found))


def _domains(who: Addressee) -> Iterable[str]:
    yield from who.domains
    yield from (email.rpartition("@")[2] for email in who.emails)


def _within(domain: str, suppressed: str) -> bool:
    """A suppressed domain covers its subdomains."""
    return domain == suppressed or domain.endswith("." + suppressed)


def standing(
    entries: Iterable[Entry], who: Addressee, channel: str, now: datetime, salt: bytes
) -> Entry | None:
    """The entry that forbids the touch, the lasting ones first; None when nothing does."""
    found = [entry for entry in entries if forbids(entry, who, channel, now, salt)]
    return min(found, key=lambda entry: (entry.expires_at is not None, entry.kind, entry.value), default=None)
