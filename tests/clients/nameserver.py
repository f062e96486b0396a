"""A small authoritative name server on loopback, UDP and TCP, with zones of the test's own."""

import socket
import socketserver
import struct
import threading
from contextlib import contextmanager

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset
import dns.zone


class NameServer:
    """Serves zone files given as text; `mood` makes it silent, broken, or slow to show what happens then."""

    def __init__(self, zones):
        self.zones = {}
        for origin, text in zones.items():
            name = dns.name.from_text(origin)
            head = f"$ORIGIN {name}\n$TTL 60\n@ SOA ns admin 1 60 60 60 60\n@ NS ns\nns A 127.0.0.1\n"
            self.zones[name] = dns.zone.from_text(head + text, origin=name, relativize=False)
        self.mood = "well"
        self.asked = []

    def answer(self, packet, limit):
        query = dns.message.from_wire(packet)
        response = dns.message.make_response(query)
        question = query.question[0]
        self.asked.append((question.name.to_text(), dns.rdatatype.to_text(question.rdtype)))
        if self.mood == "broken":
            response.set_rcode(dns.rcode.SERVFAIL)
            return response.to_wire()
        response.flags |= dns.flags.AA | dns.flags.RA
        self._fill(response, question.name, question.rdtype)
        packed = response.to_wire(max_size=65535)
        if len(packed) > limit:
            short = dns.message.make_response(query)
            short.flags |= dns.flags.TC
            return short.to_wire()
        return packed

    def _fill(self, response, name, kind):
        for _ in range(8):
            zone = self._zone(name)
            if zone is None:
                response.set_rcode(dns.rcode.NXDOMAIN)
                return
            node = zone.get_node(name)
            if node is None:
                below = any(known.is_subdomain(name) for known in zone.nodes)
                wild = zone.get_node(dns.name.from_text("*", name.parent()))
                if wild is None:
                    if not below:
                        response.set_rcode(dns.rcode.NXDOMAIN)
                    return
                node = wild
            found = node.get_rdataset(dns.rdataclass.IN, kind)
            if found:
                response.answer.append(dns.rrset.from_rdata_list(name, 60, list(found)))
                return
            alias = node.get_rdataset(dns.rdataclass.IN, dns.rdatatype.CNAME)
            if not alias:
                return
            response.answer.append(dns.rrset.from_rdata_list(name, 60, list(alias)))
            name = alias[0].target

    def _zone(self, name):
        held = [zone for origin, zone in self.zones.items() if name.is_subdomain(origin)]
        return max(held, key=lambda zone: len(zone.origin.labels), default=None)


@contextmanager
def serving(zones):
    """Yields (server, "127.0.0.1:PORT")."""
    server = NameServer(zones)

    class Udp(socketserver.BaseRequestHandler):
        def handle(self):
            packet, sock = self.request
            if server.mood != "silent":
                sock.sendto(server.answer(packet, 1232), self.client_address)

    class Tcp(socketserver.StreamRequestHandler):
        def handle(self):
            while head := self.rfile.read(2):
                packet = self.rfile.read(struct.unpack("!H", head)[0])
                if server.mood == "silent":
                    return
                answer = server.answer(packet, 65535)
                self.wfile.write(struct.pack("!H", len(answer)) + answer)

    class Quick(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True

    with Quick(("127.0.0.1", 0), Tcp) as tcp:
        port = tcp.server_address[1]
        with socketserver.ThreadingUDPServer(("127.0.0.1", port), Udp) as udp:
            for one in (tcp, udp):
                threading.Thread(
                    target=one.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True
                ).start()
            try:
                yield server, f"127.0.0.1:{port}"
            finally:
                for one in (tcp, udp):
                    one.shutdown()


def closed_port():
    """A loopback port on which nobody listens."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]
