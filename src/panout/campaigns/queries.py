"""Questions about campaigns.

audience_of(text, signals, now, most) -> tuple[Candidate, ...]     prospects it would reach, best first
newcomers(campaign, now) -> tuple[Candidate, ...]                   who belongs to it by now and is free
open_campaigns(today) -> tuple[int, ...]                            those that still take people in
campaigns() -> tuple[Card, ...]                                     the board's cards, running ones first
campaign(campaign_id) -> Card                                       raises NotFound
outcomes(campaign_id) -> tuple[Outcome, ...]                        one a member, as far as known
tallies(campaign_id) -> {arm key: Tally}
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Count, Q

from panout.cadence.models import Enrolment, State
from panout.cadence.queries import not_free
from panout.cadence.rules.moves import StopReason
from panout.campaigns.models import Campaign, Decision, Member
from panout.campaigns.models import CampaignState as CampaignState
from panout.campaigns.models import Metric as Metric
from panout.consent.queries import bounced
from panout.criteria.parse import parse
from panout.criteria.predicate import Predicate, Record, predicate
from panout.kernel.errors import NotFound
from panout.kernel.fields import ACCOUNT_FIELDS, CONTACT_FIELDS
from panout.kernel.lifecycle import Lifecycle
from panout.outreach.models import Touch
from panout.qualify.models import Verdict
from panout.resolve.models import Contact
from panout.signals.models import Signal

FRESH = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody a campaign would reach, with the slices that the review will look at."""

    contact_id: int
    contact: str
    priority: float
    persona: str
    industry: str
    signal: str
    account_id: int | None = None


def open_campaigns(today: date) -> tuple[int, ...]:
    """Running campaigns that take in who newly belongs to their audience."""
    rows = Campaign.objects.filter(state=CampaignState.RUNNING, open_until__gte=today).order_by("id")
    return tuple(rows.values_list("id", flat=True))


def newcomers(row: Campaign, now: datetime) -> tuple[Candidate, ...]:
    """Who belongs to a campaign by now: free, in no cadence before, held out of none, best first, up to its size.

    Of one account no more than `per_account`, and one more for each of them who was glad to hear from us:
    two personas first, the others on engagement.
    """
    room = row.most - row.members.count()
    if room <= 0:
        return ()
    told = audience_of(row.audience, row.signals, now, 10 * row.most)
    here = Member.objects.filter(Q(campaign=row) | Q(held_out=True, campaign__state=CampaignState.RUNNING))
    busy = not_free([one.contact_id for one in told]) | set(here.values_list("contact", flat=True))
    free = [one for one in told if one.contact_id not in busy]
    if row.per_account is None:
        return tuple(free[:room])
    return tuple(_by_account(free, row.per_account)[:room])


def _by_account(people: list[Candidate], most: int) -> list[Candidate]:
    accounts = {one.account_id for one in people if one.account_id}
    met: dict[int, int] = defaultdict(int)
    glad: dict[int, int] = defaultdict(int)
    runs = Enrolment.objects.filter(account__in=accounts)
    told = list(runs.values_list("account", "stop_reason", "contact__email"))
    gone = bounced(email for _, _, email in told if email)
    for account, reason, email in told:
        if account:
            # Somebody who has left was never met: their colleague takes the place.
            met[account] += email not in gone
            glad[account] += reason in _POSITIVE
    found = []
    for one in people:
        if one.account_id is not None:
            if met[one.account_id] >= most + glad[one.account_id]:
                continue
            met[one.account_id] += 1
        found.append(one)
    return found


_STILL_OPEN = (Lifecycle.LEAD, Lifecycle.PROSPECT)


def audience_of(text: str, signals: Iterable[str], now: datetime, most: int) -> tuple[Candidate, ...]:
    """Prospects the criteria admit that have one of the signals (any, where none is named), best first.

    Nobody who has bought, is about to, was set aside or ruled out: their fit stays on file, and they are no prospects.
    """
    wanted = set(signals)
    holds = predicate(parse(text), now.date()) if text.strip() else None
    rows = (
        Verdict.objects.filter(
            verdict="prospect", contact__lifecycle__in=_STILL_OPEN, contact__merged_into=None
        )
        .select_related("contact__account")
        .order_by("-priority", "id")
    )
    found: list[Candidate] = []
    batch: list[Verdict] = []
    for row in rows.iterator(chunk_size=500):
        batch.append(row)
        if len(batch) == 500:
            found += _admitted(batch, holds, wanted, now)
            batch = []
        if len(found) >= most:
            return tuple(found[:most])
    return tuple((found + _admitted(batch, holds, wanted, now))[:most])


def _admitted(
    batch: list[Verdict], holds: Predicate | None, wanted: set[str], now: datetime
) -> list[Candidate]:
    people = [row.contact for row in batch if row.contact is not None]
    by_person = _signals_of(people, now)
    found = []
    for row in batch:
        contact = row.contact
        if contact is None:
            continue
        mine = by_person[contact.pk]
        reason = next((one.type for one in mine if not wanted or one.type in wanted), "")
        if wanted and not reason:
            continue
        if holds is not None and holds(_record(contact, mine)) is not True:
            continue
        account = contact.account
        persona = contact.buying_role or contact.department or contact.seniority or ""
        industry = (account.industry if account else None) or ""
        found.append(
            Candidate(
                contact.pk,
                contact.label,
                row.priority,
                persona[:60],
                industry[:120],
                reason,
                account_id=row.account_id,
            )
        )
    return found


def _signals_of(people: list[Contact], now: datetime) -> dict[int, list[Signal]]:
    accounts = {one.account_id for one in people if one.account_id}
    rows = Signal.objects.filter(
        Q(contact__in=[one.pk for one in people]) | Q(account__in=accounts, contact=None),
        dismissed_at=None,
        date__gt=(now - FRESH).date(),
        date__lte=now.date(),
    ).order_by("-strength", "-date", "id")
    by_account: dict[int, list[Signal]] = defaultdict(list)
    by_contact: dict[int, list[Signal]] = defaultdict(list)
    for one in rows:
        if one.contact_id:
            by_contact[one.contact_id].append(one)
        elif one.account_id:
            by_account[one.account_id].append(one)
    return {one.pk: [*by_contact.get(one.pk, ()), *by_account.get(one.account_id or 0, ())] for one in people}


_CONTACT_NAMES = tuple(field.name for field in CONTACT_FIELDS)
_ACCOUNT_NAMES = tuple(field.name for field in ACCOUNT_FIELDS)


def _record(contact: Contact, signals: list[Signal]) -> Record:
    values = {name: getattr(contact, name) for name in _CONTACT_NAMES}
    if contact.account is not None:
        values |= {name: getattr(contact.account, name) for name in _ACCOUNT_NAMES}
    custom = {**(contact.account.custom if contact.account else {}), **contact.custom}
    return Record(values, signals, custom)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known of one member. `matured`: the run has ended, so the outcome will not change by itself."""

    contact_id: int
    arm: str
    held_out: bool
    persona: str
    industry: str
    signal: str
    touches: int
    replied: bool
    positive: bool
    meeting: bool
    bounced: bool
    opted_out: bool
    matured: bool


@dataclass(frozen=True, slots=True)
class Tally:
    """Hits of tried, for the campaign's registered metric; `tried` counts people who were touched."""

    hits: int
    tried: int


@dataclass(frozen=True, slots=True)
class ArmCard:
    """One arm on the board."""

    key: str
    name: str
    cadence_version_id: int
    weight: float
    tally: Tally


@dataclass(frozen=True, slots=True)
class Card:
    """A campaign on the board."""

    id: int
    name: str
    hypothesis: str
    audience: str
    signals: tuple[str, ...]
    value_proposition: str
    metric: Metric
    state: CampaignState
    people: int
    held_out: int
    launched_at: datetime | None
    review_on: date
    arms: tuple[ArmCard, ...]
    tally: Tally
    decision: Decided | None
    held_share: float = 0.0  # as it was said; `held_out` counts people
    open_until: date | None = None
    per_account: int | None = None


@dataclass(frozen=True, slots=True)
class Decided:
    """What was decided, on which evidence."""

    call: str
    proposed: str
    why: str
    evidence: dict[str, object]
    at: datetime
    by: str


_POSITIVE = {StopReason.MEETING.value, StopReason.INTERESTED.value}


def outcomes(campaign_id: int) -> tuple[Outcome, ...]:
    """One a member: what came of it, by the state of their passage."""
    rows = list(
        Member.objects.filter(campaign=campaign_id)
        .select_related("arm", "enrolment")
        .order_by("joined_at", "id")
    )
    touches = dict(
        Touch.objects.filter(contact__in=[row.contact_id for row in rows])
        .values_list("contact")
        .annotate(n=Count("id"))
    )
    positive = positive_contacts([row.contact_id for row in rows])
    return tuple(_outcome(row, touches.get(row.contact_id, 0), row.contact_id in positive) for row in rows)


def positive_contacts(contact_ids: Iterable[int]) -> set[int]:
    """Those whose answer was welcome: their last passage ended in a meeting, or an interested word."""
    ended = Member.objects.filter(contact__in=list(contact_ids), enrolment__state=State.FINISHED)
    return set(ended.filter(enrolment__stop_reason__in=_POSITIVE).values_list("contact", flat=True))


def _outcome(row: Member, touches: int, positive: bool) -> Outcome:
    run = row.enrolment
    end = run.stop_reason if run else ""
    return Outcome(
        row.contact_id,
        row.arm.key if row.arm else "",
        row.held_out,
        row.persona,
        row.industry,
        row.signal,
        touches if run else 0,
        end in {StopReason.REPLIED, *_POSITIVE, StopReason.NO_PRIORITY, StopReason.DISQUALIFIED},
        positive,
        end == StopReason.MEETING,
        end == StopReason.BOUNCED,
        end == StopReason.OPTED_OUT,
        run is not None and run.state == State.FINISHED,
    )


def _counted(rows: Iterable[Outcome], metric: Metric) -> Tally:
    tried = [one for one in rows if one.touches and not one.held_out]
    hit = [one for one in tried if (one.meeting if metric == Metric.MEETING else one.positive)]
    return Tally(len(hit), len(tried))


def tallies(campaign_id: int) -> dict[str, Tally]:
    """Hits and tried of each arm."""
    row = Campaign.objects.filter(id=campaign_id).first()
    if row is None:
        raise NotFound("There is no such campaign.")
    told = outcomes(campaign_id)
    return {
        arm.key: _counted((one for one in told if one.arm == arm.key), Metric(row.metric))
        for arm in row.arms.order_by("key")
    }


def campaign(campaign_id: int) -> Card:
    """One campaign. Raises NotFound."""
    row = Campaign.objects.filter(id=campaign_id).first()
    if row is None:
        raise NotFound("There is no such campaign.")
    return _card(row)


def campaigns() -> tuple[Card, ...]:
    """All campaigns: running ones first, then drafts, then the decided, the newest first."""
    order = {CampaignState.RUNNING: 0, CampaignState.DRAFT: 1, CampaignState.DECIDED: 2}
    cards = [_card(row) for row in Campaign.objects.order_by("-created_at", "-id")[:100]]
    return tuple(sorted(cards, key=lambda card: order[card.state]))


def _card(row: Campaign) -> Card:
    told, metric = outcomes(row.pk), Metric(row.metric)
    arms = tuple(
        ArmCard(
            arm.key,
            arm.name,
            arm.version_id,
            arm.weight,
            _counted((one for one in told if one.arm == arm.key), metric),
        )
        for arm in row.arms.order_by("key")
    )
    last = Decision.objects.filter(campaign=row).select_related("by").order_by("-at").first()
    return Card(
        row.pk,
        row.name,
        row.hypothesis,
        row.audience,
        tuple(row.signals),
        row.value_proposition,
        metric,
        CampaignState(row.state),
        len(told),
        sum(one.held_out for one in told),
        row.launched_at,
        row.review_on,
        arms,
        _counted(told, metric),
        Decided(
            last.call, last.proposed, last.why, last.evidence, last.at, last.by.name if last.by else "Panout"
        )
        if last
        else None,
        row.hold_out,
        row.open_until,
        row.per_account,
    )
