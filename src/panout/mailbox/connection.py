"""Try an account's servers and say at which stage they stop, and why. Sends nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from panout.clients.imap import Imap
from panout.clients.smtp import Smtp, Trouble
from panout.kernel.stages import Stage
from panout.mailbox.judging import judged
from panout.mailbox.rules.failures import Failure


@dataclass(frozen=True)
class Leg:
    """One server's outcome. `failure` None: it works; `note` tells what was found."""

    server: str
    failure: Failure | None
    note: str = ""

    @property
    def ok(self) -> bool:
        return self.failure is None


@dataclass(frozen=True)
class ConnectionReport:
    outgoing: Leg
    incoming: Leg | None

    @property
    def ok(self) -> bool:
        return self.outgoing.ok and (self.incoming is None or self.incoming.ok)

    @property
    def first_failure(self) -> Failure | None:
        return self.outgoing.failure or (self.incoming.failure if self.incoming else None)


def try_account(
    outgoing: str,
    smtp: Smtp,
    incoming: str,
    imap: Callable[[], Imap] | None,
    sent_folder: str = "",
) -> ConnectionReport:
    """Sign in to both. `imap` opens its door when called, because signing in is part of opening it."""
    first = Leg(outgoing, None, "signed in")
    try:
        asyncio.run(_greet(smtp))
    except Trouble as trouble:
        first = Leg(outgoing, judged(trouble))
    if imap is None:
        return ConnectionReport(first, None)
    try:
        door = imap()
    except Trouble as trouble:
        return ConnectionReport(first, Leg(incoming, judged(trouble)))
    try:
        folder = door.sent_folder(sent_folder)
        second = Leg(
            incoming, None, f"signed in; sent mail is in {folder}" if folder else "signed in; no Sent folder"
        )
    except Trouble as trouble:
        second = Leg(incoming, judged(trouble))
    finally:
        door.close()
    return ConnectionReport(first, second)


async def _greet(smtp: Smtp) -> None:
    try:
        await smtp.open()
    finally:
        await smtp.close()


def stage_words(stage: Stage) -> str:
    """A stage as a person reads it at the beginning of a sentence."""
    return f"While {stage.value}"
