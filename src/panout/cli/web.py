"""`panout web`: the pages alone, for who runs the worker elsewhere."""

from __future__ import annotations

from typing import Annotated

import typer

from panout.flow import database
from panout.flow.serving import Address
from panout.flow.serving import web as serve_pages

app = typer.Typer()


@app.command()
def web(
    host: Annotated[str, typer.Option(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="The port to listen on.")] = 8000,
    threads: Annotated[int, typer.Option(help="Pages answered at a time.")] = 8,
) -> None:
    """Serve the pages until told to stop."""
    database.prepare()
    serve_pages(Address(host, port), threads)
