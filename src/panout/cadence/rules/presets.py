"""The cadences that ship: 4-8 touches as standard, 8-12 for net-new accounts, over two to three weeks."""

from __future__ import annotations

from panout.cadence.rules.plan import Branch, Plan, Step, StepKind

# Asked of the disposition that the call before it ended with.
_NO_ANSWER = "disposition in ('no_answer', 'busy')"

STANDARD = Plan(
    "Standard, 6 touches",
    (
        Step("open", StepKind.EMAIL, 0, "first-touch-email", reviewed=True),
        Step("social", StepKind.LINKEDIN_CONNECT, 1, "linkedin-connect"),
        Step(
            "call",
            StepKind.CALL,
            2,
            "call-opener",
            branches=(Branch("disposition = 'gatekeeper'", "follow"),),
        ),
        Step("voicemail", StepKind.VOICEMAIL, 0, "value-voicemail", only_if=_NO_ANSWER),
        Step("follow", StepKind.EMAIL, 3, "follow-up-proof"),
        Step("close", StepKind.EMAIL, 5, "break-up"),
    ),
)

NET_NEW = Plan(
    "Net-new, 10 touches",
    (
        Step("comment", StepKind.LINKEDIN_COMMENT, 0, "linkedin-comment"),
        Step("open", StepKind.EMAIL, 1, "first-touch-email", reviewed=True),
        Step("call-1", StepKind.CALL, 1, "call-opener"),
        Step("voicemail", StepKind.VOICEMAIL, 0, "value-voicemail", only_if=_NO_ANSWER),
        Step("connect", StepKind.LINKEDIN_CONNECT, 2, "linkedin-connect"),
        Step("follow-1", StepKind.EMAIL, 2, "follow-up-proof"),
        Step("call-2", StepKind.CALL, 2, "call-opener"),
        Step("message", StepKind.LINKEDIN_MESSAGE, 2, "linkedin-message"),
        Step("follow-2", StepKind.EMAIL, 2, "follow-up-resource"),
        Step("close", StepKind.EMAIL, 3, "break-up"),
    ),
)

EVENT = Plan(
    "Event follow-up, within 24 hours",
    (
        Step("thanks", StepKind.EMAIL, 0, "event-follow-up", reviewed=True),
        Step("connect", StepKind.LINKEDIN_CONNECT, 1, "linkedin-connect"),
        Step("call", StepKind.CALL, 2, "call-opener"),
        Step("close", StepKind.EMAIL, 4, "follow-up-resource"),
    ),
)

INBOUND = Plan(
    "Inbound, warm",
    (
        Step("answer", StepKind.EMAIL, 0, "warm-inbound", reviewed=True),
        Step("call-1", StepKind.CALL, 0, "call-opener"),
        Step("call-2", StepKind.CALL, 1, "call-opener"),
        Step("follow", StepKind.EMAIL, 2, "follow-up-resource"),
        Step("close", StepKind.EMAIL, 4, "break-up"),
    ),
)

ACCOUNT_BASED = Plan(
    "Account-based, several people",
    (
        Step("comment", StepKind.LINKEDIN_COMMENT, 0, "linkedin-comment"),
        Step("open", StepKind.EMAIL, 1, "first-touch-email", reviewed=True),
        Step("connect", StepKind.LINKEDIN_CONNECT, 2, "linkedin-connect"),
        Step("call", StepKind.CALL, 2, "call-opener"),
        Step("referral", StepKind.REFERRAL_ASK, 2, "referral-ask", only_if="buying_role = 'champion'"),
        Step("follow", StepKind.EMAIL, 3, "follow-up-proof"),
        Step("message", StepKind.LINKEDIN_MESSAGE, 3, "linkedin-message"),
        Step("close", StepKind.EMAIL, 4, "break-up"),
    ),
)

VIP = Plan(
    "VIP, with a letter",
    (
        Step("letter", StepKind.DIRECT_MAIL, 0, "direct-mail-letter"),
        Step("call-1", StepKind.CALL, 4, "call-opener"),
        Step("open", StepKind.EMAIL, 1, "first-touch-email", reviewed=True),
        Step("connect", StepKind.LINKEDIN_CONNECT, 2, "linkedin-connect"),
        Step("call-2", StepKind.CALL, 2, "call-opener"),
        Step("follow", StepKind.EMAIL, 3, "follow-up-proof", reviewed=True),
        Step("close", StepKind.EMAIL, 5, "break-up", reviewed=True),
    ),
)

PRESETS: dict[str, Plan] = {
    "standard": STANDARD,
    "net-new": NET_NEW,
    "event": EVENT,
    "inbound": INBOUND,
    "account-based": ACCOUNT_BASED,
    "vip": VIP,
}
