"""Verbs about links that are counted.

record_click(token, visit, now) -> str        where the link leads; raises NotFound for a token not ours
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from panout.kernel.errors import NotFound
from panout.mailbox.models import Click
from panout.mailbox.queries import click_key
from panout.mailbox.rules.clicks import (
    MOST_OF_A_MAIL,
    TOGETHER,
    Visit,
    clicked,
    links_in,
    machine_sign,
    opened_together,
)
from panout.outreach.models import Message
from panout.resolve.actions import note_activity

_AT_ONCE = "it opened several links in one moment"


@transaction.atomic
def record_click(token: str, visit: Visit, now: datetime) -> str:
    """Somebody, or something, followed a link of ours. Nothing but the count and a line of the time line
    comes of it; a machine's visit not even that line."""
    named = clicked(token, click_key())
    message = Message.objects.filter(id=named[0], sent_at__isnull=False).first() if named else None
    links = links_in(message.body) if message is not None else ()
    if named is None or message is None or named[1] >= len(links):
        raise NotFound("This link is not one of ours.", where="link", mend="Answer the mail instead.")
    place = named[1]
    lately = Click.objects.filter(message=message.pk, at__gt=now - TOGETHER)
    why = machine_sign(visit, message.sent_at, now)
    if opened_together(place, lately.values_list("place", "at"), now):
        lately.filter(machine=False).update(machine=True, why=_AT_ONCE)
        why = why or _AT_ONCE
    if Click.objects.filter(message=message.pk).count() < MOST_OF_A_MAIL:
        Click.objects.create(
            message=message, place=place, at=now, agent=visit.agent[:300], machine=bool(why), why=why
        )
    if not why:
        note_activity(
            kind="click",
            text=f"Followed a link: {links[place][:200]}",
            now=now,
            contact_id=message.contact_id,
            account_id=message.account_id,
            channel="email",
            link=f"/messages/{message.pk}",
            key=f"click-{message.pk}-{place}",
        )
    return links[place]
