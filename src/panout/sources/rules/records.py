"""One row of a list as a record of catalogue fields: the rules of all cells together, a row at a time.

The batch reader says the same for many rows at once (`sources.files.normal`); a property test holds the two
equal. Forms and single entries use this one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from panout.kernel.fields import FIELDS, Kind
from panout.sources.rules import numbers
from panout.sources.rules.companies import company_name, name_key
from panout.sources.rules.dates import DateOrder, parse_date
from panout.sources.rules.emails import EmailGrade, graded_email
from panout.sources.rules.flags import boolean, texts
from panout.sources.rules.headers import LOCATION, PERSON_LOCATION
from panout.sources.rules.languages import language_code
from panout.sources.rules.people import joined_name, name_part, person_name
from panout.sources.rules.phones import phone
from panout.sources.rules.places import country_code, region_country, region_name, split_location
from panout.sources.rules.text import NOTHING, stated
from panout.sources.rules.titles import (
    BuyingRole,
    Department,
    Seniority,
    buying_role_of,
    department_of,
    likely_role,
    read_title,
    seniority_of,
)
from panout.sources.rules.webs import domain, linkedin_company, linkedin_person, website

Value = str | int | float | bool | date | tuple[str, ...] | None
CellRule = Callable[[str], Value]

COMPANY_PLACE = ("address", "postal_code", "city", "region", "country")
PERSON_PLACE = tuple(f"person_{field}" for field in COMPANY_PLACE)
IDENTITY = ("company_name", "domain", "company_linkedin", "full_name", "email", "linkedin")
PHONES = (("phone", "person_country"), ("mobile", "person_country"), ("company_phone", "country"))

# One cell, one value: fields that need nothing but their own cell.
SIMPLE_RULES: Mapping[str, CellRule] = {
    "company_name": company_name,
    "domain": domain,
    "website": website,
    "company_linkedin": linkedin_company,
    "linkedin": linkedin_person,
    "founded": numbers.year,
    "language": language_code,
    "country": country_code,
    "person_country": country_code,
    "seniority": seniority_of,
    "department": department_of,
    "buying_role": buying_role_of,
    "first_name": name_part,
    "last_name": name_part,
    **{
        field.name: numbers.head_count
        for field in FIELDS.values()
        if field.kind is Kind.INTEGER and field.name != "founded"
    },
    **{field.name: numbers.amount for field in FIELDS.values() if field.kind is Kind.NUMBER},
    **{field.name: boolean for field in FIELDS.values() if field.kind is Kind.BOOLEAN},
    **{field.name: texts for field in FIELDS.values() if field.kind is Kind.TEXTS},
}
# What a warning says of a stated cell that its rule could not read.
REASONS: Mapping[str, str] = {
    "email": "This is no email address.",
    "phone": "This is no phone number of the row's country.",
    "mobile": "This is no phone number of the row's country.",
    "company_phone": "This is no phone number of the row's country.",
    "domain": "This is no company's web domain.",
    "website": "This is no web address.",
    "country": "This is no country.",
    "person_country": "This is no country.",
    "linkedin": "This is no LinkedIn profile.",
    "company_linkedin": "This is no LinkedIn company page.",
    "founded": "This is no year.",
    "full_name": "This is no name of a person.",
    "first_name": "This is no name of a person.",
    "last_name": "This is no name of a person.",
    "company_name": "This is no name.",
    "language": "This is no language.",
    "seniority": "This is no seniority.",
    "department": "This is no department.",
    "buying_role": "This is no buying role.",
    **{
        field.name: "This is no number."
        for field in FIELDS.values()
        if field.kind in (Kind.INTEGER, Kind.NUMBER) and field.name != "founded"
    },
    **{field.name: "This is no date." for field in FIELDS.values() if field.kind is Kind.DATE},
    **{field.name: "This is neither yes nor no." for field in FIELDS.values() if field.kind is Kind.BOOLEAN},
}
NO_IDENTITY = "The row says of nobody who it is: no name, company, email, domain or LinkedIn page."


@dataclass(frozen=True, slots=True)
class Custom:
    """How the rest of a list bears on its rows."""

    default_country: str | None = None
    date_orders: Mapping[str, DateOrder] | None = None
    # The list says nothing about where companies are: the person's country stands for the company's.
    share_country: bool = False


@dataclass(frozen=True, slots=True)
class Record:
    """A row understood. `unread` are (field, cell) pairs that were stated and could not be read."""

    kind: str
    values: Mapping[str, Value]
    name_key: str | None
    email_domain: str | None
    email_free: bool | None
    unread: tuple[tuple[str, str], ...]

    @property
    def usable(self) -> bool:
        """Does it say who it is about?"""
        return any(self.values[field] is not None for field in IDENTITY)


def record_of(cells: Mapping[str, Sequence[str]], custom: Custom) -> Record:
    """Understand one row. `cells` holds per field the cells that may fill it, the preferred one first."""
    reading = _Reading(cells, custom)
    return reading.record()


class _Reading:
    """One row while it is being read; each step fills some fields."""

    def __init__(self, cells: Mapping[str, Sequence[str]], custom: Custom) -> None:
        self._cells, self._custom = cells, custom
        self._values: dict[str, Value] = dict.fromkeys(FIELDS)
        self._unread: list[tuple[str, str]] = []

    def record(self) -> Record:
        values = self._values
        for field in FIELDS:
            if field in SIMPLE_RULES:
                values[field] = self._first(field, SIMPLE_RULES[field])
            elif field in _PLAIN_TEXT:
                values[field] = self._first(field, stated)
        for field, kind in FIELDS.items():
            if kind.kind is Kind.DATE:
                order = (self._custom.date_orders or {}).get(field, DateOrder.MONTH_FIRST)
                values[field] = self._first(field, lambda cell, order=order: parse_date(cell, order))  # type: ignore[misc]
        self._places()
        self._phones()
        self._names()
        self._role()
        graded = next((found for cell in self._stated("email") if (found := self._graded(cell))), None)
        if graded is not None:
            values["email"], values["email_grade"] = str(graded.address), graded.grade.value
        elif self._stated("email"):
            values["email_grade"] = EmailGrade.INVALID.value
        if values["domain"] is None and isinstance(values["website"], str):
            values["domain"] = domain(values["website"])
        name = values["company_name"]
        return Record(
            self._kind(),
            values,
            name_key(name) if isinstance(name, str) else None,
            graded.domain if graded else None,
            graded.free if graded else None,
            tuple(self._unread),
        )

    def _graded(self, cell: str):  # type: ignore[no-untyped-def]
        found = graded_email(cell)
        if found is None:
            self._unread.append(("email", cell))
        return found

    def _stated(self, field: str) -> list[str]:
        return [cell for cell in self._cells.get(field, ()) if cell and cell.strip().lower() not in NOTHING]

    def _first(self, field: str, rule: CellRule) -> Value:
        for cell in self._stated(field):
            value = rule(cell)
            if value is not None:
                return value
            if field in REASONS:
                self._unread.append((field, cell))
        return None

    def _places(self) -> None:
        values = self._values
        for source, fields in ((LOCATION, COMPANY_PLACE), (PERSON_LOCATION, PERSON_PLACE)):
            cells = self._stated(source)
            if cells:
                place = split_location(cells[0])
                found = (place.address, place.postal_code, place.city, place.region, place.country)
                for field, value in zip(fields, found, strict=True):
                    values[field] = values[field] if values[field] is not None else value
            region, country = values[fields[3]], values[fields[4]]
            if isinstance(region, str):
                if country is None:
                    country = values[fields[4]] = region_country(region)
                values[fields[3]] = region_name(region, country if isinstance(country, str) else None)
        if self._custom.share_country and values["country"] is None:
            values["country"] = values["person_country"]

    def _phones(self) -> None:
        for field, own in PHONES:
            other = "country" if own == "person_country" else "person_country"
            land = self._values[own] or self._values[other] or self._custom.default_country
            country = land if isinstance(land, str) else None
            self._values[field] = self._first(field, lambda cell, country=country: phone(cell, country))  # type: ignore[misc]

    def _names(self) -> None:
        values = self._values
        whole = next((found for cell in self._stated("full_name") if (found := person_name(cell))), None)
        if whole is None:
            self._unread += [("full_name", cell) for cell in self._stated("full_name")]
        first, last = values["first_name"], values["last_name"]
        given = first is not None or last is not None
        values["first_name"] = first if given else whole.first if whole else None
        values["last_name"] = last if given else whole.last if whole else None
        joined = joined_name(*(part if isinstance(part, str) else None for part in (first, last)))
        values["full_name"] = whole.full if whole else joined

    def _role(self) -> None:
        values = self._values
        title = values["title"]
        if isinstance(title, str):
            reading = read_title(title)
            values["seniority"] = values["seniority"] or reading.seniority
            values["department"] = values["department"] or reading.department
        rank, place = values["seniority"], values["department"]
        if values["buying_role"] is None:
            guess = read_title(title).buying_role if isinstance(title, str) else None
            values["buying_role"] = guess or likely_role(
                Seniority(rank) if isinstance(rank, str) else None,
                Department(place) if isinstance(place, str) else None,
            )
        for field, words in (
            ("seniority", Seniority),
            ("department", Department),
            ("buying_role", BuyingRole),
        ):
            value = values[field]
            values[field] = words(value).value if isinstance(value, str) else None

    def _kind(self) -> str:
        values = self._values
        named = values["full_name"] is not None or values["linkedin"] is not None
        of_company = values["company_name"] is not None or values["domain"] is not None
        addressed = values["email"] is not None and not (
            of_company and values["email_grade"] == EmailGrade.ROLE
        )
        return "person" if named or addressed else "company"


_PLAIN_TEXT = frozenset(
    field.name for field in FIELDS.values() if field.kind is Kind.TEXT and field.name not in SIMPLE_RULES
) - {"email", "email_grade", "phone", "mobile", "company_phone", "full_name"}
