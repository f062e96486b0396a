"""`panout backup`: the whole workspace to one file."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from panout.cli.voice import out
from panout.flow import clock, database, keeping

app = typer.Typer()


@app.command()
def backup(file: Annotated[Path, typer.Argument(help="The file to write; it must not exist.")]) -> None:
    """Write everything to FILE while Panout runs on. It holds the secret key: keep it as you keep keys."""
    with database.up():
        size = keeping.backup(file, clock.now())
    out.print(f"{escape(str(file))}: {size / 1024**2:.1f} MB")
