"""`panout demo`: the main job on the example lists; then a market played live, or both ways and judged."""

from __future__ import annotations

import json
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from panout.cli import stopping
from panout.cli.pan import Watching, show
from panout.cli.voice import out as out_loud
from panout.flow.pan import pan
from panout.kernel.errors import NotFound, Unavailable

app = typer.Typer(pretty_exceptions_enable=False, add_completion=False)

EXAMPLES = Path(__file__).parents[3] / "examples"

# The day on which the example lists were "exported": on any other day their signals would be stale.
AS_OF = date(2026, 11, 20)
_SHOWN = (
    ("contacts", "people touched"),
    ("meetings_per_100", "meetings per 100"),
    ("complaints_per_100", "complaints per 100"),
    ("touches_per_meeting", "touches a meeting"),
)


@app.command()
def demo(
    out: Annotated[Path, typer.Option(metavar="DIR", help="Where the files go.")] = Path("demo-out"),
    headless: Annotated[bool, typer.Option("--headless", help="Serve nothing; print and leave.")] = False,
    days: Annotated[int, typer.Option(help="Days of the market to play.", min=1, max=365)] = 10,
    seed: Annotated[int, typer.Option(help="The same seed gives the same market.")] = 1,
    port: Annotated[int, typer.Option(help="The port of the application.")] = 8000,
) -> None:
    """Work the example lists; then a market is played live, or with --headless both ways, and judged."""
    folder = EXAMPLES / "lists"
    lists = [folder / name for name in ("people.csv", "companies.csv", "attendees.jsonl")]
    if not all(path.exists() for path in lists):
        raise NotFound("the example lists are not here", where=str(folder), mend="Run from a checkout.")
    with Watching() as progress:
        result = pan(
            lists,
            EXAMPLES / "icp" / "b2b-software.yaml",
            as_of=AS_OF,
            previous=[folder / "companies-previous.csv"],
            signals=folder / "signals.csv",
            out=out,
            progress=progress,
        )
    show(result)
    if headless:
        _market(days, seed)
    else:
        _live(seed, port)


def _live(seed: int, port: int) -> None:
    """A market played in fast time, and the pages to watch it on, until Ctrl-C. The sandbox is its own program."""
    out_loud.print("\nNow a market is played live, in fast time. The pages open in about half a minute ...")
    market = EXAMPLES / "markets" / "data-tools.yaml"
    words = ["sandbox", "show", "--market", str(market), "--seed", str(seed), "--port", str(port)]
    player = subprocess.Popen([sys.executable, "-m", "panout", *words])  # noqa: S603  our own command
    code = None
    while code is None:
        try:
            code = player.wait()
        except KeyboardInterrupt:  # Ctrl-C reached the player too, who ends the play
            if stopping.alone():
                player.terminate()
    raise typer.Exit(0 if code in {0, 130} else code)


def _market(days: int, seed: int) -> None:
    """Both policies on the same market. The sandbox is a program of its own: it may not see inside."""
    table = Table(title=f"A market in a box, {days} days, seed {seed} (a simulation)")
    for heading in ("outcome", "spray", "Panout"):
        table.add_column(heading, justify="left" if heading == "outcome" else "right")
    outcomes = {policy: _played(policy, days, seed) for policy in ("spray", "panout")}
    for key, label in _SHOWN:
        table.add_row(label, *(str(outcomes[policy][key]) for policy in ("spray", "panout")))
    Console().print(table)


def _played(policy: str, days: int, seed: int) -> dict[str, object]:
    market = EXAMPLES / "markets" / "data-tools.yaml"
    words = ["sandbox", "run", "--market", str(market), "--days", str(days), "--seed", str(seed)]
    done = subprocess.run(  # noqa: S603  our own command
        [sys.executable, "-m", "panout", *words, "--policy", policy, "--json"],
        check=False,
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise Unavailable("The market could not be played.", where=policy, mend=done.stderr.strip()[-300:])
    told: dict[str, object] = json.loads(done.stdout)
    return told
