"""An iterator that works ahead: the next piece is being made while the last one is used."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from queue import Queue
from threading import Event, Thread
from typing import TypeVar

Item = TypeVar("Item")


def ahead(items: Iterable[Item], pieces: int = 1) -> Iterator[Item]:
    """The same items, made in a thread of its own, at most `pieces` of them in advance.

    Worth it where making and using an item both leave Python's lock alone most of the time, as Arrow and DuckDB
    do. An error of the maker is raised where the item would have come. When whoever uses the items stops
    early, the maker stops before its next one.
    """
    waiting: Queue[tuple[Item] | BaseException | None] = Queue(pieces)
    unwanted = Event()

    def make() -> None:
        try:
            for item in items:
                waiting.put((item,))
                if unwanted.is_set():
                    return
        except BaseException as error:  # noqa: BLE001 -- handed on, and raised in the other thread
            waiting.put(error)
        else:
            waiting.put(None)

    maker = Thread(target=make, name="ahead", daemon=True)
    maker.start()
    try:
        while (got := waiting.get()) is not None:
            if isinstance(got, BaseException):
                raise got
            yield got[0]
    finally:
        unwanted.set()
        while maker.is_alive():
            # Room for what it holds in its hand, so that it can see that nobody wants more.
            if not waiting.empty():
                waiting.get()
            maker.join(0.01)
