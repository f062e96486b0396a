"""`panout mail`: reading incoming mail and testing mailboxes."""

from __future__ import annotations

import typer

from panout.cli.mail_classify import classify
from panout.cli.mail_test import try_account

app = typer.Typer(no_args_is_help=True, help="Understand incoming mail.")
app.command("classify")(classify)
app.command("test")(try_account)


@app.callback()
def _group() -> None:
    """Understand incoming mail, and test mailboxes."""
