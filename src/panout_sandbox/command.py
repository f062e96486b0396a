"""`panout sandbox`: work a market of simulated buyers and count what comes of it."""

from __future__ import annotations

import json
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from panout_sandbox import rep, spray, theatre
from panout_sandbox.market import Market, MarketError, load
from panout_sandbox.tally import Tally
from panout_sandbox.theatre import StageError
from panout_sandbox.world import make, ordered_buyers, write_people

app = typer.Typer(no_args_is_help=True, help="A market of simulated buyers. Every figure is a simulation.")
_SHOWN = (
    ("contacts", "target contacts"),
    ("touches", "touches"),
    ("meetings_per_100", "meetings per 100 contacts"),
    ("held_per_100", "held meetings per 100"),
    ("positive_rate", "welcome answers, share"),
    ("complaints_per_100", "complaints per 100"),
    ("bounces_per_100", "bounces per 100"),
    ("opt_outs_per_100", "opt-outs per 100"),
    ("touches_per_meeting", "touches per meeting"),
)


@app.callback()
def _group() -> None:
    """Work a market of simulated buyers."""


@app.command()
def run(
    market: Annotated[Path, typer.Option(help="The market's YAML file, as in examples/markets.")],
    days: Annotated[int, typer.Option(help="Days to play.", min=1, max=365)] = 60,
    seed: Annotated[int, typer.Option(help="The same seed gives the same history.")] = 1,
    policy: Annotated[str, typer.Option(help="panout, spray, or an ICP file for panout to use.")] = "panout",
    as_json: Annotated[bool, typer.Option("--json", help="Print outcomes as JSON.")] = False,
) -> None:
    """Play a market for some days and print the outcomes."""
    try:
        told = load(market)
        tally = work(told, market, days, seed, policy)
    except (MarketError, StageError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2 if isinstance(error, MarketError) else 1) from error
    outcomes = {"market": told.name, "policy": policy, "seed": seed, "days": days, **tally.outcomes()}
    if as_json:
        typer.echo(json.dumps(outcomes, indent=2))
    else:
        _show(outcomes)


@app.command()
def show(
    market: Annotated[Path, typer.Option(help="The market's YAML file.")],
    days: Annotated[int, typer.Option(help="Days to play.", min=1, max=365)] = 90,
    seed: Annotated[int, typer.Option(help="The same seed gives the same market.")] = 1,
    port: Annotated[int, typer.Option(help="The port of the pages.")] = 8000,
    email: Annotated[str, typer.Option(help="As whom to look at them.")] = "demo@panout.example",
    password: Annotated[str, typer.Option(envvar="PANOUT_OWNER_PASSWORD")] = "pan for gold",  # noqa: S107  told to all
) -> None:
    """Play a market live, with pages to watch it on, until Ctrl-C."""
    try:
        told = load(market)
        while True:
            with suppress(rep.StartAnew):
                _shown(told, market, days, seed, theatre.Show(port, email, password))
    except (MarketError, StageError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(2 if isinstance(error, MarketError) else 1) from error


def _shown(told: Market, market: Path, days: int, seed: int, where: theatre.Show) -> None:
    def ready() -> None:
        Console().print(
            f"[green]Open[/] [bold]http://127.0.0.1:{where.port}[/] and press 'Look around'"
            f" (or sign in as {where.email}, password: {where.password}). Ctrl-C ends it."
        )

    rep.show(make(told, seed, days), seed, days, market.parent / told.icp, where, ready)


def work(market: Market, path: Path, days: int, seed: int, policy: str) -> Tally:
    """The tally of one play."""
    world = make(market, seed, days)
    capacity = spray.Capacity()
    if policy == "spray":
        with tempfile.TemporaryDirectory() as folder:
            people = Path(folder) / "people.csv"
            write_people(world, people, seed)
            return spray.run(world, seed, ordered_buyers(world, people), days, capacity)
    icp = path.parent / market.icp if policy == "panout" else Path(policy)
    if not icp.exists():
        raise MarketError(f"{icp} is no policy: use panout, spray, or the path of an ICP file")
    return rep.play(world, seed, days, capacity, icp)


def _show(outcomes: dict[str, object]) -> None:
    table = Table(title=f"{outcomes['market']}: {outcomes['policy']}, seed {outcomes['seed']} (a simulation)")
    table.add_column("outcome")
    table.add_column("figure", justify="right")
    for key, label in _SHOWN:
        table.add_row(label, str(outcomes[key]))
    Console().print(table)
    answers = outcomes["replies_by_class"]
    if isinstance(answers, dict):
        Console().print("answers: " + ", ".join(f"{name} {count}" for name, count in answers.items()))
