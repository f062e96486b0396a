"""Every address for every role and for the stranger: what a page demands is what its answer keeps to."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import URLPattern

from panout.api.app import api
from panout.team import actions as team
from panout.team import queries as people
from panout.team.rules import PERMISSIONS, Person, Role, Verb
from panout.team.tokens import token_for
from panout.web.urls import urlpatterns
from tests.cast import NOON, PASSWORD, signed_in

pytestmark = pytest.mark.xdist_group("rights")
_DEMANDED = re.compile(r"asker_who_may\(\s*request, Verb\.(\w+)")
# Without a sign-in: what machines ask, the way in, and what anybody may choose.
OPEN = {"health/alive", "health/ready", "metrics", "start", "start/begin", "theme", "account/login/"}


@dataclass(frozen=True)
class Address:
    route: str
    verbs: tuple[Verb, ...]  # in the order in which the page demands them
    methods: tuple[str, ...]
    public: bool  # marked as open to whoever has the address: booking pages, wishes, invitations

    @property
    def example(self) -> str:
        """The address with ids that nothing has."""
        path = re.sub(r"<int:\w+>", "987654", self.route)
        return "/" + re.sub(r"<\w+:\w+>", "nothing", path)


def addresses() -> Iterator[Address]:
    for pattern in urlpatterns:
        if not isinstance(pattern, URLPattern) or not _ours(pattern.callback):
            continue
        words = inspect.getsource(inspect.unwrap(pattern.callback))
        verbs = tuple(Verb[name] for name in _DEMANDED.findall(words))
        posts = "@require_POST" in words
        public = not getattr(pattern.callback, "login_required", True)
        yield Address(str(pattern.pattern), verbs, ("POST",) if posts else ("GET",), public)


def _ours(view: Callable[..., HttpResponse]) -> bool:
    return view.__module__.startswith("panout.web.")


ALL = tuple(addresses())


def ask(client: Client, method: str, address: str) -> HttpResponse:
    return client.post(address) if method == "POST" else client.get(address)


def test_most_pages_name_the_verb_that_they_demand() -> None:
    assert len(ALL) > 60
    nameless = [one.route for one in ALL if not one.verbs and one.route not in OPEN]
    # Everybody who is signed in: one's own page, the way back of one's own deeds, the front door.
    assert {"me", "me/change", "undo", ""} <= set(nameless)
    assert sum(1 for one in ALL if one.verbs) / len(ALL) > 0.7


@pytest.mark.django_db
def test_the_stranger_is_sent_to_the_sign_in_from_everywhere(owner: Person) -> None:
    client = Client()
    let_in = []
    for one in ALL:
        for method in one.methods:
            answer = ask(client, method, one.example)
            to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/account/login/")
            if not to_sign_in:
                let_in.append(one.route)
    declared = {one.route for one in ALL if one.public}
    assert set(let_in) - declared == set()
    assert OPEN - {"metrics"} <= declared


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_just_what_the_table_of_rights_says(owner: Person, role: Role) -> None:
    secret = team.invite(owner, "new@panout.test", role, None, "test", NOON)
    made = team.accept_invitation(secret, "Nora New", PASSWORD, "UTC", NOON)
    client = signed_in(people.member(made).person)
    client.raise_request_exception = False
    wrong = []
    for one in ALL:
        if not one.verbs:
            continue
        may = one.verbs[0] in PERMISSIONS[role]
        may_all = all(verb in PERMISSIONS[role] for verb in one.verbs)
        for method in one.methods:
            status = ask(client, method, one.example).status_code
            refused = status == 403
            if (refused and may_all) or (not refused and not may) or status >= 500:
                wrong.append(f"{method} {one.route}: {status}, {'may' if may_all else 'may not'}")
    assert wrong == []


# What an operation of the API demands, by its method and path.
API = {
    (method, path): tuple(verb for check in operation.auth_callbacks for verb in check.verbs)
    for prefix, router in api._routers
    for path, view in router.path_operations.items()
    for operation in view.operations
    for method in operation.methods
}


def test_every_operation_of_the_api_names_the_verb_that_it_demands() -> None:
    assert len(API) > 25
    assert [place for place, verbs in API.items() if not verbs] == []


@pytest.mark.django_db
def test_the_api_knows_no_stranger_and_each_role_may_what_the_table_says(owner: Person) -> None:
    wrong = []
    for role in (None, *Role):
        client = (
            Client() if role is None else Client(headers={"Authorization": f"Bearer {_token(owner, role)}"})
        )
        client.raise_request_exception = False
        for (method, path), verbs in API.items():
            place = "/api" + re.sub(r"{\w+}", "987654", path)
            status = client.generic(method, place, b"{}", content_type="application/json").status_code
            may = role is not None and all(verb in PERMISSIONS[role] for verb in verbs)
            expected = 401 if role is None else 403
            if (status == expected) is may or status >= 500:
                wrong.append(f"{role}: {method} {path}: {status}, {'may' if may else 'may not'}")
    assert wrong == []


def _token(owner: Person, role: Role) -> str:
    secret = team.invite(owner, f"{role}@panout.test", role, None, "test", NOON)
    return token_for(team.accept_invitation(secret, "Nora New", PASSWORD, "UTC", NOON))


def test_the_guide_has_the_table_of_rights_as_it_is() -> None:
    guide = (Path(__file__).parents[2] / "docs/guide/roles.md").read_text("utf-8")
    for verb in Verb:
        cells = " | ".join("yes" if verb in PERMISSIONS[role] else "" for role in Role)
        assert f"| {verb.value} | {cells} |" in guide
