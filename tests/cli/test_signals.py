"""`panout signals diff` as somebody types it."""

from __future__ import annotations

import csv
from pathlib import Path

import pyarrow.parquet as pq
from tests.cli.cases import PEOPLE, lay, panout

LATER = PEOPLE.replace("Ada,Obi,CTO", "Ada,Obi,Chief Executive Officer").replace(",250,", ",400,")


def snapshots(folder: Path, later: str = LATER) -> None:
    lay(folder)
    (folder / "people-2026-11-15.csv").write_text(later, encoding="utf-8")


def test_what_changed_is_written_as_signals_of_the_later_day(tmp_path):
    snapshots(tmp_path)
    told = panout(
        "signals", "diff", "people.csv", "people-2026-11-15.csv", "--out", "new.csv", folder=tmp_path
    )
    assert told.returncode == 0
    with (tmp_path / "new.csv").open(newline="", encoding="utf-8") as lines:
        found = list(csv.DictReader(lines))
    assert sorted(one["type"] for one in found) == ["team_grew", "title_changed"]
    assert {one["date"] for one in found} == {"2026-11-15"}
    assert "team_grew" in told.stdout
    assert "2 signals of 2026-11-15 written to new.csv" in told.stderr


def test_what_it_writes_is_what_pan_reads(tmp_path):
    snapshots(tmp_path)
    panout("signals", "diff", "people.csv", "people-2026-11-15.csv", "--out", "new.csv", folder=tmp_path)
    told = panout(
        "pan", "people-2026-11-15.csv", "--icp", "icp.yaml", "--signals", "new.csv", "--as-of", "2026-11-20",
        "--out", "out", folder=tmp_path,
    )  # fmt: skip
    assert told.returncode == 0
    signals = pq.read_table(tmp_path / "out" / "signals.parquet").to_pylist()
    assert sorted(one["type"] for one in signals) == ["team_grew", "title_changed"]
    assert all(one["account_id"] or one["contact_id"] for one in signals)


def test_a_team_must_change_by_as_much_as_is_asked(tmp_path):
    snapshots(tmp_path)
    arguments = ("signals", "diff", "people.csv", "people-2026-11-15.csv", "--out", "new.csv")
    told = panout(*arguments, "--percent", "70", folder=tmp_path)
    assert "team_grew" not in told.stdout
    assert "title_changed" in told.stdout


def test_the_same_snapshot_twice_gives_no_signal(tmp_path):
    snapshots(tmp_path, PEOPLE)
    told = panout(
        "signals", "diff", "people.csv", "people-2026-11-15.csv", "--out", "new.csv", folder=tmp_path
    )
    assert told.returncode == 0
    assert "0 signals" in told.stderr


def test_a_file_that_cannot_be_written_as_asked_is_wrong_use(tmp_path):
    snapshots(tmp_path)
    told = panout(
        "signals", "diff", "people.csv", "people-2026-11-15.csv", "--out", "new.doc", folder=tmp_path
    )
    assert told.returncode == 2
    assert not (tmp_path / "new.doc").exists()
