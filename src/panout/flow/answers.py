"""Bring answers in from every mailbox, and have them understood and acted on."""

from __future__ import annotations

from datetime import datetime

from panout.clients.imap import Mailbox
from panout.clients.smtp import Trouble
from panout.flow.sending import ready_servers
from panout.kernel.errors import Refused, Unavailable
from panout.mailbox.actions import accounts, receiving
from panout.mailbox.judging import judged
from panout.replies.actions import read_new


def look_for_answers(now: datetime) -> tuple[int, int]:
    """(brought in, understood) from all mailboxes. One that cannot be read is noted and does not hold up others."""
    new = sum(_fetch(account_id, now) for account_id in receiving.reading_accounts())
    understood = 0
    while chunk := read_new(now):
        understood += chunk
    return new, understood


def _fetch(account_id: int, now: datetime) -> int:
    try:
        held = ready_servers(account_id, now)
        if held.imap is None:
            return 0
        box = Mailbox(held.imap)
    except (Refused, Unavailable) as no_token:
        receiving.note_silence(account_id, "INBOX", no_token.what)
        return 0
    except Trouble as trouble:
        accounts.note_trouble(account_id, judged(trouble), now)
        receiving.note_silence(account_id, "INBOX", str(trouble))
        return 0
    try:
        return receiving.fetch_new(account_id, box, now).new
    except Trouble as trouble:
        receiving.note_silence(account_id, "INBOX", str(trouble))
        return 0
    finally:
        box.close()
