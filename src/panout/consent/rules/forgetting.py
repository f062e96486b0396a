"""Finding an erased person's names in any text, and taking them out."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

import phonenumbers

ERASED = "(erased)"
_GAP = r"[\s()./-]{0,3}"
_MASK = re.compile(r"\w")

Json = str | int | float | bool | None | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True)
class Names:
    """All that one person goes by and nobody else does."""

    emails: frozenset[str] = frozenset()
    phones: frozenset[str] = frozenset()
    links: frozenset[str] = frozenset()
    full: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.emails or self.phones or self.links or self.full)


def pattern(names: Names) -> str:
    """A regular expression for every spelling, the same for Python and PostgreSQL; ignore case with it."""
    parts = [
        *(re.escape(email) for email in sorted(names.emails)),
        *(_number(phone) for phone in sorted(names.phones)),
        *(_link(link) for link in sorted(names.links)),
        *(form for full in sorted(names.full) for form in _orders(full)),
    ]
    return "|".join(parts)


def _number(phone: str) -> str:
    """With or without the country, grouped as may be: +49 (0)30 1234-567 is 0301234567."""
    try:
        parsed = phonenumbers.parse(phone, None)
    except phonenumbers.NumberParseException:
        return re.escape(phone)
    own = _GAP.join(str(parsed.national_number))
    return rf"(?:\+?{parsed.country_code}{_GAP}(?:\(?0\)?{_GAP})?|0)?{own}"


def _link(link: str) -> str:
    bare = re.sub(r"^(?:https?://)?(?:www\.)?", "", link.strip().lower()).rstrip("/")
    return rf"(?:https?://)?(?:www\.)?{re.escape(bare)}/?"


def _orders(full: str) -> Iterable[str]:
    words = [re.escape(word) for word in full.split()]
    yield r"\s+".join(words)
    if len(words) > 1:
        yield rf"{words[-1]},?\s+" + r"\s+".join(words[:-1])


class Redactor:
    """Takes the names out of values of any shape."""

    def __init__(self, names: Names) -> None:
        self.expression = pattern(names)
        self._find = re.compile(rf"(?<![\w@])(?:{self.expression})(?!\w)", re.IGNORECASE)

    def hits(self, text: str) -> bool:
        return bool(self._find.search(text))

    def text(self, text: str) -> str:
        return self._find.sub(ERASED, text)

    def json(self, value: Json) -> Json:
        match value:
            case str():
                return self.text(value)
            case list():
                return [self.json(one) for one in value]
            case dict():
                return {self.text(key): self.json(one) for key, one in value.items()}
            case _:
                return value

    def rows(self, text: str) -> str:
        """A list's own text: a row that names the person is masked as a whole, its separators stay."""
        return "".join(
            _MASK.sub("x", line) if self._find.search(line) else line
            for line in text.splitlines(keepends=True)
        )

    def marked(self, text: str) -> str:
        """Text with brackets and tags (JSON, XML): only the names go, so that it can still be read."""
        return self._find.sub(lambda found: _MASK.sub("x", found.group()), text)
