"""Questions about what we say.

materials(contact_ids, now), materials_of(people, now) -> {id: Material}
                                                   what a message to each may speak of, and rest on
template(slug) -> Wording                          the newest words; raises NotFound
templates() -> tuple[Listed, ...]
message(message_id) -> Letter                      raises NotFound
in_review(asker, limit) -> tuple[Letter, ...]             the approval queue, oldest first
task(task_id) -> ToDo                              raises NotFound
open_tasks(asker, account_id=|contact_id=, limit) -> tuple[ToDo, ...]  what waits about them, the soonest first
due_tasks(person, now, limit) -> tuple[ToDo, ...]  one person's, and nobody's, ranked by deadline, value, age
addressee(contact, account), who(contact_id)       somebody by all the names a wish might know them under
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from django.db.models import F, OuterRef, Q, QuerySet, Subquery

from panout.consent.queries import standings
from panout.consent.rules.suppression import Addressee
from panout.kernel.channels import Channel, TouchKind
from panout.kernel.errors import NotFound
from panout.kernel.signals import signal_type
from panout.outreach.models import (
    EntryKind,
    LibraryEntry,
    Message,
    MessageStatus,
    Sender,
    Task,
    TemplateVersion,
)
from panout.outreach.rules.render import Value
from panout.research.models import Fact
from panout.resolve.models import Account, Contact
from panout.resolve.queries import in_sight
from panout.signals.models import Signal
from panout.team.rules import Person

SIGNAL_REMEMBERED = timedelta(days=730)  # to say that a claim is stale, not that it was never so
VARIANTS = 3  # shapes that a shipped template may have
SPOKEN = ("problem", "outcome", "value", "proof")
# A signal older than this is no reason to write now; a fact without an end date stays citable for a year.
SIGNAL_LIVES = timedelta(days=90)
FACT_LIVES = timedelta(days=365)


@dataclass(frozen=True, slots=True)
class Evidence:
    """One live, sourced statement that a message may cite. `kind` is signal or fact."""

    kind: str
    id: int
    type: str
    text: str
    source: str
    as_of: date | None


@dataclass(frozen=True, slots=True)
class Material:
    """All that a message to one person may speak of: the values for templates, and the evidence behind it.

    `stale` is what was true once and may not be cited; `proofs` are the library's, said of others; `known`
    are texts of the record itself.
    """

    contact_id: int
    account_id: int | None
    to_email: str
    values: Mapping[str, Value]
    evidence: tuple[Evidence, ...]
    today: date
    stale: tuple[Evidence, ...] = ()
    proofs: tuple[Evidence, ...] = ()
    known: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Wording:
    """The newest words of a template."""

    version_id: int
    slug: str
    name: str
    kind: TouchKind
    number: int
    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A template in a list."""

    slug: str
    name: str
    kind: TouchKind
    persona: str
    industry: str
    version: int
    shipped: bool


@dataclass(frozen=True, slots=True)
class Letter:
    """A message, as pages show it."""

    id: int
    contact_id: int
    contact: str
    account_id: int | None
    account: str
    sender: str
    to_email: str
    subject: str
    body: str
    status: MessageStatus
    reason: str
    problems: tuple[tuple[str, str], ...]
    citations: tuple[tuple[str, str], ...]
    origin: str
    created_at: datetime
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class ToDo:
    """A task, as pages show it. `closed` is the wish that stands against it: then there is no number to ring."""

    id: int
    kind: TouchKind
    title: str
    contact_id: int | None
    contact: str
    account_id: int | None
    account: str
    owner_id: int | None
    origin: str
    origin_key: str | None
    why: str
    script: str
    value: float
    due_at: datetime
    deadline: datetime | None
    phone: str
    linkedin: str
    email: str
    is_open: bool
    disposition: str
    closed: str = ""


def materials(contact_ids: Iterable[int], now: datetime) -> dict[int, Material]:
    """What a message to each of these people may speak of. Four queries, however many people."""
    return materials_of(Contact.objects.filter(id__in=list(contact_ids)).select_related("account"), now)


def materials_of(people: Iterable[Contact], now: datetime) -> dict[int, Material]:
    """The same for people whose rows, and their accounts', are at hand."""
    contacts = list(people)
    accounts = {contact.account_id for contact in contacts if contact.account_id}
    ids = {contact.id for contact in contacts}
    signals = _signals(ids, accounts, now)
    facts = _facts(ids, accounts, now)
    shelf = tuple(LibraryEntry.objects.filter(retired_at=None, kind__in=SPOKEN).order_by("id"))
    return {
        contact.id: _material(
            contact,
            (*signals["contact", contact.id], *signals["account", contact.account_id or 0]),
            (*facts["contact", contact.id], *facts["account", contact.account_id or 0]),
            shelf,
            now.date(),
        )
        for contact in contacts
    }


_Found = defaultdict[tuple[str, int], list[Evidence]]


def _signals(people: set[int], accounts: set[int], now: datetime) -> _Found:
    found: _Found = defaultdict(list)
    rows = Signal.objects.filter(
        Q(contact__in=people) | Q(account__in=accounts, contact=None),
        dismissed_at=None,
        date__gt=(now - SIGNAL_REMEMBERED).date(),
        date__lte=now.date(),
    ).order_by("-date", "-strength", "id")
    for row in rows:
        owner = ("contact", row.contact_id) if row.contact_id else ("account", row.account_id or 0)
        found[owner].append(Evidence("signal", row.pk, row.type, row.evidence, row.source, row.date))
    return found


def _facts(people: set[int], accounts: set[int], now: datetime) -> _Found:
    found: _Found = defaultdict(list)
    rows = (
        Fact.objects.live(now)
        .filter(Q(contact__in=people) | Q(account__in=accounts), seen_at__gt=now - FACT_LIVES)
        .order_by("-confidence", "-seen_at", "id")
    )
    for row in rows:
        owner = ("contact", row.contact_id) if row.contact_id else ("account", row.account_id or 0)
        found[owner].append(Evidence("fact", row.pk, row.name, row.value, row.source, row.as_of))
    return found


_PERSON = (
    "first_name", "last_name", "full_name", "title", "seniority", "department", "buying_role", "email",
    "phone", "mobile", "linkedin", "person_address", "person_postal_code", "person_city", "person_region",
    "person_country", "language",
)  # fmt: skip
_COMPANY = (
    "domain", "website", "industry", "subindustry", "employees", "city", "region", "country", "one_liner",
    "description", "technologies", "tags", "stage", "founded",
)  # fmt: skip


def _material(
    contact: Contact,
    signals: tuple[Evidence, ...],
    facts: tuple[Evidence, ...],
    shelf: tuple[LibraryEntry, ...],
    today: date,
) -> Material:
    account = contact.account
    values: dict[str, Value] = {name: getattr(contact, name) for name in _PERSON}
    values["first_name"] = contact.first_name or (contact.full_name or "").partition(" ")[0]
    values["custom"] = {str(key): value for key, value in contact.custom.items()}
    if account is not None:
        values["company"] = {
            "name": account.company_name or account.domain,
            **{name: getattr(account, name) for name in _COMPANY},
            "custom": {str(key): value for key, value in account.custom.items()},
        }
    live = tuple(one for one in signals if one.as_of is None or today - one.as_of < SIGNAL_LIVES)
    values["signals"] = [_spoken(signal) for signal in live]
    if live:
        values["signal"] = _spoken(live[0])
    values["facts"] = {fact.type: fact.text for fact in reversed(facts)}
    # Which of a template's shapes this person gets: the same one each time, another one than a neighbour.
    values["variant"] = contact.id % VARIANTS
    industry = (account.industry if account else None) or ""
    chosen = {kind: _chosen(shelf, kind, contact.buying_role or "", industry, contact.id) for kind in SPOKEN}
    values |= {kind: entry.text for kind, entry in chosen.items() if entry is not None}
    proofs = tuple(
        Evidence("proof", entry.pk, "proof", entry.text, entry.source, None)
        for entry in shelf
        if entry.kind == EntryKind.PROOF
    )
    return Material(
        contact.id,
        contact.account_id,
        contact.email or "",
        values,
        (*live, *facts),
        today,
        tuple(one for one in signals if one not in live),
        proofs,
        _known(contact, account),
    )


def _chosen(
    shelf: tuple[LibraryEntry, ...], kind: str, persona: str, industry: str, turn: int
) -> LibraryEntry | None:
    """The entry that fits most closely; among equals each person gets one by turn, always the same."""
    fitting = [
        (bool(entry.persona) * 2 + bool(entry.industry), entry)
        for entry in shelf
        if entry.kind == kind
        and entry.persona in {"", persona}
        and (not entry.industry or entry.industry.casefold() in industry.casefold())
    ]
    best = max((score for score, _ in fitting), default=0)
    equals = [entry for score, entry in fitting if score == best]
    return equals[turn % len(equals)] if equals else None


def _known(contact: Contact, account: Account | None) -> tuple[str, ...]:
    """What the record itself says, as one text a field."""
    told: list[object] = [getattr(contact, name) for name in _PERSON]
    if account is not None:
        told += [account.company_name, *(getattr(account, name) for name in _COMPANY)]
    flat = [part for one in told for part in (one if isinstance(one, list) else [one])]
    return tuple(str(one) for one in flat if one not in (None, ""))


def _spoken(signal: Evidence) -> dict[str, Value]:
    known = signal_type(signal.type)
    return {
        "type": signal.type.replace("_", " "),
        "about": known.level.value,
        "said": known.label,
        "text": signal.text.rstrip(" ."),
        "source": signal.source,
        "date": f"{signal.as_of:%-d %B}" if signal.as_of else None,
    }


def _newest() -> QuerySet[TemplateVersion]:
    latest = (
        TemplateVersion.objects.filter(template=OuterRef("template")).order_by("-number").values("id")[:1]
    )
    return TemplateVersion.objects.filter(id=Subquery(latest), template__retired_at=None).select_related(
        "template"
    )


def template(slug: str) -> Wording:
    """The newest words of a template. Raises NotFound, naming it."""
    row = _newest().filter(template__slug=slug).first()
    if row is None:
        raise NotFound(
            f"There is no template '{slug[:60]}'.", mend="Choose one that exists, or write it first."
        )
    return _wording(row)


def wordings() -> dict[str, Wording]:
    """All templates in use, by slug."""
    return {row.template.slug: _wording(row) for row in _newest()}


def _wording(row: TemplateVersion) -> Wording:
    kept = row.template
    return Wording(row.pk, kept.slug, kept.name, TouchKind(kept.kind), row.number, row.subject, row.body)


def templates() -> tuple[Listed, ...]:
    """All templates in use, by kind and name."""
    rows = _newest().order_by("template__kind", "template__name")
    return tuple(
        Listed(
            row.template.slug,
            row.template.name,
            TouchKind(row.template.kind),
            row.template.persona,
            row.template.industry,
            row.number,
            row.template.shipped,
        )
        for row in rows
    )


def _letter(row: Message) -> Letter:
    return Letter(
        row.pk,
        row.contact_id,
        row.contact.label,
        row.account_id,
        row.account.label if row.account else "",
        f"{row.sender.name} <{row.sender.email}>" if row.sender else "",
        row.to_email,
        row.subject,
        row.body,
        MessageStatus(row.status),
        row.reason,
        tuple((problem["code"], problem["text"]) for problem in row.problems),
        tuple((citation.text, citation.source) for citation in row.citations.all()),
        row.origin,
        row.created_at,
        row.sent_at,
    )


def _letters() -> QuerySet[Message]:
    return Message.objects.select_related("contact", "account", "sender").prefetch_related("citations")


def message(message_id: int) -> Letter:
    """One message, with what it rests on. Raises NotFound."""
    row = _letters().filter(id=message_id).first()
    if row is None:
        raise NotFound("There is no such message.")
    return _letter(row)


def in_review(asker: Person, limit: int = 50) -> tuple[Letter, ...]:
    """Messages that wait for approval, oldest first."""
    rows = (
        _letters().filter(in_sight(asker), status=MessageStatus.REVIEW).order_by("created_at", "id")[:limit]
    )
    return tuple(_letter(row) for row in rows)


def _to_do(row: Task) -> ToDo:
    account: Account | None = row.account or (row.contact.account if row.contact else None)
    return ToDo(
        row.pk,
        TouchKind(row.kind),
        row.title,
        row.contact_id,
        row.contact.label if row.contact else "",
        account.pk if account else None,
        account.label if account else "",
        row.owner_id,
        row.origin,
        row.origin_key,
        row.why,
        row.script,
        row.value,
        row.due_at,
        row.deadline,
        number_of(row.contact) if row.contact else "",
        (row.contact.linkedin or "") if row.contact else "",
        (row.contact.email or "") if row.contact else "",
        row.done_at is None,
        row.disposition,
    )


def task(task_id: int) -> ToDo:
    """One task. Raises NotFound."""
    row = Task.objects.select_related("contact__account", "account").filter(id=task_id).first()
    if row is None:
        raise NotFound("There is no such task.")
    return _to_do(row)


def due_tasks(person: Person, now: datetime, limit: int = 50) -> tuple[ToDo, ...]:
    """What waits for one person, and what nobody owns: promises first, then by value, then the oldest."""
    rows = (
        Task.objects.waiting(now)
        .filter(Q(owner=person.id) | Q(owner=None) & in_sight(person))
        .select_related("contact__account", "account")
        .order_by(F("deadline").asc(nulls_last=True), "-value", "due_at", "id")[:limit]
    )
    return _by_wishes(list(rows), now)


def _by_wishes(rows: list[Task], now: datetime) -> tuple[ToDo, ...]:
    """Tasks as they may be done now: a wish may have come after the task, and no other rule looks at it again."""
    people = {row.contact_id: addressee(row.contact, row.contact.account) for row in rows if row.contact}
    standing = standings(people.values(), now)
    found = []
    for row in rows:
        one, channel = _to_do(row), TouchKind(row.kind).channel
        if row.contact is None or channel is Channel.OTHER:
            found.append(one)  # nobody outside is reached by it
            continue
        against = standing[str(row.contact_id)].against(channel.value, now) or noted(row.contact, channel)
        found.append(replace(one, closed=against, phone="", linkedin="") if against else one)
    return tuple(found)


def addressee(contact: Contact, account: Account | None) -> Addressee:
    """A contact by all the names a suppression might know them under."""
    return Addressee(
        str(contact.pk),
        frozenset({contact.email.lower()} if contact.email else ()),
        frozenset(number for number in (contact.phone, contact.mobile) if number),
        frozenset({account.domain} if account and account.domain else ()),
    )


def number_of(contact: Contact) -> str:
    """The number that is rung: the mobile first; "" where none is known."""
    return contact.mobile or contact.phone or ""


def noted(contact: Contact, channel: Channel) -> str:
    """The wish that a list or a hand noted on the record itself, in words; "" where there is none."""
    if channel is Channel.PHONE and contact.do_not_call:
        return "asked not to be called"
    return "opted out of email" if channel is Channel.EMAIL and contact.opted_out else ""


def who(contact_id: int) -> tuple[Addressee, Mapping[Channel, str]]:
    """The names and the noted wishes of whom one has the id of. Raises NotFound."""
    row = Contact.objects.select_related("account").filter(id=contact_id).first()
    if row is None:
        raise NotFound("There is no such person.")
    return addressee(row, row.account), {channel: noted(row, channel) for channel in Channel}


def open_tasks(
    asker: Person, *, account_id: int | None = None, contact_id: int | None = None, limit: int = 20
) -> tuple[ToDo, ...]:
    """The work that waits about an account and its people, or about one person; the soonest first."""
    rows = Task.objects.filter(done_at=None).select_related("contact__account", "account")
    if account_id is not None:
        rows = rows.filter(Q(account_id=account_id) | Q(contact__account_id=account_id))
        rows = rows.filter(in_sight(asker, account="", owner="owner"))
    else:
        rows = rows.filter(contact_id=contact_id or 0)
    return tuple(_to_do(row) for row in rows.order_by("due_at", "id")[:limit])


def sender_for(sender_id: int | None) -> Sender | None:
    """The sender as a row, for actions of rooms further down."""
    return Sender.objects.filter(id=sender_id, retired_at=None).first() if sender_id else None


def messages_of(contact_id: int, limit: int = 200) -> tuple[Letter, ...]:
    """What we wrote, or were about to write, to somebody; the latest first."""
    return tuple(_letter(row) for row in _letters().filter(contact=contact_id).order_by("-id")[:limit])
