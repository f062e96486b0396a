"""A small market for the pages: companies, people, signals and facts, scored by the shipped profile."""

from __future__ import annotations

from datetime import datetime, timedelta

from panout.batch.engine import DuckDBEngine
from panout.icp import actions as icp
from panout.icp.queries import shipped_text
from panout.qualify.actions import Scope, rescore
from panout.research.actions import note_fact
from panout.resolve import actions as resolve
from panout.signals.actions import note_signal
from panout.team.rules import Person

HOSTILE = '<script>alert("gold")</script>'

# name, domain, industry, employees, country, technologies
COMPANIES = (
    ("Northwind Ledger", "northwind-ledger.example", "Fintech", 420, "DE", ("Snowflake", "dbt", "Airflow")),
    ("Brightwater Robotics", "brightwater.example", "Industrial software", 180, "SE", ("BigQuery",)),
    ("Halcyon Health", "halcyon.example", "Healthcare software", 260, "US", ("Databricks", "Fivetran")),
    ("Copper & Pine", "copperpine.example", "Retail", 90, "GB", ()),
    ("Tidal Freight", "tidalfreight.example", "Logistics software", 640, "NL", ("Snowflake",)),
    ("Sable Insurance", "sable.example", "Financial services", 880, "IE", ("Redshift", "dbt", "Airflow")),
    ("Juniper Studio", "juniper.example", "Internet", 12, "FR", ()),
    ("Orchard Analytics", "orchard.example", "SaaS", 75, "CA", ("BigQuery", "Airbyte")),
    ("Quarry Payments", "quarry.example", "Fintech", 310, "GB", ("Snowflake", "Fivetran")),
    ("Meridian Staffing", "meridian.example", "Staffing and recruiting", 200, "US", ()),
    ("Lumen Grid", "lumengrid.example", "Energy software", 510, "DK", ("Databricks",)),
    ("Fenwick Foods", "fenwick.example", "Food production", 1500, "GB", ()),
)
# company, name, title, buying role, email
PEOPLE = (
    (0, "Ada Sommer", "Head of Data Platform", "champion", "ada.sommer@northwind-ledger.example"),
    (0, "Peter Lang", "CTO", "decision_maker", "peter.lang@northwind-ledger.example"),
    (0, "Imke Voss", "CFO", "economic_buyer", "imke.voss@northwind-ledger.example"),
    (1, "Erik Lund", "VP Data", "champion", "erik.lund@brightwater.example"),
    (2, "Maya Ortiz", "Director of Data", "champion", "maya@halcyon.example"),
    (2, "Tom Becker", "Head of Security", "influencer", "tom@halcyon.example"),
    (3, "Rose Nkemelu", "Managing Director", "decision_maker", "rose@copperpine.example"),
    (4, "Sanne de Boer", "Head of Data", "champion", "sanne@tidalfreight.example"),
    (5, "Ciara Walsh", "Chief Data Officer", "decision_maker", "ciara.walsh@sable.example"),
    (5, "Liam Byrne", "Analytics Engineering Manager", "champion", "liam.byrne@sable.example"),
    (7, "Noah Tremblay", "VP Engineering", "decision_maker", "noah@orchard.example"),
    (8, "Priya Shah", "Head of Data", "champion", "priya.shah@quarry.example"),
    (8, "George Marsh", "Executive Assistant", "gatekeeper", "george.marsh@quarry.example"),
    (9, "Dana Wills", "Recruiter", "", "dana@meridian.example"),
    (10, "Freja Holm", "Director of Data", "champion", "freja@lumengrid.example"),
)
# company, type, days ago, strength, evidence
SIGNALS = (
    (0, "funding", 12, 0.9, "Raised 30 million in a series B"),
    (0, "hiring_started", 20, 0.8, "Three data engineers wanted in Berlin"),
    (1, "tool_change", 35, 0.8, "Moved its warehouse to BigQuery"),
    (2, "compliance", 30, 0.8, "HIPAA audit announced for spring"),
    (4, "leadership", 8, 0.9, "A new chief data officer begins"),
    (5, "job_changed", 15, 0.9, "Ciara Walsh came from Northgate Bank"),
    (7, "hiring", 60, 0.7, "Hiring two analytics engineers"),
    (8, "pricing_visit", 3, 1.0, "Two visits to the pricing page"),
    (10, "funding", 150, 0.9, "Raised 12 million"),
    (8, "news", 90, 0.5, "Named in a round-up of payment firms"),
)


def populate(owner: Person, moment: datetime) -> dict[str, int]:
    """Fill the book; returns the ids of the accounts by name."""
    profile = icp.create_icp(owner, "Data observability", shipped_text("b2b-software"), "test", moment)
    icp.activate(owner, profile, "The first.", "test", moment)
    accounts = []
    for name, domain, industry, employees, country, technologies in COMPANIES:
        values = {
            "company_name": name, "domain": domain, "industry": industry, "employees": employees,
            "country": country, "technologies": technologies,
            "compliance": ("SOC 2",) if "Fintech" in industry else (),
        }  # fmt: skip
        accounts.append(resolve.add_account(owner, values, "test", moment))
    for company, name, title, role, email in PEOPLE:
        values = {
            "full_name": name,
            "title": title,
            "buying_role": role,
            "email": email,
            "email_grade": "valid",
        }
        resolve.add_contact(owner, accounts[company], values, "test", moment)
    for company, kind, ago, strength, evidence in SIGNALS:
        note_signal(
            owner, account_id=accounts[company], contact_id=None, kind=kind, level="company",
            on=(moment - timedelta(days=ago)).date(), strength=strength,
            source=f"https://news.example/{kind}/{company}", evidence=evidence, origin="test", now=moment,
        )  # fmt: skip
    note_fact(
        owner, account_id=accounts[0], name="sells", value="Ledgers for banks that still close by hand",
        source="https://northwind-ledger.example/about", quote="We close the books in a day.",
        as_of=moment.date(), now=moment,
    )  # fmt: skip
    resolve.write_note(
        owner,
        "Their data team grew from 3 to 9 this year.",
        account_id=accounts[0],
        origin="test",
        now=moment,
    )
    score(moment)
    return dict(zip((name for name, *_ in COMPANIES), accounts, strict=True))


def score(moment: datetime) -> None:
    """Verdicts for everybody, as the worker writes them."""
    engine = DuckDBEngine(memory_limit=1 << 30, threads=1)
    try:
        rescore(engine, Scope(), moment.date(), moment, lambda _: None)
    finally:
        engine.close()
