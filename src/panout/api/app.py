"""JSON over the same verbs. What is no success says `what`, `where`, `mend`; /api/docs describes all.

Agents may read and draft with it; what leaves the house still needs what a page needs: a role that may, a
message that has been approved, a gate that passes.
"""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Annotated

from django.db import DataError
from django.http import HttpRequest, HttpResponse
from ninja import File, NinjaAPI, Schema, Status
from ninja.errors import ValidationError
from ninja.files import UploadedFile
from ninja.security import HttpBearer
from pydantic import AwareDatetime, Field

from panout.cadence import actions as cadence
from panout.cadence import queries as cadences
from panout.cadence.rules.dispositions import Disposition
from panout.cadence.rules.gate import Trace, Verdict
from panout.cadence.rules.plan import Step
from panout.campaigns import actions as campaigns
from panout.campaigns import queries as campaign_queries
from panout.consent.rules import registers
from panout.flow import clock, importing
from panout.flow.screening import screen
from panout.icp import actions as icp
from panout.kernel.channels import TouchKind
from panout.kernel.errors import (
    BadInput,
    Conflict,
    NotAllowed,
    NotFound,
    PanoutError,
    Refused,
    Unavailable,
    Unsure,
)
from panout.learn import actions as learning
from panout.learn import queries as learned
from panout.mailbox import queries as mailbox_queries
from panout.mailbox.actions import accounts as mailboxes
from panout.mailbox.rules.limits import Limits
from panout.outreach import actions as outreach
from panout.outreach import queries as letters
from panout.outreach import screening
from panout.pipeline import actions as pipeline
from panout.pipeline import queries as meetings
from panout.pipeline.rules import MeetingState, Stage
from panout.qualify import queries as verdicts
from panout.replies import actions as answers
from panout.replies import queries as inbox
from panout.resolve.sight import demand_people, demand_sight
from panout.signals import actions as signals
from panout.signals import queries as signal_queries
from panout.sources import actions as sources
from panout.sources import queries as imports
from panout.team.rules import Person, Verb, demand
from panout.team.tokens import bearer_of

_STATUS: tuple[tuple[type[PanoutError], int], ...] = (
    (NotFound, 404),
    (NotAllowed, 403),
    (Conflict, 409),
    (BadInput, 422),
    (Refused, 422),
    (Unavailable, 503),
    (Unsure, 503),
)
_MOST = 500  # of a list


def _few(limit: int) -> int:
    """How many rows to give: what was asked for, within reason."""
    return max(1, min(limit, _MOST))


class WhoMay(HttpBearer):
    """A bearer whose role holds the verbs, and who may see the record that the address leads to.

    Asked before a body is read. What an operation does asks again: a face is no guard.
    """

    def __init__(self, *verbs: Verb) -> None:
        super().__init__()
        self.verbs = verbs

    def authenticate(self, request: HttpRequest, token: str) -> Person | None:
        person = bearer_of(token)
        if person is None:
            return None
        for verb in self.verbs:
            demand(person, verb)
        if request.resolver_match is not None:
            route = request.resolver_match.route
            for name, value in request.resolver_match.kwargs.items():
                called = "opportunity_id" if name == "number" and "opportunities" in route else name
                demand_sight(person, called, int(value))
        return person


class ApiRequest(HttpRequest):
    """A request whose bearer is known."""

    auth: Person


api = NinjaAPI(title="Panout", version="1", auth=WhoMay(), docs_url="/docs")


@api.exception_handler(PanoutError)
def _our_error(request: HttpRequest, error: PanoutError) -> HttpResponse:
    status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
    return api.create_response(
        request, {"what": error.what, "where": error.where, "mend": error.mend}, status=status
    )


@api.exception_handler(ValidationError)
def _not_understood(request: HttpRequest, error: ValidationError) -> HttpResponse:
    first = error.errors[0] if error.errors else {}
    where = ".".join(str(part) for part in first.get("loc", ()))
    return api.create_response(
        request, {"what": str(first.get("msg", "not understood")), "where": where, "mend": ""}, status=422
    )


@api.exception_handler(DataError)
def _no_column_takes_it(request: HttpRequest, error: DataError) -> HttpResponse:  # noqa: ARG001
    what = "Something in this is too long, too large, or no text at all; nothing was changed."
    return api.create_response(
        request, {"what": what, "where": "", "mend": "Look at the numbers."}, status=422
    )


# -- lists and signals


class Uploaded(Schema):
    """An import by its number and state."""

    id: int
    state: str
    rows: int


@api.post("/imports", auth=WhoMay(Verb.IMPORT_LISTS), response=Uploaded, tags=["lists"])
def upload_list(request: ApiRequest, list_file: File[UploadedFile], wait: bool = False) -> Uploaded:
    """Upload a list, map its columns as guessed, and start the import. `wait` carries it through at once."""
    now = clock.now()
    number = sources.upload(
        request.auth, list_file.name or "list.csv", list_file.chunks(), 100 * 1024**2, "api", now
    )
    sources.commit(request.auth, number, "api", now)
    if wait:
        while importing.work_on_one("api") is not None:
            pass
    return _uploaded(number)


@api.get("/imports/{number}", auth=WhoMay(Verb.READ_BOOK), response=Uploaded, tags=["lists"])
def one_import(request: ApiRequest, number: int) -> Uploaded:  # noqa: ARG001
    """How far an import has come."""
    return _uploaded(number)


def _uploaded(number: int) -> Uploaded:
    card = imports.import_card(number)
    return Uploaded(id=number, state=str(card.state), rows=card.done)


class Seen(Schema):
    """A signal that somebody saw at a company known by its domain."""

    domain: str
    type: str
    level: str = "company"
    date: date
    strength: float = 1.0
    source: str
    text: str


class Noted(Schema):
    """How many were noted, and the domains that nobody knows."""

    noted: int
    unknown: list[str]


@api.post("/signals", auth=WhoMay(Verb.EDIT_RECORDS), response=Noted, tags=["signals"])
def note_signals(request: ApiRequest, seen: list[Seen]) -> Noted:
    """Note signals. The same one seen again is the same signal."""
    known = signal_queries.accounts_by_domain({one.domain for one in seen})
    unknown = sorted({one.domain for one in seen} - set(known))
    now = clock.now()
    noted = 0
    for one in seen:
        if one.domain in known:
            signals.note_signal(
                request.auth,
                account_id=known[one.domain],
                contact_id=None,
                kind=one.type,
                level=one.level,
                on=one.date,
                strength=one.strength,
                source=one.source,
                evidence=one.text,
                origin="api",
                now=now,
            )
            noted += 1
    return Noted(noted=noted, unknown=unknown)


class Profile(Schema):
    """An ICP file's text."""

    name: str
    text: str


@api.post("/icps", auth=WhoMay(Verb.EDIT_ICP, Verb.ACTIVATE_ICP), response=int, tags=["icp"])
def add_icp(request: ApiRequest, profile: Profile) -> int:
    """A new profile, active at once; everybody is scored by it at the next look."""
    now = clock.now()
    version = icp.create_icp(request.auth, profile.name, profile.text, "api", now)
    icp.activate(request.auth, version, "added by the API", "api", now)
    return version


# -- prospects and cadences


class Ranked(Schema):
    """A prospect, best first."""

    contact_id: int
    name: str
    account: str
    priority: float
    why_now: str


@api.get("/prospects", auth=WhoMay(Verb.READ_BOOK), response=list[Ranked], tags=["prospects"])
def prospects(request: ApiRequest, limit: int = 50, free: bool = False, criteria: str = "") -> list[Ranked]:
    """Ranked prospects, those `criteria` admits; `free` leaves out who is in a cadence or parked, or was."""
    rows: list[verdicts.ProspectLine] = []
    after, wanted = "", _few(limit)
    while len(rows) < wanted:
        page = verdicts.prospects(
            request.auth, verdicts.ListFilter(criteria=criteria), clock.today(), after, 200
        )
        people = [row for row in page.rows if row.contact_id is not None]
        busy = cadences.not_free([row.contact_id or 0 for row in people]) if free else frozenset()
        rows += [row for row in people if row.contact_id not in busy]
        after = page.after
        if not after:
            break
    return [
        Ranked(
            contact_id=row.contact_id or 0,
            name=row.name,
            account=row.account,
            priority=row.priority,
            why_now=row.why_now,
        )
        for row in rows[:wanted]
    ]


class Shelved(Schema):
    """A cadence (alias: sequence)."""

    id: int
    name: str
    steps: int
    under_way: int


@api.get("/cadences", auth=WhoMay(Verb.READ_BOOK), response=list[Shelved], tags=["cadences"])
def list_cadences(request: ApiRequest) -> list[Shelved]:  # noqa: ARG001
    """Cadences in use."""
    return [
        Shelved(id=one.id, name=one.name, steps=one.steps, under_way=one.under_way)
        for one in cadences.cadences()
    ]


class StepWish(Schema):
    """One step; `wait` is in working days after the one before, `only_if` is criteria text."""

    key: str
    kind: TouchKind
    wait: int = 0
    template: str = ""
    only_if: str = ""
    reviewed: bool = False


class CadenceWish(Schema):
    """A cadence to be."""

    name: str
    steps: list[StepWish]


@api.post("/cadences", auth=WhoMay(Verb.EDIT_CADENCES), response=int, tags=["cadences"])
def add_cadence(request: ApiRequest, wish: CadenceWish) -> int:
    """A new cadence; returns its number."""
    steps = tuple(
        Step(one.key, one.kind, one.wait, one.template, reviewed=one.reviewed, only_if=one.only_if)
        for one in wish.steps
    )
    return cadence.create(request.auth, wish.name, steps, clock.now())


class Enrol(Schema):
    """Whom to enrol where, and as whom we write."""

    cadence_id: int
    contact_ids: list[int]
    sender_id: int | None = None


class Enrolled(Schema):
    """What became of them."""

    enrolled: list[int]
    refused: dict[int, str]


@api.post("/enrolments", auth=WhoMay(Verb.ENROL), response=Enrolled, tags=["cadences"])
def enrol(request: ApiRequest, wish: Enrol) -> Enrolled:
    """Start people on a cadence."""
    demand_people(request.auth, contact_ids=wish.contact_ids)
    done = cadence.enrol(request.auth, wish.contact_ids, wish.cadence_id, wish.sender_id, clock.now())
    return Enrolled(enrolled=list(done.enrolled), refused=dict(done.refused))


# -- do-not-call registers


class ToScreen(Schema):
    """A number without an answer in date, and the registers to ask about it."""

    number: str
    registers: list[str]


@api.get("/screenings/needed", auth=WhoMay(Verb.EXPORT), response=list[ToScreen], tags=["calls"])
def numbers_to_screen(request: ApiRequest, ahead: int = 0) -> list[ToScreen]:
    """Numbers that must be screened before they are rung, `ahead` days from now at the latest."""
    known = registers.by_key()
    most = max(one.days for one in known.values())
    found = screening.numbers_to_screen(
        request.auth, tuple(known), clock.now(), ahead=max(0, min(ahead, most))
    )
    return [ToScreen(number=one.number, registers=list(one.registers)) for one in found]


class Screened(Schema):
    """What registers said on a day: every number asked about (with its +), and those of them that are listed."""

    registers: list[str]
    on: date
    screened: list[str]
    listed: list[str] = []
    source: str = "the API"
    days: int | None = None


@api.post("/screenings", auth=WhoMay(Verb.SUPPRESS), response=list[int], tags=["calls"])
def record_screening(request: ApiRequest, told: Screened) -> list[int]:
    """Record the answer of registers: listed numbers are not called, the others may be while it is in date."""
    country = told.registers[0].partition(" ")[0] if told.registers else ""
    numbers: dict[str, bool] = {}
    for given, listed in ((told.screened, False), (told.listed, True)):
        for one in given:
            number = registers.number_in(one, country)
            if number is None:
                raise BadInput(f"'{one[:40]}' is no number.", where="listed" if listed else "screened")
            numbers[number] = listed
    made = screen(request.auth, told.registers, told.on, numbers, told.source, clock.now(), days=told.days)
    return list(made)


# -- Today


class Due(Schema):
    """Something to do now; `closed` says what forbids it since, `waits` which rule wants it later, or mended."""

    id: int
    kind: str
    origin: str
    title: str
    contact_id: int | None
    email: str
    phone: str
    why: str
    script: str
    value: float
    deadline: datetime | None
    closed: str
    waits: str


@api.get("/tasks", auth=WhoMay(Verb.WORK_TASKS), response=list[Due], tags=["today"])
def today(request: ApiRequest, limit: int = 50) -> list[Due]:
    """The bearer's queue, in the order in which it should be worked."""
    at = clock.now()
    waiting = letters.due_tasks(request.auth, at, _few(limit))
    traces = cadences.task_traces([one.id for one in waiting], at)
    return [
        Due(
            id=one.id,
            kind=one.kind,
            origin=one.origin,
            title=one.title,
            contact_id=one.contact_id,
            email=one.email,
            phone="" if _said(traces.get(one.id), Verdict.DENY) else one.phone,
            why=one.why,
            script=one.script,
            value=one.value,
            deadline=one.deadline,
            closed=one.closed or _said(traces.get(one.id), Verdict.DENY),
            waits=_said(traces.get(one.id), Verdict.HOLD),
        )
        for one in waiting
    ]


def _said(trace: Trace | None, word: Verdict) -> str:
    """The rule that gave this verdict, with what it measured; "" where another verdict was given."""
    rule = trace.deciding if trace is not None and trace.verdict is word else None
    return f"{rule.rule.replace('_', ' ')}: {rule.value}" if rule else ""


class Outcome(Schema):
    """How a task ended; `callback_at` with the disposition `callback`."""

    disposition: Disposition
    note: str = ""
    callback_at: AwareDatetime | None = None


@api.post("/tasks/{task_id}/complete", auth=WhoMay(Verb.WORK_TASKS), response={204: None}, tags=["today"])
def complete_task(request: ApiRequest, task_id: int, outcome: Outcome) -> Status[None]:
    """Close a task with its outcome."""
    cadence.complete_task(
        request.auth, task_id, outcome.disposition, outcome.note, clock.now(), outcome.callback_at
    )
    return Status(204, None)


# -- messages


class Waiting(Schema):
    """A message that waits for approval."""

    id: int
    contact_id: int
    to: str
    subject: str
    body: str
    problems: list[str]


@api.get("/messages/review", auth=WhoMay(Verb.READ_BOOK), response=list[Waiting], tags=["messages"])
def in_review(request: ApiRequest, limit: int = 100) -> list[Waiting]:
    """The approval queue."""
    return [
        Waiting(
            id=one.id,
            contact_id=one.contact_id,
            to=one.to_email,
            subject=one.subject,
            body=one.body,
            problems=[text for _, text in one.problems],
        )
        for one in letters.in_review(request.auth, _few(limit))
    ]


class Approval(Schema):
    """Messages to let go as they are."""

    message_ids: list[int]


@api.post("/messages/approve", auth=WhoMay(Verb.APPROVE_MESSAGES), response=int, tags=["messages"])
def approve(request: ApiRequest, approval: Approval) -> int:
    """Approve messages without problems; returns how many."""
    return outreach.approve_many(request.auth, approval.message_ids, clock.now())


class Refusal(Schema):
    """Why a message must not leave."""

    reason: str


@api.post(
    "/messages/{message_id}/reject",
    auth=WhoMay(Verb.APPROVE_MESSAGES),
    response={204: None},
    tags=["messages"],
)
def reject(request: ApiRequest, message_id: int, refusal: Refusal) -> Status[None]:
    """Keep a message from leaving."""
    outreach.reject(request.auth, message_id, refusal.reason, clock.now())
    return Status(204, None)


class SenderWords(Schema):
    """As whom to write."""

    name: str
    email: str
    company: str
    postal_address: str
    title: str = ""


@api.post("/senders", auth=WhoMay(Verb.CONNECT_MAIL), response=int, tags=["messages"])
def save_sender(request: ApiRequest, words: SenderWords) -> int:
    """Add a sender, or change one; returns its number."""
    return outreach.save_sender(
        request.auth,
        name=words.name,
        email=words.email,
        company=words.company,
        postal_address=words.postal_address,
        title=words.title,
        now=clock.now(),
    )


class Door(Schema):
    """The servers of a mailbox. `mature`: it has sent for months, and need not begin slowly."""

    sender_id: int
    smtp_host: str
    smtp_port: int
    smtp_security: str = "tls"
    username: str = ""
    password: str = ""
    mature: bool = False


@api.post("/mailboxes", auth=WhoMay(Verb.CONNECT_MAIL), response=int, tags=["messages"])
def connect_mailbox(request: ApiRequest, door: Door) -> int:
    """Connect a mailbox; returns its number."""
    now = clock.now()
    number = mailboxes.connect_account(
        request.auth,
        door.sender_id,
        mailboxes.Wish(
            smtp_host=door.smtp_host,
            smtp_port=door.smtp_port,
            smtp_security=door.smtp_security,
            username=door.username,
            password=door.password,
        ),
        now,
    )
    if door.mature:
        pace = Limits(start=Limits.ceiling, per_hour=Limits.ceiling, gap=(0, 0))
        mailboxes.set_limits(request.auth, number, pace, now)
    return number


class Mailbox(Schema):
    """A mailbox; `paused` says why its cold mail rests, and is empty where it does not."""

    id: int
    email: str
    paused: str


@api.get("/mailboxes", auth=WhoMay(Verb.CONNECT_MAIL), response=list[Mailbox], tags=["messages"])
def list_mailboxes(request: ApiRequest) -> list[Mailbox]:  # noqa: ARG001
    """The mailboxes in use."""
    return [
        Mailbox(id=one.id, email=one.address, paused="; ".join(one.holds) if one.paused else "")
        for one in mailbox_queries.accounts(clock.now())
    ]


@api.post(
    "/mailboxes/{mailbox_id}/resume",
    auth=WhoMay(Verb.CONNECT_MAIL),
    response={204: None},
    tags=["messages"],
)
def resume_mailbox(request: ApiRequest, mailbox_id: int) -> Status[None]:
    """Let the cold mail of a mailbox leave again, once somebody has looked at why it rests."""
    mailboxes.resume(request.auth, mailbox_id, clock.now())
    return Status(204, None)


# -- answers


class Answered(Schema):
    """An answer that came in."""

    id: int
    contact_id: int | None
    from_email: str
    subject: str
    text: str
    intent: str
    confidence: float
    kind: str


@api.get("/answers", auth=WhoMay(Verb.ANSWER_REPLIES), response=list[Answered], tags=["answers"])
def list_answers(request: ApiRequest, limit: int = 100) -> list[Answered]:
    """Open answers from people, newest first."""
    lines, _more = inbox.inbox(request.auth, inbox.Asked(), limit=_few(limit))
    return [
        Answered(
            id=one.id,
            contact_id=one.contact_id,
            from_email=one.from_email,
            subject=one.subject,
            text=one.text,
            intent=one.intent,
            confidence=one.confidence,
            kind=one.kind,
        )
        for one in lines
    ]


@api.post(
    "/answers/{reading_id}/close", auth=WhoMay(Verb.ANSWER_REPLIES), response={204: None}, tags=["answers"]
)
def close_answer(request: ApiRequest, reading_id: int) -> Status[None]:
    """Nothing more is to be done about it."""
    answers.close(request.auth, reading_id, clock.now())
    return Status(204, None)


# -- meetings and campaigns


class Booking(Schema):
    """A meeting to be."""

    contact_id: int
    starts_at: AwareDatetime
    minutes: int = 30
    source: str = "reply"


@api.post("/meetings", auth=WhoMay(Verb.EDIT_PIPELINE), response=int, tags=["pipeline"])
def book(request: ApiRequest, booking: Booking) -> int:
    """Book a meeting; the person's cadence ends with it."""
    demand_people(request.auth, contact_ids=[booking.contact_id])
    return pipeline.book(
        booking.contact_id,
        booking.starts_at,
        booking.minutes,
        booking.source,
        None,
        clock.now(),
        asker=request.auth,
    )


class Closing(Schema):
    """How a meeting went; `amount` opens the opportunity of one that was held with a value."""

    state: MeetingState
    note: str = ""


@api.post(
    "/meetings/{meeting_id}/close", auth=WhoMay(Verb.EDIT_PIPELINE), response=int | None, tags=["pipeline"]
)
def close_meeting(request: ApiRequest, meeting_id: int, closing: Closing) -> int | None:
    """Held, or missed; one that was held gives the number of its opportunity."""
    return pipeline.close_meeting(request.auth, meeting_id, closing.state, closing.note, clock.now())


class Move(Schema):
    """Where an opportunity goes, and why."""

    stage: Stage
    reason: str = ""


@api.post(
    "/opportunities/{number}/move", auth=WhoMay(Verb.EDIT_PIPELINE), response={204: None}, tags=["pipeline"]
)
def move_opportunity(request: ApiRequest, number: int, to: Move) -> Status[None]:
    """Take an opportunity to another stage."""
    pipeline.move(request.auth, number, to.stage, to.reason, clock.now())
    return Status(204, None)


class ArmWish(Schema):
    """One arm: its cadence and share."""

    name: str
    cadence_id: int
    weight: float = 1.0


class CampaignWish(Schema):
    """A campaign to be drafted and launched."""

    name: str
    hypothesis: str
    audience: str = ""
    signals: list[str] = []
    value_proposition: str = ""
    arms: list[ArmWish]
    review_in_days: Annotated[int, Field(ge=1, le=366)] = 14
    hold_out: float = 0.0
    sender_id: int | None = None
    most: int = 150
    thompson: bool = False
    open_until: date | None = None
    per_account: int | None = None


@api.post("/campaigns", auth=WhoMay(Verb.RUN_CAMPAIGNS), response=int, tags=["campaigns"])
def run_campaign(request: ApiRequest, wish: CampaignWish) -> int:
    """Draft a campaign and launch it; returns its number."""
    now = clock.now()
    number = campaigns.draft(
        request.auth,
        campaigns.Sketch(
            wish.name,
            wish.hypothesis,
            wish.audience,
            tuple(wish.signals),
            wish.value_proposition,
            tuple(campaigns.ArmSketch(arm.name, arm.cadence_id, arm.weight) for arm in wish.arms),
            (now + timedelta(days=wish.review_in_days)).date(),
            hold_out=wish.hold_out,
            sender_id=wish.sender_id,
            most=wish.most,
            thompson=wish.thompson,
            open_until=wish.open_until,
            per_account=wish.per_account,
        ),
        now,
    )
    campaigns.launch(request.auth, number, now, random.Random(number))  # noqa: S311  a draw, not a secret
    return number


class CampaignCard(Schema):
    """A campaign's figures; `call` and `why` are what the evidence says today of one that runs."""

    id: int
    name: str
    state: str
    people: int
    hits: int
    tried: int
    review_on: date
    call: str
    why: str


@api.get("/campaigns", auth=WhoMay(Verb.READ_BOOK), response=list[CampaignCard], tags=["campaigns"])
def list_campaigns(request: ApiRequest) -> list[CampaignCard]:  # noqa: ARG001
    """All campaigns."""
    told = learned.board(clock.now())
    judged = {one.card.id: one.finding for one in (*told.running, *told.to_judge)}
    return [
        CampaignCard(
            id=one.id,
            name=one.name,
            state=one.state,
            people=one.people,
            hits=one.tally.hits,
            tried=one.tally.tried,
            review_on=one.review_on,
            call=judged[one.id].call if one.id in judged else "",
            why=judged[one.id].why if one.id in judged else "",
        )
        for one in campaign_queries.campaigns()
    ]


class Decision(Schema):
    """Keep, kill or iterate; against what the evidence says it needs a reason. `stops_runs` ends who is under way."""

    call: str
    why: str = ""
    stops_runs: bool = False


@api.post(
    "/campaigns/{campaign_id}/decide",
    auth=WhoMay(Verb.RUN_CAMPAIGNS),
    response={204: None},
    tags=["campaigns"],
)
def decide(request: ApiRequest, campaign_id: int, decision: Decision) -> Status[None]:
    """Decide about a running campaign; the evidence is kept as it stands."""
    now = clock.now()
    told = learned.finding_of(campaign_id, now)
    proposed = told.finding.call.value
    why = decision.why or (told.finding.why if decision.call == proposed else "")
    campaigns.decide(
        request.auth,
        campaign_id,
        decision.call,
        proposed,
        why,
        told.evidence(),
        now,
        stops_runs=decision.stops_runs,
    )
    return Status(204, None)


class ProposalLine(Schema):
    """What the outcomes speak for."""

    id: int
    title: str
    why: str
    state: str


@api.get("/proposals", auth=WhoMay(Verb.READ_BOOK), response=list[ProposalLine], tags=["learning"])
def list_proposals(request: ApiRequest) -> list[ProposalLine]:  # noqa: ARG001
    """Proposals, open ones first."""
    return [
        ProposalLine(id=one.id, title=one.title, why=one.why, state=one.state) for one in learned.proposals()
    ]


@api.post("/proposals/{proposal_id}/accept", auth=WhoMay(Verb.ACTIVATE_ICP), response=int, tags=["learning"])
def accept_proposal(request: ApiRequest, proposal_id: int) -> int:
    """Put a proposal in force; returns the number of the new version of its profile."""
    return learning.accept(request.auth, proposal_id, "api", clock.now())


class Forecast(Schema):
    """Open amounts weighted by stage, per currency."""

    currency: str
    amount: Decimal


@api.get("/forecast", auth=WhoMay(Verb.READ_BOOK), response=list[Forecast], tags=["pipeline"])
def forecast(request: ApiRequest) -> list[Forecast]:
    """What the open opportunities are worth."""
    return [
        Forecast(currency=key, amount=value) for key, value in meetings.forecast_now(request.auth).items()
    ]


class Words(Schema):
    """A template's text; a new version of it when the slug is known."""

    slug: str
    name: str
    kind: TouchKind
    subject: str = ""
    body: str


@api.post("/templates", auth=WhoMay(Verb.WRITE_TEMPLATES), response=int, tags=["messages"])
def save_template(request: ApiRequest, words: Words) -> int:
    """Keep a template; returns the number of its version."""
    return outreach.save_template(
        request.auth, words.slug, words.name, words.kind, words.subject, words.body, clock.now()
    )
