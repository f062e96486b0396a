"""What a person may say of two records that look alike."""

from __future__ import annotations

from enum import StrEnum


class Answer(StrEnum):
    """SAME joins them, the newer into the older; LATER asks again."""

    SAME = "same"
    DIFFERENT = "different"
    LATER = "later"
