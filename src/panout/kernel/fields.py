"""The catalogue of fields that an account and a contact may have: one name and one kind for each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Kind(StrEnum):
    """What a value is; the language for "who", the batch tables and the book agree on it."""

    TEXT = "text"
    NUMBER = "number"
    INTEGER = "integer"
    DATE = "date"
    BOOLEAN = "boolean"
    TEXTS = "texts"  # a list of texts


class Entity(StrEnum):
    """Whose field it is."""

    ACCOUNT = "account"
    CONTACT = "contact"


@dataclass(frozen=True, slots=True)
class Field:
    """One column of the account or the contact, by its canonical name."""

    name: str
    kind: Kind
    entity: Entity
    label: str


_ACCOUNT = (
    ("company_name", Kind.TEXT, "company name"),
    ("domain", Kind.TEXT, "web domain"),
    ("website", Kind.TEXT, "website"),
    ("company_linkedin", Kind.TEXT, "company LinkedIn page"),
    ("company_phone", Kind.TEXT, "company phone"),
    ("industry", Kind.TEXT, "industry"),
    ("subindustry", Kind.TEXT, "sub-industry"),
    ("employees", Kind.INTEGER, "employees"),
    ("revenue", Kind.NUMBER, "annual revenue"),
    ("funding", Kind.NUMBER, "total funding"),
    ("founded", Kind.INTEGER, "year founded"),
    ("address", Kind.TEXT, "street address"),
    ("postal_code", Kind.TEXT, "postal code"),
    ("city", Kind.TEXT, "city"),
    ("region", Kind.TEXT, "state or region"),
    ("country", Kind.TEXT, "country (ISO 3166 alpha-2)"),
    ("technologies", Kind.TEXTS, "technologies used"),
    ("tags", Kind.TEXTS, "tags"),
    ("compliance", Kind.TEXTS, "compliance needs"),
    ("former_names", Kind.TEXTS, "former names"),
    ("one_liner", Kind.TEXT, "one-line description"),
    ("description", Kind.TEXT, "description"),
    ("status", Kind.TEXT, "company status"),
    ("stage", Kind.TEXT, "funding or growth stage"),
    ("hiring", Kind.BOOLEAN, "hiring now"),
    ("company_record_id", Kind.TEXT, "record id at the source"),
)

_CONTACT = (
    ("full_name", Kind.TEXT, "full name"),
    ("first_name", Kind.TEXT, "first name"),
    ("last_name", Kind.TEXT, "last name"),
    ("title", Kind.TEXT, "job title"),
    ("seniority", Kind.TEXT, "seniority"),
    ("department", Kind.TEXT, "department"),
    ("buying_role", Kind.TEXT, "buying role"),
    ("email", Kind.TEXT, "email"),
    ("email_grade", Kind.TEXT, "email grade"),
    ("phone", Kind.TEXT, "phone (E.164)"),
    ("mobile", Kind.TEXT, "mobile phone (E.164)"),
    ("linkedin", Kind.TEXT, "LinkedIn profile"),
    ("person_address", Kind.TEXT, "person's street address"),
    ("person_postal_code", Kind.TEXT, "person's postal code"),
    ("person_city", Kind.TEXT, "person's city"),
    ("person_region", Kind.TEXT, "person's state or region"),
    ("person_country", Kind.TEXT, "person's country (ISO 3166 alpha-2)"),
    ("language", Kind.TEXT, "language (ISO 639-1)"),
    ("birth_date", Kind.DATE, "date of birth"),
    ("household_size", Kind.INTEGER, "people in the household"),
    ("household_income", Kind.NUMBER, "household income"),
    ("home_owner", Kind.BOOLEAN, "owns the home"),
    ("do_not_call", Kind.BOOLEAN, "asked not to be called"),
    ("opted_out", Kind.BOOLEAN, "opted out of email"),
    ("last_contacted", Kind.DATE, "last contacted"),
    ("contact_record_id", Kind.TEXT, "record id at the source"),
)

ACCOUNT_FIELDS: tuple[Field, ...] = tuple(Field(n, k, Entity.ACCOUNT, lbl) for n, k, lbl in _ACCOUNT)
CONTACT_FIELDS: tuple[Field, ...] = tuple(Field(n, k, Entity.CONTACT, lbl) for n, k, lbl in _CONTACT)
FIELDS: MappingProxyType[str, Field] = MappingProxyType(
    {field.name: field for field in (*ACCOUNT_FIELDS, *CONTACT_FIELDS)}
)
