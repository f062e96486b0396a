"""What to change upstream: which slices have earned a place or lost it, and the change in the profile's words."""

from __future__ import annotations

import io
import json
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum

from ruamel.yaml import YAML

from panout.kernel.errors import BadInput
from panout.learn.rules.evidence import log_e_above, log_e_below
from panout.learn.rules.rates import Count


class Axis(StrEnum):
    """What a slice is cut by; each can be said in a profile."""

    INDUSTRY = "industry"
    PERSONA = "persona"
    SIGNAL = "signal"


class Kind(StrEnum):
    """What is proposed."""

    RETIRE = "retire"
    DOUBLE_DOWN = "double_down"
    WEIGH_SIGNAL = "weigh_signal"


@dataclass(frozen=True, slots=True)
class Part:
    """One slice beside everybody else who was touched in the same time."""

    axis: Axis
    value: str
    count: Count
    others: Count


@dataclass(frozen=True, slots=True)
class Proposed:
    """A change and why. `evidence` is how many times likelier a difference is than none, in odds."""

    kind: Kind
    axis: Axis
    value: str
    better: bool
    count: Count
    baseline: float
    evidence: float

    @property
    def title(self) -> str:
        """The proposal in one line."""
        what = f"{self.axis.value} {self.value}"
        match self.kind:
            case Kind.RETIRE:
                return f"Retire {what}"
            case Kind.DOUBLE_DOWN:
                return f"Double down on {what}"
            case Kind.WEIGH_SIGNAL:
                return f"Weigh the signal {self.value} {'more' if self.better else 'less'}"


def proposals(parts: Iterable[Part], alpha: float = 0.05) -> Iterator[Proposed]:
    """Slices that are apart from all others beyond doubt.

    The bar is 1/alpha times the number of slices looked at (Bonferroni), because somebody who looks at
    thirty slices finds one in twenty by chance. Slices of equal people therefore stay quiet.
    """
    told = [part for part in parts if part.value and part.count.tried and part.others.tried]
    bar = math.log(2 * len(told) / alpha) if told else math.inf
    for part in told:
        # The others' rate is itself measured: both sides must be apart from the rate in the middle.
        baseline = (part.count.hits + part.others.hits) / (part.count.tried + part.others.tried)
        if not 0 < baseline < 1:
            continue
        above, below = log_e_above(part.count, baseline), log_e_below(part.count, baseline)
        if max(above, below) < bar:
            continue
        better = above > below
        kind = Kind.DOUBLE_DOWN if better else Kind.RETIRE
        kind = Kind.WEIGH_SIGNAL if part.axis is Axis.SIGNAL else kind
        odds = math.exp(min(max(above, below), 300))
        yield Proposed(kind, part.axis, part.value, better, part.count, baseline, odds)


def changed(text: str, kind: Kind, axis: Axis, value: str, *, better: bool, why: str) -> str:
    """The profile's text with the change in it; comments stay. Raises BadInput when it cannot be made."""
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 110
    profile = yaml.load(text)
    if not isinstance(profile, dict):
        raise BadInput("The profile is no mapping.", mend="Mend it on its page first.")
    match kind:
        case Kind.WEIGH_SIGNAL:
            known = [one for one in profile.get("signals", []) if one.get("type") == value]
            if not known:
                raise BadInput(f"The profile does not name the signal {value}.", mend="Add it by hand.")
            for one in known:
                one["weight"] = max(1, min(99, round(float(one["weight"]) * (1.5 if better else 0.5))))
                if "cap" in one:  # a cap lies above its weight, else one signal would reach it for ever
                    one["cap"] = min(100, max(one["cap"], round(1.5 * one["weight"])))
        case Kind.RETIRE:
            entry = {"name": f"retired: {value}"[:120], "rule": _rule(axis, value), "reason": why[:2000]}
            profile.setdefault("disqualifiers", []).append(entry)
        case Kind.DOUBLE_DOWN:
            proven = {"name": f"proven: {value}"[:120], "rule": _rule(axis, value), "weight": 15}
            profile.setdefault("fit", []).append(proven)
    if isinstance(profile.get("version"), int):
        profile["version"] += 1
    out = io.StringIO()
    yaml.dump(profile, out)
    return out.getvalue()


def _rule(axis: Axis, value: str) -> str:
    field = "buying_role" if axis is Axis.PERSONA else "industry"
    return f"{field} = {json.dumps(value, ensure_ascii=False)}"
