"""Hand mail to a server, over a connection that is kept; beside it, the fake for tests.

What goes wrong is raised as what was seen: a reply (`Said`), a lost line (`LineLost`), a bad certificate.
What that means for the mail is decided in `mailbox.rules.failures`.
"""

from __future__ import annotations

import asyncio
import base64
import socket
import ssl
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

from panout.kernel.stages import Stage

_T = TypeVar("_T")
_LONGEST_LINE = 65536


class Security(StrEnum):
    TLS = "tls"  # from the first byte (465)
    STARTTLS = "starttls"  # required, not merely tried (587)
    NONE = "none"  # for a server on this machine


@dataclass(frozen=True)
class Server:
    """Where and how. `secret` is a password, or an access token when `oauth`. `authority`: a PEM file."""

    host: str
    port: int
    security: Security
    username: str = ""
    secret: str = field(default="", repr=False)
    oauth: bool = False
    authority: str = ""
    patience: float = 60.0
    helo: str = ""


class Trouble(Exception):
    """Anything that kept a mail from being taken, and how far the conversation had come."""

    def __init__(self, stage: Stage, text: str) -> None:
        super().__init__(f"{stage}: {text}")
        self.stage = stage
        self.text = text


class Said(Trouble):
    """The server's own no."""

    def __init__(self, stage: Stage, code: int, text: str) -> None:
        super().__init__(stage, text)
        self.code = code


class LineLost(Trouble):
    """The connection could not be made, ended, or went silent."""


class BadCertificate(Trouble):
    """The server is not, or no longer, whom it says it is."""


@dataclass(frozen=True)
class Envelope:
    sender: str
    recipient: str
    utf8: bool = False


@dataclass(frozen=True)
class Receipt:
    """The server's yes, in its own words: often with its queue number."""

    code: int
    text: str


class NotMine(Exception):
    """`before` said no: the mail is no longer ours to send. The connection is fit for the next."""


# Awaited after the recipient was accepted and before the mail is handed over; False calls it off.
Before = Callable[[], Awaitable[bool]]


class Smtp(Protocol):
    """One connection. Not to be used by two tasks at once."""

    async def open(self) -> None: ...

    async def send(self, envelope: Envelope, mail: bytes, before: Before) -> Receipt: ...

    async def close(self) -> None: ...


class Connection:
    """The real door. `open` may be called again after any trouble.

    The dialogue is our own and not a library's for one reason: a line lost before the final dot means that
    the mail was not taken, and after it that nobody knows. The two must be told apart, or every lost line
    would need a person. It also sends what may be sent together in one packet (RFC 2920).
    """

    def __init__(self, server: Server) -> None:
        self._server = server
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._can: dict[str, str] = {}

    async def open(self) -> None:
        """Connect, secure, greet and sign in; nothing when that is done already."""
        if self._writer is not None and not self._writer.is_closing():
            return
        server = self._server
        context = _trusted(server.authority) if server.security is not Security.NONE else None
        at_once = context if server.security is Security.TLS else None
        self._reader, writer = await self._step(
            Stage.CONNECT, asyncio.open_connection(server.host, server.port, ssl=at_once, limit=_LONGEST_LINE)
        )
        self._writer = writer
        try:
            await self._expect(Stage.CONNECT, 220)
            await self._greet()
            if server.security is Security.STARTTLS and context is not None:
                if "STARTTLS" not in self._can:
                    raise Said(Stage.TLS, 502, "The server offers no STARTTLS")
                await self._command(Stage.TLS, "STARTTLS", 220)
                await self._step(Stage.TLS, writer.start_tls(context, server_hostname=server.host))
                await self._greet()
            if server.username:
                await self._sign_in()
        except Trouble:
            self._drop()
            raise

    async def _greet(self) -> None:
        name = self._server.helo or socket.getfqdn()
        said = await self._command(Stage.HELLO, f"EHLO {name if name.isascii() else 'localhost'}", 250)
        words = [line.partition(" ") for line in said.text.split("\n")[1:]]
        self._can = {word.upper(): rest for word, _, rest in words}

    async def _sign_in(self) -> None:
        who, secret = self._server.username, self._server.secret
        ways = self._can.get("AUTH", "").upper().split()
        if self._server.oauth:
            first = _packed(f"user={who}\x01auth=Bearer {secret}\x01\x01")
            reply = await self._ask(Stage.AUTH, f"AUTH XOAUTH2 {first}")
            if reply.code == 334:
                # The server explains in a challenge, and says no after an empty answer.
                reply = await self._ask(Stage.AUTH, "")
        elif "PLAIN" in ways:
            reply = await self._ask(Stage.AUTH, f"AUTH PLAIN {_packed(chr(0) + who + chr(0) + secret)}")
        elif "LOGIN" in ways:
            await self._command(Stage.AUTH, "AUTH LOGIN", 334)
            await self._command(Stage.AUTH, _packed(who), 334)
            reply = await self._ask(Stage.AUTH, _packed(secret))
        else:
            raise Said(
                Stage.AUTH, 504, f"The server offers no sign-in that we know ({' '.join(ways) or 'none'})"
            )
        if reply.code != 235:
            raise Said(Stage.AUTH, reply.code, reply.text)

    async def send(self, envelope: Envelope, mail: bytes, before: Before) -> Receipt:
        """Hand over one mail with CRLF line ends. Raises `Trouble`; after `Said` the connection stays fit."""
        if self._writer is None or self._writer.is_closing():
            raise LineLost(Stage.SENDER, "The connection has ended")
        if envelope.utf8 and "SMTPUTF8" not in self._can:
            raise Said(Stage.RECIPIENT, 550, "5.6.7 This server knows no international addresses (SMTPUTF8)")
        try:
            await self._address(envelope, len(mail))
            if not await before():
                self._drop()
                raise NotMine
            # One write of the whole mail with its final dot: from here on its fate is the server's word.
            self._write(_stuffed(mail) + b".\r\n")
            receipt = await self._reply(Stage.AFTER)
        except Said as no:
            if no.code == 421:
                self._drop()
            raise
        except (LineLost, BadCertificate):
            self._drop()
            raise
        if receipt.code != 250:
            raise Said(Stage.AFTER, receipt.code, receipt.text)
        return receipt

    async def _address(self, envelope: Envelope, size: int) -> None:
        """MAIL, RCPT and DATA up to the server's 354; in one packet when the server allows it."""
        options = (f" SIZE={size}" if "SIZE" in self._can else "") + (" SMTPUTF8" if envelope.utf8 else "")
        lines = (
            (Stage.SENDER, f"MAIL FROM:<{envelope.sender}>{options}", 250),
            (Stage.RECIPIENT, f"RCPT TO:<{envelope.recipient}>", 250),
            (Stage.CONTENT, "DATA", 354),
        )
        if any("\r" in line or "\n" in line for _, line, _ in lines):
            raise Said(Stage.RECIPIENT, 553, "5.1.3 An address with a line break is no address")
        together = "PIPELINING" in self._can
        if together:
            self._write("".join(f"{line}\r\n" for _, line, _ in lines).encode())
        no: Said | None = None
        for stage, line, wanted in lines:
            if not together:
                self._write(f"{line}\r\n".encode())
            reply = await self._reply(stage)
            if reply.code != wanted and no is None:
                no = Said(stage, reply.code, reply.text)
                if not together:
                    break
            elif no is not None and reply.code == 354:
                # RFC 2920 3.1: it went on although nobody is to get the mail; an empty mail ends that.
                self._write(b".\r\n")
                await self._reply(Stage.CONTENT)
        if no is not None:
            if no.code != 421:
                await self._ask(Stage.CONTENT, "RSET")
            raise no

    async def close(self) -> None:
        """Say goodbye if the server still listens."""
        if self._writer is None or self._writer.is_closing():
            return
        try:
            self._write(b"QUIT\r\n")
            await asyncio.wait_for(self._reply(Stage.CONTENT), 2)
        except (TimeoutError, Trouble):
            pass
        finally:
            self._drop()

    def _drop(self) -> None:
        if self._writer is not None:
            self._writer.transport.abort()
        self._reader = self._writer = None

    def _write(self, line: bytes) -> None:
        if self._writer is not None:
            self._writer.write(line)

    async def _command(self, stage: Stage, line: str, wanted: int) -> Receipt:
        reply = await self._ask(stage, line)
        if reply.code != wanted:
            raise Said(stage, reply.code, reply.text)
        return reply

    async def _ask(self, stage: Stage, line: str) -> Receipt:
        self._write(f"{line}\r\n".encode())
        return await self._reply(stage)

    async def _expect(self, stage: Stage, wanted: int) -> None:
        reply = await self._reply(stage)
        if reply.code != wanted:
            raise Said(stage, reply.code, reply.text)

    async def _reply(self, stage: Stage) -> Receipt:
        """One reply; the lines of a long one are joined by line feeds."""
        return await self._step(stage, self._read())

    async def _read(self) -> Receipt:
        lines: list[str] = []
        while self._reader is not None:
            line = await self._reader.readline()
            if not line.endswith(b"\n"):
                raise ConnectionResetError("The server ended the connection")
            text = line.decode("utf-8", "replace").rstrip("\r\n")
            if not text[:3].isdigit() or len(lines) > 200:
                raise ConnectionError(f"The server does not speak SMTP: {text[:80]!r}")
            lines.append(text[4:])
            if text[3:4] != "-":
                return Receipt(int(text[:3]), "\n".join(lines))
        raise ConnectionResetError("The connection has ended")

    async def _step(self, stage: Stage, action: Coroutine[object, object, _T]) -> _T:
        """Await one step and tell its trouble by name. A certificate error is an OSError too."""
        try:
            async with asyncio.timeout(self._server.patience):
                return await action
        except ssl.SSLError as insecure:
            raise _insecure(insecure) from insecure
        except socket.gaierror as unknown:
            raise LineLost(Stage.RESOLVE, str(unknown)) from unknown
        except TimeoutError as silent:
            raise LineLost(stage, f"No answer within {self._server.patience:.0f} seconds") from silent
        except (OSError, ValueError) as lost:
            raise LineLost(stage, str(lost) or type(lost).__name__) from lost


def _packed(text: str) -> str:
    return base64.b64encode(text.encode()).decode("ascii")


def _trusted(authority: str) -> ssl.SSLContext:
    """The system's authorities, and one more when a server of one's own has its own."""
    context = ssl.create_default_context()
    if authority:
        context.load_verify_locations(cafile=authority)
    return context


def _stuffed(mail: bytes) -> bytes:
    """A line that is a dot ends the mail (RFC 5321 4.5.2), so a dot that begins a line is doubled."""
    doubled = mail.replace(b"\r\n.", b"\r\n..")
    if doubled.startswith(b"."):
        doubled = b"." + doubled
    return doubled if doubled.endswith(b"\r\n") else doubled + b"\r\n"


def _insecure(error: ssl.SSLError) -> Trouble:
    if isinstance(error, ssl.SSLCertVerificationError):
        return BadCertificate(Stage.TLS, error.verify_message)
    return LineLost(Stage.TLS, str(error))


class FakeSmtp:
    """Keeps what it is given. `script` maps a recipient to the trouble that it meets, once each."""

    def __init__(self, script: dict[str, list[Trouble]] | None = None) -> None:
        self.script = script or {}
        self.taken: list[tuple[Envelope, bytes]] = []
        self.opened = 0
        self.refuses: Trouble | None = None

    async def open(self) -> None:
        if self.refuses is not None:
            raise self.refuses
        self.opened += 1

    async def send(self, envelope: Envelope, mail: bytes, before: Before) -> Receipt:
        waiting = self.script.get(envelope.recipient, [])
        if waiting and waiting[0].stage is not Stage.AFTER:
            raise waiting.pop(0)
        if not await before():
            raise NotMine
        if waiting:
            raise waiting.pop(0)
        self.taken.append((envelope, mail))
        return Receipt(250, "2.0.0 taken")

    async def close(self) -> None:
        return
