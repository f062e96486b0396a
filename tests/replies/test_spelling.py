"""Slips of the finger are put right towards words that people use, and nothing else is touched."""

from __future__ import annotations

import pytest

from panout.replies.rules.intents import Intent, phrases_in
from panout.replies.rules.spelling import LONGEST_TEXT, respelt


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("raus aus der liiste bittte", "raus aus der liste bitte"),  # doubled
        ("We never gave you peermission", "We never gave you permission"),
        ("please remvoe us", "please remove us"),  # swapped
        ("Dit is reclame, ik dien een klcht in", "Dit is reclame, ik dien een klacht in"),
        ("Please remove my address", "Please remove my address"),
        ("ask liste@acme.test or www.liiste.test", "ask liste@acme.test or www.liiste.test"),  # no words
        ("Contacted Brightwater about Kestrel", "Contacted Brightwater about Kestrel"),  # names
    ],
)
def test_a_slip_in_a_word_is_put_right(written: str, meant: str) -> None:
    assert respelt(written) == meant


def test_a_long_text_stays_as_it_is() -> None:
    long = "raus aus der liiste bittte " * 20
    assert len(long) > LONGEST_TEXT
    assert respelt(long) == long


@pytest.mark.parametrize(
    "text",
    [
        "raus aus der liiste bittte",
        "Ik zit al bij een ander. Haal dit adrres er maar uit.",
        "Dag Alex,\n\nVerwijderen svp\n\nMet vriendelijke groet\nPieter",  # a word between greeting and name
        "Prezado Alex Remover!!",
        "Je retire mon consentement à recevoir vos messages.",
        "Your unsubscribe link gives an error, so please do it by hand.",
        "Die Zustellung Ihrer Mails ist nicht mehr erwünscht.",
    ],
)
def test_a_wish_is_heard_through_slips_and_around_courtesies(text: str) -> None:
    assert any(one.plain and one.intent is Intent.UNSUBSCRIBE for one in phrases_in(text))


@pytest.mark.parametrize(
    "text",
    [
        "What does your unsubscribe page look like?",
        "Stefan - no more slots this week, try Monday",
        "Hi Alex,\n\nsend it",
    ],
)
def test_what_is_no_wish_stays_none(text: str) -> None:
    assert not any(one.plain for one in phrases_in(text))
