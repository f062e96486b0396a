"""The main job on real input: two snapshots of a public directory, every count against pandas."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from panout.flow.pan import pan

ROOT = Path(__file__).parents[2]
YC = ROOT.parent / "shared" / "data" / "yc"
OLD, NEW = YC / "companies-2021-12-02.jsonl.gz", YC / "companies-2022-04-02.jsonl.gz"

pytestmark = pytest.mark.skipif(
    not NEW.exists(), reason="../shared/data/yc is not here: the real lists were not tried"
)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    out = tmp_path_factory.mktemp("yc") / "out"
    return pan([NEW], ROOT / "examples/icp/yc.yaml", as_of=date(2022, 4, 2), previous=[OLD], out=out)


@pytest.fixture(scope="module")
def companies():
    """The new snapshot as pandas has it, one row a company: two of them are listed twice."""
    return pd.read_json(NEW, lines=True).set_index("id").drop(index=[1362, 437])


@pytest.fixture(scope="module")
def judged(run):
    """What Panout said of each company and rule: True, False, or None for unknown."""
    prospects, accounts = run.table("prospects").to_pandas(), run.table("accounts").to_pandas()
    accounts["id"] = accounts["company_record_id"].astype(int)
    whole = prospects.merge(accounts[["account_id", "id"]], on="account_id").set_index("id")
    held = pd.DataFrame(
        {(r["axis"], r["rule"]): r["held"] for r in json.loads(reasons) if r["axis"] in ("fit", "intensity")}
        for reasons in whole["reasons"]
    )
    held.index = whole.index
    return whole, held


_LAND = {
    "USA": "US", "United States": "US", "CA": "US", "Puerto Rico": "PR", "Canada": "CA", "Mexico": "MX",
    "UK": "GB", "United Kingdom": "GB", "Ireland": "IE", "Germany": "DE", "France": "FR",
    "Netherlands": "NL", "Spain": "ES",
}  # fmt: skip
_OURS = {"US", "CA", "MX", "GB", "IE", "DE", "FR", "NL", "ES"}
_TAGS = {
    "Developer Tools", "API", "Open Source", "Data Engineering", "Analytics", "SaaS", "Artificial Intelligence",
    "Machine Learning", "Infrastructure", "DevOps", "Fintech",
}  # fmt: skip
_DATA_TAGS = {"Analytics", "Data Engineering", "Machine Learning", "Fintech", "Artificial Intelligence"}


def tagged(rows: pd.DataFrame, wanted: set[str]) -> pd.Series:
    low = {tag.lower() for tag in wanted}
    return rows["tags"].map(lambda tags: any(tag.lower() in low for tag in tags))


def test_counts_of_rows_add_up(run, companies):
    assert run.summary.rows.read == run.summary.rows.used == 3649
    assert run.summary.rows.rejected == 0
    assert run.summary.accounts == len(companies) == 3647
    assert run.summary.contacts == 0


def test_every_filter_holds_for_as_many_companies_as_pandas_counts(companies, judged):
    rows, (_, held) = companies, judged
    words = rows["one_liner"].str.contains(
        r"(?i)\b(?:api|apis|developers|data|infrastructure|platform)\b", regex=True
    )
    expected = {
        ("fit", "scaling team"): rows["team_size"].between(15, 500),
        ("fit", "in business"): rows["status"] == "Active",
        ("fit", "hiring now"): rows["isHiring"].astype(bool),
        ("fit", "sells software to businesses"): rows["industry"].str.startswith("B2B")
        | (rows["industry"] == "Financial Technology"),
        ("fit", "builds for developers or on data"): tagged(rows, _TAGS) | words,
        ("fit", "known to do well"): rows["top_company"].astype(bool),
        ("fit", "consumer product"): rows["industry"] == "Consumer",
        ("fit", "not for profit"): rows["nonprofit"].astype(bool),
        ("intensity", "big enough to hurt"): rows["team_size"].between(40, 250),
        ("intensity", "sells data or finance"): tagged(rows, _DATA_TAGS),
    }
    counted = {rule: int((held[rule] == True).sum()) for rule in expected}  # noqa: E712
    assert counted == {rule: int(answer.sum()) for rule, answer in expected.items()}
    for rule, answer in expected.items():
        ours = held[rule] == True  # noqa: E712
        assert ours.index[ours].sort_values().equals(answer.index[answer].sort_values()), rule
    assert int(held["fit", "scaling team"].isna().sum()) == int(rows["team_size"].isna().sum())


def test_the_country_filter_agrees_wherever_the_location_ends_in_a_country(companies, judged):
    _, held = judged
    last = companies["location"].str.split(",").str[-1].str.strip()
    known = last[last.isin(_LAND)]
    expected = known.map(_LAND).isin(_OURS)
    ours = held["fit", "hours that overlap with ours"].loc[known.index] == True  # noqa: E712
    assert (ours == expected).all()


def test_verdicts_follow_from_the_filters(companies, judged):
    whole, held = judged
    gone = companies["status"].isin(["Inactive", "Acquired"])
    required = companies["team_size"].between(15, 500) & (companies["status"] == "Active")
    unknown = companies["team_size"].isna() & (companies["status"] == "Active")
    out = gone | ~(required | unknown)
    assert set(whole.index[whole["verdict"] == "disqualified"]) >= set(out.index[out])
    others = whole[(whole["verdict"] == "disqualified") & ~out.loc[whole.index]]
    assert others["disqualifier"].str.startswith("sells what we sell").all()
    points = pd.Series(0.0, index=held.index)
    weights = {
        "scaling team": 30, "in business": 10, "hiring now": 15, "sells software to businesses": 20,
        "builds for developers or on data": 20, "hours that overlap with ours": 10, "known to do well": 5,
        "consumer product": -15, "not for profit": -10,
    }  # fmt: skip
    for rule, weight in weights.items():
        points += weight * (held["fit", rule] == True)  # noqa: E712
    fit = (points / 110 * 100).clip(0, 100)
    assert (fit - whole["fit"]).abs().max() < 1e-3
    out, unknown = out.loc[fit.index], unknown.loc[fit.index]
    fitting = set(fit.index[(fit >= 65) & ~out & ~unknown]) - set(others.index)
    signalled = set(whole.index[(whole["timing"] > 0) & whole["reason"].notna()])
    assert set(whole.index[whole["verdict"] == "prospect"]) == fitting & signalled


def test_the_differences_between_the_snapshots_are_exact(run):
    old, new = (pd.read_json(path, lines=True).set_index("id") for path in (OLD, NEW))
    both = old.merge(new, left_index=True, right_index=True, suffixes=("_old", "_new"))
    before, after = both["isHiring_old"].astype(bool), both["isHiring_new"].astype(bool)
    were, are = both["team_size_old"], both["team_size_new"]
    # A team of nobody is a team of unknown size: nothing is known to have grown.
    enough = ((are - were).abs() >= (0.2 * were).clip(lower=3)) & (were > 0)
    counted = run.summary.signals_by_type
    assert counted["hiring_started"] == int((~before & after).sum())
    assert counted["hiring_stopped"] == int((before & ~after).sum())
    assert counted["status_changed"] == int((both["status_old"] != both["status_new"]).sum())
    assert counted["team_grew"] == int((enough & (are > were)).sum())
    assert counted["team_shrank"] == int((enough & (are < were)).sum())


def test_who_is_new_and_who_is_renamed_is_exact(run):
    old, new = (pd.read_json(path, lines=True).set_index("id")["name"] for path in (OLD, NEW))
    signals, accounts = run.table("signals").to_pandas(), run.table("accounts").to_pandas()
    told = signals.merge(accounts[["account_id", "company_record_id"]], on="account_id")
    told = told.assign(id=told["company_record_id"].astype(int)).groupby("type")["id"]
    assert sorted(told.get_group("new_company")) == sorted(set(new.index) - set(old.index))
    # Another case is no other name.
    bare = [names.str.casefold() for names in (old, new)]
    both = pd.concat(bare, axis=1, keys=("was", "is"), join="inner")
    assert sorted(told.get_group("renamed")) == sorted(both.index[both["was"] != both["is"]])


def test_a_snapshot_compared_with_itself_tells_nothing(tmp_path):
    again = pan(
        [NEW], ROOT / "examples/icp/yc.yaml", as_of=date(2022, 4, 2), previous=[NEW], out=tmp_path / "out"
    )
    assert again.summary.signals == 0
    assert again.summary.verdicts.prospect == 0
    assert pq.read_table(tmp_path / "out/signals.parquet").num_rows == 0
