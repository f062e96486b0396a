"""How far a conversation with a mail server had come when something was said, or went wrong."""

from __future__ import annotations

from enum import StrEnum


class Stage(StrEnum):
    """How far the conversation had come. People read these, so they are words."""

    RESOLVE = "looking up the server"
    CONNECT = "connecting"
    TLS = "securing the connection"
    HELLO = "greeting"
    AUTH = "signing in"
    SENDER = "naming the sender"
    RECIPIENT = "naming the recipient"
    CONTENT = "handing over the mail"
    AFTER = "waiting for the receipt"
    FOLDER = "opening the folder"
