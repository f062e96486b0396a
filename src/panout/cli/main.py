"""The command `panout`: loads only the sub-command asked for, and turns errors into exit codes."""

from __future__ import annotations

import sys
from importlib import import_module
from types import MappingProxyType
from typing import NamedTuple

import typer

# Typer carries its own copy of Click and exports no name for these two.
from typer._click import Command, Context
from typer.core import TyperGroup

from panout import __version__
from panout.cli import stopping
from panout.cli.voice import complain
from panout.kernel.errors import BadInput, NotFound, NothingUsable, PanoutError


class Mounted(NamedTuple):
    """Where a sub-command lives, and its line in `panout --help` (told without loading it)."""

    module: str
    about: str


# In the order in which somebody meets them. Each module has an `app` of its own; it is imported when its
# command is asked for, so that `panout pan` never waits for Django nor `panout serve` for DuckDB.
COMMANDS = MappingProxyType(
    {
        "demo": Mounted("panout.cli.demo", "Work the example market and show what comes of it."),
        "serve": Mounted("panout.cli.serve", "The application on this machine: pages and background work."),
        "pan": Mounted("panout.cli.pan", "Messy lists in, ranked and explained prospects out."),
        "headers": Mounted("panout.cli.headers", "Show how a list's columns would be understood."),
        "icp": Mounted(
            "panout.cli.icp", "Check an ideal customer profile, compare two, or print the schema."
        ),
        "criteria": Mounted("panout.cli.criteria", "Explain a text in the language for 'who'."),
        "signals": Mounted("panout.cli.signals", "Find what changed between two snapshots of a list."),
        "mail": Mounted("panout.cli.mail", "Understand incoming mail: bounces, replies, what they ask for."),
        "resolve": Mounted("panout.cli.resolve", "Find the rows that are one person or one company."),
        "domain": Mounted("panout.cli.domain", "Check what a domain's DNS says about its mail."),
        "web": Mounted("panout.cli.web", "The pages alone."),
        "worker": Mounted("panout.cli.worker", "The background work alone."),
        "migrate": Mounted("panout.cli.migrate", "Bring the tables up to date."),
        "createowner": Mounted("panout.cli.createowner", "Make the first user."),
        "password": Mounted("panout.cli.password", "A link to choose a new password, for who forgot it."),
        "token": Mounted("panout.cli.token", "A bearer token for the API."),
        "sandbox": Mounted(
            "panout_sandbox.command", "A market of simulated buyers, to measure and rehearse."
        ),
        "play": Mounted("panout.cli.play", "Panout under a played clock, for the sandbox."),
        "doctor": Mounted("panout.cli.doctor", "Is everything well? Each finding with its mend."),
        "backup": Mounted("panout.cli.backup", "Write the whole workspace to one file."),
        "restore": Mounted("panout.cli.restore", "Bring a workspace back from its backup."),
    }
)


class LazyGroup(TyperGroup):
    """A group whose commands are placeholders until one of them is to run; then that one is imported."""

    def resolve_command(self, ctx: Context, args: list[str]) -> tuple[str | None, Command | None, list[str]]:
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and name in COMMANDS:
            command = typer.main.get_command(import_module(COMMANDS[name].module).app)
            command.name = name
        return name, command, rest


app = typer.Typer(
    cls=LazyGroup,
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    help="[bold]Panout[/]: prospecting that pans out.\n\nSift lists and signals for the accounts worth "
    "writing to now, with the reason for each.",
    epilog="Exit codes: 0 done, 1 could not finish, 2 wrong use (nothing written), 3 no usable row, "
    "130 interrupted.",
)


def _placeholder() -> None:
    """Stands in the list of commands; never runs."""


for _name, _mounted in COMMANDS.items():
    app.command(_name, help=_mounted.about)(_placeholder)


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"panout {__version__}")
        raise typer.Exit


@app.callback()
def main(
    version: bool = typer.Option(False, "--version", callback=_version, is_eager=True, help="Say which."),
) -> None:
    """Options that belong to no sub-command."""


def exit_code(error: PanoutError) -> int:
    """0 done, 1 the world or the machine failed us, 2 wrong use, 3 nothing in the input can be used."""
    match error:
        case NothingUsable():
            return 3
        case BadInput() | NotFound():
            return 2
        case _:
            return 1


def run() -> None:
    """Entry point of the installed command."""
    stopping.listen()
    try:
        app(prog_name="panout")
    except PanoutError as error:
        complain(error)
        sys.exit(exit_code(error))
    except KeyboardInterrupt:
        sys.exit(130)
