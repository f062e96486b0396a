"""The engine on real rows: enrol, touch, wait, stop; nothing twice, nothing lost."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from panout.cadence import actions, queries
from panout.cadence.models import Cadence, Enrolment, Judgement, Park, Passed, State
from panout.cadence.rules.calendar import Place, add_working_days
from panout.cadence.rules.dispositions import Disposition
from panout.cadence.rules.edits import Choice
from panout.cadence.rules.gate import Rule
from panout.cadence.rules.moves import StopReason
from panout.cadence.rules.plan import Step
from panout.cadence.rules.presets import PRESETS
from panout.consent.actions import suppress
from panout.consent.models import Suppression
from panout.consent.rules.suppression import Kind as Suppressed
from panout.consent.rules.suppression import Reason
from panout.flow.screening import screen
from panout.kernel.channels import TouchKind
from panout.kernel.errors import BadInput, Conflict, NotAllowed
from panout.outreach import actions as outreach
from panout.outreach import post
from panout.outreach import queries as todo
from panout.outreach.models import LetterBatch, Message, MessageStatus, Sender, Task, TaskStatus, Touch
from panout.qualify import actions as qualify
from panout.resolve.models import Account, Contact
from panout.signals.models import Signal
from panout.team.models import LedgerEntry, User
from panout.team.rules import SYSTEM, Person, Role, Sees

pytestmark = pytest.mark.django_db

MONDAY = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def sender(owner: Person) -> Sender:
    number = outreach.save_sender(
        owner,
        name="Olga Owner",
        email="olga@panout.test",
        company="Panout",
        postal_address="1 Pan Street, Testville",
        now=MONDAY,
    )
    Sender.objects.filter(id=number).update(left_today=50, left_on=MONDAY.date())
    return Sender.objects.get(id=number)


def account(name="Gearworks", country="FR", **more):
    return Account.objects.create(
        company_name=name, domain=f"{name.lower()}.example", country=country, key=name,
        created_at=MONDAY, changed_at=MONDAY, **more,
    )  # fmt: skip


def person(name="Ada", at=None, **more):
    return Contact.objects.create(
        first_name=name, full_name=f"{name} Test", email=f"{name.lower()}@gearworks.example", key=name,
        account=at, created_at=MONDAY, changed_at=MONDAY, phone="+33100000000", **more,
    )  # fmt: skip


def template(
    owner, slug="hello", body="Hi {{ first_name }}, hello from {{ sender.name }}.", kind=TouchKind.EMAIL
):
    outreach.save_template(owner, slug, slug, kind, "For {{ first_name }}", body, MONDAY)


MAIL = Step("mail", TouchKind.EMAIL, 0, "hello")
CALL = Step("call", TouchKind.CALL, 1, "hello")
LAST = Step("last", TouchKind.EMAIL, 2, "hello")


@pytest.fixture
def cadence(owner: Person) -> int:
    template(owner)
    return actions.create(owner, "Short", (MAIL, CALL, LAST), MONDAY)


def run_of(contact):
    return Enrolment.objects.get(contact=contact)


def sent(message, at):
    message.status, message.sent_at, message.message_id = (
        MessageStatus.SENT,
        at,
        f"{message.pk}@panout.test",
    )
    message.save()
    Touch.objects.create(
        contact=message.contact,
        account=message.account,
        kind="email",
        channel="email",
        at=at,
        message=message,
    )
    actions.messages_settled([message.pk], at)


def play(until):
    """Let time pass: look at each run when its look has come, up to and with `until`."""
    while moment := Enrolment.objects.filter(next_look_at__lte=until).order_by("next_look_at").first():
        actions.advance_due(max(moment.next_look_at, MONDAY))


def test_a_prospect_goes_from_mail_to_call_to_mail_and_is_parked_without_an_answer(owner, sender, cadence):
    ada = person(at=account())
    assert actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY).enrolled == (ada.pk,)
    play(MONDAY)
    first = Message.objects.get()
    assert first.status == MessageStatus.QUEUED
    assert first.body == "Hi Ada, hello from Olga Owner."
    sent(first, MONDAY)
    play(MONDAY)
    assert not Task.objects.exists()
    evening = MONDAY + DAY + timedelta(hours=10)
    play(evening)
    call = Task.objects.get()
    assert call.kind == TouchKind.CALL
    actions.complete_task(owner, call.pk, Disposition.NO_ANSWER, "", evening)
    later = MONDAY + 3 * DAY + timedelta(hours=10)
    play(later)
    follow_up = Message.objects.exclude(pk=first.pk).get()
    assert follow_up.in_reply_to == first.message_id
    assert follow_up.subject == "Re: For Ada"
    sent(follow_up, later)
    play(later)
    run = run_of(ada)
    assert (run.state, run.stop_reason) == (State.FINISHED, StopReason.FINISHED)
    assert Park.objects.get(contact=ada).woken_at is None


def test_looking_again_and_again_writes_nothing_twice(owner, sender, cadence):
    ada = person(at=account())
    actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY)
    for minute in range(5):
        Enrolment.objects.update(next_look_at=MONDAY)
        actions.advance_due(MONDAY + timedelta(minutes=minute))
    assert Message.objects.count() == 1
    assert Judgement.objects.count() == 1


def test_a_person_is_in_one_cadence_at_a_time(owner, sender, cadence):
    ada = person(at=account())
    other = actions.create(owner, "Other", (MAIL,), MONDAY)
    actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY)
    again = actions.enrol(owner, [ada.pk], other, sender.pk, MONDAY)
    assert again.enrolled == ()
    assert again.refused == ((ada.pk, "in a cadence already"),)


def test_a_suppressed_domain_is_never_written_to(owner, sender, cadence):
    ada = person(at=account())
    Suppression.objects.create(
        kind="domain", value="gearworks.example", reason="competitor", source="test", created_at=MONDAY
    )
    refused = actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY).refused
    assert "competitor" in refused[0][1]


def test_a_wish_that_comes_after_enrolment_stops_the_run_before_the_next_touch(owner, sender, cadence):
    ada = person(at=account())
    actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY)
    Suppression.objects.create(
        kind="email", value=ada.email, reason="unsubscribed", source="test", created_at=MONDAY
    )
    play(MONDAY)
    assert not Message.objects.exists()
    assert run_of(ada).stop_reason == StopReason.SUPPRESSED
    judged = queries.trace(run_of(ada).pk)[0]
    assert (judged.verdict, judged.rule) == ("deny", Rule.SUPPRESSION)
    assert "unsubscribed" in judged.value


def test_who_is_marked_as_opted_out_while_under_way_gets_no_further_mail(owner, sender, cadence):
    ada = person(at=account())
    actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY)
    Contact.objects.filter(pk=ada.pk).update(opted_out=True)
    play(MONDAY)
    assert not Message.objects.exists()
    assert run_of(ada).stop_reason == StopReason.SUPPRESSED
    assert queries.judge_now(ada.pk, TouchKind.CALL, MONDAY).verdict == "pass"


def test_where_mail_is_closed_by_law_the_cadence_goes_on_by_telephone(owner, sender, cadence):
    ada = person(at=account(country="DE"))
    actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY)
    play(MONDAY)
    play(MONDAY + DAY + timedelta(hours=10))
    assert not Message.objects.exists()
    assert Task.objects.get().kind == TouchKind.CALL
    passed = Passed.objects.get(key="mail")
    assert not passed.touched
    assert "consent (DE, email)" in passed.why


def test_a_hole_in_the_text_waits_in_the_approval_queue_with_its_name(owner, sender, cadence):
    template(owner, body="Hi {{ nickname }}")
    ada = person(at=account())
    actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY)
    play(MONDAY)
    waiting = Message.objects.get()
    assert waiting.status == MessageStatus.REVIEW
    assert waiting.problems == [{"code": "unresolved", "text": "'nickname' has no value"}]


def test_a_third_person_of_an_account_waits_for_the_first_two(owner, sender, cadence):
    gearworks = account()
    people = [person(name, gearworks) for name in ("Ada", "Bob", "Cleo")]
    actions.enrol(owner, [one.pk for one in people], cadence, sender.pk, MONDAY)
    play(MONDAY)
    assert Message.objects.count() == 2
    held = Judgement.objects.get(verdict="hold")
    assert held.rule == Rule.PEOPLE_AT_ACCOUNT


def test_a_reply_stops_the_run_withdraws_its_task_and_slows_the_colleagues(owner, sender, cadence):
    gearworks = account()
    ada, bob = person("Ada", gearworks), person("Bob", gearworks)
    actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY)
    play(MONDAY)
    sent(Message.objects.get(), MONDAY)
    play(MONDAY + DAY + timedelta(hours=10))
    assert actions.stop_person(ada.pk, StopReason.REPLIED, MONDAY + DAY)
    assert not actions.stop_person(ada.pk, StopReason.REPLIED, MONDAY + DAY)
    assert Task.objects.get().status == TaskStatus.CANCELLED
    actions.enrol(owner, [bob.pk], cadence, sender.pk, MONDAY + DAY)
    play(MONDAY + DAY + timedelta(hours=1))
    assert Judgement.objects.filter(rule=Rule.COLLEAGUE_REPLIED, verdict="hold").exists()


def test_a_callback_stands_at_its_time_and_the_run_waits_for_it(owner, sender):
    template(owner)
    cadence = actions.create(owner, "Call", (Step("call", TouchKind.CALL, 0, "hello"), LAST), MONDAY)
    ada = person(at=account())
    actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY)
    play(MONDAY)
    call = Task.objects.get()
    when = MONDAY + 2 * DAY
    with pytest.raises(BadInput, match="needs a time"):
        actions.complete_task(owner, call.pk, Disposition.CALLBACK, "", MONDAY)
    actions.complete_task(owner, call.pk, Disposition.CALLBACK, "after the board", MONDAY, when)
    play(MONDAY + DAY)
    back = Task.objects.get(status=TaskStatus.OPEN)
    assert (back.due_at, back.deadline) == (when, when)
    assert not Message.objects.exists()
    actions.complete_task(owner, back.pk, Disposition.MEETING, "", when)
    play(when)
    assert run_of(ada).stop_reason == StopReason.MEETING


def test_a_completed_task_can_be_taken_back_until_the_run_has_moved_on(owner, sender):
    template(owner)
    steps = (Step("call", TouchKind.CALL, 0, "hello"), Step("again", TouchKind.CALL, 0, "hello"))
    ada = person(at=account())
    actions.enrol(owner, [ada.pk], actions.create(owner, "Calls", steps, MONDAY), sender.pk, MONDAY)
    play(MONDAY)
    call = Task.objects.get()
    actions.complete_task(owner, call.pk, Disposition.NO_ANSWER, "", MONDAY)
    actions.reopen_task(owner, call.pk, MONDAY)
    play(MONDAY)
    assert Task.objects.get().status == TaskStatus.OPEN
    actions.complete_task(owner, call.pk, Disposition.NO_ANSWER, "", MONDAY)
    play(MONDAY + timedelta(minutes=1))
    assert Task.objects.filter(status=TaskStatus.OPEN).count() == 1
    with pytest.raises(Conflict, match="moved on"):
        actions.reopen_task(owner, call.pk, MONDAY)


EDITED = (MAIL, Step("social", TouchKind.LINKEDIN_CONNECT, 1, ""), LAST)


@pytest.mark.parametrize(
    ("choice", "number", "open_step"),
    [(Choice.PIN, 1, "call"), (Choice.MOVE_NOW, 2, ""), (Choice.MOVE_AT_NEXT, 1, "call")],
)
def test_an_edit_moves_those_under_way_as_chosen(owner, sender, cadence, choice, number, open_step):
    ada = person(at=account())
    actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY)
    play(MONDAY)
    sent(Message.objects.get(), MONDAY)
    calling = MONDAY + DAY + timedelta(hours=10)
    play(calling)
    assert actions.edit(owner, cadence, 1, EDITED, choice, "social first", calling) == 2
    run = run_of(ada)
    assert (run.version.number, run.open_step) == (number, open_step)
    play(calling)
    keys = set(Passed.objects.filter(enrolment=run, touched=True).values_list("key", flat=True))
    assert keys == {"mail"}


def test_two_people_editing_the_same_cadence_notice_each_other(owner, cadence):
    actions.edit(owner, cadence, 1, EDITED, Choice.PIN, "", MONDAY)
    with pytest.raises(Conflict, match="newer version"):
        actions.edit(owner, cadence, 1, (MAIL,), Choice.PIN, "", MONDAY)


def test_the_preview_says_what_each_group_gets_before_and_after(owner, sender, cadence):
    gearworks = account()
    for name in ("Ada", "Bob"):
        actions.enrol(owner, [person(name, gearworks).pk], cadence, sender.pk, MONDAY)
    play(MONDAY)
    for message in Message.objects.all():
        sent(message, MONDAY)
    play(MONDAY)
    new = queries.Plan("Short", EDITED)
    found = queries.preview(cadence, new, Choice.MOVE_NOW, MONDAY)
    assert found.people == 2
    [group] = found.groups
    assert (group.at_step, group.before, group.after, group.people) == ("mail", "call", "social", 2)
    assert Cadence.objects.get(id=cadence).versions.count() == 1


def test_the_parked_wake_on_their_date_or_on_a_new_signal_and_say_why(owner):
    gearworks = account()
    ada, bob, cleo = (person(name, gearworks) for name in ("Ada", "Bob", "Cleo"))
    actions.park(owner, ada.pk, (MONDAY + 7 * DAY).date(), "budget in December", MONDAY, on_signal=False)
    actions.park(owner, bob.pk, None, "no priority", MONDAY)
    actions.park(owner, cleo.pk, None, "no priority", MONDAY)
    Signal.objects.create(
        key="s", type="funding", level="buyer", contact=bob, date=MONDAY.date(), strength=1,
        source="https://news.example/1", evidence="raised a round", seen_at=MONDAY + DAY,
    )  # fmt: skip
    assert actions.wake_due(MONDAY + 2 * DAY) == 1
    assert actions.wake_due(MONDAY + 7 * DAY) == 1
    assert actions.wake_due(MONDAY + 8 * DAY) == 0
    why = dict(Task.objects.values_list("contact__first_name", "why"))
    assert "raised a round" in why["Bob"]
    assert "budget in December" in why["Ada"]
    assert Park.objects.get(woken_at=None).contact == cleo


def test_a_park_that_nothing_would_wake_is_refused(owner):
    with pytest.raises(BadInput, match="Nothing would ever wake"):
        actions.park(owner, person().pk, None, "", MONDAY, on_signal=False)


def test_only_those_who_may_edit_cadences_do(cadence, owner):
    marketing = Person(owner.id, "M", Role.MARKETING, Sees.ALL)
    with pytest.raises(NotAllowed):
        actions.create(marketing, "Mine", (MAIL,), MONDAY)
    with pytest.raises(NotAllowed):
        actions.enrol(marketing, [1], cadence, None, MONDAY)


def test_a_branch_in_a_language_nobody_understands_is_refused_when_written(owner):
    with pytest.raises(BadInput):
        actions.create(owner, "Bad", (Step("a", TouchKind.CALL, only_if="disposition ~ 7"),), MONDAY)


def test_the_presets_load_once_and_speak_of_known_fields(owner):
    assert actions.load_presets(SYSTEM, MONDAY) == len(PRESETS)
    assert actions.load_presets(SYSTEM, MONDAY) == 0
    assert len(queries.cadences()) == len(PRESETS)


def test_the_budget_holds_over_a_chunk_that_is_decided_at_once(owner, sender, cadence):
    gearworks = account()
    actions.set_policy(owner, replace(queries.policy(), account_per_week=3, people_at_first=9), MONDAY)
    people = [person(f"P{number}", gearworks) for number in range(6)]
    actions.enrol(owner, [one.pk for one in people], cadence, sender.pk, MONDAY)
    play(MONDAY)
    assert Message.objects.count() == 3
    assert Judgement.objects.filter(rule=Rule.ACCOUNT_BUDGET).count() == 3


def test_the_house_sets_its_hours_and_by_whose_clock_the_unknown_are_written_to(owner, sender, cadence):
    house = replace(queries.policy(), opens=time(7), closes=time(9, 30), fallback_zone="Europe/Paris")
    actions.set_policy(owner, house, MONDAY)
    assert queries.policy() == house
    ada = person(at=account(country="US"))  # several zones, so nobody knows Ada's
    actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY)
    play(MONDAY)  # eleven in Paris
    assert not Message.objects.exists()
    play(MONDAY + timedelta(hours=21))  # seven in Paris
    assert Message.objects.get().status == MessageStatus.QUEUED


@pytest.mark.parametrize(
    "wrong",
    [{"opens": time(18), "closes": time(9)}, {"fallback_zone": "Mars/Olympus"}, {"people_at_first": 0}],
)
def test_limits_that_would_stop_everything_are_refused(owner, wrong):
    with pytest.raises(BadInput):
        actions.set_policy(owner, replace(queries.policy(), **wrong), MONDAY)


def test_before_enrolling_the_rules_say_what_would_come_of_each(owner, sender, cadence):
    gearworks = account()
    ada, bob, cleo = (person(name, gearworks) for name in ("Ada", "Bob", "Cleo"))
    dora, emil = person("Dora", account("Elsewhere")), person("Emil", account("Werke", country="DE"))
    actions.enrol(owner, [dora.pk], actions.create(owner, "Other", (MAIL,), MONDAY), sender.pk, MONDAY)
    everybody = [one.pk for one in (ada, bob, cleo, dora, emil)]
    said = queries.chances(everybody, cadence, sender.pk, MONDAY)
    assert [(one.contact_id, one.verdict) for one in said] == [
        (ada.pk, "pass"), (bob.pk, "pass"), (cleo.pk, "hold"), (dora.pk, "refused"), (emil.pk, "deny"),
    ]  # fmt: skip
    assert said[2].trace.deciding.rule is Rule.PEOPLE_AT_ACCOUNT
    assert said[3].refused == "in a cadence already"
    assert said[4].trace.deciding.rule is Rule.LAWFUL_GROUND
    assert Enrolment.objects.count() == 1
    actions.enrol(owner, everybody, cadence, sender.pk, MONDAY, origin="segment Warm")
    play(MONDAY)
    wrote = set(Message.objects.values_list("contact", flat=True))
    assert {ada.pk, bob.pk} <= wrote
    assert not wrote & {cleo.pk, emil.pk}
    assert {run_of(one).origin for one in (ada, bob, cleo, emil)} == {"segment Warm"}


def _called(owner, sender, **more):
    """Somebody whose run stands at its first call, and that call's task."""
    template(owner)
    steps = (Step("call", TouchKind.CALL, 0, "hello"), Step("again", TouchKind.CALL, 0, "hello"), LAST)
    ada = person(at=account(), **more)
    actions.enrol(owner, [ada.pk], actions.create(owner, "Calls", steps, MONDAY), sender.pk, MONDAY)
    play(MONDAY)
    return ada, Task.objects.get()


def test_who_asks_not_to_be_called_is_not_called_again(owner, sender):
    ada, call = _called(owner, sender, mobile="+33600000001")
    later = outreach.Wish(TouchKind.CALL, "Call: Ada", "manual", None, MONDAY, ada.pk, owner_id=owner.id)
    outreach.open_task(owner, later, MONDAY)
    actions.complete_task(owner, call.pk, Disposition.DO_NOT_CALL, "never again", MONDAY)
    play(MONDAY + 4 * DAY)
    assert not Task.objects.filter(status=TaskStatus.OPEN).exists()
    judged = queries.judge_now(ada.pk, TouchKind.CALL, MONDAY + 300 * DAY)
    assert (judged.verdict, judged.deciding.rule) == ("deny", Rule.SUPPRESSION)
    assert Suppression.objects.filter(kind="phone", value="+33600000001", channel="phone").exists()
    # The wish was about the telephone: the other roads stay open.
    assert Message.objects.exists()


def test_the_number_of_a_whole_office_stays_open_to_the_others(owner, sender):
    ada, call = _called(owner, sender)
    bob = person("Bob", ada.account)  # at the same number
    actions.complete_task(owner, call.pk, Disposition.DO_NOT_CALL, "", MONDAY)
    assert queries.judge_now(bob.pk, TouchKind.CALL, MONDAY).verdict != "deny"


@pytest.mark.parametrize("ending", [Disposition.WRONG_NUMBER, Disposition.DISCONNECTED])
def test_a_wrong_number_is_not_rung_again_and_a_new_one_may_be(owner, sender, ending):
    ada, call = _called(owner, sender)
    actions.complete_task(owner, call.pk, ending, "", MONDAY)
    play(MONDAY + 2 * DAY)
    assert not Task.objects.filter(status=TaskStatus.OPEN).exists()
    Contact.objects.filter(pk=ada.pk).update(phone="+33100000009")
    assert queries.judge_now(ada.pk, TouchKind.CALL, MONDAY).verdict != "deny"


def test_a_slip_of_the_key_is_taken_back_with_the_task_and_a_wish_of_long_ago_is_not(owner, sender):
    ada, call = _called(owner, sender)
    actions.complete_task(owner, call.pk, Disposition.DO_NOT_CALL, "", MONDAY)
    actions.reopen_task(owner, call.pk, MONDAY)
    assert queries.judge_now(ada.pk, TouchKind.CALL, MONDAY).verdict != "deny"
    actions.complete_task(owner, call.pk, Disposition.DO_NOT_CALL, "", MONDAY)
    actions.reopen_task(owner, call.pk, MONDAY + 2 * DAY)
    assert queries.judge_now(ada.pk, TouchKind.CALL, MONDAY + 2 * DAY).verdict == "deny"


@pytest.mark.parametrize(
    ("wish", "woken_as"),
    [({"kind": "email"}, None), ({"kind": "email", "channel": "phone"}, "task"), (None, "call")],
)
def test_who_asked_meanwhile_to_be_left_alone_does_not_wake_as_a_call(owner, wish, woken_as):
    ada = person(at=account())
    actions.park(owner, ada.pk, (MONDAY + 3 * DAY).date(), "Later.", MONDAY)
    if wish:
        Suppression.objects.create(
            value=ada.email, reason="contact_refused", source="test", created_at=MONDAY, **wish
        )
    assert actions.wake_due(MONDAY + 3 * DAY) == 1
    assert [one.kind for one in Task.objects.all()] == ([woken_as] if woken_as else [])
    assert Park.objects.get().woken_at is not None


def test_a_task_that_a_wish_has_overtaken_has_no_number_to_ring(owner, sender):
    ada, call = _called(owner, sender)
    assert [one.phone for one in todo.due_tasks(owner, MONDAY)] == ["+33100000000"]
    Suppression.objects.create(
        kind="email", value=ada.email, reason="contact_refused", source="an answer", created_at=MONDAY
    )
    (left,) = todo.due_tasks(owner, MONDAY)
    assert (left.id, left.phone) == (call.pk, "")
    assert "contact refused" in left.closed


def test_only_those_who_may_enrol_hold_a_run(owner, sender, cadence):
    ada = person(at=account())
    actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY)
    stranger = Person(owner.id, "Mark", Role.MARKETING, Sees.ALL)
    with pytest.raises(NotAllowed):
        actions.pause(stranger, run_of(ada).pk, None, "holidays", MONDAY)


def test_a_callback_of_another_century_is_no_appointment(owner, sender):
    _ada, call = _called(owner, sender)
    with pytest.raises(BadInput, match="needs a time"):
        actions.complete_task(
            owner, call.pk, Disposition.CALLBACK, "", MONDAY, datetime(9999, 12, 31, tzinfo=UTC)
        )


def test_a_printed_letter_is_a_step_that_is_done(owner, sender):
    outreach.save_template(
        owner, "direct-mail-letter", "Letter", TouchKind.DIRECT_MAIL, "", "Dear {{ first_name }}.", MONDAY
    )
    steps = (
        Step("letter", TouchKind.DIRECT_MAIL, 0, "direct-mail-letter"),
        Step("call", TouchKind.CALL, 1, ""),
    )
    ada = person(at=account(address="1 Rue", city="Paris", postal_code="75001"))
    actions.enrol(owner, [ada.pk], actions.create(owner, "VIP", steps, MONDAY), sender.pk, MONDAY)
    play(MONDAY)
    task = Task.objects.get()
    letter = post.write_letter(owner, ada.pk, MONDAY, task.pk)
    post.change_letter(owner, letter, "Ada Test\n1 Rue\n75001 Paris\nFR", "Dear Ada.", MONDAY)
    batch = actions.print_letters(owner, [letter], MONDAY.date(), MONDAY)
    # The run is looked at with the next tick: nobody waits for the patience of its step to end.
    assert run_of(ada).next_look_at == MONDAY
    actions.advance_due(MONDAY)
    done = Passed.objects.get(enrolment__contact=ada)
    assert (done.key, done.touched) == ("letter", True)
    # The call comes on the working day after the letter should be there, and it is the cadence's, not a second one.
    arrives = LetterBatch.objects.get(id=batch).arrives_on
    assert done.at.date() == arrives > MONDAY.date()
    assert run_of(ada).next_look_at.date() == add_working_days(arrives, 1, Place("Europe/Paris", "FR"))
    assert not Task.objects.filter(status=TaskStatus.OPEN).exists()


def test_a_letter_that_ends_its_cadence_is_followed_up_by_a_call_of_its_own(owner, sender):
    outreach.save_template(
        owner, "direct-mail-letter", "Letter", TouchKind.DIRECT_MAIL, "", "Dear {{ first_name }}.", MONDAY
    )
    steps = (Step("letter", TouchKind.DIRECT_MAIL, 0, "direct-mail-letter"),)
    ada = person(at=account(address="1 Rue", city="Paris", postal_code="75001"))
    actions.enrol(owner, [ada.pk], actions.create(owner, "A letter", steps, MONDAY), sender.pk, MONDAY)
    play(MONDAY)
    letter = post.write_letter(owner, ada.pk, MONDAY, Task.objects.get().pk)
    post.change_letter(owner, letter, "Ada Test\n1 Rue\n75001 Paris\nFR", "Dear Ada.", MONDAY)
    actions.print_letters(owner, [letter], MONDAY.date(), MONDAY)
    assert Task.objects.get(status=TaskStatus.OPEN).kind == TouchKind.CALL
    actions.advance_due(MONDAY)
    assert run_of(ada).stop_reason == StopReason.FINISHED
    assert Task.objects.filter(status=TaskStatus.OPEN).count() == 1


@pytest.mark.parametrize(("hour", "held"), [(12, True), (14, False), (23, False)])
def test_the_house_may_not_ring_earlier_or_later_than_the_law(owner, hour, held):
    actions.set_policy(owner, replace(queries.policy(), opens=time(5), closes=time(23)), MONDAY)
    ada = person(at=account(country="US", region="New York"))
    judged = queries.judge_now(ada.pk, TouchKind.CALL, MONDAY.replace(hour=hour))
    rulings = {one.rule: one.verdict for one in judged.rulings}
    assert (rulings[Rule.CALLING_HOURS] == "hold") is held  # New York is five hours behind
    late = queries.judge_now(
        ada.pk, TouchKind.CALL, MONDAY.replace(hour=2) + DAY
    )  # nine in the evening there
    assert {one.rule: one.verdict for one in late.rulings}[Rule.CALLING_HOURS] == "hold"


def test_a_british_number_is_rung_only_once_it_was_screened_and_never_when_it_is_listed(owner, sender):
    template(owner)
    calls = actions.create(
        owner, "Calls", (Step("ring", TouchKind.CALL, 0), Step("again", TouchKind.CALL, 1)), MONDAY
    )
    ada, bo = (person(name, account(name, country="GB")) for name in ("Ada", "Bo"))
    Contact.objects.filter(id=ada.pk).update(phone="+442079460001")
    Contact.objects.filter(id=bo.pk).update(phone="+442079460002")
    actions.enrol(owner, [ada.pk, bo.pk], calls, sender.pk, MONDAY)
    actions.advance_due(MONDAY)
    assert not Task.objects.exists()
    looked = Judgement.objects.get(enrolment=run_of(ada))
    assert (looked.verdict, looked.rule) == ("hold", Rule.DO_NOT_CALL)
    assert "never screened" in looked.value
    # The answer wakes whoever waits for it, and nobody has to wait for the next look.
    at = MONDAY + timedelta(minutes=5)
    said = {"+442079460001": False, "+442079460002": True}
    screen(owner, ["GB TPS", "GB CTPS"], at.date(), said, "the register", at)
    assert run_of(ada).next_look_at == MONDAY + timedelta(minutes=5)
    actions.advance_due(MONDAY + timedelta(minutes=5))
    assert Task.objects.get().contact_id == ada.pk
    denied = Judgement.objects.filter(enrolment=run_of(bo)).latest("id")
    assert (denied.verdict, denied.rule) == ("deny", Rule.DO_NOT_CALL)
    assert "listed in TPS" in denied.value
    word = next(one for one in queries.trace(run_of(ada).pk)[0].rulings if one.rule is Rule.DO_NOT_CALL)
    assert (
        word.value
        == "clear: TPS screened 2026-11-23, good until 2026-12-21; CTPS screened 2026-11-23, good until 2026-12-21"
    )
    late = queries.judge_now(ada.pk, TouchKind.CALL, MONDAY + 29 * DAY)
    assert {one.rule: one.verdict for one in late.rulings}[Rule.DO_NOT_CALL] == "hold"


def test_registers_are_asked_in_one_query_however_many_people_are_looked_at(owner, sender):
    template(owner)
    calls = actions.create(owner, "Calls", (Step("ring", TouchKind.CALL, 0),), MONDAY)
    many = [person(f"P{number}", account(f"A{number}", country="GB")) for number in range(12)]
    for number, one in enumerate(many):
        Contact.objects.filter(id=one.pk).update(phone=f"+44207946{number:04d}")
    actions.enrol(owner, [one.pk for one in many], calls, sender.pk, MONDAY)
    with CaptureQueriesContext(connection) as asked:
        actions.advance_due(MONDAY)
    assert sum("screenednumber" in one["sql"] for one in asked.captured_queries) == 1


def _bounced(at, address="ada@gearworks.example"):
    """What the mailbox does with a mail that came back for good."""
    suppress(SYSTEM, Suppressed.EMAIL, address, Reason.BOUNCED, "550", at, channel="email")
    return actions.address_died(Contact.objects.get(email=address).pk, address, at)


def test_a_dead_address_closes_mail_alone_and_the_cadence_goes_on_by_telephone(owner, sender, cadence):
    ada = person(at=account())
    actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY)
    play(MONDAY)
    sent(Message.objects.get(), MONDAY)
    gone = _bounced(MONDAY + timedelta(hours=1))
    assert (gone.ended, gone.enrolment_id) == (False, run_of(ada).pk)
    play(MONDAY + DAY + timedelta(hours=9))
    call = Task.objects.get()
    assert call.kind == TouchKind.CALL
    shown = todo.due_tasks(owner, MONDAY + 2 * DAY)[0]
    assert (shown.closed, shown.phone) == ("", "+33100000000")
    assert queries.judge_now(ada.pk, TouchKind.EMAIL, MONDAY + 10 * DAY).deciding.rule is Rule.SUPPRESSION
    assert queries.judge_now(ada.pk, TouchKind.LINKEDIN_MESSAGE, MONDAY + 10 * DAY).verdict == "pass"
    actions.complete_task(owner, call.pk, Disposition.NO_ANSWER, "", MONDAY + 2 * DAY)
    play(MONDAY + 20 * DAY)
    run = run_of(ada)
    assert (
        run.stop_reason == StopReason.FINISHED
    )  # the last mail is passed over, and nobody is called unreached
    over = Passed.objects.get(key="last")
    assert not over.touched
    assert "bounced" in over.why
    assert Message.objects.count() == 1


def test_a_cadence_of_mails_alone_ends_where_the_address_is_dead(owner, sender):
    template(owner)
    mails = actions.create(owner, "Mails", (MAIL, LAST), MONDAY)
    ada = person(at=account())
    actions.enrol(owner, [ada.pk], mails, sender.pk, MONDAY)
    play(MONDAY)
    sent(Message.objects.get(), MONDAY)
    assert _bounced(MONDAY + timedelta(hours=1)).ended
    assert run_of(ada).stop_reason == StopReason.BOUNCED
    assert _bounced(MONDAY + timedelta(hours=2)) is None


def test_a_mail_refused_at_the_door_leads_to_the_call_and_what_waits_for_approval_is_withdrawn(owner, sender):
    template(owner)
    steps = (MAIL, replace(LAST, key="second", reviewed=True, wait=1), replace(CALL, wait=1))
    ada = person(at=account())
    actions.enrol(owner, [ada.pk], actions.create(owner, "Two mails", steps, MONDAY), sender.pk, MONDAY)
    play(MONDAY)
    sent(Message.objects.get(), MONDAY)
    play(MONDAY + 2 * DAY)
    assert Message.objects.filter(status=MessageStatus.REVIEW).count() == 1
    _bounced(MONDAY + 2 * DAY)
    play(MONDAY + 5 * DAY)
    assert not Message.objects.filter(status=MessageStatus.REVIEW).exists()
    assert Task.objects.get().kind == TouchKind.CALL


def test_a_dead_address_keeps_nobody_from_a_cadence_with_calls(owner, sender, cadence):
    template(owner)
    mails = actions.create(owner, "Mails", (MAIL, LAST), MONDAY)
    ada = person(at=account())
    suppress(SYSTEM, Suppressed.EMAIL, ada.email, Reason.BOUNCED, "an old list", MONDAY)
    assert "bounced" in actions.enrol(owner, [ada.pk], mails, sender.pk, MONDAY).refused[0][1]
    assert actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY).enrolled == (ada.pk,)
    play(MONDAY + 2 * DAY)
    assert Task.objects.get().kind == TouchKind.CALL


def test_whoever_asked_for_silence_after_a_bounce_is_left_alone_on_every_road(owner, sender, cadence):
    ada = person(at=account())
    actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY)
    suppress(SYSTEM, Suppressed.EMAIL, ada.email, Reason.BOUNCED, "550", MONDAY, channel="email")
    suppress(SYSTEM, Suppressed.EMAIL, ada.email, Reason.UNSUBSCRIBED, "a reply", MONDAY)
    play(MONDAY + DAY)
    assert run_of(ada).stop_reason == StopReason.SUPPRESSED


def _stands(owner, who, key, due, kind=TouchKind.CALL):
    wish = outreach.Wish(kind, f"For {who.full_name}", "event", key, due, who.pk, who.account_id, owner.id)
    return outreach.open_tasks([wish], MONDAY)[key]


def test_what_stands_in_today_weighs_on_the_budgets_until_it_is_done_or_withdrawn(owner, sender, cadence):
    firm = account()
    actions.set_policy(owner, replace(queries.policy(), account_per_week=3), MONDAY)
    ada, bo = person(at=firm), person("Bo", at=firm)
    tasks = [_stands(owner, bo, f"event-1-ask-{n}", MONDAY - DAY, kind) for n, kind in enumerate(
        (TouchKind.CALL, TouchKind.DIRECT_MAIL, TouchKind.EVENT_MEETING)
    )]  # fmt: skip
    _stands(owner, bo, "next week", MONDAY + 9 * DAY)
    _stands(owner, bo, "ours alone", MONDAY - DAY, TouchKind.TASK)
    actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY)
    actions.advance_due(MONDAY)
    looked = Judgement.objects.get()
    assert (looked.rule, looked.verdict) == (Rule.ACCOUNT_BUDGET, "hold")
    assert looked.value == "person 0 of 4, account 3 of 3 this week"
    # Nobody knows when they will be done: the run looks again tomorrow, and not every minute.
    assert run_of(ada).next_look_at == MONDAY + DAY
    actions.complete_task(owner, tasks[0], Disposition.SKIPPED, "", MONDAY)
    actions.advance(run_of(ada).pk, MONDAY + timedelta(hours=1))
    assert Message.objects.count() == 1


def test_a_call_that_stands_in_today_leaves_the_gap_between_touches_as_it_is(owner, sender, cadence):
    ada = person(at=account())
    _stands(owner, ada, "event-1-ask-1", MONDAY - timedelta(hours=1))
    said = {one.rule: one for one in queries.judge_now(ada.pk, TouchKind.EMAIL, MONDAY).rulings}
    assert said[Rule.RECENT_TOUCH].value == "never touched"
    assert said[Rule.ACCOUNT_BUDGET].value == "person 1 of 4, account 1 of 8 this week"


@pytest.mark.parametrize(
    ("zone", "begins"),
    [("Pacific/Auckland", -13), ("America/Los_Angeles", 8), ("UTC", 0)],
)
def test_a_day_begins_by_the_clock_of_who_set_it(owner, zone, begins):
    """Whether it was set on the person's page or in a list."""
    asker = replace(owner, zone=zone)
    User.objects.filter(id=owner.id).update(zone=zone)
    ada, bo = person(), person("Bo")
    day = (MONDAY + 7 * DAY).date()
    actions.park(asker, ada.pk, day, "budget", MONDAY, on_signal=False)
    qualify.park(asker, [bo.pk], day, "not now", "list", MONDAY)
    midnight = datetime(2026, 11, 30, tzinfo=UTC) + timedelta(hours=begins)
    assert actions.wake_due(midnight - timedelta(minutes=1)) == 0
    assert actions.wake_due(midnight) == 2
    assert set(Task.objects.values_list("contact", flat=True)) == {ada.pk, bo.pk}


def test_tomorrow_is_to_come_by_the_clock_of_who_sets_it(owner):
    """At ten in the morning in London it is already eleven at night in Auckland: the day after is tomorrow."""
    ada = person()
    asker = replace(owner, zone="Pacific/Kiritimati")  # fourteen hours ahead: it is Tuesday there
    with pytest.raises(BadInput, match="not to come"):
        actions.park(asker, ada.pk, (MONDAY + DAY).date(), "", MONDAY)
    actions.park(owner, ada.pk, (MONDAY + DAY).date(), "", MONDAY)


def test_taking_an_enrolment_back_ends_the_runs_of_that_cadence_and_stands_in_the_ledger(
    owner, sender, cadence
):
    template(owner)
    other = actions.create(owner, "Other", (MAIL,), MONDAY)
    firm = account()
    ada, bo, cy = (person(name, firm) for name in ("Ada", "Bo", "Cy"))
    actions.enrol(owner, [ada.pk, bo.pk], cadence, sender.pk, MONDAY)
    actions.enrol(owner, [cy.pk], other, sender.pk, MONDAY)
    everybody = [ada.pk, bo.pk, cy.pk]
    stranger = Person(owner.id, "Mark", Role.MARKETING, Sees.ALL)
    with pytest.raises(NotAllowed):
        actions.take_out(stranger, everybody, cadence, MONDAY)
    assert actions.take_out(owner, everybody, cadence, MONDAY) == 2
    assert run_of(cy).state == State.ACTIVE
    assert run_of(ada).stop_reason == StopReason.BY_HAND
    line = LedgerEntry.objects.latest("id")
    assert (line.verb, line.kind, line.subject_id) == ("undo enrolment", "cadence", cadence)
    assert actions.take_out(owner, everybody, cadence, MONDAY) == 0
    assert LedgerEntry.objects.latest("id") == line


def _touched(who, at, kind=TouchKind.EMAIL):
    Touch.objects.create(contact=who, account=who.account, kind=kind, channel=kind.channel, at=at)


def test_a_task_outside_cadences_is_judged_as_it_is_carried_out_and_its_trace_is_kept(owner):
    ada = person(at=account())
    _touched(ada, MONDAY - DAY)
    ask = _stands(owner, ada, "event-1-ask-1", MONDAY - DAY, TouchKind.EVENT_MEETING)
    _stands(owner, ada, "event-1-ask-2", MONDAY - DAY, TouchKind.EVENT_MEETING)
    said = queries.task_traces([ask], MONDAY)[ask]
    assert (said.verdict, said.deciding.rule, said.until) == ("hold", Rule.RECENT_TOUCH, MONDAY + DAY)
    # What else stands in Today does not hold back what is in hand: two would wait for each other for ever.
    budget = next(one for one in said.rulings if one.rule is Rule.ACCOUNT_BUDGET)
    assert budget.value == "person 1 of 4, account 1 of 8 this week"
    actions.complete_task(owner, ask, Disposition.DONE, "", MONDAY)
    kept = Judgement.objects.get()
    assert (kept.task_id, kept.enrolment_id, kept.verdict, kept.rule) == (
        ask,
        None,
        "hold",
        Rule.RECENT_TOUCH,
    )
    shown = queries.done_by_hand(ada.pk)
    assert [(one.title, one.judged.verdict) for one in shown] == [("For Ada Test", "hold")]
    assert shown[0].judged.rulings == said.rulings
    actions.reopen_task(owner, ask, MONDAY)
    assert not Judgement.objects.exists()


def test_a_task_that_is_skipped_or_of_our_own_house_or_of_a_cadence_leaves_no_trace_of_its_own(owner, sender):
    ada, call = _called(owner, sender)
    kept = Judgement.objects.count()
    for number, kind in enumerate((TouchKind.CALL, TouchKind.TASK)):
        task = _stands(owner, ada, f"event-1-ask-{number}", MONDAY, kind)
        ending = Disposition.SKIPPED if kind is TouchKind.CALL else Disposition.DONE
        actions.complete_task(owner, task, ending, "", MONDAY)
    actions.complete_task(owner, call.pk, Disposition.NO_ANSWER, "", MONDAY)
    assert Judgement.objects.count() == kept


def _letter(owner, who):
    outreach.save_template(
        owner, "direct-mail-letter", "Letter", TouchKind.DIRECT_MAIL, "", "Dear {{ first_name }}.", MONDAY
    )
    made = post.write_letter(owner, who.pk, MONDAY)
    post.change_letter(owner, made, "Ada Test\n1 Rue\n75001 Paris\nFR", "Dear Ada.", MONDAY)
    return made


def test_a_letter_passes_the_rules_of_every_touch_as_it_is_printed(owner, teammate, sender):
    ada = person(at=account(address="1 Rue", city="Paris", postal_code="75001"))
    letter = _letter(owner, ada)
    actions.set_policy(owner, replace(queries.policy(), account_per_week=1), MONDAY)
    _touched(ada, MONDAY - 6 * DAY)
    with pytest.raises(Conflict, match="The letter to Ada Test cannot go out: account touch budget"):
        actions.print_letters(owner, [letter], MONDAY.date(), MONDAY)
    assert not LetterBatch.objects.exists()
    # Who may not see her is not told of her by what stands against her letter.
    Contact.objects.filter(id=ada.pk).update(owner=owner.id)
    with pytest.raises(BadInput, match="No letter was chosen"):
        actions.print_letters(replace(teammate, sees=Sees.OWN), [letter], MONDAY.date(), MONDAY)
    actions.print_letters(owner, [letter], MONDAY.date(), MONDAY + 2 * DAY)
    kept = Judgement.objects.get()
    assert (kept.letter_id, kept.verdict) == (letter, "pass")
    assert [one.title for one in queries.done_by_hand(ada.pk)] == ["A letter"]


def test_who_is_set_aside_in_a_list_is_left_alone_until_the_day_and_then_wakes(owner, sender, cadence):
    ada = person(at=account())
    actions.enrol(owner, [ada.pk], cadence, sender.pk, MONDAY)
    day = (MONDAY + 30 * DAY).date()
    qualify.park(owner, [ada.pk], day, "Budget in the new year.", "list", MONDAY)
    play(MONDAY)
    assert not Message.objects.exists()
    assert run_of(ada).stop_reason == StopReason.BY_HAND
    assert actions.wake_due(MONDAY + 29 * DAY) == 0
    assert actions.wake_due(MONDAY + 30 * DAY) == 1
    assert actions.wake_due(MONDAY + 31 * DAY) == 0
    ada.refresh_from_db()
    assert ada.lifecycle == "prospect"
    assert f"the date you set: {day}" in Task.objects.get().why


def test_who_is_set_aside_until_a_signal_wakes_with_one_and_may_be_started_before(owner, sender, cadence):
    firm = account()
    ada, bob = person(at=firm), person("Bob", None)
    qualify.park(owner, [ada.pk, bob.pk], None, "Not now.", "list", MONDAY)
    assert actions.wake_due(MONDAY + DAY) == 0
    Signal.objects.create(
        key="s", type="funding", level="company", account=firm, date=MONDAY.date(), strength=1.0,
        source="https://news.example", evidence="Raised 5 million", seen_at=MONDAY + 2 * DAY,
    )  # fmt: skip
    assert actions.wake_due(MONDAY + 3 * DAY) == 1
    assert Task.objects.get().contact == ada
    assert actions.enrol(owner, [bob.pk], cadence, sender.pk, MONDAY).enrolled == (bob.pk,)
    bob.refresh_from_db()
    assert bob.lifecycle == "prospect"
