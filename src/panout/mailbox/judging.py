"""From what a door saw to what the rules make of it."""

from __future__ import annotations

from panout.clients.smtp import BadCertificate, LineLost, Said, Trouble
from panout.mailbox.rules.failures import Failure, bad_certificate, classify, line_lost


def judged(trouble: Trouble) -> Failure:
    """What the door saw, as the rules see it."""
    match trouble:
        case Said():
            return classify(trouble.code, trouble.text, trouble.stage)
        case BadCertificate():
            return bad_certificate(trouble.text)
        case LineLost():
            return line_lost(trouble.stage, trouble.text)
        case _:
            return line_lost(trouble.stage, str(trouble))
