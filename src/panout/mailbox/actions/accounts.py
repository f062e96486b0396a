"""Verbs about accounts.

connect_account(asker, sender_id, wish, now) -> int        secrets are encrypted before they are stored
change_account(asker, account_id, wish, now), disconnect_account(asker, account_id, now)
set_limits(asker, account_id, limits, now)
pause(asker, account_id, reason, now), resume(asker, account_id, now)
note_trouble(account_id, failure, now), note_well(account_id, now)
keep_tokens(account_id, tokens, now)
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction

from panout.clients.oauth import Tokens
from panout.clients.smtp import Security
from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.mailbox.models import MailAccount
from panout.mailbox.queries import account_key
from panout.mailbox.rules.failures import Failure
from panout.mailbox.rules.limits import Limits
from panout.mailbox.rules.secrets import lock, unlock
from panout.mailbox.rules.tables import presets
from panout.outreach.models import Sender
from panout.team.actions import record
from panout.team.rules import Person, Verb, demand


@dataclass(frozen=True)
class Wish:
    """An account as somebody wants it. None among the secrets: keep the old one."""

    preset: str = "own"
    smtp_host: str = ""
    smtp_port: int = 587
    smtp_security: str = "starttls"
    imap_host: str = ""
    imap_port: int = 993
    imap_security: str = "tls"
    username: str = ""
    password: str | None = field(default=None, repr=False)
    oauth: str = ""
    oauth_client_id: str = ""
    oauth_client_secret: str | None = field(default=None, repr=False)
    refresh_token: str | None = field(default=None, repr=False)
    authority: str = ""
    sent_folder: str = ""
    keeps_sent: bool = False
    dkim_selector: str = ""
    dkim_key: str | None = field(default=None, repr=False)
    plus_address: bool = False
    count_clicks: bool = False


_PLAIN = (
    "preset",
    "smtp_host",
    "smtp_port",
    "smtp_security",
    "imap_host",
    "imap_port",
    "imap_security",
    "username",
    "oauth",
    "oauth_client_id",
    "authority",
    "sent_folder",
    "keeps_sent",
    "dkim_selector",
    "plus_address",
    "count_clicks",
)


def _hidden(wish: Wish) -> dict[str, str]:
    given = {
        "password": wish.password,
        "client_secret": wish.oauth_client_secret,
        "refresh": wish.refresh_token,
        "dkim_key": wish.dkim_key,
    }
    return {name: value for name, value in given.items() if value is not None}


def _checked(wish: Wish) -> None:
    if wish.preset not in {one.key for one in presets()}:
        raise BadInput(f"No preset is called {wish.preset!r}.", where="mail account")
    if not wish.smtp_host:
        raise BadInput("An account needs an outgoing server.", where="server", mend="As in smtp.example.com.")
    if not {wish.smtp_security, wish.imap_security} <= set(Security):
        raise BadInput("How is the line secured?", where="security", mend="Choose STARTTLS or TLS.")
    for port, where in ((wish.smtp_port, "outgoing port"), (wish.imap_port, "incoming port")):
        if not 0 < port < 65536:
            raise BadInput(f"{port} is not a port.", where=where, mend="587, 465 and 993 are the usual ones.")


@transaction.atomic
def connect_account(asker: Person, sender_id: int, wish: Wish, now: datetime) -> int:
    demand(asker, Verb.CONNECT_MAIL)
    _checked(wish)
    sender = Sender.objects.filter(id=sender_id, retired_at=None).first()
    if sender is None:
        raise NotFound("There is no such sender.", where=f"sender {sender_id}")
    if MailAccount.objects.filter(sender=sender).exists():
        raise Conflict("This sender has a mailbox already.", mend="Change that one.")
    made = MailAccount.objects.create(
        sender=sender,
        secrets=lock(_hidden(wish), account_key()),
        provider_limit=next((one.daily_limit for one in presets() if one.key == wish.preset), None),
        created_at=now,
        created_by_id=asker.id,
        **{name: getattr(wish, name) for name in _PLAIN},
    )
    record(asker, "connect mailbox", "mail account", made.pk, sender.email, now=now)
    return made.pk


@transaction.atomic
def change_account(asker: Person, account_id: int, wish: Wish, now: datetime) -> None:
    """Servers and secrets anew; trouble is forgotten, because it may be mended."""
    demand(asker, Verb.CONNECT_MAIL)
    _checked(wish)
    account = _locked(account_id)
    held = _held(account, wish)
    account.secrets = lock({**held, **_hidden(wish)}, account_key())
    for name in _PLAIN:
        setattr(account, name, getattr(wish, name))
    account.trouble = account.trouble_stage = account.trouble_mend = ""
    account.trouble_until = account.disconnected_at = None
    account.save()
    record(asker, "change mailbox", "mail account", account.pk, account.sender.email, now=now)


# To whom a sign-in is said, and what vouches that it is they.
_DOORS = ("smtp_host", "smtp_security", "imap_host", "imap_security", "oauth", "authority")


def _held(account: MailAccount, wish: Wish) -> dict[str, str]:
    """The secrets on file, for a wish that keeps some of them.

    They are said to no other servers than they were given for: else whoever may connect mail could have a
    colleague's password sent to a server of their own. Raises BadInput for that; and where another key locked them,
    unless the sign-in is given anew.
    """
    anew = wish.password is not None or wish.refresh_token is not None
    try:
        held = unlock(bytes(account.secrets), account_key())
    except BadInput:
        if not anew:
            raise
        return {}
    signs_in = bool(held.get("password") or held.get("refresh"))
    if signs_in and not anew and any(getattr(account, name) != getattr(wish, name) for name in _DOORS):
        raise BadInput(
            "The servers are not those that the password was given for.",
            where="sign-in",
            mend="Give the password, or the token, again.",
        )
    return held


@transaction.atomic
def disconnect_account(asker: Person, account_id: int, now: datetime) -> None:
    """The secrets are wiped; what it sent stays on record."""
    demand(asker, Verb.CONNECT_MAIL)
    account = _locked(account_id)
    account.secrets, account.disconnected_at = lock({}, account_key()), now
    account.save(update_fields=["secrets", "disconnected_at"])
    record(asker, "disconnect mailbox", "mail account", account.pk, account.sender.email, now=now)


@transaction.atomic
def pause(asker: Person, account_id: int, reason: str, now: datetime, *, rule: str = "") -> None:
    """Cold mail of this account stops until somebody resumes it. Answers still leave."""
    account = _locked(account_id)
    if account.paused_reason:
        return
    account.paused_reason, account.paused_rule, account.paused_at = reason[:300], rule, now
    account.save(update_fields=["paused_reason", "paused_rule", "paused_at"])
    record(asker, "pause mailbox", "mail account", account.pk, account.sender.email, reason=reason, now=now)


@transaction.atomic
def resume(asker: Person, account_id: int, now: datetime) -> None:
    demand(asker, Verb.CONNECT_MAIL)
    account = _locked(account_id)
    account.paused_reason, account.paused_rule, account.paused_at, account.resumed_at = "", "", None, now
    account.save(update_fields=["paused_reason", "paused_rule", "paused_at", "resumed_at"])
    record(asker, "resume mailbox", "mail account", account.pk, account.sender.email, now=now)


def note_trouble(account_id: int, failure: Failure, now: datetime) -> None:
    """The account stands still for a while; its page says why, and what to do."""
    MailAccount.objects.filter(id=account_id).update(
        trouble=f"{failure.what} ({failure.said})"[:500] if failure.said else failure.what,
        trouble_stage=failure.stage.value,
        trouble_mend=failure.mend[:300],
        trouble_until=now + failure.wait,
        checked_at=now,
    )


def note_well(account_id: int, now: datetime) -> None:
    MailAccount.objects.filter(id=account_id).update(
        trouble="", trouble_stage="", trouble_mend="", trouble_until=None, checked_at=now
    )


def _locked(account_id: int) -> MailAccount:
    account = (
        MailAccount.objects.select_for_update(of=("self",)).select_related("sender").filter(id=account_id)
    )
    if (found := account.first()) is None:
        raise NotFound("There is no such mail account.", where=f"mail account {account_id}")
    return found


@transaction.atomic
def set_limits(asker: Person, account_id: int, limits: Limits, now: datetime) -> None:
    demand(asker, Verb.CONNECT_MAIL)
    if limits.gap[0] < 0 or limits.gap[1] < limits.gap[0]:
        raise BadInput("The gap's most is less than its least.", where="gap")
    account = _locked(account_id)
    account.ramp_start, account.ramp_step, account.ceiling = limits.start, limits.step, limits.ceiling
    account.per_hour, account.per_domain = limits.per_hour, limits.per_domain
    account.gap_least, account.gap_most = limits.gap
    account.save(
        update_fields=[
            "ramp_start",
            "ramp_step",
            "ceiling",
            "per_hour",
            "per_domain",
            "gap_least",
            "gap_most",
        ]
    )
    record(asker, "set sending limits", "mail account", account.pk, account.sender.email, now=now)


@transaction.atomic
def keep_tokens(account_id: int, tokens: Tokens) -> None:
    """Store what the authority gave; an empty refresh token means that the old one stays in force."""
    account = _locked(account_id)
    held = unlock(bytes(account.secrets), account_key())
    held["access"], held["access_until"] = tokens.access, tokens.expires_at.isoformat()
    if tokens.refresh:
        held["refresh"] = tokens.refresh
    account.secrets = lock(held, account_key())
    account.save(update_fields=["secrets"])
