"""The decision trace: the ordered rules that every touch passes, on every channel, each time anew."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from panout.cadence.rules.calendar import Place, Window, is_open, next_open
from panout.consent.rules.registers import Consulted, in_date
from panout.kernel.channels import Channel, TouchKind


class Verdict(StrEnum):
    """What one rule says of a touch."""

    PASS = "pass"  # noqa: S105  a verdict, not a secret
    HOLD = "hold"
    DENY = "deny"


class Rule(StrEnum):
    """The rules in the order in which they are asked; law and wishes first, our own care last."""

    SUPPRESSION = "suppression"
    LAWFUL_GROUND = "lawful_ground"
    DO_NOT_CALL = "do_not_call"
    CALLING_HOURS = "calling_hours"
    ONE_CADENCE = "one_active_cadence"
    RECENT_TOUCH = "recent_touch_gap"
    ACCOUNT_BUDGET = "account_touch_budget"
    PEOPLE_AT_ACCOUNT = "people_at_account"
    COLLEAGUE_REPLIED = "colleague_replied"
    SEND_WINDOW = "send_window"
    MAILBOX_CAP = "mailbox_cap"
    DOMAIN_HEALTH = "domain_health"
    UNRESOLVED = "unresolved_variable"
    EVIDENCE = "evidence"
    APPROVAL = "approval"


@dataclass(frozen=True, slots=True)
class Limits:
    """House settings for touches. Budgets count touches over all channels and campaigns in seven days.

    `fallback_zone` is by whose clock mail goes to people whose own zone is unknown; None holds it.
    """

    recent_gap: timedelta = timedelta(days=2)
    person_per_week: int = 4
    account_per_week: int = 8
    people_at_first: int = 2
    colleague_rest: timedelta = timedelta(days=10)
    calling: Window = field(default_factory=Window)
    sending: Window = field(default_factory=Window)
    fallback_zone: str | None = None


@dataclass(frozen=True, slots=True)
class Proposed:
    """A touch that is about to happen, with all that the rules ask about. Times are aware, in UTC.

    `suppressed_by` names the entry that forbids contact by this channel; `opted_out` is what a list or a hand
    noted on the person's own record, of email alone.
    `law` is the law table's ruling for country, channel and recipient: allowed, notice, consent or blocked;
    `law_source` is where the table has it from. `consent_on_file` and `notice_given` answer it.
    `touches_in_week` counts those that still weigh on the person and the account, `budget_frees_at` says when
    the oldest of them no longer does. `account_people` are others of the account in a running cadence.
    `registers` are those that must be asked before this person's number is rung, each with its newest answer.
    `calling` is when the law lets a number be rung where the person is; None: it sets no hours of its own.
    `by_hand` is for touches that a person carries out: rules about automatic sending do not hold them.
    """

    kind: TouchKind
    zone: str | None
    country: str = ""
    subdivision: str = ""
    suppressed_by: str | None = None
    opted_out: bool = False
    law: str = "allowed"
    law_source: str = ""
    consent_on_file: bool = False
    notice_given: bool = True
    do_not_call: bool = False
    calling: Window | None = None
    registers: tuple[Consulted, ...] = ()
    other_cadence: str | None = None
    last_touch_at: datetime | None = None
    person_touches_in_week: int = 0
    account_touches_in_week: int = 0
    budget_frees_at: datetime | None = None
    account_people: int = 0
    account_engaged: bool = False
    new_person: bool = False
    colleague_replied_at: datetime | None = None
    mailbox_left_today: int | None = None
    mailbox_opens_at: datetime | None = None
    domain_ok: bool = True
    domain_trouble: str = ""
    unresolved: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()
    needs_approval: bool = False
    approved: bool = False
    fallback_zone: str | None = None

    @property
    def channel(self) -> Channel:
        """The road of this touch."""
        return self.kind.channel

    @property
    def place(self) -> Place | None:
        """Where the person is, by their own zone or, for mail, the house's fallback."""
        zone = self.zone or (self.fallback_zone if self.channel is not Channel.PHONE else None)
        return Place(zone, self.country, self.subdivision) if zone else None


@dataclass(frozen=True, slots=True)
class Ruling:
    """One rule's word. `value` is what it measured; `until` (UTC) ends a hold, None: until mended."""

    rule: Rule
    verdict: Verdict
    value: str = ""
    until: datetime | None = None
    mend: str = ""


@dataclass(frozen=True, slots=True)
class Trace:
    """All rulings on one touch at one instant, in order."""

    at: datetime
    rulings: tuple[Ruling, ...]

    @property
    def verdict(self) -> Verdict:
        """Deny when any rule denies, else hold when any holds, else pass."""
        said = {ruling.verdict for ruling in self.rulings}
        return next(
            word for word in (Verdict.DENY, Verdict.HOLD, Verdict.PASS) if word in said or word == "pass"
        )

    @property
    def deciding(self) -> Ruling | None:
        """The first rule, in order, that gave the verdict; None on a pass."""
        if self.verdict is Verdict.PASS:
            return None
        return next(ruling for ruling in self.rulings if ruling.verdict is self.verdict)

    @property
    def until(self) -> datetime | None:
        """When all holds that have an end are over; None when one waits for a person, or nothing holds."""
        ends = [ruling.until for ruling in self.rulings if ruling.verdict is Verdict.HOLD]
        known = [end for end in ends if end is not None]
        return max(known) if known and len(known) == len(ends) else None


# How a trace is kept: one line a rule, in the order of its edition, so that no line names its rule. Whoever
# changes the order, or adds a rule, adds an edition: what was kept under an old one stays readable.
EDITION = 1
_EDITIONS: dict[int, tuple[Rule, ...]] = {1: tuple(Rule)}
_LETTERS = {Verdict.PASS: "p", Verdict.HOLD: "h", Verdict.DENY: "d"}
_WORDS = {letter: verdict for verdict, letter in _LETTERS.items()}


def written(trace: Trace) -> str:
    """A trace in the short form of today's edition: a letter and the value; end and mend behind tabs."""
    return "\n".join(_line(one) for one in trace.rulings)


def _line(one: Ruling) -> str:
    line = _LETTERS[one.verdict] + " ".join(one.value.split())
    if one.until is None and not one.mend:
        return line
    return f"{line}\t{one.until.isoformat() if one.until else ''}\t{one.mend}"


def rulings_in(text: str, edition: int) -> tuple[Ruling, ...]:
    """What was kept, with the rules of its edition."""
    return tuple(_ruling(rule, line) for rule, line in zip(_EDITIONS[edition], text.split("\n"), strict=True))


def _ruling(rule: Rule, line: str) -> Ruling:
    value, until, mend = (*line[1:].split("\t"), "", "")[:3]
    return Ruling(rule, _WORDS[line[0]], value, datetime.fromisoformat(until) if until else None, mend)


def judge(touch: Proposed, limits: Limits, now: datetime) -> Trace:
    """Ask every rule about this touch at this instant; none is left out, so that the page can show all."""
    return Trace(now, tuple(ask(touch, limits, now) for ask in _RULES))


class Errand(StrEnum):
    """Why a hand is at work on somebody: it decides which rules have a say."""

    STEP = "step"  # of a cadence: the rules of pace had their say when it was planned
    ANSWER = "answer"  # a promise, an answer, a callback: they wait for us
    ASK = "ask"  # we come unasked: for a talk at an event, an introduction, with a letter


_LAW = frozenset({Rule.SUPPRESSION, Rule.LAWFUL_GROUND, Rule.DO_NOT_CALL, Rule.CALLING_HOURS})
_PACE = frozenset(
    {Rule.ONE_CADENCE, Rule.RECENT_TOUCH, Rule.ACCOUNT_BUDGET, Rule.PEOPLE_AT_ACCOUNT, Rule.COLLEAGUE_REPLIED}
)
_LEFT_OUT = {
    Errand.STEP: "asked when it was planned",
    Errand.ANSWER: "not asked: they wait for us",
    Errand.ASK: "not asked: a hand carries it out",
}


def judge_by_hand(touch: Proposed, errand: Errand, limits: Limits, now: datetime) -> Trace:
    """The same rules, in the same order, about what a person is to do at this instant.

    Law and wishes are asked always, the rules of pace where we come unasked; those on automatic sending never.
    """
    asked = _LAW | _PACE if errand is Errand.ASK else _LAW
    if touch.channel is Channel.POST:
        asked -= {
            Rule.RECENT_TOUCH
        }  # a letter is days on its way: what was said yesterday is no reason to wait
    pairs = zip(Rule, _RULES, strict=True)
    return Trace(
        now,
        tuple(
            ask(touch, limits, now) if rule in asked else _pass(rule, _LEFT_OUT[errand])
            for rule, ask in pairs
        ),
    )


def errand_of(origin: str, *, is_promised: bool) -> Errand:
    """What a task is for, by where it came from; a promise has a time by which it is to be kept."""
    if is_promised or origin in _AWAITED:
        return Errand.ANSWER
    return Errand.STEP if origin == "cadence" else Errand.ASK


# They have answered, missed us, or said when to come back.
_AWAITED = frozenset({"reply", "unmet", "missed", "park"})


def _pass(rule: Rule, value: str = "") -> Ruling:
    return Ruling(rule, Verdict.PASS, value)


def _suppression(touch: Proposed, _limits: Limits, _now: datetime) -> Ruling:
    if touch.suppressed_by:
        return Ruling(
            Rule.SUPPRESSION, Verdict.DENY, touch.suppressed_by, mend="Lift the entry if it is wrong."
        )
    if touch.opted_out and touch.channel is Channel.EMAIL:
        mend = "Use another channel, or mend the record if it is wrong."
        return Ruling(Rule.SUPPRESSION, Verdict.DENY, "opted out of email", mend=mend)
    return _pass(Rule.SUPPRESSION, "not on any list")


def _lawful_ground(touch: Proposed, _limits: Limits, _now: datetime) -> Ruling:
    where = f"{touch.law} ({touch.country or 'country unknown'}, {touch.channel})"
    if touch.law == "blocked":
        return Ruling(Rule.LAWFUL_GROUND, Verdict.DENY, where, mend="Use a channel that is open there.")
    if touch.law == "consent" and not touch.consent_on_file:
        return Ruling(
            Rule.LAWFUL_GROUND, Verdict.DENY, where, mend="Record the consent, or use another channel."
        )
    if touch.law == "notice" and not touch.notice_given:
        return Ruling(Rule.LAWFUL_GROUND, Verdict.HOLD, where, mend="Put the notice into the first message.")
    return _pass(Rule.LAWFUL_GROUND, where)


def _do_not_call(touch: Proposed, _limits: Limits, now: datetime) -> Ruling:
    if touch.channel is not Channel.PHONE:
        return _pass(Rule.DO_NOT_CALL, "not a call")
    if touch.do_not_call:
        return Ruling(Rule.DO_NOT_CALL, Verdict.DENY, "on a do-not-call list", mend="Use another channel.")
    return _registers(touch, now)


def _registers(touch: Proposed, now: datetime) -> Ruling:
    """What the registers say that must be asked there: a listing denies, no answer in date holds."""
    asked = [one for one in touch.registers if not (one.register.consent_outweighs and touch.consent_on_file)]
    listed = [one for one in asked if one.answer is not None and one.answer.listed]
    if listed:
        said = "; ".join(f"listed in {_screened(one)}" for one in listed)
        return Ruling(Rule.DO_NOT_CALL, Verdict.DENY, said, mend="Use another channel.")
    lacking = [one for one in asked if not in_date(one.answer, now.date())]
    if lacking:
        said = "; ".join(_screened(one) for one in lacking)
        rhythm = ", ".join(f"{one.register.name} every {one.register.days} days" for one in lacking)
        return Ruling(Rule.DO_NOT_CALL, Verdict.HOLD, said, mend=f"Screen these numbers: {rhythm}.")
    if asked:
        return _pass(Rule.DO_NOT_CALL, "clear: " + "; ".join(map(_screened, asked)))
    if touch.registers:
        return _pass(Rule.DO_NOT_CALL, "consent to calls stands above the register")
    return _pass(Rule.DO_NOT_CALL, "on no do-not-call list")


def _screened(one: Consulted) -> str:
    if one.answer is None:
        return f"{one.register.name} never screened"
    return f"{one.register.name} screened {one.answer.on}, good until {one.answer.until}"


def _calling_hours(touch: Proposed, limits: Limits, now: datetime) -> Ruling:
    if touch.channel is not Channel.PHONE:
        return _pass(Rule.CALLING_HOURS, "not a call")
    if touch.place is None:
        return Ruling(
            Rule.CALLING_HOURS, Verdict.HOLD, "time zone unknown", mend="Set the person's time zone."
        )
    hours = _hours(limits.calling, touch.calling)
    if not is_open(now, touch.place, hours):
        until = next_open(now, touch.place, hours)
        return Ruling(Rule.CALLING_HOURS, Verdict.HOLD, _clock(now, touch.place), until)
    return _pass(Rule.CALLING_HOURS, _clock(now, touch.place))


def _hours(house: Window, law: Window | None) -> Window:
    """The house's hours, never wider than the law's."""
    if law is None:
        return house
    opens, closes = max(house.opens, law.opens), min(house.closes, law.closes)
    return replace(house, opens=opens, closes=closes) if opens < closes else law


def _one_cadence(touch: Proposed, _limits: Limits, _now: datetime) -> Ruling:
    if touch.other_cadence:
        mend = "Stop the other cadence first, or leave the person there."
        return Ruling(Rule.ONE_CADENCE, Verdict.DENY, f"already in '{touch.other_cadence}'", mend=mend)
    return _pass(Rule.ONE_CADENCE, "in no other cadence")


def _recent_touch(touch: Proposed, limits: Limits, now: datetime) -> Ruling:
    if touch.last_touch_at is None:
        return _pass(Rule.RECENT_TOUCH, "never touched")
    free = touch.last_touch_at + limits.recent_gap
    value = f"last touch {touch.last_touch_at:%Y-%m-%d %H:%M} UTC"
    if now < free:
        return Ruling(Rule.RECENT_TOUCH, Verdict.HOLD, value, free)
    return _pass(Rule.RECENT_TOUCH, value)


def _account_budget(touch: Proposed, limits: Limits, now: datetime) -> Ruling:
    person = f"person {touch.person_touches_in_week} of {limits.person_per_week}"
    account = f"account {touch.account_touches_in_week} of {limits.account_per_week} this week"
    value = f"{person}, {account}"
    full = (
        touch.person_touches_in_week >= limits.person_per_week
        or touch.account_touches_in_week >= limits.account_per_week
    )
    if full:
        return Ruling(
            Rule.ACCOUNT_BUDGET, Verdict.HOLD, value, touch.budget_frees_at or now + timedelta(days=1)
        )
    return _pass(Rule.ACCOUNT_BUDGET, value)


def _people_at_account(touch: Proposed, limits: Limits, _now: datetime) -> Ruling:
    value = f"{touch.account_people} other{'' if touch.account_people == 1 else 's'} of the account under way"
    if touch.new_person and not touch.account_engaged and touch.account_people >= limits.people_at_first:
        mend = "Wait for one of them to engage, or stop one."
        return Ruling(Rule.PEOPLE_AT_ACCOUNT, Verdict.HOLD, value, mend=mend)
    return _pass(Rule.PEOPLE_AT_ACCOUNT, value)


def _colleague_replied(touch: Proposed, limits: Limits, now: datetime) -> Ruling:
    if touch.colleague_replied_at is None:
        return _pass(Rule.COLLEAGUE_REPLIED, "no colleague has replied")
    free = touch.colleague_replied_at + limits.colleague_rest
    value = f"a colleague replied {touch.colleague_replied_at:%Y-%m-%d}"
    if now < free:
        return Ruling(Rule.COLLEAGUE_REPLIED, Verdict.HOLD, value, free)
    return _pass(Rule.COLLEAGUE_REPLIED, value)


def _send_window(touch: Proposed, limits: Limits, now: datetime) -> Ruling:
    if touch.channel is not Channel.EMAIL:
        return _pass(Rule.SEND_WINDOW, "not an email")
    if touch.place is None:
        mend = "Set the person's time zone, or the house's fallback zone."
        return Ruling(Rule.SEND_WINDOW, Verdict.HOLD, "time zone unknown", mend=mend)
    if not is_open(now, touch.place, limits.sending):
        until = next_open(now, touch.place, limits.sending)
        return Ruling(Rule.SEND_WINDOW, Verdict.HOLD, _clock(now, touch.place), until)
    return _pass(Rule.SEND_WINDOW, _clock(now, touch.place))


def _mailbox_cap(touch: Proposed, _limits: Limits, now: datetime) -> Ruling:
    if touch.channel is not Channel.EMAIL:
        return _pass(Rule.MAILBOX_CAP, "not an email")
    if touch.mailbox_left_today is None:
        return Ruling(Rule.MAILBOX_CAP, Verdict.HOLD, "no mailbox to send from", mend="Connect a mailbox.")
    value = f"{touch.mailbox_left_today} left today"
    if touch.mailbox_left_today <= 0:
        return Ruling(
            Rule.MAILBOX_CAP, Verdict.HOLD, value, touch.mailbox_opens_at or now + timedelta(hours=12)
        )
    return _pass(Rule.MAILBOX_CAP, value)


def _domain_health(touch: Proposed, _limits: Limits, _now: datetime) -> Ruling:
    if touch.channel is not Channel.EMAIL:
        return _pass(Rule.DOMAIN_HEALTH, "not an email")
    if not touch.domain_ok:
        mend = "Mend the sending domain; its page says what DNS needs."
        return Ruling(Rule.DOMAIN_HEALTH, Verdict.HOLD, touch.domain_trouble or "failing", mend=mend)
    return _pass(Rule.DOMAIN_HEALTH, "healthy")


def _unresolved(touch: Proposed, _limits: Limits, _now: datetime) -> Ruling:
    if touch.unresolved:
        mend = "Fill the field, or give the variable a fallback."
        return Ruling(Rule.UNRESOLVED, Verdict.HOLD, ", ".join(touch.unresolved), mend=mend)
    return _pass(Rule.UNRESOLVED, "every variable has a value")


def _evidence(touch: Proposed, _limits: Limits, _now: datetime) -> Ruling:
    if touch.unsupported:
        mend = "Cite a live fact, or take the sentence out."
        return Ruling(Rule.EVIDENCE, Verdict.HOLD, "; ".join(touch.unsupported), mend=mend)
    return _pass(Rule.EVIDENCE, "every claim has its evidence")


def _approval(touch: Proposed, _limits: Limits, _now: datetime) -> Ruling:
    if touch.needs_approval and not touch.approved:
        return Ruling(Rule.APPROVAL, Verdict.HOLD, "waits for approval", mend="Approve it in the queue.")
    return _pass(Rule.APPROVAL, "approved" if touch.needs_approval else "needs none")


def _clock(now: datetime, place: Place) -> str:
    return f"{now.astimezone(place.tz):%a %H:%M} in {place.zone}"


_RULES: tuple[Callable[[Proposed, Limits, datetime], Ruling], ...] = (
    _suppression,
    _lawful_ground,
    _do_not_call,
    _calling_hours,
    _one_cadence,
    _recent_touch,
    _account_budget,
    _people_at_account,
    _colleague_replied,
    _send_window,
    _mailbox_cap,
    _domain_health,
    _unresolved,
    _evidence,
    _approval,
)
