"""What changed, and why that matters now.

    from panout.signals import steps, rules

    steps.decayed_sums(icp, as_of, dialect, key="account_id", table="company_signals", name="account_sums")
    steps.carried_sums(icp, since, as_of, dialect, key=..., kept="old", new="fresh", name="account_sums")
    rules.sums(icp, signals, as_of); rules.timing(icp, sums.totals); rules.best(icp, signals, as_of)

    from panout.signals.detectors.snapshot import Thresholds, snapshot_steps
    snapshot_steps(dialect, on=date, source="list.csv")    # old_accounts, accounts, ... -> snapshot_signals

The catalogue of types is `panout.kernel.signals`; the formulas are told in docs/guide/scoring.md.
"""
