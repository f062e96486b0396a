"""Delivery reports and complaints: who was not reached, with what words, in any of the shapes daemons write.

Order of trust: a machine-readable report (RFC 3464, ARF RFC 5965, Amazon SNS), then headers such as
X-Failed-Recipients, then the daemon's prose. Prose is read only up to the returned message: that is our own.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, replace

from panout.replies.rules.htmltext import text_of_html
from panout.replies.rules.mime import MAX_TEXT, Mail, Part, addresses_in, read_headers, unwrapped
from panout.replies.rules.phrases import PHRASES, Phrasebook, plain
from panout.replies.rules.statuses import Hardness, Refusal, codes_in, refusal, server_lines

MAX_RECIPIENTS = 200


@dataclass(frozen=True)
class Recipient:
    """One address that a report speaks of. `words` is the server's own sentence."""

    address: str
    status: str
    hardness: Hardness
    reason: str
    words: str = ""


@dataclass(frozen=True)
class Report:
    """`complaint` is an abuse report by a person or a machine; otherwise a delivery report."""

    recipients: tuple[Recipient, ...]
    complaint: bool
    signs: tuple[str, ...]
    original_id: str = ""
    original_to: str = ""
    delivered: bool = False
    feedback: str = ""


_FIELD = re.compile(
    r"^(Final-Recipient|Original-Recipient|X-Actual-Recipient|Action|Status|Diagnostic-Code)\s*:",
    re.IGNORECASE | re.MULTILINE,
)
_ADDRESS = r"[A-Za-z0-9._%+&'*/=?^{|}~!#$-]{1,128}@[A-Za-z0-9.-]{1,190}"
# Where prose names the address it could not reach.
_NAMED = re.compile(
    rf"(?:^[ \t>*-]{{0,20}}(?:(?:to|recipient|addressed to|address|unable to deliver "
    rf"message to|could not deliver message to|the following recipients returned permanent "
    rf"errors|mail address|email address|empfänger|destinataire|destinatario|"
    rf"user)\s{{0,3}}:\s{{0,3}})?(?:[\"'\w .,()-]{{0,60}}<)?(?:mailto:|rfc822;|"
    rf"smtp:)?({_ADDRESS})>?\s*(?:$|[:;,(\[<]|\.{{3}}|on\b|\bInvalid|\bError|was|is|does|"
    rf":))"
    rf"|(?:rcpt to: ?<?|delivering your mail to <?|deliver(?:ed|ing|y)?(?: (?:this|your|"
    rf"the))? ?(?:message|mail)? to:? ?<?|address: <|your message to:? <?|recipient\(s\): "
    rf"?<?|message for <?|errors?: )({_ADDRESS})",
    re.IGNORECASE | re.MULTILINE,
)
_CLOSED = re.compile(r"accounts? (?:is|are|has been) (?:disabled|suspended|deactivated)", re.IGNORECASE)
_NOT_REACHED = re.compile(
    (
        r"(?:mail from: ?<?|envelope-from ?<?|^from: .{0,80}|sender.{0,20}<|reply-to:? ?<?|"
        r"contact:? ?<?|cannot send e-?mail to yourself \()$"
    ),
    re.IGNORECASE,
)


def report_in(mail: Mail, book: Phrasebook = PHRASES) -> Report | None:
    """The delivery report or complaint that this message is, or None for everything else."""
    text = _prose(mail)
    return (
        _complaint(mail)
        or _notification(text, book)
        or _machine_report(mail, text, book)
        or _prose_report(mail, text, book)
    )


# --- machine-readable reports --------------------------------------------------------------------------


def _complaint(mail: Mail) -> Report | None:
    """ARF, and the complaint mails of providers that wrap our message without a report."""
    fields: dict[str, list[str]] = {}
    for part in mail.parts:
        # Some agents label the report as text; the first field settles it.
        if part.kind == "message/feedback-report" or part.body[:400].lstrip().lower().startswith(
            b"feedback-type:"
        ):
            for group in _groups(part.text):
                for name, value in group:
                    fields.setdefault(name, []).append(value)
    subject = mail.first("subject")
    original = _original_headers(mail)
    wrapped = any(
        name in ("x-hmxmroriginalrecipient", "x-complaints-original-recipient") for name, _ in original
    )
    declared = "feedback-report" in mail.first("content-type").lower()
    spoken = re.search(
        r"(?:abuse|complaint|feedback|spam)[- ]?(?:report|about|notification)|\bcomplaint about message",
        subject,
        re.IGNORECASE,
    )
    if not (fields or declared or wrapped or (spoken and original and not _from_person(mail))):
        return None
    feedback = (fields.get("feedback-type") or ["abuse"])[0].strip().lower()
    named: list[str] = []
    for field in ("original-rcpt-to", "removal-recipient", "x-original-rcpt-to"):
        for value in fields.get(field, []):
            named += addresses_in(value)
    for header in ("x-hmxmroriginalrecipient", "to", "x-original-to", "delivered-to"):
        if named:
            break
        named = [found for name, value in original if name == header for found in addresses_in(value)][:1]
    recipients = tuple(
        Recipient(address, "", Hardness.POLICY, "feedback", feedback) for address in dict.fromkeys(named)
    )
    return Report(
        recipients[:MAX_RECIPIENTS] or (Recipient("", "", Hardness.POLICY, "feedback", feedback),),
        complaint=True,
        signs=(f"a complaint report of type {feedback}",),
        original_id=_header(original, "message-id"),
        original_to=_header(original, "to"),
        feedback=feedback,
    )


def _notification(text: str, book: Phrasebook) -> Report | None:
    """Amazon SES events that arrive by mail through SNS."""
    flat = re.sub(r"\s", "", text[:20_000]).lower()
    if "notificationtype" not in flat and "eventtype" not in flat:
        return None
    event = _json_object(text)
    if isinstance(inner := event.get("Message"), str):
        event = _json_object(inner)
    kind = str(event.get("notificationType") or event.get("eventType") or "")
    detail = event.get(kind.lower())
    detail = detail if isinstance(detail, dict) else {}
    sent = event.get("mail")
    original_id = str(sent.get("messageId", "")) if isinstance(sent, dict) else ""
    sign = (f"an Amazon SES notification of type {kind or 'unknown'}",)
    if kind == "Complaint":
        people = [entry.get("emailAddress", "") for entry in _dicts(detail.get("complainedRecipients"))]
        feedback = str(detail.get("complaintFeedbackType") or "abuse")
        found = tuple(Recipient(str(a), "", Hardness.POLICY, "feedback", feedback) for a in people)
        return Report(found, complaint=True, signs=sign, original_id=original_id, feedback=feedback)
    if kind == "Delivery":
        said = str(detail.get("smtpResponse", ""))
        code = (codes_in(said) or ["2.0.0"])[0]
        names = detail.get("recipients")
        found = tuple(
            Recipient(str(a), code, Hardness.SOFT, "delivered", said)
            for a in (names if isinstance(names, list) else [])
        )
        return Report(found, complaint=False, signs=sign, original_id=original_id, delivered=True)
    if kind != "Bounce":
        return None
    rows = []
    for entry in _dicts(detail.get("bouncedRecipients")):
        said = str(entry.get("diagnosticCode", ""))
        verdict = refusal(
            said,
            status=str(entry.get("status", "")),
            delayed=detail.get("bounceType") == "Transient" and not said,
            book=book,
        )
        rows.append(_recipient(str(entry.get("emailAddress", "")), verdict, said))
    return Report(tuple(rows[:MAX_RECIPIENTS]), complaint=False, signs=sign, original_id=original_id)


def _machine_report(mail: Mail, text: str, book: Phrasebook) -> Report | None:
    """RFC 3464 fields, in their own part or, as some gateways do, inside the prose."""
    sources = [
        part.text
        for part in mail.parts
        if part.kind in ("message/delivery-status", "message/global-delivery-status")
    ]
    if not sources and len(_FIELD.findall(text)) >= 2 and ("inal-recipient" in text.lower()):
        sources = [text]
    original = _original_headers(mail)
    rows: list[Recipient] = []
    for source in sources:
        groups = _groups(source)
        if source is text:
            groups = [[pair for group in groups for pair in group]]
        for group in groups:
            fields: dict[str, str] = {}
            for name, value in group:
                fields.setdefault(name, value)
            if row := _reported(fields, text, original, book):
                rows.append(row)
    if not rows:
        return None
    if len(rows) == 1 and not rows[0].address:
        wanted = [
            a for value in mail.all("x-failed-recipients") for a in addresses_in(value)
        ] or addresses_in(_header(original, "to"))
        rows = [replace(rows[0], address=wanted[0])] if len(wanted) == 1 else rows
    delivered = all(row.reason == "delivered" for row in rows)
    return Report(
        tuple(_best_of_each(rows)[:MAX_RECIPIENTS]),
        complaint=False,
        signs=("a delivery status report (RFC 3464)",),
        original_id=_header(original, "message-id"),
        original_to=_header(original, "to"),
        delivered=delivered,
    )


def _reported(
    fields: dict[str, str], text: str, original: tuple[tuple[str, str], ...], book: Phrasebook
) -> Recipient | None:
    named = next(
        (
            found[0]
            for field in (
                "final-recipient",
                "original-recipient",
                "x-actual-recipient",
                "x-original-recipient",
            )
            if (found := addresses_in(fields.get(field, "")))
        ),
        "",
    )
    if not named and not {"final-recipient", "action", "status"} & fields.keys():
        return None
    if not named:
        named = next(iter(addresses_in(fields.get("diagnostic-code", ""))), "")
    words = re.sub(r"^\s*[\w-]{1,30}\s*;\s*", "", fields.get("diagnostic-code", ""))
    if category := fields.get("x-powermta-bouncecategory"):
        words = f"{words} bouncecategory: {category}"
    action = fields.get("action", "").split("(")[0].strip().lower()
    status = (codes_in(fields.get("status", "")) or [""])[0]
    if action in ("delivered", "relayed", "expanded") or status.startswith("2"):
        return Recipient(named, status or "2.0.0", Hardness.SOFT, "delivered", words)
    delayed = action == "delayed"
    verdict = refusal(
        f"{_stage(text, book)}\n{words}" if words else words, status=status, delayed=delayed, book=book
    )
    vague = (
        verdict.reason
        in (
            "onhold",
            "rejected",
            "filtered",
            "systemerror",
            "expired",
            "suspend",
            "policyviolation",
            "networkerror",
        )
        and len(words) < 60
    )
    if vague or not words or re.match(r"(?i)x-", fields.get("diagnostic-code", "")):
        told = _about(named, text, book)
        closer = refusal(f"{words}\n{told}", status=status, delayed=delayed, book=book)
        if told and closer.reason != "onhold":
            verdict = replace(closer, status=verdict.status or closer.status) if words else closer
    if verdict.reason == "userunknown" and verdict.status.endswith(".0.0"):
        # A daemon that says itself that the account is closed or full knows better than "user unknown".
        nearby = refusal(_about(named, text, book), status=status, book=book)
        verdict = nearby if nearby.reason in ("suspend", "mailboxfull") else verdict
        if _CLOSED.search(_without_returned(text, book)[0]):
            verdict = replace(verdict, reason="suspend", hardness=Hardness.SOFT)
    if delayed and verdict.hardness is Hardness.HARD:
        verdict = replace(verdict, hardness=Hardness.SOFT)
    return _recipient(named, _of_sender(verdict, named, words, original), words)


def _of_sender(verdict: Refusal, address: str, words: str, original: tuple[tuple[str, str], ...]) -> Refusal:
    """A server that speaks of our own address or domain, and not of the recipient's, found fault with us."""
    theirs = address.lower().rpartition("@")[2]
    if verdict.hardness is not Hardness.HARD or not theirs or _named(theirs, words, inside=True):
        return verdict
    ours = {
        found.lower()
        for name, value in original
        if name in ("from", "return-path", "sender")
        for found in addresses_in(value)
    }
    ours |= {one.rpartition("@")[2] for one in ours}
    if any(_named(one, words) for one in ours - {theirs, address.lower()}):
        return replace(verdict, reason="rejected", hardness=Hardness.POLICY)
    return verdict


def _named(name: str, words: str, *, inside: bool = False) -> bool:
    """Whether a domain or an address stands in the words by itself, or in an address."""
    return (
        re.search(rf"(?<![\w./{'' if inside else '@'}-]){re.escape(name)}(?![\w-])", words, re.IGNORECASE)
        is not None
    )


def _groups(source: str) -> list[list[tuple[str, str]]]:
    """Field groups, parted by blank lines; continuation lines joined."""
    groups: list[list[tuple[str, str]]] = [[]]
    for line in source[:MAX_TEXT].split("\n"):
        if not line.strip():
            if groups[-1]:
                groups.append([])
        elif line[0] in " \t" and groups[-1]:
            name, value = groups[-1][-1]
            groups[-1][-1] = (name, f"{value} {line.strip()}"[:4000])
        elif (cut := line.find(":")) > 0:
            name = line[:cut].strip().lower()
            if name == "final-recipient" and any(name == known for known, _ in groups[-1]):
                groups.append([])
            groups[-1].append((name, line[cut + 1 :].strip()))
        if len(groups) > MAX_RECIPIENTS * 2:
            break
    return [group for group in groups if group]


def _best_of_each(rows: list[Recipient]) -> list[Recipient]:
    """One line per address: a failure is kept before a delivery or a delay."""
    kept: dict[str, Recipient] = {}
    for row in rows:
        key = row.address.lower()
        if key not in kept or (kept[key].reason == "delivered" and row.reason != "delivered"):
            kept[key] = row
    return list(kept.values())


# --- prose ---------------------------------------------------------------------------------------------


def _prose_report(mail: Mail, text: str, book: Phrasebook) -> Report | None:
    signs = bounce_signs(mail, text, book)
    if sum(weight for weight, _ in signs) < 3:
        return None
    told, returned = _without_returned(text, book)
    original = _original_headers(mail) or _headers_in(returned)
    rows = []
    for address, words in _named_in(mail, told, original, book):
        own = _own_line(address, words)
        verdict = refusal(f"{_stage(words, book)}\n{own}" if own else words, book=book)
        if (verdict.reason == "onhold" and not own) or not words.strip():
            whole = refusal(told, book=book)
            verdict = (
                whole if whole.reason != "onhold" else refusal(f"{mail.first('subject')}\n{told}", book=book)
            )
        if verdict.reason == "expired" and verdict.status.startswith("5"):
            verdict = replace(verdict, hardness=Hardness.SOFT)
        rows.append(_recipient(address, _of_sender(verdict, address, server_lines(words), original), words))
    return Report(
        tuple(_best_of_each(rows)[:MAX_RECIPIENTS]),
        complaint=False,
        signs=tuple(sign for _, sign in signs),
        original_id=_header(original, "message-id"),
        original_to=_header(original, "to"),
    )


def bounce_signs(mail: Mail, text: str, book: Phrasebook = PHRASES) -> list[tuple[int, str]]:
    """What speaks for a delivery report, with weights; three in sum are enough."""
    signs: list[tuple[int, str]] = []
    sender = mail.first("from")
    address = next(iter(addresses_in(sender)), sender.strip("<> "))
    if mail.has("x-failed-recipients"):
        signs.append((3, "an X-Failed-Recipients header"))
    if "delivery-status" in mail.first("content-type").lower():
        signs.append((3, "declared as a delivery status report"))
    if address.lower().startswith(("mailer-daemon", "mailer_daemon")):
        signs.append((3, "sent by a mail daemon"))
    elif book.says("daemon", address) or book.says("daemon_name", plain(sender)):
        signs.append((2, "sent by a mail daemon"))
    path = mail.first("return-path").strip()
    if mail.has("return-path") and (path in ("<>", "") or "MAILER-DAEMON" in path.upper()):
        signs.append((1, "an empty return path"))
    if book.says("subject", plain(mail.first("subject"))):
        signs.append(
            (2 if not re.match(r"(?i)\s*re\s*:", mail.first("subject")) else 1, "a subject that daemons use")
        )
    if mail.has("x-mlserver") or re.search(r"(?i)error message below:\s*5\d\d", text):
        signs.append((2, "a server's refusal"))
    # Looked for last, and only where it can tip the scales: most mail is no report.
    if sum(weight for weight, _ in signs) >= 2 and book.says(
        "prose", plain(_without_returned(text, book)[0])
    ):
        signs.append((1, "words that daemons use"))
    return signs


def _named_in(
    mail: Mail, told: str, original: tuple[tuple[str, str], ...], book: Phrasebook
) -> list[tuple[str, str]]:
    """Each address that was not reached, with the words that follow it."""
    ours = {a.lower() for a in addresses_in(mail.first("from"))}
    spots: list[tuple[int, str]] = []
    for match in _NAMED.finditer(told):
        which = 1 if match.group(1) else 2
        address = match.group(which).rstrip(".")
        if (
            _NOT_REACHED.search(told[max(0, match.start(which) - 40) : match.start(which)])
            or "." not in address.partition("@")[2]
        ):
            continue
        if address.lower() not in ours:
            spots.append((match.start(which), address))
    failed = [a for value in mail.all("x-failed-recipients") for a in addresses_in(value)]
    if failed:
        wanted = {a.lower() for a in failed}
        spots = [(at, a) for at, a in spots if a.lower() in wanted]
        spots += [(len(told), a) for a in failed if a.lower() not in {b.lower() for _, b in spots}]
    # A letter repeats whom it is written to: the sender of the lost mail, unless nobody else is named.
    writer = {a.lower() for a in addresses_in(mail.first("to"))}
    spots = [spot for spot in spots if spot[1].lower() not in writer] or spots
    if not spots:
        own = {a.lower() for a in addresses_in(mail.first("to"))} | ours
        others = [a for a in addresses_in(told) if a.lower() not in own and not book.says("daemon", a)]
        others = others or [a for name, value in original if name == "to" for a in addresses_in(value)]
        if not others and mail.has("in-reply-to"):
            others = addresses_in(mail.first("from"))
        return [(a, told) for a in others[:1]] or [("", told)]
    return _segments(told, spots)


def _own_line(address: str, words: str) -> str:
    """`554 <address>... what happened`: old sendmail's line about this address, among lines about others."""
    lines = (
        re.findall(rf"^[45]\d\d <?{re.escape(address)}>?\.\.\..*(?:\n[ \t].*)*", words, re.MULTILINE)
        if address
        else []
    )
    return "\n".join(lines) if lines and ".." in words and "(smtp)..." in words else ""


def _segments(told: str, spots: list[tuple[int, str]]) -> list[tuple[str, str]]:
    """The text is cut where another address begins; one named twice gets the words after each naming."""
    words: dict[str, list[str]] = {}
    written: dict[str, str] = {}
    starts = [told.rfind("\n", 0, at) + 1 for at, _ in spots]
    for index, (_, address) in enumerate(spots):
        key = address.lower()
        written.setdefault(key, address)
        following = next(
            (starts[later] for later in range(index + 1, len(spots)) if spots[later][1].lower() != key),
            len(told),
        )
        words.setdefault(key, []).append(told[starts[index] : max(following, starts[index])])
    alone = len(words) == 1
    return [(written[key], told if alone else "\n".join(said)) for key, said in words.items()]


def _about(address: str, text: str, book: Phrasebook) -> str:
    """What the prose says of this address."""
    told, _ = _without_returned(text, book)
    spots = [
        (match.start(which), match.group(which).rstrip("."))
        for match in _NAMED.finditer(told)
        for which in (1, 2)
        if match.group(which)
    ]
    if len({a.lower() for _, a in spots}) > 1:
        return {a.lower(): words for a, words in _segments(told, spots)}.get(address.lower(), "")
    return (
        told if len(told) < 3000 or not address else told[max(0, told.lower().find(address.lower())) :][:1500]
    )


def _stage(text: str, book: Phrasebook) -> str:
    """The command at which the server refused, for a diagnostic that does not say."""
    found = re.findall(
        r"(?:>>>|in reply to|after|did not like our(?: final)?)\s{0,5}(RCPT TO|MAIL FROM|DATA|end of DATA)\b",
        _without_returned(text, book)[0],
        re.IGNORECASE,
    )
    stages = {str(command).upper().removeprefix("END OF ") for command in found}
    return (
        f">>> {stages.pop()}: "
        if len(stages) == 1
        else ">>> RCPT TO: "
        if "RCPT TO" in stages and "DATA" not in stages
        else ""
    )


def _without_returned(text: str, book: Phrasebook) -> tuple[str, str]:
    match = book.by_sign["returned"].search(plain(text), 20)
    return (text[: match.start()], text[match.end() :]) if match else (text, "")


# --- the parts of a report -----------------------------------------------------------------------------


def _prose(mail: Mail) -> str:
    plain = [p for p in mail.parts if p.kind in ("text/plain", "text/rfc822") and not p.attached]
    text = "\n".join(part.text for part in plain[:4])
    if not text.strip():
        text = "\n".join(text_of_html(p.text) for p in mail.parts if p.kind == "text/html")
    return text[:MAX_TEXT]


def _original_headers(mail: Mail) -> tuple[tuple[str, str], ...]:
    for part in mail.parts:
        if part.kind in (
            "message/rfc822",
            "text/rfc822-headers",
            "text/rfc822-header",
            "message/global",
            "message/global-headers",
        ):
            return _unwrapped_headers(part)
    return ()


def _unwrapped_headers(part: Part) -> tuple[tuple[str, str], ...]:
    return read_headers(unwrapped(part.body, part.encoding).lstrip(b"\n"))


def _headers_in(text: str) -> tuple[tuple[str, str], ...]:
    return read_headers(text.lstrip("\n").encode("utf-8", errors="replace")[:20_000])


def _header(headers: tuple[tuple[str, str], ...], name: str) -> str:
    return next((value for key, value in headers if key == name), "")


def _from_person(mail: Mail) -> bool:
    return mail.has("in-reply-to") or mail.has("references")


def _recipient(address: str, verdict: Refusal, words: str) -> Recipient:
    return Recipient(address, verdict.status, verdict.hardness, verdict.reason, " ".join(words.split())[:300])


def _json_object(text: str) -> dict[str, object]:
    """The first JSON object of a text; an empty one where it is damaged."""
    start = text.find("{")
    if start < 0:
        return {}
    reader = json.JSONDecoder(strict=False)
    # Relays fold long lines, also in the middle of a JSON token.
    for source in (text[start : start + MAX_TEXT], re.sub(r"\n[ \t]?", "", text[start : start + MAX_TEXT])):
        try:
            found, _ = reader.raw_decode(source)
        except (ValueError, RecursionError):
            continue
        return found if isinstance(found, dict) else {}
    return {}


def _dicts(value: object) -> list[dict[str, object]]:
    return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []
