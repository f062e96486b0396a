"""The database under everything: one that was given, or the embedded one, up for as long as we need it."""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import django
from django.conf import settings
from django.core.management import call_command
from django.db import OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from panout.clients import embedded
from panout.kernel.errors import Unavailable


def prepare() -> None:
    """Make the state folder and its secret, then let Django start. Safe to repeat."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panout.settings")
    state = Path(os.environ.get("PANOUT_STATE", "var")).resolve()
    try:
        (state / "static").mkdir(parents=True, exist_ok=True)
        with contextlib.suppress(FileExistsError):
            handle = os.open(state / "secret", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as kept:
                kept.write(secrets.token_urlsafe(50))
    except OSError as error:
        raise Unavailable(
            f"The state folder cannot be written: {error.strerror}.",
            where=str(state),
            mend="Set PANOUT_STATE to a folder of your own.",
        ) from error
    django.setup()


# For a database that may be lost: nothing waits for the disk.
THROW_AWAY = MappingProxyType({"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"})


@contextlib.contextmanager
def up(server: Mapping[str, str] | None = None) -> Iterator[None]:
    """Have the database answering for the length of the block. Raises Unavailable with the mend.

    `server`: settings of the embedded server, if it is we who start it.
    """
    prepare()
    with contextlib.ExitStack() as stack:
        if settings.EMBEDDED:
            stack.enter_context(embedded.running(embedded.at(settings.STATE), server))
        try:
            connection.ensure_connection()
        except OperationalError as error:
            raise Unavailable(
                f"The database does not answer: {str(error).strip()}",
                where="DATABASE_URL" if settings.DATABASE_URL else "embedded database",
                mend="Check DATABASE_URL, or unset it to use the embedded database.",
            ) from error
        try:
            yield
        finally:
            connection.close()


def migrate() -> list[str]:
    """Bring the tables up to date; returns the names of the migrations applied. Safe to repeat."""
    applied = waiting_migrations()
    with connection.cursor() as cursor:
        # Two processes starting at once must not both create the first table.
        cursor.execute("SELECT pg_advisory_lock(7364971)")
        try:
            call_command("migrate", verbosity=0, interactive=False)
            call_command("createcachetable", verbosity=0)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(7364971)")
    return applied


def waiting_migrations() -> list[str]:
    """The names of the migrations that the database has not seen."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
