"""The error tree: what went wrong, where, and how to mend it; and the three ways the world fails."""

from __future__ import annotations


class PanoutError(Exception):
    """Anything Panout says no to. `what` happened, `where` it stands, and the `mend` to try.

    The three parts are shown to people as they are, so they carry no secret and no traceback.
    """

    def __init__(self, what: str, *, where: str = "", mend: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.mend = mend

    def __str__(self) -> str:
        place = f"{self.where}: " if self.where else ""
        cure = f" {self.mend}" if self.mend else ""
        return f"{place}{self.what}{cure}"


class BadInput(PanoutError):
    """The caller gave something that cannot be used; nothing was changed."""


class NothingUsable(BadInput):
    """The input could be read, but nothing in it can be used."""


class NotFound(PanoutError):
    """There is no such thing, or the asker may not know that there is."""


class NotAllowed(PanoutError):
    """The asker's role does not permit this."""


class Conflict(PanoutError):
    """Somebody else changed it first; nothing was changed now."""


class Refused(PanoutError):
    """The world said no, for good: never again."""


class Unavailable(PanoutError):
    """The world cannot answer now: later."""


class Unsure(PanoutError):
    """It may have happened: no machine tries again until it is settled."""
