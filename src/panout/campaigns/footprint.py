"""How alike the mails of one campaign are: a hundred of them should not look like one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from panout.campaigns.models import Campaign, Member
from panout.kernel.errors import NotFound
from panout.outreach.reviewing import meter
from panout.outreach.rules.footprint import Footprint


@dataclass(frozen=True, slots=True)
class CampaignFootprint:
    """The meter's reading for a campaign as a whole and for each arm, by name."""

    id: int
    name: str
    whole: Footprint
    arms: tuple[tuple[str, Footprint], ...]


def campaign_footprint(campaign_id: int, now: datetime) -> CampaignFootprint:
    """Raises NotFound."""
    campaign = Campaign.objects.filter(id=campaign_id).first()
    if campaign is None:
        raise NotFound("There is no such campaign.")
    people: dict[str, list[int]] = {}
    members = Member.objects.filter(campaign=campaign, arm__isnull=False).select_related("arm").order_by("id")
    for member in members:
        if member.arm is not None:
            people.setdefault(member.arm.name, []).append(member.contact_id)
    everybody = [one for arm in people.values() for one in arm]
    began = campaign.created_at
    return CampaignFootprint(
        campaign.pk,
        campaign.name,
        meter("cadence", now, everybody, began),
        tuple((name, meter("cadence", now, arm, began)) for name, arm in people.items()),
    )
