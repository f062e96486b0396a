"""A list's accounts and contacts, matched with the book and loaded into it, many thousands at a time.

An import runs these in order (`flow.importing`), on an engine that holds the list as `rows`:

    match_with_book(engine, batch_id)   members over list and book together; golden values of the list alone
    planned(engine, ...)                what loading would do: counts, and examples field by field
    load(engine, ...)                   does it, chunk by chunk, each chunk in a transaction of its own
    undo(batch_id, ...)                 takes it back

A file that speaks of records without bringing any (signals) is tied to them by `bring_named`.

Loading is safe to repeat. A record is made under its key, and a key is used once; a record that a killed
run made is met again as one that the book already has. So nothing about progress needs to be remembered.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import pyarrow as pa
from django.apps import apps
from django.db import connection, models, transaction
from django.db.backends.utils import CursorWrapper

from panout.batch.dialects import dialect_of
from panout.batch.engine import Engine
from panout.batch.exchange import Taken, copy_in, copy_out, csv_blocks, read_batches
from panout.batch.steps import Step
from panout.kernel.fields import ACCOUNT_FIELDS, CONTACT_FIELDS, FIELDS, Field, Kind
from panout.resolve.doubts import MOST_DOUBTS, find_doubts
from panout.resolve.models import Account, Activity, Contact, ImportChange, Match, Sighting
from panout.resolve.rules.golden import WISHES
from panout.resolve.steps.exact import member_steps
from panout.resolve.steps.golden import golden_steps
from panout.sources.files.relations import ARROW_KINDS

CHUNK = 25_000
SAMPLES = 40
_FIRST_BOOK_ROW = 2**40  # rows of the book stand after all rows of the list
_IMPORT_LOCK = 0x70616E10

Tick = Callable[[int], None]  # told how many rows more are done; raises to stop


@dataclass(frozen=True, slots=True)
class Sample:
    """One example of what an import would do."""

    kind: str
    label: str
    differences: tuple[Mapping[str, object], ...]
    record: str


@dataclass(slots=True)
class Plan:
    """What an import would do, or did."""

    rows: int = 0
    new_accounts: int = 0
    new_contacts: int = 0
    changed_accounts: int = 0
    changed_contacts: int = 0
    same_accounts: int = 0
    same_contacts: int = 0
    joined_rows: int = 0  # rows of the list that are another row's person, or company without person
    doubtful_pairs: int = 0
    samples: list[Sample] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Terms:
    """How an import treats the book."""

    batch_id: int
    replace: bool  # the list wins over what no person typed; else only blanks are filled
    owner_id: int | None
    tags: tuple[str, ...]
    now: datetime


class OneAtATime:
    """The lock of imports: two at once would each miss what the other one makes."""

    def __enter__(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_IMPORT_LOCK])

    def __exit__(self, *_: object) -> None:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [_IMPORT_LOCK])

    @staticmethod
    def under_way() -> bool:
        """Whether a list is being written now. If not, the next one waits for the end of this transaction."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT NOT pg_try_advisory_xact_lock_shared(%s)", [_IMPORT_LOCK])
            return bool(cursor.fetchone()[0])


# Matching


_BOOK: Mapping[str, tuple[str, Sequence[tuple[str, pa.DataType]]]] = {
    "book_accounts": (
        "SELECT id, key, lower(domain), lower(company_linkedin), company_record_id, company_name, name_key, country,"
        " made_by_id FROM resolve_account WHERE merged_into_id IS NULL",
        [
            ("id", pa.int64()),
            ("key", pa.string()),
            ("domain", pa.string()),
            ("company_linkedin", pa.string()),
            ("company_record_id", pa.string()),
            ("company_name", pa.string()),
            ("name_key", pa.string()),
            ("country", pa.string()),
            ("made_by_id", pa.int64()),
        ],
    ),
    "book_contacts": (
        "SELECT id, account_id, key, full_name, first_name, last_name, lower(email), email_grade, lower(linkedin),"
        " phone, mobile, contact_record_id, made_by_id FROM resolve_contact WHERE merged_into_id IS NULL",
        [
            ("id", pa.int64()),
            ("account_id", pa.int64()),
            ("key", pa.string()),
            ("full_name", pa.string()),
            ("first_name", pa.string()),
            ("last_name", pa.string()),
            ("email", pa.string()),
            ("email_grade", pa.string()),
            ("linkedin", pa.string()),
            ("phone", pa.string()),
            ("mobile", pa.string()),
            ("contact_record_id", pa.string()),
            ("made_by_id", pa.int64()),
        ],
    ),
    "book_aliases": (
        "SELECT kind, value, account_id, contact_id FROM resolve_identifier",
        [
            ("kind", pa.string()),
            ("value", pa.string()),
            ("account_id", pa.int64()),
            ("contact_id", pa.int64()),
        ],
    ),
}


def match_with_book(engine: Engine, batch_id: int) -> None:
    """Leave `accounts` and `contacts` of the list, and `account_match`, `contact_match` with the book.

    The records of the book that share any key with the list are resolved together with it, by the same steps
    as any two rows. A match has `book_id` (the oldest) and `others` (more of the book that seem to be the same).
    Where no key decides, probabilities do: see `resolve.doubts`.
    """
    dialect = dialect_of(engine.kind)
    for name, (select, columns) in _BOOK.items():
        load_query(engine, name, select, pa.schema(columns))
    engine.run(Step("list_rows", "SELECT * FROM rows"))
    for step in _near_steps():
        engine.run(step)
    engine.run(
        Step("rows", "SELECT * FROM list_rows UNION ALL BY NAME SELECT * EXCLUDE (a_id, c_id) FROM book_rows")
    )
    for step in member_steps(dialect):
        engine.run(step)
    engine.run(Step("rows", "SELECT * FROM list_rows"))
    for step in golden_steps(dialect, _present(engine)):
        engine.run(step)
    whole = "coalesce(full_name, nullif(trim(concat_ws(' ', first_name, last_name)), ''))"
    engine.run(Step("contacts", f"SELECT * REPLACE ({whole} AS full_name) FROM contacts"))
    engine.run(
        Step(
            "account_names",
            "SELECT m.account_id, min(l.name_key) AS name_key FROM list_rows l JOIN members m ON m.row_id = l.row_id"
            " WHERE l.name_key IS NOT NULL GROUP BY m.account_id",
        )
    )
    for kind in ("account", "contact"):
        engine.run(_match_step(kind))
        find_doubts(engine, kind, batch_id)
        engine.run(_known_step(kind))
    engine.run(Step("rows", "SELECT * FROM list_rows"))


def _present(engine: Engine) -> set[str]:
    """The fields that some row of the list knows, stated or derived."""
    counts = ", ".join(f"count({name}) AS {name}" for name in FIELDS)
    found = engine.ask(f"SELECT {counts} FROM list_rows").to_pylist()[0]
    return {name for name, many in found.items() if many}


def load_query(engine: Engine, name: str, select: str, schema: pa.Schema) -> int:
    """Bring the rows of a query on the book to the engine."""
    with connection.cursor() as cursor, cursor.copy(copy_out(select)) as copy:
        return engine.load(name, schema, read_batches(copy, schema))


def bring_named(engine: Engine, told: str) -> None:
    """`rows` and `members`: the records of the book that share a key with relation `told`, under their keys there.

    For files that speak of records without bringing any. Leaves `book_accounts` and `book_contacts` too.
    """
    for name, (select, columns) in _BOOK.items():
        load_query(engine, name, select, pa.schema(columns))
    nothing = (
        "NULL::VARCHAR AS email_domain, FALSE AS email_free, NULL::VARCHAR AS phone, NULL::VARCHAR AS mobile"
    )
    engine.run(Step("list_rows", f"SELECT *, {nothing} FROM {told}"))
    for step in _near_steps():
        if step.name != "book_rows":
            engine.run(step)
    # Whoever is named by the book's own key is near as well.
    for kind in ("account", "contact"):
        engine.run(
            Step(
                f"near_{kind}s",
                f"SELECT id FROM near_{kind}s UNION SELECT b.id FROM book_{kind}s b JOIN {told} t ON t.{kind}_id = b.key",
            )
        )
    for step in _near_steps():
        if step.name == "book_rows":
            engine.run(step)
    engine.run(Step("rows", "SELECT * FROM book_rows"))
    engine.run(
        Step(
            "members",
            "SELECT r.row_id, a.key AS account_id, c.key AS contact_id FROM book_rows r"
            " LEFT JOIN book_accounts a ON a.id = r.a_id LEFT JOIN book_contacts c ON c.id = r.c_id",
        )
    )


def _near_steps() -> Iterator[Step]:
    yield Step(
        "list_keys",
        """
SELECT 'd' AS kind, lower(coalesce(domain, CASE WHEN NOT email_free THEN email_domain END)) AS value FROM list_rows
UNION SELECT 'cl', lower(company_linkedin) FROM list_rows
UNION SELECT 'cr', company_record_id FROM list_rows
UNION SELECT 'n', name_key FROM list_rows
UNION SELECT 'e', lower(email) FROM list_rows
UNION SELECT 'l', lower(linkedin) FROM list_rows
UNION SELECT 'r', contact_record_id FROM list_rows
UNION SELECT 'p', phone FROM list_rows UNION SELECT 'p', mobile FROM list_rows""",
    )
    yield Step(
        "near_accounts",
        """
SELECT id FROM book_accounts a JOIN list_keys k ON k.kind = 'd' AND k.value = a.domain
UNION SELECT id FROM book_accounts a JOIN list_keys k ON k.kind = 'cl' AND k.value = a.company_linkedin
UNION SELECT id FROM book_accounts a JOIN list_keys k ON k.kind = 'cr' AND k.value = a.company_record_id
UNION SELECT id FROM book_accounts a JOIN list_keys k ON k.kind = 'n' AND k.value = a.name_key
UNION SELECT i.account_id FROM book_aliases i JOIN list_keys k ON k.kind IN ('d', 'cl', 'cr') AND k.value = lower(i.value)
WHERE i.account_id IS NOT NULL""",
    )
    yield Step(
        "near_contacts",
        """
SELECT id FROM book_contacts c JOIN list_keys k ON k.kind = 'e' AND k.value = c.email
UNION SELECT id FROM book_contacts c JOIN list_keys k ON k.kind = 'l' AND k.value = c.linkedin
UNION SELECT id FROM book_contacts c JOIN list_keys k ON k.kind = 'r' AND k.value = c.contact_record_id
UNION SELECT id FROM book_contacts c JOIN list_keys k ON k.kind = 'p' AND k.value IN (c.phone, c.mobile)
UNION SELECT id FROM book_contacts c WHERE account_id IN (SELECT id FROM near_accounts)
UNION SELECT i.contact_id FROM book_aliases i JOIN list_keys k ON k.kind IN ('e', 'l', 'p') AND k.value = lower(i.value)
WHERE i.contact_id IS NOT NULL""",
    )
    person = "full_name, first_name, last_name, email_grade, contact_record_id"
    company = "a.domain, a.company_linkedin, a.company_record_id, a.company_name, a.name_key, a.country"
    yield Step(
        "book_rows",
        f"""
SELECT {_FIRST_BOOK_ROW} + row_number() OVER (ORDER BY kind, c_id, a_id, email, linkedin, phone, domain) AS row_id,
       '(book)' AS file, row_number() OVER (ORDER BY kind, c_id, a_id, email, linkedin, phone, domain) AS row, *
FROM (
  SELECT 'company' AS kind, a.id AS a_id, CAST(NULL AS BIGINT) AS c_id, {company},
         NULL AS email, NULL AS linkedin, NULL AS phone, NULL AS mobile,
         {", ".join(f"NULL AS {name}" for name in person.split(", "))}, FALSE AS email_free
  FROM book_accounts a WHERE a.id IN (SELECT id FROM near_accounts)
     OR a.id IN (SELECT account_id FROM book_contacts WHERE id IN (SELECT id FROM near_contacts))
  UNION ALL BY NAME
  SELECT 'company' AS kind, a.id AS a_id, i.value AS domain, a.company_name, a.name_key, a.country,
         FALSE AS email_free
  FROM book_aliases i JOIN book_accounts a ON a.id = i.account_id
  WHERE i.kind = 'domain' AND a.id IN (SELECT id FROM near_accounts)
  UNION ALL BY NAME
  SELECT 'person' AS kind, c.account_id AS a_id, c.id AS c_id, {company}, c.email, c.linkedin, c.phone, c.mobile,
         {", ".join(f"c.{name}" for name in person.split(", "))}, TRUE AS email_free
  FROM book_contacts c LEFT JOIN book_accounts a ON a.id = c.account_id
  WHERE c.id IN (SELECT id FROM near_contacts)
  UNION ALL BY NAME
  SELECT 'person' AS kind, c.account_id AS a_id, c.id AS c_id, {company}, c.full_name, c.first_name, c.last_name,
         CASE WHEN i.kind = 'email' THEN i.value END AS email,
         CASE WHEN i.kind = 'linkedin' THEN i.value ELSE c.linkedin END AS linkedin, TRUE AS email_free
  FROM book_aliases i JOIN book_contacts c ON c.id = i.contact_id LEFT JOIN book_accounts a ON a.id = c.account_id
  WHERE i.kind IN ('email', 'linkedin') AND c.id IN (SELECT id FROM near_contacts)
)""",
    )


def _match_step(kind: str) -> Step:
    """What each of the list's records is in the book: by resolution, else by the key that it would be made under."""
    short = kind[0]
    return Step(
        f"{kind}_match",
        f"""
SELECT n.{kind}_id, n.row_ids[1] AS first_row,
       coalesce(b.book_id, k.id) AS book_id,
       list_filter(coalesce(b.all_ids, []), lambda one: one <> b.book_id) AS others
FROM {kind}s n
LEFT JOIN (
  SELECT m.{kind}_id, min(r.{short}_id) AS book_id, list_sort(list_distinct(list(r.{short}_id))) AS all_ids
  FROM members m JOIN book_rows r ON r.row_id = m.row_id
  WHERE r.{short}_id IS NOT NULL AND m.{kind}_id IS NOT NULL GROUP BY m.{kind}_id
) b ON b.{kind}_id = n.{kind}_id
LEFT JOIN book_{kind}s k ON k.key = n.{kind}_id""",
    )


def bring_known(engine: Engine) -> None:
    """`old_accounts` and `old_contacts`: the records that the list speaks of, as the book has them now.

    Their ids are the list's own, so that what changed can be told by comparing like two snapshots.
    """
    for kind in ("account", "contact"):
        catalogue = _CATALOGUE[kind]
        listed = ", ".join(
            f"to_json(r.{one.name})::text" if one.kind is Kind.TEXTS else f"r.{one.name}" for one in catalogue
        )
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS matched")
            cursor.execute("CREATE TEMP TABLE matched (id bigint PRIMARY KEY) ON COMMIT DROP")
            _copy(cursor, "matched", ["id"], engine, f"SELECT id FROM known_{kind}s")
            kinds = [
                (one.name, pa.string() if one.kind is Kind.TEXTS else ARROW_KINDS[one.kind])
                for one in catalogue
            ]
            if kind == "contact":
                listed = f"r.account_id, {listed}"
                kinds.insert(0, ("account_book_id", pa.int64()))
            schema = pa.schema([("book_id", pa.int64()), *kinds])
            load_query(
                engine,
                "raw_known",
                f"SELECT r.id, {listed} FROM resolve_{kind} r JOIN matched USING (id)",
                schema,
            )
        lists = [one.name for one in catalogue if one.kind is Kind.TEXTS]
        replaced = ", ".join(
            f"CAST(from_json({one}, '[\"VARCHAR\"]') AS VARCHAR[]) AS {one}" for one in lists
        )
        columns = f"* EXCLUDE (book_id{', account_book_id' if kind == 'contact' else ''})"
        account = ", (SELECT any_value(x.account_id) FROM account_match x WHERE x.book_id = k.account_book_id) AS account_id"
        engine.run(
            Step(
                f"old_{kind}s",
                f"SELECT m.{kind}_id{account if kind == 'contact' else ''}, k.{columns}"
                f"{f' REPLACE ({replaced})' if lists else ''}"
                f" FROM raw_known k JOIN {kind}_match m ON m.book_id = k.book_id",
            )
        )


# Planning


def planned(engine: Engine, terms: Terms, tick: Tick) -> Plan:
    """What `load` would do to the book as it is now. Nothing is changed."""
    plan = _counted(engine)
    for kind in ("account", "contact"):
        changed = 0
        with transaction.atomic(), connection.cursor() as cursor:
            _make_incoming(cursor, kind)
            for low, high in _chunks(engine, kind, known=True):
                tick(high - low)
                cursor.execute(f"TRUNCATE incoming_{kind}")
                _copy(cursor, f"incoming_{kind}", _incoming_columns(kind), engine, _incoming(kind, low, high))
                cursor.execute(f"CREATE TEMP TABLE renewed ON COMMIT DROP AS {_renewed(kind, terms)}")
                cursor.execute("SELECT count(*) FROM renewed")
                changed += cursor.fetchone()[0]
                if len(plan.samples) < SAMPLES:
                    plan.samples += _difference_samples(cursor, kind)
                cursor.execute("DROP TABLE renewed")
            transaction.set_rollback(True)
        _note_changed(plan, kind, changed)
    plan.samples += _other_samples(engine)
    return plan


def _counted(engine: Engine) -> Plan:
    plan = Plan()
    plan.rows = engine.rows("list_rows")
    counts = {}
    for kind in ("account", "contact"):
        found = engine.ask(
            f"SELECT count(*) FILTER (WHERE book_id IS NULL) AS new, count(book_id) AS known,"
            f" coalesce(sum(len(others)), 0)::BIGINT AS pairs FROM {kind}_match"
        ).to_pylist()[0]
        counts[kind] = found
        plan.doubtful_pairs += found["pairs"] + engine.rows(f"{kind}_doubts")
    plan.new_accounts, plan.same_accounts = counts["account"]["new"], counts["account"]["known"]
    plan.new_contacts, plan.same_contacts = counts["contact"]["new"], counts["contact"]["known"]
    joined = engine.ask(
        "SELECT count(*) - count(DISTINCT coalesce(m.contact_id, m.account_id)) AS many"
        " FROM members m JOIN list_rows r ON r.row_id = m.row_id"
    )
    plan.joined_rows = joined.to_pylist()[0]["many"]
    return plan


def _note_changed(plan: Plan, kind: str, changed: int) -> None:
    if kind == "account":
        plan.changed_accounts, plan.same_accounts = changed, plan.same_accounts - changed
    else:
        plan.changed_contacts, plan.same_contacts = changed, plan.same_contacts - changed


_LABEL = {
    "account": "coalesce(o.company_name, o.domain, 'Account ' || o.id)",
    "contact": "coalesce(o.full_name, o.email, o.linkedin, 'Contact ' || o.id)",
}


def _difference_samples(cursor: CursorWrapper, kind: str) -> list[Sample]:
    cursor.execute(
        f"SELECT o.id, {_LABEL[kind]}, {_differences('o', 'n', kind)}::text FROM renewed n"
        f" JOIN resolve_{kind} o ON o.id = n.id ORDER BY o.id LIMIT %s",
        [SAMPLES // 2],
    )
    return [
        Sample(
            "update",
            label,
            tuple(
                {"field": name, "before": old, "after": new} for name, (old, new) in json.loads(told).items()
            ),
            f"{kind} {record_id}",
        )
        for record_id, label, told in cursor.fetchall()
    ]


def _other_samples(engine: Engine) -> list[Sample]:
    new = engine.ask(
        f"SELECT coalesce(c.full_name, c.email, c.linkedin, '') AS label, c.title, c.email, a.company_name"
        f" FROM contacts c JOIN contact_match m ON m.contact_id = c.contact_id"
        f" LEFT JOIN accounts a ON a.account_id = c.account_id"
        f" WHERE m.book_id IS NULL ORDER BY m.first_row LIMIT {SAMPLES // 2}"
    )
    made = [
        Sample(
            "create",
            told["label"],
            tuple(
                {"field": name, "before": None, "after": told[name]}
                for name in ("title", "email", "company_name")
                if told[name]
            ),
            "",
        )
        for told in new.to_pylist()
    ]
    doubtful = engine.ask(
        "SELECT a.company_name AS label, m.book_id, m.others FROM account_match m"
        " JOIN accounts a ON a.account_id = m.account_id WHERE len(m.others) > 0 ORDER BY m.first_row LIMIT 20"
    )
    return (
        made
        + [
            Sample("review", told["label"] or "", (), f"account {told['book_id']}")
            for told in doubtful.to_pylist()
        ]
        + _doubt_samples(engine)
    )


def _doubt_samples(engine: Engine) -> list[Sample]:
    """Doubtful pairs as the page shows them: what the book has beside what the list says."""
    samples = []
    for kind, shown, label in (
        ("account", ("company_name", "domain"), "n.company_name"),
        ("contact", ("full_name", "email"), "n.full_name"),
    ):
        both = ", ".join(f"b.{name} AS old_{name}, n.{name} AS new_{name}" for name in shown)
        found = engine.ask(
            f"SELECT {label} AS label, d.book_id, {both} FROM {kind}_doubts d"
            f" JOIN {kind}s n ON n.{kind}_id = d.list_id JOIN book_{kind}s b ON b.id = d.book_id"
            f" ORDER BY d.probability DESC, d.list_id, d.book_id LIMIT {SAMPLES // 4}"
        )
        samples += [
            Sample(
                "review",
                told["label"] or "",
                tuple(
                    {"field": name, "before": told[f"old_{name}"], "after": told[f"new_{name}"]}
                    for name in shown
                ),
                f"{kind} {told['book_id']}",
            )
            for told in found.to_pylist()
        ]
    return samples


# Loading


def load(engine: Engine, terms: Terms, tick: Tick) -> Plan:
    """Make what is new, change what is known, note which row spoke of whom. Hold `OneAtATime` around it.

    `first_stages` (contact_id, stage) says who of the new ones does not begin as a lead.

    `tick` is told of rows done after each chunk's transaction and may raise to stop; what is committed stays.
    """
    plan = _counted(engine)
    Sighting.objects.filter(batch_id=terms.batch_id).delete()
    for kind in ("account", "contact"):
        _number(engine, kind)
        engine.run(_new_step(kind, terms))
        for low, high in _chunks(engine, kind, known=False):
            with transaction.atomic(), connection.cursor() as cursor:
                _settings(cursor)
                _make(cursor, engine, kind, terms, low, high)
            tick(high - low)
        changed = 0
        for low, high in _chunks(engine, kind, known=True):
            with transaction.atomic(), connection.cursor() as cursor:
                _settings(cursor)
                changed += _renew(cursor, engine, kind, terms, low, high)
            tick(high - low)
        _note_changed(plan, kind, changed)
    _note_sightings(engine, terms, tick)
    _note_pairs(engine, terms)
    with connection.cursor() as cursor:
        for table in ("resolve_account", "resolve_contact", "resolve_sighting"):
            cursor.execute(f"ANALYZE {table}")
    return plan


def _settings(cursor: CursorWrapper) -> None:
    # A wider pending list lets the trigram index take rows by the chunk; a lost commit is met again and redone.
    cursor.execute("SET LOCAL gin_pending_list_limit = '64MB'")
    cursor.execute("SET LOCAL synchronous_commit = off")
    cursor.execute("SET LOCAL work_mem = '64MB'")


def _number(engine: Engine, kind: str) -> None:
    """`account_ids` or `contact_ids`: the row of the book for each of the list's records; new ones get a number."""
    new = engine.ask(f"SELECT count(*) AS many FROM {kind}_match WHERE book_id IS NULL").to_pylist()[0][
        "many"
    ]
    numbers = (
        f"SELECT nextval(pg_get_serial_sequence('resolve_{kind}', 'id')) FROM generate_series(1, {int(new)})"
    )
    load_query(engine, "numbers", numbers, pa.schema([("id", pa.int64())]))
    engine.run(
        Step(
            f"{kind}_ids",
            f"""
SELECT m.{kind}_id, n.id, TRUE AS is_new, m.place
FROM (SELECT {kind}_id, row_number() OVER (ORDER BY first_row, {kind}_id) AS place
      FROM {kind}_match WHERE book_id IS NULL) m
JOIN (SELECT id, row_number() OVER (ORDER BY id) AS place FROM numbers) n ON n.place = m.place
UNION ALL
SELECT {kind}_id, book_id, FALSE, row_number() OVER (ORDER BY book_id, {kind}_id)
FROM {kind}_match WHERE book_id IS NOT NULL""",
        )
    )


def _chunks(engine: Engine, kind: str, *, known: bool) -> Iterator[tuple[int, int]]:
    """Ranges of places, `low` exclusive and `high` inclusive."""
    last = engine.rows(f"known_{kind}s") if known else engine.rows(f"new_{kind}s")
    for low in range(0, last, CHUNK):
        yield low, min(low + CHUNK, last)


def _make(cursor: CursorWrapper, engine: Engine, kind: str, terms: Terms, low: int, high: int) -> None:
    columns = [*(name for name, _ in _new_columns(kind, terms))]
    try:
        with transaction.atomic():
            _copy(cursor, f"resolve_{kind}", columns, engine, _new(kind, columns, low, high))
    except Taken:
        _make_what_is_free(cursor, engine, kind, columns, low, high)


def _make_what_is_free(
    cursor: CursorWrapper, engine: Engine, kind: str, columns: Sequence[str], low: int, high: int
) -> None:
    """Somebody made records under the same keys a moment ago: theirs are the records."""
    stage = f"made_{kind}"
    cursor.execute(f"CREATE TEMP TABLE {stage} (LIKE resolve_{kind}) ON COMMIT DROP")
    _copy(cursor, stage, columns, engine, _new(kind, columns, low, high))
    names = ", ".join(columns)
    cursor.execute(
        f"INSERT INTO resolve_{kind} ({names}) SELECT {names} FROM {stage} ORDER BY id ON CONFLICT (key) DO NOTHING"
    )
    cursor.execute(
        f"SELECT s.key, r.id FROM {stage} s JOIN resolve_{kind} r ON r.key = s.key AND r.id <> s.id"
    )
    found = cursor.fetchall()
    table = pa.table({"key": [row[0] for row in found], "id": [row[1] for row in found]})
    engine.load("elsewhere", table.schema, table.to_batches())
    engine.run(
        Step(
            f"{kind}_ids",
            f"SELECT i.{kind}_id, coalesce(e.id, i.id) AS id, i.is_new, i.place"
            f" FROM {kind}_ids i LEFT JOIN elsewhere e ON e.key = i.{kind}_id",
        )
    )


def _renew(cursor: CursorWrapper, engine: Engine, kind: str, terms: Terms, low: int, high: int) -> int:
    _make_incoming(cursor, kind)
    _copy(cursor, f"incoming_{kind}", _incoming_columns(kind), engine, _incoming(kind, low, high))
    cursor.execute(
        f"SELECT count(*) FROM (SELECT 1 FROM resolve_{kind} o JOIN incoming_{kind} n ON n.id = o.id"
        f" ORDER BY o.id FOR UPDATE OF o) held"
    )
    cursor.execute(f"CREATE TEMP TABLE renewed ON COMMIT DROP AS {_renewed(kind, terms)}")
    cursor.execute(
        f"""
        INSERT INTO resolve_importchange (batch_id, {kind}_id, before, after, undone)
        SELECT %s, o.id,
               (SELECT jsonb_object_agg(k, v->0) FROM jsonb_each(d.told) AS t (k, v)),
               (SELECT jsonb_object_agg(k, v->1) FROM jsonb_each(d.told) AS t (k, v)), FALSE
        FROM resolve_{kind} o JOIN renewed n ON n.id = o.id, LATERAL (SELECT {_differences("o", "n", kind)} AS told) d
        ON CONFLICT DO NOTHING""",
        [terms.batch_id],
    )
    _note_aliases(cursor, kind, terms)
    sets = ", ".join(f"{name} = n.{name}" for name in _changing(kind))
    cursor.execute(
        f"UPDATE resolve_{kind} o SET {sets}, search = n.search, version = o.version + 1, changed_at = %s"
        f" FROM renewed n WHERE n.id = o.id",
        [terms.now],
    )
    return int(cursor.rowcount)


_ALIASED = {
    "account": {"domain": "domain", "company_linkedin": "linkedin"},
    "contact": {"email": "email", "linkedin": "linkedin", "phone": "phone", "mobile": "phone"},
}


def _note_aliases(cursor: CursorWrapper, kind: str, terms: Terms) -> None:
    """Whatever of the two does not stand in the record's own column from now on is another name of it."""
    for column, alias in _ALIASED[kind].items():
        cursor.execute(
            f"""
            INSERT INTO resolve_identifier (kind, value, {kind}_id, source, created_at)
            SELECT %s, v.value, o.id, %s, %s
            FROM resolve_{kind} o JOIN incoming_{kind} i ON i.id = o.id LEFT JOIN renewed n ON n.id = o.id,
                 LATERAL (VALUES (o.{column}), (i.{column})) AS v (value)
            WHERE v.value IS NOT NULL AND lower(v.value) <> lower(coalesce(n.{column}, o.{column}))
            ON CONFLICT DO NOTHING""",
            [alias, f"import {terms.batch_id}", terms.now],
        )


def _note_sightings(engine: Engine, terms: Terms, tick: Tick) -> None:
    rows = engine.rows("list_rows")
    for low in range(0, rows, CHUNK * 8):
        high = min(low + CHUNK * 8, rows)
        with transaction.atomic(), connection.cursor() as cursor:
            _settings(cursor)
            select = f"""
                SELECT {terms.batch_id} AS batch_id, r.row, a.id AS account_id, c.id AS contact_id
                FROM list_rows r JOIN members m ON m.row_id = r.row_id
                LEFT JOIN account_ids a ON a.account_id = m.account_id
                LEFT JOIN contact_ids c ON c.contact_id = m.contact_id
                WHERE r.row_id >= {low} AND r.row_id < {high} ORDER BY r.row_id"""
            _copy(cursor, "resolve_sighting", ["batch_id", "row", "account_id", "contact_id"], engine, select)
        tick(high - low)


def _note_pairs(engine: Engine, terms: Terms) -> None:
    """Records that may be one are a question for a person, not a merge; a join without a key says why it was made."""
    pairs, joins = [], []
    for kind in ("account", "contact"):
        found = engine.ask(
            f"SELECT book_id, unnest(others) AS other, 0.95 AS probability,"
            f" 'A row of the list has keys of both.' AS reasons FROM {kind}_match WHERE len(others) > 0"
            f" UNION ALL SELECT n.id, coalesce(d.book_id, o.id), d.probability, d.reasons FROM {kind}_doubts d"
            f" JOIN {kind}_ids n ON n.{kind}_id = d.list_id LEFT JOIN {kind}_ids o ON o.{kind}_id = d.other_id"
            f" ORDER BY 3 DESC, 1, 2 LIMIT {MOST_DOUBTS}"
        )
        for told in found.to_pylist():
            left, right = sorted((told["book_id"], told["other"]))
            if left == right:
                continue
            pairs.append(
                Match(
                    **{f"left_{kind}_id": left, f"right_{kind}_id": right},
                    probability=told["probability"],
                    reasons=[_reason(text) for text in told["reasons"].split("; ")],
                    found_by_id=terms.batch_id,
                    found_at=terms.now,
                )
            )
        joined = engine.ask(f"SELECT list_id, book_id, reasons FROM {kind}_joined LIMIT {MOST_DOUBTS}")
        joins += [
            Activity(
                **{f"{kind}_id": told["book_id"]},
                at=terms.now,
                kind="import",
                text=f"A row of the list was taken for this {kind}: {told['reasons']}",
                link=f"/imports/{terms.batch_id}",
                key=f"joined-{terms.batch_id}-{told['list_id']}",
            )
            for told in joined.to_pylist()
        ]
    Match.objects.bulk_create(pairs, ignore_conflicts=True, batch_size=1000)
    Activity.objects.bulk_create(joins, ignore_conflicts=True, batch_size=1000)


def _reason(text: str) -> dict[str, object]:
    """One reason with its weight in bits, where it has one."""
    words, _, weight = text.rpartition(" ")
    if words and weight[:1] in "+-" and weight[1:].replace(".", "").isdigit():
        return {"text": words, "weight": float(weight)}
    return {"text": text}


# The SQL of one chunk


_CATALOGUE: Mapping[str, tuple[Field, ...]] = {"account": ACCOUNT_FIELDS, "contact": CONTACT_FIELDS}


def _copy(cursor: CursorWrapper, table: str, columns: Sequence[str], engine: Engine, select: str) -> None:
    with cursor.copy(copy_in(table, columns)) as copy:
        for block in csv_blocks(engine.batches(select)):
            copy.write(block)


def _changing(kind: str) -> list[str]:
    return [*(one.name for one in _CATALOGUE[kind]), "custom", *(["account_id"] if kind == "contact" else [])]


def _literal(one: Field, alias: str) -> str:
    """A column as COPY takes it: lists as array literals."""
    column = f"{alias}.{one.name}"
    if one.kind is not Kind.TEXTS:
        return column
    escaped = "'\"' || replace(replace(word, '\\', '\\\\'), '\"', '\\\"') || '\"'"
    return (
        f"CASE WHEN {column} IS NOT NULL THEN '{{' || array_to_string(list_transform({column}, lambda word: {escaped}), ',')"
        " || '}' END"
    )


def _words(kind: str, alias: str) -> str:
    """What the search box finds a record by, as `resolve.actions` has it for one row."""
    names = {
        "account": ["company_name", "domain", "former"],
        "contact": ["full_name", "email", "phone", "mobile"],
    }[kind]
    listed = ", ".join(
        f"array_to_string({alias}.former_names, ' ')" if name == "former" else f"{alias}.{name}"
        for name in names
    )
    return dialect_of("duckdb").fold(f"concat_ws(' ', {listed})")


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def _new_columns(kind: str, terms: Terms) -> list[tuple[str, str]]:
    """Column and DuckDB expression of a new record; `r` is the list's record, `i` its number in the book."""
    owner = "NULL" if terms.owner_id is None else str(terms.owner_id)
    tags = "NULL"
    if terms.tags:
        inner = ",".join('"' + tag.replace("\\", "\\\\").replace('"', '\\"') + '"' for tag in terms.tags)
        tags = _quoted("{" + inner + "}")
    columns = [("id", "i.id")]
    for one in _CATALOGUE[kind]:
        value = _literal(one, "r")
        if one.name == "tags" and terms.tags:
            value = f"coalesce({value}, {tags})"
        columns.append((one.name, value))
    stamp = _quoted(terms.now.isoformat())
    columns += [
        ("key", f"r.{kind}_id"),
        ("search", _words(kind, "r")),
        ("custom", "coalesce(r.custom, '{}')"),
        ("lifecycle", "'lead'" if kind == "account" else "coalesce(f.stage, 'lead')"),
        ("owner_id", owner),
        ("version", "1"),
        ("created_at", stamp),
        ("changed_at", stamp),
        ("touched_fields", "'{}'"),
        ("made_by_id", str(terms.batch_id)),
    ]
    if kind == "account":
        columns.append(("name_key", "k.name_key"))
    else:
        columns += [("account_id", "a.id"), ("labels", tags)]
    return columns


def _new_step(kind: str, terms: Terms) -> Step:
    """The rows to be made, ready for COPY, in order: each chunk is then read from its own stretch."""
    joins = (
        "LEFT JOIN account_names k ON k.account_id = r.account_id"
        if kind == "account"
        else "LEFT JOIN account_ids a ON a.account_id = r.account_id"
        " LEFT JOIN first_stages f ON f.contact_id = r.contact_id"
    )
    chosen = ", ".join(f"{value} AS {name}" for name, value in _new_columns(kind, terms))
    return Step(
        f"new_{kind}s",
        f"SELECT {chosen}, i.place FROM {kind}_ids i JOIN {kind}s r ON r.{kind}_id = i.{kind}_id {joins}"
        " WHERE i.is_new ORDER BY i.place",
    )


def _new(kind: str, columns: Sequence[str], low: int, high: int) -> str:
    return (
        f"SELECT {', '.join(columns)} FROM new_{kind}s WHERE place > {low} AND place <= {high} ORDER BY place"
    )


def _incoming_columns(kind: str) -> list[str]:
    return ["id", *_changing(kind)]


def _known_step(kind: str) -> Step:
    """What the list says of records that the book has. Several of the list may be one of the book: the first counts."""
    chosen = ", ".join(f"{_literal(one, 'r')} AS {one.name}" for one in _CATALOGUE[kind])
    account, join = "", ""
    if kind == "contact":
        account = ", a.book_id AS account_id"
        join = "LEFT JOIN account_match a ON a.account_id = r.account_id"
    return Step(
        f"known_{kind}s",
        f"""
SELECT m.book_id AS id, {chosen}, coalesce(r.custom, '{{}}') AS custom{account},
       row_number() OVER (ORDER BY m.book_id) AS place
FROM (SELECT {kind}_id, book_id, row_number() OVER (PARTITION BY book_id ORDER BY first_row) AS turn
      FROM {kind}_match WHERE book_id IS NOT NULL) m
JOIN {kind}s r ON r.{kind}_id = m.{kind}_id {join}
WHERE m.turn = 1 ORDER BY place""",
    )


def _incoming(kind: str, low: int, high: int) -> str:
    return (
        f"SELECT {', '.join(_incoming_columns(kind))} FROM known_{kind}s"
        f" WHERE place > {low} AND place <= {high} ORDER BY place"
    )


def _make_incoming(cursor: CursorWrapper, kind: str) -> None:
    columns = ", ".join(_incoming_columns(kind))
    cursor.execute(
        f"CREATE TEMP TABLE incoming_{kind} ON COMMIT DROP AS SELECT {columns} FROM resolve_{kind} LIMIT 0"
    )


def _renewed(kind: str, terms: Terms) -> str:
    """A SELECT of the records that change, with every column as it is to be."""
    values = ", ".join(f"{_settled(one, terms)} AS {one.name}" for one in _CATALOGUE[kind])
    custom = "o.custom || n.custom" if terms.replace else "n.custom || o.custom"
    account = ", coalesce(o.account_id, n.account_id) AS account_id" if kind == "contact" else ""
    return f"""
        SELECT r.*, lower(concat_ws(' ', {_search_columns(kind)})) AS search
        FROM resolve_{kind} o
        JOIN (SELECT o.id, {values}, {custom} AS custom{account}
              FROM resolve_{kind} o JOIN incoming_{kind} n ON n.id = o.id) r ON r.id = o.id
        WHERE ({", ".join(f"r.{name}" for name in _changing(kind))})
              IS DISTINCT FROM ({", ".join(f"o.{name}" for name in _changing(kind))})"""


def _search_columns(kind: str) -> str:
    if kind == "account":
        return "r.company_name, r.domain, array_to_string(r.former_names, ' ')"
    return "r.full_name, r.email, r.phone, r.mobile"


def _settled(one: Field, terms: Terms) -> str:
    """The value of one field when the book has `o` and the list says `n`."""
    old, new = f"o.{one.name}", f"n.{one.name}"
    if one.name in WISHES:
        return f"CASE WHEN {new} THEN TRUE ELSE coalesce({old}, {new}) END"
    if one.kind is Kind.TEXTS:
        more = f"(SELECT array_agg(word) FROM unnest({new}) word WHERE word <> ALL ({old}))"
        return f"CASE WHEN {new} IS NULL THEN {old} WHEN {old} IS NULL THEN {new} ELSE {old} || coalesce({more}, '{{}}') END"
    if one.name == "last_contacted":
        return f"greatest({old}, {new})"
    if one.name == "email_grade":
        same = "o.email IS NULL OR lower(o.email) = lower(n.email)"
        return f"CASE WHEN {same} THEN coalesce({new}, {old}) ELSE {old} END"
    if terms.replace:
        return f"CASE WHEN {new} IS NULL OR '{one.name}' = ANY (o.touched_fields) THEN {old} ELSE {new} END"
    return f"coalesce({old}, {new})"


def _differences(old: str, new: str, kind: str) -> str:
    """JSON {field: [before, after]} of what differs between two rows."""
    pairs = ", ".join(
        f"('{name}', to_jsonb({old}.{name}), to_jsonb({new}.{name}))" for name in _changing(kind)
    )
    return (
        "(SELECT jsonb_object_agg(d.k, jsonb_build_array(d.o, d.n))"
        f" FROM (VALUES {pairs}) AS d (k, o, n) WHERE d.o IS DISTINCT FROM d.n)"
    )


# Undoing


@dataclass(slots=True)
class Undone:
    """What the undo of an import did; `kept` names records that somebody worked on since."""

    removed: int = 0
    restored: int = 0
    kept: list[str] = field(default_factory=list)


# Children that an import itself makes; they go with the record.
_OWN_CHILDREN = frozenset(
    {"Sighting", "ImportChange", "Match", "Identifier", "Verdict", "LifecycleChange", "Signal", "Activity"}
)
MOST_NAMED = 200


def undo(batch_id: int, now: datetime, tick: Tick) -> Undone:
    """Remove what the import made, restore what it changed; keep and name what was worked on since.

    Safe to repeat: a second run finds what the first left. Contacts go before accounts.
    """
    done = Undone()
    for kind, model in (("contact", Contact), ("account", Account)):
        _restore(kind, batch_id, now, done, tick)
        _remove(kind, model, batch_id, done, tick)
    Match.objects.filter(found_by_id=batch_id, state="open").delete()
    Activity.objects.filter(key__startswith=f"joined-{batch_id}-").delete()
    return done


def _restore(kind: str, batch_id: int, now: datetime, done: Undone, tick: Tick) -> None:
    """Put back each field that still has the import's value; where another hand came since, theirs stays."""
    names = _changing(kind)
    listed = ", ".join(names)
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            ids = list(
                ImportChange.objects.select_for_update()
                .filter(**{f"{kind}__isnull": False}, batch_id=batch_id, undone=False)
                .order_by("id")
                .values_list("id", flat=True)[:CHUNK]
            )
            if not ids:
                return
            cursor.execute(
                f"""
                WITH back AS (
                  SELECT o.id, c.id AS change_id, (
                    SELECT coalesce(jsonb_object_agg(k, v), '{{}}') FROM jsonb_each(c.before) AS t (k, v)
                    WHERE to_jsonb(o) -> k IS NOT DISTINCT FROM c.after -> k) AS put,
                    (SELECT count(*) FROM jsonb_object_keys(c.before)) AS wanted
                  FROM resolve_importchange c JOIN resolve_{kind} o ON o.id = c.{kind}_id
                  WHERE c.id = ANY (%s)
                ), changed AS (
                  UPDATE resolve_{kind} o SET ({listed}) = (
                    SELECT {", ".join(f"p.{name}" for name in names)} FROM jsonb_populate_record(o, back.put) p),
                    version = o.version + 1, changed_at = %s
                  FROM back WHERE back.id = o.id RETURNING o.id
                )
                SELECT {_LABEL[kind]}, (SELECT count(*) FROM jsonb_object_keys(back.put)) < back.wanted
                FROM back JOIN resolve_{kind} o ON o.id = back.id""",
                [ids, now],
            )
            for label, partly in cursor.fetchall():
                done.restored += 1
                if partly and len(done.kept) < MOST_NAMED:
                    done.kept.append(f"{label}: changed since, kept as it is")
            ImportChange.objects.filter(id__in=ids).update(undone=True)
        tick(len(ids))


def _remove(kind: str, model: type[models.Model], batch_id: int, done: Undone, tick: Tick) -> None:
    worked_on = " OR ".join(["o.touched_at IS NOT NULL", *_foreign(model, batch_id)])
    low = 0
    while True:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                f"SELECT o.id, {_LABEL[kind]}, {worked_on} FROM resolve_{kind} o"
                " WHERE o.made_by_id = %s AND o.id > %s ORDER BY o.id LIMIT %s FOR UPDATE OF o",
                [batch_id, low, CHUNK],
            )
            found = cursor.fetchall()
            if not found:
                return
            low = found[-1][0]
            gone = [row[0] for row in found if not row[2]]
            for _, label, stays in found:
                if stays and len(done.kept) < MOST_NAMED:
                    done.kept.append(f"{label}: worked on since, kept")
            for child in apps.get_models():
                for key in child._meta.concrete_fields:
                    if key.related_model is model and child.__name__ in _OWN_CHILDREN:
                        cursor.execute(
                            f"DELETE FROM {child._meta.db_table} WHERE {key.column} = ANY (%s)", [gone]
                        )
            cursor.execute(f"DELETE FROM resolve_{kind} WHERE id = ANY (%s)", [gone])
            done.removed += len(gone)
        tick(len(found))


def _foreign(model: type[models.Model], batch_id: int) -> Iterator[str]:
    """Conditions: something that this import did not make speaks of the record. Finds tables of every room."""
    for child in apps.get_models():
        table = child._meta.db_table
        for key in child._meta.concrete_fields:
            if key.related_model is not model:
                continue
            points = f"EXISTS (SELECT FROM {table} x WHERE x.{key.column} = o.id"
            if child is Sighting:
                yield f"{points} AND x.batch_id <> {batch_id})"
            elif child is Activity:
                yield f"{points} AND x.actor_id IS NOT NULL)"
            elif child.__name__ == "LifecycleChange":
                yield f"{points} AND x.by_id IS NOT NULL)"
            elif child.__name__ not in _OWN_CHILDREN:
                yield f"{points})"
