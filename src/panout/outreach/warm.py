"""Warm roads: events with their people, introductions by customers, and partners who know our prospects.

plan_gathering(asker, name, place, starts_on, ends_on, now) -> int
add_person(asker, gathering_id, newcomer, now) -> int       at the stand, by hand: 24 hours to follow up
add_known(asker, gathering_id, contact_ids, part, now)      from the book
add_list(asker, gathering_id, text, part, now) -> Added     a pasted list of attendees or speakers
add_import(asker, gathering_id, import_id, part, now) -> int   everybody of an imported list, of any size
ask_to_meet(asker, gathering_id, contact_ids, now) -> int   pre-booking asks, as tasks
ask_referral(asker, contact_id, wanted, now) -> int         one a customer and quarter
close_referral(asker, ask_id, outcome, now)
save_partner(asker, name, contact_name, email, now) -> int
add_partner_customers(asker, partner_id, text, now) -> int
add_partner_import(asker, partner_id, import_id, now) -> int   the companies of an imported list
ask_partner(asker, customer_id, account_id, now) -> int
gatherings(), gathering(asker, id), referral_asks(asker), partners(), overlap(asker, partner_id)
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import Count, Q

from panout.kernel.channels import TouchKind
from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.kernel.lifecycle import Lifecycle
from panout.outreach.actions import Wish, draft, open_task, open_tasks
from panout.outreach.models import (
    Gathering,
    Part,
    Participation,
    Partner,
    PartnerCustomer,
    ReferralAsk,
    Sender,
    Task,
    TaskStatus,
)
from panout.outreach.queries import materials, template
from panout.outreach.rules.render import Value
from panout.resolve.actions import add_contact
from panout.resolve.models import Account, Contact, Sighting
from panout.resolve.queries import in_sight, of_own
from panout.signals.actions import note_signal
from panout.sources.rules.companies import name_key
from panout.team.actions import record
from panout.team.rules import Person, Verb, demand

FOLLOW_UP = timedelta(hours=24)
MOST_LINES = 2_000


@dataclass(frozen=True, slots=True)
class Newcomer:
    """Somebody met at a stand, as typed on a phone."""

    full_name: str
    company: str = ""
    title: str = ""
    email: str = ""
    phone: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Added:
    """What a pasted list brought."""

    added: int
    known: int
    unusable: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class GatheringLine:
    id: int
    name: str
    place: str
    starts_on: date
    ends_on: date
    people: int
    met: int
    waiting: int  # follow-ups not done


@dataclass(frozen=True, slots=True)
class Guest:
    """One person at a gathering."""

    contact_id: int
    name: str
    title: str
    account: str
    part: str
    note: str
    lifecycle: str
    asked_at: datetime | None
    met_at: datetime | None
    due: datetime | None  # when the follow-up must be out
    followed_up: bool


@dataclass(frozen=True, slots=True)
class GatheringCard:
    line: GatheringLine
    guests: tuple[Guest, ...]


@dataclass(frozen=True, slots=True)
class AskLine:
    id: int
    customer: str
    customer_id: int
    asked_of: str
    wanted: str
    quarter: str
    asked_at: datetime
    outcome: str


@dataclass(frozen=True, slots=True)
class PartnerLine:
    id: int
    name: str
    contact_name: str
    email: str
    customers: int


@dataclass(frozen=True, slots=True)
class Shared:
    """A company that a partner serves and we want to."""

    customer_id: int
    account_id: int
    account: str
    lifecycle: str
    by: str  # the key that both have
    asked_at: datetime | None


# -- events


@transaction.atomic
def plan_gathering(
    asker: Person, name: str, place: str, starts_on: date, ends_on: date, now: datetime
) -> int:
    demand(asker, Verb.EDIT_RECORDS)
    if not name.strip():
        raise BadInput("An event needs a name.", where="name")
    if ends_on < starts_on:
        raise BadInput("The event ends before it starts.", where="ends_on")
    row, made = Gathering.objects.get_or_create(
        name=name.strip()[:160],
        starts_on=starts_on,
        defaults={"place": place.strip()[:160], "ends_on": ends_on, "owner_id": asker.id, "created_at": now},
    )
    if made:
        record(asker, "plan event", "event", row.pk, row.name, now=now)
    return row.pk


@transaction.atomic
def add_person(asker: Person, gathering_id: int, who: Newcomer, now: datetime) -> int:
    """Note somebody met at the stand: contact, signal, and a follow-up task that is due within 24 hours."""
    event = _event(gathering_id)
    contact = _contact_for(asker, who, now)
    _meet(asker, event, contact, Part.BOOTH, who.note, now)
    return contact.pk


@transaction.atomic
def add_known(asker: Person, gathering_id: int, contact_ids: Iterable[int], part: Part, now: datetime) -> int:
    """Put people of the book on the event's list; returns how many were new there."""
    demand(asker, Verb.EDIT_RECORDS)
    event = _event(gathering_id)
    people = Contact.objects.living().filter(id__in=list(contact_ids))
    rows = [
        Participation(gathering=event, contact=one, part=part, added_at=now, added_by_id=asker.id)
        for one in people
    ]
    before = event.people.count()
    Participation.objects.bulk_create(rows, ignore_conflicts=True)
    for one in people:
        _signal(asker, event, one, f"Is on the {part.label.lower()} list of {event.name}", now)
    return event.people.count() - before


@transaction.atomic
def add_list(asker: Person, gathering_id: int, text: str, part: str, now: datetime) -> Added:
    """People of a pasted list, one a line: name, company, title, email; a heading line is recognised."""
    demand(asker, Verb.IMPORT_LISTS)
    _event(gathering_id)
    if part not in Part.values:
        raise BadInput(f"'{part[:30]}' is no part in an event.", where="part")
    lines = [line for line in _cells(text) if any(cell.strip() for cell in line)]
    if len(lines) > MOST_LINES:
        raise BadInput(f"{len(lines):,} lines; import so long a list on the page of lists.", where="people")
    columns = _columns(lines[0]) if lines else None
    ids, unusable, known = [], [], 0
    for cells in lines[1:] if columns else lines:
        who = _newcomer(cells, columns or _PLAIN)
        if not who.full_name and not who.email:
            unusable.append(", ".join(cells)[:80])
            continue
        found = _known(who)
        known += found is not None
        try:
            with transaction.atomic():
                ids.append((found or _contact_for(asker, who, now)).pk)
        except (BadInput, Conflict) as error:
            unusable.append(f"{who.full_name or who.email}: {error.what}"[:120])
    added = add_known(asker, gathering_id, ids, Part(part), now)
    return Added(added, known, tuple(unusable))


@transaction.atomic
def add_import(asker: Person, gathering_id: int, import_id: int, part: str, now: datetime) -> int:
    """Put everybody whom an imported list brought on the event's list; returns how many are new there.

    That they are on it becomes a signal of each, with the event as its source, which a mail may cite.
    """
    demand(asker, Verb.IMPORT_LISTS)
    if part not in Part.values:
        raise BadInput(f"'{part[:30]}' is no part in an event.", where="part")
    people = Sighting.objects.filter(batch=import_id, contact__isnull=False).values_list("contact", flat=True)
    ids = list(people.distinct()[: MOST_IMPORTED + 1])
    if not ids:
        raise BadInput("This list brought nobody, or was taken back.", mend="Choose another list.")
    if len(ids) > MOST_IMPORTED:
        raise BadInput(f"More than {MOST_IMPORTED:,} people: that is a market, not an event.")
    added = add_known(asker, gathering_id, ids, Part(part), now)
    event = _event(gathering_id)
    record(asker, "add import to event", "event", event.pk, event.name, now=now,
           after={"import": import_id, "people": added})  # fmt: skip
    return added


def _cells(text: str) -> list[list[str]]:
    """The cells of a pasted list, line by line. Raises BadInput for what is no list."""
    try:
        return list(csv.reader(io.StringIO(text[:500_000], newline=None)))
    except csv.Error as error:
        raise BadInput(
            f"This is no list: {error}.", mend="Put one person or company on each line."
        ) from error


MOST_IMPORTED = 20_000
_PLAIN: Mapping[str, int] = {"full_name": 0, "company": 1, "title": 2, "email": 3}
_HEADINGS = {
    "name": "full_name",
    "full name": "full_name",
    "company": "company",
    "organisation": "company",
    "organization": "company",
    "title": "title",
    "job title": "title",
    "role": "title",
    "email": "email",
    "e-mail": "email",
    "phone": "phone",
}


def _columns(cells: list[str]) -> Mapping[str, int] | None:
    named = {
        _HEADINGS[cell.strip().lower()]: place
        for place, cell in enumerate(cells)
        if cell.strip().lower() in _HEADINGS
    }
    return named if {"full_name", "email"} & set(named) else None


def _newcomer(cells: list[str], columns: Mapping[str, int]) -> Newcomer:
    told = {name: cells[place].strip()[:200] for name, place in columns.items() if place < len(cells)}
    return Newcomer(**{"full_name": "", **told})


def _known(who: Newcomer) -> Contact | None:
    if who.email:
        return Contact.objects.living().filter(email__iexact=who.email).first()
    near = Contact.objects.living().filter(full_name__iexact=who.full_name)
    return near.filter(account__company_name__iexact=who.company).first() if who.company else None


def _contact_for(asker: Person, who: Newcomer, now: datetime) -> Contact:
    found = _known(who)
    if found is not None:
        return found
    account = None
    if who.company:
        account = (
            Account.objects.living()
            .filter(Q(company_name__iexact=who.company) | Q(name_key=name_key(who.company)))
            .order_by("id")
            .first()
        )
    values = {"full_name": who.full_name, "title": who.title, "email": who.email, "phone": who.phone}
    given = {name: value for name, value in values.items() if value}
    number = add_contact(asker, account.pk if account else None, given, "event", now)
    return Contact.objects.get(id=number)


def _meet(asker: Person, event: Gathering, contact: Contact, part: Part, note: str, now: datetime) -> None:
    row, _ = Participation.objects.get_or_create(
        gathering=event,
        contact=contact,
        defaults={"part": part, "added_at": now, "added_by_id": asker.id},
    )
    row.met_at, row.note = row.met_at or now, note.strip()[:1000] or row.note
    row.save(update_fields=["met_at", "note"])
    _signal(asker, event, contact, f"Met at {event.name}", now)
    extra: dict[str, Value] = {"event": {"name": event.name, "met": True, "note": row.note.rstrip(" .")}}
    open_tasks(
        [
            Wish(
                TouchKind.EMAIL,
                f"Follow up with {contact.label} from {event.name}",
                "event",
                _follow_key(event.pk, contact.pk),
                now,
                contact.pk,
                contact.account_id,
                asker.id,
                why=row.note or f"Met at {event.name}",
                script=_script(contact.pk, "event-follow-up", extra, now),
                deadline=row.met_at + FOLLOW_UP,
                value=90.0,
            )
        ],
        now,
    )


def _follow_key(gathering_id: int, contact_id: int) -> str:
    return f"event-{gathering_id}-follow-{contact_id}"


def _signal(asker: Person, event: Gathering, contact: Contact, text: str, now: datetime) -> None:
    note_signal(
        asker,
        account_id=contact.account_id,
        contact_id=contact.pk,
        kind="event",
        level="buyer",
        on=min(event.starts_on, now.date()),
        strength=0.8,
        source=f"event: {event.name}",
        evidence=text,
        origin="event",
        now=now,
    )


def _script(contact_id: int, slug: str, extra: Mapping[str, Value], now: datetime) -> str:
    """What to say, rendered; nothing when there is no such playbook or it has a hole."""
    try:
        wording = template(slug)
    except NotFound:
        return ""
    sender = Sender.objects.filter(retired_at=None).order_by("id").first()
    return draft(materials([contact_id], now)[contact_id], wording, sender, extra).body


@transaction.atomic
def ask_to_meet(asker: Person, gathering_id: int, contact_ids: Iterable[int], now: datetime) -> int:
    """Open the pre-booking asks for these guests, each once; returns how many are new."""
    demand(asker, Verb.WORK_TASKS)
    event = _event(gathering_id)
    if event.ends_on < now.date():
        raise BadInput("This event is over.", mend="Follow up with those you met instead.")
    rows = list(event.people.filter(contact__in=list(contact_ids), asked_at=None).select_related("contact"))
    extra: dict[str, Value] = {"event": {"name": event.name}}
    wishes = [
        Wish(
            TouchKind.EVENT_MEETING,
            f"Ask {row.contact.label} to meet at {event.name}",
            "event",
            f"event-{event.pk}-ask-{row.contact_id}",
            now,
            row.contact_id,
            row.contact.account_id,
            asker.id,
            why=f"Both at {event.name}",
            script=_script(row.contact_id, "event-pre-booking", extra, now),
            value=70.0,
        )
        for row in rows
    ]
    open_tasks(wishes, now)
    event.people.filter(id__in=[row.pk for row in rows]).update(asked_at=now)
    return len(rows)


def gatherings() -> tuple[GatheringLine, ...]:
    """All events, the latest first."""
    rows = Gathering.objects.annotate(
        guests=Count("people"), seen=Count("people", filter=Q(people__met_at__isnull=False))
    ).order_by("-starts_on", "-id")
    waiting = _waiting()
    return tuple(_gathering_line(row, row.guests, row.seen, waiting) for row in rows)


def _gathering_line(row: Gathering, guests: int, seen: int, waiting: Mapping[int, int]) -> GatheringLine:
    return GatheringLine(
        row.pk, row.name, row.place, row.starts_on, row.ends_on, guests, seen, waiting.get(row.pk, 0)
    )


def _waiting() -> dict[int, int]:
    keys = Task.objects.filter(origin="event", status=TaskStatus.OPEN, origin_key__contains="-follow-")
    found: dict[int, int] = {}
    for key in keys.values_list("origin_key", flat=True):
        number = int((key or "event-0-").split("-")[1])
        found[number] = found.get(number, 0) + 1
    return found


def gathering(asker: Person, gathering_id: int) -> GatheringCard:
    """An event with those of its people whom the asker sees: whom we met and owe an answer first. Raises NotFound."""
    event = _event(gathering_id)
    rows = list(
        event.people.filter(in_sight(asker, account=""))
        .select_related("contact__account")
        .order_by("-met_at", "contact__full_name", "id")
    )
    keys = {_follow_key(event.pk, row.contact_id): row.contact_id for row in rows}
    tasks = {
        keys[task.origin_key]: task for task in Task.objects.filter(origin_key__in=keys) if task.origin_key
    }
    guests = tuple(_guest(row, tasks.get(row.contact_id)) for row in rows)
    waiting = {event.pk: sum(1 for task in tasks.values() if task.status == TaskStatus.OPEN)}
    met = sum(1 for row in rows if row.met_at)
    return GatheringCard(_gathering_line(event, len(rows), met, waiting), guests)


def _guest(row: Participation, task: Task | None) -> Guest:
    who = row.contact
    return Guest(
        who.pk,
        who.label,
        who.title or "",
        who.account.label if who.account else "",
        row.part,
        row.note,
        who.lifecycle,
        row.asked_at,
        row.met_at,
        task.deadline if task else None,
        task is not None and task.status == TaskStatus.DONE,
    )


def _event(gathering_id: int) -> Gathering:
    row = Gathering.objects.filter(id=gathering_id).first()
    if row is None:
        raise NotFound("There is no such event.")
    return row


# -- referrals


def quarter_of(day: date) -> str:
    """2026Q4."""
    return f"{day.year}Q{(day.month - 1) // 3 + 1}"


@transaction.atomic
def ask_referral(asker: Person, contact_id: int, wanted: str, now: datetime) -> int:
    """Ask somebody at a customer for one introduction. Raises Conflict when they were asked this quarter."""
    demand(asker, Verb.WORK_TASKS)
    contact = Contact.objects.living().select_related("account").filter(id=contact_id).first()
    if contact is None or contact.account is None:
        raise NotFound("There is no such person at a company.")
    customer = contact.account
    if Lifecycle.CUSTOMER not in {customer.lifecycle, contact.lifecycle}:
        raise BadInput(
            f"{customer.label} is no customer.", mend="Ask customers for introductions; they know us."
        )
    if not wanted.strip():
        raise BadInput("Say whom you would like to meet.", where="wanted")
    quarter = quarter_of(now.date())
    Account.objects.select_for_update().get(id=customer.pk)
    if ReferralAsk.objects.filter(customer=customer, quarter=quarter).exists():
        raise Conflict(
            f"{customer.label} was asked in {quarter} already.", mend="One ask a customer and quarter."
        )
    script = _script(contact.pk, "referral-ask", {"wanted": wanted.strip()}, now)
    task_id = open_task(
        asker,
        Wish(
            TouchKind.REFERRAL_ASK,
            f"Ask {contact.label} for an introduction to {wanted.strip()[:80]}",
            "referral",
            f"referral-{customer.pk}-{quarter}",
            now,
            contact.pk,
            customer.pk,
            asker.id,
            why="The warmest way in",
            script=script,
            value=80.0,
        ),
        now,
    )
    row = ReferralAsk.objects.create(
        customer=customer,
        asked_of=contact,
        wanted=wanted.strip()[:500],
        quarter=quarter,
        task_id=task_id,
        asked_at=now,
        asked_by_id=asker.id,
    )
    record(asker, "ask for a referral", "account", customer.pk, customer.label, now=now)
    return row.pk


@transaction.atomic
def close_referral(asker: Person, ask_id: int, outcome: str, now: datetime) -> None:
    """Note what became of an ask."""
    demand(asker, Verb.WORK_TASKS)
    if outcome not in {"introduced", "declined", "no_answer"}:
        raise BadInput(f"'{outcome[:30]}' is no outcome.", where="outcome")
    row = ReferralAsk.objects.select_for_update().filter(id=ask_id).first()
    if row is None:
        raise NotFound("There is no such ask.")
    row.outcome, row.outcome_at = outcome, now
    row.save(update_fields=["outcome", "outcome_at"])
    record(asker, "close referral", "referral", row.pk, row.wanted[:80], now=now, after={"outcome": outcome})


def referral_asks(asker: Person, limit: int = 100) -> tuple[AskLine, ...]:
    seen = ReferralAsk.objects.filter(in_sight(asker, contact="asked_of", account="customer"))
    rows = seen.select_related("customer", "asked_of").order_by("-asked_at", "-id")[:limit]
    return tuple(
        AskLine(
            row.pk,
            row.customer.label,
            row.customer_id,
            row.asked_of.label,
            row.wanted,
            row.quarter,
            row.asked_at,
            row.outcome,
        )
        for row in rows
    )


# -- partners


@transaction.atomic
def save_partner(asker: Person, name: str, contact_name: str, email: str, now: datetime) -> int:
    demand(asker, Verb.EDIT_RECORDS)
    if not name.strip():
        raise BadInput("A partner needs a name.", where="name")
    row = Partner.objects.filter(name__iexact=name.strip()).first()
    if row is None:
        row = Partner.objects.create(
            name=name.strip()[:160],
            contact_name=contact_name.strip()[:160],
            email=email.strip()[:320],
            created_at=now,
        )
        record(asker, "add partner", "partner", row.pk, row.name, now=now)
    return row.pk


@transaction.atomic
def add_partner_customers(asker: Person, partner_id: int, text: str, now: datetime) -> int:
    """Companies of a partner, one a line: name, domain. Returns how many lines are kept."""
    demand(asker, Verb.EDIT_RECORDS)
    partner = _partner(partner_id)
    rows = []
    for cells in _cells(text):
        name, domain = (*(cell.strip() for cell in cells), "", "")[:2]
        if not name:
            continue
        if "." in name and " " not in name and not domain:
            domain = name
        bare = (
            domain.lower().removeprefix("https://").removeprefix("http://").removeprefix("www.").split("/")[0]
        )
        key = "" if name == domain else name_key(name) or ""
        rows.append(PartnerCustomer(partner=partner, name=name[:200], domain=bare[:255], name_key=key[:200]))
    PartnerCustomer.objects.bulk_create(rows[:MOST_LINES], ignore_conflicts=True)
    record(
        asker,
        "add partner's customers",
        "partner",
        partner.pk,
        partner.name,
        now=now,
        after={"lines": len(rows)},
    )
    return len(rows)


@transaction.atomic
def add_partner_import(asker: Person, partner_id: int, import_id: int, now: datetime) -> int:
    """Take the companies of an imported list as a partner's customers; returns how many it has."""
    demand(asker, Verb.EDIT_RECORDS)
    partner = _partner(partner_id)
    seen = Sighting.objects.filter(batch=import_id, account__isnull=False).values("account")
    rows = [
        PartnerCustomer(
            partner=partner, name=row.label[:200], domain=(row.domain or "")[:255],
            name_key=(row.name_key or "")[:200],
        )
        for row in Account.objects.living().filter(id__in=seen).order_by("id")[:MOST_IMPORTED]
    ]  # fmt: skip
    if not rows:
        raise BadInput("This list brought no company, or was taken back.", mend="Choose another list.")
    PartnerCustomer.objects.bulk_create(rows, ignore_conflicts=True)
    record(asker, "add partner's customers", "partner", partner.pk, partner.name, now=now,
           after={"import": import_id, "companies": len(rows)})  # fmt: skip
    return partner.customers.count()


def partners() -> tuple[PartnerLine, ...]:
    rows = Partner.objects.annotate(many=Count("customers")).order_by("name")
    return tuple(PartnerLine(row.pk, row.name, row.contact_name, row.email, row.many) for row in rows)


def overlap(asker: Person, partner_id: int) -> tuple[Shared, ...]:
    """Accounts of ours that a partner serves: the same domain, else the resolver's key of the name."""
    found: dict[int, Shared] = {}
    customers = list(_partner(partner_id).customers.all())
    domains = {one.domain: one for one in customers if one.domain}
    keys = {one.name_key: one for one in customers if one.name_key}
    rows = (
        Account.objects.living()
        .filter(Q(domain__in=domains) | Q(name_key__in=keys), of_own(asker))
        .order_by("company_name", "id")
    )
    for row in rows:
        same = domains.get(row.domain or "")
        one = same or keys.get(row.name_key or "")
        if one is not None and row.lifecycle != Lifecycle.CUSTOMER:
            by = "domain" if same else "name"
            found[row.pk] = Shared(one.pk, row.pk, row.label, row.lifecycle, by, one.asked_at)
    return tuple(found.values())


@transaction.atomic
def ask_partner(asker: Person, customer_id: int, account_id: int, now: datetime) -> int:
    """Ask a partner to introduce us to one shared company; returns the task's id."""
    demand(asker, Verb.WORK_TASKS)
    customer = (
        PartnerCustomer.objects.select_for_update().select_related("partner").filter(id=customer_id).first()
    )
    account = Account.objects.living().filter(id=account_id).first()
    if customer is None or account is None:
        raise NotFound("There is no such shared company.")
    who = Contact.objects.living().filter(account=account).order_by("id").first()
    partner = customer.partner
    extra: dict[str, Value] = {"partner": partner.contact_name or partner.name}
    script = _script(who.pk, "partner-intro", extra, now) if who else ""
    customer.asked_at = now
    customer.save(update_fields=["asked_at"])
    return open_task(
        asker,
        Wish(
            TouchKind.TASK,
            f"Ask {partner.name} for an introduction to {account.label}",
            "partner",
            f"partner-{customer.pk}-{quarter_of(now.date())}",
            now,
            who.pk if who else None,
            account.pk,
            asker.id,
            why=f"{partner.name} serves them",
            script=script,
            value=75.0,
        ),
        now,
    )


def _partner(partner_id: int) -> Partner:
    row = Partner.objects.filter(id=partner_id).first()
    if row is None:
        raise NotFound("There is no such partner.")
    return row
