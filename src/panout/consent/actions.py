"""Verbs about wishes.

suppress(asker, kind, value, reason, source, now) -> bool    False: it stood already
suppress_people(asker, contact_ids, source, now, note) -> ids  those made; take_back(asker, ids, now) the same day
suppress_list(asker, text, reason, source, now) -> Taken      a pasted or uploaded list of wishes
lift(asker, suppression_id, reason, now)
note_ground(asker, kind, value, basis, source, now)           on what ground we write
forget(asker, contact_id, names, now)                         leave only hashes of an erased person's names
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q

from panout.consent.models import Ground, Suppression
from panout.consent.queries import salt
from panout.consent.rules.suppression import Kind, Reason, fingerprint, kind_of
from panout.kernel.errors import BadInput, NotFound
from panout.team.actions import record
from panout.team.rules import Person, Verb, demand


@transaction.atomic
def suppress(
    asker: Person,
    kind: Kind,
    value: str,
    reason: Reason,
    source: str,
    now: datetime,
    *,
    channel: str = "",
    note: str = "",
    expires_at: datetime | None = None,
) -> bool:
    """From this moment nobody writes to (or calls) whom this names. Safe to repeat.

    `channel` empty: on no channel. An address or domain is kept in lower case.
    """
    demand(asker, Verb.SUPPRESS)
    named = value.strip().lower() if kind in (Kind.EMAIL, Kind.DOMAIN) else value.strip()
    if not named:
        raise BadInput("A suppression names somebody.", where="suppression")
    entry, made = Suppression.objects.get_or_create(
        kind=kind.value,
        value=named,
        channel=channel,
        lifted_at=None,
        defaults={
            "reason": reason.value,
            "source": source[:120],
            "note": note,
            "created_at": now,
            "created_by_id": asker.id,
            "expires_at": expires_at,
        },
    )
    if made:
        record(asker, "suppress", "suppression", entry.pk, named, reason=source, now=now)
    return made


@transaction.atomic
def lift(asker: Person, suppression_id: int, reason: str, now: datetime) -> None:
    """Allow contact again. The entry stays on file as lifted; lifting needs its reason."""
    demand(asker, Verb.LIFT_SUPPRESSION)
    if not reason.strip():
        raise BadInput("Lifting a suppression needs its reason.")
    entry = Suppression.objects.select_for_update().filter(id=suppression_id).first()
    if entry is None:
        raise NotFound("There is no such suppression.")
    if entry.lifted_at is not None:
        return
    entry.lifted_at, entry.lifted_by_id = now, asker.id
    entry.save(update_fields=["lifted_at", "lifted_by"])
    record(asker, "lift suppression", "suppression", entry.pk, entry.value, reason=reason, now=now)


TAKEN_BACK_WITHIN = timedelta(hours=24)


@transaction.atomic
def suppress_people(
    asker: Person, contact_ids: Iterable[int], source: str, now: datetime, note: str = ""
) -> tuple[int, ...]:
    """Suppress many at once; returns the entries that were made, without those that stood already."""
    named = [
        str(one)
        for one in contact_ids
        if suppress(asker, Kind.PERSON, str(one), Reason.OTHER, source, now, note=note)
    ]
    made = Suppression.objects.filter(kind=Kind.PERSON.value, value__in=named, lifted_at=None)
    return tuple(made.values_list("id", flat=True))


@transaction.atomic
def take_back(asker: Person, suppression_ids: Iterable[int], now: datetime) -> int:
    """Undo a slip of one's own hand within a day. A wish of theirs (an unsubscribe, a complaint) is never undone so."""
    demand(asker, Verb.SUPPRESS)
    mine = Suppression.objects.select_for_update().filter(
        id__in=list(suppression_ids), created_by_id=asker.id, reason=Reason.OTHER.value, lifted_at=None,
        created_at__gte=now - TAKEN_BACK_WITHIN,
    )  # fmt: skip
    lifted = 0
    for entry in mine.order_by("id"):
        entry.lifted_at, entry.lifted_by_id = now, asker.id
        entry.save(update_fields=["lifted_at", "lifted_by"])
        record(asker, "take back suppression", "suppression", entry.pk, entry.value, now=now)
        lifted += 1
    return lifted


@dataclass(frozen=True, slots=True)
class Taken:
    """What a list of wishes brought."""

    added: int
    known: int
    unusable: tuple[str, ...]


MOST_LINES = 100_000


@transaction.atomic
def suppress_list(asker: Person, text: str, reason: Reason, source: str, now: datetime) -> Taken:
    """Addresses, numbers and domains, one a line (further columns are left aside). Safe to repeat."""
    demand(asker, Verb.SUPPRESS)
    lines = [line.split(",")[0].split(";")[0].split("\t")[0].strip(" \"'\r") for line in text.splitlines()]
    if len(lines) > MOST_LINES:
        raise BadInput(f"{len(lines):,} lines", where="list", mend=f"Bring at most {MOST_LINES:,} at a time.")
    wishes: dict[tuple[Kind, str], None] = {}
    unusable = []
    for line in lines:
        kind = kind_of(line)
        if kind is not None:
            wishes[kind] = None
        elif line:
            unusable.append(line[:80])
    rows = [
        Suppression(
            kind=kind.value, value=value, reason=reason.value, source=source[:120], created_at=now,
            created_by_id=asker.id,
        )
        for kind, value in wishes
    ]  # fmt: skip
    before = Suppression.objects.count()
    Suppression.objects.bulk_create(rows, ignore_conflicts=True, batch_size=5_000)
    added = Suppression.objects.count() - before
    record(asker, "suppress a list", "suppression", 0, source, now=now, after={"added": added})
    return Taken(added, len(rows) - added, tuple(unusable[:50]))


@transaction.atomic
def note_ground(
    asker: Person,
    kind: Kind,
    value: str,
    basis: str,
    source: str,
    now: datetime,
    *,
    channel: str = "",
    noticed_on: date | None = None,
) -> int:
    """Keep on what ground we write to somebody. Raises BadInput without a source."""
    demand(asker, Verb.EDIT_RECORDS)
    if basis not in BASES or not source.strip() or not value.strip():
        raise BadInput("A ground has one of the known bases and a source.", where="ground")
    row = Ground.objects.create(
        kind=kind.value, value=value.strip(), channel=channel, basis=basis, source=source.strip()[:300],
        noticed_on=noticed_on, given_at=now, recorded_by_id=asker.id,
    )  # fmt: skip
    record(asker, "note ground", "ground", row.pk, f"{basis}: {value}"[:80], now=now)
    return row.pk


BASES = ("consent", "legitimate_interest", "contract", "public_register")


@transaction.atomic
def forget(asker: Person, contact_id: int, names: Iterable[str], now: datetime) -> None:
    """Turn what is on file about somebody into hashes: they are still recognised, and no longer known."""
    demand(asker, Verb.ERASE)
    key = salt()
    known = {name.strip().lower() for name in names if name.strip()}
    hashes = [
        Suppression(
            kind=Kind.HASH.value, value=fingerprint(name, key), reason=Reason.ERASED.value, source="erasure",
            created_at=now, created_by_id=asker.id,
        )
        for name in sorted(known)
    ]  # fmt: skip
    Suppression.objects.bulk_create(hashes, ignore_conflicts=True)
    # A wish names its person in clear; the hash now stands in its place.
    theirs = Q(kind=Kind.PERSON.value, value=str(contact_id)) | Q(
        kind__in=[Kind.EMAIL.value, Kind.PHONE.value], value__in=known
    )
    Suppression.objects.filter(theirs).delete()
    Ground.objects.filter(theirs).delete()
