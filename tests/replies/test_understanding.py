"""What a message means, whatever its bytes: kinds, intents, dates, people, and what may follow from it."""

from __future__ import annotations

import json
import time
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from panout.replies.desk import classified
from panout.replies.rules.dates import park_date, return_date
from panout.replies.rules.intents import Intent
from panout.replies.rules.mime import read_mail
from panout.replies.rules.people import Referral, referral_in
from panout.replies.rules.quoting import reply_in
from panout.replies.rules.statuses import Hardness, refusal
from panout.replies.rules.understanding import (
    Kind,
    Known,
    PauseSender,
    Reschedule,
    Suppress,
    Understanding,
    understand,
)
from panout.replies.trained import trained

NOW = datetime(2026, 5, 1, 9, 0, tzinfo=UTC)
DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
MATCHED = Known(matched=True)

BOUNCE = b"""From: Mail Delivery System <MAILER-DAEMON@mx.example.net>
To: rep@panout.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="b"

--b
Content-Type: text/plain

I'm sorry to have to inform you that your message could not be delivered.
<jane@acme.example>: host mx.acme.example said: %b (in reply to RCPT TO command)

--b
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example.net

Final-Recipient: rfc822; jane@acme.example
Action: failed
Status: %b
Diagnostic-Code: smtp; %b

--b
Content-Type: text/rfc822-headers

To: jane@acme.example
Message-ID: <1@panout.example>

--b--
"""


def bounce(words: bytes, status: bytes) -> bytes:
    return BOUNCE % (words, status, words)


def answer(text: str, subject: str = "Re: your team", extra: str = "") -> bytes:
    head = (
        f"From: Jane <jane@acme.example>\nTo: rep@panout.example\nSubject: {subject}\n"
        f"Date: Fri, 1 May 2026 09:00:00 +0000\nIn-Reply-To: <1@panout.example>\n{extra}"
        "Content-Type: text/plain; charset=utf-8\n\n"
    )
    return (head + text).encode()


def read(raw: bytes, known: Known = MATCHED) -> Understanding:
    return understand(raw, NOW, model=trained(), known=known)


# --- bounces ---


@pytest.mark.parametrize(
    ("words", "status", "hardness", "reason"),
    [
        (b"550 5.1.1 <jane@acme.example>: User unknown", b"5.1.1", Hardness.HARD, "userunknown"),
        (b"552 5.2.2 Mailbox full", b"5.2.2", Hardness.SOFT, "mailboxfull"),
        (b"421 4.4.2 Connection timed out", b"4.4.2", Hardness.SOFT, "expired"),
        (b"550 5.7.26 Unauthenticated email is not accepted", b"5.7.26", Hardness.POLICY, "authfailure"),
        (b"550 5.4.5 Daily sending quota exceeded", b"5.4.5", Hardness.POLICY, "speeding"),
        (b"554 5.7.1 blocked using zen.spamhaus.org", b"5.7.1", Hardness.POLICY, "blocked"),
        (b"556 5.1.10 Recipient address has null MX", b"5.1.10", Hardness.HARD, "notaccept"),
    ],
)
def test_a_refusal_is_hard_soft_or_ours(words: bytes, status: bytes, hardness: Hardness, reason: str) -> None:
    meaning = read(bounce(words, status))
    assert meaning.kind is Kind.BOUNCE
    assert [(r.address, r.hardness, r.reason) for r in meaning.recipients] == [
        ("jane@acme.example", hardness, reason)
    ]


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_line_ends_of_any_kind_change_nothing(newline: bytes) -> None:
    raw = bounce(b"550 5.1.1 User unknown", b"5.1.1")
    assert read(raw.replace(b"\n", newline)) == read(raw)


def test_a_truncated_report_still_names_whom_it_did_not_reach() -> None:
    raw = bounce(b"550 5.1.1 <jane@acme.example>: User unknown", b"5.1.1")
    meaning = read(raw[: raw.index(b"Content-Type: message/delivery-status")])
    assert [r.address for r in meaning.recipients] == ["jane@acme.example"]


def test_only_a_hard_bounce_of_somebody_we_wrote_to_suppresses() -> None:
    raw = bounce(b"550 5.1.1 User unknown", b"5.1.1")
    ours = Known(matched=True, written_to=frozenset({"jane@acme.example"}))
    theirs = Known(matched=True, written_to=frozenset({"someone@else.example"}))
    assert Suppress("jane@acme.example", "bounced: userunknown") in read(raw, ours).acts
    assert read(raw, theirs).acts == ()
    assert read(raw, Known(matched=False)).acts == ()


def test_a_refusal_of_our_domain_pauses_the_mailbox_and_suppresses_nobody() -> None:
    acts = read(bounce(b"550 5.7.26 DMARC policy", b"5.7.26")).acts
    assert any(isinstance(act, PauseSender) for act in acts)
    assert not any(isinstance(act, Suppress) for act in acts)


def test_a_temporary_unknown_user_is_not_hard() -> None:
    assert refusal("450 4.1.1 user unknown").hardness is Hardness.SOFT


# --- intents ---


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("Please take me off your list.", Intent.UNSUBSCRIBE),
        ("stop", Intent.UNSUBSCRIBE),
        ("Unsuscribe me plese", Intent.UNSUBSCRIBE),
        ("Bitte streichen Sie uns aus dem Verteiler", Intent.UNSUBSCRIBE),
        ("Merci de ne plus m'écrire", Intent.UNSUBSCRIBE),
        ("This is spam. Contact me again and my lawyer will be in touch.", Intent.DO_NOT_CONTACT),
        ("Where did you get my address? I will complain under GDPR.", Intent.DO_NOT_CONTACT),
        ("Sounds good, tell me more about it", Intent.INTERESTED),
        ("Can we talk on Tuesday at 3pm?", Intent.MEETING_REQUEST),
        ("Not interested, thanks", Intent.NOT_INTERESTED),
        ("Kein Interesse, danke", Intent.NOT_INTERESTED),
        ("I'm not the right person for this", Intent.WRONG_PERSON),
        ("Not now, please try again in Q3", Intent.NOT_NOW),
        ("How much does it cost per user?", Intent.QUESTION),
    ],
)
def test_plain_answers_are_understood(text: str, intent: Intent) -> None:
    assert read(answer(text)).intent is intent


@pytest.mark.parametrize(
    "text",
    [
        "Sentiamoci giovedì alle 15",
        "On peut en parler la semaine prochaine, mardi matin par exemple.",
        "Mittwoch könnten wir telefonieren",
        "¿Podemos hablar el martes por la tarde?",
    ],
)
def test_a_day_beside_a_verb_of_speaking_is_an_invitation(text: str) -> None:
    assert read(answer(text)).intent is Intent.MEETING_REQUEST


def test_asking_how_we_treat_opt_outs_is_a_question() -> None:
    assert read(answer("How do you handle opt-outs?")).intent is Intent.QUESTION


def test_a_stranger_changes_nothing() -> None:
    assert read(answer("Unsubscribe"), Known(matched=False)).acts == ()


def test_an_absence_with_a_date_reschedules() -> None:
    meaning = read(
        answer(
            "I am out of the office until 18 May.", "Automatic reply: hello", "Auto-Submitted: auto-replied\n"
        )
    )
    assert (meaning.kind, meaning.intent) == (Kind.AUTO_REPLY, Intent.OUT_OF_OFFICE)
    assert Reschedule(date(2026, 5, 18)) in meaning.acts


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("I'll be back on Monday", (5, 4)),
        ("Ich bin bis einschließlich 12. August nicht im Büro.", (8, 13)),
        ("Je suis absent du 3 au 17 mai.", (5, 18)),
        ("Estaré fuera de la oficina del 3 al 17 de mayo.", (5, 18)),
        ("Sono fuori ufficio fino al 17 maggio compreso", (5, 18)),
        ("Ik ben afwezig tot en met 17 mei.", (5, 18)),
        ("Estarei de férias de 3 a 17 de maio.", (5, 18)),
        ("Jestem na urlopie do 17 maja włącznie.", (5, 18)),
        ("Jag är på semester till och med 17 maj.", (5, 18)),
        ("Jeg er tilbage den 18. maj.", (5, 18)),
        ("I'm away until May 5.", (5, 5)),
        ("Traveling July 10-31.", (8, 1)),
    ],
)
def test_the_day_of_return_is_read_in_ten_languages(text: str, day: tuple[int, int]) -> None:
    assert return_date(text, NOW.date()) == date(2026, *day)


def test_a_wish_for_later_gives_the_day_to_ask_again() -> None:
    assert park_date("Please ping me again in September", NOW.date()) == date(2026, 9, 1)


@pytest.mark.parametrize(
    ("text", "person"),
    [
        ("Please contact Jane Doe (jane.doe@acme.com).", Referral("Jane Doe", "jane.doe@acme.com")),
        ("Bitte wenden Sie sich an Frau Anna Schmidt", Referral("Anna Schmidt", "")),
        ("Bob no longer works here. Contact lisa.wong@x.com", Referral("Lisa Wong", "lisa.wong@x.com")),
        ("Not for me, sorry", None),
    ],
)
def test_a_person_that_is_named_becomes_a_proposal(text: str, person: Referral | None) -> None:
    assert referral_in(text) == person


# --- reply text ---


def test_a_signature_that_was_all_there_is_stays() -> None:
    assert reply_in("Thanks,\nJane").text


def test_an_answer_below_the_quote_is_kept() -> None:
    assert (
        reply_in("On 1 May 2026, Rep <r@p.example> wrote:\n> Interested?\n\nYes, call me.").text
        == "Yes, call me."
    )


@pytest.mark.parametrize("path", sorted((DATA / "replies" / "clients").glob("*.eml")), ids=lambda p: p.stem)
def test_every_mail_client_gives_the_reply_alone(path: Path) -> None:
    assert reply_in(read_mail(path.read_bytes()).text).text == "Hello"


def test_replies_in_thirteen_languages() -> None:
    """Expected texts were read and settled by hand; spaces do not count."""
    folder = DATA / "replies" / "languages"
    if not folder.exists():
        pytest.skip(f"no data at {folder}")
    expected = json.loads((Path(__file__).parent / "expected_replies.json").read_text(encoding="utf-8"))
    stripped = {
        name: " ".join(reply_in((folder / name).read_text(encoding="utf-8")).text.split())
        for name in expected
    }
    assert stripped == expected


def test_bounces_of_43_families() -> None:
    folder = DATA / "bounces"
    if not folder.exists():
        pytest.skip(f"no data at {folder}")
    labels = json.loads((folder / "labels.json").read_text(encoding="utf-8"))
    found = right = soft = wronged = total = 0
    wanted = {
        name: rows for name, rows in labels.items() if rows[0]["reason"] not in ("vacation", "delivered")
    }
    for name, rows in wanted.items():
        meaning = read((folder / "eml" / f"{name}.eml").read_bytes())
        found += meaning.kind in (Kind.BOUNCE, Kind.COMPLAINT)
        if len(meaning.recipients) != len(rows):
            continue
        for row, told in zip(rows, meaning.recipients, strict=True):
            total += 1
            hard = told.hardness is Hardness.HARD
            right += hard == row["hardbounce"]
            soft += not row["hardbounce"]
            wronged += hard and not row["hardbounce"]
    assert found / len(wanted) >= 0.99
    assert right / total >= 0.95
    assert wronged / soft < 0.04


# --- hostile mail ---


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.binary(max_size=2000))
def test_no_bytes_can_break_it(raw: bytes) -> None:
    classified("x", raw, NOW)
    classified("x", b"From: a@b.example\nContent-Type: multipart/mixed; boundary=b\n\n--b\n" + raw, NOW)


@settings(max_examples=80, deadline=None)
@given(st.text(max_size=600))
def test_no_text_can_break_it(text: str) -> None:
    classified("x.txt", text.encode(errors="surrogatepass"), NOW, bare=True)


def _nested(depth: int) -> bytes:
    return b"".join(
        f"Content-Type: multipart/mixed; boundary=b{i}\n\n--b{i}\n".encode() for i in range(depth)
    )


HOSTILE = {
    "mime bomb": _nested(5000),
    "many parts": b"Content-Type: multipart/mixed; boundary=b\n\n" + b"--b\n\nx\n" * 50_000,
    "ten thousand headers": b"X-Pad: y\n" * 10_000 + b"\nhello",
    "one huge line": b"Subject: x\n\n" + b"a" * 3_000_000,
    "broken charset": b"Content-Type: text/plain; charset=x-no-such\n\n\xff\xfe\x80 hello",
    "codec that is no charset": b"Content-Type: text/plain; charset=zlib\n\nhello",
    "unclosed tags": b"Content-Type: text/html\n\n" + b"<style><div class=a " * 30_000,
    "quote marks": b"Subject: x\n\n" + b"> > > > > " * 30_000,
    "only colons": b"Subject: x\n\n" + b"From: \nTo:\n" * 20_000,
    "spaces": b"Subject: x\n\n" + b" " * 500_000 + b"wrote:",
    "at signs": b"Subject: x\n\n" + b"a@" * 200_000,
}


@pytest.mark.parametrize("raw", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_mail_is_read_in_bounded_time(raw: bytes) -> None:
    started = time.process_time()
    classified("x", raw, NOW)
    assert time.process_time() - started < 5


def test_a_fifty_megabyte_attachment_does_not_hide_the_reply() -> None:
    head = answer("Please unsubscribe me").replace(
        b"Content-Type: text/plain; charset=utf-8\n\n",
        b"Content-Type: multipart/mixed; boundary=b\n\n--b\n\n",
    )
    raw = (
        head
        + b"\n--b\nContent-Type: application/zip\nContent-Disposition: attachment\n\n"
        + b"A" * 50_000_000
    )
    started = time.process_time()
    assert read(raw).intent is Intent.UNSUBSCRIBE
    assert time.process_time() - started < 5


def test_scripts_and_remote_images_leave_no_trace_in_the_text() -> None:
    raw = b"Content-Type: text/html\n\n<p>Yes please</p><script>steal()</script><img src='http://x.example/p.gif'>"
    assert read(raw).reply_text == "Yes please"


def test_a_mail_that_a_program_writes_to_be_taken_off_is_a_wish() -> None:
    meaning = read(answer("Apple Mail sent this email.", "unsubscribe", "Auto-Submitted: auto-replied\n"))
    assert (meaning.kind, meaning.intent) == (Kind.AUTO_REPLY, Intent.UNSUBSCRIBE)
    assert any(isinstance(act, Suppress) for act in meaning.acts)


def test_bytes_that_are_no_text_mean_nothing() -> None:
    meaning = read(bytes(range(256)) * 40)
    assert (meaning.intent, meaning.confidence) == (Intent.OTHER, 0.5)
