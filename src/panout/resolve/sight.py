"""Whose record an id leads to: what somebody may not see is not there, at any address, read or written.

demand_sight(asker, name, number)          raises NotFound; `name` is what an address calls the id: "task_id"
demand_people(asker, contact_ids=, account_ids=)
leads_to_records(name) -> bool

The rooms downstream own tables that this room may not import; as with merges, their rows are found by their keys.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.apps import apps
from django.db.models import Q

from panout.kernel.errors import NotFound
from panout.resolve.models import Account, Contact
from panout.resolve.queries import owners_seen
from panout.team.rules import Person, Sees

# What an address calls an id -> the table, and where in it the person and the company are.
_TABLES: Mapping[str, tuple[str, str, str]] = {
    "contact_id": ("resolve.Contact", "pk", ""),
    "account_id": ("resolve.Account", "", "pk"),
    "signal_id": ("signals.Signal", "contact_id", "account_id"),
    "activity_id": ("resolve.Activity", "contact_id", "account_id"),
    "task_id": ("outreach.Task", "contact_id", "account_id"),
    "message_id": ("outreach.Message", "contact_id", "account_id"),
    "letter_id": ("outreach.PaperLetter", "contact_id", ""),
    "ask_id": ("outreach.ReferralAsk", "", "customer_id"),
    "enrolment_id": ("cadence.Enrolment", "contact_id", "account_id"),
    "reading_id": ("replies.Reading", "contact_id", "account_id"),
    "deed_id": ("replies.Deed", "reading__contact_id", "reading__account_id"),
    "proposed_id": ("replies.Proposed", "reading__contact_id", "reading__account_id"),
    "meeting_id": ("pipeline.Meeting", "contact_id", "account_id"),
    "opportunity_id": ("pipeline.Opportunity", "contact_id", "account_id"),
}
# Pairs and merges have two sides; the room's own verbs ask about both.
_OF_TWO = frozenset({"match_id", "merge_id", "record_id"})


def leads_to_records(name: str) -> bool:
    return name in _TABLES or name in _OF_TWO


def demand_sight(asker: Person, name: str, number: int) -> None:
    """A record of nobody's is everybody's. Whoever has a task in hand may see whom it is about."""
    if asker.sees == Sees.ALL or name not in _TABLES:
        return
    label, contact, account = _TABLES[name]
    model = apps.get_model(label)
    mine = "owner_id" if any(one.name == "owner" for one in model._meta.concrete_fields) else "pk"
    row = (
        model._default_manager.filter(pk=number)
        .values_list(contact or account, account or contact, mine)
        .first()
    )
    if row is None:
        return  # the page says so in its own words
    who, company, owner = row
    if mine == "owner_id" and owner == asker.id and asker.id is not None:
        return
    if contact and who is not None:
        demand_people(asker, contact_ids=[who])
    elif account and company is not None:
        demand_people(asker, account_ids=[company])


def demand_people(
    asker: Person, *, contact_ids: Collection[int] = (), account_ids: Collection[int] = ()
) -> None:
    """Raises NotFound when one of them is somebody else's to see."""
    seen = owners_seen(asker)
    if seen is None:
        return
    hidden = ~(Q(owner=None) | Q(owner__in=seen))
    people = bool(contact_ids) and Contact.objects.filter(hidden, id__in=list(contact_ids)).exists()
    companies = bool(account_ids) and Account.objects.filter(hidden, id__in=list(account_ids)).exists()
    if people or companies:
        raise NotFound(
            "There is no such record.", mend="It may belong to somebody whose records you do not see."
        )
