"""Cadences: what happens over the days, who is in them, and edits that show first what they would change."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import time
from itertools import accumulate
from zoneinfo import available_timezones

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from panout.cadence import actions as act
from panout.cadence import queries as ask
from panout.cadence.actions import Enrolled
from panout.cadence.queries import BRANCH_SCHEMA, Chance, Parked, Policy, Preview, Sheet, Shelf
from panout.cadence.rules.edits import Choice
from panout.cadence.rules.moves import StopReason
from panout.cadence.rules.plan import MAX_STEPS, Branch, Plan, Step
from panout.criteria.errors import CriteriaError
from panout.criteria.parse import parse
from panout.flow.clock import now
from panout.kernel.channels import Channel, TouchKind
from panout.kernel.errors import BadInput, NotFound, PanoutError
from panout.mailbox import queries as mail
from panout.outreach.queries import Listed, templates
from panout.outreach.roads import plan_of
from panout.outreach.rules.channels import Road
from panout.qualify import queries as qualify
from panout.qualify.queries import ListFilter
from panout.resolve import queries as resolve
from panout.segments.actions import note_use
from panout.segments.queries import SegmentLine, members, segment, segments
from panout.team.rules import Person, Verb, may
from panout.web import undo
from panout.web.http import asker_who_may
from panout.web.reading import day, every_number, needed, numbers, one_of, text, whole

MOST_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class ShelfPage:
    lines: tuple[Shelf, ...]
    may_edit: bool


@dataclass(frozen=True, slots=True)
class Placed:
    """A step and the working day it falls on when nothing branches."""

    day: int
    step: Step


@dataclass(frozen=True, slots=True)
class CadencePage:
    sheet: Sheet
    steps: tuple[Placed, ...]
    under_way: int
    people: tuple[ask.Passenger, ...]
    at_step: Mapping[str, int]
    may_edit: bool
    may_enrol: bool


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a criteria text of a step; `picture` is the line with a caret under the place."""

    step: int
    field: str
    what: str
    mend: str
    picture: str


@dataclass(frozen=True, slots=True)
class EditPage:
    """The editor: the steps as they stand in the form, saved or not."""

    cadence_id: int | None
    name: str
    seen: int
    reason: str
    choice: Choice
    steps: tuple[Step, ...]
    faults: tuple[Fault, ...]
    error: PanoutError | None
    preview: Preview | None
    shelf: tuple[Listed, ...]
    conflict: bool = False
    kinds: tuple[TouchKind, ...] = tuple(TouchKind)

    @property
    def action(self) -> str:
        return f"/cadences/{self.cadence_id}/edit" if self.cadence_id else "/cadences/new"

    @property
    def keys(self) -> tuple[str, ...]:
        return tuple(step.key for step in self.steps)


@dataclass(frozen=True, slots=True)
class EnrolPage:
    """Whom to start on which cadence."""

    cadences: tuple[Shelf, ...]
    cadence_id: int | None
    people: tuple[Chance, ...]
    senders: tuple[mail.AccountCard, ...]
    sender_id: int | None
    criteria: str
    error: PanoutError | None
    outcome: Enrolled | None
    refused: tuple[tuple[str, str], ...]
    more: bool
    segments: tuple[SegmentLine, ...] = ()
    segment_id: int | None = None

    @property
    def counts(self) -> tuple[tuple[str, str, int], ...]:
        """How many start now, wait, pass their first touch over, or are left out; tone, words, number."""
        said = Counter(one.verdict for one in self.people)
        return tuple((tone, words, said[verdict]) for verdict, tone, words in _CHANCES if said[verdict])


_CHANCES = (
    ("pass", "good", "begin now"), ("hold", "warn", "wait"), ("deny", "bad", "pass the first touch over"),
    ("refused", "bad", "are left out"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class ParkedPage:
    lines: tuple[Parked, ...]
    may_edit: bool


@require_safe
def cadences(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    page = ShelfPage(ask.cadences(), may(person, Verb.EDIT_CADENCES))
    return render(request, "cadences/list.html", {"page": page})


@require_POST
def load_presets(request: HttpRequest) -> HttpResponse:
    made = act.load_presets(asker_who_may(request, Verb.EDIT_CADENCES), now())
    undo.say(request, f"{made} cadences were added." if made else "All of them are here already.")
    return HttpResponseRedirect("/cadences", status=303)


@require_safe
def cadence(request: HttpRequest, cadence_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    sheet = ask.cadence(cadence_id)
    people = ask.passengers(person, cadence_id)
    at_step: dict[str, int] = {}
    for one in people:
        at_step[one.open_step] = at_step.get(one.open_step, 0) + 1
    page = CadencePage(
        sheet, _placed(sheet.plan.steps), sum(one.under_way for one in sheet.editions), people, at_step,
        may(person, Verb.EDIT_CADENCES), may(person, Verb.ENROL),
    )  # fmt: skip
    return render(request, "cadences/one.html", {"page": page})


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_CADENCES)
    if request.method != "POST":
        first = Step("email-1", TouchKind.EMAIL, 0, "first-touch-email", reviewed=True)
        return _editor(request, _blank(None, "", 0, (first,)))
    page = _worked(request.POST, None)
    if _asks_to_save(request.POST) and not page.faults and page.error is None:
        try:
            made = act.create(person, page.name, page.steps, now())
        except PanoutError as error:
            return _editor(request, replace(page, error=error))
        undo.say(request, "The cadence is ready.")
        return HttpResponseRedirect(f"/cadences/{made}", status=303)
    return _editor(request, page)


@require_http_methods(["GET", "HEAD", "POST"])
def edit(request: HttpRequest, cadence_id: int) -> HttpResponse:
    """The editor; every button of it posts the whole form, so that it needs no script."""
    person = asker_who_may(request, Verb.EDIT_CADENCES)
    sheet = ask.cadence(cadence_id)
    if request.method != "POST":
        return _editor(request, _blank(sheet.id, sheet.name, sheet.editions[0].number, sheet.plan.steps))
    page = replace(_worked(request.POST, sheet.id), name=sheet.name)
    conflict = page.seen != sheet.editions[0].number
    page = replace(page, conflict=conflict)
    ready = not page.faults and page.error is None and not conflict
    if ready and text(request.POST, "do", 20) == "preview":
        seen = ask.preview(cadence_id, Plan(sheet.name, page.steps), page.choice, now())
        page = replace(page, preview=seen)
    elif ready and _asks_to_save(request.POST):
        number = act.edit(person, cadence_id, page.seen, page.steps, page.choice, page.reason, now())
        undo.say(request, f"Version {number} is in force.")
        return HttpResponseRedirect(f"/cadences/{cadence_id}", status=303)
    return _editor(request, page)


@require_http_methods(["GET", "HEAD", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Who would start, to be looked at; from ticked people, or from everybody whom a criteria text names."""
    person = asker_who_may(request, Verb.ENROL)
    given = request.POST if request.method == "POST" else request.GET
    page = _enrolment(person, given)
    return render(request, "cadences/enrol.html", {"page": page})


@require_POST
def start(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.ENROL)
    cadence_id = needed(request.POST, "cadence")
    chosen = every_number(request.POST, "contact")
    if not chosen:
        raise BadInput("Nobody was chosen.", mend="Tick some people first.")
    source, criteria = whole(request.POST, "segment"), text(request.POST, "criteria", 20_000)
    outcome = act.enrol(
        person, chosen[:MOST_AT_ONCE], cadence_id, whole(request.POST, "sender"), now(),
        origin=_origin(source, criteria),
    )  # fmt: skip
    if source is not None and outcome.enrolled:
        name = next((line.name for line in ask.cadences() if line.id == cadence_id), "a cadence")
        label = f"{len(outcome.enrolled)} started on {name}"
        place = f"/cadences/{cadence_id}"
        note_use(segment(source).id, "cadence", cadence_id, label, place, now(), ended=True)
    if not outcome.refused:
        undo.say(request, f"{len(outcome.enrolled)} started.", way="runs", id=cadence_id,
                 contacts=list(outcome.enrolled))  # fmt: skip
        return HttpResponseRedirect(f"/cadences/{cadence_id}", status=303)
    named = dict(_named(person, [who for who, _ in outcome.refused]))
    page = EnrolPage(
        ask.cadences(), cadence_id, (), (), None, "", None, outcome,
        tuple((named.get(who, "somebody"), why) for who, why in outcome.refused), more=False,
    )  # fmt: skip
    return render(request, "cadences/enrol.html", {"page": page})


@dataclass(frozen=True, slots=True)
class LimitsPage:
    policy: Policy
    zones: tuple[str, ...]
    may_change: bool
    error: PanoutError | None = None


@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: HttpRequest) -> HttpResponse:
    """The house's limits on touches: seen by all who read cadences, changed by those who change settings."""
    person = asker_who_may(request, Verb.READ_BOOK)
    page = LimitsPage(ask.policy(), tuple(sorted(available_timezones())), may(person, Verb.CHANGE_SETTINGS))
    if request.method != "POST":
        return render(request, "cadences/limits.html", {"page": page})
    given = request.POST
    try:
        wished = Policy(
            needed(given, "recent_gap_hours"), needed(given, "person_per_week"),
            needed(given, "account_per_week"), needed(given, "people_at_first"),
            needed(given, "colleague_rest_days"), _clock(given, "opens"), _clock(given, "closes"),
            text(given, "fallback_zone", 64),
        )  # fmt: skip
        act.set_policy(person, wished, now())
    except BadInput as wrong:
        return render(request, "cadences/limits.html", {"page": replace(page, error=wrong)}, status=400)
    undo.say(request, "The limits are in force from the next touch on.")
    return HttpResponseRedirect("/cadences/limits", status=303)


def _clock(given: QueryDict, name: str) -> time:
    try:
        return time.fromisoformat(text(given, name, 8))
    except ValueError as wrong:
        raise BadInput("That is no time of day.", where=name, mend="Write it as 09:00.") from wrong


@require_safe
def parked(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    page = ParkedPage(ask.parked(person), may(person, Verb.EDIT_RECORDS))
    return render(request, "cadences/parked.html", {"page": page})


@require_POST
def park(request: HttpRequest, contact_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_RECORDS)
    resolve.contact_card(person, contact_id)
    given = request.POST
    act.park(
        person, contact_id, day(given, "until"), text(given, "why", 500), now(),
        on_signal=given.get("on_signal") == "yes",
    )  # fmt: skip
    undo.say(request, "Set aside.", way="park", id=contact_id)
    return undo.back(request, f"/contacts/{contact_id}/why")


@require_POST
def unpark(request: HttpRequest, contact_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_RECORDS)
    resolve.contact_card(person, contact_id)
    act.unpark(person, contact_id, now())
    undo.say(request, "Back from where they were set aside.")
    return undo.back(request, "/parked")


@require_POST
def run(request: HttpRequest, enrolment_id: int) -> HttpResponse:
    """Stop, hold or resume one person's run."""
    person = asker_who_may(request, Verb.ENROL)
    match text(request.POST, "do", 20):
        case "stop":
            act.stop(person, enrolment_id, StopReason.BY_HAND, now())
            undo.say(request, "The run has ended.")
        case "pause":
            act.pause(person, enrolment_id, None, text(request.POST, "reason", 60) or "by hand", now())
            undo.say(request, "The run is held.")
        case "resume":
            act.resume(person, enrolment_id, now())
            undo.say(request, "The run goes on.")
        case other:
            raise BadInput(f"There is no verb '{other[:20]}' here.")
    return undo.back(request, "/cadences")


# -- the editor's form


def _asks_to_save(given: QueryDict) -> bool:
    return text(given, "do", 20) == "save"


def _blank(cadence_id: int | None, name: str, seen: int, steps: tuple[Step, ...]) -> EditPage:
    return EditPage(cadence_id, name, seen, "", Choice.MOVE_AT_NEXT, steps, (), None, None, ())


def _editor(request: HttpRequest, page: EditPage) -> HttpResponse:
    page = replace(page, shelf=templates())
    wrong = bool(page.faults or page.error or page.conflict)
    status = 409 if page.conflict else 400 if wrong else 200
    return render(request, "cadences/edit.html", {"page": page}, status=status)


def _worked(given: QueryDict, cadence_id: int | None) -> EditPage:
    """The form's steps, with what its button did to them."""
    error: PanoutError | None = None
    steps: tuple[Step, ...] = ()
    faults: tuple[Fault, ...] = ()
    verb, _, place = text(given, "do", 20).partition(":")
    try:
        steps = _changed(_steps(given), verb, int(place) if place.isdecimal() else 0)
        if verb in {"preview", "save"}:
            faults = tuple(_faults(steps))
            Plan(text(given, "name", 120) or "this cadence", steps)
    except PanoutError as wrong:
        error = wrong
    return EditPage(
        cadence_id, text(given, "name", 120), whole(given, "seen") or 0, text(given, "reason", 500),
        one_of(given, "choice", Choice, Choice.MOVE_AT_NEXT), steps, faults, error, None, (),
    )  # fmt: skip


def _steps(given: QueryDict) -> tuple[Step, ...]:
    count = min(whole(given, "count") or 0, MAX_STEPS)
    return tuple(_step(given, f"s{place}-") for place in range(count))


def _step(given: QueryDict, at: str) -> Step:
    kind = one_of(given, at + "kind", TouchKind, TouchKind.TASK)
    branches = (
        Branch(
            text(given, f"{at}b{place}-when", 2000), text(given, f"{at}b{place}-to", 40) or None,
            whole(given, f"{at}b{place}-park"),
        )
        for place in range(min(whole(given, at + "branches") or 0, 10))
    )  # fmt: skip
    return Step(
        text(given, at + "key", 40), kind, whole(given, at + "wait") or 0, text(given, at + "template", 60),
        reviewed=given.get(at + "reviewed") == "yes" and kind is TouchKind.EMAIL,
        thread=given.get(at + "thread") == "yes" or kind is not TouchKind.EMAIL,
        only_if=text(given, at + "only_if", 2000),
        patience=whole(given, at + "patience") or 5,
        branches=tuple(branches),
    )  # fmt: skip


def _changed(steps: tuple[Step, ...], verb: str, place: int) -> tuple[Step, ...]:
    """What a button of the form does to its steps."""
    if verb == "add":
        kind = TouchKind.EMAIL if not steps or steps[-1].kind is not TouchKind.EMAIL else TouchKind.CALL
        return (*steps, Step(_fresh_key(kind, steps), kind, 2 if steps else 0))
    if not 0 <= place < len(steps):
        return steps
    here = steps[place]
    match verb:
        case "remove":
            return (*steps[:place], *steps[place + 1 :])
        case "up" if place > 0:
            return (*steps[: place - 1], here, steps[place - 1], *steps[place + 1 :])
        case "down" if place < len(steps) - 1:
            return (*steps[:place], steps[place + 1], here, *steps[place + 2 :])
        case "branch":
            grown = replace(here, branches=(*here.branches, Branch("")))
            return (*steps[:place], grown, *steps[place + 1 :])
        case "unbranch" if here.branches:
            shrunk = replace(here, branches=here.branches[:-1])
            return (*steps[:place], shrunk, *steps[place + 1 :])
    return steps


def _fresh_key(kind: TouchKind, steps: tuple[Step, ...]) -> str:
    """A key that no step of the form has; it stays with the step through every version."""
    taken = {step.key for step in steps}
    word = kind.value.replace("_", "-")
    return next(key for number in range(1, 99) if (key := f"{word}-{number}") not in taken)


def _faults(steps: tuple[Step, ...]) -> Iterable[Fault]:
    for place, step in enumerate(steps):
        texts = [("only if", step.only_if), *(("branch", branch.when) for branch in step.branches)]
        for field, words in texts:
            if field == "branch" and not words:
                yield Fault(
                    place + 1, field, "A branch needs its condition.", "Write it, or take it out.", ""
                )
                continue
            try:
                if words:
                    parse(words, BRANCH_SCHEMA)
            except CriteriaError as error:
                yield Fault(place + 1, field, f"{error.what} ({error.where})", error.mend, error.picture)


def _placed(steps: tuple[Step, ...]) -> tuple[Placed, ...]:
    days = accumulate(step.wait for step in steps)
    return tuple(Placed(on, step) for on, step in zip(days, steps, strict=True))


# -- whom to enrol


def _origin(source: int | None, criteria: str) -> str:
    if source is not None:
        return f"segment {segment(source).name}"
    return f"prospects with {criteria}" if criteria else "ticked by hand"


def _enrolment(person: Person, given: QueryDict) -> EnrolPage:
    """The people asked for, each with what the gate says of their first touch on the cadence chosen."""
    criteria, error = text(given, "criteria", 20_000), None
    chosen, source = numbers(given, "contact"), whole(given, "segment")
    shelves, senders, at = ask.cadences(), mail.accounts(now()), now()
    found: tuple[int, ...] = ()
    more = False
    try:
        if chosen:
            found = _seen(person, chosen[:MOST_AT_ONCE])
        elif source is not None:
            found, more = _of_segment(person, segment(source))
        elif criteria:
            found, more = _fresh(*_matching(person, criteria))
    except (CriteriaError, BadInput) as wrong:
        error = wrong
    suggested = _suggested(chosen[0]) if len(chosen) == 1 else None
    wanted = whole(given, "cadence") or suggested or (shelves[0].id if shelves else None)
    sender = whole(given, "sender") or (senders[0].sender_id if senders else None)
    people = ask.chances(found, wanted, sender, at) if wanted and found else ()
    return EnrolPage(
        shelves, wanted, people, senders, sender, criteria, error, None, (), more, segments(), source
    )


def _of_segment(person: Person, one: SegmentLine) -> tuple[tuple[int, ...], bool]:
    """People of a segment: those in it, or the prospects at its accounts."""
    if not one.static:
        return _fresh(*_matching(person, one.criteria))
    inside = [member.id for member in members(person, one.id, MOST_AT_ONCE)]
    if one.about == "contacts":
        return tuple(inside), False
    people = ask.prospects_at(inside, MOST_AT_ONCE + 1)
    return _seen(person, people[:MOST_AT_ONCE]), len(people) > MOST_AT_ONCE


def _fresh(found: tuple[int, ...], more: bool) -> tuple[tuple[int, ...], bool]:
    """Without those who are, or were, in a cadence: nobody named them one by one."""
    known = ask.not_free(found)
    return tuple(one for one in found if one not in known), more


def _suggested(contact_id: int) -> int | None:
    """The cadence that opens by the road which is first for this person."""
    first = plan_of(contact_id, now()).first
    return ask.opening_by(_OPENS[first.road]) if first is not None and first.road in _OPENS else None


_OPENS = {
    Road.EMAIL: Channel.EMAIL, Road.PHONE: Channel.PHONE, Road.SOCIAL: Channel.SOCIAL,
    Road.EVENT: Channel.EVENT, Road.POST: Channel.POST,
}  # fmt: skip


def _matching(person: Person, criteria: str) -> tuple[tuple[int, ...], bool]:
    """Prospects that the criteria name, best first, a page after the other up to the most."""
    found: list[int] = []
    asked, after = ListFilter(verdict="prospect", criteria=criteria), ""
    today = now().astimezone(person.tz).date()
    while len(found) < MOST_AT_ONCE:
        lines = qualify.prospects(person, asked, today, after)
        found += [line.contact_id for line in lines.rows if line.contact_id is not None]
        after = lines.after
        if not after:
            break
    return tuple(found[:MOST_AT_ONCE]), bool(after)


def _seen(person: Person, contact_ids: Iterable[int]) -> tuple[int, ...]:
    return tuple(one for one, _ in _named(person, contact_ids))


def _named(person: Person, contact_ids: Iterable[int]) -> tuple[tuple[int, str], ...]:
    """Those of these people whom the asker may see, with their names."""
    named = []
    for one in contact_ids:
        try:
            card = resolve.contact_card(person, one)
        except NotFound:
            continue
        named.append((card.id, card.label))
    return tuple(named)
