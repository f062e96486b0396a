"""Ideal customer profiles: edit with live counts, compare versions, see what a change would do, activate."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.flow import jobs, scoring
from panout.flow.clock import now
from panout.icp import actions as act
from panout.icp import queries as ask
from panout.icp.queries import ProfileLine, VersionCard, VersionLine
from panout.icp.rules.profile import Icp
from panout.icp.rules.reading import IcpError, read_icp
from panout.icp.rules.source import Problem
from panout.kernel.errors import BadInput, NotFound
from panout.qualify.counting import Examples, ProfileCount, profile_look
from panout.qualify.foresight import Foresight, PreviewCard, forget_preview, seen_by
from panout.qualify.runs import Run, latest
from panout.qualify.strikes import Lesson, lessons
from panout.team.queries import Member, reps
from panout.team.rules import Person, Role, Verb, may
from panout.web import undo
from panout.web.http import asker_who_may, origin
from panout.web.reading import needed, text, whole


@dataclass(frozen=True, slots=True)
class ProfilesPage:
    lines: tuple[ProfileLine, ...]
    shipped: tuple[str, ...]
    may_edit: bool


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the words of a profile say: its rules with their counts, or what is wrong with them."""

    profile: Icp | None
    count: ProfileCount | None
    examples: Examples | None
    faults: tuple[Problem, ...]
    warnings: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class ProfilePage:
    line: ProfileLine
    shown: VersionCard
    judged: Judgement
    versions: tuple[VersionLine, ...]
    aes: tuple[Member, ...]
    sdrs: tuple[Member, ...]
    lessons: tuple[Lesson, ...]
    run: Run | None
    review_due: bool
    may_edit: bool
    may_activate: bool


@dataclass(frozen=True, slots=True)
class EditorPage:
    card: VersionCard
    judged: Judgement
    may_activate: bool


@dataclass(frozen=True, slots=True)
class DiffLine:
    """`sign` is + for new words, - for old ones, @ for a gap."""

    sign: str
    words: str


@dataclass(frozen=True, slots=True)
class DiffPage:
    old: VersionCard
    new: VersionCard
    lines: tuple[DiffLine, ...]


@dataclass(frozen=True, slots=True)
class ForesightPage:
    card: VersionCard
    preview: PreviewCard
    told: Foresight | None
    may_activate: bool


@require_safe
def profiles(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    page = ProfilesPage(ask.profiles(), ask.shipped(), may(person, Verb.EDIT_ICP))
    return render(request, "profiles/list.html", {"page": page})


@require_POST
def create(request: HttpRequest) -> HttpResponse:
    """From an example, from an uploaded YAML file, or empty."""
    person, given = asker_who_may(request, Verb.EDIT_ICP), request.POST
    file, example = request.FILES.get("file"), text(given, "example")
    if file is not None and file.size:
        words = _utf8(file.read(act.LONGEST_TEXT + 1))
    else:
        words = ask.shipped_text(example) if example else ask.shipped_text(ask.shipped()[0])
    made = act.create_icp(person, text(given, "name", 120), words, origin(request), now())
    return HttpResponseRedirect(f"/profiles/versions/{made}/edit", status=303)


@require_safe
def profile(request: HttpRequest, icp_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    line = _line(icp_id)
    versions = ask.versions(icp_id)
    card = ask.version(line.active_version_id or versions[0].id)
    members = reps()
    today = now().astimezone(person.tz).date()
    exact = bool(text(request.GET, "exact"))
    page = ProfilePage(
        line, card, _judged(person, card.text, card.name, exact=exact), versions,
        tuple(one for one in members if one.role in {Role.AE, Role.FOUNDER, Role.MANAGER}),
        tuple(one for one in members if one.role in {Role.SDR, Role.BDR, Role.FOUNDER}),
        lessons(person, icp_id), latest(), line.next_review_on is not None and line.next_review_on <= today,
        may(person, Verb.EDIT_ICP), may(person, Verb.ACTIVATE_ICP),
    )  # fmt: skip
    return render(request, "profiles/one.html", {"page": page})


@require_POST
def draft(request: HttpRequest, icp_id: int) -> HttpResponse:
    made = act.start_draft(asker_who_may(request, Verb.EDIT_ICP), icp_id, origin(request), now())
    return HttpResponseRedirect(f"/profiles/versions/{made}/edit", status=303)


@require_safe
def edit(request: HttpRequest, version_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_ICP)
    card = ask.version(version_id)
    page = EditorPage(card, _judged(person, card.text, card.name), may(person, Verb.ACTIVATE_ICP))
    return render(request, "profiles/edit.html", {"page": page})


@require_POST
def check(request: HttpRequest) -> HttpResponse:
    """The live panel beside the editor: what the words as typed so far would admit; `exact` asks the whole book."""
    person = asker_who_may(request, Verb.EDIT_ICP)
    words, exact = request.POST.get("text", "")[: act.LONGEST_TEXT], bool(text(request.POST, "exact"))
    judged = _judged(person, words, "profile", exact=exact)
    return render(request, "profiles/edit.html#judged", {"judged": judged})


@require_POST
def save(request: HttpRequest, version_id: int) -> HttpResponse:
    """Keep the draft; whoever saved meanwhile is not overwritten: both texts are shown."""
    person, given = asker_who_may(request, Verb.EDIT_ICP), request.POST
    words = given.get("text", "").replace("\r\n", "\n")
    act.save_draft(
        person, version_id, needed(given, "edits"), words, text(given, "reason", 500), origin(request), now()
    )
    undo.say(request, "The draft is saved.")
    where = "foresee" if text(given, "then") == "foresee" else "edit"
    return HttpResponseRedirect(f"/profiles/versions/{version_id}/{where}", status=303)


@require_safe
def difference(request: HttpRequest, version_id: int) -> HttpResponse:
    asker_who_may(request, Verb.READ_BOOK)
    new = ask.version(version_id)
    before = [one for one in ask.versions(new.icp_id) if one.number < new.number]
    other = whole(request.GET, "with") or (before[0].id if before else version_id)
    old = ask.version(other)
    return render(request, "profiles/diff.html", {"page": DiffPage(old, new, _lines(old.text, new.text))})


@require_safe
def foresee(request: HttpRequest, version_id: int) -> HttpResponse:
    """Before it goes live: who changes verdict, and how it would have ranked those we know the end of."""
    person = asker_who_may(request, Verb.EDIT_ICP)
    card = ask.version(version_id)
    found = scoring.preview(person, version_id)
    if found.working and not request.htmx:  # type: ignore[attr-defined]
        jobs.wake_previews()
    told = seen_by(person, found.told) if found.told is not None else None
    page = ForesightPage(card, found, told, may(person, Verb.ACTIVATE_ICP))
    part = "#told" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"profiles/foresee.html{part}", {"page": page})


@require_POST
def foresee_again(request: HttpRequest, version_id: int) -> HttpResponse:
    """The book may have changed since it was judged."""
    person = asker_who_may(request, Verb.EDIT_ICP)
    forget_preview(person, ask.version(version_id), now().date())
    return HttpResponseRedirect(f"/profiles/versions/{version_id}/foresee", status=303)


@require_safe
def run(request: HttpRequest) -> HttpResponse:
    """How far the scoring of everybody is: the part of the profile's page that keeps asking."""
    asker_who_may(request, Verb.READ_BOOK)
    return render(request, "profiles/run.html", {"run": latest()})


@require_POST
def activate(request: HttpRequest, version_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.ACTIVATE_ICP)
    act.activate(person, version_id, text(request.POST, "reason", 500), origin(request), now())
    jobs.wake_scoring()
    undo.say(request, "It is in force. Everybody is being scored anew in the background.")
    return HttpResponseRedirect(f"/profiles/{ask.version(version_id).icp_id}", status=303)


@require_POST
def owners(request: HttpRequest, icp_id: int) -> HttpResponse:
    person, given = asker_who_may(request, Verb.EDIT_ICP), request.POST
    act.set_owners(person, icp_id, whole(given, "ae"), whole(given, "sdr"), origin(request), now())
    undo.say(request, "The owners are set.")
    return HttpResponseRedirect(f"/profiles/{icp_id}", status=303)


@require_POST
def retire(request: HttpRequest, icp_id: int) -> HttpResponse:
    act.retire(asker_who_may(request, Verb.ACTIVATE_ICP), icp_id, origin(request), now())
    jobs.wake_scoring()
    undo.say(request, "The profile is retired; its versions stay readable.")
    return HttpResponseRedirect("/profiles", status=303)


@require_safe
def export(request: HttpRequest, version_id: int) -> HttpResponse:
    asker_who_may(request, Verb.READ_BOOK)
    card = ask.version(version_id)
    answer = HttpResponse(card.text, content_type="application/yaml; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="profile-{card.icp_id}-v{card.number}.yaml"'
    return answer


def _line(icp_id: int) -> ProfileLine:
    for line in ask.profiles():
        if line.id == icp_id:
            return line
    raise NotFound("There is no such profile.")


def _judged(person: Person, words: str, name: str, *, exact: bool = False) -> Judgement:
    try:
        reading = read_icp(words, name)
    except IcpError as error:
        return Judgement(None, None, None, error.faults, ())
    today = now().astimezone(person.tz).date()
    look = profile_look(person, reading.icp, today, exact=exact)
    return Judgement(reading.icp, look.count, look.examples, (), reading.warnings)


def _lines(old: str, new: str) -> tuple[DiffLine, ...]:
    told = difflib.unified_diff(old.splitlines(), new.splitlines(), lineterm="", n=3)
    lines = [line for line in told if not line.startswith(("---", "+++"))]
    return tuple(DiffLine(line[:1], "" if line.startswith("@") else line[1:]) for line in lines)


def _utf8(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput("The file is not UTF-8 text.", where="file") from error
