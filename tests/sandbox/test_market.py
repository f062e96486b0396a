"""The market keeps its word: the same seed is the same market, and both policies meet the same buyers."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from panout.learn.rules.proposals import Axis, Part, proposals
from panout.learn.rules.rates import Count
from panout_sandbox import rep, spray
from panout_sandbox.buyers import Does, on_mail
from panout_sandbox.market import MarketError, load
from panout_sandbox.world import make, ordered_buyers, write_news, write_people

MARKETS = Path(__file__).resolve().parents[2] / "examples" / "markets"
NOW = datetime(2026, 3, 3, 10, tzinfo=UTC)


@pytest.fixture
def market():
    return replace(load(MARKETS / "data-tools.yaml"), companies=40)


def _sprayed(market, seed, folder, days=30):
    world = make(market, seed, days)
    people = folder / "people.csv"
    write_people(world, people, seed)
    return spray.run(world, seed, ordered_buyers(world, people), days, spray.Capacity())


def test_the_same_seed_is_the_same_history(market, tmp_path):
    first, again, other = (_sprayed(market, seed, tmp_path).outcomes() for seed in (4, 4, 5))
    assert first == again
    assert first != other
    assert first["simulation"] is True


def test_outcomes_tell_what_each_persona_industry_and_signal_cost_and_brought(market, tmp_path):
    told = _sprayed(market, 4, tmp_path, 60).outcomes()
    asked = {
        "contacts", "touches", "replies_by_class", "positive_rate", "meetings_per_100", "held_per_100",
        "complaints_per_100", "bounces_per_100", "opt_outs_per_100", "touches_per_meeting", "simulation",
    }  # fmt: skip
    assert asked <= set(told)
    for axis in ("role", "industry", "signal"):
        parts = [counts for name, counts in told["slices"].items() if name.startswith(f"{axis}:")]
        for what in ("contacts", "touches", "meetings"):
            assert sum(part[what] for part in parts) == told[what], (axis, what)
    assert {"signal:none", "signal:hiring"} <= set(told["slices"])


def test_lists_leak_nothing_of_the_hidden_truth(market, tmp_path):
    world = make(market, 1, 30)
    write_people(world, tmp_path / "people.csv", 1)
    with (tmp_path / "people.csv").open(newline="") as given:
        columns = set(next(csv.reader(given)))
    assert not columns & {"needs", "patience", "intensity", "role"}
    assert write_news(world, tmp_path / "news.csv", market.starts, market.starts.replace(month=4)) > 0


def test_who_has_left_bounces_and_who_is_written_to_after_a_wish_may_complain(market):
    world = make(market, 1, 30)
    gone = next(one for one in world.buyers.values() if one.has_left)
    assert on_mail(world, 1, gone, "hello", NOW).does is Does.BOUNCE
    there = [one for one in world.buyers.values() if not one.has_left]
    for one in there:
        one.silent = True
    assert {on_mail(world, 1, one, "hello", NOW).does for one in there} == {Does.COMPLAINT, Does.NOTHING}


def test_a_market_without_a_pattern_gives_nothing_to_claim(tmp_path):
    market = load(MARKETS / "no-pattern.yaml")
    claimed = 0
    for seed in range(12):
        tally = _sprayed(market, seed, tmp_path, 60)
        contacts, meetings = len(tally.touched), len(tally.booked)
        parts = [
            Part(
                Axis.INDUSTRY if name.startswith("industry") else Axis.PERSONA,
                name.partition(":")[2],
                Count(counts["meetings"], counts["contacts"]),
                Count(meetings - counts["meetings"], contacts - counts["contacts"]),
            )
            for name, counts in tally.slices.items()
        ]
        claimed += len(list(proposals(parts)))
    assert claimed == 0


SHIPPED = (MARKETS / "data-tools.yaml").read_text("utf-8")


@pytest.mark.parametrize(
    ("was", "becomes", "told"),
    [
        (SHIPPED, "name: x\n", "line 1: employees is missing"),
        (SHIPPED, "- one\n", "line 1: a market is a mapping"),
        (SHIPPED, "name: [\n", "line 2: "),
        ("read: 0.27 ", "reads: 0.27", "mail.read is missing"),
        ("read: 0.27 ", "read: 27 ", "mail.read has to be a number from 0 to 1, and is 27"),
        ("read: 0.27 ", "read: often ", "mail.read has to be a number, and is 'often'"),
        ("companies: 260", "companies: 2.5", "companies has to be a whole number, and is 2.5"),
        ("starts: 2026-03-02", "starts: soon", "starts has to be a day such as 2026-03-02, and is 'soon'"),
        ("yearly: 1.2", "yearly: -1", "events.hiring.yearly has to be a number of 0 or more, and is -1"),
        ("days: [3, 14]", "days: [14, 3]", "away.days has to be two whole numbers such as [2, 9]"),
        ("question: 0.10", "questions: 0.10", "answers.classes.questions is no answer that is known here"),
        ("regions: [England]", "regions: []", "countries.GB.regions has to be a list of texts"),
    ],
)
def test_a_market_file_that_is_wrong_says_on_which_line_and_how(tmp_path, was, becomes, told):
    broken = tmp_path / "market.yaml"
    assert was in SHIPPED
    broken.write_text(SHIPPED.replace(was, becomes, 1), "utf-8")
    with pytest.raises(MarketError) as error:
        load(broken)
    assert told in str(error.value)
    if was != SHIPPED and "is missing" not in told:
        number = 1 + SHIPPED[: SHIPPED.index(was)].count("\n")
        assert f"{broken}, line {number}: " in str(error.value)


def test_a_market_file_that_is_not_there_says_so(tmp_path):
    with pytest.raises(MarketError, match="No such file"):
        load(tmp_path / "market.yaml")


def test_news_counts_for_as_long_as_the_team_reads_back_and_nothing_else_of_the_profile_changes():
    text = (MARKETS.parent / "icp" / "b2b-software.yaml").read_text("utf-8")
    before, after = text.splitlines(), rep.patient(text).splitlines()
    changed = [(was.split()[1], now.split()[1]) for was, now in zip(before, after, strict=True) if was != now]
    assert changed == [("60", "90"), ("60", "90"), ("45", "90")]
