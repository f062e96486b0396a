"""Which numbers a do-not-call register must be asked about, and what it has said of them.

consulted(people) -> {contact_id: registers}            for the gate; one query, none where no register is asked
consulted_of(contact_id) -> registers                   the same for one person
numbers_to_screen(asker, registers, now) -> tuple[Needed, ...]   those without an answer in date
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import phonenumbers
from django.db.models import Q

from panout.consent.queries import screened, standings
from panout.consent.rules.law import Recipient
from panout.consent.rules.registers import Consulted, Register, asked_before, by_key, in_date, registers
from panout.consent.rules.suppression import Kind, normal
from panout.kernel.channels import Channel
from panout.kernel.errors import BadInput, NotFound
from panout.kernel.lifecycle import Lifecycle
from panout.outreach.queries import addressee, noted, number_of
from panout.resolve.models import Account, Contact
from panout.resolve.queries import of_own
from panout.team.rules import Person

MOST = 100_000
_CHUNK = 2_000


@dataclass(frozen=True, slots=True)
class Needed:
    """A number that is to be screened, in its E.164 form, and against which registers."""

    number: str
    registers: tuple[str, ...]


def consulted(people: Iterable[tuple[Contact, Account | None]]) -> dict[int, tuple[Consulted, ...]]:
    """The registers to be asked before each of these is rung, with their newest answers, by contact id."""
    wanted: dict[int, tuple[str, tuple[Register, ...]]] = {}
    for contact, account in people:
        asked = _asked(contact, account)
        if asked:
            wanted[contact.pk] = (normal(Kind.PHONE, number_of(contact)), asked)
    said = screened(number for number, _ in wanted.values())
    return {
        who: tuple(Consulted(one, said.get(number, {}).get(one.key)) for one in asked)
        for who, (number, asked) in wanted.items()
    }


def _asked(contact: Contact, account: Account | None) -> tuple[Register, ...]:
    country = contact.person_country or (account.country if account else None) or ""
    region = contact.person_region or (account.region if account else None) or ""
    recipient = Recipient.COMPANY if account is not None else Recipient.PERSON
    return asked_before(number_of(contact), country, region, recipient)


def consulted_of(contact_id: int) -> tuple[Consulted, ...]:
    """The registers to be asked before one person is rung. Raises NotFound."""
    row = Contact.objects.select_related("account").filter(id=contact_id).first()
    if row is None:
        raise NotFound("There is no such person.")
    return consulted([(row, row.account)]).get(row.pk, ())


def numbers_to_screen(
    asker: Person, keys: Collection[str], now: datetime, *, ahead: int = 0, limit: int = MOST
) -> tuple[Needed, ...]:
    """Numbers of the asker's people that one of these registers must be asked about by `ahead` days from now.

    Whoever is ruled out, or does not want to be called, is left out: nobody would ring them. Raises BadInput for
    a register that is not in the table.
    """
    unknown = set(keys) - set(by_key())
    if unknown:
        raise BadInput(f"'{min(unknown)[:60]}' is no register we know.", where="register")
    by_day = (now + timedelta(days=ahead)).date()
    found: dict[str, Needed] = {}
    for rows in _chunks(asker, keys):
        wishes = standings((addressee(row, row.account) for row in rows), now)
        asked = consulted((row, row.account) for row in rows)
        for row in rows:
            lacking = tuple(
                one.register.key
                for one in asked.get(row.pk, ())
                if one.register.key in keys and not in_date(one.answer, by_day)
            )
            silent = noted(row, Channel.PHONE) or wishes[str(row.pk)].against(Channel.PHONE.value, now)
            if lacking and not silent:
                number = normal(Kind.PHONE, number_of(row))
                known = found[number].registers if number in found else ()
                found[number] = Needed(number, tuple(dict.fromkeys((*known, *lacking))))
        if len(found) >= limit:
            break
    return tuple(found.values())[:limit]


def _chunks(asker: Person, keys: Collection[str]) -> Iterator[list[Contact]]:
    """People whose number may be one of those registers', in order, some thousand at a time."""
    rows = (
        Contact.objects.living().filter(of_own(asker), _near(keys)).exclude(lifecycle=Lifecycle.DISQUALIFIED)
    )
    rows, last = rows.select_related("account").order_by("id"), 0
    while chunk := list(rows.filter(id__gt=last)[:_CHUNK]):
        yield chunk
        last = chunk[-1].pk


def _near(keys: Collection[str]) -> Q:
    """A number that begins as theirs do, or one that tells no country, for the kind of recipient that is asked."""
    found = Q(pk__in=())
    for one in registers():
        if one.key not in keys:
            continue
        code = f"+{phonenumbers.country_code_for_region(one.country)}"
        at_home = Q(person_country=one.country) | Q(person_country=None, account__country=one.country)
        for column in ("phone", "mobile"):
            bare = Q(**{f"{column}__isnull": False}) & ~Q(**{f"{column}__startswith": "+"}) & at_home
            numbered = Q(**{f"{column}__startswith": code}) | bare
            found |= numbered & Q(account__isnull=one.recipient is Recipient.PERSON)
    return found
