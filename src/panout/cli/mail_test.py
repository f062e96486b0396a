"""`panout mail test`: does a connected account's mail get out and in? Sends nothing."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.markup import escape

from panout.cli.voice import out
from panout.flow import clock, database
from panout.mailbox.connection import ConnectionReport, Leg


def try_account(
    account: Annotated[str, typer.Argument(help="The sender's address, or the account's number.")],
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Sign in to an account's servers and say at which stage they stop, and why. Exit code 1 when they do."""
    with database.up():
        # Tables can be imported only once Django was set up, which `up` does.
        from panout.flow.sending import try_stored_account
        from panout.mailbox.queries import account_named

        report = try_stored_account(account_named(account), clock.now())
    legs = [("outgoing", report.outgoing)] + ([("incoming", report.incoming)] if report.incoming else [])
    if as_json:
        typer.echo(json.dumps(report_record(report), indent=2))
    else:
        for name, leg in legs:
            _show(name, leg)
    raise typer.Exit(0 if report.ok else 1)


def report_record(report: ConnectionReport) -> dict[str, object]:
    """The JSON form."""
    return {
        "ok": report.ok,
        "outgoing": _leg(report.outgoing),
        "incoming": _leg(report.incoming) if report.incoming else None,
    }


def _leg(leg: Leg) -> dict[str, object]:
    failure = leg.failure
    return {
        "server": leg.server,
        "ok": leg.ok,
        "note": leg.note,
        "stage": failure.stage if failure else None,
        "kind": failure.kind if failure else None,
        "what": failure.what if failure else None,
        "said": failure.said if failure else None,
        "mend": failure.mend if failure else None,
    }


def _show(name: str, leg: Leg) -> None:
    if leg.failure is None:
        out.print(f"[green]works[/]  {name}  {escape(leg.server)}  [dim]{escape(leg.note)}[/]")
        return
    failure = leg.failure
    out.print(
        f"[bold red]stops[/]  {name}  {escape(leg.server)}  while {failure.stage}: {escape(failure.what)}"
    )
    if failure.said:
        out.print(f"       [dim]{escape(failure.said)}[/]")
    out.print(f"[green]mend[/]   {escape(failure.mend)}")
