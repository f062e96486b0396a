"""`panout doctor`: is the house well? Each finding with its mend."""

from __future__ import annotations

import json
from typing import Annotated

import typer
from rich.markup import escape

from panout.cli.voice import out
from panout.flow import clock, database
from panout.kernel.errors import Unavailable

app = typer.Typer()


@app.command()
def doctor(as_json: Annotated[bool, typer.Option("--json", help="Answer for machines.")] = False) -> None:
    """Look at database, tables, clock, settings, disk and worker. Exit code 1 when something is wrong."""
    database.prepare()
    from panout.flow.health import Finding, examine

    try:
        with database.up():
            findings = list(examine(clock.now()))
    except Unavailable as error:
        findings = [Finding("database", False, error.what, error.mend)]
    if as_json:
        told = [{"name": f.name, "well": f.well, "what": f.what, "mend": f.mend} for f in findings]
        out.print_json(json.dumps(told))
    else:
        for finding in findings:
            mark = "[green]well [/]" if finding.well else "[red]wrong[/]"
            out.print(f"{mark} {finding.name:<11} {escape(finding.what)}", soft_wrap=True)
            if not finding.well:
                out.print(f"      [dim]mend[/]        {escape(finding.mend)}", soft_wrap=True)
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)
