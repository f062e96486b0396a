"""So that `python -m panout` is the command `panout`."""

from __future__ import annotations

from panout.cli.main import run

run()
