"""Lists and imports: upload, say what the columns are, look first, watch it happen, take it back."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, StreamingHttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.flow import jobs
from panout.flow.clock import now
from panout.kernel.errors import BadInput
from panout.kernel.paging import Slice
from panout.sources import actions as act
from panout.sources import queries as ask
from panout.sources.queries import ImportCard, ImportLine, Preview, RejectLine, SampleLine
from panout.sources.rules.imports import Content, ImportState, Policy
from panout.team.queries import Member, reps
from panout.team.rules import Person, Verb, may
from panout.web import undo
from panout.web.http import asker_who_may, origin
from panout.web.reading import one_of, text, whole

_CHUNK = 1 << 20
_WHAT = {
    "people.csv": "People with titles and emails, as an enrichment tool exports them",
    "companies.csv": "Companies with size, industry and technologies",
    "companies-previous.csv": "The same companies three months ago",
    "attendees.jsonl": "Who comes to an event, one JSON object a line",
    "signals.csv": "Dated signals about these companies",
}


@dataclass(frozen=True, slots=True)
class ImportsPage:
    rows: Slice[ImportLine]
    may_import: bool


@dataclass(frozen=True, slots=True)
class Sample:
    name: str
    says: str


@dataclass(frozen=True, slots=True)
class NewPage:
    samples: tuple[Sample, ...]
    megabytes: int


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of the dry run or of the outcome."""

    label: str
    number: int
    tone: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """What a column may be taken for."""

    name: str
    label: str


@dataclass(frozen=True, slots=True)
class Examples:
    """Some records of one kind that the dry run found, and how it reads."""

    title: str
    lines: tuple[SampleLine, ...]


@dataclass(frozen=True, slots=True)
class ImportPage:
    """An import in whatever state it is; parts that do not belong to the state are empty."""

    card: ImportCard
    preview: Preview | None
    choices: tuple[Choice, ...]
    owners: tuple[Member, ...]
    figures: tuple[Figure, ...]
    examples: tuple[Examples, ...]
    rejects: Slice[RejectLine]
    kept: tuple[str, ...]
    may_change: bool
    may_undo: bool

    @property
    def percent(self) -> int:
        return round(self.card.share * 100)

    @property
    def brought_signals(self) -> bool:
        return "signals" in self.card.plan


@dataclass(frozen=True, slots=True)
class RowPage:
    card: ImportCard
    row: int
    cells: tuple[tuple[str, str], ...]


@require_safe
def imports(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    page = ImportsPage(ask.imports(text(request.GET, "after", 400)), may(person, Verb.IMPORT_LISTS))
    return render(request, "imports/list.html", {"page": page})


@require_safe
def new(request: HttpRequest) -> HttpResponse:
    asker_who_may(request, Verb.IMPORT_LISTS)
    samples = tuple(Sample(name, _WHAT.get(name, "")) for name in ask.shipped_lists())
    return render(
        request, "imports/new.html", {"page": NewPage(samples, settings.UPLOAD_LIMIT_BYTES // 1024**2)}
    )


@require_POST
def upload(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.IMPORT_LISTS)
    file = request.FILES.get("list")
    if file is None:
        raise BadInput("No file was chosen.", where="list", mend="Choose a list, then press Upload.")
    made = act.upload(
        person, file.name or "list", file.chunks(_CHUNK), settings.UPLOAD_LIMIT_BYTES, origin(request), now()
    )
    return _to(made)


@require_POST
def take_sample(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.IMPORT_LISTS)
    path = ask.shipped_list(text(request.POST, "name"))
    return _to(
        act.upload(person, path.name, _parts(path), settings.UPLOAD_LIMIT_BYTES, origin(request), now())
    )


@require_safe
def one(request: HttpRequest, import_id: int) -> HttpResponse:
    page = _page(
        asker_who_may(request, Verb.READ_BOOK),
        import_id,
        text(request.GET, "after", 400),
        columns_again="columns" in request.GET,
        content=Content(text(request.GET, "as")) if text(request.GET, "as") in tuple(Content) else None,
    )
    if request.htmx:  # type: ignore[attr-defined]
        return render(request, "imports/one.html#progress", {"page": page})
    return render(request, "imports/one.html", {"page": page})


@require_POST
def plan(request: HttpRequest, import_id: int) -> HttpResponse:
    """Keep the mapping, then look (dry run) or go at once."""
    person, given, moment = asker_who_may(request, Verb.IMPORT_LISTS), request.POST, now()
    headers, fields = given.getlist("header"), given.getlist("field")
    if len(headers) != len(fields):
        raise BadInput("The mapping is not whole.", mend="Open the page again.")
    act.map_columns(
        person,
        import_id,
        dict(zip(headers, fields, strict=True)),
        policy=one_of(given, "policy", Policy, Policy.FILL),
        region=text(given, "region", 2),
        owner_id=whole(given, "owner_id"),
        tags=text(given, "tags").split(","),
        content=one_of(given, "content", Content, Content.RECORDS),
        now=moment,
    )
    verb = act.commit if text(given, "go") == "load" else act.check
    verb(person, import_id, origin(request), moment)
    jobs.wake_imports()
    return _to(import_id)


@require_POST
def commit(request: HttpRequest, import_id: int) -> HttpResponse:
    act.commit(asker_who_may(request, Verb.IMPORT_LISTS), import_id, origin(request), now())
    jobs.wake_imports()
    return _to(import_id)


@require_POST
def cancel(request: HttpRequest, import_id: int) -> HttpResponse:
    act.cancel(asker_who_may(request, Verb.IMPORT_LISTS), import_id, origin(request), now())
    undo.say(request, "It stops after the part at hand. What is in the book stays until you undo the import.")
    return _to(import_id)


@require_POST
def take_back(request: HttpRequest, import_id: int) -> HttpResponse:
    act.undo(asker_who_may(request, Verb.IMPORT_LISTS), import_id, origin(request), now())
    jobs.wake_imports()
    return _to(import_id)


@require_safe
def errors(request: HttpRequest, import_id: int) -> StreamingHttpResponse:
    """Every cell that could not be used, as a file for a spreadsheet."""
    asker_who_may(request, Verb.IMPORT_LISTS)
    card = ask.import_card(import_id)
    return _csv(ask.error_file(card.id), f"errors-of-import-{card.id}.csv")


@require_safe
def row(request: HttpRequest, import_id: int, number: int) -> HttpResponse:
    """A row of the list as it came; rows are counted from 1, as people do."""
    asker_who_may(request, Verb.READ_BOOK)
    card = ask.import_card(import_id)
    page = RowPage(card, number, ask.original_row(import_id, number - 1))
    return render(request, "imports/row.html", {"page": page})


def _to(import_id: int) -> HttpResponseRedirect:
    return HttpResponseRedirect(f"/imports/{import_id}", status=303)


def _csv(lines: Iterator[str], name: str) -> StreamingHttpResponse:
    answer = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


def _parts(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        yield from iter(lambda: file.read(_CHUNK), b"")


_MAPPED_AGAIN = {ImportState.CHECKED, ImportState.CANCELLED, ImportState.FAILED}


def _page(
    person: Person,
    import_id: int,
    after: str,
    *,
    columns_again: bool = False,
    content: Content | None = None,
) -> ImportPage:
    card = ask.import_card(import_id)
    able = may(person, Verb.IMPORT_LISTS)
    mapping = able and (card.state == ImportState.MAPPING or (columns_again and card.state in _MAPPED_AGAIN))
    planned = bool(card.plan) and not mapping
    mine = card.started_by_id == person.id
    return ImportPage(
        card,
        ask.preview(import_id, content) if mapping else None,
        tuple(Choice(*one) for one in ask.mappable()) if mapping else (),
        reps() if mapping else (),
        _figures(card) if planned else (),
        _examples(ask.samples(import_id)) if planned and card.state == ImportState.CHECKED else (),
        Slice(()) if mapping or card.working else ask.rejects(import_id, after),
        _kept(card),
        able,
        may(person, Verb.UNDO_IMPORTS) or (mine and able),
    )


def _number(card: ImportCard, *names: str) -> int:
    found = (card.plan.get(name, 0) for name in names)
    return sum(one for one in found if isinstance(one, int))


def _figures(card: ImportCard) -> tuple[Figure, ...]:
    say: Callable[[str], int] = lambda name: _number(card, name)  # noqa: E731 - a word for ten calls
    if "signals" in card.plan:
        return _signal_figures(card)
    if card.state == ImportState.UNDONE:
        return (
            Figure("removed", say("removed"), "quiet", "made by this import"),
            Figure("restored", say("restored"), "quiet", "changed by this import"),
            Figure("kept", len(_kept(card)), "warn", "touched since by a person"),
        )
    return (
        Figure(
            "new",
            _number(card, "new_accounts", "new_contacts"),
            "good",
            f"{say('new_accounts'):,} companies, {say('new_contacts'):,} people",
        ),
        Figure(
            "updated",
            _number(card, "changed_accounts", "changed_contacts"),
            "river",
            f"{say('changed_accounts'):,} companies, {say('changed_contacts'):,} people",
        ),
        Figure(
            "unchanged",
            _number(card, "same_accounts", "same_contacts"),
            "quiet",
            "the book knows all of it already",
        ),
        Figure("merged rows", say("joined_rows"), "quiet", "of somebody who is in another row"),
        Figure("to review", say("doubtful_pairs"), "warn", "pairs that may be one"),
        Figure(
            "rejected rows", card.rejected_rows, "bad" if card.rejected_rows else "quiet", "in the error file"
        ),
    )


def _signal_figures(card: ImportCard) -> tuple[Figure, ...]:
    say: Callable[[str], int] = lambda name: _number(card, name)  # noqa: E731 - a word for ten calls
    if card.state == ImportState.UNDONE:
        return (Figure("forgotten", say("forgotten"), "quiet", "signals of this file"),)
    return (
        Figure("new signals", say("signals"), "good", "that the book had not heard of"),
        Figure("companies", say("companies"), "river", "that they are about"),
        Figure("people", say("people"), "river", "that they are about"),
        Figure("known already", say("heard"), "quiet", "heard from another list or person"),
        Figure("about nobody", say("nobodys"), "warn", "no record answers to the key, or several do"),
        Figure(
            "rejected rows", card.rejected_rows, "bad" if card.rejected_rows else "quiet", "in the error file"
        ),
    )


def _examples(lines: tuple[SampleLine, ...]) -> tuple[Examples, ...]:
    titles = {
        "create": "New",
        "update": "Updated, field by field",
        "merge": "Merged",
        "review": "To review",
        "signal": "New signals",
    }
    groups = (
        Examples(title, tuple(line for line in lines if line.kind == kind)) for kind, title in titles.items()
    )
    return tuple(group for group in groups if group.lines)


def _kept(card: ImportCard) -> tuple[str, ...]:
    found = card.plan.get("kept", ())
    return tuple(str(name) for name in found) if isinstance(found, list) else ()
