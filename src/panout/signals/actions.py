"""Verbs about signals.

note_signal(asker, account_id, contact_id, type, level, date, strength, source, evidence, origin, now) -> int
dismiss(asker, signal_id, reason, origin, now), restore(asker, signal_id, origin, now)
"""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from django.db import transaction

from panout.kernel.errors import BadInput, NotFound
from panout.resolve.actions import note_activity
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


@transaction.atomic
def dismiss(asker: Person, signal_id: int, reason: str, origin: str, now: datetime) -> None:
    """Say that a signal is wrong: it counts no more, and stays readable."""
    demand(asker, Verb.EDIT_RECORDS)
    row = _locked(signal_id)
    row.dismissed_at = now
    row.save(update_fields=["dismissed_at"])
    record(
        asker, "dismiss signal", "signal", row.pk, row.evidence[:80], now=now, origin=origin, reason=reason
    )


@transaction.atomic
def restore(asker: Person, signal_id: int, origin: str, now: datetime) -> None:
    """Take a dismissal back."""
    demand(asker, Verb.EDIT_RECORDS)
    row = _locked(signal_id)
    row.dismissed_at = None
    row.save(update_fields=["dismissed_at"])
    record(asker, "restore signal", "signal", row.pk, row.evidence[:80], now=now, origin=origin)


def _locked(signal_id: int) -> Signal:
    row = Signal.objects.select_for_update().filter(id=signal_id).first()
    if row is None:
        raise NotFound("There is no such signal.")
    return row
