"""The first page, signing in, one's own page, and a list's way in and out."""

from __future__ import annotations

import re

from django.test import Client

from panout.flow import importing
from panout.team.rules import Person
from tests.cast import PASSWORD
from tests.web.seen import text_of


def test_the_first_page_makes_the_owner_and_puts_a_profile_in_force(db: None) -> None:
    client = Client()
    assert client.get("/account/login/")["Location"] == "/start"
    assert "Pan your market" in text_of(client.get("/start"))
    form = {"name": "Olga", "email": "olga@panout.test", "password": "short", "zone": "UTC", "icp": "yc"}
    refused = client.post("/start/begin", form)
    assert refused.status_code == 400
    assert 'value="olga@panout.test"' in refused.content.decode()
    begun = client.post("/start/begin", form | {"password": PASSWORD}, follow=True)
    assert "Choose a list" in text_of(begun)
    assert Client().get("/start")["Location"] == "/account/login/"
    assert Client().post("/start/begin", form | {"password": PASSWORD}).status_code == 400
    assert "prospects" in text_of(client.get("/prospects")).lower()
    for address, shipped in (
        ("/templates", "First touch"),
        ("/library", "no budget"),
        ("/cadences", "Standard"),
    ):
        assert shipped in text_of(client.get(address)), address


def test_one_changes_ones_own_zone_and_times_follow(owner_client: Client, owner: Person) -> None:
    owner_client.post("/me/change", {"name": "Olga O", "zone": "Asia/Tokyo"})
    page = owner_client.get("/me").content.decode()
    assert "Olga O" in page
    assert "<option selected>Asia/Tokyo</option>" in page
    assert owner_client.post("/me/change", {"name": "Olga", "zone": "Mars/Base"}).status_code == 400


def test_the_theme_is_a_choice_that_lasts(owner_client: Client) -> None:
    owner_client.post("/theme", {"theme": "dark"})
    assert 'data-bs-theme="dark"' in owner_client.get("/me").content.decode()


def test_signing_in_is_throttled(owner: Person) -> None:
    client = Client()
    form = {"login": "olga@panout.test", "password": "wrong"}
    answers = [client.post("/account/login/", form).content.decode() for _ in range(7)]
    assert any("Too many failed" in answer for answer in answers)


def test_a_list_goes_in_with_a_look_first_and_comes_out_again(owner_client: Client, owner: Person) -> None:
    address = owner_client.post("/imports/sample", {"name": "people.csv"})["Location"]
    page = owner_client.get(address)
    assert "Work Direct Phone" in text_of(page)
    content = page.content.decode()
    headers = re.findall(r'name="header" value="([^"]*)"', content)
    fields = re.findall(r"<option value=\"([^\"]*)\" selected>", content)
    form = {"header": headers, "field": fields[: len(headers)], "policy": "fill", "tags": "fair, sample"}
    owner_client.post(f"{address}/plan", form | {"go": "check"})
    assert "Looking, nothing changes" in text_of(owner_client.get(address))
    importing.work_on_one("test")
    looked = text_of(owner_client.get(address))
    assert "This is what would happen" in looked
    assert "58 companies, 188 people" in looked
    assert "This is no email address." in looked
    assert "No contacts yet" in text_of(owner_client.get("/contacts"))
    owner_client.post(f"{address}/commit")
    importing.work_on_one("test")
    assert "The list is in the book" in text_of(owner_client.get(address))
    assert "188 contacts" in text_of(owner_client.get("/contacts"))
    assert "row" in b"".join(owner_client.get(f"{address}/errors.csv").streaming_content).decode()
    assert "as it came" in text_of(owner_client.get(f"{address}/rows/12"))
    owner_client.post(f"{address}/undo")
    importing.work_on_one("test")
    assert "was taken back" in text_of(owner_client.get(address))
    assert "No contacts yet" in text_of(owner_client.get("/contacts"))
