"""A PostgreSQL to ask: the embedded one, for as long as these tests run."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from panout.clients import embedded


@pytest.fixture(scope="module")
def postgres() -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    # Not under pytest's own folder: as root that is closed to the unprivileged server.
    state = Path(tempfile.mkdtemp(prefix="panout-criteria-"))
    state.chmod(0o711)
    try:
        with embedded.running(embedded.at(state)) as server, psycopg.connect(server.dsn()) as connection:
            yield connection
    finally:
        shutil.rmtree(state, ignore_errors=True)
