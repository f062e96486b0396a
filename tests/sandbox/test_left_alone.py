"""Panout on the stage ends with the sandbox that began it, even one that was killed."""

from __future__ import annotations

import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytestmark = pytest.mark.xdist_group("sandbox")
_SANDBOX = """
import sys, time
from datetime import UTC, datetime
from panout_sandbox.theatre import Stage
with Stage(datetime(2026, 3, 2, 8, tzinfo=UTC), frozenset()) as stage:
    print(stage._process.pid, stage.folder, flush=True)
    time.sleep(600)
"""


def test_nothing_runs_on_when_the_sandbox_is_killed():
    sandbox = subprocess.Popen([sys.executable, "-c", _SANDBOX], stdout=subprocess.PIPE, text=True)
    assert sandbox.stdout is not None
    number, folder = sandbox.stdout.readline().split()
    played, server = int(number), next(Path(folder).glob("state/**/postmaster.pid"))
    assert _runs(played)
    sandbox.send_signal(signal.SIGKILL)
    sandbox.wait()
    sandbox.stdout.close()
    end = time.monotonic() + 60
    while time.monotonic() < end and (_runs(played) or server.exists()):
        time.sleep(0.1)
    assert not _runs(played)
    assert not server.exists()
    shutil.rmtree(folder)


def _runs(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
