"""What somebody says of themselves, kept in a field of the house's own."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from panout.kernel.errors import BadInput, NotFound
from panout.resolve.models import Contact
from panout.resolve.queries import sees
from panout.team.actions import record
from panout.team.rules import Person, Verb, demand

MOST_LETTERS = 200


@transaction.atomic
def change_custom(asker: Person, contact_id: int, name: str, value: str, origin: str, now: datetime) -> None:
    """Fill one custom field of a person; profiles that ask for `custom.NAME` score it at their next look."""
    demand(asker, Verb.EDIT_RECORDS)
    if not name or not value.strip() or len(value) > MOST_LETTERS:
        raise BadInput(f"A field of your own has a name and up to {MOST_LETTERS} letters.", where=name)
    rows = Contact.objects.living().select_for_update(of=("self",)).select_related("owner", "account")
    row = rows.filter(id=contact_id).first()
    if row is None or not sees(asker, row.owner):
        raise NotFound("There is no such contact.")
    before = {name: row.custom.get(name)}
    row.custom = {**row.custom, name: value.strip()}
    row.version, row.changed_at = row.version + 1, now
    row.save(update_fields=["custom", "version", "changed_at"])
    if row.account is not None:
        # What hurts, hurts the company: a profile of companies reads the field there.
        company = row.account
        company.custom = {**company.custom, name: value.strip()}
        company.version, company.changed_at = company.version + 1, now
        company.save(update_fields=["custom", "version", "changed_at"])
    record(asker, "change contact", "contact", row.pk, row.label, now=now, origin=origin, before=before,
           after={name: value.strip()})  # fmt: skip
