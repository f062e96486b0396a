"""Micro-campaigns: one hypothesis, its people in arms, and the decision with its evidence frozen."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from panout.cadence.models import CadenceVersion, Enrolment
from panout.icp.models import IcpVersion
from panout.outreach.models import Sender
from panout.resolve.models import Contact
from panout.team.models import User


class CampaignState(models.TextChoices):
    """Where a campaign stands."""

    DRAFT = "draft"
    RUNNING = "running"
    DECIDED = "decided"


class Metric(models.TextChoices):
    """What is counted, said before the first touch."""

    POSITIVE = "positive"  # an interested answer, or a meeting
    MEETING = "meeting"


class Campaign(models.Model):
    """One hypothesis: an ICP slice, one or two signals, one value proposition, and how it will be judged."""

    name = models.CharField(max_length=120)
    hypothesis = models.TextField()
    audience = models.TextField(default="", blank=True)  # criteria text
    signals = ArrayField(models.CharField(max_length=40), default=list)
    value_proposition = models.TextField(default="", blank=True)
    icp_version = models.ForeignKey(IcpVersion, models.PROTECT, null=True, related_name="+")
    metric = models.CharField(max_length=10, choices=Metric.choices, default=Metric.POSITIVE)
    hold_out = models.FloatField(default=0)
    thompson = models.BooleanField(default=False)  # arms by Thompson sampling instead of by weight
    sender = models.ForeignKey(Sender, models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    state = models.CharField(max_length=8, choices=CampaignState.choices, default=CampaignState.DRAFT)
    created_at = models.DateTimeField()
    launched_at = models.DateTimeField(null=True)
    review_on = models.DateField()
    most = models.PositiveIntegerField(default=150)
    open_until = models.DateField(null=True)  # until then it takes in who newly belongs to its audience
    per_account = models.PositiveSmallIntegerField(null=True)  # people of one account, until one engages

    class Meta:
        constraints = [
            models.UniqueConstraint(Lower("name"), name="a_campaign_name_is_used_once"),
            models.CheckConstraint(
                condition=Q(hold_out__gte=0, hold_out__lte=0.5), name="a_hold_out_is_a_share"
            ),
            models.CheckConstraint(
                condition=Q(state="draft") ^ Q(launched_at__isnull=False),
                name="a_launched_campaign_has_its_start",
            ),
        ]


class Arm(models.Model):
    """One variant: which cadence its people go through."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="arms")
    key = models.CharField(max_length=20)
    name = models.CharField(max_length=120)
    version = models.ForeignKey(CadenceVersion, models.PROTECT, related_name="+")
    weight = models.FloatField(default=1)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "key"], name="an_arm_key_is_used_once_in_a_campaign"),
            models.CheckConstraint(condition=Q(weight__gte=0), name="a_weight_is_not_negative"),
        ]


class Member(models.Model):
    """One person in a campaign. Held out: left alone on purpose, without arm and enrolment."""

    campaign = models.ForeignKey(Campaign, models.CASCADE, related_name="members")
    contact = models.ForeignKey(Contact, models.PROTECT, related_name="+")
    arm = models.ForeignKey(Arm, models.PROTECT, null=True, related_name="members")
    enrolment = models.ForeignKey(Enrolment, models.PROTECT, null=True, related_name="+")
    held_out = models.BooleanField(default=False)
    refused = models.CharField(max_length=200, default="", blank=True)
    joined_at = models.DateTimeField()
    persona = models.CharField(max_length=60, default="", blank=True)
    industry = models.CharField(max_length=120, default="", blank=True)
    signal = models.CharField(max_length=40, default="", blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "contact"], name="a_person_is_in_a_campaign_once"),
            models.CheckConstraint(
                condition=Q(held_out=False) | Q(arm=None, enrolment=None), name="the_held_out_are_left_alone"
            ),
        ]
        indexes = [models.Index(fields=["contact"], name="campaigns_of_contact")]


class Decision(models.Model):
    """Keep, kill or iterate, with the evidence as it stood that day. Never edited."""

    campaign = models.ForeignKey(Campaign, models.PROTECT, related_name="decisions")
    call = models.CharField(max_length=8)
    proposed = models.CharField(max_length=8)
    why = models.TextField()
    evidence = models.JSONField()
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
