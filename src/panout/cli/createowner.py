"""`panout createowner`: the first user, for who would rather not do it on the first page."""

from __future__ import annotations

from typing import Annotated

import typer

from panout.cli.voice import out
from panout.flow import clock, database

app = typer.Typer()


@app.command()
def createowner(
    email: Annotated[str, typer.Argument(help="What the owner signs in with.")],
    name: Annotated[str, typer.Option(prompt=True, help="The owner's name.")],
    password: Annotated[
        str,
        typer.Option(prompt=True, hide_input=True, confirmation_prompt=True, envvar="PANOUT_OWNER_PASSWORD"),
    ],
    zone: Annotated[str, typer.Option(help="The owner's IANA time zone.")] = "UTC",
) -> None:
    """Make the owner of a new workspace. Refused when it has one."""
    with database.up():
        database.migrate()
        from panout.flow.workspace import stock
        from panout.team.actions import create_owner
        from panout.team.queries import member

        now = clock.now()
        stock(member(create_owner(name, email, password, zone, now)).person, now)
    out.print(f"{email} owns this workspace and can sign in.")
