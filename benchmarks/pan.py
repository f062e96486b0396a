"""Pan against the same job in plain pandas: verdicts compared, seconds, peak memory, and how time grows."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from benchmarks.pan_market import AS_OF, Market, make

ICP = Path(__file__).with_name("pan_icp.yaml")
SCORES = ("verdict", "fit", "intensity", "timing", "team", "priority", "known")


@dataclass(frozen=True, slots=True)
class Spent:
    """What one process cost: wall clock, processor time over all its threads, most memory."""

    seconds: float
    processor: float
    peak_mib: float


def spent_by(*command: str) -> Spent:
    """Run a command to its end and say what it cost; its output is kept for when it fails."""
    began = time.perf_counter()
    process = subprocess.Popen([sys.executable, *command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    assert process.stdout is not None
    said = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - began
    if status:
        raise SystemExit(said.decode(errors="replace"))
    return Spent(seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def panout(market: Market, out: Path, *more: str) -> Spent:
    """The command as anybody types it."""
    spent = spent_by(
        "-m", "panout", "pan", str(market.people), "--signals", str(market.signals), "--icp", str(ICP),
        "--as-of", str(AS_OF), "--out", str(out), "--top", "0", *more,
    )  # fmt: skip
    # It sets the kernel's high-water mark back at each stage, so only its own record knows the highest.
    timings = json.loads((out / "summary.json").read_text(encoding="utf-8"))["timings"]
    return replace(spent, peak_mib=max(spent.peak_mib, timings["peak_mib"]))


def pandas(market: Market, out: Path) -> Spent:
    """The peer."""
    return spent_by(
        "-W", "ignore", "-m", "benchmarks.pan_pandas", str(market.people.parent), str(out), str(AS_OF)
    )


def spoilt(market: Market, folder: Path) -> Market:
    """The same market with one line of the list, in its middle, that has too few cells."""
    folder.mkdir()
    people = folder / market.people.name
    with market.people.open("rb") as whole, people.open("wb") as bad:
        for number, line_ in enumerate(whole):
            bad.write(b"one,two,three\n" if number == market.people_rows // 2 else line_)
    return replace(market, people=people)


def differing(ours: Path, theirs: Path) -> dict[str, int]:
    """On how many people the two differ, by score; they are told apart by their profile address."""
    one = pq.read_table(ours / "prospects.parquet", columns=["linkedin_url", *SCORES]).to_pandas()
    other = pq.read_table(theirs / "prospects.parquet", columns=["linkedin", *SCORES]).to_pandas()
    both = one.merge(other, left_on="linkedin_url", right_on="linkedin", how="outer", suffixes=("", "_peer"))
    counts = {"people": int(both["linkedin_url"].isna().sum() + both["linkedin"].isna().sum())}
    for name in SCORES:
        here, there = both[name], both[f"{name}_peer"]
        counts[name] = int(((here != there) & ~(here.isna() & there.isna())).sum())
    return counts


def main(argv: Sequence[str]) -> None:
    """Print the comparison at `--people`, and a table of sizes up to it.

    The job is the one that the peer does: rows with one certain key are one (`--exact`). What looking for copies
    by likeness costs on top, which no pandas script does, stands in a line of its own.
    """
    parser = argparse.ArgumentParser(prog="python -m benchmarks.pan", description=main.__doc__)
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--no-peer", action="store_true", help="only the table of sizes")
    parser.add_argument("--bad-row", action="store_true", help="only the list at full size with one bad row")
    asked = parser.parse_args(argv)
    print(f"{os.cpu_count()} processors; pyarrow {pa.__version__}", flush=True)
    with tempfile.TemporaryDirectory(prefix="bench-pan-") as place:
        folder = Path(place)
        sizes = sorted({size for size in (10_000, 100_000) if size < asked.people} | {asked.people})
        print(
            f"{'people':>10} {'rows':>10} {'signals':>10} {'seconds':>8} {'rows/s':>8} {'cpu s':>8} {'MiB':>6}"
        )
        if asked.bad_row:
            market = spoilt(make(folder / "whole", asked.people), folder / "spoilt")
            line("bad row", market, panout(market, folder / "out", "--exact"))
            rows = json.loads((folder / "out" / "summary.json").read_text(encoding="utf-8"))["rows"]
            print(f"rows: {rows}\n{(folder / 'out' / 'rejects.csv').read_text(encoding='utf-8')}")
            return
        market, spent = None, Spent(0, 0, 0)
        for size in sizes:
            market = make(folder / str(size), size)
            spent = panout(market, folder / f"{size}-panout", "--exact")
            line(f"{size:,}", market, spent)
        if market is None:
            return
        line("+ likeness", market, panout(market, folder / "likeness"))
        if asked.no_peer:
            return
        peer = pandas(market, folder / "pandas")
        line("pandas", market, peer)
        counts = differing(folder / f"{asked.people}-panout", folder / "pandas")
        print(
            "people on whom the two differ: " + ", ".join(f"{name} {count}" for name, count in counts.items())
        )
        print(
            f"ratio at {asked.people:,} people: {peer.seconds / spent.seconds:.1f} times faster than pandas"
            f" ({peer.processor / spent.processor:.1f} by processor time),"
            f" {peer.peak_mib / spent.peak_mib:.1f} times less memory"
        )


def line(name: str, market: Market, spent: Spent) -> None:
    """One line of the table."""
    print(
        f"{name:>10} {market.people_rows:>10,} {market.signal_rows:>10,} {spent.seconds:>8.1f}"
        f" {market.people_rows / spent.seconds:>8,.0f} {spent.processor:>8.1f} {spent.peak_mib:>6,.0f}",
        flush=True,
    )


if __name__ == "__main__":
    main(sys.argv[1:])
