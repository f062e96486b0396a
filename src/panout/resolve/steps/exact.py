"""Resolution by certain keys alone: the same address, domain, profile or record is the same one.

Values that strangers share do not count (`rules.shared`): role mailboxes, hosts where anybody has a page, a
domain under which many companies stand, an address that people of different names give, counters as record
ids.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from panout.batch.dialects import BatchDialect
from panout.batch.steps import Step
from panout.resolve.rules.shared import GROUP_NAMES, PLATFORM_DOMAINS, RECORD_ID_LENGTH, ROLE_LOCALS
from panout.resolve.steps.golden import golden_steps

VIEWS = frozenset({"company_keys", "row_companies"})
"""Cheap to work out again: best kept as views by whoever has many rows."""


def exact_steps(dialect: BatchDialect, present: Collection[str] | None = None) -> list[Step]:
    """From `rows` to `members`, `accounts`, `contacts`. `present`: the fields that the lists have; None:
    all."""
    return [*member_steps(dialect), *golden_steps(dialect, present)]


def member_steps(dialect: BatchDialect) -> list[Step]:
    """From `rows` to `members` alone."""
    return [
        _keys(dialect),
        _group_domains(),
        _company_keys(),
        _company_aliases(),
        _row_companies(),
        _shared_emails(),
        _disputed_profiles(),
        _shared_profiles(),
        _person_keys(dialect),
        _person_links(),
        _person_aliases(),
        _members(),
    ]


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(f"'{text}'" for text in sorted(texts))


def _keys(dialect: BatchDialect) -> Step:
    """The identifiers of each row, each in one form; null where it is a value that strangers share."""
    first, last, full = (dialect.fold(f"trim({name})") for name in ("first_name", "last_name", "full_name"))
    # Most full names are their two parts, which have been folded: folding accents is slow.
    whole = (
        "CASE WHEN trim(full_name) = concat(trim(first_name), ' ', trim(last_name)) "
        f"THEN concat(first_folded, ' ', last_folded) ELSE {full} END"
    )
    own_domain = "CASE WHEN email_free THEN NULL ELSE email_domain END"
    return Step(
        "resolve_keys",
        f"""
SELECT row_id, file, row, kind, name_key, country, phone_key, linkedin_key, company_linkedin_key,
       record_key, company_record_key, name_full,
       CASE WHEN domain_key IN ({_listed(PLATFORM_DOMAINS)}) THEN NULL ELSE domain_key END AS domain_key,
       CASE WHEN email_local IN ({_listed(ROLE_LOCALS)}) OR throwaway THEN NULL ELSE email_key END AS email_key,
       CASE WHEN email_local IN ({_listed(ROLE_LOCALS)}) AND name_full IS NULL THEN email_key END AS mailbox_key,
       CASE WHEN first_key IS NULL OR last_key IS NULL THEN NULL
            WHEN first_key < last_key THEN concat(substr(first_key, 1, 1), substr(last_key, 1, 1))
            ELSE concat(substr(last_key, 1, 1), substr(first_key, 1, 1)) END AS initials
FROM (
  SELECT row_id, file, row, kind, nullif(name_key, '') AS name_key, country,
         coalesce(mobile, phone) AS phone_key,
         lower(coalesce(domain, {own_domain})) AS domain_key,
         lower(linkedin) AS linkedin_key, lower(company_linkedin) AS company_linkedin_key,
         CASE WHEN length(contact_record_id) >= {RECORD_ID_LENGTH} THEN contact_record_id END AS record_key,
         CASE WHEN length(company_record_id) >= {RECORD_ID_LENGTH} THEN company_record_id END AS company_record_key,
         lower(email) AS email_key,
         split_part(split_part(lower(email), '@', 1), '+', 1) AS email_local,
         coalesce(lower(email_grade) IN ('disposable', 'invalid'), FALSE) AS throwaway,
         nullif(first_folded, '') AS first_key, nullif(last_folded, '') AS last_key,
         nullif(coalesce({whole},
                         trim(concat(coalesce(first_folded, ''), ' ', coalesce(last_folded, '')))), '') AS name_full
  FROM (SELECT *, {first} AS first_folded, {last} AS last_folded FROM rows) folded
)""",
    )


def _group_domains() -> Step:
    """Domains of a group or a host: many company names, none of them the chief one."""
    return Step(
        "group_domains",
        f"""
SELECT domain_key
FROM (
  SELECT domain_key, name_key, count(*) AS said
  FROM resolve_keys WHERE domain_key IS NOT NULL AND name_key IS NOT NULL
  GROUP BY domain_key, name_key
)
GROUP BY domain_key
HAVING count(*) >= {GROUP_NAMES} AND max(said) * 2 < sum(said)""",
    )


def _company_keys() -> Step:
    """The strongest key of each row's company: domain, else LinkedIn page, else record, else name and
    country."""
    return Step(
        "company_keys",
        """
SELECT k.*,
       CASE WHEN k.domain_key IS NOT NULL AND g.domain_key IS NULL THEN concat('d:', k.domain_key)
            WHEN k.domain_key IS NOT NULL AND k.name_key IS NOT NULL
              THEN concat('d:', k.domain_key, '|', k.name_key)
            WHEN k.company_linkedin_key IS NOT NULL THEN concat('l:', k.company_linkedin_key)
            WHEN k.company_record_key IS NOT NULL THEN concat('r:', k.company_record_key)
            WHEN k.name_key IS NOT NULL THEN concat('n:', k.name_key, '|', coalesce(k.country, ''))
            WHEN k.domain_key IS NOT NULL THEN concat('d:', k.domain_key) END AS company_own,
       CASE WHEN k.company_linkedin_key IS NOT NULL THEN concat('l:', k.company_linkedin_key) END AS key_l,
       CASE WHEN k.company_record_key IS NOT NULL THEN concat('r:', k.company_record_key) END AS key_r,
       CASE WHEN k.name_key IS NOT NULL THEN concat('n:', k.name_key, '|', coalesce(k.country, '')) END AS
       key_n,
       CASE WHEN k.name_key IS NOT NULL THEN concat('n:', k.name_key, '|') END AS key_bare
FROM resolve_keys k LEFT JOIN group_domains g ON g.domain_key = k.domain_key""",
    )


def _company_aliases() -> Step:
    """Weaker keys that always stand beside one and the same stronger key lead to it; ambiguous ones lead
    nowhere."""
    pairs = " UNION ALL ".join(
        f"SELECT {weak} AS weak, company_own AS strong FROM company_keys WHERE {weak} IS NOT NULL "
        f"AND company_own <> {weak} AND company_own NOT LIKE 'n:%'"
        for weak in ("key_l", "key_r", "key_n", "key_bare")
    )
    return Step(
        "company_aliases",
        f"""
SELECT weak, min(strong) AS strong FROM ({pairs}) GROUP BY weak HAVING min(strong) = max(strong)""",
    )


def _row_companies() -> Step:
    return Step(
        "row_companies",
        """
SELECT k.*, coalesce(a2.strong, a.strong, k.company_own) AS company_key
FROM company_keys k
LEFT JOIN company_aliases a ON a.weak = k.company_own
LEFT JOIN company_aliases a2 ON a2.weak = a.strong""",
    )


def _shared_emails() -> Step:
    """Addresses that people with different initials give: a family's, a team's. First and last may be
    swapped."""
    return Step(
        "shared_emails",
        """
SELECT email_key FROM row_companies WHERE email_key IS NOT NULL AND initials IS NOT NULL
GROUP BY email_key HAVING min(initials) < max(initials)""",
    )


def _disputed_profiles() -> Step:
    """Profiles beside names of different initials, with those."""
    return Step(
        "disputed_profiles",
        """
SELECT r.linkedin_key, r.initials FROM row_companies r JOIN (
  SELECT linkedin_key FROM row_companies WHERE linkedin_key IS NOT NULL AND initials IS NOT NULL
  GROUP BY linkedin_key HAVING min(initials) < max(initials)
) d ON d.linkedin_key = r.linkedin_key
WHERE r.initials IS NOT NULL GROUP BY r.linkedin_key, r.initials""",
    )


def _shared_profiles() -> Step:
    """Profiles that people give who have not even an initial in common: a team's page, or that of whoever made the
    list. A surname may change, and a first name be a pet name, but not both."""
    return Step(
        "shared_profiles",
        """
SELECT t.linkedin_key
FROM (SELECT linkedin_key, count(*) AS people FROM disputed_profiles GROUP BY linkedin_key) t
LEFT JOIN (
  SELECT linkedin_key, letter, count(*) AS people
  FROM (SELECT linkedin_key, initials, substr(initials, 1, 1) AS letter FROM disputed_profiles
        UNION SELECT linkedin_key, initials, substr(initials, 2, 1) AS letter FROM disputed_profiles) i
  GROUP BY linkedin_key, letter
) l ON l.linkedin_key = t.linkedin_key AND l.people = t.people
WHERE l.linkedin_key IS NULL""",
    )


def _person_keys(dialect: BatchDialect) -> Step:
    """The strongest key of each row's person; rows that name nobody stand alone under their own place."""
    alone = f"concat('x:', r.file, '|', CAST(r.row AS {'STRING' if dialect.name == 'spark' else 'VARCHAR'}))"
    return Step(
        "person_keys",
        f"""
SELECT r.row_id, r.company_key, r.linkedin_key,
       CASE WHEN r.kind = 'company' THEN NULL
            WHEN r.email_key IS NOT NULL AND s.email_key IS NULL THEN concat('e:', r.email_key)
            WHEN r.email_key IS NOT NULL AND r.initials IS NOT NULL
              THEN concat('e:', r.email_key, '|', r.initials)
            WHEN r.linkedin_key IS NOT NULL AND p.linkedin_key IS NULL THEN concat('l:', r.linkedin_key)
            WHEN r.record_key IS NOT NULL THEN concat('r:', r.record_key)
            WHEN r.name_full IS NOT NULL AND r.company_key IS NOT NULL
              THEN concat('n:', r.name_full, '|', r.company_key)
            WHEN r.name_full IS NOT NULL AND r.phone_key IS NOT NULL THEN concat('p:', r.name_full, '|', r.phone_key)
            WHEN r.mailbox_key IS NOT NULL THEN concat('e:', r.mailbox_key)
            WHEN r.email_key IS NOT NULL THEN concat('e:', r.email_key)
            ELSE {alone} END AS person_own,
       CASE WHEN r.linkedin_key IS NOT NULL AND p.linkedin_key IS NULL THEN concat('l:', r.linkedin_key) END AS key_l,
       CASE WHEN r.record_key IS NOT NULL THEN concat('r:', r.record_key) END AS key_r,
       CASE WHEN r.name_full IS NOT NULL AND r.company_key IS NOT NULL
              THEN concat('n:', r.name_full, '|', r.company_key) END AS key_n,
       CASE WHEN r.name_full IS NOT NULL AND r.phone_key IS NOT NULL
              THEN concat('p:', r.name_full, '|', r.phone_key) END AS key_p
FROM row_companies r LEFT JOIN shared_emails s ON s.email_key = r.email_key
LEFT JOIN shared_profiles p ON p.linkedin_key = r.linkedin_key""",
    )


def _person_links() -> Step:
    """Profile and record keys lead to the least of the keys they stand beside, also when those differ (one
    person
    with two addresses); a name at a company, or with a number, only when it stands beside one key alone."""
    certain = " UNION ALL ".join(
        f"SELECT {weak} AS weak, person_own AS strong FROM person_keys WHERE {weak} IS NOT NULL AND person_own <> {weak}"
        for weak in ("key_l", "key_r")
    )
    # Only who goes by a name alone will look one up: few, where lists have addresses.
    likely = " UNION ALL ".join(
        f"SELECT {weak} AS weak, person_own AS strong FROM person_keys WHERE {weak} IS NOT NULL AND person_own <> {weak} "
        f"AND {weak} IN (SELECT person_own FROM person_keys WHERE person_own LIKE '{mark}:%')"
        for weak, mark in (("key_n", "n"), ("key_p", "p"))
    )
    return Step(
        "person_links",
        f"""
SELECT weak, min(strong) AS strong FROM ({certain}) GROUP BY weak
UNION ALL
SELECT weak, min(strong) AS strong FROM ({likely}) GROUP BY weak HAVING min(strong) = max(strong)""",
    )


def _person_aliases() -> Step:
    """What each person's own key leads to. Two addresses beside one profile are one person: every address leads
    to the least beside its profiles."""
    beside = " UNION ALL ".join(
        f"SELECT person_own AS own, {key} AS beside FROM person_keys WHERE {key} IS NOT NULL AND person_own LIKE 'e:%'"
        for key in ("key_l", "key_r")
    )
    return Step(
        "person_aliases",
        f"""
SELECT weak, strong FROM person_links
WHERE weak IN (SELECT person_own FROM person_keys WHERE person_own NOT LIKE 'e:%')
UNION ALL
SELECT own AS weak, min(l.strong) AS strong
FROM ({beside}) k JOIN person_links l ON l.weak = k.beside
WHERE l.strong < own
GROUP BY own""",
    )


def _members() -> Step:
    return Step(
        "members",
        """
SELECT k.row_id,
       CASE WHEN k.company_key IS NULL THEN NULL ELSE concat('a', substr(md5(k.company_key), 1, 16)) END AS
       account_id,
       CASE WHEN k.person_own IS NULL THEN NULL
            ELSE concat('c', substr(md5(coalesce(a2.strong, a.strong, k.person_own)), 1, 16)) END AS
            contact_id
FROM person_keys k
LEFT JOIN person_aliases a ON a.weak = k.person_own
LEFT JOIN person_aliases a2 ON a2.weak = a.strong""",
    )
