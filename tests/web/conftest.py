"""A populated book, and its clients."""

from __future__ import annotations

import pytest

from panout.flow import clock
from panout.team.rules import Person
from tests.web.world import populate


@pytest.fixture
def book(owner: Person) -> dict[str, int]:
    """The small market; account ids by name. Its signals are as old as they say today."""
    return populate(owner, clock.now())
