"""Questions about mailboxes.

accounts(now) -> each account with its health, ramp, what it has left today, and every reason
account(account_id, now), due_accounts(now), pace_of(account, now), record_of(account, now)
domains() -> sending domains with their findings
servers(account) -> how to reach its servers, secrets opened; stationery(account) -> as whom it writes
unsubscribe_card(token) -> whom the page of the way out speaks to
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Min, Q

from panout.clients.oauth import App
from panout.clients.smtp import Security, Server
from panout.kernel.errors import NotFound
from panout.mailbox.carrier import Stationery
from panout.mailbox.models import (
    Attempt,
    Bounce,
    Click,
    DmarcReport,
    MailAccount,
    Result,
    SendingDomain,
)
from panout.mailbox.rules.compose import imprint
from panout.mailbox.rules.dkim import Signer
from panout.mailbox.rules.health import cold_mail
from panout.mailbox.rules.limits import (
    Hold,
    Judgement,
    Limits,
    Pace,
    Record,
    cap_on,
    pauses,
    ramp_days,
    room_now,
)
from panout.mailbox.rules.secrets import key_from, unlock
from panout.mailbox.rules.ways_out import message_of
from panout.outreach.models import Message, MessageStatus


def account_key() -> bytes:
    """What accounts' secrets are locked with."""
    return key_from(settings.SECRET_KEY, "mail accounts")


def way_key() -> bytes:
    """What ways out are made with. Links in mails sent long ago must go on working: keep the secret."""
    return key_from(settings.SECRET_KEY, "ways out")


def answer_key() -> bytes:
    """What the part after the plus in our answer addresses is made with."""
    return key_from(settings.SECRET_KEY, "answer addresses")


def click_key() -> bytes:
    """What counted links are made with."""
    return key_from(settings.SECRET_KEY, "counted links")


def zone_of(account: MailAccount) -> ZoneInfo:
    """A mailbox's day is its owner's day."""
    user = account.sender.user
    return ZoneInfo(user.zone if user is not None else "UTC")


def pace_of(account: MailAccount, now: datetime) -> Pace:
    """Where the account stands at this moment; `account.sender.user` should be loaded."""
    zone = zone_of(account)
    today = now.astimezone(zone).date()
    fresh = account.used_on != today
    climbed = ramp_days(account.ramp_days, account.used_on, today) + (fresh and account.used_on is not None)
    hour = Attempt.objects.filter(account_id=account.pk, cold=True, at__gt=now - timedelta(hours=1))
    counted = hour.exclude(result=Result.UNAVAILABLE).aggregate(mails=Count("id"), first=Min("at"))
    domain = SendingDomain.objects.filter(name=account.sender.email.rpartition("@")[2].lower()).first()
    return Pace(
        cap=cap_on(climbed, account.limits, account.provider_limit),
        used_today=0 if fresh else account.used_today,
        last_hour=counted["mails"]
        + Message.objects.in_hand().filter(sender_id=account.sender_id, cold=True).count(),
        next_at=account.next_at,
        day=today,
        day_ends=datetime.combine(today + timedelta(days=1), time(), zone),
        paused=account.paused_reason,
        domain=cold_mail(domain.failing_since if domain else None, now),
        hour_frees_at=counted["first"] + timedelta(hours=1) if counted["first"] else None,
    )


def record_of(account: MailAccount, now: datetime) -> Record:
    """What speaks for and against the account. What was before somebody resumed it is forgiven."""
    week = max(now - timedelta(days=7), account.resumed_at or now - timedelta(days=7))
    sent = Attempt.objects.filter(account_id=account.pk, cold=True, result=Result.SENT, at__gt=week).count()
    bad = Bounce.objects.filter(account_id=account.pk, at__gt=week).aggregate(
        bounced=Count("id", filter=Q(hardness="hard")), complained=Count("id", filter=Q(hardness="complaint"))
    )
    hard = Attempt.objects.filter(account_id=account.pk, kind="recipient", result=Result.REFUSED, at__gt=week)
    since = account.resumed_at or account.created_at
    latest = Attempt.objects.filter(account_id=account.pk, cold=True, result=Result.SENT, at__gt=since)
    last = list(latest.order_by("-at").values_list("answered_at", flat=True)[:200])
    replied = sum(answered is not None for answered in last)
    return Record(sent + hard.count(), bad["bounced"], bad["complained"], len(last), replied)


@dataclass(frozen=True)
class Servers:
    """An account's servers with its secrets in them; never shown, never logged."""

    smtp: Server
    imap: Server | None
    app: App | None
    oauth: str
    refresh_token: str = field(repr=False)
    access_until: datetime | None


def servers(account_id: int) -> Servers:
    account = MailAccount.objects.connected().filter(id=account_id).first()
    if account is None:
        raise NotFound("There is no such mail account.", where=f"mail account {account_id}")
    held = unlock(bytes(account.secrets), account_key())
    by_token = bool(account.oauth)
    secret = held.get("access" if by_token else "password", "")
    smtp = Server(
        account.smtp_host,
        account.smtp_port,
        Security(account.smtp_security),
        account.username,
        secret,
        by_token,
        account.authority,
    )
    imap = (
        Server(
            account.imap_host,
            account.imap_port,
            Security(account.imap_security),
            account.username,
            secret,
            by_token,
            account.authority,
        )
        if account.imap_host
        else None
    )
    until = held.get("access_until")
    return Servers(
        smtp,
        imap,
        App(account.oauth_client_id, held.get("client_secret", "")) if by_token else None,
        account.oauth,
        held.get("refresh", ""),
        datetime.fromisoformat(until) if until else None,
    )


def stationery(account: MailAccount) -> Stationery:
    """As whom the account writes; the signing key is read here, once for many mails."""
    sender = account.sender
    held = unlock(bytes(account.secrets), account_key())
    key = held.get("dkim_key", "")
    domain = sender.email.rpartition("@")[2]
    return Stationery(
        sender.name,
        sender.email,
        sender.reply_to,
        way_key(),
        settings.URL,
        sender.email,
        Signer(domain, account.dkim_selector, key.encode()) if key and account.dkim_selector else None,
        answer_key() if account.plus_address else b"",
        click_key() if account.count_clicks else b"",
        imprint(sender.company, sender.postal_address),
    )


def stationery_of(account_id: int) -> Stationery:
    return stationery(MailAccount.objects.select_related("sender").get(id=account_id))


def server_ports(limit: int = 50) -> tuple[tuple[str, int], ...]:
    """Host and port of every server that mail goes out or comes in by."""
    found = set(MailAccount.objects.values_list("smtp_host", "smtp_port")[:limit])
    found |= set(MailAccount.objects.values_list("imap_host", "imap_port")[:limit])
    return tuple(sorted((host, port) for host, port in found if host))


def due_accounts(now: datetime) -> tuple[int, ...]:
    """Accounts that have something to send and are able to."""
    waiting = Message.objects.due(now).values("sender_id")
    return tuple(
        MailAccount.objects.able(now)
        .filter(sender_id__in=waiting)
        .order_by("id")
        .values_list("id", flat=True)
    )


def doubtful_accounts() -> tuple[int, ...]:
    """Accounts with messages in doubt and a mailbox to look into."""
    doubted = Message.objects.unsure().values("sender_id")
    held = MailAccount.objects.connected().exclude(imap_host="").filter(sender_id__in=doubted)
    return tuple(held.values_list("id", flat=True))


def filing_accounts() -> tuple[int, ...]:
    """Accounts whose sent mail we file ourselves, and that have some to file."""
    waiting = Attempt.objects.filter(result=Result.SENT, filed_at=None).values("account_id")
    held = MailAccount.objects.connected().filter(keeps_sent=False).exclude(imap_host="")
    return tuple(held.filter(id__in=waiting).values_list("id", flat=True))


@dataclass(frozen=True)
class AccountCard:
    """One mailbox as its page shows it. `reasons` are all the things that hold it back or warn, in words."""

    id: int
    sender_id: int
    name: str
    address: str
    server: str
    way: str
    cap_today: int
    used_today: int
    ceiling: int
    ramp_day: int
    next_at: datetime | None
    waiting: int
    unsure: int
    sent_week: int
    bounced_week: int
    holds: tuple[str, ...]
    warnings: tuple[str, ...]
    trouble: str
    trouble_stage: str
    trouble_mend: str
    paused: bool
    domain: str
    domain_grade: str
    checked_at: datetime | None
    read_at: datetime | None
    read_trouble: str
    listening: bool
    reads: bool
    clicks_people: int
    clicks_machines: int
    counts_clicks: bool


def accounts(now: datetime) -> tuple[AccountCard, ...]:
    rows = MailAccount.objects.connected().select_related("sender__user").order_by("sender__email")
    return tuple(_card(row, now) for row in rows)


def account(account_id: int, now: datetime) -> AccountCard:
    row = MailAccount.objects.connected().select_related("sender__user").filter(id=account_id).first()
    if row is None:
        raise NotFound("There is no such mail account.", where=f"mail account {account_id}")
    return _card(row, now)


@dataclass(frozen=True)
class Wiring:
    """An account's settings as its form shows them: everything but the secrets."""

    preset: str
    smtp_host: str
    smtp_port: int
    smtp_security: str
    imap_host: str
    imap_port: int
    imap_security: str
    username: str
    oauth: str
    oauth_client_id: str
    authority: str
    sent_folder: str
    keeps_sent: bool
    dkim_selector: str
    plus_address: bool
    count_clicks: bool


def wiring(account_id: int) -> Wiring:
    row = MailAccount.objects.connected().filter(id=account_id).first()
    if row is None:
        raise NotFound("There is no such mail account.", where=f"mail account {account_id}")
    return Wiring(**{name: getattr(row, name) for name in Wiring.__dataclass_fields__})


def limits_of(account_id: int) -> Limits:
    """The pace that an account may keep."""
    row = MailAccount.objects.connected().filter(id=account_id).first()
    if row is None:
        raise NotFound("There is no such mail account.", where=f"mail account {account_id}")
    return row.limits


def account_of(sender_id: int) -> int | None:
    """The account behind a sender, a disconnected one too: connecting again revives it."""
    return MailAccount.objects.filter(sender=sender_id).values_list("id", flat=True).first()


def account_named(text: str) -> int:
    """By number or by the sender's address."""
    found = MailAccount.objects.connected().filter(
        Q(id=int(text)) if text.isdecimal() else Q(sender__email__iexact=text)
    )
    number = found.values_list("id", flat=True).first()
    if number is None:
        known = ", ".join(MailAccount.objects.connected().values_list("sender__email", flat=True)[:10])
        raise NotFound(
            f"No connected account is called {text!r}.",
            where="mail account",
            mend=f"There are: {known}." if known else "Connect one on the page of mailboxes.",
        )
    return number


def _card(row: MailAccount, now: datetime) -> AccountCard:
    pace = pace_of(row, now)
    past = record_of(row, now)
    answer = room_now(pace, row.limits, now)
    judged: tuple[Judgement, ...] = pauses(past)
    outbox = Message.objects.filter(sender_id=row.sender_id).aggregate(
        waiting=Count("id", filter=Q(status=MessageStatus.QUEUED)),
        unsure=Count("id", filter=Q(status=MessageStatus.UNSURE)),
    )
    name = row.sender.email.rpartition("@")[2].lower()
    domain = SendingDomain.objects.filter(name=name).first()
    inbox = row.cursors.filter(folder__iexact="INBOX").first()
    clicks = Click.objects.filter(message__sender=row.sender_id, at__gt=now - timedelta(days=30)).aggregate(
        people=Count("id", filter=Q(machine=False)), machines=Count("id", filter=Q(machine=True))
    )
    warned = [one.reason for one in judged if not one.pause]
    if not pace.domain.reason.startswith("Authentication holds"):
        warned.append(pace.domain.reason)
    return AccountCard(
        row.pk,
        row.sender_id,
        row.sender.name,
        row.sender.email,
        f"{row.smtp_host}:{row.smtp_port}",
        row.oauth or "password",
        pace.cap,
        pace.used_today,
        row.ceiling,
        row.ramp_days,
        row.next_at,
        outbox["waiting"],
        outbox["unsure"],
        past.sent,
        past.bounced,
        (answer.reason,) if isinstance(answer, Hold) else (),
        tuple(warned),
        row.trouble,
        row.trouble_stage,
        row.trouble_mend,
        bool(row.paused_reason),
        name,
        domain.grade if domain else "",
        row.checked_at,
        inbox.synced_at if inbox else None,
        inbox.trouble if inbox else "",
        row.listens_until is not None and row.listens_until > now,
        bool(row.imap_host),
        clicks["people"],
        clicks["machines"],
        row.count_clicks,
    )


@dataclass(frozen=True)
class Unsigned:
    """An address that sent mail in a domain's name which neither SPF nor DKIM vouched for."""

    address: str
    mails: int
    reporters: tuple[str, ...]


@dataclass(frozen=True)
class DomainCard:
    """One sending domain; findings as stored: {check, status, what, mend, put}."""

    id: int
    name: str
    checked_at: datetime | None
    ok: bool | None
    grade: str
    findings: tuple[dict[str, object], ...]
    failing_since: datetime | None
    cold_allowed: bool
    cold_reason: str
    trouble: str
    reported_passed: int
    reported_failed: int
    selectors: tuple[str, ...]
    reporters: tuple[str, ...]
    unsigned: tuple[Unsigned, ...]


def domains(now: datetime) -> tuple[DomainCard, ...]:
    cards = []
    for row in SendingDomain.objects.order_by("name"):
        month = list(row.reports.filter(ends_at__gt=now - timedelta(days=30)))
        cold = cold_mail(row.failing_since, now)
        cards.append(
            DomainCard(
                row.pk,
                row.name,
                row.checked_at,
                row.ok,
                row.grade,
                tuple(row.findings),
                row.failing_since,
                cold.allowed,
                cold.reason,
                row.check_trouble,
                sum(report.passed for report in month),
                sum(report.failed for report in month),
                tuple(row.selectors),
                tuple(sorted({report.reporter for report in month})),
                _unsigned(month),
            )
        )
    return tuple(cards)


def unasked_domains() -> tuple[str, ...]:
    """Domains that accounts send from and DNS was never asked about, by name."""
    asked = set(SendingDomain.objects.values_list("name", flat=True))
    senders = MailAccount.objects.connected().values_list("sender__email", flat=True)
    return tuple(sorted({email.rpartition("@")[2].lower() for email in senders} - asked))


def _unsigned(reports: Iterable[DmarcReport], most: int = 10) -> tuple[Unsigned, ...]:
    """Those who send most of it first: a service of ours that was forgotten, or somebody else."""
    mails: Counter[str] = Counter()
    told: dict[str, set[str]] = {}
    for report in reports:
        for source in report.sources:
            if not (source["spf"] or source["dkim"]):
                mails[source["address"]] += source["count"]
                told.setdefault(source["address"], set()).add(report.reporter)
    return tuple(
        Unsigned(address, many, tuple(sorted(told[address]))) for address, many in mails.most_common(most)
    )


@dataclass(frozen=True)
class Doubtful:
    """A message whose fate a person may settle."""

    id: int
    to_email: str
    subject: str
    begun_at: datetime | None
    reason: str
    sender: str


def doubtful(limit: int = 100) -> tuple[Doubtful, ...]:
    rows = Message.objects.unsure().select_related("sender").order_by("begun_at")[:limit]
    return tuple(
        Doubtful(
            row.pk,
            row.to_email,
            row.subject,
            row.begun_at,
            row.reason,
            row.sender.email if row.sender else "",
        )
        for row in rows
    )


def unsubscribe_card(token: str) -> str:
    """The address that a way out belongs to, partly hidden: whoever holds a forwarded mail sees this too."""
    number = message_of(token, way_key())
    address = Message.objects.filter(id=number).values_list("to_email", flat=True).first() if number else None
    if address is None:
        raise NotFound("This link is not one of ours.", where="unsubscribe", mend="Answer the mail instead.")
    local, _, domain = address.rpartition("@")
    return f"{local[:1]}{'•' * max(1, len(local) - 1)}@{domain}"
