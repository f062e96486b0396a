"""The menu: one letter leads to one place."""

from collections import Counter

from panout.web.frame import MENU


def test_no_letter_leads_to_two_places():
    letters = Counter(place.key for _, places in MENU for place in places if place.key)
    assert letters
    assert [letter for letter, count in letters.items() if count > 1] == []
