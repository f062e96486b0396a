"""Erasing a person's words from the outbox, tasks, answers, letters and facts; touches still count."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from panout.outreach.models import (
    Answer,
    Citation,
    Message,
    MessageStatus,
    PaperLetter,
    Participation,
    Task,
    TaskStatus,
)
from panout.research.models import Fact
from panout.signals.models import Signal
from panout.team.rules import Person, Verb, demand


@transaction.atomic
def erase_words(asker: Person, contact_id: int, now: datetime) -> None:
    """Withdraw what waits, and empty what was said."""
    demand(asker, Verb.ERASE)
    theirs = Message.objects.filter(contact=contact_id)
    theirs.filter(status__in=[MessageStatus.REVIEW, MessageStatus.QUEUED]).update(
        status=MessageStatus.CANCELLED, reason="erased"
    )
    Citation.objects.filter(message__contact=contact_id).delete()
    theirs.update(to_email="erased", subject="(erased)", body="", drafted_body="", problems=[])
    Task.objects.filter(contact=contact_id, status=TaskStatus.OPEN).update(
        status=TaskStatus.CANCELLED, done_at=now
    )
    Task.objects.filter(contact=contact_id).update(title="(erased)", why="", script="", note="")
    PaperLetter.objects.filter(contact=contact_id, batch=None).delete()
    PaperLetter.objects.filter(contact=contact_id).update(address="(erased)", body="")
    Answer.objects.filter(contact=contact_id).delete()
    Participation.objects.filter(contact=contact_id).delete()
    Fact.objects.filter(contact=contact_id).delete()
    Signal.objects.filter(contact=contact_id).delete()
