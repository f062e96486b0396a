"""Verbs that bring mail in. Bytes are carried, not read: what they mean is the replies room's.

fetch_new(account_id, imap, now) -> Fetch        every folder that answers may lie in, each message once
take_in(raw, now) -> bool                         the other door: a message handed over by SMTP or LMTP
silent_accounts(now) -> tuple[int, ...]           whose mail has not been looked at for too long
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from panout.clients.imap import Folder, Imap
from panout.mailbox.models import Cursor, Inbound, MailAccount

# A reply is text; beyond this a message is kept cut off, and says so.
MOST_BYTES = 1_000_000
# The first look at a mailbox goes back this many messages, not to its beginning.
FIRST_LOOK = 200
SILENT_AFTER = timedelta(minutes=30)

# Our own copies and unfinished mails are never answers.
_NOT_ANSWERS = {"sent", "drafts", "trash"}
_JUNK = {"junk"}


@dataclass(frozen=True, slots=True)
class Fetch:
    """What one look at a mailbox brought; `gaps` names folders that were numbered anew."""

    new: int
    seen_before: int
    gaps: tuple[str, ...]


def folders_to_read(folders: Sequence[Folder]) -> tuple[str, ...]:
    """Where answers may lie: the inbox first, then junk, which often holds the ones that matter."""
    named = [folder for folder in folders if folder.name.upper() == "INBOX"]
    junk = [folder for folder in folders if folder.use in _JUNK]
    return tuple(folder.name for folder in (*named, *junk)) or ("INBOX",)


def fetch_new(account_id: int, imap: Imap, now: datetime) -> Fetch:
    """Bring in what is new. Killed half way, it goes on where it was: the cursor moves with each message."""
    new = known = 0
    gaps = []
    for folder in folders_to_read(imap.folders()):
        cursor, _ = Cursor.objects.get_or_create(account_id=account_id, folder=folder)
        found = imap.numbers_after(folder, cursor.last_uid)
        if found.uidvalidity != cursor.uidvalidity:
            if cursor.uidvalidity:
                gaps.append(folder)
            cursor.uidvalidity, cursor.last_uid = found.uidvalidity, 0
            found = imap.numbers_after(folder, 0)
        uids = found.uids if cursor.synced_at else found.uids[-FIRST_LOOK:]
        for uid in uids:
            mail = imap.fetch(uid, MOST_BYTES)
            with transaction.atomic():
                if mail is not None:
                    fresh = _keep(
                        account_id, folder, uid, mail.raw, mail.at or now, mail.size > len(mail.raw)
                    )
                    new, known = new + fresh, known + (not fresh)
                cursor.last_uid = uid
                cursor.save(update_fields=["uidvalidity", "last_uid"])
        cursor.synced_at, cursor.trouble = now, ""
        cursor.save(update_fields=["uidvalidity", "last_uid", "synced_at", "trouble"])
    return Fetch(new, known, tuple(gaps))


def take_in(raw: bytes, now: datetime) -> bool:
    """Keep a message that was handed over; False when it is here already."""
    return _keep(None, "", None, raw[:MOST_BYTES], now, len(raw) > MOST_BYTES)


def _keep(
    account_id: int | None,
    folder: str,
    uid: int | None,
    raw: bytes,
    at: datetime,
    cut: bool,
) -> bool:
    digest = fingerprint(raw)
    if Inbound.objects.filter(account=account_id, digest=digest).exists():
        return False
    row = Inbound(
        account_id=account_id, folder=folder, uid=uid, digest=digest, raw=raw, truncated=cut, received_at=at
    )
    Inbound.objects.bulk_create([row], ignore_conflicts=True)
    return True


_ID = re.compile(rb"^message-id:[ \t]*(?:\r?\n[ \t]+)?<([^>\r\n]{3,500})>", re.IGNORECASE | re.MULTILINE)
_DATE = re.compile(rb"^date:[ \t]*([^\r\n]+)", re.IGNORECASE | re.MULTILINE)


def fingerprint(raw: bytes) -> str:
    """What makes a message the same message wherever it lies: its id and date, else all of its bytes."""
    head = re.split(rb"\r?\n\r?\n", raw[:200_000], maxsplit=1)[0]
    named, dated = _ID.search(head), _DATE.search(head)
    if named and dated:
        return hashlib.sha256(b"id\0" + named[1].lower() + b"\0" + dated[1].strip()).hexdigest()
    return hashlib.sha256(raw).hexdigest()


def note_silence(account_id: int, folder: str, why: str) -> None:
    """What kept a folder from being read, for the page that shows the last look."""
    Cursor.objects.filter(account=account_id, folder=folder).update(trouble=why[:300])


def reading_accounts() -> tuple[int, ...]:
    """Connected accounts whose mailbox can be read."""
    rows = MailAccount.objects.connected().exclude(imap_host="").order_by("id")
    return tuple(rows.values_list("id", flat=True))


def silent_accounts(now: datetime) -> tuple[int, ...]:
    """Accounts whose inbox has not been looked at for half an hour: somebody should know."""
    heard = Cursor.objects.filter(synced_at__gt=now - SILENT_AFTER).values("account")
    rows = MailAccount.objects.connected().exclude(imap_host="").exclude(id__in=heard)
    return tuple(rows.order_by("id").values_list("id", flat=True))
