"""Reading a message that may be broken, huge or hostile: bounded in time and memory, never an exception.

The standard parser is not used here: it recurses as deep as the sender nests, copies a 50 MB attachment
several times, and raises on some broken charsets. A reply desk needs a handful of headers and the first
pages of text.
"""

from __future__ import annotations

import binascii
import codecs
import quopri
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from panout.replies.rules.htmltext import text_of_html

MAX_HEAD = 262_144
"""Bytes of header that are looked at; what comes after is ignored."""
MAX_HEADERS = 2_000
MAX_PARTS = 100
MAX_DEPTH = 8
MAX_TEXT = 262_144
"""Bytes of one text part that are decoded: a reply longer than that is a document."""

_NOT_CHARSETS = frozenset({"idna", "punycode", "undefined", "unicode-escape", "raw-unicode-escape"})
_ENCODED_WORD = re.compile(r"=\?([A-Za-z0-9_.:-]{1,40})(?:\*[A-Za-z-]{1,20})?\?([bBqQ])\?([^?]{0,4000})\?=")
_BETWEEN_WORDS = re.compile(r"(\?=)[ \t]{1,100}(=\?)")
_PARAMETER = re.compile(
    r';\s{0,20}([A-Za-z0-9-]{1,40})\*?\d?\*?\s{0,20}=\s{0,20}(?:"([^"]{0,500})"|([^;\s]{1,500}))'
)
_HEADER_LINE = re.compile(rb"[!-9;-~]{1,200}[ \t]*:")
_ADDRESS = re.compile(r"[A-Za-z0-9._%+&'*/=?^{|}~!#$-]{1,128}@[A-Za-z0-9.-]{1,190}\.[A-Za-z0-9-]{2,24}")


@dataclass(frozen=True)
class Part:
    """A leaf of the message. `kind` is the media type in lower case, `body` still transfer-encoded."""

    kind: str
    charset: str
    encoding: str
    attached: bool
    body: bytes
    name: str = ""

    @property
    def text(self) -> str:
        return decoded(unwrapped(self.body, self.encoding), self.charset)


@dataclass(frozen=True)
class Mail:
    """Headers with lower-case names in their order, and the leaves."""

    headers: tuple[tuple[str, str], ...]
    parts: tuple[Part, ...]
    kind: str

    def first(self, name: str) -> str:
        """The first header of that name, encoded words decoded, or an empty text."""
        return next((readable(value) for key, value in self.headers if key == name), "")

    def all(self, name: str) -> tuple[str, ...]:
        return tuple(readable(value) for key, value in self.headers if key == name)

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.headers)

    @property
    def sent_at(self) -> datetime | None:
        """The Date header in UTC, or None where it is absent, unreadable or out of the calendar."""
        return moment(self.first("date"))

    @property
    def text(self) -> str:
        """What a person would read: the plain part, or the HTML one as text when there is no plain part."""
        plain = [part for part in self.parts if part.kind == "text/plain" and not part.attached]
        rich = [part for part in self.parts if part.kind == "text/html" and not part.attached]
        joined = "\n".join(text for part in plain[:5] if (text := part.text).strip())
        if joined.strip():
            return joined[:MAX_TEXT]
        for part in rich[:3]:
            if (text := text_of_html(part.text)).strip():
                return text[:MAX_TEXT]
        return ""


def read_mail(raw: bytes) -> Mail:
    """Any bytes become a Mail; bytes without a header become a body."""
    return _read(_one_newline(raw))


def read_headers(raw: bytes) -> tuple[tuple[str, str], ...]:
    """The header of a quoted message, as a bounce carries it."""
    head, _ = _split(_one_newline(raw[: MAX_HEAD * 2]))
    return head


def readable(value: str) -> str:
    """A header's text with encoded words (RFC 2047) decoded and newlines folded away."""
    if "=?" in value:
        value = _ENCODED_WORD.sub(_word, _BETWEEN_WORDS.sub(r"\1\2", value))
    return " ".join(value.split())


def addresses_in(text: str) -> list[str]:
    """Mail addresses in a text, in order, without repetition, as they are written."""
    if "@" not in text:
        return []
    found = dict.fromkeys(match.group(0).strip(".'") for match in _ADDRESS.finditer(text[:MAX_TEXT]))
    return list(found)


def moment(value: str) -> datetime | None:
    if not value or len(value) > 200:
        return None
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    try:
        return when.replace(tzinfo=UTC) if when.tzinfo is None else when.astimezone(UTC)
    except (OverflowError, ValueError):
        return None


def unwrapped(body: bytes, encoding: str) -> bytes:
    """The transfer encoding taken off the first MAX_TEXT bytes; damaged base64 gives what can be read."""
    if encoding == "base64":
        letters = re.sub(rb"[^A-Za-z0-9+/]", b"", body[: MAX_TEXT * 2])
        try:
            return binascii.a2b_base64(letters[: len(letters) // 4 * 4] + _tail(letters))[:MAX_TEXT]
        except binascii.Error:
            return b""
    if encoding == "quoted-printable":
        return quopri.decodestring(body[: MAX_TEXT * 2])[:MAX_TEXT]
    return body[:MAX_TEXT]


def decoded(raw: bytes, charset: str) -> str:
    """Text in the declared charset; a wrong or unknown one falls back to UTF-8, then to Windows-1252."""
    name = charset.strip().strip("\"'").lower().replace("_", "-")
    for candidate in (name, "utf-8"):
        if not candidate or candidate in _NOT_CHARSETS:
            continue
        try:
            return raw.decode(candidate)
        except (LookupError, UnicodeError, ValueError):
            continue
    if name not in ("", "us-ascii", "ascii", "utf-8", "utf8") and _is_text_codec(name):
        return raw.decode(name, errors="replace")
    if raw.count(b"\x80") + sum(raw.count(bytes([lead])) for lead in (0xC3, 0xE2)) > 2:
        return raw.decode("utf-8", errors="replace")
    return raw.decode("cp1252", errors="replace")


def _is_text_codec(name: str) -> bool:
    if name in _NOT_CHARSETS:
        return False
    try:
        codecs.lookup(name)
        b"".decode(name, errors="replace")
    except (LookupError, UnicodeError, ValueError):
        return False
    # Some legacy codecs raise on damaged input even when told to replace.
    return name.startswith(
        ("iso", "windows", "cp", "koi8", "gb", "big5", "euc", "shift", "mac", "latin", "utf")
    )


def _tail(letters: bytes) -> bytes:
    rest = letters[len(letters) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def _word(match: re.Match[str]) -> str:
    charset, how, body = match.group(1), match.group(2).lower(), match.group(3)
    raw = body.encode("latin-1", errors="replace")
    if how == "b":
        return decoded(unwrapped(raw, "base64"), charset)
    return decoded(quopri.decodestring(raw.replace(b"_", b" ")), charset)


def _one_newline(raw: bytes) -> bytes:
    return raw.replace(b"\r\n", b"\n").replace(b"\r", b"\n") if b"\r" in raw else raw


def _split(raw: bytes) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """Headers and body. A text that does not begin like a header has none: all of it is body."""
    raw = raw.lstrip(b"\n\xef\xbb\xbf") if raw[:4].strip() != raw[:4] or raw[:3] == b"\xef\xbb\xbf" else raw
    if raw.startswith((b"From ", b">From ")):
        cut = raw.find(b"\n", 0, 1000)
        raw = raw[cut + 1 :] if cut >= 0 else b""
    end = raw.find(b"\n\n", 0, MAX_HEAD)
    blank = 2
    if end < 0:
        whole = len(raw) <= MAX_HEAD
        end, blank = (len(raw), 0) if whole else (MAX_HEAD, 0)
    lines = raw[:end].split(b"\n", MAX_HEADERS * 4)
    if not lines or not _HEADER_LINE.match(lines[0]):
        return (), raw
    headers: list[tuple[str, str]] = []
    pending: list[bytes] = []
    used = 0
    for line in lines[: MAX_HEADERS * 4]:
        if line[:1] in (b" ", b"\t") and pending:
            if len(pending) < 200:
                pending.append(line.strip())
        elif _HEADER_LINE.match(line):
            _keep(headers, pending)
            pending = [line]
        else:
            # A line that is no header ends the header even without a blank line: some daemons forget it.
            blank, end = 0, used
            break
        used += len(line) + 1
    _keep(headers, pending)
    return tuple(headers), raw[end + blank :]


def _keep(headers: list[tuple[str, str]], lines: list[bytes]) -> None:
    if not lines or len(headers) >= MAX_HEADERS:
        return
    name, _, value = lines[0].partition(b":")
    joined = b" ".join([value.strip(), *lines[1:]])[:20_000]
    headers.append((name.strip().decode("ascii", errors="replace").lower(), decoded(joined, "utf-8")))


def _read(raw: bytes) -> Mail:
    headers, body = _split(raw)
    kind, parameters = _content_type(_first(headers, "content-type"))
    leaves: list[Part] = []
    _walk(headers, body, leaves, 0)
    return Mail(headers, tuple(leaves), kind if not parameters.get("report-type") else f"{kind}")


def _walk(headers: tuple[tuple[str, str], ...], body: bytes, leaves: list[Part], depth: int) -> None:
    if len(leaves) >= MAX_PARTS:
        return
    kind, parameters = _content_type(_first(headers, "content-type"))
    boundary = parameters.get("boundary", "")
    if kind.startswith("multipart/") and boundary and depth < MAX_DEPTH:
        pieces = _pieces(body, boundary.encode("utf-8", errors="replace"))
        if pieces:
            for piece in pieces[:MAX_PARTS]:
                inner, rest = _split_part(piece)
                _walk(inner, rest, leaves, depth + 1)
            return
    if kind.startswith("multipart/"):
        kind = "text/plain"
    disposition = _first(headers, "content-disposition").lower()
    encoding = _first(headers, "content-transfer-encoding").strip().lower()
    leaves.append(
        Part(
            kind=kind,
            charset=parameters.get("charset", ""),
            encoding=encoding,
            attached=disposition.startswith("attachment") or (depth > 0 and "filename" in disposition),
            body=body,
            name=_file_name(_first(headers, "content-disposition"), _first(headers, "content-type")),
        )
    )


def _file_name(*said: str) -> str:
    for header in said:
        for word, quoted, bare in _PARAMETER.findall(header):
            if word.lower() in ("filename", "name"):
                return readable(quoted or bare)
    return ""


def _split_part(piece: bytes) -> tuple[tuple[tuple[str, str], ...], bytes]:
    """A part may begin with a blank line: then it has no header and is plain text."""
    if piece.startswith(b"\n"):
        return (), piece[1:]
    headers, body = _split(piece)
    return headers, body


def _pieces(body: bytes, boundary: bytes) -> list[bytes]:
    """The parts between the boundary lines; the last one may be cut off."""
    mark = b"--" + boundary
    found: list[bytes] = []
    at = 0 if body.startswith(mark) else body.find(b"\n" + mark) + 1
    if at == 0 and not body.startswith(mark):
        return []
    while len(found) < MAX_PARTS:
        line_end = body.find(b"\n", at)
        if line_end < 0 or body[at + len(mark) : at + len(mark) + 2] == b"--":
            break
        following = body.find(b"\n" + mark, line_end - 1)
        if following < 0:
            found.append(body[line_end + 1 :])
            break
        found.append(body[line_end + 1 : max(following, line_end + 1)])
        at = following + 1
    return found


def _first(headers: tuple[tuple[str, str], ...], name: str) -> str:
    return next((value for key, value in headers if key == name), "")


def _content_type(value: str) -> tuple[str, dict[str, str]]:
    kind = value.split(";", 1)[0].strip().strip("\"'").lower()
    if "/" not in kind:
        kind = "text/plain"
    parameters: dict[str, str] = {}
    for match in _PARAMETER.finditer(value[:4000] if ";" in value else ""):
        parameters.setdefault(match.group(1).lower(), match.group(2) or match.group(3) or "")
    return kind, parameters
