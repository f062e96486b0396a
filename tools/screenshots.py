"""Take the guide's pictures: each page in light and dark, some on a phone, into docs/pictures.

    .venv/bin/python tools/screenshots.py [folder [page ...]]

Starts a workspace of its own in a temporary folder, brings in the sample lists as a newcomer would, and
walks the pages in Chromium. Run it when a page changes; the pictures are committed.
"""

from __future__ import annotations

import os
import socket
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from wsgiref.simple_server import WSGIRequestHandler, make_server

from playwright.sync_api import Page, sync_playwright
from reach_pictures import furnish_reach

if TYPE_CHECKING:
    from panout.team.rules import Person

ROOT = Path(__file__).resolve().parent.parent
PICTURES = ROOT / "docs" / "pictures"
LISTS = ("companies-previous.csv", "companies.csv", "people.csv", "signals.csv")
PASSWORD = "pan for gold 1849"  # noqa: S105 - of a workspace that lives for a minute
CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
PHONE = (
    "prospects", "account", "approvals", "stand", "research-card", "approach", "mailbox", "outbox",
    "today", "cadence", "why", "enrol",
)  # fmt: skip


def main() -> None:
    """Everything, in a minute or two."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else PICTURES
    folder.mkdir(parents=True, exist_ok=True)
    state = tempfile.mkdtemp(prefix="panout-pictures-")
    Path(state).chmod(0o711)
    os.environ |= {"PANOUT_STATE": state, "PANOUT_LOG_LEVEL": "ERROR", "DJANGO_ALLOW_ASYNC_UNSAFE": "1"}
    from panout.flow import database

    with database.up():
        database.migrate()
        places = furnish()
        if len(sys.argv) > 2:
            places = {name: place for name, place in places.items() if name in sys.argv[2:]}
        with served() as address:
            take(address, places, folder)
    size = sum(path.stat().st_size for path in folder.glob("*.png"))
    print(f"{len(list(folder.glob('*.png')))} pictures, {size / 1024**2:.1f} MB, in {folder}")


def furnish() -> dict[str, str]:
    """A workspace with the sample lists in it; returns the addresses to picture, by name."""
    from pictures_of_cadences import furnish_cadences
    from pictures_of_mail import furnish_mail

    from panout.flow import importing, scoring
    from panout.icp import actions as icp
    from panout.icp.queries import shipped_text
    from panout.qualify.queries import ListFilter, prospects
    from panout.resolve import actions as resolve
    from panout.segments import actions as segments
    from panout.sources import actions as sources
    from panout.sources.queries import preview, shipped_list, shipped_lists
    from panout.team import actions as team
    from panout.team import queries as people
    from panout.team.rules import Role

    now = datetime.now(UTC)  # noqa: TID251
    olga = people.member(
        team.create_owner("Olga Brandt", "olga@panout.example", PASSWORD, "Europe/Berlin", now)
    ).person
    for name, role in (("Theo Marsh", Role.SDR), ("Nadia Okafor", Role.AE), ("Jonas Weber", Role.SDR)):
        secret = team.invite(olga, f"{name.split()[0].lower()}@panout.example", role, None, "pictures", now)
        team.accept_invitation(secret, name, PASSWORD, "UTC", now)
    profile = icp.create_icp(olga, "Data observability", shipped_text("b2b-software"), "pictures", now)
    icp.activate(olga, profile, "Fintechs closed twice as often.", "pictures", now)
    imported = 0
    for name in [one for one in LISTS if one in shipped_lists()]:
        path = shipped_list(name)
        imported = sources.upload(olga, name, [path.read_bytes()], 10**8, "pictures", now)
        seen = preview(imported)
        columns = {column.header: column.field for column in seen.columns}
        sources.map_columns(olga, imported, columns, tags=[], content=seen.content, now=now)
        sources.commit(olga, imported, "pictures", now)
        importing.work_on_one("pictures")
    fresh = sources.upload(
        olga, "people.csv", [shipped_list("people.csv").read_bytes()], 10**8, "pictures", now
    )
    told = sources.upload(
        olga, "signals.csv", [shipped_list("signals.csv").read_bytes()], 10**8, "pictures", now
    )
    looked = sources.upload(
        olga, "attendees.jsonl", [shipped_list("attendees.jsonl").read_bytes()], 10**8, "pictures", now
    )
    sources.check(olga, looked, "pictures", now)
    importing.work_on_one("pictures")
    scoring.score_everybody()
    best = prospects(olga, ListFilter(), now.date(), limit=60).rows
    first = next((one for one in best if one.account_id and one.contact_id), None)
    reps = [one.id for one in people.reps()]
    for place, one in enumerate(best[:40]):
        if one.contact_id:
            owner = reps[place % len(reps)]
            resolve.assign(olga, owner, contact_ids=[one.contact_id], origin="pictures", now=now)
    if first and first.account_id:
        resolve.write_note(
            olga, "Their data team doubled this year; the auditors come in March.",
            account_id=first.account_id, origin="pictures", now=now,
        )  # fmt: skip
    steer(olga, now)
    segments.create(
        olga, "Cloud warehouses that hire", "accounts",
        'technologies any of ("Snowflake", "BigQuery") and employees between 50 and 1000', "", "pictures", now,
    )  # fmt: skip
    team.seal_ledger(now)
    return furnish_reach(olga, now) | {
        **furnish_mail(olga, now),
        **furnish_cadences(olga, now),
        "prospects": "/prospects",
        "account": f"/accounts/{first.account_id}" if first else "/accounts",
        "contact": f"/contacts/{first.contact_id}" if first else "/contacts",
        "accounts": "/accounts",
        "contacts": "/contacts",
        "signals": "/signals",
        "lists": "/imports",
        "mapping": f"/imports/{fresh}",
        "signals-mapping": f"/imports/{told}",
        "look-first": f"/imports/{looked}",
        "new-list": "/imports/new",
        "import": f"/imports/{imported}",
        "search": "/search?q=nimbs",
        "gate": "/gate",
        "review": "/review",
        "profile": "/profiles/1",
        "editor": f"/profiles/versions/{profile}/edit",
        "segment": "/segments/1",
        "pipeline": "/team",
        "rules": "/team/rules",
        "people": "/team/people",
        "ledger": "/ledger",
    }


def steer(olga: Person, now: datetime) -> None:
    """Rules of who gets whom, what the calls taught, and pairs to settle."""
    from panout.qualify import handing, strikes
    from panout.qualify.handing import Wish
    from panout.qualify.strikes import Mark
    from panout.qualify.turns import Target
    from panout.resolve import actions as resolve
    from panout.resolve import queries
    from panout.resolve.models import Account, Match
    from panout.team import actions as team
    from panout.team import queries as people

    members = {one.name: one.id for one in people.reps()}
    team.make_team(olga, "DACH", "pictures", now)
    dach = people.teams()[0].id
    for name in ("Theo Marsh", "Jonas Weber"):
        team.set_team(olga, members[name], dach, "pictures", now)
    chiefs, german = 'title has word any of ("cto", "ceo", "cfo", "chief")', 'country in ("DE", "AT", "CH")'
    for wish in (
        Wish("Chief officers", chiefs, Target.REP, members["Nadia Okafor"]),
        Wish("German-speaking", german, Target.TEAM, None, dach),
        Wish("Everybody else", "", Target.EVERYBODY),
    ):
        handing.save_rule(olga, None, 0, wish, "pictures", now)
    told = (
        ("Only six people there, nobody who works with data.", "no data team", "employees <= 20"),
        ("Too small; they will look at it in a year.", "no data team", "employees <= 20"),
        ("Bought from a rival until 2029.", "has a rival's product", ""),
    )
    for account, (words, reason, criteria) in enumerate(told, start=1):
        resolve.write_note(olga, words, account_id=account, origin="pictures", now=now)
        line = next(one for one in queries.timeline(olga, account_id=account).rows if one.kind == "note")
        strikes.strike(olga, Mark(reason, criteria, line.id), "pictures", now)
    why = [{"text": "the names differ only by their legal form"}, {"text": "the same city"}]
    for older in Account.objects.order_by("id")[10:13]:
        name = (older.company_name or "").rsplit(" ", 1)[0]
        twin = resolve.add_account(
            olga,
            {"company_name": name, "city": older.city, "country": older.country, "industry": older.industry},
            "pictures", now,
        )  # fmt: skip
        Match.objects.create(
            left_account=older, right_account_id=twin, probability=0.94, found_at=now, reasons=why
        )


class _Quiet(WSGIRequestHandler):
    """Pictures need no access log."""

    def log_message(self, *_told: object) -> None:
        return


@contextmanager
def served() -> Iterator[str]:
    """The pages on a free port of this machine, for the length of the block."""
    from panout.web.wsgi import application

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = make_server("127.0.0.1", port, application, handler_class=_Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        server.shutdown()
        server.server_close()


def take(address: str, places: dict[str, str], folder: Path) -> None:
    """One picture of each place: light, dark, and for some a phone."""
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for look, width, height in (("light", 1280, 800), ("dark", 1280, 800), ("phone", 390, 844)):
            context = browser.new_context(
                base_url=address,
                viewport={"width": width, "height": height},
                color_scheme="dark" if look == "dark" else "light",
                reduced_motion="reduce",
            )
            page = context.new_page()
            if look == "light":
                shoot(page, "/account/login/", folder / "sign-in-light.png")
            page.goto("/account/login/")
            page.fill("[name=login]", "olga@panout.example")
            page.fill("[name=password]", PASSWORD)
            page.click("main button")
            for name, place in places.items():
                if look != "phone" or name in PHONE:
                    shoot(page, place, folder / f"{name}-{look}.png")
            context.close()
        browser.close()


def shoot(page: Page, place: str, path: Path) -> None:
    """The part of the page that a screen shows, once its late parts have come; 128 colours are plenty."""
    answer = page.goto(place)
    if answer is None or not answer.ok:
        sys.exit(f"{place} answers {answer.status if answer else 'nothing'}: no picture of that.")
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path)
    _fewer_colours(path)


def _fewer_colours(path: Path) -> None:
    from PIL import Image

    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(128, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


if __name__ == "__main__":
    main()
