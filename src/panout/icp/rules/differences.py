"""What changed between two versions of a profile, part by part, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from panout.criteria.explain import phrase
from panout.criteria.tree import Tree
from panout.icp.rules.profile import (
    BuyingRole,
    ChannelPlan,
    Disqualifier,
    Icp,
    Problem,
    Rule,
    SignalKind,
)

Facts = Mapping[str, str]
"""What there is to say of one thing: what it is called, and how it stands."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is new, gone or otherwise. `part` is the key of the file where it stands."""

    part: str
    text: str


def differences(old: Icp, new: Icp) -> tuple[Difference, ...]:
    """Everything in which two versions judge, ask or say otherwise, in the order of the file.

    Order within a part, comments and the history of changes are no difference.
    """
    return tuple(
        Difference(part, text)
        for part, before, after in (
            ("profile", {"profile": _profile(old)}, {"profile": _profile(new)}),
            ("fit", _rules(old.fit), _rules(new.fit)),
            ("disqualifiers", _outs(old.disqualifiers), _outs(new.disqualifiers)),
            ("problems", _problems(old.problems), _problems(new.problems)),
            ("roles", _roles(old.roles), _roles(new.roles)),
            ("signals", _signals(old.kinds), _signals(new.kinds)),
            ("gate", {"gate": _gate(old)}, {"gate": _gate(new)}),
            ("priority", {"priority": _emphasis(old)}, {"priority": _emphasis(new)}),
            ("channels", _channels(old.channels), _channels(new.channels)),
        )
        for text in _compared(before, after)
    )


def _compared(before: Mapping[str, Facts], after: Mapping[str, Facts]) -> Iterable[str]:
    gone = [name for name in before if name not in after]
    fresh = [name for name in after if name not in before]
    for name in gone:
        same = next((other for other in fresh if after[other] == before[name]), None)
        if same is None:
            yield f"{name} is gone ({_told(before[name])})"
        else:
            fresh.remove(same)
            yield f"{name} is now called {same}"
    for name, facts in after.items():
        if name in fresh:
            yield f"{name} is new ({_told(facts)})"
        elif name in before:
            earlier = before[name]
            for what in dict.fromkeys((*earlier, *facts)):
                was, now = earlier.get(what, "nothing"), facts.get(what, "nothing")
                if was != now:
                    yield f"{'' if name in _ALONE else f'{name}, '}{what}: was {was}, is {now}"


# Parts that are one thing need no name of it.
_ALONE = frozenset({"profile", "gate", "priority"})


def _told(facts: Facts) -> str:
    return "; ".join(f"{what}: {value}" for what, value in facts.items())


def _profile(icp: Icp) -> Facts:
    return {
        "name": icp.name,
        "account executive": icp.ae,
        "SDR": icp.sdr,
        "review": icp.review.isoformat(),
        "audience": icp.audience.value,
    }


def _rules(rules: Iterable[Rule]) -> dict[str, Facts]:
    return {
        rule.name: {"asks": rule.text, "points": f"{rule.weight:+g}", "required": _yes(rule.required)}
        for rule in rules
    }


def _outs(disqualifiers: Iterable[Disqualifier]) -> dict[str, Facts]:
    return {one.name: {"asks": phrase(one.tree), "reason": one.reason} for one in disqualifiers}


def _problems(problems: Iterable[Problem]) -> dict[str, Facts]:
    found: dict[str, Facts] = {}
    for problem in problems:
        found[problem.name] = {
            "pain": problem.pain,
            "outcome": problem.outcome,
            "proof": problem.proof or "none",
            "roles": ", ".join(problem.roles) or "all",
        }
        for rule in problem.evidence:
            found[f"{problem.name}: {rule.name}"] = {"asks": rule.text, "points": f"{rule.weight:+g}"}
    return found


def _roles(roles: Iterable[BuyingRole]) -> dict[str, Facts]:
    return {
        role.name: {
            "part": role.role.value.replace("_", " "),
            "asks": _asked(role.own),
            "must be found": _yes(role.cover),
        }
        for role in roles
    }


def _signals(kinds: Iterable[SignalKind]) -> dict[str, Facts]:
    return {
        kind.type: {
            "level": kind.level.value,
            "points": f"{kind.weight:g}",
            "at most": f"{kind.cap:g}",
            "half-life": f"{kind.half_life:g} days",
            "fresh for": f"{kind.fresh} days",
            "said as": kind.text,
        }
        for kind in kinds
    }


def _gate(icp: Icp) -> Facts:
    return {"least fit": f"{icp.gate.fit:g}", "least strength of a signal": f"{icp.gate.credible:g}"}


def _emphasis(icp: Icp) -> Facts:
    shares = icp.emphasis
    return {
        "fit": f"{shares.fit:g}",
        "intensity": f"{shares.intensity:g}",
        "timing": f"{shares.timing:g}",
        "team": f"{shares.team:g}",
    }


def _channels(plans: Iterable[ChannelPlan]) -> dict[str, Facts]:
    return {
        f"for {', '.join(plan.roles) or 'everybody'}{_when(plan.tree)}": {
            "first": plan.first.value,
            "then": ", ".join(plan.then) or "nothing",
            "why": plan.why or "not said",
        }
        for plan in plans
    }


def _when(tree: Tree | None) -> str:
    return "" if tree is None else f" when {phrase(tree)}"


def _asked(tree: Tree | None) -> str:
    return "what the list says" if tree is None else phrase(tree)


def _yes(held: bool) -> str:
    return "yes" if held else "no"
