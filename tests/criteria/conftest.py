"""A PostgreSQL to ask."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

_HAS_UNICODE_LOWER_CASE = 170000


@pytest.fixture
def postgres(pg_dsn: str) -> Iterator[psycopg.Connection[tuple[object, ...]]]:
    with psycopg.connect(pg_dsn) as connection:
        if connection.info.server_version < _HAS_UNICODE_LOWER_CASE:
            pytest.skip("the collation pg_c_utf8 came with PostgreSQL 17; this server is older")
        yield connection
        connection.rollback()
