"""What a file is, whatever its name says, and its bytes as UTF-8 text, whatever they were."""

from __future__ import annotations

import codecs
import gzip
import io
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO

from panout.kernel.errors import BadInput, NothingUsable
from panout.sources.files.latin import CENTRAL, WESTERN, latin_page

_HEAD = 65_536
_BINARY_SHARE = 0.02
_SURE = 64  # letters beyond ASCII that a guess of the script needs; with fewer it is held to be Latin
# Code pages a spreadsheet may have saved in.
_PAGES = [
    "cp1252",
    "cp1250",
    "cp1251",
    "mac_roman",
    "shift_jis",
    "gb18030",
    "euc_kr",
    "big5",
    "cp1253",
    "cp1254",
]
_SIGNS = {
    b"%PDF": "a PDF",
    b"\x89PNG": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"\x7fELF": "a program",
    b"MZ": "a program",
    b"7z\xbc\xaf": "a 7z archive",
    b"Rar!": "a RAR archive",
    b"\x28\xb5\x2f\xfd": "a Zstandard archive",
    b"BZh": "a bzip2 archive",
    b"\xfd7zXZ": "an xz archive",
    b"SQLite format 3": "an SQLite database",
}


class Format(StrEnum):
    """How the rows lie in the file."""

    DELIMITED = "delimited text"
    SHEET = "spreadsheet"
    JSON = "JSON"
    PARQUET = "Parquet"


@dataclass(frozen=True, slots=True)
class Opened:
    """A file known by its content. `gzipped` says that its bytes come out of gzip."""

    path: Path
    format: Format
    gzipped: bool


def look(path: Path) -> Opened:
    """Find out what the file is by its first bytes; the name decides nothing but JSON against text.

    Raises BadInput for what is no list: missing, empty, a folder, an archive, a picture, a program.
    """
    where = str(path)
    try:
        with path.open("rb") as file:
            head = file.read(4)
        gzipped = head[:2] == b"\x1f\x8b"
        with opened(path, gzipped=gzipped) as stream:
            head = stream.read(_HEAD)
    except FileNotFoundError:
        raise BadInput("There is no such file.", where=where, mend="Check the path.") from None
    except IsADirectoryError:
        raise BadInput("This is a folder, not a list.", where=where, mend="Name the files in it.") from None
    except PermissionError:
        raise BadInput("This file may not be read.", where=where, mend="Check its permissions.") from None
    except (EOFError, zlib.error, gzip.BadGzipFile):
        raise BadInput(
            "The gzip data is damaged.", where=where, mend="Fetch or export the file again."
        ) from None
    except OSError as fault:
        raise BadInput(f"This file cannot be read ({fault.strerror or fault}).", where=where) from None
    return Opened(path, _format(head, path, gzipped=gzipped), gzipped)


@contextmanager
def opened(path: Path, *, gzipped: bool) -> Iterator[BinaryIO]:
    """The file's bytes, out of gzip where they are in it."""
    with path.open("rb") as file:
        if not gzipped:
            yield file
            return
        with gzip.GzipFile(fileobj=file) as inner:
            yield io.BufferedReader(inner)


def _format(head: bytes, path: Path, *, gzipped: bool) -> Format:
    where = str(path)
    if not head.strip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"):
        raise NothingUsable("The file is empty.", where=where, mend="Export the list again.")
    if head.startswith(b"PAR1"):
        return Format.PARQUET
    if head.startswith(b"PK\x03\x04"):
        return _zipped(path, gzipped=gzipped)
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        return Format.SHEET
    _refuse_others(head, where)
    text = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    names = [suffix.lower() for suffix in path.suffixes]
    if text.startswith((b"{", b"[{")) or (
        text.startswith(b"[") and {".json", ".jsonl", ".ndjson"} & set(names)
    ):
        return Format.JSON
    if {".json", ".jsonl", ".ndjson"} & set(names[-2:]):
        return Format.JSON
    return Format.DELIMITED


def _refuse_others(head: bytes, where: str) -> None:
    """Raise BadInput for pictures, programs and whatever else is no text."""
    for sign, name in _SIGNS.items():
        if head.startswith(sign) and (sign != b"MZ" or b"\0" in head):
            raise BadInput(f"This is {name}, not a list.", where=where, mend=_MEND)
    if not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) and utf16_without_mark(head) is None:
        odd = sum(head.count(code) for code in (*range(1, 9), *range(14, 27), *range(28, 32)))
        if odd > len(head) * _BINARY_SHARE or head.count(0) > len(head) * 0.1:
            raise BadInput("This is a binary file, not a list.", where=where, mend=_MEND)


_MEND = "Save the list as CSV, XLSX, JSON lines or Parquet."


def _zipped(path: Path, *, gzipped: bool) -> Format:
    where = str(path)
    if gzipped:
        raise BadInput("This is a zip archive within gzip.", where=where, mend=_MEND)
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BadInput(
            "The file is damaged (a zip archive that ends too early).", where=where, mend=_MEND
        ) from None
    if any(name.startswith("xl/") for name in names) or "content.xml" in names:
        return Format.SHEET
    raise BadInput(
        "This is a zip archive, not a list.", where=where, mend="Unpack it and name the files in it."
    )


def utf16_without_mark(head: bytes) -> str | None:
    """UTF-16 that lost its mark: in western text every second byte is zero."""
    even, odd = head[0:4096:2], head[1:4096:2]
    if len(odd) < 8:
        return None
    if odd.count(0) > len(odd) * 0.4 and even.count(0) < len(even) * 0.1:
        return "utf-16-le"
    if even.count(0) > len(even) * 0.4 and odd.count(0) < len(odd) * 0.1:
        return "utf-16-be"
    return None


class Utf8:
    """Bytes in, UTF-8 out, a block at a time; finds out about the encoding as late as it can.

    As long as all is ASCII nothing is decided. The first block beyond ASCII decides between UTF-8 and a code
    page: whichever more of its sequences fit. In UTF-8 text a byte that fits nothing becomes U+FFFD;
    `damaged` then says that this block has such, and the reader rejects the rows they are in.
    """

    def __init__(self, head: bytes) -> None:
        self.encoding: str | None = None
        self.damaged = False
        self._rest = b""
        self._decoder: codecs.IncrementalDecoder | None = None
        if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            self._use("utf-16")
        elif head.startswith(codecs.BOM_UTF8):
            self.encoding = "utf-8"
        elif (lost := utf16_without_mark(head)) is not None:
            self._use(lost)

    def feed(self, block: bytes, *, final: bool) -> bytes:
        """The block in UTF-8. The last block must be fed with `final`, even if it is empty."""
        self.damaged = False
        if self.encoding is None and not block.isascii():
            self._decide(block)
        if self.encoding is None:
            return block
        if self._decoder is not None:
            return self._decoded(block, final=final)
        return self._checked(block, final=final)

    def _decide(self, block: bytes) -> None:
        fine = len(block.decode("utf-8", "ignore").encode("utf-8"))
        beyond = _beyond(block)
        wrong = len(block) - fine
        # A sequence cut in two at the block's end is no fault.
        if wrong <= 3 and _is_cut(block):
            wrong = 0
        if wrong * 2 <= beyond:
            self.encoding = "utf-8"
        else:
            self._use(_code_page(block))

    def _use(self, encoding: str) -> None:
        self.encoding = encoding
        self._decoder = codecs.getincrementaldecoder(encoding)("replace")

    def _decoded(self, block: bytes, *, final: bool) -> bytes:
        assert self._decoder is not None  # noqa: S101
        text = self._decoder.decode(block, final)
        self.damaged = "\ufffd" in text
        return text.encode("utf-8", "replace")

    def _checked(self, block: bytes, *, final: bool) -> bytes:
        block = self._rest + block
        self._rest = b""
        try:
            block.decode("utf-8")
        except UnicodeDecodeError as fault:
            if not final and fault.end >= len(block) and len(block) - fault.start < 4:
                self._rest, block = block[fault.start :], block[: fault.start]
            if not _is_utf8(block):
                self.damaged = True
                if not final and (cut := _cut_at(block)):
                    self._rest, block = block[cut:] + self._rest, block[:cut]
                return block.decode("utf-8", "replace").encode("utf-8")
        return block


def _is_utf8(block: bytes) -> bool:
    try:
        block.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _beyond(block: bytes) -> int:
    return len(block) - len(block.decode("ascii", "ignore"))


def _is_cut(block: bytes) -> bool:
    return bool(_cut_at(block))


def _cut_at(block: bytes) -> int:
    """Where an unfinished UTF-8 sequence starts at the end of a block; 0 when there is none."""
    for back in range(1, min(4, len(block)) + 1):
        byte = block[-back]
        if byte < 0x80:
            return 0
        if byte >= 0xC0:
            needed = 2 if byte < 0xE0 else 3 if byte < 0xF0 else 4
            return len(block) - back if needed > back else 0
    return 0


def _code_page(block: bytes) -> str:
    lines = b"\n".join(line for line in block.splitlines()[:20_000] if not line.isascii())[:50_000]
    if _beyond(lines) < _SURE:
        return latin_page(lines)
    # Imported here: only files in a code page of old need it, and each command would wait for it.
    from charset_normalizer import from_bytes

    best = from_bytes(lines, cp_isolation=_PAGES, threshold=0.2).best()
    if best is None or best.encoding not in _PAGES or best.encoding in (WESTERN, CENTRAL):
        return latin_page(lines)
    return best.encoding
