"""Where a person stands with us, for life: one record whose stage changes, never a second row."""

from __future__ import annotations

from enum import StrEnum


class Lifecycle(StrEnum):
    """The stage of one person (or of an account without people)."""

    LEAD = "lead"
    PROSPECT = "prospect"
    OPPORTUNITY = "opportunity"
    CUSTOMER = "customer"
    PARKED = "parked"
    DISQUALIFIED = "disqualified"
