"""Whom we may not contact, and on what ground we may contact others."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from panout.team.models import User

SUPPRESSED_BY = [(kind, kind) for kind in ("person", "email", "phone", "domain", "hash")]


class SuppressionSet(models.QuerySet["Suppression"]):
    def in_force(self, now: datetime) -> SuppressionSet:
        return self.filter(lifted_at=None).filter(Q(expires_at=None) | Q(expires_at__gt=now))


class Suppression(models.Model):
    """A wish or a rule not to contact. Never deleted: it is lifted, by somebody, for a reason.

    `value` is the normalised address, number, domain, contact id, or (kind hash) the salted hash that erasure
    leaves behind. `channel` empty: all channels.
    """

    kind = models.CharField(max_length=8, choices=SUPPRESSED_BY)
    value = models.CharField(max_length=320)
    channel = models.CharField(max_length=20, default="", blank=True)
    reason = models.CharField(max_length=40)  # unsubscribed, asked, hard_bounce, complaint, law, manual...
    note = models.TextField(default="", blank=True)
    source = models.CharField(max_length=120)  # a reply, an import, a page
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    expires_at = models.DateTimeField(null=True)
    lifted_at = models.DateTimeField(null=True)
    lifted_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    objects = SuppressionSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "value", "channel"],
                condition=Q(lifted_at=None),
                name="a_suppression_stands_once",
            ),
            models.CheckConstraint(condition=~Q(value=""), name="a_suppression_names_somebody"),
        ]


class Ground(models.Model):
    """Why we may write to somebody on a channel: the lawful basis, its source, when they were told."""

    kind = models.CharField(max_length=8, choices=SUPPRESSED_BY)  # whom it speaks of, named as above
    value = models.CharField(max_length=320)
    channel = models.CharField(max_length=20, default="", blank=True)
    basis = models.CharField(max_length=40)  # consent, legitimate_interest, contract, public_register
    source = models.CharField(max_length=300)
    noticed_on = models.DateField(null=True)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [models.Index(fields=["kind", "value"], name="ground_by_whom")]


class Screening(models.Model):
    """One asking of a do-not-call register about a list of numbers. Never deleted: it is withdrawn, for a reason."""

    register = models.CharField(max_length=60)  # by its key in the table of registers: GB TPS
    screened_on = models.DateField()
    valid_until = models.DateField()  # the last day on which it may be relied on
    source = models.CharField(max_length=120)
    numbers = models.PositiveIntegerField()
    listed = models.PositiveIntegerField()
    recorded_at = models.DateTimeField()
    recorded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until__gte=models.F("screened_on")), name="a_screening_is_valid_on_its_day"
            ),
            models.CheckConstraint(
                condition=Q(listed__lte=models.F("numbers")), name="a_listed_number_was_screened"
            ),
        ]


class ScreenedNumber(models.Model):
    """What a screening said of one number, in its E.164 form."""

    screening = models.ForeignKey(Screening, models.CASCADE, related_name="answers", db_index=False)
    number = models.CharField(max_length=40)
    listed = models.BooleanField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["screening", "number"], name="a_number_is_screened_once")
        ]
        indexes = [models.Index(fields=["number"], name="screened_by_number")]


class Salt(models.Model):
    """What erased addresses are hashed with: made once for an installation, kept with its data.

    It lives in the database, so that a backup brings it back: with another salt an erased person would
    no longer be recognised on the next list.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    value = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_salt")]


class Processor(models.Model):
    """Somebody outside to whom we have handed people's data, and who is told when one of them is erased."""

    name = models.CharField(max_length=120)
    holds = models.CharField(max_length=300, default="", blank=True)  # what they do for us
    url = models.CharField(max_length=500, default="", blank=True)  # empty: somebody tells them by hand
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"], condition=Q(retired_at=None), name="a_processor_is_noted_once"
            )
        ]


class ErasureNotice(models.Model):
    """One erasure that one processor must hear of (Art. 19). Whom it names is sealed, and gone once told."""

    processor = models.ForeignKey(Processor, models.PROTECT, related_name="notices")
    contact_id = models.BigIntegerField()
    sealed = models.BinaryField()
    made_at = models.DateTimeField()
    next_try_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    trouble = models.CharField(max_length=300, default="", blank=True)
    told_at = models.DateTimeField(null=True)
    told_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(told_at=None) | Q(sealed=b""), name="a_told_notice_names_nobody"
            )
        ]
        indexes = [models.Index(fields=["next_try_at"], name="notices_untold", condition=Q(told_at=None))]


class Erasure(models.Model):
    """Somebody erased from all that is theirs, whose names are still looked for in whatever else we keep.

    `left` are the places not looked through yet, in order. The names are sealed, and gone once nothing is left.
    """

    contact_id = models.BigIntegerField()
    sealed = models.BinaryField()
    lists = ArrayField(models.BigIntegerField())  # uploaded lists that surely have them
    left = ArrayField(models.CharField(max_length=80))
    total = models.PositiveSmallIntegerField()
    asked_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(sealed=b"", left=[]), name="a_finished_erasure_names_nobody"
            )
        ]
        indexes = [models.Index(fields=["id"], name="erasures_at_work", condition=Q(finished_at=None))]


class RetentionRule(models.Model):
    """How long we keep somebody with whom nothing happens. One for the installation."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    months = models.PositiveSmallIntegerField(default=24)
    notice_days = models.PositiveSmallIntegerField(default=30)
    erases = models.BooleanField(default=False)  # off: they are listed, and a person decides

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_retention_rule"),
            models.CheckConstraint(
                condition=Q(months__gte=1) & Q(notice_days__gte=1), name="retention_leaves_time_to_look"
            ),
        ]


class RetentionCase(models.Model):
    """Somebody whose time has run out: listed, then erased, unless a person keeps them for a reason."""

    contact_id = models.BigIntegerField()
    found_on = models.DateField()
    last_contact_on = models.DateField()
    erase_on = models.DateField()
    outcome = models.CharField(
        max_length=10, default="", choices=[(one, one) for one in ("", "kept", "erased", "alive")]
    )
    reason = models.CharField(max_length=300, default="", blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact_id"], condition=Q(outcome=""), name="somebody_is_due_once"
            )
        ]
        indexes = [models.Index(fields=["erase_on"], name="cases_open", condition=Q(outcome=""))]
