"""What a refusal means: reply code, enhanced code and words become a reason, and the reason a hardness.

Enhanced codes: RFC 3463 and the IANA registry. Reasons keep the vocabulary of bounce parsers in the field
(userunknown, mailboxfull, ...), so that reports can be compared. Words win over codes, because many servers
send 5.7.1 for an unknown user and 5.1.1 for a full mailbox.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from panout.replies.rules.phrases import PHRASES, Phrasebook, plain


class Hardness(StrEnum):
    HARD = "hard"
    """The address does not exist and will not: suppress it."""
    SOFT = "soft"
    """The mailbox or the road to it has a problem now: try again, give up after several."""
    POLICY = "policy"
    """We were refused, not the person: mend our side, do not suppress anybody."""


@dataclass(frozen=True)
class Refusal:
    status: str
    reply: str
    reason: str
    hardness: Hardness


_HARD = frozenset({"userunknown", "hostunknown", "hasmoved", "notaccept"})
_POLICY = frozenset(
    {
        "authfailure",
        "badreputation",
        "blocked",
        "contenterror",
        "norelaying",
        "notcompliantrfc",
        "policyviolation",
        "rejected",
        "requireptr",
        "securityerror",
        "spamdetected",
        "speeding",
        "syntaxerror",
        "toomanyconn",
        "virusdetected",
        "failedstarttls",
    }
)

_CODE = re.compile(r"(?<![\d.])([245]\.\d{1,2}\.\d{1,3})(?![\d.]*\d)")
# Ruled lines: they say nothing, and long runs of one sign are what makes patterns slow.
_RULED = re.compile(r"[=*#~_.-]{5,}")
_REPLY = re.compile(r"(?:(?<![\d.:/\w@=-])|(?<=[ _]:))([45][0-5]\d)(?=[ :;\->)\],.]|$)")


_LEADING_CODES = re.compile(r"^\W*(?:[45]\d\d[ -])?\s*(?:[45]\.\d+\.\d+)?\s*")
# No server needs an IP address to say that somebody is unknown: where one is named, it is that of our side.
_ADDRESS_OF_OURS = re.compile(r"(?<![\d.\w\[(])(?:\d{1,3}\.){3}\d{1,3}(?![\d.]*\w)")
# Codes that are right whatever the words; those of the sender's address are not about the recipient.
_TOLD_BY_CODE = frozenset({"mailboxfull", "authfailure", "requireptr", "hasmoved"})
_SENDER_CODES = frozenset({"5.1.7", "5.1.8"})
_VAGUE = frozenset({"policyviolation", "filtered", "contenterror", "systemerror", "mailererror"})


# RFC 3463 and what large providers add; used when no words speak. "x.1" alone is for other details of it.
_CODES: dict[str, str] = {
    "x.1": "userunknown",
    "x.1.0": "rejected",
    "x.1.1": "userunknown",
    "x.1.2": "hostunknown",
    "x.1.3": "userunknown",
    "x.1.4": "userunknown",
    "x.1.5": "delivered",
    "x.1.6": "hasmoved",
    "x.1.7": "rejected",
    "x.1.8": "rejected",
    "x.1.9": "systemerror",
    "x.1.10": "userunknown",
    "x.2.0": "filtered",
    "x.2.1": "suspend",
    "x.2.2": "mailboxfull",
    "x.2.3": "exceedlimit",
    "x.2.4": "filtered",
    "x.3.0": "systemerror",
    "x.3.1": "systemfull",
    "x.3.2": "notaccept",
    "x.3.3": "systemerror",
    "x.3.4": "mesgtoobig",
    "x.3.5": "systemerror",
    "x.4.0": "networkerror",
    "x.4.1": "expired",
    "x.4.2": "expired",
    "x.4.3": "networkerror",
    "x.4.4": "hostunknown",
    "x.4.5": "systemfull",
    "x.4.6": "networkerror",
    "x.4.7": "expired",
    "x.4.310": "hostunknown",
    "x.4.312": "networkerror",
    "x.4.316": "expired",
    "x.5.0": "syntaxerror",
    "x.5.1": "syntaxerror",
    "x.5.2": "syntaxerror",
    "x.5.3": "toomanyconn",
    "x.5.4": "syntaxerror",
    "x.5.5": "systemerror",
    "x.6": "contenterror",
    "x.7": "blocked",
    "x.7.0": "policyviolation",
    "x.7.1": "rejected",
    "x.7.8": "securityerror",
    "x.7.9": "policyviolation",
    "x.7.13": "suspend",
    "x.7.17": "hasmoved",
    "x.7.18": "hasmoved",
    "x.7.20": "authfailure",
    "x.7.21": "authfailure",
    "x.7.23": "authfailure",
    "x.7.25": "requireptr",
    "x.7.26": "authfailure",
    "x.7.27": "authfailure",
    "x.7.28": "speeding",
    "x.7.29": "securityerror",
    "x.7.30": "authfailure",
}

# The server's own line inside a daemon's letter.
_SERVER_LINE = re.compile(
    r"^.{0,200}?(?:<<< ?|(?<![\d.:/\w@=-])[45][0-5]\d[ -]).*(?:\n(?![ \t]*\n).*){0,4}", re.MULTILINE
)


def refusal(words: str, *, status: str = "", delayed: bool = False, book: Phrasebook = PHRASES) -> Refusal:
    """`words` is the server's diagnostic, `status` what the report's field says; either may be empty.

    An enhanced code inside the diagnostic is nearer to the refusing server than the field, so it wins.
    """
    words = plain(words)
    said = codes_in(words)
    code = (
        next((c for c in reversed(said) if not c.endswith(".0.0")), "")
        or status
        or (said[-1] if said else "")
    )
    if code.endswith(".0.0") and said:
        code = said[-1]
    replies = _REPLY.findall(words)
    reply = replies[0] if replies else ""
    if not code and reply:
        code = f"{reply[0]}.0.0"
    temporary = delayed or code.startswith("4") or (not code and reply.startswith("4"))
    spoken = server_lines(words)
    reason = reason_of(spoken, code, context=words, book=book) if spoken else "onhold"
    if reason in ("onhold", "expired") or not spoken:
        reason = reason_of(words, code, context=words, book=book)
    if reason == "hostunknown" and not reply.startswith("5") and (not code or code.endswith(".0.0")):
        temporary = temporary or book.says("for_now", words)
    return Refusal(code, reply, reason, hardness_of(reason, temporary=temporary))


def server_lines(words: str) -> str:
    """What the refusing server itself said, inside a daemon's letter."""
    return "\n".join(match.group(0) for match in _SERVER_LINE.finditer(words[:8000]))


def reason_of(words: str, code: str, *, context: str = "", book: Phrasebook = PHRASES) -> str:
    """`context` is the whole letter, for the command at which the server refused."""
    flat = " ".join(_RULED.sub(" ", words).split())[:4000]
    by_code = _by_code(code)
    if code.startswith("2."):
        return "delivered"
    if book.says("no_mail_here", flat):
        return "notaccept"
    if code[:1] == "5" and (by_code in _TOLD_BY_CODE or code in _SENDER_CODES):
        return by_code
    if book.says("unwanted", flat):
        return "filtered"
    spoken = next((reason for reason, pattern in book.by_reason if pattern.search(flat)), "")
    if spoken in ("userunknown", "hostunknown"):
        return _who_is_unknown(spoken, flat, code, context, book)
    if (spoken in _VAGUE or (spoken == "expired" and code.startswith("5.1."))) and by_code in (
        "userunknown",
        "hostunknown",
        "suspend",
    ):
        return by_code
    if not spoken and by_code in _HARD and _ADDRESS_OF_OURS.search(flat):
        return "blocked"
    return spoken or by_code or ("expired" if code.startswith("4") else "onhold")


def _who_is_unknown(reason: str, flat: str, code: str, context: str, book: Phrasebook) -> str:
    """A server that stops at MAIL FROM does not know us."""
    if book.says("after_mail", context) and not book.says("after_rcpt", context):
        return "rejected"
    return _unknown_or_filtered(flat, code, context or flat, book) if reason == "userunknown" else reason


def hardness_of(reason: str, *, temporary: bool) -> Hardness:
    if reason in _POLICY:
        return Hardness.POLICY
    return Hardness.HARD if reason in _HARD and not temporary else Hardness.SOFT


def codes_in(words: str) -> list[str]:
    return _CODE.findall(words[:8000])


def _unknown_or_filtered(words: str, code: str, context: str, book: Phrasebook) -> str:
    """ "User unknown" is believed when a second witness agrees: code, command, or a daemon that looked.

    Gateways say it after they took the recipient and read the text, and then it means "not wanted": such
    addresses answered other senders, so they count as soft and fall to the limit of repeated soft bounces.
    """
    coded = _REPLY.search(words) is not None
    believed = (
        code.startswith(("5.1.", "4.1."))
        or book.says("after_rcpt", context)
        or book.says("looked_up", f"{code} {_LEADING_CODES.sub('', words)}")
    )
    if book.says("no_account", context):
        return "userunknown" if believed or coded else "filtered"
    return "userunknown" if believed or not coded else "filtered"


def _by_code(code: str) -> str:
    if not re.fullmatch(r"[45]\.\d{1,2}\.\d{1,3}", code) or code.endswith(".0.0"):
        return ""
    key = "x" + code[1:]
    return _CODES.get(key) or _CODES.get(key.rpartition(".")[0], "")
