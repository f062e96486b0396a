"""What was done is said in a toast, and most of it can be taken back from there, instead of asking first."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from panout.cadence import actions as cadence
from panout.flow.clock import now
from panout.kernel.errors import BadInput
from panout.qualify import handing, strikes
from panout.replies import actions as replies
from panout.replies.rules.intents import Intent
from panout.resolve import actions as resolve
from panout.segments import actions as segments
from panout.segments import sweeping
from panout.signals import actions as signals
from panout.team import actions as team
from panout.team.rules import Person
from panout.web.http import asker, origin

_SALT = "panout.undo"
_LASTS = 60 * 60 * 24  # seconds; later ones are undone on the record's own page
_KEPT = "toasts"

Plain = str | int | bool | None | list[int] | dict[str, list[int]]


@dataclass(frozen=True, slots=True)
class Toast:
    """A sentence about what happened; `token` takes it back."""

    text: str
    tone: str
    token: str


def say(request: HttpRequest, text: str, tone: str = "good", **undo: Plain) -> None:
    """Keep a toast for the next page. `undo` is the name of a way back (`way=`) and what it needs."""
    token = signing.dumps({"who": asker(request).id, **undo}, salt=_SALT, compress=True) if undo else ""
    request.session[_KEPT] = [*request.session.get(_KEPT, ()), [text, tone, token]][-4:]


class waiting:  # noqa: N801 - read lazily by a template; a page that shows no toasts keeps them
    """The toasts that no page has shown yet."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request

    def __iter__(self) -> Iterator[Toast]:
        session = getattr(self._request, "session", None)
        if session is None or _KEPT not in session:
            return iter(())
        return iter([Toast(*parts) for parts in session.pop(_KEPT)])


@require_POST
def take_back(request: HttpRequest) -> HttpResponse:
    person = asker(request)
    try:
        asked: dict[str, Plain] = signing.loads(request.POST.get("token", ""), salt=_SALT, max_age=_LASTS)
    except signing.BadSignature as error:
        raise BadInput(
            "This can no longer be taken back here.", mend="Change it on the page itself."
        ) from error
    if asked.get("who") != person.id:
        raise BadInput("Somebody else did this.", mend="Ask them, or look in the ledger.")
    say(request, _WAYS[str(asked["way"])](person, asked, origin(request), now()))
    return back(request)


def back(request: HttpRequest, otherwise: str = "/") -> HttpResponse:
    """To the page that the form stood on."""
    place = request.POST.get("next", "")
    safe = url_has_allowed_host_and_scheme(place, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(place if safe else otherwise, status=303)


def _owners(person: Person, asked: Mapping[str, Plain], origin: str, now: datetime) -> str:
    accounts, contacts = asked.get("accounts"), asked.get("contacts")
    groups: dict[str, tuple[list[int], list[int]]] = {}
    for place, given in enumerate((accounts, contacts)):
        for owner, ids in (given if isinstance(given, dict) else {}).items():
            groups.setdefault(owner, ([], []))[place].extend(ids)
    for owner, (account_ids, contact_ids) in groups.items():
        resolve.assign(
            person, int(owner) if owner else None, account_ids=account_ids, contact_ids=contact_ids,
            origin=origin, now=now,
        )  # fmt: skip
    return "The owners are as they were."


def _sweep(person: Person, asked: Mapping[str, Plain], origin: str, now: datetime) -> str:  # noqa: ARG001
    sweeping.take_back(person, _id(asked), now)
    return "Everything is as it was."


def _note(person: Person, asked: Mapping[str, Plain], origin: str, now: datetime) -> str:
    resolve.remove_note(person, _id(asked), origin, now)
    return "The note is gone."


def _signal(person: Person, asked: Mapping[str, Plain], origin: str, now: datetime) -> str:
    signals.restore(person, _id(asked), origin, now)
    return "The signal counts again."


def _merge(person: Person, asked: Mapping[str, Plain], origin: str, now: datetime) -> str:
    resolve.unmerge(person, _id(asked), origin, now)
    return "They are two again."


def _task(person: Person, asked: Mapping[str, Plain], origin: str, now: datetime) -> str:  # noqa: ARG001
    cadence.reopen_task(person, _id(asked), now)
    return "It waits again, as before."


def _segment(person: Person, asked: Mapping[str, Plain], origin: str, now: datetime) -> str:
    segments.retire(person, _id(asked), origin, now)
    return "The segment is gone."


def _segment_back(person: Person, asked: Mapping[str, Plain], origin: str, now: datetime) -> str:
    segments.restore(person, _id(asked), origin, now)
    return "The segment is back."


def _member(person: Person, asked: Mapping[str, Plain], origin: str, now: datetime) -> str:
    team.reactivate(person, _id(asked), origin, now)
    return "They can sign in again."


def _runs(person: Person, asked: Mapping[str, Plain], origin: str, now: datetime) -> str:  # noqa: ARG001
    cadence.take_out(person, _ids(asked, "contacts"), _id(asked), now)
    return "They are out of the cadence again."


def _park(person: Person, asked: Mapping[str, Plain], origin: str, now: datetime) -> str:  # noqa: ARG001
    cadence.unpark(person, _id(asked), now)
    return "Back from where they were set aside."


def _meaning(person: Person, asked: Mapping[str, Plain], origin: str, now: datetime) -> str:  # noqa: ARG001
    replies.correct(person, _id(asked), Intent(str(asked["was"])), now)
    return "It means what it did before."


def _answer(person: Person, asked: Mapping[str, Plain], origin: str, now: datetime) -> str:  # noqa: ARG001
    replies.reopen(person, _id(asked))
    return "It is open again."


def _strike(person: Person, asked: Mapping[str, Plain], origin: str, now: datetime) -> str:
    strikes.forget(person, _id(asked), origin, now)
    return "It is collected no more."


def _strikes_back(person: Person, asked: Mapping[str, Plain], origin: str, now: datetime) -> str:
    strikes.reopen(person, _ids(asked, "ids"), origin, now)
    return "It waits again."


def _rule(person: Person, asked: Mapping[str, Plain], origin: str, now: datetime) -> str:
    handing.retire_rule(person, _id(asked), origin, now)
    return "The rule is gone."


def _rule_back(person: Person, asked: Mapping[str, Plain], origin: str, now: datetime) -> str:
    handing.restore_rule(person, _id(asked), origin, now)
    return "The rule stands again where it stood."


def _id(asked: Mapping[str, Plain]) -> int:
    found = asked.get("id")
    return found if isinstance(found, int) else 0


def _ids(asked: Mapping[str, Plain], name: str) -> list[int]:
    found = asked.get(name)
    return found if isinstance(found, list) else []


_WAYS: dict[str, Callable[[Person, Mapping[str, Plain], str, datetime], str]] = {
    "owners": _owners,
    "sweep": _sweep,
    "note": _note,
    "signal": _signal,
    "merge": _merge,
    "segment": _segment,
    "segment back": _segment_back,
    "member": _member,
    "strike": _strike,
    "strikes back": _strikes_back,
    "rule": _rule,
    "rule back": _rule_back,
    "task": _task,
    "runs": _runs,
    "park": _park,
    "meaning": _meaning,
    "answer": _answer,
}
