"""Verbs about signals.

note_signal(asker, account_id, contact_id, type, level, date, strength, source, evidence, origin, now) -> int
load_changes(engine, batch_id, source, today, now) -> int    what a list shows to have changed in the book
dismiss(asker, signal_id, reason, origin, now), restore(asker, signal_id, origin, now)
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from django.db import connection, transaction

from panout.batch.engine import Engine
from panout.batch.exchange import copy_in, csv_blocks
from panout.criteria.dialects import DUCKDB
from panout.kernel.errors import BadInput, NotFound
from panout.resolve.actions import note_activity
from panout.resolve.queries import sees
from panout.signals.detectors.snapshot import VIEWS, snapshot_steps
from panout.signals.models import LEVELS, Signal
from panout.team.actions import record
from panout.team.rules import Person, Verb, demand


@transaction.atomic
def note_signal(
    asker: Person,
    *,
    account_id: int | None,
    contact_id: int | None,
    kind: str,
    level: str,
    on: date,
    strength: float,
    source: str,
    evidence: str,
    origin: str,
    now: datetime,
) -> int:
    """A signal that somebody saw. The same one seen again is the same row."""
    demand(asker, Verb.EDIT_RECORDS)
    if level not in dict(LEVELS) or not kind.strip() or not 0 <= strength <= 1 or not source.strip():
        raise BadInput("A signal has a type, a level, a source, and a strength between 0 and 1.")
    key = hashlib.sha256(f"{kind}|{level}|{account_id}|{contact_id}|{on}".encode()).hexdigest()
    row, new = Signal.objects.get_or_create(
        key=key,
        defaults={
            "type": kind.strip()[:40],
            "level": level,
            "account_id": account_id,
            "contact_id": contact_id,
            "date": on,
            "strength": strength,
            "source": source.strip()[:2000],
            "evidence": evidence.strip()[:4000],
            "seen_at": now,
        },
    )
    if new:
        record(asker, "note signal", "signal", row.pk, kind, now=now, origin=origin)
        note_activity(
            account_id=account_id,
            contact_id=contact_id,
            kind="signal",
            text=evidence or kind,
            now=now,
            actor=asker,
            key=f"signal-{row.pk}",
        )
    return row.pk


_COLUMNS = ("key", "type", "level", "account_id", "contact_id", "date", "strength", "source", "evidence")
# Against a book, "new" only means that we had not heard of them.
_NO_NEWS = "'new_company', 'new_person'"


def load_changes(engine: Engine, batch_id: int, source: str, today: date, now: datetime) -> int:
    """Compare a list with the book (`resolve.loading.bring_known`) and keep each change as a signal, once.

    Call it before the list is loaded: afterwards there is no difference left to see.
    """
    people = engine.rows("contacts") > 0 and engine.rows("old_contacts") > 0
    steps = snapshot_steps(
        DUCKDB,
        on=today,
        source=source,
        old_contacts="old_contacts" if people else None,
        new_contacts="contacts" if people else None,
    )
    for step in steps:
        if step.name in VIEWS:
            engine.view(step)
        else:
            engine.run(step)
    select = f"""
        SELECT s.signal_id AS key, s.type, s.level, a.book_id AS account_id, c.book_id AS contact_id, s.date,
               s.strength, s.source, s.evidence
        FROM snapshot_signals s
        LEFT JOIN account_match a ON a.account_id = s.account_id
        LEFT JOIN contact_match c ON c.contact_id = s.contact_id
        WHERE s.type NOT IN ({_NO_NEWS}) AND (a.book_id IS NOT NULL OR c.book_id IS NOT NULL)
        ORDER BY s.signal_id"""  # noqa: S608 - text of ours
    names = ", ".join(_COLUMNS)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"CREATE TEMP TABLE seen ON COMMIT DROP AS SELECT {names} FROM signals_signal LIMIT 0")  # noqa: S608
        with cursor.copy(copy_in("seen", _COLUMNS)) as copy:
            for block in csv_blocks(engine.batches(select)):
                copy.write(block)
        cursor.execute(
            f"INSERT INTO signals_signal ({names}, seen_at, found_by_id) SELECT {names}, %s, %s FROM seen"  # noqa: S608
            " ON CONFLICT DO NOTHING",
            [now, batch_id],
        )
        found = int(cursor.rowcount)
        cursor.execute(
            "INSERT INTO resolve_activity (account_id, contact_id, at, kind, channel, text, link, key)"
            " SELECT s.account_id, s.contact_id, %s, 'signal', '', s.evidence, '', 'signal-' || s.id"
            " FROM signals_signal s WHERE s.found_by_id = %s ON CONFLICT DO NOTHING",
            [now, batch_id],
        )
    return found


def forget_changes(batch_id: int) -> int:
    """For the undo of an import: what it showed to have changed is no signal any more."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM resolve_activity WHERE key IN"
            " (SELECT 'signal-' || id FROM signals_signal WHERE found_by_id = %s)",
            [batch_id],
        )
        cursor.execute("DELETE FROM signals_signal WHERE found_by_id = %s", [batch_id])
        return int(cursor.rowcount)


@transaction.atomic
def dismiss(asker: Person, signal_id: int, reason: str, origin: str, now: datetime) -> None:
    """Say that a signal is wrong: it counts no more, and stays readable."""
    demand(asker, Verb.EDIT_RECORDS)
    row = _locked(asker, signal_id)
    row.dismissed_at = now
    row.save(update_fields=["dismissed_at"])
    record(
        asker, "dismiss signal", "signal", row.pk, row.evidence[:80], now=now, origin=origin, reason=reason
    )


@transaction.atomic
def restore(asker: Person, signal_id: int, origin: str, now: datetime) -> None:
    """Take a dismissal back."""
    demand(asker, Verb.EDIT_RECORDS)
    row = _locked(asker, signal_id)
    row.dismissed_at = None
    row.save(update_fields=["dismissed_at"])
    record(asker, "restore signal", "signal", row.pk, row.evidence[:80], now=now, origin=origin)


def _locked(asker: Person, signal_id: int) -> Signal:
    """Raises NotFound also for a signal about somebody whom the asker does not see."""
    rows = Signal.objects.select_for_update(of=("self",)).select_related("account__owner", "contact__owner")
    row = rows.filter(id=signal_id).first()
    about = (row.contact or row.account) if row else None
    if row is None or (about is not None and not sees(asker, about.owner)):
        raise NotFound("There is no such signal.")
    return row
