"""Sending, put together: accounts, doors and the carrier. Jobs and commands call these; no rules here."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connections

from panout.clients.dns import Resolver
from panout.clients.http import Web
from panout.clients.imap import Mailbox
from panout.clients.oauth import PROVIDERS, refresh
from panout.clients.smtp import Connection, Security, Server, Smtp, Trouble
from panout.kernel.errors import BadInput, Refused, Unavailable
from panout.kernel.stages import Stage
from panout.mailbox import queries
from panout.mailbox.actions import accounts, sending, upkeep
from panout.mailbox.carrier import Carrier, Tally
from panout.mailbox.connection import ConnectionReport, try_account
from panout.mailbox.judging import judged
from panout.mailbox.rules.failures import Failure, Fate, Kind, Scope
from panout.outreach.outbox import Claimed

# A token that ends while a mail is on its way fails the mail; so it is renewed a little early.
_EARLY = timedelta(minutes=5)


def carry_due(clock: Callable[[], datetime], rng: random.Random) -> dict[int, Tally]:
    """Send what is due, account by account. One account's trouble does not keep the others waiting."""
    return {number: carry_account(number, clock, rng) for number in queries.due_accounts(clock())}


def carry_account(
    account_id: int,
    clock: Callable[[], datetime],
    rng: random.Random,
    *,
    width: int = 2,
    batch: int = 50,
    connect: Callable[[Server], Smtp] = Connection,
) -> Tally:
    """Everything that one account may send now. The worker's name fences its claims; it is used once."""
    try:
        server = ready_servers(account_id, clock()).smtp
    except (Refused, Unavailable) as no_token:
        accounts.note_trouble(account_id, _no_token(no_token), clock())
        return Tally()
    worker = uuid.uuid4().hex
    store = sending.AccountStore(account_id, worker, clock)

    def claim(most: int) -> tuple[Claimed, ...]:
        return sending.claim_due(account_id, worker, most, clock(), rng)

    carrier = Carrier(
        queries.stationery_of(account_id),
        lambda: connect(server),
        store,
        claim,
        clock,
        width=width,
        batch=batch,
        leave=connections.close_all,
    )
    return asyncio.run(carrier.carry())


def ready_servers(account_id: int, now: datetime) -> queries.Servers:
    """An account's servers, with a fresh access token when it signs in by one.

    Raises Refused, Unavailable. Secrets that another key locked are a refusal too: of this account, not of others.
    """
    try:
        held = queries.servers(account_id)
    except BadInput as locked:
        raise Refused(locked.what, where=locked.where, mend=locked.mend) from locked
    if not held.oauth or held.app is None:
        return held
    if held.access_until is not None and now + _EARLY < held.access_until:
        return held
    web = Web()
    try:
        tokens = refresh(web, PROVIDERS[held.oauth], held.app, held.refresh_token, now)
    finally:
        web.close()
    accounts.keep_tokens(account_id, tokens)
    return queries.servers(account_id)


def _no_token(error: Refused | Unavailable) -> Failure:
    wait = timedelta(hours=24) if isinstance(error, Refused) else timedelta(minutes=10)
    return Failure(
        Fate.UNAVAILABLE, Kind.AUTHENTICATION, Scope.MAILBOX, error.what, error.mend, wait, "", Stage.AUTH
    )


def try_stored_account(account_id: int, now: datetime) -> ConnectionReport:
    """Sign in to both servers and note what came of it on the account."""
    try:
        held = ready_servers(account_id, now)
    except (Refused, Unavailable) as no_token:
        accounts.note_trouble(account_id, _no_token(no_token), now)
        raise
    report = report_on(held.smtp, held.imap)
    if report.first_failure is None:
        accounts.note_well(account_id, now)
    else:
        accounts.note_trouble(account_id, report.first_failure, now)
    return report


def report_on(smtp: Server, imap: Server | None) -> ConnectionReport:
    """The same for servers that are not stored yet: a page asks before it saves."""
    return try_account(
        f"{smtp.host}:{smtp.port}",
        Connection(smtp),
        f"{imap.host}:{imap.port}" if imap else "",
        (lambda: Mailbox(imap)) if imap else None,
    )


def typed_server(host: str, port: int, security: str, username: str, password: str, authority: str) -> Server:
    """What somebody typed into a form, for `report_on`."""
    return Server(host, port, Security(security), username, password, False, authority, patience=15.0)


def settle_doubts(now: datetime) -> tuple[int, int]:
    """(settled, left): look into the Sent folders for messages in doubt."""
    settled = left = 0
    for account_id in queries.doubtful_accounts():
        found, open_ = _in_mailbox(
            account_id, now, lambda box, number: sending.settle_from_sent(number, box, now)
        )
        settled, left = settled + found, left + open_
    return settled, left


def file_copies(now: datetime) -> int:
    """Put copies into the Sent folders of accounts whose provider keeps none."""
    return sum(
        _in_mailbox(number, now, lambda box, account: (sending.file_sent(account, box, now), 0))[0]
        for number in queries.filing_accounts()
    )


def _in_mailbox(
    account_id: int, now: datetime, work: Callable[[Mailbox, int], tuple[int, int]]
) -> tuple[int, int]:
    try:
        held = ready_servers(account_id, now)
        if held.imap is None:
            return 0, 0
        box = Mailbox(held.imap)
    except (Refused, Unavailable) as no_token:
        accounts.note_trouble(account_id, _no_token(no_token), now)
        return 0, 0
    except Trouble as trouble:
        accounts.note_trouble(account_id, judged(trouble), now)
        return 0, 0
    try:
        return work(box, account_id)
    except Trouble as trouble:
        accounts.note_trouble(account_id, judged(trouble), now)
        return 0, 0
    finally:
        box.close()


def daily(now: datetime, resolver: str | None = None) -> None:
    """Once a day: every sending domain is looked at anew, by this resolver or the one in the settings."""
    upkeep.check_domains(now, Resolver(resolver or settings.RESOLVER or None))


def minutely(now: datetime) -> None:
    """Every minute: what died is found, what must pause pauses, and senders learn what they have left."""
    sending.look_after(now)
    sending.assign_senders(now)
    upkeep.apply_pause_rules(now)
    upkeep.publish_room(now)
