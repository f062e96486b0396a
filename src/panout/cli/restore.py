"""`panout restore`: a workspace back from its backup."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from panout.cli.voice import out
from panout.flow import database, keeping

app = typer.Typer()


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A file that `panout backup` wrote.")],
    replace: Annotated[bool, typer.Option("--replace", help="Even if this workspace is in use.")] = False,
) -> None:
    """Bring back what FILE holds, all or nothing; its tables are brought up to date. Stop `serve` first."""
    with database.up():
        made = keeping.restore(file, replace=replace)
    out.print(f"Restored from {escape(str(file))} (made by {escape(made)}).")
