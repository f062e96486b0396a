"""The mail itself, as bytes: plain text, threaded, with a way out, and nothing a name could smuggle in.

The standard library's generator costs a millisecond a mail and encodes a name only where it must, which lets
the rest of the name read as an address. The few headers here have fixed shapes and are written directly; a
test reads each mail back through the library's parser.
"""

from __future__ import annotations

import base64
import quopri
import re
import textwrap
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime

from panout.kernel.email import parse_email
from panout.kernel.errors import BadInput

# Control characters, line and paragraph separators, and the marks that turn reading direction round: none
# has a place in a name or a subject, and the first kind would start a header of its own.
_FORBIDDEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_PLAIN_ATOM = re.compile(r"[A-Za-z0-9 !#$%&'*+/=?^_`{|}~-]*")
_MESSAGE_ID = re.compile(r"[!-;=?A-~]+@[!-;=?A-~]+")


def one_line(text: str) -> str:
    """Text fit for a header: what could break the line or hide in it becomes a space."""
    return " ".join(_FORBIDDEN.sub(" ", unicodedata.normalize("NFC", text)).split())


@dataclass(frozen=True)
class WayOut:
    """RFC 8058: the https address takes a POST; the mail address takes any mail with the subject given."""

    url: str
    mail: str = ""


@dataclass(frozen=True)
class Letter:
    """All that a mail consists of. `references` run from the oldest; Message-IDs come without brackets."""

    message_id: str
    from_name: str
    from_address: str
    to_name: str
    to_address: str
    subject: str
    text: str
    date: datetime
    reply_to: str = ""
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    way_out: WayOut | None = None


@dataclass(frozen=True)
class Built:
    """`headers` are folded as they will leave; `utf8`: the server must know SMTPUTF8."""

    headers: tuple[tuple[str, str], ...]
    body: bytes
    utf8: bool

    def as_bytes(self, *first: tuple[str, str]) -> bytes:
        """The mail, with headers such as a signature put before the others."""
        head = "".join(f"{name}: {value}\r\n" for name, value in (*first, *self.headers))
        return head.encode("utf-8" if self.utf8 else "ascii") + b"\r\n" + self.body


def imprint(company: str, postal_address: str) -> str:
    """Who writes and where they sit, on one line."""
    lines = [one_line(line).strip(" ,") for line in (company, *postal_address.splitlines())]
    return ", ".join(dict.fromkeys(line for line in lines if line))


def foot(imprint: str, way: WayOut | None) -> str:
    """How each cold mail ends: who writes, from where, and how to hear no more.

    In the text itself, because readers see no headers: a postal address and a way out are asked for in each mail
    (15 USC 7704(a)(5)), where the address comes from must be told (GDPR Art. 14), and to whom to object (Art. 21).
    """
    no_more = f"No more mail from us: {way.url}" if way else 'Answer "stop", and no more mail comes from us.'
    return f"\n\n-- \n{imprint}\n{no_more}\nAsk, and we say where we have your address from.\n"


def build(letter: Letter) -> Built:
    """Write a letter out. Raises BadInput for an address or Message-ID that no mail can carry."""
    sender, to = _address(letter.from_address, "sender"), _address(letter.to_address, "recipient")
    utf8 = not (sender.isascii() and to.isascii())
    ids = [_checked(one) for one in (letter.message_id, letter.in_reply_to, *letter.references) if one]
    encoding, body = _encode(letter.text)
    headers = [
        ("From", _mailbox("From", letter.from_name, sender, utf8=utf8)),
        ("To", _mailbox("To", letter.to_name, to, utf8=utf8)),
        ("Subject", _words("Subject", one_line(letter.subject))),
        ("Date", format_datetime(letter.date)),
        ("Message-ID", f"<{ids[0]}>"),
    ]
    if letter.reply_to:
        headers.append(
            ("Reply-To", _mailbox("Reply-To", "", _address(letter.reply_to, "reply-to"), utf8=utf8))
        )
    if letter.in_reply_to:
        headers.append(("In-Reply-To", f"<{letter.in_reply_to}>"))
        # A long thread keeps its root and its latest; RFC 5322 3.6.4 lets the middle go.
        chain = list(dict.fromkeys((*letter.references, letter.in_reply_to)))
        kept = chain if len(chain) <= 20 else [chain[0], *chain[-19:]]
        headers.append(("References", "\r\n ".join(f"<{one}>" for one in kept)))
    if letter.way_out:
        headers += _list_headers(letter.way_out)
    headers += [
        ("MIME-Version", "1.0"),
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Transfer-Encoding", encoding),
    ]
    return Built(tuple(headers), body, utf8)


def _list_headers(way: WayOut) -> Sequence[tuple[str, str]]:
    for part in (way.url, way.mail):
        if not part.isascii() or re.search(r"[\s<>,\"]", part):
            raise BadInput("An unsubscribe address has characters that break its header", where="way out")
    places = [f"<{way.url}>"]
    if way.mail:
        places.append(f"<{way.mail}>")
    return (
        ("List-Unsubscribe", ",\r\n ".join(places)),
        ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"),
    )


def _address(text: str, whose: str) -> str:
    found = parse_email(text)
    if found is None:
        raise BadInput(f"{text!r} is not an address that mail can go to", where=whose, mend="Correct it.")
    return str(found)


def _checked(message_id: str) -> str:
    if not _MESSAGE_ID.fullmatch(message_id) or len(message_id) > 250:
        raise BadInput(f"{message_id[:80]!r} is not a Message-ID", where="thread")
    return message_id


def _mailbox(header: str, name: str, address: str, *, utf8: bool) -> str:
    shown = one_line(name)
    if not shown:
        return address
    if _PLAIN_ATOM.fullmatch(shown) and len(header) + len(shown) + len(address) < 72 and address.isascii():
        return f"{shown} <{address}>"
    if (shown.isascii() and len(shown) < 64) or utf8:
        quoted = shown.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{quoted}"\r\n <{address}>'
    return f"{_encoded(shown)}\r\n <{address}>"


def _words(header: str, text: str) -> str:
    """Unstructured text: as it is, folded at its spaces, or RFC 2047 encoded as a whole."""
    if not text.isascii() or "=?" in text:
        return _encoded(text)
    if len(header) + 2 + len(text) <= 76:
        return text
    lines = textwrap.wrap(f"{header}: {text}", 76, break_long_words=False, break_on_hyphens=False)
    return _encoded(text) if max(map(len, lines)) > 76 else "\r\n ".join(lines)[len(header) + 2 :]


def _encoded(text: str) -> str:
    """Encoded words of at most 75 characters, none of which cuts a character in two (RFC 2047 5.3).

    The whole text is encoded, not its foreign part alone: what stayed plain could read as an address.
    """
    words, chunk = [], b""
    for letter in text:
        piece = letter.encode("utf-8", "replace")
        if len(chunk) + len(piece) > 42:
            words.append(chunk)
            chunk = b""
        chunk += piece
    words.append(chunk)
    return "\r\n ".join(f"=?utf-8?b?{base64.b64encode(word).decode()}?=" for word in words)


def _encode(text: str) -> tuple[str, bytes]:
    """(transfer encoding, body with CRLF line ends). 7bit when nothing speaks against it."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    if lines.isascii() and "\0" not in lines and all(len(line) <= 78 for line in lines.split("\n")):
        return "7bit", lines.replace("\n", "\r\n").encode("ascii")
    packed = quopri.encodestring(lines.encode("utf-8", "replace"), quotetabs=False)
    return "quoted-printable", packed.replace(b"\n", b"\r\n")


def new_message_id(token: str, domain: str) -> str:
    """A Message-ID on the sender's own domain; `token` is random and never used twice."""
    return f"{token}@{domain}"
