"""Is the house well? Each finding names what was looked at, how it is, and its mend."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import Error, connection
from prometheus_client import Gauge

from panout.clients.ports import unreached
from panout.flow import database
from panout.flow.checks import settings_fit_together
from panout.mailbox.queries import server_ports

ROOM_TO_WORK = 2 * 1024**3  # bytes free below which a large import may fail
CLOCK_DRIFT_SECONDS = 5
WORKER_SILENT_SECONDS = 90
PATIENCE_SECONDS = 5.0

_WAITING = Gauge("panout_jobs_waiting", "Jobs that wait for a worker")
_ACCOUNTS = Gauge("panout_accounts", "Accounts in the book (the planner's estimate)")
_CONTACTS = Gauge("panout_contacts", "Contacts in the book (the planner's estimate)")
_WORKERS = Gauge("panout_workers", "Workers heard from lately")
_DISK = Gauge("panout_disk_free_bytes", "Free space under the state folder")


@dataclass(frozen=True, slots=True)
class Finding:
    """One look. `mend` is what to do when it is not well."""

    name: str
    well: bool
    what: str
    mend: str = ""


def essentials(now: datetime) -> Iterator[Finding]:
    """What must hold before any work can be done."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT clock_timestamp(), current_setting('server_version_num')::int")
            moment, version = cursor.fetchone()
    except Error as error:
        mend = "Start it, or correct DATABASE_URL."
        yield Finding("database", False, f"The database does not answer: {str(error).strip()[:200]}", mend)
        return
    yield Finding(
        "database",
        version >= 150000,
        f"PostgreSQL {version // 10000} answers.",
        "Use PostgreSQL 15 or newer.",
    )
    waiting = database.waiting_migrations()
    yield Finding(
        "migrations",
        not waiting,
        f"{len(waiting)} migration{'s wait' if len(waiting) > 1 else ' waits'}."
        if waiting
        else "The tables are up to date.",
        "Run: panout migrate",
    )
    drift = abs((moment - now).total_seconds())
    yield Finding(
        "clock",
        drift < CLOCK_DRIFT_SECONDS or bool(settings.CLOCK_FILE),
        f"The database's clock and ours differ by {drift:.1f} s.",
        "Set both machines' clocks by NTP: send times and expiries depend on them.",
    )


def examine(now: datetime) -> Iterator[Finding]:
    """Everything `panout doctor` looks at."""
    yield from essentials(now)
    yield from _settings()
    free = shutil.disk_usage(settings.STATE if settings.STATE.exists() else "/").free
    yield Finding(
        "disk",
        free > ROOM_TO_WORK,
        f"{free / 1024**3:.1f} GiB free under {settings.STATE}.",
        "Free some space or move PANOUT_STATE: imports and the database need room to work.",
    )
    yield from _worker()
    yield from _mail()


def measure(now: datetime) -> None:  # noqa: ARG001 - the clock will matter once rates are measured
    """Refresh the gauges that no request moves."""
    _DISK.set(shutil.disk_usage(settings.STATE if settings.STATE.exists() else "/").free)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM procrastinate_jobs WHERE status = 'todo'")
        _WAITING.set(cursor.fetchone()[0])
        cursor.execute(_HEARD, [WORKER_SILENT_SECONDS])
        _WORKERS.set(cursor.fetchone()[0])
        for gauge, table in ((_ACCOUNTS, "resolve_account"), (_CONTACTS, "resolve_contact")):
            cursor.execute("SELECT greatest(reltuples, 0) FROM pg_class WHERE oid = %s::regclass", [table])
            gauge.set(cursor.fetchone()[0])


_HEARD = "SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => %s)"


def _settings() -> Iterator[Finding]:
    yield Finding(
        "secret",
        settings.SECRET_IS_KEPT,
        "The secret key is kept."
        if settings.SECRET_IS_KEPT
        else "The secret key lasts for this process only.",
        "Set PANOUT_SECRET_KEY, or let `panout serve` write one into PANOUT_STATE.",
    )
    for regret in settings_fit_together(None):
        yield Finding("settings", False, regret.msg, regret.hint or "")
    open_to_all = settings.DEBUG or "*" in settings.ALLOWED_HOSTS
    yield Finding(
        "settings",
        not open_to_all,
        "PANOUT_DEBUG or a '*' in PANOUT_HOSTS is on." if open_to_all else "Settings are safe to serve with.",
        "Unset PANOUT_DEBUG and name your hosts in PANOUT_HOSTS.",
    )


def _mail() -> Iterator[Finding]:
    """Whether this machine reaches the ports of the mailboxes' servers; nobody signs in."""
    try:
        ports = server_ports()
    except Error:
        return
    closed = [
        f"{host}:{port} ({why})" for host, port in ports if (why := unreached(host, port, PATIENCE_SECONDS))
    ]
    yield Finding(
        "mail",
        not closed,
        f"Not reached: {', '.join(closed)}." if closed else f"{len(ports)} mail ports reached.",
        "Look at the names, and let this machine out to these ports: many hosts close 25, 465 and 587.",
    )


def _worker() -> Iterator[Finding]:
    try:
        with connection.cursor() as cursor:
            cursor.execute(_HEARD, [WORKER_SILENT_SECONDS])
            (workers,) = cursor.fetchone()
    except Error:
        workers = 0
    yield Finding(
        "worker",
        workers > 0,
        f"{workers or 'No'} worker{'' if workers == 1 else 's'} heard from in the last {WORKER_SILENT_SECONDS} s.",
        "Run `panout worker`, or `panout serve`, which runs one: without it imports and mail wait.",
    )
