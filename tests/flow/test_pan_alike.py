"""What certain keys leave apart: joined when it is sure to be one, handed to a person when it may be."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path

import pytest

from panout.flow.pan import PanResult, pan

ROOT = Path(__file__).parents[2]
LIST = """\
First Name,Last Name,Title,Company,Website,Email,Mobile Phone,City,Country
Katharina,Oberndorfer,Head of Sales,Brightwater Analytics GmbH,brightwater.example.com,,+49 151 23456789,Graz,Germany
Katharina,Oberndoerfer,Head of Sales,Brightwater Analytics,brightwater.example.com,k.oberndorfer@brightwater.example.com,+49 151 23456789,Graz,Germany
Tom,Ashworth,CTO,Northgate Labs,northgate.example.net,tom.ashworth@northgate.example.net,+44 7700 900123,Leeds,UK
Anna,Ashworth,CFO,Northgate Labs,northgate.example.net,anna.ashworth@northgate.example.net,+44 7700 900123,Leeds,UK
"""


def panned(folder: Path, text: str, *, exact: bool = False) -> PanResult:
    (folder / "leads.csv").write_text(text, encoding="utf-8")
    return pan(
        [folder / "leads.csv"],
        ROOT / "examples/icp/b2b-software.yaml",
        as_of=date(2026, 11, 20),
        out=folder / "out",
        exact=exact,
    )


@pytest.fixture(scope="module")
def run(tmp_path_factory) -> PanResult:
    return panned(tmp_path_factory.mktemp("alike"), LIST)


def test_a_misspelt_person_is_one_person(run):
    people = run.table("provenance").to_pydict()["contact_id"]
    assert people[0] == people[1]
    assert run.summary.contacts == 3
    assert run.summary.alike.people_merged == 1


def test_the_merged_person_knows_what_both_rows_knew(run):
    contacts = {row["last_name"]: row for row in run.table("contacts").to_pylist()}
    merged = next(row for row in contacts.values() if row["row_ids"] == [0, 1])
    assert merged["email"] == "k.oberndorfer@brightwater.example.com"
    assert merged["mobile"] == "+4915123456789"


def test_two_of_one_family_at_one_number_stay_two(run):
    people = run.table("provenance").to_pydict()["contact_id"]
    assert people[2] != people[3]


def test_with_certain_keys_alone_nothing_is_joined_by_likeness(tmp_path):
    exact = panned(tmp_path, LIST, exact=True)
    assert exact.summary.contacts == 4
    assert exact.summary.alike.people_merged == exact.summary.alike.review == 0


def test_companies_with_domains_of_their_own_are_for_a_person_to_join(tmp_path):
    run = panned(
        tmp_path,
        "Company,Website,City,Country,Company Phone\n"
        "Quantatrail Grove,quantatrailgrove.example.com,Graz,Austria,+43 316 123456\n"
        "Quantatrail Grove,quantatrail.example.net,Graz,Austria,+43 316 123456\n",
    )
    assert run.summary.accounts == 2
    with (run.folder / "review.csv").open(encoding="utf-8", newline="") as lines:
        (doubt,) = csv.DictReader(lines)
    assert (doubt["kind"], doubt["row_l"], doubt["row_r"], doubt["match"]) == ("companies", "0", "1", "")
    assert run.summary.alike.review == 1
