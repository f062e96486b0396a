"""The command finds its sub-commands, and turns errors into exit codes."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest
from tests.cli.cases import panout

from panout.cli.main import COMMANDS, exit_code
from panout.kernel.errors import BadInput, NotFound, NothingUsable, Refused, Unavailable


def test_help_names_every_command_without_loading_one(tmp_path):
    told = panout("--help", folder=tmp_path)
    assert told.returncode == 0
    for name in COMMANDS:
        assert f" {name} " in told.stdout


@pytest.mark.parametrize("name", list(COMMANDS))
def test_every_command_that_is_listed_is_there(name: str):
    assert find_spec(COMMANDS[name].module) is not None


def test_a_misspelt_command_is_corrected(tmp_path):
    told = panout("pam", folder=tmp_path)
    assert told.returncode == 2
    assert "Did you mean 'pan'?" in told.stderr


def test_pan_never_loads_what_only_others_need():
    heavy = ("django", "pyspark", "pandas", "splink", "sklearn")
    code = f"import sys, panout.cli.pan; print([name for name in {heavy} if name in sys.modules])"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (NothingUsable("x"), 3),
        (BadInput("x"), 2),
        (NotFound("x"), 2),
        (Unavailable("x"), 1),
        (Refused("x"), 1),
    ],
)
def test_exit_codes(error, code):
    assert exit_code(error) == code


def test_the_version_is_told(tmp_path):
    assert panout("--version", folder=tmp_path).stdout.startswith("panout 0.")
