"""Letters on paper: the waiting ones, their addresses, and a batch as one PDF with labels."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.views.decorators.http import require_POST, require_safe
from weasyprint import HTML

from panout.cadence import actions as cadence
from panout.cadence import queries as runs
from panout.cadence.rules.gate import Rule, Ruling, Trace
from panout.flow.clock import now, today
from panout.kernel.errors import Refused
from panout.outreach import post
from panout.outreach.post import BatchLine, LetterLine
from panout.team.rules import Verb, may
from panout.web import undo
from panout.web.http import asker_who_may
from panout.web.reading import day, needed, numbers, text, whole


@dataclass(frozen=True, slots=True)
class LettersPage:
    waiting: tuple[LetterLine, ...]
    batches: tuple[BatchLine, ...]
    posted_on: date
    may_print: bool


@require_safe
def letters(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.READ_BOOK)
    page = LettersPage(
        _judged(post.waiting_letters(person, now()), now()),
        post.batches(),
        today(),
        may(person, Verb.WORK_TASKS),
    )
    return render(request, "outreach/letters.html", {"page": page})


def _judged(waiting: tuple[LetterLine, ...], at: datetime) -> tuple[LetterLine, ...]:
    """Letters with what the rules of every touch say, beside their own faults; a wish is among those already."""
    traces = runs.letter_traces([one.id for one in waiting], at)
    found = []
    for one in waiting:
        rule = traces[one.id].deciding if one.id in traces else None
        said = () if rule is None or rule.rule is Rule.SUPPRESSION else (_words(traces[one.id], rule),)
        found.append(replace(one, faults=(*one.faults, *said)))
    return tuple(found)


def _words(trace: Trace, rule: Ruling) -> str:
    until = f" until {trace.until:%-d %B %H:%M} UTC" if trace.until else ""
    return f"{rule.rule.replace('_', ' ')}: {rule.value}{until}"


@require_POST
def write(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.WORK_TASKS)
    made = post.write_letter(person, needed(request.POST, "contact"), now(), whole(request.POST, "task"))
    return HttpResponseRedirect(f"/letters#letter-{made}", status=303)


@require_POST
def save(request: HttpRequest, letter_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.WORK_TASKS)
    body = request.POST.get("body", "").replace("\x00", "").replace("\r\n", "\n")[:6000]
    address = request.POST.get("address", "").replace("\x00", "").replace("\r\n", "\n")[:600]
    if text(request.POST, "do") == "withdraw":
        post.withdraw_letter(person, letter_id, now())
        undo.say(request, "The letter is withdrawn.")
    else:
        post.change_letter(person, letter_id, address, body, now())
        undo.say(request, "Kept.")
    return HttpResponseRedirect("/letters", status=303)


@require_POST
def print_batch(request: HttpRequest) -> HttpResponse:
    person = asker_who_may(request, Verb.WORK_TASKS)
    posted = day(request.POST, "posted_on") or today()
    made = cadence.print_letters(person, numbers(request.POST, "letter"), posted, now())
    undo.say(request, "The batch is ready to print. Each is followed up when it has arrived.")
    return HttpResponseRedirect(f"/letters#batch-{made}", status=303)


@require_safe
def sheet(request: HttpRequest, batch_id: int) -> HttpResponse:
    person = asker_who_may(request, Verb.WORK_TASKS)
    page = render_to_string("outreach/sheet.html", {"sheet": post.sheet(person, batch_id)})
    # A letter's words must not make the printer fetch anything.
    return _pdf(page, f"letters-{batch_id}")


@require_safe
def look(request: HttpRequest, letter_id: int) -> HttpResponse:
    """One letter as it would be printed; it goes on waiting."""
    asker_who_may(request, Verb.WORK_TASKS)
    page = render_to_string("outreach/sheet.html", {"sheet": post.proof_sheet(letter_id)})
    return _pdf(page, f"letter-{letter_id}")


def _pdf(page: str, name: str) -> HttpResponse:
    made: bytes = HTML(string=page, url_fetcher=_nothing).write_pdf()
    answer = HttpResponse(made, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    return answer


def _nothing(url: str, *_: object, **__: object) -> dict[str, object]:
    raise Refused(f"A letter fetches nothing: {url[:80]}")
