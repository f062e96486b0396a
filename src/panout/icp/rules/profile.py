"""The ideal customer profile as the rooms use it: criteria parsed, defaults filled in, all checked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from panout.criteria.tree import Tree
from panout.kernel.signals import Level


class Audience(StrEnum):
    """Whom the profile seeks: companies and their people, or people without a company (B2C)."""

    COMPANIES = "companies"
    PEOPLE = "people"


class Role(StrEnum):
    """What somebody does in a purchase."""

    ECONOMIC_BUYER = "economic_buyer"
    CHAMPION = "champion"
    INFLUENCER = "influencer"
    GATEKEEPER = "gatekeeper"
    DECISION_MAKER = "decision_maker"


class Scope(StrEnum):
    """What a rule is asked of: the company once, or each person (who then also shows the company's facts)."""

    COMPANY = "company"
    PERSON = "person"


class Channel(StrEnum):
    """A way to reach somebody."""

    EMAIL = "email"
    PHONE = "phone"
    SOCIAL = "social"
    EVENT = "event"
    MAIL = "mail"
    REFERRAL = "referral"
    PARTNER = "partner"


@dataclass(frozen=True, slots=True)
class Rule:
    """A criterion that earns `weight` points where it holds. `text` says it to people."""

    name: str
    tree: Tree
    scope: Scope
    weight: float
    text: str
    required: bool = False


@dataclass(frozen=True, slots=True)
class Disqualifier:
    """Where the criterion holds we do not write, whatever else speaks for it; `reason` says why."""

    name: str
    tree: Tree
    scope: Scope
    reason: str


@dataclass(frozen=True, slots=True)
class Problem:
    """A pain, what solving it brings, and the criteria that betray it."""

    name: str
    pain: str
    outcome: str
    proof: str
    roles: tuple[str, ...]
    evidence: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class BuyingRole:
    """A place in the purchase. `own` is what this profile says of it; `given`: the list itself says so.

    `cover`: an account is not worked well until somebody is found for it.
    """

    name: str
    role: Role
    own: Tree | None
    given: Tree
    cover: bool
    text: str


@dataclass(frozen=True, slots=True)
class SignalKind:
    """What one type of signal is worth.

    `weight`: points of one signal of full strength today. `cap`: what any number of them comes near to.
    `half_life`, `fresh`: days.
    """

    type: str
    level: Level
    weight: float
    half_life: float
    cap: float
    fresh: int
    text: str


@dataclass(frozen=True, slots=True)
class Gate:
    """What a lead must have to become a prospect.

    `fit` is 0..100, `credible` 0..1: the least strength of a signal that counts.
    """

    fit: float
    credible: float


@dataclass(frozen=True, slots=True)
class Emphasis:
    """How much each axis counts in the priority; only their proportions matter."""

    fit: float
    intensity: float
    timing: float
    team: float


@dataclass(frozen=True, slots=True)
class ChannelPlan:
    """Which channel opens and which follow.

    For whom (`roles`, none: everybody) and when (`tree`, None: always).
    """

    roles: tuple[str, ...]
    tree: Tree | None
    first: Channel
    then: tuple[Channel, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Change:
    """One line of the profile's history."""

    version: int
    on: date
    by: str
    why: str


@dataclass(frozen=True, slots=True)
class Icp:
    """One version of an ideal customer profile.

    `other`: what signals of a type that is not listed are worth, or None: nothing.
    """

    name: str
    version: int
    ae: str
    sdr: str
    review: date
    audience: Audience
    fit: tuple[Rule, ...]
    disqualifiers: tuple[Disqualifier, ...]
    problems: tuple[Problem, ...]
    roles: tuple[BuyingRole, ...]
    signals: tuple[SignalKind, ...]
    other: SignalKind | None
    gate: Gate
    emphasis: Emphasis
    channels: tuple[ChannelPlan, ...]
    changes: tuple[Change, ...]

    @property
    def evidence(self) -> tuple[Rule, ...]:
        """The criteria of all problems, in the order of the file."""
        return tuple(rule for problem in self.problems for rule in problem.evidence)

    @property
    def kinds(self) -> tuple[SignalKind, ...]:
        """The signal types that earn points, and last, where there is one, the rest."""
        return self.signals if self.other is None else (*self.signals, self.other)

    @property
    def cover(self) -> tuple[BuyingRole, ...]:
        """The roles that an account must have somebody for."""
        return tuple(role for role in self.roles if role.cover)
