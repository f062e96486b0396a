"""A tree in plain English, and what in it can surely not be meant."""

from __future__ import annotations

from datetime import date

from panout.criteria.schema import Side
from panout.criteria.tree import (
    And,
    AsOf,
    Between,
    Compare,
    Custom,
    FieldOf,
    Holds,
    How,
    IsKnown,
    Matches,
    Measure,
    Near,
    Not,
    Older,
    OneOf,
    Op,
    Operand,
    Or,
    Quantity,
    Seen,
    Signals,
    SignalUse,
    Tree,
    Truth,
    Value,
    atoms,
    operand_of,
)
from panout.kernel.fields import Kind


def sentence(tree: Tree) -> str:
    """One English sentence: "Companies whose employees are between 50 and 500, and ..."."""
    match tree:
        case Seen() | Not(Seen()):
            # "Those with a hiring signal" reads better than "where there is a hiring signal".
            return f"{_whom(tree)} {phrase(tree).replace('there is', 'with', 1)}."
        case _:
            return f"{_whom(tree)} where {phrase(tree)}."


def phrase(tree: Tree) -> str:
    """The same without subject and full stop, for use inside other sentences."""
    match tree:
        case And(parts):
            return _joined([_inside(part) for part in parts], "and")
        case Or(parts):
            return _joined([_inside(part) for part in parts], "or")
        case Not(part):
            return _said(part, no=True) if _plain(part) else f"it is not so that {_inside(part)}"
        case _:
            return _said(tree, no=False)


def _whom(tree: Tree) -> str:
    sides = {of.side for of in map(operand_of, atoms(tree)) if isinstance(of, FieldOf)}
    if Side.CONTACT in sides:
        return "People"
    return "Companies" if Side.ACCOUNT in sides else "Those"


def _inside(part: Tree) -> str:
    return f"({phrase(part)})" if isinstance(part, And | Or) else phrase(part)


def _joined(parts: list[str], word: str) -> str:
    return f" {word} ".join(parts) if len(parts) == 2 else f"{', '.join(parts[:-1])}, {word} {parts[-1]}"


def _plain(part: Tree) -> bool:
    return not isinstance(part, And | Or | Not)


def _said(atom: Tree, *, no: bool) -> str:  # noqa: C901 one case a kind of node
    match atom:
        case Seen(signals):
            return f"there is {'no' if no else _article(signals)} {_signal(signals)}"
        case Truth(of):
            return f"“{_plainly(of)}” is {'no' if no else 'yes'}"
        case IsKnown(operand):
            return f"{_verb(operand, no=False)} {'unknown' if no else 'known'}"
        case Holds(of, quantity, values):
            return _held(of, quantity, values, no=no)
        case Matches(operand, how, values):
            word = _MATCHES[how][1 if no else 0]
            return f"{_label(operand)} {word} {_choice(values)}"
        case Compare(operand, op, value):
            return f"{_verb(operand, no=no)} {_compared(operand, op, value)}"
        case Between(operand, low, high):
            return f"{_verb(operand, no=no)} between {_shown(low, operand)} and {_shown(high, operand)}"
        case OneOf(operand, values):
            return f"{_verb(operand, no=no)} {_choice(values)}"
        case Near(operand, span, ahead):
            return f"{_verb(operand, no=no)} {'within the next' if ahead else 'within the last'} {span}"
        case Older(operand, span):
            return f"{_verb(operand, no=no)} more than {span} ago"
        case _:
            return phrase(atom)


_MATCHES = {
    How.CONTAINS: ("contains", "does not contain"),
    How.STARTS: ("starts with", "does not start with"),
    How.ENDS: ("ends with", "does not end with"),
    How.WORD: ("has the word", "does not have the word"),
}


def _held(of: FieldOf, quantity: Quantity, values: tuple[str, ...], *, no: bool) -> str:
    verb = "do not include" if no else "include"
    match quantity:
        case Quantity.ANY:
            return f"{_plainly(of)} {verb} {_choice(values)}"
        case Quantity.ALL:
            every = f"all of {_joined([_text(value) for value in values], 'and')}"
            return f"{_plainly(of)} {verb} {every if len(values) > 1 else _text(values[0])}"
        case Quantity.NONE:
            return f"{_plainly(of)} {'include' if no else 'do not include'} {_choice(values)}"


def _label(operand: Operand) -> str:
    match operand:
        case FieldOf():
            return _plainly(operand)
        case Custom(key):
            return f"“{key}”"
        case SignalUse(Measure.COUNT, signals):
            return f"the number of {_signal(signals, many=True)}"
        case SignalUse(Measure.STRONGEST, signals):
            return f"the strength of the strongest {_signal(signals)}"
        case SignalUse(_, signals):
            return f"the date of the latest {_signal(signals)}"


def _plainly(field: FieldOf) -> str:
    """The label without its remark: "country (ISO 3166 alpha-2)" is a country."""
    return field.label.partition(" (")[0]


def _verb(operand: Operand, *, no: bool) -> str:
    label = _label(operand)
    many = isinstance(operand, FieldOf) and label.endswith("s") and not label.endswith(("ss", "us"))
    return f"{label} {'are' if many else 'is'}{' not' if no else ''}"


def _compared(operand: Operand, op: Op, value: Value) -> str:
    shown = _shown(value, operand)
    if operand.kind is Kind.DATE:
        words = {Op.LT: "before", Op.LE: "on or before", Op.GT: "after", Op.GE: "on or after"}
    else:
        words = {Op.LT: "less than", Op.LE: "at most", Op.GT: "more than", Op.GE: "at least"}
    words |= {Op.EQ: "", Op.NE: "other than"}
    return f"{words[op]} {shown}".strip()


def _shown(value: Value, operand: Operand | None = None) -> str:
    match value:
        case str():
            return _text(value)
        case AsOf(None):
            return "the day asked"
        case AsOf(span, ahead):
            return f"{span} {'after' if ahead else 'before'} the day asked"
        case date():
            return str(value)
        case _:
            is_year = isinstance(operand, FieldOf) and operand.label.startswith("year")
            return str(value) if is_year else f"{value:,}"


def _text(value: str) -> str:
    return f"“{value}”"


def _choice(values: tuple[Value, ...] | tuple[str, ...]) -> str:
    shown = [_shown(value) for value in values]
    return shown[0] if len(shown) == 1 else _joined(shown, "or")


def _signal(signals: Signals, *, many: bool = False) -> str:
    named = f"{_joined_names(signals.types)} " if signals.types else ""
    when = f" within the last {signals.within}" if signals.within else ""
    return f"{named}signal{'s' if many else ''}{when}"


def _joined_names(types: tuple[str, ...]) -> str:
    names = [name.replace("_", " ") for name in types]
    return names[0] if len(names) == 1 else _joined(names, "or")


def _article(signals: Signals) -> str:
    return "an" if (signals.types or ("a",))[0][:1] in "aeiou" and signals.types else "a"
