"""Questions about people and the ledger.

people() -> tuple[Member, ...]            everybody, active first
member(user_id) -> Member                 raises NotFound
epoch_of(user_id) -> int                  which sign-ins and tokens of theirs still hold; raises NotFound
reps() -> tuple[Member, ...]              who may own records
has_people() -> bool                      False: the first-run page
invitation_for(secret, now) -> Invited    raises NotFound when used, withdrawn or past
link_for(secret, now) -> Member           whose password a link lets choose; raises NotFound
ledger(filters, before, limit) -> LedgerPage    newest first, keyset by id
ledger_verbs() -> tuple[str, ...]         the verbs that occur, for the filter
teams() -> tuple[TeamLine, ...]
verify_chain() -> Chain                   walks every seal; says where it breaks
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.db.models import Count as Number

from panout.kernel.errors import NotFound
from panout.team.models import Invitation, LedgerEntry, LedgerSeal, PasswordLink, Team, User
from panout.team.rules import FIRST_SEAL, Person, Role, Sealed, Sees, digest, seal

_REPS = (Role.FOUNDER, Role.SDR, Role.BDR, Role.AE, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class Member:
    """One user, as pages show them."""

    id: int
    name: str
    email: str
    role: Role
    sees: Sees
    team_id: int | None
    team: str
    zone: str
    capacity: int
    active: bool

    @property
    def person(self) -> Person:
        return Person(self.id, self.name, self.role, self.sees, self.team_id, self.zone)


@dataclass(frozen=True, slots=True)
class TeamLine:
    id: int
    name: str
    members: int


@dataclass(frozen=True, slots=True)
class Invited:
    """An open invitation."""

    id: int
    email: str
    role: Role
    invited_by: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """Who did what, when, from where, before and after. Details are None once erased."""

    id: int
    at: datetime
    actor: str
    verb: str
    kind: str
    subject_id: int | None
    label: str
    reason: str
    before: Mapping[str, object] | None
    after: Mapping[str, object] | None
    origin: str
    sealed: bool


@dataclass(frozen=True, slots=True)
class LedgerPage:
    lines: tuple[LedgerLine, ...]
    next_before: int | None  # hand back as `before` for older lines


@dataclass(frozen=True, slots=True)
class LedgerFilter:
    """What to show; empty shows all."""

    actor_id: int | None = None
    verb: str = ""
    kind: str = ""
    subject_id: int | None = None
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True, slots=True)
class Chain:
    """What a walk along the seals found; `broken_at` is the position of the first seal that does not hold."""

    sealed: int
    waiting: int
    broken_at: int | None
    head: str

    @property
    def whole(self) -> bool:
        return self.broken_at is None


def people() -> tuple[Member, ...]:
    found = User.objects.select_related("team").order_by("-is_active", "name", "id")[:1000]
    return tuple(_member(user) for user in found)


def reps() -> tuple[Member, ...]:
    return tuple(member for member in people() if member.active and member.role in _REPS)


def member(user_id: int) -> Member:
    user = User.objects.select_related("team").filter(id=user_id).first()
    if user is None:
        raise NotFound("There is no such user.")
    return _member(user)


def epoch_of(user_id: int) -> int:
    found = User.objects.filter(id=user_id).values_list("epoch", flat=True).first()
    if found is None:
        raise NotFound("There is no such user.")
    return found


def has_people() -> bool:
    return User.objects.exists()


def secret_hash(secret: str) -> str:
    """What is kept of an invitation's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def invitation_for(secret: str, now: datetime) -> Invited:
    found = (
        Invitation.objects.open(now)
        .select_related("invited_by")
        .filter(secret_hash=secret_hash(secret))
        .first()
    )
    if found is None:
        raise NotFound("This invitation was used, withdrawn or is too old.", mend="Ask for a new one.")
    return Invited(found.pk, found.email, Role(found.role), found.invited_by.name, found.expires_at)


def link_for(secret: str, now: datetime) -> Member:
    """Raises NotFound when the link is used, replaced or past."""
    found = PasswordLink.objects.open(now).filter(secret_hash=secret_hash(secret)).first()
    if found is None:
        raise NotFound(
            "This link was used, replaced or is too old.",
            mend="Ask for a new one, or run `panout password` on the machine.",
        )
    return member(found.user_id)


def open_invitations(now: datetime) -> tuple[Invited, ...]:
    found = Invitation.objects.open(now).select_related("invited_by").order_by("-created_at")[:200]
    return tuple(Invited(i.pk, i.email, Role(i.role), i.invited_by.name, i.expires_at) for i in found)


def ledger(asked: LedgerFilter, before: int | None = None, limit: int = 100) -> LedgerPage:
    rows = LedgerEntry.objects.select_related("detail", "seal").order_by("-id")
    if asked.actor_id is not None:
        rows = rows.filter(actor_id=asked.actor_id)
    if asked.verb:
        rows = rows.filter(verb=asked.verb)
    if asked.kind:
        rows = rows.filter(kind=asked.kind)
    if asked.subject_id is not None:
        rows = rows.filter(subject_id=asked.subject_id)
    if asked.since is not None:
        rows = rows.filter(at__gte=asked.since)
    if asked.until is not None:
        rows = rows.filter(at__lt=asked.until)
    if before is not None:
        rows = rows.filter(id__lt=before)
    found = list(rows[: limit + 1])
    lines = tuple(_line(entry) for entry in found[:limit])
    return LedgerPage(lines, lines[-1].id if len(found) > limit else None)


def ledger_verbs() -> tuple[str, ...]:
    """By a walk along the index from verb to verb, however long the ledger is."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH RECURSIVE walk AS (
              (SELECT verb FROM team_ledgerentry ORDER BY verb LIMIT 1)
              UNION ALL
              SELECT (SELECT e.verb FROM team_ledgerentry e WHERE e.verb > w.verb ORDER BY e.verb LIMIT 1)
              FROM walk w WHERE w.verb IS NOT NULL)
            SELECT verb FROM walk WHERE verb IS NOT NULL LIMIT 200"""
        )
        return tuple(row[0] for row in cursor.fetchall())


def teams() -> tuple[TeamLine, ...]:
    rows = Team.objects.annotate(number=Number("members")).order_by("name")[:200]
    return tuple(TeamLine(row.pk, row.name, row.number) for row in rows)


def verify_chain() -> Chain:
    """Read the whole ledger and recompute each seal, and each detail that was not erased."""
    head, count = FIRST_SEAL, 0
    for link in _links():
        entry = link.entry
        detail = getattr(entry, "detail", None)
        told = detail and digest(detail.salt, detail.before, detail.after, detail.label, detail.reason)
        head = seal(head, sealed_words(entry))
        count += 1
        if link.position != count or link.hash != head or (told and told != entry.details_digest):
            return Chain(count, _waiting(), link.position, head)
    return Chain(count, _waiting(), None, head)


def sealed_words(entry: LedgerEntry) -> Sealed:
    """The words of an entry that its seal covers."""
    return Sealed(
        entry.pk,
        entry.at,
        entry.actor_id,
        entry.actor_name,
        entry.verb,
        entry.kind,
        entry.subject_id,
        entry.details_digest,
    )


def _links() -> Iterator[LedgerSeal]:
    chain = LedgerSeal.objects.select_related("entry__detail").order_by("position")
    yield from chain.iterator(chunk_size=2000)


def _waiting() -> int:
    return LedgerEntry.objects.filter(seal=None).count()


def _line(entry: LedgerEntry) -> LedgerLine:
    detail = getattr(entry, "detail", None)
    return LedgerLine(
        entry.pk,
        entry.at,
        entry.actor_name,
        entry.verb,
        entry.kind,
        entry.subject_id,
        detail.label if detail else "(erased)",
        detail.reason if detail else "",
        detail.before if detail else None,
        detail.after if detail else None,
        entry.origin,
        hasattr(entry, "seal"),
    )


def _member(user: User) -> Member:
    return Member(
        user.pk,
        user.name,
        user.email,
        Role(user.role),
        Sees(user.sees),
        user.team_id,
        user.team.name if user.team else "",
        user.zone,
        user.capacity,
        user.is_active,
    )
