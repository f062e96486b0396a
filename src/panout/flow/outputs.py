"""The files of a run, written from its relations: CSV that is safe to open in a spreadsheet, and Parquet."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv

from panout.batch.engine import Engine
from panout.batch.letters import Mask, letters
from panout.batch.steps import Step
from panout.qualify.steps import Beside

# Files that are written at a time. Each needs memory of its own, so not as many as there are processors.
_AT_ONCE = min(4, os.cpu_count() or 1)

# A spreadsheet takes a cell that begins like this for a formula (or, for +49..., for a number). Blanks before
# it do not help, nor do the full-width forms.
_FORMULA = r"^[\s\x00\x{feff}]*[=+\-@\x{ff1d}\x{ff0b}\x{ff0d}\x{ff20}]|^[\t\r\n]"
_GUARD = "'"

# What mail sequencers expect, by these names and in this order; `reason` is ours.
SEQUENCER = (
    "email",
    "first_name",
    "last_name",
    "company",
    "title",
    "website",
    "linkedin_url",
    "reason",
)


LISTED = Beside(
    {
        "email": "c.email",
        "first_name": "c.first_name",
        "last_name": "c.last_name",
        "company": "a.company_name",
        "title": "c.title",
        "website": "coalesce(a.website, a.domain)",
        "linkedin_url": "c.linkedin",
        "full_name": "c.full_name",
        "buying_role": "c.buying_role",
        "seniority": "c.seniority",
        "department": "c.department",
        "email_grade": "c.email_grade",
        "phone": "c.phone",
        "mobile": "c.mobile",
        "do_not_call": "c.do_not_call",
        "opted_out": "c.opted_out",
        "domain": "a.domain",
        "industry": "a.industry",
        "employees": "a.employees",
        "revenue": "a.revenue",
        "city": "coalesce(a.city, c.person_city)",
        "region": "coalesce(a.region, c.person_region)",
        "country": "coalesce(a.country, c.person_country)",
        "company_linkedin": "a.company_linkedin",
    },
    "LEFT JOIN contacts AS c ON c.contact_id = s.contact_id\n"
    "LEFT JOIN accounts AS a ON a.account_id = s.account_id",
)
"""The person and the company that a verdict is about, as `prospects` shows them."""

# All that `prospects` shows but the rules one by one: those are for programs, which read the Parquet file.
_SHOWN = (
    "rank",
    "verdict",
    *SEQUENCER,
    "priority",
    "fit",
    "intensity",
    "timing",
    "team",
    "known",
    "missing",
    "disqualifier",
    *(name for name in LISTED.columns if name not in SEQUENCER),
    "account_id",
    "contact_id",
)


def prospects() -> Step:
    """Every verdict with the person and the company it is about, from `verdicts` with `LISTED` beside them."""
    told = {
        "rank": "CAST(rank AS BIGINT) AS rank",
        "reason": "CASE WHEN verdict = 'disqualified' THEN disqualifier ELSE why_now END AS reason",
    }
    columns = ", ".join(told.get(name, name) for name in (*_SHOWN, "reasons"))
    return Step("prospects", f"SELECT {columns}\nFROM verdicts")


def provenance() -> Step:
    """Which row of which list went into which account and contact."""
    return Step(
        "provenance",
        """
SELECT r.row_id, r.file, r.row, m.account_id, m.contact_id
FROM members m JOIN rows r ON r.row_id = m.row_id""",
    )


def write_files(engine: Engine, folder: Path) -> dict[str, int]:
    """Write every file of the run into `folder`; returns the number of rows in each, by file name."""
    engine.view(prospects())
    # As they were read: neighbours have much in common, and take a third less room.
    first_row = f"row_ids[{0 if engine.kind == 'spark' else 1}]"
    # The longest first: whoever is free takes the next.
    tasks = {
        "prospects.parquet": lambda path: engine.write_ranked("prospects", path, rank="rank"),
        "prospects.csv": lambda path: write_csv(path, engine.ranked("prospects", _SHOWN, rank="rank")),
        "signals.parquet": _sorted(engine, "signals", "signal_id, date, type"),
        "contacts.parquet": _sorted(engine, "contacts", first_row),
        "sequencer.csv": lambda path: write_csv(path, _mailable(engine), columns=SEQUENCER),
        "provenance.parquet": _sorted(engine, "provenance", "row_id"),
        "accounts.parquet": _sorted(engine, "accounts", first_row),
        "rejects.csv": _complaints(engine, "rejects"),
        "warnings.csv": _complaints(engine, "warnings"),
    }
    with engine.side_by_side(), ThreadPoolExecutor(_AT_ONCE, "writing") as writers:
        begun = {name: writers.submit(write, folder / name) for name, write in tasks.items()}
        return {name: writing.result() for name, writing in begun.items()}


def _sorted(engine: Engine, name: str, order: str) -> Callable[[Path], int]:
    return lambda path: engine.write_parquet(name, path, order_by=order)


def _complaints(engine: Engine, name: str) -> Callable[[Path], int]:
    columns = ("file", "row", "column", "value", "reason")
    order = f"file, row, {_quoted(engine, 'column')}, reason, value"
    return lambda path: write_csv(
        path, engine.batches(f"SELECT * FROM {name} ORDER BY {order}"), columns=columns
    )


# A sequencer mails whoever it is given: only those who pass the gate, have an address, did not opt out.
_DECIDING = ("verdict", "email_grade", "opted_out")
_NEVER_MAILED = pa.array(["invalid", "disposable"])


def _mailable(engine: Engine) -> Iterator[pa.RecordBatch]:
    for batch in engine.ranked("prospects", (*SEQUENCER, *_DECIDING), rank="rank"):
        sent = pc.and_(pc.equal(batch["verdict"], "prospect"), pc.is_valid(batch["email"]))
        sent = pc.and_(sent, pc.invert(pc.fill_null(batch["opted_out"], False)))
        sent = pc.and_(sent, pc.invert(pc.is_in(batch["email_grade"], _NEVER_MAILED)))
        yield batch.filter(sent).select(SEQUENCER)


def _quoted(engine: Engine, name: str) -> str:
    return f"`{name}`" if engine.kind == "spark" else f'"{name}"'


def write_csv(path: Path, batches: Iterable[pa.RecordBatch], columns: Iterable[str] = ()) -> int:
    """UTF-8, comma, quotes where needed, a line feed after each row; formulas guarded by an apostrophe.

    `columns` gives the header of a file without rows.
    """
    rows = 0
    writer: pa.csv.CSVWriter | None = None
    options = pa.csv.WriteOptions(quoting_style="needed", quoting_header="needed")
    try:
        for batch in batches:
            if writer is None:
                names = [pa.field(name, _written(type_)) for name, type_ in _shape(batch)]
                writer = pa.csv.CSVWriter(path, pa.schema(names), write_options=options)
            cells = [_cells(column) for column in batch.columns]
            writer.write_batch(pa.record_batch(cells, names=batch.schema.names))
            rows += batch.num_rows
        if writer is None:
            empty = pa.schema([pa.field(name, pa.string()) for name in columns])
            writer = pa.csv.CSVWriter(path, empty, write_options=options)
    finally:
        if writer is not None:
            writer.close()
    return rows


def _shape(batch: pa.RecordBatch) -> list[tuple[str, pa.DataType]]:
    return [(field.name, field.type) for field in batch.schema]


def _written(kind: pa.DataType) -> pa.DataType:
    return pa.string() if pa.types.is_list(kind) or _is_text(kind) else kind


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _cells(column: pa.Array) -> pa.Array:
    if pa.types.is_list(column.type):
        column = pc.binary_join(column.cast(pa.list_(pa.string())), "; ")
    if not _is_text(column.type):
        return column
    column = column.cast(pa.string())
    risky = _may_be_formulas(column)
    if not risky.any():
        return column
    cells = column.filter(pa.array(risky))
    guarded = pc.binary_join_element_wise(_GUARD, cells, "")
    kept = pc.if_else(pc.match_substring_regex(cells, _FORMULA), guarded, cells)
    return pc.replace_with_mask(column, pa.array(risky), kept)


# Every text that `_FORMULA` finds begins with one of these bytes: a mark, a blank, or the first byte of a full-width
# form. Looking at one byte takes a tenth of the time, and few texts need the second look.
_FIRST = np.isin(np.arange(256), list(b"=+-@\t\n\f\r \x00\xef"))


def _may_be_formulas(column: pa.Array) -> Mask:
    text = letters(column)
    return _FIRST[text.first()] & (text.lengths > 0)
