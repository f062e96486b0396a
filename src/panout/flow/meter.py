"""What a stage costs: seconds, and the most memory that this process and its children held meanwhile."""

from __future__ import annotations

import os
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

_PAGE = os.sysconf("SC_PAGE_SIZE") if hasattr(os, "sysconf") else 4096
_PROC = Path("/proc")


@dataclass(frozen=True, slots=True)
class Cost:
    """`peak_bytes` is 0 where the system does not tell (it is read from Linux's /proc)."""

    seconds: float
    peak_bytes: int


class Meter:
    """Measures the `with` block it stands over; `cost` is there when the block has ended.

    The kernel keeps the high-water mark of a process and lets it be reset, so the figure for this process
    is exact. Children (a Spark JVM, worker processes) are looked at ten times a second and added.
    """

    def __enter__(self) -> Self:
        self.cost = Cost(0, 0)
        self._children = 0
        self._done = threading.Event()
        # 5 resets the high-water mark; see proc(5). Where it is refused, the mark of the whole run stays.
        with suppress(OSError):
            (_PROC / "self/clear_refs").write_text("5")
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()
        self._began = time.perf_counter()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        seconds = time.perf_counter() - self._began
        self._done.set()
        self._watch.join()
        self.cost = Cost(seconds, _high_water() + self._children)

    def _look(self) -> None:
        while not self._done.wait(0.1):
            self._children = max(self._children, sum(_resident(child) for child in _descendants()))


def _high_water() -> int:
    with suppress(OSError, ValueError):
        for line in (_PROC / "self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0


def _resident(process: int) -> int:
    with suppress(OSError, ValueError, IndexError):
        # The third figure is what it shares with others: a forked worker must not be counted twice.
        _, resident, shared, *_ = (_PROC / str(process) / "statm").read_text().split()
        return (int(resident) - int(shared)) * _PAGE
    return 0


def _descendants() -> list[int]:
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting:
        for task in _folders(_PROC / str(waiting.pop()) / "task"):
            with suppress(OSError):
                children = [int(child) for child in (task / "children").read_text().split()]
                found += children
                waiting += children
    return found


def _folders(path: Path) -> list[Path]:
    try:
        return list(path.iterdir())
    except OSError:
        return []
