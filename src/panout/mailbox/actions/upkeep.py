"""Verbs that keep mailboxes and domains healthy.

apply_pause_rules(now)                                      bounces, complaints, silence
publish_room(now)                                           tell senders what their account has left
check_domains(now, door)                                    the daily look at DNS
read_dmarc(mail, now) -> int                                aggregate reports in one mail
record_unsubscribe(token, via, now)                         the way out was taken
record_bounce(account_id, ...), record_answers(answered)     by whoever reads the mailbox
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime

from django.db import transaction

from panout.clients.dns import Dns
from panout.consent.actions import suppress
from panout.consent.rules.suppression import Kind, Reason
from panout.kernel.channels import Channel
from panout.kernel.errors import NotFound, Unavailable
from panout.mailbox.actions.accounts import pause
from panout.mailbox.inspection import Ask, inspect
from panout.mailbox.models import (
    Attempt,
    Bounce,
    DmarcReport,
    DomainCheck,
    MailAccount,
    Result,
    SendingDomain,
)
from panout.mailbox.queries import pace_of, record_of, way_key
from panout.mailbox.rules.dmarc import reports_in
from panout.mailbox.rules.health import Finding, Standing, authentication_fails, judge
from panout.mailbox.rules.limits import Hold, pauses, room_now
from panout.mailbox.rules.ways_out import message_of
from panout.outreach.models import Message, MessageStatus, Sender
from panout.team.actions import record
from panout.team.rules import SYSTEM


def apply_pause_rules(now: datetime) -> tuple[int, ...]:
    """Pause the accounts whose record asks for it; ids."""
    paused = []
    for account in MailAccount.objects.connected().filter(paused_reason=""):
        worst = next((one for one in pauses(record_of(account, now)) if one.pause), None)
        if worst is not None:
            pause(SYSTEM, account.pk, worst.reason, now, rule=worst.rule)
            paused.append(account.pk)
    return tuple(paused)


def publish_room(now: datetime) -> None:
    """Rooms upstream cannot ask the mailbox; they read what it writes on the sender."""
    for account in MailAccount.objects.connected().select_related("sender__user"):
        pace = pace_of(account, now)
        answer = room_now(pace, account.limits, now)
        lasting = isinstance(answer, Hold) and (bool(pace.paused) or not pace.domain.allowed)
        Sender.objects.filter(id=account.sender_id).update(
            left_today=0 if lasting else max(0, pace.cap - pace.used_today),
            left_on=pace.day,
            opens_at=answer.until if isinstance(answer, Hold) else None,
            hold_reason=answer.reason[:300] if isinstance(answer, Hold) else "",
            domain_trouble="" if pace.domain.allowed else pace.domain.reason[:300],
        )
    alive = MailAccount.objects.connected().values("sender_id")
    Sender.objects.exclude(id__in=alive).update(left_today=None, left_on=None, opens_at=None)


def follow_domains() -> None:
    """Every domain that a connected account sends from is looked after."""
    emails = MailAccount.objects.connected().values_list("sender__email", flat=True)
    for name in {email.rpartition("@")[2].lower() for email in emails}:
        SendingDomain.objects.get_or_create(name=name)


def check_domains(now: datetime, door: Dns) -> None:
    """Look at each domain anew. A resolver that is silent changes nothing but the note that it was."""
    follow_domains()
    for domain in SendingDomain.objects.order_by("name"):
        check_domain(domain.pk, now, door)


def check_domain(domain_id: int, now: datetime, door: Dns) -> None:
    domain = SendingDomain.objects.filter(id=domain_id).first()
    if domain is None:
        raise NotFound("There is no such domain.", where=f"domain {domain_id}")
    selectors = set(domain.selectors)
    own = MailAccount.objects.connected().filter(sender__email__iendswith=f"@{domain.name}")
    selectors |= {name for name in own.values_list("dkim_selector", flat=True) if name}
    try:
        seen = inspect(Ask(domain.name, tuple(sorted(selectors)), tuple(domain.addresses)), door)
    except Unavailable as silent:
        SendingDomain.objects.filter(id=domain_id).update(check_trouble=silent.what[:300])
        return
    health = judge(seen, now)
    fails = not seen.exists or authentication_fails(health.findings)
    with transaction.atomic():
        SendingDomain.objects.filter(id=domain_id).update(
            checked_at=now,
            ok=health.ok,
            grade=health.grade,
            findings=[_kept(one) for one in health.findings],
            failing_since=(domain.failing_since or now) if fails else None,
            check_trouble="",
        )
        failed = [one.check for one in health.findings if one.status is Standing.FAIL]
        DomainCheck.objects.create(
            domain_id=domain_id, at=now, ok=health.ok, grade=health.grade, failed=failed
        )


def _kept(one: Finding) -> dict[str, object]:
    return {**asdict(one), "status": one.status.value}


def read_dmarc(mail: bytes) -> int:
    """File the aggregate reports in a mail; how many were new. Raises BadInput for what is no report."""
    new = 0
    for report in reports_in(mail):
        domain = SendingDomain.objects.filter(name=report.domain).first()
        if domain is None:
            # Anybody can send us a report about anybody's domain.
            continue
        _row, made = DmarcReport.objects.get_or_create(
            domain=domain,
            reporter=report.reporter,
            report_id=report.report_id,
            defaults={
                "begins_at": report.begins_at,
                "ends_at": report.ends_at,
                "passed": report.passed,
                "failed": report.failed,
                "sources": [asdict(source) for source in report.sources],
            },
        )
        new += made
    return new


@transaction.atomic
def record_unsubscribe(token: str, via: str, now: datetime) -> str:
    """The recipient of a mail took its way out: suppressed at once, on email, for good. Safe to repeat.

    `via` says how: one-click, page, mail. Returns the address; raises NotFound for a token not ours. Called
    only for a POST or a mail: scanners follow links, so a GET must never come here.
    """
    number = message_of(token, way_key())
    message = Message.objects.filter(id=number).first() if number is not None else None
    if message is None:
        raise NotFound("This link is not one of ours.", where="unsubscribe", mend="Answer the mail instead.")
    suppress(
        SYSTEM,
        Kind.EMAIL,
        message.to_email,
        Reason.UNSUBSCRIBED,
        f"way out of message {message.pk} ({via})",
        now,
        channel="email",
    )
    waiting = Message.objects.filter(
        to_email__iexact=message.to_email, cold=True, status__in=[MessageStatus.QUEUED, MessageStatus.REVIEW]
    )
    waiting.update(status=MessageStatus.CANCELLED, reason="Unsubscribed")
    return message.to_email


@transaction.atomic
def record_bounce(
    account_id: int,
    address: str,
    hardness: str,
    now: datetime,
    *,
    message_id: int | None = None,
    status: str = "",
    diagnostic: str = "",
) -> None:
    """A bounce or complaint that came by mail. Hard ones and complaints suppress; policy ones never do."""
    Bounce.objects.create(
        account_id=account_id,
        message_id=message_id,
        address=address,
        hardness=hardness,
        status=status,
        diagnostic=diagnostic[:2000],
        at=now,
    )
    if hardness == "hard":
        suppress(
            SYSTEM,
            Kind.EMAIL,
            address,
            Reason.BOUNCED,
            f"bounce {status}".strip(),
            now,
            channel=Channel.EMAIL.value,
        )
    elif hardness == "complaint":
        suppress(SYSTEM, Kind.EMAIL, address, Reason.COMPLAINED, "complaint (feedback report)", now)
    record(SYSTEM, f"record {hardness} bounce", "mail account", account_id, address, now=now)


def record_answers(answered: Mapping[int, datetime]) -> None:
    """These mails were answered, and when; what an account's silence is measured by. Once told, it stays."""
    open_ones = Attempt.objects.filter(message_id__in=list(answered), result=Result.SENT, answered_at=None)
    rows = list(open_ones.only("id", "message_id"))
    for row in rows:
        row.answered_at = answered[row.message_id]
    Attempt.objects.bulk_update(rows, ["answered_at"])
