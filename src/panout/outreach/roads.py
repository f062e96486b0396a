"""Which road opens to a person: from signal strength and persona, by the house's settings or a person's word.

plan_of(contact_id, now) -> Plan
choose_road(asker, contact_id, road, reason, now), drop_choice(asker, contact_id, now)
house() -> House, set_house(asker, house, now)
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from panout.consent.queries import standings
from panout.consent.rules.law import Recipient, Ruling, law_for
from panout.kernel.channels import Channel
from panout.kernel.errors import BadInput, NotFound
from panout.outreach.models import ChannelChoice, ChannelRule, Participation, PartnerCustomer
from panout.outreach.queries import SIGNAL_LIVES, addressee, noted
from panout.outreach.rules.channels import House, Leg, Road, Standing, Word, channel_plan
from panout.qualify.queries import verdict_of
from panout.resolve.models import Contact
from panout.signals.models import Signal
from panout.team.actions import record
from panout.team.rules import Person, Verb, demand

_CAME_TO_US = ("form", "pricing_visit", "site_visit", "content")
_INTRODUCED = ("referral", "partner")
_VIP = "vip"  # a tag on the company
# A referral is asked of somebody else: nothing of the reader's own is touched.
_CHANNELS = {
    Road.EMAIL: Channel.EMAIL, Road.PHONE: Channel.PHONE, Road.SOCIAL: Channel.SOCIAL,
    Road.EVENT: Channel.EVENT, Road.POST: Channel.POST,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Plan:
    """The roads in order, what a person decided, and which roads are closed, with what closes them."""

    contact_id: int
    legs: tuple[Leg, ...]
    word: Word | None
    closed: tuple[tuple[Road, str], ...]

    @property
    def first(self) -> Leg | None:
        return self.legs[0] if self.legs else None


def plan_of(contact_id: int, now: datetime) -> Plan:
    """How to approach one person. Raises NotFound."""
    contact = Contact.objects.select_related("account").filter(id=contact_id).first()
    if contact is None:
        raise NotFound("There is no such person.")
    closed = _closed(contact, now)
    kept = ChannelChoice.objects.select_related("by").filter(contact=contact).first()
    word = Word(Road(kept.road), kept.reason, kept.by.name if kept.by else "") if kept else None
    who = _standing(contact, frozenset(road for road, _ in closed), now)
    return Plan(contact_id, channel_plan(who, house(), word), word, closed)


def _standing(contact: Contact, closed: frozenset[Road], now: datetime) -> Standing:
    account = contact.account
    verdict = verdict_of(contact_id=contact.pk)
    mine = Signal.objects.filter(contact=contact)
    theirs = Signal.objects.filter(account=account, contact=None) if account else Signal.objects.none()
    live = (mine | theirs).filter(dismissed_at=None, date__gt=(now - SIGNAL_LIVES).date())
    kinds = set(live.values_list("type", flat=True))
    partnered = (
        bool(account and account.domain)
        and PartnerCustomer.objects.filter(domain=account.domain if account else "").exists()
    )
    return Standing(
        timing=(verdict.timing if verdict else None) or 0.0,
        seniority=contact.seniority or "",
        role=contact.buying_role or "",
        has_email=bool(contact.email),
        has_phone=bool(contact.phone or contact.mobile),
        has_social=bool(contact.linkedin),
        has_address=bool(contact.person_address or (account and account.address)),
        shared_event=Participation.objects.filter(
            contact=contact, gathering__ends_on__gte=now.date()
        ).exists(),
        warm_path=partnered or bool(kinds & set(_INTRODUCED)),
        inbound=bool(kinds & set(_CAME_TO_US)),
        vip=_VIP in {tag.lower() for tag in (account.tags if account else None) or ()},
        closed=closed,
    )


def _closed(contact: Contact, now: datetime) -> tuple[tuple[Road, str], ...]:
    """Roads that a wish or the law closes at this moment."""
    account = contact.account
    who = addressee(contact, account)
    stands = standings([who], now)[who.contact_id]
    country = contact.person_country or (account.country if account else None)
    kind = Recipient.COMPANY if account else Recipient.PERSON
    found = []
    for road, channel in _CHANNELS.items():
        against = stands.against(channel.value, now) or noted(contact, channel)
        law = law_for(country, channel.value, kind)
        barred = law.ruling is Ruling.BLOCKED or (
            law.ruling is Ruling.CONSENT and not stands.consented(channel.value)
        )
        if against or barred:
            found.append((road, against or law.rule))
    return tuple(found)


@transaction.atomic
def choose_road(asker: Person, contact_id: int, road: str, reason: str, now: datetime) -> None:
    """Let one road go first with this person, for a reason. Law and wishes still close what they close."""
    demand(asker, Verb.WORK_TASKS)
    if road not in set(Road):
        raise BadInput(f"'{road[:30]}' is no road to anybody.", where="road")
    if not reason.strip():
        raise BadInput("Say why.", where="reason", mend="The next who opens the page wants to know.")
    contact = Contact.objects.filter(id=contact_id).first()
    if contact is None:
        raise NotFound("There is no such person.")
    plan = plan_of(contact_id, now)
    shut = dict(plan.closed).get(Road(road))
    if shut:
        raise BadInput(f"This road is closed: {shut}", where="road", mend="Choose another.")
    was = plan.first
    ChannelChoice.objects.update_or_create(
        contact=contact,
        defaults={"road": road, "reason": reason.strip()[:500], "at": now, "by_id": asker.id},
    )
    record(
        asker, "choose road", "contact", contact_id, contact.label, now=now, reason=reason,
        before={"first": was.road.value if was else ""}, after={"first": road},
    )  # fmt: skip


@transaction.atomic
def drop_choice(asker: Person, contact_id: int, now: datetime) -> None:
    """Back to what signals and settings say."""
    demand(asker, Verb.WORK_TASKS)
    kept = ChannelChoice.objects.select_related("contact").filter(contact=contact_id).first()
    if kept is None:
        raise NotFound("Nobody has chosen a road here.")
    record(asker, "drop choice of road", "contact", contact_id, kept.contact.label, now=now,
           before={"first": kept.road})  # fmt: skip
    kept.delete()


def house() -> House:
    """The settings of the playbook."""
    row = ChannelRule.objects.first()
    if row is None:
        return House()
    known: dict[str, str] = row.first_by_role
    return House(row.strong, row.some, {role: Road(road) for role, road in known.items()})


@transaction.atomic
def set_house(asker: Person, rule: House, now: datetime) -> None:
    demand(asker, Verb.EDIT_CADENCES)
    if not 0 <= rule.some <= rule.strong <= 100:
        raise BadInput("Strengths go from 0 to 100, and a strong signal is above some.", where="strong")
    told: dict[str, object] = {
        "strong": int(rule.strong), "some": int(rule.some),
        "first_by_role": {role: road.value for role, road in rule.first_by_role.items()},
    }  # fmt: skip
    ChannelRule.objects.update_or_create(id=1, defaults=told)
    record(asker, "set channel rule", "channel rule", 1, "", now=now, after=told)
