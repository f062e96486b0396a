"""Verbs about cadences, and the engine that takes enrolments as far as they may go.

create(asker, name, steps, now) -> int, edit(asker, cadence_id, seen, steps, choice, reason, now) -> int
load_presets(asker, now) -> int                                the cadences that ship, once
enrol(asker, contact_ids, cadence_id, sender_id, now, owner_id, origin) -> Enrolled
advance_due(now, limit) -> int                                 look at what is due; safe anywhere, any time
advance(enrolment_id, now)                                     the same for one
complete_task(asker, task_id, disposition, note, callback_at, now), reopen_task(asker, task_id, now)
numbers_screened(numbers, now)                                 calls that waited for a register are looked at
print_letters(asker, letter_ids, posted_on, now) -> int          a batch, and the runs that waited for it
messages_settled(message_ids, now)                             the mailbox says: look at these runs again
stop(asker, enrolment_id, reason, now), pause(asker, enrolment_id, until, reason, now), resume(...)
stop_person(contact_id, reason, park_until, now)               what a reply, a meeting or a wish does
address_died(contact_id, address, now) -> Gone | None          the run goes on by its other channels
take_out(asker, contact_ids, cadence_id, now) -> int           undo an enrolment
stop_people(ends, now) -> runs                                 the same for many at once
park(asker, contact_id, until, on_signal, why, now), unpark(...), wake_due(now) -> int
set_policy(asker, policy, now)
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import available_timezones

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery

from panout.cadence import queries
from panout.cadence.models import (
    Cadence,
    CadenceVersion,
    Enrolment,
    HousePolicy,
    Judgement,
    Park,
    Passed,
    State,
)
from panout.cadence.models import (
    Step as StepRow,
)
from panout.cadence.queries import BRANCH_SCHEMA, Policy, Situation, asked, situations
from panout.cadence.rules.calendar import day_begins, due_at
from panout.cadence.rules.dispositions import MEANING, Disposition, Effect, ending
from panout.cadence.rules.edits import Choice, drops_task, moves_now
from panout.cadence.rules.gate import EDITION, Limits, Proposed, Rule, Trace, Verdict, judge, written
from panout.cadence.rules.moves import (
    Do,
    Done,
    LetGo,
    Stop,
    StopReason,
    Wait,
    goes_on_without_mail,
    next_move,
)
from panout.cadence.rules.plan import Plan, Step
from panout.cadence.rules.presets import PRESETS
from panout.consent.actions import suppress, take_back_from
from panout.consent.queries import Standing, standings
from panout.consent.rules.suppression import Kind, Reason, normal
from panout.criteria.parse import parse
from panout.kernel.channels import Channel, TouchKind
from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.kernel.lifecycle import Lifecycle
from panout.outreach import actions as outreach
from panout.outreach import post
from panout.outreach.actions import Draft, Order, Wish
from panout.outreach.models import Message, MessageStatus, Sender, Task, TaskStatus
from panout.outreach.queries import Material, Wording, addressee, materials_of, noted, wordings
from panout.qualify import actions as qualify
from panout.qualify import strikes
from panout.qualify.models import LifecycleChange
from panout.qualify.models import Verdict as VerdictRow
from panout.resolve.models import Account, Contact
from panout.signals.models import Signal
from panout.team.actions import record
from panout.team.rules import SYSTEM, Person, Verb, demand

CHUNK = 500
# A hold without an end waits for somebody to mend something; the run looks again by itself after this.
LOOK_AGAIN = timedelta(hours=4)
FURTHEST = timedelta(days=366)  # of a callback: what is further away is a rest, not an appointment
# An email that somebody else must settle: the mailbox wakes the run, this look is only the net below it.
MAIL_NET = timedelta(hours=1)


# -- cadences and their versions


@transaction.atomic
def create(asker: Person, name: str, steps: tuple[Step, ...], now: datetime) -> int:
    """A new cadence. Raises BadInput with every fault of its steps."""
    demand(asker, Verb.EDIT_CADENCES)
    plan = _checked(Plan(name.strip() or "unnamed", steps))
    if not name.strip():
        raise BadInput("A cadence needs a name.")
    if Cadence.objects.filter(name__iexact=name.strip()).exists():
        raise Conflict(f"There is a cadence '{name.strip()}' already.", mend="Choose another name.")
    row = Cadence.objects.create(name=name.strip(), created_at=now)
    _write_version(asker, row, 1, plan, "", now)
    record(asker, "create cadence", "cadence", row.pk, row.name, now=now, after={"steps": len(steps)})
    return row.pk


@transaction.atomic
def edit(
    asker: Person,
    cadence_id: int,
    seen: int,
    steps: tuple[Step, ...],
    choice: Choice,
    reason: str,
    now: datetime,
) -> int:
    """A new version of a running cadence; returns its number. `seen` is the number the editor started from.

    Raises Conflict when somebody else saved a version in the meantime. Nobody under way gets a step twice:
    step keys stay, and what is behind a person stays behind them.
    """
    demand(asker, Verb.EDIT_CADENCES)
    row = Cadence.objects.select_for_update().filter(id=cadence_id).first()
    if row is None:
        raise NotFound("There is no such cadence.")
    newest = row.versions.order_by("-number").first()
    if newest is None or newest.number != seen:
        raise Conflict("Somebody has saved a newer version.", mend="Look at it, then edit again.")
    plan = _checked(Plan(row.name, steps))
    made = _write_version(asker, row, newest.number + 1, plan, reason, now)
    moved = _move_people(row, made, plan, choice, now)
    after = {"version": made.number, "choice": choice.value, "moved": moved}
    record(asker, "edit cadence", "cadence", row.pk, row.name, now=now, reason=reason, after=after)
    return made.number


def _checked(plan: Plan) -> Plan:
    """Criteria in branches are read when they are written, not when somebody stands before them."""
    for step in plan.steps:
        for text in (step.only_if, *(branch.when for branch in step.branches)):
            if text:
                parse(text, BRANCH_SCHEMA)
    return plan


def _write_version(
    asker: Person, row: Cadence, number: int, plan: Plan, reason: str, now: datetime
) -> CadenceVersion:
    version = CadenceVersion.objects.create(
        cadence=row, number=number, author_id=asker.id, reason=reason, created_at=now
    )
    StepRow.objects.bulk_create(
        StepRow(
            version=version,
            position=position,
            key=step.key,
            kind=step.kind,
            wait=step.wait,
            template=step.template,
            reviewed=step.reviewed,
            thread=step.thread,
            patience=step.patience,
            only_if=step.only_if,
            branches=[
                {"when": branch.when, "go_to": branch.go_to, "park_days": branch.park_days}
                for branch in step.branches
            ],
        )
        for position, step in enumerate(plan.steps)
    )
    return version


def _move_people(row: Cadence, made: CadenceVersion, plan: Plan, choice: Choice, now: datetime) -> int:
    """Send those under way over to the new version, now or once their open task is done."""
    if choice is Choice.PIN:
        return 0
    moved = 0
    running = Enrolment.objects.running().filter(version__cadence=row).select_for_update(of=("self",))
    for one in running.order_by("id"):
        progress = queries.progress_of(one, [])
        if not moves_now(choice, progress):
            one.next_version = made
            one.save(update_fields=["next_version"])
            continue
        if drops_task(progress, plan):
            _withdraw(one, "the step is no longer in the cadence", now)
        one.version, one.next_version = made, None
        if one.state == State.ACTIVE:
            one.next_look_at = now
        one.save(update_fields=[*_MOVED, "version", "next_version"])
        moved += 1
    return moved


def _withdraw(one: Enrolment, why: str, now: datetime) -> None:
    outreach.cancel_open([one.contact_id], "cadence", why, now)
    one.open_step, one.open_since, one.open_task, one.open_message = "", None, None, None


@transaction.atomic
def load_presets(asker: Person, now: datetime) -> int:
    """The cadences that ship, those with a name that exists left as they are; returns how many were made."""
    known = {name.lower() for name in Cadence.objects.values_list("name", flat=True)}
    fresh = [plan for plan in PRESETS.values() if plan.name.lower() not in known]
    for plan in fresh:
        create(asker, plan.name, plan.steps, now)
    return len(fresh)


# -- who is under way


@dataclass(frozen=True, slots=True)
class Enrolled:
    """What became of each person: the ids of those under way now, and why the others are not."""

    enrolled: tuple[int, ...]
    refused: tuple[tuple[int, str], ...]


@transaction.atomic
def enrol(
    asker: Person,
    contact_ids: Iterable[int],
    cadence_id: int,
    sender_id: int | None,
    now: datetime,
    owner_id: int | None = None,
    origin: str = "",
) -> Enrolled:
    """Start people on the newest version of a cadence: one active cadence a person, and wishes honoured.

    `origin` tells in words where they were taken from: a segment, a campaign, ticks in a list.
    """
    version = queries.newest_version(cadence_id)
    return enrol_on(asker, contact_ids, version, sender_id, now, owner_id, origin)


@transaction.atomic
def enrol_on(
    asker: Person,
    contact_ids: Iterable[int],
    version_id: int,
    sender_id: int | None,
    now: datetime,
    owner_id: int | None = None,
    origin: str = "",
) -> Enrolled:
    """Start people on one version of a cadence."""
    demand(asker, Verb.ENROL)
    version = CadenceVersion.objects.get(id=version_id)
    if sender_id is not None and not Sender.objects.filter(id=sender_id, retired_at=None).exists():
        raise NotFound("There is no such sender.", mend="Choose one of those that are connected.")
    people = {
        row.pk: row
        for row in Contact.objects.living().filter(id__in=list(contact_ids)).select_related("account")
    }
    against = queries.refusals(people.values(), now, version.pk)
    refused = [(person, why) for person, why in against.items() if why]
    fresh = [
        Enrolment(
            contact=row,
            account=row.account,
            version=version,
            sender_id=sender_id,
            owner_id=owner_id or row.owner_id or asker.id,
            started_at=now,
            next_look_at=now,
            enrolled_by_id=asker.id,
            origin=origin[:160],
        )
        for person, row in people.items()
        if not against[person]
    ]
    Park.objects.filter(contact__in=[one.contact_id for one in fresh], woken_at=None).update(
        woken_at=now, woken_by="enrolled by hand"
    )
    # Who was set aside in a list is taken up again by being started.
    back = [one.contact_id for one in fresh if one.contact.lifecycle == Lifecycle.PARKED]
    qualify.move(asker, back, Lifecycle.PROSPECT, "Started on a cadence.", "enrol", now)
    Enrolment.objects.bulk_create(fresh, ignore_conflicts=True)
    enrolled = tuple(
        Enrolment.objects.running()
        .filter(contact__in=[one.contact_id for one in fresh], version=version, started_at=now)
        .values_list("contact", flat=True)
    )
    lost = {one.contact_id for one in fresh} - set(enrolled)
    refused += [(person, "in a cadence already") for person in sorted(lost)]
    label = f"{len(enrolled)} people"
    record(
        asker,
        "enrol",
        "cadence",
        version.cadence_id,
        label,
        now=now,
        after={"contacts": list(enrolled)[:200], "origin": origin},
    )
    return Enrolled(enrolled, tuple(refused))


@transaction.atomic
def stop(asker: Person, enrolment_id: int, reason: StopReason, now: datetime) -> None:
    """End a run by hand."""
    demand(asker, Verb.ENROL)
    one = _running(enrolment_id)
    _finish([(one, Stop(reason))], now)
    record(asker, "stop cadence", "enrolment", one.pk, one.contact.label, now=now, reason=reason.value)


@transaction.atomic
def take_out(asker: Person, contact_ids: Iterable[int], cadence_id: int, now: datetime) -> int:
    """Undo an enrolment: end the runs that these people have in one cadence; returns how many there were."""
    demand(asker, Verb.ENROL)
    runs = Enrolment.objects.running().filter(contact__in=list(contact_ids), version__cadence=cadence_id)
    rows = list(runs.select_for_update(of=("self",)).select_related("contact").order_by("id"))
    _finish([(row, Stop(StopReason.BY_HAND)) for row in rows], now)
    if rows:
        who = [row.contact_id for row in rows]
        told: dict[str, object] = {"contacts": who[:200]}
        record(asker, "undo enrolment", "cadence", cadence_id, f"{len(rows)} people", now=now, after=told)
    return len(rows)


@transaction.atomic
def stop_person(
    contact_id: int, reason: StopReason, now: datetime, park_until: datetime | None = None
) -> bool:
    """End the person's run because of what they did; True when there was one. Safe to repeat."""
    one = (
        Enrolment.objects.running()
        .select_for_update(of=("self",))
        .select_related("contact")
        .filter(contact=contact_id)
        .first()
    )
    if one is None:
        return False
    _finish([(one, Stop(reason, park_until))], now)
    return True


@dataclass(frozen=True, slots=True)
class Gone:
    """What became of the run of somebody whose address died."""

    enrolment_id: int
    ended: bool


@transaction.atomic
def address_died(contact_id: int, address: str, now: datetime) -> Gone | None:
    """Mail to this address came back for good: the run goes on by its other channels, or ends where it has none.

    What waits to be mailed there is withdrawn. None when there is no run. Safe to repeat.
    """
    runs = Enrolment.objects.running().select_for_update(of=("self",)).select_related("contact")
    one = runs.filter(contact=contact_id).first()
    if one is None:
        return None
    outreach.cancel_mail(contact_id, address, "its address bounced", now)
    behind = [Done(row.key, row.at, touched=row.touched) for row in one.passed.order_by("at", "id")]
    progress = queries.progress_of(one, behind)
    if not goes_on_without_mail(progress, queries.plan_of(one.version_id)):
        _finish([(one, Stop(StopReason.BOUNCED))], now)
        return Gone(one.pk, ended=True)
    if one.state == State.ACTIVE and one.open_task_id is None:
        one.next_look_at = now
        one.save(update_fields=["next_look_at"])
    return Gone(one.pk, ended=False)


@transaction.atomic
def stop_people(ends: Mapping[int, StopReason], now: datetime) -> dict[int, int]:
    """End the runs of many people, each for their own reason; the run of everybody who had one."""
    if not ends:
        return {}
    runs = list(
        Enrolment.objects.running()
        .select_for_update(of=("self",))
        .select_related("contact")
        .filter(contact__in=list(ends))
        .order_by("id")
    )
    _finish([(run, Stop(ends[run.contact_id])) for run in runs], now)
    return {run.contact_id: run.pk for run in runs}


@transaction.atomic
def pause(asker: Person, enrolment_id: int, until: datetime | None, reason: str, now: datetime) -> None:
    """Hold a run until a time, or until somebody resumes it."""
    demand(asker, Verb.ENROL)
    one = _running(enrolment_id)
    one.state, one.paused_until, one.pause_reason = State.PAUSED, until, reason[:60]
    one.next_look_at = until
    one.save(update_fields=["state", "paused_until", "pause_reason", "next_look_at"])
    record(asker, "pause cadence", "enrolment", one.pk, one.contact.label, now=now, reason=reason)


@transaction.atomic
def resume(asker: Person, enrolment_id: int, now: datetime) -> None:
    """Let a paused run go on."""
    demand(asker, Verb.ENROL)
    one = _running(enrolment_id)
    one.state, one.paused_until, one.pause_reason, one.next_look_at = State.ACTIVE, None, "", now
    one.save(update_fields=["state", "paused_until", "pause_reason", "next_look_at"])
    record(asker, "resume cadence", "enrolment", one.pk, one.contact.label, now=now)


def _running(enrolment_id: int) -> Enrolment:
    rows = Enrolment.objects.running().select_for_update(of=("self",)).select_related("contact")
    one = rows.filter(id=enrolment_id).first()
    if one is None:
        raise NotFound("This run has ended, or never was.")
    return one


# -- the engine

_MOVED = [
    "state",
    "next_look_at",
    "open_step",
    "open_since",
    "open_task",
    "open_message",
    "callback_at",
    "paused_until",
    "pause_reason",
]


@transaction.atomic
def advance_due(now: datetime, limit: int = CHUNK) -> int:
    """Take up to `limit` due enrolments as far as they may go; returns how many were looked at.

    Claims what it works on: a second worker takes others. Killed half way, nothing has happened.
    """
    due = Enrolment.objects.due(now).select_for_update(of=("self",), skip_locked=True)
    return _advance(list(due[:limit]), now)


@transaction.atomic
def advance(enrolment_id: int, now: datetime) -> None:
    """Take one enrolment as far as it may go right now. Safe to repeat."""
    _advance(list(Enrolment.objects.running().select_for_update(of=("self",)).filter(id=enrolment_id)), now)


@dataclass(slots=True)
class _Work:
    """What a chunk of enrolments leaves behind, written at its end in a few statements."""

    now: datetime
    limits: Limits
    passed: list[Passed] = field(default_factory=list)
    judged: list[Judgement] = field(default_factory=list)
    stopped: list[tuple[Enrolment, Stop]] = field(default_factory=list)
    steps: list[tuple[Enrolment, Situation, Do]] = field(default_factory=list)
    orders: list[tuple[Enrolment, Order]] = field(default_factory=list)
    wishes: list[tuple[Enrolment, Wish]] = field(default_factory=list)
    by_account: Counter[int] = field(default_factory=Counter)
    by_sender: Counter[int] = field(default_factory=Counter)
    begun: dict[int, set[int]] = field(default_factory=lambda: defaultdict(set))


def _advance(rows: list[Enrolment], now: datetime) -> int:
    if not rows:
        return 0
    # Two workers may hold two people of one account: its budget is counted by one of them at a time.
    locked = Account.objects.order_by("id").select_for_update(no_key=True)
    accounts = locked.in_bulk({row.account_id for row in rows if row.account_id})
    for row in rows:
        row.account = accounts.get(row.account_id or 0)
    _settle(rows)
    work = _Work(now, queries.limits())
    found = situations(rows, work.limits, now)
    for row in rows:
        over = _gone(row.contact)
        if over is not None:
            work.stopped.append((row, Stop(over)))
            continue
        _decide(row, found[row.pk], work)
    _take_steps(work)
    _write(rows, work)
    return len(rows)


def _gone(contact: Contact) -> StopReason | None:
    """Why there is nobody to touch any more: the record went into another, or was set aside, ruled out, erased."""
    if contact.merged_into_id is not None:
        # The run came along in the merge unless the other record had one of its own: one person, one run.
        return StopReason.MERGED
    if contact.lifecycle == Lifecycle.PARKED:
        return StopReason.BY_HAND
    return StopReason.DISQUALIFIED if contact.lifecycle == Lifecycle.DISQUALIFIED else None


def _settle(rows: list[Enrolment]) -> None:
    """Read off the open tasks and messages what has become of them. Rows are the truth."""
    tasks = Task.objects.in_bulk([row.open_task_id for row in rows if row.open_task_id])
    mails = Message.objects.in_bulk([row.open_message_id for row in rows if row.open_message_id])
    posted = [task.pk for task in tasks.values() if task.kind == TouchKind.DIRECT_MAIL and task.done_at]
    arrivals = post.arrivals(posted) if posted else {}
    behind = []
    for row in rows:
        arrives = arrivals.get(row.open_task_id or 0)
        done = _outcome(row, tasks.get(row.open_task_id or 0), mails.get(row.open_message_id or 0), arrives)
        if done is None:
            continue
        behind.append(_passed(row, done))
        row.open_step, row.open_since, row.callback_at = "", None, None
        row.open_task, row.open_message = None, None
        if row.next_version_id is not None:
            row.version_id, row.next_version_id = row.next_version_id, None
    Passed.objects.bulk_create(behind, ignore_conflicts=True)


def _outcome(
    row: Enrolment, task: Task | None, mail: Message | None, arrives: date | None = None
) -> Done | None:
    """The open step as done, touched or let go; None while it lies open.

    A letter touches on the day on which it `arrives`: what comes after it is counted from there.
    """
    if task is not None and task.done_at is not None:
        disposition = ending(task.disposition)
        touched = task.status == TaskStatus.DONE and disposition is not Disposition.SKIPPED
        there = datetime.combine(arrives, time(9), tzinfo=UTC) if arrives else task.done_at
        return Done(row.open_step, max(task.done_at, there), disposition, touched)
    if mail is not None and mail.status == MessageStatus.SENT:
        return Done(row.open_step, mail.sent_at or mail.created_at)
    if mail is not None and mail.status in {MessageStatus.CANCELLED, MessageStatus.REFUSED}:
        return Done(row.open_step, mail.settled_at or mail.created_at, touched=False)
    return None


def _passed(row: Enrolment, done: Done, why: str = "") -> Passed:
    disposition = done.disposition.value if done.disposition else ""
    return Passed(
        enrolment=row, key=done.key, at=done.at, disposition=disposition, touched=done.touched, why=why
    )


def _decide(row: Enrolment, situation: Situation, work: _Work) -> None:
    decision = next_move(
        situation.progress,
        situation.plan,
        situation.place,
        work.limits.sending,
        work.now,
        situation.holds,
        situation.spread,
    )
    if row.state == State.PAUSED and not (isinstance(decision, Wait) and decision.why == "paused"):
        row.state, row.paused_until, row.pause_reason = State.ACTIVE, None, ""
    match decision:
        case Wait(until, _, _):
            row.next_look_at = _net(row, until, work.now)
        case LetGo(key):
            done = Done(key, work.now, touched=False)
            work.passed.append(_passed(row, done, "nobody did it in time"))
            _withdraw(row, "its time ran out", work.now)
            row.next_look_at = work.now
        case Stop():
            work.stopped.append((row, decision))
        case Do():
            work.steps.append((row, situation, decision))


def _net(row: Enrolment, until: datetime | None, now: datetime) -> datetime | None:
    """When to look again; an open email is looked at within the hour whatever its patience says."""
    if row.open_message_id is not None and until is not None:
        return min(until, now + MAIL_NET)
    return until


def _take_steps(work: _Work) -> None:
    """Draft, judge and order each step that is due."""
    if not work.steps:
        return
    texts = wordings()
    stuff = materials_of([row.contact for row, _, _ in work.steps], work.now)
    values = _values([situation.contact_id for _, situation, _ in work.steps])
    threads = _threads(work.steps)
    for row, situation, do in work.steps:
        wording = texts.get(do.step.template)
        made = _draft(do.step, stuff[situation.contact_id], wording, row.sender)
        if row.pk in threads:
            thread = threads[row.pk]
            made = replace(
                made, subject=f"Re: {thread.subject}", in_reply_to=thread.last, references=thread.references
            )
        trace = judge(_proposed(row, situation, do.step, made, work), work.limits, work.now)
        _obey(row, situation, do, made, trace, values.get(situation.contact_id, 0.0), work)


def _draft(step: Step, material: Material, wording: Wording | None, sender: Sender | None) -> Draft:
    if wording is None:
        missing = (f"template {step.template}",) if step.kind is TouchKind.EMAIL else ()
        return Draft(
            material.contact_id,
            material.account_id,
            material.to_email,
            sender.pk if sender else None,
            None,
            "",
            "",
            unresolved=missing,
        )
    return outreach.draft(material, wording, sender)


@dataclass(frozen=True, slots=True)
class _Thread:
    subject: str
    last: str
    references: tuple[str, ...]


def _threads(steps: list[tuple[Enrolment, Situation, Do]]) -> dict[int, _Thread]:
    """The mails of each run so far, for those whose next mail is to lie under the first."""
    keys = {
        f"enrolment:{row.pk}:{done.key}": row.pk
        for row, situation, do in steps
        if do.step.kind is TouchKind.EMAIL and do.step.thread
        for done in situation.progress.done
        if done.touched
    }
    if not keys:
        return {}
    found: dict[int, list[tuple[str, str]]] = defaultdict(list)
    sent = Message.objects.filter(send_key__in=keys, status=MessageStatus.SENT).order_by("sent_at")
    for key, subject, message_id in sent.values_list("send_key", "subject", "message_id"):
        found[keys[key or ""]].append((subject, message_id or ""))
    return {
        run: _Thread(mails[0][0].removeprefix("Re: "), mails[-1][1], tuple(one for _, one in mails if one))
        for run, mails in found.items()
    }


def _values(contact_ids: list[int]) -> dict[int, float]:
    """How much each person is worth a touch now: the verdict's priority."""
    rows = VerdictRow.objects.filter(contact__in=contact_ids).values_list("contact", "priority")
    return {contact: priority for contact, priority in rows if contact is not None}


def _proposed(row: Enrolment, situation: Situation, step: Step, made: Draft, work: _Work) -> Proposed:
    """The touch, with what this chunk has decided before it already weighed in."""
    touch = asked(
        situation,
        step.kind,
        work.now,
        reviewed=step.reviewed,
        unresolved=made.unresolved if step.kind is TouchKind.EMAIL else (),
        unsupported=made.unsupported,
    )
    account = situation.account_id or 0
    others = work.begun[account] - {situation.contact_id}
    left = touch.mailbox_left_today
    return replace(
        touch,
        account_touches_in_week=touch.account_touches_in_week + (work.by_account[account] if account else 0),
        account_people=touch.account_people + (len(others) if account else 0),
        mailbox_left_today=None if left is None else left - work.by_sender[row.sender_id or 0],
    )


def _obey(
    row: Enrolment, situation: Situation, do: Do, made: Draft, trace: Trace, value: float, work: _Work
) -> None:
    """Do what the rules allow: order the touch, look again later, pass the step over, or stop."""
    step, rule = do.step, trace.deciding.rule if trace.deciding else None
    if rule in {Rule.UNRESOLVED, Rule.EVIDENCE} and step.kind is TouchKind.EMAIL:
        # Somebody must mend the text: it goes to the approval queue, which shows what is wrong with it.
        rule = None
    work.judged.append(_judgement(trace, step.kind, row, step.key))
    if trace.verdict is not Verdict.PASS and rule is not None:
        _refrain(row, situation, step, trace, rule, work)
        return
    work.passed += [
        _passed(row, Done(key, work.now, touched=False), "did not apply") for key in do.passed_over
    ]
    account = situation.account_id or 0
    work.by_account[account] += 1
    work.begun[account].add(situation.contact_id)
    key = f"enrolment:{row.pk}:{step.key}"
    row.open_step, row.open_since = step.key, work.now
    if step.kind is TouchKind.EMAIL:
        work.by_sender[row.sender_id or 0] += 1
        cold = not row.open_message_id
        work.orders.append((row, Order(made, "cadence", key, work.now, step.reviewed, cold)))
        row.next_look_at = work.now + MAIL_NET
        return
    work.wishes.append((row, _wish(row, situation, step, made, key, value, work.now)))
    row.next_look_at = due_at(work.now, step.patience, situation.place, work.limits.sending)


def _refrain(row: Enrolment, situation: Situation, step: Step, trace: Trace, rule: Rule, work: _Work) -> None:
    if trace.verdict is Verdict.HOLD:
        row.next_look_at = max(trace.until or work.now + LOOK_AGAIN, work.now + timedelta(minutes=1))
        return
    if rule is Rule.SUPPRESSION and step.kind.channel in {Channel.EMAIL, Channel.OTHER}:
        # A dead address closes mail alone; whatever else closes mail is somebody's wish to be left in peace.
        dead = step.kind is TouchKind.EMAIL and situation.standing.only_bounced(work.now)
        dead = dead and not row.contact.opted_out
        if not (dead and goes_on_without_mail(situation.progress, situation.plan)):
            work.stopped.append((row, Stop(StopReason.BOUNCED if dead else StopReason.SUPPRESSED)))
            return
    # This road is closed; the cadence goes on by the others.
    why = trace.deciding.value if trace.deciding else ""
    work.passed.append(_passed(row, Done(step.key, work.now, touched=False), why[:120]))
    row.next_look_at = work.now


def _wish(
    row: Enrolment, situation: Situation, step: Step, made: Draft, key: str, value: float, now: datetime
) -> Wish:
    holes = f"The script needs: {', '.join(made.unresolved)}." if made.unresolved else ""
    reasons = "; ".join(one.text for one in made.evidence) or holes
    return Wish(
        step.kind,
        f"{step.kind.replace('_', ' ').capitalize()}: {situation.contact}",
        "cadence",
        key,
        now,
        situation.contact_id,
        situation.account_id,
        row.owner_id,
        reasons,
        made.body,
        made.version_id,
        value,
    )


def _judgement(
    trace: Trace,
    kind: str,
    run: Enrolment | None = None,
    key: str = "",
    *,
    task_id: int | None = None,
    letter_id: int | None = None,
) -> Judgement:
    return Judgement(
        enrolment=run,
        task_id=task_id,
        letter_id=letter_id,
        step_key=key,
        kind=kind,
        at=trace.at,
        verdict=trace.verdict,
        rule=trace.deciding.rule if trace.deciding else "",
        value=trace.deciding.value if trace.deciding else "",
        until=trace.until,
        edition=EDITION,
        rulings=written(trace),
    )


def _write(rows: list[Enrolment], work: _Work) -> None:
    if work.orders:
        messages = outreach.queue_all(SYSTEM, [order for _, order in work.orders], work.now)
        for row, order in work.orders:
            row.open_message_id = messages[order.send_key or ""]
    if work.wishes:
        tasks = outreach.open_tasks([wish for _, wish in work.wishes], work.now)
        for row, wish in work.wishes:
            row.open_task_id = tasks[wish.origin_key or ""]
    Passed.objects.bulk_create(work.passed, ignore_conflicts=True)
    Judgement.objects.bulk_create(_news(work.judged))
    over = {row.pk for row, _ in work.stopped}
    _save([row for row in rows if row.pk not in over])
    _finish(work.stopped, work.now)


# One array a column: Django's bulk_update builds a CASE a row and took two thirds of the time of a look.
_SAVE = """
UPDATE cadence_enrolment e
SET state = m.state, next_look_at = m.next_look_at, open_step = m.open_step, open_since = m.open_since,
    open_task_id = m.open_task_id, open_message_id = m.open_message_id, callback_at = m.callback_at,
    paused_until = m.paused_until, pause_reason = m.pause_reason, version_id = m.version_id,
    next_version_id = m.next_version_id, stop_reason = m.stop_reason, stopped_at = m.stopped_at
FROM unnest(
    %s::bigint[], %s::text[], %s::timestamptz[], %s::text[], %s::timestamptz[], %s::bigint[], %s::bigint[],
    %s::timestamptz[], %s::timestamptz[], %s::text[], %s::bigint[], %s::bigint[], %s::text[], %s::timestamptz[]
) AS m(id, state, next_look_at, open_step, open_since, open_task_id, open_message_id, callback_at,
       paused_until, pause_reason, version_id, next_version_id, stop_reason, stopped_at)
WHERE e.id = m.id
"""
_SAVED = (
    "id", "state", "next_look_at", "open_step", "open_since", "open_task_id", "open_message_id", "callback_at",
    "paused_until", "pause_reason", "version_id", "next_version_id", "stop_reason", "stopped_at",
)  # fmt: skip


def _save(rows: list[Enrolment]) -> None:
    """All that the engine may change of these rows, in one statement."""
    if rows:
        with connection.cursor() as cursor:
            cursor.execute(_SAVE, [[_bare(getattr(row, name)) for row in rows] for name in _SAVED])


def _bare(value: object) -> object:
    """An array holds plain strings only, no members of an enumeration among them."""
    return str(value) if isinstance(value, str) else value


def _news(judged: list[Judgement]) -> list[Judgement]:
    """Those that say something else than the last look at the same step did."""
    if not judged:
        return []
    last = {
        row.enrolment_id: (row.step_key, row.verdict, row.rule)
        for row in Judgement.objects.filter(enrolment__in=[one.enrolment_id for one in judged])
        .order_by("enrolment", "-at", "-id")
        .distinct("enrolment")
    }
    return [
        one for one in judged if last.get(one.enrolment_id) != (one.step_key, str(one.verdict), str(one.rule))
    ]


_PARKS = {StopReason.FINISHED, StopReason.NO_PRIORITY, StopReason.BRANCHED}
_WHY_PARKED = {
    StopReason.FINISHED: "No answer to the whole cadence; worth another look at a new signal.",
    StopReason.NO_PRIORITY: "No priority when we last spoke.",
    StopReason.BRANCHED: "Left the cadence at a branch.",
}


def _finish(stopped: list[tuple[Enrolment, Stop]], now: datetime) -> None:
    """End runs: nothing of theirs stays open, and who may be worth a later look is parked."""
    if not stopped:
        return
    outreach.cancel_open([row.contact_id for row, _ in stopped], "cadence", "the cadence has ended", now)
    for row, end in stopped:
        row.state, row.stop_reason, row.stopped_at = State.FINISHED, end.reason, now
        row.next_look_at, row.open_step, row.open_since = None, "", None
        row.open_task, row.open_message, row.callback_at = None, None, None
    _save([row for row, _ in stopped])
    Park.objects.bulk_create(
        (
            Park(
                contact_id=row.contact_id,
                until=end.park_until.date() if end.park_until else None,
                wakes_at=end.park_until,
                on_signal=True,
                why=_WHY_PARKED.get(end.reason, "Asked for later."),
                parked_at=now,
            )
            for row, end in stopped
            if end.reason in _PARKS or end.park_until
        ),
        ignore_conflicts=True,
    )


# -- what people and the mailbox report


@transaction.atomic
def complete_task(
    asker: Person,
    task_id: int,
    disposition: Disposition,
    note: str,
    now: datetime,
    callback_at: datetime | None = None,
) -> None:
    """Close a task with its outcome; its run, if it is of one, takes the consequence at the next look."""
    effect = MEANING[disposition].effect
    if effect is Effect.CALL_BACK and not (callback_at and now < callback_at <= now + FURTHEST):
        mend = "Choose when they asked to be called, within a year; park them for longer."
        raise BadInput("A callback needs a time to come.", mend=mend)
    task = Task.objects.select_related("contact").filter(id=task_id).first()
    touch = disposition is not Disposition.SKIPPED
    if touch and task is not None and task.status == TaskStatus.OPEN and task.origin != "cadence":
        _keep_trace(task, now)
    outreach.complete(asker, task_id, disposition.value, note, now, touch=touch)
    if task is None:
        return
    if effect is Effect.SUPPRESS_PHONE and task.contact is not None:
        _close_phone(asker, task, task.contact, disposition, now)
    if disposition is Disposition.DISQUALIFIED:
        strikes.from_call(asker, f"task-{task_id}", note, now)
    run = Enrolment.objects.running().select_for_update(of=("self",)).filter(open_task=task_id).first()
    if effect is Effect.CALL_BACK and callback_at is not None:
        again = Wish(
            TouchKind(task.kind),
            f"Call back: {task.title.rpartition(': ')[2]}",
            task.origin,
            f"{task.origin_key or f'task:{task.pk}'}:back",
            callback_at,
            task.contact_id,
            task.account_id,
            task.owner_id,
            note or task.why,
            task.script,
            task.template_version_id,
            max(task.value, 90.0),
            callback_at,
        )
        number = outreach.open_task(asker, again, now)
        if run is not None:
            run.open_task_id, run.callback_at = number, callback_at
            run.next_look_at = callback_at + timedelta(days=7)
            run.save(update_fields=["open_task", "callback_at", "next_look_at"])
        return
    if run is not None:
        run.next_look_at = now
        run.save(update_fields=["next_look_at"])


def _keep_trace(task: Task, now: datetime) -> None:
    """What the rules say of a touch outside any cadence as it is carried out."""
    for trace in queries.task_traces([task.pk], now).values():
        _judgement(trace, task.kind, task_id=task.pk).save()


_WHY_CLOSED = {
    Disposition.DO_NOT_CALL: Reason.DO_NOT_CALL,
    Disposition.WRONG_NUMBER: Reason.WRONG_PERSON,
    Disposition.DISCONNECTED: Reason.OTHER,
}


def _close_phone(asker: Person, task: Task, who: Contact, ending: Disposition, now: datetime) -> None:
    """Nobody rings them again: not the person where they asked for it, not the number where it was the wrong one."""
    phone, number = Channel.PHONE.value, who.mobile or who.phone
    closed = [(Kind.PERSON, str(who.pk))] if ending is Disposition.DO_NOT_CALL else []
    # A wish of one person does not close a number that others of the office have too.
    if number and not (closed and _rings_others(number, who.pk)):
        closed.append((Kind.PHONE, number))
    for kind, value in closed:
        suppress(asker, kind, value, _WHY_CLOSED[ending], _source(task.pk), now, channel=phone)
    outreach.cancel_calls(who.pk, MEANING[ending].label.lower(), now)


def _rings_others(number: str, contact_id: int) -> bool:
    others = Contact.objects.living().exclude(id=contact_id)
    return others.filter(Q(phone=number) | Q(mobile=number)).exists()


def _source(task_id: int) -> str:
    return f"how task {task_id} ended"


@transaction.atomic
def reopen_task(asker: Person, task_id: int, now: datetime) -> None:
    """Undo a completion, as long as its run has not taken the next step. Raises Conflict once it has.

    What it closed is opened again while it can still be a slip of the hand; a wish that is older stands.
    """
    passed = Passed.objects.filter(enrolment__open_task=None, key__isnull=False)
    task = Task.objects.filter(id=task_id).first()
    if task is None:
        raise NotFound("There is no such task.")
    parts = (task.origin_key or "").split(":")
    run = None
    if len(parts) >= 3 and parts[0] == "enrolment":
        run = Enrolment.objects.select_for_update(of=("self",)).filter(id=int(parts[1])).first()
    if run is not None:
        if run.state == State.FINISHED or (run.open_step and run.open_task_id != task_id):
            raise Conflict("The cadence has moved on.", mend="Enrol the person again, or add a task.")
        passed.filter(enrolment=run, key=parts[2]).delete()
        run.open_step, run.open_since, run.open_task_id = parts[2], task.created_at, task_id
        run.next_look_at = now + MAIL_NET
        run.save(update_fields=["open_step", "open_since", "open_task", "next_look_at"])
    Judgement.objects.filter(task=task_id).delete()
    strikes.not_from_call(f"task-{task_id}")
    take_back_from(asker, _source(task_id), now)
    outreach.reopen(asker, task_id, now)


@transaction.atomic
def print_letters(asker: Person, letter_ids: Iterable[int], posted_on: date, now: datetime) -> int:
    """Print a batch, and have the runs looked at that waited for a letter of it; returns the batch's id.

    Raises Conflict, naming the person, where a rule holds or denies a letter at this moment. A cadence with a touch to
    come follows its letter up by itself, counted from the day on which it arrives.
    """
    demand(asker, Verb.WORK_TASKS)
    chosen = post.waiting_of(asker, letter_ids)
    traces = queries.letter_traces(chosen, now)
    _may_go_out(traces)
    tasks = post.tasks_of(chosen)
    runs = list(Enrolment.objects.running().filter(open_task__in=list(tasks.values())).order_by("id"))
    followed = {run.open_task_id for run in runs if _has_more(run) and run.open_task_id is not None}
    done = post.print_batch(asker, chosen, posted_on, now, followed)
    waiting = Enrolment.objects.filter(open_task__in=list(done.task_ids), state=State.ACTIVE)
    waiting.update(next_look_at=now)
    of_runs = set(Task.objects.filter(id__in=done.task_ids, origin="cadence").values_list("id", flat=True))
    Judgement.objects.bulk_create(
        _judgement(trace, TouchKind.DIRECT_MAIL, letter_id=letter)
        for letter, trace in traces.items()
        if letter in done.letter_ids and tasks.get(letter) not in of_runs
    )
    return done.batch_id


def _may_go_out(traces: Mapping[int, Trace]) -> None:
    """Raises Conflict, naming the person, for the first letter that a rule holds or denies."""
    for letter, trace in sorted(traces.items()):
        rule = trace.deciding
        if rule is not None:
            until = f"It may from {trace.until:%Y-%m-%d %H:%M} UTC on." if trace.until else ""
            raise Conflict(
                f"The letter to {post.addressed_to(letter)} cannot go out: "
                f"{rule.rule.replace('_', ' ')}, {rule.value}",
                mend=rule.mend or until,
            )


def _has_more(run: Enrolment) -> bool:
    """Whether a step that reaches the person comes after the one that lies open."""
    plan = queries.plan_of(run.version_id)
    at = plan.index(run.open_step)
    coming = plan.steps[at + 1 :] if at is not None else ()
    return any(step.kind is not TouchKind.TASK for step in coming)


def messages_settled(message_ids: Iterable[int], now: datetime) -> None:
    """The mailbox knows what became of these messages: have their runs looked at. Safe to repeat."""
    waiting = Enrolment.objects.filter(open_message__in=list(message_ids), state=State.ACTIVE)
    waiting.update(next_look_at=now)


def numbers_screened(numbers: Collection[str], now: datetime) -> None:
    """A register has answered about these numbers (E.164): have the runs looked at that may wait for it.

    A hold that somebody must mend is looked at within hours by itself, so only what those hours hold is searched.
    """
    soon = Enrolment.objects.filter(
        state=State.ACTIVE, open_step="", next_look_at__gt=now, next_look_at__lte=now + LOOK_AGAIN
    )
    theirs = soon.values_list("id", "contact__mobile", "contact__phone")
    waiting = [run for run, mobile, phone in theirs if normal(Kind.PHONE, mobile or phone or "") in numbers]
    Enrolment.objects.filter(id__in=waiting).update(next_look_at=now)


# -- parked


@transaction.atomic
def park(
    asker: Person, contact_id: int, until: date | None, why: str, now: datetime, *, on_signal: bool = True
) -> None:
    """Set somebody aside until a date, a future signal, or whichever comes first; ends a run they are in.

    The date begins by the clock of who sets it.
    """
    demand(asker, Verb.EDIT_RECORDS)
    if until is None and not on_signal:
        raise BadInput("Nothing would ever wake this.", mend="Give a date, or let a signal wake it.")
    if until is not None and until <= now.astimezone(asker.tz).date():
        raise BadInput("That date is not to come.", mend="Choose a later one.")
    contact = Contact.objects.filter(id=contact_id).first()
    if contact is None:
        raise NotFound("There is no such person.")
    stop_person(contact_id, StopReason.BRANCHED, now)
    Park.objects.update_or_create(
        contact=contact,
        woken_at=None,
        defaults={
            "until": until,
            "wakes_at": day_begins(until, asker.zone) if until else None,
            "on_signal": on_signal,
            "why": why or "Parked by hand.",
            "parked_at": now,
            "parked_by_id": asker.id,
        },
    )
    after = {"until": until.isoformat() if until else None, "on_signal": on_signal}
    record(asker, "park", "contact", contact_id, contact.label, now=now, reason=why, after=after)


@transaction.atomic
def unpark(asker: Person, contact_id: int, now: datetime) -> None:
    """Take somebody back from where they were set aside; no task is made of it. Raises NotFound."""
    demand(asker, Verb.EDIT_RECORDS)
    row = Park.objects.filter(contact=contact_id, woken_at=None).select_related("contact").first()
    if row is None:
        raise NotFound("This person is not set aside.")
    row.woken_at, row.woken_by = now, f"taken back by {asker.name}"
    row.save(update_fields=["woken_at", "woken_by"])
    record(asker, "unpark", "contact", contact_id, row.contact.label, now=now)


@transaction.atomic
def wake_due(now: datetime, limit: int = CHUNK) -> int:
    """Wake those whose date has come or who have a new signal: each lands on top of Today, with why."""
    resting = Park.objects.filter(woken_at=None).select_for_update(of=("self",), skip_locked=True)
    by_date = list(resting.filter(wakes_at__lte=now).select_related("contact__account")[:limit])
    woken = [(row, f"the date you set: {row.until:%Y-%m-%d}") for row in by_date]
    known = {row.pk for row in by_date}
    woken += [(row, text) for row, text in _stirred(resting, now, limit) if row.pk not in known]
    wishes = []
    people = {row.contact_id: addressee(row.contact, row.contact.account) for row, _ in woken}
    standing = standings(people.values(), now)
    for row, by in woken:
        row.woken_at, row.woken_by = now, by
        contact, on_file = row.contact, standing[str(row.contact_id)]
        if against := on_file.against(Channel.OTHER.value, now):
            # They asked meanwhile to be left alone on every road: nobody is told to work them.
            row.woken_by = f"not to be contacted: {against}"
            continue
        wishes.append(
            Wish(
                _by_phone(contact, on_file, now),
                f"Woken: {contact.label}",
                "park",
                f"park:{row.pk}",
                now,
                contact.pk,
                contact.account_id,
                contact.owner_id or row.parked_by_id,
                f"Now: {by}. Then: {row.why}",
                value=100.0,
            )
        )
    Park.objects.bulk_update([row for row, _ in woken], ["woken_at", "woken_by"])
    outreach.open_tasks(wishes, now)
    return len(woken) + _wake_stage(now, limit)


def _wake_stage(now: datetime, limit: int) -> int:
    """Wake whom somebody set aside in a list: until a day, or else until a signal. They are prospects again."""
    since = LifecycleChange.objects.filter(contact=OuterRef("pk"), now=Lifecycle.PARKED).order_by("-at")
    news = Signal.objects.filter(
        Q(contact=OuterRef("pk")) | Q(account=OuterRef("account_id"), contact=None),
        dismissed_at=None, seen_at__gt=OuterRef("since"), seen_at__lte=now,
    )  # fmt: skip
    resting = Contact.objects.living().filter(lifecycle=Lifecycle.PARKED)
    begun = Q(parked_until__lt=now.date() - timedelta(days=1)) | Q(pk__in=_day_begun(resting, since, now))
    due = resting.annotate(since=Subquery(since.values("at")[:1])).filter(
        begun | Q(Exists(news), parked_until=None)
    )
    rows = list(due.select_related("account").order_by("id")[:limit])
    qualify.wake(SYSTEM, [row.pk for row in rows], "What it was to wait for has come.", "wake", now)
    people = {row.pk: addressee(row, row.account) for row in rows}
    standing = standings(people.values(), now)
    wishes = [
        Wish(
            _by_phone(row, standing[str(row.pk)], now),
            f"Woken: {row.label}",
            "park",
            f"stage:{row.pk}:{row.parked_until or now:%Y-%m-%d}",
            now,
            row.pk,
            row.account_id,
            row.owner_id,
            f"Now: the date you set: {row.parked_until:%Y-%m-%d}"
            if row.parked_until
            else "Now: a new signal.",
            value=100.0,
        )
        for row in rows
        if not standing[str(row.pk)].against(Channel.OTHER.value, now)
    ]
    outreach.open_tasks(wishes, now)
    return len(rows)


def _day_begun(resting: QuerySet[Contact], since: QuerySet[LifecycleChange], now: datetime) -> list[int]:
    """Whose day has begun by the clock of who set it (else of who owns them), where that is a matter of hours."""
    near = [now.date() + timedelta(days=days) for days in (-1, 0, 1)]
    told = resting.filter(parked_until__in=near).annotate(zone=Subquery(since.values("by__zone")[:1]))
    return [
        who
        for who, day, set_in, owned_in in told.values_list("id", "parked_until", "zone", "owner__zone")
        if day is not None and day_begins(day, set_in or owned_in or "UTC") <= now
    ]


def _by_phone(contact: Contact, on_file: Standing, now: datetime) -> TouchKind:
    """A call where there is a number and no wish against it."""
    silent = on_file.against(Channel.PHONE.value, now) or noted(contact, Channel.PHONE)
    return TouchKind.CALL if (contact.phone or contact.mobile) and not silent else TouchKind.TASK


def _stirred(resting: QuerySet[Park], now: datetime, limit: int) -> list[tuple[Park, str]]:
    """Parked people with a signal that came after they were set aside."""
    waiting = list(resting.filter(on_signal=True).select_related("contact__account").order_by("id"))
    accounts = {row.contact.account_id for row in waiting if row.contact.account_id}
    people = {row.contact_id for row in waiting}
    fresh: dict[tuple[str, int], list[Signal]] = defaultdict(list)
    signals = Signal.objects.filter(
        Q(contact__in=people) | Q(account__in=accounts, contact=None), dismissed_at=None
    ).order_by("-seen_at", "-id")
    for one in signals:
        fresh["contact" if one.contact_id else "account", one.contact_id or one.account_id or 0].append(one)
    found = []
    for row in waiting:
        candidates = [*fresh["contact", row.contact_id], *fresh["account", row.contact.account_id or 0]]
        news = [one for one in candidates if one.seen_at > row.parked_at and one.seen_at <= now]
        news = [one for one in news if not row.signal_types or one.type in row.signal_types]
        if news:
            found.append((row, f"{news[0].evidence} ({news[0].date:%Y-%m-%d})"))
        if len(found) == limit:
            break
    return found


@transaction.atomic
def set_policy(asker: Person, policy: Policy, now: datetime) -> None:
    """Change the house's limits. Raises BadInput for a window that never opens or a zone that is none."""
    demand(asker, Verb.CHANGE_SETTINGS)
    if not policy.opens < policy.closes:
        raise BadInput("The day would close before it opens.", mend="Set an opening time before the closing.")
    if policy.fallback_zone and policy.fallback_zone not in available_timezones():
        raise BadInput(f"'{policy.fallback_zone[:60]}' is no time zone.", mend="Choose one from the list.")
    if min(policy.person_per_week, policy.account_per_week, policy.people_at_first) < 1:
        raise BadInput("Nobody could ever be touched.", mend="Allow at least one touch, and one person.")
    values = {name: getattr(policy, name) for name in Policy.__dataclass_fields__}
    before = {name: getattr(queries.policy(), name) for name in values}
    HousePolicy.objects.update_or_create(id=1, defaults=values)
    record(
        asker, "set touch policy", "policy", 1, "touch policy", now=now,
        before={name: str(value) for name, value in before.items()},
        after={name: str(value) for name, value in values.items()},
    )  # fmt: skip
