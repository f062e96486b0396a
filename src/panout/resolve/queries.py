"""Questions about accounts and contacts that need nothing from further down the line.

account_card(asker, account_id) -> AccountCard           raises NotFound; a merged one answers with its keeper
contact_card(asker, contact_id) -> ContactCard
stages_of(asker, contact_ids) -> {id: Lifecycle}
people_of(asker, account_id, limit) -> People             those with a buying role first, every role among them
timeline(account_id=|contact_id=, after, limit) -> Slice[ActivityLine]      newest first
notes(account_id=|contact_id=) -> tuple[NoteLine, ...]
provenance(account_id=|contact_id=) -> tuple[SightingLine, ...]  which rows of which imports spoke of it
aliases(account_id=|contact_id=) -> tuple[AliasLine, ...]
search(asker, text, limit) -> Hits                       names, domains, emails; forgives a typo
tags() -> tuple[str, ...]
taught(kind) -> Taught                                   what the answers so far have taught about accounts or contacts
open_pairs(asker, after, limit) -> Slice[PairLine], pair(asker, match_id) -> Pair, open_pairs_count() -> Count
merges(account_id=|contact_id=) -> tuple[MergeLine, ...]  those that can still be undone

The lists of accounts and contacts themselves are in `qualify.queries`: they are sorted by verdict.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import TypeVar

from django.db import connection
from django.db.models import Q, QuerySet

from panout.kernel.errors import NotFound
from panout.kernel.fields import ACCOUNT_FIELDS, CONTACT_FIELDS, Field
from panout.kernel.lifecycle import Lifecycle
from panout.kernel.paging import COUNT_NO_FURTHER_THAN, Count, Slice, counted, keys_of, mark_of
from panout.resolve.models import (
    Account,
    Activity,
    Contact,
    Identifier,
    Match,
    MatchState,
    Merge,
    Note,
    Sighting,
    Tag,
)
from panout.resolve.rules.answers import Answered, corrected, correction, thresholds
from panout.resolve.rules.model import Thresholds
from panout.sources.rules.text import fold
from panout.team.models import User
from panout.team.rules import Person, Sees

T = TypeVar("T")
Given = str | int | float | bool | date | list[int] | list[str] | None  # what a query may be given
Value = str | int | float | bool | date | tuple[str, ...] | None
MOST_PEOPLE = 100  # on an account's page
SHORT_WORD = 2  # letters; shorter than a trigram is looked up by prefix
_HITS_RANKED = 300  # of all that match, the newest so many are put in order of likeness


@dataclass(frozen=True, slots=True)
class FieldValue:
    """One field of a record under its label."""

    name: str
    label: str
    value: Value
    typed: bool  # by a person: imports leave it alone


@dataclass(frozen=True, slots=True)
class AccountCard:
    """An account as its page shows it."""

    id: int
    label: str
    domain: str
    lifecycle: Lifecycle
    owner_id: int | None
    owner: str
    tags: tuple[str, ...]
    fields: tuple[FieldValue, ...]  # every catalogue field, known or not
    custom: Mapping[str, object]
    version: int
    created_at: datetime
    changed_at: datetime
    touched_at: datetime | None
    made_by_import: int | None


@dataclass(frozen=True, slots=True)
class ContactCard:
    """A person as their page shows them."""

    id: int
    label: str
    title: str
    email: str
    account_id: int | None
    account: str
    lifecycle: Lifecycle
    parked_until: date | None
    owner_id: int | None
    owner: str
    labels: tuple[str, ...]
    fields: tuple[FieldValue, ...]
    custom: Mapping[str, object]
    version: int
    created_at: datetime
    changed_at: datetime
    touched_at: datetime | None
    made_by_import: int | None


@dataclass(frozen=True, slots=True)
class PersonLine:
    """Somebody at an account."""

    id: int
    label: str
    title: str
    buying_role: str
    seniority: str
    email: str
    lifecycle: Lifecycle
    last_contacted: date | None


@dataclass(frozen=True, slots=True)
class People:
    """Somebody or everybody at an account, and how many there are."""

    lines: tuple[PersonLine, ...]
    number: int


@dataclass(frozen=True, slots=True)
class ActivityLine:
    id: int
    at: datetime
    kind: str
    channel: str
    text: str
    link: str
    actor: str
    contact_id: int | None
    contact: str


@dataclass(frozen=True, slots=True)
class NoteLine:
    id: int
    text: str
    author: str
    author_id: int | None
    at: datetime


@dataclass(frozen=True, slots=True)
class SightingLine:
    """A row of an import that spoke of a record."""

    import_id: int
    list: str
    row: int
    at: datetime


@dataclass(frozen=True, slots=True)
class AliasLine:
    kind: str
    value: str
    source: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found. `kind` is account or contact."""

    kind: str
    id: int
    label: str
    detail: str
    likeness: float


@dataclass(frozen=True, slots=True)
class Hits:
    accounts: tuple[Hit, ...]
    contacts: tuple[Hit, ...]
    account_count: Count
    contact_count: Count
    forgiving: bool  # nothing matched to the letter: these are near


@dataclass(frozen=True, slots=True)
class PairLine:
    id: int
    kind: str
    left: str
    right: str
    probability: float


@dataclass(frozen=True, slots=True)
class PairField:
    """One field of a doubtful pair, side by side."""

    name: str
    label: str
    left: Value
    right: Value

    @property
    def agrees(self) -> bool | None:
        """None where one side is unknown."""
        if self.left is None or self.right is None:
            return None
        return self.left == self.right


@dataclass(frozen=True, slots=True)
class Pair:
    """A doubtful pair for the review page; fields that neither side knows are left out."""

    id: int
    kind: str
    left_id: int
    right_id: int
    left: str
    right: str
    probability: float
    state: str
    reasons: tuple[Mapping[str, object], ...]
    fields: tuple[PairField, ...]


@dataclass(frozen=True, slots=True)
class MergeLine:
    id: int
    kept: str
    gone: str
    reason: str
    at: datetime
    by: str


def account_card(asker: Person, account_id: int) -> AccountCard:
    """Raises NotFound also for what the asker may not see. A merged account answers with its keeper."""
    row = Account.objects.select_related("owner").filter(id=account_id).first()
    if row is None or not sees(asker, row.owner):
        raise NotFound("There is no such account.", mend="It may have been removed by the undo of an import.")
    if row.merged_into_id is not None:
        return account_card(asker, row.merged_into_id)
    return AccountCard(
        row.pk,
        row.label,
        row.domain or "",
        Lifecycle(row.lifecycle),
        row.owner_id,
        row.owner.name if row.owner else "",
        tuple(row.tags or ()),
        _fields(row, ACCOUNT_FIELDS, row.touched_fields),
        row.custom,
        row.version,
        row.created_at,
        row.changed_at,
        row.touched_at,
        row.made_by_id,
    )


def contact_card(asker: Person, contact_id: int) -> ContactCard:
    """As `account_card`, for a person."""
    row = Contact.objects.select_related("owner", "account").filter(id=contact_id).first()
    if row is None or not sees(asker, row.owner):
        raise NotFound("There is no such contact.", mend="It may have been removed by the undo of an import.")
    if row.merged_into_id is not None:
        return contact_card(asker, row.merged_into_id)
    return ContactCard(
        row.pk,
        row.label,
        row.title or "",
        row.email or "",
        row.account_id,
        row.account.label if row.account else "",
        Lifecycle(row.lifecycle),
        row.parked_until,
        row.owner_id,
        row.owner.name if row.owner else "",
        tuple(row.labels or ()),
        _fields(row, CONTACT_FIELDS, row.touched_fields),
        row.custom,
        row.version,
        row.created_at,
        row.changed_at,
        row.touched_at,
        row.made_by_id,
    )


def stages_of(asker: Person, contact_ids: Sequence[int]) -> Mapping[int, Lifecycle]:
    """Where people stand, of those that the asker sees."""
    rows = Contact.objects.living().select_related("owner").filter(id__in=list(contact_ids)).order_by("id")
    return {row.pk: Lifecycle(row.lifecycle) for row in rows if sees(asker, row.owner)}


def sees(asker: Person, owner: User | None) -> bool:
    """Whether the asker may see a record of this owner. What nobody owns is everybody's."""
    if owner is None or asker.sees == Sees.ALL or owner.pk == asker.id:
        return True
    return asker.sees == Sees.TEAM and asker.team_id is not None and owner.team_id == asker.team_id


def owners_seen(asker: Person) -> QuerySet[User] | None:
    """Whose records the asker sees besides those without an owner; None for everybody's. Asked with the rest."""
    mine = Q(id=asker.id or 0)
    match asker.sees:
        case Sees.ALL:
            return None
        case Sees.OWN:
            return User.objects.filter(mine)
        case Sees.TEAM:
            return User.objects.filter(mine | Q(team_id=asker.team_id or 0))


def in_sight(asker: Person, *, contact: str = "contact", account: str = "account", owner: str = "") -> Q:
    """Rows about people and companies that the asker may see; the names are the ways to them, "" where there is none.

    The person decides where there is one, the company where there is none, and a row about neither is everybody's.
    `owner` is the way to whoever has the row itself in hand: they may see whom it is about.
    """
    if asker.sees == Sees.ALL:
        return Q()
    shown = Q()
    if contact:
        shown = of_own(asker, f"{contact}__owner")
    if account:
        theirs = of_own(asker, f"{account}__owner")
        shown &= (theirs | Q(**{f"{contact}__isnull": False})) if contact else theirs
    return shown | Q(**{owner: asker.id or 0}) if owner else shown


def of_own(asker: Person, owner: str = "owner") -> Q:
    """Records themselves that the asker may see, by the way to their owner."""
    seen = owners_seen(asker)
    return Q() if seen is None else Q(**{owner: None}) | Q(**{f"{owner}__in": seen})


def visible(asker: Person, owner: str) -> tuple[str, list[Given]]:
    """The same as a condition on the column (or expression) `owner`, with its values."""
    if asker.sees == Sees.ALL:
        return "TRUE", []
    team = (asker.team_id or 0) if asker.sees == Sees.TEAM else 0
    theirs = "ARRAY(SELECT id FROM team_user WHERE id = %s OR team_id = %s)"
    return f"({owner} IS NULL OR {owner} = ANY({theirs}))", [asker.id or 0, team]


def people_of(asker: Person, account_id: int, limit: int = MOST_PEOPLE) -> People:
    """The living contacts of an account: of each buying role some, before the many without one."""
    shown, whose = visible(asker, "owner_id")
    rows = read(
        _PersonRow,
        f"""
        SELECT id, coalesce(full_name, email, linkedin, 'Contact ' || id) AS label, coalesce(title, '') AS title,
               coalesce(buying_role, '') AS buying_role, coalesce(seniority, '') AS seniority,
               coalesce(email, '') AS email, lifecycle, last_contacted, number
        FROM (SELECT *, count(*) OVER () AS number, row_number() OVER (PARTITION BY buying_role ORDER BY id) AS turn
              FROM resolve_contact WHERE account_id = %s AND merged_into_id IS NULL AND {shown}) c
        ORDER BY buying_role IS NULL, turn, buying_role, id LIMIT %s""",  # noqa: S608  {shown} is our own text
        [account_id, *whose, min(limit, MOST_PEOPLE)],
    )
    lines = [
        PersonLine(
            row.id, row.label, row.title, row.buying_role, row.seniority, row.email,
            Lifecycle(row.lifecycle), row.last_contacted,
        )
        for row in rows
    ]  # fmt: skip
    lines.sort(key=lambda line: (not line.buying_role, line.buying_role, line.id))
    return People(tuple(lines), rows[0].number if rows else 0)


@dataclass(frozen=True, slots=True)
class _PersonRow:
    id: int
    label: str
    title: str
    buying_role: str
    seniority: str
    email: str
    lifecycle: str
    last_contacted: date | None
    number: int


def timeline(
    asker: Person,
    *,
    account_id: int | None = None,
    contact_id: int | None = None,
    after: str = "",
    limit: int = 50,
) -> Slice[ActivityLine]:
    """What happened to an account and those of its people whom the asker sees, or to one person; newest first."""
    rows = Activity.objects.select_related("actor", "contact").order_by("-at", "-id")
    if account_id is not None:
        rows = rows.filter(in_sight(asker, account=""), account=account_id)
    else:
        rows = rows.filter(contact=contact_id)
    if after:
        at, last = keys_of(after, (str, int))
        rows = rows.filter(Q(at__lt=str(at)) | Q(at=str(at), id__lt=last))
    found = list(rows[: limit + 1])
    lines = tuple(
        ActivityLine(
            row.pk,
            row.at,
            row.kind,
            row.channel,
            row.text,
            row.link,
            row.actor.name if row.actor else "",
            row.contact_id,
            row.contact.label if row.contact else "",
        )
        for row in found[:limit]
    )
    return Slice(lines, mark_of(lines[-1].at.isoformat(), lines[-1].id) if len(found) > limit else "")


def notes(*, account_id: int | None = None, contact_id: int | None = None) -> tuple[NoteLine, ...]:
    rows = Note.objects.select_related("author").filter(removed_at=None).order_by("-created_at")
    rows = rows.filter(account=account_id) if account_id is not None else rows.filter(contact=contact_id)
    return tuple(
        NoteLine(row.pk, row.text, row.author.name if row.author else "", row.author_id, row.created_at)
        for row in rows[:200]
    )


def provenance(*, account_id: int | None = None, contact_id: int | None = None) -> tuple[SightingLine, ...]:
    rows = Sighting.objects.select_related("batch__upload").order_by("-batch_id", "row")
    rows = rows.filter(account=account_id) if account_id is not None else rows.filter(contact=contact_id)
    return tuple(
        SightingLine(row.batch_id, row.batch.upload.name, row.row, row.batch.created_at) for row in rows[:50]
    )


def aliases(*, account_id: int | None = None, contact_id: int | None = None) -> tuple[AliasLine, ...]:
    rows = Identifier.objects.order_by("kind", "value")
    rows = rows.filter(account=account_id) if account_id is not None else rows.filter(contact=contact_id)
    return tuple(AliasLine(row.kind, row.value, row.source, row.created_at) for row in rows[:200])


def tags() -> tuple[str, ...]:
    return tuple(Tag.objects.order_by("name").values_list("name", flat=True)[:1000])


def search(asker: Person, text: str, limit: int = 20) -> Hits:
    """Every word must occur; when none has them all, what is spelt nearest. One or two letters: a prefix."""
    wanted = fold(text)[:200].split()
    if not wanted:
        nothing = counted(0)
        return Hits((), (), nothing, nothing, forgiving=False)
    accounts, account_count = _look("account", text, wanted, asker, limit, forgiving=False)
    contacts, contact_count = _look("contact", text, wanted, asker, limit, forgiving=False)
    forgiving = not (accounts or contacts) and len("".join(wanted)) > SHORT_WORD
    if forgiving:
        accounts, account_count = _look("account", text, wanted, asker, limit, forgiving=True)
        contacts, contact_count = _look("contact", text, wanted, asker, limit, forgiving=True)
    return Hits(accounts, contacts, account_count, contact_count, forgiving)


MOST_ANSWERS = 2000  # the newest: what the lists of years ago were like teaches little


@dataclass(frozen=True, slots=True)
class Taught:
    """What people's answers to doubtful pairs say of how the odds were reckoned. `expected` of them were to be one."""

    kind: str
    same: int
    different: int
    expected: float
    bits: float  # to be added to the odds of every pair
    asks_from: float  # reckoned probabilities
    joins_from: float

    @property
    def answers(self) -> int:
        return self.same + self.different

    @property
    def bolder(self) -> bool:
        return self.bits > 0


def taught(kind: str) -> Taught:
    """Only what a person decided counts; a pair that went together with another merge was not asked about."""
    rows = Match.objects.filter(
        **{f"left_{kind}__isnull": False},
        state__in=[MatchState.SAME, MatchState.DIFFERENT],
        decided_by__isnull=False,
    ).order_by("-decided_at")
    found = [
        Answered(odds, state == MatchState.SAME)
        for odds, state in rows.values_list("probability", "state")[:MOST_ANSWERS]
    ]
    bits = correction(found)
    now = thresholds(Thresholds(), bits)
    same = sum(one.same for one in found)
    expected = sum(one.probability for one in found)
    return Taught(kind, same, len(found) - same, expected, bits, now.review, now.merge)


def open_pairs(asker: Person, after: str = "", limit: int = 50) -> Slice[PairLine]:
    """Doubtful pairs of which the asker sees both sides, the likeliest first."""
    rows = _of_both_sides(asker, waiting_pairs()).select_related(
        "left_account", "right_account", "left_contact", "right_contact"
    )
    if after:
        probability, last = keys_of(after, (float, int))
        odds = float(probability or 0)
        rows = rows.filter(Q(probability__lt=odds) | Q(probability=odds, id__gt=last))
    found = list(rows.order_by("-probability", "id")[: limit + 1])
    bits = {kind: taught(kind).bits for kind in ("account", "contact")}
    lines = []
    for row in found[:limit]:
        left, right = _sides(row)
        kind = "account" if row.left_account_id else "contact"
        odds = corrected(row.probability, bits[kind])
        lines.append(PairLine(row.pk, kind, left.label, right.label, odds))
    more = len(found) > limit
    end = found[limit - 1] if more else None
    return Slice(tuple(lines), mark_of(float(end.probability), end.pk) if end else "")


def open_pairs_count() -> Count:
    return counted(len(waiting_pairs().values_list("id")[:COUNT_NO_FURTHER_THAN]))


def waiting_pairs() -> QuerySet[Match]:
    """Pairs that wait for an answer. One whose side went into another record meanwhile is no question any more."""
    return Match.objects.filter(
        state=MatchState.OPEN,
        left_account__merged_into=None,
        right_account__merged_into=None,
        left_contact__merged_into=None,
        right_contact__merged_into=None,
    )


def _of_both_sides(asker: Person, rows: QuerySet[Match]) -> QuerySet[Match]:
    seen = owners_seen(asker)
    if seen is None:
        return rows
    for side in ("left_account", "right_account", "left_contact", "right_contact"):
        rows = rows.filter(Q(**{f"{side}__owner": None}) | Q(**{f"{side}__owner__in": seen}))
    return rows


def pair(asker: Person, match_id: int) -> Pair:
    """Raises NotFound also where the asker does not see both sides."""
    row = (
        Match.objects.select_related(
            "left_account__owner", "right_account__owner", "left_contact__owner", "right_contact__owner"
        )
        .filter(id=match_id)
        .first()
    )
    if row is None:
        raise NotFound("There is no such pair.")
    left, right = _sides(row)
    if not (sees(asker, left.owner) and sees(asker, right.owner)):
        raise NotFound("There is no such pair.")
    catalogue = ACCOUNT_FIELDS if isinstance(left, Account) else CONTACT_FIELDS
    fields = tuple(
        PairField(field.name, field.label, value_of(left, field), value_of(right, field))
        for field in catalogue
        if value_of(left, field) is not None or value_of(right, field) is not None
    )
    return Pair(
        row.pk,
        "account" if isinstance(left, Account) else "contact",
        left.pk,
        right.pk,
        left.label,
        right.label,
        corrected(row.probability, taught("account" if isinstance(left, Account) else "contact").bits),
        row.state,
        tuple(row.reasons),
        fields,
    )


def merges(*, account_id: int | None = None, contact_id: int | None = None) -> tuple[MergeLine, ...]:
    rows = Merge.objects.filter(undone_at=None).order_by("-at")
    rows = rows.select_related("by", "kept_account", "gone_account", "kept_contact", "gone_contact")
    rows = (
        rows.filter(kept_account_id=account_id)
        if account_id is not None
        else rows.filter(kept_contact_id=contact_id)
    )
    lines = []
    for row in rows[:100]:
        kept, gone = row.kept_account or row.kept_contact, row.gone_account or row.gone_contact
        if kept and gone:
            lines.append(
                MergeLine(row.pk, kept.label, gone.label, row.reason, row.at, row.by.name if row.by else "")
            )
    return tuple(lines)


def value_of(row: Account | Contact, field: Field) -> Value:
    """A catalogue field of a record; a list comes as a tuple."""
    value: Value | list[str] = getattr(row, field.name)
    return tuple(value) if isinstance(value, list) else value


def like_pattern(word: str) -> str:
    """A LIKE pattern that finds the word anywhere; the word's own % and _ are letters."""
    escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


_TABLES: Mapping[str, tuple[str, str, str]] = {
    "account": (
        "resolve_account",
        "lower(coalesce(company_name, '~'))",
        "coalesce(company_name, domain, '') AS label, concat_ws(' · ', domain, industry, country) AS detail",
    ),
    "contact": (
        "resolve_contact",
        "lower(coalesce(full_name, '~'))",
        "coalesce(full_name, email, '') AS label, concat_ws(' · ', title, email) AS detail",
    ),
}


def _look(
    kind: str, typed: str, words: Sequence[str], asker: Person, limit: int, *, forgiving: bool
) -> tuple[tuple[Hit, ...], Count]:
    table, name, shown = _TABLES[kind]
    whole = " ".join(words)
    if forgiving:
        where, values = "%s <%% search", [whole]
    elif len(whole) <= SHORT_WORD:
        # Shorter than a trigram: the names that begin so, along the name index.
        start = typed.strip().lower()
        where, values = f"{name} >= %s AND {name} < %s", [start, start + "\U0010ffff"]
    else:
        where, values = " AND ".join("search LIKE %s" for _ in words), [like_pattern(word) for word in words]
    seen, owners = visible(asker, "owner_id")
    where += f" AND merged_into_id IS NULL AND {seen}"
    found = f"SELECT id FROM {table} WHERE {where} LIMIT {COUNT_NO_FURTHER_THAN}"  # noqa: S608 - text of ours
    rows = read(
        _Found,
        f"""
        WITH found AS MATERIALIZED ({found}),
        nearest AS (SELECT id FROM found LIMIT {_HITS_RANKED})
        SELECT id, {shown}, word_similarity(%s, search) AS likeness, (SELECT count(*) FROM found) AS number
        FROM {table} JOIN nearest USING (id)
        ORDER BY likeness DESC, length(search), id LIMIT %s""",  # noqa: S608
        [*values, *owners, whole, limit],
    )
    hits = tuple(Hit(kind, row.id, row.label, row.detail, row.likeness) for row in rows)
    return hits, counted(rows[0].number if rows else 0)


@dataclass(frozen=True, slots=True)
class _Found:
    id: int
    label: str
    detail: str
    likeness: float
    number: int


def read(make: Callable[..., T], sql: str, values: Sequence[Given]) -> tuple[T, ...]:
    """Rows of a SELECT as records whose fields are named as its columns; arrays become tuples."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        names = [column.name for column in cursor.description or ()]
        return tuple(
            make(**{n: tuple(v) if isinstance(v, list) else v for n, v in zip(names, row, strict=True)})
            for row in cursor.fetchall()
        )


def _fields(
    row: Account | Contact, catalogue: tuple[Field, ...], typed: Sequence[str]
) -> tuple[FieldValue, ...]:
    return tuple(
        FieldValue(field.name, field.label, value_of(row, field), field.name in typed) for field in catalogue
    )


def _sides(row: Match) -> tuple[Account, Account] | tuple[Contact, Contact]:
    if row.left_account and row.right_account:
        return row.left_account, row.right_account
    if row.left_contact and row.right_contact:
        return row.left_contact, row.right_contact
    raise NotFound("There is no such pair.")  # the database's own constraint says that this cannot be
