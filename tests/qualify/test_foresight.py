"""What a draft would change in a large book is reckoned by a worker; scoring everybody says how far it is."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client

from panout.flow import clock, reminding, scoring
from panout.icp import actions as icp
from panout.icp.queries import profiles, shipped_text, version
from panout.outreach.queries import due_tasks
from panout.qualify import foresight, runs
from panout.qualify.models import Preview, ScoringRun, Verdict
from panout.resolve import actions as resolve
from panout.resolve.models import Contact
from panout.team.rules import Person
from tests.cast import NOON, signed_in
from tests.web.seen import text_of
from tests.web.world import populate

BIGGER = ("employees between 50 and 1000", "employees between 500 and 1000")


@pytest.fixture
def book(owner: Person) -> dict[str, int]:
    return populate(owner, clock.now())


@pytest.fixture
def draft(owner: Person, book: dict[str, int]) -> int:
    made = icp.start_draft(owner, profiles()[0].id, "test", NOON)
    icp.save_draft(
        owner, made, 1, shipped_text("b2b-software").replace(*BIGGER), "Bigger only.", "test", NOON
    )
    return made


def test_stretch_by_stretch_comes_to_the_same_as_all_at_once(
    owner: Person, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve.add_contact(owner, None, {"full_name": "Homeless Person", "title": "Head of Data"}, "test", NOON)
    for name, kind in (("Ada Sommer", "reply"), ("Erik Lund", "call")):
        contact = Contact.objects.get(full_name=name).pk
        resolve.note_activity(kind=kind, text=kind, now=NOON, contact_id=contact)
    whole = scoring.foresee(draft)
    assert whole.judged == Verdict.objects.count() + 1  # who has no company is judged too
    assert (whole.back_test.well, whole.back_test.not_well) == (1, 1)
    monkeypatch.setattr("panout.qualify.actions.ACCOUNTS_AT_ONCE", 5)
    said: list[tuple[int, int]] = []
    with scoring._engine("test") as engine:
        parts = foresight.foresee(
            engine, version(draft), clock.now().date(), lambda done, total: said.append((done, total))
        )
    assert said == [(0, 4), (1, 4), (2, 4), (3, 4), (4, 4)]
    assert (parts.judged, set(parts.moves), set(parts.changed), parts.back_test) == (
        whole.judged, set(whole.moves), set(whole.changed), whole.back_test,
    )  # fmt: skip


def test_a_large_book_is_judged_by_a_worker_while_the_page_waits(
    owner_client: Client, draft: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(foresight, "SMALL", 5)
    monkeypatch.setattr("panout.web.profiles.jobs.wake_previews", lambda: None)
    place = f"/profiles/versions/{draft}/foresee"
    waiting = text_of(owner_client.get(place))
    assert "a worker judges it" in waiting
    assert "Activate version" not in waiting
    assert scoring.work_on_previews() == 1
    told = text_of(owner_client.get(place, headers={"HX-Request": "true"}))
    for words in ("Ada Sommer", "disqualified", "Activate version 2", "were judged"):
        assert words in told, words
    assert scoring.work_on_previews() == 0
    owner_client.post(f"{place}/again")
    assert "a worker judges it" in text_of(owner_client.get(place))


def test_a_worker_that_died_is_followed_by_another(owner: Person, draft: int) -> None:
    moment = clock.now()
    foresight.ask_preview(owner, version(draft), moment.date(), moment)
    assert foresight.claim_preview(moment) is not None
    assert foresight.claim_preview(moment + timedelta(minutes=1)) is None
    assert foresight.claim_preview(moment + timedelta(minutes=6)) is not None


def test_a_draft_that_does_not_read_is_said_to_fail(owner: Person, book: dict[str, int]) -> None:
    made = icp.start_draft(owner, profiles()[0].id, "test", NOON)
    icp.save_draft(owner, made, 1, "nonsense: [", "", "test", NOON)
    foresight.ask_preview(owner, version(made), clock.now().date(), clock.now())
    scoring.work_on_previews()
    kept = Preview.objects.get()
    assert kept.failed
    assert kept.told is None


def test_nobody_is_named_whom_the_reader_does_not_see(teammate: Person, draft: int) -> None:
    page = text_of(signed_in(teammate).get(f"/profiles/versions/{draft}/foresee"))
    assert "disqualified" in page  # the figures are of all
    assert "Ada Sommer" not in page


def test_scoring_everybody_says_why_how_far_and_who_moved(
    owner: Person, owner_client: Client, draft: int
) -> None:
    icp.activate(owner, draft, "Bigger only.", "test", clock.now())
    assert scoring.catch_up() > 0
    run = runs.latest()
    assert run is not None
    assert run.why == "Data observability, version 2"
    assert run.finished_at is not None
    assert run.done == run.total == Verdict.objects.count()
    assert {(one.was, one.now) for one in run.moves} >= {("prospect", "disqualified")}
    page = text_of(owner_client.get(f"/profiles/{profiles()[0].id}"))
    assert "Data observability, version 2" in page
    ScoringRun.objects.create(why="version 3", started_at=clock.now(), done=40, total=160)
    part = owner_client.get("/profiles/run").content.decode()
    assert 'hx-get="/profiles/run"' in part
    assert "40</span> of 160" in part


def test_a_review_that_is_due_is_in_its_owners_today_once(
    owner: Person, owner_client: Client, teammate: Person, book: dict[str, int]
) -> None:
    profile = profiles()[0].id
    icp.set_owners(owner, profile, owner.id, teammate.id, "test", NOON)
    moment = clock.now()
    assert reminding.remind_of_reviews(moment) == 0
    later = moment + timedelta(days=31)
    assert reminding.remind_of_reviews(later) == 2
    reminding.remind_of_reviews(later + timedelta(days=1))
    for person in (owner, teammate):
        mine = [
            one
            for one in due_tasks(person, later, 50)
            if one.title == "Review the profile Data observability"
        ]
        assert len(mine) == 1
