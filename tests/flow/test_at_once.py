"""Two at once: a merge while a list is written, a profile changed while it scores, two hands on one draft or pair.

Nothing is lost, and whoever comes second is told so.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from django.db import connection

from panout.flow import clock, importing, scoring
from panout.icp import actions as icp
from panout.icp.queries import profiles, shipped_text, version
from panout.kernel.errors import Conflict, PanoutError
from panout.qualify import actions as qualify
from panout.qualify.models import ScoringRun, Verdict
from panout.resolve import actions as resolve
from panout.resolve import loading
from panout.resolve.models import Account, Match, Merge, Sighting
from panout.resolve.rules.pairs import Answer
from panout.sources import actions as sources
from panout.sources.queries import preview
from panout.team import actions as team
from panout.team import queries as people
from panout.team.rules import Person
from tests.cast import NOON, PASSWORD
from tests.web.world import populate

pytestmark = [pytest.mark.xdist_group("at once"), pytest.mark.django_db(transaction=True)]
PATIENCE = 60.0  # seconds until a test that hangs fails


@pytest.fixture
def olga(transactional_db: None) -> Person:
    made = team.create_owner("Olga Owner", "olga@panout.test", PASSWORD, "Europe/Berlin", NOON)
    return people.member(made).person


def _both(*deeds: Callable[[], object]) -> list[object]:
    """Each in a thread of its own, all let go at one moment; what each came to, or the error that it met."""
    met: list[object] = [None] * len(deeds)
    gate = threading.Barrier(len(deeds))

    def run(place: int, deed: Callable[[], object]) -> None:
        gate.wait(PATIENCE)
        try:
            met[place] = deed()
        except PanoutError as error:
            met[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(place, deed)) for place, deed in enumerate(deeds)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(PATIENCE)
    return met


def test_a_merge_waits_for_a_list_that_is_being_written_and_loses_nothing(
    olga: Person, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    kept = resolve.add_account(olga, {"company_name": "Acme", "domain": "acme.example"}, "test", NOON)
    gone = resolve.add_account(olga, {"company_name": "Acme Ltd", "domain": "acme-ltd.example"}, "test", NOON)
    listed = b"company name,domain,city\nAcme Ltd,acme-ltd.example,Leeds\n"
    batch = sources.upload(olga, "more.csv", [listed], 10**6, "test", NOON)
    columns = {column.header: column.field for column in preview(batch).columns}
    sources.map_columns(olga, batch, columns, tags=[], now=NOON)
    sources.commit(olga, batch, "test", NOON)
    matched, go_on = threading.Event(), threading.Event()
    write = loading.load

    def slowly(engine: object, terms: loading.Terms, tick: loading.Tick) -> loading.Plan:
        matched.set()
        assert go_on.wait(PATIENCE)
        return write(engine, terms, tick)  # type: ignore[arg-type]

    monkeypatch.setattr(loading, "load", slowly)
    worker = threading.Thread(target=lambda: (importing.work_on_one("thread"), connection.close()))
    worker.start()
    assert matched.wait(PATIENCE)
    with pytest.raises(Conflict, match="A list is being written"):
        resolve.merge(olga, "account", kept, gone, "The same.", "test", NOON)
    go_on.set()
    worker.join(PATIENCE)
    assert Account.objects.get(id=gone).city == "Leeds"
    resolve.merge(olga, "account", kept, gone, "The same.", "test", NOON)
    assert Account.objects.get(id=kept).city == "Leeds"  # what the list said came along
    assert Sighting.objects.get(batch=batch).account_id == kept


def test_a_profile_that_changes_while_it_scores_is_scored_by_again(
    olga: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    populate(olga, clock.now())
    draft = icp.start_draft(olga, profiles()[0].id, "test", NOON)
    narrower = shipped_text("b2b-software").replace("between 50 and 1000", "between 500 and 1000")
    icp.save_draft(olga, draft, 1, narrower, "Bigger only.", "test", NOON)
    judge = qualify.judge

    def changed_meanwhile(*given: object) -> None:
        monkeypatch.setattr(qualify, "judge", judge)
        icp.activate(olga, draft, "Bigger only.", "test", clock.now())
        judge(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(qualify, "judge", changed_meanwhile)
    scoring.score_everybody()
    assert not Verdict.objects.filter(icp_version=draft).exists()  # it ended by the rules that it began with
    assert scoring.catch_up() > 0  # and the next look finds them old
    assert set(Verdict.objects.values_list("icp_version", flat=True)) == {draft}
    assert scoring.catch_up() == 0
    assert ScoringRun.objects.filter(finished_at=None).count() == 0


def test_of_two_who_save_one_draft_at_once_one_is_told(olga: Person) -> None:
    text = shipped_text("yc")
    draft = icp.create_icp(olga, "Ours", text, "test", NOON)
    met = _both(
        lambda: icp.save_draft(olga, draft, 1, f"{text}\n# mine\n", "", "test", NOON),
        lambda: icp.save_draft(olga, draft, 1, f"{text}\n# theirs\n", "", "test", NOON),
    )
    told = [one for one in met if isinstance(one, Conflict)]
    assert len(told) == 1
    assert "Somebody else saved this draft" in str(told[0])
    kept = version(draft)
    assert kept.edits == 2
    assert ("# mine" in kept.text) != ("# theirs" in kept.text)


def test_of_two_who_put_it_in_force_at_once_one_is_told(olga: Person) -> None:
    draft = icp.create_icp(olga, "Ours", shipped_text("yc"), "test", NOON)
    met = _both(*[lambda: icp.activate(olga, draft, "Now.", "test", NOON)] * 2)
    assert [str(one) for one in met if isinstance(one, Conflict)] == [
        "This version is in force already, or was."
    ]


def test_of_two_who_settle_one_pair_at_once_one_is_told(olga: Person) -> None:
    left, right = (
        resolve.add_account(olga, {"company_name": name, "domain": f"{name}.example"}, "test", NOON)
        for name in ("one", "two")
    )
    pair = Match.objects.create(left_account_id=left, right_account_id=right, probability=0.95, found_at=NOON)
    met = _both(*[lambda: resolve.settle_pair(olga, pair.pk, Answer.SAME, "test", NOON)] * 2)
    told = [one for one in met if isinstance(one, Conflict)]
    assert len(told) == 1
    assert "settled this pair already" in str(told[0])
    assert Merge.objects.count() == 1
