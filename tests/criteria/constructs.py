"""Every construct of the language, and records at its edges: for the golden tests on all engines."""

from __future__ import annotations

from datetime import date, timedelta

from panout.criteria.predicate import Record
from tests.criteria.worlds import AS_OF, Seen1

HOSTILE = (
    "'",
    "''",
    '"',
    "\\",
    "\\'",
    "\\\\' OR TRUE --",
    "' OR 1=1 --",
    "'; DROP TABLE records; --",
    "/* */ --",
    "${spark.app.name}",
    "$$",
    "$1 ? :name %s %(x)s %",
    "`",
    "\n\t\r",
    "\u2028\u00a0\ufeff\u200b",
    "\U0001f600 \u4e2d\u6587 \u0645",
    "\x01\x1f\x7f",
    "\\u0027 OR TRUE \\x27",
    "X'41'",
    "_%",
)
"""Texts that some engine, setting or driver could take for something else."""


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


TEXTS = (
    # comparisons, on every kind
    *(f"employees {op} 50" for op in ("=", "!=", "<", "<=", ">", ">=")),
    *(f"revenue {op} 1.5m" for op in ("=", "!=", "<", "<=", ">", ">=")),
    *(f"last_contacted {op} 2026-03-01" for op in ("=", "!=", "<", "<=", ">", ">=")),
    'industry = "software"',
    'industry != "SOFTWARE"',
    'industry is "Software"',
    'industry is not "Software"',
    "revenue >= 0.1",
    "employees = -1",
    "employees = 9007199254740992",
    # ranges and lists
    "employees between 50 and 500",
    "employees in 50..500",
    "not employees = 50..500",
    "revenue between 0.1 and 2m",
    "last_contacted between 2026-01-01 and as of",
    "last_contacted between as of - 1 month and as of + 1 day",
    "employees in (49, 50, 51)",
    "employees not in (49, 50, 51)",
    "revenue in (0.1, 1_500_000)",
    "last_contacted in (2026-03-01, as of)",
    'country in ("de", "AT")',
    'country not in ("de", "AT")',
    # lists of texts
    'technologies any of ("DBT", "snowflake")',
    'technologies all of ("DBT", "snowflake")',
    'technologies none of ("DBT", "snowflake")',
    'technologies all of "dbt"',
    'not technologies any of ("dbt")',
    'not technologies all of ("dbt", "snowflake")',
    'not technologies none of ("dbt")',
    'technologies contains "dbt"',
    'technologies any of ("")',
    # text
    'title contains "CTO"',
    'title contains any of ("cto", "vp")',
    'title starts with "vp"',
    'title starts with any of ("vp", "head")',
    'title ends with "sales"',
    'title has word "cto"',
    'title has word any of ("cto", "vp sales")',
    'title not has word "cto"',
    'title not contains "cto"',
    'title contains "\u00c4"',
    'title starts with "\U0001f600"',
    'title ends with "\U0001f600"',
    'title = "\u0130stanbul"',
    'title = "istanbul"',
    'title = "\u039f\u0394\u039f\u03a3"',
    'title = "\u03bf\u03b4\u03bf\u03c3"',
    'title = "stra\u00dfe"',
    'title ends with "\u03c3"',
    # yes or no
    "hiring",
    "not hiring",
    "hiring = true",
    "hiring = false",
    "hiring != true",
    "hiring is not false",
    # dates and years
    *(f"last_contacted within {span}" for span in ("0 days", "1 day", "2 weeks", "1 month", "1 year")),
    *(f"last_contacted older than {span}" for span in ("0 days", "1 day", "2 weeks", "1 month", "1 year")),
    "last_contacted within next 30 days",
    "last_contacted within the last 1 month",
    "last_contacted not within 30 days",
    "last_contacted >= as of - 30 days",
    "last_contacted < today",
    "birth_date older than 18 years",
    "last_contacted within 10_000 years",
    "last_contacted within next 10_000 years",
    "founded within 5 years",
    "founded older than 5 years",
    "founded within next 1 year",
    "founded >= 2020",
    # known
    *(
        f"{name} is known"
        for name in ("employees", "revenue", "industry", "last_contacted", "hiring", "tags")
    ),
    "employees is unknown",
    "not employees is unknown",
    "custom.plan is known",
    'custom."Deal size" is unknown',
    # custom
    'custom.plan = "PRO"',
    'custom.plan != "pro"',
    'custom.plan in ("pro", "team")',
    'custom.plan starts with "p"',
    'custom."Deal size" >= 10',
    'custom."Deal size" between -3 and 10.5',
    'custom."Deal size" in (10, 10.5)',
    'custom."Deal size" != 10',
    r"""custom."a\"b'c/~" = "pro" """,
    # signals
    'signal("hiring")',
    "signal()",
    'signal("HIRING") within 30 days',
    'not signal("hiring") within 30 days',
    'signal("hiring", "funding") within 1 month',
    'signal("nothing_of_the_kind")',
    'count(signal("hiring") within 30 days) >= 2',
    'count(signal("nothing_of_the_kind")) = 0',
    "count(signal()) between 1 and 2",
    'strongest(signal("funding")) >= 0.5',
    'signal("funding").strength >= 0.5',
    'strongest(signal("funding") within 1 week) > 0',
    'strongest(signal("nothing_of_the_kind")) = 0',
    'latest(signal("news")) >= as of - 30 days',
    'latest(signal("news")) older than 1 week',
    'signal("news").date within 1 week',
    'latest(signal("nothing_of_the_kind")) < as of',
    # logic, each table of truth by way of three yes-or-no answers
    "hiring and opted_out",
    "hiring or opted_out",
    "not (hiring and opted_out)",
    "not (hiring or not opted_out)",
    "hiring and (opted_out or employees > 50)",
    "hiring and opted_out or employees > 50",
    # whatever a text holds
    *(f"industry = {_quoted(text)}" for text in HOSTILE),
    *(f"industry contains {_quoted(text)}" for text in HOSTILE),
    *(f"industry starts with {_quoted(text)}" for text in HOSTILE),
    *(f"industry ends with {_quoted(text)}" for text in HOSTILE),
    *(f"technologies any of ({_quoted(text)})" for text in HOSTILE),
    *(f'custom.{_quoted(text)} = "here"' for text in HOSTILE),
)

_TITLES = (
    "CTO",
    "VP, Sales",
    "vp sales",
    "director",
    "cto/cio",
    "Head of X",
    "\u00c4rztin",
    "\u00e4rztin",
    "\U0001f600 \U0001f600",
    "\u0130STANBUL",
    "Istanbul",
    "i\u0307stanbul",
    "\u039f\u0394\u039f\u03a3",
    "\u03bf\u03b4\u03bf\u03c2",
    "\u03bf\u03b4\u03bf\u03c3",
    "STRASSE",
    "STRA\u1e9eE",
    "stra\u00dfe",
    "",
    " ",
)

_LISTS = (None, [], [None], ["dbt"], ["DBT", None], ["Snowflake", "dbt"], ["", "x"], ["dbt", "dbt"])

_DAYS = tuple(
    AS_OF + timedelta(days=by) for by in (-366, -365, -364, -32, -31, -30, -29, -15, -14, -13, -1, 0, 1, 30)
)


def _records() -> tuple[Record, ...]:
    known = [Record({})]
    known += [Record({"employees": n}) for n in (-1, 0, 49, 50, 51, 500, 501, 2**53, 2**53 - 1)]
    known += [Record({"revenue": n}) for n in (0.0, 0.1, 0.1 + 1e-17, 1_499_999.99, 1.5e6, 2e6, 2.1e6)]
    known += [
        Record({"last_contacted": day})
        for day in (*_DAYS, date(2026, 2, 28), date(1, 1, 1), date(9999, 12, 31))
    ]
    known += [Record({"birth_date": date(2008, 3, day)}) for day in (30, 31)]
    known += [Record({"founded": year}) for year in (2019, 2020, 2021, 2026, 2027, 2028)]
    known += [Record({"title": title}) for title in _TITLES]
    known += [Record({"country": code, "industry": "Software"}) for code in ("DE", "at", "CH")]
    known += [Record({"technologies": held, "tags": held}) for held in _LISTS]
    known += [Record({"industry": text, "technologies": [text]}, (), {text: "here"}) for text in HOSTILE]
    known += [Record({"industry": f"a{text}b", "technologies": ["a", text]}) for text in HOSTILE]
    known.append(Record({}, (), dict.fromkeys(HOSTILE, "elsewhere")))
    known += [
        Record({"hiring": hiring, "opted_out": out, "employees": employees})
        for hiring in (True, False, None)
        for out in (True, False, None)
        for employees in (10, 100, None)
    ]
    known += [
        Record({}, (), {"plan": plan, "Deal size": size, "a\"b'c/~": plan})
        for plan, size in (
            ("Pro", "10"),
            ("team", "10.5"),
            (None, " 10"),
            ("", "10\n"),
            ("null", "1e1"),
            ("p", "1,000"),
            ("q", "12"),
            ("P", "-3"),
            ("[1]", "+0010.50"),
            ("{}", "NaN"),
            ("\u00c4", "1234567890123456"),
        )
    ]
    known += [
        Record({}, tuple(Seen1(kind, day, strength) for day in some))
        for kind, strength in (("hiring", 1.0), ("funding", 0.5), ("funding", None), ("news", 0.0))
        for some in (
            (None,),
            (_DAYS[5], _DAYS[4]),
            (AS_OF,),
            (_DAYS[-1],),
            (_DAYS[0],),
            (_DAYS[8], _DAYS[9], AS_OF),
        )
    ]
    return tuple(known)


RECORDS = _records()
