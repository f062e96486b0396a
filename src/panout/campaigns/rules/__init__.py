"""Decisions of the campaigns room.

`allotment`  which arm a person gets, and who is held out: steady hashes, or Thompson sampling
`design`     whether a campaign is a micro-campaign: sizes, signals, parallel runs, review dates
"""
