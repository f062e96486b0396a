"""One embedded PostgreSQL for a whole test run, started by the first test that asks."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.db import connection
from psycopg import sql
from psycopg.conninfo import make_conninfo
from pytest_django import DjangoDbBlocker

from panout.clients import embedded
from panout.settings import database

pytest_plugins = ["tests.cast"]

# Properties are about answers, not about how fast a shared machine gives them.
hypothesis.settings.register_profile(
    "panout", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("panout")

# A test database may be lost with the machine.
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "max_connections": "60"}
_STATE = "PANOUT_TEST_STATE"


def pytest_configure(config: pytest.Config) -> None:
    """The run's first process names the folder; its xdist workers inherit the name."""
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher"
    ]  # slow ones prove nothing here
    if not hasattr(config, "workerinput") and not settings.DATABASE_URL:
        folder = tempfile.mkdtemp(prefix="panout-tests-")
        Path(folder).chmod(0o711)
        os.environ[_STATE] = folder


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput") and _STATE in os.environ:
        shutil.rmtree(os.environ.pop(_STATE), ignore_errors=True)


@pytest.fixture(scope="session")
def server_dsn() -> Iterator[str]:
    """A server for tests: DATABASE_URL when it is set, else an embedded one that the workers share."""
    with ExitStack() as stack:
        if settings.DATABASE_URL:
            yield settings.DATABASE_URL
        else:
            server = embedded.at(Path(os.environ[_STATE]))
            stack.enter_context(embedded.running(server, FAST))
            yield server.dsn()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(server_dsn: str, django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Point Django at that server; the test database's name keeps its worker's suffix."""
    given = database(server_dsn)
    kept = settings.DATABASES["default"]
    for name in ("HOST", "PORT", "NAME", "USER", "PASSWORD"):
        kept[name] = given[name]
    kept["CONN_MAX_AGE"] = 0


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> None:
    """Tests that commit are cleaned up after by TRUNCATE, which the ledger refuses in earnest."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("ALTER TABLE team_ledgerentry DISABLE TRIGGER ledger_entries_are_not_truncated")


@pytest.fixture
def pg_dsn(server_dsn: str) -> Iterator[str]:
    """A fresh, empty database of its own, without Django."""
    name = f"scratch_{os.getpid()}_{os.urandom(4).hex()}"
    with psycopg.connect(server_dsn, autocommit=True) as scratch:
        scratch.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        try:
            yield make_conninfo(server_dsn, dbname=name)
        finally:
            scratch.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
