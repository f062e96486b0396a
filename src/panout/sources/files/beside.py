"""A long file of signals, read by a process of its own while this one reads the lists."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import pyarrow as pa
import pyarrow.parquet as pq

from panout.batch.parquet import MOST_MAPPED
from panout.sources.files.relations import SIGNALS_SCHEMA
from panout.sources.files.signals import SignalReader

_ARROW = "signals.arrow"
# Shorter files are read before a process has started.
_LONG = 16 * 1024 * 1024


class SignalsBeside:
    """The face of a `SignalReader` over a file that is read beside whatever happens until it is iterated.

    The process only saves time: where it comes to nothing, the file is read here after all, and what is wrong
    with it is said here. Use as a context manager, so that the process never outlives its use.
    """

    def __init__(self, path: Path, folder: Path, *, long: int = _LONG) -> None:
        """Raises BadInput for a file that is no list of signals. `folder` is for the process to write to."""
        self._reader = SignalReader(path)
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None
        self.file, self.rows, self.rejected = self._reader.file, 0, 0
        self.present: set[str] = set()
        if path.stat().st_size >= long and sys.executable:
            folder.mkdir(parents=True, exist_ok=True)
            with suppress(OSError):
                self._process = subprocess.Popen(  # noqa: S603 -- Python itself, on a path of ours
                    [sys.executable, "-m", __spec__.name, str(path), str(folder)],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def read(self) -> pa.Table | None:
        """All lines as they lie in the other process's file, in no memory of ours; None where there is none, or too
        long a one to be held in sight at once, and this is to be iterated."""
        if not self._done() or self._arrow.stat().st_size > MOST_MAPPED:
            return None
        return pa.ipc.open_stream(pa.memory_map(str(self._arrow))).read_all()

    def __iter__(self) -> Iterator[pa.RecordBatch]:
        if self._done():
            with pa.OSFile(str(self._arrow)) as file, pa.ipc.open_stream(file) as lines:
                yield from lines
            return
        yield from self._reader
        self.rows, self.rejected, self.present = (
            self._reader.rows,
            self._reader.rejected,
            self._reader.present,
        )

    def _done(self) -> bool:
        """Whether the other process has read it all; waits for it."""
        if self._process is None or self._process.wait() != 0:
            self._process = None
            return False
        said = json.loads((self._folder / "said.json").read_text("utf-8"))
        self.rows, self.rejected, self.present = said["rows"], said["rejected"], set(said["present"])
        return True

    @property
    def _arrow(self) -> Path:
        return self._folder / _ARROW

    def rejects(self) -> pa.Table:
        """Lines that are no signals, when all have been read; as `REJECTS_SCHEMA`."""
        if self._process is None:
            return self._reader.rejects()
        return pq.read_table(self._folder / "rejects.parquet")


def main(path: str, to: str) -> None:
    """What the other process does."""
    reader, folder = SignalReader(Path(path)), Path(to)
    with (
        pa.OSFile(str(folder / _ARROW), "wb") as file,
        pa.ipc.new_stream(file, SIGNALS_SCHEMA) as written,
    ):
        for batch in reader:
            written.write_batch(batch)
    pq.write_table(reader.rejects(), folder / "rejects.parquet")
    said = {"rows": reader.rows, "rejected": reader.rejected, "present": sorted(reader.present)}
    (folder / "said.json").write_text(json.dumps(said), "utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
