"""DMARC aggregate reports (RFC 7489 7.2), read from the mails that carry them.

Read here and not by a library: the one there is pulls in a GPL package, and the format is one page of XML.
Anybody can send such a mail, so sizes are bounded and the XML may declare no entities.
"""

from __future__ import annotations

import email
import gzip
import io
import re
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from xml.etree.ElementTree import Element, ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import fromstring

from panout.kernel.errors import BadInput

_MOST_BYTES = 20_000_000
_MOST_ROWS = 20_000


@dataclass(frozen=True)
class Source:
    """Mails from one address, with what the receiver found. `spf` and `dkim` are after alignment."""

    address: str
    count: int
    spf: bool
    dkim: bool
    disposition: str


@dataclass(frozen=True)
class Report:
    domain: str
    reporter: str
    report_id: str
    begins_at: datetime
    ends_at: datetime
    policy: str
    sources: tuple[Source, ...]

    @property
    def passed(self) -> int:
        return sum(one.count for one in self.sources if one.spf or one.dkim)

    @property
    def failed(self) -> int:
        return sum(one.count for one in self.sources if not (one.spf or one.dkim))


_NAMED = re.compile(r"[^!\s]+![^!\s]+!\d{9,11}!\d{9,11}(![^.\s]+)?\.(xml|xml\.gz|zip|gz)$", re.IGNORECASE)
_SUBJECT = re.compile(r"\breport domain:\s*\S+.*\bsubmitter:", re.IGNORECASE)
_PACKED = re.compile(
    r"^(?:application|text)/(?:gzip|x-gzip|zip|x-zip-compressed|xml)$|\.(?:xml|gz|zip)$", re.IGNORECASE
)


def is_aggregate_report(subject: str, kinds: Iterable[str], names: Iterable[str]) -> bool:
    """By the name of what it carries, or by its subject and the kind of what it carries (RFC 7489 7.2.1.1).

    Somebody who answers a report carries none, and is not taken for one.
    """
    carried = tuple(names)
    if any(_NAMED.match(name) for name in carried):
        return True
    packed = any(_PACKED.search(one) for one in (*kinds, *carried))
    return packed and bool(_SUBJECT.search(" ".join(subject.split())))


def reports_in(mail: bytes) -> tuple[Report, ...]:
    """Every report attached to a mail. Raises BadInput when what is attached cannot be read as one."""
    message = email.message_from_bytes(mail, _class=EmailMessage, policy=default)
    found = []
    for part in message.walk():
        if part.is_multipart():
            continue
        payload = part.get_payload(decode=True)
        kind, name = part.get_content_type(), (part.get_filename() or "").lower()
        wanted = (
            name.endswith((".xml", ".gz", ".zip")) or "gzip" in kind or "zip" in kind or kind.endswith("/xml")
        )
        if wanted and isinstance(payload, bytes):
            found += [parse_report(text) for text in _unpacked(payload)]
    return tuple(found)


def _unpacked(payload: bytes) -> Iterator[bytes]:
    """By the first bytes, not by the name: senders mislabel them."""
    try:
        if payload.startswith(b"\x1f\x8b"):
            with gzip.GzipFile(fileobj=io.BytesIO(payload)) as packed:
                yield _bounded(packed.read(_MOST_BYTES + 1))
        elif payload.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(payload)) as archive:
                for entry in archive.infolist()[:10]:
                    with archive.open(entry) as packed:
                        yield _bounded(packed.read(_MOST_BYTES + 1))
        else:
            yield _bounded(payload)
    except (OSError, EOFError, zlib.error, zipfile.BadZipFile, RuntimeError, NotImplementedError) as broken:
        raise BadInput("The report's attachment cannot be unpacked.", where="DMARC report") from broken


def _bounded(text: bytes) -> bytes:
    if len(text) > _MOST_BYTES:
        raise BadInput("The report is larger than any honest one.", where="DMARC report")
    return text


def parse_report(text: bytes) -> Report:
    """Read the XML. Receivers differ in name spaces and leave parts out; what is needed must be there."""
    try:
        root = fromstring(text, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as broken:
        raise BadInput("The report is not well-formed XML.", where="DMARC report") from broken
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2] if isinstance(element.tag, str) else element.tag
    try:
        return Report(
            _said(root, "policy_published/domain").lower(),
            _said(root, "report_metadata/org_name")[:200],
            _said(root, "report_metadata/report_id")[:300],
            _moment(_said(root, "report_metadata/date_range/begin")),
            _moment(_said(root, "report_metadata/date_range/end")),
            root.findtext("policy_published/p", "").strip(),
            tuple(_source(row) for row in root.findall("record")[:_MOST_ROWS]),
        )
    except (ValueError, OverflowError, OSError) as wrong:
        raise BadInput(f"The report lacks a part: {wrong}.", where="DMARC report") from wrong


def _said(root: Element, path: str) -> str:
    if not (text := root.findtext(path, "").strip()):
        raise ValueError(path)
    return text


def _moment(text: str) -> datetime:
    return datetime.fromtimestamp(int(float(text)), UTC)


def _source(record: Element) -> Source:
    return Source(
        record.findtext("row/source_ip", "").strip()[:45],
        max(0, int(record.findtext("row/count", "0").strip() or 0)),
        record.findtext("row/policy_evaluated/spf", "").strip() == "pass",
        record.findtext("row/policy_evaluated/dkim", "").strip() == "pass",
        record.findtext("row/policy_evaluated/disposition", "").strip()[:20],
    )
