"""`panout resolve`: lists in, the rows that are one person or one company out, each pair with its reasons.

from panout.flow.resolve import resolve_lists

found = resolve_lists(["leads.csv"], kind="people")
found.summary["clusters"], found.folder
"""

from __future__ import annotations

import csv
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from panout import __version__
from panout.batch.engine import Engine, open_engine
from panout.flow.meter import Meter
from panout.flow.staging import staged
from panout.kernel.errors import BadInput, NotFound, NothingUsable
from panout.resolve.matching import Resolved, Settings, resolve
from panout.resolve.rules.model import Thresholds
from panout.resolve.steps.people import extras_of
from panout.resolve.subjects import Kind
from panout.sources.files.lists import ListReport, read_lists
from panout.sources.files.relations import ROWS_SCHEMA
from panout.sources.rules.companies import name_key

MADE_BY = "panout resolve"
# What a person who reviews wants to see of each row, where the list has it.
_SHOWN = {
    Kind.PEOPLE: (
        "full_name",
        "title",
        "company_name",
        "email",
        "phone",
        "linkedin",
        "person_city",
        "birth_date",
    ),
    Kind.COMPANIES: ("company_name", "domain", "company_linkedin", "company_phone", "city", "country"),
}


@dataclass(frozen=True, slots=True)
class Found:
    """Where the files are, and what summary.json says."""

    folder: Path
    summary: Mapping[str, object]


def resolve_lists(
    lists: Sequence[str | Path],
    *,
    kind: str = "people",
    against: str | Path | None = None,
    out: str | Path = "panout-resolved",
    engine: str = "duckdb",
    master: str = "",
    labels: str | Path | None = None,
    mapping: Mapping[str, str | None] | None = None,
    merge: float = 0.99,
    review: float = 0.90,
    learn: bool = True,
    progress: Callable[[str], None] = lambda _stage: None,
) -> Found:
    """Write clusters.csv, pairs.parquet, review.csv and summary.json to `out`.

    Raises BadInput for what is no list, no kind, or thresholds out of order; NothingUsable when no row is
    left;
    Unavailable when the engine cannot start. Nothing is written then.
    """
    subject = _kind(kind)
    _check(merge, review)
    paths = [Path(one) for one in lists]
    for path in (*paths, *([Path(against)] if against else [])):
        if not path.exists():
            raise NotFound("there is no such file", where=str(path), mend="Look at the spelling of the path.")
    with (
        staged(Path(out), replaceable=_is_ours) as folder,
        tempfile.TemporaryDirectory(prefix="panout-", dir=folder.parent) as work,
        closing(open_engine(engine, Path(work) / "engine", master=master)) as machine,
        Meter() as meter,
    ):
        progress("read")
        book = _book(Path(against), subject, Path(work)) if against else None
        reader = read_lists(paths, work_dir=Path(work) / "lists", mapping=mapping)
        known = book.num_rows if book is not None else 0
        machine.load("rows", ROWS_SCHEMA, _both(book, reader, known))
        if machine.rows("rows") == known:
            raise NothingUsable(
                "no row could be used", where=", ".join(map(str, paths)), mend="See panout headers."
            )
        report = reader.report
        settings = Settings(
            kind=subject,
            thresholds=Thresholds(merge, review),
            extras=extras_of(
                [guess.header for file in report.files for guess in file.columns if not guess.field]
            ),
            learn=learn,
            labels=_labels(Path(labels), machine) if labels else (),
            first_new=known,
        )
        resolved = resolve(machine, settings, progress)
        progress("write")
        counted = _write(machine, folder, report, subject, known, book)
    summary = _summary(resolved, report, counted, settings, engine, meter)
    (Path(out) / "summary.json").write_text(
        json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return Found(Path(out), summary)


def _kind(kind: str) -> Kind:
    try:
        return Kind(kind)
    except ValueError:
        raise BadInput(
            f"'{kind}' cannot be resolved", where="--kind", mend="Say people or companies."
        ) from None


def _check(merge: float, review: float) -> None:
    if not 0.5 <= review <= merge < 1:
        raise BadInput(
            f"thresholds must be 0.5 <= review <= merge < 1, and are {review} and {merge}",
            where="--merge, --review",
        )


def _is_ours(folder: Path) -> bool:
    try:
        told = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and told.get("made_by") == MADE_BY


def _book(path: Path, kind: Kind, work: Path) -> pa.Table:
    """What is known, as `rows`: a folder that `panout pan` wrote, or any list."""
    if not path.is_dir():
        reader = read_lists([path], work_dir=work / "book")
        return pa.Table.from_batches(reader, ROWS_SCHEMA)
    name = "contacts.parquet" if kind is Kind.PEOPLE else "accounts.parquet"
    if not (path / name).exists():
        raise NotFound(
            f"the folder has no {name}", where=f"--against {path}", mend="Name a folder that pan wrote."
        )
    held = pq.read_table(path / name)
    accounts = path / "accounts.parquet"
    if kind is Kind.PEOPLE and accounts.exists() and "account_id" in held.column_names:
        firms = pq.read_table(accounts, columns=["account_id", "company_name", "domain"])
        held = held.join(firms, keys="account_id", join_type="left outer").sort_by("contact_id")
    return _as_rows(held, str(path / name), kind)


def _as_rows(held: pa.Table, file: str, kind: Kind) -> pa.Table:
    count = held.num_rows
    given: dict[str, pa.Array | pa.ChunkedArray] = {
        "row_id": pa.array(range(count), pa.int64()),
        "file": pa.array([file] * count),
        "row": pa.array(range(count), pa.int64()),
        "kind": pa.array(["person" if kind is Kind.PEOPLE else "company"] * count),
    }
    if "company_name" in held.column_names:
        given["name_key"] = pa.array([_key(name) for name in held.column("company_name").to_pylist()])
    if "email" in held.column_names:
        hosts = [email.rpartition("@")[2] if email else None for email in held.column("email").to_pylist()]
        given["email_domain"] = pa.array(hosts, pa.string())
        given["email_free"] = pa.array(
            [grade == "free" if grade else None for grade in held.column("email_grade").to_pylist()],
            pa.bool_(),
        )
    columns = [
        given[field.name].cast(field.type)
        if field.name in given
        else held.column(field.name).cast(field.type)
        if field.name in held.column_names
        else pa.nulls(count, field.type)
        for field in ROWS_SCHEMA
    ]
    return pa.table(columns, schema=ROWS_SCHEMA)


def _key(name: str | None) -> str | None:
    return name_key(name) if name else None


def _both(book: pa.Table | None, reader: Iterable[pa.RecordBatch], known: int) -> Iterator[pa.RecordBatch]:
    """The book first, then the lists, numbered on."""
    if book is not None:
        yield from book.to_batches(max_chunksize=65_536)
    for batch in reader:
        if known:
            ids = pa.array([known + number for number in batch.column("row_id").to_pylist()], pa.int64())
            batch = batch.set_column(0, ROWS_SCHEMA.field("row_id"), ids)
        yield batch


def _labels(path: Path, engine: Engine) -> tuple[tuple[int, int], ...]:
    """Pairs that people say are one. A CSV with file_l, row_l, file_r, row_r, match; or unique ids as
    Splink's
    labelling tool writes them (unique_id_l, unique_id_r, clerical_match_score), found in the lists' record
    ids."""
    if not path.exists():
        raise NotFound("there is no such file", where=f"--labels {path}")
    with path.open(encoding="utf-8-sig", newline="") as handle:
        lines = list(csv.DictReader(handle))
    first = lines[0] if lines else {}
    rows = engine.ask("SELECT row_id, file, row, contact_record_id, company_record_id FROM rows").to_pylist()
    if {"row_l", "row_r"} <= set(first):
        places = {(row["file"], str(row["row"])): row["row_id"] for row in rows}
        only = {str(row["row"]): row["row_id"] for row in rows}
        ends = [
            tuple(
                places.get((line.get(f"file_{side}", ""), line[f"row_{side}"]), only.get(line[f"row_{side}"]))
                for side in "lr"
            )
            for line in lines if _says_one(line)
        ]  # fmt: skip
    elif {"unique_id_l", "unique_id_r"} <= set(first):
        named = {row["contact_record_id"] or row["company_record_id"]: row["row_id"] for row in rows}
        ends = [
            (named.get(line["unique_id_l"]), named.get(line["unique_id_r"]))
            for line in lines
            if _says_one(line)
        ]
    else:
        raise BadInput(
            "has neither row_l and row_r nor unique_id_l and unique_id_r",
            where=f"--labels {path}",
            mend="Write columns file_l,row_l,file_r,row_r,match.",
        )
    return tuple((left, right) for left, right in ends if left is not None and right is not None)


def _says_one(line: Mapping[str, str]) -> bool:
    verdict = (line.get("match") or line.get("clerical_match_score") or "1").strip().lower()
    return verdict in {"1", "1.0", "true", "yes", "match"}


def _write(
    engine: Engine, folder: Path, report: ListReport, kind: Kind, known: int, book: pa.Table | None
) -> dict[str, int]:
    rows = engine.ask(
        "SELECT r.row_id, r.file, r.row, c.cluster FROM rows r JOIN clusters c ON c.row_id = r.row_id "
        "ORDER BY r.row_id"
    )
    places = list(zip(rows.column("file").to_pylist(), rows.column("row").to_pylist(), strict=True))
    clusters = rows.column("cluster").to_pylist()
    row_ids = rows.column("row_id").to_pylist()
    at = dict(zip(row_ids, places, strict=True))
    found = {
        place: cluster for place, cluster, row in zip(places, clusters, row_ids, strict=True) if row >= known
    }
    # Rows that could not be used are rows all the same: alone, under numbers that no row has.
    spare = known + report.rows
    with (folder / "clusters.csv").open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(("file", "row", "cluster"))
        total = 0
        for file in report.files:
            for row in range(file.rows):
                cluster = found.get((file.file, row))
                writer.writerow((file.file, row, spare + total if cluster is None else cluster))
                total += 1
    del book
    pairs = _pairs(engine, at)
    pq.write_table(pairs, folder / "pairs.parquet", compression="zstd")
    _review(engine, folder / "review.csv", pairs, kind)
    linked = sum(cluster < known for cluster in found.values())
    return {"written": total, "pairs": pairs.num_rows, "linked": linked}


def _pairs(engine: Engine, at: Mapping[int, tuple[str, int]]) -> pa.Table:
    """Judged pairs by file and row, the surest first. A pair stands for all rows that say word for word
    the same;
    those are pairs of their own, with probability 1."""
    judged = engine.ask("SELECT * FROM judged ORDER BY bits DESC, id_l, id_r")
    twins = engine.ask(
        "SELECT t.id AS id_l, t.row_id AS id_r FROM twins t JOIN clusters c ON c.row_id = t.row_id "
        "JOIN clusters k ON k.row_id = t.id WHERE t.row_id <> t.id AND c.cluster = k.cluster ORDER BY 1, 2"
    )
    same = twins.num_rows
    left = [*judged.column("id_l").to_pylist(), *twins.column("id_l").to_pylist()]
    right = [*judged.column("id_r").to_pylist(), *twins.column("id_r").to_pylist()]
    return pa.table(
        {
            "file_l": pa.array([at[one][0] for one in left], pa.string()),
            "row_l": pa.array([at[one][1] for one in left], pa.int64()),
            "file_r": pa.array([at[one][0] for one in right], pa.string()),
            "row_r": pa.array([at[one][1] for one in right], pa.int64()),
            "probability": pa.array([*judged.column("probability").to_pylist(), *[1.0] * same], pa.float64()),
            "decision": pa.array([*judged.column("decision").to_pylist(), *["merge"] * same], pa.string()),
            "reasons": pa.array(
                [*judged.column("reasons").to_pylist(), *["the same in every value compared"] * same],
                pa.string(),
            ),
            "row_id_l": pa.array(left, pa.int64()),
            "row_id_r": pa.array(right, pa.int64()),
        }
    )


def _review(engine: Engine, path: Path, pairs: pa.Table, kind: Kind) -> None:
    """The doubtful pairs, side by side, with an empty column for a person's answer; it can be given as
    --labels."""
    shown = _SHOWN[kind]
    doubtful = [row for row in pairs.to_pylist() if row["decision"] == "review"]
    wanted = {row[f"row_id_{side}"] for row in doubtful for side in "lr"}
    values: dict[int, dict[str, object]] = {}
    if wanted:
        schema = pa.schema([("row_id", pa.int64())])
        engine.load("wanted", schema, pa.table({"row_id": sorted(wanted)}, schema=schema).to_batches())
        columns = ", ".join(f"r.{name}" for name in shown)
        table = engine.ask(f"SELECT r.row_id, {columns} FROM rows r JOIN wanted w ON w.row_id = r.row_id")
        values = {row["row_id"]: row for row in table.to_pylist()}
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(
            ("file_l", "row_l", "file_r", "row_r", "probability", "match", "reasons",
             *(f"{name}_{side}" for name in shown for side in "lr"))
        )  # fmt: skip
        for row in doubtful:
            cells = [values[row[f"row_id_{side}"]][name] for name in shown for side in "lr"]
            writer.writerow(
                (row["file_l"], row["row_l"], row["file_r"], row["row_r"], f"{row['probability']:.4f}", "",
                 row["reasons"], *(_guarded(cell) for cell in cells))
            )  # fmt: skip


def _guarded(cell: object) -> str:
    """A cell that a spreadsheet would take for a formula is kept a text."""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text[:1] in {"=", "+", "-", "@", "\t", "\r"} else text


def _summary(
    resolved: Resolved,
    report: ListReport,
    counted: Mapping[str, int],
    settings: Settings,
    engine: str,
    meter: Meter,
) -> dict[str, object]:
    rejected = report.rejected
    return {
        "made_by": MADE_BY,
        "version": __version__,
        "kind": settings.kind.value,
        "engine": engine,
        "rows": {"read": report.rows, "used": report.used, "rejected": rejected},
        "known": settings.first_new,
        "linked_to_known": counted["linked"],
        "clusters": resolved.clusters + rejected,
        "merged_rows": resolved.merged,
        "pairs": {"compared": resolved.compared, "written": counted["pairs"], "review": resolved.review},
        "groups_parted": resolved.parted,
        "evidence_lines": resolved.evidence,
        "largest_block": resolved.largest_block,
        "chance_of_two_rows": resolved.chance,
        "learned_from_list": resolved.learned,
        "thresholds": {"merge": settings.thresholds.merge, "review": settings.thresholds.review},
        "model": {
            comparison.name: {
                level.name: [round(level.m, 9), round(level.u, 12)] for level in comparison.levels
            }
            for comparison in resolved.model.comparisons
        },
        "timings": {
            "stages": dict(resolved.seconds),
            "seconds": round(meter.cost.seconds, 3),
            "peak_mib": round(meter.cost.peak_bytes / 2**20, 1),
        },
    }
