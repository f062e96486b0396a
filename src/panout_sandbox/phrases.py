"""What simulated buyers write, by class and language; written apart from whatever trains Panout."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from importlib import resources

PHRASES: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(
    resources.files("panout_sandbox").joinpath("phrases.toml").read_text("utf-8")
)
