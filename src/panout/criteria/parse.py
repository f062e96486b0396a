"""From text to tree: every name and kind is checked here, so that what follows can trust the tree."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal

from lark import Token
from lark import Tree as Parsed
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from panout.criteria.errors import CriteriaError
from panout.criteria.grammar import grammar
from panout.criteria.schema import CATALOGUE, Schema
from panout.criteria.text import words
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
    Span,
    Tree,
    Truth,
    Unit,
    Value,
)
from panout.kernel.fields import Kind

LONGEST = 100_000
"""Characters in one text. A list of ten thousand domains fits; a file given by mistake does not."""
DEEPEST = 50
"""Levels of parentheses and of `not`. Far beyond what a person can read; engines stop at about 1000."""
MOST = 1_000
"""Single conditions in one text: engines refuse expressions not much longer."""
LARGEST = 9_007_199_254_740_992
"""2**53: up to here a whole number and a DOUBLE are the same number on every engine."""
LONGEST_SPAN = 10_000

_Node = Parsed[Token]
_Literal = Value | bool


def parse(text: str, schema: Schema = CATALOGUE) -> Tree:
    """The tree of `text`. Raises CriteriaError, with place and mend, for all that is not a criterion."""
    _check_size(text)
    try:
        parsed = grammar().parse(text)
    except UnexpectedInput as error:
        raise _misread(text, error) from None
    if _depth(parsed) > DEEPEST:
        raise CriteriaError(_TOO_DEEP, text=text, at=0, mend=_FLATTER)
    return _Reader(text, schema).tree(_child(parsed))


def _check_size(text: str) -> None:
    if len(text) > LONGEST:
        raise CriteriaError(
            f"the text has {len(text):,} characters; {LONGEST:,} is the most", text="", at=0, mend="Split it."
        )
    if not text.strip():
        raise CriteriaError("the text is empty", text=text, at=0, mend="Write a condition: employees >= 50")
    if bad := re.search("[\x00\ud800-\udfff]", text):
        raise CriteriaError(
            f"the character U+{ord(bad[0]):04X} cannot be used", text=text, at=bad.start(), mend="Remove it."
        )
    depth = 0
    for sign in _NESTING.finditer(text):
        depth += {"(": 1, ")": -1}.get(sign[0], 0)
        if depth > DEEPEST:
            raise CriteriaError(_TOO_DEEP, text=text, at=sign.start(), mend=_FLATTER)


# Texts and remarks are stepped over. One without an end runs to the end: looking for it from every quote in
# turn would take quadratic time.
_NESTING = re.compile(
    r"""
    "(?:[^"\\]|\\.)*(?:"|\\?\Z)
    | '(?:[^'\\]|\\.)*(?:'|\\?\Z)
    | \#[^\n]*
    | [()]
    """,
    re.DOTALL | re.VERBOSE,
)


_TOO_DEEP = f"the text is nested more than {DEEPEST} levels deep"
_FLATTER = "Leave out parentheses and `not`s that change nothing, or split the text."


def _depth(parsed: _Node) -> int:
    """How deep the `not`s nest. Walked with a stack of our own, because the text may be hostile."""
    deepest = 0
    waiting = [(parsed, 0)]
    while waiting:
        node, depth = waiting.pop()
        depth += node.data == "negated"
        deepest = max(deepest, depth)
        waiting.extend((child, depth) for child in node.children if isinstance(child, Parsed))
    return deepest


def _child(node: _Node, index: int = 0) -> _Node:
    child = node.children[index]
    if not isinstance(child, Parsed):
        raise TypeError(f"the grammar gives a token where a node is read: {node.data}")
    return child


def _token(node: _Node, index: int = 0) -> Token:
    token = node.children[index]
    if not isinstance(token, Token):
        raise TypeError(f"the grammar gives a node where a token is read: {node.data}")
    return token


def _at(node: _Node | Token) -> int:
    """Where it starts in the text."""
    while isinstance(node, Parsed):
        node = node.children[0]
    return node.start_pos or 0


class _Reader:
    """Turns what the grammar saw into the typed tree of one text."""

    def __init__(self, text: str, schema: Schema) -> None:
        self.text = text
        self.schema = schema
        self.conditions = 0

    def wrong(self, what: str, at: _Node | Token, mend: str = "") -> CriteriaError:
        return CriteriaError(what, text=self.text, at=_at(at), mend=mend)

    def tree(self, node: _Node) -> Tree:
        match node.data:
            case "either":
                return Or(tuple(self.flat(node, Or)))
            case "both":
                return And(tuple(self.flat(node, And)))
            case "negated":
                return Not(self.tree(_child(node)))
            case _:
                return self.single(node)

    def single(self, node: _Node) -> Tree:
        self.conditions += 1
        if self.conditions > MOST:
            raise self.wrong(
                f"the text has more than {MOST:,} conditions", node, "Use `in (...)`, or split it."
            )
        match node.data:
            case "bare":
                return self.bare(_child(node))
            case "said":
                return self.condition(_child(node), _child(node, 1))
            case _:
                return Not(self.condition(_child(node), _child(node, 1)))

    def flat(self, node: _Node, kind: type[And | Or]) -> Iterator[Tree]:
        """The parts; a part of the same kind, put in parentheses by the writer, gives its own parts."""
        for child in node.children:
            if isinstance(child, Parsed):
                part = self.tree(child)
                if isinstance(part, kind):
                    yield from part.parts
                else:
                    yield part

    # What a condition looks at

    def bare(self, node: _Node) -> Tree:
        operand = self.operand(node)
        if isinstance(operand, Signals):
            return Seen(operand)
        if isinstance(operand, FieldOf) and operand.kind is Kind.BOOLEAN:
            return Truth(operand)
        example = {
            Kind.TEXT: f'{operand} = "..."',
            Kind.TEXTS: f'{operand} any of ("...")',
            Kind.DATE: f"{operand} within 30 days",
        }
        raise self.wrong(
            f"'{operand}' alone says nothing about whom you mean",
            node,
            f"Write for example {example.get(operand.kind, f'{operand} >= 1')}.",
        )

    def operand(self, node: _Node) -> Operand | Signals:
        match node.data:
            case "field":
                return self.field(_token(node))
            case "custom":
                return Custom(str(_token(node)))
            case "custom_quoted":
                return Custom(self.string(_token(node)))
            case "signals":
                return self.signals(_child(node))
            case "short":
                return self.short(self.signals(_child(node)), _token(node, 1))
            case _:
                signals = self.signals(_child(node, 1))
                if node.data == "measure_within":
                    signals = Signals(signals.types, self.span(_last(node)))
                return SignalUse(Measure(str(_token(node)).lower()), signals)

    def field(self, token: Token) -> FieldOf:
        known = self.schema.fields.get(str(token).lower())
        if known is None:
            raise self.wrong(
                f"unknown field '{token}'",
                token,
                _did_you_mean(str(token).lower(), self.schema.fields)
                or f"A field that only your list has is written custom.{token}.",
            )
        return FieldOf(known.name, known.kind, known.side, known.label)

    def signals(self, node: _Node) -> Signals:
        types: dict[str, None] = {}
        for token in node.children[1:]:
            if not isinstance(token, Token):
                continue
            name = self.string(token).strip().lower()
            if not name:
                raise self.wrong(
                    "a signal type has a name", token, 'Write signal("hiring"), or signal() for any.'
                )
            if self.schema.signals is not None and name not in self.schema.signals:
                mend = _did_you_mean(name, self.schema.signals) or _one_of(sorted(self.schema.signals))
                raise self.wrong(f"unknown signal type '{name}'", token, mend)
            types[name] = None
        return Signals(tuple(types))

    def short(self, signals: Signals, token: Token) -> SignalUse:
        names = {"strength": Measure.STRONGEST, "date": Measure.LATEST, "count": Measure.COUNT}
        measure = names.get(str(token).lower())
        if measure is None:
            mend = _did_you_mean(str(token).lower(), names) or _one_of(sorted(names))
            raise self.wrong(f"a signal has no '{token}'", token, mend)
        return SignalUse(measure, signals)

    # What a condition says

    def condition(self, subject: _Node, tail: _Node) -> Tree:  # noqa: C901 one case a form of words
        operand = self.operand(subject)
        if isinstance(operand, Signals):
            return self.signal_condition(operand, tail)
        match tail.data:
            case "compare":
                return self.compare(operand, _op(_token(tail)), _child(tail, 1))
            case "equal":
                return self.compare(operand, Op.EQ, _child(tail))
            case "unequal":
                return self.compare(operand, Op.NE, _child(tail))
            case "between":
                return self.between(operand, _child(tail), _child(tail, 1))
            case "ranged":
                return self.ranged(operand, tail)
            case "one_of":
                return self.one_of(operand, _child(tail))
            case "holds":
                return self.holds(operand, tail)
            case "matches":
                return self.matches(operand, tail)
            case "known" | "unknown":
                return self.known(operand, tail)
            case _:
                return self.dated(operand, tail)

    def signal_condition(self, signals: Signals, tail: _Node) -> Tree:
        if tail.data == "near":
            return Seen(Signals(signals.types, self.span(_last(tail))))
        raise self.wrong(
            "a signal is there or not; only `within` can follow it",
            tail,
            f"Write {signals} within 30 days, count({signals}) >= 2, or {signals}.strength >= 0.5.",
        )

    def compare(self, operand: Operand, op: Op, node: _Node) -> Tree:
        value = self.value(node)
        if isinstance(value, bool):
            return self.truth(operand, op, value, node)
        if operand.kind is Kind.BOOLEAN:
            raise self.wrong(
                f"'{operand}' is yes or no", node, f"Write {operand} = true, or {operand} = false."
            )
        if op not in (Op.EQ, Op.NE):
            operand = self.ordered(operand, value, op, node)
        operand, value = self.agree(operand, value, node)
        return Compare(operand, op, value)

    def truth(self, operand: Operand, op: Op, value: bool, node: _Node) -> Tree:
        if not isinstance(operand, FieldOf) or operand.kind is not Kind.BOOLEAN:
            raise self.wrong(
                f"'{operand}' is {_KINDS[operand.kind]}, not yes or no", node, _EXAMPLES[operand.kind]
            )
        if op not in (Op.EQ, Op.NE):
            raise self.wrong(f"'{operand}' is yes or no; '{op}' needs a number or a date", node)
        return Truth(operand) if value is (op is Op.EQ) else Not(Truth(operand))

    def ordered(self, operand: Operand, value: Value, word: str, node: _Node) -> Operand:
        if operand.kind is Kind.TEXT and (not isinstance(operand, Custom) or isinstance(value, str)):
            raise self.wrong(f"'{operand}' is text; '{word}' needs a number or a date", node)
        return operand

    def between(self, operand: Operand, low_node: _Node, high_node: _Node) -> Tree:
        low, high = self.value(low_node), self.value(high_node)
        if isinstance(low, bool) or isinstance(high, bool) or operand.kind is Kind.BOOLEAN:
            raise self.wrong(
                f"a range needs numbers or dates; '{operand}' has {_KINDS[operand.kind]}", low_node
            )
        self.ordered(operand, low, "between", low_node)
        read, low = self.agree(operand, low, low_node)
        read, high = self.agree(operand, high, high_node)
        if _backwards(low, high):
            raise self.wrong(
                "the range runs backwards: nothing can lie in it", low_node, "Exchange the two ends."
            )
        return Between(read, low, high)

    def ranged(self, operand: Operand, tail: _Node) -> Tree:
        ends = _last(tail)
        first = tail.children[0]
        between = self.between(operand, _child(ends), _child(ends, 1))
        if not isinstance(first, Token) or _op(first) is Op.EQ:
            return between
        if _op(first) is Op.NE:
            return Not(between)
        raise self.wrong(f"'{first}' compares with one value, not with a range", first, "Write `in`.")

    def one_of(self, operand: Operand, node: _Node) -> Tree:
        values: dict[Value, None] = {}
        read = operand
        for child in _nodes(node):
            value = self.value(child)
            if isinstance(value, bool):
                raise self.wrong("true and false do not stand in a list", child, f"Write {operand} = true.")
            kind, value = self.agree(operand, value, child)
            if values and kind != read:
                raise self.wrong("the list mixes numbers and texts", child)
            read = kind
            values[value] = None
        return OneOf(read, tuple(values))

    def holds(self, operand: Operand, tail: _Node) -> Tree:
        if not isinstance(operand, FieldOf) or operand.kind is not Kind.TEXTS:
            mend = (
                f'Write {operand} in ("...", "...").'
                if operand.kind is Kind.TEXT
                else _EXAMPLES[operand.kind]
            )
            raise self.wrong(
                f"'{operand}' is {_KINDS[operand.kind]}; `any of`, `all of`, `none of` need a list of texts",
                tail,
                mend,
            )
        quantity = Quantity(" ".join(str(_token(tail)).lower().split()))
        return Holds(operand, quantity, self.texts(_child(tail, 1)))

    def matches(self, operand: Operand, tail: _Node) -> Tree:
        how = How(" ".join(str(_token(tail)).lower().split()))
        values = self.texts(_last(tail))
        if isinstance(operand, FieldOf) and operand.kind is Kind.TEXTS and how is How.CONTAINS:
            return Holds(operand, Quantity.ANY, values)
        if isinstance(operand, SignalUse) or operand.kind is not Kind.TEXT:
            raise self.wrong(
                f"'{operand}' is {_KINDS[operand.kind]}; `{how}` needs text", tail, _EXAMPLES[operand.kind]
            )
        for value in values:
            if not value or (how is How.WORD and not words(value).strip()):
                raise self.wrong(f"`{how}` needs at least one letter or digit", _last(tail))
        return Matches(operand, how, values)

    def known(self, operand: Operand, tail: _Node) -> Tree:
        if isinstance(operand, SignalUse):
            raise self.wrong(
                "only fields can be known or unknown", tail, f"Write {operand.signals} for presence."
            )
        return IsKnown(operand) if tail.data == "known" else Not(IsKnown(operand))

    def dated(self, operand: Operand, tail: _Node) -> Tree:
        span = self.span(_last(tail))
        is_year = isinstance(operand, FieldOf) and self.schema.fields[operand.name].year
        if operand.kind is not Kind.DATE and not is_year:
            word = "older than" if tail.data == "older" else "within"
            raise self.wrong(
                f"'{operand}' is {_KINDS[operand.kind]}; `{word}` needs a date", tail, _EXAMPLES[operand.kind]
            )
        if is_year and span.unit is not Unit.YEAR:
            raise self.wrong(
                f"'{operand}' is a year; count in years", tail, f"Write {operand} within 2 years."
            )
        return Older(operand, span) if tail.data == "older" else Near(operand, span, tail.data == "ahead")

    # Values

    def agree(self, operand: Operand, value: Value, node: _Node) -> tuple[Operand, Value]:
        """The operand and the value, read as one kind; a custom field takes the kind of its value."""
        if isinstance(operand, Custom):
            if isinstance(value, date | AsOf):
                raise self.wrong(
                    "a custom field is text or a number, not a date", node, "Write the date in quotes."
                )
            return Custom(operand.key, Kind.TEXT if isinstance(value, str) else Kind.NUMBER), value
        if operand.kind is Kind.DATE and isinstance(value, str):
            value = self.iso(value, node)
        if not _fits(operand.kind, value):
            raise self.wrong(
                f"'{operand}' is {_KINDS[operand.kind]}; {_called(value)} is not",
                node,
                _EXAMPLES[operand.kind],
            )
        return operand, value

    def value(self, node: _Node) -> _Literal:
        literal = node.children[0]
        if isinstance(literal, Parsed):
            return self.as_of(literal)
        match literal.type:
            case "STRING":
                return self.string(literal)
            case "NUMBER":
                return self.number(literal)
            case "DATE":
                return self.iso(str(literal), node)
            case _:
                return literal.type == "TRUE"

    def as_of(self, node: _Node) -> AsOf:
        if len(node.children) == 1:
            return AsOf()
        return AsOf(self.span(_last(node)), _token(node, 1) == "+")

    def span(self, node: _Node) -> Span:
        count = self.number(_token(node))
        if not isinstance(count, int) or not 0 <= count <= LONGEST_SPAN:
            raise self.wrong(f"a span is a whole number from 0 to {LONGEST_SPAN:,}", node)
        return Span(count, Unit(str(_token(node, 1)).lower().rstrip("s")))

    def number(self, token: Token) -> int | float:
        digits = str(token).lower().replace("_", "")
        scale = {"k": 1_000, "m": 1_000_000, "b": 1_000_000_000}.get(digits[-1], 1)
        number = Decimal(digits.rstrip("kmb")) * scale
        if abs(number) > LARGEST:
            raise self.wrong(f"the number is too large; {LARGEST:,} is the most", token)
        return int(number) if number == int(number) else float(number)

    def iso(self, text: str, at: _Node | Token) -> date:
        try:
            return date.fromisoformat(text) if len(text) == len("2024-01-31") else date.fromisoformat("")
        except ValueError:
            raise self.wrong(f"'{text}' is not a date", at, "Write 2024-01-31: year, month, day.") from None

    def string(self, token: Token) -> str:
        return re.sub(r"""\\([\\"'])""", r"\1", str(token)[1:-1])

    def texts(self, node: _Node) -> tuple[str, ...]:
        found: dict[str, None] = {}
        for child in _nodes(node) if node.data == "values" else [node]:
            value = self.value(child)
            if not isinstance(value, str):
                raise self.wrong("a text is needed here", child, 'Put it in quotes: "...".')
            found[value] = None
        return tuple(found)


def _last(node: _Node) -> _Node:
    return _child(node, len(node.children) - 1)


def _nodes(node: _Node) -> list[_Node]:
    return [child for child in node.children if isinstance(child, Parsed)]


def _op(token: Token) -> Op:
    return Op({"==": "=", "<>": "!="}.get(str(token), str(token)))


def _backwards(low: Value, high: Value) -> bool:
    """Surely backwards: a date against a day relative to the question may be either."""
    if isinstance(low, date) and isinstance(high, date):
        return low > high
    if isinstance(low, int | float) and isinstance(high, int | float):
        return low > high
    return False


def _fits(kind: Kind, value: Value) -> bool:
    match kind:
        case Kind.TEXT:
            return isinstance(value, str)
        case Kind.NUMBER:
            return isinstance(value, int | float)
        case Kind.INTEGER:
            return isinstance(value, int)
        case Kind.DATE:
            return isinstance(value, date | AsOf)
        case Kind.BOOLEAN | Kind.TEXTS:
            return False


_KINDS = {
    Kind.TEXT: "text",
    Kind.NUMBER: "a number",
    Kind.INTEGER: "a whole number",
    Kind.DATE: "a date",
    Kind.BOOLEAN: "yes or no",
    Kind.TEXTS: "a list of texts",
}

_EXAMPLES = {
    Kind.TEXT: 'Write a text in quotes: "...".',
    Kind.NUMBER: "Write a number: 50, 1_000, 10k, 1.5m.",
    Kind.INTEGER: "Write a whole number: 50, 1_000, 10k.",
    Kind.DATE: "Write a date: 2024-01-31, or as of - 30 days.",
    Kind.BOOLEAN: "Write = true or = false.",
    Kind.TEXTS: 'Write any of ("...", "..."), all of, or none of.',
}


def _called(value: Value) -> str:
    match value:
        case str():
            return f'"{value}"'
        case AsOf() | date():
            return f"the date {value}"
        case _:
            return str(value)


# Errors of the grammar, told in the words of the language

_SAID = {
    "COMPARISON": ("=", "!=", "<", "<=", ">", ">="),
    "QUANTITY": ("any of", "all of", "none of"),
    "ANY_OF": ("any of",),
    "HOW": ("contains", "starts with", "ends with", "has word"),
    "OLDER": ("older than",),
    "AS_OF": ("as of", "today"),
    "MEASURE": ("count(", "strongest(", "latest("),
    "SIGNAL": ("signal(",),
    "_CUSTOM": ("custom.",),
    "UNIT": ("days", "weeks", "months", "years"),
    "KNOWN": ("known",),
    "UNKNOWN": ("unknown",),
    "TRUE": ("true",),
    "FALSE": ("false",),
    "LAST": ("last",),
    "_NEXT": ("next",),
    "_AND": ("and",),
    "_OR": ("or",),
    "_NOT": ("not",),
    "_IN": ("in",),
    "_IS": ("is",),
    "_BETWEEN": ("between",),
    "_WITHIN": ("within",),
    "_DOTS": ("..",),
    "_DOT": (".",),
    "_COMMA": (",",),
    "COMMA": (",",),
    "LPAR": ("(",),
    "RPAR": (")",),
    "PLUS": ("+",),
    "MINUS": ("-",),
    "DATE": ("a date",),
    "NUMBER": ("a number",),
    "STRING": ('a text in "quotes"',),
    "NAME": ("a field",),
    "$END": ("the end",),
}


def _misread(text: str, error: UnexpectedInput) -> CriteriaError:
    at, expected = _place(text, error)
    word = re.match(r"[A-Za-z_][A-Za-z0-9_]*|[^\s\w]+|\S", text[at:])
    said = [name for terminal in sorted(expected) for name in _SAID.get(terminal, ())]
    if word is None:
        return CriteriaError(
            "the text ends too early", text=text, at=len(text.rstrip()), mend=_expected(said)
        )
    return CriteriaError(
        f"cannot read '{word[0][:40]}' here", text=text, at=at, mend=_mend(word[0], said, text[at:])
    )


def _place(text: str, error: UnexpectedInput) -> tuple[int, set[str]]:
    match error:
        case UnexpectedToken():
            at = len(text) if error.token.type == "$END" else error.token.start_pos
            return at or 0, set(error.accepts or error.expected)
        case UnexpectedCharacters():
            return error.pos_in_stream or 0, set(error.allowed or ())
        case _:
            return len(text), set()


def _mend(word: str, said: list[str], rest: str) -> str:
    if word[0] in "\"'":
        return "The closing quote is missing."
    if word[0] in "\u201c\u201d\u2018\u2019\u00ab\u00bb\u201e":
        return 'Use straight quotes: "...".'
    if word in ("&&", "||", "!", "&", "|"):
        return f"Write `{ {'&': 'and', '|': 'or', '!': 'not'}[word[0]] }`."
    if word[0] == "%":
        return "Write the number without a percent sign."
    wanted = [name for name in said if name[0].isalpha() and not name.startswith("a ")]
    close = difflib.get_close_matches(word.lower(), wanted, n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{close[0]}'?"
    if 'a text in "quotes"' in said and word[0].isalpha():
        return f'Text goes in quotes: "{rest.split(",")[0].split(")")[0].strip()[:40]}".'
    return _expected(said)


def _expected(said: list[str]) -> str:
    return f"Expected {_or(said)}." if said else ""


def _or(names: list[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} or {names[-1]}"


def _one_of(names: list[str]) -> str:
    return f"There is {_or(names)}." if names else ""


def _did_you_mean(name: str, names: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.6)
    return f"Did you mean '{close[0]}'?" if close else ""
