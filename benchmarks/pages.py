"""The pages of the book on 10,000 to 1,000,000 contacts: server time and queries of each kind of request.

Every request goes through the whole application (session, permission, queries, template) by Django's test client,
half of them as somebody who sees everything and half as a rep who sees what is theirs or nobody's. No request is
made twice. Goals: p95 under 150 ms and at most 12 queries a page with 1,000,000 contacts and 100,000 accounts.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from urllib.parse import quote

from benchmarks.book import EMAIL, FOLDER, PEOPLE_PER_COMPANY, book

SIZES = (10_000, 100_000, 1_000_000)
GOAL_MS, MOST_QUERIES = 150.0, 12


@dataclass(frozen=True, slots=True)
class Timed:
    """One request."""

    kind: str
    address: str
    milliseconds: float
    queries: int


def main(argv: Sequence[str] | None = None) -> int:
    """Print a table for each size, and how p95 grows; 1 when a goal is missed at the largest."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--contacts", type=int, nargs="*", default=SIZES)
    words.add_argument("--requests", type=int, default=60, help="of each kind")
    words.add_argument("--folder", type=Path, default=FOLDER)
    words.add_argument("--slowest", type=int, default=0, help="show so many of the slowest requests")
    words.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    asked = words.parse_args(argv)
    if asked.one:
        with book(asked.contacts[0], asked.folder):
            print(json.dumps([asdict(one) for one in _measure(asked.contacts[0], asked.requests)]))
        return 0
    found: dict[int, list[Timed]] = {}
    for size in asked.contacts:
        # A process of its own: Django reads once where the database is.
        command = [sys.executable, "-m", "benchmarks.pages", "--one", "--contacts", str(size)]
        command += ["--requests", str(asked.requests), "--folder", str(asked.folder)]
        told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
        found[size] = [Timed(**one) for one in json.loads(told.splitlines()[-1])]
        _show(size, found[size], asked.slowest)
    return _judge(found)


def _show(size: int, timed: Sequence[Timed], slowest: int) -> None:
    print(f"\n{size:,} contacts, {size // PEOPLE_PER_COMPANY:,} accounts")
    print(f"  {'kind':<10} {'requests':>8} {'p50 ms':>8} {'p95 ms':>8} {'most ms':>8} {'queries':>8}")
    for kind in dict.fromkeys(one.kind for one in timed):
        ours = [one for one in timed if one.kind == kind]
        times = sorted(one.milliseconds for one in ours)
        print(
            f"  {kind:<10} {len(ours):>8} {statistics.median(times):>8.1f} {_p95(times):>8.1f} {times[-1]:>8.1f}"
            f" {max(one.queries for one in ours):>8}"
        )
    for one in sorted(timed, key=lambda one: -one.milliseconds)[:slowest]:
        print(f"    {one.milliseconds:>8.1f} ms {one.queries:>3} queries  {one.kind}: {one.address}")


def _judge(found: dict[int, list[Timed]]) -> int:
    largest = found[max(found)]
    kinds = dict.fromkeys(one.kind for one in largest)
    p95 = {
        size: {kind: _p95(sorted(one.milliseconds for one in timed if one.kind == kind)) for kind in kinds}
        for size, timed in found.items()
    }
    if len(found) > 1:
        print("\np95 in ms as the book grows")
        print(f"  {'kind':<10} " + " ".join(f"{size:>12,}" for size in found))
        for kind in kinds:
            print(f"  {kind:<10} " + " ".join(f"{p95[size][kind]:>12.1f}" for size in found))
    slow = [kind for kind in kinds if p95[max(found)][kind] > GOAL_MS]
    many = sorted({one.kind for one in largest if one.queries > MOST_QUERIES})
    print(f"\np95 over {GOAL_MS:.0f} ms: {', '.join(slow) or 'none'};", end=" ")
    print(f"over {MOST_QUERIES} queries: {', '.join(many) or 'none'}")
    return 1 if slow or many else 0


def _p95(times: Sequence[float]) -> float:
    return times[min(len(times) - 1, int(len(times) * 0.95))]


def _measure(contacts: int, many: int) -> Iterator[Timed]:
    from django.conf import settings
    from django.test import Client

    from panout.team.models import User

    settings.ALLOWED_HOSTS.append("testserver")
    clients = []
    for email in (EMAIL, "rep3@panout.test"):
        client = Client()
        client.force_login(User.objects.get(email=email))
        client.get("/prospects")  # templates are read once a process
        clients.append(client)
    for kind, draw in KINDS.items():
        chance = random.Random(kind)
        drawn = draw(chance, contacts)
        after = ""
        for number in range(many):
            address = f"{next(drawn)}{after}"
            # A record of somebody else's is not there for the rep, so records are asked for by the founder.
            client = clients[0 if kind in {"account", "contact"} else number % 2]
            with _counted() as queries:
                start = time.perf_counter()
                answer = client.get(address, headers={"hx-request": "true"} if after else {})
                spent = (time.perf_counter() - start) * 1000
            if answer.status_code != 200:
                sys.exit(f"{address} answered {answer.status_code}")
            yield Timed(kind, address, spent, queries[0])
            # Every third list is read on, by its own mark, as one does who scrolls.
            mark = re.search(r"after=([^\"&]+)", answer.content.decode())
            after = (
                f"{'&' if '?' in address else '?'}after={mark.group(1)}" if mark and number % 3 == 0 else ""
            )
            if after:
                drawn = _again(address, drawn)


def _again(address: str, rest: Iterator[str]) -> Iterator[str]:
    yield re.sub(r"[?&]after=[^&]+", "", address)
    yield from rest


@contextmanager
def _counted() -> Iterator[list[int]]:
    from django.db import connection

    count = [0]

    def wrapper(execute: Callable[..., object], *given: object) -> object:
        count[0] += 1
        return execute(*given)

    with connection.execute_wrapper(wrapper):
        yield count


# What is asked, by kind


_LISTS = (
    "/prospects",
    "/accounts",
    "/contacts",
    "/prospects?verdict=lead",
    "/prospects?verdict=disqualified",
)
_NAMES = (
    "anna",
    "greta",
    "sofia",
    "rafael",
    "lindberg",
    "noretti",
    "ferson",
    "quinmann",
    "zimova",
    "elski",
    "bran",
)
_BRANDS = (
    "nova",
    "quantadata",
    "brightsoft",
    "helioforge",
    "riverwave",
    "umbraflow",
    "zephyr",
    "cedarlink",
    "flint",
)
_COUNTRIES = ("US", "DE", "GB", "FR", "NL", "SE", "DK", "AT", "CH")
_INDUSTRIES = ("Computer Software", "Retail", "Energy", "Insurance", "Biotechnology", "Media")
_CRITERIA = (
    "employees between 50 and 500",
    'technologies any of ("Snowflake", "dbt")',
    'country in ("DE", "FR") and employees > 1000',
    'signal("funding") within 30 days',
    'industry has word "software" and not hiring is known',
    "revenue >= 1000000 and founded > 2015",
    'employees > 5000 and technologies any of ("Redshift") and country is "DK"',
    "employees > 100000000",
)


def _lists(chance: random.Random, _contacts: int) -> Iterator[str]:
    while True:
        yield chance.choice(_LISTS)


def _filters(chance: random.Random, _contacts: int) -> Iterator[str]:
    choices: tuple[Callable[[], str], ...] = (
        lambda: f"country={chance.choice(_COUNTRIES)}",
        lambda: f"industry={quote(chance.choice(_INDUSTRIES))}",
        lambda: f"country={chance.choice(_COUNTRIES)}&industry={quote(chance.choice(_INDUSTRIES))}",
        lambda: f"owner={2 + chance.randrange(8)}",
        lambda: "owner=nobody",
        lambda: "tag=vip",
        lambda: "tag=fair",
        lambda: f"lifecycle={chance.choice(('prospect', 'lead', 'customer', 'parked'))}",
        lambda: f"signal={chance.choice(('funding', 'hiring', 'pricing_visit', 'nothing_such'))}",
        lambda: "import=1",
        lambda: f"q={chance.choice(_NAMES + _BRANDS)}",
        lambda: f"q={chance.choice(_NAMES)[:2]}",
        lambda: f"q={chance.choice(_BRANDS)}&country={chance.choice(_COUNTRIES)}",
        lambda: f"criteria={quote(chance.choice(_CRITERIA))}",
    )
    while True:
        place = chance.choice(_LISTS)
        yield f"{place}{'&' if '?' in place else '?'}{chance.choice(choices)()}"


def _sorts(chance: random.Random, _contacts: int) -> Iterator[str]:
    while True:
        place = chance.choice(("/accounts", "/contacts"))
        more = chance.choice(
            ("", f"&country={chance.choice(_COUNTRIES)}", "&owner=nobody", f"&q={chance.choice(_NAMES)}")
        )
        yield f"{place}?order={chance.choice(('name', 'newest'))}{more}"


def _searches(chance: random.Random, contacts: int) -> Iterator[str]:
    def typo(word: str) -> str:
        place = chance.randrange(1, len(word))
        return word[:place] + word[place + 1 :]

    while True:
        number = chance.randrange(1, contacts // PEOPLE_PER_COMPANY)
        yield "/search?q=" + quote(
            chance.choice(
                (
                    chance.choice(_NAMES),
                    f"{chance.choice(_NAMES)} {chance.choice(_NAMES)}",
                    chance.choice(_BRANDS),
                    f"{chance.choice(_BRANDS)} payments",
                    f"-{number}.example",
                    f"@{chance.choice(_BRANDS)}",
                    typo(chance.choice(_NAMES)) + " " + typo(chance.choice(_NAMES)),
                    typo("quantadata") + " " + typo("analytics"),
                    chance.choice(_NAMES)[:2],
                    chance.choice(_NAMES)[:1],
                    "xqzwv nobody",
                    ".example",
                )
            )
        )


def _accounts(chance: random.Random, contacts: int) -> Iterator[str]:
    most = contacts // PEOPLE_PER_COMPANY
    while True:
        # Those with thousands of people have the lowest numbers.
        yield f"/accounts/{chance.choice((1 + chance.randrange(20), 1 + chance.randrange(most)))}"


def _contacts(chance: random.Random, contacts: int) -> Iterator[str]:
    while True:
        yield f"/contacts/{1 + chance.randrange(contacts)}"


def _signals(chance: random.Random, _contacts: int) -> Iterator[str]:
    while True:
        yield "/signals" + chance.choice(
            (
                "",
                "?type=funding",
                "?type=pricing_visit",
                "?level=buyer",
                "?level=ecosystem",
                "?since=2026-10-01",
                "?type=none",
            )
        )


KINDS: dict[str, Callable[[random.Random, int], Iterator[str]]] = {
    "list": _lists,
    "filter": _filters,
    "sort": _sorts,
    "search": _searches,
    "account": _accounts,
    "contact": _contacts,
    "signals": _signals,
}

if __name__ == "__main__":
    sys.exit(main())
