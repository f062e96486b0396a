"""Between the web server and the pages: safe headers, one log line a request, our errors as answers."""

from __future__ import annotations

import time
from collections.abc import Callable
from zoneinfo import ZoneInfo

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import DataError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from prometheus_client import Counter, Histogram

from panout.flow.clock import now
from panout.kernel import errors
from panout.resolve.sight import demand_people, demand_sight
from panout.team.actions import change_password
from panout.team.models import User
from panout.team.rules import Person, Verb, demand
from panout.web.reading import every_number

Answer = Callable[[HttpRequest], HttpResponse]

# No inline script or style anywhere; pictures may be data: URLs (the QR code of two-step sign-in).
CONTENT_POLICY = "; ".join(
    [
        "default-src 'self'",
        "img-src 'self' data:",
        "object-src 'none'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
    ]
)
_log = structlog.get_logger("panout.web")
_REQUESTS = Counter("panout_requests_total", "Answers given", ["method", "page", "status"])
_SECONDS = Histogram(
    "panout_request_seconds",
    "Time to answer",
    ["page"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.15, 0.3, 0.6, 1, 3, 10),
)

_STATUS: tuple[tuple[type[errors.PanoutError], int], ...] = (
    (errors.BadInput, 400),
    (errors.NotAllowed, 403),
    (errors.NotFound, 404),
    (errors.Conflict, 409),
    (errors.Refused, 422),
    (errors.Unavailable, 503),
    (errors.Unsure, 503),
)


class SignIn(DefaultAccountAdapter):  # type: ignore[misc] # allauth ships no types
    """People come in by invitation or as the first owner, never by signing themselves up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002 - allauth's signature
        return False

    def set_password(self, user: User, password: str) -> None:
        """By the action, so that it stands in the ledger and ends what the old password let in."""
        change_password(user.pk, password, origin(self.request) if self.request else "page", now())
        user.refresh_from_db(fields=["password", "epoch"])


def safe_headers(answer: Answer) -> Answer:
    """Every answer carries the content policy; pages are nobody's to cache."""

    def middleware(request: HttpRequest) -> HttpResponse:
        response = answer(request)
        response.headers.setdefault("Content-Security-Policy", CONTENT_POLICY)
        response.headers.setdefault("Permissions-Policy", "camera=(), microphone=(), geolocation=()")
        response.headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        if not request.path.startswith("/static/"):
            response.headers.setdefault("Cache-Control", "private, no-store")
        return response

    return middleware


def log_request(answer: Answer) -> Answer:
    """One line and one measurement a request, under the page's route, never its parameters."""

    def middleware(request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        response = answer(request)
        seconds = time.perf_counter() - started
        page = request.resolver_match.route if request.resolver_match else "none"
        _REQUESTS.labels(request.method, page, response.status_code).inc()
        _SECONDS.labels(page).observe(seconds)
        user = getattr(request, "user", None)
        _log.info(
            "request",
            method=request.method,
            page=page,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
            user=getattr(user, "pk", None),
        )
        return response

    return middleware


# Forms that leave out by themselves what the reader does not see.
_SIFT = frozenset({"bulk"})


def _demand_sight(request: HttpRequest, ids: dict[str, object]) -> None:
    """Whatever record the address, or the form's people, lead to: it is there for who may see it, for nobody else.

    In one place, so that no page can forget it. Mail accounts have ids of their own.
    """
    user = request.user
    if not isinstance(user, User) or not user.is_active or request.resolver_match is None:
        return
    person, route = user.person, request.resolver_match.route
    for name, number in ids.items():
        if isinstance(number, int) and not (name == "account_id" and route.startswith("mailboxes")):
            demand_sight(person, name, number)
    if request.method == "POST" and route not in _SIFT and not route.startswith("mailboxes"):
        contacts, accounts = every_number(request.POST, "contact"), every_number(request.POST, "account")
        demand_people(person, contact_ids=contacts, account_ids=accounts)


class our_errors:  # noqa: N801 - a middleware factory, like its neighbours
    """What a room raises becomes the answer: what, where and the mend, never a traceback."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self._answer(request)

    def process_view(
        self,
        request: HttpRequest,
        _view: Answer,
        _args: tuple[object, ...],
        kwargs: dict[str, object],
    ) -> HttpResponse | None:
        try:
            _demand_sight(request, kwargs)
        except errors.PanoutError as error:
            return self.process_exception(request, error)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, DataError):
            # Forms are read with care; what slips through is told by the tables, which keep their own promises.
            _log.warning("a value that no column takes", exc_info=error)
            error = errors.BadInput(
                "Something in this is too long, too large, or no text at all; nothing was changed.",
                mend="Look at the numbers, and at what was pasted.",
            )
        if not isinstance(error, errors.PanoutError):
            return None
        status = next((code for kind, code in _STATUS if isinstance(error, kind)), 500)
        return render(request, "error.html", {"error": error, "status": status}, status=status)


def reader_zone(answer: Answer) -> Answer:
    """Times are shown in the reader's own zone."""

    def middleware(request: HttpRequest) -> HttpResponse:
        user = request.user
        with timezone.override(ZoneInfo(user.zone) if isinstance(user, User) else None):
            return answer(request)

    return middleware


def asker(request: HttpRequest) -> Person:
    """Who is asking. Raises NotAllowed for a stranger; pages behind the sign-in never meet one."""
    user: User | AnonymousUser = request.user
    if not isinstance(user, User) or not user.is_active:
        raise errors.NotAllowed("You are not signed in.", mend="Sign in first.")
    return user.person


def asker_who_may(request: HttpRequest, verb: Verb) -> Person:
    """Who is asking, once they are seen to hold the verb. Raises NotAllowed."""
    person = asker(request)
    demand(person, verb)
    return person


def user_of(user_id: int) -> User:
    """The account to open a session for. Raises NotFound."""
    found = User.objects.filter(id=user_id, is_active=True).first()
    if found is None:
        raise errors.NotFound("There is no such user.")
    return found


def origin(request: HttpRequest) -> str:
    """Where a change came from, as the ledger notes it."""
    return network_address(request) or "page"


def network_address(request: HttpRequest) -> str:
    """Whence a request came, as the nearest proxy that is not ours saw it: what stands further left is hearsay."""
    passed = [one.strip() for one in request.headers.get("X-Forwarded-For", "").split(",") if one.strip()]
    if settings.PROXIES and len(passed) >= settings.PROXIES:
        return passed[-settings.PROXIES][:60]
    return str(request.META.get("REMOTE_ADDR", ""))
