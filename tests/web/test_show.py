"""A show: the played clock on every page, its pace, the way in, the tour. Nothing of it where nothing is played."""

from __future__ import annotations

import pytest
from django.test import Client

from panout.flow import clock
from panout.flow.clock import Pace

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("book")]


@pytest.fixture
def stage(tmp_path, monkeypatch):
    """The files by which a sandbox plays the time, three days in."""
    (tmp_path / "clock").write_text("2026-03-04T11:00:00+00:00")
    (tmp_path / "began").write_text("2026-03-02")
    (tmp_path / "pace").write_text("steady")
    monkeypatch.setenv("PANOUT_CLOCK", str(tmp_path / "clock"))
    return tmp_path


def _text(answer) -> str:
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def test_every_page_of_a_show_says_when_it_is_and_the_tour_begins(owner_client, stage):
    text = _text(owner_client.get("/prospects"))
    assert "Wed 4 Mar, 12:00" in text  # on the reader's own watch
    assert "day 3" in text
    assert "Stop 1 of 5" in text
    assert "data-live" in text


def test_the_reader_pauses_goes_faster_and_starts_anew(owner_client, stage):
    for wanted in (Pace.PAUSED, Pace.FAST, Pace.RESET):
        answer = owner_client.post("/show/pace", {"pace": wanted.value, "next": "/prospects"})
        assert answer.status_code == 303
        assert answer["Location"] == "/prospects"
        assert clock.pace() is wanted
        assert (stage / "pace").read_text() == wanted.value
    assert owner_client.post("/show/pace", {"pace": "backwards"}).status_code == 400


def test_a_play_that_is_over_can_only_begin_anew(owner_client, stage):
    (stage / "pace").write_text("over")
    owner_client.post("/show/pace", {"pace": "fast"})
    assert clock.pace() is Pace.OVER
    owner_client.post("/show/pace", {"pace": "reset"})
    assert clock.pace() is Pace.RESET


def test_the_tour_leads_through_five_stops_and_can_be_left(owner_client, stage):
    seen = []
    for number in range(2, 6):
        answer = owner_client.post("/show/tour", {"stop": str(number)})
        seen.append(answer["Location"])
        assert f"Stop {number} of 5" in _text(owner_client.get(answer["Location"]))
    assert seen == ["/outbox", "/inbox?state=all", "/meetings", "/board"]
    owner_client.post("/show/tour", {"stop": "0", "next": "/board"})
    assert "Stop" not in _text(owner_client.get("/board"))


def test_whoever_stands_at_the_machine_may_look_around(owner, stage):
    visitor = Client()
    assert "Look around" in _text(visitor.get("/account/login/"))
    assert visitor.post("/show/enter")["Location"] == "/prospects"
    assert "Prospects" in _text(visitor.get("/prospects"))


def test_where_nothing_is_played_there_is_no_way_in_and_no_clock(owner, owner_client):
    visitor = Client()
    assert "Look around" not in _text(visitor.get("/account/login/"))
    assert visitor.post("/show/enter").status_code == 404
    assert owner_client.post("/show/pace", {"pace": "fast"}).status_code == 404
    assert owner_client.get("/show/header").status_code == 404
    assert 'id="show"' not in _text(owner_client.get("/prospects"))


def test_a_stranger_cannot_turn_the_clock_of_a_show(owner, stage):
    answer = Client().post("/show/pace", {"pace": "fast"})
    assert answer.status_code == 302
    assert clock.pace() is Pace.STEADY


def test_a_played_clock_without_a_show_lets_nobody_in(owner, stage):
    (stage / "pace").unlink()  # a benchmark plays the time; nobody watches
    assert Client().post("/show/enter").status_code == 404
