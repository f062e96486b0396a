"""A wire between a client and a server that can be cut after so many bytes."""

import contextlib
import socket
import threading
from contextlib import contextmanager


class Wire:
    """`after` bytes from the server pass, then both ends hear nothing more; None: it holds."""

    def __init__(self, port):
        self.to = port
        self.after = None
        self.cuts = 0
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        self._open, self._passing = [], []
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._door.accept()
                server = socket.create_connection(("127.0.0.1", self.to))
                self._open += [client, server]
                for ends in ((client, server, False), (server, client, True)):
                    thread = threading.Thread(target=self._pass, args=ends, daemon=True)
                    self._passing.append(thread)
                    thread.start()

    def _pass(self, one, other, counted):
        passed = 0
        with contextlib.suppress(OSError):
            while came := one.recv(4096):
                if counted and self.after is not None and passed + len(came) > self.after:
                    other.sendall(came[: max(0, self.after - passed)])
                    self.cuts += 1
                    break
                passed += len(came)
                other.sendall(came)
        for end in (one, other):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self):
        """Now, whoever talks."""
        ended, self._open = self._open, []
        for end in ended:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._passing:
            thread.join(5)
        for end in ended:
            end.close()
        self._passing.clear()

    def close(self):
        self._door.close()
        self.cut()


@contextmanager
def wire(port):
    made = Wire(port)
    try:
        yield made
    finally:
        made.close()
