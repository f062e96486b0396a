"""For machines that watch: alive, ready, measured."""

from __future__ import annotations

import hmac

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from panout.flow import health
from panout.flow.clock import now
from panout.kernel.errors import NotAllowed

_HERE = {"127.0.0.1", "::1"}


@login_not_required
@require_safe
def alive(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """The process answers; nothing else is asked."""
    return HttpResponse("alive\n", content_type="text/plain")


@login_not_required
@require_safe
def ready(request: HttpRequest) -> JsonResponse:  # noqa: ARG001
    """Whether work can be done: 200, or 503 with what is missing (no figures, no addresses)."""
    wrong = [finding.what for finding in health.essentials(now()) if not finding.well]
    return JsonResponse({"ready": not wrong, "wrong": wrong}, status=503 if wrong else 200)


@login_not_required
@require_safe
def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for this machine or for whoever brings PANOUT_METRICS_TOKEN."""
    given = request.headers.get("Authorization", "").removeprefix("Bearer ")
    known = settings.METRICS_TOKEN and hmac.compare_digest(given, settings.METRICS_TOKEN)
    near = request.META.get("REMOTE_ADDR") in _HERE and "X-Forwarded-For" not in request.headers
    if not (near or known):
        raise NotAllowed("Measurements are for this machine.", mend="Set PANOUT_METRICS_TOKEN and send it.")
    health.measure(now())
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
