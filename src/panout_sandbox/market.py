"""A market as its file describes it: hidden truth that Panout never reads."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from panout_sandbox.phrases import PHRASES


class MarketError(ValueError):
    """The file describes no market; the words say where and why."""


@dataclass(frozen=True, slots=True)
class Weighted:
    """A share of the market, and what belonging to it adds to the log-odds of a need."""

    share: float
    need: float = 0.0


@dataclass(frozen=True, slots=True)
class Happening:
    """A kind of event: how often a year, how much it pushes (log-odds), how long (half-life in days)."""

    yearly: float
    push: float
    half_life: float
    visible: float
    words: str


@dataclass(frozen=True, slots=True)
class RoleKind:
    """A part in buying: how many hold it, how it changes a welcome answer, and what they are called."""

    share: float
    lift: float
    titles: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Land:
    """A country's share and where in it companies sit."""

    share: float
    regions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Market:
    """All of it. Chances are 0 to 1, pushes and lifts are log-odds, times are days."""

    name: str
    starts: date
    icp: str
    companies: int
    people: tuple[int, int]
    industries: Mapping[str, Weighted]
    technologies: Mapping[str, Weighted]
    employees_median: float
    employees_spread: float
    employees_best: float
    employees_fall: float
    need_base: float
    countries: Mapping[str, Land]
    events: Mapping[str, Happening]
    false_yearly: float
    roles: Mapping[str, RoleKind]
    read: float
    read_after_social: float
    relevant: float
    wrong: float
    again: float
    pick_up: float
    talk: float
    social_accept: float
    welcome_base: float
    welcome_need: float
    welcome_intensity: float
    answer: float
    classes: Mapping[str, float]
    away: float
    away_days: tuple[int, int]
    patience: float
    patience_spread: float
    complaint_base: float
    complaint_impatient: float
    complaint_irrelevant: float
    book: float
    hold: float
    buy: float
    wait_days: tuple[int, int]
    stale: float
    wrong_title: float
    missing_phone: float
    duplicate: float
    missing_country: float
    languages: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Part:
    """A mapping of the file that knows its place in it, so that what is wrong can be found."""

    path: Path
    name: str
    told: CommentedMap

    def wrong(self, key: str, what: str) -> MarketError:
        """What is wrong with a key, with the line it stands on, or the line of the part that lacks it."""
        at = self.told.lc.key(key) if key in self.told else (self.told.lc.line, 0)
        where = f"{self.name}.{key}" if self.name else key
        return MarketError(f"{self.path}, line {at[0] + 1}: {where} {what}")

    def _of(self, key: str) -> object:
        if key not in self.told:
            raise self.wrong(key, "is missing")
        return self.told[key]

    def part(self, key: str) -> _Part:
        """A mapping in this one."""
        given = self._of(key)
        if not isinstance(given, CommentedMap) or not given:
            raise self.wrong(key, "has to be a mapping with something in it")
        return _Part(self.path, f"{self.name}.{key}" if self.name else key, given)

    def parts(self, key: str) -> Iterator[tuple[str, _Part]]:
        """The mappings in a mapping in this one, by name."""
        group = self.part(key)
        for name in group.told:
            yield str(name), group.part(name)

    def number(self, key: str, least: float = -math.inf, most: float = math.inf) -> float:
        """A number from `least` to `most`."""
        given = self._of(key)
        if isinstance(given, bool) or not isinstance(given, int | float) or not math.isfinite(given):
            raise self.wrong(key, f"has to be a number, and is {given!r}")
        if not least <= given <= most:
            between = f"from {least:g} to {most:g}" if most < math.inf else f"of {least:g} or more"
            raise self.wrong(key, f"has to be a number {between}, and is {given:g}")
        return float(given)

    def chance(self, key: str) -> float:
        """A number from 0 to 1."""
        return self.number(key, 0, 1)

    def positive(self, key: str) -> float:
        """A number above nothing."""
        given = self.number(key, 0)
        if not given:
            raise self.wrong(key, "has to be more than 0")
        return given

    def whole(self, key: str, least: int) -> int:
        """A whole number of `least` or more."""
        given = self.number(key, least)
        if given != int(given):
            raise self.wrong(key, f"has to be a whole number, and is {given:g}")
        return int(given)

    def text(self, key: str) -> str:
        """Words."""
        given = self._of(key)
        if not isinstance(given, str) or not given.strip():
            raise self.wrong(key, f"has to be a text, and is {given!r}")
        return str(given)

    def day(self, key: str) -> date:
        """A day of the calendar."""
        given = self._of(key)
        if not isinstance(given, date) or isinstance(given, datetime):
            raise self.wrong(key, f"has to be a day such as 2026-03-02, and is {given!r}")
        return date(given.year, given.month, given.day)

    def texts(self, key: str) -> tuple[str, ...]:
        """A list of words, with one at least."""
        given = self._of(key)
        if not isinstance(given, CommentedSeq) or not given or not all(isinstance(one, str) for one in given):
            raise self.wrong(key, f"has to be a list of texts, and is {given!r}")
        return tuple(str(one) for one in given)

    def days(self, key: str) -> tuple[int, int]:
        """Two whole numbers of days, the lesser first."""
        given = self._of(key)
        numbers = [one for one in given if type(one) is int] if isinstance(given, CommentedSeq) else []
        if len(numbers) != 2 or numbers != given or not 0 <= numbers[0] <= numbers[1]:
            raise self.wrong(key, f"has to be two whole numbers such as [2, 9], and is {given!r}")
        return numbers[0], numbers[1]


def load(path: Path) -> Market:
    """Read a market file. Raises MarketError with the line, the key, and what is wrong with it."""
    try:
        told = YAML(typ="rt", pure=True).load(path.read_text("utf-8"))
    except OSError as error:
        raise MarketError(f"{path}: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise MarketError(f"{path}: this is no UTF-8 text") from error
    except MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise MarketError(f"{path}{line}: {error.problem or error.context}") from error
    except YAMLError as error:
        raise MarketError(f"{path}: {error}") from error
    if not isinstance(told, CommentedMap):
        raise MarketError(f"{path}, line 1: a market is a mapping: name, starts, icp, companies and so on")
    return _market(_Part(path, "", told))


def _market(told: _Part) -> Market:
    size, people, mail, phone = (told.part(name) for name in ("employees", "people", "mail", "phone"))
    welcome, complaint, meetings = told.part("welcome"), told.part("complaint"), told.part("meetings")
    lists, answers, away, patience = (told.part(name) for name in ("lists", "answers", "away", "patience"))
    classes = answers.part("classes")
    least = people.whole("least", 1)
    return Market(
        name=told.text("name"),
        starts=told.day("starts"),
        icp=told.text("icp"),
        companies=told.whole("companies", 1),
        people=(least, people.whole("most", least)),
        industries={k: Weighted(v.chance("share"), v.number("need")) for k, v in told.parts("industries")},
        technologies={
            k: Weighted(v.chance("share"), v.number("need")) for k, v in told.parts("technologies")
        },
        employees_median=size.positive("median"),
        employees_spread=size.number("spread", 0),
        employees_best=size.positive("best"),
        employees_fall=size.number("fall"),
        need_base=told.part("need").number("base"),
        countries={k: Land(v.chance("share"), v.texts("regions")) for k, v in told.parts("countries")},
        events={
            k: Happening(
                v.number("yearly", 0),
                v.number("push"),
                v.positive("half_life"),
                v.chance("visible"),
                v.text("words"),
            )
            for k, v in told.parts("events")
        },
        false_yearly=told.part("false_signals").number("yearly", 0),
        roles={
            k: RoleKind(v.chance("share"), v.number("lift"), v.texts("titles"))
            for k, v in told.parts("roles")
        },
        read=mail.chance("read"),
        read_after_social=mail.number("read_after_social", 0),
        relevant=mail.number("relevant"),
        wrong=mail.number("wrong"),
        again=mail.number("again"),
        pick_up=phone.chance("pick_up"),
        talk=phone.number("talk"),
        social_accept=told.part("social").chance("accept"),
        welcome_base=welcome.number("base"),
        welcome_need=welcome.number("need"),
        welcome_intensity=welcome.number("intensity"),
        answer=answers.chance("answer"),
        classes={_class(classes, str(name)): classes.number(name, 0) for name in classes.told},
        away=away.chance("share"),
        away_days=away.days("days"),
        patience=patience.number("touches", 0),
        patience_spread=patience.number("spread", 0),
        complaint_base=complaint.chance("base"),
        complaint_impatient=complaint.chance("impatient"),
        complaint_irrelevant=complaint.number("irrelevant", 0),
        book=meetings.chance("book"),
        hold=meetings.chance("hold"),
        buy=meetings.chance("buy"),
        wait_days=meetings.days("wait_days"),
        stale=lists.chance("stale"),
        wrong_title=lists.chance("wrong_title"),
        missing_phone=lists.chance("missing_phone"),
        duplicate=lists.chance("duplicate"),
        missing_country=lists.chance("missing_country"),
        languages=_languages(told),
    )


def _class(classes: _Part, name: str) -> str:
    """The name of an answer that buyers have words for."""
    if name not in PHRASES:
        raise classes.wrong(name, f"is no answer that is known here; there are {', '.join(PHRASES)}")
    return name


def _languages(told: _Part) -> dict[str, str]:
    group = told.part("languages")
    return {str(country): group.text(country) for country in group.told}
