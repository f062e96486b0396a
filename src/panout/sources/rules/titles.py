"""Job titles: seniority, department and the likely part in a purchase. The words are in `titles.toml`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache

from panout.sources.rules.tables import records, word_lists
from panout.sources.rules.text import fold, tidy, words


class Seniority(StrEnum):
    """From the most to the least senior, in the words that lists use."""

    OWNER = "owner"
    FOUNDER = "founder"
    C_SUITE = "c_suite"
    PARTNER = "partner"
    VP = "vp"
    HEAD = "head"
    DIRECTOR = "director"
    MANAGER = "manager"
    SENIOR = "senior"
    ENTRY = "entry"
    INTERN = "intern"


class Department(StrEnum):
    """Where in a company somebody works."""

    EXECUTIVE = "executive"
    ENGINEERING = "engineering"
    IT = "it"
    DATA = "data"
    SECURITY = "security"
    PRODUCT = "product"
    DESIGN = "design"
    MARKETING = "marketing"
    SALES = "sales"
    CUSTOMER_SUCCESS = "customer_success"
    FINANCE = "finance"
    LEGAL = "legal"
    HR = "hr"
    PROCUREMENT = "procurement"
    OPERATIONS = "operations"
    ADMINISTRATION = "administration"
    RESEARCH = "research"
    MEDICAL = "medical"
    EDUCATION = "education"
    CONSULTING = "consulting"


class BuyingRole(StrEnum):
    """The part somebody plays when their company buys."""

    ECONOMIC_BUYER = "economic_buyer"
    DECISION_MAKER = "decision_maker"
    CHAMPION = "champion"
    INFLUENCER = "influencer"
    GATEKEEPER = "gatekeeper"


@dataclass(frozen=True, slots=True)
class TitleReading:
    """What a title says; None for what it does not say."""

    seniority: Seniority | None
    department: Department | None
    buying_role: BuyingRole | None


_GENDER = re.compile(
    r"\(\s*(?:m|w|d|f|x|h|gn|all genders|div)(?:\s*[/|,]\s*(?:m|w|d|f|x|h|div|i))*\s*\)|"
    r"(?<=\w)(?:\(in\)|[:*_/]-?in(?:nen)?\b|\(e\)|[·.]e\b|/e\b|/trice\b|\(trice\)|/euse\b)",
    re.IGNORECASE,
)
_PAST = re.compile(
    r"\b(?:former(?:ly)?|ex[- ]|retired|previously|ancien(?:ne)?|ehemalige[rs]?|ehem\.?|a\.\s?d\.)[^,;|/]*",
    re.IGNORECASE,
)
_AT_COMPANY = re.compile(r"\s+(?:@|at|bei|chez)\s+.*$", re.IGNORECASE)
_ASPIRING = re.compile(r"^(?:aspiring|seeking|looking for|open to|actively)\b", re.IGNORECASE)
_ASSISTANT = "assistant"
# "Assistant Vice President", "Assistant Manager": a deputy, not somebody's assistant.
_DEPUTIES = frozenset(
    {"vice", "vp", "manager", "director", "controller", "professor", "general", "treasurer", "superintendent"}
)
# "Associate" in front of a rank lowers nothing; "partner" in these is no rank.
_NOT_PARTNERS = frozenset(
    {
        "business",
        "channel",
        "hr",
        "people",
        "talent",
        "finance",
        "solution",
        "solutions",
        "delivery",
        "technology",
        "alliance",
        "strategic",
        "sales",
        "marketing",
        "customer",
        "client",
        "success",
        "ecosystem",
        "hrbp",
        "bank",
        "it",
    }
)
_PARTNER_WORK = frozenset(
    {
        "manager",
        "success",
        "marketing",
        "sales",
        "development",
        "enablement",
        "account",
        "relations",
        "engineer",
        "director",
        "lead",
        "programs",
        "program",
        "operations",
        "management",
        "executive",
    }
)
_TEAM_LEADS = ("team", "gruppen", "projekt", "schicht", "filial", "bau")


@lru_cache(maxsize=131072)
def read_title(cell: str) -> TitleReading:
    """Read a job title in English, German or French. Past jobs ("ex-CEO") and the employer's name do not
    count."""
    text = _GENDER.sub("", tidy(cell))
    text = _AT_COMPANY.sub("", _PAST.sub(" ", text))
    if _ASPIRING.match(text):
        return TitleReading(None, None, None)
    title = words(text.replace("&", " and "))
    if not title:
        return TitleReading(None, None, None)
    rank = _rank(title)
    department = _department(title, rank)
    seniority = Seniority.ENTRY if rank == _ASSISTANT else Seniority(rank) if rank else None
    return TitleReading(seniority, department, _role(rank, department))


def seniority_of(cell: str) -> Seniority | None:
    """A seniority column's own words ("C suite", "VP", "Entry"), else what the words say as a title."""
    text = "_".join(words(cell))
    known = _SENIORITY_WORDS.get(text)
    if known is not None:
        return known
    return read_title(cell).seniority


def department_of(cell: str) -> Department | None:
    """A department column's own words ("Master Engineering & Technical", "C-Suite"), else read as a title.

    Of several departments in a cell the first that is understood counts.
    """
    for part in re.split(r"[,;|]", cell):
        text = "_".join(words(part.replace("&", " and ")))
        known = _DEPARTMENT_WORDS.get(text.removeprefix("master_"))
        found = known or read_title(part).department
        if found is not None:
            return found
    return None


def buying_role_of(cell: str) -> BuyingRole | None:
    """A buying-role column's own words (HubSpot: "Budget Holder", "Decision Maker", "Blocker")."""
    return _ROLE_WORDS.get("_".join(words(cell.split(";")[0])))


def likely_role(seniority: str | None, department: str | None) -> BuyingRole | None:
    """The part in a purchase that rank and department suggest (the last table of `titles.toml`)."""
    return _role(seniority, department)


_SENIORITY_WORDS = {rank.value: rank for rank in Seniority} | {
    "c_level": Seniority.C_SUITE,
    "cxo": Seniority.C_SUITE,
    "csuite": Seniority.C_SUITE,
    "executive": Seniority.C_SUITE,
    "vice_president": Seniority.VP,
    "individual_contributor": Seniority.ENTRY,
    "employee": Seniority.ENTRY,
    "entry_level": Seniority.ENTRY,
    "junior": Seniority.ENTRY,
    "training": Seniority.INTERN,
    "unpaid": Seniority.INTERN,
    "owner_partner": Seniority.OWNER,
    "experienced_manager": Seniority.MANAGER,
    "entry_level_manager": Seniority.MANAGER,
    "strategic": Seniority.SENIOR,
    "ic": Seniority.ENTRY,
    "non_manager": Seniority.ENTRY,
}
_DEPARTMENT_WORDS = {place.value: place for place in Department} | {
    "c_suite": Department.EXECUTIVE,
    "engineering_and_technical": Department.ENGINEERING,
    "engineering_technical": Department.ENGINEERING,
    "information_technology": Department.IT,
    "human_resources": Department.HR,
    "medical_and_health": Department.MEDICAL,
    "medical_health": Department.MEDICAL,
    "support": Department.CUSTOMER_SUCCESS,
    "admin": Department.ADMINISTRATION,
    "business_development": Department.SALES,
    "general_management": Department.EXECUTIVE,
    "entrepreneurship": Department.EXECUTIVE,
}
_ROLE_WORDS = {role.value: role for role in BuyingRole} | {
    "budget_holder": BuyingRole.ECONOMIC_BUYER,
    "buyer": BuyingRole.ECONOMIC_BUYER,
    "executive_sponsor": BuyingRole.ECONOMIC_BUYER,
    "blocker": BuyingRole.GATEKEEPER,
    "end_user": BuyingRole.INFLUENCER,
    "user": BuyingRole.INFLUENCER,
    "technical_buyer": BuyingRole.INFLUENCER,
    "legal_and_compliance": BuyingRole.INFLUENCER,
    "evaluator": BuyingRole.INFLUENCER,
    "legal_compliance": BuyingRole.INFLUENCER,
}


def _rank(title: list[str]) -> str | None:
    text = " ".join(title)
    for rank, pattern in _ranks():
        for found in pattern.finditer(text):
            if _stands(rank, title, text, found):
                return rank
    return None


def _stands(rank: str, title: list[str], text: str, found: re.Match[str]) -> bool:
    """Is the word meant as this rank where it stands?"""
    before, after = text[: found.start()].split(), text[found.end() :].split()
    word = found[0]
    if rank == _ASSISTANT and word == _ASSISTANT:
        return not (after and after[0] in _DEPUTIES)
    if rank == "partner" and word == "partner":
        return not (before and before[-1] in _NOT_PARTNERS) and not (after and after[0] in _PARTNER_WORK)
    if rank == "owner" and word == "owner":
        return not (
            before
            and before[-1] in {"product", "process", "service", "system", "application", "platform", "data"}
        )
    if rank in ("head", "founder", "owner") and word in ("head", "founder", "owner"):
        return not (after and after[0] in {"s", "office", "account", "success"})
    if rank == "c_suite" and word in ("president", "ceo", "managing director", "chief executive"):
        return not (before and before[-1] in {"to", "the", "of", "vice"})
    if rank == "head" and word.startswith(_TEAM_LEADS):
        return False
    if rank == "director" and word == "direction":
        return bool(before) and before[-1] not in {"assistant", "assistante", "de"}
    return not (rank == "manager" and word == "management" and len(title) > 1)


def _department(title: list[str], rank: str | None) -> Department | None:
    text = " ".join(title)
    best: tuple[int, int, Department] | None = None
    for department, pattern in _departments():
        for found in pattern.finditer(text):
            if department is Department.EXECUTIVE and rank is not None and not _is_top(rank, found[0]):
                continue
            if (
                department is Department.ADMINISTRATION
                and found[0].startswith(_ASSISTANT)
                and rank != _ASSISTANT
            ):
                continue
            if department is Department.CONSULTING and best is not None:
                continue
            place = (found.start(), -len(found[0]), department)
            weak = best is not None and best[2] in (
                Department.EXECUTIVE,
                Department.CONSULTING,
                Department.ADMINISTRATION,
            )
            if (
                best is None
                or (place[:2] < best[:2] and department not in _WEAK)
                or (weak and rank in ("vp", "head", "director", "manager"))
            ):
                best = place
    return best[2] if best else None


_WEAK = frozenset({Department.EXECUTIVE, Department.CONSULTING, Department.ADMINISTRATION})


def _is_top(rank: str, word: str) -> bool:
    """ "President" in "Vice President" names no department."""
    if word in {"president", "partner"}:
        return rank in ("c_suite", "partner", "founder", "owner")
    return rank not in ("vp", _ASSISTANT)


def _role(rank: str | None, department: str | None) -> BuyingRole | None:
    if rank is None:
        return None
    place = str(department) if department else "other"
    for role, ranks, places in _roles():
        if (not ranks or rank in ranks) and (not places or place in places):
            return role
    return None


@cache
def _ranks() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple(
        (rank, _pattern(entries)) for rank, entries in word_lists("titles.toml", "seniority").items()
    )


@cache
def _departments() -> tuple[tuple[Department, re.Pattern[str]], ...]:
    listed = word_lists("titles.toml", "department")
    return tuple((Department(name), _pattern(entries)) for name, entries in listed.items())


@cache
def _roles() -> tuple[tuple[BuyingRole, frozenset[str], frozenset[str]], ...]:
    return tuple(
        (BuyingRole(str(row["role"])), _set(row["seniority"]), _set(row["department"]))
        for row in records("titles.toml", "buying_role")
    )


def _set(listed: object) -> frozenset[str]:
    return frozenset(listed) if isinstance(listed, list) else frozenset()


def _pattern(entries: tuple[str, ...]) -> re.Pattern[str]:
    alternatives = sorted((fold(entry) for entry in entries), key=len, reverse=True)
    body = "|".join(re.escape(entry).replace(r"\ ", " ").replace(r"\*", "[a-z]*") for entry in alternatives)
    return re.compile(rf"(?<!\S)(?:{body})(?!\S)")
