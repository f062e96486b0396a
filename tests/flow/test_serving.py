"""The application as people run it: started, asked, stopped; backed up and brought back."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from panout.flow.serving import free_port, play_pages

pytestmark = pytest.mark.xdist_group("serving")
PASSWORD = "pan for gold 1849"


@pytest.fixture
def state(tmp_path_factory):
    # Not under pytest's own folder: as root the database runs as somebody who cannot walk through it.
    folder = Path(tempfile.gettempdir()) / f"panout-serving-{os.getpid()}-{os.urandom(3).hex()}"
    folder.mkdir(mode=0o711)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def panout(state, *words, **how):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PANOUT_", "DATABASE_URL", "DJANGO_"))}
    env |= {"PANOUT_STATE": str(state), "PANOUT_OWNER_PASSWORD": PASSWORD}
    return subprocess.run(
        [sys.executable, "-m", "panout", *words], env=env, text=True, capture_output=True, timeout=120, **how
    )


def test_a_play_ends_though_the_library_swallowed_the_word_to_stop():
    def look():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        play_pages(free_port(), lambda: None, look)


def test_a_workspace_is_served_stopped_backed_up_and_brought_back(state):
    made = panout(state, "createowner", "olga@panout.test", "--name", "Olga Owner")
    assert made.returncode == 0, made.stderr
    again = panout(state, "createowner", "other@panout.test", "--name", "Other")
    assert "has an owner already" in again.stderr

    port = free_port()
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PANOUT_", "DATABASE_URL", "DJANGO_"))}
    serving = subprocess.Popen(
        [sys.executable, "-m", "panout", "serve", "--port", str(port)],
        env=env | {"PANOUT_STATE": str(state)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        ready = _ask(f"http://127.0.0.1:{port}/health/ready")
        assert json.loads(ready) == {"ready": True, "wrong": []}
        deadline = time.monotonic() + 30
        while panout(state, "doctor").returncode and time.monotonic() < deadline:
            time.sleep(0.5)
        report = json.loads(panout(state, "doctor", "--json").stdout)
        assert {f["name"]: f["well"] for f in report} == dict.fromkeys([f["name"] for f in report], True)
        second = panout(state, "serve", "--port", str(free_port()))
        assert "served already" in second.stderr
        kept = state / "kept.panout"
        assert panout(state, "backup", str(kept)).returncode == 0
        assert kept.stat().st_mode & 0o077 == 0
    finally:
        serving.send_signal(signal.SIGTERM)
        serving.wait(40)
    assert not list(state.glob("*.pid"))
    assert not (state / "pg" / "data" / "postmaster.pid").exists()

    refused = panout(state, "restore", str(kept))
    assert "in use" in refused.stderr
    other = state / "other"
    back = panout(other, "restore", str(kept))
    assert back.returncode == 0, back.stderr
    still = panout(other, "createowner", "x@panout.test", "--name", "X")
    assert "has an owner already" in still.stderr
    assert (other / "secret").read_text() == (state / "secret").read_text()
    wrong = state / "wrong"
    wrong.write_text("no backup")
    assert "no backup of Panout" in panout(state, "restore", str(wrong), "--replace").stderr


def _ask(url, seconds=60):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return urllib.request.urlopen(url, timeout=10).read()  # noqa: S310
        except (OSError, urllib.error.URLError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.3)
