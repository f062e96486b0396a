"""The menu: one letter leads to one place."""

from collections import Counter

from django.test import Client

from panout.web.frame import MENU


def test_no_letter_leads_to_two_places():
    letters = Counter(place.key for _, places in MENU for place in places if place.key)
    assert letters
    assert [letter for letter, count in letters.items() if count > 1] == []


def test_the_part_of_the_menu_where_the_reader_is_stands_open(owner_client: Client) -> None:
    page = owner_client.get("/outbox").content.decode()
    assert '<details class="group" data-group="Mail" open>' in page
    assert '<details class="group" data-group="Team">' in page
