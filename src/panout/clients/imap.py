"""Read and file mail in a mailbox; beside it, the fake for tests. One connection, one folder at a time."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from panout.clients.smtp import BadCertificate, LineLost, Said, Security, Server, Trouble
from panout.kernel.stages import Stage

# imaplib refuses lines over a million bytes by default limits of its own; headers of hostile mails are long.
_PATIENCE = 30.0


@dataclass(frozen=True)
class Folder:
    """A folder as the server names it, with its special use (RFC 6154): sent, drafts, junk, trash or ""."""

    name: str
    use: str = ""


class Imap(Protocol):
    """The door. Raises `Trouble` of the SMTP door's kinds, with the stage."""

    def folders(self) -> Sequence[Folder]: ...

    def sent_folder(self, wanted: str = "") -> str | None: ...

    def find(self, folder: str, message_id: str) -> bool: ...

    def append(self, folder: str, mail: bytes, at: datetime) -> None: ...

    def close(self) -> None: ...


class Mailbox:
    """The real door, signed in on creation. `raw` is the imaplib connection, for reading what comes in."""

    def __init__(self, server: Server) -> None:
        patience = min(server.patience, _PATIENCE)
        with _stage(Stage.CONNECT):
            self.raw = self._connect(server, patience)
        try:
            with _stage(Stage.AUTH):
                if server.oauth:
                    said = f"user={server.username}\x01auth=Bearer {server.secret}\x01\x01"
                    self.raw.authenticate("XOAUTH2", lambda _challenge: said.encode())
                elif server.username:
                    self.raw.login(server.username, _quoted(server.secret))
        except Trouble:
            self.raw.shutdown()
            raise

    def _connect(self, server: Server, patience: float) -> imaplib.IMAP4:
        context = ssl.create_default_context()
        if server.authority:
            context.load_verify_locations(cafile=server.authority)
        if server.security is Security.TLS:
            return imaplib.IMAP4_SSL(server.host, server.port, ssl_context=context, timeout=patience)
        plain = imaplib.IMAP4(server.host, server.port, timeout=patience)
        if server.security is Security.STARTTLS:
            plain.starttls(context)
        return plain

    def folders(self) -> tuple[Folder, ...]:
        with _stage(Stage.FOLDER):
            _ok, lines = self.raw.list()
        found = []
        for line in lines:
            if not isinstance(line, bytes):
                continue
            told = re.match(rb'\((?P<flags>[^)]*)\) (?:"(?:[^"\\]|\\.)*"|NIL) (?P<name>.+)$', line)
            if told is None:
                continue
            flags = told["flags"].decode("ascii", "replace").lower()
            use = next((word for word in ("sent", "drafts", "junk", "trash") if f"\\{word}" in flags), "")
            found.append(Folder(_bare(told["name"].decode("utf-8", "replace")), use))
        return tuple(found)

    def sent_folder(self, wanted: str = "") -> str | None:
        """The folder that keeps sent mail: the one named when it exists, the marked one, or a usual name."""
        folders = self.folders()
        names = {folder.name for folder in folders}
        if wanted in names:
            return wanted
        marked = next((folder.name for folder in folders if folder.use == "sent"), None)
        usual = ("Sent", "Sent Items", "Sent Mail", "INBOX.Sent", "INBOX/Sent", "Sent Messages", "Gesendet")
        return marked or next((name for name in usual if name in names), None)

    def find(self, folder: str, message_id: str) -> bool:
        """Whether a mail with this Message-ID (without brackets) lies there."""
        with _stage(Stage.FOLDER):
            self.raw.select(_quoted(folder), readonly=True)
            _ok, found = self.raw.search(None, "HEADER", "Message-ID", _quoted(f"<{message_id}>"))
        return any(isinstance(line, bytes) and line.strip() for line in found)

    def append(self, folder: str, mail: bytes, at: datetime) -> None:
        """File a mail as read. The folder is made when the server says that it is missing."""
        with _stage(Stage.FOLDER):
            stamp = imaplib.Time2Internaldate(at)
            said, words = self.raw.append(_quoted(folder), "\\Seen", stamp, mail)
            if said != "OK":
                self.raw.create(_quoted(folder))
                said, words = self.raw.append(_quoted(folder), "\\Seen", stamp, mail)
        if said != "OK":
            raise Said(
                Stage.FOLDER,
                550,
                b" ".join(w for w in words if isinstance(w, bytes)).decode("utf-8", "replace"),
            )

    def close(self) -> None:
        try:
            self.raw.logout()
        except (imaplib.IMAP4.error, OSError):
            self.raw.shutdown()


def _quoted(text: str) -> str:
    """An IMAP quoted string; what cannot stand in one (a line break) is refused by name."""
    if re.search(r"[\r\n\0]", text):
        raise Said(Stage.FOLDER, 550, "A name or password with a line break cannot be sent")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _bare(name: str) -> str:
    if name.startswith('"') and name.endswith('"'):
        return re.sub(r"\\(.)", r"\1", name[1:-1])
    return name


@contextmanager
def _stage(stage: Stage) -> Iterator[None]:
    try:
        yield
    except imaplib.IMAP4.abort as lost:
        raise LineLost(stage, str(lost)) from lost
    except imaplib.IMAP4.error as said:
        # imaplib tells a server's NO and BAD only in words; sign-in is the case that matters.
        code = 535 if stage is Stage.AUTH else 550
        text = said.args[0] if said.args else ""
        raise Said(
            stage, code, text.decode("utf-8", "replace") if isinstance(text, bytes) else str(text)
        ) from said
    except ssl.SSLCertVerificationError as bad:
        raise BadCertificate(Stage.TLS, bad.verify_message) from bad
    except ssl.SSLError as insecure:
        raise LineLost(Stage.TLS, str(insecure)) from insecure
    except socket.gaierror as unknown:
        raise LineLost(Stage.RESOLVE, str(unknown)) from unknown
    except OSError as lost:
        raise LineLost(stage, str(lost) or type(lost).__name__) from lost


@dataclass
class FakeImap:
    """Folders in memory: (Message-ID, mail) by folder name."""

    held: dict[str, list[tuple[str, bytes]]] = field(default_factory=lambda: {"INBOX": [], "Sent": []})
    broken: Trouble | None = None

    def folders(self) -> tuple[Folder, ...]:
        return tuple(Folder(name, "sent" if name == "Sent" else "") for name in self.held)

    def sent_folder(self, wanted: str = "") -> str | None:
        return wanted if wanted in self.held else "Sent" if "Sent" in self.held else None

    def find(self, folder: str, message_id: str) -> bool:
        if self.broken is not None:
            raise self.broken
        return any(held == message_id for held, _ in self.held.get(folder, ()))

    def append(self, folder: str, mail: bytes, at: datetime) -> None:  # noqa: ARG002  the real door's signature
        if self.broken is not None:
            raise self.broken
        found = re.search(rb"(?im)^message-id: <([^>]+)>", mail)
        self.held.setdefault(folder, []).append((found[1].decode() if found else "", mail))

    def close(self) -> None:
        return
