"""The cadences that ship: 4-8 touches as standard, 8-12 for net-new accounts, over two to three weeks."""

from __future__ import annotations

from panout.cadence.rules.plan import Branch, Plan, Step
from panout.kernel.channels import TouchKind

# Asked of the disposition that the call before it ended with.
_NO_ANSWER = "disposition in ('no_answer', 'busy')"

STANDARD = Plan(
    "Standard, 6 touches",
    (
        Step("open", TouchKind.EMAIL, 0, "first-touch-email", reviewed=True),
        Step("social", TouchKind.LINKEDIN_CONNECT, 1, "linkedin-connect"),
        Step(
            "call",
            TouchKind.CALL,
            2,
            "call-opener",
            branches=(Branch("disposition = 'gatekeeper'", "follow"),),
        ),
        Step("voicemail", TouchKind.VOICEMAIL, 0, "value-voicemail", only_if=_NO_ANSWER),
        Step("follow", TouchKind.EMAIL, 3, "follow-up-proof"),
        Step("close", TouchKind.EMAIL, 5, "break-up"),
    ),
)

NET_NEW = Plan(
    "Net-new, 10 touches",
    (
        Step("comment", TouchKind.LINKEDIN_COMMENT, 0, "linkedin-comment"),
        Step("open", TouchKind.EMAIL, 1, "first-touch-email", reviewed=True),
        Step("call-1", TouchKind.CALL, 1, "call-opener"),
        Step("voicemail", TouchKind.VOICEMAIL, 0, "value-voicemail", only_if=_NO_ANSWER),
        Step("connect", TouchKind.LINKEDIN_CONNECT, 2, "linkedin-connect"),
        Step("follow-1", TouchKind.EMAIL, 2, "follow-up-proof"),
        Step("call-2", TouchKind.CALL, 2, "call-opener"),
        Step("message", TouchKind.LINKEDIN_MESSAGE, 2, "linkedin-message"),
        Step("follow-2", TouchKind.EMAIL, 2, "follow-up-resource"),
        Step("close", TouchKind.EMAIL, 3, "break-up"),
    ),
)

EVENT = Plan(
    "Event follow-up, within 24 hours",
    (
        Step("thanks", TouchKind.EMAIL, 0, "event-follow-up", reviewed=True),
        Step("connect", TouchKind.LINKEDIN_CONNECT, 1, "linkedin-connect"),
        Step("call", TouchKind.CALL, 2, "call-opener"),
        Step("close", TouchKind.EMAIL, 4, "follow-up-resource"),
    ),
)

INBOUND = Plan(
    "Inbound, warm",
    (
        Step("answer", TouchKind.EMAIL, 0, "warm-inbound", reviewed=True),
        Step("call-1", TouchKind.CALL, 0, "call-opener"),
        Step("call-2", TouchKind.CALL, 1, "call-opener"),
        Step("follow", TouchKind.EMAIL, 2, "follow-up-resource"),
        Step("close", TouchKind.EMAIL, 4, "break-up"),
    ),
)

ACCOUNT_BASED = Plan(
    "Account-based, several people",
    (
        Step("comment", TouchKind.LINKEDIN_COMMENT, 0, "linkedin-comment"),
        Step("open", TouchKind.EMAIL, 1, "first-touch-email", reviewed=True),
        Step("connect", TouchKind.LINKEDIN_CONNECT, 2, "linkedin-connect"),
        Step("call", TouchKind.CALL, 2, "call-opener"),
        Step("referral", TouchKind.REFERRAL_ASK, 2, "referral-ask", only_if="buying_role = 'champion'"),
        Step("follow", TouchKind.EMAIL, 3, "follow-up-proof"),
        Step("message", TouchKind.LINKEDIN_MESSAGE, 3, "linkedin-message"),
        Step("close", TouchKind.EMAIL, 4, "break-up"),
    ),
)

VIP = Plan(
    "VIP, with a letter",
    (
        Step("letter", TouchKind.DIRECT_MAIL, 0, "direct-mail-letter"),
        Step("call-1", TouchKind.CALL, 4, "call-opener"),
        Step("open", TouchKind.EMAIL, 1, "first-touch-email", reviewed=True),
        Step("connect", TouchKind.LINKEDIN_CONNECT, 2, "linkedin-connect"),
        Step("call-2", TouchKind.CALL, 2, "call-opener"),
        Step("follow", TouchKind.EMAIL, 3, "follow-up-proof", reviewed=True),
        Step("close", TouchKind.EMAIL, 5, "break-up", reviewed=True),
    ),
)

# Only mail can be reported as spam, and patience wears with every touch of any kind: so the mails come
# first, while there is patience left, and the telephone carries on (about 18 dials reach one person).
_HAS_NUMBER = "phone is known or mobile is known"
MAIL_FIRST = Plan(
    "Mail first, then the telephone, 12 touches",
    (
        Step("open", TouchKind.EMAIL, 0, "first-touch-email", reviewed=True),
        Step("follow", TouchKind.EMAIL, 3, "follow-up-proof"),
        Step("close", TouchKind.EMAIL, 3, "break-up"),
        Step("connect", TouchKind.LINKEDIN_CONNECT, 1, "linkedin-connect"),
        *(
            Step(f"call-{number}", TouchKind.CALL, wait, "call-opener", only_if=_HAS_NUMBER)
            for number, wait in enumerate((1, 1, 2, 1, 2, 1, 1, 1), start=1)
        ),
    ),
)

# Who said yes and then fell silent is worth more than anybody cold, and is easily forgotten: the reply ended
# the cadence. They have our mail and did not answer it, so they are called; written to where no number is known.
UNTIL_WE_MEET = Plan(
    "Interested, until we meet, 9 touches",
    (
        Step("times", TouchKind.EMAIL, 0, "times-to-meet", reviewed=True, only_if=f"not ({_HAS_NUMBER})"),
        *(
            Step(f"call-{number}", TouchKind.CALL, wait, "call-opener", only_if=_HAS_NUMBER)
            for number, wait in enumerate((0, 1, 2, 1, 2, 1, 2, 1), start=1)
        ),
    ),
)

PRESETS: dict[str, Plan] = {
    "standard": STANDARD,
    "net-new": NET_NEW,
    "event": EVENT,
    "inbound": INBOUND,
    "account-based": ACCOUNT_BASED,
    "vip": VIP,
    "mail-first": MAIL_FIRST,
    "until-we-meet": UNTIL_WE_MEET,
}
