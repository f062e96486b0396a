"""OAuth against a token server of our own, over real HTTP on loopback."""

import json
import threading
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest

from panout.clients.http import Web
from panout.clients.oauth import GOOGLE, MICROSOFT, App, Provider, challenge, redeem, refresh, visit
from panout.kernel.errors import Refused, Unavailable

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)
APP = App("client-1", "hush", "https://panout.test/oauth")
VERIFIER = "v" * 43


@pytest.fixture
def authority():
    """(provider, what was asked, what to answer)."""
    asked, answers = [], []

    class Tokens(BaseHTTPRequestHandler):
        def do_POST(self):
            form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            asked.append({name: values[0] for name, values in form.items()})
            status, said = answers.pop(0)
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_args):
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Tokens) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        where = f"http://127.0.0.1:{server.server_address[1]}"
        yield Provider("test", "Test", f"{where}/auth", f"{where}/token", ("mail",)), asked, answers
        server.shutdown()


@pytest.fixture
def web():
    door = Web(patience=2)
    yield door
    door.close()


def test_the_page_to_visit_asks_for_mail_and_proves_who_asked():
    query = parse_qs(urlsplit(visit(GOOGLE, APP, "state-1", VERIFIER, "olga@panout.test")).query)
    assert query["scope"] == ["https://mail.google.com/"]
    assert query["access_type"] == ["offline"]
    assert query["code_challenge"] == [challenge(VERIFIER)]
    assert query["login_hint"] == ["olga@panout.test"]
    assert "hush" not in str(query)
    assert "offline_access" in visit(MICROSOFT, APP, "s", VERIFIER)


def test_the_challenge_is_the_standards_own():
    assert (
        challenge("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")
        == "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
    )


def test_a_code_becomes_tokens(authority, web):
    provider, asked, answers = authority
    answers.append((200, {"access_token": "a1", "refresh_token": "r1", "expires_in": 1800}))
    tokens = redeem(web, provider, APP, "code-1", VERIFIER, NOW)
    assert (tokens.access, tokens.refresh, tokens.expires_at) == ("a1", "r1", NOW + timedelta(minutes=30))
    assert asked[0]["code_verifier"] == VERIFIER
    assert asked[0]["client_secret"] == "hush"
    assert "a1" not in repr(tokens)


def test_a_refresh_may_keep_the_old_refresh_token(authority, web):
    provider, asked, answers = authority
    answers.append((200, {"access_token": "a2"}))
    tokens = refresh(web, provider, APP, "r1", NOW)
    assert (tokens.access, tokens.refresh) == ("a2", "")
    assert asked[0]["grant_type"] == "refresh_token"


@pytest.mark.parametrize(
    ("status", "said", "error"),
    [
        (400, {"error": "invalid_grant", "error_description": "Token has been revoked."}, Refused),
        (401, {"error": "invalid_client"}, Refused),
        (200, {"nothing": "useful"}, Refused),
        (200, b"<html>", Refused),
        (200, b"[1]", Refused),
        (503, {}, Unavailable),
        (429, {}, Unavailable),
    ],
)
def test_a_no_is_told_from_a_not_now(authority, web, status, said, error):
    provider, _asked, answers = authority
    answers.append((status, said))
    with pytest.raises(error):
        refresh(web, provider, APP, "r1", NOW)


def test_a_silent_authority_is_unavailable(web):
    nobody = Provider("x", "X", "http://127.0.0.1:9/a", "http://127.0.0.1:9/t", ())
    with pytest.raises(Unavailable):
        refresh(web, nobody, APP, "r1", NOW)
