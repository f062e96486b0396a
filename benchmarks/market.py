"""A market in a box, worked by Panout and by one mail to everybody, over many seeds. A simulation.

`python -m benchmarks.market [--seeds 20] [--first 1] [--days 60] [--jobs 2] [--market FILE] [--kept FILE]`

What was played is kept, one line a play, and never played twice: a long run may be stopped and taken up again.
`--chart FILE` draws meetings per 100 with their intervals as SVG; `--of-kept` plays nothing and tells what is kept.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock

ROOT = Path(__file__).resolve().parents[1]
POLICIES = ("spray", "panout")
_DRAWS = 4000
_KEPT = ROOT / "docs" / "market.jsonl"


@dataclass(frozen=True, slots=True)
class Play:
    """One play of one seed by one policy."""

    market: str
    policy: str
    seed: int
    days: int
    contacts: int
    touches: int
    meetings: int
    held: int
    complaints: int
    bounces: int
    opt_outs: int
    claims: int
    seconds: float
    cpu: float


def play(market: Path, policy: str, seed: int, days: int) -> Play:
    """Play one seed, in a process of its own."""
    began, used = time.monotonic(), _children()
    words = ["sandbox", "run", "--market", str(market), "--days", str(days), "--seed", str(seed)]
    done = subprocess.run(
        [sys.executable, "-m", "panout", *words, "--policy", policy, "--json"],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise SystemExit(f"seed {seed}, {policy}: {done.stderr.strip()[-400:]}")
    told = json.loads(done.stdout)
    count = int(told["contacts"])

    def whole(name: str) -> int:
        return round(float(told[name]) * count / 100)

    return Play(
        market.stem, policy, seed, days, count, int(told["touches"]), int(told["meetings"]), int(told["held"]),
        whole("complaints_per_100"), whole("bounces_per_100"), whole("opt_outs_per_100"),
        len(told["claims"]), round(time.monotonic() - began, 1), round(_children() - used, 1),
    )  # fmt: skip


def _children() -> float:
    """Processor seconds of the processes that this one has waited for (with two jobs: of both)."""
    spent = os.times()
    return spent.children_user + spent.children_system


def kept(path: Path) -> list[Play]:
    """What was played before."""
    if not path.exists():
        return []
    return [Play(**json.loads(line)) for line in path.read_text("utf-8").splitlines() if line]


def play_all(market: Path, seeds: Iterable[int], days: int, jobs: int, path: Path) -> None:
    """Play what is not kept yet."""
    known = {(one.market, one.policy, one.seed, one.days) for one in kept(path)}
    wanted = [
        (policy, seed)
        for seed in seeds
        for policy in POLICIES
        if (market.stem, policy, seed, days) not in known
    ]
    alone = Lock()

    def one(wish: tuple[str, int]) -> None:
        made = play(market, *wish, days)
        with alone, path.open("a", encoding="utf-8") as out:
            out.write(json.dumps(asdict(made)) + "\n")
        rate = 100 * made.meetings / max(1, made.contacts)
        print(f"seed {made.seed} {made.policy}: {rate:.1f} meetings per 100, {made.seconds} s", flush=True)

    with ThreadPoolExecutor(jobs) as pool:
        list(pool.map(one, wanted))


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure with its 95 % interval, seeds drawn anew with replacement."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.2f} ({self.low:.2f} to {self.high:.2f})"


def per_100(plays: Sequence[Play], what: str) -> float:
    """All seeds together: outcomes per 100 target contacts."""
    contacts = sum(one.contacts for one in plays)
    return 100 * sum(getattr(one, what) for one in plays) / contacts if contacts else 0.0


def figure(plays: Sequence[Play], what: str) -> Figure:
    """The pooled rate and its interval."""
    rng = random.Random(1)
    drawn = sorted(per_100(rng.choices(plays, k=len(plays)), what) for _ in range(_DRAWS))
    return Figure(per_100(plays, what), drawn[_DRAWS // 40], drawn[-_DRAWS // 40])


def ratio(pairs: Sequence[tuple[Play, Play]], what: str) -> Figure:
    """Panout's rate in spray's, seeds drawn in pairs."""
    rng = random.Random(1)

    def told(some: Sequence[tuple[Play, Play]]) -> float:
        base = per_100([spray for spray, _ in some], what)
        return per_100([panout for _, panout in some], what) / base if base else 0.0

    drawn = sorted(told(rng.choices(pairs, k=len(pairs))) for _ in range(_DRAWS))
    return Figure(told(pairs), drawn[_DRAWS // 40], drawn[-_DRAWS // 40])


def pairs_of(plays: Iterable[Play], market: str, days: int) -> list[tuple[Play, Play]]:
    """(spray, panout) of each seed that both have played."""
    mine = {(one.policy, one.seed): one for one in plays if one.market == market and one.days == days}
    seeds = sorted({seed for _, seed in mine})
    return [
        (mine["spray", seed], mine["panout", seed])
        for seed in seeds
        if ("spray", seed) in mine and ("panout", seed) in mine
    ]


def table(pairs: Sequence[tuple[Play, Play]]) -> Iterator[str]:
    """The section of docs/benchmarks.md."""
    sprays, panouts = [one for one, _ in pairs], [one for _, one in pairs]
    yield f"{len(pairs)} seeds, {pairs[0][0].days} days; 95 % intervals over seeds. A simulation."
    yield ""
    yield "| per 100 target contacts | spray | Panout | ratio |"
    yield "|---|---:|---:|---:|"
    for what in ("meetings", "held", "complaints", "bounces", "opt_outs"):
        words = what.replace("_", "-")
        yield f"| {words} | {figure(sprays, what)} | {figure(panouts, what)} | {ratio(pairs, what)} |"
    for what in ("contacts", "touches", "meetings"):
        told = [sum(getattr(one, what) for one in some) / len(some) for some in (sprays, panouts)]
        yield f"| {what} a seed, not per 100 | {told[0]:.0f} | {told[1]:.0f} | |"
    claims = sum(one.claims for one in panouts)
    yield f"| slices that Panout held to be proven, all seeds | | {claims} | |"
    clock = sorted(one.seconds for one in panouts)[len(panouts) // 2]
    yield f"| median seconds a play | | {clock:.0f} | |"


def chart(pairs: Sequence[tuple[Play, Play]]) -> str:
    """Meetings per 100 and their intervals, as SVG that reads in light and dark."""
    bars = [
        ("spray: same list, one mail to everybody", figure([one for one, _ in pairs], "meetings"), "#8a939a"),
        ("Panout", figure([one for _, one in pairs], "meetings"), "#0d8494"),
    ]
    wide, left, high = 720, 20, 54
    most = max(one.high for _, one, _ in bars) * 1.15
    scale = (wide - 2 * left) / most
    lines = [
        (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {2 * high + 86}" width="{wide}" role="img"'
            f' font-family="system-ui, sans-serif" font-size="14">'
        ),
        "<style>text{fill:#24323a}@media(prefers-color-scheme:dark){text{fill:#e4e9ea}}</style>",
        (
            f'<text x="{left}" y="22" font-weight="600">Meetings per 100 target contacts (a simulation,'
            f" {len(pairs)} seeds, {pairs[0][0].days} days)</text>"
        ),
    ]
    for place, (name, one, colour) in enumerate(bars):
        y = 40 + place * high
        end, low, top = (left + scale * value for value in (one.value, one.low, one.high))
        lines += [
            f'<text x="{left}" y="{y + 12}">{name}: {one.value:.1f} ({one.low:.1f} to {one.high:.1f})</text>',
            f'<rect x="{left}" y="{y + 18}" width="{end - left:.1f}" height="20" rx="3" fill="{colour}"/>',
            (
                f'<path d="M{low:.1f} {y + 28}H{top:.1f}M{low:.1f} {y + 22}v12M{top:.1f} {y + 22}v12"'
                ' stroke="#e0a72e" stroke-width="3" fill="none"/>'
            ),
        ]
    lines += [
        (
            f'<text x="{left}" y="{2 * high + 66}" font-size="12" opacity="0.75">Yellow: 95 % interval over seeds.'
            " python -m benchmarks.market --of-kept --chart docs/pictures/market.svg</text>"
        ),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Play, then tell."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--seeds", type=int, default=20)
    asked.add_argument("--first", type=int, default=1)
    asked.add_argument("--days", type=int, default=60)
    asked.add_argument("--jobs", type=int, default=2)
    asked.add_argument("--market", type=Path, default=ROOT / "examples" / "markets" / "data-tools.yaml")
    asked.add_argument("--kept", type=Path, default=_KEPT)
    asked.add_argument("--chart", type=Path)
    asked.add_argument("--of-kept", action="store_true")
    told = asked.parse_args()
    if not told.of_kept:
        seeds = range(told.first, told.first + told.seeds)
        play_all(told.market, seeds, told.days, told.jobs, told.kept)
    pairs = pairs_of(kept(told.kept), told.market.stem, told.days)
    if not pairs:
        raise SystemExit("nothing was played by both policies yet")
    print("\n".join(table(pairs)))
    if told.chart:
        told.chart.write_text(chart(pairs), "utf-8")


if __name__ == "__main__":
    main()
