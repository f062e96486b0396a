"""The pan benchmark's job as somebody fluent in pandas would write it: the peer to be measured against.

Read the two files, clean every value with the libraries that Panout uses (email-validator, phonenumbers,
tldextract, as their own pages show them) and, where no library reads a value (employee ranges, money in words,
titles in three languages), with Panout's own functions, drop rows that name nobody, merge duplicates, tie signals to companies and people, score by the profile of
`pan_icp.yaml`, rank, write. Columns at a time where pandas can, `map` where a library must be asked.
It leaves out what only helps itself: no header guessing, no format detection, no report page.
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import phonenumbers
import tldextract
from disposable_email_domains import blocklist
from email_validator import EmailNotValidError, ValidatedEmail, validate_email

from panout.sources.rules.companies import company_name, name_key
from panout.sources.rules.dates import date_order, parse_date
from panout.sources.rules.flags import boolean, texts
from panout.sources.rules.numbers import amount, head_count
from panout.sources.rules.people import name_part
from panout.sources.rules.places import country_code, region_name
from panout.sources.rules.titles import read_title
from panout.sources.rules.webs import linkedin_person

_SIGNALS = (  # type, weight, half-life, cap, fresh, words: as the profile has them
    ("hiring", 20, 45, 40, 30, "is hiring"),
    ("funding", 30, 90, 45, 90, "raised money"),
    ("leadership", 25, 90, 50, 60, "has a new leader"),
    ("tool_change", 30, 60, 60, 30, "changed tools"),
    ("job_changed", 35, 60, 70, 60, "changed jobs"),
    ("compliance", 25, 180, 50, 90, "has a compliance date ahead"),
)
_CREDIBLE = 0.5
_ROLES = (
    (
        "technology",
        "decision_maker",
        r"\b(?:cto|chief technology officer|vp engineering|directeur technique)\b",
    ),
    ("data", "champion", r"\b(?:head of data|head of platform|leiterin datenanalyse)\b"),
    ("finance", "economic_buyer", r"\b(?:cfo|chief financial officer)\b"),
    ("security", "influencer", r"\b(?:ciso|director of information security)\b"),
)


def pan_with_pandas(people: Path, signals: Path, as_of: date, out: Path) -> pd.DataFrame:
    """The verdicts, one row per person, ranked; also written to `out` as CSV and Parquet."""
    raw = pd.read_csv(people, dtype=str, keep_default_na=False)
    rows = clean(raw)
    out.mkdir(parents=True, exist_ok=True)
    raw.to_parquet(out / "originals.parquet", index=False)
    unread = rows[rows["email"].isna() & raw["Email"].str.strip().ne("")]
    raw.loc[unread.index, ["Email"]].to_csv(out / "warnings.csv")
    rows = rows[rows["linkedin"].notna() | rows["email"].notna() | rows["full_name"].notna()]
    accounts = rows.groupby("domain", sort=False).first().reset_index()
    contacts = rows.groupby("linkedin", sort=False).first().reset_index()
    facts = clean_signals(pd.read_csv(signals))
    verdicts = score(accounts, contacts, facts, as_of)
    verdicts.drop(columns="reasons").to_csv(out / "prospects.csv", index=False)
    verdicts.to_parquet(out / "prospects.parquet", index=False)
    accounts.to_parquet(out / "accounts.parquet", index=False)
    contacts.to_parquet(out / "contacts.parquet", index=False)
    facts.to_parquet(out / "signals.parquet", index=False)
    return verdicts


def clean(raw: pd.DataFrame) -> pd.DataFrame:
    """Every column of the export, normalised."""
    rows = pd.DataFrame(index=raw.index)
    rows["first_name"] = raw["First Name"].map(name_part)
    rows["last_name"] = raw["Last Name"].map(name_part)
    rows["full_name"] = rows["first_name"] + " " + rows["last_name"]
    rows["title"] = raw["Title"].str.strip().replace("", None)
    titles = raw["Title"].map(read_title)
    rows["seniority"] = titles.map(lambda one: one.seniority)
    rows["department"] = titles.map(lambda one: one.department)
    rows["buying_role"] = titles.map(lambda one: one.buying_role)
    rows["company_name"] = raw["Company"].map(company_name)
    rows["name_key"] = raw["Company"].map(name_key)
    emails = raw["Email"].map(checked_email)
    rows["email"] = emails.map(lambda one: None if one is None else one.normalized.lower())
    rows["email_grade"] = emails.map(grade_of)
    rows["employees"] = pd.to_numeric(raw["# Employees"].map(head_count))
    rows["industry"] = raw["Industry"].str.strip().replace("", None)
    rows["linkedin"] = raw["Person Linkedin Url"].map(linkedin_person)
    rows["domain"] = raw["Website"].map(registered_domain)
    rows["website"] = "https://" + rows["domain"]
    rows["country"] = raw["Company Country"].map(country_code)
    rows["region"] = [
        region_name(one, land) for one, land in zip(raw["Company State"], rows["country"], strict=True)
    ]
    rows["city"] = raw["Company City"].str.strip().replace("", None)
    rows["phone"] = [
        e164(one, land) for one, land in zip(raw["Corporate Phone"], rows["country"], strict=True)
    ]
    rows["revenue"] = pd.to_numeric(raw["Annual Revenue"].map(amount))
    rows["technologies"] = raw["Technologies"].map(texts)
    rows["do_not_call"] = raw["Do Not Call"].map(boolean).astype("boolean")
    order = date_order(raw["Last Contacted"])
    rows["last_contacted"] = raw["Last Contacted"].map(lambda cell: parse_date(cell, order))
    rows["custom"] = raw["Our Batch"].map(lambda cell: json.dumps({"Our Batch": cell}))
    return rows


EXTRACT = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
FREE = {"gmail.com", "yahoo.com", "hotmail.com", "outlook.com", "gmx.de", "web.de"}


def checked_email(cell: str) -> ValidatedEmail | None:
    """By email-validator, as its own page shows."""
    try:
        return validate_email(cell.strip(), check_deliverability=False)
    except EmailNotValidError:
        return None


def grade_of(one: ValidatedEmail | None) -> str:
    """A grade, never a plain yes."""
    if one is None:
        return "invalid"
    host = one.domain.lower()
    if host in blocklist:
        return "disposable"
    return "free" if host in FREE else "work"


def registered_domain(cell: str) -> str | None:
    """By tldextract's offline list."""
    return EXTRACT(cell.strip().lower()).top_domain_under_public_suffix or None


def e164(cell: str, land: str | None) -> str | None:
    """By phonenumbers, as its own page shows."""
    if not cell:
        return None
    try:
        number = phonenumbers.parse(cell, land)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def clean_signals(raw: pd.DataFrame) -> pd.DataFrame:
    """The signals, their keys normalised like the lists'."""
    raw["domain"] = raw["domain"].map(registered_domain, na_action="ignore")
    raw["linkedin"] = raw["linkedin"].map(linkedin_person, na_action="ignore")
    raw["date"] = pd.to_datetime(raw["date"])
    return raw


def tidy(values: pd.Series) -> pd.Series:
    """Four places, half up."""
    return np.floor(values * 1e4 + 0.5) / 1e4


def sums(facts: pd.DataFrame, key: str, as_of: pd.Timestamp) -> pd.DataFrame:
    """Per key: a decayed sum for each type, the last fresh day, and the words of the best signal."""
    facts = facts[facts[key].notna() & (facts["date"] <= as_of)].copy()
    known = pd.DataFrame(_SIGNALS, columns=["type", "weight", "half_life", "cap", "fresh", "words"])
    facts = facts.merge(known, on="type")
    age = (as_of - facts["date"]).dt.days
    facts["left"] = facts["strength"] * np.exp(-np.log(2) / facts["half_life"] * age)
    totals = facts.pivot_table(index=key, columns="type", values="left", aggfunc="sum", fill_value=0.0)
    totals = totals.reindex(columns=list(known["type"]), fill_value=0.0)
    credible = facts[facts["strength"] >= _CREDIBLE].copy()
    credible["until"] = credible["date"] + pd.to_timedelta(credible["fresh"], unit="D")
    totals["fresh_until"] = credible.groupby(key)["until"].max()
    fresh = credible[credible["until"] >= as_of].copy()
    fresh["worth"] = tidy(fresh["weight"] * fresh["left"])
    best = fresh.sort_values(["worth", "date"], ascending=False).drop_duplicates(key).set_index(key)
    totals["worth"] = best["worth"]
    totals["why_now"] = (
        best["words"] + " (" + best["date"].dt.strftime("%Y-%m-%d") + "): " + best["evidence"].fillna("")
    )
    hired = facts[(facts["type"] == "hiring") & (age <= 60)]
    totals["hired"] = totals.index.isin(hired[key])
    return totals


def score(accounts: pd.DataFrame, contacts: pd.DataFrame, facts: pd.DataFrame, as_of: date) -> pd.DataFrame:
    """Fit, intensity, timing, team, gate and rank, as the profile says."""
    day = pd.Timestamp(as_of)
    company = accounts.add_prefix("a_").merge(
        sums(facts, "domain", day).add_prefix("a_s_"), how="left", left_on="a_domain", right_index=True
    )
    person = contacts.merge(
        sums(facts, "linkedin", day).add_prefix("s_"), how="left", left_on="linkedin", right_index=True
    )
    person["role"] = roles(person)
    covered = person[person["role"].isin(["technology", "data"])].groupby("domain")["role"].nunique()
    one = person.merge(company, how="left", left_on="domain", right_on="a_domain")

    rules, held = fit(one)
    weights = pd.Series({name: weight for name, weight, _ in rules})
    true = pd.DataFrame({name: answer.fillna(False) for name, _, answer in rules}).astype(float)
    known = pd.DataFrame({name: answer.notna() for name, _, answer in rules}).astype(float)
    one["fit"] = tidy(100 * (true.mul(weights).sum(axis=1) / weights[weights > 0].sum()).clip(0, 1))
    one["known"] = tidy(known.mul(weights.abs()).sum(axis=1) / weights.abs().sum())

    platform = any_of(one["a_technologies"], {"Snowflake", "Databricks"})
    hired = one["a_s_hired"].astype("boolean").fillna(False)
    one["intensity"] = tidy(platform.fillna(False) * 40.0 + hired * 30.0)

    left = pd.Series(1.0, index=one.index)
    points = {}
    for kind, weight, _, cap, *_ in _SIGNALS:
        total = one[f"a_s_{kind}"].fillna(0.0) + one[f"s_{kind}"].fillna(0.0)
        points[kind] = cap * (1 - np.exp(total * np.log(1 - weight / cap)))
        left *= 1 - points[kind] / 100
    one["timing"] = tidy(100 * (1 - left))
    fresh = one[["a_s_fresh_until", "s_fresh_until"]].max(axis=1) >= day

    cover = one["domain"].map(covered).fillna(0)
    one["team"] = tidy(60.0 * (one["role"] != "") + 20.0 * cover).where(one["role"].notna())
    one["priority"] = tidy(
        0.35 * one["fit"] + 0.15 * one["intensity"] + 0.35 * one["timing"] + 0.15 * one["team"].fillna(0)
    )
    own = one["s_worth"].fillna(-1) >= one["a_s_worth"].fillna(-1)
    one["why_now"] = one["s_why_now"].where(own, one["a_s_why_now"])

    public = has_word(one["a_industry"], "government|education")
    asked = one["do_not_call"]
    size = held["size"]
    one["disqualifier"] = np.select(
        [public.fillna(False), asked.fillna(False), (~size).fillna(False)],
        ["public body: Buys by tender only.", "asked: Asked to be left alone.", "required: size"],
        default=None,
    )
    lacks = {
        "size": size.isna(),
        "fit": one["fit"] < 60,
        "role": one["role"].isna() | (one["role"] == ""),
        "signal": ~fresh,
    }
    one["missing"] = text_of(lacks)
    out = one["disqualifier"].notna()
    one["verdict"] = np.select([out, one["missing"] != ""], ["disqualified", "lead"], default="prospect")
    told = [("fit", name, weight, answer) for name, weight, answer in rules]
    told += [("intensity", "platform", 40.0, platform), ("intensity", "hires", 30.0, hired)]
    told += [("team", name, 60.0, (one["role"] == name).astype("boolean")) for name, *_ in _ROLES]
    one["reasons"] = explained(told, {kind: points[kind] for kind, *_ in _SIGNALS})
    order = one["verdict"].map({"prospect": 0, "lead": 1, "disqualified": 2})
    one = one.assign(order=order).sort_values(
        ["order", "priority", "linkedin"], ascending=[True, False, True]
    )
    one["rank"] = range(1, len(one) + 1)
    return one[
        [
            "rank",
            "verdict",
            "email",
            "first_name",
            "last_name",
            "a_company_name",
            "title",
            "a_website",
            "linkedin",
            "why_now",
            "priority",
            "fit",
            "intensity",
            "timing",
            "team",
            "known",
            "missing",
            "disqualifier",
            "seniority",
            "department",
            "buying_role",
            "email_grade",
            "phone",
            "do_not_call",
            "domain",
            "a_industry",
            "a_employees",
            "a_revenue",
            "a_city",
            "a_region",
            "a_country",
            "reasons",
        ]
    ]


def fit(one: pd.DataFrame) -> tuple[list[tuple[str, float, pd.Series]], dict[str, pd.Series]]:
    """The fit rules: name, weight, and an answer that may be unknown."""
    employees = one["a_employees"].astype("Float64")
    country = one["a_country"]
    rules = [
        ("size", 30.0, employees.between(50, 5000)),
        (
            "industry",
            25.0,
            has_word(one["a_industry"], "software|technology|financial|insurance|telecommunications"),
        ),
        ("tools", 20.0, any_of(one["a_technologies"], {"Snowflake", "Databricks", "Kafka"})),
        (
            "markets",
            15.0,
            country.isin(["US", "DE", "GB", "FR", "NL"]).astype("boolean").mask(country.isna()),
        ),
        ("money", 10.0, one["a_revenue"].astype("Float64") >= 10_000_000),
        (
            "young",
            -10.0,
            pd.Series(pd.NA, index=one.index, dtype="boolean"),
        ),  # the list has no founding years
    ]
    return rules, {name: answer for name, _, answer in rules}


def roles(person: pd.DataFrame) -> pd.Series:
    """The profile's role by the words of the title; without a title by the role stated; "" none, NA unknown."""
    title = person["title"].str.lower()
    found = pd.Series("", index=person.index).mask(title.isna())
    for name, given, _ in reversed(_ROLES):
        found = found.mask(title.isna() & (person["buying_role"] == given), name)
    for name, _, pattern in reversed(_ROLES):
        found = found.mask(title.str.contains(pattern, regex=True).fillna(False).astype(bool), name)
    return found


def has_word(text: pd.Series, words: str) -> pd.Series:
    """Whether a text has one of the words; unknown where there is no text."""
    return text.str.lower().str.contains(rf"\b(?:{words})\b", regex=True).astype("boolean").mask(text.isna())


def any_of(lists: pd.Series, wanted: set[str]) -> pd.Series:
    """Whether a list holds one of the wanted; unknown where there is no list."""
    return lists.map(lambda items: not wanted.isdisjoint(items), na_action="ignore").astype("boolean")


def explained(told: list[tuple[str, str, float, pd.Series]], points: dict[str, pd.Series]) -> list[str]:
    """Every rule that was tried, as a JSON list per person: whether it held, unknown included, and its points."""
    answers = zip(*(answer.astype(object).where(answer.notna(), None) for *_, answer in told), strict=True)
    timings = zip(*(column.round(1) for column in points.values()), strict=True)
    texts = []
    for held, worth in zip(answers, timings, strict=True):
        reasons: list[dict[str, object]] = [
            {"axis": axis, "rule": name, "points": weight if up else 0.0, "held": up, "text": name}
            for (axis, name, weight, _), up in zip(told, held, strict=True)
        ]
        reasons += [
            {"axis": "timing", "rule": kind, "points": got, "held": True, "text": kind}
            for kind, got in zip(points, worth, strict=True)
            if got > 0
        ]
        texts.append(json.dumps(reasons))
    return texts


def text_of(flags: dict[str, pd.Series]) -> pd.Series:
    """The names of the flags that are up, in one text."""
    parts = [np.where(up.astype(bool), name + "; ", "") for name, up in flags.items()]
    joined = parts[0].astype(object)
    for part in parts[1:]:
        joined = joined + part
    return pd.Series(joined, index=next(iter(flags.values())).index)


if __name__ == "__main__":
    folder, to = Path(sys.argv[1]), Path(sys.argv[2])
    pan_with_pandas(folder / "people.csv", folder / "signals.csv", date.fromisoformat(sys.argv[3]), to)
