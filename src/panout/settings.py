"""Settings: one file, typed environment readers, checks with hints."""

from __future__ import annotations

# The line, upstream first. tests/test_house.py holds foreign keys to this order.
ROOMS = [
    "team",
    "consent",
    "icp",
    "sources",
    "resolve",
    "research",
    "signals",
    "qualify",
    "segments",
    "outreach",
    "cadence",
    "campaigns",
    "mailbox",
    "replies",
    "pipeline",
    "learn",
]
SECRET_KEY = "not-secret-until-the-book-exists"
INSTALLED_APPS: list[str] = []
USE_TZ = True
