"""Email cells: the address in them, and a grade that says what kind of address it is."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, lru_cache
from importlib.resources import files

from disposable_email_domains import blocklist

from panout.kernel.domain import parse_domain
from panout.kernel.email import EmailAddress, parse_email


class EmailGrade(StrEnum):
    """What may be said of an address without asking its server. Never "valid": only a reply proves that.

    The first that holds is given, in this order.
    """

    INVALID = "invalid"  # not an address; the cell is kept in the raw rows only
    DISPOSABLE = "disposable"  # a throw-away mailbox
    ROLE = "role"  # a desk, not a person: info@, sales@
    FREE = "free"  # a person at a public mail provider
    UNKNOWN = "unknown"  # well formed, but under a top-level domain that the public internet does not have
    WORK = "work"  # a person's address at a domain of its own


@dataclass(frozen=True, slots=True)
class GradedEmail:
    """`domain` is the registered domain, by which colleagues are recognised (mail.acme.com is acme.com)."""

    address: EmailAddress
    grade: EmailGrade
    domain: str
    free: bool


_SEVERAL = re.compile(r"[;,|\s]+")
_BRACKETED = re.compile(r"<\s*([^<>]+@[^<>]+?)\s*>")
_AT = re.compile(r"\s*(?:\(at\)|\[at\]|\{at\}|＠)\s*|\s+@\s*|@\s+", re.IGNORECASE)
_DOT = re.compile(r"\s*(?:\(dot\)|\[dot\]|\{dot\})\s*", re.IGNORECASE)
_EDGES = "\"'`<>()[]{}.,;:*\u200b\u2018\u2019\u201c\u201d"
# Desks in the languages of the lists we see; digits and dots behind them do not make a person of a desk.
_DESKS = frozenset(
    [
        "abuse",
        "accounting",
        "accounts",
        "ads",
        "admin",
        "administration",
        "administrator",
        "advertising",
        "apply",
        "ask",
        "billing",
        "board",
        "booking",
        "bookings",
        "careers",
        "ceo-office",
        "compliance",
        "contact",
        "contactus",
        "contracts",
        "customercare",
        "customerservice",
        "customersupport",
        "data",
        "dev",
        "desk",
        "dpo",
        "editor",
        "editorial",
        "email",
        "enquiries",
        "enquiry",
        "events",
        "everyone",
        "feedback",
        "finance",
        "frontdesk",
        "gdpr",
        "general",
        "hallo",
        "hello",
        "help",
        "helpdesk",
        "hi",
        "hiring",
        "home",
        "hostmaster",
        "hr",
        "hola",
        "info",
        "information",
        "inquiries",
        "inquiry",
        "invoice",
        "invoices",
        "it",
        "itsupport",
        "jobs",
        "legal",
        "list",
        "mail",
        "mailbox",
        "mailer-daemon",
        "management",
        "manager",
        "marketing",
        "media",
        "members",
        "membership",
        "news",
        "newsletter",
        "no-reply",
        "noc",
        "noreply",
        "donotreply",
        "do-not-reply",
        "office",
        "online",
        "operations",
        "ops",
        "order",
        "orders",
        "partner",
        "partners",
        "partnerships",
        "payments",
        "payroll",
        "people",
        "postmaster",
        "pr",
        "press",
        "privacy",
        "procurement",
        "publicrelations",
        "purchasing",
        "reception",
        "recruiting",
        "recruitment",
        "registrar",
        "reservations",
        "returns",
        "root",
        "sales",
        "salesteam",
        "secretary",
        "security",
        "service",
        "services",
        "shop",
        "staff",
        "store",
        "studio",
        "subscribe",
        "subscriptions",
        "support",
        "sysadmin",
        "talent",
        "team",
        "tech",
        "techsupport",
        "test",
        "training",
        "usenet",
        "vendor",
        "vendors",
        "web",
        "webmaster",
        "welcome",
        "anfrage",
        "anfragen",
        "bestellung",
        "bewerbung",
        "buchhaltung",
        "buero",
        "buro",
        "datenschutz",
        "einkauf",
        "empfang",
        "geschaeftsleitung",
        "kanzlei",
        "karriere",
        "kontakt",
        "kundenservice",
        "mailbox",
        "personal",
        "praxis",
        "presse",
        "rechnung",
        "rezeption",
        "sekretariat",
        "verkauf",
        "vertrieb",
        "verwaltung",
        "vorstand",
        "werkstatt",
        "zentrale",
        "accueil",
        "achat",
        "achats",
        "bonjour",
        "commande",
        "communication",
        "comptabilite",
        "contactez",
        "direction",
        "facturation",
        "presse",
        "recrutement",
        "rh",
        "secretariat",
        "serviceclient",
        "vente",
        "ventes",
        "administracion",
        "atencion",
        "clientes",
        "comercial",
        "compras",
        "contacto",
        "facturacion",
        "ventas",
        "informacion",
        "amministrazione",
        "commerciale",
        "ordini",
        "segreteria",
        "ufficio",
        "vendite",
        "informazioni",
        "administratie",
        "inkoop",
        "klantenservice",
        "verkoop",
        "administracao",
        "contato",
        "financeiro",
        "vendas",
        "biuro",
        "kontor",
    ]
)
_DESK_TAIL = re.compile(r"^([a-z-]+?)(?:[._-]?(?:\d{1,3}|team|desk|office|dept|[a-z]{2}))?$")


def find_email(cell: str) -> EmailAddress | None:
    """The first well-formed address in the cell: bare, "Name <address>", mailto:, or several parted by
    marks."""
    # No address has a blank in it; asking the library to say so takes fifty times as long.
    found = None if " " in cell else parse_email(cell)
    if found is not None or ("@" not in cell and "at" not in cell.lower() and "＠" not in cell):
        return found
    text = _DOT.sub(".", _AT.sub("@", cell.strip()))
    bracketed = _BRACKETED.search(text)
    candidates = [bracketed[1]] if bracketed else _SEVERAL.split(text)
    for candidate in candidates:
        bare = candidate.strip(_EDGES)
        bare = bare[7:] if bare[:7].lower() == "mailto:" else bare
        found = parse_email(bare.partition("?")[0])
        if found is not None:
            return found
    return None


def graded_email(cell: str) -> GradedEmail | None:
    """The address in the cell with its grade; None when there is none (its grade is then `invalid`)."""
    address = find_email(cell)
    if address is None:
        return None
    at = mail_domain(address.domain)
    if at.disposable:
        grade = EmailGrade.DISPOSABLE
    elif is_desk(address.local):
        grade = EmailGrade.ROLE
    else:
        grade = at.personal_grade
    return GradedEmail(address, grade, at.registered, at.free)


@dataclass(frozen=True, slots=True)
class MailDomain:
    """What the domain alone says about every address at it."""

    registered: str
    free: bool
    disposable: bool
    personal_grade: EmailGrade


@lru_cache(maxsize=131072)
def mail_domain(host: str) -> MailDomain:
    """Look a mail host up in the lists of public providers and throw-away mailboxes, and in the suffix
    list."""
    registered = parse_domain(host)
    name = registered.name if registered else host
    free = host in free_domains() or name in free_domains()
    disposable = not free and (host in blocklist or name in blocklist)
    public = registered is not None and registered.public
    grade = EmailGrade.FREE if free else EmailGrade.WORK if public else EmailGrade.UNKNOWN
    return MailDomain(name, free, disposable, grade)


def desk_words() -> frozenset[str]:
    """The names of desks; every local part that `is_desk` accepts begins with one of them."""
    return _DESKS


def is_desk(local: str) -> bool:
    """Is this the name of a desk rather than of a person? `sales`, `info2`, `support-de`, `kontakt`."""
    if local in _DESKS:
        return True
    found = _DESK_TAIL.match(local.partition("+")[0])
    return found is not None and found[1] in _DESKS


def disposable_domains() -> Collection[str]:
    """Providers of mailboxes that are thrown away after use."""
    return blocklist


@cache
def free_domains() -> frozenset[str]:
    """Public mail providers, where anybody has a mailbox."""
    listed = files("panout.sources.rules").joinpath("freemail.txt").read_text("utf-8")
    return frozenset(
        word for line in listed.splitlines() if not line.startswith("#") for word in line.split()
    )
