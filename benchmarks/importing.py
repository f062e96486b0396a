"""A list into the book, end to end, against PostgreSQL's own COPY of the resulting rows into the same tables.

The import reads, maps and normalises a messy list, resolves it against itself and the book, loads accounts,
contacts and provenance with every index in place, scores everybody by an active profile and ranks them. The
peer is given the finished rows of all those tables and only copies them into an empty twin of the schema.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

TABLES = (
    "resolve_account",
    "resolve_contact",
    "resolve_sighting",
    "qualify_verdict",
    "qualify_explanation",
    "qualify_lifecyclechange",
)


def main(argv: Sequence[str] | None = None) -> None:
    """Print rows a second for both, and the ratio."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--rows", type=int, default=1_000_000)
    words.add_argument("--icp", type=Path, default=Path("benchmarks/pan_icp.yaml"))
    asked = words.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="panout-bench-") as folder:
        Path(folder).chmod(0o711)
        state = Path(folder) / "state"
        state.mkdir(mode=0o711)
        os.environ |= {"PANOUT_STATE": str(state), "PANOUT_LOG_LEVEL": "WARNING"}
        os.environ.pop("DATABASE_URL", None)
        market = Path(folder) / "market"
        command = [sys.executable, "-m", "benchmarks.pan_market", str(market), "--people", str(asked.rows)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        _measure(market / "people.csv", asked.icp)


def _measure(listed: Path, icp: Path) -> None:
    from panout.flow import database

    with database.up():
        database.migrate()
        rows, ours = _import(listed, icp)
        theirs = _copy()
    print(f"import   {rows:>9,} rows in {ours:7.1f} s  {rows / ours:>9,.0f} rows/s")
    print(f"COPY     {rows:>9,} rows in {theirs:7.1f} s  {rows / theirs:>9,.0f} rows/s")
    print(f"ratio    {ours / theirs:.2f} times a COPY of the same rows (goal: within 4)")


def _import(listed: Path, icp: Path) -> tuple[int, float]:
    from django.db import connection

    from panout.flow import importing
    from panout.icp import actions as profiles
    from panout.sources import actions, queries
    from panout.team import actions as team
    from panout.team.queries import member

    now = datetime.now(UTC)  # noqa: TID251
    owner = member(team.create_owner("Bench", "bench@panout.test", "pan for gold 1849", "UTC", now)).person
    version = profiles.create_icp(owner, "Bench", icp.read_text(), "bench", now)
    profiles.activate(owner, version, "bench", "bench", now)
    with listed.open("rb") as file:
        made = actions.upload(
            owner, listed.name, iter(lambda: file.read(1 << 20), b""), 1 << 34, "bench", now
        )
    actions.commit(owner, made, "bench", now)

    watched = _Stages(made)
    watched.start()
    start = time.perf_counter()
    importing.work_on_one("bench")
    seconds = time.perf_counter() - start
    watched.over.set()
    watched.join()
    card = queries.import_card(made)
    if card.failure:
        sys.exit(card.failure)
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT count(*), pg_total_relation_size('{table}') / 1048576 FROM {table}")
            print(f"  {table:<26} {cursor.fetchone()[0]:>9,} rows")
    for stage, spent in watched.spent.items():
        print(f"  {stage:<26} {spent:7.1f} s")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"  peak memory of the worker  {peak:7.0f} MiB")
    return int(str(card.plan["rows"])), seconds


class _Stages(threading.Thread):
    """Looks at the import's own progress, as a page would."""

    def __init__(self, import_id: int) -> None:
        super().__init__(daemon=True)
        self.import_id, self.over = import_id, threading.Event()
        self.spent: dict[str, float] = {}

    def run(self) -> None:
        from django.db import connection

        from panout.sources import queries

        last = time.perf_counter()
        while not self.over.wait(0.2):
            stage = queries.import_card(self.import_id).stage or "ending"
            here = time.perf_counter()
            self.spent[stage] = self.spent.get(stage, 0) + here - last
            last = here
        connection.close()


def _copy() -> float:
    """Into an empty twin of each table, with every constraint and index there from the start."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        folder = Path(str(connection.settings_dict["HOST"]))
        files = {table: folder / f"{table}.copy" for table in TABLES}
        for table, file in files.items():
            cursor.execute(f"COPY {table} TO '{file}' (FORMAT csv)")
        cursor.execute("CHECKPOINT")
        twins = []
        for table in TABLES:
            twin = f"twin_{table}"
            cursor.execute(f"CREATE TABLE {twin} (LIKE {table} INCLUDING ALL)")
            twins.append((table, twin))
        for table, twin in twins:
            cursor.execute(
                "SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
                [table],
            )
            for name, definition in cursor.fetchall():
                for other, its_twin in twins:
                    definition = definition.replace(f"REFERENCES {other}(", f"REFERENCES {its_twin}(")
                cursor.execute(f"ALTER TABLE {twin} ADD CONSTRAINT twin_{name[:50]} {definition}")
        start = time.perf_counter()
        for table, twin in twins:
            cursor.execute(f"COPY {twin} FROM '{files[table]}' (FORMAT csv)")
        return time.perf_counter() - start


if __name__ == "__main__":
    main()
