"""Verbs about profiles.

create_icp(asker, name, text, origin, now) -> int            a profile with its first draft; the version's id
start_draft(asker, icp_id, origin, now) -> int               a copy of the latest version to work on
save_draft(asker, version_id, edits, text, reason, origin, now) -> int    the new `edits`, or Conflict
activate(asker, version_id, reason, origin, now)             the flow re-scores the book afterwards
set_owners(asker, icp_id, ae_id, sdr_id, origin, now), retire(asker, icp_id, origin, now)
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from panout.icp.models import Icp, IcpVersion
from panout.icp.rules.reading import read_icp
from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.team.actions import record
from panout.team.queries import member
from panout.team.rules import Person, Verb, demand

LONGEST_TEXT = 200_000


@transaction.atomic
def create_icp(asker: Person, name: str, text: str, origin: str, now: datetime) -> int:
    demand(asker, Verb.EDIT_ICP)
    clean = " ".join(name.split())[:120]
    if not clean:
        raise BadInput("A profile needs a name.", where="name")
    if Icp.objects.filter(name__iexact=clean).exists():
        raise Conflict(f"There is a profile called {clean} already.")
    icp = Icp.objects.create(name=clean, created_at=now)
    version = IcpVersion.objects.create(
        icp=icp, number=1, text=_fitting(text), author_id=asker.id, created_at=now
    )
    record(asker, "create profile", "icp", icp.pk, clean, now=now, origin=origin)
    return version.pk


@transaction.atomic
def start_draft(asker: Person, icp_id: int, origin: str, now: datetime) -> int:
    """The draft that is open already, else a copy of the latest version."""
    demand(asker, Verb.EDIT_ICP)
    icp = _locked(icp_id)
    latest = icp.versions.order_by("-number").first()
    if latest is not None and latest.activated_at is None and latest.retired_at is None:
        return latest.pk
    number, text = (latest.number + 1, latest.text) if latest else (1, "")
    version = IcpVersion.objects.create(icp=icp, number=number, text=text, author_id=asker.id, created_at=now)
    record(asker, "start draft", "icp", icp.pk, f"{icp.name} {number}", now=now, origin=origin)
    return version.pk


@transaction.atomic
def save_draft(
    asker: Person, version_id: int, edits: int, text: str, reason: str, origin: str, now: datetime
) -> int:
    """Keep the words, whether or not they read as a profile yet."""
    demand(asker, Verb.EDIT_ICP)
    row = (
        IcpVersion.objects.select_for_update(of=("self",)).select_related("icp").filter(id=version_id).first()
    )
    if row is None:
        raise NotFound("There is no such version.")
    if row.activated_at is not None or row.retired_at is not None:
        raise Conflict("This version is in force or was; it cannot change.", mend="Start a new draft.")
    if row.edits != edits:
        raise Conflict(
            "Somebody else saved this draft meanwhile.", mend="Look at theirs, then put your change on top."
        )
    before = row.text
    row.text, row.reason, row.author_id = _fitting(text), reason.strip(), asker.id
    row.edits += 1
    row.save(update_fields=["text", "reason", "author", "edits"])
    record(
        asker,
        "save draft",
        "icp",
        row.icp_id,
        f"{row.icp.name} {row.number}",
        now=now,
        origin=origin,
        reason=reason,
        before={"text": before},
        after={"text": row.text},
    )
    return row.edits


@transaction.atomic
def activate(asker: Person, version_id: int, reason: str, origin: str, now: datetime) -> None:
    """Put a draft in force in place of the version before it. Raises IcpError when it does not read."""
    demand(asker, Verb.ACTIVATE_ICP)
    found = IcpVersion.objects.filter(id=version_id).values_list("icp_id", flat=True).first()
    if found is None:
        raise NotFound("There is no such version.")
    icp = _locked(found)
    row = IcpVersion.objects.select_for_update().get(id=version_id)
    if row.activated_at is not None or row.retired_at is not None:
        raise Conflict("This version is in force already, or was.")
    read_icp(row.text, icp.name)
    icp.versions.filter(activated_at__isnull=False, retired_at=None).update(retired_at=now)
    row.activated_at, row.activated_by_id = now, asker.id
    row.reason = reason.strip() or row.reason
    row.save(update_fields=["activated_at", "activated_by", "reason"])
    icp.next_review_on = (now + timedelta(days=icp.review_every_days)).date()
    icp.save(update_fields=["next_review_on"])
    record(
        asker,
        "activate profile",
        "icp",
        icp.pk,
        f"{icp.name} {row.number}",
        now=now,
        origin=origin,
        reason=reason,
    )


@transaction.atomic
def set_owners(
    asker: Person, icp_id: int, ae_id: int | None, sdr_id: int | None, origin: str, now: datetime
) -> None:
    """An AE and an SDR own a profile together. Raises NotFound for who is nobody here."""
    demand(asker, Verb.EDIT_ICP)
    for owner in (ae_id, sdr_id):
        if owner is not None:
            member(owner)
    icp = _locked(icp_id)
    before: dict[str, object] = {"ae": icp.ae_id, "sdr": icp.sdr_id}
    icp.ae_id, icp.sdr_id = ae_id, sdr_id
    icp.save(update_fields=["ae", "sdr"])
    record(
        asker,
        "set profile owners",
        "icp",
        icp.pk,
        icp.name,
        now=now,
        origin=origin,
        before=before,
        after={"ae": ae_id, "sdr": sdr_id},
    )


@transaction.atomic
def retire(asker: Person, icp_id: int, origin: str, now: datetime) -> None:
    """Nobody is scored by it any more; its versions stay readable."""
    demand(asker, Verb.ACTIVATE_ICP)
    icp = _locked(icp_id)
    icp.retired_at = now
    icp.save(update_fields=["retired_at"])
    icp.versions.filter(activated_at__isnull=False, retired_at=None).update(retired_at=now)
    record(asker, "retire profile", "icp", icp.pk, icp.name, now=now, origin=origin)


def _locked(icp_id: int) -> Icp:
    icp = Icp.objects.select_for_update().filter(id=icp_id).first()
    if icp is None:
        raise NotFound("There is no such profile.")
    return icp


def _fitting(text: str) -> str:
    if len(text) > LONGEST_TEXT:
        raise BadInput(f"A profile has at most {LONGEST_TEXT:,} letters.", where="text")
    return text
