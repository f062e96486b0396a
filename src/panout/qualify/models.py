"""Verdicts with their reasons, each person's way through the lifecycle, and who gets whom."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from panout.icp.models import Icp, IcpVersion
from panout.kernel.lifecycle import Lifecycle
from panout.qualify.turns import Target
from panout.resolve.models import Account, Activity, Contact
from panout.team.models import Team, User

VERDICTS = [(word, word) for word in ("prospect", "lead", "disqualified")]


class Verdict(models.Model):
    """What the active profile says of a contact, or of an account that has no contact. One each, the latest.

    Axes are 0 to 100, NULL where nothing is known. Its reasons are its `Explanation`: lists read a million of
    these, and nobody reads more than one explanation at a time.
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
    scored_at = models.DateTimeField()

    class Meta:
        constraints = [
            # What a list asks of a verdict stands in the index: whoever is found by a tag is ranked without
            # reading their reasons.
            models.UniqueConstraint(
                fields=["contact"],
                include=["id", "verdict", "priority"],
                condition=Q(contact__isnull=False),
                name="a_contact_has_one_verdict",
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
            # Whom a verdict is about stands in the index: a list is walked without reading what is not shown.
            models.Index(
                fields=["verdict", "-priority", "-id"],
                include=["contact", "account"],
                name="verdicts_by_rank",
            ),
            models.Index(fields=["account", "-priority"], name="verdicts_of_account"),
            models.Index(fields=["scored_at"], name="verdicts_oldest_first"),
            models.Index(fields=["icp_version"], name="verdicts_by_version"),
        ]


class Explanation(models.Model):
    """Why a verdict is what it is: {"axis", "rule", "points", "held": true, false or null, "text"} a rule.

    The database deletes it with its verdict, whoever deletes that.
    """

    verdict = models.OneToOneField(
        Verdict, models.DO_NOTHING, primary_key=True, related_name="explanation", db_constraint=False
    )
    reasons = models.JSONField(default=list)


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


class AssignmentRuleSet(models.QuerySet["AssignmentRule"]):
    def in_use(self) -> AssignmentRuleSet:
        """In the order in which they are asked; the fallback is the last."""
        return self.filter(retired_at=None).order_by("fallback", "place", "id")


class AssignmentRule(models.Model):
    """Who gets whom: the first rule that holds and has somebody with room. The fallback asks nothing."""

    name = models.CharField(max_length=120)
    criteria = models.TextField(default="", blank=True)
    target = models.CharField(max_length=10, choices=[(one.value, one.value) for one in Target])
    user = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    team = models.ForeignKey(Team, models.PROTECT, null=True, related_name="+")
    fallback = models.BooleanField(default=False)
    place = models.PositiveIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    retired_at = models.DateTimeField(null=True)

    objects = AssignmentRuleSet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(target=Target.REP, user__isnull=False, team=None)
                | Q(target=Target.TEAM, team__isnull=False, user=None)
                | Q(target=Target.EVERYBODY, user=None, team=None),
                name="an_assignment_rule_gives_to_one",
            ),
            models.CheckConstraint(
                condition=Q(fallback=True, criteria="") | Q(fallback=False) & ~Q(criteria=""),
                name="only_the_fallback_asks_nothing",
            ),
            models.UniqueConstraint(
                fields=["fallback"],
                condition=Q(fallback=True, retired_at=None),
                name="there_is_one_fallback",
            ),
        ]


class AssignmentPlan(models.Model):
    """Whether the rules are applied by themselves, and up to which promotion they were. One row."""

    automatic = models.BooleanField(default=False)
    looked_at = models.DateTimeField()


class Strike(models.Model):
    """What a note or a call taught: somebody like this should have been ruled out, and why.

    `criteria` is how a profile would say it; empty until somebody puts it into words. Taken: it stands in that
    version's disqualifiers. Dismissed: looked at, and no rule.
    """

    icp = models.ForeignKey(Icp, models.CASCADE, null=True, related_name="+")  # None: any profile
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="+")
    activity = models.ForeignKey(Activity, models.SET_NULL, null=True, related_name="+")
    reason = models.CharField(max_length=200)
    criteria = models.TextField(default="", blank=True)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField()
    taken_into = models.ForeignKey(IcpVersion, models.SET_NULL, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(contact__isnull=False),
                name="a_strike_is_about_somebody",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="a_strike_has_a_reason"),
            models.UniqueConstraint(fields=["activity"], name="an_activity_is_struck_once"),
        ]
        indexes = [
            models.Index(fields=["-made_at"], name="open_strikes", condition=Q(settled_at=None)),
        ]


class ScoringRun(models.Model):
    """One scoring of the whole book: how far it is, and how many changed verdict."""

    why = models.CharField(max_length=200)
    started_at = models.DateTimeField()
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    moves = models.JSONField(default=list)  # [{"was", "now", "count"}]
    finished_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["-started_at"], name="scoring_runs_newest_first")]


class Preview(models.Model):
    """What a draft would change, reckoned by a worker; the draft as it was at that edit, on that day."""

    icp_version = models.ForeignKey(IcpVersion, models.CASCADE, related_name="+")
    edits = models.PositiveIntegerField()
    day = models.DateField()
    asked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    claimed_at = models.DateTimeField(null=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    told = models.JSONField(null=True)
    failed = models.TextField(default="", blank=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["icp_version", "edits", "day"], name="a_draft_is_previewed_once_a_day"
            )
        ]
