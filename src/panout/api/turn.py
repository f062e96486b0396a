"""The turn of a played clock. It answers only where a sandbox plays the time, and only to a bearer."""

from __future__ import annotations

import random
from dataclasses import asdict

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from panout.flow import clock, tick
from panout.kernel.errors import NotFound
from panout.team.tokens import bearer_of


@csrf_exempt
@login_not_required
@require_POST
def turn(request: HttpRequest) -> JsonResponse:
    """Let the line take one turn at the clock's moment."""
    token = request.headers.get("Authorization", "").removeprefix("Bearer ")
    if not clock.is_played() or bearer_of(token) is None:
        raise NotFound("There is no such page.")
    now = clock.now()
    done = tick.turn(now, random.Random(now.isoformat()))  # noqa: S311  jitter, not a secret
    return JsonResponse(asdict(done))
