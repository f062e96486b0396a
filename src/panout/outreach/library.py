"""The library and the playbooks: what we stand by, by persona and industry, and the texts that ship.

load_playbooks(asker, now) -> int                        templates and entries that were not there yet
add_entry(asker, words, now) -> int, retire_entry(asker, entry_id, now)
log_answer(asker, contact_id, entry_id, text, now)       an answer to a question, or an objection met
entries() -> tuple[Entry, ...], answers(contact_id) -> tuple[AnswerLine, ...]
talking_points(persona, industry) -> TalkingPoints       questions and objections for one person
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from datetime import datetime
from importlib import resources

from django.db import transaction

from panout.kernel.channels import TouchKind
from panout.kernel.errors import BadInput, NotFound
from panout.outreach.actions import save_template
from panout.outreach.models import Answer, EntryKind, LibraryEntry, Template
from panout.research.actions import note_fact
from panout.resolve.actions import change_contact, note_activity
from panout.resolve.answers import change_custom
from panout.resolve.models import Contact
from panout.team.actions import record
from panout.team.rules import SYSTEM, Person, Verb, demand

_CUSTOM = re.compile(r"custom\.\w{1,40}")
LONGEST = 600  # characters; an entry is a sentence or two


@dataclass(frozen=True, slots=True)
class Playbook:
    """A text that ships."""

    slug: str
    name: str
    kind: TouchKind
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class EntryWords:
    """An entry to be kept."""

    kind: str
    text: str
    answer: str = ""
    persona: str = ""
    industry: str = ""
    source: str = ""
    field: str = ""
    options: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of the library, as pages show it."""

    id: int
    kind: str
    text: str
    answer: str
    persona: str
    industry: str
    source: str
    shipped: bool
    field: str
    options: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AnswerLine:
    """What somebody said, and when."""

    id: int
    question: str
    kind: str
    text: str
    at: datetime
    by: str


@dataclass(frozen=True, slots=True)
class TalkingPoints:
    """What to ask one person, and what to expect from them."""

    questions: tuple[Entry, ...]
    objections: tuple[Entry, ...]


def playbooks() -> tuple[Playbook, ...]:
    """The texts that ship, from the files beside this module."""
    folder = resources.files("panout.outreach").joinpath("playbooks")
    files = sorted(
        (file for file in folder.iterdir() if file.name.endswith(".liquid")), key=lambda one: one.name
    )
    return tuple(_read(file.name.removesuffix(".liquid"), file.read_text("utf-8")) for file in files)


def _read(slug: str, text: str) -> Playbook:
    _, head, body = text.split("---\n", 2)
    told = dict(line.split(": ", 1) for line in head.splitlines() if ": " in line)
    return Playbook(slug, told["name"], TouchKind(told["kind"]), told["subject"].strip('"'), body.strip("\n"))


@transaction.atomic
def load_playbooks(asker: Person, now: datetime) -> int:
    """Bring what ships into the book; returns how much was new. Safe to repeat: a hand's edits stay."""
    demand(asker, Verb.WRITE_TEMPLATES)
    known = set(Template.objects.values_list("slug", flat=True))
    fresh = [one for one in playbooks() if one.slug not in known]
    for one in fresh:
        save_template(SYSTEM, one.slug, one.name, one.kind, one.subject, one.body, now, shipped=True)
    added = 0
    if not LibraryEntry.objects.filter(shipped=True).exists():
        rows = [LibraryEntry(**entry, shipped=True, created_at=now) for entry in _shipped_entries()]
        added = len(LibraryEntry.objects.bulk_create(rows, ignore_conflicts=True))
    return len(fresh) + added


def _shipped_entries() -> list[dict[str, str | list[str]]]:
    text = resources.files("panout.outreach").joinpath("playbooks", "library.toml").read_text("utf-8")
    found: list[dict[str, str | list[str]]] = tomllib.loads(text)["entry"]
    return found


@transaction.atomic
def add_entry(asker: Person, words: EntryWords, now: datetime) -> int:
    """Keep a sentence that we stand by. A proof needs its source: a template may cite it as a fact."""
    demand(asker, Verb.WRITE_TEMPLATES)
    if words.kind not in EntryKind.values:
        raise BadInput("There is no such part of the library.", where="kind")
    text = " ".join(words.text.split())
    if not text or len(text) > LONGEST:
        raise BadInput(f"An entry has 1 to {LONGEST} characters.", where="text")
    if words.kind == EntryKind.PROOF and not words.source.strip():
        raise BadInput(
            "A proof needs its source.", where="source", mend="Give the page or the person it is from."
        )
    if words.field and not (words.field == "buying_role" or _CUSTOM.fullmatch(words.field)):
        raise BadInput(
            "An answer fills buying_role, or a field of your own such as custom.pain.", where="field"
        )
    row, made = LibraryEntry.objects.get_or_create(
        kind=words.kind, text=text, persona=words.persona.strip(), industry=words.industry.strip(), retired_at=None,
        defaults={
            "answer": words.answer.strip(), "source": words.source.strip()[:2000], "field": words.field,
            "options": list(words.options)[:12],
            "author_id": asker.id, "created_at": now,
        },
    )  # fmt: skip
    if made:
        record(asker, "add library entry", "library entry", row.pk, text[:80], now=now)
    return row.pk


@transaction.atomic
def retire_entry(asker: Person, entry_id: int, now: datetime) -> None:
    """No template uses it from now on."""
    demand(asker, Verb.WRITE_TEMPLATES)
    row = LibraryEntry.objects.select_for_update().filter(id=entry_id, retired_at=None).first()
    if row is None:
        raise NotFound("There is no such entry.")
    row.retired_at = now
    row.save(update_fields=["retired_at"])
    record(asker, "retire library entry", "library entry", row.pk, row.text[:80], now=now)


@transaction.atomic
def log_answer(asker: Person, contact_id: int, entry_id: int, text: str, now: datetime) -> int:
    """Keep what somebody said, as a fact. Where the question fills a field, a word of its options fills it:
    profiles score that field from the next look on.
    """
    demand(asker, Verb.WORK_TASKS)
    entry = LibraryEntry.objects.filter(
        id=entry_id, kind__in=[EntryKind.QUESTION, EntryKind.OBJECTION]
    ).first()
    contact = Contact.objects.filter(id=contact_id).first()
    if entry is None or contact is None:
        raise NotFound("There is no such question or person.")
    said = text.strip()[:2000]
    if not said:
        raise BadInput("The answer is empty.", where="text")
    row = Answer.objects.create(contact=contact, entry=entry, text=said, at=now, by_id=asker.id)
    if said in entry.options:
        _fill(asker, contact, entry, said, now)
    note_fact(
        asker, contact_id=contact_id, name=entry.field or f"answer {entry.pk}", value=said,
        source=f"said to {asker.name}",
        quote=entry.text, as_of=now.date(), now=now,
    )  # fmt: skip
    note_activity(kind="note", text=f"{entry.text} {said}", now=now, contact_id=contact_id, actor=asker)
    return row.pk


def _fill(asker: Person, contact: Contact, entry: LibraryEntry, said: str, now: datetime) -> None:
    origin = f"answer to question {entry.pk}"
    if entry.field.startswith("custom."):
        change_custom(asker, contact.pk, entry.field.removeprefix("custom."), said, origin, now)
    elif entry.field:
        change_contact(asker, contact.pk, contact.version, {entry.field: said}, origin, now)


def entries() -> tuple[Entry, ...]:
    """Everything in use, by kind, the general before the particular."""
    rows = LibraryEntry.objects.filter(retired_at=None).order_by("kind", "persona", "industry", "id")
    return tuple(_entry(row) for row in rows)


def answers(contact_id: int) -> tuple[AnswerLine, ...]:
    """What somebody answered, the latest first."""
    rows = Answer.objects.filter(contact=contact_id).select_related("entry", "by").order_by("-at", "-id")[:50]
    return tuple(
        AnswerLine(row.pk, row.entry.text, row.entry.kind, row.text, row.at, row.by.name if row.by else "")
        for row in rows
    )


def talking_points(persona: str, industry: str) -> TalkingPoints:
    """Questions and objections that fit somebody, the particular before the general."""
    rows = LibraryEntry.objects.filter(
        retired_at=None, kind__in=[EntryKind.QUESTION, EntryKind.OBJECTION], persona__in=["", persona]
    ).order_by("-persona", "-industry", "id")
    fitting = [
        _entry(row) for row in rows if not row.industry or row.industry.casefold() in industry.casefold()
    ]
    return TalkingPoints(
        tuple(one for one in fitting if one.kind == EntryKind.QUESTION)[:8],
        tuple(one for one in fitting if one.kind == EntryKind.OBJECTION)[:5],
    )


def _entry(row: LibraryEntry) -> Entry:
    return Entry(row.pk, row.kind, row.text, row.answer, row.persona, row.industry, row.source, row.shipped,
                 row.field, tuple(row.options))  # fmt: skip
