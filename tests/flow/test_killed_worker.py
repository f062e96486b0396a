"""A worker killed outright in mid-import, by the kernel and not by a stand-in: the next one finishes the list."""

import os
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
from django.conf import settings
from django.db import connection

from panout.flow import clock
from panout.resolve.models import Account, Contact, Sighting
from panout.sources import actions, queries
from panout.sources.models import ImportBatch
from panout.sources.rules.imports import ImportState

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.xdist_group("book")]
ROWS = 3_000
NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)

WORKER = """
import django
django.setup()
from panout.flow import importing
from panout.resolve import loading
loading.CHUNK = 200
print("ready", flush=True)
print("done", importing.work_on_one("worker"), flush=True)
"""


def worker():
    """A process of its own on the test's database."""
    kept = connection.settings_dict
    dsn = " ".join(
        f"{name}={kept[key]}"
        for name, key in (
            ("host", "HOST"),
            ("port", "PORT"),
            ("dbname", "NAME"),
            ("user", "USER"),
            ("password", "PASSWORD"),
        )
        if kept[key]
    )
    env = os.environ | {"DATABASE_URL": dsn, "DJANGO_SETTINGS_MODULE": settings.SETTINGS_MODULE}
    return subprocess.Popen([sys.executable, "-c", WORKER], env=env, stdout=subprocess.PIPE, text=True)


def test_a_worker_killed_in_mid_import_costs_time_and_no_row(owner):
    lines = [f"Firm {n // 3},firm{n // 3}.test,Ann{n},Lee{n},ann{n}@firm{n // 3}.test" for n in range(ROWS)]
    text = "Company,Website,First Name,Last Name,Email\n" + "\n".join(lines) + "\n"
    made = actions.upload(owner, "people.csv", [text.encode()], 1 << 24, "test", NOW)
    actions.commit(owner, made, "test", NOW)
    first = worker()
    deadline = time.monotonic() + 120
    while not 0 < Contact.objects.count() < ROWS and time.monotonic() < deadline and first.poll() is None:
        time.sleep(0.005)
    first.send_signal(signal.SIGKILL)
    first.wait(30)
    first.stdout.close()
    assert queries.import_card(made).state == ImportState.LOADING
    written = Contact.objects.count()
    assert 0 < written < ROWS
    # Its claim runs out by itself; the test does not wait for the minute.
    ImportBatch.objects.filter(id=made).update(claimed_until=clock.now() - timedelta(seconds=1))
    second = worker()
    said, _ = second.communicate(timeout=200)
    assert f"done {made}" in said
    assert queries.import_card(made).state == ImportState.DONE
    assert (Account.objects.count(), Contact.objects.count()) == (ROWS // 3, ROWS)
    assert Sighting.objects.filter(batch_id=made).values("row").distinct().count() == ROWS
