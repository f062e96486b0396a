"""Meetings, booking links and what was asked for on them, and opportunities with their way through the stages."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from panout.pipeline.rules import MeetingState, Stage
from panout.resolve.models import Account, Contact
from panout.team.models import User

STAGES = [(stage.value, stage.value) for stage in Stage]
STATES = [(state.value, state.value) for state in MeetingState]


class BookingLink(models.Model):
    """A page where somebody outside picks a time with one of us; `slug` is all they need to know."""

    host = models.ForeignKey(User, models.PROTECT, related_name="+")
    slug = models.CharField(max_length=40)
    title = models.CharField(max_length=120)
    minutes = models.PositiveSmallIntegerField(default=30)
    opens = models.TimeField(default="09:00")
    closes = models.TimeField(default="17:00")
    place = models.CharField(max_length=300, default="", blank=True)
    created_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="a_booking_link_is_used_once"),
            models.CheckConstraint(
                condition=Q(opens__lt=models.F("closes")), name="a_host_opens_before_closing"
            ),
            models.CheckConstraint(
                condition=Q(minutes__gte=5, minutes__lte=240), name="a_meeting_has_a_length"
            ),
        ]


class Meeting(models.Model):
    """One meeting with one person. `uid` and `sequence` are the calendar's (RFC 5545), and stable."""

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    host = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    link = models.ForeignKey(BookingLink, models.PROTECT, null=True, related_name="+")
    title = models.CharField(max_length=200)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(max_length=10, choices=STATES, default=MeetingState.BOOKED)
    source = models.CharField(max_length=20)  # reply, call, link, event, manual
    note = models.TextField(default="", blank=True)
    uid = models.CharField(max_length=120)
    sequence = models.PositiveSmallIntegerField(default=0)
    booked_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["uid"], name="a_meeting_is_one_calendar_entry"),
            models.UniqueConstraint(
                fields=["host", "starts_at"],
                condition=Q(state="booked", host__isnull=False),
                name="a_host_is_in_one_meeting_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(starts_at__lt=models.F("ends_at")), name="a_meeting_starts_first"
            ),
        ]
        indexes = [
            models.Index(fields=["state", "starts_at"], name="meetings_by_time"),
            models.Index(fields=["contact", "-starts_at"], name="meetings_of_contact"),
            models.Index(fields=["-booked_at"], name="meetings_by_booking"),
        ]


class AskingSet(models.QuerySet["Asking"]):
    def waiting(self, now: datetime) -> AskingSet:
        """Not answered, and not over: their times are kept."""
        return self.filter(answered_at=None, starts_at__gt=now)

    def standing(self, now: datetime) -> AskingSet:
        """To come, and neither declined nor called off."""
        return self.filter(Q(answered_at=None) | Q(meeting__state=MeetingState.BOOKED), starts_at__gt=now)


class Asking(models.Model):
    """A time that somebody outside chose on a booking page.

    Whoever is in the book has their meeting at once. For all others the time is kept until the host answers, so
    that the page looks the same either way.
    """

    link = models.ForeignKey(BookingLink, models.PROTECT, related_name="+")
    email = models.CharField(max_length=320)  # in small letters
    source = models.CharField(max_length=64)  # a keyed digest of the network address
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    asked_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    meeting = models.ForeignKey(
        Meeting, models.PROTECT, null=True, related_name="+"
    )  # None: waits, or declined

    objects = AskingSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["link", "starts_at"], condition=Q(answered_at=None), name="a_time_is_kept_for_one"
            ),
            models.CheckConstraint(
                condition=Q(meeting=None) | Q(answered_at__isnull=False), name="a_meeting_answers_an_asking"
            ),
        ]
        indexes = [
            models.Index(fields=["email", "starts_at"], name="askings_by_address"),
            models.Index(fields=["source", "asked_at"], name="askings_by_source"),
        ]


class Opportunity(models.Model):
    """An engaged prospect with a problem and the potential to buy. Amounts have their currency."""

    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, related_name="+")
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    meeting = models.ForeignKey(Meeting, models.PROTECT, null=True, related_name="opportunities")
    name = models.CharField(max_length=200)
    stage = models.CharField(max_length=12, choices=STAGES, default=Stage.MEETING)
    amount = models.DecimalField(max_digits=14, decimal_places=2, default=0)
    currency = models.CharField(max_length=3, default="EUR")
    close_on = models.DateField(null=True)
    source = models.CharField(max_length=120, default="", blank=True)
    reason = models.TextField(default="", blank=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(contact__isnull=False),
                name="an_opportunity_is_with_somebody",
            ),
            models.CheckConstraint(condition=Q(amount__gte=0), name="an_amount_is_not_negative"),
            models.CheckConstraint(
                condition=~Q(stage__in=["won", "lost"]) | (~Q(reason="") & Q(closed_at__isnull=False)),
                name="an_end_has_its_reason_and_date",
            ),
        ]
        indexes = [models.Index(fields=["stage", "-opened_at"], name="opportunities_by_stage")]


class StageChange(models.Model):
    """A step of an opportunity, so that time in stage and conversion can be told."""

    opportunity = models.ForeignKey(Opportunity, models.CASCADE, related_name="changes")
    was = models.CharField(max_length=12, default="", blank=True)
    now = models.CharField(max_length=12, choices=STAGES)
    at = models.DateTimeField()
    by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(default="", blank=True)

    class Meta:
        indexes = [models.Index(fields=["opportunity", "at"], name="stages_of_opportunity")]
