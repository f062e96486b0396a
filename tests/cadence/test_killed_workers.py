"""Two workers of the engine are killed with SIGKILL at random moments and started again, under load."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from tests.cadence.killing import BEGAN, STEPS, help_once, people

from panout.cadence.actions import advance_due
from panout.cadence.models import Enrolment, Passed, State
from panout.outreach.models import Message, Task
from panout.team.rules import Person

PEOPLE = 120


@pytest.mark.django_db(transaction=True)
@pytest.mark.timeout(300)
def test_workers_killed_at_random_lose_no_touch_and_double_none(owner: Person) -> None:
    people(owner.id or 0, PEOPLE)
    kept = connection.settings_dict
    dsn = f"host={kept['HOST']} port={kept['PORT']} user={kept['USER']} dbname={kept['NAME']}"
    if kept["PASSWORD"]:
        dsn += f" password={kept['PASSWORD']}"
    told = subprocess.run(
        [sys.executable, "-m", "tests.cadence.killing", "40", "7"],
        env={**os.environ, "DATABASE_URL": dsn, "DJANGO_SETTINGS_MODULE": "panout.settings"},
        cwd=Path(__file__).parents[2], capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert told.returncode == 0, told.stderr[-2000:]
    assert int(told.stdout) >= 20
    finish()
    assert verdict(PEOPLE) == []


def finish() -> None:
    """Let the runs go to their ends, now that nobody is killed any more."""
    now = BEGAN + timedelta(days=60)
    for _ in range(400):
        looked = advance_due(now)
        if looked + help_once(now, 500) == 0:
            return
        now += timedelta(minutes=2)


def verdict(count: int) -> list[str]:
    """What went wrong: runs without an end, touches lost, touches doubled."""
    wrong = [f"run {one} did not end" for one in Enrolment.objects.exclude(state=State.FINISHED)[:5]]
    passed = Counter(Passed.objects.filter(touched=True).values_list("enrolment", flat=True))
    wrong += [f"run {one}: {n} touches" for one, n in passed.items() if n != STEPS]
    wrong += ["touches of whole runs are lost"] if len(passed) != count else []
    for rows, made in ((Task.objects.all(), 3), (Message.objects.all(), 1)):
        each = Counter(rows.values_list("contact", flat=True))
        wrong += [
            f"person {one}: {n} of {made} {rows.model.__name__}s" for one, n in each.items() if n != made
        ]
    return wrong
