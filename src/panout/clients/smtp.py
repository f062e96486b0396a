"""Hand mail to a server, over a connection that is kept; beside it, the fake for tests.

What goes wrong is raised as what was seen: a reply (`Said`), a lost line (`LineLost`), a bad certificate.
What that means for the mail is decided in `mailbox.rules.failures`.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, TypeVar

import aiosmtplib

from panout.kernel.stages import Stage

_T = TypeVar("_T")


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
    """The real door. `open` may be called again after any trouble."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._client: aiosmtplib.SMTP | None = None

    async def open(self) -> None:
        """Connect, secure, greet and sign in; nothing when that is done already."""
        if self._client is not None and self._client.is_connected:
            return
        server = self._server
        context = _trusted(server.authority) if server.security is not Security.NONE else None
        client = aiosmtplib.SMTP(
            hostname=server.host,
            port=server.port,
            use_tls=server.security is Security.TLS,
            start_tls=False,
            tls_context=context,
            timeout=server.patience,
            local_hostname=server.helo or None,
        )
        await _step(Stage.CONNECT, client.connect())
        try:
            if server.security is Security.STARTTLS:
                await _step(Stage.HELLO, client.ehlo())
                if not client.supports_extension("starttls"):
                    raise Said(Stage.TLS, 502, "The server offers no STARTTLS")
                await _step(Stage.TLS, client.starttls())
            await _step(Stage.HELLO, client.ehlo())
            if server.username:
                await _step(Stage.AUTH, self._sign_in(client))
        except Trouble:
            client.close()
            raise
        self._client = client

    async def _sign_in(self, client: aiosmtplib.SMTP) -> object:
        if self._server.oauth:
            return await client.auth_xoauth2(self._server.username, self._server.secret)
        return await client.login(self._server.username, self._server.secret)

    async def send(self, envelope: Envelope, mail: bytes, before: Before) -> Receipt:
        """Hand over one mail with CRLF line ends. Raises `Trouble`; after `Said` the connection stays fit."""
        client = self._client
        if client is None or not client.is_connected:
            raise LineLost(Stage.SENDER, "The connection has ended")
        options = [f"SIZE={len(mail)}"] if client.supports_extension("size") else []
        if envelope.utf8:
            if not client.supports_extension("smtputf8"):
                raise Said(
                    Stage.RECIPIENT, 550, "5.6.7 This server knows no international addresses (SMTPUTF8)"
                )
            options.append("SMTPUTF8")
        encoding = "utf-8" if envelope.utf8 else "ascii"
        try:
            await _step(Stage.SENDER, client.mail(envelope.sender, options=options, encoding=encoding))
            await _step(Stage.RECIPIENT, client.rcpt(envelope.recipient, encoding=encoding))
            if not await before():
                await _step(Stage.CONTENT, client.rset())
                raise NotMine
            await _said(Stage.CONTENT, client.execute_command(b"DATA"), 354)
            # One write of the whole mail with its final dot: from here on its fate is the server's word.
            return await _said(Stage.AFTER, client.execute_command(_stuffed(mail) + b"."), 250)
        except Said as no:
            if no.code == 421:
                client.close()
            elif no.stage in (Stage.SENDER, Stage.RECIPIENT):
                await self._reset(client)
            raise
        except (LineLost, BadCertificate):
            client.close()
            raise

    async def _reset(self, client: aiosmtplib.SMTP) -> None:
        try:
            await _step(Stage.CONTENT, client.rset())
        except Trouble:
            client.close()

    async def close(self) -> None:
        """Say goodbye if the server still listens."""
        client, self._client = self._client, None
        if client is None or not client.is_connected:
            return
        try:
            await client.quit(timeout=2)
        except (aiosmtplib.SMTPException, OSError):
            client.close()


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


async def _said(stage: Stage, command: Awaitable[aiosmtplib.SMTPResponse], wanted: int) -> Receipt:
    reply = await _step(stage, command)
    if reply.code != wanted:
        raise Said(stage, reply.code, reply.message)
    return Receipt(reply.code, reply.message)


async def _step(stage: Stage, action: Awaitable[_T]) -> _T:
    """Await one step and tell its trouble by name. Order matters: a certificate error is also an OSError."""
    try:
        return await action
    except aiosmtplib.SMTPResponseException as said:
        raise Said(stage, said.code, said.message) from said
    except aiosmtplib.SMTPRecipientsRefused as refused:
        first = refused.recipients[0]
        raise Said(stage, first.code, first.message) from refused
    except ssl.SSLError as insecure:
        raise _insecure(insecure) from insecure
    except aiosmtplib.SMTPException as other:
        cause = other.__cause__ or other.__context__
        if isinstance(cause, ssl.SSLError):
            raise _insecure(cause) from other
        if isinstance(cause, socket.gaierror):
            raise LineLost(Stage.RESOLVE, str(cause)) from other
        if isinstance(other, aiosmtplib.SMTPNotSupported):
            raise Said(stage, 504, str(other)) from other
        raise LineLost(stage, str(other)) from other
    except socket.gaierror as unknown:
        raise LineLost(Stage.RESOLVE, str(unknown)) from unknown
    except (TimeoutError, OSError, UnicodeError) as lost:
        raise LineLost(stage, str(lost) or type(lost).__name__) from lost


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
