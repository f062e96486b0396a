"""Records as the batch relations: what the property tests hand to both implementations."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

import pyarrow as pa

from panout.batch.engine import Engine
from panout.kernel.fields import ACCOUNT_FIELDS, CONTACT_FIELDS, Field, Kind
from panout.qualify.rules import Judge, Known, Subject, Verdict, ranked
from panout.signals.rules import Signal

KINDS = {
    Kind.TEXT: pa.string(),
    Kind.NUMBER: pa.float64(),
    Kind.INTEGER: pa.int64(),
    Kind.DATE: pa.date32(),
    Kind.BOOLEAN: pa.bool_(),
    Kind.TEXTS: pa.list_(pa.string()),
}
SIGNALS = pa.schema(
    [
        ("signal_id", pa.string()),
        ("type", pa.string()),
        ("level", pa.string()),
        ("account_id", pa.string()),
        ("contact_id", pa.string()),
        ("date", pa.date32()),
        ("strength", pa.float64()),
        ("source", pa.string()),
        ("evidence", pa.string()),
    ]
)


def schema(fields: Iterable[Field], *keys: str) -> pa.Schema:
    return pa.schema(
        [
            *((key, pa.string()) for key in keys),
            *((f.name, KINDS[f.kind]) for f in fields),
            ("custom", pa.string()),
        ]
    )


ACCOUNTS = schema(ACCOUNT_FIELDS, "account_id")
CONTACTS = schema(CONTACT_FIELDS, "contact_id", "account_id")


def load(engine: Engine, name: str, shape: pa.Schema, rows: Sequence[dict[str, object]]) -> None:
    filled = [{column: row.get(column) for column in shape.names} for row in rows]
    engine.load(name, shape, [pa.RecordBatch.from_pylist(filled, schema=shape)])


def fill(
    engine: Engine,
    accounts: Sequence[Known],
    contacts: Sequence[tuple[Known, str | None]],
    loose: Sequence[Signal] = (),
) -> None:
    """The relations accounts, contacts and signals. A contact comes with the id of its account."""
    load(
        engine, "accounts", ACCOUNTS, [{"account_id": a.id, "custom": _json(a), **a.fields} for a in accounts]
    )
    load(
        engine,
        "contacts",
        CONTACTS,
        [{"contact_id": c.id, "account_id": of, "custom": _json(c), **c.fields} for c, of in contacts],
    )
    everybody = [*accounts, *(contact for contact, _ in contacts)]
    signals = [*(signal for one in everybody for signal in one.signals), *loose]
    load(
        engine,
        "signals",
        SIGNALS,
        [{name: getattr(signal, name) for name in SIGNALS.names} for signal in signals],
    )


def judged(
    judge: Judge, accounts: Sequence[Known], contacts: Sequence[tuple[Known, str | None]]
) -> list[Verdict]:
    """The same by the rules, a row at a time."""
    by_id = {account.id: account for account in accounts}
    covered: dict[str, set[str]] = {}
    for contact, of in contacts:
        if of and (role := judge.role_of(contact)):
            covered.setdefault(of, set()).add(role)
    subjects = [
        Subject(by_id.get(of) if of else None, contact, frozenset(covered.get(of or "", ())))
        for contact, of in contacts
    ]
    peopled = {of for _, of in contacts}
    subjects += [Subject(account, None) for account in accounts if account.id not in peopled]
    return ranked(judge.verdict(subject) for subject in subjects)


def _json(known: Known) -> str | None:
    return json.dumps(dict(known.custom)) if known.custom else None
