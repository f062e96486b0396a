"""The dated figures that sending goes by. They are data, because providers change them without asking us."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True)
class Requirement:
    """What a mailbox provider asks of senders. `check` names what tells whether it holds."""

    provider: str
    check: str
    who: str
    wants: str
    figure: float | None
    as_of: str
    source: str


@dataclass(frozen=True)
class Host:
    """Who runs a domain's mail, known by the name of its mail exchanger."""

    name: str
    mx_suffix: str
    spf_include: str
    selectors: tuple[str, ...]
    dkim_help: str


@dataclass(frozen=True)
class Blocklist:
    zone: str
    lists: str  # address or domain
    name: str
    delist: str


@dataclass(frozen=True)
class Preset:
    """A provider's servers. `keeps_sent`: it files sent mail itself, so that we must not file it twice."""

    key: str
    name: str
    domains: tuple[str, ...]
    mx_suffixes: tuple[str, ...]
    smtp_host: str
    smtp_port: int
    smtp_security: str
    imap_host: str
    imap_port: int
    ways: tuple[str, ...]
    oauth: str
    sent_folder: str
    keeps_sent: bool
    daily_limit: int | None
    note: str


def _rows(name: str) -> list[dict[str, str]]:
    text = files("panout.mailbox").joinpath("tables", f"{name}.csv").read_text("utf-8")
    return list(csv.DictReader(text.splitlines()))


@cache
def requirements() -> tuple[Requirement, ...]:
    return tuple(
        Requirement(
            row["provider"],
            row["check"],
            row["who"],
            row["wants"],
            float(row["figure"]) if row["figure"] else None,
            row["as_of"],
            row["source"],
        )
        for row in _rows("providers")
    )


@cache
def hosts() -> tuple[Host, ...]:
    return tuple(
        Host(
            row["name"],
            row["mx_suffix"],
            row["spf_include"],
            tuple(row["selectors"].split()),
            row["dkim_help"],
        )
        for row in _rows("hosts")
    )


@cache
def usual_selectors() -> tuple[str, ...]:
    """DKIM keys cannot be listed, only asked for by name; these are the names in common use."""
    return tuple(row["selector"] for row in _rows("selectors"))


@cache
def blocklists() -> tuple[Blocklist, ...]:
    return tuple(
        Blocklist(row["zone"], row["lists"], row["name"], row["delist"]) for row in _rows("blocklists")
    )


@cache
def presets() -> tuple[Preset, ...]:
    return tuple(
        Preset(
            row["key"],
            row["name"],
            tuple(row["domains"].split()),
            tuple(row["mx_suffix"].split()),
            row["smtp_host"],
            int(row["smtp_port"]),
            row["smtp_security"],
            row["imap_host"],
            int(row["imap_port"]),
            tuple(row["ways"].split()),
            row["oauth"],
            row["sent_folder"],
            row["keeps_sent"] == "yes",
            int(row["daily_limit"]) if row["daily_limit"] else None,
            row["note"],
        )
        for row in _rows("presets")
    )


@cache
def machine_agents() -> tuple[tuple[str, str], ...]:
    """(words in a visitor's User-Agent in lower case, what that visitor is)."""
    return tuple((row["contains"], row["what"]) for row in _rows("machine_agents"))


def host_of(exchangers: tuple[str, ...]) -> Host | None:
    """Who runs the mail of a domain with these mail exchangers."""
    for name in exchangers:
        for host in hosts():
            if under(name.lower(), host.mx_suffix):
                return host
    return None


def preset_for(address_domain: str, exchangers: tuple[str, ...] = ()) -> Preset:
    """The servers to propose for a new account; the last row, own server, when nothing is known."""
    for preset in presets():
        if address_domain.lower() in preset.domains:
            return preset
        if any(under(name.lower(), suffix) for name in exchangers for suffix in preset.mx_suffixes):
            return preset
    return presets()[-1]


def under(name: str, parent: str) -> bool:
    """`a.example.com` is under `example.com`, and so is `example.com` itself; `badexample.com` is not."""
    return name == parent or name.endswith(f".{parent}")
