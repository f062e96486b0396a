"""Today: one queue of what waits for a hand, worked block by block, from the keyboard if they like."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.cadence import actions as cadence
from panout.cadence import queries as runs
from panout.cadence.rules.dispositions import MEANING, Disposition
from panout.cadence.rules.gate import Rule, Trace, Verdict
from panout.flow.clock import now
from panout.kernel.channels import Channel, TouchKind
from panout.kernel.errors import BadInput, NotFound
from panout.outreach import actions as outreach
from panout.outreach import queries as tasks
from panout.outreach.card import Card, research_card
from panout.outreach.queries import ToDo
from panout.resolve import queries as resolve
from panout.resolve.queries import ActivityLine
from panout.team.rules import Person, Verb
from panout.web import undo
from panout.web.http import asker_who_may
from panout.web.reading import moment, one_of, text
from panout.web.saved import Saved, saved

# Protected time for prospecting: 90 minutes is what the field settled on.
BLOCK = timedelta(minutes=90)
_BLOCK = "block"
_MOST = 200

_CALLED = (
    ("1", Disposition.NO_ANSWER), ("2", Disposition.VOICEMAIL), ("3", Disposition.BUSY),
    ("4", Disposition.GATEKEEPER), ("5", Disposition.CALLBACK), ("6", Disposition.MEETING),
    ("7", Disposition.INTERESTED), ("8", Disposition.NO_PRIORITY), ("9", Disposition.NOT_INTERESTED),
    ("r", Disposition.REFERRED), ("w", Disposition.WRONG_NUMBER), ("d", Disposition.DISCONNECTED),
    ("q", Disposition.DISQUALIFIED), ("o", Disposition.DO_NOT_CALL), ("s", Disposition.SKIPPED),
)  # fmt: skip
_DONE = (
    ("1", Disposition.DONE), ("6", Disposition.MEETING), ("7", Disposition.INTERESTED),
    ("8", Disposition.NO_PRIORITY), ("9", Disposition.NOT_INTERESTED), ("r", Disposition.REFERRED),
    ("q", Disposition.DISQUALIFIED), ("s", Disposition.SKIPPED),
)  # fmt: skip
_TONES = {
    Disposition.MEETING: "btn-success", Disposition.INTERESTED: "btn-success",
    Disposition.DONE: "btn-primary",
    Disposition.DO_NOT_CALL: "btn-outline-danger", Disposition.DISQUALIFIED: "btn-outline-danger",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Key:
    """A way for a task to end, and the key that says so."""

    key: str
    value: str
    label: str
    tone: str


@dataclass(frozen=True, slots=True)
class Place:
    """A page that a task belongs to."""

    link: str
    label: str
    icon: str
    numbered: bool = False


_PLACES = {
    "event": Place("/events", "The event", "calendar", numbered=True),
    "referral": Place("/referrals", "The ask", "users"),
    "partner": Place("/partners", "The partner", "users"),
}


@dataclass(frozen=True, slots=True)
class Block:
    """Ninety minutes that have begun."""

    began_at: datetime
    ends_at: datetime
    minutes_left: int
    minutes_gone: int
    done: int


@dataclass(frozen=True, slots=True)
class Research:
    """What to know of a person before the dial, and what passed between us of late."""

    card: Card
    last: tuple[ActivityLine, ...]


@dataclass(frozen=True, slots=True)
class TodayPage:
    queue: tuple[ToDo, ...]
    task: ToDo | None
    research: Research | None
    keys: tuple[Key, ...]
    callback: str  # a first suggestion, by the reader's clock
    block: Block | None
    reviews: int
    counts: tuple[tuple[str, str, int], ...]  # kind, words, number
    kind: str
    done_today: int
    saved: Saved
    trace: Trace | None  # what the rules say of the task at hand, at this moment

    @property
    def holds(self) -> bool:
        """Whether a rule wants the task to wait."""
        return self.trace is not None and self.trace.verdict is Verdict.HOLD

    @property
    def denies(self) -> bool:
        """Whether a rule forbids it; a wish that came since is told of by the task itself."""
        forbids = self.trace is not None and self.trace.verdict is Verdict.DENY
        return forbids and not (self.task is not None and self.task.closed)

    @property
    def may_ring(self) -> bool:
        """Whether a number may be offered: no list and no register speaks against it, and none waits to be asked."""
        if self.trace is None or self.trace.verdict is Verdict.PASS:
            return True
        asked = next(one for one in self.trace.rulings if one.rule is Rule.DO_NOT_CALL)
        return not self.denies and asked.verdict is Verdict.PASS

    @property
    def by_phone(self) -> bool:
        return self.task is not None and self.task.kind.channel is Channel.PHONE

    @property
    def say(self) -> str:
        """The task's own words, or those that the card has for its road."""
        if self.task is None or self.task.script or self.research is None:
            return self.task.script if self.task else ""
        fitting = (one.text for one in self.research.card.scripts if one.kind == self.task.kind)
        return next(fitting, "")

    @property
    def reading_id(self) -> str:
        """The answer that the task is about, if it is about one."""
        key = (self.task.origin_key or "") if self.task else ""
        return key.removeprefix("reading:") if key.startswith("reading:") else ""

    @property
    def place(self) -> Place | None:
        """Where the rest of such a task stands: its event, the asks for referrals, the partners."""
        if self.task is None or self.task.origin not in _PLACES:
            return None
        found = _PLACES[self.task.origin]
        number = (self.task.origin_key or "").split("-")[1:2]
        return replace(found, link=f"{found.link}/{number[0]}") if found.numbered and number else found


@require_safe
def today(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.WORK_TASKS)
    at = now()
    waiting = tasks.due_tasks(person, at, _MOST)
    kind = text(request.GET, "kind", 20)
    shown = tuple(one for one in waiting if one.kind.value == kind) if kind else waiting
    task = _chosen(request, shown)
    local = at.astimezone(person.tz)
    page = TodayPage(
        shown, task, _research(person, task, at), _keys(task),
        (local + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M"), _block(request, person, at),
        len(tasks.in_review(person, 100)), _counts(waiting), kind,
        runs.worked(person, local.replace(hour=0, minute=0, second=0, microsecond=0)),
        saved(request, person), runs.task_traces([task.id], at).get(task.id) if task else None,
    )  # fmt: skip
    return render(request, "today/page.html", {"page": page})


@require_POST
def complete(request: HttpRequest, task_id: int) -> HttpResponse:
    """Say how it went; the cadence takes the consequence."""
    person = asker_who_may(request, Verb.WORK_TASKS)
    ending = one_of(request.POST, "disposition", Disposition, Disposition.DONE)
    callback = moment(request.POST, "callback_at", person.tz) if ending is Disposition.CALLBACK else None
    cadence.complete_task(person, task_id, ending, text(request.POST, "note", 4000), now(), callback)
    undo.say(request, f"{MEANING[ending].label}.", way="task", id=task_id)
    return undo.back(request, "/today")


_SNOOZES = {"hour": timedelta(hours=1), "tomorrow": timedelta(days=1), "week": timedelta(days=7)}


@require_POST
def snooze(request: HttpRequest, task_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.WORK_TASKS)
    word = text(request.POST, "for", 20)
    if word not in _SNOOZES:
        raise BadInput("How long?", where="for", mend="Choose an hour, tomorrow or a week.")
    at = now()
    until = at + _SNOOZES[word]
    if word != "hour":
        until = until.astimezone(person.tz).replace(hour=8, minute=30, second=0, microsecond=0)
    outreach.snooze(person, task_id, until, at)
    undo.say(request, f"Put off until {until.astimezone(person.tz):%A %H:%M}.")
    return undo.back(request, "/today")


@require_POST
def block(request: HttpRequest) -> HttpResponse:
    """Begin or end the ninety minutes."""
    asker_who_may(request, Verb.WORK_TASKS)
    if text(request.POST, "do", 10) == "end":
        request.session.pop(_BLOCK, None)
    else:
        request.session[_BLOCK] = now().isoformat()
    return HttpResponseRedirect("/today", status=303)


def _chosen(request: HttpRequest, queue: tuple[ToDo, ...]) -> ToDo | None:
    wanted = text(request.GET, "task", 20)
    if wanted:
        return next((one for one in queue if str(one.id) == wanted), queue[0] if queue else None)
    return queue[0] if queue else None


def _keys(task: ToDo | None) -> tuple[Key, ...]:
    if task is None:
        return ()
    pairs = _CALLED if task.kind in {TouchKind.CALL, TouchKind.VOICEMAIL} else _DONE
    return tuple(Key(key, one.value, MEANING[one].label, _TONES.get(one, "")) for key, one in pairs)


def _counts(waiting: tuple[ToDo, ...]) -> tuple[tuple[str, str, int], ...]:
    kinds = dict.fromkeys(one.kind for one in waiting)
    return tuple(
        (kind.value, kind.value.replace("_", " "), sum(one.kind is kind for one in waiting)) for kind in kinds
    )


def _block(request: HttpRequest, person: Person, at: datetime) -> Block | None:
    kept = request.session.get(_BLOCK)
    if not kept:
        return None
    began = datetime.fromisoformat(kept)
    if at > began + BLOCK + timedelta(hours=12):
        return None
    gone = max(0, int((at - began).total_seconds() // 60))
    most = int(BLOCK.total_seconds() // 60)
    return Block(began, began + BLOCK, max(0, most - gone), min(gone, most), runs.worked(person, began))


def _research(person: Person, task: ToDo | None, at: datetime) -> Research | None:
    if task is None or task.contact_id is None:
        return None
    try:
        card = research_card(person, task.contact_id, at)
    except NotFound:
        # A task of nobody's may be about a person whose record the reader does not see.
        return None
    return Research(card, resolve.timeline(person, contact_id=card.contact_id, limit=3).rows)
