"""The research card: one prospect on one page, read in 90 seconds before a dial; each fact with its source."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime

from panout.outreach.actions import draft
from panout.outreach.library import AnswerLine, Entry, answers, talking_points
from panout.outreach.models import Sender, Touch
from panout.outreach.queries import Material, materials, wordings
from panout.outreach.roads import plan_of
from panout.outreach.rules.channels import Leg
from panout.outreach.rules.lint import read_seconds
from panout.qualify.queries import RoleCover, VerdictCard, coverage, verdict_of
from panout.resolve.models import Contact
from panout.resolve.queries import contact_card
from panout.team.rules import Person

READING = 4.0  # words a second: 240 a minute, somebody who skims a page they know
_FACTS, _SIGNALS, _OBJECTIONS = 6, 4, 3
_SELLS = ("sells", "one_liner", "market", "pricing", "employees range")


@dataclass(frozen=True, slots=True)
class Said:
    """A statement with where it was read and when it was true."""

    name: str
    text: str
    source: str
    as_of: date | None


@dataclass(frozen=True, slots=True)
class Script:
    """What to say on one road, and how long it takes aloud."""

    name: str
    kind: str
    text: str
    seconds: float
    doubts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LastTouch:
    kind: str
    at: datetime
    disposition: str


@dataclass(frozen=True, slots=True)
class Card:
    """Who, why now, what they sell, who else, when last, what to say, what to expect."""

    contact_id: int
    name: str
    title: str
    role: str
    account_id: int | None
    account: str
    company_line: str
    phone: str
    email: str
    linkedin: str
    verdict: VerdictCard | None
    why_now: tuple[Said, ...]
    sells: tuple[Said, ...]
    facts: tuple[Said, ...]
    team: tuple[RoleCover, ...]
    last: LastTouch | None
    touches: int
    plan: tuple[Leg, ...]
    scripts: tuple[Script, ...]
    questions: tuple[Entry, ...]
    objections: tuple[Entry, ...]
    answers: tuple[AnswerLine, ...]
    seconds: float


def research_card(asker: Person, contact_id: int, now: datetime) -> Card:
    """Raises NotFound for whom the asker may not see."""
    seen = contact_card(asker, contact_id)
    contact = Contact.objects.select_related("account").get(id=seen.id)
    account = contact.account
    material = materials([contact.pk], now)[contact.pk]
    verdict = verdict_of(contact_id=contact.pk)
    why = tuple(
        _said(one.type, one.text, one.source, one.as_of) for one in material.evidence if one.kind == "signal"
    )
    facts = tuple(
        _said(one.type, one.text, one.source, one.as_of) for one in material.evidence if one.kind == "fact"
    )
    sells = tuple(one for one in facts if one.name in _SELLS)
    if account and account.one_liner and not sells:
        sells = (_said("one_liner", account.one_liner, "the company's record", None),)
    points = talking_points(contact.buying_role or "", (account.industry if account else None) or "")
    touches = Touch.objects.filter(contact=contact).order_by("-at")
    last = touches.first()
    scripts = _scripts(asker, material)
    words = " ".join(
        [
            *(one.text for one in (*why[:_SIGNALS], *sells, *facts[:_FACTS])),
            *(one.text for one in scripts[:1]),
        ]
    )
    words += " ".join(f"{point.text} {point.answer}" for point in points.objections[:_OBJECTIONS])
    return Card(
        contact.pk, seen.label, contact.title or "", contact.buying_role or "",
        account.pk if account else None, account.label if account else "", _company_line(contact),
        contact.mobile or contact.phone or "", contact.email or "", contact.linkedin or "", verdict,
        why[:_SIGNALS], sells, tuple(one for one in facts if one not in sells)[:_FACTS],
        coverage(account.pk) if account else (),
        LastTouch(last.kind, last.at, last.disposition) if last else None, touches.count(),
        plan_of(contact.pk, now).legs, scripts, points.questions, points.objections[:_OBJECTIONS],
        answers(contact.pk), len(re.findall(r"\w+", words)) / READING,
    )  # fmt: skip


def _said(name: str, text: str, source: str, as_of: date | None) -> Said:
    return Said(name, text, source, as_of)


def _company_line(contact: Contact) -> str:
    account = contact.account
    if account is None:
        return ", ".join(part for part in (contact.person_city, contact.person_country) if part)
    people = f"{account.employees:,} people" if account.employees else ""
    place = ", ".join(part for part in (account.city, account.country) if part)
    tools = ", ".join((account.technologies or [])[:4])
    return " · ".join(part for part in (account.industry, people, place, tools) if part)


def _scripts(asker: Person, material: Material) -> tuple[Script, ...]:
    """The opener for the telephone first: the card is read before a dial."""
    sender = Sender.objects.filter(retired_at=None).order_by("-user_id", "id").first()
    mine = Sender.objects.filter(retired_at=None, user=asker.id).first() if asker.id else None
    known = wordings()
    made = []
    for slug in ("call-opener", "value-voicemail", "first-touch-email", "linkedin-message"):
        if slug not in known:
            continue
        one = draft(material, known[slug], mine or sender)
        text = one.body or _unsaid(one.unresolved)
        made.append(Script(known[slug].name, known[slug].kind, text, read_seconds(one.body), one.unsupported))
    return tuple(made)


def _unsaid(missing: tuple[str, ...]) -> str:
    """Why there is no script, and what mends it: who speaks is known once they have a mail account."""
    if any(name.startswith("sender.") for name in missing):
        return "Nobody is set up to speak yet: a mail account gives their name and company."
    return f"Cannot be rendered: {', '.join(missing)} has no value."
