"""Bearer tokens: signed, for one user, worthless once their password or the secret key changes or their sign-in closes.

Nothing is kept of a token: it carries the number that `User.epoch` had, and that number only goes up.
"""

from __future__ import annotations

from datetime import timedelta

from django.core import signing

from panout.kernel.errors import NotFound
from panout.team import queries
from panout.team.rules import Person

_SALT = "panout.api"
LASTS = timedelta(days=90)


def token_for(user_id: int) -> str:
    """A token that lets its bearer do what this user may, for ninety days."""
    return signing.dumps({"user": user_id, "epoch": queries.epoch_of(user_id)}, salt=_SALT)


def bearer_of(token: str) -> Person | None:
    """Who bears a token; None when it is not ours, too old, or of somebody who is gone."""
    try:
        told = signing.loads(token, salt=_SALT, max_age=LASTS)
        member = queries.member(int(told["user"]))
        fresh = told["epoch"] == queries.epoch_of(member.id)
    except (signing.BadSignature, KeyError, ValueError, TypeError, NotFound):
        return None
    return member.person if member.active and fresh else None
