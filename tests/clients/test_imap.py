"""Waiting at a mailbox, against a server that says its lines one by one, early, late, together or never."""

import socket
import threading
from contextlib import contextmanager

import pytest

from panout.clients.imap import Mailbox, News
from panout.clients.smtp import LineLost, Security, Server, Trouble

ABLE = b"* CAPABILITY IMAP4rev1 IDLE\r\n"


@contextmanager
def imap(*, able=ABLE, idle=(b"+ idling\r\n",), done=(b"PANOUT OK done\r\n",)):
    """A server that signs anybody in and then says these lines when it is asked to idle, and when that ends."""
    door = socket.create_server(("127.0.0.1", 0))

    def talk():
        try:
            line, _ = door.accept()
        except OSError:
            return
        with line, line.makefile("rb") as heard:
            line.sendall(b"* OK ready\r\n")
            for said in heard:
                tag, _, words = said.strip().partition(b" ")
                verb = words.upper().split(b" ")[0] if words else tag.upper()
                if verb == b"CAPABILITY":
                    line.sendall(able)
                elif verb == b"IDLE":
                    for some in idle:
                        line.sendall(some)
                    continue
                elif verb == b"DONE":
                    for some in done:
                        line.sendall(some)
                    continue
                elif verb == b"LOGOUT":
                    line.sendall(b"* BYE\r\n")
                line.sendall(tag + b" OK done\r\n")

    thread = threading.Thread(target=talk, daemon=True)
    thread.start()
    box = Mailbox(Server("127.0.0.1", door.getsockname()[1], Security.NONE, "olga", "x", patience=2))
    try:
        yield box
    finally:
        box.close()
        door.close()
        thread.join(5)


NEWS = [
    ("in the same packet as the go-ahead", [b"+ idling\r\n* 4 EXISTS\r\n"], [], News.SOME),
    ("before the go-ahead", [b"* 4 EXISTS\r\n+ idling\r\n"], [], News.SOME),
    (
        "after signs of life",
        [b"+ idling\r\n* OK Still here\r\n", b"* 3 EXPUNGE\r\n* 4 EXISTS\r\n"],
        [],
        News.SOME,
    ),
    ("while it ends", [b"+ idling\r\n"], [b"* 4 EXISTS\r\nPANOUT OK\r\n"], News.SOME),
    ("none", [b"+ idling\r\n* OK Still here\r\n"], [], News.NONE),
    ("a line in two pieces", [b"+ idling\r\n* 4 EX", b"ISTS\r\n"], [], News.SOME),
    ("no idling after all", [b"PANOUT BAD what?\r\n"], [], News.DEAF),
]


@pytest.mark.parametrize(("idle", "done", "news"), [row[1:] for row in NEWS], ids=[row[0] for row in NEWS])
def test_news_are_heard_however_they_come(idle, done, news):
    with imap(idle=idle, done=done or (b"PANOUT OK done\r\n",)) as box:
        assert box.wait(0.5) is news


def test_a_quiet_wait_leaves_the_line_fit_for_more():
    with imap() as box:
        assert [box.wait(0.1) for _ in range(3)] == [News.NONE] * 3
        assert box.raw.noop()[0] == "OK"


def test_a_server_that_cannot_is_not_asked():
    with imap(able=b"* CAPABILITY IMAP4rev1\r\n", idle=()) as box:
        assert box.wait(0.1) is News.DEAF


def test_a_server_that_says_goodbye_is_a_lost_line():
    with imap(idle=(b"+ idling\r\n* BYE shutting down\r\n",)) as box, pytest.raises(LineLost):
        box.wait(5)


def test_somebody_who_waits_can_be_called_off():
    with imap() as box:
        came = []

        def wait():
            try:
                box.wait(60)
            except Trouble as trouble:
                came.append(trouble)

        waiting = threading.Thread(target=wait)
        waiting.start()
        waiting.join(0.3)
        assert waiting.is_alive()
        box.hang_up()
        waiting.join(5)
        assert not waiting.is_alive()
        assert isinstance(came[0], LineLost)
