"""The running system: web and worker as processes, started together, stopped cleanly."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

import structlog
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.urls import resolve
from gunicorn.app.base import BaseApplication
from procrastinate.contrib.django import app
from procrastinate.signals import on_stop

from panout.flow import database
from panout.flow.resting import rest
from panout.kernel.errors import Unavailable

STATEMENT_MS = 20_000  # no page may hold the database for longer
STOP_SECONDS = 20
_log = structlog.get_logger("panout.serve")


@dataclass(frozen=True, slots=True)
class Address:
    """Where the pages are served."""

    host: str
    port: int

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"


class _Web(BaseApplication):  # type: ignore[misc]
    """gunicorn with threads: pages wait for the database, and one process needs one pool of memory."""

    def __init__(self, address: Address, threads: int) -> None:
        self._address, self._threads = address, threads
        super().__init__()

    def load_config(self) -> None:
        for name, value in {
            "bind": f"{self._address.host}:{self._address.port}",
            "workers": 1,
            "threads": self._threads,
            "worker_class": "gthread",
            "timeout": 60,
            "graceful_timeout": 10,
            "keepalive": 5,
            "accesslog": None,
            "errorlog": "-",
            "loglevel": "warning",
            "control_socket_disable": True,
        }.items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)

    def load(self) -> Callable[..., object]:
        application = get_wsgi_application()
        resolve("/")  # reads every page in now: two seconds that the first visitor need not wait
        return application


def web(address: Address, threads: int = 8) -> None:
    """Serve pages until told to stop."""
    os.environ["PANOUT_STATEMENT_TIMEOUT_MS"] = str(STATEMENT_MS)
    with database.up(), pid_file("web"):
        database.migrate()
        _free(address)
        _Web(address, threads).run()


def play_pages(port: int, on_ready: Callable[[], None], look: Callable[[], None]) -> None:
    """Serve pages from this one process, until it is ended: for a sandbox, which asks one thing at a time.

    `look` raises when somebody has asked to stop: the library swallows an interrupt that falls into an answer.
    """

    class Listening(WSGIServer):
        def service_actions(self) -> None:
            look()

    made = make_server(
        "127.0.0.1", port, get_wsgi_application(), server_class=Listening, handler_class=_Quiet
    )
    with made as server:
        on_ready()
        server.serve_forever()


def show_pages(port: int, on_ready: Callable[[], None]) -> None:
    """The same for a show, in which a reader and the sandbox ask at once."""
    served = _Web(Address("127.0.0.1", port), threads=6)
    if "when_ready" in served.cfg.settings:
        served.cfg.set("when_ready", lambda _server: on_ready())
    served.run()


class _Quiet(WSGIRequestHandler):
    """A line for every request of a played day would be a book."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002, ARG002  its signature
        return


def worker(beside: Callable[[], contextlib.AbstractContextManager[None]] = contextlib.nullcontext) -> None:
    """Do background work until told to stop; what is at hand is finished first. `beside` lasts as long."""
    with database.up(), pid_file("worker"):
        database.migrate()
        with beside():
            asyncio.run(_work())


async def _work() -> None:
    connector = app.connector.get_worker_connector()  # type: ignore[attr-defined]
    with app.replace_connector(connector) as running:
        async with running.open_async():
            # What an earlier worker put down is taken up now, not when the minute is full.
            await running.configure_task("look_for_imports").defer_async()
            work = asyncio.ensure_future(
                running.run_worker_async(
                    concurrency=2,
                    fetch_job_polling_interval=0.5,
                    abort_job_polling_interval=1,
                    shutdown_graceful_timeout=STOP_SECONDS,
                    install_signal_handlers=False,
                    update_heartbeat_interval=10,
                )
            )

            def stop() -> None:
                rest()
                work.cancel()  # jobs at hand are waited for

            with on_stop(stop), contextlib.suppress(asyncio.CancelledError):
                await work


def serve(address: Address, on_ready: Callable[[Address], None]) -> int:
    """Web and worker as two processes under one; either's end is the end of both. Returns the exit code."""
    with database.up(), pid_file("serve"):
        database.migrate()
        _free(address)
        commands = (
            ["web", "--host", address.host, "--port", str(address.port)],
            ["worker"],
        )
        children = [
            subprocess.Popen([sys.executable, "-m", "panout", *words], start_new_session=True)  # noqa: S603
            for words in commands
        ]
        try:
            _wait_until_answers(address, children)
            on_ready(address)
            while all(child.poll() is None for child in children):
                time.sleep(0.3)
            return next((child.returncode for child in children if child.returncode), 1)
        finally:
            _stop(children)


@contextlib.contextmanager
def pid_file(name: str) -> Iterator[None]:
    """Name this process in the state folder. Raises Unavailable when another one of that name runs."""
    path = settings.STATE / f"{name}.pid"
    if name == "serve" and path.exists():
        other = int(path.read_text() or "0")
        if other and _runs(other):
            raise Unavailable(
                f"Panout is being served already, by process {other}.",
                where=str(path),
                mend=f"Stop it first: kill {other}",
            )
    path.write_text(str(os.getpid()))
    try:
        yield
    finally:
        if path.exists() and path.read_text() == str(os.getpid()):
            path.unlink()


def free_port() -> int:
    """A port that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _free(address: Address) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address.host, address.port))
        except OSError as error:
            raise Unavailable(
                f"Port {address.port} cannot be used: {error.strerror}.",
                where=address.url,
                mend="Choose another with --port.",
            ) from error


def _wait_until_answers(
    address: Address, children: list[subprocess.Popen[bytes]], seconds: float = 60
) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline and all(child.poll() is None for child in children):
        with contextlib.suppress(OSError), socket.create_connection((address.host, address.port), timeout=1):
            return
        time.sleep(0.1)
    raise Unavailable("The web process did not start.", where=address.url, mend="Read the lines above.")


def _stop(children: list[subprocess.Popen[bytes]]) -> None:
    for child in children:
        if child.poll() is None:
            child.send_signal(signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS + 5
    for child in children:
        try:
            child.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    words = Path(f"/proc/{pid}/cmdline")
    return not words.exists() or b"panout" in words.read_bytes()
