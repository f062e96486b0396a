"""Cadences and their versions, and each person's passage through one."""

from __future__ import annotations

from datetime import datetime

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from panout.kernel.channels import TouchKind
from panout.outreach.models import Message, PaperLetter, Sender, Task
from panout.resolve.models import Account, Contact
from panout.team.models import User

KINDS = [(kind.value, kind.value) for kind in TouchKind]


class Cadence(models.Model):
    """A cadence by name; what it does is in its versions."""

    name = models.CharField(max_length=120)
    created_at = models.DateTimeField()
    retired_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(Lower("name"), name="a_cadence_name_is_used_once")]


class CadenceVersion(models.Model):
    """One form of a cadence. Steps are never edited in place: an edit is a new version."""

    cadence = models.ForeignKey(Cadence, models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    author = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    reason = models.TextField(default="", blank=True)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["cadence", "number"], name="cadence_versions_are_numbered")
        ]


class Step(models.Model):
    """One step of a version; `key` is the same in every version, so that nobody gets it twice."""

    version = models.ForeignKey(CadenceVersion, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    key = models.CharField(max_length=40)
    kind = models.CharField(max_length=20, choices=KINDS)
    wait = models.PositiveSmallIntegerField(default=0)
    template = models.CharField(max_length=60, default="", blank=True)
    reviewed = models.BooleanField(default=False)
    thread = models.BooleanField(default=True)
    patience = models.PositiveSmallIntegerField(default=5)
    only_if = models.TextField(default="", blank=True)
    branches = models.JSONField(default=list)  # [{"when", "go_to", "park_days"}]

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "position"], name="steps_stand_in_order"),
            models.UniqueConstraint(fields=["version", "key"], name="a_step_key_is_used_once_in_a_version"),
        ]


class State(models.TextChoices):
    """Where a passage stands."""

    ACTIVE = "active"
    PAUSED = "paused"
    FINISHED = "finished"


class EnrolmentSet(models.QuerySet["Enrolment"]):
    def running(self) -> EnrolmentSet:
        """Under way, paused ones included."""
        return self.exclude(state=State.FINISHED)

    def due(self, now: datetime) -> EnrolmentSet:
        """Those to look at now, longest due first."""
        return self.filter(next_look_at__lte=now).order_by("next_look_at", "id")


class Enrolment(models.Model):
    """One person's passage through one version. `next_look_at` NULL: nothing to do till something happens.

    A look moves a row to new places in all indexes, so that each of them is paid for in every advance: keys that
    nothing looks up, and those that an index below begins with, have none of their own.
    """

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="+")
    account = models.ForeignKey(Account, models.PROTECT, null=True, related_name="+", db_index=False)
    version = models.ForeignKey(CadenceVersion, models.PROTECT, related_name="enrolments", db_index=False)
    next_version = models.ForeignKey(
        CadenceVersion, models.PROTECT, null=True, related_name="+", db_index=False
    )
    sender = models.ForeignKey(Sender, models.PROTECT, null=True, related_name="+", db_index=False)
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    started_at = models.DateTimeField()
    next_look_at = models.DateTimeField(null=True)
    open_step = models.CharField(max_length=40, default="", blank=True)
    open_since = models.DateTimeField(null=True)
    open_task = models.ForeignKey(Task, models.PROTECT, null=True, related_name="+", db_index=False)
    open_message = models.ForeignKey(Message, models.PROTECT, null=True, related_name="+", db_index=False)
    callback_at = models.DateTimeField(null=True)
    paused_until = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=60, default="", blank=True)
    stop_reason = models.CharField(max_length=30, default="", blank=True)
    stopped_at = models.DateTimeField(null=True)
    enrolled_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+", db_index=False)
    origin = models.CharField(max_length=160, default="", blank=True)  # where they were taken from, in words

    objects = EnrolmentSet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact"],
                condition=~Q(state=State.FINISHED.value),
                name="a_person_is_in_one_cadence_at_a_time",
            ),
            models.CheckConstraint(
                condition=Q(state=State.FINISHED.value) ^ Q(stopped_at=None),
                name="a_finished_passage_has_its_end",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.FINISHED.value) | Q(next_look_at=None),
                name="a_finished_passage_is_not_looked_at",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_look_at", "id"], name="enrolments_due", condition=Q(next_look_at__isnull=False)
            ),
            models.Index(
                fields=["open_task"], name="enrolments_by_task", condition=Q(open_task__isnull=False)
            ),
            models.Index(
                fields=["open_message"], name="enrolments_by_message", condition=Q(open_message__isnull=False)
            ),
            models.Index(fields=["account", "state"], name="enrolments_of_account"),
            models.Index(fields=["version", "state"], name="enrolments_of_version"),
            models.Index(fields=["-stopped_at"], name="enrolments_ended", condition=Q(state="finished")),
        ]


class Passed(models.Model):
    """A step behind a person. `touched` false: it was passed over, or let go undone."""

    enrolment = models.ForeignKey(Enrolment, models.CASCADE, related_name="passed", db_index=False)
    key = models.CharField(max_length=40)
    at = models.DateTimeField()
    disposition = models.CharField(max_length=30, default="", blank=True)
    touched = models.BooleanField(default=True)
    why = models.CharField(max_length=120, default="", blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["enrolment", "key"], name="nobody_gets_a_step_twice")]


class Judgement(models.Model):
    """The decision trace: what the rules said of one planned touch, kept whenever the answer changed.

    It is of a run's step, or of a task or letter outside any cadence: then it was judged as somebody carried it out.

    `rulings` is the short form of `rules.gate.written`, readable by the order of rules of its `edition`.
    """

    enrolment = models.ForeignKey(
        Enrolment, models.CASCADE, null=True, related_name="judgements", db_index=False
    )
    task = models.ForeignKey(Task, models.CASCADE, null=True, related_name="+", db_index=False)
    letter = models.ForeignKey(PaperLetter, models.CASCADE, null=True, related_name="+", db_index=False)
    step_key = models.CharField(max_length=40)
    kind = models.CharField(max_length=20, choices=KINDS)
    at = models.DateTimeField()
    verdict = models.CharField(max_length=6)  # pass, hold, deny
    rule = models.CharField(max_length=30, default="", blank=True)  # the one that decided
    value = models.TextField(default="", blank=True)
    until = models.DateTimeField(null=True)
    edition = models.PositiveSmallIntegerField(default=1)
    rulings = models.TextField(default="")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(enrolment__isnull=False, task=None, letter=None)
                | Q(enrolment=None, task__isnull=False, letter=None)
                | Q(enrolment=None, task=None, letter__isnull=False),
                name="a_judgement_is_of_one_touch",
            )
        ]
        indexes = [
            models.Index(fields=["enrolment", "-at", "-id"], name="judgements_of_enrolment"),
            models.Index(fields=["task"], name="judgements_of_task", condition=Q(task__isnull=False)),
            models.Index(fields=["letter"], name="judgements_of_letter", condition=Q(letter__isnull=False)),
        ]


class Park(models.Model):
    """Somebody set aside until a date or a future signal, with what they said: it wakes with context."""

    contact = models.ForeignKey(Contact, models.PROTECT, related_name="+")
    until = models.DateField(null=True)
    wakes_at = models.DateTimeField(null=True)  # when that day begins, by the clock of who set it
    on_signal = models.BooleanField(default=True)
    signal_types = ArrayField(models.CharField(max_length=40), default=list)  # empty: any
    why = models.TextField()
    parked_at = models.DateTimeField()
    parked_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    woken_at = models.DateTimeField(null=True)
    woken_by = models.TextField(default="", blank=True)  # the date, or the signal's words

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["contact"], condition=Q(woken_at=None), name="a_person_is_parked_once"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=False) | Q(on_signal=True), name="a_park_can_end"
            ),
            models.CheckConstraint(
                condition=~(Q(until__isnull=True) ^ Q(wakes_at__isnull=True)),
                name="a_dated_park_has_its_moment",
            ),
        ]
        indexes = [models.Index(fields=["wakes_at"], name="parks_by_moment", condition=Q(woken_at=None))]


class HousePolicy(models.Model):
    """The house's limits on touches; one row, the presets of `rules.gate.Limits` until somebody edits it."""

    recent_gap_hours = models.PositiveSmallIntegerField(default=48)
    person_per_week = models.PositiveSmallIntegerField(default=4)
    account_per_week = models.PositiveSmallIntegerField(default=8)
    people_at_first = models.PositiveSmallIntegerField(default=2)
    colleague_rest_days = models.PositiveSmallIntegerField(default=10)
    opens = models.TimeField(default="09:00")
    closes = models.TimeField(default="18:00")
    fallback_zone = models.CharField(max_length=64, default="", blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(id=1), name="there_is_one_house_policy"),
            models.CheckConstraint(condition=Q(opens__lt=models.F("closes")), name="a_window_opens_first"),
        ]
