"""Decisions of the outreach room: what we may say, and how it reads.

`render`     user-written templates, safe and bounded; an unresolved variable is an error with its name
`claims`     sentences that say something about the reader, held against live evidence
`lint`       length, asks, links, shouting, spam phrases, machine-made cliches, reading level
`footprint`  how alike the texts of a campaign are
`channels`   which channel opens and which follow, from persona and signal strength
"""
