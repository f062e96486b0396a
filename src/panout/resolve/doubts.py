"""Which new records of a list the book may have already, where no key settles it: probabilities, and reasons in words.

Only what is new is asked about, and only against records of the book that share something with it: a name, a
mailbox, a phone, a domain's first word. A list among itself is asked about while it is short.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log2

import pyarrow as pa
from django.db import connection, transaction

from panout.batch.dialects import dialect_of
from panout.batch.engine import Engine
from panout.batch.exchange import copy_in, copy_out, csv_blocks, read_batches
from panout.batch.steps import Step
from panout.resolve.queries import taught
from panout.resolve.rules.answers import thresholds
from panout.resolve.rules.model import Thresholds, bits_of, probability
from panout.resolve.subjects import Kind
from panout.sources.files.relations import ROWS_SCHEMA

MOST_DOUBTS = 10_000  # a review queue longer than this is read by nobody
AMONG_ITSELF = 20_000  # new records up to which a list is compared with itself as well
_WORLD = 20_000  # people a small book is taken to be drawn from
_COMMON = 100  # records of the book that share a key; a key of more says nothing
_SAME = "the same in every value compared"


@dataclass(frozen=True, slots=True)
class _About:
    kind: Kind
    row_kind: str
    columns: str  # of the list's record `n` and its account `a`, beside the id
    book: str  # the same of the book's `o` and its account `a`
    keys: Sequence[str]


def _name(alias: str) -> str:
    whole = f"coalesce({alias}.full_name, concat_ws(' ', {alias}.first_name, {alias}.last_name))"
    return dialect_of("duckdb").fold(whole)


_PERSON = (
    "full_name", "first_name", "last_name", "title", "email", "email_grade", "phone", "mobile", "linkedin",
    "birth_date", "person_address", "person_postal_code", "person_city", "person_region", "custom",
)  # fmt: skip
_COMPANY = (
    "company_name", "domain", "company_linkedin", "company_record_id", "company_phone", "address", "postal_code",
    "city", "country", "founded", "industry", "one_liner", "description",
)  # fmt: skip
_ABOUT: Mapping[str, _About] = {
    "account": _About(
        Kind.COMPANIES,
        "company",
        ", ".join(f"n.{name}" for name in _COMPANY) + ", k.name_key",
        ", ".join(f"o.{name}" for name in _COMPANY) + ", o.name_key",
        (
            "CASE WHEN length(split_part(b.domain, '.', 1)) >= 4 THEN 'c' || lower(split_part(b.domain, '.', 1)) END",
            "CASE WHEN length(b.name_key) >= 4 THEN 'c' || replace(lower(b.name_key), ' ', '') END",
            "CASE WHEN length(split_part(b.name_key, ' ', 1)) >= 4 THEN 'w' || lower(split_part(b.name_key, ' ', 1)) END",
        ),
    ),
    "contact": _About(
        Kind.PEOPLE,
        "person",
        ", ".join(f"n.{name}" for name in _PERSON)
        + ", coalesce(x.company_name, a.company_name) AS company_name, coalesce(x.domain, a.domain) AS domain,"
        " coalesce(x.name_key, k.name_key) AS name_key",
        ", ".join(f"o.{name}" for name in _PERSON) + ", a.company_name, a.domain, a.name_key",
        (
            f"'n' || array_to_string(list_sort(string_split({_name('b')}, ' ')), ' ')",
            f"'l' || split_part({_name('b')}, ' ', -1) || '|' || substr({_name('b')}, 1, 1)",
            "CASE WHEN length(split_part(b.email, '@', 1)) >= 5 THEN 'm' || lower(split_part(b.email, '@', 1)) END",
            "'p' || b.phone",
            "'p' || b.mobile",
        ),
    ),
}


def find_doubts(engine: Engine, kind: str, batch_id: int) -> None:
    """Leave `{kind}_doubts` (list_id, other_id or book_id, probability, reasons) and `{kind}_joined`.

    Reads `{kind}s`, `{kind}_match`, `list_rows`, `members`, `book_*`. A new record that is surely one of the
    book's (above the threshold for merging, and one only) becomes a match in `{kind}_match`; `{kind}_joined`
    (list_id, book_id, reasons) says why. `rows` is another relation afterwards.
    """
    about = _ABOUT[kind]
    engine.run(
        Step(
            "fresh",
            f"SELECT n.* FROM {kind}s n JOIN {kind}_match m ON m.{kind}_id = n.{kind}_id"
            f" WHERE m.book_id IS NULL OR m.book_id IN (SELECT id FROM book_{kind}s WHERE made_by_id = {batch_id})",
        )
    )
    new = engine.rows("fresh")
    known = _bring(engine, kind, about, batch_id) if new else 0
    if not known and not 1 < new <= AMONG_ITSELF:
        _nothing(engine, kind)
        return
    _number(engine, kind, about, known)
    shift = _resolve(engine, kind, about.kind, taught(kind).bits)
    for step in _answers(kind, shift):
        engine.run(step)


def _bring(engine: Engine, kind: str, about: _About, batch_id: int) -> int:
    """`known_rows`: the records of the book that share a key with a fresh one, in full."""
    source = "fresh"
    if kind == "account":
        source = (
            "(SELECT n.*, k.name_key FROM fresh n LEFT JOIN account_names k ON k.account_id = n.account_id)"
        )
    keys = ", ".join(about.keys)
    engine.run(Step("fresh_keys", f"SELECT DISTINCT unnest([{keys}]) AS mark FROM {source} b"))
    engine.run(
        Step(
            "near_ids",
            f"""
WITH marks AS (
  SELECT id, unnest([{keys}]) AS mark FROM book_{kind}s b WHERE made_by_id IS DISTINCT FROM {batch_id}),
shared AS (SELECT m.* FROM marks m JOIN fresh_keys f ON f.mark = m.mark),
telling AS (SELECT mark FROM shared GROUP BY mark HAVING count(*) <= {_COMMON})
SELECT DISTINCT id FROM shared JOIN telling USING (mark) ORDER BY id""",
        )
    )
    if not engine.rows("near_ids"):
        return 0
    types = {one.name: one.type for one in ROWS_SCHEMA}
    named = (*_PERSON, "company_name", "domain") if kind == "contact" else _COMPANY
    schema = pa.schema([("id", pa.int64()), *((name, types[name]) for name in (*named, "name_key"))])
    account = " LEFT JOIN resolve_account a ON a.id = o.account_id" if kind == "contact" else ""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE near (id bigint PRIMARY KEY) ON COMMIT DROP")
        with cursor.copy(copy_in("near", ["id"])) as copy:
            for block in csv_blocks(engine.batches("SELECT id FROM near_ids")):
                copy.write(block)
        select = (
            f"SELECT o.id, {about.book} FROM resolve_{kind} o JOIN near USING (id){account} ORDER BY o.id"
        )
        with cursor.copy(copy_out(select)) as copy:
            return engine.load("known_rows", schema, read_batches(copy, schema))


def _number(engine: Engine, kind: str, about: _About, known: int) -> None:
    """`rows` with the book's first, and `pair_rows` (row_id, book_id, list_id): who each of them is."""
    if not known:
        engine.run(Step("known_rows", "SELECT NULL::BIGINT AS id WHERE FALSE"))
    account = ""
    if kind == "contact":
        # A new person of a company that the book has is compared as one of that company.
        account = """
LEFT JOIN accounts a ON a.account_id = n.account_id LEFT JOIN account_match m ON m.account_id = n.account_id
LEFT JOIN book_accounts x ON x.id = m.book_id"""
    engine.run(
        Step(
            "pair_rows",
            f"""
SELECT row_number() OVER (ORDER BY side, book_id, list_id) - 1 AS row_id, * FROM (
  SELECT 0 AS side, id AS book_id, NULL::VARCHAR AS list_id, * EXCLUDE (id) FROM known_rows
  UNION ALL BY NAME
  SELECT 1 AS side, NULL::BIGINT AS book_id, n.{kind}_id AS list_id, {about.columns}
  FROM fresh n LEFT JOIN account_names k ON k.account_id = n.account_id{account})""",
        )
    )
    mail = ""
    if kind == "contact":
        mail = ", lower(split_part(email, '@', 2)) AS email_domain, email_grade = 'free' AS email_free"
    engine.run(
        Step(
            "rows",
            f"""
SELECT * FROM list_rows WHERE FALSE
UNION ALL BY NAME
SELECT * EXCLUDE (side, book_id, list_id), '(pairs)' AS file, row_id AS row, '{about.row_kind}' AS kind{mail}
FROM pair_rows ORDER BY row_id""",
        )
    )


def _resolve(engine: Engine, kind: str, whom: Kind, bits: float) -> float:
    """Leave `judged`, `clusters` and `twins`; returns the bits that its probabilities are too sure by.

    Only records that share something are compared here, so that what they share looks rarer than it is. The odds
    are those of the whole book instead, and a small book stands for a world that has more people in it. `bits` is
    what people's answers have taught: it moves from where on a pair is joined or asked about, and is no part of the
    probability that is kept with the pair.
    """
    # Here and not above: it brings Splink along, two seconds of a start that pages need not wait for.
    from panout.resolve.matching import Settings, resolve

    seen = max(engine.rows("rows"), 100)
    shift = max(0.0, log2(max(engine.rows(f"book_{kind}s"), _WORLD) / seen))
    usual = thresholds(Thresholds(), bits)
    strict = Thresholds(probability(bits_of(usual.merge) + shift), probability(bits_of(usual.review) + shift))
    known = engine.ask("SELECT count(book_id) AS many FROM pair_rows")["many"][0].as_py()
    # The shares that ship: what a list of the day would teach changes from list to list.
    resolve(engine, Settings(whom, strict, learn=False, first_new=known))
    return shift


def _answers(kind: str, shift: float) -> list[Step]:
    """From `clusters` and `judged` to what joins and what is asked.

    A probability never overrules a key: where both have an address (or page, or domain) and it differs, a person
    decides.
    """
    keys = ("domain", "company_linkedin") if kind == "account" else ("email", "linkedin")
    against = " OR ".join(f"coalesce(lower(n.{key}) <> lower(b.{key}), FALSE)" for key in keys)
    sure = Step(
        "sure_pairs",
        f"""
SELECT n.list_id, b.book_id, count(DISTINCT b.book_id) OVER (PARTITION BY n.list_id) AS many, n.row_id AS new_row,
       b.row_id AS known_row, {against} AS against
FROM pair_rows n JOIN clusters c ON c.row_id = n.row_id
JOIN clusters d ON d.cluster = c.cluster JOIN pair_rows b ON b.row_id = d.row_id
WHERE n.list_id IS NOT NULL AND b.book_id IS NOT NULL""",
    )
    # A judged pair stands for all rows that say word for word the same.
    told = Step(
        "told_pairs",
        f"""
SELECT l.row_id AS row_l, r.row_id AS row_r, 1.0 / (1.0 + power(2.0, -least(greatest(j.bits / 1000.0 - {shift}, -60), 60)))
         AS probability, j.reasons
FROM judged j JOIN twins l ON l.id = j.id_l JOIN twins r ON r.id = j.id_r""",
    )
    joined = Step(
        f"{kind}_joined",
        f"""
SELECT s.list_id, s.book_id, coalesce(max(t.reasons), '{_SAME}') AS reasons
FROM sure_pairs s JOIN {kind}_match m ON m.{kind}_id = s.list_id
LEFT JOIN told_pairs t ON t.row_l = s.known_row AND t.row_r = s.new_row
WHERE s.many = 1 AND NOT s.against AND m.book_id IS NULL GROUP BY s.list_id, s.book_id""",
    )
    asked = Step(
        f"{kind}_doubts",
        f"""
SELECT list_id, any_value(other_id) AS other_id, book_id, max(probability) AS probability, arg_max(reasons, probability) AS reasons
FROM (
  SELECT n.list_id, b.list_id AS other_id, b.book_id, t.probability, t.reasons
  FROM told_pairs t JOIN pair_rows b ON b.row_id = t.row_l JOIN pair_rows n ON n.row_id = t.row_r
  WHERE n.list_id IS NOT NULL
  UNION ALL
  SELECT s.list_id, NULL, s.book_id, 0.9, 'together with others of the book' FROM sure_pairs s
  WHERE NOT EXISTS (SELECT 1 FROM told_pairs t WHERE t.row_l = s.known_row AND t.row_r = s.new_row)
  UNION ALL
  SELECT n.list_id, b.list_id, NULL, 0.99, '{_SAME}'
  FROM twins t JOIN pair_rows b ON b.row_id = t.id JOIN pair_rows n ON n.row_id = t.row_id
  WHERE t.id <> t.row_id AND n.list_id IS NOT NULL AND b.list_id IS NOT NULL
) p WHERE NOT EXISTS (SELECT 1 FROM {kind}_joined j WHERE j.list_id = p.list_id)
GROUP BY list_id, book_id, other_id ORDER BY probability DESC, list_id, book_id, other_id LIMIT {MOST_DOUBTS}""",
    )
    match = Step(
        f"{kind}_match",
        f"""
SELECT m.* REPLACE (coalesce(m.book_id, j.book_id) AS book_id)
FROM {kind}_match m LEFT JOIN {kind}_joined j ON j.list_id = m.{kind}_id""",
    )
    return [sure, told, joined, asked, match]


def _nothing(engine: Engine, kind: str) -> None:
    engine.run(
        Step(
            f"{kind}_doubts",
            "SELECT NULL::VARCHAR AS list_id, NULL::VARCHAR AS other_id, NULL::BIGINT AS book_id,"
            " NULL::DOUBLE AS probability, NULL::VARCHAR AS reasons WHERE FALSE",
        )
    )
    engine.run(
        Step(
            f"{kind}_joined",
            "SELECT NULL::VARCHAR AS list_id, NULL::BIGINT AS book_id, NULL::VARCHAR AS reasons WHERE FALSE",
        )
    )
