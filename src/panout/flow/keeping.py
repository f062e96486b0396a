"""The whole workspace in one file, and back: a tar of the database's dump, the secret, and what made it."""

from __future__ import annotations

import io
import json
import os
import tarfile
import tempfile
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from panout import __version__
from panout.clients import dumping, embedded
from panout.flow import database
from panout.kernel.errors import BadInput, Conflict

_DUMP, _SECRET, _ABOUT = "database.dump", "secret", "about.json"


def backup(target: Path, now: datetime) -> int:
    """Write `target` (readable by its owner only: it holds the secret); returns its size in bytes."""
    if target.exists():
        raise Conflict("There is such a file already.", where=str(target), mend="Choose another name.")
    about = {"made_by": f"panout {__version__}", "made_at": now.isoformat(), "migrations": _applied()}
    with tempfile.TemporaryDirectory(dir=target.resolve().parent) as folder:
        dump = Path(folder) / _DUMP
        dumping.dump(_dsn(), dump, _wheel())
        half = Path(folder) / "half"
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            with tarfile.open(fileobj=file, mode="w") as tar:
                _add(tar, _ABOUT, json.dumps(about, indent=1).encode())
                _add(tar, _SECRET, settings.SECRET_KEY.encode())
                tar.add(dump, _DUMP)
            file.flush()
            os.fsync(file.fileno())
        half.rename(target)
    return target.stat().st_size


def restore(source: Path, *, replace: bool) -> str:
    """Bring a workspace back; says when and by what it was made. The tables are then brought up to date.

    Raises Conflict when this workspace has people and `replace` is not given.
    """
    with tempfile.TemporaryDirectory(prefix="panout-restore-") as folder:
        about, secret = _unpacked(source, Path(folder))
        tables = connection.introspection.table_names()
        if not replace and "team_user" in tables and _has_people():
            raise Conflict(
                "This workspace is in use; restoring would replace it.",
                mend="Back it up first, then restore with --replace.",
            )
        with connection.cursor() as cursor:
            cursor.execute("DROP SCHEMA public CASCADE")
            cursor.execute("CREATE SCHEMA public")
        connection.close()
        dumping.restore(_dsn(), Path(folder) / _DUMP, _wheel())
    kept = settings.STATE / "secret"
    kept.write_text(secret)
    kept.chmod(0o600)
    database.migrate()
    return f"{about['made_by']}, {about['made_at']}"


def _unpacked(source: Path, folder: Path) -> tuple[dict[str, str], str]:
    try:
        with tarfile.open(source, "r:") as tar:
            tar.extractall(
                folder, members=[tar.getmember(n) for n in (_ABOUT, _SECRET, _DUMP)], filter="data"
            )
        return json.loads((folder / _ABOUT).read_text()), (folder / _SECRET).read_text()
    except (OSError, tarfile.TarError, KeyError, ValueError) as error:
        raise BadInput("This is no backup of Panout.", where=str(source)) from error


def _add(tar: tarfile.TarFile, name: str, content: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = len(content), 0o600
    tar.addfile(entry, io.BytesIO(content))


def _has_people() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM team_user)")
        return bool(cursor.fetchone()[0])


def _applied() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT app || '.' || name FROM django_migrations ORDER BY id")
        return [row[0] for row in cursor.fetchall()]


def _dsn() -> str:
    """Of the database that Django uses, so that tests keep to theirs."""
    server = settings.DATABASES["default"]
    base = settings.DATABASE_URL or embedded.at(settings.STATE).dsn()
    return embedded.named(base, connection.settings_dict["NAME"], str(server["HOST"]), str(server["PORT"]))


def _wheel() -> Path | None:
    """Our own programs for our own server; a given server is met with the machine's."""
    return embedded.program_folder(embedded.at(settings.STATE)) if settings.EMBEDDED else None
