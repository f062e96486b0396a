"""Ideal customer profiles: one living document each, kept version by version."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from panout.team.models import User


class Icp(models.Model):
    """A profile by name. Its words are in its versions; at most one of them is active."""

    name = models.CharField(max_length=120)
    ae = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # owned by an AE ...
    sdr = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # ... and an SDR together
    review_every_days = models.PositiveSmallIntegerField(default=30)
    next_review_on = models.DateField(null=True)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="an_icp_name_is_used_once")]


class IcpVersion(models.Model):
    """The profile as YAML at one moment; a draft until somebody activates it, then it never changes."""

    icp = models.ForeignKey(Icp, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    text = models.TextField()  # YAML, as `panout icp check` takes it
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(default="", blank=True)
    created_at = models.DateTimeField()
    activated_at = models.DateTimeField(null=True)
    activated_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    retired_at = models.DateTimeField(null=True)
    edits = models.PositiveIntegerField(default=1)  # of the draft: two people editing notice each other

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["icp", "number"], name="icp_versions_are_numbered"),
            models.UniqueConstraint(
                fields=["icp"],
                condition=Q(activated_at__isnull=False, retired_at=None),
                name="one_version_of_an_icp_is_active",
            ),
        ]
