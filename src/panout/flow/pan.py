"""The stateless line over files: messy lists in, ranked and explained prospects out. No server, no database.

from datetime import date
from panout.flow.pan import pan

result = pan(["leads.csv"], "icp.yaml", as_of=date(2026, 11, 20))
result.summary.verdicts.prospect        # how many are worth writing to now
for one in result.top: print(one.rank, one.name, one.why_now)
result.table("prospects").to_pandas()   # or any other Parquet file of the run
"""

from __future__ import annotations

import platform
import shutil
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field, replace
from datetime import date
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple, Protocol

import pyarrow as pa
import pyarrow.parquet as pq

from panout import __version__
from panout.batch.ahead import ahead
from panout.batch.dialects import dialect_of
from panout.batch.engine import Engine, open_engine
from panout.batch.steps import Step
from panout.criteria.dialects import DUCKDB, SPARK, Dialect
from panout.flow.meter import Cost, Meter
from panout.flow.outputs import LISTED, provenance, write_csv, write_files
from panout.flow.report.content import SHOWN, VERDICTS, Listed, gather, open_files
from panout.flow.report.page import render
from panout.flow.staging import staged
from panout.flow.summary import (
    MADE_BY,
    Alike,
    Column,
    IcpUsed,
    Left,
    ListUsed,
    Rows,
    SignalsUsed,
    StageCost,
    Summary,
    Timings,
    Verdicts,
    is_ours,
)
from panout.icp.rules.profile import Icp
from panout.icp.rules.reading import read_icp
from panout.kernel.errors import BadInput, NotFound, NothingUsable
from panout.kernel.fields import Kind
from panout.qualify.steps import VIEWS, verdict_steps
from panout.resolve.alike import REVIEW_SCHEMA, Folded, fold_alike
from panout.resolve.steps.exact import VIEWS as MEMBER_VIEWS
from panout.resolve.steps.exact import member_steps
from panout.resolve.steps.golden import golden_steps
from panout.resolve.steps.people import extras_of
from panout.resolve.subjects import Kind as Folding
from panout.signals.detectors.snapshot import VIEWS as SNAPSHOT_VIEWS
from panout.signals.detectors.snapshot import snapshot_steps
from panout.signals.detectors.stated import stated_steps
from panout.sources.files.beside import SignalsBeside
from panout.sources.files.lists import FileReport, load_mapping, read_lists
from panout.sources.files.relations import REJECTS_SCHEMA, ROWS_SCHEMA, SIGNALS_SCHEMA


class Progress(Protocol):
    """Whoever wants to watch. Called from the thread that runs the line, a few times a second at most."""

    def stage(self, name: str, about: str) -> None:
        """A stage begins."""

    def rows(self, done: int, share: float) -> None:
        """So many rows have been read in this stage so far; `share` (0..1) of the file now being read."""

    def note(self, text: str) -> None:
        """Something that is allowed, but that the user should know."""


class Unwatched:
    """Nobody watches."""

    def stage(self, name: str, about: str) -> None:
        """Say nothing."""

    def rows(self, done: int, share: float) -> None:
        """Say nothing."""

    def note(self, text: str) -> None:
        """Say nothing."""


@dataclass(slots=True)
class Run:
    """What the stages of one run share: what was asked for, the engine, and what has been counted so far."""

    lists: Sequence[Path]
    previous: Sequence[Path]
    signals: SignalsBeside | None
    mapping: Mapping[str, str | None] | None
    icp: Icp
    as_of: date
    engine: Engine
    out: Path
    progress: Progress
    exact: bool = False
    present: set[str] = field(default_factory=set)
    unknown: set[str] = field(default_factory=set)
    alike: dict[Folding, Folded] = field(default_factory=dict)
    lists_used: tuple[ListUsed, ...] = ()
    previous_used: tuple[ListUsed, ...] = ()
    signals_used: SignalsUsed | None = None
    written: dict[str, int] = field(default_factory=dict)

    @property
    def work(self) -> Path:
        """Where stages may leave what only later stages need; gone when the run ends."""
        return self.out / "work"

    def take(self, steps: Sequence[Step]) -> None:
        """Carry steps out in order."""
        for step in steps:
            if step.name in _VIEWS:
                self.engine.view(step)
            else:
                self.engine.run(step)


class Stage(NamedTuple):
    """One stage of the line: what it is called, the relations that later stages need, and the function."""

    name: str
    leaves: frozenset[str]
    about: str
    go: Callable[[Run], int]


# Stages


def compare(run: Run) -> int:
    """Read and resolve the previous lists, and set their accounts and contacts aside."""
    if not run.previous:
        return 0
    run.previous_used = _read(run, run.previous, "previous")
    # The steps make `rows` and the others anew for the lists themselves.
    _resolve(run)
    for name in ("accounts", "contacts"):
        run.engine.run(Step(f"old_{name}", f"SELECT * FROM {name}"))
    return run.engine.rows("old_accounts") + run.engine.rows("old_contacts")


def read(run: Run) -> int:
    """Read the lists: every row is used, or rejected with a reason."""
    run.lists_used = _read(run, run.lists, "lists")
    used = sum(listed.used for listed in run.lists_used)
    if not used:
        raise NothingUsable(
            "no row can be used: none names a person or a company",
            where=", ".join(listed.file for listed in run.lists_used),
            mend="See how the columns are understood with `panout headers FILE`, and correct it with --map.",
        )
    return used


def resolve(run: Run) -> int:
    """One account for each company, one contact for each person."""
    _resolve(run)
    run.engine.run(provenance())
    return run.engine.rows("accounts") + run.engine.rows("contacts")


def find_signals(run: Run) -> int:
    """What a file states and what changed since the previous lists, each tied to its account or contact."""
    dialect = _DIALECTS[run.engine.kind]
    people = run.engine.rows("contacts") > 0
    sources = []
    if run.signals is not None:
        _load_signals(run, run.signals, people=people)
        sources.append("stated_signals")
    if run.previous:
        both = people and run.engine.rows("old_contacts") > 0
        run.take(
            snapshot_steps(
                dialect,
                on=run.as_of,
                source=", ".join(one.file for one in run.lists_used),
                old_contacts="old_contacts" if both else None,
                new_contacts="contacts" if both else None,
            )
        )
        sources.append("snapshot_signals")
    signals = Step("signals", _union(sources, dialect))
    if sources == ["stated_signals"]:
        run.engine.view(signals)
    else:
        run.engine.run(signals)
    return run.engine.rows("signals")


def _load_signals(run: Run, reader: SignalsBeside, *, people: bool) -> None:
    """The file of signals as `stated`, and tied; counts those that are about nobody on the lists."""
    read = reader.read()
    if read is not None:
        run.engine.lend("stated", read)
    else:
        run.engine.load("stated", SIGNALS_SCHEMA, ahead(reader))
    run.engine.load("unread_signals", REJECTS_SCHEMA, reader.rejects().to_batches())
    run.engine.run(Step("warnings", "SELECT * FROM warnings UNION ALL SELECT * FROM unread_signals"))
    run.take(stated_steps(_DIALECTS[run.engine.kind], reader.present, people=people))
    lost = "SELECT count(*) AS many FROM tied WHERE account_id IS NULL AND contact_id IS NULL"
    unmatched = int(run.engine.ask(lost)["many"][0].as_py())
    run.signals_used = SignalsUsed(reader.file, reader.rows, reader.rejected, unmatched)


def _union(sources: Sequence[str], dialect: Dialect) -> str:
    columns = [("signal_id", Kind.TEXT), ("type", Kind.TEXT), ("level", Kind.TEXT), ("account_id", Kind.TEXT)]
    columns += [("contact_id", Kind.TEXT), ("date", Kind.DATE), ("strength", Kind.NUMBER)]
    columns += [("source", Kind.TEXT), ("evidence", Kind.TEXT)]
    if not sources:
        nothing = ", ".join(
            f"{dialect.cast('NULL', kind)} AS {dialect.quoted(name)}" for name, kind in columns
        )
        return f"SELECT {nothing} WHERE FALSE"
    kept = ", ".join(
        f"{dialect.cast(dialect.quoted(name), kind)} AS {dialect.quoted(name)}" for name, kind in columns
    )
    return "\nUNION ALL\n".join(f"SELECT {kept} FROM {source}" for source in sources)


def qualify(run: Run) -> int:
    """Fit, intensity, timing, team; the gate; the verdict with its reasons."""
    contacts = "contacts" if run.engine.rows("contacts") else None
    dialect = _DIALECTS[run.engine.kind]
    run.take(verdict_steps(run.icp, run.as_of, dialect, contacts=contacts, beside=LISTED))
    return run.engine.rows("told")


def write(run: Run) -> int:
    """The files that people open."""
    run.written = write_files(run.engine, run.out)
    doubtful = pa.concat_tables([REVIEW_SCHEMA.empty_table(), *(one.review for one in run.alike.values())])
    run.written["review.csv"] = write_csv(
        run.out / "review.csv", doubtful.to_batches(), columns=REVIEW_SCHEMA.names
    )
    (run.work / "lists" / "raw").rename(run.out / "originals")
    return sum(run.written.values())


_EARLIER = frozenset({"old_accounts", "old_contacts"})
_READ = frozenset({"rejects", "warnings"})
_RESOLVED = _READ | {"accounts", "contacts", "provenance"}
_SIGNALLED = _RESOLVED | {"signals", "stated_signals"}

STAGES: tuple[Stage, ...] = (
    Stage("compare", _EARLIER, "Reading the earlier lists", compare),
    Stage("read", _EARLIER | _READ | {"rows"}, "Reading the lists", read),
    Stage("resolve", _EARLIER | _RESOLVED | {"rows", "members"}, "One account, one person", resolve),
    Stage("signals", _SIGNALLED, "Why now: collecting signals", find_signals),
    Stage(
        "qualify",
        _SIGNALLED | {"told", "verdicts"},
        "Fit, intensity, timing, team",
        qualify,
    ),
    Stage("write", frozenset(), "Writing the files", write),
)


@dataclass(frozen=True, slots=True, weakref_slot=True)
class PanResult:
    """What a run left: its summary, the best of the ranking, and the folder with everything."""

    folder: Path
    summary: Summary
    top: tuple[Listed, ...]

    def table(self, name: str) -> pa.Table:
        """One of the run's Parquet files: prospects, accounts, contacts, signals or provenance."""
        path = self.folder / f"{name}.parquet"
        if not path.exists():
            raise NotFound(f"the run left no {name}.parquet", where=str(self.folder))
        return pq.read_table(path)


def pan(
    lists: Sequence[Path | str],
    icp: Path | str | Icp,
    *,
    as_of: date,
    previous: Sequence[Path | str] = (),
    signals: Path | str | None = None,
    mapping: Path | str | None = None,
    out: Path | str | None = None,
    engine: str = "duckdb",
    master: str = "",
    top: int = 20,
    exact: bool = False,
    progress: Progress | None = None,
) -> PanResult:
    """Sift `lists` by an ideal customer profile and explain every verdict.

    lists      files of people, companies or both: CSV, TSV, XLSX, JSON lines, Parquet, each also gzipped
    icp        an ICP file, or a profile already read
    as_of      the day to judge from: signals after it do not count yet, older ones have decayed
    previous   earlier snapshots of the same lists: what changed since becomes signals
    signals    a file of signals already known (type, key, date, strength, source, text)
    mapping    a file of header: field pairs that overrides the automatic mapping
    out        the folder to write; replaced if an earlier run wrote it, refused if it holds anything else.
               None: a temporary folder that goes when the result does
    engine     "duckdb", or "spark" with `master` (local[2] if empty)
    top        how many of the ranking to hand back in `PanResult.top`
    exact      merge by certain keys alone (address, profile, domain, ...), nothing by likeness

    Nothing is left behind on an error or an interruption. Raises BadInput for wrong use, NothingUsable when
    no row can be used, Unavailable when the disk is full, memory is short, or the engine does not start.
    """
    watcher = progress or Unwatched()
    profile = icp if isinstance(icp, Icp) else _profile(Path(icp), watcher)
    if not lists:
        raise BadInput("no list was given", mend="Name at least one file.")
    kept = (
        None if out is not None else tempfile.TemporaryDirectory(prefix="panout-", ignore_cleanup_errors=True)
    )
    folder = Path(out) if out is not None else Path(kept.name if kept else "") / "run"
    try:
        with staged(folder, replaceable=is_ours) as staging, ExitStack() as closes:
            work = staging / "work"
            work.mkdir()
            machinery = closes.enter_context(closing(open_engine(engine, work, master=master)))
            # From now on: by the time that they are asked for, the signals have long been read.
            stated = None
            if signals is not None:
                stated = closes.enter_context(SignalsBeside(Path(signals), work / "signals"))
            run = Run(
                lists=[Path(one) for one in lists],
                previous=[Path(one) for one in previous],
                signals=stated,
                mapping=load_mapping(Path(mapping)) if mapping is not None else None,
                icp=profile,
                as_of=as_of,
                engine=machinery,
                out=staging,
                progress=watcher,
                exact=exact,
            )
            summary, best = _carry_out(run, top)
            closes.close()
            shutil.rmtree(work)
    except BaseException:
        if kept is not None:
            kept.cleanup()
        raise
    result = PanResult(folder, summary, best)
    if kept is not None:
        weakref.finalize(result, kept.cleanup)
    return result


def _carry_out(run: Run, top: int) -> tuple[Summary, tuple[Listed, ...]]:
    costs = []
    for stage in STAGES:
        run.progress.stage(stage.name, stage.about)
        with Meter() as meter:
            rows = stage.go(run)
            run.engine.keep(stage.leaves)
        costs.append((stage, rows, meter.cost))
    run.progress.stage("report", "Laying out the report")
    with Meter() as meter:
        with closing(open_files(run.out)) as files:
            files.read_parquet("rejects", [run.work / "lists" / "rejects.parquet"])
            content = gather(files, shown=max(top, SHOWN))
            summary = summarise(run, files)
        page = render(summary, replace(content, listed=content.listed[:SHOWN]))
        (run.out / "report.html").write_text(page, encoding="utf-8")
    stages = [
        *(_stage_cost(stage.name, rows, cost) for stage, rows, cost in costs),
        _stage_cost("report", len(content.listed), meter.cost),
    ]
    timings = Timings(
        round(sum(stage.seconds for stage in stages), 3),
        max(stage.peak_mib for stage in stages),
        tuple(stages),
    )
    summary = replace(summary, timings=timings)
    (run.out / "summary.json").write_text(summary.as_json(), encoding="utf-8")
    return summary, content.listed[:top]


def _stage_cost(name: str, rows: int, cost: Cost) -> StageCost:
    return StageCost(name, rows, round(cost.seconds, 3), round(cost.peak_bytes / 2**20, 1))


def summarise(run: Run, files: Engine) -> Summary:
    """Every count of a finished run, from its files; timings are added when the last stage has ended."""
    by_verdict = _counted(files, "SELECT verdict AS name, count(*) AS many FROM prospects GROUP BY verdict")
    verdicts = Verdicts(*(by_verdict.get(name, 0) for name in VERDICTS))
    rows = Rows(
        sum(one.rows for one in run.lists_used),
        sum(one.used for one in run.lists_used),
        sum(one.rejected for one in run.lists_used),
        run.written["warnings.csv"],
    )
    return Summary(
        made_by=MADE_BY,
        version=__version__,
        versions={"python": platform.python_version()}
        | {name: version(name) for name in ("duckdb", "pyarrow", *_OF_ENGINE[run.engine.kind])},
        engine=run.engine.kind,
        icp=IcpUsed(run.icp.name, run.icp.version),
        as_of=run.as_of.isoformat(),
        lists=run.lists_used,
        previous=run.previous_used,
        rows=rows,
        duplicates=_merged(run, files),
        alike=Alike(
            exact=run.exact,
            companies_merged=_folded(run, Folding.COMPANIES),
            people_merged=_folded(run, Folding.PEOPLE),
            review=run.written["review.csv"],
        ),
        accounts=run.written["accounts.parquet"],
        contacts=run.written["contacts.parquet"],
        signals=run.written["signals.parquet"],
        signals_by_type=_counted(files, "SELECT type AS name, count(*) AS many FROM signals GROUP BY type"),
        signals_by_level=_counted(
            files, "SELECT level AS name, count(*) AS many FROM signals GROUP BY level"
        ),
        stated=run.signals_used,
        verdicts=verdicts,
        missing=_counted(
            files,
            "SELECT what AS name, count(*) AS many FROM (SELECT unnest(missing) AS what FROM prospects"
            " WHERE verdict = 'lead') AS lacking GROUP BY what",
        ),
        disqualified_by=_counted(
            files,
            "SELECT disqualifier AS name, count(*) AS many FROM prospects WHERE verdict = 'disqualified'"
            " GROUP BY disqualifier",
        ),
        funnel=_funnel(files, rows, verdicts),
        files=run.written,
        timings=Timings(0, 0, ()),
    )


# Verdicts are written as they lie, so what they rest on must lie there.
_VIEWS = (VIEWS | SNAPSHOT_VIEWS | MEMBER_VIEWS) - {"told"}
_OF_ENGINE = {"duckdb": (), "spark": ("pyspark",)}
_DIALECTS = {"duckdb": DUCKDB, "spark": SPARK}


def _funnel(files: Engine, rows: Rows, verdicts: Verdicts) -> tuple[Left, ...]:
    (signalled,) = files.ask(
        "SELECT count(*) AS many FROM prospects WHERE verdict <> 'disqualified' AND timing > 0"
    )["many"].to_pylist()
    return (
        Left("rows read", rows.read),
        Left("rows used", rows.used),
        Left("people, or companies without", verdicts.total),
        Left("not disqualified", verdicts.prospect + verdicts.lead),
        Left("with a signal that counts", signalled),
        Left("prospects", verdicts.prospect),
    )


def _merged(run: Run, files: Engine) -> int:
    """How many used rows joined another row's person or, without a person, another row's company."""
    (found,) = files.ask(
        "SELECT count(*) AS many, count(DISTINCT account_id) FILTER (WHERE contact_id IS NULL) AS alone FROM provenance"
    ).to_pylist()
    return int(found["many"] - found["alone"] - run.written["contacts.parquet"])


def _folded(run: Run, kind: Folding) -> int:
    return run.alike[kind].merged if kind in run.alike else 0


def _counted(files: Engine, sql: str) -> dict[str, int]:
    found = files.ask(sql).to_pylist()
    return dict(sorted((str(record["name"]), int(record["many"])) for record in found))


def _profile(path: Path, watcher: Progress) -> Icp:
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise BadInput(
            f"the ICP cannot be read: {reason}", where=str(path), mend="Start from one in examples/icp."
        ) from error
    reading = read_icp(text, str(path))
    for warning in reading.warnings:
        watcher.note(f"{path}:{warning}")
    return reading.icp


def _read(run: Run, paths: Sequence[Path], kept: str) -> tuple[ListUsed, ...]:
    """Load lists as `rows`, `rejects`, `warnings` and `columns`; original cells stay in `kept`."""
    folder = run.work / kept
    finished: dict[str, int] = {}

    def watch(file: str, share: float, rows: int) -> None:
        finished[file] = rows
        run.progress.rows(sum(finished.values()), share)

    reader = read_lists(paths, work_dir=folder, mapping=run.mapping, progress=watch)
    run.present = set()
    run.engine.spool("rows", ROWS_SCHEMA, ahead(_noting_present(reader, run.present)))
    run.unknown = {one.header for file in reader.report.files for one in file.columns if not one.field}
    for name in ("rejects", "warnings"):
        run.engine.read_parquet(name, [folder / f"{name}.parquet"])
    return tuple(_used(file) for file in reader.report.files)


def _noting_present(batches: Iterable[pa.RecordBatch], present: set[str]) -> Iterator[pa.RecordBatch]:
    """The same batches; `present` gets the fields that hold anything, so that later steps skip the others."""
    for batch in batches:
        absent = [name for name in batch.schema.names if name not in present]
        present.update(name for name in absent if batch.column(name).null_count < batch.num_rows)
        yield batch


def _used(file: FileReport) -> ListUsed:
    mapping = tuple(
        Column(one.header, one.field or "", round(one.confidence, 3), str(one.how)) for one in file.columns
    )
    return ListUsed(file.file, file.rows, file.used, file.rejected, mapping)


def _resolve(run: Run) -> None:
    """Certain keys first; then, unless only those are wanted, what they left apart and is one all the same."""
    dialect = dialect_of(run.engine.kind)
    run.take(member_steps(dialect))
    run.alike = {}
    if not run.exact:
        # Companies first: that two people are at one company speaks for them.
        for kind in (Folding.COMPANIES, Folding.PEOPLE):
            run.alike[kind] = fold_alike(run.engine, kind, extras_of(sorted(run.unknown)), run.present)
    run.take(golden_steps(dialect, run.present))
