"""Verbs about people, and the ledger's pen.

create_owner(name, email, password, zone, now) -> int      only while there is nobody; raises Conflict after
invite(asker, email, role, team_id, origin, now) -> str    the secret for the link; shown once
accept_invitation(secret, name, password, zone, now) -> int
withdraw_invitation(asker, invitation_id, origin, now)
set_role(asker, user_id, role, sees, origin, now)
set_team(asker, user_id, team_id, origin, now), make_team(asker, name, origin, now) -> int
set_capacity(asker, user_id, capacity, origin, now)
deactivate(asker, user_id, origin, now), reactivate(...)
make_password_link(asker, user_id, origin, now) -> str     the secret for the link; shown once
choose_password(secret, password, now) -> str              by such a link; returns the address that signs in
change_password(user_id, password, origin, now)            one's own, by who knows the old one
change_profile(asker, name, zone, now)                     one's own
record(asker, verb, kind, subject_id, label, ..., now)     every action of every room calls this
seal_ledger(now) -> int                                    links waiting entries to the chain
forget_words(kind, subject_ids, names) -> int              what erasure takes out of the ledger
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from datetime import datetime, timedelta

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.team.models import (
    Invitation,
    LedgerDetail,
    LedgerEntry,
    LedgerSeal,
    PasswordLink,
    Team,
    User,
)
from panout.team.queries import sealed_words, secret_hash
from panout.team.rules import FIRST_SEAL, SEES, Person, Role, Sees, Verb, demand, digest, known_zone, seal

INVITATION_LASTS = timedelta(days=7)
PASSWORD_LINK_LASTS = timedelta(hours=24)
_SEAL_LOCK = 0x70616E01  # any number that only this action locks
_OWNER_LOCK = 0x70616E02
_SEALS_AT_ONCE = 5000


def record(
    asker: Person,
    verb: str,
    kind: str,
    subject_id: int | None,
    label: str,
    *,
    now: datetime,
    origin: str = "",
    reason: str = "",
    before: Mapping[str, object] | None = None,
    after: Mapping[str, object] | None = None,
) -> None:
    """Write one line of the ledger. Call it inside the transaction of the change that it tells of."""
    salt = secrets.token_hex(8)
    entry = LedgerEntry.objects.create(
        at=now,
        actor_id=asker.id,
        actor_name=asker.name,
        verb=verb,
        kind=kind,
        subject_id=subject_id,
        origin=origin or "Panout",
        details_digest=digest(salt, before, after, label, reason),
    )
    LedgerDetail.objects.create(
        entry=entry, salt=salt, label=label, reason=reason, before=before, after=after
    )


@transaction.atomic
def seal_ledger(now: datetime) -> int:
    """Seal the entries that wait, oldest first; returns how many. Safe to run anywhere at any time.

    Sealing apart from writing keeps transactions of different people from waiting for one another. An entry
    of a transaction that commits late is sealed late: the chain is in order of sealing, not of id.
    """
    _lock(_SEAL_LOCK)
    last = LedgerSeal.objects.order_by("-position").first()
    position, head = (last.position, last.hash) if last else (0, FIRST_SEAL)
    links = []
    for entry in LedgerEntry.objects.filter(seal=None).order_by("id")[:_SEALS_AT_ONCE]:
        position += 1
        head = seal(head, sealed_words(entry))
        links.append(LedgerSeal(position=position, entry=entry, hash=head, sealed_at=now))
    LedgerSeal.objects.bulk_create(links)
    return len(links)


@transaction.atomic
def forget_words(kind: str, subject_ids: Collection[int], names: str) -> int:
    """Delete the details of what was done to these subjects, or names them; the chain of digests stays whole.

    `names` is a regular expression of all that an erased person went by; empty: only the subjects' own lines.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL panout.erasing = 'yes'")
        cursor.execute(
            """
            DELETE FROM team_ledgerdetail AS d USING team_ledgerentry AS e
             WHERE e.id = d.entry_id
               AND ((e.kind = %s AND e.subject_id = ANY(%s))
                    OR (%s <> '' AND concat_ws(' ', d.label, d.reason, d.before::text, d.after::text) ~* %s))""",
            [kind, list(subject_ids), names, names],
        )
        gone = int(cursor.rowcount)
        cursor.execute("SET LOCAL panout.erasing = 'no'")
    return gone


@transaction.atomic
def create_owner(name: str, email: str, password: str, zone: str, now: datetime) -> int:
    """The first user, a founder. Raises Conflict when somebody is here already."""
    _lock(_OWNER_LOCK)
    if User.objects.exists():
        raise Conflict("This workspace has an owner already.", mend="Sign in, or ask for an invitation.")
    user = _new_user(name, email, password, Role.FOUNDER, None, zone, now)
    record(user.person, "create owner", "user", user.pk, user.name, now=now, origin="first run")
    return user.pk


@transaction.atomic
def invite(asker: Person, email: str, role: Role, team_id: int | None, origin: str, now: datetime) -> str:
    demand(asker, Verb.MANAGE_PEOPLE)
    _no_higher_than(asker, role)
    address = _address(email)
    if User.objects.filter(email__iexact=address).exists():
        raise Conflict("Somebody signs in with this address already.")
    if team_id is not None and not Team.objects.filter(id=team_id).exists():
        raise NotFound("There is no such team.")
    secret = secrets.token_urlsafe(24)
    made = Invitation.objects.create(
        email=address,
        role=role,
        team_id=team_id,
        secret_hash=secret_hash(secret),
        invited_by_id=asker.id or 0,
        created_at=now,
        expires_at=now + INVITATION_LASTS,
    )
    record(
        asker, "invite", "invitation", made.pk, address, now=now, origin=origin, after={"role": role.value}
    )
    return secret


@transaction.atomic
def accept_invitation(secret: str, name: str, password: str, zone: str, now: datetime) -> int:
    """The newcomer's user id. Raises NotFound when the invitation is used, withdrawn or past."""
    open_ones = Invitation.objects.open(now).select_for_update()
    found = open_ones.filter(secret_hash=secret_hash(secret)).first()
    if found is None:
        raise NotFound("This invitation was used, withdrawn or is too old.", mend="Ask for a new one.")
    user = _new_user(name, found.email, password, Role(found.role), found.team_id, zone, now)
    found.accepted_at = now
    found.save(update_fields=["accepted_at"])
    record(user.person, "accept invitation", "user", user.pk, user.name, now=now, origin="invitation")
    return user.pk


@transaction.atomic
def withdraw_invitation(asker: Person, invitation_id: int, origin: str, now: datetime) -> None:
    demand(asker, Verb.MANAGE_PEOPLE)
    found = Invitation.objects.open(now).select_for_update().filter(id=invitation_id).first()
    if found is None:
        raise NotFound("There is no such open invitation.")
    found.withdrawn_at = now
    found.save(update_fields=["withdrawn_at"])
    record(asker, "withdraw invitation", "invitation", found.pk, found.email, now=now, origin=origin)


@transaction.atomic
def make_password_link(asker: Person, user_id: int, origin: str, now: datetime) -> str:
    """For who forgot their password. An earlier link of theirs works no more; the password stays until it is used.

    Handed over by a person or read from the machine's own terminal, so it works where no mail is set up.
    """
    demand(asker, Verb.MANAGE_PEOPLE)
    user = _locked(user_id)
    _no_higher_than(asker, Role(user.role))
    if not user.is_active:
        raise Conflict(f"{user.name}'s sign-in is closed.", mend="Open it again first.")
    PasswordLink.objects.open(now).filter(user=user).update(withdrawn_at=now)
    secret = secrets.token_urlsafe(24)
    PasswordLink.objects.create(
        user=user,
        secret_hash=secret_hash(secret),
        made_by_id=asker.id,
        created_at=now,
        expires_at=now + PASSWORD_LINK_LASTS,
    )
    record(asker, "make password link", "user", user.pk, user.name, now=now, origin=origin)
    return secret


@transaction.atomic
def choose_password(secret: str, password: str, now: datetime) -> str:
    """Raises NotFound when the link is used, replaced or past, BadInput for a weak password.

    Whoever is signed in as this user is signed out, and their tokens are revoked.
    """
    open_ones = PasswordLink.objects.open(now).select_for_update(of=("self",))
    found = open_ones.filter(secret_hash=secret_hash(secret)).first()
    if found is None:
        raise NotFound(
            "This link was used, replaced or is too old.",
            mend="Ask for a new one, or run `panout password` on the machine.",
        )
    user = _locked(found.user_id)
    _set_password(user, password)
    user.save(update_fields=["password"])
    found.used_at = now
    found.save(update_fields=["used_at"])
    record(user.person, "choose password", "user", user.pk, user.name, now=now, origin="password link")
    _revoke(user.person, user, "The password was set anew.", "password link", now)
    return user.email


@transaction.atomic
def change_password(user_id: int, password: str, origin: str, now: datetime) -> None:
    """Raises BadInput for a weak one. Other sessions of this user end, and their tokens are revoked."""
    user = _locked(user_id)
    _set_password(user, password)
    user.save(update_fields=["password"])
    record(user.person, "change password", "user", user.pk, user.name, now=now, origin=origin)
    _revoke(user.person, user, "The password was changed.", origin, now)


@transaction.atomic
def set_role(asker: Person, user_id: int, role: Role, sees: Sees, origin: str, now: datetime) -> None:
    demand(asker, Verb.MANAGE_PEOPLE)
    _no_higher_than(asker, role)
    user = _locked(user_id)
    _no_higher_than(asker, Role(user.role))
    before: dict[str, object] = {"role": user.role, "sees": user.sees}
    if user.role == Role.FOUNDER and role != Role.FOUNDER:
        _another_founder(user)
    user.role, user.sees = role, sees
    user.save(update_fields=["role", "sees"])
    record(
        asker,
        "set role",
        "user",
        user.pk,
        user.name,
        now=now,
        origin=origin,
        before=before,
        after={"role": role.value, "sees": sees.value},
    )


@transaction.atomic
def make_team(asker: Person, name: str, origin: str, now: datetime) -> int:
    demand(asker, Verb.MANAGE_PEOPLE)
    clean = _named(name)
    if Team.objects.filter(name__iexact=clean).exists():
        raise Conflict(f"There is a team called {clean} already.")
    team = Team.objects.create(name=clean, created_at=now)
    record(asker, "make team", "team", team.pk, clean, now=now, origin=origin)
    return team.pk


@transaction.atomic
def set_team(asker: Person, user_id: int, team_id: int | None, origin: str, now: datetime) -> None:
    demand(asker, Verb.MANAGE_PEOPLE)
    user = _locked(user_id)
    if team_id is not None and not Team.objects.filter(id=team_id).exists():
        raise NotFound("There is no such team.")
    before: dict[str, object] = {"team": user.team_id}
    user.team_id = team_id
    user.save(update_fields=["team"])
    record(
        asker,
        "set team",
        "user",
        user.pk,
        user.name,
        now=now,
        origin=origin,
        before=before,
        after={"team": team_id},
    )


@transaction.atomic
def set_capacity(asker: Person, user_id: int, capacity: int, origin: str, now: datetime) -> None:
    """How many prospects this person can work at a time."""
    demand(asker, Verb.ASSIGN)
    if not 0 <= capacity <= 10_000:
        raise BadInput("A capacity is between 0 and 10,000 prospects.")
    user = _locked(user_id)
    before: dict[str, object] = {"capacity": user.capacity}
    user.capacity = capacity
    user.save(update_fields=["capacity"])
    record(
        asker,
        "set capacity",
        "user",
        user.pk,
        user.name,
        now=now,
        origin=origin,
        before=before,
        after={"capacity": capacity},
    )


@transaction.atomic
def deactivate(asker: Person, user_id: int, origin: str, now: datetime) -> None:
    """Close somebody's sign-in; their records and their lines in the ledger stay."""
    demand(asker, Verb.MANAGE_PEOPLE)
    user = _locked(user_id)
    _no_higher_than(asker, Role(user.role))
    if user.role == Role.FOUNDER:
        _another_founder(user)
    user.is_active = False
    user.save(update_fields=["is_active"])
    record(asker, "deactivate", "user", user.pk, user.name, now=now, origin=origin)
    _revoke(asker, user, "The sign-in was closed.", origin, now)


@transaction.atomic
def reactivate(asker: Person, user_id: int, origin: str, now: datetime) -> None:
    demand(asker, Verb.MANAGE_PEOPLE)
    user = _locked(user_id)
    _no_higher_than(asker, Role(user.role))
    user.is_active = True
    user.save(update_fields=["is_active"])
    record(asker, "reactivate", "user", user.pk, user.name, now=now, origin=origin)


@transaction.atomic
def change_profile(asker: Person, name: str, zone: str, now: datetime) -> None:
    """One's own name and zone."""
    user = _locked(asker.id or 0)
    before: dict[str, object] = {"name": user.name, "zone": user.zone}
    user.name, user.zone = _named(name), known_zone(zone)
    user.save(update_fields=["name", "zone"])
    record(
        asker,
        "change profile",
        "user",
        user.pk,
        user.name,
        now=now,
        before=before,
        after={"name": user.name, "zone": user.zone},
    )


def _new_user(
    name: str, email: str, password: str, role: Role, team_id: int | None, zone: str, now: datetime
) -> User:
    user = User(
        email=_address(email),
        name=_named(name),
        role=role,
        sees=SEES[role],
        team_id=team_id,
        zone=known_zone(zone),
        created_at=now,
    )
    _set_password(user, password)
    if User.objects.filter(email__iexact=user.email).exists():
        raise Conflict("Somebody signs in with this address already.")
    user.save()
    return user


def _set_password(user: User, password: str) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise BadInput(" ".join(error.messages), where="password") from error
    user.set_password(password)


def _revoke(asker: Person, user: User, why: str, origin: str, now: datetime) -> None:
    """End every session and every token of a user, for good."""
    user.epoch += 1
    user.save(update_fields=["epoch"])
    record(
        asker, "revoke sessions and tokens", "user", user.pk, user.name, now=now, origin=origin, reason=why
    )


def _locked(user_id: int) -> User:
    user = User.objects.select_for_update(of=("self",)).filter(id=user_id).first()
    if user is None:
        raise NotFound("There is no such user.")
    return user


def _another_founder(user: User) -> None:
    others = User.objects.select_for_update().filter(role=Role.FOUNDER, is_active=True).exclude(id=user.pk)
    if not others.exists():
        raise Conflict("This is the last founder.", mend="Make somebody else a founder first.")


def _no_higher_than(asker: Person, role: Role) -> None:
    """Only a founder makes or unmakes a founder, only one of them or an admin an admin: nobody raises themselves."""
    if role == Role.FOUNDER and asker.id is not None and asker.role != Role.FOUNDER:
        raise BadInput("Only a founder can change a founder.", mend="Ask a founder.")
    if role == Role.ADMIN and asker.id is not None and asker.role not in {Role.FOUNDER, Role.ADMIN}:
        raise BadInput("Only a founder or an admin can change an admin.", mend="Ask one of them.")


def _address(email: str) -> str:
    clean = email.strip().lower()
    local, at, domain = clean.partition("@")
    if not (local and at and domain) or any(c.isspace() for c in clean) or len(clean) > 254:
        raise BadInput("This is not an email address.", where="email")
    return clean


def _named(name: str) -> str:
    clean = " ".join(name.split())
    if not clean or len(clean) > 120 or not clean.isprintable():
        raise BadInput("A name has between 1 and 120 letters.", where="name")
    return clean


def _lock(number: int) -> None:
    """Wait for everybody else who holds this number; let go at the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
