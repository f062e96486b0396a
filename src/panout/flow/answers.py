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
    """(brought in, understood) from the mailboxes at which nobody waits for news.

    One that cannot be read is noted and does not hold up others.
    """
    new = sum(_fetch(account_id, now) for account_id in receiving.reading_accounts(now))
    return new, understand_all(now)


def understand_all(now: datetime) -> int:
    """Take up everything that has come in; how many messages."""
    understood = 0
    while chunk := read_new(now):
        understood += chunk
    return understood


def enter(account_id: int, now: datetime) -> Mailbox | None:
    """Sign in to an account's mailbox. None when that cannot be done now: the account says why."""
    try:
        held = ready_servers(account_id, now)
        if held.imap is None:
            return None
        return Mailbox(held.imap)
    except (Refused, Unavailable) as no_token:
        receiving.note_silence(account_id, "INBOX", no_token.what)
    except Trouble as trouble:
        accounts.note_trouble(account_id, judged(trouble), now)
        receiving.note_silence(account_id, "INBOX", str(trouble))
    return None


def _fetch(account_id: int, now: datetime) -> int:
    box = enter(account_id, now)
    if box is None:
        return 0
    try:
        return receiving.fetch_new(account_id, box, now).new
    except Trouble as trouble:
        receiving.note_silence(account_id, "INBOX", str(trouble))
        return 0
    finally:
        box.close()
