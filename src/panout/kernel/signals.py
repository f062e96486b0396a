"""The catalogue of signal types: what level each is at, how it is said, and how fast it goes stale."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType


class Level(StrEnum):
    """Who the signal is about: the company, one buyer in it, or the world around it."""

    COMPANY = "company"
    BUYER = "buyer"
    ECOSYSTEM = "ecosystem"


@dataclass(frozen=True, slots=True)
class SignalType:
    """One type by its name. `half_life` in days; `strength` 0..1 where its source does not say.

    Half-lives are presets of ours, to be overruled by each ICP: a visit to the pricing page is cold in a
    week, a new chief officer reviews suppliers for a quarter, a law's date stands for half a year.
    """

    name: str
    level: Level
    label: str
    half_life: int
    strength: float = 0.8


_TYPES = (
    ("hiring", Level.COMPANY, "is hiring", 45, 0.8),
    ("hiring_started", Level.COMPANY, "started hiring", 45, 0.8),
    ("hiring_stopped", Level.COMPANY, "stopped hiring", 45, 0.6),
    ("team_grew", Level.COMPANY, "grew its team", 60, 0.7),
    ("team_shrank", Level.COMPANY, "has a smaller team", 60, 0.7),
    ("funding", Level.COMPANY, "raised money", 90, 0.9),
    ("leadership", Level.COMPANY, "has a new leader", 90, 0.9),
    ("launch", Level.COMPANY, "launched a product", 45, 0.7),
    ("news", Level.COMPANY, "was in the news", 21, 0.5),
    ("tool_change", Level.COMPANY, "changed tools", 60, 0.8),
    ("tech_changed", Level.COMPANY, "changed the technologies in use", 60, 0.7),
    ("expansion", Level.COMPANY, "opened a place or a market", 90, 0.7),
    ("layoffs", Level.COMPANY, "let people go", 60, 0.7),
    ("acquisition", Level.COMPANY, "bought or was bought", 90, 0.8),
    ("status_changed", Level.COMPANY, "changed its status", 90, 0.8),
    ("new_company", Level.COMPANY, "is new on the list", 60, 0.5),
    ("renamed", Level.COMPANY, "has a new name", 60, 0.6),
    ("contract_end", Level.COMPANY, "has a contract that runs out", 60, 0.8),
    ("job_changed", Level.BUYER, "changed jobs", 60, 0.9),
    ("title_changed", Level.BUYER, "has a new title", 60, 0.8),
    ("new_person", Level.BUYER, "is new on the list", 60, 0.5),
    ("new_mandate", Level.BUYER, "has a new mandate", 60, 0.8),
    ("site_visit", Level.BUYER, "visited our pages", 7, 0.8),
    ("pricing_visit", Level.BUYER, "visited our pricing page", 7, 1.0),
    ("form", Level.BUYER, "filled in a form", 14, 1.0),
    ("content", Level.BUYER, "read or wrote about it", 21, 0.6),
    ("social", Level.BUYER, "engaged on social media", 14, 0.5),
    ("event", Level.BUYER, "takes part in an event", 21, 0.8),
    ("referral", Level.BUYER, "was referred to us", 45, 1.0),
    ("life_event", Level.BUYER, "had a life event", 90, 0.8),
    ("moved", Level.BUYER, "moved home", 90, 0.8),
    ("partner", Level.ECOSYSTEM, "adopted a partner's product", 90, 0.7),
    ("compliance", Level.ECOSYSTEM, "has a compliance date ahead", 180, 0.8),
    ("industry_cycle", Level.ECOSYSTEM, "is in the buying season of its industry", 45, 0.6),
)

SIGNAL_TYPES: MappingProxyType[str, SignalType] = MappingProxyType(
    {
        name: SignalType(name, level, label, half_life, strength)
        for name, level, label, half_life, strength in _TYPES
    }
)


def signal_type(name: str) -> SignalType:
    """The type by its name; one that nobody listed is at the company's level and says its own name."""
    return SIGNAL_TYPES.get(name) or SignalType(name, Level.COMPANY, name.replace("_", " "), 45, 0.5)
