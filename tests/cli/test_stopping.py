"""Whoever asks a command to stop is heard, also when a library drops the first word."""

from __future__ import annotations

import os
import signal

import pytest

from panout.cli import stopping
from panout.cli.pan import Watching


@pytest.fixture(autouse=True)
def as_before():
    kept = {one: signal.getsignal(one) for one in (signal.SIGINT, signal.SIGTERM)}
    yield
    for one, handler in kept.items():
        signal.signal(one, handler)
    stopping._asked.clear()
    stopping._alone.clear()


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_a_word_that_was_swallowed_stops_the_next_stage(asked):
    signal.signal(signal.SIGINT, signal.default_int_handler)
    stopping.listen()
    with pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), asked)  # as if a callback of C code had dropped it
    with pytest.raises(KeyboardInterrupt):
        Watching().stage("write", "Writing")
    assert stopping.alone() is (asked == signal.SIGTERM)


def test_a_ctrl_c_that_the_starter_shut_out_stays_out():
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    stopping.listen()
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
