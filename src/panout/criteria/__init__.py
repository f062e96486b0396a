"""The one language for who: text, tree, then a predicate, SQL or a sentence. Pure.

    from panout.criteria.parse import parse
    from panout.criteria.predicate import Record, missing, predicate
    from panout.criteria.dialects import DUCKDB, POSTGRESQL, SPARK
    from panout.criteria.sql import Columns, SignalTable, condition, signal_sums
    from panout.criteria.tree import fields, signal_uses
    from panout.criteria.explain import phrase, sentence
    from panout.criteria.contradiction import contradictions

    tree = parse('employees between 50 and 500 and signal("hiring") within 30 days')
    holds = predicate(tree, as_of)                  # compiled once, about 3 microseconds a record
    holds(Record({"employees": 120}, signals=[...], custom={...}))   # True, False, or None for unknown
    missing(tree, record)                           # which of `fields(tree)` this record does not know

    str(tree)                                       # canonical text; parse(str(tree)) == tree
    sentence(tree), phrase(tree)                    # plain English, whole or for use inside a sentence
    fields(tree)                                    # what it rests on: ("employees", "signals")
    contradictions(tree, as_of)                     # warnings: conditions that can never hold together

    condition(tree, DUCKDB, as_of, columns)         # a three-valued SQL expression (TRUE, FALSE, NULL)

Where the columns stand is told by `Columns(account="a", contact="c", custom=("c.custom", "a.custom"),
signals=...)`. For many rows at once `signals` names left-joined relations, each one pass over the signals:

    uses = signal_uses(tree)                        # put those of several trees together
    signal_sums(uses, DUCKDB, as_of, key="account_id")   # SELECT account_id, a column per use, GROUP BY
    Columns(signals=("by_account", "by_contact"))   # their figures are put together

For a few rows it is a `SignalTable("signals_signal", "s.account_id = a.id")`: correlated subqueries.
A Record whose `signals` is None, and Columns(signals=None), mean that nobody looked: then all about signals
is unknown.

Other rooms write values into SQL by `dialect.literal` and names by `dialect.quoted`, nothing else.

The language itself is described in `panout.criteria.grammar`, its users' guide is docs/guide/criteria.md.
Field names come from a `Schema` (panout.criteria.schema); the default holds the catalogue of the kernel.
A text that is wrong raises `CriteriaError` (panout.criteria.errors), with line, column, caret and a mend.
"""
