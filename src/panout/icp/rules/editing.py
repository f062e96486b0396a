"""One more disqualifier in a profile's text; every other line stays as somebody wrote it."""

from __future__ import annotations

import json
import re

_KEY = "disqualifiers:"
_TOP = re.compile(r"^[^\s#-]")  # a line that begins another part of the file
_ITEM = re.compile(r"^(\s*)- ")


def with_disqualifier(text: str, name: str, rule: str, reason: str) -> str:
    """The profile's text with the rule as its last disqualifier. Values are quoted, so that any words are safe."""
    lines = text.splitlines()
    at = next((place for place, line in enumerate(lines) if line.startswith(_KEY)), None)
    if at is None:
        return "\n".join([*lines, "", _KEY, *_entry("  ", name, rule, reason), ""])
    if lines[at].removeprefix(_KEY).split("#")[0].strip() in {"[]", "null", "~"}:
        lines[at] = _KEY
    end = next((place for place in range(at + 1, len(lines)) if _TOP.match(lines[place])), len(lines))
    while end > at + 1 and not lines[end - 1].strip():
        end -= 1
    # Remarks above the next part belong to that part.
    while end > at + 1 and lines[end - 1].startswith("#"):
        end -= 1
    indents = [found.group(1) for line in lines[at + 1 : end] if (found := _ITEM.match(line))]
    entry = _entry(indents[0] if indents else "  ", name, rule, reason)
    return "\n".join([*lines[:end], *entry, *lines[end:], ""])


def _entry(indent: str, name: str, rule: str, reason: str) -> list[str]:
    parts = (("name", name), ("rule", rule), ("reason", reason))
    told = [f"{key}: {json.dumps(' '.join(value.split()), ensure_ascii=False)}" for key, value in parts]
    return [f"{indent}- {told[0]}", *(f"{indent}  {one}" for one in told[1:])]
