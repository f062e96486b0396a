"""Companies at two domains of which a list says that one leads to the other; groups and namesakes stay apart."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from panout.batch.dialects import dialect_of
from panout.batch.engine import DuckDBEngine
from panout.flow.resolve import resolve_lists
from panout.resolve.redirects import fold_redirected
from panout.resolve.steps.exact import member_steps
from tests.resolve.lists import SCHEMA, rows_of


def accounts(records: list[dict[str, object]], headers: tuple[str, ...] = ("Redirects To",)) -> list[str]:
    """The account of each record, by certain keys and what lists say of domains."""
    engine = DuckDBEngine()
    engine.load("rows", SCHEMA, rows_of(records).to_batches())
    for step in member_steps(dialect_of("duckdb")):
        engine.run(step)
    fold_redirected(engine, headers)
    found = engine.ask("SELECT account_id FROM members ORDER BY row_id").column("account_id").to_pylist()
    engine.close()
    return [str(one) for one in found]


def leading(name: str, domain: str, to: str) -> dict[str, object]:
    return {"company_name": name, "domain": domain, "custom": json.dumps({"Redirects To": to})}


def test_a_redirect_that_a_list_states_makes_one_company_of_two_names() -> None:
    old = leading("Orlon Labs", "orlon.com", "https://www.quorrel.io/welcome")
    new: dict[str, object] = {"company_name": "Quorrel", "domain": "quorrel.io"}
    other: dict[str, object] = {"company_name": "Brix", "domain": "brix.com"}
    for records in ([old, new, other], [new, other, old]):
        found = dict(zip((str(one["domain"]) for one in records), accounts(records), strict=True))
        assert found["orlon.com"] == found["quorrel.io"] != found["brix.com"]


def test_people_with_addresses_at_the_old_domain_are_of_the_company_at_the_new_one() -> None:
    ann: dict[str, object] = {"first_name": "Ann", "last_name": "Tolk", "email": "ann@orlon.com"}
    new: dict[str, object] = {"company_name": "Quorrel", "domain": "quorrel.io"}
    found = accounts([leading("Orlon", "orlon.com", "quorrel.io"), new, ann])
    assert len(set(found)) == 1


def test_two_old_domains_that_lead_to_one_that_no_row_stands_at_are_one_company() -> None:
    found = accounts([leading("Orlon", "orlon.com", "quorrel.io"), leading("Brix", "brix.com", "quorrel.io")])
    assert len(set(found)) == 1


@pytest.mark.parametrize("to", ["facebook.com/orlon", "names-for-sale.com"])
def test_where_many_domains_lead_nobody_is_joined(to: str) -> None:
    found = accounts([leading(f"Orlon {n}", f"orlon{n}.com", to) for n in range(5)])
    assert len(set(found)) == 5


def test_a_list_without_such_columns_is_left_as_it_is() -> None:
    records = [leading("Orlon", "orlon.com", "quorrel.io"), leading("Quorrel", "quorrel.io", "")]
    assert len(set(accounts(records, headers=()))) == 2


def groups(folder: Path, kind: str, table: str, against: Path | None = None) -> list[list[int]]:
    """Rows of the list by cluster."""
    path = folder / "list.csv"
    path.write_text(table.strip() + "\n", encoding="utf-8")
    found = resolve_lists([path], kind=kind, out=folder / "out", against=against)
    grouped: dict[str, list[int]] = defaultdict(list)
    with (found.folder / "clusters.csv").open(encoding="utf-8") as handle:
        for line in csv.DictReader(handle):
            grouped[line["cluster"]].append(int(line["row"]))
    return sorted(grouped.values())


def linked(folder: Path, table: str, against: Path) -> list[list[int]]:
    """For each of the three rows of the book: the rows of the list that are it."""
    groups(folder, "companies", table, against)
    found: list[list[int]] = [[], [], []]
    with (folder / "out/clusters.csv").open(encoding="utf-8") as handle:
        for line in csv.DictReader(handle):
            if int(line["cluster"]) < len(found):
                found[int(line["cluster"])].append(int(line["row"]))
    return found


BOOK = """Company Name,Website,Old Website
Quorrel,quorrel.io,orlon.com
Brix,brix.com,
Tarvin Foods,tarvin.com,
"""


def test_a_list_of_old_domains_finds_the_company_in_a_book_that_knows_them(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text(BOOK, encoding="utf-8")
    table = "Company Name,Website\nOrlon Labs,orlon.com\nBrix,brix.com\n"
    assert linked(tmp_path, table, tmp_path / "book.csv") == [[0], [1], []]


def test_a_list_that_states_the_old_domain_finds_the_company_that_the_book_has_by_it(tmp_path: Path) -> None:
    (tmp_path / "book.csv").write_text(BOOK, encoding="utf-8")
    table = "Company Name,Website,Former Domain\nVelmora Kitchens,velmora.com,tarvin.com\n"
    assert linked(tmp_path, table, tmp_path / "book.csv") == [[], [], [0]]


def test_a_folder_that_pan_wrote_remembers_the_old_domains_of_its_companies(tmp_path: Path) -> None:
    book = tmp_path / "panned"
    book.mkdir()
    held = pa.table(
        {
            "account_id": ["a1", "a2", "a3"],
            "company_name": ["Quorrel", "Brix", "Tarvin Foods"],
            "domain": ["quorrel.io", "brix.com", "tarvin.com"],
            "custom": [json.dumps({"Old Website": "orlon.com"}), None, None],
        }
    )
    pq.write_table(held, book / "accounts.parquet")
    assert linked(tmp_path, "Company Name,Website\nOrlon Labs,orlon.com\n", book) == [[0], [], []]


def test_a_third_and_a_fourth_domain_count_too(tmp_path: Path) -> None:
    table = """Company Name,Website,Domain Aliases
Quorrel,quorrel.io,orlon.com; orlon.de; orlonlabs.com; getquorrel.com
Orlon Labs,orlonlabs.com,
Quorrel,getquorrel.com,
"""
    assert groups(tmp_path, "companies", table) == [[0, 1, 2]]


def test_companies_of_a_group_at_one_domain_are_several(tmp_path: Path) -> None:
    table = """Company Name,Website
Orlon Energy,orlon.com
Orlon Mobility,orlon.com
Orlon Finance,orlon.com
Orlon Energy GmbH,www.orlon.com
"""
    assert groups(tmp_path, "companies", table) == [[0, 3], [1], [2]]


def test_two_names_at_one_domain_are_for_a_person_to_judge(tmp_path: Path) -> None:
    assert groups(
        tmp_path,
        "companies",
        "Company Name,Website,Phone\nOrlon,orlon.com,+49 30 555001\nVelmora,orlon.com,+49 30 555001\n",
    ) == [
        [0],
        [1],
    ]
    assert "two names at one domain" in (tmp_path / "out/review.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("name", "site", "companies"),
    [
        ("Emberforge", "emberforge.com", [[0], [1]]),
        # A slip in the name leaves the domain as it is, and the other way round.
        ("Emberforge", "amberforge.com", [[0, 1]]),
        ("Amberforge GmbH", "amberforge.de", [[0, 1]]),
        ("Amber Forge", "amberforge.com", [[0, 1]]),
    ],
)
def test_two_names_that_differ_by_a_letter_each_with_its_own_domain_are_two_companies(
    name: str, site: str, companies: list[list[int]], tmp_path: Path
) -> None:
    table = f"Company,Website,City,Country\nAmberforge,amberforge.com,Berlin,Germany\n{name},{site},Berlin,Germany\n"
    assert groups(tmp_path, "companies", table) == companies


def test_a_branch_named_by_its_country_is_not_its_parent(tmp_path: Path) -> None:
    table = "Company Name,City\nOrlon,Leeds\nOrlon UK,Leeds\n"
    assert groups(tmp_path, "companies", table) == [[0], [1]]


def test_namesakes_whose_addresses_a_number_tells_apart_are_two(tmp_path: Path) -> None:
    table = """First Name,Last Name,Email,Company Name,Title,City
John,Tresk,john.tresk@orlon.com,Orlon,Developer,Austin
John,Tresk,john.tresk2@orlon.com,Orlon,Developer,Austin
"""
    assert groups(tmp_path, "people", table) == [[0], [1]]


def test_a_name_with_another_title_in_another_city_is_for_a_person_to_judge(tmp_path: Path) -> None:
    table = """First Name,Last Name,Company Name,Title,City
John,Tresk,Orlon,VP Sales,New York
John,Tresk,Orlon,Developer,Austin
John,Tresk,Orlon,Developer,Austin
"""
    assert groups(tmp_path, "people", table) == [[0], [1, 2]]


def test_who_changed_company_is_known_by_the_profile(tmp_path: Path) -> None:
    table = """First Name,Last Name,Email,Company Name,Person Linkedin Url
Anna,Tolk,anna.tolk@orlon.com,Orlon,linkedin.com/in/annatolk
Anna,Tolk,anna@brix.io,Brix,https://www.linkedin.com/in/annatolk/
Anna,Tolk,anna.tolk@velmora.com,Velmora,linkedin.com/in/anna-tolk-77
"""
    assert groups(tmp_path, "people", table) == [[0, 1], [2]]


def test_clients_of_an_agency_that_gives_its_number_for_all_are_several(tmp_path: Path) -> None:
    table = """Company Name,Website,Phone
Blumen Orlon,blumen-orlon.de,+49 30 555000
Autohaus Tresk,autohaus-tresk.de,+49 30 555000
Dental Velmora,,+49 30 555000
Dental Brix,,+49 30 555000
"""
    assert groups(tmp_path, "companies", table) == [[0], [1], [2], [3]]


def test_a_profile_that_a_team_gives_joins_nobody(tmp_path: Path) -> None:
    table = """First Name,Last Name,Email,Company Name,Person Linkedin Url
Tom,Holt,tom@orlon.com,Orlon,linkedin.com/in/orlonteam
Ines,Roth,ines@orlon.com,Orlon,linkedin.com/in/orlonteam
Ben,Daxe,ben@orlon.com,Orlon,linkedin.com/in/orlonteam
"""
    assert groups(tmp_path, "people", table) == [[0], [1], [2]]


@pytest.mark.parametrize(
    ("names", "people"),
    [
        ([("Tom", "Holt"), ("Ines", "Roth"), ("Ben", "Daxe")], 3),
        ([("Anna", "Tolk"), ("Anna", "Holm")], 1),
        ([("Bill", "Harvane"), ("William", "Harvane")], 1),
        ([("Li", "Wei"), ("Wei", "Li")], 1),
    ],
)
def test_a_profile_is_certain_unless_neither_name_agrees(names: list[tuple[str, str]], people: int) -> None:
    profile = "https://www.linkedin.com/in/orlonteam"
    engine = DuckDBEngine()
    records: list[dict[str, object]] = [
        {"first_name": first, "last_name": last, "email": f"{first}@orlon.com", "linkedin": profile}
        for first, last in names
    ]
    engine.load("rows", SCHEMA, rows_of(records).to_batches())
    for step in member_steps(dialect_of("duckdb")):
        engine.run(step)
    found = engine.ask("SELECT DISTINCT contact_id FROM members").num_rows
    engine.close()
    assert found == people
