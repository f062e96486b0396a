"""An import from file to verdicts: the stages that `pan` runs, against the book instead of files."""

from __future__ import annotations

import json
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from itertools import chain
from pathlib import Path

import pyarrow as pa
import structlog
from django.db import connection

from panout.batch.engine import DuckDBEngine, Engine
from panout.batch.steps import Step
from panout.consent.queries import erased
from panout.consent.rules.forgetting import Names
from panout.flow import clock
from panout.flow.resting import Rest, go_on
from panout.kernel.errors import BadInput, PanoutError
from panout.qualify import actions as qualify
from panout.resolve import loading
from panout.signals import actions as signals
from panout.signals import stating
from panout.sources import actions, queries
from panout.sources.actions import Stopped
from panout.sources.erasing import forget_in_lists
from panout.sources.files.lists import ListReader, read_lists
from panout.sources.files.relations import ROWS_SCHEMA
from panout.sources.files.signals import SignalReader
from panout.sources.queries import CUSTOM, LEFT_OUT, ImportCard
from panout.sources.rules.imports import Content, ImportState, Policy

ENGINE_BYTES = 1024**3
_ACCOUNTS_JUDGED = 5_000  # at a time, when signals move them
_SAY_EVERY = 0.5  # seconds between two lines of progress

_log = structlog.get_logger("panout.import")


@dataclass(slots=True)
class _Watch:
    """Progress and claim of one import; every word of progress renews the claim."""

    import_id: int
    worker: str
    stage: str = ""
    done: int = 0
    total: int = 0
    said: float = 0.0
    home: int = field(default_factory=threading.get_ident)

    def begin(self, stage: str, total: int) -> None:
        self.stage, self.done, self.total = stage, 0, total
        self._say()

    def tick(self, more: int) -> None:
        self.done += more
        if time.monotonic() - self.said > _SAY_EVERY:
            self._say()

    def at(self, done: int, total: int) -> None:
        self.done, self.total = done, total
        self.tick(0)

    def _say(self) -> None:
        go_on()
        self.said = time.monotonic()
        done = min(self.done, self.total)
        try:
            actions.renew(
                self.import_id, self.worker, clock.now(), stage=self.stage, done=done, total=self.total
            )
        finally:
            # The engine reads a list in a thread of its own, whose connection nobody else would close.
            if threading.get_ident() != self.home:
                connection.close()


def work_on_one(worker: str) -> int | None:
    """Take up one import that waits and carry it as far as it goes; returns its id, None when there is no more to do.

    A worker that dies leaves the claim to run out; the next one starts the stage over, which is safe.
    """
    import_id = actions.claim(worker, clock.now())
    if import_id is None:
        return None
    watch = _Watch(import_id, worker)
    card = queries.import_card(import_id)
    log = _log.bind(import_id=import_id, state=card.state.value)
    started = time.monotonic()
    try:
        match card.state:
            case ImportState.UNDOING:
                _undo(card, watch)
            case ImportState.CHECKING:
                _carry(card, watch, _check)
            case _:
                with loading.OneAtATime():
                    _carry(card, watch, _load)
    except Stopped:
        actions.finish(import_id, worker, ImportState.CANCELLED, clock.now())
        log.info("import stopped", seconds=round(time.monotonic() - started, 1))
    except Rest:
        actions.release(import_id, worker)
        log.info("import put down", seconds=round(time.monotonic() - started, 1))
        return None
    except PanoutError as error:
        actions.fail(import_id, worker, str(error), clock.now())
        log.warning("import failed", why=str(error))
    else:
        log.info("import done", seconds=round(time.monotonic() - started, 1))
    return import_id


Finish = Callable[[ImportCard, Engine, loading.Terms, _Watch], None]


def _carry(card: ImportCard, watch: _Watch, finish: Finish) -> None:
    """Read, match with the book, then check or load."""
    with (
        queries.upload_on_disk(card.upload_id) as path,
        tempfile.TemporaryDirectory(prefix="panout-import-") as folder,
    ):
        engine = DuckDBEngine(Path(folder), memory_limit=ENGINE_BYTES)
        try:
            if queries.content_of(card, path) == Content.SIGNALS:
                _carry_signals(card, engine, path, watch)
                return
            _read(card, engine, path, Path(folder), watch)
            watch.begin("matching with the book", 0)
            loading.match_with_book(engine, card.id)
            finish(card, engine, _terms(card, clock.now()), watch)
        finally:
            engine.close()


def _carry_signals(card: ImportCard, engine: Engine, path: Path, watch: _Watch) -> None:
    """A file of signals: tie each to whom it is about, then look or keep them and judge those anew."""
    watch.begin("reading the signals", 0)
    reader = SignalReader(path, default_country=card.region or None)
    stating.bring_stated(engine, reader)
    actions.note_rejects(card.id, chain(_unread(reader.rejects(), whole=True), stating.nobodys(engine)))
    told = stating.planned_signals(engine)
    counts = {
        "rows": reader.rows,
        "signals": told.signals,
        "heard": told.heard,
        "companies": told.companies,
        "people": told.people,
        "nobodys": told.nobodys,
    }
    examples: list[tuple[str, str, list[dict[str, object]], str]] = [
        (
            "signal",
            one.label,
            [{"field": name, "before": None, "after": value} for name, value in one.told],
            one.record,
        )
        for one in told.examples
    ]
    if card.state == ImportState.CHECKING:
        actions.note_plan(card.id, counts, examples)
        actions.finish(card.id, watch.worker, ImportState.CHECKED, clock.now())
        return
    watch.begin("writing to the book", told.signals)
    counts["signals"] = stating.keep_signals(engine, card.id, clock.now())
    actions.note_plan(card.id, counts)
    _judge_anew(engine, stating.whom_told_of(card.id), watch)
    actions.finish(card.id, watch.worker, ImportState.DONE, clock.now())


def _judge_anew(engine: Engine, account_ids: Sequence[int], watch: _Watch) -> None:
    """Verdicts of these accounts and their people, some thousands of accounts at a time."""
    watch.begin("scoring", len(account_ids))
    for low in range(0, len(account_ids), _ACCOUNTS_JUDGED):
        part = tuple(account_ids[low : low + _ACCOUNTS_JUDGED])
        now = clock.now()
        qualify.rescore(engine, qualify.Scope(account_ids=part), now.date(), now, lambda _: None)
        watch.tick(len(part))


def _read(card: ImportCard, engine: Engine, path: Path, folder: Path, watch: _Watch) -> None:
    mapping = {
        header: None if field in (CUSTOM, LEFT_OUT) else field for header, field in card.columns.items()
    }
    watch.begin("reading the list", card.size)
    reader = read_lists(
        [path],
        work_dir=folder,
        mapping=mapping or None,
        default_country=card.region or None,
        progress=lambda _file, share, _rows: watch.at(int(share * card.size), card.size),
    )
    left_out = {header for header, field in card.columns.items() if field == LEFT_OUT}
    used = engine.load("rows", ROWS_SCHEMA, _without(left_out, reader) if left_out else iter(reader))
    gone, theirs = _leave_out_erased(engine)
    used -= len(gone)
    # The list itself forgets them too; what is being read now was read before.
    forget_in_lists(theirs, always=[card.upload_id], only=[card.upload_id])
    rejected = actions.note_rejects(card.id, chain(gone, _rejects(reader)))
    if not used:
        raise BadInput(
            "No row of this list names a person or a company.",
            where=card.list,
            mend=f"Look at the error file ({rejected} rows) and at the mapping of the columns.",
        )


def _without(headers: set[str], batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """The rows without the custom fields of these columns."""
    place = ROWS_SCHEMA.get_field_index("custom")
    for batch in batches:
        kept = [_fewer(told, headers) for told in batch.column(place).to_pylist()]
        yield batch.set_column(place, ROWS_SCHEMA.field(place), pa.array(kept, pa.string()))


def _fewer(told: str | None, headers: set[str]) -> str | None:
    if told is None:
        return None
    kept = {header: value for header, value in json.loads(told).items() if header not in headers}
    return json.dumps(kept, ensure_ascii=False) if kept else None


def _leave_out_erased(engine: Engine) -> tuple[list[tuple[int, str, str, str, bool]], Names]:
    """Take the rows of people who asked to be erased out of `rows`; the reject of each, and their names."""
    addresses = engine.ask(
        "SELECT DISTINCT value FROM (SELECT lower(email) AS value FROM rows UNION ALL SELECT phone FROM rows"
        " UNION ALL SELECT mobile FROM rows) v WHERE value IS NOT NULL"
    )
    found = sorted(erased(addresses.column("value").to_pylist(), clock.now()))
    if not found:
        return [], Names()
    schema = pa.schema([("value", pa.string())])
    engine.load("erased", schema, pa.table({"value": found}, schema=schema).to_batches())
    theirs = " OR ".join(
        f"coalesce({column} IN (SELECT value FROM erased), FALSE)"
        for column in ("lower(email)", "phone", "mobile")
    )
    gone = engine.ask(f"SELECT row FROM rows WHERE {theirs} ORDER BY row").column("row").to_pylist()
    # Numbered anew, for loading goes by stretches of numbers.
    engine.run(
        Step(
            "rows",
            "SELECT * REPLACE (row_number() OVER (ORDER BY row_id) - 1 AS row_id)"
            f" FROM rows WHERE NOT ({theirs}) ORDER BY row_id",
        )
    )
    emails = frozenset(one for one in found if "@" in one)
    why = "This person was erased at their own wish and stays out."
    return [(row, "", "", why, True) for row in gone], Names(emails, frozenset(found) - emails)


def _rejects(reader: ListReader) -> Iterator[tuple[int, str, str, str, bool]]:
    yield from _unread(reader.rejects(), whole=True)
    yield from _unread(reader.warnings(), whole=False)


def _unread(table: pa.Table, *, whole: bool) -> Iterator[tuple[int, str, str, str, bool]]:
    for batch in table.to_batches(2000):
        for told in batch.to_pylist():
            row = told["row"] if told["row"] is not None else 0
            yield row, told["column"] or "", told["value"] or "", told["reason"], whole


def _terms(card: ImportCard, now: datetime) -> loading.Terms:
    return loading.Terms(card.id, card.policy == Policy.REPLACE, card.owner_id, card.tags, now)


def _check(card: ImportCard, engine: Engine, terms: loading.Terms, watch: _Watch) -> None:
    watch.begin("comparing with the book", engine.rows("known_accounts") + engine.rows("known_contacts"))
    plan = loading.planned(engine, terms, watch.tick)
    _note(card, plan)
    actions.finish(card.id, watch.worker, ImportState.CHECKED, clock.now())


def _load(card: ImportCard, engine: Engine, terms: loading.Terms, watch: _Watch) -> None:
    watch.begin(
        "writing to the book",
        engine.rows("accounts") + engine.rows("contacts") + engine.rows("list_rows"),
    )
    loading.bring_known(engine)
    signals.load_changes(engine, card.id, card.list, terms.now.date(), terms.now)
    qualify.judge_new(engine, terms.now.date())
    plan = loading.load(engine, terms, watch.tick)
    _note(card, plan)
    watch.begin("scoring", engine.rows("contacts"))
    now = clock.now()
    watch.tick(qualify.keep_new(engine, card.id, now))
    scope = qualify.Scope(batch_id=card.id, but_scored_at=now)
    qualify.rescore(engine, scope, now.date(), now, watch.tick)
    actions.finish(card.id, watch.worker, ImportState.DONE, clock.now())


def _undo(card: ImportCard, watch: _Watch) -> None:
    watch.begin("undoing", card.total)
    told_of = stating.whom_told_of(card.id)
    forgotten = signals.forget_changes(card.id)
    undone = loading.undo(card.id, clock.now(), watch.tick)
    counts = dict(card.plan) | {
        "removed": undone.removed,
        "restored": undone.restored,
        "kept": undone.kept,
        "forgotten": forgotten,
    }
    actions.note_plan(card.id, counts)
    if told_of:
        with tempfile.TemporaryDirectory(prefix="panout-import-") as folder:
            engine = DuckDBEngine(Path(folder), memory_limit=ENGINE_BYTES)
            try:
                _judge_anew(engine, told_of, watch)
            finally:
                engine.close()
    actions.finish(card.id, watch.worker, ImportState.UNDONE, clock.now())


def _note(card: ImportCard, plan: loading.Plan) -> None:
    counts = {name: value for name, value in asdict(plan).items() if name != "samples"}
    samples = [
        (sample.kind, sample.label, [dict(told) for told in sample.differences], sample.record)
        for sample in plan.samples
    ]
    actions.note_plan(card.id, counts, samples)
