"""Erasing a person's own mail, and what others wrote of them, as bytes and as read."""

from __future__ import annotations

from collections.abc import Collection

from django.db.models import Q

from panout.consent.rules.forgetting import ERASED, Names, pattern
from panout.mailbox.models import Inbound
from panout.replies.models import Deed, Proposed, Reading

_GONE = ERASED.encode()


def erase_mail(contact_ids: Collection[int], names: Names) -> None:
    """Empty the mail of these people."""
    theirs = Reading.objects.filter(Q(contact__in=contact_ids) | Q(from_email__in=names.emails))
    ids = list(theirs.values_list("id", "inbound_id"))
    readings, mail = [one for one, _ in ids], [one for _, one in ids]
    Inbound.objects.filter(id__in=mail).update(raw=_GONE)
    Reading.objects.filter(id__in=readings).update(
        from_email="", from_name="", subject=ERASED, reply_text="", signature="", message_id="", reasons=[]
    )
    Deed.objects.filter(reading__in=readings).update(text=ERASED)
    Proposed.objects.filter(email__in=names.emails).delete()


def erase_mentions(names: Names) -> None:
    """Mail of others that names these people loses its bytes, which may be encoded."""
    said = pattern(names)
    naming = Reading.objects.filter(
        Q(reply_text__iregex=said) | Q(signature__iregex=said) | Q(subject__iregex=said)
    )
    Inbound.objects.filter(id__in=naming.values("inbound_id")).update(raw=_GONE)
