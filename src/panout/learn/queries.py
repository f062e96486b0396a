"""Questions about what worked.

board(now) -> Board                          every campaign with what may be said of it today
finding_of(campaign_id, now) -> Judged       one campaign; raises NotFound
review(since, until) -> Review               the funnel by slice, beside the field's figures
people_of(asker, since, until, axis, value, came)  the rows behind one figure
week_of(until, now) -> Week                  the weekly letter's figures
progress() -> Progress                       what has been done so far, in five figures
parts(since, until) -> tuple[Part, ...]      slices as the rules for proposals take them
open_proposals() / proposals() -> tuple[Line, ...]
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from django.db.models import Q

from panout.cadence.models import Enrolment, Passed
from panout.cadence.rules.moves import StopReason
from panout.campaigns import queries as campaigns
from panout.campaigns.models import CampaignState, Metric
from panout.campaigns.queries import Card
from panout.kernel.channels import Channel
from panout.learn.models import Proposal, ProposalState
from panout.learn.rules.letter import Week
from panout.learn.rules.proposals import Axis, Part
from panout.learn.rules.rates import Count, Prior, Rate, chance_better, pooled_prior, rate
from panout.learn.rules.verdicts import Bar, Call, Finding, judge
from panout.outreach.models import Touch
from panout.pipeline.models import Meeting, Opportunity
from panout.replies.models import Reading
from panout.resolve.queries import in_sight
from panout.signals.models import Signal
from panout.team.rules import Person

# Until a team has figures of its own: 19 meetings per 100 target contacts is what typical teams get.
FIELD_TYPICAL, FIELD_BEST, FIELD_DIALS = 0.19, 0.52, 18
# A team's own rate stands in for the field's once this many people have been touched by other campaigns.
_ENOUGH = 30
_CONVERSATION = "connected"


# -- the board


@dataclass(frozen=True, slots=True)
class ArmFinding:
    """One arm, with its rate under the pooled prior."""

    key: str
    name: str
    count: Count
    rate: Rate
    chance_best: float | None


@dataclass(frozen=True, slots=True)
class HoldOut:
    """What happened anyway to those who were left alone. `lift` is the difference of the rates."""

    count: Count
    lift: float | None
    chance_better: float | None


@dataclass(frozen=True, slots=True)
class Judged:
    """A campaign and what may be said of it. `own_baseline`: the baseline is the team's, not the field's."""

    card: Card
    finding: Finding
    own_baseline: bool
    arms: tuple[ArmFinding, ...]
    hold_out: HoldOut | None

    def evidence(self) -> dict[str, object]:
        """The evidence as it is frozen with a decision."""
        told = asdict(self.finding)
        told["call"] = self.finding.call.value
        told["own_baseline"] = self.own_baseline
        told["arms"] = [asdict(arm) for arm in self.arms]
        told["hold_out"] = asdict(self.hold_out) if self.hold_out else None
        return told


@dataclass(frozen=True, slots=True)
class Board:
    """The columns of the board."""

    drafts: tuple[Card, ...]
    running: tuple[Judged, ...]
    to_judge: tuple[Judged, ...]
    keep: tuple[Card, ...]
    kill: tuple[Card, ...]
    iterate: tuple[Card, ...]


def board(now: datetime) -> Board:
    """Running campaigns that evidence or the calendar calls for a decision stand under `to_judge`."""
    cards = campaigns.campaigns()
    judged = [_judged(card, cards, now.date()) for card in cards if card.state == CampaignState.RUNNING]
    due = [one for one in judged if one.finding.call is not Call.RUNNING]
    decided = defaultdict(list)
    for card in cards:
        if card.decision is not None:
            decided[card.decision.call].append(card)
    return Board(
        tuple(card for card in cards if card.state == CampaignState.DRAFT),
        tuple(one for one in judged if one.finding.call is Call.RUNNING),
        tuple(due),
        tuple(decided["keep"]),
        tuple(decided["kill"]),
        tuple(decided["iterate"]),
    )


def finding_of(campaign_id: int, now: datetime) -> Judged:
    """What may be said of one campaign today."""
    return _judged(campaigns.campaign(campaign_id), campaigns.campaigns(), now.date())


def _judged(card: Card, cards: tuple[Card, ...], today: date) -> Judged:
    others = [
        Count(one.tally.hits, one.tally.tried)
        for one in cards
        if one.id != card.id and one.metric == card.metric and one.tally.tried
    ]
    mine = Count(card.tally.hits, card.tally.tried)
    prior = pooled_prior([*others, mine])
    hits, tried = sum(one.hits for one in others), sum(one.tried for one in others)
    own = tried >= _ENOUGH and 0 < hits < tried
    baseline = hits / tried if own else FIELD_TYPICAL
    found = judge(mine, card.people - card.held_out, baseline, prior, card.review_on, today, Bar())
    return Judged(card, found, own, _arms(card, prior), _hold_out(card, mine, prior))


def baseline_of(metric: Metric) -> tuple[float, bool]:
    """(the rate to beat, whether it is the team's own) for a campaign that is still on paper."""
    told = [one.tally for one in campaigns.campaigns() if one.metric == metric]
    hits, tried = sum(one.hits for one in told), sum(one.tried for one in told)
    own = tried >= _ENOUGH and 0 < hits < tried
    return (hits / tried if own else FIELD_TYPICAL), own


def _arms(card: Card, prior: Prior) -> tuple[ArmFinding, ...]:
    counts = {arm.key: Count(arm.tally.hits, arm.tally.tried) for arm in card.arms}
    found = []
    for arm in card.arms:
        rest = [count for key, count in counts.items() if key != arm.key]
        best = max(rest, key=lambda one: one.hits / max(one.tried, 1), default=None)
        chance = chance_better(counts[arm.key], best, prior) if best and best.tried else None
        count = counts[arm.key]
        found.append(ArmFinding(arm.key, arm.name, count, rate(count, prior), chance))
    return tuple(found)


def _hold_out(card: Card, mine: Count, prior: Prior) -> HoldOut | None:
    if not card.held_out or card.launched_at is None:
        return None
    held = [one.contact_id for one in campaigns.outcomes(card.id) if one.held_out]
    met = Meeting.objects.filter(contact__in=held, booked_at__gte=card.launched_at)
    count = Count(met.values("contact").distinct().count(), len(held))
    if not mine.tried:
        return HoldOut(count, None, None)
    lift = mine.hits / mine.tried - count.hits / count.tried
    return HoldOut(count, lift, chance_better(mine, count, prior))


# -- the weekly review


@dataclass(frozen=True, slots=True)
class Bit:
    """One slice of the funnel: people touched, who answered, who was glad, who met."""

    value: str
    contacts: int
    replied: int
    positive: int
    meetings: int
    rate: Rate


@dataclass(frozen=True, slots=True)
class Cut:
    """The funnel along one axis, largest slices first."""

    axis: str
    label: str
    bits: tuple[Bit, ...]


@dataclass(frozen=True, slots=True)
class Effort:
    """The team's figures beside the field's."""

    contacts: int
    touches: int
    meetings: int
    held: int
    meetings_per_100: Rate
    dials: int
    conversations: int
    dials_per_conversation: float | None
    typical_per_100: float = FIELD_TYPICAL * 100
    best_per_100: float = FIELD_BEST * 100
    typical_dials: int = FIELD_DIALS


@dataclass(frozen=True, slots=True)
class Review:
    """What one stretch of time brought. Days are inclusive."""

    since: date
    until: date
    effort: Effort
    total: Bit
    cuts: tuple[Cut, ...]


def week_of(until: date, now: datetime) -> Week:
    """The seven days up to and with `until`, for the letter."""
    told = review(until - timedelta(days=6), until)
    bits = [
        (cut.label.lower(), bit.value, bit.meetings, bit.contacts)
        for cut in told.cuts
        if cut.axis in set(Axis)
        for bit in cut.bits
        if bit.meetings
    ]
    best = sorted(bits, key=lambda one: (-one[2], one[3], one[1]))[:3]
    return Week(
        told.since, told.until, told.effort.contacts, told.effort.touches, told.total.replied,
        told.total.positive, told.effort.meetings, told.effort.meetings_per_100, told.effort.typical_per_100,
        told.effort.dials_per_conversation, told.effort.typical_dials, best,
        [one.card.name for one in board(now).to_judge], open_proposals(),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """Everything since the first day, in five figures."""

    people: int
    touches: int
    answers: int
    meetings: int
    opportunities: int


def progress() -> Progress:
    """What has been done so far."""
    return Progress(
        Touch.objects.values("contact").distinct().count(),
        Touch.objects.count(),
        Reading.objects.count(),
        Meeting.objects.exclude(state="cancelled").count(),
        Opportunity.objects.count(),
    )


@dataclass(frozen=True, slots=True)
class Touched:
    """One person who was touched, and what came of it."""

    contact_id: int
    name: str
    account: str
    values: dict[str, tuple[str, ...]]  # by axis
    touches: int
    replied: bool
    positive: bool
    meeting: bool


LABELS = {
    "persona": "Persona",
    "industry": "Industry",
    "signal": "Signal",
    "message": "First message",
    "step": "Step after which they answered",
    "channel": "Channel",
    "weekday": "Weekday of the first touch",
}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_POSITIVE = {StopReason.MEETING.value, StopReason.INTERESTED.value}
_ANSWERED = _POSITIVE | {
    StopReason.REPLIED.value,
    StopReason.NO_PRIORITY.value,
    StopReason.DISQUALIFIED.value,
    StopReason.OPTED_OUT.value,
}
_MOST = 50_000


def review(since: date, until: date) -> Review:
    """The funnel of everybody first looked at in a stretch of time, cut seven ways."""
    people = _touched(since, until)
    touches = Touch.objects.filter(at__date__gte=since, at__date__lte=until)
    dials = touches.filter(channel=Channel.PHONE.value)
    number = dials.count()
    talks = dials.filter(disposition__startswith=_CONVERSATION).count()
    ids = [one.contact_id for one in people]
    held = Meeting.objects.filter(contact__in=ids, state="held").values("contact").distinct().count()
    met = sum(one.meeting for one in people)
    effort = Effort(
        len(people),
        touches.count(),
        met,
        held,
        rate(Count(met, len(people))),
        number,
        talks,
        number / talks if talks else None,
    )
    cuts = tuple(Cut(axis, label, tuple(_bits(people, axis))) for axis, label in LABELS.items())
    return Review(since, until, effort, _bit("all", people), cuts)


class Came(StrEnum):
    """What came of it, by the columns of the review."""

    ANSWERED = "answered"
    GLAD = "glad"
    MET = "met"


def people_of(
    asker: Person, since: date, until: date, axis: str, value: str, came: Came | None = None
) -> tuple[Touched, ...]:
    """The people behind one figure of the review, those whom the asker sees; with no axis, all."""
    people = _touched(since, until, in_sight(asker, account=""))
    wanted = [one for one in people if not axis or value in one.values.get(axis, ())]
    match came:
        case Came.ANSWERED:
            return tuple(one for one in wanted if one.replied)
        case Came.GLAD:
            return tuple(one for one in wanted if one.positive)
        case Came.MET:
            return tuple(one for one in wanted if one.meeting)
        case None:
            return tuple(wanted)


def parts(since: date, until: date) -> tuple[Part, ...]:
    """Slices by industry, persona and signal beside everybody else, counted by meetings."""
    people = _touched(since, until)
    found = []
    for axis in Axis:
        values = Counter(value for one in people for value in one.values[axis.value])
        for value in sorted(values):
            mine = [one for one in people if value in one.values[axis.value]]
            others = [one for one in people if value not in one.values[axis.value]]
            found.append(Part(axis, value, _met(mine), _met(others)))
    return tuple(found)


def _met(people: list[Touched]) -> Count:
    return Count(sum(one.meeting for one in people), len(people))


def _bits(people: list[Touched], axis: str) -> Iterator[Bit]:
    mine = defaultdict(list)
    for one in people:
        for value in one.values[axis]:
            mine[value].append(one)
    order: Callable[[str], object] = _DAYS.index if axis == "weekday" else lambda value: -len(mine[value])
    for value in sorted(mine, key=lambda value: (order(value), value))[:30]:
        yield _bit(value, mine[value])


def _bit(value: str, people: list[Touched]) -> Bit:
    met = _met(people)
    return Bit(
        value,
        len(people),
        sum(one.replied for one in people),
        sum(one.positive for one in people),
        met.hits,
        rate(met),
    )


def _touched(since: date, until: date, whose: Q | None = None) -> list[Touched]:
    rows = (
        Touch.objects.filter(whose or Q(), at__date__gte=since, at__date__lte=until)
        .select_related("contact__account", "message__template_version__template")
        .order_by("at", "id")[:_MOST]
    )
    by_person: dict[int, list[Touch]] = defaultdict(list)
    for row in rows:
        by_person[row.contact_id].append(row)
    ends = dict(
        Enrolment.objects.filter(contact__in=by_person, stopped_at__isnull=False)
        .order_by("stopped_at")
        .values_list("contact", "stop_reason")
    )
    met = set(
        Meeting.objects.filter(contact__in=by_person, booked_at__date__gte=since)
        .exclude(state="cancelled")
        .values_list("contact", flat=True)
    )
    last = dict(
        Passed.objects.filter(enrolment__contact__in=by_person, touched=True)
        .order_by("at", "id")
        .values_list("enrolment__contact", "key")
    )
    signals = _signals(by_person.values(), since)
    found = []
    for person, mine in by_person.items():
        end, contact = ends.get(person, ""), mine[0].contact
        replied = end in _ANSWERED or person in met
        mail = next((one.message for one in mine if one.message and one.message.template_version), None)
        values = {
            "persona": _one(contact.buying_role or contact.department or contact.seniority),
            "industry": _one(contact.account.industry if contact.account else None),
            "signal": tuple(sorted(signals.get(contact.account_id or 0, ()))),
            "message": _one(mail.template_version.template.name if mail and mail.template_version else None),
            "step": _one(last.get(person) if replied else None),
            "channel": tuple(sorted({one.channel for one in mine})),
            "weekday": (_DAYS[mine[0].at.weekday()],),
        }
        account = contact.account.company_name if contact.account else ""
        positive = end in _POSITIVE or person in met
        found.append(
            Touched(person, contact.label, account or "", values, len(mine), replied, positive, person in met)
        )
    return found


def _one(value: str | None) -> tuple[str, ...]:
    return (value,) if value else ()


def _signals(rows: Iterable[list[Touch]], since: date) -> dict[int, set[str]]:
    accounts = {mine[0].account_id for mine in rows if mine[0].account_id}
    found: dict[int, set[str]] = defaultdict(set)
    fresh = since - timedelta(days=90)
    told = Signal.objects.filter(account__in=accounts, dismissed_at=None, date__gte=fresh)
    for account, kind in told.values_list("account", "type"):
        found[account or 0].add(kind)
    return found


# -- proposals


@dataclass(frozen=True, slots=True)
class Line:
    """One proposal as its page shows it."""

    id: int
    icp_id: int
    icp: str
    title: str
    why: str
    axis: str
    value: str
    evidence: dict[str, object]
    state: ProposalState
    made_at: datetime
    decided_at: datetime | None
    by: str
    note: str
    version_id: int | None


def proposals(limit: int = 100) -> tuple[Line, ...]:
    """Open ones first, then the decided, the newest first."""
    rows = Proposal.objects.select_related("icp", "decided_by").order_by("-made_at", "-id")[:limit]
    return tuple(sorted(map(_line, rows), key=lambda one: one.state != ProposalState.OPEN))


def open_proposals() -> int:
    """How many wait for a person."""
    return Proposal.objects.filter(state=ProposalState.OPEN).count()


def _line(row: Proposal) -> Line:
    return Line(
        row.pk,
        row.icp_id,
        row.icp.name,
        row.title,
        row.why,
        row.axis,
        row.value,
        row.evidence,
        ProposalState(row.state),
        row.made_at,
        row.decided_at,
        row.decided_by.name if row.decided_by else "",
        row.note,
        row.version_id,
    )
