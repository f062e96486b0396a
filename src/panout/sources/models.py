"""Lists as they came, and what became of each import."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from panout.sources.rules.imports import WORKING, Content, ImportState, Policy
from panout.team.models import User


class UploadedList(models.Model):
    """One file as it came, byte for byte, so that every value in the book can be shown in its own words."""

    name = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    uploaded_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["sha256"], name="uploads_by_content")]


class UploadPart(models.Model):
    """A megabyte or so of a file. In the database, so that any worker on any machine can read it."""

    upload = models.ForeignKey(UploadedList, models.CASCADE, related_name="parts")
    number = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["upload", "number"], name="parts_are_numbered")]


class ImportMapping(models.Model):
    """How a file's headers were understood last time; offered again for a file with the same headers."""

    headers_key = models.CharField(max_length=64)  # SHA-256 of the headers, folded and sorted
    name = models.CharField(max_length=120, default="")
    columns = models.JSONField()  # {header: field, or "" to leave out, or "custom"}
    used_at = models.DateTimeField()
    used_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["headers_key"], name="a_set_of_headers_has_one_mapping")
        ]


class ImportSet(models.QuerySet["ImportBatch"]):
    def working(self) -> ImportSet:
        return self.filter(state__in=WORKING)

    def abandoned(self, now: datetime) -> ImportSet:
        """At work, but nobody has said so lately: their worker is gone."""
        return self.working().filter(Q(claimed_until=None) | Q(claimed_until__lt=now))


class ImportBatch(models.Model):
    """One import of one list, from upload to done or undone. Every row it wrote names it."""

    upload = models.ForeignKey(UploadedList, models.PROTECT, related_name="imports")
    state = models.CharField(max_length=12, choices=[(s.value, s.value) for s in ImportState])
    content = models.CharField(  # empty: told by the headers
        max_length=8, default="", db_default="", blank=True, choices=[(c.value, c.value) for c in Content]
    )
    columns = models.JSONField(default=dict)  # {header: field, "" or "custom"}
    policy = models.CharField(max_length=8, default=Policy.FILL, choices=[(p.value, p.value) for p in Policy])
    region = models.CharField(max_length=2, default="", blank=True)  # for phone numbers without a country
    owner = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")  # of the records it creates
    tags = models.JSONField(default=list)
    started_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)
    # live progress
    stage = models.CharField(max_length=60, default="", blank=True)  # "matching with the book"
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    cancel_asked = models.BooleanField(default=False)
    claimed_by = models.CharField(max_length=80, default="", blank=True)
    claimed_until = models.DateTimeField(null=True)  # a claim that is not renewed ends by itself
    failure = models.TextField(default="", blank=True)
    # the outcome, planned by the dry run and then real
    plan = models.JSONField(default=dict)
    rejected_rows = models.BigIntegerField(default=0)

    objects = ImportSet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=[s.value for s in ImportState]), name="an_import_is_in_a_known_state"
            ),
            models.CheckConstraint(
                condition=Q(done__lte=models.F("total")), name="progress_ends_at_the_total"
            ),
        ]
        indexes = [
            models.Index(
                fields=["claimed_until"],
                name="imports_at_work",
                condition=Q(state__in=[s.value for s in WORKING]),
            )
        ]


class ImportReject(models.Model):
    """A row, or one cell of it, that could not be used, with the reason; these make the error file."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rejects")
    row = models.BigIntegerField()  # 0-based over the data rows of the file
    column = models.CharField(max_length=255, default="")
    value = models.TextField(default="")
    reason = models.TextField()
    whole_row = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["batch", "row"], name="rejects_in_reading_order")]


class ImportSample(models.Model):
    """A few examples of what the dry run found, with differences field by field, for the page."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="samples")
    kind = models.CharField(max_length=12)  # create, update, merge, review
    label = models.TextField()
    differences = models.JSONField(default=list)  # [{"field", "before", "after"}]
    record = models.CharField(max_length=30, default="")  # "contact 12" where there is one already
