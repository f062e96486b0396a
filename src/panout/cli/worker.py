"""`panout worker`: the background work alone. Any number may run; rows are claimed, so none is done twice."""

from __future__ import annotations

import typer

from panout.flow import database
from panout.flow.serving import worker as work

app = typer.Typer()


@app.command()
def worker() -> None:
    """Do background work until told to stop; what is at hand is finished first."""
    database.prepare()
    # Rooms can be loaded only once Django is set up.
    from panout.flow.listening import listening

    work(listening)
