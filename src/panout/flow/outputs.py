"""The files of a run, written from its relations: CSV that is safe to open in a spreadsheet, and Parquet."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq

from panout.batch.ahead import ahead
from panout.batch.engine import BATCH_ROWS, Engine
from panout.batch.steps import Step

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


def prospects() -> Step:
    """Every verdict with the person and the company it is about, ready to be written in order of rank."""
    return Step(
        "prospects",
        """
SELECT CAST(v.rank AS BIGINT) AS rank, v.verdict,
       c.email, c.first_name, c.last_name, a.company_name AS company, c.title,
       coalesce(a.website, a.domain) AS website, c.linkedin AS linkedin_url,
       CASE WHEN v.verdict = 'disqualified' THEN v.disqualifier ELSE v.why_now END AS reason,
       v.priority, v.fit, v.intensity, v.timing, v.team, v.known, v.missing, v.disqualifier,
       c.full_name, c.buying_role, c.seniority, c.department, c.email_grade, c.phone, c.mobile,
       c.do_not_call, c.opted_out,
       a.domain, a.industry, a.employees, a.revenue,
       coalesce(a.city, c.person_city) AS city, coalesce(a.region, c.person_region) AS region,
       coalesce(a.country, c.person_country) AS country, a.company_linkedin,
       v.account_id, v.contact_id, v.reasons
FROM verdicts v
LEFT JOIN contacts c ON c.contact_id = v.contact_id
LEFT JOIN accounts a ON a.account_id = v.account_id""",
    )


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
    ranked = folder / "prospects.parquet"
    written = {ranked.name: engine.write_ranked("prospects", ranked, rank="rank")}
    # Text is made by one processor; meanwhile the other one has the other files to sort.
    with ThreadPoolExecutor(2, "writing") as two:
        tasks = [two.submit(_ranked_text, ranked), two.submit(_other_files, engine, folder)]
        for task in tasks:
            written |= task.result()
    return written


def _ranked_text(ranked: Path) -> dict[str, int]:
    folder = ranked.parent
    return {
        "prospects.csv": write_csv(folder / "prospects.csv", _columns_of(ranked, _told(ranked))),
        "sequencer.csv": write_csv(
            folder / "sequencer.csv",
            _mailable(_columns_of(ranked, (*SEQUENCER, *_DECIDING))),
            columns=SEQUENCER,
        ),
    }


def _other_files(engine: Engine, folder: Path) -> dict[str, int]:
    written: dict[str, int] = {}
    for name, order in (
        ("contacts", "contact_id"),
        ("accounts", "account_id"),
        ("signals", "signal_id, date, type"),
        ("provenance", "row_id"),
    ):
        file = f"{name}.parquet"
        written[file] = engine.write_parquet(name, folder / file, order_by=order)
    order = f"file, row, {_quoted(engine, 'column')}, reason, value"
    for name in ("rejects", "warnings"):
        written[f"{name}.csv"] = write_csv(
            folder / f"{name}.csv",
            engine.batches(f"SELECT * FROM {name} ORDER BY {order}"),
            columns=("file", "row", "column", "value", "reason"),
        )
    return written


def _columns_of(path: Path, names: Sequence[str]) -> Iterator[pa.RecordBatch]:
    # Columns of few different words come coded, so that each word is looked at once.
    file = pq.ParquetFile(path, read_dictionary=[name for name in names if name in _OF_FEW_WORDS])
    for batch in ahead(file.iter_batches(BATCH_ROWS, columns=list(names))):
        yield batch.select(names)


_OF_FEW_WORDS = frozenset(
    {
        "verdict",
        "first_name",
        "title",
        "disqualifier",
        "buying_role",
        "seniority",
        "department",
        "email_grade",
        "industry",
        "city",
        "region",
        "country",
    }
)


def _told(path: Path) -> list[str]:
    """All columns but the rules one by one: those are for programs, which read the Parquet file."""
    return [name for name in pq.ParquetFile(path).schema_arrow.names if name != "reasons"]


# A sequencer mails whoever it is given: only those who pass the gate, have an address, did not opt out.
_DECIDING = ("verdict", "email_grade", "opted_out")
_NEVER_MAILED = pa.array(["invalid", "disposable"])


def _mailable(batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    for batch in batches:
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
    if pa.types.is_dictionary(kind):
        return pa.string()
    return pa.string() if pa.types.is_list(kind) or _is_text(kind) else kind


def _is_text(kind: pa.DataType) -> bool:
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind) or pa.types.is_string_view(kind))


def _cells(column: pa.Array) -> pa.Array:
    if pa.types.is_dictionary(column.type):
        return _cells(column.dictionary).take(column.indices)
    if pa.types.is_list(column.type):
        column = pc.binary_join(column.cast(pa.list_(pa.string())), "; ")
    if not _is_text(column.type):
        return column
    column = column.cast(pa.string())
    risky = pc.match_substring_regex(column, _FORMULA)
    return pc.if_else(risky, pc.binary_join_element_wise(_GUARD, column, ""), column)
