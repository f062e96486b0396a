"""One verb over all that a filter finds: at once or by a worker, with progress, undone as it was."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.test import Client

from panout.consent.models import Suppression
from panout.flow import clock
from panout.kernel.errors import BadInput, NotAllowed, NotFound
from panout.qualify.queries import ListFilter, Matching, matching
from panout.resolve import actions as resolve
from panout.resolve.models import Contact
from panout.segments import sweeping
from panout.segments.sweeping import Do, Picked, Words
from panout.team import actions as team
from panout.team.rules import Person, Role, Sees
from tests.cast import NOON, signed_in
from tests.web.seen import text_of


@pytest.fixture(autouse=True)
def small_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parts of two, and no more than four at once: twelve companies are many."""
    monkeypatch.setattr(sweeping, "PART", 2)
    monkeypatch.setattr(sweeping, "AT_ONCE", 4)


def _all(owner: Person, what: str, asked: ListFilter | None = None) -> Picked:
    found = matching(owner, what, asked or ListFilter(), clock.now().date(), 1000)
    return Picked(found, what, "country=GB" if asked else f"all {what}")


def _work() -> int:
    turns = 0
    while sweeping.work_on_one(clock.now()):
        turns += 1
    return turns


def test_what_is_large_goes_on_without_the_reader_and_comes_back_whole(
    owner: Person, book: dict[str, int]
) -> None:
    resolve.tag(owner, "vip", account_ids=[book["Tidal Freight"]], origin="test", now=NOON)
    made = sweeping.ask(owner, Do.TAG, Words(name="vip"), _all(owner, "accounts"), "test", NOON)
    card = sweeping.sweep(owner, made)
    assert (card.working, card.total, card.looked_at) == (True, 12, 4)
    assert _work() == 4
    card = sweeping.sweep(owner, made)
    assert (card.working, card.count, card.said) == (False, 11, "11 records tagged vip.")
    sweeping.take_back(owner, made, NOON)
    assert sweeping.sweep(owner, made).working
    _work()
    assert sweeping.sweep(owner, made).taken_back
    tagged = matching(owner, "accounts", ListFilter(tag="vip"), clock.now().date(), 99)
    assert tagged.accounts == (book["Tidal Freight"],)  # it had the tag before


def test_taking_back_in_the_middle_stops_what_is_left(owner: Person, book: dict[str, int]) -> None:
    made = sweeping.ask(owner, Do.TAG, Words(name="vip"), _all(owner, "accounts"), "test", NOON)
    sweeping.work_on_one(clock.now())
    sweeping.take_back(owner, made, NOON)
    _work()
    assert matching(owner, "accounts", ListFilter(tag="vip"), clock.now().date(), 99).accounts == ()
    assert sweeping.sweep(owner, made).taken_back


def test_who_was_changed_since_stays_as_they_are(
    owner: Person, teammate: Person, book: dict[str, int]
) -> None:
    one, two = Contact.objects.order_by("id").values_list("id", flat=True)[:2]
    picked = Picked(Matching((), (one, two)), "contacts")
    made = sweeping.ask(owner, Do.ASSIGN, Words(owner=teammate.id), picked, "test", NOON)
    resolve.assign(owner, None, contact_ids=[two], origin="test", now=NOON)
    sweeping.take_back(owner, made, NOON)
    owners = dict(Contact.objects.filter(id__in=[one, two]).values_list("id", "owner_id"))
    assert owners == {one: owner.id, two: None}


def test_a_rep_gives_back_what_they_took_for_themselves(
    owner: Person, teammate: Person, book: dict[str, int]
) -> None:
    one = Contact.objects.order_by("id").values_list("id", flat=True)[0]
    resolve.assign(owner, None, contact_ids=[one], origin="test", now=NOON)
    picked = Picked(Matching((), (one,)), "contacts")
    made = sweeping.ask(teammate, Do.ASSIGN, Words(owner=teammate.id), picked, "test", NOON)
    sweeping.take_back(teammate, made, NOON)
    assert Contact.objects.get(id=one).owner_id is None


@pytest.mark.parametrize("verb", [Do.PARK, Do.PROMOTE, Do.DISQUALIFY, Do.SUPPRESS])
def test_each_verb_over_people_is_undone(owner: Person, book: dict[str, int], verb: Do) -> None:
    before = dict(Contact.objects.values_list("id", "lifecycle"))
    until = (clock.now() + timedelta(days=30)).date()
    words = Words(reason="Said so at the fair.", until=until)
    moment = clock.now()
    made = sweeping.ask(owner, verb, words, _all(owner, "contacts"), "test", moment)
    _work()
    standing = Suppression.objects.filter(lifted_at=None)
    assert dict(Contact.objects.values_list("id", "lifecycle")) != before or standing.count() == len(before)
    sweeping.take_back(owner, made, moment)
    _work()
    assert dict(Contact.objects.values_list("id", "lifecycle")) == before
    assert not standing.exists()


def test_what_cannot_be_done_is_said_at_once_and_changes_nothing(
    owner: Person, teammate: Person, book: dict[str, int]
) -> None:
    people = _all(owner, "contacts")
    with pytest.raises(BadInput, match="reason in words"):
        sweeping.ask(owner, Do.PROMOTE, Words(reason=""), people, "test", NOON)
    with pytest.raises(BadInput, match="Nobody was selected"):
        sweeping.ask(owner, Do.PARK, Words(), _all(owner, "accounts"), "test", NOON)
    with pytest.raises(NotAllowed):
        sweeping.ask(teammate, Do.ASSIGN, Words(owner=owner.id), people, "test", NOON)
    assert sweeping.sweeps(owner) == () == sweeping.sweeps(teammate)


def test_who_may_no_longer_do_it_stops_it_with_the_reason(
    owner: Person, teammate: Person, book: dict[str, int]
) -> None:
    team.set_role(owner, teammate.id or 0, Role.SDR, Sees.ALL, "test", NOON)
    seer = Person(teammate.id, teammate.name, Role.SDR, Sees.ALL)
    made = sweeping.ask(seer, Do.TAG, Words(name="mine"), _all(seer, "accounts"), "test", NOON)
    team.set_role(owner, teammate.id or 0, Role.MARKETING, Sees.ALL, "test", NOON)
    _work()
    card = sweeping.sweep(seer, made)
    assert not card.working
    assert "may not edit accounts" in card.stopped


def test_another_ones_change_is_nobody_elses_business(
    owner: Person, teammate: Person, book: dict[str, int]
) -> None:
    made = sweeping.ask(owner, Do.TAG, Words(name="vip"), _all(owner, "accounts"), "test", NOON)
    with pytest.raises(NotFound):
        sweeping.take_back(teammate, made, NOON)
    assert signed_in(teammate).get(f"/sweeps/{made}").status_code == 404


def test_the_list_offers_all_that_match_and_shows_how_far_it_is(
    owner_client: Client, owner: Person, book: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("panout.web.sweeps.jobs.wake_sweeps", lambda: None)
    page = owner_client.get("/accounts?country=GB").content.decode()
    assert "all 3 that match" in page
    form = {"what": "accounts", "query": "country=GB", "all": "1", "do": "tag", "tag_name": "british"}
    done = owner_client.post("/bulk", form | {"next": "/accounts"}, follow=True).content.decode()
    assert "3 records tagged british." in done
    token = re.search(r'name="token" value="([^"]+)"', done)
    assert token is not None
    assert (
        "Everything is as it was"
        in owner_client.post("/undo", {"token": token[1]}, follow=True).content.decode()
    )
    large = owner_client.post("/bulk", form | {"query": ""})
    assert large.status_code == 303
    shown = text_of(owner_client.get(large["Location"]))
    assert "4 of 12" in shown
    assert "Stop, and take it back" in shown
    _work()
    assert "12 records tagged british." in text_of(owner_client.get(large["Location"]))
    assert "all that match all accounts" in text_of(owner_client.get("/sweeps"))
    assert "tag all that match" in text_of(owner_client.get("/ledger"))
    owner_client.post(f"{large['Location']}/undo")
    _work()
    assert "Everything is as it was" in text_of(owner_client.get(large["Location"]))
