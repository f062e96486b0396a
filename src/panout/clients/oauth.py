"""OAuth2 for mailboxes, with the user's own client id: the address to visit, the code, the refresh.

RFC 6749 with PKCE (RFC 7636); what comes back is used for SASL XOAUTH2 by the SMTP and IMAP doors.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlencode

from panout.clients.http import Http, Reply
from panout.kernel.errors import Refused, Unavailable


@dataclass(frozen=True)
class Provider:
    """The addresses of one authority, and the rights that mail needs there."""

    key: str
    name: str
    authorise_url: str
    token_url: str
    scopes: tuple[str, ...]
    extra: tuple[tuple[str, str], ...] = ()


GOOGLE = Provider(
    "google",
    "Google",
    "https://accounts.google.com/o/oauth2/v2/auth",
    "https://oauth2.googleapis.com/token",
    ("https://mail.google.com/",),
    # Without these Google gives a refresh token only the first time somebody agrees.
    (("access_type", "offline"), ("prompt", "consent")),
)
MICROSOFT = Provider(
    "microsoft",
    "Microsoft",
    "https://login.microsoftonline.com/common/oauth2/v2.0/authorize",
    "https://login.microsoftonline.com/common/oauth2/v2.0/token",
    (
        "https://outlook.office.com/SMTP.Send",
        "https://outlook.office.com/IMAP.AccessAsUser.All",
        "offline_access",
    ),
)
PROVIDERS: Mapping[str, Provider] = {one.key: one for one in (GOOGLE, MICROSOFT)}


@dataclass(frozen=True)
class App:
    """The user's own registration with the provider. Public clients have no secret."""

    client_id: str
    client_secret: str = field(default="", repr=False)
    redirect_uri: str = ""


@dataclass(frozen=True)
class Tokens:
    """`refresh` is "" when the authority kept the old one in force."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_at: datetime


def challenge(verifier: str) -> str:
    """PKCE's S256 of a verifier of 43 to 128 letters that only we know."""
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def visit(provider: Provider, app: App, state: str, verifier: str, address: str = "") -> str:
    """The page on which the mailbox's owner agrees. `state` comes back with the code, unchanged."""
    asked = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": app.redirect_uri,
        "scope": " ".join(provider.scopes),
        "state": state,
        "code_challenge": challenge(verifier),
        "code_challenge_method": "S256",
        **dict(provider.extra),
    }
    if address:
        asked["login_hint"] = address
    return f"{provider.authorise_url}?{urlencode(asked)}"


def redeem(http: Http, provider: Provider, app: App, code: str, verifier: str, now: datetime) -> Tokens:
    """Turn the code into tokens. Raises Refused when the authority will not, Unavailable when it cannot."""
    return _tokens(
        http,
        provider,
        {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": app.redirect_uri,
            "code_verifier": verifier,
            **_who(app),
        },
        now,
    )


def refresh(http: Http, provider: Provider, app: App, token: str, now: datetime) -> Tokens:
    """A new access token. Refused means that the owner must agree again."""
    return _tokens(http, provider, {"grant_type": "refresh_token", "refresh_token": token, **_who(app)}, now)


def _who(app: App) -> dict[str, str]:
    return {"client_id": app.client_id} | ({"client_secret": app.client_secret} if app.client_secret else {})


def _tokens(http: Http, provider: Provider, form: dict[str, str], now: datetime) -> Tokens:
    reply = http.post(provider.token_url, form=form, headers={"Accept": "application/json"})
    said = _json(reply)
    if reply.status == 200 and isinstance(said.get("access_token"), str):
        seconds = said.get("expires_in")
        lasts = timedelta(seconds=seconds if isinstance(seconds, int) else 3600)
        return Tokens(str(said["access_token"]), str(said.get("refresh_token") or ""), now + lasts)
    if reply.status >= 500 or reply.status == 429:
        raise Unavailable(
            f"{provider.name} gives no token now ({reply.status}).",
            where="sign-in",
            mend="It is tried again.",
        )
    what = str(said.get("error_description") or said.get("error") or f"answer {reply.status}")[:300]
    mend = "Connect the account again." if said.get("error") == "invalid_grant" else "Look at the client id."
    raise Refused(f"{provider.name} refuses: {what}.", where="sign-in", mend=mend)


def _json(reply: Reply) -> dict[str, object]:
    try:
        said = json.loads(reply.body)
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}
