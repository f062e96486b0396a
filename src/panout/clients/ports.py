"""Whether a port of a server can be reached from here at all."""

from __future__ import annotations

import socket


def unreached(host: str, port: int, patience: float) -> str:
    """Why it cannot, in the system's words; empty when it can. Nothing is said to the server."""
    try:
        socket.create_connection((host, port), timeout=patience).close()
    except OSError as error:
        return error.strerror or str(error)
    return ""
