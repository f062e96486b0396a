"""Verbs about facts.

note_fact(asker, account_id=|contact_id=, name, value, source, as_of, expires_at, confidence, now) -> int
withdraw_fact(asker, fact_id, reason, origin, now)
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from panout.kernel.errors import BadInput, NotFound
from panout.research.models import Fact
from panout.team.actions import record
from panout.team.rules import Person, Verb, demand


@transaction.atomic
def note_fact(
    asker: Person,
    *,
    name: str,
    value: str,
    source: str,
    now: datetime,
    account_id: int | None = None,
    contact_id: int | None = None,
    as_of: date | None = None,
    expires_at: datetime | None = None,
    confidence: float = 1.0,
    quote: str = "",
    origin: str = "",
) -> int:
    """Add a fact. An earlier live one of the same name and source about the same record is withdrawn."""
    demand(asker, Verb.EDIT_RECORDS)
    if not (name.strip() and value.strip() and source.strip()) or not 0 <= confidence <= 1:
        raise BadInput("A fact has a name, a value, a source, and a confidence between 0 and 1.")
    if account_id is None and contact_id is None:
        raise BadInput("A fact is about an account or a contact.")
    whose = {"account": account_id, "contact": contact_id}
    Fact.objects.live(now).filter(name=name, source=source, **whose).update(withdrawn_at=now)
    row = Fact.objects.create(
        account_id=account_id,
        contact_id=contact_id,
        name=name.strip()[:60],
        value=value.strip(),
        source=source.strip()[:2000],
        quote=quote,
        as_of=as_of,
        seen_at=now,
        expires_at=expires_at,
        confidence=confidence,
    )
    record(asker, "note fact", "fact", row.pk, f"{name}: {value}"[:80], now=now, origin=origin)
    return row.pk


@transaction.atomic
def withdraw_fact(asker: Person, fact_id: int, reason: str, origin: str, now: datetime) -> None:
    """No message may cite it from now on."""
    demand(asker, Verb.EDIT_RECORDS)
    row = Fact.objects.select_for_update().filter(id=fact_id, withdrawn_at=None).first()
    if row is None:
        raise NotFound("There is no such live fact.")
    row.withdrawn_at = now
    row.save(update_fields=["withdrawn_at"])
    record(asker, "withdraw fact", "fact", row.pk, row.value[:80], now=now, origin=origin, reason=reason)
