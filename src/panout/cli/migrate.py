"""`panout migrate`: brings the tables up to date."""

from __future__ import annotations

import typer

from panout.cli.voice import out
from panout.flow import database

app = typer.Typer()


@app.command()
def migrate() -> None:
    """Apply what waits. Safe to repeat; `panout serve` does it by itself."""
    with database.up():
        applied = database.migrate()
    for name in applied:
        out.print(f"applied {name}")
    out.print("The tables are up to date.")
