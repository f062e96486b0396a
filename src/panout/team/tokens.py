"""Bearer tokens: signed, for one user, worthless once that user is inactive or the secret key changes."""

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
    return signing.dumps({"user": user_id}, salt=_SALT)


def bearer_of(token: str) -> Person | None:
    """Who bears a token; None when it is not ours, too old, or of somebody who is gone."""
    try:
        told = signing.loads(token, salt=_SALT, max_age=LASTS)
        member = queries.member(int(told["user"]))
    except (signing.BadSignature, KeyError, ValueError, TypeError, NotFound):
        return None
    return member.person if member.active else None
