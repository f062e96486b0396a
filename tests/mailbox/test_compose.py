"""Mails are read back by the standard library's parser, and their signatures by dkimpy."""

import email
import re
import time
from datetime import UTC, datetime
from email import policy
from email.header import decode_header, make_header

import dkim
import pytest
from dkim.canonicalization import Relaxed
from hypothesis import given, settings
from hypothesis import strategies as st

from panout.kernel.errors import BadInput
from panout.mailbox.rules.compose import Letter, WayOut, build, foot, imprint, one_line
from panout.mailbox.rules.dkim import Signer, new_key, relaxed_body
from panout.mailbox.rules.ways_out import message_of, token_for, token_in_subject, way_out

NOW = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)
KEY = new_key()
SECRET = b"k" * 32


def letter(**changed):
    said = {
        "message_id": "abc.1@panout.test",
        "from_name": "Olga Owner",
        "from_address": "olga@panout.test",
        "to_name": "Ben Buyer",
        "to_address": "ben@acme.test",
        "subject": "Your three new roles in Leeds",
        "text": "Hello Ben,\n\nshort and to the point.\n\nOlga\n",
        "date": NOW,
    }
    return Letter(**{**said, **changed})


def read(built):
    return email.message_from_bytes(built.as_bytes(), policy=policy.default)


def test_a_plain_mail_reads_back_as_written():
    mail = read(build(letter()))
    assert mail["from"].addresses[0].addr_spec == "olga@panout.test"
    assert mail["to"].addresses[0].display_name == "Ben Buyer"
    assert mail["message-id"] == "<abc.1@panout.test>"
    assert mail.get_content().replace("\r\n", "\n") == "Hello Ben,\n\nshort and to the point.\n\nOlga\n"
    assert mail.get_content_type() == "text/plain"
    assert "List-Unsubscribe" not in mail


def test_a_follow_up_hangs_under_the_first_mail():
    mail = read(build(letter(in_reply_to="b@panout.test", references=("a@panout.test", "b@panout.test"))))
    assert mail["in-reply-to"] == "<b@panout.test>"
    assert mail["references"].split() == ["<a@panout.test>", "<b@panout.test>"]


def test_a_long_thread_keeps_its_root():
    chain = tuple(f"m{n}@panout.test" for n in range(60))
    kept = read(build(letter(in_reply_to=chain[-1], references=chain)))["references"].split()
    assert (kept[0], kept[-1], len(kept)) == ("<m0@panout.test>", "<m59@panout.test>", 20)


def shown(built, header):
    """The display name, by the older reader: the newer one puts a space between two encoded words."""
    raw = email.message_from_bytes(built.as_bytes(), policy=policy.compat32)[header]
    name = raw.rpartition("<")[0].strip()
    if name.startswith('"'):
        return re.sub(r"\\(.)", r"\1", name[1:-1])
    return str(make_header(decode_header(name))) if name else ""


ATTACKS = [
    "Ben\r\nBcc: all@victim.test",
    "Ben\nX-Evil: 1",
    "Ben\r\n\r\nbody",
    "Ben\x0bBcc: a@b.test",
    "Ben\u2028Bcc: a@b.test",
    "Ben\x85Bcc: a@b.test",
    'Ben" <evil@victim.test>, "',
    "Bén <evil@victim.test>, x",
    "=?utf-8?q?Bcc=3A_a?=",
    "Ben\x00",
    "\u202enoB",
    "Ben\\",
    "Ben <evil@victim.test>",
]


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_name_or_subject_can_add_a_header_or_a_recipient(attack):
    mail = read(build(letter(to_name=attack, from_name=attack, subject=attack)))
    assert sorted(mail.keys()) == sorted(read(build(letter())).keys())
    assert [one.addr_spec for one in mail["to"].addresses] == ["ben@acme.test"]
    assert [one.addr_spec for one in mail["from"].addresses] == ["olga@panout.test"]
    assert mail["subject"] == one_line(attack)
    assert mail.get_content().startswith("Hello Ben")


@settings(max_examples=300, deadline=None)
@given(name=st.text(max_size=120), subject=st.text(max_size=300), text=st.text(max_size=600))
def test_whatever_is_written_is_read_and_nothing_else(name, subject, text):
    name, subject, text = (s.encode("utf-8", "replace").decode() for s in (name, subject, text))
    built = build(letter(to_name=name, subject=subject, text=text))
    mail = read(built)
    assert len(mail.keys()) == 8
    assert [one.addr_spec for one in mail["to"].addresses] == ["ben@acme.test"]
    assert mail["subject"] == one_line(subject)
    assert shown(built, "To") == one_line(name)
    wanted = text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n") + "\n"
    assert mail.get_payload(decode=True).decode().replace("\r\n", "\n") == wanted
    assert all(len(line) <= 998 for line in built.as_bytes().split(b"\r\n"))
    assert b"\n" not in built.as_bytes().replace(b"\r\n", b"")
    assert b"\r" not in built.as_bytes().replace(b"\r\n", b"")


@pytest.mark.parametrize(
    "address", ["ben@acme.test, eve@x.test", "ben@acme.test\r\nBcc: e@x.test", "ben", "<b@a.test>"]
)
def test_an_address_that_is_more_than_one_address_is_refused(address):
    with pytest.raises(BadInput):
        build(letter(to_address=address))


@pytest.mark.parametrize("bad", ["a b@c", "a@b>\r\nX: y", "nothing", "a@b@c"])
def test_a_thread_cannot_carry_a_header(bad):
    with pytest.raises(BadInput):
        build(letter(in_reply_to=bad))


def test_an_international_domain_is_written_in_ascii_and_an_international_name_needs_smtputf8():
    built = build(letter(to_address="ben@müller.test"))
    assert (built.utf8, read(built)["to"].addresses[0].domain) == (False, "xn--mller-kva.test")
    built = build(letter(to_address="jürgen@acme.test", to_name="Jürgen"))
    assert built.utf8
    assert "jürgen@acme.test".encode() in built.as_bytes()


def verified(mail, signer):
    return dkim.verify(mail, dnsfunc=lambda *_asked, **_with: signer.record().encode())


def signed(signer, **changed):
    built = build(
        letter(way_out=WayOut("https://panout.test/u/x", "mailto:out@panout.test?subject=u"), **changed)
    )
    return built.as_bytes(signer.sign(built.headers, built.body, NOW))


@pytest.mark.parametrize(
    "text",
    [
        "Hello\n",
        "",
        "\n\n\n",
        "a  b\t c \n\n \nend  \n\n\n",
        "Grüße aus Köln\n" * 40,
        "x" * 3000,
        " lead\n\ttab\n",
        ".\n..\n",
    ],
)
def test_dkimpy_verifies_what_we_sign(text):
    signer = Signer("panout.test", "s1", KEY)
    assert verified(signed(signer, text=text), signer)
    long = ("a@panout.test",) * 3
    assert verified(
        signed(signer, text=text, subject="é" * 200, in_reply_to=long[0], references=long), signer
    )


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=300), name=st.text(max_size=80), subject=st.text(max_size=200))
def test_dkimpy_verifies_any_text(text, name, subject):
    text, name, subject = (s.encode("utf-8", "replace").decode() for s in (text, name, subject))
    signer = Signer("panout.test", "s1", KEY)
    assert verified(signed(signer, text=text, to_name=name, subject=subject), signer)


@given(st.lists(st.sampled_from([b" ", b"\t", b"a", b"b ", b"\r\n", b".", b" \r\n"]), max_size=40))
def test_bodies_are_made_canonical_as_dkimpy_does(pieces):
    body = b"".join(pieces)
    body = body if body.endswith(b"\r\n") else body + b"\r\n"
    assert relaxed_body(body) == Relaxed.canonicalize_body(body)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"short and", b"long and"),
        (b"To: Ben", b"To: Eve"),
        (b"https://panout.test/u/x", b"https://evil.test/u/xx"),
        (b"List-Unsubscribe=One-Click", b"List-Unsubscribe=Two-Click"),
        (b"MIME-Version: 1.0\r\n", b"MIME-Version: 1.0\r\nSubject: another\r\n"),
        (b"MIME-Version: 1.0\r\n", b"MIME-Version: 1.0\r\nReply-To: evil@x.test\r\n"),
        (b"MIME-Version: 1.0\r\n", b"MIME-Version: 1.0\r\nFrom: evil@x.test\r\n"),
    ],
)
def test_nothing_signed_can_be_changed_or_added(old, new):
    signer = Signer("panout.test", "s1", KEY)
    mail = signed(signer)
    assert verified(mail, signer)
    assert old in mail
    assert not verified(mail.replace(old, new, 1), signer)


def test_both_unsubscribe_headers_are_inside_the_signature():
    signer = Signer("panout.test", "s1", KEY)
    listed = (
        email.message_from_bytes(signed(signer))["DKIM-Signature"].split("h=")[1].split(";")[0].split(":")
    )
    assert listed.count("list-unsubscribe") == 2  # once for the header, once against a second one
    assert listed.count("list-unsubscribe-post") == 2


def test_signing_is_faster_than_dkimpy():
    signer = Signer("panout.test", "s1", KEY)
    built = build(letter())
    mail = built.as_bytes()
    started = time.perf_counter()
    for _ in range(20):
        built.as_bytes(signer.sign(built.headers, built.body, NOW))
    ours = time.perf_counter() - started
    started = time.perf_counter()
    for _ in range(20):
        dkim.sign(mail, b"s1", b"panout.test", KEY, canonicalize=(b"relaxed", b"relaxed"))
    assert ours * 2 < time.perf_counter() - started


@pytest.mark.parametrize(
    "key", [b"", b"no key", b"-----BEGIN PRIVATE KEY-----\nxx\n-----END PRIVATE KEY-----\n"]
)
def test_a_key_that_cannot_be_read_says_so(key):
    with pytest.raises(BadInput, match="cannot be read"):
        Signer("panout.test", "s1", key)


@given(st.integers(min_value=1, max_value=2**63 - 1))
def test_a_token_names_its_message_and_only_with_the_key(number):
    token = token_for(number, SECRET)
    assert message_of(token, SECRET) == number
    assert message_of(token, b"another key") is None


@given(st.text(max_size=60))
def test_an_invented_token_names_nothing(text):
    assert message_of(text, SECRET) is None


def test_tokens_of_neighbours_share_nothing_and_a_changed_one_fails():
    one, two = token_for(1, SECRET), token_for(2, SECRET)
    assert sum(a == b for a, b in zip(one, two, strict=True)) < 8
    for place in range(len(one) - 1):
        other = one[:place] + ("A" if one[place] != "A" else "B") + one[place + 1 :]
        assert message_of(other, SECRET) is None


def test_the_way_out_by_mail_comes_back_with_its_token():
    token = token_for(7, SECRET)
    way = way_out(token, "https://panout.test/", "out+x@panout.test")
    assert way.url == f"https://panout.test/u/{token}"
    assert token_in_subject("unsubscribe " + token) == token
    assert token_in_subject("Re: Unsubscribe " + token) == token
    assert token_in_subject("hello") is None


def test_the_foot_names_the_company_once_and_keeps_to_one_line() -> None:
    assert imprint("Panout", "Panout\r\n1 Gold Street,\nLeeds\n") == "Panout, 1 Gold Street, Leeds"
    assert foot("Panout, Leeds", None).endswith(
        '\n\n-- \nPanout, Leeds\nAnswer "stop", and no more mail comes from us.\n'
        "Ask, and we say where we have your address from.\n"
    )
