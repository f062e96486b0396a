"""A book prepared once: lists are linked to it later by reading only what they touch.

A folder holds the book's lines of evidence, the keys under which rows meet (sorted, so that a key is found by halving),
how often values occur, and the model that the book taught. All of it is looked at through memory maps: of a book of a
million rows, a list of ten thousand reads some per cent.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from panout import __version__
from panout.batch.dialects import BatchDialect
from panout.batch.engine import Engine
from panout.batch.steps import Step
from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.resolve.rules.model import Guard, Model
from panout.resolve.subjects import Kind, Subject

MADE_BY = "panout resolve prepare"
# Goes up whenever a folder of before would be misread: evidence, keys or files changed their meaning.
FORMAT = 2
# Keys are hashed by the engine, whose hashes may change from one version to the next.
_HASHES = f"duckdb {version('duckdb')}"
# What is shown to people bears names that evidence has too.
_SHOWN = "shown_"
# A key that more lines of the book have is never affordable; their finer keys are kept.
_MOST_LINES = 2_000
# Pairs of a new line with known ones, and at least: blocks are used from the smallest up until it is spent.
_PAIRS_A_LINE = 8
_LEAST_PAIRS = 40_000
# Weights above this are never reached: a guard that holds nobody back.
NO_FORCE = 1000.0


@dataclass(frozen=True, slots=True)
class Source:
    """The file or folder that a book was made from, and how it looked then."""

    path: str
    bytes: int
    changed_ns: int

    @classmethod
    def of(cls, path: Path) -> Source:
        """Sizes and times of a file, or of all files in a folder."""
        files = sorted(path.iterdir()) if path.is_dir() else [path]
        told = [file.stat() for file in files if file.is_file()]
        return cls(
            str(path.resolve()),
            sum(one.st_size for one in told),
            max((one.st_mtime_ns for one in told), default=0),
        )


@dataclass(frozen=True, slots=True)
class Known:
    """An opened book. `rows` of the lists it was made from, `lines` of different evidence among them; `shares` and
    `idle` guards are its model; `totals` says how many lines have a value, by column; `shown` are columns for people
    who review."""

    folder: Path
    rows: int
    lines: int
    learned: bool
    shares: Mapping[str, Mapping[str, tuple[float, float]]]
    idle: frozenset[str]
    totals: Mapping[str, int]
    columns: tuple[str, ...]
    shown: tuple[str, ...]

    def model(self, subject: Subject, dialect: BatchDialect) -> Model:
        """As the book taught it."""
        return without_force(subject.model(dialect).learned(self.shares), self.idle)

    def count(self, engine: Engine) -> None:
        """Leave `known_counts` (kind, value, n): how many known lines have the values of `evidence_base`."""
        asked = engine.ask(_counted(self.totals, grouped=False)) if self.totals else None
        schema = pa.schema([("kind", pa.string()), ("value", pa.string()), ("n", pa.int64())])
        if asked is None or not asked.num_rows:
            engine.load("known_counts", schema, [])
            return
        hashes, counts = (
            np.load(self.folder / f"{name}.npy", mmap_mode="r") for name in ("values", "counts")
        )
        at = np.searchsorted(hashes, asked.column("hash").to_numpy())
        found = np.zeros(len(at), dtype=bool)
        inside = at < len(hashes)
        found[inside] = hashes[at[inside]] == asked.column("hash").to_numpy()[inside]
        picked = asked.filter(pa.array(found)).select(["kind", "value"])
        table = picked.append_column("n", pa.array(counts[at[found]].astype(np.int64)))
        engine.load("known_counts", schema, table.cast(schema).to_batches())

    def meet(self, engine: Engine, lines: int) -> int:
        """Leave `known_pairs` (id_l, id_r) of known lines with the new ones that share a key in `row_keys`, and
        `known_evidence` of the known lines among them; returns the size of the largest block used."""
        asked = engine.ask("SELECT CAST(key AS UBIGINT) AS key, id FROM row_keys ORDER BY key")
        wanted, new = (asked.column(name).to_numpy() for name in ("key", "id"))
        keys, ids = (np.load(self.folder / f"{name}.npy", mmap_mode="r") for name in ("keys", "key_ids"))
        start = np.searchsorted(keys, wanted, side="left")
        sizes = np.searchsorted(keys, wanted, side="right") - start
        order = np.argsort(sizes, kind="stable")
        spent = np.cumsum(sizes[order])
        most = _affordable(sizes[order], spent, max(_LEAST_PAIRS, _PAIRS_A_LINE * lines))
        used = (sizes > 0) & (sizes <= most)
        left = ids[_ranges(start[used], sizes[used])].astype(np.int64)
        pairs = np.unique(np.stack([left, np.repeat(new[used], sizes[used])]), axis=1) if len(left) else None
        schema = pa.schema([("id_l", pa.int64()), ("id_r", pa.int64())])
        ends = pairs if pairs is not None else np.zeros((2, 0), dtype=np.int64)
        engine.load("known_pairs", schema, pa.table([ends[0], ends[1]], schema=schema).to_batches())
        self.bring(engine, np.unique(ends[0]))
        return int(most)

    def bring(self, engine: Engine, ids: NDArray[np.int64]) -> None:
        """Leave `known_evidence` of these lines."""
        table = self._lines(ids, self.columns)
        engine.load("known_evidence", table.schema, table.to_batches())

    def places(self, ids: NDArray[np.int64]) -> pa.Table:
        """Of lines: `id`, `file`, `row`, and what is shown to people."""
        names = ("id", "file", "row", *self.shown)
        table = self._lines(np.unique(ids), [*names[:3], *(_SHOWN + name for name in self.shown)])
        return table.rename_columns(list(names))

    def ids_of(self, places: set[tuple[str, int]]) -> dict[tuple[str, int], int]:
        """Lines by file and row; all of the book is looked through."""
        found = {}
        for batch in _batches(self.folder):
            for file, row, line in zip(
                *(batch.column(name).to_pylist() for name in ("file", "row", "id")), strict=True
            ):
                if (file, row) in places:
                    found[file, row] = line
        return found

    def _lines(self, ids: NDArray[np.int64], columns: Sequence[str]) -> pa.Table:
        order = np.load(self.folder / "ids.npy", mmap_mode="r")
        at = np.searchsorted(order, ids)
        taken, begin = [], 0
        schema = None
        for batch in _batches(self.folder):
            chosen = batch.select(list(columns))
            schema = chosen.schema
            inside = at[(at >= begin) & (at < begin + batch.num_rows)] - begin
            if len(inside):
                taken.append(chosen.take(pa.array(inside)))
            begin += batch.num_rows
        return pa.Table.from_batches(taken, schema)


def without_force(model: Model, names: frozenset[str]) -> Model:
    """The model with some guards lifted. Scores name guards by their number: the lifted ones stay in their places."""

    def kept(guard: Guard) -> Guard:
        return replace(guard, most_bits=NO_FORCE) if guard.name in names else guard

    return replace(model, guards=tuple(map(kept, model.guards)))


def _affordable(sizes: NDArray[np.int64], spent: NDArray[np.int64], budget: int) -> int:
    """The largest size such that all blocks up to it fit the budget; `sizes` ascend, `spent` is their running sum."""
    within = int(np.searchsorted(spent, budget, side="right"))
    if within >= len(sizes):
        return int(sizes[-1]) if len(sizes) else 0
    return int(sizes[within]) - 1


def _ranges(start: NDArray[np.int64], sizes: NDArray[np.int64]) -> NDArray[np.int64]:
    """All numbers of the ranges that begin at `start` and have `sizes` members, one after the other."""
    if not len(sizes):
        return np.zeros(0, dtype=np.int64)
    shift = np.repeat(start - np.concatenate([[0], np.cumsum(sizes)[:-1]]), sizes)
    numbers: NDArray[np.int64] = np.arange(int(sizes.sum()), dtype=np.int64) + shift
    return numbers


def _batches(folder: Path) -> Iterator[pa.RecordBatch]:
    reader = pa.ipc.open_file(pa.memory_map(str(folder / "evidence.arrow")))
    for number in range(reader.num_record_batches):
        yield reader.get_batch(number)


def _counted(columns: Mapping[str, int] | Sequence[str], *, grouped: bool) -> str:
    """SQL for the values of columns, each with a hash that tells columns apart."""
    return "\nUNION ALL ".join(
        f"SELECT {'' if grouped else f'{chr(39)}{name}{chr(39)} AS kind, {name} AS value, '}"
        f"hash('{name}|' || {name}) AS hash{', count(*) AS n' if grouped else ''} "
        f"FROM evidence_base WHERE {name} IS NOT NULL GROUP BY {name}"
        for name in columns
    )


def write_known(
    engine: Engine,
    subject: Subject,
    model: Model,
    folder: Path,
    *,
    learned: bool,
    shown: Sequence[str],
    source: Source,
) -> None:
    """Keep what `resolve` left in the engine (evidence, row_keys, rows) in `folder`."""
    lines = engine.rows("evidence")
    filled = _filled(engine)
    columns = ", ".join(f"e.{name}" for name in filled if name not in {"id", "copies"})
    extra = "".join(f", r.{name} AS {_SHOWN}{name}" for name in shown)
    _write_lines(
        engine,
        f"SELECT e.id, CAST(1 AS BIGINT) AS copies, {columns}, r.file, r.row{extra} "
        "FROM evidence e JOIN rows r ON r.row_id = e.id ORDER BY e.id",
        folder,
    )
    _write_arrays(engine, "SELECT id AS ids FROM evidence ORDER BY id", {"ids": "i8"}, lines, folder)
    engine.run(
        Step(
            "kept_keys",
            "SELECT key AS keys, CAST(id AS UINTEGER) AS key_ids FROM row_keys "
            f"WHERE key NOT IN (SELECT key FROM blocks WHERE size > {_MOST_LINES})",
        )
    )
    _write_arrays(
        engine,
        "SELECT * FROM kept_keys ORDER BY keys, key_ids",
        {"keys": "u8", "key_ids": "u4"},
        engine.rows("kept_keys"),
        folder,
    )
    counted = [name for name in subject.rarities if name in filled]
    engine.run(
        Step(
            "kept_counts",
            f"SELECT hash AS values, n AS counts FROM ({_counted(counted, grouped=True)}) t WHERE n > 1"
            if counted
            else "SELECT CAST(0 AS UBIGINT) AS values, CAST(0 AS BIGINT) AS counts WHERE FALSE",
        )
    )
    _write_arrays(
        engine,
        "SELECT * FROM kept_counts ORDER BY values",
        {"values": "u8", "counts": "i8"},
        engine.rows("kept_counts"),
        folder,
    )
    totals = engine.ask(
        f"SELECT {', '.join(f'count({name}) AS {name}' for name in subject.rarities)} FROM evidence"
    ).to_pylist()[0]
    book = {
        "made_by": MADE_BY,
        "format": FORMAT,
        "version": __version__,
        "hashes": _HASHES,
        "kind": subject.kind.value,
        "source": {"path": source.path, "bytes": source.bytes, "changed_ns": source.changed_ns},
        "rows": engine.rows("rows"),
        "lines": lines,
        "learned": learned,
        "idle_guards": sorted(guard.name for guard in model.guards if guard.most_bits >= NO_FORCE),
        "totals": totals,
        "columns": filled,
        "shown": list(shown),
        "model": {
            comparison.name: {level.name: [level.m, level.u] for level in comparison.levels}
            for comparison in model.comparisons
        },
    }
    (folder / "book.json").write_text(json.dumps(book, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _filled(engine: Engine) -> list[str]:
    """Columns of the evidence that hold anything; of the others there is nothing to keep."""
    names = engine.columns("evidence")
    (counts,) = engine.ask(
        f"SELECT {', '.join(f'count({name}) AS {name}' for name in names)} FROM evidence"
    ).to_pylist()
    return [name for name in names if counts[name] or name == "id"]


def _write_lines(engine: Engine, sql: str, folder: Path) -> None:
    writer: pa.ipc.RecordBatchFileWriter | None = None
    with (folder / "evidence.arrow").open("wb") as sink:
        for batch in engine.batches(sql):
            writer = writer or pa.ipc.new_file(sink, batch.schema)
            writer.write_batch(batch)
        writer = writer or pa.ipc.new_file(sink, engine.ask(f"{sql} LIMIT 0").schema)
        writer.close()


def _write_arrays(engine: Engine, sql: str, types: Mapping[str, str], rows: int, folder: Path) -> None:
    """Columns as .npy files, filled as the rows come."""
    # An empty file cannot be mapped: one spare member, which the length in the header leaves out.
    arrays = {
        name: np.lib.format.open_memmap(folder / f"{name}.npy", mode="w+", dtype=kind, shape=(rows,))
        if rows
        else np.zeros(0, dtype=kind)
        for name, kind in types.items()
    }
    at = 0
    for batch in engine.batches(sql):
        for name, array in arrays.items():
            array[at : at + batch.num_rows] = batch.column(name).to_numpy(zero_copy_only=False)
        at += batch.num_rows
    for name, array in arrays.items():
        if isinstance(array, np.memmap):
            array.flush()
        else:
            np.save(folder / f"{name}.npy", array)


def is_prepared(path: Path) -> bool:
    """Is this a folder that `write_known` wrote?"""
    return (path / "book.json").is_file()


def open_known(folder: Path, kind: Kind) -> Known:
    """Raises NotFound when it is no prepared book, BadInput when it is one of another kind, Conflict when it is out of
    date."""
    where, again = f"--against {folder}", "Prepare it anew with `panout resolve prepare`."
    try:
        told = json.loads((folder / "book.json").read_text(encoding="utf-8"))
        made_by, stated, made_with = told["made_by"], told["format"], told["hashes"]
    except (OSError, ValueError, KeyError, TypeError):
        raise NotFound(
            "is no prepared book", where=where, mend="Name what `panout resolve prepare` wrote."
        ) from None
    if made_by != MADE_BY or stated != FORMAT or made_with != _HASHES:
        raise Conflict("was prepared by another version, which hashes otherwise", where=where, mend=again)
    if told["kind"] != kind.value:
        raise BadInput(f"is a book of {told['kind']}, not of {kind.value}", where=where)
    source = Source(told["source"]["path"], told["source"]["bytes"], told["source"]["changed_ns"])
    if Path(source.path).exists() and Source.of(Path(source.path)) != source:
        raise Conflict(f"{source.path} has changed since the book was prepared", where=where, mend=again)
    return Known(
        folder,
        told["rows"],
        told["lines"],
        told["learned"],
        {
            name: {level: (pair[0], pair[1]) for level, pair in levels.items()}
            for name, levels in told["model"].items()
        },
        frozenset(told["idle_guards"]),
        {name: count for name, count in told["totals"].items() if count},
        tuple(told["columns"]),
        tuple(told["shown"]),
    )
