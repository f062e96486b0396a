"""The cast of three: the owner, a teammate, and a stranger; and a moment for them to live in."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from django.test import Client

from panout.team import actions, queries
from panout.team.rules import Person, Role

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)  # a Friday
PASSWORD = "pan for gold 1849"


@pytest.fixture
def noon() -> datetime:
    return NOON


@pytest.fixture
def owner(db: None) -> Person:
    """The founder who set the workspace up."""
    made = actions.create_owner("Olga Owner", "olga@panout.test", PASSWORD, "Europe/Berlin", NOON)
    return queries.member(made).person


@pytest.fixture
def teammate(owner: Person) -> Person:
    """An SDR who was invited."""
    secret = actions.invite(owner, "theo@panout.test", Role.SDR, None, "test", NOON)
    return queries.member(actions.accept_invitation(secret, "Theo Teammate", PASSWORD, "UTC", NOON)).person


@pytest.fixture
def stranger(db: None) -> Client:
    """Somebody who is not signed in."""
    return Client()


@pytest.fixture
def owner_client(owner: Person) -> Client:
    return signed_in(owner)


@pytest.fixture
def teammate_client(teammate: Person) -> Client:
    return signed_in(teammate)


def signed_in(person: Person) -> Client:
    """A browser in which this person is signed in."""
    from panout.team.models import User

    client = Client()
    client.force_login(User.objects.get(id=person.id))
    return client
