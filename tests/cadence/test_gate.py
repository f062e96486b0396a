"""Why (not) this person: a table of touches, and the rule that decides each."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panout.cadence.rules.calendar import Window
from panout.cadence.rules.gate import (
    EDITION,
    Errand,
    Limits,
    Proposed,
    Rule,
    Verdict,
    errand_of,
    judge,
    judge_by_hand,
    rulings_in,
    written,
)
from panout.consent.rules.registers import Consulted, Screened, by_key, valid_until
from panout.kernel.channels import TouchKind as K

NOON = datetime(2026, 11, 24, 11, tzinfo=UTC)  # a Tuesday, noon in Berlin
LIMITS = Limits()
DAY = timedelta(days=1)
CLEAR = Proposed(K.EMAIL, "Europe/Berlin", "DE", mailbox_left_today=20)

MAIL, PHONE = (K.EMAIL,), (K.CALL, K.VOICEMAIL)
SOCIAL = (K.LINKEDIN_COMMENT, K.LINKEDIN_CONNECT, K.LINKEDIN_MESSAGE)
REST = (K.EVENT_MEETING, K.DIRECT_MAIL, K.REFERRAL_ASK, K.TASK)
ALL = (*MAIL, *PHONE, *SOCIAL, *REST)
NOT_MAIL, NOT_PHONE = (*PHONE, *SOCIAL, *REST), (*MAIL, *SOCIAL, *REST)
P, H, D = Verdict.PASS, Verdict.HOLD, Verdict.DENY
NIGHT, SUNDAY, CHRISTMAS = NOON.replace(hour=22), NOON - 2 * DAY, datetime(2026, 12, 25, 11, tzinfo=UTC)

US = "US National Do Not Call"


def said(days_ago: int | None = None, *, listed: bool = False, key: str = "GB TPS") -> Consulted:
    """A register that must be asked, and what it said so many days ago; None: it was never asked."""
    register, on = by_key()[key], NOON.date() - timedelta(days=days_ago or 0)
    answer = Screened(on, valid_until(register, on), listed) if days_ago is not None else None
    return Consulted(register, answer)


# kinds, what differs from a clear touch, when, the verdict, the rule that decides
TABLE = [
    (ALL, {}, NOON, P, None),
    # Wishes and law come first, on every channel.
    (ALL, {"suppressed_by": "email a@example.com: unsubscribed"}, NOON, D, Rule.SUPPRESSION),
    (ALL, {"suppressed_by": "domain", "law": "blocked", "unresolved": ("x",)}, NOON, D, Rule.SUPPRESSION),
    (ALL, {"law": "blocked"}, NOON, D, Rule.LAWFUL_GROUND),
    (ALL, {"law": "consent"}, NOON, D, Rule.LAWFUL_GROUND),
    (ALL, {"law": "consent", "consent_on_file": True}, NOON, P, None),
    (ALL, {"law": "notice", "notice_given": False}, NOON, H, Rule.LAWFUL_GROUND),
    (ALL, {"law": "notice", "notice_given": True}, NOON, P, None),
    # The telephone.
    (PHONE, {"do_not_call": True}, NOON, D, Rule.DO_NOT_CALL),
    (NOT_PHONE, {"do_not_call": True}, NOON, P, None),
    (PHONE, {"registers": (said(),)}, NOON, H, Rule.DO_NOT_CALL),
    (PHONE, {"registers": (said(29),)}, NOON, H, Rule.DO_NOT_CALL),
    (PHONE, {"registers": (said(28),)}, NOON, P, None),
    (PHONE, {"registers": (said(1), said(29, key="GB CTPS"))}, NOON, H, Rule.DO_NOT_CALL),
    (PHONE, {"registers": (said(1), said(1, key="GB CTPS"))}, NOON, P, None),
    (PHONE, {"registers": (said(1, listed=True),)}, NOON, D, Rule.DO_NOT_CALL),
    (PHONE, {"registers": (said(1), said(1, listed=True, key="GB CTPS"))}, NOON, D, Rule.DO_NOT_CALL),
    (PHONE, {"registers": (said(90, listed=True),)}, NOON, D, Rule.DO_NOT_CALL),
    (PHONE, {"registers": (said(1, listed=True),), "consent_on_file": True}, NOON, P, None),
    (PHONE, {"registers": (said(),), "consent_on_file": True}, NOON, P, None),
    (PHONE, {"registers": (said(key=US),), "consent_on_file": True}, NOON, H, Rule.DO_NOT_CALL),
    (NOT_PHONE, {"registers": (said(),)}, NOON, P, None),
    (NOT_PHONE, {"registers": (said(1, listed=True),)}, NOON, P, None),
    (PHONE, {"zone": None}, NOON, H, Rule.CALLING_HOURS),
    (PHONE, {"zone": None, "fallback_zone": "Europe/Paris"}, NOON, H, Rule.CALLING_HOURS),
    (PHONE, {}, NIGHT, H, Rule.CALLING_HOURS),
    (PHONE, {}, SUNDAY, H, Rule.CALLING_HOURS),
    (PHONE, {}, CHRISTMAS, H, Rule.CALLING_HOURS),
    (PHONE, {"zone": "America/Los_Angeles", "country": "US"}, NOON, H, Rule.CALLING_HOURS),
    (PHONE, {"zone": "Africa/Johannesburg", "country": "ZA"}, NOON, P, None),
    # Care for the person and the account.
    (ALL, {"other_cadence": "Net-new"}, NOON, D, Rule.ONE_CADENCE),
    (ALL, {"last_touch_at": NOON - DAY}, NOON, H, Rule.RECENT_TOUCH),
    (ALL, {"last_touch_at": NOON - 2 * DAY}, NOON, P, None),
    (ALL, {"person_touches_in_week": 4}, NOON, H, Rule.ACCOUNT_BUDGET),
    (ALL, {"person_touches_in_week": 2, "account_touches_in_week": 7}, NOON, P, None),
    (ALL, {"account_touches_in_week": 8}, NOON, H, Rule.ACCOUNT_BUDGET),
    (ALL, {"new_person": True, "account_people": 2}, NOON, H, Rule.PEOPLE_AT_ACCOUNT),
    (ALL, {"new_person": True, "account_people": 1}, NOON, P, None),
    (ALL, {"new_person": True, "account_people": 2, "account_engaged": True}, NOON, P, None),
    (ALL, {"new_person": False, "account_people": 5}, NOON, P, None),
    (ALL, {"colleague_replied_at": NOON - 3 * DAY}, NOON, H, Rule.COLLEAGUE_REPLIED),
    (ALL, {"colleague_replied_at": NOON - 10 * DAY}, NOON, P, None),
    # Mail.
    (MAIL, {}, NIGHT, H, Rule.SEND_WINDOW),
    (MAIL, {}, SUNDAY, H, Rule.SEND_WINDOW),
    (MAIL, {}, CHRISTMAS, H, Rule.SEND_WINDOW),
    (MAIL, {"zone": None}, NOON, H, Rule.SEND_WINDOW),
    (MAIL, {"zone": None, "fallback_zone": "Europe/Paris"}, NOON, P, None),
    (MAIL, {"zone": "America/New_York", "country": "US"}, NOON, H, Rule.SEND_WINDOW),
    ((*SOCIAL, *REST), {}, NIGHT, P, None),
    (MAIL, {"mailbox_left_today": 0}, NOON, H, Rule.MAILBOX_CAP),
    (MAIL, {"mailbox_left_today": None}, NOON, H, Rule.MAILBOX_CAP),
    (NOT_MAIL, {"mailbox_left_today": 0}, NOON, P, None),
    (MAIL, {"domain_ok": False, "domain_trouble": "SPF fails for 73 h"}, NOON, H, Rule.DOMAIN_HEALTH),
    (NOT_MAIL, {"domain_ok": False}, NOON, P, None),
    # The text.
    (ALL, {"unresolved": ("first_name",)}, NOON, H, Rule.UNRESOLVED),
    (ALL, {"unsupported": ("raised $12M",)}, NOON, H, Rule.EVIDENCE),
    (ALL, {"needs_approval": True}, NOON, H, Rule.APPROVAL),
    (ALL, {"needs_approval": True, "approved": True}, NOON, P, None),
    # A denial outranks a hold that comes before it in the order.
    (PHONE, {"other_cadence": "x", "zone": None}, NOON, D, Rule.ONE_CADENCE),
    # The first of several holds decides.
    (MAIL, {"unresolved": ("x",), "needs_approval": True}, SUNDAY, H, Rule.SEND_WINDOW),
]
CASES = [(kind, *rest) for kinds, *rest in TABLE for kind in kinds]


def test_the_table_is_long_enough_to_be_trusted():
    assert len(CASES) >= 200
    assert {rule for *_, rule in CASES} == {None, *Rule}


@pytest.mark.parametrize(("kind", "differs", "now", "verdict", "rule"), CASES)
def test_the_trace_names_the_rule_that_decides(kind, differs, now, verdict, rule):
    trace = judge(replace(CLEAR, kind=kind, **differs), LIMITS, now)
    assert trace.verdict is verdict
    assert (trace.deciding.rule if trace.deciding else None) is rule
    assert [ruling.rule for ruling in trace.rulings] == list(Rule)
    assert rulings_in(written(trace), EDITION) == trace.rulings


@pytest.mark.parametrize(
    ("differs", "verdicts"),
    [
        ({}, (P, P, P)),
        ({"suppressed_by": "person 1: asked"}, (D, D, D)),
        ({"law": "blocked"}, (D, D, D)),
        ({"do_not_call": True}, (D, D, D)),
        ({"zone": None}, (H, H, H)),
        ({"last_touch_at": NOON - DAY}, (P, P, H)),
        ({"account_touches_in_week": 8}, (P, P, H)),
        ({"new_person": True, "account_people": 2}, (P, P, H)),
        ({"colleague_replied_at": NOON - DAY}, (P, P, H)),
        ({"mailbox_left_today": None, "domain_ok": False, "needs_approval": True}, (P, P, P)),
    ],
)
def test_what_a_hand_carries_out_passes_the_same_rules_as_far_as_they_make_sense(differs, verdicts):
    touch = replace(CLEAR, kind=K.CALL, **differs)
    traces = [judge_by_hand(touch, one, LIMITS, NOON) for one in (Errand.STEP, Errand.ANSWER, Errand.ASK)]
    assert tuple(one.verdict for one in traces) == verdicts
    for trace in traces:
        assert [ruling.rule for ruling in trace.rulings] == list(Rule)
        assert rulings_in(written(trace), EDITION) == trace.rulings


def test_a_letter_is_days_on_its_way_and_waits_for_no_gap_but_for_the_budget():
    letter = replace(CLEAR, kind=K.DIRECT_MAIL, last_touch_at=NOON - DAY)
    assert judge_by_hand(letter, Errand.ASK, LIMITS, NOON).verdict is P
    full = replace(letter, account_touches_in_week=8)
    assert judge_by_hand(full, Errand.ASK, LIMITS, NOON).deciding.rule is Rule.ACCOUNT_BUDGET


@pytest.mark.parametrize(
    ("origin", "promised", "errand"),
    [
        ("event", False, Errand.ASK), ("event", True, Errand.ANSWER), ("referral", False, Errand.ASK),
        ("letter", False, Errand.ASK), ("manual", False, Errand.ASK), ("reply", False, Errand.ANSWER),
        ("cadence", False, Errand.STEP), ("cadence", True, Errand.ANSWER), ("park", False, Errand.ANSWER),
    ],
)  # fmt: skip
def test_whoever_waits_for_us_is_not_made_to_wait_by_our_pace(origin, promised, errand):
    assert errand_of(origin, is_promised=promised) is errand


@pytest.mark.parametrize(
    ("registers", "value", "mend"),
    [
        ((said(),), "TPS never screened", "Screen these numbers: TPS every 28 days."),
        (
            (said(40),),
            "TPS screened 2026-10-15, good until 2026-11-12",
            "Screen these numbers: TPS every 28 days.",
        ),
        ((said(1),), "clear: TPS screened 2026-11-23, good until 2026-12-21", ""),
        (
            (said(1, listed=True),),
            "listed in TPS screened 2026-11-23, good until 2026-12-21",
            "Use another channel.",
        ),
    ],
)
def test_the_trace_tells_what_the_register_said_and_what_mends_it(registers, value, mend):
    rulings = judge(replace(CLEAR, kind=K.CALL, registers=registers), LIMITS, NOON).rulings
    word = next(one for one in rulings if one.rule is Rule.DO_NOT_CALL)
    assert (word.value, word.mend) == (value, mend)


def test_a_hold_ends_when_the_last_of_its_reasons_does():
    touch = replace(CLEAR, last_touch_at=NOON - DAY, colleague_replied_at=NOON - DAY)
    assert judge(touch, LIMITS, NOON).until == NOON + 9 * DAY


def test_a_hold_that_waits_for_a_person_has_no_end():
    touch = replace(CLEAR, last_touch_at=NOON - DAY, needs_approval=True)
    assert judge(touch, LIMITS, NOON).until is None


@given(st.text(), st.text(), st.datetimes(timezones=st.just(UTC)))
def test_a_kept_trace_says_what_was_said_whatever_people_write(reason, variable, moment):
    touch = replace(CLEAR, suppressed_by=reason, unresolved=(variable,), last_touch_at=moment)
    said = judge(touch, LIMITS, NOON).rulings
    kept = rulings_in(written(judge(touch, LIMITS, NOON)), EDITION)
    assert kept == tuple(replace(one, value=" ".join(one.value.split())) for one in said)


def test_a_new_order_of_rules_is_a_new_edition():
    """Whoever sees this fail adds an edition with the new order, and leaves the old ones as they are."""
    assert [rule.value for rule in Rule] == [
        "suppression", "lawful_ground", "do_not_call", "calling_hours", "one_active_cadence",
        "recent_touch_gap", "account_touch_budget", "people_at_account", "colleague_replied", "send_window",
        "mailbox_cap", "domain_health", "unresolved_variable", "evidence", "approval",
    ]  # fmt: skip
    assert EDITION == 1


@given(
    st.sampled_from(ALL),
    st.integers(0, 9),
    st.integers(0, 9),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 1, 1)),
)
def test_no_budget_is_ever_exceeded_at_any_time_on_any_channel(kind, person, account, moment):
    touch = replace(CLEAR, kind=kind, person_touches_in_week=person, account_touches_in_week=account)
    passes = judge(touch, LIMITS, moment.replace(tzinfo=UTC)).verdict is P
    if passes:
        assert person < LIMITS.person_per_week
        assert account < LIMITS.account_per_week


ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "UTC")


@given(
    st.sampled_from((*MAIL, *PHONE)),
    st.sampled_from(ZONES),
    st.sampled_from(["", "DE", "US", "AU", "IN"]),
    st.integers(0, 23),
    st.integers(1, 24),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC)),
)
def test_no_call_or_mail_ever_passes_outside_the_hours_where_the_person_lives(
    kind, zone, country, opens, length, moment
):
    window = Window(time(opens), time(min(opens + length, 23), 59))
    touch = replace(CLEAR, kind=kind, zone=zone, country=country)
    trace = judge(touch, replace(LIMITS, calling=window, sending=window), moment)
    if trace.verdict is P:
        local = moment.astimezone(ZoneInfo(zone))
        assert window.opens <= local.time() < window.closes
        assert local.weekday() < 5
        assert (local.month, local.day) != (1, 1) or not country
    else:
        assert judge(touch, replace(LIMITS, calling=window, sending=window), trace.until).verdict is P


@given(st.integers(-3, 3), st.booleans(), st.sampled_from(ALL))
def test_no_mail_passes_a_mailbox_that_is_at_its_cap_or_a_domain_that_fails(left, healthy, kind):
    touch = replace(CLEAR, kind=kind, mailbox_left_today=left, domain_ok=healthy)
    assert (judge(touch, LIMITS, NOON).verdict is P) == (kind is not K.EMAIL or (left > 0 and healthy))
