"""A file of signals read by another process says what it says when read here."""

from __future__ import annotations

import sys
from pathlib import Path

import pyarrow as pa
import pytest

from panout.kernel.errors import BadInput
from panout.sources.files.beside import SignalsBeside
from panout.sources.files.signals import SignalReader

LINES = (
    "type,date,domain,strength,evidence\n"
    "hiring,2026-11-01,acme.com,0.7,Two roles\n"
    "funding,not a day,acme.com,1,\n"
    "hiring,2026-11-02,www.Beta.de,,\n"
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "signals.csv"
    path.write_text(LINES, "utf-8")
    return path


@pytest.mark.parametrize(
    "how", ["beside", "too long to map", "too short", "no process", "a process that dies"]
)
def test_whoever_reads_it_the_signals_and_rejects_are_the_same(
    how: str, path: Path, monkeypatch: pytest.MonkeyPatch
):
    if how == "no process":
        monkeypatch.setattr(sys, "executable", str(path.parent / "no-such-python"))
    if how == "a process that dies":
        monkeypatch.setattr(sys, "executable", "/bin/false")
    if how == "too long to map":
        monkeypatch.setattr("panout.sources.files.beside.MOST_MAPPED", 1)
    here = SignalReader(path)
    expected = pa.Table.from_batches(list(here))
    with SignalsBeside(path, path.parent / "work", long=1 << 40 if how == "too short" else 0) as beside:
        mapped = beside.read()
        assert (mapped is not None) == (how == "beside")
        assert mapped is None or mapped == expected
        assert pa.Table.from_batches(list(beside)) == expected
        assert beside.rejects() == here.rejects()
        assert (beside.rows, beside.rejected, beside.present) == (3, 1, here.present)
        assert beside.file == str(path)
    assert (path.parent / "work" / "said.json").exists() == (how in ("beside", "too long to map"))


def test_what_is_no_file_of_signals_is_refused_before_anything_is_read(tmp_path: Path):
    path = tmp_path / "signals.csv"
    path.write_text("type,domain\nhiring,acme.com\n", "utf-8")
    with pytest.raises(BadInput, match="no column for the signal's date"):
        SignalsBeside(path, tmp_path / "work", long=0)
    assert not (tmp_path / "work").exists()
