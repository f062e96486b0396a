"""`panout token`: a bearer token for the API."""

from __future__ import annotations

from typing import Annotated

import typer

from panout.cli.voice import out
from panout.flow import database
from panout.kernel.errors import NotFound

app = typer.Typer()


@app.command()
def token(email: Annotated[str, typer.Argument(help="Whose rights the bearer has.")]) -> None:
    """Print a token for the API, good for ninety days."""
    with database.up():
        from panout.team.queries import people
        from panout.team.tokens import token_for

        user = next((one for one in people() if one.email.lower() == email.lower()), None)
        if user is None:
            raise NotFound(f"Nobody signs in as {email}.")
        out.print(token_for(user.id))
