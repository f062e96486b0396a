"""Mailboxes and what passed through them, and the domains they send from."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from panout.mailbox.rules.limits import Limits
from panout.outreach.models import Message, Sender
from panout.team.models import User


class Result(StrEnum):
    """How one attempt ended."""

    SENT = "sent"
    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    UNSURE = "unsure"


class MailAccountSet(models.QuerySet["MailAccount"]):
    def connected(self) -> MailAccountSet:
        return self.filter(disconnected_at=None)

    def able(self, now: datetime) -> MailAccountSet:
        """Connected, and not standing still for trouble with the server or the sign-in."""
        return self.connected().filter(Q(trouble_until=None) | Q(trouble_until__lte=now))


class MailAccount(models.Model):
    """The mailbox behind a sender: servers, secrets (encrypted), pace, and where it stands today."""

    sender = models.OneToOneField(Sender, models.PROTECT, related_name="+")
    preset = models.CharField(max_length=20, default="own")
    smtp_host = models.CharField(max_length=255)
    smtp_port = models.PositiveIntegerField()
    smtp_security = models.CharField(max_length=10)
    imap_host = models.CharField(max_length=255, blank=True, default="")
    imap_port = models.PositiveIntegerField(default=993)
    imap_security = models.CharField(max_length=10, default="tls")
    username = models.CharField(max_length=320, blank=True, default="")
    oauth = models.CharField(max_length=20, blank=True, default="")  # google, microsoft; "": password
    oauth_client_id = models.CharField(max_length=300, blank=True, default="")
    # Fernet over a JSON object: password, client_secret, refresh, access, access_until, dkim_key.
    secrets = models.BinaryField()
    authority = models.CharField(max_length=500, blank=True, default="")  # PEM file of a server of one's own
    sent_folder = models.CharField(max_length=200, blank=True, default="")
    keeps_sent = models.BooleanField(default=False)  # the provider files sent mail itself
    dkim_selector = models.CharField(max_length=60, blank=True, default="")
    provider_limit = models.PositiveIntegerField(null=True)
    plus_address = models.BooleanField(
        default=False
    )  # answers are asked to name+token@, if the server knows it
    count_clicks = models.BooleanField(default=False)

    ramp_start = models.PositiveIntegerField(default=Limits.start)
    ramp_step = models.PositiveIntegerField(default=Limits.step)
    ceiling = models.PositiveIntegerField(default=Limits.ceiling)
    per_hour = models.PositiveIntegerField(default=Limits.per_hour)
    per_domain = models.PositiveIntegerField(default=Limits.per_domain)
    gap_least = models.FloatField(default=Limits.gap[0])
    gap_most = models.FloatField(default=Limits.gap[1])

    # Counted when claimed, not when sent: two workers cannot both take the last of the day.
    used_on = models.DateField(null=True)
    used_today = models.PositiveIntegerField(default=0)
    ramp_days = models.PositiveIntegerField(default=0)
    next_at = models.DateTimeField(null=True)

    paused_reason = models.CharField(max_length=300, blank=True, default="")
    paused_rule = models.CharField(max_length=20, blank=True, default="")  # "": by a person
    paused_at = models.DateTimeField(null=True)
    resumed_at = models.DateTimeField(null=True)  # what happened before no longer speaks against it

    trouble = models.CharField(max_length=500, blank=True, default="")
    trouble_stage = models.CharField(max_length=40, blank=True, default="")
    trouble_mend = models.CharField(max_length=300, blank=True, default="")
    trouble_until = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)

    # The worker that waits at the mailbox for news, and until when that holds; others ask every minute.
    listener = models.CharField(max_length=80, blank=True, default="")
    listens_until = models.DateTimeField(null=True)

    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    disconnected_at = models.DateTimeField(null=True)

    objects = MailAccountSet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(gap_least__gte=0) & Q(gap_most__gte=F("gap_least")),
                name="a_gap_has_least_and_most",
            ),
            models.CheckConstraint(
                condition=Q(smtp_security__in=["tls", "starttls", "none"])
                & Q(imap_security__in=["tls", "starttls", "none"]),
                name="an_account_says_how_it_is_secured",
            ),
        ]

    @property
    def limits(self) -> Limits:
        return Limits(
            self.ramp_start,
            self.ramp_step,
            self.ceiling,
            self.per_hour,
            self.per_domain,
            (self.gap_least, self.gap_most),
        )


class Attempt(models.Model):
    """One conversation with a mail server about one message, as it ended."""

    message = models.ForeignKey(Message, models.CASCADE, related_name="+")
    account = models.ForeignKey(MailAccount, models.PROTECT, related_name="attempts", db_index=False)
    at = models.DateTimeField()
    result = models.CharField(max_length=12, choices=[(one.value, one.value) for one in Result])
    cold = models.BooleanField()
    to_domain = models.CharField(max_length=255)
    kind = models.CharField(max_length=20, blank=True, default="")  # whose fault: rules.failures.Kind
    stage = models.CharField(max_length=40, blank=True, default="")
    said = models.TextField(blank=True, default="")  # the server's own line
    what = models.TextField(blank=True, default="")
    filed_at = models.DateTimeField(null=True)  # when our copy went into the Sent folder
    answered_at = models.DateTimeField(null=True)  # told by whoever reads the answers

    class Meta:
        indexes = [
            models.Index(fields=["account", "-at"], name="attempts_of_account"),
            models.Index(fields=["at"], name="attempts_by_time"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(result__in=[one.value for one in Result]), name="an_attempt_ends_in_one_way"
            )
        ]


class Click(models.Model):
    """One visit to a link of a mail that counts its clicks. No address of the visitor is kept.

    `place` counts the links of the mail from 0. A machine's visit says why it is taken for one.
    """

    message = models.ForeignKey(Message, models.CASCADE, related_name="+", db_index=False)
    place = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    agent = models.CharField(max_length=300, blank=True, default="")
    machine = models.BooleanField()
    why = models.CharField(max_length=120, blank=True, default="")

    class Meta:
        indexes = [models.Index(fields=["message", "-at"], name="clicks_of_message")]
        constraints = [
            models.CheckConstraint(
                condition=Q(machine=False) | ~Q(why=""), name="a_machine_is_called_one_for_a_reason"
            )
        ]


class Bounce(models.Model):
    """A delivery that failed after it was accepted, or a complaint. Written by whoever reads the mailbox."""

    account = models.ForeignKey(MailAccount, models.PROTECT, related_name="bounces", db_index=False)
    message = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+")
    address = models.CharField(max_length=320)
    hardness = models.CharField(max_length=10)  # hard, soft, policy, complaint
    status = models.CharField(max_length=20, blank=True, default="")
    diagnostic = models.TextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        indexes = [
            models.Index(fields=["account", "-at"], name="bounces_of_account"),
            models.Index(fields=["address", "-at"], name="bounces_of_address"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(hardness__in=["hard", "soft", "policy", "complaint"]),
                name="a_bounce_has_a_hardness",
            )
        ]


class SendingDomain(models.Model):
    """A domain that senders write from, with the outcome of its last check."""

    name = models.CharField(max_length=253, unique=True)
    selectors = ArrayField(models.CharField(max_length=63), default=list)
    addresses = ArrayField(models.GenericIPAddressField(), default=list)
    checked_at = models.DateTimeField(null=True)
    ok = models.BooleanField(null=True)
    grade = models.CharField(max_length=1, blank=True, default="")
    findings = models.JSONField(default=list)  # [{check, status, what, mend, put}]
    failing_since = models.DateTimeField(null=True)  # of authentication alone
    check_trouble = models.CharField(max_length=300, blank=True, default="")


class DomainCheck(models.Model):
    """One day's outcome, kept for the page's history."""

    domain = models.ForeignKey(SendingDomain, models.CASCADE, related_name="checks")
    at = models.DateTimeField()
    ok = models.BooleanField()
    grade = models.CharField(max_length=1)
    failed = ArrayField(models.CharField(max_length=20), default=list)


class DmarcReport(models.Model):
    """What one receiver saw of mail that named a domain of ours (RFC 7489 7.2)."""

    domain = models.ForeignKey(SendingDomain, models.CASCADE, related_name="reports")
    reporter = models.CharField(max_length=200)
    report_id = models.CharField(max_length=300)
    begins_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    passed = models.PositiveIntegerField()
    failed = models.PositiveIntegerField()
    sources = models.JSONField(default=list)  # [{address, count, spf, dkim, disposition}]

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["domain", "reporter", "report_id"], name="a_report_is_read_once")
        ]


class Cursor(models.Model):
    """How far a folder has been read. A new UIDVALIDITY makes all numbers new: reading starts over."""

    account = models.ForeignKey(MailAccount, models.CASCADE, related_name="cursors")
    folder = models.CharField(max_length=200)
    uidvalidity = models.BigIntegerField(default=0)
    last_uid = models.BigIntegerField(default=0)
    synced_at = models.DateTimeField(null=True)
    trouble = models.CharField(max_length=300, blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "folder"], name="a_folder_has_one_cursor"),
        ]


class Inbound(models.Model):
    """A message as it came in, byte for byte; what it means is the replies room's to say, again and again.

    `digest` knows a message again in another folder, under another number, or after a new UIDVALIDITY.
    """

    account = models.ForeignKey(
        MailAccount, models.PROTECT, null=True, related_name="inbound", db_index=False
    )
    folder = models.CharField(max_length=200, blank=True, default="")
    uid = models.BigIntegerField(null=True)
    digest = models.CharField(max_length=64)
    raw = models.BinaryField()
    truncated = models.BooleanField(default=False)
    received_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)  # when the replies room took it up

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["account", "digest"], nulls_distinct=False, name="a_message_comes_in_once_per_mailbox"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="inbound_unread", condition=Q(read_at=None)),
            models.Index(fields=["account", "-received_at"], name="inbound_of_account"),
        ]
