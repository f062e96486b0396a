"""Text as people type it into cells: invisible characters, stray spaces, words that mean "nothing here"."""

from __future__ import annotations

import html
import re
import unicodedata

# A cell that says one of these says nothing. Kept short on purpose: "NA" is also Namibia, but in lists it is
# nearly always the mark that a spreadsheet or pandas leaves for an empty cell.
NOTHING = frozenset(
    {
        "",
        "-",
        "--",
        "---",
        "–",
        "—",
        ".",
        "?",
        "n/a",
        "#n/a",
        "na",
        "n.a.",
        "n.a",
        "nan",
        "nil",
        "null",
        "(null)",
        "none",
        "undefined",
        "unknown",
        "not available",
        "not provided",
        "not specified",
        "tbd",
        "(blank)",
        "[]",
        "{}",
        "k.a.",
        "k. a.",
        "#ref!",
        "#value!",
        "#name?",
        "\\n",
        "no data",
    }
)

# Names that are words for nothing elsewhere ("Null", "Nil", "Na" are surnames).
NOTHING_IN_NAMES = NOTHING - {"null", "nil", "na", "none"}

# Cells that need no care: printable ASCII, single spaces inside, none outside, no HTML entity. The batch path
# (`files.normal`) lets the same cells pass untouched, so keep it in step.
_CLEAN = re.compile(r"^[!-%'-~]+(?: [!-%'-~]+)*$")

_SPACES = re.compile(r"\s+")
_INVISIBLE = re.compile(
    "[\x00-\x08\x0e-\x1f\x7f\x80-\x84\x86-\x9f\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2064\ufeff]"
)
_MOJIBAKE = re.compile("Ã[\x80-\xbf\u2018-\u2122\u0152-\u0178\u0192]|â€|Â[\xa0-\xbf]")


def tidy(cell: str) -> str:
    """The same words without invisible characters, doubled spaces, HTML entities and double-encoded
    letters."""
    if _CLEAN.fullmatch(cell):
        return cell
    text = html.unescape(cell) if "&" in cell and ";" in cell else cell
    text = _SPACES.sub(" ", _INVISIBLE.sub("", text)).strip()
    if _MOJIBAKE.search(text):
        text = _repaired(text)
    return unicodedata.normalize("NFC", text)


def stated(cell: str | None) -> str | None:
    """The tidy text, or None when the cell says nothing."""
    if cell is None:
        return None
    text = tidy(cell)
    return None if text.lower() in NOTHING else text


def fold(text: str) -> str:
    """Lower case without accents, for comparing. `ß` is `ss`, `ø` is `o`; punctuation stays."""
    if text.isascii():
        return text.lower()
    plain = text.casefold().translate(_LETTERS)
    return "".join(c for c in unicodedata.normalize("NFKD", plain) if not unicodedata.combining(c))


def words(text: str) -> list[str]:
    """Folded words: letters and digits of any script, in order."""
    return _WORDS.findall(fold(text))


def _repaired(text: str) -> str:
    """UTF-8 once read as Windows-1252 ("MÃ¼ller"): read the bytes again, if they do make UTF-8."""
    try:
        return text.encode("cp1252").decode("utf-8")
    except (UnicodeEncodeError, UnicodeDecodeError):
        return text


_WORDS = re.compile(r"[^\W_]+")
_LETTERS = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "đ": "d", "ð": "d", "þ": "th", "ł": "l", "ı": "i", "ħ": "h"}
)
