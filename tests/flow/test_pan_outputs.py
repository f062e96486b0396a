"""Files of a run: whole or not there, safe to open, the same bytes every time."""

from __future__ import annotations

import csv
import os
import signal
import subprocess
import sys
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.parquet as pq
import pytest

from panout.batch.engine import DuckDBEngine
from panout.batch.steps import Step
from panout.flow.outputs import _FORMULA, LISTED, SEQUENCER, provenance, write_csv, write_files
from panout.flow.staging import staged
from panout.kernel.errors import BadInput, Unavailable
from tests.flow.made_relations import fill


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture
def engine():
    engine = DuckDBEngine()
    fill(engine, 40)
    yield engine
    engine.close()


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1",
        "+49 30 1",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "  =cmd|' /C calc'!A0",
        "\uff1d1",
        "\ufeff=1",
        "\n=1",
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_guarded(tmp_path: Path, cell: str):
    write_csv(tmp_path / "x.csv", [pa.record_batch({"name": [cell, "a=b", None], "n": [-1, 2, 3]})])
    cells = [row["name"] for row in rows_of(tmp_path / "x.csv")]
    assert cells == [f"'{cell}", "a=b", ""]
    assert [row["n"] for row in rows_of(tmp_path / "x.csv")] == ["-1", "2", "3"]


def test_every_first_letter_is_guarded_as_the_pattern_says(tmp_path: Path):
    cells = [
        f"{chr(code)}{rest}"
        for code in (*range(256), 0xFEFF, 0xFF0B, 0xFF0D, 0xFF1D, 0xFF20)
        for rest in ("", "=1")
    ]
    column = pa.array(["", None, *cells], pa.string())
    for part in (column, column.slice(5)):
        guarded = pc.if_else(
            pc.match_substring_regex(part, _FORMULA), pc.binary_join_element_wise("'", part, ""), part
        )
        write_csv(tmp_path / "x.csv", [pa.record_batch({"cell": part, "more": part})])
        plain = pa.record_batch({"cell": guarded, "more": guarded})
        pyarrow.csv.write_csv(
            plain,
            tmp_path / "y.csv",
            pyarrow.csv.WriteOptions(quoting_style="needed", quoting_header="needed"),
        )
        assert (tmp_path / "x.csv").read_bytes() == (tmp_path / "y.csv").read_bytes()


def test_lists_quotes_and_line_breaks_survive_in_csv(tmp_path: Path):
    batch = pa.record_batch({"t": ['say "hi"', "two\nlines", "a,b"], "l": [["x", "y"], None, []]})
    write_csv(tmp_path / "x.csv", [batch])
    assert [tuple(row.values()) for row in rows_of(tmp_path / "x.csv")] == [
        ('say "hi"', "x; y"),
        ("two\nlines", ""),
        ("a,b", ""),
    ]


def test_every_file_is_written_and_ranked(engine, tmp_path: Path):
    engine.load(
        "members",
        pa.schema([("row_id", pa.int64()), ("account_id", pa.string()), ("contact_id", pa.string())]),
        [],
    )
    engine.run(provenance())
    beside = ", ".join(f"{sql} AS {name}" for name, sql in LISTED.columns.items())
    engine.run(Step("verdicts", f"SELECT s.*, {beside} FROM verdicts AS s {LISTED.joins} ORDER BY s.rank"))
    written = write_files(engine, tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == set(written)
    ranked = rows_of(tmp_path / "prospects.csv")
    assert [int(row["rank"]) for row in ranked] == list(range(1, 41))
    assert tuple(ranked[0])[2:10] == SEQUENCER
    order = ["prospect", "lead", "disqualified"]
    places = [order.index(row["verdict"]) for row in ranked]
    assert places == sorted(places)
    sendable = rows_of(tmp_path / "sequencer.csv")
    assert tuple(sendable[0]) == SEQUENCER
    assert [row["email"] for row in sendable] == [r["email"] for r in ranked if r["verdict"] == "prospect"]
    assert pq.read_table(tmp_path / "accounts.parquet").num_rows == 40
    assert (tmp_path / "provenance.parquet").exists()
    assert len(rows_of(tmp_path / "rejects.csv")) == 12


def never(_folder: Path) -> bool:
    return False


def half_write(out: Path) -> None:
    with staged(out, replaceable=never) as folder:
        (folder / "half").write_text("x")
        raise ZeroDivisionError


def test_a_folder_appears_whole_or_not_at_all(tmp_path: Path):
    out = tmp_path / "out"
    with pytest.raises(ZeroDivisionError):
        half_write(out)
    assert list(tmp_path.iterdir()) == []
    with staged(out, replaceable=never) as folder:
        (folder / "whole").write_text("x")
        assert not out.exists()
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (out / "whole").exists()


def test_a_strangers_folder_is_never_overwritten(tmp_path: Path):
    (tmp_path / "thesis.doc").write_text("years of work")
    with pytest.raises(BadInput, match="did not write"), staged(tmp_path, replaceable=never):
        pytest.fail("was let in")
    file = tmp_path / "thesis.doc"
    with pytest.raises(BadInput, match="is a file"), staged(file, replaceable=never):
        pytest.fail("was let in")


def test_our_own_folder_is_replaced_whole(tmp_path: Path):
    out = tmp_path / "out"
    out.mkdir()
    (out / "stale").write_text("x")
    with staged(out, replaceable=lambda _folder: True) as folder:
        (folder / "fresh").write_text("x")
    assert [path.name for path in out.iterdir()] == ["fresh"]
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path: Path):
    with pytest.raises(Unavailable, match="no space left"), staged(tmp_path / "out", replaceable=never):
        raise OSError(28, "No space left on device")
    assert list(tmp_path.iterdir()) == []


def test_what_a_killed_run_left_is_swept_by_the_next(tmp_path: Path):
    died = subprocess.run(
        [sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True
    )
    left = tmp_path / f".out.partial-{died.stdout.strip()}"
    left.mkdir()
    running = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        other = tmp_path / f".out.partial-{running.pid}"
        other.mkdir()
        with staged(tmp_path / "out", replaceable=never):
            pass
        assert not left.exists()
        assert other.exists()
    finally:
        os.kill(running.pid, signal.SIGTERM)
        running.wait()
