"""The world of one seed: companies and buyers with their hidden truth, events, and the lists it leaks."""

from __future__ import annotations

import csv
import math
import random
import tomllib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from importlib import resources
from pathlib import Path

from panout_sandbox.market import Market

_NAMES = {
    kind: tuple(words.split())
    for kind, words in tomllib.loads(
        resources.files("panout_sandbox").joinpath("names.toml").read_text("utf-8")
    ).items()
}
_LEGAL = ("Inc", "Ltd", "SAS", "BV", "")
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. A false one is only told, and moves nobody."""

    kind: str
    on: date
    words: str
    is_true: bool
    seen_on: date | None


@dataclass(slots=True)
class Company:
    """One company; `needs` and `intensity` are what nobody outside can see."""

    number: int
    name: str
    domain: str
    industry: str
    employees: int
    country: str
    region: str
    technologies: tuple[str, ...]
    needs: bool
    events: tuple[Event, ...]


@dataclass(slots=True)
class Buyer:
    """One person, with a temper of their own."""

    number: int
    company: Company
    first: str
    last: str
    email: str
    phone: str
    title: str
    role: str
    language: str
    patience: float
    has_left: bool
    touches: int = 0
    mails: int = 0
    warmed: bool = False
    silent: bool = False  # asked to be left alone, has answered for good, or has met us
    away_until: date | None = None
    heard: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class World:
    """Everything that is so, whether anybody knows it or not."""

    market: Market
    companies: tuple[Company, ...]
    buyers: dict[str, Buyer]  # by email

    def intensity(self, company: Company, today: date) -> float:
        """How much what happened lately pushes this company to act, in log-odds."""
        total = 0.0
        for event in company.events:
            age = (today - event.on).days
            if event.is_true and age >= 0:
                kind = self.market.events[event.kind]
                total += kind.push * 0.5 ** (age / kind.half_life)
        return total

    def latest_news(self, company: Company, today: date) -> str:
        """The kind of the latest event that anybody could have read of by now, of a quarter; "none" without."""
        seen = [
            (event.seen_on, event.kind)
            for event in company.events
            if event.seen_on is not None and 0 <= (today - event.seen_on).days <= 90
        ]
        return max(seen)[1] if seen else "none"

    def truly_happened(self, company: Company, text: str, today: date) -> bool | None:
        """Whether a text names what happened here: True, False for what did not, None for nothing."""
        told = text.lower()
        known = {kind.words.lower(): name for name, kind in self.market.events.items()}
        named = {name for words, name in known.items() if words in told}
        if not named:
            return None
        lately = {
            event.kind for event in company.events if event.is_true and 0 <= (today - event.on).days <= 120
        }
        return bool(named & lately)


def _pick(rng: random.Random, shares: Iterable[tuple[str, float]]) -> str:
    names, weights = zip(*shares, strict=True)
    return str(rng.choices(names, weights)[0])


def make(market: Market, seed: int, days: int) -> World:
    """The world of a seed; events reach from half a year before the start to its end."""
    rng = random.Random(f"world {seed}")  # noqa: S311  a game, repeatable on purpose
    companies: list[Company] = []
    buyers: dict[str, Buyer] = {}
    for number in range(market.companies):
        company = _company(market, number, rng, days)
        companies.append(company)
        for _ in range(rng.randint(*market.people)):
            buyer = _buyer(market, company, len(buyers), rng)
            buyers.setdefault(buyer.email, buyer)
    return World(market, tuple(companies), buyers)


def _company(market: Market, number: int, rng: random.Random, days: int) -> Company:
    industry = _pick(rng, [(name, one.share) for name, one in market.industries.items()])
    employees = max(5, round(math.exp(rng.gauss(math.log(market.employees_median), market.employees_spread))))
    tools = tuple(name for name, one in market.technologies.items() if rng.random() < one.share)
    country = _pick(rng, [(name, one.share) for name, one in market.countries.items()])
    fores, afts = _NAMES["fore"], _NAMES["aft"]
    fore, aft = fores[number % len(fores)], afts[number // len(fores) % len(afts)]
    serial = number // (len(fores) * len(afts))
    name = f"{fore}{aft}{serial or ''}"
    off = math.log(employees / market.employees_best)
    odds = (
        market.need_base
        + market.industries[industry].need
        + sum(market.technologies[tool].need for tool in tools)
        - market.employees_fall * off * off
    )
    return Company(
        number,
        f"{name.capitalize()} {rng.choice(_LEGAL)}".strip(),
        f"{name.lower()}.example",
        industry,
        employees,
        country,
        rng.choice(market.countries[country].regions),
        tools,
        rng.random() < _chance(odds),
        _events(market, rng, days),
    )


def _chance(odds: float) -> float:
    return 1 / (1 + math.exp(-odds))


def _events(market: Market, rng: random.Random, days: int) -> tuple[Event, ...]:
    found = []
    first, last = market.starts - 180 * _DAY, market.starts + days * _DAY
    span = (last - first).days
    for kind, one in market.events.items():
        on = rng.expovariate(one.yearly / 365) if one.yearly else span + 1.0
        while on <= span:
            day = first + round(on) * _DAY
            seen = day + rng.randint(0, 6) * _DAY if rng.random() < one.visible else None
            found.append(Event(kind, day, one.words, is_true=True, seen_on=seen))
            on += rng.expovariate(one.yearly / 365)
    on = rng.expovariate(market.false_yearly / 365) if market.false_yearly else span + 1.0
    while on <= span:
        kind = rng.choice(sorted(market.events))
        day = first + round(on) * _DAY
        found.append(Event(kind, day, market.events[kind].words, is_true=False, seen_on=day))
        on += rng.expovariate(market.false_yearly / 365)
    return tuple(sorted(found, key=lambda event: (event.on, event.kind)))


def _buyer(market: Market, company: Company, number: int, rng: random.Random) -> Buyer:
    first, last = rng.choice(_NAMES["first"]), rng.choice(_NAMES["last"])
    role = _pick(rng, [(name, one.share) for name, one in market.roles.items()])
    dial = {"US": "+1212555", "GB": "+4420794600", "FR": "+3319900", "NL": "+3120999"}.get(
        company.country, "+1212555"
    )
    return Buyer(
        number,
        company,
        first,
        last,
        f"{first.lower()}.{last.lower()}@{company.domain}",
        f"{dial}{number % 10000:04d}"[:13],
        rng.choice(market.roles[role].titles),
        role,
        market.languages.get(company.country, "en"),
        max(2.0, rng.gauss(market.patience, market.patience_spread)),
        rng.random() < market.stale,
    )


# -- what leaks out: lists and news, with their faults

PEOPLE = (
    "First Name", "Last Name", "Title", "Company Name", "Email", "Work Direct Phone", "# Employees",
    "Industry", "Website", "City", "State", "Country", "Technologies",
)  # fmt: skip
NEWS = ("type", "level", "domain", "date", "strength", "source", "text")


def write_people(world: World, path: Path, seed: int) -> int:
    """A bought list as CSV, in no useful order; returns its rows."""
    rng, market = random.Random(f"list {seed}"), world.market  # noqa: S311
    rows = []
    for buyer in world.buyers.values():
        rows.append(_listed(buyer, market, rng))
        if rng.random() < market.duplicate:
            again = _listed(buyer, market, rng)
            rows.append([again[0].upper(), again[1], *again[2:]])
    rng.shuffle(rows)
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([PEOPLE, *rows])
    return len(rows)


def _listed(buyer: Buyer, market: Market, rng: random.Random) -> list[str]:
    company = buyer.company
    title = buyer.title
    if rng.random() < market.wrong_title:
        title = rng.choice(market.roles[rng.choice(sorted(market.roles))].titles)
    return [
        buyer.first,
        buyer.last,
        title,
        company.name,
        buyer.email,
        "" if rng.random() < market.missing_phone else buyer.phone,
        str(company.employees),
        company.industry,
        f"https://www.{company.domain}",
        "",
        company.region,
        "" if rng.random() < market.missing_country else company.country,
        "; ".join(company.technologies),
    ]


def write_news(world: World, path: Path, since: date, until: date) -> int:
    """What the world could see after `since` up to and with `until`, as a signals file; returns its lines."""
    lines = [
        [
            event.kind,
            "company",
            company.domain,
            event.on.isoformat(),
            "0.8",
            f"https://news.example/{company.number}-{event.on:%Y%m%d}-{event.kind}",
            f"{company.name} {event.words}",
        ]
        for company in world.companies
        for event in company.events
        if event.seen_on is not None and since < event.seen_on <= until
    ]
    with path.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([NEWS, *lines])
    return len(lines)


def read_news(path: Path) -> list[dict[str, str | float]]:
    """A signals file's lines, as the API takes them."""
    with path.open(newline="", encoding="utf-8") as given:
        return [{**row, "strength": float(row["strength"])} for row in csv.DictReader(given)]


def ordered_buyers(world: World, path: Path) -> Sequence[Buyer]:
    """The people of a list in the order in which it gives them, each once."""
    with path.open(newline="", encoding="utf-8") as given:
        emails = [row["Email"] for row in csv.DictReader(given)]
    return [world.buyers[email] for email in dict.fromkeys(emails) if email in world.buyers]
