"""Verbs about verdicts and the lifecycle.

rescore(engine, scope, today, now, tick) -> Rescored         verdicts anew, in batches; the gate moves leads
judge_new(engine, today)                                     verdicts of a list's new records before it is loaded
keep_new(engine, batch_id, now) -> int                       writes those, once their records are in the book
promote(asker, contact_ids, reason, origin, now) -> int      past the gate, with a reason
park(asker, contact_ids, until, reason, origin, now) -> int, wake(asker, contact_ids, reason, origin, now) -> int
disqualify(asker, contact_ids, reason, origin, now) -> int, put_back(asker, contact_ids, stage, origin, now)
move(asker | SYSTEM, contact_ids, stage, reason, ..., now)   any stage, for rooms downstream (pipeline, replies)
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import date, datetime

import pyarrow as pa
from django.db import connection, transaction

from panout.batch.engine import Engine
from panout.batch.exchange import copy_in, csv_blocks
from panout.batch.steps import Step
from panout.criteria.dialects import DUCKDB
from panout.icp.queries import VersionCard, active
from panout.kernel.errors import BadInput
from panout.kernel.fields import ACCOUNT_FIELDS, CONTACT_FIELDS, Field, Kind
from panout.kernel.lifecycle import Lifecycle
from panout.qualify.models import LifecycleChange, ScoringRun, Strike, Verdict
from panout.qualify.steps import VIEWS, verdict_steps
from panout.resolve.actions import note_activity, set_lifecycle
from panout.resolve.loading import load_query
from panout.resolve.models import Account, Contact
from panout.sources.files.relations import ARROW_KINDS
from panout.team.actions import record
from panout.team.rules import Person, Verb, demand

CHUNK = 25_000
ACCOUNTS_AT_ONCE = (
    20_000  # with all their people: bounds memory however large the book is, and steps of progress
)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whom to score: the accounts and people that an import speaks of, these accounts, or (neither) everybody."""

    batch_id: int | None = None
    account_ids: tuple[int, ...] | None = None
    but_scored_at: datetime | None = None  # with a batch: leave out accounts whose verdict is of this moment


@dataclass(slots=True)
class Rescored:
    """What a scoring run did."""

    scored: int = 0
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)  # from one verdict to another


def rescore(
    engine: Engine, scope: Scope, today: date, now: datetime, tick: Callable[[int], None]
) -> Rescored:
    """Score by every active profile; the profile that a person fits best gives the verdict. Safe to repeat.

    Works through the book in stretches of accounts. Without an active profile nothing is scored.
    """
    done = Rescored()
    profiles = active()
    if not profiles:
        return done
    for where in (*stretches(scope), *_homeless(scope)):
        bring(engine, where)
        people = engine.rows("contacts")
        if not people and not engine.rows("accounts"):
            continue
        judge(engine, profiles, today)
        done.scored += _write(engine, now, done.moves)
        tick(people)
    return done


def whole_book() -> tuple[_Stretch, ...]:
    """The book in parts, with those who have no company."""
    return (*stretches(Scope()), *_homeless(Scope()))


# From the book to the engine


@dataclass(frozen=True, slots=True)
class _Stretch:
    accounts: str  # conditions on account `a`
    contacts: str  # on contact `c`


def stretches(scope: Scope) -> list[_Stretch]:
    """The scope in parts that fit in memory with all their people."""
    if scope.account_ids is not None:
        listed = ", ".join(str(int(one)) for one in scope.account_ids) or "NULL"
        return [_Stretch(f"a.id IN ({listed})", f"c.account_id IN ({listed})")]
    within = ""
    if scope.batch_id is not None:
        seen = (
            f"SELECT FROM resolve_sighting g WHERE g.account_id = a.id AND g.batch_id = {int(scope.batch_id)}"
        )
        within = f"AND EXISTS ({seen})"
    if scope.but_scored_at is not None:
        moment = f"timestamptz '{scope.but_scored_at.isoformat()}'"
        fresh = f"SELECT FROM qualify_verdict v WHERE v.account_id = a.id AND v.scored_at = {moment}"
        within += f" AND NOT EXISTS ({fresh})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT min(id), max(id) FROM (
              SELECT a.id, (row_number() OVER (ORDER BY a.id) - 1) / {ACCOUNTS_AT_ONCE} AS stretch
              FROM resolve_account a WHERE a.merged_into_id IS NULL {within}) s
            GROUP BY stretch ORDER BY 1"""
        )
        ranges = cursor.fetchall()
    also = f" {within}"
    return [
        _Stretch(
            f"a.id BETWEEN {low} AND {high}{also}",
            f"c.account_id BETWEEN {low} AND {high}{also.replace('a.id', 'c.account_id')}",
        )
        for low, high in ranges
    ]


def _homeless(scope: Scope) -> list[_Stretch]:
    """People without a company."""
    if scope.account_ids is not None:
        return []
    if scope.batch_id is None:
        return [_Stretch("FALSE", "c.account_id IS NULL")]
    seen = (
        f"EXISTS (SELECT FROM resolve_sighting g WHERE g.contact_id = c.id AND g.batch_id = {scope.batch_id})"
    )
    if scope.but_scored_at is not None:
        moment = f"timestamptz '{scope.but_scored_at.isoformat()}'"
        fresh = f"SELECT FROM qualify_verdict v WHERE v.contact_id = c.id AND v.scored_at = {moment}"
        seen += f" AND NOT EXISTS ({fresh})"
    return [_Stretch("FALSE", f"c.account_id IS NULL AND {seen}")]


def bring(engine: Engine, where: _Stretch) -> None:
    """Load the accounts, contacts and signals of a part into the engine."""
    _bring_records(
        engine,
        "accounts",
        ACCOUNT_FIELDS,
        f"resolve_account a WHERE a.merged_into_id IS NULL AND {where.accounts}",
        "a",
    )
    _bring_records(
        engine,
        "contacts",
        CONTACT_FIELDS,
        f"resolve_contact c WHERE c.merged_into_id IS NULL AND {where.contacts}",
        "c",
    )
    load_query(
        engine,
        "signals",
        "SELECT s.id, s.type, s.level, s.account_id, s.contact_id, s.date, s.strength, s.source, s.evidence"
        " FROM signals_signal s WHERE s.dismissed_at IS NULL AND ("
        f" s.account_id IN (SELECT a.id FROM resolve_account a WHERE {where.accounts}) OR"
        f" s.contact_id IN (SELECT c.id FROM resolve_contact c WHERE {where.contacts}))",
        _SIGNALS,
    )


_SIGNALS = pa.schema(
    [
        ("signal_id", pa.int64()), ("type", pa.string()), ("level", pa.string()), ("account_id", pa.string()),
        ("contact_id", pa.string()), ("date", pa.date32()), ("strength", pa.float64()), ("source", pa.string()),
        ("evidence", pa.string()),
    ]
)  # fmt: skip


def _bring_records(engine: Engine, name: str, catalogue: tuple[Field, ...], source: str, alias: str) -> None:
    """Texts come as they are; lists cross as JSON and become lists again."""
    singular = name[:-1]
    chosen = [f"{alias}.id AS {singular}_id"]
    kinds: list[tuple[str, pa.DataType]] = [(f"{singular}_id", pa.string())]
    if name == "contacts":
        chosen.append("c.account_id")
        kinds.append(("account_id", pa.string()))
    for one in catalogue:
        listed = one.kind is Kind.TEXTS
        chosen.append(f"to_json({alias}.{one.name})::text" if listed else f"{alias}.{one.name}")
        kinds.append((one.name, pa.string() if listed else ARROW_KINDS[one.kind]))
    chosen.append(f"{alias}.custom::text")
    kinds.append(("custom", pa.string()))
    load_query(engine, f"raw_{name}", f"SELECT {', '.join(chosen)} FROM {source}", pa.schema(kinds))
    lists = [one.name for one in catalogue if one.kind is Kind.TEXTS]
    replaced = ", ".join(f"CAST(from_json({one}, '[\"VARCHAR\"]') AS VARCHAR[]) AS {one}" for one in lists)
    engine.run(Step(name, f"SELECT * {f'REPLACE ({replaced})' if lists else ''} FROM raw_{name}"))


# Scoring


def judge(engine: Engine, profiles: tuple[VersionCard, ...], today: date) -> None:
    """`judged_best`: for each person, or account without people, the verdict of the profile that ranks them highest."""
    best = []
    for place, version in enumerate(profiles):
        for step in verdict_steps(version.profile, today, DUCKDB, contacts="contacts"):
            if step.name in VIEWS:
                engine.view(step)
            else:
                engine.run(step)
        name = f"verdicts_{place}"
        engine.run(Step(name, f"SELECT *, {version.id} AS icp_version_id FROM verdicts"))
        best.append(f"SELECT * FROM {name}")
    order = "CASE verdict WHEN 'prospect' THEN 0 WHEN 'lead' THEN 1 ELSE 2 END, priority DESC, icp_version_id"
    engine.run(
        Step(
            "judged_best",
            f"""
SELECT *, row_number() OVER (ORDER BY priority, account_id, contact_id) AS place FROM (
  SELECT *, row_number() OVER (PARTITION BY account_id, contact_id ORDER BY {order}) AS turn
  FROM ({" UNION ALL BY NAME ".join(best)})) WHERE turn = 1 ORDER BY place""",
        )
    )


# Before the book has them


def judge_new(engine: Engine, today: date) -> None:
    """Leave `new_verdicts`, and `first_stages` (contact_id, stage) for `resolve.loading.load`.

    A company that is new, with nobody at it whom the book knows, is judged from the list: the same values are
    about to be written, and a record made with its stage need not be written twice. The others wait for `rescore`.
    """
    profiles = active()
    if (
        profiles
        and engine.ask("SELECT count(*) AS n FROM account_match WHERE book_id IS NULL")["n"][0].as_py()
    ):
        engine.load("signals", _SIGNALS, [])
        judge(engine, profiles, today)
        engine.run(
            Step(
                "new_verdicts",
                """
SELECT j.* FROM judged_best j
LEFT JOIN account_match a ON a.account_id = j.account_id LEFT JOIN contact_match c ON c.contact_id = j.contact_id
WHERE a.book_id IS NULL AND c.book_id IS NULL AND NOT EXISTS (
  SELECT 1 FROM contacts n JOIN contact_match m ON m.contact_id = n.contact_id
  WHERE m.book_id IS NOT NULL AND n.account_id = j.account_id)
ORDER BY j.place""",
            )
        )
        stages = "SELECT contact_id, {stage} AS stage FROM new_verdicts j WHERE contact_id IS NOT NULL"
        engine.run(Step("first_stages", stages.format(stage=_STAGE.format("j"))))
        return
    engine.run(Step("new_verdicts", "SELECT 1 AS nothing WHERE FALSE"))
    engine.run(Step("first_stages", "SELECT NULL::VARCHAR AS contact_id, NULL::VARCHAR AS stage WHERE FALSE"))


def keep_new(engine: Engine, batch_id: int, now: datetime) -> int:
    """Write `new_verdicts` under the numbers that the book gave, and the history of who began past lead."""
    if "contact_id" not in engine.columns("new_verdicts"):
        return 0
    engine.run(
        Step(
            "judged_best",
            """
SELECT * REPLACE (row_number() OVER (ORDER BY place) AS place) FROM (
  SELECT n.* REPLACE (a.id AS account_id, c.id AS contact_id) FROM new_verdicts n
  LEFT JOIN account_ids a ON a.account_id = n.account_id LEFT JOIN contact_ids c ON c.contact_id = n.contact_id)
ORDER BY place""",
        )
    )
    kept = _write(engine, now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO qualify_lifecyclechange (contact_id, account_id, was, now, reason, exception, at)
            SELECT c.id, c.account_id, 'lead', c.lifecycle,
                   coalesce(CASE c.lifecycle WHEN 'prospect' THEN v.why_now ELSE v.disqualifier END, 'The gate.'), FALSE, %s
            FROM resolve_contact c JOIN qualify_verdict v ON v.contact_id = c.id
            WHERE c.made_by_id = %s AND c.lifecycle IN ('prospect', 'disqualified')
              AND NOT EXISTS (SELECT FROM qualify_lifecyclechange x WHERE x.contact_id = c.id)
            ORDER BY c.id""",
            [now, batch_id],
        )
    return kept


_STAGE = (
    "CASE {}.verdict WHEN 'prospect' THEN 'prospect' WHEN 'disqualified' THEN 'disqualified' ELSE 'lead' END"
)


_COLUMNS = (
    "account_id", "contact_id", "icp_version_id", "verdict", "fit", "intensity", "timing", "team", "priority", "known",
    "missing", "disqualifier", "why_now", "scored_at",
)  # fmt: skip


_MOVED = """
SELECT was, verdict, count(*) FROM (
  SELECT v.verdict AS was, f.verdict FROM fresh f JOIN qualify_verdict v ON v.contact_id = f.contact_id
  UNION ALL
  SELECT v.verdict, f.verdict FROM fresh f JOIN qualify_verdict v ON v.account_id = f.account_id
  WHERE f.contact_id IS NULL AND v.contact_id IS NULL) moved
WHERE was <> verdict GROUP BY was, verdict"""


def _write(engine: Engine, now: datetime, moves: Counter[tuple[str, str]] | None = None) -> int:
    """Upsert by chunks, each in a transaction; then let the gate move whom it may. `moves` counts changed verdicts."""
    total = engine.rows("judged_best")
    words = "'\"' || replace(replace(word, '\\', '\\\\'), '\"', '\\\"') || '\"'"
    for low in range(0, total, CHUNK):
        select = f"""
            SELECT account_id, contact_id, icp_version_id, verdict, fit, intensity, timing, team, priority, known,
                   CASE WHEN missing IS NOT NULL
                        THEN '{{' || array_to_string(list_transform(missing, lambda word: {words}), ',') || '}}' END AS missing,
                   disqualifier, why_now, '{now.isoformat()}' AS scored_at, reasons
            FROM judged_best WHERE place > {low} AND place <= {low + CHUNK} ORDER BY place"""
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(
                "DROP TABLE IF EXISTS pg_temp.fresh"
            )  # of a chunk before, within a wider transaction
            cursor.execute(
                f"CREATE TEMP TABLE fresh ON COMMIT DROP AS SELECT {', '.join(_COLUMNS)}, reasons"
                " FROM qualify_verdict, qualify_explanation LIMIT 0"
            )
            with cursor.copy(copy_in("fresh", (*_COLUMNS, "reasons"))) as copy:
                for block in csv_blocks(engine.batches(select)):
                    copy.write(block)
            if moves is not None:
                cursor.execute(_MOVED)
                for was, verdict, many in cursor.fetchall():
                    moves[was, verdict] += many
            names = ", ".join(_COLUMNS)
            sets = ", ".join(f"{name} = excluded.{name}" for name in _COLUMNS)
            for whose, which in (
                ("contact_id", "contact_id IS NOT NULL"),
                ("account_id", "contact_id IS NULL"),
            ):
                # Most reasons are the same tomorrow, and are not written again.
                cursor.execute(
                    f"WITH written AS (INSERT INTO qualify_verdict ({names}) SELECT {names} FROM fresh WHERE {which}"
                    f" ON CONFLICT ({whose}) WHERE {which} DO UPDATE SET {sets} RETURNING id, {whose})"
                    " INSERT INTO qualify_explanation (verdict_id, reasons)"
                    f" SELECT w.id, f.reasons FROM written w JOIN fresh f ON f.{whose} = w.{whose} AND f.{which}"
                    " ON CONFLICT (verdict_id) DO UPDATE SET reasons = excluded.reasons"
                    " WHERE qualify_explanation.reasons <> excluded.reasons"
                )
            # An account that has people now is judged by them.
            cursor.execute(
                "DELETE FROM qualify_verdict v USING fresh f WHERE f.contact_id IS NOT NULL"
                " AND v.account_id = f.account_id AND v.contact_id IS NULL"
            )
            _gate(cursor, now)
    return total


def _gate(cursor: object, now: datetime) -> None:
    """Leads that pass become prospects and the other way round; later stages and exceptions are people's business."""
    stage = _STAGE.format("f")
    cursor.execute(  # type: ignore[attr-defined]
        f"""
        WITH moved AS (
          SELECT c.id, c.account_id, c.lifecycle AS was, {stage} AS stage,
                 coalesce(CASE f.verdict WHEN 'prospect' THEN f.why_now ELSE f.disqualifier END, 'The gate.') AS reason
          FROM fresh f JOIN resolve_contact c ON c.id = f.contact_id
          WHERE c.lifecycle IN ('lead', 'prospect', 'disqualified') AND c.lifecycle <> {stage}
            AND NOT EXISTS (SELECT FROM qualify_lifecyclechange x WHERE x.contact_id = c.id AND x.by_id IS NOT NULL)
          FOR UPDATE OF c),
        updated AS (
          UPDATE resolve_contact c SET lifecycle = m.stage, version = version + 1, changed_at = %s
          FROM moved m WHERE m.id = c.id)
        INSERT INTO qualify_lifecyclechange (contact_id, account_id, was, now, reason, exception, at)
        SELECT id, account_id, was, stage, reason, FALSE, %s FROM moved""",
        [now, now],
    )


# Runs over the whole book, as the profile's page tells them


def begin_run(why: str, now: datetime) -> int:
    total = Contact.objects.living().count() + Account.objects.living().filter(contacts=None).count()
    return ScoringRun.objects.create(why=why[:200], started_at=now, total=total).pk


def say_run(run_id: int, done: int) -> None:
    ScoringRun.objects.filter(id=run_id).update(done=done)


def end_run(run_id: int, done: Rescored, now: datetime) -> None:
    moves = [{"was": was, "now": new, "count": many} for (was, new), many in done.moves.most_common()]
    ScoringRun.objects.filter(id=run_id).update(
        done=done.scored, total=done.scored, moves=moves, finished_at=now
    )


# By hand


def promote(asker: Person, contact_ids: Collection[int], reason: str, origin: str, now: datetime) -> int:
    """Make people prospects although the gate does not. The reason is kept and shows in the ledger."""
    demand(asker, Verb.PROMOTE)
    if len(reason.strip()) < 5:
        raise BadInput("An exception to the gate needs a reason in words.", where="reason")
    return move(asker, contact_ids, Lifecycle.PROSPECT, reason, origin, now, exception=True)


def park(
    asker: Person, contact_ids: Collection[int], until: date | None, reason: str, origin: str, now: datetime
) -> int:
    """Set people aside until a date, or (None) until a signal; a date begins by the asker's clock."""
    demand(asker, Verb.EDIT_RECORDS)
    if until is not None and until <= now.astimezone(asker.tz).date():
        raise BadInput("Park until a day to come.", where="until")
    return move(asker, contact_ids, Lifecycle.PARKED, reason, origin, now, parked_until=until)


def wake(asker: Person, contact_ids: Collection[int], reason: str, origin: str, now: datetime) -> int:
    """Bring parked people back as prospects."""
    demand(asker, Verb.EDIT_RECORDS)
    return move(asker, contact_ids, Lifecycle.PROSPECT, reason, origin, now)


def disqualify(asker: Person, contact_ids: Collection[int], reason: str, origin: str, now: datetime) -> int:
    """Take people out, with the reason."""
    demand(asker, Verb.EDIT_RECORDS)
    if not reason.strip():
        raise BadInput("Say why.", where="reason")
    return move(asker, contact_ids, Lifecycle.DISQUALIFIED, reason, origin, now)


def put_back(
    asker: Person, contact_ids: Collection[int], stage: Lifecycle, origin: str, now: datetime
) -> int:
    """Take a park, a promotion or a disqualification back; the history keeps both steps."""
    demand(asker, Verb.EDIT_RECORDS)
    return move(asker, contact_ids, stage, "Taken back.", origin, now)


@transaction.atomic
def move(
    asker: Person,
    contact_ids: Collection[int],
    stage: Lifecycle,
    reason: str,
    origin: str,
    now: datetime,
    *,
    parked_until: date | None = None,
    exception: bool = False,
) -> int:
    """Move people to a stage, with history, ledger and timeline; returns how many were not there yet."""
    rows = Contact.objects.living().select_for_update().filter(id__in=list(contact_ids)).order_by("id")
    moving = [row for row in rows if row.lifecycle != stage or row.parked_until != parked_until]
    LifecycleChange.objects.bulk_create(
        LifecycleChange(
            contact=row, account_id=row.account_id, was=row.lifecycle, now=stage, reason=reason.strip(),
            exception=exception, at=now, by_id=asker.id,
        )
        for row in moving
    )  # fmt: skip
    set_lifecycle([row.pk for row in moving], stage, now, parked_until=parked_until)
    _note_strikes(asker, moving, stage, reason, now)
    for row in moving:
        note_activity(
            contact_id=row.pk,
            account_id=row.account_id,
            kind="lifecycle",
            text=f"{row.lifecycle} → {stage}: {reason}",
            now=now,
            actor=asker,
        )
        record(
            asker,
            f"make {stage}",
            "contact",
            row.pk,
            row.label,
            now=now,
            origin=origin,
            reason=reason,
            before={"lifecycle": row.lifecycle},
            after={"lifecycle": stage.value, "exception": exception},
        )
    return len(moving)


def _note_strikes(
    asker: Person, moving: Collection[Contact], stage: Lifecycle, reason: str, now: datetime
) -> None:
    """Whom a person rules out is a lesson for the profile; taken back, it is none."""
    ids = [row.pk for row in moving]
    if stage == Lifecycle.DISQUALIFIED and asker.id is not None and reason.strip():
        judged = dict(Verdict.objects.filter(contact__in=ids).values_list("contact_id", "icp_version__icp"))
        Strike.objects.bulk_create(
            Strike(
                icp_id=judged.get(row.pk), account_id=row.account_id, contact_id=row.pk, made_by_id=asker.id,
                made_at=now, reason=" ".join(reason.split())[:200],
            )
            for row in moving
        )  # fmt: skip
    elif stage != Lifecycle.DISQUALIFIED:
        Strike.objects.filter(contact__in=ids, activity=None, criteria="", settled_at=None).delete()
