"""`panout criteria`: what a text in the language for "who" means, in English and in SQL."""

from __future__ import annotations

import datetime as dt
import json
from typing import Annotated

import typer
from rich.text import Text

from panout.cli.voice import aside, out
from panout.criteria.contradiction import contradictions
from panout.criteria.dialects import DIALECTS
from panout.criteria.errors import CriteriaError
from panout.criteria.explain import sentence
from panout.criteria.parse import parse
from panout.criteria.sql import condition
from panout.criteria.tree import fields
from panout.flow import clock
from panout.kernel.errors import BadInput

app = typer.Typer(no_args_is_help=True, help="The language for 'who': explain and check a text.")


@app.callback()
def criteria() -> None:
    """The language for "who": explain and check a text."""


@app.command()
def explain(
    text: Annotated[str, typer.Argument(help="A criterion, such as: employees >= 50 and signal('hiring')")],
    sql: Annotated[str, typer.Option(help="Also show the SQL for duckdb, spark or postgresql.")] = "",
    as_of: Annotated[dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="The day asked.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Answer in JSON.")] = False,
) -> None:
    """Say in plain English whom a criterion means, what it rests on, and what in it cannot be."""
    if sql and sql not in DIALECTS:
        raise BadInput(f"There is no SQL for '{sql}'.", where="--sql", mend=f"Say {', '.join(DIALECTS)}.")
    try:
        tree = parse(text)
    except CriteriaError as error:
        aside.print(Text(error.picture), soft_wrap=True)
        raise
    day = as_of.date() if as_of else clock.today()
    meaning = sentence(tree)
    warnings = contradictions(tree, day)
    statement = condition(tree, DIALECTS[sql], day) if sql else None
    if as_json:
        answer = {
            "text": str(tree),
            "meaning": meaning,
            "rests_on": fields(tree),
            "warnings": warnings,
            "as_of": day.isoformat(),
            "sql": statement,
        }
        typer.echo(json.dumps(answer, ensure_ascii=False, indent=2))
        return
    out.print(Text(meaning, style="bold"))
    out.print()
    out.print(Text.assemble(("written plainly  ", "dim"), str(tree)), soft_wrap=True)
    out.print(Text.assemble(("rests on         ", "dim"), ", ".join(fields(tree))))
    for warning in warnings:
        out.print(Text.assemble(("warning          ", "yellow"), warning), soft_wrap=True)
    if statement:
        out.print(Text.assemble((f"{sql}\n", "dim"), statement), soft_wrap=True)
