"""Carry claimed messages to a mail server: build, sign, mark, hand over, record.

Two promises, both kept by the order of things and not by luck:

* No byte of a message leaves before `sending` is committed for it, so a crash never leaves a message that may
  have left looking as if it had not.
* What was marked is never handed over twice: the mark is fenced by the claim, and nothing resends it.

The marks of all connections are committed together, many at a time, and so are their outcomes: while a commit
is on its way the next ones gather, so the store sets the pace of commits and not of mails. Marks and outcomes
have a database connection each, because a mail waits for its mark and for nobody's outcome.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Generic, Protocol, TypeVar

from panout.clients.smtp import Envelope, NotMine, Smtp, Trouble
from panout.kernel.errors import BadInput
from panout.mailbox.judging import judged
from panout.mailbox.rules.clicks import counted
from panout.mailbox.rules.compose import Letter, build, foot
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
    imprint: str = ""  # company and postal address, for the foot of cold mail


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
    """Where marks and outcomes are committed; each is called from one thread of its own."""

    def begin(self, marks: Sequence[int]) -> frozenset[int]:
        """Those that are still ours, committed as about to leave."""
        ...

    def record(self, facts: Sequence[Fact]) -> None:
        """Commit outcomes."""
        ...


_AT_THE_DESK = 16


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
    if message.cold and own.imprint:
        body = body.rstrip() + foot(own.imprint, way)
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


Asked = TypeVar("Asked")
Told = TypeVar("Told")
Got = TypeVar("Got")


class Lane(Generic[Asked, Told]):
    """Does one kind of work for everybody, in groups, on a thread (and so a database connection) of its own."""

    def __init__(
        self, name: str, work: Callable[[Sequence[Asked]], Told], leave: Callable[[], None], most: int
    ) -> None:
        self._work = work
        self._leave = leave
        self._most = most
        self._open = 0
        self._room = asyncio.Event()
        self._room.set()
        self._waiting: list[tuple[Asked, asyncio.Future[Told] | None]] = []
        self._something = asyncio.Event()
        self._closing = False
        self._broken: BaseException | None = None
        self._thread = ThreadPoolExecutor(1, thread_name_prefix=name)
        self._task = asyncio.create_task(self._run())

    async def ask(self, what: Asked) -> Told:
        """Wait until the group that this falls into is done; raises what it raised."""
        if self._broken is not None:
            raise self._broken
        future: asyncio.Future[Told] = asyncio.get_running_loop().create_future()
        self._add(what, future)
        return await future

    def note(self, what: Asked) -> None:
        """Have it done, and wait for nothing: `close` raises what it raised."""
        self._add(what, None)

    def _add(self, what: Asked, future: asyncio.Future[Told] | None) -> None:
        self._waiting.append((what, future))
        self._open += 1
        if self._open >= self._most:
            self._room.clear()
        self._something.set()

    async def room(self) -> None:
        """Wait until fewer than `most` are open; raises what broke the lane."""
        await self._room.wait()
        if self._broken is not None:
            raise self._broken

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        while not (self._closing and not self._waiting):
            await self._something.wait()
            self._something.clear()
            group, self._waiting = self._waiting, []
            if not group:
                continue
            try:
                told = await loop.run_in_executor(self._thread, self._work, [what for what, _ in group])
            except BaseException as trouble:
                # Whoever waits, or will, must hear of it, else the carrier would wait for ever.
                self._broken = trouble
                self._room.set()
                for _, future in (*group, *self._waiting):
                    if future is not None and not future.done():
                        future.set_exception(trouble)
                raise
            self._open -= len(group)
            if self._open < self._most:
                self._room.set()
            for _, future in group:
                if future is not None and not future.done():
                    future.set_result(told)

    async def in_thread(self, work: Callable[[], Got]) -> Got:
        """Run something else on this thread, between two groups."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work)

    async def close(self) -> None:
        """Do what is left. Raises what the work raised."""
        self._closing = True
        self._something.set()
        try:
            await self._task
        finally:
            await asyncio.get_running_loop().run_in_executor(self._thread, self._leave)
            self._thread.shutdown()


class Scribe:
    """Commits marks and outcomes for everybody, in groups."""

    def __init__(self, store: Store, leave: Callable[[], None], width: int) -> None:
        self._marks: Lane[int, frozenset[int]] = Lane("marks", store.begin, leave, width)
        # What has left and is not on record is in doubt if we die now: it may not pile up.
        self._facts: Lane[Fact, None] = Lane("facts", store.record, leave, 2 * width)

    async def mark(self, number: int) -> bool:
        """Commit that this one is about to leave; False when it is no longer ours."""
        await self._facts.room()
        return number in await self._marks.ask(number)

    def note(self, fact: Fact) -> None:
        self._facts.note(fact)

    async def in_thread(self, work: Callable[[], Sequence[Claimed]]) -> Sequence[Claimed]:
        """Run something else beside the marks."""
        return await self._facts.in_thread(work)

    async def close(self) -> None:
        """Commit what is left. Raises what a commit raised."""
        try:
            await self._marks.close()
        finally:
            await self._facts.close()


Claim = Callable[[int], Sequence[Claimed]]


@dataclass(frozen=True, slots=True)
class _Written:
    """A message ready to leave, or why it cannot be a mail."""

    message: Claimed
    envelope: Envelope | None = None
    mail: bytes = b""
    unfit: str = ""


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
        # Writing and signing happen ahead of the connections, in groups: a hop between threads costs too.
        self._desk = ThreadPoolExecutor(1, thread_name_prefix="desk")
        self._leave = leave  # what the store's thread does last, such as closing its database connection

    async def carry(self) -> Tally:
        """Until the claim gives nothing more. Every outcome is committed when this returns."""
        tally = Tally()
        scribe = Scribe(self._store, self._leave, self._width)
        waiting: asyncio.Queue[_Written | None] = asyncio.Queue()
        feeding = asyncio.create_task(self._feed(scribe, waiting, tally))
        working = [asyncio.create_task(self._work(scribe, waiting, tally)) for _ in range(self._width)]
        try:
            await asyncio.gather(feeding, *working)
            while not waiting.empty():
                if (left := waiting.get_nowait()) is not None:
                    scribe.note(Untouched(left.message.id))
        finally:
            for task in (feeding, *working):
                task.cancel()
            self._desk.shutdown()
            await scribe.close()
        return tally

    async def _feed(self, scribe: Scribe, waiting: asyncio.Queue[_Written | None], tally: Tally) -> None:
        """Keep a little more claimed than the connections can swallow, and no more: a claim is a promise.

        The next are claimed and written out while the last ones leave.
        """
        loop = asyncio.get_running_loop()
        low = max(self._width, self._batch // 2)
        while tally.stopped_by is None:
            if waiting.qsize() < low:
                claimed = await scribe.in_thread(lambda: self._claim(self._batch))
                if not claimed:
                    break
                for start in range(0, len(claimed), _AT_THE_DESK):
                    some = claimed[start : start + _AT_THE_DESK]
                    for written in await loop.run_in_executor(self._desk, self._write, some):
                        waiting.put_nowait(written)
            await asyncio.sleep(0.001)
        for _ in range(self._width):
            waiting.put_nowait(None)

    def _write(self, messages: Sequence[Claimed]) -> list[_Written]:
        written = []
        for message in messages:
            try:
                written.append(_Written(message, *write_out(message, self._own, self._clock())))
            except BadInput as unfit:
                written.append(_Written(message, unfit=str(unfit)))
        return written

    async def _work(self, scribe: Scribe, waiting: asyncio.Queue[_Written | None], tally: Tally) -> None:
        door = self._connect()
        try:
            while (written := await waiting.get()) is not None:
                if tally.stopped_by is not None:
                    scribe.note(Untouched(written.message.id))
                    continue
                await self._one(door, written, scribe, tally)
        finally:
            await door.close()

    async def _one(self, door: Smtp, written: _Written, scribe: Scribe, tally: Tally) -> None:
        message = written.message
        if written.envelope is None:
            scribe.note(Unfit(message.id, self._clock(), written.unfit))
            tally.refused += 1
            return
        try:
            await door.open()
            receipt = await door.send(written.envelope, written.mail, _Mark(scribe, message.id))
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
