"""An amount of money in one currency, or in none that was named."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Money:
    """`currency` is ISO 4217 (USD), or None when the source did not say. Amounts are whole units, not
    cents."""

    amount: float
    currency: str | None = None
