"""Signals: dated, sourced facts that say why now."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from panout.resolve.models import Account, Contact
from panout.sources.models import ImportBatch

LEVELS = [(level, level) for level in ("company", "buyer", "ecosystem")]


class Signal(models.Model):
    """Something changed. `key` makes a second sighting of the same change the same row."""

    key = models.CharField(max_length=64)
    type = models.CharField(max_length=40)
    level = models.CharField(max_length=10, choices=LEVELS)
    account = models.ForeignKey(Account, models.CASCADE, null=True, related_name="+", db_index=False)
    contact = models.ForeignKey(Contact, models.CASCADE, null=True, related_name="+", db_index=False)
    date = models.DateField()
    strength = models.FloatField()
    source = models.CharField(max_length=2000)  # a URL, or the list
    evidence = models.TextField()
    seen_at = models.DateTimeField()
    found_by = models.ForeignKey(ImportBatch, models.SET_NULL, null=True, related_name="+", db_index=False)
    dismissed_at = models.DateTimeField(null=True)  # somebody said that it is wrong

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key"], name="a_change_is_one_signal"),
            models.CheckConstraint(
                condition=Q(account__isnull=False) | Q(contact__isnull=False) | Q(level="ecosystem"),
                name="a_signal_is_about_somebody",
            ),
            models.CheckConstraint(
                condition=Q(strength__gte=0) & Q(strength__lte=1), name="strength_is_a_share"
            ),
        ]
        indexes = [
            models.Index(fields=["account", "-date"], name="signals_of_account"),
            models.Index(
                fields=["contact", "-date"], name="signals_of_contact", condition=Q(contact__isnull=False)
            ),
            models.Index(fields=["-date", "-id"], name="signals_in_force", condition=Q(dismissed_at=None)),
            models.Index(
                fields=["type", "-date", "-id"], name="signals_of_type", condition=Q(dismissed_at=None)
            ),
            models.Index(fields=["found_by"], name="signals_by_import", condition=Q(found_by__isnull=False)),
        ]
