"""The last look of an erasure: every column of every table is searched for the person's names, place by place.

places() -> tuple[str, ...]           what there is to look through
forget_in(place, names) -> int        in how many rows they stood; safe to repeat
forget_linked(contact_ids)            what belongs to the person, at once

Rooms empty what they know to be about the person; words elsewhere (a colleague's mail, a bounce's own line, a
note on the company) are found here, so that a table added tomorrow is covered tomorrow.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import IntegrityError, models, transaction
from django.db.models import BinaryField, CharField, F, Func, JSONField, Q, TextField, Value
from django.db.models.functions import Cast

from panout.consent.rules.forgetting import ERASED, Json, Names, Redactor

# Our own people and their sign-in; hashes; the ledger, whose details go by a way of their own; lists and mail,
# which are bytes and are opened where they lie.
_LEFT = frozenset(
    {
        "team.user", "team.invitation", "team.ledgerentry", "team.ledgerdetail", "team.ledgerseal",
        "consent.salt", "sources.uploadpart",
    }
)  # fmt: skip
# Traces in a code of their own, and keys: there is no word of anybody in them.
_KEPT_COLUMNS = frozenset({"rulings", "resolve_contact.key", "digest", "secret_hash"})


def forget_linked(contact_ids: Collection[int]) -> None:
    """Empty the free text of every row that belongs to these people, whatever it says."""
    for model in _ours():
        for field in model._meta.concrete_fields:
            if field.is_relation and field.related_model is apps.get_model("resolve.Contact"):
                _blank(model, field.name, contact_ids)


def _blank(model: type[models.Model], link: str, contact_ids: Collection[int]) -> None:
    if model._meta.label_lower in {"resolve.contact", "cadence.judgement"}:
        return
    rows = model._base_manager.filter(**{f"{link}__in": contact_ids})  # noqa: SLF001
    for field in model._meta.concrete_fields:
        if isinstance(field, TextField) and not field.choices and field.name not in _KEPT_COLUMNS:
            rows.exclude(**{field.name: ""}).filter(**{f"{field.name}__isnull": False}).update(
                **{field.name: ERASED}
            )


_SESSIONS = "sessions"


def places() -> tuple[str, ...]:
    """Every table with words in it, by its label, and what was said to readers in passing."""
    return (*(model._meta.label_lower for model in _ours() if _wordy(model)), _SESSIONS)


def forget_in(place: str, names: Names) -> int:
    """A table that is gone since has nothing left to find."""
    redactor = Redactor(names)
    if place == _SESSIONS:
        return _sessions(redactor)
    return sum(_swept(model, redactor) for model in _ours() if model._meta.label_lower == place)


def _ours() -> Iterable[type[models.Model]]:
    return (
        model
        for model in apps.get_models()
        if model.__module__.startswith("panout.") and model._meta.label_lower not in _LEFT
    )


def _wordy(model: type[models.Model]) -> list[models.Field[object, object]]:
    return [
        field
        for field in model._meta.concrete_fields
        if isinstance(field, CharField | TextField | JSONField | ArrayField | BinaryField)
        and not field.choices
        and not field.primary_key
        and field.name not in _KEPT_COLUMNS
        and not (isinstance(field, ArrayField) and not isinstance(field.base_field, CharField | TextField))
    ]


def _swept(model: type[models.Model], redactor: Redactor) -> int:
    fields = _wordy(model)
    told = {f"{field.name}_said": _as_text(field) for field in fields}
    asked = Q()
    for name in told:
        asked |= Q(**{f"{name}__iregex": redactor.expression})
    rows = model._base_manager.annotate(**told).filter(asked)  # noqa: SLF001
    found = 0
    for row in rows.iterator(chunk_size=200):
        clean = {field.name: _clean(field, getattr(row, field.name), redactor) for field in fields}
        changed = {name: value for name, value in clean.items() if value != getattr(row, name)}
        if changed:
            found += 1
            _write(model, row.pk, changed)
    return found


def _as_text(field: models.Field[object, object]) -> Func | Cast:
    if isinstance(field, BinaryField):
        return Func(F(field.name), Value("escape"), function="encode", output_field=TextField())
    return Cast(field.name, TextField())


def _clean(field: models.Field[object, object], value: object, redactor: Redactor) -> object:
    match value:
        case str():
            short = redactor.text(value)
            return short[: field.max_length] if field.max_length else short
        case bytes() | memoryview():
            raw = bytes(value)
            return redactor.text(raw.decode("latin-1")).encode("latin-1")
        case list() | dict():
            held: Json = value
            return redactor.json(held)
        case _:
            return value


def _write(model: type[models.Model], key: object, changed: dict[str, object]) -> None:
    """Where two rows would now be the same, this one says whose it was by its number alone."""
    row = model._base_manager.filter(pk=key)  # noqa: SLF001
    try:
        with transaction.atomic():
            row.update(**changed)
    except IntegrityError:
        marked = f"{ERASED[:-1]} {key})"
        row.update(**{name: marked if isinstance(value, str) else value for name, value in changed.items()})


def _sessions(redactor: Redactor) -> int:
    """What was said to readers in passing is kept with their sign-in until they have seen it."""
    found = 0
    for session in Session.objects.iterator():
        held = session.get_decoded()
        if redactor.hits(str(held)):
            store = SessionStore(session.session_key)
            for name in [key for key, value in held.items() if redactor.hits(str(value))]:
                store.pop(name)
            store.save()
            found += 1
    return found
