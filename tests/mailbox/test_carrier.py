"""The carrier when its store fails: it ends with the failure, and never waits for ever."""

import asyncio
from datetime import UTC, datetime

import pytest

from panout.clients.smtp import FakeSmtp
from panout.mailbox.carrier import Carrier, Sent, Stationery
from panout.outreach.outbox import Claimed

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
OWN = Stationery("Olga Owner", "olga@panout.test", "", b"k" * 32)


def claimed(number):
    return Claimed(
        number, f"m{number}@panout.test", f"p{number}@acme.test", "", "Hi", "Hello", "", (), True, 1
    )


class Breaking:
    """Commits until its breath ends."""

    def __init__(self, breath):
        self.breath = breath
        self.kept = []

    def _breathe(self):
        if self.breath == 0:
            raise ConnectionError("the database is gone")
        self.breath -= 1

    def begin(self, marks):
        self._breathe()
        return frozenset(marks)

    def record(self, facts):
        self._breathe()
        self.kept += facts


@pytest.mark.parametrize("breath", [0, 1, 2, 3, 5, 9])
@pytest.mark.parametrize("width", [1, 4])
@pytest.mark.timeout(20)
def test_a_store_that_breaks_ends_the_carrying_and_nothing_unmarked_left(breath, width):
    store, door = Breaking(breath), FakeSmtp()
    left = [[claimed(number) for number in range(start, start + 10)] for start in (0, 10, 20)]

    async def carry():
        def claim(_most):
            return left.pop() if left else []

        carrier = Carrier(OWN, lambda: door, store, claim, lambda: NOW, width=width)
        return await asyncio.wait_for(carrier.carry(), 10)

    with pytest.raises(ConnectionError, match="the database is gone"):
        asyncio.run(carry())
    recorded = {fact.id for fact in store.kept if isinstance(fact, Sent)}
    # A mark is given while fewer than twice the connections wait for the record, and each connection may hold one.
    assert len(door.taken) - len(recorded) < 3 * width


def test_with_a_store_that_holds_everything_leaves():
    store, door = Breaking(10**9), FakeSmtp()
    left = [[claimed(number) for number in range(10)]]

    async def carry():
        carrier = Carrier(
            OWN, lambda: door, store, lambda _most: left.pop() if left else [], lambda: NOW, width=3
        )
        return await carrier.carry()

    tally = asyncio.run(carry())
    assert (tally.sent, len(store.kept), len(door.taken)) == (10, 10, 10)
