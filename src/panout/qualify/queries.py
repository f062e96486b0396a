"""The lists of the book, sorted by verdict, and everything a page asks about a verdict.

prospects(asker, ListFilter, today, after, limit) -> Slice[ProspectLine]   ranked; `verdict` picks the tab
accounts(asker, ListFilter, today, after, limit) -> Slice[AccountLine]
contacts(asker, ListFilter, today, after, limit) -> Slice[ContactLine]
count_prospects / count_accounts / count_contacts(asker, ListFilter, today) -> Count    capped at 10,000
tallies() -> Tallies                                     the book in figures
verdict_counts(asker) -> {verdict: Count}                of what the asker sees, in one look
verdict_of(contact_id=|account_id=) -> VerdictCard | None
verdicts_at(account_id) -> tuple[VerdictCard, ...]       every person's, best first
coverage(account_id) -> tuple[RoleCover, ...]            buying roles covered and missing
lifecycle_history(contact_id=|account_id=) -> tuple[StageLine, ...]
verdicts_are_stale(today) -> bool                        a verdict is not of today, by an active version
choices() -> Choices                                     countries, industries for the filter row

A ListFilter's `criteria` is text in the language for who (panout.criteria); a wrong one raises CriteriaError.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from django.db import connection

from panout.criteria.dialects import POSTGRESQL
from panout.criteria.parse import parse
from panout.criteria.sql import Columns, SignalTable, condition
from panout.criteria.tree import fields
from panout.icp.models import IcpVersion
from panout.icp.queries import active
from panout.kernel.errors import BadInput
from panout.kernel.fields import CONTACT_FIELDS
from panout.kernel.lifecycle import Lifecycle
from panout.kernel.paging import COUNT_NO_FURTHER_THAN, Count, Mark, Slice, counted, keys_of, mark_of
from panout.qualify.models import LifecycleChange, Verdict
from panout.resolve.models import Account, Contact
from panout.resolve.queries import SHORT_WORD, Given, like_pattern, read, visible
from panout.sources.rules.text import fold
from panout.team.rules import Person

MOST_ROWS = 200
BUYING_ROLES = ("economic_buyer", "champion", "influencer", "gatekeeper", "decision_maker")


class Order(StrEnum):
    """What a list is sorted by."""

    NEWEST = "newest"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class ListFilter:
    """What a list shows; every empty field lets all through."""

    verdict: str = ""  # prospect, lead, disqualified
    text: str = ""  # words in names, domains, emails
    criteria: str = ""
    lifecycle: str = ""
    owner_id: int | None = None
    unowned: bool = False
    country: str = ""  # of the company
    industry: str = ""
    tag: str = ""
    import_id: int | None = None
    signal: str = ""  # a signal type
    order: Order = Order.NEWEST  # of accounts and contacts; prospects are by priority


@dataclass(frozen=True, slots=True)
class ProspectLine:
    """One line of the ranked list: who, where, how much, and why now."""

    verdict_id: int
    contact_id: int | None  # None: an account that has no contact yet
    account_id: int | None
    name: str
    title: str
    buying_role: str
    account: str
    domain: str
    country: str
    lifecycle: str
    owner_id: int | None
    owner: str
    priority: float
    fit: float | None
    intensity: float | None
    timing: float | None
    team: float | None
    known: float
    why_now: str
    missing: tuple[str, ...]
    disqualifier: str


@dataclass(frozen=True, slots=True)
class AccountLine:
    id: int
    name: str
    domain: str
    industry: str
    country: str
    employees: int | None
    lifecycle: str
    owner: str
    tags: tuple[str, ...]
    people: int
    verdict: str
    priority: float | None
    why_now: str
    last_signal: date | None
    place: str  # in the order of names


@dataclass(frozen=True, slots=True)
class ContactLine:
    id: int
    name: str
    title: str
    email: str
    account_id: int | None
    account: str
    country: str
    lifecycle: str
    owner: str
    labels: tuple[str, ...]
    verdict: str
    priority: float | None
    why_now: str
    place: str


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule of the profile and what it said; `held` is None where nothing was known."""

    axis: str
    rule: str
    points: float
    held: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class VerdictCard:
    """A verdict with all its reasons."""

    id: int
    contact_id: int | None
    account_id: int | None
    verdict: str
    priority: float
    fit: float | None
    intensity: float | None
    timing: float | None
    team: float | None
    known: float
    missing: tuple[str, ...]
    disqualifier: str
    why_now: str
    reasons: tuple[Reason, ...]
    icp: str
    icp_version: int
    scored_at: datetime


@dataclass(frozen=True, slots=True)
class RoleCover:
    """Who holds a buying role at an account; nobody: the role is missing."""

    role: str
    people: tuple[tuple[int, str], ...]  # contact id and name


@dataclass(frozen=True, slots=True)
class StageLine:
    at: datetime
    was: str
    now: str
    reason: str
    by: str
    exception: bool


@dataclass(frozen=True, slots=True)
class Tallies:
    """The book in figures. Accounts and contacts are the planner's estimate once they are many."""

    accounts: int
    contacts: int
    by_verdict: Mapping[str, Count]
    open_opportunities: Count


@dataclass(frozen=True, slots=True)
class Choices:
    """The commonest values, for the filter row."""

    countries: tuple[str, ...]
    industries: tuple[str, ...]


def prospects(
    asker: Person, asked: ListFilter, today: date, after: str = "", limit: int = 50
) -> Slice[ProspectLine]:
    """By priority, highest first."""
    where = _Where()
    _visible(where, asker, "coalesce(c.owner_id, a.owner_id)")
    where.add("v.verdict = %s", asked.verdict or "prospect")
    where.add("(v.contact_id IS NULL OR c.merged_into_id IS NULL)")
    where.add("(v.account_id IS NULL OR a.merged_into_id IS NULL)")
    _about_contacts(where, asked, today)
    if after:
        priority, last = keys_of(after, (float, int))
        where.add("(v.priority, v.id) < (%s, %s)", priority, last)
    lines = read(
        ProspectLine,
        f"""
        SELECT v.id AS verdict_id, v.contact_id, coalesce(c.account_id, v.account_id) AS account_id,
               coalesce(c.full_name, c.email, c.linkedin, '') AS name, coalesce(c.title, '') AS title,
               coalesce(c.buying_role, '') AS buying_role, coalesce(a.company_name, a.domain, '') AS account,
               coalesce(a.domain, '') AS domain, coalesce(a.country, c.person_country, '') AS country,
               coalesce(c.lifecycle, a.lifecycle) AS lifecycle, o.id AS owner_id,
               coalesce(o.name, '') AS owner,
               v.priority, v.fit, v.intensity, v.timing, v.team, v.known, coalesce(v.why_now, '') AS why_now,
               coalesce(v.missing, '{{}}') AS missing, coalesce(v.disqualifier, '') AS disqualifier
        FROM qualify_verdict v
        {_PROSPECT_JOINS}
        LEFT JOIN team_user o ON o.id = coalesce(c.owner_id, a.owner_id)
        WHERE {where.sql} ORDER BY v.priority DESC, v.id DESC LIMIT %s""",  # noqa: S608 - text of ours
        [*where.values, _limit(limit) + 1],
    )
    shown, more = lines[: _limit(limit)], len(lines) > _limit(limit)
    return Slice(shown, mark_of(shown[-1].priority, shown[-1].verdict_id) if more else "")


def accounts(
    asker: Person, asked: ListFilter, today: date, after: str = "", limit: int = 50
) -> Slice[AccountLine]:
    where = _accounts_where(asker, asked, today)
    name = "lower(coalesce(a.company_name, '~'))"
    order = _after(where, asked.order, after, name, "a.id")
    lines = read(
        AccountLine,
        f"""
        WITH page AS (
          SELECT a.* FROM resolve_account a WHERE {where.sql} ORDER BY {order} LIMIT %s)
        SELECT a.id, coalesce(a.company_name, a.domain, '') AS name, coalesce(a.domain, '') AS domain,
               coalesce(a.industry, '') AS industry, coalesce(a.country, '') AS country,
               a.employees, a.lifecycle,
               coalesce(o.name, '') AS owner, coalesce(a.tags, '{{}}') AS tags,
               (SELECT count(*) FROM resolve_contact c
                WHERE c.account_id = a.id AND c.merged_into_id IS NULL) AS people,
               coalesce(v.verdict, '') AS verdict, v.priority, coalesce(v.why_now, '') AS why_now,
               (SELECT max(date) FROM signals_signal s
                WHERE s.account_id = a.id AND s.dismissed_at IS NULL) AS last_signal,
               {name} AS place
        FROM page a
        LEFT JOIN team_user o ON o.id = a.owner_id
        LEFT JOIN LATERAL (SELECT verdict, priority, why_now FROM qualify_verdict v WHERE v.account_id = a.id
                           ORDER BY priority DESC LIMIT 1) v ON TRUE
        ORDER BY {order}""",  # noqa: S608
        [*where.values, _limit(limit) + 1],
    )
    shown, more = lines[: _limit(limit)], len(lines) > _limit(limit)
    return Slice(shown, _mark(asked.order, shown[-1].place, shown[-1].id) if more else "")


def contacts(
    asker: Person, asked: ListFilter, today: date, after: str = "", limit: int = 50
) -> Slice[ContactLine]:
    where = _contacts_where(asker, asked, today)
    name = "lower(coalesce(c.full_name, '~'))"
    order = _after(where, asked.order, after, name, "c.id")
    lines = read(
        ContactLine,
        f"""
        SELECT c.id, coalesce(c.full_name, c.email, c.linkedin, '') AS name, coalesce(c.title, '') AS title,
               coalesce(c.email, '') AS email, c.account_id,
               coalesce(a.company_name, a.domain, '') AS account,
               coalesce(a.country, c.person_country, '') AS country, c.lifecycle,
               coalesce(o.name, '') AS owner,
               coalesce(c.labels, '{{}}') AS labels, coalesce(v.verdict, '') AS verdict, v.priority,
               coalesce(v.why_now, '') AS why_now, {name} AS place
        FROM resolve_contact c
        LEFT JOIN resolve_account a ON a.id = c.account_id
        LEFT JOIN qualify_verdict v ON v.contact_id = c.id
        LEFT JOIN team_user o ON o.id = c.owner_id
        WHERE {where.sql} ORDER BY {order} LIMIT %s""",  # noqa: S608
        [*where.values, _limit(limit) + 1],
    )
    shown, more = lines[: _limit(limit)], len(lines) > _limit(limit)
    return Slice(shown, _mark(asked.order, shown[-1].place, shown[-1].id) if more else "")


def count_prospects(asker: Person, asked: ListFilter, today: date) -> Count:
    where = _Where()
    _visible(where, asker, "coalesce(c.owner_id, a.owner_id)")
    where.add("v.verdict = %s", asked.verdict or "prospect")
    where.add("(v.contact_id IS NULL OR c.merged_into_id IS NULL)")
    _about_contacts(where, asked, today)
    return _count(f"FROM qualify_verdict v {_PROSPECT_JOINS}", where)


def count_accounts(asker: Person, asked: ListFilter, today: date) -> Count:
    return _count("FROM resolve_account a", _accounts_where(asker, asked, today))


def count_contacts(asker: Person, asked: ListFilter, today: date) -> Count:
    return _count(
        "FROM resolve_contact c LEFT JOIN resolve_account a ON a.id = c.account_id"
        " LEFT JOIN qualify_verdict v ON v.contact_id = c.id",
        _contacts_where(asker, asked, today),
    )


def verdict_counts(asker: Person) -> Mapping[str, Count]:
    """How many prospects, leads and disqualified the asker sees, each counted no further than 10,000."""
    where = _Where()
    _visible(where, asker, "coalesce(c.owner_id, a.owner_id)")
    where.add("(v.contact_id IS NULL OR c.merged_into_id IS NULL)")
    words = ("prospect", "lead", "disqualified")
    parts = [
        f"SELECT '{word}' AS verdict, count(*) AS number FROM"  # noqa: S608
        f" (SELECT 1 FROM qualify_verdict v {_PROSPECT_JOINS}"
        f" WHERE v.verdict = '{word}' AND {where.sql} LIMIT {COUNT_NO_FURTHER_THAN}) found"
        for word in words
    ]
    found = read(_Tally, " UNION ALL ".join(parts), where.values * len(words))
    return {one.verdict: counted(one.number) for one in found}


def tallies() -> Tallies:
    """Five small counts, none of which reads the whole book."""
    by_verdict = {
        word: counted(len(Verdict.objects.filter(verdict=word).values_list("id")[:COUNT_NO_FURTHER_THAN]))
        for word in ("prospect", "lead", "disqualified")
    }
    opportunities = Contact.objects.filter(lifecycle=Lifecycle.OPPORTUNITY).values_list("id")
    return Tallies(
        _about("resolve_account"),
        _about("resolve_contact"),
        by_verdict,
        counted(len(opportunities[:COUNT_NO_FURTHER_THAN])),
    )


def verdict_of(*, contact_id: int | None = None, account_id: int | None = None) -> VerdictCard | None:
    """A contact's verdict; for an account its best one. None: not scored yet."""
    rows = Verdict.objects.select_related("icp_version__icp")
    rows = rows.filter(contact_id=contact_id) if contact_id is not None else rows.filter(account=account_id)
    row = rows.order_by("-priority").first()
    return _card(row) if row else None


def verdicts_at(account_id: int, limit: int = 50) -> tuple[VerdictCard, ...]:
    rows = Verdict.objects.select_related("icp_version__icp").filter(account_id=account_id)
    return tuple(_card(row) for row in rows.order_by("-priority")[:limit])


def coverage(account_id: int) -> tuple[RoleCover, ...]:
    """Each buying role and who holds it here."""
    held: dict[str, list[tuple[int, str]]] = {}
    people = Contact.objects.living().filter(account_id=account_id, buying_role__isnull=False).order_by("id")
    for row in people.only("id", "full_name", "email", "linkedin", "buying_role")[:500]:
        held.setdefault((row.buying_role or "").lower().replace(" ", "_"), []).append((row.pk, row.label))
    roles = (*BUYING_ROLES, *(role for role in held if role not in BUYING_ROLES))
    return tuple(RoleCover(role, tuple(held.get(role, ()))) for role in roles)


def lifecycle_history(
    *, contact_id: int | None = None, account_id: int | None = None
) -> tuple[StageLine, ...]:
    rows = LifecycleChange.objects.select_related("by").order_by("-at", "-id")
    rows = rows.filter(contact_id=contact_id) if contact_id is not None else rows.filter(account=account_id)
    return tuple(
        StageLine(row.at, row.was, row.now, row.reason, row.by.name if row.by else "", row.exception)
        for row in rows[:100]
    )


def verdicts_are_stale(today: date) -> bool:
    """Whether the active profiles have not judged everybody today: the oldest verdicts say so."""
    versions = [version.id for version in active()]
    if not versions:
        return False
    oldest = Verdict.objects.order_by("scored_at").first()
    if oldest is None:
        return Contact.objects.exists() or Account.objects.exists()
    other = Verdict.objects.exclude(icp_version__in=versions).exists()
    newer = IcpVersion.objects.filter(id__in=versions, activated_at__gt=oldest.scored_at).exists()
    return other or newer or oldest.scored_at.date() < today


def choices() -> Choices:
    """From the planner's statistics: exact enough for a menu, and free however large the book is."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname, most_common_vals::text::text[] FROM pg_stats"
            " WHERE tablename = 'resolve_account' AND attname IN ('country', 'industry')"
        )
        found = dict(cursor.fetchall())
    return Choices(
        tuple(sorted(found.get("country") or ())[:100]), tuple(sorted(found.get("industry") or ())[:100])
    )


_PROSPECT_JOINS = """
        LEFT JOIN resolve_contact c ON c.id = v.contact_id
        LEFT JOIN resolve_account a ON a.id = v.account_id"""


class _Where:
    """Conditions joined by AND, with their values in order."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.values: list[Given] = []

    def add(self, sql: str, *values: Given) -> None:
        self._parts.append(sql)
        self.values.extend(values)

    @property
    def sql(self) -> str:
        return " AND ".join(self._parts) or "TRUE"


def _visible(where: _Where, asker: Person, owner: str) -> None:
    seen, values = visible(asker, owner)
    where.add(seen, *values)


def _accounts_where(asker: Person, asked: ListFilter, today: date) -> _Where:
    where = _Where()
    where.add("a.merged_into_id IS NULL")
    _visible(where, asker, "a.owner_id")
    _words(where, asked.text, "a.search", "lower(coalesce(a.company_name, '~'))")
    _about_accounts(where, asked)
    if asked.lifecycle:
        where.add("a.lifecycle = %s", asked.lifecycle)
    if asked.tag:
        where.add("a.tags @> ARRAY[%s]::text[]", asked.tag)
    if asked.owner_id is not None:
        where.add("a.owner_id = %s", asked.owner_id)
    if asked.unowned:
        where.add("a.owner_id IS NULL")
    if asked.import_id is not None:
        where.add("EXISTS (SELECT FROM resolve_sighting g WHERE g.account_id = a.id AND g.batch_id = %s)",
                  asked.import_id)  # fmt: skip
    if asked.verdict:
        where.add(
            "EXISTS (SELECT FROM qualify_verdict v WHERE v.account_id = a.id AND v.verdict = %s)",
            asked.verdict,
        )
    if asked.signal:
        where.add(f"EXISTS ({_SIGNAL} s.account_id = a.id)", asked.signal)
    _criteria(where, asked.criteria, today, "a", "s.account_id = a.id")
    return where


def _contacts_where(asker: Person, asked: ListFilter, today: date) -> _Where:
    where = _Where()
    where.add("c.merged_into_id IS NULL")
    _visible(where, asker, "c.owner_id")
    if asked.verdict:
        where.add("v.verdict = %s", asked.verdict)
    _about_contacts(where, asked, today)
    return where


_SIGNAL = "SELECT FROM signals_signal s WHERE s.type = %s AND s.dismissed_at IS NULL AND"


def _about_contacts(where: _Where, asked: ListFilter, today: date) -> None:
    """Conditions on a contact `c` and its account `a`."""
    _words(where, asked.text, "c.search", "lower(coalesce(c.full_name, '~'))")
    _about_accounts(where, asked)
    if asked.lifecycle:
        where.add("c.lifecycle = %s", asked.lifecycle)
    if asked.tag:
        where.add("(c.labels @> ARRAY[%s]::text[] OR a.tags @> ARRAY[%s]::text[])", asked.tag, asked.tag)
    if asked.owner_id is not None:
        where.add("c.owner_id = %s", asked.owner_id)
    if asked.unowned:
        where.add("c.owner_id IS NULL")
    if asked.import_id is not None:
        where.add("EXISTS (SELECT FROM resolve_sighting g WHERE g.contact_id = c.id AND g.batch_id = %s)",
                  asked.import_id)  # fmt: skip
    if asked.signal:
        where.add(f"EXISTS ({_SIGNAL} (s.account_id = a.id OR s.contact_id = c.id))", asked.signal)
    _criteria(where, asked.criteria, today, "a", "(s.account_id = a.id OR s.contact_id = c.id)", contact="c")


def _about_accounts(where: _Where, asked: ListFilter) -> None:
    if asked.country:
        where.add("a.country = %s", asked.country.upper())
    if asked.industry:
        where.add("lower(a.industry) = %s", asked.industry.lower())


def _words(where: _Where, text: str, column: str, name: str) -> None:
    words = fold(text)[:200].split()
    if len("".join(words)) > SHORT_WORD:
        for word in words:
            where.add(f"{column} LIKE %s", like_pattern(word))
    elif words:
        start = text.strip().lower()
        where.add(f"{name} >= %s AND {name} < %s", start, start + "\U0010ffff")


def _criteria(where: _Where, text: str, today: date, account: str, signals: str, contact: str = "") -> None:
    if not text.strip():
        return
    tree = parse(text)
    owners = tuple(f"{alias}.custom" for alias in (contact, account) if alias)
    columns = Columns(account, contact or account, "", owners, SignalTable("signals_signal", signals))
    if not contact and any(field in _PERSONAL for field in fields(tree)):
        raise BadInput(
            "This speaks of a person, and accounts are listed here.",
            where="criteria",
            mend="Ask for it in the list of contacts.",
        )
    where.add(condition(tree, POSTGRESQL, today, columns).replace("%", "%%"))


_PERSONAL = frozenset(field.name for field in CONTACT_FIELDS)


def _after(where: _Where, order: Order, after: str, name: str, row_id: str) -> str:
    """Adds the condition that starts after the mark; returns the ORDER BY."""
    if order == Order.NAME:
        if after:
            text, last = keys_of(after, (str, int))
            where.add(f"({name}, {row_id}) > (%s, %s)", text, last)
        return f"{name}, {row_id}"
    if after:
        (last,) = keys_of(after, (int,))
        where.add(f"{row_id} < %s", last)
    return f"{row_id} DESC"


def _mark(order: Order, name: object, row_id: int) -> str:
    keys: tuple[Mark, ...] = (str(name), row_id) if order == Order.NAME else (row_id,)
    return mark_of(*keys)


def _limit(limit: int) -> int:
    return max(1, min(limit, MOST_ROWS))


@dataclass(frozen=True, slots=True)
class _Number:
    number: int


@dataclass(frozen=True, slots=True)
class _Tally:
    verdict: str
    number: int


def _count(source: str, where: _Where) -> Count:
    some = f"SELECT 1 {source} WHERE {where.sql} LIMIT {COUNT_NO_FURTHER_THAN}"
    return counted(read(_Number, f"SELECT count(*) AS number FROM ({some}) found", where.values)[0].number)  # noqa: S608


def _about(table: str) -> int:
    """Exact while it is small, else the planner's estimate."""
    where = _Where()
    where.add("merged_into_id IS NULL")
    exact = _count(f"FROM {table}", where)
    if not exact.capped:
        return exact.number
    guess = read(
        _Number, "SELECT reltuples::bigint AS number FROM pg_class WHERE oid = %s::regclass", [table]
    )
    return max(exact.number, guess[0].number)


def _card(row: Verdict) -> VerdictCard:
    return VerdictCard(
        row.pk,
        row.contact_id,
        row.account_id,
        row.verdict,
        row.priority,
        row.fit,
        row.intensity,
        row.timing,
        row.team,
        row.known,
        tuple(row.missing or ()),
        row.disqualifier or "",
        row.why_now or "",
        tuple(
            Reason(
                str(told.get("axis", "")),
                str(told.get("rule", "")),
                float(told.get("points") or 0),
                told.get("held"),
                str(told.get("text", "")),
            )
            for told in row.reasons
        ),
        row.icp_version.icp.name,
        row.icp_version.number,
        row.scored_at,
    )
