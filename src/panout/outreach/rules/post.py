"""Addresses on paper: what must stand in one, and when a letter is there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta


@dataclass(frozen=True, slots=True)
class Address:
    """Where somebody is reached by post; parts that are unknown are empty."""

    name: str
    company: str
    street: str
    postal_code: str
    city: str
    region: str
    country: str

    def lines(self) -> tuple[str, ...]:
        """As on an envelope: city lines in the order of the country."""
        before = self.country in _CODE_AFTER_CITY
        town = (
            ", ".join(
                part
                for part in (self.city, " ".join(p for p in (self.region, self.postal_code) if p))
                if part
            )
            if before
            else " ".join(part for part in (self.postal_code, self.city) if part)
        )
        return tuple(line for line in (self.name, self.company, self.street, town, self.country) if line)


# Where the postal code stands behind the city.
_CODE_AFTER_CITY = frozenset({"US", "CA", "GB", "AU", "NZ", "IE", "IN", "ZA"})
# Places without postal codes in daily use.
_NO_CODE = frozenset({"AE", "GH", "HK", "JM", "PA", "QA", "UG", "IE"})
_COUNTRY = re.compile(r"^[A-Z]{2}$|^[A-Z][A-Za-z .'-]{3,}$")


def missing_parts(address: str) -> tuple[str, ...]:
    """What a postman would miss in these lines."""
    lines = [line.strip() for line in address.splitlines() if line.strip()]
    if len(lines) < 2:
        return ("street", "city", "country")
    missing = []
    country = lines[-1] if _COUNTRY.match(lines[-1]) and not re.search(r"\d", lines[-1]) else ""
    rest = lines[1:-1] if country else lines[1:]
    if not any(re.search(r"\d", line) and re.search(r"[^\W\d]{3}", line) for line in rest):
        missing.append("street and number")
    if country not in _NO_CODE and not any(re.search(r"\d{3}|[A-Z]\d", line) for line in rest[-1:]):
        missing.append("postal code")
    if not country:
        missing.append("country")
    return tuple(missing)


def arrival(posted_on: date, country: str, home: str = "") -> date:
    """When a letter is expected to be there: three working days at home, seven abroad (our presets)."""
    left = 3 if country == home or not home else 7
    day = posted_on
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < 5
    return day
