"""Carry claimed messages to a mail server: build, sign, mark, hand over, record.

Two promises, both kept by the order of things and not by luck:

* No byte of a message leaves before `sending` is committed for it, so a crash never leaves a message that may
  have left looking as if it had not.
* What was marked is never handed over twice: the mark is fenced by the claim, and nothing resends it.

Marks and outcomes of all connections are committed together, many at a time, by one scribe. While a commit is
on its way the next ones gather, so the store sets the pace of commits and not of mails.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from panout.clients.smtp import Envelope, NotMine, Smtp, Trouble
from panout.kernel.errors import BadInput
from panout.mailbox.judging import judged
from panout.mailbox.rules.clicks import counted
from panout.mailbox.rules.compose import Letter, build
from panout.mailbox.rules.dkim import Signer
from panout.mailbox.rules.failures import Failure, Fate
from panout.mailbox.rules.ways_out import answer_address, token_for, way_out
from panout.outreach.outbox import Claimed


@dataclass(frozen=True)
class Stationery:
    """As whom an account writes, and the keys that make a mail its own."""

    from_name: str
    address: str
    reply_to: str
    way_key: bytes = field(repr=False)
    base_url: str = ""
    way_mailbox: str = ""
    signer: Signer | None = None
    answer_key: bytes = field(default=b"", repr=False)  # b"": answers come to the plain address
    click_key: bytes = field(default=b"", repr=False)  # b"": links are left alone


@dataclass(frozen=True)
class Sent:
    """The server took it."""

    id: int
    at: datetime
    said: str


@dataclass(frozen=True)
class Failed:
    """The server did not, or nobody knows."""

    id: int
    at: datetime
    failure: Failure
    tries: int


@dataclass(frozen=True)
class Unfit:
    """It cannot be written as a mail at all."""

    id: int
    at: datetime
    why: str


@dataclass(frozen=True)
class Untouched:
    """Claimed and not begun: the server was gone before its turn came."""

    id: int


Fact = Sent | Failed | Unfit | Untouched


class Store(Protocol):
    """Where marks and outcomes are committed; called from one thread of its own."""

    def commit(self, begin: Sequence[int], facts: Sequence[Fact]) -> frozenset[int]:
        """Both in one transaction; the ids of `begin` that are still ours."""
        ...


@dataclass
class Tally:
    sent: int = 0
    refused: int = 0
    later: int = 0
    unsure: int = 0
    stopped_by: Failure | None = None


def write_out(message: Claimed, own: Stationery, now: datetime) -> tuple[Envelope, bytes]:
    """The mail as it leaves. Raises BadInput for what cannot be a mail."""
    way = None
    if message.cold and own.base_url:
        way = way_out(token_for(message.id, own.way_key), own.base_url, own.way_mailbox)
    body, reply_to = message.body, own.reply_to
    if own.click_key and message.cold and own.base_url:
        body = counted(body, message.id, own.base_url, own.click_key)
    if own.answer_key:
        reply_to = answer_address(own.reply_to or own.address, message.id, own.answer_key)
    built = build(
        Letter(
            message.message_id,
            own.from_name,
            own.address,
            message.to_name,
            message.to_email,
            message.subject,
            body,
            now,
            reply_to,
            message.in_reply_to,
            message.references,
            way,
        )
    )
    first = (own.signer.sign(built.headers, built.body, now),) if own.signer else ()
    return Envelope(own.address, message.to_email, built.utf8), built.as_bytes(*first)


class Scribe:
    """Commits marks and outcomes for everybody, in groups."""

    def __init__(self, store: Store, leave: Callable[[], None]) -> None:
        self._store = store
        self._leave = leave
        self._marks: list[tuple[int, asyncio.Future[bool]]] = []
        self._facts: list[Fact] = []
        self._something = asyncio.Event()
        self._closing = False
        self._broken: BaseException | None = None
        # One thread, because a database connection belongs to the thread that opened it.
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="scribe")
        self._task = asyncio.create_task(self._run())

    async def mark(self, number: int) -> bool:
        """Commit that this one is about to leave; False when it is no longer ours."""
        if self._broken is not None:
            raise self._broken
        future: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._marks.append((number, future))
        self._something.set()
        return await future

    def note(self, fact: Fact) -> None:
        self._facts.append(fact)
        self._something.set()

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while not (self._closing and not self._marks and not self._facts):
            await self._something.wait()
            self._something.clear()
            marks, self._marks = self._marks, []
            facts, self._facts = self._facts, []
            if not marks and not facts:
                continue
            try:
                ours = await loop.run_in_executor(
                    self._thread, self._store.commit, [number for number, _ in marks], facts
                )
            except BaseException as trouble:
                # Whoever waits for a mark, or will, must hear of it, else the carrier would wait for ever.
                self._broken = trouble
                for _, future in (*marks, *self._marks):
                    if not future.done():
                        future.set_exception(trouble)
                raise
            for number, future in marks:
                if not future.done():
                    future.set_result(number in ours)

    async def close(self) -> None:
        """Commit what is left. Raises what a commit raised."""
        self._closing = True
        self._something.set()
        try:
            await self._task
        finally:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._leave)
            self._thread.shutdown()

    async def in_thread(self, work: Callable[[], Sequence[Claimed]]) -> Sequence[Claimed]:
        """Run something else on the store's thread, between two commits."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


Claim = Callable[[int], Sequence[Claimed]]


class Carrier:
    """Carries one account's mail over `width` connections until nothing is due or the server says stop."""

    def __init__(
        self,
        own: Stationery,
        connect: Callable[[], Smtp],
        store: Store,
        claim: Claim,
        clock: Callable[[], datetime],
        *,
        width: int = 1,
        batch: int = 50,
        leave: Callable[[], None] = lambda: None,
    ) -> None:
        self._own = own
        self._connect = connect
        self._store = store
        self._claim = claim
        self._clock = clock
        self._width = width
        self._batch = batch
        # The signature's arithmetic runs without the interpreter's lock, so a second core can do it.
        self._desk = ThreadPoolExecutor(1, thread_name_prefix="desk")
        self._leave = leave  # what the store's thread does last, such as closing its database connection

    async def carry(self) -> Tally:
        """Until the claim gives nothing more. Every outcome is committed when this returns."""
        tally = Tally()
        scribe = Scribe(self._store, self._leave)
        waiting: asyncio.Queue[Claimed | None] = asyncio.Queue()
        feeding = asyncio.create_task(self._feed(scribe, waiting, tally))
        working = [asyncio.create_task(self._work(scribe, waiting, tally)) for _ in range(self._width)]
        try:
            await asyncio.gather(feeding, *working)
            while not waiting.empty():
                if (left := waiting.get_nowait()) is not None:
                    scribe.note(Untouched(left.id))
        finally:
            for task in (feeding, *working):
                task.cancel()
            self._desk.shutdown()
            await scribe.close()
        return tally

    async def _feed(self, scribe: Scribe, waiting: asyncio.Queue[Claimed | None], tally: Tally) -> None:
        """Keep a little more claimed than the connections can swallow, and no more: a claim is a promise."""
        while tally.stopped_by is None:
            if waiting.qsize() < self._width:
                claimed = await scribe.in_thread(lambda: self._claim(self._batch))
                if not claimed:
                    break
                for message in claimed:
                    waiting.put_nowait(message)
            await asyncio.sleep(0.001)
        for _ in range(self._width):
            waiting.put_nowait(None)

    async def _work(self, scribe: Scribe, waiting: asyncio.Queue[Claimed | None], tally: Tally) -> None:
        door = self._connect()
        try:
            while (message := await waiting.get()) is not None:
                if tally.stopped_by is not None:
                    scribe.note(Untouched(message.id))
                    continue
                await self._one(door, message, scribe, tally)
        finally:
            await door.close()

    async def _one(self, door: Smtp, message: Claimed, scribe: Scribe, tally: Tally) -> None:
        try:
            envelope, mail = await asyncio.get_running_loop().run_in_executor(
                self._desk, write_out, message, self._own, self._clock()
            )
        except BadInput as unfit:
            scribe.note(Unfit(message.id, self._clock(), str(unfit)))
            tally.refused += 1
            return
        try:
            await door.open()
            receipt = await door.send(envelope, mail, _Mark(scribe, message.id))
        except NotMine:
            return
        except Trouble as trouble:
            failure = judged(trouble)
            scribe.note(Failed(message.id, self._clock(), failure, message.tries))
            match failure.fate:
                case Fate.REFUSED:
                    tally.refused += 1
                case Fate.UNAVAILABLE:
                    tally.later += 1
                case Fate.UNSURE:
                    tally.unsure += 1
            if failure.pauses_mailbox:
                tally.stopped_by = failure
            return
        scribe.note(Sent(message.id, self._clock(), receipt.text))
        tally.sent += 1


class _Mark:
    """What the door awaits before it hands the mail over."""

    def __init__(self, scribe: Scribe, number: int) -> None:
        self._scribe = scribe
        self._number = number

    def __call__(self) -> Awaitable[bool]:
        return self._scribe.mark(self._number)
