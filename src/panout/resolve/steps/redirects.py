"""Domains that lists say lead to one another."""

from __future__ import annotations

from collections.abc import Sequence

from panout.batch.dialects import BatchDialect
from panout.batch.steps import Step
from panout.resolve.rules.shared import PLATFORM_DOMAINS

# So many domains are read from what one row says.
_STATED = (1, 2, 3, 4)
# A domain that more companies are said to lead to is a host's, or where names are for sale.
_MOST_CLAIMS = 3


def claims(dialect: BatchDialect, headers: Sequence[str]) -> list[Step]:
    """`domain_claims` (account_id, domain): the domains that are said of accounts and that tell one company."""
    said = f"concat_ws(' ', {', '.join(dialect.from_json('r.custom', header) for header in headers)})"
    stated = dialect.exploded(dialect.array([dialect.domain_in(said, number) for number in _STATED]))
    platforms = ", ".join(f"'{domain}'" for domain in sorted(PLATFORM_DOMAINS))
    return [
        Step(
            "stated_domains",
            f"""
SELECT DISTINCT account_id, domain
FROM (SELECT m.account_id, {stated} AS domain FROM rows r JOIN members m ON m.row_id = r.row_id
      WHERE r.custom IS NOT NULL AND m.account_id IS NOT NULL) s
WHERE domain IS NOT NULL AND domain NOT IN ({platforms})""",
        ),
        Step(
            "own_domains",
            """
SELECT DISTINCT o.account_id, o.domain
FROM (SELECT m.account_id,
             lower(coalesce(r.domain, CASE WHEN r.email_free THEN NULL ELSE r.email_domain END)) AS domain
      FROM rows r JOIN members m ON m.row_id = r.row_id WHERE m.account_id IS NOT NULL) o
JOIN (SELECT DISTINCT domain FROM stated_domains) s ON s.domain = o.domain""",
        ),
        Step(
            "domain_claims",
            f"""
SELECT s.account_id, s.domain
FROM (SELECT account_id, domain FROM stated_domains UNION SELECT account_id, domain FROM own_domains) s
JOIN (SELECT domain FROM stated_domains GROUP BY domain HAVING count(*) <= {_MOST_CLAIMS}) f
  ON f.domain = s.domain
LEFT JOIN (SELECT domain FROM own_domains GROUP BY domain HAVING count(*) > 1) g ON g.domain = s.domain
WHERE g.domain IS NULL""",
        ),
    ]
