"""`panout play`: Panout under a clock that somebody else plays. The sandbox starts it."""

from __future__ import annotations

import json
import os
import secrets
import signal
import sys
from threading import Thread
from typing import Annotated

import typer

from panout.cli import stopping
from panout.flow import clock, database
from panout.kernel.errors import BadInput

app = typer.Typer()
OWNER = "rep@panout.test"


@app.command()
def play(
    port: Annotated[int, typer.Option(help="The port of the pages and the API.")],
    door: Annotated[int, typer.Option(help="The port of the SMTP door for answers.")],
    email: Annotated[str, typer.Option(help="As whom the owner signs in.")] = OWNER,
    password: Annotated[str, typer.Option(envvar="PANOUT_OWNER_PASSWORD")] = "",
    until_stdin_ends: Annotated[
        bool, typer.Option(help="End with whoever holds the standard input, however they end.")
    ] = False,
) -> None:
    """Serve a fresh workspace, and say where in one JSON line."""
    if not clock.is_played():
        raise BadInput("No clock is played.", where="PANOUT_CLOCK", mend="This command is for the sandbox.")
    os.environ.setdefault("PANOUT_LOG_LEVEL", "ERROR")
    if until_stdin_ends:
        Thread(target=_end_with_stdin, daemon=True).start()
    with database.up(database.THROW_AWAY):
        database.migrate()
        from panout.cadence.actions import load_presets
        from panout.flow.door import open_door
        from panout.flow.serving import play_pages, show_pages
        from panout.team.actions import create_owner
        from panout.team.queries import people
        from panout.team.rules import SYSTEM
        from panout.team.tokens import token_for

        now = clock.now()
        if not people():
            create_owner("Robin Rep", email, password or secrets.token_urlsafe(12), "Europe/London", now)
        load_presets(SYSTEM, now)
        owner = next(one for one in people() if one.email == email)
        taking = open_door("127.0.0.1", door, clock.now)
        try:
            token = token_for(owner.id)
            if clock.pace():
                show_pages(port, lambda: _tell(port, token))
            else:
                play_pages(port, lambda: _tell(port, token), stopping.look)
        finally:
            taking.stop()


def _end_with_stdin() -> None:
    """A sandbox that is killed cannot tell us to stop; its end of the pipe closes all the same."""
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _tell(port: int, token: str) -> None:
    sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{port}", "token": token}) + "\n")
    sys.stdout.flush()
