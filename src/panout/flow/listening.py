"""Wait at mailboxes for news (IMAP IDLE), so that an answer is acted on within seconds.

One thread for each mailbox, because a server that hangs must hold up its own mailbox and no other; so many
and no more. The minute's look (`look_for_answers`) stays as it is for every mailbox at which nobody waits:
those beyond the number, those whose server cannot, and those whose line is broken. Losing all of this loses
time, never a message.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

import structlog
from django.db import Error, connections

from panout.clients.imap import Imap, News
from panout.clients.smtp import Trouble
from panout.flow import clock
from panout.flow.answers import enter, understand_all
from panout.flow.jobs import worker_name
from panout.kernel.errors import PanoutError
from panout.mailbox.actions import receiving

# Lines through address translation are forgotten after five minutes or so; servers allow 29 (RFC 2177).
PATIENCE = 240.0
# A broken line is tried again after this, then after twice this, and so on up to the last.
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
LOOK_ABOUT = 10.0
MOST = 40
_log = structlog.get_logger("panout.listening")


class Box(Imap, Protocol):
    """A mailbox that another thread may hang up."""

    def hang_up(self) -> None: ...


@contextmanager
def listening() -> Iterator[None]:
    """Listeners beside a worker, for as long as it works."""
    listeners = Listeners(worker_name(), clock.now)
    listeners.start()
    try:
        yield
    finally:
        listeners.stop()


Enter = Callable[[int, datetime], Box | None]


class Listeners:
    """Keeps a listener at each mailbox, at most `most`, until it is stopped."""

    def __init__(
        self, worker: str, clock: Callable[[], datetime], *, most: int = MOST, come_in: Enter = enter
    ) -> None:
        self._worker, self._clock, self._most, self._come_in = worker, clock, most, come_in
        self._stopping = threading.Event()
        self._boxes: dict[int, Box] = {}
        self._deaf: set[int] = set()
        self._threads: dict[int, threading.Thread] = {}
        self._supervisor = threading.Thread(target=self._supervise, name="listeners", daemon=True)

    def start(self) -> None:
        self._supervisor.start()

    def stop(self, seconds: float = 5.0) -> None:
        """Hang up everywhere and wait a little for whoever is in the middle of something."""
        self._stopping.set()
        for box in list(self._boxes.values()):
            box.hang_up()
        for thread in (self._supervisor, *list(self._threads.values())):
            thread.join(seconds)

    def _supervise(self) -> None:
        while not self._stopping.is_set():
            try:
                self._look_about()
            except Error as gone:
                # The database restarts; the minute's jobs wait for it too.
                _log.warning("listeners wait for the database", why=str(gone)[:200])
            finally:
                connections.close_all()
            self._stopping.wait(LOOK_ABOUT)

    def _look_about(self) -> None:
        self._threads = {number: one for number, one in self._threads.items() if one.is_alive()}
        room = self._most - len(self._threads)
        for number in receiving.unheard_accounts(self._clock(), self._most + len(self._deaf)):
            if room <= 0:
                return
            if number in self._threads or number in self._deaf:
                continue
            if receiving.begin_listening(number, self._worker, self._clock()):
                thread = threading.Thread(
                    target=self._stay, args=(number,), name=f"listener {number}", daemon=True
                )
                self._threads[number] = thread
                thread.start()
                room -= 1

    def _stay(self, number: int) -> None:
        """Listen at one mailbox; come back to it when the line breaks, ever more slowly."""
        pause = FIRST_PAUSE
        try:
            while not self._stopping.is_set():
                try:
                    if not self._listen(number):
                        return
                    pause = FIRST_PAUSE
                except Trouble as broken:
                    receiving.note_silence(number, "INBOX", str(broken))
                # While it pauses, whoever asks every minute has the mailbox.
                receiving.end_listening(number, self._worker)
                connections.close_all()
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
                if not receiving.begin_listening(number, self._worker, self._clock()):
                    return
        except (Error, PanoutError) as gone:
            _log.warning("a listener gave up", account=number, why=str(gone)[:200])
        finally:
            self._leave(number)

    def _listen(self, number: int) -> bool:
        """Until the line breaks (raises Trouble). False: nobody need come back."""
        box = self._come_in(number, self._clock())
        if box is None:
            return False
        self._boxes[number] = box
        try:
            while not self._stopping.is_set():
                if not receiving.begin_listening(number, self._worker, self._clock()):
                    return False  # disconnected, or another worker's by now
                receiving.fetch_new(number, box, self._clock(), inbox_last=True)
                understand_all(self._clock())
                connections.close_all()  # whoever waits holds no place in the database
                if box.wait(PATIENCE) is News.DEAF:
                    self._deaf.add(number)
                    return False
            return False
        finally:
            self._boxes.pop(number, None)
            box.close()

    def _leave(self, number: int) -> None:
        try:
            receiving.end_listening(number, self._worker)
        except Error:
            _log.warning("a listener's claim is left to lapse", account=number)
        finally:
            connections.close_all()
