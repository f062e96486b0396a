"""`panout domain check`: what a domain's DNS says about its mail, and what to put there."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from panout.cli.voice import out
from panout.flow import clock
from panout.flow.domains import domain_health
from panout.mailbox.rules.health import Finding, Health, Standing, dmarc_policy

app = typer.Typer(no_args_is_help=True, help="Sending domains: are they fit to send?")

# Told apart from 1 (could not be checked), so that a script may act on it.
UNFIT = 4

_MARKS = {
    Standing.PASS: "[green]pass[/]",
    Standing.WARN: "[yellow]warn[/]",
    Standing.FAIL: "[bold red]FAIL[/]",
    Standing.UNKNOWN: "[cyan]unknown[/]",
}


@app.callback()
def domain() -> None:
    """Sending domains: are they fit to send?"""


@app.command(
    epilog="Exit codes: 0 no check fails, 4 a check fails, 1 could not be checked (the resolver is silent), "
    "2 wrong use."
)
def check(
    domain: Annotated[str, typer.Argument(help="As in example.com.")],
    resolver: Annotated[
        str | None,
        typer.Option(envvar="PANOUT_RESOLVER", metavar="HOST:PORT", help="Ask this one and no other."),
    ] = None,
    selector: Annotated[
        list[str] | None,
        typer.Option(help="A DKIM selector in use; may be repeated. Without it the usual ones are tried."),
    ] = None,
    ip: Annotated[
        list[str] | None, typer.Option(help="An address that mail leaves from; may be repeated.")
    ] = None,
    envelope: Annotated[str, typer.Option(help="Domain of the envelope sender, when it differs.")] = "",
    signer: Annotated[str, typer.Option(help="Domain that signs (d=), when it differs.")] = "",
    blocklist: Annotated[
        list[str] | None,
        typer.Option(metavar="ZONE", help="Ask these address blocklists instead; may be repeated."),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object on stdout.")] = False,
) -> None:
    """Check SPF, DKIM, DMARC, alignment, MX, reverse DNS, TLS records and blocklists of DOMAIN."""
    health = domain_health(
        domain,
        clock.now(),
        resolver=resolver,
        selectors=selector or (),
        addresses=ip or (),
        envelope=envelope,
        signer=signer,
        zones=blocklist or None,
    )
    if as_json:
        typer.echo(json.dumps(health_record(health), indent=2))
    else:
        _show(health)
    raise typer.Exit(0 if health.ok else UNFIT)


def health_record(health: Health) -> dict[str, object]:
    """The JSON form. Keys are added to, never renamed."""
    seen = health.seen
    dmarc = dmarc_policy(seen.dmarc.records[0]) if len(seen.dmarc.records) == 1 else None
    return {
        "domain": health.domain,
        "checked_at": health.checked_at.isoformat(),
        "ok": health.ok,
        "grade": health.grade,
        "mail_host": seen.host.name if seen.host else None,
        "findings": [_finding(one) for one in health.findings],
        "mx": {"status": health.status("mx"), **asdict(seen.mx)},
        "spf": {
            "status": health.status("spf"),
            **asdict(seen.spf),
            "record": seen.spf.records[0] if len(seen.spf.records) == 1 else None,
        },
        "dkim": {"status": health.status("dkim"), **asdict(seen.dkim)},
        "dmarc": {
            "status": health.status("dmarc"),
            **asdict(seen.dmarc),
            "record": seen.dmarc.records[0] if len(seen.dmarc.records) == 1 else None,
            "policy": dmarc.policy if dmarc else None,
            "subdomain_policy": dmarc.subdomain_policy if dmarc else None,
            "percent": dmarc.percent if dmarc else None,
            "reports": list(dmarc.reports) if dmarc else [],
        },
        "alignment": {"status": health.status("alignment")},
        "reverse_dns": {
            "status": health.status("reverse_dns"),
            "addresses": [asdict(one) for one in seen.reverse],
        },
        "tls": {"mta_sts": list(seen.tls.mta_sts), "tls_rpt": list(seen.tls.tls_rpt)},
        "blocklists": {
            "status": health.status("blocklists"),
            "asked": [asdict(one) for one in seen.listings],
        },
        "providers": [asdict(one) for one in health.providers],
    }


def _finding(one: Finding) -> dict[str, object]:
    return {
        "check": one.check,
        "status": one.status,
        "what": one.what,
        "mend": one.mend,
        "put": asdict(one.put) if one.put else None,
    }


def _show(health: Health) -> None:
    verdict = "[green]fit to send[/]" if health.ok else "[bold red]not fit to send[/]"
    out.print(f"[bold]{escape(health.domain)}[/]  {verdict}, grade [bold]{health.grade}[/]\n")
    table = Table(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(no_wrap=True)
    table.add_column(ratio=1)
    for one in health.findings:
        lines = [escape(one.what)]
        if one.mend:
            lines.append(f"[dim]{escape(one.mend)}[/]")
        if one.put:
            lines.append(f"[bold]{escape(one.put.name)}[/]  {one.put.type}  {escape(one.put.value)}")
        table.add_row(_MARKS[one.status], one.check, "\n".join(lines))
    out.print(table)
    if not health.providers:
        return
    out.print()
    for provider in dict.fromkeys(one.provider for one in health.providers):
        rules = [one for one in health.providers if one.provider == provider]
        lacking = [one.wants for one in rules if one.held is False]
        untold = [one for one in rules if one.held is None]
        word = f"[bold red]lacks[/] {escape('; '.join(lacking))}" if lacking else "[green]ready[/]"
        aside = f" [dim]({len(untold)} of {len(rules)} rules DNS cannot tell)[/]" if untold else ""
        out.print(f"{provider:<10} {word}{aside} [dim]as of {rules[0].as_of}[/]")
