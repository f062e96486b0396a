"""A new password for who forgot the old one: by a link that an admin hands over, since mail may not be set up."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.flow.clock import now
from panout.kernel.errors import BadInput
from panout.team import actions as act
from panout.team import queries as ask
from panout.team.rules import Verb
from panout.web import undo
from panout.web.http import asker_who_may, origin


@dataclass(frozen=True, slots=True)
class LinkPage:
    """Shown this once; only the secret's hash is kept."""

    name: str
    link: str


@dataclass(frozen=True, slots=True)
class ChoosePage:
    name: str
    email: str
    secret: str
    error: BadInput | None = None


@require_POST
def make_link(request: HttpRequest, user_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.MANAGE_PEOPLE)
    secret = act.make_password_link(person, user_id, origin(request), now())
    link = request.build_absolute_uri(f"/password/{secret}")
    return render(request, "team/password_link.html", {"page": LinkPage(ask.member(user_id).name, link)})


@login_not_required
@require_safe
def choose(request: HttpRequest, secret: str) -> HttpResponse:
    whose = ask.link_for(secret, now())
    return render(request, "team/password.html", {"page": ChoosePage(whose.name, whose.email, secret)})


@login_not_required
@require_POST
def keep(request: HttpRequest, secret: str) -> HttpResponse:
    """Sign in comes after, with the second step where there is one."""
    moment = now()
    whose = ask.link_for(secret, moment)
    try:
        act.choose_password(secret, request.POST.get("password", "")[:1000], moment)
    except BadInput as error:
        page = ChoosePage(whose.name, whose.email, secret, error)
        return render(request, "team/password.html", {"page": page}, status=400)
    undo.say(
        request, "Your new password is set. Sign in with it. Older sign-ins and API tokens work no more."
    )
    return HttpResponseRedirect("/account/login/", status=303)
