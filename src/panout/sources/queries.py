"""Questions about lists and imports.

imports(after, limit) -> Slice[ImportLine]               newest first
import_card(import_id) -> ImportCard                     state, live progress, plan, outcome; raises NotFound
preview(import_id, content) -> Preview                   columns, what each is taken for, first values
content_of(card, path) -> Content                        records or signals: as somebody said, else by the headers
remembered(headers) -> mapping of last time or {}
samples(import_id) -> tuple[SampleLine, ...]             examples of the dry run, field by field
rejects(import_id, after, limit) -> Slice[RejectLine]
error_file(import_id) -> Iterator[str]                   CSV lines, safe in a spreadsheet
original_row(import_id, row) -> tuple[(header, value)]   as it came
mappable() -> tuple[(name, label)]                       what a column may be mapped to
shipped_lists() -> tuple[str, ...], shipped_list(name) -> Path   the sample lists that come with Panout
"""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from panout.kernel.errors import NotFound
from panout.kernel.fields import FIELDS
from panout.kernel.paging import Slice, keys_of, mark_of
from panout.sources.files.lists import HeaderGuess, guess_headers, open_list
from panout.sources.files.signals import parts_of, states_signals
from panout.sources.models import (
    ImportBatch,
    ImportMapping,
    ImportReject,
    ImportSample,
    UploadedList,
    UploadPart,
)
from panout.sources.rules.cells import guard_formula
from panout.sources.rules.headers import MAPPABLE, header_words
from panout.sources.rules.imports import Content, ImportState

CUSTOM = "custom"  # keep the column as a custom field
LEFT_OUT = "leave_out"  # the column does not go into the book; the list itself keeps it
EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "lists"
_LISTS = {".csv", ".jsonl", ".tsv", ".xlsx"}


@dataclass(frozen=True, slots=True)
class ImportLine:
    id: int
    list: str
    size: int
    state: ImportState
    stage: str
    done: int
    total: int
    started_by: str
    created_at: datetime
    finished_at: datetime | None
    new_contacts: int
    new_accounts: int
    rejected_rows: int
    signals: int | None  # None: the file brings companies and people

    @property
    def share(self) -> float:
        """How much is done, 0 to 1."""
        return self.done / self.total if self.total else 0.0


@dataclass(frozen=True, slots=True)
class ImportCard:
    """All that an import's page shows. `plan` has the counts of `resolve.loading.Plan`, later of the outcome;
    after an undo also removed, restored and kept (names)."""

    id: int
    upload_id: int
    list: str
    size: int
    state: ImportState
    columns: Mapping[str, str]
    policy: str
    region: str
    owner_id: int | None
    tags: tuple[str, ...]
    stage: str
    done: int
    total: int
    cancel_asked: bool
    failure: str
    plan: Mapping[str, object]
    rejected_rows: int
    started_by: str
    started_by_id: int | None
    created_at: datetime
    finished_at: datetime | None
    undone_at: datetime | None
    content: Content | None  # None: nobody said, the headers tell

    @property
    def share(self) -> float:
        return self.done / self.total if self.total else 0.0

    @property
    def working(self) -> bool:
        return self.state in {ImportState.CHECKING, ImportState.LOADING, ImportState.UNDOING}


@dataclass(frozen=True, slots=True)
class ColumnPreview:
    """One column: `field` is what it will be taken for ("custom": kept as it is)."""

    header: str
    field: str
    confidence: float
    how: str
    examples: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Preview:
    format: str
    content: Content
    columns: tuple[ColumnPreview, ...]
    remembered: bool  # these headers were mapped before; that mapping is shown
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    field: str
    label: str
    before: object
    after: object


@dataclass(frozen=True, slots=True)
class SampleLine:
    kind: str  # create, update, review
    label: str
    record: str  # "contact 12"
    differences: tuple[Difference, ...]


@dataclass(frozen=True, slots=True)
class RejectLine:
    row: int  # as people count: the first data row is 1
    column: str
    value: str
    reason: str
    whole_row: bool


def imports(after: str = "", limit: int = 50) -> Slice[ImportLine]:
    rows = ImportBatch.objects.select_related("upload", "started_by").order_by("-id")
    if after:
        (last,) = keys_of(after, (int,))
        rows = rows.filter(id__lt=int(last or 0))
    found = list(rows[: limit + 1])
    lines = tuple(
        ImportLine(
            row.pk,
            row.upload.name,
            row.upload.size,
            ImportState(row.state),
            row.stage,
            row.done,
            row.total,
            row.started_by.name if row.started_by else "Panout",
            row.created_at,
            row.finished_at,
            int(row.plan.get("new_contacts", 0)),
            int(row.plan.get("new_accounts", 0)),
            row.rejected_rows,
            row.plan.get("signals"),
        )
        for row in found[:limit]
    )
    return Slice(lines, mark_of(lines[-1].id) if len(found) > limit else "")


def import_card(import_id: int) -> ImportCard:
    row = ImportBatch.objects.select_related("upload", "started_by").filter(id=import_id).first()
    if row is None:
        raise NotFound("There is no such import.")
    return ImportCard(
        row.pk,
        row.upload_id,
        row.upload.name,
        row.upload.size,
        ImportState(row.state),
        row.columns,
        row.policy,
        row.region,
        row.owner_id,
        tuple(row.tags),
        row.stage,
        row.done,
        row.total,
        row.cancel_asked,
        row.failure,
        row.plan,
        row.rejected_rows,
        row.started_by.name if row.started_by else "Panout",
        row.started_by_id,
        row.created_at,
        row.finished_at,
        row.undone_at,
        Content(row.content) if row.content else None,
    )


def preview(import_id: int, content: Content | None = None) -> Preview:
    """Reads the head of the file anew, as what it is said to hold. Raises BadInput for what is no list.

    Columns of a file of signals are taken for a part of a signal, or for nothing (an empty `field`).
    """
    card = import_card(import_id)
    with upload_on_disk(card.upload_id) as path:
        guessed = guess_headers(path)
        _, raw = open_list(path)
        first = next(iter(raw.batches()), None)
        cells = first.cells.slice(0, 50).to_pydict() if first else {}
    headers = [guess.header for guess in guessed.columns]
    content = content or card.content or _content(guessed)
    notes = tuple(note.reason for note in guessed.notes)
    first_values = {
        header: tuple(dict.fromkeys(str(value) for value in cells.get(header, ()) if value))[:3]
        for header in headers
    }
    if content == Content.SIGNALS:
        parts = parts_of(headers)
        told = tuple(
            ColumnPreview(header, parts.get(header, ""), 1.0, "a known header", first_values[header])
            for header in headers
        )
        return Preview(guessed.format, content, told, False, notes)
    known = remembered(headers)
    columns = []
    for guess in guessed.columns:
        chosen = card.columns.get(guess.header) or known.get(guess.header) or guess.field or CUSTOM
        columns.append(
            ColumnPreview(guess.header, chosen, guess.confidence, guess.how, first_values[guess.header])
        )
    return Preview(guessed.format, content, tuple(columns), bool(known), notes)


def content_of(card: ImportCard, path: Path) -> Content:
    """What somebody said that the file holds, else what its headers say."""
    return card.content or _content(guess_headers(path))


def _content(guessed: HeaderGuess) -> Content:
    if states_signals({guess.header: guess.field for guess in guessed.columns}):
        return Content.SIGNALS
    return Content.RECORDS


def headers_key(headers: Sequence[str]) -> str:
    """One key for files with the same columns, whatever their order or spelling in detail."""
    folded = "\n".join(sorted(header_words(header) for header in headers))
    return hashlib.sha256(folded.encode()).hexdigest()


def remembered(headers: Sequence[str]) -> Mapping[str, str]:
    kept = ImportMapping.objects.filter(headers_key=headers_key(headers)).first()
    if kept is None:
        return {}
    by_words = {header_words(header): field for header, field in kept.columns.items()}
    return {header: by_words[header_words(header)] for header in headers if header_words(header) in by_words}


def own_columns(most: int = 200) -> tuple[str, ...]:
    """Columns of lists that are no field of ours and were kept, by the mappings used last."""
    kept = ImportMapping.objects.order_by("-used_at").values_list("columns", flat=True)[:200]
    return tuple(
        sorted({header for columns in kept for header, field in columns.items() if field == CUSTOM})[:most]
    )


def samples(import_id: int) -> tuple[SampleLine, ...]:
    rows = ImportSample.objects.filter(batch_id=import_id).order_by("id")[:200]
    return tuple(
        SampleLine(
            row.kind,
            row.label,
            row.record,
            tuple(
                Difference(told["field"], _label(told["field"]), told["before"], told["after"])
                for told in row.differences
            ),
        )
        for row in rows
    )


def rejects(import_id: int, after: str = "", limit: int = 100) -> Slice[RejectLine]:
    rows = ImportReject.objects.filter(batch_id=import_id).order_by("id")
    if after:
        (last,) = keys_of(after, (int,))
        rows = rows.filter(id__gt=int(last or 0))
    found = list(rows[: limit + 1])
    lines = tuple(_reject(row) for row in found[:limit])
    return Slice(lines, mark_of(found[limit - 1].pk) if len(found) > limit else "")


def error_file(import_id: int) -> Iterator[str]:
    """Row, column, value, reason. Cells that a spreadsheet would run as a formula are made text."""
    yield "row,column,value,reason\r\n"
    rows = ImportReject.objects.filter(batch_id=import_id).order_by("id")
    for row in rows.iterator(chunk_size=2000):
        line = io.StringIO()
        told = _reject(row)
        cells = [guard_formula(cell) for cell in (told.column, told.value, told.reason)]
        csv.writer(line).writerow([told.row, *cells])
        yield line.getvalue()


def original_row(import_id: int, row: int) -> tuple[tuple[str, str], ...]:
    """The cells of a row as they came, header by header."""
    card = import_card(import_id)
    with upload_on_disk(card.upload_id) as path:
        _, raw = open_list(path)
        for batch in raw.batches():
            numbers = batch.numbers.to_pylist()
            if numbers and numbers[0] <= row <= numbers[-1] and row in numbers:
                cells = batch.cells.slice(numbers.index(row), 1).to_pylist()[0]
                return tuple((header, "" if value is None else str(value)) for header, value in cells.items())
    raise NotFound("The list has no such row.")


def mappable() -> tuple[tuple[str, str], ...]:
    """What a column may be taken for: name and label, in the catalogue's order."""
    listed = [(name, one.label) for name, one in FIELDS.items() if name in MAPPABLE]
    more = [(name, name.replace("_", " ")) for name in sorted(MAPPABLE - set(FIELDS))]
    return (*listed, *more, (CUSTOM, "keep as a custom field"), (LEFT_OUT, "leave out"))


def shipped_lists() -> tuple[str, ...]:
    """The file names of the sample lists."""
    return tuple(sorted(path.name for path in EXAMPLES.glob("*") if path.suffix in _LISTS))


def shipped_list(name: str) -> Path:
    if name not in shipped_lists():
        raise NotFound(f"No sample list is called '{name[:60]}'.")
    return EXAMPLES / name


@contextmanager
def upload_on_disk(upload_id: int) -> Iterator[Path]:
    """The uploaded file under its own name in a folder that is gone afterwards. Raises NotFound."""
    upload = UploadedList.objects.filter(id=upload_id).first()
    if upload is None:
        raise NotFound("There is no such list.")
    folder = Path(tempfile.mkdtemp(prefix="panout-list-"))
    try:
        path = folder / safe_name(upload.name)
        with path.open("wb") as file:
            parts = UploadPart.objects.filter(upload_id=upload_id).order_by("number")
            for content in parts.values_list("content", flat=True).iterator(chunk_size=8):
                file.write(content)
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def safe_name(name: str) -> str:
    """A file name without a path and without anything that a shell or a header could take amiss."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    kept = "".join(c if c.isalnum() or c in " ._-()" else "_" for c in last).strip(" .")
    return kept[-120:] or "list"


def _reject(row: ImportReject) -> RejectLine:
    return RejectLine(row.row + 1, row.column, row.value, row.reason, row.whole_row)


def _label(name: str) -> str:
    return FIELDS[name].label if name in FIELDS else name.replace("_", " ")
