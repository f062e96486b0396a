"""What campaigns and learning need the calendar for: people taken in each day, and the weekly look."""

from __future__ import annotations

import random
from datetime import date, datetime, timedelta

from panout.campaigns import actions as campaigns
from panout.campaigns import queries as open_ones
from panout.learn import actions as learn

LOOK_BACK = timedelta(days=90)


def fill_campaigns(now: datetime, rng: random.Random) -> int:
    """Open campaigns take in who newly belongs to them; returns how many were started."""
    return sum(
        campaigns.take_in(number, now, rng).enrolled for number in open_ones.open_campaigns(now.date())
    )


def weekly_look(now: datetime) -> int:
    """Write what the last three months speak for; returns how many proposals are new."""
    return learn.propose(now.date() - LOOK_BACK, now.date(), now)


def is_review_day(today: date) -> bool:
    """Mondays, before the week's work."""
    return today.weekday() == 0
