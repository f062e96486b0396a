"""The states of an import, what its file holds, and what it may do to values that the book already has."""

from __future__ import annotations

from enum import StrEnum


class ImportState(StrEnum):
    """Where an import stands. Work goes on in the states that end in -ing, whoever picks it up."""

    UPLOADING = "uploading"
    MAPPING = "mapping"  # waits for a person
    CHECKING = "checking"  # the dry run
    CHECKED = "checked"  # waits for a person
    LOADING = "loading"
    DONE = "done"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


class Content(StrEnum):
    """What a file holds."""

    RECORDS = "records"  # companies and people
    SIGNALS = "signals"  # what happened to companies and people that the book has


class Policy(StrEnum):
    """What an import may do to a value that the book already has."""

    FILL = "fill"  # only where the book knows nothing
    REPLACE = "replace"  # the list wins, except over what a person typed


WORKING = (ImportState.CHECKING, ImportState.LOADING, ImportState.UNDOING)
