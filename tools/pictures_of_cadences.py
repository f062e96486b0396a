"""Cadences under way, a queue for Today and somebody set aside, for the guide's pictures."""

from __future__ import annotations

from datetime import datetime, timedelta

from panout.cadence import actions as cadence
from panout.cadence import queries
from panout.cadence.models import Enrolment
from panout.outreach.library import load_playbooks
from panout.outreach.models import Sender
from panout.qualify.queries import ListFilter, prospects
from panout.resolve.models import Contact
from panout.team.rules import Person


def furnish_cadences(olga: Person, now: datetime) -> dict[str, str]:
    """Returns the addresses to picture, by name."""
    began = now.replace(hour=15, minute=0) - timedelta(days=1)
    while began.weekday() > 4:  # people are at their desks
        began -= timedelta(days=1)
    load_playbooks(olga, began)
    cadence.load_presets(olga, began)
    Sender.objects.update(left_today=40, left_on=began.date())
    sender = Sender.objects.values_list("id", flat=True).order_by("id").first()
    shelves = {shelf.name: shelf.id for shelf in queries.cadences()}
    standard, net_new = shelves["Standard, 6 touches"], shelves["Net-new, 10 touches"]
    rows = prospects(olga, ListFilter(verdict="prospect"), now.date(), limit=40).rows
    people = [row.contact_id for row in rows if row.contact_id is not None]
    Contact.objects.filter(id__in=people[:24]).update(owner=olga.id, phone="+442079460000")
    for place, (shelf, chosen) in enumerate(
        ((net_new, people[:9]), (standard, people[9:16]), (shelves["VIP, with a letter"], people[16:18]))
    ):
        origin = ("segment Cloud warehouses that hire", "ticked by hand", "prospects with stage = 'Series B'")
        cadence.enrol(olga, chosen, shelf, sender, began, origin=origin[place])
    while cadence.advance_due(began):
        pass
    cadence.park(olga, people[19], (now + timedelta(days=60)).date(), "Budget is decided in January.", now)
    cadence.park(olga, people[20], None, "Asked for later, when the migration is over.", now)
    told = Enrolment.objects.filter(judgements__verdict="hold").order_by("id").first()
    return {
        "today": "/today",
        "cadences": "/cadences",
        "cadence": f"/cadences/{net_new}",
        "cadence-editor": f"/cadences/{standard}/edit",
        "why": f"/contacts/{told.contact_id if told else people[0]}/why",
        "enrol": f"/cadences/enrol?cadence={standard}&" + "&".join(f"contact={one}" for one in people[14:30]),
        "parked": "/parked",
        "limits": "/cadences/limits",
    }
