"""`panout icp`: is this file a profile, what changed since the last one, and what may one say?"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from panout.cli.voice import aside, out
from panout.icp.rules.differences import differences
from panout.icp.rules.reading import IcpError, Reading, read_icp
from panout.icp.rules.shape import schema_text
from panout.icp.rules.source import Problem
from panout.kernel.errors import BadInput

app = typer.Typer(
    no_args_is_help=True, help="Check an ideal customer profile, compare two, or print the schema."
)


@app.command()
def check(
    file: Annotated[Path, typer.Argument(help="The profile, a YAML file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Answer for machines.")] = False,
) -> None:
    """Say whether FILE is a profile, or everything that is wrong with it by line and column."""
    try:
        reading = read_icp(icp_text(file), str(file))
    except IcpError as error:
        if as_json:
            out.print_json(json.dumps({"file": str(file), "valid": False, "errors": _listed(error.faults)}))
        else:
            for fault in error.faults:
                aside.print(f"{escape(str(file))}:{escape(str(fault))}", soft_wrap=True)
        raise typer.Exit(2) from error
    if as_json:
        summary = {"file": str(file), "valid": True, "errors": [], "warnings": _listed(reading.warnings)}
        out.print_json(json.dumps(summary | _summary(reading)))
        return
    for warning in reading.warnings:
        aside.print(f"[yellow]warning[/] {escape(str(file))}:{escape(str(warning))}", soft_wrap=True)
    _show(file, reading)


@app.command()
def diff(
    old: Annotated[Path, typer.Argument(help="The earlier version, a YAML file.")],
    new: Annotated[Path, typer.Argument(help="The later version, a YAML file.")],
    as_json: Annotated[bool, typer.Option("--json", help="Answer for machines.")] = False,
) -> None:
    """Say in words what changed between two versions of a profile, and the reasons that NEW gives for it."""
    before, after = (read_icp(icp_text(file), str(file)).icp for file in (old, new))
    found = differences(before, after)
    since = [change for change in after.changes if change.version > before.version]
    if as_json:
        lines = [{"part": one.part, "text": one.text} for one in found]
        reasons = [
            {"version": one.version, "on": one.on.isoformat(), "by": one.by, "why": one.why} for one in since
        ]
        versions = {"old": before.version, "new": after.version}
        out.print_json(json.dumps(versions | {"differences": lines, "reasons": reasons}))
        return
    out.print(f"[bold]{escape(after.name)}[/], version {before.version} to {after.version}")
    if not found:
        out.print("  They ask the same and judge the same.")
    part = ""
    for one in found:
        if one.part != part:
            part = one.part
            out.print(f"[bold]{part}[/]")
        out.print(f"  {escape(one.text)}", soft_wrap=True)
    for change in since:
        why = f"  version {change.version}, {change.on.isoformat()}, {change.by}: {change.why}"
        out.print(escape(why), soft_wrap=True)
    if found and after.version <= before.version:
        aside.print(
            f"[yellow]warning[/] {escape(str(new))}: it differs, but its version is still {after.version}"
        )


@app.command()
def schema() -> None:
    """Print the JSON Schema of a profile, for editors."""
    typer.echo(schema_text(), nl=False)


def icp_text(file: Path) -> str:
    """The text of a profile's file. Raises BadInput where there is none to read."""
    try:
        # A little more than the reader takes is enough for it to refuse; a disk image is not read whole.
        with file.open("rb") as stream:
            return stream.read(2 * 1024 * 1024).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(
            "this is not UTF-8 text.", where=str(file), mend="Save the profile as UTF-8."
        ) from error
    except OSError as error:
        raise BadInput(
            f"cannot read it: {error.strerror or error}.",
            where=str(file),
            mend="Give the path of an ICP file.",
        ) from error


def _listed(faults: tuple[Problem, ...]) -> list[dict[str, str | int]]:
    return [
        {"line": fault.line, "column": fault.column, "what": fault.what, "mend": fault.mend}
        for fault in faults
    ]


def _summary(reading: Reading) -> dict[str, str | int]:
    icp = reading.icp
    return {
        "name": icp.name,
        "version": icp.version,
        "review": icp.review.isoformat(),
        "audience": icp.audience,
        "fit_rules": len(icp.fit),
        "disqualifiers": len(icp.disqualifiers),
        "problems": len(icp.problems),
        "roles": len(icp.roles),
        "signals": len(icp.signals),
    }


def _show(file: Path, reading: Reading) -> None:
    icp = reading.icp
    out.print(f"[green]ok[/] {escape(str(file))}: [bold]{escape(icp.name)}[/], version {icp.version}")
    out.print(f"  kept by {escape(icp.ae)} (AE) and {escape(icp.sdr)} (SDR), review {icp.review.isoformat()}")
    for rule in icp.fit:
        mark = " (required)" if rule.required else ""
        out.print(f"  {rule.weight:+5g}  {escape(rule.name)}{mark}: {escape(rule.text)}", soft_wrap=True)
    for disqualifier in icp.disqualifiers:
        out.print(
            f"   [red]out[/]  {escape(disqualifier.name)}: {escape(disqualifier.reason)}", soft_wrap=True
        )
    for kind in icp.kinds:
        out.print(
            f"  {kind.weight:5g}  {kind.type}: up to {kind.cap:g}, half-life {kind.half_life:g} days, "
            f"fresh for {kind.fresh} days",
            soft_wrap=True,
        )
