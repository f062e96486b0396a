"""One line of a signals file: its type, its date, and the keys by which its owner will be found."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from panout.sources.rules.companies import company_name, name_key
from panout.sources.rules.dates import DateOrder, parse_date
from panout.sources.rules.emails import find_email
from panout.sources.rules.people import person_name
from panout.sources.rules.text import fold, stated, words
from panout.sources.rules.webs import domain, linkedin_company, linkedin_person

# Whom a signal is about.
LEVELS = ("company", "buyer", "ecosystem")
_LEVEL_WORDS = {
    "company": "company",
    "account": "company",
    "organization": "company",
    "organisation": "company",
    "buyer": "buyer",
    "person": "buyer",
    "contact": "buyer",
    "people": "buyer",
    "lead": "buyer",
    "ecosystem": "ecosystem",
    "market": "ecosystem",
    "industry": "ecosystem",
}
_STRENGTH_WORDS = {
    "very low": 0.1,
    "low": 0.3,
    "weak": 0.3,
    "medium": 0.6,
    "mid": 0.6,
    "moderate": 0.6,
    "normal": 0.6,
    "high": 0.9,
    "strong": 0.9,
    "very high": 1.0,
    "hot": 1.0,
    "warm": 0.6,
    "cold": 0.3,
}
_NUMBER = re.compile(r"^(\d+(?:[.,]\d+)?)\s*(%|/\s*10|/\s*100|/\s*5)?$")
OF_PERSON = ("email", "linkedin", "contact_record_id", "contact_id", "full_name")
OF_COMPANY = ("domain", "company_name", "company_linkedin", "company_record_id", "account_id")


@dataclass(frozen=True, slots=True)
class RawSignal:
    """A signal as stated. Keys are normalised like those of lists; at least one is there unless it is
    ecosystem's."""

    type: str
    level: str
    date: date
    strength: float
    domain: str | None = None
    company_name: str | None = None
    name_key: str | None = None
    company_linkedin: str | None = None
    company_record_id: str | None = None
    email: str | None = None
    linkedin: str | None = None
    full_name: str | None = None
    contact_record_id: str | None = None
    account_id: str | None = None
    contact_id: str | None = None
    source: str | None = None
    evidence: str | None = None


@dataclass(frozen=True, slots=True)
class SignalFault:
    """Why a line is no signal."""

    field: str
    value: str
    reason: str


def read_signal(cells: Mapping[str, str], order: DateOrder) -> RawSignal | SignalFault:
    """Read one line; `cells` by the names in `signals.toml`, blank ones left out."""
    kind = "_".join(words(cells.get("type", "")))
    if not kind:
        return SignalFault("type", cells.get("type", ""), "The line has no signal type.")
    when = parse_date(cells.get("date", ""), order)
    if when is None:
        why = "This is no date." if cells.get("date") else "The line has no date; a signal says when."
        return SignalFault("date", cells.get("date", ""), why)
    strength = strength_of(cells.get("strength"))
    if strength is None:
        return SignalFault(
            "strength", cells["strength"], "The strength is no number from 0 to 1 (or percent)."
        )
    keys = _keys(cells)
    level = _level(cells.get("level"), keys)
    if level is None:
        return SignalFault("level", cells.get("level", ""), f"The level is none of {', '.join(LEVELS)}.")
    needed = {"company": (*OF_COMPANY, *OF_PERSON), "buyer": OF_PERSON, "ecosystem": ()}[level]
    if needed and not any(keys.get(name) for name in needed):
        whose = (
            "company (domain, name, LinkedIn page or id)"
            if level == "company"
            else "person (email, LinkedIn or id)"
        )
        given = next((cells[name] for name in (*needed, "key") if name in cells), "")
        return SignalFault("key", given, f"The line does not say which {whose} it is about.")
    return RawSignal(
        type=kind,
        level=level,
        date=when,
        strength=strength,
        source=stated(cells.get("source")),
        evidence=stated(cells.get("evidence")),
        **keys,
    )


def strength_of(cell: str | None) -> float | None:
    """0 to 1. "80%", "8/10", "80" (of 100), "high" are understood; 1 when nothing is stated; None when
    unreadable."""
    text = None if cell is None else stated(cell)
    if text is None:
        return 1.0
    if (word := _STRENGTH_WORDS.get(fold(text))) is not None:
        return word
    found = _NUMBER.match(text)
    if found is None:
        return None
    value = float(found[1].replace(",", "."))
    scale = (found[2] or "").replace(" ", "")
    whole = {"%": 100.0, "/10": 10.0, "/100": 100.0, "/5": 5.0}.get(scale, 1.0 if value <= 1 else 100.0)
    return value / whole if value <= whole else None


def level_of(cell: str) -> str | None:
    """A level by any of its names."""
    text = stated(cell)
    return None if text is None else _LEVEL_WORDS.get(fold(text))


def _keys(cells: Mapping[str, str]) -> dict[str, str | None]:
    cells = _with_loose_key(cells)
    email = find_email(cells["email"]) if "email" in cells else None
    name = company_name(cells["company_name"]) if "company_name" in cells else None
    person = person_name(cells["full_name"]) if "full_name" in cells else None
    return {
        "domain": domain(cells["domain"]) if "domain" in cells else None,
        "company_name": name,
        "name_key": name_key(name) if name else None,
        "company_linkedin": linkedin_company(cells["company_linkedin"])
        if "company_linkedin" in cells
        else None,
        "email": str(email) if email else None,
        "linkedin": linkedin_person(cells["linkedin"]) if "linkedin" in cells else None,
        "full_name": person.full if person else None,
        **{
            name: stated(cells.get(name))
            for name in ("company_record_id", "contact_record_id", "account_id", "contact_id")
        },
    }


def _with_loose_key(cells: Mapping[str, str]) -> Mapping[str, str]:
    """A column that just says whom it is about: told by its look."""
    loose = cells.get("key")
    if loose is None:
        return cells
    if find_email(loose) is not None:
        return {"email": loose, **cells}
    if "linkedin.com/" in loose.lower():
        return {"linkedin": loose, "company_linkedin": loose, **cells}
    if domain(loose) is not None:
        return {"domain": loose, **cells}
    if re.fullmatch(r"[ac][0-9a-f]{16}", loose.strip()):
        return {"account_id" if loose.strip()[0] == "a" else "contact_id": loose.strip(), **cells}
    return {"company_name": loose, **cells}


def _level(cell: str | None, keys: Mapping[str, str | None]) -> str | None:
    text = None if cell is None else stated(cell)
    if text is not None:
        return level_of(text)
    if any(keys.get(name) for name in OF_PERSON):
        return "buyer"
    return "company" if any(keys.get(name) for name in OF_COMPANY) else "ecosystem"
