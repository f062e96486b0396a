"""What the learning room keeps: proposals to change what lies upstream, each with its evidence."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from panout.icp.models import Icp, IcpVersion
from panout.learn.rules.proposals import Axis, Kind
from panout.team.models import User


class ProposalState(models.TextChoices):
    """Where a proposal stands."""

    OPEN = "open"
    ACCEPTED = "accepted"
    DECLINED = "declined"


class Proposal(models.Model):
    """One change of a profile that the outcomes speak for; `evidence` is as it stood when it was made."""

    icp = models.ForeignKey(Icp, models.PROTECT, related_name="+")
    kind = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Kind])
    axis = models.CharField(max_length=20, choices=[(one.value, one.value) for one in Axis])
    value = models.CharField(max_length=120)
    better = models.BooleanField()
    title = models.CharField(max_length=200)
    why = models.TextField()
    evidence = models.JSONField()
    state = models.CharField(max_length=8, choices=ProposalState.choices, default=ProposalState.OPEN)
    made_at = models.DateTimeField()
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    note = models.TextField(default="", blank=True)
    version = models.ForeignKey(IcpVersion, models.PROTECT, null=True, related_name="+")  # what it made

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["icp", "kind", "axis", "value"],
                condition=Q(state="open"),
                name="a_change_is_proposed_once_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state="open") ^ Q(decided_at__isnull=False),
                name="a_proposal_is_open_until_it_is_decided",
            ),
        ]
        indexes = [models.Index(fields=["state", "-made_at"], name="proposals_open_first")]
