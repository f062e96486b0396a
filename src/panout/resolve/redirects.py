"""Companies that stand at two domains, of which a list says that one leads to the other: a redirect, an old site.

What a list states so is as certain as a domain itself, and needs no likeness of names: a renamed company has none.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pyarrow as pa

from panout.batch.dialects import dialect_of
from panout.batch.engine import Engine
from panout.batch.steps import Step
from panout.resolve.rules.clusters import joined
from panout.resolve.steps.redirects import claims


def fold_redirected(engine: Engine, headers: Sequence[str]) -> int:
    """Join accounts of `members` by what columns of these headers say, each into the least of them; returns how many
    went into another."""
    if not headers:
        return 0
    dialect = dialect_of(engine.kind)
    for step in claims(dialect, headers):
        engine.run(step)
    found = engine.ask("SELECT account_id, domain FROM domain_claims").to_pylist()
    folded = _folded((str(claim["account_id"]), str(claim["domain"])) for claim in found)
    if not folded:
        return 0
    schema = pa.schema([("account_id", pa.string()), ("whole", pa.string())])
    table = pa.table({"account_id": list(folded), "whole": list(folded.values())}, schema=schema)
    engine.load("redirected", schema, table.to_batches())
    engine.run(
        Step(
            "members",
            """
SELECT m.row_id, coalesce(f.whole, m.account_id) AS account_id, m.contact_id
FROM members m LEFT JOIN redirected f ON f.account_id = m.account_id""",
        )
    )
    return len(folded)


def _folded(found: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Who goes into whom. Accounts and domains are told apart by what stands before their names."""
    whole = joined((f"a:{account}", f"d:{domain}") for account, domain in found)
    return {name[2:]: root[2:] for name, root in whole.items() if name.startswith("a:") and name != root}
