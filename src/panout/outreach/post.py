"""Letters on paper: written from a playbook, checked for an address, printed in one batch with labels.

write_letter(asker, contact_id, now, task_id=) -> int, change_letter(asker, letter_id, address, body, now)
print_batch(asker, letter_ids, posted_on, now, followed) -> Posted   tasks done, follow-up calls when they have arrived
waiting_letters() -> tuple[LetterLine, ...], batches(), sheet(batch_id) -> Sheet
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import Count, Q, QuerySet

from panout.consent.queries import standings
from panout.kernel.channels import Channel, TouchKind
from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.outreach.actions import Wish, claims_in, complete, draft, open_tasks
from panout.outreach.models import LetterBatch, PaperLetter, Sender, Task, TaskStatus, Touch
from panout.outreach.queries import addressee, materials, template
from panout.outreach.rules.post import Address, arrival, missing_parts
from panout.resolve.actions import note_activity
from panout.resolve.models import Contact
from panout.resolve.queries import in_sight
from panout.team.actions import record
from panout.team.rules import Person, Verb, demand


@dataclass(frozen=True, slots=True)
class LetterLine:
    """A letter that waits, with what stands against printing it."""

    id: int
    contact_id: int
    contact: str
    account: str
    address: str
    body: str
    faults: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class BatchLine:
    id: int
    printed_at: datetime
    posted_on: date
    arrives_on: date
    letters: int


@dataclass(frozen=True, slots=True)
class Printed:
    """One letter as it is set on paper."""

    address: tuple[str, ...]
    body: str
    sender: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A batch for the printer."""

    id: int
    posted_on: date
    letters: tuple[Printed, ...]


def address_of(contact: Contact) -> Address:
    """Where a letter would reach somebody: their own address, else the company's."""
    account = contact.account
    if contact.person_address or account is None:
        return Address(
            contact.label,
            "",
            contact.person_address or "",
            contact.person_postal_code or "",
            contact.person_city or "",
            contact.person_region or "",
            contact.person_country or "",
        )
    return Address(
        contact.label,
        account.label,
        account.address or "",
        account.postal_code or "",
        account.city or "",
        account.region or "",
        account.country or "",
    )


@transaction.atomic
def write_letter(asker: Person, contact_id: int, now: datetime, task_id: int | None = None) -> int:
    """Draft a letter from the playbook; with a task, printing it will complete the task."""
    demand(asker, Verb.WORK_TASKS)
    contact = Contact.objects.living().select_related("account").filter(id=contact_id).first()
    if contact is None:
        raise NotFound("There is no such person.")
    if task_id is not None and not _is_letter_task(task_id, contact_id):
        raise BadInput("That task is no letter to this person.", where="task")
    old = PaperLetter.objects.filter(contact=contact, batch=None, withdrawn_at=None).first()
    if old is not None:
        if task_id is not None and old.task_id is None:
            old.task_id = task_id
            old.save(update_fields=["task"])
        return old.pk
    sender = Sender.objects.filter(retired_at=None).order_by("id").first()
    if sender is None:
        raise BadInput("There is no sender to write as.", mend="Add one with a postal address.")
    made = draft(materials([contact_id], now)[contact_id], template("direct-mail-letter"), sender)
    if made.unresolved:
        raise BadInput(f"'{made.unresolved[0]}' has no value.", mend="Fill the field, then write the letter.")
    row = PaperLetter.objects.create(
        contact=contact,
        task_id=task_id,
        sender=sender,
        address="\n".join(address_of(contact).lines()),
        body=made.body,
        created_at=now,
        created_by_id=asker.id,
    )
    record(asker, "write letter", "letter", row.pk, contact.label, now=now)
    return row.pk


def _is_letter_task(task_id: int, contact_id: int) -> bool:
    open_ones = Task.objects.filter(status=TaskStatus.OPEN, kind=TouchKind.DIRECT_MAIL)
    return open_ones.filter(id=task_id, contact=contact_id).exists()


@transaction.atomic
def change_letter(asker: Person, letter_id: int, address: str, body: str, now: datetime) -> None:
    demand(asker, Verb.WORK_TASKS)
    row = _waiting().select_for_update(of=("self",)).filter(id=letter_id).first()
    if row is None:
        raise NotFound("There is no such letter waiting.")
    if not body.strip() or not address.strip():
        raise BadInput("A letter has an address and a text.")
    row.address, row.body = address.strip()[:600], body.strip()[:6000]
    row.save(update_fields=["address", "body"])
    record(asker, "change letter", "letter", row.pk, row.contact.label, now=now)


@transaction.atomic
def withdraw_letter(asker: Person, letter_id: int, now: datetime) -> None:
    demand(asker, Verb.WORK_TASKS)
    row = _waiting().select_for_update(of=("self",)).filter(id=letter_id).first()
    if row is None:
        raise NotFound("There is no such letter waiting.")
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    record(asker, "withdraw letter", "letter", row.pk, row.contact.label, now=now)


@dataclass(frozen=True, slots=True)
class Posted:
    """A batch that was printed: the tasks of cadences that are done by it, and when its letters arrive."""

    batch_id: int
    letter_ids: frozenset[int]
    task_ids: tuple[int, ...]
    arrives_on: date


@transaction.atomic
def print_batch(
    asker: Person,
    letter_ids: Iterable[int],
    posted_on: date,
    now: datetime,
    followed: Collection[int] = (),
) -> Posted:
    """Print letters together. Each counts as a touch; a call is due when it has arrived, save for the tasks in
    `followed`, whose cadence has a touch of its own to come.

    Raises Conflict, naming the person, when a letter may not go out: nothing of the batch is printed then.
    """
    demand(asker, Verb.WORK_TASKS)
    chosen = _waiting().select_for_update(of=("self",)).filter(_seen(asker), id__in=list(letter_ids))
    rows = list(chosen.order_by("id"))
    if not rows:
        raise BadInput("No letter was chosen.", mend="Tick those to print.")
    faults = _faults(rows, now)
    for row in rows:
        if faults[row.pk]:
            raise Conflict(f"The letter to {row.contact.label} cannot go out: {faults[row.pk][0]}")
    arrives = max(arrival(posted_on, row.address.splitlines()[-1]) for row in rows)
    batch = LetterBatch.objects.create(
        printed_at=now, printed_by_id=asker.id, posted_on=posted_on, arrives_on=arrives
    )
    _waiting().filter(id__in=[row.pk for row in rows]).update(batch=batch)
    for row in rows:
        _sent(asker, row, batch, now)
    calls = [_call_after(asker, row, batch, now) for row in rows if row.task_id not in followed]
    open_tasks(calls, now)
    record(asker, "print letters", "letter batch", batch.pk, f"{len(rows)} letters", now=now)
    printed = frozenset(row.pk for row in rows)
    return Posted(batch.pk, printed, tuple(row.task_id for row in rows if row.task_id is not None), arrives)


def addressed_to(letter_id: int) -> str:
    """Whom a letter is for."""
    return PaperLetter.objects.select_related("contact").get(id=letter_id).contact.label


def waiting_of(asker: Person, letter_ids: Iterable[int]) -> list[int]:
    """Those of these letters that wait, and that the asker may see."""
    return list(_waiting().filter(_seen(asker), id__in=list(letter_ids)).values_list("id", flat=True))


def tasks_of(letter_ids: Iterable[int]) -> dict[int, int]:
    """The task that each of these waiting letters would complete, by letter; those of none are left out."""
    rows = _waiting().filter(id__in=list(letter_ids)).values_list("id", "task")
    return {letter: task for letter, task in rows if task is not None}


def arrivals(task_ids: Collection[int]) -> dict[int, date]:
    """When the letters that completed these tasks are expected to be there."""
    rows = PaperLetter.objects.filter(task__in=list(task_ids), batch__isnull=False)
    found = rows.values_list("task", "batch__arrives_on")
    return {task: day for task, day in found if task is not None and day is not None}


def _sent(asker: Person, row: PaperLetter, batch: LetterBatch, now: datetime) -> None:
    if row.task_id is not None and Task.objects.filter(id=row.task_id, status=TaskStatus.OPEN).exists():
        complete(asker, row.task_id, "done", f"posted {batch.posted_on}", now, touch=True)
        return
    Touch.objects.create(
        contact_id=row.contact_id,
        account_id=row.contact.account_id,
        kind=TouchKind.DIRECT_MAIL,
        channel=Channel.POST,
        at=now,
        by_id=asker.id,
    )
    note_activity(
        kind="direct_mail",
        text=f"A letter, posted {batch.posted_on}",
        now=now,
        contact_id=row.contact_id,
        channel=Channel.POST.value,
        actor=asker,
        key=f"letter-{row.pk}",
    )


def _call_after(asker: Person, row: PaperLetter, batch: LetterBatch, now: datetime) -> Wish:
    morning = datetime.combine(batch.arrives_on + timedelta(days=1), time(9), tzinfo=ZoneInfo(asker.zone))
    return Wish(
        TouchKind.CALL,
        f"Call {row.contact.label}: our letter has arrived",
        "post",
        f"letter-{row.pk}-call",
        max(morning, now),
        row.contact_id,
        row.contact.account_id,
        asker.id,
        why=f"A letter posted on {batch.posted_on:%-d %B} should be there by {batch.arrives_on:%-d %B}",
        value=75.0,
    )


def waiting_letters(asker: Person, now: datetime) -> tuple[LetterLine, ...]:
    """Letters not printed yet, with what stands against each."""
    rows = list(_waiting().filter(_seen(asker)).order_by("id")[:200])
    faults = _faults(rows, now)
    return tuple(
        LetterLine(
            row.pk,
            row.contact_id,
            row.contact.label,
            row.contact.account.label if row.contact.account else "",
            row.address,
            row.body,
            faults[row.pk],
        )
        for row in rows
    )


def _faults(rows: list[PaperLetter], now: datetime) -> dict[int, tuple[str, ...]]:
    """What stands against each letter: wishes, a hole in the address, a claim without evidence."""
    people = {row.contact_id: addressee(row.contact, row.contact.account) for row in rows}
    wishes = standings(people.values(), now)
    stuff = materials(people, now)
    found = {}
    for row in rows:
        faults = [f"the address lacks the {part}" for part in missing_parts(row.address)]
        against = wishes[str(row.contact_id)].against(Channel.POST.value, now)
        faults += [against] if against else []
        faults += [
            f"nothing supports \u201c{claim.words}\u201d"
            for claim in claims_in(row.body, stuff[row.contact_id], row.sender)
        ]
        found[row.pk] = tuple(faults)
    return found


def batches(limit: int = 50) -> tuple[BatchLine, ...]:
    rows = LetterBatch.objects.annotate(many=Count("letters")).order_by("-id")[:limit]
    return tuple(BatchLine(row.pk, row.printed_at, row.posted_on, row.arrives_on, row.many) for row in rows)


def sheet(asker: Person, batch_id: int) -> Sheet:
    """A batch as it is printed, of it what the asker may see. Raises NotFound."""
    batch = LetterBatch.objects.filter(id=batch_id).first()
    if batch is None:
        raise NotFound("There is no such batch.")
    rows = batch.letters.filter(_seen(asker)).select_related("sender").order_by("id")
    letters = tuple(_printed(row) for row in rows)
    return Sheet(batch.pk, batch.posted_on, letters)


def proof_sheet(letter_id: int) -> Sheet:
    """One waiting letter as it would be printed. Raises NotFound."""
    row = _waiting().filter(id=letter_id).first()
    if row is None:
        raise NotFound("There is no such letter waiting.")
    return Sheet(0, row.created_at.date(), (_printed(row),))


def _printed(row: PaperLetter) -> Printed:
    sender = (row.sender.company, *row.sender.postal_address.splitlines()) if row.sender else ()
    return Printed(tuple(row.address.splitlines()), row.body, sender)


def _seen(asker: Person) -> Q:
    return in_sight(asker, account="")


def _waiting() -> QuerySet[PaperLetter]:
    return PaperLetter.objects.filter(batch=None, withdrawn_at=None).select_related(
        "contact__account", "sender"
    )
