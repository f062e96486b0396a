"""Read and file mail in a mailbox; beside it, the fake for tests. One connection, one folder at a time."""

from __future__ import annotations

import imaplib
import re
import socket
import ssl
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Protocol

from panout.clients.smtp import BadCertificate, LineLost, Said, Security, Server, Trouble
from panout.kernel.stages import Stage

_PATIENCE = 30.0
# The protocol's own, whatever language the machine speaks.
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# A list of all numbers of a large folder is one line.
_LONGEST_LINE = 10_000_000


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


class News(StrEnum):
    """What waiting for a folder came to."""

    SOME = "some"
    NONE = "none"
    DEAF = "deaf"  # the server has no IDLE: whoever wants news must ask again


class Imap(Protocol):
    """The door. Raises `Trouble` of the SMTP door's kinds, with the stage."""

    def folders(self) -> Sequence[Folder]: ...

    def sent_folder(self, wanted: str = "") -> str | None: ...

    def find(self, folder: str, message_id: str) -> bool: ...

    def append(self, folder: str, mail: bytes, at: datetime) -> None: ...

    def numbers_after(self, folder: str, uid: int, since: date | None = None) -> Numbers: ...

    def fetch(self, uids: Sequence[int], most: int) -> Mapping[int, Fetched]: ...

    def wait(self, seconds: float) -> News: ...

    def close(self) -> None: ...


class _Lines:
    """imaplib's reading, from the socket itself.

    The library reads through a file that is spoilt for good by the first timeout, and that hides what it
    holds already: nobody could wait for news on it. Here a timeout costs nothing, and what was read in the
    clear is dropped when the line becomes a secured one.
    """

    sock: socket.socket
    _held: bytearray
    _read_from: socket.socket | None = None

    def read(self, size: int) -> bytes:
        self._same_line()
        while len(self._held) < size and self._more():
            pass
        return self._take(size)

    def readline(self) -> bytes:
        self._same_line()
        end = self._held.find(b"\n")
        while end < 0:
            seen = len(self._held)
            if seen > _LONGEST_LINE:
                raise imaplib.IMAP4.error(f"got more than {_LONGEST_LINE} bytes in a line")
            if not self._more():
                return self._take(seen)
            end = self._held.find(b"\n", seen)
        return self._take(end + 1)

    def _same_line(self) -> None:
        if self._read_from is not self.sock:
            self._read_from, self._held = self.sock, bytearray()

    def _more(self) -> bool:
        came = self.sock.recv(65536)
        self._held += came
        return bool(came)

    def _take(self, size: int) -> bytes:
        taken = bytes(self._held[:size])
        del self._held[:size]
        return taken


class _Plain(_Lines, imaplib.IMAP4):
    """In the clear, or secured after the greeting."""


class _Secured(_Lines, imaplib.IMAP4_SSL):
    """Secured from the first byte."""


class Mailbox:
    """The real door, signed in on creation. `raw` is the imaplib connection, for reading what comes in."""

    def __init__(self, server: Server) -> None:
        self._patience = min(server.patience, _PATIENCE)
        self._idles: bool | None = None
        with _stage(Stage.CONNECT):
            self.raw = self._connect(server, self._patience)
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
            return _Secured(server.host, server.port, ssl_context=context, timeout=patience)
        plain = _Plain(server.host, server.port, timeout=patience)
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

    def numbers_after(self, folder: str, uid: int, since: date | None = None) -> Numbers:
        """Open a folder for reading; the numbers past `uid` that lie in it. `Said` when there is none.

        `since`: only what the server got on that day or later.
        """
        with _stage(Stage.FOLDER):
            said, _words = self.raw.select(_quoted(folder), readonly=True)
            if said != "OK":
                raise Said(Stage.FOLDER, 550, f"There is no folder {folder}")
            _name, told = self.raw.response("UIDVALIDITY")
            validity = int(told[0]) if told and isinstance(told[0], bytes) else 0
            when = (f"SINCE {since.day}-{_MONTHS[since.month - 1]}-{since.year}",) if since else ()
            _ok, found = self.raw.uid("SEARCH", f"UID {uid + 1}:*", *when)
        first = found[0] if found else b""
        numbers = sorted(int(word) for word in (first or b"").split()) if isinstance(first, bytes) else []
        # "n:*" always names the last message, even when its number is not past n.
        return Numbers(validity, tuple(number for number in numbers if number > uid))

    def fetch(self, uids: Sequence[int], most: int) -> dict[int, Fetched]:
        """Messages of the open folder by UID, left unread; those that have gone meanwhile are not in it."""
        wanted = ",".join(map(str, uids))
        with _stage(Stage.FOLDER):
            said, told = self.raw.uid(
                "FETCH", wanted, f"(UID RFC822.SIZE INTERNALDATE BODY.PEEK[]<0.{most}>)"
            )
        if said != "OK":
            raise Said(Stage.FOLDER, 550, "The server will not hand over its messages")
        found = {}
        for place, part in enumerate(told or ()):
            if not (isinstance(part, tuple) and len(part) == 2 and isinstance(part[1], bytes)):
                continue
            # Servers may name the UID and the size on either side of the text.
            after = told[place + 1] if place + 1 < len(told) else b""
            words = part[0] + b" " + (after if isinstance(after, bytes) else b"")
            number, size = re.search(rb"\bUID (\d+)", words), re.search(rb"RFC822\.SIZE (\d+)", words)
            if number is None:
                continue
            stamp = imaplib.Internaldate2tuple(words)
            at = datetime.fromtimestamp(time.mktime(stamp), tz=UTC) if stamp else None
            found[int(number[1])] = Fetched(part[1], int(size[1]) if size else len(part[1]), at)
        return found

    def wait(self, seconds: float) -> News:
        """Wait for news of the open folder by IDLE (RFC 2177), for at most so long.

        Servers say that they are still there every few minutes; that is no news, and waiting goes on.
        """
        with _stage(Stage.FOLDER):
            if not self._may_idle():
                return News.DEAF
            self.raw.send(b"PANOUT IDLE\r\n")
            news = False
            while not (line := self._line()).startswith(b"+"):
                if line.startswith(b"PANOUT"):
                    return News.DEAF
                news = news or _is_news(line)
            try:
                ends = time.monotonic() + seconds
                while not news and (left := ends - time.monotonic()) > 0:
                    self.raw.sock.settimeout(left)
                    news = _is_news(self._line())
            except TimeoutError:
                news = False
            finally:
                self.raw.sock.settimeout(self._patience)
            self.raw.send(b"DONE\r\n")
            while not (line := self._line()).startswith(b"PANOUT"):
                news = news or _is_news(line)
        return News.SOME if news else News.NONE

    def _may_idle(self) -> bool:
        """Asked after signing in: before it, some servers keep quiet about what they can do."""
        if self._idles is None:
            _said, told = self.raw.capability()
            self._idles = any(b"IDLE" in line.upper().split() for line in told if isinstance(line, bytes))
        return self._idles

    def _line(self) -> bytes:
        line = self.raw.readline()
        if not line or line.upper().startswith(b"* BYE"):
            raise LineLost(Stage.FOLDER, "The server ended the connection")
        return line

    def hang_up(self) -> None:
        """End the line at once, from another thread: whoever waits on it finds it lost."""
        try:
            self.raw.sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            return

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


def _is_news(line: bytes) -> bool:
    return line.startswith(b"*") and line.rstrip().upper().endswith(b"EXISTS")


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

    def numbers_after(self, folder: str, uid: int, since: date | None = None) -> Numbers:  # noqa: ARG002
        if self.broken is not None:
            raise self.broken
        self.open = folder
        return Numbers(self.uidvalidity, tuple(range(uid + 1, len(self.held.get(folder, ())) + 1)))

    def fetch(self, uids: Sequence[int], most: int) -> dict[int, Fetched]:
        if self.broken is not None:
            raise self.broken
        held = self.held[self.open]
        return {
            uid: Fetched(held[uid - 1][1][:most], len(held[uid - 1][1]), None)
            for uid in uids
            if 0 < uid <= len(held)
        }

    def wait(self, seconds: float) -> News:  # noqa: ARG002  the real door's signature
        return News.DEAF

    def close(self) -> None:
        return
