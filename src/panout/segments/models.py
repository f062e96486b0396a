"""Saved audiences, live by criteria or static by list; and saved views of a list."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from panout.resolve.models import Account, Contact
from panout.team.models import User


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
    what = models.CharField(max_length=12)  # prospects, accounts, contacts
    name = models.CharField(max_length=60)
    query = models.TextField()  # as the address spells it: "country=DE&owner=3"
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint("user", "what", Lower("name"), name="a_view_name_is_used_once_by_each")
        ]
