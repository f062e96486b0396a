"""The weekly letter says what came of the week, and sends nobody a figure without its rows."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from django.core import mail
from tests.cast import PASSWORD

from panout.flow import learning
from panout.learn.rules.letter import Week, body, subject
from panout.learn.rules.rates import Count, rate
from panout.team import actions as team
from panout.team.rules import Role

MONDAY = datetime(2026, 11, 23, 6, tzinfo=UTC)


def _week(**change) -> Week:
    given = {
        "since": date(2026, 11, 16), "until": date(2026, 11, 22), "people": 50, "touches": 120, "answered": 12,
        "glad": 7, "meetings": 6, "rate": rate(Count(6, 50)), "typical_per_100": 19.0,
        "dials_per_conversation": 17.6, "typical_dials": 18, "best": [("persona", "champion", 4, 20)],
        "to_judge": ["Fresh money"], "proposals": 2,
    }  # fmt: skip
    return Week(**{**given, **change})


def test_the_letter_begins_with_the_outcome_and_leads_to_the_rows():
    assert subject(_week()) == "Weekly review: 6 meetings from 50 people"
    words = body(_week(), "https://panout.example/")
    assert "That is 12 per 100 people (6 to 21, nine times in ten); typical teams get 19." in words
    assert "18 dials to a conversation; 18 are usual." in words
    assert "- persona champion: 4 of 20" in words
    assert "To judge: Fresh money. https://panout.example/board" in words
    assert "2 proposals wait for you. https://panout.example/proposals" in words
    assert "https://panout.example/weekly?since=2026-11-16&until=2026-11-22" in words


def test_a_week_without_touches_claims_nothing():
    quiet = _week(
        people=0, touches=0, answered=0, glad=0, meetings=0, rate=rate(Count(0, 0)), best=[], to_judge=[],
        proposals=0, dials_per_conversation=None,
    )  # fmt: skip
    words = body(quiet, "https://panout.example")
    assert "Nobody was touched." in words
    assert "per 100" not in words
    assert "proposals" not in words


@pytest.mark.django_db
def test_it_goes_to_whoever_sees_the_teams_figures_and_to_nobody_who_has_left(owner, teammate):
    secret = team.invite(owner, "max@panout.test", Role.MANAGER, None, "test", MONDAY)
    gone = team.accept_invitation(secret, "Max Manager", PASSWORD, "UTC", MONDAY)
    team.deactivate(owner, gone, "test", MONDAY)
    assert learning.mail_review(MONDAY) == 1
    assert [one.to for one in mail.outbox] == [["olga@panout.test"]]
    assert mail.outbox[0].subject == "Weekly review: 0 meetings from 0 people"
