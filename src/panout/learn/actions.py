"""Verbs of the learning room.

propose(since, until, now) -> int           looks at the slices and writes what they speak for
accept(asker, proposal_id, origin, now)     the change becomes a new version of its profile, in force at once
decline(asker, proposal_id, note, now)
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from panout.icp import actions as icp
from panout.icp.models import Icp, IcpVersion
from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.learn.models import Proposal, ProposalState
from panout.learn.queries import parts
from panout.learn.rules.proposals import Axis, Kind, Proposed, changed, proposals
from panout.team.actions import record
from panout.team.rules import Person, Verb, demand


@transaction.atomic
def propose(since: date, until: date, now: datetime) -> int:
    """Write what the outcomes speak for, once each; returns how many are new. Safe to repeat.

    What was declined is not proposed again while the version it was declined under is in force.
    """
    found = tuple(proposals(parts(since, until)))
    made = 0
    for version in IcpVersion.objects.filter(activated_at__isnull=False, retired_at=None).select_related(
        "icp"
    ):
        for one in found:
            settled = Proposal.objects.filter(
                icp=version.icp, kind=one.kind.value, axis=one.axis.value, value=one.value
            ).exclude(state=ProposalState.DECLINED, decided_at__lt=version.activated_at)
            if settled.exists() or not _can_be_made(version.text, one):
                continue
            _written(version.icp, one, since, until, now)
            made += 1
    return made


def _can_be_made(text: str, one: Proposed) -> bool:
    try:
        changed(text, one.kind, one.axis, one.value, better=one.better, why="because")
    except BadInput:
        return False
    return True


def _written(profile: Icp, one: Proposed, since: date, until: date, now: datetime) -> None:
    own = one.count.hits / one.count.tried
    why = (
        f"{one.count.hits} meetings of {one.count.tried} people ({own:.0%}) against {one.baseline:.0%} overall,"
        f" {since:%d %B} to {until:%d %B %Y}; evidence {one.evidence:,.0f} to 1"
    )
    evidence = {
        "hits": one.count.hits,
        "tried": one.count.tried,
        "baseline": one.baseline,
        "odds": one.evidence,
        "since": since.isoformat(),
        "until": until.isoformat(),
    }
    Proposal.objects.create(
        icp=profile,
        kind=one.kind.value,
        axis=one.axis.value,
        value=one.value,
        better=one.better,
        title=one.title[:200],
        why=why,
        evidence=evidence,
        made_at=now,
    )


@transaction.atomic
def accept(asker: Person, proposal_id: int, origin: str, now: datetime) -> int:
    """Put the change in force as a new version; returns the version. Raises BadInput when it cannot be made.

    A draft that somebody has open is theirs: then this raises Conflict rather than put words into it.
    """
    demand(asker, Verb.ACTIVATE_ICP)
    row = _open(proposal_id)
    latest = IcpVersion.objects.filter(icp=row.icp).order_by("-number").first()
    if latest is None or latest.activated_at is None:
        raise Conflict(
            "Somebody is working on a draft of this profile.", mend="Activate or finish that draft first."
        )
    text = changed(latest.text, Kind(row.kind), Axis(row.axis), row.value, better=row.better, why=row.why)
    reason = f"{row.title}: {row.why}"
    version = icp.start_draft(asker, row.icp_id, origin, now)
    icp.save_draft(asker, version, IcpVersion.objects.get(id=version).edits, text, reason, origin, now)
    icp.activate(asker, version, reason, origin, now)
    _decided(asker, row, ProposalState.ACCEPTED, "", now)
    row.version_id = version
    row.save(update_fields=["version"])
    return version


@transaction.atomic
def decline(asker: Person, proposal_id: int, note: str, now: datetime) -> None:
    """Leave the profile as it is, and say why."""
    demand(asker, Verb.EDIT_ICP)
    if not note.strip():
        raise BadInput("Say why.", where="note", mend="One line will do: the next reader will ask.")
    _decided(asker, _open(proposal_id), ProposalState.DECLINED, note.strip(), now)


def _open(proposal_id: int) -> Proposal:
    row = (
        Proposal.objects.select_for_update(of=("self",)).select_related("icp").filter(id=proposal_id).first()
    )
    if row is None:
        raise NotFound("There is no such proposal.")
    if row.state != ProposalState.OPEN:
        raise Conflict(f"This proposal was {row.state} already.", mend="Nothing was changed.")
    return row


def _decided(asker: Person, row: Proposal, state: ProposalState, note: str, now: datetime) -> None:
    row.state, row.decided_at, row.decided_by_id, row.note = state, now, asker.id, note
    row.save(update_fields=["state", "decided_at", "decided_by", "note"])
    verb = "accept proposal" if state == ProposalState.ACCEPTED else "decline proposal"
    record(asker, verb, "proposal", row.pk, row.title, now=now, reason=note or row.why, after=row.evidence)
