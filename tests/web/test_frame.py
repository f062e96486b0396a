"""The menu: one letter leads to one place."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest
from django.test import Client, RequestFactory
from django.utils import timezone
from django.utils.html import strip_tags

from panout.web.frame import MENU
from panout.web.http import network_address
from panout.web.templatetags.panout import until, words
from tests.cast import NOON


def test_no_letter_leads_to_two_places():
    letters = Counter(place.key for _, places in MENU for place in places if place.key)
    assert letters
    assert [letter for letter, count in letters.items() if count > 1] == []


def test_the_part_of_the_menu_where_the_reader_is_stands_open(owner_client: Client) -> None:
    page = owner_client.get("/outbox").content.decode()
    assert '<details class="group" data-group="Mail" open>' in page
    assert '<details class="group" data-group="Team">' in page


@pytest.mark.parametrize(
    ("proxies", "passed", "found"),
    [
        (0, "198.51.100.7", "127.0.0.1"),  # anybody can write that header
        (1, "198.51.100.7", "198.51.100.7"),
        (
            1,
            "10.9.9.9, 198.51.100.7",
            "198.51.100.7",
        ),  # what the visitor wrote stands left of what our proxy saw
        (2, "10.9.9.9, 198.51.100.7, 192.0.2.1", "198.51.100.7"),
        (2, "198.51.100.7", "127.0.0.1"),
        (1, "", "127.0.0.1"),
    ],
)
def test_where_a_visitor_comes_from_is_what_our_own_proxy_saw(
    monkeypatch: pytest.MonkeyPatch, proxies: int, passed: str, found: str
) -> None:
    monkeypatch.setattr("panout.web.http.settings.PROXIES", proxies)
    assert network_address(RequestFactory().get("/", headers={"X-Forwarded-For": passed})) == found


def test_a_name_of_ours_reads_as_people_write_it() -> None:
    assert [words(one) for one in ("economic_buyer", "linkedin_message", "linkedin.com")] == [
        "economic buyer",
        "LinkedIn message",
        "linkedin.com",
    ]


def test_a_wait_is_told_by_its_length_or_its_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = tmp_path / "clock"
    clock.write_text(NOON.isoformat())
    monkeypatch.setenv("PANOUT_CLOCK", str(clock))
    waits = {
        timedelta(hours=1): f"until {timezone.localtime(NOON + timedelta(hours=1)):%H:%M}",
        timedelta(days=1): "until tomorrow",
        timedelta(days=2): "for 2 days",
        timedelta(days=40): f"until {NOON + timedelta(days=40):%-d %b}",
    }
    for wait, told in waits.items():
        assert strip_tags(until(NOON + wait)).startswith(told)
    assert until(None) == ""
