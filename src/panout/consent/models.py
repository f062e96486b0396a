"""Whom we may not contact, and on what ground we may contact others."""

from __future__ import annotations

from datetime import datetime

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


class Salt(models.Model):
    """What erased addresses are hashed with: made once for an installation, kept with its data.

    It lives in the database, so that a backup brings it back: with another salt an erased person would
    no longer be recognised on the next list.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    value = models.CharField(max_length=64)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="there_is_one_salt")]
