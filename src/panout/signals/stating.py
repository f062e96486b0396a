"""Signals that a file states about whom the book has: tied, looked at, kept, as an import.

    bring_stated(engine, reader)            the file as `stated`, tied to the book: `tied`, `stated_signals`
    nobodys(engine)                         lines about nobody whom the book has, for the rejects
    planned_signals(engine) -> Told         what keeping them would do, with examples
    keep_signals(engine, batch_id, now)     does it; a signal that stands in the book is not told twice
    whom_told_of(batch_id)                  the accounts that an import's signals are about

Whose a signal is, is settled by the same steps as for files alone (`signals.detectors.stated`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from panout.batch.engine import Engine
from panout.batch.exchange import copy_in, csv_blocks
from panout.batch.steps import Step
from panout.criteria.dialects import DUCKDB
from panout.resolve.loading import bring_named
from panout.signals.detectors.stated import stated_steps
from panout.signals.models import Signal
from panout.sources.files.relations import SIGNALS_SCHEMA
from panout.sources.files.signals import SignalReader

SAMPLES = 40
_KEPT = ("key", "type", "level", "account_id", "contact_id", "date", "strength", "source", "evidence")


@dataclass(frozen=True, slots=True)
class Example:
    """One signal, under the name of whom it is about."""

    label: str
    record: str
    told: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """What a file of signals brings."""

    signals: int  # that the book has not heard of
    heard: int  # that it has
    companies: int
    people: int
    nobodys: int  # lines about nobody in the book
    examples: tuple[Example, ...]


def bring_stated(engine: Engine, reader: SignalReader) -> None:
    engine.load("stated", SIGNALS_SCHEMA, reader)
    bring_named(engine, "stated")
    for step in stated_steps(DUCKDB, reader.present, people=True):
        engine.run(step)
    # Told as `note_signal` tells one, so that what somebody typed and what a file says are one signal.
    engine.run(
        Step(
            "new_signals",
            """
SELECT * EXCLUDE (turn), row_number() OVER (ORDER BY key) AS place FROM (
  SELECT *, row_number() OVER (PARTITION BY key ORDER BY strength DESC, signal_id) AS turn FROM (
    SELECT s.signal_id,
           sha256(concat_ws('|', s.type, s.level, coalesce(a.id::VARCHAR, 'None'), coalesce(c.id::VARCHAR, 'None'),
                            s.date)) AS key,
           left(s.type, 40) AS type, s.level, a.id AS account_id, c.id AS contact_id, s.date, s.strength,
           left(coalesce(s.source, 'a list'), 2000) AS source, left(coalesce(s.evidence, ''), 4000) AS evidence
    FROM stated_signals s LEFT JOIN book_accounts a ON a.key = s.account_id
    LEFT JOIN book_contacts c ON c.key = s.contact_id))
WHERE turn = 1 ORDER BY place""",
        )
    )


def nobodys(engine: Engine) -> Iterator[tuple[int, str, str, str, bool]]:
    """Row, column, value, reason, whole row: as `sources.actions.note_rejects` takes them."""
    found = engine.ask(
        "SELECT t.row, coalesce(s.email, s.linkedin, s.contact_record_id, s.contact_id, s.domain, s.company_linkedin,"
        " s.company_record_id, s.account_id, s.company_name, s.full_name, '') AS whom"
        " FROM tied t JOIN stated s ON s.row = t.row WHERE t.account_id IS NULL AND t.contact_id IS NULL ORDER BY t.row"
    )
    for told in found.to_pylist():
        yield told["row"], "", told["whom"], "Nobody in the book answers to this key, or several do.", True


def planned_signals(engine: Engine) -> Told:
    """What `keep_signals` would do to the book as it is now. Nothing is changed."""
    keys = engine.ask("SELECT key FROM new_signals").column("key").to_pylist()
    heard = set()
    for low in range(0, len(keys), 20_000):
        known = Signal.objects.filter(key__in=keys[low : low + 20_000]).values_list("key", flat=True)
        heard |= set(known)
    counts = engine.ask(
        "SELECT count(DISTINCT account_id) AS companies, count(DISTINCT contact_id) AS people FROM new_signals"
    ).to_pylist()[0]
    lost = engine.ask("SELECT count(*) AS many FROM tied WHERE account_id IS NULL AND contact_id IS NULL")
    return Told(
        len(keys) - len(heard),
        len(heard),
        counts["companies"],
        counts["people"],
        lost["many"][0].as_py(),
        tuple(_examples(engine)),
    )


def _examples(engine: Engine) -> Iterator[Example]:
    found = engine.ask(
        "SELECT coalesce(c.full_name, c.email, a.company_name, a.domain, '') AS label, s.account_id, s.contact_id,"
        " s.type, s.date, s.strength, s.evidence, s.source"
        " FROM new_signals s LEFT JOIN book_accounts a ON a.id = s.account_id"
        f" LEFT JOIN book_contacts c ON c.id = s.contact_id ORDER BY s.date DESC, s.place LIMIT {SAMPLES}"
    )
    for told in found.to_pylist():
        record = f"contact {told['contact_id']}" if told["contact_id"] else f"account {told['account_id']}"
        words = tuple(
            (name, str(told[name]))
            for name in ("type", "date", "strength", "evidence", "source")
            if told[name]
        )
        yield Example(told["label"], record, words)


def keep_signals(engine: Engine, batch_id: int, now: datetime) -> int:
    """Write what the book has not heard of, and a line on each time line. Safe to repeat."""
    columns = ", ".join(_KEPT)
    select = f"SELECT {columns} FROM new_signals ORDER BY place"
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE told ON COMMIT DROP AS SELECT {columns} FROM signals_signal LIMIT 0"
        )
        with cursor.copy(copy_in("told", _KEPT)) as copy:
            for block in csv_blocks(engine.batches(select)):
                copy.write(block)
        cursor.execute(
            f"INSERT INTO signals_signal ({columns}, seen_at, found_by_id) SELECT {columns}, %s, %s FROM told"
            " ON CONFLICT DO NOTHING",
            [now, batch_id],
        )
        cursor.execute(
            "INSERT INTO resolve_activity (account_id, contact_id, at, kind, channel, text, link, key)"
            " SELECT s.account_id, s.contact_id, %s, 'signal', '', coalesce(nullif(s.evidence, ''), s.type), '',"
            " 'signal-' || s.id FROM signals_signal s WHERE s.found_by_id = %s ON CONFLICT DO NOTHING",
            [now, batch_id],
        )
    return Signal.objects.filter(found_by_id=batch_id).count()


def whom_told_of(batch_id: int) -> tuple[int, ...]:
    """The accounts whose verdicts the signals of an import move."""
    found = Signal.objects.filter(found_by_id=batch_id, account__isnull=False)
    return tuple(found.order_by("account_id").values_list("account_id", flat=True).distinct())
