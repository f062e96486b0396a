"""Who may do what, and whose records they see: one table, used by pages, API and guide alike."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo, available_timezones

from panout.kernel.errors import BadInput, NotAllowed


class Role(StrEnum):
    """What somebody does here; one role each."""

    FOUNDER = "founder"
    SDR = "sdr"
    BDR = "bdr"
    AE = "ae"
    MANAGER = "manager"
    MARKETING = "marketing"
    ADMIN = "admin"


class Verb(StrEnum):
    """What a role may do. A page, an API call and a command ask for the same verb."""

    READ_BOOK = "read the book"
    EDIT_RECORDS = "edit accounts and contacts"
    ASSIGN = "hand out accounts and contacts"
    IMPORT_LISTS = "import lists"
    UNDO_IMPORTS = "undo an import"
    EXPORT = "export records"
    SETTLE_PAIRS = "merge and split records"
    EDIT_ICP = "edit customer profiles"
    ACTIVATE_ICP = "activate a profile version"
    EDIT_SEGMENTS = "edit segments"
    PROMOTE = "promote past the gate with a reason"
    SUPPRESS = "suppress a person or a domain"
    LIFT_SUPPRESSION = "lift a suppression"
    ERASE = "erase a person"
    WRITE_TEMPLATES = "write templates and playbooks"
    APPROVE_MESSAGES = "approve messages"
    WORK_TASKS = "work the queue of tasks"
    EDIT_CADENCES = "edit cadences"
    ENROL = "enrol people in cadences"
    RUN_CAMPAIGNS = "start and judge campaigns"
    CONNECT_MAIL = "connect mail accounts"
    ANSWER_REPLIES = "read and answer replies"
    EDIT_PIPELINE = "edit meetings, opportunities and quotes"
    SEE_TEAM = "see the team's numbers"
    READ_LEDGER = "read the ledger"
    MANAGE_PEOPLE = "invite people and set roles"
    CHANGE_SETTINGS = "change settings"


class Sees(StrEnum):
    """Whose records somebody sees. Records without an owner are seen by all."""

    OWN = "own"
    TEAM = "team"
    ALL = "all"


_REP = frozenset(
    {
        Verb.READ_BOOK,
        Verb.EDIT_RECORDS,
        Verb.IMPORT_LISTS,
        Verb.SETTLE_PAIRS,
        Verb.EDIT_ICP,
        Verb.EDIT_SEGMENTS,
        Verb.PROMOTE,
        Verb.SUPPRESS,
        Verb.WRITE_TEMPLATES,
        Verb.WORK_TASKS,
        Verb.ENROL,
        Verb.CONNECT_MAIL,
        Verb.ANSWER_REPLIES,
        Verb.EDIT_PIPELINE,
    }
)
_LEADS_OTHERS = _REP | {
    Verb.ASSIGN,
    Verb.UNDO_IMPORTS,
    Verb.EXPORT,
    Verb.ACTIVATE_ICP,
    Verb.APPROVE_MESSAGES,
    Verb.EDIT_CADENCES,
    Verb.RUN_CAMPAIGNS,
    Verb.SEE_TEAM,
    Verb.READ_LEDGER,
}

PERMISSIONS: Mapping[Role, frozenset[Verb]] = MappingProxyType(
    {
        Role.FOUNDER: frozenset(Verb),
        Role.SDR: _REP,
        Role.BDR: _REP,
        # An AE owns the profile together with an SDR, so activates it, and judges what the campaigns bring.
        Role.AE: _REP | {Verb.ACTIVATE_ICP, Verb.APPROVE_MESSAGES, Verb.RUN_CAMPAIGNS, Verb.SEE_TEAM},
        Role.MANAGER: _LEADS_OTHERS | {Verb.LIFT_SUPPRESSION, Verb.MANAGE_PEOPLE},
        Role.MARKETING: frozenset(
            {
                Verb.READ_BOOK,
                Verb.IMPORT_LISTS,
                Verb.EDIT_ICP,
                Verb.EDIT_SEGMENTS,
                Verb.SUPPRESS,
                Verb.WRITE_TEMPLATES,
                Verb.RUN_CAMPAIGNS,
                Verb.SEE_TEAM,
            }
        ),
        # An admin keeps the system running and answers to the law; selling is not theirs.
        Role.ADMIN: frozenset(
            {
                Verb.READ_BOOK,
                Verb.IMPORT_LISTS,
                Verb.UNDO_IMPORTS,
                Verb.EXPORT,
                Verb.SETTLE_PAIRS,
                Verb.SUPPRESS,
                Verb.LIFT_SUPPRESSION,
                Verb.ERASE,
                Verb.CONNECT_MAIL,
                Verb.SEE_TEAM,
                Verb.READ_LEDGER,
                Verb.MANAGE_PEOPLE,
                Verb.CHANGE_SETTINGS,
            }
        ),
    }
)

# What a newcomer with this role sees; settable for each person.
SEES: Mapping[Role, Sees] = MappingProxyType(
    {
        Role.FOUNDER: Sees.ALL,
        Role.SDR: Sees.TEAM,
        Role.BDR: Sees.TEAM,
        Role.AE: Sees.TEAM,
        Role.MANAGER: Sees.ALL,
        Role.MARKETING: Sees.ALL,
        Role.ADMIN: Sees.ALL,
    }
)


@dataclass(frozen=True, slots=True)
class Person:
    """Who is asking, as pages, API and actions pass it on; `id` is None for the system itself."""

    id: int | None
    name: str
    role: Role
    sees: Sees
    team_id: int | None = None
    zone: str = "UTC"

    @property
    def tz(self) -> ZoneInfo:
        return ZoneInfo(self.zone)


SYSTEM = Person(None, "Panout", Role.ADMIN, Sees.ALL)


def may(person: Person, verb: Verb) -> bool:
    """Whether the person's role holds the verb. The system may do all that it is built to do."""
    return person.id is None or verb in PERMISSIONS[person.role]


def demand(person: Person, verb: Verb) -> None:
    """Raise NotAllowed, naming the roles that may, unless the person may."""
    if not may(person, verb):
        able = ", ".join(role for role, verbs in PERMISSIONS.items() if verb in verbs)
        raise NotAllowed(f"Your role ({person.role}) may not {verb}.", mend=f"Ask one of: {able}.")


def known_zone(name: str) -> str:
    """An IANA zone name as given. Raises BadInput for any other text."""
    if name not in available_timezones():
        raise BadInput(
            f"There is no time zone '{name[:60]}'.", mend="Use an IANA name such as Europe/Berlin."
        )
    return name


@dataclass(frozen=True, slots=True)
class Sealed:
    """What a seal of the ledger covers: the words of one entry that nobody may change afterwards."""

    entry_id: int
    at: datetime
    actor_id: int | None
    actor: str
    verb: str
    kind: str
    subject_id: int | None
    details_digest: str


FIRST_SEAL = "0" * 64


def digest(salt: str, before: object, after: object, label: str, reason: str) -> str:
    """The fingerprint that stays in the ledger when erasure removes the words themselves."""
    text = json.dumps([salt, before, after, label, reason], sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def seal(previous: str, entry: Sealed) -> str:
    """SHA-256 over the previous seal and the entry; fields are JSON so that no two entries run together."""
    parts = [
        previous,
        entry.entry_id,
        entry.at.isoformat(),
        entry.actor_id,
        entry.actor,
        entry.verb,
        entry.kind,
        entry.subject_id,
        entry.details_digest,
    ]
    return hashlib.sha256(json.dumps(parts, ensure_ascii=False).encode()).hexdigest()
