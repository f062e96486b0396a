"""A run's relations made by hand, for tests of what is written from them."""

from __future__ import annotations

import json
import random
from datetime import date, timedelta

import pyarrow as pa

from panout.batch.engine import Engine
from panout.flow.summary import (
    MADE_BY,
    Alike,
    Column,
    IcpUsed,
    Left,
    ListUsed,
    Rows,
    Summary,
    Timings,
    Verdicts,
)
from panout.kernel.fields import ACCOUNT_FIELDS, CONTACT_FIELDS
from panout.sources.files.relations import ARROW_KINDS, REJECTS_SCHEMA, ROWS_SCHEMA

AS_OF = date(2026, 11, 20)
_LISTS = pa.list_(pa.string())
_IDS = pa.list_(pa.int64())


def _schema(first, fields):
    middle = [(field.name, ARROW_KINDS[field.kind]) for field in fields]
    return pa.schema([*first, *middle, ("row_ids", _IDS), ("custom", pa.string())])


ACCOUNTS = _schema([("account_id", pa.string())], ACCOUNT_FIELDS)
CONTACTS = _schema([("contact_id", pa.string()), ("account_id", pa.string())], CONTACT_FIELDS)
SIGNALS = pa.schema(
    [
        *((name, pa.string()) for name in ("signal_id", "type", "level", "account_id", "contact_id")),
        ("date", pa.date32()),
        ("strength", pa.float64()),
        ("source", pa.string()),
        ("evidence", pa.string()),
    ]
)
VERDICTS = pa.schema(
    [
        *((name, pa.string()) for name in ("account_id", "contact_id", "verdict")),
        *((name, pa.float64()) for name in ("fit", "intensity", "timing", "team", "priority")),
        ("rank", pa.int64()),
        ("known", pa.float64()),
        ("missing", _LISTS),
        ("disqualifier", pa.string()),
        ("why_now", pa.string()),
        ("reasons", pa.string()),
    ]
)

_TYPES = ("hiring_started", "funding", "leadership", "tool_change", "job_change", "site_visit", "launch")
_NAMES = ("Maren Okafor", "Jonas Lindqvist", "Priya Raman", "Élodie Garnier", "Tomasz Zieliński", "Ada Obi")
_TITLES = ("VP Engineering", "Head of Data", "Leiter IT", "Directrice Sécurité", "CTO", "Platform Lead")
_FIRMS = ("Quarzwerk", "Northbeam Logistics", "Halden Bio", "Atelier Vif", "Kestrel Freight", "Orbis Pay")

REASONS = json.dumps(
    [
        {"axis": axis, "rule": text, "points": points, "held": held, "text": text}
        for axis, points, held, text in (
            ("fit", 30, True, "50 to 500 employees"),
            ("fit", 0, None, "based in the EU or UK"),
            ("timing", 41.5, True, "hiring within 30 days"),
            ("team", 0, False, "economic buyer known"),
        )
    ]
)


def fill(engine: Engine, people: int = 400, seed: int = 7) -> None:
    """Load `rows`, `rejects`, `accounts`, `contacts`, `signals` and `verdicts` into `engine`."""
    rng = random.Random(seed)
    rows, accounts, contacts, signals, verdicts = [], [], [], [], []
    for n in range(people):
        account, contact = f"a{n:016x}", f"c{n:016x}"
        firm, name = f"{rng.choice(_FIRMS)} {n}", rng.choice(_NAMES)
        rows.append({"row_id": n, "file": "leads.csv", "row": n, "kind": "person"})
        accounts.append(
            {
                "account_id": account,
                "company_name": firm,
                "domain": f"firm{n}.example",
                "website": f"https://firm{n}.example",
                "industry": "Software" if rng.random() < 0.8 else None,
                "employees": rng.choice([None, 40, 120, 900]),
                "country": rng.choice(["DE", "US", "FR", None]),
                "city": "Berlin",
                "row_ids": [n],
            }
        )
        contacts.append(
            {
                "contact_id": contact,
                "account_id": account,
                "full_name": name,
                "first_name": name.split()[0],
                "last_name": name.split()[1],
                "title": rng.choice(_TITLES),
                "email": f"p{n}@firm{n}.example",
                "email_grade": rng.choice(["plausible", "role", "free"]),
                "phone": "+493012345678" if rng.random() < 0.4 else None,
                "linkedin": f"https://www.linkedin.com/in/p{n}",
                "row_ids": [n],
            }
        )
        for m in range(rng.choice([0, 1, 1, 2, 4])):
            kind = rng.choice(_TYPES)
            buyer = kind == "job_change"
            signals.append(
                {
                    "signal_id": f"s{n:08x}{m:08x}",
                    "type": kind,
                    "level": "buyer" if buyer else "company",
                    "account_id": None if buyer else account,
                    "contact_id": contact if buyer else None,
                    "date": AS_OF - timedelta(days=rng.randrange(300)),
                    "strength": 0.8,
                    "source": f"https://news.example/{n}",
                    "evidence": "Opened four platform roles in Berlin this month",
                }
            )
        fit, timing = min(100.0, rng.gauss(62, 22)), max(0.0, rng.gauss(35, 28))
        fit, timing = max(fit, 0.0), min(timing, 100.0)
        verdict = (
            "disqualified" if rng.random() < 0.15 else "prospect" if fit > 60 and timing > 40 else "lead"
        )
        verdicts.append(
            {
                "account_id": account,
                "contact_id": contact,
                "verdict": verdict,
                "fit": round(fit, 1),
                "intensity": rng.choice([None, 40.0, 70.0]),
                "timing": round(timing, 1),
                "team": rng.choice([25.0, 50.0, 100.0]),
                "priority": round((fit + timing) / 2, 1),
                "known": 0.8,
                "missing": [w for w, ok in (("fit", fit > 60), ("signal", timing > 40)) if not ok] or None,
                "disqualifier": "series A, under 50 people, no data team"
                if verdict == "disqualified"
                else None,
                "why_now": "Started hiring for data roles 12 days ago; new CTO 3 weeks ago",
                "reasons": REASONS,
            }
        )
    place = {"prospect": 0, "lead": 1, "disqualified": 2}
    verdicts.sort(key=lambda v: (place[v["verdict"]], -v["priority"], v["contact_id"]))
    for rank, verdict in enumerate(verdicts, 1):
        verdict["rank"] = rank
    rejects = [
        {"file": "leads.csv", "row": n, "column": "Email", "value": "n/a", "reason": reason}
        for n, reason in enumerate(["neither a person nor a company"] * 9 + ["not an email address"] * 3)
    ]
    for name, schema, records in (
        ("rows", ROWS_SCHEMA, rows),
        ("rejects", REJECTS_SCHEMA, rejects),
        ("warnings", REJECTS_SCHEMA, rejects[:2]),
        ("accounts", ACCOUNTS, accounts),
        ("contacts", CONTACTS, contacts),
        ("signals", SIGNALS, signals),
        ("verdicts", VERDICTS, verdicts),
    ):
        engine.load(name, schema, pa.Table.from_pylist(records, schema).to_batches())


COLUMNS = (Column("Email", "email", 1.0, "exact"), Column("X", "", 0, "-"))


def summary(**changed) -> Summary:
    values = {
        "made_by": MADE_BY,
        "version": "0.1.0",
        "versions": {},
        "engine": "duckdb",
        "icp": IcpUsed("B2B software", 3),
        "as_of": AS_OF.isoformat(),
        "lists": (
            ListUsed(
                "leads.csv", 412, 400, 12, (Column("Email", "email", 1.0, "exact"), Column("X", "", 0, "-"))
            ),
        ),
        "previous": (),
        "rows": Rows(412, 400, 12, 2),
        "duplicates": 0,
        "alike": Alike(),
        "accounts": 400,
        "contacts": 400,
        "signals": 640,
        "signals_by_type": {},
        "signals_by_level": {},
        "stated": None,
        "verdicts": Verdicts(87, 251, 62),
        "missing": {},
        "disqualified_by": {},
        "funnel": (
            Left("rows read", 412),
            Left("rows used", 400),
            Left("people and companies", 400),
            Left("not disqualified", 338),
            Left("prospects", 87),
        ),
        "files": {},
        "timings": Timings(0, 0, ()),
    }
    return Summary(**(values | changed))
