"""Fit, intensity, timing, team: a verdict with reasons, and the gate.

    from panout.qualify.steps import VIEWS, verdict_steps

    for step in verdict_steps(icp, as_of, dialect):          # accounts, contacts, signals -> verdicts
        (engine.view if step.name in VIEWS else engine.run)(step)

`contacts=None` where there are none (a list of companies) saves time. `scores` has a row per subject with
figures and bits only; the view `verdicts` puts words to the rows that are read, so select what you show.

    from panout.qualify.rules import Judge, Known, Subject   # the same for one row, as pages use it
    Judge(icp, as_of).verdict(Subject(account, contact, covered))
"""
