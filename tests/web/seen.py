"""What a reader sees of an answer."""

from __future__ import annotations

import re

from django.http import HttpResponse


def text_of(answer: HttpResponse) -> str:
    """What a reader sees: the page without its tags."""
    assert answer.status_code == 200, answer.content[:500]
    page = answer.content.decode()
    main = page[page.find("<main") :] if "<main" in page else page
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", main))
