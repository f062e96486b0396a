"""JSON lines, or one JSON array of objects. Nested objects become columns with a dot; lists stay lists in
JSON."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator
from itertools import chain, islice
from pathlib import Path

import pyarrow as pa

from panout.kernel.errors import BadInput
from panout.sources.files.opening import Utf8, opened
from panout.sources.files.raw import LONGEST_CELL, RawBatch, Reject, shown

_BLOCK = 1024 * 1024
_LONGEST_LINE = 32 * 1024 * 1024
_SAMPLE = 2_000
_BATCH = 8_192
_DEEPEST = 8
# Keys that no row of the sample had; they are kept together, because the columns are settled by then.
OTHER_KEYS = "(other keys)"
_MEND = "Each line must be one JSON object, or the file one array of objects."


class JsonList:
    """An opened JSON list. Its columns are the keys of the first 2,000 rows, in order of appearance."""

    def __init__(self, path: Path, *, gzipped: bool) -> None:
        self._path, self._gzipped = path, gzipped
        self._size = max(1, path.stat().st_size)
        self._read = 0
        self._rows = self._objects()
        self._sample = list(islice(self._rows, _SAMPLE))
        keys = {key: None for _, row, fault in self._sample if fault is None for key in row}
        if not keys:
            why = next((fault for _, _, fault in self._sample if fault), "")
            raise BadInput(
                "There is no JSON object in this file.", where=str(path), mend=f"{_MEND} {why}".strip()
            )
        self.headers = (*keys, OTHER_KEYS)
        self.notes: tuple[Reject, ...] = ()

    @property
    def progress(self) -> float:
        return min(1.0, self._read / self._size)

    def batches(self) -> Iterator[RawBatch]:
        known = self.headers[:-1]
        names = frozenset(known)
        rows = chain(self._sample, self._rows)
        while batch := list(islice(rows, _BATCH)):
            numbers: list[int] = []
            columns: list[list[str | None]] = [[] for _ in self.headers]
            rejects: list[Reject] = []
            for number, row, fault in batch:
                if fault is None and any(
                    cell is not None and len(cell) > LONGEST_CELL for cell in row.values()
                ):
                    fault = f"A cell is longer than {LONGEST_CELL:,}."
                if fault is not None:
                    rejects.append(Reject(number, None, shown(row.get("", "") or ""), fault))
                    continue
                numbers.append(number)
                for column, name in zip(columns, known, strict=False):
                    column.append(row.get(name))
                others = {key: cell for key, cell in row.items() if key not in names}
                columns[-1].append(json.dumps(others, ensure_ascii=False) if others else None)
            arrays = [pa.array(column, pa.string()) for column in columns]
            cells = pa.record_batch(arrays, names=list(self.headers))
            yield RawBatch(pa.array(numbers, pa.int64()), cells, tuple(rejects))

    def _objects(self) -> Iterator[tuple[int, dict[str, str | None], str | None]]:
        """Row number, flat object, fault. A faulty line's text is under the empty key."""
        number = 0
        for line in self._lines():
            text = line.strip()
            if not text or text in "[]":
                continue
            text = text.removesuffix(",")
            row, fault = _object(text)
            yield number, row, fault
            number += 1

    def _lines(self) -> Iterator[str]:
        text_pieces = self._text()
        first = next(text_pieces, "")
        if first.lstrip().startswith("[") and not _is_line_array(first):
            yield from _array_items(chain([first.lstrip()[1:]], text_pieces))
            return
        rest = ""
        for piece in chain([first], text_pieces):
            rest += piece
            *lines, rest = rest.split("\n")
            yield from lines
            if len(rest) > _LONGEST_LINE:
                yield rest
                rest = ""
        yield rest

    def _text(self) -> Iterator[str]:
        try:
            with opened(self._path, gzipped=self._gzipped) as stream:
                block = stream.read(_BLOCK)
                utf8 = Utf8(block[:65_536])
                pending = b""
                while True:
                    following = stream.read(_BLOCK)
                    self._read += len(block) if not self._gzipped else 0
                    pending += utf8.feed(block, final=not following)
                    cut = (
                        len(pending) if not following else pending.rfind(b"\n") + 1 or pending.rfind(b",") + 1
                    )
                    yield (
                        pending[:cut].decode("utf-8", "replace").removeprefix("\ufeff").replace("\r\n", "\n")
                    )
                    pending = pending[cut:]
                    if not following:
                        return
                    block = following
        except (EOFError, zlib.error, gzip.BadGzipFile):
            raise BadInput(
                "The gzip data is damaged.", where=str(self._path), mend="Fetch the file again."
            ) from None


def _is_line_array(text: str) -> bool:
    """An array whose items stand one a line can be read by lines."""
    lines = [line.strip().rstrip(",") for line in text.split("\n")[:4]]
    bodies = [line for line in lines if line not in ("", "[", "]")]
    return (
        lines[0] == "["
        and bool(bodies)
        and all(line.startswith("{") and line.endswith("}") for line in bodies[:2])
    )


def _array_items(pieces: Iterator[str]) -> Iterator[str]:
    """The items of an array laid out anyhow, one at a time."""
    decoder = json.JSONDecoder()
    pending = ""
    for piece in pieces:
        pending += piece
        while True:
            pending = pending.lstrip(" \t\r\n,")
            if not pending or pending[0] == "]":
                break
            try:
                _, end = decoder.raw_decode(pending)
            except (ValueError, RecursionError):
                break
            if end == len(pending) and pending[-1] not in '}]"':
                break  # a number may go on in the next piece
            yield pending[:end]
            pending = pending[end:]
        if len(pending) > _LONGEST_LINE:
            break
    pending = pending.strip(" \t\r\n,")
    if pending and pending[0] != "]":
        yield pending


def _object(text: str) -> tuple[dict[str, str | None], str | None]:
    try:
        found = json.loads(text)
    except ValueError as fault:
        return {"": text}, f"This is no JSON: {str(fault).partition(':')[0]}."
    except RecursionError:
        return {"": text}, "This JSON is nested too deep."
    if not isinstance(found, dict):
        return {"": text}, "This line is JSON, but no object."
    row: dict[str, str | None] = {}
    _flatten(found, "", row, 0)
    return row, None


def _flatten(found: dict[str, object], prefix: str, row: dict[str, str | None], depth: int) -> None:
    for key, value in found.items():
        name = f"{prefix}{key}" or "(no name)"
        if isinstance(value, dict) and value and depth < _DEEPEST:
            _flatten(value, f"{name}.", row, depth + 1)
        else:
            row[name] = as_cell(value)


def as_cell(value: object) -> str | None:
    """A JSON value as the text of a cell: null is nothing, 45.0 is "45", a list is JSON."""
    if value is None:
        return None
    if isinstance(value, str):
        return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return str(int(value))
    if isinstance(value, int | float):
        return repr(value) if isinstance(value, float) or abs(value) < 10**100 else "too large"
    return json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
