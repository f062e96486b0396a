"""Verbs about wishes.

suppress(asker, kind, value, reason, source, now) -> bool    False: it stood already
suppress_people(asker, contact_ids, source, now, note) -> ids  those made; take_back(asker, ids, now) the same day
take_back_from(asker, source, now) -> int                    the same, for all that one deed left behind
carry_over(gone, kept_id, source, now) -> ids               a merged record's wishes, on the one that is kept
suppress_list(asker, text, reason, source, now) -> Taken      a pasted or uploaded list of wishes
lift(asker, suppression_id, reason, now)
record_screening(asker, register, on, numbers, source, now) -> int   what a do-not-call register said of numbers
withdraw_screening(asker, screening_id, reason, now)
note_ground(asker, kind, value, basis, source, now)           on what ground we write
forget(asker, contact_id, names, now)                         leave only hashes of an erased person's names
save_processor(asker, name, holds, url, now), retire_processor(asker, processor_id, now)
announce(contact_id, sealed, now)                             what processors must hear of an erasure
seek(contact_id, sealed, lists, places, now)                  where an erased person's names are to be looked for
claim_erasures(most) -> tuple[Sought, ...], looked_through(ids, now)
set_retention(asker, rule, now)                               how long we keep somebody quiet
list_for_erasure(people, erase_on, now), settle_case(asker, case_id, outcome, reason, now)
settle_notice(notice_id, now, by), postpone_notice(notice_id, trouble, now)
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Q, QuerySet

from panout.consent.models import (
    Erasure,
    ErasureNotice,
    Ground,
    Processor,
    RetentionCase,
    RetentionRule,
    ScreenedNumber,
    Screening,
    Suppression,
)
from panout.consent.queries import Retention, salt
from panout.consent.rules.registers import Register, by_key, checked_day, valid_until
from panout.consent.rules.suppression import WISHES, Addressee, Kind, Reason, fingerprint, kind_of, normal
from panout.kernel.errors import BadInput, NotFound
from panout.team.actions import record
from panout.team.rules import SYSTEM, Person, Verb, demand


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

    `channel` empty: on no channel. An address or domain is kept in lower case, a number in its E.164 form.
    """
    demand(asker, Verb.SUPPRESS)
    named = normal(kind, value)
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
    if made or _deepen(entry.pk, reason, source, note, expires_at):
        record(asker, "suppress", "suppression", entry.pk, named, reason=source, now=now)
    return made


def _deepen(entry_id: int, reason: Reason, source: str, note: str, expires_at: datetime | None) -> bool:
    """A wish of theirs takes over an entry of ours, and one for good an entry that ends."""
    entry = Suppression.objects.select_for_update().get(id=entry_id)
    outlasts = entry.expires_at is not None and (expires_at is None or expires_at > entry.expires_at)
    theirs = reason in WISHES and entry.reason not in WISHES
    if not (outlasts or theirs):
        return False
    if theirs:
        entry.reason, entry.source, entry.note = reason.value, source[:120], note
    entry.expires_at = expires_at if outlasts else entry.expires_at
    entry.save(update_fields=["reason", "source", "note", "expires_at"])
    return True


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
    entries = Suppression.objects.filter(id__in=list(suppression_ids), reason=Reason.OTHER.value)
    return _take_back(asker, entries, now)


@transaction.atomic
def take_back_from(asker: Person, source: str, now: datetime) -> int:
    """The same for whatever one deed of the asker's own hand left behind, named by its source."""
    demand(asker, Verb.SUPPRESS)
    return _take_back(asker, Suppression.objects.filter(source=source), now)


def _take_back(asker: Person, entries: QuerySet[Suppression], now: datetime) -> int:
    mine = entries.select_for_update().filter(
        created_by_id=asker.id, lifted_at=None, created_at__gte=now - TAKEN_BACK_WITHIN
    )
    lifted = 0
    for entry in mine.order_by("id"):
        entry.lifted_at, entry.lifted_by_id = now, asker.id
        entry.save(update_fields=["lifted_at", "lifted_by"])
        record(asker, "take back suppression", "suppression", entry.pk, entry.value, now=now)
        lifted += 1
    return lifted


@transaction.atomic
def carry_over(gone: Addressee, kept_id: int, source: str, now: datetime) -> list[int]:
    """A wish that names one record of a person is the person's: it stands against the record that is kept, too.

    What is only said of an address (it bounced) stays with the address. Returns the entries that were made.
    """
    named = Q(kind=Kind.PERSON.value, value=gone.contact_id) | Q(
        kind__in=[Kind.EMAIL.value, Kind.PHONE.value],
        value__in={*gone.emails, *(normal(Kind.PHONE, number) for number in gone.phones)},
        reason__in=WISHES,
    )
    made = []
    for one in Suppression.objects.in_force(now).filter(named).order_by("id"):
        who = (Kind.PERSON, str(kept_id))
        if suppress(
            SYSTEM, *who, Reason(one.reason), source, now, channel=one.channel, expires_at=one.expires_at
        ):
            fresh = Suppression.objects.filter(kind=who[0], value=who[1], channel=one.channel, lifted_at=None)
            made.append(fresh.values_list("id", flat=True)[0])
    return made


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
def record_screening(
    asker: Person,
    register: str,
    on: date,
    numbers: Mapping[str, bool],
    source: str,
    now: datetime,
    *,
    days: int | None = None,
) -> int:
    """Keep what a register said on a day of these numbers (E.164; True: it is listed); returns the screening's id.

    `days` is how long it is relied on where that is less than the table allows. Raises BadInput for a register
    that is not in the table, a day to come, and a list without numbers.
    """
    demand(asker, Verb.SUPPRESS)
    line = _register(register)
    if not numbers:
        raise BadInput("There is no number in it.", where="list", mend="Put one number on each line.")
    if days is not None and not 1 <= days <= line.days:
        raise BadInput(
            f"An answer of {line.name} is relied on for at most {line.days} days.", where="days",
            mend=f"Give 1 to {line.days}, or leave it empty.",
        )  # fmt: skip
    listed = sum(numbers.values())
    row = Screening.objects.create(
        register=line.key,
        screened_on=checked_day(on, now),
        valid_until=valid_until(line, on, days),
        source=source.strip()[:120] or "typed",
        numbers=len(numbers),
        listed=listed,
        recorded_at=now,
        recorded_by_id=asker.id,
    )
    ScreenedNumber.objects.bulk_create(
        (ScreenedNumber(screening=row, number=one, listed=is_on) for one, is_on in sorted(numbers.items())),
        batch_size=5_000,
    )
    after = {
        "on": on.isoformat(),
        "until": row.valid_until.isoformat(),
        "numbers": len(numbers),
        "listed": listed,
    }
    record(asker, "record screening", "screening", row.pk, line.key, reason=row.source, now=now, after=after)
    return row.pk


def _register(key: str) -> Register:
    found = by_key().get(key)
    if found is None:
        raise BadInput(
            f"'{key[:60]}' is no register we know.", where="register", mend="Choose one from the list."
        )
    return found


@transaction.atomic
def withdraw_screening(asker: Person, screening_id: int, reason: str, now: datetime) -> None:
    """Rely on a screening no more, whose list or day was wrong. It stays on file as withdrawn."""
    demand(asker, Verb.LIFT_SUPPRESSION)
    if not reason.strip():
        raise BadInput("Withdrawing a screening needs its reason.", where="reason")
    row = Screening.objects.select_for_update().filter(id=screening_id).first()
    if row is None:
        raise NotFound("There is no such screening.")
    if row.withdrawn_at is not None:
        return
    row.withdrawn_at, row.withdrawn_by_id = now, asker.id
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    record(asker, "withdraw screening", "screening", row.pk, row.register, reason=reason, now=now)


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
    ScreenedNumber.objects.filter(number__in={normal(Kind.PHONE, name) for name in known}).delete()
    Ground.objects.filter(theirs).delete()


# -- who must hear of an erasure


@transaction.atomic
def save_processor(asker: Person, name: str, holds: str, url: str, now: datetime) -> int:
    """Note somebody who holds data for us; with a URL they are told by machine."""
    demand(asker, Verb.CHANGE_SETTINGS)
    clean = " ".join(name.split())[:120]
    if not clean:
        raise BadInput("A processor needs a name.", where="name")
    if url and not url.startswith("https://"):
        raise BadInput("Names of people travel only over https.", where="url", mend="Give an https address.")
    row, made = Processor.objects.get_or_create(
        name=clean, retired_at=None, defaults={"holds": holds[:300], "url": url[:500], "created_at": now}
    )
    if not made:
        row.holds, row.url = holds[:300], url[:500]
        row.save(update_fields=["holds", "url"])
    record(asker, "save processor", "processor", row.pk, clean, now=now, after={"url": url})
    return row.pk


@transaction.atomic
def retire_processor(asker: Person, processor_id: int, now: datetime) -> None:
    demand(asker, Verb.CHANGE_SETTINGS)
    row = Processor.objects.select_for_update().filter(id=processor_id, retired_at=None).first()
    if row is None:
        raise NotFound("There is no such processor.")
    row.retired_at = now
    row.save(update_fields=["retired_at"])
    record(asker, "retire processor", "processor", row.pk, row.name, now=now)


def announce(contact_id: int, sealed: bytes, now: datetime) -> int:
    """Leave a notice of an erasure for every processor; returns for how many."""
    rows = [
        ErasureNotice(processor=one, contact_id=contact_id, sealed=sealed, made_at=now, next_try_at=now)
        for one in Processor.objects.filter(retired_at=None)
    ]
    return len(ErasureNotice.objects.bulk_create(rows))


# -- where the names of somebody erased are still looked for


@dataclass(frozen=True, slots=True)
class Sought:
    """An erasure at work: its sealed names, and the next place to look through."""

    id: int
    sealed: bytes
    lists: tuple[int, ...]
    place: str


def seek(
    contact_id: int, sealed: bytes, lists: Collection[int], places: Sequence[str], now: datetime
) -> None:
    Erasure.objects.create(
        contact_id=contact_id, sealed=sealed, lists=sorted(lists), left=list(places), total=len(places),
        asked_at=now,
    )  # fmt: skip


def claim_erasures(most: int) -> tuple[Sought, ...]:
    """Those that wait for the same place, the one asked first among them. Call it in the transaction of the look."""
    waiting = Erasure.objects.select_for_update(skip_locked=True).filter(finished_at=None).order_by("id")
    rows = list(waiting[: 10 * most])
    alike = [row for row in rows if row.left[0] == rows[0].left[0]][:most]
    return tuple(Sought(row.pk, bytes(row.sealed), tuple(row.lists), row.left[0]) for row in alike)


def looked_through(erasure_ids: Collection[int], now: datetime) -> None:
    """Their next place is done. Whose last it was is forgotten here too."""
    for row in Erasure.objects.filter(id__in=erasure_ids, finished_at=None):
        row.left = row.left[1:]
        if not row.left:
            row.sealed, row.lists, row.finished_at = b"", [], now
        row.save(update_fields=["left", "sealed", "lists", "finished_at"])


@transaction.atomic
def settle_notice(notice_id: int, now: datetime, by: Person = SYSTEM) -> None:
    """They have been told: whom it named is forgotten."""
    demand(by, Verb.ERASE)
    told = ErasureNotice.objects.filter(id=notice_id, told_at=None)
    if told.update(told_at=now, told_by=by.id, sealed=b"", trouble="") != 1:
        raise NotFound("There is no such notice waiting.")
    record(by, "tell processor of an erasure", "erasure notice", notice_id, "", now=now)


def postpone_notice(notice_id: int, trouble: str, now: datetime) -> None:
    """They did not hear it; try again after 1, 2, 4 ... minutes, at most a day."""
    row = ErasureNotice.objects.get(id=notice_id)
    wait = min(timedelta(minutes=1 << min(row.tries, 12)), timedelta(days=1))
    ErasureNotice.objects.filter(id=notice_id, told_at=None).update(
        tries=row.tries + 1, trouble=trouble[:300], next_try_at=now + wait
    )


# -- how long we keep somebody with whom nothing happens


@transaction.atomic
def set_retention(asker: Person, rule: Retention, now: datetime) -> None:
    demand(asker, Verb.CHANGE_SETTINGS)
    if not (1 <= rule.months <= 120 and 1 <= rule.notice_days <= 365):
        raise BadInput("Keep somebody 1 to 120 months, and give 1 to 365 days of notice.", where="months")
    told: dict[str, object] = {"months": rule.months, "notice_days": rule.notice_days, "erases": rule.erases}
    RetentionRule.objects.update_or_create(id=1, defaults=told)
    record(asker, "set retention", "retention", 1, f"{rule.months} months", now=now, after=told)


def lately_kept(since: datetime) -> frozenset[int]:
    """Whom somebody has decided to keep since then."""
    rows = RetentionCase.objects.filter(outcome="kept", settled_at__gt=since)
    return frozenset(rows.values_list("contact_id", flat=True))


def list_for_erasure(people: Mapping[int, date], erase_on: date, now: datetime) -> int:
    """Put people on the list with the day of their last contact; those on it stay as they are."""
    rows = [
        RetentionCase(contact_id=who, found_on=now.date(), last_contact_on=last, erase_on=erase_on)
        for who, last in people.items()
    ]
    return len(RetentionCase.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def settle_case(asker: Person, case_id: int, outcome: str, reason: str, now: datetime) -> int:
    """Decide about somebody who is due; returns their contact's id. Keeping needs its reason."""
    demand(asker, Verb.EDIT_RECORDS if outcome == "kept" else Verb.ERASE)
    if not reason.strip():
        raise BadInput("Say why they are kept.", where="reason")
    row = RetentionCase.objects.select_for_update().filter(id=case_id, outcome="").first()
    if row is None:
        raise NotFound("This is decided already.")
    row.outcome, row.reason, row.settled_at, row.settled_by_id = outcome, reason.strip()[:300], now, asker.id
    row.save(update_fields=["outcome", "reason", "settled_at", "settled_by"])
    record(asker, f"retention: {outcome}", "retention case", row.pk, "", now=now, reason=reason)
    return row.contact_id
