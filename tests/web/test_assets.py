"""Style and scripts travel once: their addresses say what is in them, and browsers keep them."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path

import pytest
from django.test import Client

from panout.web.assets import digest_of

pytestmark = pytest.mark.django_db
_KEPT = re.compile(r"max-age=(\d+), public")


def test_what_a_page_loads_may_be_kept_for_a_month_at_least(owner_client: Client) -> None:
    page = owner_client.get("/accounts").content.decode()
    loaded = re.findall(r'(?:<link rel="stylesheet" href|<script src)="([^"]+)"', page)
    assert len(loaded) >= 4
    for address in loaded:
        assert re.search(r"\?v=[0-9a-f]{10}$", address), address
        with closing(owner_client.get(address)) as answer:
            kept = _KEPT.search(answer["Cache-Control"])
        assert kept is not None, address
        assert int(kept.group(1)) >= 30 * 86400


def test_another_content_is_another_address(tmp_path: Path) -> None:
    file = tmp_path / "one.css"
    file.write_text("a { color: red }")
    before = digest_of(file)
    file.write_text("a { color: blue }")
    assert digest_of(file) != before
