"""Which column is which field: guessed from the whole header line and a sample of the values. Words:
headers.toml."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from rapidfuzz import fuzz, process

from panout.kernel.errors import BadInput
from panout.kernel.fields import FIELDS, Entity
from panout.sources.rules.companies import name_key
from panout.sources.rules.tables import word_lists
from panout.sources.rules.text import fold, words

# One column with a whole place in it; the reader splits it into city, region and country.
LOCATION, PERSON_LOCATION = "location", "person_location"
MAPPABLE = frozenset(FIELDS) - {"email_grade"} | {LOCATION, PERSON_LOCATION}


class ListKind(StrEnum):
    """What the rows of a list are about."""

    PEOPLE = "people"
    COMPANIES = "companies"


@dataclass(frozen=True, slots=True)
class ColumnGuess:
    """What one column is taken for. `field` is None for a custom field; `order` breaks ties between columns
    of one field (the lowest is asked first); `confidence` runs from 0 to 1."""

    header: str
    field: str | None
    confidence: float
    how: str
    order: int = 0


_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z]{2})")
_REPEATED = re.compile(r"\s*\(\d+\)$")
_OF_PERSON = ("contact ", "person ", "lead ", "prospect ", "people ", "attendee ", "user ", "owner ")
_OF_COMPANY = (
    "company ",
    "account ",
    "organization ",
    "organisation ",
    "org ",
    "firm ",
    "employer ",
    "business ",
    "hq ",
)
# Only people have these; an email or a phone number a company may have as well.
_PERSONAL = frozenset(
    [
        "full_name",
        "first_name",
        "last_name",
        "title",
        "seniority",
        "buying_role",
        "linkedin",
        "mobile",
        "birth_date",
        "household_size",
        "household_income",
        "home_owner",
        "contact_record_id",
        "person_address",
        "person_city",
        "person_region",
        "person_country",
    ]
)
_CORPORATE = frozenset(
    [
        "industry",
        "subindustry",
        "employees",
        "revenue",
        "funding",
        "founded",
        "domain",
        "website",
        "technologies",
        "hiring",
        "stage",
        "compliance",
        "one_liner",
        "former_names",
    ]
)
_CUSTOM, _EXACT, _CONTEXT, _QUALIFIED, _VALUES, _SIMILAR = 1.0, 1.0, 0.9, 0.8, 0.7, 0.6
_LEAST_SIMILAR = 91
_MOST_FUZZY = 300  # columns; a wider file is a machine's, and spells its headers right
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PROFILE = re.compile(r"linkedin\.com/(?:mwlite/)?(?:in|pub|sales/(?:lead|people))/", re.IGNORECASE)
_PAGE = re.compile(r"linkedin\.com/(?:company|school|showcase|sales/company)/", re.IGNORECASE)
_WEB = re.compile(r"^(?:https?://)?(?:[\w-]+\.)+[a-z]{2,}(?:[/:?#].*)?$", re.IGNORECASE)
_PHONE = re.compile(r"^[+(]?[\d\s().+/-]{7,20}(?:\s*(?:x|ext\.?)\s*\d+)?$")


_E_MAIL = re.compile(r"\be mail")


def header_words(header: str) -> str:
    """A header as it is compared: `CompanyName`, `company_name` and ` Company name*` are one; `#` is
    "number"."""
    text = header.replace("#", " number ").lstrip("\ufeff")
    return " ".join(words(_CAMEL.sub(" ", _REPEATED.sub("", text)).replace("_", " ")))


def _joined(plain: str) -> str:
    """An e-mail is an email: with the hyphen it comes as two words."""
    return _E_MAIL.sub("email", plain)


def guess_columns(
    headers: Sequence[str],
    sample: Sequence[Sequence[str]],
    mapping: Mapping[str, str | None] | None = None,
) -> tuple[ColumnGuess, ...]:
    """Guess every column. `sample[i]` holds some non-empty values of column i; `mapping` has the last word.

    Raises BadInput when `mapping` names a field that there is not.
    """
    plain = [_joined(header_words(header)) for header in headers]
    kind = list_kind(plain, sample)
    orders = _Orders(headers, mapping or {})
    return tuple(
        orders.stated(header) or _checked(_guess(header, plain[i], kind, plain), sample[i])
        for i, header in enumerate(headers)
    )


def list_kind(plain: Sequence[str], sample: Sequence[Sequence[str]]) -> ListKind:
    """Are the rows people or companies? Decided by all headers together, by values only where headers leave
    it open."""
    known = {field for word in plain if (field := _any().get(word)) is not None}
    if known & _PERSONAL or "title" in plain:
        return ListKind.PEOPLE
    if known & _CORPORATE and "email" not in known:
        return ListKind.COMPANIES
    named = [i for i, word in enumerate(plain) if _by_kind(ListKind.PEOPLE).get(word) == "full_name"]
    if "company_name" in known:
        return ListKind.PEOPLE if named or "email" in known else ListKind.COMPANIES
    if named:
        names = sample[named[0]]
        return ListKind.COMPANIES if _are_companies(names, known) else ListKind.PEOPLE
    return ListKind.PEOPLE if "email" in known or not known & set(_accounts()) else ListKind.COMPANIES


def read_mapping(document: object, where: str) -> dict[str, str | None]:
    """Check a mapping file's content: an object of header -> field name, or null to keep it as a custom
    field."""
    if not isinstance(document, dict):
        raise BadInput(
            "A mapping is an object of header: field.",
            where=where,
            mend='For example {"Firm": "company_name"}.',
        )
    for header, field in document.items():
        if not isinstance(header, str) or not (field is None or isinstance(field, str)):
            raise BadInput(f"{header!r}: {field!r} is not a header and a field name.", where=where)
        if field is not None and field not in MAPPABLE:
            near = process.extractOne(field, sorted(MAPPABLE))
            mend = f"Did you mean {near[0]}?" if near else ""
            raise BadInput(
                f"There is no field {field!r} (for the column {header!r}).", where=where, mend=mend
            )
    return dict(document)


class _Orders:
    """What the user ordered with a mapping, by exact header first, then by its words."""

    def __init__(self, headers: Sequence[str], mapping: Mapping[str, str | None]) -> None:
        self._exact = dict(mapping)
        self._plain = {
            header_words(header): field for header, field in mapping.items() if header not in headers
        }

    def stated(self, header: str) -> ColumnGuess | None:
        if header in self._exact:
            return ColumnGuess(header, self._exact[header], 1.0, "stated by the mapping", -1)
        plain = header_words(header)
        if plain and plain in self._plain:
            return ColumnGuess(header, self._plain[plain], 1.0, "stated by the mapping", -1)
        return None


def _guess(header: str, plain: str, kind: ListKind, all_plain: Sequence[str]) -> ColumnGuess:
    people = kind is ListKind.PEOPLE
    if plain in _places("always_companies"):
        return ColumnGuess(header, LOCATION, _EXACT, "known header; a whole place")
    if plain in _places(kind.value):
        field = PERSON_LOCATION if people else LOCATION
        return ColumnGuess(header, field, _CONTEXT, f"known header; a list of {kind}")
    if plain in ("stage", "status", "tags", "description") and people:
        return ColumnGuess(header, None, _CUSTOM, "kept as custom field; a list of people")
    if plain in _by_kind(kind):
        return ColumnGuess(
            header, _by_kind(kind)[plain], _CONTEXT, f"known header; a list of {kind}", _rank(plain)
        )
    if plain in ("phone number", "contact number", "linkedin profile", "profile url") and not people:
        return ColumnGuess(
            header, _by_kind(kind).get(plain), _CONTEXT, f"known header; a list of {kind}", _rank(plain)
        )
    if plain in _any():
        return ColumnGuess(header, _any()[plain], _EXACT, "known header", _rank(plain))
    if plain == "url" and "connected on" in all_plain:
        return ColumnGuess(header, "linkedin", _CONTEXT, "known header; LinkedIn connections")
    if plain in _customs() or not plain:
        return ColumnGuess(header, None, _CUSTOM, "known header; kept as custom field")
    return _qualified(header, plain, kind) or _similar(header, plain, len(all_plain)) or _unknown(header)


def _qualified(header: str, plain: str, kind: ListKind) -> ColumnGuess | None:
    """ "Lead Email" is an email, "Org City" a company's city."""
    for starts, owner in ((_OF_PERSON, ListKind.PEOPLE), (_OF_COMPANY, ListKind.COMPANIES)):
        for start in starts:
            if not plain.startswith(start):
                continue
            rest = plain[len(start) :]
            field = _by_kind(owner).get(rest) or _any().get(rest)
            if rest in _places(owner.value):
                field = PERSON_LOCATION if owner is ListKind.PEOPLE else LOCATION
            if field is None:
                return None
            whose = FIELDS[field].entity if field in FIELDS else None
            if (
                whose is Entity.CONTACT
                and owner is ListKind.COMPANIES
                and kind is ListKind.PEOPLE
                and field != "email"
            ):
                return None
            return ColumnGuess(header, field, _QUALIFIED, f"'{rest}' of a {start.strip()}", 1000)
    return None


def _similar(header: str, plain: str, width: int) -> ColumnGuess | None:
    if width > _MOST_FUZZY or len(plain) < 6:
        return None
    near = process.extractOne(plain, tuple(_any()), scorer=fuzz.ratio, score_cutoff=_LEAST_SIMILAR)
    if near is None:
        return None
    return ColumnGuess(header, _any()[near[0]], _SIMILAR, f"spelt nearly like '{near[0]}'", 2000)


def _unknown(header: str) -> ColumnGuess:
    return ColumnGuess(header, None, _CUSTOM, "kept as custom field")


def _checked(guess: ColumnGuess, values: Sequence[str]) -> ColumnGuess:
    """Hold a guess against the values: a LinkedIn column of company pages, an "Email" column of yes and
    no."""
    if not values:
        return guess
    text = fold(guess.header)
    if guess.field in ("linkedin", "company_linkedin", "website", None) and re.search(
        r"url|link|profile|web|page", text
    ):
        if _share(_PROFILE, values, search=True) >= 0.5:
            return _retold(guess, "linkedin", "values are LinkedIn profiles")
        if _share(_PAGE, values, search=True) >= 0.5:
            return _retold(guess, "company_linkedin", "values are LinkedIn company pages")
    if guess.field == "email" and len(values) >= 5 and _share(_EMAIL, values, search=True) < 0.1:
        return ColumnGuess(guess.header, None, _VALUES, "kept as custom field; the values are no addresses")
    if (
        guess.field in ("website", "domain")
        and len(values) >= 5
        and not any("." in value for value in values)
    ):
        return ColumnGuess(
            guess.header, None, _VALUES, "kept as custom field; the values are no web addresses"
        )
    if guess.field is None and guess.how == "kept as custom field" and len(values) >= 3:
        return _from_values(guess, values)
    return guess


def _from_values(guess: ColumnGuess, values: Sequence[str]) -> ColumnGuess:
    """An unknown header over values that can only be one thing. Columns so found are asked last."""
    if _share(_EMAIL, values) >= 0.8:
        return ColumnGuess(guess.header, "email", _VALUES, "values are email addresses", 3000)
    if _share(_PROFILE, values, search=True) >= 0.8:
        return ColumnGuess(guess.header, "linkedin", _VALUES, "values are LinkedIn profiles", 3000)
    if _share(_PAGE, values, search=True) >= 0.8:
        return ColumnGuess(
            guess.header, "company_linkedin", _VALUES, "values are LinkedIn company pages", 3000
        )
    return guess


def _retold(guess: ColumnGuess, field: str, how: str) -> ColumnGuess:
    if guess.field == field:
        return guess
    return ColumnGuess(guess.header, field, _VALUES, how, guess.order)


def _share(pattern: re.Pattern[str], values: Sequence[str], *, search: bool = False) -> float:
    test = pattern.search if search else pattern.fullmatch
    return sum(1 for value in values if test(value.strip())) / len(values)


def _are_companies(names: Sequence[str], known: set[str]) -> bool:
    """Legal forms among the names ("Acme Ltd"), or company facts beside them, make it a list of companies."""
    with_form = sum(
        1 for name in names if (name_key(name) or "") != " ".join(words(name.replace("&", " and ")))
    )
    return bool(known & _CORPORATE) or (bool(names) and with_form / len(names) >= 0.15)


@cache
def _any() -> dict[str, str]:
    return _lookup("any")


@cache
def _by_kind(kind: ListKind) -> dict[str, str]:
    return _lookup(kind.value)


@cache
def _lookup(section: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for field, names in word_lists("headers.toml", section).items():
        for name in (field.replace("_", " "), *names) if section == "any" else names:
            found.setdefault(_joined(name), field)
    return found


@cache
def _rank(plain: str) -> int:
    """Where a name stands among the names of its field: the first is the one preferred."""
    for section in ("any", "people", "companies"):
        for listed in word_lists("headers.toml", section).values():
            names = [_joined(name) for name in listed]
            if plain in names:
                return names.index(plain)
    return 0


@cache
def _places(section: str) -> frozenset[str]:
    return frozenset(word_lists("headers.toml", "location")[section])


@cache
def _customs() -> frozenset[str]:
    return frozenset(map(_joined, word_lists("headers.toml", "custom")["names"]))


@cache
def _accounts() -> tuple[str, ...]:
    return tuple(field.name for field in FIELDS.values() if field.entity is Entity.ACCOUNT)
