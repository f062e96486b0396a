"""Facts, each with the page it came from and the day it was true."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q

from panout.resolve.models import Account, Contact


class Document(models.Model):
    """A page or file that was read, so that a fact can be shown in its own words."""

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    url = models.CharField(max_length=2000)
    title = models.TextField(default="", blank=True)
    text = models.TextField(default="", blank=True)
    sha256 = models.CharField(max_length=64)
    read_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["url", "sha256"], name="a_document_is_kept_once_per_content")
        ]


class FactSet(models.QuerySet["Fact"]):
    def live(self, now: datetime) -> FactSet:
        """Neither withdrawn nor past its date: what a message may cite."""
        return self.filter(withdrawn_at=None).filter(Q(expires_at=None) | Q(expires_at__gt=now))


class Fact(models.Model):
    """One statement about an account or a person. Facts are added and withdrawn, never edited."""

    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+")
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="+")
    name = models.CharField(max_length=60)  # a catalogue field, or a word such as "sells", "market"
    value = models.TextField()
    source = models.CharField(max_length=2000)  # a URL, "list NAME row 12", or who said so
    document = models.ForeignKey(Document, models.SET_NULL, null=True, related_name="facts")
    quote = models.TextField(default="", blank=True)
    as_of = models.DateField(null=True)  # when it was true
    seen_at = models.DateTimeField()  # when we read it
    expires_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    confidence = models.FloatField(default=1.0)

    objects = FactSet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(contact__isnull=False), name="a_fact_is_about_somebody"
            ),
            models.CheckConstraint(
                condition=Q(confidence__gte=0) & Q(confidence__lte=1), name="confidence_is_a_share"
            ),
            models.CheckConstraint(condition=~Q(source=""), name="a_fact_has_a_source"),
        ]
