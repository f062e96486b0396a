"""The one language for who: text, tree, then a predicate, SQL or a sentence. Pure.

    from panout.criteria.parse import parse
    from panout.criteria.predicate import Record, predicate
    from panout.criteria.dialects import DUCKDB, POSTGRESQL, SPARK
    from panout.criteria.sql import Columns, condition, signal_sums
    from panout.criteria.explain import sentence

    tree = parse('employees between 50 and 500 and signal("hiring") within 30 days')
    holds = predicate(tree, as_of)           # compiled once
    holds(Record({"employees": 120}, signals=[...]))   # True, False, or None: unknown is not false

    str(tree)                                # canonical text; parse(str(tree)) == tree
    sentence(tree)                           # plain English
    fields(tree)                             # tree.fields: what it rests on: ("employees", "signals")
    signal_uses(tree)                        # sql.signal_uses: the signal sums that it needs
    signal_sums(uses, DUCKDB, as_of, key="account_id")  # a SELECT: one row per key, one column per use
    condition(tree, DUCKDB, as_of, Columns(account="a", contact="c", signals=("s",)))
                                             # a three-valued SQL expression; s is signal_sums, left joined

The language itself is described in `panout.criteria.grammar`, its users' guide is docs/guide/criteria.md.
Field names come from a `Schema` (panout.criteria.schema); the default holds the catalogue of the kernel.
A text that is wrong raises `CriteriaError` (panout.criteria.errors), with line, column, caret and a mend.
"""
