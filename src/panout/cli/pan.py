"""`panout pan`: messy lists in, ranked and explained prospects out."""

from __future__ import annotations

import json
import time
from dataclasses import asdict
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.console import Group
from rich.markup import escape
from rich.progress import BarColumn, Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

from panout.cli import stopping
from panout.cli.voice import aside, out
from panout.flow import clock
from panout.flow.pan import PanResult
from panout.flow.pan import pan as pan_lists
from panout.flow.report.content import Listed
from panout.flow.summary import Summary
from panout.kernel.errors import BadInput

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


class EngineName(StrEnum):
    """What the steps run on."""

    DUCKDB = "duckdb"
    SPARK = "spark"


@app.command()
def pan(
    lists: Annotated[
        list[Path],
        typer.Argument(
            metavar="LIST...",
            help="Lists of people, companies or both: CSV, TSV, XLSX, JSON lines, Parquet; also gzipped.",
            show_default=False,
        ),
    ],
    icp: Annotated[
        Path, typer.Option(metavar="ICP.yaml", help="The ideal customer profile.", show_default=False)
    ],
    previous: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="LIST",
            help="An earlier snapshot of the lists: what changed since becomes signals. May be repeated.",
        ),
    ] = None,
    signals: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="Signals you already have: type, key, date, strength, source."),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            metavar="DATE",
            help="The day to judge from, such as 2026-11-20. Today, if not given.",
        ),
    ] = None,
    map_: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE", help="Your own header: field pairs (YAML or JSON)."),
    ] = None,
    out_: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the files go; an earlier run is replaced.")
    ] = Path("panout-out"),
    top: Annotated[int, typer.Option(min=0, metavar="N", help="How many to show.")] = 20,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the summary and the top N as JSON, and nothing else.")
    ] = False,
    exact: Annotated[
        bool, typer.Option("--exact", help="Merge by certain keys alone, nothing by likeness.")
    ] = False,
    engine: Annotated[
        EngineName, typer.Option(help="DuckDB in this process, or Spark (extra panout\\[spark]).")
    ] = EngineName.DUCKDB,
    master: Annotated[
        str, typer.Option(metavar="URL", help="The Spark master; local\\[2] if not given.")
    ] = "",
) -> None:
    """Sift lists for the accounts and people worth writing to now, with the reason for each.

    Writes prospects.csv and .parquet (everybody, ranked: prospects, then leads with what they lack, then the
    disqualified), sequencer.csv (prospects only, as mail sequencers expect them), accounts, contacts, signals
    and provenance as Parquet, review.csv (pairs that may be one), rejects.csv, warnings.csv, summary.json and
    report.html.

    Exit codes: 0 done, 1 could not finish, 2 wrong use (nothing written), 3 no usable row, 130 interrupted.
    """
    with Watching() as progress:
        result = pan_lists(
            lists,
            icp,
            previous=previous or (),
            signals=signals,
            as_of=_day(as_of),
            mapping=map_,
            out=out_,
            engine=engine.value,
            master=master,
            top=top,
            exact=exact,
            progress=progress,
        )
    if as_json:
        told = asdict(result.summary) | {"top": [asdict(one) for one in result.top]}
        typer.echo(json.dumps(told, indent=2, ensure_ascii=False, default=str))
    else:
        show(result)


def _day(text: str | None) -> date:
    if text is None:
        return clock.today()
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise BadInput(f"'{text}' is not a date", where="--as-of", mend="Write it as 2026-11-20.") from error


class Watching:
    """A line on stderr for each stage: a live bar with rows/s on a terminal, a plain line elsewhere."""

    def __init__(self) -> None:
        self._live = aside.is_terminal
        self._bars = Progress(
            SpinnerColumn(finished_text="[green]✓[/]"),
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[pace]}", style="dim"),
            TimeElapsedColumn(),
            console=aside,
            disable=not self._live,
        )
        self._task: TaskID | None = None
        self._name = ""
        self._began = 0.0
        self._done = 0

    def __enter__(self) -> Watching:
        self._bars.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        if kind is None:
            self._finish()
        self._bars.stop()
        if kind is not None and issubclass(kind, KeyboardInterrupt):
            aside.print("Interrupted. Nothing was written.")

    def stage(self, name: str, about: str) -> None:
        """A stage begins; the one before has ended."""
        stopping.look()
        self._finish()
        self._name, self._began, self._done = name, time.monotonic(), 0
        if self._live:
            self._task = self._bars.add_task(about, total=None, pace="")

    def rows(self, done: int, share: float) -> None:
        """So many rows have been read, and this share of the file."""
        stopping.look()
        self._done = done
        if self._task is not None:
            self._bars.update(self._task, total=1, completed=share, pace=self._pace())

    def note(self, text: str) -> None:
        """A warning, above the bars."""
        self._bars.console.print(Text.assemble(("warning ", "yellow"), text))

    def _pace(self) -> str:
        seconds = time.monotonic() - self._began
        return f"{self._done:,} rows, {self._done / max(seconds, 0.001):,.0f}/s" if self._done else ""

    def _finish(self) -> None:
        if not self._name:
            return
        if self._task is not None:
            self._bars.update(self._task, total=1, completed=1, pace=self._pace())
        else:
            seconds = time.monotonic() - self._began
            aside.print(f"{self._name}: {seconds:.1f} s{', ' + self._pace() if self._done else ''}")
        self._name, self._task = "", None


# What is printed at the end

_AXES = ("F", "I", "T", "T")


def show(result: PanResult) -> None:
    """The ranked table, the funnel, and where the files are, on stdout."""
    summary = result.summary
    out.print()
    if result.top:
        out.print(_ranked(result.top))
    out.print(_funnel(summary))
    for line in _closing(result):
        out.print(line)


def _ranked(top: tuple[Listed, ...]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, expand=True, header_style="dim")
    table.add_column("#", justify="right", style="dim")
    table.add_column("who", ratio=5)
    table.add_column("score", justify="right", style="bold yellow")
    table.add_column("fit", justify="right", style="dim")
    table.add_column("now", justify="right", style="dim")
    table.add_column("why now", ratio=8)
    for one in top:
        fit, _, timing, _ = one.scores
        table.add_row(
            str(one.rank), _who(one), f"{one.priority:.0f}", _figure(fit), _figure(timing), _why(one)
        )
    return table


def _who(one: Listed) -> Group:
    name = one.name or one.company or one.email
    about = " · ".join(filter(None, (one.title, one.company))) if one.name else one.place
    return (
        Group(Text(name, style="bold"), Text(about, style="dim"))
        if about
        else Group(Text(name, style="bold"))
    )


def _why(one: Listed) -> Text:
    if one.verdict == "prospect":
        return Text(one.why_now)
    lacking = Text(f"{one.verdict}, lacks {', '.join(one.missing)}", style="dim italic")
    return Text.assemble(one.why_now, "\n", lacking) if one.why_now else lacking


def _figure(value: float | None) -> str:
    return "?" if value is None else f"{value:.0f}"


_FUNNEL_WIDTH = 30


def _funnel(summary: Summary) -> Table:
    table = Table.grid(padding=(0, 2))
    most = max((left.count for left in summary.funnel), default=0) or 1
    for place, left in enumerate(summary.funnel):
        last = place == len(summary.funnel) - 1
        width = max(round(left.count / most * _FUNNEL_WIDTH), 1 if left.count else 0)
        table.add_row(
            Text(left.name, style="bold" if last else ""),
            Text("█" * width, style="yellow" if last else "blue"),
            Text(f"{left.count:,}", justify="right", style="bold" if last else ""),
        )
    return table


def _closing(result: PanResult) -> list[str]:
    summary, timings = result.summary, result.summary.timings
    verdicts = (
        f"[bold]{summary.verdicts.prospect:,}[/] prospects, {summary.verdicts.lead:,} leads, "
        f"{summary.verdicts.disqualified:,} disqualified, by {escape(summary.icp.name)} "
        f"version {summary.icp.version} as of {summary.as_of}."
    )
    cost = (
        f"[dim]{summary.rows.read:,} rows ({summary.rows.rejected:,} rejected), "
        f"{summary.accounts:,} companies, {summary.contacts:,} people, {summary.signals:,} signals, "
        f"in {timings.seconds:.1f} s with {timings.peak_mib:,.0f} MiB.[/]"
    )
    lines = [
        "",
        verdicts,
        cost,
        "",
        f"Report  {escape(str(result.folder / 'report.html'))}",
        f"Ranked  {escape(str(result.folder / 'prospects.csv'))}",
    ]
    if summary.rows.rejected:
        lines.append(f"Rejects {escape(str(result.folder / 'rejects.csv'))}")
    return lines
