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

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from panout import __version__
from panout.batch.dialects import dialect_of
from panout.batch.engine import Engine, open_engine
from panout.batch.steps import Step
from panout.flow.meter import Meter
from panout.flow.staging import staged
from panout.kernel.errors import BadInput, NotFound, NothingUsable
from panout.resolve.known import Known, Source, is_prepared, open_known
from panout.resolve.labels import Label
from panout.resolve.matching import Resolved, Settings, prepare, resolve
from panout.resolve.rules.model import Decision, Thresholds
from panout.resolve.steps.people import Extras, extras_of
from panout.resolve.steps.survivors import fields_of, merged_rows, survivors
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
    """Write clusters.csv, pairs.parquet, survivors.parquet, merged.parquet, review.csv and summary.json to `out`.

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
        staged(Path(out), replaceable=is_ours) as folder,
        tempfile.TemporaryDirectory(prefix="panout-", dir=folder.parent) as work,
        closing(open_engine(engine, Path(work) / "engine", master=master)) as machine,
        Meter() as meter,
    ):
        known, book = _against(against, subject, engine, Path(work), learn, progress)
        progress("read")
        reader = read_lists(paths, work_dir=Path(work) / "lists", mapping=mapping)
        first = known.rows if known else book.num_rows if book is not None else 0
        machine.load("rows", ROWS_SCHEMA, _both(book, reader, first))
        if machine.rows("rows") == (first if known is None else 0):
            raise NothingUsable(
                "no row could be used", where=", ".join(map(str, paths)), mend="See panout headers."
            )
        report = reader.report
        settings = Settings(
            kind=subject,
            thresholds=Thresholds(merge, review),
            extras=extras_of(_unknown(report)),
            learn=learn,
            labels=_labels(Path(labels), machine, known) if labels else (),
            first_new=first,
        )
        resolved = resolve(machine, settings, progress, known)
        progress("write")
        counted = _write(machine, folder, report, settings, known)
    summary = _summary(resolved, report, counted, settings, engine, meter)
    (Path(out) / "summary.json").write_text(
        json.dumps(summary, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return Found(Path(out), summary)


def prepare_book(
    book: str | Path,
    *,
    kind: str = "people",
    out: str | Path,
    mapping: Mapping[str, str | None] | None = None,
    learn: bool = True,
    progress: Callable[[str], None] = lambda _stage: None,
) -> int:
    """Keep a book (a list, or a folder that `panout pan` wrote) in `out`, ready for `--against`; returns its rows.

    Raises as `resolve_lists` does.
    """
    subject = _kind(kind)
    path = Path(book)
    if not path.exists():
        raise NotFound("there is no such file", where=str(path), mend="Look at the spelling of the path.")
    with (
        staged(Path(out), replaceable=is_prepared) as folder,
        tempfile.TemporaryDirectory(prefix="panout-", dir=folder.parent) as work,
    ):
        _prepare(path, subject, folder, Path(work), mapping, learn, progress)
    return open_known(Path(out), subject).rows


def _prepare(
    path: Path,
    kind: Kind,
    folder: Path,
    work: Path,
    mapping: Mapping[str, str | None] | None,
    learn: bool,
    progress: Callable[[str], None],
) -> None:
    source = Source.of(path)
    with closing(open_engine("duckdb", work / "book-engine")) as machine:
        progress("read the book")
        extras = _load_book(machine, path, kind, work, mapping)
        if not machine.rows("rows"):
            raise NothingUsable("no row could be used", where=str(path), mend="See panout headers.")
        prepare(machine, Settings(kind, extras=extras, learn=learn), folder, _SHOWN[kind], source, progress)


def _against(
    against: str | Path | None,
    kind: Kind,
    engine: str,
    work: Path,
    learn: bool,
    progress: Callable[[str], None],
) -> tuple[Known | None, pa.Table | None]:
    """What is known: a book, prepared here and now when nobody did so before; on Spark, the book's own rows."""
    if against is None:
        return None, None
    path = Path(against)
    if engine != "duckdb":
        if is_prepared(path):
            raise BadInput(
                "a prepared book is for DuckDB",
                where=f"--against {path}",
                mend="Name the list it was made from.",
            )
        return None, _book(path, kind, work)
    if not is_prepared(path):
        folder = work / "prepared"
        folder.mkdir()
        _prepare(path, kind, folder, work, None, learn, progress)
        path = folder
    return open_known(path, kind), None


def _load_book(
    engine: Engine, path: Path, kind: Kind, work: Path, mapping: Mapping[str, str | None] | None
) -> Extras:
    if path.is_dir():
        book = _book(path, kind, work)
        engine.load("rows", ROWS_SCHEMA, book.to_batches(max_chunksize=65_536))
        return extras_of(_headers(book))
    reader = read_lists([path], work_dir=work / "book", mapping=mapping)
    engine.load("rows", ROWS_SCHEMA, reader)
    return extras_of(_unknown(reader.report))


def _unknown(report: ListReport) -> list[str]:
    """Headers of columns that have no field of their own."""
    return [guess.header for file in report.files for guess in file.columns if not guess.field]


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


def is_ours(folder: Path) -> bool:
    """Did `resolve_lists` write this folder?"""
    try:
        told = json.loads((folder / "summary.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(told, dict) and told.get("made_by") == MADE_BY


def kind_of(folder: Path) -> Kind:
    """What a folder that `resolve_lists` wrote is about."""
    return _kind(json.loads((folder / "summary.json").read_text(encoding="utf-8"))["kind"])


def write_survivors(engine: Engine, folder: Path, kind: Kind) -> None:
    """merged.parquet and survivors.parquet of the relation `merged`."""
    fields = fields_of(kind)
    (counts,) = engine.ask(
        f"SELECT {', '.join(f'count({one.name}) AS {one.name}' for one in fields)} FROM merged"
    ).to_pylist()
    for step in survivors(dialect_of(engine.kind), [field for field in fields if counts[field.name]]):
        engine.run(step)
    engine.write_parquet("merged", folder / "merged.parquet", order_by="cluster, row_id")
    engine.write_parquet("survivors", folder / "survivors.parquet", order_by="cluster, field")


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


def _headers(book: pa.Table) -> list[str]:
    """Headers of what the book's lists said beyond the fields: old domains, redirects."""
    told = {custom for custom in book.column("custom").to_pylist() if custom}
    return sorted({header for custom in told for header in json.loads(custom)})


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


def _labels(path: Path, engine: Engine, known: Known | None) -> tuple[Label, ...]:
    """What people say of pairs. A CSV with file_l, row_l, file_r, row_r, match; or unique ids as Splink's labelling
    tool writes them (unique_id_l, unique_id_r, clerical_match_score), found in the lists' record ids."""
    if not path.exists():
        raise NotFound("there is no such file", where=f"--labels {path}")
    with path.open(encoding="utf-8-sig", newline="") as handle:
        lines = list(csv.DictReader(handle))
    first = lines[0] if lines else {}
    rows = engine.ask("SELECT row_id, file, row, contact_record_id, company_record_id FROM rows").to_pylist()
    ends: Callable[[Mapping[str, str], str], int | None]
    if {"row_l", "row_r"} <= set(first):
        places: dict[tuple[str, str], int] = {}
        for row in rows:
            places[row["file"], str(row["row"])] = row["row_id"]
            # Of one list alone, the file need not be named.
            places.setdefault(("", str(row["row"])), row["row_id"])
        if known is not None:
            named = {(line.get(f"file_{s}") or "", line[f"row_{s}"]) for line in lines for s in "lr"}
            held = {(file, int(row)) for file, row in named if row.isdigit() and (file, row) not in places}
            places |= {(file, str(row)): line for (file, row), line in known.ids_of(held).items()}

        def ends(line: Mapping[str, str], side: str) -> int | None:
            return places.get((line.get(f"file_{side}") or "", line[f"row_{side}"]))
    elif {"unique_id_l", "unique_id_r"} <= set(first):
        record = {row["contact_record_id"] or row["company_record_id"]: row["row_id"] for row in rows}

        def ends(line: Mapping[str, str], side: str) -> int | None:
            return record.get(line[f"unique_id_{side}"])
    else:
        raise BadInput(
            "has neither row_l and row_r nor unique_id_l and unique_id_r",
            where=f"--labels {path}",
            mend="Write columns file_l,row_l,file_r,row_r,match.",
        )
    return tuple(
        Label(left, right, said)
        for line in lines
        if (said := _says_one(line)) is not None
        and (left := ends(line, "l")) is not None
        and (right := ends(line, "r")) is not None
    )


_YES = frozenset({"1", "true", "yes", "y", "match", "same"})
_NO = frozenset({"0", "false", "no", "n", "different", "non-match", "nonmatch"})


def _says_one(line: Mapping[str, str]) -> bool | None:
    """The answer in the column `match` (or Splink's score); None where nobody answered. A file without either column
    lists pairs that are one."""
    stated = line.get("match", line.get("clerical_match_score", "yes"))
    verdict = (stated or "").strip().lower()
    if not verdict:
        return None
    if verdict in _YES:
        return True
    if verdict in _NO:
        return False
    try:
        return float(verdict) >= 0.5
    except ValueError:
        raise BadInput(f"'{stated}' is neither yes nor no", where="--labels, column match") from None


def _write(
    engine: Engine, folder: Path, report: ListReport, settings: Settings, known: Known | None
) -> dict[str, int]:
    first = settings.first_new
    literal = dialect_of(engine.kind).literal
    # Rows that could not be used are rows all the same: alone, under numbers that no row has.
    spare = first + report.rows
    total = linked = 0
    with (folder / "clusters.csv").open("w", encoding="utf-8", newline="") as handle:
        handle.write("file,row,cluster\n")
        for file in report.files:
            found = engine.ask(
                "SELECT r.row, c.cluster FROM rows r JOIN clusters c ON c.row_id = r.row_id "
                f"WHERE r.file = {literal(file.file)} AND r.row_id >= {first}"
            )
            clusters = np.arange(spare + total, spare + total + file.rows)
            clusters[found.column("row").to_numpy()] = found.column("cluster").to_numpy()
            linked += int((clusters < first).sum())
            total += file.rows
            name = _cell(file.file)
            handle.writelines(f"{name},{row},{cluster}\n" for row, cluster in enumerate(clusters.tolist()))
    _place(engine, settings, known)
    pairs = engine.ask(_PAIRS)
    pq.write_table(pairs, folder / "pairs.parquet", compression="zstd")
    _review(engine, folder / "review.csv", settings.kind)
    engine.run(merged_rows(settings.kind))
    write_survivors(engine, folder, settings.kind)
    return {"written": total, "pairs": pairs.num_rows, "linked": linked}


def _cell(text: str) -> str:
    """As csv.writer would write it."""
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


def _place(engine: Engine, settings: Settings, known: Known | None) -> None:
    """Leave `placed`: file, row and what people want to see, of every row of the lists and every known one that is in a
    pair."""
    shown = ", ".join(_SHOWN[settings.kind])
    own = f"SELECT row_id, file, row, {shown} FROM rows"
    if known is None:
        engine.view(Step("placed", own))
        return
    ids = (
        engine.ask(f"SELECT DISTINCT id_l FROM judged WHERE id_l < {settings.first_new}").column(0).to_numpy()
    )
    table = known.places(ids)
    engine.load("known_places", table.schema, table.to_batches())
    engine.view(Step("placed", f"{own} UNION ALL SELECT id AS row_id, file, row, {shown} FROM known_places"))


# Judged pairs by file and row, the surest first. A pair stands for all rows that say word for word the same; those are
# pairs of their own, with probability 1.
_PAIRS = """
SELECT l.file AS file_l, l.row AS row_l, r.file AS file_r, r.row AS row_r, p.probability, p.decision, p.reasons,
       p.id_l AS row_id_l, p.id_r AS row_id_r
FROM (
  SELECT 0 AS part, bits, id_l, id_r, probability, decision, reasons FROM judged
  UNION ALL
  SELECT 1 AS part, 0 AS bits, t.id AS id_l, t.row_id AS id_r, CAST(1 AS DOUBLE) AS probability, 'merge' AS decision,
         'the same in every value compared' AS reasons
  FROM twins t JOIN clusters c ON c.row_id = t.row_id JOIN clusters k ON k.row_id = t.id
  WHERE t.row_id <> t.id AND c.cluster = k.cluster
) p JOIN placed l ON l.row_id = p.id_l JOIN placed r ON r.row_id = p.id_r
ORDER BY p.part, p.bits DESC, p.id_l, p.id_r"""


def _review(engine: Engine, path: Path, kind: Kind) -> None:
    """The doubtful pairs, side by side, with an empty column for a person's answer; it can be given as --labels."""
    shown = [f"{name}_{side}" for name in _SHOWN[kind] for side in "lr"]
    columns = ", ".join(f"{side}.{name} AS {name}_{side}" for name in _SHOWN[kind] for side in "lr")
    doubtful = engine.ask(
        "SELECT l.file AS file_l, l.row AS row_l, r.file AS file_r, r.row AS row_r, p.probability, p.reasons, "
        f"{columns} FROM judged p JOIN placed l ON l.row_id = p.id_l JOIN placed r ON r.row_id = p.id_r "
        f"WHERE p.decision = '{Decision.REVIEW}' ORDER BY p.bits DESC, p.id_l, p.id_r"
    ).to_pylist()
    with path.open("w", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        writer.writerow(("file_l", "row_l", "file_r", "row_r", "probability", "match", "reasons", *shown))
        for row in doubtful:
            places = (row["file_l"], row["row_l"], row["file_r"], row["row_r"])
            cells = (_guarded(row[name]) for name in shown)
            writer.writerow((*places, f"{row['probability']:.4f}", "", row["reasons"], *cells))


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
