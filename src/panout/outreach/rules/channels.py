"""Which channel opens and which follow, from persona and signal strength. A plan to overrule, not a law."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Road(StrEnum):
    """A way to a person."""

    EMAIL = "email"
    PHONE = "phone"
    SOCIAL = "social"
    EVENT = "event"
    POST = "post"
    REFERRAL = "referral"


@dataclass(frozen=True, slots=True)
class Standing:
    """What the choice looks at. `timing` is 0 to 100; the rest says which roads exist and are open."""

    timing: float
    seniority: str = ""
    role: str = ""
    has_email: bool = False
    has_phone: bool = False
    has_social: bool = False
    has_address: bool = False
    shared_event: bool = False
    warm_path: bool = False
    inbound: bool = False
    vip: bool = False
    closed: frozenset[Road] = frozenset()


@dataclass(frozen=True, slots=True)
class Leg:
    """One channel of the plan, with the reason for its place."""

    road: Road
    why: str


@dataclass(frozen=True, slots=True)
class House:
    """The playbook's own settings: signal strengths (0 to 100), and roads that open for a buying role."""

    strong: float = 60
    some: float = 25
    first_by_role: Mapping[str, Road] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Word:
    """What a person decided about one contact, against or beside the plan."""

    road: Road
    reason: str
    by: str


def channel_plan(who: Standing, house: House | None = None, word: Word | None = None) -> tuple[Leg, ...]:
    """The channels in order, opener first; roads that do not exist or are closed by law are left out.

    The warmest path wins; then a strong signal calls for the telephone, which answers fastest; mail opens
    when there is a signal and one clear ask; without one, light social contact comes before any mail.
    """
    rule = house or House()
    legs = [*_decided(who, rule, word), *_warm(who), *_by_signal(who, rule)]
    if who.seniority in {"c_level", "owner", "vp", "founder"} and who.has_address:
        legs.append(Leg(Road.POST, "senior people open letters"))
    return _open(legs, who)


def _decided(who: Standing, rule: House, word: Word | None) -> Iterable[Leg]:
    if word is not None:
        yield Leg(word.road, f"{word.by or 'Somebody'} says so: {word.reason}")
    if who.role in rule.first_by_role:
        yield Leg(rule.first_by_role[who.role], f"the house opens so with a {who.role.replace('_', ' ')}")


def _warm(who: Standing) -> Iterable[Leg]:
    if who.warm_path:
        yield Leg(Road.REFERRAL, "somebody can introduce us: the warmest way in")
    if who.shared_event:
        yield Leg(Road.EVENT, "both attend the same event")
    if who.inbound:
        yield Leg(Road.EMAIL, "they came to us: answer where they wrote, and name the reason")
        yield Leg(Road.PHONE, "a warm lead is worth a call the same day")
    if who.vip:
        yield Leg(Road.POST, "a VIP account is worth a letter")


def _by_signal(who: Standing, rule: House) -> Iterable[Leg]:
    if who.timing >= rule.strong:
        yield Leg(Road.PHONE, f"strong signal ({who.timing:.0f}): the fastest feedback")
        yield Leg(Road.EMAIL, "the signal gives the first line")
    elif who.timing >= rule.some:
        yield Leg(Road.EMAIL, f"a signal ({who.timing:.0f}) and one clear ask")
        yield Leg(Road.PHONE, "once they have seen the name")
    yield Leg(Road.SOCIAL, "comment first, then a short message")
    if who.timing < rule.some:
        yield Leg(Road.EMAIL, "only after light contact: there is no strong reason yet")


def _open(legs: list[Leg], who: Standing) -> tuple[Leg, ...]:
    exists = {
        Road.EMAIL: who.has_email,
        Road.PHONE: who.has_phone,
        Road.SOCIAL: who.has_social,
        Road.EVENT: who.shared_event,
        Road.POST: who.has_address,
        Road.REFERRAL: who.warm_path,
    }
    kept: dict[Road, Leg] = {}
    for leg in legs:
        if exists[leg.road] and leg.road not in who.closed:
            kept.setdefault(leg.road, leg)
    return tuple(kept.values())
