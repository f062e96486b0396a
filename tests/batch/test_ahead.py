"""Working ahead changes when things are made, and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from panout.batch.ahead import ahead


def test_everything_comes_in_order():
    assert list(ahead(iter(range(100)))) == list(range(100))
    assert list(ahead([])) == []
    assert list(ahead([None, 0, False])) == [None, 0, False]


def test_an_error_comes_after_what_was_made_before_it():
    def makes() -> Iterator[int]:
        yield 1
        raise KeyError("broken")

    pieces = ahead(makes())
    assert next(pieces) == 1
    with pytest.raises(KeyError, match="broken"):
        next(pieces)


def test_whoever_stops_early_stops_the_maker():
    made = []

    def makes() -> Iterator[int]:
        for number in range(1000):
            made.append(number)
            yield number

    before = threading.active_count()
    pieces = ahead(makes())
    assert next(pieces) == 0
    pieces.close()
    assert threading.active_count() == before
    assert len(made) < 10


def test_pieces_are_made_in_another_thread():
    def makes() -> Iterator[str]:
        yield threading.current_thread().name

    assert next(ahead(makes())) == "ahead"
