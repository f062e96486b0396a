"""Web and worker both restarted in mid-import: the list goes on where it stood, and everybody is there once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.request

import psycopg
import pytest

from panout.clients import embedded
from panout.flow.serving import free_port
from tests.flow.test_serving import PASSWORD, panout, state  # noqa: F401  the fixture

pytestmark = pytest.mark.xdist_group("serving")
ROWS = 6_000

UPLOAD = f"""
import sys
from panout.flow import clock, database
with database.up():
    from panout.sources import actions
    from panout.team.queries import people
    asker = people()[0].person
    lines = (f"Firm {{n // 3}},firm{{n // 3}}.test,Ann{{n}},Lee{{n}},ann{{n}}@firm{{n // 3}}.test" for n in range({ROWS}))
    text = "Company,Website,First Name,Last Name,Email\\n" + "\\n".join(lines) + "\\n"
    made = actions.upload(asker, "people.csv", [text.encode()], 1 << 26, "test", clock.now())
    actions.commit(asker, made, "test", clock.now())
"""


def _environment(folder):
    env = {k: v for k, v in os.environ.items() if not k.startswith(("PANOUT_", "DATABASE_URL", "DJANGO_"))}
    return env | {"PANOUT_STATE": str(folder), "PANOUT_OWNER_PASSWORD": PASSWORD}


def _serve(folder):
    port = free_port()
    words = [sys.executable, "-m", "panout", "serve", "--port", str(port)]
    serving = subprocess.Popen(
        words, env=_environment(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 200
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/health/ready", timeout=10):
                return serving
        except OSError:
            time.sleep(0.2)
    serving.kill()
    raise AssertionError("not served")


def _stop(serving):
    serving.send_signal(signal.SIGTERM)
    serving.wait(120)


def _one(database, asked):
    return database.execute(asked).fetchone()[0]


def test_an_import_goes_on_after_web_and_worker_were_restarted(state):  # noqa: F811
    assert panout(state, "createowner", "olga@panout.test", "--name", "Olga Owner").returncode == 0
    with embedded.running(embedded.at(state)) as server:  # keeps the database up while both are down
        subprocess.run([sys.executable, "-c", UPLOAD], env=_environment(state), check=True, timeout=120)
        with psycopg.connect(server.dsn(), autocommit=True) as database:
            serving = _serve(state)
            deadline = time.monotonic() + 200
            while not _one(database, "SELECT count(*) FROM resolve_account") and time.monotonic() < deadline:
                time.sleep(0.01)
            _stop(serving)
            assert _one(database, "SELECT state FROM sources_importbatch") == "loading"
            assert _one(
                database, "SELECT claimed_until IS NULL FROM sources_importbatch"
            )  # put down, not lost
            assert _one(database, "SELECT count(*) FROM resolve_sighting") < ROWS
            serving = _serve(state)
            try:
                while (
                    _one(database, "SELECT state FROM sources_importbatch") == "loading"
                    and time.monotonic() < deadline + 200
                ):
                    time.sleep(0.2)
            finally:
                _stop(serving)
            assert _one(database, "SELECT state FROM sources_importbatch") == "done"
            assert _one(database, "SELECT count(*) FROM resolve_account") == ROWS // 3
            assert _one(database, "SELECT count(*) FROM resolve_contact") == ROWS
            assert _one(database, "SELECT count(DISTINCT row) FROM resolve_sighting") == ROWS
