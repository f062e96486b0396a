"""Verbs about accounts and contacts. Each takes who asks, where from, and the moment.

add_account(asker, values, origin, now) -> int, add_contact(asker, account_id, values, origin, now) -> int
change_account(asker, account_id, version, values, origin, now) -> int      the new version
change_contact(asker, contact_id, version, values, origin, now) -> int      raises Conflict when it moved on
assign(asker, owner_id, account_ids=, contact_ids=, origin, now) -> Assigned   who owned what, for undo
give_back(asker, owner_id, was, origin, now) -> Assigned       undo of that
tag(asker, name, account_ids=, contact_ids=, origin, now) -> Tagged, untag(...) -> Tagged   who was changed, for undo
write_note(asker, text, account_id=, contact_id=, origin, now) -> int, remove_note(asker, note_id, ...)
note_activity(...)                       one line of the timeline, from any room, in its own transaction
set_lifecycle(contact_ids, stage, ...)   qualify's pen; rooms use `qualify.actions`
merge(asker, kind, kept_id, gone_id, reason, origin, now) -> int            the merge's id
unmerge(asker, merge_id, origin, now)
settle_pair(asker, match_id, answer, origin, now) -> int | None              merges when SAME

`values` are {catalogue field: value}; text is trimmed, "" means unknown; kinds are checked (BadInput).
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.apps import apps
from django.db import IntegrityError, models, transaction
from django.db.models import F, Func
from django.db.models import Value as Constant

from panout.consent.actions import carry_over, lift
from panout.consent.queries import erased
from panout.consent.rules.suppression import Addressee
from panout.kernel.errors import BadInput, Conflict, NotFound, Refused
from panout.kernel.fields import ACCOUNT_FIELDS, CONTACT_FIELDS, Field, Kind
from panout.kernel.lifecycle import Lifecycle
from panout.resolve.loading import OneAtATime
from panout.resolve.models import Account, Activity, Contact, Identifier, Match, MatchState, Merge, Note, Tag
from panout.resolve.queries import Value, account_card, sees, value_of
from panout.resolve.rules.golden import WISHES
from panout.resolve.rules.pairs import Answer
from panout.sources.rules import webs
from panout.sources.rules.companies import name_key
from panout.sources.rules.text import fold
from panout.team.actions import record
from panout.team.models import User
from panout.team.rules import SYSTEM, Person, Verb, demand

LONGEST_TEXT = 4000
_ACCOUNT = {field.name: field for field in ACCOUNT_FIELDS}
_CONTACT = {field.name: field for field in CONTACT_FIELDS}
# What else a record may be called by: its own column -> the kind of alias that it becomes when it loses.
_ALIASES = {
    "account": {"domain": "domain", "company_linkedin": "linkedin", "company_name": "name"},
    "contact": {"email": "email", "linkedin": "linkedin", "phone": "phone", "mobile": "phone"},
}


@dataclass(frozen=True, slots=True)
class Assigned:
    """Who owned what before: hand each group back to `assign` to undo."""

    accounts: Mapping[int, int | None]
    contacts: Mapping[int, int | None]


@dataclass(frozen=True, slots=True)
class Tagged:
    """Whose tags changed."""

    accounts: tuple[int, ...]
    contacts: tuple[int, ...]


@transaction.atomic
def add_account(asker: Person, values: Mapping[str, Value], origin: str, now: datetime) -> int:
    demand(asker, Verb.EDIT_RECORDS)
    clean = _checked(values, _ACCOUNT)
    if not (clean.get("company_name") or clean.get("domain")):
        raise BadInput("An account needs a name or a domain.", where="company_name")
    strongest = str(clean.get("domain") or clean.get("company_linkedin") or clean.get("company_name")).lower()
    row = Account(
        **clean,
        key="a" + hashlib.md5(strongest.encode(), usedforsecurity=False).hexdigest()[:16],
        owner_id=asker.id,
        created_at=now,
        changed_at=now,
        touched_at=now,
        touched_fields=sorted(clean),
    )
    if Account.objects.filter(key=row.key).exists():
        raise Conflict(f"There is an account for {strongest} already.")
    row.search = account_words(row)
    row.name_key = name_key(row.company_name) if row.company_name else None
    row.save()
    record(asker, "add account", "account", row.pk, row.label, now=now, origin=origin, after=_told(clean))
    note_activity(account_id=row.pk, kind="added", text="Added by hand", now=now, actor=asker)
    return row.pk


@transaction.atomic
def add_contact(
    asker: Person, account_id: int | None, values: Mapping[str, Value], origin: str, now: datetime
) -> int:
    demand(asker, Verb.EDIT_RECORDS)
    clean = _checked(values, _CONTACT)
    spelt = " ".join(str(clean[name]) for name in ("first_name", "last_name") if clean.get(name))
    if spelt and not clean.get("full_name"):
        clean["full_name"] = spelt
    names = [clean.get("full_name"), clean.get("email"), clean.get("linkedin"), clean.get("phone")]
    if not any(names):
        raise BadInput("A contact needs a name, an email, a profile or a phone number.", where="full_name")
    if account_id is not None and not Account.objects.living().filter(id=account_id).exists():
        raise NotFound("There is no such account.")
    if erased([str(clean.get(name) or "") for name in ("email", "phone", "mobile")], now):
        raise Refused("This person was erased and asked not to be kept.", mend="Do not add them again.")
    if clean.get("email") and Contact.objects.living().filter(email=clean["email"]).exists():
        raise Conflict(f"There is a contact with {clean['email']} already.")
    strongest = str(clean.get("email") or clean.get("linkedin") or f"{clean.get('full_name')}@{account_id}")
    row = Contact(
        **clean,
        account_id=account_id,
        key="c" + hashlib.md5(strongest.lower().encode(), usedforsecurity=False).hexdigest()[:16],
        owner_id=asker.id,
        created_at=now,
        changed_at=now,
        touched_at=now,
        touched_fields=sorted(clean),
    )
    if Contact.objects.filter(key=row.key).exists():
        raise Conflict(f"There is a contact {strongest} already.")
    row.search = contact_words(row)
    row.save()
    record(asker, "add contact", "contact", row.pk, row.label, now=now, origin=origin, after=_told(clean))
    note_activity(
        contact_id=row.pk, account_id=account_id, kind="added", text="Added by hand", now=now, actor=asker
    )
    return row.pk


@transaction.atomic
def change_account(
    asker: Person, account_id: int, version: int, values: Mapping[str, Value], origin: str, now: datetime
) -> int:
    """Raises Conflict, naming what changed meanwhile, unless `version` is the record's own."""
    demand(asker, Verb.EDIT_RECORDS)
    rows = Account.objects.living().select_for_update(of=("self",)).select_related("owner")
    row = rows.filter(id=account_id).first()
    if row is None or not sees(asker, row.owner):
        raise NotFound("There is no such account.")
    return _change(asker, row, version, _checked(values, _ACCOUNT), origin, now)


@transaction.atomic
def change_contact(
    asker: Person, contact_id: int, version: int, values: Mapping[str, Value], origin: str, now: datetime
) -> int:
    """As `change_account`, for a person."""
    demand(asker, Verb.EDIT_RECORDS)
    rows = Contact.objects.living().select_for_update(of=("self",)).select_related("owner")
    row = rows.filter(id=contact_id).first()
    if row is None or not sees(asker, row.owner):
        raise NotFound("There is no such contact.")
    return _change(asker, row, version, _checked(values, _CONTACT), origin, now)


@transaction.atomic
def assign(
    asker: Person,
    owner_id: int | None,
    *,
    account_ids: Collection[int] = (),
    contact_ids: Collection[int] = (),
    origin: str,
    now: datetime,
    reason: str = "",
) -> Assigned:
    """Give records to somebody (None: to nobody). Records that the asker cannot see stay as they are."""
    demand(asker, Verb.ASSIGN if owner_id != asker.id else Verb.EDIT_RECORDS)
    if owner_id is not None and not User.objects.filter(id=owner_id, is_active=True).exists():
        raise NotFound("There is no such active user.")
    accounts = _mine(asker, Account.objects.living(), account_ids)
    contacts = _mine(asker, Contact.objects.living(), contact_ids)
    return _own(asker, owner_id, accounts, contacts, origin, now, reason)


@transaction.atomic
def give_back(
    asker: Person, owner_id: int | None, was: Assigned, origin: str, now: datetime, reason: str = ""
) -> Assigned:
    """Undo `assign(asker, owner_id, ...)`: who still belongs to `owner_id` goes to whom they belonged to before.

    Who took records for themselves may give them back without the right to hand out.
    """
    demand(asker, Verb.ASSIGN if owner_id != asker.id else Verb.EDIT_RECORDS)
    before: dict[str, dict[int, int | None]] = {"accounts": {}, "contacts": {}}
    for owner in {*was.accounts.values(), *was.contacts.values()}:
        accounts = Account.objects.living().filter(owner_id=owner_id)
        contacts = Contact.objects.living().filter(owner_id=owner_id)
        done = _own(
            asker,
            owner,
            _mine(asker, accounts, [one for one, had in was.accounts.items() if had == owner]),
            _mine(asker, contacts, [one for one, had in was.contacts.items() if had == owner]),
            origin,
            now,
            reason,
        )
        before["accounts"] |= done.accounts
        before["contacts"] |= done.contacts
    return Assigned(before["accounts"], before["contacts"])


# Whom a person set to nobody is no prospect that waits to be handed out by itself.
_WITHOUT_OWNER = Func(F("touched_fields"), Constant("owner"), function="array_remove")
_TO_NOBODY = {False: _WITHOUT_OWNER, True: Func(_WITHOUT_OWNER, Constant("owner"), function="array_append")}


def _own(
    asker: Person,
    owner_id: int | None,
    accounts: Sequence[models.Model],
    contacts: Sequence[models.Model],
    origin: str,
    now: datetime,
    reason: str,
) -> Assigned:
    before = Assigned(
        {row.pk: row.owner_id for row in accounts if isinstance(row, Account)},
        {row.pk: row.owner_id for row in contacts if isinstance(row, Contact)},
    )
    moved = {"owner_id": owner_id, "version": F("version") + 1, "changed_at": now, "touched_at": now}
    Account.objects.filter(id__in=list(before.accounts)).update(**moved)
    Contact.objects.filter(id__in=list(before.contacts)).update(
        **moved, touched_fields=_TO_NOBODY[owner_id is None]
    )
    count = len(before.accounts) + len(before.contacts)
    record(
        asker,
        "assign",
        "record",
        None,
        f"{count} records",
        now=now,
        origin=origin,
        reason=reason,
        before={"accounts": _keys(before.accounts), "contacts": _keys(before.contacts)},
        after={"owner": owner_id},
    )
    return before


@transaction.atomic
def tag(
    asker: Person,
    name: str,
    *,
    account_ids: Collection[int] = (),
    contact_ids: Collection[int] = (),
    origin: str,
    now: datetime,
) -> Tagged:
    """Put a tag on records; returns those that did not have it."""
    demand(asker, Verb.EDIT_RECORDS)
    clean = " ".join(name.split())[:60]
    if not clean:
        raise BadInput("A tag needs a name.")
    if not Tag.objects.filter(name__iexact=clean).exists():
        Tag.objects.create(name=clean, created_at=now)
    done = Tagged(
        _touch_each(
            (
                (row, "tags", [*(row.tags or ()), clean])
                for row in _mine(asker, Account.objects.living(), account_ids)
                if isinstance(row, Account) and clean not in (row.tags or ())
            ),
            now,
        ),
        _touch_each(
            (
                (row, "labels", [*(row.labels or ()), clean])
                for row in _mine(asker, Contact.objects.living(), contact_ids)
                if isinstance(row, Contact) and clean not in (row.labels or ())
            ),
            now,
        ),
    )
    record(
        asker,
        "tag",
        "record",
        None,
        clean,
        now=now,
        origin=origin,
        after={"accounts": list(done.accounts), "contacts": list(done.contacts)},
    )
    return done


@transaction.atomic
def untag(
    asker: Person,
    name: str,
    *,
    account_ids: Collection[int] = (),
    contact_ids: Collection[int] = (),
    origin: str,
    now: datetime,
) -> Tagged:
    """Take a tag off records; returns those that had it."""
    demand(asker, Verb.EDIT_RECORDS)
    done = Tagged(
        _touch_each(
            (
                (row, "tags", [kept for kept in row.tags or () if kept != name] or None)
                for row in _mine(asker, Account.objects.living(), account_ids)
                if isinstance(row, Account) and name in (row.tags or ())
            ),
            now,
        ),
        _touch_each(
            (
                (row, "labels", [kept for kept in row.labels or () if kept != name] or None)
                for row in _mine(asker, Contact.objects.living(), contact_ids)
                if isinstance(row, Contact) and name in (row.labels or ())
            ),
            now,
        ),
    )
    record(
        asker,
        "untag",
        "record",
        None,
        name,
        now=now,
        origin=origin,
        before={"accounts": list(done.accounts), "contacts": list(done.contacts)},
    )
    return done


@transaction.atomic
def write_note(
    asker: Person,
    text: str,
    *,
    account_id: int | None = None,
    contact_id: int | None = None,
    origin: str,
    now: datetime,
) -> int:
    demand(asker, Verb.EDIT_RECORDS)
    clean = text.strip()
    if not clean or len(clean) > LONGEST_TEXT:
        raise BadInput(f"A note has between 1 and {LONGEST_TEXT:,} letters.", where="text")
    if contact_id is not None:
        account_id = _locked_contact(asker, contact_id).account_id
    elif account_id is None:
        raise BadInput("A note is about an account or a contact.")
    else:
        _ = account_card(asker, account_id)
    note = Note.objects.create(
        account_id=account_id, contact_id=contact_id, text=clean, author_id=asker.id, created_at=now
    )
    _touch(account_id if contact_id is None else None, contact_id, now)
    note_activity(
        account_id=account_id,
        contact_id=contact_id,
        kind="note",
        text=clean[:200],
        now=now,
        actor=asker,
        key=f"note-{note.pk}",
    )
    record(asker, "write note", "note", note.pk, clean[:80], now=now, origin=origin)
    return note.pk


@transaction.atomic
def remove_note(asker: Person, note_id: int, origin: str, now: datetime) -> None:
    """Take a note away: one's own, or anybody's with the right to merge records."""
    rows = Note.objects.select_for_update(of=("self",)).select_related("account__owner", "contact__owner")
    note = rows.filter(id=note_id, removed_at=None).first()
    about = (note.contact or note.account) if note else None
    if note is None or about is None or not sees(asker, about.owner):
        raise NotFound("There is no such note.")
    if note.author_id != asker.id:
        demand(asker, Verb.SETTLE_PAIRS)
    note.removed_at = now
    note.save(update_fields=["removed_at"])
    Activity.objects.filter(key=f"note-{note.pk}").delete()
    record(asker, "remove note", "note", note.pk, note.text[:80], now=now, origin=origin)


def note_activity(
    *,
    kind: str,
    text: str,
    now: datetime,
    account_id: int | None = None,
    contact_id: int | None = None,
    channel: str = "",
    link: str = "",
    actor: Person | None = None,
    key: str | None = None,
) -> None:
    """Add a line to the timeline of a person and of their account. With a `key`, only once.

    Call it in the transaction of what happened. A contact's account is looked up when it is not given.
    """
    if contact_id is not None and account_id is None:
        account_id = Contact.objects.filter(id=contact_id).values_list("account_id", flat=True).first()
    line = Activity(
        account_id=account_id,
        contact_id=contact_id,
        at=now,
        kind=kind,
        channel=channel,
        text=text,
        link=link,
        actor_id=actor.id if actor else None,
        key=key,
    )
    Activity.objects.bulk_create([line], ignore_conflicts=key is not None)


@dataclass(frozen=True, slots=True)
class ActivityLine:
    """One line for a timeline, as `note_activity` takes it; with its account looked up already."""

    kind: str
    text: str
    at: datetime
    account_id: int | None
    contact_id: int | None
    channel: str = ""
    link: str = ""
    key: str | None = None


def note_activities(lines: Iterable[ActivityLine]) -> None:
    """Add many lines at once; one whose key is known already is not told again."""
    Activity.objects.bulk_create(
        (
            Activity(
                account_id=line.account_id,
                contact_id=line.contact_id,
                at=line.at,
                kind=line.kind,
                channel=line.channel,
                text=line.text,
                link=line.link,
                key=line.key,
            )
            for line in lines
        ),
        ignore_conflicts=True,
    )


def set_lifecycle(
    contact_ids: Collection[int], stage: Lifecycle, now: datetime, *, parked_until: date | None = None
) -> None:
    """Move people to a stage. Call it through `qualify.actions`, which keeps the history and the reasons."""
    Contact.objects.filter(id__in=list(contact_ids)).update(
        lifecycle=stage,
        parked_until=parked_until if stage == Lifecycle.PARKED else None,
        version=F("version") + 1,
        changed_at=now,
    )


@transaction.atomic
def settle_pair(asker: Person, match_id: int, answer: Answer, origin: str, now: datetime) -> int | None:
    """Decide about a doubtful pair; SAME merges the newer into the older and returns the merge's id."""
    demand(asker, Verb.SETTLE_PAIRS)
    found = (
        Match.objects.select_for_update(of=("self",))
        .select_related(
            "left_account__owner", "right_account__owner", "left_contact__owner", "right_contact__owner"
        )
        .filter(id=match_id)
        .first()
    )
    sides = (
        (found.left_account or found.left_contact, found.right_account or found.right_contact)
        if found
        else ()
    )
    if found is None or not all(one is not None and sees(asker, one.owner) for one in sides):
        raise NotFound("There is no such pair.")
    if found.state in {MatchState.SAME, MatchState.DIFFERENT}:
        raise Conflict(f"Somebody has settled this pair already: {found.state}.")
    found.state, found.decided_by_id, found.decided_at = MatchState(answer.value), asker.id, now
    found.save(update_fields=["state", "decided_by", "decided_at"])
    kind = "account" if found.left_account_id else "contact"
    left, right = (
        found.left_account_id or found.left_contact_id,
        found.right_account_id or found.right_contact_id,
    )
    record(
        asker, "settle pair", "match", found.pk, f"{kind}s {left}, {right}", now=now, origin=origin,
        after={"state": answer.value, "probability": found.probability},
    )  # fmt: skip
    if answer != Answer.SAME or left is None or right is None:
        return None
    return merge(asker, kind, left, right, f"Pair {found.pk} was found to be the same.", origin, now)


@transaction.atomic
def merge(
    asker: Person, kind: str, kept_id: int, gone_id: int, reason: str, origin: str, now: datetime
) -> int:
    """Take `gone` into `kept`: blanks are filled, every child row moves, other names stay as aliases.

    Whatever is learnt is kept in the merge's own row, so that `unmerge` can part them days later.
    """
    demand(asker, Verb.SETTLE_PAIRS)
    _not_while_a_list_is_written()
    kept, gone = _two(kind, kept_id, gone_id)
    if not (sees(asker, kept.owner) and sees(asker, gone.owner)):
        raise NotFound(f"There is no such {kind}.")
    before: dict[str, object] = {}
    changes: dict[str, object] = {}
    catalogue = ACCOUNT_FIELDS if kind == "account" else CONTACT_FIELDS
    for field in catalogue:
        mine, theirs = value_of(kept, field), value_of(gone, field)
        wished = field.name in WISHES and theirs is True
        if theirs is not None and (mine is None or wished or field.kind == Kind.TEXTS):
            joined = _joined(mine, theirs) if field.kind == Kind.TEXTS else theirs
            if joined != mine:
                before[field.name], changes[field.name] = mine, joined
    custom = {**gone.custom, **kept.custom}
    if custom != kept.custom:
        before["custom"], changes["custom"] = kept.custom, custom
    for name, value in changes.items():
        setattr(kept, name, list(value) if isinstance(value, tuple) else value)
    if isinstance(kept, Account):
        kept.search = account_words(kept)
    elif isinstance(gone, Contact):
        if kept.account_id is None and gone.account_id is not None:
            before["account_id"], kept.account_id = None, gone.account_id
        kept.search = contact_words(kept)
    kept.version += 1
    kept.changed_at = kept.touched_at = now
    kept.save()
    moved = _move_children(kind, gone.pk, kept.pk)
    aliases = _keep_aliases(kind, kept, gone, now)
    wishes = (
        carry_over(_names(gone), kept.pk, f"merge of contact {gone.pk}", now)
        if isinstance(gone, Contact)
        else ()
    )
    gone.merged_into_id = kept.pk
    gone.version += 1
    gone.changed_at = now
    gone.save(update_fields=["merged_into", "version", "changed_at"])
    done = Merge.objects.create(
        **{f"kept_{kind}_id": kept.pk, f"gone_{kind}_id": gone.pk},
        before={"fields": _told(before), "aliases": aliases, "wishes": wishes, "version": kept.version},
        moved=moved,
        reason=reason,
        at=now,
        by_id=asker.id,
    )
    Match.objects.filter(
        **{f"left_{kind}_id__in": [kept.pk, gone.pk], f"right_{kind}_id__in": [kept.pk, gone.pk]}
    ).update(state=MatchState.SAME, decided_by=asker.id, decided_at=now)
    record(
        asker, f"merge {kind}s", kind, kept.pk, kept.label, now=now, origin=origin, reason=reason,
        before={"gone": gone.pk, "label": gone.label}, after=_told(changes),
    )  # fmt: skip
    note_activity(
        account_id=kept.pk if kind == "account" else None,
        contact_id=kept.pk if kind == "contact" else None,
        kind="merge",
        text=f"{gone.label} was merged into this.",
        now=now,
        actor=asker,
    )
    return done.pk


@transaction.atomic
def unmerge(asker: Person, merge_id: int, origin: str, now: datetime) -> None:
    """Part what was merged. Values that changed since on the kept record stay there."""
    demand(asker, Verb.SETTLE_PAIRS)
    _not_while_a_list_is_written()
    done = Merge.objects.select_for_update().filter(id=merge_id).first()
    if done is None:
        raise NotFound("There is no such merge.")
    if done.undone_at is not None:
        raise Conflict("This merge was undone already.")
    kind = "account" if done.kept_account_id else "contact"
    table = Account if kind == "account" else Contact
    kept_id = done.kept_account_id or done.kept_contact_id or 0
    gone_id = done.gone_account_id or done.gone_contact_id or 0
    kept = table.objects.select_for_update().get(id=kept_id)
    gone = table.objects.select_for_update().get(id=gone_id)
    if not (sees(asker, kept.owner) and sees(asker, gone.owner)):
        raise NotFound("There is no such merge.")
    catalogue = {f.name: f for f in (ACCOUNT_FIELDS if kind == "account" else CONTACT_FIELDS)}
    untouched = kept.version == done.before["version"]
    for name, value in done.before["fields"].items():
        theirs = getattr(gone, name, None)
        if untouched or getattr(kept, name) == theirs or name not in catalogue:
            field = catalogue.get(name)
            parsed = date.fromisoformat(value) if field and field.kind == Kind.DATE and value else value
            setattr(kept, name, parsed)
    for label, ids in done.moved.items():
        model_name, column = label.rsplit(".", 1)
        model = apps.get_model(model_name)
        model._default_manager.filter(pk__in=ids, **{column: kept_id}).update(**{column: gone_id})
    Identifier.objects.filter(id__in=done.before["aliases"]).delete()
    for wish in done.before.get("wishes", ()):
        lift(SYSTEM, wish, f"merge {merge_id} was taken back: the wish stands where it came from", now)
    if isinstance(kept, Account):
        kept.search = account_words(kept)
    else:
        kept.search = contact_words(kept)
    kept.version += 1
    kept.changed_at = now
    kept.save()
    gone.merged_into_id = None
    gone.version += 1
    gone.changed_at = now
    gone.save(update_fields=["merged_into", "version", "changed_at"])
    done.undone_at, done.undone_by_id = now, asker.id
    done.save(update_fields=["undone_at", "undone_by"])
    record(
        asker, f"part {kind}s", kind, kept.pk, kept.label, now=now, origin=origin,
        after={"gone": gone.pk, "label": gone.label},
    )  # fmt: skip


def _names(row: Contact) -> Addressee:
    phones = frozenset(number for number in (row.phone, row.mobile) if number)
    return Addressee(str(row.pk), frozenset({row.email.lower()} if row.email else ()), phones)


def account_words(row: Account) -> str:
    """What the search box finds an account by. `resolve.loading` says the same in SQL."""
    words = [row.company_name, row.domain, *(row.former_names or ())]
    return fold(" ".join(word for word in words if word))


def contact_words(row: Contact) -> str:
    """What the search box finds a person by."""
    return fold(" ".join(word for word in (row.full_name, row.email, row.phone, row.mobile) if word))


def _change(
    asker: Person,
    row: Account | Contact,
    version: int,
    values: Mapping[str, Value],
    origin: str,
    now: datetime,
) -> int:
    kind = "account" if isinstance(row, Account) else "contact"
    if row.version != version:
        raise Conflict(
            f"{row.label} was changed by somebody else meanwhile.",
            mend="Look at what is there now, then change it again.",
        )
    before = {
        name: _plain(getattr(row, name)) for name in values if _plain(getattr(row, name)) != values[name]
    }
    if not before:
        return row.version
    for name in before:
        value = values[name]
        setattr(row, name, list(value) if isinstance(value, tuple) else value)
    columns = [*before, "search", "touched_fields", "version", "changed_at", "touched_at"]
    if isinstance(row, Account):
        row.search = account_words(row)
        row.name_key = name_key(row.company_name) if row.company_name else None
        columns.append("name_key")
    else:
        row.search = contact_words(row)
    row.touched_fields = sorted({*row.touched_fields, *before})
    row.version += 1
    row.changed_at = row.touched_at = now
    row.save(update_fields=columns)
    after = {name: values[name] for name in before}
    record(
        asker, f"change {kind}", kind, row.pk, row.label, now=now, origin=origin,
        before=_told(before), after=_told(after),
    )  # fmt: skip
    return row.version


def _checked(values: Mapping[str, Value], catalogue: Mapping[str, Field]) -> dict[str, Value]:
    """The values by kind; a text that is empty is unknown. Raises BadInput with the field's label."""
    clean: dict[str, Value] = {}
    for name, value in values.items():
        field = catalogue.get(name)
        if field is None:
            raise BadInput(f"There is no field '{name[:60]}' here.")
        clean[name] = _of_kind(field, value)
    return clean


def _mailbox(text: str) -> str | None:
    return (
        text.lower() if text.count("@") == 1 and not text.startswith("@") and not text.endswith("@") else None
    )


# Typed by hand, but read as the cell of a list would be: the two must find each other.
_READ_AS: Mapping[str, Callable[[str], str | None]] = {
    "domain": webs.domain,
    "website": webs.website,
    "company_linkedin": webs.linkedin_company,
    "linkedin": webs.linkedin_person,
    "email": _mailbox,
}


def _of_kind(field: Field, value: Value) -> Value:  # noqa: C901 - one case a kind
    if value is None or value == "" or value == ():
        return None
    wrong = BadInput(f"This is no {field.label}.", where=field.name)
    match field.kind, value:
        case Kind.TEXT, str():
            text = " ".join(value.split())
            if len(text) > LONGEST_TEXT or "\x00" in text:
                raise wrong
            read = _READ_AS.get(field.name)
            known = read(text) if read else text
            if known is None:
                raise wrong
            return known
        case Kind.TEXTS, tuple():
            return tuple(dict.fromkeys(" ".join(word.split()) for word in value if word.strip())) or None
        case Kind.BOOLEAN, bool():
            return value
        case Kind.DATE, date():
            return value
        case Kind.INTEGER, int() if not isinstance(value, bool):
            if abs(value) >= 2**63:
                raise wrong
            return value
        case Kind.NUMBER, int() | float() if not isinstance(value, bool):
            return float(value)
        case _:
            raise wrong


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _told(values: Mapping[str, object]) -> dict[str, object]:
    """Values as JSON keeps them."""
    told: dict[str, object] = {}
    for name, value in values.items():
        if isinstance(value, date):
            told[name] = value.isoformat()
        else:
            told[name] = list(value) if isinstance(value, tuple) else value
    return told


def _keys(owners: Mapping[int, int | None]) -> dict[str, object]:
    return {str(record_id): owner for record_id, owner in owners.items()}


def _joined(mine: Value, theirs: Value) -> tuple[str, ...]:
    one = mine if isinstance(mine, tuple) else ()
    two = theirs if isinstance(theirs, tuple) else ()
    return tuple(dict.fromkeys((*one, *two)))


def _mine(asker: Person, rows: models.QuerySet[models.Model], ids: Collection[int]) -> list[models.Model]:
    locked = (
        rows.filter(id__in=list(ids)).select_related("owner").select_for_update(of=("self",)).order_by("id")
    )
    return [row for row in locked if isinstance(row, Account | Contact) and sees(asker, row.owner)]


def _touch_each(
    changes: Iterable[tuple[Account | Contact, str, list[str] | None]], now: datetime
) -> tuple[int, ...]:
    """Write one column of each record by a person's hand; returns their ids."""
    rows: list[Account | Contact] = []
    column = ""
    for row, name, value in changes:
        column = name
        setattr(row, name, value)
        row.version += 1
        row.changed_at = row.touched_at = now
        rows.append(row)
    fields = [column, "version", "changed_at", "touched_at"]
    accounts = [row for row in rows if isinstance(row, Account)]
    contacts = [row for row in rows if isinstance(row, Contact)]
    # Even for nobody, an update asks whether there is such a column; the two have not the same ones.
    if accounts:
        Account.objects.bulk_update(accounts, fields, batch_size=500)
    if contacts:
        Contact.objects.bulk_update(contacts, fields, batch_size=500)
    return tuple(row.pk for row in rows)


def _touch(account_id: int | None, contact_id: int | None, now: datetime) -> None:
    Account.objects.filter(id=account_id or 0).update(touched_at=now)
    Contact.objects.filter(id=contact_id or 0).update(touched_at=now)


def _locked_contact(asker: Person, contact_id: int) -> Contact:
    rows = Contact.objects.living().select_for_update(of=("self",)).select_related("owner")
    row = rows.filter(id=contact_id).first()
    if row is None or not sees(asker, row.owner):
        raise NotFound("There is no such contact.")
    return row


def _not_while_a_list_is_written() -> None:
    """A list that was matched with two records writes to both: were one gone by then, its values would be lost."""
    if OneAtATime.under_way():
        raise Conflict(
            "A list is being written to the book just now, and may speak of these two.",
            mend="Do it again when the list is in. That they are different, or that it is for later, can be said now.",
        )


def _two(kind: str, kept_id: int, gone_id: int) -> tuple[Account, Account] | tuple[Contact, Contact]:
    """Both, locked in order of id so that two merges cannot wait for each other."""
    if kept_id == gone_id:
        raise BadInput("A record cannot be merged with itself.")
    ids = [kept_id, gone_id]
    if kind == "account":
        accounts = {
            r.pk: r for r in Account.objects.living().filter(id__in=ids).select_for_update().order_by("id")
        }
        if len(accounts) == len(ids):
            return accounts[kept_id], accounts[gone_id]
    else:
        contacts = {
            r.pk: r for r in Contact.objects.living().filter(id__in=ids).select_for_update().order_by("id")
        }
        if len(contacts) == len(ids):
            return contacts[kept_id], contacts[gone_id]
    raise Conflict("One of the two is gone or was merged already.", mend="Look at them again.")


# Rows that speak of the merge itself, or that are settled together with it.
_STAY = {"Merge", "Match", "Account", "Contact"}


def _move_children(kind: str, gone_id: int, kept_id: int) -> dict[str, list[int]]:
    """Point every row of every room that names `gone` at `kept`; returns what moved.

    The rooms downstream own tables that this room may not import, so they are found by their keys: whatever
    points at an account or a contact is a child of it, also when the room was written after this line. A row
    that would break a promise of its own table (the same sighting, the same verdict) stays where it is.
    """
    target = Account if kind == "account" else Contact
    moved: dict[str, list[int]] = {}
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if field.related_model is not target:
                continue
            if model is Contact and field.name == "account":
                pass
            elif model.__name__ in _STAY and model._meta.app_label == "resolve":
                continue
            ids = _move(model, field.attname, gone_id, kept_id)
            if ids:
                moved[f"{model._meta.label}.{field.attname}"] = ids
    return moved


def _move(model: type[models.Model], column: str, gone_id: int, kept_id: int) -> list[int]:
    rows = model._default_manager
    ids = list(rows.filter(**{column: gone_id}).values_list("pk", flat=True))
    if not ids:
        return []
    if not any(column.removesuffix("_id") in names for names in _unique_names(model)):
        rows.filter(pk__in=ids).update(**{column: kept_id})
        return ids
    free = []
    for one in ids:
        try:
            with transaction.atomic():
                rows.filter(pk=one).update(**{column: kept_id})
            free.append(one)
        except IntegrityError:
            continue
    return free


def _unique_names(model: type[models.Model]) -> list[tuple[str, ...]]:
    uniques = [c for c in model._meta.constraints if isinstance(c, models.UniqueConstraint)]
    singles = [(f.name,) for f in model._meta.concrete_fields if f.unique and not f.primary_key]
    return [tuple(c.fields) for c in uniques] + singles


def _keep_aliases(kind: str, kept: Account | Contact, gone: Account | Contact, now: datetime) -> list[int]:
    made = []
    for column, alias in _ALIASES[kind].items():
        value = getattr(gone, column)
        if value and value != getattr(kept, column):
            row, new = Identifier.objects.get_or_create(
                kind=alias,
                value=value[:400],
                **{f"{kind}_id": kept.pk},
                defaults={"source": f"merge of {kind} {gone.pk}", "created_at": now},
            )
            if new:
                made.append(row.pk)
    return made
