"""How buyers behave: what they do with a mail, a call, a message, a meeting. Chance is steady for a seed.

A draw depends on the seed, the person and how often they were reached, not on the order in which others were:
two policies that reach the same person in the same way meet the same answer.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from panout_sandbox.world import Buyer, World


class Does(StrEnum):
    """What comes of a touch."""

    NOTHING = "nothing"
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    AWAY = "out_of_office"
    ANSWER = "answer"
    NO_PICK_UP = "no_answer"
    VOICEMAIL = "voicemail"
    TALK = "talk"
    ACCEPT = "accept"


@dataclass(frozen=True, slots=True)
class Reaction:
    """What a buyer does; `says` is the class of an answer, `at` when it comes (UTC), `until` a day away."""

    does: Does
    says: str = ""
    at: datetime | None = None
    until: date | None = None


def _chance(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def _rng(seed: int, buyer: Buyer, what: str) -> random.Random:
    return random.Random(f"{seed} {buyer.email} {what} {buyer.touches}")  # noqa: S311  a game


def welcome(world: World, buyer: Buyer, text: str, today: date) -> float:
    """The log-odds that somebody who reads or hears this is won for a talk."""
    market, company = world.market, buyer.company
    odds = market.welcome_base + market.roles[buyer.role].lift
    if company.needs:
        odds += market.welcome_need + market.welcome_intensity * world.intensity(company, today)
    true = world.truly_happened(company, text, today)
    if true is True:
        odds += market.relevant
    elif true is False:
        odds += market.wrong
    return odds


def on_mail(world: World, seed: int, buyer: Buyer, text: str, now: datetime) -> Reaction:
    """A mail arrives. Whoever has left bounces; whoever is away says so; others read it, or not."""
    market = world.market
    if buyer.has_left:
        return Reaction(Does.BOUNCE)
    rng = _rng(seed, buyer, "mail")
    buyer.touches += 1
    buyer.mails += 1
    if buyer.silent:
        # Written to after a wish to be left alone, or after we met: that is what complaints are for.
        return Reaction(Does.COMPLAINT) if rng.random() < 0.2 else Reaction(Does.NOTHING)
    true = world.truly_happened(buyer.company, text, now.date())
    annoyed = market.complaint_base * (market.complaint_irrelevant if true is not True else 1.0)
    if buyer.touches > buyer.patience:
        annoyed += market.complaint_impatient
    if rng.random() < annoyed:
        buyer.silent = True
        return Reaction(Does.COMPLAINT)
    if buyer.away_until is None and rng.random() < market.away:
        buyer.away_until = now.date() + timedelta(days=rng.randint(*market.away_days))
        return Reaction(Does.AWAY, "out_of_office", now + timedelta(minutes=1), buyer.away_until)
    if buyer.away_until is not None and now.date() < buyer.away_until:
        return Reaction(Does.NOTHING)
    if rng.random() >= market.read * (market.read_after_social if buyer.warmed else 1.0):
        return Reaction(Does.NOTHING)
    odds = welcome(world, buyer, text, now.date()) + market.again * (buyer.mails - 1)
    return _answer(world, buyer, odds, rng, now + timedelta(hours=rng.uniform(0.5, 30)))


def _answer(world: World, buyer: Buyer, odds: float, rng: random.Random, at: datetime) -> Reaction:
    if rng.random() < _chance(odds):
        return Reaction(Does.ANSWER, "meeting_request" if rng.random() < 0.4 else "interested", at)
    if rng.random() >= world.market.answer:
        return Reaction(Does.NOTHING)
    classes = world.market.classes
    says = rng.choices(list(classes), list(classes.values()))[0]
    if says in {"unsubscribe", "do_not_contact", "not_interested", "no_priority", "wrong_person", "referral"}:
        buyer.silent = says in {"unsubscribe", "do_not_contact"} or buyer.silent
    return Reaction(Does.ANSWER, says, at)


def on_call(world: World, seed: int, buyer: Buyer, text: str, now: datetime) -> Reaction:
    """The telephone rings. Few pick up; who does, talks."""
    rng = _rng(seed, buyer, "call")
    buyer.touches += 1
    away = buyer.away_until is not None and now.date() < buyer.away_until
    if buyer.has_left or away or rng.random() >= world.market.pick_up:
        return Reaction(Does.NO_PICK_UP)
    if buyer.silent:
        return Reaction(Does.TALK, "do_not_call")
    odds = welcome(world, buyer, text, now.date()) + world.market.talk
    if rng.random() < _chance(odds):
        return Reaction(Does.TALK, "interested")
    says = rng.choices(["not_interested", "not_now", "no_priority", "do_not_call"], [0.5, 0.25, 0.15, 0.1])[0]
    buyer.silent = buyer.silent or says == "do_not_call"
    return Reaction(Does.TALK, says)


def on_social(world: World, seed: int, buyer: Buyer) -> Reaction:
    """A comment or a contact request: it may warm, it wins nobody by itself."""
    rng = _rng(seed, buyer, "social")
    buyer.touches += 1
    if not buyer.has_left and not buyer.silent and rng.random() < world.market.social_accept:
        buyer.warmed = True
        return Reaction(Does.ACCEPT)
    return Reaction(Does.NOTHING)


@dataclass(frozen=True, slots=True)
class Talk:
    """What becomes of a welcome answer: booked for when, held or missed, bought or not."""

    books: bool
    days: int
    holds: bool
    buys: bool


def on_invitation(world: World, seed: int, buyer: Buyer) -> Talk:
    """Somebody who was won is asked for a meeting."""
    market, rng = world.market, _rng(seed, buyer, "meeting")
    return Talk(
        rng.random() < market.book,
        rng.randint(*market.wait_days),
        rng.random() < market.hold,
        rng.random() < market.buy and buyer.company.needs,
    )
