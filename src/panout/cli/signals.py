"""`panout signals`: what changed between two snapshots of a list."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from panout.cli.voice import aside, out
from panout.flow import clock
from panout.flow.snapshots import snapshot_changes, write_changes
from panout.kernel.signals import signal_type
from panout.signals.detectors.snapshot import Thresholds

app = typer.Typer(no_args_is_help=True, help="Find what changed between two snapshots of a list.")


@app.callback()
def signals() -> None:
    """Find what changed between two snapshots of a list."""


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="The earlier snapshot.")],
    new: Annotated[Path, typer.Argument(help="The later snapshot of the same list.")],
    to: Annotated[Path, typer.Option("--out", help="The file to write: .csv or .parquet.")],
    on: Annotated[
        dt.datetime | None,
        typer.Option(
            "--date",
            formats=["%Y-%m-%d"],
            help="Dates the signals; by default a date in NEW's name, or today.",
        ),
    ] = None,
    people: Annotated[int, typer.Option(help="A team has changed by so many people at least ...")] = 3,
    percent: Annotated[int, typer.Option(help="... and by so many per cent.")] = 20,
) -> None:
    """Write what changed from OLD to NEW as signals, ready for `panout pan --signals`.

    Only a change from one known value to another counts. The same snapshot twice gives no signal.
    """
    day = on.date() if on else date_in(new.name) or clock.now().date()
    table = snapshot_changes(old, new, on=day, thresholds=Thresholds(people, percent))
    write_changes(table, to)
    for kind, many in sorted(Counter(table["type"].to_pylist()).items()):
        out.print(f"{many:8,}  {kind}: {signal_type(kind).label}")
    aside.print(f"{table.num_rows:,} signals of {day} written to {to}")


def date_in(name: str) -> dt.date | None:
    """The day that a file's name bears: companies-2022-04-02.jsonl.gz."""
    for found in re.findall(r"\d{4}-\d{2}-\d{2}", name):
        try:
            return dt.date.fromisoformat(found)
        except ValueError:
            continue
    return None
