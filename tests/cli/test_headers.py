"""`panout headers` as somebody types it."""

from __future__ import annotations

import json

from tests.cli.cases import lay, panout


def test_each_column_is_shown_with_its_field_and_an_example(tmp_path):
    lay(tmp_path)
    told = panout("headers", "people.csv", folder=tmp_path)
    assert told.returncode == 0
    assert "# Employees" in told.stdout
    assert "employees" in told.stdout
    assert "ada@northbeam.com" in told.stdout


def test_the_guess_for_machines_has_a_confidence(tmp_path):
    lay(tmp_path)
    answer = json.loads(panout("headers", "people.csv", "--json", folder=tmp_path).stdout)
    found = {column["header"]: column for column in answer["columns"]}
    assert found["Company Country"]["field"] == "country"
    assert 0.9 <= found["Email"]["confidence"] <= 1
    assert found["Title"]["example"] == "CTO"


def test_a_mapping_overrides_the_guess(tmp_path):
    lay(tmp_path)
    (tmp_path / "map.yaml").write_text("Title: null\nIndustry: department\n", encoding="utf-8")
    answer = json.loads(
        panout("headers", "people.csv", "--map", "map.yaml", "--json", folder=tmp_path).stdout
    )
    found = {column["header"]: column["field"] for column in answer["columns"]}
    assert (found["Title"], found["Industry"]) == (None, "department")


def test_a_header_with_markup_is_shown_as_it_is(tmp_path):
    lay(tmp_path, people="Email,[red]x[/red]\na@b.com,1\n")
    assert "[red]x[/red]" in panout("headers", "people.csv", folder=tmp_path).stdout


def test_what_is_no_list_is_refused(tmp_path):
    (tmp_path / "empty.csv").write_bytes(b"")
    (tmp_path / "picture.csv").write_bytes(b"\x89PNG\r\n\x1a\n\x00\x00")
    assert panout("headers", "empty.csv", folder=tmp_path).returncode == 3
    assert panout("headers", "picture.csv", folder=tmp_path).returncode == 2
    assert panout("headers", "nowhere.csv", folder=tmp_path).returncode == 2
