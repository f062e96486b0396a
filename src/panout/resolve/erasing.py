"""Erasing a person from the book: the row stays, so that counts hold; who they were does not."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from panout.kernel.errors import NotFound
from panout.kernel.fields import CONTACT_FIELDS
from panout.resolve.models import Activity, Contact, Identifier, ImportChange, Note, Sighting
from panout.team.actions import record
from panout.team.rules import Person, Verb, demand


def names_of(contact_id: int) -> tuple[str, ...]:
    """Every address and number that somebody goes by. Raises NotFound."""
    row = Contact.objects.filter(id=contact_id).first()
    if row is None:
        raise NotFound("There is no such person.")
    others = Identifier.objects.filter(contact=row, kind__in=["email", "phone"]).values_list(
        "value", flat=True
    )
    return tuple(name for name in (row.email, row.phone, row.mobile, *others) if name)


@transaction.atomic
def erase_contact(asker: Person, contact_id: int, now: datetime) -> None:
    """Forget all that is known of a person; what was done stays as lines without words."""
    demand(asker, Verb.ERASE)
    row = Contact.objects.select_for_update().filter(id=contact_id).first()
    if row is None:
        raise NotFound("There is no such person.")
    for field in CONTACT_FIELDS:
        setattr(row, field.name, None)
    row.full_name, row.search, row.custom, row.touched_fields = "Erased person", "", {}, []
    row.key, row.changed_at, row.version = f"erased-{row.pk}", now, row.version + 1
    row.save()
    Identifier.objects.filter(contact=row).delete()
    Note.objects.filter(contact=row).delete()
    ImportChange.objects.filter(contact=row).delete()
    Sighting.objects.filter(contact=row).update(contact=None)
    Activity.objects.filter(contact=row).update(text="(erased)", link="")
    record(asker, "erase person", "contact", contact_id, "(erased)", now=now)
