"""The retention timer: with whom nothing has happened for too long is listed, and after notice erased.

look(now) -> Looked                          once a day
keep(asker, case_id, reason, now), let_go(asker, case_id, now)
due_cases(asker) -> tuple[CaseLine, ...]
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from panout.consent import actions as consent
from panout.consent.queries import open_cases, retention_rule
from panout.flow.erasing import erase
from panout.resolve.erasing import labels_of, quiet_since
from panout.resolve.queries import stages_of
from panout.team.rules import SYSTEM, Person, Verb, demand

_DAYS_A_MONTH = 30.44
KEPT_FOR_A_YEAR = timedelta(days=365)  # somebody's "keep" is asked again after this


@dataclass(frozen=True, slots=True)
class Looked:
    """What one look did."""

    listed: int
    alive: int
    erased: int


@dataclass(frozen=True, slots=True)
class CaseLine:
    """Somebody whose time has run out."""

    id: int
    contact_id: int
    name: str
    last_contact_on: date
    erase_on: date


def look(now: datetime) -> Looked:
    """List who is due, drop who has come back to life, erase whose notice is over (when the rule says so)."""
    rule = retention_rule()
    quiet = quiet_since(now - timedelta(days=rule.months * _DAYS_A_MONTH))
    waiting = {case.contact_id: case for case in open_cases()}
    kept = consent.lately_kept(now - KEPT_FOR_A_YEAR)
    fresh = {who: last for who, last in quiet.items() if who not in waiting and who not in kept}
    erase_on = now.date() + timedelta(days=rule.notice_days)
    listed = consent.list_for_erasure(fresh, erase_on, now)
    alive = [case for case in waiting.values() if case.contact_id not in quiet]
    for case in alive:
        consent.settle_case(SYSTEM, case.id, "alive", "Something has happened since.", now)
    over = [case for case in waiting.values() if case.contact_id in quiet and case.erase_on <= now.date()]
    for case in over if rule.erases else ():
        with transaction.atomic():
            erase(SYSTEM, case.contact_id, now)
            consent.settle_case(SYSTEM, case.id, "erased", "Its time was over.", now)
    return Looked(listed, len(alive), len(over) if rule.erases else 0)


def keep(asker: Person, case_id: int, reason: str, now: datetime) -> None:
    """Keep somebody another year, for a reason."""
    consent.settle_case(asker, case_id, "kept", reason, now)


@transaction.atomic
def let_go(asker: Person, case_id: int, now: datetime) -> None:
    """Erase somebody who is due, before the notice is over. It is on file as done only once it is."""
    demand(asker, Verb.ERASE)
    case = consent.settle_case(asker, case_id, "erased", "Erased by hand.", now)
    erase(asker, case, now)


def due_cases(asker: Person) -> tuple[CaseLine, ...]:
    """Who is listed and the asker's to see, whose notice ends first on top."""
    cases = open_cases()
    seen = stages_of(asker, [case.contact_id for case in cases])
    names = labels_of(list(seen))
    return tuple(
        CaseLine(
            case.id, case.contact_id, names.get(case.contact_id, ""), case.last_contact_on, case.erase_on
        )
        for case in cases
        if case.contact_id in seen
    )
