"""Verbs that bring mail in. Bytes are carried, not read: what they mean is the replies room's.

fetch_new(account_id, imap, now) -> Fetch        every folder that answers may lie in, each message once
take_in(raw, now) -> bool                         the other door: a message handed over by SMTP or LMTP
begin_listening(account_id, worker, now) -> bool  one worker waits at one mailbox
end_listening(account_id, worker)
silent_accounts(now) -> tuple[int, ...]           whose mail has not been looked at for too long
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q

from panout.clients.imap import Fetched, Folder, Imap
from panout.clients.smtp import Said
from panout.mailbox.models import Cursor, Inbound, MailAccount

# A reply is text; beyond this a message is kept cut off, and says so.
MOST_BYTES = 1_000_000
# The first look at a mailbox goes back this many messages, not to its beginning.
FIRST_LOOK = 200
# So many are asked for at once, and kept in one transaction. With MOST_BYTES it bounds what is in memory.
BATCH = 25
# A folder that was numbered anew is read again from so long before it was last read: what lay there
# before was never looked at, and is no answer to anything that we sent since.
OVERLAP = timedelta(days=14)
# How long a listener's word holds, and how old the last look may be while somebody listens.
LEASE = timedelta(minutes=6)
TRUSTED = timedelta(minutes=10)
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


def fetch_new(account_id: int, imap: Imap, now: datetime, *, inbox_last: bool = False) -> Fetch:
    """Bring in what is new. Cut off half way, it goes on where it was: the cursor moves with each batch.

    `inbox_last` leaves the inbox as the open folder, for who means to wait at it.
    """
    new = known = 0
    gaps = []
    folders = folders_to_read(imap.folders())
    for folder in reversed(folders) if inbox_last else folders:
        cursor, _ = Cursor.objects.get_or_create(account_id=account_id, folder=folder)
        found = imap.numbers_after(folder, cursor.last_uid)
        if found.uidvalidity != cursor.uidvalidity:
            if cursor.uidvalidity:
                gaps.append(folder)
            since = (cursor.synced_at - OVERLAP).date() if cursor.synced_at else None
            cursor.uidvalidity, cursor.last_uid = found.uidvalidity, 0
            found = imap.numbers_after(folder, 0, since)
        uids = found.uids if cursor.synced_at else found.uids[-FIRST_LOOK:]
        for start in range(0, len(uids), BATCH):
            batch = uids[start : start + BATCH]
            mails = _fetched(imap, batch)
            with transaction.atomic():
                fresh = _keep(account_id, folder, mails.items(), now)
                cursor.last_uid = batch[-1]
                cursor.save(update_fields=["uidvalidity", "last_uid"])
            new, known = new + fresh, known + len(mails) - fresh
        cursor.synced_at, cursor.trouble = now, ""
        cursor.save(update_fields=["uidvalidity", "last_uid", "synced_at", "trouble"])
    return Fetch(new, known, tuple(gaps))


def _fetched(imap: Imap, uids: Sequence[int]) -> Mapping[int, Fetched]:
    """A batch; one by one when the server will not, so that one broken message does not hold up the rest."""
    try:
        return imap.fetch(uids, MOST_BYTES)
    except Said:
        found: dict[int, Fetched] = {}
        for uid in uids:
            with suppress(Said):
                found.update(imap.fetch([uid], MOST_BYTES))
        return found


def take_in(raw: bytes, now: datetime) -> bool:
    """Keep a message that was handed over; False when it is here already."""
    return bool(_keep(None, "", [(None, Fetched(raw[:MOST_BYTES], len(raw), now))], now))


def _keep(
    account_id: int | None, folder: str, mails: Iterable[tuple[int | None, Fetched]], now: datetime
) -> int:
    """Keep those that are not here yet; how many."""
    rows = {}
    for uid, mail in mails:
        digest = fingerprint(mail.raw)
        rows[digest] = Inbound(
            account_id=account_id, folder=folder, uid=uid, digest=digest, raw=mail.raw,
            truncated=mail.size > len(mail.raw), received_at=mail.at or now,
        )  # fmt: skip
    held = Inbound.objects.filter(account=account_id, digest__in=rows).values_list("digest", flat=True)
    fresh = [row for digest, row in rows.items() if digest not in set(held)]
    Inbound.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


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


def reading_accounts(now: datetime) -> tuple[int, ...]:
    """Connected accounts whose mailbox can be read and at which nobody waits for news.

    A listener may sit on a line that is dead without anybody having said so: a mailbox that has not been
    read for some minutes is read here too.
    """
    lately = Cursor.objects.filter(synced_at__gt=now - TRUSTED, folder__iexact="INBOX").values("account")
    heard = Q(listens_until__gt=now) & Q(id__in=lately)
    rows = MailAccount.objects.connected().exclude(imap_host="").exclude(heard).order_by("id")
    return tuple(rows.values_list("id", flat=True))


def unheard_accounts(now: datetime, most: int) -> tuple[int, ...]:
    """Accounts at which nobody waits for news, the longest unread first; at most so many."""
    rows = MailAccount.objects.able(now).exclude(imap_host="").exclude(listens_until__gt=now)
    return tuple(
        rows.order_by(F("listens_until").asc(nulls_first=True), "id").values_list("id", flat=True)[:most]
    )


def begin_listening(account_id: int, worker: str, now: datetime) -> bool:
    """One worker waits at one mailbox. True: it is this one, until LEASE has passed; ask again before."""
    free = MailAccount.objects.connected().filter(
        Q(listens_until=None) | Q(listens_until__lte=now) | Q(listener=worker), id=account_id
    )
    return free.update(listener=worker, listens_until=now + LEASE) == 1


def end_listening(account_id: int, worker: str) -> None:
    """Whoever asks every minute takes over."""
    MailAccount.objects.filter(id=account_id, listener=worker).update(listener="", listens_until=None)


def silent_accounts(now: datetime) -> tuple[int, ...]:
    """Accounts whose inbox has not been looked at for half an hour: somebody should know."""
    heard = Cursor.objects.filter(synced_at__gt=now - SILENT_AFTER).values("account")
    rows = MailAccount.objects.connected().exclude(imap_host="").exclude(id__in=heard)
    return tuple(rows.order_by("id").values_list("id", flat=True))
