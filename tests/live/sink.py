"""An SMTP server that counts what it takes, and can be made to misbehave in every way that servers do."""

import asyncio
import contextlib
import random
import re
import ssl
import threading
from collections import Counter
from contextlib import contextmanager


class Sink:
    """`mood` decides what happens; `taken` holds (recipient, Message-ID) of each mail it took.

    A mail counts as taken when its final dot was read, whether or not the receipt reached the sender: that is
    the moment from which the recipient may have it.
    """

    def __init__(self, seed=1):
        self.taken = []
        self.mood = "well"
        self.share = 1.0
        self.pace = 0.0  # seconds for each recipient, so that there is time to kill somebody
        self.rng = random.Random(seed)
        self.port = 0
        self.said = Counter()
        self.tls = None
        self._server = None
        self._lines = set()

    @property
    def counts(self):
        return Counter(recipient for recipient, _ in self.taken)

    @property
    def ids(self):
        return {message_id for _, message_id in self.taken}

    def moody(self, mood):
        return self.mood == mood and self.rng.random() < self.share

    async def start(self):
        self._server = await asyncio.start_server(
            self._talk, "127.0.0.1", self.port, limit=2**20, ssl=self.tls
        )
        self.port = self._server.sockets[0].getsockname()[1]

    async def stop(self):
        self._server.close()
        for writer in list(self._lines):
            writer.transport.abort()
        await asyncio.sleep(0)

    async def _talk(self, reader, writer):
        self._lines.add(writer)
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
                await self._converse(reader, writer)
        finally:
            self._lines.discard(writer)
            writer.close()

    async def _say(self, writer, line):
        self.said[line[:3]] += 1
        writer.write(line.encode() + b"\r\n")
        await writer.drain()

    async def _converse(self, reader, writer):  # noqa: C901  a protocol in one place
        if self.moody("deaf"):
            await asyncio.sleep(3600)
        await self._say(writer, "220 sink ESMTP")
        recipient = ""
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb in (b"EHLO", b"HELO"):
                await self._say(writer, "250-sink\r\n250-PIPELINING\r\n250-SIZE 50000000\r\n250 SMTPUTF8")
            elif verb == b"MAIL":
                await self._say(writer, "250 2.1.0 ok")
            elif verb == b"RCPT":
                recipient = re.search(rb"<([^>]*)>", line)[1].decode()
                if self.moody("grey"):
                    recipient = ""
                    await self._say(writer, "450 4.2.0 greylisted, try again later")
                    continue
                if self.moody("slow"):
                    await asyncio.sleep(0.2)
                await asyncio.sleep(self.pace)
                await self._say(writer, "250 2.1.5 ok")
            elif verb == b"DATA" and not recipient:
                await self._say(writer, "554 5.5.1 no valid recipients")
            elif verb == b"DATA":
                if not await self._data(reader, writer, recipient):
                    return
            elif verb == b"QUIT":
                await self._say(writer, "221 2.0.0 bye")
                return
            else:
                await self._say(writer, "250 2.0.0 ok")

    async def _data(self, reader, writer, recipient):
        if self.moody("drop at data"):
            return False
        await self._say(writer, "354 go on")
        mail = await reader.readuntil(b"\r\n.\r\n")
        if self.moody("drop before taking"):
            return False
        found = re.search(rb"(?im)^message-id:\s*<([^>]+)>", mail)
        self.taken.append((recipient, found[1].decode() if found else ""))
        if self.moody("drop after taking"):
            return False
        if self.moody("hang after taking"):
            await asyncio.sleep(3600)
        await self._say(writer, "250 2.0.0 taken")
        return True


class Running:
    """The sink on a thread of its own, with a loop of its own."""

    def __init__(self, sink):
        self.sink = sink
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self._thread.start()

    def do(self, action):
        return asyncio.run_coroutine_threadsafe(action, self.loop).result(10)

    def restart(self):
        self.do(self.sink.stop())
        self.do(self.sink.start())

    def close(self):
        self.do(self.sink.stop())
        self.do(_cancel_all())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(5)
        self.loop.close()


async def _cancel_all():
    others = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)


@contextmanager
def sinking(certificate=None, seed=1):
    """Yields (sink, running). `certificate`: (cert file, key file) makes it speak TLS from the first byte."""
    sink = Sink(seed)
    if certificate:
        sink.tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        sink.tls.load_cert_chain(*certificate)
    running = Running(sink)
    running.do(sink.start())
    try:
        yield sink, running
    finally:
        running.close()
