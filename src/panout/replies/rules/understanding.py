"""One message understood: what it is, what it says, what should happen. Decides; does nothing.

A message that cannot be matched to something we sent is understood all the same, but proposes no act that
changes anybody's state: a stranger's forged bounce or reply must not suppress or stop anyone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum

from panout.replies.rules.automatic import automatic_signs, reads_like_a_desk
from panout.replies.rules.bounces import Recipient, Report, report_in
from panout.replies.rules.dates import park_date, return_date
from panout.replies.rules.intents import (
    Intent,
    Objection,
    Phrase,
    objections_in,
    phrases_in,
    says_away,
    says_left,
)
from panout.replies.rules.mime import Mail, addresses_in, moment, read_mail
from panout.replies.rules.model import Model
from panout.replies.rules.people import Referral, referral_in
from panout.replies.rules.quoting import ReplyText, reply_in
from panout.replies.rules.statuses import Hardness


class Kind(StrEnum):
    BOUNCE = "bounce"
    COMPLAINT = "complaint"
    AUTO_REPLY = "auto_reply"
    HUMAN = "human"


@dataclass(frozen=True)
class Known:
    """What the caller knows. `matched`: the message answers something we sent."""

    matched: bool = False
    ours: frozenset[str] = frozenset()
    """Our own addresses, lower case: never a referral."""
    written_to: frozenset[str] = frozenset()
    """Addresses that the matched message went to, lower case; empty means that nobody looked."""


@dataclass(frozen=True)
class Stop:
    """End the enrolment of the person who answered; slow colleagues at the account."""

    why: str


@dataclass(frozen=True)
class Suppress:
    """Never write to this address again, for `why`; an empty address means the one who answered."""

    address: str
    why: str


@dataclass(frozen=True)
class SoftBounce:
    """Count it; several in a row suppress, which is the mailbox's rule."""

    address: str
    why: str


@dataclass(frozen=True)
class PauseSender:
    """Our side was refused: the mailbox rests and a person looks. The recipient is not touched."""

    why: str


@dataclass(frozen=True)
class Park:
    """Set aside until the day, or until a new signal when no day was said."""

    until: date | None
    why: str


@dataclass(frozen=True)
class Reschedule:
    """Go on with the cadence on that day."""

    on: date


@dataclass(frozen=True)
class ProposeContact:
    """A person was named; somebody decides whether to add them."""

    name: str
    email: str


@dataclass(frozen=True)
class AlertOwner:
    """Tell the owner; `urgent` starts the answer clock."""

    urgent: bool
    why: str


Act = Stop | Suppress | SoftBounce | PauseSender | Park | Reschedule | ProposeContact | AlertOwner


@dataclass(frozen=True)
class Understanding:
    """What a message means. `confidence` is 0..1; `reasons` are sentences for a person."""

    kind: Kind
    intent: Intent
    confidence: float
    reasons: tuple[str, ...]
    reply_text: str = ""
    signature: str = ""
    recipients: tuple[Recipient, ...] = ()
    return_date: date | None = None
    park_until: date | None = None
    referral: Referral | None = None
    objections: tuple[Objection, ...] = ()
    left_company: bool = False
    original_id: str = ""
    acts: tuple[Act, ...] = ()
    probabilities: dict[str, float] = field(default_factory=dict)


PLAIN_FLOOR = 0.02
"""The same where the wish was said in plain words."""
STOP_FLOOR = 0.30
"""Belief in a wish to be left alone above which it may win: missing one is the worst mistake."""


def understand(raw: bytes, as_of: datetime, *, model: Model, known: Known = Known()) -> Understanding:
    """`as_of` stands in for a missing Date header. Any bytes are understood; nothing is raised."""
    return understand_mail(read_mail(raw), as_of, model=model, known=known)


def understand_mail(mail: Mail, as_of: datetime, *, model: Model, known: Known = Known()) -> Understanding:
    report = report_in(mail)
    if report is not None and not report.delivered:
        return _of_report(report, known)
    said_on = (mail.sent_at or as_of).date()
    body = mail.text
    reply = reply_in(body)
    if report is not None:
        return Understanding(
            Kind.AUTO_REPLY,
            Intent.AUTO_REPLY,
            0.98,
            ("a delivery confirmation",),
            reply.text,
            recipients=report.recipients,
        )
    signs = automatic_signs(mail, reply.text)
    return _of_words(mail, reply, said_on, model, known, signs)


def understand_text(text: str, as_of: datetime, *, model: Model, known: Known = Known()) -> Understanding:
    """A bare body without headers."""
    mail = read_mail(b"\n" + text.encode("utf-8", errors="replace"))
    return understand_mail(mail, as_of, model=model, known=known)


# --- reports -------------------------------------------------------------------------------------------


def _of_report(report: Report, known: Known) -> Understanding:
    if report.complaint:
        return Understanding(
            Kind.COMPLAINT,
            Intent.COMPLAINT,
            0.98,
            report.signs,
            recipients=report.recipients,
            original_id=report.original_id,
            acts=_complaint_acts(report, known),
        )
    said = tuple(
        f"{row.address or 'somebody'}: {row.hardness.value}, {row.reason}"
        + (f" ({row.status})" if row.status else "")
        for row in report.recipients[:10]
    )
    return Understanding(
        Kind.BOUNCE,
        Intent.BOUNCE,
        0.99 if report.original_id else 0.93,
        report.signs + said,
        recipients=report.recipients,
        original_id=report.original_id,
        acts=_bounce_acts(report, known),
    )


def _complaint_acts(report: Report, known: Known) -> tuple[Act, ...]:
    if not known.matched:
        return ()
    if report.feedback in ("auth-failure", "not-spam"):
        return (AlertOwner(urgent=False, why=f"a machine reported {report.feedback}"),)
    acts: list[Act] = [Stop("a complaint")]
    acts += [Suppress(row.address, "complained") for row in report.recipients if _meant(row.address, known)]
    return (*acts, AlertOwner(urgent=True, why="somebody reported our mail as spam"))


def _bounce_acts(report: Report, known: Known) -> tuple[Act, ...]:
    if not known.matched:
        return ()
    acts: list[Act] = []
    for row in report.recipients:
        if row.reason == "delivered" or not _meant(row.address, known):
            continue
        match row.hardness:
            case Hardness.HARD:
                acts += [Stop("a hard bounce"), Suppress(row.address, f"bounced: {row.reason}")]
            case Hardness.SOFT:
                acts.append(SoftBounce(row.address, row.reason))
            case Hardness.POLICY:
                acts.append(PauseSender(f"{row.reason} {row.status}".strip()))
    return tuple(dict.fromkeys(acts))


def _meant(address: str, known: Known) -> bool:
    """A report may only speak of people whom the matched message was sent to."""
    return not known.written_to or address.lower() in known.written_to


# --- words ---------------------------------------------------------------------------------------------


def _of_words(
    mail: Mail, reply: ReplyText, said_on: date, model: Model, known: Known, signs: tuple[str, ...]
) -> Understanding:
    text = reply.text
    subject = re.sub(
        r"^(?:\s*(?:re|aw|fwd?|wg|sv|vs|antw|odp|rif|res|tr|réf)\s*:\s*)+",
        "",
        mail.first("subject"),
        flags=re.IGNORECASE,
    )
    answering = bool(
        re.match(r"\s*(?:re|aw|sv|vs|antw|odp|rif|res)\s*:", mail.first("subject"), re.IGNORECASE)
    ) or mail.has("in-reply-to")
    read = text if answering and not signs and text.strip() else f"{subject}\n{text}".strip()
    month_first = bool(re.search(r"-0[5-8]00", mail.first("date")))
    probabilities = model.probabilities(read) if read.strip() else {}
    automatic = bool(signs)
    if automatic and _program_asks_out(mail):
        return Understanding(
            Kind.AUTO_REPLY, Intent.UNSUBSCRIBE, 0.98, (*signs, "a mail program asks to be taken off"), text,
            acts=acts_for(Intent.UNSUBSCRIBE, None, None, None) if known.matched else (),
        )  # fmt: skip
    intent, confidence, reasons = (_automatic_intent if automatic else _human_intent)(read, probabilities)
    back = None
    if intent is Intent.OUT_OF_OFFICE or (automatic and intent is not Intent.WRONG_PERSON):
        back = _vacation_end(mail) or return_date(read, said_on, month_first=month_first)
        if back and intent is Intent.AUTO_REPLY:
            intent, reasons = Intent.OUT_OF_OFFICE, (*reasons, "a day of return is named")
    if back:
        reasons = (*reasons, f"back on {back.isoformat()}")
    parked = park_date(read, said_on, month_first=month_first) if intent is Intent.NOT_NOW else None
    writer = frozenset(a.lower() for a in addresses_in(mail.first("from")))
    pointed = None
    if intent in (Intent.WRONG_PERSON, Intent.REFERRAL, Intent.OUT_OF_OFFICE, Intent.AUTO_REPLY):
        pointed = referral_in(text, not_these=writer | known.ours)
    kind = Kind.AUTO_REPLY if automatic else Kind.HUMAN
    return Understanding(
        kind,
        intent,
        round(confidence, 3),
        tuple(signs) + reasons,
        text,
        signature=reply.signature,
        return_date=back,
        park_until=parked,
        referral=pointed,
        objections=() if automatic else objections_in(text),
        left_company=intent is Intent.WRONG_PERSON and says_left(text),
        acts=acts_for(intent, back, parked, pointed) if known.matched else (),
        probabilities=probabilities,
    )


def _program_asks_out(mail: Mail) -> bool:
    """Mail programs write the mail behind an unsubscribe button themselves, and say that they did."""
    subject = mail.first("subject").strip().lower()
    return mail.has("x-apple-unsubscribe") or subject in ("unsubscribe", "opt out", "opt-out", "remove")


def _automatic_intent(text: str, probabilities: dict[str, float]) -> tuple[Intent, float, tuple[str, ...]]:
    """A machine cannot wish to be left alone, nor be interested: it is away, gone, or only confirming."""
    if says_left(text) and not (says_away(text) and probabilities.get("wrong_person", 0) < 0.5):
        return Intent.WRONG_PERSON, 0.9, ("says that the person has left",)
    if says_away(text) or probabilities.get("out_of_office", 0) > 0.5:
        return Intent.OUT_OF_OFFICE, 0.95, ("says that the person is away",)
    return Intent.AUTO_REPLY, 0.9, ("an automatic answer",)


def _human_intent(text: str, probabilities: dict[str, float]) -> tuple[Intent, float, tuple[str, ...]]:
    if not text.strip():
        return Intent.OTHER, 0.5, ("nothing was written",)
    if _unreadable(text):
        return Intent.OTHER, 0.5, ("this is no readable text",)
    phrases = {phrase.intent: phrase for phrase in reversed(phrases_in(text))}
    ranked = sorted(probabilities.items(), key=lambda pair: pair[1], reverse=True)
    best, belief = (Intent(ranked[0][0]), ranked[0][1]) if ranked else (Intent.OTHER, 0.0)
    alone = _wish_to_be_left_alone(phrases, probabilities)
    if alone is not None:
        return alone
    if best is Intent.AUTO_REPLY and belief < (0.3 if reads_like_a_desk(text) else 0.45):
        best, belief = next(((Intent(name), share) for name, share in ranked[1:]), (best, belief))
    said = phrases.get(best)
    if said is not None:
        return best, max(belief, 0.85), (_says(said), _believes(best, belief))
    for intent in (Intent.WRONG_PERSON, Intent.OUT_OF_OFFICE):
        phrase = phrases.get(intent)
        if phrase is not None and (probabilities.get(intent.value, 0.0) > 0.2 or belief < 0.4):
            return intent, max(0.7, probabilities.get(intent.value, 0.0)), (_says(phrase),)
    speak = phrases.get(Intent.MEETING_REQUEST)
    # Nobody is away without a word of it, and a day that suits is no such word.
    unsure = belief < 0.6 or (best is Intent.OUT_OF_OFFICE and best not in phrases)
    if speak is not None and unsure and best in (Intent.OUT_OF_OFFICE, Intent.NOT_NOW, Intent.OTHER):
        return Intent.MEETING_REQUEST, 0.6, (_says(speak),)
    return best, belief, (_believes(best, belief),)


def _unreadable(text: str) -> bool:
    """Bytes that are no text, whatever somebody named the file."""
    head = text[:2000]
    odd = sum(1 for sign in head if sign == "\ufffd" or (ord(sign) < 32 and sign not in "\t\n\r"))
    return odd * 20 > len(head)


def _wish_to_be_left_alone(
    phrases: dict[Intent, Phrase], probabilities: dict[str, float]
) -> tuple[Intent, float, tuple[str, ...]] | None:
    """Stop requests and anger: a rule or the model is enough, unless it is sure of something friendly."""
    angry, stop = phrases.get(Intent.DO_NOT_CONTACT), phrases.get(Intent.UNSUBSCRIBE)
    anger = probabilities.get("do_not_contact", 0.0)
    quiet = probabilities.get("unsubscribe", 0.0)
    together = anger + quiet
    if (
        angry is not None
        and together > (PLAIN_FLOOR if angry.plain else 0.15)
        and (anger >= quiet * 0.5 or stop is None)
    ):
        return Intent.DO_NOT_CONTACT, max(0.8, anger), (_says(angry), _believes(Intent.DO_NOT_CONTACT, anger))
    if stop is not None and together > (PLAIN_FLOOR if stop.plain else 0.06):
        if anger > 2 * quiet and anger > 0.4:
            return Intent.DO_NOT_CONTACT, anger, (_says(stop), _believes(Intent.DO_NOT_CONTACT, anger))
        return Intent.UNSUBSCRIBE, max(0.8, quiet), (_says(stop), _believes(Intent.UNSUBSCRIBE, quiet))
    if (
        together > max(STOP_FLOOR, 0.0)
        and together
        >= max(
            (share for name, share in probabilities.items() if name not in ("do_not_contact", "unsubscribe")),
            default=0.0,
        )
        * 0.8
    ):
        chosen, share = (Intent.DO_NOT_CONTACT, anger) if anger > quiet else (Intent.UNSUBSCRIBE, quiet)
        return chosen, together, (_believes(chosen, share),)
    return None


def _says(phrase: Phrase) -> str:
    return f"says “{phrase.words}”"


def _believes(intent: Intent, share: float) -> str:
    return f"reads like {intent.value.replace('_', ' ')} ({share:.0%})"


def _vacation_end(mail: Mail) -> date | None:
    """Apple writes the last moment of the vacation into a header."""
    match = re.search(r"endDate=(\d{4}-\d\d-\d\d)T(\d\d)", mail.first("x-apple-criteria"))
    if match is None:
        return None
    try:
        return date.fromisoformat(match.group(1)) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None


def acts_for(  # noqa: C901 - one case per intent
    intent: Intent, back: date | None, parked: date | None, pointed: Referral | None
) -> tuple[Act, ...]:
    """What follows from an intent, for a message that answers one of ours."""
    proposal: tuple[Act, ...] = (ProposeContact(pointed.name, pointed.email),) if pointed else ()
    match intent:
        case Intent.INTERESTED | Intent.MEETING_REQUEST:
            return (Stop("answered"), AlertOwner(urgent=True, why=intent.value))
        case Intent.QUESTION:
            return (Stop("answered"), AlertOwner(urgent=True, why="asks something"))
        case Intent.NOT_NOW:
            return (Stop("answered"), Park(parked, "not now"))
        case Intent.NO_PRIORITY:
            return (Stop("answered"), Park(None, "no priority"))
        case Intent.NOT_INTERESTED:
            return (Stop("answered"), Park(None, "not interested"))
        case Intent.WRONG_PERSON | Intent.REFERRAL:
            return (Stop("answered"), *proposal, AlertOwner(urgent=False, why=intent.value))
        case Intent.UNSUBSCRIBE:
            return (Stop("opted out"), Suppress("", "asked to be left alone"))
        case Intent.DO_NOT_CONTACT:
            return (
                Stop("opted out"),
                Suppress("", "does not want to be contacted"),
                AlertOwner(urgent=True, why="angry"),
            )
        case Intent.OUT_OF_OFFICE:
            return (Reschedule(back), *proposal) if back else proposal
        case Intent.AUTO_REPLY | Intent.BOUNCE | Intent.COMPLAINT:
            return ()
        case Intent.OTHER:
            return (Stop("answered"), AlertOwner(urgent=False, why="answered"))


def said_at(value: str) -> datetime | None:
    """A Date header's moment in UTC, for callers that hold only headers."""
    return moment(value)
