"""A book of any size, loaded by COPY and kept between runs: what the benchmarks of pages and live counts ask.

Everything is drawn by hashing the row's number, so a book of a size is the same wherever it is made. Companies
have people as markets have them: a few have thousands, most have a handful. Verdicts are drawn, not scored.

    python -m benchmarks.book --contacts 1000000        # make it, say what it holds
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import duckdb

FOLDER = Path("/tmp/pagesbench")  # noqa: S108 - kept between runs on purpose
EMAIL, PASSWORD = "bench@panout.test", "pan for gold 1849"
PEOPLE_PER_COMPANY = 10
REPS = 8
ICP = Path(__file__).with_name("pan_icp.yaml")
_BATCH = 100_000


def _parted(words: str, at: str = " ") -> list[str]:
    return words.split(at)


_FIRST = _parted(
    "Anna Ben Clara David Elena Felix Greta Hugo Ines Jonas Katrin Liam Maria Noah Olga Paul Quentin Rosa"
    " Sofia Tom Ulla Victor Wanda Xavier Yara Zoe Amir Bianca Cem Daria Emre Fatima Goran Hanna Ivan Jana"
    " Kofi Lucia Mateo Nadia Oscar Petra Rafael Selma Tariq Uma Vera Wei Yusuf Zara Aisha Bruno Chiara"
    " Dylan Elif Franz Giulia Henrik"
)
_LAST_HEAD = _parted(
    "Al Ber Cor Dam El Fer Gar Hol Iv Jan Kal Lind Mor Nor Ost Pel Quin Ros Sand Tor Ul Van Wes Yil Zim"
    " Bran Chev"
)
_LAST_TAIL = _parted("berg mann son sen ski ova ez etti eau strom wald fors field ton dez ier ani aar oglu")
_BRAND_HEAD = _parted(
    "Nova Quanta Bright Helio Terra Aero Blue Core Delta Echo Fjord Grid Harbor Iris Jade Kite Lumen"
    " Metro Nimbus Orbit Pixel Quartz River Solar Titan Umbra Vertex Willow Xeno Yonder Zephyr Alto Bolt"
    " Cedar Drift Ember Flint"
)
_BRAND_TAIL = _parted(
    "soft logic works data base labs flow stack forge link mind point scale sense shift spark stream"
    " trail vault wave"
)
_TRADES = _parted(
    "Analytics Freight Payments Health Energy Robotics Insurance Foods Media Staffing Systems Mobility"
    " Biotech Security Retail Studios Capital Learning"
)
_INDUSTRIES = _parted(
    "Computer Software|Financial Services|Retail|Logistics|Hospital & Health Care|Insurance"
    "|Telecommunications|Manufacturing|Marketing & Advertising|Biotechnology|Energy|Education"
    "|Government Administration|Media",
    "|",
)
_COUNTRIES = _parted("US US US US DE DE GB GB FR NL SE ES IT CA IN BR PL CH AT DK")
_TECH = _parted(
    "AWS Azure Kubernetes Snowflake Databricks Salesforce HubSpot Postgres Kafka Airflow dbt Redshift"
)
_TITLES = _parted(
    "VP Engineering|Head of Data|CTO|Data Engineer|Senior Software Engineer|CISO|Head of Platform"
    "|Sales Director|Engineering Manager|Marketing Manager|CFO|Finance Manager|COO|Head of Operations"
    "|Product Manager|CEO|Office Manager|Data Analyst|Leiter IT|Account Executive",
    "|",
)
_ROLES = ("decision_maker", "champion", "economic_buyer", "influencer", "gatekeeper")
_SIGNALS = _parted(
    "hiring funding leadership tool_change launch news expansion compliance job_changed pricing_visit"
)


def main(argv: Sequence[str] | None = None) -> None:
    """Make the book of a size, unless it is there, and say what it holds."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--contacts", type=int, default=1_000_000)
    words.add_argument("--folder", type=Path, default=FOLDER)
    asked = words.parse_args(argv)
    with book(asked.contacts, asked.folder) as seconds:
        from django.db import connection

        with connection.cursor() as cursor:
            for table in _TABLES:
                cursor.execute(f"SELECT count(*), pg_total_relation_size('{table}') / 1048576 FROM {table}")
                rows, size = cursor.fetchone()
                print(f"  {table:<20} {rows:>10,} rows {size:>7,} MiB")
        print(f"loaded in {seconds:.0f} s" if seconds else "loaded by an earlier run")


@contextmanager
def book(contacts: int, folder: Path = FOLDER) -> Iterator[float]:
    """The book of that size, answering for the length of the block; yields the seconds of loading, 0 if kept.

    One size a process: Django reads where the database is once.
    """
    state = folder / f"book-{contacts}"
    state.mkdir(parents=True, exist_ok=True)
    for path in (folder, state):
        path.chmod(0o711)  # the server's own user walks through
    os.environ |= {"PANOUT_STATE": str(state), "PANOUT_LOG_LEVEL": "WARNING"}
    os.environ.pop("DATABASE_URL", None)
    from panout.flow import database

    kept = state / "loaded"
    with database.up():
        database.migrate()
        seconds = 0.0
        if not kept.exists():
            start = time.perf_counter()
            _load(contacts)
            seconds = time.perf_counter() - start
            kept.touch()
        yield seconds


def _load(contacts: int) -> None:
    from django.db import connection

    from panout.icp import actions as icp
    from panout.sources import actions as sources
    from panout.team import actions as team
    from panout.team.queries import has_people, member
    from panout.team.rules import Role

    if has_people():
        raise SystemExit("This folder holds half a book: remove it and run again.")
    now = datetime.now(UTC)  # noqa: TID251
    owner = member(team.create_owner("Bench", EMAIL, PASSWORD, "Europe/Berlin", now)).person
    reps = []
    for number in range(REPS):
        secret = team.invite(owner, f"rep{number}@panout.test", Role.SDR, None, "bench", now)
        reps.append(team.accept_invitation(secret, f"Rep {number}", PASSWORD, "UTC", now))
    version = icp.create_icp(owner, "Bench", ICP.read_text(), "bench", now)
    icp.activate(owner, version, "bench", "bench", now)
    batch = sources.upload(owner, "drawn.csv", [b"drawn by benchmarks.book\n"], 1 << 20, "bench", now)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE sources_importbatch SET state = 'done', finished_at = %s", [now])
    made = _Drawn(contacts, now, batch, version, min(reps))
    for table, select in made.tables():
        _copy(made.engine, table, select)
    with connection.cursor() as cursor:
        for table in _TABLES:
            if table not in _WITHOUT_NUMBER:
                cursor.execute(
                    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}"
                )
            cursor.execute(f"VACUUM ANALYZE {table}")


def _copy(engine: duckdb.DuckDBPyConnection, table: str, select: str) -> None:
    """Fill one table; its plain indexes are built when the rows are there."""
    from django.db import connection, transaction

    from panout.batch.exchange import copy_in, csv_blocks

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # no index is built over checks that wait
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = %s AND indexname NOT IN"
            " (SELECT conname FROM pg_constraint)",
            [table],
        )
        indexes = [(name, made) for name, made in cursor.fetchall() if "UNIQUE" not in made]
        for name, _ in indexes:
            cursor.execute(f'DROP INDEX "{name}"')
        rows = engine.sql(select).to_arrow_reader(_BATCH)
        with cursor.copy(copy_in(table, rows.schema.names)) as copy:
            for block in csv_blocks(rows):
                copy.write(block)
        cursor.execute("SET LOCAL maintenance_work_mem = '1GB'")
        for _, made in indexes:
            cursor.execute(made)


_TABLES = (
    "resolve_account",
    "resolve_contact",
    "resolve_sighting",
    "signals_signal",
    "qualify_verdict",
    "qualify_explanation",
    "resolve_activity",
    "research_fact",
)
_WITHOUT_NUMBER = frozenset({"qualify_explanation"})  # of its own: it has its verdict's


class _Drawn:
    """The rows of every table, as DuckDB draws them."""

    def __init__(self, contacts: int, now: datetime, batch: int, version: int, first_rep: int) -> None:
        self.contacts, self.accounts = contacts, max(1, contacts // PEOPLE_PER_COMPANY)
        self.batch, self.version, self.first_rep = batch, version, first_rep
        self.moment, self.day = now.isoformat(), now.date().isoformat()
        self.engine = duckdb.connect(config={"memory_limit": "4GB", "threads": 2})
        self.engine.execute(
            "CREATE MACRO pick(words, i, salt) AS words[1 + (hash(i, salt) % len(words))::INT]"
        )
        # A few companies have thousands of people, most a handful.
        self.engine.execute(
            "CREATE MACRO company(i) AS"
            f" 1 + least({self.accounts} - 1, floor(pow((hash(i, 70) % 1000003) / 1000003.0, 2) * {self.accounts}))::BIGINT"
        )
        self.engine.execute(
            "CREATE MACRO owner_of(company) AS CASE WHEN hash(company, 71) % 10 < 3"
            f" THEN {first_rep} + (hash(company, 72) % {REPS})::BIGINT END"
        )

    def tables(self) -> tuple[tuple[str, str], ...]:
        """Each table with the SELECT that fills it, in the order that foreign keys ask."""
        selects = (
            self._accounts(), self._contacts(), self._sightings(), self._signals(), self._verdicts(),
            self._explanations(), self._activity(), self._facts(),
        )  # fmt: skip
        return tuple(zip(_TABLES, selects, strict=True))

    def _accounts(self) -> str:
        return f"""
            WITH a AS (
              SELECT i, pick({_BRAND_HEAD}, i, 1) || pick({_BRAND_TAIL}, i, 2) AS brand, pick({_TRADES}, i, 3) AS trade
              FROM range(1, {self.accounts} + 1) r(i))
            SELECT i AS id, brand || ' ' || trade || pick([' GmbH', ' Ltd', ' Inc', '', '', ''], i, 4) AS company_name,
                   lower(brand) || '-' || i || '.example' AS domain,
                   pick({_INDUSTRIES}, i, 5) AS industry,
                   CASE WHEN hash(i, 6) % 10 > 0 THEN (5 + exp((hash(i, 7) % 900) / 100.0))::BIGINT END AS employees,
                   CASE WHEN hash(i, 8) % 3 > 0 THEN 1e5 * exp((hash(i, 9) % 900) / 100.0) END AS revenue,
                   CASE WHEN hash(i, 10) % 2 > 0 THEN 1970 + (hash(i, 11) % 56)::BIGINT END AS founded,
                   'Springfield' AS city, pick({_COUNTRIES}, i, 12) AS country,
                   CASE WHEN hash(i, 13) % 3 > 0
                        THEN '{{' || pick({_TECH}, i, 14) || ',' || pick({_TECH}, i, 15) || ',' || pick({_TECH}, i, 16) || '}}'
                   END AS technologies,
                   CASE WHEN hash(i, 17) % 20 = 0 THEN '{{vip}}' END AS tags,
                   'a' || substr(md5(i::VARCHAR), 1, 16) AS key, lower(brand || ' ' || trade) AS name_key,
                   lower(brand || ' ' || trade || ' ' || brand || '-' || i || '.example') AS search,
                   '{{}}' AS custom, 'lead' AS lifecycle, owner_of(i) AS owner_id, 1 AS version,
                   '{self.moment}' AS created_at, '{self.moment}' AS changed_at, '{{}}' AS touched_fields,
                   {self.batch} AS made_by_id
            FROM a"""

    def _people(self) -> str:
        return f"""
              SELECT i, company(i) AS account_id, pick({_FIRST}, i, 20) AS first_name,
                     pick({_LAST_HEAD}, i, 21) || pick({_LAST_TAIL}, i, 22) AS last_name, hash(i, 23) % 100 AS luck
              FROM range(1, {self.contacts} + 1) r(i)"""

    def _contacts(self) -> str:
        return f"""
            WITH p AS ({self._people()}), q AS (
              SELECT *, lower(first_name || '.' || last_name || i) || '@'
                     || lower(pick({_BRAND_HEAD}, account_id, 1) || pick({_BRAND_TAIL}, account_id, 2)) || '-' || account_id || '.example'
                     AS email
              FROM p)
            SELECT i AS id, first_name || ' ' || last_name AS full_name, first_name, last_name,
                   pick({_TITLES}, i, 24) AS title,
                   CASE WHEN luck < 60 THEN pick({list(_ROLES)}, i, 25) END AS buying_role,
                   CASE WHEN luck < 92 THEN email END AS email, CASE WHEN luck < 92 THEN 'work' END AS email_grade,
                   CASE WHEN luck % 3 = 0 THEN '+4930' || (1000000 + i) END AS phone,
                   CASE WHEN luck % 2 = 0 THEN 'https://www.linkedin.com/in/p' || i END AS linkedin,
                   account_id, 'c' || substr(md5(i::VARCHAR), 1, 16) AS key,
                   lower(concat_ws(' ', first_name, last_name, CASE WHEN luck < 92 THEN email END)) AS search,
                   CASE WHEN luck = 5 THEN '{{fair}}' END AS labels, '{{}}' AS custom,
                   CASE WHEN luck < 12 THEN 'prospect' WHEN luck < 72 THEN 'lead' ELSE 'disqualified' END AS lifecycle,
                   owner_of(account_id) AS owner_id, 1 AS version, '{self.moment}' AS created_at,
                   '{self.moment}' AS changed_at, '{{}}' AS touched_fields, {self.batch} AS made_by_id
            FROM q"""

    def _sightings(self) -> str:
        return f"""
            SELECT i AS id, {self.batch} AS batch_id, i AS row, company(i) AS account_id, i AS contact_id
            FROM range(1, {self.contacts} + 1) r(i)"""

    def _signals(self) -> str:
        return f"""
            WITH s AS (SELECT i, 1 + (hash(i, 30) % {self.accounts})::BIGINT AS account_id, pick({_SIGNALS}, i, 31) AS type
                       FROM range(1, {self.accounts * 3} + 1) r(i))
            SELECT i AS id, md5('s' || i) AS key, type,
                   CASE WHEN type IN ('job_changed', 'pricing_visit') THEN 'buyer' WHEN type = 'compliance' THEN 'ecosystem'
                        ELSE 'company' END AS level,
                   account_id, DATE '{self.day}' - (hash(i, 32) % 240)::INT AS date, 0.3 + (hash(i, 33) % 70) / 100.0 AS strength,
                   'https://news.example/' || i AS source, type || ' told of by news.example' AS evidence,
                   '{self.moment}' AS seen_at
            FROM s"""

    def _verdicts(self) -> str:
        return f"""
            WITH v AS (
              SELECT i, company(i) AS account_id, hash(i, 23) % 100 AS luck, (hash(i, 40) % 100000) / 1000.0 AS score
              FROM range(1, {self.contacts} + 1) r(i))
            SELECT i AS id, account_id, i AS contact_id, {self.version} AS icp_version_id,
                   CASE WHEN luck < 12 THEN 'prospect' WHEN luck < 72 THEN 'lead' ELSE 'disqualified' END AS verdict,
                   round(score, 1) AS fit, (hash(i, 41) % 1000) / 10.0 AS intensity, (hash(i, 42) % 1000) / 10.0 AS timing,
                   CASE WHEN luck % 4 > 0 THEN (hash(i, 43) % 1000) / 10.0 END AS team, score AS priority, 0.8 AS known,
                   '{{revenue}}' AS missing,
                   CASE WHEN luck >= 72 THEN 'Buys by tender only.' END AS disqualifier,
                   CASE WHEN luck < 40 THEN 'Raised money 12 days ago' END AS why_now, '{self.moment}' AS scored_at
            FROM v ORDER BY priority"""

    def _explanations(self) -> str:
        reasons = ", ".join(
            f'{{"axis": "{axis}", "rule": "{rule}", "points": {points}, "held": {held}, "text": "{text}"}}'
            for axis, rule, points, held, text in (
                ("fit", "size", 30, "true", "employees are between 50 and 5,000"),
                ("fit", "industry", 25, "true", "the industry has the word software"),
                ("fit", "tools", 20, "false", "technologies are any of Snowflake, Databricks, Kafka"),
                ("fit", "markets", 15, "true", "the country is one of US, DE, GB, FR, NL"),
                ("fit", "money", 10, "null", "revenue is at least 10,000,000"),
                ("intensity", "platform", 40, "true", "technologies are any of Snowflake, Databricks"),
                ("intensity", "hires", 30, "false", "there is a signal of hiring within 60 days"),
                ("timing", "funding", 22, "true", "raised money 12 days ago"),
                ("team", "technology", 50, "true", "the title is a decision maker of the profile"),
            )
        )
        return f"SELECT i AS verdict_id, '[{reasons}]' AS reasons FROM range(1, {self.contacts} + 1) r(i)"

    def _activity(self) -> str:
        return f"""
            WITH e AS (SELECT i, 1 + (hash(i, 50) % {self.contacts})::BIGINT AS contact_id
                       FROM range(1, {self.contacts} + 1) r(i))
            SELECT i AS id, company(contact_id) AS account_id, contact_id,
                   TIMESTAMPTZ '{self.moment}' - INTERVAL 1 MINUTE * (hash(i, 51) % 200000)::INT AS at,
                   pick(['email_sent', 'call', 'note', 'reply', 'meeting'], i, 52) AS kind, 'email' AS channel,
                   'A line of the time line' AS text, '' AS link
            FROM e"""

    def _facts(self) -> str:
        return f"""
            SELECT i AS id, 1 + (hash(i, 60) % {self.accounts})::BIGINT AS account_id, 'sells' AS name,
                   'Ledgers for banks that close by hand' AS value, 'https://news.example/' || i AS source, '' AS quote,
                   '{self.moment}' AS seen_at, 1.0 AS confidence
            FROM range(1, {self.accounts // 2} + 1) r(i)"""


if __name__ == "__main__":
    main()
