"""`panout password`: a link to choose a new password, for who is locked out and has no admin to ask."""

from __future__ import annotations

from typing import Annotated

import typer

from panout.cli.voice import out
from panout.flow import clock, database
from panout.kernel.errors import NotFound

app = typer.Typer()


@app.command()
def password(
    email: Annotated[str, typer.Argument(help="What they sign in with.")],
    choose: Annotated[
        bool, typer.Option("--type", help="Type the new password here, instead of printing a link.")
    ] = False,
) -> None:
    """Print a link that lets EMAIL choose a new password, once, for a day. It stands in the ledger."""
    with database.up():
        database.migrate()
        from django.conf import settings

        from panout.team.actions import choose_password, make_password_link
        from panout.team.queries import people
        from panout.team.rules import SYSTEM

        found = next((one for one in people() if one.email.lower() == email.strip().lower()), None)
        if found is None:
            raise NotFound(f"Nobody signs in as {email}.", mend="`panout createowner` makes the first user.")
        secret = make_password_link(SYSTEM, found.id, "command line", clock.now())
        if choose:
            typed = typer.prompt("New password", hide_input=True, confirmation_prompt=True)
            choose_password(secret, typed, clock.now())
            out.print(f"{found.email} can sign in with the new password.")
        else:
            out.print(f"{settings.URL.rstrip('/')}/password/{secret}", soft_wrap=True)
