"""Ctrl-C and a container's stop: the same way out, also where a library swallows the first word."""

from __future__ import annotations

import signal
import threading
from types import FrameType
from typing import NoReturn

_asked = threading.Event()
_alone = threading.Event()


def listen() -> None:
    """From here on both signals end the command. A Ctrl-C that the starter shut out (nohup) stays shut out."""
    signal.signal(signal.SIGTERM, _stop)
    if signal.getsignal(signal.SIGINT) is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, _stop)


def look() -> None:
    """Stop if somebody asked. Raises KeyboardInterrupt.

    An interrupt that falls into a callback of C code, or a finaliser, is printed or dropped and never arrives;
    long work therefore looks again between its pieces.
    """
    if _asked.is_set():
        raise KeyboardInterrupt


def alone() -> bool:
    """Whether only this process was told, by a container or `kill`; Ctrl-C reaches its children as well."""
    return _alone.is_set()


def _stop(word: int, _frame: FrameType | None) -> NoReturn:
    _asked.set()
    if word == signal.SIGTERM:
        _alone.set()
    raise KeyboardInterrupt
