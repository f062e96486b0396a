"""`panout serve`: the whole application on this machine, until Ctrl-C."""

from __future__ import annotations

from typing import Annotated

import typer

from panout.cli.voice import aside
from panout.flow import database
from panout.flow.serving import Address
from panout.flow.serving import serve as serve_both

app = typer.Typer()


@app.command()
def serve(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8000,
) -> None:
    """Serve the pages and do the background work, with a database of our own unless DATABASE_URL is set."""
    database.prepare()
    raise typer.Exit(serve_both(Address(host, port), _say))


def _say(address: Address) -> None:
    aside.print(f"[green]Panout is at[/] [bold]{address.url}[/]   (Ctrl-C stops it)")
