"""The other way in: a small SMTP server that takes answers where no mailbox can be read by IMAP.

Point a mail server's transport, or an MX of one's own, at it. It keeps what it is given and understands it
at the next look; it relays nothing, and it listens on loopback unless told otherwise.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from asgiref.sync import sync_to_async
from django.db import close_old_connections

from panout.mailbox.actions.receiving import MOST_BYTES, take_in

_LARGEST = 25 * 1024 * 1024


class _Keeper:
    """Takes each message in one transaction before it says yes."""

    def __init__(self, clock: Callable[[], datetime]) -> None:
        self._clock = clock

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802, ARG002
        content = envelope.content
        raw = content if isinstance(content, bytes) else (content or "").encode("utf-8", "surrogateescape")
        await sync_to_async(self._keep)(raw[: MOST_BYTES + 1])
        return "250 Kept"

    def _keep(self, raw: bytes) -> None:
        close_old_connections()
        take_in(raw, self._clock())


def open_door(host: str, port: int, clock: Callable[[], datetime]) -> Controller:
    """Start listening; `stop()` on what is returned ends it."""
    door = Controller(_Keeper(clock), hostname=host, port=port, data_size_limit=_LARGEST, ident="Panout door")
    door.start()
    return door
