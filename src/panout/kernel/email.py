"""An email address that is well formed. Whether anybody reads it is another question, asked elsewhere."""

from __future__ import annotations

import re
from dataclasses import dataclass

from panout.kernel.domain import ascii_host

# The plain form nearly all addresses have; what it accepts, the library accepts too (a test holds them
# equal).
_PLAIN = re.compile(
    r"^(?=.{1,64}@)([a-z0-9](?:[a-z0-9_+-]|\.(?=[a-z0-9_+-]))*)@"
    r"(?=.{4,190}\Z)([a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*\.[a-z]{2,24})\Z"
)

_LONGEST_LOCAL = 64  # octets, RFC 5321; the library only says so in its strict mode


@dataclass(frozen=True, slots=True)
class EmailAddress:
    """Lower case throughout (no provider of note tells mailboxes apart by case); the domain in ASCII."""

    local: str
    domain: str

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def parse_email(text: str) -> EmailAddress | None:
    """Check the syntax of one bare address (RFC 5321 with a dotted domain name; no comments, quotes, IP
    literals)."""
    lowered = text.lower()
    plain = _PLAIN.match(lowered)
    if plain is not None and "--" not in plain[2]:
        return EmailAddress(plain[1], plain[2])
    if "@" not in lowered:
        return None
    # Imported here: nearly all addresses never get so far, and each command would wait for it.
    import email_validator

    try:
        found = email_validator.validate_email(
            lowered,
            check_deliverability=False,
            allow_smtputf8=True,
            test_environment=True,
            globally_deliverable=True,
        )
    except (email_validator.EmailNotValidError, UnicodeError):
        return None
    if len(found.local_part.encode()) > _LONGEST_LOCAL:
        return None
    domain = ascii_host(found.ascii_domain or found.domain)
    if domain is None or domain.rpartition(".")[2].isdecimal():
        return None
    return EmailAddress(found.local_part.lower(), domain)
