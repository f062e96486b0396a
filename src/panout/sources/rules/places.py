"""Countries, regions and whole locations, in the words and languages that lists use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache, lru_cache

import pycountry
from babel import Locale

from panout.sources.rules.text import fold, tidy

_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "nl")
_OTHER_NAMES = {
    "uk": "GB",
    "u.k.": "GB",
    "great britain": "GB",
    "britain": "GB",
    "england": "GB",
    "scotland": "GB",
    "wales": "GB",
    "northern ireland": "GB",
    "united kingdom of great britain and northern ireland": "GB",
    "grossbritannien": "GB",
    "us": "US",
    "u.s.": "US",
    "u.s.a.": "US",
    "u.s": "US",
    "usa": "US",
    "america": "US",
    "united states of america": "US",
    "the united states": "US",
    "the united states of america": "US",
    "estados unidos de america": "US",
    "etats unis": "US",
    "vereinigte staaten von amerika": "US",
    "holland": "NL",
    "the netherlands": "NL",
    "korea": "KR",
    "south korea": "KR",
    "republic of korea": "KR",
    "russia": "RU",
    "russian federation": "RU",
    "czech republic": "CZ",
    "czechia": "CZ",
    "tschechien": "CZ",
    "uae": "AE",
    "u.a.e.": "AE",
    "vietnam": "VN",
    "viet nam": "VN",
    "ivory coast": "CI",
    "cote d'ivoire": "CI",
    "turkey": "TR",
    "turkiye": "TR",
    "taiwan": "TW",
    "hong kong": "HK",
    "hong kong sar": "HK",
    "macau": "MO",
    "macao": "MO",
    "iran": "IR",
    "syria": "SY",
    "laos": "LA",
    "moldova": "MD",
    "bolivia": "BO",
    "venezuela": "VE",
    "tanzania": "TZ",
    "palestine": "PS",
    "macedonia": "MK",
    "north macedonia": "MK",
    "swaziland": "SZ",
    "burma": "MM",
    "cape verde": "CV",
    "brasil": "BR",
    "mexiko": "MX",
    "espana": "ES",
    "schweiz": "CH",
    "suisse": "CH",
    "svizzera": "CH",
    "belgie": "BE",
    "osterreich": "AT",
    "danmark": "DK",
    "norge": "NO",
    "sverige": "SE",
    "suomi": "FI",
    "polska": "PL",
    "cesko": "CZ",
    "magyarorszag": "HU",
    "hellas": "GR",
    "eire": "IE",
    "republic of ireland": "IE",
    "prc": "CN",
    "mainland china": "CN",
    "people's republic of china": "CN",
    "el": "GR",
    "ksa": "SA",
    "drc": "CD",
    "rsa": "ZA",
}

# Lands whose regions are written as codes or stand last in "City, Region" without a country.
_REGION_LANDS = ("US", "CA", "AU")
# Two letters that are both a state and a country: after a city, lists mean the state, unless the city says
# otherwise.
_CITIES = {
    "berlin": "DE",
    "munich": "DE",
    "munchen": "DE",
    "hamburg": "DE",
    "cologne": "DE",
    "koln": "DE",
    "frankfurt": "DE",
    "stuttgart": "DE",
    "dusseldorf": "DE",
    "leipzig": "DE",
    "dresden": "DE",
    "hannover": "DE",
    "nuremberg": "DE",
    "toronto": "CA",
    "vancouver": "CA",
    "montreal": "CA",
    "ottawa": "CA",
    "calgary": "CA",
    "bangalore": "IN",
    "bengaluru": "IN",
    "mumbai": "IN",
    "delhi": "IN",
    "new delhi": "IN",
    "hyderabad": "IN",
    "chennai": "IN",
    "pune": "IN",
    "tel aviv": "IL",
    "jerusalem": "IL",
    "haifa": "IL",
    "bogota": "CO",
    "medellin": "CO",
    "buenos aires": "AR",
    "casablanca": "MA",
    "tirana": "AL",
    "jakarta": "ID",
    "panama city": "PA",
    "tbilisi": "GA",
    "santo domingo": "DO",
    "chisinau": "MD",
    "port louis": "MU",
    "antananarivo": "MG",
    "valletta": "MT",
}
# Where the place is at once city and country, or city and region, its one name is the city.
_CITY_STATES = {"SG": "Singapore", "HK": "Hong Kong", "MC": "Monaco", "MO": "Macao", "GI": "Gibraltar"}
_CITY_BEFORE_REGION = frozenset(
    [
        "new york",
        "washington",
        "quebec",
        "delhi",
        "chandigarh",
        "sao paulo",
        "rio de janeiro",
        "mexico",
        "goa",
        "luxembourg",
    ]
)
_REGION_ALONE_LANDS = frozenset({"US", "CA", "AU", "IN", "BR", "MX"})

_REMOTE = re.compile(
    r"\b(?:fully remote|100% remote|remote|worldwide|anywhere|hybrid|distributed)\b[\s:(-]*", re.IGNORECASE
)
_SEVERAL = re.compile(r"\s*(?:;|\||\s/\s|\n|•)\s*")
_FOOTNOTE = re.compile(r"\[\d+\]")
_POSTAL = re.compile(
    r"(?:^|\s)([A-Z]{1,2}\d[A-Z\d]? ?\d[A-Z]{2}|"
    r"[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{4,6}(?:-\d{3,4})?|\d{4} ?[A-Z]{2})(?=$|\s)"
)
_AREA = re.compile(
    r"^(?:greater\s+)?(.+?)(?:\s+(?:metropolitan|metro))?(?:\s+(?:bay))?\s+(?:area|region)$|^(?:greater|grossraum|großraum)\s+(.+)$",
    re.IGNORECASE,
)
_STATE_OF = re.compile(r"^(?:state of|estado de|land|province of|provincia de)\s+", re.IGNORECASE)
_DASH = re.compile(r"\s+[-–—]\s+")


@dataclass(frozen=True, slots=True)
class Place:
    """Where somebody is, as far as the text says it. `country` is ISO 3166 alpha-2."""

    address: str | None = None
    postal_code: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None


@lru_cache(maxsize=4096)
def country_code(cell: str) -> str | None:
    """ISO alpha-2 for a country's name or code in seven languages ("UK", "U.S.", "Deutschland", "DEU"), or
    None."""
    text = fold(tidy(cell)).strip(" .,()")
    names = _country_names()
    return names.get(text) or names.get(text.replace(".", "")) or names.get(text.removeprefix("the "))


@lru_cache(maxsize=16384)
def region_name(cell: str, country: str | None) -> str:
    """The region's name in full where its country is known and lists it ("CA" in US is "California"), else
    as given."""
    text = _STATE_OF.sub("", tidy(cell))
    if country is None:
        return text
    return _regions(country).get(fold(text).replace(".", ""), text)


def region_country(cell: str) -> str | None:
    """US, CA or AU when the text is one of their states or provinces and nobody else's, else None."""
    text = fold(tidy(cell)).replace(".", "")
    lands = [land for land in _REGION_LANDS if text in _regions(land)]
    return lands[0] if len(lands) == 1 else None


@lru_cache(maxsize=65536)
def split_location(cell: str) -> Place:
    """Take "555 Post St, San Francisco, CA 94102, USA" apart. Of several places in one cell the first counts.

    Reads from the right: country, region, city, street. What is only "Remote" or a continent is no place.
    """
    text = _FOOTNOTE.sub("", tidy(cell))
    text = _REMOTE.sub("", _SEVERAL.split(text)[0]) or _REMOTE.sub("", text)
    parts = [part for part in (p.strip(" ,()") for p in re.split(r",|" + _DASH.pattern, text)) if part]
    parts = [part for part in parts if fold(part) not in _NO_PLACE]
    if not parts:
        return Place()
    parts, postal, country = _country_at_end(parts)
    region = None
    if country is None:
        parts, postal, region, country = _region_at_end(parts, postal)
    parts, found = _without_postal(parts)
    postal = postal or found
    if not parts:
        city = _CITY_STATES.get(country or "") if region is None else None
        return Place(postal_code=postal, city=city, region=region, country=country)
    if (
        region is None
        and len(parts) > 1
        and (_is_state(parts[-1], country) or not (found or _has_digit(parts[0])))
    ):
        region = region_name(parts.pop(), country)
    elif region is None and country in _CITY_STATES and any(c.isdecimal() for c in parts[-1]):
        parts.append(_CITY_STATES[country])
    elif region is None and country in _REGION_ALONE_LANDS and _is_region_alone(parts[0], country):
        return Place(postal_code=postal, region=region_name(parts[0], country), country=country)
    city, region = _city_with_state(_plain_city(parts.pop()), region, country)
    address = ", ".join(parts) if parts and any(c.isdecimal() for c in " ".join(parts)) else None
    return Place(address, postal, city, region, country or _CITIES.get(fold(city)))


_NO_PLACE = frozenset(
    {"", "none", "n/a", "na", "null", "unknown", "europe", "asia", "emea", "apac", "global", "world", "-"}
)


def _country_at_end(parts: list[str]) -> tuple[list[str], str | None, str | None]:
    last = parts[-1]
    postal = None
    if len(parts) > 1 and _means_state(parts[-2], last):
        return parts, None, None
    country = country_code(last)
    if country is None:
        bare = _POSTAL.sub("", last).strip()
        if bare and bare != last and (len(bare) > 2 or country_code(bare) not in (None, *_state_like())):
            country = country_code(bare)
            postal = _first_postal(last) if country else None
    return (parts[:-1], postal, country) if country else (parts, None, None)


def _means_state(city: str, last: str) -> bool:
    """ "Palo Alto, CA" is California, "Berlin, DE" is Germany."""
    if len(last) != 2 or not last.isupper():
        return fold(last) == "georgia" and region_country(city) is None and fold(city) not in _CITIES
    return fold(last) in _regions("US") and _CITIES.get(fold(city)) != last


@cache
def _state_like() -> frozenset[str]:
    return frozenset(code.upper() for code in _regions("US") if len(code) == 2)


def _region_at_end(
    parts: list[str], postal: str | None
) -> tuple[list[str], str | None, str | None, str | None]:
    if len(parts) < 2 and fold(parts[0]) in _CITY_BEFORE_REGION:
        return parts, postal, None, None
    last = parts[-1]
    bare = _POSTAL.sub("", last).strip()
    land = region_country(bare) if bare else None
    if land is None:
        return parts, postal, None, None
    return parts[:-1], postal or _first_postal(last), region_name(bare, land), land


def _without_postal(parts: list[str]) -> tuple[list[str], str | None]:
    """Postal codes beside the region or the city ("CA 94102", "78350 Les Loges"); house numbers stay in the
    street."""
    for place in range(len(parts) - 1, max(-1, len(parts) - 3), -1):
        found = _first_postal(parts[place])
        if found is None:
            continue
        if place == 0 and len(parts) > 1 and len(found) < 5:
            continue
        rest = _POSTAL.sub("", parts[place], count=1).strip()
        return [*parts[:place], *([rest] if rest else []), *parts[place + 1 :]], found
    return parts, None


def _first_postal(text: str) -> str | None:
    found = _POSTAL.search(text)
    return found[1] if found else None


def _is_region_alone(text: str, country: str) -> bool:
    folded = fold(text).replace(".", "")
    return folded in _regions(country) and folded not in _CITY_BEFORE_REGION


def _is_state(text: str, country: str | None) -> bool:
    return country in _REGION_LANDS and fold(text).replace(".", "") in _regions(str(country))


def _has_digit(text: str) -> bool:
    return any(c.isdecimal() for c in text)


def _plain_city(text: str) -> str:
    found = _AREA.match(text)
    return (found[1] or found[2]) if found else text


def _city_with_state(city: str, region: str | None, country: str | None) -> tuple[str, str | None]:
    """ "Melbourne VIC, Australia": the state stands behind the city without a comma."""
    head, _, tail = city.rpartition(" ")
    if (
        region is None
        and head
        and country in _REGION_LANDS
        and tail.isupper()
        and fold(tail) in _regions(country)
    ):
        return head, region_name(tail, country)
    return city, region


@cache
def _country_names() -> dict[str, str]:
    names: dict[str, str] = {}
    for land in pycountry.countries:
        for attribute in ("alpha_2", "alpha_3", "name", "official_name", "common_name"):
            if value := getattr(land, attribute, None):
                names.setdefault(fold(value), land.alpha_2)
    for language in _LANGUAGES:
        for code, name in Locale(language).territories.items():
            if len(code) == 2 and code.isalpha() and pycountry.countries.get(alpha_2=code):
                names.setdefault(fold(name), code)
    return names | _OTHER_NAMES


@cache
def _regions(country: str) -> dict[str, str]:
    """Folded names and codes of a country's regions, each with the name it is kept under."""
    found: dict[str, str] = {}
    for region in pycountry.subdivisions.get(country_code=country) or ():  # type: ignore[no-untyped-call]
        name = region.name
        found.setdefault(fold(name).replace(".", ""), name)
        code = region.code.partition("-")[2]
        if code.isalpha():
            found.setdefault(fold(code), name)
    if country == "US":
        found |= {"dc": "District of Columbia", "washington dc": "District of Columbia"}
    return found
