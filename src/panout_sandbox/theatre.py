"""Panout on a stage: a process of its own under a played clock, reached only by HTTP, SMTP and files."""

from __future__ import annotations

import json
import os
import select
import shutil
import smtplib
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from types import TracebackType

import httpx
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session


class StageError(RuntimeError):
    """Panout did not do on the stage what it was asked; the words say what it said."""


class TooLate(StageError):
    """What was asked has been settled otherwise meanwhile."""


@dataclass(frozen=True, slots=True)
class Delivered:
    """A mail that reached its reader."""

    to: str
    sender: str
    subject: str
    text: str
    message_id: str


@dataclass(slots=True)
class Post:
    """The post office of the market: takes what Panout sends, refuses whom it does not know."""

    gone: frozenset[str]
    arrived: list[Delivered] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802
        self,
        server: SMTP,  # noqa: ARG002
        session: Session,  # noqa: ARG002
        envelope: Envelope,
        address: str,
        options: list[str],  # noqa: ARG002
    ) -> str:
        """Whoever has left has no mailbox any more."""
        if address.lower() in self.gone:
            self.refused.append(address.lower())
            return "550 5.1.1 User unknown"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        """Put it into the reader's box."""
        mail = message_from_bytes(envelope.original_content or b"", policy=policy.default)
        body = mail.get_body(("plain",))
        for address in envelope.rcpt_tos:
            self.arrived.append(
                Delivered(
                    address.lower(),
                    str(mail["From"]),
                    str(mail["Subject"]),
                    body.get_content() if body else "",
                    str(mail["Message-ID"]),
                )
            )
        return "250 OK"

    def take(self) -> list[Delivered]:
        """What has arrived since the last look, in a steady order."""
        new, self.arrived = self.arrived, []
        return sorted(new, key=lambda one: (one.to, one.subject))


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Show:
    """A play that somebody watches: where the pages are, and as whom one looks at them."""

    port: int
    email: str
    password: str


class Stage:
    """A running Panout and the roads to it. Use it as a context manager; it leaves nothing behind."""

    def __init__(self, begins: datetime, gone: frozenset[str], show: Show | None = None) -> None:
        self.show = show
        self.folder = Path(tempfile.mkdtemp(prefix="panout-market-"))
        self.folder.chmod(0o711)
        self.clock = self.folder / "clock"
        self.post = Post(gone)
        self.mail_port, self.door_port = free_port(), free_port()
        self._port = show.port if show else free_port()
        self._sink = Controller(self.post, hostname="127.0.0.1", port=self.mail_port)
        self._process: subprocess.Popen[str] | None = None
        self._http: httpx.Client | None = None
        self.set_clock(begins)
        if show:
            (self.folder / "began").write_text(begins.date().isoformat(), "ascii")
            self.set_pace("steady")

    def pace(self) -> str:
        """How whoever watches wants the time to go."""
        return (self.folder / "pace").read_text("ascii").strip()

    def set_pace(self, word: str) -> None:
        """Begin at a pace, or say that the play is over."""
        (self.folder / "pace").write_text(word, "ascii")

    def set_clock(self, moment: datetime) -> None:
        """Play the time forward. Written whole or not at all."""
        fresh = self.folder / "clock.new"
        fresh.write_text(moment.isoformat(), "ascii")
        fresh.replace(self.clock)

    def __enter__(self) -> Stage:
        self._sink.start()
        environment = {
            **{name: value for name, value in os.environ.items() if name != "DATABASE_URL"},
            "PANOUT_CLOCK": str(self.clock),
            "PANOUT_STATE": str(self.folder / "state"),
            "PANOUT_LOG_LEVEL": "ERROR",
            # A played market may be lost: nothing waits for the disk.
            "PGOPTIONS": "-c synchronous_commit=off -c jit=off",
        }
        owner = []
        if self.show:
            environment["PANOUT_OWNER_PASSWORD"] = self.show.password
            owner = ["--email", self.show.email]
        self._process = subprocess.Popen(  # noqa: S603  our own command
            [
                sys.executable,
                "-m",
                "panout",
                "play",
                "--port",
                str(self._port),
                "--door",
                str(self.door_port),
                "--until-stdin-ends",
                *owner,
            ],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        told = json.loads(self._first_line())
        self._http = httpx.Client(
            base_url=told["url"], headers={"Authorization": f"Bearer {told['token']}"}, timeout=300
        )
        return self

    def _first_line(self) -> str:
        out = self._process.stdout if self._process else None
        end = time.monotonic() + 600
        while out is not None and time.monotonic() < end:
            if select.select([out], [], [], 0.5)[0]:
                line = out.readline()
                if line:
                    return line
                break
        raise StageError("Panout did not start; run `panout play` by hand to see why")

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._http:
            self._http.close()
        if self._process:
            self._process.terminate()
            try:
                self._process.wait(30)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe:
                    pipe.close()
        self._sink.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    # -- roads

    def get(self, path: str, **query: str | int | bool):  # type: ignore[no-untyped-def]
        """Ask the API; what it answers, as plain values."""
        return self._said(self._client.get(f"/api{path}", params=query))

    def tell(self, path: str, body: object = None, **query: str | int | bool):  # type: ignore[no-untyped-def]
        """Tell the API; what it answers, as plain values."""
        return self._said(self._client.post(f"/api{path}", json=body, params=query))

    def upload(self, path: Path) -> object:
        """Hand a list over as a file."""
        with path.open("rb") as given:
            files = {"list_file": (path.name, given, "text/csv")}
            return self._said(self._client.post("/api/imports", files=files, params={"wait": True}))

    @property
    def _client(self) -> httpx.Client:
        if self._http is None:
            raise StageError("the stage is not set")
        return self._http

    def _said(self, answer: httpx.Response):  # type: ignore[no-untyped-def]
        if answer.status_code == httpx.codes.CONFLICT:
            raise TooLate(answer.text[:300])
        if answer.status_code >= 400:
            raise StageError(f"{answer.request.url.path}: {answer.status_code} {answer.text[:300]}")
        return answer.json() if answer.content else None

    @contextmanager
    def letterbox(self) -> Iterator[smtplib.SMTP]:
        """An SMTP connection to Panout's door."""
        with smtplib.SMTP("127.0.0.1", self.door_port, timeout=30) as client:
            yield client


def letter(
    sender: str, name: str, to: str, subject: str, text: str, number: str, answers: str = ""
) -> EmailMessage:
    """A mail as a buyer writes it."""
    made = EmailMessage()
    made["From"] = f"{name} <{sender}>"
    made["To"] = to
    made["Subject"] = subject
    made["Message-ID"] = f"<{number}@{sender.rpartition('@')[2]}>"
    if answers:
        made["In-Reply-To"] = answers
        made["References"] = answers
    made.set_content(text)
    return made
