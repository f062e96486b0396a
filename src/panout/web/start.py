"""The first page of a new workspace, the theme, and everybody's own page."""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import available_timezones

from allauth.account.views import login as allauth_login
from django.contrib.auth import login
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from panout.flow.clock import now
from panout.flow.workspace import stock
from panout.icp import actions as icp
from panout.icp import queries as icps
from panout.kernel.errors import PanoutError
from panout.team import actions as team
from panout.team import queries as people
from panout.team.rules import PERMISSIONS, Person
from panout.web import undo
from panout.web.frame import THEME_COOKIE, THEMES
from panout.web.http import asker, origin, user_of
from panout.web.reading import text

BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
_A_YEAR = 60 * 60 * 24 * 365


@dataclass(frozen=True, slots=True)
class Example:
    """A profile that comes with Panout, as the first page offers it."""

    name: str
    title: str
    seeks: str


@dataclass(frozen=True, slots=True)
class FirstRun:
    """The form of the first page, with what was typed so far."""

    name: str
    email: str
    zone: str
    chosen: str
    examples: tuple[Example, ...]
    zones: tuple[str, ...]
    error: PanoutError | None


@dataclass(frozen=True, slots=True)
class Mine:
    """One's own page."""

    member: people.Member
    may: tuple[str, ...]
    zones: tuple[str, ...]


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    asker(request)
    return redirect("/prospects")


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """The sign-in page; before there is anybody, the first page."""
    if request.method != "POST" and not people.has_people():
        return redirect("/start")
    answer: HttpResponse = allauth_login(request)
    return answer


@login_not_required
@require_safe
def first_page(request: HttpRequest) -> HttpResponse:
    if people.has_people():
        return redirect("/account/login/")
    return render(request, "start/first.html", {"page": _first_run(request, None)})


@login_not_required
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """Create the owner, put an example profile in force, sign in; the first list comes next."""
    moment, given = now(), request.POST
    try:
        made = team.create_owner(
            text(given, "name"), text(given, "email", 254), given.get("password", "")[:1000],
            text(given, "zone") or "UTC", moment,
        )  # fmt: skip
    except PanoutError as error:
        page = _first_run(request, error)
        return render(request, "start/first.html", {"page": page}, status=400)
    owner = people.member(made).person
    stock(owner, moment)
    _take_example(owner, text(given, "icp"), origin(request))
    login(request, user_of(made), backend=BACKEND)
    return redirect("/imports/new")


def _take_example(owner: Person, chosen: str, place: str) -> None:
    if chosen not in icps.shipped():
        return
    words = icps.shipped_text(chosen)
    version = icp.create_icp(owner, _example(chosen).title, words, place, now())
    icp.activate(owner, version, "The example that this workspace began with.", place, now())


@login_not_required
@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("theme", "")
    answer = undo.back(request)
    if chosen in THEMES:
        answer.set_cookie(THEME_COOKIE, chosen, max_age=_A_YEAR, samesite="Lax", secure=request.is_secure())
    return answer


@require_safe
def me(request: HttpRequest) -> HttpResponse:
    person = asker(request)
    able = tuple(sorted(PERMISSIONS[person.role]))
    return render(request, "me/page.html", {"page": Mine(people.member(person.id or 0), able, zones())})


@require_POST
def change_me(request: HttpRequest) -> HttpResponse:
    team.change_profile(asker(request), text(request.POST, "name"), text(request.POST, "zone"), now())
    undo.say(request, "Your page is saved.")
    return HttpResponseRedirect("/me", status=303)


def _first_run(request: HttpRequest, error: PanoutError | None) -> FirstRun:
    given = request.POST
    return FirstRun(
        text(given, "name"), text(given, "email"), text(given, "zone") or "UTC",
        text(given, "icp") or "b2b-software", tuple(map(_example, icps.shipped())), zones(), error,
    )  # fmt: skip


def _example(name: str) -> Example:
    profile = icps.shipped_profile(name)
    return Example(name, profile.name, ", ".join(rule.name for rule in profile.fit[:4]))


def zones() -> tuple[str, ...]:
    """The zones that a form offers."""
    return tuple(
        sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith("Etc/"))
    )
