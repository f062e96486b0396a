"""Saved audiences, live by criteria or static by list; saved views of a list; one verb over all that a list finds."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from panout.resolve.models import Account, Contact
from panout.team.models import User

# The lists that can be filtered, each by its place: "/prospects".
LISTS = (
    "prospects", "accounts", "contacts", "signals", "gate", "today", "inbox", "outbox", "suppressions", "ledger",
)  # fmt: skip


class SegmentSet(models.QuerySet["Segment"]):
    def in_use(self) -> SegmentSet:
        return self.filter(retired_at=None)


class Segment(models.Model):
    """An audience by name. Live: who meets the criteria now. Static: who met them when frozen."""

    name = models.CharField(max_length=120)
    about = models.CharField(max_length=8, choices=[("accounts", "accounts"), ("contacts", "contacts")])
    criteria = models.TextField()
    static = models.BooleanField(default=False)
    note = models.TextField(default="", blank=True)
    version = models.PositiveIntegerField(default=1)
    made_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    objects = SegmentSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                Lower("name"), condition=Q(retired_at=None), name="a_segment_name_is_used_once"
            ),
            models.CheckConstraint(
                condition=Q(about__in=["accounts", "contacts"]), name="a_segment_is_of_accounts_or_contacts"
            ),
        ]


class SegmentMember(models.Model):
    """Somebody in a static segment."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="members", db_index=False)
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="+")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "account", "contact"],
                nulls_distinct=False,
                name="a_segment_has_each_member_once",
            ),
            models.CheckConstraint(
                condition=Q(account=None) ^ Q(contact=None), name="a_member_is_one_account_or_contact"
            ),
        ]


class SavedView(models.Model):
    """The filters of a list under a name of one's own."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+", db_index=False)
    what = models.CharField(max_length=20)  # one of LISTS
    name = models.CharField(max_length=60)
    query = models.TextField()  # as the address spells it: "country=DE&owner=3"
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("user", "what", Lower("name"), name="a_view_name_is_used_once_by_each")
        ]


class SegmentUse(models.Model):
    """Who rests on a segment: rooms downstream say so when they begin, and when they end."""

    segment = models.ForeignKey(Segment, models.CASCADE, related_name="uses", db_index=False)
    kind = models.CharField(max_length=20)  # campaign, enrolment
    subject_id = models.BigIntegerField()
    label = models.CharField(max_length=200)
    link = models.CharField(max_length=200)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment", "kind", "subject_id"], name="a_use_of_a_segment_is_noted_once"
            )
        ]
        indexes = [models.Index(fields=["kind", "subject_id"], name="segments_used_by")]


class Sweep(models.Model):
    """One verb over everybody that a filter found when it was asked: done part by part, taken back the same way."""

    verb = models.CharField(max_length=12)
    words = models.JSONField()  # what the verb needs: {"owner", "name", "reason", "until"}
    what = models.CharField(max_length=12)  # the list: prospects, accounts, contacts
    query = models.TextField()  # its filter, as the address spells it
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    total = models.PositiveBigIntegerField(default=0)
    undoing = models.BooleanField(default=False)
    stopped = models.TextField(default="", blank=True)  # why it went no further
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["asked_at"], name="sweeps_that_wait", condition=Q(finished_at=None)),
        ]


class SweepPart(models.Model):
    """Some of a sweep's records, done in one transaction. `before` is what taking it back needs."""

    sweep = models.ForeignKey(Sweep, models.CASCADE, related_name="parts")
    kind = models.CharField(max_length=8)  # accounts, contacts
    ids = ArrayField(models.BigIntegerField())
    count = models.PositiveIntegerField(default=0)  # how many were changed
    before = models.JSONField(null=True)
    done_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["accounts", "contacts"]), name="a_part_is_of_accounts_or_contacts"
            )
        ]
