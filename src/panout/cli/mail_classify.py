"""`panout mail classify`: what each message is, what it says, and why we think so."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import typer
from rich import box
from rich.markup import escape
from rich.table import Table

from panout.cli.voice import out
from panout.flow import clock
from panout.kernel.errors import BadInput, NotFound
from panout.replies.desk import Told, classified

MAX_BYTES = 256 * 1024 * 1024
"""What is read of one file; a message that large is cut, and understood as far as it goes."""

_ENDINGS = frozenset({".eml", ".txt", ".msg", ".mbox", ".mail", ""})


def classify(
    files: Annotated[
        list[Path],
        typer.Argument(
            metavar="FILE...",
            help="Messages (.eml), bare texts (.txt), mailboxes (.mbox), or folders of them.",
            show_default=False,
        ),
    ],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON list instead of a table.")] = False,
    as_of: Annotated[
        str,
        typer.Option(metavar="DATE", help="The date for messages without a Date header (default: today)."),
    ] = "",
) -> None:
    """Tell bounces, complaints, automatic answers and people apart, and what each of them wants."""
    moment = _moment(as_of)
    unread: list[NotFound | BadInput] = []
    told = [classified(name, raw, moment, bare=bare) for name, raw, bare in _messages(files, unread)]
    if as_json:
        typer.echo(json.dumps([one.as_json() for one in told], ensure_ascii=False, indent=2))
    elif told:
        out.print(_table(told))
    elif not unread:
        out.print("No messages: the folder holds no .eml, .txt, .msg, .mbox or .mail file.")
    for one in unread[:-1]:
        typer.echo(f"error: {one}", err=True)
    if unread:
        raise unread[-1]


def _moment(as_of: str) -> datetime:
    if not as_of:
        return clock.now()
    try:
        moment = datetime.fromisoformat(as_of)
    except ValueError as error:
        raise BadInput(f"{as_of!r} is not a date", where="--as-of", mend="Write it as 2026-05-31.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _messages(files: list[Path], unread: list[NotFound | BadInput]) -> Iterator[tuple[str, bytes, bool]]:
    """Name, bytes, and whether it is a bare text, for each message in the given places.

    What cannot be read goes to `unread`: one bad name among many does not cost the others their answer.
    """
    for path in files:
        if not path.exists():
            unread.append(NotFound(f"there is no file {str(path)!r}", where="panout mail classify"))
            continue
        inside = (
            sorted(p for p in path.rglob("*") if p.is_file() and p.suffix.lower() in _ENDINGS)
            if path.is_dir()
            else [path]
        )
        for one in inside:
            try:
                with one.open("rb") as opened:
                    raw = opened.read(MAX_BYTES)
            except OSError as error:
                unread.append(
                    BadInput(f"cannot read {str(one)!r}: {error.strerror}", where="panout mail classify")
                )
                continue
            if one.suffix.lower() == ".mbox":
                for number, message in enumerate(_in_mailbox(raw), start=1):
                    yield f"{one}#{number}", message, False
            else:
                yield str(one), raw, one.suffix.lower() == ".txt"


def _in_mailbox(raw: bytes) -> Iterator[bytes]:
    """Messages of an mbox, parted by `From ` lines; `>From ` inside a body is put back."""
    starts = [match.start() for match in re.finditer(rb"^From (?=\S+ |\S+$)", raw, re.MULTILINE)]
    for start, end in zip(starts, [*starts[1:], len(raw)], strict=True):
        yield re.sub(rb"^>From ", b"From ", raw[start:end], flags=re.MULTILINE)


def _table(told: list[Told]) -> Table:
    table = Table(box=box.SIMPLE_HEAD, expand=False)
    for head in ("file", "kind", "what", "sure", "because"):
        table.add_column(head, overflow="fold")
    for one in told:
        meaning = one.meaning
        what = [meaning.intent.value.replace("_", " ")]
        what += [f"{row.address} {row.hardness.value}: {row.reason}" for row in meaning.recipients[:5]]
        if meaning.return_date:
            what.append(f"back {meaning.return_date.isoformat()}")
        if meaning.park_until:
            what.append(f"again {meaning.park_until.isoformat()}")
        if meaning.referral:
            what.append(f"to {meaning.referral.name} {meaning.referral.email}".strip())
        table.add_row(
            escape(Path(one.file).name),
            meaning.kind.value.replace("_", " "),
            escape("\n".join(what)),
            f"{meaning.confidence:.0%}",
            escape("\n".join(meaning.reasons[:4])),
        )
    return table
