"""Channels, and the kinds of touch that travel on them."""

from __future__ import annotations

from enum import StrEnum


class Channel(StrEnum):
    """By which road a touch travels; budgets, law and suppression speak of channels."""

    EMAIL = "email"
    PHONE = "phone"
    SOCIAL = "social"
    EVENT = "event"
    POST = "post"
    OTHER = "other"


class TouchKind(StrEnum):
    """What is done at one step or task."""

    EMAIL = "email"
    CALL = "call"
    VOICEMAIL = "voicemail"
    LINKEDIN_COMMENT = "linkedin_comment"
    LINKEDIN_CONNECT = "linkedin_connect"
    LINKEDIN_MESSAGE = "linkedin_message"
    EVENT_MEETING = "event_meeting"
    DIRECT_MAIL = "direct_mail"
    REFERRAL_ASK = "referral_ask"
    TASK = "task"

    @property
    def channel(self) -> Channel:
        """The road it takes."""
        return _CHANNEL[self]

    @property
    def by_hand(self) -> bool:
        """Whether a person carries it out; only email may leave by itself."""
        return self is not TouchKind.EMAIL


_CHANNEL = {
    TouchKind.EMAIL: Channel.EMAIL,
    TouchKind.CALL: Channel.PHONE,
    TouchKind.VOICEMAIL: Channel.PHONE,
    TouchKind.LINKEDIN_COMMENT: Channel.SOCIAL,
    TouchKind.LINKEDIN_CONNECT: Channel.SOCIAL,
    TouchKind.LINKEDIN_MESSAGE: Channel.SOCIAL,
    TouchKind.EVENT_MEETING: Channel.EVENT,
    TouchKind.DIRECT_MAIL: Channel.POST,
    TouchKind.REFERRAL_ASK: Channel.OTHER,
    TouchKind.TASK: Channel.OTHER,
}
