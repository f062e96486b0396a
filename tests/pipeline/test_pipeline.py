"""Meetings are booked once, opportunities end with a reason, money is never mixed."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panout.cadence import actions as cadence
from panout.cadence.models import Cadence
from panout.cadence.rules.dispositions import Disposition
from panout.cadence.rules.moves import StopReason
from panout.cadence.rules.plan import Step
from panout.kernel.channels import TouchKind
from panout.kernel.errors import BadInput, Conflict, NotFound, Unavailable
from panout.outreach.models import Task
from panout.pipeline import actions, queries
from panout.pipeline.models import Meeting, Opportunity
from panout.pipeline.rules import (
    BookingLimits,
    Hours,
    MeetingState,
    Stage,
    Worth,
    check_move,
    forecast,
    free_slots,
)
from panout.qualify.models import LifecycleChange
from panout.resolve.models import Contact

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
WHEN = NOW + timedelta(days=2)
HERE, LIMITS = "one place", BookingLimits()


@pytest.fixture
def ada(db):
    return Contact.objects.create(
        full_name="Ada Test", email="ada@gearworks.example", key="ada", created_at=NOW, changed_at=NOW
    )


def test_a_host_is_booked_once_at_a_time(owner, ada):
    actions.book(ada.pk, WHEN, 30, "call", owner.id, NOW)
    with pytest.raises(Conflict, match="taken"):
        actions.book(ada.pk, WHEN, 30, "call", owner.id, NOW)
    assert Meeting.objects.count() == 1


def test_a_stranger_books_what_the_page_offers_and_nothing_else(owner, ada):
    slug = actions.make_link(
        owner, "Intro", 30, NOW.time().replace(hour=9), NOW.time().replace(hour=17), "", NOW
    )
    offered = queries.slots(slug, NOW)
    start = offered.starts[0]
    actions.book_by_link(slug, "Ada@Gearworks.example", start, HERE, LIMITS, NOW)
    assert Meeting.objects.get().contact == ada
    assert start not in queries.slots(slug, NOW).starts
    with pytest.raises(Conflict):
        actions.book_by_link(slug, ada.email, start, HERE, LIMITS, NOW)
    with pytest.raises(BadInput, match="not an email address"):
        actions.book_by_link(slug, "eve at nowhere", offered.starts[1], HERE, LIMITS, NOW)
    with pytest.raises(NotFound):
        queries.slots("no-such-link", NOW)
    with pytest.raises(NotFound):
        actions.book_by_link("no-such-link", ada.email, start, HERE, LIMITS, NOW)


@pytest.fixture
def page(owner):
    return actions.make_link(owner, "Intro", 30, time(9), time(17), "", NOW)


def _choose(page, email, nth=0, source=HERE, limits=LIMITS):
    """Choose the nth time that is still free; what the page offers afterwards."""
    actions.book_by_link(page, email, queries.slots(page, NOW).starts[nth], source, limits, NOW)
    return queries.slots(page, NOW).starts


def test_a_time_chosen_by_somebody_who_is_not_in_the_book_is_kept_until_the_host_answers(owner, ada, page):
    first, second, third, *_ = queries.slots(page, NOW).starts
    _choose(page, "Eve@Nowhere.example")
    _choose(page, "mallory@nowhere.example")
    assert queries.slots(page, NOW).starts[0] == third
    assert not Meeting.objects.exists()
    eve, mallory = queries.askings(owner.id, NOW)
    assert (eve.email, eve.starts_at) == ("eve@nowhere.example", first)
    meeting = Meeting.objects.get(pk=actions.accept_asking(owner, eve.id, NOW))
    assert (meeting.contact.email, meeting.starts_at, meeting.host_id) == (eve.email, first, owner.id)
    actions.decline_asking(owner, mallory.id, NOW)
    assert queries.slots(page, NOW).starts[0] == second
    assert queries.askings(owner.id, NOW) == ()
    with pytest.raises(NotFound):
        actions.accept_asking(owner, mallory.id, NOW)


def test_whoever_came_into_the_book_meanwhile_is_met_as_that_person(owner, page):
    _choose(page, "ada@gearworks.example")
    late = Contact.objects.create(
        full_name="Ada Test", email="Ada@gearworks.example", key="ada", created_at=NOW, changed_at=NOW
    )
    actions.accept_asking(owner, queries.askings(owner.id, NOW)[0].id, NOW)
    assert Meeting.objects.get().contact == late


def test_only_the_host_answers_for_a_kept_time(owner, teammate, page):
    _choose(page, "eve@nowhere.example")
    asking = queries.askings(owner.id, NOW)[0].id
    assert queries.askings(teammate.id, NOW) == ()
    for answer in (actions.accept_asking, actions.decline_asking):
        with pytest.raises(NotFound):
            answer(teammate, asking, NOW)


@pytest.mark.parametrize("email", ["ada@gearworks.example", "eve@nowhere.example"])
def test_one_address_has_few_times_to_come_whether_it_is_known_or_not(owner, ada, page, email):
    _choose(page, email, source="one")
    _choose(page, email.upper(), source="two")
    other = actions.make_link(owner, "Another page", 30, time(9), time(17), "", NOW)
    for each in (page, other):
        with pytest.raises(Unavailable, match="2 times to come were chosen with this address"):
            _choose(each, email, source="three")
    _choose(page, "bea@nowhere.example", source="three")


@pytest.mark.parametrize("email", ["ada@gearworks.example", "eve@nowhere.example"])
def test_a_place_is_free_again_for_an_address_whose_time_was_called_off(owner, ada, page, email):
    limits = BookingLimits(per_address=1)
    _choose(page, email, limits=limits)
    for asking in queries.askings(owner.id, NOW):
        actions.decline_asking(owner, asking.id, NOW)
    for row in Meeting.objects.all():
        actions.cancel(owner, row.pk, "", NOW)
    _choose(page, email, limits=limits)


@pytest.mark.parametrize("known", [True, False])
def test_from_one_place_a_calendar_cannot_be_filled(owner, ada, page, known):
    for number in range(3):
        _choose(page, f"eve{number}@nowhere.example", limits=BookingLimits(per_source=3))
    last = ada.email if known else "last@nowhere.example"
    with pytest.raises(Unavailable, match="within a day"):
        _choose(page, last, limits=BookingLimits(per_source=3))
    _choose(page, last, source="elsewhere", limits=BookingLimits(per_source=3))


@pytest.mark.parametrize("known", [True, False])
def test_when_many_times_wait_for_the_host_the_page_takes_no_more_from_anybody(owner, ada, page, known):
    for number in range(3):
        _choose(page, f"eve{number}@nowhere.example", source=str(number), limits=BookingLimits(waiting=3))
    last = ada.email if known else "last@nowhere.example"
    with pytest.raises(Unavailable, match="no more bookings"):
        _choose(page, last, source="last", limits=BookingLimits(waiting=3))
    actions.decline_asking(owner, queries.askings(owner.id, NOW)[0].id, NOW)
    _choose(page, last, source="last", limits=BookingLimits(waiting=3))


def test_what_was_asked_for_is_forgotten_a_month_after_its_time(owner, ada, page):
    _choose(page, ada.email)
    _choose(page, "eve@nowhere.example")
    assert actions.forget_askings(NOW + timedelta(days=29)) == 0
    assert actions.forget_askings(NOW + timedelta(days=45)) == 2
    assert Meeting.objects.count() == 1


def test_a_meeting_that_was_held_makes_its_person_an_opportunity(owner, ada):
    meeting = actions.book(ada.pk, WHEN, 30, "call", owner.id, NOW)
    opportunity = actions.close_meeting(owner, meeting, MeetingState.HELD, "good talk", WHEN)
    ada.refresh_from_db()
    assert ada.lifecycle == "opportunity"
    assert Contact.objects.count() == 1
    assert Opportunity.objects.get().pk == opportunity
    with pytest.raises(Conflict):
        actions.close_meeting(owner, meeting, MeetingState.MISSED, "", WHEN)


def test_a_no_show_opens_nothing(owner, ada):
    meeting = actions.book(ada.pk, WHEN, 30, "call", owner.id, NOW)
    assert actions.close_meeting(owner, meeting, MeetingState.MISSED, "", WHEN) is None
    assert not Opportunity.objects.exists()


def test_a_no_show_is_asked_again_while_it_is_fresh(owner, ada):
    meeting = actions.book(ada.pk, WHEN, 30, "call", owner.id, NOW)
    actions.close_meeting(owner, meeting, MeetingState.MISSED, "", WHEN)
    task = Task.objects.get(origin="missed")
    assert (task.contact_id, task.status, task.kind) == (ada.pk, "open", "task")
    assert "another time" in task.why


def _was_interested(owner, ada, at):
    cadence.create(owner, "Calls", (Step("call", TouchKind.CALL),), at - timedelta(days=1))
    cadence.enrol(owner, [ada.pk], Cadence.objects.get().pk, None, at - timedelta(days=1))
    assert cadence.stop_person(ada.pk, StopReason.INTERESTED, at)


def test_who_was_interested_and_has_no_meeting_comes_back_to_today_once(owner, ada):
    _was_interested(owner, ada, NOW)
    assert actions.remind_of_unmet(NOW + timedelta(days=1)) == 0  # a day is not much to find a time
    later = NOW + timedelta(days=2)
    assert actions.remind_of_unmet(later) == 1
    task = Task.objects.get(origin="unmet")
    assert task.contact_id == ada.pk
    assert task.title == f"No meeting yet: {ada.label}"
    assert actions.remind_of_unmet(later) == 0  # safe to repeat
    cadence.complete_task(owner, task.pk, Disposition.DONE, "", later)
    assert actions.remind_of_unmet(later + timedelta(days=5)) == 0  # nobody is nagged twice of one answer


@pytest.mark.parametrize("since", ["a meeting", "another cadence", "a park", "a month"])
def test_nobody_is_reminded_of_whom_we_met_or_follow_up_or_let_rest(owner, ada, since):
    _was_interested(owner, ada, NOW)
    later = NOW + timedelta(days=3)
    match since:
        case "a meeting":
            actions.book(ada.pk, later, 30, "reply", owner.id, NOW)
        case "another cadence":
            cadence.enrol(owner, [ada.pk], Cadence.objects.get().pk, None, NOW + timedelta(hours=1))
        case "a park":
            cadence.park(owner, ada.pk, (NOW + timedelta(days=60)).date(), "not before spring", NOW)
        case _:
            later = NOW + timedelta(days=31)
    assert actions.remind_of_unmet(later) == 0


def test_moving_a_meeting_keeps_its_calendar_entry_and_counts_up(owner, ada):
    meeting = actions.book(ada.pk, WHEN, 30, "call", owner.id, NOW)
    before = queries.meeting(meeting)
    actions.reschedule(owner, meeting, WHEN + timedelta(hours=1), NOW)
    after = queries.meeting(meeting)
    assert (after.uid, after.sequence) == (before.uid, before.sequence + 1)
    assert after.ends_at - after.starts_at == before.ends_at - before.starts_at


def test_won_and_lost_need_their_reason_and_are_the_end(owner, ada):
    deal = actions.open_opportunity(owner, ada.pk, "Deal", Decimal(1000), "eur", NOW)
    with pytest.raises(BadInput, match="needs its reason"):
        actions.move(owner, deal, Stage.WON, " ", NOW)
    actions.move(owner, deal, Stage.WON, "needed it by spring", NOW)
    ada.refresh_from_db()
    assert ada.lifecycle == "customer"
    with pytest.raises(BadInput, match="is won"):
        actions.move(owner, deal, Stage.PROPOSAL, "", NOW)


def test_the_forecast_never_adds_currencies_up():
    deals = [
        Worth(Stage.PROPOSAL, Decimal(100), "EUR"),
        Worth(Stage.NEGOTIATION, Decimal(100), "USD"),
        Worth(Stage.LOST, Decimal(999), "EUR"),
        Worth(Stage.WON, Decimal(999), "EUR"),
    ]
    assert forecast(deals) == {"EUR": Decimal("50.00"), "USD": Decimal("75.00")}


def test_an_open_opportunity_moves_freely_between_open_stages():
    check_move(Stage.NEGOTIATION, Stage.QUALIFIED, "")


@given(
    st.sampled_from(["Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"]),
    st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)),
    st.sampled_from([15, 30, 45, 60]),
    st.lists(st.integers(0, 20000), max_size=10),
)
def test_an_offered_slot_is_in_hours_ahead_and_free(zone, now, minutes, busy_at):
    now = now.replace(tzinfo=UTC)
    hours = Hours(zone, minutes=minutes)
    busy = [(now + timedelta(minutes=at), now + timedelta(minutes=at + 50)) for at in busy_at]
    for start in free_slots(hours, busy, now):
        end = start + timedelta(minutes=minutes)
        assert start >= now + hours.notice
        assert not any(a < end and start < b for a, b in busy)
        from zoneinfo import ZoneInfo

        local = start.astimezone(ZoneInfo(zone))
        assert local.weekday() < 5
        assert hours.opens <= local.time() < hours.closes


def test_each_step_of_a_life_is_in_its_history_and_a_customer_stays_one(owner, ada):
    deal = actions.open_opportunity(owner, ada.pk, "Deal", Decimal(1000), "EUR", NOW)
    actions.move(owner, deal, Stage.WON, "needed it by spring", NOW)
    actions.open_opportunity(owner, ada.pk, "More of it", Decimal(500), "EUR", NOW + timedelta(days=90))
    ada.refresh_from_db()
    assert ada.lifecycle == "customer"
    told = LifecycleChange.objects.filter(contact=ada).order_by("id").values_list("now", "reason")
    assert list(told) == [("opportunity", "Opportunity: Deal"), ("customer", "needed it by spring")]


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "-1", "1e30"])
def test_an_amount_that_is_no_money_is_refused(owner, ada, amount):
    with pytest.raises(BadInput, match="amount"):
        actions.open_opportunity(owner, ada.pk, "Deal", Decimal(amount), "EUR", NOW)
