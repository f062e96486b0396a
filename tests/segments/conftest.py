"""The small market of the pages."""

from __future__ import annotations

import pytest

from panout.flow import clock
from panout.team.rules import Person
from tests.web.world import populate


@pytest.fixture
def book(owner: Person) -> dict[str, int]:
    """Account ids by name."""
    return populate(owner, clock.now())
