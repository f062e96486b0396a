"""The two things that can be resolved, people and companies: all that the common machinery must know of each."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from panout.batch.dialects import BatchDialect
from panout.batch.steps import Step
from panout.resolve.rules.model import Model
from panout.resolve.steps import companies, people
from panout.resolve.steps.people import Extras


class Kind(StrEnum):
    PEOPLE = "people"
    COMPANIES = "companies"


@dataclass(frozen=True, slots=True)
class Subject:
    """`columns` of the evidence, `foreign` columns of `rows` that may be in other scripts, `rarities` and
    `pointers` as in `steps.pairs.rarity_steps`, `lessons` the blocks Splink learns from. `named` is the
    column whose pairs of values are compared by `rules.names`, empty when SQL does it all."""

    kind: Kind
    columns: tuple[str, ...]
    foreign: tuple[str, ...]
    evidence: Callable[..., list[Step]]
    rarities: Mapping[str, tuple[float, float]]
    pointers: Sequence[str]
    signature: str
    keys: Callable[[], dict[str, str]]
    model: Callable[[BatchDialect], Model]
    lessons: Sequence[str]
    named: str = ""


SUBJECTS = {
    Kind.PEOPLE: Subject(
        Kind.PEOPLE,
        people.COLUMNS,
        people.FOREIGN,
        people.evidence_steps,
        people.RARITIES,
        people.POINTERS,
        people.SIGNATURE,
        people.key_expressions,
        people.people_model,
        people.LESSONS,
    ),
    Kind.COMPANIES: Subject(
        Kind.COMPANIES,
        companies.COLUMNS,
        companies.FOREIGN,
        companies.evidence_steps,
        companies.RARITIES,
        companies.POINTERS,
        companies.SIGNATURE,
        companies.key_expressions,
        companies.company_model,
        companies.LESSONS,
        named="name",
    ),
}


__all__ = ["SUBJECTS", "Extras", "Kind", "Subject"]
