"""Advice on copy, the footprint of a campaign, and the channel plan."""

from __future__ import annotations

import pytest

from panout.outreach.rules.channels import Road, Standing, channel_plan
from panout.outreach.rules.footprint import footprint
from panout.outreach.rules.lint import Copy, asks, lint, read_seconds

GOOD = """Hello Ada,

I saw on your careers page that Gearworks is looking for three data engineers in Leeds.

Teams that grow that fast tend to lose track of which report rests on which table; at Millhouse the
same move cost two weeks a quarter until they drew the map.

Would a fifteen-minute look at how they did it be of use?

Grace"""


def codes(subject="Data engineers in Leeds", body=GOOD, **kind):
    return {remark.code for remark in lint(Copy(subject, body, **kind))}


def test_a_short_specific_mail_with_one_ask_is_left_alone():
    assert codes() == set()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"body": GOOD + " and so on" * 80}, "long"),
        ({"subject": "Re: our talk"}, "fake_thread"),
        ({"subject": ""}, "no_subject"),
        ({"subject": "A subject that goes on and on until no telephone can show it whole"}, "long_subject"),
        ({"body": GOOD + " https://a.example https://b.example https://c.example"}, "links"),
        ({"body": GOOD + "\nACT NOW FRIENDS"}, "shouting"),
        ({"body": GOOD + "\nIt is risk-free."}, "spam"),
        ({"body": "I hope this email finds you well.\n" + GOOD}, "cliche"),
        ({"body": GOOD + "\nCould we also meet on Friday?"}, "asks"),
        ({"body": GOOD.replace("?", ".").replace("Would a", "A")}, "no_ask"),
        ({"body": "word " * 120, "spoken": True}, "long_spoken"),
    ],
)
def test_each_fault_is_named(change, code):
    assert code in codes(**change)


def test_a_voicemail_says_how_long_it_takes():
    assert 30 <= read_seconds("word " * 90) <= 40
    assert "long_spoken" not in codes(body="word " * 90, spoken=True)


def test_asks_are_counted_once_each():
    assert asks("Could we talk on Monday?") == 1
    assert asks("Could we talk? Are you free on Friday? Let me know when.") == 3


NAMES = ["Ada", "Bob", "Cleo", "Dana", "Egon", "Fay", "Gus", "Hal"]
SPUN = [
    f"Hi {name}, noticed that {name}works is growing, worth a chat about lineage this week?" for name in NAMES
]
VARIED = [
    "Your careers page lists three data engineers in Leeds. Who owns lineage until they start?",
    "At the Hamburg fair you asked how others audit their models. Millhouse wrote theirs up; want it?",
    "Two of your filings changed auditor this spring. That usually means somebody has to redraw the map.",
    "The new pricing page went live on Monday. Does finance still get its figures from the old tables?",
    "Grace Hopworth said you would know who looks after reporting in Lyon.",
    "You moved to a new warehouse in June. What broke first, if anything did?",
]


def test_the_footprint_tells_a_spun_campaign_from_a_varied_one():
    spun = footprint(SPUN, [frozenset({name, f"{name}works"}) for name in NAMES])
    varied = footprint(VARIED)
    assert spun.is_heavy
    assert spun.alike == 1
    assert any("worth a chat" in phrase for phrase, _ in spun.phrases)
    assert not varied.is_heavy
    assert varied.alike == 0
    assert varied.phrases == ()


ALL = Standing(50, has_email=True, has_phone=True, has_social=True, has_address=True)


@pytest.mark.parametrize(
    ("timing", "first"), [(80, Road.PHONE), (60, Road.PHONE), (40, Road.EMAIL), (10, Road.SOCIAL)]
)
def test_the_signal_chooses_the_opener(timing, first):
    who = Standing(timing, has_email=True, has_phone=True, has_social=True)
    assert channel_plan(who)[0].road is first


def test_the_warmest_path_wins_and_closed_roads_are_left_out():
    who = Standing(80, has_email=True, has_phone=True, warm_path=True, closed=frozenset({Road.PHONE}))
    assert [leg.road for leg in channel_plan(who)] == [Road.REFERRAL, Road.EMAIL]


def test_nobody_is_reached_by_a_road_that_does_not_exist():
    assert channel_plan(Standing(80)) == ()
    assert all(leg.why for leg in channel_plan(ALL))


def test_what_mails_share_is_told_in_whole_phrases_without_their_links():
    same = "We take the paperwork out of every month-end close for firms like yours."
    texts = [f"{name} first. {same} https://example.com/{name} Shall we talk?" for name in NAMES]
    told = [phrase for phrase, _ in footprint(texts, [frozenset({name}) for name in NAMES]).phrases]
    assert any("take the paperwork out of every month end close for firms like yours" in one for one in told)
    assert not any("https" in one or "example" in one for one in told)
    assert sum("the paperwork out of" in one for one in told) == 1
