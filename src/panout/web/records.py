"""The page of an account and the page of a person, what is done on them, and the search over both."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from panout.flow.clock import now
from panout.kernel.errors import BadInput
from panout.kernel.fields import FIELDS, Field, Kind
from panout.kernel.paging import Count, Slice
from panout.outreach.queries import ToDo, open_tasks
from panout.qualify import queries as qualify
from panout.qualify.queries import Reason, RoleCover, StageLine, VerdictCard
from panout.research.queries import FactLine, facts_of
from panout.resolve import actions as act
from panout.resolve import queries as resolve
from panout.resolve.queries import (
    AccountCard,
    ActivityLine,
    AliasLine,
    ContactCard,
    FieldValue,
    Hit,
    Hits,
    MergeLine,
    People,
    PersonLine,
    SightingLine,
    Value,
)  # fmt: skip
from panout.signals import actions as signal_actions
from panout.signals.queries import SignalLine, signals_of
from panout.team.queries import Member, reps
from panout.team.rules import Person, Verb, may
from panout.web import undo
from panout.web.http import asker_who_may, origin
from panout.web.reading import needed, text, whole
from panout.web.templatetags.panout import AXES


@dataclass(frozen=True, slots=True)
class Axis:
    """One of the four scores with its reasons: what speaks for it, what against, what nobody knows."""

    name: str
    label: str
    score: float | None
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Powers:
    """What the reader may do here; what they may not is not offered."""

    edit: bool
    assign: bool
    settle: bool


@dataclass(frozen=True, slots=True)
class AccountPage:
    card: AccountCard
    known: tuple[FieldValue, ...]
    unknown: tuple[FieldValue, ...]
    verdict: VerdictCard | None
    axes: tuple[Axis, ...]
    people: People
    coverage: tuple[RoleCover, ...]
    covered: int
    signals: tuple[SignalLine, ...]
    facts: tuple[FactLine, ...]
    activity: Slice[ActivityLine]
    sightings: tuple[SightingLine, ...]
    work: tuple[ToDo, ...]
    owners: tuple[Member, ...]
    may: Powers

    @property
    def whole_list(self) -> str:
        """The language for who: everybody at this company."""
        return f'domain = "{self.card.domain}"'


@dataclass(frozen=True, slots=True)
class ContactPage:
    card: ContactCard
    known: tuple[FieldValue, ...]
    unknown: tuple[FieldValue, ...]
    verdict: VerdictCard | None
    axes: tuple[Axis, ...]
    signals: tuple[SignalLine, ...]
    facts: tuple[FactLine, ...]
    activity: Slice[ActivityLine]
    sightings: tuple[SightingLine, ...]
    stages: tuple[StageLine, ...]
    work: tuple[ToDo, ...]
    owners: tuple[Member, ...]
    may: Powers


@dataclass(frozen=True, slots=True)
class NamesPage:
    """What else a record was called, and what was merged into it."""

    kind: str
    id: int
    label: str
    aliases: tuple[AliasLine, ...]
    merges: tuple[MergeLine, ...]
    may_part: bool


@dataclass(frozen=True, slots=True)
class EditPage:
    """The form of a record's own fields."""

    kind: str
    id: int
    label: str
    version: int
    fields: tuple[EditField, ...]


@dataclass(frozen=True, slots=True)
class EditField:
    name: str
    label: str
    kind: str
    value: Value


@dataclass(frozen=True, slots=True)
class SearchPage:
    text: str
    hits: Hits | None

    @property
    def sides(self) -> tuple[tuple[str, str, str, tuple[Hit, ...], Count], ...]:
        """Companies and people, each with their title, icon, address, hits and number."""
        if self.hits is None:
            return ()
        return (
            ("Companies", "building", "/accounts", self.hits.accounts, self.hits.account_count),
            ("People", "users", "/contacts", self.hits.contacts, self.hits.contact_count),
        )


@require_safe
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    card = resolve.account_card(person, account_id)
    if card.id != account_id:
        return HttpResponseRedirect(f"/accounts/{card.id}")
    if request.htmx and request.GET.get("after"):  # type: ignore[attr-defined]
        lines = resolve.timeline(person, account_id=card.id, after=text(request.GET, "after", 400))
        return render(request, "parts/activity.html", {"activity": lines})
    verdict = qualify.verdict_of(account_id=card.id)
    people = resolve.people_of(person, card.id)
    coverage = _coverage(people.lines)
    known, unknown = _told(card.fields)
    page = AccountPage(
        card, known, unknown, verdict, _axes(verdict), people, coverage,
        sum(1 for role in coverage if role.people), signals_of(account_id=card.id),
        facts_of(now(), account_id=card.id),
        resolve.timeline(person, account_id=card.id, after=text(request.GET, "after", 400), limit=20),
        resolve.provenance(account_id=card.id), open_tasks(person, account_id=card.id), reps(), _powers(person),
    )  # fmt: skip
    return render(request, "records/account.html", {"page": page})


@require_safe
def contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    card = resolve.contact_card(person, contact_id)
    if card.id != contact_id:
        return HttpResponseRedirect(f"/contacts/{card.id}")
    if request.htmx and request.GET.get("after"):  # type: ignore[attr-defined]
        lines = resolve.timeline(person, contact_id=card.id, after=text(request.GET, "after", 400))
        return render(request, "parts/activity.html", {"activity": lines})
    verdict = qualify.verdict_of(contact_id=card.id)
    known, unknown = _told(card.fields)
    page = ContactPage(
        card, known, unknown, verdict, _axes(verdict), _signals_for(card),
        facts_of(now(), contact_id=card.id),
        resolve.timeline(person, contact_id=card.id, after=text(request.GET, "after", 400), limit=20),
        resolve.provenance(contact_id=card.id), qualify.lifecycle_history(contact_id=card.id),
        open_tasks(person, contact_id=card.id), reps(), _powers(person),
    )  # fmt: skip
    return render(request, "records/contact.html", {"page": page})


@require_safe
def account_names(request: HttpRequest, account_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    card = resolve.account_card(person, account_id)
    aliases, merges = resolve.aliases(account_id=card.id), resolve.merges(account_id=card.id)
    page = NamesPage("account", card.id, card.label, aliases, merges, may(person, Verb.SETTLE_PAIRS))
    return _names(request, page)


@require_safe
def contact_names(request: HttpRequest, contact_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    card = resolve.contact_card(person, contact_id)
    aliases, merges = resolve.aliases(contact_id=card.id), resolve.merges(contact_id=card.id)
    page = NamesPage("contact", card.id, card.label, aliases, merges, may(person, Verb.SETTLE_PAIRS))
    return _names(request, page)


def _names(request: HttpRequest, page: NamesPage) -> HttpResponse:
    part = "#names" if request.htmx else ""  # type: ignore[attr-defined]
    return render(request, f"records/names.html{part}", {"page": page})


@require_safe
def edit_account(request: HttpRequest, account_id: int) -> HttpResponse:
    card = resolve.account_card(asker_who_may(request, Verb.EDIT_RECORDS), account_id)
    page = EditPage("account", card.id, card.label, card.version, _editable(card.fields))
    return render(request, "records/edit.html", {"page": page})


@require_safe
def edit_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    card = resolve.contact_card(asker_who_may(request, Verb.EDIT_RECORDS), contact_id)
    page = EditPage("contact", card.id, card.label, card.version, _editable(card.fields))
    return render(request, "records/edit.html", {"page": page})


@require_POST
def save_account(request: HttpRequest, account_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_RECORDS)
    version = needed(request.POST, "version")
    act.change_account(person, account_id, version, _values(request), origin(request), now())
    undo.say(request, "Saved.")
    return HttpResponseRedirect(f"/accounts/{account_id}", status=303)


@require_POST
def save_contact(request: HttpRequest, contact_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_RECORDS)
    version = needed(request.POST, "version")
    act.change_contact(person, contact_id, version, _values(request), origin(request), now())
    undo.say(request, "Saved.")
    return HttpResponseRedirect(f"/contacts/{contact_id}", status=303)


@require_POST
def write_note(request: HttpRequest) -> HttpResponse:
    """About an account or a person, whichever the form names."""
    person = asker_who_may(request, Verb.EDIT_RECORDS)
    account_id, contact_id = whole(request.POST, "account"), whole(request.POST, "contact")
    _seen(person, account_id, contact_id)
    note = act.write_note(
        person, text(request.POST, "text", act.LONGEST_TEXT + 1), account_id=account_id,
        contact_id=contact_id, origin=origin(request), now=now(),
    )  # fmt: skip
    undo.say(request, "Noted.", way="note", id=note)
    return undo.back(request)


@require_POST
def dismiss_signal(request: HttpRequest, signal_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.EDIT_RECORDS)
    signal_actions.dismiss(person, signal_id, text(request.POST, "reason"), origin(request), now())
    undo.say(request, "The signal counts no more.", way="signal", id=signal_id)
    return undo.back(request)


@require_POST
def part(request: HttpRequest, merge_id: int) -> HttpResponse:
    """Undo a merge, however long ago it was."""
    act.unmerge(asker_who_may(request, Verb.SETTLE_PAIRS), merge_id, origin(request), now())
    undo.say(request, "They are two again.")
    return undo.back(request)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    words = text(request.GET, "q")
    page = SearchPage(words, resolve.search(person, words) if words else None)
    return render(request, "search/page.html", {"page": page})


def by_owner(owners: Mapping[int, int | None]) -> dict[str, list[int]]:
    """Who owned what, as a toast keeps it for its way back."""
    groups: dict[str, list[int]] = {}
    for record_id, owner in owners.items():
        groups.setdefault(str(owner or ""), []).append(record_id)
    return groups


def _seen(person: Person, account_id: int | None, contact_id: int | None) -> None:
    """Raise NotFound for a record that the reader may not see."""
    if contact_id is not None:
        resolve.contact_card(person, contact_id)
    elif account_id is not None:
        resolve.account_card(person, account_id)


def _signals_for(card: ContactCard) -> tuple[SignalLine, ...]:
    """A person's own signals and their company's, which count for everybody in it."""
    if card.account_id is None:
        return signals_of(contact_id=card.id)
    return tuple(
        line for line in signals_of(account_id=card.account_id) if line.contact_id in {None, card.id}
    )


def _coverage(people: tuple[PersonLine, ...]) -> tuple[RoleCover, ...]:
    """Each buying role and who holds it here."""
    held: dict[str, list[tuple[int, str]]] = {role: [] for role in qualify.BUYING_ROLES}
    for one in people:
        if one.buying_role:
            held.setdefault(one.buying_role.lower().replace(" ", "_"), []).append((one.id, one.label))
    return tuple(RoleCover(role, tuple(names)) for role, names in held.items())


def _powers(person: Person) -> Powers:
    return Powers(may(person, Verb.EDIT_RECORDS), may(person, Verb.ASSIGN), may(person, Verb.SETTLE_PAIRS))


def _axes(verdict: VerdictCard | None) -> tuple[Axis, ...]:
    if verdict is None:
        return ()
    return tuple(
        Axis(name, label, getattr(verdict, name), tuple(one for one in verdict.reasons if one.axis == name))
        for name, label in AXES
    )


def _told(fields: tuple[FieldValue, ...]) -> tuple[tuple[FieldValue, ...], tuple[FieldValue, ...]]:
    known = tuple(field for field in fields if field.value is not None)
    return known, tuple(field for field in fields if field.value is None)


def _editable(fields: tuple[FieldValue, ...]) -> tuple[EditField, ...]:
    return tuple(EditField(one.name, one.label, FIELDS[one.name].kind, one.value) for one in fields)


def _values(request: HttpRequest) -> dict[str, Value]:
    """The catalogue fields that the form carries, each as its kind. Raises BadInput."""
    given = request.POST
    return {
        name: _value(FIELDS[name], given.get(name, "").replace("\x00", "").strip())
        for name in given
        if name in FIELDS
    }


_TRUTHS = {"yes": True, "no": False}


def _value(field: Field, typed: str) -> Value:
    if not typed:
        return None
    try:
        match field.kind:
            case Kind.TEXT:
                return typed
            case Kind.TEXTS:
                return tuple(word.strip() for word in typed.split(",") if word.strip())
            case Kind.INTEGER:
                return int(typed.replace(",", ""))
            case Kind.NUMBER:
                return float(typed.replace(",", ""))
            case Kind.DATE:
                return date.fromisoformat(typed)
            case Kind.BOOLEAN:
                return _TRUTHS[typed]
    except (ValueError, KeyError) as error:
        raise BadInput(f"'{typed[:40]}' is no {field.label}.", where=field.label) from error
