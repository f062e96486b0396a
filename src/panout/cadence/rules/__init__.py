"""Decisions of the cadence room: values in, a decision out. No clock, no tables, no network.

`plan`      what a cadence is: steps, waits in working days, branches; checked when it is written
`calendar`  working days and contact windows where the person lives
`moves`     `next_move`: what happens next to one enrolment, and when it stops
`gate`      the ordered rules that each touch passes; the answer to "why (not) this person?"
`edits`     a new version of a running cadence: who goes where, and what changes for each
`dispositions`  how a call may end, and what that means for the run
`presets`   the cadences that ship
"""
