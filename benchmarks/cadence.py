"""The engine of cadences: what a look costs as enrolments grow, and how many it takes a second.

    python -m benchmarks.cadence                       10,000 to 1,000,000 enrolments
    python -m benchmarks.cadence --keep FOLDER         the same, with what was loaded kept for the next run
    python -m benchmarks.cadence --kill 1000           two workers killed at random, that many rounds

Enrolments are loaded by COPY, each person at an account of their own that has a fresh signal. A third of them
get a mail, a third a call, a third a LinkedIn touch, all with the words that ship, drafted and checked in full.
1,000 are due in each measurement of a selection, whatever the total.
"""

from __future__ import annotations

import argparse
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db.models import Model

from panout.flow import database

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)  # a Monday
DUE = 1000
ROOT = Path(__file__).parents[1]


def main(argv: Sequence[str] | None = None) -> None:
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--totals", type=int, nargs="+", default=[10_000, 100_000, 1_000_000])
    words.add_argument("--advances", type=int, default=20_000)
    words.add_argument("--kill", type=int, default=0)
    words.add_argument("--keep", type=Path, help="a folder for the database, which stays there")
    asked = words.parse_args(argv)
    with tempfile.TemporaryDirectory(prefix="panout-bench-") as folder:
        home = asked.keep or Path(folder)
        home.mkdir(exist_ok=True)
        home.chmod(0o711)
        state = home / "state"
        state.mkdir(mode=0o711, exist_ok=True)
        os.environ |= {"PANOUT_STATE": str(state), "PANOUT_LOG_LEVEL": "WARNING"}
        os.environ.pop("DATABASE_URL", None)
        with database.up():
            database.migrate()
            owner = founder()
            if asked.kill:
                kill(owner, asked.kill)
            else:
                grow(owner, asked.totals, asked.advances)


def founder() -> int:
    from panout.team import actions
    from panout.team.models import User

    kept = User.objects.values_list("id", flat=True).first()
    return kept or actions.create_owner(
        "Olga Owner", "olga@panout.test", "pan for gold 1849", "Europe/Berlin", NOW
    )


def grow(owner: int, totals: Sequence[int], advances: int) -> None:
    from panout.cadence.models import Enrolment

    versions, sender = cadences_of(owner)
    print(
        f"{'enrolments':>12} {'due selection':>16} {'a tick of 1,000':>18} {'advances/s':>12} {'cpu s/1,000':>12}"
    )
    held = Enrolment.objects.count()
    for total in totals:
        if total < held:
            continue
        load(held, total, versions, sender)
        held = total
        make_due(DUE)
        picks = [
            timed(lambda: list(Enrolment.objects.due(NOW).values_list("id", flat=True)[:DUE]))
            for _ in range(9)
        ]
        tick = timed(lambda: advance_all(NOW))
        count = min(advances, total)
        make_due(count)
        seconds, processor = two_workers()
        print(
            f"{total:>12,} {statistics.median(picks) * 1000:>13.1f} ms {tick * 1000:>15.0f} ms "
            f"{count / seconds:>12,.0f} {processor / count * 1000:>12.2f}",
            flush=True,
        )


def cadences_of(owner_id: int) -> tuple[tuple[int, ...], int]:
    """Cadences that begin with a mail, a call and a LinkedIn touch; ids of their versions and of a sender."""
    from panout.cadence import actions as cadence
    from panout.cadence.models import CadenceVersion
    from panout.cadence.rules.plan import Step
    from panout.kernel.channels import TouchKind
    from panout.outreach import actions as outreach
    from panout.outreach.library import load_playbooks
    from panout.outreach.models import Sender
    from panout.team.queries import member

    owner = member(owner_id).person
    if not CadenceVersion.objects.exists():
        load_playbooks(owner, NOW)
        sender = outreach.save_sender(
            owner,
            name="Olga",
            email="olga@panout.test",
            company="Panout",
            postal_address="1 Pan Street",
            now=NOW,
        )
        Sender.objects.filter(id=sender).update(left_today=1_000_000, left_on=NOW.date() + timedelta(days=99))
        mail = Step("mail", TouchKind.EMAIL, 0, "first-touch-email")
        call = Step("call", TouchKind.CALL, 0, "call-opener")
        social = Step("social", TouchKind.LINKEDIN_CONNECT, 0, "linkedin-connect")
        cadence.create(owner, "Mail first", (mail, replace(call, wait=2)), NOW)
        cadence.create(owner, "Call first", (call, replace(mail, wait=2)), NOW)
        cadence.create(owner, "Social first", (social, replace(mail, wait=2)), NOW)
    versions = tuple(CadenceVersion.objects.order_by("id").values_list("id", flat=True))
    return versions, Sender.objects.values_list("id", flat=True)[0]


def load(begin: int, end: int, versions: Sequence[int], sender: int) -> None:
    """People, companies, signals and runs with these numbers, all waiting for a day to come."""
    from django.db import connection

    from panout.cadence.models import Enrolment
    from panout.resolve.models import Account, Contact
    from panout.signals.models import Signal

    if begin == 0:
        account = Account.objects.create(
            id=1, company_name="Works 1", domain="works1.example", industry="machinery", employees=240,
            country="FR", key="w1", created_at=NOW, changed_at=NOW,
        )  # fmt: skip
        contact = Contact.objects.create(
            id=1, first_name="Ada", full_name="Ada 1", title="Head of Data", buying_role="champion",
            email="ada@works1.example", phone="+33100000000", key="a1", account=account,
            created_at=NOW, changed_at=NOW,
        )  # fmt: skip
        Signal.objects.create(
            id=1, key="s1", type="funding", level="company", account=account, date=NOW.date() - timedelta(days=9),
            strength=0.8, source="https://news.example/works", evidence="raised 12 million euros", seen_at=NOW,
        )  # fmt: skip
        Enrolment.objects.create(
            id=1, contact=contact, account=account, version_id=versions[0], sender_id=sender, started_at=NOW,
            next_look_at=NOW + timedelta(days=9),
        )  # fmt: skip
        begin = 1
    multiply(
        Account,
        {
            "id": "n",
            "key": "'w' || n",
            "company_name": "'Works ' || n",
            "domain": "'works' || n || '.example'",
        },
        begin,
        end,
    )
    multiply(
        Contact,
        {"id": "n", "key": "'a' || n", "account_id": "n", "email": "'ada@works' || n || '.example'"},
        begin,
        end,
    )
    multiply(Signal, {"id": "n", "key": "'s' || n", "account_id": "n"}, begin, end)
    turn = f"(ARRAY{list(versions)})[n % {len(versions)} + 1]"
    multiply(Enrolment, {"id": "n", "contact_id": "n", "account_id": "n", "version_id": turn}, begin, end)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def multiply(model: type[Model], changes: Mapping[str, str], begin: int, end: int) -> None:
    """Copies of row 1 with these numbers: COPY out of the server and in again, so that nothing is built here."""
    from django.db import connection

    columns = [field.column for field in model._meta.concrete_fields]
    table = model._meta.db_table
    shown = ", ".join(changes.get(column, f't."{column}"') for column in columns)
    names = ", ".join(f'"{column}"' for column in columns)
    source = f"SELECT {shown} FROM {table} t, generate_series({begin + 1}, {end}) n WHERE t.id = 1"
    connection.ensure_connection()
    with tempfile.TemporaryFile() as kept:
        with connection.cursor() as cursor, cursor.copy(f"COPY ({source}) TO STDOUT") as out:
            for block in out:
                kept.write(block)
        kept.seek(0)
        with connection.cursor() as cursor, cursor.copy(f"COPY {table} ({names}) FROM STDIN") as into:
            while block := kept.read(1 << 20):
                into.write(block)


def make_due(count: int) -> None:
    """So many are due, and nothing of theirs lies open; all others wait."""
    from django.db import connection

    from panout.cadence.models import Enrolment, Judgement, Passed
    from panout.outreach.models import Citation, Message, Task

    Enrolment.objects.filter(next_look_at__lte=NOW).update(next_look_at=NOW + timedelta(days=9))
    busy = Enrolment.objects.exclude(open_step="")
    busy.update(
        open_task=None, open_message=None, open_step="", open_since=None, next_look_at=NOW + timedelta(days=9)
    )
    Enrolment.objects.filter(id__lte=count).update(next_look_at=NOW)
    with connection.cursor() as cursor:
        for rows in (Judgement, Passed, Citation, Message, Task):
            cursor.execute(f"DELETE FROM {rows._meta.db_table}")
        cursor.execute("VACUUM ANALYZE")


def timed(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def advance_all(now: datetime) -> None:
    from panout.cadence.actions import advance_due

    while advance_due(now):
        pass


def two_workers() -> tuple[float, float]:
    """Seconds on the clock, and of their processors, until two processes have looked at all that is due."""
    from django.db import connections

    connections.close_all()
    begun, go = [], time.monotonic() + 1.0
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    for _ in range(2):
        child = os.fork()
        if child == 0:
            try:
                connections["default"].ensure_connection()
                time.sleep(max(0.0, go - time.monotonic()))
                advance_all(NOW)
            finally:
                os._exit(0)
        begun.append(child)
    for child in begun:
        os.waitpid(child, 0)
    seconds = time.monotonic() - go
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def kill(owner: int, rounds: int) -> None:
    """Two workers under fire; then what became of everybody."""
    from django.db import connections
    from tests.cadence.killing import people
    from tests.cadence.test_killed_workers import finish, verdict

    count = rounds * 3
    people(owner, count)
    connections.close_all()
    told = subprocess.run(
        [sys.executable, "-m", "tests.cadence.killing", str(rounds), "11"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "panout.settings"}, cwd=ROOT, capture_output=True,
        text=True, check=True,
    )  # fmt: skip
    finish()
    wrong = verdict(count)
    print(
        f"{rounds} rounds, {told.stdout.strip()} kills, {count} people, 4 steps each: {len(wrong)} touches lost or doubled"
    )
    for line in wrong[:20]:
        print(line)


if __name__ == "__main__":
    main()
