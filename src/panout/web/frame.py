"""What stands around every page: the menu by permission, the theme, the toasts, the search text."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from django.http import HttpRequest

from panout.flow import clock
from panout.flow.waiting import Waiting, waiting
from panout.kernel.paging import Count
from panout.team.rules import Person, Verb, may
from panout.web import undo
from panout.web.demo import shown

THEMES = ("light", "dark")
THEME_COOKIE = "panout_theme"


@dataclass(frozen=True, slots=True)
class Place:
    """A line of the menu. `key` is pressed after g; `count` is asked only for who may go there."""

    url: str
    label: str
    icon: str
    verb: Verb
    key: str = ""
    count: Callable[[Waiting], Count] | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A place as one reader sees it."""

    url: str
    label: str
    icon: str
    key: str
    count: str
    here: bool


@dataclass(frozen=True, slots=True)
class Group:
    """A folded part of the menu; `open` where the reader is, and the book when they are in none."""

    label: str
    places: tuple[Shown, ...]
    open: bool


def _pairs(waits: Waiting) -> Count:
    return waits.pairs


def _askings(waits: Waiting) -> Count:
    return waits.askings


# The whole menu on one screen. A page family adds its line here.
MENU: tuple[tuple[str, tuple[Place, ...]], ...] = (
    (
        "",
        (
            Place("/today", "Today", "sun", Verb.WORK_TASKS, "t"),
            Place("/inbox", "Inbox", "inbox", Verb.ANSWER_REPLIES, "n"),
            Place("/prospects", "Prospects", "target-arrow", Verb.READ_BOOK, "p"),
            Place("/approvals", "Approvals", "checks", Verb.READ_BOOK, "v"),
        ),
    ),
    (
        "Book",
        (
            Place("/accounts", "Accounts", "building", Verb.READ_BOOK, "a"),
            Place("/contacts", "Contacts", "users", Verb.READ_BOOK, "c"),
            Place("/signals", "Signals", "bolt", Verb.READ_BOOK, "s"),
            Place("/segments", "Segments", "tags", Verb.READ_BOOK, "m"),
            Place("/imports", "Lists", "file-import", Verb.READ_BOOK, "l"),
            Place("/gate", "Gate", "filter", Verb.READ_BOOK, "f"),
            Place("/review", "Review", "git-merge", Verb.SETTLE_PAIRS, "r", _pairs),
        ),
    ),
    (
        "Reach",
        (
            Place("/cadences", "Cadences", "route", Verb.READ_BOOK, "d"),
            Place("/templates", "Templates", "template", Verb.READ_BOOK, "w"),
            Place("/library", "Library", "book", Verb.READ_BOOK),
            Place("/letters", "Letters", "printer", Verb.READ_BOOK),
            Place("/events", "Events", "calendar-event", Verb.READ_BOOK, "e"),
            Place("/referrals", "Referrals", "heart", Verb.READ_BOOK),
            Place("/partners", "Partners", "users-group", Verb.READ_BOOK),
            Place("/parked", "Parked", "archive", Verb.READ_BOOK),
        ),
    ),
    (
        "Mail",
        (
            Place("/outbox", "Outbox", "send", Verb.READ_BOOK),
            Place("/mailboxes", "Mail accounts", "at", Verb.READ_BOOK),
            Place("/domains", "Sending domains", "world", Verb.READ_BOOK),
            Place("/suppressions", "Do not contact", "shield-x", Verb.READ_BOOK),
        ),
    ),
    (
        "Won",
        (
            Place("/meetings", "Meetings", "calendar-time", Verb.READ_BOOK, "", _askings),
            Place("/opportunities", "Opportunities", "trophy", Verb.READ_BOOK, "o"),
        ),
    ),
    (
        "Learn",
        (
            Place("/campaigns", "Campaigns", "flask", Verb.READ_BOOK, "k"),
            Place("/board", "Board", "layout-kanban", Verb.READ_BOOK, "j"),
            Place("/weekly", "Weekly review", "chart-dots", Verb.SEE_TEAM, "y"),
            Place("/proposals", "Proposals", "trending-up", Verb.READ_BOOK),
        ),
    ),
    (
        "Team",
        (
            Place("/profiles", "Profiles", "scale", Verb.READ_BOOK, "i"),
            Place("/team", "Pipeline", "chart-bar", Verb.SEE_TEAM, "b"),
            Place("/team/people", "People", "users-group", Verb.MANAGE_PEOPLE, "u"),
            Place("/ledger", "Ledger", "book", Verb.READ_LEDGER, "h"),
        ),
    ),
)


def frame(request: HttpRequest) -> dict[str, object]:
    """The context processor."""
    theme = request.COOKIES.get(THEME_COOKIE, "")
    user = getattr(request, "user", None)
    person = user.person if user is not None and user.is_authenticated else None
    return {
        "menu": tuple(_groups(person, request.path)) if person else (),
        "theme": theme if theme in THEMES else "",
        "search_text": request.GET.get("q", "")[:200] if request.path == "/search" else "",
        "toasts": undo.waiting(request),
        "show": shown(request) if person else None,
        "may_look_around": clock.pace() is not None,
    }


def _groups(person: Person, path: str) -> Iterator[Group]:
    waits = waiting(person, clock.now())
    seen = [
        (label, tuple(_shown(place, waits, path) for place in places if may(person, place.verb)))
        for label, places in MENU
    ]
    where = next((label for label, places in seen if any(one.here for one in places)), "")
    for label, places in seen:
        if places:
            yield Group(label, places, open=label in ("", where or "Book"))


def _shown(place: Place, waits: Waiting, path: str) -> Shown:
    below = path.startswith(place.url + "/") and not (
        place.url == "/team" and path.startswith("/team/people")
    )
    here = path == place.url or below
    count = place.count(waits) if place.count else None
    told = str(count) if count and count.number else ""
    return Shown(place.url, place.label, place.icon, place.key, told, here)
