"""The API's addresses. A bearer's token stands in for signing in, so the pages' sign-in does not apply."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, path

from panout.api import turn
from panout.api.app import api


def _open() -> Iterator[URLPattern]:
    for pattern in api.urls[0]:
        if isinstance(pattern, URLPattern):
            pattern.callback = login_not_required(pattern.callback)
            yield pattern


app_name = api.urls[1]
urlpatterns = [*_open(), path("turn", turn.turn)]
