"""`panout resolve`: find the rows that are one person or one company."""

from __future__ import annotations

import time
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

# Typer carries its own copy of Click and exports no name for this one.
from typer._click import Context
from typer.core import TyperGroup

from panout.cli.voice import aside, out
from panout.flow.resolve import Found, prepare_book, resolve_lists
from panout.flow.undoing import undo
from panout.sources.files.lists import load_mapping


class ListsFirst(TyperGroup):
    """`panout resolve LIST...` needs no further word; `prepare` and `undo` are (a list of that name: ./undo)."""

    def parse_args(self, ctx: Context, args: list[str]) -> list[str]:
        named = bool(args) and args[0] in self.commands
        return super().parse_args(ctx, args if named else ["lists", *args])


app = typer.Typer(cls=ListsFirst, pretty_exceptions_enable=False, add_completion=False)


class KindName(StrEnum):
    """What the rows are."""

    PEOPLE = "people"
    COMPANIES = "companies"


class EngineName(StrEnum):
    """What the steps run on."""

    DUCKDB = "duckdb"
    SPARK = "spark"


@app.command("lists")
def resolve(
    lists: Annotated[
        list[Path],
        typer.Argument(metavar="LIST...", help="Lists: CSV, TSV, XLSX, JSON lines, Parquet; also gzipped."),
    ],
    kind: Annotated[KindName, typer.Option(help="What is to be found: people or companies.")],
    against: Annotated[
        Path | None,
        typer.Option(
            metavar="BOOK",
            help="What is known already: what `panout resolve prepare` wrote, a folder that pan wrote, or a list.",
        ),
    ] = None,
    out_: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where the files go; an earlier run is replaced.")
    ] = Path("panout-resolved"),
    engine: Annotated[
        EngineName, typer.Option(help="DuckDB in this process, or Spark (extra panout\\[spark]).")
    ] = EngineName.DUCKDB,
    master: Annotated[
        str, typer.Option(metavar="URL", help="The Spark master; local\\[2] if not given.")
    ] = "",
    labels: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", help="Pairs that people have judged, for instance an answered review.csv."
        ),
    ] = None,
    map_: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE", help="Your own header: field pairs (YAML or JSON)."),
    ] = None,
    merge: Annotated[float, typer.Option(help="Join at this probability and above.")] = 0.99,
    review: Annotated[float, typer.Option(help="Ask a person at this probability and above.")] = 0.90,
    learn: Annotated[
        bool, typer.Option(help="Learn the weights from the list itself when it is long enough.")
    ] = True,
) -> None:
    """Find the rows that are one person or one company, with the reasons for each pair.

    Writes clusters.csv (file, row, cluster), pairs.parquet (pair, probability, decision, reasons), review.csv
    (the doubtful pairs side by side) and summary.json. survivors.parquet says which row each field of a merged record
    was taken from. `panout resolve prepare BOOK` makes a book ready, so that linking lists to it takes seconds;
    `panout resolve undo DIR FILE ROW` takes a row out of its cluster again.
    """
    show(
        resolve_lists(
            lists,
            kind=kind.value,
            against=against,
            out=out_,
            engine=engine.value,
            master=master,
            labels=labels,
            mapping=load_mapping(map_) if map_ else None,
            merge=merge,
            review=review,
            learn=learn,
            progress=_clock(),
        )
    )


def show(found: Found) -> None:
    """The counts that matter, and where the files are."""
    told = found.summary
    rows, pairs = told["rows"], told["pairs"]
    if isinstance(rows, dict) and isinstance(pairs, dict):
        out.print(
            f"[bold]{rows['read']:,}[/] rows are [bold]{told['clusters']:,}[/] {told['kind']}; "
            f"{pairs['review']:,} pairs are for you to judge."
        )
    out.print(f"Clusters {escape(str(found.folder / 'clusters.csv'))}")
    out.print(f"Review   {escape(str(found.folder / 'review.csv'))}")


@app.command("prepare")
def prepare(
    book: Annotated[Path, typer.Argument(metavar="BOOK", help="A list, or a folder that pan wrote.")],
    kind: Annotated[KindName, typer.Option(help="What it holds: people or companies.")],
    out_: Annotated[
        Path, typer.Option("--out", metavar="DIR", help="Where it goes; an earlier one is replaced.")
    ] = Path("panout-book"),
    map_: Annotated[
        Path | None,
        typer.Option("--map", metavar="FILE", help="Your own header: field pairs (YAML or JSON)."),
    ] = None,
    learn: Annotated[
        bool, typer.Option(help="Learn the weights from the book itself when it is long enough.")
    ] = True,
) -> None:
    """Make a book ready for --against: its evidence, keys and weights are kept, so that a list is linked to it by
    reading only what it touches."""
    rows = prepare_book(
        book,
        kind=kind.value,
        out=out_,
        mapping=load_mapping(map_) if map_ else None,
        learn=learn,
        progress=_clock(),
    )
    out.print(f"[bold]{rows:,}[/] rows are ready; link lists to them with --against {escape(str(out_))}")


@app.command("undo")
def undo_(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="What `panout resolve` wrote.")],
    file: Annotated[str, typer.Argument(metavar="FILE", help="The list, as clusters.csv names it.")],
    row: Annotated[int, typer.Argument(metavar="ROW", help="Its row, counted from 0 over data rows.")],
) -> None:
    """Take one row out of its cluster again.

    clusters.csv and the surviving records are written anew; that the row is another one is noted in answers.csv, to be
    given as --labels next time.
    """
    done = undo(folder, file, row)
    out.print(
        f"Row {row} of {escape(file)} is cluster [bold]{done.cluster}[/]; the {done.rows_left} it was with are "
        f"[bold]{done.rest}[/]."
    )


def _clock() -> Callable[[str], None]:
    """Tells each stage as it begins, with the seconds that have gone."""
    began = time.monotonic()

    def told(stage: str) -> None:
        aside.print(f"[dim]{time.monotonic() - began:6.1f} s  {escape(stage)}[/]")

    return told
