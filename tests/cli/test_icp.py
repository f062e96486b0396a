"""`panout icp` as somebody types it."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.cases import ICP, lay, panout

CHANGED = (
    ICP.replace("version: 2", "version: 3")
    .replace("employees between 50 and 500, weight: 50", "employees between 80 and 500, weight: 40")
    .replace("name: software,", "name: trade,")
    .replace("  - {type: job_changed, weight: 40}\n", "")
    + "gate: {fit: 70}\nchanges:\n  - {version: 3, on: 2026-11-01, by: Ada, why: Small teams never bought.}\n"
)


def profiles(folder: Path, later: str = CHANGED) -> None:
    lay(folder)
    (folder / "later.yaml").write_text(later, encoding="utf-8")


def test_a_profile_is_shown_in_words(tmp_path):
    lay(tmp_path)
    told = panout("icp", "check", "icp.yaml", folder=tmp_path)
    assert told.returncode == 0
    assert "ok icp.yaml: Test, version 2" in told.stdout
    assert "+50  size (required): employees are between 50 and 500" in told.stdout
    answer = json.loads(panout("icp", "check", "icp.yaml", "--json", folder=tmp_path).stdout)
    assert (answer["valid"], answer["fit_rules"], answer["signals"]) == (True, 3, 3)


def test_every_mistake_is_named_by_its_line(tmp_path):
    lay(
        tmp_path,
        icp=ICP.replace("employees between", "employes between").replace("industry has", "industrie has"),
    )
    told = panout("icp", "check", "icp.yaml", folder=tmp_path)
    assert told.returncode == 2
    assert "icp.yaml:6:" in told.stderr
    assert "Did you mean 'employees'?" in told.stderr
    assert "icp.yaml:8:" in told.stderr
    assert "Did you mean 'industry'?" in told.stderr
    answer = json.loads(panout("icp", "check", "icp.yaml", "--json", folder=tmp_path).stdout)
    assert answer["valid"] is False
    assert {6, 8} <= {error["line"] for error in answer["errors"]}


def test_what_changed_between_two_versions_is_said_in_words(tmp_path):
    profiles(tmp_path)
    told = panout("icp", "diff", "icp.yaml", "later.yaml", folder=tmp_path)
    assert told.returncode == 0
    assert "Test, version 2 to 3" in told.stdout
    for line in (
        "size, asks: was employees are between 50 and 500, is employees are between 80 and 500",
        "size, points: was +50, is +40",
        "software is now called trade",
        "job_changed is gone",
        "least fit: was 60, is 70",
        "version 3, 2026-11-01, Ada: Small teams never bought.",
    ):
        assert line in told.stdout
    assert "market" not in told.stdout
    assert told.stderr == ""


def test_the_same_differences_for_machines(tmp_path):
    profiles(tmp_path)
    answer = json.loads(panout("icp", "diff", "icp.yaml", "later.yaml", "--json", folder=tmp_path).stdout)
    assert (answer["old"], answer["new"]) == (2, 3)
    assert {"part": "gate", "text": "least fit: was 60, is 70"} in answer["differences"]
    assert [one["by"] for one in answer["reasons"]] == ["Ada"]


def test_the_order_of_rules_is_no_difference(tmp_path):
    first, second = "  - {type: hiring, weight: 30}\n", "  - {type: hiring_started, weight: 30}\n"
    profiles(tmp_path, ICP.replace(first + second, second + first))
    told = panout("icp", "diff", "icp.yaml", "later.yaml", folder=tmp_path)
    assert "They ask the same and judge the same." in told.stdout


def test_a_version_that_differs_under_its_old_number_is_warned_of(tmp_path):
    profiles(tmp_path, ICP.replace("weight: 50", "weight: 45"))
    told = panout("icp", "diff", "icp.yaml", "later.yaml", folder=tmp_path)
    assert told.returncode == 0
    assert "its version is still 2" in told.stderr


def test_what_is_no_profile_cannot_be_compared(tmp_path):
    profiles(tmp_path, "just: this\n")
    assert panout("icp", "diff", "icp.yaml", "later.yaml", folder=tmp_path).returncode == 2
    assert panout("icp", "diff", "icp.yaml", "nowhere.yaml", folder=tmp_path).returncode == 2
