"""Where a person's clock stands: an IANA zone from country and region, or None when that does not tell.

`zones.csv` names the zone in which most people of a state or province live and, with an empty region, the
one zone that counts for nearly everybody in a country of several. The rest is the time-zone database's table.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from functools import lru_cache
from importlib import resources


@lru_cache(maxsize=1)
def _by_region() -> dict[tuple[str, str], str]:
    text = resources.files("panout.kernel").joinpath("zones.csv").read_text("utf-8")
    return {(row["country"], row["region"]): row["zone"] for row in csv.DictReader(text.splitlines())}


@lru_cache(maxsize=1)
def _by_country() -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for line in resources.files("tzdata.zoneinfo").joinpath("zone.tab").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            found[country].append(zone)
    return found


def zone_of(country: str | None, region: str | None = None) -> str | None:
    """The IANA zone of a place; None when the country is unknown, or of several zones."""
    land = (country or "").upper()
    place = (region or "").strip().lower()
    named = _by_region().get((land, place)) or _by_region().get((land, ""))
    if named:
        return named
    zones = _by_country().get(land, [])
    return zones[0] if len(zones) == 1 else None
