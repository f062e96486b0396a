"""Caps, ramp, gaps, throttles, pauses and the meaning of refusals, as tables."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panout.kernel.stages import Stage
from panout.mailbox.rules.failures import Fate, Kind, Scope, classify, line_lost, next_wait
from panout.mailbox.rules.health import ColdMail
from panout.mailbox.rules.limits import (
    PRESET,
    Candidate,
    Hold,
    Limits,
    Pace,
    Record,
    Room,
    Waiting,
    cap_on,
    choose,
    choose_sender,
    gap,
    pauses,
    ramp_days,
    room_now,
)
from panout.mailbox.rules.tables import preset_for, presets, requirements

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
MONDAY = date(2026, 11, 23)


def pace(**said):
    base = {
        "cap": 20,
        "used_today": 0,
        "last_hour": 0,
        "next_at": None,
        "day": MONDAY,
        "day_ends": NOW + timedelta(hours=15),
    }
    return Pace(**{**base, **said})


def test_the_ramp_climbs_five_a_day_to_fifty():
    assert [cap_on(day, PRESET) for day in range(11)] == [10, 15, 20, 25, 30, 35, 40, 45, 50, 50, 50]
    assert cap_on(100, PRESET, provider_limit=30) == 30


@pytest.mark.parametrize(("idle", "left"), [(0, 8), (7, 8), (8, 7), (12, 3), (15, 0), (400, 0)])
def test_a_mailbox_that_rested_climbs_again(idle, left):
    assert ramp_days(8, MONDAY - timedelta(days=idle), MONDAY) == left


HOLDS = [
    ({"paused": "bounces"}, "bounces", None),
    ({"paused": "x", "paused_until": NOW + timedelta(hours=1)}, "x", NOW + timedelta(hours=1)),
    ({"domain": ColdMail(False, "DMARC fails")}, "DMARC fails", None),
    ({"used_today": 20}, "20 of 20 cold mails sent today", NOW + timedelta(hours=15)),
    ({"last_hour": 9}, "9 cold mails in the last hour, 9 are the most", NOW + timedelta(minutes=10)),
    (
        {"next_at": NOW + timedelta(seconds=61)},
        "the gap between two mails has 61 s to go",
        NOW + timedelta(seconds=61),
    ),
]


@pytest.mark.parametrize(("said", "reason", "until"), HOLDS, ids=[row[1] for row in HOLDS])
def test_every_hold_has_its_reason_and_its_end(said, reason, until):
    assert room_now(pace(**said), PRESET, NOW) == Hold(reason, until)


def test_a_pause_that_ended_holds_nothing():
    assert room_now(pace(paused="x", paused_until=NOW), PRESET, NOW) == Room(1)


def test_without_a_gap_the_whole_room_may_leave():
    assert room_now(pace(used_today=5), Limits(gap=(0, 0), per_hour=100), NOW) == Room(15)


@given(st.integers())
def test_a_gap_is_within_its_bounds_and_repeatable(seed):
    one = gap(PRESET, random.Random(seed))
    assert timedelta(seconds=90) <= one <= timedelta(seconds=420)
    assert one == gap(PRESET, random.Random(seed))


@given(
    st.lists(st.sampled_from(["a.test", "b.test", "c.test"]), max_size=40),
    st.integers(min_value=0, max_value=20),
    st.dictionaries(st.sampled_from(["a.test", "b.test"]), st.integers(min_value=0, max_value=6)),
)
def test_no_domain_gets_more_than_its_share_and_no_room_is_exceeded(domains, room, recent):
    waiting = [Waiting(number, domain) for number, domain in enumerate(domains)]
    chosen, throttled = choose(waiting, room, recent, PRESET)
    assert len(chosen) <= room
    assert not set(chosen) & set(throttled)
    for domain in set(domains):
        sent = sum(domains[number] == domain for number in chosen)
        assert sent + recent.get(domain, 0) <= max(PRESET.per_domain, recent.get(domain, 0))
    assert list(chosen) == sorted(chosen)


def test_one_person_hears_from_one_sender():
    some = [Candidate(1, left=3), Candidate(2, left=9), Candidate(3, left=9, waiting=1)]
    assert choose_sender(1, some) == 1
    assert choose_sender(None, some) == 2
    assert choose_sender(7, some) is None
    assert choose_sender(None, []) is None


PAUSES = [
    (Record(49, 49, 0), []),
    (Record(50, 2, 0), [("bounces", False)]),
    (Record(100, 5, 0), [("bounces", True)]),
    (Record(100, 1, 0), []),
    (Record(1000, 0, 1), [("complaints", True)]),
    (Record(100, 0, 1), [("complaints", False)]),
    (Record(100, 0, 2), [("complaints", True)]),
    (Record(3000, 0, 1), [("complaints", False)]),
    (Record(5000, 0, 1), []),
    (Record(300, 0, 0, 199, 0), []),
    (Record(300, 0, 0, 200, 1), [("replies", True)]),
    (Record(300, 0, 0, 200, 2), []),
    (Record(0, 0, 3), []),
]


@pytest.mark.parametrize(("record", "found"), PAUSES, ids=[str(row[0]) for row in PAUSES])
def test_pauses_need_their_floor(record, found):
    assert [(one.rule, one.pause) for one in pauses(record)] == found
    assert all(any(letter.isdigit() for letter in one.reason) for one in pauses(record))


REPLIES = [
    (550, "5.1.1 The email account that you tried to reach does not exist", Stage.RECIPIENT, Fate.REFUSED, Kind.RECIPIENT),
    (550, "No such user here", Stage.RECIPIENT, Fate.REFUSED, Kind.RECIPIENT),
    (550, "5.4.1 Recipient address rejected: Access denied", Stage.RECIPIENT, Fate.REFUSED, Kind.RECIPIENT),
    (554, "5.7.1 Service unavailable; Client host [192.0.2.1] blocked using zen.spamhaus.org; listed by", Stage.RECIPIENT, Fate.UNAVAILABLE, Kind.POLICY),
    (550, "5.7.26 This mail is unauthenticated, which poses a security risk", Stage.AFTER, Fate.UNAVAILABLE, Kind.AUTHENTICATION),
    (421, "4.7.28 Our system has detected an unusual rate of unsolicited mail", Stage.AFTER, Fate.UNAVAILABLE, Kind.POLICY),
    (550, "5.7.515 Access denied, sending domain panout.test does not meet the required authentication level", Stage.AFTER, Fate.UNAVAILABLE, Kind.AUTHENTICATION),
    (550, "5.7.30 Basic authentication is not supported for Client Submission.", Stage.AUTH, Fate.UNAVAILABLE, Kind.AUTHENTICATION),
    (550, "5.4.5 Daily user sending limit exceeded.", Stage.SENDER, Fate.UNAVAILABLE, Kind.QUOTA),
    (452, "4.2.2 The recipient's inbox is out of storage space", Stage.RECIPIENT, Fate.UNAVAILABLE, Kind.MAILBOX_FULL),
    (552, "5.2.2 Mailbox full", Stage.RECIPIENT, Fate.UNAVAILABLE, Kind.MAILBOX_FULL),
    (451, "4.7.1 Greylisting in action, please come back later", Stage.RECIPIENT, Fate.UNAVAILABLE, Kind.GREYLISTING),
    (535, "5.7.8 Username and Password not accepted", Stage.AUTH, Fate.UNAVAILABLE, Kind.AUTHENTICATION),
    (421, "4.3.2 Service shutting down", Stage.SENDER, Fate.UNAVAILABLE, Kind.SERVER),
    (552, "5.3.4 Message size exceeds fixed limit", Stage.SENDER, Fate.UNAVAILABLE, Kind.CONTENT),
    (550, "5.6.7 SMTPUTF8 is not supported", Stage.RECIPIENT, Fate.REFUSED, Kind.CONTENT),
    (554, "Transaction failed", Stage.AFTER, Fate.REFUSED, Kind.UNKNOWN),
    (299, "out of turn", Stage.HELLO, Fate.UNAVAILABLE, Kind.SERVER),
]  # fmt: skip


@pytest.mark.parametrize(
    ("code", "text", "stage", "fate", "kind"), REPLIES, ids=[f"{r[0]} {r[1][:30]}" for r in REPLIES]
)
def test_a_reply_is_understood(code, text, stage, fate, kind):
    failure = classify(code, text, stage)
    assert (failure.fate, failure.kind) == (fate, kind)
    assert failure.what
    assert failure.mend
    assert failure.suppresses_recipient == (kind is Kind.RECIPIENT and fate is Fate.REFUSED)


@given(st.integers(min_value=400, max_value=599), st.text(max_size=80), st.sampled_from(list(Stage)))
def test_whatever_a_server_says_is_understood_and_only_a_recipients_fault_is_held_against_them(
    code, text, stage
):
    failure = classify(code, text, stage)
    if stage in (Stage.CONNECT, Stage.TLS, Stage.HELLO, Stage.AUTH, Stage.SENDER):
        assert not failure.suppresses_recipient
    if failure.fate is Fate.REFUSED:
        assert failure.scope in (Scope.MESSAGE, Scope.RECIPIENT)


@pytest.mark.parametrize("stage", list(Stage))
def test_only_a_line_lost_after_the_dot_leaves_a_doubt(stage):
    assert (line_lost(stage, "x").fate is Fate.UNSURE) == (stage is Stage.AFTER)


def test_waits_double_to_a_day_and_end():
    grey = classify(450, "4.2.0 greylisted", Stage.RECIPIENT)
    waits = [next_wait(grey, tries) for tries in range(1, 9)]
    assert waits[:3] == [timedelta(minutes=10), timedelta(minutes=20), timedelta(minutes=40)]
    assert max(wait for wait in waits if wait) <= timedelta(days=1)
    assert waits[-1] is None


def test_the_tables_are_dated_and_sourced():
    assert all(one.as_of and one.source for one in requirements())
    assert {one.provider for one in requirements()} == {"Google", "Yahoo", "Microsoft"}
    assert preset_for("gmail.com").key == "google"
    assert preset_for("acme.test", ("acme-test.mail.protection.outlook.com",)).key == "microsoft"
    assert preset_for("acme.test", ("mx.acme.test",)).key == "own"
    assert "password" not in next(one for one in presets() if one.key == "microsoft").ways
