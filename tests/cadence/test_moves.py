"""What happens next to a person in a cadence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from panout.cadence.rules.calendar import Place, Window, add_working_days, due_at, is_open, is_working_day
from panout.cadence.rules.dispositions import MEANING, Disposition, Effect
from panout.cadence.rules.edits import Choice, differences, moves_now
from panout.cadence.rules.moves import (
    Do,
    Done,
    LetGo,
    Progress,
    Stop,
    StopReason,
    Wait,
    WaitReason,
    next_move,
)
from panout.cadence.rules.plan import Branch, Plan, Step, faults
from panout.cadence.rules.presets import PRESETS, STANDARD
from panout.kernel.channels import TouchKind
from panout.kernel.errors import BadInput

BERLIN = Place("Europe/Berlin", "DE", "BE")
OFFICE = Window()
MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)


def never(_text: str) -> bool | None:
    return False


def move(progress, plan=STANDARD, now=MONDAY, holds=never, place=BERLIN):
    return next_move(progress, plan, place, OFFICE, now, holds)


def test_the_first_step_is_done_at_once_inside_the_window():
    assert move(Progress(MONDAY)) == Do(STANDARD.steps[0])


def test_at_night_the_first_step_waits_for_nine_where_the_person_lives():
    night = datetime(2026, 11, 23, 21, tzinfo=UTC)
    assert move(Progress(night), now=night) == Wait(
        datetime(2026, 11, 24, 8, tzinfo=UTC), WaitReason.STEP, STANDARD.steps[0]
    )


def test_waits_are_working_days_and_skip_a_public_holiday():
    before_christmas = datetime(2026, 12, 23, 10, tzinfo=UTC)
    done = Progress(before_christmas, (Done("open", before_christmas), Done("social", before_christmas)))
    wait = move(done, now=before_christmas)
    # The 24th works; the 25th and 26th are holidays in Germany, then a weekend: two days later is the 28th.
    assert wait.until.astimezone(ZoneInfo("Europe/Berlin")).date().isoformat() == "2026-12-28"


STOPS = [
    ({"replied": True}, StopReason.REPLIED),
    ({"meeting": True, "replied": True}, StopReason.MEETING),
    ({"opted_out": True, "meeting": True, "replied": True}, StopReason.OPTED_OUT),
    ({"bounced": True}, StopReason.BOUNCED),
    ({"suppressed": True, "bounced": True}, StopReason.SUPPRESSED),
    ({"no_priority": True, "replied": True}, StopReason.NO_PRIORITY),
]


@pytest.mark.parametrize(("marks", "reason"), STOPS)
def test_the_gravest_reason_stops_the_run(marks, reason):
    assert move(Progress(MONDAY, **marks)).reason is reason


@pytest.mark.parametrize("disposition", Disposition)
def test_every_disposition_goes_on_or_stops_as_its_meaning_says(disposition):
    progress = Progress(MONDAY, (Done("call", MONDAY, disposition),))
    stops = {
        Effect.STOP_INTERESTED: StopReason.INTERESTED,
        Effect.STOP_REPLIED: StopReason.REPLIED,
        Effect.STOP_MEETING: StopReason.MEETING,
        Effect.STOP_DISQUALIFIED: StopReason.DISQUALIFIED,
        Effect.STOP_AND_PARK: StopReason.NO_PRIORITY,
    }
    answer = move(progress)
    expected = stops.get(MEANING[disposition].effect)
    assert (answer.reason if isinstance(answer, Stop) else None) == expected


def test_a_call_without_answer_is_followed_by_a_voicemail_and_an_answered_one_is_not():
    progress = Progress(MONDAY, (Done("open", MONDAY), Done("social", MONDAY), Done("call", MONDAY)))
    unanswered = move(progress, holds=lambda text: "no_answer" in text)
    assert isinstance(unanswered, Do)
    assert unanswered.step.key == "voicemail"
    answered = move(progress, holds=never)
    assert isinstance(answered, Wait)
    assert answered.step.key == "follow"


def test_unknown_takes_no_branch():
    plan = Plan("p", (Step("a", TouchKind.CALL, branches=(Branch("x"),)), Step("b", TouchKind.CALL)))
    assert move(Progress(MONDAY, (Done("a", MONDAY),)), plan, holds=lambda _: None) == Do(plan.steps[1])


def test_a_branch_may_end_the_run_and_park_the_person():
    plan = Plan(
        "p", (Step("a", TouchKind.CALL, branches=(Branch("x", None, 30),)), Step("b", TouchKind.CALL))
    )
    assert move(Progress(MONDAY, (Done("a", MONDAY),)), plan, holds=lambda _: True) == Stop(
        StopReason.BRANCHED, MONDAY + timedelta(days=30)
    )


def test_an_open_task_is_waited_for_and_let_go_when_its_patience_is_over():
    open_task = Progress(MONDAY, (Done("open", MONDAY),), open_task="social", task_since=MONDAY)
    waiting = move(open_task)
    assert waiting.why is WaitReason.TASK
    assert move(open_task, now=waiting.until) == LetGo("social")


def test_a_pause_without_an_end_waits_for_somebody():
    assert move(Progress(MONDAY, paused=True)) == Wait(None, WaitReason.PAUSED)


def test_branches_backward_are_refused_when_the_cadence_is_written():
    with pytest.raises(BadInput, match="go forward"):
        Plan("p", (Step("a", TouchKind.CALL), Step("b", TouchKind.CALL, branches=(Branch("x", "a"),))))


@pytest.mark.parametrize("name", PRESETS)
def test_presets_keep_the_products_numbers(name):
    plan = PRESETS[name]
    assert 4 <= len(plan.steps) <= 12
    assert sum(step.wait for step in plan.steps) <= 17
    assert len({step.kind.channel for step in plan.steps}) in {2, 3, 4}


# Properties: over zones, holidays, plans and chance, a run ends, keeps its window, and repeats nothing.

ZONES = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "Pacific/Apia", "UTC"]
PLACES = st.builds(Place, st.sampled_from(ZONES), st.sampled_from(["", "DE", "US", "AU", "IN", "XX"]))
KINDS = st.sampled_from(TouchKind)


@st.composite
def plans(draw, keys="abcdefgh"):
    chosen = draw(st.lists(st.sampled_from(keys), unique=True, min_size=1, max_size=6))
    steps = []
    for place, key in enumerate(chosen):
        targets = [None, *chosen[place + 1 :]]
        branches = draw(
            st.lists(
                st.builds(
                    Branch, st.sampled_from("xyz"), st.sampled_from(targets), st.sampled_from([None, 5])
                ),
                max_size=2,
            )
        )
        steps.append(
            Step(
                key,
                draw(KINDS),
                draw(st.integers(0, 6)),
                only_if=draw(st.sampled_from(["", "x"])),
                branches=tuple(branches),
            )
        )
    return Plan("any", tuple(steps))


def live(plan, place, start, answer, spread):
    """Play one run to its end with the answers of `answer`, as the action would; give the touches."""
    progress, now, touches = Progress(start), start, []
    for _ in range(100):
        decision = next_move(progress, plan, place, OFFICE, now, answer, spread)
        match decision:
            case Stop():
                return touches, decision
            case Wait(until):
                assert until is not None
                assert until > now
                now = until
            case Do(step, passed_over):
                touches.append((step.key, now))
                gone = tuple(Done(key, now, touched=False) for key in passed_over)
                progress = Progress(start, (*progress.done, *gone, Done(step.key, now)))
            case LetGo():
                raise AssertionError("no task was opened")
    raise AssertionError("the run does not end")


@given(
    plans(), PLACES, st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)), st.data(), st.floats(0, 0.99)
)
def test_a_run_always_ends_inside_the_window_and_never_repeats_a_step(plan, place, start, data, spread):
    answers = data.draw(st.fixed_dictionaries({key: st.sampled_from([True, False, None]) for key in "xyz"}))
    touches, _ = live(plan, place, start.replace(tzinfo=UTC), answers.__getitem__, spread)
    keys = [key for key, _ in touches]
    assert len(keys) == len(set(keys))
    for _, at in touches:
        assert is_open(at, place, OFFICE)
        assert 9 <= at.astimezone(place.tz).hour < 18
        assert is_working_day(at.astimezone(place.tz).date(), place)


@given(
    PLACES, st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)), st.integers(0, 10), st.floats(0, 0.99)
)
def test_a_due_time_is_never_before_its_wait_and_always_open(place, moment, wait, spread):
    moment = moment.replace(tzinfo=UTC)
    due = due_at(moment, wait, place, OFFICE, spread)
    assert is_open(due, place, OFFICE)
    assert due >= moment or wait > 0
    first = moment.astimezone(place.tz).date()
    assert due.astimezone(place.tz).date() >= add_working_days(first, wait, place)


@given(plans(), plans(), st.data())
def test_whatever_is_edited_nobody_gets_a_step_twice(old, new, data):
    behind = data.draw(st.integers(0, len(old.steps)))
    progress = Progress(MONDAY, tuple(Done(step.key, MONDAY) for step in old.steps[:behind]))
    plan = new if moves_now(data.draw(st.sampled_from(Choice)), progress) else old
    touched = [step.key for step in old.steps[:behind]]
    now = MONDAY
    for _ in range(60):
        match next_move(progress, plan, BERLIN, OFFICE, now, never):
            case Do(step, passed_over):
                assert step.key not in touched
                touched.append(step.key)
                gone = tuple(Done(key, now, touched=False) for key in passed_over)
                progress = Progress(MONDAY, (*progress.done, *gone, Done(step.key, now)))
            case Wait(until):
                now = until
            case _:
                return
    raise AssertionError("the run does not end")


@given(plans(), plans())
def test_differences_name_every_step_that_came_or_went(old, new):
    found = {(change.kind, change.key) for change in differences(old, new)}
    was, is_now = {step.key for step in old.steps}, {step.key for step in new.steps}
    assert {key for kind, key in found if kind == "added"} == is_now - was
    assert {key for kind, key in found if kind == "removed"} == was - is_now
    assert not differences(old, old)


@given(plans())
def test_a_plan_that_was_accepted_has_no_faults(plan):
    assert not list(faults(plan.steps))
