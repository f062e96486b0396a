"""People: whom the model joins, whom it keeps apart, and what it says of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

import pytest

from panout.batch.engine import DuckDBEngine
from panout.resolve.matching import Resolved, Settings, resolve
from panout.resolve.steps.people import extras_of
from panout.resolve.subjects import Kind
from tests.resolve.lists import SCHEMA, rows_of

Record = Mapping[str, object]


def resolved(records: Sequence[Record], kind: Kind = Kind.PEOPLE) -> tuple[list[int], DuckDBEngine, Resolved]:
    engine = DuckDBEngine()
    engine.load("rows", SCHEMA, rows_of(records).to_batches())
    found = resolve(engine, Settings(kind, extras=extras_of(["Redirects to"])))
    table = engine.ask("SELECT row_id, cluster FROM clusters ORDER BY row_id")
    return table.column("cluster").to_pylist(), engine, found


def clusters(records: Sequence[Record], kind: Kind = Kind.PEOPLE) -> list[int]:
    found, engine, _ = resolved(records, kind)
    engine.close()
    return found


ANN = {
    "first_name": "Ann",
    "last_name": "Quillfeather",
    "email": "ann.quillfeather@acme.com",
    "domain": "acme.com",
}
HOME = {"person_address": "12 Mill Lane", "person_city": "Bonn", "person_postal_code": "53111"}

ONE = [
    ("a misspelt address", [ANN, {**ANN, "email": "ann.quilfeather@acme.com"}]),
    ("a nickname", [{**ANN, "first_name": "Elizabeth"}, {**ANN, "first_name": "Liz"}]),
    ("names the other way round", [ANN, {**ANN, "first_name": "Quillfeather", "last_name": "Ann"}]),
    ("a number beside a name", [{**ANN, "email": None, "phone": "+4917012345"}, {**ANN, "phone": "+4917012345"}]),
    ("a misspelt name and the date of birth", [
        {**HOME, "first_name": "Jonathan", "last_name": "Quillfeather", "birth_date": date(1980, 5, 4)},
        {**HOME, "first_name": "Jonatan", "last_name": "Quilfeather", "birth_date": date(1980, 5, 4)},
    ]),
    ("one name in two scripts", [
        {"first_name": "Сергей", "last_name": "Лавринович", "email": "sl@zavod.ru"},
        {"first_name": "Sergej", "last_name": "Lavrinovic", "email": "sl@zavod.ru"},
    ]),
    ("word for word the same", [ANN, ANN, ANN]),
]  # fmt: skip

APART = [
    ("a couple in one home", [
        {**HOME, "first_name": "Anna", "last_name": "Quillfeather", "phone": "+49228123"},
        {**HOME, "first_name": "Peter", "last_name": "Quillfeather", "phone": "+49228123"},
    ]),
    ("father and son", [
        {**HOME, "first_name": "Hans", "last_name": "Quillfeather", "birth_date": date(1950, 3, 1)},
        {**HOME, "first_name": "Hans", "last_name": "Quillfeather", "birth_date": date(1981, 7, 9)},
    ]),
    ("colleagues of one surname", [
        {**ANN, "phone": "+49228123"},
        {**ANN, "first_name": "Otto", "email": "otto.quillfeather@acme.com", "phone": "+49228123"},
    ]),
    ("colleagues of one first name at one desk", [
        {"first_name": "Ann", "last_name": "Quillfeather", "domain": "acme.com", "phone": "+49228123", "title": "CTO"},
        {"first_name": "Ann", "last_name": "Bratwurst", "domain": "acme.com", "phone": "+49228123", "title": "CTO"},
    ]),
    ("a role mailbox", [
        {"first_name": "Ann", "last_name": "Quill", "email": "info@acme.com", "email_grade": "role"},
        {"first_name": "Bob", "last_name": "Ray", "email": "info@acme.com", "email_grade": "role"},
    ]),
    ("a common name and nothing else", [{"first_name": "Wei", "last_name": "Wang"}] * 2),
    ("nothing at all", [{"kind": "person"}] * 3),
    ("a free-mail domain", [
        {"first_name": "Ann", "last_name": "Quill", "email": "a@gmail.com"},
        {"first_name": "Bob", "last_name": "Ray", "email": "b@gmail.com"},
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("why", "records"), ONE)
def test_one_person_in_a_list_of_a_few_rows(why: str, records: list[Record]) -> None:
    assert len(set(clusters(records))) == 1, why


@pytest.mark.parametrize(("why", "records"), APART)
def test_people_who_only_share_something_stay_apart(why: str, records: list[Record]) -> None:
    assert len(set(clusters(records))) == len(records), why


def test_every_merge_has_reasons_in_words_and_weights() -> None:
    _, engine, found = resolved([ANN, {**ANN, "first_name": "Anne"}])
    (pair,) = engine.arrow("judged").to_pylist()
    engine.close()
    assert pair["decision"] == "merge"
    assert "same email +" in pair["reasons"]
    assert "before any comparison -" in pair["reasons"]
    assert pair["probability"] > 0.99
    assert found.merged == 1


def test_a_row_that_two_people_could_be_does_not_glue_them() -> None:
    records = [
        {**ANN, "first_name": "Jeffrey", "email": "jeff@acme.com", "birth_date": date(1970, 1, 2)},
        {**ANN, "first_name": "J", "email": None},
        {**ANN, "first_name": "Jacqueline", "email": "jacky@acme.com", "birth_date": date(1991, 8, 7)},
    ]
    found = clusters(records)
    assert found[0] != found[2]


@pytest.mark.parametrize("name", ["王小明", "محمد العلي", "Пётр Первый", "a@b.com"])
def test_rows_all_equal_are_one_in_any_script(name: str) -> None:
    assert len(set(clusters([{"full_name": name, "email": "x@acme.com"}] * 50))) == 1


def test_one_surname_at_one_company_does_not_explode() -> None:
    records = [
        {"first_name": "Wei", "last_name": "Wang", "domain": "giant.com", "email": f"w{number}@giant.com"}
        for number in range(3000)
    ]
    found, engine, told = resolved(records)
    engine.close()
    assert len(set(found)) == 3000
    assert told.compared < 1_500_000


def test_known_people_are_linked_and_not_compared_with_each_other() -> None:
    engine = DuckDBEngine()
    records = [ANN, {**ANN, "first_name": "Otto", "email": "otto@acme.com"}, {**ANN, "first_name": "Anne"}]
    engine.load("rows", SCHEMA, rows_of(records).to_batches())
    told = resolve(engine, Settings(Kind.PEOPLE, first_new=2))
    found = engine.ask("SELECT cluster FROM clusters ORDER BY row_id").column("cluster").to_pylist()
    engine.close()
    assert found == [0, 1, 0]
    assert told.compared == 2


COMPANIES_ONE = [
    ("a legal form and a case", [{"company_name": "Acme Inc", "domain": "acme.com"}, {"company_name": "ACME", "domain": "acme.com"}]),
    ("an acronym at its domain", [
        {"company_name": "International Business Machines", "domain": "ibm.com"},
        {"company_name": "IBM", "domain": "ibm.com"},
    ]),
    ("a former name", [
        {"company_name": "Quillfeather Labs", "former_names": ["Bratwurst AI"], "city": "Bonn", "founded": 2011},
        {"company_name": "Bratwurst AI", "city": "Bonn", "founded": 2011},
    ]),
    ("a domain that leads to the other", [
        {"company_name": "Quillfeather", "domain": "quillfeather.com"},
        {"company_name": "Quill", "domain": "quill.io",
         "custom": '{"Redirects to": "https://www.quillfeather.com/home, quill.example"}'},
    ]),
    ("a moved domain and the same words", [
        {"company_name": "Quillfeather", "domain": "quillfeather.com", "one_liner": "Feathers for quills by post"},
        {"company_name": "Quilfeather", "domain": "getquill.io", "one_liner": "Feathers for quills by post"},
    ]),
]  # fmt: skip
COMPANIES_APART = [
    ("a subsidiary abroad", [
        {"company_name": "Acme Ltd", "domain": "acme.com", "country": "GB"},
        {"company_name": "Acme Germany GmbH", "domain": "acme.com", "country": "DE"},
    ]),
    ("two firms in one house", [
        {"company_name": "Quillfeather", "address": "1 High St", "city": "Bonn", "company_phone": "+49228"},
        {"company_name": "Bratwurst", "address": "1 High St", "city": "Bonn", "company_phone": "+49228"},
    ]),
    ("two pages on one host of pages", [
        {"company_name": "Quillfeather", "domain": "facebook.com"},
        {"company_name": "Bratwurst", "domain": "facebook.com"},
    ]),
]  # fmt: skip


@pytest.mark.parametrize(("why", "records"), COMPANIES_ONE)
def test_one_company(why: str, records: list[Record]) -> None:
    assert len(set(clusters(records, Kind.COMPANIES))) == 1, why


@pytest.mark.parametrize(("why", "records"), COMPANIES_APART)
def test_companies_that_only_share_something_stay_apart(why: str, records: list[Record]) -> None:
    assert len(set(clusters(records, Kind.COMPANIES))) == len(records), why


def test_a_long_list_in_which_no_two_rows_meet_teaches_nothing_and_joins_nobody() -> None:
    namesakes: list[Record] = [
        {"first_name": "Wei", "last_name": "Wang", "company_name": "Giant", "email": f"w{n}@giant.com"}
        for n in range(9_000)
    ]
    found, engine, told = resolved(namesakes)
    engine.close()
    assert found == list(range(9_000))
    assert not told.learned


def test_a_family_at_one_firm_whose_addresses_differ_as_their_names_do_are_as_many_people() -> None:
    shared = {
        "last_name": "Brunhagel",
        "company_name": "Brunhagel Bau",
        "domain": "brunhagel-bau.de",
        "city": "Ulm",
    }
    family: list[Record] = [
        {**shared, "first_name": name, "email": f"{name.lower()}.brunhagel@brunhagel-bau.de"}
        for name in ("Lena", "Lina", "Ortvin", "Ortwin")
    ]
    assert clusters(family) == [0, 1, 2, 3]


def test_a_misspelt_name_with_its_right_address_is_still_the_same_person() -> None:
    shared = {
        "last_name": "Kesselmark",
        "company_name": "Kesselmark AG",
        "domain": "kesselmark.de",
        "city": "Ulm",
    }
    one: list[Record] = [
        {**shared, "first_name": name, "email": email}
        for name, email in (
            ("Ortwin", "ortwin.kesselmark@kesselmark.de"),
            ("Ortwinn", "ortwin.kesselmark@kesselmark.de"),
            ("Ortvin", "ortwin.kessselmark@kesselmark.de"),
        )
    ]
    assert clusters(one) == [0, 0, 0]
