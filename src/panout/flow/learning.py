"""What campaigns and learning need the calendar for: people taken in each day, and the weekly look."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from django.conf import settings
from django.core import mail

from panout.campaigns import actions as campaigns
from panout.campaigns import queries as open_ones
from panout.learn import actions as learn
from panout.learn import queries as learned
from panout.learn.rules import letter
from panout.team.queries import people
from panout.team.rules import Verb, may

LOOK_BACK = timedelta(days=90)


def fill_campaigns(now: datetime, rng: random.Random) -> int:
    """Open campaigns take in who newly belongs to them; returns how many were started."""
    return sum(
        campaigns.take_in(number, now, rng).enrolled for number in open_ones.open_campaigns(now.date())
    )


def weekly_look(now: datetime) -> int:
    """Write what the last three months speak for; returns how many proposals are new."""
    return learn.propose(now.date() - LOOK_BACK, now.date(), now)


def mail_review(now: datetime) -> int:
    """Send last week's review to everybody who sees the team's figures; returns to how many."""
    week = learned.week_of(now.date() - timedelta(days=1), now)
    readers = [one.email for one in people() if one.active and may(one.person, Verb.SEE_TEAM)]
    words = letter.body(week, settings.URL)
    with mail.get_connection() as open_line:
        for address in readers:
            letter_to = mail.EmailMessage(letter.subject(week), words, to=[address], connection=open_line)
            letter_to.send()
    return len(readers)


def is_review_day(today: date) -> bool:
    """Mondays, before the week's work."""
    return today.weekday() == 0
