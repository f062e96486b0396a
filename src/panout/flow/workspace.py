"""What a new workspace begins with, and a demonstration one: fictional people on reserved domains."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from panout.cadence.actions import load_presets
from panout.flow import clock, importing
from panout.icp import actions as profiles
from panout.icp import queries as icps
from panout.kernel.errors import Conflict, Unavailable
from panout.outreach.library import load_playbooks
from panout.sources import actions, queries
from panout.sources.rules.imports import ImportState
from panout.team import actions as team
from panout.team.queries import has_people, member
from panout.team.rules import Person

LISTS = Path(__file__).resolve().parents[3] / "examples" / "lists"
EMAIL, PASSWORD = "demo@panout.example", "pan for gold"
LIMIT = 100 * 1024 * 1024


def stock(owner: Person, now: datetime) -> None:
    """Give a workspace the playbooks, the library and the cadences that ship. Safe to repeat."""
    load_playbooks(owner, now)
    load_presets(owner, now)


def load_demonstration() -> tuple[str, str]:
    """Fill an empty workspace; returns what to sign in with. Raises Conflict when somebody works here."""
    if has_people():
        raise Conflict(
            "This workspace is in use.", mend="Point PANOUT_STATE at a new folder for a demonstration."
        )
    now = clock.now()
    owner = member(team.create_owner("Demi Gold", EMAIL, PASSWORD, "UTC", now)).person
    stock(owner, now)
    version = profiles.create_icp(
        owner, "B2B software", icps.shipped_text("b2b-software"), "demonstration", now
    )
    profiles.activate(owner, version, "Shipped with Panout.", "demonstration", now)
    # The earlier list first: what the later ones show to have changed becomes signals.
    for name in ("companies-previous.csv", "companies.csv", "people.csv", "attendees.jsonl"):
        content = (LISTS / name).read_bytes()
        made = actions.upload(owner, name, [content], LIMIT, "demonstration", now)
        actions.commit(owner, made, "demonstration", now)
        while importing.work_on_one("demonstration") is not None:
            pass
        card = queries.import_card(made)
        if card.state != ImportState.DONE:
            raise Unavailable(f"The example list was not loaded: {card.failure}", where=name)
    return EMAIL, PASSWORD
