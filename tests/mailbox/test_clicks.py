"""Counted links: off unless asked for, leading nowhere but where the mail says, machines told apart."""

from datetime import timedelta

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from tests.mailbox.test_sending import carry
from tests.mailbox.world import make_account, make_messages

from panout.clients.smtp import FakeSmtp
from panout.kernel.errors import NotFound
from panout.mailbox import leaving, queries
from panout.mailbox.actions.clicks import record_click
from panout.mailbox.models import Click, MailAccount
from panout.mailbox.rules.clicks import (
    Visit,
    click_token,
    clicked,
    counted,
    links_in,
    machine_sign,
    opened_together,
)
from panout.outreach.models import Message
from panout.resolve.models import Activity

KEY = b"k" * 32
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:145.0) Gecko/20100101 Firefox/145.0"
PERSON = Visit("GET", FIREFOX)
BODY = "Hello,\n\nsee https://acme.test/a?b=1&c=2, or (https://acme.test/wiki/Gold_(metal)).\n"


def test_links_are_found_without_the_sentence_around_them():
    assert links_in(BODY) == ("https://acme.test/a?b=1&c=2", "https://acme.test/wiki/Gold_(metal)")


def test_only_links_change_and_our_own_stay():
    text = counted(BODY + "https://panout.test/meet/olga", 7, "https://panout.test/", KEY)
    first, second, own = links_in(text)
    assert (first[: len("https://panout.test/c/")], own) == (
        "https://panout.test/c/",
        "https://panout.test/meet/olga",
    )
    assert clicked(first.rpartition("/")[2], KEY) == (7, 0)
    assert clicked(second.rpartition("/")[2], KEY) == (7, 1)
    assert text.replace(first, "L").replace(second, "L").startswith("Hello,\n\nsee L, or (L).\n")


@given(st.text(), st.integers(0, 2**55))
def test_any_text_keeps_its_links_in_place(text, number):
    body = f"{text} https://acme.test/x {text}"
    led = links_in(counted(body, number, "https://panout.test", KEY))
    assert len(led) == len(links_in(body))
    assert [clicked(link.rpartition("/c/")[2], KEY) for link in led] == [
        (number, place & 0xFF) for place in range(len(led))
    ]


@given(st.text(max_size=60))
def test_nobody_can_make_a_token(text):
    assert clicked(text, KEY) is None
    assert clicked(click_token(7, 0, KEY), b"another key") is None


VISITS = [
    (PERSON, 3600, ""),
    (Visit("HEAD", FIREFOX), 3600, "it asked with HEAD"),
    (Visit("GET", ""), 3600, "it did not say what it is"),
    (Visit("GET", "Go-http-client/1.1"), 3600, "a program and no browser"),
    (Visit("GET", "Mozilla/5.0 (compatible; Googlebot/2.1)"), 3600, "a robot that names itself"),
    (Visit("GET", "SomeScanner 4"), 3600, "it is no browser"),
    (Visit("GET", FIREFOX, frozenset({("sec-purpose", "prefetch;prerender")})), 3600, "fetched it ahead"),
    (PERSON, 6, "6 s after the mail had left"),
]


@pytest.mark.parametrize(("visit", "after", "sign"), VISITS, ids=[row[2] or "a person" for row in VISITS])
def test_what_gives_a_machine_away(noon, visit, after, sign):
    said = machine_sign(visit, noon, noon + timedelta(seconds=after))
    assert sign in said
    assert bool(said) == bool(sign)


def test_two_links_in_one_moment_are_nobodys_reading(noon):
    assert opened_together(1, [(0, noon)], noon + timedelta(seconds=2))
    assert not opened_together(0, [(0, noon)], noon)
    assert not opened_together(1, [(0, noon)], noon + timedelta(minutes=1))


@pytest.fixture
def account(owner, noon):
    made = make_account(owner, noon)
    MailAccount.objects.filter(id=made.pk).update(count_clicks=True)
    return made


def sent_mail(account, noon, **columns):
    (number,) = make_messages(account, noon, ["ben@acme.test"], body=BODY, **columns)
    door, _ = carry(account, noon, FakeSmtp())
    return number, door.taken[0][1].decode()


@pytest.mark.django_db(transaction=True)
def test_links_lead_past_us_only_where_somebody_asked_for_it(owner, noon, settings):
    settings.URL = "https://panout.test"
    plain = make_account(owner, noon)
    assert "https://acme.test/a" in sent_mail(plain, noon)[1]
    MailAccount.objects.update(count_clicks=True)
    counting = sent_mail(plain, noon)[1]
    assert "https://panout.test/c/" in counting
    assert "acme.test/a" not in counting
    # An answer to somebody's own mail is never counted.
    assert "https://acme.test/a" in sent_mail(plain, noon, cold=False)[1]


@pytest.mark.django_db(transaction=True)
def test_a_person_and_a_scanner_are_counted_apart_and_start_nothing(account, noon):
    number, _ = sent_mail(account, noon)
    token = click_token(number, 0, queries.click_key())
    later = noon + timedelta(hours=2)
    assert record_click(token, Visit("HEAD", FIREFOX), later) == "https://acme.test/a?b=1&c=2"
    assert not Activity.objects.filter(kind="click").exists()
    before = Message.objects.values_list("id", "status")
    known = list(before)
    record_click(token, PERSON, later + timedelta(minutes=1))
    (link, other) = leaving.passage(number, later).links
    assert (link.people, link.machines, link.whys) == (1, 1, ("it asked with HEAD",))
    assert (other.people, other.machines) == (0, 0)
    assert Activity.objects.filter(kind="click").count() == 1
    assert list(before) == known
    card = queries.account(account.pk, later)
    assert (card.clicks_people, card.clicks_machines) == (1, 1)


@pytest.mark.django_db(transaction=True)
def test_who_opens_all_links_at_once_was_a_machine_from_the_first(account, noon):
    number, _ = sent_mail(account, noon)
    later = noon + timedelta(hours=2)
    for place in (0, 1):
        record_click(click_token(number, place, queries.click_key()), PERSON, later)
    assert list(Click.objects.values_list("machine", flat=True)) == [True, True]


@pytest.mark.django_db(transaction=True)
def test_a_link_leads_only_where_its_mail_says(account, noon):
    number, _ = sent_mail(account, noon)
    stranger = Client()
    token = click_token(number, 1, queries.click_key())
    answer = stranger.get(f"/c/{token}?next=https://evil.test", headers={"user-agent": FIREFOX})
    assert (answer.status_code, answer["Location"]) == (302, "https://acme.test/wiki/Gold_(metal)")
    assert answer["Referrer-Policy"] == "no-referrer"
    assert "no-store" in answer["Cache-Control"]
    for bad in (
        "A" * 28,
        token[:-1] + "A",
        click_token(number, 2, queries.click_key()),
        "https:%2F%2Fevil.test",
    ):
        assert stranger.get(f"/c/{bad}").status_code == 404
    with pytest.raises(NotFound):
        record_click(click_token(987654, 0, queries.click_key()), PERSON, noon)
    assert stranger.post(f"/c/{token}").status_code in (403, 405)


@pytest.mark.django_db(transaction=True)
def test_counting_has_an_end(account, noon):
    number, _ = sent_mail(account, noon)
    token = click_token(number, 0, queries.click_key())
    for minute in range(120):
        record_click(token, PERSON, noon + timedelta(minutes=minute))
    assert Click.objects.count() == 100
