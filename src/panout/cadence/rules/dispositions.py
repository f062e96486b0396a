"""How a call (or another task) may end, and what that means for the run."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Disposition(StrEnum):
    """The outcome of a task; the set that sales tools share, plus the plain endings of other tasks."""

    INTERESTED = "connected_interested"
    NOT_INTERESTED = "connected_not_interested"
    NO_PRIORITY = "connected_no_priority"
    CALLBACK = "callback"
    MEETING = "meeting_booked"
    GATEKEEPER = "gatekeeper"
    REFERRED = "referred"
    NO_ANSWER = "no_answer"
    BUSY = "busy"
    VOICEMAIL = "left_voicemail"
    WRONG_NUMBER = "wrong_number"
    DISCONNECTED = "disconnected"
    DISQUALIFIED = "disqualified"
    DO_NOT_CALL = "do_not_call"
    DONE = "done"
    SKIPPED = "skipped"


class Effect(StrEnum):
    """What the run does next."""

    GO_ON = "go_on"
    STOP_INTERESTED = "stop_interested"
    STOP_REPLIED = "stop_replied"
    STOP_MEETING = "stop_meeting"
    STOP_DISQUALIFIED = "stop_disqualified"
    STOP_AND_PARK = "stop_and_park"
    CALL_BACK = "call_back"
    SUPPRESS_PHONE = "suppress_phone"


def ending(word: str) -> Disposition | None:
    """How a task ended; None where it did not, or where another room closed it in a word of its own."""
    return next((one for one in Disposition if one.value == word), None)


@dataclass(frozen=True, slots=True)
class Meaning:
    """`conversation`: somebody with a say spoke, so it counts as a connect. `label` is what a rep reads."""

    label: str
    effect: Effect
    conversation: bool = False


MEANING: dict[Disposition, Meaning] = {
    Disposition.INTERESTED: Meaning("Interested", Effect.STOP_INTERESTED, conversation=True),
    Disposition.NOT_INTERESTED: Meaning("Not interested", Effect.STOP_REPLIED, conversation=True),
    Disposition.NO_PRIORITY: Meaning("No priority now", Effect.STOP_AND_PARK, conversation=True),
    Disposition.CALLBACK: Meaning("Call back at", Effect.CALL_BACK, conversation=True),
    Disposition.MEETING: Meaning("Meeting booked", Effect.STOP_MEETING, conversation=True),
    Disposition.GATEKEEPER: Meaning("Gatekeeper", Effect.GO_ON),
    Disposition.REFERRED: Meaning("Referred to somebody else", Effect.STOP_REPLIED, conversation=True),
    Disposition.NO_ANSWER: Meaning("No answer", Effect.GO_ON),
    Disposition.BUSY: Meaning("Busy", Effect.GO_ON),
    Disposition.VOICEMAIL: Meaning("Left voicemail", Effect.GO_ON),
    Disposition.WRONG_NUMBER: Meaning("Wrong number", Effect.SUPPRESS_PHONE),
    Disposition.DISCONNECTED: Meaning("Disconnected number", Effect.SUPPRESS_PHONE),
    Disposition.DISQUALIFIED: Meaning("Disqualified", Effect.STOP_DISQUALIFIED, conversation=True),
    Disposition.DO_NOT_CALL: Meaning("Do not call", Effect.SUPPRESS_PHONE, conversation=True),
    Disposition.DONE: Meaning("Done", Effect.GO_ON),
    Disposition.SKIPPED: Meaning("Skipped", Effect.GO_ON),
}
