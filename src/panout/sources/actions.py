"""Verbs about lists and imports. The work itself is done by `flow.importing`; these move an import along.

upload(asker, name, chunks, limit, origin, now) -> int       an import that waits for its mapping; its id
map_columns(asker, import_id, columns, policy, region, owner_id, tags, origin, now)   then `check`
check(asker, import_id, origin, now)                         ask for the dry run
commit(asker, import_id, origin, now)                        ask for the import itself
cancel(asker, import_id, origin, now)                        stops at the next chunk; what is in stays in
undo(asker, import_id, origin, now)                          ask for the undo
For the worker: claim, renew, note_rejects, note_samples, finish, fail, release.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q

from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.sources.models import (
    ImportBatch,
    ImportMapping,
    ImportReject,
    ImportSample,
    UploadedList,
    UploadPart,
)
from panout.sources.queries import CUSTOM, LEFT_OUT, headers_key, safe_name
from panout.sources.rules.headers import MAPPABLE
from panout.sources.rules.imports import Content, ImportState, Policy
from panout.team.actions import record
from panout.team.queries import member
from panout.team.rules import Person, Verb, demand

PART_BYTES = 1 << 20
CLAIM_LASTS = timedelta(seconds=60)  # a worker that is silent for longer is taken for dead
MOST_REJECTS = 100_000  # kept for the error file


@transaction.atomic
def upload(asker: Person, name: str, chunks: Iterable[bytes], limit: int, origin: str, now: datetime) -> int:
    """Keep a file as it came and open an import for it. Raises BadInput when empty or above `limit`."""
    demand(asker, Verb.IMPORT_LISTS)
    kept = UploadedList.objects.create(
        name=safe_name(name), sha256="", size=0, uploaded_by_id=asker.id, uploaded_at=now
    )
    digest, size, number, waiting = hashlib.sha256(), 0, 0, bytearray()
    for chunk in chunks:
        size += len(chunk)
        if size > limit:
            raise BadInput(
                f"The list is larger than {limit // 1024**2} MB.",
                where=kept.name,
                mend="Split it, or zip it with gzip.",
            )
        digest.update(chunk)
        waiting += chunk
        while len(waiting) >= PART_BYTES:
            UploadPart.objects.create(upload=kept, number=number, content=bytes(waiting[:PART_BYTES]))
            del waiting[:PART_BYTES]
            number += 1
    if waiting:
        UploadPart.objects.create(upload=kept, number=number, content=bytes(waiting))
    if not size:
        raise BadInput("The list is empty.", where=kept.name)
    kept.sha256, kept.size = digest.hexdigest(), size
    kept.save(update_fields=["sha256", "size"])
    batch = ImportBatch.objects.create(
        upload=kept, state=ImportState.MAPPING, started_by_id=asker.id, created_at=now
    )
    record(asker, "upload list", "import", batch.pk, kept.name, now=now, origin=origin, after={"bytes": size})
    return batch.pk


@transaction.atomic
def map_columns(
    asker: Person,
    import_id: int,
    columns: Mapping[str, str],
    *,
    policy: Policy = Policy.FILL,
    region: str = "",
    owner_id: int | None = None,
    tags: Sequence[str] = (),
    content: Content = Content.RECORDS,
    now: datetime,
) -> None:
    """Say what each column is, and how the import treats the book. Remembered for the same headers.

    A file of signals has no columns to map: which part of a signal each says, its headers tell.
    """
    demand(asker, Verb.IMPORT_LISTS)
    if content == Content.SIGNALS:
        columns = {}
    batch = _locked(
        import_id, {ImportState.MAPPING, ImportState.CHECKED, ImportState.FAILED, ImportState.CANCELLED}
    )
    unknown = sorted(set(columns.values()) - MAPPABLE - {CUSTOM, LEFT_OUT})
    if unknown:
        raise BadInput(f"There is no field '{unknown[0][:60]}'.", where="columns")
    if region and (len(region) != 2 or not region.isalpha()):
        raise BadInput("A country has two letters.", where="region")
    if owner_id is not None:
        member(owner_id)  # NotFound for nobody
    batch.columns, batch.policy, batch.region = dict(columns), policy, region.upper()
    batch.content = content
    batch.owner_id, batch.tags = owner_id, [tag.strip()[:60] for tag in tags if tag.strip()][:20]
    batch.state = ImportState.MAPPING
    batch.save(update_fields=["columns", "policy", "region", "owner", "tags", "state", "content"])
    if columns:
        ImportMapping.objects.update_or_create(
            headers_key=headers_key(list(columns)),
            defaults={"columns": dict(columns), "used_at": now, "used_by_id": asker.id},
        )


@transaction.atomic
def check(asker: Person, import_id: int, origin: str, now: datetime) -> None:
    """Ask for the dry run; a worker takes it up."""
    demand(asker, Verb.IMPORT_LISTS)
    _ask(import_id, {ImportState.MAPPING, ImportState.CHECKED}, ImportState.CHECKING)
    record(asker, "check import", "import", import_id, f"import {import_id}", now=now, origin=origin)


@transaction.atomic
def commit(asker: Person, import_id: int, origin: str, now: datetime) -> None:
    """Ask for the import itself. A cancelled or failed one may be asked for again and goes on."""
    demand(asker, Verb.IMPORT_LISTS)
    before = {ImportState.MAPPING, ImportState.CHECKED, ImportState.CANCELLED, ImportState.FAILED}
    _ask(import_id, before, ImportState.LOADING)
    record(asker, "start import", "import", import_id, f"import {import_id}", now=now, origin=origin)


@transaction.atomic
def cancel(asker: Person, import_id: int, origin: str, now: datetime) -> None:
    """Ask the worker to stop after the chunk at hand. What is in the book stays until it is undone."""
    demand(asker, Verb.IMPORT_LISTS)
    batch = _locked(import_id, {ImportState.CHECKING, ImportState.LOADING})
    batch.cancel_asked = True
    batch.save(update_fields=["cancel_asked"])
    record(asker, "cancel import", "import", import_id, f"import {import_id}", now=now, origin=origin)


@transaction.atomic
def undo(asker: Person, import_id: int, origin: str, now: datetime) -> None:
    """Ask for everything that the import did to be taken back."""
    batch = _locked(import_id, {ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED})
    if batch.started_by_id != asker.id:
        demand(asker, Verb.UNDO_IMPORTS)
    _ask(import_id, {ImportState.DONE, ImportState.CANCELLED, ImportState.FAILED}, ImportState.UNDOING)
    record(asker, "undo import", "import", import_id, f"import {import_id}", now=now, origin=origin)


# For the worker


class Stopped(Exception):
    """Somebody asked to cancel, or another worker has the import now."""


def claim(worker: str, now: datetime) -> int | None:
    """Take one import that waits, or whose worker is gone; None when there is nothing to do."""
    free = Q(claimed_until=None) | Q(claimed_until__lt=now)
    waiting = ImportBatch.objects.working().filter(free).order_by("id").values_list("id", flat=True)
    for import_id in waiting[:20]:
        taken = ImportBatch.objects.working().filter(free, id=import_id)
        if taken.update(claimed_by=worker, claimed_until=now + CLAIM_LASTS) == 1:
            return import_id
    return None


def renew(import_id: int, worker: str, now: datetime, *, stage: str, done: int, total: int) -> None:
    """Say that the work goes on, and how far it is. Raises Stopped when it should not."""
    mine = ImportBatch.objects.filter(id=import_id, claimed_by=worker)
    going_on = mine.filter(cancel_asked=False)
    total = max(total, done)
    if going_on.update(claimed_until=now + CLAIM_LASTS, stage=stage, done=done, total=total) != 1:
        raise Stopped


def release(import_id: int, worker: str) -> None:
    """Put an import down as it is, for whoever comes next."""
    ImportBatch.objects.filter(id=import_id, claimed_by=worker).update(
        claimed_by="", claimed_until=None, stage="waiting"
    )


def note_rejects(import_id: int, found: Iterable[tuple[int, str, str, str, bool]]) -> int:
    """Keep what could not be used: row, column, value, reason, whole row. Replaces an earlier run's."""
    ImportReject.objects.filter(batch_id=import_id).delete()
    whole = kept = 0
    waiting = []
    for row, column, value, reason, whole_row in found:
        whole += whole_row
        if kept >= MOST_REJECTS:
            continue
        kept += 1
        waiting.append(
            ImportReject(
                batch_id=import_id,
                row=row,
                column=column[:255],
                value=value[:500],
                reason=reason,
                whole_row=whole_row,
            )
        )
        if len(waiting) == 2000:
            ImportReject.objects.bulk_create(waiting)
            waiting = []
    ImportReject.objects.bulk_create(waiting)
    ImportBatch.objects.filter(id=import_id).update(rejected_rows=whole)
    return whole


@transaction.atomic
def note_plan(
    import_id: int,
    counts: Mapping[str, object],
    samples: Iterable[tuple[str, str, list[dict[str, object]], str]] = (),
) -> None:
    """Keep what the dry run found, or what the import did."""
    ImportBatch.objects.filter(id=import_id).update(plan=dict(counts))
    examples = [
        ImportSample(
            batch_id=import_id, kind=kind, label=label[:300], differences=differences, record=record_name
        )
        for kind, label, differences, record_name in samples
    ]
    if examples:
        ImportSample.objects.filter(batch_id=import_id).delete()
        ImportSample.objects.bulk_create(examples)


def finish(import_id: int, worker: str, state: ImportState, now: datetime) -> None:
    """The work is done."""
    batch = ImportBatch.objects.filter(id=import_id, claimed_by=worker)
    ended: dict[str, object] = {"finished_at": now} if state != ImportState.CHECKED else {}
    if state == ImportState.UNDONE:
        ended = {"undone_at": now}
    batch.update(state=state, claimed_by="", claimed_until=None, stage="", cancel_asked=False, **ended)


def fail(import_id: int, worker: str, what: str, now: datetime) -> None:
    """The work cannot go on; `what` says why and what to do."""
    batch = ImportBatch.objects.filter(id=import_id, claimed_by=worker)
    batch.update(
        state=ImportState.FAILED,
        failure=what[:2000],
        claimed_by="",
        claimed_until=None,
        stage="",
        finished_at=now,
    )


def _ask(import_id: int, before: set[ImportState], state: ImportState) -> None:
    batch = _locked(import_id, before)
    batch.state, batch.cancel_asked, batch.failure = state, False, ""
    batch.stage, batch.done, batch.total, batch.claimed_by, batch.claimed_until = "waiting", 0, 0, "", None
    batch.save()


def _locked(import_id: int, states: set[ImportState]) -> ImportBatch:
    batch = ImportBatch.objects.select_for_update().filter(id=import_id).first()
    if batch is None:
        raise NotFound("There is no such import.")
    if batch.state not in states:
        raise Conflict(f"This import is {batch.state} now.", mend="Look at it again.")
    return batch
