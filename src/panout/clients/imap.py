"""Read and file mail in a mailbox; beside it, the fake for tests. One connection, one folder at a time."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
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


@dataclass(frozen=True)
class Numbers:
    """What lies in a folder past a number: its UIDVALIDITY, and the UIDs in order."""

    uidvalidity: int
    uids: tuple[int, ...]


@dataclass(frozen=True)
class Fetched:
    """One message, cut off at the bytes asked for; `at` is when the server got it (UTC)."""

    raw: bytes
    size: int
    at: datetime | None


class Imap(Protocol):
    """The door. Raises `Trouble` of the SMTP door's kinds, with the stage."""

    def folders(self) -> Sequence[Folder]: ...

    def sent_folder(self, wanted: str = "") -> str | None: ...

    def find(self, folder: str, message_id: str) -> bool: ...

    def append(self, folder: str, mail: bytes, at: datetime) -> None: ...

    def numbers_after(self, folder: str, uid: int) -> Numbers: ...

    def fetch(self, uid: int, most: int) -> Fetched | None: ...

    def wait(self, seconds: float) -> bool: ...

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
                    # imaplib quotes the password itself, and the name not.
                    self.raw.login(_quoted(server.username), _one_line(server.secret))
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

    def numbers_after(self, folder: str, uid: int) -> Numbers:
        """Open a folder for reading; the numbers past `uid` that lie in it. `Said` when there is none."""
        with _stage(Stage.FOLDER):
            said, _words = self.raw.select(_quoted(folder), readonly=True)
            if said != "OK":
                raise Said(Stage.FOLDER, 550, f"There is no folder {folder}")
            _name, told = self.raw.response("UIDVALIDITY")
            validity = int(told[0]) if told and isinstance(told[0], bytes) else 0
            _ok, found = self.raw.uid("SEARCH", f"UID {uid + 1}:*")
        first = found[0] if found else b""
        numbers = sorted(int(word) for word in (first or b"").split()) if isinstance(first, bytes) else []
        # "n:*" always names the last message, even when its number is not past n.
        return Numbers(validity, tuple(number for number in numbers if number > uid))

    def fetch(self, uid: int, most: int) -> Fetched | None:
        """One message of the open folder; None when it has gone in the meantime. Leaves it unread."""
        with _stage(Stage.FOLDER):
            _ok, told = self.raw.uid("FETCH", str(uid), f"(RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.{most}>)")
        for part in told or ():
            if isinstance(part, tuple) and len(part) == 2 and isinstance(part[1], bytes):
                size = re.search(rb"RFC822\.SIZE (\d+)", part[0])
                stamp = imaplib.Internaldate2tuple(part[0])
                at = datetime.fromtimestamp(time.mktime(stamp), tz=UTC) if stamp else None
                return Fetched(part[1], int(size[1]) if size else len(part[1]), at)
        return None

    def wait(self, seconds: float) -> bool:
        """Wait for news of the open folder by IDLE (RFC 2177): True when there are some, else False.

        A server without IDLE answers at once with False: the caller polls.
        """
        if "IDLE" not in self.raw.capabilities:
            return False
        with _stage(Stage.FOLDER):
            self.raw.send(b"PANOUT IDLE\r\n")
            if not self.raw.readline().startswith(b"+"):
                return False
            self.raw.sock.settimeout(seconds)
            news = False
            try:
                news = b"EXISTS" in self.raw.readline()
            except TimeoutError:
                news = False
            finally:
                self.raw.sock.settimeout(_PATIENCE)
            self.raw.send(b"DONE\r\n")
            while not self.raw.readline().startswith(b"PANOUT"):
                news = True
        return news

    def close(self) -> None:
        try:
            self.raw.logout()
        except (imaplib.IMAP4.error, OSError):
            self.raw.shutdown()


def _quoted(text: str) -> str:
    """An IMAP quoted string; what cannot stand in one (a line break) is refused by name."""
    return '"' + _one_line(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


def _one_line(text: str) -> str:
    if re.search(r"[\r\n\0]", text):
        raise Said(Stage.FOLDER, 550, "A name or password with a line break cannot be sent")
    return text


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
    uidvalidity: int = 1
    open: str = "INBOX"

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

    def numbers_after(self, folder: str, uid: int) -> Numbers:
        if self.broken is not None:
            raise self.broken
        self.open = folder
        return Numbers(self.uidvalidity, tuple(range(uid + 1, len(self.held.get(folder, ())) + 1)))

    def fetch(self, uid: int, most: int) -> Fetched | None:
        if self.broken is not None:
            raise self.broken
        raw = self.held[self.open][uid - 1][1]
        return Fetched(raw[:most], len(raw), None)

    def wait(self, seconds: float) -> bool:  # noqa: ARG002  the real door's signature
        return False

    def close(self) -> None:
        return
