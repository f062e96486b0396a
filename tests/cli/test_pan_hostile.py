"""Input that nobody should send, and people do: each has its clear message, and nothing is half-written."""

from __future__ import annotations

import io
import json
import os
import resource
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import pytest
from tests.cli.cases import AS_OF, ICP, PEOPLE, lay, panout, panout_process
from tests.cli.test_pan import rows

GIVEN = {"people.csv", "icp.yaml", "signals.csv"}
HEADER = PEOPLE.splitlines()[0]


ARGUMENTS = ("pan", "people.csv", "--icp", "icp.yaml", "--as-of", AS_OF)


def pan(folder: Path):
    return panout(*ARGUMENTS, folder=folder)


def left_alone(folder: Path) -> bool:
    return {path.name for path in folder.iterdir()} == GIVEN


def zipped() -> bytes:
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("people.csv", PEOPLE)
    return memory.getvalue()


@pytest.mark.parametrize(
    ("content", "code", "says"),
    [
        pytest.param(b"", 3, "empty", id="empty file"),
        pytest.param(HEADER.encode() + b"\n", 3, "row", id="header only"),
        pytest.param(bytes(range(256)) * 64, 2, "people.csv", id="binary"),
        pytest.param(zipped(), 2, "zip", id="zip named csv"),
        pytest.param(b"\x1f\x8b" + b"\x00" * 100, 2, "people.csv", id="broken gzip"),
        pytest.param(b"a,b\n1,2\n3,4\n", 3, "no row can be used", id="nobody in it"),
    ],
)
def test_a_file_that_is_no_list_is_named(tmp_path, content, code, says):
    lay(tmp_path, content)
    told = pan(tmp_path)
    assert told.returncode == code, told.stderr
    assert says in told.stderr
    assert "Traceback" not in told.stderr
    assert left_alone(tmp_path)


def verdicts(folder: Path) -> int:
    summary = json.loads((folder / "panout-out/summary.json").read_text())
    assert summary["rows"]["read"] == summary["rows"]["used"] + summary["rows"]["rejected"]
    return sum(summary["verdicts"].values())


@pytest.mark.parametrize(
    ("content", "people"),
    [
        pytest.param(PEOPLE + f"Eve,{'x' * 10_000_000},CTO,Big,eve@big.com,,,,\n", 4, id="10 MB cell"),
        pytest.param(
            HEADER
            + "".join(f",col {n}" for n in range(5000))
            + "\nAda,Obi,CTO,N,a@n.com,,,,"
            + ",v" * 5000
            + "\n",
            1,
            id="5,000 columns",
        ),
        pytest.param(PEOPLE.replace("Obi", "O\x00bi"), 4, id="NUL bytes"),
        pytest.param(PEOPLE.replace("Lund,", "Lünd,").encode("cp1252"), 4, id="Windows-1252"),
        pytest.param(PEOPLE.encode("utf-16"), 4, id="UTF-16"),
        pytest.param(PEOPLE.replace(",Industry", ",Title"), 4, id="duplicated headers"),
        pytest.param(PEOPLE.replace(",", ";"), 4, id="semicolons"),
        pytest.param(PEOPLE.replace("\n", "\r\n"), 4, id="CRLF"),
    ],
)
def test_an_odd_list_is_read_all_the_same(tmp_path, content, people):
    lay(tmp_path, content)
    told = pan(tmp_path)
    assert told.returncode == 0, told.stderr
    assert verdicts(tmp_path) == people


def test_an_unclosed_quote_is_reported_and_the_rows_before_it_are_used(tmp_path):
    lay(tmp_path, PEOPLE + 'Eve,"Open,CTO,Big,eve@big.com,,,,\nFay,Tail,CTO,B,fay@b.com,,,,\n')
    told = pan(tmp_path)
    assert told.returncode == 0, told.stderr
    assert verdicts(tmp_path) >= 4
    assert "quote" in (tmp_path / "panout-out/rejects.csv").read_text()


def test_formulas_in_a_list_are_guarded_in_every_csv(tmp_path):
    evil = '"=HYPERLINK(""http://evil.example"",""x"")"'
    lay(tmp_path, PEOPLE + f"{evil},+1-Last,@CTO,=Firm,eve@firm.com,,,,\n=1,,,,-3,,,,\n")
    told = pan(tmp_path)
    assert told.returncode == 0, told.stderr
    for path in (tmp_path / "panout-out").glob("*.csv"):
        for row in rows(path):
            for cell in row.values():
                if cell and not cell.replace(".", "").replace("-", "").isdigit():
                    assert cell[0] not in "=+-@", (path.name, cell)
    page = (tmp_path / "panout-out/report.html").read_text()
    assert 'href="=' not in page


def test_markup_in_a_list_stays_text_in_the_report(tmp_path):
    evil = PEOPLE.replace("Ada", "<img src=x onerror=alert(1)>").replace(
        "northbeam.com,USA", "javascript:alert(1),USA"
    )
    lay(tmp_path, evil)
    assert pan(tmp_path).returncode == 0
    page = (tmp_path / "panout-out/report.html").read_text()
    assert "<img" not in page
    assert 'href="javascript' not in page


@pytest.mark.parametrize(
    ("icp", "says"),
    [
        pytest.param(ICP.replace("employees between", "employes between"), "employees", id="unknown field"),
        pytest.param(ICP.replace("weight: 50", "weight: 1e12"), "weight", id="huge weight"),
        pytest.param(ICP.replace("version: 2", "version: two"), "version", id="wrong kind"),
        pytest.param(ICP + "colour: blue\n", "colour", id="unknown key"),
        pytest.param("", "empty", id="empty"),
        pytest.param("- a\n- b\n", "icp.yaml", id="a list"),
        pytest.param("a: [1\n", "icp.yaml", id="broken YAML"),
        pytest.param(
            ICP.replace("employees between 50 and 500", "(" * 10_000 + "hiring" + ")" * 10_000),
            "icp.yaml",
            id="10,000 levels",
        ),
    ],
)
def test_an_invalid_icp_is_refused_with_its_line_and_nothing_is_written(tmp_path, icp, says):
    lay(tmp_path, icp=icp)
    told = pan(tmp_path)
    assert told.returncode == 2, told.stderr
    assert says in told.stderr
    assert "icp.yaml" in told.stderr
    assert "Traceback" not in told.stderr
    assert left_alone(tmp_path)


def test_rules_that_contradict_each_other_are_refused(tmp_path):
    lay(tmp_path, icp=ICP.replace("employees between 50 and 500", "employees < 50 and employees > 500"))
    told = pan(tmp_path)
    assert told.returncode == 2, told.stderr
    assert "contradict" in told.stderr
    assert left_alone(tmp_path)


def test_a_big_list_with_one_bad_row_loses_only_that_row(tmp_path):
    body = "".join(
        f"P{n},L{n},CTO,Firm {n % 500},p{n}@firm{n % 500}.com,100,Software,,US\n" for n in range(10_000)
    )
    lay(tmp_path, HEADER + "\n" + body + ",,,,,,,,\nn/a,,,,,,,,\n" + body.replace("P1,", "P1b,", 1))
    told = pan(tmp_path)
    assert told.returncode == 0, told.stderr
    summary = json.loads((tmp_path / "panout-out/summary.json").read_text())
    assert summary["rows"]["used"] == 20_000
    assert len(rows(tmp_path / "panout-out/rejects.csv")) == summary["rows"]["rejected"]


def limit_files() -> None:
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)


def many_people(count: int) -> str:
    return (
        HEADER
        + "\n"
        + "".join(
            f"P{n},L{n * 7919 % count},CTO,Firm {n},p{n}@firm{n}.com,{n % 900},Software,,US\n"
            for n in range(count)
        )
    )


def test_a_full_disk_is_named_and_leaves_nothing(tmp_path):
    lay(tmp_path, many_people(40_000))
    told = panout_process(*ARGUMENTS, folder=tmp_path, preexec_fn=limit_files)
    assert told.returncode == 1, (told.returncode, told.stderr)
    assert "no space left" in told.stderr
    assert "Traceback" not in told.stderr
    assert left_alone(tmp_path)


@pytest.mark.parametrize("stop", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_run_says_so_and_leaves_nothing(tmp_path, stop):
    lay(tmp_path, many_people(100_000))
    running = subprocess.Popen(
        [sys.executable, "-m", "panout", *ARGUMENTS],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"NO_COLOR": "1"},
    )
    waited = time.monotonic()
    while not any(path.name.startswith(".panout-out") for path in tmp_path.iterdir()):
        assert running.poll() is None
        assert time.monotonic() - waited < 30
        time.sleep(0.05)
    time.sleep(1.0)
    running.send_signal(stop)
    _, complaint = running.communicate(timeout=30)
    assert running.returncode == 130, complaint
    assert "interrupted" in complaint.lower()
    assert "Traceback" not in complaint
    assert left_alone(tmp_path)
