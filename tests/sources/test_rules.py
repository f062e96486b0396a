"""What the rules make of the cells that people really type, as tables of cases."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from panout.kernel.email import parse_email
from panout.sources.rules.cells import guard_formula
from panout.sources.rules.companies import name_key
from panout.sources.rules.dates import DateOrder, date_order, parse_date
from panout.sources.rules.emails import graded_email
from panout.sources.rules.flags import boolean, texts
from panout.sources.rules.headers import ListKind, guess_columns, header_words, list_kind
from panout.sources.rules.numbers import amount, head_count, year
from panout.sources.rules.people import person_name
from panout.sources.rules.places import Place, country_code, split_location
from panout.sources.rules.signals import strength_of
from panout.sources.rules.text import stated
from panout.sources.rules.titles import read_title
from panout.sources.rules.webs import domain, linkedin_company, linkedin_person

ISEMAIL = Path(__file__).parents[3] / "shared" / "data" / "emails" / "isemail_tests.json"


@pytest.mark.parametrize(
    ("cell", "number"),
    [("11-50", 30), ("1,000+", 1000), ("10k", 10_000), ("51 to 200", 125), ("1.000", 1000), ("10-Jan", 5), ("Nov-50", 30),
     ("2-10 Mitarbeiter", 6), ("Self-employed", 1), ("45.0", 45), ("1 200", 1200), ("-5", None), ("many", None), ("+", None)],
)  # fmt: skip
def test_head_counts(cell: str, number: int | None) -> None:
    assert head_count(cell) == number


@pytest.mark.parametrize(
    ("cell", "number"),
    [("$10M", 1e7), ("1.2bn", 1.2e9), ("€5 Mio", 5e6), ("5 Mio. €", 5e6), ("1,5 Mrd. EUR", 1.5e9), ("$1M - $10M", 5.5e6),
     ("1-10M", 5.5e6), ("1.234.567,89", 1234567.89), ("(1,000)", -1000), ("1.5E+07", 1.5e7), ("0.5", 0.5), ("10 k€", 1e4), ("n", None)],
)  # fmt: skip
def test_sums_of_money(cell: str, number: float | None) -> None:
    assert amount(cell) == number


def test_a_column_of_dates_is_read_in_one_order_by_its_telling_cells() -> None:
    assert date_order(["03/04/2022", "25/12/2021"]) is DateOrder.DAY_FIRST
    assert date_order(["03/04/2022", "12/25/2021"]) is DateOrder.MONTH_FIRST
    assert date_order(["03/04/2022"]) is DateOrder.MONTH_FIRST
    assert date_order(["03/04/2022"], "GB") is DateOrder.DAY_FIRST
    assert date_order(["03.04.2022"], "US") is DateOrder.DAY_FIRST


@pytest.mark.parametrize(
    "cell",
    ["2022-04-03", "2022-04-03T10:00:00Z", "4/3/2022", "3 Apr 2022", "Apr 3, 2022", "3. April 2022", "3 avril 2022", "20220403", "44654", "1648944000000"],
)  # fmt: skip
def test_one_day_in_many_shapes(cell: str) -> None:
    assert parse_date(cell, DateOrder.MONTH_FIRST) == date(2022, 4, 3)


@pytest.mark.parametrize(
    ("cell", "place"),
    [
        ("San Francisco, CA, USA", Place(city="San Francisco", region="California", country="US")),
        (
            "555 Post St, San Francisco, CA 94102, USA",
            Place("555 Post St", "94102", "San Francisco", "California", "US"),
        ),
        ("London, UK", Place(city="London", country="GB")),
        ("Saint Paul, Minnesota", Place(city="Saint Paul", region="Minnesota", country="US")),
        ("Columbus, Ohio; Detroit, Michigan", Place(city="Columbus", region="Ohio", country="US")),
        ("Atlanta, Georgia", Place(city="Atlanta", region="Georgia", country="US")),
        ("Tbilisi, Georgia", Place(city="Tbilisi", country="GE")),
        ("Berlin, DE", Place(city="Berlin", country="DE")),
        ("Hauptstraße 5, 10115 Berlin, Germany", Place("Hauptstraße 5", "10115", "Berlin", None, "DE")),
        ("Remote", Place()),
    ],
)
def test_whole_places(cell: str, place: Place) -> None:
    assert split_location(cell) == place


def test_countries_in_many_words() -> None:
    said = ["UK", "U.S.", "Deutschland", "DEU", "États-Unis", "Türkiye", "the Netherlands", "Atlantis"]
    assert [country_code(cell) for cell in said] == ["GB", "US", "DE", "DE", "US", "TR", "NL", None]


@pytest.mark.parametrize(
    ("name", "key"),
    [("The Müller & Söhne GmbH & Co. KG (Berlin)", "muller and sohne"), ("ACME INC", "acme"), ("Acme, Inc.", "acme"), ("S.A.P. SE", "sap"),
     ("Hotel & Spa", "hotel and spa"), ("L'Oréal S.A.", "loreal"), ("Foo sp. z o.o.", "foo"), ("Limited", "limited"), ("3M", "3m"), ("!", None)],
)  # fmt: skip
def test_company_names_are_compared_without_their_form(name: str, key: str | None) -> None:
    assert name_key(name) == key


@pytest.mark.parametrize(
    ("cell", "grade"),
    [("Jane@Acme.com", "work"), ("Jane <jane@acme.com>", "work"), ("info@acme.de", "role"), ("info@gmail.com", "role"), ("jane@gmail.com", "free"),
     ("x@mailinator.com", "disposable"), ("x@host.local", "unknown"), ("jane@acme.example", "work"), ("jane (at) acme (dot) com", "work"), ("it.smith@acme.com", "work")],
)  # fmt: skip
def test_email_grades(cell: str, grade: str) -> None:
    found = graded_email(cell)
    assert found is not None
    assert found.grade == grade


@pytest.mark.skipif(not ISEMAIL.exists(), reason=f"{ISEMAIL} is not on this machine")
def test_address_syntax_agrees_with_isemail() -> None:
    """Everything it calls valid but one (a bare top-level domain), nothing it calls an error; what it warns of as
    obsolete (comments, quotes, IP literals) is refused on purpose."""
    cases = [(str(address), str(verdict)) for address, verdict in json.loads(ISEMAIL.read_text("utf-8"))]
    accepted = {address for address, _ in cases if parse_email(address)}
    fine = {address for address, verdict in cases if verdict == "valid" or verdict.startswith("dnsWarn")}
    assert fine - accepted == {"test@io"}
    assert accepted - fine == set()


@pytest.mark.parametrize(
    ("title", "seniority", "department", "role"),
    [
        ("CEO", "c_suite", "executive", "economic_buyer"),
        ("VP of Sales", "vp", "sales", "decision_maker"),
        ("Geschäftsführer:in (m/w/d)", "c_suite", "executive", "economic_buyer"),
        ("Vertriebsleiterin", "head", "sales", "decision_maker"),
        ("Teamleiter Buchhaltung", "manager", "finance", "champion"),
        ("Directrice des Ressources Humaines", "director", "hr", "decision_maker"),
        ("Responsable Achats", "manager", "procurement", "influencer"),
        ("Assistant to the CEO", "entry", "administration", "gatekeeper"),
        ("Assistant Vice President", "vp", None, "decision_maker"),
        ("Product Owner", "manager", "product", "champion"),
        ("HR Business Partner", None, "hr", None),
        ("Former CEO", None, None, None),
        ("Head of Security at Acme Sales", "head", "security", "influencer"),
    ],
)
def test_titles(title: str, seniority: str | None, department: str | None, role: str | None) -> None:
    reading = read_title(title)
    assert (reading.seniority, reading.department, reading.buying_role) == (seniority, department, role)


@pytest.mark.parametrize(
    ("cell", "parts"),
    [("Jane Doe", ("Jane", "Doe")), ("DOE, JANE", ("Jane", "Doe")), ("Dr. Jane Doe, PhD", ("Jane", "Doe")), ("JOHN MCDONALD", ("John", "McDonald")),
     ("Jan van der Berg", ("Jan", "van der Berg")), ("🚀 Jane (Janie) Doe", ("Jane", "Doe")), ("John Smith Jr.", ("John", "Smith")), ("Don Smith", ("Don", "Smith")), ("李雷", ("李雷", None))],
)  # fmt: skip
def test_names_of_people(cell: str, parts: tuple[str, str | None]) -> None:
    found = person_name(cell)
    assert found is not None
    assert (found.first, found.last) == parts
    assert person_name("jane@acme.com") is None


def test_web_addresses_and_linkedin_pages() -> None:
    sites = [
        "https://www.Acme.co.uk/x",
        "htp://acme.com",
        "a.github.io",
        "facebook.com/acme",
        "müller.de",
        "localhost",
        "192.168.1.1",
    ]
    assert [domain(site) for site in sites] == [
        "acme.co.uk",
        "acme.com",
        "a.github.io",
        None,
        "xn--mller-kva.de",
        None,
        None,
    ]
    assert (
        linkedin_person("http://de.linkedin.com/in/Jane-Doe/?x=1") == "https://www.linkedin.com/in/jane-doe"
    )
    assert linkedin_company("linkedin.com/company/acme/about") == "https://www.linkedin.com/company/acme"
    assert linkedin_person("linkedin.com/company/acme") is None


def test_flags_lists_and_words_for_nothing() -> None:
    assert [boolean(cell) for cell in ("TRUE", "ja", "0", "non", "perhaps")] == [
        True,
        True,
        False,
        False,
        None,
    ]
    assert texts("a; b;A") == ("a", "b")
    assert texts('["x", "y"]') == ("x", "y")
    assert texts("dbt, Snowflake (AWS, EU)") == ("dbt", "Snowflake (AWS, EU)")
    assert [stated(cell) for cell in (" N/A ", "-", "MÃ¼ller &amp; Co", "a\x00b")] == [
        None,
        None,
        "Müller & Co",
        "ab",
    ]
    assert year("2013 (1888)") == 2013
    assert [strength_of(cell) for cell in ("80%", "8/10", "high", None, "0.4", "x")] == [
        0.8,
        0.8,
        0.9,
        1.0,
        0.4,
        None,
    ]


@pytest.mark.parametrize(
    "cell", ["=1+1", "+1+cmd", "-2+3", "@x", "\t=1", "\r=1", " =x", "+1 (415) 555", "＝1"]
)
def test_what_a_spreadsheet_would_run_is_guarded(cell: str) -> None:
    assert guard_formula(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-5", "-1,000.5", "+14155552671", "12%", "a=b", "", "'=x"])
def test_what_it_would_not_run_is_left_alone(cell: str) -> None:
    assert guard_formula(cell) == cell


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ("First Name|Title|Company|City|Company City|Stage|Latest Funding|# Employees|Person Linkedin Url",
         "first_name|title|company_name|person_city|city||stage|employees|linkedin"),
        ("LastName|Company|NumberOfEmployees|AnnualRevenue|HasOptedOutOfEmail|DoNotCall|Country",
         "last_name|company_name|employees|revenue|opted_out|do_not_call|person_country"),
        ("id|name|website|location|team_size|isHiring|status|batch", "company_record_id|company_name|website|location|employees|hiring|status|"),
        ("First Name|Last Name|URL|Email Address|Company|Position|Connected On", "first_name|last_name|linkedin|email|company_name|title|"),
        ("fullName|companyName|profileUrl|location", "full_name|company_name|linkedin|person_location"),
        ("email|first_name|company|website|linkedin_url|icebreaker", "email|first_name|company_name|website|linkedin|"),
        ("Firma|Ansprechpartner|Straße|PLZ|Ort|Telefon", "company_name|full_name|person_address|person_postal_code|person_city|phone"),
        ("Name|Company|Phone", "full_name|company_name|phone"),
        ("Record ID|Company name|Company Domain Name|Phone Number|Country/Region", "company_record_id|company_name|domain|company_phone|country"),
    ],
)  # fmt: skip
def test_headers_of_known_exports(headers: str, fields: str) -> None:
    names = headers.split("|")
    found = guess_columns(names, [[] for _ in names])
    assert [guess.field or "" for guess in found] == fields.split("|")


def test_values_decide_where_headers_cannot() -> None:
    assert list_kind(["name", "city"], [["Acme Ltd", "Umbra GmbH"], []]) is ListKind.COMPANIES
    assert list_kind(["name", "city"], [["Jane Doe", "Richard Roe"], []]) is ListKind.PEOPLE
    (guess,) = guess_columns(["Contact point"], [["a@b.com", "c@d.com", "e@f.com"]])
    assert (guess.field, guess.confidence < 1) == ("email", True)
    (guess,) = guess_columns(["Email"], [["yes", "no", "yes", "no", "yes"]])
    assert guess.field is None
    assert header_words("# Employees") == header_words("number_employees") == header_words("NumberEmployees")
