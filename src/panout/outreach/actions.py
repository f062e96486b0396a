"""Verbs about what we say.

draft(material, wording, sender, extra) -> Draft                       render and check; changes nothing
queue(asker, draft, origin, send_key, not_before, now) -> int          once per send_key
approve(asker, message_id, subject, body, now), approve_many(asker, ids, now)
reject(asker, message_id, reason, now)
open_task(asker, ...) -> int                                           once per origin_key
complete(asker, task_id, disposition, note, now), snooze(asker, task_id, until, now)
reopen(asker, task_id, now)                                            undo a completion
cancel_open(contact_id, origin, reason, now)                           what a stopped run leaves undone
touched(...)                                                           a touch happened
save_template(asker, slug, name, kind, subject, body, now) -> int      a new version of a template
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from django.db import transaction

from panout.kernel.channels import TouchKind
from panout.kernel.errors import BadInput, Conflict, NotFound
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
from panout.outreach.queries import Evidence, Material, Wording
from panout.outreach.rules.lint import Copy, lint
from panout.outreach.rules.render import Unresolved, Value, check, write
from panout.team.actions import record
from panout.team.rules import Person, Verb, demand


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that could be sent, with what the checks found. `unresolved` names holes in it."""

    contact_id: int
    account_id: int | None
    to_email: str
    sender_id: int | None
    version_id: int | None
    subject: str
    body: str
    unresolved: tuple[str, ...] = ()
    unsupported: tuple[str, ...] = ()
    remarks: tuple[tuple[str, str], ...] = ()
    evidence: tuple[Evidence, ...] = ()
    in_reply_to: str = ""
    references: tuple[str, ...] = ()


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
    cited = tuple(one for one in material.evidence if one.text and one.text in written.body)
    spoken = wording.kind in {TouchKind.CALL, TouchKind.VOICEMAIL}
    remarks = lint(Copy(written.subject, written.body, first=bool(wording.subject), spoken=spoken))
    return replace(
        made,
        subject=written.subject,
        body=written.body,
        remarks=tuple((remark.code, remark.text) for remark in remarks),
        evidence=cited,
    )


@transaction.atomic
def queue(
    asker: Person,
    made: Draft,
    *,
    origin: str,
    send_key: str | None,
    not_before: datetime,
    reviewed: bool,
    cold: bool,
    now: datetime,
) -> int:
    """Put a message into the outbox, or into review when it must be seen or mended first; returns its id.

    With a `send_key` that is known already nothing is written and the known message's id is returned.
    """
    problems = [
        *({"code": "unresolved", "text": f"'{name}' has no value"} for name in made.unresolved),
        *({"code": "unsupported", "text": claim} for claim in made.unsupported),
    ]
    held = reviewed or bool(problems)
    values = {
        "contact_id": made.contact_id,
        "account_id": made.account_id,
        "sender_id": made.sender_id,
        "template_version_id": made.version_id,
        "to_email": made.to_email,
        "subject": made.subject,
        "body": made.body,
        "drafted_body": made.body,
        "origin": origin,
        "status": MessageStatus.REVIEW if held else MessageStatus.QUEUED,
        "reason": "waits for approval" if reviewed else "needs mending" if problems else "",
        "problems": problems,
        "not_before": not_before,
        "cold": cold,
        "reviewed": held,
        "in_reply_to": made.in_reply_to,
        "references": list(made.references),
        "created_at": now,
        "created_by_id": asker.id,
    }
    if send_key is None:
        row, fresh = Message.objects.create(**values), True
    else:
        row, fresh = Message.objects.get_or_create(send_key=send_key, defaults=values)
    if fresh:
        Citation.objects.bulk_create(
            Citation(
                message=row,
                signal_id=one.id if one.kind == "signal" else None,
                fact_id=one.id if one.kind == "fact" else None,
                text=one.text,
                source=one.source,
                as_of=one.as_of,
            )
            for one in made.evidence
        )
    return row.pk


@transaction.atomic
def approve(asker: Person, message_id: int, subject: str, body: str, now: datetime) -> None:
    """Let a message leave, as it is or as edited. What a hand changed is kept beside the draft."""
    demand(asker, Verb.APPROVE_MESSAGES)
    row = _in_review(message_id)
    if not subject.strip() and not row.in_reply_to:
        raise BadInput("The subject is empty.", mend="Write one, then approve.")
    if not body.strip():
        raise BadInput("The message is empty.", mend="Write it, then approve.")
    if "\n" in subject or "\r" in subject:
        raise BadInput("The subject has more than one line.", mend="Make it one line.")
    edited = {"subject": subject, "body": body} if (row.subject, row.body) != (subject, body) else None
    before = {"subject": row.subject, "body": row.body} if edited else None
    row.subject, row.body = subject, body
    row.status, row.reason = MessageStatus.QUEUED, ""
    row.approved_by_id, row.approved_at = asker.id, now
    row.not_before = max(row.not_before, now)
    row.save(
        update_fields=["subject", "body", "status", "reason", "approved_by", "approved_at", "not_before"]
    )
    record(
        asker, "approve message", "message", row.pk, row.contact.label, now=now, before=before, after=edited
    )


def approve_many(asker: Person, message_ids: Iterable[int], now: datetime) -> int:
    """Approve several as they are, those with problems left out; returns how many were approved."""
    ready = Message.objects.filter(id__in=list(message_ids), status=MessageStatus.REVIEW, problems=[])
    approved = 0
    for row in ready.order_by("id"):
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


def open_task(
    asker: Person,
    *,
    kind: TouchKind,
    title: str,
    contact_id: int | None,
    account_id: int | None,
    owner_id: int | None,
    origin: str,
    origin_key: str | None,
    due_at: datetime,
    now: datetime,
    why: str = "",
    script: str = "",
    version_id: int | None = None,
    value: float = 0.0,
    deadline: datetime | None = None,
) -> int:
    """Ask a person to do something; with an `origin_key` that is known already, the known task's id."""
    values = {
        "kind": kind,
        "title": title[:200],
        "contact_id": contact_id,
        "account_id": account_id,
        "owner_id": owner_id,
        "origin": origin,
        "why": why,
        "script": script,
        "template_version_id": version_id,
        "value": value,
        "due_at": due_at,
        "deadline": deadline,
        "created_at": now,
    }
    if origin_key is None:
        made = Task.objects.create(**values)
        record(asker, "add task", "task", made.pk, title, now=now)
        return made.pk
    return Task.objects.get_or_create(origin_key=origin_key, defaults=values)[0].pk


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


def touched(message_id: int, at: datetime) -> None:
    """Note that a message reached its person's server. Safe to repeat."""
    row = Message.objects.get(id=message_id)
    Touch.objects.get_or_create(
        message=row,
        defaults={
            "contact_id": row.contact_id,
            "account_id": row.account_id,
            "kind": TouchKind.EMAIL,
            "channel": TouchKind.EMAIL.channel,
            "at": at,
            "by_id": row.created_by_id,
        },
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
