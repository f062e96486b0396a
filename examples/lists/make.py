"""Writes the lists beside it, always the same: `python examples/lists/make.py`. Everybody in them is invented.

Domains are reserved for examples (RFC 2606) and phone numbers for fiction, so nothing here can reach anybody. The
lists are messy on purpose, the way exports are: encodings, repeated rows, ranges, shouted names, spoilt cells.
"""

from __future__ import annotations

import csv
import io
import json
import random
from datetime import date, timedelta
from pathlib import Path

HERE = Path(__file__).parent
TODAY = date(2026, 11, 20)

FIRST = "Amber Basil Clover Dahlia Ember Fennel Ginger Hazel Iris Jasper Kiwi Linden Maple Nettle Olive Pepper".split()
LAST = "Quillfeather Rumblesworth Snapdragon Thistlewood Umberfield Vandertoast Wobblethorpe Yarrowby".split()
LAST += "Zigglestein Applebottom Bumblecroft Crumpetson Dillydale Fiddlestone Gloomshaw Huckleby".split()
WORDS = "Harbor Copper Juniper Lantern Meadow Nimbus Orchard Pebble Quartz Raven Saffron Timber Umbra Velvet".split()
THINGS = (
    "Ledger Freight Analytics Robotics Clinic Cloud Payments Foods Energy Studio Security Mobility".split()
)
FORMS = {"US": "Inc.", "GB": "Ltd", "DE": "GmbH", "FR": "SAS", "CA": "Corp.", "NL": "B.V."}
PLACES = {
    "US": [("Boston", "MA", "United States"), ("Austin", "Texas", "USA"), ("Denver", "CO", "U.S.")],
    "GB": [("London", "", "UK"), ("Leeds", "", "United Kingdom")],
    "DE": [("München", "Bayern", "Deutschland"), ("Köln", "", "Germany"), ("Berlin", "", "DE")],
    "FR": [("Lyon", "", "France"), ("Orléans", "", "FR")],
    "CA": [("Toronto", "ON", "Canada")],
    "NL": [("Utrecht", "", "Netherlands")],
}
INDUSTRIES = {
    "Ledger": "Financial Services",
    "Freight": "Logistics",
    "Analytics": "Software",
    "Robotics": "Industrial Automation",
    "Clinic": "Hospital & Health Care",
    "Cloud": "Information Technology",
    "Payments": "Fintech",
    "Foods": "Food Production",
    "Energy": "Renewables",
    "Studio": "Design",
    "Security": "Computer & Network Security",
    "Mobility": "Software",
}
TOOLS = [
    "Snowflake",
    "BigQuery",
    "Databricks",
    "dbt",
    "Airflow",
    "Fivetran",
    "Salesforce",
    "HubSpot",
    "Redshift",
]
SIZES = ["11-50", "51-200", "201-500", "501-1000", "1,001-5,000", "10k+"]
TITLES = {
    "US": [
        "Head of Data",
        "VP Engineering",
        "CTO",
        "Chief Financial Officer",
        "Data Platform Manager",
        "CEO & Founder",
        "Director, Analytics",
        "Senior Data Engineer",
        "Executive Assistant to the CEO",
        "CISO",
    ],
    "DE": [
        "Leiter Data & Analytics",
        "Geschäftsführerin",
        "IT-Leiter (m/w/d)",
        "Teamleiterin Controlling",
        "Leiter Einkauf",
    ],
    "FR": ["Directeur des Systèmes d'Information", "Directrice financière", "Responsable Data", "PDG"],
}
PHONES = {
    "US": "({0}) 555-01{1:02}",
    "CA": "{0}-555-01{1:02}",
    "GB": "020 7946 0{1:03}",
    "DE": "030 23125 {1:03}",
    "FR": "01 99 00 {1:02} 10",
    "NL": "085 888 {1:04}",
}


def companies(rng: random.Random) -> list[dict[str, object]]:
    """Sixty companies, each with what any list says of it."""
    names = [f"{word} {thing}" for word in WORDS for thing in THINGS]
    made = []
    for number, name in enumerate(rng.sample(names, 60), start=1):
        land = rng.choice(["US", "US", "US", "GB", "DE", "DE", "FR", "CA", "NL"])
        made.append(
            {
                "id": 7000 + number,
                "name": name,
                "land": land,
                "place": rng.choice(PLACES[land]),
                "domain": f"{name.lower().replace(' ', '-')}.example",
                "industry": INDUSTRIES[name.split()[1]],
                "size": rng.choice(SIZES),
                "head": rng.randint(12, 900),
                "tools": rng.sample(TOOLS, rng.randint(0, 4)),
                "revenue": rng.choice(["$2.5M", "$12M", "€8 Mio", "1.2bn", "£40m", ""]),
                "stage": rng.choice(["Seed", "Series A", "Series B", "Series C", ""]),
                "founded": rng.randint(1994, 2023),
                "hiring": rng.random() < 0.4,
            }
        )
    return made


def people(rng: random.Random, market: list[dict[str, object]]) -> list[list[str]]:
    """About two hundred rows in the columns of an Apollo export."""
    rows = []
    for _ in range(190):
        company = rng.choice(market)
        land, (city, region, country) = str(company["land"]), company["place"]
        first, last = rng.choice(FIRST), rng.choice(LAST)
        email = f"{first}.{last}@{company['domain']}".lower()
        phone = PHONES[land].format(rng.choice([212, 303, 512, 617]), rng.randint(0, 99))
        row = [
            first,
            last,
            rng.choice(TITLES.get(land, TITLES["US"])),
            f"{company['name']} {FORMS[land]}",
            str(company["name"]),
            email,
            "Verified",
            phone,
            str(company["size"]),
            str(company["industry"]),
            ", ".join(company["tools"]),
            f"http://www.linkedin.com/in/{first}-{last}-{rng.randint(100, 999)}".lower(),
            f"http://www.{company['domain']}",
            city,
            region,
            country,
            city,
            region,
            country,
            str(company["revenue"]),
            str(company["stage"]),
            rng.choice(["", "", "10/3/2026", "8/21/2026", "12/30/2025"]),
            rng.choice(["", "", "", "TRUE"]) if rng.random() < 0.2 else "",
            rng.choice(["", "Met at a fair", 'Said: "call later"', "Asked for\nprices"]),
        ]
        rows.append(_spoilt(rng, row))
    rows += [list(row) for row in rng.sample(rows, 8)]  # the same people again, as lists have them
    rows.append(["", "", "", "", "", "", "", "", "11-50", *[""] * 15])  # about nobody
    return rows


def _spoilt(rng: random.Random, row: list[str]) -> list[str]:
    fate = rng.random()
    if fate < 0.06:
        row[0], row[1] = row[0].upper(), row[1].upper()
    elif fate < 0.11:
        row[5] = row[5].replace("@", rng.choice([" at ", "@@", ""]))
    elif fate < 0.16:
        row[5] = f"{row[0]}.{row[1]}{rng.randint(1, 99)}@gmail.com".lower()
    elif fate < 0.20:
        row[5] = f"info@{row[5].partition('@')[2]}"
    elif fate < 0.24:
        row[5], row[7] = "", "n/a"
    elif fate < 0.28:
        row[3] = f"  {row[3].upper()} "
    elif fate < 0.31:
        row[7] = "ask reception"
    elif fate < 0.33:
        row[2] = '=HYPERLINK("http://malice.example","click")'
    return row


PEOPLE_HEADER = (
    "First Name|Last Name|Title|Company Name|Company Name for Emails|Email|Email Status|Work Direct Phone|# Employees|"
    "Industry|Technologies|Person Linkedin Url|Website|City|State|Country|Company City|Company State|Company Country|"
    "Annual Revenue|Latest Funding|Last Contacted|Do Not Call|Notes"
).split("|")
COMPANY_HEADER = (
    "Record ID;Company name;Company Domain Name;Industry;Number of Employees;Annual Revenue;City;State/Region;"
    "Country/Region;Technologies;Is Hiring;Company status;Year Founded"
).split(";")


def company_rows(market: list[dict[str, object]], *, before: bool, rng: random.Random) -> list[list[str]]:
    """The HubSpot-like list; `before` is the same list three months earlier."""
    rows = []
    for number, company in enumerate(market):
        if before and number % 13 == 0:
            continue  # not yet known then
        city, region, country = company["place"]
        head = int(str(company["head"]))
        change = rng.choice([0.6, 0.8, 0.97, 1.0, 1.0, 1.3]) if before else 1.0
        hiring = bool(company["hiring"]) != (before and number % 5 == 0)
        tools = list(company["tools"])
        if before and number % 7 == 0:
            tools = tools[1:]
        former = f"{company['name']} Labs" if before and number % 17 == 3 else company["name"]
        status = "Inactive" if before and number % 19 == 4 else "Active"
        rows.append(
            [
                str(company["id"]),
                f"{former} {FORMS[str(company['land'])]}",
                str(company["domain"]),
                str(company["industry"]),
                f"{round(head * change):,}".replace(",", "."),
                str(company["revenue"]),
                city,
                region,
                country,
                "|".join(tools),
                "Ja" if hiring else "Nein",
                status,
                str(company["founded"]),
            ]
        )
    return rows


def signal_rows(
    rng: random.Random, market: list[dict[str, object]], contacts: list[list[str]]
) -> list[list[str]]:
    """Signals of the last four months about companies and people of the lists, with a few spoilt lines."""
    kinds = [
        ("hiring", "Opened {n} roles in its data team"),
        ("funding", "Raised a {n} million round"),
        ("product_launch", "Launched a product for {n} markets"),
        ("leadership", "Named a new head of data"),
        ("tool_change", "Moved its warehouse to another vendor"),
        ("news", "Told the press about growth of {n} %"),
    ]
    rows = []
    for number in range(70):
        kind, text = rng.choice(kinds)
        company = rng.choice(market)
        day = TODAY - timedelta(days=rng.randint(2, 90))
        source = f"https://news.example/{day.year}/{company['domain']}/{number}"
        rows.append(
            [
                kind,
                "company",
                str(company["domain"]),
                "",
                day.isoformat(),
                rng.choice(["0.9", "0.6", "80%", "high", ""]),
                source,
                text.format(n=rng.randint(3, 40)),
            ]
        )
    for contact in rng.sample([row for row in contacts if row[5].count("@") == 1], 25):
        kind, text = rng.choice(
            [
                ("job_changed", "Started as {t}"),
                ("pricing_visit", "Looked at the pricing page"),
                ("content", "Read the guide to data contracts"),
            ]
        )
        day = TODAY - timedelta(days=rng.randint(1, 60))
        rows.append(
            [
                kind,
                "buyer",
                "",
                contact[5],
                day.isoformat(),
                "0.8",
                "https://www.example.com/log",
                text.format(t=contact[2]),
            ]
        )
    rows.append(
        [
            "compliance",
            "ecosystem",
            "",
            "",
            "2026-10-01",
            "0.5",
            "https://law.example/act",
            "Reporting duty from January",
        ]
    )
    rows.append(
        ["funding", "company", "pebble-ledger.example", "", "soon", "1", "", "A rumour without a date"]
    )
    rows.append(["hiring", "company", "", "", "2026-10-05", "1", "", "Nobody knows who"])
    return rows


def attendees(rng: random.Random, market: list[dict[str, object]]) -> list[dict[str, object]]:
    """People who signed up for an event, from a form: full names, places in one field."""
    rows: list[dict[str, object]] = []
    for _ in range(40):
        company = rng.choice(market)
        city, region, country = company["place"]
        first, last = rng.choice(FIRST), rng.choice(LAST)
        name = rng.choice(
            [f"{first} {last}", f"{last}, {first}", f"Dr. {first} {last}", f"{first} {last} 🚀"]
        )
        rows.append(
            {
                "fullName": name,
                "headline": f"{rng.choice(TITLES['US'])} at {company['name']}",
                "companyName": company["name"],
                "email": f"{first}.{last}@{company['domain']}".lower(),
                "location": ", ".join(p for p in (city, region, country) if p),
                "interests": rng.sample(["data quality", "governance", "cost", "AI"], 2),
                "consent": {"newsletter": rng.random() < 0.5},
            }
        )
    return rows


def _write(name: str, header: list[str], rows: list[list[str]], *, delimiter: str, encoding: str) -> None:
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(header)
    writer.writerows(rows)
    (HERE / name).write_bytes(text.getvalue().encode(encoding))


def main() -> None:
    """Write all lists."""
    rng = random.Random(20261120)
    market = companies(rng)
    contacts = people(rng, market)
    _write("people.csv", PEOPLE_HEADER, contacts, delimiter=",", encoding="utf-8-sig")
    _write(
        "companies.csv",
        COMPANY_HEADER,
        company_rows(market, before=False, rng=rng),
        delimiter=";",
        encoding="cp1252",
    )
    before = company_rows(market, before=True, rng=rng)
    _write("companies-previous.csv", COMPANY_HEADER, before, delimiter=";", encoding="cp1252")
    header = ["type", "level", "company domain", "person email", "date", "strength", "source url", "text"]
    _write("signals.csv", header, signal_rows(rng, market, contacts), delimiter=",", encoding="utf-8")
    lines = [json.dumps(row, ensure_ascii=False) for row in attendees(rng, market)]
    (HERE / "attendees.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
