"""What the guide and the language reference show can really be written."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from panout.cli.criteria import app
from panout.criteria import grammar
from panout.criteria.parse import parse
from panout.criteria.schema import CATALOGUE, Known, Side
from panout.kernel.fields import Kind

GUIDE = (Path(__file__).parents[2] / "docs" / "guide" / "criteria.md").read_text()
TABLES = [
    line for line in GUIDE.splitlines() if re.match(r"\| (a|an|any|it|one|several|when|part|yes)\b.*`", line)
]
SHOWN = [text for line in TABLES for text in re.findall(r"`([^`]+)`", line)]


def test_the_guide_shows_enough():
    assert len(SHOWN) > 30


@pytest.mark.parametrize("text", SHOWN)
def test_the_guide_shows_what_can_be_written(text):
    parse(text)


def test_the_first_example_of_the_guide():
    parse(GUIDE.split("```")[1].strip())


def test_the_sessions_in_the_guide_are_true():
    sessions = re.findall(r"```console\n\$ panout criteria explain '([^\n]*)'\n(.*?)```", GUIDE, re.DOTALL)
    assert len(sessions) == 2
    for text, answer in sessions:
        told = CliRunner().invoke(app, ["explain", text], env={"COLUMNS": "120"})
        said = told.stdout or f"{told.stderr}error: {told.exception}\n"
        assert said.split() == answer.split()


def test_the_reference_shows_what_can_be_written():
    schema = CATALOGUE.plus([Known("renewal", Kind.DATE, Side.OTHER, "renewal")])
    examples = re.findall(
        r"(?:employees|industry|country|title|technologies|last_contacted|birth_date|renewal|founded|revenue"
        r"|custom\.|signal|count|strongest|latest|hiring|not hiring|opted_out)[^\n]*?(?=\s{2,}|$)",
        (grammar.__doc__ or "").split("`not` may also")[0],
        re.MULTILINE,
    )
    assert len(examples) > 25
    for text in examples:
        if text != "signals":  # the heading of its rows
            parse(text, schema)
