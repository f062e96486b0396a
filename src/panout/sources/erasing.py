"""Taking a person out of the files that brought them: the row stays in its place, its words do not.

forget_in_lists(names, always, only) -> ids      of the lists that were changed
"""

from __future__ import annotations

import codecs
import gzip
from collections.abc import Collection, Iterable

from django.db import transaction

from panout.consent.rules.forgetting import Names, Redactor
from panout.sources.actions import PART_BYTES
from panout.sources.models import UploadedList, UploadPart

# Spreadsheets and columnar files cannot be changed in place: such a file goes as a whole.
_PACKED = (b"PK\x03\x04", b"PAR1", b"\xd0\xcf\x11\xe0", b"BZh", b"\x28\xb5\x2f\xfd", b"\xfd7zXZ")
_GZIP = b"\x1f\x8b"
_WIDE = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def forget_in_lists(
    names: Names, always: Collection[int] = (), only: Collection[int] | None = None
) -> tuple[int, ...]:
    """Mask the rows of a person in every list that names them; ids of the lists that were changed.

    `always` are lists that surely have them; `only` looks in these alone. What is packed (XLSX, Parquet) and
    surely has them is emptied; every other value that came from it stays in the book.
    """
    lists = UploadedList.objects.order_by("id")
    if only is not None:
        lists = lists.filter(id__in=only)
    redactor = Redactor(names)
    return tuple(
        kept.pk for kept in lists.iterator() if names and _changed(kept, redactor, surely=kept.pk in always)
    )


def _changed(kept: UploadedList, redactor: Redactor, *, surely: bool) -> bool:
    parts = UploadPart.objects.filter(upload=kept).order_by("number").values_list("content", flat=True)
    content = b"".join(bytes(part) for part in parts.iterator(chunk_size=8))
    clean = _cleaned(content, redactor, surely=surely)
    if clean == content:
        return False
    with transaction.atomic():
        UploadPart.objects.filter(upload=kept).delete()
        UploadPart.objects.bulk_create(_parts(kept, clean))
        UploadedList.objects.filter(id=kept.pk).update(size=len(clean))
    return True


def _parts(kept: UploadedList, content: bytes) -> Iterable[UploadPart]:
    for number, start in enumerate(range(0, len(content), PART_BYTES)):
        yield UploadPart(upload=kept, number=number, content=content[start : start + PART_BYTES])


def _cleaned(content: bytes, redactor: Redactor, *, surely: bool) -> bytes:
    if content.startswith(_GZIP):
        inside = gzip.decompress(content)
        clean = _cleaned(inside, redactor, surely=surely)
        return content if clean == inside else gzip.compress(clean, mtime=0)
    if content.startswith(_PACKED):
        return b"" if surely else content
    coding = _coding(content)
    text = content.decode(coding)
    if not redactor.hits(text):
        return content
    tagged = text.lstrip("\ufeff \t\r\n")[:1] in {"{", "[", "<"}
    return (redactor.marked(text) if tagged else redactor.rows(text)).encode(coding)


def _coding(content: bytes) -> str:
    """UTF-16 by its mark, else UTF-8, else Latin-1, which gives every byte back as it was."""
    if content.startswith(_WIDE):
        return "utf-16-le" if content.startswith(codecs.BOM_UTF16_LE) else "utf-16-be"
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "latin-1"
    return "utf-8"
