"""What incoming messages mean, what was done about them, and what a person said of that.

The bytes stay in the mailbox room; a Reading may be made anew from them at any time, by newer rules.
"""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from panout.mailbox.models import Inbound
from panout.outreach.models import Message, Task
from panout.replies.rules.intents import Intent
from panout.replies.rules.understanding import Kind
from panout.resolve.models import Account, Contact
from panout.team.models import User

INTENTS = [(intent.value, intent.value) for intent in Intent]
KINDS = [(kind.value, kind.value) for kind in Kind]


class Reading(models.Model):
    """One message understood. `matched_by` says how we know whom it is from; empty: nobody we wrote to."""

    inbound = models.OneToOneField(Inbound, models.CASCADE, related_name="+")
    ours = models.ForeignKey(Message, models.SET_NULL, null=True, related_name="+")  # what it answers
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+", db_index=False)
    account = models.ForeignKey(Account, models.SET_NULL, null=True, related_name="+")
    owner = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    matched_by = models.CharField(max_length=20, blank=True, default="")  # reference, plus_address, sender
    message_id = models.CharField(max_length=500, blank=True, default="")
    from_email = models.CharField(max_length=320, blank=True, default="")
    from_name = models.CharField(max_length=200, blank=True, default="")
    subject = models.CharField(max_length=998, blank=True, default="")
    kind = models.CharField(max_length=12, choices=KINDS)
    intent = models.CharField(max_length=20, choices=INTENTS)
    confidence = models.FloatField()
    reasons = models.JSONField(default=list)
    reply_text = models.TextField(blank=True, default="")
    signature = models.TextField(blank=True, default="")
    objections = ArrayField(models.CharField(max_length=30), default=list)
    return_date = models.DateField(null=True)
    park_until = models.DateField(null=True)
    received_at = models.DateTimeField()
    understood_at = models.DateTimeField()
    corrected_to = models.CharField(max_length=20, choices=INTENTS, blank=True, default="")
    corrected_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    corrected_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)  # somebody has dealt with it
    answer_by = models.DateTimeField(null=True)  # the clock of a welcome answer
    answered_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(confidence__gte=0, confidence__lte=1), name="confidence_is_of_one"
            ),
            models.CheckConstraint(
                condition=Q(contact=None) | ~Q(matched_by=""), name="a_known_writer_was_matched_somehow"
            ),
        ]
        indexes = [
            models.Index(fields=["-received_at", "-id"], name="readings_latest"),
            models.Index(fields=["contact", "-received_at"], name="readings_of_contact"),
            models.Index(
                fields=["-received_at", "id"], name="readings_open", condition=Q(closed_at=None, kind="human")
            ),
            models.Index(
                fields=["answer_by"],
                name="readings_on_the_clock",
                condition=Q(answer_by__isnull=False, answered_at=None),
            ),
        ]

    @property
    def meant(self) -> Intent:
        """What counts: a person's word before the machine's."""
        return Intent(self.corrected_to or self.intent)


class Deed(models.Model):
    """One thing that was done because of a message, and whether somebody took it back."""

    reading = models.ForeignKey(Reading, models.CASCADE, related_name="deeds")
    act = models.CharField(
        max_length=20
    )  # stop, suppress, park, pause, alert, propose, soft_bounce, rest, go_on
    text = models.TextField()
    undo = models.JSONField(default=dict)  # what taking it back needs; empty: nothing can
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")


class Proposed(models.Model):
    """Somebody named in an answer: a new contact, if a person says so."""

    reading = models.ForeignKey(Reading, models.CASCADE, related_name="proposed")
    name = models.CharField(max_length=200, blank=True, default="")
    email = models.CharField(max_length=320, blank=True, default="")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, related_name="+")  # once accepted
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(name="", email=""), name="a_proposal_names_somebody"),
            models.UniqueConstraint(fields=["reading", "name", "email"], name="a_proposal_is_made_once"),
        ]


class Alert(models.Model):
    """A task that an answer opened, so that the answer's clock stops when it is done."""

    reading = models.OneToOneField(Reading, models.CASCADE, related_name="alert")
    task = models.ForeignKey(Task, models.CASCADE, related_name="+")
