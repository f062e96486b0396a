"""`panout mail`: reading incoming mail and testing mailboxes."""

from __future__ import annotations

import typer

from panout.cli.mail_classify import classify

app = typer.Typer(no_args_is_help=True, help="Understand incoming mail.")
app.command("classify")(classify)


@app.callback()
def _group() -> None:
    """Understand incoming mail, and test mailboxes."""
