"""A person's clock, from what is known of where they are."""

from __future__ import annotations

from zoneinfo import available_timezones

import pytest

from panout.kernel.zones import _by_region, zone_of


@pytest.mark.parametrize(
    ("country", "region", "zone"),
    [
        ("DE", None, "Europe/Berlin"),
        ("de", "Bavaria", "Europe/Berlin"),
        ("US", "CA", "America/Los_Angeles"),
        ("US", "New York", "America/New_York"),
        ("CA", "Ontario", "America/Toronto"),
        ("US", None, None),  # several zones, and nothing says which
        ("BR", "Amazonas", None),
        ("", None, None),
        (None, None, None),
        ("ZZ", None, None),
    ],
)
def test_the_place_tells_the_zone_or_nothing_is_guessed(country, region, zone):
    assert zone_of(country, region) == zone


def test_every_zone_in_the_table_exists():
    assert set(_by_region().values()) <= available_timezones()
