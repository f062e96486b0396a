"""HTML as the text a person sees, quoted blocks marked like in plain mail; nothing is run or fetched."""

from __future__ import annotations

import html
import re

MAX_HTML = 1_000_000
MAX_OUT = 400_000

CUT = "\x1e"
"""A line of its own where a mail client began the quoted history; `quoting` cuts there."""

_SKIPPED = frozenset({"style", "script", "head", "title", "noscript", "svg", "object", "template"})
_BREAKS = frozenset(
    {
        "p",
        "div",
        "br",
        "tr",
        "li",
        "ul",
        "ol",
        "table",
        "h1",
        "h2",
        "h3",
        "h4",
        "h5",
        "h6",
        "hr",
        "pre",
        "blockquote",
    }
)
_PARAGRAPHS = frozenset({"p", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol"})
# Wrappers that clients put around the history: Gmail, Outlook, Yahoo, Thunderbird, Proton, Zimbra.
_HISTORY = re.compile(
    r"gmail_quote(?!_attribution)|gmail_extra|yahoo_quoted|protonmail_quote|moz-cite-prefix|divRplyFwdMsg|"
    r"mail-editor-reference-message-container|ms-outlook-mobile-reference|OutlookMessageHeader|zwchr|"
    r"reply-intro|appendonsend|isForwardContent|AOLMsgPart|tutanota_quote",
    re.IGNORECASE,
)
_SIGNATURE = re.compile(
    r"gmail_signature|ms-outlook-mobile-signature|moz-signature|id=.Signature|protonmail_signature",
    re.IGNORECASE,
)
_CLOSING = re.compile(
    r"</\s{0,5}(style|script|head|title|noscript|svg|object|template)", re.IGNORECASE | re.ASCII
)
_TAG = re.compile(r"<\s*(/?)\s*([A-Za-z][A-Za-z0-9:]{0,30})")


def text_of_html(source: str) -> str:  # noqa: C901 - one pass over the source, one case per kind of piece
    """Linear in the length of the source, whatever its tags look like."""
    source = source[:MAX_HTML]
    out: list[str] = []
    size = at = quote = 0
    skipping = ""
    # Where each skipped element ends for the last time: an unclosed <style> must not swallow the message.
    ends = {match.group(1).lower(): match.start() for match in _CLOSING.finditer(source)}
    while at < len(source) and size < MAX_OUT:
        lt = source.find("<", at)
        if lt < 0:
            lt = len(source)
        if lt > at and not skipping:
            words = re.sub(r"[ \t\r\n\f]+", " ", html.unescape(source[at:lt]))
            out.append(words)
            size += len(words)
        if lt == len(source):
            break
        if source.startswith("<!--", lt):
            end = source.find("-->", lt + 4)
            at = len(source) if end < 0 else end + 3
            continue
        gt = source.find(">", lt)
        if gt < 0:
            break
        tag = source[lt : min(gt, lt + 2000)]
        at = gt + 1
        match = _TAG.match(tag)
        if match is None:
            continue
        closing, name = bool(match.group(1)), match.group(2).lower()
        if skipping:
            if closing and name == skipping:
                skipping = ""
            continue
        if name in _SKIPPED:
            if not closing and not tag.endswith("/") and ends.get(name, -1) >= at:
                skipping = name
            continue
        out.append(_layout(name, tag, closing=closing))
        if name == "blockquote":
            quote = max(0, quote - 1) if closing else min(quote + 1, 20)
            out.append(f"\x1d{quote}\n")
    return _lines("".join(out))


def _layout(name: str, tag: str, *, closing: bool) -> str:
    before = ""
    if not closing and name in ("div", "blockquote", "hr", "table", "span", "p", "section"):
        if _HISTORY.search(tag):
            before = f"\n{CUT}\n"
        elif _SIGNATURE.search(tag):
            before = "\n-- \n"
    if name in _PARAGRAPHS:
        return before + ("\n" if closing else "\n\n" if name == "p" else "\n")
    if name == "td" or name == "th":
        return before + " "
    if name in _BREAKS:
        return before + ("\n- " if name == "li" and not closing else "\n")
    return before


def _lines(text: str) -> str:
    """Quote depth, carried as `\\x1dN` lines, becomes leading `>` marks; runs of blank lines become one."""
    out: list[str] = []
    depth = 0
    for raw in text.replace("\xa0", " ").split("\n"):
        # Not all of what `strip` takes off is space here: it would take the marks off too.
        line = raw.strip(" \t\r\f\v")
        if line.startswith("\x1d"):
            depth = int(line[1:]) if line[1:].isdecimal() else depth
            continue
        if not line and (not out or not out[-1].strip("> ")):
            continue
        out.append(
            ("> " * depth + line).rstrip()
            if line != CUT and line != "--"
            else ("-- " if line == "--" else line)
        )
    return "\n".join(out).strip("\n")
