"""How many a profile admits, rule by rule, while it is being edited; one look over the book each time.

profile_count(profile, today) -> ProfileCount        matches, unknowns, each rule alone
profile_examples(asker, profile, today) -> Examples  some that are in, some that are out, and why
criteria_count(asker, text, today, about) -> CriteriaCount   what a criterion finds, and its sentence
criteria_ids(text, today, about, after, limit) -> ids         whom it finds, in order
people_among(text, today, contact_ids) -> ids                 those of these people whom it finds
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from panout.criteria.dialects import POSTGRESQL
from panout.criteria.explain import sentence
from panout.criteria.parse import parse
from panout.criteria.sql import Columns, SignalTable, condition
from panout.criteria.tree import Tree, fields
from panout.icp.rules.profile import Disqualifier, Icp, Rule, Scope
from panout.kernel.fields import CONTACT_FIELDS
from panout.kernel.paging import Count
from panout.qualify.queries import ListFilter, count_accounts, count_contacts
from panout.resolve.queries import read, visible
from panout.team.rules import Person

_COMPANY = Columns("a", "a", "", ("a.custom",), SignalTable("signals_signal", "s.account_id = a.id"))
_PERSON = Columns(
    "a",
    "c",
    "",
    ("c.custom", "a.custom"),
    SignalTable("signals_signal", "(s.account_id = a.id OR s.contact_id = c.id)"),
)
_PERSONAL = frozenset(field.name for field in CONTACT_FIELDS)


@dataclass(frozen=True, slots=True)
class RuleCount:
    """One rule alone: whom it admits, and of whom nobody can tell."""

    name: str
    text: str
    kind: str  # fit, required, disqualifier
    about: str  # accounts or contacts
    weight: float
    admits: int
    unknown: int
    of: int

    @property
    def share(self) -> float:
        return self.admits / self.of if self.of else 0.0

    @property
    def share_of_hundred(self) -> float:
        return 100.0 * self.share

    @property
    def unknown_share(self) -> float:
        return self.unknown / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class ProfileCount:
    """What a profile finds among the companies of the book (of a B2C profile: among the people)."""

    about: str
    matches: int
    of: int
    disqualified: int
    unknown: int  # a required rule cannot be told for these
    rules: tuple[RuleCount, ...]

    @property
    def share(self) -> float:
        return self.matches / self.of if self.of else 0.0

    @property
    def share_of_hundred(self) -> float:
        return 100.0 * self.share

    @property
    def unknown_share(self) -> float:
        return self.unknown / self.of if self.of else 0.0


@dataclass(frozen=True, slots=True)
class Example:
    id: int
    kind: str
    label: str
    detail: str
    fit: float


@dataclass(frozen=True, slots=True)
class Examples:
    """`near`: out, yet nearest to the gate: the ones to argue about."""

    inside: tuple[Example, ...]
    near: tuple[Example, ...]
    ruled_out: tuple[Example, ...]


@dataclass(frozen=True, slots=True)
class CriteriaCount:
    """What a criterion finds, and how it reads as a sentence."""

    about: str
    count: Count
    sentence: str


def profile_count(profile: Icp, today: date) -> ProfileCount:
    """Counts over the whole book, whoever owns what: a profile is everybody's."""
    people = _about_people(profile)
    asked = _asked(profile, people=people)
    whole = [part(profile, today, people=people) for part in (_in, _out, _untold)]
    numbers = ["count(*)", *map(_total, whole)]
    for rule in asked:
        truth = _truth(rule.tree, today, people=people)
        numbers += [_total(truth), _total(f"({truth}) IS NULL")]
    sql = f"SELECT ARRAY[{', '.join(numbers)}]::bigint[] AS numbers FROM {_source(people=people)}"  # noqa: S608
    found = read(_Row, _literal(sql), [])[0].numbers
    told = tuple(
        RuleCount(
            rule.name, _said(rule), _kind(rule), "contacts" if people else "accounts",
            rule.weight if isinstance(rule, Rule) else 0.0, found[4 + 2 * place],
            found[5 + 2 * place], found[0],
        )
        for place, rule in enumerate(asked)
    )  # fmt: skip
    about = "contacts" if people else "accounts"
    return ProfileCount(about, found[1], found[0], found[2], found[3], told)


def profile_examples(asker: Person, profile: Icp, today: date, limit: int = 5) -> Examples:
    """A few of each, of those that the asker sees."""
    people = _about_people(profile)
    inside, out = _in(profile, today, people=people), _out(profile, today, people=people)
    fit = _fit(profile, today, people=people)
    return Examples(
        _some(asker, f"({inside})", fit, limit, people=people),
        _some(asker, f"NOT ({inside}) AND NOT ({out})", fit, limit, people=people),
        _some(asker, f"({out})", fit, limit, people=people),
    )


def criteria_count(asker: Person, text: str, today: date, about: str) -> CriteriaCount:
    """Raises CriteriaError. `about` is accounts or contacts; a person's fields are counted among contacts."""
    tree = parse(text)
    personal = about == "contacts" or any(name in _PERSONAL for name in fields(tree))
    asked = ListFilter(criteria=text)
    count = count_contacts(asker, asked, today) if personal else count_accounts(asker, asked, today)
    return CriteriaCount("contacts" if personal else "accounts", count, sentence(tree))


@dataclass(frozen=True, slots=True)
class _Row:
    numbers: tuple[int, ...]


def _about_people(profile: Icp) -> bool:
    """Whether the profile seeks people without a company."""
    return profile.audience == "people"


def _asked(profile: Icp, *, people: bool) -> list[Rule | Disqualifier]:
    rules: list[Rule | Disqualifier] = [*profile.fit, *profile.disqualifiers]
    return [rule for rule in rules if people or rule.scope is Scope.COMPANY]


def _kind(rule: Rule | Disqualifier) -> str:
    if isinstance(rule, Disqualifier):
        return "disqualifier"
    return "required" if rule.required else "fit"


def _said(rule: Rule | Disqualifier) -> str:
    return rule.reason if isinstance(rule, Disqualifier) else rule.text


def _source(*, people: bool) -> str:
    if people:
        joined = "resolve_contact c LEFT JOIN resolve_account a ON a.id = c.account_id"
        return f"{joined} WHERE c.merged_into_id IS NULL"
    return "resolve_account a WHERE a.merged_into_id IS NULL"


def _truth(tree: Tree, today: date, *, people: bool) -> str:
    return condition(tree, POSTGRESQL, today, _PERSON if people else _COMPANY)


def _total(sql: str) -> str:
    return f"count(*) FILTER (WHERE {sql})"


def _fit(profile: Icp, today: date, *, people: bool) -> str:
    """The fit of a hundred, as `qualify.rules` reckons it where the company alone is asked."""
    rules = [rule for rule in profile.fit if people or rule.scope is Scope.COMPANY]
    most = sum(rule.weight for rule in rules if rule.weight > 0)
    if not most:
        return "0"
    earned = " + ".join(
        f"CASE WHEN {_truth(rule.tree, today, people=people)} THEN {rule.weight:f} ELSE 0 END"
        for rule in rules
    )
    return f"(100.0 * ({earned}) / {most:f})"


def _out(profile: Icp, today: date, *, people: bool) -> str:
    out = [one for one in profile.disqualifiers if people or one.scope is Scope.COMPANY]
    needed = [rule for rule in profile.fit if rule.required and (people or rule.scope is Scope.COMPANY)]
    parts = [f"({_truth(one.tree, today, people=people)}) IS TRUE" for one in out]
    parts += [f"({_truth(rule.tree, today, people=people)}) IS FALSE" for rule in needed]
    return " OR ".join(parts) or "FALSE"


def _untold(profile: Icp, today: date, *, people: bool) -> str:
    needed = [rule for rule in profile.fit if rule.required and (people or rule.scope is Scope.COMPANY)]
    return " OR ".join(f"({_truth(rule.tree, today, people=people)}) IS NULL" for rule in needed) or "FALSE"


def _in(profile: Icp, today: date, *, people: bool) -> str:
    untold, out = _untold(profile, today, people=people), _out(profile, today, people=people)
    return f"NOT ({out}) AND NOT ({untold}) AND {_fit(profile, today, people=people)} >= {profile.gate.fit:f}"


def _some(asker: Person, where: str, fit: str, limit: int, *, people: bool) -> tuple[Example, ...]:
    alias = "c" if people else "a"
    label = "coalesce(c.full_name, c.email, '')" if people else "coalesce(a.company_name, a.domain, '')"
    detail = (
        "concat_ws(' · ', c.title, c.person_city)"
        if people
        else "concat_ws(' · ', a.industry, a.employees::text || ' people', a.country)"
    )
    kind = "contact" if people else "account"
    seen, values = visible(asker, f"{alias}.owner_id")
    sql = (
        f"SELECT {alias}.id, '{kind}' AS kind, {label} AS label, {detail} AS detail, ({fit})::float AS fit"  # noqa: S608
        f" FROM {_source(people=people)} AND {where}"
    )
    return read(Example, f"{_literal(sql)} AND {seen} ORDER BY fit DESC, id LIMIT {limit}", values)


def _literal(sql: str) -> str:
    """SQL of ours whose percent signs are letters, not places for values."""
    return sql.replace("%", "%%")


def criteria_ids(text: str, today: date, about: str, after: int, limit: int) -> tuple[int, ...]:
    """The accounts or contacts that meet a criterion, in order of id, those above `after`."""
    people = about == "contacts"
    alias = "c" if people else "a"
    truth = _literal(_truth(parse(text), today, people=people))
    found = read(
        _Id,
        f"SELECT {alias}.id FROM {_source(people=people)} AND {alias}.id > %s AND ({truth})"  # noqa: S608
        f" ORDER BY {alias}.id LIMIT %s",
        [after, limit],
    )
    return tuple(one.id for one in found)


@dataclass(frozen=True, slots=True)
class _Id:
    id: int


def people_among(text: str, today: date, contact_ids: Sequence[int]) -> frozenset[int]:
    """Those of these people who meet a criterion."""
    truth = _literal(_truth(parse(text), today, people=True))
    found = read(
        _Id,
        f"SELECT c.id FROM {_source(people=True)} AND c.id = ANY(%s) AND ({truth})",  # noqa: S608
        [list(contact_ids)],
    )
    return frozenset(one.id for one in found)
