"""Live counts: exact in a small book, by an honest sample in a large one; what is rare is said to be rare."""

from __future__ import annotations

import pytest

from panout.flow import clock
from panout.icp.queries import shipped_profile
from panout.qualify import counting
from panout.qualify.counting import criteria_count, margin_of, profile_look
from panout.resolve.models import Account
from panout.team.rules import Person, Role, Sees
from tests.cast import NOON
from tests.web.world import populate


@pytest.fixture
def book(owner: Person) -> dict[str, int]:
    return populate(owner, clock.now())


@pytest.fixture
def large(owner: Person, book: dict[str, int], monkeypatch: pytest.MonkeyPatch) -> int:
    """3,000 companies more, of which a third is in Germany and one in a thousand has ten people."""
    monkeypatch.setattr(counting, "EXACT_TO", 500)
    monkeypatch.setattr(counting, "SAMPLED", 1000)
    Account.objects.bulk_create(
        Account(
            company_name=f"Company {number}", key=f"k{number}", created_at=NOON, changed_at=NOON,
            country="DE" if number % 3 == 0 else "FR", employees=10 if number % 1000 == 0 else 300,
            industry="Software", technologies=["Snowflake"],
        )
        for number in range(3000)
    )  # fmt: skip
    return 3012


def test_a_small_book_is_counted(owner: Person, book: dict[str, int]) -> None:
    found = criteria_count(owner, 'country = "GB"', clock.now().date(), "accounts")
    assert (found.number, found.sampled, found.margin) == (3, 0, 0)
    assert {one.label for one in found.examples} == {"Copper & Pine", "Quarry Payments", "Fenwick Foods"}


def test_a_large_book_is_asked_by_a_sample_that_says_how_far_it_may_be_off(owner: Person, large: int) -> None:
    found = criteria_count(owner, 'country = "DE"', clock.now().date(), "accounts")
    assert found.sampled
    true = Account.objects.filter(country="DE").count()
    assert abs(found.number - true) <= 2 * found.margin
    assert found.margin > 0
    again = criteria_count(owner, 'country = "DE"', clock.now().date(), "accounts")
    assert again == found  # counts do not flicker


def test_what_is_rare_is_looked_for_in_all_of_it_or_said_to_be_rare(
    owner: Person, large: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(counting, "_PATIENCE", 30.0)
    found = criteria_count(owner, "employees = 10", clock.now().date(), "accounts")
    assert (found.number, found.sampled, found.at_most) == (3, 0, 0)
    # A scan cannot end in a millisecond, and a reader does not wait longer.
    monkeypatch.setattr(counting, "_PATIENCE", 0.001)
    told = criteria_count(owner, "employees = 10", clock.now().date(), "accounts")
    assert told.sampled
    assert told.at_most >= 3


def test_a_profile_by_sample_comes_near_to_what_is_so(owner: Person, large: int) -> None:
    profile = shipped_profile("b2b-software")
    today = clock.now().date()
    near, exact = profile_look(owner, profile, today), profile_look(owner, profile, today, exact=True)
    assert (near.count.sampled > 0, exact.count.sampled) == (True, 0)
    assert exact.count.of == large
    assert abs(near.count.matches - exact.count.matches) <= 2 * near.count.margin + 1
    for guess, true in zip(near.count.rules, exact.count.rules, strict=True):
        assert abs(guess.admits - true.admits) <= 0.06 * large, guess.name


def test_examples_are_only_of_what_the_reader_sees(owner: Person, book: dict[str, int]) -> None:
    hers = Person(None, "Nobody", Role.SDR, Sees.OWN)
    profile, today = shipped_profile("b2b-software"), clock.now().date()
    look = profile_look(hers, profile, today)
    assert look.count.of == 12  # a profile is everybody's
    assert look.examples.inside == () == look.examples.ruled_out
    assert criteria_count(hers, 'country = "GB"', today, "accounts").examples == ()
    assert criteria_count(hers, 'country = "GB"', today, "accounts").number == 0


@pytest.mark.parametrize(
    ("hits", "asked", "of", "margin"), [(0, 0, 0, 0), (5, 10, 10, 0), (5000, 10000, 100000, 930)]
)
def test_margins(hits: int, asked: int, of: int, margin: int) -> None:
    assert margin_of(hits, asked, of) == margin
