"""Questions about profiles.

profiles() -> tuple[ProfileLine, ...]            each with its active version
versions(icp_id) -> tuple[VersionLine, ...]      newest first
version(version_id) -> VersionCard               text and the profile read from it; raises NotFound
reviews_due(today) -> tuple[ReviewDue, ...]      profiles in force of which the review day has come
active() -> tuple[VersionCard, ...]              the versions in force, one a profile
shipped() -> tuple[str, ...], shipped_text(name), shipped_profile(name)   the examples that come with Panout
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from pathlib import Path

from panout.icp.models import Icp, IcpVersion
from panout.icp.rules.profile import Icp as Profile
from panout.icp.rules.reading import read_icp
from panout.kernel.errors import NotFound

EXAMPLES = Path(__file__).resolve().parents[3] / "examples" / "icp"


@dataclass(frozen=True, slots=True)
class ProfileLine:
    id: int
    name: str
    ae: str
    sdr: str
    next_review_on: date | None
    active_version: int | None  # its number
    active_version_id: int | None
    draft_id: int | None
    retired: bool


@dataclass(frozen=True, slots=True)
class VersionLine:
    id: int
    number: int
    author: str
    reason: str
    created_at: datetime
    activated_at: datetime | None
    retired_at: datetime | None


@dataclass(frozen=True, slots=True)
class VersionCard:
    """One version, in its words and as rules read it."""

    id: int
    icp_id: int
    name: str
    number: int
    text: str
    edits: int  # hand back when saving: somebody else may have saved meanwhile
    author: str
    reason: str
    created_at: datetime
    activated_at: datetime | None
    retired_at: datetime | None

    @property
    def profile(self) -> Profile:
        """The rules. Raises IcpError for a draft that does not read."""
        return read_icp(self.text, self.name).icp


def profiles() -> tuple[ProfileLine, ...]:
    lines = []
    rows = IcpVersion.objects.select_related("icp__ae", "icp__sdr").order_by("icp__name", "icp", "number")
    for icp, of_icp in groupby(rows.defer("text")[:2000], key=lambda row: row.icp):
        versions = list(of_icp)
        live = [v for v in versions if v.activated_at and not v.retired_at]
        drafts = [v for v in versions if not v.activated_at and not v.retired_at]
        lines.append(
            ProfileLine(
                icp.pk,
                icp.name,
                icp.ae.name if icp.ae else "",
                icp.sdr.name if icp.sdr else "",
                icp.next_review_on,
                live[0].number if live else None,
                live[0].pk if live else None,
                max((v.pk for v in drafts), default=None),
                icp.retired_at is not None,
            )
        )
    return tuple(lines)


def versions(icp_id: int) -> tuple[VersionLine, ...]:
    rows = IcpVersion.objects.select_related("author").filter(icp_id=icp_id).order_by("-number")[:200]
    return tuple(
        VersionLine(
            row.pk,
            row.number,
            row.author.name if row.author else "Panout",
            row.reason,
            row.created_at,
            row.activated_at,
            row.retired_at,
        )
        for row in rows
    )


def version(version_id: int) -> VersionCard:
    row = IcpVersion.objects.select_related("icp", "author").filter(id=version_id).first()
    if row is None:
        raise NotFound("There is no such version.")
    return _card(row)


@dataclass(frozen=True, slots=True)
class ReviewDue:
    icp_id: int
    name: str
    due_on: date
    owners: tuple[int, ...]  # users: the AE and the SDR, as far as there are


def reviews_due(today: date) -> tuple[ReviewDue, ...]:
    rows = Icp.objects.filter(retired_at=None, next_review_on__lte=today).order_by("id")[:200]
    return tuple(
        ReviewDue(row.pk, row.name, row.next_review_on, tuple(one for one in (row.ae_id, row.sdr_id) if one))
        for row in rows
        if row.next_review_on is not None
    )


def active() -> tuple[VersionCard, ...]:
    rows = IcpVersion.objects.select_related("icp", "author")
    rows = rows.filter(activated_at__isnull=False, retired_at=None, icp__retired_at=None).order_by("id")
    return tuple(_card(row) for row in rows[:50])


def shipped() -> tuple[str, ...]:
    """The names of the example profiles."""
    return tuple(sorted(path.stem for path in EXAMPLES.glob("*.yaml")))


def shipped_text(name: str) -> str:
    if name not in shipped():
        raise NotFound(f"No example profile is called '{name[:60]}'.")
    return (EXAMPLES / f"{name}.yaml").read_text("utf-8")


def shipped_profile(name: str) -> Profile:
    """An example as the rules read it."""
    return read_icp(shipped_text(name), name).icp


def _card(row: IcpVersion) -> VersionCard:
    return VersionCard(
        row.pk,
        row.icp_id,
        row.icp.name,
        row.number,
        row.text,
        row.edits,
        row.author.name if row.author else "Panout",
        row.reason,
        row.created_at,
        row.activated_at,
        row.retired_at,
    )
