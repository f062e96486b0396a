"""Records and trees for the tests: what Hypothesis draws, and how each engine is asked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from hypothesis import strategies as st

from panout.criteria.dialects import Dialect
from panout.criteria.predicate import Fact, Record, predicate
from panout.criteria.schema import CATALOGUE
from panout.criteria.sql import Columns, condition, signal_sums, signal_uses
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
    Or,
    Quantity,
    Seen,
    Signals,
    SignalUse,
    Span,
    Tree,
    Truth,
    Unit,
)
from panout.kernel.fields import Kind

AS_OF = date(2026, 3, 31)

TEXT = ("industry", "title", "country")
INTEGER = ("employees", "founded")
NUMBER = ("revenue",)
DATE = ("last_contacted", "birth_date")
BOOLEAN = ("hiring", "opted_out")
TEXTS = ("technologies", "tags")
USED = (*TEXT, *INTEGER, *NUMBER, *DATE, *BOOLEAN, *TEXTS)
KEYS = ("plan", "Deal size", "a\"b'c/~", "")
TYPES = ("hiring", "funding", "news")


@dataclass(frozen=True, slots=True)
class Seen1:
    """A signal as the language sees one."""

    type: str
    date: date | None
    strength: float | None


def field(name: str) -> FieldOf:
    known = CATALOGUE.fields[name]
    return FieldOf(known.name, known.kind, known.side, known.label)


# Records

# Letters whose case is troublesome, SQL's and Spark's own signs, and every sort of gap between words.
TRICKY = (
    "aAbBiIsS\u0130\u0131\u03a3\u03c3\u03c2\u00df\u1e9e\u00c4\u00e4\u00e9\u4e2d\U0001f600"
    "'\"\\%_$`{}-; \t\n/.,#[]~"
)
COMMON = (
    "Software",
    "SOFTWARE",
    "vp sales",
    "VP, Sales",
    "cto",
    "director",
    "CTO/CIO",
    "\u0130S",
    "is",
    "\u039f\u03a3",
    "\u03bf\u03c3",
    "s",
    "",
)
texts = st.one_of(
    st.sampled_from(COMMON),
    st.sampled_from(COMMON),
    st.text(alphabet=TRICKY, max_size=6),
    st.text(
        alphabet=st.characters(exclude_categories=("Cs", "Cn", "Co"), exclude_characters="\x00"), max_size=4
    ),
)
# Few values, so that they meet: the edges of the spans below, and a day on either side.
EDGES = sorted(
    {
        edge + timedelta(days=by)
        for edge in map(
            AsOf.on,
            (
                AsOf(),
                *(
                    AsOf(Span(count, unit), ahead)
                    for count in (1, 2)
                    for unit in Unit
                    for ahead in (False, True)
                ),
            ),
            [AS_OF] * 17,
        )
        for by in (-1, 0, 1)
    }
)
days = st.one_of(st.sampled_from(EDGES), st.dates(date(1900, 1, 1), date(2200, 1, 1)))
whole = st.one_of(st.integers(0, 3), st.integers(2023, 2029), st.integers(-(2**53), 2**53))
numbers = st.one_of(
    st.sampled_from([0.0, 1.0, 2.0, 3.0, 0.1, 0.5, 1e-7, 1e15, -0.0]),
    st.floats(-(2.0**53), 2.0**53, allow_nan=False),
)
strengths = st.sampled_from([0.0, 0.25, 0.5, 1.0])
signals = st.builds(Seen1, st.sampled_from(TYPES), st.none() | days, st.none() | strengths)
customs = st.dictionaries(
    st.sampled_from(KEYS),
    st.none() | texts | st.sampled_from(["10", "10.5", "-3", "+7", "1e3", " 10", "10\n", "1,000", "nan"]),
)


@st.composite
def records(draw: st.DrawFn) -> Record:
    facts: dict[str, Fact] = {}
    for names, values in (
        (TEXT, texts),
        (INTEGER, whole),
        (NUMBER, numbers),
        (DATE, days),
        (BOOLEAN, st.booleans()),
        (TEXTS, st.lists(st.none() | texts, max_size=3)),
    ):
        for name in names:
            facts[name] = draw(st.none() | values)
    return Record(facts, draw(st.lists(signals, max_size=4)), draw(customs))


# Trees

spans = st.builds(Span, st.integers(0, 2) | st.integers(0, 10_000), st.sampled_from(Unit))
moments = st.one_of(days, st.builds(AsOf), st.builds(AsOf, spans, st.booleans()))
uses = st.builds(
    SignalUse,
    st.sampled_from(Measure),
    st.builds(
        Signals, st.lists(st.sampled_from(TYPES), max_size=2, unique=True).map(tuple), st.none() | spans
    ),
)
fractions = numbers.map(lambda x: int(x) if x == int(x) else x)
needles = st.one_of(texts, texts, texts).filter(lambda text: "\x00" not in text)


@st.composite
def measured(draw: st.DrawFn) -> tuple[object, st.SearchStrategy[object]]:
    """An operand that has an order, and the values to hold against it."""
    operand, values = draw(
        st.one_of(
            st.sampled_from(INTEGER).map(lambda name: (field(name), whole)),
            st.sampled_from(NUMBER).map(lambda name: (field(name), fractions)),
            st.sampled_from(DATE).map(lambda name: (field(name), moments)),
            st.sampled_from(KEYS).map(lambda key: (Custom(key, Kind.NUMBER), fractions)),
            uses.map(lambda use: (use, _VALUES[use.kind])),
        )
    )
    return operand, values


_VALUES = {
    Kind.INTEGER: st.integers(-1, 4),
    Kind.NUMBER: strengths.map(lambda x: int(x) if x == int(x) else x),
}
_VALUES[Kind.DATE] = moments
textual = st.one_of(st.sampled_from(TEXT).map(field), st.sampled_from(KEYS).map(Custom))
dated = st.sampled_from(DATE).map(field)
some_texts = st.lists(needles, min_size=1, max_size=3, unique=True).map(tuple)


@st.composite
def ordered(draw: st.DrawFn) -> Tree:
    operand, values = draw(measured())
    match draw(st.sampled_from(["compare", "between", "in"])):
        case "compare":
            return Compare(operand, draw(st.sampled_from(Op)), draw(values))
        case "between":
            low, high = draw(values), draw(values)
            if not isinstance(low, AsOf) and not isinstance(high, AsOf):
                low, high = sorted((low, high))
            return Between(operand, low, high)
        case _:
            return OneOf(operand, tuple(draw(st.lists(values, min_size=1, max_size=3, unique=True))))


@st.composite
def matching(draw: st.DrawFn) -> Tree:
    how = draw(st.sampled_from(How))
    usable = needles.filter(lambda text: text and (how is not How.WORD or words(text).strip()))
    return Matches(draw(textual), how, tuple(draw(st.lists(usable, min_size=1, max_size=2, unique=True))))


def years(span: Span) -> Span:
    return Span(span.count, Unit.YEAR)


conditions = st.one_of(
    ordered(),
    matching(),
    st.builds(Compare, textual, st.sampled_from([Op.EQ, Op.NE]), needles),
    st.builds(OneOf, textual, some_texts),
    st.builds(Holds, st.sampled_from(TEXTS).map(field), st.sampled_from(Quantity), some_texts),
    st.builds(Near, dated | uses.filter(lambda use: use.kind is Kind.DATE), spans, st.booleans()),
    st.builds(Near, st.just(field("founded")), spans.map(years), st.booleans()),
    st.builds(Older, dated | uses.filter(lambda use: use.kind is Kind.DATE), spans),
    st.builds(Older, st.just(field("founded")), spans.map(years)),
    st.builds(IsKnown, st.one_of(textual, st.sampled_from(USED).map(field))),
    st.builds(Truth, st.sampled_from(BOOLEAN).map(field)),
    st.builds(Seen, uses.map(lambda use: use.signals)),
)


def _flat(kind: type[And | Or], parts: Sequence[Tree]) -> Tree:
    """As the parser builds it: no And directly inside an And."""
    flat = [inner for part in parts for inner in (part.parts if isinstance(part, kind) else (part,))]
    return kind(tuple(flat))


trees = st.recursive(
    conditions,
    lambda inner: st.one_of(
        inner.map(Not),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: _flat(And, parts)),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: _flat(Or, parts)),
    ),
    max_leaves=6,
)


# Asking

COLUMNS = Columns(account="r", contact="r", custom=("r.custom",), signals=("ga", "gc"))


def expected(asked: Sequence[Tree], known: Sequence[Record]) -> list[tuple[bool | None, ...]]:
    """What the predicates say: a row per record, a column per tree."""
    compiled = [predicate(tree, AS_OF) for tree in asked]
    return [tuple(ask(record) for ask in compiled) for record in known]


def question(asked: Sequence[Tree], dialect: Dialect, columns: Columns = COLUMNS) -> str:
    """One SELECT that asks all trees of all records, with the sums over signals joined."""
    needed = dict.fromkeys(use for tree in asked for use in signal_uses(tree))
    answers = [f"{condition(tree, dialect, AS_OF, columns)} AS c{at}" for at, tree in enumerate(asked)]
    joins = ""
    if isinstance(columns.signals, tuple) and needed:
        by_account = signal_sums(needed, dialect, AS_OF, key="account_id")
        by_contact = signal_sums(needed, dialect, AS_OF, key="contact_id")
        joins = (
            f" LEFT JOIN ({by_account}) ga ON ga.account_id = r.id"
            f" LEFT JOIN ({by_contact}) gc ON gc.contact_id = r.id"
        )
    return f"SELECT {', '.join(answers)} FROM records r{joins} ORDER BY r.id"


def record_rows(known: Sequence[Record]) -> list[tuple[object, ...]]:
    """id, the used fields, custom as JSON."""
    return [
        (f"r{at:04d}", *(record.fields.get(name) for name in USED), json.dumps(dict(record.custom)))
        for at, record in enumerate(known)
    ]


def signal_rows(known: Sequence[Record]) -> list[tuple[object, ...]]:
    """account_id, contact_id, type, date, strength; every other signal is the contact's."""
    return [
        (
            f"r{at:04d}" if nth % 2 else None,
            None if nth % 2 else f"r{at:04d}",
            one.type,
            one.date,
            one.strength,
        )
        for at, record in enumerate(known)
        for nth, one in enumerate(record.signals or ())
    ]


def tables(dialect: Dialect) -> tuple[str, str]:
    """CREATE TABLE for records and signals."""
    types = {name: dialect.types[CATALOGUE.fields[name].kind] for name in USED}
    text = dialect.types[Kind.TEXT]
    columns = ", ".join(f"{dialect.quoted(name)} {kind}" for name, kind in types.items())
    day, strength = dialect.types[Kind.DATE], dialect.types[Kind.NUMBER]
    custom = "jsonb" if dialect.name == "postgresql" else text
    signal_columns = f'account_id {text}, contact_id {text}, "type" {text}, "date" {day}, strength {strength}'
    return (
        f"CREATE TEMPORARY TABLE records (id {text}, {columns}, custom {custom})",
        f"CREATE TEMPORARY TABLE signals ({signal_columns})",
    )
