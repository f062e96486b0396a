"""From the text of an ICP file to a profile, or to every problem in it with its place and its mend."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from panout.criteria.errors import CriteriaError
from panout.criteria.explain import phrase
from panout.criteria.parse import parse
from panout.criteria.schema import CATALOGUE, Schema, Side
from panout.criteria.tree import And, FieldOf, How, IsKnown, Matches, Not, OneOf, Or, Tree, atoms, operand_of
from panout.icp.rules.checks import quarrels
from panout.icp.rules.profile import (
    Audience,
    BuyingRole,
    Change,
    ChannelPlan,
    Disqualifier,
    Emphasis,
    Gate,
    Icp,
    Problem,
    Rule,
    Scope,
    SignalKind,
)
from panout.icp.rules.shape import (
    DisqualifierRule,
    EvidenceRule,
    FitRule,
    IcpFile,
    RoleEntry,
    SignalEntry,
)
from panout.icp.rules.source import Path, Place, Source, Unreadable, read_source
from panout.icp.rules.source import Problem as Fault
from panout.kernel.errors import BadInput
from panout.kernel.fields import FIELDS, Kind
from panout.kernel.signals import SIGNAL_TYPES, Level, signal_type

OTHER = "(other)"
"""The type under which signals of types that the profile does not list are counted."""


class IcpError(BadInput):
    """The file is not a profile. `faults`: everything that is wrong with it, in the order of the file."""

    def __init__(self, name: str, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(f"{name}:{fault}" for fault in faults))
        self.name = name
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Reading:
    """A profile, and what is allowed in it but surely not meant."""

    icp: Icp
    warnings: tuple[Fault, ...]


def read_icp(text: str, name: str = "icp.yaml") -> Reading:
    """The profile of a file's text; faults begin with `name`. Raises IcpError with all of them."""
    try:
        source = read_source(text)
    except Unreadable as error:
        raise IcpError(name, [error.problem]) from error
    if not isinstance(source.values, dict):
        what = "the file is empty." if source.values is None else "an ICP file is a list of keys and values."
        raise IcpError(name, [Fault(1, 1, what, "Start from one in examples/icp.")])
    try:
        entry = IcpFile.model_validate(source.values)
    except ValidationError as error:
        raise IcpError(name, sorted({_fault(one, source) for one in error.errors()})) from error
    reader = _Reader(source, entry)
    icp = reader.icp()
    for quarrel in () if reader.faults else quarrels(icp):
        place = source.place(quarrel.path)
        fault = Fault(place.line, place.column, quarrel.what, quarrel.mend)
        (reader.faults if quarrel.grave else reader.warnings).append(fault)
    if reader.faults:
        raise IcpError(name, sorted(reader.faults))
    return Reading(icp, tuple(sorted(reader.warnings)))


class _Reader:
    """Turns the checked shape into the profile, gathering faults on the way."""

    def __init__(self, source: Source, entry: IcpFile) -> None:
        self.source, self.entry = source, entry
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.people = entry.audience is Audience.PEOPLE
        types = {*SIGNAL_TYPES, *(signal.type for signal in entry.signals)}
        self.schema: Schema = CATALOGUE.plus(signals=types)

    def icp(self) -> Icp:
        entry = self.entry
        roles = tuple(self.role(one, ("roles", at)) for at, one in enumerate(entry.roles))
        names = [role.name for role in roles]
        self.unique(names, "roles", "role")
        self.unique([signal.type for signal in entry.signals], "signals", "signal type")
        self.unique([problem.name for problem in entry.problems], "problems", "problem")
        fit = tuple(self.rule(one, ("fit", at)) for at, one in enumerate(entry.fit))
        if fit and not any(rule.weight > 0 for rule in fit):
            self.fault(
                self.source.key(("fit",)), "no fit rule has a weight above zero.", "Nobody could ever fit."
            )
        if not any(vars(entry.emphasis).values()):
            self.fault(self.source.key(("emphasis",)), "all four axes count nothing.", "Give one a weight.")
        return Icp(
            name=entry.name,
            version=entry.version,
            ae=entry.owners.ae,
            sdr=entry.owners.sdr,
            review=entry.review,
            audience=entry.audience,
            fit=fit,
            disqualifiers=tuple(
                self.disqualifier(one, ("disqualifiers", at)) for at, one in enumerate(entry.disqualifiers)
            ),
            problems=tuple(self.problem(at, names) for at in range(len(entry.problems))),
            roles=roles,
            signals=tuple(self.signal(one, ("signals", at)) for at, one in enumerate(entry.signals)),
            other=self.other(),
            gate=Gate(entry.gate.fit, entry.gate.credible),
            emphasis=Emphasis(
                entry.emphasis.fit, entry.emphasis.intensity, entry.emphasis.timing, entry.emphasis.team
            ),
            channels=tuple(self.channel(at, names) for at in range(len(entry.channels))),
            changes=tuple(Change(one.version, one.on, one.by, one.why) for one in entry.changes),
        )

    def fault(self, place: Place, what: str, mend: str = "") -> None:
        self.faults.append(Fault(place.line, place.column, what, mend))

    def unique(self, names: Sequence[str], key: str, noun: str) -> None:
        for at, name in enumerate(names):
            if name in names[:at]:
                self.fault(self.source.place((key, at)), f"the {noun} '{name}' is here twice.", "Rename one.")

    def criterion(self, text: str, path: Path) -> Tree:
        """The tree; a fault and an empty tree where the text is none."""
        try:
            return parse(text, self.schema)
        except CriteriaError as error:
            lines = text.split("\n")
            at = sum(len(line) + 1 for line in lines[: error.line - 1]) + error.column - 1
            self.fault(self.source.inside(path, text, at), _sentence(error.what), error.mend)
            return And(())

    def scope(self, tree: Tree, about: Scope | None, path: Path) -> Scope:
        personal = [
            of.name
            for of in map(operand_of, atoms(tree))
            if isinstance(of, FieldOf) and of.side is not Side.ACCOUNT
        ]
        if about is Scope.COMPANY and personal:
            self.fault(
                self.source.place((*path, "about")),
                f"'{personal[0]}' is a fact about a person.",
                "Leave out `about: company`.",
            )
        if about is not None:
            return about
        return Scope.PERSON if personal or self.people else Scope.COMPANY

    def rule(self, entry: FitRule | EvidenceRule, path: Path) -> Rule:
        tree = self.criterion(entry.rule, (*path, "rule"))
        return Rule(
            name=entry.name or _short(entry.rule),
            tree=tree,
            scope=self.scope(tree, entry.about, path),
            weight=entry.weight,
            text=phrase(tree) if any(True for _ in atoms(tree)) else entry.rule,
            required=isinstance(entry, FitRule) and entry.required,
        )

    def disqualifier(self, entry: DisqualifierRule, path: Path) -> Disqualifier:
        tree = self.criterion(entry.rule, (*path, "rule"))
        name = entry.name or _short(entry.rule)
        return Disqualifier(name, tree, self.scope(tree, entry.about, path), entry.reason)

    def problem(self, at: int, roles: Sequence[str]) -> Problem:
        entry, path = self.entry.problems[at], ("problems", at)
        self.named(entry.roles, roles, (*path, "roles"))
        evidence = tuple(
            self.rule(one, (*path, "evidence", number)) for number, one in enumerate(entry.evidence)
        )
        return Problem(entry.name, entry.pain, entry.outcome, entry.proof or "", tuple(entry.roles), evidence)

    def named(self, names: Sequence[str], there: Sequence[str], path: Path) -> None:
        for at, name in enumerate(names):
            if name not in there:
                place = self.source.place((*path, at))
                self.fault(place, f"there is no role '{name}'.", _did_you_mean(name, there))

    def role(self, entry: RoleEntry, path: Path) -> BuyingRole:
        parts: list[Tree] = []
        if entry.titles:
            for at, title in enumerate(entry.titles):
                if not any(sign.isalnum() for sign in title):
                    self.fault(self.source.place((*path, "titles", at)), "there is no word in this title.")
            parts.append(Matches(_field("title"), How.WORD, tuple(entry.titles)))
        place = tuple(
            OneOf(_field(name), tuple(values))
            for name, values in (("seniority", entry.seniority), ("department", entry.department))
            if values
        )
        if place:
            parts.append(place[0] if len(place) == 1 else And(place))
        own = None if not parts else parts[0] if len(parts) == 1 else Or(tuple(parts))
        given: Tree = OneOf(_field("buying_role"), (entry.role.value,))
        if own is not None:
            # Most buying roles in a book were guessed from the title by rules that know no profile (any
            # manager may champion something). Where this profile has words of its own and there is a title
            # to ask, the guess is not asked.
            given = And((given, Not(IsKnown(_field("title")))))
        name = entry.name or entry.role.value
        return BuyingRole(name, entry.role, own, given, entry.cover, name.replace("_", " "))

    def signal(self, entry: SignalEntry, path: Path) -> SignalKind:
        known = signal_type(entry.type)
        return SignalKind(
            type=entry.type,
            level=entry.level or known.level,
            weight=entry.weight,
            half_life=entry.half_life or float(known.half_life),
            cap=self.cap(entry.weight, entry.cap, path),
            fresh=self.entry.gate.fresh_days if entry.fresh is None else entry.fresh,
            text=entry.why or known.label,
        )

    def other(self) -> SignalKind | None:
        entry = self.entry.other_signals
        if entry is None:
            return None
        cap = self.cap(entry.weight, entry.cap, ("other_signals",))
        fresh = self.entry.gate.fresh_days if entry.fresh is None else entry.fresh
        return SignalKind(
            OTHER, Level.COMPANY, entry.weight, entry.half_life, cap, fresh, "shows other signals"
        )

    def cap(self, weight: float, cap: float | None, path: Path) -> float:
        if cap is None:
            return min(100.0, 2 * weight)
        if cap <= weight:
            self.fault(
                self.source.place((*path, "cap")),
                f"the cap {cap:g} is not above the weight {weight:g}: one signal would reach it for ever.",
                "Leave it out (it is then twice the weight) or raise it.",
            )
        return cap

    def channel(self, at: int, roles: Sequence[str]) -> ChannelPlan:
        entry, path = self.entry.channels[at], ("channels", at)
        self.named(entry.roles, roles, (*path, "roles"))
        tree = None if entry.when is None else self.criterion(entry.when, (*path, "when"))
        return ChannelPlan(tuple(entry.roles), tree, entry.first, tuple(entry.then), entry.why or "")


def _field(name: str) -> FieldOf:
    field = FIELDS[name]
    return FieldOf(field.name, Kind(field.kind), Side(field.entity.value), field.label)


def _short(rule: str) -> str:
    line = " ".join(rule.split())
    return line if len(line) <= 80 else f"{line[:77]}..."


def _sentence(what: str) -> str:
    return what if what.endswith((".", "?", "!")) else f"{what}."


# What pydantic says, said so that one can mend it


def _fault(error: ErrorDetails, source: Source) -> Fault:
    path: Path = error["loc"]
    context = error.get("ctx", {})
    kind = error["type"]
    name = str(path[-1]) if path else ""
    if kind == "extra_forbidden":
        place = source.key(path)
        what = f"unknown key '{name}'"
        return Fault(place.line, place.column, f"{what}.", _did_you_mean(name, _keys_at(path[:-1])))
    if kind == "missing":
        place = source.place(path[:-1]) if len(path) > 1 else Place(1, 1)
        return Fault(place.line, place.column, f"the key '{name}' is missing.", _hint(path))
    place = source.place(path)
    given = error["input"]
    shown = repr(given) if len(repr(given)) <= 60 else f"{repr(given)[:57]}..."
    if given is None:
        shown = "nothing"
    wanted = _KINDS.get(kind)
    if wanted is not None:
        return Fault(place.line, place.column, f"'{name}' must be {wanted}, not {shown}.", _hint(path))
    if kind in ("enum", "literal_error"):
        choices = str(context.get("expected", "")).replace(" or ", ", ").replace("'", "").split(", ")
        mend = _did_you_mean(str(given), choices) or f"One of: {', '.join(choices)}."
        return Fault(place.line, place.column, f"'{name}' cannot be {shown}.", mend)
    limits = {"greater_than": "gt", "greater_than_equal": "ge", "less_than": "lt", "less_than_equal": "le"}
    if kind in limits:
        bound = f"{kind.replace('_', ' ')} {context[limits[kind]]:g}".replace(
            "than equal", "than or equal to"
        )
        return Fault(place.line, place.column, f"'{name}' must be {bound}, not {shown}.", _hint(path))
    return Fault(
        place.line, place.column, f"'{name}': {error['msg'][0].lower()}{error['msg'][1:]}.", _hint(path)
    )


_KINDS = {
    "string_type": "text",
    "float_type": "a number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "bool_type": "true or false",
    "list_type": "a list",
    "model_type": "keys and values",
    "dict_type": "keys and values",
    "model_attributes_type": "keys and values",
    "date_type": "a date like 2026-12-31",
    "date_from_datetime_parsing": "a date like 2026-12-31",
    "date_parsing": "a date like 2026-12-31",
    "finite_number": "a finite number",
    "string_too_short": "some text",
    "string_pattern_mismatch": "small letters, digits and _",
}

_HINTS = {
    "weight": "For instance weight: 20.",
    "owners": "An ICP is kept by two people: owners: {ae: ..., sdr: ...}.",
    "ae": "Name the account executive who keeps it.",
    "sdr": "Name the sales development representative who keeps it.",
    "review": "When is it looked at again? For instance review: 2026-12-31.",
    "version": "Start with version: 1.",
    "fit": "Give at least one rule: fit: [{rule: employees >= 50, weight: 20}].",
    "type": "For instance type: hiring.",
    "reason": "Say why, for the person who asks.",
}


def _hint(path: Path) -> str:
    return _HINTS.get(str(path[-1]), "") if path else ""


def _did_you_mean(name: str, choices: Sequence[str]) -> str:
    near = difflib.get_close_matches(name.lower(), choices, n=1, cutoff=0.6)
    if near:
        return f"Did you mean '{near[0]}'?"
    return f"There is: {', '.join(choices)}." if choices else ""


def _keys_at(path: Path) -> list[str]:
    """The keys that may stand at a place of the file."""
    model: type[BaseModel] = IcpFile
    for name in path:
        if isinstance(name, int):
            continue
        found = _model_of(model, name)
        if found is None:
            return []
        model = found
    return list(model.model_fields)


def _model_of(model: type[BaseModel], name: str) -> type[BaseModel] | None:
    waiting: list[object] = [model.model_fields[name].annotation] if name in model.model_fields else []
    while waiting:
        part = waiting.pop()
        if isinstance(part, type) and issubclass(part, BaseModel):
            return part
        waiting.extend(getattr(part, "__args__", ()))
    return None
