"""A register's answer is recorded, and the calls that waited for it are looked at again."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime

from django.db import transaction

from panout.cadence.actions import numbers_screened
from panout.consent.actions import record_screening
from panout.kernel.errors import BadInput
from panout.team.rules import Person


@transaction.atomic
def screen(
    asker: Person,
    registers: Collection[str],
    on: date,
    numbers: Mapping[str, bool],
    source: str,
    now: datetime,
    *,
    days: int | None = None,
) -> tuple[int, ...]:
    """Record one answer for each of these registers; returns the screenings' ids."""
    if not registers:
        raise BadInput("No register was chosen.", where="register", mend="Choose whom you asked.")
    made = tuple(
        record_screening(asker, one, on, numbers, source, now, days=days) for one in dict.fromkeys(registers)
    )
    numbers_screened(numbers, now)
    return made
