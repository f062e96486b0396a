"""`panout resolve undo`: take one row out of a cluster again, from what the run left in its folder alone."""

from __future__ import annotations

import csv
import shutil
import tempfile
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from panout.batch.engine import open_engine
from panout.batch.steps import Step
from panout.flow.resolve import is_ours, kind_of, write_survivors
from panout.flow.staging import staged
from panout.kernel.errors import BadInput, NotFound
from panout.resolve.subjects import Kind

_ANSWERS = ("file_l", "row_l", "file_r", "row_r", "match")


@dataclass(frozen=True, slots=True)
class Undone:
    """The row's cluster now, and that of the rows it was with."""

    cluster: int
    rest: int
    rows_left: int


def undo(folder: str | Path, file: str, row: int) -> Undone:
    """Give a row a cluster of its own: in clusters.csv, in merged.parquet, and in the surviving records of both, which
    are chosen anew. That they are not one is noted in answers.csv, to be given as --labels to the next run.

    Raises NotFound when `folder` holds no run, or the row is in no cluster with another; nothing is changed then.
    """
    out = Path(folder)
    if not is_ours(out) or not (out / "merged.parquet").exists():
        raise NotFound("holds nothing that `panout resolve` wrote", where=str(out))
    merged = pq.read_table(out / "merged.parquet")
    place = _place(merged, file, row)
    with staged(out, replaceable=is_ours) as fresh:
        for path in out.iterdir():
            if path.name not in {"clusters.csv", "merged.parquet", "survivors.parquet"}:
                shutil.copy2(path, fresh)
        parted = _parted(merged, place)
        _rewrite(out / "clusters.csv", fresh / "clusters.csv", parted)
        _note(fresh / "answers.csv", parted)
        _choose_again(merged, parted, fresh, kind_of(out))
    return Undone(place.row_id, parted.rest, len(parted.others))


@dataclass(frozen=True, slots=True)
class _Place:
    cluster: int
    row_id: int
    file: str
    row: int


@dataclass(frozen=True, slots=True)
class _Parted:
    """A row, the rows it was with, and the cluster that these are now."""

    place: _Place
    others: tuple[_Place, ...]
    rest: int


def _place(merged: pa.Table, file: str, row: int) -> _Place:
    found = _places(merged.filter(pc.equal(merged["row"], row)))
    named = [one for one in found if one.file == file] or [
        one for one in found if Path(one.file).name == file
    ]
    if len(named) > 1:
        raise BadInput(f"several lists are called {file}", mend="Name it as clusters.csv does.")
    if not named:
        raise NotFound(f"row {row} of {file} is in no cluster with another row", mend="See clusters.csv.")
    return named[0]


def _places(table: pa.Table) -> list[_Place]:
    names = ("cluster", "row_id", "file", "row")
    return [_Place(*cells) for cells in zip(*(table.column(name).to_pylist() for name in names), strict=True)]


def _parted(merged: pa.Table, place: _Place) -> _Parted:
    together = _places(merged.filter(pc.equal(merged["cluster"], place.cluster)))
    others = tuple(one for one in together if one.row_id != place.row_id)
    # A cluster is called by its least row, or by the row of a book that it is one with.
    rest = place.cluster if place.cluster != place.row_id else min(one.row_id for one in others)
    return _Parted(place, others, rest)


def _rewrite(source: Path, target: Path, parted: _Parted) -> None:
    now = {(one.file, str(one.row)): parted.rest for one in parted.others}
    now[parted.place.file, str(parted.place.row)] = parted.place.row_id
    with (
        source.open(encoding="utf-8", newline="") as old,
        target.open("w", encoding="utf-8", newline="") as new,
    ):
        writer = csv.writer(new, lineterminator="\n")
        for file, row, cluster in csv.reader(old):
            writer.writerow((file, row, now.get((file, row), cluster)))


def _note(answers: Path, parted: _Parted) -> None:
    first = not answers.exists()
    with answers.open("a", encoding="utf-8", newline="") as handle:
        writer = csv.writer(handle, lineterminator="\n")
        if first:
            writer.writerow(_ANSWERS)
        for one in parted.others:
            writer.writerow((one.file, one.row, parted.place.file, parted.place.row, "no"))


def _choose_again(merged: pa.Table, parted: _Parted, folder: Path, kind: Kind) -> None:
    """merged.parquet and survivors.parquet, as if the row had never been with the others."""
    rows = merged.column("row_id").to_numpy()
    clusters = merged.column("cluster").to_numpy().copy()
    clusters[np.isin(rows, [one.row_id for one in parted.others])] = parted.rest
    clusters[rows == parted.place.row_id] = parted.place.row_id
    moved = merged.set_column(merged.column_names.index("cluster"), "cluster", pa.array(clusters))
    with (
        tempfile.TemporaryDirectory(prefix="panout-") as work,
        closing(open_engine("duckdb", Path(work))) as engine,
    ):
        engine.load("regrouped", moved.schema, moved.to_batches())
        alone = "SELECT cluster FROM regrouped GROUP BY cluster HAVING count(*) > 1"
        engine.run(Step("merged", f"SELECT m.* FROM regrouped m WHERE m.cluster IN ({alone})"))
        write_survivors(engine, folder, kind)
