"""A token server on loopback: it gives access tokens for a refresh token, and tells mail servers whose they are."""

import json
import secrets
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs


class Authority:
    """`given` maps an access token to its owner; `grants` a refresh token. `lasts` is in seconds."""

    def __init__(self):
        self.given, self.grants = {}, {}
        self.lasts = 3600
        self.asked = []
        self.closed = False

    def answer(self, path, form):
        """(status, object)"""
        self.asked.append(path)
        if path == "/introspect":
            owner = self.given.get(form.get("token", ""))
            return 200, {"active": True, "username": owner} if owner else {"active": False}
        if self.closed:
            return 503, {"error": "temporarily_unavailable"}
        owner = self.grants.get(form.get("refresh_token", ""))
        if (
            form.get("grant_type") != "refresh_token"
            or form.get("client_id") != "our-client"
            or owner is None
        ):
            return 400, {"error": "invalid_grant", "error_description": "The owner took the right back"}
        token = secrets.token_urlsafe(900)  # Microsoft's are about that long
        self.given[token] = owner
        return 200, {"access_token": token, "expires_in": self.lasts, "token_type": "Bearer"}


@contextmanager
def authority():
    """Yields (authority, its address)."""
    held = Authority()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            status, said = held.answer(
                self.path, {name: values[0] for name, values in parse_qs(body).items()}
            )
            told = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(told)))
            self.end_headers()
            self.wfile.write(told)

        def log_message(self, *_told):
            return

    server = ThreadingHTTPServer(("127.0.0.1", 0), Door)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield held, f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
