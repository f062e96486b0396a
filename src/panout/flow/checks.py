"""Settings that would be regretted later, as Django's own checks: shown by every management command, with hints."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

from django.apps import AppConfig
from django.conf import settings
from django.core import checks
from django.core.checks import CheckMessage, Error, Tags


@checks.register(Tags.security)
def settings_fit_together(app_configs: Sequence[AppConfig] | None, **_: object) -> list[CheckMessage]:  # noqa: ARG001
    """What one setting alone cannot show to be wrong."""
    found: list[CheckMessage] = []
    address = urlsplit(settings.URL)
    if address.scheme not in {"http", "https"} or not address.hostname:
        found.append(
            Error(
                "PANOUT_URL is no web address.",
                hint="Give it whole, such as https://panout.example.com: links in mail begin with it.",
                id="panout.E001",
            )
        )
    elif address.hostname not in settings.ALLOWED_HOSTS and "*" not in settings.ALLOWED_HOSTS:
        found.append(
            checks.Warning(
                f"PANOUT_HOSTS does not name {address.hostname}, which PANOUT_URL does.",
                hint="Add it: otherwise links in mail lead to an error page.",
                id="panout.W001",
            )
        )
    if settings.DEBUG and address.scheme == "https":
        found.append(
            Error(
                "PANOUT_DEBUG is on for an address that others can reach.",
                hint="Unset PANOUT_DEBUG: its error pages show settings and rows.",
                id="panout.E002",
            )
        )
    if settings.DATABASE_URL and not settings.SECRET_IS_KEPT:
        found.append(
            checks.Warning(
                "The secret key lasts for this process only.",
                hint="Set PANOUT_SECRET_KEY, the same for every process: otherwise sign-ins end with each restart.",
                id="panout.W002",
            )
        )
    if settings.CLOCK_FILE and address.scheme == "https":
        found.append(
            Error(
                "PANOUT_CLOCK plays the time on an address that others can reach.",
                hint="Unset it: it is for the sandbox.",
                id="panout.E003",
            )
        )
    return found
