"""Do-not-call registers as dated data: which one is asked before whom is rung, and what its answer is worth.

The table beside this file says when each line was read and whether its source confirmed it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from importlib import resources

import phonenumbers

from panout.consent.rules.law import Recipient
from panout.kernel.errors import BadInput


@dataclass(frozen=True, slots=True)
class Register:
    """One line of the table: who rings such a recipient there asks this register, again after `days`.

    `consent_outweighs`: consent to calls that is on file stands above the register.
    """

    country: str
    region: str
    name: str
    recipient: Recipient
    days: int
    consent_outweighs: bool
    rule: str
    source: str
    as_of: date
    confirmed: bool

    @property
    def key(self) -> str:
        """How screenings name it: GB TPS."""
        return f"{self.country} {self.name}"


@dataclass(frozen=True, slots=True)
class Screened:
    """What a register said of one number, and the last day on which that may be relied on."""

    on: date
    until: date
    listed: bool


@dataclass(frozen=True, slots=True)
class Consulted:
    """A register that must be asked before a call, with its newest answer on the number that would be rung."""

    register: Register
    answer: Screened | None


@lru_cache(maxsize=1)
def registers() -> tuple[Register, ...]:
    """Every line, in the order of the table."""
    text = resources.files("panout.consent.rules").joinpath("registers.csv").read_text("utf-8")
    return tuple(
        Register(
            line["country"],
            line["region"],
            line["register"],
            Recipient(line["recipient"]),
            int(line["days"]),
            line["consent_outweighs"] == "yes",
            line["rule"],
            line["source"],
            date.fromisoformat(line["as_of"]),
            line["confirmed"] == "yes",
        )
        for line in csv.DictReader(text.splitlines())
    )


@lru_cache(maxsize=1)
def by_key() -> Mapping[str, Register]:
    """Each register once, by the key of its screenings; the shortest validity of its lines counts."""
    found: dict[str, Register] = {}
    for one in sorted(registers(), key=lambda one: -one.days):
        found[one.key] = one
    return {key: found[key] for key in dict.fromkeys(one.key for one in registers())}


@lru_cache(maxsize=1)
def _codes() -> Mapping[int, tuple[str, ...]]:
    return {code: tuple(lands) for code, lands in phonenumbers.COUNTRY_CODE_TO_REGION_CODE.items()}


@lru_cache(maxsize=1)
def _prefixes() -> tuple[str, ...]:
    """How numbers begin where any register is; most numbers of the world are passed by with one look."""
    return tuple(sorted({f"+{phonenumbers.country_code_for_region(one.country)}" for one in registers()}))


@lru_cache(maxsize=65_536)
def country_of(number: str, otherwise: str = "") -> str:
    """Where a number rings, by its own code; where several countries share one, or it tells none, `otherwise`."""
    try:
        parsed = phonenumbers.parse(number, None)
    except phonenumbers.NumberParseException:
        return otherwise
    lands = _codes().get(parsed.country_code or 0, ())
    if len(lands) == 1 or otherwise in lands:
        return otherwise if otherwise in lands else lands[0]
    return phonenumbers.region_code_for_number(parsed) or (lands[0] if lands else otherwise)


def asked_before(number: str, country: str, region: str, recipient: Recipient) -> tuple[Register, ...]:
    """The registers to consult before this number is rung; none where the table names none.

    The number's own country counts, the person's where it tells none; a state's register is asked beside the
    national one when the person lives there.
    """
    if not number or (number.startswith("+") and not number.startswith(_prefixes())):
        return ()
    land = country_of(number, country.upper())
    home = region.strip().lower() if land == country.upper() else ""
    return tuple(
        one
        for one in registers()
        if one.country == land and one.recipient is recipient and one.region.lower() in {"", home}
    )


def in_date(answer: Screened | None, today: date) -> bool:
    """Whether an answer may still be relied on; its last day counts."""
    return answer is not None and today <= answer.until


# -- what a register's answer looks like on paper

_NUMBERS = frozenset({"number", "phone", "telephone", "phone number", "tel", "msisdn", "mobile", "cli"})
_SAYS = frozenset({"listed", "status", "result", "answer", "registered", "on register", "match", "do not call",
                   "dnc", "tps", "ctps"})  # fmt: skip
_YES = frozenset({"yes", "y", "true", "1", "listed", "registered", "on register", "match", "matched", "found",
                  "do not call", "dnc", "tps", "ctps", "blocked", "x"})  # fmt: skip
_NO = frozenset({"", "no", "n", "false", "0", "-", "not listed", "unlisted", "not registered", "clear", "clean",
                 "no match", "not found", "ok", "callable"})  # fmt: skip
MOST_NUMBERS = 200_000


@dataclass(frozen=True, slots=True)
class Answer:
    """A register's answer as it was brought: every number asked about, and whether it is listed.

    `told` is whether it says of each number if it is listed; a bare list of numbers does not.
    """

    numbers: Mapping[str, bool]
    unusable: tuple[str, ...]
    told: bool


def answer_in(text: str, country: str) -> Answer:
    """Read an answer, or a bare list: one number a line, with a column that says whether it is listed, if any.

    Numbers without a country code are taken as the register's country's. A line that cannot be understood is
    named, and its number counts as not screened. Raises BadInput for too long a list.
    """
    lines = [line for line in _cells(text) if any(cell.strip() for cell in line)]
    if len(lines) > MOST_NUMBERS:
        raise BadInput(
            f"{len(lines):,} lines", where="list", mend=f"Bring at most {MOST_NUMBERS:,} at a time."
        )
    heading = [cell.strip().lower() for cell in lines[0]] if lines else []
    has_heading = bool(set(heading) & (_NUMBERS | _SAYS)) and number_in(lines[0][0], country) is None
    at = next((place for place, name in enumerate(heading) if name in _NUMBERS), 0) if has_heading else 0
    says = (
        [place for place, name in enumerate(heading) if name in _SAYS and place != at] if has_heading else []
    )
    if not has_heading and lines and all(len(line) == 2 for line in lines):
        says = [1]
    numbers: dict[str, bool] = {}
    unusable = []
    for line in lines[1:] if has_heading else lines:
        number = number_in(line[at], country) if at < len(line) else None
        words = [line[place].strip().lower() if place < len(line) else "" for place in says]
        if number is None or any(word not in _YES | _NO for word in words):
            unusable.append(", ".join(line)[:80])
            continue
        numbers[number] = numbers.get(number, False) or any(word in _YES for word in words)
    return Answer(numbers, tuple(unusable), bool(says))


def _cells(text: str) -> list[list[str]]:
    head = text[:4000]
    mark = max(",;\t", key=head.count)
    try:
        return list(csv.reader(io.StringIO(text, newline=None), delimiter=mark))
    except csv.Error as error:
        raise BadInput(
            f"This is no list: {error}.", where="list", mend="Put one number on each line."
        ) from error


def taken_together(
    screened: Answer, listed: Answer | None, *, none_listed: bool = False
) -> Mapping[str, bool]:
    """What two lists say: the numbers that were asked about, and those of them that are listed.

    Raises BadInput where nothing tells which numbers are listed: silence is no answer of a register.
    """
    if not screened.told and listed is None and not none_listed:
        raise BadInput(
            "Nothing tells which of these numbers are listed.",
            where="listed",
            mend="Bring the listed ones too, or a column that says yes or no, or say that none is listed.",
        )
    on_it = {} if listed is None else {one: not listed.told or says for one, says in listed.numbers.items()}
    return {
        **screened.numbers,
        **{one: says or screened.numbers.get(one, False) for one, says in on_it.items()},
    }


def number_in(text: str, country: str) -> str | None:
    """A number in E.164 form; None when it is none."""
    bare = text.strip().lstrip("'")
    try:
        parsed = phonenumbers.parse(f"+{bare[2:]}" if bare.startswith("00") else bare, country)
    except phonenumbers.NumberParseException:
        return None
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def valid_until(register: Register, on: date, days: int | None = None) -> date:
    """The last day on which an answer of that day may be relied on; fewer days may be wished, never more."""
    return on + timedelta(days=min(days or register.days, register.days))


def newest(answers: Iterable[Screened]) -> Screened | None:
    """The answer that counts: the latest; of one day's, the one that forbids."""
    return max(answers, key=lambda one: (one.on, one.listed), default=None)


def checked_day(on: date, now: datetime) -> date:
    """The day of a screening. Raises BadInput for one that is not over, by the earliest clock on earth."""
    if on > (now + timedelta(hours=14)).date():
        raise BadInput(
            "That day is to come.", where="on", mend="Give the day on which the register answered."
        )
    return on
