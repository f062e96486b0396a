"""Fit, intensity, timing, team: a verdict on one person or account, with the reason for each point.

Pure, one row at a time: what a page shows. `qualify.steps` says the same for millions of rows; a property
test holds the two equal. The formulas and their reasons are told in docs/guide/scoring.md.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum

from panout.criteria.predicate import Answer, Fact, Predicate, Record, predicate
from panout.criteria.tree import Tree, fields
from panout.icp.rules.profile import BuyingRole, Disqualifier, Icp, Rule, Scope
from panout.icp.rules.reading import OTHER
from panout.signals.rules import Signal, best, points, sums, tidy, timing, together

OWN_ROLE, COVERAGE = 60.0, 40.0
"""How the hundred points of Team are shared: this person's role, and the account's roles that are covered.
Writing to the right person is what an answer hangs on; a covered account is what a deal hangs on later."""


class Standing(StrEnum):
    """What the gate says."""

    PROSPECT = "prospect"
    LEAD = "lead"
    DISQUALIFIED = "disqualified"


class Axis(StrEnum):
    """To which figure a reason belongs; a disqualifier belongs to none."""

    FIT = "fit"
    INTENSITY = "intensity"
    TIMING = "timing"
    TEAM = "team"
    DISQUALIFIER = "disqualifier"


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one account or contact."""

    id: str
    fields: Mapping[str, Fact]
    custom: Mapping[str, str | None] = field(default_factory=dict)
    signals: Sequence[Signal] = ()


@dataclass(frozen=True, slots=True)
class Subject:
    """Whom the verdict is about: a contact, with or without an account, or an account without contacts.

    `covered`: names of the profile's roles that somebody in the account holds, this contact included.
    """

    account: Known | None
    contact: Known | None
    covered: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule and what it did. `held` None: unknown."""

    axis: Axis
    rule: str
    points: float
    held: bool | None
    text: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """Scores are 0..100, None where unknown.

    `known` is the share of the fit weight that rests on known facts.
    """

    account_id: str | None
    contact_id: str | None
    verdict: Standing
    fit: float | None
    intensity: float | None
    timing: float | None
    team: float | None
    priority: float
    known: float
    missing: tuple[str, ...]
    disqualifier: str | None
    why_now: str | None
    reasons: tuple[Reason, ...]
    rank: int = 0


@dataclass(frozen=True, slots=True)
class _Asked:
    """A subject as the criteria see it: on the company's scope and on the person's."""

    company: Record | None
    person: Record | None

    def on(self, scope: Scope) -> Record | None:
        return self.company if scope is Scope.COMPANY else self.person


class Judge:
    """One version of a profile, made ready to be asked on one day."""

    def __init__(self, icp: Icp, as_of: date) -> None:
        self.icp, self.as_of = icp, as_of
        self._tests: dict[Tree, Predicate] = {}

    def role_of(self, contact: Known) -> str | None:
        """The profile's role that somebody holds: "" for none, None for unknown.

        What the profile itself says of titles comes before what the list claims.
        """
        record = Record(contact.fields, contact.signals, contact.custom)
        own = [(role, self._ask(role.own, record)) for role in self.icp.roles if role.own is not None]
        given = [(role, self._ask(role.given, record)) for role in self.icp.roles]
        for role, held in (*own, *given):
            if held:
                return role.name
        # Only what the title says can leave it open: a list without a column for roles says nothing against.
        return None if any(held is None for _, held in own or given) else ""

    def verdict(self, subject: Subject) -> Verdict:
        """The verdict on one subject, not yet ranked."""
        icp, asked = self.icp, _asked(subject)
        person = subject.contact is not None
        fit_rules, pains = applying(icp.fit, person=person), applying(icp.evidence, person=person)
        fit_held = [self._held(rule, asked) for rule in icp.fit]
        pain_held = [self._held(rule, asked) for rule in icp.evidence]
        out_held = [self._held(one, asked) for one in icp.disqualifiers]
        role = self.role_of(subject.contact) if subject.contact else None

        fit = _fit(fit_rules, [self._held(rule, asked) for rule in fit_rules])
        intensity = _intensity(pains, [self._held(rule, asked) for rule in pains])
        totals = together(*(sums(icp, one.signals, self.as_of) for one in _parts(subject)))
        now = tidy(timing(icp, totals.totals)) if icp.kinds else None
        team = _team(icp, subject, role)
        fresh = totals.fresh_until is not None and totals.fresh_until >= self.as_of

        disqualifier = _disqualifier(icp, fit_held, out_held)
        missing = _missing(icp, subject, fit_held, fit, role, fresh=fresh)
        return Verdict(
            account_id=subject.account.id if subject.account else None,
            contact_id=subject.contact.id if subject.contact else None,
            verdict=_standing(disqualifier, missing),
            fit=fit,
            intensity=intensity,
            timing=now,
            team=team,
            priority=_priority(icp, fit, intensity, now, team),
            known=_known(fit_rules, [self._held(rule, asked) for rule in fit_rules]),
            missing=missing,
            disqualifier=disqualifier,
            why_now=self._why_now(subject),
            reasons=(
                *_rule_reasons(
                    Axis.FIT, icp.fit, fit_held, [fit_shown(rule.weight, fit_rules) for rule in icp.fit]
                ),
                *_disqualifier_reasons(icp.disqualifiers, out_held),
                *_rule_reasons(
                    Axis.INTENSITY, icp.evidence, pain_held, [shown(rule.weight) for rule in icp.evidence]
                ),
                *_timing_reasons(icp, totals.totals),
                *_team_reasons(icp, subject, role),
            ),
        )

    def _held(self, rule: Rule | Disqualifier, asked: _Asked) -> Answer:
        record = asked.on(rule.scope)
        return None if record is None else self._ask(rule.tree, record)

    def _ask(self, tree: Tree | None, record: Record) -> Answer:
        if tree is None:
            return False
        if tree not in self._tests:
            self._tests[tree] = predicate(tree, self.as_of)
        return self._tests[tree](record)

    def _why_now(self, subject: Subject) -> str | None:
        """In the words of the heaviest fresh signal; the person's own goes before the company's."""
        own = best(self.icp, subject.contact.signals, self.as_of) if subject.contact else None
        theirs = best(self.icp, subject.account.signals, self.as_of) if subject.account else None
        if own and (theirs is None or own[0] >= theirs[0]):
            return own[1]
        return theirs[1] if theirs else None


def ranked(verdicts: Iterable[Verdict]) -> list[Verdict]:
    """In the order of work: prospects, leads, disqualified; by priority; by id where that is the same."""
    order = list(Standing)
    placed = sorted(
        verdicts,
        key=lambda one: (order.index(one.verdict), -one.priority, one.contact_id or one.account_id or ""),
    )
    return [replace(one, rank=place) for place, one in enumerate(placed, start=1)]


def fact_names(tree: Tree) -> str:
    """What a criterion rests on, for people: "employees, industry"."""
    return ", ".join(fields(tree))


# What is missing, in words that do not depend on the row: the steps have only to choose among them


def missing_fact(rule: Rule) -> str:
    """A required rule of which the facts are not known."""
    return f"{fact_names(rule.tree)} (required: {rule.name})"


def missing_fit(icp: Icp) -> str:
    return f"a fit of {icp.gate.fit:g} or more"


def missing_role(icp: Icp) -> str:
    return f"a buying role ({', '.join(role.text for role in icp.roles)})"


def unknown_role(icp: Icp) -> str:
    return f"a known buying role ({', '.join(role.text for role in icp.roles)})"


def missing_signal(icp: Icp) -> str:
    return f"a fresh signal of strength {icp.gate.credible:g} or more"


def failed_rule(rule: Rule) -> str:
    return f"required: {rule.name}: not so that {rule.text}"


def hit(disqualifier: Disqualifier) -> str:
    return f"{disqualifier.name}: {disqualifier.reason}"


def to_find(icp: Icp) -> tuple[BuyingRole, ...]:
    """The roles that an account needs somebody for; where the profile marks none, all of them."""
    return icp.cover or icp.roles


def role_shares(icp: Icp) -> tuple[float, float]:
    """Points of Team for the own role and for each covered one."""
    if not icp.cover:
        return OWN_ROLE + COVERAGE, 0.0
    return OWN_ROLE, COVERAGE / len(icp.cover)


# The axes


def fit_most(rules: Sequence[Rule]) -> float:
    """The weights above zero together: what makes a fit of 100."""
    return sum(rule.weight for rule in rules if rule.weight > 0)


def applying(rules: Sequence[Rule], *, person: bool) -> list[Rule]:
    """The rules that can be asked at all: of an account without a person, those about the company."""
    return [rule for rule in rules if person or rule.scope is Scope.COMPANY]


def _fit(rules: Sequence[Rule], held: Sequence[Answer]) -> float | None:
    most = fit_most(rules)
    if most == 0:
        return None
    earned = sum(rule.weight for rule, one in zip(rules, held, strict=True) if one)
    return tidy(100.0 * min(max(earned / most, 0.0), 1.0))


def _known(rules: Sequence[Rule], held: Sequence[Answer]) -> float:
    whole = sum(abs(rule.weight) for rule in rules)
    if whole == 0:
        return 0.0
    return tidy(sum(abs(r.weight) for r, one in zip(rules, held, strict=True) if one is not None) / whole)


def _intensity(rules: Sequence[Rule], held: Sequence[Answer]) -> float | None:
    if all(one is None for one in held):
        return None
    earned = sum(rule.weight for rule, one in zip(rules, held, strict=True) if one)
    return tidy(min(max(earned, 0.0), 100.0))


def _team(icp: Icp, subject: Subject, role: str | None) -> float | None:
    if not icp.roles or subject.contact is None or role is None:
        return None
    own, each = role_shares(icp)
    covered = _covered(subject, role)
    return tidy((own if role else 0.0) + each * sum(one.name in covered for one in icp.cover))


def _covered(subject: Subject, role: str | None) -> frozenset[str]:
    return subject.covered | {role} if role else subject.covered


def _priority(
    icp: Icp, fit: float | None, intensity: float | None, now: float | None, team: float | None
) -> float:
    shares = axis_shares(icp)
    axes = (fit, intensity, now, team)
    return tidy(sum(share * (value or 0.0) for share, value in zip(shares, axes, strict=True)))


def axis_shares(icp: Icp) -> tuple[float, float, float, float]:
    """How much of the priority each axis is; one that the profile does not speak of is none."""
    emphasis = icp.emphasis
    parts = (
        emphasis.fit,
        emphasis.intensity if icp.evidence else 0.0,
        emphasis.timing if icp.kinds else 0.0,
        emphasis.team if icp.roles else 0.0,
    )
    whole = sum(parts)
    if whole == 0:
        return (1.0, 0.0, 0.0, 0.0)
    return (parts[0] / whole, parts[1] / whole, parts[2] / whole, parts[3] / whole)


# The gate


def _disqualifier(icp: Icp, fit_held: Sequence[Answer], out_held: Sequence[Answer]) -> str | None:
    """The first disqualifier that holds, or else the first required rule that is known not to."""
    for disqualifier, held in zip(icp.disqualifiers, out_held, strict=True):
        if held:
            return hit(disqualifier)
    for rule, held in zip(icp.fit, fit_held, strict=True):
        if rule.required and held is False:
            return failed_rule(rule)
    return None


def _missing(
    icp: Icp,
    subject: Subject,
    fit_held: Sequence[Answer],
    fit: float | None,
    role: str | None,
    *,
    fresh: bool,
) -> tuple[str, ...]:
    found = [
        missing_fact(rule)
        for rule, held in zip(icp.fit, fit_held, strict=True)
        if rule.required and held is None and (subject.contact or rule.scope is Scope.COMPANY)
    ]
    if fit is None or fit < icp.gate.fit:
        found.append(missing_fit(icp))
    if icp.roles and subject.contact and not role:
        found.append(unknown_role(icp) if role is None else missing_role(icp))
    if not fresh:
        found.append(missing_signal(icp))
    return tuple(found)


def _standing(disqualifier: str | None, missing: Sequence[str]) -> Standing:
    if disqualifier is not None:
        return Standing.DISQUALIFIED
    return Standing.LEAD if missing else Standing.PROSPECT


# Reasons


def _rule_reasons(
    axis: Axis, rules: Sequence[Rule], held: Sequence[Answer], worth: Sequence[float]
) -> list[Reason]:
    return [
        Reason(axis, rule.name, earned if one else 0.0, one, rule.text)
        for rule, one, earned in zip(rules, held, worth, strict=True)
    ]


def _disqualifier_reasons(rules: Sequence[Disqualifier], held: Sequence[Answer]) -> list[Reason]:
    """Those that hold or cannot be told; that somebody is not out is no news."""
    return [
        Reason(Axis.DISQUALIFIER, rule.name, 0.0, one, rule.reason)
        for rule, one in zip(rules, held, strict=True)
        if one is not False
    ]


def _timing_reasons(icp: Icp, totals: Sequence[float]) -> list[Reason]:
    """Those that are worth a tenth of a point and more."""
    return [
        Reason(Axis.TIMING, kind_name(kind.type), worth, True, kind.text)
        for kind, total in zip(icp.kinds, totals, strict=True)
        if (worth := shown(points(kind, total))) > 0
    ]


def kind_name(name: str) -> str:
    """The type of signal as reasons name it."""
    return "other signals" if name == OTHER else name


def _team_reasons(icp: Icp, subject: Subject, role: str | None) -> list[Reason]:
    if not icp.roles:
        return []
    if subject.contact is None:
        return [Reason(Axis.TEAM, one.name, 0.0, None, f"find: {one.text}") for one in to_find(icp)]
    own, each = role_shares(icp)
    reasons = [
        Reason(Axis.TEAM, one.name, shown(own), True, f"holds the role: {one.text}")
        for one in icp.roles
        if one.name == role
    ] or [Reason(Axis.TEAM, "buying role", 0.0, None if role is None else False, missing_role(icp))]
    covered = _covered(subject, role)
    for one in icp.cover:
        there = one.name in covered
        text = f"found: {one.text}" if there else f"find: {one.text}"
        reasons.append(Reason(Axis.TEAM, f"covers {one.name}", shown(each) if there else 0.0, there, text))
    return reasons


def shown(value: float) -> float:
    """Points as reasons show them: one place, half up."""
    return math.floor(value * 10.0 + 0.5) / 10.0


def fit_shown(weight: float, rules: Sequence[Rule]) -> float:
    """What a rule's weight is of the hundred points of Fit, where just these rules apply."""
    most = fit_most(rules)
    return shown(100.0 * weight / most) if most else 0.0


def reasons_json(reasons: Sequence[Reason]) -> str:
    """The reasons as the relation `verdicts` carries them."""
    return json.dumps([asdict(one) for one in reasons], ensure_ascii=False, separators=(",", ":"))


# The subject as the criteria see it


def _parts(subject: Subject) -> list[Known]:
    """Whose signals count; an empty one, so that there is always something to add up."""
    return [one for one in (subject.account, subject.contact) if one] or [Known("", {})]


def _asked(subject: Subject) -> _Asked:
    account, contact = subject.account, subject.contact
    company = Record(account.fields, account.signals, account.custom) if account else None
    if contact is None:
        return _Asked(company, None)
    return _Asked(
        company,
        Record(
            {**(account.fields if account else {}), **contact.fields},
            [*(account.signals if account else ()), *contact.signals],
            {
                **(account.custom if account else {}),
                **{k: v for k, v in contact.custom.items() if v is not None},
            },
        ),
    )
