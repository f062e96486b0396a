"""The lists of the book: prospects, accounts, contacts, signals. Filter, sort, and more of the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Generic, Protocol, TypeVar

from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from panout.criteria.errors import CriteriaError
from panout.flow.clock import now
from panout.icp.queries import ProfileLine, profiles
from panout.kernel.errors import BadInput, PanoutError
from panout.kernel.lifecycle import Lifecycle
from panout.kernel.paging import Count, Slice, counted
from panout.kernel.signals import Level
from panout.qualify import queries as qualify
from panout.qualify.queries import Choices, ListFilter, Order
from panout.segments.queries import segment
from panout.signals import queries as signals
from panout.signals.queries import SignalFilter
from panout.team.queries import Member, reps
from panout.team.rules import Person, Verb
from panout.web.http import asker_who_may
from panout.web.reading import day, one_of, text, whole
from panout.web.saved import Saved, saved

L = TypeVar("L")
VERDICTS = ("prospect", "lead", "disqualified")


class _List(Protocol[L]):
    """A question of `qualify.queries` that answers a slice of a list."""

    def __call__(
        self, asker: Person, asked: ListFilter, today: date, after: str = "", limit: int = 50, *, count: bool
    ) -> Slice[L]:
        """The rows after the mark."""


@dataclass(frozen=True, slots=True)
class Tab:
    """A verdict to look at, and how many have it."""

    verdict: str
    label: str
    count: Count
    here: bool


@dataclass(frozen=True, slots=True)
class Menus:
    """What the filter row offers."""

    choices: Choices
    owners: tuple[Member, ...]
    lifecycles: tuple[str, ...] = tuple(stage.value for stage in Lifecycle)


@dataclass(frozen=True, slots=True)
class ListPage(Generic[L]):
    """A list as its page shows it. `error`: the criteria could not be read, so nothing is shown."""

    what: str  # "prospects"
    rows: Slice[L]
    count: Count
    asked: ListFilter
    menus: Menus
    error: PanoutError | None
    tabs: tuple[Tab, ...] = ()
    profiles: tuple[ProfileLine, ...] = ()
    saved: Saved | None = None

    @property
    def filtered(self) -> bool:
        return _narrowing(self.asked)

    @property
    def leads(self) -> Count | None:
        """How many are in the book and not yet prospects; None where there is nobody."""
        return next((tab.count for tab in self.tabs if tab.verdict == "lead" and tab.count.number), None)

    @property
    def narrowed(self) -> int:
        """How many of the filters that stand folded away are in use."""
        asked = self.asked
        folded = (asked.lifecycle, asked.industry, asked.tag, asked.signal, asked.criteria, asked.import_id)
        return sum(1 for value in folded if value)


@dataclass(frozen=True, slots=True)
class SignalsPage:
    rows: Slice[signals.SignalLine]
    asked: SignalFilter
    types: tuple[str, ...]
    levels: tuple[str, ...]
    weeks: tuple[WeekBar, ...]
    saved: Saved | None = None


@dataclass(frozen=True, slots=True)
class WeekBar:
    """A column of the chart of signals a week: place and height are drawn, the words are read."""

    left: int
    top: float
    tall: float
    count: int
    week: date


@require_safe
def prospects(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    read_on = _reads_on(request)
    page = _page("prospects", request, person, qualify.prospects)
    if not page.asked.verdict:
        page = replace(page, asked=replace(page.asked, verdict="prospect"))
    if not read_on:
        tabs = _tabs(qualify.verdict_counts(person), page.asked.verdict)
        page = replace(page, tabs=tabs, profiles=profiles())
    return _shown(request, "lists/prospects.html", page)


@require_safe
def accounts(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    page = _page("accounts", request, person, qualify.accounts)
    return _shown(request, "lists/accounts.html", page)


@require_safe
def contacts(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    page = _page("contacts", request, person, qualify.contacts)
    return _shown(request, "lists/contacts.html", page)


@require_safe
def signals_page(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    given = request.GET
    asked = SignalFilter(
        type=text(given, "type"), level=text(given, "level"), since=day(given, "since"),
        import_id=whole(given, "import"),
    )  # fmt: skip
    rows = signals.signals(person, asked, text(given, "after", 400))
    if _reads_on(request):
        return render(request, "lists/signals.html#rows", {"page": SignalsPage(rows, asked, (), (), ())})
    page = SignalsPage(
        rows,
        asked,
        signals.types(),
        tuple(Level),
        _weeks(signals.weekly(now().astimezone(person.tz).date())),
        saved(request, person),
    )
    return render(request, "lists/signals.html", {"page": page})


def asked_of(given: QueryDict) -> ListFilter:
    """The filter that an address spells."""
    owner = text(given, "owner")
    return ListFilter(
        verdict=text(given, "verdict") if text(given, "verdict") in VERDICTS else "",
        text=text(given, "q"), criteria=_criteria_of(given), lifecycle=text(given, "lifecycle"),
        owner_id=whole(given, "owner") if owner != "nobody" else None, unowned=owner == "nobody",
        country=text(given, "country", 2), industry=text(given, "industry"), tag=text(given, "tag"),
        import_id=whole(given, "import"), signal=text(given, "signal"),
        order=one_of(given, "order", Order, Order.NEWEST),
    )  # fmt: skip


def _criteria_of(given: QueryDict) -> str:
    """One's own words, within a live segment where the address names one."""
    own, number = text(given, "criteria", 20_000), whole(given, "segment")
    if number is None:
        return own
    found = segment(number)
    if found.static:
        raise BadInput(f"{found.name} is static.", where="segment", mend="Its page lists its members.")
    # A remark may end either text: what follows stands on a line of its own.
    return f"({found.criteria}\n) and ({own}\n)" if own else found.criteria


def _page(
    what: str,
    request: HttpRequest,
    person: Person,
    ask: _List[L],
) -> ListPage[L]:
    given, read_on = request.GET, _reads_on(request)
    asked, today, after = asked_of(given), now().astimezone(person.tz).date(), text(given, "after", 400)
    error: PanoutError | None = None
    rows: Slice[L] = Slice(())
    # The tabs have counted prospects that nobody filtered.
    counting = not read_on and (what != "prospects" or _narrowing(asked))
    try:
        rows = ask(person, asked, today, after, count=counting)
    except (CriteriaError, BadInput) as wrong:
        if not asked.criteria:
            raise
        error = wrong
    menus = Menus(Choices(), ()) if read_on else Menus(qualify.choices(), reps())
    return ListPage(
        what,
        rows,
        rows.count or counted(0),
        asked,
        menus,
        error,
        saved=None if read_on else saved(request, person, keeps=_narrowing(asked)),
    )


def _narrowing(asked: ListFilter) -> bool:
    return replace(asked, verdict="", order=Order.NEWEST) != ListFilter()


def _reads_on(request: HttpRequest) -> bool:
    """Only more rows are wanted, under those that are there. Without scripts, the next page is a whole page."""
    return bool(request.htmx and request.GET.get("after"))  # type: ignore[attr-defined]


def _tabs(counts: Mapping[str, Count], here: str) -> tuple[Tab, ...]:
    labels = {"prospect": "Prospects", "lead": "Leads", "disqualified": "Disqualified"}
    return tuple(Tab(word, labels[word], counts[word], word == here) for word in VERDICTS)


def _shown(request: HttpRequest, template: str, page: ListPage[L]) -> HttpResponse:
    """The page; to htmx only the part that changed: more rows, or the list."""
    if _reads_on(request):
        return render(request, f"{template}#rows", {"page": page})
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, f"{template}#list", {"page": page})
    return render(request, template, {"page": page})


_PITCH, _HIGH = 26, 56


def _weeks(lines: tuple[signals.WeekLine, ...]) -> tuple[WeekBar, ...]:
    """One bar a week from the first that had any; a week without is a line at the foot."""
    counts = {line.week: line.count for line in lines}
    most = max(counts.values(), default=1)
    bars: list[WeekBar] = []
    week, last = min(counts, default=date.max), max(counts, default=date.min)
    while week <= last:
        tall = round(max(2.0, counts.get(week, 0) / most * _HIGH), 1)
        bars.append(WeekBar(len(bars) * _PITCH, _HIGH - tall, tall, counts.get(week, 0), week))
        week += timedelta(weeks=1)
    return tuple(bars)
