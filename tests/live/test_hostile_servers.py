"""Servers that hang, drop the line, answer slowly or lie: what each does to a mail, and to the next one."""

import asyncio
import time

import pytest

from panout.clients.smtp import (
    BadCertificate,
    Connection,
    Envelope,
    LineLost,
    NotMine,
    Said,
    Security,
    Server,
)
from panout.kernel.stages import Stage
from panout.mailbox.judging import judged
from panout.mailbox.rules.failures import Fate
from tests.live.servers import certificate, free_port
from tests.live.sink import sinking

MAIL = b"From: a@panout.test\r\nMessage-ID: <m1@panout.test>\r\n\r\n.leading dot\r\n..two\r\n"


def send(server, *mails, marked=True):
    """Each mail over one connection; the receipts and troubles, in order."""

    async def all_of_them():
        door = Connection(server)
        came = []
        for recipient in mails:
            try:
                await door.open()
                said = await door.send(
                    Envelope("olga@panout.test", recipient), MAIL, lambda: asyncio.sleep(0, marked)
                )
                came.append(said.code)
            except (Said, LineLost, BadCertificate, NotMine) as trouble:
                came.append(trouble)
        await door.close()
        return came

    return asyncio.run(all_of_them())


def plain(sink, **how):
    return Server("127.0.0.1", sink.port, Security.NONE, patience=how.pop("patience", 1.0), **how)


MOODS = [
    ("drop at data", Fate.UNAVAILABLE, Stage.CONTENT, 0),
    ("drop before taking", Fate.UNSURE, Stage.AFTER, 0),
    ("drop after taking", Fate.UNSURE, Stage.AFTER, 1),
    ("hang after taking", Fate.UNSURE, Stage.AFTER, 1),
    ("grey", Fate.UNAVAILABLE, Stage.RECIPIENT, 0),
    ("deaf", Fate.UNAVAILABLE, Stage.CONNECT, 0),
]


@pytest.mark.parametrize(("mood", "fate", "stage", "taken"), MOODS, ids=[row[0] for row in MOODS])
def test_a_bad_mood_is_judged_by_the_moment_it_struck(mood, fate, stage, taken):
    with sinking() as (sink, _running):
        sink.mood = mood
        (trouble,) = send(plain(sink, patience=0.4), "ben@acme.test")
        assert (judged(trouble).fate, trouble.stage, len(sink.taken)) == (fate, stage, taken)


def test_a_slow_server_is_waited_for():
    with sinking() as (sink, _running):
        sink.mood = "slow"
        assert send(plain(sink), "ben@acme.test") == [250]


def test_one_connection_carries_many_and_a_no_does_not_break_it():
    with sinking() as (sink, _running):
        assert send(plain(sink), *[f"p{n}@acme.test" for n in range(5)]) == [250] * 5
        sink.mood = "grey"
        (refused,) = send(plain(sink), "grey@acme.test")
        assert refused.code == 450
        assert sink.said["220"] == 2


def test_after_a_lost_line_the_next_mail_opens_a_new_one():
    with sinking() as (sink, running):
        sink.mood = "drop after taking"
        sink.rng.random = iter([0.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0]).__next__
        came = send(plain(sink), "one@acme.test", "two@acme.test")
        assert isinstance(came[0], LineLost)
        assert came[1] == 250
        running.restart()
        sink.mood = "well"
        assert send(plain(sink), "three@acme.test") == [250]


def test_a_mail_that_is_called_off_never_leaves():
    with sinking() as (sink, _running):
        came = send(plain(sink), "ben@acme.test", marked=False)
        assert isinstance(came[0], NotMine)
        assert sink.taken == []


def test_nobody_there_is_told_as_such():
    (trouble,) = send(Server("127.0.0.1", free_port(), Security.NONE, patience=1), "ben@acme.test")
    assert (type(trouble), trouble.stage) == (LineLost, Stage.CONNECT)


def test_a_server_that_talks_something_else_is_not_taken_for_a_mail_server():
    async def web(_reader, writer):
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        await writer.drain()
        writer.close()

    async def talk():
        server = await asyncio.start_server(web, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            await Connection(Server("127.0.0.1", port, Security.NONE, patience=1)).open()
        finally:
            server.close()

    with pytest.raises(LineLost, match="does not speak SMTP"):
        asyncio.run(talk())


def test_a_reply_without_end_is_bounded_in_time_and_size():
    async def endless(_reader, writer):
        while True:
            writer.write(b"220-" + b"x" * 1000 + b"\r\n")
            await writer.drain()

    async def talk():
        server = await asyncio.start_server(endless, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        try:
            await Connection(Server("127.0.0.1", port, Security.NONE, patience=1)).open()
        finally:
            server.close()

    started = time.monotonic()
    with pytest.raises(LineLost):
        asyncio.run(talk())
    assert time.monotonic() - started < 5


@pytest.mark.parametrize("evil", ["ben@acme.test>\r\nRCPT TO:<eve@x.test", "ben@acme.test\nDATA"])
def test_an_address_cannot_carry_a_command(evil):
    with sinking() as (sink, _running):
        (trouble,) = send(plain(sink), evil)
        assert trouble.code == 553
        assert sink.taken == []


def test_a_certificate_is_checked_and_a_changed_one_stops_everything(tmp_path):
    first, second = certificate(tmp_path / "one"), certificate(tmp_path / "two")
    with sinking(first) as (sink, _running):
        server = Server("localhost", sink.port, Security.TLS, authority=str(first[0]), patience=2)
        assert send(server, "ben@acme.test") == [250]
        sink.tls.load_cert_chain(*second)
        _running.restart()
        (trouble,) = send(server, "ben@acme.test")
        assert isinstance(trouble, BadCertificate)
        assert judged(trouble).pauses_mailbox


@pytest.mark.parametrize(("name", "days"), [("other.test", 30), ("localhost", -1)])
def test_a_certificate_for_somebody_else_or_of_yesterday_is_refused(tmp_path, name, days):
    made = certificate(tmp_path, name, days)
    with sinking(made) as (sink, _running):
        server = Server("localhost", sink.port, Security.TLS, authority=str(made[0]), patience=2)
        (trouble,) = send(server, "ben@acme.test")
        assert isinstance(trouble, BadCertificate)
