"""`panout resolve`: find the rows that are one person or one company."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from panout.cli.voice import aside, out
from panout.flow.resolve import Found, resolve_lists
from panout.sources.files.lists import load_mapping

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)


class KindName(StrEnum):
    """What the rows are."""

    PEOPLE = "people"
    COMPANIES = "companies"


class EngineName(StrEnum):
    """What the steps run on."""

    DUCKDB = "duckdb"
    SPARK = "spark"


@app.command()
def resolve(
    lists: Annotated[
        list[Path],
        typer.Argument(metavar="LIST...", help="Lists: CSV, TSV, XLSX, JSON lines, Parquet; also gzipped."),
    ],
    kind: Annotated[KindName, typer.Option(help="What is to be found: people or companies.")],
    against: Annotated[
        Path | None,
        typer.Option(metavar="BOOK", help="What is known already: a folder that pan wrote, or a list."),
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
    (the doubtful pairs side by side) and summary.json.
    """
    began = time.monotonic()

    def told(stage: str) -> None:
        aside.print(f"[dim]{time.monotonic() - began:6.1f} s  {escape(stage)}[/]")

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
            progress=told,
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
