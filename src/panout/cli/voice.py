"""How the command line speaks: tables and answers on stdout, progress and complaints on stderr."""

from __future__ import annotations

import sys

from rich.console import Console
from rich.markup import escape

from panout.kernel.errors import PanoutError

out = Console(highlight=False)
aside = Console(stderr=True, highlight=False)


def complain(error: PanoutError) -> None:
    """What went wrong, where, and the mend, on stderr; plain lines when nobody watches a terminal."""
    if not aside.is_terminal:
        sys.stderr.write(f"error: {error}\n")
        return
    place = f"[dim]{escape(error.where)}:[/] " if error.where else ""
    aside.print(f"[bold red]error[/] {place}{escape(error.what)}")
    if error.mend:
        aside.print(f"[green]mend[/]  {escape(error.mend)}")
