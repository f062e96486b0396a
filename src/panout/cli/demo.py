"""`panout demo`: the main job on the example lists, from a fresh checkout, with nothing else running."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from panout.cli.pan import Watching, show
from panout.flow.pan import pan
from panout.kernel.errors import NotFound

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)

EXAMPLES = Path(__file__).parents[3] / "examples"

# The day on which the example lists were "exported": on any other day their signals would be stale.
AS_OF = date(2026, 11, 20)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the files go.")] = Path("demo-out"),
    headless: Annotated[  # noqa: ARG001 - there is nothing to open yet; scripts may already say it
        bool, typer.Option("--headless", help="Open nothing; print and leave.")
    ] = False,
) -> None:
    """Work the example market: messy lists in, ranked and explained prospects out."""
    folder = EXAMPLES / "lists"
    lists = [folder / name for name in ("people.csv", "companies.csv", "attendees.jsonl")]
    if not all(path.exists() for path in lists):
        raise NotFound("the example lists are not here", where=str(folder), mend="Run from a checkout.")
    with Watching() as progress:
        result = pan(
            lists,
            EXAMPLES / "icp" / "b2b-software.yaml",
            as_of=AS_OF,
            previous=[folder / "companies-previous.csv"],
            signals=folder / "signals.csv",
            out=out,
            progress=progress,
        )
    show(result)
