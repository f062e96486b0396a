"""Take the pictures of a market that is played: board, campaign, review, answers, meetings; into docs/pictures.

    .venv/bin/python tools/show_pictures.py [--days 13] [--seed 2] [--at URL] [folder]

Starts a show of its own, lets it run fast until the board judges its first campaigns, pauses it, and walks the
pages in Chromium. With `--at` it looks at a show that runs already.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
from playwright.sync_api import Page, sync_playwright
from screenshots import ARGUMENTS, CHROMIUM, PICTURES, ROOT, shoot

PORT = 8123
PLACES = {
    "show": "/prospects",
    "board": "/board",
    "campaigns": "/campaigns",
    "campaign": "/campaigns/1",
    "weekly": "/weekly",
    "answers": "/inbox?state=all",
    "meetings": "/meetings",
    "opportunities": "/opportunities",
}
PHONE = ("board", "weekly", "campaign", "meetings", "opportunities")


def main() -> None:
    """Play, wait, look."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path, nargs="?", default=PICTURES)
    asked.add_argument("--days", type=int, default=13)
    asked.add_argument("--seed", type=int, default=2)
    asked.add_argument("--at")
    told = asked.parse_args()
    if told.at:
        take(told.at, told.days, told.folder)
        return
    with played(told.seed) as address:
        take(address, told.days, told.folder)


@contextmanager
def played(seed: int) -> Iterator[str]:
    """A show on a port of its own, for the length of the block."""
    address = f"http://127.0.0.1:{PORT}"
    market = ROOT / "examples" / "markets" / "data-tools.yaml"
    words = ["sandbox", "show", "--market", str(market), "--seed", str(seed), "--port", str(PORT)]
    player = subprocess.Popen([sys.executable, "-m", "panout", *words])
    try:
        while not answers(address):
            if player.poll() is not None:
                raise SystemExit("the show did not start")
            time.sleep(1)
        yield address
    finally:
        player.terminate()  # also where the starter shut Ctrl-C out
        player.wait(60)


def answers(address: str) -> bool:
    """Whether pages are served yet."""
    try:
        return httpx.get(f"{address}/account/login/").status_code == 200
    except httpx.TransportError:
        return False


def take(address: str, days: int, folder: Path) -> None:
    """Every picture: light, dark, and some on a phone."""
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        for look, width, height in (("light", 1360, 850), ("dark", 1360, 850), ("phone", 390, 844)):
            context = browser.new_context(
                base_url=address,
                viewport={"width": width, "height": height},
                color_scheme="dark" if look == "dark" else "light",
                reduced_motion="reduce",
            )
            page = context.new_page()
            page.goto("/account/login/")
            page.click("text=Look around")
            until_day(page, days)
            for name, place in PLACES.items():
                if name == "board":
                    page.goto("/prospects")
                    page.click("text=Skip the tour")
                if look != "phone" or name in PHONE:
                    shoot(page, place, folder / f"{name}-{look}.png")
            context.close()
        browser.close()


def until_day(page: Page, days: int) -> None:
    """Fast, then paused."""
    while int(re.sub(r"\D", "", page.inner_text("#show .when .small"))) < days:
        if page.get_attribute("[aria-label=Faster]", "aria-pressed") == "false":
            page.click("[aria-label=Faster]")
        time.sleep(3)
        page.reload()
    if page.query_selector("[aria-label=Pause]"):
        page.click("[aria-label=Pause]")
        page.wait_for_selector("[aria-label='Go on']")


if __name__ == "__main__":
    main()
