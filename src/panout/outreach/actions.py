"""Verbs about what we say.

draft(material, wording, sender, extra) -> Draft                       render and check; changes nothing
queue(asker, order, now) -> int, queue_all(asker, orders, now)          once per send_key
approve(asker, message_id, subject, body, now, vouch), approve_many(asker, ids, now)
reject(asker, message_id, reason, now)
open_task(asker, wish, now) -> int, open_tasks(wishes, now)            once per origin_key
complete(asker, task_id, disposition, note, now), snooze(asker, task_id, until, now)
reopen(asker, task_id, now)                                            undo a completion
cancel_open(contact_id, origin, reason, now)                           what a stopped run leaves undone
cancel_mail(contact_id, address, reason, now)                          what a dead address leaves unsent
cancel_calls(contact_id, reason, now)                                  what a closed telephone leaves undone
tell_sent(message_ids)                                                 put sent messages on time lines
save_template(asker, slug, name, kind, subject, body, now) -> int      a new version of a template
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import connection, transaction

from panout.kernel.channels import TouchKind
from panout.kernel.errors import BadInput, Conflict, NotFound
from panout.kernel.signals import SIGNAL_TYPES
from panout.outreach.models import (
    Citation,
    Message,
    MessageStatus,
    Sender,
    Task,
    TaskStatus,
    Template,
    TemplateVersion,
    Touch,
)
from panout.outreach.queries import SPOKEN, Evidence, Material, Wording, materials
from panout.outreach.rules.claims import Backing, Claim, unsupported
from panout.outreach.rules.lint import Copy, lint
from panout.outreach.rules.render import Unresolved, Value, check, write
from panout.resolve.actions import ActivityLine, note_activities, note_activity
from panout.resolve.models import Activity
from panout.team.actions import record
from panout.team.rules import Person, Verb, demand


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that could be sent, with what the checks found. `unresolved` names holes in it.

    `spoken` words are read aloud; `first` is a mail with a subject of its own.
    """

    contact_id: int
    account_id: int | None
    to_email: str
    sender_id: int | None
    version_id: int | None
    subject: str
    body: str
    unresolved: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()
    first: bool = True
    spoken: bool = False

    @property
    def remarks(self) -> tuple[tuple[str, str], ...]:
        """Advice on the words, code and reason: read by who writes them, never asked for by what sends."""
        if self.unresolved:
            return ()
        found = lint(Copy(self.subject, self.body, first=self.first, spoken=self.spoken))
        return tuple((remark.code, remark.text) for remark in found)


def sender_values(sender: Sender | None) -> dict[str, Value]:
    """What templates may say of the sender."""
    if sender is None:
        return {}
    return {
        "sender": {
            "name": sender.name,
            "first_name": sender.name.split(" ")[0],
            "email": sender.email,
            "title": sender.title,
            "company": sender.company,
            "phone": sender.phone,
            "signature": sender.signature,
        }
    }


def draft(
    material: Material, wording: Wording, sender: Sender | None, extra: Mapping[str, Value] | None = None
) -> Draft:
    """Render a template for one person and check it. A hole in it is reported, not raised."""
    values = {**material.values, **sender_values(sender), **(extra or {})}
    made = Draft(
        material.contact_id,
        material.account_id,
        material.to_email,
        sender.pk if sender else None,
        wording.version_id,
        "",
        "",
    )
    try:
        written = write(wording.subject, wording.body, values, wording.name)
    except Unresolved as hole:
        return replace(made, unresolved=(hole.variable,))
    cited = tuple(
        one
        for one in (*material.evidence, *material.proofs)
        if one.text and one.text.rstrip(" .") in written.body
    )
    words = "\n".join(part for part in (written.subject, written.body) if part)
    found = claims_in(words, material, sender, values)
    return replace(
        made,
        subject=written.subject,
        body=written.body,
        unsupported=tuple(
            f"\u201c{claim.words}\u201d in \u201c{claim.sentence}\u201d: {claim.why}" for claim in found
        ),
        evidence=cited,
        first=bool(wording.subject),
        spoken=wording.kind in {TouchKind.CALL, TouchKind.VOICEMAIL},
    )


def claims_in(
    text: str, material: Material, sender: Sender | None, values: Mapping[str, Value] | None = None
) -> tuple[Claim, ...]:
    """What a text says of its reader that nothing live supports."""
    backings = [
        *(Backing(_in_full(one), one.type, one.as_of) for one in material.evidence),
        *(Backing(_in_full(one), one.type, one.as_of, live=False) for one in material.stale),
        *(Backing(one.text, one.type, proof=True) for one in material.proofs),
    ]
    told = (values or material.values).items()
    library = [value for name, value in told if name in SPOKEN and isinstance(value, str)]
    backings += [Backing(text, "library", proof=True) for text in library]
    return unsupported(text, backings, (*material.known, *_sender_words(sender)), material.today)


def _in_full(one: Evidence) -> str:
    """What a signal says, and what its kind says: playbooks speak in the words of the kind."""
    kind = SIGNAL_TYPES.get(one.type)
    return f"{kind.label}: {one.text}" if kind else one.text


def _sender_words(sender: Sender | None) -> tuple[str, ...]:
    return (sender.name, sender.company, sender.title, sender.signature, sender.phone) if sender else ()


@dataclass(frozen=True, slots=True)
class Order:
    """A draft on its way to the outbox. `send_key` known already: nothing new is written."""

    draft: Draft
    origin: str
    send_key: str | None
    not_before: datetime
    reviewed: bool
    cold: bool


@transaction.atomic
def queue(asker: Person, order: Order, now: datetime) -> int:
    """Put a message into the outbox, or into review when it must be seen or mended first; returns its id."""
    if order.send_key is not None:
        return queue_all(asker, [order], now)[order.send_key]
    row = _written(asker, order, now)
    row.save()
    _cite([(row, order.draft)])
    return row.pk


@transaction.atomic
def queue_all(asker: Person, orders: Iterable[Order], now: datetime) -> dict[str, int]:
    """Queue many at once, each with a send_key; returns the message's id for every key, old or new."""
    wanted = {order.send_key: order for order in orders if order.send_key is not None}
    known = dict(Message.objects.filter(send_key__in=wanted).values_list("send_key", "id"))
    fresh = {key: _written(asker, order, now) for key, order in wanted.items() if key not in known}
    _write_out(fresh)
    _cite([(row, wanted[key].draft) for key, row in fresh.items()])
    return {key: fresh[key].pk if key in fresh else known[key] for key in wanted}


# The rows as one document: Django's bulk_create writes a parameter for every cell where a column is an array,
# and took a fifth of the time of a look. A rival's row of the same key stays as it is, and gives its id.
_WRITE_OUT = """
INSERT INTO outreach_message ({columns})
SELECT {columns} FROM jsonb_populate_recordset(NULL::outreach_message, %s::jsonb)
ON CONFLICT (send_key) DO UPDATE SET send_key = EXCLUDED.send_key
RETURNING send_key, id
"""


def _write_out(fresh: Mapping[str, Message]) -> None:
    """Insert messages in one statement, and give each its id."""
    if not fresh:
        return
    names = [
        (field.column, field.attname) for field in Message._meta.concrete_fields if not field.primary_key
    ]
    document = [{column: getattr(row, name) for column, name in names} for row in fresh.values()]
    columns = ", ".join(f'"{column}"' for column, _ in names)
    with connection.cursor() as cursor:
        cursor.execute(_WRITE_OUT.format(columns=columns), [json.dumps(document, default=str)])
        for key, number in cursor.fetchall():
            fresh[key].pk = number


def _written(asker: Person, order: Order, now: datetime) -> Message:
    made = order.draft
    problems = [
        *({"code": "unresolved", "text": f"'{name}' has no value"} for name in made.unresolved),
        *({"code": "unsupported", "text": claim} for claim in made.unsupported),
    ]
    held = order.reviewed or bool(problems)
    return Message(
        contact_id=made.contact_id,
        account_id=made.account_id,
        sender_id=made.sender_id,
        template_version_id=made.version_id,
        to_email=made.to_email,
        subject=made.subject,
        body=made.body,
        drafted_body=made.body,
        origin=order.origin,
        send_key=order.send_key,
        status=MessageStatus.REVIEW if held else MessageStatus.QUEUED,
        reason="needs mending" if problems else "waits for approval" if held else "",
        problems=problems,
        not_before=order.not_before,
        cold=order.cold,
        reviewed=held,
        in_reply_to=made.in_reply_to,
        references=list(made.references),
        created_at=now,
        created_by_id=asker.id,
    )


def _cite(pairs: list[tuple[Message, Draft]]) -> None:
    Citation.objects.bulk_create(
        Citation(
            message=row,
            signal_id=one.id if one.kind == "signal" else None,
            fact_id=one.id if one.kind == "fact" else None,
            text=one.text,
            source=one.source,
            as_of=one.as_of,
        )
        for row, made in pairs
        for one in made.evidence
    )


@transaction.atomic
def approve(
    asker: Person, message_id: int, subject: str, body: str, now: datetime, *, vouch: bool = False
) -> None:
    """Let a message leave, as it is or as edited. What a hand changed is kept beside the draft.

    The words are held against the evidence again, as it stands now. Raises Conflict for a claim that nothing
    supports, unless the asker vouches for it; then the ledger keeps who did, and for which words.
    """
    demand(asker, Verb.APPROVE_MESSAGES)
    row = _in_review(message_id)
    doubts = _doubts(row, subject, body, now)
    if doubts and not vouch:
        raise Conflict(
            f"Nothing we know supports this: {doubts[0]}",
            where="evidence",
            mend="Change the sentence, find a source for it, or vouch for it yourself.",
        )
    if not subject.strip() and not row.in_reply_to:
        raise BadInput("The subject is empty.", mend="Write one, then approve.")
    if not body.strip():
        raise BadInput("The message is empty.", mend="Write it, then approve.")
    if "\n" in subject or "\r" in subject:
        raise BadInput("The subject has more than one line.", mend="Make it one line.")
    edited = {"subject": subject, "body": body} if (row.subject, row.body) != (subject, body) else None
    before = {"subject": row.subject, "body": row.body} if edited else None
    row.subject, row.body = subject, body
    row.problems = [{"code": "vouched", "text": doubt} for doubt in doubts]
    row.status, row.reason = MessageStatus.QUEUED, ""
    row.approved_by_id, row.approved_at = asker.id, now
    row.not_before = max(row.not_before, now)
    row.save(
        update_fields=[
            "subject", "body", "problems", "status", "reason", "approved_by", "approved_at", "not_before"
        ]
    )  # fmt: skip
    record(
        asker, "approve message", "message", row.pk, row.contact.label, now=now, before=before, after=edited,
        reason=f"Vouched for: {' | '.join(doubts)}" if doubts else "",
    )  # fmt: skip


def _doubts(row: Message, subject: str, body: str, now: datetime) -> list[str]:
    """Unsupported claims of a message; an answer to a person's own mail is a conversation, and not held."""
    if not row.cold:
        return []
    material = materials([row.contact_id], now).get(row.contact_id)
    if material is None:
        return []
    found = claims_in(f"{subject}\n{body}", material, row.sender)
    return [f"\u201c{claim.words}\u201d in \u201c{claim.sentence}\u201d: {claim.why}" for claim in found]


def approve_many(asker: Person, message_ids: Iterable[int], now: datetime) -> int:
    """Approve several as they are, those with problems left out; returns how many were approved."""
    ready = Message.objects.filter(id__in=list(message_ids), status=MessageStatus.REVIEW, problems=[])
    approved = 0
    for row in ready.order_by("id"):
        # Evidence may have gone cold since the draft: such a message stays for somebody to look at.
        headless = not row.subject.strip() and not row.in_reply_to
        if headless or _doubts(row, row.subject, row.body, now):
            continue
        approve(asker, row.pk, row.subject, row.body, now)
        approved += 1
    return approved


@transaction.atomic
def reject(asker: Person, message_id: int, reason: str, now: datetime) -> None:
    """Keep a message from ever leaving."""
    demand(asker, Verb.APPROVE_MESSAGES)
    row = _in_review(message_id)
    row.status, row.reason = MessageStatus.CANCELLED, reason or "rejected"
    row.save(update_fields=["status", "reason"])
    record(asker, "reject message", "message", row.pk, row.contact.label, now=now, reason=reason)


def _in_review(message_id: int) -> Message:
    row = (
        Message.objects.select_for_update(of=("self",))
        .select_related("contact")
        .filter(id=message_id)
        .first()
    )
    if row is None:
        raise NotFound("There is no such message.")
    if row.status != MessageStatus.REVIEW:
        raise Conflict(f"This message is {row.status} already.", mend="Nothing was changed.")
    return row


@dataclass(frozen=True, slots=True)
class Wish:
    """A task to be opened. `origin_key` known already: nothing new is opened."""

    kind: TouchKind
    title: str
    origin: str
    origin_key: str | None
    due_at: datetime
    contact_id: int | None = None
    account_id: int | None = None
    owner_id: int | None = None
    why: str = ""
    script: str = ""
    version_id: int | None = None
    value: float = 0.0
    deadline: datetime | None = None


@transaction.atomic
def open_task(asker: Person, wish: Wish, now: datetime) -> int:
    """Ask a person to do something; returns the task's id."""
    if wish.origin_key is not None:
        return open_tasks([wish], now)[wish.origin_key]
    row = _wished(wish, now)
    row.save()
    record(asker, "add task", "task", row.pk, wish.title, now=now)
    return row.pk


@transaction.atomic
def open_tasks(wishes: Iterable[Wish], now: datetime) -> dict[str, int]:
    """Open many at once, each with an origin_key; returns the task's id for every key, old or new."""
    wanted = {wish.origin_key: wish for wish in wishes if wish.origin_key is not None}
    # A key that is known keeps its task as it is: the row names itself, so that its id comes back.
    rows = Task.objects.bulk_create(
        (_wished(wish, now) for wish in wanted.values()),
        update_conflicts=True, unique_fields=["origin_key"], update_fields=["origin_key"],
    )  # fmt: skip
    return {row.origin_key: row.pk for row in rows if row.origin_key is not None}


def known_keys(keys: Iterable[str]) -> set[str]:
    """Those origin keys that a task, open or done, has already."""
    rows = Task.objects.filter(origin_key__in=list(keys)).values_list("origin_key", flat=True)
    return {key for key in rows if key is not None}


def _wished(wish: Wish, now: datetime) -> Task:
    return Task(
        kind=wish.kind,
        title=wish.title[:200],
        contact_id=wish.contact_id,
        account_id=wish.account_id,
        owner_id=wish.owner_id,
        origin=wish.origin,
        origin_key=wish.origin_key,
        why=wish.why,
        script=wish.script,
        template_version_id=wish.version_id,
        value=wish.value,
        due_at=wish.due_at,
        deadline=wish.deadline,
        created_at=now,
    )


@transaction.atomic
def complete(asker: Person, task_id: int, disposition: str, note: str, now: datetime, *, touch: bool) -> None:
    """Close a task with its outcome. `touch`: it reached, or tried to reach, the person."""
    demand(asker, Verb.WORK_TASKS)
    row = _open(task_id)
    row.status, row.disposition, row.note = TaskStatus.DONE, disposition, note
    row.done_at, row.done_by_id = now, asker.id
    row.save(update_fields=["status", "disposition", "note", "done_at", "done_by"])
    if touch and row.contact_id is not None:
        kind = TouchKind(row.kind)
        Touch.objects.create(
            contact_id=row.contact_id,
            account_id=row.account_id,
            kind=kind,
            channel=kind.channel,
            at=now,
            by_id=asker.id,
            task=row,
            disposition=disposition,
        )
        note_activity(
            kind=row.kind,
            text=f"{row.title}: {disposition.replace('_', ' ')}{f' ({note})' if note else ''}",
            now=now,
            account_id=row.account_id,
            contact_id=row.contact_id,
            channel=kind.channel.value,
            actor=asker,
            key=f"task-{row.pk}",
        )
    after = {"disposition": disposition, "note": note}
    record(asker, "complete task", "task", row.pk, row.title, now=now, after=after)


@transaction.atomic
def snooze(asker: Person, task_id: int, until: datetime, now: datetime) -> None:
    """Put a task off; a promised deadline stays where it is."""
    demand(asker, Verb.WORK_TASKS)
    row = _open(task_id)
    if until <= now:
        raise BadInput("That time is over.", mend="Choose a later one.")
    before = {"due_at": row.due_at.isoformat()}
    row.due_at, row.snoozed = until, row.snoozed + 1
    row.save(update_fields=["due_at", "snoozed"])
    record(
        asker,
        "snooze task",
        "task",
        row.pk,
        row.title,
        now=now,
        before=before,
        after={"due_at": until.isoformat()},
    )


@transaction.atomic
def reopen(asker: Person, task_id: int, now: datetime) -> None:
    """Undo a completion: the task waits again, its touch is taken back."""
    demand(asker, Verb.WORK_TASKS)
    row = Task.objects.select_for_update().filter(id=task_id).first()
    if row is None:
        raise NotFound("There is no such task.")
    if row.status == TaskStatus.OPEN:
        raise Conflict("This task is open.", mend="Nothing was changed.")
    Touch.objects.filter(task=row).delete()
    Activity.objects.filter(key=f"task-{row.pk}").delete()
    before = {"disposition": row.disposition, "note": row.note}
    row.status, row.disposition, row.done_at, row.done_by = TaskStatus.OPEN, "", None, None
    row.save(update_fields=["status", "disposition", "done_at", "done_by"])
    record(asker, "reopen task", "task", row.pk, row.title, now=now, before=before)


def _open(task_id: int) -> Task:
    row = Task.objects.select_for_update().filter(id=task_id).first()
    if row is None:
        raise NotFound("There is no such task.")
    if row.status != TaskStatus.OPEN:
        raise Conflict("Somebody has closed this task already.", mend="Nothing was changed.")
    return row


def cancel_open(contact_ids: Iterable[int], origin: str, reason: str, now: datetime) -> None:
    """Withdraw what a stopped run leaves undone: its open tasks, and messages that no worker has yet."""
    people = list(contact_ids)
    Task.objects.filter(contact__in=people, origin=origin, status=TaskStatus.OPEN).update(
        status=TaskStatus.CANCELLED, done_at=now, note=reason
    )
    Message.objects.filter(
        contact__in=people, origin=origin, status__in=[MessageStatus.REVIEW, MessageStatus.QUEUED]
    ).update(status=MessageStatus.CANCELLED, reason=reason)


def cancel_mail(contact_id: int, address: str, reason: str, now: datetime) -> None:
    """Withdraw what no worker has yet of the mail to an address that is nobody's any more."""
    waiting = Message.objects.filter(
        contact=contact_id, to_email__iexact=address, status__in=[MessageStatus.REVIEW, MessageStatus.QUEUED]
    )
    waiting.update(status=MessageStatus.CANCELLED, reason=reason, settled_at=now)


def cancel_calls(contact_id: int, reason: str, now: datetime) -> None:
    """Withdraw every call that waits for somebody, whatever it came from."""
    waiting = Task.objects.filter(
        contact=contact_id, kind__in=[TouchKind.CALL, TouchKind.VOICEMAIL], status=TaskStatus.OPEN
    )
    waiting.update(status=TaskStatus.CANCELLED, done_at=now, note=reason)


def tell_sent(message_ids: Sequence[int]) -> None:
    """Put sent messages on the time lines of their people. Their touches are the outbox's to write."""
    rows = Message.objects.filter(id__in=message_ids).values_list(
        "id", "subject", "sent_at", "account_id", "contact_id"
    )
    note_activities(
        ActivityLine(
            kind="email_sent",
            text=subject,
            at=sent_at,
            account_id=account_id,
            contact_id=contact_id,
            channel=TouchKind.EMAIL.channel.value,
            link=f"/messages/{number}",
            key=f"message-{number}",
        )
        for number, subject, sent_at, account_id, contact_id in rows
        if sent_at is not None
    )


@transaction.atomic
def save_template(
    asker: Person,
    slug: str,
    name: str,
    kind: TouchKind,
    subject: str,
    body: str,
    now: datetime,
    *,
    shipped: bool = False,
) -> int:
    """A new version of a template, or a new template; returns the number. Checked before it is kept."""
    demand(asker, Verb.WRITE_TEMPLATES)
    if not name.strip() or not body.strip():
        raise BadInput("A template needs a name and a text.")
    check(subject, f"{name} subject")
    check(body, name)
    kept, _ = Template.objects.get_or_create(
        slug=slug, defaults={"name": name, "kind": kind, "shipped": shipped, "created_at": now}
    )
    kept = Template.objects.select_for_update().get(id=kept.pk)
    last = kept.versions.order_by("-number").first()
    if last is not None and (last.subject, last.body, kept.name) == (subject, body, name):
        return last.number
    if kept.name != name:
        kept.name = name
        kept.save(update_fields=["name"])
    number = last.number + 1 if last else 1
    TemplateVersion.objects.create(
        template=kept, number=number, subject=subject, body=body, author_id=asker.id, created_at=now
    )
    record(asker, "save template", "template", kept.pk, name, now=now, after={"version": number})
    return number


@transaction.atomic
def save_sender(
    asker: Person,
    *,
    name: str,
    email: str,
    company: str,
    postal_address: str,
    now: datetime,
    title: str = "",
    phone: str = "",
    signature: str = "",
) -> int:
    """Whom we write as; an address known already gets the new words. Returns the sender's id."""
    demand(asker, Verb.CONNECT_MAIL)
    if not postal_address.strip():
        raise BadInput("A postal address is needed in every mail.", mend="Give the office's address.")
    words = {
        "name": name,
        "company": company,
        "postal_address": postal_address,
        "title": title,
        "phone": phone,
        "signature": signature,
    }
    row = Sender.objects.select_for_update().filter(email__iexact=email, retired_at=None).first()
    if row is None:
        row = Sender.objects.create(email=email.lower(), user_id=asker.id, created_at=now, **words)
    else:
        Sender.objects.filter(id=row.pk).update(**words)
    record(asker, "save sender", "sender", row.pk, email, now=now, after={"name": name, "company": company})
    return row.pk
