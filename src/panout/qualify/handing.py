"""Who works on whom: loads of the reps, prospects against what the team can work, and the rules that hand them out.

loads() -> tuple[Load, ...]                            prospects of each rep against their capacity
pipeline() -> Pipeline                                 prospects now against what the team can work
desk() -> Desk                                         the rules in their order, the loads, whether it goes by itself
dealing(asker, desk, today) -> Dealing                 what would be handed out now; changes nothing
hand_out(asker, limit, origin, now) -> Assigned        does it; raises Conflict when nobody can get anybody
look(now) -> int                                       the same by itself, for who became a prospect since the last look
save_rule(asker, rule_id, version, wish, origin, now), move_rule(...), retire_rule(...), restore_rule(...)
set_automatic(asker, automatic, origin, now)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count as Number
from django.db.models import F, Max, QuerySet

from panout.criteria.errors import CriteriaError
from panout.criteria.explain import sentence
from panout.criteria.parse import parse
from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.kernel.lifecycle import Lifecycle
from panout.qualify.counting import people_among
from panout.qualify.models import AssignmentPlan, AssignmentRule, LifecycleChange, Verdict
from panout.qualify.turns import Given, Rep, Target, Turn, Waiting, deal
from panout.resolve.actions import Assigned, assign
from panout.resolve.models import Contact
from panout.resolve.queries import sees
from panout.team.actions import record
from panout.team.queries import reps, teams
from panout.team.rules import SYSTEM, Person, Role, Verb, demand

SHORT_BELOW = 0.8  # of what the team can work: below it the page warns
AT_ONCE = 1000
MOST_RULES = 50
_WORKS = {Role.SDR, Role.BDR, Role.AE, Role.FOUNDER}
_NO_RULES = Turn(0, "in turn, as there are no rules", Target.EVERYBODY)


@dataclass(frozen=True, slots=True)
class Load:
    """How full a rep's hands are."""

    user_id: int
    name: str
    role: Role
    prospects: int
    capacity: int
    team_id: int | None = None
    team: str = ""

    @property
    def room(self) -> int:
        return max(0, self.capacity - self.prospects)

    @property
    def percent(self) -> float:
        return 100.0 * self.prospects / self.capacity if self.capacity else 100.0


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Prospects in the pipeline now, against what the team can work."""

    prospects: int
    unowned: int
    target: int
    opportunities: int
    loads: tuple[Load, ...]

    @property
    def short_by(self) -> int:
        """How many prospects are missing before the team runs dry; 0: enough."""
        return max(0, self.target - self.prospects) if self.prospects < SHORT_BELOW * self.target else 0


@dataclass(frozen=True, slots=True)
class RuleLine:
    """A rule, in words. `idle`: nobody it gives to can work prospects, so it is passed over."""

    id: int
    name: str
    criteria: str
    sentence: str
    target: Target
    user_id: int | None
    team_id: int | None
    to: str
    fallback: bool
    version: int
    idle: bool

    @property
    def turn(self) -> Turn:
        return Turn(self.id, self.name, self.target, self.user_id, self.team_id)


@dataclass(frozen=True, slots=True)
class Desk:
    """What handing out goes by; the fallback is the last rule."""

    rules: tuple[RuleLine, ...]
    loads: tuple[Load, ...]
    automatic: bool


@dataclass(frozen=True, slots=True)
class Wish:
    """A rule as a form gives it; without criteria it is the fallback."""

    name: str
    criteria: str
    target: Target
    user_id: int | None = None
    team_id: int | None = None


@dataclass(frozen=True, slots=True)
class Dealt:
    """Somebody whom nobody owns, and who would get them."""

    contact_id: int
    name: str
    account: str
    priority: float
    to: str
    rule: str
    why: str


@dataclass(frozen=True, slots=True)
class Dealing:
    """What would be handed out now. `waiting` counts all whom nobody owns, also beyond those that were looked at."""

    waiting: int
    given: tuple[Dealt, ...]
    left: tuple[Dealt, ...]
    by_rep: tuple[tuple[str, int], ...]
    by_rule: Mapping[str, int]


def loads() -> tuple[Load, ...]:
    held = Contact.objects.living().filter(lifecycle=Lifecycle.PROSPECT, owner__isnull=False)
    counts = dict(held.values_list("owner").annotate(number=Number("id")))
    return tuple(
        Load(one.id, one.name, one.role, counts.get(one.id, 0), one.capacity, one.team_id, one.team)
        for one in reps()
        if one.role in _WORKS
    )


def pipeline() -> Pipeline:
    now = Contact.objects.living().filter(lifecycle=Lifecycle.PROSPECT)
    held = loads()
    return Pipeline(
        now.count(),
        now.filter(owner=None).count(),
        sum(one.capacity for one in held),
        Contact.objects.living().filter(lifecycle=Lifecycle.OPPORTUNITY).count(),
        held,
    )


def desk() -> Desk:
    working = loads()
    rows = AssignmentRule.objects.in_use().select_related("user", "team")[: MOST_RULES + 1]
    return Desk(
        tuple(_line(row, working) for row in rows),
        working,
        AssignmentPlan.objects.filter(automatic=True).exists(),
    )


def rule(rule_id: int) -> RuleLine:
    row = AssignmentRule.objects.select_related("user", "team").filter(id=rule_id, retired_at=None).first()
    if row is None:
        raise NotFound("There is no such rule.")
    return _line(row, loads())


def dealing(asker: Person, at: Desk, today: date, limit: int = 200) -> Dealing:
    """What would happen now. Only those whom the asker sees are named, as only those are handed out."""
    free = _free()
    found = _best_first(free, limit)
    given = _dealt(found, at, today)
    named = {
        row.pk: row
        for row in Contact.objects.select_related("account", "owner").filter(
            id__in=[one for one, *_ in found]
        )
        if sees(asker, row.owner)
    }
    names = {one.user_id: one.name for one in at.loads}
    priorities = {contact: priority for contact, _, priority in found}
    told = [
        Dealt(
            one.contact_id, named[one.contact_id].label,
            account.label if (account := named[one.contact_id].account) else "",
            priorities[one.contact_id], names.get(one.user_id or 0, ""), one.rule, one.why,
        )
        for one in given
        if one.contact_id in named
    ]  # fmt: skip
    got = [one for one in told if one.to]
    return Dealing(
        free.count(),
        tuple(got),
        tuple(one for one in told if not one.to),
        _tally(one.to for one in got),
        dict(_tally(one.rule for one in got)),
    )


@transaction.atomic
def hand_out(asker: Person, limit: int, origin: str, now: datetime) -> Assigned:
    """Give nobody's prospects, best first, by the rules; without rules in turn to whoever has room."""
    demand(asker, Verb.ASSIGN)
    before = _give(asker, _best_first(_free(), min(limit, AT_ONCE)), origin, now)
    if not before:
        raise Conflict(
            "There is nobody with room, no rule that fits, or no prospect without an owner.",
            mend="Raise somebody's capacity, add a fallback, or bring in a list.",
        )
    return Assigned({}, before)


@transaction.atomic
def look(now: datetime) -> int:
    """Hand out whom the gate or a person made a prospect since the last look; returns how many got an owner.

    Who goes on waiting, because all are full, is looked at again. Who was set to nobody by hand is left alone.
    """
    plan = AssignmentPlan.objects.select_for_update(skip_locked=True).filter(automatic=True).first()
    if plan is None:
        return 0
    fresh = LifecycleChange.objects.filter(now=Lifecycle.PROSPECT, at__gt=plan.looked_at)
    newest = fresh.aggregate(newest=Max("at"))["newest"]
    if newest is None:
        return 0
    free = _free().filter(contact_id__in=fresh.values("contact_id"))
    free = free.exclude(contact__touched_fields__contains=["owner"])  # to nobody, by somebody's hand
    found = _best_first(free, AT_ONCE)
    before = _give(SYSTEM, found, "assignment rules", now)
    if len(before) == len(found) and len(found) < AT_ONCE:
        plan.looked_at = newest
        plan.save(update_fields=["looked_at"])
    return len(before)


@transaction.atomic
def save_rule(
    asker: Person, rule_id: int | None, version: int, wish: Wish, origin: str, now: datetime
) -> int:
    """A new rule stands last before the fallback. Raises CriteriaError, BadInput, Conflict."""
    demand(asker, Verb.ASSIGN)
    _lock_rules()
    clean = _checked(wish)
    fallback = not clean.criteria
    others = AssignmentRule.objects.in_use().exclude(id=rule_id or 0)
    if fallback and others.filter(fallback=True).exists():
        raise Conflict("There is a fallback already.", mend="Change that one, or write criteria.")
    if rule_id is None and others.count() >= MOST_RULES:
        raise BadInput(f"There are {MOST_RULES} rules already.", mend="Take one out first.")
    row = AssignmentRule(place=1 + (others.aggregate(last=Max("place"))["last"] or 0), version=0)
    before: dict[str, object] | None = None
    if rule_id is not None:
        row = _locked(rule_id)
        before = _told(row)
        if row.version != version:
            raise Conflict(
                f"{row.name} was changed by somebody else meanwhile.",
                mend="Look at theirs, then put your change on top.",
            )
    row.name, row.criteria, row.target = clean.name, clean.criteria, clean.target
    row.user_id, row.team_id, row.fallback = clean.user_id, clean.team_id, fallback
    row.changed_at, row.changed_by_id = now, asker.id
    row.version += 1
    row.save()
    verb = "change assignment rule" if before else "make assignment rule"
    record(
        asker,
        verb,
        "assignment rule",
        row.pk,
        row.name,
        now=now,
        origin=origin,
        before=before,
        after=_told(row),
    )
    return row.pk


@transaction.atomic
def move_rule(asker: Person, rule_id: int, step: int, origin: str, now: datetime) -> None:
    """One place up (-1) or down (1); the fallback stays last."""
    demand(asker, Verb.ASSIGN)
    _lock_rules()
    order = list(AssignmentRule.objects.in_use().filter(fallback=False))
    at = next((place for place, one in enumerate(order) if one.pk == rule_id), None)
    if at is None:
        raise NotFound("There is no such rule.")
    to = at + step
    if not 0 <= to < len(order):
        return
    moved = order.pop(at)
    order.insert(to, moved)
    for place, one in enumerate(order):
        if one.place != place:
            one.place = place
            one.save(update_fields=["place"])
    record(
        asker, "move assignment rule", "assignment rule", moved.pk, moved.name, now=now, origin=origin,
        before={"place": at + 1}, after={"place": to + 1},
    )  # fmt: skip


@transaction.atomic
def retire_rule(asker: Person, rule_id: int, origin: str, now: datetime) -> None:
    demand(asker, Verb.ASSIGN)
    row = _locked(rule_id)
    row.retired_at = now
    row.save(update_fields=["retired_at"])
    record(
        asker,
        "remove assignment rule",
        "assignment rule",
        row.pk,
        row.name,
        now=now,
        origin=origin,
        before=_told(row),
    )


@transaction.atomic
def restore_rule(asker: Person, rule_id: int, origin: str, now: datetime) -> None:
    demand(asker, Verb.ASSIGN)
    _lock_rules()
    row = AssignmentRule.objects.filter(id=rule_id, retired_at__isnull=False).first()
    if row is None:
        raise NotFound("There is no such rule.")
    if row.fallback and AssignmentRule.objects.in_use().filter(fallback=True).exists():
        raise Conflict("There is another fallback by now.")
    row.retired_at = None
    row.save(update_fields=["retired_at"])
    record(asker, "restore assignment rule", "assignment rule", row.pk, row.name, now=now, origin=origin)


@transaction.atomic
def set_automatic(asker: Person, wanted: str, origin: str, now: datetime) -> None:
    """`wanted` is "on" or "off". On: whoever becomes a prospect from this moment is handed out within a minute."""
    demand(asker, Verb.ASSIGN)
    if wanted not in {"on", "off"}:
        raise BadInput("On or off?", where="automatic")
    plan, _ = AssignmentPlan.objects.select_for_update().get_or_create(
        id=1, defaults={"automatic": False, "looked_at": now}
    )
    was, plan.automatic = plan.automatic, wanted == "on"
    if plan.automatic and not was:
        plan.looked_at = now
    plan.save(update_fields=["automatic", "looked_at"])
    record(
        asker, f"turn handing out {wanted}", "assignment rule", None, "by itself", now=now, origin=origin,
        before={"automatic": was}, after={"automatic": plan.automatic},
    )  # fmt: skip


_Found = tuple[int, int | None, float]  # contact, account, priority


def _free() -> QuerySet[Verdict]:
    """Prospects that nobody owns."""
    return Verdict.objects.filter(
        contact__owner=None, contact__lifecycle=Lifecycle.PROSPECT, contact__merged_into=None
    )


def _give(asker: Person, found: Sequence[_Found], origin: str, now: datetime) -> dict[int, int | None]:
    """One call of `assign` for each rep and rule, so that the ledger tells which rule gave."""
    groups: dict[tuple[int, str], list[int]] = {}
    for one in _dealt(found, desk(), now.date()):
        if one.user_id is not None:
            groups.setdefault((one.user_id, one.rule), []).append(one.contact_id)
    before: dict[int, int | None] = {}
    for (user, rule_name), mine in groups.items():
        reason = f"rule: {rule_name}"
        before |= assign(asker, user, contact_ids=mine, origin=origin, now=now, reason=reason).contacts
    return before


def _dealt(found: Sequence[_Found], at: Desk, today: date) -> tuple[Given, ...]:
    ids = [contact for contact, *_ in found]
    held: dict[int, frozenset[int]] = {
        one.id: frozenset(ids) if one.fallback else people_among(one.criteria, today, ids) for one in at.rules
    }
    turns: list[Turn] = [one.turn for one in at.rules]
    if not turns:
        turns, held = [_NO_RULES], {0: frozenset(ids)}
    waiting = [
        Waiting(contact, account, frozenset(rule for rule, them in held.items() if contact in them))
        for contact, account, _ in found
    ]
    working = [Rep(one.user_id, one.name, one.team_id, one.prospects, one.capacity) for one in at.loads]
    return deal(waiting, turns, working, _keepers([account for _, account, _ in found if account]))


def _keepers(account_ids: Sequence[int]) -> dict[int, int]:
    """Who works on each company already: whoever holds most of its people, else the company's owner."""
    held = (
        Contact.objects.living()
        .filter(account_id__in=account_ids, owner__isnull=False)
        .values_list("account_id", "owner_id")
        .annotate(number=Number("id"))
        .order_by("number")
    )
    return {account: owner for account, owner, _ in held if account and owner}


def _best_first(free: QuerySet[Verdict], limit: int) -> list[_Found]:
    rows = free.order_by(F("priority").desc(), "id")
    found = rows.values_list("contact_id", "contact__account_id", "priority")[: max(1, min(limit, AT_ONCE))]
    return [(contact, account, priority) for contact, account, priority in found if contact is not None]


def _line(row: AssignmentRule, working: Sequence[Load]) -> RuleLine:
    target = Target(row.target)
    turn = Turn(row.pk, row.name, target, row.user_id, row.team_id)
    able = [
        Rep(one.user_id, one.name, one.team_id, one.prospects, one.capacity)
        for one in working
        if one.capacity
    ]
    to = row.user.name if row.user else f"{row.team.name if row.team else 'everybody'}, in turn"
    return RuleLine(
        row.pk, row.name, row.criteria, _sentence(row.criteria), target, row.user_id, row.team_id, to,
        row.fallback, row.version, not any(turn.names(one) for one in able),
    )  # fmt: skip


def _sentence(criteria: str) -> str:
    if not criteria:
        return "Everybody whom no rule above gave away."
    try:
        return sentence(parse(criteria))
    except CriteriaError:  # a field of the language that is no more
        return criteria


def _checked(wish: Wish) -> Wish:
    name, criteria = " ".join(wish.name.split())[:120], wish.criteria.strip()
    if not name:
        raise BadInput("A rule needs a name.", where="name")
    if criteria:
        parse(criteria)
    match wish.target:
        case Target.REP:
            if wish.user_id not in {one.user_id for one in loads()}:
                raise BadInput("Choose somebody who works prospects.", where="to")
            return replace(wish, name=name, criteria=criteria, team_id=None)
        case Target.TEAM:
            if wish.team_id not in {one.id for one in teams()}:
                raise BadInput("Choose a team.", where="to")
            return replace(wish, name=name, criteria=criteria, user_id=None)
        case Target.EVERYBODY:
            return replace(wish, name=name, criteria=criteria, user_id=None, team_id=None)


def _lock_rules() -> None:
    """Whoever changes the order waits for whoever is changing it."""
    list(AssignmentRule.objects.in_use().select_for_update(of=("self",)).values_list("id"))


def _locked(rule_id: int) -> AssignmentRule:
    row = AssignmentRule.objects.select_for_update(of=("self",)).filter(id=rule_id, retired_at=None).first()
    if row is None:
        raise NotFound("There is no such rule.")
    return row


def _told(row: AssignmentRule) -> dict[str, object]:
    return {"criteria": row.criteria, "target": row.target, "user": row.user_id, "team": row.team_id}


def _tally(words: Iterable[str]) -> tuple[tuple[str, int], ...]:
    counts: dict[str, int] = {}
    for word in words:
        counts[word] = counts.get(word, 0) + 1
    return tuple(sorted(counts.items(), key=lambda one: -one[1]))
