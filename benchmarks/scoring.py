"""The scoring stage on ten million companies and thirty million signals, against DuckDB's bare scan, group, join.

Scoring is everything from Parquet files of companies and signals to the table `scores`: decayed sums, every
criterion, four axes, gate, verdict, priority and rank. The bare job reads the same columns of the same files,
groups the signals by company, joins them to the companies and keeps the result as a table as well: what any
scoring has to pay before it begins to think.
"""

from __future__ import annotations

import argparse
import math
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import duckdb

from panout.batch.engine import DuckDBEngine
from panout.batch.steps import Step
from panout.criteria.dialects import DUCKDB
from panout.icp.rules.profile import Icp
from panout.icp.rules.reading import read_icp
from panout.qualify.steps import VIEWS, account_tests, carried_tests, verdict_steps
from panout.signals.steps import decayed_sums

AS_OF = date(2026, 11, 1)
SINCE = AS_OF - timedelta(days=1)
ICP = Path(__file__).with_name("scoring_icp.yaml")
WORDS = frozenset({"account_news", "told", "verdicts"})
"""Steps that find words for people; scores do not wait for them."""


@dataclass(frozen=True)
class Bench:
    """Where the files lie, and the engine that reads them."""

    files: Path
    engine: DuckDBEngine

    def generate(self, companies: int, signals: int) -> None:
        """Seeded by hashes of the row number: same files every time, in a random order of companies."""
        self.write(
            "accounts",
            f"""
            SELECT 'a' || substr(md5(i::VARCHAR), 1, 16) AS account_id,
              CASE WHEN hash(i, 1) % 10 > 0 THEN (1 + exp((hash(i, 2) % 1000) / 100.0))::BIGINT END AS employees,
              CASE WHEN hash(i, 3) % 10 > 0 THEN ['Software', 'Fintech', 'Internet', 'Retail', 'Staffing',
                'Health', 'Energy', 'Media'][1 + (hash(i, 4) % 8)::INT] END AS industry,
              CASE WHEN hash(i, 5) % 10 > 0 THEN
                ['US', 'GB', 'DE', 'FR', 'BR', 'IN'][1 + (hash(i, 6) % 6)::INT] END AS country,
              CASE WHEN hash(i, 7) % 3 > 0 THEN hash(i, 8) % 2 = 0 END AS hiring
            FROM range({companies}) AS r(i)
            """,
        )
        self.write(
            "signals",
            f"""
            SELECT 's' || i AS signal_id, ['hiring', 'funding', 'leadership', 'launch', 'tool_change', 'news'
              ][1 + (hash(i, 9) % 6)::INT] AS type, 'company' AS level,
              'a' || substr(md5((hash(i, 10) % {companies})::VARCHAR), 1, 16) AS account_id,
              NULL::VARCHAR AS contact_id, DATE '{AS_OF}' - (hash(i, 11) % 360)::INT AS date,
              (hash(i, 12) % 1000)::DOUBLE / 1000 AS strength,
              'https://example.com/' || i AS source, 'seen' AS evidence
            FROM range({signals}) AS r(i)
            """,
        )
        old = self.files / "signals.parquet"
        self.write("signals_new", f"SELECT * FROM '{old}' WHERE date > DATE '{SINCE}'")

    def write(self, name: str, sql: str) -> None:
        path = self.files / f"{name}.parquet"
        with duckdb.connect() as connection:
            connection.execute(f"SET temp_directory = '{self.files}/spill'").fetchall()
            connection.execute(f"COPY ({sql}) TO '{path}' (FORMAT parquet, COMPRESSION zstd)").fetchall()

    def open(self, signals: str) -> None:
        self.engine.read_parquet("accounts", [self.files / "accounts.parquet"])
        self.engine.read_parquet("signals", [self.files / f"{signals}.parquet"])

    def bare(self) -> None:
        self.open("signals")
        self.engine.run(
            Step(
                "bare",
                "SELECT a.account_id, a.employees, a.industry, a.country, a.hiring, s.types, s.strengths, s.latest "
                "FROM accounts AS a LEFT JOIN (SELECT account_id, min(type) AS types, sum(strength) AS strengths, "
                "max(date) AS latest FROM signals WHERE contact_id IS NULL GROUP BY account_id) AS s "
                "ON s.account_id = a.account_id",
            )
        )

    def full(self) -> None:
        self.open("signals")
        self.score()

    def refresh(self) -> None:
        """What was kept yesterday, and today's signals: neither old signals nor companies are read."""
        self.open("signals_new")
        self.engine.read_parquet("kept_tests", [self.files / "kept_tests.parquet"])
        self.engine.run(
            decayed_sums(icp(), AS_OF, DUCKDB, key="account_id", table="signals", name="new_sums")
        )
        self.engine.view(carried_tests(icp(), SINCE, AS_OF, DUCKDB, kept="kept_tests", new_sums="new_sums"))
        self.score(given=("account_tests",))

    def score(self, given: Collection[str] = ()) -> None:
        for step in verdict_steps(icp(), AS_OF, DUCKDB, contacts=None, given=given):
            if step.name not in WORDS:
                (self.engine.view if step.name in VIEWS else self.engine.run)(step)

    def keep(self) -> None:
        """What yesterday's run left: each company's tests, with its decayed sums as of yesterday."""
        self.open("signals")
        self.engine.run(
            decayed_sums(icp(), SINCE, DUCKDB, key="account_id", table="signals", name="account_sums")
        )
        self.engine.run(account_tests(icp(), SINCE, DUCKDB))
        self.engine.write_parquet("account_tests", self.files / "kept_tests.parquet")
        for table in ("account_sums", "account_tests"):
            self.engine.drop(table)

    def result(self) -> list[object]:
        """The scores, boiled down to figures that differ when any score does."""
        sql = (
            "SELECT count(*) AS n, sum(fit) AS fit, sum(timing) AS timing, sum(priority) AS priority, "
            "sum(known) AS known, count(*) FILTER (verdict = 'prospect') AS prospects, "
            "count(*) FILTER (verdict = 'lead') AS leads FROM scores"
        )
        return [value for batch in self.engine.batches(sql) for value in batch.to_pylist()[0].values()]


def icp() -> Icp:
    return read_icp(ICP.read_text(), ICP.name).icp


def timed(work: Callable[[], None]) -> tuple[float, float]:
    """Seconds on the clock, and seconds of processor time of all threads (which a busy machine disturbs less)."""
    started, busy = time.perf_counter(), time.process_time()
    work()
    return time.perf_counter() - started, time.process_time() - busy


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks scoring", description=__doc__)
    parser.add_argument("--companies", type=int, default=10_000_000)
    parser.add_argument("--signals", type=int, default=30_000_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--memory-gib", type=float, default=8)
    parser.add_argument("--folder", type=Path, help="keep the files here and use them again")
    options = parser.parse_args(argv)
    folder = options.folder or Path(tempfile.mkdtemp(prefix="panout-scoring-"))
    folder.mkdir(parents=True, exist_ok=True)
    engine = DuckDBEngine(folder / "engine", memory_limit=int(options.memory_gib * 2**30), threads=2)
    try:
        bench = Bench(folder, engine)
        if not (folder / "signals_new.parquet").exists():
            print(f"making {options.companies:,} companies and {options.signals:,} signals ...", flush=True)
            bench.generate(options.companies, options.signals)
        if not (folder / "kept_tests.parquet").exists():
            bench.keep()
        return report(bench, options.runs)
    finally:
        engine.close()
        shutil.rmtree(folder / "engine", ignore_errors=True)
        if options.folder is None:
            shutil.rmtree(folder)


def report(bench: Bench, runs: int) -> int:
    seconds: dict[str, list[float]] = {"bare": [], "full": [], "refresh": []}
    processors: dict[str, list[float]] = {name: [] for name in seconds}
    figures: dict[str, list[object]] = {}
    for _ in range(runs):
        for name, work in (("bare", bench.bare), ("full", bench.full), ("refresh", bench.refresh)):
            clock, processor = timed(work)
            seconds[name].append(clock)
            processors[name].append(processor)
            if name != "bare":
                figures[name] = bench.result()
            for table in ("bare", "scores", "placed", "account_tests", "account_sums", "new_sums"):
                bench.engine.drop(table)
            print(f"  {name:8} {clock:6.1f} s, {processor:6.1f} s of processor time", flush=True)
    middle = {name: statistics.median(all_) for name, all_ in seconds.items()}
    busy = {name: statistics.median(all_) for name, all_ in processors.items()}
    print(
        f"processor time: scoring {busy['full'] / busy['bare']:.2f} times bare, "
        f"refresh {busy['refresh'] / busy['full']:.2f} of the full one"
    )
    equal = all(
        math.isclose(left, right, rel_tol=1e-9) for left, right in zip(*figures.values(), strict=True)
    )
    print(f"bare scan, group, join  {middle['bare']:6.1f} s")
    print(
        f"scoring                 {middle['full']:6.1f} s   {middle['full'] / middle['bare']:.2f} times bare (at most 2.2)"
    )
    print(
        f"incremental refresh     {middle['refresh']:6.1f} s   {middle['refresh'] / middle['full']:.2f} of the full one "
        f"(at most 0.5), results {'equal' if equal else 'DIFFER'}"
    )
    print(f"rows, fit, timing, priority, known, prospects, leads: {figures['full']}")
    good = equal and middle["full"] <= 2.2 * middle["bare"] and middle["refresh"] <= 0.5 * middle["full"]
    return 0 if good else 1


if __name__ == "__main__":
    raise SystemExit(main())
