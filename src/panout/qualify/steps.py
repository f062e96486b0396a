"""The same verdicts as `qualify.rules`, for millions of rows: named SQL steps for DuckDB and Spark.

A criterion's answer is two bits, `held` and `known`, so that a row carries everything needed to explain it in
a few whole numbers; words are put to them last, in the view `verdicts`, for the rows that somebody reads.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Protocol

from panout.batch.steps import Step
from panout.criteria.dialects import Dialect
from panout.criteria.sql import Columns, condition, signal_sums
from panout.criteria.tree import (
    AsOf,
    Atom,
    Between,
    Compare,
    Near,
    Older,
    OneOf,
    Seen,
    SignalUse,
    Tree,
    atoms,
    fields,
    signal_uses,
)
from panout.icp.rules.profile import BuyingRole, Disqualifier, Icp, Rule, Scope, SignalKind
from panout.kernel.fields import Kind
from panout.qualify.rules import (
    Axis,
    Standing,
    applying,
    axis_shares,
    failed_rule,
    fit_most,
    fit_shown,
    hit,
    kind_name,
    missing_fact,
    missing_fit,
    missing_role,
    missing_signal,
    role_shares,
    shown,
    to_find,
    unknown_role,
)
from panout.signals import steps as signals
from panout.signals.rules import decayed
from panout.signals.steps import sum_column, tidy

VIEWS = frozenset(
    {
        "company_signals",
        "person_signals",
        "account_sums",
        "contact_sums",
        "subjects",
        "judged",
        "scores",
        "told",
        "verdicts",
    }
)
"""Read once, or only where somebody looks: these go to `engine.view`, the others to `engine.run`."""

BITS = 60
"""Answers in one BIGINT, clear of its sign."""

# What keeps a lead from being a prospect, as bits of the column `gaps`.
_NO_FACT, _NO_FIT, _NO_ROLE, _ROLE_UNKNOWN, _NO_SIGNAL = 1, 2, 4, 8, 16


class _Writer(Protocol):
    """Writes an expression for a person, or for an account alone."""

    def __call__(self, *, person: bool) -> str: ...


@dataclass(frozen=True, slots=True)
class Beside:
    """What else is to stand in each row of `verdicts`: SQL of joined relations, by the name of its column.

    `joins` may rest on `s`, the scores. Rows of `told` are then in order of rank, and `verdicts` adds words to
    them without another join: whoever keeps `told` can write millions of verdicts as they lie, unsorted.
    """

    columns: Mapping[str, str] = field(default_factory=dict)
    joins: str = ""


@dataclass(frozen=True, slots=True)
class _Test:
    """One criterion and its place among the bits."""

    place: int
    tree: Tree
    scope: Scope

    @property
    def word(self) -> int:
        return self.place // BITS

    @property
    def bit(self) -> int:
        return 1 << self.place % BITS


def verdict_steps(
    icp: Icp,
    as_of: date,
    dialect: Dialect,
    *,
    accounts: str = "accounts",
    contacts: str | None = "contacts",
    signals_table: str = "signals",
    given: Collection[str] = (),
    beside: Beside | None = None,
) -> list[Step]:
    """From `accounts`, `contacts` and `signals` to `verdicts`, in order; `scores` is the same without words.

    `contacts` None: there are none, and time is saved by not looking. `given` names steps whose relations are
    there already and are not made anew, such as `account_sums` (see `signals.steps.carried_sums`) or
    `account_tests` (see `carried_tests`). Ranks are unique, by priority and then by id.
    """
    line = _Line(icp, as_of, dialect, accounts, contacts, signals_table, frozenset(given), beside)
    skipped = {*given, "account_sums"} if "account_tests" in given else {*given}
    return [step for step in line.steps() if step.name not in skipped]


def account_tests(icp: Icp, as_of: date, dialect: Dialect, *, accounts: str = "accounts") -> Step:
    """One row per account with its points, its bits and its decayed sums: what a refresh may keep."""
    return _Line(icp, as_of, dialect, accounts, None, "signals", frozenset()).account_tests()


def carried_tests(icp: Icp, since: date, as_of: date, dialect: Dialect, *, kept: str, new_sums: str) -> Step:
    """`account_tests` as of `as_of`, from those kept on `since` and the decayed sums of new signals alone.

    Equal to testing anew where the accounts are the same and no criterion about them rests on the day or on
    signals (`answers_age`). Neither the accounts nor old signals are read.
    """
    words = _Line(icp, as_of, dialect, "accounts", None, "signals", frozenset()).words
    columns = ["k.account_id", *(f"k.{name}" for name in _TALLIED)]
    columns += [f"k.{name}_{word}" for word in words for name in ("held", "known")]
    zero = dialect.literal(0.0)
    for kind in icp.kinds:
        column = dialect.quoted(sum_column(kind))
        left = dialect.literal(decayed(1.0, (as_of - since).days, kind))
        columns.append(f"k.{column} * {left} + coalesce(n.{column}, {zero}) AS {column}")
    columns.append("greatest(k.fresh_until, n.fresh_until) AS fresh_until")
    return Step(
        "account_tests",
        "SELECT " + ",\n  ".join(columns) + f"\nFROM {dialect.quoted(kept)} AS k\n"
        f"LEFT JOIN {dialect.quoted(new_sums)} AS n ON n.account_id = k.account_id",
    )


def answers_age(icp: Icp) -> bool:
    """Whether an answer about an account may change without the account: by the day, or by a signal."""
    asked: list[Rule | Disqualifier] = [*icp.fit, *icp.disqualifiers, *icp.evidence]
    return any(_dated(atom) for one in asked if one.scope is Scope.COMPANY for atom in atoms(one.tree))


def _dated(atom: Atom) -> bool:
    match atom:
        case Near() | Older() | Seen():
            return True
        case Compare(operand, _, value):
            return isinstance(operand, SignalUse) or isinstance(value, AsOf)
        case Between(operand, low, high):
            return isinstance(operand, SignalUse) or isinstance(low, AsOf) or isinstance(high, AsOf)
        case OneOf(operand, values):
            return isinstance(operand, SignalUse) or any(isinstance(value, AsOf) for value in values)
        case _:
            return False


@dataclass(frozen=True)
class _Line:
    icp: Icp
    as_of: date
    dialect: Dialect
    accounts: str
    contacts: str | None
    signals_table: str
    given: frozenset[str]
    beside: Beside | None = None

    def steps(self) -> Iterator[Step]:
        icp, dialect, as_of = self.icp, self.dialect, self.as_of
        yield signals.company_signals(dialect, self.signals_table)
        yield signals.decayed_sums(
            icp, as_of, dialect, key="account_id", table="company_signals", name="account_sums"
        )
        if self.uses:
            yield self.figures("account_id", "company_signals", "account_figures")
        yield signals.best_signal(
            icp, as_of, dialect, key="account_id", table="company_signals", name="account_news"
        )
        if self.contacts is not None:
            yield signals.person_signals(dialect, self.signals_table)
            yield signals.decayed_sums(
                icp, as_of, dialect, key="contact_id", table="person_signals", name="contact_sums"
            )
            if self.uses:
                yield self.figures("contact_id", "person_signals", "contact_figures")
            yield signals.best_signal(
                icp, as_of, dialect, key="contact_id", table="person_signals", name="contact_news"
            )
            yield self.account_tests()
            if icp.roles:
                yield self.roles()
            yield self.contact_tests()
            if icp.cover:
                yield self.coverage()
        yield self.subjects()
        yield self.judged()
        if not self.told_in_order:
            yield self.placed()
            yield self.scores()
        yield self.told()
        yield self.verdicts()

    # The criteria

    @property
    def tests(self) -> list[_Test]:
        asked: list[Rule | Disqualifier] = [*self.icp.fit, *self.icp.disqualifiers, *self.icp.evidence]
        return [_Test(place, one.tree, one.scope) for place, one in enumerate(asked)]

    @property
    def fit(self) -> list[_Test]:
        return self.tests[: len(self.icp.fit)]

    @property
    def out(self) -> list[_Test]:
        return self.tests[len(self.icp.fit) : len(self.icp.fit) + len(self.icp.disqualifiers)]

    @property
    def pains(self) -> list[_Test]:
        return self.tests[len(self.icp.fit) + len(self.icp.disqualifiers) :]

    @property
    def words(self) -> range:
        return range((len(self.tests) + BITS - 1) // BITS)

    @property
    def uses(self) -> list[SignalUse]:
        return list(dict.fromkeys(use for test in self.tests for use in signal_uses(test.tree)))

    def figures(self, key: str, table: str, name: str) -> Step:
        return Step(name, signal_sums(self.uses, self.dialect, self.as_of, key=key, table=table))

    def answers(self, scope: Scope, columns: Columns) -> str:
        """A column a criterion of this scope; unknown, cheaply, for those of the other."""
        return ",\n    ".join(
            f"{condition(test.tree, self.dialect, self.as_of, columns)} AS t{test.place}"
            for test in self.tests
            if test.scope is scope
        )

    def tallies(self, scope: Scope) -> str:
        """From the answers of a scope to points and bits."""
        ours = [test for test in self.tests if test.scope is scope]
        fit = [(test, self.icp.fit[test.place]) for test in self.fit if test.scope is scope]
        first = len(self.tests) - len(self.pains)
        pains = [(test, self.icp.evidence[test.place - first]) for test in self.pains if test.scope is scope]
        told = [(f"t{test.place} IS NOT NULL", abs(rule.weight)) for test, rule in fit]
        columns = [
            f"{self.points([(f't{test.place}', rule.weight) for test, rule in fit])} AS fit_points",
            f"{self.points(told)} AS fit_known",
            f"{self.points([(f't{test.place}', rule.weight) for test, rule in pains])} AS pain_points",
        ]
        for word in self.words:
            bits = [(f"t{test.place}", test.bit) for test in ours if test.word == word]
            known = [(f"{answer} IS NOT NULL", bit) for answer, bit in bits]
            columns += [f"{_mask(bits)} AS held_{word}", f"{_mask(known)} AS known_{word}"]
        return ",\n  ".join(columns)

    def points(self, parts: Sequence[tuple[str, float]]) -> str:
        nothing = self.dialect.literal(0.0)
        terms = [
            f"CASE WHEN {asked} THEN {self.dialect.literal(worth)} ELSE {nothing} END"
            for asked, worth in parts
        ]
        return " + ".join([nothing, *terms])

    # The steps

    def account_tests(self) -> Step:
        """One row per account: its points and bits, and its decayed sums."""
        q = self.dialect.quoted
        answers = self.answers(Scope.COMPANY, Columns(account="a", custom=("a.custom",), signals=("s",)))
        figures = "\n  LEFT JOIN account_figures AS s ON s.account_id = a.account_id" if self.uses else ""
        sums = "".join(f", {q(sum_column(kind))}" for kind in self.icp.kinds)
        joined = "".join(
            f",\n    coalesce(d.{q(sum_column(kind))}, {self.dialect.literal(0.0)}) AS {q(sum_column(kind))}"
            for kind in self.icp.kinds
        )
        return Step(
            "account_tests",
            f"SELECT account_id,\n  {self.tallies(Scope.COMPANY)}{sums}, fresh_until\nFROM (\n"
            f"  SELECT a.account_id{joined}, d.fresh_until{_more(answers)}\n"
            f"  FROM {q(self.accounts)} AS a\n"
            f"  LEFT JOIN account_sums AS d ON d.account_id = a.account_id{figures}\n) AS asked",
        )

    def contact_tests(self) -> Step:
        """One row per contact: points and bits of the criteria about people, and the buying role.

        `role` counts the profile's roles from 1; 0 is none of them, NULL is unknown.
        """
        q = self.dialect.quoted
        columns = Columns(account="a", contact="c", custom=("c.custom", "a.custom"), signals=("sa", "sc"))
        answers = self.answers(Scope.PERSON, columns)
        asked = any(signal_uses(test.tree) for test in self.tests if test.scope is Scope.PERSON)
        figures = (
            "\n  LEFT JOIN account_figures AS sa ON sa.account_id = c.account_id"
            "\n  LEFT JOIN contact_figures AS sc ON sc.contact_id = c.contact_id"
            if asked
            else ""
        )
        role, roles = "CAST(NULL AS INTEGER)", ""
        if self.icp.roles:
            same = " AND ".join(f"r.{q(name)} IS NOT DISTINCT FROM c.{q(name)}" for name in self.role_fields)
            role, roles = "r.role", f"\n  LEFT JOIN roles AS r ON {same}"
        return Step(
            "contact_tests",
            f"SELECT contact_id, account_id, role,\n  {self.tallies(Scope.PERSON)}\nFROM (\n"
            f"  SELECT c.contact_id, c.account_id,\n    {role} AS role{_more(answers)}\n"
            f"  FROM {q(self.contacts or '')} AS c\n"
            f"  LEFT JOIN {q(self.accounts)} AS a ON a.account_id = c.account_id{figures}{roles}\n) AS asked",
        )

    @property
    def role_fields(self) -> list[str]:
        """What a buying role is told by."""
        asked = [tree for role in self.icp.roles for tree in (role.own, role.given) if tree is not None]
        return sorted({name for tree in asked for name in fields(tree)})

    def roles(self) -> Step:
        """The buying role for each title (and what else tells it) that somebody has: the same few come again and
        again, and looking for words in them is slow."""
        q, columns = self.dialect.quoted, Columns(contact="c")
        told = ", ".join(q(name) for name in self.role_fields)
        places = list(enumerate(self.icp.roles, start=1))
        own = [
            (place, condition(role.own, self.dialect, self.as_of, columns))
            for place, role in places
            if role.own is not None
        ]
        given = [(place, condition(role.given, self.dialect, self.as_of, columns)) for place, role in places]
        whens = " ".join(f"WHEN {held} THEN {place}" for place, held in (*own, *given))
        unknown = " OR ".join(f"{held} IS NULL" for _, held in own or given)
        return Step(
            "roles",
            f"SELECT {told}, CASE {whens} WHEN {unknown} THEN NULL ELSE 0 END AS role\n"
            f"FROM (SELECT DISTINCT {told} FROM {q(self.contacts or '')}) AS c",
        )

    def coverage(self) -> Step:
        """One row per account: the roles somebody is found for, as bits."""
        return Step(
            "coverage",
            f"SELECT account_id, bit_or({self.role_bit('role')}) AS covered\n"
            "FROM contact_tests WHERE account_id IS NOT NULL GROUP BY account_id",
        )

    def role_bit(self, role: str) -> str:
        whens = "".join(
            f" WHEN {place} THEN {1 << at}"
            for at, (place, _) in enumerate(
                (place, one) for place, one in enumerate(self.icp.roles, start=1) if one.cover
            )
        )
        return f"CASE {role}{whens} ELSE 0 END" if whens else "0"

    def subjects(self) -> Step:
        """One row per contact, and one per account that has none: what is to be judged."""
        if self.contacts is None:
            return Step("subjects", self.lone_accounts())
        return Step("subjects", f"{self.people()}\nUNION ALL\n{self.lone_accounts()}")

    def people(self) -> str:
        q, zero = self.dialect.quoted, self.dialect.literal(0.0)
        columns = ["c.account_id", "c.contact_id"]
        columns += [f"c.{name} + coalesce(a.{name}, {zero}) AS {name}" for name in _TALLIED]
        for word in self.words:
            columns += [
                f"(c.{name}_{word} | coalesce(a.{name}_{word}, 0)) AS {name}_{word}"
                for name in ("held", "known")
            ]
        columns.append("c.role")
        covered = "coalesce(v.covered, 0) | " if self.icp.cover else ""
        columns.append(f"CAST({covered}{self.role_bit('c.role')} AS BIGINT) AS covered")
        for kind in self.icp.kinds:
            column = q(sum_column(kind))
            columns.append(f"coalesce(a.{column}, {zero}) + coalesce(d.{column}, {zero}) AS {column}")
        columns.append("greatest(a.fresh_until, d.fresh_until) AS fresh_until")
        coverage = "\nLEFT JOIN coverage AS v ON v.account_id = c.account_id" if self.icp.cover else ""
        return (
            "SELECT " + ",\n  ".join(columns) + "\nFROM contact_tests AS c\n"
            "LEFT JOIN account_tests AS a ON a.account_id = c.account_id\n"
            f"LEFT JOIN contact_sums AS d ON d.contact_id = c.contact_id{coverage}"
        )

    def lone_accounts(self) -> str:
        columns = ["a.account_id", f"{self.dialect.cast('NULL', Kind.TEXT)} AS contact_id"]
        columns += [f"a.{name}" for name in _TALLIED]
        columns += [f"a.{name}_{word}" for word in self.words for name in ("held", "known")]
        columns += ["CAST(NULL AS INTEGER) AS role", "CAST(0 AS BIGINT) AS covered"]
        columns += [f"a.{self.dialect.quoted(sum_column(kind))}" for kind in self.icp.kinds]
        columns.append("a.fresh_until")
        apart = self.contacts is not None or "account_tests" in self.given
        tests = "account_tests" if apart else f"(\n{self.account_tests().sql}\n)"
        alone = (
            ""
            if self.contacts is None
            else "\nWHERE NOT EXISTS (SELECT 1 FROM contact_tests AS c WHERE c.account_id = a.account_id)"
        )
        return "SELECT " + ",\n  ".join(columns) + f"\nFROM {tests} AS a{alone}"

    def judged(self) -> Step:
        """Each subject's four axes, what it lacks, and what disqualifies it."""
        carried = [*self.bits, "role", "covered"]
        today = self.dialect.literal(self.as_of)
        return Step(
            "judged",
            "SELECT account_id, contact_id,\n  "
            + ",\n  ".join(
                [
                    f"{self.by_subject(self.fit_of)} AS fit",
                    f"{self.by_subject(self.intensity_of)} AS intensity",
                    f"{self.timing()} AS timing",
                    f"{self.team()} AS team",
                    f"{self.by_subject(self.known_of)} AS known",
                    f"{self.disqualified()} AS disqualified_by",
                    f"{self.by_subject(self.facts_lacking)} AS lacks_facts",
                    f"CASE WHEN fresh_until >= {today} THEN 0 ELSE {_NO_SIGNAL} END AS lacks_signal",
                    *(self.tenths(kind) for kind in self.icp.kinds),
                ]
            )
            + f",\n  {', '.join(carried)}\nFROM subjects",
        )

    def tenths(self, kind: SignalKind) -> str:
        """What a kind's signals are worth, in tenths of a point: enough to show, and small to keep."""
        worth = signals.points(kind, self.dialect.quoted(sum_column(kind)), self.dialect)
        return f"CAST(floor({worth} * 1e1 + 0.5) AS SMALLINT) AS {self.dialect.quoted(_points_column(kind))}"

    def by_subject(self, write: _Writer, contact: str = "contact_id") -> str:
        """An expression that differs between a person and an account alone."""
        if self.contacts is None:
            return write(person=False)
        alone, person = write(person=False), write(person=True)
        return person if alone == person else f"CASE WHEN {contact} IS NULL THEN {alone} ELSE {person} END"

    def fit_of(self, *, person: bool) -> str:
        most = fit_most(applying(self.icp.fit, person=person))
        if most == 0:
            return self.dialect.cast("NULL", Kind.NUMBER)
        zero, one = self.dialect.literal(0.0), self.dialect.literal(1.0)
        share = f"least(greatest(fit_points / {self.dialect.literal(float(most))}, {zero}), {one})"
        return tidy(f"({self.dialect.literal(100.0)} * {share})")

    def known_of(self, *, person: bool) -> str:
        whole = sum(abs(rule.weight) for rule in applying(self.icp.fit, person=person))
        return (
            tidy(f"(fit_known / {self.dialect.literal(float(whole))})")
            if whole
            else self.dialect.literal(0.0)
        )

    def intensity_of(self, *, person: bool) -> str:
        asked = [test for test in self.pains if person or test.scope is Scope.COMPANY]
        if not asked:
            return self.dialect.cast("NULL", Kind.NUMBER)
        unknown = " AND ".join(f"(known_{word} & {mask}) = 0" for word, mask in _masks(asked))
        zero, most = self.dialect.literal(0.0), self.dialect.literal(100.0)
        return (
            f"CASE WHEN {unknown} THEN NULL ELSE {tidy(f'least(greatest(pain_points, {zero}), {most})')} END"
        )

    def timing(self) -> str:
        if not self.icp.kinds:
            return self.dialect.cast("NULL", Kind.NUMBER)
        totals = [self.dialect.quoted(sum_column(kind)) for kind in self.icp.kinds]
        return tidy(signals.timing(self.icp, totals, self.dialect))

    def team(self) -> str:
        if not self.icp.roles or self.contacts is None:
            return self.dialect.cast("NULL", Kind.NUMBER)
        own, each = role_shares(self.icp)
        earned = f"CASE WHEN role > 0 THEN {self.dialect.literal(own)} ELSE {self.dialect.literal(0.0)} END"
        covered = f" + {self.dialect.literal(each)} * bit_count(covered)" if self.icp.cover else ""
        return f"CASE WHEN role IS NULL THEN NULL ELSE {tidy(f'({earned}{covered})')} END"

    def disqualified(self) -> str:
        """The place (from 1) of the first disqualifier that holds, or of the required rule that fails."""
        required = [test for test in self.fit if self.icp.fit[test.place].required]
        whens = [f"WHEN {_has('held', test)} THEN {number}" for number, test in enumerate(self.out, start=1)]
        whens += [
            f"WHEN {_has('known', test)} AND NOT {_has('held', test)} THEN {number}"
            for number, test in enumerate(required, start=len(self.out) + 1)
        ]
        return f"CASE {' '.join(whens)} END" if whens else "CAST(NULL AS INTEGER)"

    def facts_lacking(self, *, person: bool) -> str:
        asked = [
            test
            for test in self.fit
            if self.icp.fit[test.place].required and (person or test.scope is Scope.COMPANY)
        ]
        if not asked:
            return "0"
        known = " AND ".join(f"(known_{word} & {mask}) = {mask}" for word, mask in _masks(asked))
        return f"CASE WHEN {known} THEN 0 ELSE {_NO_FACT} END"

    @property
    def told_in_order(self) -> bool:
        """Whether scores are put in order only with what stands beside them: one sort of wide rows, not two."""
        return self.beside is not None and self.dialect.name == "duckdb"

    def weighed(self) -> str:
        """Every subject with its priority and what it lacks."""
        carried = ["account_id", "contact_id", "team", *self.bits, "role", "covered"]
        carried = [name for name in carried if name not in self.same_for_all]
        carried += [self.dialect.quoted(_points_column(kind)) for kind in self.icp.kinds]
        zero = self.dialect.literal(0.0)
        priority = " + ".join(
            f"{self.dialect.literal(share)} * coalesce({axis}, {zero})"
            for share, axis in zip(axis_shares(self.icp), ("fit", "intensity", "timing", "team"), strict=True)
        )
        fit = self.dialect.literal(self.icp.gate.fit)
        role = "0"
        if self.icp.roles and self.contacts is not None:
            role = (
                f"CASE WHEN contact_id IS NULL OR role > 0 THEN 0 "
                f"WHEN role IS NULL THEN {_ROLE_UNKNOWN} ELSE {_NO_ROLE} END"
            )
        gaps = f"lacks_facts + CASE WHEN fit >= {fit} THEN 0 ELSE {_NO_FIT} END + {role} + lacks_signal"
        return (
            f"SELECT {', '.join(carried)}, fit, intensity, timing, known, disqualified_by,\n"
            f"    {tidy(f'({priority})')} AS priority, {gaps} AS gaps\n  FROM judged"
        )

    def order(self, of: str) -> str:
        """Prospects, leads, the others; each by priority, then by id."""
        # Standing and priority as one whole number sort twice as fast. Priorities have four places.
        standing = self.standing(of, prospect="0", lead="1", disqualified="2")
        whose = f"{of}.account_id"
        if self.contacts is not None:
            whose = f"coalesce({of}.contact_id, {whose})"
        return f"{standing} * 10000000 - CAST(round({of}.priority * 1e4) AS BIGINT), {whose}"

    def placed(self) -> Step:
        """The subjects in order of rank."""
        weighed = f"(\n  {self.weighed()}\n) AS w"
        if self.dialect.name == "duckdb":
            return Step("placed", f"SELECT * FROM {weighed}\nORDER BY {self.order('w')}")
        number = f"row_number() OVER (ORDER BY {self.order('w')}) AS {self.dialect.quoted('rank')}"
        return Step("placed", f"SELECT *, {number}\nFROM {weighed}")

    def scores(self) -> Step:
        """Verdict, priority and rank of every subject, with the bits that explain them."""
        return Step("scores", self.scored("placed", rank=self.place()))

    def place(self) -> str:
        """The rank of a subject in `placed`, or in whatever else was put in order."""
        # DuckDB sorts faster than its window numbers, and a table's rows are numbered as they were put.
        return "rowid + 1" if self.dialect.name == "duckdb" else self.dialect.quoted("rank")

    def scored(self, source: str, *, rank: str) -> str:
        q = self.dialect.quoted
        told = {name: f"{sql} AS {name}" for name, sql in self.same_for_all.items()}
        verdict = self.standing("w", **{one.value: self.dialect.literal(one.value) for one in Standing})
        columns = [
            *(told.get(name, name) for name in ("account_id", "contact_id")),
            f"{verdict} AS verdict",
            "fit",
            "intensity",
            "timing",
            told.get("team", "team"),
            "priority",
            *([f"{rank} AS {q('rank')}"] if rank else []),
            "known",
            "gaps",
            "disqualified_by",
            *(told.get(name, name) for name in (*self.bits, "role", "covered")),
            *(q(_points_column(kind)) for kind in self.icp.kinds),
        ]
        return f"SELECT {', '.join(columns)}\nFROM {source} AS w"

    def standing(self, of: str, *, prospect: str, lead: str, disqualified: str) -> str:
        """One of three, by what the gate says."""
        return (
            f"CASE WHEN {of}.disqualified_by IS NOT NULL THEN {disqualified} "
            f"WHEN {of}.gaps = 0 THEN {prospect} ELSE {lead} END"
        )

    @property
    def bits(self) -> list[str]:
        """The columns of answers, packed."""
        return [f"{name}_{word}" for word in self.words for name in ("held", "known")]

    @property
    def same_for_all(self) -> dict[str, str]:
        """What every subject has alike where there are accounts alone: no need to sort it along."""
        if self.contacts is not None:
            return {}
        return {
            "contact_id": self.dialect.cast("NULL", Kind.TEXT),
            "team": self.dialect.cast("NULL", Kind.NUMBER),
            "role": "CAST(NULL AS INTEGER)",
            "covered": "CAST(0 AS BIGINT)",
        }

    # The words

    def told(self) -> Step:
        """`scores` with why now, and with what is to stand beside them."""
        q, beside = self.dialect.quoted, self.beside or Beside()
        own = (
            "" if self.contacts is None else "\nLEFT JOIN contact_news AS nc ON nc.contact_id = s.contact_id"
        )
        nothing = self.dialect.literal(-1.0)
        why = (
            "na.words"
            if self.contacts is None
            else f"CASE WHEN nc.worth >= coalesce(na.worth, {nothing}) THEN nc.words ELSE na.words END"
        )
        columns = [f"{why} AS why_now", *(f"{sql} AS {q(name)}" for name, sql in beside.columns.items())]
        scores, order = "scores", f"s.{q('rank')}"
        if self.told_in_order:
            scores = "(\n" + self.scored(f"(\n  {self.weighed()}\n)", rank="") + "\n)"
            order = self.order("s")
        joins = f"\n{beside.joins}\nORDER BY {order}" if self.beside else ""
        return Step(
            "told",
            f"SELECT s.*, {', '.join(columns)}\nFROM {scores} AS s\n"
            f"LEFT JOIN account_news AS na ON na.account_id = s.account_id{own}{joins}",
        )

    def verdicts(self) -> Step:
        """`told` in words: what is missing, what disqualifies, and every rule's part in it."""
        q = self.dialect.quoted
        named = "".join(f", s.{q(name)}" for name in self.beside.columns) if self.beside else ""
        rank = f"s.{self.place()} AS {q('rank')}" if self.told_in_order else f"s.{q('rank')}"
        return Step(
            "verdicts",
            "SELECT s.account_id, s.contact_id, s.verdict, "
            f"s.fit, s.intensity, s.timing, s.team, s.priority, {rank}, s.known,\n"
            f"  {self.missing()} AS missing,\n  {self.disqualifier()} AS disqualifier,\n"
            f"  s.why_now,\n  {self.by_subject(self.reasons, 's.contact_id')} AS reasons{named}\n"
            "FROM told AS s",
        )

    def missing(self) -> str:
        parts = [
            f"CASE WHEN {'' if test.scope is Scope.COMPANY else 's.contact_id IS NOT NULL AND '}"
            f"NOT {_has('known', test)} THEN {self.dialect.literal(missing_fact(rule))} END"
            for test, rule in zip(self.fit, self.icp.fit, strict=True)
            if rule.required
        ]
        gaps = [
            (_NO_FIT, missing_fit(self.icp)),
            (_NO_ROLE, missing_role(self.icp)),
            (_ROLE_UNKNOWN, unknown_role(self.icp)),
            (_NO_SIGNAL, missing_signal(self.icp)),
        ]
        parts += [
            f"CASE WHEN (gaps & {bit}) <> 0 THEN {self.dialect.literal(text)} END" for bit, text in gaps
        ]
        return self.dialect.known_texts(parts)

    def disqualifier(self) -> str:
        texts = [hit(one) for one in self.icp.disqualifiers]
        texts += [failed_rule(rule) for rule in self.icp.fit if rule.required]
        whens = " ".join(
            f"WHEN {number} THEN {self.dialect.literal(text)}" for number, text in enumerate(texts, start=1)
        )
        return f"CASE disqualified_by {whens} END" if texts else self.dialect.cast("NULL", Kind.TEXT)

    def reasons(self, *, person: bool) -> str:
        """The JSON list that `qualify.rules.reasons_json` makes of the same reasons."""
        icp = self.icp
        rules = applying(icp.fit, person=person)
        parts = [
            self.answer(Axis.FIT, rule, fit_shown(rule.weight, rules), test)
            for test, rule in zip(self.fit, icp.fit, strict=True)
        ]
        for test, one in zip(self.out, icp.disqualifiers, strict=True):
            held = self.said(Axis.DISQUALIFIER, one.name, 0.0, True, one.reason)
            unknown = self.said(Axis.DISQUALIFIER, one.name, 0.0, None, one.reason)
            whens = f"WHEN {_has('held', test)} THEN {held} WHEN NOT {_has('known', test)} THEN {unknown}"
            parts.append(f"CASE {whens} END")
        parts += [
            self.answer(Axis.INTENSITY, rule, shown(rule.weight), test)
            for test, rule in zip(self.pains, icp.evidence, strict=True)
        ]
        parts += [self.timing_part(place) for place in range(len(icp.kinds))]
        parts += self.team_parts(person=person)
        comma = self.dialect.literal(",")
        return f"concat('[', concat_ws({comma}, {', '.join(parts)}), ']')"

    def said(self, axis: Axis, rule: str, points: float, held: bool | None, text: str) -> str:
        return self.dialect.literal(
            json.dumps(
                {"axis": axis.value, "rule": rule, "points": points, "held": held, "text": text},
                ensure_ascii=False,
                separators=(",", ":"),
            )
        )

    def answer(self, axis: Axis, rule: Rule, worth: float, test: _Test) -> str:
        held = self.said(axis, rule.name, worth, True, rule.text)
        failed = self.said(axis, rule.name, 0.0, False, rule.text)
        unknown = self.said(axis, rule.name, 0.0, None, rule.text)
        whens = f"WHEN {_has('held', test)} THEN {held} WHEN {_has('known', test)} THEN {failed}"
        return f"CASE {whens} ELSE {unknown} END"

    def timing_part(self, place: int) -> str:
        kind = self.icp.kinds[place]
        tenths = self.dialect.quoted(_points_column(kind))
        whole = json.dumps(
            {"axis": "timing", "rule": kind_name(kind.type), "points": 0, "held": True, "text": kind.text},
            ensure_ascii=False,
            separators=(",", ":"),
        )
        before, after = whole.split('"points":0', 1)
        start, end = self.dialect.literal(f'{before}"points":'), self.dialect.literal(after)
        text = self.dialect.types[Kind.TEXT]
        return f"CASE WHEN {tenths} > 0 THEN concat({start}, CAST({tenths} / 1e1 AS {text}), {end}) END"

    def team_parts(self, *, person: bool) -> list[str]:
        icp = self.icp
        if not icp.roles:
            return []
        if not person:
            return [self.said(Axis.TEAM, one.name, 0.0, None, f"find: {one.text}") for one in to_find(icp)]
        own, each = role_shares(icp)
        whens = " ".join(
            f"WHEN {place} THEN "
            + self.said(Axis.TEAM, one.name, shown(own), True, f"holds the role: {one.text}")
            for place, one in enumerate(icp.roles, start=1)
        )
        none, unknown = (
            self.said(Axis.TEAM, "buying role", 0.0, held, missing_role(icp)) for held in (False, None)
        )
        return [
            f"CASE role {whens} WHEN 0 THEN {none} ELSE {unknown} END",
            *(self.covers(at, one, each) for at, one in enumerate(icp.cover)),
        ]

    def covers(self, at: int, role: BuyingRole, each: float) -> str:
        found = self.said(Axis.TEAM, f"covers {role.name}", shown(each), True, f"found: {role.text}")
        absent = self.said(Axis.TEAM, f"covers {role.name}", 0.0, False, f"find: {role.text}")
        return f"CASE WHEN (covered & {1 << at}) <> 0 THEN {found} ELSE {absent} END"


_TALLIED = ("fit_points", "fit_known", "pain_points")


def _points_column(kind: SignalKind) -> str:
    return sum_column(kind).replace("sum_", "points_", 1)


def _more(columns: str) -> str:
    return f",\n    {columns}" if columns else ""


def _mask(parts: Sequence[tuple[str, int]]) -> str:
    """A whole number with the bits of those parts that are true."""
    return " + ".join(
        ["CAST(0 AS BIGINT)", *(f"CASE WHEN {asked} THEN {bit} ELSE 0 END" for asked, bit in parts)]
    )


def _has(column: str, test: _Test) -> str:
    return f"(({column}_{test.word} & {test.bit}) <> 0)"


def _masks(tests: Sequence[_Test]) -> list[tuple[int, int]]:
    """For each word that the tests touch: the word and their bits in it."""
    masks: dict[int, int] = {}
    for test in tests:
        masks[test.word] = masks.get(test.word, 0) | test.bit
    return sorted(masks.items())
