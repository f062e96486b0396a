"""What a mail server's no means: whose fault, for how long, and what to do. By code first, words second."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib.resources import files

from panout.kernel.stages import Stage


class Kind(StrEnum):
    """Whose fault. Only `recipient` says anything about the person."""

    RECIPIENT = "recipient"
    MAILBOX_FULL = "mailbox_full"
    GREYLISTING = "greylisting"
    QUOTA = "quota"
    AUTHENTICATION = "authentication"
    POLICY = "policy"
    CONTENT = "content"
    SERVER = "server"
    LINE = "line"
    UNKNOWN = "unknown"


class Fate(StrEnum):
    """The three ways the world fails."""

    REFUSED = "refused"
    UNAVAILABLE = "unavailable"
    UNSURE = "unsure"


class Scope(StrEnum):
    """What stands still until the wait is over."""

    MESSAGE = "message"
    RECIPIENT = "recipient"
    MAILBOX = "mailbox"
    DOMAIN = "domain"
    SERVER = "server"


@dataclass(frozen=True)
class Failure:
    """`wait` counts for UNAVAILABLE only. `said` is the server's own line, for people."""

    fate: Fate
    kind: Kind
    scope: Scope
    what: str
    mend: str
    wait: timedelta = timedelta(0)
    said: str = ""
    stage: Stage = Stage.CONTENT

    @property
    def pauses_mailbox(self) -> bool:
        """Our own trouble: going on would make it worse, and the person must not pay for it."""
        return self.fate is Fate.UNAVAILABLE and self.scope in (Scope.MAILBOX, Scope.DOMAIN, Scope.SERVER)

    @property
    def suppresses_recipient(self) -> bool:
        return self.fate is Fate.REFUSED and self.kind is Kind.RECIPIENT


@dataclass(frozen=True)
class _Row:
    provider: str
    code: re.Pattern[str]
    enhanced: re.Pattern[str] | None
    contains: re.Pattern[str] | None
    kind: Kind
    lasting: bool
    scope: Scope
    wait: timedelta
    what: str
    mend: str


@cache
def _table() -> tuple[_Row, ...]:
    text = files("panout.mailbox").joinpath("tables", "smtp_replies.csv").read_text("utf-8")
    return tuple(
        _Row(
            row["provider"],
            re.compile(row["code"]),
            _dots_are_dots(row["enhanced"]) if row["enhanced"] else None,
            re.compile(row["contains"], re.IGNORECASE) if row["contains"] else None,
            Kind(row["kind"]),
            row["lasting"] == "yes",
            Scope(row["scope"]),
            timedelta(minutes=int(row["wait_minutes"])),
            row["what"],
            row["mend"],
        )
        for row in csv.DictReader(text.splitlines())
    )


def _dots_are_dots(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern.replace(".", r"\."))


_ENHANCED = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")


def enhanced_code(text: str) -> str:
    """The RFC 3463 code in a reply's text, or ""."""
    found = _ENHANCED.search(text)
    return found[1] if found else ""


def classify(code: int, text: str, stage: Stage) -> Failure:
    """Judge a reply of 400 and above. The table is read in order; its last rows catch everything."""
    flat = " ".join(text.split())
    said = f"{code} {flat}"
    extended = enhanced_code(flat)
    refused_sign_in = stage is Stage.AUTH and 500 <= code < 600 and extended != "5.7.30"
    known_as = 535 if refused_sign_in else code
    for row in _table():
        if not row.code.fullmatch(str(known_as)):
            continue
        if row.enhanced and not row.enhanced.fullmatch(extended):
            continue
        if row.contains and not row.contains.search(flat):
            continue
        # At the greeting or the sender no recipient was named yet: the no is about us.
        early = stage in (Stage.CONNECT, Stage.TLS, Stage.HELLO, Stage.AUTH, Stage.SENDER)
        if early and row.kind is Kind.RECIPIENT:
            continue
        scope = Scope.MAILBOX if early and row.scope in (Scope.MESSAGE, Scope.RECIPIENT) else row.scope
        lasting = row.lasting and not early
        wait = row.wait or timedelta(minutes=60)
        fate = Fate.REFUSED if lasting else Fate.UNAVAILABLE
        return Failure(fate, row.kind, scope, row.what, row.mend, wait, said, stage)
    return Failure(
        Fate.UNAVAILABLE,
        Kind.SERVER,
        Scope.SERVER,
        "The server answered out of turn",
        "It is tried again.",
        timedelta(minutes=15),
        said,
        stage,
    )


_LINE = {
    Stage.RESOLVE: ("The server's name cannot be found", "Look at the server name's spelling."),
    Stage.CONNECT: ("The server cannot be reached", "Look at server, port and firewall."),
    Stage.TLS: ("The connection cannot be secured", "Look at the port's security (TLS or STARTTLS)."),
}


def line_lost(stage: Stage, why: str) -> Failure:
    """The connection ended or went silent. After the final dot nobody can know whether the mail was taken."""
    if stage is Stage.AFTER:
        return Failure(
            Fate.UNSURE,
            Kind.LINE,
            Scope.MESSAGE,
            "The connection was lost while waiting for the receipt: the mail may have been taken",
            "It is looked for in the Sent folder; it is never sent again by itself.",
            said=why,
            stage=stage,
        )
    what, mend = _LINE.get(stage, (f"The connection was lost while {stage}", "It is tried again."))
    return Failure(Fate.UNAVAILABLE, Kind.LINE, Scope.SERVER, what, mend, timedelta(minutes=5), why, stage)


def bad_certificate(why: str) -> Failure:
    """Never sent past: a changed certificate may be somebody in the middle, reading the password."""
    return Failure(
        Fate.UNAVAILABLE,
        Kind.AUTHENTICATION,
        Scope.MAILBOX,
        "The server's certificate is not valid",
        "Ask whoever runs the server; Panout does not send through a connection that it cannot trust.",
        timedelta(minutes=60),
        why,
        Stage.TLS,
    )


# A message that keeps failing is given up: RFC 5321 4.5.4.1 asks for days, a cold mail has lost its point.
MOST_TRIES = 8


def next_wait(failure: Failure, tries: int) -> timedelta | None:
    """How long until the next try after `tries` of them, doubled each time up to a day; None: give up."""
    if failure.fate is not Fate.UNAVAILABLE or tries >= MOST_TRIES:
        return None
    return min(failure.wait * (1 << max(0, tries - 1)), timedelta(days=1))
