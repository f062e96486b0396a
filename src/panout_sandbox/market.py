"""A market as its file describes it: hidden truth that Panout never reads."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError


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


def load(path: Path) -> Market:
    """Read a market file. Raises MarketError with what is missing or not a number."""
    try:
        told = YAML(typ="safe", pure=True).load(path.read_text("utf-8"))
    except (OSError, YAMLError) as error:
        raise MarketError(f"{path}: {error}") from error
    try:
        return _market(told)
    except KeyError as missing:
        raise MarketError(f"{path}: {missing.args[0]} is missing") from missing
    except (TypeError, ValueError) as wrong:
        raise MarketError(f"{path}: {wrong}") from wrong


def _pair(given: list[int]) -> tuple[int, int]:
    least, most = given
    return int(least), int(most)


def _market(told: dict) -> Market:  # type: ignore[type-arg]
    size, mail, phone, welcome = told["employees"], told["mail"], told["phone"], told["welcome"]
    complaint, meetings, lists, answers = told["complaint"], told["meetings"], told["lists"], told["answers"]
    return Market(
        name=str(told["name"]),
        starts=told["starts"],
        icp=str(told["icp"]),
        companies=int(told["companies"]),
        people=(int(told["people"]["least"]), int(told["people"]["most"])),
        industries={k: Weighted(v["share"], v["need"]) for k, v in told["industries"].items()},
        technologies={k: Weighted(v["share"], v["need"]) for k, v in told["technologies"].items()},
        employees_median=float(size["median"]),
        employees_spread=float(size["spread"]),
        employees_best=float(size["best"]),
        employees_fall=float(size["fall"]),
        need_base=float(told["need"]["base"]),
        countries={k: Land(v["share"], tuple(v["regions"])) for k, v in told["countries"].items()},
        events={
            k: Happening(v["yearly"], v["push"], v["half_life"], v["visible"], v["words"])
            for k, v in told["events"].items()
        },
        false_yearly=float(told["false_signals"]["yearly"]),
        roles={k: RoleKind(v["share"], v["lift"], tuple(v["titles"])) for k, v in told["roles"].items()},
        read=float(mail["read"]),
        read_after_social=float(mail["read_after_social"]),
        relevant=float(mail["relevant"]),
        wrong=float(mail["wrong"]),
        again=float(mail["again"]),
        pick_up=float(phone["pick_up"]),
        talk=float(phone["talk"]),
        social_accept=float(told["social"]["accept"]),
        welcome_base=float(welcome["base"]),
        welcome_need=float(welcome["need"]),
        welcome_intensity=float(welcome["intensity"]),
        answer=float(answers["answer"]),
        classes={str(k): float(v) for k, v in answers["classes"].items()},
        away=float(told["away"]["share"]),
        away_days=_pair(told["away"]["days"]),
        patience=float(told["patience"]["touches"]),
        patience_spread=float(told["patience"]["spread"]),
        complaint_base=float(complaint["base"]),
        complaint_impatient=float(complaint["impatient"]),
        complaint_irrelevant=float(complaint["irrelevant"]),
        book=float(meetings["book"]),
        hold=float(meetings["hold"]),
        buy=float(meetings["buy"]),
        wait_days=_pair(meetings["wait_days"]),
        stale=float(lists["stale"]),
        wrong_title=float(lists["wrong_title"]),
        missing_phone=float(lists["missing_phone"]),
        duplicate=float(lists["duplicate"]),
        missing_country=float(lists["missing_country"]),
        languages=dict(told["languages"]),
    )
