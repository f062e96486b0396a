import pytest
from tests.clients.nameserver import closed_port, serving

from panout.clients.dns import Outcome, Resolver, parse_resolver, reverse_name
from panout.kernel.errors import BadInput, Unavailable

ZONE = """
@ A 192.0.2.7
@ MX 10 mx
mx A 192.0.2.8
@ TXT "one " "joined"
big TXT "{long}"
www CNAME @
@ MX 20 .
""".replace("{long}", '" "'.join(["x" * 200] * 12))


@pytest.fixture(scope="module")
def served():
    with serving({"example.test": ZONE}) as (server, where):
        yield server, where


def test_answers_come_as_text(served):
    door = Resolver(served[1])
    assert door.ask("example.test", "A").values == ("192.0.2.7",)
    assert set(door.ask("example.test", "MX").values) == {"10 mx.example.test", "20 ."}
    assert door.ask("example.test", "TXT").values == ("one joined",)
    assert door.ask("www.example.test", "A").values == ("192.0.2.7",)


def test_a_long_answer_comes_over_tcp(served):
    assert len(Resolver(served[1]).ask("big.example.test", "TXT").values[0]) == 2400


def test_no_name_and_no_record_are_two_things(served):
    door = Resolver(served[1])
    assert door.ask("nothere.example.test", "A").outcome is Outcome.NO_NAME
    assert door.ask("mx.example.test", "TXT").outcome is Outcome.NO_RECORD
    assert door.ask("a" * 70 + ".example.test", "A").outcome is Outcome.NO_NAME


def test_a_broken_zone_is_told_from_a_silent_resolver():
    with serving({"example.test": ZONE}) as (server, where):
        server.mood = "broken"
        assert Resolver(where).ask("example.test", "A").outcome is Outcome.BROKEN
        server.mood = "silent"
        with pytest.raises(Unavailable, match="does not answer"):
            Resolver(where, patience=0.4).ask("other.example.test", "A")


def test_a_resolver_that_is_not_there_is_named():
    where = f"127.0.0.1:{closed_port()}"
    with pytest.raises(Unavailable, match=where):
        Resolver(where, patience=0.5).ask("example.test", "A")


def test_only_the_named_resolver_is_asked(served):
    server, where = served
    before = len(server.asked)
    Resolver(where).ask("fresh.example.test", "A")
    assert server.asked[before:] == [("fresh.example.test.", "A")]


@pytest.mark.parametrize(
    ("text", "parsed"),
    [
        ("127.0.0.1", ("127.0.0.1", 53)),
        ("127.0.0.1:5353", ("127.0.0.1", 5353)),
        ("[::1]:5353", ("::1", 5353)),
        ("::1", ("::1", 53)),
        ("localhost:5300", ("127.0.0.1", 5300)),
    ],
)
def test_a_resolver_is_an_address_and_perhaps_a_port(text, parsed):
    assert parse_resolver(text) == parsed


@pytest.mark.parametrize("text", ["dns.example.com", "127.0.0.1:0", "127.0.0.1:99999", "", "127.0.0.1:x"])
def test_what_is_no_resolver_is_refused(text):
    with pytest.raises(BadInput, match="is not a resolver"):
        parse_resolver(text)


def test_reverse_names():
    assert reverse_name("192.0.2.1") == "1.2.0.192.in-addr.arpa"
    assert reverse_name("2001:db8::1").startswith("1.0.0.0.")
