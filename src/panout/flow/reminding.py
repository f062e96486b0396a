"""Profiles are looked at again every month: the day it is due, their owners find it in Today."""

from __future__ import annotations

from datetime import datetime

from panout.icp.queries import reviews_due
from panout.kernel.channels import TouchKind
from panout.outreach.actions import Wish, open_tasks


def remind_of_reviews(now: datetime) -> int:
    """A task for each owner of each profile that is due, once; without owners it is anybody's. Returns how many."""
    wishes = [
        Wish(
            TouchKind.TASK,
            f"Review the profile {due.name}",
            "review",
            f"icp-review:{due.icp_id}:{due.due_on}:{owner or 'anybody'}",
            now,
            owner_id=owner,
            why=f"Its monthly review is due since {due.due_on:%-d %B}. Its page gathers what the calls taught: "
            "take what holds into a draft, look at who would change, and put it in force.",
            value=60.0,
        )
        for due in reviews_due(now.date())
        for owner in due.owners or (None,)
    ]
    return len(open_tasks(wishes, now)) if wishes else 0
