"""The inbox: answers over all mailboxes, what they were taken to mean and why, and what followed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.flow.clock import now
from panout.kernel.errors import BadInput
from panout.replies import actions as act
from panout.replies import queries as ask
from panout.replies.actions import Changed
from panout.replies.queries import Asked, Corrected, Line, Looked, Named, Thread
from panout.replies.rules.intents import Intent
from panout.replies.rules.understanding import Kind
from panout.team.rules import Person, Verb
from panout.web import undo
from panout.web.http import asker_who_may
from panout.web.reading import one_of, text, whole
from panout.web.saved import Saved, saved

# What people may say an answer means, and the key that says so. Bounces and complaints are facts of the mail.
_CLASSES = (
    ("1", Intent.INTERESTED), ("2", Intent.MEETING_REQUEST), ("3", Intent.QUESTION), ("4", Intent.NOT_NOW),
    ("5", Intent.NO_PRIORITY), ("6", Intent.NOT_INTERESTED), ("7", Intent.WRONG_PERSON),
    ("8", Intent.REFERRAL), ("9", Intent.OUT_OF_OFFICE), ("0", Intent.AUTO_REPLY),
    ("u", Intent.UNSUBSCRIBE), ("d", Intent.DO_NOT_CONTACT), ("o", Intent.OTHER),
)  # fmt: skip
_STATES = ("open", "closed", "all")


@dataclass(frozen=True, slots=True)
class Class:
    """One meaning as a button."""

    key: str
    value: str
    here: bool


@dataclass(frozen=True, slots=True)
class InboxPage:
    lines: tuple[Line, ...]
    before: int | None
    asked: Asked
    tally: tuple[tuple[Intent, int], ...]
    boxes: tuple[Looked, ...]
    named: tuple[Named, ...]
    thread: Thread | None
    classes: tuple[Class, ...]
    next_id: int | None
    saved: Saved

    @property
    def quiet(self) -> bool:
        """Whether a mailbox has not been looked at for too long."""
        return any(box.silent or box.trouble for box in self.boxes)


@dataclass(frozen=True, slots=True)
class Row:
    """One true class of the corpus and what it was taken for."""

    label: str
    recall: float
    cells: tuple[tuple[str, int, str], ...]  # given class, messages, how to draw it


@dataclass(frozen=True, slots=True)
class Figures:
    """How well the shipped corpus is understood, each style by a model that never met it."""

    labels: tuple[str, ...]
    rows: tuple[Row, ...]
    precision: tuple[tuple[str, float], ...]
    messages: int
    accuracy: float
    left_alone: float


@dataclass(frozen=True, slots=True)
class DeskPage:
    figures: Figures
    corrections: tuple[Corrected, ...]
    replayed: tuple[Changed, ...] | None
    asked_for: int


@require_safe
def inbox(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.ANSWER_REPLIES)
    return render(request, "inbox/page.html", {"page": _page(request, person, None)})


@require_safe
def thread(request: HttpRequest, reading_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.ANSWER_REPLIES)
    page = _page(request, person, ask.thread(reading_id))
    part = "#thread" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"inbox/page.html{part}", {"page": page})


@require_POST
def correct(request: HttpRequest, reading_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.ANSWER_REPLIES)
    was = ask.thread(reading_id).line.intent
    meant = one_of(request.POST, "intent", Intent, Intent.OTHER)
    if meant not in {intent for _, intent in _CLASSES}:
        raise BadInput("Bounces and complaints are what servers say, not what somebody means.")
    act.correct(person, reading_id, meant, now())
    undo.say(
        request, f"It means {meant.replace('_', ' ')}. Kept for learning.",
        way="meaning", id=reading_id, was=was.value,
    )  # fmt: skip
    return HttpResponseRedirect(f"/inbox/{reading_id}", status=303)


@require_POST
def answer(request: HttpRequest, reading_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.ANSWER_REPLIES)
    act.answer(person, reading_id, text(request.POST, "body", 20_000), now())
    undo.say(request, "The answer is in the outbox; it leaves in a moment.")
    return _onward(person, reading_id)


@require_POST
def close(request: HttpRequest, reading_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.ANSWER_REPLIES)
    if text(request.POST, "do", 10) == "reopen":
        act.reopen(person, reading_id)
        return HttpResponseRedirect(f"/inbox/{reading_id}", status=303)
    act.close(person, reading_id, now())
    undo.say(request, "Closed.", way="answer", id=reading_id)
    return _onward(person, reading_id)


@require_POST
def take_back(request: HttpRequest, deed_id: int) -> HttpResponse:
    act.undo(asker_who_may(request, Verb.ANSWER_REPLIES), deed_id, now())
    undo.say(request, "Taken back.")
    return undo.back(request, "/inbox")


@require_POST
def settle(request: HttpRequest, proposed_id: int) -> HttpResponse:
    """Somebody named in an answer: a contact of ours from now on, or not."""
    person = asker_who_may(request, Verb.ANSWER_REPLIES)
    if text(request.POST, "do", 10) == "accept":
        contact = act.accept(person, proposed_id, now())
        undo.say(request, "A contact now, at the same company.")
        return HttpResponseRedirect(f"/contacts/{contact}", status=303)
    act.dismiss(person, proposed_id, now())
    undo.say(request, "Left out.")
    return undo.back(request, "/inbox")


@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """How well answers are understood, and what today's rules would make of the latest ones."""
    person = asker_who_may(request, Verb.ANSWER_REPLIES)
    wanted = min(whole(request.GET, "replay") or 0, 500)
    page = DeskPage(figures(), ask.corrections(person, 50), act.replay(wanted) if wanted else None, wanted)
    return render(request, "inbox/desk.html", {"page": page})


def _onward(person: Person, reading_id: int) -> HttpResponse:
    """To the next open answer, or to the list when there is none."""
    lines, _ = ask.inbox(person, Asked(), None, 50)
    older = next((line.id for line in lines if line.id < reading_id), None)
    goal = older or next((line.id for line in lines if line.id != reading_id), None)
    return HttpResponseRedirect(f"/inbox/{goal}" if goal else "/inbox", status=303)


def _page(request: HttpRequest, person: Person, shown: Thread | None) -> InboxPage:
    given = request.GET
    state = text(given, "state", 10) if text(given, "state", 10) in _STATES else "open"
    asked = Asked(state, words=text(given, "q"))
    if text(given, "intent", 30):
        asked = replace(asked, intent=one_of(given, "intent", Intent, Intent.OTHER))
    if text(given, "kind", 12) == "all":
        asked = replace(asked, kind=None)
    elif text(given, "kind", 12):
        asked = replace(asked, kind=one_of(given, "kind", Kind, Kind.HUMAN))
    lines, before = ask.inbox(person, asked, whole(given, "before"))
    here = shown.line.id if shown else 0
    classes = tuple(
        Class(key, intent.value, shown is not None and shown.line.intent is intent)
        for key, intent in _CLASSES
    )
    return InboxPage(
        lines, before, asked, tuple(sorted(ask.tally(person).items(), key=lambda pair: -pair[1])),
        ask.mailboxes(now()), ask.proposals(person), shown, classes,
        next((line.id for line in lines if line.id < here), None),
        saved(request, person),
    )  # fmt: skip


@cache
def figures() -> Figures:
    """The measured matrix that ships beside the corpus; `panout.replies.corpus.evaluate` writes it."""
    kept = files("panout.replies.corpus").joinpath("confusion.json").read_text("ascii")
    table: Mapping[str, Mapping[str, int]] = json.loads(kept)
    labels = tuple(table)
    rows = tuple(_row(label, table[label], labels) for label in labels)
    total = sum(sum(cells.values()) for cells in table.values())
    right = sum(table[label].get(label, 0) for label in labels)
    stop = [label for label in ("unsubscribe", "do_not_contact") if label in table]
    asked = sum(sum(table[label].values()) for label in stop)
    heard = sum(table[label].get(other, 0) for label in stop for other in stop)
    precision = tuple((label, _precision(label, table)) for label in labels)
    return Figures(labels, rows, precision, total, right / total, heard / asked)


def _row(label: str, cells: Mapping[str, int], labels: tuple[str, ...]) -> Row:
    all_of_it = sum(cells.values())
    drawn = tuple(
        (given, cells.get(given, 0), "hit" if given == label else "miss" if cells.get(given) else "none")
        for given in labels
    )
    return Row(label, cells.get(label, 0) / all_of_it, drawn)


def _precision(label: str, table: Mapping[str, Mapping[str, int]]) -> float:
    claimed = sum(cells.get(label, 0) for cells in table.values())
    return table[label].get(label, 0) / claimed if claimed else 1.0
