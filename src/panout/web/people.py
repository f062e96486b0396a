"""The team: who is here and what each may do, and the ledger of who did what."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta

from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.flow.clock import now
from panout.kernel.errors import PanoutError
from panout.sources.rules.cells import guard_formula
from panout.team import actions as act
from panout.team import queries as ask
from panout.team.queries import Chain, Invited, LedgerFilter, LedgerLine, LedgerPage, Member, TeamLine
from panout.team.rules import PERMISSIONS, Person, Role, Sees, Verb, may
from panout.web import undo
from panout.web.http import asker_who_may, origin, user_of
from panout.web.reading import day, one_of, text, whole
from panout.web.saved import Saved, saved
from panout.web.start import BACKEND, zones

_EXPORTED = 100_000


@dataclass(frozen=True, slots=True)
class Right:
    """A line of the table of rights: the verb, and for each role whether it may."""

    verb: str
    may: tuple[bool, ...]


@dataclass(frozen=True, slots=True)
class PeoplePage:
    members: tuple[Member, ...]
    invited: tuple[Invited, ...]
    teams: tuple[TeamLine, ...]
    roles: tuple[str, ...]
    sees: tuple[str, ...]
    rights: tuple[Right, ...]
    link: str
    me: int


@dataclass(frozen=True, slots=True)
class JoinPage:
    invited: Invited
    secret: str
    zones: tuple[str, ...]
    name: str
    error: PanoutError | None


@dataclass(frozen=True, slots=True)
class Change:
    """One value before and after."""

    name: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Told:
    """A line of the ledger, its differences laid out."""

    line: LedgerLine
    changes: tuple[Change, ...]
    link: str


@dataclass(frozen=True, slots=True)
class LedgerView:
    lines: tuple[Told, ...]
    next_before: int | None
    asked: LedgerFilter
    since: str
    until: str
    people: tuple[Member, ...]
    verbs: tuple[str, ...]
    chain: Chain | None
    may_export: bool
    saved: Saved


@require_safe
def people(request: HttpRequest) -> HttpResponse:
    return render(request, "team/people.html", {"page": _people(asker_who_may(request, Verb.MANAGE_PEOPLE))})


@require_POST
def invite(request: HttpRequest) -> HttpResponse:
    """The link is shown this once; only its hash is kept."""
    person, given = asker_who_may(request, Verb.MANAGE_PEOPLE), request.POST
    role = one_of(given, "role", Role, Role.SDR)
    secret = act.invite(person, text(given, "email", 254), role, whole(given, "team"), origin(request), now())
    link = request.build_absolute_uri(f"/join/{secret}")
    return render(request, "team/people.html", {"page": replace(_people(person), link=link)})


@require_POST
def withdraw(request: HttpRequest, invitation_id: int) -> HttpResponse:
    act.withdraw_invitation(asker_who_may(request, Verb.MANAGE_PEOPLE), invitation_id, origin(request), now())
    undo.say(request, "The link works no more.")
    return HttpResponseRedirect("/team/people", status=303)


@require_POST
def change(request: HttpRequest, user_id: int) -> HttpResponse:
    """Role, sight, team and capacity of one member, in one form."""
    person, given, moment = asker_who_may(request, Verb.MANAGE_PEOPLE), request.POST, now()
    was = ask.member(user_id)
    role, sees = one_of(given, "role", Role, was.role), one_of(given, "sees", Sees, was.sees)
    if (role, sees) != (was.role, was.sees):
        act.set_role(person, user_id, role, sees, origin(request), moment)
    if "team" in given and whole(given, "team") != was.team_id:
        act.set_team(person, user_id, whole(given, "team"), origin(request), moment)
    capacity = whole(given, "capacity")
    if capacity is not None and capacity != was.capacity and may(person, Verb.ASSIGN):
        act.set_capacity(person, user_id, capacity, origin(request), moment)
    undo.say(request, f"{was.name} is set.")
    return HttpResponseRedirect("/team/people", status=303)


@require_POST
def close(request: HttpRequest, user_id: int) -> HttpResponse:
    act.deactivate(asker_who_may(request, Verb.MANAGE_PEOPLE), user_id, origin(request), now())
    undo.say(
        request,
        f"{ask.member(user_id).name} can no longer sign in. Their sessions and API tokens are revoked.",
        way="member",
        id=user_id,
    )
    return HttpResponseRedirect("/team/people", status=303)


@require_POST
def open_again(request: HttpRequest, user_id: int) -> HttpResponse:
    act.reactivate(asker_who_may(request, Verb.MANAGE_PEOPLE), user_id, origin(request), now())
    undo.say(request, f"{ask.member(user_id).name} can sign in again.")
    return HttpResponseRedirect("/team/people", status=303)


@require_POST
def make_team(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.MANAGE_PEOPLE)
    act.make_team(person, text(request.POST, "name", 80), origin(request), now())
    undo.say(request, "The team is made.")
    return HttpResponseRedirect("/team/people", status=303)


@login_not_required
@require_safe
def join(request: HttpRequest, secret: str) -> HttpResponse:
    page = JoinPage(ask.invitation_for(secret, now()), secret, zones(), "", None)
    return render(request, "team/join.html", {"page": page})


@login_not_required
@require_POST
def accept(request: HttpRequest, secret: str) -> HttpResponse:
    given, moment = request.POST, now()
    try:
        made = act.accept_invitation(
            secret, text(given, "name", 120), given.get("password", "")[:1000],
            text(given, "zone") or "UTC", moment,
        )  # fmt: skip
    except PanoutError as error:
        page = JoinPage(ask.invitation_for(secret, moment), secret, zones(), text(given, "name"), error)
        return render(request, "team/join.html", {"page": page}, status=400)
    login(request, user_of(made), backend=BACKEND)
    return HttpResponseRedirect("/", status=303)


@require_safe
def ledger(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_LEDGER)
    asked = _asked(request, person)
    found = ask.ledger(asked, whole(request.GET, "before"), 60)
    chain = ask.verify_chain() if "verify" in request.GET else None
    page = LedgerView(
        tuple(map(_told, found.lines)), found.next_before, asked, text(request.GET, "since"),
        text(request.GET, "until"), ask.people(), ask.ledger_verbs(), chain, may(person, Verb.EXPORT),
        saved(request, person),
    )  # fmt: skip
    return render(request, "team/ledger.html", {"page": page})


@require_safe
def export_ledger(request: HttpRequest) -> StreamingHttpResponse:
    person = asker_who_may(request, Verb.READ_LEDGER)
    asker_who_may(request, Verb.EXPORT)
    answer = StreamingHttpResponse(_csv(_asked(request, person)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="ledger.csv"'
    return answer


def _people(person: Person) -> PeoplePage:
    rights = tuple(Right(verb.value, tuple(verb in PERMISSIONS[role] for role in Role)) for verb in Verb)
    return PeoplePage(
        ask.people(), ask.open_invitations(now()), ask.teams(), tuple(Role), tuple(Sees), rights, "",
        person.id or 0,
    )  # fmt: skip


def _asked(request: HttpRequest, person: Person) -> LedgerFilter:
    given = request.GET
    since, until = day(given, "since"), day(given, "until")
    return LedgerFilter(
        actor_id=whole(given, "actor"),
        verb=text(given, "verb", 60),
        kind=text(given, "kind", 40),
        subject_id=whole(given, "subject"),
        since=datetime.combine(since, time(), person.tz) if since else None,
        until=datetime.combine(until + timedelta(days=1), time(), person.tz) if until else None,
    )


_PAGES = {"account": "/accounts/", "contact": "/contacts/", "import": "/imports/", "icp": "/profiles/",
          "segment": "/segments/"}  # fmt: skip


def _told(line: LedgerLine) -> Told:
    before, after = line.before or {}, line.after or {}
    names = list(dict.fromkeys([*before, *after]))
    changes = tuple(Change(name, _short(before.get(name)), _short(after.get(name))) for name in names)
    place = _PAGES.get(line.kind, "")
    return Told(line, changes, f"{place}{line.subject_id}" if place and line.subject_id else "")


def _short(value: object) -> str:
    said = value if isinstance(value, str) else "" if value is None else json.dumps(value, ensure_ascii=False)
    return said if len(said) <= 120 else f"{said[:117]}..."


def _csv(asked: LedgerFilter) -> Iterator[str]:
    yield "id,at,actor,verb,kind,subject,label,reason,origin,before,after\r\n"
    before: int | None = None
    for _ in range(_EXPORTED // 500):
        found: LedgerPage = ask.ledger(asked, before, 500)
        for line in found.lines:
            row = io.StringIO()
            cells = [line.actor, line.verb, line.kind, str(line.subject_id or ""), line.label, line.reason,
                     line.origin, _whole(line.before), _whole(line.after)]  # fmt: skip
            csv.writer(row).writerow([line.id, line.at.isoformat(), *map(guard_formula, cells)])
            yield row.getvalue()
        before = found.next_before
        if before is None:
            return


def _whole(value: object) -> str:
    return "" if value is None else json.dumps(value, ensure_ascii=False, default=str)
