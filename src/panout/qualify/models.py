"""Verdicts with their reasons, and each person's way through the lifecycle."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from panout.icp.models import IcpVersion
from panout.kernel.lifecycle import Lifecycle
from panout.resolve.models import Account, Contact
from panout.team.models import User

VERDICTS = [(word, word) for word in ("prospect", "lead", "disqualified")]


class Verdict(models.Model):
    """What the active profile says of a contact, or of an account that has no contact. One each, the latest.

    Axes are 0 to 100, NULL where nothing is known. `reasons` holds one object a rule:
    {"axis", "rule", "points", "held": true, false or null, "text"}.
    """

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="+", db_index=False)
    icp_version = models.ForeignKey(IcpVersion, models.PROTECT, related_name="+", db_index=False)
    verdict = models.CharField(max_length=12, choices=VERDICTS)
    fit = models.FloatField(null=True)
    intensity = models.FloatField(null=True)
    timing = models.FloatField(null=True)
    team = models.FloatField(null=True)
    priority = models.FloatField()
    known = models.FloatField()
    missing = ArrayField(models.TextField(), null=True)
    disqualifier = models.TextField(null=True)  # noqa: DJ001 - unknown is NULL in the book
    why_now = models.TextField(null=True)  # noqa: DJ001
    reasons = models.JSONField(default=list)
    scored_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=Q(contact__isnull=False), name="a_contact_has_one_verdict"
            ),
            models.UniqueConstraint(
                fields=["account"],
                condition=Q(contact=None),
                name="an_account_without_contact_has_one_verdict",
            ),
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(contact__isnull=False),
                name="a_verdict_is_about_somebody",
            ),
            models.CheckConstraint(
                condition=Q(priority__gte=0) & Q(priority__lte=100), name="priority_is_of_a_hundred"
            ),
        ]
        indexes = [
            models.Index(fields=["verdict", "-priority", "-id"], name="verdicts_ranked"),
            models.Index(fields=["account", "-priority"], name="verdicts_of_account"),
            models.Index(fields=["scored_at"], name="verdicts_oldest_first"),
            models.Index(fields=["icp_version"], name="verdicts_by_version"),
        ]


class LifecycleChange(models.Model):
    """A step from one stage to another: by the gate, or by a person who says why."""

    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="+", db_index=False)
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+", db_index=False)
    was = models.CharField(max_length=12)
    now = models.CharField(max_length=12, choices=[(s.value, s.value) for s in Lifecycle])
    reason = models.TextField()
    exception = models.BooleanField(default=False)  # promoted past the gate
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(exception=False) | ~Q(reason=""), name="an_exception_has_a_reason"
            ),
        ]
        indexes = [
            models.Index(fields=["contact", "-at"], name="lifecycle_of_contact"),
            models.Index(fields=["account", "-at"], name="lifecycle_of_account"),
            models.Index(fields=["now", "-at"], name="lifecycle_by_stage"),
        ]
