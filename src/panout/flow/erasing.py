"""A person is erased from every room, downstream first; and what we hold of a person, as one document.

erase(asker, contact_id, now)         at once, all that is theirs
look_further(now) -> bool             a worker's turn: one more place is looked through for names of the erased
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import asdict, astuple, dataclass
from datetime import datetime
from urllib.parse import urlencode

from django.conf import settings
from django.db import transaction

from panout.clients.http import Http
from panout.consent import actions as consent
from panout.consent.queries import GroundLine, Notice, grounds_of, notices_due, standings
from panout.consent.rules.forgetting import Names, pattern
from panout.consent.rules.suppression import Addressee
from panout.flow.forgetting import forget_in, forget_linked, places
from panout.kernel.errors import Unavailable
from panout.mailbox.rules.secrets import key_from, lock, unlock
from panout.outreach.erasing import erase_words
from panout.outreach.library import AnswerLine, answers
from panout.outreach.queries import Letter, messages_of
from panout.replies.erasing import erase_mail, erase_mentions
from panout.research.queries import FactLine, facts_of
from panout.resolve.erasing import erase_contact, lists_of, names_of, same_person
from panout.resolve.queries import ActivityLine, ContactCard, SightingLine, contact_card, provenance, timeline
from panout.signals.queries import SignalLine, signals_of
from panout.sources.erasing import forget_in_lists
from panout.team.actions import forget_words
from panout.team.rules import Person, Verb, demand


@transaction.atomic
def erase(asker: Person, contact_id: int, now: datetime) -> None:
    """Erase one person for good, from every room; where others may have named them is left to `look_further`.

    What is left recognises them, should a list bring them again. Processors are told by `tell_processors`.
    """
    demand(asker, Verb.ERASE)
    people = same_person(contact_id)
    names, lists = names_of(people), lists_of(people)
    sealed = lock(
        {kind: ", ".join(sorted(getattr(names, kind))) for kind in ("emails", "phones", "full")}, _key()
    )
    for one in people:
        erase_words(asker, one, now)
        erase_contact(asker, one, now)
        consent.forget(asker, one, (*names.emails, *names.phones), now)
    erase_mail(people, names)
    forget_linked(people)
    forget_words("contact", people, "")
    consent.announce(contact_id, sealed, now)
    if names:
        # Mail before the tables: once a reading's words are clean, nothing tells which mail they came in.
        everywhere = (_LISTS, _MAIL, _LEDGER, *places())
        consent.seek(contact_id, lock(_told(names), _key()), lists, everywhere, now)


_LISTS, _MAIL, _LEDGER = "lists", "mail", "ledger"
_TOGETHER = 50  # erasures that share a look: a night of retention may leave hundreds


def look_further(now: datetime) -> bool:
    """False: nothing is left to look through. A killed worker's place is looked through again."""
    with transaction.atomic():
        sought = consent.claim_erasures(_TOGETHER)
        if not sought:
            return False
        names = _all_of([_named(unlock(one.sealed, _key())) for one in sought])
        match sought[0].place:
            case "lists":
                forget_in_lists(names, always={number for one in sought for number in one.lists})
            case "mail":
                erase_mentions(names)
            case "ledger":
                forget_words("contact", (), pattern(names))
            case place:
                forget_in(place, names)
        consent.looked_through([one.id for one in sought], now)
    return True


def _told(names: Names) -> dict[str, str]:
    return {kind: "\n".join(sorted(held)) for kind, held in asdict(names).items()}


def _named(told: dict[str, str]) -> Names:
    return Names(**{kind: frozenset(held.split("\n")) - {""} for kind, held in told.items()})


def _all_of(several: list[Names]) -> Names:
    return Names(*(frozenset().union(*held) for held in zip(*map(astuple, several), strict=True)))


def tell_processors(http: Http, now: datetime) -> int:
    """Tell every processor with an address of the erasures it has not heard of; returns how many heard.

    A form is posted: event, emails, phones, names, erased_at. `X-Panout-Signature` is the HMAC-SHA-256 of
    its body under the key that the processors' page shows.
    """
    heard = 0
    for notice in notices_due(now):
        held = unlock(notice.sealed, _key())
        form = {
            "event": "person.erased", "emails": held["emails"], "phones": held["phones"], "names": held["full"],
            "erased_at": notice.made_at.isoformat(),
        }  # fmt: skip
        signed = hmac.new(
            signing_key(notice.processor_id).encode(), urlencode(form).encode(), hashlib.sha256
        ).hexdigest()
        try:
            answer = http.post(notice.url, form=form, headers={"X-Panout-Signature": signed})
        except Unavailable as trouble:
            consent.postpone_notice(notice.id, trouble.what, now)
            continue
        if answer.status >= 300:
            consent.postpone_notice(notice.id, f"It answered {answer.status}.", now)
            continue
        consent.settle_notice(notice.id, now)
        heard += 1
    return heard


def named_in(notice: Notice) -> str:
    """Whom a notice is about, for who must tell it by hand."""
    held = unlock(notice.sealed, _key())
    return ", ".join(part for part in (held["full"], held["emails"], held["phones"]) if part)


def signing_key(processor_id: int) -> str:
    """What a processor checks our signature with."""
    return key_from(settings.SECRET_KEY, f"processor {processor_id}").hex()


def _key() -> bytes:
    return key_from(settings.SECRET_KEY, "erasure notices")


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
        timeline(asker, contact_id=card.id, after="", limit=200).rows,
        grounds_of(who),
        tuple(f"{entry.kind} {entry.value}: {entry.reason}" for entry in stands.entries),
    )


def addressee(card: ContactCard) -> Addressee:
    """A card as the consent room knows people."""
    told = {field.name: field.value for field in card.fields}
    phones = frozenset(str(told[name]) for name in ("phone", "mobile") if told.get(name))
    return Addressee(str(card.id), frozenset({card.email.lower()} if card.email else ()), phones)
