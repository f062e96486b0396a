"""Questions about wishes and grounds.

standings(people, now) -> {contact_id: Standing}    what stands against, and for, a touch on each
suppressions(asked, after) -> Slice[SuppressionLine]
grounds_of(who) -> tuple[GroundLine, ...]           on what ground we may write
processors() -> tuple[ProcessorLine, ...], notices_due(now), untold_notices()
erasures_at_work() -> tuple[ErasureLine, ...]
retention_rule() -> Retention, open_cases() -> tuple[Case, ...]
salt() -> bytes                                     what erased addresses are hashed with
screened(numbers) -> {number: {register: Screened}} the newest answer of each register on each number
screenings(after) -> Slice[ScreeningLine]           when which register was asked
erased(values, now) -> frozenset                    which of these addresses and numbers belong to erased people
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Q, QuerySet

from panout.consent.models import (
    Erasure,
    ErasureNotice,
    Ground,
    Processor,
    RetentionCase,
    RetentionRule,
    Salt,
    ScreenedNumber,
    Screening,
    Suppression,
)
from panout.consent.rules.registers import Screened
from panout.consent.rules.suppression import (
    Addressee,
    Entry,
    Kind,
    Reason,
    fingerprint,
    normal,
    only_bounced,
    standing,
)
from panout.kernel.paging import Slice


@dataclass(frozen=True, slots=True)
class Standing:
    """What is on file about one person: entries, and channels with consent (empty: all)."""

    who: Addressee
    entries: tuple[Entry, ...]
    consents: frozenset[str]
    salt: bytes

    def against(self, channel: str, now: datetime) -> str | None:
        """The entry that forbids a touch by this channel, in words; None when nothing does."""
        found = standing(self.entries, self.who, channel, now, self.salt)
        if found is None:
            return None
        named = "an erased person" if found.kind is Kind.HASH else f"{found.kind} {found.value}"
        end = f" until {found.expires_at:%Y-%m-%d}" if found.expires_at else ""
        return f"{named}: {found.reason.replace('_', ' ')}{end}"

    def only_bounced(self, now: datetime) -> bool:
        """Whether nothing but a dead address stands against mail: the other roads are open."""
        return only_bounced(self.entries, self.who, now, self.salt)

    def consented(self, channel: str) -> bool:
        """Whether consent is on file for this channel."""
        return channel in self.consents or "" in self.consents


def salt() -> bytes:
    """What erased addresses are hashed with: this installation's own, made once, kept with its data."""
    kept = Salt.objects.values_list("value", flat=True).first()
    if kept is None:
        Salt.objects.bulk_create([Salt(id=1, value=secrets.token_hex(32))], ignore_conflicts=True)
        kept = Salt.objects.values_list("value", flat=True).get()
    return kept.encode()


def erased(values: Iterable[str], now: datetime) -> frozenset[str]:
    """Those of `values` (addresses, numbers) that an erased person went by. One query; nothing is hashed when
    nobody was ever erased."""
    hashes = frozenset(
        Suppression.objects.in_force(now).filter(kind=Kind.HASH.value).values_list("value", flat=True)
    )
    if not hashes:
        return frozenset()
    key = salt()
    return frozenset(value for value in values if fingerprint(value, key) in hashes)


def standings(people: Iterable[Addressee], now: datetime) -> dict[str, Standing]:
    """What stands for and against touches on these people, by contact id; two queries in all."""
    asked = list(people)
    key = salt()
    names = {who.contact_id: _values(who, key) for who in asked}
    every = {value for values in names.values() for value in values}
    entries: dict[str, list[Entry]] = defaultdict(list)
    for row in Suppression.objects.in_force(now).filter(value__in=every):
        reason = Reason(row.reason) if row.reason in set(Reason) else Reason.OTHER
        channels = frozenset({row.channel} if row.channel else ())
        entries[row.value].append(Entry(Kind(row.kind), row.value, reason, channels, row.expires_at))
    grounds: dict[str, set[str]] = defaultdict(set)
    given = Ground.objects.filter(value__in=every, basis="consent", withdrawn_at=None)
    for value, channel in given.values_list("value", "channel"):
        grounds[value].add(channel)
    return {
        who.contact_id: Standing(
            who,
            tuple(entry for value in names[who.contact_id] for entry in entries.get(value, ())),
            frozenset(channel for value in names[who.contact_id] for channel in grounds.get(value, ())),
            key,
        )
        for who in asked
    }


def _values(who: Addressee, key: bytes) -> frozenset[str]:
    """Every value under which an entry might name this person."""
    own = {*who.emails, *who.phones, *(normal(Kind.PHONE, number) for number in who.phones)}
    domains = {part for domain in who.domains for part in _parents(domain)}
    domains |= {part for email in who.emails for part in _parents(email.rpartition("@")[2])}
    return frozenset({who.contact_id, *own, *domains, *(fingerprint(value, key) for value in own)})


def _parents(domain: str) -> Iterable[str]:
    """The domain itself and those above it that could be suppressed: a.b.example, b.example."""
    parts = domain.split(".")
    return (".".join(parts[at:]) for at in range(max(1, len(parts) - 1)))


@dataclass(frozen=True, slots=True)
class SuppressionLine:
    id: int
    kind: str
    value: str
    channel: str
    reason: str
    note: str
    source: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None
    lifted_at: datetime | None


def suppressions(
    words: str = "", *, lifted: bool = False, after: str = "", limit: int = 100
) -> Slice[SuppressionLine]:
    """Wishes on file, the latest first; `words` is a part of what they name."""
    rows = Suppression.objects.select_related("created_by").order_by("-id")
    if not lifted:
        rows = rows.filter(lifted_at=None)
    if words:
        rows = rows.filter(
            Q(value__icontains=words) | Q(reason__icontains=words) | Q(source__icontains=words)
        )
    if after.isdecimal():
        rows = rows.filter(id__lt=int(after))
    found = [
        SuppressionLine(
            row.pk, row.kind, row.value, row.channel, row.reason, row.note, row.source, row.created_at,
            row.created_by.name if row.created_by else "", row.expires_at, row.lifted_at,
        )
        for row in rows[: limit + 1]
    ]  # fmt: skip
    return Slice(tuple(found[:limit]), str(found[limit - 1].id) if len(found) > limit else "")


def screened(numbers: Iterable[str]) -> dict[str, dict[str, Screened]]:
    """The newest answer of every register on each of these numbers (E.164); one query, none without numbers.

    Of two answers of one day the one that forbids counts.
    """
    wanted = set(numbers)
    found: dict[str, dict[str, Screened]] = defaultdict(dict)
    if not wanted:
        return found
    rows = (
        ScreenedNumber.objects.filter(number__in=wanted, screening__withdrawn_at=None)
        .order_by(
            "number", "screening__register", "-screening__screened_on", "-listed", "-screening__valid_until"
        )
        .distinct("number", "screening__register")
        .values_list(
            "number", "screening__register", "screening__screened_on", "screening__valid_until", "listed"
        )
    )
    for number, register, on, until, listed in rows:
        found[number][register] = Screened(on, until, listed)
    return found


@dataclass(frozen=True, slots=True)
class ScreeningLine:
    """One asking of a register."""

    id: int
    register: str
    screened_on: date
    valid_until: date
    numbers: int
    listed: int
    source: str
    recorded_by: str
    withdrawn_at: datetime | None


def screenings(after: str = "", limit: int = 50) -> Slice[ScreeningLine]:
    """When which register was asked, the latest first."""
    rows = Screening.objects.select_related("recorded_by").order_by("-id")
    if after.isdecimal():
        rows = rows.filter(id__lt=int(after))
    found = [
        ScreeningLine(
            row.pk, row.register, row.screened_on, row.valid_until, row.numbers, row.listed, row.source,
            row.recorded_by.name if row.recorded_by else "", row.withdrawn_at,
        )
        for row in rows[: limit + 1]
    ]  # fmt: skip
    return Slice(tuple(found[:limit]), str(found[limit - 1].id) if len(found) > limit else "")


@dataclass(frozen=True, slots=True)
class GroundLine:
    basis: str
    channel: str
    source: str
    noticed_on: date | None
    given_at: datetime
    withdrawn_at: datetime | None


def bounced(emails: Iterable[str]) -> frozenset[str]:
    """Those of the addresses that are known to be nobody's any more."""
    rows = Suppression.objects.filter(
        kind=Kind.EMAIL.value, reason=Reason.BOUNCED.value, value__in=list(emails), lifted_at=None
    )
    return frozenset(rows.values_list("value", flat=True))


def grounds_of(who: Addressee) -> tuple[GroundLine, ...]:
    """On what ground we may write to somebody, the latest first."""
    rows = Ground.objects.filter(value__in=[who.contact_id, *who.emails, *who.phones]).order_by("-given_at")
    return tuple(
        GroundLine(row.basis, row.channel, row.source, row.noticed_on, row.given_at, row.withdrawn_at)
        for row in rows
    )


@dataclass(frozen=True, slots=True)
class ProcessorLine:
    id: int
    name: str
    holds: str
    url: str
    told: int


@dataclass(frozen=True, slots=True)
class Notice:
    """An erasure that a processor has not heard of; `sealed` says whom, to who has the key."""

    id: int
    processor_id: int
    processor: str
    url: str
    contact_id: int
    sealed: bytes
    made_at: datetime
    tries: int
    trouble: str


def processors() -> tuple[ProcessorLine, ...]:
    rows = Processor.objects.filter(retired_at=None).order_by("name")
    told = Count("notices", filter=Q(notices__told_at__isnull=False))
    return tuple(
        ProcessorLine(row.pk, row.name, row.holds, row.url, row.heard) for row in rows.annotate(heard=told)
    )


def untold_notices() -> tuple[Notice, ...]:
    """All that wait to be told, the oldest first."""
    return _notices(ErasureNotice.objects.filter(told_at=None))


def notices_due(now: datetime) -> tuple[Notice, ...]:
    """Those that a machine may tell now."""
    waiting = ErasureNotice.objects.filter(told_at=None, next_try_at__lte=now)
    return _notices(waiting.exclude(processor__url=""))


def _notices(rows: QuerySet[ErasureNotice]) -> tuple[Notice, ...]:
    return tuple(
        Notice(
            row.pk, row.processor_id, row.processor.name, row.processor.url, row.contact_id, bytes(row.sealed),
            row.made_at, row.tries, row.trouble,
        )
        for row in rows.select_related("processor").order_by("made_at", "id")[:200]
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class ErasureLine:
    """Somebody whose names are still looked for: how many places are done."""

    contact_id: int
    asked_at: datetime
    looked: int
    total: int

    @property
    def percent(self) -> float:
        return 100.0 * self.looked / self.total


def erasures_at_work() -> tuple[ErasureLine, ...]:
    rows = Erasure.objects.filter(finished_at=None).order_by("id")
    return tuple(
        ErasureLine(row.contact_id, row.asked_at, row.total - len(row.left), row.total) for row in rows[:200]
    )


@dataclass(frozen=True, slots=True)
class Retention:
    """Months without contact, days of notice, and whether the machine erases when both are over."""

    months: int = 24
    notice_days: int = 30
    erases: bool = False


@dataclass(frozen=True, slots=True)
class Case:
    """Somebody with whom nothing has happened for too long."""

    id: int
    contact_id: int
    last_contact_on: date
    erase_on: date


def retention_rule() -> Retention:
    row = RetentionRule.objects.first()
    return Retention(row.months, row.notice_days, row.erases) if row else Retention()


def open_cases() -> tuple[Case, ...]:
    """Whose time has run out and of whom nobody has decided, the nearest to erasure first."""
    rows = RetentionCase.objects.filter(outcome="").order_by("erase_on", "id")
    return tuple(Case(row.pk, row.contact_id, row.last_contact_on, row.erase_on) for row in rows[:5_000])
