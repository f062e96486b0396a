"""Two snapshots of a list and what changed between them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pandas as pd
import pytest

from panout.batch.engine import DuckDBEngine, Engine
from panout.criteria.dialects import DIALECTS
from panout.signals.detectors.snapshot import VIEWS, Thresholds, snapshot_steps
from tests.qualify.table import ACCOUNTS, CONTACTS, load

ON = date(2022, 4, 2)
YC = Path(__file__).parents[3] / "shared/data/yc"


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    engine = DuckDBEngine(threads=1)
    yield engine
    engine.close()


def changes(engine, was, now, was_people=(), now_people=(), **thresholds) -> dict[str, list[tuple]]:
    load(engine, "old_accounts", ACCOUNTS, was)
    load(engine, "accounts", ACCOUNTS, now)
    load(engine, "old_contacts", CONTACTS, was_people)
    load(engine, "contacts", CONTACTS, now_people)
    limits = Thresholds(**thresholds)
    for step in snapshot_steps(DIALECTS[engine.kind], on=ON, source="list.csv", thresholds=limits):
        (engine.view if step.name in VIEWS else engine.run)(step)
    found: dict[str, list[tuple]] = {}
    for row in engine.arrow("snapshot_signals").to_pylist():
        assert (row["date"], row["source"]) == (ON, "list.csv")
        assert 0 < row["strength"] <= 1
        found.setdefault(row["type"], []).append((row["contact_id"] or row["account_id"], row["evidence"]))
    return {kind: sorted(rows) for kind, rows in found.items()}


def company(id_: str, **fields: object) -> dict[str, object]:
    return {"account_id": id_, "company_name": f"Company {id_}", "domain": f"{id_}.example", **fields}


def person(id_: str, account: str | None, **fields: object) -> dict[str, object]:
    return {"contact_id": id_, "account_id": account, "full_name": f"Person {id_}", **fields}


def test_each_kind_of_change_is_found_once(engine):
    was = [
        company("a1", hiring=False, employees=20, status="Active", technologies=["dbt", "Airflow"]),
        company("a2", hiring=True, employees=20),
    ]
    now = [
        company("a1", hiring=True, employees=30, status="Acquired", technologies=["DBT", "Snowflake"]),
        company("a2", hiring=False, employees=10, company_name="Company Two"),
        company("a3"),
    ]
    assert changes(engine, was, now) == {
        "hiring_started": [("a1", "was not hiring, now is")],
        "hiring_stopped": [("a2", "was hiring, now is not")],
        "team_grew": [("a1", "team of 30, was 20")],
        "team_shrank": [("a2", "team of 10, was 20")],
        "status_changed": [("a1", "status Acquired, was Active")],
        "tech_changed": [("a1", "now uses Snowflake; no longer uses Airflow")],
        "renamed": [("a2", "now Company Two, was Company a2")],
        "new_company": [("a3", "is on the list for the first time")],
    }


def test_what_was_unknown_before_or_is_unknown_now_has_not_changed(engine):
    known = {
        "hiring": True,
        "employees": 50,
        "status": "Active",
        "technologies": ["dbt"],
        "company_name": "X",
    }
    unknown = dict.fromkeys(known)
    assert changes(engine, [company("a1", **unknown)], [company("a1", **known)]) == {}
    assert changes(engine, [company("a1", **known)], [company("a1", **unknown)]) == {}
    there, away = person("c1", "a1", title="CFO", linkedin="in/x"), person("c1", None, linkedin="in/x")
    assert changes(engine, [company("a1")], [company("a1")], [there], [away]) == {}
    assert changes(engine, [company("a1")], [company("a1")], [away], [there]) == {}


@pytest.mark.parametrize(
    ("was", "now", "kind"),
    [(10, 12, None), (10, 13, "team_grew"), (100, 119, None), (100, 120, "team_grew"), (15, 18, "team_grew"),
     (10, 7, "team_shrank"), (10, 8, None), (100, 81, None), (100, 80, "team_shrank"), (0, 50, None)],
)  # fmt: skip
def test_a_team_has_grown_by_people_and_by_per_cent(engine, was, now, kind):
    found = changes(engine, [company("a1", employees=was)], [company("a1", employees=now)])
    assert list(found) == ([kind] if kind else [])


def test_a_company_is_known_again_by_record_id_domain_or_former_name(engine):
    was = [
        company("a1", company_record_id="7", domain="same.example"),
        company("a2", company_record_id="8", domain="old.example"),
        company("a3", domain="third.example"),
        company("a4", domain=None, company_name="Fourth, Inc."),
    ]
    now = [
        company("b1", company_record_id="7", domain="same.example"),
        company("b2", company_record_id="8", domain="new.example", company_name="Company a2"),
        company("b3", domain="third.example", company_name="Company a3 GmbH"),
        company("b4", domain="fourth.example", company_name="Quattro", former_names=["Fourth", "Vier"]),
    ]
    found = changes(engine, was, now)
    assert found == {
        "renamed": [("b1", "now Company b1, was Company a1"), ("b4", "now Quattro, was Fourth, Inc.")]
    }


def test_record_ids_of_another_source_are_not_believed(engine):
    was = [company(f"a{n}", company_record_id=str(n), status="Active") for n in range(9)]
    now = [company(f"b{n}", company_record_id=str(n), status="Closed") for n in range(9)]
    assert list(changes(engine, was, now)) == ["new_company"]


def test_people_who_move_are_followed_by_their_profile(engine):
    places = [company("a1"), company("a2")]
    was = [
        person("c1", "a1", linkedin="in/ann", title="CFO"),
        person("c2", "a1", email="b@a1.example", title="CTO"),
    ]
    now = [
        person("d1", "a2", linkedin="in/ann", title="CEO"),
        person("c2", "a1", email="b@a1.example", title="Chief Officer"),
        person("c3", "a2"),
    ]
    assert changes(engine, places, places, was, now) == {
        "job_changed": [("d1", "now at Company a2, was at Company a1")],
        "title_changed": [("c2", "now Chief Officer, was CTO")],
        "new_person": [("c3", "is on the list for the first time")],
    }


def test_a_company_that_got_a_new_id_is_no_new_job(engine):
    was, now = [company("a1", domain="x.example")], [company("b1", domain="x.example", company_name="Else")]
    people = [person("c1", "a1", linkedin="in/ann")], [person("c1", "b1", linkedin="in/ann")]
    assert list(changes(engine, was, now, *people)) == ["renamed"]


def yc(day: str) -> list[dict[str, object]]:
    path = YC / f"companies-{day}.jsonl.gz"
    if not path.exists():
        pytest.skip(f"the two YC snapshots are not here ({path})")
    rows = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    return [
        {
            "account_id": f"{day}-{row['id']}",
            "company_record_id": str(row["id"]),
            "company_name": row["name"],
            "domain": (row["website"] or "").split("//")[-1].split("/")[0].removeprefix("www.") or None,
            "former_names": row["former_names"] or None,
            "employees": row["team_size"],
            "hiring": row["isHiring"],
            "status": row["status"],
        }
        for row in rows
    ]


def test_the_changes_between_two_real_snapshots_are_exact(engine):
    was, now = yc("2021-12-02"), yc("2022-04-02")
    found = {kind: {key for key, _ in rows} for kind, rows in changes(engine, was, now).items()}

    old, new = (pd.DataFrame(rows).set_index("company_record_id") for rows in (was, now))
    both = old.merge(new, left_index=True, right_index=True, suffixes=("_was", "_now"))
    grown = both.employees_now - both.employees_was
    far = (grown.abs() >= 3) & (grown.abs() * 5 >= both.employees_was) & (both.employees_was > 0)
    expected = {
        "hiring_started": both[~both.hiring_was.astype(bool) & both.hiring_now.astype(bool)],
        "hiring_stopped": both[both.hiring_was.astype(bool) & ~both.hiring_now.astype(bool)],
        "team_grew": both[far & (grown > 0)],
        "team_shrank": both[far & (grown < 0)],
        "status_changed": both[both.status_was != both.status_now],
    }
    for kind, rows in expected.items():
        assert len(rows) > 5
        assert found[kind] == set(rows.account_id_now), kind
    assert found["new_company"] == set(new[~new.index.isin(old.index)].account_id)
    other = both[both.company_name_was != both.company_name_now]
    assert found["renamed"] <= set(other.account_id_now)
    # Those left out differ in capitals, punctuation or legal form alone.
    left = other[~other.account_id_now.isin(found["renamed"])]
    plain = [
        names.str.lower().str.replace(r"[^a-z0-9 ]", " ", regex=True).str.replace(r" (inc|co|corp)$", "", regex=True)
        .str.split().str.join(" ")
        for names in (left.company_name_was, left.company_name_now)
    ]  # fmt: skip
    assert (plain[0] == plain[1]).all()
    assert "tech_changed" not in found


def test_a_snapshot_compared_with_itself_tells_nothing(engine):
    was = yc("2022-04-02")
    assert changes(engine, was, was) == {}
