"""What the report says, as plain values asked of the files that a run left; the page only lays them out."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from panout.batch.engine import DuckDBEngine, Engine
from panout.kernel.fields import ACCOUNT_FIELDS, CONTACT_FIELDS, FIELDS, Field

AXES = ("fit", "intensity", "timing", "team")
VERDICTS = ("prospect", "lead", "disqualified")
BINS = 10

# How many prospects the page unfolds. A page is for reading; the files hold everybody.
SHOWN = 50


@dataclass(frozen=True, slots=True)
class Count:
    """So many of something."""

    name: str
    count: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """How many verdicts score 0-10, 10-20, ... 90-100 on one axis, by verdict; `unknown` have no score."""

    axis: str
    bins: tuple[tuple[int, ...], ...]  # one tuple of BINS counts for each of VERDICTS
    unknown: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The share (0..1) of records on which a fact is known."""

    label: str
    share: float


@dataclass(frozen=True, slots=True)
class SignalType:
    """Signals of one type, and how many of them fell in each month of `months`."""

    type: str
    level: str
    count: int
    latest: date | None
    by_month: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Reason:
    """One rule that was tried: `held` is None when the facts for it are unknown."""

    axis: str
    text: str
    points: float
    held: bool | None


@dataclass(frozen=True, slots=True)
class Event:
    """One signal of a prospect."""

    type: str
    date: date | None
    source: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Listed:
    """One verdict, unfolded: who, how much, why, and on what evidence."""

    rank: int
    verdict: str
    name: str
    title: str
    company: str
    place: str
    email: str
    email_grade: str
    phone: str
    linkedin: str
    website: str
    priority: float
    scores: tuple[float | None, ...]  # in the order of AXES
    known: float | None
    why_now: str
    missing: tuple[str, ...]
    reasons: tuple[Reason, ...]
    events: tuple[Event, ...]
    sources: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Content:
    """Everything the report shows that must be asked of the relations."""

    histograms: tuple[Histogram, ...]
    account_coverage: tuple[Coverage, ...]
    contact_coverage: tuple[Coverage, ...]
    months: tuple[str, ...]
    signal_types: tuple[SignalType, ...]
    missing: tuple[Count, ...]
    disqualified: tuple[Count, ...]
    rejected: tuple[Count, ...]
    listed: tuple[Listed, ...]


def gather(engine: Engine, *, shown: int = SHOWN) -> Content:
    """Ask a DuckDB engine that sees the files of a run (`open_files`), whatever engine the run was on."""
    months, signal_types = _signal_types(engine)
    return Content(
        histograms=tuple(_histogram(engine, axis) for axis in AXES),
        account_coverage=_coverage(engine, "accounts", ACCOUNT_FIELDS),
        contact_coverage=_coverage(engine, "contacts", CONTACT_FIELDS),
        months=months,
        signal_types=signal_types,
        missing=_counts(
            engine,
            "SELECT what AS name, count(*) AS many FROM (SELECT unnest(missing) AS what FROM prospects"
            " WHERE verdict = 'lead') AS lacking GROUP BY what",
        ),
        disqualified=_counts(
            engine,
            "SELECT disqualifier AS name, count(*) AS many FROM prospects"
            " WHERE verdict = 'disqualified' GROUP BY disqualifier",
        ),
        rejected=_counts(engine, "SELECT reason AS name, count(*) AS many FROM rejects GROUP BY reason"),
        listed=listed(engine, shown),
    )


def open_files(folder: Path) -> DuckDBEngine:
    """The Parquet files of a run as relations, by their names. The caller closes it."""
    engine = DuckDBEngine()
    for path in sorted(folder.glob("*.parquet")):
        engine.read_parquet(path.stem, [path])
    return engine


def _counts(engine: Engine, sql: str) -> tuple[Count, ...]:
    found = engine.ask(sql).to_pylist()
    counted = (Count(record["name"] or "(not said)", record["many"]) for record in found)
    return tuple(sorted(counted, key=lambda item: (-item.count, item.name)))


def _histogram(engine: Engine, axis: str) -> Histogram:
    found = engine.ask(
        # The last bin takes 100 in, so that full marks stand with the nineties.
        f"SELECT verdict, CAST(least(floor({axis} / 10), 9) AS INTEGER) AS bin, count(*) AS many"
        f" FROM prospects WHERE {axis} IS NOT NULL GROUP BY 1, 2",
    ).to_pylist()
    counts = {(record["verdict"], record["bin"]): record["many"] for record in found}
    unknown = engine.ask(f"SELECT count(*) AS many FROM prospects WHERE {axis} IS NULL")["many"][0].as_py()
    bins = tuple(tuple(counts.get((verdict, n), 0) for n in range(BINS)) for verdict in VERDICTS)
    return Histogram(axis, bins, unknown)


def _coverage(engine: Engine, relation: str, fields: Sequence[Field]) -> tuple[Coverage, ...]:
    known = ", ".join(f"count({field.name}) AS {field.name}" for field in fields)
    (record,) = engine.ask(f"SELECT count(*) AS total, {known} FROM {relation}").to_pylist()
    return tuple(
        Coverage(FIELDS[field.name].label, record[field.name] / record["total"])
        for field in fields
        if record[field.name]
    )


def _signal_types(engine: Engine) -> tuple[tuple[str, ...], tuple[SignalType, ...]]:
    found = engine.ask(
        "SELECT type, level, year(date) * 12 + month(date) - 1 AS month, count(*) AS many,"
        " max(date) AS latest FROM signals GROUP BY 1, 2, 3",
    ).to_pylist()
    if not found:
        return (), ()
    last = max((record["month"] for record in found if record["month"] is not None), default=0)
    window = range(last - 11, last + 1)  # a year up to the newest signal
    types = []
    for kind, level in sorted({(record["type"], record["level"] or "") for record in found}):
        own = [record for record in found if (record["type"], record["level"] or "") == (kind, level)]
        monthly = {record["month"]: record["many"] for record in own}
        types.append(
            SignalType(
                kind,
                level,
                sum(record["many"] for record in own),
                max((record["latest"] for record in own if record["latest"] is not None), default=None),
                tuple(monthly.get(month, 0) for month in window),
            )
        )
    types.sort(key=lambda item: (-item.count, item.type, item.level))
    return tuple(f"{month // 12}-{month % 12 + 1:02d}" for month in window), tuple(types)


def listed(engine: Engine, limit: int) -> tuple[Listed, ...]:
    """The first `limit` verdicts by rank that are not disqualified, unfolded."""
    heads = engine.ask(
        "SELECT v.rank, v.verdict, v.account_id, v.contact_id, v.priority, v.fit, v.intensity, v.timing,"
        " v.team, v.known, v.reason AS why_now, v.missing, v.reasons,"
        " c.full_name, c.first_name, c.last_name, c.title, c.email, c.email_grade, c.phone, c.mobile,"
        " c.linkedin, c.person_city, c.person_country,"
        " a.company_name, a.website, a.domain, a.city, a.country, c.row_ids AS person_rows,"
        " a.row_ids AS company_rows"
        " FROM prospects v LEFT JOIN contacts c ON c.contact_id = v.contact_id"
        " LEFT JOIN accounts a ON a.account_id = v.account_id"
        f" WHERE v.verdict <> 'disqualified' AND v.rank <= {limit} ORDER BY v.rank",
    ).to_pylist()
    events = _events(engine, heads)
    places = _places(engine, heads)
    return tuple(_listed(head, events, places) for head in heads)


_EVENTS_SHOWN = 8
_ROWS_SHOWN = 6


def _listed(head: dict[str, object], events: dict[str, list[Event]], places: dict[int, str]) -> Listed:
    def text(*names: str) -> str:
        return next((str(head[name]) for name in names if head[name]), "")

    def number(name: str) -> float | None:
        value = head[name]
        return None if value is None else float(str(value))

    own = [*events.get(text("contact_id"), ()), *events.get(text("account_id"), ())]
    own.sort(key=lambda event: (event.date or date.min, event.type), reverse=True)
    name = text("full_name") or " ".join(filter(None, (text("first_name"), text("last_name"))))
    rows = _ids(head["person_rows"]) or _ids(head["company_rows"])
    return Listed(
        rank=int(str(head["rank"])),
        verdict=text("verdict"),
        name=name,
        title=text("title"),
        company=text("company_name", "domain"),
        place=", ".join(filter(None, (text("city", "person_city"), text("country", "person_country")))),
        email=text("email"),
        email_grade=text("email_grade"),
        phone=text("phone", "mobile"),
        linkedin=text("linkedin"),
        website=text("website", "domain"),
        priority=number("priority") or 0.0,
        scores=tuple(number(axis) for axis in AXES),
        known=number("known"),
        why_now=text("why_now"),
        missing=tuple(str(item) for item in _items(head["missing"])),
        reasons=reasons_of(text("reasons")),
        events=tuple(own[:_EVENTS_SHOWN]),
        sources=tuple(places[row] for row in rows[:_ROWS_SHOWN] if row in places),
    )


def reasons_of(text: str) -> tuple[Reason, ...]:
    """Read the `reasons` of a verdict (a JSON list)."""
    return tuple(
        Reason(str(item["axis"]), str(item["text"]), float(item["points"] or 0), item["held"])
        for item in json.loads(text or "[]")
    )


def _events(engine: Engine, heads: Iterable[dict[str, object]]) -> dict[str, list[Event]]:
    keys = {str(head[key]) for head in heads for key in ("account_id", "contact_id") if head[key]}
    found: dict[str, list[Event]] = {}
    if not keys:
        return found
    among = ", ".join(f"'{key}'" for key in sorted(keys))
    for record in engine.ask(
        "SELECT coalesce(contact_id, account_id) AS whose, type, date, source, evidence FROM signals"
        f" WHERE account_id IN ({among}) OR contact_id IN ({among}) ORDER BY signal_id",
    ).to_pylist():
        when = record["date"]
        found.setdefault(str(record["whose"]), []).append(
            Event(
                str(record["type"] or ""),
                when if isinstance(when, date) else None,
                str(record["source"] or ""),
                str(record["evidence"] or ""),
            )
        )
    return found


def _places(engine: Engine, heads: Iterable[dict[str, object]]) -> dict[int, str]:
    wanted = {row for head in heads for key in ("person_rows", "company_rows") for row in _ids(head[key])}
    if not wanted:
        return {}
    among = ", ".join(str(row) for row in sorted(wanted))
    # Rows are counted from 0 in the files we write, from 1 where a person reads them.
    sql = f"SELECT row_id, file, row FROM provenance WHERE row_id IN ({among})"
    found = engine.ask(sql).to_pylist()
    return {record["row_id"]: f"{record['file']}, row {record['row'] + 1:,}" for record in found}


def _items(value: object) -> list[object]:
    return list(value) if isinstance(value, list) else []


def _ids(value: object) -> list[int]:
    return [int(str(item)) for item in _items(value)]
