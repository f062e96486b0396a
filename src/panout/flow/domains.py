"""Domain health for whoever asks: hands the DNS door to the inspection."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from panout.clients.dns import Resolver
from panout.kernel.errors import BadInput
from panout.mailbox.inspection import Ask, clean_domain, inspect, is_address
from panout.mailbox.rules.health import Health, judge
from panout.mailbox.rules.tables import Blocklist


def domain_health(
    domain: str,
    now: datetime,
    *,
    resolver: str | None = None,
    selectors: Sequence[str] = (),
    addresses: Sequence[str] = (),
    envelope: str = "",
    signer: str = "",
    zones: Sequence[str] | None = None,
) -> Health:
    """Ask and judge. `resolver` is HOST:PORT; `zones` replaces the address blocklists (empty: ask none).

    Raises BadInput for what is no domain, address or resolver, Unavailable when the resolver is silent.
    """
    for address in addresses:
        if not is_address(address):
            raise BadInput(f"{address!r} is not an address", where="--ip", mend="Give it as in 192.0.2.25.")
    ask = Ask(
        clean_domain(domain),
        tuple(selectors),
        tuple(addresses),
        clean_domain(envelope) if envelope else "",
        clean_domain(signer) if signer else "",
        None if zones is None else tuple(Blocklist(zone, "address", zone, f"see {zone}") for zone in zones),
    )
    return judge(inspect(ask, Resolver(resolver)), now)
