"""The language reference, and its grammar.

A criterion says who is meant. It is made of conditions, joined by `and`, `or`, `not` and parentheses: `not`
binds tightest, then `and`, then `or`. Words of the language may be written in any case. `#` starts a comment.

    number, whole number   employees >= 50        = != < <= > >=  (also == and <>)
                           employees between 50 and 500           both ends included
                           employees in 50..500                   the same
                           employees in (10, 20, 30)
    text                   industry = "Software"                  case never matters
                           country in ("DE", "AT", "CH")
                           title contains "engineer"              contains, starts with, ends with
                           title has word any of ("cto", "vp")    whole words: not the cto in "director"
    list of texts          technologies any of ("dbt", "snowflake")   any of, all of, none of
    yes or no              hiring      not hiring      opted_out = false
    date                   last_contacted older than 90 days      before the last 90 days
                           last_contacted within 30 days          in the last 30 days, the day itself included
                           birth_date < 1990-01-01
                           last_contacted >= as of - 2 weeks      days, months, years too; `today` is `as of`
                           renewal within next 60 days
    year                   founded within 5 years      founded older than 10 years
    any of these           revenue is unknown          revenue is known
    custom fields          custom.plan = "pro"    custom.seats >= 10    custom."Deal size" is known
    signals                signal("hiring")                       at least one, ever
                           signal("hiring", "funding") within 30 days     of either type
                           signal() within 2 weeks                of any type
                           count(signal("hiring") within 90 days) >= 2
                           strongest(signal("funding")) >= 0.5    short: signal("funding").strength >= 0.5
                           latest(signal("news")) within 1 week   short: signal("news").date within 1 week

`not` may also stand before the words of a condition: `not in`, `not between`, `not contains`, `not within`.
Numbers may be written 1_000, 10k, 1.5m, 2b. Texts stand in "double" or 'single' quotes; inside, \\" and \\\\
are escapes.

**Unknown is not false.** A condition on an unknown value is neither true nor false but unknown, and so is
its `not`. `and` is false when one part is false, else unknown when one part is unknown; `or` is true when one
part is true, else unknown when one part is unknown (Kleene's logic, which SQL shares). `is known` and
`is unknown` always know. An empty place inside a list is skipped; an unknown list is unknown.

Signals dated after the day of the question, or not dated, do not count. No such signal is no unknown: the
count is 0, the strength 0; only its date is unknown. All are unknown when nobody looked for signals at all.

Case: letters are compared by their simple Unicode lower case, the same on every engine (a dotted I is an i).
Words are parted by blanks and ASCII punctuation. A custom field is read as a number only when it is written
plainly (`12`, `-3.5`); else its number is unknown.
"""

from __future__ import annotations

from functools import cache

from lark import Lark

GRAMMAR = r"""
start: either
?either: both (_OR both)*
?both: term (_AND term)*
?term: _NOT term                          -> negated
     | "(" either ")"
     | operand                            -> bare
     | operand tail                       -> said
     | operand _NOT tail                  -> denied

?tail: COMPARISON value                   -> compare
     | COMPARISON range                   -> ranged
     | range                              -> ranged
     | _IN range                          -> ranged
     | _BETWEEN value _AND value          -> between
     | _IN values                         -> one_of
     | QUANTITY one                       -> holds
     | HOW [ANY_OF] one                   -> matches
     | _IS KNOWN                          -> known
     | _IS UNKNOWN                        -> unknown
     | _IS _NOT KNOWN                     -> unknown
     | _IS _NOT UNKNOWN                   -> known
     | _IS value                          -> equal
     | _IS _NOT value                     -> unequal
     | _WITHIN [LAST] span                -> near
     | _WITHIN _NEXT span                 -> ahead
     | OLDER span                         -> older

operand: NAME                             -> field
     | _CUSTOM NAME                       -> custom
     | _CUSTOM STRING                     -> custom_quoted
     | signal                             -> signals
     | signal _DOT NAME                   -> short
     | MEASURE "(" signal ")"             -> measure
     | MEASURE "(" signal _WITHIN [LAST] span ")" -> measure_within

signal: SIGNAL "(" [STRING ("," STRING)*] ")"
range: value _DOTS value
values: "(" value ("," value)* [_COMMA] ")"
?one: value | values
value: STRING | NUMBER | DATE | TRUE | FALSE | as_of
as_of: AS_OF [(PLUS | MINUS) span]
span: NUMBER UNIT

QUANTITY.2: /(any|all|none)\s+of\b/i
ANY_OF.2: /any\s+of\b/i
HOW.2: /(contains|starts\s+with|ends\s+with|has\s+word)\b/i
COMPARISON: /<=|>=|!=|<>|==|=|<|>/
OLDER.2: /older\s+than\b/i
AS_OF.2: /(as\s+of|today)\b/i
MEASURE.2: /(count|strongest|latest)(?=\s*\()/i
SIGNAL.2: /signals?(?=\s*\()/i
_CUSTOM.3: /custom\s*\.\s*/i
UNIT.2: /(day|week|month|year)s?\b/i
KNOWN.2: /known\b/i
UNKNOWN.2: /unknown\b/i
TRUE.2: /(true|yes)\b/i
FALSE.2: /(false|no)\b/i
LAST.2: /(the\s+)?last\b/i
_NEXT.2: /(the\s+)?next\b/i
_AND.2: /and\b/i
_OR.2: /or\b/i
_NOT.2: /not\b/i
_IN.2: /in\b/i
_IS.2: /is\b/i
_BETWEEN.2: /between\b/i
_WITHIN.2: /within\b/i
_DOTS: ".."
_DOT: "."
_COMMA: ","
PLUS: "+"
MINUS: "-"

DATE.3: /[0-9]{4}-[0-9]{2}-[0-9]{2}(?![0-9A-Za-z_-])/
NUMBER: /-?([0-9][0-9_]*(\.[0-9]+)?|\.[0-9]+)([kmb](?![A-Za-z0-9_]))?/i
STRING: /"([^"\\]|\\.)*"|'([^'\\]|\\.)*'/s
NAME: /[A-Za-z_][A-Za-z0-9_]*/

%ignore /[ \t\r\n\f]+/
%ignore /#[^\n]*/
"""


@cache
def grammar() -> Lark:
    """The parser, made once. LALR neither recurses nor backtracks: its time grows with the text's length."""
    return Lark(GRAMMAR, parser="lalr", lexer="contextual", maybe_placeholders=False)
