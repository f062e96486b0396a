"""A person is erased from every room, downstream first; and what we hold of a person, as one document."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

from django.db import transaction

from panout.consent import actions as consent
from panout.consent.queries import GroundLine, grounds_of, standings
from panout.consent.rules.suppression import Addressee
from panout.outreach.erasing import erase_words
from panout.outreach.library import AnswerLine, answers
from panout.outreach.queries import Letter, messages_of
from panout.qualify.strikes import forget_person
from panout.research.queries import FactLine, facts_of
from panout.resolve.erasing import erase_contact, names_of
from panout.resolve.queries import ActivityLine, ContactCard, SightingLine, contact_card, provenance, timeline
from panout.signals.queries import SignalLine, signals_of
from panout.team.rules import Person


@transaction.atomic
def erase(asker: Person, contact_id: int, now: datetime) -> None:
    """Erase one person for good. What is left recognises them, should a list bring them again."""
    names = names_of(contact_id)
    erase_words(asker, contact_id, now)
    forget_person(contact_id)
    erase_contact(asker, contact_id, now)
    consent.forget(asker, contact_id, names, now)


@dataclass(frozen=True, slots=True)
class Held:
    """All that we hold of one person: the answer to a request under Art. 15."""

    contact: ContactCard
    sources: tuple[SightingLine, ...]
    facts: tuple[FactLine, ...]
    signals: tuple[SignalLine, ...]
    messages: tuple[Letter, ...]
    answers: tuple[AnswerLine, ...]
    activity: tuple[ActivityLine, ...]
    grounds: tuple[GroundLine, ...]
    wishes: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def held(asker: Person, contact_id: int, now: datetime) -> Held:
    """What we hold of somebody. Raises NotFound for whom the asker may not see."""
    card = contact_card(asker, contact_id)
    who = addressee(card)
    stands = standings([who], now)[who.contact_id]
    return Held(
        card,
        provenance(contact_id=card.id),
        facts_of(now, contact_id=card.id),
        signals_of(contact_id=card.id),
        messages_of(card.id),
        answers(card.id),
        timeline(contact_id=card.id, after="", limit=200).rows,
        grounds_of(who),
        tuple(f"{entry.kind} {entry.value}: {entry.reason}" for entry in stands.entries),
    )


def addressee(card: ContactCard) -> Addressee:
    """A card as the consent room knows people."""
    told = {field.name: field.value for field in card.fields}
    phones = frozenset(str(told[name]) for name in ("phone", "mobile") if told.get(name))
    return Addressee(str(card.id), frozenset({card.email.lower()} if card.email else ()), phones)
