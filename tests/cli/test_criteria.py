"""`panout criteria explain` at the command line."""

from __future__ import annotations

import json

from typer.testing import CliRunner

from panout.cli.criteria import app
from panout.criteria.errors import CriteriaError

run = CliRunner().invoke


def test_it_says_whom_is_meant_and_what_cannot_be():
    told = run(app, ["explain", "employees > 100 and employees < 50", "--sql", "duckdb"])
    assert told.exit_code == 0
    assert "Companies where employees are more than 100 and employees are less than 50." in told.stdout
    assert "can never both hold" in told.stdout
    assert '("employees" > 100)' in told.stdout


def test_it_answers_in_json():
    told = run(
        app, ["explain", 'last_contacted within 1 week and signal("x")', "--json", "--as-of", "2026-03-31"]
    )
    answer = json.loads(told.stdout)
    assert answer["as_of"] == "2026-03-31"
    assert answer["rests_on"] == ["last_contacted", "signals"]
    assert answer["sql"] is None


def test_a_wrong_text_is_pointed_at():
    told = run(app, ["explain", "employes > 5"])
    assert isinstance(told.exception, CriteriaError)
    assert "employes > 5\n^" in told.stderr


def test_sql_of_an_unknown_engine_is_wrong_use():
    told = run(app, ["explain", "hiring", "--sql", "oracle"])
    assert "Say duckdb, spark, postgresql." in str(told.exception)
