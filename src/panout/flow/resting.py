"""A process that is told to end puts long work down at its next step, for whoever comes after."""

from __future__ import annotations

import threading

_resting = threading.Event()


class Rest(Exception):
    """This process is about to end."""


def rest() -> None:
    """Say that this process is about to end."""
    _resting.set()


def go_on() -> None:
    """Raise Rest when the process is about to end; long work asks at each word of progress."""
    if _resting.is_set():
        raise Rest
