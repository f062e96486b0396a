"""Who gets whom: the manager's page, the assignment rules in their order, and what they would do now."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.flow.clock import now
from panout.kernel.errors import BadInput, PanoutError
from panout.qualify import handing as act
from panout.qualify.handing import Dealing, Desk, Pipeline, RuleLine, Wish
from panout.qualify.turns import Target
from panout.team.queries import TeamLine, teams
from panout.team.rules import Person, Verb, may
from panout.web import undo
from panout.web.http import asker_who_may, origin
from panout.web.reading import text, whole
from panout.web.records import by_owner

LONGEST = 20_000


@dataclass(frozen=True, slots=True)
class ManagerPage:
    now: Pipeline
    desk: Desk
    may_assign: bool


@dataclass(frozen=True, slots=True)
class Form:
    """A rule as its form has it; `to` is one choice of three kinds: rep:3, team:1, everybody."""

    rule_id: int | None
    version: int
    name: str
    criteria: str
    to: str


@dataclass(frozen=True, slots=True)
class RulesPage:
    desk: Desk
    dealing: Dealing
    form: Form
    teams: tuple[TeamLine, ...]
    error: PanoutError | None
    may_assign: bool

    @property
    def has_fallback(self) -> bool:
        return any(rule.fallback for rule in self.desk.rules)


@require_safe
def manager(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.SEE_TEAM)
    page = ManagerPage(act.pipeline(), act.desk(), may(person, Verb.ASSIGN))
    return render(request, "team/manager.html", {"page": page})


@require_safe
def rules(request: HttpRequest) -> HttpResponse:
    """The rules in their order, a form for one of them, and who would get whom now."""
    person = asker_who_may(request, Verb.SEE_TEAM)
    chosen = whole(request.GET, "edit")
    form = Form(None, 0, "", "", "")
    if chosen is not None:
        line = act.rule(chosen)
        form = Form(line.id, line.version, line.name, line.criteria, _spelt(line))
    return _rules(request, person, form)


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    person, given = asker_who_may(request, Verb.ASSIGN), request.POST
    form = Form(
        whole(given, "rule"), whole(given, "version") or 0, text(given, "name", 120),
        text(given, "criteria", LONGEST), text(given, "to", 40),
    )  # fmt: skip
    try:
        made = act.save_rule(person, form.rule_id, form.version, _wish(given, form), origin(request), now())
    except PanoutError as error:
        return _rules(request, person, form, error)
    if form.rule_id is None:
        undo.say(request, "The rule is kept, the last before the fallback.", way="rule", id=made)
    else:
        undo.say(request, "The rule is changed.")
    return HttpResponseRedirect("/team/rules", status=303)


@require_POST
def move(request: HttpRequest, rule_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.ASSIGN)
    step = {"up": -1, "down": 1}.get(text(request.POST, "do"), 0)
    act.move_rule(person, rule_id, step, origin(request), now())
    return HttpResponseRedirect("/team/rules", status=303)


@require_POST
def remove(request: HttpRequest, rule_id: int) -> HttpResponse:
    act.retire_rule(asker_who_may(request, Verb.ASSIGN), rule_id, origin(request), now())
    undo.say(request, "The rule is gone.", way="rule back", id=rule_id)
    return HttpResponseRedirect("/team/rules", status=303)


@require_POST
def automatic(request: HttpRequest) -> HttpResponse:
    person, wanted = asker_who_may(request, Verb.ASSIGN), text(request.POST, "automatic")
    act.set_automatic(person, wanted, origin(request), now())
    undo.say(
        request,
        "New prospects get an owner by themselves from now on."
        if wanted == "on"
        else "Nobody is handed out by itself any more.",
    )
    return HttpResponseRedirect("/team/rules", status=303)


@require_POST
def hand(request: HttpRequest) -> HttpResponse:
    """By the rules, or in turn where there are none: nobody's prospects, best first, to whoever has room."""
    person = asker_who_may(request, Verb.ASSIGN)
    was = act.hand_out(person, whole(request.POST, "limit") or 50, origin(request), now())
    count = len(was.contacts)
    undo.say(
        request, f"{count} prospect{' was' if count == 1 else 's were'} handed out.", way="owners", accounts={},
        contacts=by_owner(was.contacts),
    )  # fmt: skip
    return undo.back(request, "/team")


def _rules(
    request: HttpRequest, person: Person, form: Form, error: PanoutError | None = None
) -> HttpResponse:
    today = now().astimezone(person.tz).date()
    desk = act.desk()
    dealing = act.dealing(person, desk, today)
    page = RulesPage(desk, dealing, form, teams(), error, may(person, Verb.ASSIGN))
    return render(request, "team/rules.html", {"page": page}, status=400 if error else 200)


def _wish(given: QueryDict, form: Form) -> Wish:
    kind, _, number = form.to.partition(":")
    if kind not in set(Target) or (number and not number.isdecimal()):
        raise BadInput("To whom?", where="to", mend="Choose somebody, a team, or everybody.")
    chosen = int(number) if number else None
    criteria = "" if text(given, "fallback") else form.criteria
    if not criteria and not text(given, "fallback"):
        raise BadInput("For whom?", where="criteria", mend="Write criteria, or make it the fallback.")
    return Wish(
        form.name, criteria, Target(kind),
        chosen if kind == Target.REP else None, chosen if kind == Target.TEAM else None,
    )  # fmt: skip


def _spelt(line: RuleLine) -> str:
    number = line.user_id or line.team_id
    return f"{line.target}:{number}" if number else str(line.target)
