"""A seeded, messy market of any size: people at companies as a list export, and signals about them.

The mess is the mess of real exports: employee ranges and shorthands, money in words, phone numbers as people
of the land write them, titles in several languages, addresses in capitals or broken, four spellings of a
country, legal forms that come and go, the same person twice. Everything is drawn by hashing (seed, row, what),
so a market is the same wherever and however often it is made, and a bigger one starts like a smaller one.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb

AS_OF = date(2026, 11, 20)
PEOPLE_PER_COMPANY = 10
SIGNALS_PER_COMPANY = 30
TWICE_PERCENT = 4  # people whose row comes a second time, from another export

_FIRST = [
    "Anna",
    "Ben",
    "Clara",
    "David",
    "Elena",
    "Felix",
    "Greta",
    "Hugo",
    "Ines",
    "Jonas",
    "Katrin",
    "Liam",
    "Maria",
    "Noah",
    "Olga",
    "Paul",
    "Quentin",
    "Rosa",
    "Sofia",
    "Tom",
    "Ulla",
    "Victor",
    "Wanda",
    "Xavier",
    "Yara",
    "Zoe",
    "Amir",
    "Bianca",
    "Cem",
    "Daria",
    "Emre",
    "Fatima",
    "Goran",
    "Hanna",
    "Ivan",
    "Jana",
    "Kofi",
    "Lucia",
    "Mateo",
    "Nadia",
    "Oscar",
    "Petra",
    "Rafael",
    "Selma",
    "Tariq",
    "Uma",
    "Vera",
    "Wei",
    "Yusuf",
    "Zara",
    "Aisha",
    "Bruno",
    "Chiara",
    "Dylan",
    "Elif",
    "Franz",
    "Giulia",
    "Henrik",
    "Isabel",
    "Jakub",
    "Karim",
    "Lena",
    "Milan",
    "Nina",
    "Otto",
    "Priya",
    "Rohan",
    "Sven",
    "Tessa",
    "Urs",
]
_LAST_HEAD = [
    "Al",
    "Ber",
    "Cor",
    "Dam",
    "El",
    "Fer",
    "Gar",
    "Hol",
    "Iv",
    "Jan",
    "Kal",
    "Lind",
    "Mor",
    "Nor",
    "Ost",
    "Pel",
    "Quin",
    "Ros",
    "Sand",
    "Tor",
    "Ul",
    "Van",
    "Wes",
    "Yil",
    "Zim",
    "Bran",
    "Chev",
    "Dor",
    "Eng",
    "Frei",
    "Gol",
    "Hart",
]
_LAST_TAIL = [
    "berg",
    "mann",
    "son",
    "sen",
    "ski",
    "ova",
    "ez",
    "etti",
    "eau",
    "ström",
    "wald",
    "fors",
    "field",
    "ton",
    "dez",
    "ier",
    "ani",
    "ić",
    "aar",
    "oğlu",
]
_BRAND_HEAD = [
    "Nova",
    "Quanta",
    "Bright",
    "Helio",
    "Terra",
    "Aero",
    "Blue",
    "Core",
    "Delta",
    "Echo",
    "Fjord",
    "Grid",
    "Harbor",
    "Iris",
    "Jade",
    "Kite",
    "Lumen",
    "Metro",
    "Nimbus",
    "Orbit",
    "Pixel",
    "Quartz",
    "River",
    "Solar",
    "Titan",
    "Umbra",
    "Vertex",
    "Willow",
    "Xeno",
    "Yonder",
    "Zephyr",
    "Alto",
    "Bolt",
    "Cedar",
    "Drift",
    "Ember",
    "Flint",
    "Grove",
    "Hazel",
    "Indigo",
]
_BRAND_TAIL = [
    "soft",
    "logic",
    "works",
    "data",
    "base",
    "labs",
    "flow",
    "stack",
    "forge",
    "link",
    "mind",
    "point",
    "scale",
    "sense",
    "shift",
    "spark",
    "stream",
    "trail",
    "vault",
    "wave",
    "yard",
    "path",
    "gate",
    "nest",
]
_TITLES = """VP Engineering|Head of Data|Chief Technology Officer|CTO|Data Engineer|Senior Software Engineer|
Director of Information Security|CISO|Head of Platform|Engineering Manager|Marketing Manager|Sales Director|
Leiter IT|Geschäftsführer|Leiterin Datenanalyse|Softwareentwickler|Directeur Technique|Responsable Sécurité|
Directrice des Systèmes d'Information|Chef de Projet|VP of Sales|Account Executive|HR Business Partner|
Chief Financial Officer|CFO|Finance Manager|COO|Head of Operations|Operations Analyst|Product Manager|
Head of Product|Chief Executive Officer|Founder & CEO|Co-Founder|Owner|Assistant|Office Manager|
Praktikant|Stagiaire|IT Administrator|Data Analyst|Machine Learning Engineer|Vorstand|Prokurist""".replace(
    "\n", ""
).split("|")
_INDUSTRIES = """Computer Software|Information Technology & Services|Financial Services|Retail|Logistics|
Hospital & Health Care|Insurance|Telecommunications|Manufacturing|Marketing & Advertising|Biotechnology|
Energy|Education|Government Administration|Media""".replace("\n", "").split("|")
_TECH = [
    "AWS",
    "Azure",
    "Kubernetes",
    "Snowflake",
    "Databricks",
    "Salesforce",
    "HubSpot",
    "Postgres",
    "Kafka",
    "Terraform",
    "SAP",
    "Okta",
]

# Spellings of a country, its share of companies, how a phone number is written there, a city.
_LANDS = (
    (("United States", "USA", "US", "united states"), 34, "(2{a}) 555-{d}", "Austin", "Texas"),
    (("Germany", "Deutschland", "DE", "GERMANY"), 22, "030 {h}", "Berlin", "Berlin"),
    (("United Kingdom", "UK", "GB", "Great Britain"), 14, "020 7946 0{c}", "London", "England"),
    (("France", "FR", "france", "FRANCE"), 12, "01 42 68 {e} {f}", "Paris", "Île-de-France"),
    (("Netherlands", "NL", "The Netherlands", "Nederland"), 8, "020 {g}", "Amsterdam", "Noord-Holland"),
    (("Spain", "ES", "España", "SPAIN"), 6, "91 {g}", "Madrid", "Madrid"),
    (("Switzerland", "CH", "Schweiz", "Suisse"), 4, "044 {k} {e} {f}", "Zürich", "Zürich"),
)
_LEGAL = (
    ("Inc", "Inc.", "LLC", "Corp."),
    ("GmbH", "AG", "GmbH & Co. KG", "gmbh"),
    ("Ltd", "Limited", "PLC", "Ltd."),
    ("SAS", "SARL", "SA", "S.A.S."),
    ("B.V.", "BV", "N.V.", "BV"),
    ("S.L.", "SL", "S.A.", "SL"),
    ("AG", "GmbH", "SA", "AG"),
)

_KINDS = (
    ("hiring", "company", 30),
    ("funding", "company", 12),
    ("leadership", "company", 10),
    ("tool_change", "company", 14),
    ("launch", "company", 12),
    ("news", "company", 10),
    ("compliance", "ecosystem", 4),
    ("job_changed", "buyer", 8),
)


@dataclass(frozen=True, slots=True)
class Market:
    """The files of a market."""

    people: Path
    signals: Path
    people_rows: int
    signal_rows: int


def make(folder: Path, people: int, *, seed: int = 1, signals_as: str = "csv") -> Market:
    """Write the market's files into `folder` and say how many rows they have."""
    folder.mkdir(parents=True, exist_ok=True)
    draw = _Draw(seed)
    connection = duckdb.connect()
    companies = max(1, people // PEOPLE_PER_COMPANY)
    connection.execute(f"CREATE TABLE firm AS {_firms(draw, companies)}").fetchall()
    connection.execute(f"CREATE TABLE person AS {_people(draw, people)}").fetchall()
    connection.execute(f"CREATE TABLE listed AS {_listed(draw)}").fetchall()
    connection.execute(f"CREATE TABLE signal AS {_signals(draw, companies, people)}").fetchall()
    market = Market(
        folder / "people.csv",
        folder / f"signals.{signals_as}",
        _count(connection, "listed"),
        _count(connection, "signal"),
    )
    connection.execute(f"COPY listed TO '{market.people}' (FORMAT csv, HEADER)").fetchall()
    connection.execute(f"COPY signal TO '{market.signals}' (FORMAT {signals_as})").fetchall()
    connection.close()
    return market


def _count(connection: duckdb.DuckDBPyConnection, table: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {table}").fetchall()[0][0])


@dataclass(frozen=True, slots=True)
class _Draw:
    """SQL for chance: a hash of the seed, what is drawn, and the row."""

    seed: int

    def number(self, what: str, row: str, below: int | str) -> str:
        return f"(hash('{self.seed}/{what}', {row}) % {below})"

    def one_of(self, what: str, row: str, choices: Sequence[str]) -> str:
        items = ", ".join("'" + choice.replace("'", "''") + "'" for choice in choices)
        return f"[{items}][1 + {self.number(what, row, len(choices))}::INTEGER]"

    def percent(self, what: str, row: str, share: float) -> str:
        return f"{self.number(what, row, 1000)} < {share * 10:g}"

    def digits(self, what: str, row: str, count: int) -> str:
        return f"lpad({self.number(what, row, 10**count)}::VARCHAR, {count}, '0')"


def _by_land(cases: Sequence[str], land: str = "land") -> str:
    whens = " ".join(f"WHEN {n} THEN {case}" for n, case in enumerate(cases))
    return f"CASE {land} {whens} END"


def _firms(draw: _Draw, companies: int) -> str:
    edges, total = [], 0
    for n, (_, share, *_) in enumerate(_LANDS):
        total += share
        edges.append(f"WHEN {draw.number('land', 'f', 100)} < {total} THEN {n}")
    brand = (
        f"{draw.one_of('head', 'f', _BRAND_HEAD)} || {draw.one_of('tail', 'f', _BRAND_TAIL)}"
        f" || CASE WHEN {draw.percent('two', 'f', 40)} THEN ' ' || {draw.one_of('second', 'f', _BRAND_HEAD)}"
        " ELSE '' END"
    )
    # A number in the domain keeps companies apart; brands may be shared, as in life.
    return f"""
SELECT f, CASE {" ".join(edges)} END AS land,
       {brand} AS brand,
       lower(replace({brand}, ' ', '')) || f || {draw.one_of("tld", "f", (".com", ".io", ".de", ".co.uk", ".eu"))}
         AS domain,
       CASE WHEN {draw.percent("tiny", "f", 35)} THEN 1 + {draw.number("e1", "f", 30)}
            WHEN {draw.percent("mid", "f", 60)} THEN 30 + {draw.number("e2", "f", 470)}
            ELSE 500 + {draw.number("e3", "f", 20000)} END::BIGINT AS employees,
       {draw.one_of("industry", "f", _INDUSTRIES)} AS industry,
       1950 + {draw.number("founded", "f", 75)} AS founded
FROM range({companies}) AS firms(f)"""


def _people(draw: _Draw, people: int) -> str:
    return f"""
SELECT p, firm.*,
       {draw.one_of("first", "p", _FIRST)} AS first_name,
       {draw.one_of("lh", "p", _LAST_HEAD)} || {draw.one_of("lt", "p", _LAST_TAIL)} AS last_name,
       {draw.one_of("title", "p", _TITLES)} AS title
FROM range({people}) AS people(p) JOIN firm ON firm.f = p // {PEOPLE_PER_COMPANY}"""


def _listed(draw: _Draw) -> str:
    """The rows of the export: `turn` 0 for everybody, 1 for those who come twice."""
    r = "p * 2 + turn"
    plain = "strip_accents(first_name) || '.' || strip_accents(last_name)"
    address = f"lower({plain}) || p || '@' || domain"
    employees = f"""CASE
      WHEN {draw.percent("no-size", "f", 8)} THEN NULL
      WHEN {draw.percent("range", "f", 45)} THEN
        CASE WHEN employees <= 10 THEN '1-10' WHEN employees <= 50 THEN '11-50'
             WHEN employees <= 200 THEN '51-200' WHEN employees <= 500 THEN '201 - 500'
             WHEN employees <= 1000 THEN '501–1,000' WHEN employees <= 5000 THEN '1,001-5,000' ELSE '5,000+' END
      WHEN {draw.percent("short", "f", 10)} AND employees >= 2000 THEN (employees // 1000) || 'k'
      WHEN {draw.percent("comma", "f", 50)} THEN format('{{:,}}', employees)
      ELSE employees::VARCHAR END"""
    revenue = f"""CASE
      WHEN {draw.percent("no-money", "f", 40)} THEN NULL
      WHEN {draw.percent("words", "f", 50)} THEN '$' || round(employees * 0.12, 1) || 'M'
      ELSE '$' || format('{{:,}}', employees * 120000) END"""
    phones = []
    for _, _, shape, *_ in _LANDS:
        filled = "'" + shape + "'"
        for mark, digits in (("a", 2), ("c", 3), ("d", 4), ("e", 2), ("f", 2), ("g", 7), ("h", 8), ("k", 3)):
            filled = filled.replace("{" + mark + "}", f"' || {draw.digits('tel' + mark, 'p', digits)} || '")
        phones.append(filled)
    return f"""
SELECT CASE WHEN {draw.percent("loud", r, 6)} THEN upper(first_name) ELSE first_name END AS "First Name",
       last_name AS "Last Name",
       CASE WHEN {draw.percent("no-title", r, 4)} THEN NULL
            WHEN {draw.percent("low", r, 10)} THEN lower(title) ELSE title END AS "Title",
       brand || CASE WHEN {draw.percent("legal", r, 45)}
         THEN ' ' || {_by_land([draw.one_of("form", r, forms) for forms in _LEGAL])} ELSE '' END AS "Company",
       CASE WHEN {draw.percent("no-mail", "p", 7)} THEN NULL
            WHEN {draw.percent("bad-mail", r, 3)} THEN replace({address}, '@', ' at ')
            WHEN {draw.percent("na", r, 1)} THEN 'n/a'
            WHEN {draw.percent("capital", r, 12)} THEN upper({address})
            WHEN {draw.percent("blank", r, 8)} THEN ' ' || {address} || ' '
            ELSE {address} END AS "Email",
       {employees} AS "# Employees",
       CASE WHEN {draw.percent("no-industry", "f", 10)} THEN NULL ELSE industry END AS "Industry",
       'http://www.linkedin.com/in/' || lower(strip_accents(last_name)) || '-' || p
         || CASE WHEN {draw.percent("slash", r, 50)} THEN '/' ELSE '' END AS "Person Linkedin Url",
       CASE WHEN {draw.percent("bare", r, 40)} THEN domain WHEN {draw.percent("www", r, 50)}
            THEN 'https://www.' || domain || '/' ELSE 'http://' || domain END AS "Website",
       CASE WHEN {draw.percent("no-phone", "p", 45)} THEN NULL ELSE {_by_land(phones)} END AS "Corporate Phone",
       {_by_land(["'" + land[3] + "'" for land in _LANDS])} AS "Company City",
       {_by_land(["'" + land[4] + "'" for land in _LANDS])} AS "Company State",
       {_by_land([draw.one_of("spelt", r, land[0]) for land in _LANDS])} AS "Company Country",
       {revenue} AS "Annual Revenue",
       {draw.one_of("t1", "f", _TECH)} || ', ' || {draw.one_of("t2", "f", _TECH)} AS "Technologies",
       CASE WHEN {draw.percent("asked", "p", 1)} THEN 'TRUE' ELSE '' END AS "Do Not Call",
       CASE WHEN {draw.percent("seen", r, 30)}
            THEN (DATE '{AS_OF}' - {draw.number("ago", r, 900)}::INTEGER)::VARCHAR END AS "Last Contacted",
       'lot ' || {draw.number("lot", r, 50)} AS "Our Batch"
FROM (SELECT *, 0 AS turn FROM person
      UNION ALL SELECT *, 1 AS turn FROM person WHERE {draw.percent("twice", "p", TWICE_PERCENT)})
ORDER BY turn, p"""


def _signals(draw: _Draw, companies: int, people: int) -> str:
    edges, levels, total = [], [], 0
    for kind, level, share in _KINDS:
        total += share
        edges.append(f"WHEN {draw.number('kind', 's', 100)} < {total} THEN '{kind}'")
        levels.append(f"WHEN '{kind}' THEN '{level}'")
    rows = companies * SIGNALS_PER_COMPANY
    # Signals crowd: a fifth of the companies have most of them.
    firm = (
        f"CASE WHEN {draw.percent('crowd', 's', 60)} THEN {draw.number('hot', 's', max(1, companies // 5))}"
        f" ELSE {draw.number('any', 's', companies)} END"
    )
    return f"""
SELECT kind AS type, CASE kind {" ".join(levels)} END AS level,
       CASE WHEN kind <> 'job_changed' THEN firm.domain END AS domain,
       CASE WHEN kind = 'job_changed' THEN 'http://www.linkedin.com/in/'
         || lower(strip_accents(person.last_name)) || '-' || person.p END AS linkedin,
       day AS date,
       CASE WHEN {draw.percent("weak", "s", 20)} THEN 0.3 WHEN {draw.percent("mid", "s", 50)} THEN 0.7 ELSE 1.0 END
         AS strength,
       'https://news.example/' || s AS source,
       'Seen in the news, item ' || s AS evidence
FROM (SELECT s, {firm}::BIGINT AS whose, {draw.number("who", "s", people)}::BIGINT AS who,
             DATE '{AS_OF}' - ({draw.number("day", "s", 400)})::INTEGER AS day,
             CASE {" ".join(edges)} END AS kind
      FROM range({rows}) AS signals(s)) drawn
LEFT JOIN firm ON firm.f = drawn.whose AND drawn.kind <> 'job_changed'
LEFT JOIN person ON person.p = drawn.who AND drawn.kind = 'job_changed'
ORDER BY s"""


def main(argv: Sequence[str]) -> None:
    """Write a market: `python -m benchmarks.pan_market FOLDER --people 100000`."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args(argv)
    print(make(asked.folder, asked.people, seed=asked.seed))


if __name__ == "__main__":
    import sys

    main(sys.argv[1:])
