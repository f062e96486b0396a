"""`panout pan` as somebody types it."""

from __future__ import annotations

import csv
import hashlib
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from tests.cli.cases import AS_OF, PEOPLE, lay, panout


def pan(folder: Path, *more: str, lists: tuple[str, ...] = ("people.csv",)):
    return panout(
        "pan", *lists, "--icp", "icp.yaml", "--signals", "signals.csv", "--as-of", AS_OF, *more, folder=folder
    )


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as lines:
        return list(csv.DictReader(lines))


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """One run on the small list, read by many tests."""
    folder = tmp_path_factory.mktemp("done")
    lay(folder)
    return folder, pan(folder)


def test_it_ranks_and_explains(done):
    folder, told = done
    assert told.returncode == 0, told.stderr
    ranked = rows(folder / "panout-out/prospects.csv")
    assert [(row["first_name"], row["verdict"]) for row in ranked] == [
        ("Ada", "prospect"),
        ("Ben", "prospect"),
        ("Cem", "lead"),
        ("Dora", "disqualified"),
    ]
    assert "New CTO" in ranked[0]["reason"]
    assert "Four roles in Berlin" in ranked[1]["reason"]
    assert "buying role" in ranked[2]["missing"]
    assert "Buys by tender only" in ranked[3]["disqualifier"]


def test_the_terminal_shows_the_ranking_and_where_the_files_are(done):
    _, told = done
    assert told.stdout.index("Ada Obi") < told.stdout.index("Ben Roth")
    assert "panout-out/report.html" in told.stdout
    assert "2 prospects, 1 leads, 1 disqualified" in told.stdout


def test_every_promised_file_is_there_and_nothing_else(done):
    folder, _ = done
    assert {path.name for path in (folder / "panout-out").iterdir()} == {
        "prospects.csv",
        "prospects.parquet",
        "sequencer.csv",
        "accounts.parquet",
        "contacts.parquet",
        "signals.parquet",
        "provenance.parquet",
        "originals",
        "rejects.csv",
        "review.csv",
        "warnings.csv",
        "summary.json",
        "report.html",
    }
    assert {path.name for path in folder.iterdir()} == {"people.csv", "icp.yaml", "signals.csv", "panout-out"}


def test_counts_add_up(done):
    folder, _ = done
    summary = json.loads((folder / "panout-out/summary.json").read_text())
    assert summary["rows"]["read"] == summary["rows"]["used"] + summary["rows"]["rejected"] == 5
    assert summary["rows"]["rejected"] == len(rows(folder / "panout-out/rejects.csv")) == 1
    assert summary["verdicts"] == {"prospect": 2, "lead": 1, "disqualified": 1}
    assert summary["icp"] == {"name": "Test", "version": 2}
    assert summary["accounts"] == pq.read_table(folder / "panout-out/accounts.parquet").num_rows
    assert summary["stated"] == {"file": "signals.csv", "rows": 3, "rejected": 0, "unmatched": 1}
    stages = [stage["stage"] for stage in summary["timings"]["stages"]]
    assert stages == ["compare", "read", "resolve", "signals", "qualify", "write", "report"]


def test_signals_have_their_columns(done):
    folder, _ = done
    signals = pq.read_table(folder / "panout-out/signals.parquet")
    wanted = {"type", "level", "account_id", "contact_id", "date", "strength", "source", "evidence"}
    assert wanted <= set(signals.column_names)
    assert sorted(signals["type"].to_pylist()) == ["hiring", "job_changed"]


def test_the_sequencer_gets_prospects_only(done):
    folder, _ = done
    sendable = rows(folder / "panout-out/sequencer.csv")
    assert [row["email"] for row in sendable] == ["ada@northbeam.com", "ben@quarzwerk.de"]
    assert list(sendable[0]) == [
        "email",
        "first_name",
        "last_name",
        "company",
        "title",
        "website",
        "linkedin_url",
        "reason",
    ]


def test_the_report_opens_from_disk_and_fetches_nothing(done):
    folder, _ = done
    page = (folder / "panout-out/report.html").read_text()
    assert "Ada Obi" in page
    assert "<script" not in page
    assert "src=" not in page
    assert "@import" not in page
    assert "<link" not in page


def digests(folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            content = path.read_bytes()
            if path.name == "summary.json":
                content = json.dumps(json.loads(content) | {"timings": None}).encode()
            found[str(path.relative_to(folder))] = hashlib.sha256(content).hexdigest()
    return found


def test_the_same_input_leaves_the_same_bytes(done):
    folder, _ = done
    first = digests(folder / "panout-out")
    assert pan(folder, "--out", "again").returncode == 0
    assert digests(folder / "again") == first


def test_json_is_all_that_stdout_carries(done):
    folder, _ = done
    told = pan(folder, "--json", "--top", "1", "--out", "json")
    document = json.loads(told.stdout)
    assert document["verdicts"]["prospect"] == 2
    assert [one["name"] for one in document["top"]] == ["Ada Obi"]


def test_an_earlier_run_is_replaced_and_a_strangers_folder_is_not(tmp_path):
    lay(tmp_path)
    assert pan(tmp_path).returncode == 0
    assert pan(tmp_path).returncode == 0
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/work.doc").write_text("years")
    told = pan(tmp_path, "--out", "thesis")
    assert told.returncode == 2
    assert "will not be overwritten" in told.stderr
    assert (tmp_path / "thesis/work.doc").read_text() == "years"


def test_a_list_given_twice_counts_its_people_once(tmp_path):
    lay(tmp_path)
    (tmp_path / "copy.csv").write_text(PEOPLE)
    assert pan(tmp_path, lists=("people.csv", "copy.csv")).returncode == 0
    summary = json.loads((tmp_path / "panout-out/summary.json").read_text())
    assert summary["rows"]["used"] == 8
    assert summary["contacts"] == 4
    assert summary["duplicates"] == 4


def test_what_changed_since_an_earlier_snapshot_becomes_a_signal(tmp_path):
    lay(tmp_path)
    header = "Name,Website,Team Size,isHiring,Country\n"
    (tmp_path / "old.csv").write_text(header + "Northbeam,northbeam.com,60,false,US\n")
    (tmp_path / "new.csv").write_text(header + "Northbeam,northbeam.com,60,true,US\n")
    arguments = ("pan", "new.csv", "--icp", "icp.yaml", "--as-of", AS_OF)
    assert panout(*arguments, "--previous", "old.csv", folder=tmp_path).returncode == 0
    signals = pq.read_table(tmp_path / "panout-out/signals.parquet").to_pylist()
    assert [signal["type"] for signal in signals] == ["hiring_started"]
    assert panout(*arguments, "--previous", "new.csv", folder=tmp_path).returncode == 0
    assert pq.read_table(tmp_path / "panout-out/signals.parquet").num_rows == 0


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("pan", "people.csv"), "--icp"),
        (("pan", "--icp", "icp.yaml"), "LIST"),
        (("pan", "missing.csv", "--icp", "icp.yaml"), "missing.csv"),
        (("pan", "people.csv", "--icp", "missing.yaml"), "missing.yaml"),
        (("pan", "people.csv", "--icp", "icp.yaml", "--as-of", "soon"), "is not a date"),
        (("pan", "people.csv", "--icp", "icp.yaml", "--engine", "oracle"), "oracle"),
        (("pan", "people.csv", "--icp", "icp.yaml", "--previous", "missing.csv"), "missing.csv"),
        (("pan", "people.csv", "--icp", "icp.yaml", "--signals", "missing.csv"), "missing.csv"),
        (("pan", "people.csv", "--icp", "icp.yaml", "--map", "missing.yaml"), "missing.yaml"),
        (("pan", "people.csv", "--icp", "people.csv"), "people.csv"),
    ],
)
def test_wrong_use_says_what_is_wrong_and_writes_nothing(tmp_path, arguments, says):
    lay(tmp_path)
    told = panout(*arguments, folder=tmp_path)
    assert told.returncode == 2, told.stderr
    assert says in told.stderr
    assert "Traceback" not in told.stderr
    assert {path.name for path in tmp_path.iterdir()} == {"people.csv", "icp.yaml", "signals.csv"}


def test_the_demo_works_the_example_lists(tmp_path):
    told = panout("demo", "--headless", "--out", "demo-out", folder=tmp_path)
    assert told.returncode == 0, told.stderr
    assert "prospects" in told.stdout
    assert (tmp_path / "demo-out/report.html").exists()
