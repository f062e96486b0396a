"""Questions about cadences and the people in them.

plan_of(version_id) -> Plan                             a version as the rules know it
cadences() -> tuple[Shelf, ...]                         each with its newest version and its people
cadence(cadence_id) -> Sheet                            raises NotFound
passengers(asker, cadence_id, limit) -> tuple[Passenger, ...]  who is under way in it
due_ids(now, limit) -> tuple[int, ...]                  enrolments to look at
situations(enrolments, house, now) -> {id: Situation}   all that the rules ask, in a fixed number of queries
limits() -> Limits, policy() -> Policy                   the house's policy, for the rules and for its form
trace(enrolment_id) -> tuple[Judged, ...]               why (not), newest first
task_traces(task_ids, now) -> {id: Trace}               what the rules say of tasks, were they done at this moment
letter_traces(letter_ids, now) -> {id: Trace}           the same of printing letters
done_by_hand(contact_id) -> tuple[DoneByHand, ...]      what they said of touches outside cadences, as each was done
runs_of(contact_id) -> tuple[Run, ...]                  a person's passages, each with its trace
judge_now(contact_id, kind, now) -> Trace               what the rules would say of a touch at this moment
newest_version(cadence_id) -> int                       the one that new people get
refusals(people, now, version_id) -> {contact_id: why}  who may not be started on a cadence; empty: may be
prospects_at(account_ids, limit) -> ids
chances(contact_ids, cadence_id, sender_id, now)        what would become of each, were they enrolled now
preview(cadence_id, plan, choice, now) -> Preview       what an edit would change, person by person, in groups
parked(asker, limit) -> tuple[Parked, ...]
worked(asker, since) -> int                             tasks that one person has closed since then
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from functools import lru_cache

from django.db.models import Count, Max, Q, prefetch_related_objects

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
from panout.cadence.rules.calendar import Place, Window
from panout.cadence.rules.dispositions import ending
from panout.cadence.rules.edits import (
    Change,
    Choice,
    Group,
    Next,
    differences,
    drops_task,
    grouped,
    moves_now,
    next_touch,
)
from panout.cadence.rules.gate import (
    Errand,
    Limits,
    Proposed,
    Ruling,
    Trace,
    Verdict,
    errand_of,
    judge,
    judge_by_hand,
    rulings_in,
)
from panout.cadence.rules.moves import Done, Holds, Progress, StopReason
from panout.cadence.rules.plan import Branch, Plan, Step
from panout.consent.queries import Standing, standings
from panout.consent.rules.law import Recipient, calling_for, law_for
from panout.consent.rules.registers import Consulted
from panout.criteria.parse import parse
from panout.criteria.predicate import Predicate, Record, predicate
from panout.criteria.schema import CATALOGUE, Known, Side
from panout.kernel.chance import place_of
from panout.kernel.channels import Channel, TouchKind
from panout.kernel.errors import NotFound
from panout.kernel.fields import ACCOUNT_FIELDS, CONTACT_FIELDS
from panout.kernel.fields import Kind as FieldKind
from panout.kernel.zones import zone_of
from panout.outreach.models import Message, MessageStatus, PaperLetter, Sender, Task, TaskStatus, Touch
from panout.outreach.queries import addressee
from panout.outreach.screening import consulted
from panout.qualify.models import Verdict as VerdictRow
from panout.resolve.models import Contact
from panout.resolve.queries import in_sight
from panout.signals.models import Signal
from panout.team.rules import Person

WEEK = timedelta(days=7)

# What branches may ask beside the catalogue: how the step before ended.
BRANCH_SCHEMA = CATALOGUE.plus(
    [
        Known("disposition", FieldKind.TEXT, Side.OTHER, "how the step before ended"),
        Known("reply", FieldKind.TEXT, Side.OTHER, "what their last answer meant"),
    ]
)


# -- plans


@lru_cache(maxsize=512)
def plan_of(version_id: int) -> Plan:
    """A version as the rules know it. Versions never change, so they are kept in memory."""
    rows = StepRow.objects.filter(version=version_id).select_related("version__cadence").order_by("position")
    steps = tuple(_step(row) for row in rows)
    if not steps:
        raise NotFound("There is no such cadence.")
    return Plan(rows[0].version.cadence.name, steps)


def _step(row: StepRow) -> Step:
    return Step(
        row.key,
        TouchKind(row.kind),
        row.wait,
        row.template,
        row.reviewed,
        row.thread,
        row.only_if,
        row.patience,
        tuple(Branch(one["when"], one.get("go_to"), one.get("park_days")) for one in row.branches),
    )


@dataclass(frozen=True, slots=True)
class Shelf:
    """A cadence in a list."""

    id: int
    name: str
    version_id: int
    number: int
    steps: int
    days: int
    under_way: int
    finished: int


@dataclass(frozen=True, slots=True)
class Edition:
    """One version of a cadence."""

    id: int
    number: int
    author: str
    reason: str
    created_at: datetime
    under_way: int


@dataclass(frozen=True, slots=True)
class Sheet:
    """A cadence's page: its newest version, and all of them."""

    id: int
    name: str
    plan: Plan
    version_id: int
    editions: tuple[Edition, ...]
    ended: tuple[tuple[str, int], ...]


def cadences() -> tuple[Shelf, ...]:
    """All cadences in use, by name."""
    running = ~Q(versions__enrolments__state=State.FINISHED) & Q(versions__enrolments__isnull=False)
    rows = (
        Cadence.objects.filter(retired_at=None)
        .annotate(
            under_way=Count("versions__enrolments", filter=running, distinct=True),
            finished=Count(
                "versions__enrolments", filter=Q(versions__enrolments__state=State.FINISHED), distinct=True
            ),
        )
        .prefetch_related("versions__steps")
        .order_by("name")
    )
    shelves = []
    for row in rows:
        newest = max(row.versions.all(), key=lambda version: version.number)
        steps = list(newest.steps.all())
        days = sum(step.wait for step in steps)
        shelves.append(
            Shelf(row.pk, row.name, newest.pk, newest.number, len(steps), days, row.under_way, row.finished)
        )
    return tuple(shelves)


def opening_by(channel: Channel) -> int | None:
    """The first cadence by name whose newest version opens on this channel."""
    for row in Cadence.objects.filter(retired_at=None).prefetch_related("versions__steps").order_by("name"):
        newest = max(row.versions.all(), key=lambda version: version.number)
        opener = min(newest.steps.all(), key=lambda step: step.position, default=None)
        if opener is not None and TouchKind(opener.kind).channel is channel:
            return row.pk
    return None


def cadence(cadence_id: int) -> Sheet:
    """One cadence with its versions and how its runs ended. Raises NotFound."""
    row = Cadence.objects.filter(id=cadence_id).first()
    if row is None:
        raise NotFound("There is no such cadence.")
    versions = (
        row.versions.select_related("author")
        .annotate(under_way=Count("enrolments", filter=~Q(enrolments__state=State.FINISHED)))
        .order_by("-number")
    )
    editions = tuple(
        Edition(
            one.pk,
            one.number,
            one.author.name if one.author else "Panout",
            one.reason,
            one.created_at,
            one.under_way,
        )
        for one in versions
    )
    ended = (
        Enrolment.objects.filter(version__cadence=row, state=State.FINISHED)
        .values_list("stop_reason")
        .annotate(people=Count("id"))
        .order_by("-people", "stop_reason")
    )
    return Sheet(row.pk, row.name, plan_of(editions[0].id), editions[0].id, editions, tuple(ended))


@dataclass(frozen=True, slots=True)
class Passenger:
    """Somebody under way in a cadence."""

    enrolment_id: int
    contact_id: int
    contact: str
    account: str
    version: int
    state: str
    pause_reason: str
    open_step: str
    next_look_at: datetime | None
    started_at: datetime
    origin: str


def passengers(asker: Person, cadence_id: int, limit: int = 200) -> tuple[Passenger, ...]:
    """Who is under way in a cadence, whoever is looked at next first."""
    rows = (
        Enrolment.objects.running()
        .filter(in_sight(asker), version__cadence=cadence_id)
        .select_related("contact", "account", "version")
        .order_by("next_look_at", "id")[:limit]
    )
    return tuple(
        Passenger(
            row.pk,
            row.contact_id,
            row.contact.label,
            row.account.label if row.account else "",
            row.version.number,
            row.state,
            row.pause_reason,
            row.open_step,
            row.next_look_at,
            row.started_at,
            row.origin,
        )
        for row in rows
    )


# -- the house's policy


def limits() -> Limits:
    """The limits in force: the presets, or what the house has set."""
    row = HousePolicy.objects.first()
    if row is None:
        return Limits()
    window = Window(row.opens, row.closes)
    return Limits(
        timedelta(hours=row.recent_gap_hours),
        row.person_per_week,
        row.account_per_week,
        row.people_at_first,
        timedelta(days=row.colleague_rest_days),
        window,
        window,
        row.fallback_zone or None,
    )


@dataclass(frozen=True, slots=True)
class Policy:
    """The house's limits as the settings page shows and gives them."""

    recent_gap_hours: int
    person_per_week: int
    account_per_week: int
    people_at_first: int
    colleague_rest_days: int
    opens: time
    closes: time
    fallback_zone: str


def policy() -> Policy:
    """The house's limits in the units of their form."""
    row = HousePolicy.objects.first() or HousePolicy(opens=Window().opens, closes=Window().closes)
    return Policy(**{name: getattr(row, name) for name in Policy.__dataclass_fields__})


# -- situations: everything the rules ask, for many people at once


@dataclass(frozen=True, slots=True)
class Situation:
    """One enrolment with all that its next move and the gate may ask. `spread` places it within a day."""

    enrolment_id: int
    contact_id: int
    account_id: int | None
    contact: str
    owner_id: int | None
    sender_id: int | None
    version_id: int
    next_version_id: int | None
    progress: Progress
    plan: Plan
    place: Place
    holds: Holds
    spread: float
    standing: Standing
    facts: Proposed


def due_ids(now: datetime, limit: int) -> tuple[int, ...]:
    """Enrolments whose look has come, longest due first. Costs what is due, not what exists."""
    return tuple(Enrolment.objects.due(now).values_list("id", flat=True)[:limit])


_OURS = (StopReason.REPLIED, StopReason.INTERESTED, StopReason.MEETING)
_OPEN_MAIL = (
    MessageStatus.REVIEW,
    MessageStatus.QUEUED,
    MessageStatus.CLAIMED,
    MessageStatus.SENDING,
    MessageStatus.UNSURE,
)


def situations(rows: list[Enrolment], house: Limits, now: datetime) -> dict[int, Situation]:
    """What the rules ask of each of these enrolments, as they stand in memory. A dozen queries in all."""
    prefetch_related_objects(rows, "contact", "account", "sender")
    for row in rows:
        if row.contact.account_id == row.account_id:
            row.contact.account = row.account
    prefetch_related_objects(rows, "contact__account")
    gathered = _gather(rows, now)
    return {row.pk: _situation(row, gathered, house, now) for row in rows}


@dataclass(frozen=True, slots=True)
class _Weight:
    """A touch of the last seven days, or one that is on its way; `key` says whose step it was.

    `waits`: it stands in Today for a hand, from `at` on; it weighs on the budgets until it is done or withdrawn.
    """

    at: datetime
    contact_id: int
    key: str
    waits: bool = False


@dataclass(frozen=True, slots=True)
class _Gathered:
    passed: Mapping[int, list[Done]]
    last_signals: Mapping[tuple[str, int], list[Signal]]
    standings: Mapping[str, Standing]
    by_person: Mapping[int, list[_Weight]]
    by_account: Mapping[int, list[_Weight]]
    older_touch: Mapping[int, datetime]
    begun: Mapping[int, set[int]]
    replied: Mapping[int, list[tuple[int, datetime]]]
    registers: Mapping[int, tuple[Consulted, ...]]


def _gather(rows: list[Enrolment], now: datetime) -> _Gathered:
    people = {row.contact_id for row in rows}
    accounts = {row.account_id for row in rows if row.account_id}
    passed: dict[int, list[Done]] = defaultdict(list)
    for one in Passed.objects.filter(enrolment__in=[row.pk for row in rows]).order_by("at", "id"):
        disposition = ending(one.disposition)
        passed[one.enrolment_id].append(Done(one.key, one.at, disposition, one.touched))
    by_person, by_account = _weights(people, accounts, now)
    begun: dict[int, set[int]] = defaultdict(set)
    for account_id, contact_id in (
        Enrolment.objects.running()
        .filter(account__in=accounts, passed__touched=True)
        .values_list("account", "contact")
        .distinct()
    ):
        begun[account_id].add(contact_id)
    replied: dict[int, list[tuple[int, datetime]]] = defaultdict(list)
    for account_id, contact_id, at in Enrolment.objects.filter(
        account__in=accounts, state=State.FINISHED, stop_reason__in=_OURS, stopped_at__isnull=False
    ).values_list("account", "contact", "stopped_at"):
        if at is not None:
            replied[account_id].append((contact_id, at))
    older = dict(
        Touch.objects.filter(contact__in=people).values_list("contact").annotate(Max("at")).order_by()
    )
    return _Gathered(
        passed,
        _signals(rows),
        standings([addressee(row.contact, row.account) for row in rows], now),
        by_person,
        by_account,
        older,
        begun,
        replied,
        consulted([(row.contact, row.account) for row in rows]),
    )


def _weights(
    people: set[int], accounts: set[int], now: datetime
) -> tuple[dict[int, list[_Weight]], dict[int, list[_Weight]]]:
    by_person: dict[int, list[_Weight]] = defaultdict(list)
    by_account: dict[int, list[_Weight]] = defaultdict(list)
    done = (
        Touch.objects.filter(Q(contact__in=people) | Q(account__in=accounts), at__gt=now - WEEK)
        .order_by("at")
        .values_list("at", "contact", "account", "message__send_key", "task__origin_key")
    )
    coming = Message.objects.filter(
        Q(contact__in=people) | Q(account__in=accounts), status__in=_OPEN_MAIL
    ).values_list("created_at", "contact", "account", "send_key")
    standing = (
        Task.objects.waiting(now)
        .filter(Q(contact__in=people) | Q(account__in=accounts), contact__isnull=False)
        # A bare task is of our own house and reaches nobody.
        .exclude(kind=TouchKind.TASK)
        .values_list("due_at", "contact", "account", "origin_key")
    )
    for at, contact, account, task in standing:
        if contact is not None:
            _weigh(_Weight(at, contact, task or "", waits=True), account, by_person, by_account)
    for at, contact, account, sent, task in done:
        _weigh(_Weight(at, contact, sent or task or ""), account, by_person, by_account)
    for at, contact, account, sent in coming:
        _weigh(_Weight(at, contact, sent or ""), account, by_person, by_account)
    return by_person, by_account


def _weigh(
    weight: _Weight,
    account: int | None,
    by_person: dict[int, list[_Weight]],
    by_account: dict[int, list[_Weight]],
) -> None:
    by_person[weight.contact_id].append(weight)
    if account is not None:
        by_account[account].append(weight)


def _signals(rows: list[Enrolment]) -> dict[tuple[str, int], list[Signal]]:
    """Signals of the people whose cadence asks for any; nobody else's are read."""
    asking = [row for row in rows if row.version_id and _asks_for_signals(plan_of(row.version_id))]
    found: dict[tuple[str, int], list[Signal]] = defaultdict(list)
    if asking:
        mine = Q(contact__in=[row.contact_id for row in asking])
        ours = Q(account__in=[row.account_id for row in asking if row.account_id], contact=None)
        for one in Signal.objects.filter(mine | ours, dismissed_at=None):
            found["contact" if one.contact_id else "account", one.contact_id or one.account_id or 0].append(
                one
            )
    return found


def _asks_for_signals(plan: Plan) -> bool:
    texts = (text for step in plan.steps for text in (step.only_if, *(one.when for one in step.branches)))
    return any("signal" in text for text in texts)


@lru_cache(maxsize=2048)
def _question(text: str, as_of: date) -> Predicate:
    return predicate(parse(text, BRANCH_SCHEMA), as_of)


_CONTACT_NAMES = tuple(field.name for field in CONTACT_FIELDS)
_ACCOUNT_NAMES = tuple(field.name for field in ACCOUNT_FIELDS)


def _record(row: Enrolment, progress: Progress, signals: list[Signal]) -> Record:
    values = {name: getattr(row.contact, name) for name in _CONTACT_NAMES}
    if row.account is not None:
        values |= {name: getattr(row.account, name) for name in _ACCOUNT_NAMES}
    last = progress.done[-1].disposition if progress.done else None
    custom = {**(row.account.custom if row.account else {}), **row.contact.custom}
    return Record({**values, "disposition": last and last.value}, signals, custom)


def progress_of(row: Enrolment, passed: list[Done]) -> Progress:
    """How far an enrolment has come. Stops are rows too: a stopped one is not asked about again."""
    return Progress(
        started_at=row.started_at,
        done=tuple(passed),
        open_task=row.open_step or None,
        task_since=row.open_since,
        callback_at=row.callback_at,
        paused=row.state == State.PAUSED,
        paused_until=row.paused_until,
    )


_NO_PLAN = Plan("none", (Step("none", TouchKind.TASK),))


def _situation(row: Enrolment, got: _Gathered, house: Limits, now: datetime) -> Situation:
    contact, account = row.contact, row.account
    country = contact.person_country or (account.country if account else None)
    region = contact.person_region or (account.region if account else None)
    zone = zone_of(country, region)
    progress = progress_of(row, got.passed.get(row.pk, []))
    signals = [
        *got.last_signals.get(("contact", contact.pk), []),
        *got.last_signals.get(("account", account.pk if account else 0), []),
    ]

    @lru_cache(maxsize=1)
    def record() -> Record:
        return _record(row, progress, signals)

    def holds(text: str) -> bool | None:
        return _question(text, now.date())(record())

    mine, ours = f"enrolment:{row.pk}:", row.account_id or 0
    week = got.by_person.get(contact.pk, [])
    elsewhere = [weight.at for weight in week if not weight.waits and not weight.key.startswith(mine)]
    before = got.older_touch.get(contact.pk)
    if before is not None and before < row.started_at:
        elsewhere.append(before)
    at_account = got.by_account.get(ours, [])
    begun = got.begun.get(ours, set())
    replies = got.replied.get(ours, [])
    sender: Sender | None = row.sender
    calling = calling_for(country, region)
    facts = Proposed(
        kind=TouchKind.TASK,
        zone=zone,
        country=country or "",
        opted_out=bool(contact.opted_out),
        do_not_call=bool(contact.do_not_call),
        calling=Window(calling.opens, calling.closes) if calling.country != "*" else None,
        last_touch_at=max(elsewhere, default=None),
        person_touches_in_week=len(week),
        account_touches_in_week=len(at_account),
        budget_frees_at=_frees_at(week, at_account, now),
        account_people=len(begun - {contact.pk}),
        account_engaged=bool(replies),
        new_person=contact.pk not in begun,
        colleague_replied_at=max((at for who, at in replies if who != contact.pk), default=None),
        mailbox_left_today=_left(sender, now),
        mailbox_opens_at=sender.opens_at if sender else None,
        domain_ok=not (sender and sender.domain_trouble),
        domain_trouble=sender.domain_trouble if sender else "",
        fallback_zone=house.fallback_zone,
        registers=got.registers.get(contact.pk, ()),
    )
    return Situation(
        row.pk,
        contact.pk,
        row.account_id,
        contact.label,
        row.owner_id,
        row.sender_id,
        row.version_id,
        row.next_version_id,
        progress,
        plan_of(row.version_id) if row.version_id else _NO_PLAN,
        Place(zone or house.fallback_zone or "UTC", country or ""),
        holds,
        place_of("within the day", str(contact.pk)),
        got.standings[str(contact.pk)],
        facts,
    )


def _frees_at(person: list[_Weight], account: list[_Weight], now: datetime) -> datetime | None:
    """When the oldest touch no longer weighs; None where all that weighs is still to be done by somebody."""
    ends = (weight.at + WEEK for weight in (*person, *account) if not weight.waits)
    return min((end for end in ends if end > now), default=None)


def _left(sender: Sender | None, now: datetime) -> int | None:
    """What the sender's mailbox may still send today; what it said of another day no longer counts."""
    if sender is None or sender.left_today is None:
        return None
    if sender.left_on is not None and sender.left_on < now.date() and sender.left_today == 0:
        return 1
    return sender.left_today


def recipient_of(situation: Situation) -> Recipient:
    """People at a company are written to in their job; others are private persons."""
    return Recipient.COMPANY if situation.account_id is not None else Recipient.PERSON


def asked(
    situation: Situation,
    kind: TouchKind,
    now: datetime,
    *,
    reviewed: bool = False,
    unresolved: tuple[str, ...] = (),
    unsupported: tuple[str, ...] = (),
) -> Proposed:
    """The touch as the gate asks about it: the situation, seen from one kind of touch."""
    channel = kind.channel.value
    law = law_for(situation.facts.country or None, channel, recipient_of(situation))
    return replace(
        situation.facts,
        kind=kind,
        suppressed_by=situation.standing.against(channel, now),
        law=law.ruling.value,
        law_source=law.source,
        consent_on_file=situation.standing.consented(channel),
        unresolved=unresolved,
        unsupported=unsupported,
        needs_approval=reviewed,
        # A reviewed message goes into the approval queue, which is where its approval is waited for.
        approved=reviewed,
    )


def not_free(contact_ids: Iterable[int]) -> frozenset[int]:
    """Those who are, or were, in a cadence, or are parked: nobody to start with anew."""
    people = list(contact_ids)
    runs = Enrolment.objects.filter(contact__in=people).values_list("contact", flat=True)
    resting = Park.objects.filter(contact__in=people, woken_at=None).values_list("contact", flat=True)
    return frozenset({*runs, *resting})


# -- who may be started


def newest_version(cadence_id: int) -> int:
    """The version that new people get. Raises NotFound."""
    rows = CadenceVersion.objects.filter(cadence=cadence_id).order_by("-number")
    found = rows.values_list("id", flat=True).first()
    if found is None:
        raise NotFound("There is no such cadence.")
    return found


def prospects_at(account_ids: Iterable[int], limit: int) -> tuple[int, ...]:
    """The prospects at these accounts, the best first."""
    rows = VerdictRow.objects.filter(
        verdict="prospect", contact__isnull=False, contact__account__in=list(account_ids)
    )
    ids = rows.order_by("-priority", "contact").values_list("contact", flat=True)[:limit]
    return tuple(one for one in ids if one is not None)


def refusals(people: Iterable[Contact], now: datetime, version_id: int) -> dict[int, str]:
    """Why each of these may not be started on this version of a cadence; empty for those who may."""
    rows = list(people)
    on_file = standings([addressee(row, row.account) for row in rows], now)
    return _refusals(rows, on_file, plan_of(version_id), now)


def _refusals(
    rows: list[Contact], on_file: Mapping[str, Standing], plan: Plan, now: datetime
) -> dict[int, str]:
    by_others = any(step.kind is not TouchKind.EMAIL for step in plan.steps)
    people = [row.pk for row in rows]
    busy = set(Enrolment.objects.running().filter(contact__in=people).values_list("contact", flat=True))
    return {
        row.pk: "in a cadence already"
        if row.pk in busy
        else _refusal(row, on_file[str(row.pk)], by_others, now)
        for row in rows
    }


def _refusal(row: Contact, standing: Standing, by_others: bool, now: datetime) -> str:
    """A dead address keeps nobody from a cadence that has other roads than mail."""
    against = standing.against(Channel.EMAIL.value, now)
    if against and not (by_others and standing.only_bounced(now)):
        return against
    if row.opted_out:
        return "opted out of email"
    return "disqualified" if row.lifecycle == "disqualified" else ""


@dataclass(frozen=True, slots=True)
class Chance:
    """What would become of somebody who is enrolled now: `refused` says why not, else the first touch is judged."""

    contact_id: int
    contact: str
    title: str
    account: str
    refused: str
    step: Step | None
    trace: Trace | None

    @property
    def verdict(self) -> str:
        """refused, or what the rules say of the first touch: pass, hold, deny."""
        return self.trace.verdict.value if self.trace else "refused"


def chances(
    contact_ids: Iterable[int], cadence_id: int, sender_id: int | None, now: datetime
) -> tuple[Chance, ...]:
    """The gate's word on the first touch of each, in the order given, those before weighed in. Writes nothing."""
    house, version = limits(), newest_version(cadence_id)
    order = list(dict.fromkeys(contact_ids))
    living = Contact.objects.living().select_related("account").in_bulk(order)
    people = [living[one] for one in order if one in living]
    sender = Sender.objects.filter(id=sender_id).first() if sender_id else None
    rows = [
        Enrolment(contact=one, account=one.account, version_id=version, sender=sender, started_at=now)
        for one in people
    ]
    gathered = _gather(rows, now)
    against = _refusals(people, gathered.standings, plan_of(version), now)
    found = {
        row.contact_id: _situation(row, gathered, house, now) for row in rows if not against[row.contact_id]
    }
    begun: dict[int, int] = defaultdict(int)
    return tuple(_chance(one, against[one.pk], found.get(one.pk), begun, house, now) for one in people)


def _chance(
    row: Contact,
    refused: str,
    situation: Situation | None,
    begun: dict[int, int],
    house: Limits,
    now: datetime,
) -> Chance:
    account = row.account.label if row.account else ""
    if situation is None:
        return Chance(row.pk, row.label, row.title or "", account, refused, None, None)
    step = situation.plan.steps[0]
    touch = asked(situation, step.kind, now, reviewed=step.reviewed)
    beside = begun[situation.account_id or 0] if situation.account_id else 0
    touch = replace(
        touch,
        account_people=touch.account_people + beside,
        account_touches_in_week=touch.account_touches_in_week + beside,
    )
    trace = judge(touch, house, now)
    if trace.verdict is Verdict.PASS:
        begun[situation.account_id or 0] += 1
    return Chance(row.pk, row.label, row.title or "", account, "", step, trace)


# -- why (not), and what an edit would change


@dataclass(frozen=True, slots=True)
class Judged:
    """One look at one planned touch."""

    at: datetime
    step_key: str
    kind: TouchKind
    verdict: str
    rule: str
    value: str
    until: datetime | None
    rulings: tuple[Ruling, ...]


@dataclass(frozen=True, slots=True)
class Run:
    """One passage of a person through a cadence."""

    enrolment_id: int
    cadence_id: int
    cadence: str
    version: int
    state: str
    stop_reason: str
    pause_reason: str
    started_at: datetime
    stopped_at: datetime | None
    next_look_at: datetime | None
    open_step: str
    origin: str
    enrolled_by: str
    steps: tuple[Step, ...]
    behind: tuple[Done, ...]
    judged: tuple[Judged, ...]


def trace(enrolment_id: int, limit: int = 50) -> tuple[Judged, ...]:
    """What the rules said of this run's planned touches, newest first."""
    rows = Judgement.objects.filter(enrolment=enrolment_id).order_by("-at", "-id")[:limit]
    return tuple(map(_judged, rows))


def _judged(row: Judgement) -> Judged:
    return Judged(
        row.at,
        row.step_key,
        TouchKind(row.kind),
        row.verdict,
        row.rule,
        row.value,
        row.until,
        rulings_in(row.rulings, row.edition),
    )


def runs_of(contact_id: int) -> tuple[Run, ...]:
    """Every passage of one person, the newest first, each with its trace."""
    rows = (
        Enrolment.objects.filter(contact=contact_id)
        .select_related("version__cadence", "enrolled_by")
        .prefetch_related("passed")
        .order_by("-started_at", "-id")[:20]
    )
    return tuple(
        Run(
            row.pk,
            row.version.cadence_id,
            row.version.cadence.name,
            row.version.number,
            row.state,
            row.stop_reason,
            row.pause_reason,
            row.started_at,
            row.stopped_at,
            row.next_look_at,
            row.open_step,
            row.origin,
            row.enrolled_by.name if row.enrolled_by else "",
            plan_of(row.version_id).steps,
            tuple(
                Done(one.key, one.at, ending(one.disposition), one.touched)
                for one in sorted(row.passed.all(), key=lambda one: (one.at, one.pk))
            ),
            trace(row.pk),
        )
        for row in rows
    )


def judge_now(contact_id: int, kind: TouchKind, now: datetime) -> Trace:
    """What the rules would say of a touch on this person at this moment, in a cadence or not."""
    house = limits()
    return judge(asked(_unenrolled(contact_id, house, now), kind, now), house, now)


def _unenrolled(contact_id: int, house: Limits, now: datetime) -> Situation:
    contact = Contact.objects.select_related("account").filter(id=contact_id).first()
    if contact is None:
        raise NotFound("There is no such person.")
    kept = (
        Enrolment.objects.running()
        .select_related("contact", "account", "sender")
        .filter(contact=contact_id)
        .first()
    )
    row = kept or Enrolment(contact=contact, account=contact.account, started_at=now, version_id=0)
    return _situation(row, _gather([row], now), house, now)


def task_traces(task_ids: Iterable[int], now: datetime) -> dict[int, Trace]:
    """What the rules say of these tasks at this moment, by task; those that reach nobody outside are left out."""
    found = Task.objects.filter(id__in=list(task_ids), contact__isnull=False).exclude(kind=TouchKind.TASK)
    return _by_hand(
        {
            row.pk: _InHand(
                row.contact, TouchKind(row.kind), errand_of(row.origin, is_promised=row.deadline is not None)
            )
            for row in found.select_related("contact__account")
            if row.contact is not None
        },
        now,
    )


def letter_traces(letter_ids: Iterable[int], now: datetime) -> dict[int, Trace]:
    """What the rules say of printing these letters at this moment, by letter; printed ones are left out."""
    found = PaperLetter.objects.filter(id__in=list(letter_ids), batch=None, withdrawn_at=None)
    return _by_hand(
        {
            row.pk: _InHand(
                row.contact,
                TouchKind.DIRECT_MAIL,
                errand_of(row.task.origin if row.task else "letter", is_promised=False),
            )
            for row in found.select_related("contact__account", "task")
        },
        now,
    )


@dataclass(frozen=True, slots=True)
class _InHand:
    """A touch that somebody is about to carry out."""

    contact: Contact
    kind: TouchKind
    errand: Errand


def _by_hand(jobs: Mapping[int, _InHand], now: datetime) -> dict[int, Trace]:
    """Other tasks that stand in Today hold none of these back: these are the ones in hand."""
    if not jobs:
        return {}
    house = limits()
    rows = {
        job.contact.pk: Enrolment(
            contact=job.contact, account=job.contact.account, started_at=now, version_id=0
        )
        for job in jobs.values()
    }
    all_told = _gather(list(rows.values()), now)
    done = replace(
        all_told, by_person=_carried_out(all_told.by_person), by_account=_carried_out(all_told.by_account)
    )
    situation = {who: _situation(row, done, house, now) for who, row in rows.items()}
    return {
        key: judge_by_hand(asked(situation[job.contact.pk], job.kind, now), job.errand, house, now)
        for key, job in jobs.items()
    }


def _carried_out(weights: Mapping[int, list[_Weight]]) -> dict[int, list[_Weight]]:
    return {who: [one for one in theirs if not one.waits] for who, theirs in weights.items()}


@dataclass(frozen=True, slots=True)
class DoneByHand:
    """A touch outside any cadence, and what the rules said as somebody carried it out."""

    title: str
    judged: Judged


def done_by_hand(contact_id: int, limit: int = 20) -> tuple[DoneByHand, ...]:
    """Touches on one person outside cadences, the latest first, each with its trace."""
    theirs = Q(task__contact=contact_id) | Q(letter__contact=contact_id)
    rows = Judgement.objects.filter(theirs).select_related("task").order_by("-at", "-id")[:limit]
    return tuple(DoneByHand(row.task.title if row.task else "A letter", _judged(row)) for row in rows)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an edit would change: the differences, and the people in groups with their next touch."""

    changes: tuple[Change, ...]
    people: int
    groups: tuple[Group, ...]


def preview(cadence_id: int, new: Plan, choice: Choice, now: datetime, most: int = 5000) -> Preview:
    """Each person's next touch before and after an edit, folded into groups. Changes nothing."""
    sheet = cadence(cadence_id)
    running = Enrolment.objects.running().filter(version__cadence=cadence_id).order_by("id")
    house = limits()
    found = situations(list(running[:most]), house, now)
    window = house.sending
    pairs: list[tuple[str | None, Next, Next]] = []
    for one in found.values():
        before = next_touch(one.progress, one.plan, one.place, window, now, one.holds, one.spread)
        moves = moves_now(choice, one.progress)
        plan = new if moves else one.plan
        closes = moves and drops_task(one.progress, new)
        progress = replace(one.progress, open_task=None) if closes else one.progress
        after = next_touch(progress, plan, one.place, window, now, one.holds, one.spread)
        last = one.progress.done[-1].key if one.progress.done else None
        pairs.append((last, before, after))
    return Preview(differences(sheet.plan, new), len(pairs), grouped(pairs))


@dataclass(frozen=True, slots=True)
class Parked:
    """Somebody set aside."""

    id: int
    contact_id: int
    contact: str
    until: date | None
    on_signal: bool
    why: str
    parked_at: datetime


def parked(asker: Person, limit: int = 200) -> tuple[Parked, ...]:
    """Who is set aside, the soonest to wake first."""
    rows = Park.objects.filter(in_sight(asker, account=""), woken_at=None)
    rows = rows.select_related("contact").order_by("until", "id")[:limit]
    return tuple(
        Parked(row.pk, row.contact_id, row.contact.label, row.until, row.on_signal, row.why, row.parked_at)
        for row in rows
    )


def parked_of(contact_id: int) -> Parked | None:
    """How one person is set aside; None when they are not."""
    row = Park.objects.filter(woken_at=None, contact=contact_id).select_related("contact").first()
    if row is None:
        return None
    return Parked(row.pk, row.contact_id, row.contact.label, row.until, row.on_signal, row.why, row.parked_at)


def worked(asker: Person, since: datetime) -> int:
    """How many tasks somebody has closed since then: the progress of a block of work."""
    return Task.objects.filter(done_by=asker.id, done_at__gte=since, status=TaskStatus.DONE).count()
