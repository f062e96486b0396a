"""How many a profile admits, rule by rule, and how many a criterion finds, while somebody types.

profile_look(asker, profile, today, exact=) -> ProfileLook    matches, unknowns, each rule alone; some in, near and out
criteria_count(asker, text, today, about) -> CriteriaCount    what a criterion finds, some of them, and its sentence
criteria_ids(text, today, about, after, limit) -> ids         whom it finds, in order
people_among(text, today, contact_ids) -> ids                 those of these people whom it finds

A book of more than EXACT_TO records is asked by a sample; counts then say so, with how far they may be off.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date
from math import ceil, sqrt

from django.db import OperationalError, connection, transaction

from panout.criteria.dialects import POSTGRESQL
from panout.criteria.explain import sentence
from panout.criteria.parse import parse
from panout.criteria.sql import Columns, SignalTable, condition
from panout.criteria.tree import Tree, fields
from panout.icp.rules.profile import Disqualifier, Icp, Rule, Scope
from panout.kernel.fields import CONTACT_FIELDS
from panout.resolve.queries import Given, read, visible
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
    sampled: int = 0  # how many were asked, where not all; the figures are then estimates

    @property
    def margin(self) -> int:
        """Give or take so many matches, with 95 per cent; nought when all were asked."""
        hits = round(self.share * self.sampled)
        return margin_of(hits, self.sampled, self.of) if self.sampled else 0

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
class ProfileLook:
    count: ProfileCount
    examples: Examples


@dataclass(frozen=True, slots=True)
class CriteriaCount:
    """What a criterion finds, and how it reads as a sentence. `sampled`: how many were asked, where not all."""

    about: str
    number: int
    sentence: str
    examples: tuple[Example, ...] = ()
    sampled: int = 0
    margin: int = 0
    at_most: int = 0  # where the sample has too few to tell


def profile_look(asker: Person, profile: Icp, today: date, *, exact: bool = False) -> ProfileLook:
    """What a profile finds in the whole book, whoever owns what; as examples only those that the asker sees.

    One look, in which every rule is asked once. A large book is asked by a sample, unless it is to be `exact`.
    """
    people = _about_people(profile)
    asked = _asked(profile, people=people)
    sample = _sample(people=people, exact=exact)
    kind, label, detail = _shown(people=people)
    alias = "c" if people else "a"
    truths = "".join(
        f", ({_truth(rule.tree, today, people=people)}) AS r{at}" for at, rule in enumerate(asked)
    )
    sums = ["count(*)", _total("inside"), _total("ruled_out"), _total("untold")]
    for at in range(len(asked)):
        sums += [_total(f"r{at}"), _total(f"r{at} IS NULL")]
    sql = f"""
        WITH asked AS MATERIALIZED (
          SELECT {alias}.id, {alias}.owner_id, {label} AS label, {detail} AS detail{truths} FROM {sample.source}),
        judged AS MATERIALIZED (
          SELECT *, {_out(asked)} AS ruled_out, {_untold(asked)} AS untold, ({_fit(asked)})::float AS fit FROM asked),
        placed AS MATERIALIZED (
          SELECT *, NOT ruled_out AND NOT untold AND fit >= {profile.gate.fit:f} AS inside FROM judged)
        SELECT (SELECT ARRAY[{", ".join(sums)}]::bigint[] FROM placed) AS numbers,
               {_some("inside")}::text AS inside, {_some("NOT inside AND NOT ruled_out")}::text AS near,
               {_some("ruled_out")}::text AS ruled_out"""  # noqa: S608 - text of ours
    with planned_for(sample):
        row = read(_Looked, *_seen(asker, sql, 3))[0]
    found, many = row.numbers, row.numbers[0]
    of = sample.of(many)
    scale = of / many if many else 0.0
    rules = tuple(
        RuleCount(
            rule.name, _said(rule), _kind(rule), "contacts" if people else "accounts",
            rule.weight if isinstance(rule, Rule) else 0.0, round(found[4 + 2 * at] * scale),
            round(found[5 + 2 * at] * scale), of,
        )
        for at, rule in enumerate(asked)
    )  # fmt: skip
    count = ProfileCount(
        "contacts" if people else "accounts",
        round(found[1] * scale), of, round(found[2] * scale), round(found[3] * scale), rules,
        many if sample.sampled else 0,
    )  # fmt: skip
    return ProfileLook(
        count, Examples(*(_examples(kind, told) for told in (row.inside, row.near, row.ruled_out)))
    )


def criteria_count(asker: Person, text: str, today: date, about: str, limit: int = 8) -> CriteriaCount:
    """Raises CriteriaError. `about` is accounts or contacts; a person's fields are counted among contacts.

    In a large book by a sample; what is too rare for that is looked for in all of it, for as long as a reader waits.
    """
    tree = parse(text)
    people = about == "contacts" or any(name in _PERSONAL for name in fields(tree))
    truth = _truth(tree, today, people=people)
    words = sentence(tree)
    found = _met(asker, truth, _sample(people=people, exact=False), limit, people=people)
    if found.sampled and found.hits < _TOO_RARE:
        try:
            with waiting_no_longer_than(_PATIENCE):
                found = _met(asker, truth, _sample(people=people, exact=True), limit, people=people)
        except OperationalError:  # the statement took too long: what the sample says stands
            return replace(found.told("contacts" if people else "accounts", words), at_most=found.at_most)
    return found.told("contacts" if people else "accounts", words)


@dataclass(frozen=True, slots=True)
class _Met:
    """What a criterion found among those asked."""

    hits: int
    asked: int
    of: int
    sampled: bool
    examples: tuple[Example, ...]

    @property
    def at_most(self) -> int:
        """How many there may be, with 95 per cent, where the sample has hardly any: the rule of three, and its kin."""
        return ceil((self.hits + 3 + 2 * sqrt(self.hits)) * self.of / self.asked) if self.asked else 0

    def told(self, about: str, words: str) -> CriteriaCount:
        number = round(self.hits * self.of / self.asked) if self.asked else 0
        margin = margin_of(self.hits, self.asked, self.of) if self.sampled else 0
        return CriteriaCount(about, number, words, self.examples, self.asked if self.sampled else 0, margin)


def _met(asker: Person, truth: str, sample: _Sample, limit: int, *, people: bool) -> _Met:
    kind, label, detail = _shown(people=people)
    alias = "c" if people else "a"
    sql = f"""
        WITH met AS MATERIALIZED (
          SELECT {alias}.id, {alias}.owner_id, {label} AS label, {detail} AS detail, 0::float AS fit,
                 ({truth}) IS TRUE AS hit FROM {sample.source})
        SELECT ARRAY[(SELECT count(*) FROM met), (SELECT count(*) FROM met WHERE hit AND {_SEEN_HERE})]::bigint[]
                 AS numbers,
               (SELECT json_agg(json_build_array(id, label, detail, fit)) FROM (
                  SELECT id, label, detail, fit FROM met WHERE hit AND {_SEEN_HERE}
                  ORDER BY id DESC LIMIT {limit}) e)::text AS inside"""  # noqa: S608
    with planned_for(sample):
        row = read(_Looked, *_seen(asker, sql, 2))[0]
    asked, hits = row.numbers
    return _Met(hits, asked, sample.of(asked), sample.sampled, _examples(kind, row.inside))


def margin_of(hits: int, asked: int, of: int) -> int:
    """Give or take, with 95 per cent: the normal approximation, without those who were asked."""
    if not asked or asked >= of:
        return 0
    share = hits / asked
    spread = 1.96 * sqrt(share * (1 - share) / asked * (1 - asked / of))
    return ceil(of * spread)


@contextmanager
def planned_for(sample: _Sample) -> Iterator[None]:
    """A sample looks each of its members up. The planner would read a whole table of companies for it, or compile."""
    if not sample.sampled:
        yield
        return
    with transaction.atomic(), connection.cursor() as cursor:
        for name in _NOT_FOR_FEW:
            cursor.execute(f"SET LOCAL {name} = off")
        yield
        for name in _NOT_FOR_FEW:
            cursor.execute(f"SET LOCAL {name} = DEFAULT")


_NOT_FOR_FEW = ("enable_hashjoin", "enable_mergejoin", "enable_seqscan", "jit")


@contextmanager
def waiting_no_longer_than(seconds: float) -> Iterator[None]:
    """Statements inside end with OperationalError when they take longer."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout = {round(1000 * seconds)}")
        yield
        cursor.execute("SET LOCAL statement_timeout = DEFAULT")


# A sample: as many stretches of numbers as it has members, one member drawn from each by hashing, so that the same
# book gives the same sample, and counts do not flicker while somebody types.


EXACT_TO = 10_000  # records: below, all are asked
SAMPLED = 4_000
_TOO_RARE = 25
_PATIENCE = 0.05  # seconds


@dataclass(frozen=True, slots=True)
class _Sample:
    """FROM and WHERE of those who are asked; the span of numbers that they stand for, and the planner's guess at it."""

    source: str
    span: int
    guess: int
    sampled: bool

    def of(self, found: int) -> int:
        """Of how many, when so many of the picked numbers were there. The guess is finer, unless it is out of date."""
        if not self.sampled:
            return found
        there = round(found / SAMPLED * self.span)
        return self.guess if abs(self.guess - there) <= 0.1 * there else there


@dataclass(frozen=True, slots=True)
class _Size:
    least: int | None
    most: int | None
    guess: int
    gone: int


def _sample(*, people: bool, exact: bool) -> _Sample:
    table = "resolve_contact" if people else "resolve_account"
    size = read(
        _Size,
        f"SELECT (SELECT min(id) FROM {table}) AS least, (SELECT max(id) FROM {table}) AS most,"  # noqa: S608
        " (SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass) AS guess,"
        f" (SELECT count(*) FROM {table} WHERE merged_into_id IS NOT NULL) AS gone",
        [table],
    )[0]
    span = size.most - size.least + 1 if size.least is not None and size.most is not None else 0
    if exact or span <= EXACT_TO:
        return _Sample(_source(people=people), 0, 0, sampled=False)
    step = span / SAMPLED
    picks = (
        f"(SELECT {size.least} + floor((s + ('x' || substr(md5(s::text), 1, 7))::bit(28)::int / 268435456.0)"  # noqa: S608
        f" * {step:f})::bigint AS id FROM generate_series(0, {SAMPLED - 1}) s) pick, "
    )
    return _Sample(_source(people=people, picks=picks), span, size.guess - size.gone, sampled=True)


@dataclass(frozen=True, slots=True)
class _Looked:
    numbers: tuple[int, ...]
    inside: str | None = None
    near: str | None = None
    ruled_out: str | None = None


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


def _source(*, people: bool, picks: str = "") -> str:
    """FROM and WHERE; with `picks` (a relation `pick` of ids) only those."""
    alias = "c" if people else "a"
    also = f" AND {alias}.id = pick.id" if picks else ""
    if people:
        joined = f"{picks}resolve_contact c LEFT JOIN resolve_account a ON a.id = c.account_id"
        return f"{joined} WHERE c.merged_into_id IS NULL{also}"
    return f"{picks}resolve_account a WHERE a.merged_into_id IS NULL{also}"


def _truth(tree: Tree, today: date, *, people: bool) -> str:
    return condition(tree, POSTGRESQL, today, _PERSON if people else _COMPANY)


def _total(sql: str) -> str:
    return f"count(*) FILTER (WHERE {sql})"


def _fit(asked: Sequence[Rule | Disqualifier]) -> str:
    """The fit of a hundred, as `qualify.rules` reckons it of the company alone; `r0`, `r1`.. are the answers."""
    rules = [(at, rule) for at, rule in enumerate(asked) if isinstance(rule, Rule)]
    most = sum(rule.weight for _, rule in rules if rule.weight > 0)
    if not most:
        return "0"
    earned = " + ".join(f"CASE WHEN r{at} THEN {rule.weight:f} ELSE 0 END" for at, rule in rules)
    return f"(100.0 * ({earned}) / {most:f})"


def _out(asked: Sequence[Rule | Disqualifier]) -> str:
    parts = [f"r{at} IS TRUE" for at, one in enumerate(asked) if isinstance(one, Disqualifier)]
    parts += [f"r{at} IS FALSE" for at, one in enumerate(asked) if isinstance(one, Rule) and one.required]
    return f"({' OR '.join(parts) or 'FALSE'})"


def _untold(asked: Sequence[Rule | Disqualifier]) -> str:
    needed = [at for at, one in enumerate(asked) if isinstance(one, Rule) and one.required]
    return f"({' OR '.join(f'r{at} IS NULL' for at in needed) or 'FALSE'})"


# Where the condition belongs on what a reader sees. Rules may hold any letters, but nobody can guess these.
_SEEN_HERE = f"seen_{secrets.token_hex(8)}"


def _seen(asker: Person, sql: str, times: int) -> tuple[str, list[Given]]:
    """SQL of ours, its percent signs as letters, with that condition in its places; and its values."""
    condition_, values = visible(asker, "owner_id")
    return _literal(sql).replace(_SEEN_HERE, condition_), values * times


def _some(where: str, limit: int = 5) -> str:
    return (
        "(SELECT json_agg(json_build_array(id, label, detail, fit)) FROM (SELECT id, label, detail, fit FROM placed"  # noqa: S608
        f" WHERE {where} AND {_SEEN_HERE} ORDER BY fit DESC, id LIMIT {limit}) e)"
    )


def _shown(*, people: bool) -> tuple[str, str, str]:
    """What an example is, how it is called, and what tells it from others."""
    if people:
        return (
            "contact",
            "coalesce(c.full_name, c.email, '')",
            "concat_ws(' · ', c.title, coalesce(a.company_name, c.person_city))",
        )
    return (
        "account",
        "coalesce(a.company_name, a.domain, '')",
        "concat_ws(' · ', a.industry, a.employees::text || ' people', a.country)",
    )


_Told = list[tuple[int, str, str, float]]


def _examples(kind: str, told: str | None) -> tuple[Example, ...]:
    """As the driver gives JSON: text."""
    rows: _Told = json.loads(told) if told else []
    return tuple(Example(number, kind, label, detail, float(fit)) for number, label, detail, fit in rows)


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
