"""Which fields a criterion may speak of, and what kind each is."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from panout.kernel.fields import FIELDS, Kind


class Side(StrEnum):
    """Where a field's column stands: with the account, with the contact, or beside them."""

    ACCOUNT = "account"
    CONTACT = "contact"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Known:
    """One field of a schema. `year`: a whole number that is a calendar year, so that ages make sense."""

    name: str
    kind: Kind
    side: Side
    label: str
    year: bool = False


@dataclass(frozen=True)
class Schema:
    """The fields by name; `signals`: the signal types there are, or None when any name will do."""

    fields: Mapping[str, Known]
    signals: frozenset[str] | None = None

    def plus(self, fields: Iterable[Known] = (), *, signals: Iterable[str] | None = None) -> Schema:
        """This schema and more fields, such as `reply` or `disposition` for the branches of a cadence."""
        wider = {**self.fields, **{field.name: field for field in fields}}
        return Schema(MappingProxyType(wider), self.signals if signals is None else frozenset(signals))


_YEARS = frozenset({"founded"})

CATALOGUE = Schema(
    MappingProxyType(
        {
            field.name: Known(
                field.name, field.kind, Side(field.entity.value), field.label, field.name in _YEARS
            )
            for field in FIELDS.values()
        }
    )
)
