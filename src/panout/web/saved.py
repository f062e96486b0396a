"""Saved views above a list: one's own names for what its address asks, the same on every list that can be filtered."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from django.http import HttpRequest

from panout.segments.queries import ViewLine, views
from panout.team.rules import Person

# Where in the list somebody is, and what a page did for them once: no part of what they look for.
_PLACES = frozenset({"after", "before", "verify", "task"})


@dataclass(frozen=True, slots=True)
class Saved:
    """The views of a list, and what its address asks now. `keeps`: there is something to keep."""

    what: str  # the list's place: "prospects"
    kept: tuple[ViewLine, ...]
    query: str
    keeps: bool

    @property
    def lines(self) -> tuple[tuple[ViewLine, bool], ...]:
        """Each view, and whether it is the one that is open."""
        here = sorted(parse_qsl(self.query))
        return tuple((one, sorted(parse_qsl(one.query)) == here) for one in self.kept)


def saved(request: HttpRequest, person: Person, *, keeps: bool | None = None) -> Saved:
    """Of the list at this address. It keeps what is asked, unless the list knows better."""
    asked = [(name, value) for name, value in parse_qsl(request.GET.urlencode()) if name not in _PLACES]
    query = urlencode(asked)
    what = request.path.strip("/").partition("/")[0]  # an open letter stands beside its list: "inbox/7"
    return Saved(what, views(person, what), query, bool(query) if keeps is None else keeps)
