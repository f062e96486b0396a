"""The lists of the book, sorted by verdict, and everything a page asks about a verdict.

prospects(asker, ListFilter, today, after, limit) -> Slice[ProspectLine]   ranked; `verdict` picks the tab
accounts(asker, ListFilter, today, after, limit) -> Slice[AccountLine]
contacts(asker, ListFilter, today, after, limit) -> Slice[ContactLine]
count_prospects / count_accounts / count_contacts(asker, ListFilter, today) -> Count    no further than it costs little
tallies() -> Tallies                                     the book in figures
matching(asker, what, ListFilter, today, most) -> Matching   the ids of all that a list shows
verdict_counts(asker) -> {verdict: Count}                of what the asker sees, in one look
verdict_of(contact_id=|account_id=) -> VerdictCard | None
coverage(account_id) -> tuple[RoleCover, ...]            buying roles covered and missing
lifecycle_history(contact_id=|account_id=) -> tuple[StageLine, ...]
verdicts_are_stale(today) -> bool                        a verdict is not of today, by an active version
choices() -> Choices                                     countries, industries, signals, tags for the filter row

A list is looked at twice at most. First along its order, among the next few thousand: what many match is found at
once. When few of those match, from the filter's side, by its own indexes. Neither reads the whole book.

A ListFilter's `criteria` is text in the language for who (panout.criteria); a wrong one raises CriteriaError.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Protocol, TypedDict

from django.db import connection
from django.db.models import F

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
from panout.signals.queries import TYPES_THAT_OCCUR
from panout.sources.rules.text import fold
from panout.team.rules import Person, Sees

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

    @property
    def of_person(self) -> bool:
        """Whether only somebody can match, and no company without people."""
        return bool(self.text or self.lifecycle) or self.owner_id is not None or self.import_id is not None


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
    """What the filter row offers: the commonest countries and industries, the signals and tags that occur."""

    countries: tuple[str, ...] = ()
    industries: tuple[str, ...] = ()
    signals: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()


def prospects(
    asker: Person, asked: ListFilter, today: date, after: str = "", limit: int = 50, *, count: bool = False
) -> Slice[ProspectLine]:
    """By priority, highest first."""
    start = _of_verdict(asked)
    if after:
        priority, last = keys_of(after, (float, int))
        start.add("(v.priority, v.id) < (%s, %s)", priority, last)
    found = _look(_RANKED, start, _prospects_where, (asker, asked, today), _limit(limit), count=count)
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
        FROM qualify_verdict v {_RANKED.joins}
        LEFT JOIN team_user o ON o.id = coalesce(c.owner_id, a.owner_id)
        WHERE v.id = ANY(%s) ORDER BY v.priority DESC, v.id DESC""",
        [found.ids],
    )
    mark = mark_of(lines[-1].priority, lines[-1].verdict_id) if lines and found.more else ""
    return Slice(lines, mark, found.count)


def accounts(
    asker: Person, asked: ListFilter, today: date, after: str = "", limit: int = 50, *, count: bool = False
) -> Slice[AccountLine]:
    walk = _by_order("a", asked.order)
    start = _living(walk, after, asked.order)
    found = _look(walk, start, _accounts_where, (asker, asked, today), _limit(limit), count=count)
    lines = read(
        AccountLine,
        f"""
        SELECT a.id, coalesce(a.company_name, a.domain, '') AS name, coalesce(a.domain, '') AS domain,
               coalesce(a.industry, '') AS industry, coalesce(a.country, '') AS country,
               a.employees, a.lifecycle,
               coalesce(o.name, '') AS owner, coalesce(a.tags, '{{}}') AS tags,
               (SELECT count(*) FROM resolve_contact c
                WHERE c.account_id = a.id AND c.merged_into_id IS NULL) AS people,
               coalesce(v.verdict, '') AS verdict, v.priority, coalesce(v.why_now, '') AS why_now,
               (SELECT max(date) FROM signals_signal s
                WHERE s.account_id = a.id AND s.dismissed_at IS NULL) AS last_signal,
               {_NAMES["a"]} AS place
        FROM resolve_account a
        LEFT JOIN team_user o ON o.id = a.owner_id
        LEFT JOIN LATERAL (SELECT verdict, priority, why_now FROM qualify_verdict v WHERE v.account_id = a.id
                           ORDER BY priority DESC LIMIT 1) v ON TRUE
        WHERE a.id = ANY(%s) ORDER BY {walk.order}""",
        [found.ids],
    )
    mark = _mark(asked.order, lines[-1].place, lines[-1].id) if lines and found.more else ""
    return Slice(lines, mark, found.count)


def contacts(
    asker: Person, asked: ListFilter, today: date, after: str = "", limit: int = 50, *, count: bool = False
) -> Slice[ContactLine]:
    walk = _by_order("c", asked.order)
    start = _living(walk, after, asked.order)
    found = _look(walk, start, _contacts_where, (asker, asked, today), _limit(limit), count=count)
    lines = read(
        ContactLine,
        f"""
        SELECT c.id, coalesce(c.full_name, c.email, c.linkedin, '') AS name, coalesce(c.title, '') AS title,
               coalesce(c.email, '') AS email, c.account_id,
               coalesce(a.company_name, a.domain, '') AS account,
               coalesce(a.country, c.person_country, '') AS country, c.lifecycle,
               coalesce(o.name, '') AS owner,
               coalesce(c.labels, '{{}}') AS labels, coalesce(v.verdict, '') AS verdict, v.priority,
               coalesce(v.why_now, '') AS why_now, {_NAMES["c"]} AS place
        FROM resolve_contact c {walk.joins}
        LEFT JOIN qualify_verdict v ON v.contact_id = c.id
        LEFT JOIN team_user o ON o.id = c.owner_id
        WHERE c.id = ANY(%s) ORDER BY {walk.order}""",
        [found.ids],
    )
    mark = _mark(asked.order, lines[-1].place, lines[-1].id) if lines and found.more else ""
    return Slice(lines, mark, found.count)


def count_prospects(asker: Person, asked: ListFilter, today: date) -> Count:
    return _count(_RANKED, _of_verdict(asked), _prospects_where, (asker, asked, today))


def count_accounts(asker: Person, asked: ListFilter, today: date) -> Count:
    walk = _by_order("a", Order.NEWEST)
    return _count(walk, _living(walk), _accounts_where, (asker, asked, today))


def count_contacts(asker: Person, asked: ListFilter, today: date) -> Count:
    walk = _by_order("c", Order.NEWEST)
    return _count(walk, _living(walk), _contacts_where, (asker, asked, today))


@dataclass(frozen=True, slots=True)
class Matching:
    """Everybody that a list shows, by number, in order."""

    accounts: tuple[int, ...]
    contacts: tuple[int, ...]

    @property
    def total(self) -> int:
        return len(self.accounts) + len(self.contacts)


def matching(asker: Person, what: str, asked: ListFilter, today: date, most: int) -> Matching:
    """All that `what` (prospects, accounts, contacts) lists for this filter, `most` of each kind at most."""
    match what:
        case "accounts":
            walk = _by_order("a", Order.NEWEST)
            where = _living(walk)
            where.join(_accounts_where(asker, asked, today, walking=False))
            return Matching(_ids("a.id", walk, where, most), ())
        case "contacts":
            walk = _by_order("c", Order.NEWEST)
            where = _living(walk)
            where.join(_contacts_where(asker, asked, today, walking=False))
            return Matching((), _ids("c.id", walk, where, most))
        case "prospects":
            where, lone = _of_verdict(asked), _of_verdict(asked)
            for one in (where, lone):
                one.join(_prospects_where(asker, asked, today, walking=False))
            lone.add("v.contact_id IS NULL")
            where.add("v.contact_id IS NOT NULL")
            return Matching(
                _ids("v.account_id", _RANKED, lone, most), _ids("v.contact_id", _RANKED, where, most)
            )
        case _:
            raise BadInput(f"There is no list '{what[:30]}'.", where="what")


def verdict_counts(asker: Person) -> Mapping[str, Count]:
    """How many prospects, leads and disqualified the asker sees.

    Who sees everybody is counted along the index, less those that were merged away. For others each of the best
    few thousand is looked at.
    """
    if asker.sees == Sees.ALL:
        parts = [
            f"SELECT '{word}' AS verdict, (SELECT count(*) FROM (SELECT 1 FROM qualify_verdict v"
            f" WHERE v.verdict = '{word}' LIMIT {COUNT_NO_FURTHER_THAN}) looked) AS examined,"
            " (SELECT count(*) FROM qualify_verdict v JOIN resolve_contact c ON c.id = v.contact_id"
            f" WHERE c.merged_into_id IS NOT NULL AND v.verdict = '{word}') AS gone"
            for word in _TABS
        ]
        whole = read(_Tally, " UNION ALL ".join(parts), [])
        return {
            one.verdict: counted(one.examined)
            if one.examined >= COUNT_NO_FURTHER_THAN
            else counted(max(0, one.examined - one.gone))
            for one in whole
        }
    where = _prospects_where(asker, ListFilter(), date.min, walking=True)
    walks = {word: _RANKED.walked(f"v.verdict = '{word}'", _TABS_WALK) for word in _TABS}
    parts = [
        f"SELECT '{word}' AS verdict, count(*) AS examined, count(*) FILTER (WHERE NOT seen) AS gone"
        f" FROM (SELECT ({where.sql}) AS seen FROM {walk} {_RANKED.joins}) one"
        for word, walk in walks.items()
    ]
    found = read(_Tally, " UNION ALL ".join(parts), where.values * len(_TABS))
    return {one.verdict: Count(one.examined - one.gone, capped=one.examined >= _TABS_WALK) for one in found}


def tallies() -> Tallies:
    """Five small counts, none of which reads the whole book."""
    by_verdict = {
        word: counted(len(Verdict.objects.filter(verdict=word).values_list("id")[:COUNT_NO_FURTHER_THAN]))
        for word in _TABS
    }
    opportunities = Contact.objects.living().filter(lifecycle=Lifecycle.OPPORTUNITY).values_list("id")
    return Tallies(
        _about("resolve_account"),
        _about("resolve_contact"),
        by_verdict,
        counted(len(opportunities[:COUNT_NO_FURTHER_THAN])),
    )


def verdict_of(*, contact_id: int | None = None, account_id: int | None = None) -> VerdictCard | None:
    """A contact's verdict; for an account its best one. None: not scored yet."""
    rows = Verdict.objects.select_related("icp_version__icp").annotate(reasons=F("explanation__reasons"))
    rows = rows.filter(contact_id=contact_id) if contact_id is not None else rows.filter(account=account_id)
    row = rows.order_by("-priority").first()
    return _card(row, _reasons(row.reasons or ())) if row else None


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
    """Countries and industries from the planner's statistics: exact enough for a menu, and free in any book."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT attname::text, most_common_vals::text::text[] FROM pg_stats"
            " WHERE tablename = 'resolve_account' AND attname IN ('country', 'industry')"
            f" UNION ALL SELECT 'signal', array_agg(type) FROM ({TYPES_THAT_OCCUR}) s"
            " UNION ALL SELECT 'tag', array_agg(name ORDER BY name) FROM (SELECT name FROM resolve_tag LIMIT 1000) t"
        )
        found = dict(cursor.fetchall())
    countries, industries, signals, tags = (
        tuple(sorted(found.get(name) or ())) for name in ("country", "industry", "signal", "tag")
    )
    return Choices(countries[:100], industries[:100], signals, tags)


@dataclass(frozen=True, slots=True)
class _Walk:
    """A list in its order.

    `columns` is all that is read of each row on the way: of verdicts, what their index holds.
    """

    table: str
    alias: str
    order: str
    columns: str
    joins: str

    def walked(self, start: str, most: int) -> str:
        """The next so many rows along the order."""
        return (
            f"(SELECT {self.columns}, row_number() OVER (ORDER BY {self.order}) AS step"
            f" FROM {self.table} {self.alias} WHERE {start} ORDER BY {self.order} LIMIT {most}) {self.alias}"
        )

    @property
    def whole(self) -> str:
        """All rows with what is joined to them."""
        return f"{self.table} {self.alias} {self.joins}"


_NAMES = {"a": "lower(coalesce(a.company_name, '~'))", "c": "lower(coalesce(c.full_name, '~'))"}
_RANKED = _Walk(
    "qualify_verdict",
    "v",
    "v.priority DESC, v.id DESC",
    "v.id, v.priority, v.contact_id, v.account_id",
    "LEFT JOIN resolve_contact c ON c.id = v.contact_id LEFT JOIN resolve_account a ON a.id = v.account_id",
)
_TABS = ("prospect", "lead", "disqualified")
_WALK = 4_000  # rows looked at along the order
_TABS_WALK = 2_000
_MANY = 50  # of a walk: so many are found along the order, and nobody needs their exact number


def _by_order(alias: str, order: Order) -> _Walk:
    """Accounts `a` or contacts `c`, newest first or by name."""
    by = f"{_NAMES[alias]}, {alias}.id" if order == Order.NAME else f"{alias}.id DESC"
    if alias == "a":
        return _Walk("resolve_account", alias, by, "a.*", "")
    joins = "LEFT JOIN resolve_account a ON a.id = c.account_id"
    return _Walk("resolve_contact", alias, by, "c.*", joins)


@dataclass(frozen=True, slots=True)
class _Found:
    """The rows to show, in order, whether more follow, and how many there are if that was asked."""

    ids: list[int]
    more: bool
    count: Count | None


_Asking = tuple[Person, ListFilter, date]


class _Conditions(Protocol):
    """What a list asks of each row: along the order, or from the filter's side."""

    def __call__(self, asker: Person, asked: ListFilter, today: date, *, walking: bool) -> _Where:
        """The conditions."""


def _look(
    walk: _Walk, start: _Where, conditions: _Conditions, asking: _Asking, limit: int, *, count: bool
) -> _Found:
    near = conditions(*asking, walking=True)
    if count and near.narrows:
        walked = _walk(walk, start, near)
        if walked.examined < _WALK or len(walked.found) > limit:
            return _found(walked.found, limit, Count(len(walked.found), capped=walked.examined >= _WALK))
    else:
        sql = f"SELECT {walk.alias}.id AS number FROM {walk.walked(start.sql, _WALK)} {walk.joins} WHERE {near.sql}"
        lines = read(
            _Number, f"{sql} ORDER BY {walk.order} LIMIT %s", [*start.values, *near.values, limit + 1]
        )
        if len(lines) > limit or not near.narrows:
            number = _count_to_bound(walk, start, near) if count else None
            return _found(tuple(one.number for one in lines), limit, number)
    far = conditions(*asking, walking=False)
    most = COUNT_NO_FURTHER_THAN if count else limit + 1
    # First found, then sorted: few match, and to walk on along the order would be to read everybody.
    every = read(
        _Number,
        f"WITH found AS MATERIALIZED (SELECT {walk.alias}.id, row_number() OVER (ORDER BY {walk.order}) AS step"
        f" FROM {walk.whole} WHERE {start.sql} AND {far.sql})"
        f" SELECT id AS number FROM found ORDER BY step LIMIT {most}",
        [*start.values, *far.values],
    )
    return _found(tuple(one.number for one in every), limit, counted(len(every)) if count else None)


def _found(ids: tuple[int, ...], limit: int, count: Count | None) -> _Found:
    return _Found(list(ids[:limit]), len(ids) > limit, count)


def _walk(walk: _Walk, start: _Where, near: _Where) -> _Walked:
    """Everybody among the next few thousand who meets the conditions, in order."""
    return read(
        _Walked,
        "SELECT count(*) AS examined, coalesce(array_agg(id ORDER BY step) FILTER (WHERE fits), '{}') AS found FROM"
        f" (SELECT {walk.alias}.id, {walk.alias}.step, ({near.sql}) AS fits"
        f" FROM {walk.walked(start.sql, _WALK)} {walk.joins}) one",
        [*near.values, *start.values],
    )[0]


class _Where:
    """Conditions joined by AND, with their values in order."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self.values: list[Given] = []

    def add(self, sql: str, *values: Given) -> None:
        self._parts.append(sql)
        self.values.extend(values)

    def join(self, others: _Where) -> None:
        self._parts += others._parts
        self.values += others.values

    @property
    def sql(self) -> str:
        return " AND ".join(self._parts) or "TRUE"

    @property
    def narrows(self) -> bool:
        """Whether it asks for more than that records were not merged away."""
        plain = ("TRUE", "c.id IS NOT NULL")
        return any(part not in plain and "merged_into_id" not in part for part in self._parts)


def _visible(where: _Where, asker: Person, owner: str, asked: ListFilter) -> None:
    """Whose records are asked for is one question to the whole list: what is nobody's to see is not looked for."""
    seen, values = visible(asker, owner if asked.owner_id is None else str(int(asked.owner_id)))
    where.add(seen, *values)


def _of_verdict(asked: ListFilter) -> _Where:
    where = _Where()
    where.add("v.verdict = %s", _tab(asked))
    return where


def _tab(asked: ListFilter) -> str:
    if asked.verdict and asked.verdict not in _TABS:
        raise BadInput(
            f"There is no verdict '{asked.verdict[:30]}'.",
            where="verdict",
            mend=f"One of {', '.join(_TABS)}.",
        )
    return asked.verdict or "prospect"


def _living(walk: _Walk, after: str = "", order: Order = Order.NEWEST) -> _Where:
    """Records that were not merged away, those after the mark."""
    where, alias = _Where(), walk.alias
    where.add(f"{alias}.merged_into_id IS NULL")
    if after and order == Order.NAME:
        text, last = keys_of(after, (str, int))
        where.add(f"({_NAMES[alias]}, {alias}.id) > (%s, %s)", text, last)
    elif after:
        (last,) = keys_of(after, (int,))
        where.add(f"{alias}.id < %s", last)
    return where


def _prospects_where(asker: Person, asked: ListFilter, today: date, *, walking: bool) -> _Where:
    where = _Where()
    _visible(where, asker, "coalesce(c.owner_id, a.owner_id)", asked)
    if asked.of_person:  # said plainly, an index of the living answers without reading anybody
        where.add("c.id IS NOT NULL")
        where.add("c.merged_into_id IS NULL")
    else:
        where.add("(v.contact_id IS NULL OR c.merged_into_id IS NULL)")
    where.add("(v.account_id IS NULL OR a.merged_into_id IS NULL)")
    alike = f"SELECT w.id FROM qualify_verdict w WHERE w.verdict = '{_tab(asked)}'"
    of_either = (
        f"v.id IN ({alike} AND w.account_id IN ({{accounts}})"
        f" UNION ALL {alike} AND w.contact_id IN ({{contacts}}))"
    )
    _about_contacts(where, asked, today, "" if walking else of_either)
    return where


def _accounts_where(
    asker: Person,
    asked: ListFilter,
    today: date,
    *,
    walking: bool,  # noqa: ARG001 - one wording serves both ways
) -> _Where:
    where = _Where()
    _visible(where, asker, "a.owner_id", asked)
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


def _contacts_where(asker: Person, asked: ListFilter, today: date, *, walking: bool) -> _Where:
    where = _Where()
    _visible(where, asker, "c.owner_id", asked)
    if asked.verdict:
        where.add(
            "EXISTS (SELECT FROM qualify_verdict v WHERE v.contact_id = c.id AND v.verdict = %s)",
            asked.verdict,
        )
    of_either = (
        "c.id IN (SELECT k.id FROM resolve_contact k WHERE k.account_id IN ({accounts}) UNION ALL {contacts})"
    )
    _about_contacts(where, asked, today, "" if walking else of_either)
    return where


_SIGNAL = "SELECT FROM signals_signal s WHERE s.type = %s AND s.dismissed_at IS NULL AND"


def _about_contacts(where: _Where, asked: ListFilter, today: date, of_either: str) -> None:
    """Conditions on a contact `c` and its account `a`.

    What may be said of the one or the other is asked row by row; where `of_either` is given, by gathering both.
    """
    _words(where, asked.text, "c.search", "lower(coalesce(c.full_name, '~'))")
    _about_accounts(where, asked)
    if asked.lifecycle:
        where.add("c.lifecycle = %s", asked.lifecycle)
    if asked.tag and of_either:
        tagged = of_either.format(
            accounts="SELECT id FROM resolve_account WHERE tags @> ARRAY[%s]::text[]",
            contacts="SELECT id FROM resolve_contact WHERE labels @> ARRAY[%s]::text[]",
        )
        where.add(tagged, asked.tag, asked.tag)
    elif asked.tag:
        where.add("(c.labels @> ARRAY[%s]::text[] OR a.tags @> ARRAY[%s]::text[])", asked.tag, asked.tag)
    if asked.owner_id is not None:
        where.add("c.owner_id = %s", asked.owner_id)
    if asked.unowned:
        where.add("c.owner_id IS NULL")
    if asked.import_id is not None:
        where.add("EXISTS (SELECT FROM resolve_sighting g WHERE g.contact_id = c.id AND g.batch_id = %s)",
                  asked.import_id)  # fmt: skip
    if asked.signal and of_either:
        told = "SELECT s.{0} FROM signals_signal s WHERE s.type = %s AND s.dismissed_at IS NULL AND s.{0} IS NOT NULL"
        of_signal = of_either.format(accounts=told.format("account_id"), contacts=told.format("contact_id"))
        where.add(of_signal, asked.signal, asked.signal)
    elif asked.signal:
        where.add(
            f"(EXISTS ({_SIGNAL} s.account_id = a.id) OR EXISTS ({_SIGNAL} s.contact_id = c.id))",
            asked.signal,
            asked.signal,
        )
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
    examined: int
    gone: int


@dataclass(frozen=True, slots=True)
class _Walked:
    examined: int
    found: tuple[int, ...]


def _count(walk: _Walk, start: _Where, conditions: _Conditions, asking: _Asking) -> Count:
    """Exact when the walk sees all or few match; "312+" when many do."""
    near = conditions(*asking, walking=True)
    if not near.narrows:
        return _count_to_bound(walk, start, near)
    walked = _walk(walk, start, near)
    if walked.examined < _WALK or len(walked.found) >= _MANY:
        return Count(len(walked.found), capped=walked.examined >= _WALK)
    return _count_to_bound(walk, start, conditions(*asking, walking=False))


def _count_to_bound(walk: _Walk, start: _Where, where: _Where) -> Count:
    some = f"SELECT 1 FROM {walk.whole} WHERE {start.sql} AND {where.sql} LIMIT {COUNT_NO_FURTHER_THAN}"
    values = [*start.values, *where.values]
    return counted(read(_Number, f"SELECT count(*) AS number FROM ({some}) found", values)[0].number)


def _ids(column: str, walk: _Walk, where: _Where, most: int) -> tuple[int, ...]:
    sql = f"SELECT {column} AS number FROM {walk.whole} WHERE {where.sql} ORDER BY 1 LIMIT {int(most)}"
    return tuple(one.number for one in read(_Number, sql, where.values))


def _about(table: str) -> int:
    """Exact while it is small, else the planner's estimate."""
    some = f"SELECT 1 FROM {table} WHERE merged_into_id IS NULL LIMIT {COUNT_NO_FURTHER_THAN}"
    exact = counted(read(_Number, f"SELECT count(*) AS number FROM ({some}) found", [])[0].number)
    if not exact.capped:
        return exact.number
    guess = read(
        _Number, "SELECT reltuples::bigint AS number FROM pg_class WHERE oid = %s::regclass", [table]
    )
    return max(exact.number, guess[0].number)


def _card(row: Verdict, reasons: tuple[Reason, ...]) -> VerdictCard:
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
        reasons,
        row.icp_version.icp.name,
        row.icp_version.number,
        row.scored_at,
    )


def _reasons(kept: Iterable[_Kept]) -> tuple[Reason, ...]:
    return tuple(
        Reason(
            str(told.get("axis", "")),
            str(told.get("rule", "")),
            float(told.get("points") or 0),
            told.get("held"),
            str(told.get("text", "")),
        )
        for told in kept
    )


class _Kept(TypedDict, total=False):
    """A reason as an explanation keeps it."""

    axis: str
    rule: str
    points: float
    held: bool | None
    text: str
