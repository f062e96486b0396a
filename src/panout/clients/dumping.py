"""PostgreSQL's own dump and restore programs: the server's where they are installed, else the wheel's."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from psycopg.conninfo import conninfo_to_dict, make_conninfo

from panout.kernel.errors import Unavailable


def dump(dsn: str, target: Path, wheel: Path | None) -> None:
    """Write the whole database to `target` in PostgreSQL's custom format. `wheel`: its folder of programs."""
    _run("pg_dump", dsn, ["--format=custom", "--no-owner", "--no-privileges", f"--file={target}"], wheel)


def restore(dsn: str, source: Path, wheel: Path | None) -> None:
    """Fill an empty database from `source`, all or nothing."""
    _run("pg_restore", dsn, ["--no-owner", "--no-privileges", "--single-transaction", str(source)], wheel)


def _run(program: str, dsn: str, words: list[str], wheel: Path | None) -> None:
    found = str(wheel / program) if wheel else shutil.which(program)
    if found is None:
        raise Unavailable(
            f"There is no {program} on this machine.",
            mend="Install PostgreSQL's client programs of the server's version.",
        )
    parts = conninfo_to_dict(dsn)
    password = str(parts.pop("password", "") or "")  # in the environment: arguments are everybody's to read
    where = make_conninfo(**{name: str(value) for name, value in parts.items() if value is not None})
    with tempfile.TemporaryFile("w+") as said:
        done = subprocess.run(  # noqa: S603 - a program of PostgreSQL's, arguments of ours
            [found, f"--dbname={where}", *words],
            stdout=said,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            env={**os.environ, "PGPASSWORD": password} if password else None,
        )
        if done.returncode:
            said.seek(0)
            raise Unavailable(f"{program} failed: {said.read()[-1500:].strip()}", where=program)
