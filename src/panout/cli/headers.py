"""`panout headers FILE`: what each column of a list would be taken for, and how sure that is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from panout.sources.files.lists import HeaderGuess, guess_headers, load_mapping

_SURE, _LIKELY = 0.9, 0.7

app = typer.Typer()


@app.command()
def headers(
    file: Annotated[Path, typer.Argument(help="A list: CSV, TSV, XLSX, JSON lines or Parquet, also as .gz.")],
    mapping: Annotated[
        Path | None,
        typer.Option("--map", help="YAML or JSON file: header -> field, or null to keep it as it is."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the guess as JSON.")] = False,
) -> None:
    """Show what each column of a list would be taken for, with confidence; nothing is written.

    Correct it with a mapping file (`--map`), here and in `panout pan`.
    """
    guess = guess_headers(file, load_mapping(mapping) if mapping else None)
    if as_json:
        typer.echo(json.dumps(_document(guess), ensure_ascii=False, indent=2))
        return
    console = Console()
    console.print(_table(guess))
    for note in guess.notes:
        console.print(f"[yellow]{note.reason}[/yellow]")


def _document(guess: HeaderGuess) -> dict[str, object]:
    columns = [
        {"header": c.header, "field": c.field, "confidence": c.confidence, "how": c.how, "example": example}
        for c, example in zip(guess.columns, guess.examples, strict=True)
    ]
    return {"file": guess.file, "format": guess.format, "columns": columns}


def _table(guess: HeaderGuess) -> Table:
    table = Table(title=f"{guess.file} ({guess.format})", title_justify="left")
    for name in ("header", "field", "confidence", "how", "example"):
        table.add_column(name, justify="right" if name == "confidence" else "left", overflow="fold")
    for column, example in zip(guess.columns, guess.examples, strict=True):
        colour = (
            "green" if column.confidence >= _SURE else "yellow" if column.confidence >= _LIKELY else "red"
        )
        field = f"[{colour}]{column.field}[/{colour}]" if column.field else "[dim]custom[/dim]"
        sure = f"{column.confidence:.0%}" if column.field else ""
        table.add_row(_plain(column.header), field, sure, _plain(column.how), _plain(example[:40]))
    return table


def _plain(text: str) -> str:
    return text.replace("[", "\\[").replace("\x1b", "")
