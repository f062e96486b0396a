"""How often the board calls a winner that is none, how often it sees a true one, and what waiting costs.

A simulation: campaigns of 120 contacts, looked at after every tenth, against the team's baseline. Run with
`python -m benchmarks.learning [--campaigns N]`.
"""

from __future__ import annotations

import argparse
import math
import random
from collections.abc import Callable
from dataclasses import dataclass

from panout.learn.rules.evidence import log_e_above
from panout.learn.rules.rates import Count

CONTACTS, EVERY, ALPHA = 120, 10, 0.05
BASELINE = 0.19  # meetings per target contact of a typical team
Method = Callable[[int, int], bool]


def ours(hits: int, tried: int) -> bool:
    """Keep by evidence that holds at any look."""
    return log_e_above(Count(hits, tried), BASELINE) >= math.log(1 / ALPHA)


def naive(hits: int, tried: int) -> bool:
    """A winner from thirty on, if it leads: what several tools do."""
    return tried >= 30 and hits / tried > BASELINE


def peeked(hits: int, tried: int) -> bool:
    """A one-sided z-test at five per cent, looked at every time as if it were the only time."""
    return tried >= 30 and _z(hits, tried) > 1.645


def fixed(hits: int, tried: int) -> bool:
    """The same test, looked at once, at the end."""
    return tried >= CONTACTS and _z(hits, tried) > 1.645


def _z(hits: int, tried: int) -> float:
    return (hits / tried - BASELINE) / math.sqrt(BASELINE * (1 - BASELINE) / tried)


METHODS: dict[str, Method] = {
    "Panout, looked at daily": ours,
    "winner at 30, looked at daily": naive,
    "z-test, looked at daily": peeked,
    "z-test, once at the end": fixed,
}


@dataclass(frozen=True, slots=True)
class Seen:
    """Shares of campaigns called winners, and the contacts that a call took on average."""

    called: float
    contacts: float


def simulate(rate: float, method: Method, campaigns: int, seed: int) -> Seen:
    """Many campaigns of one true rate."""
    rng, called, contacts = random.Random(seed), 0, 0
    for _ in range(campaigns):
        hits, tried, won = 0, 0, False
        while tried < CONTACTS and not won:
            hits += sum(rng.random() < rate for _ in range(EVERY))
            tried += EVERY
            won = method(hits, tried)
        called, contacts = called + won, contacts + tried
    return Seen(called / campaigns, contacts / campaigns)


def main() -> None:
    """Print the table."""
    given = argparse.ArgumentParser()
    given.add_argument("--campaigns", type=int, default=4000)
    many = given.parse_args().campaigns
    print(f"| method | false winners | power at 30 % | power at 40 % | regret at 40 % |\n|{'---|' * 5}")
    for name, method in METHODS.items():
        false, some, much = (simulate(rate, method, many, 7) for rate in (BASELINE, 0.30, 0.40))
        # Regret: meetings forgone while a true winner waits for its call, against having known at once.
        regret = (0.40 - BASELINE) * much.contacts
        print(f"| {name} | {false.called:.1%} | {some.called:.0%} | {much.called:.0%} | {regret:.1f} |")


if __name__ == "__main__":
    main()
