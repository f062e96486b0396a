"""Erasing a person from the book: the row stays, so that counts hold; who they were does not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime

from django.db import connection, transaction
from django.db.models import Q

from panout.consent.rules.forgetting import Names
from panout.kernel.errors import NotFound
from panout.kernel.fields import CONTACT_FIELDS
from panout.kernel.lifecycle import Lifecycle
from panout.resolve.models import (
    Account,
    Activity,
    Contact,
    Identifier,
    ImportChange,
    Match,
    Merge,
    Note,
    Sighting,
)
from panout.team.actions import record
from panout.team.models import User
from panout.team.rules import Person, Verb, demand


def same_person(contact_id: int) -> tuple[int, ...]:
    """Every row of one person: what was merged into it, and what has its address. Raises NotFound."""
    known = set(Contact.objects.filter(id=contact_id).values_list("id", flat=True))
    if not known:
        raise NotFound("There is no such person.")
    while True:
        addresses = [email for email in _values(known, "email") if email]
        ways = (
            Q(merged_into__in=known),
            Q(id__in=Contact.objects.filter(id__in=known).values("merged_into")),
            Q(email__in=addresses),
        )  # asked one by one: each has its index, all together read the whole table
        found = {
            one for way in ways for one in Contact.objects.filter(way).values_list("id", flat=True)
        } - known
        if not found:
            return tuple(sorted(known))
        known |= found


def names_of(contact_ids: Collection[int]) -> Names:
    """What these rows of one person go by and nobody else does: a shared telephone stays with the others."""
    phones = {one for name in ("phone", "mobile") for one in _values(contact_ids, name) if one}
    phones |= _aliases(contact_ids, "phone")
    emails = {one.lower() for one in _values(contact_ids, "email") if one} | _aliases(contact_ids, "email")
    links = {one for one in _values(contact_ids, "linkedin") if one} | _aliases(contact_ids, "linkedin")
    full = {" ".join(one.split()) for one in _values(contact_ids, "full_name") if one}
    full |= _aliases(contact_ids, "name")
    others = Contact.objects.exclude(id__in=contact_ids)
    shared = set(others.filter(phone__in=phones).values_list("phone", flat=True))
    shared |= set(others.filter(mobile__in=phones).values_list("mobile", flat=True))
    shared |= set(Account.objects.filter(company_phone__in=phones).values_list("company_phone", flat=True))
    ours = {email.lower() for email in User.objects.values_list("email", flat=True)}
    return Names(
        frozenset(emails - ours),
        frozenset(phones - shared),
        frozenset(links),
        frozenset(name for name in full if " " in name and not _namesake(name, contact_ids)),
    )


def _values(contact_ids: Collection[int], name: str) -> list[str]:
    return list(Contact.objects.filter(id__in=contact_ids).values_list(name, flat=True))


def _aliases(contact_ids: Collection[int], kind: str) -> set[str]:
    rows = Identifier.objects.filter(contact__in=contact_ids, kind=kind)
    return set(rows.values_list("value", flat=True))


def _namesake(name: str, contact_ids: Collection[int]) -> bool:
    others = Contact.objects.exclude(id__in=contact_ids).filter(full_name__iexact=name)
    return others.exists() or User.objects.filter(name__iexact=name).exists()


def lists_of(contact_ids: Collection[int]) -> tuple[int, ...]:
    """The uploaded lists that brought these people."""
    rows = Sighting.objects.filter(contact__in=contact_ids).values_list("batch__upload", flat=True)
    return tuple(rows.distinct())


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
    row.labels, row.owner, row.lifecycle = None, None, Lifecycle.DISQUALIFIED
    row.key, row.changed_at, row.version = f"erased-{row.pk}", now, row.version + 1
    row.save()
    Identifier.objects.filter(contact=row).delete()
    Note.objects.filter(contact=row).delete()
    ImportChange.objects.filter(contact=row).delete()
    Match.objects.filter(Q(left_contact=row) | Q(right_contact=row)).delete()
    Merge.objects.filter(Q(kept_contact=row) | Q(gone_contact=row)).update(before={}, reason="(erased)")
    Sighting.objects.filter(contact=row).update(contact=None)
    Activity.objects.filter(contact=row).update(text="(erased)", link="")
    record(asker, "erase person", "contact", contact_id, "(erased)", now=now)


_QUIET = """
SELECT c.id, COALESCE(max(a.at), c.created_at)::date AS last
  FROM resolve_contact AS c LEFT JOIN resolve_activity AS a ON a.contact_id = c.id
 WHERE c.merged_into_id IS NULL AND c.created_at < %s AND c.lifecycle NOT IN ('opportunity', 'customer')
   AND c.key NOT LIKE 'erased-%%'
   AND NOT EXISTS (SELECT FROM resolve_activity AS b WHERE b.contact_id = c.id AND b.at >= %s)
 GROUP BY c.id ORDER BY last, c.id LIMIT %s
"""


def quiet_since(moment: datetime, limit: int = 5_000) -> dict[int, date]:
    """People with whom nothing has happened since, with the day of the last thing; no customers, no open deals."""
    with connection.cursor() as cursor:
        cursor.execute(_QUIET, [moment, moment, limit])
        return dict(cursor.fetchall())


def labels_of(contact_ids: Iterable[int]) -> dict[int, str]:
    """What these people are called."""
    return {row.pk: row.label for row in Contact.objects.filter(id__in=list(contact_ids))}
