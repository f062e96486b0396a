"""Verbs about wishes.

suppress(asker, kind, value, reason, source, now) -> bool    False: it stood already
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from panout.consent.models import Suppression
from panout.consent.rules.suppression import Kind, Reason
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
